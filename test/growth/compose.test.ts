/**
 * Composing takes time in proportion to what is composed, and so does reading and writing JSON.
 */
import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import {
  composeMessage,
  type EMailAttachmentInput,
  type EMailEntityInput,
  entityFromJson,
  entityToJson,
  MimeError,
  parseMessage,
  sendRequestFromJson,
} from '../../src/index.ts'
import { growthRatio } from '../codec/slow/growth.ts'

/** Linear work has a ratio of 2, quadratic work one of 4. */
const LIMIT = 3

const times = <T>(n: number, make: (index: number) => T): T[] => Array.from({ length: n }, (_, index) => make(index))
const custom = (Name: string, Value: string): EMailEntityInput => ({ CustomHeaderList: [{ Name, Values: [Value] }] })
const attach = (...Attachments: EMailAttachmentInput[]): EMailEntityInput => ({ Attachments })

/** THE table of entities; `n` is how often the thing of the row stands in the smaller one. */
const ENTITIES: readonly { shape: string; n: number; make: (n: number) => EMailEntityInput }[] = [
  { shape: 'recipients', n: 2_000, make: n => ({ To: times(n, index => ({ Address: `u${index}@example.org` })) }) },
  {
    shape: 'recipients with names to encode',
    n: 800,
    make: n => ({ Cc: times(n, index => ({ Name: `Åse ${index}`, Address: `u${index}@x.org` })) }),
  },
  { shape: 'the same recipient', n: 3_000, make: n => ({ Bcc: times(n, () => ({ Address: 'u@example.org' })) }) },
  { shape: 'wrong recipients', n: 1_500, make: n => ({ To: times(n, () => ({ Address: 'no address' })) }) },
  { shape: 'a long name', n: 60_000, make: n => ({ To: [{ Name: 'Å'.repeat(n), Address: 'u@example.org' }] }) },
  {
    shape: 'a long name of words',
    n: 60_000,
    make: n => ({ To: [{ Name: 'a '.repeat(n), Address: 'u@example.org' }] }),
  },
  { shape: 'nodemailer: a long word to encode in Subject', n: 60_000, make: n => ({ Subject: 'é'.repeat(n) }) },
  { shape: 'look-alikes in Subject', n: 20_000, make: n => ({ Subject: '=?utf-8?Q?'.repeat(n) }) },
  { shape: 'blanks in Subject', n: 400_000, make: n => ({ Subject: `x${' '.repeat(n)}x` }) },
  {
    shape: 'custom fields',
    n: 2_000,
    make: n => ({ CustomHeaderList: times(n, index => ({ Name: `X-${index}`, Values: ['v'] })) }),
  },
  {
    shape: 'values of Reply-To',
    n: 1_000,
    make: n => ({ CustomHeaderList: [{ Name: 'Reply-To', Values: times(n, index => `u${index}@x.org`) }] }),
  },
  { shape: 'a long value of an opaque field', n: 20_000, make: n => custom('List-Id', 'word '.repeat(n)) },
  { shape: 'references', n: 3_000, make: n => custom('References', '<a@example.org> '.repeat(n)) },
  { shape: 'comments in Reply-To', n: 10_000, make: n => custom('Reply-To', `${'a(c)'.repeat(n)}@x.org`) },
  { shape: 'open comments in Reply-To', n: 30_000, make: n => custom('Reply-To', '('.repeat(n)) },
  {
    shape: 'attachments',
    n: 150,
    make: n => attach(...times(n, index => ({ Filename: `${index}.bin`, Stream: 'AQID' }))),
  },
  {
    shape: 'inline attachments',
    n: 150,
    make: n => ({
      HTMLBody: times(n, index => `<img src="cid:${index}">`).join(''),
      ...attach(...times(n, index => ({ Filename: 'a.png', Id: `${index}`, Stream: 'AQID' }))),
    }),
  },
  { shape: 'a long name of a file', n: 30_000, make: n => attach({ Filename: 'å'.repeat(n), Stream: 'AQID' }) },
  {
    shape: 'a long path of a file',
    n: 100_000,
    make: n => attach({ Filename: `${'../'.repeat(n)}a`, Stream: 'AQID' }),
  },
  { shape: 'parameters of a type', n: 2_000, make: n => attach({ Type: `a/b${'; a=b'.repeat(n)}`, Stream: 'AQID' }) },
  { shape: 'octets', n: 1_000_000, make: n => attach({ Filename: 'a.bin', Stream: new Uint8Array(n) }) },
  { shape: 'base64 with blanks', n: 300_000, make: n => attach({ Filename: 'a.bin', Stream: 'QUJD '.repeat(n) }) },
  {
    shape: 'a message with lines that start like boundaries',
    n: 60_000,
    make: n => attach({ Type: 'message/rfc822', Stream: Buffer.from(`\r\n${'--=_\r\n'.repeat(n)}`) }),
  },
  { shape: 'text in 7bit', n: 60_000, make: n => ({ PlainBody: 'The quick brown fox\n'.repeat(n) }) },
  {
    shape: 'text in quoted-printable',
    n: 40_000,
    make: n => ({ PlainBody: 'Zwölf Boxkämpfer jagen Viktor\n'.repeat(n) }),
  },
  { shape: 'text in base64', n: 200_000, make: n => ({ PlainBody: 'テキスト\n'.repeat(n) }) },
  {
    shape: 'blanks at the end of lines',
    n: 4_000,
    make: n => ({ PlainBody: `å\n${`x${' '.repeat(200)}\n`.repeat(n)}` }),
  },
  { shape: 'lines that start with a dash', n: 100_000, make: n => ({ PlainBody: `å\n${'--x\n'.repeat(n)}` }) },
  {
    shape: 'CVE-2024-58379, GHSA-9h6g-pr28-7cqp (nodemailer < 6.9.9): a data: URL in HTML',
    n: 300_000,
    make: n => ({ HTMLBody: `<img src="data:${';'.repeat(n)}`, ...attach({ Id: 'x', Filename: 'a', Stream: 'AQID' }) }),
  },
  {
    shape: 'cid: in HTML',
    n: 60_000,
    make: n => ({ HTMLBody: 'cid:'.repeat(n), ...attach({ Id: 'x', Filename: 'a', Stream: 'AQID' }) }),
  },
  { shape: 'labels of a domain', n: 30_000, make: n => ({ To: [{ Address: `a@${'xn--a.'.repeat(n)}org` }] }) },
]

test.each(ENTITIES)('$shape', ({ n, make }) => {
  const ratio = growthRatio(
    n,
    size => ({ From: { Address: 'from@example.org' }, To: [{ Address: 'to@example.org' }], ...make(size) }),
    entity => {
      try {
        composeMessage(entity).toBytes()
      } catch (error) {
        if (!(error instanceof MimeError)) throw error
      }
    },
  )
  expect(ratio).toBeLessThan(LIMIT)
})

test.each<[shape: string, n: number, make: (n: number) => string]>([
  ['addresses', 2_000, n => `{"Emails":[{"To":[${'{},'.repeat(n)}{}]}]}`],
  ['emails', 800, n => `{"Emails":[${'{},'.repeat(n)}{}]}`],
  ['problems', 60_000, n => `{"Emails":[{"Cc":[${'0,'.repeat(n)}0]}]}`],
  ['names of fields', 2_000, n => `{"Emails":[{"FieldProperties":{${times(n, index => `"${index}":{}`).join()}}}]}`],
  ['unknown names', 6_000, n => `{"Emails":[{${times(n, index => `"x${index}":0`).join()}}]}`],
  ['nesting', 20_000, n => `{"Emails":[],"x":${'['.repeat(n)}${']'.repeat(n)}}`],
  ['base64', 2_000_000, n => `{"Emails":[{"Attachments":[{"Stream":"${'QUJD'.repeat(n)}"}]}]}`],
  ['flags', 100_000, n => `{"Emails":[{"Flags":"${'Seen,'.repeat(n)}Seen"}]}`],
  ['escapes', 300_000, n => `{"Emails":[{"Subject":"${'\\u00e5'.repeat(n)}"}]}`],
])('JSON of %s', (_, n, make) => {
  const ratio = growthRatio(n, make, json => {
    try {
      sendRequestFromJson(json)
    } catch (error) {
      if (!(error instanceof MimeError)) throw error
    }
  })
  expect(ratio).toBeLessThan(LIMIT)
})

test('JSON of an entity with many addresses and back', () => {
  const ratio = growthRatio(
    1_500,
    n => parseMessage(`To: ${'a@b.c, '.repeat(n)}\r\n\r\n`).entity,
    entity => entityFromJson(entityToJson(entity)),
  )
  expect(ratio).toBeLessThan(LIMIT)
})
