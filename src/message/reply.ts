/**
 * Reply: an entity that answers a message. RFC 5322 §3.6.2 and §3.6.3 for who gets it, §3.6.4 and §3.6.5 for the thread.
 */
import {
  type EMailAddress,
  type EMailAddressInput,
  type EMailEntity,
  type EMailEnvelope,
  emptyAddress,
  emptyEntity,
} from '../entity/entity.ts'
import { parseAddressList } from '../header/address.ts'
import { toWritableAddress } from '../header/address-format.ts'
import { checkOption, checkOptions, checkTexts } from '../option.ts'
import { referencedIds } from './cid.ts'
import {
  addressOf,
  copyAttachment,
  describeAddresses,
  describeDate,
  entityOf,
  oneLine,
  type QuotedSource,
  quoteBodies,
  referencesOf,
  replySubject,
  writableMsgId,
} from './quote.ts'

/** How to reply. */
export interface ReplyOptions {
  /** To everyone who got the message, too. Default false. */
  readonly all?: boolean | undefined
  /** Who replies: From of the reply, and no recipient of it. */
  readonly from?: EMailAddressInput | undefined
  /** Further addresses of who replies, which are no recipients either. */
  readonly aliases?: readonly string[] | undefined
  /** What stands before the quoted text. Default: `On 2023-06-02 14:13 +02:00, Kari <kari@example.no> wrote:`. */
  readonly attribution?: string | undefined
}

/**
 * Makes the reply to a message: subject, InReplyTo, References, recipients, and its text as a quotation. What the writer
 * has to say goes before PlainBody and HTMLBody.
 *
 * It goes to Reply-To, else From; to all, also to To and Cc, or just to Mail-Followup-To where the message has that. Who
 * replies gets no copy, unless nobody else is left; the reply to a message of one's own goes where that went, to its Cc
 * where To has nobody else. Images that the HTML shows in place stay with it, other attachments do not.
 *
 * @throws {MimeError} TYPE_INVALID with the path in the source, OPTION_INVALID
 */
export function replyTo(source: QuotedSource, options: ReplyOptions = {}): EMailEntity {
  checkReplyOptions(options)
  const message = entityOf(source)
  const shown = referencedIds(message.HTMLBody)
  const attribution = options.attribution ?? attributionOf(message)
  return {
    ...emptyEntity(),
    ...recipientsOf(message, options),
    From: addressOf(options.from),
    Subject: replySubject(message.Subject),
    InReplyTo: envelopeOf(message),
    CustomHeaderList: referencesOf(message, 'without-own'),
    ...quoteBodies(message, [oneLine(attribution)]),
    Attachments: message.Attachments.filter(({ Id }) => Id !== '' && shown.has(bareId(Id))).map(copyAttachment),
  }
}

/** @throws {MimeError} OPTION_INVALID */
function checkReplyOptions(options: ReplyOptions): void {
  checkOptions(options)
  checkOption('all', options.all, 'boolean')
  // As in an entity, null is nobody.
  checkOption('from', options.from ?? undefined, 'object')
  checkTexts('aliases', options.aliases)
  checkOption('attribution', options.attribution, 'string')
}

function bareId(id: string): string {
  return id.trim().replace(/^<(.*)>$/, '$1')
}

/** `On …, … wrote:`, as much of it as is known. */
function attributionOf({ From, Sent }: EMailEntity): string {
  const author = From === null ? '' : describeAddresses([From])
  const date = describeDate(Sent)
  return `${date === '' ? '' : `On ${date}, `}${author || 'somebody'} wrote:`
}

/** The message as what InReplyTo holds of it. */
function envelopeOf(message: EMailEntity): EMailEnvelope {
  const { ServerId, Subject, From, To, Sent, Priority, Flags, Size, EMailSOInfo } = message
  const rights = { TableRight: null, FieldProperties: null }
  const MessageId = writableMsgId(message.MessageID)
  return { ServerId, MessageId, Subject, From, To, Sent, Priority, Flags, Size, EMailSOInfo, ...rights }
}

/** The recipients of a reply. */
interface Recipients {
  readonly To: EMailAddress[]
  readonly Cc: EMailAddress[]
}

function recipientsOf(message: EMailEntity, options: ReplyOptions): Recipients {
  const own = new Set([options.from?.Address ?? '', ...(options.aliases ?? [])].map(keyOf))
  own.delete('')
  const isOwn = ({ Address }: EMailAddress): boolean => own.has(keyOf(Address))
  const author = message.From === null ? [] : [message.From]
  const replyTo = headerAddresses(message, 'reply-to')
  const answered = replyTo.length > 0 ? replyTo : author
  // An answer to what one wrote oneself goes on to the same people, those of Cc where To has nobody else.
  const isOther = (address: EMailAddress): boolean => keyOf(address.Address) !== '' && !isOwn(address)
  const sentTo = author.some(isOwn) ? [message.To, message.Cc].find(list => list.some(isOther)) : undefined
  const target = sentTo ?? answered
  if (options.all !== true) return withoutOwn(target, [], isOwn)
  const followup = headerAddresses(message, 'mail-followup-to')
  if (followup.some(address => !isOwn(address))) return withoutOwn(followup, [], isOwn)
  return withoutOwn([...target, ...message.To], message.Cc, isOwn)
}

/** Each recipient once, oneself only where nobody else is left. */
function withoutOwn(
  to: readonly EMailAddress[],
  cc: readonly EMailAddress[],
  isOwn: (address: EMailAddress) => boolean,
): Recipients {
  const seen = new Set<string>()
  const others = (list: readonly EMailAddress[]): EMailAddress[] =>
    list.filter(address => {
      const key = keyOf(address.Address)
      if (key === '' || seen.has(key) || isOwn(address)) return false
      seen.add(key)
      return true
    })
  const [To, Cc] = [others(to), others(cc)]
  if (To.length > 0) return { To, Cc }
  if (Cc.length > 0) return { To: Cc, Cc: [] }
  return { To: to.filter(({ Address }) => Address !== '').slice(0, 1), Cc: [] }
}

/** Addresses by which two are told to be one: in lower case, the domain as A-labels. */
function keyOf(address: string): string {
  const writable = typeof address === 'string' ? toWritableAddress(address.trim(), false) : ''
  return (typeof writable === 'string' ? String(address).trim() : writable.address).toLowerCase()
}

/** Addresses of a header that no property has; where the message knows more of one of them, that comes along. */
function headerAddresses(message: EMailEntity, key: string): EMailAddress[] {
  const known = new Map([...message.Cc, ...message.To].map(address => [keyOf(address.Address), address]))
  if (message.From !== null) known.set(keyOf(message.From.Address), message.From)
  return message.CustomHeaderList.filter(({ Name }) => Name.toLowerCase() === key)
    .flatMap(({ Values }) => Values)
    .flatMap(value => parseAddressList(value, undefined, 'keep'))
    .filter(({ address }) => address !== '')
    .map(({ name, address }) => known.get(keyOf(address)) ?? emptyAddress(address, name))
}
