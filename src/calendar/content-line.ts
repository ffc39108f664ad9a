/**
 * Content lines: RFC 5545 §3.1. Octets to unfolded lines of text.
 *
 * Taking a line apart is in ./property.ts; folding for output is in ./content-line-writer.ts.
 */
import { decodeCharset, isKnownCharset } from '../codec/charset.ts'
import { isUtf8 } from '../codec/utf8.ts'

const LF = 0x0a
const CR = 0x0d
const SP = 0x20
const TAB = 0x09

export interface UnfoldedText {
  /** Without line breaks and without blank lines. */
  readonly lines: readonly string[]
  /** True where there were more lines than allowed. */
  readonly isCut: boolean
}

/**
 * The lines of a calendar, unfolded, without blank ones.
 *
 * CRLF, LF, CR and runs of them (CRCRLF is what a text-mode write makes of CRLF) end a line.
 *
 * @param octets not modified, not kept
 * @param charset the label of Content-Type; calendars lie about it, so it comes last
 * @param maxLines lines beyond this are left out
 */
export function contentLines(octets: Uint8Array, charset: string | undefined, maxLines: number): UnfoldedText {
  return unfoldText(calendarText(octets, charset), maxLines)
}

/**
 * The text of the octets: UTF-16 by its mark, UTF-8 where it is valid, else the label, else windows-1252.
 *
 * RFC 5545 §3.1: a fold may stand inside a UTF-8 sequence, so octets that are no UTF-8 are unfolded and tried again.
 */
function calendarText(octets: Uint8Array, charset: string | undefined): string {
  const utf16 = utf16Label(octets)
  if (utf16 !== undefined) return withoutMark(decodeCharset(octets, utf16, 'body'))
  const label = charset !== undefined && isKnownCharset(charset) ? charset : undefined
  let source = octets
  if (!isUtf8(source)) {
    source = unfoldOctets(octets)
    if (!isUtf8(source)) {
      const isMislabelled = label === undefined || /^["']?utf-?8/i.test(label)
      return withoutMark(decodeCharset(source, isMislabelled ? 'windows-1252' : label, 'body'))
    }
  }
  const isWide = label !== undefined && /^["']?utf-?(?:16|32)/i.test(label)
  // ISO-2022-JP and its like are valid UTF-8 octets too; their escape gives them away.
  return withoutMark(decodeCharset(source, isWide || !source.includes(0x1b) ? 'utf-8' : (label ?? 'utf-8'), 'body'))
}

/** RFC 2781 §4.3, and UTF-16 without a mark by the zero octets of its first letters. */
function utf16Label(octets: Uint8Array): string | undefined {
  const [first, second, third, fourth] = octets
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  if (first !== 0 && second === 0 && third !== 0 && fourth === 0) return 'utf-16le'
  if (first === 0 && second !== 0 && third === 0 && fourth !== 0) return 'utf-16be'
  return undefined
}

function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

/** The octets without their folds: line break, then one SP or TAB. A new allocation. */
function unfoldOctets(octets: Uint8Array): Uint8Array {
  const unfolded = new Uint8Array(octets.length)
  let length = 0
  let index = 0
  while (index < octets.length) {
    const octet = octets[index]!
    if (octet !== CR && octet !== LF) {
      unfolded[length++] = octet
      index++
      continue
    }
    while (octets[index] === CR || octets[index] === LF) index++
    if (octets[index] === SP || octets[index] === TAB) index++
    else unfolded[length++] = LF
  }
  return unfolded.subarray(0, length)
}

function unfoldText(text: string, maxLines: number): UnfoldedText {
  const lines: string[] = []
  let folded: string[] | undefined
  for (const line of linesOf(text)) {
    const code = line.charCodeAt(0)
    if ((code === SP || code === TAB) && lines.length > 0) {
      // Pieces are joined once: a megabyte in folds of one character must not be copied a million times.
      folded ??= [lines.at(-1)!]
      folded.push(line.slice(1))
    } else {
      if (folded !== undefined) lines[lines.length - 1] = folded.join('')
      folded = undefined
      if (lines.length >= maxLines) return { lines, isCut: true }
      lines.push(line)
    }
  }
  if (folded !== undefined) lines[lines.length - 1] = folded.join('')
  return { lines, isCut: false }
}

/** The lines that are not empty, without their line breaks. */
function linesOf(text: string): string[] {
  const lines: string[] = []
  for (const line of text.split('\n')) {
    const end = line.indexOf('\r')
    if (end === -1 || end === line.length - 1) {
      const content = end === -1 ? line : line.slice(0, end)
      if (content !== '') lines.push(content)
    } else {
      for (const piece of line.split('\r')) if (piece !== '') lines.push(piece)
    }
  }
  return lines
}
