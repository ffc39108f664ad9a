/**
 * `npm run bench`: measures every workload, prints the figures, and writes RESULTS.md and results.svg.
 *
 *   --quick         fewer rounds and no long workloads: done within a minute; writes nothing
 *   --check         ends with status 1 where a promise of ./floors.js is broken; what seems so is measured anew first
 *   --only <name>   a workload, or a group as `workload/group`; writes nothing
 */
import { execFileSync, fork } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ratioChart } from './chart.js'
import { formatMemory, groupText, resultsMarkdown, verdictsText } from './report.js'
import { groupId, judge, mergeFigures } from './verdicts.js'
import { WORKLOADS } from './workloads.js'

/** @typedef {import('./types.d.ts').Group} Group */
/** @typedef {import('./types.d.ts').GroupFigures} GroupFigures */

/** Many short samples find a quiet moment sooner than few long ones. */
const SMALL_ROUNDS = { full: 180, quick: 30 }
const LARGE_ROUNDS = { full: 24, quick: 3 }
/** Over how many processes these are spread: some get memory that is faster than that of others. */
const PROCESSES = { full: 3, quick: 1 }
const SEPARATE_ROUNDS = { full: 3, quick: 1 }
/** Milliseconds for which a side of small runs is warmed up. */
const WARM_UP_MS = { full: 400, quick: 150 }
/** How often a broken promise is measured anew before it counts: other people's work on the machine is no fault of ours. */
const RETRIES = 2

const CHILD = fileURLToPath(new URL('child.js', import.meta.url))

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})
const { quick, check, only } = options

/** @type {GroupFigures[]} */
const figures = []
for (const { workload, group } of chosenGroups()) {
  const measured = await measureGroup(workload, group)
  figures.push(measured)
  console.log(groupText(measured))
}
if (figures.length === 0) throw new Error(`there is no ${only}`)

if (check) await measureBrokenAnew()
const verdicts = judge(figures)
console.log(verdictsText(verdicts))
if (!quick && only === undefined) writeResults()
if (check && verdicts.some(({ kept }) => !kept)) {
  console.error('\nA promise is broken.')
  process.exitCode = 1
}

function chosenGroups() {
  return WORKLOADS.flatMap(({ name, groups }) => groups.map(group => ({ workload: name, group }))).filter(
    ({ workload, group }) =>
      (only === undefined || only === workload || only === `${workload}/${group.name}`) &&
      !(quick && group.slow && only === undefined),
  )
}

/**
 * @param {string} workload
 * @param {Group} group
 * @returns {Promise<GroupFigures>}
 */
async function measureGroup(workload, group) {
  const { name, title, octets, messages = 1, separate = false, sides: sideNames = [] } = group
  const usual = separate ? SEPARATE_ROUNDS : group.large ? LARGE_ROUNDS : SMALL_ROUNDS
  const mode = quick ? 'quick' : 'full'
  const all = Math.min(usual[mode], group.rounds ?? usual.full)
  const rounds = separate ? all : Math.ceil(all / PROCESSES[mode])
  const request = { workload, group: name, rounds, warmUpMs: WARM_UP_MS[mode] }
  /** @type {GroupFigures} */
  const empty = { workload, group: name, title, octets, messages, skipped: undefined, sides: {} }
  let measured = empty
  if (!separate) {
    for (let process = 0; process < PROCESSES[mode]; process++) {
      measured = mergeFigures(measured, { ...empty, ...(await runChild(request)) })
    }
    return measured
  }
  for (let round = 0; round < rounds; round++) {
    for (const side of sideNames)
      measured = mergeFigures(measured, { ...empty, ...(await runChild({ ...request, side })) })
  }
  return measured
}

/**
 * @param {object} request
 * @returns {Promise<Pick<GroupFigures, 'sides'>>}
 */
function runChild(request) {
  return new Promise((resolve, reject) => {
    const child = fork(CHILD, [JSON.stringify(request)], { execArgv: ['--expose-gc'] })
    /** @type {Pick<GroupFigures, 'sides'> | undefined} */
    let answer
    child.on('message', message => {
      answer = /** @type {Pick<GroupFigures, 'sides'>} */ (message)
    })
    child.on('error', reject)
    child.on('exit', code => {
      if (code === 0 && answer !== undefined) resolve(answer)
      else reject(new Error(`${JSON.stringify(request)} ended with ${code}`))
    })
  })
}

async function measureBrokenAnew() {
  for (let retry = 0; retry < RETRIES; retry++) {
    const broken = new Set(judge(figures).flatMap(({ kept, group }) => (kept ? [] : [group])))
    for (const { workload, group } of chosenGroups()) {
      const index = figures.findIndex(({ workload: of, group: name }) => of === workload && name === group.name)
      const before = figures[index]
      if (before === undefined || !broken.has(groupId(before))) continue
      console.log(`measured anew: ${group.title}`)
      figures[index] = mergeFigures(before, await measureGroup(workload, group))
    }
  }
}

function writeResults() {
  const circumstances = {
    machine: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${formatMemory(totalmem())} of memory`,
    node: process.versions.node,
    commit: git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--', 'src') === '' ? '' : ', changed'),
    date: new Date().toISOString().slice(0, 10),
    peers: Object.fromEntries(
      ['nodemailer', 'mailparser', 'postal-mime', 'mimetext'].map(name => [name, versionOf(name)]),
    ),
  }
  writeFileSync(new URL('RESULTS.md', import.meta.url), resultsMarkdown(figures, verdicts, circumstances))
  writeFileSync(new URL('results.svg', import.meta.url), ratioChart(verdicts))
}

/** @param {string} name of a dependency */
function versionOf(name) {
  return JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version
}

/** @param {readonly string[]} args */
function git(...args) {
  try {
    return execFileSync('git', args, { cwd: fileURLToPath(new URL('..', import.meta.url)), encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}
