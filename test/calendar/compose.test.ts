/**
 * What is composed for each method: RFC 5546 §3.2, MS-OXCICAL, and the cases of iMIP that decide it (numbered as in
 * ./cases.test.ts).
 */
import { describe, expect, test } from 'vitest'
import { type CalendarInput, composeCalendar, type KnownMethod } from '../../src/calendar/index.ts'
import { MimeError, type Problem } from '../../src/index.ts'
import { appointmentOf, calendar, calendarMessage, event, summary } from './message.ts'

const APPOINTMENT = {
  StartDate: '2025-02-26T08:00:00+01:00',
  EndDate: '2025-02-26T09:00:00+01:00',
  Title: 'Meeting',
  Agenda: 'One\nTwo',
  Location: 'Room 1',
  HasAlarm: true,
  AlarmLeadTime: '00:15:00',
}

const INPUT = {
  uid: '5b5dd8e1-7f2b-4d4e-9c4e-0d3a3c1b9c11',
  sequence: 2,
  now: '2025-02-20T12:00:00Z',
  organizer: { address: 'alice@example.org', name: 'Alice' },
  attendees: [
    { address: 'bob@example.org', name: 'Bob' },
    { address: 'ann@example.org', role: 'OPT-PARTICIPANT', rsvp: false },
    { address: 'room1@example.org', userType: 'ROOM', partStat: 'ACCEPTED' },
  ],
  appointment: APPOINTMENT,
  replyAs: { address: 'Bob@example.org', status: 'Accepted', comment: 'Fine, thanks' },
} as const satisfies Partial<CalendarInput>

function compose(method: KnownMethod, changes: Partial<CalendarInput> = {}): string {
  return composeCalendar({ ...INPUT, method, ...changes }).ics
}

/** The unfolded lines that start with a name. */
function lines(ics: string, ...names: readonly string[]): string[] {
  return unfolded(ics).filter(line => names.some(name => line.startsWith(`${name}:`) || line.startsWith(`${name};`)))
}

function unfolded(ics: string): string[] {
  return ics.replace(/\r\n /g, '').split('\r\n').slice(0, -1)
}

/** Names of the properties in VEVENT, each once, sorted. */
function eventProperties(ics: string): string[] {
  const all = unfolded(ics)
  const event = all.slice(all.indexOf('BEGIN:VEVENT') + 1, all.indexOf('END:VEVENT'))
  return [...new Set(event.map(line => line.split(/[:;]/, 1)[0]!))].sort()
}

function problemsOf(run: () => unknown): readonly Problem[] {
  try {
    run()
  } catch (error) {
    if (error instanceof MimeError) return error.problems
    throw error
  }
  return []
}

const METHODS = ['Publish', 'Request', 'Reply', 'Add', 'Cancel', 'Refresh', 'Counter', 'DeclineCounter'] as const

describe('every method', () => {
  /** RFC 5546 §3.2.1 to §3.2.8: 1 must be there, 0 must not, other properties may be. */
  const TABLE = [
    ['Publish', { ATTENDEE: 0, DTSTART: 1, SUMMARY: 1, SEQUENCE: 1, VALARM: 1 }],
    ['Request', { ATTENDEE: 3, DTSTART: 1, SUMMARY: 1, SEQUENCE: 1, VALARM: 1 }],
    ['Reply', { ATTENDEE: 1, DTSTART: 1, SUMMARY: 1, SEQUENCE: 1, VALARM: 0 }],
    ['Add', { ATTENDEE: 3, DTSTART: 1, SUMMARY: 1, SEQUENCE: 1, VALARM: 1, RRULE: 0, 'RECURRENCE-ID': 0 }],
    ['Cancel', { ATTENDEE: 3, DTSTART: 1, SUMMARY: 1, SEQUENCE: 1, VALARM: 0 }],
    ['Refresh', { ATTENDEE: 1, DTSTART: 0, DTEND: 0, SUMMARY: 0, SEQUENCE: 0, STATUS: 0, VALARM: 0, RRULE: 0 }],
    ['Counter', { ATTENDEE: 1, DTSTART: 1, SUMMARY: 1, SEQUENCE: 1 }],
    ['DeclineCounter', { ATTENDEE: 3, DTSTART: 1, SUMMARY: 1, SEQUENCE: 1, VALARM: 0 }],
  ] as const satisfies readonly (readonly [KnownMethod, Record<string, number>])[]

  test.each(TABLE)('%s has what RFC 5546 demands and nothing it forbids', (method, counts) => {
    const ics = compose(method)
    for (const name of ['UID', 'DTSTAMP', 'ORGANIZER']) expect(lines(ics, name)).toHaveLength(1)
    for (const [name, count] of Object.entries(counts)) {
      expect(name === 'VALARM' ? ics.split('BEGIN:VALARM').length - 1 : lines(ics, name).length, name).toBe(count)
    }
    expect(lines(ics, 'REQUEST-STATUS', 'SCHEDULE-AGENT')).toEqual([])
    expect(lines(ics, 'METHOD')).toEqual([`METHOD:${method.toUpperCase()}`])
  })

  test.each(METHODS)('%s is read as what it is', method => {
    const composed = composeCalendar({ ...INPUT, method })
    expect(composed.contentType).toBe(`text/calendar; charset=utf-8; method=${method.toUpperCase()}`)
    const message = calendarMessage(composed.ics, { type: composed.contentType })
    expect(summary(message)).toBe(`true ${method} ${method === 'Reply' ? 'Accepted' : 'Unknown'}`)
    expect(appointmentOf(message).warnings).toEqual([])
    expect(appointmentOf(message).revision.sequence).toBe(composed.sequence ?? 0)
  })

  test.each(METHODS)('%s: the head of the calendar, its lines and their ends', method => {
    const ics = compose(method, { appointment: { ...APPOINTMENT, Agenda: `${'ø'.repeat(300)}😀${'a'.repeat(300)}` } })
    expect(
      unfolded(ics)
        .slice(0, 4)
        .map(line => line.split(':')[0]),
    ).toEqual(['BEGIN', 'PRODID', 'VERSION', 'CALSCALE'])
    expect(ics.endsWith('END:VCALENDAR\r\n')).toBe(true)
    expect(ics.replace(/\r\n/g, '')).not.toMatch(/[\r\n]/)
    for (const line of ics.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
  })

  test('a copy as a file goes along where a person may open it', () => {
    const withCopy = METHODS.filter(method => composeCalendar({ ...INPUT, method }).attachIcs)
    expect(withCopy).toEqual(['Publish', 'Request', 'Cancel'])
  })
})

describe('answers', () => {
  test('30. a REPLY has one attendee, no alarm, the sequence of the invitation, and its organizer', () => {
    const ics = compose('Reply')
    expect(lines(ics, 'ATTENDEE')).toEqual(['ATTENDEE;PARTSTAT=ACCEPTED;CN=Bob:mailto:Bob@example.org'])
    expect(lines(ics, 'SEQUENCE', 'ORGANIZER', 'COMMENT', 'TRIGGER', 'DESCRIPTION')).toEqual([
      'SEQUENCE:2',
      'ORGANIZER;CN=Alice:mailto:alice@example.org',
      'COMMENT:Fine\\, thanks',
    ])
    // Exchange and Google keep what tells the appointment from others.
    expect(lines(ics, 'DTSTART', 'DTEND', 'SUMMARY')).toEqual([
      'DTSTART:20250226T070000Z',
      'DTEND:20250226T080000Z',
      'SUMMARY:Meeting',
    ])
  })

  test('a REPLY without times, and for one instance', () => {
    const ics = compose('Reply', { appointment: null, recurrenceId: '2025-03-05T08:00:00+01:00' })
    expect(lines(ics, 'DTSTART', 'SUMMARY', 'RECURRENCE-ID')).toEqual(['RECURRENCE-ID:20250305T070000Z'])
  })

  test('32. REFRESH has six properties and no more; ADD needs a sequence above 0', () => {
    const ics = compose('Refresh', { recurrenceId: '2025-03-05T08:00:00+01:00' })
    expect(eventProperties(ics)).toEqual(['ATTENDEE', 'COMMENT', 'DTSTAMP', 'ORGANIZER', 'RECURRENCE-ID', 'UID'])
    expect(problemsOf(() => compose('Add', { sequence: 0 }))).toMatchObject([
      { code: 'CALENDAR_METHOD', path: 'sequence' },
    ])
    expect(
      problemsOf(() => compose('Add', { recurrence: { rule: 'FREQ=DAILY' }, recurrenceId: '2025-01-01' })),
    ).toMatchObject([
      { code: 'CALENDAR_METHOD', path: 'recurrenceId' },
      { code: 'CALENDAR_METHOD', path: 'recurrence' },
    ])
  })

  test('a COUNTER is tentative, as Exchange wants it', () => {
    expect(lines(compose('Counter'), 'ATTENDEE')).toEqual(['ATTENDEE;PARTSTAT=TENTATIVE;CN=Bob:mailto:Bob@example.org'])
  })

  test('somebody answers for somebody else', () => {
    const replyAs = { address: 'bob@example.org', sentBy: 'sec@example.org', status: 'Declined' } as const
    const ics = compose('Reply', { replyAs })
    expect(lines(ics, 'ATTENDEE')).toEqual([
      'ATTENDEE;PARTSTAT=DECLINED;SENT-BY="mailto:sec@example.org";CN=Bob:mailto:bob@example.org',
    ])
    expect(summary(calendarMessage(ics, { from: 'sec@example.org' }))).toBe('true Reply Declined')
  })

  test('who answers, and what, must be said', () => {
    expect(problemsOf(() => compose('Reply', { replyAs: null }))).toMatchObject([
      { code: 'CALENDAR_METHOD', path: 'replyAs' },
    ])
    expect(problemsOf(() => compose('Reply', { replyAs: { address: 'b@x.no' } }))).toMatchObject([
      { code: 'CALENDAR_METHOD', path: 'replyAs.status' },
    ])
    expect(compose('Refresh', { replyAs: { address: 'b@x.no' } })).toContain('METHOD:REFRESH')
  })
})

describe('31. CANCEL', () => {
  test('of the appointment: the next sequence, and STATUS', () => {
    const composed = composeCalendar({ ...INPUT, method: 'Cancel' })
    expect(composed.sequence).toBe(3)
    expect(lines(composed.ics, 'SEQUENCE', 'STATUS')).toEqual(['SEQUENCE:3', 'STATUS:CANCELLED'])
  })

  test('has no next sequence after the largest INTEGER, which others may repeat (RFC 5545 §3.3.8)', () => {
    expect(lines(compose('Reply', { sequence: 2_147_483_647 }), 'SEQUENCE')).toEqual(['SEQUENCE:2147483647'])
    expect(composeCalendar({ ...INPUT, method: 'Cancel', sequence: 2_147_483_646 }).sequence).toBe(2_147_483_647)
    for (const [method, sequence] of [
      ['Cancel', 2_147_483_647],
      ['Request', 2_147_483_648],
    ] as const) {
      expect(problemsOf(() => compose(method, { sequence }))).toMatchObject([
        { code: 'VALUE_INVALID', path: 'sequence' },
      ])
    }
  })

  test('of one attendee of three: that one alone, and no STATUS', () => {
    const ics = compose('Cancel', { cancel: 'attendees', attendees: [INPUT.attendees[1]] })
    expect(lines(ics, 'SEQUENCE', 'STATUS')).toEqual(['SEQUENCE:3'])
    expect(lines(ics, 'ATTENDEE').map(line => line.split('mailto:')[1])).toEqual(['ann@example.org'])
    expect(problemsOf(() => compose('Cancel', { cancel: 'attendees', attendees: [] }))).toMatchObject([
      { code: 'CALENDAR_METHOD', path: 'attendees' },
    ])
  })

  test('of one instance, without attendees and times', () => {
    const ics = compose('Cancel', { attendees: [], appointment: null, recurrenceId: new Date('2025-03-05T07:00:00Z') })
    expect(lines(ics, 'RECURRENCE-ID', 'STATUS', 'ATTENDEE', 'DTSTART')).toEqual([
      'RECURRENCE-ID:20250305T070000Z',
      'STATUS:CANCELLED',
    ])
  })
})

describe('33. values', () => {
  test('a name with a quote and a comma, by RFC 6868', () => {
    const ics = compose('Request', { organizer: { address: 'a@x.no', name: 'Doe, "J"' } })
    expect(lines(ics, 'ORGANIZER')).toEqual(['ORGANIZER;CN="Doe, ^\'J^\'":mailto:a@x.no'])
    expect(appointmentOf(calendarMessage(ics)).organizer).toEqual({ address: 'a@x.no', name: 'Doe, "J"', sentBy: '' })
  })

  test.each([
    ['organizer.address', { organizer: { address: 'a@x.no\r\nX-INJECT:1' } }],
    ['organizer.name', { organizer: { address: 'a@x.no', name: 'A\r\nX-INJECT:1' } }],
    ['organizer.sentBy', { organizer: { address: 'a@x.no', sentBy: 'a@x.no\nX:1' } }],
    ['attendees[0].address', { attendees: [{ address: 'b@x.no\nATTENDEE:mailto:evil@x.no' }] }],
    ['attendees[0].role', { attendees: [{ address: 'b@x.no', role: 'CHAIR\r\nX:1' }] }],
    ['uid', { uid: 'u\r\nX:1' }],
    ['zone', { zone: 'Europe/Oslo\r\nX:1' }],
    ['appointment.Title', { appointment: { ...APPOINTMENT, Title: 'a\0b' } }],
    ['appointment.JoinVideomeetUrl', { appointment: { ...APPOINTMENT, JoinVideomeetUrl: 'https://x.no/\r\nX:1' } }],
  ] as const satisfies readonly (readonly [string, Partial<CalendarInput>])[])(
    '%s starts no line of its own',
    (path, changes) => {
      expect(problemsOf(() => compose('Request', changes))).toMatchObject([{ code: 'HEADER_INJECTION', path }])
    },
  )

  test('line breaks of every kind in text are escaped', () => {
    const ics = compose('Request', {
      appointment: { ...APPOINTMENT, Title: 'a\r\nb\nc\rd', Agenda: 'x;y,z\\', Location: 'BEGIN:VALARM\r\nEND:VEVENT' },
      comment: 'one\ntwo',
    })
    expect(lines(ics, 'SUMMARY', 'DESCRIPTION', 'LOCATION', 'COMMENT')).toEqual([
      'SUMMARY:a\\nb\\nc\\nd',
      'DESCRIPTION:x\\;y\\,z\\\\',
      'LOCATION:BEGIN:VALARM\\nEND:VEVENT',
      'COMMENT:one\\ntwo',
      'DESCRIPTION:Reminder',
    ])
    expect(appointmentOf(calendarMessage(ics)).appointment.Appointment).toMatchObject({
      Title: 'a\nb\nc\nd',
      Agenda: 'x;y,z\\',
      Location: 'BEGIN:VALARM\nEND:VEVENT',
    })
  })

  test('an address keeps what a URI would read as something else', () => {
    const address = "o'b%41?x#y/z+1@example.org"
    const ics = compose('Request', { organizer: { address } })
    expect(lines(ics, 'ORGANIZER')).toEqual(["ORGANIZER:mailto:o'b%2541%3Fx%23y%2Fz+1@example.org"])
    expect(appointmentOf(calendarMessage(ics)).organizer?.address).toBe(address)
  })

  test.each([[''], [null], [undefined]])('the clock says when it is made where now is %j', now => {
    const before = Date.now()
    const [stamp] = lines(compose('Request', { now } as Partial<CalendarInput>), 'DTSTAMP')
    const made = stamp!.replace(/^DTSTAMP:(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5')
    expect(Date.parse(made)).toBeGreaterThan(before - 1000)
    expect(Date.parse(made)).toBeLessThanOrEqual(Date.now())
  })

  test('every problem at once, each with its path', () => {
    const input = {
      method: 'Request',
      uid: '',
      sequence: -1,
      now: 'yesterday',
      organizer: {},
      attendees: [{ address: 'nobody' }, null, { address: '' }],
      appointment: { StartDate: 'x', Title: 7, HasAlarm: true, AlarmLeadTime: 'soon', JoinVideomeetUrl: 'http://x.no' },
      recurrence: { rule: 'FREQ=SOMETIMES', exceptions: ['x'] },
      zone: 'Nowhere/Else',
    } as unknown as CalendarInput
    expect(problemsOf(() => composeCalendar(input)).map(({ code, path }) => `${code} ${path}`)).toEqual([
      'VALUE_INVALID zone',
      'VALUE_INVALID sequence',
      'VALUE_INVALID uid',
      'DATE_INVALID now',
      'ADDRESS_MISSING organizer.address',
      'ADDRESS_INVALID attendees[0].address',
      'ADDRESS_MISSING attendees[1].address',
      'ADDRESS_MISSING attendees[2].address',
      'DATE_INVALID appointment.StartDate',
      'VALUE_INVALID recurrence.rule',
      'DATE_INVALID recurrence.exceptions[0]',
      'TYPE_INVALID appointment.Title',
      'VALUE_INVALID appointment.JoinVideomeetUrl',
      'VALUE_INVALID appointment.AlarmLeadTime',
    ])
  })

  test('flags that are none', () => {
    const flags = { floating: 'yes', thisAndFuture: 1 } as unknown as Partial<CalendarInput>
    expect(problemsOf(() => compose('Request', flags)).map(({ code, path }) => `${code} ${path}`)).toEqual([
      'TYPE_INVALID floating',
      'TYPE_INVALID thisAndFuture',
    ])
  })

  test('a rule that RFC 5545 §3.3.10 forbids, as text and as it was read', () => {
    const { recurrence } = appointmentOf(
      calendarMessage(calendar('REQUEST', event('RRULE:FREQ=WEEKLY;COUNT=5;BYDAY=2MO'))),
    )
    expect(recurrence?.rule).toBeDefined()
    for (const rule of [recurrence?.rule, 'FREQ=WEEKLY;BYDAY=2MO', 'RSCALE=CHINESE;FREQ=YEARLY']) {
      expect(problemsOf(() => compose('Request', { recurrence: { rule } }))).toMatchObject([
        { code: 'VALUE_INVALID', path: 'recurrence.rule' },
      ])
    }
    for (const [part, isRefused] of [
      ['BYHOUR=9', true],
      ['BYMINUTE=0', true],
      ['BYSECOND=0', true],
      ['BYDAY=MO', false],
    ] as const) {
      const recurrence = { rule: `FREQ=WEEKLY;${part}` }
      expect(compose('Request', { recurrence })).toContain(`RRULE:FREQ=WEEKLY;${part}`)
      const wholeDays = { recurrence, appointment: { ...APPOINTMENT, IsAlldayEvent: true } }
      if (isRefused)
        expect(problemsOf(() => compose('Request', wholeDays))).toMatchObject([{ path: 'recurrence.rule' }])
      else expect(compose('Request', wholeDays)).toContain(`RRULE:FREQ=WEEKLY;${part}`)
    }
  })

  test.each([[null], [{ ...INPUT, method: 'Unknown' }], [{ ...INPUT, method: 'toString' }]])('%j is refused', input => {
    expect(() => composeCalendar(input as unknown as CalendarInput)).toThrow(MimeError)
  })
})

describe('34. times', () => {
  test('a single event is in UTC, without VTIMEZONE', () => {
    const ics = compose('Request', { zone: 'Europe/Oslo' })
    expect(lines(ics, 'DTSTART', 'DTEND')).toEqual(['DTSTART:20250226T070000Z', 'DTEND:20250226T080000Z'])
    expect(ics).not.toContain('VTIMEZONE')
  })

  test('a series has its zone as it is called, one STANDARD and one DAYLIGHT, and no RDATE in them', () => {
    const ics = compose('Request', {
      zone: 'Europe/Oslo',
      recurrence: { rule: 'freq=weekly;byday=we;until=20250601', exceptions: ['2025-03-05T08:00:00'] },
    })
    expect(lines(ics, 'TZID', 'RDATE', 'RRULE', 'DTSTART', 'DTEND', 'EXDATE', 'TZOFFSETFROM', 'TZOFFSETTO')).toEqual([
      'TZID:Europe/Oslo',
      'DTSTART:20241027T030000',
      'TZOFFSETFROM:+0200',
      'TZOFFSETTO:+0100',
      'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU',
      'DTSTART:20250330T020000',
      'TZOFFSETFROM:+0100',
      'TZOFFSETTO:+0200',
      'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU',
      'DTSTART;TZID=Europe/Oslo:20250226T080000',
      'DTEND;TZID=Europe/Oslo:20250226T090000',
      'RRULE:FREQ=WEEKLY;UNTIL=20250601T215959Z;BYDAY=WE',
      'EXDATE;TZID=Europe/Oslo:20250305T080000',
    ])
    expect(ics.match(/BEGIN:(?:STANDARD|DAYLIGHT)/g)).toEqual(['BEGIN:STANDARD', 'BEGIN:DAYLIGHT'])
  })

  test('a Windows name stays a Windows name', () => {
    const ics = compose('Request', { zone: 'W. Europe Standard Time', recurrence: { rule: 'FREQ=DAILY;COUNT=3' } })
    expect(lines(ics, 'TZID')).toEqual(['TZID:W. Europe Standard Time'])
    expect(lines(ics, 'DTSTART').at(-1)).toBe('DTSTART;TZID=W. Europe Standard Time:20250226T080000')
  })

  test('an abbreviation that is no IANA name is no zone: BST is two', () => {
    expect(problemsOf(() => compose('Request', { zone: 'BST' }))).toMatchObject([
      { code: 'VALUE_INVALID', path: 'zone' },
    ])
  })

  test('a series without a zone, or in UTC, is in UTC', () => {
    for (const zone of [undefined, 'UTC', 'Etc/UTC']) {
      const ics = compose('Request', { zone, recurrence: { rule: 'FREQ=DAILY;COUNT=3' } })
      expect(lines(ics, 'DTSTART', 'TZID')).toEqual(['DTSTART:20250226T070000Z'])
    }
  })

  test.each([
    ['the date alone, one day', {}, '2026-08-12', undefined, '20260812', '20260813'],
    ['exclusive', {}, '2026-08-12T00:00:00+00:00', '2026-08-14T00:00:00+00:00', '20260812', '20260814'],
    ['exclusive, at the start', {}, '2026-08-12', '2026-08-12', '20260812', '20260813'],
    ['a minute before midnight', {}, '2026-08-12T00:00:00+02:00', '2026-08-13T23:59:00+02:00', '20260812', '20260814'],
    ['inclusive', { allDayEnd: 'inclusive' }, '2026-08-12', '2026-08-13', '20260812', '20260814'],
    [
      'midnight in the zone, told in UTC',
      { zone: 'Europe/Oslo' },
      '2026-08-11T22:00:00Z',
      '2026-08-12T22:00:00Z',
      '20260812',
      '20260813',
    ],
  ] as const)('whole days: %s', (_, changes, StartDate, EndDate, first, after) => {
    const ics = compose('Request', { ...changes, appointment: { StartDate, EndDate, IsAlldayEvent: true } })
    expect(lines(ics, 'DTSTART', 'DTEND')).toEqual([`DTSTART;VALUE=DATE:${first}`, `DTEND;VALUE=DATE:${after}`])
  })

  test('a series of whole days has no zone, and a date as its end', () => {
    const ics = compose('Request', {
      zone: 'Europe/Oslo',
      appointment: { StartDate: '2026-08-12', IsAlldayEvent: true },
      recurrence: { rule: 'FREQ=YEARLY;UNTIL=20300811T220000Z', exceptions: ['2027-08-12'] },
    })
    expect(lines(ics, 'RRULE', 'EXDATE', 'TZID')).toEqual([
      'RRULE:FREQ=YEARLY;UNTIL=20300812',
      'EXDATE;VALUE=DATE:20270812',
    ])
  })

  test.each([
    ['midnight in the zone, told in UTC', '20250814T220000Z', '20250815'],
    ['midnight in UTC', '20250815T000000Z', '20250815'],
    ['a clock time in the zone', '20250815T235959', '20250815'],
    ['a second before midnight in the zone', '20250815T215959Z', '20250815'],
    ['an hour of the day that has begun in the zone alone', '20250814T233000Z', '20250815'],
    ['a date', '20250815', '20250815'],
  ])('the last day of a series of whole days is given as %s', (_, until, last) => {
    const ics = compose('Request', {
      zone: 'Europe/Oslo',
      appointment: { StartDate: '2025-08-11T22:00:00Z', IsAlldayEvent: true },
      recurrence: { rule: `FREQ=DAILY;UNTIL=${until}`, exceptions: ['2025-08-14T22:00:00Z'] },
    })
    expect(lines(ics, 'DTSTART', 'RRULE', 'EXDATE')).toEqual([
      'DTSTART;VALUE=DATE:20250812',
      `RRULE:FREQ=DAILY;UNTIL=${last}`,
      'EXDATE;VALUE=DATE:20250815',
    ])
  })

  test('floating times are clock times, of the rule and of single dates too (RFC 5545 §3.3.5, §3.3.10)', () => {
    const ics = compose('Request', {
      floating: true,
      zone: 'Europe/Oslo',
      appointment: { StartDate: '2025-03-30T02:30:00', EndDate: '2025-03-30T03:30:00+02:00' },
      recurrence: { rule: 'FREQ=DAILY;UNTIL=20250401', exceptions: [new Date('2025-03-31T02:30:00Z')] },
    })
    expect(lines(ics, 'DTSTART', 'DTEND', 'RRULE', 'EXDATE', 'TZID')).toEqual([
      'DTSTART:20250330T023000',
      'DTEND:20250330T033000',
      'RRULE:FREQ=DAILY;UNTIL=20250401T235959',
      'EXDATE:20250331T023000',
    ])
    expect(appointmentOf(calendarMessage(ics)).start).toMatchObject({ kind: 'floating', local: '2025-03-30T02:30:00' })
    const backwards = { StartDate: '2025-03-30T10:00:00+02:00', EndDate: '2025-03-30T09:30:00Z' }
    expect(problemsOf(() => compose('Request', { floating: true, appointment: backwards }))).toMatchObject([
      { code: 'DATE_INVALID', path: 'appointment.EndDate' },
    ])
  })

  test('an instance and all after it (RFC 5545 §3.2.13)', () => {
    const recurrenceId = '2025-02-26T08:00:00'
    const ics = compose('Request', { zone: 'Europe/Oslo', recurrenceId, thisAndFuture: true })
    expect(lines(ics, 'RECURRENCE-ID')).toEqual(['RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Oslo:20250226T080000'])
    expect(appointmentOf(calendarMessage(ics)).thisAndFuture).toBe(true)
    expect(appointmentOf(calendarMessage(compose('Request', { recurrenceId }))).thisAndFuture).toBe(false)
    expect(problemsOf(() => compose('Request', { thisAndFuture: true }))).toMatchObject([
      { code: 'VALUE_INVALID', path: 'thisAndFuture' },
    ])
  })

  test('an end before the start is refused, none is no length', () => {
    const backwards = { ...APPOINTMENT, EndDate: '2025-02-26T07:00:00+01:00' }
    expect(problemsOf(() => compose('Request', { appointment: backwards }))).toMatchObject([
      { code: 'DATE_INVALID', path: 'appointment.EndDate' },
    ])
    const ics = compose('Request', { appointment: { StartDate: new Date('2025-02-26T07:00:00Z') } })
    expect(lines(ics, 'DTSTART', 'DTEND', 'DURATION')).toEqual(['DTSTART:20250226T070000Z'])
    expect(lines(ics, 'SUMMARY')).toEqual(['SUMMARY:'])
  })

  test('an end in the second of two equal hours is told by its duration', () => {
    const ics = compose('Request', {
      zone: 'Europe/Oslo',
      appointment: { StartDate: '2025-10-26T02:30:00+02:00', EndDate: '2025-10-26T02:30:00+01:00' },
      recurrence: { rule: 'FREQ=YEARLY;COUNT=2' },
    })
    expect(lines(ics, 'DTSTART', 'DTEND', 'DURATION').slice(-2)).toEqual([
      'DTSTART;TZID=Europe/Oslo:20251026T023000',
      'DURATION:PT1H',
    ])
  })

  test('a duration over a change of the clock is in hours: a day of RFC 5545 §3.3.6 has 25 of them there', () => {
    const [StartDate, EndDate] = ['2025-10-25T03:30:00+02:00', '2025-10-26T02:30:00+01:00']
    const ics = compose('Request', {
      zone: 'Europe/Oslo',
      appointment: { StartDate, EndDate },
      recurrence: { rule: 'FREQ=YEARLY;COUNT=2' },
    })
    expect(lines(ics, 'DURATION')).toEqual(['DURATION:PT24H'])
    expect(appointmentOf(calendarMessage(ics)).appointment.DtEnd).toBe(EndDate)
  })

  test.each([
    ['00:15:00', 'TRIGGER:-PT15M'],
    ['01:00:30', 'TRIGGER:-PT1H0M30S'],
    ['1.00:00:00', 'TRIGGER:-P1D'],
    [0, 'TRIGGER:-PT0M'],
  ])('an alarm %s ahead is %s', (AlarmLeadTime, trigger) => {
    expect(lines(compose('Request', { appointment: { ...APPOINTMENT, AlarmLeadTime } }), 'TRIGGER')).toEqual([trigger])
  })
})

test('title and agenda are taken from Description where they are missing', () => {
  const of = (appointment: CalendarInput['appointment']): string[] =>
    lines(
      compose('Request', { appointment: { StartDate: '2025-02-26T08:00:00Z', ...appointment } }),
      'SUMMARY',
      'DESCRIPTION',
    )
  expect(of({ Description: 'Title\r\n\r\nText\nmore' })).toEqual(['SUMMARY:Title', 'DESCRIPTION:Text\\nmore'])
  expect(of({ Description: 'Title' })).toEqual(['SUMMARY:Title'])
  expect(of({ Title: 'T', Description: 'Text' })).toEqual(['SUMMARY:T', 'DESCRIPTION:Text'])
  expect(of({ Title: 'T', Agenda: 'A', Description: 'T\n\nA' })).toEqual(['SUMMARY:T', 'DESCRIPTION:A'])
  expect(of({ Title: 'T', Description: 'T \t\r\nText' })).toEqual(['SUMMARY:T', 'DESCRIPTION:Text'])
  expect(of({ Title: 'T', Description: 'Tea' })).toEqual(['SUMMARY:T', 'DESCRIPTION:Tea'])
  expect(of({ Description: 'Title \nText' })).toEqual(['SUMMARY:Title', 'DESCRIPTION:Text'])
  // A title of two lines, as SUMMARY may have.
  expect(of({ Title: 'A\nB', Description: 'A\nB' })).toEqual(['SUMMARY:A\\nB'])
  expect(of({ Title: 'A\nB', Description: 'A\nB\n\nText' })).toEqual(['SUMMARY:A\\nB', 'DESCRIPTION:Text'])
  expect(of({ Title: 'A\nB', Description: 'A\nBe' })).toEqual(['SUMMARY:A\\nB', 'DESCRIPTION:A\\nBe'])
})
