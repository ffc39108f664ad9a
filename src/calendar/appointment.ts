/**
 * VEVENT to appointment: the properties of the CRM's appointment that an event can fill. RFC 5545 §3.6.1, §3.8.
 *
 * The way back is in ./event-writer.ts.
 */
import { formatTimeSpan, readAlarmLead } from './alarm.ts'
import {
  addDuration,
  atMidnight,
  dateTimeText,
  instantOf,
  readTime,
  type TimeContext,
  type ZonedTime,
} from './calendar-time.ts'
import type { Component } from './component.ts'
import { DAY, parseDuration } from './date-time.ts'
import { parseText, parseTextList } from './text.ts'

/**
 * An appointment by the names of the API. Types are the API's, too: `AlarmLeadTime` is a time span as text.
 *
 * A type alias, as an interface is no `Record<string, unknown>`.
 */
export type AppointmentEntity = {
  /** ISO 8601 with the offset of the event's own zone. Of an all-day event midnight in the reader's zone. */
  StartDate: string
  /** Likewise. Of an all-day event as `allDayEnd` says. */
  EndDate: string
  /** Title, and below a blank line the agenda. */
  Description: string
  /** SUMMARY. */
  Title: string
  /** DESCRIPTION, plain text. */
  Agenda: string
  Location: string
  IsAlldayEvent: boolean
  /** True for a series, and for a single instance of one. */
  IsRecurrence: boolean
  Private: 'Public' | 'PrivateUser'
  /** False where the time is taken. */
  IsFree: boolean
  HasAlarm: boolean
  /** How long before the start the alarm goes off: `00:15:00`; `1.00:00:00` with days. `00:00:00` without alarm. */
  AlarmLeadTime: string
  /** An https URL; `''` for none. */
  JoinVideomeetUrl: string
  /** What the `task` option makes of CATEGORIES; null without it. */
  Task: unknown
}

/** How an appointment is read. */
export interface AppointmentOptions {
  /**
   * What EndDate of an all-day event is: midnight after its last day, as in iCalendar and in DtEnd (`exclusive`, the
   * default), or midnight before it (`inclusive`), which makes StartDate and EndDate of one day equal.
   */
  readonly allDayEnd?: 'exclusive' | 'inclusive' | undefined
  /** The CRM's task for the CATEGORIES of an event; what it returns becomes Task. */
  readonly task?: ((categories: readonly string[]) => unknown) | undefined
}

/** Start and end of an event; the end is exclusive. */
export interface EventTimes {
  readonly start: ZonedTime
  readonly end: ZonedTime
}

/**
 * DTSTART with DTEND, or DURATION, or the default length: a day of a DATE, nothing of a DATE-TIME.
 *
 * @returns undefined where DTSTART is missing, which REPLY and CANCEL may do, or cannot be read
 */
export function readEventTimes(event: Component, context: TimeContext): EventTimes | undefined {
  const start = readTime(event.only('DTSTART'), context)
  if (start === undefined) return undefined
  return { start, end: readEnd(event, start, context) }
}

function readEnd(event: Component, start: ZonedTime, context: TimeContext): ZonedTime {
  const end = readTime(event.only('DTEND'), context)
  const withoutEnd = addDuration(start, { days: start.kind === 'date' ? 1 : 0, seconds: 0 })
  if (end !== undefined) {
    const fitted = fitEnd(start, end)
    // QUIRK: a DTEND before DTSTART says nothing; that equal to a whole day's start means that day.
    if (instantOf(fitted) > instantOf(start)) return fitted
    if (instantOf(fitted) < instantOf(start)) context.warn('CALENDAR_INVALID', 'DTEND')
    return withoutEnd
  }
  const property = event.only('DURATION')
  if (property === undefined) return withoutEnd
  const duration = parseDuration(property.value)
  if (duration === undefined || duration.days < 0 || duration.seconds < 0) {
    context.warn('CALENDAR_INVALID', 'DURATION')
    return withoutEnd
  }
  return duration.days === 0 && duration.seconds === 0 ? withoutEnd : addDuration(start, duration)
}

/** RFC 5545 §3.8.2.2: DTEND is of the type of DTSTART. Where it is not, it takes that type. */
function fitEnd(start: ZonedTime, end: ZonedTime): ZonedTime {
  if (start.kind === 'date' && end.kind !== 'date') {
    const midnight = atMidnight(end, start.zone)
    return end.local === midnight.local ? midnight : addDuration(midnight, { days: 1, seconds: 0 })
  }
  if (start.kind !== 'date' && end.kind === 'date') return { ...atMidnight(end, start.zone), kind: start.kind }
  return end
}

/**
 * Whether an event fills whole days: by the type of its times, or because Outlook says so and both ends are midnight
 * where the organizer is (MS-OXCICAL, X-MICROSOFT-CDO-ALLDAYEVENT).
 */
export function isAllDay(event: Component, { start, end }: EventTimes): boolean {
  if (start.kind === 'date') return true
  return (
    event.value('X-MICROSOFT-CDO-ALLDAYEVENT').toUpperCase() === 'TRUE' &&
    start.local % DAY === 0 &&
    end.local % DAY === 0 &&
    end.local > start.local
  )
}

/** Whether an event is a series or an instance of one. */
export function isRecurring(event: Component): boolean {
  return event.has('RRULE') || event.has('RDATE') || event.has('RECURRENCE-ID')
}

/** The appointment that an event describes. */
export function readAppointmentEntity(
  event: Component,
  times: EventTimes | undefined,
  context: TimeContext,
  options: AppointmentOptions,
): AppointmentEntity {
  const title = parseText(event.value('SUMMARY')).trim()
  const agenda = parseText(event.only('DESCRIPTION')?.value ?? '').trim()
  const allDay = times !== undefined && isAllDay(event, times)
  const lead = times && readAlarmLead(event, times.start, times.end, context)
  return {
    StartDate: times === undefined ? '' : dateTimeText(times.start),
    EndDate: times === undefined ? '' : dateTimeText(endDate(times, allDay && options.allDayEnd === 'inclusive')),
    Description: [title, agenda].filter(text => text !== '').join('\n\n'),
    Title: title,
    Agenda: agenda,
    Location: parseText(event.value('LOCATION')).trim(),
    IsAlldayEvent: allDay,
    IsRecurrence: isRecurring(event),
    // RFC 5545 §3.8.1.3: a class that is not known is as private as PRIVATE.
    Private: /^(?:PUBLIC)?$/i.test(event.value('CLASS')) ? 'Public' : 'PrivateUser',
    IsFree: isFree(event),
    HasAlarm: lead !== undefined,
    AlarmLeadTime: formatTimeSpan(lead ?? 0),
    JoinVideomeetUrl: videomeetUrl(event),
    Task: options.task?.(event.all('CATEGORIES').flatMap(({ value }) => parseTextList(value))) ?? null,
  }
}

function endDate({ end }: EventTimes, isInclusive: boolean): ZonedTime {
  return isInclusive ? addDuration(end, { days: -1, seconds: 0 }) : end
}

/** TRANSP, and where it does not say "transparent" the two of Outlook, what is meant before what is shown. */
function isFree(event: Component): boolean {
  if (event.value('TRANSP').toUpperCase() === 'TRANSPARENT') return true
  const status = event.value('X-MICROSOFT-CDO-INTENDEDSTATUS') || event.value('X-MICROSOFT-CDO-BUSYSTATUS')
  return status.toUpperCase() === 'FREE'
}

/** Where clients put the link to join; first RFC 7986 §5.11, then what Google and Teams write. */
const VIDEOMEET_PROPERTIES = ['CONFERENCE', 'X-GOOGLE-CONFERENCE', 'X-MICROSOFT-SKYPETEAMSMEETINGURL'] as const

function videomeetUrl(event: Component): string {
  for (const name of VIDEOMEET_PROPERTIES) {
    for (const { value } of event.all(name)) {
      const url = parseText(value).trim()
      // Links are shown to be clicked: nothing but https, and nothing that hides a second line.
      if (/^https:\/\/[^\s<>"\\]{1,2000}$/i.test(url) && URL.canParse(url)) return url
    }
  }
  return ''
}
