/**
 * `node work.js`: composes and sends what is in the queue. Start as many as you like, on as many machines.
 *
 * Each e-mail is sent at least once. A worker that dies after the server took a message and before Redis knew has its
 * job run again; the message that goes out then is the same, octet for octet, and its Message-ID is what tells.
 */
import { UnrecoverableError, Worker } from 'bullmq'
import { MimeError } from 'mimecal'
import { nodemailerTransport, SendError, sendEMails } from 'mimecal/send'
import { createTransport } from 'nodemailer'
import { contentFolder, emailOf, QUEUE_NAME, redis, seeded } from './queue.js'
import { contentStore } from './store.js'

const number = (name, fallback) => Number(process.env[name] ?? fallback)

/** E-mails that this process has under way at a time, each over a connection of its own that is kept open. */
const concurrency = number('CONCURRENCY', 4)

const store = contentStore(contentFolder)
const transporter = createTransport(process.env.SMTP_URL ?? 'smtp://127.0.0.1:25', {
  pool: true,
  maxConnections: concurrency,
})
const transport = nodemailerTransport(transporter)

/** Three parameters: only then does BullMQ give a signal. */
async function send(job, _token, signal) {
  try {
    const request = { Emails: [emailOf(job.data, store)] }
    const response = await sendEMails(request, { transport, signal, compose: { random: seeded(job.id) } })
    const [{ Size, IsSent, Flags }] = response
    const warnings = response.warnings.map(({ code, address, error }) => ({ code, address, reason: error.message }))
    return { Size, IsSent, Flags, warnings }
  } catch (error) {
    const reason = (error instanceof SendError && error.failed[0]?.error) || error
    if (!isPermanent(reason)) throw reason
    throw new UnrecoverableError(reason.message)
  }
}

/**
 * Whether trying again is useless: the e-mail cannot be composed, or the server has refused this message or all of its
 * recipients for good (5yz of RFC 5321 §4.2.1).
 *
 * A server that greets nobody (554), or does not know our password (535), has said nothing about the message: that is
 * put right by somebody, and the batch then goes on. So is a content that cannot be read.
 */
function isPermanent(error) {
  if (error instanceof MimeError) return error.code !== 'CONTENT_FAILED'
  if (error.code !== 'EENVELOPE' && error.code !== 'EMESSAGE') return false
  const refusals = error.rejectedErrors?.length > 0 ? error.rejectedErrors : [error]
  return refusals.every(({ responseCode }) => responseCode >= 500)
}

const worker = new Worker(QUEUE_NAME, send, {
  connection: redis,
  concurrency,
  // Of all workers together: what the mail server, or whoever receives, puts up with.
  limiter: { max: number('RATE', 50), duration: 1000 },
  // A worker that has not been heard of for so long is taken for dead, and its jobs go to others.
  lockDuration: number('LOCK_DURATION', 30_000),
  stalledInterval: number('STALLED_INTERVAL', 30_000),
  // Jobs outlive some machines; one that kills every worker it meets ends here.
  maxStalledCount: 3,
})
worker.on('error', error => console.error(error.message))
worker.on('failed', (job, error) => console.error(`${job?.id} attempt ${job?.attemptsMade}: ${error.message}`))
// Redis was out of reach for too long: another worker may have the job by now.
worker.on('lockRenewalFailed', ids => {
  for (const id of ids) worker.cancelJob(id)
})

/** What is under way is finished, and nothing else is begun. A second signal ends the process at once. */
async function shutDown() {
  await worker.close()
  transporter.close()
}
process.once('SIGTERM', shutDown)
process.once('SIGINT', shutDown)

await worker.waitUntilReady()
console.error(`ready: ${concurrency} e-mails at a time`)
