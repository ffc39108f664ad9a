/**
 * Composes an e-mail as the CRM holds it, shows the message, reads it back, and compares property by property.
 *
 * `npm run demo` builds the library and runs this. Ends with 1 where something was lost on the way.
 */
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { composeMessage, parseMessage } from 'mimecal'

const readEntity = name => JSON.parse(readFileSync(new URL(`../corpus/entities/${name}.json`, import.meta.url), 'utf8'))

// A Swedish invoice with a PDF, and a logo that its HTML shows in place.
const email = readEntity('nordic-invoice')
const [logo] = readEntity('inline-logo-by-cid').Attachments
email.HTMLBody = email.HTMLBody.replace('<body>', `<body>\r\n<img src="cid:${logo.Id}" alt="Logo">`)
email.Attachments.push(logo)

const message = composeMessage(email, { bcc: 'keep' })
const octets = message.toBytes()
email.Size = message.size

console.log(`The message, ${message.size} octets:\n`)
const text = Buffer.from(octets).toString().replaceAll('\r\n', '\n')
console.log(text.replace(/^([\w+/]{76}\n)([\w+/]+=*\n)+/gm, '$1… more base64 …\n').replace(/^/gm, '  │ '))
console.log(`For SMTP: MAIL FROM:<${message.envelope.from}>, RCPT TO:<${message.envelope.to.join('>, RCPT TO:<')}>\n`)

// What of each property a message carries; Date has no fraction of a second, and text comes back with LF.
const address = ({ Name, Address }) => `${Name} <${Address}>`
const addresses = list => list.map(address)
const lines = body => body.replaceAll('\r\n', '\n')
const same = value => value
const CARRIED = {
  From: address,
  To: addresses,
  Cc: addresses,
  Bcc: addresses,
  Subject: same,
  Sent: date => date.replace(/\.\d+/, ''),
  MessageID: same,
  InReplyTo: parent => parent?.MessageId ?? null,
  Size: same,
  Priority: same,
  PlainBody: lines,
  HTMLBody: lines,
  CustomHeaderList: list => list.map(({ Name, Values }) => ({ [Name]: Values })),
  Attachments: list =>
    list
      .map(({ Filename, Type, Description = '', Id, Disposition, Stream }) => {
        const content = typeof Stream === 'string' ? Stream : Buffer.from(Stream).toString('base64')
        return { Filename, Type, Description, Id, Disposition, Stream: content }
      })
      .sort((left, right) => left.Filename.localeCompare(right.Filename)),
}

const { entity, defects } = parseMessage(octets)
console.log(`Read back, ${defects.length} defects:\n`)
let lost = defects.length
for (const [property, carried] of Object.entries(CARRIED)) {
  const [sent, read] = [carried(email[property]), carried(entity[property])]
  const isSame = isDeepStrictEqual(sent, read)
  const shown = JSON.stringify(read).replace(/^(.{90}).+/, '$1…')
  console.log(`  ${isSame ? 'same' : 'LOST'}  ${property.padEnd(17)} ${shown}`)
  if (isSame) continue
  console.log(`        it was            ${JSON.stringify(sent)}`)
  lost++
}
const own = Object.keys(email).filter(
  property => email[property] && email[property] !== 'Unknown' && !CARRIED[property],
)
console.log(`\nThe CRM's own, in no message: ${own.join(', ')}, and the keys of its records in addresses.`)
console.log(lost === 0 ? '\nNothing was lost.' : `\n${lost} differences.`)
process.exitCode = lost === 0 ? 0 : 1
