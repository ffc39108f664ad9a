import { expect, test } from 'vitest'
import { ratioChart } from '../../bench/chart.js'
import { GROWTH_CEILINGS, MEMORY_CEILINGS, RATIO_FLOORS } from '../../bench/floors.js'
import { formatMemory, formatTime, groupText, resultsMarkdown, threeDigits, verdictsText } from '../../bench/report.js'
import type { GroupFigures, SideFigures } from '../../bench/types.d.ts'
import { judge, mergeFigures } from '../../bench/verdicts.js'
import { WORKLOADS } from '../../bench/workloads.js'

const MIB = 1024 * 1024

function side(samples: number[], memory: number[] = []): SideFigures {
  return { samples, memory }
}

function figures(group: string, sides: Record<string, SideFigures>, octets?: number): GroupFigures {
  return { workload: 'parse', group, title: `parse ${group}`, octets, messages: 1, skipped: undefined, sides }
}

const NONE = { ratios: [], memory: [], growth: [] }
const SMALL = figures('small', { mimecal: side([3, 2]), mailparser: side([10, 14]) })

test('judges a ratio by the best of either side, and tells that of the medians', () => {
  const floor = { group: 'parse/small', own: 'mimecal', other: 'mailparser' }
  const [kept] = judge([SMALL], { ...NONE, ratios: [{ ...floor, ratio: 5 }] })
  expect(kept).toMatchObject({ value: 5, typical: 4.8, bound: 5, kept: true })
  const [broken] = judge([SMALL], { ...NONE, ratios: [{ ...floor, ratio: 5.1 }] })
  expect(broken).toMatchObject({ kept: false })
})

test('judges memory above the idle process, and above that of a smaller group', () => {
  const few = figures('few', { mimecal: side([1], [20 * MIB, 18 * MIB]) })
  const many = figures('many', { mimecal: side([1], [24 * MIB]) })
  const ceiling = { group: 'parse/many', side: 'mimecal', octets: 8 * MIB }
  const verdicts = judge([few, many], { ...NONE, memory: [ceiling, { ...ceiling, beyond: 'parse/few' }] })
  expect(verdicts.map(({ value, kept }) => [value / MIB, kept])).toEqual([
    [24, false],
    [6, true],
  ])
})

test('judges growth by the time for an octet', () => {
  const small = figures('small', { mimecal: side([1]) }, 8)
  const large = figures('large', { mimecal: side([24]) }, 64)
  const growth = [{ group: 'parse/large', side: 'mimecal', from: 'parse/small', factor: 2 }]
  expect(judge([small, large], { ...NONE, growth })).toMatchObject([{ value: 3, kept: false }])
})

test('judges nothing that was not measured', () => {
  expect(judge([])).toEqual([])
  const skipped = { ...figures('small', {}), skipped: 'no corpus' }
  expect(judge([skipped], { ...NONE, ratios: [{ group: 'parse/small', own: 'a', other: 'b', ratio: 1 }] })).toEqual([])
})

test('adds what was measured again to what was measured before', () => {
  const again = figures('small', { mimecal: side([1], [7]) })
  expect(mergeFigures(SMALL, again).sides).toEqual({ mimecal: side([3, 2, 1], [7]), mailparser: side([10, 14]) })
})

test('promises only what some workload measures', () => {
  const groups = new Set(WORKLOADS.flatMap(({ name, groups }) => groups.map(group => `${name}/${group.name}`)))
  const named = [
    ...RATIO_FLOORS.map(({ group }) => group),
    ...MEMORY_CEILINGS.flatMap(({ group, beyond }) => [group, beyond ?? group]),
    ...GROWTH_CEILINGS.flatMap(({ group, from }) => [group, from]),
  ]
  expect(named.filter(group => !groups.has(group))).toEqual([])
})

test('writes three digits, with the unit that fits', () => {
  expect([0.5, 12.34, 123.4, 12_345].map(threeDigits)).toEqual(['0.50', '12.3', '123', '12345'])
  expect([0.0125, 3.456, 2500].map(formatTime)).toEqual(['12.5 µs', '3.46 ms', '2.50 s'])
  expect(formatMemory(1.5 * MIB)).toBe('1.50 MiB')
})

test('writes a group as a table, and says why one was skipped', () => {
  expect(groupText(SMALL)).toBe(
    [
      'parse small   best     median   rate   memory',
      '  mimecal     2.00 ms  2.50 ms  500/s',
      '  mailparser  10.0 ms  12.0 ms  100/s',
      '',
    ].join('\n'),
  )
  expect(groupText({ ...SMALL, skipped: 'no corpus' })).toBe('parse small: skipped, no corpus\n')
})

test('marks broken promises in text and Markdown', () => {
  const ratios = [{ group: 'parse/small', own: 'mimecal', other: 'mailparser', ratio: 6 }]
  const verdicts = judge([SMALL], { ...NONE, ratios })
  expect(verdictsText(verdicts)).toContain('BROKEN')
  const circumstances = { machine: 'm', node: '20', commit: 'c', date: 'd', peers: { mailparser: '3' } }
  const markdown = resultsMarkdown([SMALL], verdicts, circumstances)
  expect(markdown).toContain('| parse small | mimecal | mailparser | 5.00× | 4.80× | ≥ 6.00× | BROKEN |')
  expect(markdown).toContain('| mimecal | 2.00 ms | 2.50 ms | 500/s |  |')
})

test('draws a bar for every ratio against a peer, and none for limits and memory', () => {
  const verdict = { group: 'g', title: 'parse <big>', own: 'mimecal', kind: 'ratio', value: 5, bound: 3, kept: true }
  const chart = ratioChart([
    { ...verdict, kind: 'ratio', other: 'mailparser simpleParser' },
    { ...verdict, kind: 'ratio', other: 'limit decode slices' },
    { ...verdict, kind: 'memory', other: 'the idle process' },
  ])
  expect(chart.match(/<g>/g)).toHaveLength(1)
  expect(chart).toContain('parse &lt;big>')
  expect(ratioChart([])).not.toContain('NaN')
})
