/**
 * Messages that do not fit into memory: what composing and reading them costs, each in a process of its own.
 *
 * Four files of 16 MiB are enough to see memory grow with the message. `FULL=1 npx vitest run test/stream/memory.test.ts`
 * takes four of 100 MiB, several times, and compares the speed with that of the way through memory: contents in memory to
 * chunks, and a file that is read and parsed at once.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Build, build } from './build.ts'

const MIB = 1024 * 1024
const isFull = process.env.FULL === '1'
const FILE_MIB = isFull ? 100 : 16
const ROUNDS = isFull ? 7 : 1

/** Resident memory that streaming may take above that of the library at rest. */
const MAX_OCTETS_ABOVE_IDLE = 64 * MIB
/** Speed against that of the way through memory. */
const MIN_RATIO = 0.6

interface Measured {
  readonly ms: number
  readonly octetsPerSecond: number
  readonly octetsAboveIdle: number
}

let library: Build

beforeAll(async () => {
  library = build()
  await measure('write file')
})

afterAll(() => library.remove())

async function measure(what: string): Promise<Measured> {
  return JSON.parse(await library.run('measure.js', [library.folder, String(FILE_MIB), what])) as Measured
}

describe(`4 files of ${FILE_MIB} MiB`, () => {
  test.each(['compose', 'parse'])(
    '%s',
    async direction => {
      const streamed: Measured[] = []
      const inMemory: Measured[] = []
      for (let round = 0; round < ROUNDS; round++) {
        streamed.push(await measure(`${direction} stream`))
        inMemory.push(await measure(`${direction} memory`))
      }
      const ratio = fastest(streamed) / fastest(inMemory)
      console.info(
        `${direction}: stream ${figures(streamed)}; in memory ${figures(inMemory)}; ${(ratio * 100).toFixed(0)} %`,
      )
      for (const { octetsAboveIdle } of streamed) expect(octetsAboveIdle).toBeLessThan(MAX_OCTETS_ABOVE_IDLE)
      // A single short run says little about speed.
      if (isFull) expect(ratio).toBeGreaterThan(MIN_RATIO)
    },
    600_000,
  )
})

/** The best round: whatever else runs on the machine makes a round slower, never faster. */
function fastest(rounds: readonly Measured[]): number {
  return Math.max(...rounds.map(({ octetsPerSecond }) => octetsPerSecond))
}

function figures(rounds: readonly Measured[]): string {
  const peak = Math.max(...rounds.map(({ octetsAboveIdle }) => octetsAboveIdle))
  return `${(fastest(rounds) / 1e6).toFixed(0)} MB/s, +${(peak / MIB).toFixed(0)} MiB`
}
