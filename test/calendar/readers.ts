/**
 * Other people's calendar readers: ical.js, node-ical and ts-ics, each brought to one shape.
 */
import ICAL from 'ical.js'
import nodeIcal from 'node-ical'
import { convertIcsCalendar, type IcsDateObject } from 'ts-ics'

export type CalendarReaderName = 'ical.js' | 'node-ical' | 'ts-ics'

/** What one reader makes of the first event of a calendar. */
export interface CalendarReading {
  readonly reader: CalendarReaderName
  /** Milliseconds; undefined where the reader has no start. */
  readonly start: number | undefined
  readonly end: number | undefined
  readonly title: string
  /** `mailto:` addresses, without scheme. */
  readonly organizer: string
  readonly attendees: readonly string[]
}

/** Reads a calendar with every reader; one that throws is left out. */
export function readWithOthers(ics: string): CalendarReading[] {
  return [readWithIcalJs, readWithNodeIcal, readWithTsIcs].flatMap(read => {
    try {
      const reading = read(ics)
      return reading === undefined ? [] : [reading]
    } catch {
      return []
    }
  })
}

function withoutScheme(uri: string | undefined): string {
  return decodeURIComponent((uri ?? '').replace(/^mailto:/i, ''))
}

function readWithIcalJs(ics: string): CalendarReading | undefined {
  const calendar = new ICAL.Component(ICAL.parse(ics))
  const component = calendar.getFirstSubcomponent('vevent')
  if (component === null) return undefined
  const zones = new Map(
    calendar
      .getAllSubcomponents('vtimezone')
      .map(zone => [String(zone.getFirstPropertyValue('tzid')), new ICAL.Timezone(zone)]),
  )
  const instant = (name: string): number | undefined => {
    const property = component.getFirstProperty(name)
    const time = property?.getFirstValue() as ICAL.Time | null | undefined
    if (time === null || time === undefined) return undefined
    const tzid = property!.getParameter('tzid')
    const zone = typeof tzid === 'string' ? zones.get(tzid) : undefined
    if (time.isDate) return Date.UTC(time.year, time.month - 1, time.day)
    return (
      time.convertToZone(ICAL.Timezone.utcTimezone) &&
      (zone === undefined ? time : zoned(time, zone)).toUnixTime() * 1000
    )
  }
  const zoned = (time: ICAL.Time, zone: ICAL.Timezone): ICAL.Time => {
    const copy = time.clone()
    copy.zone = zone
    return copy
  }
  const event = new ICAL.Event(component)
  const start = instant('dtstart')
  const length = component.getFirstPropertyValue('duration') as ICAL.Duration | null
  return {
    reader: 'ical.js',
    start,
    end: instant('dtend') ?? (start !== undefined && length ? start + length.toSeconds() * 1000 : undefined),
    title: event.summary ?? '',
    organizer: withoutScheme(event.organizer ?? ''),
    attendees: event.attendees.map(attendee => withoutScheme(String(attendee.getFirstValue()))),
  }
}

interface NodeIcalUser {
  readonly val: string
}

function readWithNodeIcal(ics: string): CalendarReading | undefined {
  const event = Object.values(nodeIcal.sync.parseICS(ics)).find(component => component?.type === 'VEVENT') as
    | {
        start?: Date & { dateOnly?: boolean }
        end?: Date & { dateOnly?: boolean }
        summary?: unknown
        organizer?: unknown
        attendee?: unknown
      }
    | undefined
  if (event === undefined) return undefined
  // A whole day is midnight of the machine's zone there.
  const instant = (date: (Date & { dateOnly?: boolean }) | undefined): number | undefined =>
    date?.dateOnly ? Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) : date?.getTime()
  const attendees = [event.attendee ?? []].flat() as (NodeIcalUser | string)[]
  const uri = (user: NodeIcalUser | string): string => (typeof user === 'string' ? user : user.val)
  const title = event.summary as { val?: string } | string | undefined
  return {
    reader: 'node-ical',
    start: instant(event.start),
    end: instant(event.end),
    title: (typeof title === 'string' ? title : title?.val) ?? '',
    organizer: event.organizer === undefined ? '' : withoutScheme(uri(event.organizer as NodeIcalUser | string)),
    attendees: attendees.map(attendee => withoutScheme(uri(attendee))),
  }
}

function readWithTsIcs(ics: string): CalendarReading | undefined {
  const event = convertIcsCalendar(undefined, ics).events?.[0]
  if (event === undefined) return undefined
  const instant = (date: IcsDateObject | null | undefined): number | undefined => date?.date.getTime()
  return {
    reader: 'ts-ics',
    start: instant(event.start),
    end: 'end' in event ? instant(event.end) : undefined,
    title: event.summary ?? '',
    organizer: withoutScheme(event.organizer?.email),
    attendees: (event.attendees ?? []).map(({ email }) => withoutScheme(email)),
  }
}
