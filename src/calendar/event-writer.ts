/**
 * Appointment to VEVENT: RFC 5545 §3.6.1, as far as the rules of the method let it. The way back is in ./appointment.ts.
 */
import { parseTimeSpan } from './alarm.ts'
import { formatCalAddress } from './cal-address.ts'
import type { AppointmentInput, CalendarAttendeeInput, CalendarInput, InputCheck, InputTime, TimeInput } from './calendar-input.ts'
import { formatProperty, type ParameterInput } from './content-line-writer.ts'
import { DAY, formatDate, formatDuration, formatLocalDateTime, formatUtcDateTime, parseDateTime } from './date-time.ts'
import type { MethodRules } from './itip.ts'
import { formatRecurrenceRule, parseRecurrenceRule, type RecurrenceRule } from './recurrence.ts'
import { formatText } from './text.ts'
import type { Zone } from './time-zone.ts'

/** How the times of the event are written. */
export interface TimeStyle {
  /** `utc` for a single event, `zoned` for a series with a zone, `date` for whole days. */
  readonly kind: 'utc' | 'zoned' | 'date'
  readonly zone: Zone
  /** As the caller gave it; `''` unless `zoned`. */
  readonly tzid: string
}

/** DTSTART and the like: `value` in milliseconds, of the clock in the style's zone unless the style is `utc`. */
interface WrittenTime {
  readonly value: number
}

/** Writes the properties of one VEVENT. */
export class EventWriter {
  readonly #input: CalendarInput
  readonly #rules: MethodRules
  readonly #check: InputCheck
  readonly #style: TimeStyle
  #out = ''

  constructor(input: CalendarInput, rules: MethodRules, check: InputCheck, style: TimeStyle) {
    this.#input = input
    this.#rules = rules
    this.#check = check
    this.#style = style
  }
}
