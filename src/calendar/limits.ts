/**
 * What reading a calendar may cost. Beyond a limit the rest is not read, and a warning CALENDAR_LIMIT says so.
 *
 * Time is linear in what the limits let through: recurrences are never expanded, and time zone rules are looked at for
 * three years only.
 */
import { withDefaults } from '../limit.ts'
import type { Property } from './property.ts'
import type { Warn } from './warning.ts'

/** Limits of the calendar reader; each is a whole number of 0 or more, or Infinity. */
export interface CalendarLimits {
  /** Octets of one calendar part, decoded. Default 1 MiB; an invitation with pictures in its text stays below. */
  readonly partOctets: number
  /** Parts of a message that are looked into. Default 20; an invitation has two. */
  readonly parts: number
  /** Unfolded lines of one part. Default 20,000. */
  readonly lines: number
  /** Characters of a property's name and parameters. Default 16,384: hundreds of addresses in a MEMBER. */
  readonly headLength: number
  /** Nested components. Default 8; RFC 5545 §3.6 has three. */
  readonly depth: number
  /** Events of one part: a series and the instances of it that differ. Default 500. */
  readonly events: number
  /** Attendees of one event. Default 1,000. */
  readonly attendees: number
  /** Dates in RDATE and EXDATE of one event, and of one time zone rule. Default 1,000. */
  readonly dates: number
}

/** Far beyond what calendars in mail have, and still read in less than half a second. */
export const DEFAULT_CALENDAR_LIMITS: CalendarLimits = {
  partOctets: 1024 * 1024,
  parts: 20,
  lines: 20_000,
  headLength: 16_384,
  depth: 8,
  events: 500,
  attendees: 1000,
  dates: 1000,
}

/**
 * The defaults with what the caller sets.
 *
 * @throws {MimeError} OPTION_INVALID where a limit is no whole number of 0 or more (Infinity is allowed)
 */
export function resolveCalendarLimits(limits: Partial<CalendarLimits> | undefined): CalendarLimits {
  return withDefaults(DEFAULT_CALENDAR_LIMITS, limits)
}

/** The most pieces that `split` can be asked for: it takes its limit modulo 2 ** 32, and Infinity for 0. */
const MAX_PIECES = 0xffff_ffff

/**
 * The values of properties that are lists, each with its property: EXDATE, RDATE.
 *
 * @param max how many at most, of all properties together; of those beyond it the warning tells, once
 */
export function* listedValues(
  properties: readonly Property[],
  max: number,
  warn: Warn,
): Generator<readonly [value: string, property: Property]> {
  let left = max
  for (const property of properties) {
    if (property.value.trim() === '') continue
    for (const value of property.value.split(',', Math.min(left + 1, MAX_PIECES))) {
      if (left-- <= 0) return warn('CALENDAR_LIMIT', property.name)
      yield [value, property]
    }
  }
}
