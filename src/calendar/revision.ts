/**
 * Revisions: which of two messages about an appointment is newer. RFC 5546 §2.1.5.
 */
import type { Component } from './component.ts'
import { parseDateTime } from './date-time.ts'

/** The largest INTEGER: RFC 5545 §3.3.8. */
export const MAX_SEQUENCE = 0x7fffffff

/** What the order of messages about an appointment depends on; small enough to store with the appointment. */
export interface CalendarRevision {
  readonly uid: string
  /**
   * Start of the instance that is meant: ISO 8601 with offset; of a whole day the date alone, of a floating time the
   * clock time without offset. `''` or missing for the whole appointment.
   */
  readonly recurrenceId?: string | null | undefined
  /** SEQUENCE: the number of the revision. */
  readonly sequence: number
  /** When the message was made, ISO 8601; `''` or missing where it does not say. */
  readonly dtstamp?: string | null | undefined
}

/**
 * Whether a newer revision of the same appointment is known.
 *
 * The same appointment means UID and instance. The higher SEQUENCE is newer, and with the same SEQUENCE the later
 * DTSTAMP, where both have one.
 */
export function isSuperseded(revision: CalendarRevision, known: readonly CalendarRevision[]): boolean {
  return known.some(
    other =>
      other.uid === revision.uid &&
      isSameInstance(other.recurrenceId, revision.recurrenceId) &&
      (other.sequence > revision.sequence ||
        (other.sequence === revision.sequence && isLater(other.dtstamp, revision.dtstamp))),
  )
}

/** A time of ISO 8601 that says its offset. */
const WITH_OFFSET = /T[\d:.,]{1,40}(?:Z|[+-]\d\d:?\d\d)$/i

/** Instants are compared as such, dates and floating times as text: their offset would be that of the machine. */
function isSameInstance(one: string | null | undefined, other: string | null | undefined): boolean {
  if ((one ?? '') === (other ?? '')) return true
  return !!one && !!other && WITH_OFFSET.test(one) && WITH_OFFSET.test(other) && Date.parse(one) === Date.parse(other)
}

function isLater(one: string | null | undefined, other: string | null | undefined): boolean {
  return !!one && !!other && Date.parse(one) > Date.parse(other)
}

/**
 * SEQUENCE of an event; 0 where it has none that can be read.
 *
 * As in Thunderbird, the one that Exchange counts for itself stands in for a missing SEQUENCE or 0.
 */
export function readSequence(event: Component): number {
  return sequenceOf(event.value('SEQUENCE')) || sequenceOf(event.value('X-MICROSOFT-CDO-APPT-SEQUENCE'))
}

function sequenceOf(value: string): number {
  // A number beyond the largest is that one: as 0 it would be older than all.
  return /^\+?\d+$/.test(value) ? Math.min(Number(value), MAX_SEQUENCE) : 0
}

/** DTSTAMP of an event as ISO 8601 in UTC; `''` where it has none that can be read. */
export function readStamp(event: Component): string {
  const written = parseDateTime(event.value('DTSTAMP'))
  if (written === undefined) return ''
  return `${new Date(written.local - (written.offset ?? 0) * 1000).toISOString().slice(0, 19)}Z`
}
