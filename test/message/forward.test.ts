import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { latin1Bytes } from '../../src/codec/bytes.ts'
import type { EMailEntityInput } from '../../src/entity/entity.ts'
import { composeMessage } from '../../src/message/compose.ts'
import { parseMessage } from '../../src/message/extract.ts'
import { parseMessageStream } from '../../src/message/extract-stream.ts'
import { forwardOf } from '../../src/message/forward.ts'

const ME = { Address: 'me@example.no', Name: 'Me' }

const MAIL: EMailEntityInput = {
  From: { Address: 'kari@example.no', Name: 'Kari' },
  To: [{ Address: 'a@x.org', Name: '<A>' }, { Address: 'b@x.org' }],
  Bcc: [{ Address: 'secret@x.org' }],
  Subject: 'Tilbud: "A/B"',
  Sent: '2023-06-02T14:13:40+02:00',
  MessageID: '<m2@example.no>',
  InReplyTo: { MessageId: '<m1@example.no>' },
  PlainBody: 'Hei\n\nKari\n',
  HTMLBody: '<p>Hei <img src="cid:logo@x"></p>',
  Attachments: [
    { Id: 'logo@x', Filename: 'logo.png', Type: 'image/png', Stream: Uint8Array.of(1, 2, 3) },
    { Filename: 'a.pdf', Stream: Uint8Array.of(4) },
  ],
}

describe('the subject', () => {
  test.each([
    ['Hello', 'Fw: Hello'],
    ['Fw: Hello', 'Fw: Hello'],
    ['FWD: Fw: Hello', 'Fw: Hello'],
    ['VS: Hei', 'Fw: Hei'],
    ['Vb: Hej', 'Fw: Hej'],
    ['WG: Hallo', 'Fw: Hallo'],
    ['Sv: Hei', 'Fw: Sv: Hei'],
    ['Re: Fw: Hello', 'Fw: Re: Fw: Hello'],
    ['', 'Fw:'],
  ])('of "%s" is "%s"', (Subject, expected) => {
    expect(forwardOf({ Subject }).Subject).toBe(expected)
    expect(forwardOf({ Subject }, { as: 'attachment' }).Subject).toBe(expected)
  })
})

describe('inline', () => {
  const forward = forwardOf(parseMessage(composeMessage(MAIL).toBytes()), { from: ME })

  test('quotes the header and the text', () => {
    expect(forward.PlainBody).toBe(
      [
        '---------- Forwarded message ----------',
        'From: Kari <kari@example.no>',
        'Date: 2023-06-02 14:13 +02:00',
        'Subject: Tilbud: "A/B"',
        'To: "<A>" <a@x.org>, b@x.org',
        '',
        '> Hei',
        '>',
        '> Kari',
        '',
      ].join('\n'),
    )
    expect(forward.HTMLBody).toContain('To: &quot;&lt;A&gt;&quot; &lt;a@x.org&gt;, b@x.org<br>\n')
    expect(forward.HTMLBody).toContain(`<blockquote type="cite">\n${MAIL.HTMLBody}\n</blockquote>`)
  })

  test('takes every attachment along, and no recipient', () => {
    const sent = parseMessage(composeMessage({ ...forward, To: [{ Address: 'new@x.org' }] }).toBytes()).entity
    expect(sent.Attachments).toMatchObject([
      { Id: 'logo@x', Disposition: 'inline', Stream: Uint8Array.of(1, 2, 3) },
      { Filename: 'a.pdf', Stream: Uint8Array.of(4) },
    ])
    expect([forward.To, forward.Cc, forward.Bcc]).toEqual([[], [], []])
  })

  test('is in the thread and no reply', () => {
    expect(forward.InReplyTo).toBeNull()
    expect(forward.CustomHeaderList).toMatchObject([
      { Name: 'References', Values: ['<m1@example.no> <m2@example.no>'] },
    ])
  })

  test('the heading can be another', () => {
    expect(forwardOf(MAIL, { heading: 'Videresendt:' }).PlainBody).toMatch(/^Videresendt:\nFrom: /)
  })
})

describe('as an attachment', () => {
  const send = (forward: EMailEntityInput) =>
    parseMessage(composeMessage({ ...forward, From: ME, To: [{ Address: 'new@x.org' }] }).toBytes()).entity

  test('the message is enclosed octet for octet', () => {
    const octets = composeMessage(MAIL).toBytes()
    const forward = forwardOf(parseMessage(octets), { as: 'attachment', from: ME })
    expect(forward.Attachments).toHaveLength(1)
    const [file] = send(forward).Attachments
    expect(file).toMatchObject({ Type: 'message/rfc822', Filename: 'Tilbud A B.eml', Disposition: 'attachment' })
    expect(Buffer.from(file!.Stream!).equals(octets)).toBe(true)
    expect(forward.PlainBody + forward.HTMLBody).toBe('')
    expect(forward.CustomHeaderList[0]!.Values[0]).toContain('<m2@example.no>')
  })

  test('of an entity what composing makes of it', () => {
    const [file] = send(forwardOf(MAIL, { as: 'attachment' })).Attachments
    const { entity } = parseMessage(file!.Stream!)
    expect(entity).toMatchObject({ Subject: MAIL.Subject, MessageID: MAIL.MessageID, Bcc: [] })
    expect(entity.Attachments).toHaveLength(2)
    expect(forwardOf({}, { as: 'attachment' }).Attachments[0]!.Filename).toBe('message.eml')
  })

  test.each(['\r\n', '\n', '\r'])('Bcc and the archive stay at home, lines ending with %j', lineBreak => {
    const lines = [
      'Bcc: secret@x.org,',
      ' other@secret.org',
      'From: a@x.org',
      'X-Mimecal-Archive: c2VjcmV0',
      'resent-bcc: secret@x.org',
      'Subject: x',
      '',
      'Bcc: body@x.org',
      '',
    ]
    const source = parseMessage(lines.join(lineBreak))
    const [file] = forwardOf(source, { as: 'attachment' }).Attachments
    expect(Buffer.from(file!.Stream!).toString()).toBe(
      ['From: a@x.org', 'Subject: x', '', 'Bcc: body@x.org', ''].join(lineBreak),
    )
  })

  test('a message that no line can carry goes as a file', () => {
    const source = parseMessage(`From: a@x.org\r\n\r\n${'x'.repeat(2000)}\r\n`)
    const forward = forwardOf(source, { as: 'attachment' })
    expect(forward.Attachments[0]!.Type).toBe('application/octet-stream')
    expect(Buffer.from(send(forward).Attachments[0]!.Stream!).equals(source.root.octets)).toBe(true)
  })

  test('a message of which a stream kept only a part is not enclosed in part', async () => {
    const octets = composeMessage({
      ...MAIL,
      Attachments: [{ Filename: 'big.bin', Stream: new Uint8Array(300_000) }],
    }).toBytes()
    const whole = await parseMessageStream(chunksOf(octets))
    expect(forwardOf(whole, { as: 'attachment' }).Attachments[0]!.Size).toBe(octets.length)
    const partial = await parseMessageStream(chunksOf(octets), { onAttachment: () => {} })
    expect(() => forwardOf(partial, { as: 'attachment' })).toThrow(expect.objectContaining({ code: 'CONTENT_MISSING' }))
  })

  test('another way is refused', () => {
    expect(() => forwardOf(MAIL, { as: 'quote' as never })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })

  test('eight-bit octets are kept', () => {
    const octets = latin1Bytes('From: a@x.org\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nbl\xe5b\xe6r\r\n')
    const [file] = send(forwardOf(parseMessage(octets), { as: 'attachment' })).Attachments
    expect(Buffer.from(file!.Stream!).equals(octets)).toBe(true)
  })
})

async function* chunksOf(octets: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < octets.length; start += 65_536) yield octets.subarray(start, start + 65_536)
}
