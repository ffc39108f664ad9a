/**
 * A plan to octets: piece by piece into memory, or in chunks of at most 64 KiB.
 */
import { Buffer } from 'node:buffer'
import { BASE64_LINE_OCTETS, encodeBase64Folded, foldBase64Text, foldedBase64Length } from '../codec/base64.ts'
import { asBuffer, type Bytes, EMPTY, newBytes, utf8Bytes } from '../codec/bytes.ts'
import { encodeQuotedPrintable } from '../codec/quoted-printable.ts'
import { mimeError } from '../errors.ts'
import { isByteStream } from './byte-stream.ts'
import type { OutgoingSource } from './outgoing.ts'
import type { Piece } from './plan.ts'
import {
  checkSize,
  closeSource,
  type Interruption,
  iterate,
  nextPiece,
  openedPiece,
  openSource,
  pieceOf,
} from './source.ts'
import { writeWithCrlf } from './transfer-encoding.ts'

/** Characters of a line of base64. */
const BASE64_LINE_CHARACTERS = 76

/** Octets of a line of base64, and of the line break before it. */
const LINE_OCTETS: number = BASE64_LINE_CHARACTERS + 2

/** Octets of a chunk that iterating gives, at most. */
const CHUNK_OCTETS = 65_536

/** Lines of base64 that fit into an empty chunk. */
const CHUNK_LINES: number = Math.floor(CHUNK_OCTETS / LINE_OCTETS)

/**
 * Writes a piece.
 *
 * @param offset octets from the start of `target`
 * @returns where it ends in `target`
 * @throws {MimeError} STREAM_CONTENT where it is a stream, and what opening a source throws
 */
export function writePiece(piece: Piece, target: Buffer, offset: number): number {
  switch (piece.kind) {
    case 'text':
    case 'header':
      return offset + target.write(piece.text, offset, piece.length === piece.text.length ? 'latin1' : 'utf8')
    case 'octets':
      target.set(piece.octets, offset)
      return offset + piece.length
    case 'crlf':
      if (piece.length === piece.octets.length) {
        target.set(piece.octets, offset)
        return offset + piece.length
      }
      return writeWithCrlf(piece.octets, target, offset)
    case 'quoted-printable':
      return encodeQuotedPrintable(piece.octets, target, offset, piece.lineBreaks)
    case 'base64':
      return encodeBase64Folded(piece.octets, target, offset)
    case 'base64-text':
      return foldBase64Text(piece.text, target, offset)
    case 'source':
      return writePiece(openedPiece(piece.source), target, offset)
  }
}

const CRLF: Bytes = utf8Bytes('\r\n')

/** Cuts pieces into chunks. The base64 fold runs inside a chunk: whole lines are encoded where they will lie. */
export class Chunker {
  #chunk: Buffer = EMPTY_BUFFER
  #used = 0
  /** Octets that a source gave and that do not fill the chunk yet, at the start of `#gathered`. */
  #held = 0
  #gathered: Uint8Array = EMPTY
  #lineBreak: Bytes = EMPTY;

  *write(piece: Piece): Generator<Bytes, void, undefined> {
    switch (piece.kind) {
      case 'base64':
        yield* this.#lines(piece.octets.length, BASE64_LINE_OCTETS, (start, end, offset) =>
          encodeBase64Folded(piece.octets.subarray(start, end), this.#chunk, offset),
        )
        return
      case 'base64-text':
        yield* this.#lines(piece.text.length, BASE64_LINE_CHARACTERS, (start, end, offset) =>
          foldBase64Text(piece.text.slice(start, end), this.#chunk, offset),
        )
        return
      case 'octets':
        yield* this.copy(piece.octets)
        return
      default: {
        if (piece.length === undefined) return
        if (this.#chunk.length === 0) yield* this.#next()
        if (piece.length <= this.#chunk.length - this.#used) {
          this.#used = writePiece(piece, this.#chunk, this.#used)
          return
        }
        const encoded = Buffer.allocUnsafe(piece.length)
        writePiece(piece, encoded, 0)
        yield* this.copy(encoded)
      }
    }
  }

  /** Copies octets into chunks. */
  *copy(octets: Uint8Array): Generator<Bytes, void, undefined> {
    let start = 0
    while (start < octets.length) {
      if (this.#used === this.#chunk.length) yield* this.#next()
      const end = Math.min(octets.length, start + this.#chunk.length - this.#used)
      this.#chunk.set(octets.subarray(start, end), this.#used)
      this.#used += end - start
      start = end
    }
  }

  /**
   * Encodes what comes in pieces of any size, as much at once as the chunk has room for: small pieces are gathered, of
   * large ones nothing is copied but the last octets. The piece is not needed any more when this is done.
   */
  *push(piece: Uint8Array): Generator<Bytes, void, undefined> {
    let start = 0
    while (start < piece.length) {
      const room = this.#roomForLines()
      if (this.#held === 0 && piece.length - start >= room) {
        yield* this.#continueLines(piece.subarray(start, start + room))
        start += room
        continue
      }
      if (this.#gathered.length === 0) this.#gathered = newBytes(CHUNK_LINES * BASE64_LINE_OCTETS)
      const end = Math.min(piece.length, start + room - this.#held)
      this.#gathered.set(start === 0 && end === piece.length ? piece : piece.subarray(start, end), this.#held)
      this.#held += end - start
      start = end
      if (this.#held === room) yield* this.#flush()
    }
  }

  /** Ends what was pushed. */
  *endPushed(): Generator<Bytes, void, undefined> {
    if (this.#held > 0) yield* this.#flush()
    this.#lineBreak = EMPTY
  }

  *#flush(): Generator<Bytes, void, undefined> {
    yield* this.#continueLines(this.#gathered.subarray(0, this.#held))
    this.#held = 0
  }

  *#continueLines(octets: Uint8Array): Generator<Bytes, void, undefined> {
    yield* this.copy(this.#lineBreak)
    yield* this.write({ kind: 'base64', octets, length: foldedBase64Length(octets.length) })
    this.#lineBreak = CRLF
    // A chunk that is full does not wait until the source gives more.
    if (this.#chunk.length - this.#used < LINE_OCTETS + CRLF.length) yield* this.#emit()
  }

  /** Octets whose lines fill this chunk, or the next one where there is no room for a line. */
  #roomForLines(): number {
    const lines = Math.floor((this.#chunk.length - this.#used - CRLF.length) / LINE_OCTETS)
    return (lines > 0 ? lines : CHUNK_LINES) * BASE64_LINE_OCTETS
  }

  /** The last chunk, if there is one. */
  *end(): Generator<Bytes, void, undefined> {
    if (this.#used > 0) yield* this.#emit()
  }

  *#lines(
    length: number,
    lineLength: number,
    encode: (start: number, end: number, offset: number) => number,
  ): Generator<Bytes, void, undefined> {
    let start = 0
    while (start < length) {
      const lines = Math.floor((this.#chunk.length - this.#used) / LINE_OCTETS)
      if (lines === 0) {
        yield* this.#next()
        continue
      }
      if (start > 0) this.#used = this.#chunk.write('\r\n', this.#used, 'latin1') + this.#used
      const end = Math.min(length, start + lines * lineLength)
      this.#used = encode(start, end, this.#used)
      start = end
    }
  }

  *#next(): Generator<Bytes, void, undefined> {
    if (this.#used > 0) yield* this.#emit()
    this.#chunk = asBuffer(newBytes(CHUNK_OCTETS))
  }

  *#emit(): Generator<Bytes, void, undefined> {
    const written = new Uint8Array(this.#chunk.buffer as ArrayBuffer, 0, this.#used)
    this.#chunk = EMPTY_BUFFER
    this.#used = 0
    yield written
  }
}

const EMPTY_BUFFER: Buffer = asBuffer(EMPTY)

/**
 * Writes a source of any kind in base64. Closes it when whoever reads the message stops, and when what it gives is wrong.
 *
 * @returns false where it was interrupted
 */
export async function* writeSource(
  source: OutgoingSource,
  chunker: Chunker,
  interruption: Interruption,
): AsyncGenerator<Bytes, boolean, undefined> {
  const opened = openSource(source)
  if (!isByteStream(opened)) {
    yield* chunker.write(pieceOf(opened, source))
    return true
  }
  const pieces = iterate(opened, source)
  let octets = 0
  let isOpen = false
  try {
    for (;;) {
      const next = await interruption.wait(nextPiece(pieces, source))
      if (next === undefined) {
        // Not waited for: a generator closes only after the piece that it was asked for.
        void closeSource(opened, pieces)
        return false
      }
      if (next.done === true) break
      isOpen = true
      const piece: unknown = next.value
      if (!(piece instanceof Uint8Array)) {
        throw mimeError('CONTENT_FAILED', source.path, `the stream must give octets, not ${typeof piece}`)
      }
      octets += piece.length
      if (source.octets !== undefined && octets > source.octets) {
        throw mimeError('CONTENT_SIZE', source.path, `the content has more than the ${source.octets} octets stated`)
      }
      yield* chunker.push(piece)
      isOpen = false
    }
  } finally {
    if (isOpen) await closeSource(opened, pieces)
  }
  checkSize(source, octets)
  yield* chunker.endPushed()
  return true
}
