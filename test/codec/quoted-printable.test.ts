import { Buffer } from 'node:buffer'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { latin1Bytes, latin1Text, utf8Bytes } from '../../src/codec/bytes.ts'
import {
  decodeQuotedPrintable,
  encodeQuotedPrintable,
  encodeQuotedPrintableText,
  type LineBreaks,
  QuotedPrintableDecoder,
  quotedPrintableLength,
} from '../../src/codec/quoted-printable.ts'
import { cutAt, cuts } from './slow/chunks.ts'
import { growthRatio } from './slow/growth.ts'
import { slowDecode, slowEncode } from './slow/quoted-printable.ts'

/** The encoded form, written into the middle of a larger target whose other octets must survive. */
function encode(source: Uint8Array, lineBreaks: LineBreaks): string {
  const length = quotedPrintableLength(source, lineBreaks)
  const target = new Uint8Array(length + 6).fill(0xaa)
  expect(encodeQuotedPrintable(source, target, 3, lineBreaks)).toBe(3 + length)
  expect([...target.subarray(0, 3), ...target.subarray(3 + length)]).toEqual(Array(6).fill(0xaa))
  return latin1Text(target, 3, 3 + length)
}

interface Decoded {
  text: string
  malformed: number[]
}

function decode(source: Uint8Array): Decoded {
  const malformed: number[] = []
  const text = latin1Text(decodeQuotedPrintable(source, (_, offset) => malformed.push(offset)))
  return { text, malformed }
}

function decodeChunks(chunks: readonly Uint8Array[]): Decoded {
  const malformed: number[] = []
  const decoder = new QuotedPrintableDecoder((_, offset) => malformed.push(offset))
  const text = chunks.map(chunk => latin1Text(decoder.push(chunk))).join('') + latin1Text(decoder.end())
  return { text, malformed }
}

const a = (count: number) => 'a'.repeat(count)

/** Text with much of what is special to the encoding. */
const mailText = () =>
  fc
    .array(
      fc.oneof(
        { weight: 6, arbitrary: fc.stringMatching(/^[a-zA-Z ,]{0,40}$/) },
        fc.constantFrom('\r\n', '\n', '\r', ' ', '\t', '=', '-', '.', 'From ', 'From', 'åäö', '日本語', '\0', '\x7f'),
        fc.nat(80).map(a),
      ),
      { maxLength: 20 },
    )
    .map(pieces => utf8Bytes(pieces.join('')))

const octets = () => fc.uint8Array({ maxLength: 400 })

describe('encodeQuotedPrintable', () => {
  test.each([
    ['§6.7(1)', 'an octet that is no literal becomes "=" and two upper-case digits', 'a=b\x0c\xe5', 'a=3Db=0C=E5'],
    [
      '§6.7(2)',
      'printable ASCII stands for itself',
      '!"#$%&\'()*+,/09:;<>?@AZ[]^_`az{|}~',
      '!"#$%&\'()*+,/09:;<>?@AZ[]^_`az{|}~',
    ],
    ['§6.7(3)', 'space and tab within a line stand for themselves', ' a \tb', ' a \tb'],
    ['§6.7(3)', 'space and tab at a line end do not', 'a \r\nb\t\r\n \r\nc ', 'a=20\r\nb=09\r\n=20\r\nc=20'],
    ['§6.7(3)', 'only the last of several', 'a  \r\n', 'a =20\r\n'],
    ['§6.7(5)', 'a line of 76 characters needs no soft break', a(76), a(76)],
    ['§6.7(5)', 'a line of 77 does', a(77), `${a(75)}=\r\naa`],
    ['§6.7(5)', 'nor does one of 76 with an escape at its end', `${a(73)}\xe5`, `${a(73)}=E5`],
    ['§6.7(5)', 'an escape is not split', `${a(73)}\xe5a`, `${a(73)}=\r\n=E5a`],
    ['§6.7(5)', 'a blank at the end of a full line moves to the next', `${a(74)} `, `${a(74)}=\r\n=20`],
    ['§6.7(5)', 'a blank that fits stays', `${a(73)} `, `${a(73)}=20`],
    ['RFC 2046 §5.1.1', 'a line does not begin with "-"', '--boundary\r\n-a-', '=2D-boundary\r\n=2Da-'],
    ['RFC 5321 §4.5.2', 'a line does not begin with "."', '.\r\n..a', '=2E\r\n=2E.a'],
    ['RFC 4155', 'a line does not begin with "From "', 'From me\r\nFrom', '=46rom me\r\nFrom'],
    ['RFC 4155', 'neither after a soft break', `${a(75)}From me`, `${a(75)}=\r\n=46rom me`],
    ['RFC 4155', '"From " inside a line is left alone', 'a From -.', 'a From -.'],
    ['RFC 2045 §2.7', 'NUL and other controls are encoded', '\0\x1b\x7f', '=00=1B=7F'],
    ['', 'nothing gives nothing', '', ''],
  ])('%s: %s', (_section, _rule, source, encoded) => {
    expect(encode(latin1Bytes(source), 'canonical')).toBe(encoded)
    expect(encode(latin1Bytes(source), 'exact')).toBe(encoded)
  })

  test('canonical: CRLF, LF and CR each become CRLF', () => {
    expect(encode(latin1Bytes('a\nb\rc\r\nd\n\re\r\r\n'), 'canonical')).toBe('a\r\nb\r\nc\r\nd\r\n\r\ne\r\n\r\n')
    expect(encode(latin1Bytes('a \nb\t\r'), 'canonical')).toBe('a=20\r\nb=09\r\n')
  })

  test('exact: a CR or LF alone is encoded, so that decoding gives back the same octets', () => {
    expect(encode(latin1Bytes('a\nb\rc\r\nd \n\re\r\r\n'), 'exact')).toBe('a=0Ab=0Dc\r\nd =0A=0De=0D\r\n')
    fc.assert(
      fc.property(fc.oneof(octets(), mailText()), source => {
        expect(decode(latin1Bytes(encode(source, 'exact')))).toEqual({ text: latin1Text(source), malformed: [] })
      }),
    )
  })

  test.each<LineBreaks>(['canonical', 'exact'])(
    '%s: gives what its slow twin gives, with the length foretold',
    mode => {
      fc.assert(
        fc.property(fc.oneof(octets(), mailText()), source => {
          expect(encode(source, mode)).toBe(slowEncode(source, mode))
        }),
        { numRuns: 2000 },
      )
    },
  )

  test('gives what its slow twin gives at every length around the line limit', () => {
    for (const start of ['', 'å', '-', 'From ', 'a\n']) {
      for (const end of ['', ' ', '\t', 'å', 'åb', ' \n', '=\r\n', '.', '\r', '\n\n', ' b', '-', 'From ', '日']) {
        for (let length = 0; length <= 160; length++) {
          const source = utf8Bytes(start + a(length) + end)
          expect(encode(source, 'canonical')).toBe(slowEncode(source, 'canonical'))
          expect(encode(source, 'exact')).toBe(slowEncode(source, 'exact'))
        }
      }
    }
  })

  test('never writes a line of more than 76 characters, one that ends with a blank, or a special start', () => {
    fc.assert(
      fc.property(fc.oneof(octets(), mailText()), source => {
        for (const line of encode(source, 'canonical').split('\r\n')) {
          expect(line).toMatch(/^(?![-.]|From )[\t -~]{0,76}$/)
          expect(line).not.toMatch(/[ \t]$/)
        }
      }),
    )
  })

  test('text gives what its octets give, whatever room that takes', () => {
    const worst = [
      '=',
      '\x00',
      '\x7f=',
      'å',
      '😀',
      'x'.repeat(73),
      `${'x'.repeat(72)}å`,
      '-\n',
      '.\r',
      ' \n',
      '\u{d800}',
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...worst),
        fc.nat({ max: 400 }),
        fc.string({ unit: 'binary' }),
        (unit, count, end) => {
          const text = unit.repeat(count) + end
          const octets = Buffer.from(text)
          expect(encodeQuotedPrintableText(text, octets.length)).toBe(slowEncode(octets, 'canonical'))
        },
      ),
      { numRuns: 300 },
    )
  })

  test('text takes the most room where all of it is to be encoded, at any length', () => {
    for (let length = 1; length <= 500_000; length *= 3) {
      // 25 escapes and the "=" of a soft break are the 76 characters of §6.7(5).
      const lines = '=3D'.repeat(length).match(/(?:=3D){1,25}/g)!
      expect(encodeQuotedPrintableText('='.repeat(length), length) === lines.join('=\r\n')).toBe(true)
    }
  })

  test('libqp decodes it', () => {
    const libqp = createRequire(import.meta.url)('libqp') as { decode(text: string): Uint8Array }
    fc.assert(
      fc.property(fc.oneof(octets(), mailText()), source => {
        expect(latin1Text(libqp.decode(encode(source, 'exact')))).toBe(latin1Text(source))
      }),
    )
  })
})

describe('decodeQuotedPrintable', () => {
  test.each([
    [
      '§6.7 example',
      "Now's the time =\r\nfor all folk to come=\r\n to the aid of their country.",
      "Now's the time for all folk to come to the aid of their country.",
      [],
    ],
    ['§6.7(1) lower case digits', 'a=3db=e5', 'a=b\xe5', []],
    ['§6.7(3) padding at line ends', 'a \t\r\nb \nc\t\rd ', 'a\r\nb\nc\rd', []],
    ['§6.7(3) an encoded blank is none', 'a=20\r\nb=09 \r\n', 'a \r\nb\t\r\n', []],
    ['§6.7(5) padding after the "=" of a soft break', 'a= \t\r\nb=\t\nc=  ', 'abc', []],
    ['§6.7(5) a blank before a soft break is content', 'a =\r\nb\t=\r\n \r\n', 'a b\t\r\n', []],
    ['§6.7(4) line breaks stay what they are', 'a\r\nb\nc\rd\r\r\n', 'a\r\nb\nc\rd\r\r\n', []],
    ['soft breaks of LF and CR', 'a=\nb=\rc', 'abc', []],
    ['soft breaks of CRCRLF', 'a=\r\r\nb= \r\r\nc=\r\rd=\r\r', 'abc\rd\r', []],
    ['"=" at the very end', 'a=', 'a', []],
    ['malformed escapes', 'a=ZZ =4 ==41 =\x00 = b=A', 'a=ZZ =4 =A =\x00 = b=A', [1, 5, 8, 13, 16, 19]],
    ['a malformed escape between CR and LF, which are no soft break', 'a\r=4\nb', 'a\r=4\nb', [2]],
    ['8-bit octets as they stand', '\xe5=E5', '\xe5\xe5', []],
    ['nothing', '', '', []],
  ])('%s: %j', (_, encoded, text, malformed) => {
    const source = latin1Bytes(encoded)
    expect(decode(source)).toEqual({ text, malformed })
    expect(slowDecode(source)).toEqual({ text, malformed })
    expect(decodeChunks([...source].map(octet => Uint8Array.of(octet)))).toEqual({ text, malformed })
  })

  test('says what is malformed', () => {
    const reports: unknown[] = []
    decodeQuotedPrintable(latin1Bytes('=4\r\n=Z1=0Z=é'), (...report) => reports.push(report))
    expect(reports).toEqual([
      ['QUOTED_PRINTABLE_INVALID', 0, '"=4\\r"'],
      ['QUOTED_PRINTABLE_INVALID', 4, '"=Z"'],
      ['QUOTED_PRINTABLE_INVALID', 7, '"=0Z"'],
      ['QUOTED_PRINTABLE_INVALID', 10, '"=\\u00e9"'],
    ])
  })

  test('keeps malformed escapes where nobody asks for reports, too', () => {
    expect(latin1Text(decodeQuotedPrintable(latin1Bytes('=4\r\n=ZZ')))).toBe('=4\r\n=ZZ')
  })

  test('reports the first 100 malformed escapes', () => {
    const source = latin1Bytes('=ZZ'.repeat(1000))
    expect(decode(source).text).toBe(latin1Text(source))
    expect(decode(source).malformed).toEqual(Array.from({ length: 100 }, (_, index) => index * 3))
    expect(decodeChunks(cutAt(source, [1, 2, 100, 1000]))).toEqual(decode(source))
  })

  test('takes at most 998 blanks for padding, so that a stream need not hold back more', () => {
    for (const count of [997, 998, 999, 3000]) {
      const blanks = ' '.repeat(count)
      for (const body of [
        `a${blanks}\r\n`,
        `a${blanks}`,
        `a=${blanks}\r\n`,
        `a=${blanks}`,
        `a=${blanks}b`,
        `${blanks}b`,
      ]) {
        const source = latin1Bytes(body)
        const expected = slowDecode(source)
        expect(decode(source)).toEqual(expected)
        for (const places of [[1], [2], [998], [999], [1000], [1001], [1002], [500, 1500]]) {
          expect(decodeChunks(cutAt(source, places))).toEqual(expected)
        }
      }
    }
    expect(decode(latin1Bytes(`a${' '.repeat(1000)}\n`)).text).toBe('a  \n')
  })

  test('decodes anything like its slow twin, in one call and in chunks', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '=',
        '=\r\n',
        '= \n',
        '\r\n',
        '\n',
        '\r',
        ' ',
        '\t',
        '=4',
        '=41',
        '=e5',
        '=20',
        'F',
        '\xe5',
        '==',
        '\0',
      ),
      fc.stringMatching(/^[a-z ]{0,12}$/),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), cuts(), (pieces, places) => {
        const source = latin1Bytes(pieces.join(''))
        const expected = slowDecode(source)
        expect(decode(source)).toEqual(expected)
        expect(decodeChunks(cutAt(source, places))).toEqual(expected)
      }),
      { numRuns: 3000 },
    )
  })

  test('gives back what was encoded, in one call and in chunks', () => {
    fc.assert(
      fc.property(fc.oneof(octets(), mailText()), cuts(), (source, places) => {
        const encoded = latin1Bytes(encode(source, 'exact'))
        expect(Buffer.from(decodeQuotedPrintable(encoded)).equals(source)).toBe(true)
        expect(decodeChunks(cutAt(encoded, places))).toEqual({ text: latin1Text(source), malformed: [] })
      }),
    )
  })

  test('gives memory of its own', () => {
    const source = latin1Bytes('plain text')
    const decoded = decodeQuotedPrintable(source)
    expect(decoded.buffer).not.toBe(source.buffer)
    expect(decodeQuotedPrintable(latin1Bytes('=41'.repeat(100))).buffer.byteLength).toBe(100)
  })

  test('a stream holds back only what the next chunk can still make an escape, a soft break or padding', () => {
    const decoder = new QuotedPrintableDecoder()
    const steps: [chunk: string, decoded: string][] = [
      ['a=4Zb', 'a=4Zb'],
      ['=Z', '=Z'],
      ['=4', ''],
      ['1=', 'A'],
      ['\r', ''],
      ['\nb \t', 'b'],
      ['c', ' \tc'],
    ]
    for (const [chunk, decoded] of steps) expect(latin1Text(decoder.push(latin1Bytes(chunk)))).toBe(decoded)
    expect(decoder.end()).toHaveLength(0)
  })

  test('what a stream holds back is not memory of the chunk', () => {
    const decoder = new QuotedPrintableDecoder()
    const chunk = latin1Bytes('a  =')
    expect(latin1Text(decoder.push(chunk))).toBe('a  ')
    chunk.fill(0x58)
    expect(latin1Text(decoder.push(latin1Bytes('41')))).toBe('A')
  })
})

describe('run time grows with the length and not with its square', () => {
  const shapes: [string, string][] = [
    ['text', 'The quick brown fox jumps over the lazy dog.\r\n'],
    ['one line', 'a'],
    ['blanks', ' \t'],
    ['blanks and one letter', `${' '.repeat(900)}a`],
    ['equals signs', '='],
    ['equals signs and blanks', `=${' '.repeat(998)}`],
    ['equals signs and more blanks', `=${' '.repeat(1500)}x`],
    ['line breaks', '\r'],
    ['blanks and line breaks', '  \n'],
    ['8-bit', '\xe5'],
    ['dots', '.\n'],
    ['From', 'From \n'],
  ]
  test.each(shapes)('%s', (_, shape) => {
    const prepare = (n: number) => latin1Bytes(shape.repeat(n / shape.length))
    expect(growthRatio(400_000, prepare, source => decodeQuotedPrintable(source))).toBeLessThan(3)
    expect(growthRatio(400_000, prepare, source => quotedPrintableLength(source, 'canonical'))).toBeLessThan(3)
    const target = new Uint8Array(400_000 * 8)
    const encodeInto = (source: Uint8Array) => encodeQuotedPrintable(source, target, 0, 'exact')
    expect(growthRatio(400_000, prepare, encodeInto)).toBeLessThan(3)
  })

  test('blanks that come one by one', { retry: 2 }, () => {
    const prepare = (n: number) => Array.from({ length: n }, () => Uint8Array.of(0x20))
    expect(growthRatio(10_000, prepare, decodeChunks)).toBeLessThan(3)
  })
})
