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
const ESC = 0x1b
const DASH = 0x2d
const COLON = 0x3a
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
  const reader = new FieldReader(asBuffer(source), onDefect)
  let position = start
  let fieldStart = -1
  let colon = -1
  let fieldEnd = -1
  let form: FieldForm = FORM.plain
  let bareCr = -1
  let limit: 'LIMIT_FIELDS' | 'LIMIT_HEADER_OCTETS' | undefined
  let isEnded = false

  while (position < end) {
    const lineStart = position
    const first = source[position]!
    if (first === DASH && source[position + 1] === DASH) {
      if (fieldStart !== -1) reader.add(fieldStart, colon, fieldEnd, form)
      fieldStart = -1
      isEnded = isDelimiter(position) || reader.isOwnDelimiter(position)
      if (isEnded) break
    }
    let lineColon = -1
    let lineForm: FieldForm = FORM.plain
    let octet = 0
    while (position < end) {
      octet = source[position]!
      if (octet > COLON) {
        if (octet > 0x7f) lineForm = FORM.encoded
      } else if (octet === COLON) {
        if (lineColon === -1) lineColon = position
      } else if (octet === LF || octet === CR) {
        break
      } else if (octet === ESC) {
        lineForm = FORM.encoded
      }
      position++
    }
    const lineEnd = position
    if (position < end) {
      position++
      if (octet === CR) {
        const next = afterDoubledCr(source, position, end)
        if (next !== -1) position = next
        else if (bareCr === -1) bareCr = lineEnd
      }
    }
    isEnded = lineEnd === lineStart
    if (isEnded) break
    const isOpen = fieldStart !== -1
    const isParameter = isOpen && source[fieldEnd - 1] === 0x3b && isParameterLine(source, lineStart, lineEnd)
    const isContinuation = isParameter || ((first === 0x20 || first === 0x09) && (isOpen || lineStart !== start))
    if (!isContinuation && reader.isFull(isOpen ? limits.fields - 1 : limits.fields)) limit = 'LIMIT_FIELDS'
    else if (lineEnd - start > limits.headerOctets) limit = 'LIMIT_HEADER_OCTETS'
    if (limit !== undefined) {
      // Nothing is lost: what does not count as header any more is read as body.
      isEnded = true
      position = lineStart
      break
    }
    if (isParameter) reader.report(lineStart)
    if (isContinuation) {
      if (!isOpen) continue
      fieldEnd = lineEnd
      form = Math.max(form, lineForm, FORM.folded) as FieldForm
      continue
    }
    if (isOpen) reader.add(fieldStart, colon, fieldEnd, form)
    fieldStart = -1
    // The envelope line of an mbox file is known and harmless.
    if (lineStart === start && isMboxLine(source, lineStart)) continue
    if (lineColon === -1 || lineColon === lineStart) {
      reader.report(lineStart)
      reader.hasMalformed = true
      continue
    }
    fieldStart = lineStart
    colon = lineColon
    fieldEnd = lineEnd
    form = lineForm
  }
  if (fieldStart !== -1) reader.add(fieldStart, colon, fieldEnd, form)
  const fields = reader.read()
  if (limit !== undefined) onDefect(limit, position)
  if (bareCr !== -1) onDefect('BARE_CR', bareCr)
  const isHeader = fields.length > 0 || !(reader.hasMalformed || limit !== undefined)
  return { fields, bodyStart: isHeader ? position : start, isEnded }
}

/** What has to be done to the text of a field. */
const FORM = { plain: 0, folded: 1, encoded: 2 } as const
type FieldForm = (typeof FORM)[keyof typeof FORM]

/** Names as nearly all mailers write them, with their keys: they need no check, and no string of their own. */
const COMMON_NAMES: ReadonlyMap<string, string> = new Map(
  (
    'Received Return-Path DKIM-Signature Authentication-Results From Sender Reply-To To Cc Bcc Subject Date Message-ID ' +
    'Message-Id In-Reply-To References MIME-Version Mime-Version Content-Type Content-Transfer-Encoding ' +
    'Content-Disposition Content-ID Content-Id Content-Description Content-Language X-Mailer User-Agent X-Priority ' +
    'Importance Priority List-Unsubscribe List-Id Precedence'
  )
    .split(' ')
    .map(name => [name, name.toLowerCase()]),
)

/** Numbers that {@link FieldReader} keeps of a field. */
const FIELD_NUMBERS = 4

/** Makes the fields of a section of where they stand: text is made for many of them at once, which takes less time. */
class FieldReader {
  readonly #octets: Buffer
  readonly #onDefect: OnDefect
  readonly #fields: HeaderField[] = []
  /** Of each field that is still to be read: where its name starts, its colon, its end, and its form. */
  #waiting: number[] = []
  /** True where a line is no field. */
  hasMalformed = false
  /** The value of Content-Type. */
  #type: string | undefined
  /** The delimiter of the multipart that this section is the header of, once it was looked for. */
  #own: string | undefined

  constructor(octets: Buffer, onDefect: OnDefect) {
    this.#octets = octets
    this.#onDefect = onDefect
  }

  add(start: number, colon: number, end: number, form: FieldForm): void {
    this.#waiting.push(start, colon, end, form)
  }

  /** True where there are `most` fields or more. */
  isFull(most: number): boolean {
    if (this.#fields.length + this.#waiting.length / FIELD_NUMBERS < most) return false
    return this.read().length >= most
  }

  /** Reports a line that is no field, after what stands before it. */
  report(offset: number): void {
    this.read()
    this.#onDefect('FIELD_MALFORMED', offset)
  }

  /** All fields that were added. */
  read(): readonly HeaderField[] {
    const waiting = this.#waiting
    if (waiting.length === 0) return this.#fields
    const offset = waiting[0]!
    const text = this.#octets.toString('latin1', offset, waiting[waiting.length - 2])
    for (let index = 0; index < waiting.length; index += FIELD_NUMBERS) {
      const start = waiting[index]!
      const colon = waiting[index + 1]!
      const end = waiting[index + 2]!
      let name = text.slice(start - offset, colon - offset)
      let key = COMMON_NAMES.get(name)
      if (key === undefined) {
        name = trimWsp(name)
        if (!isAllIn(name, FTEXT)) {
          this.#onDefect('FIELD_MALFORMED', start)
          this.hasMalformed = true
          continue
        }
        key = name.toLowerCase()
      }
      const value = this.#valueOf(text.slice(colon + 1 - offset, end - offset), colon + 1, end, waiting[index + 3]!)
      this.#fields.push({ name, key, value, offset: start, end })
      if (key === 'content-type') this.#type ??= value
    }
    this.#waiting = []
    return this.#fields
  }

  #valueOf(text: string, start: number, end: number, form: number): string {
    if (form === FORM.plain) return trimWsp(text)
    const decoded = form === FORM.encoded ? decodeValue(this.#octets, text, start, end, this.#onDefect) : text
    return trimWsp(unfold(decoded))
  }

  /** True where the delimiter of the section's own multipart stands, after what was read so far. */
  isOwnDelimiter(position: number): boolean {
    this.read()
    if (this.#type !== undefined) this.#own ??= ownDelimiter(this.#type)
    return this.#own ? isOwnDelimiter(this.#octets, position, this.#own) : false
  }
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

/** CRs in a line break, at most: each gateway on the way may have added one. */
const MAX_DOUBLED_CR = 16

/** After the line break whose first CR stands before `position`, CRCRLF and the like included; -1 where CR is all of it. */
function afterDoubledCr(source: Uint8Array, position: number, end: number): number {
  const limit = Math.min(end, position + MAX_DOUBLED_CR)
  let index = position
  while (index < limit && source[index] === CR) index++
  return index < end && source[index] === LF ? index + 1 : -1
}

/** A stretch of two octets for each character, in which "@" is none. */
const DOUBLE_OCTETS = /\x1b\$(?:[@AB]|\([@BCDOPQ])[^\x1b]*/g
/** The start of such a stretch that has other things in it than characters and folds: readers differ in what they are. */
const UNPAIRED_OCTETS = /\x1b\$(?:[@AB]|\([@BCDOPQ])(?!(?:(?:\r?\n[ \t]+)?[!-~]{2})+(?:\x1b|$))/
/** An escape sequence of ISO 2022 beside "@", with nothing between them that ends an address. */
const ESCAPE_IN_ADDRESS = /@[^\s<>"(),;:@\x1b]*\x1b|[^\s\x1b]@\s+\x1b|\x1b(?:\$?[()*+.][@-Z])?[^\s<>"(),;:@\x1b]*@/

/** The text of a value that is not plain ASCII. */
function decodeValue(octets: Buffer, text: string, start: number, end: number, onDefect: OnDefect): string {
  // QUIRK: Japanese mailers of old write ISO-2022-JP, which is 7-bit, without encoded-words. Inside an address it would
  // make another one, which nobody else reads.
  if (text.includes('\x1b$') && !/[\x80-\xff]/.test(text)) {
    const single = text.replace(DOUBLE_OCTETS, '\x1b')
    const isDoubtful = single.includes('@') && (ESCAPE_IN_ADDRESS.test(single) || UNPAIRED_OCTETS.test(text))
    // "$" is left of what ISO-2022-JP does not have.
    if (!single.includes('\x1b$') && !isDoubtful) {
      return decodeCharset(octets.subarray(start, end), 'iso-2022-jp', 'header')
    }
  }
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
