/** Where JavaScript runs: a newcomer adds a row. */
import { lastWord, run, runFromNpm } from './child.js'

/**
 * @typedef {object} Runtime
 * @property {string} name
 * @property {string} spec the npm package that brings it
 * @property {readonly string[]} locate prints the path of the program
 * @property {readonly string[]} flags what stands before a script
 * @property {boolean} isNode whether vitest, and so the suite itself, runs under it
 */

/** @typedef {Runtime & { program: string, version: string }} Platform one that is at hand */

/** @type {readonly Runtime[]} */
const RUNTIMES = [
  ...['20', '22', '24', '26'].map(major => ({
    name: `Node ${major}`,
    spec: `node@${major}`,
    locate: ['node', '--print', 'process.execPath'],
    flags: [],
    isNode: true,
  })),
  { name: 'Bun', spec: 'bun@1', locate: ['bun', '--print', 'process.execPath'], flags: [], isNode: false },
  {
    name: 'Deno',
    spec: 'deno@2',
    locate: ['deno', 'eval', 'console.log(Deno.execPath())'],
    flags: ['run', '--allow-all', '--no-lock'],
    isNode: false,
  },
]

/**
 * @param {string | undefined} only
 * @returns {Promise<Platform[]>} those that npm brings; the others are said and left out
 */
export async function findPlatforms(only) {
  /** @type {Platform[]} */
  const found = []
  for (const runtime of RUNTIMES) {
    if (only !== undefined && runtime.name !== only) continue
    const located = await runFromNpm(runtime.spec, runtime.locate)
    const program = located.stdout.trim()
    const { status, stdout } = await run(program, ['--version'])
    if (located.status === 0 && status === 0) {
      found.push({ ...runtime, program, version: /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? stdout.trim() })
    } else {
      console.log(`skipped: ${runtime.name}, ${runtime.spec} does not install here: ${lastWord(located)}`)
    }
  }
  return found
}
