/**
 * What can go wrong once sending has begun: SendError for e-mails that were not sent, SendWarning for those that were.
 *
 * Input that cannot be sent is a MimeError, and nothing is sent then.
 */
import type { EMailEntity } from '../entity/entity.ts'

/** Every code of a {@link SendWarning}, with its meaning. */
export const SEND_WARNING_CODES = {
  APPEND_FAILED: 'the e-mail was sent, but its copy was not stored',
  RECIPIENT_REJECTED: 'the e-mail was sent, but not to this recipient',
} as const

/** A stable code; see {@link SEND_WARNING_CODES} for meanings. */
export type SendWarningCode = keyof typeof SEND_WARNING_CODES

/** What went wrong with an e-mail that was sent all the same. */
export interface SendWarning {
  readonly code: SendWarningCode
  /** Index in `Emails`. */
  readonly index: number
  /** The recipient that was rejected; `''` where it is about no recipient. */
  readonly address: string
  readonly error: unknown
}

/** An e-mail that the transport did not send. */
export interface SendFailure {
  /** Index in `Emails`. */
  readonly index: number
  /** What the transport rejected with. */
  readonly error: unknown
}

/** What there is to say when not all e-mails were sent. Every index of `Emails` is in one of its lists. */
export interface SendOutcome {
  readonly sent: readonly EMailEntity[]
  /** Each an index in `Emails`. */
  readonly sentIndexes: readonly number[]
  readonly failed: readonly SendFailure[]
  /** Each an index in `Emails`. */
  readonly notAttempted: readonly number[]
  readonly warnings: readonly SendWarning[]
}

/** Not all e-mails were sent: says which were, which were not, and which were not tried. */
export class SendError extends Error {
  override readonly name = 'SendError'
  /** Those that were sent, in the order of the request; every property is there, whatever `select` says. */
  readonly sent: EMailEntity[]
  /** Their indexes in `Emails`. */
  readonly sentIndexes: number[]
  /** Those that failed, in the order of the request. */
  readonly failed: SendFailure[]
  /** Indexes of those that were not tried, since another had failed or the caller gave up. */
  readonly notAttempted: number[]
  readonly warnings: SendWarning[]

  /** @param options `cause`: the first failure, or the reason of the signal */
  constructor(outcome: SendOutcome, options?: ErrorOptions) {
    super(describe(outcome), options)
    this.sent = [...outcome.sent]
    this.sentIndexes = [...outcome.sentIndexes]
    this.failed = [...outcome.failed]
    this.notAttempted = [...outcome.notAttempted]
    this.warnings = [...outcome.warnings]
  }
}

/** Failures that the text names. */
const MAX_NAMED = 5

function describe({ sent, failed, notAttempted }: SendOutcome): string {
  const total = sent.length + failed.length + notAttempted.length
  const named = failed.slice(0, MAX_NAMED).map(({ index, error }) => `Emails[${index}]: ${reasonOf(error)}`)
  if (failed.length > MAX_NAMED) named.push(`and ${failed.length - MAX_NAMED} more`)
  const reasons = named.length === 0 ? '' : `: ${named.join('; ')}`
  return `${sent.length} of ${total} e-mails were sent, ${failed.length} failed, ${notAttempted.length} were not tried${reasons}`
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
