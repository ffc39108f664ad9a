/**
 * Octets to a tree of parts, in one pass: RFC 2045, RFC 2046 §5.1.
 *
 * The pass finds header ends and the delimiter lines of every open multipart at once; bodies are views. Any open
 * ancestor's delimiter ends a part. Meaning (which part is the text, which an attachment) is in ../message/extract.ts.
 */
import type { Buffer } from 'node:buffer'
import { asBuffer, asPlainBytes } from '../codec/bytes.ts'
import { collectDefects, type Defect, type OnDefect } from '../defect.ts'
import { mimeError } from '../errors.ts'
import {
  type ContentType,
  DEFAULT_CONTENT_TYPE,
  DIGEST_CONTENT_TYPE,
  parseContentType,
} from '../header/content-type.ts'
import { firstValue, type HeaderField, type HeaderLimits, parseHeaderSection } from '../header/field.ts'
import { beforeDelimiter, type Delimiter, delimiterOf, OpenContainers } from './delimiter.ts'
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
  const reader = new Reader(asPlainBytes(source), limits, collectDefects(defects, limits.defects))
  return { root: reader.read(), defects }
}

class Reader {
  readonly #source: Uint8Array
  /** The same octets: for native search. */
  readonly #buffer: Buffer
  readonly #limits: Limits
  readonly #onDefect: OnDefect
  readonly #open = new OpenContainers<SourcePart>()
  #parts = 0
  #messages = 0
  /** Fields that may still be read. */
  #fieldsLeft: number
  readonly #isDelimiter = (lineStart: number): boolean => this.#open.matchLine(this.#source, lineStart) !== undefined

  constructor(source: Uint8Array, limits: Limits, onDefect: OnDefect) {
    this.#source = source
    this.#buffer = asBuffer(source)
    this.#limits = limits
    this.#fieldsLeft = limits.allFields
    this.#onDefect = onDefect
  }

  read(): SourcePart {
    const root = this.#readPart(startOfMessage(this.#source), DEFAULT_CONTENT_TYPE)
    let position = innermost(root).bodyStart
    while (this.#open.length > 0) {
      const delimiter = this.#open.find(this.#buffer, position)
      if (delimiter === undefined) break
      this.#closeDownTo(delimiter)
      position = delimiter.next
      if (delimiter.closes) continue
      const multipart = this.#open.at(delimiter.level)!.part
      if (this.#parts >= this.#limits.parts) {
        this.#onDefect('LIMIT_PARTS', position)
        multipart.parts.push(this.#rest(position))
        return root
      }
      const part = this.#readPart(position, defaultTypeIn(multipart.contentType))
      multipart.parts.push(part)
      position = innermost(part).bodyStart
    }
    while (this.#open.length > 0) this.#closeUnfinished(this.#source.length)
    return root
  }

  /** Reads the header of the part at `start`, and of the messages in it; opens what holds further parts. */
  #readPart(start: number, defaultType: ContentType): SourcePart {
    const part = this.#readHeader(start, defaultType)
    let inner = part
    // A loop, since messages may be nested deeper than calls can be.
    while (isMessageType(inner.contentType) && this.#openMessage(inner)) {
      inner.message = this.#readHeader(inner.bodyStart, DEFAULT_CONTENT_TYPE)
      inner = inner.message
    }
    if (inner.contentType.mediaType.startsWith('multipart/')) this.#openMultipart(inner)
    return part
  }

  #readHeader(start: number, defaultType: ContentType): SourcePart {
    this.#parts++
    const { fields, bodyStart } = parseHeaderSection(
      this.#buffer,
      start,
      this.#source.length,
      headerLimits(this.#limits, this.#fieldsLeft),
      this.#isDelimiter,
      this.#onDefect,
    )
    const type = typeOf(fields, defaultType, (code, _, detail) => this.#onDefect(code, start, detail))
    this.#fieldsLeft -= fields.length + type.parameters.size
    return new SourcePart(this.#source, fields, type, start, bodyStart)
  }

  #openMultipart(part: SourcePart): void {
    const delimiter = delimiterOf(part.contentType.parameters.get('boundary'))
    if (delimiter === undefined) {
      this.#onDefect('BOUNDARY_MISSING', part.start)
    } else if (this.#open.length >= this.#limits.depth) {
      this.#onDefect('LIMIT_DEPTH', part.start)
      part.isOpaque = true
    } else {
      if (!isIdentityEncoding(part.transferEncoding)) this.#onDefect('ENCODING_ON_COMPOSITE', part.start)
      this.#open.openMultipart(part, delimiter)
    }
  }

  /** Opens the message inside a part, where it may be read. */
  #openMessage(part: SourcePart): boolean {
    if (!isIdentityEncoding(part.transferEncoding)) {
      // Its octets are one attachment; the message in it can be read from them.
      this.#onDefect('ENCODING_ON_COMPOSITE', part.start)
    } else if (this.#messages >= this.#limits.rfc822Depth) {
      this.#onDefect('LIMIT_RFC822_DEPTH', part.start)
    } else if (this.#open.length >= this.#limits.depth) {
      this.#onDefect('LIMIT_DEPTH', part.start)
    } else {
      this.#messages++
      this.#open.openMessage(part)
      return true
    }
    return false
  }

  /** What is left of the source, as one part. */
  #rest(start: number): SourcePart {
    const part = new SourcePart(this.#source, [], OPAQUE_CONTENT_TYPE, start, start)
    part.isOpaque = true
    return part
  }

  /** Ends the part before the delimiter and all containers inside the delimiter's own. */
  #closeDownTo(delimiter: Delimiter): void {
    const end = beforeDelimiter(this.#source, delimiter)
    while (this.#open.length > delimiter.level + 1) this.#closeUnfinished(end)
    const { part } = this.#open.at(delimiter.level)!
    part.isDivided = true
    const last = part.parts.at(-1)
    if (last !== undefined) endAt(last, end)
    // The epilogue belongs to the multipart: it ends where its own parent's next delimiter starts.
    if (delimiter.closes) this.#open.close()
  }

  #closeUnfinished(end: number): void {
    const { part, delimiter } = this.#open.close()!
    if (delimiter.length === 0) this.#messages--
    else this.#onDefect(part.isDivided ? 'CLOSE_BOUNDARY_MISSING' : 'BOUNDARY_NOT_FOUND', part.start)
    endAt(part, end)
  }
}

/** Limits of the next header section. @param left fields that the message may still have */
export function headerLimits(limits: Limits, left: number): HeaderLimits {
  return left >= limits.fields ? limits : { headerOctets: limits.headerOctets, fields: Math.max(left, 0) }
}

/** What a limit kept from being read. */
export const OPAQUE_CONTENT_TYPE: ContentType = { mediaType: 'application/octet-stream', parameters: new Map() }

/** Where the first field starts: a byte order mark in front of it is no part of its name. */
export function startOfMessage(source: Uint8Array): number {
  return source[0] === 0xef && source[1] === 0xbb && source[2] === 0xbf ? 3 : 0
}

/** The type a part says it is, or the one that its place gives it. */
export function typeOf(fields: readonly HeaderField[], defaultType: ContentType, onDefect?: OnDefect): ContentType {
  const value = firstValue(fields, 'content-type')
  return value === undefined ? defaultType : parseContentType(value, onDefect)
}

/** What a part without Content-Type is: RFC 2046 §5.1.5. */
export function defaultTypeIn(multipart: ContentType): ContentType {
  return multipart.mediaType === 'multipart/digest' ? DIGEST_CONTENT_TYPE : DEFAULT_CONTENT_TYPE
}

/** True for the types whose body is a message: RFC 2046 §5.2.1, RFC 6532 §3.7. */
export function isMessageType({ mediaType }: ContentType): boolean {
  return mediaType === 'message/rfc822' || mediaType === 'message/global'
}

/** The part that the octets after its header belong to. */
function innermost(part: SourcePart): SourcePart {
  let inner = part
  while (inner.message !== undefined) inner = inner.message
  return inner
}

/** Ends a part, and the message in it, and the part that is last in each. */
function endAt(part: SourcePart, end: number): void {
  const stop = Math.max(end, part.start)
  let inner: SourcePart | undefined = part
  while (inner !== undefined && inner.stop > stop) {
    inner.stop = stop
    // An empty body directly before a delimiter shares its line break with the header.
    inner.bodyStart = Math.min(inner.bodyStart, stop)
    inner.start = Math.min(inner.start, stop)
    inner = inner.message ?? inner.parts.at(-1)
  }
}
