/**
 * The calendar part as it is composed: its place and labels in every method, as the strict reader, Python's email,
 * mailparser and postal-mime see it, and as it is read again.
 */
import { Buffer } from 'node:buffer'
import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { simpleParser } from 'mailparser'
import PostalMime from 'postal-mime'
import { describe, expect, test } from 'vitest'
import {
  type CalendarInput,
  type ComposedCalendar,
  composeCalendar,
  readAppointment,
} from '../../src/calendar/index.ts'
import { METHOD_RULES } from '../../src/calendar/itip.ts'
import type { KnownMethod } from '../../src/calendar/method.ts'
import {
  type ComposeOptions,
  composeMessage,
  type EMailAttachmentInput,
  type EMailEntityInput,
  MimeError,
  parseMessage,
} from '../../src/index.ts'
import { strictCheck } from '../conformance/strict-check.ts'
import { composeWire, PLAIN_ENTITY, shapeOf, wireOf } from '../faults/wire.ts'

const METHODS = Object.keys(METHOD_RULES) as KnownMethod[]
const FROM_ATTENDEE: readonly KnownMethod[] = ['Reply', 'Refresh', 'Counter']

/** A calendar of the method, with what every method takes. */
function calendarOf(method: KnownMethod, title = 'Planning'): ComposedCalendar {
  return composeCalendar({
    method,
    uid: 'u1',
    sequence: 2,
    now: '2026-01-15T11:00:00Z',
    organizer: { address: 'org@example.org', name: 'Org' },
    attendees: [{ address: 'ann@example.org' }, { address: 'bob@example.org' }],
    replyAs: FROM_ATTENDEE.includes(method) ? { address: 'bob@example.org', status: 'Declined' } : null,
    appointment: { Title: title, StartDate: '2026-02-01T09:00:00Z', EndDate: '2026-02-01T10:00:00Z' },
  })
}

const HTML = { PlainBody: 'Hi', HTMLBody: '<p>Hi <img src="cid:logo@example.org">' }
const LOGO = { Filename: 'logo.png', Type: 'image/png', Id: 'logo@example.org', Stream: Uint8Array.of(1, 2, 3) }
const PDF = { Filename: 'report.pdf', Type: 'application/pdf', Stream: Uint8Array.of(4, 5, 6) }

function calendarFile(method: KnownMethod, given: EMailAttachmentInput = {}): EMailAttachmentInput {
  return { Filename: 'møte.ics', Type: 'text/calendar', Stream: Buffer.from(calendarOf(method).ics), ...given }
}

/** Code and path of each problem. */
function problemsOf(entity: EMailEntityInput, options: ComposeOptions = {}): string[] {
  try {
    composeMessage({ ...PLAIN_ENTITY, ...entity }, options)
  } catch (error) {
    if (error instanceof MimeError) return error.problems.map(({ code, path }) => `${code} ${path}`)
    throw error
  }
  return []
}

interface PythonPart {
  readonly type: string
  readonly disposition: string | null
  readonly filename: string | null
  readonly encoding: string
  readonly charset: string | null
  readonly method: string | null
  readonly content: string
}

const PYTHON = `
import base64, email, email.policy, json, sys

def leaf(part):
    content = part.get_payload(decode=True)
    return {'type': part.get_content_type(), 'disposition': part.get_content_disposition(),
            'filename': part.get_filename(), 'encoding': str(part['Content-Transfer-Encoding'] or ''),
            'charset': part.get_content_charset(), 'method': part.get_param('method'),
            'content': base64.b64encode(content).decode()}

def read(raw):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    def shape(part):
        if not part.is_multipart():
            return part.get_content_type()
        return part.get_content_subtype() + '(' + ', '.join(shape(child) for child in part.get_payload()) + ')'
    return {'shape': shape(message), 'leaves': [leaf(part) for part in message.walk() if not part.is_multipart()]}

json.dump([read(base64.b64decode(one)) for one in json.load(sys.stdin)], sys.stdout)
`

interface PythonReading {
  readonly shape: string
  readonly leaves: readonly PythonPart[]
}

/** What Python reads, all messages in one process. */
function readWithPython(messages: readonly Uint8Array[]): PythonReading[] {
  const input = JSON.stringify(messages.map(message => Buffer.from(message).toString('base64')))
  const { status, stdout, stderr } = spawnSync('python3', ['-c', PYTHON], { input, encoding: 'utf8' })
  if (status !== 0) throw new Error(`python3: ${stderr}`)
  return JSON.parse(stdout) as PythonReading[]
}

const hasPython = spawnSync('python3', ['--version']).status === 0
if (!hasPython) console.info('skipped: python3 is not on the PATH, its email package reads no calendar messages')

/** Bodies around the calendar, and the shape of the whole without and with a copy. */
const BODIES: readonly { what: string; entity: EMailEntityInput; alone: string; copied: string }[] = [
  {
    what: 'plain and HTML',
    entity: { PlainBody: 'Hi', HTMLBody: '<p>Hi' },
    alone: 'alternative(text/plain, text/html, text/calendar)',
    copied: 'mixed(alternative(text/plain, text/html, text/calendar), application/ics)',
  },
  {
    what: 'a file (nodemailer#1206)',
    entity: { PlainBody: 'Hi', HTMLBody: '<p>Hi', Attachments: [PDF] },
    alone: 'mixed(alternative(text/plain, text/html, text/calendar), application/pdf)',
    copied: 'mixed(alternative(text/plain, text/html, text/calendar), application/ics, application/pdf)',
  },
  {
    what: 'an image in the HTML (nodemailer#1616)',
    entity: { ...HTML, Attachments: [LOGO] },
    alone: 'alternative(text/plain, related(text/html, image/png), text/calendar)',
    copied: 'mixed(alternative(text/plain, related(text/html, image/png), text/calendar), application/ics)',
  },
  {
    what: 'plain text alone',
    entity: { PlainBody: 'Hi' },
    alone: 'alternative(text/plain, text/calendar)',
    copied: 'mixed(alternative(text/plain, text/calendar), application/ics)',
  },
  {
    what: 'no text',
    entity: { PlainBody: '' },
    alone: 'text/calendar',
    copied: 'mixed(text/calendar, application/ics)',
  },
]

describe('the calendar of the options', () => {
  const COPIED = new Set<KnownMethod>(['Request', 'Cancel', 'Publish'])

  describe.each(METHODS)('%s', method => {
    const calendar = calendarOf(method, method === 'Request' ? 'Møte' : 'Planning')

    test.each(BODIES)('with $what', ({ entity, alone, copied }) => {
      const wire = composeWire(entity, { calendar })
      expect(shapeOf(wire.root)).toBe(COPIED.has(method) ? copied : alone)
      expect(shapeOf(composeWire(entity, { calendar, calendarAttachment: true }).root)).toBe(copied)
      expect(shapeOf(composeWire(entity, { calendar, calendarAttachment: false }).root)).toBe(alone)
      const part = wire.part('text/calendar')
      expect(wire.field('Content-Type', part)).toBe(`text/calendar; charset=utf-8; method=${method.toUpperCase()}`)
      expect(calendar.contentType).toBe(wire.field('Content-Type', part))
      expect(wire.fields('Content-Disposition', part)).toEqual([])
      // The title of REQUEST has an "ø".
      expect(part.encoding).toBe(method === 'Request' ? 'base64' : '7bit')
      expect(Buffer.from(part.content).toString()).toBe(calendar.ics)
    })

    test('is read again as it was', () => {
      const parsed = parseMessage(composeWire(HTML, { calendar }).octets)
      expect(parsed.defects).toEqual([])
      expect(parsed.entity).toMatchObject({
        HasCalendarData: true,
        CalMethod: method,
        CalReplyStatus: method === 'Reply' ? 'Declined' : 'Unknown',
        PlainBody: 'Hi',
      })
    })

    test('mailparser and postal-mime find it', async () => {
      const octets = Buffer.from(composeWire({ ...HTML, Attachments: [LOGO, PDF] }, { calendar }).octets)
      const { attachments, text } = await simpleParser(octets)
      expect(text?.trim()).toBe('Hi')
      const found = attachments.filter(({ contentType }) => contentType === 'text/calendar')
      expect(found.map(({ content }) => content.toString().replace(/\r\n/g, '\n'))).toEqual([
        calendar.ics.replace(/\r\n/g, '\n'),
      ])
      const postal = await PostalMime.parse(octets)
      const parts = postal.attachments.filter(({ mimeType }) => mimeType === 'text/calendar')
      expect(parts.map(part => part.method)).toEqual([method.toUpperCase()])
      const copies = postal.attachments.filter(({ mimeType }) => mimeType === 'application/ics')
      expect(copies.map(({ filename }) => filename)).toEqual(COPIED.has(method) ? ['invite.ics'] : [])
    })
  })

  test.skipIf(!hasPython)('Python reads the same tree, labels and octets', () => {
    const cases = METHODS.flatMap(method => BODIES.map(body => ({ method, body, calendar: calendarOf(method) })))
    const readings = readWithPython(cases.map(({ body, calendar }) => composeWire(body.entity, { calendar }).octets))
    expect(readings).toHaveLength(cases.length)
    for (const [index, { method, body, calendar }] of cases.entries()) {
      const { shape, leaves } = readings[index]!
      const hasCopy = COPIED.has(method)
      const content = Buffer.from(calendar.ics).toString('base64')
      expect(shape, `${method} with ${body.what}`).toBe(hasCopy ? body.copied : body.alone)
      expect(leaves.filter(({ type }) => type === 'text/calendar')).toEqual([
        {
          type: 'text/calendar',
          disposition: null,
          filename: null,
          encoding: '7bit',
          charset: 'utf-8',
          method: method.toUpperCase(),
          content,
        },
      ])
      expect(leaves.filter(({ type }) => type === 'application/ics')).toEqual(
        hasCopy
          ? [
              {
                type: 'application/ics',
                disposition: 'attachment',
                filename: 'invite.ics',
                encoding: 'base64',
                charset: null,
                method: null,
                content,
              },
            ]
          : [],
      )
    }
  })

  test('line breaks of any kind become CRLF', () => {
    const { ics, method } = calendarOf('Reply')
    const wire = composeWire({}, { calendar: { ics: ics.replaceAll('\r\n', '\n'), method } })
    expect(Buffer.from(wire.part('text/calendar').content).toString()).toBe(ics)
    expect(wire.part('text/calendar').encoding).toBe('7bit')
  })

  test('is in a draft too', () => {
    const wire = composeWire({ HTMLBody: '<p>' }, { calendar: calendarOf('Request'), draft: true })
    expect(shapeOf(wire.root)).toBe('mixed(alternative(text/plain, text/html, text/calendar), application/ics)')
  })

  test.each<[what: string, calendar: unknown, problem: string]>([
    ['null', null, 'OPTION_INVALID calendar'],
    ['text', 'BEGIN:VCALENDAR', 'OPTION_INVALID calendar'],
    ['without ics', { method: 'Reply' }, 'OPTION_INVALID calendar'],
    ['of another method', { ...calendarOf('Reply'), method: 'Request' }, 'CALENDAR_METHOD calendar.method'],
    ['of no method', { ...calendarOf('Reply'), method: undefined }, 'CALENDAR_METHOD calendar.method'],
    ['that is none', { ics: 'hello', method: 'Reply' }, 'CALENDAR_METHOD calendar.method'],
    [
      'with an unknown METHOD',
      { ics: 'BEGIN:VCALENDAR\nMETHOD:X\n', method: 'Unknown' },
      'CALENDAR_METHOD calendar.method',
    ],
  ])('%s is refused', (_, calendar, problem) => {
    expect(problemsOf({}, { calendar: calendar as ComposedCalendar })).toEqual([problem])
  })

  test('CalMethod of the entity has to be its method', () => {
    const calendar = calendarOf('Reply')
    expect(problemsOf({ CalMethod: 'Request' }, { calendar })).toEqual(['CALENDAR_METHOD CalMethod'])
    expect(problemsOf({ CalMethod: 'Request' }, { calendar, draft: true })).toEqual([])
    expect(problemsOf({ CalMethod: 'Reply' }, { calendar })).toEqual([])
    expect(problemsOf({ CalMethod: 'Unknown' }, { calendar })).toEqual([])
  })

  test('a calendar attached as a form of the text is a second one (RFC 6047 §2.4)', () => {
    const calendar = calendarOf('Reply')
    const Attachments = [PDF, calendarFile('Request', { Type: 'text/calendar; method=REQUEST', Filename: '' })]
    expect(problemsOf({ Attachments }, { calendar })).toEqual(['CALENDAR_METHOD Attachments[1].Type'])
    expect(problemsOf({ Attachments: [calendarFile('Request')] }, { calendar })).toEqual([])
  })
})

describe('a calendar attached as a form of the text', () => {
  const form = (Type: string, lines: string, charset: BufferEncoding = 'utf8'): EMailAttachmentInput => ({
    Type,
    Stream: Buffer.from(`BEGIN:VCALENDAR\r\n${lines}\r\nSUMMARY:Møte\r\nEND:VCALENDAR\r\n`, charset),
  })
  const typeOf = (attachment: EMailAttachmentInput, options: ComposeOptions = {}): string => {
    const wire = composeWire({ HTMLBody: '<p>', Attachments: [attachment] }, options)
    expect(shapeOf(wire.root)).toBe('alternative(text/plain, text/html, text/calendar)')
    return wire.field('Content-Type', wire.part('text/calendar'))
  }

  test.each([
    { given: 'text/calendar; method=CANCEL', lines: 'METHOD:REQUEST', type: 'charset=utf-8; method=REQUEST' },
    { given: 'text/calendar; method=request', lines: 'Method:Request', type: 'charset=utf-8; method=REQUEST' },
    { given: 'text/calendar; method=reply', lines: 'VERSION:2.0', type: 'charset=utf-8; method=reply' },
    { given: 'text/calendar; method=reply', lines: 'METHOD:a b', type: 'charset=utf-8; method=reply' },
    { given: 'text/calendar; method=reply', lines: 'METH\r\n OD:CAN\r\n CEL', type: 'charset=utf-8; method=CANCEL' },
    {
      given: 'text/calendar; method=X; component=VEVENT',
      lines: 'METHOD:ADD',
      type: 'charset=utf-8; method=ADD; component=VEVENT',
    },
    { given: 'text/calendar; method=X; charset=UTF-8', lines: 'METHOD:ADD', type: 'charset=UTF-8; method=ADD' },
    { given: 'text/calendar; charset=us-ascii; method=ADD', lines: 'METHOD:ADD', type: 'charset=utf-8; method=ADD' },
  ])('$given with $lines: $type', ({ given, lines, type }) => {
    expect(typeOf(form(given, lines))).toBe(`text/calendar; ${type}`)
    const inBase64 = form(given, lines)
    expect(typeOf({ ...inBase64, Stream: (inBase64.Stream as Buffer).toString('base64') })).toBe(
      `text/calendar; ${type}`,
    )
    expect(typeOf({ Type: given }, { resolveContent: () => inBase64.Stream })).toBe(`text/calendar; ${type}`)
  })

  /** The same of calendars that are not labelled right, which the strict reader does not take. */
  const looseTypeOf = (attachment: EMailAttachmentInput, options: ComposeOptions = {}): string => {
    const message = composeMessage({ ...PLAIN_ENTITY, Attachments: [attachment] }, options)
    return parseMessage(message.toBytes()).entity.Attachments[0]!.Type
  }

  test('octets that are no UTF-8 do not say that they are', () => {
    expect(looseTypeOf(form('text/calendar; method=X', 'METHOD:ADD', 'latin1'))).toBe('text/calendar; method=ADD')
    expect(looseTypeOf(form('text/calendar; method=X', 'METHOD:ADD', 'utf16le'))).toBe('text/calendar; method=ADD')
    expect(looseTypeOf(form('text/calendar; charset=us-ascii; method=X', 'METHOD:ADD', 'latin1'))).toBe(
      'text/calendar; charset=us-ascii; method=ADD',
    )
  })

  test('a function that is asked later, and a stream, are not looked into', () => {
    const { Stream } = form('', 'METHOD:ADD')
    const octets = Stream as Buffer
    const given = { Type: 'text/calendar; method=X', Size: octets.length, Stream: () => octets }
    expect(looseTypeOf(given)).toBe('text/calendar; method=X')
  })

  test('a draft keeps what it says', () => {
    expect(looseTypeOf(form('text/calendar; method=CANCEL', 'METHOD:ADD'), { draft: true })).toBe(
      'text/calendar; method=CANCEL',
    )
  })

  test('CalMethod has to be its METHOD', () => {
    const Attachments = [form('text/calendar; method=CANCEL', 'METHOD:ADD')]
    expect(problemsOf({ CalMethod: 'Cancel', Attachments })).toEqual(['CALENDAR_METHOD CalMethod'])
    expect(problemsOf({ CalMethod: 'Cancel', Attachments }, { draft: true })).toEqual([])
    expect(problemsOf({ CalMethod: 'Add', Attachments })).toEqual([])
    expect(problemsOf({ CalMethod: 'x' as 'Add' })).toEqual(['VALUE_INVALID CalMethod'])
  })

  test('has a copy where one is asked for', () => {
    const Attachments = [form('text/calendar; method=ADD', 'METHOD:ADD')]
    const wire = composeWire({ Attachments }, { calendarAttachment: true })
    expect(shapeOf(wire.root)).toBe('mixed(alternative(text/plain, text/calendar), application/ics)')
    expect(wire.field('Content-Type', wire.part('application/ics'))).toBe('application/ics; name=invite.ics')
  })
})

describe('a calendar file', () => {
  test('becomes a form of the text where CalMethod says what it is', () => {
    const file = calendarFile('Request', { Description: 'Our meeting', Id: 'c@x' })
    const wire = composeWire({ HTMLBody: '<p>', CalMethod: 'Request', Attachments: [PDF, file] })
    expect(shapeOf(wire.root)).toBe(
      'mixed(alternative(text/plain, text/html, text/calendar), application/pdf, application/ics)',
    )
    const form = wire.part('text/calendar')
    expect(wire.field('Content-Type', form)).toBe('text/calendar; charset=utf-8; method=REQUEST')
    expect(form.fields.map(({ name }) => name)).toEqual(['Content-Type', 'Content-Transfer-Encoding'])
    const copy = wire.part('application/ics')
    expect(copy).toMatchObject({ encoding: 'base64', disposition: 'attachment' })
    expect(copy.dispositionParameters.get('filename')).toBe('møte.ics')
    expect(wire.field('Content-Description', copy)).toBe('Our meeting')
    expect(wire.field('Content-ID', copy)).toBe('<c@x>')
    expect(copy.content).toEqual(form.content)
  })

  test.each([
    { method: 'Reply', calendarAttachment: undefined, shape: 'alternative(text/plain, text/calendar)' },
    { method: 'Request', calendarAttachment: false, shape: 'alternative(text/plain, text/calendar)' },
    {
      method: 'Reply',
      calendarAttachment: true,
      shape: 'mixed(alternative(text/plain, text/calendar), application/ics)',
    },
  ] as const)('of $method with calendarAttachment $calendarAttachment: $shape', given => {
    const { method, calendarAttachment, shape } = given
    const entity = { CalMethod: method, Attachments: [calendarFile(method)] }
    expect(shapeOf(composeWire(entity, { calendarAttachment }).root)).toBe(shape)
  })

  const AS_FILE = 'mixed(text/plain, text/calendar)'
  test.each<[what: string, entity: EMailEntityInput, options?: ComposeOptions]>([
    ['without CalMethod', { Attachments: [calendarFile('Request')] }],
    ['with CalMethod Unknown', { CalMethod: 'Unknown', Attachments: [calendarFile('Request')] }],
    ['without METHOD', { CalMethod: 'Request', Attachments: [calendarFile('Request', { Stream: Buffer.from('x') })] }],
    ['in a draft', { CalMethod: 'Request', Attachments: [calendarFile('Request')] }, { draft: true }],
    [
      'from a function',
      { CalMethod: 'Request', Attachments: [calendarFile('Request', { Size: 1, Stream: () => Uint8Array.of(1) })] },
    ],
  ])('%s stays a file', (_, entity, options) => {
    const wire = composeWire(entity, options)
    expect(shapeOf(wire.root)).toBe(AS_FILE)
    expect(wire.part('text/calendar').disposition).toBe('attachment')
  })

  test('of another method than CalMethod is refused, unless there is one of that method', () => {
    const holidays = calendarFile('Publish', { Filename: 'holidays.ics' })
    expect(problemsOf({ CalMethod: 'Request', Attachments: [holidays] })).toEqual(['CALENDAR_METHOD CalMethod'])
    expect(problemsOf({ CalMethod: 'Request', Attachments: [holidays] }, { draft: true })).toEqual([])
    const wire = composeWire({ CalMethod: 'Request', Attachments: [holidays, calendarFile('Request')] })
    expect(shapeOf(wire.root)).toBe('mixed(alternative(text/plain, text/calendar), text/calendar, application/ics)')
    const form = calendarFile('Request', { Type: 'text/calendar; method=REQUEST', Filename: '' })
    expect(shapeOf(composeWire({ CalMethod: 'Request', Attachments: [holidays, form] }).root)).toBe(
      'mixed(alternative(text/plain, text/calendar), text/calendar)',
    )
  })

  test('rights of attachments come back by the archive', () => {
    const right = (Mask: string) => ({ TableRight: { Mask, Reason: '' } })
    const Attachments = [
      { ...PDF, ...right('pdf') },
      calendarFile('Request', right('ics')),
      { ...LOGO, ...right('logo') },
    ]
    const wire = composeWire({ ...HTML, CalMethod: 'Request', Attachments }, { archive: true })
    const { entity } = parseMessage(wire.octets, { archive: true })
    expect(entity.Attachments.map(({ Type, TableRight }) => [Type, TableRight?.Mask])).toEqual([
      ['image/png', 'logo'],
      ['text/calendar; charset=utf-8; method=REQUEST', undefined],
      ['application/pdf', 'pdf'],
      ['application/ics', 'ics'],
    ])
  })
})

describe('random appointments', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 80 }).map(value => value.replace(/[\x00-\x1f\x7f]/g, '').trim())
  const address = fc
    .tuple(fc.stringMatching(/^[a-z0-9]{1,20}$/), fc.domain())
    .map(([local, domain]) => `${local}@${domain}`)
  const user = fc.record({ address, name: text })
  const input = fc.record({
    method: fc.constantFrom('Request', 'Cancel', 'DeclineCounter' as const),
    uid: fc.uuid(),
    sequence: fc.nat(100),
    organizer: user,
    attendees: fc.uniqueArray(user, { minLength: 1, maxLength: 5, selector: ({ address }) => address.toLowerCase() }),
    zone: fc.constantFrom('', 'Europe/Oslo', 'America/New_York'),
    start: fc.integer({ min: 5_000_000, max: 30_000_000 }),
    length: fc.nat(10_000),
    title: text,
    html: fc.boolean(),
    files: fc.boolean(),
  })

  test('are read from the message as they were written', () => {
    fc.assert(
      fc.property(input, ({ start, length, title, html, files, ...given }) => {
        const [StartDate, EndDate] = [new Date(start * 60_000), new Date((start + length) * 60_000)]
        const calendar = composeCalendar({
          ...given,
          appointment: { Title: title, StartDate, EndDate },
        } as CalendarInput)
        const entity: EMailEntityInput = {
          HTMLBody: html ? HTML.HTMLBody : '',
          Attachments: files ? [LOGO, PDF] : [],
          CalMethod: given.method,
        }
        const message = composeMessage({ ...PLAIN_ENTITY, ...entity }, { calendar })
        const octets = message.toBytes()
        expect(strictCheck(octets)).toEqual([])
        const parsed = parseMessage(octets)
        const read = readAppointment(parsed)!
        expect(read.warnings).toEqual([])
        expect(Date.parse(read.start!.dateTime)).toBe(StartDate.getTime())
        expect(Date.parse(read.end!.dateTime)).toBe(EndDate.getTime())
        expect(read.organizer).toMatchObject(given.organizer)
        expect(read.attendees.map(({ address, name }) => ({ address, name }))).toEqual(given.attendees)
        expect(read.appointment.Sequence).toBe(calendar.sequence)
        const { root } = wireOf(message)
        const parts = [root, ...root.parts, ...root.parts.flatMap(({ parts }) => parts)]
        const part = parts.find(({ mediaType }) => mediaType === 'text/calendar')!
        const stated = /\r\nMETHOD:(.*)\r\n/.exec(Buffer.from(part.content).toString())![1]
        expect(part.parameters.get('method')).toBe(stated)
        // What was read is sent again as it is.
        const again = parseMessage(composeMessage(parsed.entity).toBytes())
        expect(again.calendar).toEqual(parsed.calendar)
        expect(again.entity.Attachments.map(({ Type }) => Type)).toEqual(
          parsed.entity.Attachments.map(({ Type }) => Type),
        )
      }),
      { numRuns: 150 },
    )
  })
})
