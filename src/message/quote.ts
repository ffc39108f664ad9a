/**
 * What an answer takes over from the message it is about: subject (RFC 5322 §3.6.5), identifiers (§3.6.4), and the text
 * as a quotation (RFC 3676 §4.5 for its marks).
 *
 * Who gets a reply is in ./reply.ts, what a forwarded message holds in ./forward.ts.
 */
import type {
  EMailAddress,
  EMailAddressInput,
  EMailAttachment,
  EMailCustomHeader,
  EMailEntity,
  EMailEntityInput,
} from '../entity/entity.ts'
import { completeEntity } from '../entity/json.ts'
import { mimeError } from '../errors.ts'
import { describeAddressList } from '../header/address-format.ts'
import { formatMsgId, parseMsgIds } from '../header/msg-id.ts'
import { withoutControls } from '../header/token.ts'
import type { ParsedMessage } from './extract.ts'

/** A message to answer: as it was read, or as the CRM has it. */
export type QuotedSource = ParsedMessage | EMailEntityInput

export function isParsed(source: QuotedSource): source is ParsedMessage {
  return 'root' in source && 'entity' in source
}

/**
 * The entity of a source, complete; its contents are not read.
 *
 * @throws {MimeError} TYPE_INVALID
 */
export function entityOf(source: QuotedSource): EMailEntity {
  const given: unknown = typeof source === 'object' && source !== null && isParsed(source) ? source.entity : source
  if (typeof given !== 'object' || given === null) {
    throw mimeError('TYPE_INVALID', '', 'the source must be a parsed message or an entity')
  }
  const entity = completeEntity(given)
  checkTexts(entity, '', ['Subject', 'PlainBody', 'HTMLBody', 'MessageID'])
  if (entity.From !== null) checkTexts(entity.From, 'From', ADDRESS_TEXTS)
  if (entity.InReplyTo !== null) checkTexts(entity.InReplyTo, 'InReplyTo', ['MessageId'])
  for (const [list, texts] of ITEM_TEXTS) {
    checkItems(entity[list], list, (item, path) => checkTexts(item, path, texts))
  }
  for (const [index, { Values }] of entity.CustomHeaderList.entries()) {
    checkItems(Values, `CustomHeaderList[${index}].Values`, checkText)
  }
  return entity
}

const ADDRESS_TEXTS = ['Name', 'Address']

/** The lists that an answer looks into, and what has to be text in each of their carriers. */
const ITEM_TEXTS: readonly (readonly ['To' | 'Cc' | 'Attachments' | 'CustomHeaderList', readonly string[]])[] = [
  ['To', ADDRESS_TEXTS],
  ['Cc', ADDRESS_TEXTS],
  ['Attachments', ['Id']],
  ['CustomHeaderList', ['Name']],
]

function checkItems(list: unknown, path: string, check: (item: unknown, path: string) => void): void {
  if (!Array.isArray(list)) throw mimeError('TYPE_INVALID', path, 'must be a list')
  for (const [index, item] of list.entries()) check(item, `${path}[${index}]`)
}

/** @param path of the carrier, `''` for the entity */
function checkTexts(carrier: unknown, path: string, names: readonly string[]): void {
  if (typeof carrier !== 'object' || carrier === null) throw mimeError('TYPE_INVALID', path, 'must be an object')
  for (const name of names) {
    checkText((carrier as Record<string, unknown>)[name], path === '' ? name : `${path}.${name}`)
  }
}

function checkText(value: unknown, path: string): void {
  if (typeof value !== 'string') throw mimeError('TYPE_INVALID', path, `must be text, not ${typeof value}`)
}

/** The address as a carrier of its own; null where there is none. */
export function addressOf(address: EMailAddressInput | null | undefined): EMailAddress | null {
  return address === null || address === undefined ? null : completeEntity({ From: address }).From
}

// ------------------------------------------------------------------------------------------------------------ subject

/** THE table: what mail clients put before the subject, by language. A new one is a word here. */
const REPLY_PREFIXES = 're sv aw vs antw odp res rif atb ynt vá απ 回复 回覆 答复 答覆 返信'
const FORWARD_PREFIXES = 'fw fwd vs vb wg vl tr rv enc pd doorst ilt továbbítás προ 转发 轉寄 転送'

/** What follows such a word: `:`, also a wide one, and before it a count as in `Re[2]:`, `Re(2):`, `Re^2:`. */
const REST = String.raw`(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3})?[ \u00a0]?[:：]\s{0,10}`

const REPLY_PREFIX = prefixPattern(REPLY_PREFIXES)
const FORWARD_PREFIX = prefixPattern(FORWARD_PREFIXES)

function prefixPattern(words: string): RegExp {
  return new RegExp(`^\\s{0,10}(?:${words.replaceAll(' ', '|')})${REST}`, 'iu')
}

/** `Re: ` and the subject, without the reply prefixes that it begins with, of whatever language. */
export function replySubject(subject: string): string {
  return `Re: ${withoutPrefix(subject, REPLY_PREFIX)}`.trimEnd()
}

/** `Fw: ` and the subject, without the forward prefixes that it begins with, of whatever language. */
export function forwardSubject(subject: string): string {
  return `Fw: ${withoutPrefix(subject, FORWARD_PREFIX)}`.trimEnd()
}

function withoutPrefix(subject: string, prefix: RegExp): string {
  let start = 0
  // Sliced little by little: a subject may be a mebibyte of "Re:".
  for (;;) {
    const match = prefix.exec(subject.slice(start, start + 100))
    if (match === null) return subject.slice(start).trimStart()
    start += match[0].length
  }
}

// -------------------------------------------------------------------------------------------------------- identifiers

/** Identifiers that References has at most: of a longer thread the first one, and the last ones. */
const MAX_REFERENCES = 100

/**
 * The identifiers of the thread up to the message, it included where `own` is, oldest first, as a custom header.
 *
 * RFC 5322 §3.6.4: References of the message, or its In-Reply-To, then its Message-ID. What cannot be written is left
 * out, so that the answer to a message with a faulty identifier can be sent.
 */
export function referencesOf(entity: EMailEntity, own: 'with-own' | 'without-own'): EMailCustomHeader[] {
  const stated = entity.CustomHeaderList.filter(({ Name }) => Name.toLowerCase() === 'references')
  const thread = stated.flatMap(({ Values }) => Values).flatMap(value => parseMsgIds(value))
  thread.push(entity.InReplyTo?.MessageId ?? '')
  if (own === 'with-own') thread.push(entity.MessageID)
  const ids = [...new Set(thread.map(writableMsgId).filter(id => id !== ''))]
  if (ids.length > MAX_REFERENCES) ids.splice(1, ids.length - MAX_REFERENCES)
  if (ids.length === 0) return []
  return [{ Name: 'References', Values: [ids.join(' ')], TableRight: null, FieldProperties: null }]
}

/** The identifier as a message may have it, or `''`. */
export function writableMsgId(id: string): string {
  return formatMsgId(id.trim(), false) ?? ''
}

// --------------------------------------------------------------------------------------------------------------- text

/** Bodies that quote a message. */
export interface QuotedBodies {
  readonly PlainBody: string
  readonly HTMLBody: string
}

/**
 * Quotes the bodies that a message has: `> ` before each line of the text, a blockquote around the HTML, which is in it
 * character for character.
 *
 * @param heading lines that stand before the quotation, as text
 */
export function quoteBodies({ PlainBody, HTMLBody }: QuotedBodies, heading: readonly string[]): QuotedBodies {
  return {
    PlainBody: PlainBody === '' && HTMLBody !== '' ? '' : `${heading.join('\n')}\n${quoteText(PlainBody)}`,
    HTMLBody:
      HTMLBody === ''
        ? ''
        : `<div>${heading.map(escapeHtml).join('<br>\n')}</div>\n<blockquote type="cite">\n${HTMLBody}\n</blockquote>\n`,
  }
}

/** `> ` before each line; nothing after the mark of an empty one, where a blank would mean that the line goes on. */
function quoteText(text: string): string {
  if (text === '') return ''
  const lines = text.split(/\r\n|\r|\n/)
  if (lines.at(-1) === '') lines.pop()
  return lines.map(line => (line === '' ? '>\n' : `> ${line}\n`)).join('')
}

const HTML_ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => HTML_ESCAPES[character]!)
}

/** `Kari Nordmann <kari@example.no>, …` on one line. */
export function describeAddresses(addresses: readonly EMailAddress[]): string {
  return oneLine(describeAddressList(addresses.map(({ Name, Address }) => ({ name: Name, address: Address }))))
}

/** `2023-06-02 14:13 +02:00`; `''` for no date. */
export function describeDate(date: string | null): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[^Zz+-]*(Z|z|[+-]\d\d:?\d\d)?$/.exec(date ?? '')
  return match === null ? '' : `${match[1]} ${match[2]} ${match[3] ?? ''}`.trimEnd().replace(/ [Zz]$/, ' UTC')
}

/** Text without the line breaks that would make it more than one line of a quotation's heading. */
export function oneLine(text: string): string {
  return withoutControls(text.replace(/[\r\n\t\u2028\u2029]+/g, ' '))
}

/** A copy of an attachment whose content is still only read on demand. */
export function copyAttachment(attachment: EMailAttachment): EMailAttachment {
  return Object.defineProperties({}, Object.getOwnPropertyDescriptors(attachment)) as EMailAttachment
}
