/**
 * What is composed is read again as it was, by this reader and by other people's, in every zone of the platform and
 * around the days on which clocks change.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readComponents } from '../../src/calendar/component.ts'
import { contentLines } from '../../src/calendar/content-line.ts'
import { type CalendarInput, composeCalendar, DEFAULT_CALENDAR_LIMITS } from '../../src/calendar/index.ts'
import { IntlZone } from '../../src/calendar/time-zone.ts'
import { readVtimezone } from '../../src/calendar/vtimezone.ts'
import { appointmentOf, calendarMessage } from './message.ts'
import { readWithOthers } from './readers.ts'

const ZONES = Intl.supportedValuesOf('timeZone')
const HOUR = 3_600_000
const DAY = 24 * HOUR

/** The wall clock of a zone, by another way than the product's: `2025-02-26T08:00:00`. */
function wallClockOf(zone: string): (instant: number) => string {
  const format = new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
  return instant => format.format(instant).replace(' ', 'T')
}

/** Instants at which the zone changes its offset in a year, to the hour. */
function changesIn(zone: string, year: number): number[] {
  const offset = new IntlZone(zone)
  const changes: number[] = []
  for (let day = Date.UTC(year, 0, 1); day < Date.UTC(year + 1, 0, 1); day += DAY) {
    if (offset.offsetAtInstant(day) === offset.offsetAtInstant(day + DAY)) continue
    for (let hour = day; hour < day + DAY; hour += HOUR / 2) {
      if (offset.offsetAtInstant(hour) !== offset.offsetAtInstant(hour + HOUR / 2)) changes.push(hour + HOUR / 2)
    }
  }
  return changes
}

function series(zone: string, start: number, end: number): string {
  return composeCalendar({
    method: 'Request',
    uid: 'u',
    now: '2025-01-01T00:00:00Z',
    organizer: { address: 'alice@example.org' },
    attendees: [{ address: 'bob@example.org' }],
    appointment: { StartDate: new Date(start), EndDate: new Date(end) },
    recurrence: { rule: 'FREQ=WEEKLY;COUNT=5' },
    zone,
  }).ics
}

test('a series in every zone, before and after each change of its clock', { timeout: 60_000 }, () => {
  let checked = 0
  for (const zone of ZONES) {
    const changes = changesIn(zone, 2025)
    const starts = (changes.length > 0 ? changes : [Date.UTC(2025, 5, 1)]).flatMap(change =>
      [-0.5, 0].map(hours => change + hours * HOUR),
    )
    const offset = new IntlZone(zone)
    const wallClock = wallClockOf(zone)
    for (const start of starts) {
      const ics = series(zone, start, start + 90 * 60_000)
      const { appointment, start: time } = appointmentOf(calendarMessage(ics))
      const clock = wallClock(start)
      if (zone !== 'UTC') expect(time?.local, zone).toBe(clock)
      // RFC 5545 §3.3.5: a clock time that occurs twice is the first one.
      const own = offset.offsetAtInstant(start)
      const isSecond = offset.offsetAt(start + own * 1000) !== own
      const read = Date.parse(appointment.DtStart!)
      if (isSecond) expect(start - read, zone).toBeGreaterThan(0)
      else expect(read, `${zone} ${clock}`).toBe(start)
      expect(Date.parse(appointment.DtEnd!), `${zone} ${clock}`).toBe(start + 90 * 60_000)
      checked++
    }
  }
  expect(checked).toBeGreaterThan(700)
})

/** Clocks that stop for Ramadan have no rule that Outlook takes. */
const MOON_ZONES = ['Africa/Casablanca', 'Africa/El_Aaiun', 'Asia/Gaza', 'Asia/Hebron']

test('the VTIMEZONE alone gives the offsets of a year, in nearly every zone', () => {
  const wrong = new Set<string>()
  for (const zone of ZONES) {
    const start = Date.UTC(2025, 1, 15, 12)
    const ics = series(zone, start, start + HOUR)
    if (!ics.includes('VTIMEZONE')) continue
    const [calendar] = readComponents(
      contentLines(Buffer.from(ics), 'utf-8', 10_000),
      DEFAULT_CALENDAR_LIMITS,
      () => {},
    )
    const written = readVtimezone(calendar!.children('VTIMEZONE')[0]!, DEFAULT_CALENDAR_LIMITS, () => {})!
    const offset = new IntlZone(zone)
    for (let instant = start; instant < start + 365 * DAY; instant += 3 * DAY) {
      if (written.offsetAtInstant(instant) !== offset.offsetAtInstant(instant)) wrong.add(zone)
    }
  }
  expect([...wrong].filter(zone => !MOON_ZONES.includes(zone))).toEqual([])
})

/** Text of any characters that a calendar may have: no controls, no lone surrogates. */
const text = fc
  .string({ unit: 'grapheme', maxLength: 200 })
  .map(value => value.replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '').trim())
const address = fc
  .tuple(fc.stringMatching(/^[a-z0-9!#$%&'*+/=?^_{|}~.-]{1,30}$/), fc.domain())
  .map(([local, domain]) => `${local}@${domain}`)
const user = fc.record({ address, name: text.map(name => name.replace(/[\t\n]/g, ' ').trim()) })
const minute = fc
  .integer({ min: Date.UTC(1975, 0, 1) / 60_000, max: Date.UTC(2037, 0, 1) / 60_000 })
  .map(minutes => minutes * 60_000)

const input = fc.record({
  method: fc.constantFrom('Request', 'Publish', 'Cancel', 'Add', 'DeclineCounter' as const),
  uid: fc.uuid(),
  sequence: fc.integer({ min: 1, max: 1000 }),
  now: minute.map(instant => new Date(instant)),
  organizer: user,
  attendees: fc.array(user, { minLength: 1, maxLength: 5 }),
  zone: fc.constantFrom(...ZONES),
  appointment: fc
    .record({
      start: minute,
      length: fc.integer({ min: 0, max: 10_000 }),
      Title: text,
      Agenda: text,
      Location: text,
      IsFree: fc.boolean(),
      Private: fc.constantFrom('Public', 'PrivateUser'),
      HasAlarm: fc.boolean(),
      lead: fc.integer({ min: 0, max: 20_000 }),
    })
    .map(({ start, length, lead, ...rest }) => ({
      ...rest,
      StartDate: new Date(start),
      EndDate: new Date(start + length * 60_000),
      AlarmLeadTime: lead,
    })),
})

test('random appointments are read as they were written', () => {
  fc.assert(
    fc.property(input, given => {
      const { appointment: stated } = given
      const { ics } = composeCalendar(given as CalendarInput)
      for (const line of ics.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
      const read = appointmentOf(calendarMessage(ics))
      expect(read.warnings).toEqual([])
      const { appointment } = read
      expect(appointment.CalMethod).toBe(given.method)
      expect(Date.parse(appointment.DtStart!)).toBe(stated.StartDate.getTime())
      expect(Date.parse(appointment.DtEnd!)).toBe(stated.EndDate.getTime())
      expect(read.organizer).toEqual({ ...given.organizer, sentBy: '' })
      if (given.method === 'DeclineCounter') return
      expect(appointment.Appointment).toMatchObject({
        Title: stated.Title || (stated.Agenda === '' ? '' : appointment.Appointment.Title),
        Agenda: stated.Agenda,
        Location: stated.Location,
        IsFree: stated.IsFree,
        Private: stated.Private,
        HasAlarm: stated.HasAlarm && given.method !== 'Cancel',
      })
      if (given.method === 'Publish') return
      const listed = new Map(
        given.attendees.map(attendee => [attendee.address.toLowerCase(), attendee] as const).toReversed(),
      )
      expect(read.attendees.map(({ address, name }) => ({ address, name }))).toEqual(
        given.attendees.filter(attendee => listed.get(attendee.address.toLowerCase()) === attendee),
      )
    }),
    { numRuns: 300 },
  )
})

test('other readers see the same start, end, attendees and organizer', () => {
  const seen = { 'ical.js': 0, 'node-ical': 0, 'ts-ics': 0 }
  fc.assert(
    fc.property(input, fc.boolean(), (given, isSeries) => {
      const { StartDate, EndDate } = given.appointment
      const offset = new IntlZone(given.zone)
      // ical.js takes the second of two equal hours (RFC 5545 §3.3.5 the first), and the later offset in a gap; ts-ics
      // lets a change set in a day late.
      const isPlain = [StartDate, EndDate].every(
        date =>
          offset.offsetAtInstant(date.getTime() - 36 * HOUR) === offset.offsetAtInstant(date.getTime() + 36 * HOUR),
      )
      const recurrence = isSeries && isPlain && given.method !== 'Add' ? { rule: 'FREQ=WEEKLY;COUNT=5' } : null
      const { ics } = composeCalendar({ ...(given as CalendarInput), recurrence })
      for (const reading of readWithOthers(ics)) {
        seen[reading.reader]++
        const attendees = given.method === 'Publish' ? [] : given.attendees.map(({ address }) => address)
        const unique = attendees.filter(
          (one, index) => attendees.findIndex(other => other.toLowerCase() === one.toLowerCase()) === index,
        )
        const expected = {
          start: StartDate.getTime(),
          end: EndDate.getTime(),
          organizer: given.organizer.address,
          attendees: unique,
        }
        expect({ reader: reading.reader, ...pick(reading) }).toEqual({ reader: reading.reader, ...expected })
      }
    }),
    { numRuns: 150 },
  )
  for (const [reader, count] of Object.entries(seen)) expect(count, reader).toBeGreaterThan(100)
})

function pick({ start, end, organizer, attendees }: ReturnType<typeof readWithOthers>[number]) {
  return { start, end, organizer, attendees }
}
