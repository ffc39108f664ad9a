/**
 * The message that an input holds: small ones in memory, large ones as they arrive. The result is the same.
 */
import { type EMailAttachment, type ParsedMessage, parseMessage, parseMessageStream } from '../index.ts'
import type { InputHead } from './input.ts'

/** What becomes of the contents of the attachments of a large message. */
export type OnAttachment = (attachment: EMailAttachment, content: AsyncIterable<Uint8Array>) => Promise<void>

/** How a message is read. */
export interface ReadMessageOptions {
  /** Of a message in memory. */
  readonly attachments: 'decode' | 'omit' | undefined
  /** Of a large message, where they are wanted; else they are dropped. */
  readonly onAttachment?: OnAttachment | undefined
}

/** Reads a message, given the start of it and what is still to come. */
export async function readMessage({ head, rest }: InputHead, options: ReadMessageOptions): Promise<ParsedMessage> {
  if (rest === undefined) return parseMessage(Buffer.concat(head), { attachments: options.attachments })
  const { onAttachment = (): void => {} } = options
  return parseMessageStream(chained(head, rest), { onAttachment })
}

/** The start, of which nothing is kept, and then the rest. */
async function* chained(head: Uint8Array[], rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (let chunk = head.shift(); chunk !== undefined; chunk = head.shift()) yield chunk
  yield* rest
}
