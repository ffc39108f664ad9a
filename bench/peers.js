/**
 * The peers, each as its own documentation has it used, with its own defaults: nodemailer and mimetext compose,
 * mailparser and postal-mime parse. What they are given is made from the same entity, outside of what is measured.
 *
 * Modules are imported when a side asks for them, so that a process that measures memory has only its own.
 */
import { Buffer } from 'node:buffer'

/** @typedef {import('../src/index.ts').EMailEntityInput} Entity */
/** @typedef {import('nodemailer').SendMailOptions} NodemailerOptions */

/**
 * What is used of nodemailer's MailComposer.
 *
 * @typedef {object} CompiledMail
 * @property {(callback: (error: Error | null, message: Buffer) => void) => void} build
 * @property {() => import('node:stream').Readable} createReadStream
 * @typedef {new (options: NodemailerOptions) => { compile(): CompiledMail }} MailComposerClass
 */

/** @returns {Promise<MailComposerClass>} */
async function loadMailComposer() {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer')
  return /** @type {any} */ (MailComposer)
}

/**
 * What nodemailer is given for an entity.
 *
 * @param {Entity} entity with attachments in memory
 * @returns {NodemailerOptions}
 */
export function nodemailerOptions(entity) {
  /** @type {NodemailerOptions} */
  const options = {
    from: mailbox(entity.From),
    to: (entity.To ?? []).map(mailbox),
    cc: (entity.Cc ?? []).map(mailbox),
    subject: entity.Subject ?? '',
  }
  if (entity.PlainBody) options.text = entity.PlainBody
  if (entity.HTMLBody) options.html = entity.HTMLBody
  if (entity.Sent) options.date = entity.Sent
  if (entity.MessageID) options.messageId = entity.MessageID
  if (entity.InReplyTo?.MessageId) options.inReplyTo = entity.InReplyTo.MessageId
  const headers = []
  for (const { Name, Values } of entity.CustomHeaderList ?? []) {
    if (Name === 'References') options.references = (Values ?? []).join(' ')
    else if (Name === 'Reply-To') options.replyTo = (Values ?? []).join(', ')
    else for (const value of Values ?? []) headers.push({ key: Name ?? '', value })
  }
  if (headers.length > 0) options.headers = headers
  if (entity.Attachments?.length) {
    options.attachments = entity.Attachments.map(({ Filename, Type, Id, Stream }) => ({
      filename: Filename || false,
      ...(Type ? { contentType: Type } : {}),
      ...(Id ? { cid: Id } : {}),
      content: asBuffer(/** @type {Uint8Array} */ (Stream)),
    }))
  }
  return options
}

/**
 * @param {import('../src/index.ts').EMailAddressInput | null | undefined} address
 * @returns {{ name: string, address: string }}
 */
function mailbox(address) {
  return { name: address?.Name ?? '', address: address?.Address ?? '' }
}

/** @param {Uint8Array} octets */
function asBuffer(octets) {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
}

/**
 * nodemailer's way to the octets of a message: `new MailComposer(options).compile().build()`.
 *
 * @param {NodemailerOptions} options
 * @returns {Promise<() => Promise<Buffer>>}
 */
export async function nodemailerBuild(options) {
  const MailComposer = await loadMailComposer()
  return () =>
    new Promise((resolve, reject) => {
      new MailComposer(options).compile().build((error, message) => (error ? reject(error) : resolve(message)))
    })
}

/**
 * nodemailer's stream, consumed.
 *
 * @param {() => NodemailerOptions} options asked for each message: streams in it can be read once
 * @returns {Promise<(onChunk?: (chunk: Buffer) => void) => Promise<number>>} gives octets
 */
export async function nodemailerStream(options) {
  const MailComposer = await loadMailComposer()
  return onChunk =>
    new Promise((resolve, reject) => {
      let octets = 0
      const stream = new MailComposer(options()).compile().createReadStream()
      stream.on('data', chunk => {
        octets += chunk.length
        onChunk?.(chunk)
      })
      stream.on('error', reject)
      stream.on('end', () => resolve(octets))
    })
}

/**
 * mimetext's way: a message is built up by calls, and is a string. It folds no base64, encodes no body, and ends lines
 * with LF.
 *
 * @param {Entity} entity with attachments in memory
 * @returns {Promise<() => string>}
 */
export async function mimetextAsRaw(entity) {
  const { createMimeMessage, Mailbox } = await import('mimetext')
  const attachments = (entity.Attachments ?? []).map(({ Filename, Type, Stream }) => ({
    filename: Filename ?? '',
    contentType: Type ?? 'application/octet-stream',
    data: asBuffer(/** @type {Uint8Array} */ (Stream)).toString('base64'),
  }))
  const from = mimetextMailbox(entity.From)
  const to = (entity.To ?? []).map(mimetextMailbox)
  const cc = (entity.Cc ?? []).map(mimetextMailbox)
  return () => {
    const message = createMimeMessage()
    message.setSender(from)
    message.setTo(to)
    if (cc.length > 0) message.setCc(cc)
    message.setSubject(entity.Subject ?? '')
    if (entity.InReplyTo?.MessageId) message.setHeader('In-Reply-To', entity.InReplyTo.MessageId)
    for (const { Name, Values } of entity.CustomHeaderList ?? []) {
      for (const value of Values ?? []) {
        message.setHeader(Name ?? '', Name === 'Reply-To' ? new Mailbox(value) : value)
      }
    }
    if (entity.PlainBody) message.addMessage({ contentType: 'text/plain', data: entity.PlainBody })
    if (entity.HTMLBody) message.addMessage({ contentType: 'text/html', data: entity.HTMLBody })
    for (const attachment of attachments) message.addAttachment(attachment)
    return message.asRaw()
  }
}

/** @param {import('../src/index.ts').EMailAddressInput | null | undefined} address */
function mimetextMailbox(address) {
  const { name, address: addr } = mailbox(address)
  return name === '' ? { addr } : { name, addr }
}

/** @returns {Promise<(source: Uint8Array) => Promise<import('mailparser').ParsedMail>>} */
export async function mailparserParse() {
  const { simpleParser } = await import('mailparser')
  return source => simpleParser(asBuffer(source))
}

/**
 * mailparser without the texts that it makes of texts, which nobody else here makes.
 *
 * @returns {Promise<(source: Uint8Array) => Promise<import('mailparser').ParsedMail>>}
 */
export async function mailparserParseOnly() {
  const { simpleParser } = await import('mailparser')
  const options = { skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true, skipTextLinks: true }
  return source => simpleParser(asBuffer(source), options)
}

/** @returns {Promise<(source: Uint8Array) => Promise<import('postal-mime').Email>>} */
export async function postalMimeParse() {
  const { default: PostalMime } = await import('postal-mime')
  return source => PostalMime.parse(source)
}
