/**
 * `mimecal parse`: a message to its entity in JSON.
 */
import { type EMailEntity, parseMessage } from '../index.ts'
import { EXIT, Failure } from './exit.ts'
import { readInput } from './input.ts'
import type { Io } from './io.ts'
import { jsonForTerminal } from './terminal.ts'
import { readArguments } from './usage.ts'

/** How `mimecal parse` is used. */
export const PARSE_USAGE = {
  name: 'parse',
  operand: 'message.eml',
  summary: 'Prints the e-mail entity of a message as JSON',
  notes: [
    'Stream of an attachment is base64. A message is never refused: what was wrong with it is told by',
    'mimecal inspect.',
  ],
  options: {
    attachments: { type: 'string', choices: ['decode', 'omit'], help: 'omit leaves Stream null [decode]' },
    pretty: { type: 'boolean', help: 'indent the JSON; on a terminal it is, without --no-pretty' },
  },
} as const

/** Runs `mimecal parse`. */
export async function parse(args: readonly string[], io: Io): Promise<void> {
  const { file, values } = readArguments(PARSE_USAGE, args)
  const { entity } = parseMessage(await readInput(file, io), { attachments: values.attachments })
  await io.write(entityJson(entity, values.pretty ?? io.isTerminal))
}

function entityJson(entity: EMailEntity, pretty: boolean): string {
  const inBase64 = (_: string, value: unknown): unknown =>
    value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64') : value
  try {
    return `${jsonForTerminal(JSON.stringify(entity, inBase64, pretty ? 2 : undefined))}\n`
  } catch (error) {
    if (!isTooLong(error)) throw error
    throw new Failure(EXIT.REFUSED, 'the message is too large for JSON: leave out contents with --attachments omit', {
      cause: error,
    })
  }
}

/** JavaScript has no text of more than half a gigabyte: V8 throws a RangeError, Buffer an error with a code. */
function isTooLong(error: unknown): boolean {
  return error instanceof RangeError || (error as NodeJS.ErrnoException).code === 'ERR_STRING_TOO_LONG'
}
