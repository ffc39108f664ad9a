/**
 * The sides that most workloads have: compose an entity to octets, parse a message, by us and by each peer.
 */
import { checkComposed, checkParsed } from './checks.js'
import {
  mailparserParse,
  mailparserParseOnly,
  mimetextAsRaw,
  nodemailerBuild,
  nodemailerOptions,
  postalMimeParse,
} from './peers.js'

/** @typedef {import('../src/index.ts').EMailEntityInput} Entity */
/** @typedef {typeof import('../src/index.ts')} Library */
/** @typedef {import('./types.d.ts').Side} Side */

/**
 * @param {Library} library
 * @param {Entity} entity
 * @returns {Side}
 */
export function mimecalToBytes({ composeMessage }, entity) {
  return {
    name: 'mimecal toBytes',
    run: () => composeMessage(entity).toBytes(),
    check: () => checkComposed(composeMessage(entity).toBytes(), entity),
  }
}

/**
 * @param {Entity} entity
 * @param {import('./peers.js').NodemailerOptions} [options]
 * @returns {Promise<Side>}
 */
export async function nodemailerSide(entity, options = nodemailerOptions(entity)) {
  const build = await nodemailerBuild(options)
  return { name: 'nodemailer build', run: build, check: async () => checkComposed(await build(), entity) }
}

/**
 * @param {Entity} entity
 * @returns {Promise<Side>}
 */
export async function mimetextSide(entity) {
  const asRaw = await mimetextAsRaw(entity)
  return { name: 'mimetext asRaw', run: asRaw, check: () => checkComposed(asRaw(), entity) }
}

/**
 * @param {Library} library
 * @param {Uint8Array} message
 * @param {Entity} entity that it was composed from
 * @returns {Side}
 */
export function mimecalDecode({ parseMessage }, message, entity) {
  return {
    name: 'mimecal decode',
    run: () => parseMessage(message),
    check() {
      const { Subject: subject, PlainBody: text, HTMLBody: html, Attachments } = parseMessage(message).entity
      checkParsed({ subject, text, html, files: Attachments.map(({ Stream }) => Stream) }, entity)
    },
  }
}

/**
 * @param {Uint8Array} message
 * @param {Entity} entity that it was composed from
 * @returns {Promise<Side>}
 */
export async function mailparserSide(message, entity) {
  const parse = await mailparserParse()
  return {
    name: 'mailparser simpleParser',
    run: () => parse(message),
    async check() {
      const { subject, text, html, attachments } = await parse(message)
      checkParsed({ subject, text, html: html || '', files: attachments.map(({ content }) => content) }, entity)
    },
  }
}

/**
 * @param {Uint8Array} message
 * @returns {Promise<Side>}
 */
export async function mailparserParseOnlySide(message) {
  const parse = await mailparserParseOnly()
  return { name: 'mailparser simpleParser, no texts made', run: () => parse(message) }
}

/**
 * @param {Uint8Array} message
 * @param {Entity} entity that it was composed from
 * @returns {Promise<Side>}
 */
export async function postalMimeSide(message, entity) {
  const parse = await postalMimeParse()
  return {
    name: 'postal-mime parse',
    run: () => parse(message),
    async check() {
      const { subject, text, html, attachments } = await parse(message)
      checkParsed({ subject, text, html, files: attachments.map(({ content }) => content) }, entity)
    },
  }
}

/**
 * The usual two groups of a message: compose it, and parse it as nodemailer has composed it.
 *
 * @param {string} what
 * @param {Entity} entity
 * @param {string} [suffix] of the names of the groups
 * @returns {readonly import('./types.d.ts').Group[]}
 */
export function composeAndParse(what, entity, suffix = '') {
  return [
    {
      name: `compose${suffix}`,
      title: `compose ${what}`,
      async prepare({ library }) {
        return [mimecalToBytes(library, entity), await nodemailerSide(entity), await mimetextSide(entity)]
      },
    },
    {
      name: `parse${suffix}`,
      title: `parse ${what}`,
      async prepare({ library }) {
        const build = await nodemailerBuild(nodemailerOptions(entity))
        const message = await build()
        return [
          mimecalDecode(library, message, entity),
          await mailparserSide(message, entity),
          await mailparserParseOnlySide(message),
          await postalMimeSide(message, entity),
        ]
      },
    },
  ]
}
