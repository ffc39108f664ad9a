/**
 * What a VEVENT has to have, may have and must not have in each method: RFC 5546 §3.2.1 to §3.2.8, with what Exchange
 * asks for beyond it (MS-OXCICAL: a REPLY and a COUNTER have one ATTENDEE).
 *
 * THE table of ./compose.ts. A new method is a name in ./method.ts and a row here.
 */
import type { KnownMethod } from './method.ts'

/**
 * How a method takes a property.
 *
 * `omitted`: forbidden, and left out where the input has it, since the input is an appointment that has everything.
 * `refused`: forbidden, and an error, since leaving it out would say something else.
 */
export type Need = 'required' | 'optional' | 'omitted' | 'refused'

export interface MethodRules {
  /** `all` of the input, at least one; `any` of the input; `self`, who sends the message; `none`. */
  readonly attendees: 'all' | 'any' | 'self' | 'none'
  /**
   * SEQUENCE: the `given` number; the `next` one, since RFC 5546 §2.1.4 has the organizer count on; a given one above 0
   * (`positive`); or `none`.
   */
  readonly sequence: 'given' | 'next' | 'positive' | 'none'
  /** DTSTART, DTEND and SUMMARY; SUMMARY may be empty. */
  readonly times: Need
  readonly recurrenceId: Need
  /** RRULE, RDATE, EXDATE. */
  readonly recurrence: Need
  /** DESCRIPTION, LOCATION, CLASS, TRANSP and the like: in an answer they are the organizer's, and not repeated. */
  readonly details: Need
  readonly alarm: Need
  /** STATUS; `''` for none. */
  readonly status: 'CONFIRMED' | 'CANCELLED' | ''
  /** Whether a copy in application/ics goes along by default: where a person may want to open it as a file. */
  readonly attachIcs: boolean
}

export const METHOD_RULES: Readonly<Record<KnownMethod, MethodRules>> = {
  Publish: {
    attendees: 'none',
    sequence: 'given',
    times: 'required',
    recurrenceId: 'optional',
    recurrence: 'optional',
    details: 'optional',
    alarm: 'optional',
    status: 'CONFIRMED',
    attachIcs: true,
  },
  Request: {
    attendees: 'all',
    sequence: 'given',
    times: 'required',
    recurrenceId: 'optional',
    recurrence: 'optional',
    details: 'optional',
    alarm: 'optional',
    status: 'CONFIRMED',
    attachIcs: true,
  },
  Reply: {
    attendees: 'self',
    sequence: 'given',
    times: 'optional',
    recurrenceId: 'optional',
    recurrence: 'omitted',
    details: 'omitted',
    alarm: 'omitted',
    status: '',
    attachIcs: false,
  },
  Add: {
    attendees: 'any',
    sequence: 'positive',
    times: 'required',
    recurrenceId: 'refused',
    recurrence: 'refused',
    details: 'optional',
    alarm: 'optional',
    status: 'CONFIRMED',
    attachIcs: false,
  },
  Cancel: {
    attendees: 'any',
    sequence: 'next',
    times: 'optional',
    recurrenceId: 'optional',
    recurrence: 'optional',
    details: 'optional',
    alarm: 'omitted',
    status: 'CANCELLED',
    attachIcs: true,
  },
  Refresh: {
    attendees: 'self',
    sequence: 'none',
    times: 'omitted',
    recurrenceId: 'optional',
    recurrence: 'omitted',
    details: 'omitted',
    alarm: 'omitted',
    status: '',
    attachIcs: false,
  },
  Counter: {
    attendees: 'self',
    sequence: 'given',
    times: 'required',
    recurrenceId: 'optional',
    recurrence: 'optional',
    details: 'optional',
    alarm: 'omitted',
    status: '',
    attachIcs: false,
  },
  DeclineCounter: {
    attendees: 'all',
    sequence: 'given',
    times: 'optional',
    recurrenceId: 'optional',
    recurrence: 'optional',
    details: 'omitted',
    alarm: 'omitted',
    status: '',
    attachIcs: false,
  },
}
