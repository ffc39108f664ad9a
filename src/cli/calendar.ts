/**
 * `mimecal calendar`: the appointments of a message or of a calendar file.
 */
import {
  type CalendarAppointment,
  type CalendarPart,
  type CalendarSource,
  type CalendarSummary,
  readAppointment,
  summarizeCalendar,
} from '../calendar/index.ts'
import { MimeError } from '../index.ts'
import { splitEvents } from './calendar-events.ts'
import { appointmentLines } from './calendar-text.ts'
import { COLOR_OPTION, painter } from './colour.ts'
import { type InputHead, openInput, readHead } from './input.ts'
import type { Io } from './io.ts'
import { readMessage } from './message.ts'
import { count } from './table.ts'
import { forTerminal, jsonForTerminal } from './terminal.ts'
import { type Command, readArguments, wrongUsage } from './usage.ts'

/** How `mimecal calendar` is used. */
const USAGE = {
  name: 'calendar',
  operand: 'invitation.eml or calendar.ics',
  summary: 'shows the appointments of a message or of a calendar file',
  description: [
    'Reads a message with a calendar part (iMIP, RFC 6047), or an iCalendar file (RFC 5545), and shows what it is for a calendar and its appointments. Recurrences are told and not expanded.',
    'A message is about one appointment. Of a file, and of a message with several, all are shown.',
    'Who sent an invitation is not verified by anything: a warning says where it is not who may send it.',
  ],
  options: {
    json: { type: 'boolean', help: 'print JSON: {"summary", "appointments", "left", "others"}' },
    zone: {
      type: 'string',
      value: 'NAME',
      help: 'your time zone, by IANA or Windows name: for whole days and for times without a zone. UTC is the default',
    },
    color: COLOR_OPTION,
  },
  examples: [
    { run: 'mimecal calendar invitation.eml', does: 'shows what one is invited to' },
    {
      run: "mimecal calendar --json --zone=Europe/Oslo team.ics | jq '.appointments[].appointment.DtStart'",
      does: 'lists when the appointments of a calendar begin',
    },
  ],
} as const

/** What an input is for a calendar. */
interface CalendarReport {
  readonly summary: CalendarSummary
  readonly appointments: readonly CalendarAppointment[]
  /** Appointments that were not read: they are too many, or too long. */
  readonly left: number
  /** Components that are no events, by name. */
  readonly others: Readonly<Record<string, number>>
}

/** `mimecal calendar`. */
export const CALENDAR: Command = { usage: USAGE, run: calendar }

async function calendar(args: readonly string[], io: Io): Promise<void> {
  const { file, values } = readArguments(USAGE, args, io)
  const paint = painter(io, values.color)
  const input = await openInput(file, io)
  const source = await readSource(await readHead(input, io.largeOctets), file)
  const report = readReport(source, values.zone)
  if (values.json === true) {
    await io.write(`${jsonForTerminal(JSON.stringify(report, null, 2))}\n`)
    return
  }
  const { appointments, left, others } = report
  const lines = [paint('bold', forTerminal(`${input.name}: ${describe(report)}`))]
  for (const appointment of appointments) lines.push('', ...appointmentLines(appointment, paint))
  const more = Object.entries(others).map(([name, number]) => `${number} ${name}`)
  if (left > 0) more.unshift(count(left, 'more appointment'))
  if (more.length > 0) lines.push('', paint('yellow', forTerminal(`not shown: ${more.join(', ')}`)))
  await io.write(`${lines.join('\n')}\n`)
}

/** `Request, 1 appointment`, `Reply (Accepted), 1 appointment`. */
function describe({ summary, appointments, left }: CalendarReport): string {
  const number = appointments.length + left
  if (number === 0) return 'no appointment'
  const { CalMethod: method, CalReplyStatus: status } = summary
  const kind = method === 'Unknown' ? '' : `${method}${status === 'Unknown' ? '' : ` (${status})`}, `
  return kind + count(number, 'appointment')
}

/** How a calendar begins, before it in UTF-8 or UTF-16 a byte order mark. */
const CALENDAR_START = /^[\s\xef\xbb\xbf\xfe\xff]*BEGIN[ \t]*:[ \t]*VCALENDAR/i

async function readSource({ head, rest }: InputHead, file: string): Promise<CalendarSource> {
  const start = Buffer.concat(head.slice(0, 1)).toString('latin1', 0, 1000).replaceAll('\0', '')
  if (!CALENDAR_START.test(start) && !/\.(?:ics|ical|icalendar|vcs)$/i.test(file)) {
    return readMessage({ head, rest }, { attachments: 'omit' })
  }
  const chunks = [...head]
  for await (const chunk of rest ?? []) chunks.push(chunk)
  return { entity: { From: null, To: [], CustomHeaderList: [] }, root: calendarPart(Buffer.concat(chunks)) }
}

/** A calendar that comes without a message. */
function calendarPart(octets: Uint8Array): CalendarPart {
  return {
    contentType: { mediaType: 'text/calendar', parameters: new Map() },
    disposition: undefined,
    offset: 0,
    body: octets,
    parts: [],
    content: () => octets,
  }
}

function readReport(source: CalendarSource, zone: string | undefined): CalendarReport {
  const summary = summarizeCalendar(source)
  const single = readOne(source, zone)
  if (single !== null) return { summary, appointments: [single], left: 0, others: {} }
  const appointments: CalendarAppointment[] = []
  const others = new Map<string, number>()
  let left = 0
  let method = summary.CalMethod
  for (const octets of calendarsOf(source.root)) {
    const events = splitEvents(octets)
    left += events.left
    for (const [name, number] of events.others) others.set(name, (others.get(name) ?? 0) + number)
    for (const event of events.calendars) {
      const appointment = readOne({ entity: source.entity, root: calendarPart(event) }, zone)
      if (appointment === null) {
        // Beyond a limit of the reader.
        left++
        continue
      }
      appointments.push(appointment)
      method = appointment.appointment.CalMethod
    }
  }
  return {
    summary: { ...summary, CalMethod: appointments.length > 0 ? method : summary.CalMethod },
    appointments,
    left,
    others: Object.fromEntries(others),
  }
}

function readOne(source: CalendarSource, zone: string | undefined): CalendarAppointment | null {
  try {
    return readAppointment(source, { zone })
  } catch (error) {
    if (!(error instanceof MimeError)) throw error
    throw wrongUsage(USAGE, `--${error.message}`, { cause: error })
  }
}

const CALENDAR_TYPES: ReadonlySet<string> = new Set(['text/calendar', 'text/x-vcalendar', 'application/ics'])

/** Octets of the calendars of a message, each once: a file often goes along as a copy. */
function calendarsOf(root: CalendarPart): readonly Uint8Array[] {
  const found = new Map<string, Uint8Array>()
  const waiting = [root]
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    // What a report tells of, or a message inside the message, was sent at another time.
    if (part.contentType.mediaType === 'multipart/report') continue
    waiting.push(...part.parts.toReversed())
    if (part.parts.length > 0 || !CALENDAR_TYPES.has(part.contentType.mediaType)) continue
    const octets = part.content()
    found.set(Buffer.from(octets).toString('latin1'), octets)
  }
  return [...found.values()]
}
