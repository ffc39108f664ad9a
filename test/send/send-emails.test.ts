import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { setImmediate, setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { EMailEntityInput } from '../../src/entity/entity.ts'
import { sendRequestFromJson } from '../../src/entity/json.ts'
import { MimeError } from '../../src/errors.ts'
import { parseMessage } from '../../src/message/extract.ts'
import {
  SendError,
  type SendOptions,
  type SentItemsJob,
  sendEMails,
  type Transport,
  type TransportJob,
} from '../../src/send/index.ts'
import { octetsOf } from '../../src/send/transport.ts'

const NOW = new Date('2026-01-15T12:00:00.250Z')

function email(index: number, more: EMailEntityInput = {}): EMailEntityInput {
  return { From: { Address: 'me@x.org' }, To: [{ Address: `to${index}@x.org` }], Subject: `Mail ${index}`, ...more }
}

function emails(count: number): EMailEntityInput[] {
  return Array.from({ length: count }, (_, index) => email(index))
}

/** A transport and a store that remember what they got. */
class World {
  readonly sent: { readonly job: TransportJob; readonly octets: Uint8Array }[] = []
  readonly kept: { readonly job: SentItemsJob; readonly octets: Uint8Array }[] = []
  mostAtOnce = 0
  #atOnce = 0
  readonly #before: (job: TransportJob, index: number) => unknown
  #count = 0

  constructor(before: (job: TransportJob, index: number) => unknown = () => {}) {
    this.#before = before
  }

  options(more: Partial<SendOptions> = {}): SendOptions & { select?: undefined } {
    return {
      transport: { send: job => this.#send(job) },
      sentItems: {
        append: async job => {
          this.kept.push({ job, octets: await octetsOf(job.message) })
        },
      },
      compose: { now: () => NOW },
      ...more,
    } as SendOptions & { select?: undefined }
  }

  async #send(job: TransportJob): Promise<undefined> {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce)
    try {
      await this.#before(job, this.#count++)
      this.sent.push({ job, octets: await octetsOf(job.message) })
    } finally {
      this.#atOnce--
    }
  }
}

async function refusalOf(promise: Promise<unknown>): Promise<SendError> {
  const error: unknown = await promise.catch((reason: unknown) => reason)
  if (!(error instanceof SendError)) throw error
  return error
}

async function problemsOf(promise: Promise<unknown>): Promise<string[]> {
  const error: unknown = await promise.catch((reason: unknown) => reason)
  if (!(error instanceof MimeError)) throw error
  return error.problems.map(({ code, path }) => `${code} ${path}`)
}

describe('what is sent', () => {
  test('is the message, with the envelope, without Bcc', async () => {
    const world = new World()
    const Emails = [email(0, { Cc: [{ Address: 'cc@x.org' }], Bcc: [{ Address: 'bcc@x.org' }], PlainBody: 'Hi' })]
    await sendEMails({ Emails }, world.options())
    const [{ job, octets }] = world.sent as [(typeof world.sent)[0]]
    expect(job.envelope.to).toEqual(['to0@x.org', 'cc@x.org', 'bcc@x.org'])
    expect(job.connection).toBeNull()
    const { entity } = parseMessage(octets)
    expect(entity).toMatchObject({ Subject: 'Mail 0', PlainBody: 'Hi', Bcc: [], Sent: '2026-01-15T12:00:00+00:00' })
    expect(Buffer.from(octets).toString()).not.toContain('bcc@')
  })

  test('the copy is the same message with Bcc, marked as read, dated as it was sent', async () => {
    const world = new World()
    const Bcc = [{ Address: 'bcc@x.org' }]
    const request = {
      Emails: [email(0, { Bcc }), email(1, { Sent: '2023-06-02T14:13:40.5+02:00' })],
      SentItemsConnectionInfo: { ServerName: '[::1]:143', UserName: 'u', Password: 'p', Folder: 'Sendt' },
    }
    await sendEMails(request, world.options())
    const [first, second] = world.kept.map(({ job, octets }) => ({ job, entity: parseMessage(octets).entity }))
    const sent = parseMessage(world.sent[0]!.octets).entity
    expect(first!.job).toMatchObject({ folder: 'Sendt', flags: ['\\Seen'], internalDate: NOW })
    expect(first!.job.connection).toMatchObject({ host: '::1', port: 143, userName: 'u' })
    expect(first!.entity).toEqual({ ...sent, Bcc: first!.entity.Bcc, Size: first!.entity.Size })
    expect(first!.entity.Bcc).toMatchObject(Bcc)
    expect(second!.job.internalDate).toEqual(new Date('2023-06-02T12:13:40.5Z'))
  })

  test('is no draft any more', async () => {
    const world = new World()
    const [sent] = await sendEMails({ Emails: [email(0, { Flags: 'Draft, Flagged' })] }, world.options())
    expect(Buffer.from(world.sent[0]!.octets).toString()).not.toContain('X-Unsent')
    expect(sent!.Flags).toBe('Seen, Flagged')
  })

  test('without sentItems no copy is kept', async () => {
    const world = new World()
    await sendEMails({ Emails: emails(1) }, world.options({ sentItems: undefined }))
    expect(world.kept).toEqual([])
  })

  test('the connection of the request is passed on', async () => {
    const world = new World()
    await sendEMails({ Emails: emails(1), OutgoingConnectionInfo: { ServerName: 'h:25' } }, world.options())
    expect(world.sent[0]!.job.connection).toMatchObject({ host: 'h', port: 25 })
  })
})

describe('what is returned', () => {
  test('the e-mails as they were sent', async () => {
    const world = new World()
    const given = email(0, { ServerId: 5, Flags: 'Answered', To: [{ Address: 'a@x.org', PersonId: 7 }] })
    const [sent, other] = await sendEMails({ Emails: [given, email(1)] }, world.options())
    expect(sent).toMatchObject({
      Subject: 'Mail 0',
      ServerId: 5,
      IsSent: true,
      Flags: 'Seen, Answered',
      Sent: '2026-01-15T12:00:00.250Z',
      Size: world.sent[0]!.octets.length,
      To: [{ Address: 'a@x.org', PersonId: 7, Name: '' }],
    })
    expect(sent!.MessageID).toBe(parseMessage(world.sent[0]!.octets).entity.MessageID)
    expect(other!.Flags).toBe('Seen')
    expect(given.Flags).toBe('Answered')
    expect(given.MessageID).toBeUndefined()
  })

  test('the list is the response, warnings are beside it', async () => {
    const sent = await sendEMails({ Emails: emails(2) }, new World().options())
    expect(sent.warnings).toEqual([])
    expect(JSON.parse(JSON.stringify(sent))).toHaveLength(2)
    expect(Object.keys(sent)).toEqual(['0', '1'])
    expect(await sendEMails({ Emails: [] }, new World().options())).toHaveLength(0)
  })

  test('$select and the zone that were asked for', async () => {
    const options = new World().options({ timeZone: 'W. Europe Standard Time' })
    const [sent] = await sendEMails({ Emails: emails(1) }, { ...options, select: 'Sent,From/Address' })
    expect(sent).toMatchObject({ Sent: '2026-01-15T13:00:00.250+01:00', Subject: null, MessageID: null })
    expect(sent!.From).toMatchObject({ Address: 'me@x.org', Name: null })
  })

  test('contents: octets, base64 text decoded on demand, a stream is gone and its size known', async () => {
    async function* stream(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(100_000)
    }
    const world = new World()
    const Attachments = [{ Stream: Uint8Array.of(1) }, { Stream: 'AgM=' }, { Stream: stream() }]
    const [sent] = await sendEMails({ Emails: [email(0, { Attachments })] }, world.options({ sentItems: undefined }))
    expect(sent!.Attachments.map(({ Stream }) => Stream)).toEqual([Uint8Array.of(1), Uint8Array.of(2, 3), null])
    expect(sent!.Size).toBe(world.sent[0]!.octets.length)
    expect(sent!.Size).toBeGreaterThan(100_000)
  })
})

describe('nothing is sent', () => {
  const world = new World(() => expect.fail('was sent'))

  test("of the API's published request, whose every problem is named", async () => {
    const json = readFileSync(new URL('../fixtures/api/send-emails-request.json', import.meta.url), 'utf8')
    const problems = await problemsOf(sendEMails(sendRequestFromJson(json), world.options()))
    for (const list of ['To', 'Cc', 'Bcc']) {
      expect(problems).toContain(`ADDRESS_MISSING Emails[0].${list}[0].Address`)
      expect(problems).toContain(`ADDRESS_MISSING Emails[0].${list}[1].Address`)
    }
    expect(problems).toContain('FROM_MISSING Emails[0].From')
    expect(problems).toContain('CONTENT_MISSING Emails[0].Attachments[1].Stream')
  })

  test('where one e-mail of many is wrong', async () => {
    const Emails = [email(0), email(1, { To: [{ Address: 'no address' }] }), null, email(3, { Subject: 'a\r\nb' })]
    const request = { Emails, OutgoingConnectionInfo: { ServerName: 'a:b' } }
    expect(await problemsOf(sendEMails(request as never, world.options()))).toEqual([
      'VALUE_INVALID OutgoingConnectionInfo.ServerName',
      'ADDRESS_INVALID Emails[1].To[0].Address',
      'TYPE_INVALID Emails[2]',
      'HEADER_INJECTION Emails[3].Subject',
    ])
  })

  test.each<[problem: string, request: unknown, options: object]>([
    ['TYPE_INVALID Emails', {}, {}],
    ['TYPE_INVALID Emails', null, {}],
    ['TYPE_INVALID Emails[0].To', { Emails: [{ ...email(0), To: 5 }] }, {}],
    ['TYPE_INVALID Emails[0].Sent', { Emails: [{ ...email(0), Sent: 5 }] }, {}],
    ['DATE_INVALID Emails[0].Sent', { Emails: [email(0, { Sent: 'soon' })] }, {}],
    ['OPTION_INVALID transport', { Emails: emails(1) }, { transport: undefined }],
    ['OPTION_INVALID sentItems', { Emails: emails(1) }, { sentItems: {} }],
    ['OPTION_INVALID onFailure', { Emails: emails(1) }, { onFailure: 'wait' }],
    ['OPTION_INVALID concurrency', { Emails: emails(1) }, { concurrency: 0 }],
    ['OPTION_INVALID compose', { Emails: emails(1) }, { compose: null }],
    ['OPTION_INVALID compose.now', { Emails: emails(1) }, { compose: { now: new Date() } }],
    ['OPTION_INVALID select', { Emails: emails(1) }, { select: 'Foo' }],
    ['OPTION_INVALID timeZone', { Emails: emails(1) }, { timeZone: 'Mars' }],
  ])('%s', async (problem, request, options) => {
    expect(await problemsOf(sendEMails(request as never, world.options(options)))).toEqual([problem])
  })
})

describe('order', () => {
  test('one after the other, or several at a time; results stand as the request has them', async () => {
    const world = new World((_, index) => wait(index % 3))
    const one = await sendEMails({ Emails: emails(12) }, world.options())
    expect(world.mostAtOnce).toBe(1)
    expect(world.sent.map(({ job }) => job.envelope.to[0])).toEqual(one.map(({ To }) => To[0]!.Address))
    const four = new World((_, index) => wait(5 - (index % 5)))
    const sent = await sendEMails({ Emails: emails(12) }, four.options({ concurrency: 4 }))
    expect(four.mostAtOnce).toBe(4)
    expect(sent.map(({ Subject }) => Subject)).toEqual(emails(12).map(({ Subject }) => Subject))
  })
})

describe('failures', () => {
  const refused = new Error('550 no such user')
  const failing = (...indexes: number[]) =>
    new World(job => {
      if (indexes.some(index => job.envelope.to[0] === `to${index}@x.org`)) throw refused
    })

  test('stop: what was sent, what failed, what was not tried', async () => {
    const error = await refusalOf(sendEMails({ Emails: emails(6) }, failing(2).options()))
    expect(error.sent.map(({ Subject }) => Subject)).toEqual(['Mail 0', 'Mail 1'])
    expect(error.sentIndexes).toEqual([0, 1])
    expect(error.failed).toEqual([{ index: 2, error: refused }])
    expect(error.notAttempted).toEqual([3, 4, 5])
    expect(error.cause).toBe(refused)
    expect(error.message).toBe('2 of 6 e-mails were sent, 1 failed, 3 were not tried: Emails[2]: 550 no such user')
  })

  test('continue: all are tried', async () => {
    const world = failing(0, 3)
    const options = world.options({ onFailure: 'continue', select: 'Subject', timeZone: 'Asia/Tokyo' } as never)
    const error = await refusalOf(sendEMails({ Emails: emails(5) }, options))
    expect(error.failed.map(({ index }) => index)).toEqual([0, 3])
    expect(error.notAttempted).toEqual([])
    // Whoever tries again must know which they are: $select does not take that away.
    expect(error.sent.map(({ MessageID }) => MessageID)).toEqual(
      world.sent.map(({ octets }) => parseMessage(octets).entity.MessageID),
    )
    expect(error.sent[0]!.Sent).toBe('2026-01-15T21:00:00.250+09:00')
  })

  test('a transport that throws at once, one that rejects with nothing', async () => {
    const send = () => {
      throw refused
    }
    const error = await refusalOf(sendEMails({ Emails: emails(1) }, new World().options({ transport: { send } })))
    expect(error.failed).toEqual([{ index: 0, error: refused }])
    const rejecting = { send: () => Promise.reject() }
    const other = await refusalOf(sendEMails({ Emails: emails(1) }, new World().options({ transport: rejecting })))
    expect(other.failed).toEqual([{ index: 0, error: undefined }])
  })

  test('stop with several under way waits for them, and loses none', async () => {
    const world = new World(async ({ envelope }) => {
      const index = Number(/\d+/.exec(envelope.to[0]!)![0])
      await wait(index === 1 ? 5 : 20)
      if (index === 1) throw refused
    })
    const error = await refusalOf(sendEMails({ Emails: emails(9) }, world.options({ concurrency: 3 })))
    expect(error.sentIndexes).toEqual([0, 2])
    expect(error.failed).toEqual([{ index: 1, error: refused }])
    expect(error.notAttempted).toEqual([3, 4, 5, 6, 7, 8])
    expect(world.sent).toHaveLength(2)
  })

  test('a copy that is not stored is a warning, and the e-mail is sent', async () => {
    const full = new Error('OVERQUOTA')
    let appends = 0
    const append = async () => {
      if (appends++ === 1) throw full
    }
    const world = new World()
    const sent = await sendEMails({ Emails: emails(3) }, world.options({ sentItems: { append } }))
    expect(sent.map(({ IsSent }) => IsSent)).toEqual([true, true, true])
    expect(sent.warnings).toEqual([{ code: 'APPEND_FAILED', index: 1, address: '', error: full }])
    const error = await refusalOf(
      sendEMails({ Emails: emails(3) }, failing(2).options({ sentItems: { append: () => Promise.reject(full) } })),
    )
    expect(error.warnings.map(({ code, index }) => `${code} ${index}`)).toEqual(['APPEND_FAILED 0', 'APPEND_FAILED 1'])
    expect(error.sent).toHaveLength(2)
  })

  test('a stream that can be read once is sent; that there is no copy is a warning', async () => {
    async function* stream(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(1, 2, 3)
    }
    const world = new World()
    const once = email(0, { Attachments: [{ Filename: 'a', Stream: stream() }] })
    const again = email(1, { Attachments: [{ Filename: 'a', Stream: stream }] })
    const sent = await sendEMails({ Emails: [once, again] }, world.options())
    expect(sent.warnings).toMatchObject([{ code: 'APPEND_FAILED', index: 0 }])
    expect(parseMessage(world.kept[0]!.octets).entity.Attachments[0]!.Stream).toEqual(Uint8Array.of(1, 2, 3))
  })

  test('streams that were opened for e-mails that nobody has read are closed', async () => {
    const closed: number[] = []
    const open = (index: number) => () => new Readable({ read() {} }).once('close', () => closed.push(index))
    const Emails = [0, 1, 2].map(index => email(index, { Attachments: [{ Filename: 'a', Stream: open(index) }] }))
    const transport = { send: () => Promise.reject(refused) }
    const error = await refusalOf(sendEMails({ Emails }, new World().options({ transport })))
    expect(error.notAttempted).toEqual([1, 2])
    await setImmediate()
    expect(closed.splice(0)).toEqual([0, 1, 2])
    const wrong = sendEMails({ Emails: [...Emails, email(3, { To: [{}] })] }, new World().options())
    await expect(wrong).rejects.toMatchObject({ code: 'ADDRESS_MISSING', path: 'Emails[3].To[0].Address' })
    await setImmediate()
    expect(closed).toEqual([0, 1, 2])
  })

  test('a recipient that is rejected while others are not is a warning', async () => {
    const rejected = [{ address: 'to0@x.org', error: refused }]
    const transport = { send: async () => ({ rejected }) }
    const sent = await sendEMails({ Emails: emails(1) }, new World().options({ transport }))
    expect(sent.warnings).toEqual([{ code: 'RECIPIENT_REJECTED', index: 0, address: 'to0@x.org', error: refused }])
  })

  test.each([{ rejected: [null, 'to0@x.org', 5] }, { rejected: 5 }, { rejected: {} }, { rejected: null }, null])(
    'what a transport gives beside that is nothing: the e-mail is sent (%j)',
    async receipt => {
      const world = new World()
      const transport = { send: async () => receipt } as unknown as Transport
      const sent = await sendEMails({ Emails: emails(1) }, world.options({ transport }))
      expect(sent.warnings).toEqual([])
      expect([...sent]).toMatchObject([{ IsSent: true }])
    },
  )

  test('a stream that stands in the request twice is refused before anything is sent', async () => {
    const world = new World()
    const once = Readable.from([Buffer.from('hello')])
    const again = {
      async *[Symbol.asyncIterator]() {
        yield Buffer.from('hello')
      },
    }
    const withStreams = emails(2).map(email => ({
      ...email,
      Attachments: [
        { Filename: 'a', Stream: again },
        { Filename: 'b', Stream: once },
      ],
    }))
    const wrong = sendEMails({ Emails: withStreams }, world.options())
    await expect(wrong).rejects.toMatchObject({ code: 'CONTENT_FAILED', path: 'Emails[1].Attachments[1].Stream' })
    expect(world.sent).toEqual([])
    const iterable = withStreams.map(email => ({ ...email, Attachments: email.Attachments.slice(0, 1) }))
    await sendEMails({ Emails: iterable }, world.options())
    expect(world.sent).toHaveLength(2)
  })

  test('a selection of lists that the e-mail has holes in is made all the same', async () => {
    const [email] = emails(1)
    const InReplyTo = { MessageId: '<a@b>', To: [null] } as unknown as NonNullable<EMailEntityInput['InReplyTo']>
    const options = new World().options({ select: 'InReplyTo/To/Address' })
    const sent = await sendEMails({ Emails: [{ ...email, InReplyTo }] }, options)
    expect([...sent]).toMatchObject([{ InReplyTo: { To: [null] } }])
  })
})

describe('giving up', () => {
  test('before the first: none is sent', async () => {
    const world = new World()
    const error = await refusalOf(
      sendEMails({ Emails: emails(2) }, world.options({ signal: AbortSignal.abort('why') })),
    )
    expect(error).toMatchObject({ sent: [], failed: [], notAttempted: [0, 1], cause: 'why' })
    expect(world.sent).toEqual([])
  })

  test('on the way: what is under way is told and waited for, nothing else begins', async () => {
    const controller = new AbortController()
    const world = new World(({ signal }, index) => {
      if (index !== 2) return
      controller.abort(new Error('closing time'))
      expect(signal?.aborted).toBe(true)
    })
    const options = world.options({ signal: controller.signal, onFailure: 'continue' })
    const error = await refusalOf(sendEMails({ Emails: emails(5) }, options))
    expect(error.sentIndexes).toEqual([0, 1, 2])
    expect(error.notAttempted).toEqual([3, 4])
    expect(error.cause).toMatchObject({ message: 'closing time' })
  })

  test('with the last under way: all were sent, and that is what is said', async () => {
    const controller = new AbortController()
    const world = new World(() => controller.abort())
    expect(await sendEMails({ Emails: emails(1) }, world.options({ signal: controller.signal }))).toHaveLength(1)
  })
})
