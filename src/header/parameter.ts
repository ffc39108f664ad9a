/**
 * Parameters of structured MIME fields: RFC 2045 §5.1, RFC 2231.
 */

import { concatBytes, latin1Bytes, utf8Bytes } from '../codec/bytes.ts'
import { decodeCharset } from '../codec/charset.ts'
import type { OnDefect } from '../defect.ts'
import { decodeEncodedWords } from './encoded-word.ts'
import { PREFERRED_LINE_LENGTH } from './fold.ts'
import {
  ATTRIBUTE_CHAR,
  findCommentEnd,
  formatQuotedString,
  isAllIn,
  isIn,
  isWsp,
  trimWsp,
  withoutControls,
} from './token.ts'

/** Parameter values by lower-case name, in order of appearance. */
export type Parameters = ReadonlyMap<string, string>

/** A part of an RFC 2231 value: `name*0*=…`. */
interface Segment {
  readonly value: string
  /** With a "*" after its number: percent-encoded. */
  readonly starred: boolean
}

/** A structured value before its first ";". */
export interface ValueHead {
  /** Without comments, and without blanks at its ends. */
  readonly text: string
  /** Index of the ";", or the length of the value. */
  readonly end: number
}

/** Parts a structured value from its parameters. A ";" in a comment parts nothing; a comment that never ends is text. */
export function splitHead(value: string): ValueHead {
  let text = ''
  let start = 0
  let index = 0
  let commentsEnd = true
  for (; index < value.length; index++) {
    const code = value.charCodeAt(index)
    if (code === 0x3b) break
    if (code !== 0x28 || !commentsEnd) continue
    const end = findCommentEnd(value, index)
    commentsEnd = end < value.length
    if (!commentsEnd) continue
    text += `${value.slice(start, index)} `
    start = end + 1
    index = end
  }
  return { text: trimWsp(text + value.slice(start, index)), end: index }
}

/** Parameters of one field that are read: each takes some twenty times the octets that it has on the wire. */
const MAX_PARAMETERS = 1000

/**
 * Parses `*(";" attribute "=" value)`.
 *
 * The first of duplicate parameters counts: readers that take the last are how attachments get past filters. In
 * RFC 2231 values only starred segments are percent-decoded; an RFC 2231 value wins over a plain one of its name.
 * Names of files may be in RFC 2047 form, which RFC 2047 §5 forbids and most mailers write.
 *
 * @param value the unfolded field value
 * @param start index of the first ";" or of what stands before it
 * @param onDefect called with offsets in characters of `value`
 */
export function parseParameters(value: string, start: number, onDefect?: OnDefect): Parameters {
  return plainParameters(value, start) ?? scanParameters(value, start, onDefect)
}

/** A parameter as nearly all are: a name and a token, or a quoted-string without a backslash. */
const PLAIN_PARAMETER = /; ?([a-z-]{1,20})=(?:"([ -!#-[\]-~]*)"|([!#-'*+\-./\dA-Z^-~]+))/y

/** Parameters that are read so, at most: more of them take as long as they do. */
const MAX_PLAIN_PARAMETERS = 10

/** The parameters where all of them are plain: nothing is to be decoded, and nothing wrong. */
function plainParameters(value: string, start: number): Parameters | undefined {
  const parameters = new Map<string, string>()
  for (let index = start; index < value.length; index = PLAIN_PARAMETER.lastIndex) {
    PLAIN_PARAMETER.lastIndex = index
    const match = PLAIN_PARAMETER.exec(value)
    if (match === null || parameters.size === MAX_PLAIN_PARAMETERS) return undefined
    const name = match[1]!
    const text = match[2] ?? match[3]!
    if (parameters.has(name) || (isFileName(name) && text.includes('=?'))) return undefined
    parameters.set(name, text)
  }
  return parameters
}

function scanParameters(value: string, start: number, onDefect?: OnDefect): Parameters {
  const scanner = new Scanner(value)
  const plain = new Map<string, string>()
  // In the order of appearance, as they are written again; needed only where there are two kinds of them.
  let names: Set<string> | undefined
  let extended: Map<string, Map<number, Segment>> | undefined
  let index = value.indexOf(';', start)
  while (index !== -1 && index < value.length) {
    const at = index + 1
    const nameStart = scanner.skipCfws(at)
    let nameEnd = nameStart
    while (nameEnd < value.length && isNameCharacter(value.charCodeAt(nameEnd))) nameEnd++
    const equals = scanner.skipCfws(nameEnd)
    if (nameEnd === nameStart || value.charCodeAt(equals) !== 0x3d) {
      // Nothing at all is a stray ";"; anything else is no parameter, and must not hide those after it.
      if (nameEnd !== nameStart || (nameStart < value.length && value.charCodeAt(nameStart) !== 0x3b)) {
        onDefect?.('PARAMETER_INVALID', at)
      }
      index = value.indexOf(';', nameStart)
      continue
    }
    const name = value.slice(nameStart, nameEnd).toLowerCase()
    const scanned = scanner.value(scanner.skipCfws(equals + 1), isFileName(name))
    index = value.indexOf(';', scanned.end)
    if (plain.size + (extended?.size ?? 0) >= MAX_PARAMETERS) {
      onDefect?.('LIMIT_PARAMETERS', at)
      break
    }
    const star = name.indexOf('*')
    if (star === -1) {
      if (plain.has(name)) onDefect?.('PARAMETER_DUPLICATE', at, name)
      else {
        plain.set(name, scanned.text)
        names?.add(name)
      }
      continue
    }
    const match = /^\*(?:(\d{1,5})(\*?))?$/.exec(name.slice(star))
    const base = name.slice(0, star)
    if (match === null || base === '') {
      onDefect?.('PARAMETER_INVALID', at, name)
      continue
    }
    extended ??= new Map()
    names ??= new Set(plain.keys())
    let segments = extended.get(base)
    if (segments === undefined) {
      segments = new Map()
      extended.set(base, segments)
      names.add(base)
    }
    // "name*" alone is the whole value: keep it apart from the numbered ones.
    const number = match[1] === undefined ? -1 : Number(match[1])
    if (segments.has(number)) onDefect?.('PARAMETER_DUPLICATE', at, name)
    else segments.set(number, { value: scanned.text, starred: match[1] === undefined || match[2] === '*' })
  }
  const parameters = finish(plain, extended, onDefect)
  if (names === undefined) return parameters
  return new Map([...names].flatMap(name => (parameters.has(name) ? [[name, parameters.get(name)!]] : [])))
}

function finish(
  plain: Map<string, string>,
  extended: Map<string, Map<number, Segment>> | undefined,
  onDefect: OnDefect | undefined,
): Parameters {
  for (const [name, value] of plain) {
    const decoded = isFileName(name) ? decodeEncodedWords(value, onDefect) : value
    const clean = withoutControls(decoded)
    if (clean !== value) plain.set(name, clean)
  }
  if (extended !== undefined) {
    for (const [name, segments] of extended) {
      const value = joinSegments(segments, onDefect)
      if (value === undefined) onDefect?.('PARAMETER_INVALID', 0, name)
      // A starred segment is decoded already: what looks like an encoded-word then is the name.
      else if (!isFileName(name) || [...segments.values()].some(({ starred }) => starred)) plain.set(name, value)
      else plain.set(name, withoutControls(decodeEncodedWords(value, onDefect)))
    }
  }
  return plain
}

function isFileName(name: string): boolean {
  return name === 'name' || name === 'filename'
}

/** `attribute-char` (RFC 2231 §7) and the "*" before the section; mailers write names beyond ASCII too. */
function isNameCharacter(code: number): boolean {
  return isIn(code, ATTRIBUTE_CHAR) || code === 0x2a || code > 127
}

/** A value and where it ends: at the next ";" or before it. */
interface Scanned {
  readonly text: string
  readonly end: number
}

/** Finds comments and values. */
class Scanner {
  readonly #value: string
  /** Once a comment did not end there is none further on: hostile input must not look for an end again. */
  #commentsEnd = true

  constructor(value: string) {
    this.#value = value
  }

  /** Index of what comes after blanks and comments from `index` on. A comment that never ends is no comment. */
  skipCfws(index: number): number {
    const value = this.#value
    for (; index < value.length; index++) {
      const code = value.charCodeAt(index)
      if (isWsp(code)) continue
      if (code !== 0x28 || !this.#commentsEnd) return index
      const end = findCommentEnd(value, index)
      this.#commentsEnd = end < value.length
      if (!this.#commentsEnd) return index
      index = end
    }
    return index
  }

  value(start: number, fileName: boolean): Scanned {
    return this.#value.charCodeAt(start) === 0x22 ? this.#quoted(start, fileName) : this.#bare(start, fileName)
  }

  /**
   * A quoted-string. What stands between its end and the next ";" is ignored: `boundary="b"c` is b.
   *
   * QUIRK: Windows mailers write paths unescaped, `"C:\Users\a.txt"`: in a name of a file only `\"` and `\\` are
   * quoted-pairs.
   */
  #quoted(start: number, fileName: boolean): Scanned {
    const value = this.#value
    let text = ''
    let runStart = start + 1
    let index = runStart
    for (; index < value.length; index++) {
      const code = value.charCodeAt(index)
      if (code === 0x22) break
      if (code !== 0x5c || index + 1 === value.length) continue
      const next = value.charCodeAt(index + 1)
      if (fileName && next !== 0x22 && next !== 0x5c) continue
      text += value.slice(runStart, index)
      runStart = index + 1
      index++
    }
    return { text: text + value.slice(runStart, index), end: this.skipCfws(index + 1) }
  }

  /**
   * A token, or what mailers write in its place: spaces in it belong to it, a comment after it does not.
   *
   * QUIRK: `filename=Invoice(1).pdf` and `filename=Invoice (1).pdf` are names. What is a comment in the name of a file
   * has a blank before it and nothing after it.
   */
  #bare(start: number, fileName: boolean): Scanned {
    const value = this.#value
    let end = start
    for (;;) {
      for (; end < value.length; end++) {
        const code = value.charCodeAt(end)
        if (code === 0x3b) break
        if (code === 0x28 && (!fileName || isWsp(value.charCodeAt(end - 1)))) break
      }
      const next = this.skipCfws(end)
      if (!fileName || next >= value.length || value.charCodeAt(next) === 0x3b) {
        return { text: trimWsp(value.slice(start, end)), end: next }
      }
      end = Math.max(next, end + 1)
    }
  }
}

function joinSegments(segments: Map<number, Segment>, onDefect: OnDefect | undefined): string | undefined {
  const whole = segments.get(-1)
  const ordered: Segment[] = []
  if (whole === undefined) {
    for (let number = 0; number < segments.size; number++) {
      const segment = segments.get(number)
      if (segment === undefined) break
      ordered.push(segment)
    }
  } else {
    ordered.push(whole)
  }
  const first = ordered[0]
  if (first === undefined) return undefined
  let charset: string | undefined
  const chunks: Uint8Array[] = []
  for (const [index, segment] of ordered.entries()) {
    let text = segment.value
    if (index === 0 && segment.starred) {
      const charsetEnd = text.indexOf("'")
      const languageEnd = charsetEnd === -1 ? -1 : text.indexOf("'", charsetEnd + 1)
      if (languageEnd !== -1) {
        charset = text.slice(0, charsetEnd)
        text = text.slice(languageEnd + 1)
      }
    }
    chunks.push(segment.starred ? decodePercent(text) : textOctets(text))
  }
  return withoutControls(decodeCharset(concatBytes(chunks), charset || 'utf-8', 'header', onDefect))
}

function textOctets(text: string): Uint8Array {
  return /[^\0-\x7f]/.test(text) ? utf8Bytes(text) : latin1Bytes(text)
}

/** Percent-decodes; a "%" that no two hexadecimal digits follow stays as it stands. */
function decodePercent(text: string): Uint8Array {
  const octets = textOctets(text)
  let length = 0
  for (let index = 0; index < octets.length; index++) {
    const octet = octets[index]!
    const value = octet === 0x25 ? Number.parseInt(latin1Pair(octets, index + 1), 16) : Number.NaN
    if (Number.isNaN(value)) {
      octets[length++] = octet
    } else {
      octets[length++] = value
      index += 2
    }
  }
  return octets.subarray(0, length)
}

function latin1Pair(octets: Uint8Array, index: number): string {
  if (index + 1 >= octets.length) return ''
  const pair = String.fromCharCode(octets[index]!, octets[index + 1]!)
  return /^[0-9A-Fa-f]{2}$/.test(pair) ? pair : ''
}

/**
 * A parameter as RFC 2045 §5.1 writes it: a token where it can be, else a quoted-string.
 *
 * Tokens with "'", "*" or "%" are quoted too: Python reads them as RFC 2231, which has other rules for them.
 *
 * @param value printable ASCII, SP and HTAB only
 */
export function formatParameter(name: string, value: string): string {
  return `${name}=${isAllIn(value, ATTRIBUTE_CHAR) ? value : formatQuotedString(value)}`
}

/**
 * A parameter as RFC 2231 §4 writes it, in UTF-8: one `name*=…` where it fits a line, else numbered segments.
 *
 * Every segment is starred and none is quoted: Gmail cuts a value at a quoted segment, and a reader must not meet a
 * "%" in an unstarred one.
 *
 * @returns one or more parameters, each to be preceded by ";" and a fold
 */
export function formatExtendedParameter(name: string, value: string): string[] {
  const encoded = encodePercent(value)
  const whole = `${name}*=utf-8''${encoded.join('')}`
  // One SP before it and one ";" after it share the line.
  if (whole.length + 2 <= PREFERRED_LINE_LENGTH) return [whole]
  const segments: string[] = []
  let segment = `${name}*0*=utf-8''`
  for (const character of encoded) {
    if (segment.length + character.length + 2 > PREFERRED_LINE_LENGTH) {
      segments.push(segment)
      segment = `${name}*${segments.length}*=`
    }
    segment += character
  }
  segments.push(segment)
  return segments
}

/** The characters of the text, each percent-encoded where it must be; a lone surrogate becomes U+FFFD. */
function encodePercent(text: string): string[] {
  const encoded: string[] = []
  for (const character of text) {
    if (isIn(character.charCodeAt(0), ATTRIBUTE_CHAR)) {
      encoded.push(character)
    } else {
      let escaped = ''
      for (const octet of utf8Bytes(character)) escaped += `%${octet.toString(16).toUpperCase().padStart(2, '0')}`
      encoded.push(escaped)
    }
  }
  return encoded
}
