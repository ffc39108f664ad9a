/**
 * TEXT values: RFC 5545 §3.3.11.
 *
 *     TEXT         = *(TSAFE-CHAR / ":" / DQUOTE / ESCAPED-CHAR)
 *     ESCAPED-CHAR = ("\\" / "\;" / "\," / "\N" / "\n")
 */

/** C0 controls without HTAB and LF, and DEL: RFC 5545 §3.1 CONTROL. */
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f]/
const CONTROL_EACH = new RegExp(CONTROL, 'g')

/**
 * Parses a text value: escapes to what they stand for, line breaks to LF.
 *
 * An escape nobody defined stays as it stands, but for `\:`, which several calendars write. Controls are removed.
 */
export function parseText(value: string): string {
  const text = value.includes('\\') ? value.replace(/\\([\\;,:nN])/g, unescapeOne) : value
  return CONTROL.test(text) ? text.replaceAll(CONTROL_EACH, '') : text
}

function unescapeOne(_: string, character: string): string {
  return character === 'n' || character === 'N' ? '\n' : character
}

/** Parses a list of text values: CATEGORIES, RESOURCES. */
export function parseTextList(value: string): string[] {
  const list: string[] = []
  let start = 0
  for (let index = 0; index <= value.length; index++) {
    const character = value[index]
    if (character === '\\') index++
    if (character !== ',' && index < value.length) continue
    const text = parseText(value.slice(start, index)).trim()
    if (text !== '') list.push(text)
    start = index + 1
  }
  return list
}

/** Formats a text value: line breaks of every kind as `\n`. */
export function formatText(text: string): string {
  return text.replace(/[\\;,]/g, '\\$&').replace(/\r\n?|\n/g, '\\n')
}
