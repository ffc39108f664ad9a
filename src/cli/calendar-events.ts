/**
 * A calendar file taken apart: a calendar for each of its appointments.
 *
 * A message is about one appointment, and so the reader of calendars takes one. A file may have many: its events are
 * put together by UID, and each gets what the whole file says (METHOD, the time zones). RFC 5545 §3.4, §3.6.
 */

/** The calendars that a file holds. */
export interface CalendarEvents {
  /** Octets of a calendar for each appointment, in the order of the file. */
  readonly calendars: readonly Buffer[]
  /** Appointments that are not among them, since they are too many. */
  readonly left: number
  /** Components that are no events, by name: to-dos, journals, free and busy times. */
  readonly others: ReadonlyMap<string, number>
}

/** Appointments that are given at most. */
const MAX_CALENDARS = 10_000

/** How many times the octets of a file may be given: each appointment has the time zones of the whole file with it. */
const MAX_COPIES = 8
const FREE_OCTETS = 16 * 1024 * 1024

/** What one calendar object has beside its events. */
interface Surroundings {
  readonly lines: string[]
}

interface Appointment {
  readonly surroundings: Surroundings
  readonly lines: string[]
}

/** Takes a calendar file apart. Octets that are no calendar give none. */
export function splitEvents(octets: Uint8Array): CalendarEvents {
  const appointments: Appointment[] = []
  const others = new Map<string, number>()
  let byUid = new Map<string, Appointment>()
  let surroundings: Surroundings | undefined
  let event: string[] | undefined
  let other: string | undefined
  // Octets stay octets: in latin1 each is a character.
  for (const line of logicalLines(Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1'))) {
    const [, edge, name = ''] = /^(?:\xef\xbb\xbf)?(BEGIN|END)[ \t]*:[ \t]*([A-Z-]+)[ \t]*$/i.exec(line) ?? []
    const component = name.toUpperCase()
    const isBegin = edge?.toUpperCase() === 'BEGIN'
    if (component === 'VCALENDAR') {
      surroundings = isBegin ? { lines: [] } : undefined
      byUid = new Map()
      event = undefined
      continue
    }
    if (surroundings === undefined) continue
    if (event !== undefined) {
      event.push(line)
      if (isBegin || component !== 'VEVENT') continue
      const uid = uidOf(event)
      const known = uid === '' ? undefined : byUid.get(uid)
      if (known === undefined) {
        const appointment = { surroundings, lines: event }
        appointments.push(appointment)
        byUid.set(uid, appointment)
      } else {
        for (const own of event) known.lines.push(own)
      }
      event = undefined
    } else if (isBegin && component === 'VEVENT' && other === undefined) {
      event = [line]
    } else {
      if (/^(?:VTODO|VJOURNAL|VFREEBUSY)$/.test(component)) {
        other = isBegin ? component : undefined
        if (isBegin) others.set(component, (others.get(component) ?? 0) + 1)
      }
      if (other === undefined && edge === undefined) surroundings.lines.push(line)
      else if (component === 'VTIMEZONE' || component === 'STANDARD' || component === 'DAYLIGHT') {
        surroundings.lines.push(line)
      }
    }
  }
  const calendars: Buffer[] = []
  let budget = FREE_OCTETS + MAX_COPIES * octets.length
  for (const { surroundings, lines } of appointments.slice(0, MAX_CALENDARS)) {
    const calendar = Buffer.from(
      ['BEGIN:VCALENDAR', ...surroundings.lines, ...lines, 'END:VCALENDAR', ''].join('\r\n'),
      'latin1',
    )
    budget -= calendar.length
    if (budget < 0) break
    calendars.push(calendar)
  }
  return { calendars, left: appointments.length - calendars.length, others }
}

/** Lines with the folds in them, so that what is given on is what was there. */
function* logicalLines(text: string): Generator<string> {
  let pieces: string[] = []
  for (const [line] of text.matchAll(/[^\r\n]+/g)) {
    if ((line.startsWith(' ') || line.startsWith('\t')) && pieces.length > 0) {
      pieces.push(line)
      continue
    }
    if (pieces.length > 0) yield pieces.join('\r\n')
    pieces = [line]
  }
  if (pieces.length > 0) yield pieces.join('\r\n')
}

/** UID of an event, not of an alarm in it; `''` for none. */
function uidOf(event: readonly string[]): string {
  let depth = 0
  for (const line of event) {
    if (/^BEGIN[ \t]*:/i.test(line)) depth++
    else if (/^END[ \t]*:/i.test(line)) depth--
    else if (depth === 1 && /^UID[ \t]*[:;]/i.test(line)) {
      const unfolded = line.replaceAll(/\r\n[ \t]/g, '')
      return unfolded.slice(unfolded.indexOf(':') + 1).trim()
    }
  }
  return ''
}
