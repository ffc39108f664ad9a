import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeEncodedWords,
  encodeWords,
  encodeWordsFolded,
  looksLikeEncodedWord,
} from '../../src/header/encoded-word.ts'
import { growthRatio } from '../codec/slow/growth.ts'

function decode(value: string): { text: string; defects: unknown[] } {
  const defects: unknown[] = []
  return { text: decodeEncodedWords(value, (code, offset) => defects.push([code, offset])), defects }
}

describe('decodeEncodedWords', () => {
  test.each([
    { section: 'RFC 2047 §8', value: '(=?ISO-8859-1?Q?a?=)', text: '(a)' },
    { section: 'RFC 2047 §8', value: '(=?ISO-8859-1?Q?a?= b)', text: '(a b)' },
    { section: 'RFC 2047 §8', value: '(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)', text: '(ab)' },
    { section: 'RFC 2047 §8', value: '(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)', text: '(ab)' },
    { section: 'RFC 2047 §8', value: '(=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=)', text: '(ab)' },
    { section: 'RFC 2047 §8', value: '(=?ISO-8859-1?Q?a_b?=)', text: '(a b)' },
    { section: 'RFC 2047 §8', value: '(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)', text: '(a b)' },
    { section: 'RFC 2047 §8', value: '=?US-ASCII?Q?Keith_Moore?=', text: 'Keith Moore' },
    { section: 'RFC 2047 §8', value: '=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?=', text: 'Keld Jørn Simonsen' },
    { section: 'RFC 2047 §8', value: '=?ISO-8859-1?Q?Andr=E9?= Pirard', text: 'André Pirard' },
    { section: 'RFC 2047 §8', value: '=?ISO-8859-1?Q?Patrik_F=E4ltstr=F6m?=', text: 'Patrik Fältström' },
    { section: 'RFC 2047 §8', value: '(=?iso-8859-8?b?7eXs+SDv4SDp7Oj08A==?=)', text: '(םולש ןב ילטפנ)' },
    {
      section: 'RFC 2047 §8',
      value:
        '=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=',
      text: 'If you can read this you understand the example.',
    },
    {
      section: 'RFC 2047 §2, case of charset and encoding',
      value: '=?iSo-8859-1?q?=e5?= =?UTF-8?b?w6U=?=',
      text: 'åå',
    },
    { section: 'RFC 2047 §4.2(2), "_" is SP in any charset', value: '=?utf-8?Q?a_=5F?=', text: 'a _' },
    { section: 'RFC 2231 §5', value: '=?US-ASCII*EN?Q?Keith_Moore?=', text: 'Keith Moore' },
    { section: 'RFC 2231 §5', value: '=?iso-8859-1*da-DK?Q?=F8l?=', text: 'øl' },
  ])('$section: $value', ({ value, text }) => {
    expect(decode(value)).toEqual({ text, defects: [] })
  })

  test.each([
    { what: 'a character split between words', value: '=?utf-8?Q?=C3?= =?utf-8?Q?=A5?=', text: 'å' },
    { what: 'a character split between Q and B', value: '=?utf-8?Q?=C3?= =?UTF-8?B?pQ==?=', text: 'å' },
    {
      what: 'base64 groups that end in each word (libmime joins them)',
      value: '=?utf-8?B?YQ?= =?utf-8?B?Yg?=',
      text: 'ab',
    },
    { what: 'words with no blank between them', value: '=?utf-8?Q?a?==?utf-8?Q?b?=', text: 'ab' },
    { what: 'a word inside a word of text', value: 'a=?utf-8?Q?=3B?=c', text: 'a;c' },
    { what: 'a "?" in Q text', value: '=?utf-8?Q?what??=', text: 'what?' },
    { what: 'a blank in Q text', value: '=?utf-8?Q?a b?= c', text: 'a b c' },
    { what: 'an empty word', value: 'a =?utf-8?Q??= b', text: 'a  b' },
    { what: 'a malformed escape', value: '=?utf-8?Q?=4=G1=4?=', text: '=4=G1=4' },
    { what: 'no padding', value: '=?utf-8?B?w6U?=', text: 'å' },
    { what: 'Q text that starts like the end of a word', value: '=?utf-8?Q?=41?=', text: 'A' },
    { what: 'U+2028 beside words', value: 'a\u2028=?utf-8?Q?b?=', text: 'a\u2028b' },
    {
      what: 'a no-break space between words, which is text',
      value: '=?utf-8?Q?a?=\u00a0=?utf-8?Q?b?=',
      text: 'a\u00a0b',
    },
    { what: 'raw UTF-8 in Q text', value: '=?utf-8?Q?=41å?=', text: 'Aå' },
  ])('reads $what', ({ value, text }) => {
    expect(decode(value)).toEqual({ text, defects: [] })
  })

  test('decodes once: words that come out of a word are text', () => {
    expect(decode('=?utf-8?Q?=3D=3Futf-8=3FQ=3Fa=3F=3D?=').text).toBe('=?utf-8?Q?a?=')
    expect(decode('=?utf-8?B?PT91dGYtOD9RP2E/PQ==?=').text).toBe('=?utf-8?Q?a?=')
    expect(decode('=?utf-8?Q?=3D?= =?utf-8?Q??utf-8?Q?a?=').text).not.toBe('a')
  })

  test.each([
    '=?utf-8?Q?a',
    '=?utf-8?X?a?=',
    '=?utf-8?Q',
    '=?utf-8',
    '=?',
    '=??Q?a?=',
    '=?utf 8?Q?a?=',
    '=?utf-8?QQ?a?=',
    `=?${'x'.repeat(100)}?Q?a?=`,
    '=?=?=?',
  ])('leaves %j as it stands and reports it', value => {
    const { text, defects } = decode(`x ${value} y`)
    expect(text).toBe(`x ${value} y`)
    expect(defects[0]).toEqual(['ENCODED_WORD_INVALID', 2])
  })

  test('goes on after a word that is none', () => {
    expect(decode('=?utf-8?X?a?= =?utf-8?Q?=41?=').text).toBe('=?utf-8?X?a?= A')
    expect(decode('=?a =?utf-8?Q?=41?=').text).toBe('=?a A')
    expect(decode('=?utf-8?Q?a =?utf-8?Q?=41?=').text).toBe('=?utf-8?Q?a A')
  })

  test.each([
    { charset: 'utf-7', encoded: 'Q?+ADw-script+AD4-', text: '+ADw-script+AD4-', code: 'CHARSET_UNKNOWN' },
    { charset: 'base64', encoded: 'Q?YQ=3D=3D', text: 'YQ==', code: 'CHARSET_UNKNOWN' },
    { charset: 'hex', encoded: 'Q?6162', text: '6162', code: 'CHARSET_UNKNOWN' },
    { charset: '__proto__', encoded: 'Q?=E5', text: 'å', code: 'CHARSET_UNKNOWN' },
    { charset: 'constructor', encoded: 'Q?=C3=A5', text: 'å', code: 'CHARSET_UNKNOWN' },
    { charset: 'utf-8', encoded: 'Q?a=FF', text: 'a\ufffd', code: 'CHARSET_UNDECODABLE' },
  ])('reports where a word of charset $charset stands: $encoded', ({ charset, encoded, text, code }) => {
    expect(decode(`ab =?${charset}?${encoded}?=`)).toEqual({ text: `ab ${text}`, defects: [[code, 3]] })
    expect(decode(`=?us-ascii?Q?x?= =?${charset}?${encoded}?= b`)).toEqual({
      text: `x${text} b`,
      defects: [[code, 17]],
    })
  })

  test('a word smuggles no control into a value (RFC 2047 §9; CVE-2021-23400 by way of names)', () => {
    expect(decode('=?utf-8?Q?a=0D=0ABcc:_x=00=7F=08b=09c?=').text).toBe('a Bcc: xb\tc')
    expect(decode('=?utf-8?B?DQpCY2M6IHg=?=').text).toBe(' Bcc: x')
    expect(decode('=?utf-8?Q?a=0D?= =?utf-8?Q?=0Ab?=').text).toBe('a b')
  })
})

const anyCharacter = () => fc.integer({ min: 0, max: 0x10ffff }).map(code => String.fromCodePoint(code))

/** Text as it can be in a value: well-formed and without controls. */
const text = () =>
  fc
    .string({
      unit: fc.oneof(anyCharacter(), fc.constantFrom(' ', 'é', '日', '😀', '?', '=', '_')),
    })
    .map(value => value.replace(/[\0-\x08\x0a-\x1f\x7f]|\p{Surrogate}/gu, ''))
    .filter(value => value !== '')

describe('encodeWords', () => {
  test('round trip: decoding gives the text, whatever stands before it on the line', () => {
    fc.assert(
      fc.property(text(), fc.integer({ min: 0, max: 90 }), (value, column) => {
        expect(decode(encodeWordsFolded(value, column))).toEqual({ text: value, defects: [] })
      }),
      { numRuns: 250 },
    )
  })

  test('RFC 2047 §2, §5: words within 75 characters, lines within 76, each word a text of its own', () => {
    const long = fc.array(text(), { minLength: 1, maxLength: 30 }).map(texts => texts.join(''))
    fc.assert(
      fc.property(long, fc.integer({ min: 0, max: 50 }), (value, column) => {
        const words = encodeWords(value, column)
        expect(words.map(word => decodeEncodedWords(word)).join('')).toBe(value)
        for (const [index, word] of words.entries()) {
          expect(word.length).toBeLessThanOrEqual(75)
          expect(word.length + (index === 0 ? column : 1)).toBeLessThanOrEqual(76)
          expect(word).toMatch(/^=\?utf-8\?(?:Q\?(?:[A-Za-z0-9!*+/_-]|=[0-9A-F]{2})+|B\?[A-Za-z0-9+/]+=*)\?=$/)
          expect(decodeEncodedWords(word)).not.toContain('\ufffd'.repeat(value.includes('\ufffd') ? 99 : 1))
        }
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    { value: 'Årsmøte i stor sal', words: ['=?utf-8?Q?=C3=85rsm=C3=B8te_i_stor_sal?='] },
    { value: 'Årsmøte', words: ['=?utf-8?B?w4Vyc23DuHRl?='] },
    { value: 'abcdefgh?=_ij', words: ['=?utf-8?Q?abcdefgh=3F=3D=5Fij?='] },
    { value: '日本', words: ['=?utf-8?B?5pel5pys?='] },
    { value: ' ', words: ['=?utf-8?Q?_?='] },
    { value: '=?utf-8?Q?=41?=', words: ['=?utf-8?B?PT91dGYtOD9RPz00MT89?='] },
    { value: 'half \ud800 a character', words: ['=?utf-8?Q?half_=EF=BF=BD_a_character?='] },
  ])('writes $value in the shorter encoding', ({ value, words }) => {
    expect(encodeWords(value, 9)).toEqual(words)
  })

  test('splits where a word is full, not before', () => {
    expect(encodeWords('x'.repeat(63), 1)).toEqual([`=?utf-8?Q?${'x'.repeat(63)}?=`])
    expect(encodeWords('x'.repeat(64), 1)).toEqual([`=?utf-8?Q?${'x'.repeat(63)}?=`, '=?utf-8?Q?x?='])
    expect(encodeWords('x'.repeat(64), 11)).toEqual([`=?utf-8?Q?${'x'.repeat(53)}?=`, `=?utf-8?Q?${'x'.repeat(11)}?=`])
  })
})

test('what looks like a word to some reader is known', () => {
  expect(['=?utf-8?Q?a?=', 'a=?b', '=?'].map(looksLikeEncodedWord)).toEqual([true, true, true])
  expect(['a = ?', '?=', ''].map(looksLikeEncodedWord)).toEqual([false, false, false])
})

describe('time is in proportion to', { retry: 2 }, () => {
  test.each([
    { what: 'beginnings of words without an end', unit: '=?a?Q?x' },
    { what: '"=?"', unit: '=?' },
    { what: '"=?a?Q?="', unit: '=?a?Q?=' },
    { what: '"?="', unit: '?=' },
    { what: 'long charsets', unit: `=?${'a'.repeat(79)}` },
    { what: 'adjacent words of one charset', unit: '=?utf-8?Q?=C3?= ' },
    { what: 'adjacent words of two charsets', unit: '=?utf-8?B?YQ?= =?us-ascii?Q?b?=\r\n ' },
    { what: 'words and text', unit: '=?utf-8?B?YQ?= x ' },
    { what: 'words whose text has "=?"', unit: '=?utf-8?Q?=?utf-8?Q??=' },
  ])('$what', ({ unit }) => {
    expect(
      growthRatio(
        3_000,
        n => unit.repeat(n),
        value => decodeEncodedWords(value),
      ),
    ).toBeLessThan(3)
  })

  test('text to encode', () => {
    for (const unit of ['é', 'a', '日']) {
      expect(
        growthRatio(
          10_000,
          n => unit.repeat(n),
          value => encodeWords(value, 9),
        ),
      ).toBeLessThan(3)
    }
  })
})
