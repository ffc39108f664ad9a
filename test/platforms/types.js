/** Whether the declarations compile for users: ./consumer.ts beside the installed package, by other compilers. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastWord, runFromNpm } from './child.js'

/** @typedef {import('./checks.js').Cell} Cell */
/** @typedef {import('./project.js').Project} Project */

/** Columns of the table: a newcomer adds a version. */
const COMPILERS = ['5.4', '5.9', '6.0', '7.0'].map(version => ({
  name: `TypeScript ${version}`,
  spec: `typescript@~${version}.0`,
}))

const STRICT = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  target: 'es2022',
}
const DOM = ['es2022', 'dom', 'dom.iterable', 'dom.asynciterable']

/** Rows of the table. Declarations, also those of dependencies, are checked where it does not say skipLibCheck. */
const SETTINGS = {
  'nodenext, @types/node, no DOM': { ...STRICT, module: 'nodenext', lib: ['es2022'], types: ['node'] },
  'bundler, @types/node, DOM': {
    ...STRICT,
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: DOM,
    types: ['node'],
  },
  'bundler, no @types/node, DOM, skipLibCheck': {
    ...STRICT,
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: DOM,
    types: [],
    skipLibCheck: true,
  },
}

/**
 * @param {Project} project
 * @returns {Promise<{ name: string, version: string, cells: Cell[] }[]>} by compiler; those that do not install are left out
 */
export async function typeChecks({ folder }) {
  const source = readFileSync(new URL('consumer.ts', import.meta.url), 'utf8')
  const consumer = source.replace(/'\.\.\/\.\.\/src\/(?:(\w+)\/)?index\.ts'/g, (_, name) =>
    name === undefined ? "'mimecal'" : `'mimecal/${name}'`,
  )
  writeFileSync(join(folder, 'consumer.ts'), consumer)
  const compilers = []
  for (const { name, spec } of COMPILERS) {
    const version = await runFromNpm(spec, ['tsc', '--version'])
    if (version.status !== 0) {
      console.log(`skipped: ${name}, ${spec} does not install here: ${lastWord(version)}`)
      continue
    }
    const cells = await Promise.all(Object.entries(SETTINGS).map(setting => compile(spec, folder, setting)))
    compilers.push({ name, version: version.stdout.replace(/\s*Version\s*|\s+$/g, ''), cells })
  }
  return compilers
}

/**
 * @param {string} spec
 * @param {string} folder
 * @param {[string, object]} setting
 * @returns {Promise<Cell>}
 */
async function compile(spec, folder, [row, compilerOptions]) {
  const config = `tsconfig.${row.replace(/\W+/g, '-')}.json`
  writeFileSync(join(folder, config), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }))
  const ended = await runFromNpm(spec, ['tsc', '--pretty', 'false', '-p', config], folder)
  const errors = ended.stdout.split('\n').filter(line => line.includes('error TS'))
  return { row, checks: 1, failures: ended.status === 0 ? [] : errors.length > 0 ? errors : [lastWord(ended)] }
}
