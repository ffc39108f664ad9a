/**
 * Delimiter lines of all open multiparts: RFC 2046 §5.1.1.
 *
 * Used by ./parse.ts on a whole message and by ./parse-stream.ts on a window of one.
 */
import type { Buffer } from 'node:buffer'
import { utf8Bytes } from '../codec/bytes.ts'

/** Longest boundary that is looked for, in octets: RFC 2046 allows 70, a line has 998. */
const MAX_BOUNDARY_LENGTH = 900

/** Blanks after a delimiter that count as transport padding, at most. */
const MAX_PADDING = 1000

/** Octets from the start of a delimiter line within which its end is, or it is none. */
export const MAX_DELIMITER_LINE: number = 2 + MAX_BOUNDARY_LENGTH + 2 + MAX_PADDING + 3

/** A delimiter line that was found. */
export interface Delimiter {
  /** Index of the container it belongs to. */
  readonly level: number
  /** Offset of its first "-". */
  readonly start: number
  /** Offset of the line after it. */
  readonly next: number
  readonly closes: boolean
}

/** What holds the parts to come: a multipart whose close-delimiter is still open, or a message inside a message. */
export interface Container<Part> {
  readonly part: Part
  /** Octets of `"--" boundary`; none for a message. */
  readonly delimiter: Uint8Array
  /** What this delimiter and those of all containers around it begin with; undefined where none of these has one. */
  readonly prefix: Uint8Array | undefined
}

const LF = 0x0a
const CR = 0x0d
const DASH = 0x2d
/** What nearly no line begins with, in octets: most mailers number their boundaries, or end them in random. */
const RARE_PREFIX_LENGTH = 8
const LF_DASHES = utf8Bytes('\n--')
const CR_DASHES = utf8Bytes('\r--')
const NONE = new Uint8Array(0)

/** The octets of the delimiter for a boundary parameter, or undefined where there can be none. */
export function delimiterOf(boundary: string | undefined): Uint8Array | undefined {
  // Blanks at the end get lost on the way, and RFC 2046 forbids them.
  const trimmed = boundary?.trimEnd() ?? ''
  const delimiter = utf8Bytes(`--${trimmed}`)
  return trimmed === '' || delimiter.length > MAX_BOUNDARY_LENGTH + 2 ? undefined : delimiter
}

/** The stack of open containers, outermost first, and the search for the next line that closes or continues one. */
export class OpenContainers<Part> {
  readonly #stack: Container<Part>[] = []
  #source: Buffer | undefined
  /** Where "\n--" occurs next in the source; its length where it does not. */
  #nextLfDashes = -1
  /** Where "\r--" occurs next before that, or the same. */
  #nextCrDashes = -1

  get length(): number {
    return this.#stack.length
  }

  at(level: number): Container<Part> | undefined {
    return this.#stack[level]
  }

  openMultipart(part: Part, delimiter: Uint8Array): void {
    const prefix = this.#stack.at(-1)?.prefix
    this.#stack.push({ part, delimiter, prefix: prefix === undefined ? delimiter : commonPrefix(prefix, delimiter) })
  }

  openMessage(part: Part): void {
    this.#stack.push({ part, delimiter: NONE, prefix: this.#stack.at(-1)?.prefix })
  }

  /** Closes the innermost container. */
  close(): Container<Part> | undefined {
    return this.#stack.pop()
  }

  /** The first delimiter line at or after `from` of any open multipart. */
  find(source: Buffer, from: number): Delimiter | undefined {
    if (source !== this.#source) {
      this.#source = source
      this.#nextLfDashes = -1
      this.#nextCrDashes = -1
    }
    // A search for most of a delimiter is four times as fast as one for "--".
    const prefix = this.#stack.at(-1)?.prefix
    const isRare = prefix !== undefined && (prefix.length >= RARE_PREFIX_LENGTH || this.#stack.length === 1)
    let position = from
    for (;;) {
      const start = isRare ? nextLineOf(source, prefix, position) : this.#nextDashLine(source, position)
      if (start === -1) return undefined
      const delimiter = this.matchLine(source, start)
      if (delimiter !== undefined) return delimiter
      position = start + 1
    }
  }

  /** The delimiter that the line at `start` is, of the innermost multipart that it fits. */
  matchLine(source: Uint8Array, start: number): Delimiter | undefined {
    for (let level = this.#stack.length - 1; level >= 0; level--) {
      const { delimiter } = this.#stack[level]!
      if (delimiter.length === 0 || !startsWith(source, delimiter, start)) continue
      let position = start + delimiter.length
      const closes = source[position] === DASH && source[position + 1] === DASH
      if (closes) position += 2
      const next = lineAfterPadding(source, position)
      if (next !== -1) return { level, start, next, closes }
    }
    return undefined
  }

  #nextDashLine(source: Buffer, from: number): number {
    if (source[from] === DASH && source[from + 1] === DASH && isLineStart(source, from)) return from
    const before = Math.max(from - 1, 0)
    // What was found is kept, and no search goes beyond it: else hostile input would be searched over and over.
    if (this.#nextLfDashes < before) this.#nextLfDashes = indexOrEnd(source, LF_DASHES, before)
    if (this.#nextCrDashes < before) {
      this.#nextCrDashes = before + indexOrEnd(source.subarray(before, this.#nextLfDashes), CR_DASHES, 0)
    }
    return this.#nextCrDashes >= source.length ? -1 : this.#nextCrDashes + 1
  }
}

/** What both begin with. */
function commonPrefix(one: Uint8Array, other: Uint8Array): Uint8Array {
  let length = 0
  while (length < one.length && one[length] === other[length]) length++
  return other.subarray(0, length)
}

/** Longest line break in octets: the CRCRLF that some gateways make of CRLF. */
export const MAX_LINE_BREAK = 3

/**
 * Offset of the line break before a delimiter, which belongs to it: RFC 2046 §5.1.1.
 *
 * CRCRLF is one where the line of the delimiter ends in it too; else the first CR is the last octet of a binary part.
 */
export function beforeDelimiter(source: Uint8Array, { start, next }: Delimiter): number {
  const end = beforeLineBreak(source, start)
  return isDoubled(source, start) && isDoubled(source, next) ? end - 1 : end
}

/** True where CRCRLF stands before the offset. */
function isDoubled(source: Uint8Array, offset: number): boolean {
  return source[offset - 1] === LF && source[offset - 2] === CR && source[offset - 3] === CR
}

/** Offset of the line break before `lineStart`. */
export function beforeLineBreak(source: Uint8Array, lineStart: number): number {
  const before = source[lineStart - 1]
  if (before === CR) return lineStart - 1
  if (before === LF) return source[lineStart - 2] === CR ? lineStart - 2 : lineStart - 1
  return lineStart
}

function nextLineOf(source: Buffer, delimiter: Uint8Array, from: number): number {
  let start = source.indexOf(delimiter, from)
  while (start !== -1 && !isLineStart(source, start)) start = source.indexOf(delimiter, start + 1)
  return start
}

function isLineStart(source: Uint8Array, position: number): boolean {
  const before = position === 0 ? LF : source[position - 1]
  return before === LF || before === CR
}

function indexOrEnd(source: Buffer, needle: Uint8Array, from: number): number {
  const index = source.indexOf(needle, from)
  return index === -1 ? source.length : index
}

function startsWith(source: Uint8Array, delimiter: Uint8Array, start: number): boolean {
  // From the end: boundaries of one mailer differ there.
  for (let index = delimiter.length - 1; index >= 0; index--) {
    if (source[start + index] !== delimiter[index]) return false
  }
  return true
}

/** Offset of the next line where only transport padding is left on this one, else -1. */
function lineAfterPadding(source: Uint8Array, position: number): number {
  const limit = position + MAX_PADDING
  let index = position
  while (index < limit && (source[index] === 0x20 || source[index] === 0x09)) index++
  if (index >= source.length) return source.length
  if (source[index] === LF) return index + 1
  if (source[index] !== CR) return -1
  if (source[index + 1] === LF) return index + 2
  return source[index + 1] === CR && source[index + 2] === LF ? index + 3 : index + 1
}
