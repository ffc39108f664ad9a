/**
 * The cases that decide how iMIP messages are read, each as real message octets through `parseMessage`.
 *
 * They say what Outlook, Google, Apple and Thunderbird send and how they read it; the sections are of RFC 5545, 5546
 * and 6047 where those decide. Composing is in ./compose.test.ts.
 */
import { describe, expect, test } from 'vitest'
import { isSuperseded, type ReadAppointmentOptions, summarizeCalendar } from '../../src/calendar/index.ts'
import { composeMessage, parseMessage } from '../../src/index.ts'
import { appointmentOf, calendar, calendarMessage, calendarPart, event, multipart, summary, utc } from './message.ts'

/** A line of uuencode: the length, and four characters for three octets. */
function uuencodedLine(octets: Uint8Array): string {
  const values = [octets.length]
  for (let index = 0; index < octets.length; index += 3) {
    const bits = (octets[index]! << 16) | ((octets[index + 1] ?? 0) << 8) | (octets[index + 2] ?? 0)
    values.push(bits >> 18, (bits >> 12) & 63, (bits >> 6) & 63, bits & 63)
  }
  return `${String.fromCharCode(...values.map(value => (value === 0 ? 0x60 : 0x20 + value)))}\r\n`
}

const ORGANIZER = 'ORGANIZER;CN=Alice:mailto:alice@example.org'

/** STANDARD and DAYLIGHT of central Europe as Exchange writes every zone: from the year 1601 on. */
function exchangeZone(tzid: string): string {
  return [
    'BEGIN:VTIMEZONE',
    `TZID:${tzid}`,
    'BEGIN:STANDARD',
    'DTSTART:16010101T030000',
    'TZOFFSETFROM:+0200',
    'TZOFFSETTO:+0100',
    'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10',
    'END:STANDARD',
    'BEGIN:DAYLIGHT',
    'DTSTART:16010101T020000',
    'TZOFFSETFROM:+0100',
    'TZOFFSETTO:+0200',
    'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3',
    'END:DAYLIGHT',
    'END:VTIMEZONE',
  ].join('\r\n')
}

const EXCHANGE_REQUEST = calendar(
  'REQUEST',
  exchangeZone('W. Europe Standard Time'),
  event(
    ORGANIZER,
    'ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=Bob:mailto:bob@example.org',
    'ATTENDEE;ROLE=OPT-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN="Doe, John":mailto:John@Example.org',
    'DESCRIPTION;LANGUAGE=en-US:Agenda\\n\\n1. Start\\, end\\n',
    'SUMMARY;LANGUAGE=en-US:Meeting',
    'DTSTART;TZID=W. Europe Standard Time:20250226T080000',
    'DTEND;TZID=W. Europe Standard Time:20250226T083000',
    'CLASS:PUBLIC',
    'PRIORITY:5',
    'TRANSP:OPAQUE',
    'STATUS:CONFIRMED',
    'SEQUENCE:0',
    'LOCATION;LANGUAGE=en-US:Room 1',
    'X-MICROSOFT-CDO-APPT-SEQUENCE:0',
    'X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE',
    'X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY',
    'X-MICROSOFT-CDO-ALLDAYEVENT:FALSE',
    'BEGIN:VALARM',
    'DESCRIPTION:REMINDER',
    'TRIGGER;RELATED=START:-PT15M',
    'ACTION:DISPLAY',
    'END:VALARM',
  ),
)

describe('part, method and appointment', () => {
  test('1. a REQUEST of Exchange, with a Windows zone from the year 1601', () => {
    const message = calendarMessage(EXCHANGE_REQUEST, { type: 'text/calendar; charset="utf-8"; method=REQUEST' })
    expect(summary(message)).toBe('true Request Unknown')
    const { appointment, attendees, organizer, warnings } = appointmentOf(message)
    expect(appointment).toEqual({
      Appointment: {
        StartDate: '2025-02-26T08:00:00+01:00',
        EndDate: '2025-02-26T08:30:00+01:00',
        Description: 'Meeting\n\nAgenda\n\n1. Start, end',
        Title: 'Meeting',
        Agenda: 'Agenda\n\n1. Start, end',
        Location: 'Room 1',
        IsAlldayEvent: false,
        IsRecurrence: false,
        Private: 'Public',
        IsFree: false,
        HasAlarm: true,
        AlarmLeadTime: '00:15:00',
        JoinVideomeetUrl: '',
        Task: null,
      },
      CalMethod: 'Request',
      Participants: ['alice@example.org', 'bob@example.org', 'john@example.org'],
      Comment: '',
      Sequence: 0,
      DtStart: '2025-02-26T08:00:00+01:00',
      DtEnd: '2025-02-26T08:30:00+01:00',
      Superseded: false,
      TableRight: null,
      FieldProperties: null,
    })
    expect([utc(appointment.DtStart), utc(appointment.DtEnd)]).toEqual(['2025-02-26T07:00:00Z', '2025-02-26T07:30:00Z'])
    expect(organizer).toEqual({ address: 'alice@example.org', name: 'Alice', sentBy: '' })
    expect(attendees[1]).toMatchObject({
      address: 'John@Example.org',
      name: 'Doe, John',
      role: 'OPT-PARTICIPANT',
      rsvp: true,
    })
    expect(warnings).toEqual([])
  })

  test('2. an invitation of Google: the calendar part and a copy of it in application/ics', () => {
    const ics = calendar('REQUEST', event(ORGANIZER))
    const message = calendarMessage(ics, {
      type: 'text/calendar; charset="UTF-8"; method=REQUEST',
      beside: [calendarPart(ics, 'application/ics; name="invite.ics"', 'attachment; filename="invite.ics"')],
    })
    expect(summary(message)).toBe('true Request Unknown')
  })

  test('3. a PUBLISH of two appointments is no appointment', () => {
    const message = calendarMessage(calendar('PUBLISH', event('UID:u1'), event('UID:u2')))
    expect(summary(message)).toBe('false Unknown Unknown')
    expect(() => appointmentOf(message)).toThrow('no appointment')
  })

  test('4. a series and a changed instance of it are one appointment', () => {
    const message = calendarMessage(
      calendar(
        'REQUEST',
        event('RECURRENCE-ID:20250305T070000Z', 'DTSTART:20250305T090000Z', 'SUMMARY:Moved'),
        event('RRULE:FREQ=WEEKLY;BYDAY=WE;COUNT=4', 'SUMMARY:Series'),
      ),
    )
    expect(summary(message)).toBe('true Request Unknown')
    const { appointment, recurrence, recurrenceId } = appointmentOf(message)
    expect(appointment.Appointment).toMatchObject({ IsRecurrence: true, Title: 'Series' })
    expect(recurrence).toMatchObject({
      pattern: 'Weekly',
      rule: { interval: 1, count: 4, byDay: [{ weekday: 'WE', ordinal: 0 }] },
    })
    expect(recurrenceId).toBeUndefined()
  })

  test('5. the method of Content-Type stands in for a missing METHOD', () => {
    expect(summary(calendarMessage(calendar('', event()), { type: 'text/calendar; method=cancel' }))).toBe(
      'true Cancel Unknown',
    )
  })

  test('6. METHOD of the calendar wins over that of Content-Type, as in Outlook', () => {
    const ics = calendar('REPLY', event('ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.org'))
    expect(summary(calendarMessage(ics, { type: 'text/calendar; method=REQUEST' }))).toBe('true Reply Accepted')
  })

  test('7. a REPLY of Apple Mail: an attachment, and no method in Content-Type', () => {
    const ics = calendar('REPLY', event('ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.org'))
    const part = calendarPart(
      ics,
      'text/calendar; x-unix-mode=0644; name="iCal-1.ics"',
      'attachment; filename=iCal-1.ics',
    )
    const mixed = multipart('mixed', ['Content-Type: text/html\r\n\r\n<p>Yes', part])
    const whole = multipart('alternative', ['Content-Type: text/plain\r\n\r\nYes', mixed])
    expect(summary(Buffer.from(`From: bob@example.org\r\nTo: org@x.no\r\n${whole}\r\n`))).toBe('true Reply Accepted')
  })

  test('8. a file in octet-stream is a calendar by its name and its content', () => {
    const message = (content: string, name: string): Uint8Array =>
      calendarMessage(content, {
        structure: 'none',
        type: `application/octet-stream; name="${name}"`,
        disposition: `attachment; filename="${name}"`,
      })
    expect(summary(message(calendar('PUBLISH', event()), 'MEETING.ICS'))).toBe('true Publish Unknown')
    expect(summary(message('hello', 'x.ics'))).toBe('false Unknown Unknown')
    expect(summary(message(calendar('PUBLISH', event()), 'x.bin'))).toBe('false Unknown Unknown')
  })

  test('text that is named like a calendar is text; beside the text, it is a file', () => {
    const ics = calendar('PUBLISH', event())
    const type = 'text/plain; name="invite.ics"'
    expect(summary(calendarMessage(ics, { type, structure: 'none' }))).toBe('false Unknown Unknown')
    const file = calendarPart(ics, type, 'attachment')
    expect(summary(calendarMessage('hello', { type: 'text/plain', structure: 'none', beside: [file] }))).toBe(
      'true Publish Unknown',
    )
  })

  test('a calendar file that is uuencoded in the text is one, as it is when it is written again', () => {
    const ics = Buffer.from(calendar('PUBLISH', event()))
    const lines = Array.from({ length: Math.ceil(ics.length / 45) }, (_, index) =>
      uuencodedLine(ics.subarray(index * 45, index * 45 + 45)),
    )
    const message = `From: bob@example.org\r\n\r\nHello\r\nbegin 644 a.ics\r\n${lines.join('')}\`\r\nend\r\n`
    const parsed = parseMessage(message)
    expect(summary(Buffer.from(message))).toBe('true Publish Unknown')
    expect(summarizeCalendar(parsed)).toEqual(parsed.calendar)
    const draft = composeMessage(parsed.entity, { draft: true }).toBytes()
    expect(summary(draft)).toBe('true Publish Unknown')
  })

  test('an invitation that carries the calendar of somebody else stays an invitation', () => {
    const other = calendarPart(calendar('PUBLISH', event('UID:other')), 'text/calendar; name=holiday.ics', 'attachment')
    const message = calendarMessage(calendar('REQUEST', event()), { beside: [other] })
    expect(summary(message)).toBe('true Request Unknown')
  })

  test.each([
    ['decline-counter', 'DeclineCounter'],
    ['DECLINECOUNTER', 'DeclineCounter'],
    ['request', 'Request'],
    ['Add', 'Add'],
    ['REFRESH', 'Refresh'],
    ['NONSENSE', 'Unknown'],
  ])('METHOD:%s is %s', (name, method) => {
    expect(summary(calendarMessage(calendar(name, event())))).toBe(`true ${method} Unknown`)
  })
})

describe('answers', () => {
  const reply = (...attendees: readonly string[]): string => calendar('REPLY', event(ORGANIZER, ...attendees))

  test('9. of several attendees the one that From names answers', () => {
    const ics = reply(
      'ATTENDEE;PARTSTAT=DECLINED:mailto:ann@example.org',
      'ATTENDEE;PARTSTAT=TENTATIVE:MAILTO:Bob@Example.org',
    )
    expect(summary(calendarMessage(ics))).toBe('true Reply Tentative')
  })

  test('10. attendees that disagree, and none of them is From', () => {
    const ics = reply(
      'ATTENDEE;PARTSTAT=DECLINED:mailto:ann@example.org',
      'ATTENDEE;PARTSTAT=ACCEPTED:mailto:c@example.org',
    )
    expect(summary(calendarMessage(ics, { from: 'z@z.z' }))).toBe('true Reply Unknown')
  })

  test('11. a secretary answers (SENT-BY)', () => {
    const ics = reply(
      'ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ann@example.org',
      'ATTENDEE;PARTSTAT=ACCEPTED;SENT-BY="mailto:sec@example.org":mailto:bob@example.org',
    )
    const message = calendarMessage(ics, { from: 'Secretary <sec@example.org>' })
    expect(summary(message)).toBe('true Reply Accepted')
    expect(appointmentOf(message).auth).toEqual({ expectedActor: 'bob@example.org', matchedBy: 'sent-by' })
  })

  test('12. the only attendee answers from an alias', () => {
    const message = calendarMessage(reply('ATTENDEE;PARTSTAT=accepted:mailto:bob@example.org'), { from: 'alias@z.z' })
    expect(summary(message)).toBe('true Reply Accepted')
    expect(appointmentOf(message).auth).toEqual({ expectedActor: 'bob@example.org', matchedBy: 'none' })
  })

  test('13. NEEDS-ACTION is no answer', () => {
    expect(summary(calendarMessage(reply('ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:bob@example.org')))).toBe(
      'true Reply Unknown',
    )
    expect(summary(calendarMessage(reply('ATTENDEE:mailto:bob@example.org')))).toBe('true Reply Unknown')
    expect(summary(calendarMessage(reply()))).toBe('true Reply Unknown')
  })

  test('14. who delegates has not answered', () => {
    const ics = reply(
      'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:d@example.org":mailto:bob@example.org',
      'ATTENDEE;PARTSTAT=ACCEPTED;DELEGATED-FROM="mailto:bob@example.org":mailto:d@example.org',
    )
    const message = calendarMessage(ics)
    expect(summary(message)).toBe('true Reply Unknown')
    expect(
      appointmentOf(message).attendees.map(({ delegatedTo, delegatedFrom }) => [delegatedTo, delegatedFrom]),
    ).toEqual([
      [['d@example.org'], []],
      [[], ['bob@example.org']],
    ])
  })

  test('15. a COUNTER has a PARTSTAT, and is no reply', () => {
    const ics = calendar('COUNTER', event(ORGANIZER, 'ATTENDEE;PARTSTAT=TENTATIVE:mailto:bob@example.org'))
    expect(summary(calendarMessage(ics))).toBe('true Counter Unknown')
  })

  test('16. instances with different answers have none in common', () => {
    const instance = (day: number, partStat: string): string =>
      event(`RECURRENCE-ID:2025030${day}T070000Z`, `ATTENDEE;PARTSTAT=${partStat}:mailto:bob@example.org`)
    const both = (one: string, other: string): Uint8Array =>
      calendarMessage(calendar('REPLY', instance(1, one), instance(2, other)))
    expect(summary(both('ACCEPTED', 'DECLINED'))).toBe('true Reply Unknown')
    expect(summary(both('ACCEPTED', 'ACCEPTED'))).toBe('true Reply Accepted')
  })

  test('23. a REPLY of Exchange: no ORGANIZER, and a comment', () => {
    const ics = calendar(
      'REPLY',
      event('ATTENDEE;PARTSTAT=TENTATIVE:mailto:bob@example.org', 'COMMENT;LANGUAGE=en-US:Running late\\, 10 min\\n'),
    )
    const message = calendarMessage(ics)
    expect(summary(message)).toBe('true Reply Tentative')
    const { appointment, auth } = appointmentOf(message)
    expect(appointment).toMatchObject({
      Participants: ['org@x.no', 'bob@example.org'],
      Comment: 'Running late, 10 min',
    })
    expect(auth).toEqual({ expectedActor: 'bob@example.org', matchedBy: 'from' })
    const toMany = calendarMessage(ics, { to: 'org@x.no, other@x.no' })
    expect(appointmentOf(toMany).appointment.Participants).toEqual(['', 'bob@example.org'])
  })

  test('24. addresses of iCloud and of urn:uuid are in EMAIL', () => {
    const ics = calendar(
      'REQUEST',
      event(
        'ORGANIZER;CN=Toni;EMAIL=toni@example.org:/aB1/principal/',
        'ATTENDEE;EMAIL=bob@example.net:urn:uuid:550e8400-e29b-41d4-a716-446655440000',
        'ATTENDEE;CN=Nobody:invalid:nomail',
      ),
    )
    expect(appointmentOf(calendarMessage(ics)).appointment.Participants).toEqual([
      'toni@example.org',
      'bob@example.net',
    ])
  })
})

describe('times', () => {
  const read = (...lines: readonly string[]) => appointmentOf(calendarMessage(calendar('REQUEST', event(...lines))))
  const instants = (...lines: readonly string[]): string[] => {
    const { appointment } = read(...lines)
    return [utc(appointment.DtStart), utc(appointment.DtEnd)]
  }

  test('17. whole days, the end exclusive', () => {
    const { appointment, start } = read(
      'DTSTART;VALUE=DATE:20260812',
      'DTEND;VALUE=DATE:20260814',
      'TRANSP:TRANSPARENT',
    )
    expect(appointment.DtStart).toBe('2026-08-12T00:00:00+00:00')
    expect(appointment.DtEnd).toBe('2026-08-14T00:00:00+00:00')
    expect(appointment.Appointment).toMatchObject({
      IsAlldayEvent: true,
      IsFree: true,
      EndDate: '2026-08-14T00:00:00+00:00',
    })
    expect(start).toMatchObject({ kind: 'date', local: '2026-08-12' })
  })

  test('17a. whole days are midnight where the reader is, and the last day on request', () => {
    const ics = calendar('REQUEST', event('DTSTART;VALUE=DATE:20260812', 'DTEND;VALUE=DATE:20260814'))
    const { appointment } = appointmentOf(calendarMessage(ics), { zone: 'Europe/Oslo', allDayEnd: 'inclusive' })
    expect(appointment.DtStart).toBe('2026-08-12T00:00:00+02:00')
    expect(appointment.DtEnd).toBe('2026-08-14T00:00:00+02:00')
    expect(appointment.Appointment.EndDate).toBe('2026-08-13T00:00:00+02:00')
  })

  test('17b. a zone that nobody knows is a mistake of the caller', () => {
    const message = calendarMessage(calendar('REQUEST', event()))
    expect(() => appointmentOf(message, { zone: 'Nowhere/Else' })).toThrow('zone')
  })

  test('18. a date without VALUE=DATE and without an end is one day', () => {
    const { appointment } = read('DTSTART:20260812')
    expect(appointment.Appointment.IsAlldayEvent).toBe(true)
    expect(appointment.DtEnd).toBe('2026-08-13T00:00:00+00:00')
  })

  test("19. Outlook's all-day event, from midnight to midnight in Berlin", () => {
    const { appointment } = read(
      'DTSTART;TZID=Europe/Berlin:20250226T000000',
      'DTEND;TZID=Europe/Berlin:20250227T000000',
      'X-MICROSOFT-CDO-ALLDAYEVENT:TRUE',
    )
    expect(appointment.Appointment.IsAlldayEvent).toBe(true)
    expect(utc(appointment.DtStart)).toBe('2025-02-25T23:00:00Z')
    const { appointment: timed } = read(
      'DTSTART:20250226T080000Z',
      'DTEND:20250227T080000Z',
      'X-MICROSOFT-CDO-ALLDAYEVENT:TRUE',
    )
    expect(timed.Appointment.IsAlldayEvent).toBe(false)
  })

  test('20. a Windows zone without VTIMEZONE, and DURATION', () => {
    expect(instants('DTSTART;TZID=Pacific Standard Time:20190409T140000', 'DURATION:PT1H30M')).toEqual([
      '2019-04-09T21:00:00Z',
      '2019-04-09T22:30:00Z',
    ])
  })

  test('21. a customized zone has its VTIMEZONE alone', () => {
    for (const tzid of ['Customized Time Zone', 'tzone://Microsoft/Custom']) {
      const ics = calendar('REQUEST', exchangeZone(tzid), event(`DTSTART;TZID=${tzid}:20250226T080000`))
      expect(utc(appointmentOf(calendarMessage(ics)).appointment.DtStart)).toBe('2025-02-26T07:00:00Z')
    }
  })

  test('22. a time that DST skips, and one that occurs twice (RFC 5545 §3.3.5)', () => {
    expect(instants('DTSTART;TZID=Europe/Oslo:20250330T023000')[0]).toBe('2025-03-30T01:30:00Z')
    expect(instants('DTSTART;TZID=Europe/Oslo:20251026T023000')[0]).toBe('2025-10-26T00:30:00Z')
    for (const [local, instant] of [
      ['20250330T023000', '2025-03-30T01:30:00Z'],
      ['20251026T023000', '2025-10-26T00:30:00Z'],
      ['20250330T030000', '2025-03-30T01:00:00Z'],
      ['20251026T030000', '2025-10-26T02:00:00Z'],
    ]) {
      const ics = calendar('REQUEST', exchangeZone('Own'), event(`DTSTART;TZID=Own:${local}`))
      expect(utc(appointmentOf(calendarMessage(ics)).appointment.DtStart)).toBe(instant)
    }
  })

  test('an end by DURATION in the second of two equal hours', () => {
    expect(instants('DTSTART;TZID=Europe/Oslo:20251026T023000', 'DURATION:PT1H')[1]).toBe('2025-10-26T01:30:00Z')
    expect(instants('DTSTART;TZID=Europe/Oslo:20250329T120000', 'DURATION:P1D')[1]).toBe('2025-03-30T10:00:00Z')
    expect(instants('DTSTART;TZID=Europe/Oslo:20250329T120000', 'DURATION:PT24H')[1]).toBe('2025-03-30T11:00:00Z')
  })
})

describe('damage', () => {
  test('25. a rule that nobody can read keeps the appointment', () => {
    const message = calendarMessage(calendar('REQUEST', event('RRULE:FREQ=SOMETIMES')))
    expect(summary(message)).toBe('true Request Unknown')
    const { appointment, recurrence, warnings } = appointmentOf(message)
    expect(appointment.Appointment.IsRecurrence).toBe(true)
    expect(recurrence).toMatchObject({ pattern: 'Unknown', rule: undefined, ruleText: 'FREQ=SOMETIMES' })
    expect(warnings.map(({ code }) => code)).toEqual(['CALENDAR_RULE_INVALID'])
  })

  test.each([
    ['a zone that changes every second', 'FREQ=SECONDLY', 'FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30'],
    ['a zone that changes daily', 'FREQ=DAILY', 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30'],
    ['a zone that changes hourly', 'FREQ=HOURLY', 'FREQ=SECONDLY;BYMONTH=12'],
    ['a zone from the year 1', 'FREQ=YEARLY;BYMONTH=1;BYDAY=1SU', 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'],
  ])('26. %s, in an event that never occurs, takes less than 5 ms', (_, zoneRule, eventRule) => {
    const zone = [
      'BEGIN:VTIMEZONE',
      'TZID:X',
      'BEGIN:STANDARD',
      'DTSTART:00010101T000000',
      'TZOFFSETFROM:+0100',
      'TZOFFSETTO:+0100',
      `RRULE:${zoneRule}`,
      'END:STANDARD',
      'END:VTIMEZONE',
    ].join('\r\n')
    const message = calendarMessage(
      calendar('REQUEST', zone, event('DTSTART;TZID=X:20250226T080000', `RRULE:${eventRule}`)),
    )
    const { appointment } = appointmentOf(message)
    expect(utc(appointment.DtStart)).toBe('2025-02-26T07:00:00Z')
    const times = Array.from({ length: 5 }, () => {
      const start = performance.now()
      summary(message)
      appointmentOf(message)
      return performance.now() - start
    })
    expect(Math.min(...times)).toBeLessThan(5)
  })

  describe('27. octets', () => {
    const ics = calendar('REQUEST', event('SUMMARY:Møte'))
    const title = (octets: Uint8Array, type?: string): string =>
      appointmentOf(calendarMessage(octets, type === undefined ? {} : { type })).appointment.Appointment.Title

    test('byte order mark, LF alone, and the footer of a mailing list', () => {
      expect(
        title(Buffer.from(`\ufeff${ics.replaceAll('\r\n', '\n')}_____\nUnsubscribe: https://list.example\n`)),
      ).toBe('Møte')
    })

    test('UTF-16 with and without mark', () => {
      expect(title(Buffer.from(`\ufeff${ics}`, 'utf16le'))).toBe('Møte')
      expect(title(Buffer.from(ics, 'utf16le'))).toBe('Møte')
      expect(title(Buffer.from(`\ufeff${ics}`, 'utf16le').swap16())).toBe('Møte')
    })

    test('ISO-8859-1 that is called UTF-8, called by its name, and not called anything', () => {
      const octets = Buffer.from(ics, 'latin1')
      expect(title(octets, 'text/calendar; charset=utf-8')).toBe('Møte')
      expect(title(octets, 'text/calendar; charset=iso-8859-1')).toBe('Møte')
      expect(title(octets, 'text/calendar')).toBe('Møte')
    })

    test('UTF-8 that is called ISO-8859-1', () => {
      expect(title(Buffer.from(ics), 'text/calendar; charset=iso-8859-1')).toBe('Møte')
    })

    test('ISO-2022-JP, whose octets are UTF-8 too', () => {
      const octets = Buffer.from(ics.replace('Møte', '\x1b$B2q5D\x1b(B'), 'latin1')
      expect(title(octets, 'text/calendar; charset=iso-2022-jp')).toBe('会議')
    })

    test('a fold inside a character', () => {
      const octets = Buffer.from(ics)
      const at = octets.indexOf(0xc3) + 1
      expect(title(Buffer.concat([octets.subarray(0, at), Buffer.from('\r\n '), octets.subarray(at)]))).toBe('Møte')
    })

    test.each([['\r'], ['\r\r\n'], ['\n\n']])('lines that end in %j', lineEnd => {
      expect(title(Buffer.from(ics.replaceAll('\r\n', lineEnd)))).toBe('Møte')
    })
  })
})

describe('revisions and what is no appointment', () => {
  test('28. the later DTSTAMP, then not; SEQUENCE before DTSTAMP; another instance', () => {
    const revision = { uid: 'u', sequence: 0, dtstamp: '2025-02-20T12:00:00Z' }
    expect(isSuperseded(revision, [{ ...revision, dtstamp: '2025-02-20T12:00:01Z' }])).toBe(true)
    expect(isSuperseded(revision, [revision])).toBe(false)
    expect(isSuperseded({ ...revision, sequence: 1 }, [{ ...revision, dtstamp: '2030-01-01T00:00:00Z' }])).toBe(false)
    expect(isSuperseded(revision, [{ ...revision, sequence: 1, recurrenceId: '2025-03-05T08:00:00+01:00' }])).toBe(
      false,
    )
    expect(
      isSuperseded({ ...revision, recurrenceId: '2025-03-05T07:00:00Z' }, [
        { ...revision, sequence: 1, recurrenceId: '2025-03-05T08:00:00+01:00' },
      ]),
    ).toBe(true)
    expect(isSuperseded(revision, [{ ...revision, uid: 'v', sequence: 9 }])).toBe(false)
    expect(isSuperseded({ ...revision, dtstamp: '' }, [revision])).toBe(false)
  })

  test.each([
    ['7', 7],
    ['+007', 7],
    ['2147483647', 2_147_483_647],
    ['2147483648', 2_147_483_647],
    ['99999999999', 2_147_483_647],
    ['9'.repeat(400), 2_147_483_647],
    ['-1', 0],
    ['1.5', 0],
  ])('SEQUENCE:%.20s is %d: at most the largest INTEGER (RFC 5545 §3.3.8)', (value, sequence) => {
    const message = calendarMessage(calendar('REQUEST', event(`SEQUENCE:${value}`)))
    expect(appointmentOf(message).revision.sequence).toBe(sequence)
  })

  test.each([
    ['VALUE=DATE:20250305', '2025-03-05'],
    ['VALUE=TEXT:20250305T080000', '2025-03-05T08:00:00'],
    ['TZID=Nowhere:20250305T080000', '2025-03-05T08:00:00'],
    ['TZID=Europe/Oslo:20250305T080000', '2025-03-05T08:00:00+01:00'],
    ['VALUE=DATE-TIME:20250305T070000Z', '2025-03-05T07:00:00+00:00'],
  ])('the instance %s is told in every zone of its reader by %s', (written, recurrenceId) => {
    const read = (sequence: number, options: ReadAppointmentOptions) =>
      appointmentOf(
        calendarMessage(calendar('REQUEST', event(`RECURRENCE-ID;${written}`, `SEQUENCE:${sequence}`))),
        options,
      )
    const known = [read(2, { zone: 'Europe/Oslo' }).revision]
    expect(known).toMatchObject([{ recurrenceId }])
    for (const zone of ['UTC', 'Europe/Oslo', 'Asia/Tokyo']) {
      expect(read(1, { zone, known }).appointment.Superseded).toBe(true)
    }
  })

  test.each([
    ['2025-03-05', '2025-03-05T00:00:00Z'],
    ['2025-03-05T08:00:00', '2025-03-05T08:00:00Z'],
    ['2025-03-05T08:00:00', '2025-03-05'],
    ['2025-03-05', '2025-03-06'],
  ])('the instances %s and %s differ, wherever that is asked', (recurrenceId, other) => {
    const revision = { uid: 'u', sequence: 1 }
    expect(isSuperseded({ ...revision, recurrenceId }, [{ ...revision, sequence: 2, recurrenceId: other }])).toBe(false)
  })

  test('28a. Superseded by what the caller knows', () => {
    const message = calendarMessage(calendar('REQUEST', event('SEQUENCE:1')))
    const known = [{ uid: 'u1', sequence: 2, dtstamp: null }]
    expect(appointmentOf(message, { known }).appointment).toMatchObject({ Sequence: 1, Superseded: true })
    const { revision } = appointmentOf(message)
    expect(revision).toEqual({ uid: 'u1', recurrenceId: '', sequence: 1, dtstamp: '2025-02-20T12:00:00Z' })
    expect(appointmentOf(message, { known: [revision] }).appointment.Superseded).toBe(false)
  })

  test('29. the bounce of an invitation is no invitation; a to-do is no appointment', () => {
    const invitation = Buffer.from(
      calendarMessage(calendar('REQUEST', event()), { structure: 'none', type: 'text/calendar; method=REQUEST' }),
    ).toString('latin1')
    const bounce = multipart('report; report-type=delivery-status', [
      'Content-Type: text/plain\r\n\r\nNot delivered',
      'Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x.no',
      `Content-Type: message/rfc822\r\n\r\n${invitation}`,
      calendarPart(calendar('REQUEST', event()), 'text/calendar; method=REQUEST'),
    ])
    expect(summary(Buffer.from(`From: MAILER-DAEMON@x.no\r\n${bounce}\r\n`))).toBe('false Unknown Unknown')
    const forwarded = multipart('mixed', [`Content-Type: message/rfc822\r\n\r\n${invitation}`])
    expect(summary(Buffer.from(`From: a@x.no\r\n${forwarded}\r\n`))).toBe('false Unknown Unknown')
    for (const component of ['VTODO', 'VJOURNAL', 'VFREEBUSY']) {
      const ics = calendar('REQUEST', event().replaceAll('VEVENT', component))
      expect(summary(calendarMessage(ics))).toBe('false Unknown Unknown')
    }
  })

  test('a message without any calendar', () => {
    expect(summary(Buffer.from('From: a@x.no\r\n\r\nhello'))).toBe('false Unknown Unknown')
  })
})
