import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseAddressList } from '../../src/header/address.ts'
import { describeAddressList, toWritableAddress } from '../../src/header/address-format.ts'
import { growthRatio } from '../codec/slow/growth.ts'

/** `name <address>` for each mailbox: what a person would check. */
function parse(value: string): string[] {
  return parseAddressList(value).map(({ name, address }) => (name === '' ? `<${address}>` : `${name} <${address}>`))
}

function addresses(value: string): string[] {
  return parseAddressList(value).map(({ address }) => address)
}

function defectsOf(value: string): unknown[] {
  const defects: unknown[] = []
  parseAddressList(value, (code, offset) => defects.push([code, offset]))
  return defects
}

describe('parseAddressList reads', () => {
  test.each([
    { section: 'RFC 5322 A.1.1', value: 'John Doe <jdoe@machine.example>', found: ['John Doe <jdoe@machine.example>'] },
    {
      section: 'RFC 5322 A.1.2',
      value: '"Joe Q. Public" <john.q.public@example.com>',
      found: ['Joe Q. Public <john.q.public@example.com>'],
    },
    {
      section: 'RFC 5322 A.1.2',
      value: 'Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>',
      found: ['Mary Smith <mary@x.test>', '<jdoe@example.org>', 'Who? <one@y.test>'],
    },
    {
      section: 'RFC 5322 A.1.2',
      value: '<boss@nil.test>, "Giant; \\"Big\\" Box" <sysservices@example.net>',
      found: ['<boss@nil.test>', 'Giant; "Big" Box <sysservices@example.net>'],
    },
    {
      section: 'RFC 5322 A.1.3',
      value: 'A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;',
      found: ['Ed Jones <c@a.test>', '<joe@where.test>', 'John <jdoe@one.test>'],
    },
    { section: 'RFC 5322 A.1.3', value: 'Undisclosed recipients:;', found: [] },
    {
      section: 'RFC 5322 A.5',
      value: 'Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>',
      found: ['Pete <pete@silly.test>'],
    },
    {
      section: 'RFC 5322 A.5',
      value:
        "A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n" +
        '         joe@example.org,\r\n  John <jdoe@one.test> (my dear friend); (the end of the group)',
      found: ['Chris Jones <c@public.example>', '<joe@example.org>', 'John <jdoe@one.test>'],
    },
    { section: 'RFC 5322 A.5', value: '(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;', found: [] },
    {
      section: 'RFC 5322 A.6.1',
      value: 'Joe Q. Public <john.q.public@example.com>',
      found: ['Joe Q. Public <john.q.public@example.com>'],
    },
    {
      section: 'RFC 5322 A.6.1',
      value: 'Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example',
      found: ['Mary Smith <mary@example.net>', '<jdoe@test.example>'],
    },
    {
      section: 'RFC 5322 A.6.3',
      value: 'John Doe <jdoe@machine(comment).  example>',
      found: ['John Doe <jdoe@machine.example>'],
    },
    {
      section: 'RFC 5322 §3.4.1',
      value: '"a b"@x.test, "a"@x.test, "a.b"@x.test',
      found: ['<"a b"@x.test>', '<a@x.test>', '<a.b@x.test>'],
    },
    { section: 'RFC 5322 §3.4.1', value: '""@x.test, "a..b"@x.test', found: ['<""@x.test>', '<"a..b"@x.test>'] },
    {
      section: 'RFC 5322 §4.4',
      value: 'a . b @ x . test, a."b c".d@x.test',
      found: ['<a.b@x.test>', '<"a.b c.d"@x.test>'],
    },
    { section: 'RFC 5322 §4.4', value: '<@a,@b.test,,@[c]:d@e.test>', found: ['<d@e.test>'] },
    {
      section: 'RFC 5321 §4.1.3',
      value: 'a@[192.0.2.1], b@[IPv6:2001:db8::1]',
      found: ['<a@[192.0.2.1]>', '<b@[IPv6:2001:db8::1]>'],
    },
    { section: 'RFC 6532 §3.2', value: 'Åse <åse@blåbær.example>', found: ['Åse <åse@blåbær.example>'] },
    {
      section: 'RFC 2047 §8',
      value: '=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>',
      found: ['Keith Moore <moore@cs.utk.edu>'],
    },
    { section: 'RFC 2047 §5(2)', value: 'x@y.test (=?utf-8?Q?=C3=85se?=)', found: ['Åse <x@y.test>'] },
    { section: 'RFC 2047 §5(3)', value: '=?utf-8?Q?Doe,_Jane?= <j@x.test>', found: ['Doe, Jane <j@x.test>'] },
    { section: 'RFC 2047 §6.2', value: '=?utf-8?Q?=C3?= =?utf-8?Q?=85se?= B <j@x.test>', found: ['Åse B <j@x.test>'] },
    {
      section: 'RFC 6854 §3',
      value: 'Team: a@x.test, b@x.test;, c@x.test',
      found: ['<a@x.test>', '<b@x.test>', '<c@x.test>'],
    },
    { section: 'RFC 5322 §3.4', value: 'g: a@x.test;, h: b @ x.test;', found: ['<a@x.test>', '<b@x.test>'] },
    { section: 'RFC 5322 §4.4', value: 'N <a @ x.test> , b @ x.test', found: ['N <a@x.test>', '<b@x.test>'] },
    { section: 'RFC 5321 §4.1.1.3', value: 'N <postmaster>', found: ['N <postmaster>'] },
    { section: 'RFC 6532 §3.2', value: 'a\u00a0b@x.test', found: ['<a\u00a0b@x.test>'] },
  ])('$section: $value', ({ value, found }) => {
    expect(parse(value)).toEqual(found)
    expect(defectsOf(value)).toEqual([])
  })
})

/** `to` is where a mail server would deliver; `''` where it would refuse. */
describe('delivers where the mail server does, or nowhere', () => {
  test.each([
    {
      vector: 'CVE-2025-13033',
      value: '"xclow3n@gmail.com x"@internal.domain',
      to: ['"xclow3n@gmail.com x"@internal.domain'],
    },
    { vector: 'CVE-2025-13033', value: '"a@evil.com x"@good.com', to: ['"a@evil.com x"@good.com'] },
    { vector: 'CVE-2025-13033', value: 'N <"a@evil.com x"@good.com>', to: ['"a@evil.com x"@good.com'] },
    { vector: 'nodemailer a9343b4', value: '"a"@evil.com"@good.com', to: [''] },
    { vector: 'nodemailer a9343b4, specials in a domain', value: 'a@good.com:b@evil.com', to: [''] },
    { vector: 'nodemailer a9343b4, specials in a domain', value: 'a@good.com[x]b@evil.com', to: [''] },
    { vector: 'CVE-2026-92597', value: 'user@good.com(a)evil@x.y', to: [''] },
    { vector: 'GHSA-g57g-f23g-4646', value: '"q"@x (c)text', to: ['q@x'] },
    { vector: 'CVE-2026-110870', value: 'N <user@good.com(c)>', to: ['user@good.com'] },
    { vector: 'CVE-2026-110870', value: 'N <(c)user(c)@(c)good.com>', to: ['user@good.com'] },
    { vector: 'CVE-2026-121424', value: 'a@good.com (a (b) evil@x.y)', to: ['a@good.com'] },
    {
      vector: 'CVE-2026-121424, live in postal-mime',
      value: 'user@good.com (c1 (nested) evil@x.y)',
      to: ['user@good.com'],
    },
    { vector: 'CVE-2026-121424', value: '(a (b) evil@x.y) a@good.com', to: ['a@good.com'] },
    { vector: 'CVE-2026-121425', value: 'G: "a;b" <x@good.com>, c@d.e;', to: ['x@good.com', 'c@d.e'] },
    { vector: 'CVE-2026-121425', value: 'G: x@good.com (a;b), c@d.e;, f@g.h', to: ['x@good.com', 'c@d.e', 'f@g.h'] },
    { vector: 'CVE-2026-121425', value: '"G;,": x@good.com;', to: ['x@good.com'] },
    { vector: 'CVE-2026-125755', value: 'a@good.com .evil.com', to: ['a@good.com.evil.com'] },
    { vector: 'CVE-2026-125755', value: 'a@good.com(c).evil.com', to: ['a@good.com.evil.com'] },
    { vector: 'CVE-2026-125755', value: '<a@good.com\r\n .evil.com>', to: ['a@good.com.evil.com'] },
    { vector: 'nodemailer 10.1.4', value: 'a@[x@evil.com]', to: ['a@[x@evil.com]'] },
    { vector: 'nodemailer 10.1.4', value: 'a@[x, evil@y.z', to: ['', 'evil@y.z'] },
    { vector: 'nodemailer 10.1.4', value: 'jane@[x, evil@y.z', to: ['', 'evil@y.z'] },
    { vector: 'nodemailer 10.1.4', value: 'jane@[x[y], evil@y.z', to: ['', 'evil@y.z'] },
    {
      vector: 'a literal that hides others',
      value: 'a@[1.2.3.4, b@good.com, c@[5.6.7.8]',
      to: ['', 'b@good.com', 'c@[5.6.7.8]'],
    },
    { vector: 'CVE-2019-16056', value: 'a@evil.com@good.com', to: [''] },
    { vector: 'CVE-2019-16056', value: 'N <a@evil.com@good.com>', to: [''] },
    { vector: 'CVE-2019-16056', value: 'a@b@c.d', to: [''] },
    { vector: 'CVE-2023-27043', value: 'alice@good.com)bob@evil.com', to: [''] },
    { vector: 'CVE-2023-27043', value: 'alice@good.com]bob@evil.com', to: [''] },
    { vector: 'CVE-2023-27043', value: 'alice@good.com(<bob@evil.com>', to: ['alice@good.com'] },
    { vector: 'CVE-2023-27043', value: 'alice@good.com"<bob@evil.com>', to: [''] },
    {
      vector: 'CVE-2020-7769',
      value: '-bi@x.y, "-OQueue..."@x.y',
      to: ['-bi@x.y', '"-OQueue..."@x.y'],
    },
    { vector: 'CVE-2026-30227', value: '"a\r\nRCPT TO:<x>"@y.z', to: ['"a RCPT TO:<x>"@y.z'] },
    { vector: 'MimeKit 4.12, controls in a domain', value: 'a@b\0.c, a@b\x7f.c, <a@b\x01>', to: ['', '', ''] },
    { vector: 'CVE-2021-23400', value: 'a@b.c\r\nBcc: x@evil.com', to: [''] },
    { vector: 'mailparser 3.9.4', value: '=?utf-8?B?dGVzdEBldmlsLmNv?= <real@good.com>', to: ['real@good.com'] },
    { vector: 'postal-mime 844f920', value: '=?utf-8?Q?=3Cevil=40x.y=3E=2C?= <real@good.com>', to: ['real@good.com'] },
    { vector: 'an encoded-word alone', value: '=?utf-8?Q?evil=40x.y?=, =?utf-8?Q?evil@x.y?=', to: ['', ''] },
    { vector: 'an encoded-word as local part', value: '=?utf-8?Q?evil@x.y,?=@good.com', to: [''] },
    { vector: 'an encoded-word as local part', value: 'N <=?utf-8?Q?evil@x.y?=@good.com>', to: [''] },
    { vector: 'an encoded-word as domain', value: 'a@=?utf-8?Q?evil.com,good?=', to: [''] },
    { vector: 'an encoded-word that is atext', value: '=?utf-8?Q?=41?=@good.com', to: ['=?utf-8?Q?=41?=@good.com'] },
    { vector: 'live in mailparser', value: 'user@x.y>', to: ['user@x.y'] },
    { vector: 'live in mailparser', value: '"unterminated <a@b.c>', to: [''] },
    { vector: 'live in Python', value: 'user name@x.y', to: ['name@x.y'] },
    { vector: 'CVE-2025-61725', value: 'a@[[[[[', to: [''] },
    { vector: 'two angle addresses', value: 'N <a@good.com> <b@evil.com>', to: ['a@good.com'] },
    { vector: 'two angle addresses', value: 'N <a@good.com><b@evil.com>, c@d.e', to: ['a@good.com', 'c@d.e'] },
    { vector: 'angle brackets in angle brackets', value: '<<a@good.com>>', to: ['a@good.com'] },
    { vector: 'angle brackets in angle brackets', value: '<a@good.com<b@evil.com>>', to: [''] },
    { vector: 'one slip, and blanks that not all skip', value: 'John <a@b(c). d>>, g: h: a@b .c;;', to: ['', ''] },
    { vector: 'a quote that never ends, then others', value: '"Doe <a@b.c>, d@e.f', to: ['', ''] },
    { vector: 'an escaped quote outside quotes', value: '\\"evil@x.y\\", a@good.com', to: ['', ''] },
    { vector: 'an angle bracket that never ends', value: 'N <a@good.com, b@evil.com', to: [''] },
    { vector: 'an address after ">"', value: '<a@good.com> b@evil.com', to: [''] },
    { vector: 'words after ">"', value: '<a@good.com> Jane Doe', to: ['a@good.com'] },
    { vector: 'a quote in a literal', value: 'a@["], <b@good.com>, "c" <d@evil.com>', to: ['', '', ''] },
    { vector: 'a route with quotes, two routes', value: '<@a,"e@x.y"@b:c@d>, <@a:@b:c@d>', to: ['', ''] },
    { vector: 'odd dots and blanks', value: '<a . . b@x.y>, "a b".@x.y', to: ['', ''] },
    { vector: 'a dot that goes on', value: 'Jane a@good.com .evil.com', to: [''] },
    { vector: 'a bare address that is not plain', value: "Jane 'a@b.c, Jane å@b.c, Jane a@b.c=", to: ['', '', ''] },
    {
      vector: 'an address as display name',
      value: 'evil@x.y <real@good.com>, "evil@x.y" <real@good.com>',
      to: ['real@good.com', 'real@good.com'],
    },
    { vector: 'a quoted-string beside the local part', value: '"evil@x.y,"a@good.com', to: [''] },
    { vector: 'an escape outside quotes', value: 'a\\@evil.com@good.com', to: [''] },
    { vector: 'an escape outside quotes', value: 'a\\ <b@x.y>, c@d.e', to: ['', ''] },
    { vector: 'an escape outside quotes, and a lesser doubt', value: 'a\\b, [x <c@d.e>', to: ['', ''] },
    { vector: 'more than words after an angle address', value: 'N <a@good.com> ), N <a@good.com> [b', to: ['', ''] },
    { vector: 'one ">" too many', value: 'a@x.y> <b@x.y>', to: [''] },
    { vector: 'one "<" too many', value: '<<a@x.y>, b @ x.y', to: ['a@x.y', ''] },
    { vector: 'one "<" too many', value: '<a<@x.y>', to: [''] },
    { vector: 'a comment that never ends', value: 'a @ x.y (', to: [''] },
    { vector: 'a character that is none of an atom', value: 'a@b.), )@b.c, a)@b.c', to: ['', '', ''] },
    { vector: 'a quoted-string that is no local part', value: '"Jane" a@b.c', to: [''] },
    { vector: 'a dot before the name', value: '. <"a b"@x.y>, . <a@x.y>', to: ['', 'a@x.y'] },
    { vector: 'a local part of two words after a name', value: 'Jane "a".b@x.y', to: [''] },
    { vector: 'a dot at the end of a domain', value: '<a@bc.example.>', to: ['a@bc.example'] },
    { vector: 'a bracket in a name', value: '[x] <a@x.y>, b @ x.y', to: ['a@x.y', ''] },
    { vector: 'separators in angle brackets', value: '<@a;@b:c@d.e>, <a,@x.y>, <a;@x.y>', to: ['', '', ''] },
    { vector: 'two angle addresses', value: 'N <a@good.com> <b@evil.com', to: [''] },
    { vector: 'two angle addresses', value: 'N <a@good.com> <b"@evil.com>, c@d.e', to: ['', ''] },
    { vector: 'the start of an encoded-word', value: '=?x, =?utf-8?Q?a?= <a@b.c>', to: ['', 'a@b.c'] },
    { vector: 'dots where an address between words ends', value: 'Jane j@x.y. Doe, Jane j@x .y Doe', to: ['', ''] },
    { vector: 'words after an angle address', value: '<a@good.com> N', to: ['a@good.com'] },
    { vector: 'one ">" too many', value: 'a@x.y> c, a@x.y>, a @ x.y>, a@x.y>> ', to: ['', 'a@x.y', '', 'a@x.y'] },
    { vector: 'one ">" too many', value: 'g: a@x.y>; b@x.y', to: ['a@x.y', 'b@x.y'] },
    { vector: 'one ">" too many', value: 'a@[1.2.3.4]>, a@[x@evil.com]>', to: ['a@[1.2.3.4]', ''] },
    { vector: 'one ">" too many', value: 'a\u00a0b@x.y>', to: [''] },
    { vector: 'a blank of Unicode in a domain', value: 'a@x.y\ufeff, <b@x\u00a0.y>, c@x.y', to: ['', '', 'c@x.y'] },
    { vector: 'a control', value: '\x1b$B\x1b$:u@x.y, a@x.y', to: ['', ''] },
    { vector: 'a colon in an encoded-word', value: 'a@x.y =?t?Q?:?=, =?utf-8?Q?Re:_b?= <b@x.y>', to: ['', 'b@x.y'] },
    { vector: 'no charset of an encoded-word', value: '=?o@?B??= a@x.y, =?a,b@x.y', to: ['', '', 'b@x.y'] },
    { vector: 'one ">" too many', value: '-a@x.y >, .a@x.y>, }a@x.y >', to: ['', '', ''] },
    { vector: 'no ">"', value: 'N <a@x.y', to: ['a@x.y'] },
    { vector: 'no ">"', value: 'N <a @ x.y', to: [''] },
    { vector: 'a group in a group', value: 'g: h: a@x.y, b @ x.y;', to: ['a@x.y', ''] },
    { vector: 'a group after a comma in a group', value: 'g: a(c)@x.y, h: b @ x.y', to: ['a@x.y', ''] },
    { vector: 'a colon before the address', value: ':a@x.y, <:a@x.y>', to: ['', ''] },
    { vector: 'more than hosts in a route', value: '<@a]:b@c.d>, <@"a":b@c.d>', to: ['', ''] },
    { vector: 'a parenthesis in an encoded-word', value: '=?utf-8?Q?a(b)?= <a@x.y>', to: ['a@x.y'] },
    { vector: 'a parenthesis in an encoded-word', value: '=?utf-8?Q?a(b?= <a@x.y>, c@d.e', to: ['', ''] },
    { vector: 'an address between more than words', value: 'Jane ) jane@x.y', to: [''] },
    { vector: 'a group whose name is none', value: '::a@x.y, b@x .y', to: ['a@x.y', ''] },
    { vector: 'a group whose name is none', value: '): "a b"@x.y', to: [''] },
    { vector: 'a group whose name is none', value: '.g: "a b"@x.y, .h: c@x.y', to: ['', 'c@x.y'] },
    { vector: 'a group named by a blank of Unicode', value: '\u2028:a@x .y, b@x.y', to: ['', 'b@x.y'] },
    { vector: 'a name with a blank of Unicode', value: 'A\u00a0B <a@x.y>, A\u00a0B <"a b"@x.y>', to: ['a@x.y', ''] },
    { vector: 'a group named by an encoded-word', value: '=?t?Q?a,b?=: c@x .y, d@x.y', to: ['', 'd@x.y'] },
    { vector: 'a group', value: 'g: b @ x.y;', to: ['b@x.y'] },
    { vector: 'a bracket in angle brackets', value: 'N <a@[x>, c@d.e', to: ['', ''] },
    { vector: 'what is no route', value: '<@o e:a@x.y>, <@:a@x.y>, <@o.:a@x.y>', to: ['', '', ''] },
    { vector: 'what is no route', value: '<@@[1.2.3.4]:a@x.y>, <@o@p:a@x.y>, <,@o:a@x.y>', to: ['', '', ''] },
    { vector: 'a route', value: '<@[1.2.3.4],,@o . p,:a@x.y>, <@o:"a b"@x.y>', to: ['a@x.y', '"a b"@x.y'] },
    { vector: 'a literal after an angle address', value: '@<a@x.y>[1.2.3.4], [<b@x.y>]', to: ['', ''] },
    {
      vector: 'an encoded-word after an angle address',
      value: '<a@x.y>=?t?Q?:?=, <a@x.y>=?t?Q?b?=',
      to: ['', 'a@x.y'],
    },
    { vector: 'specials in an encoded-word', value: '=?t?Q?@?=<a@x .y>, =?t?Q?]?=<"a b"@x.y>', to: ['', ''] },
    { vector: 'specials in an encoded-word', value: '=?t?Q?a,b?= <a@x.y>, =?t?Q?@?= a@x.y', to: ['a@x.y', ''] },
    { vector: 'a parenthesis in an encoded-word', value: '=?t?Q?()(?= <a@x.y>, =?t?Q?()?= <b@x.y>', to: ['', ''] },
    { vector: 'parentheses in an encoded-word', value: '=?t?Q?()()?= <a@x.y>', to: ['a@x.y'] },
    { vector: 'a quoted local part between words', value: 'Jane "j"@x.y Doe, "j"@x.y Doe', to: ['', 'j@x.y'] },
    { vector: 'a bracket in a second "<…>"', value: '<a@x.y> <[>, "b" .b@x.y', to: ['', ''] },
    { vector: 'a blank before one ">" too many', value: 'a@xå >, a@[1.2.3.4] >, b@xå>', to: ['', '', 'b@xå'] },
    { vector: 'a blank before one ">" too many', value: 'a@x-y >, > a@x.y, a@x.y > >', to: ['a@x-y', '', 'a@x.y'] },
    { vector: 'a bracket that closes nothing', value: '>', to: [] },
    { vector: 'a domain that goes on after a literal', value: 'a@[1.2.3.4].x, <a@[1.2.3.4]x>', to: ['', ''] },
    { vector: 'a name without address', value: 'Jane Doe', to: [''] },
    { vector: 'a name without quotes', value: 'Doe, Jane <j@x.y>', to: ['', 'j@x.y'] },
    { vector: 'semicolons as separators', value: 'a@b.c; d@e.f;', to: ['a@b.c', 'd@e.f'] },
    { vector: 'a comment that never ends', value: 'ceo@x.y (', to: ['ceo@x.y'] },
    { vector: 'a comment that never ends', value: 'a(b@c.d', to: [''] },
    { vector: 'an address between words', value: 'Jane Doe jane@x.y (work)', to: ['jane@x.y'] },
    { vector: 'a mailto: in its place', value: '<mailto:a@b.c>', to: [''] },
    { vector: 'dots at odd places', value: 'a..b@x.y, .a@x.y, a.@x.y', to: ['a..b@x.y', '.a@x.y', 'a.@x.y'] },
    { vector: 'dots at odd places of a domain', value: 'a@.b, a@b..c, a@b.', to: ['', '', 'a@b'] },
    { vector: 'nothing on one side', value: '@x.y, a@, @', to: ['', '', ''] },
  ])('$vector: $value', ({ value, to }) => {
    expect(addresses(value)).toEqual(to)
  })

  test.each([
    { what: 'nobody', value: '<>' },
    { what: 'nobody with a comment of blanks', value: '""<>' },
    { what: 'an encoded-word without text', value: '=?utf-8?Q??=' },
    { what: 'commas', value: ', ,;,' },
    { what: 'nothing', value: '' },
    { what: 'blanks and a comment', value: ' \t(x) ' },
  ])('$what is no mailbox', ({ value }) => {
    expect(parseAddressList(value)).toEqual([])
  })

  test('text that is no address is kept as a name and reported where it starts', () => {
    const value = 'a@b.c, <x@y@z>  , Jane d@e.f,ok@x.y'
    expect(parseAddressList(value)).toEqual([
      { name: '', address: 'a@b.c' },
      { name: '<x@y@z>', address: '' },
      { name: 'Jane', address: 'd@e.f' },
      { name: '', address: 'ok@x.y' },
    ])
    expect(defectsOf(value)).toEqual([
      ['ADDRESS_INVALID', 6],
      ['ADDRESS_INVALID', 17],
    ])
    expect(defectsOf('a@b.c, =?x-klingon?Q?=C3=A5?= <d@e.f>')).toEqual([['CHARSET_UNKNOWN', 6]])
    for (const faulty of ['a@b.c@d.e', 'N <a@b.c@d.e>', 'N <a@b.c> )', 'Jane a@b.c']) {
      expect(defectsOf(`x@y.z,${faulty}`)).toEqual([['ADDRESS_INVALID', 6]])
    }
    expect(defectsOf('a@b.c, N <a@b.c> <d@e.f>')).toEqual([['ADDRESS_INVALID', 17]])
    expect(parse('N <a@b.c> <d@e.f>')).toEqual(['N <a@b.c>'])
  })

  test('reads as many mailboxes as it may, and says where it stopped', () => {
    for (const mailbox of ['a@x.test', '"Doe, J" <j@x.test>', 'J (c) <j@x.test>']) {
      for (const most of [1, 2, 3]) {
        for (const [tail, offset] of [
          ['', undefined],
          [',', undefined],
          [', \t', undefined],
          [',;', 1],
          [', <a@b.c>', 1],
          [`,${' '.repeat(99)}a`, 1],
        ] as const) {
          const list = Array(most).fill(mailbox).join(', ')
          const defects: unknown[] = []
          const found = parseAddressList(list + tail, (...defect) => defects.push(defect), 'decode', most)
          expect(found).toEqual(parseAddressList(list))
          expect(defects).toEqual(offset === undefined ? [] : [['LIMIT_MAILBOXES', list.length + offset]])
        }
      }
    }
  })

  test('a mailbox of more than 20,000 words and dots is in doubt', () => {
    expect(addresses(`${'a '.repeat(20_000)}<a@b.c>, d@e.f`)).toEqual(['a@b.c', 'd@e.f'])
    expect(addresses(`${'a '.repeat(20_001)}<a@b.c>, d@e.f`)).toEqual(['', 'd@e.f'])
  })

  test('an address that fits no line is none (RFC 5321 §4.5.3.1.3 has 256 octets)', () => {
    for (const local of ['a', 'é', '日']) {
      const octets = Buffer.byteLength(local)
      const fits = Math.floor((898 - '@x.test'.length) / octets)
      expect(addresses(`${local.repeat(fits)}@x.test`)).toEqual([`${local.repeat(fits)}@x.test`])
      expect(addresses(`${local.repeat(fits + 1)}@x.test`)).toEqual([''])
    }
  })
})

describe('names', () => {
  test.each([
    { value: 'A B. C <a@b.c>', name: 'A B. C' },
    { value: 'A <a>: b@c.d', name: 'A <a>: b@c.d' },
    { value: '"A\\A" <a>', name: 'AA' },
    { value: '"A  B" <a@b.c>', name: 'A  B' },
    { value: '" A " <a@b.c>', name: ' A ' },
    { value: 'A   B\t C<a@b.c>', name: 'A B C' },
    { value: '"A" (c) B <a@b.c>', name: 'A B' },
    { value: '<a@b.c> (Jane (J.) Doe)', name: 'Jane (J.) Doe' },
    { value: '<a@b.c> (a \\) b)', name: 'a ) b' },
    { value: '"=?utf-8?Q?=C3=85se?=" <a@b.c>', name: 'Åse' },
    { value: 'A\u00a0B\u2028C <a@b.c>', name: 'A\u00a0B\u2028C' },
    { value: '\u00a0 <a@b.c>', name: '\u00a0' },
    { value: '=?utf-8?Q?a=0D=0ABcc:_x=00?= <a@b.c>', name: 'a Bcc: x' },
    { value: '"a\tb" <a@b.c>', name: 'a b' },
    { value: "O'Neill @ Home <a@b.c>", name: "O'Neill @ Home" },
    { value: '=?x <a@b.c>', name: '=?x' },
    { value: '"a\\ b" <a@b.c>', name: 'a b' },
    { value: 'a\\b', name: 'ab' },
    { value: '"abc', name: '"abc' },
    { value: ':a', name: ':a' },
    { value: 'J () <a@b.c>', name: 'J' },
    { value: 'A<a@b.c>B', name: 'A B' },
    { value: 'a \\', name: 'a \\' },
  ])('$value', ({ value, name }) => {
    expect(parseAddressList(value)).toEqual([{ name, address: expect.any(String) }])
  })

  test("'keep' takes what looks like an encoded-word as it stands", () => {
    const value = '=?utf-8?Q?a?= <a@b.c>, "=?utf-8?Q?b?=" <a@b.c>'
    expect(parseAddressList(value, undefined, 'keep').map(({ name }) => name)).toEqual([
      '=?utf-8?Q?a?=',
      '=?utf-8?Q?b?=',
    ])
    expect(parseAddressList(value).map(({ name }) => name)).toEqual(['a', 'b'])
  })
})

describe('depth', () => {
  test('CVE-2025-14874: groups in groups 10,000 deep are flattened without recursion', () => {
    const depth = 10_000
    const value = `${Array.from({ length: depth }, (_, index) => `g${index}: `).join('')}u@x.y;${';'.repeat(depth)}`
    expect(addresses(value)).toEqual(['u@x.y'])
  })

  test('comments in comments 100,000 deep hide what is in them', () => {
    const depth = 100_000
    expect(addresses(`a@b.c ${'('.repeat(depth)}evil@x.y${')'.repeat(depth)}, d@e.f`)).toEqual(['a@b.c', 'd@e.f'])
    expect(addresses(`a@b.c ${'('.repeat(depth)}, evil@x.y`)).toEqual(['a@b.c'])
  })

  test('100,000 recipients (nodemailer 83b8c48)', () => {
    expect(parseAddressList('N <a@b.c>, '.repeat(100_000))).toHaveLength(100_000)
  })
})

describe('time is in proportion to', { retry: 2 }, () => {
  test.each([
    { what: 'addresses', unit: 'Jane Doe <jane@x.test>, ' },
    { what: 'addresses without separator', unit: 'a@b.c ' },
    { what: 'CVE-2026-90776, comments in an address', unit: 'a(c)', tail: '@x.y' },
    { what: 'CVE-2026-100700, a run without "@"', unit: 'aaaaaaaaaa' },
    { what: 'CVE-2026-100700, words without "@"', unit: 'a ' },
    { what: 'CVE-2026-42499, a phrase', unit: 'a. "b" ', tail: '<x@y.z>' },
    { what: 'CVE-2025-61725, literals', unit: '@[' },
    { what: 'CVE-2025-61725, literals and one end', unit: '@[', tail: ']' },
    { what: 'groups', unit: 'g: ', tail: 'a@b.c;' },
    { what: 'groups, one after the other', unit: 'g: a@b.c;, ' },
    { what: 'open comments', unit: '(' },
    { what: 'comments that end', unit: '(', tail: ')' },
    { what: 'CVE-2026-39820, comments', unit: '(c) ' },
    { what: 'open quotes', unit: '"a' },
    { what: 'open quotes, escaped', unit: '\\"' },
    { what: 'quoted-strings', unit: '"a" ' },
    { what: 'open angle brackets', unit: '<' },
    { what: 'open angle brackets after an address', unit: '<a@b.c> <', tail: '' },
    { what: 'closing angle brackets', unit: '>' },
    { what: 'beginnings of encoded-words', unit: '=?a?Q?x ' },
    { what: 'beginnings of encoded-words without blanks', unit: '=?a?Q?x' },
    { what: '"=?"', unit: '=?' },
    { what: 'encoded-words', unit: '=?utf-8?Q?=C3?= ', tail: '<a@b.c>' },
    { what: 'dots', unit: '.', tail: '@x.y' },
    { what: 'at signs', unit: 'a@' },
    { what: 'commas', unit: ',' },
    { what: 'routes', unit: '@a,', head: '<', tail: ':b@c.d>' },
    { what: 'blanks', unit: ' \t', tail: 'a@b.c' },
  ])('$what', ({ unit, head = '', tail = '' }) => {
    const value = (n: number) => head + unit.repeat(n) + tail
    expect(growthRatio(3_000, value, input => parseAddressList(input))).toBeLessThan(3)
  })
})

/** Characters that decide about structure, and some that must not. */
const hostile = () =>
  fc
    .array(
      fc.constantFrom(
        ...['@', '@', '.', ',', ';', ':', '<', '>', '(', ')', '[', ']', '"', '"', '\\', ' ', '\t'],
        ...[
          'a',
          'b.c',
          'x.test',
          'é',
          '\u00a0',
          '\0',
          '\r\n ',
          '=?utf-8?Q?a@b,?=',
          '=?utf-8?Q?a?=',
          'N <a@b.c>',
          '[1.2]',
        ],
      ),
      { maxLength: 14 },
    )
    .map(pieces => pieces.join(''))

describe('what was read', () => {
  test('can be written again, and is read as the same address', () => {
    fc.assert(
      fc.property(hostile(), value => {
        for (const { address } of parseAddressList(value)) {
          if (address === '') continue
          const writable = toWritableAddress(address, true)
          expect(writable).toEqual({ address, smtpUtf8: !/^[\0-\x7f]*$/.test(address) })
          expect(parseAddressList(`<${address}>, N <${address}>`).map(mailbox => mailbox.address)).toEqual([
            address,
            address,
          ])
        }
      }),
      { numRuns: 2500 },
    )
  })

  test('has one "@" outside quotes and literals, and no control', () => {
    fc.assert(
      fc.property(hostile(), value => {
        for (const { name, address } of parseAddressList(value)) {
          expect(name + address).not.toMatch(/[\0-\x08\x0a-\x1f\x7f]/)
          const bare = address.replace(/"(?:[^"\\]|\\.)*"/g, 'q').replace(/\[[^\]]*\]$/, 'l')
          expect(bare).toMatch(/^(?:[^@<>()[\]\\,;:" \t]*(?:@[^@<>()[\]\\,;:"]+)?)$/u)
        }
      }),
      { numRuns: 2500 },
    )
  })

  test("comes back from its description in 'keep' mode", () => {
    fc.assert(
      fc.property(hostile(), value => {
        const mailboxes = parseAddressList(value)
        expect(parseAddressList(describeAddressList(mailboxes), undefined, 'keep')).toEqual(mailboxes)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('plain addresses', () => {
  const plain = fc.constantFrom('a@x.test', 'Jane <a@x.test>', 'Jane Doe <a@x.test>', '<a@x.test>', 'x+y=z@a-b.example')
  const odd = fc.constantFrom(
    '"J, D" <a@x.test>',
    'Jane',
    '<>',
    'a@x',
    'a b@x.test',
    'Jane  D <a@x.test>',
    '=?utf-8?Q?a?= <a@b>',
  )

  test('are read as by the whole grammar, which a tab before each calls for', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(plain, plain, plain, odd), { minLength: 1, maxLength: 5 }), list => {
        const whole = parseAddressList(list.map(mailbox => `\t${mailbox}`).join(','))
        expect(parseAddressList(list.join(', '))).toEqual(whole)
        expect(parseAddressList(list.join(','))).toEqual(whole)
      }),
      { numRuns: 500 },
    )
  })
})

test('a mailbox of any length is read as by the whole grammar, which a tab before it calls for', () => {
  const name = Array(6).fill('N'.repeat(40)).join(' ')
  for (let length = 140; length <= 165; length++) {
    const mailbox = `${name} <${`${'a'.repeat(60)}@${'b.'.repeat(40)}`.padEnd(length, 'c')}>`
    for (const tail of ['', ' ', ', d@e.f', ' d@e.f', '<d@e.f>', 'x', '.evil.test', '(c)']) {
      expect(parseAddressList(mailbox + tail)).toEqual(parseAddressList(`\t${mailbox}${tail}`))
    }
  }
})
