/**
 * Address lists with which mail software was led to deliver elsewhere, and the ones of the RFCs: what is mutated for
 * ./recipients.test.ts and by ../fuzz. What each must give is in ../header/address.test.ts.
 */
export const ADDRESS_VECTORS: readonly string[] = [
  // RFC 5322 A.1, A.5, A.6; RFC 5321 §4.1.3; RFC 6532; RFC 2047 §8
  'Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>',
  '<boss@nil.test>, "Giant; \\"Big\\" Box" <sysservices@example.net>',
  'A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;',
  'Undisclosed recipients:;',
  'Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>',
  "A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n         joe@example.org",
  '(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;',
  'Joe Q. Public <john.q.public@example.com>',
  'Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example',
  'John Doe <jdoe@machine(comment).  example>',
  '"a b"@x.test, "a"@x.test, "a.b"@x.test, ""@x.test',
  'a . b @ x . test, a."b c".d@x.test',
  '<@a,@b.test,,@[c]:d@e.test>',
  'a@[192.0.2.1], b@[IPv6:2001:db8::1]',
  'Åse <åse@blåbær.example>, =?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>',
  'Team: a@x.test, b@x.test;, c@x.test',
  // CVE-2025-13033, CVE-2026-92597, CVE-2026-110870, CVE-2026-121424, CVE-2026-121425, CVE-2026-125755 of nodemailer
  '"xclow3n@gmail.com x"@internal.domain',
  '"a"@evil.com"@good.com',
  'a@good.com:b@evil.com, a@good.com[x]b@evil.com',
  'user@good.com(a)evil@x.y',
  '"q"@x (c)text',
  'N <(c)user(c)@(c)good.com>',
  'a@good.com (a (b) evil@x.y), (a (b) evil@x.y) a@good.com',
  'G: "a;b" <x@good.com>, c@d.e;',
  'G: x@good.com (a;b), c@d.e;, f@g.h',
  'a@good.com .evil.com, b@good.com(c).evil.com',
  '<a@good.com\r\n .evil.com>',
  'a@[x@evil.com], a@[x, evil@y.z',
  'g0: g1: g2: u@x.y;;;',
  // CVE-2019-16056 and CVE-2023-27043 of Python, CVE-2025-61725 of Go
  'a@evil.com@good.com, N <a@evil.com@good.com>',
  'alice@good.com)bob@evil.com, alice@good.com]bob@evil.com',
  'alice@good.com(<bob@evil.com>',
  'alice@good.com"<bob@evil.com>',
  'a@[[[[[',
  // CVE-2020-7769, CVE-2021-23400, CVE-2026-30227; mailparser 3.9.4, postal-mime 844f920
  '-bi@x.y, "-OQueue..."@x.y',
  'a@b\0.c, a@b\x7f.c, <a@b\x01>',
  '=?utf-8?B?dGVzdEBldmlsLmNv?= <real@good.com>',
  '=?utf-8?Q?=3Cevil=40x.y=3E=2C?= <real@good.com>',
  '=?utf-8?Q?evil=40x.y?=, =?utf-8?Q?evil@x.y?=',
  'N <=?utf-8?Q?evil@x.y?=@good.com>, a@=?utf-8?Q?evil.com,good?=',
  // What is written by mistake
  'user@x.y>, "unterminated <a@b.c>',
  'user name@x.y, Jane Doe jane@x.y (work)',
  'N <a@good.com> <b@evil.com>, <<a@good.com>>, <a@good.com<b@evil.com>>',
  'evil@x.y <real@good.com>, "evil@x.y" <real@good.com>',
  '"evil@x.y,"a@good.com, a\\@evil.com@good.com',
  'Doe, Jane <j@x.y>; a@b.c; d@e.f;',
  'ceo@x.y (, <mailto:a@b.c>',
  'a..b@x.y, .a@x.y, a.@x.y, a@.b, a@b..c, a@b., @x.y, a@, @',
]
