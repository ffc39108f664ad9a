/**
 * Address lists: RFC 5322 §3.4, with the obsolete forms of §4.4 and what mailers write in their place.
 *
 * One tokenizer reads quotes, comments, angle brackets, groups and domain literals in a single pass: every known
 * misrouting of mail parsers came from deciding about one of them before another. Encoded-words are decoded last, in
 * display names only, so that they never change who gets a message.
 */
import { Buffer } from 'node:buffer'
import type { OnDefect } from '../defect.ts'
import { decodeEncodedWords, encodeWords, looksLikeEncodedWord, startsEncodedWord } from './encoded-word.ts'
import { foldTokens, MAX_LINE_LENGTH, PREFERRED_LINE_LENGTH } from './fold.ts'
import {
  ATEXT,
  findCommentEnd,
  formatQuotedString,
  isAllIn,
  isIn,
  isPlainAscii,
  isWsp,
  trimWsp,
  withoutControls,
} from './token.ts'

/** A display name and an addr-spec; either may be `''`. */
export interface Mailbox {
  /** Decoded. */
  readonly name: string
  /** `local-part@domain`; the local part is a quoted-string only where it must be. `''` where there is none. */
  readonly address: string
}

const KIND = { atom: 0, quoted: 1, dot: 2, at: 3, literal: 4, other: 5 } as const
type TokenKind = (typeof KIND)[keyof typeof KIND]

interface Token {
  readonly kind: TokenKind
  /** Without quotes and escapes. */
  readonly text: string
  /** True where blanks or a comment stand before it. */
  readonly spaced: boolean
}

/**
 * Parses `address-list`, flattening groups.
 *
 * An address is given only where RFC 5322 or one unmistakable slip of a mailer gives it. Where text is no mailbox, its
 * `address` is `''` and its `name` is the text: whoever sends to it must not guess.
 *
 * @param value the unfolded field value
 * @param onDefect called with offsets in characters of `value`
 * @param encodedWords `keep` for text that is decoded already, where what looks like a word is meant as it stands
 */
export function parseAddressList(
  value: string,
  onDefect?: OnDefect,
  encodedWords: 'decode' | 'keep' = 'decode',
): Mailbox[] {
  const common = parseCommonList(value)
  if (common !== undefined) return common
  const mailboxes: Mailbox[] = []
  const length = value.length
  let words: Token[] = []
  let angle: Token[] | undefined
  let inAngle = false
  let hasAt = false
  let comment = ''
  let spaced = false
  let segmentStart = 0
  // Once a closing quote was not found there is none further on: hostile input must not search for it again.
  let quoteEnds = true

  const finish = (end: number) => {
    const mailbox = assemble(words, angle, comment, trimWsp(value.slice(segmentStart, end)))
    if (mailbox !== undefined) {
      if (mailbox.faulty) onDefect?.('ADDRESS_INVALID', segmentStart)
      const decoded = encodedWords === 'decode' ? decodeEncodedWords(mailbox.name) : mailbox.name
      const name = withoutControls(decoded).replaceAll('\t', ' ')
      // "<>" is nobody, and so is an encoded-word without text.
      if (mailbox.address !== '' || name !== '') mailboxes.push({ name, address: mailbox.address })
    }
    words = []
    hasAt = false
    angle = undefined
    inAngle = false
    comment = ''
  }
  const push = (kind: TokenKind, text: string) => {
    ;(inAngle ? angle! : words).push({ kind, text, spaced })
    spaced = false
  }

  let index = 0
  while (index < length) {
    const code = value.charCodeAt(index)
    if (isWsp(code) || code === 0x0d || code === 0x0a) {
      spaced = true
      index++
    } else if (code === 0x22) {
      const end = quoteEnds ? findQuoteEnd(value, index) : -1
      if (end === -1) {
        quoteEnds = false
        push(KIND.other, '"')
        index++
      } else {
        push(KIND.quoted, unquotePairs(value.slice(index + 1, end)))
        index = end + 1
      }
    } else if (code === 0x28) {
      const end = findCommentEnd(value, index)
      comment = value.slice(index + 1, end)
      spaced = true
      index = end + 1
    } else if (
      code === 0x5b &&
      words.length + (angle?.length ?? 0) > 0 &&
      lastToken(inAngle ? angle! : words) === KIND.at
    ) {
      const end = findLiteralEnd(value, index)
      if (end === -1) {
        push(KIND.other, '[')
        index++
      } else {
        push(KIND.literal, value.slice(index, end + 1))
        index = end + 1
      }
    } else if (code === 0x3c) {
      if (angle === undefined) {
        angle = []
        inAngle = true
      } else if (!inAngle) {
        // A second "<…>" before a comma: only the first counts.
        onDefect?.('ADDRESS_INVALID', index)
        const close = value.indexOf('>', index)
        index = close === -1 ? length - 1 : close
      }
      index++
    } else if (code === 0x3e) {
      inAngle = false
      index++
    } else if (code === 0x2c || code === 0x3b) {
      // Inside "<@a,@b:user@c>" a comma parts the hosts of an obsolete route.
      if (code === 0x2c && inAngle && angle![0]?.kind === KIND.at) {
        index++
        continue
      }
      finish(index)
      segmentStart = index + 1
      spaced = false
      index++
    } else if (code === 0x3a) {
      if (inAngle) {
        if (angle![0]?.kind === KIND.at) angle = []
        else push(KIND.other, ':')
      } else if (angle === undefined && words.length > 0 && !hasAt) {
        // The name of a group. Groups in groups are flattened as well: no recursion, so no depth to exhaust.
        words = []
        comment = ''
        segmentStart = index + 1
      } else {
        push(KIND.other, ':')
      }
      index++
    } else if (code === 0x2e) {
      push(KIND.dot, '.')
      index++
    } else if (code === 0x40) {
      if (!inAngle) hasAt = true
      push(KIND.at, '@')
      index++
    } else if (code === 0x5c && index + 1 < length) {
      push(KIND.other, value.charAt(index + 1))
      index += 2
    } else {
      const end = isIn(code, ATEXT) ? atomEnd(value, index) : index + 1
      push(end > index + 1 || isIn(code, ATEXT) ? KIND.atom : KIND.other, value.slice(index, end))
      index = end
    }
  }
  finish(length)
  return mailboxes
}

/** A list of plain addresses with plain names, as most are: no token of it needs a closer look. */
function parseCommonList(value: string): Mailbox[] | undefined {
  const mailboxes: Mailbox[] = []
  for (let start = 0; ; ) {
    const comma = value.indexOf(', ', start)
    const mailbox = parseCommonMailbox(comma === -1 ? value.slice(start) : value.slice(start, comma))
    if (mailbox === undefined) return undefined
    mailboxes.push(mailbox)
    if (comma === -1) return mailboxes
    start = comma + 2
  }
}

function parseCommonMailbox(text: string): Mailbox | undefined {
  if (!text.endsWith('>')) return isCommonAddress(text) ? { name: '', address: text } : undefined
  const open = text.indexOf('<')
  const address = text.slice(open + 1, -1)
  if (open === -1 || !isCommonAddress(address)) return undefined
  if (open === 0) return { name: '', address }
  const name = text.slice(0, open - 1)
  return isWsp(text.charCodeAt(open - 1)) && PLAIN_NAME.test(name) ? { name, address } : undefined
}

function isAt(token: Token): boolean {
  return token.kind === KIND.at
}

/** True for an atom but not for an encoded-word with specials in it, which is a word of a phrase only. */
function isAtext({ kind, text }: Token): boolean {
  return kind === KIND.atom && (!text.startsWith('=?') || isAllIn(text, ATEXT))
}

function lastToken(tokens: readonly Token[]): TokenKind | undefined {
  return tokens.at(-1)?.kind
}

/** Index of the closing quote of the quoted-string at `start`, or -1. */
function findQuoteEnd(value: string, start: number): number {
  for (let index = start + 1; index < value.length; index++) {
    const code = value.charCodeAt(index)
    if (code === 0x22) return index
    if (code === 0x5c) index++
  }
  return -1
}

/**
 * Index of the bracket that closes the domain-literal at `start`, or -1.
 *
 * A literal has no "[" in it (RFC 5322 §3.4.1): one that has was not closed, and must not hide the mailboxes after it.
 */
function findLiteralEnd(value: string, start: number): number {
  for (let index = start + 1; index < value.length; index++) {
    const code = value.charCodeAt(index)
    if (code === 0x5d) return index
    if (code === 0x5b) return -1
  }
  return -1
}

/**
 * End of the atom at `start`.
 *
 * QUIRK: `=?utf-8?Q?Doe,_Jane?=` has a comma that RFC 2047 §5(3) forbids in a phrase; a whole encoded-word is one atom.
 */
function atomEnd(value: string, start: number): number {
  if (value.startsWith('=?', start)) {
    const match = /^=\?[^?\s]{1,60}\?[bBqQ]\?[^?\s<>"]{0,1000}\?=/.exec(value.slice(start, start + 1100))
    if (match !== null) return start + match[0].length
  }
  let end = start + 1
  while (end < value.length && isIn(value.charCodeAt(end), ATEXT)) end++
  return end
}

function unquotePairs(text: string): string {
  return text.includes('\\') ? text.replace(/\\([\s\S])/g, '$1') : text
}

/** A mailbox before its name is decoded. */
interface RawMailbox extends Mailbox {
  readonly faulty: boolean
}

function assemble(
  words: readonly Token[],
  angle: readonly Token[] | undefined,
  comment: string,
  source: string,
): RawMailbox | undefined {
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

/** QUIRK: `Jane Doe jane@example.com`, an address between words without angle brackets. */
function splitBare(words: readonly Token[]): RawMailbox | undefined {
  const at = words.findIndex(isAt)
  let start = at
  while (start > 0 && !words[start]!.spaced) start--
  let end = at + 1
  while (end < words.length && !words[end]!.spaced) end++
  const address = joinAddress(words.slice(start, end))
  if (address === undefined) return undefined
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
  for (; index < tokens.length; index++) {
    const { kind, text } = tokens[index]!
    if (kind === KIND.at) break
    if (kind === KIND.dot) {
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
  local = withoutControls(local)
  if (quoted && !isAllIn(local.replaceAll('.', ''), ATEXT)) local = formatQuotedString(local)
  else if (quoted && (local === '' || /^\.|\.\.|\.$/.test(local))) local = formatQuotedString(local)
  if (index === tokens.length) return isTooLong(local) ? undefined : local
  const domain = joinDomain(tokens, index + 1)
  if (domain === undefined) return undefined
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
  return domain.endsWith('.') ? domain.slice(0, -1) : domain
}

/** The words as text, with one space where blanks stood. */
function joinPhrase(tokens: readonly Token[]): string {
  let phrase = ''
  for (const { text, spaced } of tokens) phrase += spaced && phrase !== '' ? ` ${text}` : text
  return phrase
}

/** Blanks and controls beyond ASCII. */
const UNICODE_BLANK = /[\u0080-\u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]/

/** What can be wrong with an address that is to be written. */
export type AddressFault = 'syntax' | 'smtpUtf8' | 'domain'

/** An address as it is written. */
export interface WritableAddress {
  /** With its domain as A-labels, but for an address whose local part is not ASCII. */
  readonly address: string
  /** True where the local part is not ASCII, which takes SMTPUTF8 (RFC 6531). */
  readonly smtpUtf8: boolean
}

/**
 * Checks an address and makes its domain writable.
 *
 * @param address without controls
 * @param lenient also take what has no domain, or a domain that is none, as read from a message
 */
export function toWritableAddress(address: string, lenient: boolean): WritableAddress | AddressFault {
  if (isCommonAddress(address)) return { address, smtpUtf8: false }
  const parsed = parseAddressList(`<${address}>`)
  if (parsed.length !== 1 || parsed[0]!.address !== address) return 'syntax'
  const at = address.lastIndexOf('@')
  const literal = address.endsWith(']')
  const domainStart = literal ? address.lastIndexOf('@[') : at
  const local = domainStart === -1 ? address : address.slice(0, domainStart)
  const domain = domainStart === -1 ? '' : address.slice(domainStart + 1)
  const smtpUtf8 = !isPlainAscii(local)
  if (/\p{Surrogate}/u.test(address)) return 'syntax'
  if (lenient) return { address, smtpUtf8: !isPlainAscii(address) }
  // Readers decode what looks like an encoded-word, and take blanks of Unicode for the end of an address.
  if (startsEncodedWord(local) || UNICODE_BLANK.test(local)) return 'syntax'
  if (!local.startsWith('"') && /^\.|\.\.|\.$/.test(local)) return 'syntax'
  // "@" in a literal is legal, and sends the message to what stands after it where software looks for the last "@".
  if (literal) return /^\[[!-?A-Z^-~]+\]$/.test(domain) ? { address, smtpUtf8 } : 'domain'
  const ascii = toAsciiDomain(domain)
  if (ascii === undefined) return 'domain'
  // An address with a UTF-8 local part goes to systems that take UTF-8 domains: half of each is neither.
  return smtpUtf8 ? { address, smtpUtf8 } : { address: `${local}@${ascii}`, smtpUtf8 }
}

/** True for the plain form nearly all addresses have: a dot-atom, without "?" as in encoded-words, at a host name. */
export function isCommonAddress(address: string): boolean {
  return (
    address.length <= 254 &&
    /^[A-Za-z0-9!#$%&'*+/=^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=^_`{|}~-]+)*@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/.test(
      address,
    )
  )
}

/** The domain as A-labels (RFC 5891), or undefined where it is no host name: RFC 5321 §4.1.2. */
function toAsciiDomain(domain: string): string | undefined {
  let ascii = domain
  if (/[^\0-\x7f]/.test(domain)) {
    // What URL would take for more than a host never gets there.
    if (/[\0-,/:-@[-^`{-\x7f]/.test(domain)) return undefined
    try {
      ascii = new URL(`http://${domain}/`).hostname
    } catch {
      return undefined
    }
    if (/^[\d.]+$/.test(ascii)) return undefined
  }
  if (ascii.length === 0 || ascii.length > 255) return undefined
  return ascii.split('.').every(label => /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label))
    ? ascii
    : undefined
}

/** Longest display name in a quoted-string, in characters: a longer one is encoded, since encoded-words fold. */
const MAX_QUOTED_NAME_LENGTH = 60

/**
 * Writes an address list, folded.
 *
 * @param mailboxes with writable addresses and names without controls
 * @param column characters before it on its line
 */
export function formatAddressList(mailboxes: readonly Mailbox[], column: number): string {
  return lineOfMailboxes(mailboxes, column) ?? foldTokens(addressListTokens(mailboxes, column), column)
}

/** The list as it is where it has plain names only and fits its line, as most do. */
function lineOfMailboxes(mailboxes: readonly Mailbox[], column: number): string | undefined {
  let line = ''
  for (const { name, address } of mailboxes) {
    if (address === '' || (name !== '' && !PLAIN_NAME.test(name))) return undefined
    if (line !== '') line += ', '
    line += name === '' ? formatBare(address) : `${name} <${address}>`
    if (column + line.length > PREFERRED_LINE_LENGTH) return undefined
  }
  return line
}

/**
 * The tokens of an address list, to be folded at the spaces between them.
 *
 * @param mailboxes with writable addresses and names without controls
 * @param column characters before the first token on its line
 */
function addressListTokens(mailboxes: readonly Mailbox[], column: number): string[] {
  const tokens: string[] = []
  for (let index = 0; index < mailboxes.length; index++) {
    const { name, address } = mailboxes[index]!
    const comma = index === mailboxes.length - 1 ? '' : ','
    if (name === '') {
      tokens.push(formatBare(address) + comma)
      continue
    }
    pushPhrase(tokens, name, tokens.length === 0 ? column : 1)
    if (address === '') tokens.push(tokens.pop()! + comma)
    else tokens.push(`<${address}>${comma}`)
  }
  return tokens
}

/** An address without a name. A local part alone would be read as a name, even one that is quoted and has "@" in it. */
function formatBare(address: string): string {
  return address.lastIndexOf('@') > address.lastIndexOf('"') ? address : `<${address}>`
}

/** A name of plain words, as most are: no test of the others is needed. */
const PLAIN_NAME = /^[A-Za-z0-9]{1,40}(?: [A-Za-z0-9]{1,40}){0,5}$/

function pushPhrase(tokens: string[], name: string, column: number): void {
  if (PLAIN_NAME.test(name)) {
    for (const word of name.split(' ')) tokens.push(word)
    return
  }
  if (isPlainAscii(name) && !looksLikeEncodedWord(name) && !/^ | $| {2}|\t/.test(name)) {
    if (isAtoms(name)) {
      const words = name.split(' ')
      if (words.every(word => word.length <= MAX_QUOTED_NAME_LENGTH)) {
        for (const word of words) tokens.push(word)
        return
      }
    } else if (name.length <= MAX_QUOTED_NAME_LENGTH) {
      tokens.push(formatQuotedString(name))
      return
    }
  }
  for (const word of encodeWords(name, column)) tokens.push(word)
}

function isAtoms(name: string): boolean {
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index)
    if (code !== 0x20 && !isIn(code, ATEXT)) return false
  }
  return true
}

/** The mailboxes as decoded text that {@link parseAddressList} reads back: what an entity holds of Reply-To and the like. */
export function describeAddressList(mailboxes: readonly Mailbox[]): string {
  return mailboxes.map(describeMailbox).join(', ')
}

function describeMailbox({ name, address }: Mailbox): string {
  if (name === '') return formatBare(address)
  const phrase = isAtoms(name) && trimWsp(name) === name && !name.includes('  ') ? name : formatQuotedString(name)
  return address === '' ? phrase : `${phrase} <${address}>`
}
