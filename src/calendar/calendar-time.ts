/**
 * Times of an event: DTSTART, DTEND, RECURRENCE-ID and the like with their zones. RFC 5545 §3.3.4, §3.3.5, §3.2.19.
 */
import { quoteForError } from '../errors.ts'
import { DAY, type Duration, isoDateTime, localText, MAX_TIME, MIN_TIME, parseDateTime } from './date-time.ts'
import { listedValues } from './limits.ts'
import type { Property } from './property.ts'
import { UTC, type Zone } from './time-zone.ts'
import type { ZoneResolver } from './tzid.ts'
import type { Warn } from './warning.ts'

/** A point in time as a calendar has it. */
export interface CalendarTime {
  /** `date` is a whole day; `floating` is the same clock time wherever the reader is. */
  readonly kind: 'utc' | 'zoned' | 'floating' | 'date'
  /** The clock time as written: `2026-08-12T10:00:00`, or `2026-08-12` of a whole day. */
  readonly local: string
  /**
   * ISO 8601 with the offset of its zone. Of a whole day its first midnight in the reader's zone; that zone stands in
   * for the missing one of a floating time too.
   */
  readonly dateTime: string
  /** TZID as written; undefined where there is none. */
  readonly tzid: string | undefined
  /** IANA name of the zone; undefined where it has none. */
  readonly zone: string | undefined
}

/** A time while it is worked with. */
export interface ZonedTime {
  readonly kind: CalendarTime['kind']
  /** Wall clock milliseconds. */
  readonly local: number
  /** Seconds east of UTC: a clock time that occurs twice is told by it. */
  readonly offset: number
  readonly zone: Zone
  readonly tzid: string | undefined
}

/** How times are read: the zones of the calendar, and the zone of whoever reads it. */
export interface TimeContext {
  readonly resolver: ZoneResolver
  /** For floating times and whole days. */
  readonly readerZone: Zone
  readonly warn: Warn
}

/** Reads the time of a property; undefined where there is none, or none that can be read. */
export function readTime(property: Property | undefined, context: TimeContext): ZonedTime | undefined {
  return property === undefined ? undefined : readTimeText(property.value, property, context)
}

/** Reads the times of properties that have lists of them, EXDATE or RDATE: at most `max`. Of a PERIOD its start. */
export function readTimes(properties: readonly Property[], context: TimeContext, max: number): ZonedTime[] {
  const times: ZonedTime[] = []
  for (const [text, property] of listedValues(properties, max, context.warn)) {
    if (text.trim() === '') continue
    const slash = text.indexOf('/')
    const time = readTimeText(slash === -1 ? text : text.slice(0, slash), property, context)
    if (time !== undefined) times.push(time)
  }
  return times
}

/**
 * QUIRK: a TZID with a colon in it has to be quoted, and is not: `DTSTART;TZID=(UTC+01:00) Oslo:20250226T080000` has
 * its value after the last colon.
 */
const STRAY_TZID = /^(.{0,200}):(\d{8}(?:T\d{6}Z?)?)$/s

function readTimeText(
  text: string,
  property: Property,
  { resolver, readerZone, warn }: TimeContext,
): ZonedTime | undefined {
  let tzid = property.parameters.get('tzid')
  let value = text
  const stray = tzid === undefined ? null : STRAY_TZID.exec(text)
  if (stray !== null) {
    tzid = `${tzid}:${stray[1]}`
    value = stray[2]!
  }
  const written = parseDateTime(value)
  if (written === undefined) {
    warn('CALENDAR_INVALID', `${property.name}:${quoteForError(value)}`)
    return undefined
  }
  const { local, offset } = written
  if (written.isDate || property.parameters.get('value')?.toUpperCase() === 'DATE') {
    return atLocal('date', Math.floor(local / DAY) * DAY, readerZone)
  }
  // RFC 5545 §3.2.19: TZID must not stand beside UTC. Where it does, the letter Z counts.
  if (offset !== undefined) {
    return atLocal('utc', local - offset * 1000, UTC)
  }
  if (tzid === undefined || tzid.trim() === '') return atLocal('floating', local, readerZone)
  const zone = resolver.resolve(tzid)
  return zone === undefined ? atLocal('floating', local, readerZone, tzid) : atLocal('zoned', local, zone, tzid)
}

function atLocal(kind: ZonedTime['kind'], local: number, zone: Zone, tzid?: string): ZonedTime {
  return { kind, local, offset: zone.offsetAt(local), zone, tzid }
}

/** Milliseconds since 1970 in UTC. */
export function instantOf({ local, offset }: ZonedTime): number {
  return local - offset * 1000
}

/** The time a duration later: days by the calendar, then seconds by the clock. RFC 5545 §3.3.6. */
export function addDuration(time: ZonedTime, { days, seconds }: Duration): ZonedTime {
  const { kind, zone, tzid } = time
  const wholeDays = kind === 'date' ? days + Math.ceil((seconds * 1000) / DAY) : days
  const start = wholeDays === 0 ? time : atLocal(kind, clamp(time.local + wholeDays * DAY), zone, tzid)
  if (kind === 'date' || seconds === 0) return start
  const instant = clamp(instantOf(start) + seconds * 1000)
  const offset = zone.offsetAtInstant(instant)
  return { kind, local: instant + offset * 1000, offset, zone, tzid }
}

/** The midnight of the day, for a whole day. */
export function atMidnight(time: ZonedTime, zone: Zone): ZonedTime {
  return atLocal('date', Math.floor(time.local / DAY) * DAY, zone)
}

/** Far enough from the edge of four-digit years for every offset. */
function clamp(time: number): number {
  return Math.min(Math.max(time, MIN_TIME + DAY), MAX_TIME - DAY)
}

/** ISO 8601 with offset. */
export function dateTimeText({ local, offset }: ZonedTime): string {
  return isoDateTime(local, offset)
}

/** The time as it is given to users. */
export function toCalendarTime(time: ZonedTime): CalendarTime {
  const local = localText(time.local)
  return {
    kind: time.kind,
    local: time.kind === 'date' ? local.slice(0, 10) : local,
    dateTime: dateTimeText(time),
    tzid: time.tzid,
    zone: time.kind === 'zoned' || time.kind === 'utc' ? time.zone.iana : undefined,
  }
}
