import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatFilename, parseContentDisposition } from '../../src/header/content-disposition.ts'
import { unfold } from '../../src/header/fold.ts'
import { parseParameters } from '../../src/header/parameter.ts'
import { growthRatio } from '../codec/slow/growth.ts'

function parse(value: string): { type: string; parameters: Record<string, string> } {
  const { type, parameters } = parseContentDisposition(value)
  return { type, parameters: Object.fromEntries(parameters) }
}

describe('parseContentDisposition', () => {
  test.each([
    { section: 'RFC 2183 §3', value: 'inline', type: 'inline', parameters: {} },
    {
      section: 'RFC 2183 §3',
      value: 'attachment; filename=genome.jpeg;\r\n modification-date="Wed, 12 Feb 1997 16:29:51 -0500"',
      type: 'attachment',
      parameters: { filename: 'genome.jpeg', 'modification-date': 'Wed, 12 Feb 1997 16:29:51 -0500' },
    },
    {
      section: 'RFC 2183 §2, case',
      value: 'ATTACHMENT; FileName="A.txt"',
      type: 'attachment',
      parameters: { filename: 'A.txt' },
    },
    {
      section: 'RFC 2231 §4',
      value: "attachment; filename*=utf-8''%C3%A5.txt; filename=a.txt",
      type: 'attachment',
      parameters: { filename: 'å.txt' },
    },
    {
      section: 'RFC 2045 §5.1, comments',
      value: '(a(b;)) attachment (c); (d) filename=x',
      type: 'attachment',
      parameters: { filename: 'x' },
    },
    { section: 'QUIRK: no type', value: 'filename="a;b.txt"', type: 'attachment', parameters: { filename: 'a;b.txt' } },
    { section: 'QUIRK: no type', value: '; filename=a', type: '', parameters: { filename: 'a' } },
    {
      section: 'QUIRK: RFC 2047 in a name',
      value: 'attachment; filename="=?utf-8?B?w6U=?="',
      type: 'attachment',
      parameters: { filename: 'å' },
    },
    { section: 'empty', value: '', type: '', parameters: {} },
  ])('$section: $value', ({ value, type, parameters }) => {
    expect(parse(unfold(value))).toEqual({ type, parameters })
  })
})

const anyCharacter = () => fc.integer({ min: 0, max: 0x10ffff }).map(code => String.fromCodePoint(code))

/** A name without directories and controls. */
const filename = () =>
  fc
    .string({
      unit: fc.oneof(anyCharacter(), fc.constantFrom(...'".;%\'*( )=?_å日😀abc')),
      minLength: 1,
      maxLength: 150,
    })
    .map(text => text.replace(/[\0-\x1f\x7f/\\]|\p{Surrogate}/gu, ''))
    .filter(text => text !== '')

describe('formatFilename', () => {
  test('round trip: each of filename*=, and name= for readers without RFC 2231, gives the name', () => {
    fc.assert(
      fc.property(filename(), name => {
        const { disposition, type } = formatFilename(name)
        expect(parse(`attachment; ${disposition.join('; ')}`).parameters).toEqual({ filename: name })
        expect(parseParameters(`; ${unfold(type)}`, 0).get('name')).toBe(name)
        for (const line of [...disposition, ...type.split('\r\n')]) {
          expect(line).toMatch(/^[\x20-\x7e]*$/)
          expect(line.length).toBeLessThanOrEqual(name.length > 70 ? 170 : 80)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('a name that is not plain has its ASCII likeness in the last place, and Python takes the first', () => {
    const { disposition } = formatFilename('Årsmøte "24".pdf')
    expect(disposition).toEqual(["filename*=utf-8''%C3%85rsm%C3%B8te%20%2224%22.pdf", 'filename="Arsm_te _24_.pdf"'])
  })

  test.each([
    { name: 'report.pdf', disposition: ['filename=report.pdf'], type: 'name=report.pdf' },
    { name: 'my report (1).pdf', disposition: ['filename="my report (1).pdf"'], type: 'name="my report (1).pdf"' },
    { name: 'a;b=c.txt', disposition: ['filename="a;b=c.txt"'], type: 'name="a;b=c.txt"' },
    { name: '50%.txt', disposition: ['filename="50%.txt"'], type: 'name="50%.txt"' },
  ])('writes the plain name $name once', ({ name, disposition, type }) => {
    expect(formatFilename(name)).toEqual({ disposition, type })
  })

  test.each(['a"b', 'a\\b', 'a\tb', '=?utf-8?Q?a?=', ' a', 'a ', 'a  b', 'å', 'x'.repeat(899)])(
    'does not trust a quoted-string with %j',
    name => {
      const { disposition, type } = formatFilename(name)
      expect(disposition[0]).toMatch(/^filename\*/)
      expect(type).toMatch(/^name="=\?utf-8\?/)
    },
  )

  test.each([
    { name: '日本語.xlsx', likeness: 'filename=___.xlsx' },
    { name: '😀', likeness: 'filename=_' },
    { name: 'é', likeness: 'filename=e' },
    { name: '  ', likeness: 'filename=_' },
    { name: 'a"b\\c%d=?e.txt', likeness: 'filename=a_b_c_d_e.txt' },
    { name: `${'é'.repeat(100)}.jpeg`, likeness: `filename=${'e'.repeat(55)}.jpeg` },
    { name: `å.${'x'.repeat(100)}`, likeness: `filename=a.${'x'.repeat(58)}` },
  ])('keeps what ASCII can keep: $likeness', ({ name, likeness }) => {
    expect(formatFilename(name).disposition.at(-1)).toBe(likeness)
  })
})

test.each([
  { what: 'open parentheses', unit: '(' },
  { what: 'blanks', unit: ' ' },
  { what: '"="', unit: '=' },
])('reading and writing time is in proportion to $what', { retry: 2 }, ({ unit }) => {
  expect(
    growthRatio(
      5_000,
      n => `a${unit.repeat(n)}`,
      value => parseContentDisposition(value),
    ),
  ).toBeLessThan(3)
  expect(
    growthRatio(
      5_000,
      n => `å${unit.repeat(n)}`,
      value => formatFilename(value),
    ),
  ).toBeLessThan(3)
})
