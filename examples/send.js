/**
 * Sends a request of the API over SMTP, and keeps the copies: all with real parts, on this machine alone.
 *
 * `npm run build && node examples/send.js` starts a mail server of its own (smtp-server) that refuses one recipient,
 * sends three e-mails to it with nodemailer, and says what became of each. Ends with 1 where that is not what it should.
 */
import { parseMessage, sendRequestFromJson } from 'mimecal'
import { nodemailerOptions, nodemailerTransport, SendError, sendEMails } from 'mimecal/send'
import { createTransport } from 'nodemailer'
import { SMTPServer } from 'smtp-server'

const arrived = []
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS', 'AUTH'],
  onRcptTo({ address }, _session, done) {
    done(address.startsWith('nobody@') ? Object.assign(new Error('no such mailbox'), { responseCode: 550 }) : undefined)
  },
  async onData(stream, { envelope }, done) {
    arrived.push({ to: envelope.rcptTo.map(({ address }) => address), octets: Buffer.concat(await stream.toArray()) })
    done()
  },
})
await new Promise(resolve => {
  server.listen(0, '127.0.0.1', resolve)
})

// What a client of the API posts.
const from = { Name: 'Kari Nordmann', Address: 'kari@example.no' }
const body = JSON.stringify({
  OutgoingConnectionInfo: { ServerName: `127.0.0.1:${server.server.address().port}` },
  Emails: [
    { From: from, To: [{ Address: 'ola@example.org' }], Bcc: [{ Address: 'arkiv@example.no' }], Subject: 'Tilbud' },
    { From: from, To: [{ Address: 'nobody@example.org' }], Subject: 'Purring' },
    { From: from, To: [{ Address: 'liv@example.org' }], Subject: 'Årsmøte', PlainBody: 'Velkommen!\n' },
  ],
  SentItemsConnectionInfo: { Folder: 'Sendt' },
})

const copies = []
const options = {
  transport: nodemailerTransport(connection => createTransport(nodemailerOptions(connection))),
  sentItems: { append: async ({ message, folder }) => copies.push({ folder, octets: message.toBytes() }) },
  timeZone: 'W. Europe Standard Time',
  onFailure: 'continue',
}

let outcome
try {
  outcome = { sent: await sendEMails(sendRequestFromJson(body), options), failed: [] }
} catch (error) {
  if (!(error instanceof SendError)) throw error
  outcome = error
}

for (const { Subject, MessageID, Sent, Size } of outcome.sent) {
  console.log(`sent    ${Subject.padEnd(8)} ${Sent} ${Size} octets ${MessageID}`)
}
for (const { index, error } of outcome.failed) console.log(`failed  Emails[${index}]: ${error.message}`)
for (const { to, octets } of arrived) {
  const { Subject, Bcc } = parseMessage(octets).entity
  console.log(`arrived ${Subject.padEnd(8)} for ${to.join(', ')}; its Bcc field has ${Bcc.length} addresses`)
}
for (const { folder, octets } of copies) {
  const { Subject, Bcc } = parseMessage(octets).entity
  console.log(`kept    ${Subject.padEnd(8)} in ${folder}; its Bcc field has ${Bcc.length} addresses`)
}
await new Promise(resolve => {
  server.close(resolve)
})
process.exitCode = outcome.sent.length === 2 && outcome.failed.length === 1 && arrived.length === 2 ? 0 : 1
