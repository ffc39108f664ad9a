/**
 * Streams as contents of a message to write: a stream can be read once, and may fail long before its turn comes.
 */
import { mimeError } from '../errors.ts'
import { type ByteStream, isByteStream } from '../mime/byte-stream.ts'
import { closeSource } from '../mime/source.ts'

/** What is known of a stream. */
interface StreamState {
  isTaken: boolean
  failure: { readonly cause: unknown } | undefined
}

/** By stream, for all messages: the second one to read a stream would find it empty. */
const STATES: WeakMap<ByteStream, StreamState> = new WeakMap()

/** Keeps what fails before it is read: Node ends the process for an error that nobody listens to. */
function watched(stream: ByteStream): StreamState {
  const known = STATES.get(stream)
  if (known !== undefined) return known
  const state: StreamState = { isTaken: false, failure: undefined }
  STATES.set(stream, state)
  if ('on' in stream && typeof stream.on === 'function') {
    stream.on('error', (cause: unknown) => {
      state.failure ??= { cause }
    })
  }
  return state
}

/**
 * Gives out a stream that can be read only once: a second reading would find it empty, and the attachment would be lost
 * in silence.
 *
 * @param waiting the streams that nobody has read, with or without this one
 */
export function openedOnce(stream: ByteStream, path: string, waiting: Set<ByteStream>): () => ByteStream {
  const state = isReadOnce(stream) ? watched(stream) : { isTaken: false, failure: undefined }
  return () => {
    waiting.delete(stream)
    return taken(stream, state, path)
  }
}

/**
 * Opens a source again for each writing, but uses the stream that is open already for the first.
 *
 * @param waiting has the stream until then
 */
export function openedFirst<T>(
  stream: ByteStream,
  open: () => T,
  path: string,
  waiting: Set<ByteStream>,
): () => ByteStream | T {
  watched(stream)
  return () => {
    const opened = waiting.delete(stream) ? stream : open()
    return isByteStream(opened) && isReadOnce(opened) ? taken(opened, watched(opened), path) : opened
  }
}

/** True for streams and generators; false for what starts anew each time that it is iterated. */
export function isReadOnce(stream: ByteStream): boolean {
  return stream instanceof ReadableStream || 'on' in stream || 'destroy' in stream || 'next' in stream
}

function taken(stream: ByteStream, state: StreamState, path: string): ByteStream {
  if (state.isTaken) {
    throw mimeError('CONTENT_FAILED', path, 'the stream was read before; give a function that opens it')
  }
  state.isTaken = true
  return unlessFailed(stream, state)
}

function unlessFailed(stream: ByteStream, { failure }: StreamState): ByteStream {
  if (failure !== undefined) throw failure.cause
  return stream
}

/** Closes streams that nobody will read. */
export function closeWaiting(waiting: Set<ByteStream>): void {
  for (const stream of waiting) void closeSource(stream)
  waiting.clear()
}
