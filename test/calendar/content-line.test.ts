import { expect, test } from 'vitest'
import { contentLines } from '../../src/calendar/content-line.ts'
import { formatProperty } from '../../src/calendar/content-line-writer.ts'
import { parseProperty, withUpperCaseName } from '../../src/calendar/property.ts'
import type { Warn } from '../../src/calendar/warning.ts'

const read = (text: string, most: number): { lines: string[]; isCut: boolean } => {
  const lines = contentLines(Buffer.from(text), undefined, most)
  return { lines: Array.from({ length: lines.length }, (_, index) => lines.textOf(index)), isCut: lines.isCut }
}

const lines = (text: string): readonly string[] => read(text, 100).lines

test('unfolds by one blank or tab, and keeps the blanks beyond it', () => {
  expect(lines('A:1\r\n  2\r\n\t3\r\nB:4\r\n')).toEqual(['A:1 23', 'B:4'])
})

test('a continuation that comes first is a line', () => {
  expect(lines(' A:1\n 2\n')).toEqual([' A:12'])
})

test('lines beyond the limit are left out, and that is told', () => {
  expect(read('A:1\nB:2\n 3\nC:4\n', 2)).toEqual({
    lines: ['A:1', 'B:23'],
    isCut: true,
  })
  expect(read('A:1\nB:2\n 3\n', 2)).toEqual({ lines: ['A:1', 'B:23'], isCut: false })
})

test('folds at 75 octets, the blank counted, never inside a character', () => {
  for (const character of ['a', 'ø', '会', '😀', 'a😀ø会']) {
    const text = character.repeat(300)
    const folded = formatProperty('SUMMARY', text)
    for (const line of folded.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
    expect(folded).not.toContain('\ufffd')
    expect(lines(folded)).toEqual([`SUMMARY:${text}`])
    const most = folded.split('\r\n')[1]!
    expect(Buffer.byteLength(most)).toBeGreaterThan(75 - 4)
  }
})

test('a surrogate without its other half has the three octets of U+FFFD', () => {
  for (const text of ['\ud83d会', '\ude00会', '\ud83d', '\ude00', '\ud83d😀', '😀\ude00', 'a\ud83d']) {
    // Encoding to UTF-8 puts U+FFFD in its place.
    const folded = Buffer.from(formatProperty('SUMMARY', text.repeat(60))).toString()
    for (const line of folded.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
    expect(lines(folded)).toEqual([`SUMMARY:${Buffer.from(text.repeat(60)).toString()}`])
    expect(Buffer.byteLength(folded.split('\r\n')[1]!)).toBeGreaterThan(75 - 4)
  }
})

test.each([
  [25, 1],
  [66, 1],
  [67, 1],
  [68, 2],
  [141, 2],
  [142, 3],
])('a value of %d octets after "SUMMARY:" takes %d lines', (octets, count) => {
  expect(formatProperty('SUMMARY', 'x'.repeat(octets)).trimEnd().split('\r\n')).toHaveLength(count)
})

const parse = (line: string, warn: Warn = () => {}) => {
  const named = withUpperCaseName(line) ?? ''
  return parseProperty(named.split(/[:;]/, 1)[0]!, named, 16_384, warn)
}

test('a head beyond the limit is not read, with parameters or without', () => {
  for (const line of ['DTSTART:20250812', 'DTSTART;VALUE=DATE:20250812']) {
    const head = line.indexOf(':')
    expect(parseProperty('DTSTART', line, head, () => {})).toMatchObject({ value: '20250812' })
    expect(parseProperty('DTSTART', line, head - 1, () => {})).toBe('limit')
    expect(parseProperty('DTSTART', line, 3, () => {})).toBe('limit')
  }
})

/** Parameters of a line by name, a list for each that has one, and what was reported. */
const parametersOf = (line: string): { parameters: Record<string, string | readonly string[]>; faults: string[] } => {
  const faults: string[] = []
  const property = parse(line, (code, detail) => faults.push(`${code} ${detail}`))
  if (typeof property === 'string') throw new Error(property)
  return { parameters: Object.fromEntries([...property.parameters, ...property.parameterLists]), faults }
}

test('names are upper-case, parameter names lower-case; values stay as they are', () => {
  expect(parse('attendee;Cn="Doe, J";PartStat=accepted:mailto:a@x.no?b;c:d')).toEqual({
    name: 'ATTENDEE',
    parameters: new Map([
      ['cn', 'Doe, J'],
      ['partstat', 'accepted'],
    ]),
    parameterLists: new Map(),
    value: 'mailto:a@x.no?b;c:d',
  })
})

test('lists of a parameter, RFC 6868 escapes, VALUE, and a quote that people write', () => {
  expect(parse('ATTENDEE;MEMBER="mailto:a@x.no","mailto:b@x.no":c')).toMatchObject({
    parameterLists: new Map([['member', ['mailto:a@x.no', 'mailto:b@x.no']]]),
  })
  expect(parse("X;CN=a^nb^^c^'d:v")).toMatchObject({ parameters: new Map([['cn', 'a\nb^c"d']]) })
  expect(parse('DTSTART;VALUE=DATE:20250101')).toMatchObject({
    parameters: new Map([['value', 'date']]),
    value: '20250101',
  })
  expect(parse('ATTENDEE;CN=O"Brien:mailto:o@x.no')).toMatchObject({ value: 'mailto:o@x.no' })
})

test.each<[string, Record<string, string | readonly string[]>]>([
  [
    'ATTENDEE;X-GROUPS="a","b:c";PARTSTAT=ACCEPTED;CN=Al:mailto:a@b.c',
    { 'x-groups': ['a', 'b:c'], partstat: 'ACCEPTED', cn: 'Al' },
  ],
  ['X;A=a,"b;c",d;B=1:v', { a: ['a', 'b;c', 'd'], b: '1' }],
  ['X;A="","b":v', { a: ['', 'b'] }],
  ['X;A="a^n,";B="^^n","^\'":v', { a: 'a\n,', b: ['^n', '"'] }],
  ['X;A=^x^:v', { a: '^x^' }],
  ['X;;A=1; ;B=2;:v', { a: '1', b: '2' }],
  ['X; A=1;\tB =2:v', { a: '1', b: '2' }],
  ['X;A=:v', { a: '' }],
  ['X;A="":v', { a: '' }],
  ['X;A=b=c:v', { a: 'b=c' }],
  ['X;CN=Doe, John:v', { cn: 'Doe, John' }],
  ['X;CN=O"Brien, Jr:v', { cn: 'O"Brien, Jr' }],
  ['X;CN="Ann "Annie" Smith";A=1:v', { cn: 'Ann ', a: '1' }],
  ['X;TZID=(GMT+01.00) Amsterdam, Berlin:v', { tzid: '(GMT+01.00) Amsterdam, Berlin' }],
  ['X;QUOTED-PRINTABLE;CHARSET=UTF-8:v', { encoding: 'QUOTED-PRINTABLE', charset: 'UTF-8' }],
])('%s (RFC 5545 §3.1, §3.2)', (line, parameters) => {
  expect(parametersOf(line)).toEqual({ parameters, faults: [] })
})

test('the first of duplicate parameters counts, and others are reported', () => {
  expect(parametersOf('ATTENDEE;PARTSTAT=ACCEPTED;CN=A;partstat="DECLINED","X":v')).toEqual({
    parameters: { partstat: 'ACCEPTED', cn: 'A' },
    faults: ['CALENDAR_PROPERTY_DUPLICATE "ATTENDEE;PARTSTAT"'],
  })
})

test('what is no parameter is reported, and hides none of the others', () => {
  expect(parametersOf('X;CN;A=1;=2;"q"; B C;D=4:v')).toEqual({
    parameters: { a: '1', d: '4' },
    faults: ['CN', '=2', '\\"q\\"', ' B C'].map(text => `CALENDAR_INVALID "X;${text}"`),
  })
})

test('a name in another spelling is made the common one, and its value is left alone', () => {
  for (const line of ['summary:x y', ' Summary :x y', 'SUMMARY:x y'])
    expect(withUpperCaseName(line)).toBe('SUMMARY:x y')
  expect(withUpperCaseName('x-a;b=c:D')).toBe('X-A;b=c:D')
})

test('what is no property', () => {
  for (const line of ['no delimiter', '', ':x', 'A B:x', 'SUMMÆRY:x', '__PROTO__:x', `${'A'.repeat(200)}:x`]) {
    expect(withUpperCaseName(line)).toBeUndefined()
  }
  expect(parse('X;CN="open:v')).toBe('syntax')
  expect(parse('X;CN=no value')).toBe('syntax')
})

test('names of properties and parameters that objects have do nothing', () => {
  expect(parse('X;__proto__=1:x')).toMatchObject({ parameters: new Map([['__proto__', '1']]) })
  for (const name of ['constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
    expect(parse(`${name}:x`)).toMatchObject({ name: name.toUpperCase(), value: 'x' })
    expect(parse(`X;${name}=1:x`)).toMatchObject({ parameters: new Map([[name.toLowerCase(), '1']]) })
    expect(parse(`X;VALUE=${name}:x`)).toMatchObject({ value: 'x' })
  }
  expect(({} as Record<string, unknown>).x).toBeUndefined()
})

test('parameters beyond the limit cost nothing; a long value costs no more than a short one', () => {
  const long = `X${';A=b'.repeat(100_000)}:v`
  expect(parse(long)).toBe('limit')
  expect(parse(`X;A=b:${'v;='.repeat(1_000_000)}`)).toMatchObject({ parameters: new Map([['a', 'b']]) })
})
