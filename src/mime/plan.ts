/**
 * What is written of a tree, before a single octet is: each content with its encoding and the length it will have.
 *
 * Small texts are put into their wire form here, as strings: the most common messages are nothing else.
 */
import { Buffer } from 'node:buffer'
import { foldedBase64Length } from '../codec/base64.ts'
import { utf8Bytes } from '../codec/bytes.ts'
import { encodeQuotedPrintableText, quotedPrintableLength } from '../codec/quoted-printable.ts'
import { MAX_LINE_LENGTH } from '../header/fold.ts'
import type { OutgoingPart, OutgoingSource, WriteOptions } from './outgoing.ts'
import {
  type ContentTraits,
  chooseExactEncoding,
  chooseTextEncoding,
  inspectContent,
  type TransferEncoding,
  withCrlf,
} from './transfer-encoding.ts'

/** A piece of a plan: text, or a content with its encoder. `length` is what it will have, in octets. */
export type Piece =
  /** ASCII that goes out as it stands, in one string with the header. */
  | { readonly kind: 'text'; readonly text: string; readonly length: number }
  | { readonly kind: 'header'; readonly text: string; readonly length: number }
  | { readonly kind: 'octets'; readonly octets: Uint8Array; readonly length: number }
  | { readonly kind: 'crlf'; readonly octets: Uint8Array; readonly length: number }
  | {
      readonly kind: 'quoted-printable'
      readonly octets: Uint8Array
      readonly lineBreaks: 'canonical' | 'exact'
      readonly length: number
    }
  | { readonly kind: 'base64'; readonly octets: Uint8Array; readonly length: number }
  | { readonly kind: 'base64-text'; readonly text: string; readonly length: number }
  | { readonly kind: 'source'; readonly source: OutgoingSource; readonly length: number | undefined }

/** A part whose encoding is decided. */
export interface PlannedPart {
  readonly part: OutgoingPart
  readonly encoding: TransferEncoding
  readonly piece: Piece | undefined
  readonly children: readonly PlannedPart[]
}

/** Decides how a part, and all in it, is written. */
export function planPart(part: OutgoingPart, options: WriteOptions): PlannedPart {
  const { content } = part
  switch (content.kind) {
    case 'multipart': {
      const children = content.parts.map(child => planPart(child, options))
      return { part, encoding: widestOf(children), piece: undefined, children }
    }
    case 'text':
      return planText(part, content.text, options)
    case 'octets':
      return planOctets(part, content.octets, content.encoding, options)
    case 'encoded':
      return leaf(part, content.encoding, { kind: 'octets', octets: content.octets, length: content.octets.length })
    case 'base64':
      return leaf(part, 'base64', {
        kind: 'base64-text',
        text: content.text,
        length: foldedBase64Length(content.octets),
      })
    case 'source':
      return leaf(part, 'base64', {
        kind: 'source',
        source: content,
        length: content.octets === undefined ? undefined : foldedBase64Length(content.octets),
      })
  }
}

function leaf(part: OutgoingPart, encoding: TransferEncoding, piece: Piece): PlannedPart {
  return { part, encoding, piece, children: [] }
}

/** What RFC 2045 §6.4 has a composite part say: the widest of what it holds. */
function widestOf(children: readonly PlannedPart[]): TransferEncoding {
  let widest: TransferEncoding = '7bit'
  for (const { encoding } of children) {
    if (encoding === 'binary') return 'binary'
    if (encoding === '8bit') widest = '8bit'
  }
  return widest
}

/** Text up to so many characters is kept as a string in its wire form: the most common messages are all text. */
const MAX_INLINE_LENGTH = 65_536

/** The same for text in quoted-printable, which needs room four times its size to be made in. */
const MAX_QUOTED_INLINE_OCTETS = 32_768

function planText(part: OutgoingPart, text: string, options: WriteOptions): PlannedPart {
  const length = text.length <= MAX_INLINE_LENGTH ? Buffer.byteLength(text) : Number.POSITIVE_INFINITY
  const inline = length === text.length ? inlineText(text) : undefined
  if (inline !== undefined) return leaf(part, '7bit', { kind: 'text', text: inline, length: inline.length })
  const quoted = options.eightBit === true ? undefined : inlineQuotedPrintable(text, length)
  if (quoted !== undefined) return leaf(part, 'quoted-printable', { kind: 'text', text: quoted, length: quoted.length })
  const octets = utf8Bytes(text)
  const traits = inspectContent(octets)
  const encoding = chooseTextEncoding(octets, traits, options.eightBit === true)
  if (encoding === 'quoted-printable') {
    const length = quotedPrintableLength(octets, 'canonical')
    return leaf(part, encoding, { kind: 'quoted-printable', octets, lineBreaks: 'canonical', length })
  }
  if (encoding === 'base64') {
    const canonical = withCrlf(octets, traits)
    return leaf(part, encoding, { kind: 'base64', octets: canonical, length: foldedBase64Length(canonical.length) })
  }
  return leaf(part, encoding, { kind: 'crlf', octets, length: octets.length + traits.bareBreaks })
}

/** ASCII with CRLF, where it can go out in lines as it stands. */
function inlineText(text: string): string | undefined {
  if (text.includes('\0')) return undefined
  // The rare "F" first: a search for "\nFrom " stops at every line.
  if (text.includes('From ') && /^From |[\r\n]From /.test(text)) return undefined
  const lines = text.includes('\r') ? text.replaceAll('\r\n', '\n').replaceAll('\r', '\n') : text
  return hasLongLine(lines) ? undefined : lines.split('\n').join('\r\n')
}

/**
 * Text in quoted-printable, where it is not ASCII, and mostly is: the choice is clear without a closer look.
 *
 * @param octets that it has in UTF-8
 */
function inlineQuotedPrintable(text: string, octets: number): string | undefined {
  const beyondAscii = octets - text.length
  if (octets > MAX_QUOTED_INLINE_OCTETS || beyondAscii === 0 || beyondAscii > octets / 8) return undefined
  const quoted = encodeQuotedPrintableText(text, octets)
  return quoted.length <= foldedBase64Length(octets) ? quoted : undefined
}

function hasLongLine(lines: string): boolean {
  let start = 0
  while (lines.length - start > MAX_LINE_LENGTH) {
    const end = lines.lastIndexOf('\n', start + MAX_LINE_LENGTH)
    if (end < start) return true
    start = end + 1
  }
  return false
}

function planOctets(part: OutgoingPart, octets: Uint8Array, requested: string, options: WriteOptions): PlannedPart {
  const traits = (): ContentTraits => inspectContent(octets)
  const encoding = chooseExactEncoding(requested, octets.length, traits, options.eightBit === true)
  if (encoding === 'base64') {
    return leaf(part, encoding, { kind: 'base64', octets, length: foldedBase64Length(octets.length) })
  }
  if (encoding === 'quoted-printable') {
    const length = quotedPrintableLength(octets, 'exact')
    return leaf(part, encoding, { kind: 'quoted-printable', octets, lineBreaks: 'exact', length })
  }
  return leaf(part, encoding, { kind: 'octets', octets, length: octets.length })
}
