/**
 * Answers to invitations: every REQUEST of corpus/calendar is answered, and the answer is read as one; RFC 5546 §3.2.3.
 */
import { Buffer } from 'node:buffer'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readAppointment } from '../../src/calendar/index.ts'
import {
  composeMessage,
  type InvitationReplyOptions,
  MimeError,
  type ParsedMessage,
  parseMessage,
  replyToInvitation,
} from '../../src/index.ts'
import { calendar, calendarMessage, event } from '../calendar/message.ts'
import { strictCheck } from '../conformance/strict-check.ts'
import { seeded, shapeOf, wireOf } from '../faults/wire.ts'

const NOW = (): string => '2026-01-15T11:00:00Z'
const BOB = { Address: 'bob@example.org', Name: 'Bob' }
const STATUSES = ['Accepted', 'Declined', 'Tentative'] as const

function invitation(method: string, ...lines: readonly string[]): ParsedMessage {
  const octets = calendarMessage(calendar(method, event(...lines)), {
    from: 'Alice <alice@example.org>',
    to: 'bob@example.org',
    headers: ['Message-ID: <invitation@example.org>', 'References: <first@example.org>'],
  })
  return parseMessage(octets)
}

const PEOPLE = [
  'ORGANIZER;CN=Alice:mailto:alice@example.org',
  'ATTENDEE;CN=Bob Smith;RSVP=TRUE:MAILTO:Bob@example.org',
  'ATTENDEE;SENT-BY="mailto:sec@example.org":mailto:carol@example.org',
]
const REQUEST = invitation(
  'REQUEST',
  ...PEOPLE,
  'SEQUENCE:3',
  'SUMMARY:Planning',
  'DTEND:20250226T080000Z',
  'BEGIN:VALARM',
  'ACTION:DISPLAY',
  'TRIGGER:-PT15M',
  'END:VALARM',
)

/** Lines of the answer, unfolded. */
function linesOf(source: ParsedMessage, options: Partial<InvitationReplyOptions> = {}): string[] {
  const reply = replyToInvitation(source, { status: 'Accepted', from: BOB, now: NOW, ...options })
  return reply.calendar.ics.replaceAll('\r\n ', '').split('\r\n').filter(Boolean)
}

describe('an answer', () => {
  test('is a message to the organizer, ready to be composed', () => {
    const { entity, calendar } = replyToInvitation(REQUEST, {
      status: 'Tentative',
      from: BOB,
      comment: 'If I may be late',
      now: NOW,
    })
    expect(entity).toMatchObject({
      From: BOB,
      To: [{ Address: 'alice@example.org', Name: 'Alice' }],
      Cc: [],
      Subject: 'Tentative: Planning',
      PlainBody: 'Bob has tentatively accepted the invitation: Planning\n\nIf I may be late\n',
      HTMLBody: '',
      InReplyTo: { MessageId: '<invitation@example.org>' },
      CalMethod: 'Reply',
      CalReplyStatus: 'Tentative',
    })
    const wire = wireOf(composeMessage(entity, { calendar, now: NOW, random: seeded() }))
    expect(shapeOf(wire.root)).toBe('alternative(text/plain, text/calendar)')
    expect(wire.field('In-Reply-To')).toBe('<invitation@example.org>')
    expect(wire.field('References')).toBe('<first@example.org> <invitation@example.org>')
    expect(wire.entity).toMatchObject({ HasCalendarData: true, CalMethod: 'Reply', CalReplyStatus: 'Tentative' })
    expect(readAppointment(parseMessage(wire.octets))).toMatchObject({
      appointment: { Comment: 'If I may be late', Sequence: 3 },
      auth: { expectedActor: 'Bob@example.org', matchedBy: 'from' },
    })
  })

  test('has the event as RFC 5546 §3.2.3 wants it: one attendee, its SEQUENCE, no alarm', () => {
    expect(linesOf(REQUEST)).toEqual([
      'BEGIN:VCALENDAR',
      'PRODID:-//mimecal//mimecal//EN',
      'VERSION:2.0',
      'CALSCALE:GREGORIAN',
      'METHOD:REPLY',
      'BEGIN:VEVENT',
      'UID:u1',
      'DTSTAMP:20260115T110000Z',
      'SEQUENCE:3',
      'ORGANIZER;CN=Alice:mailto:alice@example.org',
      'ATTENDEE;PARTSTAT=ACCEPTED;CN=Bob Smith:mailto:Bob@example.org',
      'DTSTART:20250226T070000Z',
      'DTEND:20250226T080000Z',
      'SUMMARY:Planning',
      'END:VEVENT',
      'END:VCALENDAR',
    ])
  })

  test('of who acts for an attendee is the attendee’s; of who was not invited, their own', () => {
    const attendee = (Address: string): string[] =>
      linesOf(REQUEST, { from: { Address } }).filter(line => line.startsWith('ATTENDEE'))
    expect(attendee('Sec@example.org')).toEqual([
      'ATTENDEE;PARTSTAT=ACCEPTED;SENT-BY="mailto:Sec@example.org":mailto:carol@example.org',
    ])
    expect(attendee('dan@example.org')).toEqual(['ATTENDEE;PARTSTAT=ACCEPTED:mailto:dan@example.org'])
  })

  test.each([
    { given: ['DTSTART;VALUE=DATE:20260812'], answer: ['DTSTART;VALUE=DATE:20260812', 'DTEND;VALUE=DATE:20260813'] },
    {
      given: ['DTSTART;TZID=Europe/Oslo:20260812T100000', 'RRULE:FREQ=DAILY'],
      answer: ['DTSTART:20260812T080000Z', 'DTEND:20260812T080000Z'],
    },
    {
      given: ['DTSTART;TZID=Europe/Oslo:20260812T100000', 'RECURRENCE-ID;TZID=Europe/Oslo:20260811T100000'],
      answer: [
        'RECURRENCE-ID;TZID=Europe/Oslo:20260811T100000',
        'DTSTART;TZID=Europe/Oslo:20260812T100000',
        'DTEND;TZID=Europe/Oslo:20260812T100000',
      ],
    },
    {
      given: ['DTSTART:20260812T100000Z', 'RECURRENCE-ID:20260811T100000Z'],
      answer: ['RECURRENCE-ID:20260811T100000Z', 'DTSTART:20260812T100000Z', 'DTEND:20260812T100000Z'],
    },
    {
      given: ['DTSTART;VALUE=DATE:20260812', 'RECURRENCE-ID;VALUE=DATE:20260811'],
      answer: ['RECURRENCE-ID;VALUE=DATE:20260811', 'DTSTART;VALUE=DATE:20260812', 'DTEND;VALUE=DATE:20260813'],
    },
    // Moved from whole days to a time: all times of an answer are of one kind.
    {
      given: ['DTSTART:20260812T100000Z', 'RECURRENCE-ID;VALUE=DATE:20260811'],
      answer: ['RECURRENCE-ID;VALUE=DATE:20260811'],
    },
    { given: ['DTSTART:20260812T100000'], answer: ['DTSTART:20260812T100000', 'DTEND:20260812T100000'] },
    // Without its zone it would be another time.
    { given: ['DTSTART;TZID=Nowhere:20260812T100000'], answer: [] },
    // RFC 5545 §3.8.4.4, RFC 5546 §2.1.5: RECURRENCE-ID of another kind means another instance.
    {
      given: ['DTSTART:20260812T110000', 'DTEND:20260812T120000', 'RECURRENCE-ID:20260812T100000'],
      answer: ['RECURRENCE-ID:20260812T100000', 'DTSTART:20260812T110000', 'DTEND:20260812T120000'],
    },
    {
      given: ['DTSTART;TZID=Nowhere:20260812T110000', 'RECURRENCE-ID;TZID=Nowhere:20260812T100000'],
      answer: ['RECURRENCE-ID:20260812T100000'],
    },
    {
      given: ['DTSTART:20260812T110000Z', 'RECURRENCE-ID:20260812T100000'],
      answer: ['RECURRENCE-ID:20260812T100000'],
    },
    {
      given: ['DTSTART:20260812T110000', 'DTEND:20260812T120000Z'],
      answer: ['DTSTART:20260812T110000'],
    },
    {
      given: ['DTSTART:20260812T110000Z', 'RECURRENCE-ID;RANGE=THISANDFUTURE:20260812T100000Z'],
      answer: [
        'RECURRENCE-ID;RANGE=THISANDFUTURE:20260812T100000Z',
        'DTSTART:20260812T110000Z',
        'DTEND:20260812T110000Z',
      ],
    },
  ])('to $given repeats $answer', ({ given, answer }) => {
    const lines = linesOf(invitation('REQUEST', ...PEOPLE, ...given))
    const event = lines.slice(lines.indexOf('BEGIN:VEVENT'))
    expect(event.filter(line => /^(?:DTSTART|DTEND|RECURRENCE-ID|RRULE)/.test(line))).toEqual(answer)
    expect(lines.includes('BEGIN:VTIMEZONE')).toBe(answer.some(line => line.includes('TZID')))
  })

  test('goes to the organizer, not to who sent the message', () => {
    const octets = calendarMessage(calendar('REQUEST', event(...PEOPLE)), { from: 'noreply@example.net' })
    const { entity } = replyToInvitation(parseMessage(octets), { status: 'Accepted', from: BOB })
    expect(entity.To).toMatchObject([{ Address: 'alice@example.org', Name: 'Alice' }])
    expect(entity.Subject).toBe('Accepted: Calendar')
  })

  test('is the same for the same clock', () => {
    const options = { status: 'Accepted', from: BOB, now: NOW } as const
    expect(replyToInvitation(REQUEST, options)).toEqual(replyToInvitation(REQUEST, options))
  })
})

describe('refused', () => {
  test.each<[what: string, source: unknown, options: object, problem: string]>([
    ['a message without calendar', parseMessage('Subject: Hi\r\n\r\nHi'), {}, 'CALENDAR_METHOD '],
    ['a cancellation', invitation('CANCEL', ...PEOPLE), {}, 'CALENDAR_METHOD '],
    ['an answer', invitation('REPLY', ...PEOPLE), {}, 'CALENDAR_METHOD '],
    ['a publication', invitation('PUBLISH', ...PEOPLE), {}, 'CALENDAR_METHOD '],
    ['a calendar without METHOD', invitation('', ...PEOPLE), {}, 'CALENDAR_METHOD '],
    ['an invitation of nobody', invitation('REQUEST'), {}, 'CALENDAR_METHOD '],
    ['an entity', REQUEST.entity, {}, 'TYPE_INVALID '],
    ['nothing', null, {}, 'TYPE_INVALID '],
    ['an unknown status', REQUEST, { status: 'Unknown' }, 'VALUE_INVALID status'],
    ['no From', REQUEST, { from: undefined }, 'ADDRESS_MISSING from.Address'],
    ['an empty From', REQUEST, { from: { Address: '' } }, 'ADDRESS_MISSING from.Address'],
    ['a From that is no address', REQUEST, { from: { Address: 'bob' } }, 'ADDRESS_INVALID replyAs.address'],
    ['a comment that is no text', REQUEST, { comment: 5 }, 'TYPE_INVALID comment'],
    ['a comment with NUL', REQUEST, { comment: 'a\0' }, 'HEADER_INJECTION replyAs.comment'],
  ])('%s', (_, source, options, problem) => {
    const all = { status: 'Accepted', from: BOB, ...options } as InvitationReplyOptions
    let refusal: unknown
    try {
      replyToInvitation(source as ParsedMessage, all)
    } catch (error) {
      refusal = error
    }
    expect(refusal).toBeInstanceOf(MimeError)
    const { code, path } = refusal as MimeError
    expect(`${code} ${path}`).toBe(problem)
  })
})

const FOLDER = new URL('../../corpus/calendar/', import.meta.url)

const requests = readdirSync(FOLDER)
  .filter(file => file.endsWith('.eml'))
  .map(file => ({ file, parsed: parseMessage(readFileSync(new URL(file, FOLDER))) }))
  .filter(({ parsed }) => parsed.calendar.CalMethod === 'Request')
const invitations = requests.filter(({ parsed }) => (readAppointment(parsed)!.organizer?.address ?? '') !== '')

test('corpus/calendar has invitations; those that name no organizer cannot be answered', () => {
  expect(invitations.length).toBeGreaterThanOrEqual(9)
  for (const { file, parsed } of requests) {
    const answer = (): unknown => replyToInvitation(parsed, { status: 'Accepted', from: BOB })
    if (invitations.some(invitation => invitation.file === file)) expect(answer, file).not.toThrow()
    else expect(answer, file).toThrow('names no organizer')
  }
})

describe.each(invitations)('$file', ({ parsed }) => {
  const asked = readAppointment(parsed)!

  test.each(STATUSES)('%s', status => {
    const Address = asked.attendees.find(({ address }) => address !== '')?.address ?? 'guest@example.org'
    const { entity, calendar } = replyToInvitation(parsed, { status, from: { Address }, comment: 'Møte', now: NOW })
    const octets = composeMessage(entity, { calendar, now: NOW }).toBytes()
    expect(strictCheck(octets)).toEqual([])
    const answer = parseMessage(octets)
    expect(answer.calendar).toEqual({ HasCalendarData: true, CalMethod: 'Reply', CalReplyStatus: status })
    const read = readAppointment(answer)!
    expect(read.warnings).toEqual([])
    expect(read.uid).toBe(asked.uid)
    expect(read.appointment.Sequence).toBe(asked.appointment.Sequence)
    expect(read.attendees.map(({ address }) => address)).toEqual([Address])
    expect(read.organizer?.address).toBe(asked.organizer?.address)
    expect(read.auth.matchedBy).toBe('from')
    expect(read.appointment.Comment).toBe('Møte')
    if (read.start !== undefined && read.start.kind !== 'date') {
      expect(Date.parse(read.start.dateTime)).toBe(Date.parse(asked.start!.dateTime))
      expect(Date.parse(read.end!.dateTime)).toBe(Date.parse(asked.end!.dateTime))
    }
    expect(Buffer.from(octets).toString('latin1')).not.toContain('VALARM')
  })
})
