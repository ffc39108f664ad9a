/**
 * Octets that arrive in pieces: async iterables and the streams of the WHATWG, which not every platform can iterate.
 */

/** A message that arrives in pieces. */
export type ByteStream = AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>

/** True for what {@link iteratorOf} takes. */
export function isByteStream(value: unknown): value is ByteStream {
  return typeof value === 'object' && value !== null && ('getReader' in value || Symbol.asyncIterator in value)
}

/** Iterates a stream of either kind. Not all browsers can iterate a ReadableStream; all have its reader. */
export function iteratorOf(stream: ByteStream): AsyncIterator<Uint8Array> {
  if (!('getReader' in stream)) return stream[Symbol.asyncIterator]()
  const reader = stream.getReader()
  const ended: IteratorResult<Uint8Array> = { done: true, value: undefined }
  return {
    async next() {
      const { done, value } = await reader.read()
      if (!done) return { done, value }
      reader.releaseLock()
      return ended
    },
    async return() {
      await reader.cancel()
      reader.releaseLock()
      return ended
    },
  }
}
