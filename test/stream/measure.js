/**
 * Measures one thing in a process of its own: node measure.js LIBRARY FOLDER MIB WHAT
 *
 * A message with four files of MIB mebibytes is composed or read. Prints JSON: milliseconds, octets of the files per
 * second, and by how many octets the peak of the resident memory is above what it was when the library was loaded.
 */
import { createReadStream, createWriteStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { pipeline } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'

const [library = '', folder = '', mib = '', what = ''] = process.argv.slice(2)
const { composeMessage, parseMessage, parseMessageStream } = await import(pathToFileURL(library).href)

const FILES = 4
const FILE_OCTETS = Number(mib) * 1024 * 1024
const PATH = join(folder, `${mib}.eml`)
const BLOCK = new Uint8Array(65_536).map((_, index) => Math.imul(index, 2_654_435_761) >>> 13)

async function* generated() {
  for (let left = FILE_OCTETS; left > 0; left -= BLOCK.length) yield BLOCK.subarray(0, left)
}

/** @param {() => unknown} content */
function message(content) {
  const file = { Type: 'image/png', Size: FILE_OCTETS, Stream: content() }
  return composeMessage({ PlainBody: 'x', Attachments: Array(FILES).fill(file) }, { draft: true })
}

/** Each gives the octets of files that it wrote or read. */
const TASKS = {
  async 'write file'() {
    await pipeline(
      message(() => generated),
      createWriteStream(PATH),
    )
    return FILES * FILE_OCTETS
  },
  async 'compose stream'() {
    const composed = message(() => generated)
    let octets = 0
    for await (const chunk of composed) octets += chunk.length
    if (octets !== composed.size) throw new Error(`${octets} octets, ${composed.size} were promised`)
    return FILES * FILE_OCTETS
  },
  async 'compose memory'() {
    const content = new Uint8Array(FILE_OCTETS).fill(7)
    start = performance.now()
    for (const _ of message(() => content));
    return FILES * FILE_OCTETS
  },
  async 'compose toBytes'() {
    const content = new Uint8Array(FILE_OCTETS).fill(7)
    start = performance.now()
    message(() => content).toBytes()
    return FILES * FILE_OCTETS
  },
  async 'parse stream'() {
    let octets = 0
    const onAttachment = async (_, content) => {
      for await (const piece of content) octets += piece.length
    }
    await parseMessageStream(createReadStream(PATH), { onAttachment })
    return octets
  },
  async 'parse memory'() {
    // The stream comes from a file, and so does this.
    return parseMessage(readFileSync(PATH)).entity.Attachments.reduce((octets, { Size }) => octets + Size, 0)
  },
}

const peak = () => process.resourceUsage().maxRSS * 1024
const idle = peak()
let start = performance.now()
const octets = await TASKS[what]()
const ms = performance.now() - start
if (octets !== FILES * FILE_OCTETS) throw new Error(`${octets} octets`)
console.log(JSON.stringify({ ms, octetsPerSecond: (octets / ms) * 1000, octetsAboveIdle: peak() - idle }))
