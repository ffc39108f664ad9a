/**
 * Address lists: RFC 5322 §3.4, with the obsolete forms of §4.4 and what mailers write in their place.
 *
 * One tokenizer reads quotes, comments, angle brackets, groups and domain literals in a single pass: every known
 * misrouting of mail parsers came from deciding about one of them before another. Encoded-words are decoded last, in
 * display names only, so that they never change who gets a message. Writing is in ./address-format.ts.
 */
import type { OnDefect } from '../defect.ts'
import { decodeEncodedWords } from './encoded-word.ts'
import {
  assembleMailbox,
  DOUBT,
  type Doubt,
  isNameToken,
  isPhrase,
  isRoute,
  KIND,
  type Mailbox,
  type Token,
  type TokenKind,
  unquotePairs,
} from './mailbox.ts'
import { plainMailboxAt } from './plain-mailbox.ts'
import { ATEXT, findCommentEnd, findQuoteEnd, isIn, isWsp, trimWsp, withoutControls } from './token.ts'

export type { Mailbox } from './mailbox.ts'

/**
 * Parses `address-list`, flattening groups.
 *
 * An address is given only where RFC 5322 or one unmistakable slip of a mailer gives it. Where text is no mailbox, its
 * `address` is `''` and its `name` is the text: whoever sends to it must not guess.
 *
 * @param value the unfolded field value
 * @param onDefect called with offsets in characters of `value`
 * @param encodedWords `keep` for text that is decoded already, where what looks like a word is meant as it stands
 * @param most mailboxes that are read; where something comes after them, LIMIT_MAILBOXES says so
 */
export function parseAddressList(
  value: string,
  onDefect?: OnDefect,
  encodedWords: 'decode' | 'keep' = 'decode',
  most: number = Number.POSITIVE_INFINITY,
): Mailbox[] {
  const mailboxes: Mailbox[] = []
  let start = 0
  while (start < value.length && mailboxes.length < most) {
    const plain = plainMailboxAt(value, start)
    if (plain === undefined) break
    mailboxes.push({ name: plain.name, address: plain.address })
    start = plain.end + 1
  }
  if (start < value.length) new ListReader(value, start, mailboxes, onDefect, encodedWords, most).read()
  return mailboxes
}

/** Words, dots and the like that one mailbox may have: each takes fifty times the octets that it has on the wire. */
const MAX_TOKENS = 20_000

/** What starts a quoted-string, a comment or an angle-addr for those who do not see that it stands in a bracket. */
const OPENS_FOR_OTHERS = /["(<[\\]/

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const QUOTE = 0x22
const OPEN_PARENTHESIS = 0x28
const COMMA = 0x2c
const DOT = 0x2e
const COLON = 0x3a
const SEMICOLON = 0x3b
const LESS_THAN = 0x3c
const GREATER_THAN = 0x3e
const AT = 0x40
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c

/** Reads a list of any kind, token by token. */
class ListReader {
  readonly #value: string
  readonly #onDefect: OnDefect | undefined
  readonly #encodedWords: 'decode' | 'keep'
  readonly #most: number
  readonly #mailboxes: Mailbox[]
  #index: number
  // Of the element that is being read:
  #start: number
  #words: Token[] = []
  #angle: Token[] | undefined
  #inAngle = false
  #hasAt = false
  /** In angle brackets. */
  #hasColon = false
  #comment = ''
  #spaced = false
  #doubt: Doubt = DOUBT.none
  // Of all that follow:
  #isInGroup = false
  /** What was left open may reach to the end for others. */
  #doubtToEnd: Doubt = DOUBT.none

  /** @param mailboxes takes what is read from `start` on */
  constructor(
    value: string,
    start: number,
    mailboxes: Mailbox[],
    onDefect: OnDefect | undefined,
    encodedWords: 'decode' | 'keep',
    most: number,
  ) {
    this.#value = value
    this.#start = start
    this.#index = start
    this.#mailboxes = mailboxes
    this.#onDefect = onDefect
    this.#encodedWords = encodedWords
    this.#most = most
  }

  read(): void {
    const value = this.#value
    while (this.#index < value.length) {
      if (this.#mailboxes.length >= this.#most) {
        if (trimWsp(value.slice(this.#index, this.#index + 100)) !== '')
          this.#onDefect?.('LIMIT_MAILBOXES', this.#index)
        return
      }
      if (this.#index === this.#start && this.#readPlainMailbox()) continue
      this.#readToken(value.charCodeAt(this.#index))
    }
    this.#finish()
  }

  /** Reads the element that begins here, if it is a plain mailbox. */
  #readPlainMailbox(): boolean {
    if (this.#doubtToEnd !== DOUBT.none) return false
    const plain = plainMailboxAt(this.#value, this.#index)
    if (plain === undefined) return false
    this.#mailboxes.push({ name: plain.name, address: plain.address })
    this.#start = plain.end + 1
    this.#index = this.#start
    return true
  }

  #readToken(code: number): void {
    switch (code) {
      case SPACE:
      case TAB:
      case CR:
      case LF:
        this.#spaced = true
        this.#index++
        return
      case QUOTE:
        this.#readQuotedString()
        return
      case OPEN_PARENTHESIS:
        this.#readComment()
        return
      case OPEN_BRACKET:
        if (this.#tokens.at(-1)?.kind === KIND.at) this.#readDomainLiteral()
        else this.#readWord(code)
        return
      case LESS_THAN:
        this.#openAngle()
        return
      case GREATER_THAN:
        this.#closeAngle()
        return
      case COMMA:
      case SEMICOLON:
        this.#readSeparator(code)
        return
      case COLON:
        this.#readColon()
        return
      case DOT:
        this.#push(KIND.dot, '.')
        this.#index++
        return
      case AT:
        this.#hasAt = true
        this.#push(KIND.at, '@')
        this.#index++
        return
      case BACKSLASH:
        if (this.#index + 1 < this.#value.length) this.#readBackslash()
        else this.#readWord(code)
        return
      default:
        this.#readWord(code)
    }
  }

  /** Where tokens go. */
  get #tokens(): Token[] {
    return this.#inAngle ? this.#angle! : this.#words
  }

  #push(kind: TokenKind, text: string): void {
    // Words may follow "<…>", as a name in the wrong place; more than words may be meant as the address.
    if (this.#angle !== undefined && !this.#inAngle) {
      if (isNameToken({ kind, text })) this.#slip()
      else this.#doubt = DOUBT.full
    }
    const tokens = this.#tokens
    if (tokens.length < MAX_TOKENS) tokens.push({ kind, text, spaced: this.#spaced })
    // What is cut off could be all that makes it another address.
    else this.#doubt = DOUBT.full
    this.#spaced = false
  }

  #slip(): void {
    if (this.#doubt === DOUBT.none) this.#doubt = DOUBT.slip
  }

  #slipToEnd(): void {
    if (this.#doubtToEnd === DOUBT.none) this.#doubtToEnd = DOUBT.slip
  }

  #readQuotedString(): void {
    const start = this.#index
    const end = findQuoteEnd(this.#value, start)
    if (end === -1) {
      // Happens once: had another quote followed that is not escaped, it would be the end of this one.
      this.#doubtToEnd = DOUBT.full
      this.#push(KIND.other, '"')
      this.#index++
    } else {
      this.#push(KIND.quoted, unquotePairs(this.#value.slice(start + 1, end)))
      this.#index = end + 1
    }
  }

  #readComment(): void {
    const end = findCommentEnd(this.#value, this.#index)
    if (end === this.#value.length) this.#slip()
    this.#comment = this.#value.slice(this.#index + 1, end)
    this.#spaced = true
    this.#index = end + 1
  }

  #readDomainLiteral(): void {
    const end = findLiteralEnd(this.#value, this.#index)
    if (end === -1) {
      if (this.#inAngle) this.#doubtToEnd = DOUBT.full
      else this.#slipToEnd()
      this.#push(KIND.other, '[')
      this.#index++
      return
    }
    const literal = this.#value.slice(this.#index, end + 1)
    if (OPENS_FOR_OTHERS.test(literal.slice(1))) this.#doubtToEnd = DOUBT.full
    this.#push(KIND.literal, literal)
    this.#index = end + 1
  }

  #openAngle(): void {
    if (this.#angle === undefined) {
      this.#angle = []
      this.#inAngle = true
      if (!isPhrase(this.#words)) this.#slip()
    } else if (this.#inAngle) {
      this.#slipToEnd()
      if (this.#angle.length > 0) this.#push(KIND.other, '<')
    } else {
      this.#skipAngle()
    }
    this.#index++
  }

  /** A second "<…>" before a comma: only the first counts. */
  #skipAngle(): void {
    this.#onDefect?.('ADDRESS_INVALID', this.#index)
    this.#slip()
    const close = this.#value.indexOf('>', this.#index)
    if (close === -1 || OPENS_FOR_OTHERS.test(this.#value.slice(this.#index + 1, close))) this.#doubtToEnd = DOUBT.full
    this.#index = close === -1 ? this.#value.length : close
  }

  /** One ">" too many is a slip where the mailbox ends; elsewhere it is in doubt what it closes. */
  #closeAngle(): void {
    const value = this.#value
    const wasInAngle = this.#inAngle
    const isAfterBlank = isWsp(value.charCodeAt(this.#index - 1))
    this.#inAngle = false
    this.#spaced = true
    this.#index++
    while (isWsp(value.charCodeAt(this.#index)) || value[this.#index] === '>') {
      if (value[this.#index] === '>') this.#slip()
      this.#index++
    }
    if (wasInAngle) return
    this.#slip()
    const next = value[this.#index]
    const isLast = next === undefined || next === ',' || next === ';'
    // Beside it, others find the address as they would in running text: between letters or digits.
    const isPlain =
      /^[A-Za-z0-9]/.test(this.#words[0]?.text ?? '') &&
      !(isAfterBlank && /[^A-Za-z0-9]$/.test(this.#words.at(-1)?.text ?? ''))
    if (!isLast || !isPlain) this.#doubt = DOUBT.full
  }

  #readSeparator(code: number): void {
    // Inside "<@a,@b:user@c>" a comma parts the hosts of an obsolete route. Elsewhere "<" was not closed before it.
    if (this.#inAngle) {
      this.#push(KIND.other, String.fromCharCode(code))
      this.#index++
      return
    }
    this.#finish()
    if (code === SEMICOLON) this.#isInGroup = false
    this.#index++
    this.#start = this.#index
    this.#spaced = false
  }

  #readColon(): void {
    if (this.#inAngle) {
      // Asked at the first colon only: where a second one follows, there is no address anyway.
      if (!this.#hasColon && isRoute(this.#angle!)) this.#angle = []
      else this.#push(KIND.other, ':')
      this.#hasColon = true
    } else if (this.#angle === undefined && this.#words.length > 0 && !this.#hasAt) {
      // The name of a group. Groups in groups are flattened as well: no recursion, so no depth to exhaust.
      if (this.#isInGroup || !isPhrase(this.#words)) this.#slipToEnd()
      this.#isInGroup = true
      this.#words = []
      this.#comment = ''
      this.#start = this.#index + 1
    } else {
      this.#push(KIND.other, ':')
    }
    this.#index++
  }

  /** Outside quotes it escapes nothing, for others: they may see a quoted-string or a comment begin. */
  #readBackslash(): void {
    this.#doubtToEnd = DOUBT.full
    this.#push(KIND.other, this.#value.charAt(this.#index + 1))
    this.#index += 2
  }

  /** An atom, or a character that has no place in a list. */
  #readWord(code: number): void {
    const isAtom = isIn(code, ATEXT)
    const end = isAtom ? atomEnd(this.#value, this.#index) : this.#index + 1
    const text = this.#value.slice(this.#index, end)
    if (code === OPEN_BRACKET) this.#slipToEnd()
    // A control has no meaning here, and may be the start of an escape sequence for others.
    if (code < SPACE) this.#doubtToEnd = DOUBT.full
    // A parenthesis that an encoded-word leaves open is the start of a comment for others.
    if (hasOpenComment(text)) this.#doubtToEnd = DOUBT.full
    this.#push(isAtom ? KIND.atom : KIND.other, text)
    this.#index = end
  }

  /** Ends the element. */
  #finish(): void {
    if (this.#inAngle) this.#slip()
    const mailbox = assembleMailbox({
      words: this.#words,
      angle: this.#angle,
      comment: this.#comment,
      source: trimWsp(this.#value.slice(this.#start, this.#index)),
      doubt: Math.max(this.#doubt, this.#doubtToEnd) as Doubt,
    })
    if (mailbox !== undefined) {
      if (mailbox.faulty) this.#onDefect?.('ADDRESS_INVALID', this.#start)
      const name = withoutControls(this.#decode(mailbox.name)).replaceAll('\t', ' ')
      // "<>" is nobody, and so is an encoded-word without text.
      if (mailbox.address !== '' || name !== '') this.#mailboxes.push({ name, address: mailbox.address })
    }
    this.#words = []
    this.#hasAt = false
    this.#hasColon = false
    this.#angle = undefined
    this.#inAngle = false
    this.#comment = ''
    this.#doubt = DOUBT.none
  }

  #decode(name: string): string {
    if (this.#encodedWords === 'keep' || !name.includes('=?')) return name
    const [start, onDefect] = [this.#start, this.#onDefect]
    return decodeEncodedWords(name, onDefect && ((code, _, detail) => onDefect(code, start, detail)))
  }
}

/** True where a parenthesis is left open. */
function hasOpenComment(text: string): boolean {
  let open = text.indexOf('(')
  while (open !== -1) {
    const end = findCommentEnd(text, open)
    if (end === text.length) return true
    open = text.indexOf('(', end)
  }
  return false
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
    const match = /^=\?[^?\s"\\()<>@,;:[\]]{1,60}\?[bBqQ]\?[^?\s<>"\\]{0,1000}\?=/.exec(
      value.slice(start, start + 1100),
    )
    if (match !== null) return start + match[0].length
  }
  let end = start + 1
  while (end < value.length && isIn(value.charCodeAt(end), ATEXT)) end++
  return end
}
