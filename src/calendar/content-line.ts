/**
 * Content lines: RFC 5545 §3.1. Octets to unfolded lines of text.
 *
 * Taking a line apart is in ./property.ts; folding for output is in ./content-line-writer.ts.
 */
import { Buffer } from 'node:buffer'
import { latin1Text } from '../codec/bytes.ts'
import { decodeCharset, isKnownCharset } from '../codec/charset.ts'
import { isAscii, isUtf8 } from '../codec/utf8.ts'

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
  const ascii = isAscii(octets) && utf16Label(octets) === undefined ? latin1Text(octets) : undefined
  if (ascii !== undefined && !ascii.includes('\x1b')) return unfoldText(ascii, octets, maxLines)
  const text = calendarText(octets, charset)
  return unfoldText(text, codeUnits(text), maxLines)
}

/** The UTF-16 code units of the text. */
function codeUnits(text: string): Uint16Array {
  const units = new Uint16Array(text.length)
  Buffer.from(units.buffer).write(text, 'utf16le')
  return units
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
  const first = octets[0]
  const second = octets[1]
  const third = octets[2]
  const fourth = octets[3]
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

/** @param codes the text as numbers: to look at those takes a fifth of the time */
function unfoldText(text: string, codes: Uint8Array | Uint16Array, maxLines: number): UnfoldedText {
  const lines: string[] = []
  let folded: string[] | undefined
  for (let start = 0, end = 0; start < codes.length; start = end + 1) {
    const first = codes[start]!
    end = start
    while (end < codes.length && !isBreak(codes[end]!)) end++
    // A blank line, or the LF of CRLF.
    if (end === start) continue
    if ((first === SP || first === TAB) && lines.length > 0) {
      // Pieces are joined once: a megabyte in folds of one character must not be copied a million times.
      folded ??= [lines[lines.length - 1]!]
      folded.push(text.slice(start + 1, end))
      continue
    }
    if (folded !== undefined) lines[lines.length - 1] = folded.join('')
    folded = undefined
    if (lines.length >= maxLines) return { lines, isCut: true }
    lines.push(text.slice(start, end))
  }
  if (folded !== undefined) lines[lines.length - 1] = folded.join('')
  return { lines, isCut: false }
}

function isBreak(code: number): boolean {
  return code <= CR && (code === LF || code === CR)
}
