/**
 * VTIMEZONE, reading: RFC 5545 §3.6.5. The last resort for a TZID that means nothing to the platform.
 *
 * Rules are evaluated for the year of the time that is asked about and the years around it, and only those of the form
 * that time zones have: yearly, on a day of one month. Anything else counts as its first onset alone. So a zone that
 * begins in the year 1601, as Exchange writes all of its zones, or one that repeats every second, costs no more than
 * any other. Writing is in ./vtimezone-writer.ts.
 */
import type { Component } from './component.ts'
import { DAY, dateOf, daysInMonth, parseDateTime, parseUtcOffset } from './date-time.ts'
import { type CalendarLimits, listedValues } from './limits.ts'
import { parseRecurrenceRule, type RecurrenceRule, WEEKDAYS, type Weekday, weekdayOf } from './recurrence.ts'
import type { Zone } from './time-zone.ts'
import type { Warn } from './warning.ts'

/** A STANDARD or DAYLIGHT component: from each onset on, `to` is the offset. Offsets in seconds east of UTC. */
interface Observance {
  readonly from: number
  readonly to: number
  /** First onset in wall clock milliseconds of the offset before it. */
  readonly start: number
  /** Further onsets, likewise. */
  readonly dates: readonly number[]
  readonly rule: RecurrenceRule | undefined
  /** Last onset of the rule, likewise. */
  readonly until: number
}

/** Observances that are looked at; a zone with its whole history has up to 200. */
const MAX_OBSERVANCES = 300

/** The zone that the rules of a VTIMEZONE make; undefined where it has none that can be read. */
export function readVtimezone(component: Component, limits: CalendarLimits, warn: Warn): Zone | undefined {
  const observances: Observance[] = []
  let dates = 0
  for (const child of component.components) {
    if (child.name !== 'STANDARD' && child.name !== 'DAYLIGHT') continue
    const observance = readObservance(child, limits.dates - dates, warn)
    if (observance === undefined) continue
    dates += observance.dates.length
    if (observances.push(observance) === MAX_OBSERVANCES) break
  }
  return observances.length === 0
    ? undefined
    : {
        iana: undefined,
        offsetAt: local => offsetAtLocal(observances, local),
        offsetAtInstant: instant => offsetAtInstant(observances, instant),
      }
}

function readObservance(component: Component, maxDates: number, warn: Warn): Observance | undefined {
  const to = parseUtcOffset(component.value('TZOFFSETTO'))
  if (to === undefined) return undefined
  const from = parseUtcOffset(component.value('TZOFFSETFROM')) ?? to
  const start = parseDateTime(component.value('DTSTART'))?.local
  const dates: number[] = []
  for (const [text] of listedValues(component.all('RDATE'), maxDates, warn)) {
    const date = parseDateTime(text)?.local
    if (date !== undefined) dates.push(date)
  }
  // QUIRK: one observance without DTSTART is the whole zone.
  if (start === undefined) return { from, to, start: Number.NEGATIVE_INFINITY, dates, rule: undefined, until: 0 }
  const parsed = parseRecurrenceRule(component.value('RRULE'))
  const rule = parsed?.frequency === 'Yearly' && parsed.interval === 1 ? parsed : undefined
  return { from, to, start, dates, rule, until: rule === undefined ? 0 : lastOnset(rule, start, from) }
}

/** RFC 5545 §3.3.10: UNTIL is in UTC in a VTIMEZONE. COUNT of a yearly rule is a number of years. */
function lastOnset(rule: RecurrenceRule, start: number, from: number): number {
  if (rule.until !== undefined) {
    const until = parseDateTime(rule.until)
    if (until !== undefined) return until.offset === undefined ? until.local + DAY - 1 : until.local + from * 1000
  }
  if (rule.count !== undefined) return dateOf(yearOf(start) + Math.min(rule.count, 9999), 1, 1) - 1
  return Number.POSITIVE_INFINITY
}

function offsetAtLocal(observances: readonly Observance[], local: number): number {
  const { onset, from, to } = latestChange(observances, local, () => 0)
  // RFC 5545 §3.3.5: a time that the change skips has the offset from before it.
  return local < onset + (to - from) * 1000 ? from : to
}

function offsetAtInstant(observances: readonly Observance[], instant: number): number {
  return latestChange(observances, instant, observance => observance.from * 1000).to
}

/** A change of the offset, or the offset from before all changes as if it were one. */
interface OffsetChange {
  readonly onset: number
  readonly from: number
  readonly to: number
}

/**
 * The last change before a time.
 *
 * @param shift what onsets are ahead of the clock of `time` by
 */
function latestChange(
  observances: readonly Observance[],
  time: number,
  shift: (observance: Observance) => number,
): OffsetChange {
  let latest: OffsetChange | undefined
  let earliest: Observance | undefined
  for (const observance of observances) {
    if (earliest === undefined || observance.start < earliest.start) earliest = observance
    for (const start of onsetsNear(observance, time)) {
      const onset = start - shift(observance)
      if (onset <= time && (latest === undefined || onset >= latest.onset)) {
        latest = { onset, from: observance.from, to: observance.to }
      }
    }
  }
  // Before all changes the offset is what the first one changes from.
  return latest ?? { onset: Number.NEGATIVE_INFINITY, from: earliest!.from, to: earliest!.from }
}

/** The onsets that can be the last one before a time, on either clock. */
function onsetsNear(observance: Observance, local: number): number[] {
  const onsets = [observance.start, ...observance.dates]
  if (observance.rule === undefined || observance.start === Number.NEGATIVE_INFINITY) return onsets
  // A rule that ended long ago still has its last onset.
  const year = yearOf(Math.min(local, observance.until))
  for (let candidate = year - 1; candidate <= year + 1; candidate++) {
    const onset = onsetIn(candidate, observance.rule, observance.start)
    if (onset !== undefined && onset >= observance.start && onset <= observance.until) onsets.push(onset)
  }
  return onsets
}

/** When the rule sets in in a year: wall clock milliseconds; undefined where the rule names no day of that year. */
function onsetIn(year: number, rule: RecurrenceRule, start: number): number | undefined {
  if (year < 1 || year > 9999) return undefined
  const first = new Date(start)
  const timeOfDay = ((start % DAY) + DAY) % DAY
  const month = rule.byMonth[0] ?? first.getUTCMonth() + 1
  const length = daysInMonth(year, month)
  const [weekday] = rule.byDay
  let day: number
  if (weekday === undefined) {
    day = dayOfMonth(rule.byMonthDay[0] ?? first.getUTCDate(), length)
  } else if (rule.byMonthDay.length > 0) {
    // QUIRK: Apple writes "the first Sunday from the 8th on" as BYMONTHDAY=8,9,10,11,12,13,14;BYDAY=SU.
    const isWeekday = (candidate: number): boolean => weekdayOf(dateOf(year, month, candidate)) === weekday.weekday
    const days = rule.byMonthDay.map(given => dayOfMonth(given, length))
    day = days.find(candidate => candidate >= 1 && candidate <= length && isWeekday(candidate)) ?? 0
  } else {
    day = nthWeekday(year, month, weekday.weekday, weekday.ordinal || rule.bySetPosition[0] || 1)
  }
  return day >= 1 && day <= length ? dateOf(year, month, day) + timeOfDay : undefined
}

/** A day of BYMONTHDAY from the start of its month, where a negative one counts from the end: RFC 5545 §3.3.10. */
function dayOfMonth(given: number, length: number): number {
  return given < 0 ? given + length + 1 : given
}

/**
 * The day of the month of the nth weekday, counted from the end where `ordinal` is negative.
 *
 * @returns a day outside of the month where it has no such weekday
 */
export function nthWeekday(year: number, month: number, weekday: Weekday, ordinal: number): number {
  const length = daysInMonth(year, month)
  const anchor = ordinal > 0 ? 1 : length
  const distance = WEEKDAYS.indexOf(weekday) - WEEKDAYS.indexOf(weekdayOf(dateOf(year, month, anchor)))
  return ordinal > 0
    ? anchor + ((distance + 7) % 7) + 7 * (ordinal - 1)
    : anchor - ((7 - distance) % 7) + 7 * (ordinal + 1)
}

function yearOf(local: number): number {
  return new Date(local).getUTCFullYear()
}
