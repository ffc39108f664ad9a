/** An empty project into which the packed library was installed, as a user does it. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { run } from './child.js'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/**
 * @typedef {object} Project
 * @property {string} folder
 * @property {string} runner ./runner.js in the project, with the core of the suite beside it
 * @property {string} corpus the argument of the runner
 * @property {string} cli the program `mimecal`, as package.json names it
 * @property {() => void} remove
 */

/** @returns {Promise<Project>} */
export async function createProject() {
  const folder = mkdtempSync(join(tmpdir(), 'mimecal-project-'))
  // `npm run platforms` has built it.
  const packed = await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], ROOT)
  const [{ filename }] = JSON.parse(packed)
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  writeFileSync(join(folder, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }\n')
  const types = `@types/node@${manifest.devDependencies['@types/node']}`
  await npm(['install', '--no-audit', '--no-fund', '--prefer-offline', join(folder, filename), types], folder)

  const bundle = await rolldown({
    input: join(ROOT, 'test/platforms/core.ts'),
    platform: 'node',
    // The entities come from the project's own tests: nothing of the library under test is in it, save empty carriers.
    external: /^node:/,
  })
  await bundle.write({ file: join(folder, 'core.js'), format: 'esm' })
  await bundle.close()
  const runner = join(folder, 'runner.js')
  copyFileSync(new URL('runner.js', import.meta.url), runner)
  const corpus = join(folder, 'corpus.json')
  writeFileSync(corpus, JSON.stringify(readCorpus()))
  const cli = join(folder, 'node_modules/mimecal', manifest.bin.mimecal)
  return { folder, runner, corpus, cli, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/**
 * The files of corpus/ in base64, by their paths.
 *
 * @returns {Record<string, string>}
 */
function readCorpus() {
  const folder = join(ROOT, 'corpus')
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(path => /\.(eml|json)$/.test(path))
  return Object.fromEntries(
    paths.map(path => [path.replaceAll('\\', '/'), readFileSync(join(folder, path)).toString('base64')]),
  )
}

/**
 * @param {readonly string[]} args
 * @param {string} cwd
 */
async function npm(args, cwd) {
  const { status, stdout, stderr } = await run('npm', args, { cwd })
  if (status !== 0) throw new Error(`npm ${args.join(' ')}: ${stderr}`)
  return stdout
}
