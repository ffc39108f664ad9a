/**
 * Message that arrives in pieces to entity: `parseMessage` for what does not fit into memory.
 */
import { concatBytes } from '../codec/bytes.ts'
import type { EMailAttachment } from '../entity/entity.ts'
import { mimeError } from '../errors.ts'
import { type ByteStream, isByteStream, iteratorOf } from '../mime/byte-stream.ts'
import { resolveLimits } from '../mime/limits.ts'
import { type BodySink, type PartPlace, parseMimeStream } from '../mime/parse-stream.ts'
import { type MimePart, walk } from '../mime/part.ts'
import { checkOption } from '../option.ts'
import { describeAttachment } from './attachment.ts'
import { isInline } from './body.ts'
import { ContentChannel } from './content-channel.ts'
import { checkParseOptions, extractMessage, type ParsedMessage, type ParseOptions, parseMessage } from './extract.ts'

/** How to parse a stream. */
export interface ParseStreamOptions extends ParseOptions {
  /**
   * Called for each attachment when it arrives, with its decoded content.
   *
   * The message waits while the content is read; a content that is not read is dropped. Where a promise is returned, it
   * is waited for, also when reading fails, and what is not read by then is dropped. Where none is, a content whose
   * iteration has begun by then is waited for, until it ends or is left. `attachment` is the object that stands in the
   * entity afterwards: what its header does not tell (Size, whether the HTML refers to it) is set at the end. Stream
   * stays null.
   */
  readonly onAttachment?:
    | ((attachment: EMailAttachment, content: AsyncIterable<Uint8Array>) => void | Promise<void>)
    | undefined
}

/** Types that are looked into, and so are kept; they are small by nature. */
const READ_TYPES =
  /^(?:message\/(?:global-)?(?:delivery-status|disposition-notification|feedback-report)|(?:text|message)\/(?:rfc822|global)-headers|text\/calendar|application\/(?:ics|(?:vnd\.)?ms-tnef))$/

/**
 * Parses a message that arrives in pieces. The result is that of `parseMessage`, however the message was cut.
 *
 * With `onAttachment`, memory does not grow with the attachments: the tree then has only the first octets of large
 * bodies (`part.streamed.isPartial`). Without it, the contents are collected.
 *
 * @throws {MimeError} LIMIT_OCTETS, TYPE_INVALID; whatever the source or `onAttachment` throws. The source is closed
 *   then. OPTION_INVALID before it is opened.
 */
export async function parseMessageStream(source: ByteStream, options: ParseStreamOptions = {}): Promise<ParsedMessage> {
  if (!isByteStream(source)) {
    throw mimeError('TYPE_INVALID', '', 'the source must be an async iterable or a readable stream of octets')
  }
  checkParseOptions(options)
  checkOption('onAttachment', options.onAttachment, 'function')
  const { onAttachment } = options
  if (onAttachment === undefined) return parseMessage(await collect(source, options), options)
  const handedOut: EMailAttachment[] = []
  const onBody = (part: MimePart, place: PartPlace): BodySink | undefined => {
    if (isInline(part, place.index, place.multipart) || READ_TYPES.test(part.contentType.mediaType)) return undefined
    const attachment = describeAttachment(part)
    handedOut.push(attachment)
    return new AttachmentSink(attachment, onAttachment)
  }
  const parsed = await parseMimeStream(source, { limits: options.limits, onBody })
  // Bodies were passed on in the order of the parts.
  const streamed = [...walk(parsed.root)].filter(part => part.streamed?.octets !== undefined)
  const known = new Map(streamed.map((part, index) => [part, handedOut[index]!]))
  const message = extractMessage(parsed, parsed.size, { ...options, attachments: 'decode' }, known)
  for (const attachment of message.entity.Attachments) {
    // What had to be looked into, or was found inside another part, is handed out now.
    if (attachment.Stream === null) continue
    const content = attachment.Stream
    attachment.Stream = null
    const sink = new AttachmentSink(attachment, onAttachment)
    if (content.length > 0) await sink.write(content)
    await sink.end()
  }
  return message
}

/** Gives the content of one attachment to the user. */
class AttachmentSink implements BodySink {
  readonly #channel = new ContentChannel()
  /** The user's own work on it, where there is any. */
  readonly #work: Promise<void> | undefined
  #failure: { readonly error: unknown } | undefined

  constructor(attachment: EMailAttachment, onAttachment: NonNullable<ParseStreamOptions['onAttachment']>) {
    let work: unknown
    try {
      work = onAttachment(attachment, this.#channel)
    } catch (error) {
      // Whoever reads it by now must not wait for ever.
      this.#channel.fail(error)
      throw error
    }
    if (!isThenable(work)) {
      if (!this.#channel.isTaken) this.#channel.discard()
      return
    }
    const settle = (): void => this.#channel.discard()
    this.#work = Promise.resolve(work).then(settle, (error: unknown) => {
      this.#failure = { error }
      settle()
    })
  }

  async write(octets: Uint8Array): Promise<void> {
    await this.#channel.write(octets)
    this.#rethrow()
  }

  async end(): Promise<void> {
    this.#channel.end()
    await this.#work
    this.#rethrow()
  }

  async fail(error: unknown): Promise<void> {
    this.#channel.fail(error)
    await this.#work
  }

  #rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }
}

function isThenable(value: unknown): value is PromiseLike<void> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

async function collect(source: ByteStream, { limits }: ParseOptions): Promise<Uint8Array> {
  const { maxOctets } = resolveLimits(limits)
  const pieces: Uint8Array[] = []
  let octets = 0
  for await (const piece of { [Symbol.asyncIterator]: () => iteratorOf(source) }) {
    if (!(piece instanceof Uint8Array)) throw mimeError('TYPE_INVALID', '', 'the source must give octets')
    octets += piece.length
    if (octets > maxOctets) throw mimeError('LIMIT_OCTETS', '', `the source has more than ${maxOctets} octets`)
    // A copy: a source may use its memory again.
    pieces.push(new Uint8Array(piece))
  }
  return concatBytes(pieces)
}
