/** The strict reader accepts right messages, and has a message that breaks each of its rules. */
import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { type StrictOptions, strictCheck, strictParse } from './strict-check.ts'

/** A message from its lines; characters over U+00FF as UTF-8 where the text has any, else one octet for each. */
function message(...lines: readonly string[]): Uint8Array {
  const text = lines.join('\r\n')
  return Buffer.from(text, /[^\x00-\xff]/.test(text) ? 'utf8' : 'latin1')
}

const HEAD = [
  'Date: Fri, 02 Jun 2023 14:13:40 +0200',
  'From: "Smith, John" <john@example.org>',
  'To: =?utf-8?Q?=C3=85se?= <ase@example.org>, kari@example.org',
  'Subject: Hello',
  'Message-ID: <1@example.org>',
  'MIME-Version: 1.0',
] as const

/** HEAD with one field replaced, or removed where the replacement is undefined. */
function withField(name: string, ...replacement: readonly string[]): string[] {
  return HEAD.flatMap(line => (line.startsWith(`${name}:`) ? replacement : [line]))
}

/** A text message with one more field, or with one field replaced. */
function field(name: string, ...value: readonly string[]): Uint8Array {
  const isOwn = HEAD.some(line => line.startsWith(`${name}:`))
  return message(...(isOwn ? withField(name, ...value) : [...HEAD, ...value]), '', 'Hi')
}

/** A message of one leaf. */
function leaf(fields: readonly string[], ...body: readonly string[]): Uint8Array {
  return message(...HEAD, ...fields, '', ...body)
}

const TEXT = 'Content-Type: text/plain; charset=utf-8'

/** A multipart with the boundary `b`. */
function multipart(type: string, ...body: readonly string[]): Uint8Array {
  return leaf([`Content-Type: multipart/${type}; boundary=b`], ...body)
}

const GOOD: readonly (readonly [string, Uint8Array, StrictOptions?])[] = [
  ['plain text with a final line break', message(...HEAD, '', 'Hi', '')],
  ['plain text without a final line break', message(...HEAD, '', 'Hi')],
  ['a header alone', message(...HEAD, '')],
  ['an empty body', message(...HEAD, '', '')],
  ['a day without its name, and without seconds', field('Date', 'Date: 2 Jun 2023 14:13 -0330 (home)')],
  ['a leap second', field('Date', 'Date: Sat, 31 Dec 2016 23:59:60 +0000')],
  ['an empty Subject', field('Subject', 'Subject: ')],
  ['adjacent encoded-words', field('Subject', 'Subject: =?utf-8?B?w6U=?=', ' =?utf-8?Q?=C3=A5_b?= and text')],
  ['an encoded-word with a language', field('Subject', 'Subject: =?utf-8*nb?Q?=C3=A5?=')],
  ['an encoded-word in another charset', field('Subject', 'Subject: =?iso-8859-1?Q?=E5?=')],
  ['an encoded-word of 75 characters', field('Subject', `Subject: a\r\n =?utf-8?Q?${'a'.repeat(63)}?=`)],
  ['a comment with an encoded-word', field('To', 'To: a@b.org (=?utf-8?Q?=C3=A5?= (nested) \\) x)')],
  ['an empty group', field('To', 'To: undisclosed-recipients:;')],
  ['a group between mailboxes', field('To', 'To: a@b.org, Team: "x y" <c@d.org>, e@f.org; , g@h.org')],
  ['quoted local parts', field('To', 'To: "a b"@x.org, <"a@b"@x.org>, "q\\"\\\\"@x.org')],
  ['domain literals', field('To', 'To: a@[192.0.2.1], B <b@[IPv6:2001:db8::1]>')],
  ['two From with a Sender', message(...withField('From', 'From: a@b.c, d@e.f', 'Sender: a@b.c'), '', '')],
  ['a draft without Date, From and Message-ID', message('Subject: a', 'MIME-Version: 1.0', '', ''), { draft: true }],
  ['Bcc where it is kept', message(...HEAD, 'Bcc: a@b.c', '', ''), { keepBcc: true }],
  ['a msg-id with a literal', field('Message-ID', 'Message-ID: <a.b!c@[1.2.3.4]>')],
  ['folded References', field('References', 'References: <a@b>', ' <c@d> <e@f>')],
  ['UTF-8 in a header', field('To', 'To: Åse 世 <åse@blåbær.example>'), { smtpUtf8: true }],
  ['a priority', field('X', 'X-Priority: 1 (Highest)', 'Importance: High', 'Priority: urgent')],
  ['a header line too long to fold', field('X', `X-Long: ${'a'.repeat(900)}`)],
  [
    'quoted-printable',
    leaf([TEXT, 'Content-Transfer-Encoding: quoted-printable'], 'bl=C3=A5=20', 'a=3D =', ' b=00', ''),
  ],
  ['base64', leaf([TEXT, 'Content-Transfer-Encoding: base64'], 'YQ==', '')],
  ['base64 without a line break', leaf([TEXT, 'Content-Transfer-Encoding: base64'], 'YWI=')],
  ['8bit where it is allowed', leaf([TEXT, 'Content-Transfer-Encoding: 8bit'], 'bl\xc3\xa5'), { eightBit: true }],
  [
    'binary where it is allowed',
    leaf(['Content-Type: application/x-y', 'Content-Transfer-Encoding: binary'], `\0\r\n\n${'a'.repeat(2000)}`),
    { binary: true },
  ],
  [
    'RFC 2231 segments, fallback and legacy name',
    leaf(
      [
        'Content-Type: application/pdf;',
        ' name="=?utf-8?Q?bl=C3=A5?= =?utf-8?Q?b=C3=A6r?="',
        'Content-Disposition: attachment; filename="bl_b.pdf"; size=3;',
        " filename*0*=utf-8'nb'bl%C3%A5;",
        ' filename*1="b r";',
        ' filename*2*=%C3%A6r',
        'Content-Transfer-Encoding: base64',
      ],
      'YWJj',
    ),
  ],
  [
    'a tree of alternatives, related and mixed',
    message(
      ...HEAD,
      'Content-Type: multipart/mixed; boundary="m 1"',
      '',
      'preamble',
      '--m 1',
      'Content-Type: multipart/alternative; boundary=alt',
      '',
      '--alt',
      '',
      'no header',
      '--alt',
      'Content-Type: multipart/related; boundary=rel; type="text/html"; start="<r@x>"',
      '',
      '--rel',
      'Content-Type: text/html',
      'Content-ID: <r@x>',
      '',
      '<p>',
      '--rel',
      'Content-Type: image/png',
      'Content-Transfer-Encoding: base64',
      '',
      '',
      '--rel--',
      '--alt',
      'Content-Type: text/calendar; charset=utf-8; method=REQUEST',
      '--alt--',
      'epilogue',
      '--m 1',
      'Content-Type: message/rfc822',
      '',
      'Subject: nested, without anything else',
      '',
      '--m 1--',
    ),
  ],
]

describe('strictCheck accepts', () => {
  for (const [name, octets, options] of GOOD) {
    test(name, () => {
      expect(strictCheck(octets, options)).toEqual([])
    })
  }
})

const TWO_PARTS = ['--b', '', 'a', '--b', '', 'b'] as const

/** § of the rule, what breaks it, the message, what the report says. */
const BAD: readonly (readonly [string, string, Uint8Array, RegExp, StrictOptions?])[] = [
  ['RFC 5322 §2.3', 'bare LF in a body', message(...HEAD, '', 'a\nb'), /bare LF/],
  ['RFC 5322 §2.3', 'bare CR in a body', message(...HEAD, '', 'a\rb'), /bare CR/],
  ['RFC 5322 §2.3', 'CR CR LF', message(...HEAD, '', 'a\r', 'b'), /bare CR/],
  ['RFC 5322 §2.3', 'bare LF in a header', field('Subject', 'Subject: a\n b'), /bare LF/],
  ['RFC 2045 §2.7', 'NUL in a body', message(...HEAD, '', 'a\0b'), /NUL/],
  ['RFC 5322 §2.1.1', 'line of 999 octets', message(...HEAD, '', 'a'.repeat(999)), /line of 999/],
  ['RFC 5322 §2.1.1', 'header line of 999 octets', field('X', `X: ${'a'.repeat(996)}`), /line of 999/],
  ['RFC 5322 §2.2', 'control in a header', field('Subject', 'Subject: a\x01b'), /control/],
  ['RFC 5322 §2.2', 'DEL in a header', field('Subject', 'Subject: a\x7fb'), /control/],
  ['RFC 5322 §2.2', 'octet over 127 in a header', field('Subject', 'Subject: \xc3\xa5'), /over 127/],
  ['RFC 6532 §3.1', 'Latin-1 in a header', field('Subject', 'Subject: \xe5 b'), /UTF-8/, { smtpUtf8: true }],
  ['RFC 5322 §2.2.3', 'empty first line', field('Subject', 'Subject:', ' long'), /first line/],
  ['RFC 5322 §3.2.2', 'continuation of blanks', field('Subject', 'Subject: a', ' \t', ' b'), /blanks only/],
  ['RFC 5322 §3.6.8', 'space before the colon', field('Subject', 'Subject : a'), /not a header field/],
  ['RFC 5322 §3.6.8', 'line that is no field', field('Subject', 'Subject'), /not a header field/],
  ['RFC 5322 §3.6.1', 'no Date', message(...withField('Date'), '', ''), /no Date/],
  ['RFC 5322 §3.6.2', 'no From', message(...withField('From'), '', ''), /no From/],
  ['RFC 5322 §3.6.4', 'no Message-ID', message(...withField('Message-ID'), '', ''), /no Message-ID/],
  ['RFC 2045 §4', 'no MIME-Version', message(...withField('MIME-Version'), '', ''), /no MIME-Version/],
  ['RFC 2045 §4', 'other MIME-Version', field('MIME-Version', 'MIME-Version: 1.1'), /MIME-Version/],
  ['RFC 5322 §3.6.3', 'Bcc', field('Bcc', 'Bcc: a@b.c'), /Bcc/],
  ['RFC 5322 §3.6', 'two Subjects', field('Subject', 'Subject: a', 'SUBJECT: b'), /second SUBJECT/],
  ['RFC 5322 §3.6', 'two From', field('From', 'From: a@b.c', 'From: a@b.c'), /second From/],
  ['RFC 2045 §3', 'two Content-Types', leaf([TEXT, TEXT], 'a'), /second Content-Type/],
  ['RFC 5322 §3.6.2', 'several From, no Sender', field('From', 'From: a@b.c, d@e.f'), /no Sender/],
  ['RFC 5322 §3.3', 'wrong day of the week', field('Date', 'Date: Thu, 02 Jun 2023 14:13:40 +0200'), /day of the week/],
  ['RFC 5322 §3.3', 'zone by name', field('Date', 'Date: Fri, 02 Jun 2023 14:13:40 GMT'), /not a date-time/],
  ['RFC 5322 §3.3', 'year of two digits', field('Date', 'Date: 02 Jun 23 14:13:40 +0200'), /not a date-time/],
  ['RFC 5322 §3.3', 'hour of one digit', field('Date', 'Date: 02 Jun 2023 4:13:40 +0200'), /not a date-time/],
  ['RFC 5322 §3.3', '31 June', field('Date', 'Date: 31 Jun 2023 14:13:40 +0200'), /no such day/],
  ['RFC 5322 §3.3', 'hour 24', field('Date', 'Date: 02 Jun 2023 24:13:40 +0200'), /no such time/],
  ['RFC 5322 §3.3', 'zone +0260', field('Date', 'Date: 02 Jun 2023 14:13:40 +0260'), /no such zone/],
  ['RFC 5322 §3.3', 'year 1899', field('Date', 'Date: 02 Jun 1899 14:13:40 +0200'), /1900/],
  ['RFC 5322 §3.4', 'unquoted comma', field('From', 'From: Smith, John <a@b.c>'), /no address/],
  ['RFC 5322 §3.4', 'unquoted dot in a phrase (obs-phrase)', field('From', 'From: J. Smith <a@b.c>'), /no address/],
  ['RFC 5322 §3.4', 'local part without a domain', field('To', 'To: <a>'), /no address/],
  ['RFC 5322 §3.4', 'two @', field('To', 'To: a@b@c'), /no address/],
  ['RFC 5322 §3.4', 'dot at the end of a local part', field('To', 'To: a.@b.c'), /no address/],
  ['RFC 5322 §3.4', 'route (obs-route)', field('To', 'To: <@x.org:a@b.c>'), /no address/],
  ['RFC 5322 §3.4', 'blanks around "@"', field('To', 'To: a @ b.c'), /no address/],
  ['RFC 5322 §3.4', 'comma at the end (obs-addr-list)', field('To', 'To: a@b.c,'), /no address/],
  ['RFC 5322 §3.4', 'two commas', field('To', 'To: a@b.c,, d@e.f'), /no address/],
  ['RFC 5322 §3.4', 'no ">"', field('To', 'To: A <a@b.c'), /no address/],
  ['RFC 5322 §3.4', 'text behind an address', field('To', 'To: <a@b.c> x'), /more after/],
  ['RFC 5322 §3.4', 'group in From', field('From', 'From: G: a@b.c;'), /no address/],
  ['RFC 5322 §3.4', 'group that is not closed', field('To', 'To: G: a@b.c'), /group without/],
  ['RFC 5322 §3.4', 'group with a comma at its end', field('To', 'To: G: a@b.c,;'), /no address/],
  ['RFC 5322 §3.4', 'empty To', field('To', 'To: '), /no address/],
  ['RFC 5322 §3.4', 'two Sender mailboxes', field('Sender', 'Sender: a@b.c, d@e.f'), /more after/],
  ['RFC 5322 §3.2.2', 'comment that is not closed', field('To', 'To: a@b.c (x'), /bad comment/],
  ['RFC 5322 §3.4.1', 'fold within an addr-spec', field('To', 'To: "a', ' b"@c.d'), /fold within/],
  ['RFC 5322 §3.6.4', 'Message-ID without brackets', field('Message-ID', 'Message-ID: a@b'), /no msg-id/],
  ['RFC 5322 §3.6.4', 'Message-ID without "@"', field('Message-ID', 'Message-ID: <a>'), /no msg-id/],
  ['RFC 5322 §3.6.4', 'quoted id-left (obs-id-left)', field('Message-ID', 'Message-ID: <"a b"@c>'), /no msg-id/],
  ['RFC 5322 §3.6.4', 'two Message-IDs in one', field('Message-ID', 'Message-ID: <a@b> <c@d>'), /no msg-id/],
  ['RFC 5322 §3.6.4', 'References with commas', field('References', 'References: <a@b>, <c@d>'), /no msg-id/],
  ['RFC 5322 §3.6.4', 'empty In-Reply-To', field('In-Reply-To', 'In-Reply-To: '), /no msg-id/],
  ['RFC 5322 §3.6.4', 'Content-ID without "@"', leaf(['Content-ID: <image1>'], ''), /Content-ID: no msg-id/],
  ['RFC 2156 §5.3.4', 'Importance of other words', field('Importance', 'Importance: urgent'), /Importance/],
  ['RFC 2047 §2', 'encoded-word of 76 characters', field('X', 'X: a', ` =?utf-8?Q?${'a'.repeat(64)}?=`), /of 76/],
  ['RFC 2047 §2', 'encoded-word on a line of 77', field('X', `X: ${'a'.repeat(60)} =?utf-8?Q?a?=`), /line of 77/],
  ['RFC 2047 §2', 'the same in characters', field('To', `To: =?utf-8?Q?a?= <${'å'.repeat(60)}@b>`), /line of 82/],
  ['RFC 2047 §3', 'unknown charset', field('Subject', 'Subject: =?x-none?Q?a?='), /unknown charset/],
  ['RFC 2047 §4', 'neither B nor Q', field('From', 'From: =?utf-8?X?a?= =?utf-8?q?=?= <a@b.c>'), /neither|not the enc/],
  ['RFC 2047 §4', 'lower-case hex', field('Subject', 'Subject: =?utf-8?Q?=c3=a5?='), /alphabet/],
  ['RFC 2047 §4', 'empty encoded-text', field('Subject', 'Subject: =?utf-8?Q??='), /alphabet/],
  ['RFC 2047 §4', '"#" in a phrase', field('From', 'From: =?utf-8?Q?J#_Smith?= <a@b.c>'), /alphabet in a phrase/],
  ['RFC 5322 §3.4', '"," in a phrase', field('From', 'From: =?utf-8?Q?J,_Smith?= <a@b.c>'), /no address/],
  ['RFC 2047 §4', 'quotes in a comment', field('To', 'To: a@b.c (=?utf-8?Q?"?=)'), /alphabet in a comment/],
  ['RFC 2047 §4.1', 'B without padding', field('Subject', 'Subject: =?utf-8?B?YQ?='), /base64 of 2/],
  ['RFC 4648 §3.5', 'B with pad bits', field('Subject', 'Subject: =?utf-8?B?YR==?='), /pad bits/],
  ['RFC 2047 §5', 'split character in B', field('Subject', 'Subject: =?utf-8?B?ww==?= =?utf-8?B?pQ==?='), /whole char/],
  ['RFC 2047 §5', 'split character in Q', field('Subject', 'Subject: =?utf-8?Q?=C3?= =?utf-8?Q?=A5?='), /whole char/],
  ['RFC 2047 §5', 'line break in an encoded-word', field('Subject', 'Subject: =?utf-8?Q?a=0D=0Ab?='), /control/],
  ['RFC 2047 §5(1)', 'encoded-word glued to text', field('Subject', 'Subject: a=?utf-8?Q?b?='), /not set off/],
  ['RFC 2047 §5(1)', 'glued encoded-words', field('Subject', 'Subject: =?utf-8?Q?b?==?utf-8?Q?b?='), /not set off/],
  ['RFC 2047 §5(3)', 'encoded-word glued to "<"', field('From', 'From: =?utf-8?Q?b?=<a@b.c>'), /not set off/],
  ['RFC 2047 §5(3)', 'encoded-word in quotes', field('From', 'From: "=?utf-8?Q?b?=" <a@b.c>'), /within quotes/],
  ['RFC 2047 §5', 'encoded-word as local part', field('From', 'From: =?utf-8?Q?b?=@b.c'), /addr-spec/],
  [
    'RFC 2047 §5',
    'encoded-word in filename',
    leaf(['Content-Disposition: x; filename="=?utf-8?Q?b?="'], ''),
    /parameter/,
  ],
  ['RFC 2047 §5', 'name partly encoded', leaf(['Content-Type: a/b; name="=?utf-8?Q?b?= c"'], ''), /parameter name/],
  ['RFC 2047 §5', 'split character in name', leaf(['Content-Type: a/b; name="=?utf-8?Q?=C3?="'], ''), /whole char/],
  ['RFC 2045 §5.1', 'no subtype', leaf(['Content-Type: text'], 'a'), /no type/],
  ['RFC 2045 §5.1', 'bare ";" at the end', leaf(['Content-Type: text/plain;'], 'a'), /no parameter/],
  ['RFC 2045 §5.1', 'blanks around "="', leaf(['Content-Type: text/plain; charset = utf-8'], 'a'), /no parameter/],
  ['RFC 2045 §5.1', 'tspecial without quotes', leaf(['Content-Type: text/plain; name=a@b'], 'a'), /more after/],
  ['RFC 2045 §5.1', '"=" without quotes', leaf(['Content-Type: text/plain; name=a=b'], 'a'), /more after/],
  ['RFC 2045 §5.1', 'empty value', leaf(['Content-Type: text/plain; name='], 'a'), /neither token/],
  ['RFC 2045 §5.1', 'parameter twice', leaf(['Content-Type: text/plain; name=a; NAME=b'], 'a'), /second parameter/],
  ['RFC 2045 §5.1', 'no ";"', leaf(['Content-Type: text/plain charset=utf-8'], 'a'), /more after/],
  ['RFC 2183 §2', 'no disposition', leaf(['Content-Disposition: ; filename=a'], 'a'), /no disposition/],
  ['RFC 2183 §2', 'filename with a blank', leaf(['Content-Disposition: attachment; filename=a b'], 'a'), /more after/],
  ['RFC 2231 §7', 'quoted extended value', leaf([`Content-Disposition: x; filename*="utf-8''a"`], ''), /quoted/],
  ['RFC 2231 §7', 'raw character', leaf(["Content-Disposition: x; filename*=utf-8''a@b"], ''), /percent-encode/],
  ['RFC 2231 §7', 'lower-case hex', leaf(["Content-Disposition: x; filename*=utf-8''%c3%a5"], ''), /percent-encode/],
  ['RFC 2231 §7', '"\'" in a value', leaf(["Content-Disposition: x; filename*=utf-8''a'b"], ''), /within the value/],
  ['RFC 2231 §4', "no charset''", leaf(['Content-Disposition: x; filename*=a'], ''), /without charset/],
  ['RFC 2231 §4', 'first not extended', leaf(['Content-Disposition: x; a*0=b; a*1*=%20'], ''), /without charset/],
  ['RFC 2231 §4', 'unknown charset', leaf(["Content-Disposition: x; filename*=x-none''a"], ''), /unknown charset/],
  ['RFC 2231 §4', 'not its charset', leaf(["Content-Disposition: x; filename*=utf-8''%FF"], ''), /is not utf-8/],
  ['RFC 2231 §4', 'bad language', leaf(["Content-Disposition: x; filename*=utf-8'n_o'a"], ''), /language/],
  ['RFC 2231 §3', 'gap in segments', leaf(['Content-Disposition: x; a*0=b; a*2=c'], ''), /are not 0, 1, 2/],
  ['RFC 2231 §3', 'segments from 1', leaf(['Content-Disposition: x; a*1=b; a*2=c'], ''), /are not 0, 1, 2/],
  ['RFC 2183 §2', 'segment with a leading zero', leaf(['Content-Disposition: x; a*00=b'], ''), /no parameter/],
  ['RFC 2231 §3', 'whole and segments', leaf(["Content-Disposition: x; a*=utf-8''b; a*0=c"], ''), /both whole/],
  ['RFC 2045 §6.1', 'unknown encoding', leaf([TEXT, 'Content-Transfer-Encoding: x-uue'], ''), /x-uue/],
  [
    'RFC 2045 §6.4',
    'multipart in base64',
    leaf(['Content-Type: multipart/mixed; boundary=b', 'Content-Transfer-Encoding: base64'], '--b', '', '', '--b--'),
    /in base64/,
  ],
  [
    'RFC 2045 §6.4',
    'message in base64',
    leaf(['Content-Type: message/rfc822', 'Content-Transfer-Encoding: base64'], 'YQ=='),
    /in base64/,
  ],
  [
    'RFC 2045 §6.4',
    '8bit part in a 7bit multipart',
    multipart('mixed', '--b', TEXT, 'Content-Transfer-Encoding: 8bit', '', '\xc3\xa5', '--b--'),
    /within a composite/,
    { eightBit: true },
  ],
  [
    'RFC 2045 §6.4',
    '8bit in a 7bit message',
    leaf(['Content-Type: message/rfc822'], 'Subject: \xe5'),
    /within a composite/,
  ],
  ['RFC 6152 §3', '8bit', leaf([TEXT, 'Content-Transfer-Encoding: 8bit'], '\xc3\xa5'), /8bit not allowed/],
  ['RFC 3030 §3', 'binary', leaf([TEXT, 'Content-Transfer-Encoding: binary'], 'a'), /binary not allowed/],
  ['RFC 2045 §2.7', 'octet over 127 in 7bit', leaf([TEXT], 'bl\xc3\xa5'), /in 7bit/],
  [
    'RFC 2046 §4.1.2',
    'text that is not its charset',
    leaf([TEXT, 'Content-Transfer-Encoding: base64'], '/w=='),
    /not "utf-8"/,
  ],
  [
    'RFC 2046 §4.1.2',
    'text of no charset over 127',
    leaf(['Content-Type: text/html', 'Content-Transfer-Encoding: base64'], 'w6U='),
    /us-ascii/,
  ],
  [
    'RFC 2045 §6.7(5)',
    'quoted-printable line of 77',
    leaf([TEXT, 'Content-Transfer-Encoding: quoted-printable'], 'a'.repeat(77)),
    /of 77/,
  ],
  [
    'RFC 2045 §6.7(3)',
    'blank at the end of a line',
    leaf([TEXT, 'Content-Transfer-Encoding: quoted-printable'], 'a ', 'b'),
    /blank at the end/,
  ],
  [
    'RFC 2045 §6.7(3)',
    'TAB at the end of the content',
    leaf([TEXT, 'Content-Transfer-Encoding: quoted-printable'], 'a\t'),
    /blank at the end/,
  ],
  [
    'RFC 2045 §6.7(1)',
    'lower-case escape',
    leaf([TEXT, 'Content-Transfer-Encoding: quoted-printable'], '=c3=a5'),
    /no escape/,
  ],
  ['RFC 2045 §6.7(1)', 'bare "="', leaf([TEXT, 'Content-Transfer-Encoding: quoted-printable'], 'a = b'), /no escape/],
  [
    'RFC 2045 §6.7(2)',
    'control',
    leaf([TEXT, 'Content-Transfer-Encoding: quoted-printable'], 'a\x01'),
    /in quoted-printable/,
  ],
  [
    'RFC 2045 §6.7(2)',
    'octet over 127',
    leaf([TEXT, 'Content-Transfer-Encoding: quoted-printable'], '\xe5'),
    /in quoted-printable/,
  ],
  [
    'RFC 2045 §6.7',
    'soft break at the end',
    leaf([TEXT, 'Content-Transfer-Encoding: quoted-printable'], 'a='),
    /ends the/,
  ],
  [
    'RFC 2045 §6.8',
    'base64 line of 80',
    leaf([TEXT, 'Content-Transfer-Encoding: base64'], 'YWFh'.repeat(20)),
    /line of 80/,
  ],
  [
    'RFC 2045 §6.8',
    'base64 of three characters',
    leaf([TEXT, 'Content-Transfer-Encoding: base64'], 'YWI'),
    /of 3 characters/,
  ],
  ['RFC 2045 §6.8', 'alien in base64', leaf([TEXT, 'Content-Transfer-Encoding: base64'], 'YW-h'), /"-" in base64/],
  [
    'RFC 2045 §6.8',
    'base64 after padding',
    leaf([TEXT, 'Content-Transfer-Encoding: base64'], 'YQ==', 'YQ=='),
    /after its padding/,
  ],
  [
    'RFC 2045 §6.8',
    'empty line in base64',
    leaf([TEXT, 'Content-Transfer-Encoding: base64'], 'YWFh', '', 'YQ=='),
    /empty line/,
  ],
  ['RFC 4648 §3.5', 'pad bits in base64', leaf([TEXT, 'Content-Transfer-Encoding: base64'], 'YR=='), /pad bits/],
  ['RFC 2046 §5.1.1', 'no boundary', leaf(['Content-Type: multipart/mixed'], '--b', '', '--b--'), /without a boundary/],
  [
    'RFC 2046 §5.1.1',
    'boundary of 71',
    leaf(
      [`Content-Type: multipart/mixed; boundary=${'a'.repeat(71)}`],
      `--${'a'.repeat(71)}`,
      '',
      '',
      `--${'a'.repeat(71)}--`,
    ),
    /boundary "aaa/,
  ],
  [
    'RFC 2046 §5.1.1',
    'boundary with "*"',
    leaf(['Content-Type: multipart/mixed; boundary="a*"'], '--a*', '', '', '--a*--'),
    /boundary "a\*"/,
  ],
  [
    'RFC 2046 §5.1.1',
    'boundary that ends in a space',
    leaf(['Content-Type: multipart/mixed; boundary="a "'], '--a ', '', '', '--a --'),
    /boundary "a "/,
  ],
  ['RFC 2046 §5.1.1', 'no delimiter', multipart('mixed', 'text'), /no delimiter/],
  ['RFC 2046 §5.1.1', 'no close-delimiter', multipart('mixed', ...TWO_PARTS), /no close-delimiter/],
  ['RFC 2046 §5.1.1', 'no part', multipart('mixed', '--b--'), /without a part/],
  ['RFC 2046 §5.1.1', 'transport padding', multipart('mixed', ...TWO_PARTS, '--b-- '), /transport padding/],
  ['RFC 2046 §5.1.1', 'delimiter within a part', multipart('mixed', '--b', '', '--bc', '--b--'), /followed by "c"/],
  ['RFC 2046 §5.1.1', 'delimiter in the epilogue', multipart('mixed', ...TWO_PARTS, '--b--', '--b'), /after the close/],
  [
    'RFC 2046 §5.1.2',
    'boundary that begins as another',
    multipart('mixed', '--b', 'Content-Type: multipart/mixed; boundary=bb', '', '--bb', '', 'x', '--bb--', '--b--'),
    /one begins with the other/,
  ],
  [
    'RFC 2046 §5.1.1',
    'delimiter of a sibling within a leaf',
    multipart(
      'mixed',
      '--b',
      'Content-Type: multipart/mixed; boundary=other',
      '',
      '--other',
      '',
      'x',
      '--other--',
      '--b',
      '',
      '--other is text here',
      '--b--',
    ),
    /3 lines begin with the delimiter "other"/,
  ],
  [
    'RFC 2046 §5.1.4',
    'plain after html',
    multipart(
      'alternative',
      '--b',
      'Content-Type: text/html',
      '',
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      '',
      '--b--',
    ),
    /after a richer/,
  ],
  [
    'RFC 2046 §5.1.4',
    'html after calendar',
    multipart(
      'alternative',
      '--b',
      'Content-Type: text/calendar',
      '',
      '',
      '--b',
      'Content-Type: text/html',
      '',
      '',
      '--b--',
    ),
    /after a richer/,
  ],
  ['RFC 2387 §3.1', 'related without type', multipart('related', '--b', '', '', '--b--'), /without type/],
  [
    'RFC 2387 §3.1',
    'related of another type',
    multipart('related; type="text/html"', '--b', '', '', '--b--'),
    /but the root/,
  ],
  [
    'RFC 2387 §3.2',
    'start that is no part',
    multipart('related; type="text/plain"; start="<a@b>"', '--b', '', '', '--b--'),
    /is no part/,
  ],
]

describe('strictCheck catches', () => {
  for (const [section, name, octets, expected, options] of BAD) {
    test(`${section} ${name}`, () => {
      const violations = strictCheck(octets, options)
      const matching = violations.filter(violation => expected.test(violation))
      expect(matching, violations.join('\n')).not.toEqual([])
      expect(matching.join('\n')).toContain(section)
      expect(Number(/^octet (\d+): /.exec(matching[0]!)?.[1])).toBeLessThanOrEqual(octets.length)
    })
  }

  test('says at which octet', () => {
    const octets = message(...HEAD, '', 'a\nb')
    expect(strictCheck(octets)).toEqual([`octet ${octets.length - 2}: RFC 5322 §2.3: bare LF`])
  })

  test('nothing that a field name could take from Object.prototype', () => {
    expect(strictCheck(field('constructor', 'constructor: =?utf-8?Q?=C3?='))).toEqual([
      expect.stringContaining('not whole characters'),
    ])
  })
})

describe('preferences', () => {
  const rows: readonly (readonly [string, string[], number])[] = [
    ['a line of 78', [`X-A: ${'a'.repeat(70)} bc`], 0],
    ['a line of 79 with a blank', [`X-A: ${'a'.repeat(71)} bc`], 1],
    ['a line of 79 without a blank', [`X-A: ${'a'.repeat(74)}`], 0],
    ['a continuation of 79 with a blank', ['X-A: a', ` ${'a'.repeat(75)} bc`], 1],
    ['a continuation of 79 whose only blank is the fold', ['X-A: a', ` ${'a'.repeat(78)}`], 0],
    ['a blank within a quoted parameter', [`Content-Type: a/b; name="${'a'.repeat(70)} b"`], 1],
    ['only blanks within a quoted parameter', ['Content-Type: a/b;', ` name="${'a'.repeat(70)} b"`], 0],
  ]
  for (const [name, fields, count] of rows) {
    test(name, () => {
      expect(strictParse(leaf(fields, 'a')).preferences).toHaveLength(count)
    })
  }
})

describe('strictParse', () => {
  test('gives the tree with decoded contents', () => {
    const { violations, root } = strictParse(GOOD.find(([name]) => name.startsWith('a tree'))![1])
    expect(violations).toEqual([])
    const outline = (part: typeof root): unknown =>
      part.parts.length > 0
        ? { [part.mediaType]: part.parts.map(outline) }
        : [part.mediaType, Buffer.from(part.content).toString('latin1')]
    expect(outline(root)).toEqual({
      'multipart/mixed': [
        {
          'multipart/alternative': [
            ['text/plain', 'no header'],
            {
              'multipart/related': [
                ['text/html', '<p>'],
                ['image/png', ''],
              ],
            },
            ['text/calendar', ''],
          ],
        },
        ['message/rfc822', 'Subject: nested, without anything else\r\n'],
      ],
    })
  })

  test('decodes parameters', () => {
    const { root } = strictParse(GOOD.find(([name]) => name.startsWith('RFC 2231'))![1])
    expect(root.dispositionParameters.get('filename')).toBe('blåb rær')
    expect(Buffer.from(root.content).toString()).toBe('abc')
  })
})
