/**
 * Composing calendar messages (iTIP, RFC 5546): what goes into the text/calendar part of an iMIP message (RFC 6047).
 *
 * Which properties a method has is in ./itip.ts. Where the part stands in a message is the message layer's business.
 */
import { wellFormed } from '../codec/charset-table.ts'
import { mimeError, quoteForError, throwProblems } from '../errors.ts'
import { type CalendarInput, InputCheck } from './calendar-input.ts'
import { formatProperty } from './content-line-writer.ts'
import { type EventContext, formatEvent, type TimeStyle } from './event-writer.ts'
import { METHOD_RULES, type MethodRules } from './itip.ts'
import { formatMethod, type KnownMethod } from './method.ts'
import { MAX_SEQUENCE } from './revision.ts'
import { UTC } from './time-zone.ts'
import { findZone } from './tzid.ts'
import { formatVtimezone } from './vtimezone-writer.ts'

/** RFC 5545 §3.7.3: who made the calendar. */
const PRODUCT = '-//mimecal//mimecal//EN'

/** A calendar, ready to be sent. */
export interface ComposedCalendar {
  /** Lines of at most 75 octets in UTF-8, each ended by CRLF. */
  readonly ics: string
  readonly method: KnownMethod
  /** Content-Type of the part, whose method has to be that of the calendar: RFC 6047 §2.4. */
  readonly contentType: string
  /** SEQUENCE that was written, a number to be kept with the appointment; undefined where the method has none. */
  readonly sequence: number | undefined
  /** Whether a copy as `invite.ics` in application/ics should go along. */
  readonly attachIcs: boolean
}

/**
 * Composes the calendar of an invitation, an answer, a cancellation or any other method.
 *
 * A single appointment is written in UTC, a series with the zone of the input and a VTIMEZONE, whole days as dates,
 * `floating` times as clock times. In a series, a start in the second of two equal hours is written as the first, since
 * RFC 5545 cannot say it.
 *
 * @throws {MimeError} with every problem of the input: CALENDAR_METHOD, VALUE_INVALID, TYPE_INVALID, DATE_INVALID,
 *   ADDRESS_MISSING, ADDRESS_INVALID, HEADER_INJECTION
 */
export function composeCalendar(input: CalendarInput): ComposedCalendar {
  if (typeof input !== 'object' || input === null) throw mimeError('TYPE_INVALID', '', 'the input must be an object')
  const { method } = input
  if (typeof method !== 'string' || !Object.hasOwn(METHOD_RULES, method)) {
    throw mimeError('VALUE_INVALID', 'method', `${quoteForError(method)} is no method that can be sent`)
  }
  const rules = METHOD_RULES[method]
  const check = new InputCheck()
  const appointment = check.object('appointment', input.appointment)
  const style = timeStyle(input, appointment.IsAlldayEvent === true, rules, check)
  const sequence = sequenceOf(input, rules, check)
  if (rules.recurrenceId === 'refused' && input.recurrenceId) {
    check.problem('CALENDAR_METHOD', 'recurrenceId', `${method} must not have one`)
  }
  if (input.cancel !== undefined && input.cancel !== 'appointment' && input.cancel !== 'attendees') {
    check.problem('VALUE_INVALID', 'cancel', 'must be "appointment" or "attendees"')
  }
  for (const key of ['floating', 'thisAndFuture'] as const) {
    const flag: unknown = input[key]
    if (flag !== undefined && typeof flag !== 'boolean') check.problem('TYPE_INVALID', key, 'must be true or false')
  }
  const context: EventContext = { input, appointment, rules, check, style, sequence }
  const event = formatEvent(context)
  throwProblems(check.problems)
  const ics = [
    'BEGIN:VCALENDAR\r\n',
    formatProperty('PRODID', PRODUCT),
    formatProperty('VERSION', '2.0'),
    formatProperty('CALSCALE', 'GREGORIAN'),
    formatProperty('METHOD', formatMethod(method)),
    vtimezone(context),
    event,
    'END:VCALENDAR\r\n',
  ].join('')
  return {
    ics: wellFormed(ics),
    method,
    contentType: `text/calendar; charset=utf-8; method=${formatMethod(method)}`,
    sequence,
    attachIcs: rules.attachIcs,
  }
}

function timeStyle(input: CalendarInput, isAllDay: boolean, rules: MethodRules, check: InputCheck): TimeStyle {
  const tzid = check.line('zone', input.zone).trim()
  const zone = tzid === '' ? UTC : findZone(tzid)
  if (zone === undefined) {
    check.problem('VALUE_INVALID', 'zone', `${quoteForError(tzid)} is no time zone that the platform knows`)
    return { kind: 'utc', zone: UTC, tzid }
  }
  if (isAllDay) return { kind: 'date', zone, tzid }
  if (input.floating === true) return { kind: 'floating', zone: UTC, tzid: '' }
  const isSeries = (input.recurrence != null && rules.recurrence === 'optional') || !!input.recurrenceId
  // UTC needs no VTIMEZONE: RFC 5545 §3.2.19.
  return { kind: isSeries && zone !== UTC ? 'zoned' : 'utc', zone, tzid }
}

function sequenceOf(
  { method, sequence = 0 }: CalendarInput,
  rules: MethodRules,
  check: InputCheck,
): number | undefined {
  const most = rules.sequence === 'next' ? MAX_SEQUENCE - 1 : MAX_SEQUENCE
  if (!Number.isInteger(sequence) || sequence < 0 || sequence > most) {
    check.problem('VALUE_INVALID', 'sequence', `must be a whole number from 0 to ${most}`)
    return 0
  }
  if (rules.sequence === 'none') return undefined
  if (rules.sequence === 'positive' && sequence === 0) {
    check.problem('CALENDAR_METHOD', 'sequence', `${method} needs a sequence above 0`)
  }
  return rules.sequence === 'next' ? sequence + 1 : sequence
}

/** The zone of the times, where a time names one: every TZID needs its VTIMEZONE (RFC 5545 §3.2.19). */
function vtimezone({ input, appointment, rules, check, style }: EventContext): string {
  if (style.kind !== 'zoned') return ''
  const start = rules.times === 'omitted' ? undefined : check.time('', appointment.StartDate, style.zone)
  const time = start ?? check.time('', input.recurrenceId, style.zone)
  return time === undefined ? '' : formatVtimezone(style.tzid, style.zone, time.instant)
}
