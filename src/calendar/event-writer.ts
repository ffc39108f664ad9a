/**
 * Appointment to VEVENT: RFC 5545 §3.6.1, as far as the rules of the method let it. The way back is in ./appointment.ts.
 */
import { parseTimeSpan } from './alarm.ts'
import { formatCalAddress, isSameAddress } from './cal-address.ts'
import type {
  AppointmentInput,
  CalendarAttendeeInput,
  CalendarInput,
  CalendarUserInput,
  InputCheck,
  InputTime,
} from './calendar-input.ts'
import { formatProperty, type ParameterInput } from './content-line-writer.ts'
import { DAY, formatDate, formatDuration, formatLocalDateTime, formatUtcDateTime, parseDateTime } from './date-time.ts'
import type { MethodRules } from './itip.ts'
import { formatRecurrenceRule, parseStrictRule, type RecurrenceRule } from './recurrence.ts'
import { formatText } from './text.ts'
import { UTC, type Zone } from './time-zone.ts'

/** What the properties of one event are written from. */
export interface EventContext {
  readonly input: CalendarInput
  readonly appointment: Partial<AppointmentInput>
  readonly rules: MethodRules
  readonly check: InputCheck
  readonly style: TimeStyle
  /** SEQUENCE to write; undefined for none. */
  readonly sequence: number | undefined
}

/** How the times of an event are written. */
export interface TimeStyle {
  /** `utc` for a single event, `zoned` for a series that has a zone, `date` for whole days, `floating` where asked for. */
  readonly kind: 'utc' | 'zoned' | 'floating' | 'date'
  /** The zone of the input, UTC without one. */
  readonly zone: Zone
  /** Its name as the caller gave it. */
  readonly tzid: string
}

/** Writes a VEVENT; what is wrong goes to `context.check`. */
export function formatEvent(context: EventContext): string {
  return [
    'BEGIN:VEVENT\r\n',
    ...identity(context),
    ...people(context),
    ...times(context),
    ...recurrence(context),
    ...details(context),
    ...comment(context),
    ...alarm(context),
    'END:VEVENT\r\n',
  ].join('')
}

function identity({ input, check, style, sequence }: EventContext): string[] {
  if ((input.uid ?? '') === '') check.problem('VALUE_INVALID', 'uid', 'must not be empty')
  const uid = check.line('uid', input.uid)
  const now = check.time('now', input.now, UTC)
  const recurrenceId = check.time('recurrenceId', input.recurrenceId, style.zone)
  if (input.thisAndFuture === true && !input.recurrenceId) {
    check.problem('VALUE_INVALID', 'thisAndFuture', 'needs a recurrenceId')
  }
  const range: ParameterInput = ['RANGE', input.thisAndFuture === true ? 'THISANDFUTURE' : undefined]
  return [
    formatProperty('UID', formatText(uid)),
    formatProperty('DTSTAMP', formatUtcDateTime(now?.instant ?? Date.now())),
    ...(sequence === undefined ? [] : [formatProperty('SEQUENCE', String(sequence))]),
    ...(recurrenceId === undefined ? [] : [timeProperty('RECURRENCE-ID', recurrenceId, style, [range])]),
  ]
}

/* ---- organizer and attendees ---- */

function people(context: EventContext): string[] {
  const { input, rules, check } = context
  const organizer = check.object('organizer', input.organizer)
  const lines = [userProperty('ORGANIZER', organizer, 'organizer', [], check)]
  if (rules.attendees === 'self') {
    lines.push(self(context))
  } else if (rules.attendees !== 'none') {
    lines.push(...attendees(context))
  }
  return lines
}

function attendees({ input, rules, check }: EventContext): string[] {
  const list = check.list('attendees', input.attendees)
  if (list.length === 0 && (rules.attendees === 'all' || input.cancel === 'attendees')) {
    check.problem('CALENDAR_METHOD', 'attendees', `${input.method} needs at least one attendee`)
  }
  const seen = new Set<string>()
  const lines: string[] = []
  for (const [index, given] of list.entries()) {
    const path = `attendees[${index}]`
    const attendee: Partial<CalendarAttendeeInput> = check.object(path, given)
    const key = String(attendee.address).toLowerCase()
    if (seen.has(key)) continue
    seen.add(key)
    const parameters: ParameterInput[] = [
      ['CUTYPE', check.token(`${path}.userType`, attendee.userType, 'INDIVIDUAL')],
      ['ROLE', check.token(`${path}.role`, attendee.role, 'REQ-PARTICIPANT')],
      ['PARTSTAT', check.token(`${path}.partStat`, attendee.partStat, 'NEEDS-ACTION')],
      ['RSVP', input.method === 'Cancel' || attendee.rsvp === false ? undefined : 'TRUE'],
    ]
    lines.push(userProperty('ATTENDEE', attendee, path, parameters, check))
  }
  return lines
}

/** PARTSTAT of an answer. */
const PART_STATS: ReadonlyMap<unknown, string> = new Map([
  ['Accepted', 'ACCEPTED'],
  ['Declined', 'DECLINED'],
  ['Tentative', 'TENTATIVE'],
])

/** The one ATTENDEE of a REPLY, COUNTER or REFRESH: who sends it. */
function self({ input, check }: EventContext): string {
  const reply = check.object('replyAs', input.replyAs)
  if (input.replyAs === undefined || input.replyAs === null) {
    check.problem('CALENDAR_METHOD', 'replyAs', `${input.method} needs who sends it`)
    return ''
  }
  const parameters: ParameterInput[] = []
  if (input.method === 'Counter') {
    parameters.push(['PARTSTAT', 'TENTATIVE'])
  } else if (input.method === 'Reply') {
    const partStat = PART_STATS.get(reply.status)
    if (partStat === undefined) {
      check.problem('CALENDAR_METHOD', 'replyAs.status', 'REPLY needs Accepted, Declined or Tentative')
    }
    parameters.push(['PARTSTAT', partStat])
  }
  const listed = check.list('attendees', input.attendees).find(attendee => isSameUser(attendee, reply))
  return userProperty('ATTENDEE', { ...reply, name: reply.name || listed?.name }, 'replyAs', parameters, check)
}

function isSameUser(one: Partial<CalendarUserInput> | null | undefined, other: Partial<CalendarUserInput>): boolean {
  const [address, otherAddress] = [one?.address as unknown, other.address as unknown]
  return typeof address === 'string' && typeof otherAddress === 'string' && isSameAddress(address, otherAddress)
}

function userProperty(
  name: string,
  user: Partial<CalendarUserInput>,
  path: string,
  parameters: readonly ParameterInput[],
  check: InputCheck,
): string {
  if (user.address === undefined || user.address === null || user.address === '') {
    check.problem('ADDRESS_MISSING', `${path}.address`, 'must not be empty')
  }
  const address = check.address(`${path}.address`, user.address)
  const sentBy = check.address(`${path}.sentBy`, user.sentBy)
  const commonName = check.line(`${path}.name`, user.name).trim()
  return formatProperty(name, formatCalAddress(address), [
    ...parameters,
    ['SENT-BY', sentBy === '' ? undefined : formatCalAddress(sentBy)],
    ['CN', commonName || undefined],
  ])
}

/* ---- times ---- */

function times({ input, appointment, rules, check, style }: EventContext): string[] {
  if (rules.times === 'omitted') return []
  const start = check.time('appointment.StartDate', appointment.StartDate, style.zone)
  const end = check.time('appointment.EndDate', appointment.EndDate, style.zone)
  if (start === undefined) {
    if (rules.times === 'required' && !appointment.StartDate) {
      check.problem('CALENDAR_METHOD', 'appointment.StartDate', `${input.method} needs a start`)
    }
    return []
  }
  if (style.kind === 'date') return wholeDays(start, end, input.allDayEnd === 'inclusive', style, check)
  const lines = [timeProperty('DTSTART', start, style)]
  if (end === undefined) return lines
  if (style.kind === 'floating' ? end.local < start.local : end.instant < start.instant) {
    check.problem('DATE_INVALID', 'appointment.EndDate', 'is before StartDate')
  } else if (style.kind === 'zoned' && !isTold(end, style.zone)) {
    // The second of two equal hours: only a duration can say it, from the start as it is going to be read.
    const local = start.instant + style.zone.offsetAtInstant(start.instant) * 1000
    const read = local - style.zone.offsetAt(local) * 1000
    lines.push(formatProperty('DURATION', formatDuration((end.instant - read) / 1000)))
  } else {
    lines.push(timeProperty('DTEND', end, style))
  }
  return lines
}

/** Whether the clock time of an instant means that instant: RFC 5545 §3.3.5 reads a repeated time as its first. */
function isTold({ instant }: InputTime, zone: Zone): boolean {
  const offset = zone.offsetAtInstant(instant)
  return zone.offsetAt(instant + offset * 1000) === offset
}

function wholeDays(
  start: InputTime,
  end: InputTime | undefined,
  isInclusive: boolean,
  style: TimeStyle,
  check: InputCheck,
): string[] {
  const first = Math.floor(dayClock(start, style.zone) / DAY) * DAY
  let after = first + DAY
  if (end !== undefined) {
    const clock = dayClock(end, style.zone)
    // An exclusive end that is not midnight, 23:59 say, is in the last day.
    const given = isInclusive ? Math.floor(clock / DAY) * DAY + DAY : Math.ceil(clock / DAY) * DAY
    if (given < first) check.problem('DATE_INVALID', 'appointment.EndDate', 'is before StartDate')
    after = Math.max(after, given)
  }
  const parameters: ParameterInput[] = [['VALUE', 'DATE']]
  return [
    formatProperty('DTSTART', formatDate(first), parameters),
    formatProperty('DTEND', formatDate(after), parameters),
  ]
}

/** The clock that shows midnight for a whole day: as written, else in the zone; as written where neither does. */
function dayClock({ local, instant }: InputTime, zone: Zone): number {
  if (local % DAY === 0) return local
  const zoned = instant + zone.offsetAtInstant(instant) * 1000
  return zoned % DAY === 0 ? zoned : local
}

function timeProperty(
  name: string,
  time: InputTime,
  style: TimeStyle,
  parameters: readonly ParameterInput[] = [],
): string {
  return formatProperty(name, timeValue(time, style), [...parameters, ...timeParameters(style)])
}

function timeParameters({ kind, tzid }: TimeStyle): ParameterInput[] {
  if (kind === 'utc' || kind === 'floating') return []
  return kind === 'date' ? [['VALUE', 'DATE']] : [['TZID', tzid]]
}

function timeValue(time: InputTime, { kind, zone }: TimeStyle): string {
  if (kind === 'utc') return formatUtcDateTime(time.instant)
  if (kind === 'date') return formatDate(dayClock(time, zone))
  if (kind === 'floating') return formatLocalDateTime(time.local)
  return formatLocalDateTime(time.instant + zone.offsetAtInstant(time.instant) * 1000)
}

/* ---- recurrence ---- */

function recurrence({ input, rules, check, style, appointment }: EventContext): string[] {
  if (rules.recurrence === 'omitted' || input.recurrence === undefined || input.recurrence === null) return []
  if (rules.recurrence === 'refused') {
    check.problem('CALENDAR_METHOD', 'recurrence', `${input.method} must not have a recurrence`)
    return []
  }
  if (!appointment.StartDate) {
    check.problem('CALENDAR_METHOD', 'appointment.StartDate', 'a recurrence needs a start')
  }
  const { rule, additionalDates, exceptions } = check.object('recurrence', input.recurrence)
  const lines: string[] = []
  if (rule !== undefined && rule !== null && rule !== '') {
    const parsed = typeof rule === 'string' ? parseStrictRule(rule) : readRule(rule)
    const fits = parsed !== undefined && !(style.kind === 'date' && hasClock(parsed))
    const text = fits ? formatRule(parsed, style) : undefined
    if (text === undefined) check.problem('VALUE_INVALID', 'recurrence.rule', 'is no rule (RFC 5545 §3.3.10)')
    else lines.push(formatProperty('RRULE', text))
  }
  for (const [name, key, list] of [
    ['RDATE', 'additionalDates', additionalDates],
    ['EXDATE', 'exceptions', exceptions],
  ] as const) {
    const dates = check
      .list(`recurrence.${key}`, list)
      .map((date, index) => check.time(`recurrence.${key}[${index}]`, date, style.zone))
      .filter(date => date !== undefined)
    if (dates.length === 0) continue
    lines.push(formatProperty(name, dates.map(date => timeValue(date, style)).join(','), timeParameters(style)))
  }
  return lines
}

/** A rule from the caller, checked by reading what it writes; undefined where that is no rule. */
function readRule(rule: RecurrenceRule): RecurrenceRule | undefined {
  try {
    return parseStrictRule(formatRecurrenceRule(rule))
  } catch {
    return undefined
  }
}

/** True for a rule that no whole day can have: RFC 5545 §3.3.10. */
function hasClock({ byHour, byMinute, bySecond }: RecurrenceRule): boolean {
  return byHour.length + byMinute.length + bySecond.length > 0
}

/** RFC 5545 §3.3.10: UNTIL is a DATE where DTSTART is one, a clock time where it is floating, else in UTC. */
function formatRule(rule: RecurrenceRule, { kind, zone }: TimeStyle): string {
  if (rule.until === undefined) return formatRecurrenceRule(rule)
  const { local, isDate, offset } = parseDateTime(rule.until)!
  if (kind === 'date') {
    // Midnight is a day, whatever its zone; any other instant is in a day of the zone.
    const instant = local - (offset ?? 0) * 1000
    const day = offset === undefined || local % DAY === 0 ? local : instant + zone.offsetAtInstant(instant) * 1000
    return formatRecurrenceRule({ ...rule, until: formatDate(day) })
  }
  const last = isDate ? local + DAY - 1000 : local
  if (kind === 'floating') return formatRecurrenceRule({ ...rule, until: formatLocalDateTime(last) })
  const until = formatUtcDateTime(last - (offset ?? zone.offsetAt(last)) * 1000)
  return formatRecurrenceRule({ ...rule, until })
}

/* ---- what it is about ---- */

function details({ input, appointment, rules, check }: EventContext): string[] {
  if (rules.times === 'omitted') return []
  const { title, agenda } = texts(appointment, check)
  const lines: string[] = []
  if (rules.times === 'required' || title !== '') lines.push(formatProperty('SUMMARY', formatText(title)))
  const status = input.cancel === 'attendees' ? '' : rules.status
  if (status !== '') lines.push(formatProperty('STATUS', status))
  if (rules.details === 'omitted') return lines
  const location = check.text('appointment.Location', appointment.Location)
  const task = appointment.Task
  const categories = typeof task === 'string' ? check.text('appointment.Task', task) : ''
  const url = check.line('appointment.JoinVideomeetUrl', appointment.JoinVideomeetUrl)
  const isPrivate = check.text('appointment.Private', appointment.Private)
  if (agenda !== '') lines.push(formatProperty('DESCRIPTION', formatText(agenda)))
  if (location !== '') lines.push(formatProperty('LOCATION', formatText(location)))
  if (categories !== '') lines.push(formatProperty('CATEGORIES', formatText(categories)))
  lines.push(formatProperty('CLASS', isPrivate === '' || isPrivate === 'Public' ? 'PUBLIC' : 'PRIVATE'))
  if (url !== '') lines.push(...videomeet(url, check))
  const isFree = appointment.IsFree === true
  lines.push(
    formatProperty('TRANSP', isFree ? 'TRANSPARENT' : 'OPAQUE'),
    // What Outlook shows until the invitation is answered, and after that.
    formatProperty('X-MICROSOFT-CDO-BUSYSTATUS', isFree ? 'FREE' : input.method === 'Request' ? 'TENTATIVE' : 'BUSY'),
    formatProperty('X-MICROSOFT-CDO-INTENDEDSTATUS', isFree ? 'FREE' : 'BUSY'),
  )
  return lines
}

/** Title and agenda; where one is missing, it is taken from Description, which has both. */
function texts(appointment: Partial<AppointmentInput>, check: InputCheck): { title: string; agenda: string } {
  const description = check.text('appointment.Description', appointment.Description).trim()
  const given = check.text('appointment.Title', appointment.Title).trim()
  const title = given || description.split(/[\r\n]/, 1)[0]!.trim()
  // A title can have several lines, so the first line of Description may be less than it.
  const behind = description.startsWith(title) ? description.slice(title.length) : undefined
  const rest = behind !== undefined && /^[^\S\r\n]*(?:[\r\n]|$)/.test(behind) ? behind.trim() : description
  return { title, agenda: check.text('appointment.Agenda', appointment.Agenda) || rest }
}

function videomeet(url: string, check: InputCheck): string[] {
  if (!/^https:\/\/[^\s<>"\\]{1,2000}$/i.test(url) || !URL.canParse(url)) {
    check.problem('VALUE_INVALID', 'appointment.JoinVideomeetUrl', 'must be an https URL')
    return []
  }
  return [
    formatProperty('URL', url),
    formatProperty('CONFERENCE', url, [
      ['VALUE', 'URI'],
      ['FEATURE', 'VIDEO'],
    ]),
  ]
}

function comment({ input, rules, check }: EventContext): string[] {
  const path = rules.attendees === 'self' ? 'replyAs.comment' : 'comment'
  const text = check.text(path, rules.attendees === 'self' ? input.replyAs?.comment : input.comment).trim()
  return text === '' ? [] : [formatProperty('COMMENT', formatText(text))]
}

function alarm({ appointment, rules, check }: EventContext): string[] {
  if (rules.alarm === 'omitted' || appointment.HasAlarm !== true) return []
  const lead = appointment.AlarmLeadTime ?? 0
  const seconds = typeof lead === 'number' ? Math.round(lead * 60) : parseTimeSpan(lead)
  if (seconds === undefined || !(seconds >= 0 && seconds < 1e9)) {
    check.problem('VALUE_INVALID', 'appointment.AlarmLeadTime', 'must be a time span, or a number of minutes')
    return []
  }
  return [
    'BEGIN:VALARM\r\n',
    formatProperty('ACTION', 'DISPLAY'),
    formatProperty('DESCRIPTION', 'Reminder'),
    formatProperty('TRIGGER', `-${formatLead(seconds)}`),
    'END:VALARM\r\n',
  ]
}

/** Whole days as days of the calendar: an alarm a day ahead keeps its clock time where the clock changes. */
function formatLead(seconds: number): string {
  return seconds > 0 && seconds % 86_400 === 0 ? `P${seconds / 86_400}D` : formatDuration(seconds)
}
