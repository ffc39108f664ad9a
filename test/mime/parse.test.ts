import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { latin1Bytes, latin1Text } from '../../src/codec/bytes.ts'
import { MimeError } from '../../src/errors.ts'
import { type ParseMimeOptions, parseMime } from '../../src/mime/parse.ts'
import { type MimePart, walk } from '../../src/mime/part.ts'
import { growthRatio } from '../codec/slow/growth.ts'

function parse(text: string, limits?: ParseMimeOptions['limits']) {
  return parseMime(latin1Bytes(text), { limits })
}

/** Structure and bodies: `mixed(plain "a", html "b")`, `rfc822<plain "x">`; a multipart that is a leaf with "!". */
function shape(part: MimePart): string {
  const type = part.contentType.mediaType.replace(/^(?:text|multipart|message)\//, '')
  if (part.isDivided) return `${type}(${part.parts.map(shape).join(', ')})`
  if (part.message !== undefined) return `${type}<${shape(part.message)}>`
  const isComposite = part.contentType.mediaType.startsWith('multipart/')
  return `${isComposite ? `${type}!` : type} ${JSON.stringify(latin1Text(part.body))}`
}

function codes(text: string, limits?: ParseMimeOptions['limits']): string[] {
  return parse(text, limits).defects.map(({ code }) => code)
}

const multipart = (boundary: string, subtype = 'mixed') =>
  `Content-Type: multipart/${subtype}; boundary="${boundary}"\n\n`

describe('delimiters', () => {
  test.each([
    {
      section: 'RFC 2046 §5.1.1',
      body: 'preamble\n--b\n\none\n--b\n\ntwo\n--b--\nepilogue',
      found: 'mixed(plain "one", plain "two")',
    },
    {
      section: 'RFC 2046 §5.1.1, line break before it',
      body: '--b\n\none\n\n--b\n\ntwo\n--b--',
      found: 'mixed(plain "one\\n", plain "two")',
    },
    { section: 'RFC 2046 §5.1.1, transport padding', body: '--b \t\n\none\n--b-- \t \n', found: 'mixed(plain "one")' },
    { section: 'RFC 2046 §5.1.1, one part', body: '--b\n\none\n--b--\n', found: 'mixed(plain "one")' },
    {
      section: 'RFC 2046 §5.1.1, text after it on its line',
      body: '--b\n\n--bx\n--b x\n--b--x\n -- b\n--B\n --b\n--b--',
      found: 'mixed(plain "--bx\\n--b x\\n--b--x\\n -- b\\n--B\\n --b")',
    },
    { section: 'RFC 2046 §5.1, part without header', body: '--b\n\n\n--b--', found: 'mixed(plain "")' },
    {
      section: 'RFC 2046 §5.1, part without body',
      body: '--b\nContent-Type: text/html\n--b--',
      found: 'mixed(html "")',
    },
    { section: 'RFC 2046 §5.1, empty part', body: '--b\n--b\n--b--', found: 'mixed(plain "", plain "")' },
    { section: 'RFC 2046 §5.1, no part', body: '--b--\n', found: 'mixed()' },
    {
      section: 'RFC 2046 §5.1.1, after the close-delimiter',
      body: '--b\n\none\n--b--\n--b\n\ntwo\n--b--',
      found: 'mixed(plain "one")',
    },
  ])('$section', ({ body, found }) => {
    for (const lineBreak of ['\n', '\r\n', '\r']) {
      const source = (multipart('b') + body).replaceAll('\n', lineBreak)
      expect(shape(parse(source).root)).toBe(found.replaceAll('\\n', JSON.stringify(lineBreak).slice(1, -1)))
    }
  })

  test.each([
    {
      what: 'CRLF and LF',
      source: `${multipart('b')}--b\r\n\r\none\n--b\n\r\ntwo\r\n--b--`,
      found: 'mixed(plain "one", plain "two")',
    },
    {
      what: 'CR and LF',
      source: `${multipart('b')}--b\r\rone\r--b\n\ntwo\n--b--\r`,
      found: 'mixed(plain "one", plain "two")',
    },
    { what: 'CRCRLF', source: `${multipart('b')}--b\r\r\n\r\r\none\n--b--\r\r\n`, found: 'mixed(plain "one")' },
    {
      what: 'CRCRLF throughout',
      source: `${multipart('b')}--b\n\none\n--b\n\ntwo\n\n--b--\n`.replaceAll('\n', '\r\r\n'),
      found: 'mixed(plain "one", plain "two\\r\\r\\n")',
    },
    {
      what: 'CR that ends a part, and CRLF',
      source: `${multipart('b')}--b\r\n\r\none\r\r\n--b\r\n\r\ntwo\r\r\n--b--`,
      found: 'mixed(plain "one\\r", plain "two\\r")',
    },
  ])('line ends mixed of $what', ({ source, found }) => {
    expect(shape(parse(source).root)).toBe(found)
  })

  test('a boundary that is the beginning of another takes none of its delimiters (mikel/mail#379)', () => {
    const inner = `${multipart('bb')}--bb\n\none\n--bb--\n`
    expect(shape(parse(`${multipart('b')}--b\n${inner}--b\n\ntwo\n--b--`).root)).toBe(
      'mixed(mixed(plain "one"), plain "two")',
    )
    const swapped = `${multipart('b')}--b\n\none\n--b--\n`
    expect(shape(parse(`${multipart('bb')}--bb\n${swapped}--bb\n\ntwo\n--bb--`).root)).toBe(
      'mixed(mixed(plain "one"), plain "two")',
    )
  })

  test('the same boundary inside: the innermost takes it', () => {
    const inner = `${multipart('b', 'alternative')}--b\n\none\n--b--\n`
    expect(shape(parse(`${multipart('b')}--b\n${inner}--b\n\ntwo\n--b--`).root)).toBe(
      'mixed(alternative(plain "one"), plain "two")',
    )
  })

  test("any ancestor's delimiter ends a part and all between", () => {
    const innermost = `${multipart('c')}--c\n\none`
    const inner = `${multipart('b')}--b\nContent-Type: message/rfc822\n\nSubject: x\n${innermost}`
    const source = `${multipart('a')}--a\n${inner}\n--a\n\ntwo\n--a--`
    expect(shape(parse(source).root)).toBe('mixed(mixed(rfc822<mixed(plain "one")>), plain "two")')
    expect(codes(source)).toEqual(['CLOSE_BOUNDARY_MISSING', 'CLOSE_BOUNDARY_MISSING'])
  })

  test('a delimiter ends a header section that has no end', () => {
    const source = `${multipart('b')}--b\nContent-Type: text/html\nX: y\n--b\n\ntwo\n--b--`
    expect(shape(parse(source).root)).toBe('mixed(html "", plain "two")')
  })

  test.each([
    {
      what: 'no close-delimiter',
      source: `${multipart('b')}--b\n\none\n`,
      found: 'mixed(plain "one\\n")',
      defects: ['CLOSE_BOUNDARY_MISSING'],
    },
    {
      what: 'no delimiter',
      source: `${multipart('b')}just text\n`,
      found: 'mixed! "just text\\n"',
      defects: ['BOUNDARY_NOT_FOUND'],
    },
    {
      what: 'no boundary',
      source: 'Content-Type: multipart/mixed\n\n--b\n\none\n--b--',
      found: 'mixed! "--b\\n\\none\\n--b--"',
      defects: ['BOUNDARY_MISSING'],
    },
    {
      what: 'an empty boundary',
      source: `${multipart(' ')}--\n\none\n----`,
      found: 'mixed! "--\\n\\none\\n----"',
      defects: ['BOUNDARY_MISSING'],
    },
    {
      what: 'a source that ends in a delimiter',
      source: `${multipart('b')}--b`,
      found: 'mixed(plain "")',
      defects: ['CLOSE_BOUNDARY_MISSING'],
    },
    {
      what: 'a source that ends in half a delimiter',
      source: `${multipart('bb')}--bb\n\none\n--b`,
      found: 'mixed(plain "one\\n--b")',
      defects: ['CLOSE_BOUNDARY_MISSING'],
    },
    {
      what: 'base64 on a multipart',
      source: `Content-Transfer-Encoding: base64\n${multipart('b')}--b\n\none\n--b--`,
      found: 'mixed(plain "one")',
      defects: ['ENCODING_ON_COMPOSITE'],
    },
  ])('survives $what and reports it', ({ source, found, defects }) => {
    expect(shape(parse(source).root)).toBe(found)
    expect(codes(source)).toEqual(defects)
  })

  test.each([
    { what: 'specials', boundary: "'()+_,-./:=? x" },
    { what: 'two blanks (postal-mime#92)', boundary: 'a  b' },
    { what: 'dashes', boundary: '--' },
    { what: 'characters of regular expressions', boundary: '[a]*.+$' },
    { what: 'UTF-8', boundary: '\xc3\xa5' },
  ])('a boundary of $what', ({ boundary }) => {
    expect(shape(parse(`${multipart(boundary)}--${boundary}\n\none\n--${boundary}--`).root)).toBe('mixed(plain "one")')
  })

  test('the line of a header that looks like a delimiter is one only where its multipart is open', () => {
    expect(shape(parse('--b\nSubject: x\n\ntext').root)).toBe('plain "text"')
  })
})

describe('types', () => {
  test('RFC 2046 §5.1.5: in a digest a part without Content-Type is a message', () => {
    const source = `${multipart('b', 'digest')}--b\n\nSubject: one\n\ntext\n--b\nContent-Type: text/html\n\ntwo\n--b--`
    expect(shape(parse(source).root)).toBe('digest(rfc822<plain "text">, html "two")')
  })

  test('a message in a message is taken apart, and ends where the part ends', () => {
    const message = `Subject: inner\n${multipart('c')}--c\n\none\n--c--\n`
    const source = `${multipart('b')}--b\nContent-Type: message/rfc822\n\n${message}\n--b\nContent-Type: message/global\n\nA: b\n--b--`
    const { root, defects } = parse(source)
    expect(shape(root)).toBe('mixed(rfc822<mixed(plain "one")>, global<plain "">)')
    expect(latin1Text(root.parts[0]!.message!.octets)).toBe(message)
    expect(defects).toEqual([])
  })

  test('an encoded message is a leaf: RFC 2046 §5.2.1 forbids it', () => {
    const source = 'Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeA=='
    expect(shape(parse(source).root)).toBe('rfc822 "U3ViamVjdDogeA=="')
    expect(codes(source)).toEqual(['ENCODING_ON_COMPOSITE'])
    expect(latin1Text(parse(source).root.content())).toBe('Subject: x')
  })

  test('the first Content-Type counts (parser differentials of mailparser, postal-mime#4)', () => {
    const source = `Content-Type: text/html\n${multipart('b')}--b\n\none\n--b--`
    expect(shape(parse(source).root)).toMatch(/^html /)
  })

  test('a byte order mark in front of the first field is no part of its name', () => {
    const { root } = parse('\xef\xbb\xbfContent-Type: text/html\n\nx')
    expect(shape(root)).toBe('html "x"')
    expect(root.offset).toBe(3)
  })

  test.each(['', '\n', 'A', ':', '\r', '\n\n\n', '\xef\xbb\xbf', '--', '\0'])('no message: %j', source => {
    const { root } = parse(source)
    expect(root.parts).toEqual([])
    expect(root.end).toBe(source.length)
  })
})

describe('limits', () => {
  const nested = (depth: number) => {
    const opening = Array.from({ length: depth }, (_, level) => `${multipart(`b${level}x`)}--b${level}x\n`)
    return `${opening.join('')}\ntext`
  }
  const levelsOf = (root: MimePart) => {
    let levels = 0
    for (let part: MimePart | undefined = root; part !== undefined; part = part.parts[0]) levels++
    return levels
  }

  test('depth: what is deeper is one opaque part', () => {
    const { root, defects } = parse(nested(5), { depth: 3 })
    expect(levelsOf(root)).toBe(4)
    const leaf = root.parts[0]!.parts[0]!.parts[0]!
    expect(leaf).toMatchObject({ isDivided: false, isOpaque: true })
    expect(latin1Text(leaf.octets)).toContain('b4x')
    expect(defects.map(({ code }) => code)).toContain('LIMIT_DEPTH')
    expect(defects.find(({ code }) => code === 'LIMIT_DEPTH')!.offset).toBe(leaf.offset)
    expect(codes(nested(3), { depth: 3 })).not.toContain('LIMIT_DEPTH')
    expect(codes(nested(101))).toContain('LIMIT_DEPTH')
    expect(codes(nested(100))).not.toContain('LIMIT_DEPTH')
  })

  test('rfc822Depth: a message inside too many is a leaf', () => {
    const source = (depth: number) => `${'Content-Type: message/rfc822\n\n'.repeat(depth)}Subject: x\n\ntext`
    expect(shape(parse(source(3), { rfc822Depth: 2 }).root)).toBe('rfc822<rfc822<rfc822 "Subject: x\\n\\ntext">>')
    expect(codes(source(3), { rfc822Depth: 2 })).toEqual(['LIMIT_RFC822_DEPTH'])
    expect(codes(source(2), { rfc822Depth: 2 })).toEqual([])
    expect(codes(source(11))).toEqual(['LIMIT_RFC822_DEPTH'])
    expect(codes(source(3), { depth: 2 })).toEqual(['LIMIT_DEPTH'])
  })

  test('rfc822Depth counts messages inside each other, not beside each other', () => {
    const source = `${multipart('b')}${'--b\nContent-Type: message/rfc822\n\nA: b\n\nx\n'.repeat(30)}--b--`
    expect(codes(source, { rfc822Depth: 1 })).toEqual([])
    expect(parse(source, { rfc822Depth: 1 }).root.parts.every(({ message }) => message !== undefined)).toBe(true)
  })

  test('parts: what comes after is one opaque part (multipart bomb of mailparser < 2.3.0)', () => {
    const source = `${multipart('b')}${'--b\n\nx\n'.repeat(10)}--b--`
    const { root, defects } = parse(source, { parts: 4 })
    expect(root.parts.map(part => [part.isOpaque, latin1Text(part.body)])).toEqual([
      [false, 'x'],
      [false, 'x'],
      [false, 'x'],
      [true, source.slice(defects[0]!.offset)],
    ])
    expect(defects).toEqual([{ code: 'LIMIT_PARTS', offset: root.parts[3]!.offset }])
    expect(codes(source, { parts: 11 })).toEqual([])
  })

  test('fields and headerOctets hold for each section of its own', () => {
    const part = '--b\nA: 1\nB: 2\n\nx\n'
    expect(codes(`${multipart('b')}${part.repeat(5)}--b--`, { fields: 2, headerOctets: 60 })).toEqual([])
    expect(codes(`${multipart('b')}${part}--b--`, { fields: 1 })).toEqual(['LIMIT_FIELDS'])
    expect(codes(`${multipart('b')}${part}--b--`, { headerOctets: 8 })).toContain('LIMIT_HEADER_OCTETS')
  })

  test('maxOctets: the one limit that throws', () => {
    expect(codes('A: b\n\nx', { maxOctets: 7 })).toEqual([])
    expect(() => parse('A: b\n\nx', { maxOctets: 6 })).toThrow(MimeError)
    expect(() => parse('A: b\n\nx', { maxOctets: 6 })).toThrow(expect.objectContaining({ code: 'LIMIT_OCTETS' }))
  })

  test('no limit: 10,000 multiparts in each other, read and walked without recursion', () => {
    const { root } = parse(nested(10_000), { depth: Infinity, parts: Infinity })
    expect(levelsOf(root)).toBe(10_001)
    expect([...walk(root)]).toHaveLength(10_001)
  })
})

/** One part of what the slow twin reads. */
interface SlowPart {
  readonly type: string
  readonly octets: string
  readonly body: string
  readonly parts: readonly SlowPart[]
  readonly message: SlowPart | undefined
}

/** The slow twin: line by line, by the letter of RFC 2046 §5.1, over text without quirks. */
function slowParse(text: string): SlowPart {
  const lines = text.split(/(?<=\r\n|\n|\r(?!\n))/).filter(line => line !== '')
  const offsets: number[] = [0]
  for (const line of lines) offsets.push(offsets.at(-1)! + line.length)
  const open: (string | undefined)[] = []
  let at = 0

  /** Level of the open multipart whose delimiter the line is; -1 for none. */
  const levelOf = (line: string): number =>
    open.findLastIndex(boundary => {
      if (boundary === undefined || !line.startsWith(`--${boundary}`)) return false
      return /^(?:--)?[ \t]*(?:\r\n|\n|\r)?$/.test(line.slice(2 + boundary.length))
    })
  const isDelimiter = () => at < lines.length && levelOf(lines[at]!) !== -1
  const skipToDelimiter = () => {
    while (at < lines.length && !isDelimiter()) at++
  }
  /** Text up to the line `at`, which is a delimiter or the end; its line break belongs to the delimiter. */
  const upTo = (start: number): string => {
    const range = text.slice(start, offsets[at])
    return at < lines.length ? range.replace(/(?:\r\n|\n|\r)$/, '') : range
  }
  const readPart = (defaultType: string): SlowPart => {
    const start = offsets[at]!
    let first = at
    let type: string | undefined
    let hasField = false
    let isMalformed = false
    for (; at < lines.length && !isDelimiter(); at++) {
      const line = lines[at]!.replace(/[\r\n]+$/, '')
      // The first delimiter of the multipart itself, without the empty line before it.
      const own = /boundary="(.*)"/.exec(type ?? '')?.[1]
      if (own !== undefined && line.startsWith(`--${own}`) && /^(?:--)?[ \t]*$/.test(line.slice(2 + own.length))) break
      if (line === '') {
        at++
        break
      }
      if (line.includes(':')) hasField = true
      else isMalformed = true
      if (line.startsWith('Content-Type: ')) type ??= line.slice('Content-Type: '.length)
    }
    if (hasField || !isMalformed) first = at
    else at = first
    const bodyStart = offsets[first]!
    const own = type ?? defaultType
    const boundary = /boundary="(.*)"/.exec(own)?.[1]
    const parts: SlowPart[] = []
    let message: SlowPart | undefined
    if (boundary !== undefined) {
      const level = open.push(boundary) - 1
      const childType = own.startsWith('multipart/digest') ? 'message/rfc822' : 'text/plain'
      for (;;) {
        skipToDelimiter()
        if (at === lines.length || levelOf(lines[at]!) < level) break
        const closes = /^--[ \t]*(?:\r\n|\n|\r)?$/.test(lines[at]!.slice(2 + boundary.length))
        at++
        if (closes) break
        parts.push(readPart(childType))
      }
      open.length = level
      skipToDelimiter()
    } else if (own === 'message/rfc822') {
      message = readPart('text/plain')
    } else {
      skipToDelimiter()
    }
    return { type: own.replace(/;.*/, ''), octets: upTo(start), body: upTo(bodyStart), parts, message }
  }
  return readPart('text/plain')
}

function toSlowPart(part: MimePart): SlowPart {
  return {
    type: part.contentType.mediaType,
    octets: latin1Text(part.octets),
    body: latin1Text(part.body),
    parts: part.parts.map(toSlowPart),
    message: part.message && toSlowPart(part.message),
  }
}

describe('whole trees', () => {
  const line = fc.constantFrom(
    ...['', '', '', 'text', 'X: y', 'Content-Type: text/html', 'Content-Type: message/rfc822'],
    ...['Content-Type: multipart/mixed; boundary="a"', 'Content-Type: multipart/digest; boundary="ab"'],
    ...[
      'Content-Type: multipart/mixed; boundary="a--"',
      '--a',
      '--a',
      '--a--',
      '--ab',
      '--ab--',
      '--a-- ',
      '--a----',
      '--ax',
      '-- ',
    ],
  )
  const message = fc
    .tuple(fc.constantFrom('a', 'ab'), fc.array(fc.tuple(line, fc.constantFrom('\r\n', '\n', '\r')), { maxLength: 25 }))
    .map(
      ([boundary, lines]) =>
        `Content-Type: multipart/mixed; boundary="${boundary}"\r\n${lines.map(l => l.join('')).join('')}`,
    )

  test('are those of the slow twin', () => {
    fc.assert(
      fc.property(message, text => {
        // CR CR LF is one line break for headers, and two for bodies.
        fc.pre(!text.includes('\r\r\n'))
        // Boundaries that start alike are searched by what they have in common.
        const alike = text.replaceAll('boundary="a', 'boundary="alike_a').replaceAll('--a', '--alike_a')
        for (const source of [text, alike]) {
          expect(toSlowPart(parse(source, { rfc822Depth: 100 }).root)).toEqual(slowParse(source))
        }
      }),
      { numRuns: 1500 },
    )
  })

  /** Every part lies inside its parent, after the one before it, with nothing but a delimiter line between. */
  function expectTiles(part: MimePart, source: Uint8Array): void {
    expect(latin1Text(part.octets)).toBe(latin1Text(source, part.offset, part.end))
    expect(latin1Text(part.body)).toBe(latin1Text(source, part.bodyOffset, Math.max(part.end, part.bodyOffset)))
    expect(part.offset).toBeLessThanOrEqual(part.bodyOffset)
    expect(part.octets.buffer).toBe(source.buffer)
    for (const { offset, end } of part.fields) {
      expect(offset).toBeGreaterThanOrEqual(part.offset)
      expect(end).toBeLessThanOrEqual(part.bodyOffset)
    }
    if (part.message !== undefined) {
      expect(part.message.offset).toBe(part.bodyOffset)
      expect(part.message.end).toBe(Math.max(part.end, part.bodyOffset))
      expectTiles(part.message, source)
    }
    let position = part.bodyOffset
    for (const [index, child] of part.parts.entries()) {
      const between = latin1Text(source, position, child.offset)
      expect(between).toMatch(index === 0 ? /(?:^|[\r\n])--[^\r\n]*[\r\n]*$/ : /^(?:[\r\n]|^)*--[^\r\n]*[\r\n]*$/)
      expectTiles(child, source)
      position = Math.max(child.end, child.offset)
    }
    if (part.parts.length > 0) expect(position).toBeLessThanOrEqual(part.end)
  }

  test('tile the source, views and not copies: random messages', () => {
    fc.assert(
      fc.property(message, text => {
        const source = latin1Bytes(text)
        const { root } = parseMime(source)
        expect([root.offset, root.end]).toEqual([0, source.length])
        expectTiles(root, source)
      }),
      { numRuns: 500 },
    )
  })

  const folder = new URL('../../corpus/messages/', import.meta.url)
  const files = readdirSync(folder).filter(file => file.endsWith('.eml'))
  test(`tile the source: the corpus`, () => {
    expect(files.length).toBeGreaterThan(100)
    for (const file of files) {
      const source = new Uint8Array(readFileSync(new URL(file, folder)))
      expectTiles(parseMime(source).root, source)
    }
  })

  test('a Buffer in the middle of its pool is read the same', () => {
    const text = `${multipart('b')}--b\n\none\n--b--`
    const pool = Buffer.from(`xxxx${text}--b\n\nevil\n--b--`, 'latin1')
    expect(shape(parseMime(pool.subarray(4, 4 + text.length)).root)).toBe(shape(parse(text).root))
  })
})

test.each(['__proto__', 'constructor'])('fields and parameters of the name %s are as good as others', name => {
  const { root } = parse(`${name}: x\nContent-Type: multipart/mixed; ${name}=y; boundary=b\n\n--b\n\none\n--b--`)
  expect(root.fields[0]).toMatchObject({ name, value: 'x' })
  expect(root.contentType.parameters.get(name)).toBe('y')
  expect(shape(root)).toBe('mixed(plain "one")')
})

describe('time is in proportion to', { retry: 2 }, () => {
  const free = { depth: Infinity, parts: Infinity, rfc822Depth: Infinity, headerOctets: Infinity, fields: Infinity }
  test.each([
    { what: 'parts', unit: '--b\n\nx\n' },
    { what: 'empty parts', unit: '--b\n' },
    { what: 'lines that start like the delimiter', unit: '--bx\n' },
    { what: 'dashes', unit: '--' },
    { what: 'delimiters in the middle of lines', unit: 'x--b' },
    { what: 'CR and dashes', unit: '\r--' },
    { what: 'LF and dashes', unit: '\n--' },
    { what: 'delimiters with long padding', unit: `--b${' '.repeat(500)}x\n` },
    { what: 'messages', unit: '--b\nContent-Type: message/rfc822\n\nA: b\n\nx\n' },
    { what: 'multiparts that never end', unit: '--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n' },
    { what: 'CVE-2026-116270, "=?" in a boundary', unit: '=?', head: 'Content-Type: multipart/mixed; boundary="' },
  ])('$what', ({ unit, head = multipart('b') }) => {
    const prepare = (n: number) => latin1Bytes(head + unit.repeat(n))
    expect(growthRatio(3_000, prepare, source => parseMime(source, { limits: free }))).toBeLessThan(3)
  })

  test('CVE-2026-116267, depth', () => {
    const level = (index: number) => `${multipart(`b${index}x`)}--b${index}x\n`
    const prepare = (n: number) => latin1Bytes(Array.from({ length: n }, (_, index) => level(index)).join(''))
    expect(growthRatio(300, prepare, source => parseMime(source))).toBeLessThan(3)
  })
})
