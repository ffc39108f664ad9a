import { crc32 as nativeCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32 } from '../../src/codec/crc32.ts'

test('of "123456789" is the check value of the standard', () => {
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926)
})

test('is that of zlib, from any start', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(0xffffffff), (octets, start) => {
      expect(crc32(octets)).toBe(nativeCrc32(octets))
      expect(crc32(octets, start)).toBe(nativeCrc32(octets, start))
    }),
  )
})
