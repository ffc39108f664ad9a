import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import {
  asPlainBytes,
  fitted,
  latin1Text,
  newBytes,
  readUint16,
  readUint32,
  touchPages,
  writeBase64,
} from '../../src/codec/bytes.ts'

test('newBytes gives memory of its own, however large', () => {
  for (const length of [0, 1, 4096, 1_048_575, 1_048_576, 1_048_577]) {
    const octets = newBytes(length)
    expect([octets.length, octets.byteOffset, octets.buffer.byteLength]).toEqual([length, 0, length])
    expect(Buffer.isBuffer(octets)).toBe(false)
  }
})

test('fitted gives a view where that wastes 5 % at most, else memory of the right size', () => {
  const octets = Uint8Array.from({ length: 100 }, (_, index) => index)
  for (const length of [100, 96, 95, 94, 1, 0]) {
    const result = fitted(octets, length)
    expect([...result]).toEqual([...octets.subarray(0, length)])
    expect(result.buffer.byteLength).toBe(length >= 95 ? 100 : length)
    expect(result.buffer === octets.buffer).toBe(length >= 95)
  }
})

test('asPlainBytes gives the same octets as no Buffer', () => {
  const memory = Buffer.from('..text..', 'latin1')
  const plain = asPlainBytes(memory.subarray(2, 6))
  expect(Buffer.isBuffer(plain)).toBe(false)
  expect(plain).toEqual(Uint8Array.of(0x74, 0x65, 0x78, 0x74))
  expect(plain.buffer).toBe(memory.buffer)
  const octets = Uint8Array.of(1)
  expect(asPlainBytes(octets)).toBe(octets)
})

test('numbers are unsigned, and read with the low octet first', () => {
  const octets = Uint8Array.of(0x12, 0x01, 0x02, 0x03, 0xf4)
  expect(readUint16(octets, 1)).toBe(0x0201)
  expect(readUint16(octets, 3)).toBe(0xf403)
  expect(readUint32(octets, 1)).toBe(0xf4030201)
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 8 }), source => {
      const view = new DataView(source.buffer)
      const offset = source.length - 4
      expect(readUint16(source, offset)).toBe(view.getUint16(offset, true))
      expect(readUint32(source, offset)).toBe(view.getUint32(offset, true))
    }),
  )
})

test('latin1Text is what Buffer gives, wherever start and end are', () => {
  const octets = Uint8Array.from({ length: 300 }, (_, index) => index)
  expect(latin1Text(octets)).toBe(Buffer.from(octets).toString('latin1'))
  fc.assert(
    fc.property(fc.nat(400), fc.nat(400), (start, end) => {
      expect(latin1Text(octets, start, end)).toBe(Buffer.from(octets).toString('latin1', start, end))
    }),
  )
})

test('writeBase64 writes what Buffer writes, and no more than there is room for', () => {
  for (const text of ['aGVsbG8=', 'aGVs\r\nbG8', 'a-b_', '=', '', 'aGVsbG8'.repeat(9)]) {
    const [own, other] = [new Uint8Array(20).fill(1), Buffer.alloc(20, 1)]
    expect(writeBase64(own, text, 3)).toBe(other.write(text, 3, 'base64'))
    expect(own).toEqual(new Uint8Array(other))
  }
})

test('without the native methods that Node does not document it is the same', async () => {
  const native = Buffer.prototype as { latin1Slice?: unknown; base64Write?: unknown }
  const { latin1Slice, base64Write } = native
  vi.resetModules()
  Object.assign(native, { latin1Slice: undefined, base64Write: undefined })
  const other = await import('../../src/codec/bytes.ts').finally(() =>
    Object.assign(native, { latin1Slice, base64Write }),
  )
  expect(other.latin1Text).not.toBe(latin1Text)
  const octets = Uint8Array.from({ length: 300 }, (_, index) => index)
  for (const [start, end] of [
    [0, 300],
    [250, 260],
    [5, 4],
    [290, 400],
  ] as const) {
    expect(other.latin1Text(octets, start, end)).toBe(latin1Text(octets, start, end))
  }
  for (const text of ['aGVsbG8=', 'a-b_', 'aGVsbG8'.repeat(9)]) {
    const [own, theirs] = [new Uint8Array(20), new Uint8Array(20)]
    expect(other.writeBase64(theirs, text, 3)).toBe(writeBase64(own, text, 3))
    expect(theirs).toEqual(own)
  }
})

test('touchPages writes within what it is told', () => {
  const octets = new Uint8Array(20_000).fill(1)
  touchPages(octets, 5000, 12_000)
  const touched = [...octets.keys()].filter(index => octets[index] === 0)
  expect(touched).toEqual([5000, 9096])
  touchPages(octets, 19_999, 40_000)
  expect(octets[19_999]).toBe(0)
})
