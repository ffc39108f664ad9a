/** An attachment of 25 MiB that comes as base64 text, as it does in JSON: folded, never decoded. */
import { Buffer } from 'node:buffer'
import { checkComposed } from '../checks.js'
import { drawing, MIB, messageWithFiles, noise } from '../mail.js'
import { nodemailerBuild, nodemailerOptions } from '../peers.js'

const OCTETS = 25 * MIB

/** @type {import('../types.d.ts').Workload} */
export default {
  name: 'compose-25-mib-base64',
  groups: [
    {
      name: 'fresh',
      title: 'compose 25 MiB given as base64 text',
      octets: OCTETS,
      large: true,
      async prepare({ library: { composeMessage } }) {
        const content = noise(OCTETS)
        const text = JSON.parse(JSON.stringify(content.toString('base64')))
        const entity = messageWithFiles([drawing(text)])
        const ofOctets = nodemailerOptions(messageWithFiles([drawing(content)]))
        const ofText = { ...ofOctets, attachments: [{ filename: 'drawing-1.pdf', content: text, encoding: 'base64' }] }
        const target = Buffer.alloc(/** @type {number} */ (composeMessage(entity).size))
        const buildOctets = await nodemailerBuild(ofOctets)
        const buildText = await nodemailerBuild(ofText)
        /** @param {Uint8Array} message */
        const check = message => checkComposed(message, entity, [content])
        return [
          {
            name: 'mimecal toBytes',
            run: () => composeMessage(entity).toBytes(),
            check: () => check(composeMessage(entity).toBytes()),
          },
          {
            name: 'mimecal writeInto',
            run: () => composeMessage(entity).writeInto(target),
            check: () => check(target.subarray(0, composeMessage(entity).writeInto(target))),
          },
          {
            name: 'mimecal iterate',
            run() {
              let octets = 0
              for (const chunk of composeMessage(entity)) octets += chunk.length
              return octets
            },
            check: () => check(Buffer.concat([...composeMessage(entity)])),
          },
          { name: 'nodemailer build, of octets', run: buildOctets, check: async () => check(await buildOctets()) },
          { name: 'nodemailer build, of the text', run: buildText, check: async () => check(await buildText()) },
        ]
      },
    },
  ],
}
