import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes, latin1Bytes, latin1Text } from '../../src/codec/bytes.ts'
import { decodeUuencode, findUuencoded } from '../../src/codec/uuencode.ts'
import { growthRatio } from './slow/growth.ts'
import { slowUuencode, slowUuencodeLines, type UuencodeStyle } from './slow/uuencode.ts'

const PLAIN: UuencodeStyle = { zero: '`', lineBreak: '\n', spaces: 'kept', surplus: '' }

const style = (): fc.Arbitrary<UuencodeStyle> =>
  fc.record({
    zero: fc.constantFrom('`', ' '),
    lineBreak: fc.constantFrom('\n', '\r\n', '\r'),
    spaces: fc.constantFrom('kept', 'cut'),
    surplus: fc.constantFrom('', '`', '!'),
  })

/** No zeros: the more of them are cut off, the larger the content is for its text. */
const content = () =>
  fc.array(fc.integer({ min: 1, max: 255 }), { maxLength: 200 }).map(octets => Uint8Array.from(octets))

function decode(text: string): { filename: string; content: string; defects: unknown[] } {
  const defects: unknown[] = []
  const decoded = decodeUuencode(latin1Bytes(text), (code, offset) => defects.push([code, offset]))
  return { filename: decoded.filename, content: latin1Text(decoded.content), defects }
}

function find(text: string) {
  return findUuencoded(latin1Bytes(text)).map(block => ({ ...block, content: latin1Text(block.content) }))
}

describe('decodeUuencode', () => {
  test('decodes the example that everybody uses', () => {
    expect(decode('begin 644 cat.txt\n#0V%T\n`\nend\n')).toEqual({ filename: 'cat.txt', content: 'Cat', defects: [] })
  })

  test('decodes what an encoder writes, in every style, at every length', () => {
    fc.assert(
      fc.property(content(), style(), (octets, writing) => {
        const defects: unknown[] = []
        const decoded = decodeUuencode(slowUuencode('a b.bin', octets, writing), code => defects.push(code))
        expect(decoded.filename).toBe('a b.bin')
        expect([...decoded.content]).toEqual([...octets])
        expect(defects).toEqual([])
      }),
      { numRuns: 500 },
    )
    for (let length = 0; length <= 140; length++) {
      const octets = Uint8Array.from({ length }, (_, index) => index * 7)
      expect([...decodeUuencode(slowUuencode('x', octets, PLAIN)).content]).toEqual([...octets])
    }
  })

  test('decodes zeros whose spaces were cut off', () => {
    const octets = new Uint8Array(100)
    octets.fill(0x41, 0, 60)
    expect(decodeUuencode(slowUuencode('x', octets, { ...PLAIN, zero: ' ', spaces: 'cut' })).content).toEqual(octets)
  })

  test.each([
    ['text before "begin"', 'Here it is:\n\nbegin 644 cat.txt\n#0V%T\n`\nend\n', 'cat.txt', []],
    ['text after "end"', 'begin 644 cat.txt\n#0V%T\n`\nend\n-- \nsignature', 'cat.txt', []],
    ['no empty line before "end"', 'begin 644 cat.txt\n#0V%T\nend\n', 'cat.txt', []],
    [
      'four digits of mode, blanks after the name',
      'begin 0755 cat.txt \t\r\n#0V%T \t\r\n`\r\nend  \r\n',
      'cat.txt',
      [],
    ],
    ['Latin-1 in the name', 'begin 644 k\xe4tt.txt\n#0V%T\n`\nend', 'k\xe4tt.txt', []],
    ['no "begin" line', '#0V%T\n`\nend\n', '', []],
    ['no "end" line', 'begin 644 cat.txt\n#0V%T\n', 'cat.txt', [['UUENCODE_INVALID', 24]]],
    [
      'impossible lines, of which the first is reported',
      'begin 644 c\nabc\n#0V%T\nxyz\n`\nend\n',
      'c',
      [['UUENCODE_INVALID', 12]],
    ],
    ['a line that is too long', 'begin 644 c\n#0V%T\n#0V%T0V%T\n`\nend\n', 'c', [['UUENCODE_INVALID', 18]]],
  ])('%s', (_, text, filename, defects) => {
    expect(decode(text)).toEqual({ filename, content: 'Cat', defects })
  })

  test('does not grow beyond its source, whatever lines claim', () => {
    // 15 octets and 20,000 and 4 are the source: it has room for 317 lines that claim 63 octets each.
    const decoded = decode(`begin 644 bomb\n${'_\n'.repeat(10_000)}end\n`)
    expect(decoded.content).toBe('\0'.repeat(317 * 63))
    expect(decoded.defects).toEqual([['UUENCODE_INVALID', 15 + 317 * 2]])
    expect(decode('!').content).toBe('\0')
    expect(decode('"').content).toBe('')
  })

  test('says what is wrong', () => {
    const reports: unknown[] = []
    const report = (...defect: unknown[]) => reports.push(defect)
    decodeUuencode(latin1Bytes(`begin 644 c\n#0V%T\nabc\n#0V%T\n`), report)
    expect(reports).toEqual([
      ['UUENCODE_INVALID', 18, '"abc"'],
      ['UUENCODE_INVALID', 28, 'no "end" line'],
    ])
  })

  test('decodes what is malformed where nobody asks for reports, too', () => {
    expect(latin1Text(decodeUuencode(latin1Bytes('abc\n#0V%T\n')).content)).toBe('Cat')
  })

  test('gives nothing for nothing', () => {
    expect(decode('')).toEqual({ filename: '', content: '', defects: [['UUENCODE_INVALID', 0]] })
  })
})

describe('findUuencoded', () => {
  const cat = 'begin 644 cat.txt\n#0V%T\n`\nend\n'

  test('finds each file and where it is', () => {
    const text = `See below.\n\n${cat}\nand\n${cat}bye\n`
    expect(find(text)).toEqual([
      { start: 12, end: 12 + cat.length, filename: 'cat.txt', content: 'Cat' },
      { start: 17 + cat.length, end: 17 + 2 * cat.length, filename: 'cat.txt', content: 'Cat' },
    ])
    expect(find(cat)[0]).toMatchObject({ start: 0, end: cat.length })
    expect(find(cat.trimEnd())[0]).toMatchObject({ start: 0, end: cat.length - 1 })
    expect(find(cat.replaceAll('\n', '\r\n'))[0]).toMatchObject({ start: 0, end: cat.length + 4 })
    expect(find(`See below.\r${cat}`)).toMatchObject([{ start: 11, end: 11 + cat.length }])
    expect(find(`${'prose\n'.repeat(1000)}${cat}`)).toMatchObject([{ start: 6000, content: 'Cat' }])
  })

  test('takes CRCRLF, which gateways make of CRLF, for one line break, but CRCR for two', () => {
    const twoLines = 'begin 644 cats\n#0V%T\n#0V%T\n`\nend\n'
    const found = { start: 0, end: twoLines.length + 2 * 5, content: 'CatCat' }
    expect(find(twoLines.replaceAll('\n', '\r\r\n'))).toMatchObject([found])
    expect(find(twoLines.replaceAll('\n', '\r'))).toHaveLength(1)
    expect(find(twoLines.replaceAll('\n', '\r\r'))).toEqual([])
  })

  test('gives the content of every line in its place', () => {
    const octets = Uint8Array.from({ length: 140 }, (_, index) => index + 1)
    expect(find(latin1Text(slowUuencode('f', octets, PLAIN)))).toMatchObject([{ content: latin1Text(octets) }])
  })

  test('a file is as large as its text at most: a line of one character can claim 63 octets', () => {
    const claiming = (name: string) => `begin 644 ${name}\n_\n\`\nend\n`
    // "begin ", the name, and two lines with a line break each.
    const length = 63 - 'begin '.length - 2 * '_\n'.length
    expect(find(claiming('x'.repeat(length)))).toMatchObject([{ content: '\0'.repeat(63) }])
    expect(find(claiming('x'.repeat(length - 1)))).toEqual([])
  })

  test('a "begin" or "end" line has 997 octets at most', () => {
    const begin = (octets: number) => `${'begin 644 '.padEnd(octets, 'X')}\n`
    expect(find(cat.replace(/^.*\n/, begin(997)))).toHaveLength(1)
    for (const octets of [998, 999]) expect(find(cat.replace(/^.*\n/, begin(octets)))).toEqual([])
    // What is beyond the limit must not be taken for the next line.
    expect(find(cat.replace(/^.*\n/, begin(999).trimEnd()))).toEqual([])
    expect(find(cat.replace('end', 'end'.padEnd(997)))).toHaveLength(1)
    for (const octets of [998, 999]) expect(find(cat.replace('end', 'end'.padEnd(octets)))).toEqual([])
  })

  test('finds as many files as are asked for', () => {
    const blocks = findUuencoded(Buffer.from(cat.repeat(3)), 2)
    expect(blocks).toHaveLength(2)
    expect(blocks.at(-1)!.end).toBe(2 * cat.length)
  })

  test('a data line may have one character more than it needs, and blanks after that', () => {
    for (const line of ['#0V%T', '#0V%TX', '#0V%TX \t']) expect(find(cat.replace('#0V%T', line))).toHaveLength(1)
    for (const line of ['#0V%TXX', '#0V\tT', '#0V%T\t']) expect(find(cat.replace('#0V%T', line))).toEqual([])
  })

  test('finds what an encoder writes, in every style, between any text', () => {
    const prose = fc.stringMatching(/^[a-z .]{1,30}$/).map(line => latin1Bytes(`${line}\n`))
    fc.assert(
      fc.property(prose, content(), style(), prose, (before, octets, writing, after) => {
        fc.pre(octets.length > 0)
        const block = slowUuencode('f', octets, writing)
        const found = findUuencoded(concatBytes([before, block, after]))
        expect(found).toHaveLength(1)
        expect(found[0]).toMatchObject({ start: before.length, end: before.length + block.length, filename: 'f' })
        expect([...found[0]!.content]).toEqual([...octets])
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    ['prose', 'begin 644 is what such a file starts with\nand it ends with\nend\n'],
    ['no "begin" at a line start', `> ${cat}`],
    ['no mode', 'begin cat.txt\n#0V%T\n`\nend\n'],
    ['no name', 'begin 644 \n#0V%T\n`\nend\n'],
    ['no data line', 'begin 644 cat.txt\nend\n'],
    ['no "end"', 'begin 644 cat.txt\n#0V%T\n`\n'],
    ['text for "end"', 'begin 644 cat.txt\n#0V%T\n`\nending\n'],
    ['text for "end", with "end" in it', 'begin 644 cat.txt\n#0V%T\n`\ne end\n'],
    ['"begin" twice in its line', `begin ${cat}`],
    ['text between', 'begin 644 cat.txt\n#0V%T\nhello\n`\nend\n'],
    ['data after the empty line', 'begin 644 cat.txt\n#0V%T\n`\n#0V%T\nend\n'],
    ['a line that is too long', 'begin 644 cat.txt\n#0V%T0V%T\n`\nend\n'],
    ['a name that is too long', `begin 644 ${'x'.repeat(1000)}\n#0V%T\n\`\nend\n`],
    ['lines that claim more than is there', `begin 644 bomb\n${'_\n'.repeat(100)}\`\nend\n`],
    ['nothing', ''],
  ])('finds no file in: %s', (_, text) => {
    expect(find(text)).toEqual([])
  })

  test.each(['\n', '\r', '\r\n', '\r\r\n'])('finds the same files whichever line break there is: %j', lineBreak => {
    // Data lines claim octets whose spaces were cut off: more than the whole text has is too much.
    const names = (line: string): string[] =>
      findUuencoded(Buffer.from(['begin 644 a', line, '`', 'end', ''].join(lineBreak))).map(({ filename }) => filename)
    expect([names('+0V'), names('M0V')]).toEqual([['a'], []])
  })

  test('finds the file after a "begin" line that opens none', () => {
    expect(find(`begin 644 nothing\n${cat}`)).toMatchObject([{ start: 18, content: 'Cat' }])
    expect(find(`begin 644 nothing\n#0V%T\n${cat}`)).toMatchObject([{ start: 24, content: 'Cat' }])
  })
})

describe('run time grows with the length and not with its square', () => {
  const data = slowUuencodeLines(new Uint8Array(45).fill(0x41), PLAIN)[0]
  test.each([
    ['data', `${data}\n`],
    ['begin lines', 'begin 644 a\n'],
    ['begin lines and data', `begin 644 a\n${data}\n`],
    ['begin inside lines', 'begin '],
    ['begin lines of blanks', `begin 644 ${' '.repeat(980)}\n`],
    ['long begin lines', `begin 644 ${'x '.repeat(4000)}\n`],
    ['end lines', 'end\n'],
    ['end lines of blanks', `end${' '.repeat(900)}x\n`],
    ['line breaks', '\r'],
    ['one line', '`'],
  ])('%s', (_, shape) => {
    const prepare = (n: number) => latin1Bytes(`begin 644 a\n${shape.repeat(n / shape.length)}`)
    expect(growthRatio(400_000, prepare, source => findUuencoded(source))).toBeLessThan(3)
    expect(growthRatio(400_000, prepare, source => decodeUuencode(source))).toBeLessThan(3)
  })
})
