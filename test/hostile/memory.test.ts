/**
 * What parsing holds: for n octets of any shape at most 4n octets and 16 MiB.
 *
 * Of two kinds of "hold" both are measured. What the result holds is what is in use after a collection, octets outside
 * of the heap counted, the source not. What the work takes at its peak cannot be seen from within one thread, and the
 * resident memory of a process says more about when V8 collects than about what is needed: so the heap is limited to
 * the same bound, and whatever is in use beyond it ends the worker. Both come from the library as it is built.
 */
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SHAPES, type Shape } from '../growth/shapes.ts'
import { type Build, build } from '../stream/build.ts'

const MIB = 1024 * 1024
const boundOf = (octets: number): number => 4 * octets + 16 * MIB

/** What has room in one header section by default. */
const HEADER_OCTETS = 1_000_000
/** Of the message: enough for 4n to outweigh the rest of the bound. */
const MESSAGE_OCTETS = 4 * MIB
/** Enough where nothing is known to be in the way. */
const LARGE_OCTETS = 2 * MIB

/** A header section that has room in the limits, in one part after the other. */
const inParts = (section: (octets: number) => string): Shape['make'] => {
  const part = `--b\r\n${section(HEADER_OCTETS)}\r\n`
  return n => `Content-Type: multipart/mixed; boundary=b\r\n\r\n${part.repeat(Math.ceil(n / part.length))}`
}
const filled = (before: string, text: string) => (octets: number) => `${before}${text.repeat(octets / text.length)}\n`
/** Texts of numbers to base 36, as many as have room. */
const numbered = (before: string, text: (digits: string) => string) => (octets: number) => {
  const texts: string[] = []
  for (let length = 0, index = 0; length < octets; index++) {
    texts.push(text(index.toString(36)))
    length += texts.at(-1)!.length
  }
  return `${before}${texts.join('')}\n`
}
const whole =
  (section: (octets: number) => string): Shape['make'] =>
  n =>
    `${section(n)}\r\ntext`

const COMPRESSED_RTF: Shape['make'] = n => SHAPES.find(({ shape }) => shape === 'compressed RTF')!.make(n / 17)

/** Shapes of which few octets become much, beside those that take time. */
const SMALL_THINGS: readonly { shape: string; octets: number; make: Shape['make'] }[] = [
  { shape: 'To of names of one letter', octets: HEADER_OCTETS, make: whole(filled('To: ', 'a,')) },
  { shape: 'To of addresses of three letters', octets: HEADER_OCTETS, make: whole(filled('To: ', 'a@b,')) },
  { shape: 'To of plain addresses', octets: HEADER_OCTETS, make: whole(filled('To: ', 'a@b, ')) },
  { shape: 'To of what is no address', octets: HEADER_OCTETS, make: whole(filled('To: ', 'a@,')) },
  { shape: 'To of one endless word', octets: HEADER_OCTETS, make: whole(filled('To: ', 'a.')) },
  { shape: 'From of names of one letter', octets: HEADER_OCTETS, make: whole(filled('From: ', 'a,')) },
  { shape: 'Reply-To of names of one letter', octets: HEADER_OCTETS, make: whole(filled('Reply-To: ', 'a,')) },
  { shape: 'References of one letter', octets: HEADER_OCTETS, make: whole(filled('References: ', '<a>')) },
  { shape: 'empty fields in many parts', octets: MESSAGE_OCTETS, make: inParts(filled('', 'a:\n').bind(null, 30_000)) },
  { shape: 'lines that are no fields in many parts', octets: MESSAGE_OCTETS, make: inParts(filled('a: b\n', 'x\n')) },
  {
    shape: 'parameters in many parts',
    octets: MESSAGE_OCTETS,
    make: inParts(numbered('Content-Type: a/b', x => `;${x}=`)),
  },
  {
    shape: 'parameters of RFC 2231 in many parts',
    octets: MESSAGE_OCTETS,
    make: inParts(numbered('Content-Type: a/b', x => `;${x}*=`)),
  },
  {
    shape: 'segments of RFC 2231 in many parts',
    octets: MESSAGE_OCTETS,
    make: inParts(filled('Content-Type: a/b', ';a*0=')),
  },
  { shape: 'no parameters in many parts', octets: MESSAGE_OCTETS, make: inParts(filled('Content-Type: a/b', ';a')) },
  {
    shape: 'parameters of Content-Disposition in many parts',
    octets: MESSAGE_OCTETS,
    make: inParts(numbered('Content-Disposition: a', x => `;${x}=`)),
  },
  { shape: 'compressed RTF of eight times its octets', octets: 8 * MIB, make: COMPRESSED_RTF },
  {
    shape: '10,000 empty parts',
    octets: 50_000,
    make: n => `Content-Type: multipart/mixed; boundary=b\n\n${'--b\n'.repeat(n / 4)}`,
  },
  {
    shape: '10,000 attachments',
    octets: 220_000,
    make: n => `Content-Type: multipart/mixed; boundary=b\n\n${'--b\nContent-Type:a/b\n\nx\n'.repeat(n / 23)}`,
  },
  {
    shape: '10,000 encoded attachments',
    octets: 540_000,
    make: n =>
      `Content-Type: multipart/mixed; boundary=b\n\n${'--b\nContent-Type:a/b\nContent-Transfer-Encoding:base64\n\nQQ==\n'.repeat(n / 54)}`,
  },
  {
    shape: 'empty uuencoded files in many parts',
    octets: MESSAGE_OCTETS,
    make: inParts(() => `\n${'begin 644 a\n`\nend\n'.repeat(900)}`),
  },
  {
    shape: 'attachments in many TNEF bodies',
    octets: MESSAGE_OCTETS,
    make: n => {
      const tnef = Buffer.from(SHAPES.find(({ shape }) => shape === 'TNEF attachments')!.make(900))
      const part = Buffer.concat([Buffer.from('--b\n'), tnef, Buffer.from('\n')])
      return Buffer.concat([Buffer.from('Content-Type: multipart/mixed; boundary=b\n\n'), Buffer.alloc(n, part)])
    },
  },
  {
    shape: 'empty uuencoded files',
    octets: MESSAGE_OCTETS,
    make: n => `Subject: x\n\n${'begin 644 a\n`\nend\n'.repeat(n / 18)}`,
  },
  {
    shape: 'cid: of one letter',
    octets: MESSAGE_OCTETS,
    make: n => `${HTML}${numbered('', x => `cid:${x} `)(n - 200)}${IMAGE}`,
  },
  {
    shape: 'text in UTF-7',
    octets: LARGE_OCTETS,
    make: n => `Content-Type: text/plain; charset=utf-7\n\n${'+AGE-a'.repeat(n / 6)}`,
  },
  {
    shape: 'lines of text in KOI8-R',
    octets: MESSAGE_OCTETS,
    make: n => Buffer.from(`Content-Type: text/plain; charset=koi8-r\n\n${'\xe5\xe6\xf8\r\n'.repeat(n / 5)}`, 'latin1'),
  },
  {
    shape: 'fields of a report',
    octets: MESSAGE_OCTETS,
    make: n => `${REPORT}${`Action: failed\n${'a:\n'.repeat(9000)}\n`.repeat(n / 27_016)}`,
  },
]

const HTML = 'Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n'
const IMAGE = '\n--b\nContent-Type: image/png\nContent-ID: <x>\n\nx\n'
const REPORT =
  'Content-Type: multipart/report; boundary=b; report-type=delivery-status\n\n--b\n\ntext\n' +
  '--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\n'

/** The shapes of the growth tests. */
const LARGE = SHAPES.map(({ shape, n, make }) => {
  const octets = Buffer.from(make(n)).length
  return { shape, octets: LARGE_OCTETS, make: (size: number) => make(Math.floor((n * size) / octets)) }
})

let library: Build
beforeAll(() => {
  library = build()
})
afterAll(() => library.remove())

interface Answer {
  readonly held: number
  readonly ms: number
}

/** Workers by their limit in MiB, with what they wait for. */
const workers = new Map<number, Promise<Worker>>()
afterAll(async () => {
  for (const worker of workers.values()) await (await worker).terminate()
})

/** V8 needs some heap for itself, and the library for its tables. */
const IDLE_MIB = 12

async function open(mib: number): Promise<Worker> {
  const worker = new Worker(new URL('./hold.js', import.meta.url), {
    workerData: { library: pathToFileURL(`${library.folder}/dist/index.js`).href },
    resourceLimits: { maxOldGenerationSizeMb: mib + IDLE_MIB, maxYoungGenerationSizeMb: 2 },
  })
  const { idle } = (await next(worker)) as unknown as { idle: number }
  expect(idle).toBeLessThan(IDLE_MIB * MIB)
  return worker
}

/** The next answer; rejected where the worker ends. */
async function next(worker: Worker): Promise<Answer> {
  const [answer] = (await once(worker, 'message')) as [Answer]
  return answer
}

async function measure(octets: Uint8Array): Promise<Answer> {
  const mib = Math.ceil(boundOf(octets.length) / MIB)
  const waiting = workers.get(mib) ?? open(mib)
  workers.set(mib, waiting)
  try {
    const worker = await waiting
    worker.postMessage(octets)
    return await next(worker)
  } catch (error) {
    workers.delete(mib)
    throw error
  }
}

test.each([...SMALL_THINGS, ...LARGE])('$shape', async ({ octets, make }) => {
  const source = new Uint8Array(Buffer.from(make(octets)))
  const { held } = await measure(source)
  expect(held).toBeLessThan(boundOf(source.length))
})
