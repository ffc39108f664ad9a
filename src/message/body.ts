/**
 * The text of a message: which parts are the text, what is an attachment, and the shape to write.
 *
 * Reading follows RFC 8621 §4.1.4 and RFC 3676; writing the nesting that every client shows right: mixed around
 * alternative around related (RFC 2046 §5.1.4, RFC 2387).
 */
import { concatBytes, utf8Bytes } from '../codec/bytes.ts'
import { utf8Text } from '../codec/utf8.ts'
import { findUuencoded, type Uuencoded } from '../codec/uuencode.ts'
import type { OnDefect } from '../defect.ts'
import type { OutgoingPart } from '../mime/outgoing.ts'
import { decodeText, type MimePart, walk } from '../mime/part.ts'
import { containsText } from '../mime/transfer-encoding.ts'
import type { PlacedAttachment } from './attachment.ts'

/** The part of a text body. */
function textPart(subtype: 'plain' | 'html', text: string): OutgoingPart {
  return { header: '', type: `text/${subtype}; charset=utf-8`, trailer: '', content: { kind: 'text', text } }
}

function multipart(type: string, parts: readonly OutgoingPart[]): OutgoingPart {
  return { header: '', type, trailer: '', content: { kind: 'multipart', parts } }
}

/**
 * Builds the tree of a message:
 * `mixed(alternative(plain, related(html, inline…), calendar…), file…)`, without the levels that hold one part only.
 */
export function composeBody(plain: string, html: string, attachments: readonly PlacedAttachment[]): OutgoingPart {
  const partsAt = (place: PlacedAttachment['place']) => attachments.filter(a => a.place === place).map(a => a.part)
  const related = partsAt('related')
  const files = partsAt('mixed')
  const alternatives: OutgoingPart[] = []
  if (plain !== '') alternatives.push(textPart('plain', plain))
  if (html !== '') {
    const htmlPart = textPart('html', html)
    alternatives.push(
      related.length === 0 ? htmlPart : multipart('multipart/related; type="text/html"', [htmlPart, ...related]),
    )
  }
  alternatives.push(...partsAt('alternative'))
  if (alternatives.length === 0 && files.length === 0) return textPart('plain', '')
  const text = alternatives.length > 1 ? [multipart('multipart/alternative', alternatives)] : alternatives
  return files.length === 0 ? text[0]! : multipart('multipart/mixed', [...text, ...files])
}

/** The parts of a message by what they are to its reader. */
export interface BodyParts {
  readonly plain: readonly MimePart[]
  readonly html: readonly MimePart[]
  /** Both of them. */
  readonly texts: ReadonlySet<MimePart>
  /** In order of appearance: everything that is not shown as text. */
  readonly attachments: readonly MimePart[]
}

/** Sorts the leaves of a tree: RFC 8621 §4.1.4, and after it only text/plain counts as plain, text/html as HTML. */
export function findBodyParts(root: MimePart): BodyParts {
  const sorter = new BodySorter()
  sorter.sort([root], 'mixed', false, sorter.html, sorter.text, 0)
  const plain = sorter.text.filter(part => mediaTypeOf(part) === 'text/plain')
  const html = sorter.html.filter(part => mediaTypeOf(part) === 'text/html')
  const texts = new Set<MimePart>(plain)
  for (const part of html) texts.add(part)
  return { plain, html, texts, attachments: sorter.leaves.filter(part => !texts.has(part)) }
}

/** A multipart that could not be taken apart is text: better shown raw than lost. */
function mediaTypeOf(part: MimePart): string {
  const { mediaType } = part.contentType
  return mediaType.startsWith('multipart/') ? 'text/plain' : mediaType
}

/** Nobody's text is nested deeper; what is, where a limit allows it, are attachments. */
const MAX_DEPTH = 1000

class BodySorter {
  readonly text: MimePart[] = []
  readonly html: MimePart[] = []
  readonly leaves: MimePart[] = []

  /**
   * @param html where HTML goes; null inside an alternative that has its HTML elsewhere
   * @param text where plain text goes; null likewise
   * @param depth of multiparts around the parts
   */
  sort(
    parts: readonly MimePart[],
    multipartType: string,
    inAlternative: boolean,
    html: MimePart[] | null,
    text: MimePart[] | null,
    depth: number,
  ): void {
    let htmlList = html
    let textList = text
    const textLength = text?.length ?? -1
    const htmlLength = html?.length ?? -1
    for (let index = 0; index < parts.length; index++) {
      const part = parts[index]!
      if (part.isDivided) {
        const subtype = part.contentType.mediaType.slice('multipart/'.length)
        if (depth === MAX_DEPTH) this.leaves.push(...[...walk(part)].filter(({ isDivided }) => !isDivided))
        else this.sort(part.parts, subtype, inAlternative || subtype === 'alternative', htmlList, textList, depth + 1)
        continue
      }
      this.leaves.push(part)
      if (!isInline(part, index, multipartType)) continue
      const mediaType = mediaTypeOf(part)
      if (multipartType === 'alternative') {
        if (mediaType === 'text/plain') textList?.push(part)
        else if (mediaType === 'text/html') htmlList?.push(part)
        continue
      }
      if (inAlternative) {
        if (mediaType === 'text/plain') htmlList = null
        if (mediaType === 'text/html') textList = null
      }
      textList?.push(part)
      htmlList?.push(part)
    }
    if (multipartType === 'alternative' && text !== null && html !== null) {
      // One form only: it stands for the other as well.
      if (textLength === text.length && htmlLength !== html.length) text.push(...html.slice(htmlLength))
      if (htmlLength === html.length && textLength !== text.length) html.push(...text.slice(textLength))
    }
  }
}

/**
 * True where a leaf may be a part of the text: RFC 8621 §4.1.4.
 *
 * @param index among the parts of its multipart
 * @param multipartType subtype of its multipart
 */
export function isInline(part: MimePart, index: number, multipartType: string): boolean {
  const mediaType = mediaTypeOf(part)
  const isText = mediaType === 'text/plain' || mediaType === 'text/html'
  if (!isText || part.isOpaque || part.disposition?.type === 'attachment') return false
  return index === 0 || (multipartType !== 'related' && !hasName(part))
}

function hasName(part: MimePart): boolean {
  const name = part.disposition?.parameters.get('filename') ?? part.contentType.parameters.get('name') ?? ''
  return name !== ''
}

/** How format=flowed text is read. */
export type FlowedMode = 'decode' | 'keep'

/** Text, and the files that were inside it. */
export interface ExtractedText {
  readonly text: string
  /** Files that a mailer before MIME put into the text, uuencoded. */
  readonly files: readonly Uuencoded[]
}

/** The texts of the parts, one after the other, each from its own line on. */
export function extractText(parts: readonly MimePart[], flowed: FlowedMode, onDefect: OnDefect): ExtractedText {
  let joined = ''
  const files: Uuencoded[] = []
  for (const part of parts) {
    const onPartDefect: OnDefect = (code, _, detail) => onDefect(code, part.offset, detail)
    const content = part.content(onDefect)
    const octets = mediaTypeOf(part) === 'text/plain' ? withoutUuencoded(content, files) : content
    let text = decodeText(octets, part.contentType, onPartDefect)
    // A second byte order mark is one as well as the first; as text nobody would see it, nor write it.
    if (text.startsWith('\ufeff')) text = text.replace(/^\ufeff+/, '')
    if (flowed === 'decode' && isFlowed(part)) text = decodeFlowed(text, part)
    joined += joined === '' || text === '' ? text : `\n${text}`
  }
  // One part may have the start of a file and the next its end; so may lines that flow into each other.
  const isPlain = parts.length > 0 && mediaTypeOf(parts[0]!) === 'text/plain'
  return { text: isPlain ? textWithoutUuencoded(joined, files) : joined, files }
}

function textWithoutUuencoded(text: string, files: Uuencoded[]): string {
  if (!text.includes('begin ')) return text
  const octets = utf8Bytes(text)
  const rest = withoutUuencoded(octets, files)
  return rest === octets ? text : utf8Text(rest)
}

/** What is left of plain text once the uuencoded files in it are moved to `files`. */
function withoutUuencoded(octets: Uint8Array, files: Uuencoded[]): Uint8Array {
  let rest = octets
  // What stood around a file may be one now. More layers than this nobody wrote.
  for (let layer = 0; layer < MAX_UUENCODED_LAYERS; layer++) {
    const outer = withoutOneLayer(rest, files)
    if (outer === rest) break
    rest = outer
  }
  return rest
}

const MAX_UUENCODED_LAYERS = 10

/** In all texts of a message; what is after them stays text. An empty one has 18 octets there, and some hundred as a file. */
const MAX_UUENCODED_FILES = 1000

function withoutOneLayer(octets: Uint8Array, files: Uuencoded[]): Uint8Array {
  if (!containsText(octets, 'begin ')) return octets
  const blocks = findUuencoded(octets, MAX_UUENCODED_FILES - files.length)
  if (blocks.length === 0) return octets
  const kept: Uint8Array[] = []
  let start = 0
  for (const block of blocks) {
    files.push(block)
    kept.push(octets.subarray(start, block.start))
    start = block.end
  }
  return concatBytes([...kept, octets.subarray(start)])
}

function isFlowed({ contentType: { mediaType, parameters } }: MimePart): boolean {
  return mediaType === 'text/plain' && parameters.get('format')?.toLowerCase() === 'flowed'
}

/**
 * Joins the lines of format=flowed text into paragraphs: RFC 3676 §4.
 *
 * Lines of another quote depth never join; "-- " before a signature is no flowed line; with DelSp the blank before a
 * soft break goes.
 */
function decodeFlowed(text: string, part: MimePart): string {
  const deletesSpace = part.contentType.parameters.get('delsp')?.toLowerCase() === 'yes'
  // Lines are joined block by block: a string for each of them takes ten times the octets of short lines.
  const blocks: string[] = []
  let pieces: string[] = []
  // Of the paragraph that goes on; -1 where none does.
  let depth = -1
  for (let start = 0, end = 0; end < text.length; start = end + 1) {
    const next = text.indexOf('\n', start)
    end = next === -1 ? text.length : next
    let index = start
    while (text.charCodeAt(index) === 0x3e) index++
    const lineDepth = index - start
    if (text.charCodeAt(index) === 0x20) index++
    const content = text.slice(index, end)
    const isSignature = content === '-- '
    const goesOn = depth === lineDepth && !isSignature
    if (!goesOn && start > 0) pieces.push('\n')
    const line = goesOn ? content : quote(lineDepth, content)
    const flows = content.endsWith(' ') && !isSignature && end < text.length
    pieces.push(flows && deletesSpace ? line.slice(0, -1) : line)
    depth = flows ? lineDepth : -1
    if (pieces.length > BLOCK_PIECES) {
      blocks.push(pieces.join(''))
      pieces = []
    }
  }
  return blocks.join('') + pieces.join('')
}

const BLOCK_PIECES = 4096

function quote(depth: number, content: string): string {
  if (depth === 0) return content
  return content === '' ? '>'.repeat(depth) : `${'>'.repeat(depth)} ${content}`
}
