/**
 * Mailboxes: RFC 5322 §3.4. The tokens of one element of an address list to a name and an address.
 *
 * Which tokens there are is found out in ./address.ts; what is decided here is whether they give an address at all.
 * Where other readers find another one, there is none: a message must not go to whom only one of them sees.
 */
import { Buffer } from 'node:buffer'
import { MAX_LINE_LENGTH } from './fold.ts'
import { ATEXT, formatQuotedString, isAllIn, withoutControls } from './token.ts'

/** A display name and an addr-spec; either may be `''`. */
export interface Mailbox {
  /** Decoded. */
  readonly name: string
  /** `local-part@domain`; the local part is a quoted-string only where it must be. `''` where there is none. */
  readonly address: string
}

export const KIND = { atom: 0, quoted: 1, dot: 2, at: 3, literal: 4, other: 5 } as const
export type TokenKind = (typeof KIND)[keyof typeof KIND]

/**
 * How sure it is which address an element gives: `none` by the grammar; `slip` but for one slip, which excuses nothing
 * obscure as well; `full` where other readers find another address in it, so that there is none.
 */
export const DOUBT = { none: 0, slip: 1, full: 2 } as const
export type Doubt = (typeof DOUBT)[keyof typeof DOUBT]

export interface Token {
  readonly kind: TokenKind
  /** Without quotes and escapes. */
  readonly text: string
  /** True where blanks or a comment stand before it. */
  readonly spaced: boolean
}

/** One element of an address list. */
export interface Element {
  /** What stands outside angle brackets. */
  readonly words: readonly Token[]
  /** What stands in them; undefined where there are none. */
  readonly angle: readonly Token[] | undefined
  /** Text of the last comment; '' where there is none. */
  readonly comment: string
  /** The whole of it, as it stands. */
  readonly source: string
  readonly doubt: Doubt
}

/** A mailbox before its name is decoded. */
export interface RawMailbox extends Mailbox {
  readonly faulty: boolean
}

/** The mailbox that an element is; undefined where there is nothing in it. */
export function assembleMailbox({ words, angle, comment, source, doubt }: Element): RawMailbox | undefined {
  if (doubt === DOUBT.full || (doubt === DOUBT.slip && isObscure(angle ?? words))) {
    if (angle !== undefined || words.some(isAt)) return { name: source, address: '', faulty: true }
  }
  if (angle !== undefined) {
    const address = joinAddress(angle)
    if (address === undefined) return { name: source, address: '', faulty: true }
    return { name: joinPhrase(words) || unquotePairs(comment), address, faulty: false }
  }
  if (words.length === 0) return undefined
  const ats = words.filter(isAt).length
  if (ats === 0) return { name: joinPhrase(words), address: '', faulty: false }
  const whole = joinAddress(words)
  if (whole !== undefined) return { name: unquotePairs(comment), address: whole, faulty: false }
  const split = ats === 1 ? splitBare(words) : undefined
  return split ?? { name: source, address: '', faulty: true }
}

function isAt(token: Token): boolean {
  return token.kind === KIND.at
}

function isQuoted({ kind }: Token): boolean {
  return kind === KIND.quoted
}

/** True for an atom but not for an encoded-word with specials in it, as mailers write them in names. */
function isAtext({ kind, text }: Pick<Token, 'kind' | 'text'>): boolean {
  return kind === KIND.atom && (!text.startsWith('=?') || isAllIn(text, ATEXT))
}

/** True for what a name has in it by the grammar. */
export function isNameToken(token: Pick<Token, 'kind' | 'text'>): boolean {
  return token.kind === KIND.dot || token.kind === KIND.quoted || isAtext(token)
}

/** `phrase = 1*word / obs-phrase`, or nothing: a name by the letter, without blanks of Unicode, which others trim. */
export function isPhrase(tokens: readonly Token[]): boolean {
  return tokens[0]?.kind !== KIND.dot && tokens.every(token => isNameToken(token) && !UNICODE_BLANK.test(token.text))
}

/**
 * `obs-domain-list = "@" domain *("," [CFWS] ["@" domain])`, the hosts on the way to a mailbox; commas are tokens too.
 *
 * RFC 5322 §4.4 lets commas stand before the first as well: readers differ there.
 */
export function isRoute(tokens: readonly Token[]): boolean {
  let start = 0
  for (let end = 0; end <= tokens.length; end++) {
    if (end < tokens.length && !isComma(tokens[end]!)) continue
    const mayBeEmpty = start > 0
    if (!(start === end && mayBeEmpty) && !isRouteHost(tokens.slice(start, end))) return false
    start = end + 1
  }
  return true
}

function isComma({ kind, text }: Token): boolean {
  return kind === KIND.other && text === ','
}

/** `"@" domain` */
function isRouteHost(tokens: readonly Token[]): boolean {
  return tokens[0]?.kind === KIND.at && tokens.at(-1)!.kind !== KIND.dot && joinDomain(tokens, 1) !== undefined
}

/** True for what only a reader finds who knows the whole grammar. */
function isObscure(tokens: readonly Token[]): boolean {
  return (
    hasInnerBlanks(tokens) ||
    tokens.some(
      ({ text }) =>
        text.startsWith('=') || UNICODE_BLANK.test(text) || (text.startsWith('[') && !/^\[[\w.:]+\]$/.test(text)),
    ) ||
    tokens.some(isQuoted)
  )
}

/** QUIRK: `Jane Doe jane@example.com`, an address between words without angle brackets. */
function splitBare(words: readonly Token[]): RawMailbox | undefined {
  const at = words.findIndex(isAt)
  let start = at
  while (start > 0 && !words[start]!.spaced) start--
  let end = at + 1
  while (end < words.length && !words[end]!.spaced) end++
  // Blanks around a dot part nothing; and where a mailbox ends that is not plain, readers guess differently.
  if (words[end]?.kind === KIND.dot || words[end - 1]?.kind === KIND.dot) return undefined
  if (!words.every(word => isAt(word) || isNameToken(word))) return undefined
  const tokens = words.slice(start, end)
  // A quoted-string is the local part and stands first, or it is in doubt what it belongs to.
  const isInDoubt = words.some((word, index) => isQuoted(word) && !(index === 0 && at === 1))
  const address = isInDoubt ? undefined : joinAddress(tokens)
  if (address === undefined || !/^[A-Za-z0-9][!-~]*[A-Za-z0-9]$/.test(address)) return undefined
  return { name: joinPhrase([...words.slice(0, start), ...words.slice(end)]), address, faulty: true }
}

/**
 * `addr-spec = local-part "@" domain`, or a local part alone, normalised; undefined where the tokens are no address.
 *
 * Blanks and comments around dots and "@" are obsolete and legal (RFC 5322 §4.4): `a@good.com .evil.com` is an address
 * in `good.com.evil.com`. Dots at odd places of a local part exist (Japanese mobile carriers) and are kept.
 */
function joinAddress(tokens: readonly Token[]): string | undefined {
  if (tokens.length === 0) return ''
  let local = ''
  let quoted = false
  let index = 0
  let wordBefore = false
  let isRegular = true
  for (; index < tokens.length; index++) {
    const { kind, text } = tokens[index]!
    if (kind === KIND.at) break
    if (kind === KIND.dot) {
      isRegular &&= wordBefore
      wordBefore = false
    } else if ((kind === KIND.quoted || isAtext(tokens[index]!)) && !wordBefore) {
      wordBefore = true
      if (kind === KIND.quoted) quoted = true
    } else {
      return undefined
    }
    local += text
  }
  if (local === '' && !quoted) return undefined
  if (!(isRegular && wordBefore) && isObscure(tokens)) return undefined
  local = withoutControls(local)
  if (quoted && !isAllIn(local.replaceAll('.', ''), ATEXT)) local = formatQuotedString(local)
  else if (quoted && (local === '' || /^\.|\.\.|\.$/.test(local))) local = formatQuotedString(local)
  if (index === tokens.length) return isTooLong(local) ? undefined : local
  const domain = joinDomain(tokens, index + 1)
  if (domain === undefined) return undefined
  // No domain has blanks of Unicode (RFC 5892): some readers leave them out, and find another one.
  if (UNICODE_BLANK.test(domain)) return undefined
  const address = `${local}@${domain}`
  return isTooLong(address) ? undefined : address
}

/** Longest address in octets: with a fold before it, it must fit a line. RFC 5321 §4.5.3.1.3 has 256 for a path. */
const MAX_ADDRESS_OCTETS = MAX_LINE_LENGTH - 100

function isTooLong(address: string): boolean {
  return address.length > MAX_ADDRESS_OCTETS / 3 && Buffer.byteLength(address) > MAX_ADDRESS_OCTETS
}

/** `domain = dot-atom / domain-literal`; a dot at the end, as of a name in DNS, is dropped. */
function joinDomain(tokens: readonly Token[], start: number): string | undefined {
  const first = tokens[start]
  if (first?.kind === KIND.literal) {
    return tokens.length === start + 1 ? withoutControls(first.text) : undefined
  }
  let domain = ''
  let atomExpected = true
  for (let index = start; index < tokens.length; index++) {
    const { kind, text } = tokens[index]!
    if (atomExpected ? !isAtext(tokens[index]!) : kind !== KIND.dot) return undefined
    atomExpected = !atomExpected
    domain += text
  }
  if (domain === '') return undefined
  if (!domain.endsWith('.')) return domain
  return isObscure(tokens) ? undefined : domain.slice(0, -1)
}

/** True where blanks or comments stand inside: obsolete, and together with another oddity not read alike by anyone. */
function hasInnerBlanks(tokens: readonly Token[]): boolean {
  return tokens.some(({ spaced }, index) => spaced && index > 0)
}

/** The words as text, with one space where blanks stood. */
function joinPhrase(tokens: readonly Token[]): string {
  let phrase = ''
  for (const { text, spaced } of tokens) phrase += spaced && phrase !== '' ? ` ${text}` : text
  return phrase
}

export function unquotePairs(text: string): string {
  return text.includes('\\') ? text.replace(/\\([\s\S])/g, '$1') : text
}

/** Blanks and controls beyond ASCII. */
export const UNICODE_BLANK: RegExp = /[\u0080-\u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]/
