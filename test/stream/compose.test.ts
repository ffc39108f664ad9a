/** Contents that flow into a message, and a message that flows out: src/mime/write.ts. */
import { EventEmitter } from 'node:events'
import { createReadStream } from 'node:fs'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate, setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type AttachmentContent,
  type ComposedMessage,
  composeMessage,
  type EMailEntityInput,
  MimeError,
} from '../../src/index.ts'
import { expectSame, inPieces, octetsOf, piecesOf, readAll, type WatchedSource, watched } from './pieces.ts'

const CHUNK_OCTETS = 65_536

/** Whole lines of base64 fill a chunk, but for less than one of them. */
const LEAST_OCTETS_OF_A_FULL_CHUNK = CHUNK_OCTETS - 78

interface Content {
  readonly Stream: AttachmentContent
  readonly Size?: number
}

/** A message with these contents; the same octets every time. */
function messageOf(...contents: readonly Content[]): ComposedMessage {
  const entity: EMailEntityInput = {
    From: { Address: 'anna@example.com' },
    To: [{ Address: 'bo@example.com' }],
    PlainBody: 'Attached.',
    Attachments: contents.map((content, index) => ({ Filename: `${index}.bin`, Type: 'image/png', ...content })),
  }
  return composeMessage(entity, { now: () => new Date(0), random: length => new Uint8Array(length) })
}

function webStream(octets: Uint8Array, size: number): ReadableStream<Uint8Array> {
  return ReadableStream.from(inPieces(octets, size)) as ReadableStream<Uint8Array>
}

/** The error that reading the message to its end gives. */
async function failureOf(message: AsyncIterable<Uint8Array>): Promise<MimeError> {
  const failure: unknown = await readAll(message).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(MimeError)
  return failure as MimeError
}

const OCTETS = octetsOf(200_003)
const EXPECTED = messageOf({ Stream: OCTETS }).toBytes()

describe('contents', () => {
  test.each<[string, AttachmentContent]>([
    ['a generator', inPieces(OCTETS, 1000)],
    ['an async iterable that is no generator', { [Symbol.asyncIterator]: () => inPieces(OCTETS, 1000) }],
    ['a Node stream', Readable.from(inPieces(OCTETS, 1000))],
    ['a ReadableStream', webStream(OCTETS, 1000)],
    ['the body of a Response', new Response(OCTETS.slice()).body!],
    ['a function that gives octets', () => OCTETS],
    ['a function that gives base64 text', () => Buffer.from(OCTETS).toString('base64')],
    ['a function that gives a generator', () => inPieces(OCTETS, 1000)],
    ['a function that gives a Node stream', () => Readable.from(inPieces(OCTETS, 1000))],
    ['a function that gives a ReadableStream', () => webStream(OCTETS, 1000)],
  ])('%s gives the octets that it would give in memory', async (_, content) => {
    expectSame(await readAll(messageOf({ Stream: content })), EXPECTED)
  })

  test('a ReadableStream gives its octets where streams cannot be iterated, as in Safari', async () => {
    const iterator = Object.getOwnPropertyDescriptor(ReadableStream.prototype, Symbol.asyncIterator)!
    delete (ReadableStream.prototype as Partial<ReadableStream>)[Symbol.asyncIterator]
    try {
      const stream = webStream(OCTETS, 1000)
      expect(Symbol.asyncIterator in stream).toBe(false)
      expectSame(await readAll(messageOf({ Stream: stream })), EXPECTED)
      expect(stream.locked).toBe(false)
    } finally {
      Object.defineProperty(ReadableStream.prototype, Symbol.asyncIterator, iterator)
    }
  })

  test.each([
    ['one octet', 1],
    ['56 octets', 56],
    ['57 octets: a line', 57],
    ['58 octets', 58],
    ['a TCP segment', 1460],
    ['the octets of a full chunk', 47_880],
    ['64 KiB', 65_536],
    ['everything', 1_000_000],
  ])('in pieces of %s give the same octets', async (_, size) => {
    expectSame(await readAll(messageOf({ Stream: inPieces(OCTETS, size) })), EXPECTED)
  })

  test('in pieces of any sizes give the same octets', async () => {
    const sizes = fc.array(fc.oneof(fc.nat(200), fc.nat(70_000)), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(sizes, sizes, async (first, second) => {
        const [one, two] = [first, second].map(list => list.map((length, index) => octetsOf(length, index)))
        const inMemory = messageOf({ Stream: Buffer.concat(one!) }, { Stream: Buffer.concat(two!) })
        const streamed = messageOf({ Stream: Readable.from(one!) }, { Stream: Readable.from(two!) })
        expectSame(await readAll(streamed), inMemory.toBytes())
      }),
      { numRuns: 60 },
    )
  })

  test('may use their memory again for each piece', async () => {
    async function* reusing(): AsyncGenerator<Uint8Array> {
      const memory = new Uint8Array(1000)
      for await (const piece of inPieces(OCTETS, memory.length)) {
        memory.set(piece)
        yield memory.subarray(0, piece.length)
        memory.fill(0)
      }
    }
    expectSame(await readAll(messageOf({ Stream: reusing() })), EXPECTED)
  })

  test('may give empty pieces, and nothing at all', async () => {
    async function* sparse(): AsyncGenerator<Uint8Array> {
      for await (const piece of inPieces(OCTETS, 5000)) yield* [new Uint8Array(0), piece, new Uint8Array(0)]
    }
    expectSame(await readAll(messageOf({ Stream: sparse() })), EXPECTED)
    const empty = await readAll(messageOf({ Stream: inPieces(OCTETS.subarray(0, 0), 1) }))
    expectSame(empty, messageOf({ Stream: new Uint8Array(0) }).toBytes())
  })
})

describe('chunks', () => {
  const MANY = octetsOf(600_000)

  test.each([
    ['one octet', 1],
    ['1460 octets', 1460],
    ['64 KiB', 65_536],
    ['everything', MANY.length],
  ])('are full, each in memory of its own, where the source gives pieces of %s', async (_, size) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of messageOf({ Stream: inPieces(MANY, size) })) chunks.push(chunk)
    const lengths = chunks.slice(0, -1).map(chunk => chunk.length)
    expect(Math.min(...lengths)).toBeGreaterThan(LEAST_OCTETS_OF_A_FULL_CHUNK)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(CHUNK_OCTETS)
    expect(new Set(chunks.map(chunk => chunk.buffer)).size).toBe(chunks.length)
    expectSame(Buffer.concat(chunks), messageOf({ Stream: MANY }).toBytes())
  })

  test('are what a Node stream and a ReadableStream of the message give', async () => {
    const fromNode = await readAll(Readable.from(messageOf({ Stream: inPieces(OCTETS, 1000) })))
    expectSame(fromNode, EXPECTED)
    const response = new Response(ReadableStream.from(messageOf({ Stream: inPieces(OCTETS, 1000) })))
    expectSame(Buffer.from(await response.arrayBuffer()), EXPECTED)
  })
})

describe('back-pressure', () => {
  test('a source is asked for no more than fills the chunk that is wanted', async () => {
    const piece = octetsOf(1000)
    const source = watched(() => piece)
    const chunks = messageOf({ Stream: source })[Symbol.asyncIterator]()
    const piecesInAChunk = Math.ceil(47_880 / piece.length)
    for (let wanted = 1; wanted <= 20; wanted++) {
      await chunks.next()
      await setImmediate()
      expect(source.asked).toBeLessThanOrEqual(wanted * piecesInAChunk + 1)
    }
    await chunks.return?.()
  })

  test('a slow reader of the Node stream slows the source down', async () => {
    const source = watched(index => (index < 2000 ? octetsOf(1000) : 'end'))
    let received = 0
    let furthestAhead = 0
    const slow = new Writable({
      highWaterMark: CHUNK_OCTETS,
      write(chunk: Buffer, _, done) {
        received += chunk.length
        furthestAhead = Math.max(furthestAhead, source.asked * 1000 - received * (3 / 4))
        globalThis.setImmediate(done)
      },
    })
    await pipeline(Readable.from(messageOf({ Stream: source }), { highWaterMark: 1 }), slow)
    expect(received).toBeGreaterThan(2_600_000)
    expect(furthestAhead).toBeLessThan(6 * CHUNK_OCTETS)
  })

  test('a source is opened when its turn comes, and not before', async () => {
    const opened: string[] = []
    const first = watched(index => (index < 200 ? octetsOf(1000) : 'end'))
    const open = (name: string, source: AsyncIterable<Uint8Array>) => () => {
      opened.push(`${name} after ${first.asked} pieces`)
      return source
    }
    const message = messageOf(
      { Stream: open('first', first), Size: 200_000 },
      { Stream: open('second', inPieces(OCTETS, 1000)), Size: OCTETS.length },
    )
    expect(opened).toEqual([])
    await readAll(message)
    expect(opened).toEqual(['first after 0 pieces', 'second after 201 pieces'])
  })
})

describe('size', () => {
  test('is exact where every Size is stated, of streams too', async () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(lengths, fc.integer({ min: 1, max: 70_000 }), async (list, size) => {
        const message = messageOf(...list.map(Size => ({ Stream: () => inPieces(octetsOf(Size), size), Size })))
        expect(message.envelope.size).toBe(message.size)
        expect((await readAll(message)).length).toBe(message.size)
      }),
      { numRuns: 40 },
    )
  })

  test('is undefined where one is not stated', () => {
    const message = messageOf({ Stream: OCTETS }, { Stream: inPieces(OCTETS, 1000) })
    expect([message.size, message.envelope.size]).toEqual([undefined, undefined])
  })

  test.each<[string, (message: ComposedMessage) => unknown]>([
    ['toBytes', message => message.toBytes()],
    ['writeInto', message => message.writeInto(new Uint8Array(1_000_000))],
    ['synchronous iteration', message => [...(message as unknown as Iterable<Uint8Array>)]],
  ])('%s refuses a stream, whatever its Size', (_, write) => {
    const stream = () => inPieces(OCTETS, 1000)
    const code = expect.objectContaining({ code: 'STREAM_CONTENT' })
    expect(() => write(messageOf({ Stream: stream }))).toThrow(code)
    expect(() => write(messageOf({ Stream: stream, Size: OCTETS.length }))).toThrow(code)
  })

  test.each([
    ['one octet less', -1],
    ['one octet more', 1],
    ['much more', 100_000],
  ])('%s than stated ends the stream with CONTENT_SIZE', async (_, difference) => {
    const Size = OCTETS.length - difference
    const failure = await failureOf(messageOf({ Stream: OCTETS }, { Stream: inPieces(OCTETS, 1000), Size }))
    expect(failure).toMatchObject({ code: 'CONTENT_SIZE', path: 'Attachments[1].Stream' })
  })

  test('a source that gives more than stated is stopped at once, and nothing of the surplus is written', async () => {
    const source = watched(() => octetsOf(1000))
    const received: Uint8Array[] = []
    const message = messageOf({ Stream: source, Size: 1_000_500 })
    await expect(async () => {
      for await (const chunk of message) received.push(chunk)
    }).rejects.toMatchObject({ code: 'CONTENT_SIZE' })
    expect([source.asked, source.closed]).toEqual([1001, 1])
    expect(Buffer.concat(received).length).toBeLessThan(message.size!)
  })
})

describe('a source that fails', () => {
  const cause = new Error('ECONNRESET: "the line\r\nis cut"')
  const third = (content: AttachmentContent): ComposedMessage =>
    messageOf({ Stream: OCTETS }, { Stream: () => inPieces(OCTETS, 1000) }, { Stream: content, Size: 5_000_000 })
  const failing = (after: number): WatchedSource => watched(index => (index < after ? octetsOf(1000) : cause))

  test.each<[string, () => AttachmentContent]>([
    [
      'when it is opened',
      () => () => {
        throw cause
      },
    ],
    ['when it is first asked', () => failing(0)],
    ['in the middle', () => failing(2000)],
    ['as a Node stream', () => Readable.from(failing(5))],
    ['as a ReadableStream', () => ReadableStream.from(failing(5)) as ReadableStream<Uint8Array>],
    ['as a ReadableStream that has failed already', () => new ReadableStream({ start: c => c.error(cause) })],
    [
      'by throwing in next()',
      () => ({
        [Symbol.asyncIterator]: () => ({
          next() {
            throw cause
          },
        }),
      }),
    ],
  ])('%s ends the message with CONTENT_FAILED, its path and the cause', async (_, content) => {
    const failure = await failureOf(third(content()))
    expect(failure).toMatchObject({ code: 'CONTENT_FAILED', path: 'Attachments[2].Stream', cause })
    expect(failure.message).toMatch(/^Attachments\[2\]\.Stream: [\x20-\x7e…]+$/)
  })

  const nowhere = (): Readable => createReadStream('/nowhere/at/all')
  const failsToOpen = { code: 'CONTENT_FAILED', cause: expect.objectContaining({ code: 'ENOENT' }) }

  test.each<[string, () => Content]>([
    ['given as it is', () => ({ Stream: nowhere() })],
    ['given as it is, of stated Size', () => ({ Stream: nowhere(), Size: 5 })],
    ['that a function gives', () => ({ Stream: nowhere })],
    ['that a function gives, of stated Size', () => ({ Stream: nowhere, Size: 5 })],
  ])('before its turn: a Node stream %s fails the message at its turn, and not the process', async (_, content) => {
    const message = messageOf({ Stream: OCTETS }, content())
    await setTimeout(20)
    expect(await failureOf(message)).toMatchObject({ ...failsToOpen, path: 'Attachments[1].Stream' })
  })

  test('before its turn, as a stream that forgets it: readable-stream 3 ends without an error then', async () => {
    const source = new EventEmitter()
    const forgetful = Object.assign(source, { [Symbol.asyncIterator]: () => inPieces(OCTETS.subarray(0, 0), 1) })
    const message = messageOf({ Stream: forgetful })
    source.emit('error', cause)
    expect(await failureOf(message)).toMatchObject({ code: 'CONTENT_FAILED', cause })
  })

  test('after a synchronous write opened it in vain does not end the process', async () => {
    expect(() => messageOf({ Stream: nowhere, Size: 5 }).toBytes()).toThrow(
      expect.objectContaining({ code: 'STREAM_CONTENT' }),
    )
    await setTimeout(20)
  })

  test('is listened to once, however often it is composed', () => {
    const Stream = Readable.from([])
    for (let times = 0; times < 3; times++) messageOf({ Stream })
    expect(Stream.listenerCount('error')).toBe(1)
  })

  test('is not closed again', async () => {
    const source = failing(5)
    await failureOf(third(source))
    expect([source.asked, source.closed]).toEqual([6, 0])
  })

  test('fails the Node stream of the message, and the pipeline', async () => {
    const sink = new Writable({ write: (_chunk, _encoding, done) => done() })
    const piping = pipeline(Readable.from(third(failing(5))), sink)
    await expect(piping).rejects.toMatchObject({ code: 'CONTENT_FAILED', path: 'Attachments[2].Stream' })
    expect(sink.destroyed).toBe(true)
  })

  test('fails a ReadableStream of the message', async () => {
    const response = new Response(ReadableStream.from(third(failing(5))))
    await expect(response.arrayBuffer()).rejects.toMatchObject({ code: 'CONTENT_FAILED' })
  })

  test('as a locked ReadableStream ends the message with CONTENT_FAILED', async () => {
    const stream = webStream(OCTETS, 1000)
    stream.getReader()
    expect(await failureOf(third(stream))).toMatchObject({ code: 'CONTENT_FAILED', path: 'Attachments[2].Stream' })
  })

  test.each([
    ['text', 'text'],
    ['null', null],
    ['numbers', [1, 2, 3]],
    ['an ArrayBuffer', new ArrayBuffer(8)],
    ['16-bit numbers', new Uint16Array(4)],
  ])('by giving %s ends the message with CONTENT_FAILED, and is closed', async (_, piece) => {
    const source = watched(() => piece as unknown as Uint8Array)
    expect(await failureOf(third(source))).toMatchObject({ code: 'CONTENT_FAILED', path: 'Attachments[2].Stream' })
    expect(source.closed).toBe(1)
  })

  test.each<[string, unknown, string]>([
    ['a promise', Promise.resolve(OCTETS), 'TYPE_INVALID'],
    ['null', null, 'TYPE_INVALID'],
    ['a number', 5, 'TYPE_INVALID'],
    ['a list', [1, 2], 'TYPE_INVALID'],
    ['text that is no base64', 'Zm9v!', 'CONTENT_BASE64'],
    ['base64 text of another length', 'Zm9v', 'CONTENT_SIZE'],
    ['octets of another length', Uint8Array.of(1), 'CONTENT_SIZE'],
  ])('as a function that gives %s', async (_, given, code) => {
    const content = (() => given) as () => Uint8Array
    expect(await failureOf(third(content))).toMatchObject({ code, path: 'Attachments[2].Stream' })
  })
})

describe('stopping early', () => {
  /** Reads one chunk, and stops in one of the ways there are. */
  const ways: [string, (message: ComposedMessage) => Promise<unknown>][] = [
    [
      'break',
      async message => {
        for await (const _ of message) break
      },
    ],
    [
      'an error of the reader',
      async message => {
        await expect(async () => {
          for await (const _ of message) throw new Error('disk full')
        }).rejects.toThrow('disk full')
      },
    ],
    [
      'return()',
      async message => {
        const chunks = message[Symbol.asyncIterator]()
        await chunks.next()
        await chunks.return?.()
        expect(await chunks.next()).toEqual({ done: true, value: undefined })
      },
    ],
    [
      'destroy() of the Node stream',
      async message => {
        const readable = Readable.from(message)
        readable.once('data', () => readable.destroy())
        await new Promise(resolve => readable.once('close', resolve))
      },
    ],
    [
      'destroy(error) of the Node stream',
      async message => {
        const readable = Readable.from(message)
        readable.once('data', () => readable.destroy(new Error('socket closed')))
        await expect(readAll(readable)).rejects.toThrow('socket closed')
      },
    ],
    [
      'cancel() of the ReadableStream',
      async message => {
        const reader = (ReadableStream.from(message) as ReadableStream<Uint8Array>).getReader()
        await reader.read()
        await reader.cancel()
      },
    ],
  ]

  test.each(ways)('%s closes the source that is open, once', async (_, stop) => {
    const source = watched(() => octetsOf(1000))
    const next = watched(() => octetsOf(1000))
    await stop(messageOf({ Stream: source }, { Stream: next }))
    await setImmediate()
    expect(source.closed).toBe(1)
    expect([next.asked, next.closed]).toEqual([0, 0])
  })

  test.each(ways)('%s runs what a generator has to do at its end', async (_, stop) => {
    let ended = 0
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield octetsOf(1000)
      } finally {
        ended++
      }
    }
    await stop(messageOf({ Stream: source }))
    await setImmediate()
    expect(ended).toBe(1)
  })

  test.each(ways)('%s cancels a ReadableStream, once', async (_, stop) => {
    let cancelled = 0
    const stream = new ReadableStream<Uint8Array>({
      pull: controller => controller.enqueue(octetsOf(1000)),
      cancel() {
        cancelled++
      },
    })
    await stop(messageOf({ Stream: stream }))
    await setImmediate()
    expect([cancelled, stream.locked]).toEqual([1, false])
  })

  test.each(ways)('%s destroys a Node stream', async (_, stop) => {
    const stream = new Readable({
      read() {
        this.push(octetsOf(1000))
      },
    })
    await stop(messageOf({ Stream: stream }))
    expect(stream.destroyed).toBe(true)
  })

  test('a source that was read to its end is not closed', async () => {
    const source = watched(index => (index < 3 ? octetsOf(1000) : 'end'))
    await readAll(messageOf({ Stream: source }))
    expect([source.asked, source.closed]).toEqual([4, 0])
  })

  test('a source that fails to close is nobody’s concern', async () => {
    const source = { ...watched(() => octetsOf(1000)), return: () => Promise.reject(new Error('cannot close')) }
    source[Symbol.asyncIterator] = () => source
    for await (const _ of messageOf({ Stream: source })) break
  })

  describe('while the source keeps the reader waiting', () => {
    const stalled = (): WatchedSource => watched(index => (index === 0 ? octetsOf(1000) : 'wait'))

    test('return() closes it and ends what waits', async () => {
      const source = stalled()
      const chunks = messageOf({ Stream: source })[Symbol.asyncIterator]()
      const waiting = chunks.next()
      await setImmediate()
      await chunks.return?.()
      expect(await waiting).toEqual({ done: true, value: undefined })
      expect([source.asked, source.closed]).toEqual([2, 1])
    })

    test('destroy() of the Node stream closes it', async () => {
      const source = stalled()
      const readable = Readable.from(messageOf({ Stream: source }))
      readable.resume()
      await setImmediate()
      readable.destroy()
      await new Promise(resolve => readable.once('close', resolve))
      expect(source.closed).toBe(1)
    })

    test('return() cancels a ReadableStream and destroys a Node stream', async () => {
      let cancelled = 0
      const web = new ReadableStream<Uint8Array>({
        cancel() {
          cancelled++
        },
      })
      const node = new Readable({ read() {} })
      for (const Stream of [web, node]) {
        const chunks = messageOf({ Stream })[Symbol.asyncIterator]()
        const waiting = chunks.next()
        await setImmediate()
        await chunks.return?.()
        expect((await waiting).done).toBe(true)
      }
      expect([cancelled, node.destroyed]).toEqual([1, true])
    })

    test('return() is answered though a generator cannot be closed before it gives its piece', async () => {
      async function* source(): AsyncGenerator<Uint8Array> {
        yield octetsOf(1000)
        await new Promise(() => {})
      }
      const chunks = messageOf({ Stream: source() })[Symbol.asyncIterator]()
      void chunks.next()
      await setImmediate()
      expect(await chunks.return?.()).toEqual({ done: true, value: undefined })
    })
  })
})

describe('a message that is not written', () => {
  const streams: [string, (closed: () => void) => AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>][] = [
    ['a Node stream', closed => new Readable({ read() {} }).once('close', closed)],
    ['a ReadableStream', cancel => new ReadableStream<Uint8Array>({ cancel })],
  ]

  test.each(streams)('where it is refused, %s that was opened for it is closed', async (_, open) => {
    const closed: string[] = []
    const Attachments = [
      { Filename: 'a.bin', Stream: () => open(() => closed.push('of a function')) },
      { Filename: 'b.bin', Stream: open(() => closed.push('given as it is')) },
      { Filename: 'c.bin' },
    ]
    const options = { resolveContent: () => open(() => closed.push('of resolveContent')) }
    const refused = () => composeMessage({ From: { Address: 'a@example.com' }, To: [{}], Attachments }, options)
    expect(refused).toThrow(expect.objectContaining({ code: 'ADDRESS_MISSING' }))
    await setImmediate()
    expect(closed).toEqual(['of a function', 'of resolveContent'])
  })
})

describe('writing again', () => {
  test('asks a function again, and gives the same octets', async () => {
    let opened = 0
    const message = messageOf({
      Stream: () => {
        opened++
        return inPieces(OCTETS, 1000)
      },
      Size: OCTETS.length,
    })
    for (let times = 1; times <= 3; times++) {
      expectSame(await readAll(message), EXPECTED)
      expect(opened).toBe(times)
    }
  })

  test('two readers at a time do not disturb each other', async () => {
    const message = messageOf({ Stream: () => inPieces(OCTETS, 1000), Size: OCTETS.length })
    const [first, second] = await Promise.all([piecesOf(message), piecesOf(message)])
    expectSame(Buffer.concat(first!), EXPECTED)
    expectSame(Buffer.concat(second!), EXPECTED)
  })

  test('refuses a stream that was read: it would be empty, and the attachment lost without a word', async () => {
    const message = messageOf({ Stream: inPieces(OCTETS, 1000) })
    expectSame(await readAll(message), EXPECTED)
    expect(await failureOf(message)).toMatchObject({ code: 'CONTENT_FAILED', path: 'Attachments[0].Stream' })
  })

  test.each<[string, () => AttachmentContent]>([
    ['a generator', () => inPieces(OCTETS, 1000)],
    ['a Node stream', () => Readable.from(inPieces(OCTETS, 1000))],
    ['a ReadableStream', () => webStream(OCTETS, 1000)],
  ])('refuses %s that another message was written from: the copy for a Sent folder', async (_, open) => {
    const Stream = open()
    for (const Size of [0, OCTETS.length]) {
      const copy = messageOf({ Stream, Size })
      if (Size === 0) expectSame(await readAll(messageOf({ Stream })), EXPECTED)
      expect(await failureOf(copy)).toMatchObject({ code: 'CONTENT_FAILED', path: 'Attachments[0].Stream' })
    }
  })
})
