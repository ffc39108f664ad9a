/**
 * base64 transfer encoding: RFC 2045 §6.8, alphabet of RFC 4648 §4.
 *
 * Octets to folded text and back, and base64 text that came from elsewhere: checked, and folded without decoding it.
 * The "B" form of RFC 2047 §4.1 is in ../header/encoded-word.ts.
 *
 * Node's own base64 is the engine, in slices that stay in the processor's cache: it encodes and decodes faster than
 * anything that can be written here, but it cannot fold, accepts "-" and "_", takes U+0141 for "A" in two-byte
 * strings, stops at the first "=", and says nothing of what it skips.
 */
import type { Buffer } from 'node:buffer'
import type { OnDefect } from '../defect.ts'
import { quoteForError } from '../errors.ts'
import { FOLD_LINES, type LineFolder, lineFolder } from './base64-fold.ts'
import { asBuffer, type Bytes, fitted, newBytes, touchPages, utf8Bytes, writeBase64 } from './bytes.ts'

/** Characters of an encoded line, CRLF not counted: RFC 2045 §6.8. */
const LINE_LENGTH = 76

/** Octets that an encoded line of 76 characters stands for. */
export const BASE64_LINE_OCTETS = 57

/** Characters that are folded in one go: as many as the kernel takes, and few enough for the second-level cache. */
const FOLD_SLICE_CHARACTERS: number = FOLD_LINES * LINE_LENGTH
const FOLD_SLICE_OCTETS: number = FOLD_LINES * BASE64_LINE_OCTETS

/** From how many characters on the kernel is worth its first call, which compiles it. */
const KERNEL_MIN_CHARACTERS = 44_000

/**
 * Characters that are checked or decoded in one go. A multiple of 4, so that slices of clean text are whole quanta; and
 * the largest strings that V8 puts among its young ones, of which one fills half a page there: what is decoded is
 * collected twice as often, so that less of it waits.
 */
export const WINDOW_CHARACTERS = 130_048

const CR = 0x0d
const LF = 0x0a
const CRLF_LITTLE_ENDIAN = 0x0a0d

/**
 * Length of the folded form: lines of 76 characters with CRLF between them, and none after the last.
 *
 * @param octets length of what is to be encoded
 * @returns characters, which are octets too; 0 for 0
 */
export function foldedBase64Length(octets: number): number {
  if (octets === 0) return 0
  return Math.ceil(octets / 3) * 4 + 2 * (Math.ceil(octets / BASE64_LINE_OCTETS) - 1)
}

/**
 * Encodes, folding into lines of 76 characters with CRLF between them and none after the last.
 *
 * A writer that has its source in pieces calls this once for each: as long as all pieces but the last have a multiple
 * of {@link BASE64_LINE_OCTETS} octets, the results with CRLF between them are what one call for the whole gives.
 *
 * @param target takes {@link foldedBase64Length} octets from `offset` on; nothing else of it is written
 * @param offset octets from the start of `target`
 * @returns where the folded form ends in `target`
 */
export function encodeBase64Folded(source: Uint8Array, target: Uint8Array, offset: number): number {
  const octets = asBuffer(source)
  const folding = beginFolding(target, Math.ceil(source.length / 3) * 4)
  let end = offset
  for (let start = 0; start < source.length; start += FOLD_SLICE_OCTETS) {
    if (start > 0) end = writeLineBreak(target, end)
    end = writeFolded(octets.toString('base64', start, start + FOLD_SLICE_OCTETS), folding, end)
  }
  return end
}

/**
 * Folds base64 text into lines of 76 characters with CRLF between them and none after the last, without decoding it.
 *
 * Pieces of a multiple of 76 characters can be folded one by one, as with {@link encodeBase64Folded}.
 *
 * @param text what {@link checkBase64Text} has found valid, and {@link stripBase64Whitespace} left
 * @param target takes the folded form from `offset` on
 * @param offset octets from the start of `target`
 * @returns where the folded form ends in `target`
 */
export function foldBase64Text(text: string, target: Uint8Array, offset: number): number {
  const folding = beginFolding(target, text.length)
  let end = offset
  for (let start = 0; start < text.length; start += FOLD_SLICE_CHARACTERS) {
    if (start > 0) end = writeLineBreak(target, end)
    end = writeFolded(text.slice(start, start + FOLD_SLICE_CHARACTERS), folding, end)
  }
  return end
}

/** Where one call folds to, and with what. */
interface Folding {
  readonly octets: Buffer
  readonly view: DataView
  /** null: fold in JavaScript. */
  readonly kernel: LineFolder | null
}

function beginFolding(target: Uint8Array, characters: number): Folding {
  return {
    octets: asBuffer(target),
    view: new DataView(target.buffer, target.byteOffset, target.byteLength),
    kernel: characters >= KERNEL_MIN_CHARACTERS ? lineFolder() : null,
  }
}

function writeLineBreak(target: Uint8Array, offset: number): number {
  target[offset] = CR
  target[offset + 1] = LF
  return offset + 2
}

/**
 * Writes one slice of ASCII text as lines with CRLF between them.
 *
 * @param text at most {@link FOLD_SLICE_CHARACTERS} characters, at least one
 */
function writeFolded(text: string, folding: Folding, offset: number): number {
  const lineBreaks = Math.ceil(text.length / LINE_LENGTH) - 1
  const length = text.length + 2 * lineBreaks
  const { octets, view, kernel } = folding
  if (kernel === null) {
    // The text is put where the folded form is to end. Then each line moves towards the start, the first one by two
    // octets for each line break and the last one not at all, and never onto text that has yet to move.
    octets.write(text, offset + 2 * lineBreaks, 'latin1')
    foldInPlace(view, offset, lineBreaks)
  } else {
    touchPages(octets, offset, offset + length)
    // The last line may be short: what the kernel writes after it is not copied.
    kernel.text.write(text, 0, 'latin1')
    octets.set(kernel.fold(lineBreaks + 1).subarray(0, length), offset)
  }
  return offset + length
}

/**
 * Moves `lines` lines of 76 octets, which begin at `offset + 2 * lines`, to `offset`, and writes CRLF after each.
 *
 * Octets travel eight at a time as float64, which is the widest that a DataView moves without an allocation. That is
 * exact as long as they are ASCII: no such pattern is a NaN, the one thing that might be changed on the way.
 */
function foldInPlace(view: DataView, offset: number, lines: number): void {
  let from = offset + 2 * lines
  let to = offset
  for (let line = 0; line < lines; line++) {
    view.setFloat64(to, view.getFloat64(from, true), true)
    view.setFloat64(to + 8, view.getFloat64(from + 8, true), true)
    view.setFloat64(to + 16, view.getFloat64(from + 16, true), true)
    view.setFloat64(to + 24, view.getFloat64(from + 24, true), true)
    view.setFloat64(to + 32, view.getFloat64(from + 32, true), true)
    view.setFloat64(to + 40, view.getFloat64(from + 40, true), true)
    view.setFloat64(to + 48, view.getFloat64(from + 48, true), true)
    view.setFloat64(to + 56, view.getFloat64(from + 56, true), true)
    view.setFloat64(to + 64, view.getFloat64(from + 64, true), true)
    view.setInt32(to + 72, view.getInt32(from + 72, true), true)
    view.setUint16(to + 76, CRLF_LITTLE_ENDIAN, true)
    from += LINE_LENGTH
    to += LINE_LENGTH + 2
  }
}

/**
 * Checks base64 text that came as a string, and says what it decodes to.
 *
 * White space (space, tab, CR, LF) may stand anywhere. Otherwise strict: the alphabet of RFC 4648 §4 and not that of
 * §5, padding complete and only at the end. Bits of the last character that no octet takes need not be zero: encoders
 * that leave them set exist, and RFC 4648 §3.5 leaves it to the decoder.
 *
 * @returns decoded length in octets, or -1 when the text is not valid
 */
export function checkBase64Text(text: string): number {
  let end = text.length
  let padding = 0
  for (; end > 0; end--) {
    const character = text[end - 1]!
    if (character === '=' && padding < 2) padding++
    else if (!isWhitespace(character)) break
  }

  const scratch = new Uint8Array(Math.ceil((Math.min(end, WINDOW_CHARACTERS) + 3) / 4) * 3)
  let length = 0
  let open = '' // the characters of a quantum that goes on in the next slice
  for (let start = 0; start < end; start += WINDOW_CHARACTERS) {
    const isLast = start + WINDOW_CHARACTERS >= end
    const slice = text.slice(start, isLast ? end : start + WINDOW_CHARACTERS)
    // Text without white space is the rule, and what the check passes has none: it need not be searched for any.
    let octets = open === '' && slice.length % 4 !== 1 ? countDecodedOctets(slice, scratch) : -1
    if (octets === -1) {
      const characters = open + withoutWhitespace(slice)
      const whole = isLast ? characters.length : characters.length - (characters.length % 4)
      open = characters.slice(whole)
      octets = countDecodedOctets(characters.slice(0, whole), scratch)
      if (octets === -1) return -1
    }
    length += octets
  }
  // Octets and padding of the last quantum are three, or there is no such quantum.
  return (length + padding) % 3 === 0 ? length : -1
}

/** Octets that the text decodes to, or -1 when something in it is not of the alphabet, or a single character is left. */
function countDecodedOctets(characters: string, scratch: Uint8Array): number {
  const octets = Math.floor((characters.length * 3) / 4)
  // Node skips what is no base64 and stops at "=", so that fewer octets come out, unless a single character is left.
  const isValid =
    characters.length % 4 !== 1 && writeBase64(scratch, characters, 0) === octets && !hasNodeLookalikes(characters)
  return isValid ? octets : -1
}

/** Whether the text has characters that Node would decode though RFC 4648 §4 does not have them. */
function hasNodeLookalikes(characters: string): boolean {
  // Of a two-byte string Node decodes the low octet of each character. In a one-byte string there is nothing to search.
  return characters.includes('-') || characters.includes('_') || /[^\0-\xff]/.test(characters)
}

/**
 * The text without space, tab, CR and LF; the same string when it has none.
 *
 * @param octets what {@link checkBase64Text} has found it to decode to
 */
export function stripBase64Whitespace(text: string, octets: number): string {
  if (text.length === Math.ceil(octets / 3) * 4) return text
  for (let start = 0; start < text.length; start += WINDOW_CHARACTERS) {
    // Slice by slice, so that of the four searches only the first has to fetch the text from memory.
    if (hasWhitespace(text.slice(start, start + WINDOW_CHARACTERS))) {
      const slices = [text.slice(0, start)]
      for (let rest = start; rest < text.length; rest += WINDOW_CHARACTERS) {
        slices.push(withoutWhitespace(text.slice(rest, rest + WINDOW_CHARACTERS)))
      }
      return slices.join('')
    }
  }
  return text
}

function isWhitespace(character: string): boolean {
  return character === '\n' || character === '\r' || character === ' ' || character === '\t'
}

function hasWhitespace(text: string): boolean {
  return text.includes('\n') || text.includes('\r') || text.includes(' ') || text.includes('\t')
}

function withoutWhitespace(text: string): string {
  if (!hasWhitespace(text)) return text
  // Not with replace(), which is slow where there is much to replace; and not in latin1, which makes "A" of U+0141.
  const octets = utf8Bytes(text)
  let end = 0
  for (let index = 0; index < octets.length; index++) {
    const octet = octets[index]!
    if (OCTET_VALUES[octet] !== WHITESPACE) octets[end++] = octet
  }
  return asBuffer(octets).toString('utf8', 0, end)
}

/** What an octet is in a base64 body: a value from 0 to 63, or one of the three classes above that. */
const WHITESPACE = 64
const PADDING = 65
const JUNK = 66

const OCTET_VALUES: Uint8Array = /* @__PURE__ */ octetValues()

function octetValues(): Uint8Array {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const values = new Uint8Array(256).fill(JUNK)
  for (let value = 0; value < 64; value++) values[alphabet.charCodeAt(value)] = value
  for (const character of ' \t\r\n') values[character.charCodeAt(0)] = WHITESPACE
  values['='.charCodeAt(0)] = PADDING
  return values
}

/** Windows shorter than this, in octets, are not worth a call of Node's decoder. */
const MIN_WINDOW_OCTETS = 64

/**
 * Decodes a base64 body, whatever its lines are.
 *
 * Octets outside the alphabet are skipped, as RFC 2045 §6.8 demands; the first of them is reported as BASE64_INVALID.
 * "=" ends its quantum, and what follows is decoded as a new one: mailers that encode a body piece by piece put padding
 * in the middle. That is BASE64_INVALID as well, of which there is one report at most. A body that ends inside a quantum
 * is BASE64_TRUNCATED: two or three characters are decoded, a single one has no octet in it.
 *
 * @param source encoded octets; not modified
 * @param onDefect takes at most one report of each code
 * @returns decoded octets in memory of their own, of which at most 5 % is unused
 */
export function decodeBase64(source: Uint8Array, onDefect?: OnDefect): Bytes {
  const reader = new QuantumReader(onDefect)
  const target = newBytes(reader.maxOctets(source.length))
  const end = reader.finish(target, reader.read(source, target, 0))
  target.fill(0, end)
  return fitted(target, end)
}

/** Decodes base64 text by the rules of {@link decodeBase64}; what is not ASCII is skipped like other junk. */
export function decodeBase64Text(text: string): Bytes {
  const reader = new QuantumReader(undefined)
  const target = new Uint8Array(reader.maxOctets(text.length))
  let end = 0
  for (let start = 0; start < text.length; start += WINDOW_CHARACTERS) {
    // UTF-8 and not latin1, which would make "A" of U+0141.
    end = reader.read(utf8Bytes(text.slice(start, start + WINDOW_CHARACTERS)), target, end)
  }
  return fitted(target, reader.finish(target, end))
}

/** Decodes a base64 body that comes in chunks; results and reports are those of {@link decodeBase64}. */
export class Base64Decoder {
  readonly #reader: QuantumReader

  /** @param onDefect takes at most one report of each code; offsets count from the start of the first chunk */
  constructor(onDefect?: OnDefect) {
    this.#reader = new QuantumReader(onDefect)
  }

  /** Decodes as far as the chunk goes; up to three characters are held back. The result is a new allocation. */
  push(chunk: Uint8Array): Bytes {
    const target = new Uint8Array(this.#reader.maxOctets(chunk.length))
    return fitted(target, this.#reader.read(chunk, target, 0))
  }

  /** Decodes what was held back. Nothing can be pushed after this. */
  end(): Bytes {
    const target = new Uint8Array(this.#reader.maxOctets(0))
    return fitted(target, this.#reader.finish(target, 0))
  }
}

/** Reads quanta of four characters, across calls. */
class QuantumReader {
  readonly #onDefect: OnDefect | undefined
  #invalidReported = false
  /** Octets that earlier calls have read. */
  #position = 0
  /** The open quantum: 0 to 3 values of 6 bits, the first one highest. */
  #bits = 0
  #characters = 0
  /** Whether the last quantum ended with "=", and how many more of these belong to it. */
  #padded = false
  #paddingDue = 0

  constructor(onDefect: OnDefect | undefined) {
    this.#onDefect = onDefect
  }

  /** Most octets that reading so many more, and finishing, can give. */
  maxOctets(sourceOctets: number): number {
    return Math.floor(((this.#characters + sourceOctets) * 3) / 4)
  }

  /**
   * Decodes into `target` at `offset`.
   *
   * @returns where the decoded octets end in `target`
   */
  read(source: Uint8Array, target: Uint8Array, offset: number): number {
    let end = offset
    let start = 0
    while (start < source.length) {
      if (this.#characters > 0) {
        end = this.#readOctets(source, start, ++start, target, end)
      } else {
        const windowEnd = Math.min(start + WINDOW_CHARACTERS, source.length)
        end = this.#readWindow(source, start, windowEnd, target, end)
        start = windowEnd
      }
    }
    this.#position += source.length
    return end
  }

  /** Decodes what is left of an open quantum at the end of the source, and reports it. */
  finish(target: Uint8Array, offset: number): number {
    const isOpen = this.#characters > 0 || this.#paddingDue > 0
    if (isOpen) this.#onDefect?.('BASE64_TRUNCATED', this.#position)
    return this.#closeQuantum(target, offset)
  }

  /**
   * Decodes a window that begins with a new quantum: in one call of Node's decoder when there is nothing in it but the
   * alphabet and line breaks, octet by octet otherwise.
   *
   * Node skips in silence whatever it does not know. But it cannot have skipped anything if as many octets come out as
   * all characters that are not line breaks stand for, when these are whole quanta.
   */
  #readWindow(source: Uint8Array, start: number, windowEnd: number, target: Uint8Array, offset: number): number {
    // The padding of the last quantum is left to #readOctets.
    let textEnd = windowEnd
    while (textEnd > start && OCTET_VALUES[source[textEnd - 1]!]! >= WHITESPACE) textEnd--
    if (textEnd - start < MIN_WINDOW_OCTETS) return this.#readOctets(source, start, windowEnd, target, offset)

    const input = asBuffer(source)
    const characters = textEnd - start - countLineBreakOctets(input.subarray(start, textEnd))
    for (let surplus = characters % 4; surplus > 0 && textEnd > start; ) {
      textEnd--
      if (OCTET_VALUES[source[textEnd]!] !== WHITESPACE) surplus--
    }
    const octets = Math.floor(characters / 4) * 3
    const text = input.toString('latin1', start, textEnd)
    const isClean =
      octets > 0 && !text.includes('-') && !text.includes('_') && writeBase64(target, text, offset) === octets
    if (!isClean) return this.#readOctets(source, start, windowEnd, target, offset)

    if (this.#padded) this.#beginAfterPadding(source.findIndex((octet, index) => index >= start && octet > 0x20))
    return this.#readOctets(source, textEnd, windowEnd, target, offset + octets)
  }

  /** Decodes octet by octet; takes anything. */
  #readOctets(source: Uint8Array, start: number, sourceEnd: number, target: Uint8Array, offset: number): number {
    const values = OCTET_VALUES
    let end = offset
    let bits = this.#bits
    let characters = this.#characters
    for (let index = start; index < sourceEnd; index++) {
      const value = values[source[index]!]!
      if (value < WHITESPACE) {
        if (this.#padded) this.#beginAfterPadding(index)
        bits = (bits << 6) | value
        if (++characters < 4) continue
        // A quantum is complete; more of them often follow without anything in between.
        for (;;) {
          target[end] = bits >> 16
          target[end + 1] = bits >> 8
          target[end + 2] = bits
          end += 3
          if (index + 4 >= sourceEnd) break
          const first = values[source[index + 1]!]!
          const second = values[source[index + 2]!]!
          const third = values[source[index + 3]!]!
          const fourth = values[source[index + 4]!]!
          if ((first | second | third | fourth) >= WHITESPACE) break
          bits = (first << 18) | (second << 12) | (third << 6) | fourth
          index += 4
        }
        bits = 0
        characters = 0
      } else if (value === PADDING) {
        this.#bits = bits
        this.#characters = characters
        end = this.#readPadding(index, target, end)
        bits = 0
        characters = 0
      } else if (value === JUNK && !this.#invalidReported) {
        this.#reportInvalid(index, source[index]!)
      }
    }
    this.#bits = bits
    this.#characters = characters
    return end
  }

  #readPadding(index: number, target: Uint8Array, offset: number): number {
    if (this.#characters >= 2) {
      this.#padded = true
      this.#paddingDue = 3 - this.#characters
    } else if (this.#characters === 0 && this.#paddingDue > 0) {
      this.#paddingDue--
    } else {
      this.#reportInvalid(index, 'padding that ends no quantum')
    }
    return this.#closeQuantum(target, offset)
  }

  /** Writes the one or two octets of two or three characters. */
  #closeQuantum(target: Uint8Array, offset: number): number {
    const octets = Math.max(0, this.#characters - 1)
    // Left over are 4 bits of 12, or 2 of 18.
    if (octets === 1) target[offset] = this.#bits >> 4
    if (octets === 2) {
      target[offset] = this.#bits >> 10
      target[offset + 1] = this.#bits >> 2
    }
    this.#bits = 0
    this.#characters = 0
    return offset + octets
  }

  #beginAfterPadding(index: number): void {
    this.#padded = false
    this.#paddingDue = 0
    this.#reportInvalid(index, 'data after padding')
  }

  /** @param what an octet outside the alphabet, or what else is wrong */
  #reportInvalid(index: number, what: number | string): void {
    if (this.#invalidReported) return
    this.#invalidReported = true
    const detail = typeof what === 'number' ? quoteForError(String.fromCharCode(what)) : what
    this.#onDefect?.('BASE64_INVALID', this.#position + index, detail)
  }
}

/**
 * Counts the octets of line breaks, and other white space where lines are not all of one length.
 *
 * Never too many. Too few where there is white space within lines of one length.
 */
function countLineBreakOctets(window: Buffer): number {
  const first = window.indexOf(LF)
  if (first === -1) return window.includes(CR) ? countWhitespace(window) : 0
  const second = window.indexOf(LF, first + 1)
  if (second === -1) return countWhitespace(window)

  // Lines are nearly always of one length: then one look at each line break is enough.
  const lineOctets = second - first
  const hasCr = window[second - 1] === CR
  if (first > 0 && (window[first - 1] === CR) !== hasCr) return countWhitespace(window)
  for (let lineEnd = second; lineEnd < window.length; lineEnd += lineOctets) {
    if (window[lineEnd] !== LF || (window[lineEnd - 1] === CR) !== hasCr) return countWhitespace(window)
  }
  const lineBreaks = Math.ceil((window.length - first) / lineOctets)
  // Of a line break that the window begins with, the CR is not in it.
  return hasCr ? 2 * lineBreaks - (first === 0 ? 1 : 0) : lineBreaks
}

function countWhitespace(window: Uint8Array): number {
  const values = OCTET_VALUES
  let count = 0
  for (let index = 0; index < window.length; index++) {
    if (values[window[index]!] === WHITESPACE) count++
  }
  return count
}
