/** The real thing: the sources are built into a folder of their own, and Node runs what npm would install. */
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseMessage } from '../../src/index.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
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
