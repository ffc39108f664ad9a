import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatExtendedParameter, formatParameter, parseParameters, splitHead } from '../../src/header/parameter.ts'
import { growthRatio } from '../codec/slow/growth.ts'

function parse(value: string): { parameters: [string, string][]; defects: unknown[] } {
  const defects: unknown[] = []
  const parameters = parseParameters(value, 0, (code, offset) => defects.push([code, offset]))
  return { parameters: [...parameters], defects }
}

describe('parseParameters', () => {
  test('plain ones are read as all others are', () => {
    const name = fc.constantFrom('charset', 'name', 'filename', 'x-a', 'format', 'boundary')
    const quoted = fc.stringMatching(/^[ -!#-[\]-~]{0,20}$/).map(text => `"${text}"`)
    const value = fc.oneof(fc.stringMatching(/^[!#-'*+\-./\dA-Z^-~]{1,20}$/), quoted)
    const parameter = fc
      .tuple(fc.constantFrom('; ', ';'), name, value)
      .map(([start, ...rest]) => start + rest.join('='))
    fc.assert(
      fc.property(fc.array(parameter, { maxLength: 12 }), parameters => {
        // A comment behind them is read with care, and means nothing.
        expect(parse(parameters.join(''))).toEqual(parse(`${parameters.join('')} (x)`))
      }),
    )
  })

  test.each([
    { section: 'RFC 2045 §5.1', value: '; charset=us-ascii (Plain text)', name: 'charset', text: 'us-ascii' },
    { section: 'RFC 2045 §5.1', value: ';charset="us-ascii"', name: 'charset', text: 'us-ascii' },
    { section: 'RFC 2045 §5.1, names without case', value: '; CharSet=x', name: 'charset', text: 'x' },
    { section: 'RFC 2045 §5.1, quoted-pairs', value: '; a="x \\"y\\" \\\\ \\z;=,"', name: 'a', text: 'x "y" \\ z;=,' },
    { section: 'RFC 2045 §5.1, empty', value: '; a=""', name: 'a', text: '' },
    {
      section: 'RFC 2046 §5.1.1',
      value: '; boundary="gc0pJq0M:08jU534c0p"',
      name: 'boundary',
      text: 'gc0pJq0M:08jU534c0p',
    },
    {
      section: 'RFC 2231 §3',
      value: `; access-type=URL; URL*0="ftp://"; URL*1="cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar"`,
      name: 'url',
      text: 'ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar',
    },
    {
      section: 'RFC 2231 §4',
      value: `; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A`,
      name: 'title',
      text: 'This is ***fun***',
    },
    {
      section: 'RFC 2231 §4.1',
      value: `; title*0*=us-ascii'en'This%20is%20even%20more%20; title*1*=%2A%2A%2Afun%2A%2A%2A%20; title*2="isn't it!"`,
      name: 'title',
      text: `This is even more ***fun*** isn't it!`,
    },
    { section: 'RFC 2231 §4, empty charset', value: "; a*=''%C3%A5", name: 'a', text: 'å' },
    { section: 'RFC 2231 §4, other charset', value: "; a*=iso-8859-1''%E5%20b", name: 'a', text: 'å b' },
    { section: 'RFC 2231 §4, case of digits', value: "; a*=utf-8''%c3%A5", name: 'a', text: 'å' },
    { section: 'RFC 2231 §3, in any order', value: '; a*2=z; a*0=x; a*1=y', name: 'a', text: 'xyz' },
    { section: 'RFC 2231 §4.1, character split', value: "; a*0*=utf-8''%C3; a*1*=%A5", name: 'a', text: 'å' },
    { section: 'RFC 2231 §4.1, "%" unstarred', value: "; a*0*=utf-8''%41; a*1=%41", name: 'a', text: 'A%41' },
  ])('$section: $value', ({ value, name, text }) => {
    const { parameters, defects } = parse(value)
    expect(parameters.find(([found]) => found === name)?.[1]).toBe(text)
    expect(defects).toEqual([])
  })

  test.each([
    { what: 'blanks around "="', value: ';a = x', expected: [['a', 'x']] },
    {
      what: 'comments everywhere',
      value: '; (n(o)te) a (=;) = (\\)) x (y) ; b=z',
      expected: [
        ['a', 'x'],
        ['b', 'z'],
      ],
    },
    {
      what: 'spaces in a bare value',
      value: '; name=my report.pdf; a=b',
      expected: [
        ['name', 'my report.pdf'],
        ['a', 'b'],
      ],
    },
    {
      what: 'parentheses in a bare name',
      value: '; filename=Invoice(1).pdf',
      expected: [['filename', 'Invoice(1).pdf']],
    },
    {
      what: 'parentheses after a blank in a bare name',
      value: '; filename=Invoice (1) (final).pdf; size=3',
      expected: [
        ['filename', 'Invoice (1) (final).pdf'],
        ['size', '3'],
      ],
    },
    {
      what: 'a comment after a bare name',
      value: '; name=a.txt (a note); b=c',
      expected: [
        ['name', 'a.txt'],
        ['b', 'c'],
      ],
    },
    {
      what: 'a parenthesis that never closes in a name',
      value: '; name=a (1.txt; b=c',
      expected: [
        ['name', 'a (1.txt'],
        ['b', 'c'],
      ],
    },
    {
      what: 'a Windows path in a name of a file',
      value: '; filename="C:\\Users\\a \\"b\\".txt"; x="\\y"',
      expected: [
        ['filename', 'C:\\Users\\a "b".txt'],
        ['x', 'y'],
      ],
    },
    {
      what: 'junk after a quoted-string',
      value: '; boundary="b"c; d=e',
      expected: [
        ['boundary', 'b'],
        ['d', 'e'],
      ],
    },
    { what: 'a quoted-string without an end', value: '; a="b; c=d', expected: [['a', 'b; c=d']] },
    { what: 'a backslash at the end', value: '; a="b\\', expected: [['a', 'b\\']] },
    {
      what: 'stray semicolons',
      value: ';; a=b ;;; c=d;',
      expected: [
        ['a', 'b'],
        ['c', 'd'],
      ],
    },
    { what: 'an encoded-word as name', value: '; name="=?utf-8?Q?=C3=A5.txt?="', expected: [['name', 'å.txt']] },
    {
      what: 'an encoded-word without quotes',
      value: '; filename==?utf-8?B?w6U=?=; a=b',
      expected: [
        ['filename', 'å'],
        ['a', 'b'],
      ],
    },
    {
      what: 'an encoded-word elsewhere, which stays',
      value: '; a="=?utf-8?Q?b?="',
      expected: [['a', '=?utf-8?Q?b?=']],
    },
    { what: 'raw UTF-8', value: '; name=å.txt', expected: [['name', 'å.txt']] },
    { what: 'blanks at the ends of a quoted value', value: '; a=" b  c "', expected: [['a', ' b  c ']] },
    { what: 'a value with "="', value: '; a=b=c', expected: [['a', 'b=c']] },
    { what: 'a no-break space, which is text', value: ';\u00a0a=b', expected: [['\u00a0a', 'b']] },
  ])('reads $what', ({ value, expected }) => {
    expect(parse(value)).toEqual({ parameters: expected, defects: [] })
  })

  test.each([
    {
      what: 'a parameter without value (postal-mime 7b0ca9d)',
      value: '; flag; boundary=b',
      code: 'PARAMETER_INVALID',
      at: 1,
    },
    {
      what: 'an unbalanced parenthesis (CVE-2026-116272)',
      value: '; (x; boundary=b',
      code: 'PARAMETER_INVALID',
      at: 1,
    },
    { what: 'a name of specials (CVE-2026-116264)', value: '; @=1; boundary=b', code: 'PARAMETER_INVALID', at: 1 },
    { what: 'a segment without number', value: '; a*x=1; boundary=b', code: 'PARAMETER_INVALID', at: 1 },
    { what: 'segments that start at 1', value: '; a*1=x; boundary=b', code: 'PARAMETER_INVALID', at: 0 },
    {
      what: 'the name twice: the first counts',
      value: '; boundary=b; Boundary=evil',
      code: 'PARAMETER_DUPLICATE',
      at: 13,
    },
    { what: 'a segment twice', value: '; boundary*0=b; boundary*0=evil', code: 'PARAMETER_DUPLICATE', at: 15 },
    { what: 'the whole value twice', value: "; boundary*=''b; boundary*=''evil", code: 'PARAMETER_DUPLICATE', at: 16 },
  ])('goes on after $what, and reports it', ({ value, code, at }) => {
    const { parameters, defects } = parse(value)
    expect(parameters).toEqual([['boundary', 'b']])
    expect(defects).toEqual([[code, at]])
  })

  test.each([
    { what: 'a comment after a token', value: '; charset=x (; boundary=evil); boundary=b' },
    { what: 'a comment after a quoted-string', value: '; charset="x" (; boundary=evil (;)); boundary=b' },
    { what: 'a comment before a name', value: '; (a; boundary=evil) boundary=b' },
    { what: 'a comment after a name', value: '; boundary (=evil; boundary=evil) = b' },
    { what: 'a quoted value', value: '; x="; boundary=evil; "; boundary=b' },
    { what: 'an escaped quote', value: '; x="\\"; boundary=evil; \\""; boundary=b' },
    { what: 'an escaped parenthesis', value: '; x=y (\\); boundary=evil); boundary=b' },
  ])('finds no parameter inside $what', ({ value }) => {
    expect(parseParameters(value, 0).get('boundary')).toBe('b')
  })

  test('of forms of one name RFC 2231 wins, whole before numbered', () => {
    for (const value of ["; a=1; a*=''2; a*0=3", "; a*0=3; a*=''2; a=1"])
      expect(parse(value).parameters).toEqual([['a', '2']])
    expect(parse('; a=1; a*0=3').parameters).toEqual([['a', '3']])
    expect(parse('; a=1; a*1=3').parameters).toEqual([['a', '1']])
  })

  test('a gap ends numbered segments', () => {
    expect(parse('; a*0=x; a*2=z').parameters).toEqual([['a', 'x']])
    expect(parse('; a*0=x; a*99999=z; a*1=y').parameters).toEqual([['a', 'xy']])
  })

  test('decodes a name once: RFC 2231 gives no encoded-word (libmime: a%3D%3F… became a.exe)', () => {
    expect(parse("; filename*=utf-8''a%3D%3Futf-8%3FQ%3F%3D2Eexe%3F%3D").parameters).toEqual([
      ['filename', 'a=?utf-8?Q?=2Eexe?='],
    ])
    expect(parse('; filename*0=a%2; filename*1=Fb').parameters).toEqual([['filename', 'a%2Fb']])
  })

  test('a file name in encoded-words may be cut into segments, as long as none is in RFC 2231 form', () => {
    for (const value of [
      '; filename*0="=?utf-8?B?w6k=?="; filename*1=".pdf"',
      '; filename*0="=?utf-8?B?"; filename*1="w6k=?=.pdf"',
      '; name=x; filename*0="=?utf-8?Q?=C3=A9?=.pdf"',
    ]) {
      expect(parse(value).parameters.at(-1)).toEqual(['filename', 'é.pdf'])
    }
    expect(parse("; filename*0*=utf-8''; filename*1='=?utf-8?B?w6k=?='").parameters).toEqual([
      ['filename', "'=?utf-8?B?w6k=?='"],
    ])
    expect(parse('; title*0="=?utf-8?B?w6k=?="').parameters).toEqual([['title', '=?utf-8?B?w6k=?=']])
  })

  test('keeps what is no escape', () => {
    expect(parse("; a*=utf-8''%4%zz%41%").parameters).toEqual([['a', '%4%zzA%']])
    expect(parse('; a*=no-quotes%41').parameters).toEqual([['a', 'no-quotesA']])
    expect(parse("; a*=utf-8'b").parameters).toEqual([['a', "utf-8'b"]])
  })

  test('reports a charset nobody knows and reads on', () => {
    expect(parse("; a*=x-klingon''%C3%A5; b=c")).toEqual({
      parameters: [
        ['a', 'å'],
        ['b', 'c'],
      ],
      defects: [['CHARSET_UNKNOWN', 0]],
    })
    for (const charset of ['__proto__', 'base64', 'hex', 'utf-7']) {
      expect(parse(`; a*=${charset}''%C3%A5`).parameters).toEqual([['a', 'å']])
    }
  })

  test('no control comes out of a value', () => {
    for (const value of ["; name*=''a%0D%0AX:%20y%00", '; name="=?utf-8?Q?a=0D=0AX:_y=00?="', '; name="a\r\n\0X: y"']) {
      expect(parse(value).parameters[0]![1]).toMatch(/^a ?X: y$/)
    }
  })

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s is a name like any other', name => {
    const parameters = parseParameters(`; ${name}=x; ${name}*0=y; a=b`, 0)
    expect(parameters.get(name.toLowerCase())).toBe('y')
    expect(parameters.size).toBe(2)
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })

  test('starts at the first ";" from `start` on', () => {
    expect([...parseParameters('a=1; b=2; c=3', 4)]).toEqual([['c', '3']])
    expect([...parseParameters('a=1', 0)]).toEqual([])
  })
})

describe('splitHead', () => {
  test.each([
    { value: 'text/plain; a=b', text: 'text/plain', end: 10 },
    { value: ' text/plain ', text: 'text/plain', end: 12 },
    { value: 'text/plain (a;b) ; c=d', text: 'text/plain', end: 17 },
    { value: '(a(;)b)x(c)y', text: 'x y', end: 12 },
    { value: 'x (a; b=c', text: 'x (a', end: 4 },
    { value: '', text: '', end: 0 },
  ])('$value', ({ value, text, end }) => {
    expect(splitHead(value)).toEqual({ text, end })
  })
})

const anyCharacter = () => fc.integer({ min: 0, max: 0x10ffff }).map(code => String.fromCodePoint(code))

/** A value as it can be in a parameter: well-formed and without controls. */
const text = () =>
  fc
    .string({
      unit: fc.oneof(anyCharacter(), fc.constantFrom(...'";\\%\'*( )=?å日😀')),
      maxLength: 120,
    })
    .map(value => value.replace(/[\0-\x1f\x7f]|\p{Surrogate}/gu, ''))

describe('formatting', () => {
  test('round trip: a parameter of ASCII comes back', () => {
    const ascii = fc.string({ unit: 'grapheme-ascii' })
    fc.assert(
      fc.property(ascii, value => {
        expect(parse(`; x=y; a.b=1; ${formatParameter('a', value)}; z=1`)).toEqual({
          parameters: [
            ['x', 'y'],
            ['a.b', '1'],
            ['a', value],
            ['z', '1'],
          ],
          defects: [],
        })
      }),
    )
  })

  test('round trip: an extended parameter of any text comes back, through tokens that fit a line', () => {
    fc.assert(
      fc.property(text(), value => {
        const parameters = formatExtendedParameter('filename', value)
        for (const parameter of parameters) {
          expect(parameter).toMatch(/^filename\*(?:\d+\*)?=[A-Za-z0-9!#$&+\-.^_`{|}~%']*$/)
          expect(parameter.length).toBeLessThanOrEqual(74)
        }
        expect(parse(`; ${parameters.join('; ')}`)).toEqual({ parameters: [['filename', value]], defects: [] })
      }),
    )
  })

  test.each([
    { value: 'utf-8', text: 'a=utf-8' },
    { value: '', text: 'a=""' },
    { value: 'a b', text: 'a="a b"' },
    { value: 'a"b\\', text: 'a="a\\"b\\\\"' },
    { value: "it's", text: `a="it's"` },
    { value: '50%', text: 'a="50%"' },
    { value: 'a*b', text: 'a="a*b"' },
  ])('writes $text', ({ value, text: expected }) => {
    expect(formatParameter('a', value)).toBe(expected)
  })

  test('writes one value where it fits and numbered ones where it does not, a character never split', () => {
    expect(formatExtendedParameter('filename', 'å b.txt')).toEqual(["filename*=utf-8''%C3%A5%20b.txt"])
    const segments = formatExtendedParameter('filename', `${'å'.repeat(30)}.txt`)
    expect(segments.map(segment => segment.slice(0, segment.indexOf('=')))).toEqual([
      'filename*0*',
      'filename*1*',
      'filename*2*',
      'filename*3*',
    ])
    for (const segment of segments) expect(segment).toMatch(/=(?:utf-8'')?(?:%C3%A5)+(?:\.txt)?$/)
  })
})

describe('time is in proportion to', { retry: 2 }, () => {
  test.each([
    { what: 'parameters', unit: '; a=b' },
    { what: 'segments in order', unit: '' },
    { what: 'semicolons', unit: ';' },
    { what: 'open parentheses', unit: ';(' },
    { what: 'open parentheses, one closed', unit: '(;', tail: ')' },
    { what: 'open parentheses in names of files', unit: '; name=a (', tail: ')' },
    { what: 'comments in a name of a file', unit: ' (a)', head: '; name=x', tail: 'y' },
    { what: 'comments', unit: '(a)', head: '; x=' },
    { what: 'comments in comments', unit: '(', head: '; x=', tail: ')' },
    { what: 'open quotes', unit: '; a="' },
    { what: 'quoted-pairs', unit: '\\"', head: '; a="' },
    { what: 'percent-escapes', unit: '%41', head: "; a*=utf-8''" },
    { what: 'beginnings of encoded-words', unit: '=?a?Q?x', head: '; name="' },
    { what: 'names without value', unit: ';aaaaaaaa' },
    { what: 'stars', unit: '*', head: ';a' },
    { what: 'blanks', unit: ' ', head: ';a=b', tail: ';' },
  ])('$what', ({ what, unit, head = '', tail = '' }) => {
    const value = (n: number) =>
      what === 'segments in order'
        ? Array.from({ length: n }, (_, index) => `;a*${index}*=%41`).join('')
        : `${head}${unit.repeat(n)}${tail}`
    expect(growthRatio(3_000, value, input => [parseParameters(input, 0), splitHead(input)])).toBeLessThan(3)
  })
})
