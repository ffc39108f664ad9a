/**
 * THE table: entity property <-> header field.
 *
 * A row says which fields a property owns, how it is written and how it is read. Rows stand in the order in which
 * fields are written (RFC 5322 §3.6 asks for none). A new property of this kind is a new row.
 */
import type { OnDefect } from '../defect.ts'
import {
  type EMailAddress,
  type EMailAddressInput,
  type EMailEntity,
  type EMailEntityInput,
  type EMailPriority,
  emptyAddress,
  emptyEnvelope,
} from '../entity/entity.ts'
import { type Mailbox, parseAddressList } from '../header/address.ts'
import { parseDateTime } from '../header/date-time.ts'
import type { HeaderField } from '../header/field.ts'
import { isTraceField } from '../header/grammar.ts'
import { parseMsgIds } from '../header/msg-id.ts'
import { findCommentEnd, trimWsp } from '../header/token.ts'
import { parseUnstructured } from '../header/unstructured.ts'
import type { Limits } from '../mime/limits.ts'
import { ARCHIVE_FIELD } from './archive.ts'
import type { HeaderWriter } from './header-writer.ts'

/** Fields of the top header by lower-case name; of each name the first. */
export type FieldIndex = ReadonlyMap<string, HeaderField>

/** What composing has decided before the header is written. */
export interface Decisions {
  /** What `Date` says where the entity does not; undefined for a draft that has none. */
  readonly now: string | Date | undefined
  /** `Message-ID` with its angle brackets; `''` for a draft that has none. */
  readonly messageId: string
  /** What `References` starts with, from the options and custom headers. */
  readonly references: readonly string[]
  readonly keepBcc: boolean
  readonly draft: boolean
}

interface FieldRow {
  /** Lower-case names of the fields that the property owns: no custom header may have them. */
  readonly owns: readonly string[]
  /** Writes what the entity has; problems go to the writer. */
  readonly write?: (entity: EMailEntityInput, out: HeaderWriter, decisions: Decisions) => void
  /** Sets what the fields have. */
  readonly read?: (fields: FieldIndex, entity: EMailEntity, onDefect: OnDefect, limits: Limits) => void
}

/** Rows up to the recipients; custom headers of the same rank (Sender, Reply-To) are written between the two. */
export const ORIGIN_ROWS: readonly FieldRow[] = [
  {
    owns: ['date'],
    write(entity, out, { now }) {
      const sent = isUnsetDate(entity.Sent) ? now : entity.Sent
      if (sent !== undefined && sent !== null) out.date('Date', sent, 'Sent')
    },
    read(fields, entity, onDefect) {
      const field = fields.get('date')
      if (field !== undefined) entity.Sent = parseDateTime(field.value, at(field, onDefect)) ?? null
    },
  },
  {
    owns: ['from'],
    write(entity, out, { draft }) {
      if (entity.From !== undefined && entity.From !== null) out.originator('From', entity.From)
      else if (!draft && !out.hasProblem('From')) out.problem('FROM_MISSING', 'From', 'a message needs a From address')
    },
    read(fields, entity, onDefect, { mailboxes }) {
      entity.From = readAddresses(fields.get('from'), onDefect, mailboxes)[0] ?? null
    },
  },
]

const RECIPIENT_LISTS = ['To', 'Cc', 'Bcc']

/** Rows from the recipients on. */
export const DESTINATION_ROWS: readonly FieldRow[] = [
  {
    owns: ['to'],
    write(entity, out, { draft }) {
      if (isListed(entity.To)) out.recipients('To', entity.To, true)
      else if (!draft && !isListed(entity.Cc)) {
        if (isListed(entity.Bcc)) out.text('To', 'undisclosed-recipients:;')
        else if (!RECIPIENT_LISTS.some(name => out.hasProblem(name))) {
          out.problem('RECIPIENT_MISSING', 'To', 'a message needs a recipient in To, Cc or Bcc')
        }
      }
    },
    read(fields, entity, onDefect, { mailboxes }) {
      entity.To = readAddresses(fields.get('to'), onDefect, mailboxes)
    },
  },
  {
    owns: ['cc'],
    write(entity, out) {
      if (isListed(entity.Cc)) out.recipients('Cc', entity.Cc, true)
    },
    read(fields, entity, onDefect, { mailboxes }) {
      entity.Cc = readAddresses(fields.get('cc'), onDefect, mailboxes - entity.To.length)
    },
  },
  {
    owns: ['bcc'],
    write(entity, out, { keepBcc }) {
      if (isListed(entity.Bcc)) out.recipients('Bcc', entity.Bcc, keepBcc)
    },
    read(fields, entity, onDefect, { mailboxes }) {
      entity.Bcc = readAddresses(fields.get('bcc'), onDefect, mailboxes - entity.To.length - entity.Cc.length)
    },
  },
  {
    owns: ['subject'],
    write(entity, out) {
      if (entity.Subject) out.unstructured('Subject', entity.Subject, 'Subject')
    },
    read(fields, entity, onDefect) {
      const field = fields.get('subject')
      if (field !== undefined) entity.Subject = parseUnstructured(field.value, at(field, onDefect))
    },
  },
  {
    owns: ['message-id'],
    write(entity, out, { messageId }) {
      if (messageId === '') return
      if (entity.MessageID) out.msgIds('Message-ID', [messageId], 'MessageID')
      else out.text('Message-ID', messageId)
    },
    read(fields, entity, onDefect) {
      entity.MessageID = readMsgIds(fields.get('message-id'), onDefect)[0] ?? ''
    },
  },
  {
    owns: ['in-reply-to'],
    write(entity, out, { references, draft }) {
      const stated = entity.InReplyTo?.MessageId
      if (stated && !out.msgIds('In-Reply-To', [stated], 'InReplyTo.MessageId')) return
      const chain = stated ? withParent(references, withBrackets(trimWsp(stated)), draft) : references
      if (chain.length > 0) out.msgIds('References', chain, 'References')
    },
    read(fields, entity, onDefect) {
      const parent = readMsgIds(fields.get('in-reply-to'), onDefect)[0]
      if (parent !== undefined) entity.InReplyTo = emptyEnvelope(parent)
    },
  },
  {
    owns: ['x-priority', 'importance', 'priority', 'x-msmail-priority'],
    write(entity, out) {
      const row = PRIORITIES.find(({ name }) => name === entity.Priority)
      if (row === undefined) return
      out.text('X-Priority', `${row.number} (${row.name})`)
      out.text('Importance', row.importance)
      out.text('Priority', row.urgency)
    },
    read(fields, entity) {
      entity.Priority = readPriority(fields)
    },
  },
  {
    owns: ['x-unsent'],
    write(entity, out) {
      if (hasDraftFlag(entity.Flags)) out.text('X-Unsent', '1')
    },
    read(fields, entity) {
      if (fields.get('x-unsent')?.value === '1') entity.Flags = 'Draft'
    },
  },
  {
    // Read only: who writes Received is the transport.
    owns: [],
    read(fields, entity) {
      // Decoded, since a field with raw UTF-8 is written with encoded-words, and the ";" may be in one.
      const field = fields.get('received')
      const received = field === undefined ? '' : parseUnstructured(field.value)
      entity.ReceivedAt =
        dateBehind(received, received.lastIndexOf(';')) ?? dateBehind(received, lastSemicolon(received)) ?? null
    },
  },
]

const ALL_ROWS: readonly FieldRow[] = [...ORIGIN_ROWS, ...DESTINATION_ROWS]

function dateBehind(received: string, semicolon: number): string | undefined {
  return semicolon === -1 ? undefined : parseDateTime(received.slice(semicolon + 1).trim())
}

/** The last ";" outside of comments, which may follow the date: RFC 5322 §3.3; -1 where there is none. */
function lastSemicolon(received: string): number {
  let semicolon = -1
  for (let index = 0; index < received.length; index++) {
    const character = received[index]
    if (character === ';') semicolon = index
    else if (character === '(') index = findCommentEnd(received, index)
  }
  return semicolon
}

/** Fields that the structure of the message owns. */
const STRUCTURE_FIELDS = [
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'content-disposition',
  'content-id',
  'content-description',
]

/** Lower-case names that no custom header may have, since a property or the structure writes them. */
export const OWNED_FIELDS: ReadonlySet<string> = new Set([
  ...ALL_ROWS.flatMap(row => row.owns),
  ...STRUCTURE_FIELDS,
  ARCHIVE_FIELD,
])

/**
 * Where a custom header stands: 0 on top, 1 and 2 between the author and the recipients, 3 where References is written,
 * 4 after all that. Reading lists them in the same order, so that it does not depend on who wrote the message.
 *
 * @param key lower-case name
 */
export function customHeaderRank(key: string): 0 | 1 | 2 | 3 | 4 {
  if (isTraceField(key)) return 0
  return CUSTOM_RANKS.get(key) ?? 4
}

const CUSTOM_RANKS: ReadonlyMap<string, 1 | 2 | 3> = new Map([
  ['sender', 1],
  ['reply-to', 2],
  ['references', 3],
])

/** Reads every property that the header carries. */
export function readFields(fields: FieldIndex, entity: EMailEntity, onDefect: OnDefect, limits: Limits): void {
  for (const row of ALL_ROWS) row.read?.(fields, entity, onDefect, limits)
}

/** Priority by the five steps of X-Priority, with the three of Importance and Priority: RFC 2156 §5.3.3, §5.3.6. */
const PRIORITIES: readonly {
  readonly name: EMailPriority
  readonly number: string
  readonly importance: string
  readonly urgency: string
}[] = [
  { name: 'Highest', number: '1', importance: 'High', urgency: 'urgent' },
  { name: 'High', number: '2', importance: 'High', urgency: 'urgent' },
  { name: 'Normal', number: '3', importance: 'Normal', urgency: 'normal' },
  { name: 'Low', number: '4', importance: 'Low', urgency: 'non-urgent' },
  { name: 'Lowest', number: '5', importance: 'Low', urgency: 'non-urgent' },
]

/** Words of the fields without numbers. */
const PRIORITY_WORDS: ReadonlyMap<string, EMailPriority> = new Map([
  ['highest', 'Highest'],
  ['high', 'High'],
  ['urgent', 'High'],
  ['normal', 'Normal'],
  ['medium', 'Normal'],
  ['low', 'Low'],
  ['non-urgent', 'Low'],
  ['lowest', 'Lowest'],
])

function readPriority(fields: FieldIndex): EMailPriority {
  for (const key of ['x-priority', 'importance', 'priority', 'x-msmail-priority']) {
    const value = fields.get(key)?.value.toLowerCase()
    if (value === undefined) continue
    const number = PRIORITIES.find(row => value.startsWith(row.number))
    if (number !== undefined) return number.name
    const word = PRIORITY_WORDS.get(/^[a-z-]*/.exec(value)![0])
    if (word !== undefined) return word
  }
  return 'NoPriority'
}

/** True where the flags of the mail store have Draft. */
function hasDraftFlag(flags: string | null | undefined): boolean {
  return typeof flags === 'string' && flags.split(',').some(flag => flag.trim() === 'Draft')
}

/** True where a date is not given: null, undefined, or the zero of .NET's DateTime, which its clients send for it. */
function isUnsetDate(date: string | Date | null | undefined): boolean {
  if (date instanceof Date) return date.getTime() === -62135596800000
  return date === null || date === undefined || date === '' || (typeof date === 'string' && NET_ZERO.test(date))
}

const NET_ZERO = /^0001-01-01T00:00:00/

/** RFC 5322 §3.6.4: the parent's References and the parent itself, last; a draft keeps the place that it has. */
function withParent(references: readonly string[], parent: string, draft: boolean): readonly string[] {
  if (!references.includes(parent)) return [...references, parent]
  return draft ? references : [...references.filter(id => id !== parent), parent]
}

function withBrackets(id: string): string {
  return id.startsWith('<') ? id : `<${id}>`
}

function isListed(list: readonly EMailAddressInput[] | null | undefined): list is readonly EMailAddressInput[] {
  return list !== null && list !== undefined && list.length > 0
}

/** Offsets of value grammars count characters of the value; defects name the field. */
function at(field: HeaderField, onDefect: OnDefect): OnDefect {
  return (code, _, detail) => onDefect(code, field.offset, detail)
}

/** @param most addresses that are read; 0 or less where others had all of them */
function readAddresses(field: HeaderField | undefined, onDefect: OnDefect, most: number): EMailAddress[] {
  if (field === undefined) return []
  if (most <= 0) {
    onDefect('LIMIT_MAILBOXES', field.offset)
    return []
  }
  return parseAddressList(field.value, at(field, onDefect), 'decode', most).map(({ name, address }: Mailbox) =>
    emptyAddress(address, name),
  )
}

function readMsgIds(field: HeaderField | undefined, onDefect: OnDefect): string[] {
  return field === undefined ? [] : parseMsgIds(field.value, at(field, onDefect))
}
