/**
 * winmail.dat: what Outlook puts into a TNEF part becomes the entity's own text and attachments.
 *
 * The format is read in ../mime/tnef.ts.
 */
import { asPlainBytes } from '../codec/bytes.ts'
import type { OnDefect } from '../defect.ts'
import type { EMailEntity } from '../entity/entity.ts'
import { withoutControls } from '../header/token.ts'
import type { MimePart } from '../mime/part.ts'
import { readTnef, type TnefAttachment, type TnefContent } from '../mime/tnef.ts'
import type { EnclosedFile } from './attachment.ts'

const TNEF_TYPES: ReadonlySet<string> = new Set(['application/ms-tnef', 'application/vnd.ms-tnef'])

/** Attachments, with what those that are TNEF hold. */
export interface OpenedTnef {
  /** Parts that are no TNEF, none that can be read, or none with anything new. */
  readonly parts: readonly MimePart[]
  /** Files of the TNEF. */
  readonly files: readonly TnefAttachment[]
}

/** Files after which no further TNEF is opened: 54 octets there, and some hundred as an attachment. */
const MAX_FILES = 1000

/**
 * Reads the TNEF among the parts. Its text fills what the entity has none of; a TNEF that gives nothing new stays an
 * attachment, so that nothing of it is lost.
 *
 * @param entity whose texts are set where they are empty
 */
export function openTnef(parts: readonly MimePart[], entity: EMailEntity, onDefect: OnDefect): OpenedTnef {
  const others: MimePart[] = []
  const files: TnefAttachment[] = []
  for (const part of parts) {
    const isOpened = TNEF_TYPES.has(part.contentType.mediaType) && files.length < MAX_FILES
    const tnef = isOpened
      ? readTnef(part.content(), (code, _, detail) => onDefect(code, part.offset, detail))
      : undefined
    const hasText = tnef !== undefined && fillText(entity, tnef)
    if (tnef === undefined || (!hasText && tnef.attachments.length === 0)) others.push(part)
    else files.push(...tnef.attachments)
  }
  return { parts: others, files }
}

function fillText(entity: EMailEntity, { text, html }: TnefContent): boolean {
  const isText = entity.PlainBody === '' && text !== ''
  const isHtml = entity.HTMLBody === '' && html !== ''
  // A byte order mark is no text, as in any other body.
  if (isText) entity.PlainBody = text.replace(/^\ufeff+/, '').replace(/\r\n?/g, '\n')
  if (isHtml) entity.HTMLBody = html.replace(/^\ufeff+/, '').replace(/\r\n?/g, '\n')
  return isText || isHtml
}

/** A file in a TNEF part. */
export function tnefFile({ filename, content, type, contentId }: TnefAttachment): EnclosedFile {
  return {
    filename: withoutControls(filename),
    content: asPlainBytes(content) as typeof content,
    type,
    encoding: '',
    id: withoutControls(contentId),
  }
}
