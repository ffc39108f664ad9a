/**
 * What a user writes, for the compilers of users: one use of every entry, types and values.
 *
 * ./types.js puts the name of the package in the place of the paths, and compiles it beside the installed package.
 */
import {
  type CalendarInput,
  type CalendarSummary,
  composeCalendar,
  isSuperseded,
  readAppointment,
} from '../../src/calendar/index.ts'
import {
  type ComposedMessage,
  type ComposeOptions,
  composeMessage,
  DEFECT_CODES,
  type Defect,
  type DefectCode,
  type EMailAttachmentInput,
  type EMailEntity,
  type EMailEntityInput,
  type EMailPriority,
  entityFromJson,
  entityToJson,
  forwardOf,
  MimeError,
  type MimePart,
  type ParsedMessage,
  type Problem,
  parseMessage,
  parseMessageStream,
  replyTo,
  selectFields,
  withTimeZone,
} from '../../src/index.ts'
import { type Mailbox, type OutgoingPart, parseAddressList, parseMime, walk, writeMime } from '../../src/mime/index.ts'
import { type NodemailerMail, SendError, sendEMails, type Transport } from '../../src/send/index.ts'

const attachment: EMailAttachmentInput = { Filename: 'a.bin', Stream: Uint8Array.of(1, 2, 3) }
const input: EMailEntityInput = {
  From: { Address: 'kari@example.no' },
  To: [{ Address: 'ola@example.com', Name: undefined }],
  Sent: new Date(),
  Attachments: [attachment],
}
const options: ComposeOptions = { bcc: 'keep', now: () => new Date(0), random: octets => new Uint8Array(octets) }

export function compose(): Blob {
  const message: ComposedMessage = composeMessage(input, options)
  const size: number | undefined = message.size
  const recipients: readonly string[] = message.envelope.to
  for (const chunk of message) console.log(chunk.length, size, recipients)
  // A plain Uint8Array is no BlobPart from TypeScript 5.9 on.
  return new Blob([message.toBytes()])
}

export async function parse(source: Uint8Array, stream: ReadableStream<Uint8Array>): Promise<EMailEntity> {
  const parsed: ParsedMessage = parseMessage(source, { attachments: 'lazy', defaults: { ServerId: 7 } })
  const defects: readonly Defect[] = parsed.defects
  const codes: DefectCode[] = defects.map(({ code }) => code)
  const root: MimePart = parsed.root
  const summary: CalendarSummary = parsed.calendar
  const meanings: string[] = codes.map(code => DEFECT_CODES[code])
  console.log(meanings, root.contentType.mediaType, summary.CalMethod)
  const { entity } = await parseMessageStream(stream, {
    onAttachment: async ({ Filename }, content) => {
      for await (const chunk of content) console.log(Filename, chunk.length)
    },
  })
  const priority: EMailPriority = entity.Priority
  console.log(priority)
  return entity
}

export function carriers(json: string): string {
  const entity: EMailEntity = entityFromJson(json)
  const selected = selectFields(entity, 'Subject,From')
  console.log(selected.Subject, replyTo(entity, { all: true }).To[0]?.Address, forwardOf(entity).Subject)
  return entityToJson(withTimeZone(entity, 'Europe/Oslo'))
}

export function problems(error: unknown): readonly Problem[] {
  return error instanceof MimeError ? error.problems : []
}

export function calendars(message: ParsedMessage, invitation: CalendarInput): boolean {
  const appointment = readAppointment(message)
  const ics: string = composeCalendar(invitation).ics
  if (appointment === null) return ics === ''
  const start: string | null = appointment.appointment.DtStart
  return isSuperseded(appointment.revision, [appointment.revision]) && start !== null
}

export function tree(source: Uint8Array, part: OutgoingPart): readonly Mailbox[] {
  for (const found of walk(parseMime(source).root)) console.log(found.contentType.parameters.get('charset'))
  for (const chunk of writeMime(part)) console.log(chunk.byteLength)
  return parseAddressList('Kari <kari@example.no>')
}

export async function send(transport: Transport): Promise<number> {
  try {
    const sent = await sendEMails({ Emails: [input] }, { transport, timeZone: 'UTC', onFailure: 'continue' })
    return sent.length
  } catch (error) {
    if (error instanceof SendError) return error.failed.map(({ index }) => index).length
    throw error
  }
}

/** A type that is `any` takes this without a word, and the directive is then an error. */
export function isTyped(mail: NodemailerMail): void {
  // @ts-expect-error A mail has no such property.
  console.log(mail.nonsense)
}
