/** A message that was forwarded as an attachment ten times over: message/rfc822, ten deep. */
import { strictEqual } from 'node:assert/strict'
import { SMALL_ASCII } from '../mail.js'
import { mailparserParse, nodemailerBuild, nodemailerOptions, postalMimeParse } from '../peers.js'

const DEPTH = 10

/**
 * @param {number} level
 * @param {Uint8Array} inner the message that is forwarded
 * @returns {import('../../src/index.ts').EMailEntityInput}
 */
function forwarding(level, inner) {
  return {
    From: SMALL_ASCII.From,
    To: SMALL_ASCII.To,
    Subject: `Forward ${level}`,
    PlainBody: 'See below.\n',
    Attachments: [{ Filename: 'forwarded.eml', Type: 'message/rfc822', Stream: inner }],
  }
}

/** @param {typeof import('../../src/index.ts')} library */
function composeNested({ composeMessage }) {
  let message = composeMessage(SMALL_ASCII).toBytes()
  for (let level = 1; level <= DEPTH; level++) message = composeMessage(forwarding(level, message)).toBytes()
  return message
}

async function buildNested() {
  let message = await (await nodemailerBuild(nodemailerOptions(SMALL_ASCII)))()
  for (let level = 1; level <= DEPTH; level++) {
    message = await (await nodemailerBuild(nodemailerOptions(forwarding(level, message))))()
  }
  return message
}

/** @type {import('../types.d.ts').Workload} */
export default {
  name: 'nested-messages',
  groups: [
    {
      name: 'compose',
      title: 'compose a message forwarded ten times',
      slow: true,
      async prepare({ library }) {
        return [
          {
            name: 'mimecal toBytes',
            run: () => composeNested(library),
            check: () => checkDepth(library, composeNested(library)),
          },
          { name: 'nodemailer build', run: buildNested, check: async () => checkDepth(library, await buildNested()) },
        ]
      },
    },
    {
      name: 'parse',
      title: 'parse a message forwarded ten times',
      slow: true,
      async prepare({ library }) {
        const message = composeNested(library)
        const mailparser = await mailparserParse()
        const postalMime = await postalMimeParse()
        return [
          {
            name: 'mimecal decode',
            run: () => library.parseMessage(message),
            check: () => checkDepth(library, message),
          },
          {
            name: 'mailparser simpleParser',
            run: () => mailparser(message),
            check: async () => strictEqual((await mailparser(message)).subject, `Forward ${DEPTH}`),
          },
          {
            name: 'postal-mime parse',
            run: () => postalMime(message),
            check: async () => strictEqual((await postalMime(message)).subject, `Forward ${DEPTH}`),
          },
        ]
      },
    },
  ],
}

/**
 * Every level is a message of its own, and the innermost one is whole.
 *
 * @param {typeof import('../../src/index.ts')} library
 * @param {Uint8Array} message
 */
function checkDepth({ parseMessage }, message) {
  let octets = message
  for (let level = DEPTH; level > 0; level--) {
    const { entity } = parseMessage(octets)
    strictEqual(entity.Subject, `Forward ${level}`)
    octets = /** @type {Uint8Array} */ (entity.Attachments[0]?.Stream)
  }
  strictEqual(parseMessage(octets).entity.Subject, SMALL_ASCII.Subject)
}
