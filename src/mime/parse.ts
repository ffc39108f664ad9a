/**
 * Octets to a tree of parts, in one pass: RFC 2045, RFC 2046 §5.1.
 *
 * The pass finds header ends and the delimiter lines of every open multipart at once; bodies are views. Any open
 * ancestor's delimiter ends a part. Meaning (which part is the text, which an attachment) is in ../message/extract.ts.
 */
import type { Buffer } from 'node:buffer'
import { asBuffer, asPlainBytes, utf8Bytes } from '../codec/bytes.ts'
import type { Defect, OnDefect } from '../defect.ts'
import { mimeError } from '../errors.ts'
import {
  type ContentType,
  DEFAULT_CONTENT_TYPE,
  DIGEST_CONTENT_TYPE,
  parseContentType,
} from '../header/content-type.ts'
import { firstValue, parseHeaderSection } from '../header/field.ts'
import { type Limits, resolveLimits } from './limits.ts'
import { type MimePart, SourcePart } from './part.ts'
import { isIdentityEncoding } from './transfer-encoding.ts'

/** What {@link parseMime} takes besides the octets. */
export interface ParseMimeOptions {
  readonly limits?: Partial<Limits> | undefined
}

/** A tree, and what was wrong with its structure. */
export interface ParsedMime {
  readonly root: MimePart
  readonly defects: readonly Defect[]
}

/**
 * Parses a message into its tree of parts.
 *
 * Never throws on content. The tree holds views: it is right for as long as `source` is not written to.
 *
 * @throws {MimeError} LIMIT_OCTETS where the source is larger than `limits.maxOctets`
 * @throws {MimeError} OPTION_INVALID where a limit is no number
 */
export function parseMime(source: Uint8Array, options: ParseMimeOptions = {}): ParsedMime {
  const limits = resolveLimits(options.limits)
  if (source.length > limits.maxOctets) {
    throw mimeError('LIMIT_OCTETS', '', `the source has ${source.length} octets, ${limits.maxOctets} are allowed`)
  }
  const defects: Defect[] = []
  const reader = new Reader(asPlainBytes(source), limits, (code, offset, detail) =>
    defects.push(detail === undefined ? { code, offset } : { code, offset, detail }),
  )
  return { root: reader.read(), defects }
}

/** A multipart whose close-delimiter has not come yet, or a message inside a message: what holds the parts to come. */
interface Container {
  readonly part: SourcePart
  /** Octets of `"--" boundary`; empty for a message. */
  readonly delimiter: Uint8Array
}

/** A delimiter line that was found. */
interface Delimiter {
  /** Index of the container it belongs to. */
  readonly level: number
  /** Offset of its first "-". */
  readonly start: number
  /** Offset of the line after it. */
  readonly next: number
  readonly closes: boolean
}

const LF = 0x0a
const CR = 0x0d
const DASH = 0x2d
const LF_DASHES = utf8Bytes('\n--')
const CR_DASHES = utf8Bytes('\r--')
const NO_DELIMITER = new Uint8Array(0)

class Reader {
  readonly #source: Uint8Array
  /** The same octets: for native search. */
  readonly #buffer: Buffer
  readonly #limits: Limits
  readonly #onDefect: OnDefect
  readonly #open: Container[] = []
  #parts = 0
  #messages = 0
  /** Where "\r--" occurs next; the length of the source where it does not: nearly always. */
  #nextCrDashes: number
  readonly #isDelimiter = (lineStart: number): boolean => this.#matchLine(lineStart) !== undefined

  constructor(source: Uint8Array, limits: Limits, onDefect: OnDefect) {
    this.#source = source
    this.#buffer = asBuffer(source)
    this.#limits = limits
    this.#onDefect = onDefect
    this.#nextCrDashes = this.#indexOf(CR_DASHES, 0)
  }

  read(): MimePart {
    // A byte order mark in front of the first field is no part of its name.
    const start = this.#source[0] === 0xef && this.#source[1] === 0xbb && this.#source[2] === 0xbf ? 3 : 0
    const root = this.#readPart(start, DEFAULT_CONTENT_TYPE)
    let position = this.#current
    while (this.#open.length > 0) {
      const delimiter = this.#findDelimiter(position)
      if (delimiter === undefined) break
      this.#closeDownTo(delimiter)
      position = delimiter.next
      if (delimiter.closes) continue
      const multipart = this.#open[delimiter.level]!.part
      if (this.#parts >= this.#limits.parts) {
        this.#onDefect('LIMIT_PARTS', position)
        multipart.parts.push(this.#opaque(position))
        return root
      }
      const isDigest = multipart.contentType.mediaType === 'multipart/digest'
      multipart.parts.push(this.#readPart(position, isDigest ? DIGEST_CONTENT_TYPE : DEFAULT_CONTENT_TYPE))
      position = this.#current
    }
    while (this.#open.length > 0) this.#closeUnfinished(this.#source.length)
    return root
  }

  /** Where the body of the part read last starts. */
  #current = 0

  /** Reads the header of the part at `start`, and of the message in it; opens what holds further parts. */
  #readPart(start: number, defaultType: ContentType): SourcePart {
    this.#parts++
    const section = parseHeaderSection(
      this.#source,
      start,
      this.#source.length,
      this.#limits,
      this.#isDelimiter,
      this.#onDefect,
    )
    const typeValue = firstValue(section.fields, 'content-type')
    const type =
      typeValue === undefined
        ? defaultType
        : parseContentType(typeValue, (code, _, detail) => this.#onDefect(code, start, detail))
    const part = new SourcePart(this.#source, section.fields, type, start, section.bodyStart)
    this.#current = section.bodyStart
    if (type.mediaType.startsWith('multipart/')) this.#openMultipart(part)
    else if (type.mediaType === 'message/rfc822' || type.mediaType === 'message/global') this.#openMessage(part)
    return part
  }

  #openMultipart(part: SourcePart): void {
    const boundary = part.contentType.parameters.get('boundary')?.trimEnd() ?? ''
    if (boundary === '') {
      this.#onDefect('BOUNDARY_MISSING', part.offset)
    } else if (this.#open.length >= this.#limits.depth) {
      this.#onDefect('LIMIT_DEPTH', part.offset)
    } else {
      if (!isIdentityEncoding(part.transferEncoding)) this.#onDefect('ENCODING_ON_COMPOSITE', part.offset)
      this.#open.push({ part, delimiter: utf8Bytes(`--${boundary}`) })
    }
  }

  #openMessage(part: SourcePart): void {
    if (!isIdentityEncoding(part.transferEncoding)) {
      // Its octets are one attachment; the message in it can be read from them.
      this.#onDefect('ENCODING_ON_COMPOSITE', part.offset)
      return
    }
    if (this.#messages >= this.#limits.rfc822Depth || this.#open.length >= this.#limits.depth) {
      this.#onDefect(this.#messages >= this.#limits.rfc822Depth ? 'LIMIT_RFC822_DEPTH' : 'LIMIT_DEPTH', part.offset)
      return
    }
    this.#messages++
    this.#open.push({ part, delimiter: NO_DELIMITER })
    part.message = this.#readPart(part.bodyOffset, DEFAULT_CONTENT_TYPE)
  }

  /** What is left of the source, unread. */
  #opaque(start: number): SourcePart {
    const type: ContentType = { mediaType: 'application/octet-stream', parameters: new Map() }
    return new SourcePart(this.#source, [], type, start, start)
  }

  /** Ends the part before the delimiter and all containers inside the delimiter's own. */
  #closeDownTo(delimiter: Delimiter): void {
    const end = this.#beforeLineBreak(delimiter.start)
    while (this.#open.length > delimiter.level + 1) this.#closeUnfinished(end)
    const container = this.#open[delimiter.level]!
    container.part.isDivided = true
    const last = container.part.parts.at(-1)
    if (last !== undefined) endAt(last, Math.max(end, last.offset))
    if (!delimiter.closes) return
    // The epilogue belongs to the multipart: it ends where its own parent's next delimiter starts.
    this.#open.pop()
  }

  #closeUnfinished(end: number): void {
    const { part, delimiter } = this.#open.pop()!
    if (delimiter.length === 0) {
      this.#messages--
    } else {
      this.#onDefect(part.isDivided ? 'CLOSE_BOUNDARY_MISSING' : 'BOUNDARY_NOT_FOUND', part.offset)
    }
    endAt(part, end)
  }

  /** Offset of the line break before `lineStart`, which belongs to the delimiter: RFC 2046 §5.1.1. */
  #beforeLineBreak(lineStart: number): number {
    const before = this.#source[lineStart - 1]
    if (before === CR) return lineStart - 1
    if (before === LF) return this.#source[lineStart - 2] === CR ? lineStart - 2 : lineStart - 1
    return lineStart
  }

  /** The first delimiter line at or after `from` of any open multipart. */
  #findDelimiter(from: number): Delimiter | undefined {
    const single = this.#onlyDelimiter()
    let position = from
    for (;;) {
      const start = single === undefined ? this.#nextDashLine(position) : this.#nextLineOf(single, position)
      if (start === -1) return undefined
      const delimiter = this.#matchLine(start)
      if (delimiter !== undefined) return delimiter
      position = start + 1
    }
  }

  /** The delimiter of the only open multipart: a search for the whole of it is four times faster than for "--". */
  #onlyDelimiter(): Uint8Array | undefined {
    let only: Uint8Array | undefined
    for (const { delimiter } of this.#open) {
      if (delimiter.length === 0) continue
      if (only !== undefined) return undefined
      only = delimiter
    }
    return only
  }

  #nextLineOf(delimiter: Uint8Array, from: number): number {
    let start = from
    for (;;) {
      start = this.#buffer.indexOf(delimiter, start)
      if (start === -1 || this.#isLineStart(start)) return start
      start++
    }
  }

  #nextDashLine(from: number): number {
    if (this.#source[from] === DASH && this.#source[from + 1] === DASH && this.#isLineStart(from)) return from
    const lf = this.#indexOf(LF_DASHES, Math.max(from - 1, 0))
    if (this.#nextCrDashes < from - 1) this.#nextCrDashes = this.#indexOf(CR_DASHES, Math.max(from - 1, 0))
    const next = Math.min(lf, this.#nextCrDashes)
    return next >= this.#source.length ? -1 : next + 1
  }

  #isLineStart(position: number): boolean {
    const before = position === 0 ? LF : this.#source[position - 1]
    return before === LF || before === CR
  }

  #indexOf(needle: Uint8Array, from: number): number {
    const index = this.#buffer.indexOf(needle, from)
    return index === -1 ? this.#source.length : index
  }

  /** The delimiter that the line at `start` is, of the innermost multipart that it fits. */
  #matchLine(start: number): Delimiter | undefined {
    for (let level = this.#open.length - 1; level >= 0; level--) {
      const { delimiter } = this.#open[level]!
      if (delimiter.length === 0 || !this.#startsWith(delimiter, start)) continue
      let position = start + delimiter.length
      const closes = this.#source[position] === DASH && this.#source[position + 1] === DASH
      if (closes) position += 2
      const next = this.#lineAfterBlanks(position)
      if (next !== -1) return { level, start, next, closes }
    }
    return undefined
  }

  #startsWith(delimiter: Uint8Array, start: number): boolean {
    const source = this.#source
    // From the end: boundaries of one mailer differ there.
    for (let index = delimiter.length - 1; index >= 2; index--) {
      if (source[start + index] !== delimiter[index]) return false
    }
    return true
  }

  /** Offset of the next line where only transport padding is left on this one, else -1: RFC 2046 §5.1.1. */
  #lineAfterBlanks(position: number): number {
    const source = this.#source
    let index = position
    while (source[index] === 0x20 || source[index] === 0x09) index++
    if (index >= source.length) return source.length
    if (source[index] === LF) return index + 1
    if (source[index] !== CR) return -1
    if (source[index + 1] === LF) return index + 2
    return source[index + 1] === CR && source[index + 2] === LF ? index + 3 : index + 1
  }
}

/** Ends a part, and the message in it, and the part that is last in each. */
function endAt(part: SourcePart, end: number): void {
  let inner: SourcePart | undefined = part
  while (inner !== undefined && inner.end > end) {
    inner.end = end
    inner = inner.message ?? inner.parts.at(-1)
  }
}
