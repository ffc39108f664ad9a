/** How cost grows with size: 1 to 400 MiB, which must cost the same for each MiB, and no memory. */
import { strictEqual } from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { drawing, MIB, messageWithFiles, noise } from '../mail.js'

const SOURCE_CHUNK = 64 * 1024
/** MiB of a process at least: small messages are measured many times over. */
const LEAST_MIB = 100

/** @param {number} octets */
function source(octets) {
  const chunk = noise(SOURCE_CHUNK)
  return async function* () {
    for (let sent = 0; sent < octets; sent += SOURCE_CHUNK) yield chunk
  }
}

const HEAD = Buffer.from(
  'From: karin.lindholm@example.com\r\nSubject: Drawings\r\nMIME-Version: 1.0\r\n' +
    'Content-Type: multipart/mixed; boundary="=_limit"\r\n\r\n--=_limit\r\n' +
    'Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n' +
    'Content-Disposition: attachment; filename="drawing.pdf"\r\n\r\n',
)
const TAIL = Buffer.from('--=_limit--\r\n')
const LINE = Buffer.from(`${noise(57).toString('base64')}\r\n`)

/**
 * A message with a base64 body of so many octets, made without anything else of its size.
 *
 * @param {number} octets
 */
function messageOf(octets) {
  const message = Buffer.allocUnsafeSlow(HEAD.length + Math.ceil(octets / 57) * LINE.length + TAIL.length)
  message.fill(LINE, HEAD.length, message.length - TAIL.length)
  message.set(HEAD)
  message.set(TAIL, message.length - TAIL.length)
  return message
}

/**
 * The same message in chunks, of which only one exists.
 *
 * @param {number} octets
 */
async function* chunksOf(octets) {
  const chunk = Buffer.alloc(1024 * LINE.length, LINE)
  let lines = Math.ceil(octets / 57)
  yield HEAD
  for (; lines > 1024; lines -= 1024) yield chunk
  yield chunk.subarray(0, lines * LINE.length)
  yield TAIL
}

/**
 * @param {number} mib
 * @returns {import('../types.d.ts').Group}
 */
function size(mib) {
  const octets = mib * MIB
  const repetitions = Math.max(1, Math.ceil(LEAST_MIB / mib))
  return {
    name: `${mib}-mib`,
    title: `compose or parse ${mib} MiB`,
    octets: octets * repetitions,
    separate: true,
    slow: true,
    sides: ['mimecal stream', 'mimecal parse stream', 'mimecal parse lazy', 'mimecal parse decode'],
    async prepare({ library: { composeMessage, parseMessage, parseMessageStream } }, only) {
      if (only === 'mimecal stream') {
        const entity = messageWithFiles([drawing(source(octets))])
        return [
          {
            name: only,
            async run() {
              for (let count = 0; count < repetitions; count++) {
                let written = 0
                for await (const chunk of composeMessage(entity)) written += chunk.length
                if (written < octets) throw new Error('too little was written')
              }
            },
          },
        ]
      }
      if (only === 'mimecal parse stream') {
        return [
          {
            name: only,
            async run() {
              for (let count = 0; count < repetitions; count++) {
                let read = 0
                await parseMessageStream(chunksOf(octets), {
                  async onAttachment(_, content) {
                    for await (const chunk of content) read += chunk.length
                  },
                })
                if (read < octets) throw new Error('too little was read')
              }
            },
          },
        ]
      }
      const message = messageOf(octets)
      const attachments = only === 'mimecal parse lazy' ? 'lazy' : 'decode'
      return [
        {
          name: only ?? '',
          run() {
            for (let count = 0; count < repetitions; count++) {
              strictEqual(parseMessage(message, { attachments }).root.parts.length, 1)
            }
          },
        },
      ]
    },
  }
}

/** @type {import('../types.d.ts').Workload} */
export default { name: 'growth', groups: [size(1), size(10), size(100), size(400)] }
