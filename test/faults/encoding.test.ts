/**
 * Which transfer encoding a content gets: RFC 2045 §2.7, §2.8, §6, RFC 5322 §2.1.1, RFC 6152; and boundaries that no
 * content can hold: RFC 2046 §5.1.1.
 */
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type EMailAttachmentInput, type EMailEntityInput, parseMessage } from '../../src/index.ts'
import { attach, composeWire, type Wire } from './wire.ts'

// ----------------------------------------------------------------------------------------------------------------- text

interface TextRow {
  /** The rule, as a reader of the documentation would say it. */
  readonly rule: string
  readonly section: string
  readonly text: string
  readonly encoding: string
  /** Where `eightBit` makes it another. */
  readonly eightBit?: string
}

const texts: readonly TextRow[] = [
  { rule: 'empty text is 7bit', section: 'RFC 2045 §6.1', text: '', encoding: '7bit' },
  { rule: 'ASCII is 7bit', section: 'RFC 2045 §2.7', text: 'Hello\nworld', encoding: '7bit' },
  {
    rule: 'TAB and other controls but NUL are 7bit',
    section: 'RFC 2045 §2.7',
    text: 'a\tb\x0c\x1b[0m\x7f',
    encoding: '7bit',
  },
  { rule: 'a line of 998 octets is 7bit', section: 'RFC 5322 §2.1.1', text: `${'x'.repeat(998)}\ny`, encoding: '7bit' },
  {
    rule: 'a line of 999 octets is encoded',
    section: 'RFC 5322 §2.1.1',
    text: 'x'.repeat(999),
    encoding: 'quoted-printable',
  },
  {
    rule: 'the last line counts too',
    section: 'RFC 5322 §2.1.1',
    text: `a\n${'x'.repeat(999)}`,
    encoding: 'quoted-printable',
  },
  {
    rule: 'octets count, not characters',
    section: 'RFC 5322 §2.1.1',
    text: 'å'.repeat(500),
    encoding: 'base64',
    eightBit: 'base64',
  },
  { rule: 'a first line with "From " is encoded', section: 'RFC 4155', text: 'From me', encoding: 'quoted-printable' },
  {
    rule: 'a later line with "From " is encoded',
    section: 'RFC 4155',
    text: 'a\r\nFrom me',
    encoding: 'quoted-printable',
  },
  {
    rule: 'a line after a bare CR starts with "From " too',
    section: 'RFC 4155',
    text: 'a\rFrom me',
    encoding: 'quoted-printable',
  },
  {
    rule: '"From" without a blank, or within a line, is 7bit',
    section: 'RFC 4155',
    text: 'From\n From me\nfrom you\n>From x',
    encoding: '7bit',
  },
  {
    rule: 'NUL is encoded',
    section: 'RFC 2045 §2.7',
    text: 'a\0b and some more of ASCII',
    encoding: 'quoted-printable',
  },
  {
    rule: 'a little of 8-bit is quoted-printable, and 8bit where allowed',
    section: 'RFC 2045 §6.7',
    text: 'blåbær and a good deal of ASCII beside it',
    encoding: 'quoted-printable',
    eightBit: '8bit',
  },
  {
    rule: 'mostly 8-bit is base64, and 8bit where allowed',
    section: 'RFC 2045 §6.8',
    text: '会議の議事録について',
    encoding: 'base64',
    eightBit: '8bit',
  },
  {
    rule: '8-bit in a long line is not 8bit',
    section: 'RFC 2045 §2.8',
    text: `å${'x'.repeat(998)}`,
    encoding: 'quoted-printable',
    eightBit: 'quoted-printable',
  },
  {
    rule: '8-bit with "From " is not 8bit',
    section: 'RFC 4155',
    text: 'å\nFrom me and my many friends of ASCII',
    encoding: 'quoted-printable',
    eightBit: 'quoted-printable',
  },
  {
    rule: 'line breaks of every kind are 7bit',
    section: 'RFC 2045 §2.7',
    text: 'a\rb\nc\r\nd\n\r\r\n',
    encoding: '7bit',
  },
  { rule: 'line breaks alone are 7bit', section: 'RFC 2045 §2.7', text: '\n\r\n\r', encoding: '7bit' },
  { rule: 'trailing blanks are 7bit', section: 'RFC 5322 §2.3', text: 'a \nb\t\n \n', encoding: '7bit' },
  {
    rule: 'trailing blanks in quoted-printable are protected',
    section: 'RFC 2045 §6.7(3)',
    text: 'å and some more of ASCII \nb\t\n \nlast ',
    encoding: 'quoted-printable',
    eightBit: '8bit',
  },
  { rule: 'dots are 7bit', section: 'RFC 5321 §4.5.2', text: '.\n..\n.x', encoding: '7bit' },
  { rule: 'dashes are 7bit', section: 'RFC 2046 §5.1.1', text: '--\n-- \n--x--', encoding: '7bit' },
  {
    rule: 'dashes that start a line of quoted-printable are encoded',
    section: 'RFC 2046 §5.1.1',
    text: '--å and some more of ASCII\n--x--\n-',
    encoding: 'quoted-printable',
    eightBit: '8bit',
  },
  { rule: '"=" and "?" are 7bit', section: 'RFC 2045 §6.7', text: '=41 =\n=?utf-8?Q?=41?=', encoding: '7bit' },
]

describe.each(texts.map(row => [`${row.rule} (${row.section})`, row] as const))('text: %s', (_, row) => {
  const { text, encoding, eightBit = encoding } = row
  const canonical = text.replace(/\r\n?|\n/g, '\r\n')
  const cases: readonly (readonly [allowed: boolean, expected: string])[] = [
    [false, encoding],
    [true, eightBit],
  ]
  test.each(cases)('eightBit %s: %s, and it comes back', (allowed, expected) => {
    for (const property of ['PlainBody', 'HTMLBody'] as const) {
      const wire = composeWire({ PlainBody: '', [property]: text }, { eightBit: allowed })
      expect(wire.root.encoding).toBe(expected)
      expect(wire.message.envelope.eightBitMime).toBe(expected === '8bit')
      expect(Buffer.from(wire.root.content).toString('utf8')).toBe(canonical)
      expect(wire.entity[property === 'HTMLBody' && text === '' ? 'PlainBody' : property]).toBe(
        canonical.replaceAll('\r\n', '\n'),
      )
      expect(wire.body(wire.root)).not.toMatch(expected === 'quoted-printable' ? /^-|\n-|^From |\nFrom / : /\0/)
    }
  })
})

describe('quoted-printable or base64: the shorter of the two', () => {
  test('by the share of 8-bit octets', () => {
    for (let share = 0; share <= 100; share += 2) {
      const text = `${'å'.repeat(share)}${'a'.repeat(100 - share)} `.repeat(3).trim()
      const wire = composeWire({ PlainBody: `${text}\nend å` })
      const octets = Buffer.byteLength(`${text}\r\nend å`)
      const base64 = Math.ceil(octets / 3) * 4
      expect(wire.body(wire.root).length).toBeLessThanOrEqual(base64 + Math.floor((base64 - 1) / 76) * 2)
      if (share < 5) expect(wire.root.encoding).toBe('quoted-printable')
      if (share > 30) expect(wire.root.encoding).toBe('base64')
    }
  })

  test('a body does not gain a line break at its end, nor lose one', () => {
    for (const text of ['a', 'a\n', 'a\n\n', 'å', 'å\n', '山山山', '山山山\n', '\n', 'a\r', 'å\r\r']) {
      for (const HTMLBody of ['', '<p>']) {
        expect(composeWire({ PlainBody: text, HTMLBody }).entity.PlainBody).toBe(text.replaceAll('\r', '\n'))
      }
    }
  })

  test('a lone surrogate is U+FFFD, and all else of Unicode comes back', () => {
    expect(composeWire({ PlainBody: 'a\ud800b' }).entity.PlainBody).toBe('a\ufffdb')
    expect(composeWire({ PlainBody: '\u2028\u0085\ufeff\u{10ffff}' }).entity.PlainBody).toBe(
      '\u2028\u0085\ufeff\u{10ffff}',
    )
  })
})

// ---------------------------------------------------------------------------------------------------------- attachments

interface FileRow {
  readonly content: string
  readonly octets: Uint8Array
  /** What is written where 7bit, and where 8bit is asked for without and with `eightBit`. */
  readonly sevenBit: string
  readonly eightBit: string
  readonly allowed: string
}

const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))

const files: readonly FileRow[] = [
  { content: 'nothing', octets: latin1(''), sevenBit: 'base64', eightBit: 'base64', allowed: 'base64' },
  { content: 'ASCII', octets: latin1('a\r\nb'), sevenBit: '7bit', eightBit: '7bit', allowed: '8bit' },
  { content: 'ASCII that ends in CRLF', octets: latin1('a\r\n'), sevenBit: '7bit', eightBit: '7bit', allowed: '8bit' },
  { content: 'trailing blanks', octets: latin1('a \t\r\n \r\n'), sevenBit: '7bit', eightBit: '7bit', allowed: '8bit' },
  { content: 'dots and dashes', octets: latin1('.\r\n--x\r\n-'), sevenBit: '7bit', eightBit: '7bit', allowed: '8bit' },
  { content: 'a line of 998', octets: latin1('x'.repeat(998)), sevenBit: '7bit', eightBit: '7bit', allowed: '8bit' },
  {
    content: 'a line of 999',
    octets: latin1('x'.repeat(999)),
    sevenBit: 'base64',
    eightBit: 'base64',
    allowed: 'base64',
  },
  { content: 'a bare LF', octets: latin1('a\nb'), sevenBit: 'base64', eightBit: 'base64', allowed: 'base64' },
  { content: 'a bare CR', octets: latin1('a\rb'), sevenBit: 'base64', eightBit: 'base64', allowed: 'base64' },
  { content: 'a CR at the end', octets: latin1('a\r'), sevenBit: 'base64', eightBit: 'base64', allowed: 'base64' },
  { content: '"From " first', octets: latin1('From me'), sevenBit: 'base64', eightBit: 'base64', allowed: 'base64' },
  {
    content: '"From " later',
    octets: latin1('a\r\nFrom me'),
    sevenBit: 'base64',
    eightBit: 'base64',
    allowed: 'base64',
  },
  { content: 'NUL', octets: latin1('a\0b'), sevenBit: 'base64', eightBit: 'base64', allowed: 'base64' },
  {
    content: '8-bit text',
    octets: latin1('bl\xe5b\xe6r\r\n'),
    sevenBit: 'base64',
    eightBit: 'base64',
    allowed: '8bit',
  },
  {
    content: 'every octet',
    octets: Uint8Array.from({ length: 256 }, (_, i) => i),
    sevenBit: 'base64',
    eightBit: 'base64',
    allowed: 'base64',
  },
]

describe.each(files.map(row => [row.content, row] as const))(
  'file: %s',
  (_, { octets, sevenBit, eightBit, allowed }) => {
    const requests: readonly (readonly [Encoding: string, isAllowed: boolean, expected: string])[] = [
      ['', false, 'base64'],
      ['', true, 'base64'],
      ['base64', false, 'base64'],
      ['BASE64', false, 'base64'],
      ['binary', false, 'base64'],
      ['x-uuencode', false, 'base64'],
      ['7bit', false, sevenBit],
      ['7bit', true, sevenBit],
      ['7BIT', false, sevenBit],
      ['8bit', false, eightBit],
      ['8bit', true, allowed],
      ['quoted-printable', false, octets.length === 0 ? 'base64' : 'quoted-printable'],
      ['Quoted-Printable', true, octets.length === 0 ? 'base64' : 'quoted-printable'],
    ]
    test.each(requests)('Encoding %j, eightBit %s: %s, its octets exact', (Encoding, isAllowed, expected) => {
      const base64 = Buffer.from(octets).toString('base64')
      for (const Stream of [octets, base64, () => octets]) {
        const wire = composeWire(attach({ Encoding, Stream, Size: 0 }), { eightBit: isAllowed })
        const part = wire.part('application/x-test')
        expect(part.encoding).toBe(expected)
        expect(Buffer.from(part.content).equals(octets)).toBe(true)
        expect(Buffer.from(wire.entity.Attachments[0]!.Stream!).equals(octets)).toBe(true)
        expect(wire.message.envelope.eightBitMime).toBe(expected === '8bit')
      }
    })
  },
)

test('octets of a file are exact whatever they are, whatever encoding is asked for', () => {
  const alphabet = fc.constantFrom('\r', '\n', '\r\n', ' ', '\t', '=', '-', '.', 'From ', '\0', 'a', '\xe5', '--=_1_')
  const octets = fc.oneof(
    fc.array(alphabet, { maxLength: 60 }).map(pieces => latin1(pieces.join(''))),
    fc.uint8Array({ maxLength: 400 }),
  )
  const encoding = fc.constantFrom('', '7bit', '8bit', 'quoted-printable', 'base64', 'binary')
  fc.assert(
    fc.property(
      fc.array(fc.tuple(octets, encoding), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      (given, eightBit) => {
        const wire = composeWire(attach(...given.map(([Stream, Encoding]) => ({ Stream, Encoding }))), { eightBit })
        const parts = wire.root.parts.slice(1)
        for (const [index, [expected]] of given.entries()) {
          expect(Buffer.from(parts[index]!.content).equals(expected)).toBe(true)
          expect(Buffer.from(wire.entity.Attachments[index]!.Stream!).equals(expected)).toBe(true)
        }
      },
    ),
    { numRuns: 200 },
  )
})

describe('a message inside the message is never encoded (RFC 2046 §5.2.1)', () => {
  const message = (Stream: Uint8Array, other: EMailAttachmentInput = {}): EMailEntityInput =>
    attach({ Type: 'message/rfc822', Filename: 'm.eml', Stream, ...other })
  const inner = 'Subject: s\r\n\r\n'

  test.each(['', '7bit', '8bit', 'base64', 'quoted-printable', 'binary'])(
    '7bit for ASCII, whatever Encoding %j asks',
    Encoding => {
      const wire = composeWire(message(latin1(`${inner}From me\r\n.\r\n`), { Encoding }))
      expect(wire.part('message/rfc822').encoding).toBe('7bit')
      expect(wire.body(wire.part('message/rfc822'))).toBe(`${inner}From me\r\n.\r\n`)
    },
  )

  test('8bit where it holds such octets, and the parts around it say so', () => {
    const wire = composeWire(message(latin1(`${inner}bl\xe5`)), { eightBit: true })
    expect([wire.root.encoding, wire.part('message/rfc822').encoding]).toEqual(['8bit', '8bit'])
    expect(wire.message.envelope.eightBitMime).toBe(true)
  })

  test('its line breaks become CRLF, as in any message', () => {
    const wire = composeWire(message(latin1('Subject: s\n\na\rb')))
    expect(wire.body(wire.part('message/rfc822'))).toBe('Subject: s\r\n\r\na\r\nb')
  })

  test('NUL or a line over 998 octets is refused, since nothing may encode it', () => {
    for (const body of ['\0', 'x'.repeat(999)]) {
      expect(() => composeWire(message(latin1(inner + body)))).toThrow(/octet-stream/)
    }
  })
})

// ----------------------------------------------------------------------------------------------------------- boundaries

function boundariesOf(wire: Wire): string[] {
  return [wire.root, ...wire.parts].flatMap(({ parameters, parts }) =>
    parts.length > 0 ? [parameters.get('boundary')!] : [],
  )
}

describe('a content that holds the boundary gets another one', () => {
  /** Where the delimiters go; the text around them is the same in both messages. */
  const places: readonly (readonly [what: string, (text: string) => EMailEntityInput])[] = [
    ['a 7bit body', text => ({ PlainBody: text, HTMLBody: '<p>' })],
    ['7bit HTML', text => ({ HTMLBody: text })],
    ['a 7bit file', text => attach({ Type: 'text/csv', Encoding: '7bit', Stream: latin1(text) })],
    ['a message', text => attach({ Type: 'message/rfc822', Stream: latin1(`Subject: s\r\n\r\n${text}`) })],
    [
      'a message whose own boundary it is',
      text =>
        attach({
          Type: 'message/rfc822',
          Stream: latin1(
            `Content-Type: multipart/mixed; boundary="${text.split('\r\n')[0]!.slice(2) || 'x'}"\r\n\r\n${text}`,
          ),
        }),
    ],
    ['a body in quoted-printable', text => ({ PlainBody: `å ${'ascii '.repeat(20)}\r\n${text}`, HTMLBody: '<p>' })],
    ['a body in base64', text => ({ PlainBody: `${'山'.repeat(400)}\r\n${text}`, HTMLBody: '<p>' })],
    ['a file in base64', text => attach({ Stream: latin1(text) })],
    [
      'a header of a part',
      text => attach({ Description: text.replaceAll('\r\n', ' '), Filename: text.slice(0, 60).split('\r')[0]! }),
    ],
  ]
  const withoutBreaks = (text: string): string => text.replaceAll('\r\n', '\n')

  test.each(places)('%s', (_, place) => {
    const [boundary] = boundariesOf(composeWire(place('')))
    const forged = `--${boundary}\r\nContent-Type: text/html\r\n\r\nforged\r\n--${boundary}--\r\n`
    const plain = composeWire(place('plain'))
    const wire = composeWire(place(forged))
    const found = boundariesOf(wire)
    expect(wire.parts.map(({ mediaType }) => mediaType)).toEqual(plain.parts.map(({ mediaType }) => mediaType))
    // Each delimiter stands at the start of exactly one line for each part, and of the end.
    for (const own of found) {
      const lines = wire.text.split('\r\n').filter(line => line.startsWith(`--${own}`))
      expect(lines).toHaveLength(wire.root.parts.length + 1)
    }
    const { entity } = wire
    const texts = [
      entity.PlainBody,
      entity.HTMLBody,
      ...entity.Attachments.map(({ Stream }) => Buffer.from(Stream!).toString()),
    ]
    const headers = entity.Attachments.map(({ Description }) => Description)
    expect([...texts.map(withoutBreaks), ...headers.map(text => text.replaceAll(' ', '\n'))].join('\n')).toContain(
      `--${boundary}\n`,
    )
  })

  test('unencoded contents get another stem; encoded ones cannot hold it and keep theirs', () => {
    for (const [what, place] of places) {
      const [boundary] = boundariesOf(composeWire(place('')))
      const changed = boundariesOf(composeWire(place(`--${boundary}\r\n`)))[0] !== boundary
      expect([what, changed]).toEqual([what, /7bit|message/.test(what)])
    }
  })

  test('again and again: a body that holds the first hundred boundaries gets the next', () => {
    let PlainBody = ''
    for (let attempt = 0; attempt < 100; attempt++) {
      const [boundary] = boundariesOf(composeWire({ PlainBody, HTMLBody: '<p>' }))
      expect(PlainBody).not.toContain(boundary)
      PlainBody += `--${boundary}\r\n`
    }
    const wire = composeWire({ PlainBody, HTMLBody: '<p>' })
    expect(wire.parts).toHaveLength(2)
    expect(wire.entity.PlainBody).toBe(withoutBreaks(PlainBody))
  })

  test('a composed message that is attached to one with the same random keeps its parts to itself', () => {
    let octets: Uint8Array = composeWire({ HTMLBody: '<p>' }).octets
    for (let depth = 1; depth <= 5; depth++) {
      const wire = composeWire({ HTMLBody: '<p>', ...attach({ Type: 'message/rfc822', Stream: octets }) })
      expect(wire.root.parts).toHaveLength(2)
      expect(Buffer.from(wire.entity.Attachments[0]!.Stream!).equals(octets)).toBe(true)
      expect(parseMessage(octets).entity.HTMLBody).toBe('<p>')
      octets = wire.octets
    }
  })
})
