/**
 * Addresses to write: RFC 5322 §3.4, RFC 5321 §4.1.2, RFC 6532. Reading is in ./address.ts.
 */
import { type Mailbox, parseAddressList } from './address.ts'
import { encodeWords, looksLikeEncodedWord, startsEncodedWord } from './encoded-word.ts'
import { foldTokens, PREFERRED_LINE_LENGTH } from './fold.ts'
import { UNICODE_BLANK } from './mailbox.ts'
import { isCommonAddress, PLAIN_NAME } from './plain-mailbox.ts'
import { ATEXT, formatQuotedString, isIn, isPlainAscii, trimWsp } from './token.ts'

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
