/**
 * Faults of other composers in calendar messages, one row each, named after whose it was: where the calendar stands,
 * what its labels say, and its copy. Every message is checked strictly (R4).
 */
import { Buffer } from 'node:buffer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CalendarInput, type ComposedCalendar, composeCalendar } from '../../src/calendar/index.ts'
import { composeMessage, type EMailEntityInput } from '../../src/index.ts'
import { openReaders, type Readers } from '../conformance/readers.ts'
import { attach, composeWire, PLAIN_ENTITY, type Row, shapeOf, testRows, type Wire } from './wire.ts'

let readers: Readers
beforeAll(() => {
  readers = openReaders()
})
afterAll(() => readers.close())

function invite(given: Partial<CalendarInput> = {}): ComposedCalendar {
  return composeCalendar({
    method: 'Request',
    uid: 'u1',
    now: '2026-01-15T11:00:00Z',
    organizer: { address: 'from@example.org', name: 'Org' },
    attendees: [{ address: 'to@example.org' }],
    appointment: { Title: 'Planning', StartDate: '2026-02-01T09:00:00Z', EndDate: '2026-02-01T10:00:00Z' },
    ...given,
  })
}

const TEXTS: EMailEntityInput = { PlainBody: 'Hi', HTMLBody: '<p>Hi <img src="cid:logo@example.org">' }
const LOGO = { Filename: 'logo.png', Type: 'image/png', Id: 'logo@example.org' }
const FILE = { Filename: 'report.pdf', Type: 'application/pdf' }

/** Lines of the calendar part, unfolded. */
function linesOf(wire: Wire): string[] {
  return Buffer.from(wire.part('text/calendar').content).toString().replaceAll('\r\n ', '').split('\r\n')
}

describe('a calendar', () => {
  const rows: readonly Row[] = [
    {
      fault: 'nodemailer#894, #1017: Outlook takes it for an invitation: METHOD twice, last in the alternative',
      entity: { ...TEXTS, HTMLBody: '<p>' },
      options: { calendar: invite() },
      check(wire) {
        expect(shapeOf(wire.root)).toBe('mixed(alternative(text/plain, text/html, text/calendar), application/ics)')
        expect(wire.part('text/calendar').parameters.get('method')).toBe('REQUEST')
        expect(linesOf(wire)).toContain('METHOD:REQUEST')
      },
    },
    {
      fault: 'nodemailer#1206: a file beside it does not take its place in the alternative',
      entity: { ...TEXTS, ...attach(FILE, LOGO) },
      options: { calendar: invite() },
      check: wire =>
        expect(shapeOf(wire.root)).toBe(
          'mixed(alternative(text/plain, related(text/html, image/png), text/calendar), application/ics, application/pdf)',
        ),
    },
    {
      fault: 'nodemailer#1616: images of the HTML are beside the HTML, or Apple Mail shows no text',
      entity: { ...TEXTS, ...attach(LOGO) },
      options: { calendar: invite(), calendarAttachment: false },
      check: wire =>
        expect(shapeOf(wire.root)).toBe('alternative(text/plain, related(text/html, image/png), text/calendar)'),
    },
    {
      fault: 'nodemailer#1185: the second ics file can be left out',
      entity: TEXTS,
      options: { calendar: invite(), calendarAttachment: false },
      check: wire => expect(wire.parts.filter(({ mediaType }) => /calendar|ics/.test(mediaType))).toHaveLength(1),
    },
    {
      fault: 'nodemailer#1185: the copy is a file by its own type, so that nobody imports the event twice',
      entity: TEXTS,
      options: { calendar: invite() },
      check(wire) {
        const copy = wire.part('application/ics')
        expect(wire.field('Content-Type', copy)).toBe('application/ics; name=invite.ics')
        expect(wire.field('Content-Disposition', copy)).toBe('attachment; filename=invite.ics')
        expect(copy.encoding).toBe('base64')
      },
    },
    {
      fault: 'nodemailer b801c48: the copy has the octets of the calendar, and is not empty',
      entity: { CalMethod: 'Request', ...attach({ Filename: 'a.ics', Type: '', Stream: Buffer.from(invite().ics) }) },
      check(wire) {
        expect(Buffer.from(wire.part('application/ics').content).toString()).toBe(invite().ics)
        expect(Buffer.from(wire.part('text/calendar').content).toString()).toBe(invite().ics)
      },
    },
    {
      fault: 'PHPMailer#175: Gmail shows buttons: METHOD twice, ORGANIZER, ATTENDEE with RSVP, DTSTAMP',
      entity: {},
      options: { calendar: invite() },
      check(wire) {
        const lines = linesOf(wire)
        expect(lines).toContain('ORGANIZER;CN=Org:mailto:from@example.org')
        expect(lines).toContain('DTSTAMP:20260115T110000Z')
        const attendee = lines.find(line => line.startsWith('ATTENDEE'))
        expect(attendee).toMatch(/;PARTSTAT=NEEDS-ACTION;RSVP=TRUE.*:mailto:to@example\.org$/)
      },
    },
    {
      fault: 'indico#5228: charset is stated, of a calendar in ASCII too',
      entity: attach({ Filename: '', Type: 'text/calendar; method=REQUEST', Stream: Buffer.from(invite().ics) }),
      check: wire =>
        expect(wire.field('Content-Type', wire.part('text/calendar'))).toBe(
          'text/calendar; charset=utf-8; method=REQUEST',
        ),
    },
    {
      fault: 'mailcow#3809: a calendar that is attached as a file is a form of the text for Apple Mail',
      entity: {
        CalMethod: 'Request',
        ...attach({ Filename: 'invite.ics', Type: 'text/calendar', Stream: Buffer.from(invite().ics) }),
      },
      check: wire => expect(shapeOf(wire.root)).toBe('mixed(alternative(text/plain, text/calendar), application/ics)'),
    },
    {
      fault: 'calendarserver: the method is in upper case, though readers are to ignore that',
      entity: attach({ Filename: '', Type: 'text/calendar; method=request', Stream: Buffer.from(invite().ics) }),
      check: wire => expect(wire.part('text/calendar').parameters.get('method')).toBe('REQUEST'),
    },
    {
      fault: 'Thunderbird: what is not ASCII goes out in base64, not 8bit, where a fold may split a character',
      entity: {},
      options: { calendar: invite({ comment: 'å'.repeat(200) }), eightBit: true },
      check(wire) {
        expect(wire.part('text/calendar').encoding).toBe('base64')
        expect(linesOf(wire)).toContain(`COMMENT:${'å'.repeat(200)}`)
      },
    },
    {
      fault: 'ical.js: text with line breaks starts no property',
      entity: {},
      options: { calendar: invite({ comment: 'a\r\nX-INJECT:1\r\nEND:VCALENDAR' }) },
      check(wire) {
        expect(linesOf(wire)).toContain('COMMENT:a\\nX-INJECT:1\\nEND:VCALENDAR')
        expect(wire.entity.CalMethod).toBe('Request')
      },
    },
  ]
  // postal-mime makes LF of CRLF in calendars.
  testRows(
    rows.map(row => ({ ...row, misreadBy: ['postal-mime'] })),
    () => readers,
  )
})

describe('a METHOD from an attachment', () => {
  test.each(['REQUEST\r\nX-Evil: 1', 'REQUEST;\\r\\n x=y', 'A"B', 'Å', 'X'.repeat(2000), '', '=?utf-8?q?x?='])(
    '%j adds nothing to the header',
    method => {
      const ics = `BEGIN:VCALENDAR\r\nMETHOD:${method}\r\nEND:VCALENDAR\r\n`
      const given = { Filename: '', Type: 'text/calendar; method=ADD', Stream: Buffer.from(ics) }
      const wire = composeWire(attach(given))
      const type = method.startsWith('REQUEST\r\n') ? 'REQUEST' : 'ADD'
      expect(wire.field('Content-Type', wire.part('text/calendar'))).toBe(
        `text/calendar; charset=utf-8; method=${type}`,
      )
      expect(wire.fields('X-Evil', wire.part('text/calendar'))).toEqual([])
    },
  )
})

test('a calendar of a mebibyte is looked into in no time, and goes out whole', () => {
  const line = `X-A:${'b'.repeat(70)}\r\n`
  const ics = `BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n${line.repeat(20_000)}END:VCALENDAR\r\n`
  const given = { Filename: '', Type: 'text/calendar; method=CANCEL', Stream: Buffer.from(ics) }
  const start = performance.now()
  const message = composeMessage({ ...PLAIN_ENTITY, ...attach(given) })
  expect(performance.now() - start).toBeLessThan(1000)
  expect(Buffer.from(message.toBytes()).toString('latin1')).toContain('method=REQUEST')
})
