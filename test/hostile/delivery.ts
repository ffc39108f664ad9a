/** Addresses as readers write them, and whom mail to them is delivered to. */
import { composeMessage } from '../../src/index.ts'
import { addressKey } from './strict-address.ts'

/** The key (see ./strict-address.ts) of an address as a reader writes it, its local part quoted or not. */
export function keyOfAddress(written: string): string {
  // With a bracket or comma left at an end, a dot at the end of a name in DNS, or the route that leads to it, it is the
  // same mailbox.
  const address = written.replace(/^[< \t]+|[>,;. \t]+$/g, '').replace(/^@[\w.,@[\]-]*:(?=[^@]+@)/, '')
  const at = address.endsWith(']') && address.includes('@[') ? address.indexOf('@[') : address.lastIndexOf('@')
  if (at === -1) return addressKey(address, '')
  const local = address.slice(0, at)
  const unquoted = /^".*"$/s.test(local) ? local.slice(1, -1).replace(/\\([\s\S])/g, '$1') : local
  return addressKey(unquoted, address.slice(at + 1).replace(/\\([\s\S])/g, '$1'))
}

/** The addresses that mail can be sent to, their domains as A-labels; sorted, each once. */
export function deliveredTo(keys: readonly string[]): string[] {
  return [...new Set(keys.flatMap(deliverable))].sort()
}

/** An address that composing refuses is nobody's: no mail goes out. */
function deliverable(key: string): string[] {
  const at = key.endsWith(']') && key.includes('@[') ? key.indexOf('@[') : key.lastIndexOf('@')
  const local = key.slice(0, at)
  const isDotAtom = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.\u0080-\uffff]+$/.test(local) && !/^\.|\.\.|\.$/.test(local)
  const Address = `${isDotAtom ? local : `"${local.replace(/["\\]/g, '\\$&')}"`}${key.slice(at)}`
  try {
    const { envelope } = composeMessage({ From: { Address: 'a@example.org' }, To: [{ Address }] }, { smtpUtf8: true })
    return envelope.to.map(keyOfAddress)
  } catch {
    return []
  }
}
