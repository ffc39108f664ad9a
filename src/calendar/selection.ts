/**
 * Which calendar of a message counts: RFC 6047 §2.4, and what Outlook and others do.
 *
 * Parts are tried in tiers, best first, and the best tier that has a calendar component decides: an invitation that
 * carries somebody's holiday.ics stays an invitation. A second UID in a lower tier is never looked at.
 */
import type { Defect } from '../defect.ts'
import type { CalMethod } from '../entity/entity.ts'
import { type Component, readComponents } from './component.ts'
import { contentLines } from './content-line.ts'
import type { CalendarLimits } from './limits.ts'
import { parseMethod } from './method.ts'
import type { CalendarPart, CalendarSource } from './source.ts'
import { parseText } from './text.ts'
import { collectWarnings, type Warn } from './warning.ts'

/** The one appointment of a message. */
export interface CalendarSelection {
  readonly method: CalMethod
  readonly uid: string
  /** VEVENTs of that UID, in order: the series and single instances of it. At least one. */
  readonly events: readonly CalendarEvent[]
  readonly warn: Warn
  readonly warnings: readonly Defect[]
}

/** A VEVENT and the calendar it stands in, whose time zones count. */
export interface CalendarEvent {
  readonly component: Component
  readonly calendar: Component
}

/** Names of calendar files. QUIRK: a name in RFC 2047 form hides its extension; its content tells. */
const CALENDAR_FILE = /\.(?:ics|ical|icalendar|vcs)$|^=\?/i

/**
 * The tiers, best first: an iMIP part, a calendar that is a file, and files that turn out to be calendars.
 *
 * A `method` parameter makes an iMIP part (RFC 6047 §2.4); without one, a calendar that is not called an attachment is
 * taken for one too. What the message shows as its own text is no file, whatever its name.
 */
const TIERS: readonly ((part: CalendarPart, source: CalendarSource) => boolean)[] = [
  part =>
    isCalendarType(part) && (part.contentType.parameters.has('method') || part.disposition?.type !== 'attachment'),
  part => isCalendarType(part),
  (part, { textParts }) =>
    part.contentType.mediaType === 'application/ics' ||
    (CALENDAR_FILE.test(filenameOf(part)) && textParts?.has(part) !== true),
]

/** True for the types of a calendar object: RFC 5545 §8.1, and vCalendar 1.0. */
export function isCalendarType({ contentType: { mediaType } }: Pick<CalendarPart, 'contentType'>): boolean {
  return mediaType === 'text/calendar' || mediaType === 'text/x-vcalendar'
}

/** The name of the file, without directories. */
function filenameOf({ contentType, disposition }: CalendarPart): string {
  const { parameters } = contentType
  const path = disposition?.parameters.get('filename') || parameters.get('name') || parameters.get('filename') || ''
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
}

/** Components that make a calendar one that says something. */
const CALENDAR_COMPONENTS: ReadonlySet<string> = new Set(['VEVENT', 'VTODO', 'VJOURNAL', 'VFREEBUSY'])

/** Finds the appointment of a message; undefined where it has none, or more than one. */
export function selectCalendar(source: CalendarSource, limits: CalendarLimits): CalendarSelection | undefined {
  const { root, enclosed = [], contentOf = part => part.content() } = source
  const warnings: Defect[] = []
  let offset = root.offset
  const warn = collectWarnings(warnings, () => offset)
  let parts = leaves(root).concat(enclosed)
  for (const isInTier of TIERS) {
    const rest: CalendarPart[] = []
    const calendars: { calendar: Component; part: CalendarPart }[] = []
    let read = 0
    for (const part of parts) {
      if (!isInTier(part, source)) {
        rest.push(part)
        continue
      }
      offset = part.offset
      if (read++ === limits.parts) {
        warn('CALENDAR_LIMIT', 'parts')
        break
      }
      for (const calendar of readCalendars(part, contentOf, limits, warn)) calendars.push({ calendar, part })
    }
    if (calendars.some(({ calendar }) => calendar.components.some(({ name }) => CALENDAR_COMPONENTS.has(name)))) {
      return appointmentOf(calendars, warn, warnings)
    }
    parts = rest
  }
  return undefined
}

/**
 * The parts that are no multiparts, in order.
 *
 * What is in a report (RFC 6522) or in a message inside the message was sent by somebody else at another time: a bounce
 * of an invitation is no invitation.
 */
function leaves(root: CalendarPart): CalendarPart[] {
  const found: CalendarPart[] = []
  const waiting = [root]
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (part.contentType.mediaType === 'multipart/report' && part.parts.length > 0) continue
    if (part.parts.length === 0 && part.isDivided !== true) found.push(part)
    else for (let index = part.parts.length - 1; index >= 0; index--) waiting.push(part.parts[index]!)
  }
  return found
}

function readCalendars(
  part: CalendarPart,
  contentOf: (part: CalendarPart) => Uint8Array,
  limits: CalendarLimits,
  warn: Warn,
): Component[] {
  // Quoted-printable triples what it encodes; a body beyond that is beyond the limit, and not worth decoding.
  if (part.body.length > 3 * limits.partOctets) {
    warn('CALENDAR_LIMIT', 'partOctets')
    return []
  }
  let octets = contentOf(part)
  if (octets.length > limits.partOctets) {
    warn('CALENDAR_LIMIT', 'partOctets')
    octets = octets.subarray(0, limits.partOctets)
  }
  const lines = contentLines(octets, part.contentType.parameters.get('charset'), limits.lines)
  if (lines.isCut) warn('CALENDAR_LIMIT', 'lines')
  return readComponents(lines, limits, warn)
}

function appointmentOf(
  calendars: readonly { calendar: Component; part: CalendarPart }[],
  warn: Warn,
  warnings: readonly Defect[],
): CalendarSelection | undefined {
  const events: CalendarEvent[] = []
  let uid: string | undefined
  let method: CalMethod | undefined
  for (const { calendar, part } of calendars) {
    const components = calendar.children('VEVENT')
    if (components.length === 0) continue
    const stated = methodOf(calendar, part)
    method ??= stated
    for (const component of components) {
      const own = parseText(component.value('UID')).trim()
      // RFC 5545 §3.8.4.7 demands a UID. Events without one are different events.
      if (uid !== undefined && (own !== uid || own === '')) return undefined
      uid = own
      // Another method for the same appointment is another message in this one (RFC 6047 §2.4); the first counts.
      if (stated === method) events.push({ component, calendar })
    }
  }
  return uid === undefined ? undefined : { method: method!, uid, events, warn, warnings }
}

/** METHOD of the calendar, as Outlook reads it; Content-Type stands in where the calendar has none. */
function methodOf(calendar: Component, part: CalendarPart): CalMethod {
  const method = parseMethod(calendar.value('METHOD'))
  return method === 'Unknown' ? parseMethod(part.contentType.parameters.get('method') ?? '') : method
}
