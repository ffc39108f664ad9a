/**
 * sendEMails: the API's SendEMails over a transport that is given.
 *
 * All e-mails are composed before the first one is sent, so that a request with a mistake in it sends nothing. From then
 * on what was sent is never reported as unsent, and what was not is always reported.
 */
import { Buffer } from 'node:buffer'
import { offsetsOf } from '../calendar/carrier-time-zone.ts'
import type { EMailAttachment, EMailEntity, EMailEntityInput } from '../entity/entity.ts'
import { completeEntity, type Selected } from '../entity/json.ts'
import { selector } from '../entity/select.ts'
import { instantOf, isUnsetDateTime, moveDateTimes, normaliseDateTime } from '../entity/time-zone.ts'
import { MimeError, mimeError, type Problem, throwProblems } from '../errors.ts'
import { type ComposedMessage, type ComposeOptions, closeUnread, composeMessage } from '../message/compose.ts'
import { isReadOnce } from '../message/outgoing-stream.ts'
import { type ByteStream, isByteStream } from '../mime/byte-stream.ts'
import { checkOption } from '../option.ts'
import { type EMailConnectionInfoInput, type MailConnection, readConnection } from './connection.ts'
import { SendError, type SendFailure, type SendWarning } from './send-error.ts'
import type { RejectedRecipient, SentItems, Transport } from './transport.ts'

/** Body of the API's SendEMails. A `SendEMailsRequest`, as `sendRequestFromJson` returns it, is one. */
export interface SendEMailsInput {
  readonly OutgoingConnectionInfo?: EMailConnectionInfoInput | null | undefined
  readonly Emails: readonly EMailEntityInput[]
  readonly SentItemsConnectionInfo?: EMailConnectionInfoInput | null | undefined
}

/** How to send. */
export interface SendOptions {
  readonly transport: Transport
  /** Keeps a copy of each e-mail that was sent, with its Bcc and marked as read; without it no copies are kept. */
  readonly sentItems?: SentItems | undefined
  /** `$select` of the API for what is returned. Default: everything. */
  readonly select?: string | undefined
  /** Zone of the date-times that are returned, by IANA or Windows name. Default: as they are. */
  readonly timeZone?: string | undefined
  /** After a failure: `stop` begins no other e-mail, `continue` tries them all. Default `stop`. */
  readonly onFailure?: 'stop' | 'continue' | undefined
  /** Number of e-mails under way at a time; they begin in the order of the request. Default 1. */
  readonly concurrency?: number | undefined
  /** Once aborted no other e-mail is begun; the transport is told, and waited for. */
  readonly signal?: AbortSignal | undefined
  /** How to compose. */
  readonly compose?: Omit<ComposeOptions, 'bcc' | 'draft'> | undefined
}

/** The API's response: the e-mails as they were sent, in the order of the request. */
export type SentEMails<T> = T[] & {
  /** What went wrong with e-mails that were sent all the same. Not part of the list, nor of its JSON. */
  readonly warnings: readonly SendWarning[]
}

/**
 * Sends e-mails.
 *
 * What is returned is what was given, with MessageID, Sent, Size, IsSent and Flags as they are now; content of an
 * attachment that was a stream is null.
 *
 * @throws {MimeError} before anything is sent: every problem of every e-mail (`Emails[1].To[0].Address`) as
 *   `composeMessage` has them, of the connections (TYPE_INVALID, VALUE_INVALID), and of the options (OPTION_INVALID)
 * @throws {SendError} where not all of them were sent
 */
export function sendEMails(
  request: SendEMailsInput,
  options: SendOptions & { readonly select?: undefined },
): Promise<SentEMails<EMailEntity>>
export function sendEMails(request: SendEMailsInput, options: SendOptions): Promise<SentEMails<Selected<EMailEntity>>>
export async function sendEMails(
  request: SendEMailsInput,
  options: SendOptions,
): Promise<SentEMails<Selected<EMailEntity>>> {
  checkOptions(options)
  const select = selector(options.select)
  const offsetAt = options.timeZone === undefined ? undefined : offsetsOf(options.timeZone)
  const sending = new Sending(prepare(request, options), options)
  try {
    await sending.run()
  } finally {
    for (const { message } of sending.jobs) closeUnread(message)
  }
  const sent = sending.jobs.flatMap(({ result, index }) => (result === undefined ? [] : [{ index, entity: result }]))
  const entities = sent.map(({ entity }) => (offsetAt === undefined ? entity : moveDateTimes(entity, offsetAt)))
  const warnings = sending.warnings.toSorted((a, b) => a.index - b.index)
  const notAttempted = sending.jobs.filter(job => !job.isBegun).map(({ index }) => index)
  if (sending.failed.length > 0 || notAttempted.length > 0) {
    const failed = sending.failed.toSorted((a, b) => a.index - b.index)
    const sentIndexes = sent.map(({ index }) => index)
    const cause: unknown = failed.length > 0 ? failed[0]!.error : options.signal?.reason
    throw new SendError({ sent: entities, sentIndexes, failed, notAttempted, warnings }, { cause })
  }
  return Object.defineProperty(entities.map(select), 'warnings', { value: warnings }) as SentEMails<
    Selected<EMailEntity>
  >
}

/** @throws {MimeError} OPTION_INVALID, TYPE_INVALID */
function checkOptions(options: SendOptions): void {
  const { transport, sentItems, onFailure = 'stop', concurrency = 1, compose } = options ?? {}
  if (typeof transport?.send !== 'function') throw mimeError('OPTION_INVALID', 'transport', 'must have a method send')
  if (sentItems !== undefined && typeof sentItems?.append !== 'function') {
    throw mimeError('OPTION_INVALID', 'sentItems', 'must have a method append')
  }
  if (onFailure !== 'stop' && onFailure !== 'continue') {
    throw mimeError('OPTION_INVALID', 'onFailure', 'must be stop or continue')
  }
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw mimeError('OPTION_INVALID', 'concurrency', 'must be a whole number from 1 on')
  }
  // Whatever else it has is checked with each e-mail.
  checkOption('compose', compose, 'object')
  checkOption('compose.now', compose?.now, 'function')
}

/** One e-mail on its way. */
interface Job {
  /** In `Emails`. */
  readonly index: number
  /** As it was composed, complete. */
  readonly entity: EMailEntity
  readonly message: ComposedMessage
  isBegun: boolean
  /** As it was sent; undefined until it was. */
  result: EMailEntity | undefined
}

/** What the whole request has in common. */
interface Prepared {
  readonly jobs: readonly Job[]
  readonly outgoing: MailConnection | null
  readonly copies: MailConnection | null
}

/** @throws {MimeError} with every problem of the request */
function prepare(request: SendEMailsInput, { compose }: SendOptions): Prepared {
  const emails: unknown = request?.Emails
  if (!Array.isArray(emails)) throw mimeError('TYPE_INVALID', 'Emails', 'must be a list')
  const problems: Problem[] = []
  const outgoing = readConnection(request.OutgoingConnectionInfo, 'OutgoingConnectionInfo', problems)
  const copies = readConnection(request.SentItemsConnectionInfo, 'SentItemsConnectionInfo', problems)
  const now = compose?.now?.() ?? new Date()
  const jobs: Job[] = []
  const streams = new Set<ByteStream>()
  try {
    for (const [index, email] of emails.entries()) {
      try {
        jobs.push(jobOf(email, index, { now, compose, streams }))
      } catch (error) {
        if (!(error instanceof MimeError)) throw error
        problems.push(...error.problems.map(problem => below(`Emails[${index}]`, problem)))
      }
    }
    throwProblems(problems)
  } catch (error) {
    for (const { message } of jobs) closeUnread(message)
    throw error
  }
  return { jobs, outgoing, copies }
}

/** What the e-mails of a request share. */
interface RequestContext {
  readonly now: Date | string
  readonly compose: SendOptions['compose']
  /** Streams of the e-mails before. */
  readonly streams: Set<ByteStream>
}

/** @throws {MimeError} with every problem of the e-mail */
function jobOf(email: unknown, index: number, { now, compose, streams }: RequestContext): Job {
  if (typeof email !== 'object' || email === null) throw mimeError('TYPE_INVALID', '', 'must be an e-mail')
  const entity = outgoingEntity(email as EMailEntityInput, now)
  throwProblems(repeatedStreams(entity.Attachments, streams))
  const message = composeMessage(entity, { ...compose, bcc: 'omit', draft: false })
  return { index, entity, message, isBegun: false, result: undefined }
}

/** Streams that stand in the request before: they would be empty by then. */
function repeatedStreams(attachments: unknown, streams: Set<ByteStream>): Problem[] {
  const problems: Problem[] = []
  for (const [index, file] of Array.isArray(attachments) ? attachments.entries() : []) {
    // Not what a getter makes.
    const content: unknown = Object.getOwnPropertyDescriptor(file ?? {}, 'Stream')?.value
    if (!isByteStream(content) || !isReadOnce(content)) continue
    if (streams.has(content)) {
      const message = 'the stream stands in the request before; give a function that opens it'
      problems.push({ code: 'CONTENT_FAILED', path: `Attachments[${index}].Stream`, message })
    }
    streams.add(content)
  }
  return problems
}

function below(path: string, problem: Problem): Problem {
  return { ...problem, path: problem.path === '' ? path : `${path}.${problem.path}` }
}

/** The e-mail with its date, and no draft any more: `X-Unsent` would open it for editing where it arrives. */
function outgoingEntity(email: EMailEntityInput, now: Date | string): EMailEntity {
  const entity = completeEntity(email)
  const { Sent: sent } = entity
  if (sent === null || (typeof sent === 'string' && isUnsetDateTime(sent))) {
    entity.Sent = normaliseDateTime(now) ?? String(now)
  }
  if (typeof entity.Flags === 'string') entity.Flags = withoutFlags(entity.Flags, ['Draft', 'Recent'])
  return entity
}

function withoutFlags(flags: string, unwanted: readonly string[]): string {
  const names = flags.split(',').map(name => name.trim())
  return names.filter(name => name !== '' && !unwanted.includes(name)).join(', ')
}

/** Sends the e-mails of one request. */
class Sending {
  readonly jobs: readonly Job[]
  readonly failed: SendFailure[] = []
  readonly warnings: SendWarning[] = []
  readonly #prepared: Prepared
  readonly #options: SendOptions
  #next = 0

  constructor(prepared: Prepared, options: SendOptions) {
    this.jobs = prepared.jobs
    this.#prepared = prepared
    this.#options = options
  }

  async run(): Promise<void> {
    const workers = Math.min(this.#options.concurrency ?? 1, this.jobs.length)
    await Promise.all(Array.from({ length: workers }, () => this.#work()))
  }

  async #work(): Promise<void> {
    while (this.#next < this.jobs.length && this.#mayBegin()) {
      const job = this.jobs[this.#next++]!
      job.isBegun = true
      try {
        await this.#send(job)
      } catch (error) {
        this.failed.push({ index: job.index, error })
        continue
      }
      // From here on the e-mail is sent, whatever happens.
      await this.#keepCopy(job)
    }
  }

  #mayBegin(): boolean {
    if (this.#options.signal?.aborted === true) return false
    return this.failed.length === 0 || this.#options.onFailure === 'continue'
  }

  async #send(job: Job): Promise<void> {
    const { entity, message } = job
    const { transport, signal } = this.#options
    const counted = new CountedMessage(message)
    const { envelope } = message
    const receipt = await transport.send({ envelope, message: counted, connection: this.#prepared.outgoing, signal })
    job.result = {
      ...entity,
      MessageID: message.messageId,
      Size: message.size ?? counted.octets,
      IsSent: true,
      Flags: ['Seen', withoutFlags(entity.Flags, ['Seen', 'None', '0'])].filter(flags => flags !== '').join(', '),
      Attachments: entity.Attachments.map(returnedAttachment),
    }
    // Whatever else a transport gives, the e-mail is sent.
    const rejected: readonly unknown[] = Array.isArray(receipt?.rejected) ? receipt.rejected : []
    for (const recipient of rejected) {
      if (typeof recipient !== 'object' || recipient === null) continue
      const { address, error } = recipient as RejectedRecipient
      this.warnings.push({ code: 'RECIPIENT_REJECTED', index: job.index, address, error })
    }
  }

  async #keepCopy({ index, entity, message }: Job): Promise<void> {
    const { sentItems, compose, signal } = this.#options
    if (sentItems === undefined) return
    let copy: ComposedMessage | undefined
    try {
      const kept = { ...entity, MessageID: message.messageId }
      copy = composeMessage(kept, { ...compose, bcc: 'keep', draft: false })
      const { copies: connection } = this.#prepared
      await sentItems.append({
        message: copy,
        folder: connection?.folder ?? '',
        flags: ['\\Seen'],
        internalDate: new Date(instantOf(entity.Sent ?? '') ?? Date.now()),
        connection,
        signal,
      })
    } catch (error) {
      this.warnings.push({ code: 'APPEND_FAILED', index, address: '', error })
    } finally {
      if (copy !== undefined) closeUnread(copy)
    }
  }
}

/** Content as an entity holds it: base64 text is decoded where somebody looks at it, a stream is gone. */
function returnedAttachment(attachment: EMailAttachment): EMailAttachment {
  const descriptor = Object.getOwnPropertyDescriptor(attachment, 'Stream')
  if (descriptor?.get !== undefined) return attachment
  const content: unknown = attachment.Stream
  if (content instanceof Uint8Array || content === null) return attachment
  if (typeof content !== 'string') return { ...attachment, Stream: null }
  let decoded: Uint8Array | undefined
  const get = (): Uint8Array => {
    decoded ??= new Uint8Array(Buffer.from(content, 'base64'))
    return decoded
  }
  return Object.defineProperty({ ...attachment }, 'Stream', { get, enumerable: true, configurable: true })
}

/** Counts what is read, for messages whose size nobody knows before. */
class CountedMessage implements ComposedMessage {
  /** Octets of the last reading. */
  octets = 0
  readonly #message: ComposedMessage

  constructor(message: ComposedMessage) {
    this.#message = message
  }

  get envelope(): ComposedMessage['envelope'] {
    return this.#message.envelope
  }

  get messageId(): string {
    return this.#message.messageId
  }

  get size(): number | undefined {
    return this.#message.size
  }

  toBytes(): ReturnType<ComposedMessage['toBytes']> {
    return this.#message.toBytes()
  }

  writeInto(target: Uint8Array, offset?: number): number {
    return this.#message.writeInto(target, offset)
  }

  [Symbol.iterator](): ReturnType<ComposedMessage[typeof Symbol.iterator]> {
    return this.#message[Symbol.iterator]()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ReturnType<ComposedMessage['toBytes']>, void, undefined> {
    this.octets = 0
    for await (const chunk of this.#message) {
      this.octets += chunk.length
      yield chunk
    }
  }
}
