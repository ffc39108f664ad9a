/**
 * Verdicts: what was measured, held against what is promised in ./floors.js.
 */
import { GROWTH_CEILINGS, MEMORY_CEILINGS, RATIO_FLOORS } from './floors.js'
import { best, median, speedRatio } from './statistics.js'

/** @typedef {import('./types.d.ts').GroupFigures} GroupFigures */
/** @typedef {import('./types.d.ts').Verdict} Verdict */

/**
 * @typedef {object} Promises
 * @property {readonly import('./types.d.ts').RatioFloor[]} ratios
 * @property {readonly import('./types.d.ts').MemoryCeiling[]} memory
 * @property {readonly import('./types.d.ts').GrowthCeiling[]} growth
 */

/** @type {Promises} */
const ALL_PROMISES = { ratios: RATIO_FLOORS, memory: MEMORY_CEILINGS, growth: GROWTH_CEILINGS }

/**
 * One verdict for every promise whose sides were measured.
 *
 * @param {readonly GroupFigures[]} figures
 * @param {Promises} [promises]
 * @returns {Verdict[]}
 */
export function judge(figures, { ratios, memory, growth } = ALL_PROMISES) {
  const groups = new Map(figures.map(group => [groupId(group), group]))
  /** @type {(Verdict | undefined)[]} */
  const verdicts = [
    ...ratios.map(promise => judgeRatio(groups, promise)),
    ...memory.map(promise => judgeMemory(groups, promise)),
    ...growth.map(promise => judgeGrowth(groups, promise)),
  ]
  return verdicts.filter(verdict => verdict !== undefined)
}

/**
 * `workload/group`: what a promise names a group by.
 *
 * @param {{ workload: string, group: string }} figures
 */
export function groupId({ workload, group }) {
  return `${workload}/${group}`
}

/**
 * @param {ReadonlyMap<string, GroupFigures>} groups
 * @param {import('./types.d.ts').RatioFloor} floor
 * @returns {Verdict | undefined}
 */
function judgeRatio(groups, { group, own, other, ratio }) {
  const figures = groups.get(group)
  const ownSamples = figures?.sides[own]?.samples ?? []
  const otherSamples = figures?.sides[other]?.samples ?? []
  if (figures === undefined || ownSamples.length === 0 || otherSamples.length === 0) return undefined
  const value = speedRatio(ownSamples, otherSamples)
  const typical = speedRatio(ownSamples, otherSamples, median)
  return { group, title: figures.title, own, other, kind: 'ratio', value, typical, bound: ratio, kept: value >= ratio }
}

/**
 * @param {ReadonlyMap<string, GroupFigures>} groups
 * @param {import('./types.d.ts').MemoryCeiling} ceiling
 * @returns {Verdict | undefined}
 */
function judgeMemory(groups, { group, side, octets, beyond }) {
  const figures = groups.get(group)
  const memory = figures?.sides[side]?.memory ?? []
  const least = beyond === undefined ? [0] : (groups.get(beyond)?.sides[side]?.memory ?? [])
  if (figures === undefined || memory.length === 0 || least.length === 0) return undefined
  const value = best(memory) - best(least)
  const other = beyond === undefined ? 'the idle process' : beyond
  return { group, title: figures.title, own: side, other, kind: 'memory', value, bound: octets, kept: value <= octets }
}

/**
 * @param {ReadonlyMap<string, GroupFigures>} groups
 * @param {import('./types.d.ts').GrowthCeiling} ceiling
 * @returns {Verdict | undefined}
 */
function judgeGrowth(groups, { group, side, from, factor }) {
  const large = groups.get(group)
  const largeCost = costOfOctet(large, side)
  const smallCost = costOfOctet(groups.get(from), side)
  if (large === undefined || largeCost === undefined || smallCost === undefined) return undefined
  const value = largeCost / smallCost
  return {
    group,
    title: large.title,
    own: side,
    other: from,
    kind: 'growth',
    value,
    bound: factor,
    kept: value <= factor,
  }
}

/**
 * @param {GroupFigures | undefined} figures
 * @param {string} side
 */
function costOfOctet(figures, side) {
  const samples = figures?.sides[side]?.samples ?? []
  return figures?.octets === undefined || samples.length === 0 ? undefined : best(samples) / figures.octets
}

/**
 * Adds what was measured again to what was measured before.
 *
 * @param {GroupFigures} before
 * @param {GroupFigures} again
 * @returns {GroupFigures}
 */
export function mergeFigures(before, again) {
  const sides = Object.fromEntries(
    Object.entries(again.sides).map(([name, { samples, memory }]) => {
      const earlier = before.sides[name] ?? { samples: [], memory: [] }
      return [name, { samples: [...earlier.samples, ...samples], memory: [...earlier.memory, ...memory] }]
    }),
  )
  return { ...before, skipped: again.skipped, sides: { ...before.sides, ...sides } }
}
