/**
 * HeaderWriter: collects the fields of a header section, and every problem met on the way.
 *
 * The one place where values of an entity become header text, so the one place where controls are refused.
 */
import type { EMailAddressInput } from '../entity/entity.ts'
import { type MimeErrorCode, type Problem, quoteForError } from '../errors.ts'
import { type Mailbox, parseAddressList } from '../header/address.ts'
import { formatAddressList, toWritableAddress } from '../header/address-format.ts'
import { formatDateTime } from '../header/date-time.ts'
import { foldTokens } from '../header/fold.ts'
import type { Grammar } from '../header/grammar.ts'
import { formatMsgId, isCommonMsgId } from '../header/msg-id.ts'
import { isCommonAddress } from '../header/plain-mailbox.ts'
import { FTEXT, hasControl, isAllIn, trimWsp } from '../header/token.ts'
import { formatOpaque, formatUnstructured } from '../header/unstructured.ts'

/** Longest field name that is written, in characters: the longest in use have about 60. */
const MAX_NAME_LENGTH = 256

/** Fields of one mailbox: RFC 5322 §3.6.2, §3.6.6. */
const SINGLE_MAILBOX: ReadonlySet<string> = new Set(['sender', 'resent-sender'])

/** True where a field of this name can be written. */
export function isFieldName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && isAllIn(name, FTEXT) && !PARAMETER_NAME.test(name)
}

/** Behind a line that ends in ";" it is read as a parameter of the field above, which has lost its blank. */
const PARAMETER_NAME = /^[A-Za-z][A-Za-z0-9-]*[*0-9]*=/

/** What a header may hold. */
export interface HeaderOptions {
  /** Addresses and identifiers may be as some message had them, right or not; what is missing stays missing. */
  readonly draft: boolean
  /** Non-ASCII local parts are allowed (RFC 6531). */
  readonly smtpUtf8: boolean
}

export class HeaderWriter {
  readonly #options: HeaderOptions
  readonly #problems: Problem[]
  readonly #forwardPaths = new Map<string, string>()
  #reversePath = ''
  #header = ''
  #needsUtf8 = false

  /** @param problems takes every problem that is met */
  constructor(options: HeaderOptions, problems: Problem[]) {
    this.#options = options
    this.#problems = problems
  }

  /** The fields written so far, each ended by CRLF. */
  get header(): string {
    return this.#header
  }

  /** True once an address needs SMTPUTF8. */
  get needsUtf8(): boolean {
    return this.#needsUtf8
  }

  /** Address of the author; `''` where there is none. */
  get reversePath(): string {
    return this.#reversePath
  }

  /** Addresses of all recipients, each once. */
  get forwardPaths(): string[] {
    return [...this.#forwardPaths.values()]
  }

  /** Says that something is written which needs SMTPUTF8. */
  requireUtf8(): void {
    this.#needsUtf8 = true
  }

  /** True where something is wrong at the path. */
  hasProblem(path: string): boolean {
    return this.#problems.some(problem => problem.path === path)
  }

  problem(code: MimeErrorCode, path: string | (() => string), message: string): void {
    this.#problems.push({ code, path: typeof path === 'string' ? path : path(), message })
  }

  /** A field whose value is ASCII that this library made, short enough for its line or folded. */
  text(name: string, value: string): void {
    this.#header += `${name}: ${value}\r\n`
  }

  date(name: string, value: string | Date, path: string): void {
    if (typeof value !== 'string' && !(value instanceof Date)) {
      this.problem('TYPE_INVALID', path, 'must be a date-time')
      return
    }
    const formatted = formatDateTime(value)
    if (formatted === undefined) {
      this.problem('DATE_INVALID', path, `${quoteForError(String(value))} is no date-time, or one before 1900`)
    } else {
      this.text(name, formatted)
    }
  }

  unstructured(name: string, value: string, path: string): void {
    if (this.isClean(value, path)) this.text(name, formatUnstructured(value, name.length + 2))
  }

  /** The author of the message: written, and the reverse-path of its envelope. */
  originator(name: string, address: EMailAddressInput): void {
    const mailbox = this.#checkAddress(address, () => name)
    if (mailbox === undefined) return
    this.#reversePath = mailbox.address
    this.#addressList(name, [mailbox])
  }

  /**
   * Recipients: each goes to the envelope once, whatever the case of its domain.
   *
   * @param property of the entity, for paths, and the name of the field
   * @param written false where the field must not be in the message
   */
  recipients(property: string, addresses: readonly EMailAddressInput[], written: boolean): void {
    const mailboxes: Mailbox[] = []
    for (let index = 0; index < addresses.length; index++) {
      const input: unknown = addresses[index]
      if (typeof input !== 'object' || input === null) {
        this.problem('TYPE_INVALID', `${property}[${index}]`, 'must be an address')
        continue
      }
      const mailbox = this.#checkAddress(input as EMailAddressInput, () => `${property}[${index}]`)
      if (mailbox === undefined) continue
      mailboxes.push(mailbox)
      const { address } = mailbox
      const at = address.lastIndexOf('@') + 1
      const domain = address.slice(at)
      const lower = domain.toLowerCase()
      if (address !== '') this.#forwardPaths.set(lower === domain ? address : address.slice(0, at) + lower, address)
    }
    if (written) this.#addressList(property, mailboxes)
  }

  #checkAddress(input: EMailAddressInput, path: () => string): Mailbox | undefined {
    const name: unknown = input.Name ?? ''
    const nameIsClean = this.isClean(name, () => `${path()}.Name`)
    const address = this.#checkAddrSpec(input.Address ?? '', name !== '', () => `${path()}.Address`)
    return nameIsClean && address !== undefined
      ? { name: name.includes('\t') ? name.replaceAll('\t', ' ') : name, address }
      : undefined
  }

  #checkAddrSpec(input: unknown, isNamed: boolean, path: string | (() => string)): string | undefined {
    if (typeof input === 'string' && isCommonAddress(input)) return input
    if (!this.isClean(input, path)) return undefined
    const address = trimWsp(input)
    if (address === '') {
      if (this.#options.draft && isNamed) return ''
      this.problem('ADDRESS_MISSING', path, 'the address is missing')
      return undefined
    }
    const writable = toWritableAddress(address, this.#options.draft)
    if (typeof writable === 'string') {
      const what = writable === 'domain' ? 'has no valid domain' : 'is no address'
      this.problem('ADDRESS_INVALID', path, `${quoteForError(address)} ${what}`)
      return undefined
    }
    if (writable.smtpUtf8) {
      if (!this.#options.smtpUtf8 && !this.#options.draft) {
        this.problem('SMTPUTF8_REQUIRED', path, `${quoteForError(address)} has a local part that needs SMTPUTF8`)
        return undefined
      }
      this.#needsUtf8 = true
    }
    return writable.address
  }

  #addressList(name: string, mailboxes: readonly Mailbox[]): void {
    if (mailboxes.length === 0) return
    this.text(name, formatAddressList(mailboxes, name.length + 2))
  }

  /** A field of identifiers. @returns whether it could be written */
  msgIds(name: string, ids: readonly string[], path: string): boolean {
    const tokens: string[] = []
    for (const id of ids) {
      if (typeof id === 'string' && isCommonMsgId(id)) {
        tokens.push(id)
        continue
      }
      if (!this.isClean(id, path)) return false
      const formatted = formatMsgId(trimWsp(id), this.#options.draft)
      if (formatted === undefined) {
        this.problem('MESSAGE_ID_INVALID', path, `${quoteForError(id)} is no message identifier`)
        return false
      }
      if (/[^\0-\x7f]/.test(formatted)) this.#needsUtf8 = true
      tokens.push(formatted)
    }
    this.text(name, foldTokens(tokens, name.length + 2))
    return true
  }

  /**
   * A field that the user gives as text.
   *
   * @param grammar of a field of this name
   */
  custom(name: string, grammar: Grammar, value: string, path: string | (() => string)): void {
    if (!this.isClean(value, path)) return
    const column = name.length + 2
    switch (grammar) {
      case 'address-list':
        this.#customAddresses(name, value, path)
        return
      case 'unstructured':
        this.text(name, formatUnstructured(value, column))
        return
      default: {
        const formatted = formatOpaque(value, column, this.#options.draft ? 'keep' : 'omit')
        if (formatted !== undefined) this.text(name, formatted)
        else if (this.#options.draft) this.text(name, formatUnstructured(value, column))
        else this.problem('VALUE_INVALID', path, `${quoteForError(value)} has a word too long for a line`)
      }
    }
  }

  #customAddresses(name: string, value: string, path: string | (() => string)): void {
    // Text that is decoded already: what looks like an encoded-word in it is meant as it stands.
    const mailboxes = parseAddressList(value, undefined, 'keep')
    const before = this.#problems.length
    const checked: Mailbox[] = []
    for (const mailbox of mailboxes) {
      const address = this.#checkAddrSpec(mailbox.address, mailbox.name !== '', path)
      if (address !== undefined) checked.push({ name: mailbox.name, address })
    }
    if (checked.length > 1 && SINGLE_MAILBOX.has(name.toLowerCase()) && !this.#options.draft) {
      this.problem('ADDRESS_INVALID', path, `${name} takes one address`)
    } else if (checked.length > 0) this.#addressList(name, checked)
    else if (this.#options.draft) {
      const column = name.length + 2
      this.text(name, formatOpaque(value, column, 'keep') ?? formatUnstructured(value, column))
    } else if (this.#problems.length === before) {
      this.problem('ADDRESS_INVALID', path, `${quoteForError(value)} is no address list`)
    }
  }

  /** Checks that a value is text without controls. */
  isClean(value: unknown, path: string | (() => string)): value is string {
    if (typeof value !== 'string') {
      this.problem('TYPE_INVALID', path, `must be text, not ${typeof value}`)
      return false
    }
    if (!hasControl(value)) return true
    this.problem('HEADER_INJECTION', path, `${quoteForError(value)} has a control character`)
    return false
  }
}
