/** Programs, run to their end. */
import { spawn } from 'node:child_process'

/** @typedef {{ status: number | null, stdout: string, stderr: string }} Ended */

/** Nothing here takes as long, save what hangs. */
const LONGEST_MS = 300_000

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, input?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<Ended>} never rejects: a program that cannot be started has no status
 */
export function run(program, args, { cwd, input = '', env } = {}) {
  return new Promise(resolve => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, timeout: LONGEST_MS })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', text => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text
    })
    child.on('error', error => resolve({ status: null, stdout, stderr: `${stderr}${error.message}` }))
    child.on('close', status => resolve({ status, stdout, stderr }))
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

/**
 * Runs a program of an npm package, which npm fetches where it is not at hand.
 *
 * @param {string} spec `name@range`
 * @param {readonly string[]} command
 * @param {string} [cwd]
 */
export function runFromNpm(spec, command, cwd) {
  return run('npm', ['exec', '--yes', `--package=${spec}`, '--', ...command], { ...(cwd === undefined ? {} : { cwd }) })
}

/**
 * The last line that says something: what a failed program ends with.
 *
 * @param {Ended} ended
 */
export function lastWord({ status, stdout, stderr }) {
  const lines = `${stdout}\n${stderr}`.split('\n').filter(line => line.trim() !== '' && !line.startsWith('npm warn'))
  return lines.at(-1) ?? `ended with ${status}`
}
