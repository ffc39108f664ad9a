/** `mimecal inspect`: the tree of parts and the defects, safe to look at. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { DEFECT_CODES, parseMessage } from '../../src/index.ts'
import { mimecal } from './world.ts'

const MESSAGES = new URL('../../corpus/messages/', import.meta.url)

async function inspect(stdin: string | Uint8Array, ...options: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await mimecal(['inspect', '-', ...options], { stdin })
  expect([exitCode, stderr]).toEqual([0, ''])
  return stdout
}

function message(...lines: string[]): string {
  return lines.join('\r\n')
}

const NESTED = message(
  'Content-Type: multipart/mixed; boundary=a',
  '',
  '--a',
  'Content-Type: message/rfc822',
  'Content-Disposition: attachment; filename="../f.eml"',
  '',
  'Content-Type: multipart/alternative; boundary=b',
  '',
  '--b',
  '',
  'text',
  '--b',
  'Content-Type: text/html; charset=iso-8859-1',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'h=F8y=Z',
  '--b--',
  '--a',
  'Content-Type: image/png; name="x.png"',
  'Content-Transfer-Encoding: base64',
  '',
  'aGVs!bG8=',
)

test('draws the tree with encoding, octets, decoded octets, disposition and name', async () => {
  const end = NESTED.indexOf('\r\n--a\r\nContent-Type: image')
  const inner = end - NESTED.indexOf('Content-Type: multipart/alternative')
  const alternative = end - NESTED.indexOf('--b')
  const mixed = NESTED.length - NESTED.indexOf('--a')
  const [head, tree] = (await inspect(NESTED)).split('\n\n')
  expect(head).toBe(`standard input: ${NESTED.length} octets, 6 parts`)
  expect(tree!.split('\n')).toEqual([
    'part                                    encoding          octets  decoded  disposition',
    `multipart/mixed                         (7bit)               ${mixed}`,
    `├─ message/rfc822                       (7bit)               ${inner}      ${inner}  attachment "../f.eml"`,
    `│  └─ multipart/alternative             (7bit)               ${alternative}`,
    '│     ├─ text/plain                     (7bit)                 4        4',
    '│     └─ text/html; charset=iso-8859-1  quoted-printable       7        5',
    '└─ image/png                            base64                 9        5  "x.png"',
  ])
})

test('lists defects by offset, with their meanings, also those in a message inside the message', async () => {
  const text = await inspect(NESTED)
  const rows = [...text.matchAll(/^ +(\d+) {2}([A-Z_0-9]+) +(.*)$/gm)].map(([, offset, code, meaning]) => ({
    offset: Number(offset),
    code,
    meaning,
  }))
  expect(text).toContain('\n3 defects:\noffset  code')
  expect(rows).toEqual([
    { offset: 0, code: 'CLOSE_BOUNDARY_MISSING', meaning: DEFECT_CODES.CLOSE_BOUNDARY_MISSING },
    {
      offset: NESTED.indexOf('=Z'),
      code: 'QUOTED_PRINTABLE_INVALID',
      meaning: expect.stringContaining(DEFECT_CODES.QUOTED_PRINTABLE_INVALID),
    },
    {
      offset: NESTED.indexOf('!'),
      code: 'BASE64_INVALID',
      meaning: expect.stringContaining(DEFECT_CODES.BASE64_INVALID),
    },
  ])
})

test('--json has the same, and all parameters', async () => {
  const report = JSON.parse(await inspect(NESTED, '--json')) as Record<string, unknown>
  expect(report).toMatchObject({
    octets: NESTED.length,
    root: {
      mediaType: 'multipart/mixed',
      parameters: { boundary: 'a' },
      decodedOctets: null,
      offset: 0,
      end: NESTED.length,
      parts: [
        {
          mediaType: 'message/rfc822',
          disposition: 'attachment',
          filename: '../f.eml',
          parts: [{ mediaType: 'multipart/alternative', parts: [{}, { encoding: 'quoted-printable' }] }],
        },
        {
          mediaType: 'image/png',
          encoding: 'base64',
          disposition: null,
          filename: 'x.png',
          decodedOctets: 5,
          parts: [],
        },
      ],
    },
  })
  const defects = report.defects as { code: string; offset: number; meaning: string }[]
  expect(defects.map(({ code }) => code)).toEqual([
    'CLOSE_BOUNDARY_MISSING',
    'QUOTED_PRINTABLE_INVALID',
    'BASE64_INVALID',
  ])
  expect(defects[0]).toEqual({
    code: 'CLOSE_BOUNDARY_MISSING',
    offset: 0,
    meaning: DEFECT_CODES.CLOSE_BOUNDARY_MISSING,
  })
})

test('a message without defects says so', async () => {
  expect(await inspect('Subject: x\r\n\r\ntext\r\n')).toMatch(/: 20 octets, 1 part\n[\s\S]*\n\nno defects\n$/)
})

test('nothing at all is a message, too', async () => {
  expect(await inspect('')).toMatch(/: 0 octets, 1 part\n[\s\S]*\ntext\/plain +\(7bit\) +0 +0\n\nno defects\n$/)
})

describe('what a stranger wrote does not reach the terminal', () => {
  const evil = '\x1b]0;owned\x07\x9b31m\u202egpj.exe\u2028'
  const hostile = message(
    `Content-Type: multipart/mixed; boundary="b"; method="${evil}"`,
    `Content-Disposition: ${evil}`,
    '',
    '--b',
    `Content-Type: text/plain; charset="${evil}"; name="${evil}"`,
    `Content-Transfer-Encoding: ${evil}`,
    `Content-Disposition: attachment; filename*=utf-8''a%1B%5B2J%E2%80%AE%C2%9B%0D%0Ab; filename="${evil}"`,
    '',
    'text',
    '--b--',
  )

  test.each([[[]], [['--json']], [['--color=always']]])('%j', async options => {
    // Colours are ours.
    const text = (await inspect(hostile, ...options)).replaceAll(/\x1b\[\d+m/g, '')
    expect(text).not.toMatch(/[^\n\P{Cc}]|[\p{Bidi_Control}\u2028\u2029]/u)
    expect(text).toContain('\\u001b')
    expect(text).toContain('\\u202e')
  })

  test('and is cut where it is long', async () => {
    const text = await inspect(
      `Content-Type: text/plain; charset="${'x'.repeat(5000)}"; name="${'y'.repeat(5000)}"\r\n\r\n`,
    )
    const [widest] = text.split('\n').toSorted((left, right) => right.length - left.length)
    expect(widest!.length).toBeLessThan(300)
  })
})

test('a tree as deep as the limits allow', async () => {
  const levels = Array.from({ length: 150 }, (_, level) => [
    `Content-Type: multipart/mixed; boundary=b${level}x`,
    '',
    `--b${level}x`,
  ])
  const text = await inspect(message(...levels.flat(), '', 'text'))
  expect(text).toContain('LIMIT_DEPTH')
  expect(text).toContain(', 101 parts\n')
})

test('every message of the corpus: as many defects as parsing finds, or more', async () => {
  const names = readdirSync(MESSAGES).filter(name => name.endsWith('.eml'))
  expect(names.length).toBeGreaterThan(100)
  for (const name of names) {
    const source = readFileSync(new URL(name, MESSAGES))
    const { defects } = JSON.parse(await inspect(source, '--json')) as { defects: { code: string; offset: number }[] }
    const found = new Set(defects.map(({ code, offset }) => `${code} ${offset}`))
    for (const { code, offset } of parseMessage(source).defects) expect(found, name).toContain(`${code} ${offset}`)
  }
})
