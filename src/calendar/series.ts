/**
 * Recurrence of an event: RRULE, RDATE and EXDATE, told and never expanded. RFC 5545 §3.8.5.
 */

import { quoteForError } from '../errors.ts'
import {
  type CalendarTime,
  dateTimeText,
  readTimes,
  type TimeContext,
  toCalendarTime,
  type ZonedTime,
} from './calendar-time.ts'
import type { Component } from './component.ts'
import { DAY, isoDateTime, parseDateTime } from './date-time.ts'
import type { CalendarLimits } from './limits.ts'
import { parseRecurrenceRule, type RecurrenceRule } from './recurrence.ts'

/** How an event recurs. */
export interface CalendarSeries {
  /**
   * The CRM's word for it: by the frequency of the rule; `Custom` for single dates, and for frequencies below a day;
   * `Unknown` for a rule that cannot be read.
   */
  readonly pattern: 'Unknown' | 'Daily' | 'Weekly' | 'Monthly' | 'Yearly' | 'Custom'
  /** Undefined without RRULE, or where it cannot be read. */
  readonly rule: RecurrenceRule | undefined
  /** RRULE as written; `''` for none. */
  readonly ruleText: string
  /** The last instant at which an occurrence may start, ISO 8601 with offset; undefined where the rule has no UNTIL. */
  readonly until: string | undefined
  /** RDATE. */
  readonly additionalDates: readonly CalendarTime[]
  /** EXDATE: starts that are left out. */
  readonly exceptions: readonly CalendarTime[]
}

/** Reads how an event recurs; undefined where it does not. An instance does not recur, the series it belongs to does. */
export function readSeries(
  event: Component,
  start: ZonedTime | undefined,
  context: TimeContext,
  limits: CalendarLimits,
): CalendarSeries | undefined {
  if (!event.has('RRULE') && !event.has('RDATE')) return undefined
  const ruleText = event.value('RRULE')
  const rule = event.has('RRULE') ? parseRecurrenceRule(ruleText) : undefined
  if (event.has('RRULE') && rule === undefined) context.warn('CALENDAR_RULE_INVALID', quoteForError(ruleText))
  return {
    pattern: patternOf(event.has('RRULE'), rule),
    rule,
    ruleText,
    until: rule?.until === undefined || start === undefined ? undefined : readUntil(rule.until, start),
    additionalDates: readTimes(event.all('RDATE'), context, limits.dates).map(toCalendarTime),
    exceptions: readTimes(event.all('EXDATE'), context, limits.dates).map(toCalendarTime),
  }
}

function patternOf(hasRule: boolean, rule: RecurrenceRule | undefined): CalendarSeries['pattern'] {
  if (!hasRule) return 'Custom'
  switch (rule?.frequency) {
    case undefined:
      return 'Unknown'
    case 'Daily':
    case 'Weekly':
    case 'Monthly':
    case 'Yearly':
      return rule.frequency
    default:
      return 'Custom'
  }
}

/**
 * QUIRK: UNTIL has to be of the type of DTSTART (RFC 5545 §3.3.10). A DATE with a timed start is meant to include that
 * day; a time without zone is one in the zone of the start.
 */
function readUntil(until: string, start: ZonedTime): string {
  const { local, isDate, offset } = parseDateTime(until)!
  if (offset !== undefined && start.kind !== 'date') {
    const instant = local - offset * 1000
    const own = start.zone.offsetAtInstant(instant)
    return isoDateTime(instant + own * 1000, own)
  }
  const last = start.kind === 'date' ? Math.floor(local / DAY) * DAY : isDate ? local + DAY - 1000 : local
  return dateTimeText({ ...start, local: last, offset: start.zone.offsetAt(last) })
}
