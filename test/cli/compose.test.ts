/** `mimecal compose`: which entity it takes, what its options do, how it refuses. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type EMailEntityInput, parseMessage } from '../../src/index.ts'
import { mimecal, systemError } from './world.ts'

const CORPUS = new URL('../../corpus/entities/', import.meta.url)
const INVOICE = readFileSync(new URL('nordic-invoice.json', CORPUS))

const NOTE: EMailEntityInput = {
  From: { Address: 'kari@example.no' },
  To: [{ Address: 'ola@example.no' }],
  Bcc: [{ Address: 'per@example.no' }],
  Subject: 'Møte',
  PlainBody: 'Vi møtes.\n',
  Sent: '2026-01-12T09:15:30+01:00',
  MessageID: '<1@example.no>',
}

function compose(input: unknown, ...options: string[]) {
  return mimecal(['compose', '-', ...options], { stdin: typeof input === 'string' ? input : JSON.stringify(input) })
}

describe('writes the message', () => {
  test('octet for octet, of a file', async () => {
    const { exitCode, octets, stderr } = await mimecal(['compose', 'invoice.json'], {
      files: { 'invoice.json': INVOICE },
    })
    // The boundary is random.
    const plain = (text: string): string => text.replace(/=_(\d)_[0-9a-f-]+/g, '=_$1_')
    const golden = readFileSync(new URL('nordic-invoice.eml', CORPUS), 'latin1')
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(plain(octets.toString('latin1'))).toBe(plain(golden))
  })

  test('of standard input, with a byte order mark before the JSON', async () => {
    const { exitCode, octets } = await compose(`\ufeff${JSON.stringify(NOTE)}`)
    expect(exitCode).toBe(0)
    expect(parseMessage(octets).entity).toMatchObject({ Subject: 'Møte', PlainBody: 'Vi møtes.\n', Bcc: [] })
  })

  test('of many chunks', async () => {
    const content = Buffer.alloc(300_000, 'abc')
    const attachment = { Filename: 'a.bin', Stream: content.toString('base64') }
    const { octets } = await compose({ ...NOTE, Attachments: [attachment] })
    expect(content.equals(parseMessage(octets).entity.Attachments[0]!.Stream!)).toBe(true)
  })

  test.each(['-o', '--output'])('into a file with %s', async option => {
    const { exitCode, stdout, written } = await compose(NOTE, option, 'note.eml')
    expect([exitCode, stdout]).toEqual([0, ''])
    expect(parseMessage(written.get('note.eml')!).entity.Subject).toBe('Møte')
  })

  test('-o - is standard output', async () => {
    expect((await compose(NOTE, '-o', '-')).stdout).toMatch(/^Date: Mon, 12 Jan 2026 /)
  })

  test('a file that cannot be written ends with 73', async () => {
    const outputError = systemError('EACCES', "permission denied, open '/note.eml'", 'open')
    const world = { stdin: JSON.stringify(NOTE), outputError }
    const { exitCode, stderr } = await mimecal(['compose', '-', '-o', '/note.eml'], world)
    expect([exitCode, stderr]).toEqual([73, 'mimecal: cannot write /note.eml: permission denied\n'])
  })
})

describe('options reach the composer', () => {
  test('--bcc keep names the hidden recipients, omit and none do not', async () => {
    const bcc = async (...options: string[]) => parseMessage((await compose(NOTE, ...options)).octets).entity.Bcc
    expect(await bcc('--bcc', 'keep')).toMatchObject([{ Address: 'per@example.no' }])
    expect(await bcc('--bcc=omit')).toEqual([])
    expect(await bcc()).toEqual([])
  })

  test('--draft lets From and recipients be missing', async () => {
    expect((await compose({ Subject: 'x' })).exitCode).toBe(1)
    expect(await compose({ Subject: 'x' }, '--draft')).toMatchObject({ exitCode: 0, stderr: '' })
  })

  test('--eight-bit writes text as it is', async () => {
    expect((await compose(NOTE)).stdout).toContain('\r\n\r\nVi m=C3=B8tes.')
    expect((await compose(NOTE, '--eight-bit')).stdout).toContain('\r\n\r\nVi møtes.')
  })

  test('--smtp-utf8 allows local parts beyond ASCII', async () => {
    const entity = { ...NOTE, To: [{ Address: 'bjørn@example.no' }] }
    expect((await compose(entity)).stderr).toMatch(/^mimecal: SMTPUTF8_REQUIRED To\[0\]\.Address: /)
    expect((await compose(entity, '--smtp-utf8')).stdout).toContain('bjørn@example.no')
  })
})

describe('takes one of several e-mails', () => {
  const second = { ...NOTE, Subject: 'second' }

  test.each([
    ['a request of one', { Emails: [NOTE], OutgoingConnectionInfo: null }, [], 'Møte'],
    ['a list of one', [NOTE], [], 'Møte'],
    ['the first of a request', { Emails: [NOTE, second] }, ['--index', '0'], 'Møte'],
    ['the second of a request', { Emails: [NOTE, second] }, ['--index', '1'], 'second'],
    ['the second of a list', [NOTE, second], ['-i1'], 'second'],
    ['the only one', NOTE, ['--index', '0'], 'Møte'],
  ])('%s', async (_, input, options, subject) => {
    const { octets } = await compose(input, ...options)
    expect(parseMessage(octets).entity.Subject).toBe(subject)
  })

  test.each([
    ['two of them', [NOTE, second], [], 'the input has 2 e-mails: choose one with --index N, N from 0 to 1'],
    ['beyond the last', [NOTE, second], ['-i', '2'], '--index 2: the input has 2 e-mails, and the first is 0'],
    ['beyond the only one', NOTE, ['-i', '1'], '--index 1: the input has one e-mail, and the first is 0'],
  ])('%s: wrong usage', async (_, input, options, line) => {
    const stderr = `mimecal: ${line} (see mimecal compose --help)\n`
    expect(await compose(input, ...options)).toMatchObject({ exitCode: 2, stdout: '', stderr })
  })
})

describe('refuses with 1, on lines of their own', () => {
  test('each problem with its code and path', async () => {
    const { exitCode, stdout, stderr } = await compose({ From: { Address: 'kari@' }, Subject: 'a\r\nBcc: b' })
    expect([exitCode, stdout]).toEqual([1, ''])
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(/^mimecal: ADDRESS_INVALID From\.Address: \S/),
      expect.stringMatching(/^mimecal: RECIPIENT_MISSING To: \S/),
      expect.stringMatching(/^mimecal: HEADER_INJECTION Subject: "a\\r\\nBcc: b" /),
      '',
    ])
  })

  test('paths start at the root of the input', async () => {
    const bad = { ...NOTE, Subject: 5 }
    expect((await compose({ Emails: [NOTE, bad] }, '-i', '1')).stderr).toMatch(/ TYPE_INVALID Emails\[1\]\.Subject: /)
    expect((await compose([bad])).stderr).toMatch(/ TYPE_INVALID \[0\]\.Subject: /)
    expect((await compose({ Emails: [null] })).stderr).toMatch(/ TYPE_INVALID Emails\[0\]: /)
  })

  test.each([
    ['no JSON', '{"Subject": }', /^mimecal: standard input is no JSON: Unexpected token .*\n$/],
    ['no JSON over several lines', '{\n"Subject":\n}', /^mimecal: standard input is no JSON: [^\n]*\n$/],
    ['nothing', '', /^mimecal: standard input is no JSON: Unexpected end of JSON input\n$/],
    ['JSON that is no object', '"x"', /^mimecal: TYPE_INVALID the entity must be an object\n$/],
    ['an empty list', [], /^mimecal: the input has no e-mail\n$/],
    ['a request without a list', { Emails: {} }, /^mimecal: TYPE_INVALID Emails: must be a list\n$/],
  ])('%s', async (_, input, line) => {
    const { exitCode, stdout, stderr } = await compose(input)
    expect([exitCode, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(line)
  })

  test('text that is not UTF-8: nothing is guessed', async () => {
    const { exitCode, stderr } = await mimecal(['compose', 'a.json'], {
      files: { 'a.json': Buffer.from('"\xe5"', 'latin1') },
    })
    expect([exitCode, stderr]).toEqual([1, 'mimecal: a.json is no UTF-8 text\n'])
  })
})
