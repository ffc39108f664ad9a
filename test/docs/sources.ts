/**
 * The sources as a graph of declarations: what each refers to, and which codes of errors it raises.
 *
 * TypeScript 7 has no API to ask, so the text is read: declarations at the start of a line, as the formatter leaves them,
 * and names in them that are declared in the same file or imported. A class is one declaration with all of its methods.
 */
import { readdirSync } from 'node:fs'
import { posix } from 'node:path'
import { ROOT, readFile } from './pages.ts'

/** A declaration at the top of a file. */
export interface Declaration {
  readonly name: string
  /** From the root of the project. */
  readonly file: string
  readonly kind: 'function' | 'class' | 'const' | 'interface' | 'type'
  /** Text of the comment right above it, without its stars; `''` where there is none. */
  readonly docstring: string
  /** From `export` or its keyword on, without comments. */
  readonly code: string
  /** The same with its comments. */
  readonly text: string
}

interface SourceFile {
  readonly declarations: ReadonlyMap<string, Declaration>
  /** Where a name that is imported or handed on is declared, `file#name`, by the name that it has here. */
  readonly imports: ReadonlyMap<string, string>
}

const DECLARATION =
  /^(?:export )?(?:declare )?(?:async )?(?:abstract )?(function\*?|class|const|let|interface|type) (\w+)/gm

/** Every file below src/, by its path from the root of the project. */
export function readSources(): ReadonlyMap<string, SourceFile> {
  const paths = readdirSync(new URL('src/', ROOT), { recursive: true, encoding: 'utf8' })
    .map(path => `src/${path.replaceAll('\\', '/')}`)
    .filter(path => path.endsWith('.ts'))
  return new Map(paths.map(path => [path, readSource(path)]))
}

function readSource(file: string): SourceFile {
  const text = readFile(file)
  const found = [...text.matchAll(DECLARATION)]
  const declarations = new Map<string, Declaration>()
  for (const [position, match] of found.entries()) {
    const [, keyword = '', name = ''] = match
    const before = text.slice(0, match.index)
    const docstring = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n$/.exec(before)?.[1] ?? ''
    // The comment of the next declaration is none of this one's.
    const whole = text
      .slice(match.index, found[position + 1]?.index)
      .replace(/\n\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n$/, '\n')
    const earlier = declarations.get(name)
    const declaration: Declaration = {
      name,
      file,
      kind: keyword.replace('*', '').replace('let', 'const') as Declaration['kind'],
      // Of a function with overloads the first has the docstring.
      docstring: earlier?.docstring || docstring.replace(/^ *\* ?/gm, '').trim(),
      code: (earlier?.code ?? '') + codeOf(whole),
      text: (earlier?.text ?? '') + whole,
    }
    declarations.set(name, declaration)
  }
  const imports = new Map<string, string>()
  for (const [, names, specifier] of text.matchAll(/^(?:import|export) (?:type )?\{([^}]*)\} from '(\.[^']*)'/gm)) {
    const target = posix.join(posix.dirname(file), specifier!)
    for (const entry of names!.split(',')) {
      const [original = '', own = original] = entry.replace(/^\s*(?:type )?|\s*$/g, '').split(' as ')
      if (original !== '') imports.set(own, `${target}#${original}`)
    }
  }
  return { declarations, imports }
}

/** Without what asks a schema of src/entity/json.ts for its properties alone, and checks nothing by it. */
function codeOf(code: string): string {
  return code
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/\bentriesOf\(\w+\)/g, '')
}

/** The declaration of a name as a file has it: its own, or one that it imports or hands on. */
export function declarationOf(
  sources: ReadonlyMap<string, SourceFile>,
  file: string,
  name: string,
): Declaration | undefined {
  const source = sources.get(file)
  const own = source?.declarations.get(name)
  if (own !== undefined) return own
  const imported = source?.imports.get(name)
  if (imported === undefined) return undefined
  const [target = '', original = ''] = imported.split('#')
  return declarationOf(sources, target, original)
}

/** Names that a file hands on to its users. */
export function exportsOf(sources: ReadonlyMap<string, SourceFile>, file: string): string[] {
  return [...sources.get(file)!.imports.keys()]
}

/** Codes that a declaration raises itself: `mimeError('CODE'`, `problem('CODE'`, `code: 'CODE'`, `says('CODE'`. */
function raisedBy({ code }: Declaration): string[] {
  return [...code.matchAll(/\b(?:mimeError|problem|says)\(\s*'([A-Z0-9_]+)'|\bcode: '([A-Z0-9_]+)'/g)].map(
    match => match[1] ?? match[2]!,
  )
}

/** Codes that a declaration, or anything that it refers to, raises. */
export function codesRaised(sources: ReadonlyMap<string, SourceFile>, from: Declaration): Set<string> {
  const codes = new Set<string>()
  const seen = new Set<Declaration>()
  const waiting = [from]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    for (const code of raisedBy(next)) codes.add(code)
    if (next.kind === 'interface' || next.kind === 'type') continue
    // A name after a dot is a property, after three it is not.
    for (const [name] of next.code.matchAll(/(?<!(?<!\.\.)\.|\w)[A-Za-z_]\w*/g)) {
      const target = declarationOf(sources, next.file, name)
      if (target !== undefined && target !== next) waiting.push(target)
    }
  }
  return codes
}
