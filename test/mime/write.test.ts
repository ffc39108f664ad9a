import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes, latin1Bytes, latin1Text, utf8Bytes } from '../../src/codec/bytes.ts'
import { MimeError } from '../../src/errors.ts'
import type { OutgoingContent, OutgoingPart, WriteOptions } from '../../src/mime/outgoing.ts'
import { parseMime } from '../../src/mime/parse.ts'
import { MimePlan, writeMime } from '../../src/mime/write.ts'

/** A random source that gives the same octets again and again. */
const same = (octets: number) => new Uint8Array(octets)
const STEM = '0'.repeat(32)
const CHUNK = 65_536

function part(content: OutgoingContent, over: Partial<OutgoingPart> = {}): OutgoingPart {
  return { header: '', type: 'application/octet-stream', trailer: '', content, ...over }
}

function mixed(...parts: OutgoingPart[]): OutgoingPart {
  return part({ kind: 'multipart', parts }, { type: 'multipart/mixed' })
}

function plan(root: OutgoingPart, options: WriteOptions = {}): MimePlan {
  return new MimePlan(root, { random: same, ...options })
}

function write(root: OutgoingPart, options: WriteOptions = {}): string {
  return latin1Text(plan(root, options).toBytes())
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const collected: Uint8Array[] = []
  for await (const chunk of chunks) collected.push(chunk)
  return collected
}

/** Octets that look like no text, the same each time. */
function octetsOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 0xff)
}

function source(
  open: () => Uint8Array | string | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>,
  octets?: number,
) {
  return { kind: 'source', open, octets, path: 'Attachments[0].Stream' } as const
}

async function* pieces(octets: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < octets.length; start += length) yield octets.subarray(start, start + length)
}

/** Tells where octets part, not what megabytes of them are. */
function expectSame(found: Uint8Array, expected: Uint8Array): void {
  const difference = found.findIndex((octet, index) => octet !== expected[index])
  expect({ length: found.length, difference }).toEqual({ length: expected.length, difference: -1 })
}

function thrown(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

describe('layout', () => {
  test('a leaf: header, Content-Type, Content-Transfer-Encoding, trailer, empty line, body', () => {
    const leaf = part({ kind: 'text', text: 'Hi\n' }, { header: 'A: b\r\n', type: 'text/plain', trailer: 'C: d\r\n' })
    expect(write(leaf)).toBe(
      'A: b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: 7bit\r\nC: d\r\n\r\nHi\r\n',
    )
  })

  test('a multipart (RFC 2046 §5.1.1): no label for 7bit, each boundary of its own', () => {
    const leaf = (text: string) => part({ kind: 'text', text }, { type: 'text/plain' })
    const child = (text: string) => `Content-Type: text/plain\r\nContent-Transfer-Encoding: 7bit\r\n\r\n${text}`
    const [outer, inner] = [`=_1_${STEM}`, `=_2_${STEM}`]
    expect(write(mixed(leaf('a'), mixed(leaf('b'), leaf('c')), leaf('')))).toBe(
      [
        `Content-Type: multipart/mixed;\r\n boundary="${outer}"\r\n`,
        `--${outer}\r\n${child('a')}`,
        `--${outer}\r\nContent-Type: multipart/mixed;\r\n boundary="${inner}"\r\n`,
        `--${inner}\r\n${child('b')}`,
        `--${inner}\r\n${child('c')}`,
        `--${inner}--\r\n`,
        `--${outer}\r\n${child('')}`,
        `--${outer}--\r\n`,
      ].join('\r\n'),
    )
  })

  test.each([
    {
      what: 'text in 7bit',
      content: { kind: 'text', text: 'a\nb\rc\r\nd' },
      encoding: '7bit',
      body: 'a\r\nb\r\nc\r\nd',
    },
    {
      what: 'text in quoted-printable',
      content: { kind: 'text', text: 'Hei på deg, alle sammen\n-x' },
      encoding: 'quoted-printable',
      body: 'Hei p=C3=A5 deg, alle sammen\r\n=2Dx',
    },
    { what: 'text in base64', content: { kind: 'text', text: '日本\n' }, encoding: 'base64', body: '5pel5pysDQo=' },
    {
      what: 'octets',
      content: { kind: 'octets', octets: latin1Bytes('a\n\0'), encoding: '' },
      encoding: 'base64',
      body: 'YQoA',
    },
    {
      what: 'octets in 7bit',
      content: { kind: 'octets', octets: latin1Bytes('a\r\nb'), encoding: '7bit' },
      encoding: '7bit',
      body: 'a\r\nb',
    },
    {
      what: 'octets in quoted-printable',
      content: { kind: 'octets', octets: latin1Bytes('a\nb'), encoding: 'quoted-printable' },
      encoding: 'quoted-printable',
      body: 'a=0Ab',
    },
    {
      what: 'octets with their encoding',
      content: { kind: 'encoded', octets: latin1Bytes('a\n\xe5'), encoding: 'binary' },
      encoding: 'binary',
      body: 'a\n\xe5',
    },
    { what: 'base64 text', content: { kind: 'base64', text: 'YWJj', octets: 3 }, encoding: 'base64', body: 'YWJj' },
    {
      what: 'long base64 text, folded',
      content: { kind: 'base64', text: 'A'.repeat(80), octets: 60 },
      encoding: 'base64',
      body: `${'A'.repeat(76)}\r\nAAAA`,
    },
    { what: 'a source of octets', content: source(() => latin1Bytes('abc'), 3), encoding: 'base64', body: 'YWJj' },
    { what: 'a source of base64 text', content: source(() => 'YWJj', 3), encoding: 'base64', body: 'YWJj' },
  ] as const)('$what', ({ content, encoding, body }) => {
    expect(write(part(content))).toBe(
      `Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}`,
    )
  })

  test('header text is UTF-8 (RFC 6532)', () => {
    const leaf = part({ kind: 'text', text: '' }, { header: 'To: å@x.y\r\n' })
    const octets = plan(leaf)
    expect(latin1Text(octets.toBytes())).toMatch(/^To: \xc3\xa5@x\.y\r\n/)
    expect(octets.toBytes().length).toBe(octets.size)
  })
})

describe('8bit (RFC 2045 §6.4, RFC 6152)', () => {
  const text = part({ kind: 'text', text: 'på\n' }, { type: 'text/plain' })
  const ascii = part({ kind: 'text', text: 'pa\n' }, { type: 'text/plain' })
  const binary = part({ kind: 'encoded', octets: latin1Bytes('\0'), encoding: 'binary' })

  test.each([
    {
      what: 'nothing beyond ASCII',
      root: mixed(ascii, mixed(ascii)),
      labels: ['', '7bit', '', '7bit'],
      eightBit: false,
    },
    {
      what: 'text far inside',
      root: mixed(ascii, mixed(text)),
      labels: ['8bit', '7bit', '8bit', '8bit'],
      eightBit: true,
    },
    {
      what: 'text first, binary far inside',
      root: mixed(text, mixed(binary)),
      labels: ['binary', '8bit', 'binary', 'binary'],
      eightBit: true,
    },
  ])('all around say what is inside: $what', ({ root, labels, eightBit }) => {
    const planned = plan(root, { eightBit: true })
    expect(planned.eightBit).toBe(eightBit)
    const found: string[] = []
    const visit = (node: { transferEncoding: string; parts: readonly never[] }): void => {
      found.push(node.transferEncoding)
      node.parts.forEach(visit)
    }
    visit(parseMime(planned.toBytes()).root as never)
    expect(found).toEqual(labels)
  })

  test('is not used where it is not allowed', () => {
    expect(plan(mixed(text)).eightBit).toBe(false)
    expect(write(mixed(text))).not.toContain('8bit')
  })
})

describe('boundaries', () => {
  /** Every kind of content that is on the wire as it is. */
  const kinds = (text: string): OutgoingContent[] => [
    { kind: 'text', text },
    { kind: 'octets', octets: latin1Bytes(text), encoding: '7bit' },
    { kind: 'encoded', octets: latin1Bytes(text), encoding: '7bit' },
  ]

  test('occur in no content, though random() repeats itself and the content has the would-be boundaries', () => {
    for (const content of kinds(`x\r\n--=_1_${STEM}\r\nContent-Type: text/html\r\n\r\nevil\r\n--=_1_${STEM}1--\r\n`)) {
      const octets = plan(mixed(part({ kind: 'text', text: 'one' }), mixed(part(content)))).toBytes()
      const { root, defects } = parseMime(octets)
      expect(defects).toEqual([])
      expect(root.parts).toHaveLength(2)
      expect(latin1Text(root.parts[1]!.parts[0]!.content())).toContain('evil')
      expect(root.contentType.parameters.get('boundary')).toBe(`=_1_${STEM}2`)
    }
  })

  test('need no change for content that is encoded', () => {
    const text = `å\r\n--=_1_${STEM}--\r\n`
    const contents: OutgoingContent[] = [
      { kind: 'text', text },
      { kind: 'text', text: `${'日'.repeat(100)}${text}` },
      { kind: 'octets', octets: utf8Bytes(text), encoding: '' },
      { kind: 'octets', octets: utf8Bytes(text), encoding: 'quoted-printable' },
      { kind: 'base64', text: Buffer.from(text).toString('base64'), octets: Buffer.byteLength(text) },
    ]
    const { root, defects } = parseMime(plan(mixed(...contents.map(content => part(content)))).toBytes())
    expect(defects).toEqual([])
    expect(root.parts).toHaveLength(contents.length)
    expect(root.contentType.parameters.get('boundary')).toBe(`=_1_${STEM}`)
  })

  test('are different for each message, and the same for the same random()', () => {
    const root = mixed(part({ kind: 'text', text: '' }))
    expect(latin1Text(new MimePlan(root, {}).toBytes())).not.toBe(latin1Text(new MimePlan(root, {}).toBytes()))
    expect(write(root)).toBe(write(root))
  })

  test('ask for no random octets where there is no multipart', () => {
    expect(write(part({ kind: 'text', text: 'a' }), { random: () => expect.unreachable('asked') })).toContain('a')
  })
})

/** A content of any kind with what it gives, and the size of its encoding on each side of the chunk size. */
const content = (): fc.Arbitrary<OutgoingContent> => {
  const octets = fc
    .oneof(
      fc.integer({ min: 0, max: 200 }),
      fc.constantFrom(0, 1, 56, 57, 58, 114, 49_000, 65_535, 65_536, 65_537, 47_880, 47_881, 200_000),
    )
    .map(octetsOf)
  const text = fc
    .array(fc.constantFrom('a', 'word ', 'å', '日', '\n', '\r', '\r\n', '-', 'x'.repeat(80), 'long '.repeat(9000)), {
      maxLength: 30,
    })
    .map(words => words.join(''))
  return fc.oneof(
    text.map(value => ({ kind: 'text', text: value }) as const),
    fc
      .tuple(octets, fc.constantFrom('', 'quoted-printable', '7bit', '8bit'))
      .map(([value, encoding]) => ({ kind: 'octets', octets: value, encoding }) as const),
    fc
      .tuple(octets, fc.constantFrom('7bit', '8bit', 'binary'))
      .map(([value, encoding]) => ({ kind: 'encoded', octets: value, encoding }) as const),
    octets.map(
      value => ({ kind: 'base64', text: Buffer.from(value).toString('base64'), octets: value.length }) as const,
    ),
    octets.map(value => source(() => value, value.length)),
    octets.map(value => source(() => Buffer.from(value).toString('base64'), value.length)),
  )
}

const tree = fc.letrec<{ part: OutgoingPart; multipart: OutgoingPart }>(tie => ({
  part: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    content().map(value => part(value)),
    tie('multipart'),
  ),
  multipart: fc.array(tie('part'), { minLength: 1, maxLength: 3 }).map(parts => mixed(...parts)),
})).part

describe('the four ways of writing agree', () => {
  test('size, toBytes, writeInto, chunks and asynchronous chunks', async () => {
    await fc.assert(
      fc.asyncProperty(tree, fc.boolean(), fc.integer({ min: 0, max: 9 }), async (root, eightBit, offset) => {
        const planned = plan(root, { eightBit })
        const octets = planned.toBytes()
        expect(octets.length).toBe(planned.size)
        const target = new Uint8Array(octets.length + 20).fill(0xaa)
        expect(planned.writeInto(target, offset)).toBe(offset + octets.length)
        expectSame(target.subarray(offset, offset + octets.length), octets)
        expect(target.subarray(0, offset).every(octet => octet === 0xaa)).toBe(true)
        expect(target.subarray(offset + octets.length).every(octet => octet === 0xaa)).toBe(true)
        for (const chunks of [[...planned], await collect(planned)]) {
          expectSame(concatBytes(chunks), octets)
          expect(Math.max(0, ...chunks.map(chunk => chunk.length))).toBeLessThanOrEqual(CHUNK)
          expect(new Set(chunks.map(chunk => chunk.buffer)).size).toBe(chunks.length)
        }
      }),
      { numRuns: 40 },
    )
  })

  test('chunks are filled: none but the last is much smaller than 64 KiB', () => {
    const big = part({ kind: 'octets', octets: octetsOf(1_000_000), encoding: '' })
    const sizes = [...plan(mixed(big, big))].map(chunk => chunk.length)
    for (const size of sizes.slice(0, -1)) expect(size).toBeGreaterThan(CHUNK - 100)
  })

  test('a Buffer of the pool is written as it is, and so is a target in one', () => {
    const pooled = Buffer.from('xxabcxx').subarray(2, 5)
    const planned = plan(part({ kind: 'octets', octets: pooled, encoding: '' }))
    const target = Buffer.alloc(planned.size! + 4).subarray(2)
    planned.writeInto(target, 1)
    expect(latin1Text(target, 1)).toMatch(/YWJj.?$/s)
  })

  test('writeMime gives the chunks', () => {
    const root = part({ kind: 'text', text: 'a' })
    expect(latin1Text(concatBytes([...writeMime(root)]))).toBe(write(root))
  })
})

describe('writeInto', () => {
  const planned = plan(part({ kind: 'text', text: 'Hello' }))
  const size = planned.size!
  test.each([
    { octets: size - 1, offset: 0 },
    { octets: size, offset: 1 },
    { octets: size + 10, offset: 11 },
    { octets: size, offset: -1 },
    { octets: size + 1, offset: 0.5 },
    { octets: size, offset: Number.NaN },
    { octets: size + 1, offset: '1' as unknown as number },
    { octets: size, offset: Infinity },
  ])('$octets octets at $offset are too few, and stay as they are', ({ octets, offset }) => {
    const target = new Uint8Array(octets)
    expect(thrown(() => planned.writeInto(target, offset))).toMatchObject({ code: 'TARGET_TOO_SMALL' })
    expect(target.every(octet => octet === 0)).toBe(true)
  })

  test('exactly enough is enough', () => {
    expect(planned.writeInto(new Uint8Array(size))).toBe(size)
    expect(planned.writeInto(new Uint8Array(size + 3), 3)).toBe(size + 3)
  })
})

describe('streams', () => {
  const octets = octetsOf(200_001)
  const expected = plan(
    mixed(part({ kind: 'octets', octets, encoding: '' }), part({ kind: 'text', text: 'end' })),
  ).toBytes()
  const streamed = (open: Parameters<typeof source>[0], size?: number) =>
    mixed(part(source(open, size)), part({ kind: 'text', text: 'end' }))

  test.each([1, 56, 57, 58, 1000, 65_536, 200_001])('in pieces of %i octets give what octets give', async length => {
    const planned = plan(streamed(() => pieces(octets, length), octets.length))
    expect(planned.size).toBe(expected.length)
    const chunks = await collect(planned)
    expectSame(concatBytes(chunks), expected)
    expect(Math.max(...chunks.map(chunk => chunk.length))).toBeLessThanOrEqual(CHUNK)
  })

  test('in one piece of 10 MiB, of unknown length', async () => {
    const big = octetsOf(10 * 1024 * 1024)
    const planned = plan(part(source(() => pieces(big, big.length))))
    expect(planned.size).toBeUndefined()
    const chunks = await collect(planned)
    const whole = plan(part({ kind: 'octets', octets: big, encoding: '' })).toBytes()
    expectSame(concatBytes(chunks), whole)
    expect(Math.max(...chunks.map(chunk => chunk.length))).toBeLessThanOrEqual(CHUNK)
  })

  test('with empty pieces between, and without any', async () => {
    async function* withEmpty() {
      for await (const piece of pieces(octets, 40)) {
        yield new Uint8Array(0)
        yield piece
      }
      yield new Uint8Array(0)
    }
    expectSame(concatBytes(await collect(plan(streamed(withEmpty, octets.length)))), expected)
    const empty = await collect(plan(part(source(() => pieces(new Uint8Array(0), 1)))))
    expect(latin1Text(concatBytes(empty))).toMatch(/base64\r\n\r\n$/)
  })

  test.each([
    { what: 'Uint8Array', own: (length: number) => new Uint8Array(length) },
    { what: 'Buffer', own: (length: number) => Buffer.alloc(length) },
  ])('whose producer uses one $what for all its pieces', async ({ own }) => {
    async function* reusing() {
      const memory = own(100)
      for (let start = 0; start < octets.length; start += 100) {
        const piece = octets.subarray(start, start + 100)
        memory.set(piece)
        yield memory.subarray(0, piece.length)
        memory.fill(0xee)
      }
    }
    expectSame(concatBytes(await collect(plan(streamed(reusing, octets.length)))), expected)
  })

  test('that are web streams, octets or base64 text', async () => {
    const web = () => new Blob([octets as Uint8Array<ArrayBuffer>]).stream() as ReadableStream<Uint8Array>
    for (const open of [web, () => octets, () => Buffer.from(octets).toString('base64')]) {
      expectSame(concatBytes(await collect(plan(streamed(open, octets.length)))), expected)
    }
  })

  test('are opened anew for each writing, and not before', async () => {
    let opened = 0
    const open = () => {
      opened++
      return pieces(octets, 1000)
    }
    const planned = plan(part(source(open, octets.length)))
    expect(opened).toBe(0)
    await collect(planned)
    await collect(planned)
    expect(opened).toBe(2)
  })

  test('are closed where the reader stops early', async () => {
    let closed = false
    async function* endless() {
      try {
        for (;;) yield octets
      } finally {
        closed = true
      }
    }
    for await (const _ of plan(part(source(endless)))) break
    expect(closed).toBe(true)
  })

  test('cannot be written synchronously: STREAM_CONTENT', () => {
    const planned = plan(streamed(() => pieces(octets, 1000), octets.length))
    const unknown = plan(streamed(() => octets))
    for (const run of [
      () => planned.toBytes(),
      () => planned.writeInto(new Uint8Array(1_000_000)),
      () => [...planned],
      () => unknown.toBytes(),
      () => unknown.writeInto(new Uint8Array(1_000_000)),
    ]) {
      expect(thrown(run)).toBeInstanceOf(MimeError)
      expect(thrown(run)).toMatchObject({ code: 'STREAM_CONTENT' })
    }
    expect(thrown(() => [...planned])).toMatchObject({ path: 'Attachments[0].Stream' })
  })

  test.each([
    { what: 'more', stated: octets.length - 1 },
    { what: 'fewer', stated: octets.length + 1 },
  ])('with $what octets than stated: CONTENT_SIZE', async ({ stated }) => {
    const error = { code: 'CONTENT_SIZE', path: 'Attachments[0].Stream' }
    for (const open of [() => octets, () => Buffer.from(octets).toString('base64'), () => pieces(octets, 999)]) {
      await expect(collect(plan(streamed(open, stated)))).rejects.toMatchObject(error)
    }
    for (const open of [() => octets, () => Buffer.from(octets).toString('base64')]) {
      expect(thrown(() => plan(streamed(open, stated)).toBytes())).toMatchObject(error)
      expect(thrown(() => [...plan(streamed(open, stated))])).toMatchObject(error)
    }
  })

  test('stop where there are more octets than stated: an endless one would never end', async () => {
    let given = 0
    async function* long() {
      for (; given < 1000; given++) yield octetsOf(1000)
    }
    await expect(collect(plan(part(source(long, 5000))))).rejects.toMatchObject({ code: 'CONTENT_SIZE' })
    expect(given).toBeLessThan(10)
  })
})
