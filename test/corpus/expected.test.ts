/**
 * What other projects expect of their own test messages: Stalwart mail-parser, james-mime4j, flanker. Each way in which
 * this library differs is in a table, with the reason why.
 *
 * Not here: expectations of calendars; enmime's goldens and mime4j's `.out`, which are what their writers make;
 * flanker's form nofws, which is its form simple with all blanks left out.
 */
import { basename, dirname } from 'node:path'
import { expect, test } from 'vitest'
import { parseMime } from '../../src/mime/parse.ts'
import { allExplained, describeCorpus, type Explained, readCorpus, readTable } from './corpus.ts'
import { compareWithMime4j, readMime4j } from './mime4j.ts'
import { compareRows, compareWithStalwart, STALWART_GRAMMARS } from './stalwart.ts'

/** Expectations of a project, with the message each is for. */
function expectations(project: string, suffix: string): { name: string; expected: string; input: string }[] {
  return readTable('EXPECTED-MAP.tsv')
    .map(({ expected_path: expected = '', input_path: input = '' }) => ({ expected, input }))
    .filter(({ expected }) => expected.startsWith(`expected/${project}/`) && expected.endsWith(suffix))
    .map(row => ({ ...row, name: `${basename(dirname(row.expected))}/${basename(row.expected, suffix)}` }))
}

const STALWART: readonly Explained[] = [
  {
    why:
      "any open multipart's delimiter ends the parts inside (RFC 2046 §5.1.2), so that a hostile part cannot " +
      'hide what comes after; Stalwart looks for the innermost only, and in the first of its lines',
    differences: [
      'malformed/001 structure: "multipart/mixed(multipart/mixed text/plain)", not "multipart/mixed(multipart/mixed(text/plain text/plain))"',
      'malformed/008 structure: "multipart/mixed(multipart/mixed(text/plain) text/html)", not "multipart/mixed(multipart/mixed(text/plain text/html))"',
      'malformed/009 structure: "multipart/mixed(multipart/mixed(text/plain text/plain) text/plain)", not "multipart/mixed(multipart/mixed(text/plain text/plain))"',
      'malformed/011 structure: "multipart/mixed(multipart/mixed(text/plain text/plain) text/plain)", not "multipart/mixed(multipart/mixed(text/plain text/plain))"',
      'malformed/012 structure: "multipart/mixed(multipart/mixed(message/rfc822 message/rfc822) message/rfc822)", not "multipart/mixed(multipart/mixed(message/rfc822 message/rfc822))"',
      'malformed/016 structure: "multipart/mixed(multipart/mixed(multipart/mixed(text/plain)) text/plain)", not "multipart/mixed(multipart/mixed(multipart/mixed(text/plain text/plain text/pla…',
    ],
  },
  {
    why: 'a delimiter line begins a part, though nothing comes after it: RFC 2046 §5.1.1',
    differences: [
      'malformed/000 structure: "multipart/mixed(text/plain text/plain text/plain text/html)", not "multipart/mixed()"',
      'malformed/013 structure: "multipart/mixed(text/plain multipart/mixed(text/plain multipart/mixed(text/pla…, not "multipart/mixed(text/plain multipart/mixed(text/plain multipart/mixed(text/pla…',
      'malformed/014 structure: "multipart/mixed(text/plain text/plain)", not "multipart/mixed(text/plain)"',
    ],
  },
  {
    why: 'a delimiter stands at the start of a line, and nothing but blanks after it: RFC 2046 §5.1.1',
    differences: [
      'malformed/004 structure: "multipart/mixed", not "multipart/mixed(multipart/mixed(text/plain))"',
      'thirdparty/005 text of part 5: "invalid--1--", not "invalid"',
    ],
  },
  {
    why: 'what was not taken apart, or has lost its end, is shown as text; Stalwart makes a file of it',
    differences: [
      'malformed/002 attachments: [], not [0]',
      'malformed/002 plain text: [0], not []',
      'malformed/003 attachments: [], not [2]',
      'malformed/003 plain text: [2], not []',
      'malformed/006 attachments: [], not [2]',
      'malformed/006 plain text: [2], not []',
    ],
  },
  {
    why:
      'the header of the part goes on up to the empty line; its first Content-Type counts, and what follows up ' +
      'to the first delimiter is preamble',
    differences: [
      'malformed/020 structure: "multipart/related(multipart/alternative(text/html text/plain) image/png)", not "multipart/related(multipart/alternative image/png)"',
      'malformed/021 structure: "multipart/related(multipart/alternative(text/html text/plain) image/png)", not "multipart/related(multipart/alternative image/png)"',
    ],
  },
  {
    why:
      'a header that its own delimiter line ends, without an empty line: the part after the delimiter belongs to that ' +
      'multipart',
    differences: [
      'malformed/007 structure: "multipart/mixed(multipart/mixed(text/plain))", not "multipart/mixed(multipart/mixed text/plain)"',
    ],
  },
  {
    why:
      'octets of a fuzzer: a Date cut off after the hour is none, and lines after a delimiter that are no ' +
      'fields are text',
    differences: [
      'malformed/019 date: null, not "2026-04-07T10:00:00+00:00"',
      'malformed/019 text of part 8: "boundivy=\\"boundary42\\"", not ""',
      'malformed/019 text of part 9: "Content-Tp>", not ""',
    ],
  },
  {
    why:
      'characters outside the base64 alphabet are ignored (RFC 2045 §6.8): here these are placeholders that the ' +
      'RFC has for base64; Stalwart shows them',
    differences: [
      'rfc/000 text of part 4: "m«\\u001eë‡§r‡^wÍ4Ð|ìŠx%yÈZžw¥šéZÁú+™«Z¹Ø¨u«Z‚‡¬…êÞ", not "... base64-encoded 8000 Hz single-channel mu-law-format audio data goes here .…',
      'rfc/000 text of part 5: "m«\\u001eë‡§r‡^v)šçZµ¨(zÈ^­", not "... base64-encoded image data goes here ..."',
      'thirdparty/002 attachments: [], not [3]',
      'thirdparty/002 plain text: [1,2,3], not [1,2]',
      'thirdparty/002 text of part 2: "yötä vaan. � ��", not "yötä vaan. � �"',
      'thirdparty/002 text of part 3: "���j\\u0007", not "?garbage"',
    ],
  },
  {
    why: 'a comment is no display name beside one, and no mailbox alone: RFC 5322 §3.2.2',
    differences: [
      'rfc/000 part 7, from: [], not [["mailbox in US-ASCII",""]]',
      'rfc/000 part 7, to: [], not [["address in US-ASCII",""]]',
      'rfc/002 part 2, to: [["A1 Gore","vice-president@whitehouse.gov"]], not [["A1 Gore (The Enforcer)","vice-president@whitehouse.gov"]]',
    ],
  },
  {
    why:
      'a ";" is missing inside the parameters: an unquoted value has its blanks, as unquoted names of files ' +
      'have, and the first of duplicates counts',
    differences: [
      'rfc/001 content-type parameters: [["access-type","mail-server            server=\\"listserv@bogus.bitnet\\""],["ex…, not [["access-type","mail-server"],["expiration","Fri, 14 Jun 1991 19:13:14 -0400 (…',
      'thirdparty/010 content-type parameters: [["boundary","1"],["comment",""]], not [["boundary","1"],["comment","人権の無視及"]]',
    ],
  },
  {
    why: 'a part of multipart/mixed that the header of a multipart inside a message/rfc822 hid from Stalwart',
    differences: [
      'thirdparty/015 structure: "multipart/mixed(text/plain message/rfc822 message/rfc822 message/rfc822)", not "multipart/mixed(text/plain message/rfc822)"',
    ],
  },
]
const STALWART_VALUES: Readonly<Record<string, readonly Explained[]>> = {
  'address.json': [
    {
      why: 'a comment is no display name beside one: RFC 5322 §3.2.2',
      differences: [
        '"A Group(Some people)\\n        :Chris Jones <c@(Chris\'s host.)public.example>,\\…: [["Chris Jones","c@public.example"],["","joe@example.org"],["John","jdoe@one.te…',
        '"NO (posting not allowed on this list)\\n": [["NO",""]]',
        '"Name (comment) =?utf-8?q?Doe?= <a@b.com>\\n": [["Name Doe","a@b.com"]]',
        '"Nathaniel Borenstein <nsb@thumper.bellcore.com>\\n    (=?iso-8859-8?b?7eXs+SDv4…: [["Nathaniel Borenstein","nsb@thumper.bellcore.com"]]',
        '"Pete(A nice \\\\) chap) <pete(his account)@silly.test(his host)>\\n": [["Pete","pete@silly.test"]]',
      ],
    },
    {
      why:
        'unfolded (RFC 5322 §2.2.3), the backslash quotes the blank after it, and the ")" ends the comment; beside a ' +
        'second ")" it is in doubt where the obsolete domain ends: other readers find pete@silly',
      differences: [
        '"Pete(A nice \\n \\\\\\n ) chap) <pete(his\\n account)@silly\\n .test(his host)>\\n": [["Pete(A nice  \\\\ ) chap) <pete(his account)@silly .test(his host)>",""]]',
      ],
    },
    {
      why: 'an empty group is empty, with a comment in it or without: RFC 5322 §3.4',
      differences: ['"(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;\\n": []'],
    },
    {
      why: 'a source route and blanks around dots and in domains are no part of the address: RFC 5322 §4.4',
      differences: [
        '"John Doe <jdoe@machine(comment).  example>\\n": [["John Doe","jdoe@machine.example"]]',
        '"Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example\\n": [["Mary Smith","mary@example.net"],["","jdoe@test.example"]]',
      ],
    },
    {
      why: 'List-* fields hold URLs, not addresses (RFC 2369 §2): as an address list they are no mailboxes',
      differences: [
        '"(Use this command to get off the list)\\n     <mailto:list-manager@host.com?bod…: [["(Use this command to get off the list)     <mailto:list-manager@host.com?bod…',
        '"(Use this command to join the list)\\n   <mailto:list-manager@host.com?body=sub…: [["(Use this command to join the list)   <mailto:list-manager@host.com?body=sub…',
        '"<ftp://ftp.host.com/list.txt> (FTP),\\n   <mailto:list@host.com?subject=help>\\n": [["<ftp://ftp.host.com/list.txt> (FTP)",""],["<mailto:list@host.com?subject=hel…',
        '"<http://www.host.com/list.cgi?cmd=sub&lst=list>,\\n   <mailto:list-manager@host…: [["<http://www.host.com/list.cgi?cmd=sub&lst=list>",""],["<mailto:list-manager@…',
        '"<http://www.host.com/list.cgi?cmd=unsub&lst=list>,\\n   <mailto:list-request@ho…: [["<http://www.host.com/list.cgi?cmd=unsub&lst=list>",""],["<mailto:list-reques…',
        '"<http://www.host.com/list/>, <mailto:list-info@host.com>\\n": [["<http://www.host.com/list/>",""],["<mailto:list-info@host.com>",""]]',
        '"<http://www.host.com/list/archive/> (Web Archive)\\n": [["<http://www.host.com/list/archive/> (Web Archive)",""]]',
        '"<mailto:archive@host.com?subject=index%20list>\\n": [["<mailto:archive@host.com?subject=index%20list>",""]]',
        '"<mailto:listmom@host.com> (Contact Person for Help)\\n": [["<mailto:listmom@host.com> (Contact Person for Help)",""]]',
        '"<mailto:moderator@host.com> (Postings are Moderated)\\n": [["<mailto:moderator@host.com> (Postings are Moderated)",""]]',
      ],
    },
  ],
  'content_type.json': [
    {
      why: 'every ";" between the parameters is missing, as in this example of RFC 2231 §4.1: only a single parameter without one is read',
      differences: [
        '"application/pdf\\n   filename*0*=iso-8859-1\'es\'%D1and%FA\\n   filename*1*=iso-88…: ["application/pdf",[]]',
        '"application/x-stuff\\n   title*0*=us-ascii\'en\'This%20is%20even%20more%20\\n   ti…: ["application/x-stuff",[]]',
      ],
    },
    {
      why: 'blanks between adjacent encoded-words go: RFC 2047 §6.2',
      differences: [
        '"image/jpeg;\\n   name=\\"=?iso-8859-1?B?4Q==?= =?utf-8?B?w6k=?= =?iso-8859-1?q?=…: ["image/jpeg",[["name","áéí.jpeg"]]]',
      ],
    },
    {
      why: 'a quoted-string that never ends is none, and a value of blanks is empty',
      differences: [
        '"inva/lid; name=\\"   \\n    \\n": ["inva/lid",[["name",""]]]',
        '"inva/lid; name=\\"   \\n": ["inva/lid",[["name",""]]]',
        '"text/plain; name=  \\n": ["text/plain",[["name",""]]]',
      ],
    },
    {
      why: 'RFC 2231 §3 has one number and one "*" after the name: anything else is no segment',
      differences: [
        '"malicious/attempt; 1*2*=a; 3**=b; 4***=c; *5**6*=d;*****7*8*=e; 9*10*11*12*13*…: ["malicious/attempt",[]]',
      ],
    },
    {
      why: 'a ";" is missing inside the parameters: an unquoted value has its blanks, as unquoted names of files have',
      differences: [
        '"message/external-body;\\n    access-type=mail-server\\n     server=\\"listserv@bo…: ["message/external-body",[["access-type","mail-server     server=\\"listserv@bog…',
      ],
    },
    {
      why: 'segments are counted from 0 without a gap (RFC 2231 §3), NUL is no text, and "*=test" has no name',
      differences: [
        '"test/encoded; key4*=us-ascii\'\'foo; key*9999=ba%; key2*0=a; key3*0*=us-ascii\'en…: ["test/encoded",[["key","foobaz"],["key2","ab%"],["key3","xyzplop%"],["key4","f…',
      ],
    },
    {
      why: 'a type and a subtype, both tokens of US-ASCII: RFC 2045 §5.1',
      differences: [
        '"text/plain/format ;charset=us-ascii\\n": ["application/octet-stream",[["charset","us-ascii"]]]',
        '"text/plain/format;charset=us-ascii\\n": ["application/octet-stream",[["charset","us-ascii"]]]',
        '"text/plain/format\\n": ["application/octet-stream",[]]',
        '"á/é; á=é\\n": ["application/octet-stream",[["á","é"]]]',
      ],
    },
  ],
  'date.json': [
    {
      why: 'months have names, and what is no date has none: RFC 5322 §3.3',
      differences: [
        '" 4 8 15 16 23 42, 4 8 15 16 23 42, 4 8 15 16 23 42, ": null',
        '"20 11 (some \\n 44 comments(more comments\\n )) 79 05:34:27 -0300": null',
      ],
    },
    {
      why: 'a zone that nobody knows is "-0000": RFC 5322 §4.3',
      differences: ['"Thu, 10 Jul 1997 14:53:31 EST5EDT": "1997-07-10T14:53:31+00:00"'],
    },
  ],
  'id.json': [
    {
      why: 'an identifier has an "@" or stands in angle brackets',
      differences: ['"   m \\n": []'],
    },
    {
      why: 'identifiers are compared as they are written: a comment in one (RFC 5322 §A.6.3) stays',
      differences: ['"<1234   @   local(blah)  .machine .example>\\n": ["1234@local(blah).machine.example"]'],
    },
  ],
  'received.json': [
    {
      why: 'PDT and PST are zones: RFC 5322 §4.3',
      differences: [
        '"(from vashugins@juno.com)  by m06.lax.untd.com (jqueuemail) id LRVB3JAJ; Fri, …: "2006-06-02T08:15:21-07:00"',
        '"from [193.220.176.134] by web40310.mail.yahoo.com via HTTP; Wed, 12 Feb 2003 1…: "2003-02-12T14:22:21-08:00"',
      ],
    },
    {
      why: 'a year of two digits below 50 is of this century: RFC 5322 §4.3',
      differences: [
        '"from olgisoft.com (127.0.0.1) by 127.0.0.1 (EzMTS MTSSmtp 1.55d5) ; Thu, 20 Ma…: "2003-03-20T10:06:43+01:00"',
        '"from smtp.greyware.com(208.14.208.51, HELO smtp.sff.net) by x.x.org via smap (…: "2004-02-27T14:16:56-08:00"',
        '"from snake.corp.yahoo.com(216.145.52.229) by x.x.org via smap (V1.3) id xma093…: "2003-03-26T20:43:24-06:00"',
      ],
    },
    {
      why: 'the order of asctime, "Fri Feb 07 10:18:12 2003", which Stalwart reads as other numbers',
      differences: [
        '"FROM ca-ex-bridge1.nai.com BY scwsout1.nai.com ; Fri Feb 07 10:18:12 2003 -080…: "2003-02-07T10:18:12-08:00"',
        '"from TCE-E-7-182-54.bta.net.cn(202.106.182.54) via SMTP by st.tahina.priv.at, …: "2005-11-13T14:50:12+00:00"',
        '"from [<4124973-137966-3089@be2.maropost.com>] ([<4124973-137966-3089@be2.marop…: "2018-09-14T14:36:56-04:00"',
        '"from pl027.nas934.d-osaka.nttpc.ne.jp(61.197.82.27), claiming to be \\"foo.woas…: "2005-11-13T15:38:52+00:00"',
      ],
    },
    {
      why: 'seconds with a fraction',
      differences: [
        '"from MjA3NDc4Mg (unknown) by ismtpd0001p1lon1.sendgrid.net (SG) with HTTP id a…: "2020-04-02T07:53:55+00:00"',
      ],
    },
  ],
  'unstructured.json': [
    {
      why:
        'text next to an encoded-word has no blank of its own, though the encoded-word should have had one: RFC ' +
        '2047 §6.2',
      differences: [
        '"[SUSPECTED SPAM]=?utf-8?B?VGhpcyBpcyB0aGUgb3JpZ2luYWwgc3ViamVjdA==?=\\n": "[SUSPECTED SPAM]This is the original subject"',
        '"[SUSPECTED SPAM]=?utf-8?B?VGhpcyBpcyB0aGUgb\\n 3JpZ2luYWwgc3ViamVjdA==?=\\n": "[SUSPECTED SPAM]This is the original subject"',
        '"[SUSPECTED SPAM]=?utf-8?B?VGhpcyBpcyB0aGUgb\\r\\n 3JpZ2luYWwgc3ViamVjdA==?=\\r\\n": "[SUSPECTED SPAM]This is the original subject"',
      ],
    },
  ],
}
const MIME4J: readonly Explained[] = [
  {
    why:
      'RFC 2046 §5.1.1 asks for the boundary at the start of the line only; like mailparser, Python and ' +
      'MimeKit this library asks for nothing but blanks after it, since one boundary is often the start of ' +
      'another. But what stands before a close-delimiter without any delimiter is lost',
    differences: ['ending-boundaries 0 parts, not 1'],
  },
  {
    why: 'a message without header is text; mime4j shows nothing of it',
    differences: [
      'malformedHeader-noheader body: "This is a simple message not having headers.\\nThe whole tex, not malformedHeader-noheader_decoded_1.txt',
    ],
  },
  {
    why: 'mime4j was told to end the header at the first line that is no field; here that line is skipped',
    differences: [
      'malformedHeaderStartsBody-nocrlfcrlf body: "Body text\\n", not malformedHeaderStartsBody-nocrlfcrlf_decoded_1.txt',
      'malformedHeaderStartsBody-nocrlfcrlf fields: Subject AnotherHeader, not Subject',
      'malformedHeaderStartsBody-noheader body: "This is a simple message not having headers.\\nThe whole tex, not malformedHeaderStartsBody-noheader_decoded_1.txt',
    ],
  },
  {
    why: 'a multipart whose boundary never occurs is text',
    differences: ['missing-boundary no parts, not 0', 'missing-inner-boundary 2.no parts, not 0'],
  },
  {
    why:
      'blanks at the end of a boundary do not count, for RFC 2046 §5.1.1 forbids them and transports drop them: ' +
      'here the test wants a line with one blank less to be none',
    differences: [
      'very-long-boundary 1.body: "Text body", not very-long-boundary_decoded_1_1.txt',
      'very-long-boundary 2 parts, not 1',
      'weird-boundary 1.body: "Text body", not weird-boundary_decoded_1_1.txt',
      'weird-boundary 2 parts, not 1',
    ],
  },
  {
    why: 'a boundary of over 900 octets fits no line: RFC 2046 §5.1.1 allows 70',
    differences: ['very-very-long-boundary no parts, not 1'],
  },
]
const FLANKER: readonly Explained[] = [
  {
    why: 'white space alone at the end of a body is no line: RFC 6376 §3.4.4',
    differences: ['relaxed.expected.24'],
  },
]

describeCorpus('Stalwart mail-parser', () => {
  test('its 52 messages: fields, structure, contents, and which part is what (RFC 8621 §4.1.4)', () => {
    const found: string[] = []
    const cases = expectations('stalwartlabs+mail-parser', '.json')
    expect(cases).toHaveLength(52)
    for (const { name, expected, input } of cases) {
      const differences = compareWithStalwart(JSON.parse(readCorpus(expected).toString()), readCorpus(input))
      found.push(...differences.map(difference => `${name} ${difference}`))
    }
    expect(found.sort()).toEqual(allExplained(STALWART))
  })

  test.each(STALWART_GRAMMARS)('its $rows header values of $file', grammar => {
    const table = readCorpus(`expected/stalwartlabs+mail-parser/resources/${grammar.file}`)
    const rows = JSON.parse(table.toString())
    expect(rows).toHaveLength(grammar.rows)
    expect(compareRows(rows, grammar).sort()).toEqual(allExplained(STALWART_VALUES[grammar.file] ?? []))
  })
})

describeCorpus('james-mime4j', () => {
  test('its 32 messages: fields, structure, and decoded bodies', () => {
    const found: string[] = []
    const cases = expectations('apache+james-mime4j', '_decoded.xml')
    expect(cases).toHaveLength(32)
    for (const { name, expected, input } of cases) {
      const tree = readMime4j(readCorpus(expected).toString('latin1'))
      const readFile = (file: string) => readCorpus(`${dirname(expected)}/${file}`)
      const differences = compareWithMime4j(tree, readCorpus(input), readFile)
      found.push(...differences.map(difference => `${basename(name)} ${difference}`))
    }
    expect(found.sort()).toEqual(allExplained(MIME4J))
  })
})

/** Canonical forms of a message, from the offsets and values of its fields and the octets of its body: RFC 6376 §3.4. */
const CANONICAL_FORMS = [
  { form: 'simple', canonical: simpleForm },
  { form: 'relaxed', canonical: relaxedForm },
]

describeCorpus('flanker', () => {
  test.each(CANONICAL_FORMS)('its 20 messages in DKIM form $form: where fields and body are', ({ form, canonical }) => {
    const cases = expectations('mailgun+flanker', '').filter(({ name }) => name.includes(`/${form}.`))
    expect(cases).toHaveLength(20)
    const found = cases
      .filter(({ expected, input }) => canonical(readCorpus(input)) !== readCorpus(expected).toString('latin1'))
      .map(({ name }) => basename(name))
    expect(found.sort()).toEqual(allExplained(FLANKER).filter(name => name.startsWith(form)))
  })
})

function simpleForm(octets: Buffer): string {
  const { fields, body } = parseMime(octets).root
  const header = fields.map(({ offset, end }) => `${withCrlf(octets.subarray(offset, end))}\r\n`).join('')
  return `${header}\r\n${withCrlf(body).replace(/(?:\r\n)*$/, '')}\r\n`
}

function relaxedForm(octets: Buffer): string {
  const { fields, body } = parseMime(octets).root
  const header = fields.map(({ key, value }) => `${key}:${value.replace(/[ \t]+/g, ' ')}\r\n`).join('')
  const lines = withCrlf(body)
    .replace(/[ \t]+/g, ' ')
    .replace(/ (?=\r\n|$)/g, '')
    .replace(/(?:\r\n)*$/, '')
  return `${header}\r\n${lines === '' ? '' : `${lines}\r\n`}`
}

/** flanker's files have LF; DKIM's lines end with CRLF. */
function withCrlf(octets: Uint8Array): string {
  return Buffer.from(octets).toString('latin1').replaceAll('\n', '\r\n')
}
