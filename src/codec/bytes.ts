/**
 * Octets: the byte types of the API, and the few whole-buffer operations that every layer needs.
 */
import { Buffer } from 'node:buffer'

/**
 * Octets that this library returns: a `Uint8Array` over a plain `ArrayBuffer`.
 *
 * Inputs are `Uint8Array`; outputs have this type, so that `new Blob([x])` and `fetch` bodies compile with every
 * TypeScript from 5.4 on.
 */
export type Bytes = ReturnType<typeof Uint8Array.of>

/** No octets. */
export const EMPTY: Bytes = new Uint8Array(0)

/** A new allocation of its own, not of Node's pool, that need not be cleared: the caller writes all of it. */
export function newBytes(length: number): Bytes {
  if (length <= CLEARED_LENGTH) return new Uint8Array(length)
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)
}

/** Up to so many octets memory that is cleared is to be had in less time than memory that is not. */
const CLEARED_LENGTH = 3072

/**
 * Makes the system give the memory that is written next, one octet of each page being set to 0: it gives memory page by
 * page at the first write, and to interrupt an encoder for each costs half as much again.
 */
export function touchPages(octets: Uint8Array, start: number, end: number): void {
  const stop = Math.min(end, octets.length)
  for (let offset = start; offset < stop; offset += PAGE_OCTETS) octets[offset] = 0
}

/** Octets of the smallest page there is. */
const PAGE_OCTETS = 4096

/** The same octets as a plain `Uint8Array`, whose `slice` copies. */
export function asPlainBytes(octets: Uint8Array): Uint8Array {
  return Buffer.isBuffer(octets) ? new Uint8Array(octets.buffer, octets.byteOffset, octets.byteLength) : octets
}

/** A `Buffer` over the same octets, not a copy: for its native search, slice and write methods. */
export function asBuffer(octets: Uint8Array): Buffer {
  return Buffer.isBuffer(octets) ? octets : Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
}

/** The octets of the text in UTF-8; lone surrogates become U+FFFD. A new allocation. */
export function utf8Bytes(text: string): Bytes {
  return Buffer.from(text, 'utf8') as Bytes
}

/** The octets of the text, one for each UTF-16 code unit, of which only the low 8 bits count. A new allocation. */
export function latin1Bytes(text: string): Bytes {
  return Buffer.from(text, 'latin1') as Bytes
}

/** The octets as text, one character U+0000 to U+00FF for each octet. */
export function latin1Text(octets: Uint8Array, start = 0, end: number = octets.length): string {
  if (latin1Slice === undefined) return asBuffer(octets).toString('latin1', start, end)
  const stop = Math.min(end, octets.length)
  return start < stop ? latin1Slice.call(octets, start, stop) : ''
}

/**
 * Decodes base64 as Node does: what is not of the alphabet is skipped, and "=" ends it.
 *
 * @returns octets written
 */
export function writeBase64(target: Uint8Array, text: string, offset: number): number {
  return base64Write === undefined
    ? asBuffer(target).write(text, offset, 'base64')
    : base64Write.call(target, text, offset, target.length - offset)
}

/** What `toString` and `write` call, without a Buffer around the octets, which takes longer than what is short. */
const { latin1Slice, base64Write } = Buffer.prototype as {
  readonly latin1Slice?: (this: Uint8Array, start: number, end: number) => string
  readonly base64Write?: (this: Uint8Array, text: string, offset: number, length: number) => number
}

/** The first `length` octets: a view where that wastes 5 % at most, else a copy. */
export function fitted(octets: Bytes, length: number): Bytes {
  if (length === 0) return EMPTY
  return octets.length - length <= octets.length / 20 ? octets.subarray(0, length) : octets.slice(0, length)
}

/** One new allocation with the octets of all chunks in order. */
export function concatBytes(chunks: readonly Uint8Array[]): Bytes {
  return Buffer.concat(chunks) as Uint8Array as Bytes
}

/** The unsigned number of 16 bits at `offset`, low octet first. */
export function readUint16(octets: Uint8Array, offset: number): number {
  return octets[offset]! | (octets[offset + 1]! << 8)
}

/** The unsigned number of 32 bits at `offset`, low octet first. */
export function readUint32(octets: Uint8Array, offset: number): number {
  return (readUint16(octets, offset) | (readUint16(octets, offset + 2) << 16)) >>> 0
}
