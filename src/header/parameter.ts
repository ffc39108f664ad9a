/**
 * Parameters of structured MIME fields: RFC 2045 §5.1, RFC 2231.
 */

import { concatBytes, latin1Bytes, utf8Bytes } from '../codec/bytes.ts'
import { decodeCharset } from '../codec/charset.ts'
import type { OnDefect } from '../defect.ts'
import { decodeEncodedWords } from './encoded-word.ts'
import { PREFERRED_LINE_LENGTH } from './fold.ts'
import { ATTRIBUTE_CHAR, formatQuotedString, isAllIn, isIn, isWsp, TOKEN, trimWsp, withoutControls } from './token.ts'

/** Parameter values by lower-case name, in order of appearance. */
export type Parameters = ReadonlyMap<string, string>

/** A part of an RFC 2231 value: `name*0*=…`. */
interface Segment {
  readonly value: string
  /** With a "*" after its number: percent-encoded. */
  readonly starred: boolean
}

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
  const plain = new Map<string, string>()
  let extended: Map<string, Map<number, Segment>> | undefined
  let index = value.indexOf(';', start)
  while (index !== -1 && index < value.length) {
    const at = index + 1
    const nameStart = skipCfws(value, at)
    let nameEnd = nameStart
    while (nameEnd < value.length && isNameCharacter(value.charCodeAt(nameEnd))) nameEnd++
    const equals = skipCfws(value, nameEnd)
    if (nameEnd === nameStart || value.charCodeAt(equals) !== 0x3d) {
      // Nothing at all is a stray ";"; anything else is no parameter, and must not hide those after it.
      if (nameEnd !== nameStart || (nameStart < value.length && value.charCodeAt(nameStart) !== 0x3b)) {
        onDefect?.('PARAMETER_INVALID', at)
      }
      index = value.indexOf(';', nameStart)
      continue
    }
    const name = value.slice(nameStart, nameEnd).toLowerCase()
    const scanned = scanValue(value, skipCfws(value, equals + 1), isFileName(name))
    index = value.indexOf(';', scanned.end)
    const star = name.indexOf('*')
    if (star === -1) {
      if (plain.has(name)) onDefect?.('PARAMETER_DUPLICATE', at, name)
      else plain.set(name, scanned.value)
      continue
    }
    const match = /^\*(?:(\d{1,5})(\*?))?$/.exec(name.slice(star))
    if (match === null) {
      onDefect?.('PARAMETER_INVALID', at, name)
      continue
    }
    const base = name.slice(0, star)
    extended ??= new Map()
    let segments = extended.get(base)
    if (segments === undefined) {
      segments = new Map()
      extended.set(base, segments)
    }
    // "name*" alone is the whole value: keep it apart from the numbered ones.
    const number = match[1] === undefined ? -1 : Number(match[1])
    if (segments.has(number)) onDefect?.('PARAMETER_DUPLICATE', at, name)
    else segments.set(number, { value: scanned.value, starred: match[1] === undefined || match[2] === '*' })
  }
  return finish(plain, extended, onDefect)
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
      else plain.set(name, value)
    }
  }
  return plain
}

function isFileName(name: string): boolean {
  return name === 'name' || name === 'filename'
}

function isNameCharacter(code: number): boolean {
  return isIn(code, TOKEN) || code > 127
}

/** Skips blanks and comments from `index` on. */
function skipCfws(value: string, index: number): number {
  let depth = 0
  for (; index < value.length; index++) {
    const code = value.charCodeAt(index)
    if (code === 0x28) depth++
    else if (code === 0x29 && depth > 0) depth--
    else if (code === 0x5c && depth > 0) index++
    else if (depth === 0 && !isWsp(code)) return index
  }
  return value.length
}

/** A value and where it ends: at or before the next ";". */
interface Scanned {
  readonly value: string
  readonly end: number
}

function scanValue(value: string, start: number, fileName: boolean): Scanned {
  return value.charCodeAt(start) === 0x22 ? scanQuoted(value, start, fileName) : scanBare(value, start, fileName)
}

/**
 * A quoted-string. What stands between its end and the next ";" is ignored: `boundary="b"c` is b.
 *
 * QUIRK: Windows mailers write paths unescaped, `"C:\Users\a.txt"`: in a name of a file only `\"` and `\\` are
 * quoted-pairs.
 */
function scanQuoted(value: string, start: number, fileName: boolean): Scanned {
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
  return { value: text + value.slice(runStart, index), end: index }
}

/** A token, or what mailers write in its place: spaces in it belong to it, a comment after it does not. */
function scanBare(value: string, start: number, fileName: boolean): Scanned {
  let end = start
  for (; end < value.length; end++) {
    const code = value.charCodeAt(end)
    if (code === 0x3b) break
    // QUIRK: filename=Invoice(1).pdf is a name, not a comment; a comment has a blank before it.
    if (code === 0x28 && (!fileName || isWsp(value.charCodeAt(end - 1)))) break
  }
  return { value: trimWsp(value.slice(start, end)), end }
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
