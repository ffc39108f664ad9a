/**
 * Faults of other composers in bodies, one row each, named after whose it was: the tree, calendars as far as they are
 * attachments, transfer encodings, boundaries, line breaks, sizes and streams.
 */
import { Buffer } from 'node:buffer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { composeMessage, type EMailEntityInput, parseMessage } from '../../src/index.ts'
import { openReaders, type Readers } from '../conformance/readers.ts'
import { attach, composeWire, PLAIN_ENTITY, type Row, seeded, shapeOf, testRows } from './wire.ts'

let readers: Readers
beforeAll(() => {
  readers = openReaders()
})
afterAll(() => readers.close())

const TEXTS: EMailEntityInput = { PlainBody: 'Hi', HTMLBody: '<p>Hi <img src="cid:logo@example.org">' }
const LOGO = { Filename: 'logo.png', Type: 'image/png', Id: 'logo@example.org' }
const FILE = { Filename: 'report.pdf', Type: 'application/pdf' }

describe('the tree', () => {
  const rows: readonly Row[] = [
    {
      fault: 'mimetext, go-message, Python: mixed around alternative around related, without being asked',
      entity: { ...TEXTS, ...attach(FILE, LOGO) },
      check: wire =>
        expect(shapeOf(wire.root)).toBe(
          'mixed(alternative(text/plain, related(text/html, image/png)), application/pdf)',
        ),
    },
    {
      fault: 'mail-builder: multipart/related names the type of its root',
      entity: { ...TEXTS, PlainBody: '', ...attach(LOGO) },
      check(wire) {
        expect(shapeOf(wire.root)).toBe('related(text/html, image/png)')
        expect(wire.root.parameters.get('type')).toBe('text/html')
      },
    },
    {
      fault: 'mimetext#70: the plain text is not lost when there are inline attachments',
      entity: { ...TEXTS, ...attach(LOGO) },
      check: wire => expect(wire.entity.PlainBody).toBe('Hi'),
    },
    {
      fault: 'mimetext#70: an image that nobody refers to stays an attachment',
      entity: { ...TEXTS, HTMLBody: '<p>Hi', ...attach(LOGO) },
      check: wire => expect(shapeOf(wire.root)).toBe('mixed(alternative(text/plain, text/html), image/png)'),
    },
    {
      fault: "ours: an image stands beside the HTML, its Id with an apostrophe or '&' too",
      entity: {
        ...TEXTS,
        HTMLBody: '<img src="cid:o\'brien@example.org"><img src="cid:a&amp;b@example.org">',
        ...attach({ ...LOGO, Id: "o'brien@example.org" }, { ...LOGO, Id: 'a&b@example.org' }),
      },
      check(wire) {
        expect(shapeOf(wire.root)).toBe('alternative(text/plain, related(text/html, image/png, image/png))')
        expect(wire.entity.Attachments.map(({ Disposition }) => Disposition)).toEqual(['inline', 'inline'])
      },
    },
    {
      fault: 'nodemailer, MimeKit, go-message: text is not flowed by half: no format=flowed, no soft breaks',
      entity: { PlainBody: `${'word '.repeat(30)}end\n> quoted ${'word '.repeat(30)}` },
      check(wire) {
        expect(wire.field('Content-Type')).toBe('text/plain; charset=utf-8')
        expect(wire.entity.PlainBody).toBe(`${'word '.repeat(30)}end\n> quoted ${'word '.repeat(30)}`)
      },
    },
    {
      fault: 'libmime 5.6: a TAB or NBSP at column 60 breaks no line',
      entity: { PlainBody: `${'a'.repeat(60)}\t${'b'.repeat(20)}\n${'a'.repeat(60)}\u00a0${'b'.repeat(20)}` },
      check: wire =>
        expect(wire.entity.PlainBody).toBe(
          `${'a'.repeat(60)}\t${'b'.repeat(20)}\n${'a'.repeat(60)}\u00a0${'b'.repeat(20)}`,
        ),
    },
    {
      fault: 'libmime 5.6: "-- " at the start of a long line does not become a signature',
      entity: { PlainBody: `-- ${'y'.repeat(80)}` },
      check: wire => expect(wire.entity.PlainBody).toBe(`-- ${'y'.repeat(80)}`),
    },
    {
      fault: 'nodemailer: a message inside the message is labelled 7bit by its content',
      entity: attach({ Type: 'message/rfc822', Filename: 'm.eml', Stream: Buffer.from('Subject: s\r\n\r\nbody\r\n') }),
      check(wire) {
        const nested = wire.part('message/rfc822')
        expect(nested.encoding).toBe('7bit')
        expect(wire.body(nested)).toBe('Subject: s\r\n\r\nbody\r\n')
      },
    },
    {
      fault: 'nodemailer 7.0.3, 7.0.12, 10.2.0: a message inside the message is labelled 8bit where it is',
      entity: attach({
        Type: 'message/rfc822',
        Filename: 'm.eml',
        Stream: Buffer.from('Subject: s\r\n\r\nblåbær\r\n'),
      }),
      options: { eightBit: true },
      check(wire) {
        expect(wire.part('message/rfc822').encoding).toBe('8bit')
        expect(wire.field('Content-Transfer-Encoding')).toBe('8bit')
        expect(wire.message.envelope.eightBitMime).toBe(true)
      },
    },
    {
      fault: 'mimetext, go-message: a message inside the message is never base64, even if it comes as base64',
      entity: attach({
        Type: 'message/rfc822',
        Filename: 'm.eml',
        Encoding: 'base64',
        Stream: Buffer.from('Subject: s\n\nbody').toString('base64'),
      }),
      check(wire) {
        expect(wire.part('message/rfc822').encoding).toBe('7bit')
        expect(wire.body(wire.part('message/rfc822'))).toBe('Subject: s\r\n\r\nbody')
      },
    },
  ]
  testRows(rows, () => readers)
})

describe('a calendar that is an attachment', () => {
  const lines = ['BEGIN:VCALENDAR', 'METHOD:REQUEST', 'SUMMARY:Møte', 'END:VCALENDAR', '']
  const calendar = (Type: string) => ({ Filename: '', Type, Stream: Buffer.from(lines.join('\r\n')) })
  const INVITE = calendar('text/calendar; charset=utf-8; method=REQUEST')
  const rows: readonly Omit<Row, 'misreadBy'>[] = [
    {
      fault: 'mimetext: text/calendar with a method, without a name, is the last form of the text',
      entity: { ...TEXTS, HTMLBody: '<p>Hi', ...attach(INVITE) },
      check(wire) {
        expect(shapeOf(wire.root)).toBe('alternative(text/plain, text/html, text/calendar)')
        expect(wire.part('text/calendar').disposition).toBe('')
      },
    },
    {
      fault: 'nodemailer#894, #1017: the calendar is last though it is given first, and says its method',
      entity: { ...TEXTS, ...attach(INVITE, LOGO) },
      check(wire) {
        expect(shapeOf(wire.root)).toBe('alternative(text/plain, related(text/html, image/png), text/calendar)')
        expect(wire.field('Content-Type', wire.part('text/calendar'))).toBe(
          'text/calendar; charset=utf-8; method=REQUEST',
        )
      },
    },
    {
      fault: 'nodemailer#1206: the calendar stays a form of the text when there are files too',
      entity: { ...TEXTS, HTMLBody: '<p>Hi', ...attach(FILE, INVITE) },
      check: wire =>
        expect(shapeOf(wire.root)).toBe('mixed(alternative(text/plain, text/html, text/calendar), application/pdf)'),
    },
    {
      fault: 'nodemailer#1206: the same where there is plain text only',
      entity: attach(FILE, INVITE),
      check: wire => expect(shapeOf(wire.root)).toBe('mixed(alternative(text/plain, text/calendar), application/pdf)'),
    },
    {
      fault: 'nodemailer#1185: one calendar is one part: no second ics file unless it is attached',
      entity: { ...TEXTS, HTMLBody: '<p>Hi', ...attach(INVITE) },
      check: wire => expect(wire.parts.filter(({ mediaType }) => /calendar|ics/.test(mediaType))).toHaveLength(1),
    },
    {
      fault: 'nodemailer#1185: a copy with a name stands outside, as a file',
      entity: { ...TEXTS, HTMLBody: '<p>Hi', ...attach(INVITE, { ...INVITE, Filename: 'invite.ics' }) },
      check(wire) {
        expect(shapeOf(wire.root)).toBe('mixed(alternative(text/plain, text/html, text/calendar), text/calendar)')
        expect(wire.root.parts[1]!.dispositionParameters.get('filename')).toBe('invite.ics')
      },
    },
    {
      fault: 'indico#5228: the charset of a calendar is kept, and its octets with it',
      entity: attach(INVITE),
      check(wire) {
        const part = wire.part('text/calendar')
        expect(part.parameters.get('charset')).toBe('utf-8')
        expect(Buffer.from(part.content).toString('utf8')).toBe(lines.join('\r\n'))
      },
    },
    {
      fault: 'PHPMailer#175: the method of Content-Type is METHOD of the calendar, whatever is given',
      entity: attach(calendar('text/calendar; method=CANCEL; charset=utf-8')),
      check: wire => expect(wire.part('text/calendar').parameters.get('method')).toBe('REQUEST'),
    },
  ]
  // postal-mime makes LF of CRLF in text/calendar.
  testRows(
    rows.map(row => ({ ...row, misreadBy: ['postal-mime'] })),
    () => readers,
  )
})

describe('transfer encodings', () => {
  const rows: readonly Row[] = [
    {
      fault: 'mimetext: what is labelled 7bit is 7bit: UTF-8 is encoded, not only labelled',
      entity: { PlainBody: 'blåbær', HTMLBody: '<p>blåbær' },
      check: wire => expect(wire.text).not.toMatch(/[^\0-\x7f]/),
    },
    {
      fault: 'nodemailer: text is 8bit where the transport takes it',
      entity: { PlainBody: 'blåbær' },
      options: { eightBit: true },
      check(wire) {
        expect(wire.field('Content-Transfer-Encoding')).toBe('8bit')
        expect(Buffer.from(wire.octets).toString('utf8')).toMatch(/\r\n\r\nblåbær$/)
        expect(wire.message.envelope.eightBitMime).toBe(true)
      },
    },
    {
      fault: 'mail-builder#44, #45: a single long line is not labelled 7bit',
      entity: { PlainBody: 'x'.repeat(999) },
      check: wire => expect(wire.field('Content-Transfer-Encoding')).toBe('quoted-printable'),
    },
    {
      fault: 'enmime, go-message: no line over 998 octets, none wrapped by adding a break',
      entity: { PlainBody: `${'word '.repeat(1000)}\nshort` },
      check: wire => expect(wire.entity.PlainBody).toBe(`${'word '.repeat(1000)}\nshort`),
    },
    {
      fault: 'mimetext#52: "501 line too long": long HTML is wrapped by its encoding, and not broken',
      entity: { PlainBody: '', HTMLBody: `<a href="https://example.org/${'u'.repeat(3000)}">` },
      check: wire => expect(wire.entity.HTMLBody).toBe(`<a href="https://example.org/${'u'.repeat(3000)}">`),
    },
    {
      fault: 'mail-builder, go-message: a file whose lines fit can be 7bit, its octets untouched',
      entity: attach({ Type: 'text/csv', Encoding: '7bit', Stream: Buffer.from('a,b  \r\nc,d\t\r\n') }),
      check: wire => expect(wire.body(wire.part('text/csv'))).toBe('a,b  \r\nc,d\t\r\n'),
    },
    {
      fault: 'nodemailer 10.6: a bare CR or LF never reaches the octets: each is one line break',
      entity: { PlainBody: 'a\rb\nc\r\nd\n\re', HTMLBody: 'a\rb\nc å' },
      check(wire) {
        expect(wire.text).not.toMatch(/\r(?!\n)|(?<!\r)\n/)
        expect(wire.body(wire.part('text/plain'))).toBe('a\r\nb\r\nc\r\nd\r\n\r\ne')
      },
    },
    {
      fault: 'mail-builder: line breaks become CRLF in 7bit as well',
      entity: { PlainBody: 'a\nb\n' },
      check: wire => expect(wire.text).toMatch(/\r\n\r\na\r\nb\r\n$/),
    },
    {
      fault: 'libmime 5.6: a bare CR is a line break, and no character is lost beside it',
      entity: { PlainBody: 'first\rsecond' },
      check: wire => expect(wire.entity.PlainBody).toBe('first\nsecond'),
    },
    {
      fault: 'go-smtp, nodemailer: dots are stuffed by the transport alone',
      entity: { PlainBody: '.\n..\n.x' },
      check: wire => expect(wire.text).toMatch(/\r\n\r\n\.\r\n\.\.\r\n\.x$/),
    },
    {
      fault: 'MimeKit#1184: trailing blanks and "From " in a file survive every encoding that is asked for',
      entity: attach(
        ...['', '7bit', '8bit', 'quoted-printable', 'base64'].map((Encoding, index) => ({
          Filename: `${index}.bin`,
          Encoding,
          Stream: Buffer.from('trailing \t\r\nFrom me\r\n \r\n.\r\n'),
        })),
      ),
      check(wire) {
        for (const { content } of wire.root.parts.slice(1)) {
          expect(Buffer.from(content).toString()).toBe('trailing \t\r\nFrom me\r\n \r\n.\r\n')
        }
      },
    },
  ]
  testRows(rows, () => readers)

  test('nodemailer#1810, #1747: base64 of 0 to 180 octets has no CRLF at its end and loses no octet', () => {
    for (let length = 0; length <= 180; length++) {
      const Stream = Uint8Array.from({ length }, (_, index) => (index * 7 + length) % 256)
      const wire = composeWire(attach({ Stream }))
      const part = wire.part('application/x-test')
      expect(wire.body(part)).not.toMatch(/\r\n$/)
      expect(Buffer.from(part.content).equals(Stream), `${length} octets`).toBe(true)
    }
  })

  test('MimeKit#1239, #1215: base64 at every length and offset around the width of a vector is that of Node', () => {
    const source = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 131 + (index >> 8)) % 256)
    for (const length of [47, 48, 49, 56, 57, 58, 63, 64, 65, 113, 114, 115, 4096, 65_535, 65_536, 65_537]) {
      for (const offset of [0, 1, 2, 3, 7]) {
        const Stream = source.subarray(offset, offset + length)
        const wire = composeWire({ PlainBody: '', ...attach({ Stream }) })
        const expected = Buffer.from(Stream)
          .toString('base64')
          .replace(/.{76}(?=.)/g, '$&\r\n')
        expect(wire.body(wire.part('application/x-test')) === expected, `${length} at ${offset}`).toBe(true)
      }
    }
  })
})

describe('boundaries', () => {
  const rows: readonly Row[] = [
    {
      fault:
        'nodemailer baseBoundary, mimetext, MimeKit, mail-builder, go-message: a body that guesses the boundary gets another',
      entity: {
        PlainBody: boundariesOf({ HTMLBody: '<p>Hi', ...attach(FILE) })
          .map(boundary => `--${boundary}\r\nContent-Type: text/html\r\n\r\nforged\r\n--${boundary}--`)
          .join('\r\n'),
        HTMLBody: '<p>Hi',
        ...attach(FILE),
      },
      check(wire) {
        expect(shapeOf(wire.root)).toBe('mixed(alternative(text/plain, text/html), application/pdf)')
        expect(wire.entity.HTMLBody).toBe('<p>Hi')
      },
    },
    {
      fault: 'nodemailer Part_1 and Part_10, mikel/mail#379: no boundary begins with another',
      entity: { ...TEXTS, ...attach(FILE, LOGO) },
      check(wire) {
        const found = [wire.root, ...wire.parts].flatMap(({ parameters }) => parameters.get('boundary') ?? [])
        expect(new Set(found).size).toBe(3)
        for (const one of found) {
          for (const other of found) expect(one !== other && one.startsWith(other)).toBe(false)
        }
      },
    },
  ]
  testRows(rows, () => readers)
})

/** Boundaries of the message that the deterministic random makes of it. */
function boundariesOf(entity: EMailEntityInput): string[] {
  const wire = composeWire(entity)
  return [wire.root, ...wire.parts].flatMap(({ parameters }) => parameters.get('boundary') ?? [])
}

describe('sizes and streams', () => {
  const octets = Uint8Array.from({ length: 200_000 }, (_, index) => index % 251)

  test('nodemailer, mimetext, go-message, Python: the exact size is known before anything is written', () => {
    const message = composeMessage({ ...PLAIN_ENTITY, ...TEXTS, ...attach(LOGO, { Stream: octets }) })
    expect(message.envelope.size).toBe(message.size)
    expect(message.toBytes().length).toBe(message.size)
  })

  test('mail-builder: the size is that of the encoded octets, not of the decoded ones', () => {
    const message = composeMessage({ ...PLAIN_ENTITY, ...attach({ Stream: octets }) })
    expect(message.size).toBeGreaterThan((octets.length / 3) * 4)
  })

  test('MimeKit: the size of a source with a stated Size is known without opening it', async () => {
    let opened = 0
    const open = async function* () {
      opened++
      yield octets
    }
    const message = composeMessage({ ...PLAIN_ENTITY, ...attach({ Stream: open, Size: octets.length }) })
    expect(opened).toBe(0)
    expect(message.size).toBe((await collect(message)).length)
    expect(opened).toBe(1)
  })

  test('mimetext, mail-builder, Python: a source is read as far as its reader has come, in chunks of 64 KiB', async () => {
    let pulled = 0
    const open = async function* () {
      for (; pulled < 1000; pulled++) yield octets.subarray(0, 60_000)
    }
    const message = composeMessage({ ...PLAIN_ENTITY, ...attach({ Stream: open, Size: 60_000_000 }) })
    for await (const chunk of message) {
      expect(chunk.length).toBeLessThanOrEqual(65_536)
      break
    }
    expect(pulled).toBeLessThanOrEqual(2)
  })

  test('enmime: streams are for contents of every kind: octets, base64 text, sources and what they give', async () => {
    const streams = [
      octets,
      Buffer.from(octets).toString('base64'),
      () => octets,
      async function* () {
        yield octets.subarray(0, 1)
        yield octets.subarray(1)
      },
      new Blob([octets]).stream(),
    ]
    const message = composeMessage({ ...PLAIN_ENTITY, ...attach(...streams.map(Stream => ({ Stream }))) })
    const { entity } = parseMessage(await collect(message))
    expect(entity.Attachments).toHaveLength(5)
    for (const { Stream } of entity.Attachments) expect(Buffer.from(Stream!).equals(octets)).toBe(true)
  })

  test('nodemailer 8.0.11: a source that can be opened again is whole in every writing', async () => {
    const open = async function* () {
      yield octets
    }
    const message = composeMessage({ ...PLAIN_ENTITY, ...attach({ Stream: open }) }, { random: seeded() })
    const first = await collect(message)
    expect(first.equals(await collect(message))).toBe(true)
    expect(parseMessage(first).entity.Attachments[0]!.Size).toBe(octets.length)
  })

  const streams: readonly (readonly [what: string, open: () => AsyncIterable<Uint8Array>])[] = [
    ['a stream', () => new Blob([octets]).stream() as unknown as AsyncIterable<Uint8Array>],
    [
      'an iterator',
      () =>
        (async function* () {
          yield octets
        })(),
    ],
  ]
  for (const [what, open] of streams) {
    test(`nodemailer 8.0.11: ${what} that was read is an error in the second writing, not an empty file`, async () => {
      const message = composeMessage({ ...PLAIN_ENTITY, ...attach({ Stream: open() }) })
      await collect(message)
      expect(await outcomeOf(collect(message))).toBe('rejected')
    })

    test(`nodemailer 8.0.11: ${what} that two attachments share is an error, not an empty file`, async () => {
      const Stream = open()
      const message = composeMessage({ ...PLAIN_ENTITY, ...attach({ Stream }, { Stream }) })
      expect(await outcomeOf(collect(message))).toBe('rejected')
    })
  }

  test('ours: no stream is opened and left unread', async () => {
    let opened = 0
    const Stream = () => {
      opened++
      return new Blob([octets]).stream() as unknown as AsyncIterable<Uint8Array>
    }
    await collect(composeMessage({ ...PLAIN_ENTITY, ...attach({ Stream }) }))
    expect(opened).toBe(1)
  })

  async function outcomeOf(writing: Promise<unknown>): Promise<string> {
    return writing.then(
      () => 'written',
      () => 'rejected',
    )
  }

  async function collect(message: AsyncIterable<Uint8Array>): Promise<Buffer> {
    const chunks: Uint8Array[] = []
    for await (const chunk of message) chunks.push(chunk)
    return Buffer.concat(chunks)
  }
})
