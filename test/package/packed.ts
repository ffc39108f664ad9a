/** The package as npm would publish it, built and packed in a folder of its own. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** What stands beside dist/. */
const BESIDE = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md']

export interface Packed {
  /** Removed by {@link Packed.remove}; tests may write into it. */
  readonly folder: string
  /** The package in a node_modules, with its dependencies beside it. */
  readonly installed: string
  /** Octets of the archive. */
  readonly size: number
  readonly unpackedSize: number
  /** Paths in the package, in alphabetical order. */
  readonly files: readonly string[]
  remove(): void
}

export function pack(): Packed {
  const folder = mkdtempSync(join(tmpdir(), 'mimecal-package-'))
  const source = join(folder, 'source')
  mkdirSync(source)
  for (const file of BESIDE) copyFileSync(join(ROOT, file), join(source, file))
  symlinkSync(join(ROOT, 'node_modules'), join(source, 'node_modules'), 'junction')
  // Types are not these tests' business: `npm run types` checks them.
  const tsc = [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', join(ROOT, 'tsconfig.build.json'), '--noCheck']
  run(process.execPath, [...tsc, '--outDir', join(source, 'dist')], ROOT)
  // --ignore-scripts: nothing may build into the work tree while other tests run.
  const listed = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], source)
  const [{ filename, size, unpackedSize, files }] = JSON.parse(listed) as [
    { filename: string; size: number; unpackedSize: number; files: { path: string }[] },
  ]
  run('tar', ['-xzf', filename], folder)
  const modules = join(folder, 'project/node_modules')
  mkdirSync(modules, { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction')
  const installed = join(modules, 'mimecal')
  renameSync(join(folder, 'package'), installed)
  return {
    folder,
    installed,
    size,
    unpackedSize,
    files: files.map(({ path }) => path).toSorted(),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function run(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stdout + stderr}`)
  return stdout
}
