/**
 * `npm run platforms`: packs the library, installs it in an empty project, and tries it there on every platform and with
 * every compiler. Prints a table of each, and ends with 1 where anything fails. What npm cannot install is skipped.
 *
 *   --quick         without the suite itself under other versions of Node, which takes most of the time
 *   --only <name>   one platform, by its name in the table, and no compilers
 */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { cliChecks, coreChecks, suiteCheck } from './checks.js'
import { createProject } from './project.js'
import { findPlatforms } from './runtimes.js'
import { formatMatrix } from './table.js'
import { typeChecks } from './types.js'

/** @typedef {import('./table.js').Column} Column */

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
})
const [ownMajor] = process.versions.node.split('.')

/** @type {Column[]} */
const tried = []
/** @type {Column[]} */
const compiled = []
const project = await createProject()
try {
  for (const platform of await findPlatforms(options.only)) {
    // The suite under the Node that runs this is `npm test`.
    const isOwn = platform.isNode && platform.version.startsWith(`${ownMajor}.`)
    const cells = [
      ...(await coreChecks(platform, project)),
      ...(await cliChecks(platform, project)),
      ...(options.quick || isOwn ? [] : await suiteCheck(platform)),
    ]
    tried.push({ name: platform.name, version: platform.version, cells })
    compareDigests(tried)
    console.error(`tried ${platform.name} ${platform.version}`)
  }
  if (options.only === undefined) compiled.push(...(await typeChecks(project)))
} finally {
  project.remove()
}
if (tried.length === 0) throw new Error(options.only === undefined ? 'no platform' : `there is no ${options.only}`)

console.log(formatMatrix(tried))
if (compiled.length > 0) console.log(`\n${formatMatrix(compiled)}`)
const failures = [...tried, ...compiled].flatMap(({ name, cells }) =>
  cells.flatMap(({ row, failures }) => failures.map(failure => `${name}, ${row}: ${failure}`)),
)
for (const failure of failures) console.log(`\n✗ ${failure}`)
process.exitCode = failures.length === 0 ? 0 : 1

/**
 * The last platform must have seen what the first saw, octet for octet.
 *
 * @param {readonly Column[]} columns
 */
function compareDigests([first, ...others]) {
  const last = others.at(-1)
  if (first === undefined || last === undefined) return
  last.cells = last.cells.map(cell => {
    const expected = first.cells.find(({ row }) => row === cell.row)?.digest
    return expected === cell.digest ? cell : { ...cell, failures: [...cell.failures, `differs from ${first.name}`] }
  })
}
