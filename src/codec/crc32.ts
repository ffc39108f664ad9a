/**
 * CRC-32 of ISO 3309, as zlib, PNG and compressed RTF have it; node:zlib has it too, but browsers have no node:zlib.
 */

/** The remainders of all octets, bits in reflected order. */
const REMAINDERS: Uint32Array = Uint32Array.from({ length: 256 }, (_, octet) => {
  let remainder = octet
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? 0xedb88320 ^ (remainder >>> 1) : remainder >>> 1
  return remainder
})

/** @param crc what the checksum of the octets before these is, 0 at the start */
export function crc32(octets: Uint8Array, crc = 0): number {
  let remainder = ~crc
  for (let index = 0; index < octets.length; index++) {
    remainder = REMAINDERS[(remainder ^ octets[index]!) & 0xff]! ^ (remainder >>> 8)
  }
  return ~remainder >>> 0
}
