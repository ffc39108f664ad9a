/**
 * Message identifiers: RFC 5322 §3.6.4.
 */
import { Buffer } from 'node:buffer'
import type { OnDefect } from '../defect.ts'

/** Longest identifier in octets: with a fold before it, it must fit a line of 998. */
const MAX_MSG_ID_OCTETS = 900

function isTooLong(id: string): boolean {
  return id.length > MAX_MSG_ID_OCTETS / 3 && Buffer.byteLength(id) > MAX_MSG_ID_OCTETS
}

/**
 * The identifiers of a field, in order, each in angle brackets.
 *
 * `msg-id = "<" id-left "@" id-right ">"`. Blanks inside one are removed: long identifiers get folded on their way.
 * Where there are no angle brackets at all, each word with an "@" is an identifier. One that fits no line is none.
 *
 * @param value the unfolded field value
 * @param onDefect called with offsets in characters of `value`
 */
export function parseMsgIds(value: string, onDefect?: OnDefect): string[] {
  const ids: string[] = []
  let open = value.indexOf('<')
  if (open === -1) {
    for (const word of value.split(/[\s,>]+/)) {
      if (word.includes('@') && !isTooLong(word)) ids.push(`<${cleanId(word)}>`)
    }
    if (ids.length === 0 && cleanId(value) !== '') onDefect?.('MSG_ID_INVALID', 0)
    return ids
  }
  while (open !== -1) {
    const close = value.indexOf('>', open)
    const end = close === -1 ? value.length : close
    // "<<a@b>" is one identifier: the innermost "<" opens it. The search cannot go back before `open`.
    const start = open + value.slice(open, end).lastIndexOf('<') + 1
    const id = cleanId(value.slice(start, end))
    if (id !== '' && !isTooLong(id)) ids.push(`<${id}>`)
    else onDefect?.('MSG_ID_INVALID', open)
    open = close === -1 ? -1 : value.indexOf('<', close)
  }
  return ids
}

function cleanId(text: string): string {
  return /[\0-\x20\x7f<>]/.test(text) ? text.replace(/[\0-\x20\x7f<>]/g, '') : text
}

/** True for an identifier as nearly all are: `formatMsgId` has nothing to check in it, or to add. */
export function isCommonMsgId(text: string): boolean {
  return text.length <= 254 && /^<[!-'*-;=?A-~]+@[!-'*-;=?-~]+>$/.test(text)
}

/**
 * Makes an identifier writable: adds missing angle brackets.
 *
 * @param lenient also take what has no "@" or is not ASCII, as read from a message
 * @returns undefined where the text is no msg-id
 */
export function formatMsgId(text: string, lenient: boolean): string | undefined {
  const id = text.startsWith('<') && text.endsWith('>') ? text.slice(1, -1) : text
  if (id === '' || isTooLong(id) || /[\0-\x20\x7f<>]/.test(id)) return undefined
  if (!lenient && !isStrictId(id)) return undefined
  return `<${id}>`
}

/** `id-left "@" id-right` of printable ASCII; wider than dot-atom-text, as identifiers in use are. */
function isStrictId(id: string): boolean {
  return /^[!-'*-;=?-~]+@[!-'*-;=?-~]+$/.test(id)
}
