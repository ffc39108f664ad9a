/**
 * `node produce.js request.json [batch]`: hands in a request of SendEMails, waits, and prints the API's response.
 *
 * The same batch can be handed in again, after a crash or a lost connection: nothing is sent twice for that, and the
 * response is that of the first time. Ends with 1 where an e-mail was not sent.
 */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Queue } from 'bullmq'
import { entitiesToJson, MimeError, sendRequestFromJson } from 'mimecal'
import { collectBatch, contentFolder, enqueueBatch, QUEUE_NAME, redis } from './queue.js'
import { contentStore } from './store.js'

const [file, batch = randomUUID()] = process.argv.slice(2)
const queue = new Queue(QUEUE_NAME, { connection: redis })
queue.on('error', error => console.error(error.message))

try {
  const request = sendRequestFromJson(await readFile(file, 'utf8'))
  if (request.OutgoingConnectionInfo !== null || request.SentItemsConnectionInfo !== null) {
    console.error('the connections of the request are left out: workers have theirs, and no password goes into Redis')
  }
  await enqueueBatch({ queue, store: contentStore(contentFolder) }, batch, request.Emails)
  console.error(`batch ${batch}: ${request.Emails.length} e-mails are in the queue`)
  const sent = []
  for await (const outcome of collectBatch(queue, batch, request.Emails.length)) {
    if (outcome.sent === undefined) {
      console.error(`Emails[${outcome.index}] was not sent: ${outcome.failed}`)
      process.exitCode = 1
      continue
    }
    sent.push(outcome.sent)
    for (const { code, address, reason } of outcome.warnings) {
      console.error(`Emails[${outcome.index}] ${code} ${address}: ${reason}`)
    }
  }
  console.log(entitiesToJson(sent))
} catch (error) {
  if (!(error instanceof MimeError)) throw error
  for (const { code, path, message } of error.problems) console.error(`${code} ${path}: ${message}`)
  process.exitCode = 1
} finally {
  await queue.close()
}
