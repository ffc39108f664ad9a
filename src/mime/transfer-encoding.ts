/**
 * Content-Transfer-Encoding: RFC 2045 §6. Decoding a body by its label, and choosing the encoding of one to write.
 *
 * The encodings themselves are in ../codec.
 */
import { Base64Decoder, decodeBase64, foldedBase64Length } from '../codec/base64.ts'
import { asBuffer, concatBytes, EMPTY, latin1Text } from '../codec/bytes.ts'
import { decodeQuotedPrintable, QuotedPrintableDecoder, quotedPrintableLength } from '../codec/quoted-printable.ts'
import { decodeUuencode } from '../codec/uuencode.ts'
import type { OnDefect } from '../defect.ts'
import { quoteForError } from '../errors.ts'
import { MAX_LINE_LENGTH } from '../header/fold.ts'

/** The encodings that are written. */
export type TransferEncoding = '7bit' | '8bit' | 'binary' | 'quoted-printable' | 'base64'

/** Decodes octets; those it need not touch it may return as they are. */
type Decoder = (body: Uint8Array, onDefect: OnDefect | undefined) => Uint8Array

const identity: Decoder = body => body
const uuencode: Decoder = (body, onDefect) => decodeUuencode(body, onDefect).content

/** THE table of encodings that are read, by lower-case label. */
const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['', identity],
  ['7bit', identity],
  ['8bit', identity],
  ['binary', identity],
  ['7-bit', identity],
  ['8-bit', identity],
  ['7bits', identity],
  ['8bits', identity],
  ['none', identity],
  ['quoted-printable', decodeQuotedPrintable],
  ['quotedprintable', decodeQuotedPrintable],
  ['quoted_printable', decodeQuotedPrintable],
  ['base64', decodeBase64],
  ['base-64', decodeBase64],
  ['x-uuencode', uuencode],
  ['x-uue', uuencode],
  ['uuencode', uuencode],
  ['uue', uuencode],
])

/** True for a label, in lower case, of an encoding that is read. */
export function isKnownEncoding(label: string): boolean {
  return DECODERS.has(label)
}

/** True where a body with this label is what it stands for; unknown labels count, since nobody can decode them. */
export function isIdentityEncoding(label: string): boolean {
  return (DECODERS.get(label) ?? identity) === identity
}

/**
 * The octets that a body stands for.
 *
 * @param label lower-case; an unknown one is reported and leaves the octets as they are
 * @param onDefect called with offsets in octets of `body`
 * @returns a view of `body` for an identity encoding, else a new allocation
 */
export function decodeTransferEncoding(body: Uint8Array, label: string, onDefect?: OnDefect): Uint8Array {
  const decoder = DECODERS.get(label)
  if (decoder !== undefined) return decoder(body, onDefect)
  onDefect?.('ENCODING_UNKNOWN', 0, quoteForError(label))
  return body
}

/** Decodes a body piece by piece, to the same octets and defects as {@link decodeTransferEncoding}. */
export interface BodyDecoder {
  push(chunk: Uint8Array): Uint8Array
  end(): Uint8Array
}

/**
 * A decoder for a body that arrives in pieces.
 *
 * @param label lower-case
 * @param onDefect called with offsets in octets of the whole body
 */
export function createBodyDecoder(label: string, onDefect: OnDefect): BodyDecoder {
  const decoder = DECODERS.get(label)
  if (decoder === decodeBase64) return new Base64Decoder(onDefect)
  if (decoder === decodeQuotedPrintable) return new QuotedPrintableDecoder(onDefect)
  if (decoder === undefined) onDefect('ENCODING_UNKNOWN', 0, quoteForError(label))
  if (isIdentityEncoding(label)) return { push: chunk => new Uint8Array(chunk), end: () => EMPTY }
  // Rare and old: such a body is never large.
  const pieces: Uint8Array[] = []
  return {
    push(chunk) {
      pieces.push(new Uint8Array(chunk))
      return EMPTY
    },
    end: () => decodeTransferEncoding(concatBytes(pieces), label, onDefect),
  }
}

/** What decides about the encoding of octets. */
export interface ContentTraits {
  /** No octet above 0x7F. */
  readonly ascii: boolean
  readonly hasNul: boolean
  /** Octets of the longest line, line break not counted. */
  readonly longestLine: number
  /** A line starts with "From ", which mbox stores change. */
  readonly hasFromLine: boolean
  /** CR or LF without the other: none may be on the wire. */
  readonly bareBreaks: number
}

const LF = 0x0a
const CR = 0x0d
/** 1 for the octets that {@link inspectContent} has to look at. */
const NOTABLE = new Uint8Array(256).fill(1, 0x80)
NOTABLE[0] = 1
NOTABLE[LF] = 1
NOTABLE[CR] = 1

/** Whether one of the four octets may be a control, or 8-bit: a borrow may make one more of a blank seem so. */
function mayBeNotable(word: number): boolean {
  return ((word | (word - 0x20202020)) & 0x80808080) !== 0
}

/** Looks at octets once. */
export function inspectContent(octets: Uint8Array): ContentTraits {
  const length = octets.length
  const words = new DataView(octets.buffer, octets.byteOffset, length)
  const lastWord = length - 4
  let ascii = true
  let hasNul = false
  let longestLine = 0
  let hasFromLine = startsWithFrom(octets, 0)
  let bareBreaks = 0
  let lineStart = 0
  for (let index = 0; index < length; index++) {
    while (index <= lastWord && !mayBeNotable(words.getInt32(index, true))) index += 4
    if (index >= length) break
    const octet = octets[index]!
    if (NOTABLE[octet] === 0) continue
    if (octet > 0x7f) {
      ascii = false
    } else if (octet === 0) {
      hasNul = true
    } else {
      if (index - lineStart > longestLine) longestLine = index - lineStart
      if (octet === CR && octets[index + 1] === LF) index++
      else bareBreaks++
      lineStart = index + 1
      if (octets[lineStart] === 0x46 && startsWithFrom(octets, lineStart)) hasFromLine = true
    }
  }
  if (length - lineStart > longestLine) longestLine = length - lineStart
  return { ascii, hasNul, longestLine, hasFromLine, bareBreaks }
}

function startsWithFrom(octets: Uint8Array, start: number): boolean {
  return (
    octets[start] === 0x46 &&
    octets[start + 1] === 0x72 &&
    octets[start + 2] === 0x6f &&
    octets[start + 3] === 0x6d &&
    octets[start + 4] === 0x20
  )
}

/** True where the octets can be on the wire as lines, line breaks aside: RFC 5322 §2.1.1, RFC 2045 §2.7, §2.8. */
function fitsLines(traits: ContentTraits): boolean {
  return !traits.hasNul && traits.longestLine <= MAX_LINE_LENGTH
}

/**
 * The encoding of text whose line breaks become CRLF: the lightest that the transport takes, then the shorter one.
 *
 * @param octets the text in its charset, with any line breaks
 * @param eightBit whether 8bit may be used
 */
export function chooseTextEncoding(octets: Uint8Array, traits: ContentTraits, eightBit: boolean): TransferEncoding {
  if (fitsLines(traits) && !traits.hasFromLine) {
    if (traits.ascii) return '7bit'
    if (eightBit) return '8bit'
  }
  const base64Length = foldedBase64Length(octets.length + traits.bareBreaks)
  return quotedPrintableLength(octets, 'canonical') <= base64Length ? 'quoted-printable' : 'base64'
}

/** What may be asked for in place of base64. */
const HONOURED: ReadonlySet<string> = new Set(['7bit', '8bit', 'quoted-printable'])

/**
 * The encoding of octets that must arrive as they are.
 *
 * @param requested lower-case; honoured where it is legal for the octets, else base64
 * @param octets how many there are
 * @param traits looks at them, where that is needed
 * @param eightBit whether 8bit may be used
 */
export function chooseExactEncoding(
  requested: string,
  octets: number,
  traits: () => ContentTraits,
  eightBit: boolean,
): TransferEncoding {
  // Of a body without an octet, mailparser makes a line break where base64 does not keep it from that.
  if (octets === 0 || !HONOURED.has(requested)) return 'base64'
  if (requested === 'quoted-printable') return requested
  const found = traits()
  if (!fitsLines(found) || found.hasFromLine || found.bareBreaks > 0) return 'base64'
  if (requested === '8bit' && eightBit) return '8bit'
  return found.ascii ? '7bit' : 'base64'
}

/** The octets with CRLF for every line break; the same octets where nothing is to be done. */
export function withCrlf(octets: Uint8Array, traits: ContentTraits): Uint8Array {
  if (traits.bareBreaks === 0) return octets
  const target = new Uint8Array(octets.length + traits.bareBreaks)
  writeWithCrlf(octets, target, 0)
  return target
}

/**
 * Writes octets with CRLF for every line break.
 *
 * @returns where they end in `target`
 */
export function writeWithCrlf(octets: Uint8Array, target: Uint8Array, offset: number): number {
  const length = octets.length
  const words = new DataView(octets.buffer, octets.byteOffset, length)
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength)
  const lastWord = length - 4
  let position = offset
  for (let index = 0; index < length; index++) {
    for (; index <= lastWord; index += 4) {
      const word = words.getInt32(index, true)
      if (((word - 0x20202020) & ~word & 0x80808080) !== 0) break
      view.setInt32(position, word, true)
      position += 4
    }
    if (index >= length) break
    const octet = octets[index]!
    if (octet === LF || octet === CR) {
      if (octet === CR && octets[index + 1] === LF) index++
      view.setUint16(position, 0x0a0d, true)
      position += 2
    } else {
      target[position++] = octet
    }
  }
  return position
}

/** Octets up to which a search in text takes less time than one in octets. */
const SHORT_OCTETS = 4096

/** True where `needle` occurs in the octets. */
export function containsText(octets: Uint8Array, needle: string): boolean {
  if (octets.length <= SHORT_OCTETS) return latin1Text(octets).includes(needle)
  return asBuffer(octets).includes(needle, 0, 'latin1')
}
