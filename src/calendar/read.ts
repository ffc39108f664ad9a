/**
 * Reading calendar messages (iMIP, RFC 6047): what the list of a mailbox needs, and the whole appointment.
 */
import type { Defect } from '../defect.ts'
import type { CalMethod, CalReplyStatus, EMailAppointment } from '../entity/entity.ts'
import { mimeError, quoteForError } from '../errors.ts'
import { checkOption, checkOptions } from '../option.ts'
import { type CalendarActor, matchActor } from './actor.ts'
import {
  type AppointmentEntity,
  type AppointmentOptions,
  readAppointmentEntity,
  readEventTimes,
} from './appointment.ts'
import { type CalendarAttendee, type CalendarUser, readCalendarUser } from './cal-address.ts'
import { type CalendarTime, dateTimeText, readTime, type TimeContext, toCalendarTime } from './calendar-time.ts'
import { type CalendarLimits, resolveCalendarLimits } from './limits.ts'
import { ATTENDEE_METHODS } from './method.ts'
import type { Property } from './property.ts'
import { readAttendees, replyStatus } from './reply.ts'
import { type CalendarRevision, isSuperseded, readSequence, readStamp } from './revision.ts'
import { type CalendarEvent, selectCalendar } from './selection.ts'
import { type CalendarSeries, readSeries } from './series.ts'
import type { CalendarSource } from './source.ts'
import { parseText } from './text.ts'
import { UTC, type Zone, Zones } from './time-zone.ts'
import { findZone, ZoneResolver } from './tzid.ts'

/** What a message is for a calendar, as the entity has it. */
export interface CalendarSummary {
  /** True where the message has exactly one appointment: one UID in its best calendar part. */
  readonly HasCalendarData: boolean
  /** METHOD of the calendar, else that of Content-Type; `Unknown` without an appointment. */
  readonly CalMethod: CalMethod
  /** The answer of a REPLY. */
  readonly CalReplyStatus: CalReplyStatus
}

const NO_CALENDAR: CalendarSummary = { HasCalendarData: false, CalMethod: 'Unknown', CalReplyStatus: 'Unknown' }

/**
 * Says what a message is for a calendar. Never throws on its content.
 *
 * Time zones, dates and rules are not looked at.
 *
 * @param source a `ParsedMessage`
 * @throws {MimeError} OPTION_INVALID where a limit is no whole number of 0 or more
 */
export function summarizeCalendar(source: CalendarSource, limits?: Partial<CalendarLimits>): CalendarSummary {
  const resolved = resolveCalendarLimits(limits)
  const selection = selectCalendar(source, resolved)
  if (selection === undefined) return NO_CALENDAR
  return {
    HasCalendarData: true,
    CalMethod: selection.method,
    CalReplyStatus: replyStatus(selection, source.entity.From?.Address ?? '', resolved),
  }
}

/** How to read an appointment. */
export interface ReadAppointmentOptions extends AppointmentOptions {
  /**
   * IANA or Windows name of the reader's zone: for whole days, floating times and zones nobody knows. Default UTC.
   */
  readonly zone?: string | undefined
  /** Revisions of appointments that are known, for Superseded. */
  readonly known?: readonly CalendarRevision[] | undefined
  readonly limits?: Partial<CalendarLimits> | undefined
}

/** The appointment of a message. */
export interface CalendarAppointment {
  /** The carrier of the API. */
  readonly appointment: EMailAppointment & { Appointment: AppointmentEntity }
  readonly uid: string
  /** The answer of a REPLY. */
  readonly replyStatus: CalReplyStatus
  readonly start: CalendarTime | undefined
  /** Exclusive. */
  readonly end: CalendarTime | undefined
  /** Original start of the instance that is meant; undefined for the whole appointment. */
  readonly recurrenceId: CalendarTime | undefined
  /** Whether all instances after that one are meant too: RANGE=THISANDFUTURE, RFC 5545 §3.2.13. */
  readonly thisAndFuture: boolean
  readonly organizer: CalendarUser | undefined
  readonly attendees: readonly CalendarAttendee[]
  /** How the appointment recurs; undefined where it does not. */
  readonly recurrence: CalendarSeries | undefined
  /** Whether the message is from whom its method needs. */
  readonly auth: CalendarActor
  /** What to keep, to tell later messages about the appointment from earlier ones. */
  readonly revision: CalendarRevision
  /** What was wrong and survived. Offsets are those of the calendar part. */
  readonly warnings: readonly Defect[]
}

/**
 * Reads the appointment of a message. Never throws on its content.
 *
 * Of a series with changed instances it is the series; of instances alone the first one.
 *
 * @param source a `ParsedMessage`
 * @returns null where the message has no appointment, or more than one: where HasCalendarData is false
 * @throws {MimeError} OPTION_INVALID where the platform does not know the `zone`, or a limit is no number
 */
export function readAppointment(
  source: CalendarSource,
  options: ReadAppointmentOptions = {},
): CalendarAppointment | null {
  checkOptions(options)
  checkOption('zone', options.zone, 'string')
  const limits = resolveCalendarLimits(options.limits)
  const selection = selectCalendar(source, limits)
  if (selection === undefined) return null
  const { method, uid, events, warn, warnings } = selection
  const { component: event, calendar } = mainEvent(events)
  const zones = new Zones()
  const context: TimeContext = {
    resolver: new ZoneResolver(calendar.children('VTIMEZONE'), zones, limits, warn),
    readerZone: readerZone(options.zone, zones),
    warn,
  }
  const from = source.entity.From?.Address ?? ''
  const times = readEventTimes(event, context)
  const instanceProperty = event.only('RECURRENCE-ID')
  const instance = readTime(instanceProperty, context)
  const recurrenceId = instance && toCalendarTime(instance)
  const organizer = organizerOf(event, source, method)
  const attendees = readAttendees({ component: event, warn }, limits)
  const sequence = readSequence(event)
  const revision: CalendarRevision = {
    uid,
    recurrenceId: recurrenceId === undefined ? '' : instanceText(recurrenceId),
    sequence,
    dtstamp: readStamp(event),
  }
  return {
    appointment: {
      Appointment: readAppointmentEntity(event, times, context, options),
      CalMethod: method,
      Participants: participantsOf(organizer, attendees),
      Comment: commentOf(event),
      Sequence: sequence,
      DtStart: times === undefined ? null : dateTimeText(times.start),
      DtEnd: times === undefined ? null : dateTimeText(times.end),
      Superseded: isSuperseded(revision, options.known ?? []),
      TableRight: null,
      FieldProperties: null,
    },
    uid,
    replyStatus: replyStatus(selection, from, limits),
    start: times && toCalendarTime(times.start),
    end: times && toCalendarTime(times.end),
    recurrenceId,
    thisAndFuture: instance !== undefined && isThisAndFuture(instanceProperty),
    organizer,
    attendees,
    recurrence: readSeries(event, times?.start, context, limits),
    auth: matchActor(source, method, event.has('ORGANIZER') ? organizer : undefined, attendees),
    revision,
    warnings,
  }
}

function mainEvent(events: readonly CalendarEvent[]): CalendarEvent {
  return events.find(({ component }) => !component.has('RECURRENCE-ID')) ?? events[0]!
}

function isThisAndFuture(property: Property | undefined): boolean {
  return property?.parameters.get('range')?.trim().toUpperCase() === 'THISANDFUTURE'
}

/** What tells an instance, wherever its reader is: whole days and floating times have no instant of their own. */
function instanceText({ kind, local, dateTime }: CalendarTime): string {
  return kind === 'date' || kind === 'floating' ? local : dateTime
}

function readerZone(name: string | undefined, zones: Zones): Zone {
  if (name === undefined) return UTC
  const zone = findZone(name, zones)
  if (zone === undefined) throw mimeError('OPTION_INVALID', 'zone', `${quoteForError(name)} is no time zone`)
  return zone
}

/**
 * ORGANIZER. QUIRK: a REPLY of Exchange has none; it went to the organizer, so where it has one recipient that is who.
 */
function organizerOf(
  event: CalendarEvent['component'],
  { entity }: CalendarSource,
  method: CalMethod,
): CalendarUser | undefined {
  const property = event.only('ORGANIZER')
  if (property !== undefined) return readCalendarUser(property)
  const [recipient, ...others] = entity.To
  if (!ATTENDEE_METHODS.has(method) || recipient === undefined || others.length > 0) return undefined
  return { address: recipient.Address, name: '', sentBy: '' }
}

/** Addresses in lower-case, each once, the organizer first: `''` stands for an organizer that is not known. */
function participantsOf(organizer: CalendarUser | undefined, attendees: readonly CalendarAttendee[]): string[] {
  if (organizer === undefined && attendees.length === 0) return []
  const participants = new Set([(organizer?.address ?? '').toLowerCase()])
  for (const { address } of attendees) if (address !== '') participants.add(address.toLowerCase())
  return [...participants]
}

function commentOf(event: CalendarEvent['component']): string {
  return event
    .all('COMMENT')
    .map(({ value }) => parseText(value).trim())
    .filter(comment => comment !== '')
    .join('\n')
}
