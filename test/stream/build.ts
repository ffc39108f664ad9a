/** The library as npm would install it, in a folder of its own: what child processes of the tests run. */
import { execFile, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** A build, until it is removed. */
export interface Build {
  /** Also takes what the children write. */
  readonly folder: string
  /**
   * Runs a script of this folder in a process of its own, which gets the path of the library as its first argument.
   *
   * @returns what it wrote to standard output
   * @throws where it does not end by itself with exit code 0
   */
  run(script: string, args: readonly string[], flags?: readonly string[]): Promise<string>
  remove(): void
}

export function build(): Build {
  const folder = mkdtempSync(join(tmpdir(), 'mimecal-stream-'))
  copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction')
  // Types are not these tests' business: `npm run types` checks them.
  const tsc = [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', join(ROOT, 'tsconfig.build.json'), '--noCheck']
  const { status, stdout } = spawnSync(process.execPath, [...tsc, '--outDir', join(folder, 'dist')], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`tsc: ${stdout}`)
  return {
    folder,
    run(script, args, flags = []) {
      const path = fileURLToPath(new URL(script, import.meta.url))
      const library = join(folder, 'dist/index.js')
      return new Promise((resolve, reject) => {
        execFile(process.execPath, [...flags, path, library, ...args], { timeout: 300_000 }, (error, out, err) => {
          if (error === null) resolve(out)
          else reject(new Error(`${script} ${args.join(' ')}: ${error.message}\n${out}${err}`, { cause: error }))
        })
      })
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
