/**
 * Mailboxes in the form that nearly all have, read at one go; what has any other is left to ./address.ts, which reads
 * these the same.
 */
import type { Mailbox } from './mailbox.ts'

const SPACE = 0x20

/** True for the plain form nearly all addresses have: a dot-atom, without "?" as in encoded-words, at a host name. */
export function isCommonAddress(address: string): boolean {
  return (
    address.length <= 254 &&
    /^[A-Za-z0-9!#$%&'*+/=^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=^_`{|}~-]+)*@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/.test(
      address,
    )
  )
}

/** A name of plain words, as most are: no test of the others is needed. */
export const PLAIN_NAME: RegExp = /^[A-Za-z0-9]{1,40}(?: [A-Za-z0-9]{1,40}){0,5}$/

/** A quoted name in which nothing is escaped, or could start an encoded-word. */
const PLAIN_QUOTED = /^"([ -!#-<>-[\]-~]{1,100})" </

/** Characters within which a plain mailbox ends: 100 of a quoted name, 254 of an address, and what is around them. */
const MAX_PLAIN_LENGTH = 400

/** A mailbox, and the index of the comma after it or of the end. */
export interface PlainMailbox extends Mailbox {
  readonly end: number
}

/**
 * The mailbox at `start`, where it is a plain address with a plain name or none, as most are, and a comma or the end
 * comes after it: no token of it needs a closer look.
 */
export function plainMailboxAt(value: string, start: number): PlainMailbox | undefined {
  const begin = value.charCodeAt(start) === SPACE ? start + 1 : start
  const text = value.slice(begin, begin + MAX_PLAIN_LENGTH)
  const quoted = text.startsWith('"') ? PLAIN_QUOTED.exec(text) : null
  const nameEnd = quoted === null ? 0 : quoted[0].length
  const comma = text.indexOf(',', nameEnd)
  if (comma === -1 && text.length === MAX_PLAIN_LENGTH) return undefined
  const length = comma === -1 ? text.length : comma
  const end = begin + length
  if (!text.endsWith('>', length)) {
    const address = text.slice(0, length)
    return isCommonAddress(address) ? { name: '', address, end } : undefined
  }
  const bracket = quoted === null ? text.indexOf('<') : nameEnd - 1
  const address = text.slice(bracket + 1, length - 1)
  if (bracket === -1 || !isCommonAddress(address)) return undefined
  if (quoted !== null) return { name: quoted[1]!, address, end }
  if (bracket === 0) return { name: '', address, end }
  const name = text.slice(0, bracket - 1)
  return text.charCodeAt(bracket - 1) === SPACE && PLAIN_NAME.test(name) ? { name, address, end } : undefined
}
