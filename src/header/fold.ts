/**
 * Folding and unfolding of header fields: RFC 5322 §2.2.3.
 *
 * A fold is written only at a single SP between two other characters. Readers disagree on what a fold inside a run of
 * blanks means, and a line of blanks only (obs-FWS) ends the header for some. There is never an empty first line
 * after the field name: it breaks signatures made by relays that repair it.
 */
import { isWsp } from './token.ts'

/**
 * Lines get no longer than this in characters where a fold can prevent it: RFC 5322 §2.1.1 asks for 78, RFC 2047 §2
 * for 76 where there is an encoded-word.
 */
export const PREFERRED_LINE_LENGTH = 76

/** Lines are never longer than this in octets, CRLF not counted: RFC 5322 §2.1.1. */
export const MAX_LINE_LENGTH = 998

/**
 * Joins tokens with single spaces, as folds where a line gets too long.
 *
 * @param tokens none empty, none longer than a line may be
 * @param column characters already on the first line
 */
export function foldTokens(tokens: readonly string[], column: number): string {
  let folded = ''
  let length = column
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]!
    if (index === 0) {
      folded = token
      length += token.length
    } else if (length + 1 + token.length <= PREFERRED_LINE_LENGTH) {
      folded += ` ${token}`
      length += 1 + token.length
    } else {
      folded += `\r\n ${token}`
      length = 1 + token.length
    }
  }
  return folded
}

/**
 * Folds a value at its single spaces.
 *
 * @param value without CR and LF
 * @param column characters before it on the first line
 * @returns undefined where a stretch that cannot be folded is longer than a line may be
 */
export function foldValue(value: string, column: number): string | undefined {
  if (column + value.length <= PREFERRED_LINE_LENGTH) return value
  const tokens: string[] = []
  let start = 0
  let from = 1
  for (;;) {
    const space = value.indexOf(' ', from)
    if (space === -1 || space === value.length - 1) break
    from = space + 1
    if (isWsp(value.charCodeAt(space - 1)) || isWsp(value.charCodeAt(space + 1))) continue
    tokens.push(value.slice(start, space))
    start = from
  }
  tokens.push(value.slice(start))
  for (let index = 0; index < tokens.length; index++) {
    const before = index === 0 ? column : 1
    if (before + tokens[index]!.length > MAX_LINE_LENGTH) return undefined
  }
  return foldTokens(tokens, column)
}

/** The value without its line breaks; the blanks after each stay: RFC 5322 §2.2.3. */
export function unfold(value: string): string {
  // Native searches for the usual line break; the rest is for the others.
  const joined = value.replaceAll('\r\n', '')
  return joined.includes('\n') || joined.includes('\r') ? joined.replace(/[\r\n]+/g, '') : joined
}
