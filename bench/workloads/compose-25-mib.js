/** A message with an attachment of 25 MiB: to fresh memory, to the caller's, and in chunks. */
import { strictEqual } from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { checkComposed } from '../checks.js'
import { gmimeSide } from '../gmime.js'
import { allocateAndCopy, encodeWithoutFold } from '../limits.js'
import { drawing, MIB, messageWithFiles, noise } from '../mail.js'
import { nodemailerOptions, nodemailerStream } from '../peers.js'
import { mimecalToBytes, mimetextSide, nodemailerSide } from '../sides.js'

const OCTETS = 25 * MIB

function largeMessage() {
  const content = noise(OCTETS)
  return { content, entity: messageWithFiles([drawing(content)]) }
}

/**
 * @param {typeof import('../../src/index.ts')} library
 * @returns {Promise<readonly import('../types.d.ts').Side[]>}
 */
async function streamSides({ composeMessage }) {
  const { content, entity } = largeMessage()
  const target = Buffer.alloc(/** @type {number} */ (composeMessage(entity).size))
  const unfolded = Buffer.alloc(Math.ceil(OCTETS / 3) * 4)
  const stream = await nodemailerStream(() => nodemailerOptions(entity))
  return [
    {
      name: 'mimecal iterate',
      run() {
        let octets = 0
        for (const chunk of composeMessage(entity)) octets += chunk.length
        return octets
      },
      check: () => checkComposed(Buffer.concat([...composeMessage(entity)]), entity),
    },
    {
      name: 'mimecal writeInto',
      run: () => composeMessage(entity).writeInto(target),
      async check() {
        target.fill(0)
        strictEqual(composeMessage(entity).writeInto(target), target.length)
        await checkComposed(target, entity)
      },
    },
    {
      name: 'mimecal for await',
      async run() {
        let octets = 0
        for await (const chunk of composeMessage(entity)) octets += chunk.length
        return octets
      },
    },
    {
      name: 'nodemailer createReadStream',
      run: () => stream(),
      async check() {
        const chunks = /** @type {Buffer[]} */ ([])
        await stream(chunk => chunks.push(chunk))
        await checkComposed(Buffer.concat(chunks), entity)
      },
    },
    ...(await gmimeSide('GMime (C) to nowhere', 'stream', content)),
    {
      name: 'limit encode, no fold',
      run: () => encodeWithoutFold(content, unfolded),
      check: () => strictEqual(encodeWithoutFold(content, unfolded), unfolded.length),
    },
  ]
}

/** @type {import('../types.d.ts').Workload} */
export default {
  name: 'compose-25-mib',
  groups: [
    {
      name: 'fresh',
      title: 'compose 25 MiB, fresh memory',
      octets: OCTETS,
      large: true,
      async prepare({ library }) {
        const { content, entity } = largeMessage()
        const finished = library.composeMessage(entity).toBytes()
        return [
          mimecalToBytes(library, entity),
          await nodemailerSide(entity),
          await mimetextSide(entity),
          ...(await gmimeSide('GMime (C) to memory', 'compose', content, octets => checkComposed(octets, entity))),
          { name: 'limit allocate and copy', run: () => allocateAndCopy(finished) },
        ]
      },
    },
    {
      name: 'stream',
      title: 'compose 25 MiB, stream or reused memory',
      octets: OCTETS,
      large: true,
      prepare: ({ library }) => streamSides(library),
    },
    {
      name: 'no-wasm',
      title: 'compose 25 MiB, stream, without WebAssembly',
      octets: OCTETS,
      large: true,
      withoutWebAssembly: true,
      slow: true,
      prepare: ({ library }) => streamSides(library),
    },
  ],
}
