import { describe, expect, test } from 'vitest'
import { MimeError } from '../../src/errors.ts'
import { type ParsedMessage, parseMessage, parseMessageStream } from '../../src/index.ts'
import { DEFAULT_LIMITS, type Limits, resolveLimits } from '../../src/mime/limits.ts'

const NAMES = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]

test('the defaults', () => {
  expect(DEFAULT_LIMITS).toEqual({
    maxOctets: Infinity,
    depth: 100,
    rfc822Depth: 10,
    parts: 10_000,
    headerOctets: 1_048_576,
    fields: 10_000,
    allFields: 100_000,
    mailboxes: 100_000,
    defects: 10_000,
  })
  expect(resolveLimits(undefined)).toEqual(DEFAULT_LIMITS)
  expect(resolveLimits({})).toEqual(DEFAULT_LIMITS)
})

test('what the caller sets replaces a default; undefined does not', () => {
  expect(resolveLimits({ depth: 0, parts: Infinity, fields: undefined as unknown as number })).toEqual({
    ...DEFAULT_LIMITS,
    depth: 0,
    parts: Infinity,
  })
})

test.each(NAMES)('limits.%s is a whole number of 0 or more', name => {
  for (const value of [-1, 1.5, Number.NaN, -Infinity, '10', null, true, 10n, {}, []]) {
    try {
      resolveLimits({ [name]: value } as unknown as Partial<Limits>)
      expect.unreachable(`${String(value)} was taken`)
    } catch (error) {
      expect(error).toBeInstanceOf(MimeError)
      expect(error).toMatchObject({ code: 'OPTION_INVALID', path: `limits.${name}` })
    }
  }
  for (const value of [0, 1, Number.MAX_SAFE_INTEGER, Infinity])
    expect(resolveLimits({ [name]: value })[name]).toBe(value)
})

test.each([null, 5, 'x', true, []])('limits that are %j are refused', limits => {
  expect(() => resolveLimits(limits as never)).toThrow(MimeError)
})

test('only own properties count: a polluted prototype sets nothing', () => {
  expect(resolveLimits(Object.create({ depth: 1 }) as Partial<Limits>).depth).toBe(100)
  expect(resolveLimits(JSON.parse('{"__proto__": {"depth": 1}, "unknown": -1}')).depth).toBe(100)
})

interface Row {
  readonly limits: Partial<Limits>
  readonly code: string
  /** Too much by one. */
  readonly source: string
  readonly found: (parsed: ParsedMessage) => unknown
  readonly expected: unknown
}

const multipart = (boundary: string, ...parts: readonly string[]): string =>
  `Content-Type: multipart/mixed; boundary=${boundary}\n\n${parts.map(part => `--${boundary}\n${part}\n`).join('')}--${boundary}--\n`
const file = (name: string): string => `Content-Type: image/png; name=${name}\n\n${name}`
const filenames = ({ entity }: ParsedMessage): string[] => entity.Attachments.map(({ Filename }) => Filename)

/** Each limit, and what is left of a message that has one thing too many. */
const rows: readonly Row[] = [
  {
    limits: { depth: 1 },
    code: 'LIMIT_DEPTH',
    source: multipart('a', file('a.png'), multipart('b', file('b.png'))),
    found: ({ root, entity }) => [root.parts.map(part => part.isOpaque), entity.Attachments.map(({ Type }) => Type)],
    expected: [
      [false, true],
      ['image/png', 'application/octet-stream'],
    ],
  },
  {
    limits: { rfc822Depth: 1 },
    code: 'LIMIT_RFC822_DEPTH',
    source: 'Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nSubject: innermost\n\ntext',
    found: ({ root }) => [root.message?.contentType.mediaType, root.message?.message],
    expected: ['message/rfc822', undefined],
  },
  {
    limits: { parts: 3 },
    code: 'LIMIT_PARTS',
    source: multipart('a', file('a.png'), file('b.png'), file('c.png')),
    found: parsed => [filenames(parsed), parsed.root.parts.at(-1)?.isOpaque],
    expected: [['a.png', 'b.png', ''], true],
  },
  {
    limits: { headerOctets: 20 },
    code: 'LIMIT_HEADER_OCTETS',
    source: 'Subject: x\nX-A: 23456789\n\ntext',
    found: ({ entity }) => [entity.Subject, entity.CustomHeaderList, entity.PlainBody],
    expected: ['x', [], 'X-A: 23456789\n\ntext'],
  },
  {
    limits: { fields: 1 },
    code: 'LIMIT_FIELDS',
    source: 'Subject: x\nX-A: b\n\ntext',
    found: ({ entity }) => [entity.Subject, entity.CustomHeaderList, entity.PlainBody],
    expected: ['x', [], 'X-A: b\n\ntext'],
  },
  {
    // The message has one field with one parameter, each part two: the field and the parameter.
    limits: { allFields: 4 },
    code: 'LIMIT_FIELDS',
    source: multipart('a', file('a.png'), file('b.png')),
    found: parsed => [filenames(parsed), parsed.entity.PlainBody],
    expected: [['a.png'], 'Content-Type: image/png; name=b.png\n\nb.png'],
  },
  {
    limits: { mailboxes: 3 },
    code: 'LIMIT_MAILBOXES',
    source: 'To: a@b.c, d@e.f\nCc: "g, h" <g@h.i>, j@k.l\nBcc: m@n.o\n\ntext',
    found: ({ entity: { To, Cc, Bcc } }) => [To, Cc, Bcc].map(list => list.map(({ Address }) => Address)),
    expected: [['a@b.c', 'd@e.f'], ['g@h.i'], []],
  },
  {
    limits: { defects: 2 },
    code: 'LIMIT_DEFECTS',
    source: 'no field\nno field\nno field\nSubject: x\nDate: y\n\ntext',
    found: ({ entity, defects }) => [entity.Subject, defects.map(({ code }) => code)],
    expected: ['x', ['FIELD_MALFORMED', 'FIELD_MALFORMED', 'LIMIT_DEFECTS']],
  },
]

async function* pieces(octets: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < octets.length; start += length) yield octets.subarray(start, start + length)
}

describe.each(rows)('$limits', ({ limits, code, source, found, expected }) => {
  const octets = Buffer.from(source)
  const check = (parsed: ParsedMessage): void => {
    expect(parsed.defects.map(defect => defect.code)).toContain(code)
    expect(found(parsed)).toEqual(expected)
  }

  test('of a message', () => check(parseMessage(octets, { limits })))

  test('of a stream', async () => check(await parseMessageStream(pieces(octets, 7), { limits })))

  test.each([1, 5, 1000])('of a stream whose attachments pass by, in pieces of %i', async length => {
    check(await parseMessageStream(pieces(octets, length), { limits, onAttachment: () => {} }))
  })

  test('with room for one more nothing is missing', () => {
    const [[name, value]] = Object.entries(limits) as [[string, number]]
    const parsed = parseMessage(octets, { limits: { [name]: value + (name === 'headerOctets' ? 10 : 2) } })
    expect(parsed.defects.map(defect => defect.code)).not.toContain(code)
  })
})

test.each([19, 20])('maxOctets: of 20 octets %i are allowed', async maxOctets => {
  const octets = Buffer.from('Subject: x\n\n12345678')
  const options = { limits: { maxOctets } }
  const refusal = maxOctets < 20 ? 'LIMIT_OCTETS' : undefined
  const codeOf = async (read: () => unknown): Promise<string | undefined> => {
    try {
      await read()
      return undefined
    } catch (error) {
      return (error as MimeError).code
    }
  }
  expect(await codeOf(() => parseMessage(octets, options))).toBe(refusal)
  expect(await codeOf(() => parseMessageStream(pieces(octets, 3), options))).toBe(refusal)
  expect(await codeOf(() => parseMessageStream(pieces(octets, 3), { ...options, onAttachment: () => {} }))).toBe(
    refusal,
  )
})

test('limits of calendars are those of the caller', () => {
  const source = `Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nEND:VEVENT\nEND:VCALENDAR\n`
  expect(parseMessage(source).entity.HasCalendarData).toBe(true)
  expect(parseMessage(source, { calendarLimits: { lines: 1 } }).entity.HasCalendarData).toBe(false)
  expect(() => parseMessage(source, { calendarLimits: { lines: -1 } })).toThrow(MimeError)
})
