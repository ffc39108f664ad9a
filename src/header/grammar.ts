/**
 * THE table of grammars: which field is read and written how. A field that is not named here is unstructured.
 */

/** How the value of a field is built. */
export type Grammar =
  /** Text that may hold encoded-words anywhere: RFC 5322 §2.2.1. */
  | 'unstructured'
  /** Mailboxes and groups: RFC 5322 §3.4. */
  | 'address-list'
  /** Identifiers in angle brackets: RFC 5322 §3.6.4. */
  | 'msg-id-list'
  /** Structured by its own rules: folded at spaces, never encoded where it is ASCII. */
  | 'opaque'

const GRAMMARS: ReadonlyMap<string, Grammar> = new Map<string, Grammar>([
  // RFC 5322 §3.6.2, §3.6.3, §3.6.6
  ['from', 'address-list'],
  ['sender', 'address-list'],
  ['reply-to', 'address-list'],
  ['to', 'address-list'],
  ['cc', 'address-list'],
  ['bcc', 'address-list'],
  ['resent-from', 'address-list'],
  ['resent-sender', 'address-list'],
  ['resent-to', 'address-list'],
  ['resent-cc', 'address-list'],
  ['resent-bcc', 'address-list'],
  ['resent-reply-to', 'address-list'],
  // RFC 8098 §2.1, and what asked for receipts before it
  ['disposition-notification-to', 'address-list'],
  ['return-receipt-to', 'address-list'],
  ['x-confirm-reading-to', 'address-list'],
  ['errors-to', 'address-list'],
  ['mail-followup-to', 'address-list'],
  ['mail-reply-to', 'address-list'],
  // RFC 9228
  ['delivered-to', 'opaque'],
  // RFC 5322 §3.6.4, RFC 4021 §2.1.46
  ['message-id', 'msg-id-list'],
  ['resent-message-id', 'msg-id-list'],
  ['in-reply-to', 'msg-id-list'],
  ['references', 'msg-id-list'],
  ['original-message-id', 'msg-id-list'],
  ['supersedes', 'msg-id-list'],
  // RFC 5322 §3.6.1, §3.6.7, and trace fields of RFC 6376, RFC 8601, RFC 8617, RFC 7208
  ['date', 'opaque'],
  ['resent-date', 'opaque'],
  ['expires', 'opaque'],
  ['reply-by', 'opaque'],
  ['return-path', 'opaque'],
  ['received', 'opaque'],
  ['received-spf', 'opaque'],
  ['authentication-results', 'opaque'],
  ['dkim-signature', 'opaque'],
  ['domainkey-signature', 'opaque'],
  ['arc-seal', 'opaque'],
  ['arc-message-signature', 'opaque'],
  ['arc-authentication-results', 'opaque'],
  // RFC 2369, RFC 2919, RFC 8058
  ['list-archive', 'opaque'],
  ['list-help', 'opaque'],
  ['list-id', 'opaque'],
  ['list-owner', 'opaque'],
  ['list-post', 'opaque'],
  ['list-subscribe', 'opaque'],
  ['list-unsubscribe', 'opaque'],
  ['list-unsubscribe-post', 'opaque'],
  // RFC 2045, RFC 2183, RFC 3282, RFC 3834, RFC 7681 and others
  ['mime-version', 'opaque'],
  ['content-transfer-encoding', 'opaque'],
  ['content-id', 'msg-id-list'],
  ['content-language', 'opaque'],
  ['content-location', 'opaque'],
  ['accept-language', 'opaque'],
  ['auto-submitted', 'opaque'],
  ['autocrypt', 'opaque'],
  ['bimi-selector', 'opaque'],
  ['precedence', 'opaque'],
  ['feedback-id', 'opaque'],
])

/** Fields that tell the way of a message: written above all others, in the order they are given. RFC 5322 §3.6.7. */
const TRACE_FIELDS: ReadonlySet<string> = new Set([
  'return-path',
  'received',
  'received-spf',
  'authentication-results',
  'dkim-signature',
  'arc-seal',
  'arc-message-signature',
  'arc-authentication-results',
  'delivered-to',
  'x-original-to',
  'resent-date',
  'resent-from',
  'resent-sender',
  'resent-to',
  'resent-cc',
  'resent-bcc',
  'resent-message-id',
])

/** The grammar of a field. @param name lower-case */
export function grammarOf(name: string): Grammar {
  return GRAMMARS.get(name) ?? 'unstructured'
}

/** True for the fields that relays and resenders put on top. @param name lower-case */
export function isTraceField(name: string): boolean {
  return TRACE_FIELDS.has(name)
}
