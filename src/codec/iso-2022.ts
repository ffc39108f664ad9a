/**
 * Charsets that change their meaning by escape sequences: ISO 2022 (ECMA-35; RFC 1468, RFC 1554, RFC 1557, RFC 1922)
 * and HZ (RFC 1843).
 *
 * iconv-lite has their tables under other names, and nothing that reads the escapes.
 */
import { Buffer } from 'node:buffer'
import { latin1Text } from './bytes.ts'
import { decodeTable, decodeUtf8 } from './charset-table.ts'
import { isUtf8 } from './utf8.ts'

/** A graphic set that can be designated, and where its characters stand in an 8-bit charset of iconv-lite. */
interface GraphicSet {
  /** Octets of a character. */
  readonly size: 1 | 2
  /** The iconv-lite charset that has the set in its upper half; undefined when no table has it. */
  readonly table: string | undefined
  /** The single shift that goes before each character there; 0 for none. */
  readonly shift: number
}

const ASCII_SET: GraphicSet = { size: 1, table: undefined, shift: 0 }
/** JIS X 0201 Roman: US-ASCII but for two characters. */
const ROMAN_SET: GraphicSet = { size: 1, table: undefined, shift: 0 }
const KATAKANA_SET: GraphicSet = { size: 1, table: 'eucjp', shift: 0x8e }
const JIS_X_0208_SET: GraphicSet = { size: 2, table: 'eucjp', shift: 0 }
const JIS_X_0212_SET: GraphicSet = { size: 2, table: 'eucjp', shift: 0x8f }
const GB_2312_SET: GraphicSet = { size: 2, table: 'gb18030', shift: 0 }
const KS_X_1001_SET: GraphicSet = { size: 2, table: 'cp949', shift: 0 }
const LATIN_1_SET: GraphicSet = { size: 1, table: 'iso88591', shift: 0 }
const GREEK_SET: GraphicSet = { size: 1, table: 'iso88597', shift: 0 }
/** A double-byte set without a table: each character becomes one U+FFFD, and what follows is read rightly. */
const FOREIGN_SET: GraphicSet = { size: 2, table: undefined, shift: 0 }

/** What follows ESC, to the element that it designates (G0 to G3) and the set. */
const DESIGNATIONS: ReadonlyMap<string, readonly [element: 0 | 1 | 2 | 3, set: GraphicSet]> = new Map([
  ['(B', [0, ASCII_SET]],
  ['(J', [0, ROMAN_SET]],
  // QUIRK: ESC ( H is registered for Swedish, yet old Japanese mailers wrote it for JIS X 0201 Roman.
  ['(H', [0, ROMAN_SET]],
  ['(I', [0, KATAKANA_SET]],
  [')I', [1, KATAKANA_SET]],
  ['$@', [0, JIS_X_0208_SET]],
  ['$B', [0, JIS_X_0208_SET]],
  ['$(@', [0, JIS_X_0208_SET]],
  ['$(B', [0, JIS_X_0208_SET]],
  ['$(D', [0, JIS_X_0212_SET]],
  // Plane 1 of JIS X 0213 is JIS X 0208 with its gaps filled; the fillings are lost, the rest is right.
  ['$(O', [0, JIS_X_0208_SET]],
  ['$(Q', [0, JIS_X_0208_SET]],
  ['$(P', [0, FOREIGN_SET]],
  ['$A', [0, GB_2312_SET]],
  ['$(A', [0, GB_2312_SET]],
  ['$)A', [1, GB_2312_SET]],
  ['$(C', [0, KS_X_1001_SET]],
  ['$)C', [1, KS_X_1001_SET]],
  ['$)E', [1, FOREIGN_SET]],
  ['$)G', [1, FOREIGN_SET]],
  ['$*H', [2, FOREIGN_SET]],
  ['$+I', [3, FOREIGN_SET]],
  ['.A', [2, LATIN_1_SET]],
  ['.F', [2, GREEK_SET]],
])

/** G1 before any designation. For Japanese these are the katakana of code page 50222. */
const SHIFTED_SETS: Readonly<Record<MultibyteTable, GraphicSet>> = {
  eucjp: KATAKANA_SET,
  cp949: KS_X_1001_SET,
  gb18030: GB_2312_SET,
}

/** The tables of iconv-lite that the two-octet sets are in. */
export type MultibyteTable = 'eucjp' | 'cp949' | 'gb18030'

const LF = 0x0a
const SHIFT_OUT = 0x0e
const SHIFT_IN = 0x0f
const ESCAPE = 0x1b

/**
 * Reads any charset of the ISO 2022 family by its escape sequences, whichever of them the label names.
 *
 * The graphic sets are rewritten into the upper half of EUC-JP, code page 949 or GB 18030, whose tables iconv-lite
 * has; one table serves as long as the sets do not change.
 *
 * @param table the charset of stray 8-bit octets; for EUC-JP these are half-width katakana (JIS8, code page 50220)
 */
export function decodeIso2022(octets: Uint8Array, table: MultibyteTable): string {
  // Other charsets under this label, most of all UTF-8, have no escapes.
  if (!octets.includes(ESCAPE) && !octets.includes(SHIFT_OUT) && isUtf8(octets)) return decodeUtf8(octets)
  const output = new SegmentedText(octets.length, table)
  // RFC 1557 designates G1 once, on the first line; a header, and a reply that quotes half of a text, have lost that.
  const elements = [ASCII_SET, SHIFTED_SETS[table], ASCII_SET, ASCII_SET]
  let locked: 0 | 1 = 0
  for (let index = 0; index < octets.length; ) {
    const octet = octets[index]!
    let set = elements[locked]!
    let start = index
    if (octet === ESCAPE) {
      const sequence = readEscape(octets, index + 1)
      const designation = DESIGNATIONS.get(sequence)
      if (designation !== undefined || sequence === '&@') {
        // ESC & @ announces the 1990 edition of the JIS X 0208 that follows.
        if (designation !== undefined) elements[designation[0]] = designation[1]
        index += 1 + sequence.length
        continue
      }
      const next = octets[index + 1]
      if (next !== 0x4e && next !== 0x4f) {
        output.replacement()
        index++
        continue
      }
      // ESC N and ESC O, SS2 and SS3: the next character is from G2 or G3.
      set = elements[next - 0x4c]!
      start = index + 2
    } else if (octet === SHIFT_OUT || octet === SHIFT_IN) {
      locked = octet === SHIFT_OUT ? 1 : 0
      index++
      continue
    } else if (octet < 0x21 || octet === 0x7f) {
      // RFC 1557 and RFC 1554: shifts and G2 end with the line. G0 does not, though RFC 1468 wants US-ASCII at the end
      // of a line: mailers that wrap lines of their own forget that, and browsers read on as well.
      if (octet === LF) {
        locked = 0
        elements[2] = ASCII_SET
      }
      output.octet(octet)
      index++
      continue
    } else if (octet >= 0x80) {
      output.stray(octet)
      index++
      continue
    }
    const end = start + set.size
    if (!isGraphic(octets, start, end, set.size === 2 ? 0x21 : 0x20)) {
      // The second half is missing; a control or escape in its place keeps its meaning.
      output.replacement()
      index = start === index ? index + 1 : start
    } else {
      output.character(set, octets, start)
      index = end
    }
  }
  return output.finish()
}

/** Intermediates and final octet of an escape sequence (ECMA-35 §13), at most four; `''` for none. */
function readEscape(octets: Uint8Array, start: number): string {
  let end = start
  while (end < start + 3 && octets[end]! >= 0x20 && octets[end]! <= 0x2f) end++
  return octets[end]! >= 0x30 && octets[end]! <= 0x7e ? latin1Text(octets, start, end + 1) : ''
}

/** Whether all octets from start to end exist and, without their high bit, are from `lowest` to 0x7E. */
function isGraphic(octets: Uint8Array, start: number, end: number, lowest: number): boolean {
  for (let index = start; index < end; index++) {
    const octet = octets[index]
    if (octet === undefined || (octet & 0x7f) < lowest || (octet & 0x7f) === 0x7f) return false
  }
  return true
}

/** Collects octets of one table after the other, and decodes them whenever the table changes. */
class SegmentedText {
  #text = ''
  #length = 0
  #table: string
  readonly #strayTable: string
  readonly #octets: Buffer

  /** @param octets of input; each may become two here, for the single shift before it */
  constructor(octets: number, strayTable: string) {
    this.#octets = Buffer.allocUnsafe(2 * octets)
    this.#table = strayTable
    this.#strayTable = strayTable
  }

  /** An octet that means the same in all tables. */
  octet(octet: number): void {
    this.#octets[this.#length++] = octet
  }

  stray(octet: number): void {
    this.#use(this.#strayTable)
    if (this.#strayTable === 'eucjp') this.octet(KATAKANA_SET.shift)
    this.octet(octet)
  }

  character(set: GraphicSet, octets: Uint8Array, start: number): void {
    const octet = octets[start]!
    if (set === ROMAN_SET && (octet === 0x5c || octet === 0x7e)) this.#literal(octet === 0x5c ? '\u00a5' : '\u203e')
    else if (set === FOREIGN_SET) this.replacement()
    else if (set.table === undefined) this.octet(octet)
    else {
      this.#use(set.table)
      if (set.shift !== 0) this.octet(set.shift)
      this.octet(octet | 0x80)
      if (set.size === 2) this.octet(octets[start + 1]! | 0x80)
    }
  }

  replacement(): void {
    this.#literal('\ufffd')
  }

  finish(): string {
    this.#flush()
    return this.#text
  }

  #use(table: string): void {
    if (table === this.#table) return
    this.#flush()
    this.#table = table
  }

  #literal(text: string): void {
    this.#flush()
    this.#text += text
  }

  #flush(): void {
    if (this.#length === 0) return
    this.#text += decodeTable(this.#octets.subarray(0, this.#length), this.#table)
    this.#length = 0
  }
}

/** `~{` starts GB 2312 in seven bits and `~}` ends it, `~~` is a tilde, and `~` before a line break joins the lines. */
export function decodeHz(octets: Uint8Array): string {
  const output = Buffer.allocUnsafe(octets.length)
  let length = 0
  let chinese = false
  for (let index = 0; index < octets.length; index++) {
    const octet = octets[index]!
    const next = octets[index + 1]
    if (octet === 0x7e && (next === 0x7b || next === 0x7d || (next === 0x7e && !chinese) || next === LF)) {
      if (next === 0x7e) output[length++] = octet
      else chinese = next === 0x7b
      index++
    } else if (chinese && octet > 0x20 && octet < 0x7f && next !== undefined && next > 0x20 && next < 0x7f) {
      output[length++] = octet | 0x80
      output[length++] = next | 0x80
      index++
    } else {
      // Some writers leave out the ~} at the end of a line; no GB text has line breaks inside.
      if (octet === LF) chinese = false
      output[length++] = octet
    }
  }
  return decodeTable(output.subarray(0, length), 'gb18030')
}
