/**
 * Reports about messages: delivery status (RFC 3464), disposition notification (RFC 8098), feedback (RFC 5965).
 *
 * They come as multipart/report (RFC 6522): text for people, a part for programs, and the message they are about.
 */
import { parseAddressList } from '../header/address.ts'
import { parseDateTime } from '../header/date-time.ts'
import { firstValue, type HeaderField, parseHeaderSection } from '../header/field.ts'
import { parseMsgIds } from '../header/msg-id.ts'
import { trimWsp } from '../header/token.ts'
import { parseUnstructured } from '../header/unstructured.ts'
import { DEFAULT_LIMITS } from '../mime/limits.ts'
import type { MimePart } from '../mime/part.ts'

/** What a report tells of. */
export type ReportKind = 'delivery-status' | 'disposition-notification' | 'feedback-report'

/** What happened to the message at one recipient. Text is `''` where the report does not say. */
export interface ReportRecipient {
  /** The address the message went to, without its type: RFC 3464 §2.3.2. */
  readonly finalRecipient: string
  /** The address the sender gave: RFC 3464 §2.3.1. */
  readonly originalRecipient: string
  /**
   * Of a delivery status `failed`, `delayed`, `delivered`, `relayed` or `expanded` (RFC 3464 §2.3.3); of a disposition
   * notification `displayed`, `deleted`, `dispatched`, `processed`, `denied` or `failed` (RFC 8098 §3.2.6.2).
   */
  readonly action: string
  /** Enhanced status code of three numbers: `5.1.1` (RFC 3463). */
  readonly status: string
  /** What the other server said, without its type: `550 5.1.1 User unknown`. */
  readonly diagnostic: string
  /** Name of the server that said it. */
  readonly remoteMta: string
}

/** A report, as far as a program acts on it; all of its fields are in the tree. */
export interface MailReport {
  readonly kind: ReportKind
  /** `Message-ID` of the message that the report is about; `''` where it does not say. */
  readonly originalMessageId: string
  /** Name of the server or program that reports. */
  readonly reporter: string
  /** When the message arrived there, ISO 8601 with offset; null where the report does not say. */
  readonly arrivalDate: string | null
  /** Of a feedback report its type: `abuse`, `fraud`, `virus`, `other`, `not-spam` (RFC 5965 §7.3); else `''`. */
  readonly feedbackType: string
  readonly recipients: readonly ReportRecipient[]
}

/** THE table: media type of the part for programs -> kind of report. */
const KINDS: ReadonlyMap<string, ReportKind> = new Map<string, ReportKind>([
  ['message/delivery-status', 'delivery-status'],
  ['message/global-delivery-status', 'delivery-status'],
  ['message/disposition-notification', 'disposition-notification'],
  ['message/global-disposition-notification', 'disposition-notification'],
  ['message/feedback-report', 'feedback-report'],
])

/** Media types of the message a report is about, or of its header alone. */
const RETURNED_TYPES: ReadonlySet<string> = new Set([
  'message/rfc822',
  'message/global',
  'message/rfc822-headers',
  'text/rfc822-headers',
  'message/global-headers',
])

/**
 * Reads the report that a message is.
 *
 * The part for programs counts wherever it stands but in a forwarded message: some servers put it into a
 * multipart/mixed.
 */
export function readReport(root: MimePart): MailReport | undefined {
  const leaves = leavesOf(root)
  const parts = leaves.filter(({ contentType }) => KINDS.has(contentType.mediaType))
  const kind = KINDS.get(parts[0]?.contentType.mediaType ?? '')
  if (kind === undefined) return undefined
  // QUIRK: Exchange repeats the part, and puts text into the first of them.
  const groups = fieldGroups(parts)
  const first = groups.find(isMessageGroup) ?? groups[0] ?? []
  const returned = leaves.find(({ contentType }) => RETURNED_TYPES.has(contentType.mediaType))
  const original = firstValue(first, 'original-message-id') ?? (returned && returnedMessageId(returned)) ?? ''
  // Some servers leave out the empty line after the fields of the message as a whole.
  const recipientGroups = kind === 'delivery-status' ? groups.filter(isRecipientGroup) : [first]
  return {
    kind,
    originalMessageId: parseMsgIds(original)[0] ?? '',
    reporter:
      withoutType(firstValue(first, 'reporting-mta') ?? '') || firstValue(first, 'reporting-ua') || userAgent(first),
    arrivalDate: parseDateTime(firstValue(first, 'arrival-date') ?? firstValue(first, 'received-date') ?? '') ?? null,
    feedbackType: (firstValue(first, 'feedback-type') ?? '').toLowerCase(),
    recipients: recipientGroups.flatMap(group => recipientsOf(kind, group)),
  }
}

function leavesOf(root: MimePart): MimePart[] {
  const leaves: MimePart[] = []
  const waiting = [root]
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (!part.isDivided) leaves.push(part)
    for (let index = part.parts.length - 1; index >= 0; index--) waiting.push(part.parts[index]!)
  }
  return leaves
}

/** The groups of fields in the parts, with empty lines between them: RFC 3464 §2.1. */
function fieldGroups(parts: readonly MimePart[]): (readonly HeaderField[])[] {
  const groups: (readonly HeaderField[])[] = []
  let room = DEFAULT_LIMITS.allFields
  for (const part of parts) {
    const octets = part.content()
    let position = 0
    while (position < octets.length && groups.length < MAX_GROUPS && room > 0) {
      const { fields, bodyStart } = parseHeaderSection(octets, position, octets.length, DEFAULT_LIMITS, never, ignore)
      if (fields.length > 0) groups.push(fields)
      room -= fields.length
      if (bodyStart <= position) break
      position = bodyStart
    }
  }
  return groups
}

/** Groups that are read of one report: its recipients. */
const MAX_GROUPS = 10_000

function never(): boolean {
  return false
}

function ignore(): void {}

function isMessageGroup(fields: readonly HeaderField[]): boolean {
  return fields.some(({ key }) => key.startsWith('reporting-') || key === 'feedback-type' || key === 'disposition')
}

function isRecipientGroup(fields: readonly HeaderField[]): boolean {
  return fields.some(({ key }) => key === 'final-recipient' || key === 'original-recipient' || key === 'action')
}

function returnedMessageId(returned: MimePart): string | undefined {
  const fields = returned.message?.fields ?? fieldGroups([returned])[0] ?? []
  return firstValue(fields, 'message-id')
}

function userAgent(fields: readonly HeaderField[]): string {
  return firstValue(fields, 'user-agent') ?? ''
}

function recipientsOf(kind: ReportKind, fields: readonly HeaderField[]): ReportRecipient[] {
  const value = (key: string): string => firstValue(fields, key) ?? ''
  const recipient = {
    originalRecipient: addressOf(value('original-recipient')),
    status: /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(value('status'))?.[0] ?? '',
    diagnostic: parseUnstructured(withoutType(value('diagnostic-code'))),
    remoteMta: withoutType(value('remote-mta')),
  }
  switch (kind) {
    case 'delivery-status': {
      const action = /^[A-Za-z-]*/.exec(value('action'))![0].toLowerCase()
      return [{ finalRecipient: addressOf(value('final-recipient')), action, ...recipient }]
    }
    case 'disposition-notification': {
      // "manual-action/MDN-sent-manually; displayed/error": the type stands after the ";", before the modifiers.
      const action = trimWsp(/;([^/]*)/.exec(value('disposition'))?.[1] ?? '').toLowerCase()
      return [{ finalRecipient: addressOf(value('final-recipient')), action, ...recipient }]
    }
    case 'feedback-report':
      return fields
        .filter(({ key }) => key === 'original-rcpt-to')
        .map(field => ({ finalRecipient: addressOf(field.value), action: '', ...recipient }))
  }
}

/** `rfc822; user@example.com` and what servers write in its place, as an address; else the text as it stands. */
function addressOf(value: string): string {
  const text = withoutType(value)
  return parseAddressList(text)[0]?.address || text
}

/** What stands after `dns;`, `smtp;`, `rfc822;` and the like. */
function withoutType(value: string): string {
  const match = /^[A-Za-z0-9/-]{1,40}[ \t]*;/.exec(value)
  return trimWsp(match === null ? value : value.slice(match[0].length))
}
