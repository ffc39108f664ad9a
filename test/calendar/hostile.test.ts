/**
 * Calendars made to hurt: nothing throws, nothing hangs, and limits are told.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readAppointment, summarizeCalendar } from '../../src/calendar/index.ts'
import { type ParsedMessage, parseMessage } from '../../src/index.ts'
import { growthRatio } from '../codec/slow/growth.ts'
import { appointmentOf, calendar, calendarMessage, calendarPart, event, multipart, summary } from './message.ts'

/** Milliseconds of the processor, of the fastest of three runs of both readers. */
function cost(message: Uint8Array): number {
  const parsed = parseMessage(message)
  return Math.min(
    ...[1, 2, 3].map(() => {
      const start = process.cpuUsage()
      summarizeCalendar(parsed)
      readAppointment(parsed)
      return process.cpuUsage(start).user / 1000
    }),
  )
}

describe('size', () => {
  test.each<[string, (count: number) => string]>([
    ['folds of one character', count => `SUMMARY:x${'\r\n y'.repeat(count)}`],
    ['line breaks', count => '\r'.repeat(4 * count)],
    ['attendees', count => `${'ATTENDEE:mailto:a@x.no\r\n'.repeat(count / 8)}X:1`],
    ['duplicates of DTSTART', count => `${'DTSTART:20250101\r\n'.repeat(count / 8)}X:1`],
    ['parameters in one line', count => `ATTENDEE${';A=b'.repeat(count)}:mailto:a@x.no`],
    ['quotes', count => `ATTENDEE${';A="'.repeat(count)}:mailto:a@x.no`],
    ['dates', count => `RRULE:FREQ=DAILY\r\nEXDATE:${'20250101T000000Z,'.repeat(count / 4)}20250101T000000Z`],
    ['parts of a rule', count => `RRULE:FREQ=DAILY${';BYDAY=MO'.repeat(count / 4)}`],
    ['escapes', count => `DESCRIPTION:${'\\'.repeat(4 * count)}`],
    [
      'soft breaks of vCalendar 1.0',
      count => `${'SUMMARY;ENCODING=QUOTED-PRINTABLE:x=\r\ny=\r\n'.repeat(count / 16)}z`,
    ],
    ['nested components', count => 'BEGIN:X\r\n'.repeat(count / 2)],
    ['ends', count => 'END:X\r\n'.repeat(count / 2)],
    ['categories', count => `CATEGORIES:${'a,'.repeat(count)}b`],
  ])('%s cost in proportion', (_, content) => {
    const prepare = (count: number): ParsedMessage =>
      parseMessage(calendarMessage(calendar('REQUEST', event(content(count)))))
    const read = (message: ParsedMessage): unknown => [summarizeCalendar(message), readAppointment(message)]
    expect(growthRatio(20_000, prepare, read)).toBeLessThan(3)
  })

  test('limits are told, and what is within them is read', () => {
    const codes = (...lines: readonly string[]): string[] =>
      appointmentOf(calendarMessage(calendar('REQUEST', ...lines))).warnings.map(
        ({ code, detail }) => `${code} ${detail}`,
      )
    expect(codes(event(...Array.from({ length: 1001 }, (_, index) => `ATTENDEE:mailto:a${index}@x.no`)))).toContain(
      'CALENDAR_LIMIT attendees',
    )
    expect(codes(...Array.from({ length: 501 }, () => event()))).toContain('CALENDAR_LIMIT events')
    expect(codes(event(`RRULE:FREQ=DAILY\r\nEXDATE:${'20250101,'.repeat(1001)}`))).toContain('CALENDAR_LIMIT EXDATE')
    expect(codes(event(), 'X:1\r\n'.repeat(20_000))).toContain('CALENDAR_LIMIT lines')
    expect(codes(event('BEGIN:A\r\n'.repeat(20)))).toContain('CALENDAR_LIMIT depth')
    expect(codes(event(`ATTENDEE${';A=b'.repeat(5000)}:mailto:a@x.no`))).toContain('CALENDAR_LIMIT ATTENDEE')
    expect(codes(event(), event(`DESCRIPTION:${'x'.repeat(2_000_000)}`))).toContain('CALENDAR_LIMIT partOctets')
  })

  test.each([
    ['in one list', ['EXDATE:20250102T070000Z,20250103T070000Z,20250104T070000Z']],
    ['in lines of their own', ['EXDATE:20250102T070000Z', 'EXDATE:20250103T070000Z', 'EXDATE:20250104T070000Z']],
    ['in both', ['EXDATE:20250102T070000Z', 'EXDATE:20250103T070000Z,20250104T070000Z', 'EXDATE:20250105T070000Z']],
  ])('dates beyond the limit are told once, %s', (_, dates) => {
    const message = calendarMessage(calendar('REQUEST', event('RRULE:FREQ=DAILY', ...dates)))
    const read = (max: number): string[] => {
      const { recurrence, warnings } = appointmentOf(message, { limits: { dates: max } })
      return [
        ...recurrence!.exceptions.map(({ local }) => local.slice(8, 10)),
        ...warnings.map(({ code, detail }) => `${code} ${detail}`),
      ]
    }
    expect(read(2)).toEqual(['02', '03', 'CALENDAR_LIMIT EXDATE'])
    expect(read(0)).toEqual(['CALENDAR_LIMIT EXDATE'])
    for (const max of [4, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32, Number.POSITIVE_INFINITY]) {
      expect(read(max), String(max)).toEqual(['02', '03', '04', '05'].slice(0, dates.join().split('Z').length - 1))
    }
  })

  test('no number of dates is too many where nothing limits them', () => {
    const dates = Array.from({ length: 300_000 }, () => '20250102T070000Z').join()
    const message = calendarMessage(calendar('REQUEST', event('RRULE:FREQ=DAILY', `EXDATE:${dates}`)))
    const limits = { partOctets: Number.POSITIVE_INFINITY, dates: Number.POSITIVE_INFINITY }
    expect(appointmentOf(message, { limits }).recurrence!.exceptions).toHaveLength(300_000)
  })

  test('parts beyond the limit are not looked into', () => {
    const part = calendarPart(calendar('REQUEST', event()), 'text/calendar; method=REQUEST')
    const message = Buffer.from(
      `From: a@x.no\r\n${multipart(
        'mixed',
        Array.from({ length: 100 }, () => part),
      )}\r\n`,
    )
    expect(appointmentOf(message).warnings.map(({ detail }) => detail)).toContain('parts')
  })

  test('a calendar file of 8 MB is not decoded', () => {
    const big = Buffer.alloc(8_000_000, 'BEGIN:VCALENDAR\r\n')
    expect(cost(calendarMessage(big, { type: 'application/ics' }))).toBeLessThan(20)
  })

  test('limits of the caller, and nonsense for limits', () => {
    const parsed = parseMessage(calendarMessage(calendar('REQUEST', event())))
    expect(summarizeCalendar(parsed, { partOctets: 10 }).HasCalendarData).toBe(false)
    expect(summarizeCalendar(parsed, { depth: undefined } as never).HasCalendarData).toBe(true)
    for (const limits of [{ partOctets: Number.NaN }, { lines: -1 }, { depth: '8' }]) {
      expect(() => summarizeCalendar(parsed, limits as never)).toThrow(/must be a whole number/)
    }
  })
})

describe('rules and dates that other readers do not survive', () => {
  test.each([
    'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30',
    'RRULE:FREQ=SECONDLY;BYMONTH=12',
    'RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30',
    'DTSTART;TZID=X:99991231T235959',
    'DTSTART:00010101T000000Z\r\nDURATION:-P999999W',
    'DURATION:P999999W',
    'DTSTART;TZID=Europe/Oslo:00010101T000000\r\nDTEND;TZID=Europe/Oslo:99991231T235959',
    'DTSTART:99991231\r\nDURATION:P1D',
    'BEGIN:VALARM\r\nTRIGGER:-P999999W\r\nEND:VALARM',
    'RECURRENCE-ID;RANGE=THISANDFUTURE:99991231T235959Z',
  ])('%s', lines => {
    const message = calendarMessage(calendar('REQUEST', event(lines)))
    expect(summary(message)).toBe('true Request Unknown')
    const { appointment } = appointmentOf(message)
    for (const time of [appointment.DtStart, appointment.DtEnd])
      expect(Number.isNaN(Date.parse(time ?? ''))).toBe(false)
    expect(cost(message)).toBeLessThan(20)
  })
})

/** Pieces that calendars are made of, in any order: structure is hit more often than by random octets. */
const PIECES = [
  'BEGIN:VCALENDAR',
  'END:VCALENDAR',
  'BEGIN:VEVENT',
  'END:VEVENT',
  'BEGIN:VTIMEZONE',
  'END:VTIMEZONE',
  'BEGIN:STANDARD',
  'END:STANDARD',
  'BEGIN:VALARM',
  'END:VALARM',
  'METHOD:',
  'REQUEST',
  'REPLY',
  'UID:u',
  'DTSTART',
  'DTEND',
  'RRULE:',
  'EXDATE',
  'TRIGGER',
  'DURATION:',
  ';TZID=',
  ';VALUE=DATE',
  ';CN="',
  'X',
  ':',
  ';',
  ',',
  '"',
  '=',
  '\\',
  '\r\n',
  '\r\n',
  '\r\n',
  '\n',
  '\r',
  ' ',
  '\t',
  '20250226T080000',
  '20250226',
  'Z',
  '-PT15M',
  'P1D',
  'FREQ=YEARLY',
  ';BYDAY=-1SU',
  ';UNTIL=',
  'ATTENDEE',
  ';PARTSTAT=ACCEPTED',
  'ORGANIZER',
  'mailto:',
  'bob@example.org',
  'TZOFFSETTO:+0100',
  'TZOFFSETFROM:+0200',
  'TZID:',
  'Europe/Oslo',
  'X-LIC-LOCATION:',
  'ENCODING=QUOTED-PRINTABLE',
  '\0',
  'ø',
  '\ufeff',
  '__proto__',
  'constructor',
  '%',
  '😀',
  '\ud800',
]

test('no octets make the readers throw', () => {
  const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map(list => list.join(''))
  const types = fc.constantFrom(
    'text/calendar',
    'text/calendar; method=REPLY; charset=utf-16',
    'application/ics',
    'text/calendar; charset=nonsense',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        pieces,
        pieces.map(text => calendar('REQUEST', event(text))),
        pieces.map(text => calendar('REPLY', text, event())),
        fc.string({ unit: 'binary' }),
      ),
      types,
      (text, type) => {
        const parsed = parseMessage(calendarMessage(text, { type }))
        const { HasCalendarData, CalMethod } = summarizeCalendar(parsed)
        const read = readAppointment(parsed, { zone: 'Europe/Oslo' })
        expect(read !== null).toBe(HasCalendarData)
        if (read !== null) expect(read.appointment.CalMethod).toBe(CalMethod)
      },
    ),
    { numRuns: 1500 },
  )
})

test('no random octets make the readers throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), octets => {
      const parsed = parseMessage(
        calendarMessage(Buffer.concat([Buffer.from('BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n'), octets])),
      )
      expect(readAppointment(parsed) !== null).toBe(summarizeCalendar(parsed).HasCalendarData)
    }),
    { numRuns: 1000 },
  )
})

test('a display name does not pass for an address in Sender or Reply-To', () => {
  const ics = calendar('REQUEST', event('ORGANIZER:mailto:alice@example.org'))
  const matchedBy = (...headers: readonly string[]): string =>
    appointmentOf(calendarMessage(ics, { from: 'eve@evil.example', headers })).auth.matchedBy
  expect(matchedBy('Sender: "alice@example.org" <eve@evil.example>')).toBe('none')
  expect(matchedBy('Reply-To: "<alice@example.org>, x" <eve@evil.example>')).toBe('none')
  expect(matchedBy('Reply-To: alice@example.org <eve@evil.example>')).toBe('none')
  expect(matchedBy('Reply-To: eve@evil.example (alice@example.org)')).toBe('none')
  expect(matchedBy('Reply-To: =?utf-8?Q?=3Calice=40example.org=3E?= <eve@evil.example>')).toBe('none')
  expect(matchedBy('Sender: Alice <Alice@Example.org>')).toBe('sender')
  expect(matchedBy('Reply-To: eve@evil.example, "A, B" <alice@example.org>')).toBe('reply-to')
})
