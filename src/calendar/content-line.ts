/**
 * Content lines: RFC 5545 §3.1. Octets to unfolded lines of text.
 *
 * Taking a line apart is in ./property.ts; folding for output is in ./content-line-writer.ts.
 */
import { Buffer } from 'node:buffer'
import { latin1Text } from '../codec/bytes.ts'
import { decodeCharset, isKnownCharset } from '../codec/charset.ts'
import { isAscii, isUtf8 } from '../codec/utf8.ts'
import { MAX_NAME_LENGTH } from './property.ts'

const LF = 0x0a
const CR = 0x0d
const SP = 0x20
const TAB = 0x09
const DASH = 0x2d
const COLON = 0x3a
const SEMICOLON = 0x3b
const EQUALS = 0x3d

/** What is known of a line: where it starts, where its name ends, and where the line ends, negative where it is folded. */
const LINE_NUMBERS = 3

/**
 * The lines of a calendar, unfolded, without blank ones, where they stand in its text: of most only the name is ever
 * looked at, and no string is made of them.
 *
 * CRLF, LF, CR and runs of them (CRCRLF is what a text-mode write makes of CRLF) end a line.
 */
export class ContentLines {
  readonly #text: string
  /** The text as numbers: to look at those takes a fifth of the time. */
  readonly #codes: Uint8Array | Uint16Array
  /** {@link LINE_NUMBERS} of each line; the end of a name is -1 where that is not in capitals. */
  readonly #places: number[] = []
  /** True where there were more lines than allowed. */
  readonly isCut: boolean

  /** @param most lines beyond this are left out */
  constructor(text: string, codes: Uint8Array | Uint16Array, most: number) {
    this.#text = text
    this.#codes = codes
    this.isCut = this.#find(most)
  }

  get length(): number {
    return this.#places.length / LINE_NUMBERS
  }

  /** True where the line starts with a name in capitals, as nearly all do. */
  isPlain(index: number): boolean {
    return this.#places[index * LINE_NUMBERS + 1] !== -1
  }

  /** True where the line starts with this name in capitals, and nothing more of one. */
  isNamed(index: number, name: string): boolean {
    const start = this.#places[index * LINE_NUMBERS]!
    if (this.#places[index * LINE_NUMBERS + 1] !== start + name.length) return false
    return this.#codes[start] === name.charCodeAt(0) && this.#text.startsWith(name, start)
  }

  endsWithEquals(index: number): boolean {
    return this.#codes[Math.abs(this.#places[index * LINE_NUMBERS + 2]!) - 1] === EQUALS
  }

  /** The line, unfolded. */
  textOf(index: number): string {
    const start = this.#places[index * LINE_NUMBERS]!
    const end = this.#places[index * LINE_NUMBERS + 2]!
    return end < 0 ? this.#unfolded(start, -end) : this.#text.slice(start, end)
  }

  #unfolded(lineStart: number, end: number): string {
    const codes = this.#codes
    // Pieces are joined once: a megabyte in folds of one character must not be copied a million times.
    const pieces: string[] = []
    let start = lineStart
    for (let position = start; position < end; position++) {
      if (!isBreak(codes[position]!)) continue
      pieces.push(this.#text.slice(start, position))
      while (isBreak(codes[position]!)) position++
      // The blank of the fold.
      start = position + 1
    }
    pieces.push(this.#text.slice(start, end))
    return pieces.join('')
  }

  #find(most: number): boolean {
    const codes = this.#codes
    const places = this.#places
    const { length } = codes
    for (let start = 0, end = 0; start < length; start = end + 1) {
      end = start
      const first = codes[start]!
      if (isBreak(first)) continue
      const isFold = (first === SP || first === TAB) && places.length > 0
      let nameEnd = -1
      if (!isFold) {
        if (places.length / LINE_NUMBERS >= most) return true
        const nameLimit = Math.min(length, start + MAX_NAME_LENGTH + 1)
        while (end < nameLimit && isNameCode(codes[end]!)) end++
        if (end > start && end < nameLimit && (codes[end] === COLON || codes[end] === SEMICOLON)) nameEnd = end
      }
      while (end < length && !isBreak(codes[end]!)) end++
      if (isFold) places[places.length - 1] = -end
      else places.push(start, nameEnd, end)
    }
    return false
  }
}

function isBreak(code: number): boolean {
  return code <= CR && (code === LF || code === CR)
}

/** A capital, a digit or "-": iana-token and x-name, RFC 5545 §3.1. */
function isNameCode(code: number): boolean {
  return code >= 0x41 ? code <= 0x5a : code === DASH || (code >= 0x30 && code <= 0x39)
}

/**
 * The lines of a calendar.
 *
 * @param octets not modified; must not be written to while the lines are in use
 * @param charset the label of Content-Type; calendars lie about it, so it comes last
 * @param most lines beyond this are left out
 */
export function contentLines(octets: Uint8Array, charset: string | undefined, most: number): ContentLines {
  const ascii = isAscii(octets) && utf16Label(octets) === undefined ? latin1Text(octets) : undefined
  if (ascii !== undefined && !ascii.includes('\x1b')) return new ContentLines(ascii, octets, most)
  const text = calendarText(octets, charset)
  return new ContentLines(text, codeUnits(text), most)
}

/** The UTF-16 code units of the text. */
function codeUnits(text: string): Uint16Array {
  const units = new Uint16Array(text.length)
  Buffer.from(units.buffer).write(text, 'utf16le')
  return units
}

/**
 * The text of the octets: UTF-16 by its mark, UTF-8 where it is valid, else the label, else windows-1252.
 *
 * RFC 5545 §3.1: a fold may stand inside a UTF-8 sequence, so octets that are no UTF-8 are unfolded and tried again.
 */
function calendarText(octets: Uint8Array, charset: string | undefined): string {
  const utf16 = utf16Label(octets)
  if (utf16 !== undefined) return withoutMark(decodeCharset(octets, utf16, 'body'))
  const label = charset !== undefined && isKnownCharset(charset) ? charset : undefined
  let source = octets
  if (!isUtf8(source)) {
    source = unfoldOctets(octets)
    if (!isUtf8(source)) {
      const isMislabelled = label === undefined || /^["']?utf-?8/i.test(label)
      return withoutMark(decodeCharset(source, isMislabelled ? 'windows-1252' : label, 'body'))
    }
  }
  const isWide = label !== undefined && /^["']?utf-?(?:16|32)/i.test(label)
  // ISO-2022-JP and its like are valid UTF-8 octets too; their escape gives them away.
  return withoutMark(decodeCharset(source, isWide || !source.includes(0x1b) ? 'utf-8' : (label ?? 'utf-8'), 'body'))
}

/** RFC 2781 §4.3, and UTF-16 without a mark by the zero octets of its first letters. */
function utf16Label(octets: Uint8Array): string | undefined {
  const first = octets[0]
  const second = octets[1]
  const third = octets[2]
  const fourth = octets[3]
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  if (first !== 0 && second === 0 && third !== 0 && fourth === 0) return 'utf-16le'
  if (first === 0 && second !== 0 && third === 0 && fourth !== 0) return 'utf-16be'
  return undefined
}

function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

/** The octets without their folds: line break, then one SP or TAB. A new allocation. */
function unfoldOctets(octets: Uint8Array): Uint8Array {
  const unfolded = new Uint8Array(octets.length)
  let length = 0
  let index = 0
  while (index < octets.length) {
    const octet = octets[index]!
    if (octet !== CR && octet !== LF) {
      unfolded[length++] = octet
      index++
      continue
    }
    while (octets[index] === CR || octets[index] === LF) index++
    if (octets[index] === SP || octets[index] === TAB) index++
    else unfolded[length++] = LF
  }
  return unfolded.subarray(0, length)
}
