/**
 * MimePart: the node of a message that was read. RFC 2045, RFC 2046.
 *
 * Everything is a view into the source; nothing is decoded before it is asked for. What a writer takes is
 * `OutgoingPart` in ./write.ts; reading octets into parts is in ./parse.ts.
 */
import { charsetOfHtml, decodeCharset, saysNothing } from '../codec/charset.ts'
import type { Defect, OnDefect } from '../defect.ts'
import { type ContentDisposition, parseContentDisposition } from '../header/content-disposition.ts'
import type { ContentType } from '../header/content-type.ts'
import { firstValue, type HeaderField } from '../header/field.ts'
import { trimWsp } from '../header/token.ts'
import { decodeTransferEncoding, isKnownEncoding } from './transfer-encoding.ts'

/** A part of a message, the message itself included. */
export interface MimePart {
  /** The fields of its header section, in order, with their raw values. */
  readonly fields: readonly HeaderField[]
  /** What it says it is, or the default of its place: RFC 2045 §5.2, RFC 2046 §5.1.5. */
  readonly contentType: ContentType
  /** What it says where it belongs; undefined where it does not say. */
  readonly disposition: ContentDisposition | undefined
  /** Content-Transfer-Encoding, lower-case; `''` where it does not say, which means 7bit. */
  readonly transferEncoding: string
  /** Octets from the start of the source to its header section. */
  readonly offset: number
  /** Octets from the start of the source to its body. */
  readonly bodyOffset: number
  /** Octets from the start of the source to its end; the line break before a delimiter is not part of it. */
  readonly end: number
  /** Header and body as they were on the wire: a view, exact for signatures. */
  readonly octets: Uint8Array
  /** The body, still encoded: a view. */
  readonly body: Uint8Array
  /** Children of a multipart, in order. */
  readonly parts: readonly MimePart[]
  /** True for a multipart whose delimiters were found; any other part is a leaf, whatever its type says. */
  readonly isDivided: boolean
  /** True for a part that a limit kept from being taken apart. */
  readonly isOpaque: boolean
  /** The message inside a message/rfc822 or message/global part that is not encoded. */
  readonly message: MimePart | undefined
  /** What a reader of streams knows of a body that it passed on; undefined where the body is all here. */
  readonly streamed: StreamedBody | undefined
  /**
   * The decoded body. Each call decodes anew; an identity encoding gives a view, any other a new allocation.
   *
   * @param onDefect called with offsets in octets from the start of the source
   */
  content(onDefect?: OnDefect): Uint8Array
  /**
   * The decoded body as text by its charset, line breaks as LF. Each call decodes anew.
   *
   * @param onDefect called with offsets in octets from the start of the source
   */
  text(onDefect?: OnDefect): string
}

/** The part and all below it, messages inside it included, each before what it holds. */
export function* walk(part: MimePart): Generator<MimePart, void, undefined> {
  const waiting: MimePart[] = [part]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield next
    if (next.message !== undefined) waiting.push(next.message)
    for (const child of next.parts.toReversed()) waiting.push(child)
  }
}

/** What became of a body that ./parse-stream.ts passed on. */
export interface StreamedBody {
  /** Octets of the decoded body; undefined of a body inside a message that was passed on as a whole. */
  readonly octets: number | undefined
  /** True where only the first octets of the body were kept: `body`, `content()` and `text()` end there. */
  readonly isPartial: boolean
  /** What was wrong with it; offsets count from the start of the encoded body. */
  readonly defects: readonly Defect[]
}

/** Parameters of a Content-Disposition that are not read anew each time: RFC 2183 §2 has six. */
const KEPT_PARAMETERS = 10

/** The part that ./parse.ts builds: its end and its children are set while the reader goes on. */
export class SourcePart implements MimePart {
  readonly parts: SourcePart[] = []
  isDivided = false
  isOpaque = false
  message: SourcePart | undefined = undefined
  fields: readonly HeaderField[]
  readonly contentType: ContentType
  streamed: StreamedBody | undefined = undefined
  /** Where an offset in `source` was in the message, where `source` is only what was kept of it. */
  locate: ((offset: number) => number) | undefined = undefined
  /** Offsets in `source`. */
  start: number
  bodyStart: number
  stop: number
  readonly #source: Uint8Array
  /** null where there is none; undefined until it is asked for. */
  #disposition: ContentDisposition | null | undefined
  #transferEncoding: string | undefined

  constructor(
    source: Uint8Array,
    fields: readonly HeaderField[],
    contentType: ContentType,
    start: number,
    bodyStart: number,
  ) {
    this.#source = source
    this.fields = fields
    this.contentType = contentType
    this.start = start
    this.bodyStart = bodyStart
    this.stop = source.length
  }

  get offset(): number {
    return this.#located(this.start)
  }

  get bodyOffset(): number {
    return this.#located(this.bodyStart)
  }

  get end(): number {
    return this.#located(this.stop)
  }

  get disposition(): ContentDisposition | undefined {
    if (this.#disposition !== undefined) return this.#disposition ?? undefined
    const value = firstValue(this.fields, 'content-disposition')
    const disposition = value === undefined ? undefined : parseContentDisposition(value)
    // Many parameters are a hostile message's; kept, they take twenty times the octets that they have there.
    if (disposition === undefined || disposition.parameters.size <= KEPT_PARAMETERS) {
      this.#disposition = disposition ?? null
    }
    return disposition
  }

  get transferEncoding(): string {
    if (this.#transferEncoding === undefined) {
      const value = firstValue(this.fields, 'content-transfer-encoding')
      this.#transferEncoding = value === undefined ? '' : cleanEncoding(value)
    }
    return this.#transferEncoding
  }

  get octets(): Uint8Array {
    return this.#source.subarray(this.start, this.stop)
  }

  get body(): Uint8Array {
    return this.#source.subarray(this.bodyStart, this.stop)
  }

  content(onDefect?: OnDefect): Uint8Array {
    const onBodyDefect = this.#fromBody(onDefect)
    if (this.streamed === undefined) return decodeTransferEncoding(this.body, this.transferEncoding, onBodyDefect)
    for (const { code, offset, detail } of this.streamed.defects) onBodyDefect?.(code, offset, detail)
    return decodeTransferEncoding(this.body, this.transferEncoding)
  }

  text(onDefect?: OnDefect): string {
    return decodeText(this.content(onDefect), this.contentType, this.#fromBody(onDefect))
  }

  /** Offsets of decoders count from the body; those of defects from the message. */
  #fromBody(onDefect: OnDefect | undefined): OnDefect | undefined {
    return onDefect && ((code, offset, detail) => onDefect(code, this.bodyOffset + offset, detail))
  }

  #located(offset: number): number {
    return this.locate === undefined ? offset : this.locate(offset)
  }
}

/** Octets as text by the charset of their type, line breaks as LF. */
export function decodeText(octets: Uint8Array, { mediaType, parameters }: ContentType, onDefect?: OnDefect): string {
  let charset = parameters.get('charset')
  if (mediaType === 'text/html' && saysNothing(charset)) charset = charsetOfHtml(octets) ?? charset
  return normaliseLineBreaks(decodeCharset(octets, charset, 'body', onDefect))
}

/** QUIRK: `"base64"`, `base64;` and comments on either side are written for the plain token. */
function cleanEncoding(value: string): string {
  if (isKnownEncoding(value)) return value
  const bare = value.includes('(') ? value.replace(/\([^()]*\)?/g, ' ') : value
  return /^["']?([^\s;"']*)/.exec(trimWsp(bare))![1]!.toLowerCase()
}

const CR = 0x0d

/** Characters of a text in which line breaks are replaced at once. */
const BLOCK_LENGTH = 65_536

/** In blocks, and taken apart: V8 makes a string of 32 octets for each match of a replacement, and keeps all of them. */
function normaliseLineBreaks(text: string): string {
  if (!text.includes('\r')) return text
  const blocks: string[] = []
  for (let start = 0, end = 0; start < text.length; start = end) {
    end = start + BLOCK_LENGTH
    // No line break is cut in two.
    if (text.charCodeAt(end - 1) === CR) end += /^\r{0,2}\n/.exec(text.slice(end, end + 3))?.[0].length ?? 0
    blocks.push(withLf(text.slice(start, end)))
  }
  return blocks.join('')
}

function withLf(text: string): string {
  // CRCRLF, which some gateways make of CRLF, is one line break.
  const lines = (text.includes('\r\r\n') ? text.split('\r\r\n').join('\n') : text).split('\r\n').join('\n')
  return lines.includes('\r') ? lines.split('\r').join('\n') : lines
}
