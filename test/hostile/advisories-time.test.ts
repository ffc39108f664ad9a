/**
 * Published faults of mail libraries that took quadratic or exponential time, and their vectors: twice the input takes
 * about twice the time. More shapes, without a name, are in ../growth.
 */
import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { parseMessage } from '../../src/index.ts'
import { growthRatio } from '../codec/slow/growth.ts'

const field =
  (name: string, before: string, text: string, after = '') =>
  (n: number): string =>
    `${name}: ${before}${text.repeat(n)}${after}\r\n\r\ntext`
const body =
  (type: string, text: string, after = '') =>
  (n: number): string =>
    `Content-Type: ${type}\r\n\r\n${text.repeat(n)}${after}`

const rows: readonly (readonly [advisory: string, n: number, make: (n: number) => string])[] = [
  [
    'CVE-2026-90776, GHSA-prgh-xp8r-p3m5 (nodemailer 9.1.0 to 10.0.4): comments in a local part',
    15_000,
    field('To', '', 'a(c)', '@x.org'),
  ],
  ['CVE-2026-100700, GHSA-v53p-9fqp-m79j (nodemailer < 10.0.6): text without "@"', 150_000, field('To', '', 'a')],
  ['CVE-2026-100700, GHSA-v53p-9fqp-m79j (nodemailer < 10.0.6): words without "@"', 8_000, field('To', '', 'word ')],
  ['GHSA-39m8-27wv-hr27 (nodemailer < 10.0.10): continuation lines', 30_000, field('X-A', 'x', '\r\n x')],
  ['nodemailer 10.1.3: "<" in References', 200_000, field('References', '', '<')],
  ['nodemailer 10.0.14, postal-mime#97: blanks in the name of a field', 150_000, n => `X${' '.repeat(n)}Y: z\r\n\r\n`],
  ['postal-mime#97: "(" in an address', 100_000, field('From', '', '(')],
  ['postal-mime#97: addresses in To', 1_500, field('To', '', 'a@b.c, (c) "x" <d@e.f>, ')],
  ['libmime 5.3.7, 5.4.5, mailparser#389: flowed text', 20_000, body('text/plain; format=flowed', 'text \r\n')],
  ['libmime 5.6: blanks in flowed text', 500_000, body('text/plain; format=flowed', ' ', 'x')],
  ['mailparser 3.9.16: labels of "xn--"', 60_000, body('text/plain', 'http://xn--a.')],
  ['mailparser 3.9.16: blanks at the end of a line', 500_000, body('text/plain', ' ')],
  ['CVE-2026-48801 (linkify-it < 5.0.1): addresses in text', 60_000, body('text/plain', 'a@b.com\n')],
  ['CVE-2026-59887 (linkify-it < 5.0.2): "mailto:" in text', 80_000, body('text/plain', 'mailto:')],
  ['mailparser 3.9.40: 200,000 "<b>"', 200_000, body('text/html', '<b>')],
  ['mailparser 3.9.40: References fields', 1_500, n => `${'References: <a@b.c>\r\n'.repeat(n)}\r\n`],
  [
    'libqp 2.1.3: blanks at the end of lines',
    500_000,
    n => `Content-Transfer-Encoding: quoted-printable\r\n\r\n${' '.repeat(n)}\r\nx`,
  ],
  [
    'libbase64 1.3.3: padding after each group',
    60_000,
    n => `Content-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\n${'QQ=='.repeat(n)}`,
  ],
  [
    'CVE-2026-116270 (MIME::tools): "=?" in a boundary',
    15_000,
    field('Content-Type', 'multipart/mixed; boundary="', '=?', '"'),
  ],
  [
    'CVE-2026-116272 (MIME::tools): comments in the name of a parameter',
    30_000,
    field('Content-Type', 'a/b; x', '(c)', '=y'),
  ],
  ['cpython#136063: one character at a time', 100_000, field('Content-Disposition', 'attachment; filename*=', "'")],
  ['CVE-2025-61725 (Go): domain literals', 15_000, field('To', '', 'a@[')],
  ['CVE-2026-39820 (Go): comments', 60_000, field('To', '', '(c)', 'a@b.c')],
  ['CVE-2026-42499 (Go): words of a phrase', 8_000, field('To', '', 'a "b" ', '<a@b.c>')],
]

test.each(rows)('%s', (_, n, make) => {
  const limits = {
    headerOctets: Infinity,
    fields: Infinity,
    allFields: Infinity,
    mailboxes: Infinity,
    defects: Infinity,
  }
  const ratio = growthRatio(
    n,
    size => Buffer.from(make(size)),
    octets => parseMessage(octets, { limits }),
  )
  expect(ratio).toBeLessThan(3)
})
