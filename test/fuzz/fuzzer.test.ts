/** The fuzzer finds what is wrong, makes it small, and makes the same inputs again: one that finds nothing proves nothing. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type Finding, faultOf, fileOf, fuzz } from './fuzzer.ts'
import { minimise } from './minimise.ts'
import { JSON_MUTATIONS, MUTATIONS } from './mutate.ts'
import { ORACLES, type Oracle, Subject } from './oracles.ts'
import { hashOf, Random } from './random.ts'
import { type Input, readSeeds } from './seeds.ts'

const PROJECT = fileURLToPath(new URL('../../', import.meta.url))
/** Without the corpus of others: the inputs are the same wherever this runs. */
const SEEDS = readSeeds(PROJECT, { foreign: false })

/** What stands for a fault of the library: an oracle that fails for certain octets. */
function planted(fails: (text: string) => boolean): Oracle {
  return {
    name: 'planted',
    kind: 'message',
    check: ({ octets }) => (fails(Buffer.from(octets).toString('latin1')) ? 'it is there' : undefined),
  }
}

async function inputsOf(seed: number, count: number): Promise<number[]> {
  const hashes: number[] = []
  const onInput = ({ octets }: Input): void => void hashes.push(hashOf(octets))
  await fuzz({ seed, seeds: SEEDS, oracles: [], shouldStop: inputs => inputs >= SEEDS.length + count, onInput })
  return hashes.slice(SEEDS.length)
}

test('starts from the whole corpus of the project', () => {
  expect(SEEDS.filter(({ kind }) => kind === 'message').length).toBeGreaterThan(250)
  expect(SEEDS.filter(({ kind }) => kind === 'json').length).toBeGreaterThan(20)
})

test('makes the same inputs from the same seed, and others from another', async () => {
  const inputs = await inputsOf(1, 1000)
  expect(await inputsOf(1, 1000)).toEqual(inputs)
  expect(new Set(inputs).size).toBeGreaterThan(950)
  const other = new Set(await inputsOf(2, 1000))
  expect(inputs.filter(hash => other.has(hash)).length).toBeLessThan(50)
})

describe('finds a planted fault', () => {
  test.each<{ fault: string; fails(text: string): boolean }>([
    { fault: 'a charset in a header that no seed has', fails: text => /^Subject:.*=\?hz-gb-2312\?/im.test(text) },
    { fault: 'a parameter in continuations', fails: text => /^Content-Disposition:.*\*9999999999=/im.test(text) },
    { fault: 'an address inside a comment of an address', fails: text => /^To:.*\(.*evil@x\.y.*\).*<.*>/im.test(text) },
    {
      fault: 'a message in a message of two multiparts',
      fails: text => /(?:multipart[\s\S]*){2}message\/rfc822/i.test(text),
    },
  ])('$fault', async ({ fails }) => {
    const seeds = SEEDS.filter(({ octets }) => !fails(Buffer.from(octets).toString('latin1')))
    const findings: Finding[] = []
    await fuzz({
      seed: 1,
      seeds,
      oracles: [planted(fails)],
      shouldStop: inputs => findings.length > 0 || inputs >= 30_000,
      onFinding: finding => findings.push(finding),
    })
    expect(findings).toHaveLength(1)
    const text = Buffer.from(findings[0]!.octets).toString('latin1')
    expect(fails(text)).toBe(true)
    for (const index of text.split('').keys()) expect(fails(text.slice(0, index) + text.slice(index + 1))).toBe(false)
  })

  test('that takes too long, or throws', async () => {
    const slow: Oracle = {
      ...planted(() => false),
      check() {
        for (const start = performance.now(); performance.now() - start < 300; );
        return undefined
      },
    }
    expect(await faultOf(slow, new Subject(Buffer.from('x')), 20)).toMatch(/^took \d+ ms for 1 octets$/)
    const throwing: Oracle = {
      ...slow,
      check() {
        throw new RangeError('no')
      },
    }
    expect(await faultOf(throwing, new Subject(Buffer.from('x')))).toMatch(/^threw RangeError: no/)
  })
})

test('an input is made as small as it can be', async () => {
  const octets = Buffer.from(`${'line\r\n'.repeat(200)}a needle${'\r\nline'.repeat(200)} and a pin`)
  let tries = 0
  const least = await minimise(octets, async input => {
    tries++
    return /needle[\s\S]*pin/.test(Buffer.from(input).toString('latin1'))
  })
  expect(Buffer.from(least).toString('latin1')).toBe('needlepin')
  expect(tries).toBeLessThan(300)
})

test('findings have a name that says what they break, the same each time', () => {
  const finding: Finding = {
    oracle: 'a stream is read as the whole is',
    kind: 'message',
    fault: '',
    octets: Buffer.from('x'),
  }
  expect(fileOf(finding)).toBe('a-stream-is-read-as-the-whole-is-fd0c5087.eml')
  expect(fileOf({ ...finding, kind: 'json' })).toMatch(/\.json$/)
})

describe('mutations', () => {
  const message = readFileSync(new URL('../../corpus/messages/nested-multiparts.eml', import.meta.url), 'latin1')
  const entity = readFileSync(new URL('../../corpus/entities/two-inline-two-files.json', import.meta.url), 'latin1')
  const rows = [
    ...Object.entries(MUTATIONS).map(([name, mutate]) => ({ name, mutate, text: message })),
    ...Object.entries(JSON_MUTATIONS).map(([name, mutate]) => ({ name: `JSON: ${name}`, mutate, text: entity })),
  ]
  test.each(rows)('$name changes inputs, and gives octets', ({ mutate, text }) => {
    const random = new Random(1)
    // With a field, a calendar, base64 or a charset to change in it, all of them can do something.
    const rich = text === message ? `${CALENDAR}${message}` : text
    const mutated = Array.from({ length: 100 }, () => mutate(rich, { random, other: () => rich }))
    expect(mutated.filter(result => result !== rich).length).toBeGreaterThan(30)
    for (const result of mutated) expect(/[^\0-\xff]/.test(result)).toBe(false)
  })
})

const CALENDAR = 'To: a@b.c\r\nMETHOD:REQUEST\r\nX: charset=utf-8\r\nQkVHSU46VkNBTEVOREFSDQpQUk9ESUQ6\r\n'

test('choices are spread evenly', () => {
  const random = new Random(42)
  const counts = new Array<number>(10).fill(0)
  for (let draw = 0; draw < 100_000; draw++) counts[random.below(10)]!++
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500)
  expect(random.below(0)).toBe(0)
})

test('an oracle has a name of its own', () => {
  expect(new Set(ORACLES.map(({ name }) => name)).size).toBe(ORACLES.length)
})
