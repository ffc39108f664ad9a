/**
 * Measuring: sides take turns (A B C A B C …), so that whatever else the machine does hits all of them.
 */
import { setTimeout as pause } from 'node:timers/promises'

/** Milliseconds that a sample of small runs takes at least. */
const SAMPLE_MS = 4

/** What the last run gave: kept, so that no run is for nothing. */
export let kept = /** @type {unknown} */ (undefined)

/** Collects garbage, where the process was started with --expose-gc. */
export function collect() {
  kept = undefined
  globalThis.gc?.()
}

/**
 * Lets a side that ran before finish what it left undone, and takes away its short-lived garbage.
 *
 * All garbage it cannot be: such a collection throws away optimised code with what it refers to, and small runs would be
 * measured while they are compiled anew.
 */
async function settle() {
  await pause(0)
  kept = undefined
  globalThis.gc?.({ type: 'minor' })
}

/**
 * Checks every side, warms it up, and measures in rounds.
 *
 * @param {readonly import('./types.d.ts').Side[]} sides
 * @param {{ rounds: number, warmUpMs: number }} options `warmUpMs`: for how long; 0 for large runs, whose garbage is
 *   collected before each
 * @returns {Promise<Record<string, import('./types.d.ts').SideFigures>>}
 */
export async function measureInTurn(sides, { rounds, warmUpMs }) {
  for (const { name, check } of sides) {
    try {
      await check?.()
    } catch (error) {
      throw new Error(`${name} gives a wrong result`, { cause: error })
    }
  }
  const runners = []
  for (const side of sides) runners.push(await prepareRunner(side, warmUpMs))
  for (let round = 0; round < rounds; round++) {
    for (const { measure, samples } of runners) {
      if (warmUpMs === 0) collect()
      else await settle()
      samples.push(await measure())
    }
  }
  return Object.fromEntries(runners.map(({ name, samples }) => [name, { samples, memory: [] }]))
}

/**
 * @param {import('./types.d.ts').Side} side
 * @param {number} warmUpMs
 */
async function prepareRunner({ name, run }, warmUpMs) {
  const first = run()
  const isAsync = first instanceof Promise
  await first
  const once = isAsync ? () => sampleAsync(run, 1) : () => sample(run, 1)
  let fastest = await once()
  let spent = fastest
  for (let runs = 1; spent < warmUpMs; runs++) {
    const elapsed = await once()
    spent += elapsed
    fastest = Math.min(fastest, elapsed)
    if (runs % 64 === 0) await pause(0)
  }
  const count = warmUpMs === 0 ? 1 : Math.max(1, Math.ceil(SAMPLE_MS / fastest))
  const measure = isAsync ? () => sampleAsync(run, count) : async () => sample(run, count)
  return { name, measure, samples: /** @type {number[]} */ ([]) }
}

/**
 * @param {() => unknown} run
 * @param {number} count
 * @returns {number} milliseconds for one run
 */
function sample(run, count) {
  const start = performance.now()
  for (let index = 0; index < count; index++) kept = run()
  return (performance.now() - start) / count
}

/**
 * @param {() => unknown} run
 * @param {number} count
 * @returns {Promise<number>} milliseconds for one run
 */
async function sampleAsync(run, count) {
  const start = performance.now()
  for (let index = 0; index < count; index++) kept = await run()
  return (performance.now() - start) / count
}

/**
 * Runs one side once, in a process that is for nothing else.
 *
 * @param {import('./types.d.ts').Side} side
 * @returns {Promise<import('./types.d.ts').SideFigures>}
 */
export async function measureAlone({ run }) {
  collect()
  const idle = process.memoryUsage.rss()
  const start = performance.now()
  kept = await run()
  const elapsed = performance.now() - start
  const peak = process.resourceUsage().maxRSS * 1024
  return { samples: [elapsed], memory: [Math.max(0, peak - idle)] }
}
