/**
 * Decoding by table: UTF-8 as Node does it, everything else as iconv-lite does.
 *
 * Which label means which table is in ./charset.ts.
 */
import iconv from 'iconv-lite'
import { asBuffer } from './bytes.ts'
import { utf8Text } from './utf8.ts'

/** The octets by a table of iconv-lite; U+FFFD stands for what it does not have. */
export function decodeTable(octets: Uint8Array, name: string): string {
  return wellFormed(iconv.decode(asBuffer(octets), name as Parameters<typeof iconv.decode>[1]))
}

/** Whether the octets start with the byte order mark of UTF-8. */
export function startsWithUtf8Mark(octets: Uint8Array): boolean {
  return octets[0] === 0xef && octets[1] === 0xbb && octets[2] === 0xbf
}

/** UTF-8, without its byte order mark; U+FFFD stands for what is none. */
export function decodeUtf8(octets: Uint8Array): string {
  return utf8Text(octets, startsWithUtf8Mark(octets) ? 3 : 0)
}

/** The text with U+FFFD for each lone surrogate: `String.prototype.toWellFormed`, which ES2023 has not. */
export function wellFormed(text: string): string {
  // Not \p{Surrogate}: builds of Node without ICU reject that when they parse the file.
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
}
