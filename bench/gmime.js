/**
 * GMime, a library in C, beside ours: in a process of its own that does one run when it is asked to. Left out where there
 * is no C compiler, or no GMime (Debian: libgmime-3.0-dev).
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const SOURCE = fileURLToPath(new URL('native/gmime.c', import.meta.url))

/**
 * A side, or none where it cannot be had.
 *
 * @param {string} name
 * @param {'parse' | 'compose' | 'stream'} mode see native/gmime.c
 * @param {Uint8Array} input the message, or the content of the attachment
 * @param {(result: Uint8Array) => unknown} [check] takes the attachment, or the message
 * @returns {Promise<import('./types.d.ts').Side[]>}
 */
export async function gmimeSide(name, mode, input, check) {
  const folder = mkdtempSync(join(tmpdir(), 'mimecal-bench-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const program = join(folder, 'gmime')
  try {
    const flags = execFileSync('pkg-config', ['--cflags', '--libs', 'gmime-3.0'], { encoding: 'utf8', stdio: 'pipe' })
    execFileSync('cc', ['-O2', SOURCE, '-o', program, ...flags.trim().split(/\s+/)], { stdio: 'pipe' })
  } catch {
    return []
  }
  const file = join(folder, 'input')
  writeFileSync(file, input)
  const child = spawn(program, [mode, file], { stdio: ['pipe', 'pipe', 'inherit'] })
  const commands = /** @type {import('node:net').Socket} */ (child.stdin)
  const output = /** @type {import('node:net').Socket} */ (child.stdout)
  const lines = createInterface({ input: output })[Symbol.asyncIterator]()
  // It ends with its standard input, and keeps this process only while it is waited for.
  child.unref()
  commands.unref()
  output.unref()

  const nextLine = async () => {
    output.ref()
    const { value } = await lines.next()
    output.unref()
    return value
  }
  /** @param {string} line */
  const ask = line => {
    commands.write(`${line}\n`)
    return nextLine()
  }
  return [
    {
      name,
      run: () => ask(''),
      async check() {
        const octets = Number(await ask(''))
        if (!(octets >= input.length / 2)) throw new Error(`GMime made ${octets} octets of ${input.length}`)
        if (check === undefined) return
        const result = join(folder, 'result')
        await ask(result)
        await nextLine()
        await check(readFileSync(result))
      },
    },
  ]
}
