/**
 * Charsets: octets in a labelled charset to text, and labels to charsets. RFC 2045 §5.2, RFC 2046 §4.1.2, RFC 2978.
 *
 * The tables of the 8-bit and double-byte charsets are those of iconv-lite. What it lacks is here, the labels that
 * mailers really write, and in ./iso-2022.ts. Mail is written in UTF-8 or US-ASCII only, so nothing here
 * encodes. The encoded-word around a label is in ../header/encoded-word.ts.
 */
import { Buffer } from 'node:buffer'
import iconv from 'iconv-lite'
import type { OnDefect } from '../defect.ts'
import { quoteForError } from '../errors.ts'
import { asBuffer, latin1Text } from './bytes.ts'
import { decodeTable, decodeUtf8, startsWithUtf8Mark, wellFormed } from './charset-table.ts'
import { decodeHz, decodeIso2022 } from './iso-2022.ts'
import { isAscii, isUtf8, utf8Text } from './utf8.ts'

/**
 * Where the text stands. UTF-7 is a charset in a `'body'` only.
 *
 * In a header it is refused as unknown: `=?utf-7?Q?+ADw-script+AD4-?=` carries markup past every filter that looks at
 * the octets, and RFC 2152 says itself that UTF-7 is not for headers.
 */
export type CharsetContext = 'header' | 'body'

/** Reads octets, never throws; U+FFFD stands for what the charset does not have. */
interface Charset {
  readonly decode: (octets: Uint8Array) => string
  /** Whether the octets 0x00 to 0x7F always mean US-ASCII. */
  readonly extendsAscii: boolean
}

/**
 * The text of the octets. Never throws.
 *
 * Without a label, or with one that says nothing ("8bit", "x-unknown"), 8-bit octets are UTF-8 if they are valid
 * UTF-8, else windows-1252. The label iso-8859-1 means windows-1252, as in the WHATWG Encoding Standard and in every
 * mailer since Outlook Express: C1 controls never occur in mail, typographic quotes do. A UTF-8 byte order mark at the
 * start outranks the label and is removed.
 *
 * Defects, all with offset 0: CHARSET_MISSING, CHARSET_UNKNOWN with the label as detail, CHARSET_UNDECODABLE.
 *
 * @param octets not modified, not kept
 * @param label the charset parameter as it came; case, quotes and decoration do not matter
 * @param context `'body'` allows UTF-7
 * @returns well-formed UTF-16: no lone surrogates
 */
export function decodeCharset(
  octets: Uint8Array,
  label: string | undefined,
  context: CharsetContext,
  onDefect?: OnDefect,
): string {
  let charset = label ? findCharset(label) : UNLABELLED
  if (charset === undefined || (charset === UTF_7 && context === 'header')) {
    onDefect?.('CHARSET_UNKNOWN', 0, quoteForError(label))
    charset = UNKNOWN
  }
  if (charset.extendsAscii && isAscii(octets)) return latin1Text(octets)
  if (charset === UNLABELLED) onDefect?.('CHARSET_MISSING', 0)
  if (charset === UTF_8) {
    // At the start of a header value U+FEFF is no byte order mark, but what somebody wrote.
    const text = context === 'header' ? utf8Text(octets) : decodeUtf8(octets)
    // U+FFFD may also be what the author wrote.
    if (text.includes('\ufffd') && !isUtf8(octets)) onDefect?.('CHARSET_UNDECODABLE', 0)
    return text
  }
  if (startsWithUtf8Mark(octets) && isUtf8(octets)) return decodeUtf8(octets)
  const text = charset.decode(octets)
  if (charset === US_ASCII || text.includes('\ufffd')) onDefect?.('CHARSET_UNDECODABLE', 0)
  return text
}

/** Whether {@link decodeCharset} knows the label, as it came, in a body. A label that says nothing is not known. */
export function isKnownCharset(label: string): boolean {
  const charset = findCharset(label)
  return charset !== undefined && charset !== UNLABELLED
}

/** Whether there is no label, or one that says as much: `unknown-8bit`, `x-user-defined` and the like. */
export function saysNothing(label: string | undefined): boolean {
  return !label || findCharset(label) === UNLABELLED
}

/* ---- labels ---- */

/** Longest label that is looked at, in characters; the longest registered one has 45. */
const MAX_LABEL_LENGTH = 64

function findCharset(label: string): Charset | undefined {
  if (label === 'utf-8' || label === 'UTF-8') return UTF_8
  const key = charsetKey(label)
  const charset = CHARSETS.get(key)
  if (charset !== undefined) return charset
  // iconv-lite's names have no prototype; "constructor" and "__proto__" are nothing to it.
  return REFUSED.has(key) || !iconv.encodingExists(key) ? undefined : tableCharset(key)
}

/**
 * The label reduced to what identifies it: lower-case letters and digits.
 *
 * Quotes, blanks and separators fall away, as do the year of `iso_8859-1:1987`, the language of RFC 2231 §5
 * (`utf-8*en`), and what a mailer glued on (`charset=utf-8`, `utf-8; format=flowed`). A code page, whoever numbers it, is
 * "cp" and its number.
 */
function charsetKey(label: string): string {
  return label
    .slice(0, MAX_LABEL_LENGTH)
    .toLowerCase()
    .replace(/^charset=/, '')
    .replace(/[*;,].*$|:[0-9]{4}/s, '')
    .replace(/[^0-9a-z]/g, '')
    .replace(/^x(?=cp|euc|gb|iso|jis|mac|sjis|unicode|utf|win|big5)/, '')
    .replace(/^8859/, 'iso8859')
    .replace(/^(?:windows|win|ibm|ms|dos|cp|codepage)?0*(?=[1-9][0-9]+$)/, 'cp')
}

function tableCharset(name: string): Charset {
  const replaced = REPLACED.get(name)
  return {
    decode: replaced === undefined ? octets => decodeTable(octets, name) : octets => replaceIn(octets, name, replaced),
    extendsAscii: !CHANGES_ASCII.has(name),
  }
}

/** A character of a table, and what stands for its octet since. */
type Replacement = readonly [old: string, replacement: string]

const EURO: Replacement = ['\u00a4', '\u20ac']

/** Tables that iconv-lite has from before Mac OS 8.5, which brought the euro; each old character stands in it once. */
const REPLACED: ReadonlyMap<string, readonly Replacement[]> = new Map([
  ['macroman', [EURO]],
  ['maciceland', [EURO]],
  ['maccroatian', [EURO]],
  ['macromania', [EURO]],
  ['maccyrillic', [EURO, ['\u00a2', '\u0490'], ['\u2202', '\u0491']]],
  ['macukraine', [EURO]],
  [
    'macgreek',
    [
      ['\u00ad', '\u20ac'],
      ['\ufffd', '\u00ad'],
    ],
  ],
])

function replaceIn(octets: Uint8Array, name: string, replaced: readonly Replacement[]): string {
  let text = decodeTable(octets, name)
  for (const [old, replacement] of replaced) text = text.replaceAll(old, replacement)
  return text
}

/** Names of iconv-lite that are no charsets of mail: transfer encodings, and the UTF-7 of IMAP mailbox names. */
const REFUSED: ReadonlySet<string> = new Set(['base64', 'hex', 'utf7imap'])

/** Tables of iconv-lite in which some octet below 0x80 is not US-ASCII. */
const CHANGES_ASCII: ReadonlySet<string> = new Set(
  (
    '864 cp864 csibm864 ibm864 cn csiso14jisc6220ro gb198880 iso646cn iso646jp isoir14 isoir57 jisc62201969ro jp ' +
    'tcvn tcvn5712 tcvn57121 viscii'
  ).split(' '),
)

const UTF_8: Charset = { decode: decodeUtf8, extendsAscii: true }
const US_ASCII: Charset = { decode: guessText, extendsAscii: true }
const UNLABELLED: Charset = { decode: guessText, extendsAscii: true }
const UNKNOWN: Charset = { decode: guessText, extendsAscii: true }
const WINDOWS_1252: Charset = { decode: decodeWindows1252, extendsAscii: true }
const UTF_7: Charset = { decode: decodeUtf7, extendsAscii: false }
const UTF_16: Charset = { decode: octets => decodeUtf16(octets, isLittleEndian(octets)), extendsAscii: false }
const UTF_16BE: Charset = { decode: octets => decodeUtf16(octets, false), extendsAscii: false }
const UTF_16LE: Charset = { decode: octets => decodeUtf16(octets, true), extendsAscii: false }
const UTF_32: Charset = { decode: octets => decodeTable(octets, 'utf32'), extendsAscii: false }
const UTF_32BE: Charset = { decode: octets => decodeTable(octets, 'utf32be'), extendsAscii: false }
const UTF_32LE: Charset = { decode: octets => decodeTable(octets, 'utf32le'), extendsAscii: false }
const ISO_2022_JP: Charset = { decode: octets => decodeIso2022(octets, 'eucjp'), extendsAscii: false }
const ISO_2022_KR: Charset = { decode: octets => decodeIso2022(octets, 'cp949'), extendsAscii: false }
const ISO_2022_CN: Charset = { decode: octets => decodeIso2022(octets, 'gb18030'), extendsAscii: false }
const HZ: Charset = { decode: decodeHz, extendsAscii: false }

/**
 * Keys of labels ({@link charsetKey}) that iconv-lite does not know, or for which mail needs another reading.
 *
 * A label gets the largest superset that mailers write under it, as in the WHATWG Encoding Standard: gb2312 is
 * gb18030, ks_c_5601 is code page 949, shift_jis is code page 932, iso-8859-9 is windows-1254.
 */
const CHARSETS: ReadonlyMap<string, Charset> = new Map(
  (
    [
      [UTF_8, 'utf8 utf unicode11utf8 unicode20utf8 u8 utf8mb4 utf8mb3 utf8n utf8bom cp65001 cesu8'],
      [
        US_ASCII,
        'usascii ascii us ascii7 ascii7bit ansix34 ansix341968 ansix341986 csascii iso646us iso646irv ' +
          'iso646irv1991 isoir6 cp367 cp20127 asciius iso646',
      ],
      // RFC 1428 has unknown-8bit; 8bit and 7bit are transfer encodings in the wrong place; x-user-defined is what
      // old browsers wrote for "whatever font the reader chose".
      [
        UNLABELLED,
        '7bit 8bit ascii8bit binary charset default none null unknown unknown8bit undefined userdefined xuserdefined ' +
          'xunknown',
      ],
      [
        WINDOWS_1252,
        'cp1252 ansi msansi ansi1252 cpansi iso88591 cp28591 iso8859 latin latin1 l1 isoir100 csisolatin1 cp819 ' +
          'iso88591windows30latin1',
      ],
      [UTF_7, 'utf7 unicode11utf7 unicode20utf7 cp65000 u7 csunicode11utf7'],
      [UTF_16, 'utf16 u16 ucs2 unicode csunicode iso10646ucs2 iso10646'],
      [UTF_16BE, 'utf16be unicodefffe ucs2be cp1201 unicodebigunmarked'],
      [UTF_16LE, 'utf16le unicodefeff ucs2le cp1200 unicodelittleunmarked'],
      [UTF_32, 'utf32 u32 ucs4 iso10646ucs4 csucs4'],
      [UTF_32BE, 'utf32be ucs4be cp12001'],
      [UTF_32LE, 'utf32le ucs4le cp12000'],
      [
        ISO_2022_JP,
        'iso2022jp csiso2022jp iso2022jpesc iso2022jpsio iso2022jp1 iso2022jp2 csiso2022jp2 iso2022jp3 iso2022jp2003 ' +
          'iso2022jp2004 iso2022jpext iso2022jpms iso2022 jis jis7 jis8 jisencoding csjisencoding cp50220 cp50221 ' +
          'cp50222 iso2022jpcp50220',
      ],
      [ISO_2022_KR, 'iso2022kr csiso2022kr cp50225'],
      [ISO_2022_CN, 'iso2022cn csiso2022cn iso2022cnext cp50227'],
      [HZ, 'hz hzgb hzgb2312 cp52936'],
      [
        tableCharset('gb18030'),
        'gb2312 gb231280 gb23121980 csgb2312 csiso58gb231280 isoir58 euccn eucgb2312cn gbk gb180302000 gb180302005 ' +
          'chinese cp936 cngb cngbisoir165 cp54936 cp51936 macchinesesimp ' +
          'macsimpchinese cp10008 gb18030',
      ],
      [
        tableCharset('big5hkscs'),
        'big5 big5tw big5eten big5hkscs big5hkscs2004 hkscs cnbig5 csbig5 xxbig5 cp950 cp951 ' +
          'macchinesetrad mactradchinese cp10002',
      ],
      [
        tableCharset('eucjp'),
        'eucjp ujis eucjpms eucjpwin eucjisx0213 eucjis2004 cp51932 cp20932 ' +
          'cseucpkdfmtjapanese cseucfixwidjapanese extendedunixcodepackedformatforjapanese',
      ],
      [
        tableCharset('shiftjis'),
        'shiftjis csshiftjis mskanji sjis windows31j cswindows31j ms31j mssjis cp932 cp943 ' +
          'cp943c sjiswin sjisx0213 sjis2004 shiftjis2004 shiftjisx0213 macjapanese cp10001',
      ],
      [
        tableCharset('cp949'),
        'euckr cseuckr isoir149 korean ksc5601 ksc56011987 ksc56011989 ksc56011992 csksc56011987 ksx1001 uhc cp949 ' +
          'cp51949 cp20949 mackorean cp10003',
      ],
      [tableCharset('cp874'), 'iso885911 iso8859112001 tis620 tis6200 tis62025291 thai isoir166'],
      [tableCharset('cp1254'), 'iso88599 iso885991989 latin5 l5 isoir148 csisolatin5 cp28599 turkish'],
      [tableCharset('iso88596'), 'iso88596e iso88596i csiso88596e csiso88596i'],
      [tableCharset('iso88598'), 'iso88598e iso88598i csiso88598e csiso88598i visual logical cp38598'],
      [tableCharset('iso88597'), 'suneugreek'],
      [tableCharset('iso885915'), 'csisolatin9 latin0 latineuro'],
      [tableCharset('koi8r'), 'koi koi8 koi8r koi8rus cskoi8r cp20866 cp878'],
      [tableCharset('koi8u'), 'koi8u koi8ru cp21866 cp1168'],
      [tableCharset('hproman8'), 'cp1051'],
      [tableCharset('cp866'), 'cp866u'],
      [tableCharset('cp1125'), 'ruscii'],
      [tableCharset('cp437'), 'oem437'],
      [tableCharset('cp850'), 'oem850'],
      [tableCharset('cp869'), 'cpgr'],
      [tableCharset('cp861'), 'cpis'],
      [tableCharset('macroman'), 'macroman macintosh mac csmacintosh cp10000'],
      [tableCharset('maccenteuro'), 'macce maccentraleurope maccentraleurroman maclatin2 cp10029'],
      [tableCharset('maccyrillic'), 'maccyrillic cp10007'],
      [tableCharset('macukraine'), 'macukrainian cp10017'],
      [tableCharset('macgreek'), 'cp10006'],
      [tableCharset('macturkish'), 'cp10081'],
      [tableCharset('maciceland'), 'macicelandic cp10079'],
      [tableCharset('rk1048'), 'kz1048 strk10482002 cskz1048'],
      [tableCharset('pt154'), 'ptcp154 csptcp154 cp154 cyrillicasian'],
    ] as const
  ).flatMap(([charset, keys]) => keys.split(' ').map(key => [key, charset] as const)),
)

/* ---- Unicode ---- */

/** UTF-8 if the octets are valid UTF-8, else windows-1252: other charsets are almost never valid UTF-8 by chance. */
function guessText(octets: Uint8Array): string {
  return isUtf8(octets) ? decodeUtf8(octets) : decodeWindows1252(octets)
}

/** Octets of UTF-7 that are decoded at once. */
const UTF_7_BLOCK_OCTETS = 65_536

/** In blocks: iconv-lite adds up one text of pieces, each of which V8 keeps until the whole is looked at. */
function decodeUtf7(octets: Uint8Array): string {
  const blocks: string[] = []
  for (let start = 0, end = 0; start < octets.length; start = end) {
    end = start + UTF_7_BLOCK_OCTETS
    // Whatever is not base64 ends it: after that, nothing depends on what came before.
    while (end < octets.length && isBase64(octets[end - 1]!)) end++
    // iconv-lite takes a byte order mark from each piece in base64 already.
    const block = iconv.decode(asBuffer(octets.subarray(start, end)), 'utf7', { stripBOM: false })
    // Copied, so that the pieces go.
    blocks.push(Buffer.from(block, 'utf16le').toString('utf16le'))
  }
  return wellFormed(blocks.join(''))
}

/** Letters, digits, "+" and "/". */
function isBase64(octet: number): boolean {
  const letter = octet | 0x20
  return (letter > 0x60 && letter < 0x7b) || (octet > 0x2e && octet < 0x3a) || octet === 0x2b
}

/** A byte order mark outranks both the label and `littleEndian`: mailers label the order of their own machine. */
function decodeUtf16(octets: Uint8Array, littleEndian: boolean): string {
  const bigMark = octets[0] === 0xfe && octets[1] === 0xff
  const evenLength = octets.length & ~1
  const words = asBuffer(octets.subarray(0, evenLength))
  const inOrder = bigMark || !(littleEndian || (octets[0] === 0xff && octets[1] === 0xfe))
  const text = (inOrder ? Buffer.from(words).swap16() : words).toString('utf16le')
  return withoutMark(wellFormed(evenLength === octets.length ? text : `${text}\ufffd`))
}

/** Octets that {@link isLittleEndian} looks at. */
const BYTE_ORDER_SAMPLE_OCTETS = 1024

/**
 * Whether more characters below U+0100 show up when read in little-endian order.
 *
 * RFC 2781 §4.3 reads unmarked UTF-16 as big-endian, and so it is in doubt; but what Windows programs write unmarked
 * is little-endian.
 */
function isLittleEndian(octets: Uint8Array): boolean {
  let balance = 0
  const end = Math.min(octets.length & ~1, BYTE_ORDER_SAMPLE_OCTETS)
  for (let index = 0; index < end; index += 2) {
    if (octets[index] === 0) balance--
    if (octets[index + 1] === 0) balance++
  }
  return balance > 0
}

function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}

/* ---- windows-1252 ---- */

/** windows-1252 from 0x80 to 0x9F; the five octets it leaves open are C1 controls, as WHATWG has them. */
const WINDOWS_1252_C1 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'

function decodeWindows1252(octets: Uint8Array): string {
  return latin1Text(octets).replace(/[\x80-\x9f]/g, octet => WINDOWS_1252_C1.charAt(octet.charCodeAt(0) - 0x80))
}

/* ---- HTML ---- */

/** Octets at the start of an HTML text in which its charset is looked for; WHATWG HTML says 1024, Exchange needs more. */
const HTML_PRESCAN_OCTETS = 4096

/**
 * The charset that an HTML text states about itself: byte order mark, `<meta charset>`, or the Content-Type of
 * `<meta http-equiv>`. For text/html without charset parameter: the parameter outranks it (RFC 2854 §6).
 *
 * @returns a label that {@link isKnownCharset}; undefined when the first 4096 octets state none. UTF-16 and UTF-32 in a
 *   `<meta>` that could be read mean UTF-8, and UTF-7 is not believed (WHATWG HTML, "prescan a byte stream").
 */
export function charsetOfHtml(octets: Uint8Array): string | undefined {
  if (startsWithUtf8Mark(octets)) return 'utf-8'
  if (octets[0] === 0xfe && octets[1] === 0xff) return 'utf-16be'
  if (octets[0] === 0xff && octets[1] === 0xfe) return 'utf-16le'
  const html = latin1Text(octets, 0, Math.min(octets.length, HTML_PRESCAN_OCTETS)).toLowerCase()
  for (let index = html.indexOf('<'); index !== -1; index = html.indexOf('<', index)) {
    if (html.startsWith('<!--', index)) {
      // "<!-->" is a whole comment.
      const end = html.indexOf('-->', index + 2)
      if (end === -1) return undefined
      index = end + 3
    } else if (/[a-z/]/.test(html.charAt(index + 1))) {
      const tag = readTag(html, index + 1)
      index = tag.end
      const label = tag.name === 'meta' ? charsetOfMeta(tag.attributes) : undefined
      if (label !== undefined && isKnownCharset(label)) {
        const charset = findCharset(label)
        if (charset !== UTF_7) return UTF_16_OR_32.has(charset) ? 'utf-8' : label
      }
    } else if (html.startsWith('<!', index) || html.startsWith('<?', index)) {
      const end = html.indexOf('>', index)
      if (end === -1) return undefined
      index = end + 1
    } else {
      index++
    }
  }
  return undefined
}

const UTF_16_OR_32: ReadonlySet<Charset | undefined> = new Set([UTF_16, UTF_16BE, UTF_16LE, UTF_32, UTF_32BE, UTF_32LE])

interface Tag {
  readonly name: string
  /** The first one of each name counts. */
  readonly attributes: ReadonlyMap<string, string>
  /** Where the tag ends, in characters. */
  readonly end: number
}

/** Reads a tag with its attributes, so that `<meta` inside an attribute value of another element is not taken. */
function readTag(html: string, start: number): Tag {
  const attributes = new Map<string, string>()
  // "/" ends a name at once: that of a closing tag is '', and it has attributes to be skipped only.
  let index = endOfName(html, start)
  const name = html.slice(start, index)
  while (index < html.length && html.charAt(index) !== '>') {
    if (isHtmlSpace(html, index) || html.charAt(index) === '/') {
      index++
      continue
    }
    // An attribute's name may begin with "=".
    const nameStart = index
    index = endOfName(html, index + 1)
    const attribute = html.slice(nameStart, index)
    while (isHtmlSpace(html, index)) index++
    let value = ''
    if (html.charAt(index) === '=') {
      index++
      while (isHtmlSpace(html, index)) index++
      const quote = html.charAt(index)
      const quoted = quote === '"' || quote === "'"
      const valueStart = quoted ? index + 1 : index
      if (quoted) {
        const end = html.indexOf(quote, valueStart)
        index = end === -1 ? html.length : end
      } else {
        while (index < html.length && !isHtmlSpace(html, index) && html.charAt(index) !== '>') index++
      }
      value = html.slice(valueStart, index)
      if (quoted) index++
    }
    if (!attributes.has(attribute)) attributes.set(attribute, value)
  }
  return { name, attributes, end: Math.min(index + 1, html.length) }
}

function endOfName(html: string, start: number): number {
  let index = start
  while (index < html.length && !isHtmlSpace(html, index) && !'/>='.includes(html.charAt(index))) index++
  return index
}

function isHtmlSpace(html: string, index: number): boolean {
  const code = html.charCodeAt(index)
  return code === 0x20 || (code >= 0x09 && code <= 0x0d && code !== 0x0b)
}

function charsetOfMeta(attributes: ReadonlyMap<string, string>): string | undefined {
  const charset = attributes.get('charset')
  if (charset !== undefined) return charset
  if (attributes.get('http-equiv') !== 'content-type') return undefined
  // The text is at most 4096 characters, and the class stops at the next blank or semicolon.
  return /charset[\t\n\f\r ]*=[\t\n\f\r ]*["']?([^\t\n\f\r ;"']*)/.exec(attributes.get('content') ?? '')?.[1]
}
