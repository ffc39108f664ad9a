/**
 * uuencoded bodies, and uuencoded files inside text: IEEE Std 1003.1 (POSIX), utility "uuencode", historical algorithm.
 *
 * Read only. MIME never made this a transfer encoding, but mailers have written `Content-Transfer-Encoding: x-uuencode`,
 * and before MIME files were put into the text like this:
 *
 * ```
 * begin 644 cat.txt
 * #0V%T
 * `
 * end
 * ```
 */
import type { OnDefect } from '../defect.ts'
import { quoteForError } from '../errors.ts'
import { asBuffer, type Bytes, EMPTY, latin1Text } from './bytes.ts'

const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const TAB = 0x09
const LETTER_E = 0x65
/** The highest octet of a data line, "`", which stands for 0 as the space does. */
const BACKTICK = 0x60

/** `"begin" SP 3*4octal SP 1*octet`, the line that opens a file; the file name is the group. */
const BEGIN_LINE = /^begin [0-7]{3,4} (.*[^ \t])[ \t]*$/
const BEGIN_OCTETS = 'begin '

/** A "begin" or "end" line is shorter than this, in octets; file systems allow names of 255. */
const MAX_LINE_OCTETS = 998

/** A decoded file. */
export interface Uuencoded {
  /** From the "begin" line, one character for each octet; empty where there is no such line. */
  readonly filename: string
  /** Decoded octets, in memory of their own. */
  readonly content: Bytes
}

/** A file inside a text body. */
export interface UuencodedBlock extends Uuencoded {
  /** Octets from the start of the body to the "begin" line. */
  readonly start: number
  /** Octets from the start of the body to what follows the "end" line and its line break. */
  readonly end: number
}

/**
 * Decodes a body with `Content-Transfer-Encoding: x-uuencode`, `uuencode` or `uue`.
 *
 * Text before the "begin" line is skipped; without such a line, data is taken to begin at once. Lines that cannot be
 * data are skipped. Spaces that the transport has cut off at line ends count as if they were there, but no further
 * than until the content is as large as the source: a line of one character can claim 63 octets.
 *
 * @param source encoded octets; not modified
 * @param onDefect takes UUENCODE_INVALID for the first impossible line, and when "end" is missing
 */
export function decodeUuencode(source: Uint8Array, onDefect?: OnDefect): Uuencoded {
  const begin = findBegin(source, 0)
  const content = new Uint8Array(source.length)
  let length = 0
  let ended = false
  let invalidReported = false
  for (let start = begin?.dataStart ?? 0; start < source.length && !ended; ) {
    const lineEnd = findLineEnd(source, start)
    const octets = countLineOctets(source, start, lineEnd)
    if (isEndLine(source, start, lineEnd)) {
      ended = true
    } else if (octets >= 0 && length + octets <= content.length) {
      decodeLine(source, start, lineEnd, content, length, octets)
      length += octets
    } else if (!invalidReported) {
      invalidReported = true
      const excerpt = quoteForError(latin1Text(source, start, Math.min(lineEnd, start + 80)))
      onDefect?.('UUENCODE_INVALID', start, excerpt)
    }
    start = skipLineBreak(source, lineEnd)
  }
  if (!ended) onDefect?.('UUENCODE_INVALID', source.length, 'no "end" line')
  return { filename: begin?.filename ?? '', content: length === 0 ? EMPTY : content.slice(0, length) }
}

/**
 * Finds the uuencoded files inside a text body.
 *
 * Strict, since people write "begin 644" in text too: a "begin" line, data lines and nothing else, and the "end" line.
 *
 * @param text octets of the body, transfer encoding already decoded; not modified
 * @param most files that are looked for
 * @returns in order, without overlap
 */
export function findUuencoded(text: Uint8Array, most: number = Number.POSITIVE_INFINITY): UuencodedBlock[] {
  const blocks: UuencodedBlock[] = []
  let begin = findBegin(text, 0)
  while (begin !== undefined && blocks.length < most) {
    const { start, dataStart, filename } = begin
    // "begin" is no data line, so the data of one block ends before the next one: no octet is read for two of them.
    let length = 0
    let terminated = false
    let next = dataStart
    let end = -1
    // Octets of the lines with one for each line break: the same however lines end.
    let available = BEGIN_OCTETS.length + filename.length
    while (next < text.length) {
      const lineEnd = findLineEnd(text, next)
      // Some encoders leave out the empty line before "end".
      if (next > dataStart && isEndLine(text, next, lineEnd)) end = skipLineBreak(text, lineEnd)
      const octets = countLineOctets(text, next, lineEnd)
      if (terminated || octets < 0) break
      terminated = octets === 0
      length += octets
      available += lineEnd - next + 1
      next = skipLineBreak(text, lineEnd)
    }
    // Larger than its text: lines that claim octets they do not have; see decodeUuencode.
    if (end !== -1 && length <= available) {
      blocks.push({ start, end, filename, content: decodeLines(text, dataStart, next, length) })
      next = end
    }
    begin = findBegin(text, next)
  }
  return blocks
}

/** Decodes data lines that are known to be such, and to have `length` octets. */
function decodeLines(source: Uint8Array, dataStart: number, dataEnd: number, length: number): Bytes {
  const content = new Uint8Array(length)
  let offset = 0
  for (let start = dataStart; start < dataEnd; ) {
    const lineEnd = findLineEnd(source, start)
    const octets = countLineOctets(source, start, lineEnd)
    decodeLine(source, start, lineEnd, content, offset, octets)
    offset += octets
    start = skipLineBreak(source, lineEnd)
  }
  return content
}

interface BeginLine {
  readonly start: number
  /** Where the line after it begins. */
  readonly dataStart: number
  readonly filename: string
}

/** The first "begin" line that begins at `from` or after it. */
function findBegin(source: Uint8Array, from: number): BeginLine | undefined {
  const octets = asBuffer(source)
  let start = octets.indexOf(BEGIN_OCTETS, from, 'latin1')
  while (start !== -1) {
    const before = source[start - 1]
    if (before === undefined || before === LF || before === CR) {
      const lineEnd = findLineEnd(source.subarray(0, start + MAX_LINE_OCTETS), start)
      const filename = BEGIN_LINE.exec(latin1Text(source, start, lineEnd))?.[1]
      const isWhole = lineEnd - start < MAX_LINE_OCTETS
      if (isWhole && filename !== undefined) return { start, dataStart: skipLineBreak(source, lineEnd), filename }
    }
    start = octets.indexOf(BEGIN_OCTETS, start + 1, 'latin1')
  }
  return undefined
}

/** Where the line that begins at `start` ends: the index of its CR or LF, or the end of the source. */
function findLineEnd(source: Uint8Array, start: number): number {
  let end = start
  while (end < source.length && source[end] !== LF && source[end] !== CR) end++
  return end
}

function skipLineBreak(source: Uint8Array, lineEnd: number): number {
  if (lineEnd === source.length) return lineEnd
  if (source[lineEnd] !== CR) return lineEnd + 1
  // CRCRLF, which some gateways make of CRLF, is one line break, as it is in text.
  const next = source[lineEnd + 1] === CR && source[lineEnd + 2] === LF ? lineEnd + 2 : lineEnd + 1
  return source[next] === LF ? next + 1 : next
}

/** Whether the line is "end", whatever white space follows. */
function isEndLine(source: Uint8Array, start: number, lineEnd: number): boolean {
  if (source[start] !== LETTER_E || lineEnd - start >= MAX_LINE_OCTETS) return false
  return /^end[ \t]*$/.test(latin1Text(source, start, lineEnd))
}

/**
 * How many octets a data line stands for: its first character says it, and an empty line stands for none.
 *
 * @returns -1 for what is no data line
 */
function countLineOctets(source: Uint8Array, start: number, lineEnd: number): number {
  if (start === lineEnd) return 0
  const octets = sextet(source[start]!)
  // Some encoders write one character more than needed, as a checksum or to keep the transport from cutting spaces.
  const dataEnd = start + 1 + Math.ceil(octets / 3) * 4 + 1
  for (let index = start; index < lineEnd; index++) {
    const octet = source[index]!
    const isPlausible = index < dataEnd ? octet >= SPACE && octet <= BACKTICK : octet === SPACE || octet === TAB
    if (!isPlausible) return -1
  }
  return octets
}

/** Writes the octets of a data line; characters that it lacks count as spaces, which stand for 0. */
function decodeLine(
  source: Uint8Array,
  start: number,
  lineEnd: number,
  target: Uint8Array,
  offset: number,
  octets: number,
): void {
  let from = start + 1
  let bits = 0
  let bitCount = 0
  for (let end = offset; end < offset + octets; ) {
    bits = (bits << 6) | (from < lineEnd ? sextet(source[from]!) : 0)
    bitCount += 6
    from++
    if (bitCount >= 8) {
      bitCount -= 8
      target[end++] = bits >> bitCount
    }
  }
}

/** The value of a character: 0 for the space up to 63 for "_", and 0 again for "`". */
function sextet(octet: number): number {
  return (octet - SPACE) & 0x3f
}
