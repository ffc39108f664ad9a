/**
 * Contents that are opened when their turn comes: octets, base64 text, or a stream of octets.
 */
import { checkBase64Text, foldedBase64Length, stripBase64Whitespace } from '../codec/base64.ts'
import { MimeError, mimeError, quoteForError } from '../errors.ts'
import { type ByteStream, isByteStream, iteratorOf } from './byte-stream.ts'
import type { OutgoingSource } from './outgoing.ts'
import type { Piece } from './plan.ts'

/**
 * The piece for a source that is in memory once it is opened.
 *
 * @throws {MimeError} STREAM_CONTENT, and what {@link pieceOf} throws
 */
export function openedPiece(source: OutgoingSource): Piece {
  const opened = source.isStream === true ? undefined : openSource(source)
  if (opened !== undefined && !isByteStream(opened)) return pieceOf(opened, source)
  // What was opened in vain is closed again; nobody waits for it.
  if (opened !== undefined) void closeSource(opened)
  throw mimeError('STREAM_CONTENT', source.path, 'the content is a stream: iterate the message asynchronously')
}

/** @throws {MimeError} CONTENT_FAILED */
export function openSource(source: OutgoingSource): unknown {
  try {
    return source.open()
  } catch (cause) {
    throw contentFailed(source.path, cause)
  }
}

/**
 * The piece for the octets, or the base64 text, that a source gave.
 *
 * @throws {MimeError} CONTENT_SIZE, CONTENT_BASE64, TYPE_INVALID
 */
export function pieceOf(opened: unknown, source: OutgoingSource): Piece {
  if (opened instanceof Uint8Array) {
    checkSize(source, opened.length)
    return { kind: 'base64', octets: opened, length: foldedBase64Length(opened.length) }
  }
  if (typeof opened !== 'string') {
    throw mimeError('TYPE_INVALID', source.path, 'the function must give octets, base64 text or a stream')
  }
  const octets = checkBase64Text(opened)
  if (octets === -1) throw mimeError('CONTENT_BASE64', source.path, `${quoteForError(opened)} is no base64 text`)
  checkSize(source, octets)
  return { kind: 'base64-text', text: stripBase64Whitespace(opened, octets), length: foldedBase64Length(octets) }
}

/** The error for a content whose source failed. */
export function contentFailed(path: string, cause: unknown): MimeError {
  if (cause instanceof MimeError && cause.path === path) return cause
  const reason = cause instanceof Error ? `: ${quoteForError(cause.message)}` : ''
  return mimeError('CONTENT_FAILED', path, `the content cannot be read${reason}`, { cause })
}

export function checkSize(source: OutgoingSource, octets: number): void {
  if (source.octets === undefined || source.octets === octets) return
  throw mimeError('CONTENT_SIZE', source.path, `the content has ${octets} octets, ${source.octets} were stated`)
}

/** @throws {MimeError} CONTENT_FAILED where the stream is locked */
export function iterate(stream: ByteStream, source: OutgoingSource): AsyncIterator<Uint8Array> {
  try {
    return iteratorOf(stream)
  } catch (cause) {
    throw contentFailed(source.path, cause)
  }
}

/** @throws {MimeError} CONTENT_FAILED */
export async function nextPiece(
  pieces: AsyncIterator<Uint8Array>,
  source: OutgoingSource,
): Promise<IteratorResult<Uint8Array>> {
  try {
    const next = await pieces.next()
    return next.done === true ? { done: true, value: undefined } : next
  } catch (cause) {
    throw contentFailed(source.path, cause)
  }
}

/**
 * Closes a source that is not wanted any more. That it fails, or fails to close, is nobody's concern then.
 *
 * @param pieces its iterator, where it has one already
 */
export async function closeSource(opened: ByteStream, pieces?: AsyncIterator<Uint8Array>): Promise<void> {
  try {
    // The iterator of a Node stream would wait for the piece that it was asked for, and closes nothing before that.
    if ('destroy' in opened && typeof opened.destroy === 'function') {
      // A file that cannot be opened says so after it was closed.
      if ('on' in opened && typeof opened.on === 'function') opened.on('error', () => {})
      opened.destroy()
    }
    await (pieces ?? iteratorOf(opened)).return?.()
  } catch {}
}

/** Lets whoever reads a message stop it while a source keeps it waiting. */
export class Interruption {
  #isInterrupted = false
  #stop: (() => void) | undefined

  /** What the promise gives, or undefined where {@link interrupt} was called before that. */
  wait<T>(promise: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.#stop = () => resolve(undefined)
      if (this.#isInterrupted) this.#stop()
      promise.then(resolve, reject)
    })
  }

  interrupt(): void {
    this.#isInterrupted = true
    this.#stop?.()
  }
}
