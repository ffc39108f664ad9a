/**
 * Forward: an entity that passes a message on, as a quotation or as an attachment (RFC 2046 §5.2.1).
 */
import { concatBytes } from '../codec/bytes.ts'
import { type EMailAddressInput, type EMailAttachment, type EMailEntity, emptyEntity } from '../entity/entity.ts'
import type { MimePart } from '../mime/part.ts'
import { inspectContent } from '../mime/transfer-encoding.ts'
import { checkChoice, checkOption, checkOptions } from '../option.ts'
import { ARCHIVE_FIELD } from './archive.ts'
import { fitsMessage } from './attachment.ts'
import { closeUnread, composeMessage } from './compose.ts'
import type { ParsedMessage } from './extract.ts'
import { fileNameOfSubject } from './file-name.ts'
import {
  addressOf,
  copyAttachment,
  describeAddresses,
  describeDate,
  entityOf,
  forwardSubject,
  isParsed,
  oneLine,
  type QuotedSource,
  quoteBodies,
  referencesOf,
} from './quote.ts'

/** How to forward. */
export interface ForwardOptions {
  /**
   * `inline` quotes the text and takes all attachments along; `attachment` encloses the message as it is, every octet
   * of it. Default `inline`.
   */
  readonly as?: 'inline' | 'attachment' | undefined
  /** Who forwards. */
  readonly from?: EMailAddressInput | undefined
  /** What stands above the quoted header. Default `---------- Forwarded message ----------`. */
  readonly heading?: string | undefined
}

/**
 * Makes the entity that forwards a message: subject, References, and the message itself. Recipients are to be added;
 * what the writer has to say goes before PlainBody and HTMLBody.
 *
 * It is no reply: In-Reply-To stays away, References keeps it in the thread. Bcc, and what `archive` wrote, do not leave
 * the house: an enclosed message is without these fields.
 *
 * @throws {MimeError} TYPE_INVALID with the path in the source, OPTION_INVALID; what `composeMessage` throws where an
 *   entity is enclosed
 */
export function forwardOf(source: QuotedSource, options: ForwardOptions = {}): EMailEntity {
  checkForwardOptions(options)
  const message = entityOf(source)
  const forward: EMailEntity = {
    ...emptyEntity(),
    From: addressOf(options.from),
    Subject: forwardSubject(message.Subject),
    CustomHeaderList: referencesOf(message, 'with-own'),
  }
  if (options.as === 'attachment') return { ...forward, Attachments: [enclosed(source, message.Subject)] }
  return {
    ...forward,
    ...quoteBodies(message, headingOf(message, options.heading ?? '---------- Forwarded message ----------')),
    Attachments: message.Attachments.map(copyAttachment),
  }
}

const FORMS = ['inline', 'attachment']

/** @throws {MimeError} OPTION_INVALID */
function checkForwardOptions(options: ForwardOptions): void {
  checkOptions(options)
  checkChoice('as', options.as, FORMS)
  // As in an entity, null is nobody.
  checkOption('from', options.from ?? undefined, 'object')
  checkOption('heading', options.heading, 'string')
}

function headingOf({ From, Sent, Subject, To, Cc }: EMailEntity, heading: string): string[] {
  const rows: readonly (readonly [name: string, value: string])[] = [
    ['From', From === null ? '' : describeAddresses([From])],
    ['Date', describeDate(Sent)],
    ['Subject', oneLine(Subject)],
    ['To', describeAddresses(To)],
    ['Cc', describeAddresses(Cc)],
  ]
  const stated = rows.filter(([, value]) => value !== '').map(([name, value]) => `${name}: ${value}`)
  return [oneLine(heading), ...stated, '']
}

function enclosed(source: QuotedSource, subject: string): EMailAttachment {
  const octets = (isParsed(source) ? octetsOf(source) : undefined) ?? composed(source)
  // RFC 2046 §5.2.1 has no encoding for a message: what no line can carry goes as a file.
  const fits = fitsMessage(inspectContent(octets))
  return {
    Description: '',
    Filename: `${fileNameOfSubject(oneLine(subject)) || 'message'}.eml`,
    Size: octets.length,
    Type: fits ? 'message/rfc822' : 'application/octet-stream',
    Encoding: '',
    Id: '',
    Disposition: 'attachment',
    IsSafeFileExtension: true,
    Stream: octets as EMailAttachment['Stream'],
    TableRight: null,
    FieldProperties: null,
  }
}

/** The message of an entity as it is, even one that could not be sent. */
function composed(source: QuotedSource): Uint8Array {
  const message = composeMessage(isParsed(source) ? source.entity : source, { draft: true, bcc: 'omit' })
  try {
    return message.toBytes()
  } finally {
    closeUnread(message)
  }
}

/** Lower-case names of fields that nobody else is to see. */
const SECRET_FIELDS: ReadonlySet<string> = new Set(['bcc', 'resent-bcc', ARCHIVE_FIELD])

/** The octets that were read, without the secret fields; undefined where a reader of streams did not keep them all. */
function octetsOf({ root }: ParsedMessage): Uint8Array | undefined {
  if (isIncomplete(root)) return undefined
  const { octets, offset } = root
  const kept: Uint8Array[] = []
  let start = 0
  for (const field of root.fields) {
    if (!SECRET_FIELDS.has(field.key)) continue
    kept.push(octets.subarray(start, field.offset - offset))
    start = endOfLine(octets, field.end - offset)
  }
  return start === 0 ? octets : concatBytes([...kept, octets.subarray(start)])
}

function isIncomplete(part: MimePart): boolean {
  return (
    part.streamed?.isPartial === true || part.octets.length !== part.end - part.offset || part.parts.some(isIncomplete)
  )
}

/** Where the line after a field begins, whatever ends lines here. */
function endOfLine(octets: Uint8Array, end: number): number {
  const isCrlf = octets[end] === 0x0d && octets[end + 1] === 0x0a
  return Math.min(end + (isCrlf ? 2 : 1), octets.length)
}
