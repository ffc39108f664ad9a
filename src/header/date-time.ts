/**
 * Date and time: RFC 5322 §3.3 and §4.3 on the wire, ISO 8601 with offset in entities.
 */
import type { OnDefect } from '../defect.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const

/** Offsets of zone names in minutes: RFC 5322 §4.3. Military letters but Z were used both ways, and mean -0000. */
const ZONES: ReadonlyMap<string, number> = new Map([
  ['UT', 0],
  ['UTC', 0],
  ['GMT', 0],
  ['Z', 0],
  ['EST', -300],
  ['EDT', -240],
  ['CST', -360],
  ['CDT', -300],
  ['MST', -420],
  ['MDT', -360],
  ['PST', -480],
  ['PDT', -420],
  // QUIRK: not in the RFC, yet common and not ambiguous in mail.
  ['CET', 60],
  ['CEST', 120],
  ['MET', 60],
  ['MEST', 120],
  ['EET', 120],
  ['EEST', 180],
  ['WET', 0],
  ['WEST', 60],
  ['BST', 60],
  ['MSK', 180],
  ['JST', 540],
])

/** Longest date that is looked at, in characters: dates have 31, the rest are comments. */
const MAX_DATE_LENGTH = 200

/**
 * Parses a date as mailers write them: comments, missing seconds, day names in the wrong place, zone names, years of
 * two digits, and ISO 8601.
 *
 * @param value the unfolded field value
 * @returns ISO 8601 with the offset of the value, or undefined where it is no date
 * @param onDefect called where it is no date
 */
export function parseDateTime(value: string, onDefect?: OnDefect): string | undefined {
  const parsed = parseCommon(value) ?? parseLenient(value)
  // RFC 5322 §3.3 has no year before 1900; .NET writes the year 1 for "not set".
  if (parsed !== undefined && parsed >= '1900') return parsed
  onDefect?.('DATE_INVALID', 0)
  return undefined
}

/**
 * The form nearly every mailer writes, by position: `Fri, 2 Jun 2023 14:13:40 +0200`.
 *
 * Anything else gives undefined and takes the way of {@link parseLenient}.
 */
function parseCommon(value: string): string | undefined {
  const match =
    /^(?:[A-Z][a-z]{2}, )?([ 0-3]?\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)(?: \([A-Za-z]+\))?$/.exec(
      value,
    )
  if (match === null) return undefined
  const month = MONTHS.indexOf(match[2] as (typeof MONTHS)[number]) + 1
  const offset = Number(match[8]) * 60 + Number(match[9])
  return assemble(
    Number(match[3]),
    month,
    Number(match[1]),
    Number(match[4]),
    Number(match[5]),
    Number(match[6]),
    match[7] === '-' ? -offset : offset,
  )
}

function parseLenient(value: string): string | undefined {
  let text = value.length > MAX_DATE_LENGTH ? value.slice(0, MAX_DATE_LENGTH) : value
  if (text.includes('(')) text = text.replace(/\([^()]*\)?/g, ' ')
  if (/\s:|:\s/.test(text)) text = text.replace(/\s{0,200}:\s{0,200}/g, ':')
  if (/^\s*\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text)) {
    const joined = text
      .trim()
      .replace(' ', 'T')
      .replace(/ (?=[+-]\d)/, '')
    const iso = parseIso(joined)
    if (iso !== undefined) return `${joined.slice(0, 10)}T${iso.clock}${iso.offsetHours}:${iso.offsetMinutes}`
  }
  // Day and year may change places, so words are told by their form. Long words hold no date and cost time.
  let day = -1
  let month = -1
  let year = -1
  let clock: RegExpExecArray | null = null
  let offset: number | undefined
  let afternoon: boolean | undefined
  for (const word of text.split(/[\s,]+|(?<=\d)-(?=[A-Za-z])|(?<=[A-Za-z])-(?=\d)/)) {
    if (word === '') continue
    const time = /^(\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2})(?:\.\d+)?)?$/.exec(word)
    const zone = /^(?:GMT|UTC?)?([+-])(\d{1,2}):?(\d{2})?$/.exec(word)
    const named = monthOf(word)
    if (time !== null && clock === null) clock = time
    else if (named !== -1 && month === -1) month = named
    else if (zone !== null && clock !== null) {
      offset = Number(zone[2]) * 60 + Number(zone[3] ?? 0)
      if (zone[1] === '-') offset = -offset
    } else if (/^\d{1,2}$/.test(word) && day === -1) day = Number(word)
    else if (/^(?:\d{4}|\d{2,3})$/.test(word) && year === -1) year = fullYear(Number(word), word.length)
    else if (/^[ap]m$/i.test(word)) afternoon = word.toLowerCase() === 'pm'
    // QUIRK: `+0800 CST`: names are for where there is no number, and the number is right.
    else if (clock !== null) offset ??= ZONES.get(word.toUpperCase())
  }
  if (clock === null || month === -1 || day === -1 || year === -1) return undefined
  let hour = Number(clock[1])
  if (afternoon !== undefined && hour <= 12) hour = (hour % 12) + (afternoon ? 12 : 0)
  return assemble(year, month, day, hour, Number(clock[2]), Number(clock[3] ?? 0), offset ?? 0)
}

/** Number of the month from 1, or -1. Names may be spelled out. */
function monthOf(word: string): number {
  if (word.length < 3 || word.length > 9) return -1
  const name = word.slice(0, 1).toUpperCase() + word.slice(1, 3).toLowerCase()
  const month = MONTHS.indexOf(name as (typeof MONTHS)[number])
  return month === -1 || !/^[A-Za-z]+\.?$/.test(word) ? -1 : month + 1
}

/** RFC 5322 §4.3: two digits below 50 are 20xx, others 19xx; three digits are years since 1900. */
function fullYear(year: number, digits: number): number {
  if (digits === 2) return year < 50 ? 2000 + year : 1900 + year
  return digits === 3 ? 1900 + year : year
}

/** ISO 8601 of the parts, or undefined where one is out of range. A leap second is the second before it. */
function assemble(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  offsetMinutes: number,
): string | undefined {
  if (!isDateTime(year, month, day, hour, minute, second)) return undefined
  // An offset that no zone has is a mistake of the mailer's; RFC 5322 §4.3 reads unknown zones as -0000.
  const offset = Math.abs(offsetMinutes) > 23 * 60 + 59 ? 0 : offsetMinutes
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${pad(hour, 2)}:${pad(minute, 2)}:${pad(Math.min(second, 59), 2)}${formatOffset(offset, ':')}`
}

function isDateTime(year: number, month: number, day: number, hour: number, minute: number, second: number): boolean {
  return month >= 1 && day >= 1 && day <= daysIn(year, month) && hour <= 23 && minute <= 59 && second <= 60
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

function formatOffset(minutes: number, separator: string): string {
  const absolute = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(absolute / 60), 2)}${separator}${pad(absolute % 60, 2)}`
}

function pad(number: number, width: number): string {
  const digits = String(number)
  return digits.length < width ? digits.padStart(width, '0') : digits
}

/** An ISO 8601 date-time taken apart. */
interface IsoDateTime {
  readonly year: number
  /** From 1. */
  readonly month: number
  readonly day: number
  /** `hh:mm:ss`, without fraction. */
  readonly clock: string
  /** `+hh` or `-hh`, and `mm`. */
  readonly offsetHours: string
  readonly offsetMinutes: string
}

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:[Zz]|[+-]\d\d:?\d\d)?$/

/**
 * Parses `YYYY-MM-DDThh:mm[:ss[.f…]][Z|±hh:mm]`. Without offset it is UTC.
 *
 * @returns undefined where the text is no such date-time
 */
function parseIso(text: string): IsoDateTime | undefined {
  if (!ISO.test(text)) return undefined
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2)
  const month = twoDigits(text, 5)
  const day = twoDigits(text, 8)
  const hasSeconds = text.charCodeAt(16) === 0x3a
  const second = hasSeconds ? twoDigits(text, 17) : 0
  if (!isDateTime(year, month, day, twoDigits(text, 11), twoDigits(text, 14), second)) return undefined
  const clock = hasSeconds && second < 60 ? text.slice(11, 19) : `${text.slice(11, 16)}:${second === 60 ? '59' : '00'}`
  const sign = Math.max(text.lastIndexOf('+'), text.lastIndexOf('-'))
  // The hyphens of the date stand before index 8.
  if (sign < 10) return { year, month, day, clock, offsetHours: '+00', offsetMinutes: '00' }
  if (twoDigits(text, sign + 1) > 23 || twoDigits(text, text.length - 2) > 59) return undefined
  return { year, month, day, clock, offsetHours: text.slice(sign, sign + 3), offsetMinutes: text.slice(-2) }
}

function twoDigits(text: string, index: number): number {
  return (text.charCodeAt(index) - 0x30) * 10 + text.charCodeAt(index + 1) - 0x30
}

/**
 * Writes `date-time` of RFC 5322 §3.3 with the offset of its input: `Fri, 2 Jun 2023 14:13:40 +0200`.
 *
 * @param input ISO 8601 text, or an instant, which is written in UTC
 * @returns undefined where it is no date, or one before 1900, which §3.3 does not allow
 */
export function formatDateTime(input: string | Date): string | undefined {
  const parts = typeof input === 'string' ? parseIso(input) : partsOf(input)
  if (parts === undefined || parts.year < 1900) return undefined
  const { year, month, day, clock, offsetHours, offsetMinutes } = parts
  const date = `${DAYS[weekdayOf(year, month, day)]!}, ${day} ${MONTHS[month - 1]!} ${year}`
  return `${date} ${clock} ${offsetHours}${offsetMinutes}`
}

/** Days from January on, for {@link weekdayOf}. */
const MONTH_SHIFTS = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4] as const

/** The day of the week, 0 for Sunday, in the Gregorian calendar: Sakamoto's method. */
function weekdayOf(year: number, month: number, day: number): number {
  const y = month < 3 ? year - 1 : year
  return (y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + MONTH_SHIFTS[month - 1]! + day) % 7
}

function partsOf(date: Date): IsoDateTime | undefined {
  // A Date of our own: the methods of the given one may be anything.
  const instant = new Date(date)
  const year = instant.getUTCFullYear()
  // Of an invalid date it is NaN.
  if (!(year >= 1 && year <= 9999)) return undefined
  const clock = `${pad(instant.getUTCHours(), 2)}:${pad(instant.getUTCMinutes(), 2)}:${pad(instant.getUTCSeconds(), 2)}`
  const month = instant.getUTCMonth() + 1
  return { year, month, day: instant.getUTCDate(), clock, offsetHours: '+00', offsetMinutes: '00' }
}
