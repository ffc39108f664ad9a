/**
 * A batch of messages with four attachments of 5 MiB each, one after the other: throughput, and memory that does not
 * grow with the number of messages. The attachments are streams, or in memory for those who need them there.
 */
import { Buffer } from 'node:buffer'
import { Readable } from 'node:stream'
import { drawing, MIB, messageWithFiles, noise } from '../mail.js'
import { nodemailerBuild, nodemailerOptions, nodemailerStream } from '../peers.js'

const FILES = 4
const FILE_OCTETS = 5 * MIB
const SOURCE_CHUNK = 64 * 1024

/** One chunk for all: what is measured is the message, not where its contents come from. */
const CHUNK = noise(SOURCE_CHUNK)

async function* fileStream() {
  for (let sent = 0; sent < FILE_OCTETS; sent += SOURCE_CHUNK) yield CHUNK
}

/** A file in memory, a new one each time, as if it came from a database. */
function file() {
  const content = Buffer.allocUnsafe(FILE_OCTETS)
  for (let start = 0; start < FILE_OCTETS; start += SOURCE_CHUNK) content.set(CHUNK, start)
  return content
}

/** @param {() => import('../../src/index.ts').AttachmentContent} content */
function message(content) {
  return messageWithFiles(Array.from({ length: FILES }, (_, index) => drawing(content(), index + 1)))
}

/** @typedef {(library: typeof import('../../src/index.ts')) => Promise<() => Promise<number> | number>} SideMaker */

/** What composes one message and gives its octets. @type {Readonly<Record<string, SideMaker>>} */
const SIDES = {
  'mimecal stream': async library => async () => {
    let octets = 0
    for await (const chunk of library.composeMessage(message(() => fileStream))) octets += chunk.length
    return octets
  },
  'mimecal iterate, in memory': async library => () => {
    let octets = 0
    for (const chunk of library.composeMessage(message(file))) octets += chunk.length
    return octets
  },
  'mimecal toBytes, in memory': async library => () => library.composeMessage(message(file)).toBytes().length,
  'nodemailer createReadStream': async () => {
    const stream = await nodemailerStream(() => withContents(() => Readable.from(fileStream())))
    return () => stream()
  },
  'nodemailer build, in memory': async () => async () => {
    const build = await nodemailerBuild(withContents(file))
    return (await build()).length
  },
}

/** @param {() => Buffer | Readable} content */
function withContents(content) {
  const options = nodemailerOptions(message(() => CHUNK))
  return { ...options, attachments: (options.attachments ?? []).map(file => ({ ...file, content: content() })) }
}

/**
 * @param {number} messages
 * @param {readonly string[]} sides
 * @returns {import('../types.d.ts').Group}
 */
function batch(messages, sides) {
  return {
    name: `${messages}-messages`,
    title: `compose ${messages} messages with 4 x 5 MiB`,
    octets: messages * FILES * FILE_OCTETS,
    messages,
    separate: true,
    slow: messages > 10,
    sides,
    async prepare({ library }, only = '') {
      const side = SIDES[only]
      if (side === undefined) throw new Error(`there is no side ${only}`)
      const composeOne = await side(library)
      const expected = Math.ceil(FILE_OCTETS / 3) * 4 * FILES
      return [
        {
          name: only,
          async run() {
            for (let count = 0; count < messages; count++) {
              if ((await composeOne()) < expected) throw new Error(`${only} writes too little`)
            }
          },
        },
      ]
    },
  }
}

/** @type {import('../types.d.ts').Workload} */
export default {
  name: 'batch-compose',
  groups: [batch(10, ['mimecal stream', 'nodemailer createReadStream']), batch(50, Object.keys(SIDES))],
}
