/**
 * The reference is the docstrings: every public name has one; of a function it names each code that the function, and all
 * that it calls, may throw, and no other; each number says its unit.
 */
import { describe, expect, test } from 'vitest'
import { MIME_ERROR_CODES, MimeError } from '../../src/index.ts'
import { ROOT } from './pages.ts'
import { codesRaised, type Declaration, declarationOf, exportsOf, readSources } from './sources.ts'

const ENTRIES = ['src/index.ts', 'src/calendar/index.ts', 'src/mime/index.ts', 'src/send/index.ts']

const sources = readSources()

const exported: readonly (readonly [string, Declaration])[] = ENTRIES.flatMap(entry =>
  exportsOf(sources, entry).map((name): [string, Declaration] => {
    const declaration = declarationOf(sources, entry, name)
    if (declaration === undefined) throw new Error(`${entry} exports ${name}, which is declared nowhere`)
    return [`${entry}: ${name}`, declaration]
  }),
)
const functions = exported.filter(([, { kind }]) => kind === 'function')
const types = exported.filter(([, { kind }]) => kind === 'interface' || kind === 'type')

test('finds what the entries export', () => {
  expect(exported.length).toBeGreaterThan(100)
  expect(functions.length).toBeGreaterThan(35)
  expect(types.length).toBeGreaterThan(60)
})

describe('a sentence', () => {
  test.each(exported)('%s', (_, { name, docstring }) => {
    const text = docstring.replace(/^@\w+[\s\S]*$/m, '')
    expect(text).toMatch(/[.:]\s*$/)
    // More than the name once more.
    const words = new Set(text.toLowerCase().match(/[a-z]{2,}/g))
    for (const word of name.match(/[A-Z]?[a-z]+/g) ?? []) words.delete(word.toLowerCase())
    expect(words.size, docstring).toBeGreaterThanOrEqual(2)
  })
})

/** Codes that are in a text, and in the docstrings of functions that it says to throw the same. */
function codesNamed(declaration: Declaration): Set<string> {
  const { docstring } = declaration
  const thrown = docstring
    .split(/^@/m)
    .filter(tag => tag.startsWith('throws'))
    .join('\n')
  const codes = new Set((thrown.match(/\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b/g) ?? []).filter(code => code in MIME_ERROR_CODES))
  for (const [, name] of thrown.matchAll(/(?:\{@link |`)(\w+)[}`]/g)) {
    const other = exported.find(([, { name: otherName, kind }]) => otherName === name && kind === 'function')?.[1]
    if (other !== undefined && other !== declaration) for (const code of codesNamed(other)) codes.add(code)
  }
  return codes
}

/** Codes that what a function calls can raise, but not for it. */
const UNREACHABLE: Readonly<Record<string, readonly string[]>> = {
  // Sets no option of readAppointment.
  replyToInvitation: ['OPTION_INVALID'],
  // The rows of src/message/fields.ts have both sides, and reading uses one.
  parseMessage: ['FROM_MISSING', 'RECIPIENT_MISSING'],
  parseMessageStream: ['FROM_MISSING', 'RECIPIENT_MISSING'],
  // The class that it uses also writes into memory of the caller.
  writeMime: ['TARGET_TOO_SMALL'],
  // A warning, not an error.
  sendEMails: ['APPEND_FAILED'],
}

describe('codes that it throws', () => {
  test.each(functions)('%s', (_, declaration) => {
    const isError = (code: string): boolean =>
      code in MIME_ERROR_CODES && !(UNREACHABLE[declaration.name]?.includes(code) ?? false)
    const raised = [...codesRaised(sources, declaration)].filter(isError)
    expect([...codesNamed(declaration)].filter(isError).toSorted()).toEqual(raised.toSorted())
  })

  test('every code is thrown by something public', () => {
    const raised = new Set(exported.flatMap(([, declaration]) => [...codesRaised(sources, declaration)]))
    expect(Object.keys(MIME_ERROR_CODES).filter(code => !raised.has(code))).toEqual([])
  })
})

test('what a function calls is followed from file to file, and nothing else is', () => {
  const composing = codesRaised(sources, declarationOf(sources, 'src/index.ts', 'composeMessage')!)
  expect([...composing]).toEqual(expect.arrayContaining(['SMTPUTF8_REQUIRED', 'CONTENT_SIZE', 'CALENDAR_METHOD']))
  expect(composing).not.toContain('JSON_INVALID')
  expect(codesRaised(sources, declarationOf(sources, 'src/mime/index.ts', 'walk')!)).toEqual(new Set())
})

/** Arguments that nobody should give. */
const NONSENSE: readonly unknown[] = [
  ...[undefined, null, 7, Number.NaN, '', 'text', Symbol('x'), () => 7],
  ...[{}, [], [null], [{}], new Uint8Array(3), new Date(Number.NaN)],
  ...[
    { root: 1, entity: 1 },
    { Emails: 7 },
    { Emails: [{}] },
    { limits: 7 },
    { limits: { parts: -1 } },
    { method: 'Reply' },
  ],
]

describe('codes that it does throw are named', () => {
  test.each(functions)('%s', async (place, declaration) => {
    const entry = place.split(':')[0]!
    const module = (await import(new URL(entry, ROOT).href)) as Record<string, (...args: unknown[]) => unknown>
    const call = module[declaration.name]!
    const named = codesNamed(declaration)
    for (const args of [[], ...NONSENSE.flatMap(one => [[one], ...NONSENSE.map(other => [one, other])])]) {
      try {
        await call(...args)
      } catch (error) {
        // TypeScript users cannot call a function so; where no code says it, JavaScript does.
        const codes = error instanceof MimeError ? error.problems.map(({ code }) => code) : []
        for (const code of codes) expect(named).toContain(code)
      }
    }
  })
})

/** What numbers count, or are measured in. */
const UNITS =
  /\b(?:octets|characters|seconds|minutes|key|index|port|number|lines|fields|parts|multiparts|messages|components|events|attendees|addresses|dates|defects|occurrence|days|months|hours|weeks|count)\b/i

describe('units of numbers', () => {
  test.each(types.filter(([, { text }]) => /^ {2}.*: .*\bnumber\b/m.test(text)))('%s', (_, { text }) => {
    const properties = text.matchAll(/((?:^ {2}(?:\/\*\*| \*).*\n)*)^ {2}(?:readonly )?(\w+)\??: (.*)$/gm)
    for (const [, comment = '', name = '', type = ''] of properties) {
      // An Id is the key of a record.
      if (/\bnumber\b/.test(type) && !/Ids?$/.test(name)) expect(comment, `${name}: ${type}`).toMatch(UNITS)
    }
  })
})
