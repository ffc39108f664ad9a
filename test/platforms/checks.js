/** What is tried on a platform. Each check gives its cells: one for each line of the table. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lastWord, run } from './child.js'
import { ROOT } from './project.js'

/** @typedef {import('./core.ts').GroupReport} GroupReport */
/** @typedef {import('./project.js').Project} Project */
/** @typedef {import('./runtimes.js').Platform} Platform */

/**
 * @typedef {object} Cell
 * @property {string} row
 * @property {number} checks how many passed or failed
 * @property {readonly string[]} failures
 * @property {string} [digest] of all that was seen; must be the same on all platforms
 */

/**
 * The core of the suite, with WebAssembly and without.
 *
 * @param {Platform} platform
 * @param {Project} project
 * @returns {Promise<Cell[]>}
 */
export async function coreChecks(platform, project) {
  const [usual, without] = await Promise.all([
    runCore(platform, project, []),
    runCore(platform, project, ['--without-webassembly']),
  ])
  const failures = without.flatMap((report, index) => {
    const isSame = report.digest === usual[index]?.digest
    return isSame ? report.failures : [...report.failures, `${report.group}: differs from that with WebAssembly`]
  })
  const checks = without.reduce((sum, report) => sum + report.checks, 0)
  return [
    ...usual.map(({ group, ...report }) => ({ row: group, ...report })),
    { row: 'all of this without WebAssembly, the same', checks, failures },
  ]
}

/**
 * @param {Platform} platform
 * @param {Project} project
 * @param {readonly string[]} more
 * @returns {Promise<GroupReport[]>}
 */
async function runCore({ program, flags }, { folder, runner, corpus }, more) {
  const ended = await run(program, [...flags, runner, corpus, ...more], { cwd: folder })
  if (ended.status === 0) return JSON.parse(ended.stdout)
  return [{ group: 'the core of the suite runs', checks: 1, failures: [lastWord(ended), ended.stderr], digest: '' }]
}

/**
 * The command line: compose, inspect and parse in a row, and a refusal.
 *
 * @param {Platform} platform
 * @param {Project} project
 * @returns {Promise<Cell[]>}
 */
export async function cliChecks({ program, flags }, { folder, cli }) {
  /** @type {string[]} */
  const failures = []
  let checks = 0
  /** @param {string} what @param {boolean} isRight @param {import('./child.js').Ended} ended */
  const check = (what, isRight, ended) => {
    checks++
    if (!isRight) failures.push(`${what}: status ${ended.status}, ${lastWord(ended)}`)
  }
  /** @param {readonly string[]} args @param {string} [input] */
  const mimecal = (args, input = '') => run(program, [...flags, cli, ...args], { cwd: folder, input })

  const entity = JSON.parse(readFileSync(join(ROOT, 'corpus/entities/nordic-invoice.json'), 'utf8'))
  const composed = await mimecal(['compose', '-'], JSON.stringify(entity))
  check('compose', composed.status === 0 && composed.stdout.includes(`\r\nMessage-ID: ${entity.MessageID}`), composed)
  const inspected = await mimecal(['inspect', '-'], composed.stdout)
  check('inspect', inspected.status === 0 && inspected.stdout.includes('application/pdf'), inspected)
  const parsed = await mimecal(['parse', '-'], composed.stdout)
  check('parse', parsed.status === 0 && JSON.parse(parsed.stdout).Subject === entity.Subject, parsed)
  const refused = await mimecal(['compose', '-'], '{"From":{"Address":"a@b.c\\r\\nBcc: eve@x.y"}}')
  check('refusal', refused.status === 1 && refused.stderr.includes('From.Address'), refused)
  return [{ row: 'command line', checks, failures }]
}

/** Folders of test/ that say what is true on any platform; the others measure, or need programs of other people. */
const SUITE = ['calendar', 'cli', 'codec', 'entity', 'golden', 'header', 'message', 'mime', 'send']

/**
 * The suite itself, where vitest runs.
 *
 * @param {Platform} platform
 * @returns {Promise<Cell[]>}
 */
export async function suiteCheck({ isNode, program }) {
  if (!isNode) return []
  const folder = mkdtempSync(join(tmpdir(), 'mimecal-suite-'))
  const report = join(folder, 'report.json')
  const vitest = [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=json', `--outputFile=${report}`]
  // Some tests measure time, which other work on the machine upsets; what is wrong is wrong each time.
  const ended = await run(program, [...vitest, '--retry=2', ...SUITE.map(name => `test/${name}/`)], { cwd: ROOT })
  const row = `test/{${SUITE.join(',')}}`
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'))
    /** @type {string[]} */
    const failures = []
    for (const { name, message, status, assertionResults } of testResults) {
      if (status === 'failed' && assertionResults.length === 0) failures.push(`${name}: ${message}`)
      for (const { fullName, status: ending, failureMessages } of assertionResults) {
        if (ending === 'failed') failures.push(`${fullName}: ${String(failureMessages[0]).split('\n', 1)[0]}`)
      }
    }
    if (ended.status !== 0 && failures.length === 0) failures.push(lastWord(ended))
    return [{ row, checks: numPassedTests + numFailedTests, failures }]
  } catch {
    return [{ row, checks: 0, failures: [lastWord(ended)] }]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
