/**
 * Content lines, writing: RFC 5545 §3.1, with the parameter escapes of RFC 6868.
 *
 *     contentline = name *(";" param ) ":" value CRLF
 *
 * Nothing that is written here can start a line of its own: values come as text that is escaped, or as tokens that were
 * checked. Reading is in ./content-line.ts and ./property.ts.
 */

/** Longest line in octets, the blank of a fold counted, CRLF not: RFC 5545 §3.1. */
const MAX_LINE_OCTETS = 75

/** A parameter and its value, unescaped; undefined leaves it out. */
export type ParameterInput = readonly [name: string, value: string | undefined]

/**
 * A property as a content line, folded, with CRLF.
 *
 * @param value as it goes on the wire: escaped where it is text
 */
export function formatProperty(name: string, value: string, parameters: readonly ParameterInput[] = []): string {
  let line = name
  for (const [key, given] of parameters) {
    if (given !== undefined) line += `;${key}=${formatParameterValue(given)}`
  }
  return `${foldContentLine(`${line}:${value}`)}\r\n`
}

/** RFC 6868 §3.1: a backslash means nothing in a parameter; line breaks, quotes and carets have escapes with a caret. */
function formatParameterValue(value: string): string {
  const escaped = value
    .replace(/\^/g, '^^')
    .replace(/"/g, "^'")
    .replace(/\r\n?|\n/g, '^n')
  return /[,;:]/.test(escaped) ? `"${escaped}"` : escaped
}

/** Folds a line at 75 octets in UTF-8, never inside a character. */
function foldContentLine(line: string): string {
  // No UTF-16 code unit makes more than three octets.
  if (line.length * 3 <= MAX_LINE_OCTETS) return line
  const pieces: string[] = []
  let start = 0
  let octets = 0
  for (let index = 0; index < line.length; index++) {
    const code = line.charCodeAt(index)
    let size = code < 0x80 ? 1 : code < 0x800 ? 2 : 3
    // A surrogate without its other half becomes U+FFFD: three octets.
    const isPair = code >= 0xd800 && code < 0xdc00 && isLowSurrogate(line.charCodeAt(index + 1))
    if (isPair) size = 4
    if (octets + size > MAX_LINE_OCTETS) {
      pieces.push(line.slice(start, index))
      start = index
      // The blank that marks the fold.
      octets = 1
    }
    octets += size
    if (isPair) index++
  }
  pieces.push(line.slice(start))
  return pieces.join('\r\n ')
}

/** False for NaN too, which stands behind the last code unit. */
function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code < 0xe000
}
