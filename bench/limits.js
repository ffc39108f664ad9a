/**
 * Limit loops: the least that any implementation on Node has to do, so that ratios to them say how much is left.
 *
 * They do none of the work around it: no header, no fold, no check.
 */
import { Buffer } from 'node:buffer'

/**
 * Node's own methods of a Buffer, which @types/node does not declare: without the work of finding out the encoding.
 *
 * @typedef {Buffer & {
 *   latin1Slice(start: number, end: number): string,
 *   base64Slice(start: number, end: number): string,
 *   latin1Write(text: string, offset: number): number,
 *   base64Write(text: string, offset: number): number,
 * }} NativeBuffer
 */

/** Octets that are encoded at once: 1,024 lines of 57. */
const ENCODE_SLICE = 57 * 1024
/** Characters that are decoded at once. */
const DECODE_SLICE = 64 * 1024

/**
 * A message in fresh memory costs its pages and one copy at least.
 *
 * @param {Uint8Array} finished
 * @returns {Uint8Array}
 */
export function allocateAndCopy(finished) {
  const target = Buffer.allocUnsafeSlow(finished.length)
  target.set(finished)
  return target
}

/**
 * base64 without line breaks, slice by slice, into memory that is there already.
 *
 * @param {Buffer} source
 * @param {Buffer} destination takes 4 octets for 3
 * @returns {number} octets written
 */
export function encodeWithoutFold(source, destination) {
  const octets = /** @type {NativeBuffer} */ (source)
  const target = /** @type {NativeBuffer} */ (destination)
  let end = 0
  for (let start = 0; start < octets.length; start += ENCODE_SLICE) {
    end += target.latin1Write(octets.base64Slice(start, Math.min(start + ENCODE_SLICE, octets.length)), end)
  }
  return end
}

/**
 * base64 decoded slice by slice into memory that is there already; what a slice cuts apart comes out wrong.
 *
 * @param {Buffer} source
 * @param {Buffer} destination
 * @returns {number} octets written
 */
export function decodeSlices(source, destination) {
  const body = /** @type {NativeBuffer} */ (source)
  const target = /** @type {NativeBuffer} */ (destination)
  let end = 0
  for (let start = 0; start < body.length; start += DECODE_SLICE) {
    end += target.base64Write(body.latin1Slice(start, Math.min(start + DECODE_SLICE, body.length)), end)
  }
  return end
}

/**
 * Finds every delimiter of a multipart.
 *
 * @param {Buffer} message
 * @param {Buffer} delimiter `"--" boundary`
 * @param {number} bodyStart where the search begins
 * @returns {number} how many there are
 */
export function findBoundary(message, delimiter, bodyStart) {
  let found = 0
  let index = message.indexOf(delimiter, bodyStart)
  while (index !== -1) {
    found++
    index = message.indexOf(delimiter, index + delimiter.length)
  }
  return found
}
