/**
 * RTF as Outlook packs it into TNEF: compressed (MS-OXRTFCP), with HTML or text encapsulated in it (MS-OXRTFEX).
 */
import { Buffer } from 'node:buffer'
import { type Bytes, latin1Text, readUint32 } from '../codec/bytes.ts'
import { decodeCharset } from '../codec/charset.ts'
import { wellFormed } from '../codec/charset-table.ts'
import { crc32 } from '../codec/crc32.ts'
import type { OnDefect } from '../defect.ts'

/** The code page of RTF that names none. */
export const DEFAULT_CODE_PAGE = 1252

/* ---- compressed RTF: MS-OXRTFCP 2.1 ---- */

/** Compressed size, raw size, type and CRC. */
const RTF_HEADER_OCTETS = 16
/** "LZFu", little-endian. */
const RTF_COMPRESSED = 0x75465a4c
/** "MELA", little-endian. */
const RTF_UNCOMPRESSED = 0x414c454d

const DICTIONARY_OCTETS = 4096
/** What the dictionary contains at first: MS-OXRTFCP 2.1. */
const DICTIONARY_START =
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans ' +
  'SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx'
/** Most octets that one octet of input can become: a run of 17 octets holds eight references of 17 octets each. */
const MAX_EXPANSION = 8

/** How much larger RTF may be than what it was packed into, where it is larger than {@link MAX_EXPANDED_OCTETS}. */
const COMMON_EXPANSION = 3
const MAX_EXPANDED_OCTETS = 8 * 1024 * 1024

/** @returns undefined when there is no header; else what could be decompressed, at most the stated raw size */
export function decompressRtf(packed: Bytes, report: (detail: string) => void): Bytes | undefined {
  if (packed.length < RTF_HEADER_OCTETS) {
    report('truncated RTF')
    return undefined
  }
  const statedEnd = readUint32(packed, 0) + 4
  const rawSize = readUint32(packed, 4)
  const type = readUint32(packed, 8)
  if (type === RTF_UNCOMPRESSED) {
    if (RTF_HEADER_OCTETS + rawSize > packed.length) report('truncated RTF')
    return packed.subarray(RTF_HEADER_OCTETS, RTF_HEADER_OCTETS + rawSize)
  }
  if (type !== RTF_COMPRESSED) {
    report('unknown RTF compression')
    return undefined
  }
  if (statedEnd > packed.length) report('truncated RTF')
  const contents = packed.subarray(RTF_HEADER_OCTETS, Math.max(statedEnd, RTF_HEADER_OCTETS))
  // The CRC of MS-OXRTFCP is that of zlib without the inversions before and after.
  if (~crc32(contents, 0xffffffff) >>> 0 !== readUint32(packed, 12)) report('wrong RTF checksum')

  const dictionary = Buffer.alloc(DICTIONARY_OCTETS)
  let position = dictionary.write(DICTIONARY_START, 'latin1')
  const most = Math.min(
    contents.length * MAX_EXPANSION,
    Math.max(contents.length * COMMON_EXPANSION, MAX_EXPANDED_OCTETS),
  )
  const output = new Uint8Array(Math.min(rawSize, most))
  let length = 0
  let index = 0
  while (length < output.length && index < contents.length) {
    // One control octet for eight tokens, the lowest bit first; a set bit means a reference.
    let control = contents[index++]! | 0x100
    for (; control > 1 && length < output.length; control >>= 1) {
      if ((control & 1) === 0) {
        if (index >= contents.length) break
        const octet = contents[index++]!
        output[length++] = octet
        dictionary[position] = octet
        position = (position + 1) % DICTIONARY_OCTETS
        continue
      }
      if (index + 2 > contents.length) {
        index = contents.length
        break
      }
      const reference = (contents[index]! << 8) | contents[index + 1]!
      index += 2
      let source = reference >> 4
      if (source === position) {
        // A reference to the write position marks the end.
        if (length < rawSize) report('RTF shorter than stated')
        return output.subarray(0, length)
      }
      const end = Math.min(length + (reference & 0x0f) + 2, output.length)
      while (length < end) {
        const octet = dictionary[source]!
        source = (source + 1) % DICTIONARY_OCTETS
        output[length++] = octet
        dictionary[position] = octet
        position = (position + 1) % DICTIONARY_OCTETS
      }
    }
  }
  if (length < rawSize) report('RTF shorter than stated')
  return output.subarray(0, length)
}

/* ---- RTF and what it encapsulates: MS-OXRTFEX 2.2.3 ---- */

/** What an RTF document was made from; `'rtf'` when it was written as RTF. */
export interface RtfContent {
  readonly kind: 'html' | 'text' | 'rtf'
  readonly content: string
}

export const NO_RTF_CONTENT: RtfContent = { kind: 'rtf', content: '' }

const RTF_START = '{\\rtf'

/** What "{" saves and "}" restores. */
interface RtfGroup {
  /** In a destination without text. */
  hidden: boolean
  fontTable: boolean
  /** In `{\*\htmltag …}`: markup, not text. */
  htmlTag: boolean
  /** After `\htmlrtf`: RTF that was not in the HTML. */
  htmlRtf: boolean
  font: number
  /** Characters after `\uN` that repeat it for old readers: `\ucN`. */
  fallbackLength: number
}

/** Groups nested deeper are read as if they were not there; Outlook's nest a few dozen deep. */
const MAX_GROUP_DEPTH = 1000

/** Destinations with text that is not of the body, other than those that `\*` marks. */
const HIDDEN_DESTINATIONS: ReadonlySet<string> = new Set(
  (
    'colortbl filetbl fldinst fonttbl footer footerf footerl footerr footnote header headerf headerl headerr info nonshppict ' +
    'object pict private pntext rxe stylesheet tc txe xe'
  ).split(' '),
)

/** Control words and symbols that are text. MS-OXRTFEX 2.1.3.1.4.2 and the RTF Specification 1.9.1. */
const RTF_CHARACTERS: ReadonlyMap<string, string> = new Map([
  ['par', '\r\n'],
  ['line', '\r\n'],
  ['sect', '\r\n'],
  ['page', '\r\n'],
  ['row', '\r\n'],
  ['\r', '\r\n'],
  ['\n', '\r\n'],
  ['tab', '\t'],
  ['cell', '\t'],
  ['{', '{'],
  ['}', '}'],
  ['\\', '\\'],
  ['lquote', '\u2018'],
  ['rquote', '\u2019'],
  ['ldblquote', '\u201c'],
  ['rdblquote', '\u201d'],
  ['bullet', '\u2022'],
  ['endash', '\u2013'],
  ['emdash', '\u2014'],
  ['enspace', '\u2002'],
  ['emspace', '\u2003'],
  ['~', '\u00a0'],
  ['_', '\u00ad'],
])

/** `\fcharsetN` to a code page. 0 to 255 is a font's charset in Windows; 1 (default) and 2 (symbols) say nothing. */
const FONT_CODE_PAGES: ReadonlyMap<number, number> = new Map([
  [0, 1252],
  [77, 10000],
  [78, 10001],
  [79, 10003],
  [80, 10008],
  [81, 10002],
  [85, 10006],
  [86, 10081],
  [88, 10029],
  [89, 10007],
  [128, 932],
  [129, 949],
  [134, 936],
  [136, 950],
  [161, 1253],
  [162, 1254],
  [163, 1258],
  [177, 1255],
  [178, 1256],
  [186, 1257],
  [204, 1251],
  [222, 874],
  [238, 1250],
  [254, 437],
  [255, 850],
])

const BACKSLASH = 0x5c
const APOSTROPHE = 0x27
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/**
 * Reads the HTML or text that was turned into RTF, or the text of RTF that was written as such.
 *
 * Text outside of markup has "<" and ">" escaped: a writer puts those into `\*\htmltag` as references, so that others
 * would be text that turns into markup. Linear in the length; at most four characters for each octet.
 */
export class RtfReader {
  readonly #rtf: Uint8Array
  readonly #text: RtfText
  #kind: RtfContent['kind'] = 'rtf'
  /** The header ends with its first group or text. */
  #inHeader = true
  #codePage = DEFAULT_CODE_PAGE
  #defaultFont = 0
  /** Code pages of the fonts, and the font whose entry of the table is being read. */
  readonly #fonts = new Map<number, number>()
  #tableFont = 0
  #group: RtfGroup = { hidden: false, fontTable: false, htmlTag: false, htmlRtf: false, font: 0, fallbackLength: 1 }
  readonly #stack: RtfGroup[] = []
  /** Whether a control word here names the destination of its group, and whether `\*` is before it. */
  #destination: 'none' | 'possible' | 'ignorable' = 'none'
  /** Characters to skip after `\uN`. */
  #fallback = 0

  /** @param offset of the RTF in the TNEF body, for defects */
  constructor(rtf: Uint8Array, offset: number, onDefect: OnDefect) {
    this.#rtf = rtf
    this.#text = new RtfText(rtf.length, (code, _, detail) => onDefect(code, offset, detail))
  }

  read(): RtfContent {
    const rtf = this.#rtf
    if (latin1Text(rtf, 0, RTF_START.length) !== RTF_START) return NO_RTF_CONTENT
    let depth = 0
    for (let index = 0; index < rtf.length; ) {
      const octet = rtf[index]!
      if (octet === BACKSLASH) {
        index = this.#readControl(index + 1)
        continue
      }
      index++
      if (octet === OPEN_BRACE) {
        depth++
        if (depth > 1) this.#inHeader = false
        if (depth <= MAX_GROUP_DEPTH) {
          this.#stack.push(this.#group)
          this.#group = { ...this.#group }
        }
        this.#destination = 'possible'
        this.#fallback = 0
      } else if (octet === CLOSE_BRACE) {
        // What follows the document is no RTF.
        if (depth <= 1) break
        if (depth <= MAX_GROUP_DEPTH) this.#group = this.#stack.pop()!
        depth--
        this.#destination = 'none'
        this.#fallback = 0
      } else if (octet !== 0x0d && octet !== 0x0a) {
        this.#destination = 'none'
        this.#putOctet(octet)
      }
    }
    return { kind: this.#kind, content: this.#text.finish() }
  }

  /** @param start behind the backslash @returns where the next token starts */
  #readControl(start: number): number {
    const rtf = this.#rtf
    if (rtf[start] === APOSTROPHE) {
      const value = hexValue(rtf[start + 1]) * 16 + hexValue(rtf[start + 2])
      this.#destination = 'none'
      if (Number.isNaN(value)) return start + 1
      this.#putOctet(value)
      return start + 3
    }
    const { name, parameter, end } = readControlWord(rtf, start)
    if (name === '*') {
      if (this.#destination === 'possible') this.#destination = 'ignorable'
      return end
    }
    if (this.#fallback > 0) this.#fallback--
    else this.#obey(name, parameter)
    this.#destination = 'none'
    return name === 'bin' ? end + Math.max(0, parameter ?? 0) : end
  }

  #obey(name: string, parameter: number | undefined): void {
    const group = this.#group
    const isDestination = this.#destination !== 'none'
    if (this.#destination === 'ignorable') {
      if (name === 'htmltag' && this.#kind === 'html') group.htmlTag = true
      else group.hidden = true
    } else if (isDestination && HIDDEN_DESTINATIONS.has(name)) {
      group.hidden = true
    }
    const value = parameter ?? 1
    switch (name) {
      case 'ansicpg':
        if (value > 0) this.#codePage = value
        break
      case 'mac':
        this.#codePage = 10000
        break
      case 'pc':
        this.#codePage = 437
        break
      case 'pca':
        this.#codePage = 850
        break
      case 'fromhtml':
      case 'fromtext':
        if (this.#inHeader) this.#kind = name === 'fromhtml' ? 'html' : 'text'
        break
      case 'htmlrtf':
        group.htmlRtf = value !== 0
        break
      case 'fonttbl':
        if (isDestination) group.fontTable = true
        break
      case 'deff':
        this.#defaultFont = value
        group.font = value
        break
      case 'plain':
        group.font = this.#defaultFont
        break
      case 'f':
        if (group.fontTable) this.#tableFont = value
        else group.font = value
        break
      case 'fcharset':
        if (group.fontTable) this.#setFontCodePage(FONT_CODE_PAGES.get(value))
        break
      case 'cpg':
        if (group.fontTable) this.#setFontCodePage(value)
        break
      case 'uc':
        group.fallbackLength = Math.max(0, value)
        break
      case 'u':
        // A negative number is the code unit less 65536.
        this.#put(String.fromCharCode(value & 0xffff))
        this.#fallback = group.fallbackLength
        break
      default: {
        const characters = RTF_CHARACTERS.get(name)
        if (characters !== undefined) this.#put(characters)
      }
    }
  }

  #setFontCodePage(codePage: number | undefined): void {
    if (codePage !== undefined && codePage > 0) this.#fonts.set(this.#tableFont, codePage)
  }

  #isHidden(): boolean {
    return this.#group.hidden || (this.#kind === 'html' && this.#group.htmlRtf)
  }

  #isMarkup(): boolean {
    return this.#kind !== 'html' || this.#group.htmlTag
  }

  #put(characters: string): void {
    this.#inHeader = false
    if (this.#isHidden()) return
    if (characters === '<' && !this.#isMarkup()) this.#text.put('&lt;')
    else if (characters === '>' && !this.#isMarkup()) this.#text.put('&gt;')
    else this.#text.put(characters)
  }

  #putOctet(octet: number): void {
    if (this.#fallback > 0) {
      this.#fallback--
      return
    }
    this.#inHeader = false
    if ((octet === 0x3c || octet === 0x3e) && !this.#isMarkup()) {
      this.#put(String.fromCharCode(octet))
    } else if (!this.#isHidden()) {
      // MS-OXRTFEX 2.2.3.2: markup is in the default code page, text in that of its font.
      const fontCodePage = this.#group.htmlTag ? undefined : this.#fonts.get(this.#group.font)
      this.#text.putOctet(octet, fontCodePage ?? this.#codePage)
    }
  }
}

interface ControlWord {
  /** Letters, or the one character of a control symbol. */
  readonly name: string
  readonly parameter: number | undefined
  /** Behind the blank that belongs to the word. */
  readonly end: number
}

/** Digits of a parameter that count; more would not fit into 32 bits. */
const MAX_PARAMETER_DIGITS = 10

/** @param start behind the backslash */
function readControlWord(rtf: Uint8Array, start: number): ControlWord {
  let end = start
  while (isLetter(rtf[end])) end++
  if (end === start) {
    const name = start < rtf.length ? String.fromCharCode(rtf[start]!) : ''
    return { name, parameter: undefined, end: start + 1 }
  }
  // The longest word that means something here has nine letters.
  const name = String.fromCharCode(...rtf.subarray(start, Math.min(end, start + 32)))
  const isNegative = rtf[end] === 0x2d && isDigit(rtf[end + 1])
  if (isNegative) end++
  let parameter: number | undefined
  for (let digits = 0; isDigit(rtf[end]); digits++, end++) {
    if (digits < MAX_PARAMETER_DIGITS) parameter = (parameter ?? 0) * 10 + (rtf[end]! - 0x30)
  }
  if (isNegative && parameter !== undefined) parameter = -parameter
  return { name, parameter, end: rtf[end] === 0x20 ? end + 1 : end }
}

function isLetter(octet: number | undefined): boolean {
  return octet !== undefined && ((octet >= 0x61 && octet <= 0x7a) || (octet >= 0x41 && octet <= 0x5a))
}

function isDigit(octet: number | undefined): boolean {
  return octet !== undefined && octet >= 0x30 && octet <= 0x39
}

/** @returns NaN when it is no hexadecimal digit */
function hexValue(octet: number | undefined): number {
  return octet === undefined || !(isDigit(octet) || isLetter(octet))
    ? Number.NaN
    : Number.parseInt(String.fromCharCode(octet), 16)
}

/** Collects characters, and octets in changing code pages: the two octets of a character come one by one. */
class RtfText {
  readonly #pieces: string[] = []
  readonly #octets: Buffer
  #length = 0
  #codePage = DEFAULT_CODE_PAGE
  readonly #onDefect: OnDefect

  /** @param capacity octets that come at most */
  constructor(capacity: number, onDefect: OnDefect) {
    this.#octets = Buffer.allocUnsafe(capacity)
    this.#onDefect = onDefect
  }

  put(characters: string): void {
    this.#flush()
    this.#pieces.push(characters)
  }

  putOctet(octet: number, codePage: number): void {
    if (codePage !== this.#codePage) {
      this.#flush()
      this.#codePage = codePage
    }
    this.#octets[this.#length++] = octet
  }

  finish(): string {
    this.#flush()
    // Surrogates come as two \u each, and alone only from damaged RTF.
    return wellFormed(this.#pieces.join(''))
  }

  #flush(): void {
    if (this.#length === 0) return
    const octets = this.#octets.subarray(0, this.#length)
    this.#pieces.push(decodeCharset(octets, `cp${this.#codePage}`, 'header', this.#onDefect))
    this.#length = 0
  }
}
