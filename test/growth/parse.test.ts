/**
 * Reading takes time in proportion to the octets, whatever shape they have: twice the input, about twice the time.
 *
 * Each row is a shape with which some mail reader was stopped, or one where a reader could look at an octet once for
 * each of others. The sizes are such that one reading takes some milliseconds.
 */
import { expect, test } from 'vitest'
import { type Limits, parseMessage } from '../../src/index.ts'
import { growthRatio } from '../codec/slow/growth.ts'

/** Linear work has a ratio of 2, quadratic work one of 4. */
const LIMIT = 3

/** A message whose text is `text` over and over. */
const body = (fields: string, text: string) => (n: number) => `${fields}\r\n\r\n${text.repeat(n)}`
/** A message with `text` over and over in the value of a field. */
const field =
  (name: string, before: string, text: string, after = '') =>
  (n: number) =>
    `${name}: ${before}${text.repeat(n)}${after}\r\n\r\ntext`
/** A multipart/mixed with `text` over and over in its body. */
const mixed =
  (text: string, boundary = 'b') =>
  (n: number) =>
    `Content-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n${text.repeat(n)}\r\n--${boundary}--\r\n`

/** Multiparts inside each other, as deep as it goes. */
function nested(n: number): string {
  let message = ''
  for (let level = 0; level < 99; level++) {
    message += `Content-Type: multipart/mixed; boundary="level ${level}"\r\n\r\n--level ${level}\r\n`
  }
  return `${message}\r\n${'--level\r\ntext of the innermost part\r\n'.repeat(n)}`
}

/** Limits that are out of the way of what grows. */
const UNLIMITED: Partial<Limits> = { parts: Infinity, fields: Infinity, headerOctets: Infinity }
const DEEP: Partial<Limits> = { ...UNLIMITED, depth: 1000, rfc822Depth: 1000 }

const PLAIN = 'Content-Type: text/plain; charset=utf-8'
const QP = `${PLAIN}\r\nContent-Transfer-Encoding: quoted-printable`
const BASE64 = 'Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64'

/** THE table of shapes; `n` is how often the text of the shape stands in the smaller input. */
const SHAPES: readonly { shape: string; n: number; make: (n: number) => string; limits?: Partial<Limits> }[] = [
  { shape: 'lines of text', n: 40_000, make: body(PLAIN, 'The quick brown fox jumps over the lazy dog.\r\n') },
  {
    shape: 'lines of 8-bit text without a label',
    n: 20_000,
    make: body('Subject: x', 'Zwölf Boxkämpfer jagen Viktor.\n'),
  },
  { shape: 'bare CR', n: 40_000, make: body(PLAIN, 'The quick brown fox\r') },
  { shape: 'CRCRLF', n: 20_000, make: body(PLAIN, 'The quick brown fox\r\r\n') },
  { shape: 'empty lines', n: 60_000, make: body(PLAIN, '\r\n') },
  { shape: 'one line', n: 2_000_000, make: body(PLAIN, 'x') },
  { shape: 'base64', n: 20_000, make: body(BASE64, `${'QUJD'.repeat(19)}\r\n`) },
  { shape: 'base64 in short lines', n: 100_000, make: body(BASE64, 'QUJD\r\n') },
  { shape: 'base64 with padding everywhere', n: 60_000, make: body(BASE64, 'QQ==') },
  { shape: 'base64 that is none', n: 150_000, make: body(BASE64, '!?') },
  { shape: 'quoted-printable', n: 10_000, make: body(QP, 'Zw=C3=B6lf Boxk=C3=A4mpfer jagen Viktor=\r\n') },
  { shape: 'quoted-printable with blanks before line breaks', n: 4_000, make: body(QP, `x${' '.repeat(200)}\r\n`) },
  { shape: 'quoted-printable with blanks only', n: 1_000_000, make: body(QP, ' ') },
  { shape: 'quoted-printable with stray "="', n: 200_000, make: body(QP, '=x') },
  { shape: 'flowed text', n: 20_000, make: body(`${PLAIN}; format=flowed`, '> quoted text that goes on \r\n') },
  { shape: 'flowed blanks', n: 1_000_000, make: body(`${PLAIN}; format=flowed`, ' ') },
  { shape: 'flowed quotes', n: 400_000, make: body(`${PLAIN}; format=flowed`, '>') },
  { shape: 'uuencoded files', n: 1_500, make: body(PLAIN, 'begin 644 a\r\n#86)C\r\n`\r\nend\r\n') },
  { shape: 'uuencode that never ends', n: 3_000, make: body(PLAIN, 'begin 644 a\r\n#86)C\r\n') },
  { shape: 'HTML with "<"', n: 400_000, make: body('Content-Type: text/html', '<!--<meta') },
  { shape: 'fields', n: 2_000, make: n => `${'X-Field: value\r\n'.repeat(n)}\r\ntext`, limits: UNLIMITED },
  {
    shape: 'fields with names of their own',
    n: 2_000,
    make: n => `${numbered(n, i => `X-${i}: value\r\n`)}\r\n`,
    limits: UNLIMITED,
  },
  {
    shape: 'lines that are no fields',
    n: 40_000,
    make: n => `Subject: x\r\n${'no field\r\n'.repeat(n)}\r\n`,
    limits: UNLIMITED,
  },
  { shape: 'a long Subject', n: 400_000, make: field('Subject', '', 'x '), limits: UNLIMITED },
  { shape: 'a folded Subject', n: 30_000, make: field('Subject', '', 'x\r\n '), limits: UNLIMITED },
  { shape: 'folds with nothing in them', n: 40_000, make: field('Subject', 'x', '\r\n ', 'x'), limits: UNLIMITED },
  { shape: 'blanks in a Subject', n: 500_000, make: field('Subject', 'x', ' ', 'x'), limits: UNLIMITED },
  { shape: 'encoded-words', n: 3_000, make: field('Subject', '', ' =?utf-8?Q?w=C3=B6rd?='), limits: UNLIMITED },
  {
    shape: 'encoded-words that split a character',
    n: 1_500,
    make: field('Subject', '', '=?utf-8?B?w7bD?= =?utf-8?B?tg==?= '),
    limits: UNLIMITED,
  },
  { shape: 'starts of encoded-words', n: 20_000, make: field('Subject', '', '=?'), limits: UNLIMITED },
  {
    shape: 'starts of encoded-words with charset',
    n: 10_000,
    make: field('Subject', '', '=?utf-8?Q?'),
    limits: UNLIMITED,
  },
  { shape: 'addresses', n: 1_500, make: field('To', '', '"Name, A." <a@example.org>, '), limits: UNLIMITED },
  { shape: 'comments in an address', n: 15_000, make: field('To', '', 'a(c)', '@example.org'), limits: UNLIMITED },
  { shape: 'comments inside comments', n: 100_000, make: field('To', '', '(', 'a@example.org'), limits: UNLIMITED },
  { shape: 'quotes in an address', n: 100_000, make: field('To', '', '"', 'a@example.org'), limits: UNLIMITED },
  { shape: '"<" in an address', n: 100_000, make: field('To', '', '<', 'a@example.org>'), limits: UNLIMITED },
  { shape: '"[" after "@"', n: 10_000, make: field('To', '', 'a@[ '), limits: UNLIMITED },
  { shape: '"@" in an address', n: 15_000, make: field('To', '', 'a@'), limits: UNLIMITED },
  { shape: 'groups inside groups', n: 10_000, make: field('To', '', 'g: ', 'u@example.org;'), limits: UNLIMITED },
  { shape: 'free text as an address', n: 8_000, make: field('From', '', 'word '), limits: UNLIMITED },
  { shape: 'References', n: 4_000, make: field('References', '', '<a@example.org> '), limits: UNLIMITED },
  { shape: '"<" in References', n: 200_000, make: field('References', '', '<'), limits: UNLIMITED },
  { shape: 'parameters', n: 20_000, make: field('Content-Type', 'text/plain', '; a=b'), limits: UNLIMITED },
  {
    shape: 'parameters of RFC 2231',
    n: 1_500,
    make: n => `Content-Type: a/b${numbered(n, i => `; name*${i}*=x`)}\r\n\r\n`,
    limits: UNLIMITED,
  },
  {
    shape: 'comments in parameters',
    n: 50_000,
    make: field('Content-Type', 'text/plain; a=b', ' (c)'),
    limits: UNLIMITED,
  },
  { shape: '";" in Content-Type', n: 40_000, make: field('Content-Type', 'text/plain', ';'), limits: UNLIMITED },
  { shape: '"(" in Content-Type', n: 20_000, make: field('Content-Type', 'text/plain;', ';('), limits: UNLIMITED },
  {
    shape: 'Date with comments',
    n: 100_000,
    make: field('Date', 'Mon, 1 Jan 2024 00:00:00 +0000 ', '(c)'),
    limits: UNLIMITED,
  },
  {
    shape: 'Received',
    n: 1_500,
    make: n => `${'Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000\r\n'.repeat(n)}\r\n`,
    limits: UNLIMITED,
  },
  { shape: 'parts', n: 1_500, make: mixed('--b\r\n\r\npart\r\n'), limits: UNLIMITED },
  { shape: 'empty parts', n: 2_000, make: mixed('--b\r\n'), limits: UNLIMITED },
  {
    shape: 'parts that are text',
    n: 800,
    make: mixed('--b\r\nContent-Type: text/plain\r\n\r\npart\r\n'),
    limits: UNLIMITED,
  },
  {
    shape: 'attachments',
    n: 500,
    make: mixed('--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\npart\r\n'),
    limits: UNLIMITED,
  },
  {
    shape: 'messages in a digest',
    n: 300,
    make: mixed('--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ntext\r\n'),
    limits: UNLIMITED,
  },
  { shape: 'lines that start with the boundary', n: 20_000, make: mixed('--boundary-no\r\n', 'boundary') },
  { shape: 'lines that start with "--"', n: 80_000, make: mixed('--\r\n') },
  { shape: 'dashes', n: 400_000, make: mixed('-') },
  {
    shape: 'CR and dashes in a multipart inside another',
    n: 100_000,
    make: n => {
      const header = (boundary: string) =>
        `Content-Type: multipart/mixed; boundary=${boundary}\r\n\r\n--${boundary}\r\n`
      return `${header('b')}${header('c')}\r\n${'\r--x'.repeat(n)}`
    },
  },
  { shape: 'boundaries with blanks after them', n: 400, make: mixed(`--b${' '.repeat(900)}x\r\n`) },
  { shape: 'a nest of multiparts around text', n: 2_000, make: nested },
  {
    shape: 'multiparts inside each other',
    n: 300,
    make: n => numbered(n, i => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`),
    limits: DEEP,
  },
  {
    shape: 'messages inside each other',
    n: 480,
    make: n => 'Content-Type: message/rfc822\r\n\r\n'.repeat(n),
    limits: DEEP,
  },
  {
    shape: 'recipients of a report',
    n: 400,
    make: mixed('--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822;a@example.org\r\n\r\n'),
    limits: UNLIMITED,
  },
]

test.each(SHAPES)('$shape', ({ n, make, limits }) => {
  const options = { limits: limits ?? {} }
  const ratio = growthRatio(
    n,
    size => Buffer.from(make(size)),
    octets => parseMessage(octets, options),
  )
  expect(ratio).toBeLessThan(LIMIT)
})

function numbered(n: number, text: (index: number) => string): string {
  return Array.from({ length: n }, (_, index) => text(index)).join('')
}
