/** Octets in pieces: sources that give them, and what is left of a stream when it was read. */
import { expect } from 'vitest'

/** Fails where octets differ, and tells where: `toEqual` would look at each by itself, and print them all. */
export function expectSame(actual: Uint8Array, expected: Uint8Array): void {
  if (Buffer.compare(actual, expected) === 0) return
  const index = actual.findIndex((octet, at) => octet !== expected[at])
  const excerpt = (octets: Uint8Array) =>
    Buffer.from(octets.subarray(Math.max(index, 0)).subarray(0, 60)).toString('latin1')
  expect({ length: actual.length, index, octets: excerpt(actual) }).toEqual({
    length: expected.length,
    index: -1,
    octets: excerpt(expected),
  })
}

/** Octets without a pattern, the same every time. */
export function octetsOf(length: number, seed = 1): Uint8Array {
  const octets = new Uint8Array(length)
  let state = seed
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    octets[index] = state >>> 24
  }
  return octets
}

/** The octets in pieces of one size; the last one may be smaller. */
export async function* inPieces(octets: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let start = 0; start < octets.length; start += size) yield octets.subarray(start, start + size)
}

/** The octets cut at these offsets. */
export async function* cutAt(
  octets: Uint8Array,
  offsets: readonly number[],
): AsyncGenerator<Uint8Array, void, undefined> {
  let start = 0
  for (const end of [...offsets].sort((a, b) => a - b)) {
    yield octets.subarray(start, end)
    start = end
  }
  yield octets.subarray(start)
}

/** All pieces as they came; copies, since a stream may use its memory again. */
export async function piecesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer[]> {
  const pieces: Buffer[] = []
  for await (const piece of stream) pieces.push(Buffer.from(piece))
  return pieces
}

export async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await piecesOf(stream))
}

/** A source that counts what is done to it. */
export interface WatchedSource extends AsyncIterableIterator<Uint8Array> {
  readonly asked: number
  readonly closed: number
}

/** What a source does when it is asked: a piece, the end, an error, or nothing for ever. */
type Answer = Uint8Array | 'end' | 'wait' | Error

/**
 * @param answer what the source does when it is asked for the `index`th piece
 */
export function watched(answer: (index: number) => Answer): WatchedSource {
  let asked = 0
  let closed = 0
  return {
    get asked() {
      return asked
    },
    get closed() {
      return closed
    },
    async next() {
      const given = answer(asked++)
      if (given instanceof Error) throw given
      if (given === 'wait') return new Promise(() => {})
      return given === 'end' ? { done: true, value: undefined } : { done: false, value: given }
    },
    async return() {
      closed++
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
