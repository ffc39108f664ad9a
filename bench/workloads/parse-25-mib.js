/** A message with an attachment of 25 MiB, as nodemailer has composed it: decoded, and only taken apart. */
import { strictEqual } from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { sha256 } from '../checks.js'
import { gmimeSide } from '../gmime.js'
import { decodeSlices, findBoundary } from '../limits.js'
import { drawing, MIB, messageWithFiles, noise } from '../mail.js'
import { nodemailerBuild, nodemailerOptions } from '../peers.js'
import { mailparserSide, mimecalDecode, postalMimeSide } from '../sides.js'

const OCTETS = 25 * MIB

async function largeMessage() {
  const content = noise(OCTETS)
  const entity = messageWithFiles([drawing(content)])
  const message = await (await nodemailerBuild(nodemailerOptions(entity)))()
  return { content, entity, message }
}

/** @type {import('../types.d.ts').Workload} */
export default {
  name: 'parse-25-mib',
  groups: [
    {
      name: 'decoded',
      title: 'parse 25 MiB, decoded',
      octets: OCTETS,
      large: true,
      async prepare({ library }) {
        const { content, entity, message } = await largeMessage()
        const bodyStart = message.lastIndexOf('\r\n\r\n') + 4
        const body = message.subarray(bodyStart, message.lastIndexOf('\r\n--'))
        const target = Buffer.alloc(OCTETS + 3)
        return [
          mimecalDecode(library, message, entity),
          await mailparserSide(message, entity),
          await postalMimeSide(message, entity),
          ...(await gmimeSide('GMime (C) parse', 'parse', message, octets =>
            strictEqual(sha256(octets), sha256(content)),
          )),
          { name: 'limit decode slices', run: () => decodeSlices(body, target) },
        ]
      },
    },
    {
      name: 'lazy',
      title: 'parse 25 MiB, lazy',
      octets: OCTETS,
      rounds: 10,
      async prepare({ library: { parseMessage } }) {
        const { content, entity, message } = await largeMessage()
        const boundary = /boundary="([^"]+)"/.exec(message.toString('latin1', 0, 4096))?.[1]
        const delimiter = Buffer.from(`--${boundary}`)
        const bodyStart = message.indexOf('\r\n\r\n')
        return [
          {
            name: 'mimecal lazy',
            run: () => parseMessage(message, { attachments: 'lazy' }),
            check() {
              const [attachment] = parseMessage(message, { attachments: 'lazy' }).entity.Attachments
              strictEqual(sha256(/** @type {Uint8Array} */ (attachment?.Stream)), sha256(content))
            },
          },
          await mailparserSide(message, entity),
          {
            name: 'limit find boundary',
            run: () => findBoundary(message, delimiter, bodyStart),
            check: () => strictEqual(findBoundary(message, delimiter, bodyStart), 3),
          },
        ]
      },
    },
  ],
}
