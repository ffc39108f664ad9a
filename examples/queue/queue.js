/**
 * What producers and workers have in common: the queue, what a job holds, and how a batch becomes a response again.
 *
 * A batch is the request of SendEMails, a job is one of its e-mails. The identifier of a job, `<batch>-<index>`, says all
 * that has to stay the same however often it runs: the Message-ID, the boundaries, and so every octet of the message.
 */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Job } from 'bullmq'
import { entityFromJson } from 'mimecal'
import { sendEMails } from 'mimecal/send'

export const QUEUE_NAME = 'send-emails'

export const redis = { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' }

/** Where contents of attachments are. */
export const contentFolder = process.env.CONTENT_FOLDER ?? './contents'

/** How jobs run, unless a worker knows that trying again is useless. */
const jobOptions = {
  attempts: 8,
  // The server is busy, down, or greylists: after 1, 2, 4 … minutes, two hours in all, not all at the same moment.
  backoff: { type: 'exponential', delay: Number(process.env.RETRY_DELAY ?? 60_000), jitter: 0.5 },
  // A day: as long as a batch can be asked for, and handed in a second time without being sent again.
  removeOnComplete: { age: 86_400 },
  removeOnFail: { age: 86_400 },
}

const jobId = (batch, index) => `${batch}-${index}`

/** Octets that look random and are the same for the same seed. */
export function seeded(seed) {
  let calls = 0
  return octets => createHash('shake256', { outputLength: octets }).update(`${seed} ${calls++}`).digest()
}

/** A transport that goes nowhere: sending over it checks and composes, and gives each e-mail its Message-ID and date. */
const nowhere = { send: async () => undefined }

/**
 * Puts the e-mails of a request into the queue, all or none. To hand in a batch again does nothing.
 *
 * @param {{ queue: import('bullmq').Queue, store: ReturnType<typeof import('./store.js').contentStore> }} to
 * @param {string} batch who hands in the same batch again must call it the same; without a colon, which Redis' keys have
 * @param {import('mimecal').EMailEntity[]} emails
 * @throws {import('mimecal').MimeError} with every problem of every e-mail; nothing is in the queue then
 */
export async function enqueueBatch({ queue, store }, batch, emails) {
  const checked = await sendEMails({ Emails: emails }, { transport: nowhere, compose: { random: seeded(batch) } })
  const jobs = []
  for (const [index, email] of emails.entries()) {
    const contents = []
    const Attachments = []
    for (const attachment of email.Attachments) {
      const octets = attachment.Stream ?? new Uint8Array(0)
      contents.push(octets.length === 0 ? null : await store.put(octets))
      Attachments.push({ ...attachment, Size: octets.length, Stream: null })
    }
    const { MessageID, Sent } = checked[index]
    const data = { email: { ...email, MessageID, Sent, Attachments }, contents }
    jobs.push({ name: 'send', data, opts: { ...jobOptions, jobId: jobId(batch, index) } })
  }
  // Contents first: no job refers to what is not there yet.
  await queue.addBulk(jobs)
}

/** The e-mail of a job, its contents where they can be read from: again for each attempt, and not before it is sent. */
export function emailOf({ email, contents }, store) {
  const Attachments = email.Attachments.map((attachment, index) => {
    const key = contents[index]
    return { ...attachment, Stream: key === null ? '' : () => store.open(key) }
  })
  return { ...email, Attachments }
}

/**
 * What became of a batch, in the order of the request: waits for each job in turn. Whoever waits for the first one need
 * not ask after the others, and events that Redis has dropped are not missed.
 *
 * @param {import('bullmq').Queue} queue
 * @param {number} count of e-mails
 * @returns {AsyncGenerator<{ index: number, sent?: import('mimecal').EMailEntity, warnings?: object[], failed?: string }>}
 */
export async function* collectBatch(queue, batch, count) {
  for (let index = 0; index < count; index++) {
    const id = jobId(batch, index)
    let state = await queue.getJobState(id)
    while (state !== 'completed' && state !== 'failed') {
      if (state === 'unknown') throw new Error(`no job ${id}: it was never queued, or it ended long ago`)
      await sleep(200)
      state = await queue.getJobState(id)
    }
    const job = await Job.fromId(queue, id)
    if (state === 'failed') {
      yield { index, failed: job.failedReason }
      continue
    }
    const { warnings, ...changed } = job.returnvalue
    yield { index, sent: entityFromJson({ ...job.data.email, ...changed }), warnings }
  }
}
