/**
 * `mimecal compose`: an entity in JSON to the octets of its message.
 */
import { constants } from 'node:buffer'
import { type ComposedMessage, composeMessage, type EMailEntityInput, MimeError } from '../index.ts'
import { EXIT, Failure, reasonOf } from './exit.ts'
import { openInput, readWhole } from './input.ts'
import type { Io } from './io.ts'
import { type Command, readArguments, wrongUsage } from './usage.ts'

/** How `mimecal compose` is used. */
const USAGE = {
  name: 'compose',
  operand: 'entity.json',
  summary: 'writes the message of an e-mail entity, octet for octet',
  description: [
    'Reads JSON and writes the RFC 5322/MIME message that it describes. The JSON is an EMailEntity, a list of them, or the request of SendEMails: {"Emails": [...]}. Stream of an attachment is base64.',
    'An entity with problems is refused before anything is written; each problem is told with its code and path.',
  ],
  options: {
    bcc: {
      type: 'string',
      choices: ['omit', 'keep'],
      help: 'whether the message names the Bcc recipients; omit is the default',
    },
    draft: { type: 'boolean', help: 'From, recipients, Date and Message-ID may be missing' },
    'eight-bit': { type: 'boolean', help: 'allow 8bit text: the transport must offer 8BITMIME' },
    'smtp-utf8': { type: 'boolean', help: 'allow non-ASCII local parts: the transport must offer SMTPUTF8' },
    index: { type: 'string', short: 'i', value: 'NUMBER', help: 'which e-mail of several; the first is 0' },
    output: { type: 'string', short: 'o', value: 'PATH', help: 'write a file in place of standard output' },
  },
  examples: [
    { run: 'mimecal compose entity.json > message.eml', does: 'writes a message' },
    { run: 'mimecal compose --index=1 request.json | mimecal inspect', does: 'shows the second message of a request' },
    { run: 'mimecal parse message.eml | mimecal compose', does: 'writes a message anew' },
  ],
} as const

/** `mimecal compose`. */
export const COMPOSE: Command = { usage: USAGE, run: compose }

async function compose(args: readonly string[], io: Io): Promise<void> {
  const { file, values } = readArguments(USAGE, args, io)
  const { index, output = '-' } = values
  if (index !== undefined && !/^\d+$/.test(index)) {
    throw wrongUsage(USAGE, `--index is a number, not ${JSON.stringify(index)}`)
  }
  const input = await openInput(file, io)
  const json = readJson(await readWhole(input), input.name)
  const email = chooseEmail(json, index === undefined ? undefined : Number(index))
  const message = composeAt(email, {
    bcc: values.bcc,
    draft: values.draft,
    eightBit: values['eight-bit'],
    smtpUtf8: values['smtp-utf8'],
  })
  if (output === '-') {
    for await (const chunk of message) await io.write(chunk)
    return
  }
  try {
    await io.writeFile(output, message)
  } catch (error) {
    throw new Failure(EXIT.NO_OUTPUT, `cannot write ${output}: ${reasonOf(error)}`, { cause: error })
  }
}

/** Reads JSON, which is UTF-8 (RFC 8259 §8.1); a byte order mark, as editors on Windows write it, is skipped. */
function readJson(octets: Uint8Array, name: string): unknown {
  if (octets.length > constants.MAX_STRING_LENGTH) {
    throw new Failure(EXIT.REFUSED, `${name} is too large for JSON`)
  }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(octets)
  } catch (error) {
    throw new Failure(EXIT.REFUSED, `${name} is no UTF-8 text`, { cause: error })
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Failure(EXIT.REFUSED, `${name} is no JSON: ${reasonOf(error)}`, { cause: error })
  }
}

/** An e-mail of the input, and where it stands there. */
interface ChosenEmail {
  readonly email: unknown
  /** `''`, `[1]` or `Emails[1]`. */
  readonly path: string
}

function chooseEmail(json: unknown, index: number | undefined): ChosenEmail {
  const isRequest = typeof json === 'object' && json !== null && Object.hasOwn(json, 'Emails')
  const emails = isRequest ? (json as { Emails: unknown }).Emails : json
  if (isRequest && !Array.isArray(emails)) throw new Failure(EXIT.REFUSED, 'TYPE_INVALID Emails: must be a list')
  const list: readonly unknown[] = Array.isArray(emails) ? emails : [json]
  if (list.length === 0) throw new Failure(EXIT.REFUSED, 'the input has no e-mail')
  if (index === undefined && list.length > 1) {
    throw wrongUsage(
      USAGE,
      `the input has ${list.length} e-mails: choose one with --index N, N from 0 to ${list.length - 1}`,
    )
  }
  const chosen = index ?? 0
  if (chosen >= list.length) {
    const emailsThere = list.length === 1 ? 'one e-mail' : `${list.length} e-mails`
    throw wrongUsage(USAGE, `--index ${chosen}: the input has ${emailsThere}, and the first is 0`)
  }
  return { email: list[chosen], path: Array.isArray(emails) ? `${isRequest ? 'Emails' : ''}[${chosen}]` : '' }
}

/** Composes; problems are told by their path from the root of the input. */
function composeAt({ email, path }: ChosenEmail, options: Parameters<typeof composeMessage>[1]): ComposedMessage {
  try {
    return composeMessage(email as EMailEntityInput, options)
  } catch (error) {
    if (!(error instanceof MimeError) || path === '') throw error
    const [first, ...rest] = error.problems.map(problem => ({
      ...problem,
      path: problem.path === '' ? path : `${path}.${problem.path}`,
    }))
    throw new MimeError([first!, ...rest], { cause: error })
  }
}
