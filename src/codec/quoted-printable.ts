/**
 * quoted-printable transfer encoding: RFC 2045 §6.7.
 *
 * Octets to octets. Choosing an encoding is in ../mime/transfer-encoding.ts; the "Q" form of RFC 2047 §4.2 differs and
 * is in ../header/encoded-word.ts.
 *
 * Both directions copy runs of plain text four octets at a time. Whether all four are plain is asked of the 32-bit word
 * that they are: a subtraction sets the high bit of an octet that is too small (Hacker's Delight §6-1). A borrow from
 * the next octet can make this see one that is not there, but never miss one, so a loop over single octets follows.
 */
import { Buffer } from 'node:buffer'
import type { OnDefect } from '../defect.ts'
import { quoteForError } from '../errors.ts'
import { type Bytes, concatBytes, EMPTY, fitted, latin1Text } from './bytes.ts'

/** Longest encoded line in characters, soft break "=" counted, CRLF not: RFC 2045 §6.7(5). */
const MAX_LINE_LENGTH = 76

/** Characters of a line that a soft break still has to follow. */
const MAX_BROKEN_LENGTH: number = MAX_LINE_LENGTH - 1

/** Characters of `=XY`. */
const ESCAPE_LENGTH = 3

/** Columns before the last place where `=XY` leaves room for a soft break. */
const LAST_ESCAPE_COLUMN: number = MAX_BROKEN_LENGTH - ESCAPE_LENGTH

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const HYPHEN = 0x2d
const DOT = 0x2e
const EQUALS = 0x3d
const LETTER_F = 0x46
const CRLF_LITTLE_ENDIAN = 0x0a0d

/**
 * What a line break is in what is to be encoded.
 *
 * - `canonical`: CRLF, LF and CR each; all become CRLF. For text, whose line breaks are CRLF in mail: RFC 2046 §4.1.1.
 * - `exact`: CRLF only. A CR or LF alone is written as `=0D` or `=0A`, and decoding gives back the very same octets.
 */
export type LineBreaks = 'canonical' | 'exact'

/** 1 for octets that may stand for themselves: RFC 2045 §6.7(2), and space and tab within a line, §6.7(3). */
const IS_LITERAL: Uint8Array = /* @__PURE__ */ literalOctets()

function literalOctets(): Uint8Array {
  const isLiteral = new Uint8Array(256).fill(1, SPACE, 0x7f)
  isLiteral[EQUALS] = 0
  isLiteral[TAB] = 1
  return isLiteral
}

/** `=XY` of each octet, with upper-case digits, "=" in the low 8 bits: RFC 2045 §6.7(1). */
const ESCAPES: Int32Array = /* @__PURE__ */ escapes()

function escapes(): Int32Array {
  const digits = '0123456789ABCDEF'
  return Int32Array.from(
    { length: 256 },
    (_, octet) => EQUALS | (digits.charCodeAt(octet >> 4) << 8) | (digits.charCodeAt(octet & 15) << 16),
  )
}

/** Whether one of the four octets may be one that is no literal; the tab counts as none here. */
function mayHaveEscape(word: number): boolean {
  const equals = word ^ 0x3d3d3d3d
  // From left to right: 8-bit; below space; "="; DEL.
  return ((word | (word - 0x20202020) | (equals - 0x01010101) | (word + 0x01010101)) & 0x80808080) !== 0
}

/** Octets of the line break at `index` of what is to be encoded; 0 where there is none. */
function lineBreakOctets(source: Uint8Array, index: number, lineBreaks: LineBreaks): number {
  const octet = source[index]
  if (octet !== CR && octet !== LF) return 0
  if (octet === CR && source[index + 1] === LF) return 2
  return lineBreaks === 'canonical' ? 1 : 0
}

/** Whether a line break or the end of what is to be encoded is at `index`. */
function isLineEnd(source: Uint8Array, index: number, lineBreaks: LineBreaks): boolean {
  return index >= source.length || lineBreakOctets(source, index, lineBreaks) > 0
}

/**
 * Whether the octet is to be encoded because a line begins with it, and something on the way may take it for its own:
 * "-" for a boundary (RFC 2046 §5.1.1), "." for the end of the SMTP data (RFC 5321 §4.5.2), "From " for the next
 * message of an mbox (RFC 4155).
 */
function isUnsafeLineStart(source: Uint8Array, index: number): boolean {
  const octet = source[index]
  if (octet === HYPHEN || octet === DOT) return true
  return octet === LETTER_F && latin1Text(source, index, Math.min(index + 5, source.length)) === 'From '
}

/** Whether the octet is a space or tab, which must not end an encoded line: RFC 2045 §6.7(3). */
function isBlank(octet: number | undefined): boolean {
  return octet === SPACE || octet === TAB
}

/**
 * Whether `=XY` for the octet at `index` may go beyond {@link LAST_ESCAPE_COLUMN}: into the column that is kept for "=",
 * because a line end follows and no soft break has to.
 */
function escapeEndsLine(column: number, source: Uint8Array, index: number, lineBreaks: LineBreaks): boolean {
  return column + ESCAPE_LENGTH === MAX_LINE_LENGTH && isLineEnd(source, index + 1, lineBreaks)
}

/**
 * Length of the encoded form: what {@link encodeQuotedPrintable} writes, in octets.
 *
 * The two loops go hand in hand; a change to one is a change to the other.
 */
export function quotedPrintableLength(source: Uint8Array, lineBreaks: LineBreaks): number {
  const words = new DataView(source.buffer, source.byteOffset, source.byteLength)
  let length = 0 // of the lines before this one, line breaks included
  let column = 0
  let index = 0
  while (index < source.length) {
    if (column === 0 && isUnsafeLineStart(source, index)) {
      column = ESCAPE_LENGTH
      index++
    }

    const runStart = index
    const runLimit = Math.min(index + MAX_BROKEN_LENGTH - column, source.length)
    while (index <= runLimit - 4 && !mayHaveEscape(words.getInt32(index, true))) index += 4
    while (index < runLimit && IS_LITERAL[source[index]!] === 1) index++
    column += index - runStart
    if (index >= source.length) break

    const octet = source[index]!
    const breakOctets = lineBreakOctets(source, index, lineBreaks)
    if (breakOctets > 0) {
      length += endedLineLength(column, source[index - 1]) + 2
      column = 0
      index += breakOctets
    } else if (IS_LITERAL[octet] === 1) {
      if (isLineEnd(source, index + 1, lineBreaks) && !isBlank(octet)) {
        column++
        index++
      } else {
        length += column + 3
        column = 0
      }
    } else {
      do {
        if (column > LAST_ESCAPE_COLUMN && !escapeEndsLine(column, source, index, lineBreaks)) {
          length += column + 3
          column = 0
        }
        column += ESCAPE_LENGTH
        index++
      } while (source[index]! > 0x7f)
    }
  }
  return length + endedLineLength(column, source[source.length - 1])
}

/** Length of a line of `column` characters when no soft break follows, and the last octet must not be a blank. */
function endedLineLength(column: number, lastOctet: number | undefined): number {
  if (column === 0 || !isBlank(lastOctet)) return column
  const withEscape = column - 1 + ESCAPE_LENGTH
  return withEscape <= MAX_LINE_LENGTH ? withEscape : withEscape + 3
}

/** Room that the encoded form of so many octets may take: each as `=XY`, and three octets for a soft break in each line. */
function roomFor(octets: number): number {
  return Math.ceil((octets * ESCAPE_LENGTH * (MAX_BROKEN_LENGTH + 3)) / LAST_ESCAPE_COLUMN) + 8
}

/** Where {@link encodeQuotedPrintableText} works; as large as the largest text needed so far. */
let workspace: Buffer = Buffer.alloc(0)

/**
 * The encoded form of text in UTF-8, its line breaks CRLF: for texts that are short, and few of whose characters are to
 * be encoded. No memory is taken but for the result, and no length is worked out before.
 *
 * @param octets that the text has in UTF-8
 */
export function encodeQuotedPrintableText(text: string, octets: number): string {
  const size = octets + roomFor(octets)
  if (workspace.length < size) workspace = Buffer.allocUnsafeSlow(size)
  workspace.write(text, 0, 'utf8')
  const end = encodeQuotedPrintable(workspace.subarray(0, octets), workspace, octets, 'canonical')
  return workspace.toString('latin1', octets, end)
}

/**
 * Encodes.
 *
 * Lines have at most 76 characters; none ends with a space or tab, and none begins with "-", "." or "From ". No CRLF
 * is added at the end.
 *
 * @param target takes {@link quotedPrintableLength} octets from `offset` on; nothing else of it is written
 * @param offset octets from the start of `target`
 * @returns where the encoded form ends in `target`
 */
export function encodeQuotedPrintable(
  source: Uint8Array,
  target: Uint8Array,
  offset: number,
  lineBreaks: LineBreaks,
): number {
  const words = new DataView(source.buffer, source.byteOffset, source.byteLength)
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength)
  let end = offset
  let lineStart = offset
  const lastIndex = source.length - 1
  let index = 0
  while (index < source.length) {
    if (end === lineStart && isUnsafeLineStart(source, index)) {
      end = writeEscape(view, end, source[index]!)
      index++
    }

    const shift = end - index
    const runLimit = Math.min(lineStart + MAX_BROKEN_LENGTH - shift, source.length)
    for (; index <= runLimit - 4; index += 4) {
      const word = words.getInt32(index, true)
      if (mayHaveEscape(word)) break
      view.setInt32(index + shift, word, true)
    }
    for (; index < runLimit && IS_LITERAL[source[index]!] === 1; index++) target[index + shift] = source[index]!
    end = index + shift
    if (index >= source.length) break

    let octet = source[index]!
    const breakOctets = lineBreakOctets(source, index, lineBreaks)
    if (breakOctets > 0) {
      end = writeLineBreak(view, endLine(view, lineStart, end, source[index - 1]))
      lineStart = end
      index += breakOctets
    } else if (IS_LITERAL[octet] === 1) {
      if (isLineEnd(source, index + 1, lineBreaks) && !isBlank(octet)) {
        target[end++] = octet
        index++
      } else {
        end = writeSoftBreak(view, end)
        lineStart = end
      }
    } else {
      do {
        const column = end - lineStart
        if (column > LAST_ESCAPE_COLUMN && !escapeEndsLine(column, source, index, lineBreaks)) {
          end = writeSoftBreak(view, end)
          lineStart = end
        }
        if (index === lastIndex) return writeEscape(view, end, octet)
        // A store of four octets is faster than two for three. What comes next overwrites the fourth.
        view.setInt32(end, ESCAPES[octet]!, true)
        end += ESCAPE_LENGTH
        octet = source[++index]!
      } while (octet > 0x7f)
    }
  }
  return endLine(view, lineStart, end, source[source.length - 1])
}

/** Encodes the last octet of a line, which has been written as it stands, if that is a space or tab. */
function endLine(view: DataView, lineStart: number, end: number, lastOctet: number | undefined): number {
  if (end === lineStart || !isBlank(lastOctet)) return end
  const start = end - 1
  const fits = start - lineStart + ESCAPE_LENGTH <= MAX_LINE_LENGTH
  return writeEscape(view, fits ? start : writeSoftBreak(view, start), lastOctet!)
}

function writeEscape(view: DataView, offset: number, octet: number): number {
  view.setUint16(offset, ESCAPES[octet]!, true)
  view.setUint8(offset + 2, ESCAPES[octet]! >> 16)
  return offset + ESCAPE_LENGTH
}

function writeLineBreak(view: DataView, offset: number): number {
  view.setUint16(offset, CRLF_LITTLE_ENDIAN, true)
  return offset + 2
}

function writeSoftBreak(view: DataView, offset: number): number {
  view.setUint8(offset, EQUALS)
  return writeLineBreak(view, offset + 1)
}

/** Reports of malformed escapes that one body can give rise to: a hostile one would fill the memory with them. */
const MAX_REPORTS = 100

/**
 * Most spaces and tabs that are taken for transport padding, where a line ends or after the "=" of a soft break.
 *
 * As many as a line can have (RFC 5322 §2.1.1). What goes beyond is content: so a decoder that gets its body in chunks
 * need not hold back more than this.
 */
const MAX_PADDING_OCTETS = 998

/** Values of hexadecimal digits, of both cases as RFC 2045 §6.7 advises; -1 for all else. */
const HEX_VALUES: Int8Array = /* @__PURE__ */ hexValues()

function hexValues(): Int8Array {
  const values = new Int8Array(256).fill(-1)
  for (let value = 0; value < 16; value++) {
    const digit = value.toString(16)
    values[digit.charCodeAt(0)] = value
    values[digit.toUpperCase().charCodeAt(0)] = value
  }
  return values
}

/**
 * Decodes a quoted-printable body.
 *
 * A malformed `=XY` is kept as it stands and reported, as RFC 2045 §6.7 advises. Line breaks stay what they are, CRLF,
 * LF or CR. Spaces and tabs before them are transport padding and go away, §6.7(3). "=" at the very end is a soft break.
 *
 * @param source encoded octets; not modified
 * @param onDefect called for each malformed escape, the first 100 of them, with the offset of its "="
 * @returns decoded octets in memory of their own, of which at most 5 % is unused
 */
export function decodeQuotedPrintable(source: Uint8Array, onDefect?: OnDefect): Bytes {
  return new EscapeReader(onDefect).read(source, 'last')
}

/** Decodes a quoted-printable body that comes in chunks; results and reports are those of {@link decodeQuotedPrintable}. */
export class QuotedPrintableDecoder {
  readonly #reader: EscapeReader

  /** @param onDefect as for {@link decodeQuotedPrintable}; offsets count from the start of the first chunk */
  constructor(onDefect?: OnDefect) {
    this.#reader = new EscapeReader(onDefect)
  }

  /** Decodes as far as the chunk allows; at most 1000 octets are held back. The result is a new allocation. */
  push(chunk: Uint8Array): Bytes {
    return this.#reader.read(chunk, 'more')
  }

  /** Decodes what was held back. Nothing can be pushed after this. */
  end(): Bytes {
    return this.#reader.read(EMPTY, 'last')
  }
}

/** Results of {@link softBreakEnd} that are no index. */
const MALFORMED = -1
const UNDECIDED = -2

/** Reads literals, escapes and line breaks, across calls. */
class EscapeReader {
  readonly #onDefect: OnDefect | undefined
  #reports = 0
  /** The tail of the last chunk, whose meaning depends on what comes next. */
  #held: Bytes = EMPTY
  /** Offset of that tail in the body. */
  #position = 0

  constructor(onDefect: OnDefect | undefined) {
    this.#onDefect = onDefect
  }

  read(chunk: Uint8Array, which: 'more' | 'last'): Bytes {
    const source = this.#held.length === 0 ? chunk : concatBytes([this.#held, chunk])
    const words = new DataView(source.buffer, source.byteOffset, source.byteLength)
    const target = new Uint8Array(source.length)
    const view = new DataView(target.buffer)
    const lastWord = source.length - 4
    this.#held = EMPTY
    let end = 0
    let paddingStart = 0 // blanks in `target` from here on stood as such in the encoded line
    let index = 0
    for (;;) {
      while (index <= lastWord) {
        const word = words.getInt32(index, true)
        // Written as a whole: what is written next takes the place of what is no literal.
        view.setInt32(end, word, true)
        const equals = word ^ 0x3d3d3d3d
        // The high bit of each octet that is "=" or a control; above the first of them, of more.
        const found = (((equals - 0x01010101) & ~equals) | ((word - 0x20202020) & ~word)) & 0x80808080
        if (found === 0) {
          index += 4
          end += 4
          continue
        }
        const literals = (31 - Math.clz32(found & -found)) >> 3
        index += literals
        end += literals
        break
      }
      let octet = 0
      for (; index < source.length; index++) {
        octet = source[index]!
        if (octet === EQUALS || octet === LF || octet === CR) break
        target[end++] = octet
      }
      if (index >= source.length) break

      let escaped = octet === EQUALS ? escapedOctet(source, index) : -1
      if (escaped >= 0) {
        do {
          target[end++] = escaped
          index += ESCAPE_LENGTH
          escaped = source[index] === EQUALS ? escapedOctet(source, index) : -1
        } while (escaped >= 0)
      } else if (octet !== EQUALS) {
        if (isBlank(target[end - 1])) end -= countPadding(target, paddingStart, end)
        target[end++] = octet
        index++
        if (octet === CR && source[index] === LF) {
          target[end++] = LF
          index++
        }
      } else if (source[index + 1] === CR && source[index + 2] === LF) {
        index += 3
      } else {
        const next = softBreakEnd(source, index, which)
        if (next === UNDECIDED) {
          this.#held = Uint8Array.from(source.subarray(index))
          paddingStart = end // blanks before "=" end no line
          break
        }
        if (next === MALFORMED) {
          this.#reportMalformed(source, index)
          target[end++] = octet
          index++
        } else {
          index = next
        }
      }
      paddingStart = end
    }

    // Where the chunk ends the line may end too; that shows only when the next one comes.
    const padding = countPadding(target, paddingStart, end)
    end -= padding
    if (padding > 0 && which === 'more') this.#held = target.slice(end, end + padding)
    this.#position += source.length - this.#held.length
    return fitted(target, end)
  }

  #reportMalformed(source: Uint8Array, index: number): void {
    if (this.#onDefect === undefined || this.#reports === MAX_REPORTS) return
    this.#reports++
    const octets = hexValue(source[index + 1]) >= 0 ? 3 : 2
    const excerpt = latin1Text(source, index, Math.min(index + octets, source.length))
    this.#onDefect('QUOTED_PRINTABLE_INVALID', this.#position + index, quoteForError(excerpt))
  }
}

/** The octet that `=XY` at `index` stands for; negative if there is no such escape. */
function escapedOctet(source: Uint8Array, index: number): number {
  if (index + 2 >= source.length) return -1
  return (HEX_VALUES[source[index + 1]!]! << 4) | HEX_VALUES[source[index + 2]!]!
}

function hexValue(octet: number | undefined): number {
  return octet === undefined ? -1 : HEX_VALUES[octet]!
}

/**
 * Where the soft break ends whose "=" is at `index`: `"=" *transport-padding CRLF`, with LF, CR, the CRCRLF that some
 * gateways make of CRLF, or the end of the body for CRLF as well.
 *
 * @returns MALFORMED if there is none; UNDECIDED if that takes more of the body than there is, an escape included
 */
function softBreakEnd(source: Uint8Array, index: number, which: 'more' | 'last'): number {
  const atSourceEnd = which === 'last' ? source.length : UNDECIDED
  const paddingLimit = Math.min(index + 1 + MAX_PADDING_OCTETS, source.length)
  let next = index + 1
  while (next < paddingLimit && isBlank(source[next])) next++
  if (next === source.length) return atSourceEnd
  if (source[next] === LF) return next + 1
  if (source[next] === CR) {
    if (next + 1 === source.length) return atSourceEnd
    if (source[next + 1] === LF) return next + 2
    if (source[next + 1] !== CR) return next + 1
    if (next + 2 === source.length) return which === 'last' ? next + 1 : UNDECIDED
    return source[next + 2] === LF ? next + 3 : next + 1
  }
  const mayBeEscape = which === 'more' && index + 2 === source.length && hexValue(source[index + 1]) >= 0
  return mayBeEscape ? UNDECIDED : MALFORMED
}

/** Blanks from `start` on that the octets end with, of which at most 998 are padding. */
function countPadding(octets: Uint8Array, start: number, end: number): number {
  const limit = Math.max(start, end - MAX_PADDING_OCTETS)
  let padding = end
  while (padding > limit && isBlank(octets[padding - 1])) padding--
  return end - padding
}
