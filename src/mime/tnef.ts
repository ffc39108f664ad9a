/**
 * TNEF (winmail.dat, application/ms-tnef): what Outlook and Exchange wrap a message in. MS-OXTNEF.
 *
 * The attributes and MAPI properties of MS-OXTNEF 2.1.3; the RTF in one of them is read in ./rtf.ts. The calendar
 * properties of meeting requests are not read.
 */
import { type Bytes, latin1Text, readUint16, readUint32 } from '../codec/bytes.ts'
import { charsetOfHtml, decodeCharset, isKnownCharset } from '../codec/charset.ts'
import type { OnDefect } from '../defect.ts'
import { DEFAULT_CODE_PAGE, decompressRtf, NO_RTF_CONTENT, RtfReader } from './rtf.ts'

/** What a TNEF body carries. Every property is present, empty where the body has nothing. */
export interface TnefContent {
  readonly subject: string
  /** Line breaks as they came, mostly CRLF. */
  readonly text: string
  /** As untrusted as any HTML of a message. A `<meta>` in it may state a charset, which is then no longer true. */
  readonly html: string
  /** The body in RTF, decompressed; undefined when there is none. */
  readonly rtf: Bytes | undefined
  /** MAPI message class: `IPM.Note`, `IPM.Schedule.Meeting.Request`. */
  readonly messageClass: string
  readonly attachments: readonly TnefAttachment[]
}

/** A file or message inside a TNEF body. */
export interface TnefAttachment {
  /** The long name if there is one, as it came: it may contain path separators. `''` when there is none. */
  readonly filename: string
  /** Media type as the sender stated it; `''` when unknown. */
  readonly type: string
  /** Without angle brackets; `''` when there is none. */
  readonly contentId: string
  /** A view of the octets that were read; for an embedded message again TNEF, to be read by {@link readTnef}. */
  readonly content: Bytes
  /** Whether a message is attached, and `content` is TNEF. */
  readonly embedded: boolean
}

/** MS-OXTNEF 2.1.3: signature, then a legacy key of two octets. */
const SIGNATURE = 0x223e9f78
const HEADER_OCTETS = 6

/** Attribute levels. */
const LEVEL_MESSAGE = 1
const LEVEL_ATTACHMENT = 2

/** Level, identifier with type, and length; the data and a checksum of two octets follow. */
const ATTRIBUTE_HEADER_OCTETS = 9
const CHECKSUM_OCTETS = 2

/** Attribute identifiers, the low half of what the specification lists (MS-OXTNEF 2.1.3.3). */
const ATTRIBUTE = {
  subject: 0x8004,
  messageClass: 0x8008,
  body: 0x800c,
  attachData: 0x800f,
  attachTitle: 0x8010,
  attachTransportFilename: 0x9001,
  attachRenderingData: 0x9002,
  messageProperties: 0x9003,
  attachProperties: 0x9005,
  oemCodePage: 0x9007,
} as const

/** MAPI property identifiers (MS-OXPROPS). */
const PROPERTY = {
  messageClass: 0x001a,
  subject: 0x0037,
  subjectPrefix: 0x003d,
  conversationTopic: 0x0070,
  normalizedSubject: 0x0e1d,
  body: 0x1000,
  rtfCompressed: 0x1009,
  html: 0x1013,
  displayName: 0x3001,
  attachData: 0x3701,
  attachFilename: 0x3704,
  attachMethod: 0x3705,
  attachLongFilename: 0x3707,
  attachMimeTag: 0x370e,
  attachContentId: 0x3712,
  internetCodePage: 0x3fde,
  messageCodePage: 0x3ffd,
} as const

/** MAPI property types (MS-OXCDATA 2.11.1). */
const TYPE_OBJECT = 0x000d
const TYPE_STRING_8 = 0x001e
const TYPE_UNICODE = 0x001f
const TYPE_BINARY = 0x0102
const VARIABLE_TYPES: ReadonlySet<number> = new Set([TYPE_OBJECT, TYPE_STRING_8, TYPE_UNICODE, TYPE_BINARY])
/** Flag of a type: there are several values, after their number. */
const MULTI_VALUED = 0x1000

/** Octets of a value of the types with a fixed size; in the stream it is padded to four. */
const FIXED_SIZES: ReadonlyMap<number, number> = new Map([
  [0x0001, 4],
  [0x0002, 2],
  [0x0003, 4],
  [0x0004, 4],
  [0x0005, 8],
  [0x0006, 8],
  [0x0007, 8],
  [0x000a, 4],
  [0x000b, 2],
  [0x0014, 8],
  [0x0040, 8],
  [0x0048, 16],
])

/** Identifiers from here on are named properties: a GUID and a name follow the tag. */
const FIRST_NAMED_PROPERTY = 0x8000

/** PidTagAttachMethod of an attached message (MS-OXCMSG). */
const METHOD_EMBEDDED_MESSAGE = 5
/** The interface identifier before the data of an object. */
const INTERFACE_ID_OCTETS = 16
/** IID_IMessage, 00020307-0000-0000-C000-000000000046, as latin-1. */
const IID_MESSAGE = '\x07\x03\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F'

/** An attachment takes 25 octets; a hostile body of 1 MB could have 40 000. */
const MAX_ATTACHMENTS = 1000

/** Part of the source, in octets. */
interface Span {
  readonly start: number
  readonly end: number
}

interface Property extends Span {
  /** MAPI type, without the flag of multiple values. */
  readonly type: number
}

/** The message, or one attachment, before its strings are decoded. The first one of each identifier counts. */
interface RawObject {
  readonly attributes: Map<number, Span>
  readonly properties: Map<number, Property>
}

/** Reports TNEF_INVALID. */
type Report = (detail: string, offset: number) => void

/**
 * Reads a TNEF body. Never throws: what is damaged is reported, and all that could be read is returned.
 *
 * MAPI properties outrank the attributes that say the same (MS-OXTNEF 2.1.3), as only they can be Unicode. HTML comes
 * from PidTagHtml, else from RTF that encapsulates HTML; text from the body, else from RTF. An attached message is not
 * read but returned as TNEF, so that the caller limits the depth.
 *
 * Defects: TNEF_INVALID with a word on what is wrong, and those of decodeCharset, with the offset of the string.
 *
 * @param octets the decoded body; not modified, but attachments are views of it
 * @returns undefined when the octets are not TNEF, which is a TNEF_INVALID as well
 */
export function readTnef(octets: Uint8Array, onDefect?: OnDefect): TnefContent | undefined {
  const onFirstDefect = firstOfEach(onDefect)
  const report: Report = (detail, offset) => onFirstDefect('TNEF_INVALID', offset, detail)
  if (octets.length < HEADER_OCTETS || readUint32(octets, 0) !== SIGNATURE) {
    report('no TNEF signature', 0)
    return undefined
  }
  const message: RawObject = { attributes: new Map(), properties: new Map() }
  const attachments: RawObject[] = []
  readAttributes(octets, message, attachments, report)

  const strings = new Strings(octets, codePageOf(octets, message), onFirstDefect)
  const body = strings.of(message, PROPERTY.body, ATTRIBUTE.body)
  const html = htmlOf(octets, message, strings)
  const rtf = rtfOf(octets, message, report)
  const isComplete = rtf === undefined || (body !== '' && html !== '')
  const inner = isComplete ? NO_RTF_CONTENT : new RtfReader(rtf.octets, rtf.offset, onFirstDefect).read()
  // Of RTF that was written as RTF the text alone is a poor version, wanted only where there is nothing else.
  const innerText = inner.kind === 'text' || (inner.kind === 'rtf' && html === '') ? inner.content : ''
  return {
    subject: subjectOf(message, strings),
    text: body || innerText,
    html: html || (inner.kind === 'html' ? inner.content : ''),
    rtf: rtf?.octets,
    messageClass: messageClassOf(message, strings),
    attachments: attachments.map(attachment => readAttachment(octets, attachment, strings)),
  }
}

/** A hostile body has something wrong in every octet; so many different defects tell enough. */
const MAX_DEFECTS = 32

/** Lets each defect through once, whatever its offset. */
function firstOfEach(onDefect: OnDefect | undefined): OnDefect {
  const met = new Set<string>()
  return (code, offset, detail) => {
    const defect = `${code} ${detail}`
    if (met.size === MAX_DEFECTS || met.has(defect)) return
    met.add(defect)
    onDefect?.(code, offset, detail)
  }
}

/* ---- attributes: MS-OXTNEF 2.1.3 ---- */

function readAttributes(octets: Uint8Array, message: RawObject, attachments: RawObject[], report: Report): void {
  let offset = HEADER_OCTETS
  while (offset < octets.length) {
    const level = octets[offset]!
    if (level !== LEVEL_MESSAGE && level !== LEVEL_ATTACHMENT) {
      // QUIRK: a line break after the last attribute, from gateways that took the body for text;
      // apache/poi bug52400-winmail-simple.dat in the corpus.
      if (!isBlank(octets, offset)) report('unknown attribute level', offset)
      return
    }
    if (offset + ATTRIBUTE_HEADER_OCTETS > octets.length) {
      report('truncated attribute', offset)
      return
    }
    const id = readUint16(octets, offset + 1)
    const start = offset + ATTRIBUTE_HEADER_OCTETS
    const statedEnd = start + readUint32(octets, offset + 5)
    // What there is of a truncated attachment is better than nothing.
    const end = Math.min(statedEnd, octets.length)
    const next = statedEnd + CHECKSUM_OCTETS
    if (next > octets.length) report('truncated attribute', offset)
    // MS-OXTNEF 2.3.3.4: some writers have wrong checksums of message classes.
    else if (id !== ATTRIBUTE.messageClass && readUint16(octets, end) !== checksumOf(octets, start, end)) {
      report('wrong checksum', offset)
    }

    let target = message
    if (level === LEVEL_ATTACHMENT) {
      // MS-OXTNEF 2.1.3: rendering data begins each attachment.
      if (id === ATTRIBUTE.attachRenderingData || attachments.length === 0) {
        if (attachments.length === MAX_ATTACHMENTS) {
          report('too many attachments', offset)
          return
        }
        attachments.push({ attributes: new Map(), properties: new Map() })
      }
      target = attachments[attachments.length - 1]!
    }
    if (id === ATTRIBUTE.messageProperties || id === ATTRIBUTE.attachProperties) {
      const damage = readProperties(octets, start, end, target.properties)
      if (damage !== undefined) report(damage, start)
    } else if (!target.attributes.has(id)) {
      target.attributes.set(id, { start, end })
    }
    offset = next
  }
}

/** Sum of the octets, modulo 65536. */
function checksumOf(octets: Uint8Array, start: number, end: number): number {
  let sum = 0
  // 2^32 octets, the longest attribute, sum up to 2^40, which a double holds exactly.
  for (let index = start; index < end; index++) sum += octets[index]!
  return sum % 0x10000
}

/** Whether only NUL, CR, LF and spaces follow. */
function isBlank(octets: Uint8Array, start: number): boolean {
  for (let index = start; index < octets.length; index++) {
    const octet = octets[index]!
    if (octet !== 0 && octet !== 0x0d && octet !== 0x0a && octet !== 0x20) return false
  }
  return true
}

/* ---- properties: MS-OXTNEF 2.1.3.4 ---- */

/**
 * Collects properties, of each the first value.
 *
 * Lengths and counts come from the wire as 32-bit numbers: sums of them are exact in a double, and each is compared
 * with the end before anything is read or allocated.
 *
 * @returns what ended the reading before its end; undefined when nothing did
 */
function readProperties(
  octets: Uint8Array,
  start: number,
  end: number,
  properties: Map<number, Property>,
): string | undefined {
  if (start + 4 > end) return 'truncated properties'
  const count = readUint32(octets, start)
  let offset = start + 4
  for (let index = 0; index < count; index++) {
    if (offset + 4 > end) return 'truncated properties'
    const type = readUint16(octets, offset)
    const id = readUint16(octets, offset + 2)
    const valueType = type & ~MULTI_VALUED
    offset += 4
    if (id >= FIRST_NAMED_PROPERTY) offset = skipPropertyName(octets, offset, end)

    const size = FIXED_SIZES.get(valueType)
    if (size === undefined && !VARIABLE_TYPES.has(valueType)) return 'unknown property type'
    let values = 1
    if (size === undefined || type !== valueType) {
      if (offset + 4 > end) return 'truncated properties'
      values = readUint32(octets, offset)
      offset += 4
    }
    if (size !== undefined) {
      const next = offset + values * padded(size)
      if (next > end) return 'truncated properties'
      if (values > 0) addProperty(properties, id, { type: valueType, start: offset, end: offset + size })
      offset = next
      continue
    }
    for (let value = 0; value < values; value++) {
      if (offset + 4 > end) return 'truncated properties'
      const valueStart = offset + 4
      const valueEnd = valueStart + readUint32(octets, offset)
      if (valueEnd > end) return 'truncated properties'
      if (value === 0) addProperty(properties, id, { type: valueType, start: valueStart, end: valueEnd })
      offset = valueStart + padded(valueEnd - valueStart)
    }
  }
  return undefined
}

/**
 * GUID, then either a number or a string in UTF-16 as the name.
 *
 * @returns where it ends, beyond `end` when it is cut off
 */
function skipPropertyName(octets: Uint8Array, start: number, end: number): number {
  const kindOffset = start + 16
  if (kindOffset + 8 > end) return kindOffset + 8
  const isString = readUint32(octets, kindOffset) === 1
  return kindOffset + 8 + (isString ? padded(readUint32(octets, kindOffset + 4)) : 0)
}

function addProperty(properties: Map<number, Property>, id: number, property: Property): void {
  if (!properties.has(id)) properties.set(id, property)
}

/** Values are padded to four octets. */
function padded(size: number): number {
  return Math.ceil(size / 4) * 4
}

/** A property of 32 bits, as unsigned number. */
function numberOf(octets: Uint8Array, object: RawObject, id: number): number | undefined {
  const property = object.properties.get(id)
  return property !== undefined && property.end - property.start === 4 ? readUint32(octets, property.start) : undefined
}

/* ---- strings ---- */

function codePageOf(octets: Uint8Array, message: RawObject): number {
  const attribute = message.attributes.get(ATTRIBUTE.oemCodePage)
  const primary =
    attribute !== undefined && attribute.end - attribute.start >= 4 ? readUint32(octets, attribute.start) : 0
  return primary || numberOf(octets, message, PROPERTY.messageCodePage) || DEFAULT_CODE_PAGE
}

/** Decodes the strings of one body. */
class Strings {
  /** Charset of the strings that are not Unicode. */
  readonly label: string
  readonly #octets: Uint8Array
  readonly #onDefect: OnDefect

  constructor(octets: Uint8Array, codePage: number, onDefect: OnDefect) {
    this.label = `cp${codePage}`
    this.#octets = octets
    this.#onDefect = onDefect
  }

  /** The string property, else the attribute; `''` when there is neither. */
  of(object: RawObject, property: number, attribute?: number): string {
    const value = object.properties.get(property)
    if (value?.type === TYPE_UNICODE) return this.decode(value, 'utf-16le')
    if (value?.type === TYPE_STRING_8) return this.decode(value, this.label)
    const span = attribute === undefined ? undefined : object.attributes.get(attribute)
    return span === undefined ? '' : this.decode(span, this.label)
  }

  /** Text up to the first NUL. UTF-7 is not allowed: no writer has code page 65000. */
  decode(span: Span, label: string): string {
    const text = decodeCharset(this.#octets.subarray(span.start, span.end), label, 'header', (code, _, detail) =>
      this.#onDefect(code, span.start, detail),
    )
    const end = text.indexOf('\0')
    return end === -1 ? text : text.slice(0, end)
  }
}

function subjectOf(message: RawObject, strings: Strings): string {
  const subject = strings.of(message, PROPERTY.subject, ATTRIBUTE.subject)
  // In a message store U+0001 and the length of the prefix, plus one, precede the subject (MS-PST).
  if (subject.charCodeAt(0) === 1) return subject.slice(2)
  if (subject !== '') return subject
  const normalized = strings.of(message, PROPERTY.normalizedSubject) || strings.of(message, PROPERTY.conversationTopic)
  return strings.of(message, PROPERTY.subjectPrefix) + normalized
}

/** MS-OXTNEF 2.3.3.4: names that Microsoft Mail 3.0 had, to those of MAPI. */
const MESSAGE_CLASSES: ReadonlyMap<string, string> = new Map([
  ['IPM.Microsoft Mail.Note', 'IPM.Note'],
  ['IPM.Microsoft Mail.Read Receipt', 'Report.IPM.Note.IPNRN'],
  ['IPM.Microsoft Mail.Non-Delivery', 'Report.IPM.Note.NDR'],
  ['IPM.Microsoft Schedule.MtgRespP', 'IPM.Schedule.Meeting.Resp.Pos'],
  ['IPM.Microsoft Schedule.MtgRespN', 'IPM.Schedule.Meeting.Resp.Neg'],
  ['IPM.Microsoft Schedule.MtgRespA', 'IPM.Schedule.Meeting.Resp.Tent'],
  ['IPM.Microsoft Schedule.MtgReq', 'IPM.Schedule.Meeting.Request'],
  ['IPM.Microsoft Schedule.MtgCncl', 'IPM.Schedule.Meeting.Canceled'],
])
const MESSAGE_CLASS_PREFIX = 'Microsoft Mail v3.0 '

function messageClassOf(message: RawObject, strings: Strings): string {
  const stated = strings.of(message, PROPERTY.messageClass, ATTRIBUTE.messageClass)
  const name = stated.startsWith(MESSAGE_CLASS_PREFIX) ? stated.slice(MESSAGE_CLASS_PREFIX.length) : stated
  return MESSAGE_CLASSES.get(name) ?? stated
}

/* ---- attachments ---- */

function readAttachment(octets: Uint8Array, attachment: RawObject, strings: Strings): TnefAttachment {
  const data = attachment.properties.get(PROPERTY.attachData)
  const embedded = data?.type === TYPE_OBJECT && isMessage(octets, attachment, data)
  const content = contentOf(attachment, data, embedded)
  return {
    filename:
      strings.of(attachment, PROPERTY.attachLongFilename) ||
      strings.of(attachment, PROPERTY.attachFilename, ATTRIBUTE.attachTitle) ||
      strings.of(attachment, PROPERTY.displayName, ATTRIBUTE.attachTransportFilename),
    type: embedded ? 'application/ms-tnef' : strings.of(attachment, PROPERTY.attachMimeTag),
    contentId: strings.of(attachment, PROPERTY.attachContentId).replace(/^<|>$/g, ''),
    content: viewOf(octets, content.start, content.end),
    embedded,
  }
}

function isMessage(octets: Uint8Array, attachment: RawObject, data: Property): boolean {
  const method = numberOf(octets, attachment, PROPERTY.attachMethod)
  if (data.end - data.start < INTERFACE_ID_OCTETS) return false
  if (method !== undefined) return method === METHOD_EMBEDDED_MESSAGE
  return latin1Text(octets, data.start, data.start + INTERFACE_ID_OCTETS) === IID_MESSAGE
}

/** The attribute, unless a message is attached: Outlook then adds an icon or nothing at all as attribute. */
function contentOf(attachment: RawObject, data: Property | undefined, embedded: boolean): Span {
  const attribute = attachment.attributes.get(ATTRIBUTE.attachData)
  if (!embedded && attribute !== undefined && attribute.end > attribute.start) return attribute
  if (data?.type === TYPE_OBJECT) {
    return { start: Math.min(data.start + INTERFACE_ID_OCTETS, data.end), end: data.end }
  }
  return data ?? attribute ?? { start: 0, end: 0 }
}

/* ---- HTML and RTF bodies ---- */

function htmlOf(octets: Uint8Array, message: RawObject, strings: Strings): string {
  const html = message.properties.get(PROPERTY.html)
  if (html === undefined) return ''
  if (html.type !== TYPE_BINARY) return strings.of(message, PROPERTY.html)
  // MS-OXCMSG: PidTagHtml is in PidTagInternetCodepage. Exchange states us-ascii there for whatever it has not looked
  // at, so then the HTML itself knows better.
  const codePage = numberOf(octets, message, PROPERTY.internetCodePage)
  const label = codePage === undefined || codePage === 20127 ? undefined : `cp${codePage}`
  if (label !== undefined && isKnownCharset(label)) return strings.decode(html, label)
  return strings.decode(html, charsetOfHtml(octets.subarray(html.start, html.end)) ?? strings.label)
}

interface Rtf {
  readonly octets: Bytes
  /** Of the property in the TNEF body. */
  readonly offset: number
}

function rtfOf(octets: Uint8Array, message: RawObject, report: Report): Rtf | undefined {
  const packed = message.properties.get(PROPERTY.rtfCompressed)
  if (packed?.type !== TYPE_BINARY) return undefined
  const rtf = decompressRtf(viewOf(octets, packed.start, packed.end), detail => report(detail, packed.start))
  return rtf === undefined ? undefined : { octets: rtf, offset: packed.start }
}

function viewOf(octets: Uint8Array, start: number, end: number): Bytes {
  return new Uint8Array(octets.buffer, octets.byteOffset + start, end - start) as Bytes
}
