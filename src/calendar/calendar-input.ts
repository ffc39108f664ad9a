/**
 * What a calendar message is composed from, and how its values are checked: every problem is collected, with its path.
 */
import type { CalReplyStatus } from '../entity/entity.ts'
import { type MimeErrorCode, type Problem, quoteForError } from '../errors.ts'
import { isCalAddress } from './cal-address.ts'
import { DAY, MAX_TIME, MIN_TIME, parseDateTime, type WrittenTime } from './date-time.ts'
import type { KnownMethod } from './method.ts'
import type { RecurrenceRule } from './recurrence.ts'
import type { Zone } from './time-zone.ts'

/**
 * A time: an instant, or ISO 8601 text.
 *
 * Text with an offset is an instant; without one it is a clock time in the `zone` of the input, in UTC where there is
 * none. Of a whole day the date counts.
 */
export type TimeInput = Date | string

/** An appointment to write; an `AppointmentEntity` is one. Null and undefined mean that it has none. */
export interface AppointmentInput {
  readonly StartDate?: TimeInput | null | undefined
  /** Exclusive; of an all-day appointment as `allDayEnd` says. Without it the appointment has no length, or is one day. */
  readonly EndDate?: TimeInput | null | undefined
  /** Its first line stands in for a missing Title; for a missing Agenda what is left of it without the title. */
  readonly Description?: string | null | undefined
  readonly Title?: string | null | undefined
  readonly Agenda?: string | null | undefined
  readonly Location?: string | null | undefined
  readonly IsAlldayEvent?: boolean | null | undefined
  /** Anything but `Public` is written as CLASS:PRIVATE. */
  readonly Private?: string | null | undefined
  readonly IsFree?: boolean | null | undefined
  readonly HasAlarm?: boolean | null | undefined
  /** A time span, `00:15:00`, or a number of minutes. */
  readonly AlarmLeadTime?: string | number | null | undefined
  /** An https URL. */
  readonly JoinVideomeetUrl?: string | null | undefined
  /** Text is written as CATEGORIES; anything else is the CRM's and stays there. */
  readonly Task?: unknown
}

/** An organizer; a `CalendarUser` that was read is one. */
export interface CalendarUserInput {
  readonly address: string
  readonly name?: string | null | undefined
  /** Address of who acts for the user. */
  readonly sentBy?: string | null | undefined
}

/** An attendee; a `CalendarAttendee` that was read is one. */
export interface CalendarAttendeeInput extends CalendarUserInput {
  /** Default REQ-PARTICIPANT. */
  readonly role?: string | null | undefined
  /** Default INDIVIDUAL. */
  readonly userType?: string | null | undefined
  /** Default NEEDS-ACTION. */
  readonly partStat?: string | null | undefined
  /** Default true. */
  readonly rsvp?: boolean | null | undefined
}

/** Who answers, and what. */
export interface ReplyInput extends CalendarUserInput {
  /** Needed in a REPLY; a COUNTER is always Tentative, as Exchange wants it. */
  readonly status?: Exclude<CalReplyStatus, 'Unknown'> | null | undefined
  readonly comment?: string | null | undefined
}

/** How an appointment recurs. */
export interface RecurrenceInput {
  /** A rule, or the text of one: `FREQ=WEEKLY;BYDAY=MO`. What RFC 5545 §3.3.10 forbids is read, and not written. */
  readonly rule?: RecurrenceRule | string | null | undefined
  /** RDATE. Outlook takes none without a rule. */
  readonly additionalDates?: readonly TimeInput[] | null | undefined
  /** EXDATE: starts of occurrences that are left out. */
  readonly exceptions?: readonly TimeInput[] | null | undefined
}

/** What {@link composeCalendar} writes. */
export interface CalendarInput {
  readonly method: KnownMethod
  /** The same in every message about the appointment; best a random UUID (RFC 7986 §5.3). */
  readonly uid: string
  /**
   * SEQUENCE that the appointment has: 0 when it is new; one more after each change of its time or recurrence, or of
   * whatever makes attendees decide anew (RFC 5546 §2.1.4). An answer repeats that of the invitation. Default 0.
   *
   * CANCEL writes the next number by itself.
   */
  readonly sequence?: number | undefined
  /** When the message is made. Default: the clock. */
  readonly now?: Date | string | undefined
  readonly appointment?: AppointmentInput | null | undefined
  readonly organizer: CalendarUserInput
  readonly attendees?: readonly CalendarAttendeeInput[] | null | undefined
  /** Who sends a REPLY, COUNTER or REFRESH. */
  readonly replyAs?: ReplyInput | null | undefined
  /** COMMENT of the organizer; that of an attendee is in `replyAs`. */
  readonly comment?: string | null | undefined
  /**
   * What a CANCEL cancels: the `appointment` (or the instance of it, with `recurrenceId`), or the invitation of those
   * `attendees` alone. Default `appointment`.
   */
  readonly cancel?: 'appointment' | 'attendees' | undefined
  /** Original start of the one instance of a series that the message is about. */
  readonly recurrenceId?: TimeInput | null | undefined
  /** Whether all instances after that one are meant too: RANGE=THISANDFUTURE, RFC 5545 §3.2.13. Default false. */
  readonly thisAndFuture?: boolean | undefined
  readonly recurrence?: RecurrenceInput | null | undefined
  /**
   * IANA or Windows name of the appointment's zone, written as it is. A series needs one, to keep its clock time when
   * DST changes; without it, and without a series, times are in UTC.
   */
  readonly zone?: string | null | undefined
  /**
   * Whether times are the same clock times wherever the reader is: RFC 5545 §3.3.5, form 1. The clock time of the input
   * is written as it stands, without `zone`. Default false; of whole days it says nothing.
   */
  readonly floating?: boolean | undefined
  /** What EndDate of an all-day appointment is; as in reading. Default `exclusive`. */
  readonly allDayEnd?: 'exclusive' | 'inclusive' | undefined
}

/** Collects what is wrong. */
export class InputCheck {
  readonly problems: Problem[] = []

  problem(code: MimeErrorCode, path: string, message: string): void {
    this.problems.push({ code, path, message })
  }

  /** Text without controls but line breaks and tabs; `''` where it is missing or wrong. */
  text(path: string, value: unknown): string {
    if (value === undefined || value === null) return ''
    if (typeof value !== 'string') {
      this.problem('TYPE_INVALID', path, `must be text, not ${typeof value}`)
    } else if (/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(value)) {
      this.problem('HEADER_INJECTION', path, `${quoteForError(value)} has a control character`)
    } else {
      return value
    }
    return ''
  }

  /** Text of one line. */
  line(path: string, value: unknown): string {
    const text = this.text(path, value)
    if (!/[\r\n]/.test(text)) return text
    this.problem('HEADER_INJECTION', path, `${quoteForError(text)} has a line break`)
    return ''
  }

  /** iana-token: RFC 5545 §3.1. */
  token(path: string, value: unknown, missing: string): string {
    const text = this.line(path, value) || missing
    if (/^[A-Za-z0-9-]+$/.test(text)) return text.toUpperCase()
    this.problem('VALUE_INVALID', path, `${quoteForError(text)} is no token (RFC 5545 §3.1)`)
    return missing
  }

  /** A mail address; `''` where it is missing or wrong. */
  address(path: string, value: unknown): string {
    const text = this.line(path, value)
    if (text === '' || isCalAddress(text)) return text
    this.problem('ADDRESS_INVALID', path, `${quoteForError(text)} is no mail address`)
    return ''
  }

  /** The object, or an empty one where it is missing or wrong. */
  object<T extends object>(path: string, value: T | null | undefined): Partial<T> {
    if (value === undefined || value === null) return {}
    if (typeof value === 'object' && !Array.isArray(value)) return value
    this.problem('TYPE_INVALID', path, 'must be an object')
    return {}
  }

  list<T>(path: string, value: readonly T[] | null | undefined): readonly T[] {
    if (value === undefined || value === null) return []
    if (Array.isArray(value)) return value as readonly T[]
    this.problem('TYPE_INVALID', path, 'must be a list')
    return []
  }

  /**
   * The time; undefined where it is missing or wrong.
   *
   * @param zone for text without an offset
   */
  time(path: string, value: unknown, zone: Zone): InputTime | undefined {
    if (value === undefined || value === null || value === '') return undefined
    const written =
      value instanceof Date ? writtenInUtc(value) : typeof value === 'string' ? parseDateTime(value) : undefined
    if (written === undefined) {
      this.problem('DATE_INVALID', path, `${quoteForError(String(value))} is no date`)
      return undefined
    }
    const { local, isDate } = written
    const offset = written.offset ?? zone.offsetAt(local)
    return { instant: local - offset * 1000, local, isDate }
  }
}

/** An instant as a clock in UTC shows it; undefined outside of the years 1 to 9999, and for an invalid Date. */
function writtenInUtc(date: Date): WrittenTime | undefined {
  const time = date.getTime()
  if (!(time > MIN_TIME + DAY && time < MAX_TIME - DAY)) return undefined
  return { local: Math.floor(time / 1000) * 1000, isDate: false, offset: 0 }
}

/** A time of the input. */
export interface InputTime {
  /** Milliseconds since 1970. */
  readonly instant: number
  /** The clock time as written, in milliseconds. */
  readonly local: number
  /** True for a date without time. */
  readonly isDate: boolean
}
