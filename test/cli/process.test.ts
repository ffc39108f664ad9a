/** The real thing: the sources are built into a folder of their own, and Node runs what npm would install. */
import { spawn, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseMessage } from '../../src/index.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** It has neither sh nor terminals of this kind. */
const isWindows = process.platform === 'win32'
const INVOICE = join(ROOT, 'corpus/entities/nordic-invoice.json')

let folder: string
let main: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mimecal-cli-'))
  copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction')
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  // Types are not this test's business: `npm run types` checks them.
  const built = node([tsc, '-p', join(ROOT, 'tsconfig.build.json'), '--noCheck', '--outDir', join(folder, 'dist')])
  if (built.status !== 0) throw new Error(`tsc: ${built.stdout}`)
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { bin: { mimecal: string } }
  main = join(folder, bin.mimecal)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function node(args: readonly string[], input: string | Uint8Array = '') {
  return spawnSync(process.execPath, args, { input, encoding: 'utf8', cwd: ROOT })
}

function mimecal(args: readonly string[], input?: string | Uint8Array) {
  const { status, stdout, stderr } = node([main, ...args], input)
  return { status, stdout, stderr }
}

test('starts with the line that makes it a program', () => {
  expect(readFileSync(main, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
})

test('--version is that of package.json', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  expect(mimecal(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' })
})

test('compose, inspect and parse in a row, through standard input and output', () => {
  const composed = mimecal(['compose', INVOICE])
  expect([composed.status, composed.stderr]).toEqual([0, ''])
  expect(parseMessage(composed.stdout).defects).toEqual([])
  expect(mimecal(['inspect', '-'], composed.stdout).stdout).toContain('└─ application/pdf')
  const parsed = mimecal(['parse', '-'], composed.stdout)
  expect((JSON.parse(parsed.stdout) as { Subject: string }).Subject).toContain('påminnelse')
})

test('-o writes the file', () => {
  const file = join(folder, 'invoice.eml')
  expect(mimecal(['compose', INVOICE, '-o', file])).toEqual({ status: 0, stdout: '', stderr: '' })
  expect(parseMessage(readFileSync(file)).entity.Attachments).toHaveLength(1)
})

test.skipIf(isWindows)('commands in a row in a shell, the files left out', () => {
  const line = `node "$0" compose "$1" | node "$0" parse | node "$0" compose | node "$0" inspect --json`
  const { status, stdout, stderr } = spawnSync(
    'sh',
    ['-c', line.replaceAll('node', `"${process.execPath}"`), main, INVOICE],
    {
      encoding: 'utf8',
    },
  )
  expect([status, stderr]).toEqual([0, ''])
  expect(JSON.parse(stdout)).toMatchObject({ defects: [], root: { mediaType: 'multipart/mixed' } })
})

describe('exit codes', () => {
  test.each([
    ['bad JSON', 1, ['compose', '-'], '{bad'],
    ['an entity with problems', 1, ['compose', '-'], '{}'],
    ['no arguments', 2, [], ''],
    ['a missing file', 66, ['parse', 'nowhere.eml'], ''],
    ['a folder', 66, ['parse', '.'], ''],
    ['a file that cannot be written', 73, ['compose', INVOICE, '-o', '.'], ''],
  ])('%s', (_, status, args, input) => {
    const ended = mimecal(args, input)
    expect(ended).toMatchObject({ status, stdout: '' })
    expect(ended.stderr).toMatch(/^(mimecal: [^\n]+\n)+$/)
  })
})

test('output that nobody reads to its end is no error', async () => {
  const content = Buffer.alloc(20_000_000).toString('base64')
  const entity = { PlainBody: 'x', Attachments: [{ Filename: 'a.bin', Stream: content }] }
  const child = spawn(process.execPath, [main, 'compose', '-', '--draft'], { stdio: 'pipe' })
  let stderr = ''
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString()
  })
  child.stdout.once('data', () => child.stdout.destroy())
  child.stdin.end(JSON.stringify(entity))
  const status = await new Promise(resolve => child.on('close', resolve))
  expect([status, stderr]).toEqual([0, ''])
})

/** A message of so many MiB, its attachment in base64. */
function* largeMessage(mebioctets: number): Generator<string> {
  yield 'From: a@b.example\r\nTo: c@d.example\r\nSubject: large\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n'
  yield '--b\r\nContent-Type: text/plain\r\n\r\ntext\r\n'
  yield '--b\r\nContent-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n'
  // 53,773 lines of 78 octets: 4 MiB.
  const lines = `${'QUJD'.repeat(18)}QUJD\r\n`.repeat(53_773)
  for (let written = 0; written < mebioctets; written += 4) yield lines
  yield '--b--\r\n'
}

describe.skipIf(isWindows)('a message that is large', () => {
  let large: string

  beforeAll(async () => {
    large = join(folder, 'large.eml')
    await writeFile(large, largeMessage(120))
  })

  /** Runs the command and tells the most memory that it took, in MiB. */
  function measured(args: readonly string[], input: 'file' | 'pipe') {
    const meter = join(folder, 'meter.cjs')
    writeFileSync(
      meter,
      "process.on('exit', () => require('node:fs').writeSync(2, String(process.resourceUsage().maxRSS)))",
    )
    const command = `"${process.execPath}" --require "${meter}" "${main}" ${args.join(' ')}`
    const line = input === 'file' ? `${command} "${large}"` : `cat "${large}" | ${command}`
    const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8', maxBuffer: 2 ** 30 })
    return { status, stdout, stderr, mebioctets: Number(stderr) / 1024 }
  }

  // The first 50 MiB of a pipe are gathered, since it may end there.
  test.each([
    ['inspect', ['inspect', '--json'], 'file', 70],
    ['inspect', ['inspect', '--json'], 'pipe', 130],
    ['parse', ['parse'], 'file', 130],
    ['calendar', ['calendar', '--json'], 'file', 70],
  ] as const)('%s (%j) of a %s takes at most %i MiB more than nothing at all', (command, args, input, most) => {
    const idle = measured(['--version'], input)
    const { status, stdout, mebioctets } = measured(args, input)
    expect(status).toBe(0)
    expect(idle.mebioctets).toBeGreaterThan(20)
    expect(mebioctets - idle.mebioctets).toBeLessThan(most)
    const size = statSync(large).size
    if (command === 'inspect') expect(JSON.parse(stdout)).toMatchObject({ octets: size, defects: [] })
    if (command !== 'parse') return
    const entity = JSON.parse(stdout) as { Size: number; Attachments: { Size: number; Stream: string }[] }
    const [attachment] = entity.Attachments
    expect(entity).toMatchObject({ Size: size, Subject: 'large' })
    expect(attachment!.Stream.length).toBe((attachment!.Size / 3) * 4)
    expect(/^(?:QUJD)+$/.test(attachment!.Stream.slice(0, 4000) + attachment!.Stream.slice(-4000))).toBe(true)
  })

  test('a reader that goes away ends it quietly', () => {
    const line = `{ "${process.execPath}" "${main}" parse "${large}"; echo "ended with $?" >&2; } | head -c 10`
    const { stdout, stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8' })
    expect([stdout, stderr]).toEqual(['{"To":[{"C', 'ended with 0\n'])
  })

  test('nothing stays in the folder for temporary files', () => {
    const temporary = mkdtempSync(join(folder, 'tmp-'))
    const line = `TMPDIR="${temporary}" "${process.execPath}" "${main}" parse "${large}" | head -c 1`
    expect(spawnSync('sh', ['-c', line], { encoding: 'utf8' }).stdout).toBe('{')
    expect(readdirSync(temporary)).toEqual([])
  })
})

/** What came of a command on a terminal of its own. */
interface OnTerminal {
  readonly exitCode: number | null
  readonly signal: number | null
  readonly output: string
}

const hasPython = !isWindows && spawnSync('python3', ['--version']).status === 0
if (!hasPython) console.warn('skipped: no python3, which makes a terminal for mimecal')

describe.skipIf(!hasPython)('on a terminal', () => {
  function onTerminal(mebioctets: number, ending: 'end' | 'interrupt', ...args: string[]): OnTerminal {
    const script = fileURLToPath(new URL('terminal.py', import.meta.url))
    const command = [script, String(mebioctets), ending, process.execPath, main, ...args]
    // Left out, not empty: Node 22 warns on the terminal where it finds both.
    const { NO_COLOR: _, FORCE_COLOR: __, ...others } = process.env
    const environment = { ...others, TERM: 'xterm' }
    const { status, stdout, stderr } = spawnSync('python3', command, { encoding: 'utf8', env: environment })
    if (status !== 0) throw new Error(stderr)
    return JSON.parse(stdout) as OnTerminal
  }

  test('shows how far the reading of a large input has come, and then the result in colour', () => {
    const { exitCode, output } = onTerminal(60, 'end', 'inspect')
    expect(exitCode).toBe(0)
    const [progress, ...result] = output.split('\r\n')
    const lines = progress!.split('\r').slice(1)
    for (const line of lines.slice(0, -1)) {
      expect(line).toMatch(
        /^standard input: 5\d\.\d MiB {2}\d+\.\d MiB\/s *$|^standard input: 60\.0 MiB {2}\d+\.\d MiB\/s *$/,
      )
    }
    expect(lines.at(-1)).toMatch(/^standard input: 60\.0 MiB in \d+\.\d s, \d+\.\d MiB\/s *$/)
    expect(result[0]).toBe('\x1b[1mstandard input: 62914605 octets, 1 part\x1b[22m')
  })

  test('a small input is read without a word', () => {
    expect(onTerminal(1, 'end', 'inspect', '--color=never').output).toMatch(
      /^standard input: 1048621 octets, 1 part\r\n/,
    )
  })

  test('Ctrl-C ends it by the signal, of which a shell makes 130, on a line of its own', () => {
    const { signal, output } = onTerminal(60, 'interrupt', 'inspect')
    expect(signal).toBe(constants.signals.SIGINT)
    expect(output).toMatch(/^(?:\rstandard input: [^\r\n]+)+(?:\^C)?\r\n$/)
  })
})
