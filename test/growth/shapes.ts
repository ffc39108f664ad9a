/**
 * THE table of shapes with which mail readers were stopped, or where a reader could look at an octet once for each of
 * others: what is measured here for time, and in ../hostile/memory.test.ts for memory.
 */
import { Buffer } from 'node:buffer'
import type { Limits } from '../../src/index.ts'

/** A message of one thing over and over. */
export interface Shape {
  readonly shape: string
  /** How often the thing stands in the smaller of two inputs; one reading of it takes some milliseconds. */
  readonly n: number
  /** The message as octets in ISO 8859-1, or as text in UTF-8. */
  readonly make: (n: number) => string | Uint8Array
  /** Limits that would be in the way of what grows. */
  readonly limits?: Partial<Limits>
}

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

/** An invitation with `text` over and over in its event. */
const calendar =
  (text: string, before = '', after = '') =>
  (n: number) =>
    'Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:a\r\n' +
    `DTSTART:20260101T100000Z\r\n${before}${text.repeat(n)}${after}END:VEVENT\r\nEND:VCALENDAR\r\n`

/** Limits that are out of the way of what grows. */
const UNLIMITED: Partial<Limits> = {
  parts: Infinity,
  fields: Infinity,
  allFields: Infinity,
  mailboxes: Infinity,
  defects: Infinity,
  headerOctets: Infinity,
}
const DEEP: Partial<Limits> = { ...UNLIMITED, depth: 1000, rfc822Depth: 1000 }

const PLAIN = 'Content-Type: text/plain; charset=utf-8'
const QP = `${PLAIN}\r\nContent-Transfer-Encoding: quoted-printable`
const BASE64 = 'Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64'

export const SHAPES: readonly Shape[] = [
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
  { shape: 'calendar lines', n: 8_000, make: calendar('X-A;B=c:d\r\n') },
  { shape: 'calendar folds', n: 60_000, make: calendar('\r\n y', 'DESCRIPTION:x', '\r\n') },
  { shape: 'calendar parameters', n: 3_000, make: calendar(';A=b', 'ATTENDEE', ':mailto:a@x.no\r\n') },
  { shape: 'calendar quotes', n: 200_000, make: calendar('"', 'ATTENDEE;CN=', ':mailto:a@x.no\r\n') },
  { shape: 'calendar components inside each other', n: 8_000, make: calendar('BEGIN:X\r\n') },
  { shape: 'calendar ends', n: 8_000, make: calendar('END:X\r\n') },
  { shape: 'calendar attendees', n: 8_000, make: calendar('ATTENDEE;CN=a:mailto:a@x.no\r\n') },
  { shape: 'calendar dates', n: 20_000, make: calendar('20260101T100000Z,', 'EXDATE:', '20260101T100000Z\r\n') },
  { shape: 'calendar alarms', n: 4_000, make: calendar('BEGIN:VALARM\r\nREPEAT:9999999999\r\nEND:VALARM\r\n') },
  { shape: 'TNEF attachments', n: 400, make: n => tnef(repeated([RENDERING, attribute(2, 0x6800f, [0x78])], n)) },
  { shape: 'TNEF attributes', n: 100_000, make: n => tnef(repeated([attribute(1, 0x18004, [])], n)) },
  { shape: 'TNEF properties', n: 40_000, make: n => tnef([attribute(1, 0x69003, properties(n))]) },
  { shape: 'compressed RTF', n: 40_000, make: n => tnef([attribute(1, 0x69003, compressedRtf(n))]) },
]

function numbered(n: number, text: (index: number) => string): string {
  return Array.from({ length: n }, (_, index) => text(index)).join('')
}

/* ---- TNEF: MS-OXTNEF §2.1, MS-OXRTFCP §2.1 ---- */

function uint32(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24]
}

function attribute(level: 1 | 2, id: number, data: Uint8Array | readonly number[]): Buffer {
  let sum = 0
  for (const octet of data) sum += octet
  return Buffer.concat([
    Buffer.of(level, ...uint32(id), ...uint32(data.length)),
    Buffer.from(data),
    Buffer.of(sum, sum >> 8),
  ])
}

const RENDERING: Buffer = attribute(2, 0x69002, new Uint8Array(14))

function tnef(attributes: readonly Uint8Array[]): Buffer {
  const head = Buffer.from('Content-Type: application/ms-tnef\r\n\r\n')
  return Buffer.concat([head, Buffer.of(...uint32(0x223e9f78), 1, 0), ...attributes])
}

function repeated<T>(items: readonly T[], n: number): T[] {
  return Array.from({ length: n }, () => items).flat()
}

/** Numbers of 32 bits. */
function properties(n: number): Buffer {
  return Buffer.concat([Buffer.of(...uint32(n)), Buffer.alloc(8 * n, Buffer.of(3, 0, 0x17, 0, 1, 0, 0, 0))])
}

/** Text that is 136 characters for 17 octets: references of the greatest length, eight after each octet of flags. */
function compressedRtf(n: number): Buffer {
  const run = Buffer.of(0xff, ...repeated([0x00, 0x0f], 8))
  const contents = Buffer.alloc(run.length * n, run)
  const header = [
    ...uint32(contents.length + 12),
    ...uint32(136 * n),
    ...Buffer.from('LZFu'),
    ...uint32(crc32(contents)),
  ]
  const value = Buffer.concat([Buffer.of(...header), contents])
  const padding = new Uint8Array(-value.length & 3)
  return Buffer.concat([Buffer.of(...uint32(1), 2, 1, 9, 0x10, ...uint32(1), ...uint32(value.length)), value, padding])
}

/** Without the inversions at its start and end: MS-OXRTFCP §2.1.3.2. */
function crc32(octets: Uint8Array): number {
  let crc = 0
  for (const octet of octets) {
    crc ^= octet
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return crc >>> 0
}
