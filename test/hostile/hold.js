/**
 * A worker that parses what it is sent, and says what the result holds: `{ octets, library }` to `{ held, ms }`.
 *
 * Its heap is limited from outside. V8 looks for garbage in earnest before it gives up, so what makes this thread end
 * with ERR_WORKER_OUT_OF_MEMORY was in use at one time.
 */
import process from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')
const { parseMessage } = await import(workerData.library)
// Whatever is made once is not what the message holds.
parseMessage(new TextEncoder().encode('Content-Type: text/plain; charset=koi8-r\r\n\r\n\xe5'))

/** Octets in use: the heap, and memory outside of it. */
function inUse() {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

parentPort.on('message', octets => {
  const before = inUse()
  const start = performance.now()
  let parsed = parseMessage(octets)
  const ms = performance.now() - start
  const held = inUse() - before
  // The result is alive until here.
  parentPort.postMessage({ held, ms, subject: parsed.entity.Subject.length })
  parsed = undefined
})
parentPort.postMessage({ idle: inUse() })
