/**
 * RECUR values: RFC 5545 §3.3.10. Rules are taken apart and put together here, and never expanded: a rule of thirty
 * octets can ask for a search without end (`FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30`).
 */
import { DAY, parseDateTime } from './date-time.ts'

/** FREQ of RFC 5545 §3.3.10. */
export type Frequency = 'Secondly' | 'Minutely' | 'Hourly' | 'Daily' | 'Weekly' | 'Monthly' | 'Yearly'
/** A day of the week, as RFC 5545 §3.3.10 abbreviates it. */
export type Weekday = 'MO' | 'TU' | 'WE' | 'TH' | 'FR' | 'SA' | 'SU'

/** A weekday, or the nth one of the month or year: `-1FR` is the last Friday. `ordinal` 0 means each. */
export interface WeekdayNumber {
  readonly weekday: Weekday
  /** Weeks from the start of the month or year; from its end where it is below 0. */
  readonly ordinal: number
}

/** A recurrence rule. Lists are empty where the rule has no such part. */
export interface RecurrenceRule {
  readonly frequency: Frequency
  /** Each so many days, weeks, months or whatever `frequency` says; 1 or more. */
  readonly interval: number
  /** Number of occurrences; undefined where the rule does not say. */
  readonly count?: number | undefined
  /** DATE or DATE-TIME as written; the last start that the rule may give. */
  readonly until?: string | undefined
  /** Seconds of the minute, 0 to 60. */
  readonly bySecond: readonly number[]
  /** Minutes of the hour, 0 to 59. */
  readonly byMinute: readonly number[]
  /** Hours of the day, 0 to 23. */
  readonly byHour: readonly number[]
  readonly byDay: readonly WeekdayNumber[]
  /** Days of the month from 1; below 0 from its end. */
  readonly byMonthDay: readonly number[]
  /** Days of the year from 1; below 0 from its end. */
  readonly byYearDay: readonly number[]
  /** Weeks of the year by ISO 8601 from 1; below 0 from its end. */
  readonly byWeekNumber: readonly number[]
  /** Months, 1 to 12. */
  readonly byMonth: readonly number[]
  /** Which occurrence of each set, from 1; below 0 from its end. */
  readonly bySetPosition: readonly number[]
  readonly weekStart: Weekday
}

const FREQUENCIES: ReadonlyMap<string, Frequency> = new Map([
  ['SECONDLY', 'Secondly'],
  ['MINUTELY', 'Minutely'],
  ['HOURLY', 'Hourly'],
  ['DAILY', 'Daily'],
  ['WEEKLY', 'Weekly'],
  ['MONTHLY', 'Monthly'],
  ['YEARLY', 'Yearly'],
])

/** In the order of Date.getUTCDay. */
export const WEEKDAYS: readonly Weekday[] = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA']

type NumberList =
  | 'bySecond'
  | 'byMinute'
  | 'byHour'
  | 'byMonthDay'
  | 'byYearDay'
  | 'byWeekNumber'
  | 'byMonth'
  | 'bySetPosition'

/** The parts that are lists of numbers, in the order in which they are written; `signed` ones count from the end. */
const NUMBER_LISTS: readonly { name: string; key: NumberList; min: number; max: number; signed: boolean }[] = [
  { name: 'BYSECOND', key: 'bySecond', min: 0, max: 60, signed: false },
  { name: 'BYMINUTE', key: 'byMinute', min: 0, max: 59, signed: false },
  { name: 'BYHOUR', key: 'byHour', min: 0, max: 23, signed: false },
  { name: 'BYMONTHDAY', key: 'byMonthDay', min: 1, max: 31, signed: true },
  { name: 'BYYEARDAY', key: 'byYearDay', min: 1, max: 366, signed: true },
  { name: 'BYWEEKNO', key: 'byWeekNumber', min: 1, max: 53, signed: true },
  { name: 'BYMONTH', key: 'byMonth', min: 1, max: 12, signed: false },
  { name: 'BYSETPOS', key: 'bySetPosition', min: 1, max: 366, signed: true },
]
const NUMBER_LIST_BY_NAME: ReadonlyMap<string, (typeof NUMBER_LISTS)[number]> = new Map(
  NUMBER_LISTS.map(row => [row.name, row]),
)

/** All parts of a rule. */
const PART_NAMES: ReadonlySet<string> = new Set([
  'FREQ',
  'UNTIL',
  'COUNT',
  'INTERVAL',
  'BYDAY',
  'WKST',
  ...NUMBER_LIST_BY_NAME.keys(),
])

/** The frequencies beside which a part must not stand. */
const NOT_BESIDE: readonly (readonly [NumberList, readonly Frequency[]])[] = [
  ['byMonthDay', ['Weekly']],
  ['byYearDay', ['Daily', 'Weekly', 'Monthly']],
  ['byWeekNumber', ['Secondly', 'Minutely', 'Hourly', 'Daily', 'Weekly', 'Monthly']],
]

/** Longest rule that is looked at, in characters; a list of all days of a year has 1,500. */
const MAX_RULE_LENGTH = 8192

/** The weekday of a wall clock time. */
export function weekdayOf(local: number): Weekday {
  return WEEKDAYS[(((Math.floor(local / DAY) + 4) % 7) + 7) % 7]!
}

/**
 * Parses a rule. Case does not matter; parts that RFC 5545 does not have (RSCALE, SKIP, X-…) are left out.
 *
 * @returns undefined where a part cannot be read: half a rule is another rule
 */
export function parseRecurrenceRule(value: string): RecurrenceRule | undefined {
  if (value.length > MAX_RULE_LENGTH) return undefined
  const parts = new Map<string, string>()
  for (const part of value.toUpperCase().split(';')) {
    const equals = part.indexOf('=')
    if (equals > 0 && !parts.has(part.slice(0, equals).trim())) {
      parts.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim())
    } else if (part.trim() !== '') {
      return undefined
    }
  }
  const frequency = FREQUENCIES.get(parts.get('FREQ') ?? '')
  const interval = wholeNumber(parts.get('INTERVAL') ?? '1')
  const count = parts.has('COUNT') ? wholeNumber(parts.get('COUNT')!) : undefined
  const until = parts.get('UNTIL')
  const byDay = parseWeekdays(parts.get('BYDAY'))
  const weekStart = (parts.get('WKST') ?? 'MO') as Weekday
  if (frequency === undefined || !(interval! > 0) || byDay === undefined || !WEEKDAYS.includes(weekStart))
    return undefined
  if (parts.has('COUNT') && !(count! > 0)) return undefined
  if (until !== undefined && parseDateTime(until) === undefined) return undefined
  const lists: Partial<Record<NumberList, readonly number[]>> = {}
  for (const [name, row] of NUMBER_LIST_BY_NAME) {
    const numbers = parseNumbers(parts.get(name), row)
    if (numbers === undefined) return undefined
    lists[row.key] = numbers
  }
  return {
    frequency,
    interval: interval!,
    count,
    until,
    byDay,
    weekStart,
    ...(lists as Record<NumberList, readonly number[]>),
  }
}

/**
 * Parses a rule that is to be written: nothing of it is left out, and it has no parts that exclude each other. Readers
 * differ in what they make of others.
 *
 * @returns undefined where RFC 5545 §3.3.10 forbids the rule
 */
export function parseStrictRule(value: string): RecurrenceRule | undefined {
  const rule = parseRecurrenceRule(value)
  if (rule === undefined || !isStrict(rule)) return undefined
  const parts = value.toUpperCase().split(';')
  const isWhole = parts.every(part => part.trim() === '' || PART_NAMES.has(part.slice(0, part.indexOf('=')).trim()))
  // The number of a weekday is 1 or more; read as 0, it means each.
  return isWhole && !/[=,]\s?[+-]?00?[A-Z]{2}/i.test(value) ? rule : undefined
}

function isStrict(rule: RecurrenceRule): boolean {
  const { frequency, byDay } = rule
  if (rule.until !== undefined && rule.count !== undefined) return false
  if (NOT_BESIDE.some(([key, frequencies]) => rule[key].length > 0 && frequencies.includes(frequency))) return false
  if (byDay.some(({ ordinal }) => ordinal !== 0)) {
    const hasSpan = frequency === 'Monthly' || (frequency === 'Yearly' && rule.byWeekNumber.length === 0)
    if (!hasSpan || byDay.some(({ ordinal }) => Math.abs(ordinal) > 53)) return false
  }
  const hasSet = byDay.length > 0 || NUMBER_LISTS.some(({ key }) => key !== 'bySetPosition' && rule[key].length > 0)
  return hasSet || rule.bySetPosition.length === 0
}

function wholeNumber(text: string): number | undefined {
  return /^\+?\d{1,9}$/.test(text) ? Number(text) : undefined
}

function parseNumbers(text: string | undefined, row: (typeof NUMBER_LISTS)[number]): number[] | undefined {
  if (text === undefined) return []
  const numbers: number[] = []
  for (const item of text.split(',')) {
    const number = /^\s?[+-]?\d{1,3}\s?$/.test(item) ? Number(item) : Number.NaN
    const magnitude = row.signed ? Math.abs(number) : number
    if (!(magnitude >= row.min && magnitude <= row.max)) return undefined
    numbers.push(number)
  }
  return numbers
}

function parseWeekdays(text: string | undefined): WeekdayNumber[] | undefined {
  if (text === undefined) return []
  const days: WeekdayNumber[] = []
  for (const item of text.split(',')) {
    const match = /^\s?([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)\s?$/.exec(item)
    if (match === null) return undefined
    days.push({ weekday: match[2] as Weekday, ordinal: Number(match[1] ?? 0) })
  }
  return days
}

/** Formats a rule. Parts that have their default value are left out, as Outlook and Google do. */
export function formatRecurrenceRule(rule: RecurrenceRule): string {
  const parts = [`FREQ=${rule.frequency.toUpperCase()}`]
  if (rule.until !== undefined) parts.push(`UNTIL=${rule.until}`)
  if (rule.count !== undefined) parts.push(`COUNT=${rule.count}`)
  if (rule.interval !== 1) parts.push(`INTERVAL=${rule.interval}`)
  for (const { name, key } of NUMBER_LISTS) {
    if (name === 'BYMONTHDAY' && rule.byDay.length > 0) {
      parts.push(`BYDAY=${rule.byDay.map(({ weekday, ordinal }) => `${ordinal || ''}${weekday}`).join(',')}`)
    }
    if (rule[key].length > 0) parts.push(`${name}=${rule[key].join(',')}`)
  }
  if (rule.weekStart !== 'MO') parts.push(`WKST=${rule.weekStart}`)
  return parts.join(';')
}
