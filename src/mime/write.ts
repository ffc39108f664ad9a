/**
 * A tree of parts to octets: RFC 2045, RFC 2046.
 *
 * First a plan: header text as strings, contents with their encoder and the length they will have. Then the plan fills
 * one allocation, the caller's memory, or chunks. Nothing is encoded twice or concatenated twice.
 */
import { Buffer } from 'node:buffer'
import {
  BASE64_LINE_OCTETS,
  checkBase64Text,
  encodeBase64Folded,
  foldBase64Text,
  foldedBase64Length,
  stripBase64Whitespace,
} from '../codec/base64.ts'
import { asBuffer, type Bytes, EMPTY, newBytes, utf8Bytes } from '../codec/bytes.ts'
import { encodeQuotedPrintable, encodeQuotedPrintableText, quotedPrintableLength } from '../codec/quoted-printable.ts'
import { MimeError, mimeError, quoteForError } from '../errors.ts'
import { MAX_LINE_LENGTH } from '../header/fold.ts'
import { boundaryOf, chooseStem, type Random } from './boundary.ts'
import { type ByteStream, isByteStream, iteratorOf } from './byte-stream.ts'
import {
  type ContentTraits,
  chooseExactEncoding,
  chooseTextEncoding,
  containsText,
  inspectContent,
  type TransferEncoding,
  withCrlf,
  writeWithCrlf,
} from './transfer-encoding.ts'

/** A part to write. */
export interface OutgoingPart {
  /**
   * Complete fields, folded, each ended by CRLF, without Content-Type and Content-Transfer-Encoding. What is not ASCII is
   * written as UTF-8 (RFC 6532).
   */
  readonly header: string
  /** Value of Content-Type, folded; of a multipart without its boundary. */
  readonly type: string
  /** Fields that stand after Content-Type and Content-Transfer-Encoding; like `header`. */
  readonly trailer: string
  readonly content: OutgoingContent
}

/** What a part holds. */
export type OutgoingContent =
  | { readonly kind: 'multipart'; readonly parts: readonly OutgoingPart[] }
  /** Text: its line breaks become CRLF, its charset is UTF-8, its encoding is chosen. */
  | { readonly kind: 'text'; readonly text: string }
  /** Octets that arrive as they are. `encoding` is a wish, honoured where it is legal. */
  | { readonly kind: 'octets'; readonly octets: Uint8Array; readonly encoding: string }
  /** Octets with the encoding already decided. */
  | { readonly kind: 'encoded'; readonly octets: Uint8Array; readonly encoding: '7bit' | '8bit' | 'binary' }
  /** Valid base64 text without white space, which is folded and not decoded; `octets` is what it stands for. */
  | { readonly kind: 'base64'; readonly text: string; readonly octets: number }
  /** Octets that come when they are asked for; written in base64. */
  | OutgoingSource

/** A content that is opened when its turn comes. */
export interface OutgoingSource {
  readonly kind: 'source'
  /** Opens it anew for each writing of the message. */
  readonly open: () => Uint8Array | string | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>
  /** Octets it will give; undefined where nobody knows. */
  readonly octets: number | undefined
  /** True where it is known to give a stream: writing at once fails before it is opened. */
  readonly isStream?: boolean | undefined
  /** Where it came from, for errors: `Attachments[2].Stream`. */
  readonly path: string
}

/** How to write. */
export interface WriteOptions {
  /** Allow 8bit text; the transport must offer 8BITMIME (RFC 6152). */
  readonly eightBit?: boolean | undefined
  /** Source of random octets for boundaries; the platform's by default. */
  readonly random?: Random | undefined
}

/** A piece of a plan: text, or a content with its encoder. `length` is what it will have, in octets. */
type Piece =
  /** ASCII that goes out as it stands, in one string with the header. */
  | { readonly kind: 'text'; readonly text: string; readonly length: number }
  | { readonly kind: 'header'; readonly text: string; readonly length: number }
  | { readonly kind: 'octets'; readonly octets: Uint8Array; readonly length: number }
  | { readonly kind: 'crlf'; readonly octets: Uint8Array; readonly length: number }
  | {
      readonly kind: 'quoted-printable'
      readonly octets: Uint8Array
      readonly lineBreaks: 'canonical' | 'exact'
      readonly length: number
    }
  | { readonly kind: 'base64'; readonly octets: Uint8Array; readonly length: number }
  | { readonly kind: 'base64-text'; readonly text: string; readonly length: number }
  | { readonly kind: 'source'; readonly source: OutgoingSource; readonly length: number | undefined }

/** A part whose encoding is decided. */
interface PlannedPart {
  readonly part: OutgoingPart
  readonly encoding: TransferEncoding
  readonly piece: Piece | undefined
  readonly children: readonly PlannedPart[]
}

/** Characters of a line of base64. */
const BASE64_LINE_CHARACTERS = 76

/** Octets of a line of base64, and of the line break before it. */
const LINE_OCTETS: number = BASE64_LINE_CHARACTERS + 2

/** Octets of a chunk that iterating gives, at most. */
const CHUNK_OCTETS = 65_536

/** Lines of base64 that fit into an empty chunk. */
const CHUNK_LINES: number = Math.floor(CHUNK_OCTETS / LINE_OCTETS)

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

function planPart(part: OutgoingPart, options: WriteOptions): PlannedPart {
  const { content } = part
  switch (content.kind) {
    case 'multipart': {
      const children = content.parts.map(child => planPart(child, options))
      return { part, encoding: widestOf(children), piece: undefined, children }
    }
    case 'text':
      return planText(part, content.text, options)
    case 'octets':
      return planOctets(part, content.octets, content.encoding, options)
    case 'encoded':
      return leaf(part, content.encoding, { kind: 'octets', octets: content.octets, length: content.octets.length })
    case 'base64':
      return leaf(part, 'base64', {
        kind: 'base64-text',
        text: content.text,
        length: foldedBase64Length(content.octets),
      })
    case 'source':
      return leaf(part, 'base64', {
        kind: 'source',
        source: content,
        length: content.octets === undefined ? undefined : foldedBase64Length(content.octets),
      })
  }
}

function leaf(part: OutgoingPart, encoding: TransferEncoding, piece: Piece): PlannedPart {
  return { part, encoding, piece, children: [] }
}

/** What RFC 2045 §6.4 has a composite part say: the widest of what it holds. */
function widestOf(children: readonly PlannedPart[]): TransferEncoding {
  let widest: TransferEncoding = '7bit'
  for (const { encoding } of children) {
    if (encoding === 'binary') return 'binary'
    if (encoding === '8bit') widest = '8bit'
  }
  return widest
}

/** Text up to so many characters is kept as a string in its wire form: the most common messages are all text. */
const MAX_INLINE_LENGTH = 65_536

/** The same for text in quoted-printable, which needs room four times its size to be made in. */
const MAX_QUOTED_INLINE_OCTETS = 32_768

function planText(part: OutgoingPart, text: string, options: WriteOptions): PlannedPart {
  const length = text.length <= MAX_INLINE_LENGTH ? Buffer.byteLength(text) : Number.POSITIVE_INFINITY
  const inline = length === text.length ? inlineText(text) : undefined
  if (inline !== undefined) return leaf(part, '7bit', { kind: 'text', text: inline, length: inline.length })
  const quoted = options.eightBit === true ? undefined : inlineQuotedPrintable(text, length)
  if (quoted !== undefined) return leaf(part, 'quoted-printable', { kind: 'text', text: quoted, length: quoted.length })
  const octets = utf8Bytes(text)
  const traits = inspectContent(octets)
  const encoding = chooseTextEncoding(octets, traits, options.eightBit === true)
  if (encoding === 'quoted-printable') {
    const length = quotedPrintableLength(octets, 'canonical')
    return leaf(part, encoding, { kind: 'quoted-printable', octets, lineBreaks: 'canonical', length })
  }
  if (encoding === 'base64') {
    const canonical = withCrlf(octets, traits)
    return leaf(part, encoding, { kind: 'base64', octets: canonical, length: foldedBase64Length(canonical.length) })
  }
  return leaf(part, encoding, { kind: 'crlf', octets, length: octets.length + traits.bareBreaks })
}

/** ASCII with CRLF, where it can go out in lines as it stands. */
function inlineText(text: string): string | undefined {
  if (text.includes('\0')) return undefined
  // The rare "F" first: a search for "\nFrom " stops at every line.
  if (text.includes('From ') && /^From |[\r\n]From /.test(text)) return undefined
  const lines = text.includes('\r') ? text.replaceAll('\r\n', '\n').replaceAll('\r', '\n') : text
  return hasLongLine(lines) ? undefined : lines.split('\n').join('\r\n')
}

/**
 * Text in quoted-printable, where it is not ASCII, and mostly is: the choice is clear without a closer look.
 *
 * @param octets that it has in UTF-8
 */
function inlineQuotedPrintable(text: string, octets: number): string | undefined {
  const beyondAscii = octets - text.length
  if (octets > MAX_QUOTED_INLINE_OCTETS || beyondAscii === 0 || beyondAscii > octets / 8) return undefined
  const quoted = encodeQuotedPrintableText(text, octets)
  return quoted.length <= foldedBase64Length(octets) ? quoted : undefined
}

function hasLongLine(lines: string): boolean {
  let start = 0
  while (lines.length - start > MAX_LINE_LENGTH) {
    const end = lines.lastIndexOf('\n', start + MAX_LINE_LENGTH)
    if (end < start) return true
    start = end + 1
  }
  return false
}

function planOctets(part: OutgoingPart, octets: Uint8Array, requested: string, options: WriteOptions): PlannedPart {
  const traits = (): ContentTraits => inspectContent(octets)
  const encoding = chooseExactEncoding(requested, octets.length, traits, options.eightBit === true)
  if (encoding === 'base64') {
    return leaf(part, encoding, { kind: 'base64', octets, length: foldedBase64Length(octets.length) })
  }
  if (encoding === 'quoted-printable') {
    const length = quotedPrintableLength(octets, 'exact')
    return leaf(part, encoding, { kind: 'quoted-printable', octets, lineBreaks: 'exact', length })
  }
  return leaf(part, encoding, { kind: 'octets', octets, length: octets.length })
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

function writePiece(piece: Piece, target: Buffer, offset: number): number {
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

/**
 * The piece for a source that is in memory once it is opened.
 *
 * @throws {MimeError} STREAM_CONTENT, and what {@link pieceOf} throws
 */
function openedPiece(source: OutgoingSource): Piece {
  const opened = source.isStream === true ? undefined : openSource(source)
  if (opened !== undefined && !isByteStream(opened)) return pieceOf(opened, source)
  // What was opened in vain is closed again; nobody waits for it.
  if (opened !== undefined)
    iteratorOf(opened)
      .return?.()
      .catch(() => {})
  throw mimeError('STREAM_CONTENT', source.path, 'the content is a stream: iterate the message asynchronously')
}

/** @throws {MimeError} CONTENT_FAILED */
function openSource(source: OutgoingSource): unknown {
  try {
    return source.open()
  } catch (cause) {
    throw contentFailed(source, cause)
  }
}

/**
 * The piece for the octets, or the base64 text, that a source gave.
 *
 * @throws {MimeError} CONTENT_SIZE, CONTENT_BASE64, TYPE_INVALID
 */
function pieceOf(opened: unknown, source: OutgoingSource): Piece {
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

function contentFailed({ path }: OutgoingSource, cause: unknown): MimeError {
  if (cause instanceof MimeError && cause.path === path) return cause
  const reason = cause instanceof Error ? `: ${quoteForError(cause.message)}` : ''
  return mimeError('CONTENT_FAILED', path, `the content cannot be read${reason}`, { cause })
}

function checkSize(source: OutgoingSource, octets: number): void {
  if (source.octets === undefined || source.octets === octets) return
  throw mimeError('CONTENT_SIZE', source.path, `the content has ${octets} octets, ${source.octets} were stated`)
}

/** Cuts pieces into chunks. The base64 fold runs inside a chunk: whole lines are encoded where they will lie. */
class Chunker {
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
async function* writeSource(
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

/** @throws {MimeError} CONTENT_FAILED where the stream is locked */
function iterate(stream: ByteStream, source: OutgoingSource): AsyncIterator<Uint8Array> {
  try {
    return iteratorOf(stream)
  } catch (cause) {
    throw contentFailed(source, cause)
  }
}

/** @throws {MimeError} CONTENT_FAILED */
async function nextPiece(
  pieces: AsyncIterator<Uint8Array>,
  source: OutgoingSource,
): Promise<IteratorResult<Uint8Array>> {
  try {
    const next = await pieces.next()
    return next.done === true ? { done: true, value: undefined } : next
  } catch (cause) {
    throw contentFailed(source, cause)
  }
}

/** Closes a source that is not wanted any more. That it fails to close is nobody's concern then. */
async function closeSource(opened: ByteStream, pieces: AsyncIterator<Uint8Array>): Promise<void> {
  try {
    // The iterator of a Node stream would wait for the piece that it was asked for.
    if ('destroy' in opened && typeof opened.destroy === 'function') opened.destroy()
    await pieces.return?.()
  } catch {}
}

/** Lets whoever reads a message stop it while a source keeps it waiting. */
class Interruption {
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

const CRLF: Bytes = utf8Bytes('\r\n')

/**
 * Writes a tree as chunks of at most 64 KiB.
 *
 * @throws {MimeError} STREAM_CONTENT where a content is a stream
 */
export function writeMime(root: OutgoingPart, options: WriteOptions = {}): Iterable<Uint8Array> {
  return new MimePlan(root, options)
}
