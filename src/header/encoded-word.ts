/**
 * Encoded-words: RFC 2047.
 *
 * Reading is lenient about where a word stands and strict about what it is; it never interprets the structure of a
 * field, so a caller decodes only after it has found that structure.
 */

import { Buffer } from 'node:buffer'
import { decodeBase64Text } from '../codec/base64.ts'
import { concatBytes, latin1Bytes, utf8Bytes } from '../codec/bytes.ts'
import { decodeCharset } from '../codec/charset.ts'
import type { OnDefect } from '../defect.ts'
import { isIn, Q_LITERAL, withoutControls } from './token.ts'

/** Longest encoded-word in characters: RFC 2047 §2. */
const MAX_WORD_LENGTH = 75

/** Longest line that holds an encoded-word, in characters: RFC 2047 §2. */
const MAX_WORD_LINE_LENGTH = 76

/** Characters around the encoded text of the words written here: `=?utf-8?Q?` and `?=`. */
const FRAME_LENGTH = 12

/** Room for one character of 4 octets in "Q": what a word needs at least to hold any character. */
const MIN_TEXT_LENGTH = 12

/** True where some reader could take part of the text for an encoded-word, so that it must be encoded itself. */
export function looksLikeEncodedWord(text: string): boolean {
  return text.includes('=?')
}

/** True where a reader finds the start of an encoded-word. "=?" alone, as in a URL or an address, is none. */
export function startsEncodedWord(text: string): boolean {
  return text.includes('=?') && /=\?[^?\s]+\?[BbQq]\?/.test(text)
}

/**
 * The words that hold the text, each at most 75 characters, none splitting a character.
 *
 * Written in UTF-8, as "Q" or "B" by what is shorter in all. Lone surrogates become U+FFFD.
 *
 * @param text not empty
 * @param column characters before the first word on its line; the others start a line after one SP
 */
export function encodeWords(text: string, column: number): string[] {
  const octets = utf8Bytes(text)
  return qLength(octets, 0, octets.length) <= Math.ceil(octets.length / 3) * 4
    ? qWords(octets, column)
    : bWords(octets, column)
}

/** {@link encodeWords}, folded into the value of a field. */
export function encodeWordsFolded(text: string, column: number): string {
  return encodeWords(text, column).join('\r\n ')
}

function textRoom(column: number): number {
  const room = Math.min(MAX_WORD_LENGTH, MAX_WORD_LINE_LENGTH - column) - FRAME_LENGTH
  return Math.max(room, MIN_TEXT_LENGTH)
}

const SPACE = 0x20
const EQUALS = 0x3d
const QUESTION_MARK = 0x3f
const UNDERSCORE = 0x5f

/** True for an octet that takes one character: the space is written as "_". */
function isQLiteral(octet: number): boolean {
  return octet === SPACE || (octet < 128 && isIn(octet, Q_LITERAL))
}

function qLength(octets: Uint8Array, start: number, end: number): number {
  let length = 0
  for (let index = start; index < end; index++) length += isQLiteral(octets[index]!) ? 1 : 3
  return length
}

const Q_FRAME = '=?utf-8?Q?'

/** Where a "Q" word is put together, since a string that grows by single characters is slow to use. */
const Q_WORD: Buffer = Buffer.from(Q_FRAME.padEnd(MAX_WORD_LENGTH), 'latin1')

const HEX_DIGITS: Buffer = Buffer.from('0123456789ABCDEF', 'latin1')

function qWords(octets: Uint8Array, column: number): string[] {
  const words: string[] = []
  let room = textRoom(column)
  let length = Q_FRAME.length
  for (let index = 0; index < octets.length; ) {
    const end = characterEnd(octets, index)
    if (length - Q_FRAME.length + qLength(octets, index, end) > room) {
      words.push(qWord(length))
      length = Q_FRAME.length
      room = textRoom(1)
    }
    for (; index < end; index++) {
      const octet = octets[index]!
      if (isQLiteral(octet)) {
        Q_WORD[length++] = octet === SPACE ? UNDERSCORE : octet
      } else {
        Q_WORD[length++] = EQUALS
        Q_WORD[length++] = HEX_DIGITS[octet >> 4]!
        Q_WORD[length++] = HEX_DIGITS[octet & 15]!
      }
    }
  }
  words.push(qWord(length))
  return words
}

/** @param length of the word without its end */
function qWord(length: number): string {
  Q_WORD[length] = QUESTION_MARK
  Q_WORD[length + 1] = EQUALS
  return Q_WORD.toString('latin1', 0, length + 2)
}

function bWords(octets: Uint8Array, column: number): string[] {
  const words: string[] = []
  const buffer = octets as Uint8Array & { toString(encoding: 'base64', start: number, end: number): string }
  let start = 0
  let room = Math.floor(textRoom(column) / 4) * 3
  for (let index = 0; index < octets.length; ) {
    const end = characterEnd(octets, index)
    if (end - start > room) {
      words.push(`=?utf-8?B?${buffer.toString('base64', start, index)}?=`)
      start = index
      room = Math.floor(textRoom(1) / 4) * 3
    }
    index = end
  }
  words.push(`=?utf-8?B?${buffer.toString('base64', start, octets.length)}?=`)
  return words
}

/** End of the UTF-8 character that starts at `index`. */
function characterEnd(octets: Uint8Array, index: number): number {
  let end = index + 1
  while (end < octets.length && (octets[end]! & 0xc0) === 0x80) end++
  return end
}

/** One encoded-word that was found, before its charset is applied. */
interface Word {
  readonly charset: string
  readonly octets: Uint8Array
  readonly end: number
}

/**
 * The text with its encoded-words decoded.
 *
 * Blanks between two words vanish (RFC 2047 §6.2). Adjacent words of one charset are joined before the charset is
 * applied, since mailers split characters between words though RFC 2047 §5 forbids it. What cannot be decoded stays
 * as it stands. Controls are removed from decoded text: a word must not smuggle a line break into a value.
 *
 * @param onDefect called with offsets in characters of `value`
 */
export function decodeEncodedWords(value: string, onDefect?: OnDefect): string {
  let start = value.indexOf('=?')
  if (start === -1) return value
  let decoded = ''
  let literalStart = 0
  let pending: Uint8Array[] = []
  let pendingCharset = ''
  let pendingStart = 0
  // The next "?=", kept over failed attempts: searched anew for each "=?", hostile input would cost n².
  let wordEnd = 0
  const flush = () => {
    if (pending.length === 0) return
    const octets = pending.length === 1 ? pending[0]! : concatBytes(pending)
    decoded += withoutControls(
      decodeCharset(octets, pendingCharset, 'header', (code, _, detail) => onDefect?.(code, pendingStart, detail)),
    )
    pending = []
  }
  while (start !== -1) {
    if (wordEnd !== -1 && wordEnd < start + 2) wordEnd = value.indexOf('?=', start + 2)
    const word = readWord(value, start, wordEnd)
    if (word === undefined) {
      onDefect?.('ENCODED_WORD_INVALID', start)
      start = value.indexOf('=?', start + 2)
      continue
    }
    const literal = value.slice(literalStart, start)
    const adjacent = pending.length > 0 && isBlank(literal)
    if (!adjacent || word.charset !== pendingCharset) flush()
    if (!adjacent) decoded += literal
    if (pending.length === 0) pendingStart = start
    pending.push(word.octets)
    pendingCharset = word.charset
    literalStart = word.end
    start = value.indexOf('=?', word.end)
  }
  flush()
  return decoded + value.slice(literalStart)
}

function isBlank(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code !== 0x20 && code !== 0x09 && code !== 0x0d && code !== 0x0a) return false
  }
  return true
}

/**
 * Reads `"=?" charset ["*" language] "?" encoding "?" encoded-text "?="` (RFC 2047 §2, RFC 2231 §5) at `start`.
 *
 * QUIRK: encoded-text with spaces or "?" in it is read too, up to the first "?="; mailers write such words.
 */
function readWord(value: string, start: number, nextEnd: number): Word | undefined {
  const charsetEnd = value.indexOf('?', start + 2)
  // The longest charset name registered has 45 characters: a bound keeps hostile input linear.
  if (charsetEnd === -1 || charsetEnd - start > 80 || charsetEnd === start + 2) return undefined
  const encoding = value.charCodeAt(charsetEnd + 1) | 0x20
  if (value.charCodeAt(charsetEnd + 2) !== 0x3f) return undefined
  const textStart = charsetEnd + 3
  // In "=?utf-8?Q?=41?=" the first "?=" is no end: it overlaps the "?" before the text.
  const textEnd = nextEnd === -1 || nextEnd >= textStart ? nextEnd : value.indexOf('?=', textStart)
  if (textEnd === -1) return undefined
  const text = value.slice(textStart, textEnd)
  if (text.includes('=?')) return undefined
  const label = value.slice(start + 2, charsetEnd)
  const star = label.indexOf('*')
  const charset = (star === -1 ? label : label.slice(0, star)).toLowerCase()
  if (charset.includes(' ')) return undefined
  if (encoding === 0x71) return { charset, octets: decodeQ(text), end: textEnd + 2 }
  if (encoding === 0x62) return { charset, octets: decodeBase64Text(text), end: textEnd + 2 }
  return undefined
}

/** The "Q" encoding of RFC 2047 §4.2; a malformed escape stays as it stands. */
function decodeQ(text: string): Uint8Array {
  // A word of raw 8-bit text, seen in the wild: what the field was decoded to is taken back to octets.
  const octets = /[^\0-\x7f]/.test(text) ? utf8Bytes(text) : latin1Bytes(text)
  let length = 0
  for (let index = 0; index < octets.length; index++) {
    const octet = octets[index]!
    if (octet === 0x5f) {
      octets[length++] = 0x20
    } else if (octet === 0x3d && index + 2 < octets.length && hex(octets[index + 1]!) + hex(octets[index + 2]!) >= 0) {
      octets[length++] = hex(octets[index + 1]!) * 16 + hex(octets[index + 2]!)
      index += 2
    } else {
      octets[length++] = octet
    }
  }
  return octets.subarray(0, length)
}

/** Value of a hexadecimal digit, or a number so low that no sum with another is 0 or more. */
function hex(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30
  const letter = octet | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -99
}
