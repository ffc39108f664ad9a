import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeContentType, isMediaType, parseContentType } from '../../src/header/content-type.ts'
import { growthRatio } from '../codec/slow/growth.ts'

function parse(value: string): { mediaType: string; parameters: Record<string, string>; defects: string[] } {
  const defects: string[] = []
  const { mediaType, parameters } = parseContentType(value, code => defects.push(code))
  return { mediaType, parameters: Object.fromEntries(parameters), defects }
}

describe('parseContentType', () => {
  test.each([
    {
      section: 'RFC 2045 §5.1',
      value: 'text/plain; charset=us-ascii (Plain text)',
      mediaType: 'text/plain',
      parameters: { charset: 'us-ascii' },
    },
    {
      section: 'RFC 2045 §5.1',
      value: 'TEXT/Plain; Charset="US-ASCII"',
      mediaType: 'text/plain',
      parameters: { charset: 'US-ASCII' },
    },
    { section: 'RFC 2045 §5.1', value: 'application/x-stuff', mediaType: 'application/x-stuff', parameters: {} },
    {
      section: 'RFC 2045 §5.1, CFWS',
      value: ' text (a) / (b(c;)) plain (d) ; (e) x (f) = (g) y (h)',
      mediaType: 'text/plain',
      parameters: { x: 'y' },
    },
    {
      section: 'RFC 2046 §5.1.1',
      value: 'multipart/mixed; boundary="gc0p4Jq0M2Yt08j34c0p"',
      mediaType: 'multipart/mixed',
      parameters: { boundary: 'gc0p4Jq0M2Yt08j34c0p' },
    },
    {
      section: 'RFC 2046 §5.1.1',
      value: 'multipart/mixed; boundary="a  b"',
      mediaType: 'multipart/mixed',
      parameters: { boundary: 'a  b' },
    },
    {
      section: 'RFC 2231 §4.1',
      value: `application/x-stuff; title*0*=us-ascii'en'a%20; title*1*=%2A; title*2="b"`,
      mediaType: 'application/x-stuff',
      parameters: { title: 'a *b' },
    },
    {
      section: 'RFC 6838 §4.2',
      value: 'application/vnd.ms-excel.sheet.macroEnabled.12+xml',
      mediaType: 'application/vnd.ms-excel.sheet.macroenabled.12+xml',
      parameters: {},
    },
    { section: 'RFC 2045 §5.2, empty', value: '', mediaType: 'text/plain', parameters: {} },
    {
      section: 'RFC 2045 §5.2, empty',
      value: ' (nothing) ; charset=x',
      mediaType: 'text/plain',
      parameters: { charset: 'x' },
    },
  ])('$section: $value', ({ value, mediaType, parameters }) => {
    expect(parse(value)).toEqual({ mediaType, parameters, defects: [] })
  })

  test.each([
    { value: 'text', mediaType: 'text/plain' },
    { value: 'html', mediaType: 'text/html' },
    { value: 'multipart', mediaType: 'multipart/mixed' },
    { value: 'message', mediaType: 'message/rfc822' },
    { value: 'text/html charset=utf-8', mediaType: 'text/html' },
    { value: 'text/plain, text/html', mediaType: 'text/plain' },
    { value: 'text/plain (unbalanced', mediaType: 'text/plain' },
    { value: 'plain', mediaType: 'application/octet-stream' },
    { value: 'text/', mediaType: 'application/octet-stream' },
    { value: '/plain', mediaType: 'application/octet-stream' },
    { value: 'text/plain/html', mediaType: 'application/octet-stream' },
    { value: 'text\u00a0/plain', mediaType: 'application/octet-stream' },
    { value: '"text/plain"', mediaType: 'application/octet-stream' },
    { value: 'téxt/plain', mediaType: 'application/octet-stream' },
    { value: 'charset=utf-8', mediaType: 'application/octet-stream' },
  ])('makes $mediaType of $value and reports it (RFC 2045 §5.2)', ({ value, mediaType }) => {
    expect(parse(`${value}; x=y`)).toMatchObject({ mediaType, parameters: { x: 'y' }, defects: ['PARAMETER_INVALID'] })
  })

  test.each(['__proto__', 'constructor', 'tostring'])('%s is neither a type nor a parameter of all', name => {
    expect(parseContentType(name).mediaType).toBe('application/octet-stream')
    expect(parseContentType('text/plain').parameters.get(name)).toBeUndefined()
  })

  test.each([
    { vector: 'CVE-2026-116264, an invalid parameter before it', value: 'multipart/mixed; x; boundary=b' },
    { vector: 'CVE-2026-116265, continuations', value: 'multipart/mixed; boundary*0=b; boundary*2=x' },
    { vector: 'CVE-2026-116272, nested comment', value: 'multipart/mixed; (a (b) boundary=x) boundary=b' },
    { vector: 'ClamAV, leading space', value: ' multipart/mixed; boundary=b' },
    { vector: 'ClamAV, quoted-pair', value: 'multipart/mixed; boundary="\\b"' },
    { vector: 'mailparser, twice', value: 'multipart/mixed; boundary=b; boundary=c' },
    { vector: 'mailparser, comment', value: 'multipart/mixed; boundary=b (c; boundary=c)' },
    { vector: 'mailparser, junk after quotes', value: 'multipart/mixed; boundary="b"c' },
  ])('finds the boundary: $vector', ({ value }) => {
    expect(parse(value)).toMatchObject({ mediaType: 'multipart/mixed', parameters: { boundary: 'b' } })
  })

  test('CVE-2026-116266: a boundary is no place for encoded-words', () => {
    expect(parse('multipart/mixed; boundary="=?us-ascii?Q?b?="').parameters.boundary).toBe('=?us-ascii?Q?b?=')
  })
})

test('a media type is two tokens', () => {
  expect(['text/plain', 'a/b+c', "x-!#$%&'/*"].map(isMediaType)).toEqual([true, true, true])
  for (const text of ['', '/', 'a/', '/b', 'a/b/c', 'a b/c', 'a/b;c', 'a/b\r\nX: y', 'a/é'])
    expect(isMediaType(text)).toBe(false)
})

describe('describeContentType', () => {
  test('leaves out what is named, and what is no parameter name', () => {
    const type = parseContentType('text/csv; name=a.csv; charset=utf-8; å=b; header="a b"')
    expect(describeContentType(type, new Set(['name']))).toBe('text/csv; charset=utf-8; header="a b"')
  })

  test('round trip: the type comes back from its description', () => {
    const value = fc.string({ unit: fc.constantFrom(...'ab "\\;=()%\'*é日') })
    const names = fc.constantFrom('charset', 'x', 'format', 'boundary', 'filename', 'x-y')
    fc.assert(
      fc.property(fc.array(fc.tuple(names, value)), entries => {
        const type = { mediaType: 'text/x', parameters: new Map(entries) }
        expect(parseContentType(describeContentType(type, new Set()))).toEqual(type)
      }),
    )
  })
})

test.each([
  { what: 'open parentheses', unit: '(' },
  { what: 'parentheses', unit: '()' },
  { what: 'comments in comments', unit: '(', tail: ')' },
  { what: 'slashes', unit: '/' },
  { what: 'blanks', unit: ' ' },
  { what: 'CVE-2026-116270, "=?" in a boundary', unit: '=?', head: 'multipart/mixed; boundary="' },
])('time is in proportion to $what', { retry: 2 }, ({ unit, head = 'text/plain', tail = '' }) => {
  expect(
    growthRatio(
      5_000,
      n => head + unit.repeat(n) + tail,
      value => parseContentType(value),
    ),
  ).toBeLessThan(3)
})
