/**
 * Faults of other composers in header fields, one row each, named after whose it was: folding, encoded-words,
 * addresses, order and presence of fields. Those of parameters are in ./compose-parameters.test.ts, those of bodies in
 * ./compose-body.test.ts; what is an attack is in ./injection.test.ts as well.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { composeMessage, type EMailEntityInput, parseMessage } from '../../src/index.ts'
import { openReaders, type Readers } from '../conformance/readers.ts'
import { attach, composeWire, linesOf, PLAIN_ENTITY, type Row, testRows, type Wire } from './wire.ts'

let readers: Readers
beforeAll(() => {
  readers = openReaders()
})
afterAll(() => readers.close())

const custom = (Name: string, ...Values: readonly string[]): EMailEntityInput => ({
  CustomHeaderList: [{ Name, Values }],
})
const to = (Name: string, Address = 'to@example.org'): EMailEntityInput => ({ To: [{ Name, Address }] })

const WORD = /=\?utf-8\?[QB]\?[^?]*\?=/g
const wordsOf = (text: string): string[] => text.match(WORD) ?? []

/** Every line of the top header is no longer than this in characters, and no continuation starts but with one SP. */
function expectFolded(wire: Wire, most: number): void {
  const header = wire.text.slice(0, wire.text.indexOf('\r\n\r\n'))
  for (const line of header.split('\r\n')) {
    expect(line.length, line).toBeLessThanOrEqual(most)
    expect(line).toMatch(/^(?:[!-9;-~]+:(?: |$)| [!-~])/)
  }
}

describe('folding', () => {
  const blanks = `a${' '.repeat(90)})`
  const unfoldable = 'x'.repeat(1201)
  const sentence = 'a subject of many short words that goes on and on '.repeat(6).trim()
  const rows: readonly Row[] = [
    {
      fault: 'nodemailer 10.6: no fold at NBSP or U+2003 of a display name',
      entity: to(`${'a'.repeat(60)}\u00a0${'b'.repeat(40)}\u2003${'c'.repeat(40)}`),
      check(wire) {
        expectFolded(wire, 76)
        expect(wire.entity.To[0]!.Name).toBe(`${'a'.repeat(60)}\u00a0${'b'.repeat(40)}\u2003${'c'.repeat(40)}`)
      },
    },
    {
      fault: 'libmime 5.6: no fold at NBSP, U+2003 or U+2028',
      entity: {
        Subject: `${'a'.repeat(60)}\u00a0${'b'.repeat(40)}`,
        ...custom('X', `${'a'.repeat(60)}\u00a0${'b'.repeat(40)}\u2003${'c'.repeat(40)}\u2028d`),
      },
      check(wire) {
        expectFolded(wire, 76)
        expect(wire.entity.Subject).toBe(`${'a'.repeat(60)}\u00a0${'b'.repeat(40)}`)
        expect(wire.entity.CustomHeaderList[0]!.Values).toEqual([
          `${'a'.repeat(60)}\u00a0${'b'.repeat(40)}\u2003${'c'.repeat(40)}\u2028d`,
        ])
      },
    },
    {
      fault: 'nodemailer 10.6: an address in UTF-8 is not folded inside, and starts its line after SP',
      entity: { To: [1, 2, 3].map(n => ({ Address: `jõser${n}${'o'.repeat(60)}@õ.example` })) },
      options: { smtpUtf8: true },
      check(wire) {
        const lines = Buffer.from(wire.octets).toString('utf8').split('\r\n').slice(2, 5)
        expect(lines).toEqual(
          [1, 2, 3].map(n => expect.stringMatching(new RegExp(`^(?:To:)? jõser${n}o+@õ.example,?$`))),
        )
      },
    },
    {
      fault: 'nodemailer 10.6: an address with U+2003 inside is refused: readers take what follows it for the address',
      entity: { To: [{ Address: 'boss\u2003x@evil.example' }] },
      options: { smtpUtf8: true },
      refused: ['ADDRESS_INVALID', 'To[0].Address'],
    },
    {
      fault: 'nodemailer 10.6: no line of blanks only',
      entity: { Subject: blanks, ...custom('X-Blanks', `${' '.repeat(200)}x`) },
      check(wire) {
        expectFolded(wire, 76)
        expect(wire.entity.Subject).toBe(blanks)
        expect(wire.entity.CustomHeaderList[0]!.Values).toEqual([`${' '.repeat(200)}x`])
      },
    },
    {
      fault: 'libmime 5.6: no line of blanks only, nor one SP after the last fold',
      entity: { Subject: `${'a'.repeat(67)} `, ...custom('List-Id', `${'a'.repeat(60)}${' '.repeat(90)}<x.example>`) },
      check(wire) {
        expect(wire.text).not.toMatch(/\r\n[ \t]+\r\n/)
        expect(wire.entity.Subject).toBe(`${'a'.repeat(67)} `)
        expect(wire.field('List-Id')).toBe(`${'a'.repeat(60)}${' '.repeat(90)}<x.example>`)
      },
    },
    {
      fault: 'nodemailer 10.6, libmime 5.6: a word of 1201 characters is no line of 1201',
      entity: { Subject: unfoldable, ...to(unfoldable), ...custom('X-Token', unfoldable) },
      check(wire) {
        expectFolded(wire, 76)
        expect(wire.entity.Subject).toBe(unfoldable)
        expect(wire.entity.To[0]!.Name).toBe(unfoldable)
        expect(wire.entity.CustomHeaderList[0]!.Values).toEqual([unfoldable])
      },
    },
    {
      fault: 'mimetext#52: long headers are folded at 78 at all',
      entity: {
        Subject: sentence,
        To: Array.from({ length: 20 }, (_, n) => ({ Name: `Recipient Number ${n}`, Address: `to${n}@example.org` })),
      },
      check(wire) {
        expectFolded(wire, 78)
        expect(linesOf(wire, 'Subject').length).toBeGreaterThan(3)
        expect(linesOf(wire, 'To').length).toBeGreaterThan(9)
      },
    },
    {
      fault: 'mail-builder: a fold adds no TAB to the value',
      entity: { Subject: sentence },
      check(wire) {
        expect(wire.text).not.toContain('\t')
        expect(wire.field('Subject').replaceAll('\r\n', '')).toBe(sentence)
        expect(wire.entity.Subject).toBe(sentence)
      },
    },
    {
      fault: 'mail-builder: an ASCII Subject over 77 characters stays readable, without encoded-words',
      entity: { Subject: sentence },
      check: wire => expect(wire.field('Subject')).not.toContain('=?'),
    },
    {
      fault: 'go-message: a token over 998 characters gains no space',
      entity: custom('X-Token', `a ${'y'.repeat(1500)} b`),
      check: wire => expect(wire.entity.CustomHeaderList[0]!.Values).toEqual([`a ${'y'.repeat(1500)} b`]),
    },
    {
      fault: 'nodemailer#1654: no empty first line before a folded List-Unsubscribe',
      entity: custom('List-Unsubscribe', `<https://example.org/${'u'.repeat(90)}>, <mailto:leave@example.org>`),
      check: wire =>
        expect(wire.field('List-Unsubscribe')).toBe(
          `<https://example.org/${'u'.repeat(90)}>,\r\n <mailto:leave@example.org>`,
        ),
    },
    {
      fault: 'ours: the URL of List-Unsubscribe is written as it stands, with "=?" in it too',
      entity: custom('List-Unsubscribe', '<https://example.org/leave?id=?a>'),
      check: wire => expect(wire.field('List-Unsubscribe')).toBe('<https://example.org/leave?id=?a>'),
    },
    {
      fault: 'mailcomposer#60, MimeKit#236: no empty first line before one long value',
      entity: {
        ...custom('List-Unsubscribe', `<https://example.org/${'u'.repeat(900)}>`),
        InReplyTo: { MessageId: `<${'i'.repeat(100)}@example.org>` },
        To: [{ Address: `${'l'.repeat(64)}@${'d'.repeat(60)}.example.org` }],
      },
      check(wire) {
        for (const name of ['List-Unsubscribe', 'In-Reply-To', 'References', 'To']) {
          expect(linesOf(wire, name)).toHaveLength(1)
        }
      },
    },
    {
      fault: 'MimeKit#451: no empty first line of From and Subject, no space before the text',
      entity: {
        From: { Name: 'N'.repeat(75), Address: 'from@example.org' },
        Subject: `${'s'.repeat(80)} and more`,
      },
      check(wire) {
        expect(linesOf(wire, 'From')[0]).toMatch(/^From: =\?utf-8\?Q\?N+\?=$/)
        expect(linesOf(wire, 'Subject')).toEqual([`Subject: ${'s'.repeat(80)}`, ' and more'])
        expect(wire.entity.Subject).toBe(`${'s'.repeat(80)} and more`)
      },
    },
    {
      fault: 'libmime 5.6: no empty first line before encoded-words, however long the name of the field',
      entity: { Subject: 'é'.repeat(30), ...custom(`X-${'Long'.repeat(17)}`, 'é'.repeat(30)) },
      check(wire) {
        expect(linesOf(wire, 'Subject')[0]).toMatch(/^Subject: =\?utf-8\?B\?/)
        expect(linesOf(wire, `X-${'Long'.repeat(17)}`)[0]).toMatch(/^X-[Long]+: =\?utf-8\?[QB]\?/)
        expect(wire.entity.CustomHeaderList[0]!.Values).toEqual(['é'.repeat(30)])
      },
    },
    {
      fault: 'libmime 5.6: a line of exactly 76 characters is not folded, one of 77 is',
      entity: custom('X-76', `${'a'.repeat(60)} ${'b'.repeat(9)}`, `${'a'.repeat(60)} ${'b'.repeat(10)}`),
      check(wire) {
        expect(linesOf(wire, 'X-76').map(line => line.length)).toEqual([76, 66, 11])
      },
    },
  ]
  testRows(rows, () => readers)
})

describe('encoded-words', () => {
  const rows: readonly Row[] = [
    {
      fault: 'nodemailer: a quotation mark does not make a Subject unreadable',
      entity: { Subject: 'say "hi", (please); a\\b <c@d.e>' },
      check: wire => expect(wire.field('Subject')).toBe('say "hi", (please); a\\b <c@d.e>'),
    },
    {
      fault: 'mimetext: ASCII is written as it is, not as an encoded-word',
      entity: { Subject: 'Hello', ...to('John Smith'), ...custom('X-A', 'b') },
      check(wire) {
        expect(wire.text).not.toContain('=?')
        expect(wire.field('To')).toBe('John Smith <to@example.org>')
      },
    },
    {
      fault: 'mimetext: "Q" for what is mostly ASCII, "B" for what is not',
      entity: { Subject: 'Bjørn is mostly ASCII', ...to('山田太郎') },
      check(wire) {
        expect(wire.field('Subject')).toBe('=?utf-8?Q?Bj=C3=B8rn_is_mostly_ASCII?=')
        expect(wire.field('To')).toBe('=?utf-8?B?5bGx55Sw5aSq6YOO?= <to@example.org>')
      },
    },
    {
      fault: 'go-message: Japanese takes "B", which is half as long as "Q"',
      entity: { Subject: '会議の議事録について' },
      check: wire => expect(wire.field('Subject')).toMatch(/^=\?utf-8\?B\?/),
    },
    {
      fault: 'mimetext#53, unemail#121: a long Subject is many encoded-words of at most 75 characters',
      entity: { Subject: 'blåbærsyltetøy '.repeat(40).trim() },
      check(wire) {
        const words = wordsOf(wire.field('Subject'))
        expect(words.length).toBeGreaterThan(9)
        for (const word of words) expect(word.length).toBeLessThanOrEqual(75)
        expect(wire.entity.Subject).toBe('blåbærsyltetøy '.repeat(40).trim())
      },
    },
    {
      fault: 'denomailer#90: a long Subject is split, not cut off',
      entity: { Subject: '山'.repeat(500) },
      check: wire => expect(wire.entity.Subject).toBe('山'.repeat(500)),
    },
    {
      fault: 'mail-builder: the encoded-words of a name are not in quotes, and are split',
      entity: to(`Jöhn "x", ${'é'.repeat(80)}`),
      check(wire) {
        expect(wire.field('To')).not.toContain('"')
        for (const word of wordsOf(wire.field('To'))) expect(word.length).toBeLessThanOrEqual(75)
        expect(wire.entity.To[0]!.Name).toBe(`Jöhn "x", ${'é'.repeat(80)}`)
      },
    },
    {
      fault: 'mail-builder, Python: no encoded-word of 76 characters, no line over 76 with one',
      entity: { Subject: 'ü'.repeat(100), From: { Name: 'ü'.repeat(100), Address: 'from@example.org' } },
      check(wire) {
        for (const name of ['Subject', 'From']) {
          for (const line of linesOf(wire, name)) expect(line.length).toBeLessThanOrEqual(76)
        }
      },
    },
    {
      fault: 'mail-builder#41: no character is split between encoded-words',
      entity: { Subject: '🙂å山'.repeat(40) },
      check(wire) {
        const decode = new TextDecoder('utf-8', { fatal: true })
        const words = wordsOf(wire.field('Subject'))
        const texts = words.map(word => decode.decode(Buffer.from(word.slice(10, -2), 'base64')))
        expect(words.length).toBeGreaterThan(5)
        expect(texts.join('')).toBe('🙂å山'.repeat(40))
      },
    },
    {
      fault: 'mail-builder#39, #43: "_" is escaped in "Q"',
      entity: { Subject: 'snake_cåse_name' },
      check: wire => expect(wire.field('Subject')).toBe('=?utf-8?Q?snake=5Fc=C3=A5se=5Fname?='),
    },
    {
      fault: 'MimeKit#783: the whole Subject is encoded, so that Outlook deletes no space',
      entity: { Subject: 'plain words before é and after it' },
      check: wire => expect(wire.field('Subject')).toBe('=?utf-8?Q?plain_words_before_=C3=A9_and_after_it?='),
    },
    {
      fault: 'libmime 5.6: encoded-words have a limit of 75 without being asked',
      entity: { Subject: 'é'.repeat(60), ...to('é'.repeat(60)) },
      check(wire) {
        const words = [...wordsOf(wire.field('Subject')), ...wordsOf(wire.field('To'))]
        expect(words.length).toBeGreaterThan(3)
        for (const word of words) expect(word.length).toBeLessThanOrEqual(75)
      },
    },
    {
      fault: 'libmime 5.6: CRLF in ASCII text is refused, not passed on',
      entity: { Subject: 'a\r\nBcc: evil@x' },
      refused: ['HEADER_INJECTION', 'Subject'],
    },
    {
      fault: 'libmime 5.6: CRLF after an encoded-word is refused',
      entity: { Subject: 'é a\r\nBcc: evil@x' },
      refused: ['HEADER_INJECTION', 'Subject'],
    },
    { fault: 'libmime 5.6: NUL is refused', entity: to('a\0b'), refused: ['HEADER_INJECTION', 'To[0].Name'] },
    {
      fault: 'libmime 5.6, nodemailer 10.5: text that looks like an encoded-word stays that text',
      entity: {
        Subject: '=?utf-8?Q?=41?=',
        ...to('=?utf-8?B?YQ==?='),
        ...custom('X-Look', 'see =?utf-8?Q?=41?= there'),
      },
      check(wire) {
        expect(wire.field('Subject')).toBe('=?utf-8?B?PT91dGYtOD9RPz00MT89?=')
        expect(wire.entity.Subject).toBe('=?utf-8?Q?=41?=')
        expect(wire.entity.To[0]!.Name).toBe('=?utf-8?B?YQ==?=')
        expect(wire.entity.CustomHeaderList[0]!.Values).toEqual(['see =?utf-8?Q?=41?= there'])
      },
    },
    {
      fault: 'libmime 5.6: no encoded-word is glued to ASCII where NBSP follows a space',
      entity: { Subject: 'Hello \u00a0world', ...to('Hello \u00a0world') },
      check(wire) {
        expect(wire.field('Subject')).toBe('=?utf-8?Q?Hello_=C2=A0world?=')
        expect(wire.entity.To[0]!.Name).toBe('Hello \u00a0world')
      },
    },
    {
      fault: 'libmime 5.6: no quote is swallowed: "Smith, Jöhn" stays one mailbox',
      entity: {
        ...to('Smith, Jöhn'),
        Cc: [{ Name: '"Smith, Jöhn"', Address: 'cc@example.org' }],
        ...custom('Reply-To', '"Smith, Jöhn" <a@example.org>'),
      },
      check(wire) {
        expect(wire.field('Reply-To')).toBe('=?utf-8?B?U21pdGgsIErDtmhu?= <a@example.org>')
        expect(wire.entity.To.map(({ Name }) => Name)).toEqual(['Smith, Jöhn'])
        expect(wire.entity.Cc.map(({ Name }) => Name)).toEqual(['"Smith, Jöhn"'])
      },
    },
    {
      fault: 'ours: a quoted-string of List-Id is one encoded-word, its quotes are not torn apart',
      entity: custom('List-Id', '"Bårs liste" <liste.example.no>'),
      check(wire) {
        expect(wire.field('List-Id')).toBe('=?utf-8?Q?B=C3=A5rs_liste?= <liste.example.no>')
        const again = parseMessage(composeMessage(wire.entity, { draft: true }).toBytes()).entity
        expect(again.CustomHeaderList).toEqual(wire.entity.CustomHeaderList)
      },
    },
    {
      fault: 'libmime 5.6: a name of a field that leaves no room still gets whole characters',
      entity: custom(`X-${'N'.repeat(100)}`, '🙂'.repeat(20)),
      check: wire => expect(wire.entity.CustomHeaderList[0]!.Values).toEqual(['🙂'.repeat(20)]),
    },
    {
      fault: 'libmime 5.6 (not a defect): a lone surrogate becomes U+FFFD, not half a character',
      entity: { Subject: 'a\ud83d b' },
      check: wire => expect(wire.entity.Subject).toBe('a\ufffd b'),
    },
  ]
  testRows(rows, () => readers)
})

describe('addresses', () => {
  const rows: readonly Row[] = [
    {
      fault: 'Python: a local part is never an encoded-word: without SMTPUTF8 it is refused',
      entity: { To: [{ Address: 'ü@x.y' }] },
      refused: ['SMTPUTF8_REQUIRED', 'To[0].Address'],
    },
    {
      fault: 'Python, mimetext, mail-builder, go-message: a local part in UTF-8 is written as such with SMTPUTF8',
      entity: { To: [{ Address: 'ü@x.example', Name: 'Ü' }], Subject: 'ü' },
      options: { smtpUtf8: true },
      check(wire) {
        expect(Buffer.from(wire.octets).toString('utf8')).toContain('To: =?utf-8?B?w5w=?= <ü@x.example>\r\n')
        expect(wire.field('Subject')).toBe('=?utf-8?B?w7w=?=')
        expect(wire.message.envelope).toMatchObject({ to: ['ü@x.example'], smtpUtf8: true })
      },
    },
    {
      fault: 'nodemailer: headers without an address that needs it stay ASCII where SMTPUTF8 is allowed',
      entity: { ...to('Ü'), Subject: 'ü' },
      options: { smtpUtf8: true },
      check(wire) {
        expect(wire.text).not.toMatch(/[^\0-\x7f]/)
        expect(wire.message.envelope.smtpUtf8).toBe(false)
      },
    },
    {
      fault: 'mimetext, mail-builder, go-message, Python: an IDN domain is written as A-labels',
      entity: { To: [{ Address: 'a@bücher.example' }], From: { Address: 'from@blåbær.example' } },
      check(wire) {
        expect(wire.field('To')).toBe('a@xn--bcher-kva.example')
        expect(wire.message.envelope).toMatchObject({
          from: 'from@xn--blbr-roah.example',
          to: ['a@xn--bcher-kva.example'],
          smtpUtf8: false,
        })
      },
    },
    {
      fault: 'nodemailer#1814: a non-ASCII local part keeps its domain in UTF-8: no half of each',
      entity: { To: [{ Address: 'jõser@õ.example' }] },
      options: { smtpUtf8: true },
      check(wire) {
        expect(wire.message.envelope.to).toEqual(['jõser@õ.example'])
        expect(wire.entity.To[0]!.Address).toBe('jõser@õ.example')
      },
    },
    {
      fault: 'nodemailer#1814: a domain that Punycode refuses is an error, not user@undefined',
      entity: { To: [{ Address: 'user@xn--õ.example' }] },
      refused: ['ADDRESS_INVALID', 'To[0].Address'],
    },
    {
      fault: 'mimetext, go-message: the empty group stands where there is only Bcc',
      entity: { To: [], Bcc: [{ Address: 'bcc@example.org' }] },
      check: wire => expect(wire.field('To')).toBe('undisclosed-recipients:;'),
    },
    {
      fault: 'nodemailer: groups in groups of a custom address field are flattened to their mailboxes',
      entity: custom('Reply-To', 'A: a@example.org, B: "b, c" <b@example.org>;, d@example.org;'),
      check: wire => expect(wire.field('Reply-To')).toBe('a@example.org, "b, c" <b@example.org>, d@example.org'),
    },
    {
      fault: 'mimetext, mail-builder, Python: Bcc is not in the message, its recipients are in the envelope',
      entity: { Bcc: [{ Name: 'Hidden', Address: 'bcc@example.org' }] },
      check(wire) {
        expect(wire.text).not.toMatch(/bcc|hidden/i)
        expect(wire.message.envelope.to).toEqual(['to@example.org', 'bcc@example.org'])
      },
    },
    {
      fault: 'MimeKit, go-message: Bcc is written only where it is asked for',
      entity: { Bcc: [{ Name: 'Hidden', Address: 'bcc@example.org' }] },
      options: { bcc: 'keep' },
      check: wire => expect(wire.field('Bcc')).toBe('Hidden <bcc@example.org>'),
    },
    {
      fault: 'ours: bcc that is no choice is refused: the copy of a sent message would lose its Bcc',
      entity: {},
      options: { bcc: 'Keep' as never },
      refused: ['OPTION_INVALID', 'bcc'],
    },
    {
      fault: 'ours: messageId is what the field has, without blanks',
      entity: { MessageID: ' <x@example.org> ' },
      check(wire) {
        expect(wire.field('Message-ID')).toBe('<x@example.org>')
        expect(wire.message.messageId).toBe('<x@example.org>')
      },
    },
    {
      fault: 'mimetext: a generated Message-ID takes nothing from an address but a host name',
      entity: { MessageID: '', From: { Address: 'a@[127.0.0.1]' } },
      check: wire =>
        expect(wire.field('Message-ID')).toMatch(/^<[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}@localhost>$/),
    },
    {
      fault: 'mimetext: CRLF in From does not reach a generated Message-ID',
      entity: { MessageID: '', From: { Address: 'a@b\r\nX-Evil: 1' } },
      refused: ['HEADER_INJECTION', 'From.Address'],
    },
    {
      fault: 'mimetext: CRLF in an address is refused',
      entity: { To: [{ Address: 'a@b.org\r\nBcc: x@y.z' }] },
      refused: ['HEADER_INJECTION', 'To[0].Address'],
    },
    {
      fault: 'mimetext: CRLF in a custom header is refused',
      entity: custom('X-A', 'b\r\nBcc: x@y.z'),
      refused: ['HEADER_INJECTION', 'CustomHeaderList[0].Values[0]'],
    },
    {
      fault: 'mimetext: CRLF in a file name is refused',
      entity: attach({ Filename: 'a\r\nBcc: x@y.z' }),
      refused: ['HEADER_INJECTION', 'Attachments[0].Filename'],
    },
    {
      fault: 'MimeKit CVE-2026-30227: CRLF in a quoted local part is refused',
      entity: { To: [{ Address: '"a\r\nRCPT TO:<x>"@y.org' }] },
      refused: ['HEADER_INJECTION', 'To[0].Address'],
    },
    {
      fault: 'mail-builder: CRLF in the Subject is refused',
      entity: { Subject: 'Hello\r\nX-Inj: 1' },
      refused: ['HEADER_INJECTION', 'Subject'],
    },
    {
      fault: 'mail-builder: CRLF in a Content-Type is refused',
      entity: attach({ Type: 'text/plain\r\nX-Inj: 1' }),
      refused: ['HEADER_INJECTION', 'Attachments[0].Type'],
    },
    {
      fault: 'nodemailer: a Content-Type with CRLF is refused, not degraded to text/plainR: 1',
      entity: attach({ Type: 'text/plain\r\nR: 1' }),
      refused: ['HEADER_INJECTION', 'Attachments[0].Type'],
    },
  ]
  testRows(rows, () => readers)
})

describe('fields', () => {
  const priorities = [
    ['Highest', '1 (Highest)', 'High', 'urgent'],
    ['High', '2 (High)', 'High', 'urgent'],
    ['Normal', '3 (Normal)', 'Normal', 'normal'],
    ['Low', '4 (Low)', 'Low', 'non-urgent'],
    ['Lowest', '5 (Lowest)', 'Low', 'non-urgent'],
  ] as const
  const rows: readonly Row[] = [
    ...priorities.map(
      ([Priority, number, importance, urgency]): Row => ({
        fault: `nodemailer's MailComposer, mimetext, mail-builder, enmime, Python: Priority ${Priority} is written`,
        entity: { Priority },
        check(wire) {
          expect(wire.field('X-Priority')).toBe(number)
          expect(wire.field('Importance')).toBe(importance)
          expect(wire.field('Priority')).toBe(urgency)
        },
      }),
    ),
    {
      fault: 'mimetext, Python: In-Reply-To makes References grow by the message answered to',
      entity: { InReplyTo: { MessageId: '<parent@example.org>' } },
      options: { references: ['<root@example.org>', '<second@example.org>'] },
      check(wire) {
        expect(wire.field('In-Reply-To')).toBe('<parent@example.org>')
        expect(wire.field('References').split(/\s+/)).toEqual([
          '<root@example.org>',
          '<second@example.org>',
          '<parent@example.org>',
        ])
      },
    },
    {
      fault: 'ours: References has each identifier once, the message answered to last',
      entity: {
        InReplyTo: { MessageId: ' <b@example.org>' },
        ...custom('References', '<a@example.org> <b@example.org> <c@example.org>'),
      },
      options: { references: ['<a@example.org>', '<b@example.org>'] },
      check: wire => expect(wire.field('References')).toBe('<a@example.org> <c@example.org> <b@example.org>'),
    },
    {
      fault: 'enmime: fields are not sorted from A to Z, and custom ones keep their order',
      entity: {
        Subject: 's',
        CustomHeaderList: [
          { Name: 'X-Zulu', Values: ['1', '2'] },
          { Name: 'X-Alpha', Values: ['3'] },
          { Name: 'Received', Values: ['by a; Thu, 15 Jan 2026 11:00:00 +0000'] },
        ],
      },
      check: wire =>
        expect(wire.root.fields.map(({ name }) => name)).toEqual([
          'Received',
          'Date',
          'From',
          'To',
          'Subject',
          'Message-ID',
          'X-Zulu',
          'X-Zulu',
          'X-Alpha',
          'MIME-Version',
          'Content-Type',
          'Content-Transfer-Encoding',
        ]),
    },
    {
      fault: 'nodemailer 6.9.11: fields of the structure stand after all others, in the top header and in parts',
      entity: { ...custom('X-A', 'b'), ...attach({ Id: 'i@x', Description: 'd' }) },
      check(wire) {
        expect(wire.root.fields.at(-2)!.name).toBe('MIME-Version')
        expect(wire.root.fields.at(-1)!.name).toBe('Content-Type')
        for (const part of wire.parts) expect(part.fields.every(({ name }) => /^Content-/.test(name))).toBe(true)
      },
    },
  ]
  testRows(rows, () => readers)
})

test('libmime 5.6: 160,000 blanks in a row cost no seconds, in a header or a body', () => {
  const blanks = `${' '.repeat(160_000)}x`
  const start = performance.now()
  const wire = composeWire({ Subject: blanks, PlainBody: blanks, ...custom('X-Blanks', blanks) })
  expect(wire.entity.Subject).toBe(blanks)
  expect(wire.entity.PlainBody).toBe(blanks)
  expect(performance.now() - start).toBeLessThan(5000)
})

test('MimeKit Prepare: a message is right without a step that the caller could forget', () => {
  const message = composeMessage({ ...PLAIN_ENTITY, PlainBody: `ü${'x'.repeat(2000)}` })
  expect(Buffer.from(message.toBytes()).toString('latin1')).not.toMatch(/[^\0-\x7f]|[^\r\n]{999}/)
})
