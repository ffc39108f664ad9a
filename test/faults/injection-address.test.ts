/**
 * Addresses, display names and text that looks like an encoded-word: nobody else than the entity says gets the message,
 * or is shown as who sent it. The vectors are those of published faults of other libraries, and their kin.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openReaders, type Readers } from '../conformance/readers.ts'
import { custom } from './attack.ts'
import { attach, expectRefused, PLAIN_ENTITY, type Row, refusalOf, testRows } from './wire.ts'

let readers: Readers
beforeAll(() => {
  readers = openReaders()
})
afterAll(() => readers.close())

describe('addresses that other libraries sent elsewhere', () => {
  const refused = [
    '"a"@evil.com"@good.com',
    'user@good.com(a)evil@x.y',
    'user@good.com(c)',
    '"q"@x.org (c)text',
    'N <user@good.com(c)>',
    'N <user@good.com>',
    'user@good.com (c1 (nested) evil@x.y)',
    '(a (b) evil@x.y) user@good.com',
    'a@good.com .evil.com',
    'a@good.com(c).evil.com',
    'a@evil.com@good.com',
    'user@x.y>',
    '<user@x.y',
    '"unterminated <a@b.c>',
    'user name@x.y',
    'a@b.org, c@d.org',
    'a@b.org;c@d.org',
    'G: a@b.org;',
    'G: "a;b" <x@good.com>, c@d.e;',
    'undisclosed-recipients:;',
    'a(c)a(c)a(c)@x.org',
    '@route.org:a@b.org',
    '@b.org',
    'a@',
    'a',
    '@',
    '.a@b.org',
    'a.@b.org',
    'a..b@b.org',
    'a@b..org',
    'a@b.org.',
    'a@.b.org',
    'a@-b.org',
    'a@b org',
    'a@b.org?cc=evil@x.y',
    'a@b.org#',
    'a@b.org/',
    'a@b.org:25',
    'a@[x@evil.com]',
    'a@[192.0.2.1',
    'a@[192.0.2.1]evil.com',
    'a@=?utf-8?Q?evil?=.org',
    'a@evil.com\uff0fgood.org',
    'a@evil.com\uff20good.org',
    'a@evil.com\uff1fgood.org',
    'a@b\u2028.org',
    'a@xn--\u00e5.org',
  ]
  test.each(refused)('%j is refused', Address => {
    expectRefused({ ...PLAIN_ENTITY, To: [{ Address }] }, { smtpUtf8: true }, 'ADDRESS_INVALID', 'To[0].Address')
    expectRefused({ ...PLAIN_ENTITY, From: { Address } }, {}, 'ADDRESS_INVALID', 'From.Address')
  })

  const misread: readonly (readonly [address: string, why: string])[] = [
    ['=?utf-8?Q?=41?=@x.org', 'mailparser and Python read A@x.org'],
    ['a\u2028b@x.org', 'a line break for some, which mailparser takes for one'],
    ['a\ud800@x.org', 'the header has U+FFFD in its place, the envelope has not'],
  ]
  for (const [Address, why] of misread) {
    test(`${JSON.stringify(Address)} is refused: ${why}`, () => {
      expectRefused({ ...PLAIN_ENTITY, To: [{ Address }] }, { smtpUtf8: true }, 'ADDRESS_INVALID', 'To[0].Address')
    })
  }

  const kept = [
    '"xclow3n@gmail.com x"@internal.example',
    '"a@evil.com x"@good.com',
    '"a@evil.com"@good.com',
    '"-OQueueDirectory=/tmp x"@x.org',
    '-bi@x.org',
    '"a\\"b"@x.org',
    '"a,b;c:d"@x.org',
    'a@[192.0.2.1]',
    'a@[IPv6:2001:db8::1]',
  ]
  testRows(
    kept.map(
      (Address): Row => ({
        fault: `${JSON.stringify(Address)} is one mailbox, in the header and in the envelope`,
        entity: { To: [{ Name: 'N', Address }, { Address: 'second@example.org' }] },
        check(wire) {
          expect(wire.message.envelope.to).toEqual([Address, 'second@example.org'])
          expect(wire.entity.To.map(to => to.Address)).toEqual([Address, 'second@example.org'])
        },
      }),
    ),
    () => readers,
  )

  test('a custom field of addresses takes no more than To does', () => {
    const values = ['"a"@evil.com"@good.com', 'user@good.com(a)evil@x.y', 'a@evil.com@good.com', 'a@b.org, junk', '(((']
    for (const value of values) {
      const { code } = refusalOf({ ...PLAIN_ENTITY, ...custom('Reply-To', value) }, {})
      expect(code).toMatch(/^ADDRESS_/)
    }
  })

  test('several mailboxes in Sender are refused', () => {
    const entity = custom('Sender', 'a@example.org', 'b@example.org')
    expectRefused({ ...PLAIN_ENTITY, ...entity }, {}, 'ADDRESS_INVALID', 'CustomHeaderList[0].Values[0]')
  })
})

describe('display names', () => {
  const names = [
    'evil@example.com',
    '<evil@example.com>',
    'a, evil@example.com',
    'a; evil@example.com',
    'G: evil@example.com;',
    'x" <evil@example.com>',
    'x\\" <evil@example.com>',
    '"',
    '\\',
    'x\\',
    '(c',
    ')',
    'a@evil.com (',
    ':;',
    '=?utf-8?B?dGVzdEBldmlsLmNv?=',
    '=?utf-8?Q?=22_=3Cevil=40example=2Ecom=3E=2C?=',
    '=?utf-8?Q?a?= =?utf-8?Q?b?=',
    'x =?utf-8?Q?=0D=0ABcc=3A_evil?=',
    '=?',
    'a\u2028b',
    'a\u0085b',
    '\u202eecilA',
  ]
  testRows(
    names.map(
      (Name): Row => ({
        fault: `${JSON.stringify(Name)} stays the name of one mailbox`,
        entity: {
          To: [
            { Name, Address: 'to@example.org' },
            { Name: 'b', Address: 'b@example.org' },
          ],
        },
        check(wire) {
          expect(wire.message.envelope.to).toEqual(['to@example.org', 'b@example.org'])
          expect(wire.entity.To.map(to => [to.Name, to.Address])).toEqual([
            [Name, 'to@example.org'],
            ['b', 'b@example.org'],
          ])
        },
      }),
    ),
    () => readers,
  )
})

describe('text that looks like an encoded-word, in every place where one could stand', () => {
  const LOOK = 'see =?utf-8?Q?=0D=0ABcc=3A_evil=40x=2Ey?= here'
  const WORD = '=?utf-8?Q?=41?='
  const rows: readonly Row[] = [
    { fault: 'Subject', entity: { Subject: LOOK }, check: ({ entity }) => expect(entity.Subject).toBe(LOOK) },
    {
      fault: 'names of From, To and Cc',
      entity: {
        From: { Name: LOOK, Address: 'from@example.org' },
        To: [{ Name: LOOK, Address: 'to@example.org' }],
        Cc: [{ Name: WORD, Address: 'cc@example.org' }],
      },
      check: ({ entity }) =>
        expect([entity.From!.Name, entity.To[0]!.Name, entity.Cc[0]!.Name]).toEqual([LOOK, LOOK, WORD]),
    },
    {
      fault: 'a custom header that is text',
      entity: custom('X-A', LOOK, WORD),
      check: ({ entity }) => expect(entity.CustomHeaderList[0]!.Values).toEqual([LOOK, WORD]),
    },
    {
      fault: 'a custom header of addresses',
      entity: custom('Reply-To', `"${LOOK}" <a@example.org>`),
      check: ({ entity }) => expect(entity.CustomHeaderList[0]!.Values).toEqual([`${LOOK} <a@example.org>`]),
    },
    {
      fault: 'a custom header with a grammar of its own',
      entity: custom('List-Id', `${WORD} <list.example.org>`),
      check: ({ entity }) => expect(entity.CustomHeaderList[0]!.Values).toEqual([`${WORD} <list.example.org>`]),
    },
    {
      fault: 'Filename',
      entity: attach({ Filename: `${WORD}.txt` }),
      check(wire) {
        expect(wire.entity.Attachments[0]!.Filename).toBe(`${WORD}.txt`)
        expect(wire.field('Content-Disposition', wire.part('application/x-test'))).not.toContain('=?')
      },
    },
    {
      fault: 'Description',
      entity: attach({ Description: LOOK }),
      check: ({ entity }) => expect(entity.Attachments[0]!.Description).toBe(LOOK),
    },
    {
      fault: 'Disposition',
      entity: attach({ Disposition: WORD }),
      check: ({ entity }) => expect(entity.Attachments[0]!.Disposition).toBe('attachment'),
    },
    {
      fault: 'a media type',
      entity: attach({ Type: '=?utf-8?Q?text/plain?=' }),
      refused: ['CONTENT_TYPE_INVALID', 'Attachments[0].Type'],
    },
    {
      fault: 'a domain',
      entity: { To: [{ Address: `a@${WORD}.org` }] },
      refused: ['ADDRESS_INVALID', 'To[0].Address'],
    },
    {
      fault: 'the texts of bodies',
      entity: { PlainBody: LOOK, HTMLBody: LOOK },
      check: ({ entity }) => expect([entity.PlainBody, entity.HTMLBody]).toEqual([LOOK, LOOK]),
    },
  ]
  testRows(rows, () => readers)
})
