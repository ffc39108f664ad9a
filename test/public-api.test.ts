/** The public names, one by one: a name that comes or goes is a decision, and this list says so. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

/** Values of each public module; types are not seen at run time. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'index.ts': [
    'DEFECT_CODES',
    'MIME_ERROR_CODES',
    'MimeError',
    'composeMessage',
    'entitiesFromJson',
    'entitiesToJson',
    'entityFromJson',
    'entityToJson',
    'forwardOf',
    'parseMessage',
    'parseMessageStream',
    'replyTo',
    'replyToInvitation',
    'selectFields',
    'sendRequestFromJson',
    'withTimeZone',
  ],
  'calendar/index.ts': [
    'DEFAULT_CALENDAR_LIMITS',
    'composeCalendar',
    'isSuperseded',
    'readAppointment',
    'summarizeCalendar',
  ],
  'mime/index.ts': [
    'DEFAULT_LIMITS',
    'decodeEncodedWords',
    'describeAddressList',
    'encodeWordsFolded',
    'formatDateTime',
    'formatUnstructured',
    'parseAddressList',
    'parseContentDisposition',
    'parseContentType',
    'parseDateTime',
    'parseMime',
    'parseMsgIds',
    'parseUnstructured',
    'walk',
    'writeMime',
  ],
  'send/index.ts': [
    'SEND_WARNING_CODES',
    'SendError',
    'imapflowOptions',
    'imapflowSentItems',
    'nodemailerOptions',
    'nodemailerTransport',
    'parseServerName',
    'sendEMails',
  ],
}

/** Names whose docstring is still to be written. */
const UNDOCUMENTED: ReadonlySet<string> = new Set()

const ROOT = new URL('../', import.meta.url)
const SRC = new URL('src/', ROOT)

interface Manifest {
  readonly bin: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>
}

const MANIFEST = JSON.parse(read('package.json')) as Manifest

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8')
}

describe.each(Object.entries(VALUES))('src/%s', (path, names) => {
  test('exports these values and no others', async () => {
    const module = (await import(new URL(path, SRC).href)) as Record<string, unknown>
    expect(Object.keys(module).toSorted()).toEqual(names)
    for (const name of names) expect(module[name], name).toBeDefined()
  })

  test('is one explicit list', () => {
    const code = read(`src/${path}`).replace(/\/\*[\s\S]*?\*\//g, '')
    expect(code.replace(/^export (type )?\{[^}]*\} from '\.[^']*\.ts'$/gm, '').trim()).toBe('')
  })

  test.each(exportsOf(path).filter(({ name }) => names.includes(name) && !UNDOCUMENTED.has(name)))(
    '$name has a docstring',
    ({ name, file }) => {
      expect(docstringOf(name, file)).toMatch(/\w/)
    },
  )
})

interface Exported {
  readonly name: string
  /** Where it is declared, relative to src/. */
  readonly file: string
}

/** What a module exports from other files, types included. */
function exportsOf(path: string): Exported[] {
  const statements = read(`src/${path}`).matchAll(/^export (?:type )?\{([^}]*)\} from '([^']*)'/gm)
  return [...statements].flatMap(([, names, specifier]) => {
    const file = new URL(specifier!, new URL(path, SRC)).href.slice(SRC.href.length)
    const words = names!.split(',').map(name => name.replace(/^\s*(?:type )?|\s*$/g, ''))
    return words.filter(name => name !== '').map(name => ({ name, file }))
  })
}

/** Text of the docstring that stands right above a declaration; `''` where there is none. */
function docstringOf(name: string, file: string): string {
  const source = read(`src/${file}`)
  const declaration = new RegExp(`^export (?:async )?(?:function\\*?|class|const) ${name}\\b`, 'm').exec(source)
  if (declaration === null) throw new Error(`${file} does not declare ${name}`)
  const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n$/.exec(source.slice(0, declaration.index))
  return comment?.[1] ?? ''
}

describe('package.json', () => {
  const entries = Object.entries(MANIFEST.exports).filter(([subpath]) => subpath !== './package.json')

  test('each subpath is a public module, and each public module has one', () => {
    const modules = entries.map(([subpath, entry]) => {
      if (typeof entry === 'string') throw new Error(`${subpath} has no types`)
      const path = entry.default.replace(/^\.\/dist\/(.*)\.js$/, '$1')
      expect(entry).toEqual({ types: `./dist/${path}.d.ts`, default: `./dist/${path}.js` })
      expect(existsSync(new URL(`${path}.ts`, SRC)), path).toBe(true)
      expect(subpath).toBe(path === 'index' ? '.' : `./${path.replace(/\/index$/, '')}`)
      return `${path}.ts`
    })
    const indexes = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
      .map(path => path.replaceAll('\\', '/'))
      .filter(path => /(?:^|\/)index\.ts$/.test(path))
    expect(modules.toSorted()).toEqual(indexes.toSorted())
    expect(modules.toSorted()).toEqual(Object.keys(VALUES).toSorted())
  })

  test('each program is a file that starts as one', () => {
    expect(Object.keys(MANIFEST.bin)).toEqual(['mimecal'])
    for (const path of Object.values(MANIFEST.bin)) {
      const source = path.replace(/^(?:\.\/)?dist\/(.*)\.js$/, 'src/$1.ts')
      expect(read(source)).toMatch(/^#!\/usr\/bin\/env node\n/)
    }
  })
})
