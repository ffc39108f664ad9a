/**
 * MimeError and its codes: what a write, or a misuse of the API, refuses.
 *
 * Reading never throws on message content; what it survives is in ./defect.ts.
 */

/**
 * Every code a {@link MimeError} can carry, with its meaning.
 *
 * Codes are stable: they are part of the API, the message texts are not.
 */
export const MIME_ERROR_CODES = {
  ADDRESS_INVALID: 'not an addr-spec that can be written (RFC 5322 §3.4.1, RFC 5321 §4.1.2)',
  ADDRESS_MISSING: 'a recipient or sender without an address',
  APPEND_FAILED: 'the copy of a sent message could not be stored',
  ARCHIVE_TOO_LARGE: 'the archived properties exceed their limit of octets',
  CALENDAR_METHOD: 'what the calendar method demands is missing, or what it forbids is there (RFC 5546 §3.2)',
  CONTENT_BASE64: 'a base64 string with characters outside RFC 4648 §4, or of impossible length',
  CONTENT_FAILED: 'an attachment source failed while it was read',
  CONTENT_MISSING: 'an attachment has no content, and nothing resolves it',
  CONTENT_SIZE: 'an attachment source gave more or fewer octets than its stated Size',
  CONTENT_TYPE_INVALID: 'not a media type (RFC 2045 §5.1), or one that the property cannot have',
  DATE_INVALID: 'not a date-time that RFC 5322 §3.3 can write',
  FROM_MISSING: 'no From address, and the message is not a draft',
  HEADER_INJECTION: 'CR, LF, NUL or another control in a value that reaches a header',
  HEADER_NAME_INVALID: 'not a field name (RFC 5322 §3.6.8)',
  HEADER_RESERVED: 'a custom header that another property of the entity writes',
  JSON_INVALID: 'text that is no JSON (RFC 8259)',
  LIMIT_CHARACTERS: 'the JSON text is longer than limits.characters',
  LIMIT_ITEMS: 'the lists of the JSON have more items than limits.items',
  LIMIT_OCTETS: 'the source is larger than limits.maxOctets',
  MESSAGE_ID_INVALID: 'not a msg-id that can be written (RFC 5322 §3.6.4)',
  OPTION_INVALID: 'an option of the wrong type or outside its range',
  RECIPIENT_MISSING: 'no recipient at all, and the message is not a draft',
  SMTPUTF8_REQUIRED: 'a non-ASCII local part, and the smtpUtf8 option is not set (RFC 6531)',
  STREAM_CONTENT: 'a synchronous write of a message that has a stream as content',
  TARGET_TOO_SMALL: 'writeInto was given fewer octets than the message has',
  TYPE_INVALID: 'a property of the wrong type',
  VALUE_INVALID: 'a property outside its set of values',
} as const

/** A stable error code; see {@link MIME_ERROR_CODES} for meanings. */
export type MimeErrorCode = keyof typeof MIME_ERROR_CODES

/** One thing that is wrong with the input. */
export interface Problem {
  readonly code: MimeErrorCode
  /** Where it is, from the root of the input: `To[0].Address`, `Attachments[2].Filename`. */
  readonly path: string
  /** One sentence for a person; offending values are escaped and shortened. */
  readonly message: string
}

/**
 * The only error this library throws on purpose.
 *
 * `code` and `path` are those of the first problem; `problems` has all of them.
 */
export class MimeError extends Error {
  override readonly name = 'MimeError'
  readonly code: MimeErrorCode
  readonly path: string
  readonly problems: readonly Problem[]

  /**
   * @param problems at least one
   * @param options `cause`, where another error led to this one
   */
  constructor(problems: readonly [Problem, ...Problem[]], options?: ErrorOptions) {
    super(describe(problems), options)
    this.code = problems[0].code
    this.path = problems[0].path
    this.problems = problems
  }
}

/** Makes the error for a single problem. */
export function mimeError(code: MimeErrorCode, path: string, message: string, options?: ErrorOptions): MimeError {
  return new MimeError([{ code, path, message }], options)
}

/**
 * Throws everything that was collected, where that is anything.
 *
 * @param causes other errors that led to problems; the first one is kept
 */
export function throwProblems(problems: readonly Problem[], causes: readonly unknown[] = []): void {
  if (problems.length === 0) return
  const [first, ...rest] = problems
  throw new MimeError([first!, ...rest], causes.length === 0 ? undefined : { cause: causes[0] })
}

/** Longest excerpt of an offending value in an error text, in characters. */
const MAX_QUOTED_LENGTH = 40

/** The value in double quotes, with everything outside printable ASCII escaped, at most 40 characters of it. */
export function quoteForError(value: unknown): string {
  const text = typeof value === 'string' ? value : typeof value
  const shortened = text.length > MAX_QUOTED_LENGTH ? `${text.slice(0, MAX_QUOTED_LENGTH)}…` : text
  return JSON.stringify(shortened).replace(
    /[^\x20-\x7e…]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function describe(problems: readonly Problem[]): string {
  const lines = problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
  return lines.length === 1 ? lines[0]! : `${lines.length} problems: ${lines.join('; ')}`
}
