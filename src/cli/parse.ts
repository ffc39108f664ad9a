/**
 * `mimecal parse`: a message to its entity in JSON.
 */
import { randomUUID } from 'node:crypto'
import type { EMailAttachment, EMailEntity } from '../index.ts'
import { EXIT, Failure } from './exit.ts'
import { openInput, readHead } from './input.ts'
import type { Io, Spool } from './io.ts'
import { type OnAttachment, readMessage } from './message.ts'
import { jsonForTerminal } from './terminal.ts'
import { type Command, readArguments } from './usage.ts'

/** How `mimecal parse` is used. */
const USAGE = {
  name: 'parse',
  operand: 'message.eml',
  summary: 'prints the e-mail entity of a message as JSON',
  description: [
    'Reads an RFC 5322/MIME message and prints its EMailEntity as JSON. Stream of an attachment is base64.',
    'A message is never refused: what was wrong with it is told by mimecal inspect.',
    'A message of more than 50 MiB is not held in memory: the contents of its attachments wait in a file without a name in the folder for temporary files.',
  ],
  options: {
    attachments: {
      type: 'string',
      choices: ['decode', 'omit'],
      help: 'with omit, Stream stays null; Size is right all the same. decode is the default',
    },
    pretty: { type: 'boolean', negatable: true, help: 'indent the JSON, or do not; the default is to, on a terminal' },
    json: { type: 'boolean', help: 'print JSON, as this command does anyway' },
  },
  examples: [
    { run: 'mimecal parse message.eml', does: 'shows the entity' },
    { run: "mimecal parse message.eml | jq -r '.Attachments[].Filename'", does: 'lists the attachments' },
    {
      run: "mimecal parse message.eml | jq -r '.Attachments[0].Stream' | base64 -d > file",
      does: 'saves the first of them',
    },
  ],
} as const

/** `mimecal parse`. */
export const PARSE: Command = { usage: USAGE, run: parse }

async function parse(args: readonly string[], io: Io): Promise<void> {
  const { file, values } = readArguments(USAGE, args, io)
  const { attachments, pretty = io.terminal !== undefined } = values
  const input = await readHead(await openInput(file, io), io.largeOctets)
  const indent = pretty ? 2 : undefined
  if (input.rest === undefined || attachments === 'omit') {
    const { entity } = await readMessage(input, { attachments })
    await io.write(`${entityJson(entity, indent, replaceOctets)}\n`)
    return
  }
  const contents = new Contents(await io.openSpool())
  try {
    const { entity } = await readMessage(input, { attachments, onAttachment: contents.add })
    for await (const chunk of contents.write(entityJson(entity, indent, contents.replacer))) await io.write(chunk)
  } finally {
    await contents.close()
  }
}

type Replacer = (this: unknown, key: string, value: unknown) => unknown

function replaceOctets(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? inBase64(value) : value
}

function inBase64(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('base64')
}

function entityJson(entity: EMailEntity, indent: number | undefined, replacer: Replacer): string {
  try {
    return jsonForTerminal(JSON.stringify(entity, replacer, indent))
  } catch (error) {
    if (!isTooLong(error)) throw error
    throw new Failure(EXIT.REFUSED, 'the text of the message is too large for JSON', { cause: error })
  }
}

/** JavaScript has no text of more than half a gigabyte: V8 throws a RangeError, Buffer an error with a code. */
function isTooLong(error: unknown): boolean {
  return error instanceof RangeError || (error as NodeJS.ErrnoException).code === 'ERR_STRING_TOO_LONG'
}

/** Contents of attachments that wait on disk for their place in the JSON, which is known when the message has ended. */
class Contents {
  readonly #spool: Spool
  readonly #ranges = new Map<unknown, { readonly index: number; readonly start: number; readonly end: number }>()
  /** Stands for a content in the JSON; no message can know it. */
  readonly #mark = randomUUID()
  #octets = 0

  constructor(spool: Spool) {
    this.#spool = spool
  }

  readonly add: OnAttachment = async (attachment: EMailAttachment, content) => {
    const start = this.#octets
    for await (const octets of content) {
      await this.#spool.append(octets)
      this.#octets += octets.length
    }
    this.#ranges.set(attachment, { index: this.#ranges.size, start, end: this.#octets })
  }

  get replacer(): Replacer {
    const [ranges, mark] = [this.#ranges, this.#mark]
    return function (key, value) {
      const range = key === 'Stream' ? ranges.get(this) : undefined
      return range === undefined ? value : `${mark}:${range.index}:`
    }
  }

  /** The JSON with the contents in their places, and a line break. */
  async *write(json: string): AsyncGenerator<string> {
    const ranges = [...this.#ranges.values()]
    const [first, ...others] = json.split(`${this.#mark}:`)
    yield first!
    for (const piece of others) {
      const colon = piece.indexOf(':')
      const { start, end } = ranges[Number(piece.slice(0, colon))]!
      for await (const octets of this.#spool.read(start, end)) yield inBase64(octets)
      yield piece.slice(colon + 1)
    }
    yield '\n'
  }

  close(): Promise<void> {
    return this.#spool.close()
  }
}
