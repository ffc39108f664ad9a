/** An SMTP server on loopback that keeps what it gets and refuses whom it is told to. */
import { Buffer } from 'node:buffer'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  readonly octets: Buffer
}

export interface SmtpWorld {
  readonly port: number
  readonly received: readonly ReceivedMail[]
  /** Ends the server and cuts every connection. */
  close(): Promise<void>
}

export interface SmtpRules {
  readonly refuses?: (address: string) => boolean
  /** Called with each message once it is whole; what it returns is waited for. */
  readonly onMail?: (mail: ReceivedMail, count: number) => unknown
}

export async function startSmtp(rules: SmtpRules = {}): Promise<SmtpWorld> {
  const received: ReceivedMail[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    closeTimeout: 1,
    onRcptTo({ address }, _session, callback) {
      if (rules.refuses?.(address) === true) {
        callback(Object.assign(new Error(`no mailbox ${address}`), { responseCode: 550 }))
      } else {
        callback()
      }
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', async () => {
        const { mailFrom, rcptTo } = session.envelope
        const mail = {
          from: mailFrom === false ? '' : (mailFrom?.address ?? ''),
          to: rcptTo.map(({ address }) => address),
          octets: Buffer.concat(chunks),
        }
        received.push(mail)
        await rules.onMail?.(mail, received.length)
        callback()
      })
    },
  })
  // Connections that a client cuts are no failure of a test.
  server.on('error', () => {})
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    close: () =>
      new Promise(resolve => {
        server.close(resolve)
      }),
  }
}
