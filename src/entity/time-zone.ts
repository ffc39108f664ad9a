/**
 * Date-times of entities: their text, and moving them to the offset of another zone.
 *
 * The text is ISO 8601 with offset, as in `DateTimeString`. Which zone a name means is in ../calendar, dates of messages
 * are in ../header/date-time.ts.
 */
import type { DateTimeString, EMailEntity, EMailEnvelope, EMailSOInfo } from './entity.ts'

/**
 * `date "T" time [offset]` of RFC 3339 §5.6; seconds, fraction and offset may be missing.
 */
const DATE_TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(?::(\d\d))?(?:[.,](\d{1,9}))?(Z|z|[+-]\d\d:?\d\d)?$/

/** Digits of a fraction: the API counts in steps of 100 ns. */
const MAX_FRACTION_DIGITS = 7

/** A date-time taken apart. */
interface Moment {
  /** Milliseconds since 1970, the fraction of the second not counted. */
  readonly instant: number
  /** With its point; `''` for none. */
  readonly fraction: string
}

/**
 * The text of a date-time as entities hold it, or undefined where it is none.
 *
 * Text stays as it is, but for digits of a fraction beyond the seventh, which are cut. An instant is written in UTC.
 */
export function normaliseDateTime(value: string | Date): DateTimeString | undefined {
  if (value instanceof Date) {
    const time = value.getTime()
    return time >= MIN_INSTANT && time <= MAX_INSTANT ? value.toISOString() : undefined
  }
  if (parseMoment(value) === undefined) return undefined
  return value.replace(/[.,](\d{1,7})\d*/, '.$1')
}

/** The years 1 to 9999: more digits are no ISO 8601 without an agreement. */
const MIN_INSTANT = -62_135_596_800_000
const MAX_INSTANT = 253_402_300_799_999

function parseMoment(text: string): Moment | undefined {
  const match = DATE_TIME.exec(text)
  if (match === null) return undefined
  const [, minutes, seconds = '00', fraction, offset = 'Z'] = match
  // RFC 5322 §3.3 allows the leap second; the clock of a program does not know it.
  const local = Date.parse(`${minutes}:${seconds === '60' ? '59' : seconds}Z`)
  // Date takes the 31st of any month, and counts on.
  if (Number.isNaN(local) || new Date(local).toISOString().slice(0, 16) !== minutes) return undefined
  const offsetMinutes = parseOffset(offset)
  if (offsetMinutes === undefined) return undefined
  return {
    instant: local - offsetMinutes * 60_000,
    fraction: fraction === undefined ? '' : `.${fraction.slice(0, MAX_FRACTION_DIGITS)}`,
  }
}

/** Minutes east of UTC; no zone is a day away. */
function parseOffset(offset: string): number | undefined {
  if (offset === 'Z' || offset === 'z') return 0
  const hours = Number(offset.slice(1, 3))
  const minutes = Number(offset.slice(-2))
  if (hours > 23 || minutes > 59) return undefined
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

/** Milliseconds since 1970 of a date-time, UTC where it has no offset; undefined where the text is none. */
export function instantOf(text: DateTimeString): number | undefined {
  const moment = parseMoment(text)
  return moment && moment.instant + Math.floor(Number(`0${moment.fraction}`) * 1000)
}

/** True where a date says "not set": nothing, or the zero of .NET's DateTime, which its clients send for it. */
export function isUnsetDateTime(date: DateTimeString | null): boolean {
  return date === null || date === '' || date.startsWith('0001-01-01T00:00:00')
}

/** The offset of a zone, in seconds east of UTC, at an instant in milliseconds since 1970. */
export type OffsetAt = (instant: number) => number

/**
 * The same instant with the offset of a zone; every digit of the fraction is kept.
 *
 * What is no date-time stays as it is, and so does what means "not set" in .NET: the year 1, and the end of 9999.
 */
export function moveDateTime(text: DateTimeString, offsetAt: OffsetAt): DateTimeString {
  const moment = parseMoment(text)
  if (moment === undefined || isUnsetDateTime(text) || text.startsWith('9999-12-31T23:59:59')) return text
  // ISO 8601 has offsets of whole minutes; local mean times before 1900 have seconds.
  const minutes = Math.round(offsetAt(moment.instant) / 60)
  const local = moment.instant + minutes * 60_000
  if (local < MIN_INSTANT || local > MAX_INSTANT) return text
  const absolute = Math.abs(minutes)
  const offset = `${minutes < 0 ? '-' : '+'}${pad(Math.floor(absolute / 60))}:${pad(absolute % 60)}`
  return `${new Date(local).toISOString().slice(0, 19)}${moment.fraction}${offset}`
}

function pad(number: number): string {
  return String(number).padStart(2, '0')
}

/** A copy of the entity with all of its date-times at the offset of a zone; what else it holds is shared. */
export function moveDateTimes(entity: EMailEntity, offsetAt: OffsetAt): EMailEntity {
  const move = (date: DateTimeString | null): DateTimeString | null => date && moveDateTime(date, offsetAt)
  const moveInfo = (info: EMailSOInfo | null): EMailSOInfo | null =>
    info && { ...info, ArchivedAt: move(info.ArchivedAt) }
  const moveEnvelope = (envelope: EMailEnvelope | null): EMailEnvelope | null =>
    envelope && { ...envelope, Sent: move(envelope.Sent), EMailSOInfo: moveInfo(envelope.EMailSOInfo) }
  return {
    ...entity,
    Sent: move(entity.Sent),
    ReceivedAt: move(entity.ReceivedAt),
    RepliedAt: move(entity.RepliedAt),
    EMailSOInfo: moveInfo(entity.EMailSOInfo),
    InReplyTo: moveEnvelope(entity.InReplyTo),
  }
}
