/**
 * Unstructured values (RFC 5322 §2.2.1) and opaque ones: structured fields whose grammar is their reader's business.
 */
import type { OnDefect } from '../defect.ts'
import {
  decodeEncodedWords,
  encodeWords,
  encodeWordsFolded,
  looksLikeEncodedWord,
  startsEncodedWord,
} from './encoded-word.ts'
import { foldTokens, foldValue, MAX_LINE_LENGTH } from './fold.ts'
import { isPlainAscii, isWsp, trimWsp, withoutControls } from './token.ts'

/**
 * The text of an unstructured value.
 *
 * @param value unfolded, without blanks at its ends
 * @param onDefect called with offsets in characters of `value`
 */
export function parseUnstructured(value: string, onDefect?: OnDefect): string {
  return withoutControls(decodeEncodedWords(value, onDefect))
}

/**
 * Writes text as an unstructured value.
 *
 * As it stands where readers agree on it, else the whole of it as encoded-words: Outlook deletes the space between
 * plain text and an encoded-word.
 *
 * @param text without controls but for HTAB
 * @param column characters before the value on its line
 */
export function formatUnstructured(text: string, column: number): string {
  if (isPlainAscii(text) && !looksLikeEncodedWord(text) && !hasFragileBlanks(text)) {
    const folded = foldValue(text, column)
    if (folded !== undefined) return folded
  }
  return encodeWordsFolded(text, column)
}

/** Blanks that readers trim, or that some make into one: at the ends, HTAB, and runs. */
function hasFragileBlanks(text: string): boolean {
  return isWsp(text.charCodeAt(0)) || isWsp(text.charCodeAt(text.length - 1)) || /\t| {2}/.test(text)
}

/**
 * Writes the value of a structured field without knowing its grammar.
 *
 * ASCII is not touched but for folds at single spaces; only words that are not ASCII become encoded-words.
 *
 * @param text without controls but for HTAB
 * @param column characters before the value on its line
 * @returns undefined where ASCII has a stretch that cannot be folded and is longer than a line may be
 */
export function formatOpaque(text: string, column: number): string | undefined {
  const trimmed = trimWsp(text)
  if (isPlainAscii(trimmed) && !startsEncodedWord(trimmed)) return foldValue(trimmed, column)
  const tokens: string[] = []
  let start = 0
  const words = trimmed.split(' ')
  while (start < words.length) {
    let end = start + 1
    if (isOpaqueWord(words[start]!, start === 0 ? column : 1)) {
      tokens.push(words[start]!)
    } else {
      // The blanks between two encoded-words vanish when they are read: a run of words becomes one text.
      // An encoded-word has text (RFC 2047 §2): a doubled space is encoded together with the word after it.
      while (end < words.length && (words[end - 1] === '' || !isOpaqueWord(words[end]!, 1))) end++
      tokens.push(...encodeWords(words.slice(start, end).join(' '), tokens.length === 0 ? column : 1))
    }
    start = end
  }
  return foldTokens(tokens, column)
}

/** True where a word can stand among encoded-words as it is. An empty one is a doubled space, which cannot. */
function isOpaqueWord(word: string, column: number): boolean {
  const fits = word !== '' && column + word.length <= MAX_LINE_LENGTH
  return fits && isPlainAscii(word) && !word.includes('\t') && !startsEncodedWord(word)
}
