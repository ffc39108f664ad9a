/**
 * The answer to an invitation: REPLY of RFC 5546 §3.2.3, in a message to the organizer.
 */
import {
  type CalendarAppointment,
  type CalendarInput,
  type CalendarTime,
  type ComposedCalendar,
  composeCalendar,
  readAppointment,
} from '../calendar/index.ts'
import {
  type CalReplyStatus,
  type EMailAddress,
  type EMailAddressInput,
  type EMailEntity,
  emptyAddress,
  emptyEntity,
} from '../entity/entity.ts'
import { mimeError } from '../errors.ts'
import { checkOption, checkOptions } from '../option.ts'
import type { ParsedMessage } from './extract.ts'
import { addressOf, isParsed, oneLine } from './quote.ts'
import { replyTo } from './reply.ts'

/** How to answer an invitation. */
export interface InvitationReplyOptions {
  readonly status: Exclude<CalReplyStatus, 'Unknown'>
  /** Who answers: the attendee, or who acts for one (SENT-BY). Somebody who was not invited may answer too. */
  readonly from: EMailAddressInput
  /** What the organizer is to read: COMMENT of the calendar, and below the first line of the text. */
  readonly comment?: string | undefined
  /** When the answer is made. Default: the clock. */
  readonly now?: (() => Date | string) | undefined
}

/** The answer; `composeMessage(entity, { calendar })` makes the message. */
export interface InvitationReply {
  readonly entity: EMailEntity
  readonly calendar: ComposedCalendar
}

/** What the text says was done. */
const DONE: Readonly<Record<InvitationReplyOptions['status'], string>> = {
  Accepted: 'accepted',
  Declined: 'declined',
  Tentative: 'tentatively accepted',
}

/**
 * Answers an invitation: a REPLY to its organizer, with the one attendee who answers, and with UID, SEQUENCE and
 * RECURRENCE-ID of the invitation.
 *
 * The answer to a series is for the whole of it; of an invitation to single instances the first one is answered.
 *
 * @throws {MimeError} CALENDAR_METHOD where the message is no invitation, or names no organizer; TYPE_INVALID,
 *   VALUE_INVALID, ADDRESS_MISSING, OPTION_INVALID, and what `composeCalendar` throws
 */
export function replyToInvitation(source: ParsedMessage, options: InvitationReplyOptions): InvitationReply {
  if (typeof source !== 'object' || source === null || !isParsed(source)) {
    throw mimeError('TYPE_INVALID', '', 'the source must be a parsed message')
  }
  checkOptions(options)
  checkOption('now', options.now, 'function')
  const { status, comment = '' } = options
  if (!Object.hasOwn(DONE, status)) {
    throw mimeError('VALUE_INVALID', 'status', 'must be Accepted, Declined or Tentative')
  }
  if (typeof comment !== 'string') throw mimeError('TYPE_INVALID', 'comment', `must be text, not ${typeof comment}`)
  const from = addressOf(options.from)
  if (from === null || from.Address === '') throw mimeError('ADDRESS_MISSING', 'from.Address', 'must not be empty')
  const invitation = readInvitation(source)
  const { organizer, appointment } = invitation
  if (organizer === undefined || organizer.address === '') {
    throw mimeError('CALENDAR_METHOD', '', 'the invitation names no organizer to answer to')
  }
  const attendee = attendeeOf(invitation, from.Address)
  const calendar = composeCalendar({
    method: 'Reply',
    uid: invitation.uid,
    sequence: appointment.Sequence,
    now: options.now?.(),
    organizer,
    replyAs: { ...attendee, name: attendee.name || from.Name, status, comment },
    ...timesOf(invitation),
  })
  const { InReplyTo, CustomHeaderList } = replyTo(source)
  const title = oneLine(appointment.Appointment.Title || source.entity.Subject)
  const who = oneLine(from.Name || from.Address)
  const done = `${who} has ${DONE[status]} the invitation${title === '' ? '' : `: ${title}`}`
  const entity: EMailEntity = {
    ...emptyEntity(),
    From: from,
    To: [recipientOf(source, organizer.address, organizer.name)],
    Subject: `${status}: ${title}`.trimEnd(),
    PlainBody: comment === '' ? `${done}\n` : `${done}\n\n${comment}\n`,
    InReplyTo,
    CustomHeaderList,
    HasCalendarData: true,
    CalMethod: 'Reply',
    CalReplyStatus: status,
  }
  return { entity, calendar }
}

/** @throws {MimeError} CALENDAR_METHOD */
function readInvitation(source: ParsedMessage): CalendarAppointment {
  const invitation = readAppointment(source)
  if (invitation === null) throw mimeError('CALENDAR_METHOD', '', 'no invitation to answer: no appointment')
  const { CalMethod } = invitation.appointment
  // RFC 5546 §3.2.2, §3.2.4: what an attendee answers to.
  if (CalMethod === 'Request' || CalMethod === 'Add') return invitation
  const method = CalMethod === 'Unknown' ? 'no METHOD' : `METHOD ${CalMethod}`
  throw mimeError('CALENDAR_METHOD', '', `no invitation to answer: an appointment with ${method}`)
}

/** Who answers, as the calendar says it. */
interface Answerer {
  readonly address: string
  readonly name: string
  readonly sentBy: string
}

/** The attendee of the address; else the one that somebody with the address acts for; else the address itself. */
function attendeeOf({ attendees }: CalendarAppointment, address: string): Answerer {
  const key = address.toLowerCase()
  const listed = attendees.find(attendee => attendee.address.toLowerCase() === key)
  if (listed !== undefined) return { address: listed.address, name: listed.name, sentBy: '' }
  const represented = attendees.find(attendee => attendee.address !== '' && attendee.sentBy.toLowerCase() === key)
  if (represented !== undefined) return { address: represented.address, name: represented.name, sentBy: address }
  return { address, name: '', sentBy: '' }
}

/** The organizer as a recipient; where the invitation is from there, with what else is known of the address. */
function recipientOf({ entity: { From } }: ParsedMessage, address: string, name: string): EMailAddress {
  if (From === null || From.Address.toLowerCase() !== address.toLowerCase()) return emptyAddress(address, name)
  return { ...From, Name: From.Name || name }
}

/**
 * What the answer repeats of the event, as Exchange and Google do: a calendar that lost it shows it again.
 *
 * In one answer all times are written alike, and RECURRENCE-ID decides: as another time it would be another instance.
 */
function timesOf(invitation: CalendarAppointment): Partial<CalendarInput> {
  const { appointment, start, end, recurrenceId, thisAndFuture } = invitation
  const decisive = recurrenceId ?? start
  const form = decisive && formOf(decisive)
  const repeated = (time: CalendarTime | undefined): string | null =>
    time !== undefined && formOf(time) === form && !isOfUnknownZone(time) ? timeText(time) : null
  return {
    appointment: {
      Title: appointment.Appointment.Title,
      IsAlldayEvent: form === 'date',
      StartDate: repeated(start),
      EndDate: repeated(end),
    },
    recurrenceId: recurrenceId === undefined ? null : timeText(recurrenceId),
    thisAndFuture,
    zone: recurrenceId?.kind === 'zoned' ? recurrenceId.zone : null,
    floating: form === 'floating',
  }
}

function formOf({ kind }: CalendarTime): 'date' | 'floating' | 'instant' {
  return kind === 'date' || kind === 'floating' ? kind : 'instant'
}

/** Without its TZID it would be another time; only RECURRENCE-ID has to be repeated all the same. */
function isOfUnknownZone({ kind, tzid }: CalendarTime): boolean {
  return kind === 'floating' && tzid !== undefined
}

/** A date and a clock time as they are, so that no zone moves them; anything else as an instant. */
function timeText(time: CalendarTime): string {
  return formOf(time) === 'instant' ? time.dateTime : time.local
}
