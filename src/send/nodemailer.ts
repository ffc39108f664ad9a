/**
 * Transport over nodemailer: SMTP with TLS, authentication, pools and proxies.
 *
 * nodemailer is no dependency: whoever sends with it has it, and what is needed of it is described here.
 */
import type { Buffer } from 'node:buffer'
import { Readable } from 'node:stream'
import { asBuffer } from '../codec/bytes.ts'
import type { MailConnection } from './connection.ts'
import { octetsOf, type RejectedRecipient, type Transport, type TransportReceipt } from './transport.ts'

/** What is used of a nodemailer transporter. */
export interface NodemailerTransporter {
  sendMail(mail: NodemailerMail): Promise<unknown>
}

/** What a transporter is given: a finished message, and its envelope, which no header has a say in. */
export interface NodemailerMail {
  /** `size` in octets, 0 where nobody knows. */
  envelope: { from: NodemailerAddress; to: NodemailerAddress[]; size: number; use8BitMime: boolean }
  raw: Buffer | Readable
  signal?: AbortSignal
}

/** An address as an object, which is taken as it is: text would be parsed once more. */
export interface NodemailerAddress {
  name: string
  address: string
}

function addressObject(address: string): NodemailerAddress {
  return { name: '', address }
}

/** Messages up to this many octets are handed over at once: a pool that tries again needs them twice. */
const MAX_WHOLE_OCTETS = 1024 * 1024

/**
 * Makes a transport of a nodemailer transporter.
 *
 * @param transporter one for all requests, or a function that gives the one for the connection of a request; it is
 *   called once for each message
 */
export function nodemailerTransport(
  transporter: NodemailerTransporter | ((connection: MailConnection | null) => NodemailerTransporter),
): Transport {
  return {
    async send({ envelope, message, connection, signal }) {
      const { sendMail } = bound(typeof transporter === 'function' ? transporter(connection) : transporter)
      const { size } = message
      const isSmall = size !== undefined && size <= MAX_WHOLE_OCTETS
      const info = await sendMail({
        envelope: {
          from: addressObject(envelope.from),
          to: envelope.to.map(addressObject),
          // 0 is left out of MAIL FROM.
          size: size ?? 0,
          use8BitMime: envelope.eightBitMime,
        },
        raw: isSmall ? asBuffer(await octetsOf(message)) : Readable.from(message, { objectMode: false }),
        ...(signal === undefined ? {} : { signal }),
      })
      return receiptOf(info)
    },
  }
}

function bound(transporter: NodemailerTransporter): NodemailerTransporter {
  return { sendMail: mail => transporter.sendMail(mail) }
}

/** nodemailer resolves where one recipient at least was accepted. */
function receiptOf(info: unknown): TransportReceipt {
  const { rejected, rejectedErrors } = (info ?? {}) as { rejected?: unknown; rejectedErrors?: unknown }
  const errors = Array.isArray(rejectedErrors) ? (rejectedErrors as readonly { recipient?: unknown }[]) : []
  const addresses = Array.isArray(rejected) ? (rejected as readonly unknown[]) : []
  return {
    rejected: addresses.map((entry): RejectedRecipient => {
      const address = typeof entry === 'string' ? entry : String((entry as { address?: unknown })?.address)
      return { address, error: errors.find(({ recipient }) => recipient === address) ?? new Error('rejected') }
    }),
  }
}

/** Options of `createTransport` for a connection. */
export interface NodemailerOptions {
  host: string
  /** Port; nodemailer's own default where it is missing. */
  port?: number
  secure: boolean
  requireTLS: boolean
  auth?: { user: string; pass: string }
}

/** The port that speaks TLS from the start: RFC 8314 §3.3. */
const SUBMISSIONS_PORT = 465

/**
 * What nodemailer's `createTransport` takes for a connection of a request.
 *
 * With UseSSL nothing goes in the clear: TLS from the start on port 465, which is the default then, and on any other
 * port STARTTLS, without which nothing is sent.
 */
export function nodemailerOptions({ host, port, useSSL, userName, password }: MailConnection): NodemailerOptions {
  const chosen = port ?? (useSSL ? SUBMISSIONS_PORT : undefined)
  const secure = useSSL && chosen === SUBMISSIONS_PORT
  return {
    host,
    ...(chosen === undefined ? {} : { port: chosen }),
    secure,
    requireTLS: useSSL && !secure,
    ...(userName === '' ? {} : { auth: { user: userName, pass: password } }),
  }
}
