import { Buffer } from 'node:buffer'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  BASE64_LINE_OCTETS,
  Base64Decoder,
  checkBase64Text,
  decodeBase64,
  decodeBase64Text,
  encodeBase64Folded,
  foldBase64Text,
  foldedBase64Length,
  stripBase64Whitespace,
} from '../../src/codec/base64.ts'
import { FOLD_LINES, lineFolder } from '../../src/codec/base64-fold.ts'
import { latin1Bytes, latin1Text } from '../../src/codec/bytes.ts'
import type { DefectCode } from '../../src/defect.ts'
import { slowCheck, slowDecode, slowEncodeFolded, slowFold } from './slow/base64.ts'
import { cutAt, cuts } from './slow/chunks.ts'
import { growthRatio } from './slow/growth.ts'

/** RFC 4648 §10. */
const VECTORS = [
  ['', ''],
  ['f', 'Zg=='],
  ['fo', 'Zm8='],
  ['foo', 'Zm9v'],
  ['foob', 'Zm9vYg=='],
  ['fooba', 'Zm9vYmE='],
  ['foobar', 'Zm9vYmFy'],
] as const

/** Octets that do not repeat soon, the same ones each time. */
function noise(length: number): Uint8Array {
  let state = 0x9e3779b9
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return state >>> 24
  })
}

/** The folded form, written into the middle of a larger target whose other octets must survive. */
function encodeFolded(source: Uint8Array, margin = 3): string {
  const length = foldedBase64Length(source.length)
  const target = new Uint8Array(length + 2 * margin).fill(0xaa)
  expect(encodeBase64Folded(source, target, margin)).toBe(margin + length)
  expect(target.subarray(0, margin).every(octet => octet === 0xaa)).toBe(true)
  expect(target.subarray(margin + length).every(octet => octet === 0xaa)).toBe(true)
  return latin1Text(target, margin, margin + length)
}

function foldText(text: string): string {
  const target = new Uint8Array(text.length * 2)
  return latin1Text(target, 0, foldBase64Text(text, target, 0))
}

function strip(text: string): string {
  return stripBase64Whitespace(text, checkBase64Text(text))
}

interface Decoded {
  octets: number[]
  defects: { code: DefectCode; offset: number }[]
}

function decode(source: Uint8Array): Decoded {
  const defects: Decoded['defects'] = []
  const octets = decodeBase64(source, (code, offset) => defects.push({ code, offset }))
  return { octets: [...octets], defects }
}

function decodeChunks(chunks: readonly Uint8Array[]): Decoded {
  const defects: Decoded['defects'] = []
  const decoder = new Base64Decoder((code, offset) => defects.push({ code, offset }))
  const results = chunks.map(chunk => decoder.push(chunk))
  return { octets: [...Buffer.concat([...results, decoder.end()])], defects }
}

const text = (octets: Uint8Array) => latin1Text(octets)

describe('encodeBase64Folded', () => {
  test.each(VECTORS)('RFC 4648 §10: %j gives %j', (source, encoded) => {
    expect(encodeFolded(latin1Bytes(source))).toBe(encoded)
  })

  test('gives lines of 76 characters with CRLF between them and none after the last', () => {
    for (let length = 0; length <= 300; length++) {
      const source = noise(length)
      expect(encodeFolded(source)).toBe(slowEncodeFolded(source))
    }
  })

  test('gives the same below and above the size from which the kernel folds, and around its slices', () => {
    for (const lines of [1, 578, 579, FOLD_LINES - 1, FOLD_LINES, FOLD_LINES + 1, 2 * FOLD_LINES]) {
      for (const surplus of [-2, -1, 0, 1, 2, 57]) {
        const source = noise(lines * BASE64_LINE_OCTETS + surplus)
        expect(encodeFolded(source) === slowEncodeFolded(source)).toBe(true)
      }
    }
  })

  test('gives one call for pieces of whole lines, with CRLF between them', () => {
    const source = noise(200_000)
    const whole = encodeFolded(source)
    for (const lines of [1, 2, 7, 500, 1024, 1500]) {
      const pieces: string[] = []
      for (let start = 0; start < source.length; start += lines * BASE64_LINE_OCTETS) {
        pieces.push(encodeFolded(source.subarray(start, start + lines * BASE64_LINE_OCTETS)))
      }
      expect(pieces.join('\r\n') === whole).toBe(true)
    }
  })

  test('reads a view that does not begin where its memory does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.nat(7), (source, shift) => {
        const shifted = new Uint8Array(source.length + shift)
        shifted.set(source, shift)
        expect(encodeFolded(shifted.subarray(shift))).toBe(slowEncodeFolded(source))
      }),
    )
  })
})

describe('the fold kernel', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.resetModules()
  })

  test('is there on this runtime, and writes 78 octets for each line of 76', () => {
    const folder = lineFolder()
    expect(folder).not.toBeNull()
    const characters = Buffer.from(noise(FOLD_LINES * BASE64_LINE_OCTETS)).toString('base64')
    for (const lines of [0, 1, 2, 3, 57, FOLD_LINES]) {
      folder!.text.write(characters, 0, 'latin1')
      const folded = latin1Text(folder!.fold(lines), 0, lines * 78)
      expect(folded === slowFold(`${characters.slice(0, lines * 76)}`) + (lines > 0 ? '\r\n' : '')).toBe(true)
    }
  })

  test('is compiled once', () => {
    expect(lineFolder()).toBe(lineFolder())
  })

  test('is done without, where WebAssembly is missing or fails', async () => {
    const failing = {
      Module: class {
        constructor() {
          throw new RangeError('WebAssembly.Memory(): could not allocate memory')
        }
      },
    }
    for (const WebAssembly of [undefined, failing]) {
      vi.resetModules()
      vi.stubGlobal('WebAssembly', WebAssembly)
      const fold = await import('../../src/codec/base64-fold.ts')
      const base64 = await import('../../src/codec/base64.ts')
      expect(fold.lineFolder()).toBeNull()
      const source = noise(150_001)
      const target = new Uint8Array(foldedBase64Length(source.length))
      base64.encodeBase64Folded(source, target, 0)
      expect(text(target) === slowEncodeFolded(source)).toBe(true)
    }
  })
})

describe('foldBase64Text', () => {
  test('folds as if it had decoded and encoded', () => {
    for (const length of [0, 1, 2, 3, 56, 57, 58, 113, 114, 115, 300, 58_368, 58_369, 150_000]) {
      const source = noise(length)
      expect(foldText(Buffer.from(source).toString('base64')) === slowEncodeFolded(source)).toBe(true)
    }
  })

  test('folds what is left without white space, wherever that was', () => {
    const source = noise(120_000)
    const base64 = Buffer.from(source).toString('base64')
    for (const places of [[5], [0, 76, 152], [70_000], [65_535, 65_536], [base64.length]]) {
      let spaced = ''
      let last = 0
      for (const place of places) {
        spaced += `${base64.slice(last, place)}\r\n \t`
        last = place
      }
      expect(foldText(strip(spaced + base64.slice(last))) === slowEncodeFolded(source)).toBe(true)
    }
  })

  test('gives one call for pieces of whole lines, with CRLF between them', () => {
    const base64 = Buffer.from(noise(100_000)).toString('base64')
    for (const lines of [1, 3, 700, 1024]) {
      const pieces = base64.match(new RegExp(`.{1,${lines * 76}}`, 'g')) ?? []
      expect(pieces.map(foldText).join('\r\n') === slowFold(base64)).toBe(true)
    }
  })
})

describe('stripBase64Whitespace', () => {
  test('gives back text without white space as it is', () => {
    expect(strip('Zm9v')).toBe('Zm9v')
    expect(strip('')).toBe('')
    expect(strip('Zg==')).toBe('Zg==')
  })

  test('takes away space, tab, CR and LF, and nothing else', () => {
    expect(strip(' Zm\r\n9\tv')).toBe('Zm9v')
    expect(strip('Zg=\n=')).toBe('Zg==')
    expect(stripBase64Whitespace(' Zm\r\n9\tv\u00a0', 4)).toBe('Zm9v\u00a0')
    const long = 'QUJD'.repeat(50_000)
    expect(strip(long.replace(/.{76}/g, '$&\r\n')) === long).toBe(true)
  })
})

describe('checkBase64Text', () => {
  test.each(VECTORS)('RFC 4648 §10: %j is the length of %j', (source, encoded) => {
    expect(checkBase64Text(encoded)).toBe(source.length)
  })

  test.each([
    ['white space anywhere', ' Z\tg =\r\n=\n', 1],
    ['white space only', ' \r\n', 0],
    ['white space at the end', 'Zg==\t \n\r\t', 1],
    ['trailing bits that are not zero', 'Zh==', 1],
    ['trailing bits that are not zero', 'Zm9=', 2],
    ['+ and /', '+/+/', 3],
    ['§5 alphabet', 'ab-_', -1],
    ['§5 alphabet', 'abc_', -1],
    ['missing padding', 'Zg', -1],
    ['missing padding', 'Zg=', -1],
    ['missing padding', 'Zm8', -1],
    ['one character', 'Z', -1],
    ['one character more', 'Zm9vZ', -1],
    ['one character and padding', 'Z===', -1],
    ['padding only', '=', -1],
    ['padding only', '==', -1],
    ['padding only', '====', -1],
    ['padding after whole quanta', 'Zm9v=', -1],
    ['padding after whole quanta', 'Zm9v==', -1],
    ['padding after whole quanta', 'Zm9v===', -1],
    ['padding after whole quanta', 'Zm9v====', -1],
    ['padding only', '===', -1],
    ['too much padding', 'Zm8==', -1],
    ['padding inside', 'Zg==Zg==', -1],
    ['padding inside', 'Zm=vZm9v', -1],
    ['junk', 'Zm9!', -1],
    ['junk', 'Zm\u000bv', -1],
    ['junk', 'Zm\u0000v', -1],
    ['Latin-1', 'Zm9\u00e9', -1],
    ['a character whose low octet is "A"', 'Zm9\u0141', -1],
    ['a character whose low octet is "A"', 'Zm9\ud841', -1],
    ['non-breaking space', 'Zm\u00a09v', -1],
  ])('%s: %j gives %i', (_, encoded, length) => {
    expect(checkBase64Text(encoded)).toBe(length)
  })

  test('agrees with a check by RegExp', () => {
    const characters = fc.constantFrom(...'AZaz09+/+/AB== \r\n\t-_!\u0141')
    fc.assert(
      fc.property(fc.array(characters, { maxLength: 24 }), pieces => {
        expect(checkBase64Text(pieces.join(''))).toBe(slowCheck(pieces.join('')))
      }),
      { numRuns: 2000 },
    )
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(fc.nat(), { maxLength: 3 }), (source, places) => {
        let encoded = Buffer.from(source).toString('base64')
        for (const place of places) encoded = `${encoded.slice(0, place % 99)} ${encoded.slice(place % 99)}`
        expect(checkBase64Text(encoded)).toBe(source.length)
      }),
    )
  })

  test('counts on where a quantum goes on in the next slice', () => {
    const clean = 'QUJD'.repeat(50_000)
    for (const place of [1, 4, 65_534, 65_535, 65_536]) {
      for (const blanks of [' ', '\r\n', ' \t ']) {
        expect(checkBase64Text(clean.slice(0, place) + blanks + clean.slice(place))).toBe(150_000)
      }
    }
    // One slice to the octet, padding not counted, that ends within a quantum.
    expect(checkBase64Text(` ${'QUJD'.repeat(16_383)}QUI=`)).toBe(49_151)
    expect(checkBase64Text(`${clean}!!!=`)).toBe(-1)
    expect(checkBase64Text(`${clean}!!==`)).toBe(-1)
  })

  test.each([0, 1, 65_535, 65_536, 65_537, 100_000, 131_070])('sees one wrong character at %i of many', place => {
    const clean = 'QUJD'.repeat(32_768)
    const folded = clean.replace(/.{76}/g, '$&\r\n')
    expect(checkBase64Text(clean)).toBe(98_304)
    expect(checkBase64Text(folded)).toBe(98_304)
    for (const wrong of ['-', '_', '=', '!', '\u0141', '\u00c1']) {
      expect(checkBase64Text(clean.slice(0, place) + wrong + clean.slice(place + 1))).toBe(-1)
      expect(checkBase64Text(`${clean.slice(0, place)}\n${wrong}\r${clean.slice(place + 1)}`)).toBe(-1)
    }
    // Four of them, so that the number of characters fits.
    expect(checkBase64Text(`${clean.slice(0, place)}!!!!${clean.slice(place)}`)).toBe(-1)
  })
})

describe('decodeBase64', () => {
  test.each(VECTORS)('RFC 4648 §10: %j from %j', (source, encoded) => {
    expect(text(decodeBase64(latin1Bytes(encoded)))).toBe(source)
    expect(text(decodeBase64Text(encoded))).toBe(source)
    expect(decode(latin1Bytes(encoded)).defects).toEqual([])
  })

  test.each([
    ['§6.8 no padding at the end', 'Zm9vYg', 'foob', ['BASE64_TRUNCATED', 6]],
    ['§6.8 no padding at the end', 'Zm9vYmE\r\n', 'fooba', ['BASE64_TRUNCATED', 9]],
    ['§6.8 half the padding at the end', 'Zg=', 'f', ['BASE64_TRUNCATED', 3]],
    ['a single character at the end', 'Zm9vY', 'foo', ['BASE64_TRUNCATED', 5]],
    ['§6.8 other characters must be ignored', 'Zm!9*v', 'foo', ['BASE64_INVALID', 2]],
    ['RFC 4648 §5 is not the alphabet', 'Zm-9_v', 'foo', ['BASE64_INVALID', 2]],
    ['encoded piece by piece', 'YQ==\r\nYg==', 'ab', ['BASE64_INVALID', 6]],
    ['encoded piece by piece, padding halved', 'YQ=Yg==', 'ab', ['BASE64_INVALID', 3]],
    ['padding over a line break', 'YQ=\r\n=\r\n', 'a', undefined],
    ['padding after whole quanta', 'Zm9v=', 'foo', ['BASE64_INVALID', 4]],
    ['too much padding', 'Zm8==', 'fo', ['BASE64_INVALID', 4]],
    ['padding after a single character', 'Zm9vY=Zm9v', 'foofoo', ['BASE64_INVALID', 5]],
    ['trailing bits that are not zero', 'Zh==', 'f', undefined],
    ['nothing but white space', ' \r\n\t', '', undefined],
    ['nothing', '', '', undefined],
    ['nothing but padding', '==', '', ['BASE64_INVALID', 0]],
  ])('%s: %j gives %j', (_, encoded, decoded, defect) => {
    const source = latin1Bytes(encoded)
    const expected = {
      octets: [...latin1Bytes(decoded)],
      defects: defect ? [{ code: defect[0], offset: defect[1] }] : [],
    }
    expect(decode(source)).toEqual(expected)
    expect(slowDecode(source)).toEqual(expected)
    expect(decodeChunks([...source].map(octet => Uint8Array.of(octet)))).toEqual(expected)
  })

  test('says what is wrong', () => {
    const details: unknown[] = []
    for (const encoded of ['Zm"9v', 'Zm9v=', 'YQ==YQ==']) {
      decodeBase64(latin1Bytes(encoded), (_code, _offset, detail) => details.push(detail))
    }
    expect(details).toEqual(['"\\""', 'padding that ends no quantum', 'data after padding'])
  })

  test('decodes any lines and any junk like its slow twin, in one call, in chunks, and as text', () => {
    const line = fc.oneof(
      { weight: 4, arbitrary: fc.uint8Array({ minLength: 57, maxLength: 57 }) },
      { weight: 2, arbitrary: fc.uint8Array({ maxLength: 60 }) },
    )
    const piece = fc.tuple(
      line.map(octets => Buffer.from(octets).toString('base64')),
      fc.constantFrom('\r\n', '\r\n', '\r\n', '\n', '\r', '', ' ', '!\r\n', '=', '-_', 'A', '\u0000'),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), cuts(), (pieces, places) => {
        const source = latin1Bytes(pieces.flat().join(''))
        const expected = slowDecode(source)
        expect(decode(source)).toEqual(expected)
        expect(decodeChunks(cutAt(source, places))).toEqual(expected)
        expect([...decodeBase64Text(text(source))]).toEqual(expected.octets)
      }),
      { numRuns: 300 },
    )
  })

  test('decodes short texts over a small alphabet like its slow twin', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...'AZ09+/=== \r\n-!'), { maxLength: 16 }), cuts(), (pieces, places) => {
        const source = latin1Bytes(pieces.join(''))
        expect(decode(source)).toEqual(slowDecode(source))
        expect(decodeChunks(cutAt(source, places))).toEqual(slowDecode(source))
      }),
      { numRuns: 2000 },
    )
  })

  const bodies: Record<string, (base64: string) => string> = {
    'CRLF 76': base64 => base64.replace(/.{76}/g, '$&\r\n'),
    'CRLF 76 and blank lines at the end': base64 => `${base64.replace(/.{76}/g, '$&\r\n')}\r\n\r\n`,
    'LF 64': base64 => base64.replace(/.{64}/g, '$&\n'),
    'CR 76': base64 => base64.replace(/.{76}/g, '$&\r'),
    'CRLF 61, no whole quanta': base64 => base64.replace(/.{61}/g, '$&\r\n'),
    'one line': base64 => base64,
    'ragged lines': base64 => base64.replace(/(.{70})(.{3})(.{61})/g, '$1\r\n$2\n$3\r\n'),
    'trailing blanks': base64 => base64.replace(/.{76}/g, '$& \t\r\n'),
    'one junk octet in the middle': base64 => `${base64.slice(0, 90_001)}*${base64.slice(90_001)}`,
    'one junk octet for a CR': base64 =>
      base64.replace(/.{76}/g, '$&\r\n').replace(/^.{78076}\r/s, cut => `${cut.slice(0, -1)}*`),
    'junk in every line': base64 => base64.replace(/.{75}/g, '$&?\r\n'),
    'url-safe alphabet in the middle': base64 => `${base64.slice(0, 90_001)}-_${base64.slice(90_001)}`,
    'padding in the middle': base64 => `${base64.slice(0, 90_002)}=${base64.slice(90_002)}`,
    'window of white space': base64 => `${base64.slice(0, 65_537)}${' '.repeat(140_000)}${base64.slice(65_537)}`,
    'NULs at the end': base64 => base64 + '\0'.repeat(70_000),
  }

  test.each(Object.entries(bodies))('decodes 150,000 octets over several windows: %s', (_, fold) => {
    for (const length of [150_000, 150_001, 150_002]) {
      const source = latin1Bytes(fold(Buffer.from(noise(length)).toString('base64')))
      const expected = slowDecode(source)
      const result = decode(source)
      expect(result.defects).toEqual(expected.defects)
      expect(Buffer.from(result.octets).equals(Buffer.from(expected.octets))).toBe(true)
      const chunked = decodeChunks(cutAt(source, [1, 2, 70_000, 70_001, 99_999, 150_000]))
      expect(chunked.defects).toEqual(expected.defects)
      expect(Buffer.from(chunked.octets).equals(Buffer.from(expected.octets))).toBe(true)
    }
  })

  test.each(['-', '_', '-_'])('takes no %j for data in a text that is otherwise clean', junk => {
    for (const place of [0, 1, 63, 64, 100, 160]) {
      const source = latin1Bytes('QUJD'.repeat(40).replace(new RegExp(`^(.{${place}})`), `$1${junk.repeat(4)}`))
      const expected = {
        octets: [...latin1Bytes('ABC'.repeat(40))],
        defects: [{ code: 'BASE64_INVALID', offset: place }],
      }
      expect(decode(source)).toEqual(expected)
      expect(slowDecode(source)).toEqual(expected)
    }
  })

  test('says where data goes on after padding, also where a window of clean text begins there', () => {
    const clean = 'QUJD'.repeat(40)
    for (const padded of ['QQ==', `${'QUJD'.repeat(16_383)}QQ==`]) {
      for (const between of ['', '\r\n', ' ']) {
        const source = latin1Bytes(padded + between + clean)
        const expected = [{ code: 'BASE64_INVALID', offset: padded.length + between.length }]
        expect(decode(source).defects).toEqual(expected)
        expect(decodeChunks(cutAt(source, [padded.length])).defects).toEqual(expected)
      }
    }
  })

  test('gives exact memory when much would be unused, and shares none with the source', () => {
    const source = latin1Bytes('Zm9v\r\n\r\n\r\n'.repeat(1000))
    const decoded = decodeBase64(source)
    expect(decoded.buffer.byteLength).toBe(decoded.length)
    const mail = latin1Bytes(slowEncodeFolded(noise(100_000)))
    expect(decodeBase64(mail).buffer.byteLength).toBeLessThanOrEqual(105_264)
  })

  test('decodeBase64Text skips what is not ASCII, also where its low octet is of the alphabet', () => {
    expect(text(decodeBase64Text('Zm\u01419v\ud83d\ude00\u00c1'))).toBe('foo')
    expect(decodeBase64Text(`${'QUJD'.repeat(40_000)}\u0141`)).toHaveLength(120_000)
  })

  test('agrees with libbase64 on what an encoder writes', () => {
    const libbase64 = createRequire(import.meta.url)('libbase64') as {
      encode(octets: Uint8Array): string
      wrap(text: string, length: number): string
      decode(text: string): Uint8Array
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1000 }), source => {
        const octets = Buffer.from(source)
        expect(encodeFolded(source)).toBe(libbase64.wrap(libbase64.encode(octets), 76).trim())
        expect(octets.equals(decodeBase64(latin1Bytes(libbase64.wrap(libbase64.encode(octets), 64))))).toBe(true)
      }),
    )
  })
})

describe('run time grows with the length and not with its square', () => {
  const shapes: [string, string][] = [
    ['mail', `${'A'.repeat(76)}\r\n`],
    ['junk in each line', `${'A'.repeat(75)}!\r\n`],
    ['padding everywhere', 'YQ==\r\n'],
    ['equals signs', '===='],
    ['white space', ' \r\n\t'],
    ['junk', '\0!-_'],
    ['line breaks everywhere', 'A\nB\r\nC\r'],
    ['url-safe alphabet', 'AB-_'],
  ]
  test.each(shapes)('decodeBase64, %s', (_, shape) => {
    const prepare = (n: number) => latin1Bytes(shape.repeat(n / shape.length))
    expect(growthRatio(1_000_000, prepare, source => decodeBase64(source))).toBeLessThan(3)
  })

  test.each(shapes)('checkBase64Text and stripBase64Whitespace, %s', (_, shape) => {
    const prepare = (n: number) => shape.repeat(n / shape.length)
    // A clean start, so that the text is not refused at once.
    const run = (source: string) => [checkBase64Text(source), stripBase64Whitespace(source, 0)]
    expect(growthRatio(2_000_000, prepare, run)).toBeLessThan(3)
  })
})
