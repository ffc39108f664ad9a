/**
 * Character classes of header grammars: RFC 5322 §3.2.3, RFC 2045 §5.1, RFC 2231 §7, RFC 2047 §5(3).
 *
 * Tests take UTF-16 code units of a string. Non-ASCII characters belong to atext (RFC 6532 §3.2) and to nothing else.
 */

/** `atext`: what an atom is made of. */
export const ATEXT = 1
/** `token` of MIME: printable ASCII but for tspecials. */
export const TOKEN = 2
/** `attribute-char` of RFC 2231: a token character that needs no percent-encoding. */
export const ATTRIBUTE_CHAR = 4
/** What a "Q" encoded-word may hold as it stands in every context, phrases included. */
export const Q_LITERAL = 8
/** `ftext`: what a field name is made of. */
export const FTEXT = 16
/** SP and HTAB. */
export const WSP = 32

const CLASSES = new Uint8Array(128)
for (let code = 0x21; code < 0x7f; code++) {
  const character = String.fromCharCode(code)
  const alphanumeric = /[A-Za-z0-9]/.test(character)
  let classes = 0
  if (alphanumeric || "!#$%&'*+-/=?^_`{|}~".includes(character)) classes |= ATEXT
  if (!'()<>@,;:\\"/[]?='.includes(character)) classes |= TOKEN
  if (!'()<>@,;:\\"/[]?=*\'%'.includes(character)) classes |= ATTRIBUTE_CHAR
  if (alphanumeric || '!*+-/'.includes(character)) classes |= Q_LITERAL
  if (character !== ':') classes |= FTEXT
  CLASSES[code] = classes
}
CLASSES[0x20] = WSP
CLASSES[0x09] = WSP

/** True where the character is in one of the classes of `mask`. */
export function isIn(code: number, mask: number): boolean {
  return code < 128 ? (CLASSES[code]! & mask) !== 0 : (mask & ATEXT) !== 0
}

/** True where the text is not empty and every character of it is in one of the classes of `mask`. */
export function isAllIn(text: string, mask: number): boolean {
  for (let index = 0; index < text.length; index++) if (!isIn(text.charCodeAt(index), mask)) return false
  return text.length > 0
}

/** True for SP and HTAB: the only white space of a header; U+00A0 and the like are text. */
export function isWsp(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/** The text without SP and HTAB at its ends. */
export function trimWsp(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isWsp(text.charCodeAt(start))) start++
  while (end > start && isWsp(text.charCodeAt(end - 1))) end--
  return start === 0 && end === text.length ? text : text.slice(start, end)
}

/**
 * Index of the parenthesis that closes the comment at `start`; the end of the text where none does.
 *
 * `comment = "(" *([FWS] ccontent) [FWS] ")"`, `ccontent = ctext / quoted-pair / comment`: RFC 5322 §3.2.2.
 */
export function findCommentEnd(text: string, start: number): number {
  let depth = 0
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 0x5c) index++
    else if (code === 0x28) depth++
    else if (code === 0x29 && --depth === 0) return index
  }
  return text.length
}

/** What no header value may hold: CR, LF, NUL, the other C0 controls but for HTAB, and DEL. */
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/

/** True where the text has a control that would leave the field, or upset those who read it. */
export function hasControl(text: string): boolean {
  // Nearly all values are printable ASCII, which is quicker to see.
  return !isPlainAscii(text) && CONTROL.test(text)
}

/** Index of the closing quote of the quoted-string at `start`, or -1. */
export function findQuoteEnd(value: string, start: number): number {
  for (let index = start + 1; index < value.length; index++) {
    const code = value.charCodeAt(index)
    if (code === 0x22) return index
    if (code === 0x5c) index++
  }
  return -1
}

/** The text with line breaks as one space and without other controls: what reading makes of a decoded value. */
export function withoutControls(text: string): string {
  return CONTROL.test(text) ? text.replace(/[\r\n]+/g, ' ').replace(/[\0-\x08\x0a-\x1f\x7f]/g, '') : text
}

/** True where the text is printable ASCII, SP and HTAB only. */
export function isPlainAscii(text: string): boolean {
  return !/[^\t\x20-\x7e]/.test(text)
}

/**
 * A `quoted-string` of printable ASCII, SP and HTAB: RFC 5322 §3.2.4.
 *
 * @param text without CR, LF and NUL
 */
export function formatQuotedString(text: string): string {
  return `"${/["\\]/.test(text) ? text.replace(/["\\]/g, '\\$&') : text}"`
}
