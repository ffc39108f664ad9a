/**
 * UTF-8 (RFC 3629) and ASCII: whether octets are it, and their text.
 *
 * Node, Bun and Deno do this at the speed of memory. Of the npm package `buffer`, which bundlers put in the place of
 * node:buffer for browsers, nothing is asked: it does not have these checks, and decodes what is malformed in its own way.
 */
import * as nodeBuffer from 'node:buffer'
import { asBuffer } from './bytes.ts'

type Check = (octets: Uint8Array) => boolean

const { isAscii: nativeIsAscii, isUtf8: nativeIsUtf8 } = nodeBuffer as {
  readonly isAscii?: Check
  readonly isUtf8?: Check
}

/** Whether the octets are valid UTF-8: no overlong form, no surrogate. */
export const isUtf8: Check = nativeIsUtf8 ?? isUtf8ByDecoding

/** Whether no octet is above 127. */
export const isAscii: Check = nativeIsAscii ?? isAsciiByOctet

/**
 * The text from octet `start` on, its byte order mark included. One U+FFFD stands for each sequence that is malformed or
 * cut off, as the WHATWG Encoding standard cuts them.
 */
export const utf8Text: (octets: Uint8Array, start?: number) => string =
  nativeIsUtf8 === undefined ? utf8TextByDecoder : (octets, start) => asBuffer(octets).toString('utf8', start)

/** What {@link isUtf8} is where the platform has none of its own. */
export function isUtf8ByDecoding(octets: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(octets)
    return true
  } catch {
    return false
  }
}

/** What {@link isAscii} is where the platform has none of its own. */
export function isAsciiByOctet(octets: Uint8Array): boolean {
  for (let index = 0; index < octets.length; index++) if (octets[index]! > 127) return false
  return true
}

/** What {@link utf8Text} is where the platform has no Buffer of its own. */
export function utf8TextByDecoder(octets: Uint8Array, start = 0): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(octets.subarray(start))
}
