/** Attachments that flow out of a message, and all that can go wrong meanwhile: src/message/extract-stream.ts. */
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { composeMessage, type ParseStreamOptions, parseMessage, parseMessageStream } from '../../src/index.ts'
import { expectSame, inPieces, octetsOf, readAll, type WatchedSource, watched } from '../stream/pieces.ts'

type OnAttachment = NonNullable<ParseStreamOptions['onAttachment']>

const CONTENTS = [octetsOf(150_000, 1), octetsOf(10, 2), octetsOf(300_000, 3)]
const MESSAGE = composeMessage(
  {
    Subject: 'three files',
    PlainBody: 'text',
    Attachments: CONTENTS.map((Stream, index) => ({ Filename: `${index}.png`, Type: 'image/png', Stream })),
  },
  { draft: true },
).toBytes()
const PIECE_OCTETS = 5000

const parse = (onAttachment: OnAttachment, source: AsyncIterable<Uint8Array> = inPieces(MESSAGE, PIECE_OCTETS)) =>
  parseMessageStream(source, { onAttachment })

describe('attachments', () => {
  test('come one after the other, decoded, and stand in the entity without Stream and with their Size', async () => {
    const received: Uint8Array[] = []
    const attachments: object[] = []
    const { entity } = await parse(async (attachment, content) => {
      expect(attachment).toMatchObject({ Filename: `${attachments.length}.png`, Type: 'image/png', Stream: null })
      attachments.push(attachment)
      received.push(await readAll(content))
    })
    for (const [index, content] of CONTENTS.entries()) expectSame(received[index]!, content)
    for (const [index, attachment] of entity.Attachments.entries()) expect(attachment).toBe(attachments[index])
    expect(entity.Attachments.map(({ Size, Stream }) => [Size, Stream])).toEqual(CONTENTS.map(c => [c.length, null]))
    expect(entity).toMatchObject({ Subject: 'three files', PlainBody: 'text', Size: MESSAGE.length })
  })

  test('come before the message has arrived', async () => {
    const source = watched(index => MESSAGE.subarray(index * PIECE_OCTETS, (index + 1) * PIECE_OCTETS))
    const asked: number[] = []
    const parsing = parse(() => {
      asked.push(source.asked)
      if (asked.length === 3) throw new Error('seen enough')
    }, source)
    await expect(parsing).rejects.toThrow('seen enough')
    const [first, , third] = asked
    // 127 KiB are looked at in one go.
    expect(first! * PIECE_OCTETS).toBeLessThan(140_000)
    expect(third).toBeLessThan(MESSAGE.length / PIECE_OCTETS - 60)
  })

  test('are collected without a callback', async () => {
    const parsed = await parseMessageStream(inPieces(MESSAGE, PIECE_OCTETS))
    for (const [index, content] of CONTENTS.entries()) expectSame(parsed.entity.Attachments[index]!.Stream!, content)
  })

  test('what has to be looked into, and files inside the text, are handed out as well', async () => {
    const calendar = 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n'
    const message = Buffer.from(
      'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nbegin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\n' +
        `--b\r\nContent-Type: text/calendar\r\nContent-Disposition: attachment; filename=c.ics\r\n\r\n${calendar}\r\n--b--`,
    )
    const received = new Map<string, string>()
    const { entity } = await parse(
      async (attachment, content) => {
        received.set(attachment.Filename, (await readAll(content)).toString())
      },
      inPieces(message, 1),
    )
    expect(received.get('a.txt')).toBe('Cat')
    expect(received.get('c.ics')).toBe(calendar)
    expect(entity.Attachments.map(attachment => attachment.Stream)).toEqual([null, null])
  })

  test.each<[string, OnAttachment]>([
    ['not read', () => {}],
    ['not read, and a promise is returned', async () => {}],
    ['not read, and something is returned', (() => 5) as unknown as OnAttachment],
    [
      'read only at its start, by break',
      async (_, content) => {
        for await (const _piece of content) break
      },
    ],
    [
      'read only at its start, by return()',
      async (_, content) => {
        const iterator = content[Symbol.asyncIterator]()
        await iterator.next()
        await iterator.return?.()
      },
    ],
    [
      'read only at its start, and the iterator is forgotten',
      async (_, content) => {
        await content[Symbol.asyncIterator]().next()
      },
    ],
    [
      'asked for, and the iterator is forgotten',
      async (_, content) => {
        content[Symbol.asyncIterator]()
      },
    ],
    [
      'read by a Node stream that is destroyed',
      async (_, content) => {
        const readable = Readable.from(content)
        readable.once('data', () => readable.destroy())
        await new Promise(resolve => readable.once('close', resolve))
      },
    ],
  ])('that are %s are dropped, and the message is read to its end', async (_, onAttachment) => {
    const { entity } = await parse(onAttachment)
    expect(entity.Attachments.map(({ Size, Stream }) => [Size, Stream])).toEqual(CONTENTS.map(c => [c.length, null]))
  })

  test.each<[string, (received: Uint8Array[]) => OnAttachment]>([
    [
      'slowly',
      received => async (_, content) => {
        for await (const piece of content) {
          await setTimeout(1)
          received.push(Buffer.from(piece))
          await setTimeout(1)
        }
      },
    ],
    [
      'without a promise',
      received => (_, content) => {
        const read = async () => {
          for await (const piece of content) received.push(piece)
        }
        void read()
      },
    ],
    [
      'with several questions at a time',
      received => async (_, content) => {
        const iterator = content[Symbol.asyncIterator]()
        for (let isDone = false; !isDone; ) {
          const answers = await Promise.all([iterator.next(), iterator.next(), iterator.next()])
          for (const { value } of answers) if (value !== undefined) received.push(value)
          isDone = answers.some(({ done }) => done === true)
        }
      },
    ],
    [
      'through a Node stream into a slow writer',
      received => async (_, content) => {
        const sink = new Writable({
          highWaterMark: 1,
          write(chunk: Buffer, _encoding, done) {
            received.push(chunk)
            globalThis.setImmediate(done)
          },
        })
        await pipeline(Readable.from(content), sink)
      },
    ],
    [
      'through pipeline, directly',
      received => async (_, content) => {
        await pipeline(content, async chunks => {
          for await (const chunk of chunks) received.push(chunk as Uint8Array)
        })
      },
    ],
    [
      'through a ReadableStream',
      received => async (_, content) => {
        received.push(new Uint8Array(await new Response(ReadableStream.from(content)).arrayBuffer()))
      },
    ],
  ])('can be read %s', async (_, onAttachment) => {
    const received: Uint8Array[] = []
    await parse(onAttachment(received))
    expectSame(Buffer.concat(received), Buffer.concat(CONTENTS))
  })

  test('pieces stay as they are when the next one has come', async () => {
    const kept: Uint8Array[] = []
    const copies: Buffer[] = []
    const octets = Buffer.from(`Content-Type: image/png\r\n\r\n${'0123456789'.repeat(50_000)}`)
    await parse(
      async (_, content) => {
        for await (const piece of content) {
          kept.push(piece)
          copies.push(Buffer.from(piece))
        }
      },
      inPieces(octets, 1000),
    )
    expect(kept.length).toBeGreaterThan(3)
    expectSame(Buffer.concat(kept), Buffer.concat(copies))
  })

  test('the source may use its memory again for each piece', async () => {
    async function* reusing(): AsyncGenerator<Uint8Array> {
      const memory = new Uint8Array(1000)
      for await (const piece of inPieces(MESSAGE, memory.length)) {
        memory.set(piece)
        yield memory.subarray(0, piece.length)
        memory.fill(0)
      }
    }
    const received: Uint8Array[] = []
    await parse(async (_, content) => void received.push(await readAll(content)), reusing())
    expectSame(Buffer.concat(received), Buffer.concat(CONTENTS))
    const collected = await parseMessageStream(reusing())
    expectSame(Buffer.concat(collected.entity.Attachments.map(({ Stream }) => Stream!)), Buffer.concat(CONTENTS))
  })

  test('the source waits while a content is read', async () => {
    const source = watched(index => {
      const piece = MESSAGE.subarray(index * PIECE_OCTETS, (index + 1) * PIECE_OCTETS)
      return piece.length > 0 ? piece : 'end'
    })
    let decoded = 0
    let furthestAhead = 0
    await parse(async (_, content) => {
      for await (const piece of content) {
        await setImmediate()
        furthestAhead = Math.max(furthestAhead, source.asked * PIECE_OCTETS * (57 / 78) - decoded)
        decoded += piece.length
      }
    }, source)
    expect(furthestAhead).toBeLessThan(150_000)
  })
})

describe('sources', () => {
  test.each<[string, () => AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>]>([
    ['a generator', () => inPieces(MESSAGE, PIECE_OCTETS)],
    ['a Node stream', () => Readable.from(inPieces(MESSAGE, PIECE_OCTETS))],
    ['a composed message', () => composeMessage(parseMessage(MESSAGE).entity, { draft: true })],
    ['a ReadableStream', () => ReadableStream.from(inPieces(MESSAGE, PIECE_OCTETS)) as ReadableStream<Uint8Array>],
    ['the body of a Response', () => new Response(MESSAGE).body!],
    ['the stream of a Blob', () => new Blob([MESSAGE]).stream()],
  ])('%s', async (_, source) => {
    const received: Uint8Array[] = []
    await parseMessageStream(source(), {
      onAttachment: async (_attachment, content) => void received.push(await readAll(content)),
    })
    expectSame(Buffer.concat(received), Buffer.concat(CONTENTS))
    const { entity } = await parseMessageStream(source())
    expect(entity.Attachments.map(({ Size }) => Size)).toEqual(CONTENTS.map(({ length }) => length))
  })

  test('a ReadableStream is read where streams cannot be iterated, as in Safari', async () => {
    const iterator = Object.getOwnPropertyDescriptor(ReadableStream.prototype, Symbol.asyncIterator)!
    delete (ReadableStream.prototype as Partial<ReadableStream>)[Symbol.asyncIterator]
    try {
      for (const options of [{}, { onAttachment: () => {} }]) {
        const stream = new Response(MESSAGE).body!
        const { entity } = await parseMessageStream(stream, options)
        expect(entity.Attachments).toHaveLength(3)
        expect(stream.locked).toBe(false)
      }
    } finally {
      Object.defineProperty(ReadableStream.prototype, Symbol.asyncIterator, iterator)
    }
  })

  test.each([
    ['octets', MESSAGE],
    ['text', 'Subject: x'],
    ['a list of octets', [MESSAGE]],
    ['null', null],
    ['undefined', undefined],
  ])('%s are no stream', async (_, source) => {
    const parsing = parseMessageStream(source as unknown as AsyncIterable<Uint8Array>)
    await expect(parsing).rejects.toMatchObject({ name: 'MimeError', code: 'TYPE_INVALID' })
  })

  test.each([{}, { onAttachment: () => {} }])(
    'pieces that are no octets are TYPE_INVALID, and the source is closed',
    async options => {
      const source = watched(() => 'Subject: x\r\n' as unknown as Uint8Array)
      await expect(parseMessageStream(source, options)).rejects.toMatchObject({ code: 'TYPE_INVALID' })
      expect(source.closed).toBe(1)
    },
  )

  test.each([{}, { onAttachment: () => {} }])(
    'a limit that is none is refused, and the source is not touched',
    async options => {
      const source = watched(() => MESSAGE)
      const parsing = parseMessageStream(source, { ...options, limits: { depth: -1 } })
      await expect(parsing).rejects.toMatchObject({ code: 'OPTION_INVALID', path: 'limits.depth' })
      expect([source.asked, source.closed]).toEqual([0, 0])
    },
  )

  test.each([{}, { onAttachment: () => {} }])(
    'more than limits.maxOctets ends reading at once, and closes the source',
    async options => {
      const source = watched(() => octetsOf(1000))
      const parsing = parseMessageStream(source, { ...options, limits: { maxOctets: 9999 } })
      await expect(parsing).rejects.toMatchObject({ code: 'LIMIT_OCTETS' })
      expect([source.asked, source.closed]).toEqual([10, 1])
    },
  )
})

describe('a source that fails', () => {
  const cause = new Error('ECONNRESET')

  function failingAt(octets: number): WatchedSource {
    return watched(index => {
      const start = index * PIECE_OCTETS
      return start >= octets ? cause : MESSAGE.subarray(start, Math.min(start + PIECE_OCTETS, octets))
    })
  }

  test.each([
    ['at once', 0],
    ['in the header', 60],
    ['in the text', 400],
    ['inside an attachment', 150_000],
    ['between two attachments', 207_000],
    ['in the last line', MESSAGE.length - 4],
  ])('%s fails reading with its own error, and is not closed again', async (_, octets) => {
    for (const options of [{}, { onAttachment: () => {} }]) {
      const source = failingAt(octets)
      await expect(parseMessageStream(source, options)).rejects.toBe(cause)
      expect(source.closed).toBe(0)
    }
  })

  test('fails whoever reads the attachment, and reading ends after that', async () => {
    const log: string[] = []
    const parsing = parse(async ({ Filename }, content) => {
      try {
        for await (const piece of content) log.push(`${Filename} ${piece.length > 0}`)
      } catch (error) {
        expect(error).toBe(cause)
        await setTimeout(5)
        log.push('cleaned up')
        throw error
      }
    }, failingAt(150_000))
    await expect(parsing.finally(() => log.push('ended'))).rejects.toBe(cause)
    expect(log.slice(-3)).toEqual(['0.png true', 'cleaned up', 'ended'])
  })

  test('fails whoever reads the attachment without a promise', async () => {
    const reading: Promise<unknown>[] = []
    const parsing = parse(
      (_, content) => void reading.push(readAll(content).catch((error: unknown) => error)),
      failingAt(150_000),
    )
    await expect(parsing).rejects.toBe(cause)
    expect(await reading[0]).toBe(cause)
  })

  test('fails a pipeline, which destroys the file that is written', async () => {
    const sink = new Writable({ write: (_chunk, _encoding, done) => done() })
    await expect(parse((_, content) => pipeline(Readable.from(content), sink), failingAt(150_000))).rejects.toBe(cause)
    expect(sink.destroyed).toBe(true)
  })

  test('fails even where the error is undefined', async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield MESSAGE.subarray(0, 150_000)
      throw undefined
    }
    const results: unknown[] = []
    const parsing = parse((_, content) => {
      const read = readAll(content).then(
        () => 'read',
        () => 'failed',
      )
      return read.then(result => void results.push(result))
    }, source())
    await expect(parsing).rejects.toBeUndefined()
    expect(results).toEqual(['failed'])
  })

  test.each<[string, () => Promise<unknown>]>([
    ['rejects', () => Promise.reject(new Error('cannot close'))],
    [
      'throws',
      () => {
        throw new Error('cannot close')
      },
    ],
    ['gives nothing', () => undefined as unknown as Promise<unknown>],
  ])('to close, where return() %s, does not hide what went wrong', async (_, close) => {
    const source = { next: async () => ({ done: false, value: octetsOf(1000) }), return: close }
    const iterable = { [Symbol.asyncIterator]: () => source } as unknown as AsyncIterable<Uint8Array>
    const parsing = parseMessageStream(iterable, { limits: { maxOctets: 5000 }, onAttachment() {} })
    await expect(parsing).rejects.toMatchObject({ code: 'LIMIT_OCTETS' })
  })
})

describe('a callback that fails', () => {
  const cause = new Error('disk full')

  test.each<[string, OnAttachment]>([
    [
      'throws',
      () => {
        throw cause
      },
    ],
    [
      'rejects',
      async () => {
        throw cause
      },
    ],
    [
      'rejects after a while',
      async () => {
        await setTimeout(5)
        throw cause
      },
    ],
    [
      'rejects between two pieces',
      async (_, content) => {
        for await (const _piece of content) throw cause
      },
    ],
    [
      'rejects after the content was read',
      async (_, content) => {
        await readAll(content)
        throw cause
      },
    ],
    [
      'throws after it began to read',
      (_, content) => {
        content[Symbol.asyncIterator]()
          .next()
          .catch(() => {})
        throw cause
      },
    ],
    [
      'has a pipeline whose end fails',
      (_, content) =>
        pipeline(Readable.from(content), new Writable({ write: (_chunk, _encoding, done) => done(cause) })),
    ],
  ])('and %s fails reading with its own error, and the source is closed once', async (_, onAttachment) => {
    const source = watched(index => MESSAGE.subarray(index * PIECE_OCTETS, (index + 1) * PIECE_OCTETS))
    let calls = 0
    const parsing = parse((attachment, content) => {
      calls++
      return onAttachment(attachment, content)
    }, source)
    await expect(parsing).rejects.toBe(cause)
    expect([calls, source.closed]).toEqual([1, 1])
  })

  test('by throwing fails whoever reads the content already', async () => {
    let reading: Promise<unknown> | undefined
    const parsing = parse((_, content) => {
      reading = readAll(content).catch((error: unknown) => error)
      throw cause
    })
    await expect(parsing).rejects.toBe(cause)
    expect(await reading).toBe(cause)
  })

  test('for what is handed out at the end fails reading too', async () => {
    const message = Buffer.from('Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n')
    const failing: OnAttachment = () => {
      throw cause
    }
    await expect(parse(failing, inPieces(message, 10))).rejects.toBe(cause)
    await expect(parse(async () => failing({} as never, {} as never), inPieces(message, 10))).rejects.toBe(cause)
  })

  test('cancels a ReadableStream and destroys a Node stream', async () => {
    let cancelled = 0
    const web = new ReadableStream<Uint8Array>({
      pull: controller => controller.enqueue(MESSAGE.slice()),
      cancel() {
        cancelled++
      },
    })
    const node = Readable.from(inPieces(MESSAGE, PIECE_OCTETS))
    for (const source of [web, node]) {
      await expect(
        parse(() => {
          throw cause
        }, source),
      ).rejects.toBe(cause)
    }
    expect([cancelled, web.locked, node.destroyed]).toEqual([1, false, true])
  })
})
