/**
 * A tree of parts to octets: RFC 2045, RFC 2046.
 *
 * First a plan: header text as strings, contents with their encoder and the length they will have. Then the plan fills
 * one allocation, the caller's memory, or chunks. Nothing is encoded twice or concatenated twice.
 */
import { Buffer } from 'node:buffer'
import { asBuffer, type Bytes, newBytes } from '../codec/bytes.ts'
import { mimeError } from '../errors.ts'
import { boundaryOf, chooseStem } from './boundary.ts'
import { Chunker, writePiece, writeSource } from './chunks.ts'
import type { OutgoingPart, WriteOptions } from './outgoing.ts'
import { type Piece, type PlannedPart, planPart } from './plan.ts'
import { Interruption, openedPiece } from './source.ts'
import { containsText } from './transfer-encoding.ts'

/** A message that is ready to be written, any number of times. */
export class MimePlan {
  /** Octets of the whole, or undefined where a content does not know its own. */
  readonly size: number | undefined
  /** True where some content is written as 8bit. */
  readonly eightBit: boolean
  readonly #pieces: readonly Piece[]

  constructor(root: OutgoingPart, options: WriteOptions) {
    const planned = planPart(root, options)
    this.eightBit = planned.encoding === '8bit' || planned.encoding === 'binary'
    this.#pieces = new Assembler(planned, options).pieces
    let size: number | undefined = 0
    for (const { length } of this.#pieces) size = size === undefined || length === undefined ? undefined : size + length
    this.size = size
  }

  /**
   * The whole in one new allocation.
   *
   * @throws {MimeError} STREAM_CONTENT where a content is a stream
   */
  toBytes(): Bytes {
    const target = newBytes(this.#knownSize())
    this.writeInto(target, 0)
    return target
  }

  /**
   * Writes the whole into memory of the caller.
   *
   * @param offset octets from the start of `target`
   * @returns where it ends in `target`
   * @throws {MimeError} TARGET_TOO_SMALL, STREAM_CONTENT
   */
  writeInto(target: Uint8Array, offset = 0): number {
    const size = this.#knownSize()
    if (!Number.isInteger(offset) || offset < 0 || target.length - offset < size) {
      throw mimeError('TARGET_TOO_SMALL', '', `the message has ${size} octets, ${target.length - offset} are given`)
    }
    const buffer = asBuffer(target)
    let position = offset
    for (const piece of this.#pieces) position = writePiece(piece, buffer, position)
    return position
  }

  /**
   * The whole in chunks of at most 64 KiB, each a new allocation.
   *
   * @throws {MimeError} STREAM_CONTENT where a content is a stream
   */
  *[Symbol.iterator](): Generator<Bytes, void, undefined> {
    const chunker = new Chunker()
    for (const piece of this.#pieces) {
      if (piece.kind === 'source') yield* chunker.write(openedPiece(piece.source))
      else yield* chunker.write(piece)
    }
    yield* chunker.end()
  }

  /**
   * The whole in chunks of at most 64 KiB, each a new allocation, for contents of every kind.
   *
   * A source is opened when its turn comes and asked for the next piece only when the chunk has room for it. Whoever
   * stops early closes the source that is being read; those whose turn has not come stay as they are.
   *
   * @throws {MimeError} CONTENT_FAILED, CONTENT_SIZE, CONTENT_BASE64, TYPE_INVALID, with the path of the content
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Bytes> {
    const interruption = new Interruption()
    const chunks = this.#stream(interruption)
    return {
      next: () => chunks.next(),
      return() {
        interruption.interrupt()
        return chunks.return()
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }

  async *#stream(interruption: Interruption): AsyncGenerator<Bytes, void, undefined> {
    const chunker = new Chunker()
    for (const piece of this.#pieces) {
      if (piece.kind !== 'source') yield* chunker.write(piece)
      else if (!(yield* writeSource(piece.source, chunker, interruption))) return
    }
    yield* chunker.end()
  }

  #knownSize(): number {
    if (this.size !== undefined) return this.size
    throw mimeError('STREAM_CONTENT', '', 'a content is a stream of unknown length: iterate asynchronously')
  }
}

/** A text of more characters is written on its own: copying it into one string with the header would cost more. */
const MAX_STRUNG_LENGTH = 2048

/** Strings the planned parts and the delimiters between them together. */
class Assembler {
  readonly pieces: Piece[] = []
  readonly #stem: string
  #text = ''
  #multiparts = 0

  constructor(root: PlannedPart, options: WriteOptions) {
    this.#stem = root.children.length === 0 ? '' : chooseStem(options.random, stem => occursIn(root, stem))
    this.#add(root)
    this.#flush()
  }

  #add({ part, encoding, piece, children }: PlannedPart): void {
    if (piece !== undefined) {
      this.#text += `${part.header}Content-Type: ${part.type}\r\nContent-Transfer-Encoding: ${encoding}\r\n${part.trailer}\r\n`
      if (piece.kind === 'text' && piece.length <= MAX_STRUNG_LENGTH) {
        this.#text += piece.text
        return
      }
      if (piece.length === 0) return
      this.#flush()
      this.pieces.push(piece)
      return
    }
    const boundary = boundaryOf(this.#stem, ++this.#multiparts)
    const label = encoding === '7bit' ? '' : `Content-Transfer-Encoding: ${encoding}\r\n`
    this.#text += `${part.header}Content-Type: ${part.type};\r\n boundary="${boundary}"\r\n${label}${part.trailer}`
    for (const child of children) {
      this.#text += `\r\n--${boundary}\r\n`
      this.#add(child)
    }
    this.#text += `\r\n--${boundary}--\r\n`
  }

  #flush(): void {
    const text = this.#text
    if (text === '') return
    this.pieces.push({ kind: 'header', text, length: Buffer.byteLength(text) })
    this.#text = ''
  }
}

/** True where a content that no encoding changes holds the text. */
function occursIn({ encoding, piece, children }: PlannedPart, stem: string): boolean {
  if (piece?.kind === 'text') return encoding === '7bit' && piece.text.includes(stem)
  if (piece?.kind === 'octets' || piece?.kind === 'crlf') return containsText(piece.octets, stem)
  return children.some(child => occursIn(child, stem))
}

/**
 * Writes a tree as chunks of at most 64 KiB.
 *
 * @throws {MimeError} OPTION_INVALID where `random` gives too few octets
 * @throws {MimeError} while chunks are taken: STREAM_CONTENT where a content is a stream; CONTENT_FAILED, CONTENT_SIZE,
 *   CONTENT_BASE64 and TYPE_INVALID of what a source gives
 */
export function writeMime(root: OutgoingPart, options: WriteOptions = {}): Iterable<Uint8Array> {
  return new MimePlan(root, options)
}
