/**
 * Entity to message: RFC 5322, RFC 2045.
 *
 * `composeMessage` checks the whole entity, builds the tree of parts and plans it; octets are made when they are asked
 * for. What the fields are is in ./fields.ts, the shape of the body in ./body.ts, writing in ../mime/write.ts.
 */
import { METHOD_RULES } from '../calendar/itip.ts'
import type { Bytes } from '../codec/bytes.ts'
import type {
  AttachmentContent,
  EMailAttachmentInput,
  EMailCustomHeaderInput,
  EMailEntityInput,
} from '../entity/entity.ts'
import { mimeError, type Problem, quoteForError, throwProblems } from '../errors.ts'
import { toWritableAddress } from '../header/address-format.ts'
import { type Grammar, grammarOf, isTraceField } from '../header/grammar.ts'
import { formatMsgId, parseMsgIds } from '../header/msg-id.ts'
import { hasControl, trimWsp } from '../header/token.ts'
import { type Random, randomToken } from '../mime/boundary.ts'
import type { ByteStream } from '../mime/byte-stream.ts'
import type { OutgoingPart } from '../mime/outgoing.ts'
import { MimePlan } from '../mime/write.ts'
import { checkChoice, checkOption, checkOptions, checkTexts } from '../option.ts'
import { MAX_ARCHIVE_OCTETS, writeArchive } from './archive.ts'
import { type ComposedAttachment, composeAttachment } from './attachment.ts'
import { composeBody } from './body.ts'
import { type OutgoingCalendar, placeCalendars } from './calendar-part.ts'
import { referencedIds } from './cid.ts'
import { customHeaderRank, DESTINATION_ROWS, type Decisions, ORIGIN_ROWS, OWNED_FIELDS } from './fields.ts'
import { HeaderWriter, isFieldName } from './header-writer.ts'
import { closeWaiting } from './outgoing-stream.ts'

/** How to compose. */
export interface ComposeOptions {
  /** `keep` writes the Bcc field: for the copy in a Sent folder. Default `omit`, of a draft `keep`. */
  readonly bcc?: 'omit' | 'keep' | undefined
  /** A message that is not sent yet: From, recipients, Date and Message-ID stay missing where the entity lacks them. */
  readonly draft?: boolean | undefined
  /** Allow 8bit text; the transport must offer 8BITMIME (RFC 6152). */
  readonly eightBit?: boolean | undefined
  /** Allow non-ASCII local parts; the transport must offer SMTPUTF8 (RFC 6531). */
  readonly smtpUtf8?: boolean | undefined
  /**
   * Write the keys and rights of the CRM and what else no field carries into a private field, for a store that gives
   * the message back. Everyone who sees the message can read it. Default false.
   */
  readonly archive?: boolean | undefined
  /** Identifiers that `References` starts with: those of the message answered to, oldest first. */
  readonly references?: readonly string[] | undefined
  /**
   * A calendar that the message is about, as `composeCalendar` makes it: the last form of the text, where Outlook, Gmail
   * and Apple Mail look for it.
   *
   * An attachment of Type text/calendar can be it too: one without a Filename and with a method, and with CalMethod a
   * file. Its METHOD goes into its Type; contents that are streams or functions are not looked into. In a draft every
   * attachment stays as it is.
   */
  readonly calendar?: OutgoingCalendar | undefined
  /**
   * Whether a copy of the calendar goes along as a file, which mail clients without a calendar show. Default: by the
   * method: of REQUEST, CANCEL and PUBLISH; of a calendar attachment without a Filename only where this is true.
   */
  readonly calendarAttachment?: boolean | undefined
  /** Gives the content of an attachment whose Stream is missing or empty; where it gives nothing, Stream counts. */
  readonly resolveContent?: ((attachment: EMailAttachmentInput) => AttachmentContent | null | undefined) | undefined
  /** The instant for `Date` where the entity has no Sent. Default: the clock. */
  readonly now?: (() => Date | string) | undefined
  /** Random octets for Message-ID and boundaries. Default: the platform's. */
  readonly random?: Random | undefined
}

/** What an SMTP client needs beside the message: RFC 5321 §3.3. */
export interface Envelope {
  /** Reverse-path without angle brackets; `''` for a draft without From. */
  readonly from: string
  /** Forward-paths of To, Cc and Bcc, each once. */
  readonly to: readonly string[]
  /** True where MAIL FROM needs SMTPUTF8 (RFC 6531). */
  readonly smtpUtf8: boolean
  /** True where MAIL FROM needs BODY=8BITMIME (RFC 6152). */
  readonly eightBitMime: boolean
  /** Octets of the message, for SIZE (RFC 1870); undefined where nobody knows. */
  readonly size: number | undefined
}

/** A message that is checked and planned, and can be written any number of times. */
export interface ComposedMessage {
  readonly envelope: Envelope
  /** `<…@…>`; `''` for a draft without one. */
  readonly messageId: string
  /** Exact octets of the message, known before anything is encoded; undefined where a stream's length is not known. */
  readonly size: number | undefined
  /**
   * The message in one new allocation.
   *
   * @throws {MimeError} STREAM_CONTENT where an attachment is a stream
   */
  toBytes(): Bytes
  /**
   * Writes the message into memory of the caller; for big messages three times as fast as `toBytes`.
   *
   * @param offset octets from the start of `target`
   * @returns where the message ends in `target`
   * @throws {MimeError} TARGET_TOO_SMALL, STREAM_CONTENT
   */
  writeInto(target: Uint8Array, offset?: number): number
  /**
   * The message in chunks of at most 64 KiB, each a new allocation.
   *
   * @throws {MimeError} STREAM_CONTENT where an attachment is a stream
   */
  [Symbol.iterator](): Iterator<Bytes>
  /** The same for contents of every kind, in constant memory: `Readable.from(message)` works. */
  [Symbol.asyncIterator](): AsyncIterator<Bytes>
}

/**
 * Composes a message: checks the whole entity, and plans what is written when it is asked for.
 *
 * A content that is a function without a Size, or a message, is opened at once: where it gives a stream, that stream waits
 * for the first writing, and is closed where the entity is refused.
 *
 * @param entity read while this runs, but for the contents of attachments, which are read when the message is written
 * @throws {MimeError} with every problem of the entity: TYPE_INVALID, VALUE_INVALID, FROM_MISSING, RECIPIENT_MISSING,
 *   ADDRESS_MISSING, ADDRESS_INVALID, SMTPUTF8_REQUIRED, DATE_INVALID, MESSAGE_ID_INVALID, HEADER_INJECTION,
 *   HEADER_NAME_INVALID, HEADER_RESERVED, CONTENT_MISSING, CONTENT_BASE64, CONTENT_FAILED, CONTENT_TYPE_INVALID,
 *   CALENDAR_METHOD, ARCHIVE_TOO_LARGE, OPTION_INVALID
 * @throws {MimeError} while the message is written: CONTENT_FAILED, CONTENT_SIZE, CONTENT_BASE64, STREAM_CONTENT,
 *   TARGET_TOO_SMALL
 */
export function composeMessage(entity: EMailEntityInput, options: ComposeOptions = {}): ComposedMessage {
  if (typeof entity !== 'object' || entity === null) throw mimeError('TYPE_INVALID', '', 'the entity must be an object')
  checkComposeOptions(options)
  return new Composer(entity, options).compose()
}

const BCC_MODES = ['omit', 'keep']

/** Checks every option but the calendar, which is looked at where it is placed. @throws {MimeError} OPTION_INVALID */
function checkComposeOptions(options: ComposeOptions): void {
  checkOptions(options)
  checkChoice('bcc', options.bcc, BCC_MODES)
  checkOption('draft', options.draft, 'boolean')
  checkOption('eightBit', options.eightBit, 'boolean')
  checkOption('smtpUtf8', options.smtpUtf8, 'boolean')
  checkOption('archive', options.archive, 'boolean')
  checkTexts('references', options.references)
  checkOption('calendarAttachment', options.calendarAttachment, 'boolean')
  checkOption('resolveContent', options.resolveContent, 'function')
  checkOption('now', options.now, 'function')
  checkOption('random', options.random, 'function')
}

const PRIORITIES: ReadonlySet<unknown> = new Set(['NoPriority', 'Highest', 'High', 'Normal', 'Low', 'Lowest'])
const CAL_METHODS: ReadonlySet<string> = new Set(['Unknown', ...Object.keys(METHOD_RULES)])
const FLAGS: ReadonlySet<string> = new Set(['Seen', 'Deleted', 'Recent', 'Flagged', 'Draft', 'Answered', 'None', '0'])

/** A custom header field whose name was checked. */
interface CustomField {
  readonly name: string
  /** Lower-case. */
  readonly key: string
  readonly value: string
  readonly path: () => string
  readonly grammar: Grammar
  readonly rank: ReturnType<typeof customHeaderRank>
}

class Composer {
  readonly #entity: EMailEntityInput
  readonly #options: ComposeOptions
  readonly #draft: boolean
  readonly #problems: Problem[] = []
  readonly #causes: unknown[] = []
  readonly #out: HeaderWriter
  /** Streams that were opened, and wait to be read. */
  readonly #waiting = new Set<ByteStream>()
  /** What stands beside the text, in no order. */
  #placed: readonly ComposedAttachment[] = []

  constructor(entity: EMailEntityInput, options: ComposeOptions) {
    this.#options = options
    this.#draft = options.draft === true
    this.#out = new HeaderWriter({ draft: this.#draft, smtpUtf8: options.smtpUtf8 === true }, this.#problems)
    this.#entity = this.#checkTypes(entity)
  }

  compose(): ComposedMessage {
    try {
      return this.#plan()
    } catch (error) {
      closeWaiting(this.#waiting)
      throw error
    }
  }

  #plan(): ComposedMessage {
    const messageId = this.#messageId()
    this.#writeHeader(messageId)
    const body = this.#composeBody()
    const archive = this.#options.archive === true ? this.#archive() : ''
    throwProblems(this.#problems, this.#causes)
    const out = this.#out
    const root: OutgoingPart = { ...body, header: `${out.header}${archive}MIME-Version: 1.0\r\n${body.header}` }
    const plan = new MimePlan(root, {
      eightBit: this.#options.eightBit,
      random: this.#options.random,
    })
    const envelope: Envelope = {
      from: out.reversePath,
      to: out.forwardPaths,
      smtpUtf8: out.needsUtf8,
      eightBitMime: plan.eightBit,
      size: plan.size,
    }
    return new PlannedMessage(envelope, messageId, plan, this.#waiting)
  }

  /** The entity without the properties that are of a wrong type: those are problems, and the rest is looked at too. */
  #checkTypes(entity: EMailEntityInput): EMailEntityInput {
    const checked = {
      From: this.#object('From', entity.From),
      To: this.#list('To', entity.To),
      Cc: this.#list('Cc', entity.Cc),
      Bcc: this.#list('Bcc', entity.Bcc),
      Subject: this.#text('Subject', entity.Subject),
      Sent: entity.Sent,
      MessageID: this.#text('MessageID', entity.MessageID),
      InReplyTo: this.#object('InReplyTo', entity.InReplyTo),
      Priority: this.#choice('Priority', entity.Priority, value => PRIORITIES.has(value)),
      Flags: this.#choice('Flags', entity.Flags, isFlags),
      CustomHeaderList: this.#list('CustomHeaderList', entity.CustomHeaderList),
      PlainBody: this.#text('PlainBody', entity.PlainBody),
      HTMLBody: this.#text('HTMLBody', entity.HTMLBody),
      Attachments: this.#list('Attachments', entity.Attachments),
      CalMethod: this.#choice('CalMethod', entity.CalMethod, value => CAL_METHODS.has(value)),
    }
    return this.#options.archive === true ? { ...checked, ...crmProperties(entity) } : checked
  }

  #text<T extends string>(path: string, value: T | null | undefined): T | undefined {
    if (value === undefined || value === null || typeof value === 'string') return value ?? undefined
    this.#out.problem('TYPE_INVALID', path, `must be text, not ${typeof value}`)
    return undefined
  }

  #choice<T extends string>(
    path: string,
    value: T | null | undefined,
    isValid: (value: string) => boolean,
  ): T | undefined {
    const text = this.#text(path, value)
    if (text === undefined || text === '' || isValid(text)) return text
    this.#out.problem('VALUE_INVALID', path, `${quoteForError(text)} is no value of ${path}`)
    return undefined
  }

  #object<T extends object>(path: string, value: T | null | undefined): T | undefined {
    if (value === undefined || value === null) return undefined
    if (typeof value === 'object' && !Array.isArray(value)) return value
    this.#out.problem('TYPE_INVALID', path, 'must be an object')
    return undefined
  }

  #list<T>(path: string | (() => string), value: readonly T[] | null | undefined): readonly T[] {
    if (value === undefined || value === null) return []
    if (Array.isArray(value)) return value as readonly T[]
    this.#out.problem('TYPE_INVALID', typeof path === 'string' ? path : path(), 'must be a list')
    return []
  }

  #messageId(): string {
    const stated = this.#entity.MessageID ?? ''
    if (stated !== '') return formatMsgId(trimWsp(stated), this.#draft) ?? stated
    if (this.#draft) return ''
    const from: unknown = this.#entity.From?.Address
    const writable = typeof from === 'string' ? toWritableAddress(trimWsp(from), false) : ''
    const address = typeof writable === 'string' ? '' : writable.address
    const domain = address.slice(address.lastIndexOf('@') + 1)
    // A domain in UTF-8 or brackets, or none: what an identifier needs is to be unique.
    const right = /^[A-Za-z0-9.-]+$/.test(domain) ? domain : 'localhost'
    const { random } = this.#options
    const uuid = random === undefined ? globalThis.crypto.randomUUID() : uuidOf(randomToken(random))
    return `<${uuid}@${right}>`
  }

  #writeHeader(messageId: string): void {
    const entity = this.#entity
    const out = this.#out
    const custom = this.#customFields()
    const now = this.#draft ? undefined : (this.#options.now?.() ?? new Date())
    const decisions: Decisions = {
      now,
      messageId,
      references: this.#references(custom),
      keepBcc: this.#keepsBcc(),
      draft: this.#draft,
    }
    const write = (rank: number): void => {
      for (const field of custom) {
        if (field.rank !== rank) continue
        // RFC 5322 §3.6.6: as secret as Bcc.
        if (field.key !== 'resent-bcc' || decisions.keepBcc) {
          out.custom(field.name, field.grammar, field.value, field.path)
        }
      }
    }
    write(0)
    for (const row of ORIGIN_ROWS) row.write?.(entity, out, decisions)
    write(1)
    write(2)
    for (const row of DESTINATION_ROWS) row.write?.(entity, out, decisions)
    write(4)
  }

  /** The custom fields in order, one for each value; of a kind that may occur once, their addresses in one. */
  #customFields(): CustomField[] {
    const fields: CustomField[] = []
    const list: readonly unknown[] = this.#entity.CustomHeaderList ?? []
    for (let index = 0; index < list.length; index++) {
      const header = list[index]
      const path = () => `CustomHeaderList[${index}]`
      if (typeof header !== 'object' || header === null) {
        this.#out.problem('TYPE_INVALID', path(), 'must be a custom header')
        continue
      }
      const { Name: name, Values: values } = header as EMailCustomHeaderInput
      if (!this.#isCustomName(name ?? '', () => `${path()}.Name`)) continue
      const key = name!.toLowerCase()
      const grammar = grammarOf(key)
      const rank = customHeaderRank(key)
      const texts = this.#list(() => `${path()}.Values`, values)
      for (let position = 0; position < texts.length; position++) {
        const value = texts[position]
        const valuePath = () => `${path()}.Values[${position}]`
        if (this.#out.isClean(value, valuePath))
          fields.push({ name: name!, key, value, path: valuePath, grammar, rank })
      }
    }
    return this.#draft ? fields : mergeAddressFields(fields)
  }

  #isCustomName(name: unknown, path: () => string): boolean {
    if (typeof name !== 'string') {
      this.#out.problem('TYPE_INVALID', path(), `must be text, not ${typeof name}`)
    } else if (!isFieldName(name)) {
      if (hasControl(name))
        this.#out.problem('HEADER_INJECTION', path(), `${quoteForError(name)} has a control character`)
      else this.#out.problem('HEADER_NAME_INVALID', path(), `${quoteForError(name)} is no field name`)
    } else if (OWNED_FIELDS.has(name.toLowerCase())) {
      this.#out.problem('HEADER_RESERVED', path(), `${name} is written from another property of the entity`)
    } else {
      return true
    }
    return false
  }

  /** The identifiers of the options, then those of custom headers; each once, but in a draft as a message had them. */
  #references(custom: readonly CustomField[]): string[] {
    const ids = new Set<string>()
    for (const [index, value] of (this.#options.references ?? []).entries()) {
      if (this.#out.isClean(value, `references[${index}]`)) for (const id of parseMsgIds(value)) ids.add(id)
    }
    const own = custom.filter(({ key }) => key === 'references').flatMap(({ value }) => parseMsgIds(value))
    if (this.#draft) return [...ids, ...own.filter(id => !ids.has(id))]
    for (const id of own) ids.add(id)
    return [...ids]
  }

  #archive(): string {
    const inputsAt = (at: ComposedAttachment['place']): object[] =>
      this.#placed.filter(({ place }) => place === at).map(({ input }) => input)
    const order = [...inputsAt('related'), ...inputsAt('alternative'), ...inputsAt('mixed')]
    const field = writeArchive(this.#entity, order, this.#keepsBcc())
    if (field === undefined) {
      this.#out.problem('ARCHIVE_TOO_LARGE', '', `more than ${MAX_ARCHIVE_OCTETS} octets would be archived`)
    }
    return field ?? ''
  }

  #keepsBcc(): boolean {
    return (this.#options.bcc ?? (this.#draft ? 'keep' : 'omit')) === 'keep'
  }

  #composeBody(): OutgoingPart {
    const plain = this.#entity.PlainBody ?? ''
    const html = this.#entity.HTMLBody ?? ''
    const attachments: readonly unknown[] = this.#entity.Attachments ?? []
    const { calendar, calendarAttachment, resolveContent } = this.#options
    if (attachments.length === 0 && calendar === undefined) return composeBody(plain, html, [])
    const context = {
      out: this.#out,
      draft: this.#draft,
      resolveContent,
      referenced: referencedIds(html),
      waiting: this.#waiting,
      causes: this.#causes,
    }
    const placed: ComposedAttachment[] = []
    for (const [index, attachment] of attachments.entries()) {
      const path = `Attachments[${index}]`
      if (typeof attachment !== 'object' || attachment === null) {
        this.#out.problem('TYPE_INVALID', path, 'must be an attachment')
        continue
      }
      const composed = composeAttachment(attachment as EMailAttachmentInput, path, context)
      if (composed !== undefined) placed.push(composed)
    }
    this.#placed = placeCalendars(placed, {
      out: this.#out,
      draft: this.#draft,
      method: this.#entity.CalMethod || 'Unknown',
      calendar,
      calendarAttachment,
    })
    return composeBody(plain, html, this.#placed)
  }
}

/** What only the archive takes; it checks the types itself. */
function crmProperties(entity: EMailEntityInput): EMailEntityInput {
  const { IsSent, EMailSOInfo, ServerId, FolderName, EmailItemId, AccountId, ReceivedAt, RepliedAt } = entity
  const { HasCalendarData, CalReplyStatus, TableRight, FieldProperties } = entity
  const store = { IsSent, ServerId, FolderName, EmailItemId, AccountId, ReceivedAt, RepliedAt }
  return { ...store, EMailSOInfo, HasCalendarData, CalReplyStatus, TableRight, FieldProperties }
}

/** `Reply-To`, and other fields of addresses, may occur once: RFC 5322 §3.6. Several values are one list. */
function mergeAddressFields(fields: readonly CustomField[]): CustomField[] {
  const merged: CustomField[] = []
  const lists = new Map<string, number>()
  for (const field of fields) {
    const index = lists.get(field.key)
    if (index !== undefined) {
      merged[index] = { ...merged[index]!, value: `${merged[index]!.value}, ${field.value}` }
      continue
    }
    if (field.grammar === 'address-list' && !isTraceField(field.key)) lists.set(field.key, merged.length)
    merged.push(field)
  }
  return merged
}

function isFlags(flags: string): boolean {
  return flags.split(',').every(flag => FLAGS.has(flag.trim()))
}

/** The 32 hexadecimal digits in the grouping of RFC 9562 §4. */
function uuidOf(token: string): string {
  return token.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/**
 * Closes the streams that composing opened, and that nobody has read. The message can still be written: it opens them
 * anew.
 */
export function closeUnread(message: ComposedMessage): void {
  if (message instanceof PlannedMessage) message.closeUnread()
}

class PlannedMessage implements ComposedMessage {
  readonly envelope: Envelope
  readonly messageId: string
  readonly size: number | undefined
  readonly #plan: MimePlan
  readonly #waiting: Set<ByteStream>

  constructor(envelope: Envelope, messageId: string, plan: MimePlan, waiting: Set<ByteStream>) {
    this.envelope = envelope
    this.messageId = messageId
    this.size = plan.size
    this.#plan = plan
    this.#waiting = waiting
  }

  closeUnread(): void {
    closeWaiting(this.#waiting)
  }

  toBytes(): Bytes {
    return this.#plan.toBytes()
  }

  writeInto(target: Uint8Array, offset = 0): number {
    return this.#plan.writeInto(target, offset)
  }

  [Symbol.iterator](): Iterator<Bytes> {
    return this.#plan[Symbol.iterator]()
  }

  [Symbol.asyncIterator](): AsyncIterator<Bytes> {
    return this.#plan[Symbol.asyncIterator]()
  }
}
