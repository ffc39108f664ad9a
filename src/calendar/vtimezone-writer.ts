/**
 * VTIMEZONE, writing: RFC 5545 §3.6.5, in the form that Outlook takes (MS-OXCICAL 2.1.3.1.1.19): one STANDARD and at
 * most one DAYLIGHT, each with a yearly rule on the nth weekday of a month, or with no rule; no RDATE.
 *
 * The rules are those that the platform's time zone database has around the start of the event. A zone whose changes
 * follow no such rule (Morocco in Ramadan) gets the offset at the start and the next change; for a series that outlasts
 * it, only readers that know the zone by its name are right.
 */
import { formatProperty } from './content-line-writer.ts'
import { DAY, dateOf, daysInMonth, formatLocalDateTime, formatUtcOffset } from './date-time.ts'
import { type Weekday, weekdayOf } from './recurrence.ts'
import { formatText } from './text.ts'
import type { Zone } from './time-zone.ts'
import { nthWeekday } from './vtimezone.ts'

/** A change of the offset; offsets in seconds east of UTC. */
interface Change {
  readonly instant: number
  readonly from: number
  readonly to: number
}

/** Changes are looked for this far around the start, in steps in which no zone changes twice. */
const SEARCH = 380 * DAY
const STEP = 5 * DAY

/**
 * A VTIMEZONE with the rules of a zone at an instant.
 *
 * @param tzid written as it is
 * @param instant milliseconds since 1970: the start of the event
 */
export function formatVtimezone(tzid: string, zone: Zone, instant: number): string {
  return [
    'BEGIN:VTIMEZONE\r\n',
    formatProperty('TZID', formatText(tzid)),
    ...observances(zone, instant),
    'END:VTIMEZONE\r\n',
  ].join('')
}

function observances(zone: Zone, instant: number): string[] {
  const changes = changesAround(zone, instant)
  const before = changes.findLast(change => change.instant <= instant)
  const after = changes.find(change => change.instant > instant)
  const offset = zone.offsetAtInstant(instant)
  const since = before ?? { instant: instant - SEARCH, from: offset, to: offset }
  if (after === undefined) return [component('STANDARD', localOf(since), since, '')]
  // The larger offset of two is what Outlook calls daylight, also where the law has it the other way round (Dublin).
  const [first, second] =
    since.to > after.to ? (['DAYLIGHT', 'STANDARD'] as const) : (['STANDARD', 'DAYLIGHT'] as const)
  const again = changes.find(change => change.instant > after.instant && isYearAfter(change, since))
  if (again === undefined || !isBackNextYear(zone, after)) {
    return [component(first, localOf(since), since, ''), component(second, localOf(after), after, '')]
  }
  // What the rule is, the next change of the kind says better than the last one, which nobody asks about.
  const rule = yearlyRule(zone, again)
  // DTSTART has to be a day of the rule, and not after the start. In between nothing else sets in.
  const year = yearOf(localOf(since))
  const onset = onsetOf(rule, year, localOf(again))
  const start = onset <= instant + since.from * 1000 ? onset : onsetOf(rule, year - 1, localOf(again))
  return [
    component(first, start, since, formatRule(rule)),
    component(second, localOf(after), after, formatRule(yearlyRule(zone, after))),
  ]
}

function changesAround(zone: Zone, instant: number): Change[] {
  const changes: Change[] = []
  let from = zone.offsetAtInstant(instant - SEARCH)
  for (let time = instant - SEARCH; time < instant + SEARCH; time += STEP) {
    const to = zone.offsetAtInstant(time + STEP)
    if (to === from) continue
    let low = time
    let high = time + STEP
    while (high - low > 1000) {
      const middle = Math.floor((low + high) / 2000) * 1000
      if (zone.offsetAtInstant(middle) === from) low = middle
      else high = middle
    }
    changes.push({ instant: Math.floor(high / 1000) * 1000, from, to })
    from = to
  }
  return changes
}

/** A change that comes back within this much of its day next year is a yearly one. */
const NEARLY_SAME_DAY = 8 * DAY

/** Whether a change is another one come back after a year. */
function isYearAfter(change: Change, { instant, from, to }: Change): boolean {
  const distance = change.instant - instant - 365.25 * DAY
  return change.from === from && change.to === to && Math.abs(distance) <= NEARLY_SAME_DAY
}

/** Whether a change comes back next year. In Morocco it does not: it moves through the year with the moon. */
function isBackNextYear(zone: Zone, { instant, from, to }: Change): boolean {
  const nextYear = instant + 365.25 * DAY
  return (
    zone.offsetAtInstant(nextYear - NEARLY_SAME_DAY) === from && zone.offsetAtInstant(nextYear + NEARLY_SAME_DAY) === to
  )
}

/** The nth weekday of a month, the last one where `ordinal` is -1: all that Outlook takes. */
interface YearlyRule {
  readonly month: number
  readonly weekday: Weekday
  readonly ordinal: number
}

/** The years after that of a change in which a rule is tried. */
const TRIED_YEARS = [1, 2, 3] as const

/** The rule that gives a change, and those of as many of the next years as any does. */
function yearlyRule(zone: Zone, change: Change): YearlyRule {
  const local = localOf(change)
  const date = new Date(local)
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
  const candidates: YearlyRule[] = []
  // The last one of the month comes first and wins a tie: that is what laws say.
  for (const ordinal of [...(day + 7 > daysInMonth(year, month) ? [-1] : []), Math.ceil(day / 7)]) {
    if (ordinal < 5) candidates.push({ month, weekday: weekdayOf(local), ordinal })
  }
  const yearsOf = (rule: YearlyRule): number =>
    TRIED_YEARS.filter(distance => {
      const instant = onsetOf(rule, year + distance, local) - change.from * 1000
      return zone.offsetAtInstant(instant - 1000) === change.from && zone.offsetAtInstant(instant) === change.to
    }).length
  return candidates.reduce((best, rule) => (yearsOf(rule) > yearsOf(best) ? rule : best))
}

/** When a rule sets in in a year, at the time of day of `local`. */
function onsetOf({ month, weekday, ordinal }: YearlyRule, year: number, local: number): number {
  return dateOf(year, month, nthWeekday(year, month, weekday, ordinal)) + (((local % DAY) + DAY) % DAY)
}

function formatRule({ month, weekday, ordinal }: YearlyRule): string {
  return `FREQ=YEARLY;BYMONTH=${month};BYDAY=${ordinal}${weekday}`
}

/** Onsets are in the clock time from before the change: RFC 5545 §3.6.5. */
function localOf({ instant, from }: Change): number {
  return instant + from * 1000
}

function yearOf(local: number): number {
  return new Date(local).getUTCFullYear()
}

function component(name: 'STANDARD' | 'DAYLIGHT', start: number, { from, to }: Change, rule: string): string {
  return [
    `BEGIN:${name}\r\n`,
    formatProperty('DTSTART', formatLocalDateTime(start)),
    formatProperty('TZOFFSETFROM', formatUtcOffset(from)),
    formatProperty('TZOFFSETTO', formatUtcOffset(to)),
    rule === '' ? '' : formatProperty('RRULE', rule),
    `END:${name}\r\n`,
  ].join('')
}
