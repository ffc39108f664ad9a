/**
 * Controls in the entity or the options: what would leave its header field is refused before anything is written, with
 * its code and path, or is neutralised, so that no reader sees a field that the entity does not have.
 *
 * The vectors are those of published faults of other libraries, and their kin. Addresses and names are in
 * ./injection-address.test.ts, files in ./injection-attachment.test.ts, objects and sizes in ./hostile-entity.test.ts.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ComposeOptions, type EMailEntityInput, MimeError } from '../../src/index.ts'
import { entityArbitrary } from '../arbitrary/entity.ts'
import { strictParse } from '../conformance/strict-check.ts'
import { attempt, custom, expectNames, FULL_ENTITY, HEADER_PATH, HEADER_PATHS, textsOf, withValue } from './attack.ts'
import { attach, composeWire, expectRefused, PLAIN_ENTITY, refusalOf } from './wire.ts'

test('the full entity is composed, and has the fields that it asks for', () => {
  expectNames(composeWire(FULL_ENTITY).octets, FULL_ENTITY)
  expect(HEADER_PATHS).toHaveLength(33)
})

const CONTROLS = ['\r\n', '\r', '\n', '\0', '\x01', '\x08', '\x0b', '\x0c', '\x1b', '\x1f', '\x7f']
const ATTACK = '\r\nBcc: evil@example.com\r\n\r\n'

describe('controls in a text that reaches a header', () => {
  test.each(HEADER_PATHS)('%s: refused with HEADER_INJECTION at this path, wherever they stand', path => {
    const text = new Map(textsOf(FULL_ENTITY)).get(path)!
    for (const draft of [false, true]) {
      for (const control of [...CONTROLS, ATTACK]) {
        for (const at of [0, 1, Math.floor(text.length / 2), text.length]) {
          const changed = withValue(FULL_ENTITY, path, text.slice(0, at) + control + text.slice(at))
          expectRefused(changed, { draft, smtpUtf8: true }, 'HEADER_INJECTION', path)
        }
      }
    }
  })

  test('all of them are reported at once, each at its path', () => {
    let entity = FULL_ENTITY
    const paths = HEADER_PATHS.filter(path => !/CustomHeaderList\[\d+\]\.Name/.test(path))
    for (const path of paths) entity = withValue(entity, path, `x${ATTACK}`)
    const { problems } = refusalOf(entity, {})
    const found = problems.filter(({ code }) => code === 'HEADER_INJECTION').map(problem => problem.path)
    expect(found.sort()).toEqual(paths.toSorted())
  })

  const others: readonly (readonly [path: string, code: string])[] = [
    ['Sent', 'DATE_INVALID'],
    ['Priority', 'VALUE_INVALID'],
    ['Attachments[0].Stream', 'CONTENT_BASE64'],
  ]
  test.each(others)('%s: refused with %s', (path, code) => {
    const text = new Map(textsOf(FULL_ENTITY)).get(path)!
    for (const control of CONTROLS) {
      const error = attempt(withValue(FULL_ENTITY, path, `${text}${control}Bcc: x@y.z`))
      expect(error).toMatchObject({ code, path })
    }
  })

  test('now(): a text with CRLF is refused as a date', () => {
    const entity = { ...PLAIN_ENTITY, Sent: null }
    expectRefused(entity, { now: () => '2026-01-15T12:00:00Z\r\nBcc: x@y.z' }, 'DATE_INVALID', 'Sent')
  })

  test('Flags: reach no header, whatever surrounds them', () => {
    const entity: EMailEntityInput = { ...PLAIN_ENTITY, Flags: '\r\nDraft\r\n,Seen' }
    expectNames(composeWire(entity).octets, entity)
    expectRefused({ ...PLAIN_ENTITY, Flags: 'Draft\r\nBcc: x@y.z' }, {}, 'VALUE_INVALID', 'Flags')
  })
})

/** Text of which a writer that cuts characters to octets makes CR LF, and what some readers take for a line break. */
const DISGUISES = ['\u560d\u560a', '\u010d\u010a', '\u0d0d\u0a0a', '\u2028', '\u2029', '\u0085', '\u{1f60d}\u{1f60a}']

describe('characters that become controls when they are cut to octets', () => {
  const paths = textsOf(FULL_ENTITY).map(([path]) => path)
  test.each(paths)('%s: refused, or in no field of their own', path => {
    const text = new Map(textsOf(FULL_ENTITY)).get(path)!
    for (const disguise of DISGUISES) {
      for (const options of [{}, { smtpUtf8: true }, { archive: true }]) {
        const changed = withValue(FULL_ENTITY, path, `${text.slice(0, 1)}${disguise}X-Evil: 1${text.slice(1)}`)
        const found = attempt(changed, options)
        if (!(found instanceof MimeError)) expectNames(found, changed, options)
      }
    }
  })

  const drafts = paths.filter(path => path !== 'Attachments[0].Id')
  test.each(drafts)('%s: the same in a draft', path => expectHarmlessDraft(path))

  test('Attachments[0].Id: the same in a draft', () => expectHarmlessDraft('Attachments[0].Id'))

  function expectHarmlessDraft(path: string): void {
    const text = new Map(textsOf(FULL_ENTITY)).get(path)!
    for (const disguise of DISGUISES) {
      const changed = withValue(FULL_ENTITY, path, `${text.slice(0, 1)}${disguise}X-Evil:1${text.slice(1)}`)
      const found = attempt(changed, { draft: true })
      if (!(found instanceof MimeError)) expectNames(found, changed, { draft: true })
    }
  }
})

/** Controls at random places of some of the strings of a random entity. */
function attackedEntity(
  archive: boolean,
): fc.Arbitrary<{ readonly entity: EMailEntityInput; readonly paths: readonly string[] }> {
  const control = fc.oneof(
    fc.constantFrom(...CONTROLS, ATTACK),
    fc.integer({ min: 0, max: 0x1f }).map(code => (code === 9 ? '\x7f' : String.fromCharCode(code))),
  )
  return entityArbitrary({ archive }).chain(entity => {
    const texts = textsOf(entity)
    const subset = fc.uniqueArray(fc.nat(texts.length - 1), { minLength: 1, maxLength: 3 })
    return fc.tuple(subset, control, fc.double({ min: 0, max: 1, noNaN: true })).map(([chosen, inserted, place]) => {
      let attacked = entity
      for (const index of chosen) {
        const [path, text] = texts[index]!
        const at = Math.floor(text.length * place)
        attacked = withValue(attacked, path, text.slice(0, at) + inserted + text.slice(at))
      }
      return { entity: attacked, paths: chosen.map(index => texts[index]![0]) }
    })
  })
}

describe.each([{ draft: false }, { draft: true }, { archive: true }])(
  'controls in random texts of random entities, %o',
  given => {
    test('each is refused at its path, or the message has no field more', () => {
      const options: ComposeOptions = { ...given, smtpUtf8: true, now: () => new Date(0) }
      let composed = 0
      fc.assert(
        fc.property(attackedEntity(options.archive === true), ({ entity, paths }) => {
          const found = attempt(entity, options)
          const refused = paths.filter(path => HEADER_PATH.test(path))
          if (!(found instanceof MimeError)) {
            composed++
            expect(refused).toEqual([])
            expectNames(found, entity, options)
            return
          }
          const injections = found.problems.filter(({ code }) => code === 'HEADER_INJECTION').map(({ path }) => path)
          // The values of a header whose name is refused are not looked at.
          const isUnderName = (path: string): boolean =>
            path.includes('.Values[') && paths.includes(path.replace(/\.Values\[\d+\]$/, '.Name'))
          expect(injections).toEqual(expect.arrayContaining(refused.filter(path => !isUnderName(path))))
          for (const { path } of found.problems) expect(paths).toContain(path)
        }),
        { numRuns: 300 },
      )
      expect(composed).toBeGreaterThan(0)
    })
  },
)

describe('names of custom headers', () => {
  const invalid = [
    'From: ceo@example.org (',
    '',
    ' ',
    'X A',
    'X-A ',
    ' X-A',
    'X-A:',
    ':',
    'X-\u00e5',
    '\ufeffFrom',
    'From\u00a0',
    '\u2028From',
    'X\tA',
    'x'.repeat(1000),
  ]
  test.each(invalid)('%j is no field name', name => {
    for (const draft of [false, true]) {
      expectRefused(
        { ...PLAIN_ENTITY, ...custom(name, 'v') },
        { draft },
        'HEADER_NAME_INVALID',
        'CustomHeaderList[0].Name',
      )
    }
  })

  const reserved = [
    'From',
    'FROM',
    'to',
    'Bcc',
    'cc',
    'SUBJECT',
    'Date',
    'message-id',
    'In-Reply-To',
    'MIME-Version',
    'Content-Type',
    'content-transfer-encoding',
    'Content-Disposition',
    'X-Priority',
    'Importance',
    'X-Unsent',
  ]
  test.each(reserved)('%s is written from another property, or not at all', name => {
    for (const draft of [false, true]) {
      expectRefused({ ...PLAIN_ENTITY, ...custom(name, 'v') }, { draft }, 'HEADER_RESERVED', 'CustomHeaderList[0].Name')
    }
  })

  test('__proto__ and constructor are names like any other', () => {
    const entity: EMailEntityInput = {
      ...PLAIN_ENTITY,
      CustomHeaderList: ['__proto__', 'constructor', 'toString', 'List-__proto__'].map(Name => ({
        Name,
        Values: ['v'],
      })),
    }
    const { octets, entity: found } = composeWire(entity)
    expectNames(octets, entity)
    expect(found.CustomHeaderList.map(({ Name }) => Name)).toEqual([
      '__proto__',
      'constructor',
      'toString',
      'List-__proto__',
    ])
  })
})

describe('options', () => {
  const references: readonly (readonly [given: string, written: string])[] = [
    ['a@b c@d', '<a@b> <c@d>'],
    ['<<<<a@b>', '<a@b>'],
  ]
  test.each(references)('references %j: written as %s, in no field of their own', (given, written) => {
    const wire = composeWire({}, { references: [given] })
    expect(wire.field('References')).toBe(written)
    expectNames(wire.octets, PLAIN_ENTITY, { references: [given] })
  })

  test.each(['<a@b>\r\nBcc: <x@y>', '<a\r\nBcc x@y>', '<a@b\0\x7f>'])('references %j are refused', reference => {
    expectRefused(PLAIN_ENTITY, { references: [reference] }, 'HEADER_INJECTION', 'references[0]')
  })

  test('references without "@", or not ASCII, are refused', () => {
    for (const reference of ['<a b>', '<å@b>', '<@b>', '<a@>']) {
      expectRefused(PLAIN_ENTITY, { references: [reference] }, 'MESSAGE_ID_INVALID', 'References')
    }
  })

  test('references that are no texts are a MimeError', () => {
    expect(refusalOf(PLAIN_ENTITY, { references: [5 as unknown as string] }).code).toBe('OPTION_INVALID')
  })

  const randoms: readonly (readonly [what: string, random: () => unknown])[] = [
    ['more octets than were asked for', () => new Uint8Array(100)],
    ['no octets', () => new Uint8Array(0)],
    ['texts', () => ['\r\nX-Evil: 1\r\n']],
  ]
  for (const [what, random] of randoms) {
    test(`random that gives ${what} makes an error, or a boundary of 70 characters at most`, () => {
      const found = attempt({ ...PLAIN_ENTITY, HTMLBody: '<p>' }, { random: random as () => Uint8Array })
      if (found instanceof MimeError) return expect(found.code).toBe('OPTION_INVALID')
      const { root, violations } = strictParse(found)
      expect(violations).toEqual([])
      expect(root.parameters.get('boundary')!.length).toBeGreaterThan(20)
      return undefined
    })
  }

  test('content that resolveContent gives is checked like any other', () => {
    const entity = { ...PLAIN_ENTITY, ...attach({ Stream: null }) }
    const options: ComposeOptions = { resolveContent: () => 'AQID\r\n\r\n--x' }
    expectRefused(entity, options, 'CONTENT_BASE64', 'Attachments[0].Stream')
  })
})
