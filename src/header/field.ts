/**
 * Header sections: octets to fields. RFC 5322 §2.2, RFC 6532, with every line ending mailers use.
 */
import { Buffer } from 'node:buffer'
import { asBuffer, latin1Text } from '../codec/bytes.ts'
import { decodeCharset } from '../codec/charset.ts'
import { isUtf8 } from '../codec/utf8.ts'
import type { OnDefect } from '../defect.ts'
import { parseContentType } from './content-type.ts'
import { unfold } from './fold.ts'
import { FTEXT, isAllIn, trimWsp } from './token.ts'

/** A field of a header section, as it was on the wire. */
export interface HeaderField {
  /** As written. */
  readonly name: string
  /** The name in lower case: names are compared without case. */
  readonly key: string
  /**
   * The value unfolded, without blanks at its ends; encoded-words are not decoded. Raw 8-bit octets are UTF-8
   * (RFC 6532) where that is valid, else windows-1252.
   */
  readonly value: string
  /** Octets from the start of the source to the name. */
  readonly offset: number
  /** Octets from the start of the source to the end of the field, line break not counted. */
  readonly end: number
}

/** What a header section may cost. */
export interface HeaderLimits {
  readonly headerOctets: number
  readonly fields: number
}

/** A header section that was read. */
export interface HeaderSection {
  readonly fields: readonly HeaderField[]
  /** Octets from the start of the source to the body. */
  readonly bodyStart: number
  /** False where the section goes on at the end of what was given. */
  readonly isEnded: boolean
}

const LF = 0x0a
const CR = 0x0d
const DASH = 0x2d
const GREATER_THAN = 0x3e
const LETTER_F = 0x46

/**
 * Reads the header section that starts at `start`.
 *
 * Lines end with CRLF, LF or CR; the section ends with an empty line, or at `end`. A line that is no field is reported
 * and skipped. A section without a single field is no header: the body starts where it started.
 *
 * @param source octets; `start` and `end` are offsets in it
 * @param isDelimiter asked for lines that start with "--": whether an open multipart's delimiter ends the section there
 * @param onDefect called with offsets in octets from the start of `source`
 */
export function parseHeaderSection(
  source: Uint8Array,
  start: number,
  end: number,
  limits: HeaderLimits,
  isDelimiter: (lineStart: number) => boolean,
  onDefect: OnDefect,
): HeaderSection {
  const octets = asBuffer(source)
  const fields: HeaderField[] = []
  let position = start
  let fieldStart = -1
  let fieldEnd = -1
  let colon = -1
  let folded = false
  let eightBit = false
  let bareCr = -1
  let malformed = -1
  let type: string | undefined
  // The delimiter of the multipart that this section is the header of, once it was looked for.
  let own: string | undefined

  const finish = () => {
    if (fieldStart === -1) return
    const line = octets.toString('latin1', fieldStart, fieldEnd)
    const trimmed = trimWsp(line.slice(0, colon - fieldStart))
    if (isAllIn(trimmed, FTEXT)) {
      const text = line.slice(colon + 1 - fieldStart)
      const decoded =
        eightBit || text.includes('\x1b') ? decodeValue(octets, text, colon + 1, fieldEnd, onDefect) : text
      const value = trimWsp(folded ? unfold(decoded) : decoded)
      const key = trimmed.toLowerCase()
      fields.push({ name: trimmed, key, value, offset: fieldStart, end: fieldEnd })
      if (key === 'content-type') type ??= value
    } else {
      onDefect('FIELD_MALFORMED', fieldStart)
      if (malformed === -1) malformed = fieldStart
    }
    fieldStart = -1
  }

  while (position < end) {
    const lineStart = position
    const first = source[position]!
    if (first === DASH && source[position + 1] === DASH) {
      finish()
      if (type !== undefined) own ??= ownDelimiter(type)
      if (isDelimiter(position) || (own && isOwnDelimiter(source, position, own))) break
    }
    const continued = first === 0x20 || first === 0x09
    let lineColon = -1
    let lineEightBit = false
    let octet = 0
    while (position < end) {
      octet = source[position]!
      if (octet === LF || octet === CR) break
      if (octet === 0x3a) {
        if (lineColon === -1) lineColon = position
      } else if (octet > 0x7f) {
        lineEightBit = true
      }
      position++
    }
    const lineEnd = position
    if (position < end) {
      position++
      if (octet === CR) {
        // CRCRLF, which some gateways make of CRLF, is one line break.
        if (source[position] === CR && source[position + 1] === LF && position + 1 < end) position += 2
        else if (source[position] === LF && position < end) position++
        else if (bareCr === -1) bareCr = lineEnd
      }
    }
    if (lineEnd === lineStart) {
      finish()
      if (bareCr !== -1) onDefect('BARE_CR', bareCr)
      return { fields, bodyStart: fields.length === 0 && malformed !== -1 ? start : position, isEnded: true }
    }
    const isParameter =
      fieldStart !== -1 && source[fieldEnd - 1] === 0x3b && isParameterLine(source, lineStart, lineEnd)
    const isContinuation = isParameter || (continued && (fieldStart !== -1 || lineStart !== start))
    const isFull = !isContinuation && fields.length + (fieldStart === -1 ? 0 : 1) >= limits.fields
    if (isFull || lineEnd - start > limits.headerOctets) {
      finish()
      onDefect(isFull ? 'LIMIT_FIELDS' : 'LIMIT_HEADER_OCTETS', lineStart)
      if (bareCr !== -1) onDefect('BARE_CR', bareCr)
      // Nothing is lost: what does not count as header any more is read as body.
      return { fields, bodyStart: fields.length === 0 ? start : lineStart, isEnded: true }
    }
    if (isParameter) onDefect('FIELD_MALFORMED', lineStart)
    if (isContinuation) {
      if (fieldStart === -1) continue
      folded = true
      eightBit ||= lineEightBit
      fieldEnd = lineEnd
      continue
    }
    finish()
    // The envelope line of an mbox file is known and harmless.
    if (lineStart === start && isMboxLine(source, lineStart)) continue
    if (lineColon === -1 || lineColon === lineStart) {
      onDefect('FIELD_MALFORMED', lineStart)
      if (malformed === -1) malformed = lineStart
      continue
    }
    fieldStart = lineStart
    fieldEnd = lineEnd
    colon = lineColon
    folded = false
    eightBit = lineEightBit
  }
  finish()
  if (bareCr !== -1) onDefect('BARE_CR', bareCr)
  return { fields, bodyStart: fields.length === 0 && malformed !== -1 ? start : position, isEnded: position < end }
}

/**
 * QUIRK: a multipart whose first delimiter comes without the empty line before it: its header ends there.
 *
 * @returns `"--" boundary`; `''` where there is none
 */
function ownDelimiter(type: string): string {
  if (!/^\s*multipart\//i.test(type)) return ''
  const boundary = parseContentType(type).parameters.get('boundary')?.trimEnd() ?? ''
  return boundary === '' ? '' : `--${boundary}`
}

/** True where the line at `position` is the delimiter, with nothing after it but blanks. */
function isOwnDelimiter(source: Uint8Array, position: number, delimiter: string): boolean {
  let end = position + Buffer.byteLength(delimiter)
  if (asBuffer(source).toString('utf8', position, end) !== delimiter) return false
  if (source[end] === DASH && source[end + 1] === DASH) end += 2
  while (source[end] === 0x20 || source[end] === 0x09) end++
  return end >= source.length || source[end] === LF || source[end] === CR
}

/**
 * QUIRK: a line that goes on with the parameters of the field above, and has lost the blank before them:
 * `Content-Type: multipart/mixed;` and `boundary=x` on the next line. Old gateways fold like that.
 */
function isParameterLine(source: Uint8Array, start: number, end: number): boolean {
  return /^[A-Za-z][A-Za-z0-9-]*[*0-9]*=/.test(latin1Text(source, start, Math.min(end, start + 40)))
}

/** `From ` or `>From ` and an address: what an mbox file writes before each message. `From : x` is a field. */
function isMboxLine(source: Uint8Array, start: number): boolean {
  const first = source[start]
  if (first !== LETTER_F && first !== GREATER_THAN) return false
  return /^>?From +[^ :]/.test(latin1Text(source, start, Math.min(start + 10, source.length)))
}

/** A stretch of two octets for each character, in which "@" is none. */
const DOUBLE_OCTETS = /\x1b\$(?:[@AB]|\([@BCDOPQ])[^\x1b]*/g
/** An escape sequence of ISO 2022 beside "@", with nothing between them that ends an address. */
const ESCAPE_IN_ADDRESS = /@[^\s<>"(),;:@\x1b]*\x1b|\x1b(?:\$?[()*+.][@-Z])?[^\s<>"(),;:@\x1b]*@/

/** The text of a value that is not plain ASCII. */
function decodeValue(octets: Buffer, text: string, start: number, end: number, onDefect: OnDefect): string {
  // QUIRK: Japanese mailers of old write ISO-2022-JP, which is 7-bit, without encoded-words. Inside an address it would
  // make another one, which nobody else reads.
  if (
    text.includes('\x1b$') &&
    !/[\x80-\xff]/.test(text) &&
    !ESCAPE_IN_ADDRESS.test(text.replace(DOUBLE_OCTETS, '\x1b'))
  )
    return decodeCharset(octets.subarray(start, end), 'iso-2022-jp', 'header')
  if (!/[\x80-\xff]/.test(text)) return text
  if (isUtf8(octets.subarray(start, end))) return octets.toString('utf8', start, end)
  onDefect('FIELD_EIGHT_BIT', start)
  return decodeCharset(octets.subarray(start, end), 'windows-1252', 'header')
}

/** The value of the first field of that name, or undefined. @param key lower-case */
export function firstValue(fields: readonly HeaderField[], key: string): string | undefined {
  for (const field of fields) if (field.key === key) return field.value
  return undefined
}
