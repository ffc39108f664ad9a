import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldedBase64Length } from '../../src/codec/base64.ts'
import { latin1Bytes, latin1Text, utf8Bytes } from '../../src/codec/bytes.ts'
import { quotedPrintableLength } from '../../src/codec/quoted-printable.ts'
import {
  chooseExactEncoding,
  chooseTextEncoding,
  containsText,
  decodeTransferEncoding,
  inspectContent,
  isIdentityEncoding,
  withCrlf,
} from '../../src/mime/transfer-encoding.ts'

const line = (length: number, character = 'x') => character.repeat(length)

describe('inspectContent', () => {
  test.each([
    { what: 'nothing', text: '', traits: {} },
    { what: 'ASCII', text: 'abc\r\ndefgh\r\nij', traits: { longestLine: 5 } },
    { what: 'the last line', text: 'a\r\nbcd', traits: { longestLine: 3 } },
    { what: 'an octet above 0x7F', text: 'a\x80', traits: { ascii: false, longestLine: 2 } },
    { what: 'NUL', text: 'a\0', traits: { hasNul: true, longestLine: 2 } },
    { what: 'LF', text: 'a\nbc\n', traits: { bareBreaks: 2, longestLine: 2 } },
    { what: 'CR', text: 'a\rbc\r', traits: { bareBreaks: 2, longestLine: 2 } },
    { what: 'CR CR LF', text: 'a\r\r\n', traits: { bareBreaks: 1, longestLine: 1 } },
    { what: 'LF CR', text: '\n\r', traits: { bareBreaks: 2 } },
    { what: '"From " on top', text: 'From me', traits: { hasFromLine: true, longestLine: 7 } },
    { what: '"From " after CRLF', text: 'a\r\nFrom me', traits: { hasFromLine: true, longestLine: 7 } },
    { what: '"From " after LF', text: 'a\nFrom me', traits: { hasFromLine: true, bareBreaks: 1, longestLine: 7 } },
    { what: '"From " after CR', text: 'a\rFrom me', traits: { hasFromLine: true, bareBreaks: 1, longestLine: 7 } },
    { what: '"From" elsewhere', text: 'a From me\r\nFrom\r\n>From me\r\nFrom: x', traits: { longestLine: 9 } },
  ])('sees $what', ({ text, traits }) => {
    const nothing = { ascii: true, hasNul: false, longestLine: 0, hasFromLine: false, bareBreaks: 0 }
    expect(inspectContent(latin1Bytes(text))).toEqual({ ...nothing, ...traits })
  })
})

describe('chooseTextEncoding', () => {
  test.each([
    { section: 'RFC 2045 §2.7', what: 'ASCII', text: 'Hello\r\n', transport7: '7bit', transport8: '7bit' },
    { section: 'RFC 2045 §2.7', what: 'nothing', text: '', transport7: '7bit', transport8: '7bit' },
    { section: 'RFC 5322 §2.1.1', what: 'a line of 998', text: line(998), transport7: '7bit', transport8: '7bit' },
    {
      section: 'RFC 5322 §2.1.1',
      what: 'a line of 999',
      text: line(999),
      transport7: 'quoted-printable',
      transport8: 'quoted-printable',
    },
    {
      section: 'RFC 5322 §2.1.1',
      what: 'a line of 500 characters and 1,000 octets',
      text: line(500, 'å'),
      transport7: 'base64',
      transport8: 'base64',
    },
    {
      section: 'RFC 2045 §2.7',
      what: 'NUL',
      text: 'some words\0and more',
      transport7: 'quoted-printable',
      transport8: 'quoted-printable',
    },
    {
      section: 'RFC 4155',
      what: 'a line that starts with "From "',
      text: 'Hi\r\nFrom me\r\n',
      transport7: 'quoted-printable',
      transport8: 'quoted-printable',
    },
    {
      section: 'RFC 2045 §6.2',
      what: 'some letters beyond ASCII',
      text: 'Hei på deg, alle sammen\r\n',
      transport7: 'quoted-printable',
      transport8: '8bit',
    },
    {
      section: 'RFC 2045 §6.2',
      what: 'mostly letters beyond ASCII',
      text: '日本語の文章です。\r\n',
      transport7: 'base64',
      transport8: '8bit',
    },
    {
      section: 'RFC 2045 §2.7',
      what: 'bare line breaks, which become CRLF',
      text: 'a\nb\rc',
      transport7: '7bit',
      transport8: '7bit',
    },
  ])('$section: $what', ({ text, transport7, transport8 }) => {
    const octets = utf8Bytes(text)
    expect(chooseTextEncoding(octets, inspectContent(octets), false)).toBe(transport7)
    expect(chooseTextEncoding(octets, inspectContent(octets), true)).toBe(transport8)
  })

  test('takes the shorter of quoted-printable and base64', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'å', '日', '\n', ' ', '=') })
    fc.assert(
      fc.property(text, value => {
        const octets = utf8Bytes(`å${value}`)
        const canonical = utf8Bytes(`å${value.replaceAll('\n', '\r\n')}`)
        const isShorter = quotedPrintableLength(octets, 'canonical') <= foldedBase64Length(canonical.length)
        const chosen = chooseTextEncoding(octets, inspectContent(octets), false)
        expect(chosen).toBe(isShorter ? 'quoted-printable' : 'base64')
      }),
    )
  })
})

describe('chooseExactEncoding: what is asked for is honoured where the octets arrive as they are', () => {
  test.each([
    { asked: '', text: 'a\r\n', given7: 'base64', given8: 'base64' },
    { asked: 'base64', text: 'a\r\n', given7: 'base64', given8: 'base64' },
    { asked: 'binary', text: 'a\r\n', given7: 'base64', given8: 'base64' },
    { asked: 'x-uuencode', text: 'a\r\n', given7: 'base64', given8: 'base64' },
    { asked: 'quoted-printable', text: 'a\n\0\xff', given7: 'quoted-printable', given8: 'quoted-printable' },
    { asked: 'quoted-printable', text: '', given7: 'base64', given8: 'base64' },
    { asked: '7bit', text: '', given7: 'base64', given8: 'base64' },
    { asked: '7bit', text: 'a\r\nb', given7: '7bit', given8: '7bit' },
    { asked: '7bit', text: 'a\nb', given7: 'base64', given8: 'base64' },
    { asked: '7bit', text: 'a\rb', given7: 'base64', given8: 'base64' },
    { asked: '7bit', text: 'a\0b', given7: 'base64', given8: 'base64' },
    { asked: '7bit', text: 'From a', given7: 'base64', given8: 'base64' },
    { asked: '7bit', text: line(999), given7: 'base64', given8: 'base64' },
    { asked: '7bit', text: line(998), given7: '7bit', given8: '7bit' },
    { asked: '7bit', text: 'a\xe5', given7: 'base64', given8: 'base64' },
    { asked: '8bit', text: 'a\xe5', given7: 'base64', given8: '8bit' },
    { asked: '8bit', text: 'a\xe5\n', given7: 'base64', given8: 'base64' },
    { asked: '8bit', text: 'abc', given7: '7bit', given8: '8bit' },
  ])('$asked for $text', ({ asked, text, given7, given8 }) => {
    const octets = latin1Bytes(text)
    const traits = () => inspectContent(octets)
    expect(chooseExactEncoding(asked, octets.length, traits, false)).toBe(given7)
    expect(chooseExactEncoding(asked, octets.length, traits, true)).toBe(given8)
  })

  test('does not look at octets that become base64 anyway', () => {
    const traits = () => expect.unreachable('looked at')
    expect(chooseExactEncoding('base64', 1_000_000, traits, true)).toBe('base64')
  })
})

describe('withCrlf', () => {
  test('makes every line break CRLF, as its slow twin does', () => {
    const text = fc.string({ unit: fc.constantFrom('\r', '\n', '\r\n', 'a', '\xe5') })
    fc.assert(
      fc.property(text, value => {
        const octets = latin1Bytes(value)
        const found = withCrlf(octets, inspectContent(octets))
        expect(latin1Text(found)).toBe(value.replace(/\r\n|\r|\n/g, '\r\n'))
        expect(latin1Text(octets)).toBe(value)
      }),
    )
  })

  test('gives the same octets where there is nothing to do', () => {
    const octets = latin1Bytes('a\r\nb')
    expect(withCrlf(octets, inspectContent(octets))).toBe(octets)
  })
})

describe('decodeTransferEncoding', () => {
  test.each([
    { section: 'RFC 2045 §6.1', label: '', body: '=41\xe5', content: '=41\xe5' },
    { section: 'RFC 2045 §6.2', label: '7bit', body: '=41', content: '=41' },
    { section: 'RFC 2045 §6.2', label: '8bit', body: '\xe5\r\n', content: '\xe5\r\n' },
    { section: 'RFC 2045 §6.2', label: 'binary', body: '\0\r\n\r\xff', content: '\0\r\n\r\xff' },
    { section: 'RFC 2045 §6.7', label: 'quoted-printable', body: 'a=E5=\r\nb', content: 'a\xe5b' },
    { section: 'RFC 2045 §6.8', label: 'base64', body: 'YeVi\r\n', content: 'a\xe5b' },
    { section: 'QUIRK', label: 'x-uuencode', body: 'begin 644 a\n#0V%T\n`\nend\n', content: 'Cat' },
  ])('$section: $label', ({ label, body, content }) => {
    const octets = latin1Bytes(body)
    const decoded = decodeTransferEncoding(octets, label)
    expect(latin1Text(decoded)).toBe(content)
    expect(decoded === octets).toBe(isIdentityEncoding(label))
  })

  test.each(['x-unknown', '__proto__', 'constructor', 'base64 '])(
    'keeps the octets of the unknown encoding %j and reports it',
    label => {
      const octets = latin1Bytes('YQ==')
      const defects: unknown[] = []
      expect(decodeTransferEncoding(octets, label, (...report) => defects.push(report))).toBe(octets)
      expect(defects).toEqual([['ENCODING_UNKNOWN', 0, JSON.stringify(label)]])
      expect(isIdentityEncoding(label)).toBe(true)
    },
  )
})

test('containsText finds octets, not characters', () => {
  expect(containsText(latin1Bytes('a\xe5b'), '\xe5b')).toBe(true)
  expect(containsText(latin1Bytes('a\xc3\xa5b'), 'å')).toBe(false)
  expect(containsText(new Uint8Array(0), 'a')).toBe(false)
})
