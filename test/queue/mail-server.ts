/** An SMTP server on loopback that remembers who brought what, and has rules for some recipients. */
import { Buffer } from 'node:buffer'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { SMTPServer } from 'smtp-server'

/** A message that the server has taken. */
export interface Arrival {
  /** What the client called itself. */
  readonly client: string
  readonly to: readonly string[]
  readonly octets: Buffer
}

export interface MailServer {
  readonly port: number
  readonly arrivals: readonly Arrival[]
  /** How often each recipient was named, taken or not. */
  readonly named: ReadonlyMap<string, number>
  close(): Promise<void>
}

export interface MailRules {
  /** What a recipient is refused with when it is named for the n-th time. */
  readonly refusal: (address: string, times: number) => { readonly code: number; readonly text: string } | undefined
  /** Milliseconds that the server thinks about a message. */
  readonly delay: number
  /** Called with each message that it has, before it says so; false leaves the client without an answer. */
  readonly onArrival: (arrival: Arrival, count: number) => Promise<boolean>
}

export async function startMailServer({ refusal, delay, onArrival }: MailRules): Promise<MailServer> {
  const arrivals: Arrival[] = []
  const named = new Map<string, number>()
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    closeTimeout: 1,
    onRcptTo({ address }, _session, callback) {
      const times = (named.get(address) ?? 0) + 1
      named.set(address, times)
      const refused = refusal(address, times)
      callback(refused && Object.assign(new Error(refused.text), { responseCode: refused.code }))
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', async () => {
        await wait(delay)
        const to = session.envelope.rcptTo.map(({ address }) => address)
        const arrival = { client: String(session.hostNameAppearsAs), to, octets: Buffer.concat(chunks) }
        arrivals.push(arrival)
        if (await onArrival(arrival, arrivals.length)) callback()
      })
    },
  })
  // Connections of a client that dies are no failure of a test.
  server.on('error', () => {})
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.server.address() as AddressInfo).port,
    arrivals,
    named,
    close: () =>
      new Promise(resolve => {
        server.close(resolve)
      }),
  }
}
