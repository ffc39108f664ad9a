/** `mimecal parse`: the entity in JSON. */
import { readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { type EMailEntity, parseMessage } from '../../src/index.ts'
import { mimecal } from './world.ts'

const INVOICE = readFileSync(new URL('../../corpus/entities/nordic-invoice.eml', import.meta.url))

test('prints what parseMessage gives, Stream in base64', async () => {
  const { exitCode, stdout, stderr } = await mimecal(['parse', 'a.eml'], { files: { 'a.eml': INVOICE } })
  const { entity } = parseMessage(INVOICE)
  const [attachment] = entity.Attachments
  const wire = { ...attachment, Stream: Buffer.from(attachment!.Stream!).toString('base64') }
  expect([exitCode, stderr]).toEqual([0, ''])
  expect(JSON.parse(stdout)).toEqual({ ...entity, Attachments: [wire] })
})

test('what it prints composes to the same entity', async () => {
  const parsed = await mimecal(['parse', '-'], { stdin: INVOICE })
  const composed = await mimecal(['compose', '-'], { stdin: parsed.octets })
  const again = await mimecal(['parse', '-'], { stdin: composed.octets })
  const sizeless = (json: string) => ({ ...(JSON.parse(json) as EMailEntity), Size: 0 })
  expect(sizeless(again.stdout)).toEqual(sizeless(parsed.stdout))
})

test('--attachments omit leaves Stream null and Size right', async () => {
  const { stdout } = await mimecal(['parse', '--attachments', 'omit', '-'], { stdin: INVOICE })
  expect((JSON.parse(stdout) as EMailEntity).Attachments).toMatchObject([{ Size: 559, Stream: null }])
})

test.each([
  ['a pipe', false, [], 1],
  ['a pipe with --pretty', false, ['--pretty'], 28],
  ['a terminal', true, [], 28],
  ['a terminal with --no-pretty', true, ['--no-pretty'], 1],
])('%s', async (_, isTerminal, options, atLeast) => {
  const { stdout } = await mimecal(['parse', '-', ...options], { stdin: INVOICE, isTerminal })
  const lines = stdout.split('\n').length - 1
  expect(stdout.endsWith('}\n')).toBe(true)
  if (atLeast === 1) expect(lines).toBe(1)
  else expect(lines).toBeGreaterThanOrEqual(atLeast)
})

test('a message is never refused', async () => {
  const stdin = Buffer.from([0, 255, 13, 45, 45])
  expect(await mimecal(['parse', '-'], { stdin })).toMatchObject({ exitCode: 0, stderr: '' })
})

test('controls and bidi controls are escaped, and the JSON means the same', async () => {
  const evil = 'a\x1b[2Jb\x9bc\u202ed\u2028e\x07\x7f'
  const word = `=?utf-8?B?${Buffer.from(evil).toString('base64')}?=`
  const stdin = [
    `From: ${word} <a@b.example>`,
    `Subject: ${word}`,
    `X-Note: ${word}`,
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    '',
    evil,
    '--b',
    'Content-Type: application/zip',
    `Content-Disposition: attachment; filename*=utf-8''${encodeURIComponent(evil)}`,
    `Content-Description: ${word}`,
    '',
    '--b--',
    '',
  ].join('\r\n')
  for (const options of [[], ['--pretty'], ['--attachments=omit']]) {
    for (const largeOctets of [0, 1_000_000]) {
      const { stdout } = await mimecal(['parse', ...options], { stdin, largeOctets, isTerminal: true })
      expect(stdout).not.toMatch(/[^\n\P{Cc}]|[\p{Bidi_Control}\u2028\u2029]/u)
      expect(stdout).toContain('a\\u001b[2Jb\\u009bc\\u202ed\\u2028e\\u0007\\u007f')
      expect((JSON.parse(stdout) as EMailEntity).PlainBody).toBe(evil)
    }
  }
})

test.each([
  new RangeError('Invalid string length'),
  Object.assign(new Error('Cannot create a string longer than 0x1fffffe8 characters'), { code: 'ERR_STRING_TOO_LONG' }),
])('a message whose JSON is longer than any text can be: %s', async error => {
  const stringify = vi.spyOn(JSON, 'stringify').mockImplementationOnce(() => {
    throw error
  })
  const { exitCode, stdout, stderr } = await mimecal(['parse', '-'], { stdin: INVOICE })
  stringify.mockRestore()
  expect([exitCode, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/^mimecal: the text of the message is too large for JSON\n$/)
})
