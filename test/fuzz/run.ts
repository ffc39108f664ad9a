/**
 * `npm run fuzz`: gives the library inputs that are nearly right, and looks whether what must hold holds.
 *
 *   --seconds <n>    how long; default 60
 *   --inputs <n>     how many inputs instead
 *   --seed <n>       makes the same inputs again from the same files; default: another one each time, printed at the start
 *   --only <words>   only the oracles that have them in their name
 *   --coverage       tells how much of the library's code ran
 *
 * What is found is written to corpus/findings, where ./findings.test.ts looks at it from then on. Ends with status 1
 * where something was found.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Coverage } from './coverage.ts'
import { FINDINGS_FOLDER, readSeeds } from './seeds.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    inputs: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string', default: '' },
    coverage: { type: 'boolean', default: false },
  },
})
const project = process.cwd()
if (JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')).name !== 'mimecal') {
  throw new Error('start it in the folder of the project')
}
const seed = Number(values.seed ?? Date.now() % 2 ** 32)
const coverage = values.coverage ? await Coverage.start(url => /\/src\/[\w/-]+\.js$/.test(url)) : undefined
// Imported only now: code is counted from its compilation on.
const { fileOf, fuzz } = await import('./fuzzer.ts')
const { ORACLES } = await import('./oracles.ts')

const seeds = readSeeds(project)
const oracles = ORACLES.filter(({ name }) => name.includes(values.only))
if (oracles.length === 0) throw new Error(`no oracle has ${values.only} in its name`)
console.log(`seed ${seed}, ${seeds.length} files to start from, ${oracles.length} oracles`)

const start = performance.now()
const seconds = (): number => (performance.now() - start) / 1000
const result = await fuzz({
  seed,
  seeds,
  oracles,
  shouldStop: values.inputs === undefined ? () => seconds() >= Number(values.seconds) : n => n >= Number(values.inputs),
  onFinding(finding) {
    const file = join(FINDINGS_FOLDER, fileOf(finding))
    mkdirSync(join(project, FINDINGS_FOLDER), { recursive: true })
    writeFileSync(join(project, file), finding.octets)
    console.log(
      `FOUND ${finding.oracle}: ${finding.fault}\n  ${file}: ${JSON.stringify(Buffer.from(finding.octets).toString('latin1'))}`,
    )
  },
})
const reached = coverage === undefined ? '' : `, ${await coverage.percent()} % of the code reached`
const rate = Math.round(result.inputs / seconds())
console.log(
  `${result.inputs} inputs in ${Math.round(seconds())} s (${rate}/s)${reached}, seed ${seed}: ${result.findings.length} findings`,
)
coverage?.stop()
if (result.findings.length > 0) process.exitCode = 1
