/**
 * Defects of libmime's decoders, one row each, and what mimecal's reader makes of the same octets.
 */
import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { type EMailEntity, parseMessage } from '../../src/index.ts'

interface ReadRow {
  readonly fault: string
  /** Fields and body of a message, lines ended by LF. */
  readonly source: string
  readonly found: (entity: EMailEntity) => unknown
  readonly expected: unknown
  /** Codes of the defects that are reported. */
  readonly defects?: readonly string[]
}

const subject = (value: string): Pick<ReadRow, 'source' | 'found'> => ({
  source: `Subject: ${value}\n\n`,
  found: ({ Subject }) => Subject,
})

const rows: readonly ReadRow[] = [
  {
    fault: 'libmime 5.6: segments without a star are not percent-decoded',
    source: `Content-Type: a/b\nContent-Disposition: attachment; filename*0*=utf-8''a%20; filename*1="100%41.txt"\n\n`,
    found: ({ Attachments }) => Attachments[0]!.Filename,
    expected: 'a 100%41.txt',
  },
  {
    fault: 'libmime 5.6: base64 of adjacent words is decoded word by word',
    ...subject('=?utf-8?B?YQ?= =?utf-8?B?Yg?='),
    expected: 'ab',
  },
  {
    fault: 'libmime 5.6: a character split between a "Q" and a "B" word is one character',
    ...subject('=?utf-8?Q?=C3?= =?utf-8?B?qQ==?='),
    expected: 'é',
  },
  {
    fault: 'libmime 5.6: an encoded-word inside an atom does not change who an address is',
    source: 'To: a=?utf-8?Q?=3B?=c <x@y.z>\n\n',
    found: ({ To }) => To.map(({ Address }) => Address),
    expected: ['x@y.z'],
  },
  {
    fault: 'libmime 5.6: an encoded-word with a raw "?" is decoded',
    ...subject('=?utf-8?Q?what??='),
    expected: 'what?',
  },
  {
    fault: 'libmime 5.6: no text of the message is taken for a mark of our own',
    ...subject('x__\0JOIN\0__y'),
    expected: 'x__JOIN__y',
  },
  {
    fault: 'libmime 5.6: an unknown charset is reported, and read as windows-1252 rather than U+FFFD',
    ...subject('=?x-nobody?Q?=E9?='),
    expected: 'é',
    defects: ['CHARSET_UNKNOWN'],
  },
  {
    fault: 'libmime 5.6: x-unknown, which says that nobody labelled the text, is reported as that',
    ...subject('=?x-unknown?Q?=E9?='),
    expected: 'é',
    defects: ['CHARSET_MISSING'],
  },
  {
    fault: 'libmime 5.6: U+2028 in a value does not make the field vanish',
    ...subject('a\u2028b'),
    expected: 'a\u2028b',
  },
  {
    fault: 'libmime 5.6: unfolding takes away the line break only',
    ...subject('a\n\t  b'),
    expected: 'a\t  b',
  },
  {
    fault: 'libmime 5.6: flowed text keeps its TAB where a line was broken before it',
    source: `Content-Type: text/plain; format=flowed\n\n${'a'.repeat(60)}\t \nbbb`,
    found: ({ PlainBody }) => PlainBody,
    expected: `${'a'.repeat(60)}\t bbb`,
  },
  {
    fault: 'libmime 5.6: a "-- " line in flowed text stays a line of its own',
    source: 'Content-Type: text/plain; format=flowed\n\ntext \n-- \nname',
    found: ({ PlainBody }) => PlainBody,
    expected: 'text \n-- \nname',
  },
  {
    fault: 'libmime 5.6: flowed text loses no space after U+2028',
    source: 'Content-Type: text/plain; format=flowed; charset=utf-8\n\na\u2028 b',
    found: ({ PlainBody }) => PlainBody,
    expected: 'a\u2028 b',
  },
  {
    fault: 'libmime 5.6: flowed text loses no space after a bare CR but the stuffed one',
    source: 'Content-Type: text/plain; format=flowed\n\na\r  b',
    found: ({ PlainBody }) => PlainBody,
    expected: 'a\n b',
  },
]

for (const { fault, source, found, expected, defects = [] } of rows) {
  test(fault, () => {
    for (const octets of [Buffer.from(source), Buffer.from(source.replaceAll('\n', '\r\n'))]) {
      const parsed = parseMessage(octets)
      expect(found(parsed.entity)).toEqual(expected)
      expect(parsed.defects.map(({ code }) => code)).toEqual(defects)
    }
  })
}

test('libmime 5.6: 300,000 blanks in flowed text cost no seconds', () => {
  const blanks = `${' '.repeat(300_000)}x`
  const start = performance.now()
  const { entity } = parseMessage(Buffer.from(`Content-Type: text/plain; format=flowed\n\n${blanks}`))
  expect(entity.PlainBody).toBe(blanks.slice(1))
  expect(performance.now() - start).toBeLessThan(2000)
})
