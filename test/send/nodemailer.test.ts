/** The whole way with real parts on loopback: JSON -> sendEMails -> nodemailer -> smtp-server. */
import { Buffer } from 'node:buffer'
import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { createTransport } from 'nodemailer'
import { afterEach, describe, expect, test } from 'vitest'
import { type EMailEntityInput, emptyAddress } from '../../src/entity/entity.ts'
import { sendRequestFromJson } from '../../src/entity/json.ts'
import { parseMessage } from '../../src/message/extract.ts'
import {
  nodemailerOptions,
  nodemailerTransport,
  SendError,
  type SentItems,
  sendEMails,
  type Transport,
} from '../../src/send/index.ts'
import { octetsOf } from '../../src/send/transport.ts'
import { type SmtpRules, type SmtpWorld, startSmtp } from './smtp-world.ts'

const closing: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

interface World {
  readonly smtp: SmtpWorld
  readonly transport: Transport
}

async function open(rules: SmtpRules = {}, pool?: { maxConnections: number }): Promise<World> {
  const smtp = await startSmtp(rules)
  closing.push(() => smtp.close())
  const server = { host: '127.0.0.1', port: smtp.port, ignoreTLS: true }
  const transporter = pool === undefined ? createTransport(server) : createTransport({ ...server, ...pool, pool: true })
  closing.push(() => transporter.close())
  return { smtp, transport: nodemailerTransport(transporter) }
}

function email(index: number, more: EMailEntityInput = {}): EMailEntityInput {
  return { From: { Address: 'me@x.org' }, To: [{ Address: `to${index}@x.org` }], Subject: `Mail ${index}`, ...more }
}

async function refusalOf(promise: Promise<unknown>): Promise<SendError> {
  const error: unknown = await promise.catch((reason: unknown) => reason)
  if (!(error instanceof SendError)) throw error
  return error
}

const FILE = Buffer.from(Array.from({ length: 5000 }, (_, index) => index % 256))

/** As a client of the API sends it. */
const REQUEST = JSON.stringify({
  OutgoingConnectionInfo: null,
  Emails: [
    {
      From: { Name: 'Kari Nordmann', Address: 'kari@example.no', PersonId: 7 },
      To: [{ Name: 'Ola', Address: 'ola@example.org' }],
      Cc: [{ Address: 'per@blåbær.no' }],
      Bcc: [{ Name: 'Secret', Address: 'secret@example.org' }],
      Subject: 'Årsmøte 🎉',
      Sent: '2023-06-02T14:13:40.2660122+02:00',
      Priority: 'High',
      MessageID: '<m1@example.no>',
      InReplyTo: { MessageId: '<m0@example.no>' },
      PlainBody: 'Hei\n.\n..dots\nFrom here\n',
      HTMLBody: '<p>Hei <img src="cid:logo@x"></p>',
      Attachments: [
        { Id: 'logo@x', Filename: 'logo.png', Type: 'image/png', Stream: 'iVBORw0KGgo=' },
        { Filename: 'rapport år.bin', Type: 'application/x-thing', Stream: FILE.toString('base64') },
      ],
      CustomHeaderList: [{ Name: 'X-Case', Values: ['5'] }],
    },
  ],
  SentItemsConnectionInfo: { Folder: 'Sendt' },
})

describe('a request of the API', () => {
  test('arrives as the same entity: Bcc gets it, is not in it, and is in the copy', async () => {
    const { smtp, transport } = await open()
    const copies: Uint8Array[] = []
    const sentItems: SentItems = { append: async ({ message }) => copies.push(await octetsOf(message)) }
    const request = sendRequestFromJson(REQUEST)
    const [sent] = await sendEMails(request, { transport, sentItems })
    const [mail] = smtp.received
    expect(mail!.from).toBe('kari@example.no')
    // smtp-server shows the A-labels of RCPT TO as Unicode.
    expect(mail!.to).toEqual(['ola@example.org', 'per@blåbær.no', 'secret@example.org'])
    expect(mail!.octets.toString('latin1')).not.toMatch(/bcc|secret/i)

    const { entity, defects } = parseMessage(mail!.octets)
    const [given] = request.Emails
    expect(defects).toEqual([])
    for (const property of ['Subject', 'PlainBody', 'HTMLBody', 'Priority', 'MessageID', 'CustomHeaderList'] as const) {
      expect(entity[property], property).toEqual(given![property])
    }
    expect(entity.From).toEqual(emptyAddress('kari@example.no', 'Kari Nordmann'))
    expect(entity.To).toEqual(given!.To)
    expect(entity.Cc).toEqual([emptyAddress('per@xn--blbr-roah.no', '')])
    expect(entity.Sent).toBe('2023-06-02T14:13:40+02:00')
    expect(entity.InReplyTo?.MessageId).toBe('<m0@example.no>')
    const contents = entity.Attachments.map(({ Filename, Type, Stream }) => ({ Filename, Type, Stream }))
    expect(contents).toEqual(given!.Attachments.map(({ Filename, Type, Stream }) => ({ Filename, Type, Stream })))

    const copy = parseMessage(copies[0]!).entity
    expect(copy).toEqual({ ...entity, Size: copy.Size, Bcc: given!.Bcc })
    expect(sent).toMatchObject({ MessageID: '<m1@example.no>', Size: mail!.octets.length, IsSent: true, Flags: 'Seen' })
    expect(sent!.From!.PersonId).toBe(7)
  })

  test('the server that the request names', async () => {
    const { smtp } = await open()
    const request = { Emails: [email(0)], OutgoingConnectionInfo: { ServerName: `127.0.0.1:${smtp.port}` } }
    const transport = nodemailerTransport(connection => createTransport(nodemailerOptions(connection!)))
    await sendEMails(request, { transport })
    expect(smtp.received).toHaveLength(1)
  })

  test('UseSSL against a server without TLS sends nothing', async () => {
    const { smtp } = await open()
    const info = { ServerName: `127.0.0.1:${smtp.port}`, UseSSL: true, UserName: 'u', Password: 'p' }
    const transport = nodemailerTransport(connection => createTransport(nodemailerOptions(connection!)))
    const error = await refusalOf(sendEMails({ Emails: [email(0)], OutgoingConnectionInfo: info }, { transport }))
    expect(error.failed).toHaveLength(1)
    expect(smtp.received).toHaveLength(0)
  })
})

describe('octets', () => {
  test('a local part that needs quotes goes to nobody else', async () => {
    const { smtp, transport } = await open()
    const quoted = ['"a, b"@x.org', '"evil@y.org "@x.org']
    const To = [...quoted, "o'neil+tag@x.org"].map(Address => ({ Address }))
    const sent = await sendEMails({ Emails: [email(0, { To })] }, { transport })
    expect(smtp.received[0]!.to).toEqual(["o'neil+tag@x.org"])
    // smtp-server takes no quoted-string; what it was asked is what the e-mail says.
    expect(sent.warnings.map(({ address }) => address)).toEqual(quoted)
  })

  test('a big message, and one from a stream, arrive octet for octet', async () => {
    const { smtp, transport } = await open()
    const big = new Uint8Array(3_000_000).map((_, index) => (index * 7) % 256)
    async function* stream(): AsyncGenerator<Uint8Array> {
      for (let start = 0; start < big.length; start += 100_000) yield big.subarray(start, start + 100_000)
    }
    const Emails = [big, stream(), stream].map((Stream, index) => email(index, { Attachments: [{ Stream }] }))
    const sent = await sendEMails({ Emails }, { transport })
    for (const [index, { octets }] of smtp.received.entries()) {
      expect(Buffer.from(parseMessage(octets).entity.Attachments[0]!.Stream!).equals(big)).toBe(true)
      expect(sent[index]!.Size).toBe(octets.length)
    }
  })

  test('a stream of stated Size arrives, though the message is small enough to be sent at once', async () => {
    const { smtp, transport } = await open()
    async function* generator(): AsyncGenerator<Uint8Array> {
      yield FILE
    }
    const streams = [Readable.from([FILE]), new Blob([FILE]).stream(), generator()]
    const Emails = streams.map((Stream, index) => email(index, { Attachments: [{ Stream, Size: FILE.length }] }))
    const sent = await sendEMails({ Emails }, { transport })
    expect(sent.map(({ Size }) => Size)).toEqual(smtp.received.map(({ octets }) => octets.length))
    for (const { octets } of smtp.received) {
      expect(FILE.equals(parseMessage(octets).entity.Attachments[0]!.Stream!)).toBe(true)
    }
  })

  test('a stream that fails on the way: nothing arrives, and it is not reported as sent', async () => {
    const { smtp, transport } = await open()
    async function* stream(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(200_000)
      throw new Error('the disk is gone')
    }
    const Emails = [email(0, { Attachments: [{ Stream: stream() }] })]
    const error = await refusalOf(sendEMails({ Emails }, { transport }))
    expect(error.failed.map(({ index }) => index)).toEqual([0])
    await wait(50)
    expect(smtp.received).toEqual([])
  })
})

describe('failures', () => {
  const bad = new Set([3, 77, 120, 199].map(index => `to${index}@x.org`))

  test.each([1, 8])('of 200 e-mails the 4 with a wrong recipient fail, no other: %i at a time', async concurrency => {
    const pool = { maxConnections: concurrency }
    const { smtp, transport } = await open({ refuses: address => bad.has(address) }, pool)
    const Emails = Array.from({ length: 200 }, (_, index) => email(index))
    const error = await refusalOf(sendEMails({ Emails }, { transport, concurrency, onFailure: 'continue' }))
    expect(error.failed.map(({ index }) => index)).toEqual([3, 77, 120, 199])
    for (const failure of error.failed) expect(failure.error).toMatchObject({ responseCode: 550 })
    expect(error.sent).toHaveLength(196)
    expect(error.notAttempted).toEqual([])
    const arrived = smtp.received.map(({ octets }) => parseMessage(octets).entity.MessageID)
    expect(arrived.toSorted()).toEqual(error.sent.map(({ MessageID }) => MessageID).toSorted())
  })

  test('of one recipient among others: sent, with a warning', async () => {
    const { smtp, transport } = await open({ refuses: address => bad.has(address) })
    const To = [{ Address: 'to3@x.org' }, { Address: 'to4@x.org' }]
    const sent = await sendEMails({ Emails: [email(0, { To })] }, { transport })
    expect(smtp.received[0]!.to).toEqual(['to4@x.org'])
    expect(sent.warnings).toMatchObject([{ code: 'RECIPIENT_REJECTED', index: 0, address: 'to3@x.org' }])
    expect(sent.warnings[0]!.error).toMatchObject({ responseCode: 550 })
  })

  test.each(['stop', 'continue'] as const)(
    'the server dies in the middle, %s: what was sent is told',
    async onFailure => {
      const world: { close?: () => Promise<void> } = {}
      const { smtp, transport } = await open({
        onMail: (_, count) => {
          if (count === 5) void world.close!()
        },
      })
      world.close = () => smtp.close()
      const Emails = Array.from({ length: 12 }, (_, index) => email(index))
      const error = await refusalOf(sendEMails({ Emails }, { transport, onFailure }))
      const indexes = [...error.sentIndexes, ...error.failed.map(({ index }) => index), ...error.notAttempted]
      expect(indexes.toSorted((a, b) => a - b)).toEqual(Emails.map((_, index) => index))
      // The fifth arrived; whether its answer came through is a race, and either report of it is honest.
      expect([4, 5]).toContain(error.sent.length)
      expect(error.failed.length).toBe(onFailure === 'stop' ? 1 : 12 - error.sent.length)
    },
  )

  test('a signal ends the one under way', async () => {
    const controller = new AbortController()
    const { transport } = await open({
      onMail: async (_, count) => {
        if (count < 3) return
        controller.abort(new Error('closing time'))
        await wait(100)
      },
    })
    const Emails = Array.from({ length: 6 }, (_, index) => email(index))
    const error = await refusalOf(
      sendEMails({ Emails }, { transport, signal: controller.signal, onFailure: 'continue' }),
    )
    expect(error.sentIndexes).toEqual([0, 1])
    expect(error.failed.map(({ index }) => index)).toEqual([2])
    expect(error.notAttempted).toEqual([3, 4, 5])
  })
})
