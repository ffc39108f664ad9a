/**
 * Streams that fail or are left alone, one after the other: node abandon.js LIBRARY
 *
 * Nothing is awaited that the library does not promise. A process of `--unhandled-rejections=strict` ends by itself with
 * 0 only if no rejection is left to itself, and no file stays open.
 */
import { createReadStream, createWriteStream, statSync } from 'node:fs'
import process from 'node:process'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'

const [library = '', path = '', target = ''] = process.argv.slice(2)
const { composeMessage, parseMessageStream } = await import(pathToFileURL(library).href)

/** @param {Error} [error] what it ends with */
async function* source(pieces, error) {
  for (let index = 0; index < pieces; index++) yield new Uint8Array(10_000)
  if (error) throw error
}

// A Size lets the function wait for its turn.
const compose = (...contents) =>
  composeMessage(
    { PlainBody: 'x', Attachments: contents.map(Stream => ({ Stream, Size: Stream === file ? size : 50_000 })) },
    { draft: true },
  )
const cut = new Error('cut')
const isRejected = promise =>
  promise.then(
    () => {
      throw new Error('was not rejected')
    },
    () => {},
  )
const { size } = statSync(path)
const files = []
const file = () => {
  const stream = createReadStream(path)
  files.push(stream)
  return stream
}

async function* failing() {
  let pieces = 0
  for await (const piece of file()) {
    if (pieces++ === 3) throw cut
    yield piece
  }
}

// Composing: stopped, failed, forgotten.
for await (const _ of compose(() => source(5), file)) break
for await (const _ of compose(file, () => source(5))) break
await isRejected(
  pipeline(
    compose(file, () => source(5, cut)),
    createWriteStream(target),
  ),
)
await isRejected(pipeline(Readable.from(compose(() => source(5, cut))), createWriteStream(target)))
Readable.from(compose(file))
  .once('data', () => {})
  .destroy()
const left = Readable.from(compose(file))
left.once('data', () => left.destroy())
const chunks = compose(() => source(5), file)[Symbol.asyncIterator]()
await chunks.next()
await chunks.return()
const waiting = compose(() => new Readable({ read() {} }))[Symbol.asyncIterator]()
const next = waiting.next()
await waiting.return()
await next
const cancelled = ReadableStream.from(compose(file)).getReader()
await cancelled.read()
await cancelled.cancel()
compose(file)[Symbol.asyncIterator]()

// Reading: the source fails, the callback fails, the content is left alone.
for (const onAttachment of [
  undefined,
  () => {},
  async () => {},
  async (_, content) => {
    for await (const _ of content);
  },
  (_, content) => pipeline(Readable.from(content), createWriteStream(target)),
  (_, content) => {
    const read = async () => {
      for await (const _ of content);
    }
    read().catch(() => {})
  },
]) {
  await isRejected(parseMessageStream(failing(), { onAttachment }))
  await isRejected(parseMessageStream(file(), { onAttachment, limits: { maxOctets: 200_000 } }))
}
for (const onAttachment of [
  () => {
    throw cut
  },
  async () => {
    throw cut
  },
  async (_, content) => {
    for await (const _ of content) throw cut
  },
  (_, content) => {
    content[Symbol.asyncIterator]()
      .next()
      .catch(() => {})
    throw cut
  },
  async (_, content) => {
    const readable = Readable.from(content)
    readable.on('error', () => {})
    await new Promise(resolve => readable.once('data', resolve))
    readable.destroy(cut)
    throw cut
  },
]) {
  await isRejected(parseMessageStream(file(), { onAttachment }))
}
for (const onAttachment of [
  (_, content) => {
    Readable.from(content)
      .once('data', () => {})
      .destroy()
  },
  async (_, content) => {
    for await (const _ of content) break
  },
  async (_, content) => {
    content[Symbol.asyncIterator]()
  },
]) {
  await parseMessageStream(file(), { onAttachment })
}

process.on('exit', code => {
  console.log(`ended with ${code}, of ${files.length} files ${files.filter(({ closed }) => !closed).length} are open`)
})
