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
    pretty: { type: 'boolean', help: 'indent the JSON; what a terminal gets without --no-pretty' },
  },
} as const

/** Runs `mimecal parse`. */
export async function parse(args: readonly string[], io: Io): Promise<void> {
  const { file, values } = readArguments(PARSE_USAGE, args)
  const { entity } = parseMessage(await readInput(file, io), { attachments: values.attachments })
  await io.write(`${jsonForTerminal(entityJson(entity, values.pretty ?? io.isTerminal))}\n`)
}

function entityJson(entity: EMailEntity, pretty: boolean): string {
  const inBase64 = (_: string, value: unknown): unknown =>
    value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64') : value
  try {
    return JSON.stringify(entity, inBase64, pretty ? 2 : undefined)
  } catch (error) {
    // JavaScript has no text of more than half a gigabyte.
    if (!(error instanceof RangeError)) throw error
    throw new Failure(EXIT.REFUSED, 'the attachments are too large for JSON: leave them out with --attachments omit', {
      cause: error,
    })
  }
}
