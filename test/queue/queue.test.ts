/**
 * The example of a queue with all its parts real: Redis, BullMQ, three workers and a producer as processes of their own,
 * and an SMTP server. One worker is killed while the server has a message of it and it does not know yet; another is
 * told to stop.
 */
import { Buffer } from 'node:buffer'
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Queue } from 'bullmq'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type EMailEntity, parseMessage } from '../../src/index.ts'
import { type Build, build } from '../stream/build.ts'
import { type MailServer, startMailServer } from './mail-server.ts'
import { hasRedis, type Redis, startRedis } from './redis.ts'

const EXAMPLE = fileURLToPath(new URL('../../examples/queue/', import.meta.url))

const COUNT = 200
const CONCURRENCY = 4
const ATTEMPTS = 8

/** E-mails that the server has something to say to, by their index, and what it says to whom. */
const REFUSED = new Map([
  [17, 'nobody-17@example.org'],
  [101, 'nobody-101@example.org'],
])
const BUSY = new Map([
  [0, 'busy-0@example.org'],
  [150, 'busy-150@example.org'],
])
const PARTLY = new Map([[60, 'nobody-60@example.org']])
const NEVER = new Map([[75, 'never-75@example.org']])

/** The same for all, and large; and one of each. */
const LOGO = Buffer.alloc(100_000, 'logo')
const invoiceOf = (index: number): Buffer =>
  createHash('shake256', { outputLength: 20_000 }).update(`${index}`).digest()

const EMAILS = Array.from({ length: COUNT }, (_, index) => {
  const to = [REFUSED, BUSY, NEVER].map(special => special.get(index)).find(address => address !== undefined)
  const also = PARTLY.get(index)
  return {
    From: { Name: 'Kari Nordmann', Address: 'kari@example.no' },
    To: [{ Address: to ?? `to-${index}@example.org` }, ...(also === undefined ? [] : [{ Address: also }])],
    Bcc: to === undefined ? [{ Address: `bcc-${index}@example.no` }] : [],
    Subject: `Faktura ${index}`,
    PlainBody: `Vedlagt er faktura ${index}.\n`,
    Attachments: [
      { Filename: 'logo.png', Type: 'image/png', Stream: LOGO.toString('base64') },
      { Filename: `faktura-${index}.pdf`, Type: 'application/pdf', Stream: invoiceOf(index).toString('base64') },
      { Filename: 'empty.txt', Type: 'text/plain', Stream: '' },
    ],
  }
})

const UNSENT = new Set([...REFUSED.keys(), ...NEVER.keys()])
const SENT = EMAILS.map((_, index) => index).filter(index => !UNSENT.has(index))

/** A process of the example. */
interface Program {
  readonly child: ChildProcess
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>
  /** What it has written so far. */
  readonly output: () => string
  readonly complaints: () => string
}

const isThere = hasRedis()
if (!isThere) console.warn('skipped: no redis-server on the PATH to run the example of a queue with')

describe.skipIf(!isThere)('200 e-mails, three workers', () => {
  let library: Build
  let redis: Redis
  let server: MailServer
  const workers: Program[] = []
  /** Messages that the killed worker had brought by then, the last of them without an answer. */
  let killedAt = 0
  let stoppedAt = 0
  let first: { code: number | null; response: EMailEntity[]; complaints: string }

  /** The environment of every process: everything goes faster than in life. */
  const environment = (): NodeJS.ProcessEnv => ({
    ...process.env,
    REDIS_URL: redis.url,
    CONTENT_FOLDER: join(library.folder, 'contents'),
    CONCURRENCY: String(CONCURRENCY),
    RATE: '500',
    RETRY_DELAY: '5',
    LOCK_DURATION: '2000',
    STALLED_INTERVAL: '500',
  })

  function start(script: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): Program {
    const child = spawn(process.execPath, [join(library.folder, 'examples/queue', script), ...args], {
      env: { ...environment(), ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [output, complaints] = ['', '']
    child.stdout.on('data', (text: Buffer) => {
      output += text.toString()
    })
    child.stderr.on('data', (text: Buffer) => {
      complaints += text.toString()
    })
    const ended = new Promise<{ code: number | null; signal: string | null }>(resolve => {
      child.once('close', (code, signal) => resolve({ code, signal }))
    })
    return { child, ended, output: () => output, complaints: () => complaints }
  }

  function startWorker(name: string): Program {
    return start('work.js', [], { SMTP_URL: `smtp://127.0.0.1:${server.port}/?name=${name}` })
  }

  async function isReady({ child, complaints }: Program): Promise<void> {
    while (!complaints().includes('ready')) {
      if (child.exitCode !== null) throw new Error(complaints())
      await wait(20)
    }
  }

  async function produce(batch: string): Promise<typeof first> {
    const { ended, output, complaints } = start('produce.js', [join(library.folder, 'request.json'), batch])
    const { code } = await ended
    return { code, response: JSON.parse(output()) as EMailEntity[], complaints: complaints() }
  }

  /** Messages of an e-mail that arrived. */
  const arrivalsOf = (index: number) => bySubject.get(`Faktura ${index}`) ?? []
  let bySubject: Map<string, { to: readonly string[]; octets: Buffer; client: string; entity: EMailEntity }[]>

  beforeAll(async () => {
    library = build()
    mkdirSync(join(library.folder, 'examples'))
    cpSync(EXAMPLE, join(library.folder, 'examples/queue'), { recursive: true })
    writeFileSync(join(library.folder, 'request.json'), JSON.stringify({ Emails: EMAILS }))
    redis = await startRedis()
    server = await startMailServer({
      delay: 10,
      refusal(address, times) {
        if (address.startsWith('nobody-')) return { code: 550, text: 'no such mailbox' }
        if (address.startsWith('never-') || (address.startsWith('busy-') && times < 3)) {
          return { code: 451, text: 'try again later' }
        }
        return undefined
      },
      async onArrival({ client }, count) {
        const [killed, stopped] = workers
        if (killedAt === 0 && count > 40 && client === 'killed') {
          killedAt = count
          killed!.child.kill('SIGKILL')
          return false
        }
        if (stoppedAt === 0 && killedAt > 0 && count > 100 && client === 'stopped') {
          stoppedAt = count
          stopped!.child.kill('SIGTERM')
          // It has to wait for the answer, however little it wants to.
          await wait(300)
        }
        return true
      },
    })
    workers.push(startWorker('killed'), startWorker('stopped'), startWorker('last'))
    await Promise.all(workers.map(isReady))
    first = await produce('invoices-1')
    bySubject = new Map()
    for (const { octets, ...arrival } of server.arrivals) {
      const { entity } = parseMessage(octets)
      bySubject.set(entity.Subject, [...(bySubject.get(entity.Subject) ?? []), { ...arrival, octets, entity }])
    }
  }, 60_000)

  afterAll(async () => {
    for (const { child } of workers) child.kill('SIGKILL')
    await Promise.all(workers.map(({ ended }) => ended))
    await server?.close()
    await redis?.stop()
    library?.remove()
  })

  test('one worker was killed and one stopped while there was much to do', async () => {
    expect(await workers[0]!.ended).toEqual({ code: null, signal: 'SIGKILL' })
    expect(await workers[1]!.ended).toEqual({ code: 0, signal: null })
    expect(killedAt).toBeGreaterThan(40)
    expect(stoppedAt).toBeGreaterThan(killedAt)
    expect(stoppedAt).toBeLessThan(SENT.length)
    const brought = (name: string): number => server.arrivals.filter(({ client }) => client === name).length
    for (const name of ['killed', 'stopped', 'last']) expect(brought(name)).toBeGreaterThan(5)
  })

  test('every e-mail arrives, and nothing else does', () => {
    expect([...bySubject.keys()].toSorted()).toEqual(SENT.map(index => `Faktura ${index}`).toSorted())
  })

  test('once, but for what the killed worker had under way: at least the one message that nobody told it about', () => {
    const twice = SENT.filter(index => arrivalsOf(index).length > 1)
    expect(twice.length).toBeGreaterThanOrEqual(1)
    expect(twice.length).toBeLessThanOrEqual(CONCURRENCY)
    for (const index of twice) {
      const [before, ...after] = arrivalsOf(index)
      expect(before!.client).toBe('killed')
      // The message is the same, octet for octet: by its Message-ID a receiver knows that it has it.
      for (const { octets } of after) expect(octets.equals(before!.octets)).toBe(true)
    }
  })

  test('with a Message-ID of its own, which the response has', () => {
    const ids = SENT.map(index => {
      const [id, ...others] = new Set(arrivalsOf(index).map(({ entity }) => entity.MessageID))
      expect(others).toEqual([])
      return id
    })
    expect(new Set(ids).size).toBe(SENT.length)
    expect(first.response.map(({ MessageID }) => MessageID)).toEqual(ids)
  })

  test('for exactly its recipients, of whom the hidden ones are in no header', () => {
    for (const index of SENT) {
      const { To, Bcc } = EMAILS[index]!
      const refused = PARTLY.get(index)
      const recipients = [...To, ...Bcc].map(({ Address }) => Address).filter(address => address !== refused)
      for (const { to, octets } of arrivalsOf(index)) {
        expect(to).toEqual(recipients)
        expect(octets.includes('bcc-')).toBe(false)
      }
    }
  })

  test('with its attachments, octet for octet', () => {
    for (const index of SENT) {
      const contents = arrivalsOf(index)[0]!.entity.Attachments.map(({ Stream }) => Buffer.from(Stream!))
      const expected = [LOGO, invoiceOf(index), Buffer.alloc(0)]
      expect(contents.map((content, which) => content.equals(expected[which]!))).toEqual([true, true, true])
    }
  })

  test('the response has them in the order of the request, as they were sent', () => {
    expect(first.response.map(({ Subject }) => Subject)).toEqual(SENT.map(index => `Faktura ${index}`))
    for (const [position, entity] of first.response.entries()) {
      const [arrival] = arrivalsOf(SENT[position]!)
      expect(entity).toMatchObject({ IsSent: true, Flags: 'Seen', Size: arrival!.octets.length })
    }
  })

  test('what is refused for good is not tried again', () => {
    for (const [index, address] of REFUSED) {
      expect(server.named.get(address)).toBe(1)
      expect(first.complaints).toMatch(new RegExp(`^Emails\\[${index}\\] was not sent: .*550 no such mailbox`, 'm'))
    }
    expect(first.code).toBe(1)
  })

  test('what is refused for now is tried again until it is taken, or for so long', () => {
    for (const [index, address] of BUSY) {
      expect(server.named.get(address)).toBe(3)
      expect(arrivalsOf(index)).toHaveLength(1)
    }
    for (const [index, address] of NEVER) {
      expect(server.named.get(address)).toBe(ATTEMPTS)
      expect(first.complaints).toMatch(new RegExp(`^Emails\\[${index}\\] was not sent: .*451 try again later`, 'm'))
    }
  })

  test('a recipient that is refused while others are not is a warning', () => {
    for (const [index, address] of PARTLY) {
      expect(first.complaints).toMatch(
        new RegExp(`^Emails\\[${index}\\] RECIPIENT_REJECTED ${address}: .*550 no such mailbox$`, 'm'),
      )
    }
  })

  test('nothing else is complained about', () => {
    const lines = first.complaints.trimEnd().split('\n')
    expect(lines).toHaveLength(1 + UNSENT.size + PARTLY.size)
    expect(lines[0]).toBe('batch invoices-1: 200 e-mails are in the queue')
  })

  test('contents are beside the queue, each once; a job is small', async () => {
    const contents = readdirSync(join(library.folder, 'contents'), { recursive: true, encoding: 'utf8' })
    expect(contents.filter(path => /[\\/][0-9a-f]{64}$/.test(path))).toHaveLength(1 + COUNT)
    const { hostname, port } = new URL(redis.url)
    const queue = new Queue('send-emails', { connection: { host: hostname, port: Number(port) } })
    const jobs = await queue.getJobs(['completed', 'failed'])
    await queue.close()
    expect(jobs).toHaveLength(COUNT)
    for (const { data } of jobs) expect(JSON.stringify(data).length).toBeLessThan(4000)
  })

  test('the same batch handed in again sends nothing, and has the same response', async () => {
    const before = server.arrivals.length
    const again = await produce('invoices-1')
    expect(again).toEqual(first)
    expect(server.arrivals.length).toBe(before)
  })

  test('a request with a mistake sends nothing, and tells every problem', async () => {
    const before = server.arrivals.length
    const [good] = EMAILS
    const bad = { ...good, To: [{}], Subject: 'x\r\nBcc: eve@example.com' }
    writeFileSync(join(library.folder, 'bad.json'), JSON.stringify({ Emails: [good, bad] }))
    const { ended, output, complaints } = start('produce.js', [join(library.folder, 'bad.json')])
    expect((await ended).code).toBe(1)
    expect(output()).toBe('')
    expect(complaints()).toMatch(
      /^ADDRESS_MISSING Emails\[1\]\.To\[0\]\.Address: .*\nHEADER_INJECTION Emails\[1\]\.Subject: .*\n$/,
    )
    expect(server.arrivals.length).toBe(before)
  })
})
