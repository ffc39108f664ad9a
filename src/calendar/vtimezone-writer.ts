/**
 * VTIMEZONE, writing: RFC 5545 §3.6.5, in the form that Outlook takes (MS-OXCICAL 2.1.3.1.1.19): one STANDARD and at
 * most one DAYLIGHT, each with a yearly rule on the nth weekday of a month, or with no rule; no RDATE.
 *
 * The rules are those that the platform's time zone database has around the start of the event. A zone whose changes
 * follow no such rule (Morocco in Ramadan) gets the offset at the start and the next change; a series that outlasts it
 * is right only for readers that know the zone by its name.
 */
import { formatProperty } from './content-line-writer.ts'
import { DAY, dateOf, daysInMonth, formatLocalDateTime, formatUtcOffset } from './date-time.ts'
import { weekdayOf } from './recurrence.ts'
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
const SEARCH = 370 * DAY
const STEP = 5 * DAY

/**
 * A VTIMEZONE with the rules of a zone at an instant.
 *
 * @param tzid written as it is
 * @param instant milliseconds since 1970: the start of the event
 */
export function formatVtimezone(tzid: string, zone: Zone, instant: number): string {
  const changes = changesAround(zone, instant)
  const before = changes.findLast(change => change.instant <= instant)
  const after = changes.find(change => change.instant > instant)
  const pair = [before ?? (after && startOf(after, instant)), after].filter(change => change !== undefined)
  // The larger offset of two is what Outlook calls daylight, also where the law has it the other way round (Dublin).
  const daylight = Math.max(...pair.map(({ to }) => to))
  const observances =
    pair.length === 0
      ? [fixedObservance(zone.offsetAtInstant(instant), instant)]
      : pair.map(change => observance(zone, change, pair.length === 2 && change.to === daylight))
  return [
    'BEGIN:VTIMEZONE\r\n',
    formatProperty('TZID', formatText(tzid)),
    ...observances,
    'END:VTIMEZONE\r\n',
  ].join('')
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

/** What stands before the only change there is: the offset that it changes from, from a year before. */
function startOf(change: Change, instant: number): Change {
  return { instant: instant - SEARCH, from: change.from, to: change.from }
}

/** The years after that of a change in which a rule is tried. */
const TRIED_YEARS = [1, 2, 3] as const

function observance(zone: Zone, change: Change, isDaylight: boolean): string {
  const { instant, from, to } = change
  const local = instant + from * 1000
  const rule = from === to ? '' : yearlyRule(zone, change, local)
  return component(isDaylight ? 'DAYLIGHT' : 'STANDARD', local, from, to, rule)
}

/**
 * The rule that gives the change in its year and in the next one, and in as many of the years after that as any does;
 * `''` where none does.
 */
function yearlyRule(zone: Zone, { from, to }: Change, local: number): string {
  const date = new Date(local)
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
  const weekday = weekdayOf(local)
  const ordinals = [Math.ceil(day / 7), ...(day + 7 > daysInMonth(year, month) ? [-1] : [])]
  let best = ''
  let mostYears = 0
  // The last one of the month comes last and wins a tie: that is what laws say.
  for (const ordinal of ordinals) {
    if (ordinal > 4) continue
    const isChangeIn = (later: number): boolean => {
      const onset = dateOf(later, month, nthWeekday(later, month, weekday, ordinal)) + (((local % DAY) + DAY) % DAY)
      const instant = onset - from * 1000
      return zone.offsetAtInstant(instant - 1000) === from && zone.offsetAtInstant(instant) === to
    }
    const years = TRIED_YEARS.filter(distance => isChangeIn(year + distance)).length
    if (!isChangeIn(year + 1) || years < mostYears) continue
    best = `FREQ=YEARLY;BYMONTH=${month};BYDAY=${ordinal}${weekday}`
    mostYears = years
  }
  return best
}

function fixedObservance(offset: number, instant: number): string {
  return component('STANDARD', instant - SEARCH, offset, offset, '')
}

function component(name: 'STANDARD' | 'DAYLIGHT', local: number, from: number, to: number, rule: string): string {
  return [
    `BEGIN:${name}\r\n`,
    formatProperty('DTSTART', formatLocalDateTime(local)),
    formatProperty('TZOFFSETFROM', formatUtcOffset(from)),
    formatProperty('TZOFFSETTO', formatUtcOffset(to)),
    rule === '' ? '' : formatProperty('RRULE', rule),
    `END:${name}\r\n`,
  ].join('')
}
