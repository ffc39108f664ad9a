/**
 * Reads every import under src/ and fails on an arrow that the layers do not allow, on a cycle, on I/O in the library,
 * and on a package that is no dependency. Imports of types count: they tie files together like any other.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { describe, expect, test } from 'vitest'

/**
 * What stands directly left of each layer (`src/<layer>/` or `src/<layer>.ts`). A layer may import this, all that
 * stands left of this in turn, and itself; nothing else.
 */
const LEFT_OF: Readonly<Record<string, readonly string[]>> = {
  // Codes of errors and of defects, and their types: know nothing else.
  errors: [],
  defect: [],
  // What a caller may set as a limit: knows no reader.
  limit: ['errors'],
  // What a caller may set otherwise.
  option: ['errors'],
  // Octets and characters: know no header.
  codec: ['errors', 'defect', 'limit', 'option'],
  // Values of fields and their text: know no part.
  header: ['codec'],
  // The tree of parts and its wire form: knows no entity.
  mime: ['header'],
  // The carriers, their JSON, $select and time zones: know no message. Of codec only types and base64.
  entity: ['codec'],
  // iCalendar to carriers and back: knows no message that it comes in.
  calendar: ['codec', 'entity'],
  // Where entity and tree meet.
  message: ['mime', 'entity', 'calendar'],
  // Composed messages to a transport that is given.
  send: ['message', 'calendar', 'entity'],
  // The public names: gathered, not made.
  index: ['message', 'calendar', 'entity', 'send'],
  // The command line is a user like any other: public modules alone, see PUBLIC.
  cli: [],
}

/** Modules of Node that only compute, which the library may import; the command line may import any. */
const PURE_BUILTINS: ReadonlySet<string> = new Set([
  // Memory, and the fast paths between octets and text; Bun and Deno have it.
  'node:buffer',
  // Hands the octets of a message to a transport, in ../src/send alone: no octet leaves the program by it.
  'node:stream',
])

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>
  readonly dependencies: Readonly<Record<string, string>>
}

const MANIFEST = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Manifest

/** Files that users import, relative to src/. */
const PUBLIC: ReadonlySet<string> = new Set(
  Object.values(MANIFEST.exports).flatMap(entry =>
    typeof entry === 'string' ? [] : [entry.default.replace(/^\.\/dist\/(.*)\.js$/, '$1.ts')],
  ),
)

/** Source texts by their paths relative to src/. */
type Sources = ReadonlyMap<string, string>

function readSources(): Sources {
  const folder = new URL('../src/', import.meta.url)
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(path => path.replaceAll('\\', '/'))
  return new Map(
    paths.filter(path => path.endsWith('.ts')).map(path => [path, readFileSync(new URL(path, folder), 'utf8')]),
  )
}

/** What stands between `import` or `export` and `from`: names, braces, `* as name`; no quote, no other statement. */
const STATEMENT = /^(?:import|export)\s+(?:type\s+)?(?:[\w$*\s,]|\{[^}]*\})*?\s*from\s*(['"])(.+?)\1/gm
const SIDE_EFFECT = /^import\s*(['"])(.+?)\1/gm
const DYNAMIC = /\b(?:import|require)\s*\(\s*(['"`])(.+?)\1/g
const COMMENT = /^\s*\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm

function importsOf(source: string): string[] {
  const code = source.replace(COMMENT, '')
  return [STATEMENT, SIDE_EFFECT, DYNAMIC].flatMap(pattern => [...code.matchAll(pattern)].map(match => match[2]!))
}

function layerOf(path: string): string {
  return path.replace(/\/.*$|\.ts$/g, '')
}

/** All that stands left of a layer. */
function allLeftOf(layer: string): Set<string> {
  const left = new Set<string>()
  const waiting = [...(LEFT_OF[layer] ?? [])]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (left.has(next)) continue
    left.add(next)
    waiting.push(...LEFT_OF[next]!)
  }
  return left
}

function findViolations(sources: Sources): string[] {
  const violations: string[] = []
  const graph = new Map<string, string[]>()
  for (const [path, source] of sources) {
    const layer = layerOf(path)
    if (LEFT_OF[layer] === undefined) violations.push(`${path}: no layer ${layer}`)
    const left = allLeftOf(layer)
    const files: string[] = []
    for (const specifier of importsOf(source)) {
      if (!specifier.startsWith('.')) {
        violations.push(...foreignViolations(path, layer, specifier))
        continue
      }
      const target = posix.join(posix.dirname(path), specifier)
      const targetLayer = layerOf(target)
      files.push(target)
      if (!sources.has(target)) violations.push(`${path}: no file ${target}`)
      else if (layer === targetLayer) continue
      else if (layer === 'cli' ? !PUBLIC.has(target) : !left.has(targetLayer)) violations.push(`${path} ► ${target}`)
    }
    graph.set(path, files)
  }
  return [...violations, ...findCycles(graph)]
}

function foreignViolations(path: string, layer: string, specifier: string): string[] {
  if (isBuiltin(specifier)) {
    return layer === 'cli' || PURE_BUILTINS.has(specifier) ? [] : [`${path} ► ${specifier}: the library does no I/O`]
  }
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)![0]
  return name in MANIFEST.dependencies ? [] : [`${path} ► ${specifier}: no dependency`]
}

/** Every arrow that closes a cycle, with the cycle. */
function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const cycles: string[] = []
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start !== -1) cycles.push(`cycle: ${[...trail.slice(start), path].join(' ► ')}`)
    if (start !== -1 || done.has(path)) return
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return cycles
}

describe('src/', () => {
  const sources = readSources()

  test('is read as a whole', () => {
    expect(sources.size).toBeGreaterThan(35)
    expect([...PUBLIC]).toContain('index.ts')
    for (const path of PUBLIC) expect([...sources.keys()]).toContain(path)
    // A scan that overlooks imports finds nothing wrong: each line that ends one must have been seen.
    for (const [path, source] of sources) {
      const lines = source.match(/^(?:import|export|\}).* from '.*'$/gm) ?? []
      expect(importsOf(source).length, path).toBeGreaterThanOrEqual(lines.length)
    }
  })

  test('keeps to its layers', () => {
    expect(findViolations(sources)).toEqual([])
  })
})

describe('the rule catches', () => {
  const base: [string, string][] = [
    ['index.ts', ''],
    ['errors.ts', ''],
    ['codec/bytes.ts', ''],
    ['header/fold.ts', ''],
    ['message/compose.ts', ''],
    ['mime/index.ts', ''],
    ['mime/part.ts', ''],
  ]
  const violationsOf = (path: string, source: string): string[] => findViolations(new Map([...base, [path, source]]))

  test.each([
    ['an arrow to the right', 'codec/x.ts', "import { fold } from '../header/fold.ts'", 'header/fold.ts'],
    ['one of a type', 'header/x.ts', "import type { MimePart } from '../mime/part.ts'", 'mime/part.ts'],
    ['one of a namespace', 'codec/x.ts', "import * as fold from '../header/fold.ts'", 'header/fold.ts'],
    ['one over several lines', 'codec/x.ts', "import {\n  a,\n  type b,\n} from '../header/fold.ts'", 'header/fold.ts'],
    ['one of an export', 'codec/x.ts', "export { fold } from '../header/fold.ts'", 'header/fold.ts'],
    ['one of an export of everything', 'codec/x.ts', "export * from '../header/fold.ts'", 'header/fold.ts'],
    ['one for its effects', 'codec/x.ts', "import '../header/fold.ts'", 'header/fold.ts'],
    ['one at run time', 'codec/x.ts', "const x = await import('../header/fold.ts')", 'header/fold.ts'],
    ['one inside a type', 'codec/x.ts', "type X = import('../header/fold.ts').X", 'header/fold.ts'],
    ['one sideways', 'entity/x.ts', "import { fold } from '../header/fold.ts'", 'header/fold.ts'],
    ['one to the index', 'message/x.ts', "import { x } from '../index.ts'", 'index.ts'],
    ['one from a leaf', 'defect.ts', "import { x } from './errors.ts'", 'errors.ts'],
    ['a command that looks inside', 'cli/x.ts', "import { x } from '../message/compose.ts'", 'message/compose.ts'],
  ])('%s', (_, path, source, target) => {
    expect(violationsOf(path, source)).toEqual([`${path} ► ${target}`])
  })

  test.each(['node:fs', 'node:fs/promises', 'fs', 'node:net', 'node:http', 'node:child_process', 'node:module'])(
    'I/O in the library: %s',
    specifier => {
      const source = `import { x } from '${specifier}'`
      expect(violationsOf('message/x.ts', source)).toEqual([`message/x.ts ► ${specifier}: the library does no I/O`])
      expect(violationsOf('cli/x.ts', source)).toEqual([])
    },
  )

  test('a package that is no dependency', () => {
    expect(violationsOf('codec/x.ts', "import { x } from 'mailparser/lib'\nimport y from '@a/b/c'")).toEqual([
      'codec/x.ts ► mailparser/lib: no dependency',
      'codec/x.ts ► @a/b/c: no dependency',
    ])
  })

  test('a folder without a place, a file that is not there', () => {
    expect(violationsOf('utils/x.ts', '')).toEqual(['utils/x.ts: no layer utils'])
    expect(violationsOf('mime/x.ts', "import { y } from './y.ts'")).toEqual(['mime/x.ts: no file mime/y.ts'])
  })

  test('a cycle inside a layer, of types as well', () => {
    const sources = new Map([
      ['mime/a.ts', "import { b } from './b.ts'"],
      ['mime/b.ts', "import type { c } from './c.ts'"],
      ['mime/c.ts', "import { b } from './b.ts'"],
    ])
    expect(findViolations(sources)).toEqual(['cycle: mime/b.ts ► mime/c.ts ► mime/b.ts'])
  })

  test('nothing in what is allowed, nor in comments and texts', () => {
    const source = [
      '/**',
      " * import { fold } from '../header/fold.ts'",
      ' */',
      "import { Buffer } from 'node:buffer'",
      "import type { Bytes } from '../codec/bytes.ts'",
      "  // import '../header/fold.ts'",
      "export const text = 'from'",
      'export function quote() { return "import x from \'y\'" }',
    ].join('\n')
    expect(violationsOf('entity/x.ts', source)).toEqual([])
    const command = "import { x } from '../index.ts'\nimport { y } from '../mime/index.ts'\nimport 'node:fs'"
    expect(violationsOf('cli/x.ts', command)).toEqual([])
  })
})
