/** What is read in blocks, or up to a number that no caller sets: the border shows nowhere, and nothing is lost beyond. */
import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { parseMessage } from '../../src/index.ts'

const plain = (text: string | Uint8Array, type = 'text/plain; charset=utf-8'): string =>
  parseMessage(Buffer.concat([Buffer.from(`Content-Type: ${type}\r\n\r\n`), Buffer.from(text)])).entity.PlainBody

test.each(['\r\n', '\r\r\n', '\r\r\r\n', '\n', '\r', '\r\r', '\n\r', '\r\n\r\n'])(
  'line break %j at the border of a block of text',
  lineBreak => {
    const expected = plain(`a${lineBreak}b`).slice(1)
    for (let length = 65_530; length < 65_540; length++) {
      const before = 'x'.repeat(length)
      expect(plain(`${before}${lineBreak}b`).slice(length)).toBe(expected)
    }
  },
)

test('UTF-7 at the border of a block', () => {
  // "ö" and "+" in base64, and a "+" by itself, wherever they stand.
  for (let length = 65_530; length < 65_540; length++) {
    const before = ' '.repeat(length)
    expect(plain(`${before}+APYAKw-+-x`, 'text/plain; charset=utf-7')).toBe(`${before}ö++x`)
  }
})

test('flowed text of 10,000 lines is one paragraph', () => {
  expect(plain('a \r\n'.repeat(10_000), 'text/plain; format=flowed')).toBe('a '.repeat(10_000))
  expect(plain('> a \r\n'.repeat(10_000), 'text/plain; format=flowed; delsp=yes')).toBe(`> ${'a'.repeat(10_000)}\n`)
})

test('1,000 uuencoded files are files, those after them stay text', () => {
  const one = 'begin 644 a\n#86)C\n`\nend\n'
  const { entity } = parseMessage(`Subject: x\n\n${one.repeat(1001)}`)
  expect(entity.Attachments).toHaveLength(1000)
  expect(entity.PlainBody).toBe(one)
})

test('1,000 parameters are read, of those after them the report', () => {
  const names = Array.from({ length: 1001 }, (_, index) => `; p${index}=x`).join('')
  const { root, defects } = parseMessage(`Content-Type: a/b${names}\n\n`)
  expect(root.contentType.parameters.size).toBe(1000)
  expect(defects.map(({ code }) => code)).toEqual(['LIMIT_PARAMETERS'])
})

test('many parameters of Content-Disposition are the same each time', () => {
  const names = Array.from({ length: 50 }, (_, index) => `; p${index}=x`).join('')
  const { root } = parseMessage(`Content-Disposition: attachment; filename=a.txt${names}\n\n`)
  expect(root.disposition).toEqual(root.disposition)
  expect(root.disposition?.parameters.size).toBe(51)
})

test('a mailbox of 20,001 words is nobody, and hides nobody', () => {
  const words = '"x" '.repeat(20_001)
  const { entity } = parseMessage(`To: ${words}<a@b.c>, d@e.f\n\n`)
  expect(entity.To.map(({ Address }) => Address)).toEqual(['', 'd@e.f'])
})

test('a Reply-To of 10,000 mailboxes is kept as text', () => {
  const value = Array.from({ length: 10_001 }, (_, index) => `"n" <u${index}@x.org>`).join(',')
  const { entity } = parseMessage(`Reply-To: ${value}\n\n`)
  expect(entity.CustomHeaderList[0]!.Values).toEqual([value])
})
