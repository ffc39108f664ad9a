import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ATEXT,
  ATTRIBUTE_CHAR,
  FTEXT,
  findCommentEnd,
  formatQuotedString,
  hasControl,
  isAllIn,
  isIn,
  isPlainAscii,
  isWsp,
  Q_LITERAL,
  TOKEN,
  trimWsp,
  WSP,
  withoutControls,
} from '../../src/header/token.ts'

const LETTERS_AND_DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

describe('character classes hold these of all ASCII characters and no other', () => {
  test.each([
    { section: 'RFC 5322 §3.2.3 atext', mask: ATEXT, specials: "!#$%&'*+-/=?^_`{|}~" },
    { section: 'RFC 2045 §5.1 token', mask: TOKEN, specials: "!#$%&'*+-.^_`{|}~" },
    { section: 'RFC 2231 §7 attribute-char', mask: ATTRIBUTE_CHAR, specials: '!#$&+-.^_`{|}~' },
    { section: 'RFC 2047 §5(3) in a phrase', mask: Q_LITERAL, specials: '!*+-/' },
    { section: 'RFC 5322 §3.6.8 ftext', mask: FTEXT, specials: '!"#$%&\'()*+,-./;<=>?@[\\]^_`{|}~' },
  ])('$section', ({ mask, specials }) => {
    const found = Array.from({ length: 128 }, (_, code) => code).filter(code => isIn(code, mask))
    expect(String.fromCharCode(...found)).toBe([...LETTERS_AND_DIGITS, ...specials].sort().join(''))
  })

  test('RFC 5322 §2.2.2 WSP', () => {
    const found = Array.from({ length: 0x10000 }, (_, code) => code).filter(code => isIn(code, WSP))
    expect(found).toEqual([0x09, 0x20])
    expect(found.every(isWsp)).toBe(true)
  })

  test('RFC 6532 §3.2: beyond ASCII only atext goes on', () => {
    for (const code of [0x80, 0xa0, 0xe5, 0x2028, 0xd83d, 0xfeff, 0xffff]) {
      expect([ATEXT, TOKEN, ATTRIBUTE_CHAR, Q_LITERAL, FTEXT, WSP].map(mask => isIn(code, mask))).toEqual([
        true,
        false,
        false,
        false,
        false,
        false,
      ])
    }
  })

  test('a text is all in a class where each character is, and never where it is empty', () => {
    expect(isAllIn('utf-8', TOKEN)).toBe(true)
    expect(isAllIn('utf 8', TOKEN)).toBe(false)
    expect(isAllIn('', TOKEN)).toBe(false)
    expect(isAllIn('a b', ATEXT | WSP)).toBe(true)
  })
})

describe('trimWsp', () => {
  test('takes SP and HTAB off both ends and nothing else', () => {
    expect(trimWsp(' \t a \t b\t ')).toBe('a \t b')
    expect(trimWsp(' \t ')).toBe('')
    for (const blank of ['\u00a0', '\u2028', '\u3000', '\ufeff', '\v', '\n']) {
      expect(trimWsp(`${blank}a${blank}`)).toBe(`${blank}a${blank}`)
    }
  })
})

describe('controls', () => {
  test('are the C0 controls but for HTAB, and DEL', () => {
    const found = Array.from({ length: 0x3000 }, (_, code) => code).filter(code =>
      hasControl(String.fromCharCode(code)),
    )
    const expected = Array.from({ length: 32 }, (_, code) => code).filter(code => code !== 0x09)
    expect(found).toEqual([...expected, 0x7f])
  })

  test('go from text that was read; a line break becomes one space', () => {
    expect(withoutControls('a\r\nBcc:\r\r\nb\n\n\0c\x7f\td')).toBe('a Bcc: b c\td')
    expect(withoutControls('a\u2028b\u0085c')).toBe('a\u2028b\u0085c')
  })

  test('are never left', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary-ascii' }), text => !hasControl(withoutControls(text))))
  })
})

test('plain ASCII is printable ASCII, SP and HTAB', () => {
  const found = Array.from({ length: 0x300 }, (_, code) => code).filter(code => isPlainAscii(String.fromCharCode(code)))
  expect(found).toEqual([0x09, ...Array.from({ length: 95 }, (_, index) => 0x20 + index)])
  expect(isPlainAscii('')).toBe(true)
})

describe('quoted-string (RFC 5322 §3.2.4)', () => {
  test('escapes quotes and backslashes and nothing else', () => {
    expect(formatQuotedString('a "b" \\ (c) <d>')).toBe('"a \\"b\\" \\\\ (c) <d>"')
    expect(formatQuotedString('')).toBe('""')
  })
})

describe('findCommentEnd (RFC 5322 §3.2.2)', () => {
  test.each([
    { text: '(a)b', end: 2 },
    { text: '(a(b)c)d', end: 6 },
    { text: '(\\)(\\()x)', end: 8 },
    { text: '()', end: 1 },
    { text: '(a(b)', end: 5 },
    { text: '(a\\)', end: 4 },
    { text: '(', end: 1 },
  ])('$text ends at $end', ({ text, end }) => {
    expect(findCommentEnd(text, 0)).toBe(end)
  })

  test('takes comments in comments 100,000 deep', () => {
    const depth = 100_000
    expect(findCommentEnd(`${'('.repeat(depth)}${')'.repeat(depth)}x`, 0)).toBe(2 * depth - 1)
  })
})
