/**
 * An appointment in lines for people. Everything in it is a stranger's text, and is escaped.
 */
import type { CalendarAppointment, CalendarAttendee, CalendarTime, CalendarUser } from '../calendar/index.ts'
import { DEFECT_CODES } from '../index.ts'
import type { Paint, Style } from './colour.ts'
import { forTerminal } from './terminal.ts'

/** One label and what stands beside it, a line each; nothing is shown of a row without lines. */
interface Row {
  readonly label: string
  readonly of: (appointment: CalendarAppointment) => readonly string[]
  readonly style?: Style
}

/** THE table: what is shown of an appointment, in this order. */
const ROWS: readonly Row[] = [
  { label: 'Title', of: ({ appointment }) => text(appointment.Appointment.Title), style: 'bold' },
  { label: 'When', of: describeTimes },
  { label: 'Instance of', of: ({ recurrenceId }) => (recurrenceId === undefined ? [] : [dateAndTime(recurrenceId)]) },
  { label: 'Repeats', of: describeSeries },
  { label: 'Where', of: ({ appointment }) => text(appointment.Appointment.Location) },
  { label: 'Join', of: ({ appointment }) => text(appointment.Appointment.JoinVideomeetUrl) },
  { label: 'Organizer', of: ({ organizer }) => (organizer === undefined ? [] : [describeUser(organizer)]) },
  { label: 'Attendees', of: ({ attendees }) => attendees.map(describeAttendee) },
  { label: 'Comment', of: ({ appointment }) => text(appointment.Comment) },
  { label: 'Alarm', of: describeAlarm },
  { label: 'Shown as', of: describeVisibility },
  { label: 'Agenda', of: ({ appointment }) => text(appointment.Appointment.Agenda) },
  { label: 'UID', of: ({ uid }) => text(uid), style: 'dim' },
  { label: 'Revision', of: ({ revision }) => [`${revision.sequence} ${revision.dtstamp ?? ''}`.trim()], style: 'dim' },
]

const LABEL_WIDTH = Math.max(...ROWS.map(({ label }) => label.length))

/** The lines of an appointment, escaped and coloured. */
export function appointmentLines(appointment: CalendarAppointment, paint: Paint): string[] {
  const lines = ROWS.flatMap(({ label, of, style }) =>
    of(appointment).map((line, index) => {
      const safe = forTerminal(line)
      const painted = style === undefined ? safe : paint(style, safe)
      return `${paint('cyan', (index === 0 ? label : '').padEnd(LABEL_WIDTH))}  ${painted}`.trimEnd()
    }),
  )
  return [...lines, ...warningLines(appointment).map(line => paint('yellow', forTerminal(line)))]
}

function warningLines({ auth, warnings }: CalendarAppointment): string[] {
  const lines: string[] = []
  if (auth.matchedBy === 'none' && auth.expectedActor !== '') {
    lines.push(`warning: the message is not from ${auth.expectedActor}, who alone may send this`)
  }
  for (const { code, detail } of warnings) {
    lines.push(`warning: ${code}: ${DEFECT_CODES[code]}${detail === undefined ? '' : ` (${detail})`}`)
  }
  return lines
}

/** Lines of a text; none of an empty one. */
function text(value: string): string[] {
  return value === '' ? [] : value.split('\n')
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const

/** `Wed 2026-08-12`. */
function date(local: string): string {
  const day = local.slice(0, 'YYYY-MM-DD'.length)
  const weekday = WEEKDAYS[new Date(`${day}T00:00:00Z`).getUTCDay()]
  return weekday === undefined ? day : `${weekday} ${day}`
}

/** `10:00`; seconds where there are any. */
function time(local: string): string {
  return local.slice('YYYY-MM-DDT'.length).replace(/:00$/, '')
}

/** `Europe/Oslo, +02:00`. */
function zone({ kind, tzid, zone, dateTime }: CalendarTime): string {
  if (kind === 'floating') return 'wherever one is'
  if (kind === 'utc') return 'UTC'
  return `${zone ?? tzid ?? 'unknown zone'}, ${/(?:Z|[+-]\d\d:\d\d)$/.exec(dateTime)?.[0] ?? ''}`
}

function dateAndTime(at: CalendarTime): string {
  return at.kind === 'date' ? date(at.local) : `${date(at.local)} ${time(at.local)} (${zone(at)})`
}

function describeTimes({ start, end, appointment }: CalendarAppointment): string[] {
  if (start === undefined) return []
  if (appointment.Appointment.IsAlldayEvent) {
    const first = date(start.local)
    const last = end === undefined ? first : date(dayBefore(end.local))
    return [first === last ? `${first}, all day` : `${first} – ${last}, all day`]
  }
  if (end === undefined || end.local === start.local) return [dateAndTime(start)]
  if (zone(start) !== zone(end)) return [`${dateAndTime(start)} – ${dateAndTime(end)}`]
  const until = date(start.local) === date(end.local) ? time(end.local) : `${date(end.local)} ${time(end.local)}`
  return [`${date(start.local)} ${time(start.local)} – ${until} (${zone(start)})`]
}

/** The end of whole days is the day after. */
function dayBefore(local: string): string {
  const day = Date.parse(`${local.slice(0, 'YYYY-MM-DD'.length)}T00:00:00Z`)
  return Number.isNaN(day) ? local : new Date(day - 86_400_000).toISOString()
}

function describeSeries({ recurrence }: CalendarAppointment): string[] {
  if (recurrence === undefined) return []
  const { pattern, ruleText, until, additionalDates, exceptions } = recurrence
  const words = [ruleText === '' ? 'on single dates' : `${pattern.toLowerCase()} (${ruleText})`]
  if (until !== undefined) words.push(`until ${until}`)
  if (additionalDates.length > 0) words.push(`also on ${dates(additionalDates)}`)
  if (exceptions.length > 0) words.push(`but not on ${dates(exceptions)}`)
  return [words.join(', ')]
}

/** Dates that are named; the others are counted. */
const MAX_DATES = 10

function dates(times: readonly CalendarTime[]): string {
  const named = times.slice(0, MAX_DATES).map(({ local }) => date(local))
  return times.length > MAX_DATES ? `${named.join(', ')} and ${times.length - MAX_DATES} more days` : named.join(', ')
}

function describeUser({ name, address, sentBy }: CalendarUser): string {
  const mailbox = name === '' || name === address ? address : `${name} <${address}>`
  return sentBy === '' ? mailbox : `${mailbox}, through ${sentBy}`
}

/** What an attendee is beside an individual who is required. */
const ROLES: ReadonlyMap<string, string> = new Map([
  ['CHAIR', 'chair'],
  ['OPT-PARTICIPANT', 'optional'],
  ['NON-PARTICIPANT', 'for information'],
])

function describeAttendee(attendee: CalendarAttendee): string {
  const { partStat, role, userType, delegatedTo } = attendee
  const words = [describeUser(attendee), partStat.toLowerCase().replaceAll('-', ' ')]
  const known = ROLES.get(role)
  if (known !== undefined) words.push(known)
  if (userType !== 'INDIVIDUAL') words.push(userType.toLowerCase())
  if (delegatedTo.length > 0) words.push(`to ${delegatedTo.join(' and ')}`)
  return words.join(', ')
}

function describeAlarm({ appointment: { Appointment } }: CalendarAppointment): string[] {
  return Appointment.HasAlarm ? [`${Appointment.AlarmLeadTime} before`] : []
}

function describeVisibility({ appointment: { Appointment } }: CalendarAppointment): string[] {
  const words: string[] = []
  if (Appointment.IsFree) words.push('free')
  if (Appointment.Private === 'PrivateUser') words.push('private')
  return words.length === 0 ? [] : [words.join(', ')]
}
