/** Inputs that are large: read as they arrive, with the same result, and with a word on how far it has come. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { corpusMessages, describeCorpus } from '../corpus/corpus.ts'
import { mimecal, type World } from './world.ts'

const MESSAGES = new URL('../../corpus/messages/', import.meta.url)
const OWN = readdirSync(MESSAGES)
  .filter(name => name.endsWith('.eml'))
  .map(name => ({ path: name, octets: readFileSync(new URL(name, MESSAGES)) }))

/** Reads as a large input and as a small one; everything but the decoded octets that nobody can know. */
async function bothWays(args: readonly string[], octets: Uint8Array): Promise<[large: unknown, small: unknown]> {
  const large = await mimecal(args, { stdin: octets, largeOctets: 0, pieceOctets: 1000 })
  const small = await mimecal(args, { stdin: octets })
  expect([large.exitCode, large.stderr, large.leftOpen, small.exitCode]).toEqual([0, '', 0, 0])
  return [JSON.parse(large.stdout), JSON.parse(small.stdout)]
}

/** The whole of a body is not kept where it is large: what was not decoded is not known. */
function withoutUnknown(large: unknown, small: unknown): unknown {
  if (Array.isArray(small) && Array.isArray(large)) {
    return large.map((item, index) => withoutUnknown(item, small[index]))
  }
  if (typeof small !== 'object' || small === null) return large
  return Object.fromEntries(
    Object.entries(large as Record<string, unknown>).map(([name, value]) => {
      const known = (small as Record<string, unknown>)[name]
      return [name, name === 'decodedOctets' && value === null ? known : withoutUnknown(value, known)]
    }),
  )
}

describe.each([
  ['parse', ['parse', '--pretty', '-']],
  ['parse without contents', ['parse', '--attachments=omit', '-']],
  ['inspect', ['inspect', '--json', '-']],
  ['calendar', ['calendar', '--json', '-']],
] as const)('%s of a large input gives what it gives of a small one', (_, args) => {
  test('each message of the own corpus', async () => {
    expect(OWN.length).toBeGreaterThan(100)
    for (const { path, octets } of OWN) {
      const [large, small] = await bothWays(args, octets)
      expect(withoutUnknown(large, small), path).toEqual(small)
    }
  })

  describeCorpus('real messages', () => {
    test('one in eight', async () => {
      const messages = corpusMessages().filter((_message, index) => index % 8 === 0)
      expect(messages.length).toBeGreaterThan(200)
      for (const { path, octets } of messages) {
        const [large, small] = await bothWays(args, octets)
        expect(withoutUnknown(large, small), path).toEqual(small)
      }
    })
  })
})

describe('contents of a large message', () => {
  const content = Buffer.alloc(10_001, 'zip')
  const message = [
    'From: a@b.example',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: application/zip; name=a.zip',
    'Content-Transfer-Encoding: base64',
    '',
    content
      .toString('base64')
      .match(/.{1,76}/g)!
      .join('\r\n'),
    '--b',
    'Content-Type: application/zip; name=empty.zip',
    '',
    '--b--',
    '',
  ].join('\r\n')

  test('wait on disk for their place in the JSON', async () => {
    const outcome = await mimecal(['parse'], { stdin: message, largeOctets: 1000 })
    expect(outcome.spooled).toBe(content.length)
    const { Attachments } = JSON.parse(outcome.stdout) as { Attachments: { Stream: string }[] }
    expect(Attachments.map(({ Stream }) => Stream)).toEqual([content.toString('base64'), ''])
  })

  test.each([
    ['not those of a small one', ['parse'], 1_000_000],
    ['not where they are left out', ['parse', '--attachments', 'omit'], 1000],
    ['not where they are only counted', ['inspect'], 1000],
  ])('%s', async (_, args, largeOctets) => {
    expect((await mimecal(args, { stdin: message, largeOctets })).spooled).toBe(0)
  })

  test.each([
    ['the input fails', { failsAt: 5 }, 66],
    ['the output fails', { outputError: new Error('full') }, 70],
  ])('are gone where %s', async (_, world, exitCode) => {
    const outcome = await mimecal(['parse'], { stdin: message, largeOctets: 100, pieceOctets: 1000, ...world })
    expect(outcome).toMatchObject({ exitCode, leftOpen: 0 })
  })
})

describe('progress', () => {
  const MIB = 1024 * 1024
  const octets = Buffer.from(`Subject: x\r\n\r\n${'x'.repeat(8 * MIB - 14)}`)
  const world: World = {
    files: { 'a.eml': octets },
    stdin: octets,
    errorColumns: 80,
    largeOctets: 4 * MIB,
    pieceOctets: MIB,
    pieceTime: 250,
  }

  test('of a file: octets, their part of all, octets in a second, and in the end the sum', async () => {
    const { complaints, exitCode, leftOpen } = await mimecal(['inspect', 'a.eml'], world)
    expect(complaints.map(text => text.trimEnd())).toEqual([
      '\ra.eml: 1.0 MiB of 8.0 MiB   12 %  4.0 MiB/s',
      '\ra.eml: 2.0 MiB of 8.0 MiB   25 %  4.0 MiB/s',
      '\ra.eml: 3.0 MiB of 8.0 MiB   37 %  4.0 MiB/s',
      '\ra.eml: 4.0 MiB of 8.0 MiB   50 %  4.0 MiB/s',
      '\ra.eml: 5.0 MiB of 8.0 MiB   62 %  4.0 MiB/s',
      '\ra.eml: 6.0 MiB of 8.0 MiB   75 %  4.0 MiB/s',
      '\ra.eml: 7.0 MiB of 8.0 MiB   87 %  4.0 MiB/s',
      '\ra.eml: 8.0 MiB of 8.0 MiB  100 %  4.0 MiB/s',
      '\ra.eml: 8.0 MiB in 2.0 s, 4.0 MiB/s',
      '',
    ])
    expect(complaints.at(-1)).toBe('\n')
    expect([exitCode, leftOpen]).toEqual([0, 0])
  })

  test('of a pipe: nobody knows its size, and it is told once it is large', async () => {
    const { complaints } = await mimecal(['parse', '--attachments=omit'], world)
    expect(complaints.slice(0, 2)).toEqual([
      '\rstandard input: 5.0 MiB  4.0 MiB/s',
      '\rstandard input: 6.0 MiB  4.0 MiB/s',
    ])
    expect(complaints.at(-2)).toMatch(/^\rstandard input: 8\.0 MiB in 2\.0 s, 4\.0 MiB\/s *$/)
  })

  test('five times in a second at most', async () => {
    const { complaints } = await mimecal(['inspect', 'a.eml'], { ...world, pieceOctets: 65_536, pieceTime: 10 })
    // 128 pieces, 1.28 s: at 0, 0.2, …, 1.2, the sum, and the line break.
    expect(complaints).toHaveLength(9)
  })

  test('writes over what was there, and never into the last column', async () => {
    for (const errorColumns of [80, 40, 20, 1]) {
      const name = `${'long-name-'.repeat(8)}\x1b[2J.eml`
      const { complaints } = await mimecal(['inspect', name], { ...world, errorColumns, files: { [name]: octets } })
      let shown = 0
      for (const text of complaints.slice(0, -1)) {
        expect(text).toMatch(/^\r[^\r\n\x1b]*$/)
        expect(text.length - 1).toBeLessThan(Math.max(errorColumns, 1))
        expect(text.length - 1).toBeGreaterThanOrEqual(shown)
        shown = text.trimEnd().length - 1
      }
    }
  })

  test.each([
    ['of a small input', { largeOctets: 8 * MIB }],
    ['where standard error is no terminal', { errorColumns: undefined }],
  ])('nothing %s', async (_, other) => {
    const { errorColumns, ...rest } = { ...world, ...other }
    const { complaints } = await mimecal(
      ['inspect', 'a.eml'],
      errorColumns === undefined ? rest : { ...rest, errorColumns },
    )
    expect(complaints).toEqual([])
  })

  test('of JSON, too', async () => {
    const entity = JSON.stringify({ Subject: 'x', PlainBody: 'x'.repeat(5 * MIB) })
    const { complaints, exitCode } = await mimecal(['compose', '--draft'], { ...world, stdin: entity })
    expect([exitCode, complaints.at(-1)]).toEqual([0, '\n'])
  })

  test('what goes wrong is told on a line of its own', async () => {
    const { stderr, exitCode, leftOpen } = await mimecal(['inspect', 'a.eml'], { ...world, failsAt: 2 })
    const [progress, complaint, ...others] = stderr.split('\n')
    expect(progress).toMatch(/\ra\.eml: 2\.0 MiB of 8\.0 MiB {3}25 % {2}\d\.\d MiB\/s$/)
    expect([complaint, others]).toEqual(['mimecal: cannot read a.eml: i/o error', ['']])
    expect([exitCode, leftOpen]).toEqual([66, 0])
  })

  test('where the user interrupts, the prompt of the shell begins a line', async () => {
    const { complaints } = await mimecal(['inspect', 'a.eml'], { ...world, interruptedAt: 3 })
    expect(complaints[3]).toBe('\n')
  })
})
