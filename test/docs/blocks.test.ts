/**
 * Runs the code of README.md, docs/ and their like as it is printed there, against the library as npm would install it.
 *
 * A program that prints something ends with comments that say what: `…` in them stands for whatever changes from run
 * to run, and a line of it alone for any number of lines. Files that a block reads are those of {@link FILES}.
 */
import { execFile, spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SmtpWorld, startSmtp } from '../send/smtp-world.ts'
import { type Build, build } from '../stream/build.ts'
import { type Block, blocksOf, ROOT, readFile, readPages } from './pages.ts'

/** What lies in the folder that a block runs in. */
const FILES: Readonly<Record<string, string>> = {
  'entity.json': 'corpus/entities/nordic-invoice.json',
  'message.eml': 'corpus/messages/nested-multiparts.eml',
  'bounce.eml': 'corpus/messages/delivery-status-report.eml',
  'invitation.eml': 'corpus/calendar/google-invitation.eml',
}

const blocks = readPages().flatMap(blocksOf)
const programs = blocks.filter(({ language }) => language === 'js')
const commands = blocks.filter(({ language }) => language === 'sh')

let library: Build
let smtp: SmtpWorld

beforeAll(async () => {
  library = build()
  smtp = await startSmtp({ refuses: address => address.startsWith('nobody@') })
})

afterAll(async () => {
  await smtp.close()
  library.remove()
})

/** A folder below the library, so that a program there imports it by its name. */
function freshFolder(): string {
  const folder = mkdtempSync(join(library.folder, 'block-'))
  for (const [name, path] of Object.entries(FILES)) copyFileSync(new URL(path, ROOT), join(folder, name))
  return folder
}

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function run(file: string, args: readonly string[], cwd: string): Promise<Outcome> {
  const env = { ...process.env, SMTP_URL: `smtp://127.0.0.1:${smtp.port}`, NO_COLOR: '1' }
  return new Promise(resolve => {
    execFile(file, args, { cwd, env, timeout: 30_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr })
    })
  })
}

test('the pages have blocks of known languages', () => {
  expect(programs.length).toBeGreaterThanOrEqual(12)
  expect(programs.filter(({ page }) => page === 'README.md').length).toBeGreaterThanOrEqual(5)
  expect(blocks.filter(({ language }) => !['js', 'sh', 'json', ''].includes(language))).toEqual([])
})

describe('js', () => {
  test.each(programs.map(block => [block.place, block] as const))('%s', async (_, { code }) => {
    const folder = freshFolder()
    writeFileSync(join(folder, 'block.js'), code)
    const { code: exitCode, stdout, stderr } = await run(process.execPath, ['block.js'], folder)
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    const expected = printedBy(code)
    if (expected === '') expect(stdout, 'is printed, and no comment at the end says so').toBe('')
    else expect(`${stdout.replaceAll('\r\n', '\n').trimEnd()}\n`).toMatch(patternOf(expected))
  })
})

/** The comments that a program ends with, without their marks. */
function printedBy(code: string): string {
  const comments = /(?:^\/\/ .*\n)+$/m.exec(code)?.[0] ?? ''
  return code.endsWith(comments) ? comments.replace(/^\/\/ /gm, '') : ''
}

function patternOf(expected: string): RegExp {
  const lines = expected
    .trimEnd()
    .split('\n')
    .map(line => (line === '…' ? '(?:.*\\n)*?' : `${escapeRegExp(line).replaceAll('…', '.+')}\\n`))
  return new RegExp(`^${lines.join('')}$`)
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}

describe('the comparison of what is printed', () => {
  test.each([
    ['a\n', 'a\n', true],
    ['a\n', 'ab\n', false],
    ['a\nb\n', 'a\n', false],
    ['a\n', 'a\nb\n', false],
    ['a … c\n', 'a b c\n', true],
    ['a … c\n', 'a b d\n', false],
    ['a\n…\n', 'a\nb\nc\n', true],
    ['a.c\n', 'abc\n', false],
  ])('%j of %j: %s', (expected, printed, isSame) => {
    expect(patternOf(expected).test(printed)).toBe(isSame)
  })

  test('takes the comments at the end alone', () => {
    expect(printedBy('// why\nrun()\n// a\n// b\n')).toBe('a\nb\n')
    expect(printedBy('// why\nrun()\n')).toBe('')
  })
})

describe('examples', () => {
  test.each(['demo.js', 'send.js'])('%s ends well', async name => {
    const folder = join(library.folder, 'examples')
    mkdirSync(folder, { recursive: true })
    copyFileSync(new URL(`examples/${name}`, ROOT), join(folder, name))
    cpSync(new URL('corpus/entities/', ROOT), join(library.folder, 'corpus/entities'), { recursive: true })
    const { code, stdout, stderr } = await run(process.execPath, [name], folder)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.length).toBeGreaterThan(100)
  })
})

describe('json', () => {
  const texts = blocks.filter(({ language }) => language === 'json')
  test.skipIf(texts.length === 0)('is JSON', () => {
    for (const { place, code } of texts) expect(() => JSON.parse(code), place).not.toThrow()
  })
})

describe('sh', () => {
  const { scripts } = JSON.parse(readFile('package.json')) as { scripts: Readonly<Record<string, string>> }

  /** Checks of a command by its first word; each says what is wrong with the arguments, or nothing. */
  const CHECKS: Readonly<Record<string, (args: readonly string[]) => string>> = {
    npm([verb, name = '']) {
      if (verb === 'ci' || verb === 'pack' || verb === 'install') return ''
      if (verb === 'test') return 'test' in scripts ? '' : 'no script test'
      if (verb === 'run') return name in scripts ? '' : `no script ${name}`
      return `no verb ${verb}`
    },
    npx([program, ...args]) {
      // Run below.
      if (program === 'mimecal') return ''
      const binary = new URL(`node_modules/.bin/${program}`, ROOT)
      return existsSync(binary) ? missingPaths(args) : `no program ${program}`
    },
    node: missingPaths,
    git: () => '',
    '.ci/run': () => (existsSync(new URL('.ci/run', ROOT)) ? '' : 'no file .ci/run'),
  }

  /** Arguments that look like files of the project and are none. */
  function missingPaths(args: readonly string[]): string {
    const paths = args.filter(arg => /^[\w.-]+\//.test(arg))
    const missing = paths.filter(path => !existsSync(new URL(path, ROOT)))
    return missing.length === 0 ? '' : `no file ${missing.join(', ')}`
  }

  test.each([
    ['npm run nothing', 'no script nothing'],
    ['npm publish', 'no verb publish'],
    ['npx nothing', 'no program nothing'],
    ['npx vitest run test/nothing', 'no file test/nothing'],
    ['node examples/nothing.js', 'no file examples/nothing.js'],
  ])('the check of commands catches %s', (line, problem) => {
    const [program = '', ...args] = line.split(' ')
    expect(CHECKS[program]!(args)).toBe(problem)
  })

  const lines = commands.flatMap(({ place, code }) =>
    code.split('\n').flatMap(line => {
      const command = line.replace(/\s+#.*$/, '').trim()
      return command === '' || command.startsWith('#') ? [] : command.split(' && ').map(part => [place, part] as const)
    }),
  )

  test.each(lines)('%s: %s', (_, line) => {
    const words = line.split(/\s+/)
    // Variables that a command is given must be read by some test, benchmark or program.
    const variables = words.filter(word => /^[A-Z_]+=/.test(word)).map(word => word.split('=')[0]!)
    for (const variable of variables) expect(sourceOfTests()).toContain(`process.env.${variable}`)
    const [program = '', ...args] = words.filter(word => !/^[A-Z_]+=/.test(word))
    expect(Object.keys(CHECKS)).toContain(program)
    expect(CHECKS[program]!(args)).toBe('')
  })

  const hasShell = spawnSync('sh', ['-c', 'exit 0']).status === 0
  if (!hasShell) console.warn('skipped: no sh on the PATH to run the commands of the pages with')
  const ours = commands.filter(({ code }) => /^npx mimecal /m.test(code))

  test.skipIf(!hasShell).each(ours.map(block => [block.place, block] as const))('%s runs', async (_, block) => {
    const program = join(library.folder, 'dist/cli/main.js')
    const npx = `npx() { shift; "${process.execPath}" "${program}" "$@"; }`
    const script = `set -e\n${npx}\n${ownLines(block)}`
    const { code, stderr } = await run('sh', ['-c', script], freshFolder())
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
})

function ownLines({ code }: Block): string {
  return code
    .split('\n')
    .filter(line => line.startsWith('npx mimecal '))
    .join('\n')
}

let sources: string | undefined

/** All tests and benchmarks as one text. */
function sourceOfTests(): string {
  sources ??= ['test/', 'bench/']
    .flatMap(folder => readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' }).map(p => folder + p))
    .filter(path => /\.[jt]s$/.test(path))
    .map(readFile)
    .join('\n')
  return sources
}
