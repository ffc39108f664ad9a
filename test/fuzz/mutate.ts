/**
 * Messages that are nearly right: THE table of mutations, each of which knows one structure of mail.
 *
 * Texts have one character for each octet (latin1), so that any octet can stand in them and a position is an offset.
 */
import { mutateAddresses, randomAddresses } from './mutate-addresses.ts'
import type { Random } from './random.ts'

/** Where the other texts come from that parts are taken of. */
export interface Context {
  readonly random: Random
  /** Another input. */
  other(): string
}

/** Most octets of an input: what is large is slow, and growth has tests of its own. */
export const MAX_INPUT_OCTETS: number = 32 * 1024

type Mutation = (text: string, context: Context) => string

/** What means something to a reader of mail, apart from addresses. */
const TOKENS: readonly string[] = [
  ...['\r\n', '\n', '\r', '\r\n\r\n', '\r\n ', '\r\n\t', '\r\r\n', '\0', '\x1a', '\x7f', '\x0b', '\x0c', ' ', '\t'],
  ...[
    '--',
    '--b',
    '--b--',
    '\r\n--b\r\n',
    '=',
    '=\r\n',
    '=3D',
    '=E5',
    '=?utf-8?q?',
    '?=',
    '=?',
    '==',
    '(',
    ')',
    '"',
    '\\',
  ],
  ...[
    ';',
    ':',
    ',',
    '<',
    '>',
    '@',
    '[',
    ']',
    '%',
    "''",
    '*',
    '*0',
    '*0*=',
    '*1*=',
    '_',
    '.',
    '\r\n.\r\n',
    'From ',
    '>From ',
  ],
  ...[
    'begin 644 a.txt\r\n',
    '`\r\nend\r\n',
    '#86)C\r\n',
    '\xef\xbb\xbf',
    '\xff\xfe',
    '\xc3',
    '\xc3\xa5',
    '\xe2\x80\xa8',
  ],
  ...[
    '\xed\xa0\x80',
    '\x1b$B',
    '\x1b(B',
    '\x1b$)C',
    '+AGE-',
    '~{',
    '\x8e',
    '__proto__',
    'constructor',
    '4294967296',
    '-1',
  ],
  ...[
    'text/plain',
    'text/html',
    'text/calendar',
    'multipart/mixed',
    'message/rfc822',
    'application/ms-tnef',
    'cid:a',
    '-- ',
  ],
]

/** Field names that a reader looks at. */
const FIELD_NAMES: readonly string[] = [
  ...['From', 'To', 'Cc', 'Bcc', 'Reply-To', 'Sender', 'Subject', 'Date', 'Message-ID', 'In-Reply-To', 'References'],
  ...['Content-Type', 'Content-Transfer-Encoding', 'Content-Disposition', 'Content-ID', 'Content-Description'],
  ...['Content-Location', 'MIME-Version', 'Received', 'X-Priority', 'Importance', 'Priority', 'X-MSMail-Priority'],
  ...[
    'X-Unsent',
    'List-Unsubscribe',
    'Return-Path',
    'Disposition-Notification-To',
    'X-Custom',
    'Resent-To',
    'Keywords',
  ],
]

const ADDRESS_FIELD = /^(?:From|To|Cc|Bcc|Reply-To|Sender)$/i

/** Values that fields of any name may get. */
const VALUES: readonly string[] = [
  ...['', ' ', 'a', 'Mon, 12 Jan 2026 09:15:30 +0100', '31 Feb 99 25:61 XYZ', 'Mon, 1 Jan 0000 00:00:00 -0000'],
  ...[
    '<a@b.c>',
    '<a b>',
    '<@>',
    '<a@b.c> (c) <d@e.f>',
    '1 (Highest)',
    'urgent',
    'high',
    '1',
    '\xff',
    '=?utf-8?q?=00=0D=0A?=',
  ],
  ...[
    'text/plain; charset=utf-8; format=flowed; delsp=yes',
    'text/html; charset=utf-16',
    'text/plain; charset="x\\"y"',
  ],
  ...[
    'multipart/mixed; boundary=b',
    'multipart/alternative; boundary="b "',
    'multipart/related; boundary=b; start="<a>"',
  ],
  ...[
    'multipart/report; report-type=delivery-status; boundary=b',
    'message/delivery-status',
    'multipart/digest; boundary=b',
  ],
  ...[
    'message/rfc822',
    'message/partial; id=a; number=1; total=2',
    'application/octet-stream; name="=?utf-8?b?w6U=?="',
  ],
  ...[
    'text/calendar; method=REQUEST; charset=utf-8',
    'application/ms-tnef; name=winmail.dat',
    'text',
    '/',
    'a/b; =; ;x',
  ],
  ...['attachment; filename=a.txt', "attachment; filename*=utf-8''%C3%A5%00.txt", 'inline; filename="../..\\\\a.exe"'],
  ...[
    "attachment; filename*0*=utf-8''a%; filename*1=b; filename*3=c",
    'attachment; filename="a\r\n b"',
    'base64',
    '8bit',
  ],
  ...['quoted-printable', 'x-uuencode', '7bit', 'binary', 'BASE64 (c)', 'x-unknown', '"base64"'],
]

const CHARSETS: readonly string[] = [
  ...['utf-8', 'us-ascii', 'iso-8859-1', 'windows-1252', 'iso-2022-jp', 'iso-2022-kr', 'shift_jis', 'gb18030', 'big5'],
  ...[
    'euc-kr',
    'euc-jp',
    'utf-16',
    'utf-16le',
    'utf-7',
    'utf-32',
    'koi8-r',
    'hz-gb-2312',
    'x-unknown',
    '',
    '"',
    '__proto__',
  ],
]

const ENCODINGS: readonly string[] = [
  '7bit',
  '8bit',
  'binary',
  'base64',
  'quoted-printable',
  'x-uuencode',
  'x-unknown',
  '',
]

/** Lines that a calendar may get. */
const CALENDAR_LINES: readonly string[] = [
  ...[
    'BEGIN:VCALENDAR',
    'END:VCALENDAR',
    'BEGIN:VEVENT',
    'END:VEVENT',
    'BEGIN:VTIMEZONE',
    'END:VTIMEZONE',
    'BEGIN:VALARM',
  ],
  ...[
    'END:VALARM',
    'BEGIN:STANDARD',
    'END:STANDARD',
    'METHOD:REQUEST',
    'METHOD:REPLY',
    'METHOD:CANCEL',
    'UID:u',
    'UID:',
  ],
  ...[
    'DTSTART:20260115T120000Z',
    'DTSTART;VALUE=DATE:20260115',
    'DTSTART;TZID=Europe/Oslo:20260115T120000',
    'DTSTART:x',
  ],
  ...[
    'DTEND;TZID="X Y":99991231T235959',
    'DURATION:-P1W',
    'DURATION:P999999999D',
    'RRULE:FREQ=DAILY;COUNT=99999999999',
  ],
  ...[
    'RRULE:FREQ=YEARLY;BYDAY=-1SU;UNTIL=x',
    'EXDATE:20260115,20260116T000000Z',
    'RECURRENCE-ID:20260115',
    'SEQUENCE:-1',
  ],
  ...[
    'ATTENDEE;CN="a;b":mailto:a@b.c',
    'ATTENDEE;PARTSTAT=ACCEPTED;CN=^n:MAILTO:a@b.c',
    'ORGANIZER:mailto:a@b.c\\, d@e.f',
  ],
  ...[
    'TZOFFSETFROM:+9999',
    'TZOFFSETTO:-0000',
    'TZID:Europe/Oslo',
    'SUMMARY:\\n\\\\\\;',
    'TRIGGER:-PT15M',
    'X:1',
    ' folded',
    ':',
  ],
]

/** THE table: what is done to a message. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'flip octets': (text, { random }) => {
    const at = random.below(text.length)
    return splice(text, at, 1, String.fromCharCode(text.charCodeAt(at) ^ (1 << random.below(8))))
  },
  'put in an octet': (text, { random }) =>
    splice(text, somewhere(text, random), 0, String.fromCharCode(random.below(256))),
  'put in a token': (text, { random }) => splice(text, atStructure(text, random), random.below(3), random.pick(TOKENS)),
  'put in tokens': (text, { random }) => {
    const tokens = Array.from({ length: random.between(2, 12) }, () => random.pick(TOKENS))
    return splice(text, atStructure(text, random), random.length(20), tokens.join(''))
  },
  'drop a range': (text, { random }) => splice(text, somewhere(text, random), random.length(text.length), ''),
  'double a range': (text, { random }) => {
    const at = somewhere(text, random)
    return splice(text, at, 0, text.slice(at, at + random.length(200)))
  },
  'repeat a range': (text, { random }) => {
    const at = somewhere(text, random)
    return splice(text, at, 0, text.slice(at, at + random.between(1, 20)).repeat(random.between(2, 200)))
  },
  'cut off the end': (text, { random }) => text.slice(0, somewhere(text, random)),
  'double a line': (text, { random }) => {
    const line = random.pick(linesOf(text))
    return splice(text, random.pick(linesOf(text)).index, 0, line[0])
  },
  'drop a line': (text, { random }) => {
    const line = random.pick(linesOf(text))
    return splice(text, line.index, line[0].length, '')
  },
  'end lines otherwise': (text, { random }) => {
    const ends = random.pick([
      ['\n'],
      ['\r'],
      ['\r\n'],
      ['\r\r\n'],
      ['\r\n', '\n'],
      ['\r\n', '\n', '\r'],
      [' \r\n', '\t\r\n'],
    ])
    return text.replace(/\r\n|\r|\n/g, () => random.pick(ends))
  },
  'join with another': (text, { random, other }) => {
    const theirs = other()
    return text.slice(0, random.pick(linesOf(text)).index) + theirs.slice(random.pick(linesOf(theirs)).index)
  },
  'take lines of another': (text, { random, other }) => {
    const lines = linesOf(other())
    const from = random.below(lines.length)
    const taken = lines.slice(from, from + random.between(1, 10)).map(line => line[0])
    return splice(text, random.pick(linesOf(text)).index, 0, taken.join(''))
  },
  'drop a field': (text, { random }) => onField(text, random, () => ''),
  'double a field': (text, { random }) => onField(text, random, ({ source }) => source + source),
  'rename a field': (text, { random }) => onField(text, random, ({ value }) => `${random.pick(FIELD_NAMES)}:${value}`),
  'give a field another value': (text, { random }) =>
    onField(text, random, ({ name }) => `${name}: ${random.pick(VALUES)}\r\n`),
  'put in a field': (text, { random }) => {
    const name = random.pick(FIELD_NAMES)
    const value = ADDRESS_FIELD.test(name) ? utf8(randomAddresses(random)) : random.pick(VALUES)
    return onField(text, random, ({ source }) => `${name}: ${value}\r\n${source}`)
  },
  'take a value of another': (text, { random, other }) => {
    const theirs = fieldsOf(other())
    return onField(text, random, ({ name, source }) => {
      const same = theirs.filter(field => field.name.toLowerCase() === name.toLowerCase())
      return theirs.length === 0 ? source : `${name}:${random.pick(same.length > 0 ? same : theirs).value}`
    })
  },
  'fold a field': (text, { random }) =>
    onField(
      text,
      random,
      ({ name, value }) =>
        `${name}:${value.trimEnd().replace(/[ ,;]/g, at => (random.once(3) ? `${at}\r\n ` : at))}\r\n`,
    ),
  'mutate addresses': (text, { random, other }) => {
    const isAddress = ({ name }: Field): boolean => ADDRESS_FIELD.test(name)
    const theirs = fieldsOf(other()).filter(isAddress)
    const another = theirs.length > 0 ? random.pick(theirs).value : randomAddresses(random)
    return onField(
      text,
      random,
      ({ name, value }) => `${name}:${utf8(mutateAddresses(value.trimEnd(), random, another))}\r\n`,
      isAddress,
    )
  },
  'mutate parameters': (text, { random }) =>
    onField(
      text,
      random,
      ({ name, value }) => {
        const parts = value.trimEnd().split(';')
        const at = random.below(parts.length + 1)
        const parameter = random.pick([
          'name',
          'filename',
          'charset',
          'boundary',
          'format',
          'type',
          'start',
          'method',
          '',
          'x',
        ])
        const form = random.pick(['=', '*=', '*0=', '*0*=', '*1*=', '*1=', '*01*=', '*9999999999=', ' = ', ''])
        const stated = random.pick([
          'a',
          '"b"',
          '"b',
          "utf-8''%E5",
          "''",
          "x'y'z",
          '"=?utf-8?q?=E5?="',
          '',
          'a b',
          '"\\"',
          '(c)b',
          'b(c)',
        ])
        parts.splice(at, random.below(2), ` ${parameter}${form}${stated}`)
        return `${name}:${parts.join(';')}\r\n`
      },
      ({ name }) => /^content-/i.test(name),
    ),
  'mutate delimiters': (text, { random }) => {
    const delimiters = [...text.matchAll(/^--[^\r\n]*/gm)]
    if (delimiters.length === 0) return text
    const { index, 0: line } = random.pick(delimiters)
    const changes = [
      '',
      `${line}--`,
      line.replace(/--$/, ''),
      `${line} \t`,
      `${line}x`,
      line.slice(0, -1),
      `-${line}`,
      `\r\n${line}`,
    ]
    return splice(
      text,
      index,
      line.length,
      random.pick([...changes, `${line}\r\n\r\n${line}`, random.pick(delimiters)[0]]),
    )
  },
  'make a text an encoded-word': (text, { random }) =>
    onField(text, random, ({ name, value }) => {
      const words = value.trimEnd().split(/(?<= )/)
      const at = random.below(words.length)
      words[at] = `${encodedWord(words[at]!, random)}${random.pick([' ', '', '\r\n '])}`
      return `${name}:${words.join('')}\r\n`
    }),
  'change a charset': (text, { random }) => {
    const charset = random.pick(CHARSETS)
    const labels = [...text.matchAll(/(?<=charset=|=\?)"?[\w-]+/gi)]
    if (labels.length === 0)
      return onField(text, random, ({ source }) => `Content-Type: text/plain; charset=${charset}\r\n${source}`)
    const { index, 0: label } = random.pick(labels)
    return splice(text, index, label.length, charset)
  },
  'change an encoding': (text, { random }) => {
    const encoding = random.pick(ENCODINGS)
    return onField(text, random, ({ name, source }) =>
      /^content-transfer-encoding$/i.test(name)
        ? `${name}: ${encoding}\r\n`
        : `Content-Transfer-Encoding: ${encoding}\r\n${source}`,
    )
  },
  'encode the rest': (text, { random }) => {
    const at = random.pick(linesOf(text)).index
    const rest = Buffer.from(text.slice(at), 'latin1')
    const encoded = random.pick([
      () => rest.toString('base64').replace(/.{76}/g, '$&\r\n'),
      () => text.slice(at).replace(/[^ -<>-~\r\n]/g, octet => `=${octet.charCodeAt(0).toString(16).padStart(2, '0')}`),
      () => uuencoded(rest.subarray(0, 500)),
    ])()
    return text.slice(0, at) + encoded
  },
  'mutate what is in base64': (text, { random }) => {
    const bodies = [...text.matchAll(/(?:^[A-Za-z0-9+/]{4,}={0,2}\r?\n?)+/gm)].filter(([body]) => body.length >= 16)
    if (bodies.length === 0) return text
    const { index, 0: body } = random.pick(bodies)
    const octets = mutateOctets(Buffer.from(body, 'base64'), random)
    return splice(text, index, body.length, `${octets.toString('base64').replace(/.{76}/g, '$&\r\n')}\r\n`)
  },
  'mutate a calendar': (text, { random }) => {
    const lines = [...text.matchAll(/^(?:BEGIN|END|[A-Z-]+[;:]).*\r?\n/gm)]
    if (lines.length === 0) return text
    const { index, 0: line } = random.pick(lines)
    return splice(text, index, random.once(2) ? line.length : 0, `${random.pick(CALENDAR_LINES)}\r\n`)
  },
  'put in a calendar': text =>
    `Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:u\r\n${text.slice(-500)}\r\nDTSTART:20260115T120000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`,
  'put in a uuencoded file': (text, { random }) =>
    splice(text, random.pick(linesOf(text)).index, 0, uuencoded(mutateOctets(Buffer.from('uuencoded octets'), random))),
  'put in winmail.dat': (text, { random }) => {
    const tnef = mutateOctets(winmail(random, text), random).toString('base64')
    return part(
      text,
      random,
      `Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n${tnef}`,
    )
  },
  'put in a message': (text, { random, other }) => part(text, random, `Content-Type: message/rfc822\r\n\r\n${other()}`),
  'put in a multipart': (text, { random }) => {
    const type = random.pick(['mixed', 'alternative', 'related', 'digest', 'signed', 'report', 'x'])
    const boundary = random.pick(['b', 'bb', 'b b', "b'()+_,-./:=?", '=_b', 'B'])
    return `Content-Type: multipart/${type}; boundary="${boundary}"\r\n\r\n--${boundary}\r\n${text}\r\n--${boundary}--\r\n`
  },
}

/** Mutations of JSON; `TOKENS` and octets are put in by those above that know no mail. */
export const JSON_MUTATIONS: Readonly<Record<string, Mutation>> = {
  'flip octets': MUTATIONS['flip octets']!,
  'put in an octet': MUTATIONS['put in an octet']!,
  'double a range': MUTATIONS['double a range']!,
  'cut off the end': MUTATIONS['cut off the end']!,
  'join with another': MUTATIONS['join with another']!,
  'replace a value': (text, { random }) => onJsonValue(text, random, () => random.pick(JSON_VALUES)),
  'take a value of another': (text, { random, other }) => {
    const theirs = jsonValues(other())
    return onJsonValue(text, random, value => (theirs.length === 0 ? value : random.pick(theirs)[0]))
  },
  'rename a property': (text, { random }) => {
    const names = [...text.matchAll(/"\w+"(?=\s*:)/g)]
    if (names.length === 0) return text
    const { index, 0: name } = random.pick(names)
    return splice(
      text,
      index,
      name.length,
      random.pick(['"__proto__"', '"constructor"', '"toString"', '"Emails"', random.pick(names)[0]]),
    )
  },
  'put tokens in a text': (text, { random }) => {
    const texts = jsonValues(text).filter(([value]) => value.startsWith('"'))
    if (texts.length === 0) return text
    const { index, 0: value } = random.pick(texts)
    const token = random.once(2) ? random.pick(TOKENS) : randomAddresses(random)
    return splice(text, index + 1 + random.below(value.length - 1), 0, utf8(JSON.stringify(token).slice(1, -1)))
  },
}

const JSON_VALUES: readonly string[] = [
  ...[
    'null',
    'true',
    '0',
    '-1',
    '1e999',
    '1.5',
    '""',
    '"a"',
    '[]',
    '{}',
    '[null]',
    '[[]]',
    '[{}]',
    '"\\u0000"',
    '"\\ud800"',
  ],
  ...[
    '"a\\r\\nBcc: b@c.d"',
    '"=?utf-8?q?a?="',
    '"2026-01-15T12:00:00+01:00"',
    '"9999-99-99"',
    '"AAAA"',
    '"AAA"',
    '"\\u2028"',
  ],
  ...[
    '{"__proto__":{}}',
    '"text/calendar; method=REPLY"',
    '"multipart/mixed"',
    '"message/rfc822"',
    '"a@b.c"',
    '"a@b, c@d"',
  ],
  ...[`${'['.repeat(2000)}${']'.repeat(2000)}`, '"Request"', '"Seen, Answered"', '"High"', '2147483648', '"\\ufeff"'],
]

/** A message of nothing but a small alphabet: structure is hit more often than by random octets. */
export function randomMessage(random: Random): string {
  const fields = Array.from({ length: random.between(0, 6) }, () => {
    const name = random.pick(FIELD_NAMES)
    return `${name}: ${ADDRESS_FIELD.test(name) ? utf8(randomAddresses(random)) : random.pick(VALUES)}\r\n`
  })
  const body = Array.from({ length: random.between(0, 20) }, () =>
    random.pick([...TOKENS, 'a', 'b ', '\r\n', '--b\r\n']),
  )
  return `${fields.join('')}\r\n${body.join('')}`
}

/** Text with a character for each octet of its UTF-8. */
export function utf8(text: string): string {
  return /[^\0-\x7f]/.test(text) ? Buffer.from(text).toString('latin1') : text
}

function splice(text: string, at: number, length: number, put: string): string {
  return text.slice(0, at) + put + text.slice(at + length)
}

function somewhere(text: string, random: Random): number {
  // Half of the time in what is likely a header section.
  return random.below(random.once(2) ? Math.min(text.length, 600) : text.length + 1)
}

/** After a character that means something, as far as there is one nearby. */
function atStructure(text: string, random: Random): number {
  const at = somewhere(text, random)
  const found = text.slice(at, at + 200).search(/[\r\n:;,="<>@()?*[\]-]/)
  return found === -1 ? at : at + found + random.below(2)
}

function linesOf(text: string): RegExpExecArray[] {
  const lines = [...text.matchAll(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g)]
  return lines.length > 0 ? lines : [/^/.exec('')!]
}

interface Field {
  readonly name: string
  /** With its line break. */
  readonly value: string
  /** The field as it stands. */
  readonly source: string
  readonly index: number
}

/** All that looks like a field, in the headers of parts too. */
function fieldsOf(text: string): Field[] {
  const fields = text.matchAll(/^([!-9;-~]{1,40})[ \t]*:((?:.|\r?\n[ \t])*\r?\n)/gm)
  return [...fields].map(({ index, 0: source, 1: name = '', 2: value = '' }) => ({ source, name, value, index }))
}

/** Puts something in the place of a field; in front of the text where there is none. */
function onField(
  text: string,
  random: Random,
  change: (field: Field) => string,
  isWanted: (field: Field) => boolean = () => true,
): string {
  const all = fieldsOf(text)
  const wanted = all.filter(isWanted)
  if (wanted.length === 0)
    return all.length > 0 ? text : change({ name: 'To', value: ' a@b.c\r\n', source: '', index: 0 }) + text
  const field = random.pick(wanted)
  return splice(text, field.index, field.source.length, change(field))
}

function encodedWord(text: string, random: Random): string {
  const charset = random.once(2) ? 'utf-8' : random.pick(CHARSETS)
  if (random.once(2)) return `=?${charset}?B?${Buffer.from(text, 'latin1').toString('base64')}?=`
  const encoded = text.replace(
    /[^A-Za-z0-9]/g,
    octet => `=${octet.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`,
  )
  return `=?${charset}?${random.pick(['Q', 'q', 'x', ''])}?${encoded}?=`
}

/** One to eight changes of single octets, lengths among them, and now and then an end that is missing. */
function mutateOctets(octets: Buffer, random: Random): Buffer {
  const mutated = Buffer.from(octets)
  for (let changes = random.between(1, 8); changes > 0 && mutated.length > 0; changes--) {
    mutated[random.below(mutated.length)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)])
  }
  return random.once(4) ? mutated.subarray(0, random.below(mutated.length + 1)) : mutated
}

function uuencoded(octets: Uint8Array): string {
  let text = 'begin 644 a.bin\r\n'
  for (let start = 0; start < octets.length; start += 45) {
    const line = octets.subarray(start, start + 45)
    text += String.fromCharCode(32 + line.length)
    for (let index = 0; index < line.length; index += 3) {
      const bits = (line[index]! << 16) | ((line[index + 1] ?? 0) << 8) | (line[index + 2] ?? 0)
      for (const shift of [18, 12, 6, 0]) text += String.fromCharCode(((bits >> shift) & 63 || 64) + 32)
    }
    text += '\r\n'
  }
  return `${text}\`\r\nend\r\n`
}

/** TNEF (MS-OXTNEF §2.1) of a few attributes that a reader looks into. */
function winmail(random: Random, text: string): Buffer {
  const uint16 = (value: number): Buffer => Buffer.of(value & 0xff, (value >>> 8) & 0xff)
  const uint32 = (value: number): Buffer => Buffer.concat([uint16(value), uint16(value >>> 16)])
  const attribute = (level: number, id: number, data: Buffer): Buffer =>
    Buffer.concat([
      Buffer.of(level),
      uint32(id),
      uint32(data.length),
      data,
      uint16(data.reduce((sum, octet) => sum + octet, 0)),
    ])
  const octets = Buffer.from(text.slice(0, random.length(300)), 'latin1')
  const property = (type: number, id: number): Buffer =>
    Buffer.concat([
      uint16(type),
      uint16(id),
      uint32(1),
      uint32(octets.length),
      octets,
      Buffer.alloc((4 - (octets.length % 4)) % 4),
    ])
  const compressed = Buffer.concat([
    uint32(octets.length + 12),
    uint32(octets.length * 2),
    Buffer.from('LZFu'),
    uint32(0),
    octets,
  ])
  const rtf = Buffer.concat([uint16(0x102), uint16(0x1009), uint32(1), uint32(compressed.length), compressed])
  const attributes = [
    attribute(1, 0x00069007, Buffer.concat([uint32(1252), uint32(0)])),
    attribute(1, 0x0006800c, octets),
    attribute(1, 0x00069003, Buffer.concat([uint32(3), property(0x1e, 0x1000), property(0x102, 0x1013), rtf])),
    attribute(2, 0x00069002, Buffer.alloc(14, 1)),
    attribute(2, 0x00018010, Buffer.from('a.txt\0')),
    attribute(2, 0x0006800f, octets),
    attribute(2, 0x00069005, Buffer.concat([uint32(2), property(0x1f, 0x3707), property(0x0d, 0x3701)])),
  ]
  return Buffer.concat([uint32(0x223e9f78), uint16(1), ...attributes.filter(() => !random.once(4))])
}

/** The text with a part behind it, in the multipart that it is or in a new one. */
function part(text: string, random: Random, added: string): string {
  const delimiters = [...text.matchAll(/^--[^\r\n]+?(?=\r?\n)/gm)]
  if (delimiters.length > 0) {
    const { index, 0: delimiter } = random.pick(delimiters)
    return splice(text, index, 0, `${delimiter.replace(/--$/, '')}\r\n${added}\r\n`)
  }
  return `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n${text}\r\n--b\r\n${added}\r\n--b--\r\n`
}

function jsonValues(text: string): RegExpExecArray[] {
  return [...text.matchAll(/"(?:[^"\\]|\\.)*"(?!\s*:)|-?\d+|true|false|null|\[\]|\{\}/g)]
}

function onJsonValue(text: string, random: Random, change: (value: string) => string): string {
  const values = jsonValues(text)
  if (values.length === 0) return text
  const { index, 0: value } = random.pick(values)
  return splice(text, index, value.length, change(value))
}
