/** What fuzzing found is right from then on: each file of corpus/findings is held against every oracle. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { faultOf } from './fuzzer.ts'
import { ORACLES, Subject } from './oracles.ts'
import { FINDINGS_FOLDER, kindOf } from './seeds.ts'

const FOLDER = new URL(`../../${FINDINGS_FOLDER}/`, import.meta.url)
const files = existsSync(FOLDER) ? readdirSync(FOLDER).filter(file => kindOf(file) !== undefined) : []

test('finds the findings', () => {
  expect(files.length).toBeGreaterThanOrEqual(10)
})

test.each(files)('%s', async file => {
  const octets = readFileSync(new URL(file, FOLDER))
  for (const oracle of ORACLES) {
    if (oracle.kind === kindOf(file))
      expect([oracle.name, await faultOf(oracle, new Subject(octets))]).toEqual([oracle.name, undefined])
  }
})
