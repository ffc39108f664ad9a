/**
 * Checks: what is measured must be right before it may be fast. Composed messages are read by mailparser, which is none
 * of ours; of parsed ones, what the reader says is compared with what the message was made from.
 */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { mailparserParse } from './peers.js'

/** @typedef {import('../src/index.ts').EMailEntityInput} Entity */

/** @param {Uint8Array} octets */
export function sha256(octets) {
  return createHash('sha256').update(octets).digest('hex')
}

/**
 * Checks that mailparser reads from a message what the entity says.
 *
 * @param {Uint8Array | string} message
 * @param {Entity} entity with attachments in memory
 * @param {readonly Uint8Array[]} [files] contents of the attachments, where they are not those of the entity
 */
export async function checkComposed(message, entity, files = contentsOf(entity)) {
  const parse = await mailparserParse()
  const mail = await parse(typeof message === 'string' ? Buffer.from(message) : message)
  strictEqual(mail.subject ?? '', entity.Subject ?? '')
  checkText(mail.text ?? '', entity.PlainBody ?? '')
  checkText(mail.html || '', entity.HTMLBody ?? '')
  const to = [mail.to ?? []].flat().flatMap(({ value }) => value.map(({ address }) => address))
  deepStrictEqual(
    to,
    (entity.To ?? []).map(({ Address }) => Address),
  )
  const found = mail.attachments.map(({ content }) => sha256(content))
  for (const file of files) ok(found.includes(sha256(file)), 'an attachment has changed')
}

/** @param {Entity} entity */
function contentsOf(entity) {
  return (entity.Attachments ?? []).map(({ Stream }) => /** @type {Uint8Array} */ (Stream))
}

/**
 * What any parser found, in one form.
 *
 * @typedef {object} Found
 * @property {string | undefined} subject
 * @property {string | undefined} text
 * @property {string | undefined} html
 * @property {readonly (Uint8Array | ArrayBuffer | string | null)[]} files
 */

/**
 * Checks that a parser found in a message what the entity says, from which it was composed.
 *
 * @param {Found} found
 * @param {Entity} entity with attachments in memory
 */
export function checkParsed(found, entity) {
  strictEqual(found.subject ?? '', entity.Subject ?? '')
  checkText(found.text ?? '', entity.PlainBody ?? '')
  checkText(found.html ?? '', entity.HTMLBody ?? '')
  const files = found.files.map(file => (typeof file === 'string' ? Buffer.from(file) : asBytes(file)))
  for (const { Type, Stream } of entity.Attachments ?? []) {
    const content = /** @type {Uint8Array} */ (Stream)
    // postal-mime gives calendars the line breaks of Unix.
    const identity = /\b(calendar|ics)\b/.test(Type ?? '') ? textOf : sha256
    ok(files.map(identity).includes(identity(content)), 'an attachment has changed')
  }
}

/** @param {Uint8Array | ArrayBuffer | null} octets */
function asBytes(octets) {
  return octets instanceof Uint8Array ? octets : new Uint8Array(octets ?? new ArrayBuffer(0))
}

/** @param {Uint8Array} octets */
function textOf(octets) {
  return Buffer.from(octets).toString('utf8').replaceAll('\r\n', '\n')
}

/**
 * Line breaks, and blanks at the end, are the reader's own.
 *
 * @param {string} found
 * @param {string} expected
 */
function checkText(found, expected) {
  strictEqual(found.replaceAll('\r\n', '\n').trimEnd(), expected.trimEnd())
}
