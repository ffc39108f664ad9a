/**
 * Attachments: entity <-> part. RFC 2183, RFC 2045, RFC 2046 §5.2.1, RFC 2392.
 */
import { Buffer } from 'node:buffer'
import { isCalendarType } from '../calendar/selection.ts'
import type { CalendarPart } from '../calendar/source.ts'
import { checkBase64Text, stripBase64Whitespace } from '../codec/base64.ts'
import { asBuffer, type Bytes, latin1Bytes } from '../codec/bytes.ts'
import { decodeCharset } from '../codec/charset.ts'
import type { Uuencoded } from '../codec/uuencode.ts'
import type { OnDefect } from '../defect.ts'
import type { AttachmentContent, EMailAttachment, EMailAttachmentInput } from '../entity/entity.ts'
import { quoteForError } from '../errors.ts'
import { type ContentDisposition, formatFilename, parseContentDisposition } from '../header/content-disposition.ts'
import {
  type ContentType,
  describeContentType,
  isMediaType,
  isParameterName,
  MAX_PARAMETER_NAME_LENGTH,
  parseContentType,
} from '../header/content-type.ts'
import { looksLikeEncodedWord } from '../header/encoded-word.ts'
import { firstValue } from '../header/field.ts'
import { foldTokens } from '../header/fold.ts'
import { parseMsgIds } from '../header/msg-id.ts'
import { formatExtendedParameter, formatParameter } from '../header/parameter.ts'
import { isAllIn, isPlainAscii, TOKEN, trimWsp, withoutControls } from '../header/token.ts'
import { formatUnstructured, parseUnstructured } from '../header/unstructured.ts'
import { type ByteStream, isByteStream } from '../mime/byte-stream.ts'
import type { OutgoingContent, OutgoingPart } from '../mime/outgoing.ts'
import { isMessageType, parseMime } from '../mime/parse.ts'
import type { MimePart } from '../mime/part.ts'
import { contentFailed } from '../mime/source.ts'
import { type ContentTraits, inspectContent, withCrlf } from '../mime/transfer-encoding.ts'
import { NO_IDS, referencedIds } from './cid.ts'
import { baseName, fileNameOfSubject, isSafeFileName, OCTETS, typeOfFile } from './file-name.ts'
import type { HeaderWriter } from './header-writer.ts'
import { openedFirst, openedOnce } from './outgoing-stream.ts'

/** What composing an attachment needs to know. */
export interface AttachmentContext {
  readonly out: HeaderWriter
  readonly draft: boolean
  readonly resolveContent: ((attachment: EMailAttachmentInput) => AttachmentContent | null | undefined) | undefined
  /** Ids that HTMLBody refers to as `cid:`. */
  readonly referenced: ReadonlySet<string>
  /** Streams that were opened for the message, and wait for their turn. */
  readonly waiting: Set<ByteStream>
  /** Takes what contents failed with. */
  readonly causes: unknown[]
}

/** An attachment as a part, and its place in the message. */
export interface PlacedAttachment {
  readonly part: OutgoingPart
  /** `related`: beside the HTML; `alternative`: a form of the text; `mixed`: after the text. */
  readonly place: 'related' | 'alternative' | 'mixed'
}

/** An attachment with what it was made of. */
export interface ComposedAttachment extends PlacedAttachment {
  readonly type: ContentType
  /** `''` for none. */
  readonly filename: string
  /** Where it came from, for errors: `Attachments[2]`. */
  readonly path: string
  /** The attachment of the entity that it stands for; an empty object where it stands for none. */
  readonly input: object
}

/**
 * Makes the part of an attachment; problems go to `context.out`.
 *
 * @param path of the attachment: `Attachments[2]`
 * @returns undefined where a problem makes a part impossible
 */
export function composeAttachment(
  input: EMailAttachmentInput,
  path: string,
  context: AttachmentContext,
): ComposedAttachment | undefined {
  const { out } = context
  // Read once: what is checked must be what is written.
  const given = {
    Filename: input.Filename ?? '',
    Type: input.Type ?? '',
    Id: input.Id ?? '',
    Description: input.Description ?? '',
    Disposition: input.Disposition ?? '',
    Encoding: input.Encoding ?? '',
  }
  let isClean = true
  for (const [name, value] of Object.entries(given)) isClean = out.isClean(value, `${path}.${name}`) && isClean
  const label = isClean ? attachmentType(given.Type, given.Filename, path, out) : undefined
  const wish: ContentWish = {
    encoding: isClean ? given.Encoding.toLowerCase() : '',
    message: label === undefined || !isMessage(label.mediaType) ? 'no' : given.Type === '' ? 'guessed' : 'stated',
  }
  const content = composeContent(input, `${path}.Stream`, wish, context)
  if (label === undefined || content === undefined) return undefined
  // A stream is written unseen, in base64, which RFC 2046 §5.2.1 forbids for a message.
  const type = wish.message !== 'no' && content.kind !== 'encoded' ? OPAQUE_TYPE : label

  const stated = parseContentDisposition(given.Disposition)
  const filename = baseName(given.Filename || statedFileName(stated, label))
  const id = contentId(given.Id, `${path}.Id`, context)
  const isReferenced = id !== '' && context.referenced.has(id)
  const place = isReferenced ? 'related' : isCalendar(type, filename) ? 'alternative' : 'mixed'
  const disposition = dispositionOf(stated.type, type, filename, isReferenced)
  const fileNames = filename === '' ? undefined : formatFilename(filename)

  let trailer = ''
  if (place !== 'alternative') trailer += formatDisposition(disposition, fileNames?.disposition ?? [])
  if (id !== '') trailer += `Content-ID: <${id}>\r\n`
  if (given.Description !== '') {
    const name = 'Content-Description: '
    trailer += `${name}${formatUnstructured(given.Description, name.length)}\r\n`
  }
  const part = { header: '', type: formatType(type, fileNames?.type), trailer, content }
  return { part, place, type, filename, path, input }
}

/** A calendar object that is a form of the text: iMIP, RFC 6047 §2.4. With a name it is a file like any other. */
function isCalendar(type: ContentType, filename: string): boolean {
  return type.mediaType === 'text/calendar' && type.parameters.has('method') && filename === ''
}

function attachmentType(stated: string, filename: string, path: string, out: HeaderWriter): ContentType | undefined {
  if (stated === '') return { mediaType: typeOfFile(baseName(filename)), parameters: new Map() }
  const type = parseContentType(stated)
  const head = trimWsp(stated.split(';', 1)[0]!)
  const isWritable =
    isMediaType(head.toLowerCase()) &&
    [...type.parameters.keys()].every(name => name.length <= MAX_PARAMETER_NAME_LENGTH)
  if (!isWritable || type.mediaType.startsWith('multipart/')) {
    out.problem('CONTENT_TYPE_INVALID', `${path}.Type`, `${quoteForError(stated)} is no type of an attachment`)
    return undefined
  }
  return type
}

const OPAQUE_TYPE: ContentType = { mediaType: OCTETS, parameters: new Map() }

/** Composite, like a multipart, and never encoded: RFC 2045 §6.4. */
function isMessage(mediaType: string): boolean {
  return mediaType.startsWith('message/')
}

/**
 * Disposition as it is written, and as it is read: what is stated where that is possible, else `inline` for what the
 * HTML refers to, and `attachment`.
 *
 * Text and messages that no HTML refers to are always attachments: inline, RFC 8621 §4.1.4 and more so mailparser and
 * postal-mime take them for a part of the message's own text, and the file is lost.
 */
function dispositionOf(stated: string, type: ContentType, filename: string, isReferenced: boolean): string {
  if (isReferenced) return stated === 'attachment' ? 'attachment' : 'inline'
  // A form of the text has no disposition on the wire, and belongs in place.
  if (isCalendar(type, filename)) return 'inline'
  return isDispositionType(stated) && !isReadAsText(type.mediaType) ? stated : 'attachment'
}

/** True for a token that a line has room for: RFC 2183 §2.8 has unknown ones read as `attachment` anyway. */
function isDispositionType(text: string): boolean {
  return text.length <= 60 && isAllIn(text, TOKEN)
}

/** Types that some reader shows in place where they are not marked as attachments. */
function isReadAsText(mediaType: string): boolean {
  return mediaType === 'text/plain' || mediaType === 'text/html' || mediaType === 'message/rfc822'
}

function contentId(stated: string, path: string, { out, draft }: AttachmentContext): string {
  const id = bareId(stated)
  // Identifiers without "@" are no msg-id by the grammar, and common all the same.
  const isAscii = /^[!-;=?-~]*$/.test(id)
  if (id.length <= MAX_ID_LENGTH && (isAscii || (draft && !/[\s<>]/.test(id)))) {
    if (!isAscii) out.requireUtf8()
    return id
  }
  out.problem('MESSAGE_ID_INVALID', path, `${quoteForError(stated)} is no Content-ID`)
  return ''
}

function bareId(stated: string): string {
  const id = trimWsp(stated)
  return id.startsWith('<') && id.endsWith('>') ? id.slice(1, -1) : id
}

/** A longer parameter value goes into segments: a line has 998 octets. */
const MAX_PLAIN_VALUE_LENGTH = 800

/**
 * Value of Content-Type, folded.
 *
 * @param name the parameter that names the file, formatted
 */
export function formatType(type: ContentType, name: string | undefined): string {
  const parameters: string[] = []
  for (const [key, value] of type.parameters) {
    if (FILE_NAME_PARAMETERS.has(key) || !isParameterName(key)) continue
    const isPlain = value.length <= MAX_PLAIN_VALUE_LENGTH && isPlainAscii(value) && !looksLikeEncodedWord(value)
    if (isPlain) parameters.push(formatParameter(key, value))
    else parameters.push(...formatExtendedParameter(key, value))
  }
  if (name !== undefined) parameters.push(name)
  return foldParameters(type.mediaType, parameters, 'Content-Type: ')
}

/**
 * The field Content-Disposition, ended by CRLF.
 *
 * @param parameters formatted
 */
export function formatDisposition(type: string, parameters: readonly string[]): string {
  const name = 'Content-Disposition: '
  return `${name}${foldParameters(type, parameters, name)}\r\n`
}

function foldParameters(head: string, parameters: readonly string[], before: string): string {
  const tokens = [head, ...parameters]
  for (let index = 0; index < tokens.length - 1; index++) tokens[index] += ';'
  return foldTokens(tokens, before.length)
}

/** How a content is to be written. */
interface ContentWish {
  /** Lower-case; `''` for none. */
  readonly encoding: string
  /** Whether it is a message; one whose name alone says so is a file where it cannot be written as one. */
  readonly message: 'no' | 'guessed' | 'stated'
}

/** The content of an attachment, ready for the writer; undefined where there is a problem. */
function composeContent(
  input: EMailAttachmentInput,
  path: string,
  wish: ContentWish,
  context: AttachmentContext,
): OutgoingContent | undefined {
  const { out, resolveContent, waiting } = context
  const given: AttachmentContent | null | undefined = input.Stream
  const content = isEmpty(given) ? (resolveContent?.(input) ?? given) : given
  if (content === null || content === undefined) {
    out.problem('CONTENT_MISSING', path, 'the attachment has no content')
    return undefined
  }
  const octets = typeof input.Size === 'number' && input.Size > 0 ? input.Size : undefined
  const source = { kind: 'source', octets, path } as const
  if (typeof content === 'function') {
    const open = content
    // A message is looked at before it is written; anything else of known size waits for its turn.
    if (octets !== undefined && wish.message === 'no') return { ...source, open, isStream: false }
    const opened = openNow(open, path, context)
    if (!isByteStream(opened?.content)) return opened && composeOctets(opened.content, path, wish, context)
    waiting.add(opened.content)
    return { ...source, open: openedFirst(opened.content, open, path, waiting), isStream: true }
  }
  if (!isByteStream(content)) return composeOctets(content, path, wish, context)
  // What resolveContent gave was opened for this message alone.
  if (content !== given) waiting.add(content)
  return { ...source, open: openedOnce(content, path, waiting), isStream: true }
}

/** Octets too: what is `''` in JSON is read as none of them. */
function isEmpty(content: AttachmentContent | null | undefined): boolean {
  if (content === null || content === undefined || content === '') return true
  return content instanceof Uint8Array && content.length === 0
}

/** What a function gives; undefined where it throws. */
function openNow<T>(open: () => T, path: string, { out, causes }: AttachmentContext): { content: T } | undefined {
  try {
    return { content: open() }
  } catch (cause) {
    causes.push(cause)
    for (const { code, message } of contentFailed(path, cause).problems) out.problem(code, path, message)
    return undefined
  }
}

/** The same for a content that is here: octets or base64 text. */
function composeOctets(
  content: unknown,
  path: string,
  { encoding, message }: ContentWish,
  context: AttachmentContext,
): OutgoingContent | undefined {
  const { out } = context
  let octets = content
  if (typeof octets === 'string') {
    const length = checkBase64Text(octets)
    if (length === -1) {
      out.problem('CONTENT_BASE64', path, `${quoteForError(octets)} is no base64 text`)
      return undefined
    }
    const isExact = encoding === '7bit' || encoding === '8bit' || encoding === 'quoted-printable'
    if (message === 'no' && !isExact) {
      return { kind: 'base64', text: stripBase64Whitespace(octets, length), octets: length }
    }
    octets = asBuffer(Buffer.from(octets, 'base64'))
  }
  if (!(octets instanceof Uint8Array)) {
    out.problem('TYPE_INVALID', path, `must be octets, base64 text, a stream or a function, not ${typeof octets}`)
    return undefined
  }
  const traits = message === 'no' ? undefined : inspectContent(octets)
  if (traits === undefined || (message === 'guessed' && !fitsMessage(traits)))
    return { kind: 'octets', octets, encoding }
  return composeMessageContent(octets, traits, path, context)
}

/**
 * A message inside the message: 7bit or 8bit, never encoded (RFC 2046 §5.2.1), its line breaks CRLF as in any message.
 *
 * A draft keeps what no transport takes, as binary, octet for octet.
 */
function composeMessageContent(
  octets: Uint8Array,
  traits: ContentTraits,
  path: string,
  context: AttachmentContext,
): OutgoingContent | undefined {
  const fits = fitsMessage(traits)
  if (context.draft && (!fits || traits.bareBreaks > 0)) return { kind: 'encoded', octets, encoding: 'binary' }
  if (fits) {
    return { kind: 'encoded', octets: withCrlf(octets, traits), encoding: traits.ascii ? '7bit' : '8bit' }
  }
  context.out.problem(
    'CONTENT_TYPE_INVALID',
    path,
    'a message with NUL or with lines over 998 octets can only be sent as application/octet-stream',
  )
  return undefined
}

/** False for what no line can carry without an encoding: it can only go as a file. */
export function fitsMessage({ hasNul, longestLine }: ContentTraits): boolean {
  return !hasNul && longestLine <= 998
}

/** The name that a header gives to the file, in the order of trust; QUIRK: `filename` in Content-Type. */
function statedFileName(disposition: ContentDisposition | undefined, { parameters }: ContentType): string {
  return disposition?.parameters.get('filename') || parameters.get('name') || parameters.get('filename') || ''
}

/** How attachments are read. */
export type AttachmentMode = 'decode' | 'lazy' | 'omit'

/** Parameters that the entity holds in other properties. */
const FILE_NAME_PARAMETERS: ReadonlySet<string> = new Set(['name', 'filename'])

/** The attachment of a part, as far as its header tells; its content is still to come. */
export function describeAttachment(part: MimePart): EMailAttachment {
  return attachmentOf(part, readContentId(part), false)
}

/** What reading attachments needs to know. */
export interface ExtractionContext {
  readonly mode: AttachmentMode
  readonly onDefect: OnDefect
  /** Attachments that somebody holds already: they are filled, and stand in the list themselves. */
  readonly known: KnownAttachments
  /** Takes the contents that are decoded and kept, by part. */
  readonly contents: Map<object, Uint8Array>
}

/**
 * Makes the attachments of parts: those that the HTML refers to first, as they would be written, the others in order of
 * appearance.
 *
 * @param html where `cid:` references are looked for
 */
export function extractAttachments(
  parts: readonly MimePart[],
  html: string,
  context: ExtractionContext,
): EMailAttachment[] {
  const referenced = parts.length > 0 ? referencedIds(html) : NO_IDS
  const related: EMailAttachment[] = []
  const files: EMailAttachment[] = []
  for (const part of parts) {
    const id = readContentId(part)
    const isReferenced = referenced.has(id)
    const extracted = extractAttachment(part, id, isReferenced, context)
    const held = context.known.get(part)
    const attachment = held === undefined ? extracted : Object.assign(held, extracted)
    if (isReferenced) related.push(attachment)
    else files.push(attachment)
  }
  return [...related, ...files]
}

/** Attachments that were handed out before the message was read to its end. */
export type KnownAttachments = ReadonlyMap<MimePart, EMailAttachment>

function extractAttachment(
  part: MimePart,
  id: string,
  isReferenced: boolean,
  { mode, onDefect, contents }: ExtractionContext,
): EMailAttachment {
  const attachment = attachmentOf(part, id, isReferenced)
  reportFields(part, onDefect)
  if (mode === 'lazy' && part.streamed === undefined) return lazily(attachment, part)
  const content = part.content(onDefect)
  attachment.Size = part.streamed?.octets ?? content.length
  if (mode === 'decode' && part.streamed === undefined) {
    contents.set(part, content)
    attachment.Stream = content as EMailAttachment['Stream']
  }
  return attachment
}

/** Reports what is wrong in the fields that describe a file; that of Content-Type is known. */
function reportFields({ fields, offset }: MimePart, onDefect: OnDefect): void {
  const onFieldDefect: OnDefect = (code, _, detail) => onDefect(code, offset, detail)
  const disposition = firstValue(fields, 'content-disposition')
  if (disposition?.includes(';')) parseContentDisposition(disposition, onFieldDefect)
  const description = firstValue(fields, 'content-description')
  if (description?.includes('=?')) parseUnstructured(description, onFieldDefect)
}

/** Everything of an attachment but its content. */
function attachmentOf(part: MimePart, id: string, isReferenced: boolean): EMailAttachment {
  const { contentType, disposition } = part
  const filename = baseName(statedFileName(disposition, contentType)) || messageFileName(part)
  const isOpaque = contentType.mediaType.startsWith('multipart/')
  const description = firstValue(part.fields, 'content-description')
  const stated = disposition?.type ?? ''
  return {
    Description: description === undefined ? '' : parseUnstructured(description),
    Filename: filename,
    Size: 0,
    Type: isOpaque ? OCTETS : describeContentType(contentType, FILE_NAME_PARAMETERS),
    Encoding: withoutControls(part.transferEncoding),
    Id: id,
    // A calendar that is not called a file is one that asks something: it stays so when it is written again.
    Disposition: dispositionOf(
      isCalendarType(part) && !isDispositionType(stated) ? 'inline' : stated,
      contentType,
      filename,
      isReferenced,
    ),
    IsSafeFileExtension: isSafeFileName(filename),
    Stream: null,
    TableRight: null,
    FieldProperties: null,
  }
}

/** A file that is no part of its own, but was found inside one. */
export interface EnclosedFile {
  readonly filename: string
  readonly content: Bytes
  /** `''` where only the name tells. */
  readonly type: string
  readonly encoding: string
  readonly id: string
}

/** Makes the attachment of a file that was found inside a part. */
export function enclosedAttachment(file: EnclosedFile, mode: AttachmentMode): EMailAttachment {
  const filename = baseName(file.filename)
  return {
    Description: '',
    Filename: filename,
    Size: file.content.length,
    Type:
      isMediaType(file.type) && !file.type.startsWith('multipart/') ? file.type : typeOfContent(filename, file.content),
    Encoding: file.encoding,
    Id: file.id.replace(/[\s<>]/g, ''),
    Disposition: 'attachment',
    IsSafeFileExtension: isSafeFileName(filename),
    Stream: mode === 'omit' ? null : file.content,
    TableRight: null,
    FieldProperties: null,
  }
}

/** A file that was uuencoded inside the text. */
export function uuencodedFile({ filename, content }: Uuencoded): EnclosedFile {
  // The name is octets of an unknown charset.
  const name = decodeCharset(latin1Bytes(filename), undefined, 'header')
  return { filename: name, content, type: '', encoding: 'x-uuencode', id: '' }
}

/** The part that the attachment would be, were it written as one. */
export function enclosedPart({ Type, Filename }: EMailAttachment, content: Bytes): CalendarPart {
  return {
    contentType: { mediaType: Type, parameters: new Map() },
    disposition: { type: 'attachment', parameters: new Map([['filename', Filename]]) },
    offset: 0,
    body: content,
    parts: [],
    content: () => content,
  }
}

/** The type of a file by its name, where the content can be of that type. */
function typeOfContent(filename: string, content: Uint8Array): string {
  const type = typeOfFile(filename)
  return isMessage(type) && !fitsMessage(inspectContent(content)) ? OCTETS : type
}

function readContentId(part: MimePart): string {
  const value = firstValue(part.fields, 'content-id')
  if (value === undefined) return ''
  const id = (parseMsgIds(value)[0] ?? withoutControls(value)).replace(/[\s<>]/g, '')
  return id.length <= MAX_ID_LENGTH ? id : ''
}

/** Longest Content-ID in characters: it must fit a line of 998 octets, also in UTF-8. */
const MAX_ID_LENGTH = 300

/** Decodes on the first look at Size or Stream, and keeps what was decoded. */
function lazily(attachment: EMailAttachment, part: MimePart): EMailAttachment {
  let decoded: Uint8Array | undefined
  const content = (): Uint8Array => {
    decoded ??= part.content()
    return decoded
  }
  return Object.defineProperties(attachment, {
    Size: { get: () => content().length, enumerable: true, configurable: true },
    Stream: { get: content, enumerable: true, configurable: true },
  })
}

/** A message is named after its subject. */
function messageFileName(part: MimePart): string {
  if (!isMessageType(part.contentType)) return ''
  // Encoded, which RFC 2046 §5.2.1 forbids, it is not in the tree; its header is enough here.
  const message = part.message ?? parseMime(part.content(), { limits: { depth: 0 } }).root
  const name = fileNameOfSubject(parseUnstructured(firstValue(message.fields, 'subject') ?? ''))
  return name === '' ? '' : `${name}.eml`
}
