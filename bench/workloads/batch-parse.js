/** A batch of messages with four attachments of 5 MiB each, parsed one after the other: throughput and memory. */
import { Readable } from 'node:stream'
import { drawing, MIB, messageWithFiles, noise } from '../mail.js'
import { mailparserParse, postalMimeParse } from '../peers.js'

const FILES = 4
const FILE_OCTETS = 5 * MIB
const SOURCE_CHUNK = 64 * 1024

/** @typedef {(message: Uint8Array) => Promise<readonly (number | undefined)[]> | readonly (number | undefined)[]} ParseOne */

/**
 * What parses one message and gives the octets of its attachments.
 *
 * @type {Readonly<Record<string, (library: typeof import('../../src/index.ts')) => Promise<ParseOne>>>}
 */
const SIDES = {
  'mimecal decode': async library => message =>
    library.parseMessage(message).entity.Attachments.map(({ Stream }) => Stream?.length),
  'mimecal lazy, one at a time': async library => message =>
    library.parseMessage(message, { attachments: 'lazy' }).root.parts.map(part => part.content().length),
  'mimecal stream': async library => async message => {
    /** @type {number[]} */
    const found = []
    await library.parseMessageStream(chunksOf(message), {
      async onAttachment(_, content) {
        let octets = 0
        for await (const chunk of content) octets += chunk.length
        found.push(octets)
      },
    })
    return found
  },
  'mailparser simpleParser': async () => {
    const parse = await mailparserParse()
    return async message => (await parse(message)).attachments.map(({ content }) => content.length)
  },
  'mailparser MailParser': async () => {
    const { MailParser } = await import('mailparser')
    return message =>
      new Promise((resolve, reject) => {
        /** @type {number[]} */
        const found = []
        const parser = new MailParser()
        parser.on('data', data => {
          if (data.type !== 'attachment') return
          let octets = 0
          const content = /** @type {Readable} */ (data.content)
          content.on('data', chunk => {
            octets += chunk.length
          })
          content.on('end', () => {
            found.push(octets)
            data.release?.()
          })
        })
        parser.on('error', reject)
        parser.on('end', () => resolve(found))
        Readable.from(chunksOf(message)).pipe(parser)
      })
  },
  'postal-mime parse': async () => {
    const parse = await postalMimeParse()
    return async message =>
      (await parse(message)).attachments.map(({ content }) => (typeof content === 'string' ? 0 : content.byteLength))
  },
}

/** @param {Uint8Array} message */
async function* chunksOf(message) {
  for (let start = 0; start < message.length; start += SOURCE_CHUNK) {
    yield message.subarray(start, start + SOURCE_CHUNK)
  }
}

/**
 * @param {number} messages
 * @param {readonly string[]} sides
 * @returns {import('../types.d.ts').Group}
 */
function batch(messages, sides) {
  return {
    name: `${messages}-messages`,
    title: `parse ${messages} messages with 4 x 5 MiB`,
    octets: messages * FILES * FILE_OCTETS,
    messages,
    separate: true,
    slow: messages > 10,
    rounds: messages > 10 ? 2 : 3,
    sides,
    async prepare({ library }, only = '') {
      const side = SIDES[only]
      if (side === undefined) throw new Error(`there is no side ${only}`)
      const parseOne = await side(library)
      const content = noise(FILE_OCTETS)
      const files = Array.from({ length: FILES }, (_, index) => drawing(content, index + 1))
      const message = library.composeMessage(messageWithFiles(files)).toBytes()
      return [
        {
          name: only,
          async run() {
            for (let count = 0; count < messages; count++) {
              const found = (await parseOne(message)).filter(octets => octets === FILE_OCTETS)
              if (found.length !== FILES) throw new Error(`${only} finds ${found.length} attachments`)
            }
          },
        },
      ]
    },
  }
}

/** @type {import('../types.d.ts').Workload} */
export default {
  name: 'batch-parse',
  groups: [batch(10, ['mimecal decode', 'mimecal stream', 'mailparser simpleParser']), batch(50, Object.keys(SIDES))],
}
