import { Buffer, isAscii as nativeIsAscii, isUtf8 as nativeIsUtf8 } from 'node:buffer'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { isAscii, isAsciiByOctet, isUtf8, isUtf8ByDecoding, utf8Text, utf8TextByDecoder } from '../../src/codec/utf8.ts'

test('is what the platform has', () => {
  expect([isUtf8, isAscii]).toEqual([nativeIsUtf8, nativeIsAscii])
  expect(utf8Text).not.toBe(utf8TextByDecoder)
})

describe('where the platform has none of it, as in browsers', () => {
  afterEach(() => {
    vi.doUnmock('node:buffer')
    vi.resetModules()
  })

  test('is done in the second way', async () => {
    vi.resetModules()
    vi.doMock('node:buffer', () => ({ Buffer, isAscii: undefined, isUtf8: undefined }))
    const utf8 = await import('../../src/codec/utf8.ts')
    expect(utf8.isUtf8).toBe(utf8.isUtf8ByDecoding)
    expect(utf8.isAscii).toBe(utf8.isAsciiByOctet)
    expect(utf8.utf8Text).toBe(utf8.utf8TextByDecoder)
  })
})

describe('the second way, for browsers', () => {
  test.each([
    ['nothing', []],
    ['ASCII and NUL', [0x61, 0x00, 0x7f]],
    ['two, three and four octets', [0xc3, 0xa5, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x99, 0x82]],
    ['a byte order mark', [0xef, 0xbb, 0xbf, 0x61]],
    ['an overlong form', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a sequence that is cut off', [0x61, 0xe2, 0x82]],
    ['a continuation octet alone', [0x80]],
    ['latin1', [0xe5, 0x6c]],
  ])('%s', (_, octets) => {
    const bytes = Uint8Array.from(octets)
    expect(isUtf8ByDecoding(bytes)).toBe(nativeIsUtf8(bytes))
    expect(isAsciiByOctet(bytes)).toBe(nativeIsAscii(bytes))
    expect(utf8TextByDecoder(bytes)).toBe(utf8Text(bytes))
  })

  test('a cut-off sequence is one U+FFFD, a byte order mark stays, and the text starts where it is told to', () => {
    for (const decode of [utf8Text, utf8TextByDecoder]) {
      expect(decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0xe2, 0x82, 0x62))).toBe('\ufeffa\ufffdb')
      expect(decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0xe2, 0x82, 0x62), 3)).toBe('a\ufffdb')
    }
  })

  test('any octets', () => {
    const octet = fc.oneof(fc.integer({ min: 0, max: 127 }), fc.constantFrom(0x80, 0xbf, 0xc3, 0xe2, 0xed, 0xf0, 0xff))
    fc.assert(
      fc.property(fc.array(octet, { maxLength: 6 }), octets => {
        const bytes = Uint8Array.from(octets)
        expect(isUtf8ByDecoding(bytes)).toBe(nativeIsUtf8(bytes))
        expect(isAsciiByOctet(bytes)).toBe(nativeIsAscii(bytes))
        expect(utf8TextByDecoder(bytes)).toBe(utf8Text(bytes))
      }),
      { numRuns: 2000 },
    )
  })
})
