/**
 * Real messages of all kinds, whole and broken: every file of the corpus that is kept outside this repository, in
 * `../shared/corpus/eml` beside it, or in `eml` of the folder that MIMECAL_CORPUS names.
 */
import { ok } from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mailparserParse, nodemailerBuild, nodemailerOptions, postalMimeParse } from '../peers.js'

const CORPUS = process.env.MIMECAL_CORPUS ?? fileURLToPath(new URL('../../../shared/corpus', import.meta.url))
const FOLDER = join(CORPUS, 'eml')
const ABSENT = 'the corpus is not there; MIMECAL_CORPUS names the folder that has it'

function readCorpus() {
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .map(name => join(FOLDER, name))
    .filter(file => statSync(file).isFile())
    .map(file => readFileSync(file))
}

/**
 * Does it for every one; a message that a peer cannot do is not counted.
 *
 * @template T
 * @param {readonly T[]} all
 * @param {(one: T) => Promise<unknown>} each
 */
async function forEach(all, each) {
  let done = 0
  for (const one of all) {
    try {
      await each(one)
      done++
    } catch {
      // Its loss: what it would have cost is not in the time.
    }
  }
  return done
}

/**
 * @param {typeof import('../../src/index.ts')} library
 * @returns {readonly import('../../src/index.ts').EMailEntity[]} those with a sender and a recipient
 */
function entitiesOf({ parseMessage, composeMessage }) {
  return readCorpus()
    .map(message => parseMessage(message).entity)
    .filter(entity => {
      try {
        return composeMessage(entity).size !== undefined
      } catch {
        return false
      }
    })
}

/** @type {import('../types.d.ts').Workload} */
export default {
  name: 'corpus',
  groups: [
    {
      name: 'parse',
      title: 'parse a corpus of real messages',
      large: true,
      rounds: 3,
      slow: true,
      async prepare({ library: { parseMessage } }) {
        if (!existsSync(FOLDER)) return ABSENT
        const messages = readCorpus()
        const mailparser = await mailparserParse()
        const postalMime = await postalMimeParse()
        return [
          {
            name: 'mimecal decode',
            run() {
              for (const message of messages) parseMessage(message)
            },
            check: () => ok(messages.length > 0),
          },
          { name: 'mailparser simpleParser', run: () => forEach(messages, mailparser) },
          { name: 'postal-mime parse', run: () => forEach(messages, postalMime) },
        ]
      },
    },
    {
      name: 'compose',
      title: 'compose a corpus of real messages',
      large: true,
      rounds: 3,
      slow: true,
      async prepare({ library }) {
        if (!existsSync(FOLDER)) return ABSENT
        const entities = entitiesOf(library)
        const builds = await Promise.all(entities.map(entity => nodemailerBuild(nodemailerOptions(entity))))
        return [
          {
            name: 'mimecal toBytes',
            run() {
              for (const entity of entities) library.composeMessage(entity).toBytes()
            },
            check: () => ok(entities.length > 0),
          },
          { name: 'nodemailer build', run: () => forEach(builds, build => build()) },
        ]
      },
    },
  ],
}
