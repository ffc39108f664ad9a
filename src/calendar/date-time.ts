/**
 * DATE, DATE-TIME, DURATION and UTC-OFFSET values: RFC 5545 §3.3.4, §3.3.5, §3.3.6, §3.3.14.
 *
 * A wall clock time is a number: milliseconds from 1970-01-01T00:00:00 on that clock, as if it showed UTC. What instant
 * it is depends on the zone, see ./time-zone.ts.
 */

/** Milliseconds of a day. */
export const DAY = 86_400_000

/** 0001-01-01 and 9999-12-31 as milliseconds: what ISO 8601 with four digits can write. */
export const MIN_TIME = -62_135_596_800_000
export const MAX_TIME = 253_402_300_799_000

/** A DATE or DATE-TIME as written. */
export interface WrittenTime {
  /** Wall clock milliseconds; midnight for a DATE. */
  readonly local: number
  readonly isDate: boolean
  /** Seconds east of UTC where the value itself says so: 0 for `Z`. */
  readonly offset: number | undefined
}

/**
 * Parses a DATE or DATE-TIME.
 *
 *     date      = date-fullyear date-month date-mday
 *     date-time = date "T" time-hour time-minute time-second ["Z"]
 *
 * QUIRK: lower-case `t` and `z`, the dashes and colons of ISO 8601, missing seconds, and a trailing offset
 * (`+0100`, which RFC 5545 §3.3.5 forbids) are written too. 24:00 is midnight of the next day.
 *
 * @returns undefined where it is no date
 */
export function parseDateTime(value: string): WrittenTime | undefined {
  const match =
    /^\s{0,20}(\d{4})-?(\d\d)-?(\d\d)(?:[Tt ](\d\d):?(\d\d):?(\d\d)?(?:[.,]\d{1,9})?\s?(?:([Zz])|([+-])(\d\d):?(\d\d))?)?\s{0,20}$/.exec(
      value,
    )
  if (match === null) return undefined
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined
  const date = dateOf(year, month, day)
  if (match[4] === undefined) return { local: date, isDate: true, offset: undefined }
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6] ?? 0)]
  // A leap second, which RFC 5545 §3.3.12 lets be read as the second before it.
  if (hour > 24 || minute > 59 || second > 60 || (hour === 24 && minute + second > 0)) return undefined
  const local = date + (hour * 3600 + minute * 60 + Math.min(second, 59)) * 1000
  if (local > MAX_TIME) return undefined
  let offset: number | undefined
  if (match[7] !== undefined) offset = 0
  else if (match[8] !== undefined) offset = (Number(match[9]) * 60 + Number(match[10])) * (match[8] === '-' ? -60 : 60)
  if (offset !== undefined && Math.abs(offset) >= DAY / 1000) return undefined
  return { local, isDate: false, offset }
}

/** Wall clock milliseconds of a day's midnight. `Date.UTC` takes the years 0 to 99 for 1900 to 1999. */
export function dateOf(year: number, month: number, day: number): number {
  return year > 99 ? Date.UTC(year, month - 1, day) : Date.UTC(year + 400, month - 1, day) - 146_097 * DAY
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** A duration: days are of the calendar (RFC 5545 §3.3.6), so a day over a DST change has 23 or 25 hours. */
export interface Duration {
  readonly days: number
  readonly seconds: number
}

/**
 * Parses a duration.
 *
 *     dur-value = (["+"] / "-") "P" (dur-date / dur-time / dur-week)
 *
 * @returns undefined where it is none: `-PT15`, which means nothing, and `P`
 */
export function parseDuration(value: string): Duration | undefined {
  const match =
    /^\s?([+-])?P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?\s?$/i.exec(value)
  if (match === null || match.slice(2).every(part => part === undefined)) return undefined
  const [weeks, days, hours, minutes, seconds] = match.slice(2).map(part => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
  ]
  const sign = match[1] === '-' ? -1 : 1
  // Not `-0`, which differs from 0 where results are compared.
  return { days: sign * (weeks * 7 + days) || 0, seconds: sign * (hours * 3600 + minutes * 60 + seconds) || 0 }
}

/**
 * Formats a duration of whole seconds, 0 or more. Never as days, which are of the calendar.
 *
 *     dur-hour   = 1*DIGIT "H" [dur-minute]
 *     dur-minute = 1*DIGIT "M" [dur-second]
 */
export function formatDuration(seconds: number): string {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  // Seconds stand behind hours only where minutes stand between them.
  const hasMinutes = minutes > 0 || (hours > 0 ? rest > 0 : rest === 0)
  return `PT${hours > 0 ? `${hours}H` : ''}${hasMinutes ? `${minutes}M` : ''}${rest > 0 ? `${rest}S` : ''}`
}

/** Parses UTC-OFFSET, `(+|-)hhmm[ss]`, to seconds east of UTC. QUIRK: `+01:00` and `+1` occur. */
export function parseUtcOffset(value: string): number | undefined {
  const match = /^\s?([+-])(\d\d?)(?::?(\d\d)(?::?(\d\d))?)?\s?$/.exec(value)
  if (match === null) return undefined
  const seconds = Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0)
  if (seconds >= 86_400) return undefined
  return match[1] === '-' ? -seconds || 0 : seconds
}

/** Formats seconds east of UTC as UTC-OFFSET: `+0100`; seconds only where there are some. */
export function formatUtcOffset(offset: number): string {
  const seconds = Math.abs(offset)
  const rest = seconds % 60
  return `${offset < 0 ? '-' : '+'}${pad(Math.floor(seconds / 3600))}${pad(Math.floor(seconds / 60) % 60)}${rest > 0 ? pad(rest) : ''}`
}

/** Wall clock milliseconds as DATE: `20260812`. */
export function formatDate(local: number): string {
  return isoText(local).slice(0, 10).replaceAll('-', '')
}

/** Wall clock milliseconds as DATE-TIME without zone: `20260812T100000`. */
export function formatLocalDateTime(local: number): string {
  return isoText(local).slice(0, 19).replace(/[-:]/g, '')
}

/** An instant as DATE-TIME in UTC: `20260812T080000Z`. */
export function formatUtcDateTime(instant: number): string {
  return `${formatLocalDateTime(instant)}Z`
}

/** Wall clock milliseconds as ISO 8601 without offset: `2026-08-12T10:00:00`. */
export function localText(local: number): string {
  return isoText(local).slice(0, 19)
}

/**
 * A wall clock time with its offset as ISO 8601: `2026-08-12T10:00:00+02:00`.
 *
 * ISO 8601 has offsets of whole minutes; local mean times before 1900 have seconds. There the clock time gives way and
 * the instant stays.
 *
 * @param offset seconds east of UTC
 */
export function isoDateTime(local: number, offset: number): string {
  const minutes = Math.round(offset / 60)
  const absolute = Math.abs(minutes)
  const text = localText(local + (minutes * 60 - offset) * 1000)
  return `${text}${minutes < 0 ? '-' : '+'}${pad(Math.floor(absolute / 60))}:${pad(absolute % 60)}`
}

/** Times outside of four-digit years, which only arithmetic at the edges makes, are moved to the edge. */
function isoText(time: number): string {
  return new Date(Math.min(Math.max(time, MIN_TIME), MAX_TIME)).toISOString()
}

function pad(number: number): string {
  return String(number).padStart(2, '0')
}
