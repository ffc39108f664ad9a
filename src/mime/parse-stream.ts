/**
 * Octets that arrive in pieces to a tree of parts: RFC 2046 §5.1, in constant memory.
 *
 * While the message passes by, its structure is found as ./parse.ts finds it, and bodies that somebody takes are passed
 * on. What is kept, the whole message but for the bodies that are too large, is read by ./parse.ts itself at the end:
 * so the tree and the defects are the same, however the message was cut.
 */
import { Buffer } from 'node:buffer'
import { WINDOW_CHARACTERS } from '../codec/base64.ts'
import { asBuffer, newBytes } from '../codec/bytes.ts'
import type { Defect } from '../defect.ts'
import { mimeError } from '../errors.ts'
import { type ContentType, DEFAULT_CONTENT_TYPE } from '../header/content-type.ts'
import { type HeaderSection, parseHeaderSection } from '../header/field.ts'
import { type ByteStream, iteratorOf } from './byte-stream.ts'
import {
  beforeDelimiter,
  beforeLineBreak,
  type Delimiter,
  delimiterOf,
  MAX_DELIMITER_LINE,
  MAX_LINE_BREAK,
  OpenContainers,
} from './delimiter.ts'
import { type Limits, resolveLimits } from './limits.ts'
import {
  defaultTypeIn,
  headerLimits,
  isMessageType,
  OPAQUE_CONTENT_TYPE,
  type ParsedMime,
  parseMime,
  startOfMessage,
  typeOf,
} from './parse.ts'
import { type MimePart, SourcePart, type StreamedBody, walk } from './part.ts'
import { type BodyDecoder, createBodyDecoder, isIdentityEncoding } from './transfer-encoding.ts'

/** Takes the decoded octets of a body as they arrive; the next piece waits until the promise is resolved. */
export interface BodySink {
  write(octets: Uint8Array): Promise<void>
  end(): Promise<void>
  /** The rest will not come. Resolved when whoever took the octets is done with that. */
  fail(error: unknown): Promise<void>
}

/** Where a part stands. */
export interface PartPlace {
  /** Index among the parts of its multipart; 0 for the message itself. */
  readonly index: number
  /** Subtype of its multipart; `mixed` for the message itself. */
  readonly multipart: string
}

/** Reads as a stream. */
export interface ParseMimeStreamOptions {
  readonly limits?: Partial<Limits> | undefined
  /**
   * Asked for every leaf of the message itself, and for every message inside it as a whole, when its header is known;
   * for what such a message holds, where nobody takes the whole.
   *
   * @param part has its header and an empty body
   * @returns what takes its body, or undefined to keep it
   */
  readonly onBody: (part: MimePart, place: PartPlace) => BodySink | undefined
}

/** A tree, what was wrong with its structure, and how large the message was. */
export interface ParsedMimeStream extends ParsedMime {
  /** Octets. */
  readonly size: number
}

/**
 * Octets that are gathered before they are looked at: small pieces must not cost a search each. Of large ones no more is
 * looked at in one go than is decoded in one go: the memory for it stays in the processor's cache.
 */
const GATHERED_OCTETS: number = WINDOW_CHARACTERS

/** Octets of a body that was passed on which are kept all the same: small attachments stay whole in the tree. */
const KEPT_OCTETS = 65_536

/** Octets kept of all bodies together; after it only the first octets of each. */
const KEPT_OCTETS_IN_ALL = 8 * 1024 * 1024
const KEPT_OCTETS_AT_LEAST = 1024

/**
 * Parses a message that arrives in pieces.
 *
 * @throws {MimeError} LIMIT_OCTETS, OPTION_INVALID; whatever the source or a sink throws
 */
export async function parseMimeStream(source: ByteStream, options: ParseMimeStreamOptions): Promise<ParsedMimeStream> {
  return new StreamReader(source, options).read()
}

/** A container of the structure, as far as reading on needs it. */
interface OpenPart {
  readonly contentType: ContentType
  children: number
  /** Set on the message that is passed on as a whole. */
  readonly passing: Passing | undefined
}

/** A body that is not kept for its size, with whoever takes it. */
interface Passing {
  /** Number of the part in reading order; -1 for octets that are no part's body. */
  readonly ordinal: number
  /** Undefined for a part of a message that is passed on as a whole. */
  readonly taker: { readonly sink: BodySink; readonly decoder: BodyDecoder } | undefined
  readonly defects: Defect[]
  /** Octets that may be kept; less than 0 where it took more to end a line. */
  allowance: number
  /** True once the rest is not kept. */
  isCut: boolean
  isPartial: boolean
  /** Octets that were passed on decoded. */
  octets: number
}

const NO_OCTETS: Uint8Array = new Uint8Array(0)
const LF = 0x0a
const CR = 0x0d

class StreamReader {
  readonly #source: AsyncIterator<Uint8Array>
  readonly #limits: Limits
  readonly #onBody: ParseMimeStreamOptions['onBody']
  readonly #open = new OpenContainers<OpenPart>()
  readonly #kept = new Kept()
  /** Those who wait for the rest of a body. */
  readonly #sinks = new Set<BodySink>()
  readonly #streamed = new Map<number, StreamedBody>()
  /** Where the window lies; whatever leaves it is copied. */
  #memory: Buffer = asBuffer(newBytes(2 * GATHERED_OCTETS))
  /** What has arrived and is not settled yet starts at `#position`; a line break before it is there as well. */
  #window: Buffer = this.#memory.subarray(0, 0)
  #position = 0
  /** What the source gave and the window had no room for. */
  #piece: Uint8Array = NO_OCTETS
  #size = 0
  #isEnded = false
  #ordinal = 0
  #messages = 0
  /** Fields that may still be read. */
  #fieldsLeft: number
  /** Octets of bodies that may still be kept. */
  #allowance = KEPT_OCTETS_IN_ALL
  /** The message inside the message that is passed on as a whole. */
  #message: Passing | undefined
  #heldLineBreak: Uint8Array = NO_OCTETS
  readonly #isDelimiter = (start: number): boolean => this.#open.matchLine(this.#window, start) !== undefined

  constructor(source: ByteStream, options: ParseMimeStreamOptions) {
    this.#limits = resolveLimits(options.limits)
    this.#fieldsLeft = this.#limits.allFields
    this.#onBody = options.onBody
    this.#source = iteratorOf(source)
  }

  async read(): Promise<ParsedMimeStream> {
    try {
      await this.#readMessage()
    } catch (error) {
      await Promise.all([this.#closeSource(), ...[...this.#sinks].map(sink => sink.fail(error))])
      throw error
    }
    const kept = this.#kept.octets()
    const { root, defects } = parseMime(kept, { limits: { ...this.#limits, maxOctets: Number.POSITIVE_INFINITY } })
    const locate = this.#kept.locator()
    let ordinal = 0
    for (const part of walk(root)) {
      if (!(part instanceof SourcePart)) continue
      part.streamed = this.#streamed.get(ordinal++)
      if (locate === undefined) continue
      part.locate = locate
      part.fields = part.fields.map(field => ({ ...field, offset: locate(field.offset), end: locate(field.end) }))
    }
    const located =
      locate === undefined ? defects : defects.map(defect => ({ ...defect, offset: locate(defect.offset) }))
    return { root, defects: located, size: this.#size }
  }

  /** Whoever gives the octets may hold a file open. That it fails to close is not what went wrong. */
  async #closeSource(): Promise<void> {
    if (this.#isEnded) return
    try {
      await this.#source.return?.()
    } catch {}
  }

  async #readMessage(): Promise<void> {
    await this.#gather()
    const start = startOfMessage(this.#window)
    this.#kept.add(this.#window.subarray(0, start))
    this.#position = start
    let delimiter = await this.#readPart(DEFAULT_CONTENT_TYPE, { index: 0, multipart: 'mixed' })
    while (delimiter !== undefined) {
      if (delimiter.closes) {
        delimiter = await this.#readBody(this.#unclaimed(-1))
        continue
      }
      const multipart = this.#open.at(delimiter.level)!.part
      const place = {
        index: multipart.children++,
        multipart: multipart.contentType.mediaType.slice('multipart/'.length),
      }
      if (this.#ordinal >= this.#limits.parts) {
        await this.#readRest(place)
        return
      }
      delimiter = await this.#readPart(defaultTypeIn(multipart.contentType), place)
    }
  }

  /** Reads a part up to the delimiter after it, or after the first of what it holds. */
  async #readPart(defaultType: ContentType, place: PartPlace): Promise<Delimiter | undefined> {
    const ordinal = this.#ordinal++
    const section = await this.#readHeader()
    const type = typeOf(section.fields, defaultType)
    this.#fieldsLeft -= section.fields.length + type.parameters.size
    const part = new SourcePart(NO_OCTETS, section.fields, type, 0, 0)
    const isRoom = this.#open.length < this.#limits.depth
    if (type.mediaType.startsWith('multipart/')) {
      const delimiter = delimiterOf(type.parameters.get('boundary'))
      if (delimiter !== undefined && isRoom) {
        this.#open.openMultipart({ contentType: type, children: 0, passing: undefined }, delimiter)
        return this.#readBody(undefined)
      }
      part.isOpaque = delimiter !== undefined
    }
    const passing = this.#message === undefined ? this.#pass(part, place, ordinal) : this.#unclaimed(ordinal)
    const isMessage = isMessageType(type) && isIdentityEncoding(part.transferEncoding)
    if (isMessage && this.#messages < this.#limits.rfc822Depth && isRoom) {
      const isOutermost = this.#message === undefined
      if (isOutermost) this.#message = passing
      this.#messages++
      this.#open.openMessage({ contentType: type, children: 0, passing: isOutermost ? passing : undefined })
      return this.#readPart(DEFAULT_CONTENT_TYPE, { index: 0, multipart: 'mixed' })
    }
    return this.#readBody(passing)
  }

  async #readHeader(): Promise<HeaderSection> {
    for (;;) {
      const { length } = this.#window
      const limits = headerLimits(this.#limits, this.#fieldsLeft)
      const section = parseHeaderSection(this.#window, this.#position, length, limits, this.#isDelimiter, ignore)
      if (this.#isEnded || (section.isEnded && this.#isSettled(section.bodyStart))) {
        await this.#consume(section.bodyStart - this.#position, undefined, 'structure')
        return section
      }
      await this.#gather()
    }
  }

  /** Reads a body up to the next delimiter; undefined where the message ends with it. */
  async #readBody(passing: Passing | undefined): Promise<Delimiter | undefined> {
    for (;;) {
      const found = this.#open.find(this.#window, this.#position)
      if (found !== undefined && (this.#isEnded || this.#isSettled(found.start))) {
        const lineBreak = beforeDelimiter(this.#window, found)
        // The delimiter has a line break of its own; else the one that is held back is its.
        if (lineBreak >= this.#position) await this.#releaseLineBreak()
        await this.#consume(lineBreak - this.#position, passing)
        await this.#finish(passing)
        while (this.#open.length > found.level + 1) await this.#close(found.start - lineBreak)
        if (found.closes) this.#open.close()
        await this.#consume(found.next - this.#position, undefined, 'structure')
        return found
      }
      if (this.#isEnded) break
      // The line break before a delimiter belongs to it.
      const settled = this.#window.length - MAX_DELIMITER_LINE - MAX_LINE_BREAK
      if (settled > this.#position) await this.#consume(settled - this.#position, passing)
      await this.#gather()
    }
    await this.#consume(this.#window.length - this.#position, passing)
    await this.#finish(passing)
    await this.#releaseLineBreak()
    while (this.#open.length > 0) await this.#close()
    return undefined
  }

  /** Reads all that is left as one part: LIMIT_PARTS. */
  async #readRest(place: PartPlace): Promise<void> {
    const part = new SourcePart(NO_OCTETS, [], OPAQUE_CONTENT_TYPE, 0, 0)
    part.isOpaque = true
    const ordinal = this.#ordinal++
    const passing = this.#message === undefined ? this.#pass(part, place, ordinal) : this.#unclaimed(ordinal)
    for (;;) {
      await this.#consume(this.#window.length - this.#position, passing)
      if (this.#isEnded) break
      await this.#gather()
    }
    await this.#finish(passing)
    await this.#releaseLineBreak()
    while (this.#open.length > 0) await this.#close()
  }

  /** True where nothing that is still to come can change what was found at the index. */
  #isSettled(index: number): boolean {
    return index + MAX_DELIMITER_LINE <= this.#window.length
  }

  /**
   * Closes the innermost container; the message that is passed on ends with it.
   *
   * @param breakOctets of the line break that belongs to the delimiter
   */
  async #close(breakOctets = 0): Promise<void> {
    const { part, delimiter } = this.#open.close()!
    if (delimiter.length > 0) return
    this.#messages--
    if (part.passing === undefined) return
    this.#message = undefined
    const held = this.#heldLineBreak
    this.#heldLineBreak = NO_OCTETS
    if (held.length > breakOctets) await this.#give(part.passing, held.subarray(0, held.length - breakOctets))
    await this.#finish(part.passing)
  }

  /** A body for whoever takes it; undefined where nobody does, and it is kept. */
  #pass(part: SourcePart, place: PartPlace, ordinal: number): Passing | undefined {
    const sink = this.#onBody(part, place)
    if (sink === undefined) return undefined
    const passing = this.#unclaimed(ordinal)
    const decoder = createBodyDecoder(part.transferEncoding, (code, offset, detail) => {
      passing.defects.push({ code, offset, detail })
    })
    this.#sinks.add(sink)
    return { ...passing, taker: { sink, decoder } }
  }

  /** A body that nobody takes by itself. */
  #unclaimed(ordinal: number): Passing {
    const allowance = Math.max(Math.min(KEPT_OCTETS, this.#allowance), KEPT_OCTETS_AT_LEAST)
    return { ordinal, taker: undefined, defects: [], allowance, isCut: false, isPartial: false, octets: 0 }
  }

  /** Settles the next octets of the window: they are kept, or passed on. */
  async #consume(
    length: number,
    passing: Passing | undefined,
    what: 'structure' | 'content' = 'content',
  ): Promise<void> {
    if (length <= 0) return
    const octets = this.#window.subarray(this.#position, this.#position + length)
    this.#position += length
    if (passing === undefined) {
      this.#kept.add(octets)
    } else {
      const kept = keep(passing, octets)
      this.#allowance -= kept
      this.#kept.add(octets.subarray(0, kept))
      this.#kept.skip(length - kept)
      if (kept < length) {
        passing.isPartial = true
        if (this.#message !== undefined) this.#message.isPartial = true
      }
    }
    if (this.#message !== undefined) await this.#giveToMessage(octets, what === 'structure')
    else if (passing?.taker !== undefined) await this.#give(passing, passing.taker.decoder.push(octets))
  }

  /**
   * Passes octets of the message inside the message on. The line break at the end of a header or delimiter line waits
   * for what comes next: where that is the delimiter after the message, it belongs to it.
   */
  async #giveToMessage(octets: Uint8Array, isStructure: boolean): Promise<void> {
    let end = octets.length
    if (isStructure) {
      end = beforeLineBreak(octets, end)
      // The first CR of CRCRLF may belong to it.
      if (octets.length - end === 2 && octets[end - 1] === CR) end--
    }
    await this.#releaseLineBreak()
    await this.#give(this.#message!, new Uint8Array(octets.subarray(0, end)))
    this.#heldLineBreak = new Uint8Array(octets.subarray(end))
  }

  async #releaseLineBreak(): Promise<void> {
    if (this.#message === undefined) return
    const held = this.#heldLineBreak
    this.#heldLineBreak = NO_OCTETS
    await this.#give(this.#message, held)
  }

  async #give(passing: Passing, decoded: Uint8Array): Promise<void> {
    passing.octets += decoded.length
    if (decoded.length > 0) await passing.taker!.sink.write(decoded)
  }

  /** Ends a body. */
  async #finish(passing: Passing | undefined): Promise<void> {
    if (passing === undefined || passing === this.#message) return
    if (passing.taker !== undefined) {
      await this.#give(passing, passing.taker.decoder.end())
      this.#sinks.delete(passing.taker.sink)
      await passing.taker.sink.end()
    }
    const { ordinal, taker, defects, isPartial, octets } = passing
    if (taker === undefined && !isPartial) return
    this.#streamed.set(ordinal, { octets: taker === undefined ? undefined : octets, isPartial, defects })
  }

  /**
   * Waits for more octets, at least as many as are waiting to be settled: what needs a long window must not be looked at
   * again for each piece.
   */
  async #gather(): Promise<void> {
    const start = Math.max(this.#position - MAX_LINE_BREAK, 0)
    const rest = this.#window.length - start
    const wanted = rest + Math.max(GATHERED_OCTETS, rest)
    if (wanted > this.#memory.length) this.#memory = asBuffer(newBytes(2 * wanted))
    this.#memory.set(this.#window.subarray(start), 0)
    let end = rest
    while (end < wanted && (this.#piece.length > 0 || (await this.#nextPiece()))) {
      const piece = this.#piece
      const taken = Math.min(piece.length, wanted - end)
      this.#memory.set(taken === piece.length ? piece : piece.subarray(0, taken), end)
      this.#piece = taken === piece.length ? NO_OCTETS : piece.subarray(taken)
      end += taken
    }
    this.#window = this.#memory.subarray(0, end)
    this.#position -= start
  }

  /** Asks the source for octets; false where it has no more. */
  async #nextPiece(): Promise<boolean> {
    const wasEnded = this.#isEnded
    // A source that fails has closed itself.
    this.#isEnded = true
    const next = wasEnded ? undefined : await this.#source.next()
    if (next === undefined || next.done === true) return false
    this.#isEnded = false
    const piece: unknown = next.value
    if (!(piece instanceof Uint8Array)) throw mimeError('TYPE_INVALID', '', 'the source must give octets')
    this.#size += piece.length
    if (this.#size > this.#limits.maxOctets) {
      throw mimeError('LIMIT_OCTETS', '', `the source has more than ${this.#limits.maxOctets} octets`)
    }
    this.#piece = piece
    return true
  }
}

function ignore(): void {}

/**
 * How many of these octets are kept; the others, and all to come, are not.
 *
 * The cut is after a line break, or in a line too long for a delimiter: of another line, half might look like one, and
 * the parts would not be the same when what was kept is read.
 */
function keep(passing: Passing, octets: Uint8Array): number {
  if (passing.isCut) return 0
  const { allowance } = passing
  const most = Math.min(octets.length, allowance + MAX_DELIMITER_LINE)
  let end = Math.max(Math.min(octets.length, allowance), 0)
  while (end < most && octets[end] !== LF && octets[end] !== CR) end++
  passing.isCut = end < octets.length
  if (end < most) end++
  passing.allowance -= end
  return end
}

/** What is kept of a message, and where something is missing in it. */
class Kept {
  readonly #pieces: Uint8Array[] = []
  readonly #gaps: { readonly at: number; before: number }[] = []
  #length = 0
  #skipped = 0

  add(octets: Uint8Array): void {
    // A copy: a view would keep the whole window alive.
    this.#pieces.push(new Uint8Array(octets))
    this.#length += octets.length
  }

  skip(octets: number): void {
    if (octets === 0) return
    this.#skipped += octets
    const last = this.#gaps.at(-1)
    if (last?.at === this.#length) last.before = this.#skipped
    else this.#gaps.push({ at: this.#length, before: this.#skipped })
  }

  octets(): Uint8Array {
    return Buffer.concat(this.#pieces)
  }

  /** From an offset in what was kept to the one in the message; undefined where nothing is missing. */
  locator(): ((offset: number) => number) | undefined {
    const gaps = this.#gaps
    if (gaps.length === 0) return undefined
    return offset => {
      let low = 0
      let high = gaps.length
      while (low < high) {
        const middle = (low + high) >> 1
        if (gaps[middle]!.at <= offset) low = middle + 1
        else high = middle
      }
      return low === 0 ? offset : offset + gaps[low - 1]!.before
    }
  }
}
