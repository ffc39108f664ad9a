/**
 * A strict reader of composed messages, written from the RFC texts: RFC 5322, 2045–2047, 2183, 2231, 2387, 6532.
 *
 * It imports nothing from src/, so that a misreading there is not repeated here. No obs- production is accepted.
 * `violations` are breaches of a MUST, or of a rule of this library; `preferences` are lines
 * that could have been folded at 78 characters (RFC 5322 §2.1.1 SHOULD). A message need not end in CRLF.
 *
 * Not judged: the inside of message/rfc822 (its author is another), the grammar of fields that the table
 * {@link FIELD_RULES} does not name (read as unstructured), and whether text was meant to be an encoded-word.
 */
import { Buffer } from 'node:buffer'

export interface StrictOptions {
  /** Header octets over 127 are allowed, as UTF-8: RFC 6532. */
  readonly smtpUtf8?: boolean | undefined
  /** Bodies may be labelled 8bit: RFC 6152. */
  readonly eightBit?: boolean | undefined
  /** Bodies may be labelled binary, and hold anything: RFC 3030. */
  readonly binary?: boolean | undefined
  /** Not a message yet: Date, From and Message-ID may be missing. */
  readonly draft?: boolean | undefined
  /** Bcc may be present. */
  readonly keepBcc?: boolean | undefined
}

/** One header field. Texts have one character for each octet. */
export interface StrictField {
  readonly name: string
  /** Octets from the start of the message to the name. */
  readonly offset: number
  /** Octets from the start of the message to what follows the colon. */
  readonly valueOffset: number
  /** What follows the colon, folds kept, without the final CRLF. */
  readonly raw: string
  /** The value, unfolded and without blanks around it; not decoded. */
  readonly value: string
}

/** One entity of the tree. */
export interface StrictPart {
  /** Octets from the start of the message to the first header octet. */
  readonly offset: number
  readonly fields: readonly StrictField[]
  /** Lower case; `text/plain` where there is no Content-Type. */
  readonly mediaType: string
  /** Parameters of Content-Type by lower-case name, RFC 2231 decoded. */
  readonly parameters: ReadonlyMap<string, string>
  /** Lower case; `7bit` where there is no Content-Transfer-Encoding. */
  readonly encoding: string
  /** Lower case; '' where there is no Content-Disposition. */
  readonly disposition: string
  /** Parameters of Content-Disposition by lower-case name, RFC 2231 decoded. */
  readonly dispositionParameters: ReadonlyMap<string, string>
  /** Octets from the start of the message to the body. */
  readonly bodyOffset: number
  /** Octets from the start of the message to the end of the body. */
  readonly bodyEnd: number
  /** The decoded body of a leaf; a copy. Empty for a multipart. */
  readonly content: Uint8Array
  readonly parts: readonly StrictPart[]
}

export interface StrictResult {
  /** `octet 12: RFC 5322 §2.3: bare LF`; empty where the message is right. */
  readonly violations: string[]
  /** Lines of a header that could have been folded at 78 characters, in the same form. */
  readonly preferences: string[]
  readonly root: StrictPart
}

/** Lists the violations of a composed message; see {@link strictParse}. */
export function strictCheck(message: Uint8Array, options: StrictOptions = {}): string[] {
  return strictParse(message, options).violations
}

/**
 * Reads a composed message as strictly as the RFCs are written.
 *
 * @param message not modified, not kept
 */
export function strictParse(message: Uint8Array, options: StrictOptions = {}): StrictResult {
  const text = Buffer.from(message.buffer, message.byteOffset, message.byteLength).toString('latin1')
  const context: Context = { text, options, violations: [], preferences: [], boundaries: [], binaryRanges: [] }
  const root = readPart(context, 0, text.length, 0)
  checkLines(context)
  checkBoundaries(context)
  checkTopFields(context, root)
  return { violations: context.violations, preferences: context.preferences, root }
}

/** More violations than this help nobody. */
const MAX_REPORTED = 200
/** Deepest multipart that is looked into. */
const MAX_DEPTH = 200

interface Boundary {
  readonly value: string
  readonly offset: number
  /** Delimiter lines that the structure accounts for. */
  readonly delimiters: number
}

interface Context {
  readonly text: string
  readonly options: StrictOptions
  readonly violations: string[]
  readonly preferences: string[]
  readonly boundaries: Boundary[]
  /** Bodies labelled binary, where no rule of lines holds. */
  readonly binaryRanges: (readonly [number, number])[]
}

function report(context: Context, offset: number, section: string, message: string): void {
  if (context.violations.length < MAX_REPORTED) context.violations.push(`octet ${offset}: ${section}: ${message}`)
}

function quote(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
}

// ---------------------------------------------------------------------------------------------- lines of the message

/** Line breaks, NUL and line lengths: RFC 5322 §2.1.1, §2.3, RFC 2045 §2.7. */
function checkLines(context: Context): void {
  const { text } = context
  const isBinary = (offset: number): boolean =>
    context.binaryRanges.some(([start, end]) => offset >= start && offset < end)
  for (const match of text.matchAll(/\r(?!\n)|(?<!\r)\n|\0/g)) {
    if (isBinary(match.index)) continue
    if (match[0] === '\0') report(context, match.index, 'RFC 2045 §2.7', 'NUL')
    else report(context, match.index, 'RFC 5322 §2.3', match[0] === '\r' ? 'bare CR' : 'bare LF')
  }
  let start = 0
  while (start < text.length) {
    const found = text.indexOf('\r\n', start)
    const end = found < 0 ? text.length : found
    if (end - start > 998 && !isBinary(start)) {
      report(context, start, 'RFC 5322 §2.1.1', `line of ${end - start} octets`)
    }
    start = end + 2
  }
}

/** Boundaries tell apart, and stand nowhere but in delimiter lines: RFC 2046 §5.1.1, §5.1.2. */
function checkBoundaries(context: Context): void {
  const { text, boundaries } = context
  for (const [index, boundary] of boundaries.entries()) {
    for (const other of boundaries.slice(0, index)) {
      if (boundary.value.startsWith(other.value) || other.value.startsWith(boundary.value)) {
        report(
          context,
          boundary.offset,
          'RFC 2046 §5.1.2',
          `boundary ${quote(boundary.value)} and ${quote(other.value)}: one begins with the other`,
        )
      }
    }
    const delimiter = `--${boundary.value}`
    let lines = 0
    for (let at = text.indexOf(delimiter); at >= 0; at = text.indexOf(delimiter, at + 1)) {
      if (at === 0 || text[at - 1] === '\n' || text[at - 1] === '\r') lines++
    }
    if (lines !== boundary.delimiters) {
      report(
        context,
        boundary.offset,
        'RFC 2046 §5.1.1',
        `${lines} lines begin with the delimiter ${quote(boundary.value)}, the structure has ${boundary.delimiters}`,
      )
    }
  }
}

// ---------------------------------------------------------------------------------------------------------- the tree

function readPart(context: Context, start: number, end: number, depth: number): StrictPart {
  const { fields, bodyOffset } = readFields(context, start, end)
  for (const field of fields) checkField(context, field)
  checkOnce(context, fields, MIME_SINGLE_FIELDS, 'RFC 2045 §3')

  const typeField = find(fields, 'content-type')
  const type = typeField === undefined ? undefined : readParameterized(context, typeField, 'type')
  const mediaType = type?.value ?? 'text/plain'
  const parameters = type?.parameters ?? new Map<string, string>()
  const dispositionField = find(fields, 'content-disposition')
  const disposition =
    dispositionField === undefined ? undefined : readParameterized(context, dispositionField, 'disposition')
  const encodingField = find(fields, 'content-transfer-encoding')
  const encoding = encodingField === undefined ? '7bit' : stripComments(encodingField.value).toLowerCase()
  const encodingOffset = encodingField?.offset ?? start
  checkEncodingLabel(context, encoding, mediaType, encodingOffset)

  const isMultipart = mediaType.startsWith('multipart/')
  const parts = isMultipart
    ? readMultipart(context, { mediaType, parameters, offset: typeField?.offset ?? start, bodyOffset, end, depth })
    : []
  if (isMultipart || mediaType.startsWith('message/')) {
    checkDomain(context, encoding, bodyOffset, end)
  }
  const part: StrictPart = {
    offset: start,
    fields,
    mediaType,
    parameters,
    encoding,
    disposition: disposition?.value ?? '',
    dispositionParameters: disposition?.parameters ?? new Map(),
    bodyOffset,
    bodyEnd: end,
    content: isMultipart ? new Uint8Array(0) : readContent(context, encoding, bodyOffset, end),
    parts,
  }
  if (mediaType === 'multipart/alternative') checkAlternative(context, part)
  if (mediaType === 'multipart/related') checkRelated(context, part)
  if (isBodyText(part)) checkCharset(context, part)
  return part
}

interface MultipartHead {
  readonly mediaType: string
  readonly parameters: ReadonlyMap<string, string>
  readonly offset: number
  readonly bodyOffset: number
  readonly end: number
  readonly depth: number
}

/**
 * Finds delimiter lines and reads the parts between them: RFC 2046 §5.1.1.
 *
 *     delimiter := CRLF dash-boundary
 *     close-delimiter := delimiter "--"
 *     transport-padding := *LWSP-char ; composers MUST NOT generate it
 */
function readMultipart(context: Context, head: MultipartHead): StrictPart[] {
  const { text } = context
  const boundary = head.parameters.get('boundary')
  if (boundary === undefined) {
    report(context, head.offset, 'RFC 2046 §5.1.1', `${head.mediaType} without a boundary`)
    return []
  }
  if (!/^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/.test(boundary)) {
    report(context, head.offset, 'RFC 2046 §5.1.1', `boundary ${quote(boundary)}`)
    if (boundary === '') return []
  }
  if (head.depth >= MAX_DEPTH) {
    report(context, head.offset, 'RFC 2046 §5.1', 'nested too deep to read')
    return []
  }
  const delimiter = `--${boundary}`
  const parts: StrictPart[] = []
  let delimiters = 0
  let partStart = -1
  let isClosed = false
  for (let at = text.indexOf(delimiter, head.bodyOffset); at >= 0 && at < head.end; ) {
    const next = at + delimiter.length
    const isLineStart = at === head.bodyOffset || text.startsWith('\r\n', at - 2)
    const lineEnd = Math.min(indexOrEnd(text, '\r\n', next), head.end)
    const rest = text.slice(next, lineEnd)
    if (!isLineStart || !/^(?:--)?[ \t]*$/.test(rest)) {
      if (isLineStart && !isClosed) {
        report(context, at, 'RFC 2046 §5.1.1', `delimiter followed by ${quote(rest)}`)
        delimiters++
      }
      at = text.indexOf(delimiter, next)
      continue
    }
    if (/[ \t]$/.test(rest)) report(context, at, 'RFC 2046 §5.1.1', 'delimiter with transport padding')
    if (isClosed) {
      report(context, at, 'RFC 2046 §5.1.1', 'delimiter after the close-delimiter')
      break
    }
    delimiters++
    if (partStart >= 0) {
      // The CRLF before a delimiter belongs to it; a part without any octet has none of its own.
      parts.push(readPart(context, partStart, Math.max(partStart, at - 2), head.depth + 1))
    }
    isClosed = rest.startsWith('--')
    partStart = Math.min(lineEnd + 2, head.end)
    at = text.indexOf(delimiter, lineEnd)
  }
  if (delimiters === 0) report(context, head.bodyOffset, 'RFC 2046 §5.1.1', `no delimiter of ${quote(boundary)}`)
  else if (!isClosed) {
    report(context, head.end, 'RFC 2046 §5.1.1', `no close-delimiter of ${quote(boundary)}`)
    parts.push(readPart(context, partStart, head.end, head.depth + 1))
  } else if (parts.length === 0) report(context, head.bodyOffset, 'RFC 2046 §5.1.1', 'multipart without a part')
  context.boundaries.push({ value: boundary, offset: head.offset, delimiters })
  return parts
}

/** Richest last: RFC 2046 §5.1.4; a calendar after the texts, as RFC 6047 §2.4 readers expect it. */
function checkAlternative(context: Context, part: StrictPart): void {
  const rank = (type: string): number =>
    type === 'text/plain'
      ? 0
      : type === 'text/html' || type === 'multipart/related'
        ? 1
        : type === 'text/calendar'
          ? 2
          : -1
  let highest = 0
  for (const child of part.parts) {
    const own = rank(child.mediaType)
    if (own < 0) continue
    if (own < highest) {
      report(context, child.offset, 'RFC 2046 §5.1.4', `${child.mediaType} after a richer alternative`)
    }
    highest = Math.max(highest, own)
  }
}

/** `type` names the root's type, `start` the root: RFC 2387 §3.1, §3.2. */
function checkRelated(context: Context, part: StrictPart): void {
  const start = part.parameters.get('start')
  const root =
    start === undefined ? part.parts[0] : part.parts.find(child => find(child.fields, 'content-id')?.value === start)
  if (root === undefined) {
    if (part.parts.length > 0) report(context, part.offset, 'RFC 2387 §3.2', `start ${quote(start ?? '')} is no part`)
    return
  }
  const type = part.parameters.get('type')
  if (type === undefined) report(context, part.offset, 'RFC 2387 §3.1', 'multipart/related without type')
  else if (type.toLowerCase() !== root.mediaType) {
    report(context, part.offset, 'RFC 2387 §3.1', `type ${quote(type)}, but the root is ${root.mediaType}`)
  }
}

function isBodyText(part: StrictPart): boolean {
  return (
    part.mediaType.startsWith('text/') &&
    part.disposition === '' &&
    !part.parameters.has('name') &&
    find(part.fields, 'content-id') === undefined
  )
}

/** A text shown to the reader decodes in the charset that it names: RFC 2046 §4.1.2. */
function checkCharset(context: Context, part: StrictPart): void {
  const charset = part.parameters.get('charset') ?? 'us-ascii'
  if (decodeWhole(Buffer.from(part.content), charset) === undefined) {
    report(context, part.bodyOffset, 'RFC 2046 §4.1.2', `text that is not ${quote(charset)}`)
  }
}

// --------------------------------------------------------------------------------------- content-transfer-encodings

/** The labels of RFC 2045 §6.1; composite types are never encoded (§6.4), but for message/global (RFC 6532 §3.7). */
function checkEncodingLabel(context: Context, encoding: string, mediaType: string, offset: number): void {
  if (!/^(?:7bit|8bit|binary|quoted-printable|base64)$/.test(encoding)) {
    report(context, offset, 'RFC 2045 §6.1', `Content-Transfer-Encoding ${quote(encoding)}`)
    return
  }
  const isComposite = /^(?:multipart|message)\//.test(mediaType) && !mediaType.startsWith('message/global')
  if (isComposite && /^(?:quoted-printable|base64)$/.test(encoding)) {
    report(context, offset, 'RFC 2045 §6.4', `${mediaType} in ${encoding}`)
  }
  if (/^message\/(?:partial|external-body)$/.test(mediaType) && encoding !== '7bit') {
    report(context, offset, 'RFC 2046 §5.2', `${mediaType} in ${encoding}`)
  }
  if (encoding === '8bit' && context.options.eightBit !== true)
    report(context, offset, 'RFC 6152 §3', '8bit not allowed')
  if (encoding === 'binary' && context.options.binary !== true)
    report(context, offset, 'RFC 3030 §3', 'binary not allowed')
}

/** A composite labelled 7bit holds nothing but 7bit: RFC 2045 §6.4. */
function checkDomain(context: Context, encoding: string, start: number, end: number): void {
  if (encoding !== '7bit') return
  const at = context.text.slice(start, end).search(/[\x80-\xff]/)
  // With smtpUtf8 the headers of parts are UTF-8, and only then may a composite be 8bit where no body is.
  if (at >= 0) report(context, start + at, 'RFC 2045 §6.4', 'octet over 127 within a composite labelled 7bit')
}

/** Checks a leaf's content against its label: RFC 2045 §2.7, §2.8, §6.7, §6.8. Returns it decoded. */
function readContent(context: Context, encoding: string, start: number, end: number): Uint8Array {
  const body = context.text.slice(start, end)
  if (encoding === 'base64') return readBase64(context, body, start)
  if (encoding === 'quoted-printable') return readQuotedPrintable(context, body, start)
  if (encoding === 'binary') context.binaryRanges.push([start, end])
  if (encoding === '7bit') {
    const at = body.search(/[\x80-\xff]/)
    if (at >= 0) report(context, start + at, 'RFC 2045 §2.7', 'octet over 127 in 7bit')
  }
  return Buffer.from(body, 'latin1')
}

/** RFC 2045 §6.8; padding and its zero bits: RFC 4648 §3.2, §3.5. */
function readBase64(context: Context, body: string, start: number): Uint8Array {
  let offset = start
  const lines = body.split('\r\n')
  if (lines.at(-1) === '') lines.pop()
  for (const line of lines) {
    if (line.length > 76) report(context, offset, 'RFC 2045 §6.8', `base64 line of ${line.length} characters`)
    if (line === '') report(context, offset, 'RFC 2045 §6.8', 'empty line in base64')
    const alien = line.search(/[^A-Za-z0-9+/=]/)
    if (alien >= 0) report(context, offset + alien, 'RFC 2045 §6.8', `${quote(line[alien]!)} in base64`)
    offset += line.length + 2
  }
  const digits = lines.join('')
  checkBase64Form(context, digits, start, 'RFC 2045 §6.8')
  return Buffer.from(digits, 'base64')
}

function checkBase64Form(context: Context, digits: string, offset: number, section: string): void {
  if (digits.length % 4 !== 0) report(context, offset, section, `base64 of ${digits.length} characters`)
  const padding = digits.indexOf('=')
  if (padding < 0) return
  const tail = digits.slice(padding)
  if (tail !== '=' && tail !== '==') report(context, offset + padding, section, 'base64 goes on after its padding')
  else {
    const last = BASE64.indexOf(digits[padding - 1] ?? 'A')
    if ((last & (tail === '=' ? 0b11 : 0b1111)) !== 0) {
      report(context, offset + padding, 'RFC 4648 §3.5', 'base64 pad bits are not zero')
    }
  }
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** RFC 2045 §6.7, rules (1) to (5). */
function readQuotedPrintable(context: Context, body: string, start: number): Uint8Array {
  const section = 'RFC 2045 §6.7'
  let offset = start
  let decoded = ''
  const lines = body.split('\r\n')
  for (const [index, line] of lines.entries()) {
    const isLast = index === lines.length - 1
    if (line.length > 76) report(context, offset, `${section}(5)`, `quoted-printable line of ${line.length} characters`)
    if (/[ \t]$/.test(line)) report(context, offset + line.length - 1, `${section}(3)`, 'blank at the end of a line')
    const alien = line.search(/[^\t\x20-\x7e]/)
    if (alien >= 0) report(context, offset + alien, `${section}(2)`, `${quote(line[alien]!)} in quoted-printable`)
    const loose = line.search(/=(?![0-9A-F]{2}|$)/)
    if (loose >= 0) {
      report(context, offset + loose, `${section}(1)`, `${quote(line.slice(loose, loose + 3))} is no escape`)
    }
    const isSoft = line.endsWith('=')
    if (isSoft && isLast) report(context, offset + line.length - 1, section, '"=" ends the quoted-printable content')
    decoded += unescapeHex(line.replace(/=$/, ''), '=')
    if (!isSoft && !isLast) decoded += '\r\n'
    offset += line.length + 2
  }
  return Buffer.from(decoded, 'latin1')
}

// ------------------------------------------------------------------------------------------------------ header section

interface HeaderSection {
  readonly fields: StrictField[]
  readonly bodyOffset: number
}

/** Splits a header section into fields and checks its lines: RFC 5322 §2.1.1, §2.2, §3.2.2. */
function readFields(context: Context, start: number, end: number): HeaderSection {
  const { text } = context
  const fields: StrictField[] = []
  let at = start
  while (at < end) {
    if (text.startsWith('\r\n', at)) return { fields, bodyOffset: at + 2 }
    const fieldStart = at
    let fieldEnd: number
    do {
      fieldEnd = Math.min(indexOrEnd(text, '\r\n', at), end)
      checkHeaderLine(context, fieldStart, at, fieldEnd)
      at = Math.min(fieldEnd + 2, end)
    } while (at < end && (text[at] === ' ' || text[at] === '\t'))
    const field = readField(context, fieldStart, text.slice(fieldStart, fieldEnd))
    if (field !== undefined) fields.push(field)
  }
  return { fields, bodyOffset: end }
}

/**
 * `field-name = 1*ftext; ftext = %d33-57 / %d59-126`, the colon right behind it: RFC 5322 §3.6.8.
 */
function readField(context: Context, offset: number, text: string): StrictField | undefined {
  const name = /^([!-9;-~]+):/.exec(text)?.[1]
  if (name === undefined) {
    report(context, offset, 'RFC 5322 §3.6.8', `not a header field: ${quote(text)}`)
    return undefined
  }
  const raw = text.slice(name.length + 1)
  if (/^[ \t]*\r\n/.test(raw)) {
    report(context, offset, 'RFC 5322 §2.2.3', `nothing on the first line of ${name} (breaks DKIM verifiers)`)
  }
  return { name, offset, valueOffset: offset + name.length + 1, raw, value: unfold(raw) }
}

function checkHeaderLine(context: Context, fieldStart: number, start: number, end: number): void {
  const line = context.text.slice(start, end)
  const control = line.search(/[\x00-\x08\x0a-\x1f\x7f]/)
  if (control >= 0) report(context, start + control, 'RFC 5322 §2.2', `control ${quote(line[control]!)} in a header`)
  const isContinuation = start > fieldStart
  if (isContinuation && /^[ \t]*$/.test(line)) {
    report(context, start, 'RFC 5322 §3.2.2', 'continuation line of blanks only')
  }
  const high = line.search(/[\x80-\xff]/)
  if (high >= 0) {
    if (context.options.smtpUtf8 !== true) report(context, start + high, 'RFC 5322 §2.2', 'octet over 127 in a header')
    else if (decodeWhole(Buffer.from(line, 'latin1'), 'utf-8') === undefined) {
      report(context, start + high, 'RFC 6532 §3.1', 'header line that is not UTF-8')
    }
  }
  if (line.length > 78) {
    const value = isContinuation ? line : line.slice(line.indexOf(':') + 1)
    // A fold inside a quoted-string is legal, and worse than a long line: readers disagree on what it means.
    if (canFold(value.replace(/"(?:[^"\\]|\\.)*"/g, quoted => 'q'.repeat(quoted.length)))) {
      context.preferences.push(
        `octet ${start}: RFC 5322 §2.1.1: header line of ${line.length} characters could be folded`,
      )
    }
  }
}

/** True where one blank stands between two characters, the first blanks apart: there the line could have ended. */
function canFold(line: string): boolean {
  return /[^ \t][ \t](?=[^ \t])/.test(line)
}

function unfold(raw: string): string {
  return raw.replace(/\r\n(?=[ \t])/g, '').replace(/^[ \t]+|[ \t]+$/g, '')
}

function find(fields: readonly StrictField[], name: string): StrictField | undefined {
  return fields.find(field => field.name.toLowerCase() === name)
}

function indexOrEnd(text: string, part: string, from: number): number {
  const at = text.indexOf(part, from)
  return at < 0 ? text.length : at
}

/** Fields of which an entity has at most one: RFC 2045 §3, RFC 2183 §2. */
const MIME_SINGLE_FIELDS = [
  'content-type',
  'content-transfer-encoding',
  'content-id',
  'content-description',
  'content-disposition',
  'mime-version',
]

/** Fields of which a message has at most one: RFC 5322 §3.6; the priorities are this library's, and mean one value. */
const SINGLE_FIELDS = [
  'date',
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'bcc',
  'message-id',
  'in-reply-to',
  'references',
  'subject',
  'importance',
  'priority',
  'x-priority',
  'x-unsent',
]

function checkOnce(context: Context, fields: readonly StrictField[], names: readonly string[], section: string): void {
  for (const name of names) {
    const second = fields.filter(field => field.name.toLowerCase() === name)[1]
    if (second !== undefined) report(context, second.offset, section, `second ${second.name}`)
  }
}

/** Which fields a message must and must not have: RFC 5322 §3.6, RFC 2045 §4. */
function checkTopFields(context: Context, root: StrictPart): void {
  const { options } = context
  checkOnce(context, root.fields, SINGLE_FIELDS, 'RFC 5322 §3.6')
  const require = (name: string, section: string): void => {
    if (find(root.fields, name.toLowerCase()) === undefined) report(context, 0, section, `no ${name}`)
  }
  if (options.draft !== true) {
    require('Date', 'RFC 5322 §3.6.1')
    require('From', 'RFC 5322 §3.6.2')
    require('Message-ID', 'RFC 5322 §3.6.4')
  }
  require('MIME-Version', 'RFC 2045 §4')
  const bcc = find(root.fields, 'bcc')
  if (bcc !== undefined && options.keepBcc !== true) report(context, bcc.offset, 'RFC 5322 §3.6.3', 'Bcc')
  const from = find(root.fields, 'from')
  if (from !== undefined && find(root.fields, 'sender') === undefined) {
    const cursor = cursorOf({ ...context, violations: [] }, from)
    if (readAddressList(cursor, 'mailboxes') > 1) {
      report(context, from.offset, 'RFC 5322 §3.6.2', 'several From, and no Sender')
    }
  }
}

type FieldRule = (context: Context, field: StrictField) => void

/** Field name -> what its value must be. Other fields are unstructured. */
const FIELD_RULES: ReadonlyMap<string, FieldRule> = new Map(
  Object.entries<FieldRule>({
    date: checkDate,
    'resent-date': checkDate,
    from: (context, field) => checkAddresses(context, field, 'mailboxes', 1),
    'resent-from': (context, field) => checkAddresses(context, field, 'mailboxes', 1),
    sender: (context, field) => checkAddresses(context, field, 'mailbox', 1),
    'resent-sender': (context, field) => checkAddresses(context, field, 'mailbox', 1),
    'reply-to': (context, field) => checkAddresses(context, field, 'addresses', 0),
    to: (context, field) => checkAddresses(context, field, 'addresses', 0),
    cc: (context, field) => checkAddresses(context, field, 'addresses', 0),
    'resent-to': (context, field) => checkAddresses(context, field, 'addresses', 0),
    'resent-cc': (context, field) => checkAddresses(context, field, 'addresses', 0),
    bcc: (context, field) => {
      if (field.value !== '') checkAddresses(context, field, 'addresses', 0)
    },
    'disposition-notification-to': (context, field) => checkAddresses(context, field, 'mailboxes', 1),
    'message-id': (context, field) => checkMessageIds(context, field, 1),
    'resent-message-id': (context, field) => checkMessageIds(context, field, 1),
    'content-id': (context, field) => checkMessageIds(context, field, 1),
    'in-reply-to': (context, field) => checkMessageIds(context, field, Number.POSITIVE_INFINITY),
    references: (context, field) => checkMessageIds(context, field, Number.POSITIVE_INFINITY),
    'mime-version': (context, field) => {
      if (!/^1[ \t]*\.[ \t]*0$/.test(stripComments(field.value))) {
        report(context, field.offset, 'RFC 2045 §4', `MIME-Version ${quote(field.value)}`)
      }
    },
    'content-transfer-encoding': () => {},
    'content-type': () => {},
    'content-disposition': () => {},
    importance: (context, field) => checkWord(context, field, /^(?:low|normal|high)$/i, 'RFC 2156 §5.3.4'),
    priority: (context, field) => checkWord(context, field, /^(?:non-urgent|normal|urgent)$/i, 'RFC 2156 §5.3.6'),
    received: () => {},
    'return-path': () => {},
  }),
)

function checkField(context: Context, field: StrictField): void {
  const rule = FIELD_RULES.get(field.name.toLowerCase())
  if (rule === undefined) checkUnstructured(context, field)
  else rule(context, field)
}

function checkWord(context: Context, field: StrictField, pattern: RegExp, section: string): void {
  if (!pattern.test(field.value)) report(context, field.offset, section, `${field.name} ${quote(field.value)}`)
}

// --------------------------------------------------------------------------------------------- grammars of field values

/** A place in the value of a field, folds kept, so that places are octets of the message. */
interface Cursor {
  readonly context: Context
  readonly text: string
  /** Octets from the start of the message to `text`. */
  readonly offset: number
  at: number
}

function cursorOf(context: Context, field: StrictField): Cursor {
  return { context, text: field.raw, offset: field.valueOffset, at: 0 }
}

function fail(cursor: Cursor, section: string, message: string): void {
  report(cursor.context, cursor.offset + cursor.at, section, `${message} at ${quote(cursor.text.slice(cursor.at))}`)
}

/** Reads what the sticky pattern matches here, or undefined. */
function take(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at
  const match = pattern.exec(cursor.text)?.[0]
  if (match !== undefined) cursor.at += match.length
  return match
}

/**
 * `CFWS = (1*([FWS] comment) [FWS]) / FWS`: RFC 5322 §3.2.2.
 *
 * @returns false where a comment is not closed or holds what it may not
 */
function skipCfws(cursor: Cursor): boolean {
  for (;;) {
    take(cursor, /[ \t\r\n]+/y)
    if (cursor.text[cursor.at] !== '(') return true
    if (!takeComment(cursor)) return false
  }
}

/** `comment = "(" *([FWS] ccontent) [FWS] ")"`, nested with a counter: RFC 5322 §3.2.2. */
function takeComment(cursor: Cursor): boolean {
  let depth = 0
  do {
    if (take(cursor, /\(/y) !== undefined) depth++
    else if (take(cursor, /\)/y) !== undefined) depth--
    else {
      const start = cursor.at
      const ctext = take(cursor, /(?:[!-'*-[\]-~\x80-\xff \t\r\n]|\\[\t\x20-\x7e])+/y)
      if (ctext === undefined) {
        fail(cursor, 'RFC 5322 §3.2.2', 'bad comment')
        return false
      }
      checkWords(cursor.context, ctext, cursor.offset + start, 'comment')
    }
  } while (depth > 0)
  return true
}

const ATOM = /[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\x80-\xff]+/y
const DOT_ATOM = /[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\x80-\xff]+(?:\.[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\x80-\xff]+)*/y
const QUOTED_STRING = /"(?:[!#-[\]-~\x80-\xff \t]|\r\n[ \t]|\\[\t\x20-\x7e])*"/y
const DOMAIN_LITERAL = /\[(?:[!-Z^-~\x80-\xff \t]|\r\n[ \t])*\]/y

/** Reads an addr-spec without white space or comments, which §3.4.1 says SHOULD NOT stand around its "@". */
function takeAddrSpec(cursor: Cursor): boolean {
  const start = cursor.at
  const local = take(cursor, QUOTED_STRING) ?? take(cursor, DOT_ATOM)
  const isWhole =
    local !== undefined &&
    take(cursor, /@/y) !== undefined &&
    (take(cursor, DOT_ATOM) ?? take(cursor, DOMAIN_LITERAL)) !== undefined
  if (!isWhole) {
    cursor.at = start
    return false
  }
  const spec = cursor.text.slice(start, cursor.at)
  if (/\r\n/.test(spec)) fail(cursor, 'RFC 5322 §3.4.1', 'fold within an addr-spec')
  if (ENCODED_WORD_ANYWHERE.test(spec)) {
    report(cursor.context, cursor.offset + start, 'RFC 2047 §5', `encoded-word within the addr-spec ${quote(spec)}`)
  }
  return true
}

/** `phrase = 1*word`, words being atoms, encoded-words and quoted-strings: RFC 5322 §3.2.5, RFC 2047 §5(3). */
function takePhrase(cursor: Cursor): boolean {
  let words = 0
  for (;;) {
    if (!skipCfws(cursor)) return false
    const start = cursor.at
    const quoted = take(cursor, QUOTED_STRING)
    if (quoted !== undefined) {
      if (ENCODED_WORD_ANYWHERE.test(quoted)) {
        report(cursor.context, cursor.offset + start, 'RFC 2047 §5(3)', `encoded-word within quotes: ${quote(quoted)}`)
      }
    } else {
      const atom = take(cursor, ATOM)
      if (atom === undefined) return words > 0
      checkPhraseAtom(cursor, atom, start)
    }
    words++
  }
}

function checkPhraseAtom(cursor: Cursor, atom: string, start: number): void {
  const { context, text } = cursor
  const offset = cursor.offset + start
  if (!ENCODED_WORD_ANYWHERE.test(atom)) return
  const isApart = (character: string | undefined): boolean => character === undefined || /[ \t\r\n]/.test(character)
  if (!isApart(text[start - 1]) || !isApart(text[cursor.at])) {
    report(context, offset, 'RFC 2047 §5(3)', `encoded-word not set off by blanks: ${quote(atom)}`)
  }
  checkEncodedWord(context, atom, offset, 'phrase')
}

type AddressGrammar = 'mailbox' | 'mailboxes' | 'addresses'

/**
 * Reads addresses; problems are reported.
 *
 *     address-list = address *("," address)
 *     address      = mailbox / group
 *     mailbox      = name-addr / addr-spec
 *     name-addr    = [display-name] [CFWS] "<" addr-spec ">" [CFWS]
 *     group        = display-name ":" [mailbox-list / CFWS] ";" [CFWS]
 *
 * @returns how many mailboxes there are
 */
function readAddressList(cursor: Cursor, grammar: AddressGrammar): number {
  const section = 'RFC 5322 §3.4'
  let mailboxes = 0
  let isInGroup = false
  for (;;) {
    if (!skipCfws(cursor)) return mailboxes
    let isGroupEnd = false
    {
      const start = cursor.at
      // An addr-spec is tried first, and is one only where nothing but the end of the address follows.
      let isRead = takeAddrSpec(cursor) && skipCfws(cursor) && /^(?:[,;]|$)/.test(cursor.text.slice(cursor.at))
      if (!isRead) {
        cursor.at = start
        const hasPhrase = takePhrase(cursor)
        if (take(cursor, /</y) !== undefined) {
          isRead = takeAddrSpec(cursor) && take(cursor, />/y) !== undefined
        } else if (hasPhrase && !isInGroup && grammar === 'addresses' && take(cursor, /:/y) !== undefined) {
          isInGroup = true
          if (!skipCfws(cursor)) return mailboxes
          if (take(cursor, /;/y) === undefined) continue
          isGroupEnd = true
          isRead = true
          mailboxes--
        }
      }
      if (!isRead) {
        fail(cursor, section, 'no address')
        return mailboxes
      }
      mailboxes++
    }
    if (!skipCfws(cursor)) return mailboxes
    if (isInGroup && !isGroupEnd && take(cursor, /;/y) !== undefined) isGroupEnd = true
    if (isGroupEnd) isInGroup = false
    if (!skipCfws(cursor)) return mailboxes
    if (cursor.at === cursor.text.length) break
    if (grammar === 'mailbox' || take(cursor, /,/y) === undefined) {
      fail(cursor, section, 'more after an address')
      return mailboxes
    }
  }
  if (isInGroup) fail(cursor, section, 'group without ";"')
  return mailboxes
}

function checkAddresses(context: Context, field: StrictField, grammar: AddressGrammar, least: number): void {
  const before = context.violations.length
  const mailboxes = readAddressList(cursorOf(context, field), grammar)
  if (mailboxes < least && context.violations.length === before) {
    report(context, field.offset, 'RFC 5322 §3.4', `${field.name} without a mailbox`)
  }
}

/** `msg-id = [CFWS] "<" id-left "@" id-right ">" [CFWS]`, without obs-: RFC 5322 §3.6.4. */
function checkMessageIds(context: Context, field: StrictField, most: number): void {
  const cursor = cursorOf(context, field)
  for (let count = 0; ; count++) {
    if (!skipCfws(cursor)) return
    if (cursor.at === cursor.text.length && count > 0) return
    const isRead =
      count < most &&
      take(cursor, /</y) !== undefined &&
      take(cursor, DOT_ATOM) !== undefined &&
      take(cursor, /@/y) !== undefined &&
      (take(cursor, DOT_ATOM) ?? take(cursor, /\[[!-Z^-~]*\]/y)) !== undefined &&
      take(cursor, />/y) !== undefined
    if (!isRead) {
      fail(cursor, 'RFC 5322 §3.6.4', `${field.name}: no msg-id`)
      return
    }
  }
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `date-time = [day-name ","] 1*2DIGIT month-name 4*DIGIT time zone`: RFC 5322 §3.3. */
function checkDate(context: Context, field: StrictField): void {
  const problem = dateProblem(stripComments(field.value))
  if (problem !== undefined) report(context, field.offset, 'RFC 5322 §3.3', `${problem}: ${quote(field.value)}`)
}

function dateProblem(value: string): string | undefined {
  const match =
    /^(?:([A-Z][a-z]{2}),[ \t]*)?(\d{1,2})[ \t]+([A-Z][a-z]{2})[ \t]+(\d{4,})[ \t]+(\d\d):(\d\d)(?::(\d\d))?[ \t]+[+-](\d\d)(\d\d)$/.exec(
      value,
    )
  if (match === null) return 'not a date-time'
  const [, dayName, day, monthName, year, hour, minute, second = '0', , zoneMinute] = match
  const month = MONTHS.indexOf(monthName!)
  const date = new Date(0)
  date.setUTCFullYear(Number(year), month, Number(day))
  if (month < 0 || date.getUTCMonth() !== month || date.getUTCDate() !== Number(day)) return 'no such day'
  if (Number(year) < 1900) return 'a year before 1900'
  if (dayName !== undefined && dayName !== DAYS[date.getUTCDay()]) return 'not that day of the week'
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return 'no such time'
  if (Number(zoneMinute) > 59) return 'no such zone'
  return undefined
}

/** The value without comments; one inside a quoted-string is none. */
function stripComments(value: string): string {
  let depth = 0
  let result = ''
  for (const [token] of value.matchAll(/"(?:[^"\\]|\\.)*"|\\.|[\s\S]/g)) {
    if (token === '(') depth++
    else if (token === ')' && depth > 0) depth--
    else if (depth === 0) result += token
  }
  return result.trim()
}

// ------------------------------------------------------------------------------------------------------ encoded-words

/** `encoded-word = "=?" charset "?" encoding "?" encoded-text "?="`: RFC 2047 §2; with a language: RFC 2231 §5. */
const ENCODED_WORD = /^=\?([^\x00-\x20\x7f()<>@,;:"/[\]?.=*]+)(?:\*[A-Za-z0-9-]+)?\?([^?]+)\?([^?]*)\?=$/
/** What a reader that is not strict takes for one. */
const ENCODED_WORD_ANYWHERE = /=\?[^?\s]+\?[BbQq]\?[^?\s]*\?=/

type WordPlace = 'text' | 'comment' | 'phrase' | 'name parameter'

/** Alphabets of the "Q" encoding by place: RFC 2047 §4.2, §5(1), §5(2), §5(3). */
const Q_ALPHABET: Readonly<Record<WordPlace, RegExp>> = {
  text: /^(?:[!-<>@-~]|=[0-9A-F]{2})+$/,
  comment: /^(?:[!#-'*-<>@-[\]-~]|=[0-9A-F]{2})+$/,
  phrase: /^(?:[A-Za-z0-9!*+\-/_]|=[0-9A-F]{2})+$/,
  'name parameter': /^(?:[!#-<>@-[\]-~]|=[0-9A-F]{2})+$/,
}

/** A field without a grammar of its own: RFC 5322 §3.6.8 with RFC 2047 §5(1). */
function checkUnstructured(context: Context, field: StrictField): void {
  checkWords(context, field.raw, field.valueOffset, 'text')
}

/** Checks the encoded-words among words that blanks set apart. */
function checkWords(context: Context, text: string, offset: number, place: WordPlace): void {
  for (const match of text.matchAll(/[^ \t\r\n]+/g)) {
    if (ENCODED_WORD_ANYWHERE.test(match[0])) checkEncodedWord(context, match[0], offset + match.index, place)
  }
}

function checkEncodedWord(context: Context, word: string, offset: number, place: WordPlace): void {
  const match = ENCODED_WORD.exec(word)
  if (match === null) {
    report(context, offset, 'RFC 2047 §5(1)', `encoded-word not set off by blanks: ${quote(word)}`)
    return
  }
  const [, charset, encoding, encoded] = match
  const bad = (section: string, why: string): void => report(context, offset, section, `${why}: ${quote(word)}`)
  if (word.length > 75) bad('RFC 2047 §2', `encoded-word of ${word.length} characters`)
  if (place !== 'name parameter') {
    const lineStart = context.text.lastIndexOf('\n', offset) + 1
    const line = context.text.slice(lineStart, indexOrEnd(context.text, '\r\n', offset))
    // In characters: RFC 6532 §3.4. An address may have some of several octets.
    const lineLength = line.replace(/[\x80-\xbf]/g, '').length
    // After a name this long no word fits the line, and a fold before it would leave an empty first line.
    const isAfterLongName = /^[!-9;-~]{51,}: $/.test(context.text.slice(lineStart, offset)) && word.length <= 24
    if (lineLength > 76 && !isAfterLongName) bad('RFC 2047 §2', `encoded-word on a line of ${lineLength} characters`)
  }
  const octets = decodeWord(context, { encoding: encoding!.toUpperCase(), encoded: encoded!, offset, place })
  if (octets === undefined) bad('RFC 2047 §4', `not the encoding, or not its alphabet in a ${place}`)
  else if (!isKnownCharset(charset!)) bad('RFC 2047 §3', 'unknown charset')
  else {
    const decoded = decodeWhole(octets, charset!)
    if (decoded === undefined) bad('RFC 2047 §5', 'not whole characters of its charset')
    else if (/[\x00-\x08\x0a-\x1f\x7f]/.test(decoded)) bad('RFC 2047 §5', 'decodes to a control')
  }
}

interface WordText {
  /** Upper case. */
  readonly encoding: string
  readonly encoded: string
  readonly offset: number
  readonly place: WordPlace
}

/** The octets of an encoded-text; undefined where it is neither B nor Q, or leaves the alphabet of its place. */
function decodeWord(context: Context, word: WordText): Buffer | undefined {
  const { encoding, encoded, offset, place } = word
  if (encoding === 'Q' && Q_ALPHABET[place].test(encoded))
    return Buffer.from(unescapeHex(encoded.replaceAll('_', ' '), '='), 'latin1')
  if (encoding === 'B' && /^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) {
    checkBase64Form(context, encoded, offset, 'RFC 2047 §4.1')
    return Buffer.from(encoded, 'base64')
  }
  return undefined
}

/** Replaces `=XX` or `%XX` by the character of that code. */
function unescapeHex(text: string, mark: '=' | '%'): string {
  const pattern = mark === '=' ? /=([0-9A-F]{2})/g : /%([0-9A-F]{2})/g
  return text.replace(pattern, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

function isKnownCharset(charset: string): boolean {
  if (/^us-ascii$/i.test(charset)) return true
  try {
    new TextDecoder(charset)
    return true
  } catch {
    return false
  }
}

/** The text, or undefined where the octets are not whole characters of the charset, or the charset is not known. */
function decodeWhole(octets: Uint8Array, charset: string): string | undefined {
  if (/^us-ascii$/i.test(charset)) {
    const text = Buffer.from(octets).toString('latin1')
    return /[\x80-\xff]/.test(text) ? undefined : text
  }
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(octets)
  } catch {
    return undefined
  }
}

// --------------------------------------------------------------------------------------------- parameters of MIME fields

interface Parameterized {
  /** Lower case. */
  readonly value: string
  readonly parameters: ReadonlyMap<string, string>
}

/** Any CHAR except SPACE, CTLs and tspecials: RFC 2045 §5.1. */
const TOKEN = /[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+/y
/** A token without "*", "'" and "%": RFC 2231 §7. */
const ATTRIBUTE = /[!#$&+\-.0-9A-Z^_`a-z{|}~]+/y
/** `*0`, `*12`, without leading zeros, and the "*" of an extended value: RFC 2231 §7. */
const SECTION = /(?:\*(?:0|[1-9][0-9]*))?\*?/y
/** `attribute-char`, `"%" 2(DIGIT / "A" … "F")`, and the two "'" of the first segment: RFC 2231 §7. */
const EXTENDED_VALUE = /(?:[!#$&+\-.0-9A-Z^_`a-z{|}~']|%[0-9A-F]{2})*/y

interface Segment {
  readonly attribute: string
  /** Number of the segment; undefined where the parameter is whole. */
  readonly section: number | undefined
  readonly isExtended: boolean
  readonly value: string
  readonly offset: number
}

/**
 * Reads `type/subtype *(";" parameter)`, or `disposition-type *(";" parameter)`: RFC 2045 §5.1, RFC 2183 §2.
 */
function readParameterized(context: Context, field: StrictField, kind: 'type' | 'disposition'): Parameterized {
  const section = kind === 'type' ? 'RFC 2045 §5.1' : 'RFC 2183 §2'
  const cursor = cursorOf(context, field)
  skipCfws(cursor)
  let value = take(cursor, TOKEN)
  if (value !== undefined && kind === 'type') {
    const subtype = take(cursor, /\//y) === undefined ? undefined : take(cursor, TOKEN)
    value = subtype === undefined ? undefined : `${value}/${subtype}`
  }
  if (value === undefined) {
    fail(cursor, section, `${field.name}: no ${kind}`)
    return { value: kind === 'type' ? 'text/plain' : 'attachment', parameters: new Map() }
  }
  const segments: Segment[] = []
  while (skipCfws(cursor) && cursor.at < cursor.text.length) {
    if (take(cursor, /;/y) === undefined) {
      fail(cursor, section, `${field.name}: more after a value`)
      break
    }
    skipCfws(cursor)
    const segment = takeParameter(cursor, section, `${kind}`)
    if (segment === undefined) break
    segments.push(segment)
  }
  return { value: value.toLowerCase(), parameters: joinSegments(context, segments) }
}

/** Reads `attribute "=" value`, or one RFC 2231 form of it; undefined, after a report, where there is none. */
function takeParameter(cursor: Cursor, section: string, kind: string): Segment | undefined {
  const start = cursor.at
  const attribute = take(cursor, ATTRIBUTE)?.toLowerCase()
  const suffix = take(cursor, SECTION) ?? ''
  if (attribute === undefined || take(cursor, /=/y) === undefined) {
    fail(cursor, section, 'no parameter')
    return undefined
  }
  const offset = cursor.offset + start
  const number = /\d+/.exec(suffix)?.[0]
  const isExtended = suffix.endsWith('*')
  const base = { attribute, section: number === undefined ? undefined : Number(number), isExtended, offset }
  if (isExtended) {
    if (cursor.text[cursor.at] === '"') {
      fail(cursor, 'RFC 2231 §7', 'quoted extended value')
      return undefined
    }
    const value = take(cursor, EXTENDED_VALUE) ?? ''
    if (!/^(?:[;( \t\r\n]|$)/.test(cursor.text.slice(cursor.at))) {
      fail(cursor, 'RFC 2231 §7', 'character that an extended value must percent-encode')
      return undefined
    }
    return { ...base, value }
  }
  const valueStart = cursor.at
  const quoted = take(cursor, QUOTED_STRING)
  if (quoted === undefined) {
    const value = take(cursor, TOKEN)
    if (value === undefined) {
      fail(cursor, section, `${attribute}: neither token nor quoted-string`)
      return undefined
    }
    return { ...base, value }
  }
  const value = quoted
    .slice(1, -1)
    .replace(/\r\n/g, '')
    .replace(/\\([\s\S])/g, '$1')
  if (ENCODED_WORD_ANYWHERE.test(value)) {
    // RFC 2047 §5 forbids them here. Mailers that predate RFC 2231 read `name`, so that one may be made of them.
    const words = [...quoted.slice(1, -1).matchAll(/[^ \t\r\n]+/g)]
    const isLegacyName = kind === 'type' && attribute === 'name' && words.every(word => ENCODED_WORD.test(word[0]))
    if (!isLegacyName) {
      report(cursor.context, offset, 'RFC 2047 §5', `encoded-word within the parameter ${attribute}`)
    } else {
      for (const word of words) {
        checkEncodedWord(cursor.context, word[0], cursor.offset + valueStart + 1 + word.index, 'name parameter')
      }
    }
  }
  return { ...base, value }
}

/** Joins and decodes the segments of RFC 2231 §3, §4; a plain value beside an extended one is its fallback. */
function joinSegments(context: Context, segments: readonly Segment[]): Map<string, string> {
  const section = 'RFC 2231 §3'
  const result = new Map<string, string>()
  const seen = new Set<string>()
  const grouped = new Map<string, Segment[]>()
  for (const segment of segments) {
    const key = `${segment.attribute}*${segment.section ?? ''}${segment.isExtended ? '*' : ''}`
    if (seen.has(key)) report(context, segment.offset, 'RFC 2045 §5.1', `second parameter ${segment.attribute}`)
    seen.add(key)
    if (segment.section === undefined && !segment.isExtended) result.set(segment.attribute, segment.value)
    else grouped.set(segment.attribute, [...(grouped.get(segment.attribute) ?? []), segment])
  }
  for (const [attribute, group] of grouped) {
    const first = group[0]!
    const isSplit = first.section !== undefined
    if (group.some(segment => (segment.section !== undefined) !== isSplit)) {
      report(context, first.offset, section, `${attribute} both whole and in segments`)
    }
    const ordered = group.toSorted((a, b) => (a.section ?? 0) - (b.section ?? 0))
    if (isSplit && ordered.some((segment, index) => segment.section !== index)) {
      report(context, first.offset, section, `segments of ${attribute} are not 0, 1, 2 …`)
    }
    result.set(attribute, decodeSegments(context, attribute, ordered))
  }
  return result
}

function decodeSegments(context: Context, attribute: string, ordered: readonly Segment[]): string {
  const head = ordered[0]!
  const prefix = head.isExtended ? /^([^']*)'([^']*)'/.exec(head.value) : null
  const isAnyExtended = ordered.some(segment => segment.isExtended)
  if (isAnyExtended && prefix === null) {
    report(context, head.offset, 'RFC 2231 §4', `${attribute} without charset'language'`)
  }
  const charset = prefix?.[1] === undefined || prefix[1] === '' ? 'us-ascii' : prefix[1]
  if (!isKnownCharset(charset)) report(context, head.offset, 'RFC 2231 §4', `unknown charset ${quote(charset)}`)
  if (prefix !== null && !/^(?:[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)?$/.test(prefix[2]!)) {
    report(context, head.offset, 'RFC 2231 §4', `language ${quote(prefix[2]!)}`)
  }
  const octets = ordered.map((segment, index) => {
    if (!segment.isExtended) return Buffer.from(segment.value, 'latin1')
    const value = index === 0 && prefix !== null ? segment.value.slice(prefix[0].length) : segment.value
    if (value.includes("'")) report(context, segment.offset, 'RFC 2231 §7', `"'" within the value of ${attribute}`)
    return Buffer.from(unescapeHex(value, '%'), 'latin1')
  })
  const joined = Buffer.concat(octets)
  const decoded = decodeWhole(joined, charset)
  if (decoded === undefined && isKnownCharset(charset)) {
    report(context, head.offset, 'RFC 2231 §4', `${attribute} is not ${charset}`)
  }
  return decoded ?? joined.toString('latin1')
}
