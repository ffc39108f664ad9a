import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldValue, unfold } from '../../src/header/fold.ts'
import { formatOpaque, formatUnstructured, parseUnstructured } from '../../src/header/unstructured.ts'
import { growthRatio } from '../codec/slow/growth.ts'

/** Text without controls but for HTAB, rich in what formats treat in a way of its own. */
const text = () =>
  fc
    .array(
      fc.oneof(
        {
          weight: 3,
          arbitrary: fc.constantFrom(
            ' ',
            '  ',
            '\t',
            '\t ',
            '=?',
            '=?utf-8?Q?a?=',
            '?=',
            'é',
            '"',
            ' "',
            '\\',
            '\u00a0',
            '\u2028',
          ),
        },
        { weight: 2, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 20 }) },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 5 }) },
        { weight: 1, arbitrary: fc.integer({ min: 60, max: 1100 }).map(length => 'x'.repeat(length)) },
      ),
      { maxLength: 12 },
    )
    .map(pieces => pieces.join('').replace(/[\0-\x08\x0a-\x1f\x7f]|\p{Surrogate}/gu, ''))

/** What a reader does with a value before its grammar: it unfolds it and trims the ends. */
function received(folded: string): string {
  return unfold(folded).replace(/^[ \t]+|[ \t]+$/g, '')
}

function expectLines(folded: string, column: number): void {
  for (const [index, line] of folded.split('\r\n').entries()) {
    expect(line).not.toMatch(/[\r\n]/)
    expect(line.length + (index === 0 ? column : 0)).toBeLessThanOrEqual(998)
    if (index > 0) expect(line).toMatch(/^ [^ \t]/)
  }
}

describe('unstructured', () => {
  test('round trip: any text comes back, through lines of at most 998', () => {
    fc.assert(
      fc.property(text(), fc.integer({ min: 3, max: 258 }), (value, column) => {
        const folded = formatUnstructured(value, column)
        expectLines(folded, column)
        expect(folded).toMatch(/^[\x20-\x7e\r\n]*$/)
        expect(parseUnstructured(received(folded))).toBe(value)
      }),
      { numRuns: 250 },
    )
  })

  test.each([
    { what: 'plain text as it stands', value: 'Re: Hello "world" (1) <2>, 50 %' },
    { what: 'nothing', value: '' },
    { what: 'an equals sign and a question mark', value: 'a = ? b ?= c' },
  ])('writes $what', ({ value }) => {
    expect(formatUnstructured(value, 9)).toBe(value)
  })

  test.each([
    { what: 'blanks at the start', value: ' a' },
    { what: 'blanks at the end', value: 'a ' },
    { what: 'a tab', value: 'a\tb' },
    { what: 'a run of spaces', value: 'a  b' },
    { what: 'what looks like an encoded-word', value: 'a =?utf-8?Q?b?= c' },
    { what: 'the start of one', value: 'a=?b' },
    { what: 'a no-break space', value: 'a\u00a0b' },
    { what: 'a stretch that fits no line', value: 'x'.repeat(990) },
  ])('writes $what as encoded-words', ({ value }) => {
    expect(formatUnstructured(value, 9)).toMatch(/^=\?utf-8\?[QB]\?[^ ]*\?=(?:\r\n =\?utf-8\?[QB]\?[^ ]*\?=)*$/)
  })

  test('encodes the whole text where any of it needs it: Outlook drops the space before a word', () => {
    expect(formatUnstructured('Invoice for Åse', 9)).toBe('=?utf-8?Q?Invoice_for_=C3=85se?=')
  })

  test('reading removes controls, raw ones too', () => {
    expect(parseUnstructured('a\0b =?utf-8?Q?c=0D=0Ad?=')).toBe('ab c d')
  })

  test('reading reports where', () => {
    const defects: unknown[] = []
    parseUnstructured('ab =?utf-8?X?c?=', (code, offset) => defects.push([code, offset]))
    expect(defects).toEqual([['ENCODED_WORD_INVALID', 3]])
  })
})

describe('opaque', () => {
  test('round trip: any text but for blanks at its ends, through lines of at most 998', () => {
    fc.assert(
      fc.property(text(), fc.integer({ min: 3, max: 258 }), (value, column) => {
        const trimmed = value.replace(/^[ \t]+|[ \t]+$/g, '')
        const folded = formatOpaque(value, column, 'keep')
        if (folded === undefined) {
          // ASCII that fits no line: it is not touched, so it cannot be written.
          expect(foldValue(trimmed, column)).toBeUndefined()
          return
        }
        expectLines(folded, column)
        expect(folded).toMatch(/^[\t\x20-\x7e\r\n]*$/)
        expect(parseUnstructured(received(folded))).toBe(trimmed)
      }),
      { numRuns: 250 },
    )
  })

  test.each([
    '<mailto:leave@lists.example?subject=unsubscribe>, <https://lists.example/u?x=1&y=2>',
    'v=1; a=rsa-sha256;  d=example.com;\ts=x; b=abc==',
    'from a.example (a.example [192.0.2.1])  by b.example',
  ])('does not touch ASCII: %s', value => {
    expect(unfold(formatOpaque(value, 18, 'omit')!)).toBe(value)
  })

  test('encodes only the words that need it, and runs of them as one text', () => {
    expect(formatOpaque('by tårn example', 10, 'omit')).toBe('by =?utf-8?B?dMOlcm4=?= example')
    expect(formatOpaque('tårn nå b nå', 10, 'omit')).toBe('=?utf-8?B?dMOlcm4gbsOl?= b =?utf-8?B?bsOl?=')
    expect(formatOpaque('a  tårn', 10, 'omit')).toBe('a =?utf-8?B?IHTDpXJu?=')
    // An encoded-word has text: RFC 2047 §2.
    expect(formatOpaque('a  b tårn', 10, 'omit')).toBe('a =?utf-8?Q?_b_t=C3=A5rn?=')
    expect(formatOpaque('tårn a  b c', 10, 'omit')).toBe('=?utf-8?B?dMOlcm4=?= a =?utf-8?Q?_b?= c')
  })

  test.each([
    { what: 'a quoted-string', value: '"Bårs liste" <liste.example.no>', text: 'Bårs liste <liste.example.no>' },
    { what: 'one that needs its quotes', value: '"Grøt, og \\"mer\\"" <x>', text: 'Grøt, og "mer" <x>' },
    { what: 'one without a blank behind it', value: '"å b"<x>', text: 'å b <x>' },
    { what: 'two of them', value: '"å" "b  ø" <x>', text: 'å b  ø <x>' },
    { what: 'one that nothing closes', value: '"å b <x>', text: '"å b <x>' },
    { what: 'one of ASCII', value: '"a  b" å "c d', text: '"a  b" å "c d' },
    { what: 'a parameter', value: 'x=1; reason="å b"', text: 'x=1; reason="å b"' },
  ])('encodes what $what means, without its quotes (RFC 2047 §5(3))', ({ value, text }) => {
    const folded = formatOpaque(value, 10, 'omit')!
    expect(folded).toMatch(/^[ -~]*$/)
    expect(parseUnstructured(folded)).toBe(text)
    expect(parseUnstructured(formatOpaque(value, 10, 'keep')!)).toBe(value)
  })

  test('a quoted-string is one text', () => {
    expect(formatOpaque('"Bårs liste" <liste.example.no>', 9, 'omit')).toBe(
      '=?utf-8?Q?B=C3=A5rs_liste?= <liste.example.no>',
    )
    expect(formatOpaque('"a  b" å', 9, 'omit')).toBe('"a  b" =?utf-8?B?w6U=?=')
    const long = `å "${'word '.repeat(210)}end"`
    expect(parseUnstructured(unfold(formatOpaque(long, 9, 'omit')!))).toBe(long)
    const open = `å "${'x '.repeat(500_000)}`.trimEnd()
    expect(parseUnstructured(unfold(formatOpaque(open, 9, 'omit')!))).toBe(open)
    expect(formatOpaque('"Bårs liste" <liste.example.no>', 9, 'keep')).toBe(
      '=?utf-8?B?IkLDpXJzIGxpc3RlIg==?= <liste.example.no>',
    )
  })

  test.each([
    { name: 'a field name of 200', column: 202, first: 'x'.repeat(850) },
    { name: 'a short field name', column: 6, first: 'x'.repeat(996) },
  ])('keeps the first line of $name within 998 where a word after it is encoded', ({ column, first }) => {
    const folded = formatOpaque(`${first} å`, column, 'omit')!
    expectLines(folded, column)
    expect(parseUnstructured(received(folded))).toBe(`${first} å`)
  })
})

test.each([
  { what: 'blanks', unit: '  ' },
  { what: 'tabs', unit: '\t' },
  { what: 'words', unit: 'ab ' },
  { what: 'characters beyond ASCII', unit: 'é ' },
  { what: 'mixed words', unit: 'é a ' },
  { what: 'quotes', unit: '" ' },
  { what: 'quoted-strings', unit: '"é" ' },
  { what: 'escaped quotes', unit: '"\\" ' },
])('writing $what takes time in proportion', { retry: 2 }, ({ unit }) => {
  expect(
    growthRatio(
      5_000,
      n => `${unit.repeat(n)}é`,
      value => formatUnstructured(value, 9),
    ),
  ).toBeLessThan(3)
  expect(
    growthRatio(
      5_000,
      n => `x${unit.repeat(n)}é`,
      value => formatOpaque(value, 9, 'omit'),
    ),
  ).toBeLessThan(3)
})
