/**
 * What sending needs from outside: something that sends a message, and something that keeps the copy.
 *
 * This library does no I/O of its own. Ready-made ones are in ./nodemailer.ts and ./imapflow.ts.
 */
import { concatBytes } from '../codec/bytes.ts'
import { MimeError } from '../errors.ts'
import type { ComposedMessage, Envelope } from '../message/compose.ts'
import type { MailConnection } from './connection.ts'

/** One message to send. */
export interface TransportJob {
  /** What MAIL FROM and RCPT TO need (RFC 5321 §3.3): the recipients of Bcc are in it. */
  readonly envelope: Envelope
  /** What DATA needs; no Bcc field is in it. */
  readonly message: ComposedMessage
  /** Where the request wants it to go; null where it leaves that to the transport. */
  readonly connection: MailConnection | null
  /** Aborted where nobody waits for it any more. */
  readonly signal: AbortSignal | undefined
}

/** A recipient that the server did not take, while it took others. */
export interface RejectedRecipient {
  readonly address: string
  /** What the server said. */
  readonly error: unknown
}

/** What became of a message that was sent. */
export interface TransportReceipt {
  readonly rejected?: readonly RejectedRecipient[] | undefined
}

/** Sends messages. */
export interface Transport {
  /**
   * Resolves once the server has taken the message for at least one recipient; rejects where it was not sent.
   *
   * `job.message` can be read more than once, unless an attachment is a stream that was given as such.
   */
  send(job: TransportJob): Promise<TransportReceipt | undefined>
}

/** One copy to keep. */
export interface SentItemsJob {
  /** With its Bcc field. */
  readonly message: ComposedMessage
  /** Folder of the mailbox; `''` for the one that is meant for sent messages. */
  readonly folder: string
  /** System flags of RFC 9051 §2.3.2: `\Seen`. */
  readonly flags: readonly string[]
  readonly internalDate: Date
  readonly connection: MailConnection | null
  readonly signal: AbortSignal | undefined
}

/** Keeps copies of sent messages. */
export interface SentItems {
  /** Resolves once the copy is stored. Whatever it rejects with becomes a warning. */
  append(job: SentItemsJob): Promise<unknown>
}

/** The octets of a message at once, whatever its contents are. */
export async function octetsOf(message: ComposedMessage): Promise<Uint8Array> {
  try {
    return message.toBytes()
  } catch (error) {
    if (!(error instanceof MimeError) || error.code !== 'STREAM_CONTENT') throw error
  }
  const chunks: Uint8Array[] = []
  for await (const chunk of message) chunks.push(chunk)
  return concatBytes(chunks)
}
