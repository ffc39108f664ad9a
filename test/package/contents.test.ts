/** What is in the package, and what it weighs for those who install and bundle it. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle } from './bundle.ts'
import { type Packed, pack } from './packed.ts'

const SRC = fileURLToPath(new URL('../../src/', import.meta.url))
const MODULES = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map(path => path.replaceAll('\\', '/'))
  .filter(path => path.endsWith('.ts'))
  .map(path => path.slice(0, -'.ts'.length))

/** Octets that the archive may have; it is printed, so that growth is seen before it gets here. */
const MAX_PACKED = 700_000

/**
 * Octets that each entry may have, minified and compressed: the code of this package alone, and with what it depends on.
 * Most of the latter are the tables of iconv-lite for charsets of East Asia.
 */
const MAX_GZIPPED: Readonly<Record<string, { readonly own: number; readonly all: number }>> = {
  mimecal: { own: 80_000, all: 290_000 },
  'mimecal/calendar': { own: 28_000, all: 225_000 },
  'mimecal/mime': { own: 27_000, all: 200_000 },
  'mimecal/send': { own: 48_000, all: 260_000 },
}
const ENTRIES = Object.keys(MAX_GZIPPED)

let packed: Packed

beforeAll(() => {
  packed = pack()
})

afterAll(() => packed.remove())

function read(path: string): string {
  return readFileSync(join(packed.installed, path), 'utf8')
}

/** Runs a module in a process of its own, in a project that has the package. */
function runModule(source: string, flags: readonly string[] = []) {
  const file = join(packed.folder, 'project/run.mjs')
  writeFileSync(file, source)
  return spawnSync(process.execPath, [...flags, file], { encoding: 'utf8' })
}

test('every module as JavaScript, declaration and map, what npm always adds, and nothing else', () => {
  const dist = MODULES.flatMap(path => ['.js', '.d.ts', '.js.map'].map(end => `dist/${path}${end}`))
  expect(packed.files).toEqual(
    ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json', ...dist].toSorted(),
  )
})

test('the entries are those of package.json', () => {
  const { exports } = JSON.parse(read('package.json')) as { exports: object }
  const names = Object.keys(exports).filter(path => path !== './package.json')
  expect(names.map(path => posix.join('mimecal', path)).toSorted()).toEqual(ENTRIES)
})

describe('size', () => {
  test('of the archive', () => {
    console.info(`packed ${kilobytes(packed.size)}, unpacked ${kilobytes(packed.unpackedSize)}`)
    expect(packed.size).toBeLessThan(MAX_PACKED)
  })

  test.each(ENTRIES)('of %s in a bundle', async entry => {
    const source = `export * from '${entry}'`
    const folder = join(packed.folder, 'project')
    const own = await bundle(source, { folder, dependencies: 'external' })
    const all = await bundle(source, { folder })
    console.info(`${entry}: ${kilobytes(own.gzipped)}, with dependencies ${kilobytes(all.gzipped)}`)
    expect(own.gzipped).toBeLessThan(MAX_GZIPPED[entry]!.own)
    expect(all.gzipped).toBeLessThan(MAX_GZIPPED[entry]!.all)
  })
})

describe('importing has no effect (sideEffects: false)', () => {
  test.each(ENTRIES)('a bundle keeps nothing of %s where nothing is used', async entry => {
    const { code } = await bundle(`import '${entry}'`, { folder: join(packed.folder, 'project') })
    expect(code.trim()).toBe('export{};')
  })

  test('a bundle of one function of mimecal/mime has not the rest', async () => {
    const folder = join(packed.folder, 'project')
    const one = await bundle("export { parseDateTime } from 'mimecal/mime'", { folder })
    const all = await bundle("export * from 'mimecal/mime'", { folder })
    expect(one.gzipped).toBeLessThan(all.gzipped / 10)
  })

  test.each(ENTRIES)('%s leaves the globals as they were, writes nothing, and keeps no process alive', entry => {
    const { status, stdout, stderr } = runModule(`
      const names = Object.getOwnPropertyNames(globalThis).filter(name => typeof globalThis[name] === 'function')
      const snapshot = () => [globalThis, ...names.flatMap(name => [globalThis[name], globalThis[name].prototype])]
        .filter(Boolean)
        .flatMap(object => Reflect.ownKeys(object).map(key => {
          const { value, get, set } = Reflect.getOwnPropertyDescriptor(object, key)
          return { object, key, value, get, set }
        }))
      // Node makes some globals when they are first asked for.
      snapshot()
      const before = snapshot()
      const listeners = process.eventNames().length
      await import('${entry}')
      const after = snapshot()
      if (after.length !== before.length) throw new Error('globals came or went')
      for (const [index, own] of after.entries()) {
        for (const part in own) if (!Object.is(own[part], before[index][part])) throw new Error(String(own.key))
      }
      if (process.eventNames().length !== listeners) throw new Error('listeners')
    `)
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
  })
})

describe('source maps', () => {
  test('each has its source, and points from every declaration to the same words of it', () => {
    let declarations = 0
    for (const path of MODULES) {
      const payload = JSON.parse(read(`dist/${path}.js.map`)) as ConstructorParameters<typeof SourceMap>[0]
      const source = readFileSync(join(SRC, `${path}.ts`), 'utf8')
      expect(payload.sourcesContent).toEqual([source])
      const script = read(`dist/${path}.js`).trimEnd().split('\n')
      expect(script.at(-1)).toBe(`//# sourceMappingURL=${posix.basename(path)}.js.map`)
      const map = new SourceMap(payload)
      const sourceLines = source.split('\n')
      script.forEach((line, index) => {
        const declared = /^(?:export )?(?:async )?(?:function\*?|class|const|let) (\w+)/.exec(line)
        if (declared === null) return
        declarations++
        const entry = map.findEntry(index, declared[0].length - declared[1]!.length)
        const { originalLine, originalColumn } = entry as { originalLine: number; originalColumn: number }
        expect(sourceLines[originalLine]?.slice(originalColumn), path).toMatch(new RegExp(`^${declared[1]}\\b`))
      })
    }
    expect(declarations).toBeGreaterThan(800)
  })

  test('an error names the line of the source that threw it', () => {
    const { stderr } = runModule("import { composeMessage } from 'mimecal'\ncomposeMessage({})", [
      '--enable-source-maps',
    ])
    const [, file = '', line = ''] = /\((?:file:\/\/)?\/.*\/(src\/.*\.ts):(\d+):\d+\)/.exec(stderr) ?? []
    const source = readFileSync(join(SRC, '..', file), 'utf8')
    expect(source.split('\n')[Number(line) - 1]).toMatch(/\b(?:throw|new MimeError|mimeError)\b/)
  })
})

describe('declarations', () => {
  /** Those that users see: the entries' and what they import in turn. */
  function publicDeclarations(): Map<string, string> {
    const seen = new Map<string, string>()
    const waiting = ENTRIES.map(entry => `dist/${posix.join(entry.slice('mimecal'.length + 1), 'index.d.ts')}`)
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      if (seen.has(path)) continue
      const text = read(path)
      seen.set(path, text)
      for (const [, target] of text.matchAll(/from '(\.[^']*)\.ts'|import\("(\.[^"]*)\.ts"\)/g)) {
        waiting.push(`${posix.join(posix.dirname(path), target!)}.d.ts`)
      }
    }
    return seen
  }

  test('have no any', () => {
    const declarations = publicDeclarations()
    expect(declarations.size).toBeGreaterThan(30)
    const found = [...declarations].filter(([, text]) =>
      /\bany\b/.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|'[^'\n]*'|"[^"\n]*"/g, '')),
    )
    expect(found.map(([path]) => path)).toEqual([])
  })

  test('need no types of other packages than those of Node', () => {
    const foreign = [...publicDeclarations().values()].flatMap(text =>
      [...text.matchAll(/from '([^.'][^']*)'/g)].map(([, name]) => name),
    )
    expect([...new Set(foreign)].toSorted()).toEqual(['node:buffer', 'node:stream'])
  })
})

test('the program is there, and starts as one', () => {
  const { bin } = JSON.parse(read('package.json')) as { bin: Record<string, string> }
  for (const path of Object.values(bin)) {
    expect(existsSync(join(packed.installed, path))).toBe(true)
    expect(read(path)).toMatch(/^#!\/usr\/bin\/env node\n/)
  }
})

function kilobytes(octets: number): string {
  return `${(octets / 1000).toFixed(1)} kB`
}
