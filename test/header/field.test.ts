import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { latin1Bytes, latin1Text, utf8Bytes } from '../../src/codec/bytes.ts'
import { firstValue, type HeaderLimits, parseHeaderSection } from '../../src/header/field.ts'
import { growthRatio } from '../codec/slow/growth.ts'

const LIMITS: HeaderLimits = { headerOctets: 1024 * 1024, fields: 10_000 }

interface Section {
  readonly fields: [string, string][]
  readonly body: string
  readonly defects: [string, number][]
}

/** Reads a section given as characters U+0000 to U+00FF, one for each octet. */
function read(octets: string | Uint8Array, limits: Partial<HeaderLimits> = {}, delimiter?: string): Section {
  const source = typeof octets === 'string' ? latin1Bytes(octets) : octets
  const defects: [string, number][] = []
  const isDelimiter = (start: number) => delimiter !== undefined && latin1Text(source, start).startsWith(delimiter)
  const { fields, bodyStart } = parseHeaderSection(
    source,
    0,
    source.length,
    { ...LIMITS, ...limits },
    isDelimiter,
    (code, offset) => defects.push([code, offset]),
  )
  return { fields: fields.map(({ name, value }) => [name, value]), body: latin1Text(source, bodyStart), defects }
}

describe('parseHeaderSection', () => {
  test.each([
    {
      section: 'RFC 5322 §2.2',
      octets: 'A: b\r\nC:d\r\n\r\nbody',
      fields: [
        ['A', 'b'],
        ['C', 'd'],
      ],
      body: 'body',
    },
    { section: 'RFC 5322 §2.2.3', octets: 'A: b\r\n c\r\n\t d\r\n\r\n', fields: [['A', 'b c\t d']], body: '' },
    { section: 'RFC 5322 §3.6.8', octets: '!"#$&~: x\r\n\r\n', fields: [['!"#$&~', 'x']], body: '' },
    {
      section: 'RFC 5322 §4.2, a line of blanks',
      octets: 'A: b\r\n \t\r\n c\r\n\r\n',
      fields: [['A', 'b \t c']],
      body: '',
    },
    { section: 'RFC 5322 §4.5, blanks before the colon', octets: 'A \t: b\r\n\r\n', fields: [['A', 'b']], body: '' },
    {
      section: 'RFC 5322 §4.5, From with a blank on top',
      octets: 'From : a@b\r\n\r\n',
      fields: [['From', 'a@b']],
      body: '',
    },
    { section: 'RFC 5322 §3.5, no body', octets: 'A: b', fields: [['A', 'b']], body: '' },
    { section: 'RFC 5322 §3.5, no header', octets: '\r\nA: b', fields: [], body: 'A: b' },
    { section: 'RFC 6532 §3.2', octets: 'A: \xc3\xa5\r\n\r\n', fields: [['A', 'å']], body: '' },
    {
      section: 'RFC 4155, the line of an mbox file',
      octets: 'From a@b.c Fri Jun  2 14:13:40 2023\nA: b\n\n',
      fields: [['A', 'b']],
      body: '',
    },
    {
      section: 'RFC 4155, the same, quoted',
      octets: '>From a@b.c Fri Jun  2 14:13:40 2023\nA: b\n\n',
      fields: [['A', 'b']],
      body: '',
    },
  ])('$section', ({ octets, fields, body }) => {
    expect(read(octets)).toEqual({ fields, body, defects: [] })
  })

  test.each([
    { what: 'LF', octets: 'A: b\n c\n\nbody\r\n', defects: [] },
    { what: 'CRLF', octets: 'A: b\r\n c\r\n\r\nbody\r\n', defects: [] },
    { what: 'CRCRLF', octets: 'A: b\r\r\n c\r\r\n\r\r\nbody\r\n', defects: [] },
    { what: 'CRCRCRLF', octets: 'A: b\r\r\r\n c\r\r\r\n\r\r\r\nbody\r\n', defects: [] },
    { what: 'CR', octets: 'A: b\r c\r\rbody\r\n', defects: [['BARE_CR', 4]] },
    { what: 'CR and LF', octets: 'A: b\r c\n\nbody\r\n', defects: [['BARE_CR', 4]] },
  ])('lines end with $what', ({ octets, defects }) => {
    expect(read(octets)).toEqual({ fields: [['A', 'b c']], body: 'body\r\n', defects })
  })

  test.each([
    { what: 'a line without colon', line: 'no field' },
    { what: 'a name with a blank in it', line: 'Bad Name: x' },
    { what: 'no name', line: ': x' },
    { what: 'a byte order mark in front of the name', line: '\xef\xbb\xbfFrom: evil@x.y' },
    { what: 'a no-break space in front of the name', line: '\xc2\xa0From: evil@x.y' },
    { what: 'U+2028 in front of the name', line: '\xe2\x80\xa8From: evil@x.y' },
    { what: 'a control in the name', line: 'Fr\x00om: evil@x.y' },
  ])('reports and skips $what, with its continuation lines', ({ line }) => {
    expect(read(`A: b\r\n${line}\r\n folded\r\nC: d\r\n\r\nbody`)).toEqual({
      fields: [
        ['A', 'b'],
        ['C', 'd'],
      ],
      body: 'body',
      defects: [['FIELD_MALFORMED', 6]],
    })
  })

  test.each([
    { what: 'text', octets: 'Hello,\r\nthis is all.\r\n\r\nBye' },
    { what: 'text with a colon after words', octets: 'Dear all: this is text\r\n\r\nBye' },
    { what: 'text that starts with blanks', octets: '  Hello\r\n\r\nBye' },
  ])('$what is no header: the body starts where it started', ({ octets }) => {
    const { fields, body, defects } = read(octets)
    expect({ fields, body }).toEqual({ fields: [], body: octets })
    expect(defects[0]).toEqual(['FIELD_MALFORMED', 0])
  })

  test('defects come in the order of the lines, whatever is wrong with them', () => {
    const { fields, defects } = read('A: b\r\nB c: d\r\nno field\r\nC: d\r\nE f: g\r\n\r\n')
    expect(fields).toEqual([
      ['A', 'b'],
      ['C', 'd'],
    ])
    expect(defects).toEqual([
      ['FIELD_MALFORMED', 6],
      ['FIELD_MALFORMED', 14],
      ['FIELD_MALFORMED', 30],
    ])
  })

  test('a first line that starts with a blank is a field all the same (ClamAV#1814)', () => {
    expect(read(' Content-Type: text/html\r\n\r\n').fields).toEqual([['Content-Type', 'text/html']])
  })

  test('a line that lost the blank before a parameter goes on with its field', () => {
    expect(read('Content-Type: multipart/mixed;\r\nboundary="x:y"\r\nA: b\r\n\r\n')).toEqual({
      fields: [
        ['Content-Type', 'multipart/mixed;boundary="x:y"'],
        ['A', 'b'],
      ],
      body: '',
      defects: [['FIELD_MALFORMED', 32]],
    })
    expect(read('A: b\r\nboundary="x"\r\n\r\n')).toMatchObject({
      fields: [['A', 'b']],
      defects: [['FIELD_MALFORMED', 6]],
    })
  })

  test('raw 8-bit octets are UTF-8 field by field, else windows-1252, which is reported', () => {
    expect(read('A: \xe5\x80\r\nB: \xc3\xa5\r\nC: \xc3\r\n \xa5\r\n\r\n')).toEqual({
      fields: [
        ['A', 'å€'],
        ['B', 'å'],
        ['C', 'Ã ¥'],
      ],
      body: '',
      defects: [
        ['FIELD_EIGHT_BIT', 2],
        ['FIELD_EIGHT_BIT', 16],
      ],
    })
  })

  test('raw ISO-2022-JP is read, but not inside an address, where it would make another one', () => {
    const values = [
      '"\x1b$B;3ED\x1b(B" <a@b.c>',
      'Re: \x1b$B;3@n\x1b(B',
      'Re: \x1b$B\x1b(Bx',
      '\x1b$B;3\r\n ED\x1b(B <a@b.c>',
      'i@m\x1b$B--',
      'o@\x1b$)Cc',
      '\x1b$B--\x1b(Ba@b.c',
      'a@ \x1b$B--\x1b(B',
      'a@b.c (\x1b$B\x1b(B)',
      'a@b.c (\x1b$B;3E\x1b(B)',
      'a@b.c (\x1b$B;3 ED\x1b(B)',
    ]
    expect(read(`${values.map(value => `A: ${value}\r\n`).join('')}\r\n`).fields.map(([, value]) => value)).toEqual([
      '"山田" <a@b.c>',
      'Re: 山川',
      'Re: x',
      '山 田 <a@b.c>',
      ...values.slice(4),
    ])
    // With 8-bit octets it is no ISO-2022-JP.
    expect(read('A: \xa5\x1b$B;3ED\x1b(B\r\n\r\n').fields).toEqual([['A', '¥\x1b$B;3ED\x1b(B']])
  })

  test('only SP and HTAB are trimmed', () => {
    expect(read(utf8Bytes('A:\u00a0b\u2028 \t\r\n\r\n')).fields).toEqual([['A', '\u00a0b\u2028']])
  })

  test('a delimiter of an open multipart ends the section, with or without an empty line', () => {
    expect(read('A: b\r\n--x\r\nC: d\r\n\r\n', {}, '--x')).toEqual({
      fields: [['A', 'b']],
      body: '--x\r\nC: d\r\n\r\n',
      defects: [],
    })
    expect(read('A: b\r\n--y: c\r\n\r\n', {}, '--x').fields).toEqual([
      ['A', 'b'],
      ['--y', 'c'],
    ])
  })

  test('so does the first delimiter of the multipart that the section is the header of, but no line like it', () => {
    const type = 'Content-Type: multipart/mixed; boundary=x\n'
    for (const line of ['--x', '--x--', '--x \t']) {
      expect(read(`${type}${line}\nA: b\n\n`)).toMatchObject({ body: `${line}\nA: b\n\n`, defects: [] })
      expect(read(`--before\n${type}${line}\n`).body).toBe(`${line}\n`)
    }
    expect(read(`${type}--xy: z\n\nbody`)).toMatchObject({ fields: [{}, ['--xy', 'z']], body: 'body' })
    expect(read('Content-Type: text/plain; boundary=x\n--x\nA: b\n\n').fields).toContainEqual(['A', 'b'])
  })

  test('offsets are those of the name and of the end of the value in the source', () => {
    const source = latin1Bytes('xxA: b\r\n c \r\n D :e\r\n\r\nbody')
    const { fields, bodyStart } = parseHeaderSection(
      source,
      2,
      source.length,
      LIMITS,
      () => false,
      () => {},
    )
    expect(fields.map(({ offset, end }) => latin1Text(source, offset, end))).toEqual(['A: b\r\n c \r\n D :e'])
    expect(latin1Text(source, bodyStart)).toBe('body')
  })

  test('does not look beyond its end', () => {
    const source = latin1Bytes('A: b\r\nC: d\r\n\r\n')
    for (let end = 0; end <= source.length; end++) {
      const { fields, bodyStart } = parseHeaderSection(
        source,
        0,
        end,
        LIMITS,
        () => false,
        () => {},
      )
      expect(bodyStart).toBeLessThanOrEqual(end)
      for (const field of fields) expect(field.end).toBeLessThanOrEqual(end)
    }
  })

  test('names like __proto__ are fields like any other', () => {
    const { fields } = read('__proto__: a\r\nConstructor: b\r\n\r\n')
    expect(fields).toEqual([
      ['__proto__', 'a'],
      ['Constructor', 'b'],
    ])
  })
})

describe('limits', () => {
  test('of fields: those up to it are read, the rest is body and reported', () => {
    const { fields, body, defects } = read('A: 1\nB: 2\n x\nC: 3\nD: 4\n\nbody', { fields: 2 })
    expect(fields).toEqual([
      ['A', '1'],
      ['B', '2 x'],
    ])
    expect(body).toMatch(/body$/)
    expect(defects).toEqual([['LIMIT_FIELDS', 13]])
    expect(read('A: 1\nB: 2\n\nbody', { fields: 2 })).toEqual({
      fields: [
        ['A', '1'],
        ['B', '2'],
      ],
      body: 'body',
      defects: [],
    })
  })

  test('of octets: fields up to it are read, the rest is body and reported', () => {
    const { fields, body, defects } = read(`A: 1\nB: ${'x'.repeat(100)}\nC: 3\n\nbody`, { headerOctets: 50 })
    expect(fields).toEqual([['A', '1']])
    expect(body).toMatch(/body$/)
    expect(defects).toEqual([['LIMIT_HEADER_OCTETS', 5]])
    expect(read('A: 1\nB: 2\n\n', { headerOctets: 9 }).defects).toEqual([])
    expect(read('A: 1\nB: 2\n\n', { headerOctets: 8 }).fields).toEqual([['A', '1']])
  })
})

/** The slow twin, over text without quirks: cut into lines, joined into fields, taken apart. */
function slowRead(text: string): { fields: [string, string][]; body: string } {
  const lines = text.split(/(?<=\r\n|\n|\r(?!\n))/)
  const fields: string[] = []
  let used = 0
  for (const line of lines) {
    used += line.length
    if (/^[\r\n]+$/.test(line)) break
    if (/^[ \t]/.test(line) && fields.length > 0) fields[fields.length - 1] += line
    else fields.push(line)
  }
  const parsed = fields.map(field => /^([!-9;-~]+)[ \t]*:(.*)$/s.exec(field.replace(/[\r\n]+/g, '')))
  return {
    fields: parsed.filter(match => match !== null).map(match => [match[1]!, match[2]!.replace(/^[ \t]+|[ \t]+$/g, '')]),
    body: text.slice(used),
  }
}

test('reads what its slow twin reads', () => {
  const line = fc.constantFrom(
    'A: b',
    'Name :c d ',
    'x',
    ' folded',
    '\tmore',
    ' ',
    'B:',
    'C: d:e',
    'no field at all',
    '',
  )
  const lineBreak = fc.constantFrom('\r\n', '\n', '\r')
  fc.assert(
    fc.property(fc.array(fc.tuple(line, lineBreak), { maxLength: 12 }), lines => {
      const octets = `First: 1\r\n${lines.map(pieces => pieces.join('')).join('')}`
      // A CR at the end of one line and an LF that is the next are one line break for both.
      fc.pre(!octets.includes('\r\r\n'))
      const { fields, body } = read(octets)
      expect({ fields, body }).toEqual(slowRead(octets))
    }),
    { numRuns: 2000 },
  )
})

test('firstValue gives the first of several (smuggling by a second one)', () => {
  const source = latin1Bytes('Content-Type: a\r\ncontent-type: b\r\n\r\n')
  const { fields } = parseHeaderSection(
    source,
    0,
    source.length,
    LIMITS,
    () => false,
    () => {},
  )
  expect(firstValue(fields, 'content-type')).toBe('a')
  expect(firstValue(fields, 'x')).toBeUndefined()
})

describe('time is in proportion to', { retry: 2 }, () => {
  test.each([
    { what: 'fields', unit: 'A: b\r\n' },
    { what: 'CVE-2026-39820 of its kind, continuation lines (GHSA-39m8-27wv-hr27)', head: 'A:', unit: '\r\n b' },
    { what: 'continuation lines without field', head: 'x\r\n', unit: ' b\r\n' },
    { what: 'blanks in a value (nodemailer 10.0.14)', head: 'A: b', unit: ' ', tail: 'c' },
    { what: 'blanks in a name', head: 'A', unit: ' ', tail: ': c' },
    { what: 'CR', head: 'A: b', unit: '\r c' },
    { what: 'lines without colon', unit: 'x\r\n' },
    { what: 'lines like delimiters', unit: '--x\r\n' },
    { what: 'octets beyond ASCII', head: 'A: ', unit: '\xe5\r\n ' },
  ])('$what', ({ head = '', unit, tail = '' }) => {
    const limits = { headerOctets: Infinity, fields: Infinity }
    const prepare = (n: number) => latin1Bytes(head + unit.repeat(n) + tail)
    expect(
      growthRatio(10_000, prepare, source =>
        parseHeaderSection(
          source,
          0,
          source.length,
          limits,
          () => false,
          () => {},
        ),
      ),
    ).toBeLessThan(3)
  })
})
