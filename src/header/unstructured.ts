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
import { findQuoteEnd, isPlainAscii, isWsp, trimWsp, withoutControls } from './token.ts'

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
 * ASCII is not touched but for folds at single spaces; only words that are not ASCII become encoded-words. A
 * quoted-string is one word.
 *
 * @param text without controls but for HTAB
 * @param column characters before the value on its line
 * @param quotes of a quoted-string that becomes encoded-words: `omit` writes what it means, since no encoded-word stands
 *   in quotes and it needs none (RFC 2047 §5(3)); `keep` writes it so that the text is read again as it is
 * @returns undefined where ASCII has a stretch that cannot be folded and is longer than a line may be
 */
export function formatOpaque(text: string, column: number, quotes: 'omit' | 'keep'): string | undefined {
  const trimmed = trimWsp(text)
  if (isPlainAscii(trimmed) && !startsEncodedWord(trimmed)) return foldValue(trimmed, column)
  const tokens: string[] = []
  let start = 0
  const words = opaqueWords(trimmed, quotes)
  while (start < words.length) {
    let end = start + 1
    if (isOpaqueWord(words[start]!, start === 0 ? column : 1)) {
      tokens.push(words[start]!)
    } else {
      // The blanks between two encoded-words vanish when they are read: a run of words becomes one text.
      // An encoded-word has text (RFC 2047 §2): a doubled space is encoded together with the word after it.
      while (end < words.length && (words[end - 1] === '' || !isOpaqueWord(words[end]!, 1))) end++
      const run = words.slice(start, end)
      const meant = (quotes === 'keep' ? run : run.map(unquoted)).join(' ')
      tokens.push(...encodeWords(meant, tokens.length === 0 ? column : 1))
    }
    start = end
  }
  return foldTokens(tokens, column)
}

/**
 * The words between single spaces; those of a quoted-string are one, but for a long one of ASCII, which is folded. Where
 * it is to be encoded, it ends at its quote.
 */
function opaqueWords(text: string, quotes: 'omit' | 'keep'): string[] {
  if (!text.includes('"')) return text.split(' ')
  const words: string[] = []
  let start = 0
  do {
    const close = text.startsWith('"', start) ? findQuoteEnd(text, start) + 1 : 0
    const isEncoded = close > 0 && !isPlainAscii(text.slice(start, close))
    const isWhole = isEncoded || (close > 0 && close - start < MAX_LINE_LENGTH / 2)
    const space = isEncoded && quotes === 'omit' ? close : text.indexOf(' ', isWhole ? close : start)
    const end = space === -1 ? text.length : space
    words.push(text.slice(start, end))
    start = text[end] === ' ' ? end + 1 : end
  } while (start < text.length)
  return words
}

/** What a quoted-string means; any other word, and one of nothing, as it is. */
function unquoted(word: string): string {
  const isQuoted = word.length > 2 && word.startsWith('"') && findQuoteEnd(word, 0) === word.length - 1
  return isQuoted ? word.slice(1, -1).replace(/\\(.)/gs, '$1') : word
}

/** True where a word can stand among encoded-words as it is. An empty one is a doubled space, which cannot. */
function isOpaqueWord(word: string, column: number): boolean {
  const fits = word !== '' && column + word.length <= MAX_LINE_LENGTH
  return fits && isPlainAscii(word) && !word.includes('\t') && !startsEncodedWord(word)
}
