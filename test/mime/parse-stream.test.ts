/** Whose body is passed on, and what the sinks see; that the tree is the same is in ../stream/parse.test.ts. */
import { describe, expect, test } from 'vitest'
import { isByteStream, iteratorOf } from '../../src/mime/byte-stream.ts'
import {
  type BodySink,
  type ParseMimeStreamOptions,
  type PartPlace,
  parseMimeStream,
} from '../../src/mime/parse-stream.ts'
import { type MimePart, walk } from '../../src/mime/part.ts'
import { inPieces, octetsOf, watched } from '../stream/pieces.ts'

/** Reads, and says what the sinks of the parts that are wanted were told. */
async function parse(
  message: string | Uint8Array,
  isWanted: (part: MimePart, place: PartPlace) => boolean,
  options: Partial<ParseMimeStreamOptions> & { readonly pieceOctets?: number } = {},
) {
  const octets = typeof message === 'string' ? Buffer.from(message, 'latin1') : message
  const bodies: { type: string; place: string; text: string; isEnded: boolean }[] = []
  const onBody = (part: MimePart, place: PartPlace): BodySink | undefined => {
    if (!isWanted(part, place)) return undefined
    const body = {
      type: part.contentType.mediaType,
      place: `${place.multipart} ${place.index}`,
      text: '',
      isEnded: false,
    }
    bodies.push(body)
    return {
      async write(piece) {
        expect(body.isEnded).toBe(false)
        expect(piece.length).toBeGreaterThan(0)
        body.text += Buffer.from(piece).toString('latin1')
      },
      async end() {
        body.isEnded = true
      },
      async fail() {
        throw new Error('nothing fails here')
      },
    }
  }
  const parsed = await parseMimeStream(inPieces(octets, options.pieceOctets ?? 10), { onBody, ...options })
  for (const { isEnded } of bodies) expect(isEnded).toBe(true)
  return { ...parsed, bodies: bodies.map(({ type, place, text }) => `${place} ${type}: ${text}`) }
}

const all = () => true

describe('bodies that are asked for', () => {
  const MIXED = [
    'Content-Type: multipart/mixed; boundary=o',
    '',
    'preamble',
    '--o',
    '',
    'text',
    '--o',
    'Content-Type: multipart/digest; boundary=i',
    '',
    '--i',
    '',
    'Subject: first',
    '',
    'one',
    '--i',
    '',
    'Subject: second',
    '',
    'two',
    '--i--',
    'epilogue of the inner one',
    '--o',
    'Content-Type: image/png',
    'Content-Transfer-Encoding: base64',
    '',
    'Zm9v',
    'YmFy',
    '--o--',
    'epilogue',
  ]

  test.each([
    ['CRLF', '\r\n'],
    ['LF', '\n'],
    ['CR', '\r'],
  ])('leaves, and messages as a whole, with %s', async (_, lineBreak) => {
    const { bodies, root, size } = await parse(MIXED.join(lineBreak), all)
    expect(bodies).toEqual([
      'mixed 0 text/plain: text',
      `digest 0 message/rfc822: Subject: first${lineBreak}${lineBreak}one`,
      `digest 1 message/rfc822: Subject: second${lineBreak}${lineBreak}two`,
      'mixed 2 image/png: foobar',
    ])
    expect([...walk(root)].map(part => part.streamed?.octets)).toEqual([
      undefined,
      4,
      undefined,
      17 + 2 * lineBreak.length,
      undefined,
      18 + 2 * lineBreak.length,
      undefined,
      6,
    ])
    expect(size).toBe(MIXED.join(lineBreak).length)
  })

  test('are asked for by the header alone, once each; a message that is not taken, for what it holds', async () => {
    const seen: unknown[] = []
    await parse(MIXED.join('\r\n'), part => {
      seen.push([part.fields.map(({ name }) => name), part.body.length, part.parts.length])
      return false
    })
    expect(seen).toEqual([
      [[], 0, 0],
      [[], 0, 0],
      [['Subject'], 0, 0],
      [[], 0, 0],
      [['Subject'], 0, 0],
      [['Content-Type', 'Content-Transfer-Encoding'], 0, 0],
    ])
  })

  test('the message itself, where it has no parts', async () => {
    const { bodies } = await parse('Content-Type: image/png\r\n\r\nbody\r\n', all)
    expect(bodies).toEqual(['mixed 0 image/png: body\r\n'])
  })

  test('a message inside a message belongs to the outer one', async () => {
    const inner = 'Content-Type: message/rfc822\r\n\r\nSubject: innermost\r\n\r\nx\r\n'
    const { bodies } = await parse(`Content-Type: message/rfc822\r\n\r\n${inner}`, all)
    expect(bodies).toEqual([`mixed 0 message/rfc822: ${inner}`])
  })

  test.each([
    ['without a boundary', 'multipart/mixed', 1],
    ['whose boundary never occurs', 'multipart/mixed; boundary=b', 0],
  ])('a multipart %s', async (_, type, bodies) => {
    const parsed = await parse(`Content-Type: ${type}\r\n\r\nlegible`, all)
    expect(parsed.bodies).toHaveLength(bodies)
    expect(Buffer.from(parsed.root.body).toString()).toBe('legible')
  })

  test('what is beyond limits.parts is one body', async () => {
    const { bodies, defects } = await parse(MIXED.join('\n'), all, { limits: { parts: 2 } })
    expect(bodies.map(body => body.split('\n')[0])).toEqual([
      'mixed 0 text/plain: text',
      'mixed 1 application/octet-stream: Content-Type: multipart/digest; boundary=i',
    ])
    expect(defects.map(({ code }) => code)).toEqual(['LIMIT_PARTS'])
  })

  test('defects of what was passed on have their place in the message', async () => {
    const before = 'Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    const filler = `${'QUJD'.repeat(19)}\r\n`.repeat(2000)
    const { root } = await parse(`${before}${filler}Q?UJD`, all, { pieceOctets: 5000 })
    const defects: unknown[] = []
    root.content((code, offset) => defects.push([code, offset]))
    expect(defects).toEqual([['BASE64_INVALID', before.length + filler.length + 1]])
  })
})

describe('errors', () => {
  test.each([
    ['write', { told: 1, closed: 1 }],
    // By then there is nobody to tell.
    ['end', { told: 0, closed: 1 }],
  ])('what %s() of a sink throws is thrown, and the source is closed', async (method, { told, closed }) => {
    const cause = new Error('disk full')
    const failures: unknown[] = []
    const head = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nfirst\r\n--b\r\n\r\n'
    const source = watched(index => Buffer.from(index === 0 ? head : 'x'.repeat(1000)))
    const fails = async () => {
      throw cause
    }
    const sink: BodySink = {
      write: async () => {},
      end: async () => {},
      fail: async error => void failures.push(error),
      [method]: fails,
    }
    await expect(parseMimeStream(source, { onBody: () => sink })).rejects.toBe(cause)
    expect([failures.length, source.closed]).toEqual([told, closed])
  })

  test('reading does not end before the sink is done with a failure', async () => {
    const cause = new Error('cut')
    const log: string[] = []
    const source = watched(index => (index === 0 ? Buffer.from('A: b\n\n') : index < 100 ? octetsOf(5000) : cause))
    const sink: BodySink = {
      write: async () => {},
      end: async () => {},
      async fail(error) {
        expect(error).toBe(cause)
        await new Promise(resolve => setTimeout(resolve, 5))
        log.push('sink is done')
      },
    }
    const reading = parseMimeStream(source, { onBody: () => sink }).finally(() => log.push('reading ended'))
    await expect(reading).rejects.toBe(cause)
    expect(log).toEqual(['sink is done', 'reading ended'])
  })
})

describe('streams', () => {
  test.each<[string, unknown, boolean]>([
    ['a generator', inPieces(octetsOf(1), 1), true],
    ['a ReadableStream', new ReadableStream(), true],
    ['a stream that has a reader only', { getReader() {} }, true],
    ['octets', octetsOf(1), false],
    ['a list', [], false],
    ['text', 'text', false],
    ['null', null, false],
    ['a function', () => {}, false],
  ])('%s: %s', (_, value, expected) => {
    expect(isByteStream(value)).toBe(expected)
  })

  test('a ReadableStream is unlocked at its end, and when it is closed before', async () => {
    for (const isClosedEarly of [false, true]) {
      let cancelled = 0
      const stream = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(octetsOf(3))
          if (!isClosedEarly) controller.close()
        },
        cancel() {
          cancelled++
        },
      })
      const iterator = iteratorOf(stream)
      expect((await iterator.next()).value).toEqual(octetsOf(3))
      expect(stream.locked).toBe(true)
      expect(await (isClosedEarly ? iterator.return?.() : iterator.next())).toEqual({ done: true, value: undefined })
      expect([stream.locked, cancelled]).toEqual([false, isClosedEarly ? 1 : 0])
    }
  })
})
