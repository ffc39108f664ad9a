import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import type { EMailAddress, EMailEntityInput } from '../../src/entity/entity.ts'
import { composeMessage } from '../../src/message/compose.ts'
import { parseMessage } from '../../src/message/extract.ts'
import { forwardOf } from '../../src/message/forward.ts'
import { type ReplyOptions, replyTo } from '../../src/message/reply.ts'

const ME = { Address: 'me@example.no', Name: 'Me' }

const MAIL: EMailEntityInput = {
  From: { Address: 'kari@example.no', Name: 'Kari "K" <Nordmann>' },
  To: [ME, { Address: 'ola@example.org', Name: 'Ola' }],
  Cc: [{ Address: 'per@example.org' }, { Address: 'OLA@example.org' }],
  Subject: 'Årsmøte',
  Sent: '2023-06-02T14:13:40+02:00',
  MessageID: '<m3@example.no>',
  InReplyTo: { MessageId: '<m2@example.no>' },
  CustomHeaderList: [{ Name: 'References', Values: ['<m1@example.no>'] }],
  PlainBody: 'Hei\n\n> før\n',
}

function received(entity: EMailEntityInput) {
  return parseMessage(composeMessage(entity).toBytes())
}

function addresses(list: readonly EMailAddress[]): string[] {
  return list.map(({ Address }) => Address)
}

function header(Name: string, value: string): EMailEntityInput {
  return { ...MAIL, CustomHeaderList: [{ Name, Values: [value] }] }
}

describe('the subject', () => {
  test.each([
    ['Hello', 'Re: Hello'],
    ['Re: Hello', 'Re: Hello'],
    ['RE: Re:re : Hello', 'Re: Hello'],
    ['Sv: Hei', 'Re: Hei'],
    ['AW: Hallo', 'Re: Hallo'],
    ['VS: Hei', 'Re: Hei'],
    ['Antw: Hallo', 'Re: Hallo'],
    ['Re[2]: Hello', 'Re: Hello'],
    ['Re(3): Hello', 'Re: Hello'],
    ['Re^2: Hello', 'Re: Hello'],
    ['回复：你好', 'Re: 你好'],
    ['Sv: Re: Aw: Hei', 'Re: Hei'],
    ['Fw: Hello', 'Re: Fw: Hello'],
    ['Re: Fw: Re: Hello', 'Re: Fw: Re: Hello'],
    ['Report: Re: x', 'Re: Report: Re: x'],
    ['Ref: order 5', 'Re: Ref: order 5'],
    ['Re', 'Re: Re'],
    ['', 'Re:'],
    ['Re:', 'Re:'],
  ])('of "%s" is "%s"', (Subject, expected) => {
    expect(replyTo({ Subject }).Subject).toBe(expected)
  })

  test('a mebibyte of prefixes takes little time', () => {
    const start = performance.now()
    expect(replyTo({ Subject: `${'Re: '.repeat(250_000)}x` }).Subject).toBe('Re: x')
    expect(performance.now() - start).toBeLessThan(1000)
  })
})

describe('recipients', () => {
  test.each<[what: string, entity: EMailEntityInput, options: ReplyOptions, to: string[], cc: string[]]>([
    ['the author', MAIL, { from: ME }, ['kari@example.no'], []],
    [
      'all but oneself, each once',
      MAIL,
      { from: ME, all: true },
      ['kari@example.no', 'ola@example.org'],
      ['per@example.org'],
    ],
    [
      'all but oneself under every address',
      MAIL,
      { from: ME, aliases: ['Per@Example.org'], all: true },
      ['kari@example.no', 'ola@example.org'],
      [],
    ],
    ['Reply-To in place of From', header('Reply-To', 'L <list@x.org>, b@x.org'), {}, ['list@x.org', 'b@x.org'], []],
    [
      'Reply-To and the others',
      header('reply-to', 'list@x.org'),
      { all: true, from: ME },
      ['list@x.org', 'ola@example.org'],
      ['per@example.org'],
    ],
    [
      'Mail-Followup-To for all',
      header('Mail-Followup-To', 'list@x.org, me@example.no'),
      { all: true, from: ME },
      ['list@x.org'],
      [],
    ],
    ['Mail-Followup-To is not for one', header('Mail-Followup-To', 'list@x.org'), {}, ['kari@example.no'], []],
    ['Reply-To that is no address', header('Reply-To', 'nobody:;'), {}, ['kari@example.no'], []],
    [
      'where one wrote oneself: the same people',
      { ...MAIL, From: ME, To: [{ Address: 'ola@example.org' }] },
      { from: ME, all: true },
      ['ola@example.org'],
      ['per@example.org'],
    ],
    [
      'where one wrote to Cc alone: those',
      { From: ME, Cc: [{ Address: 'ola@example.org' }, ME] },
      { from: ME },
      ['ola@example.org'],
      [],
    ],
    [
      'where To has oneself and a name: Cc',
      { From: ME, To: [ME, { Name: 'Ola' }], Cc: [{ Address: 'per@example.org' }] },
      { from: ME, all: true },
      ['per@example.org'],
      [],
    ],
    ['a note to oneself', { From: ME, To: [ME] }, { from: ME }, ['me@example.no'], []],
    ['a note to oneself, to all', { From: ME, To: [ME], Cc: [ME] }, { from: ME, all: true }, ['me@example.no'], []],
    [
      'the same domain in Unicode and as A-labels',
      { From: { Address: 'a@x.org' }, Cc: [{ Address: 'b@blåbær.no' }, { Address: 'b@xn--blbr-roah.no' }] },
      { all: true },
      ['a@x.org'],
      ['b@blåbær.no'],
    ],
    ['nobody known', { To: [{ Name: 'Ola' }] }, { all: true }, [], []],
  ])('%s', (_, entity, options, to, cc) => {
    const reply = replyTo(entity, options)
    expect(addresses(reply.To)).toEqual(to)
    expect(addresses(reply.Cc)).toEqual(cc)
    expect(reply.Bcc).toEqual([])
  })

  test('keys of the CRM come along', () => {
    const From = { Address: 'kari@example.no', Name: 'Kari', PersonId: 7 }
    expect(replyTo({ From }).To).toMatchObject([{ PersonId: 7 }])
    expect(replyTo({ ...header('Reply-To', 'KARI@example.no'), From }).To).toMatchObject([{ PersonId: 7 }])
  })
})

describe('the thread', () => {
  test('InReplyTo is the message, References what led to it', () => {
    const source = received(MAIL)
    const reply = replyTo(source, { from: ME })
    expect(reply.InReplyTo).toMatchObject({
      MessageId: '<m3@example.no>',
      Subject: 'Årsmøte',
      Size: source.entity.Size,
    })
    expect(reply.InReplyTo?.From?.Address).toBe('kari@example.no')
    const header = Buffer.from(composeMessage(reply).toBytes()).toString().replace(/\r\n /g, ' ')
    expect(header).toContain('In-Reply-To: <m3@example.no>\r\n')
    expect(header).toContain('References: <m1@example.no> <m2@example.no> <m3@example.no>\r\n')
  })

  test('without References the parent alone: RFC 5322 §3.6.4', () => {
    const { CustomHeaderList } = replyTo({ ...MAIL, CustomHeaderList: [] })
    expect(CustomHeaderList).toMatchObject([{ Name: 'References', Values: ['<m2@example.no>'] }])
    expect(replyTo({}).CustomHeaderList).toEqual([])
  })

  test('identifiers that cannot be written do not keep the reply from being sent', () => {
    const source = parseMessage(
      'From: a@x.org\r\nMessage-ID: <no at sign>\r\nReferences: <bad> <good@x.org>\r\nIn-Reply-To: <worse>\r\n\r\nHi',
    )
    const reply = replyTo(source, { from: ME })
    expect(composeMessage(reply).envelope.to).toEqual(['a@x.org'])
    expect(reply.CustomHeaderList[0]?.Values).toEqual(['<good@x.org>'])
  })

  test('an endless thread keeps its start and its end', () => {
    const ids = Array.from({ length: 5000 }, (_, index) => `<${index}@x.org>`)
    const reply = replyTo({ CustomHeaderList: [{ Name: 'References', Values: [ids.join(' ')] }] })
    const kept = reply.CustomHeaderList[0]!.Values[0]!.split(' ')
    expect(kept).toEqual(['<0@x.org>', ...ids.slice(-99)])
  })
})

describe('the text', () => {
  test('is quoted line by line', () => {
    expect(replyTo(received(MAIL)).PlainBody).toBe(
      'On 2023-06-02 14:13 +02:00, "Kari \\"K\\" <Nordmann>" <kari@example.no> wrote:\n> Hei\n>\n> > før\n',
    )
    expect(replyTo(received(MAIL)).HTMLBody).toBe('')
  })

  test.each([
    [{ PlainBody: 'a\r\nb\rc' }, 'somebody wrote:\n> a\n> b\n> c\n'],
    [{ PlainBody: '' }, 'somebody wrote:\n'],
    [{ PlainBody: '\n\nx' }, 'somebody wrote:\n>\n>\n> x\n'],
    [{ Sent: '2023-06-02T12:00:00.1234567Z', PlainBody: 'x' }, 'On 2023-06-02 12:00 UTC, somebody wrote:\n> x\n'],
    [{ HTMLBody: '<p>x', PlainBody: '' }, ''],
  ])('%j', (entity, expected) => {
    expect(replyTo(entity).PlainBody).toBe(expected)
  })

  test('HTML stays as it is, character for character, in a blockquote', () => {
    const HTMLBody =
      '<html><body onload="x()"><script>alert(1)</script>\n<p>Hei &amp; hå\n</blockquote>$&</body></html>'
    const { HTMLBody: quoted } = replyTo({ ...MAIL, HTMLBody })
    const [before, after] = quoted.split(HTMLBody)
    expect(before).toBe(
      '<div>On 2023-06-02 14:13 +02:00, &quot;Kari \\&quot;K\\&quot; &lt;Nordmann&gt;&quot; &lt;kari@example.no&gt; wrote:</div>\n<blockquote type="cite">\n',
    )
    expect(after).toBe('\n</blockquote>\n')
  })

  test('a name is no HTML, and no second line', () => {
    const Name = '<img src=x onerror=alert(1)>\r\n\u2028Bcc: '
    const { HTMLBody, PlainBody } = replyTo({ From: { Name, Address: "a'b@x.org" }, HTMLBody: 'x', PlainBody: 'x' })
    expect(HTMLBody).toMatch(/^<div>[^<>]*<\/div>\n<blockquote/)
    expect(PlainBody.split('\n')).toHaveLength(3)
  })

  test('the attribution can be another', () => {
    const { PlainBody, HTMLBody } = replyTo({ PlainBody: 'x', HTMLBody: 'x' }, { attribution: 'Kari <k> skrev:' })
    expect(PlainBody).toBe('Kari <k> skrev:\n> x\n')
    expect(HTMLBody).toContain('<div>Kari &lt;k&gt; skrev:</div>')
  })
})

describe('attachments', () => {
  const image = { Id: 'logo@x', Filename: 'logo.png', Type: 'image/png', Stream: Uint8Array.of(1, 2, 3) }
  const file = { Filename: 'a.pdf', Stream: Uint8Array.of(4) }
  const source = { ...MAIL, HTMLBody: '<img src="cid:logo@x">', Attachments: [image, file] }

  test('images that the HTML shows stay, files do not', () => {
    const reply = replyTo(received(source), { from: ME })
    expect(reply.Attachments.map(({ Filename }) => Filename)).toEqual(['logo.png'])
    const again = received(reply).entity
    expect(again.Attachments).toMatchObject([{ Id: 'logo@x', Disposition: 'inline', Stream: image.Stream }])
    expect(again.HTMLBody).toBe(reply.HTMLBody)
  })

  test('contents are not decoded for it', () => {
    const { entity } = parseMessage(composeMessage(source).toBytes(), { attachments: 'lazy' })
    for (const attachment of entity.Attachments) {
      const get = () => expect.fail('was decoded')
      Object.defineProperty(attachment, 'Stream', { enumerable: true, configurable: true, get })
    }
    expect(replyTo(entity).Attachments).toHaveLength(1)
  })
})

describe('the source', () => {
  test('stays as it is', () => {
    const { entity } = received(MAIL)
    const before = structuredClone(entity)
    const reply = replyTo(entity, { all: true })
    reply.To[0]!.Name = 'changed'
    expect(entity).toEqual(before)
  })

  test.each<[path: string, source: unknown]>([
    ['', null],
    ['', { root: {}, entity: null }],
    ['To', { To: 5 }],
    ['To[0]', { To: [null] }],
    ['Cc[1].Name', { Cc: [{}, { Name: 5 }] }],
    ['From', { From: 5 }],
    ['From.Address', { From: { Address: 5 } }],
    ['Attachments[0]', { Attachments: [null] }],
    ['Attachments[0].Id', { Attachments: [{ Id: 5 }] }],
    ['CustomHeaderList[0]', { CustomHeaderList: [null] }],
    ['CustomHeaderList[0].Name', { CustomHeaderList: [{ Name: 5 }] }],
    ['CustomHeaderList[0].Values', { CustomHeaderList: [{ Name: 'X', Values: 'x' }] }],
    ['CustomHeaderList[0].Values[0]', { CustomHeaderList: [{ Name: 'References', Values: [5] }] }],
    ['InReplyTo', { InReplyTo: 5 }],
    ['InReplyTo.MessageId', { InReplyTo: { MessageId: 5 } }],
  ])('is refused for its %s', (path, source) => {
    for (const answer of [replyTo, forwardOf]) {
      expect(() => answer(source as never)).toThrow(expect.objectContaining({ code: 'TYPE_INVALID', path }))
    }
  })

  test('a wrong one is refused', () => {
    for (const source of [null, 5, { To: 5 }, { Subject: 5 }, { CustomHeaderList: 'x' }]) {
      expect(() => replyTo(source as never)).toThrow(expect.objectContaining({ code: 'TYPE_INVALID' }))
    }
  })
})
