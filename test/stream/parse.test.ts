/**
 * However a message is cut, reading it gives what reading it at once gives: src/mime/parse-stream.ts.
 *
 * The reader looks at 64 KiB at a time, and holds what might be a delimiter back: small messages are also put where that
 * border lies.
 */
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { composeMessage, type Limits, parseMessage, parseMessageStream } from '../../src/index.ts'
import { MAX_DELIMITER_LINE } from '../../src/mime/delimiter.ts'
import { corpusMessages, describeCorpus } from '../corpus/corpus.ts'
import { cutAt, inPieces, octetsOf } from './pieces.ts'
import { expectSameParse } from './same.ts'

const FOLDER = new URL('../../corpus/messages/', import.meta.url)
const OWN_MESSAGES = readdirSync(FOLDER)
  .filter(file => file.endsWith('.eml'))
  .map(file => ({ name: file, octets: readFileSync(new URL(file, FOLDER)) }))

/** What the reader looks at in one go. */
const WINDOW_OCTETS = 65_536

/** Limits that real messages go beyond. */
const smallLimits: fc.Arbitrary<Partial<Limits>> = fc.record(
  {
    depth: fc.nat(4),
    rfc822Depth: fc.nat(2),
    parts: fc.nat(7),
    headerOctets: fc.nat(3000),
    fields: fc.nat(20),
    maxOctets: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat(20_000)),
  },
  { requiredKeys: [] },
)

const ownMessage = fc.constantFrom(...OWN_MESSAGES)

/** Where the octets are cut: nowhere, anywhere, or everywhere. */
function cuts({ length }: Uint8Array): fc.Arbitrary<readonly number[]> {
  const everywhere = Array.from({ length: Math.min(length, 20_000) }, (_, index) => index)
  return fc.oneof(
    { weight: 4, arbitrary: fc.array(fc.nat(length), { maxLength: 30 }) },
    { weight: 1, arbitrary: fc.constant(everywhere) },
  )
}

describe('own messages', () => {
  test.each(OWN_MESSAGES)('$name', async ({ octets }) => {
    for (const size of [1, 2, 13, 997, octets.length]) await expectSameParse(octets, () => inPieces(octets, size))
  })

  test.each(OWN_MESSAGES)('$name with line ends of CRCRLF', async ({ octets }) => {
    const doubled = Buffer.from(octets.toString('latin1').replaceAll('\r\n', '\r\r\n'), 'latin1')
    for (const size of [1, 13, doubled.length]) await expectSameParse(doubled, () => inPieces(doubled, size))
  })

  test('cut anywhere, with any limits', async () => {
    const cases = ownMessage.chain(({ octets }) => fc.tuple(fc.constant(octets), cuts(octets), smallLimits))
    await fc.assert(
      fc.asyncProperty(cases, async ([octets, offsets, limits]) => {
        await expectSameParse(octets, () => cutAt(octets, offsets), { limits })
      }),
      { numRuns: 600 },
    )
  })
})

describe('at the border of what is looked at in one go', () => {
  /** A multipart whose preamble, first file, first message or header moves what follows to `offset`. */
  function movedTo(offset: number, before: string, filler: string, inner: Uint8Array): Buffer {
    const head = `Subject: moved\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\n${before}`
    const length = Math.max(offset - head.length - '\r\n--outer\r\n'.length, 0)
    const filled = filler.repeat(Math.ceil(length / filler.length)).slice(0, length)
    return Buffer.concat([Buffer.from(`${head}${filled}\r\n--outer\r\n`), inner, Buffer.from('\r\n--outer--\r\n')])
  }

  /** Where a window ends, and where what it holds back begins. */
  const borders = [WINDOW_OCTETS, WINDOW_OCTETS - MAX_DELIMITER_LINE, WINDOW_OCTETS - MAX_DELIMITER_LINE - 2]

  test.each([
    ['a delimiter', '\r\n--outer\r\n'],
    ['a delimiter after LF', '\n--outer\n'],
    ['a close-delimiter', '\r\n--outer--\r\n'],
    ['a delimiter with padding', '\r\n--outer \t \r\n'],
    ['a line that goes on after the boundary', '\r\n--outerX\r\n'],
    ['a line that goes on after padding', '\r\n--outer  X\r\n'],
    ['a boundary inside a line', 'x--outer\r\n'],
  ])('%s is cut at each of its octets', async (_, line) => {
    for (const border of borders) {
      for (let back = 0; back <= line.length + 2; back++) {
        for (const opening of ['', '--outer\r\nContent-Type: image/png\r\n\r\n', '--outer\r\nX-Long: ']) {
          const head = `Content-Type: multipart/mixed; boundary=outer\r\n\r\n${opening}`
          const octets = Buffer.from(
            `${head}${'Q'.repeat(border - back - head.length)}${line}A: b\r\n\r\n${'text '.repeat(500)}\r\n--outer--\r\n`,
          )
          await expectSameParse(octets, () => inPieces(octets, 1e9))
        }
      }
    }
  })

  const before = fc.constantFrom(
    '',
    '--outer\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n',
    '--outer\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n',
    '--outer\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\n',
    '--outer\r\nX-Long: ',
  )
  const filler = fc.constantFrom(`${'x'.repeat(76)}\r\n`, `${'y'.repeat(5000)}\n`, 'z\r', 'Q')

  /** Structure without sense, in the alphabet that decides it. */
  const soup = fc
    .array(
      fc.constantFrom(
        ...['--outer', '--outer--', '--outerX', '--inner', '--inner--', '--', '-', '\r\n', '\n', '\r', ' \t', 'text'],
        ...['\r\n--outer\r\n', '\r\n--inner\r\n', '\n--inner--\n', '\r\n--outer \t \r\n', '\r\n\r\n', 'X: y\r\n'],
        ...['\r\r\n', '\r\r\n--outer\r\r\n', '\r\r\n--inner--\r\r\n', '\r--inner\r\r\n'],
        'Content-Type: multipart/mixed; boundary=inner\r\n\r\n',
        'Content-Type: message/rfc822\r\n\r\n',
        'Content-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\nREVG',
        'Content-Type: a/c; name=c\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nfoo=\r\nbar =  \r\n=41',
        `${'A'.repeat(76)}\r\n`,
        'B'.repeat(3000),
      ),
      { minLength: 1, maxLength: 200 },
    )
    .map(tokens => Buffer.from(tokens.join('')))

  test.each<[string, fc.Arbitrary<Uint8Array>]>([
    ['own messages', ownMessage.map(({ octets }) => octets)],
    ['structure without sense', soup],
  ])('%s', async (_, inner) => {
    const cases = fc.tuple(inner, fc.nat(4000), before, filler, smallLimits, fc.constantFrom(1000, 65_536, 1e9))
    await fc.assert(
      fc.asyncProperty(cases, async ([part, back, opening, fill, { maxOctets: _, ...limits }, size]) => {
        const octets = movedTo(WINDOW_OCTETS - Math.min(back, part.length), opening, fill, part)
        await expectSameParse(octets, () => inPieces(octets, size))
        await expectSameParse(octets, () => inPieces(octets, size), { limits })
      }),
      { numRuns: 150 },
    )
  })
})

describe('large bodies, of which only the first octets stay in the tree', () => {
  const contents = [10, 65_535, 65_536, 65_537, 200_000, 9_000_000, 3000, 70_000].map((length, index) => ({
    Filename: `${index}.bin`,
    Type: 'image/png',
    Stream: octetsOf(length, index),
  }))
  const message = composeMessage(
    { PlainBody: 'text', HTMLBody: '<p>text', Attachments: contents },
    { draft: true, random: length => new Uint8Array(length) },
  ).toBytes()

  test.each([1460, 65_536, 1_000_000_000])('in pieces of %i octets', async size => {
    await expectSameParse(message, () => inPieces(message, size))
  })

  test('the tree says so, and has the place of every part all the same', async () => {
    const { root } = await parseMessageStream(inPieces(message, 65_536), { onAttachment() {} })
    const { root: whole } = parseMessage(message)
    const streamed = root.parts.slice(1).map(part => part.streamed)
    expect(streamed.map(body => body?.octets)).toEqual(contents.map(({ Stream }) => Stream.length))
    expect(streamed.map(body => body?.isPartial)).toEqual([false, true, true, true, true, true, false, true])
    for (const [index, part] of root.parts.entries()) {
      const { body } = whole.parts[index]!
      expect(Buffer.compare(part.body, body.subarray(0, part.body.length))).toBe(0)
      expect(part.body.length).toBeLessThan(WINDOW_OCTETS + 4000)
    }
  })

  /** RFC 2046 §5.1.1: what starts with a boundary is no delimiter where the line goes on. */
  test.each([
    ['in the line that starts with the boundary', '--outerX'],
    ['in a line that starts with the boundary and blanks', `--outer${' '.repeat(1200)}X`],
    ['in a line of dashes', '-'.repeat(80)],
    ['in a line that never ends', '-'.repeat(100_000)],
  ])('the cut makes no delimiter %s', async (_, line) => {
    for (let back = 0; back <= Math.min(line.length + 4, 90); back++) {
      const filler = 'A'.repeat(WINDOW_OCTETS - back)
      const octets = Buffer.from(
        `Content-Type: multipart/mixed; boundary=outer\r\n\r\n` +
          `--outer\r\nContent-Type: image/png\r\n\r\n${filler}\r\n${line}\r\n${'B'.repeat(2000)}\r\n` +
          '--outer\r\nContent-Type: image/gif\r\n\r\nlast\r\n--outer--\r\n',
      )
      await expectSameParse(octets, () => inPieces(octets, 1e9))
    }
  })
})

/** `FULL=1` takes all of them; else every other one. */
const isFull = process.env.FULL === '1'

describeCorpus('real messages', () => {
  test('in pieces, every other one with random limits', async () => {
    let messages = 0
    for (const { path, octets } of corpusMessages()) {
      const random = octetsOf(8, messages++)
      if (octets.length > 300_000 || (messages % 2 === 0 && !isFull)) continue
      const size = octets.length < 3000 ? 1 : 1 + random[0]! * 20
      const limits = {
        depth: random[1]! % 6,
        rfc822Depth: random[2]! % 3,
        parts: random[3]! % 10,
        headerOctets: random[4]! * 12,
        fields: random[5]! % 30,
      }
      try {
        await expectSameParse(octets, () => inPieces(octets, size), random[6]! < 128 ? {} : { limits })
      } catch (cause) {
        throw new Error(`${path}, pieces of ${size}, limits ${JSON.stringify(limits)}`, { cause })
      }
    }
    expect(messages).toBeGreaterThan(2000)
  })
})
