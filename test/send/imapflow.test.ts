/** Copies by APPEND: with a client that is made up, and with imapflow against a Dovecot on loopback. */
import { Buffer } from 'node:buffer'
import { ImapFlow } from 'imapflow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EMailEntityInput } from '../../src/entity/entity.ts'
import { parseMessage } from '../../src/message/extract.ts'
import { type ImapflowClient, imapflowOptions, imapflowSentItems, sendEMails } from '../../src/send/index.ts'
import { type Dovecot, dovecotVersion, startDovecot } from './dovecot.ts'

const transport = { send: async () => undefined }

const EMAIL: EMailEntityInput = {
  From: { Address: 'kari@example.no' },
  To: [{ Address: 'ola@example.org' }],
  Bcc: [{ Address: 'secret@example.org' }],
  Subject: 'Årsmøte',
  Sent: '2023-06-02T14:13:40+02:00',
  PlainBody: 'Hei\n',
  Attachments: [{ Filename: 'a.bin', Stream: new Uint8Array(100_000).map((_, index) => index % 251) }],
}

interface Appended {
  readonly path: string
  readonly content: Uint8Array
  readonly flags: readonly string[]
  readonly internalDate: Date
}

class FakeClient implements ImapflowClient {
  readonly appended: Appended[] = []
  readonly created: string[] = []
  lists = 0
  folders = ['INBOX']
  specialUse: { readonly path: string; readonly specialUse?: string } | undefined
  connected = true

  async append(path: string, content: Uint8Array, flags: string[], internalDate: Date): Promise<unknown> {
    if (!this.connected) return undefined
    if (!this.folders.includes(path)) throw Object.assign(new Error('NO'), { serverResponseCode: 'TRYCREATE' })
    this.appended.push({ path, content, flags, internalDate })
    return { uid: this.appended.length }
  }

  async list() {
    this.lists++
    return [{ path: 'INBOX' }, ...(this.specialUse === undefined ? [] : [this.specialUse])]
  }

  async mailboxCreate(path: string): Promise<unknown> {
    this.created.push(path)
    this.folders.push(path)
    return { path }
  }
}

describe('imapflowSentItems', () => {
  test('to the folder of the request', async () => {
    const client = new FakeClient()
    client.folders.push('Sendt')
    const request = { Emails: [EMAIL], SentItemsConnectionInfo: { Folder: 'Sendt' } }
    const sent = await sendEMails(request, { transport, sentItems: imapflowSentItems(client) })
    expect(sent.warnings).toEqual([])
    expect(client.appended).toMatchObject([
      { path: 'Sendt', flags: ['\\Seen'], internalDate: new Date('2023-06-02T12:13:40Z') },
    ])
    expect(parseMessage(client.appended[0]!.content).entity.Bcc).toMatchObject(EMAIL.Bcc!)
    expect(client.lists).toBe(0)
  })

  test('to the folder that the server has for it, asked once', async () => {
    const client = new FakeClient()
    client.specialUse = { path: 'INBOX.Gesendet', specialUse: '\\Sent' }
    client.folders.push('INBOX.Gesendet')
    await sendEMails({ Emails: [EMAIL, EMAIL] }, { transport, sentItems: imapflowSentItems(client), concurrency: 2 })
    expect(client.appended.map(({ path }) => path)).toEqual(['INBOX.Gesendet', 'INBOX.Gesendet'])
    expect(client.lists).toBe(1)
  })

  test('a server that cannot tell once is asked again', async () => {
    const client = new FakeClient()
    client.folders.push('Sent')
    const { list } = client
    client.list = async () => {
      client.list = list
      throw new Error('later')
    }
    const sentItems = imapflowSentItems(client)
    const first = await sendEMails({ Emails: [EMAIL] }, { transport, sentItems })
    expect(first.warnings).toMatchObject([{ code: 'APPEND_FAILED', error: { message: 'later' } }])
    expect((await sendEMails({ Emails: [EMAIL] }, { transport, sentItems })).warnings).toEqual([])
    expect(client.appended).toHaveLength(1)
  })

  test('a folder that is not there is made', async () => {
    const client = new FakeClient()
    await sendEMails({ Emails: [EMAIL] }, { transport, sentItems: imapflowSentItems(client) })
    expect(client.created).toEqual(['Sent'])
    expect(client.appended).toHaveLength(1)
  })

  test('the client of the connection', async () => {
    const client = new FakeClient()
    const hosts: (string | undefined)[] = []
    const sentItems = imapflowSentItems(async connection => {
      hosts.push(connection?.host)
      return client
    })
    const request = { Emails: [EMAIL], SentItemsConnectionInfo: { ServerName: 'imap.example.no', Folder: 'Sent' } }
    await sendEMails(request, { transport, sentItems })
    expect(hosts).toEqual(['imap.example.no'])
  })

  test('a client that is not connected, or cannot, is a warning', async () => {
    const client = new FakeClient()
    client.connected = false
    const first = await sendEMails({ Emails: [EMAIL] }, { transport, sentItems: imapflowSentItems(client) })
    expect(first.warnings).toMatchObject([{ code: 'APPEND_FAILED', error: { code: 'APPEND_FAILED' } }])
    const failing = imapflowSentItems(() => Promise.reject(new Error('no route')))
    const second = await sendEMails({ Emails: [EMAIL] }, { transport, sentItems: failing })
    expect(second.warnings).toMatchObject([{ code: 'APPEND_FAILED', error: { message: 'no route' } }])
  })
})

const version = dovecotVersion()
if (version === undefined) console.warn('skipped: no dovecot 2.2 or 2.3 here (apt-get install dovecot-imapd)')

describe.skipIf(version === undefined)(`with imapflow and dovecot ${version ?? ''}`, () => {
  let dovecot: Dovecot
  let client: ImapFlow

  beforeAll(async () => {
    dovecot = await startDovecot()
    const { port, user: userName, password } = dovecot
    const connection = { host: '127.0.0.1', port, useSSL: false, userName, password, folder: '' }
    client = new ImapFlow({ ...imapflowOptions(connection), logger: false })
    await client.connect()
  })

  afterAll(async () => {
    await client?.logout()
    await dovecot?.stop()
  })

  /** Octets, flags and date of the last message in a folder. */
  async function fetchLast(folder: string) {
    const lock = await client.getMailboxLock(folder)
    try {
      const message = await client.fetchOne('*', { source: true, flags: true, internalDate: true })
      if (message === false) throw new Error(`${folder} is empty`)
      return message
    } finally {
      lock.release()
    }
  }

  test('the copy comes back octet for octet, with Bcc, \\Seen and its date', async () => {
    const octets: Uint8Array[] = []
    const store = imapflowSentItems(client)
    const sentItems = {
      append: (job: Parameters<typeof store.append>[0]) => {
        octets.push(job.message.toBytes())
        return store.append(job)
      },
    }
    const [sent, ...rest] = await sendEMails({ Emails: [EMAIL] }, { transport, sentItems })
    expect(rest).toEqual([])
    const { source, flags, internalDate } = await fetchLast('Sent Items')
    expect(source!.equals(octets[0]!)).toBe(true)
    expect([...flags!]).toContain('\\Seen')
    expect(new Date(internalDate!)).toEqual(new Date('2023-06-02T12:13:40Z'))
    const { entity } = parseMessage(source!)
    expect(entity.Bcc).toMatchObject(EMAIL.Bcc!)
    expect(entity.MessageID).toBe(sent!.MessageID)
    expect(Buffer.from(entity.Attachments[0]!.Stream!).equals(EMAIL.Attachments![0]!.Stream as Uint8Array)).toBe(true)
  })

  test('a folder that is not there is made', async () => {
    const SentItemsConnectionInfo = { Folder: 'Sendt år' }
    const sent = await sendEMails(
      { Emails: [EMAIL], SentItemsConnectionInfo },
      { transport, sentItems: imapflowSentItems(client) },
    )
    expect(sent.warnings).toEqual([])
    const folders = await client.list()
    expect(folders.map(({ path }) => path)).toContain('Sendt år')
  })

  test('a server that is gone is a warning', async () => {
    const gone = new ImapFlow({
      host: '127.0.0.1',
      port: 1,
      secure: false,
      auth: { user: 'x', pass: 'x' },
      logger: false,
    })
    const sentItems = imapflowSentItems(async () => {
      await gone.connect()
      return gone
    })
    const sent = await sendEMails({ Emails: [EMAIL] }, { transport, sentItems })
    expect(sent.warnings).toMatchObject([{ code: 'APPEND_FAILED' }])
  })
})
