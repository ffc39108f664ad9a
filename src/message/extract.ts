/**
 * Message to entity: RFC 5322, RFC 8621 §4.1.4.
 *
 * `parseMessage` reads the tree and fills an entity from it. What the fields mean is in ./fields.ts, which parts are
 * the text in ./body.ts, what an attachment holds in ./attachment.ts.
 */
import { type CalendarLimits, type CalendarPart, type CalendarSummary, summarizeCalendar } from '../calendar/index.ts'
import { utf8Bytes } from '../codec/bytes.ts'
import { collectDefects, type Defect } from '../defect.ts'
import { type EMailCustomHeader, type EMailEntity, emptyEntity } from '../entity/entity.ts'
import { mimeError } from '../errors.ts'
import { parseAddressList } from '../header/address.ts'
import { describeAddressList } from '../header/address-format.ts'
import { startsEncodedWord } from '../header/encoded-word.ts'
import type { HeaderField } from '../header/field.ts'
import { grammarOf } from '../header/grammar.ts'
import { parseMsgIds } from '../header/msg-id.ts'
import { isPlainAscii, trimWsp, withoutControls } from '../header/token.ts'
import { parseUnstructured } from '../header/unstructured.ts'
import { type Limits, resolveLimits } from '../mime/limits.ts'
import { type ParsedMime, parseMime } from '../mime/parse.ts'
import type { MimePart } from '../mime/part.ts'
import { checkChoice, checkOption, checkOptions } from '../option.ts'
import { ARCHIVE_FIELD, readArchive } from './archive.ts'
import {
  type AttachmentMode,
  enclosedAttachment,
  enclosedPart,
  extractAttachments,
  type KnownAttachments,
  uuencodedFile,
} from './attachment.ts'
import { extractText, type FlowedMode, findBodyParts } from './body.ts'
import { customHeaderRank, OWNED_FIELDS, readFields } from './fields.ts'
import { isFieldName } from './header-writer.ts'
import { type MailReport, readReport } from './report.ts'
import { openTnef, tnefFile } from './tnef.ts'

/** How to parse. */
export interface ParseOptions {
  /** What reading may cost; see {@link Limits} for the defaults. */
  readonly limits?: Partial<Limits> | undefined
  /** What reading calendars may cost; see {@link CalendarLimits} for the defaults. */
  readonly calendarLimits?: Partial<CalendarLimits> | undefined
  /**
   * `decode` fills Stream, `lazy` decodes Stream and Size when they are first looked at, `omit` leaves Stream null.
   * Default `decode`.
   */
  readonly attachments?: AttachmentMode | undefined
  /** `decode` joins the lines of format=flowed text (RFC 3676), `keep` leaves them. Default `decode`. */
  readonly flowed?: FlowedMode | undefined
  /** Properties that a message cannot carry: ServerId, FolderName, Flags, IsSent and the like. */
  readonly defaults?: Partial<EMailEntity> | undefined
  /** Restore what composing with `archive` wrote. Default false: whoever sent the message may have written it. */
  readonly archive?: boolean | undefined
}

/** A message that was read. */
export interface ParsedMessage {
  readonly entity: EMailEntity
  /** What was wrong and survived, in the order it was met. */
  readonly defects: readonly Defect[]
  /** The whole tree: views into the source. */
  readonly root: MimePart
  /** The parts whose text the entity has, in PlainBody or HTMLBody: RFC 8621 §4.1.4. */
  readonly textParts: ReadonlySet<MimePart>
  /** Files that were found inside parts, in winmail.dat or uuencoded in the text, for the reader of calendars. */
  readonly enclosed: readonly CalendarPart[]
  /** Whether it has an appointment, and what is asked or answered; in the entity too. */
  readonly calendar: CalendarSummary
  /** What the message reports of another one; undefined where it is no report. */
  readonly report: MailReport | undefined
}

/**
 * Parses a message. Never throws on its content.
 *
 * @param source octets, which must not be written to while the result is in use: identity-encoded contents are views;
 *   or text, which counts as UTF-8
 * @throws {MimeError} TYPE_INVALID, OPTION_INVALID, or LIMIT_OCTETS where `limits.maxOctets` says so
 */
export function parseMessage(source: Uint8Array | string, options: ParseOptions = {}): ParsedMessage {
  if (typeof source !== 'string' && !(source instanceof Uint8Array)) {
    throw mimeError('TYPE_INVALID', '', `the source must be octets or text, not ${typeof source}`)
  }
  checkParseOptions(options)
  const octets = typeof source === 'string' ? utf8Bytes(source) : source
  return extractMessage(parseMime(octets, { limits: options.limits }), octets.length, options)
}

const ATTACHMENT_MODES: readonly AttachmentMode[] = ['decode', 'lazy', 'omit']
const FLOWED_MODES: readonly FlowedMode[] = ['decode', 'keep']

/** Checks every option but the limits, which are looked at where they are set. @throws {MimeError} OPTION_INVALID */
export function checkParseOptions(options: ParseOptions): void {
  checkOptions(options)
  checkChoice('attachments', options.attachments, ATTACHMENT_MODES)
  checkChoice('flowed', options.flowed, FLOWED_MODES)
  checkOption('defaults', options.defaults, 'object')
  checkOption('archive', options.archive, 'boolean')
}

/**
 * Fills an entity from a tree.
 *
 * @param size octets of the message
 * @param known attachments that were handed out already
 */
export function extractMessage(
  { root, defects: structural }: ParsedMime,
  size: number,
  options: ParseOptions,
  known: KnownAttachments = new Map(),
): ParsedMessage {
  const limits = resolveLimits(options.limits)
  const defects = [...structural]
  const onDefect = collectDefects(defects, limits.defects)
  const entity = options.defaults === undefined ? emptyEntity() : { ...emptyEntity(), ...options.defaults }
  entity.Size = size
  const index = new Map<string, HeaderField>()
  for (const field of root.fields) {
    if (!index.has(field.key)) index.set(field.key, field)
    else if (OWNED_FIELDS.has(field.key)) onDefect('FIELD_DUPLICATE', field.offset, field.key)
  }
  readFields(index, entity, onDefect, limits)
  entity.CustomHeaderList = customHeaders(root.fields, entity.InReplyTo?.MessageId)
  const body = findBodyParts(root)
  const flowed = options.flowed ?? 'decode'
  const plain = extractText(body.plain, flowed, onDefect)
  entity.PlainBody = plain.text
  entity.HTMLBody = extractText(body.html, 'keep', onDefect).text
  const mode = options.attachments ?? 'decode'
  const tnef = openTnef(body.attachments, entity, onDefect)
  const contents = new Map<object, Uint8Array>()
  const files = [...plain.files.map(uuencodedFile), ...tnef.files.map(tnefFile)]
  const found = files.map(file => enclosedAttachment(file, mode))
  entity.Attachments = [
    ...extractAttachments(tnef.parts, entity.HTMLBody, { mode, onDefect, known, contents }),
    ...found,
  ]
  const enclosed = found.map((attachment, index) => enclosedPart(attachment, files[index]!.content))
  const contentOf = (part: CalendarPart): Uint8Array => contents.get(part) ?? part.content()
  const calendar = summarizeCalendar(
    { entity, root, textParts: body.texts, enclosed, contentOf },
    options.calendarLimits,
  )
  entity.HasCalendarData = calendar.HasCalendarData
  entity.CalMethod = calendar.CalMethod
  entity.CalReplyStatus = calendar.CalReplyStatus
  const archive = options.archive === true ? index.get(ARCHIVE_FIELD) : undefined
  if (archive !== undefined) readArchive(archive.value, entity, code => onDefect(code, archive.offset))
  return { entity, defects, root, textParts: body.texts, enclosed, calendar, report: readReport(root) }
}

/**
 * The fields that no property carries, grouped by name: trace fields, Sender, Reply-To and References as they would be
 * written, then the others in order of appearance.
 *
 * Fields without a name that can be written again are left to the tree.
 *
 * @param parent the identifier that `InReplyTo` holds
 */
function customHeaders(fields: readonly HeaderField[], parent: string | undefined): EMailCustomHeader[] {
  const headers = new Map<string, EMailCustomHeader>()
  for (const field of fields) {
    if (OWNED_FIELDS.has(field.key) || !isFieldName(field.name)) continue
    const header = headers.get(field.key)
    if (header !== undefined) header.Values.push(customValue(field))
    else headers.set(field.key, customHeader(field.name, [customValue(field)]))
  }
  if (headers.size === 0) return []
  const references = headers.get('references')
  if (references !== undefined) {
    // Composing writes it itself, and so its name.
    references.Name = 'References'
    const ids = ancestors(references.Values, parent)
    if (ids === '') headers.delete('references')
    else references.Values = [ids]
  }
  const ranked: EMailCustomHeader[][] = [[], [], [], [], []]
  for (const [key, header] of headers) ranked[customHeaderRank(key)]!.push(header)
  const inOrder: EMailCustomHeader[] = []
  return inOrder.concat(...ranked)
}

function customHeader(name: string, values: string[]): EMailCustomHeader {
  return { Name: name, Values: values, TableRight: null, FieldProperties: null }
}

/** Mailboxes of a custom field that are taken apart; where there are more, the value is text. */
const MAX_DESCRIBED = 10_000

/** Longest text without a mailbox, in characters, that is surely written as it stands: a line of 998 has room for it. */
const MAX_COMMENT_LENGTH = 600

function customValue(field: HeaderField): string {
  switch (grammarOf(field.key)) {
    case 'address-list': {
      const mailboxes = parseAddressList(field.value, undefined, 'decode', MAX_DESCRIBED)
      // At the limit there may be more of them: none must get lost.
      const isWhole = mailboxes.length > 0 && mailboxes.length < MAX_DESCRIBED
      if (isWhole) return describeAddressList(mailboxes)
      const text = trimWsp(parseUnstructured(field.value))
      if (mailboxes.length > 0) return text
      // What is encoded when it is written, or was encoded, is read back as a name: it is one from the start.
      const isComment = isPlainAscii(text) && !startsEncodedWord(text) && parseAddressList(text).length === 0
      if (isComment && text.length <= MAX_COMMENT_LENGTH) return text
      return describeAddressList([{ name: text.replaceAll('\t', ' '), address: '' }])
    }
    case 'msg-id-list':
      // What looks like an encoded-word in an identifier is part of it; one by itself is text, as it is written.
      if (/(?:^|[ \t])=\?[^?\s]+\?[bq]\?[^?\s]*\?=(?=[ \t]|$)/i.test(field.value)) {
        return trimWsp(parseUnstructured(field.value))
      }
      return trimWsp(withoutControls(field.value))
    case 'opaque':
      return trimWsp(parseUnstructured(field.value))
    default:
      return parseUnstructured(field.value)
  }
}

/** What References has beyond the parent, which InReplyTo carries and composing puts at its end again. */
function ancestors(values: readonly string[], parent: string | undefined): string {
  const ids = values.flatMap(value => parseMsgIds(value))
  while (ids.length > 0 && ids.at(-1) === parent) ids.pop()
  return ids.join(' ')
}
