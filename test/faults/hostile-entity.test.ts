/**
 * Entities that are not what they seem (prototypes, accessors, wrong types), and entities with much of everything: a
 * MimeError or a right message, in linear time.
 */
import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { type ComposeOptions, composeMessage, type EMailEntityInput, MimeError, parseMessage } from '../../src/index.ts'
import { strictParse } from '../conformance/strict-check.ts'
import { attempt, custom, expectNames, FULL_ENTITY, HEADER_PATHS, textsOf, withProperty } from './attack.ts'
import { attach, composeWire, expectRefused, PLAIN_ENTITY, refusalOf } from './wire.ts'

describe('objects that are not what they seem', () => {
  test('own __proto__ keys, as JSON.parse makes them, give nothing', () => {
    const json = (text: string): EMailEntityInput => JSON.parse(text) as EMailEntityInput
    const entity = json(`{
      "__proto__": { "Bcc": [{ "Address": "evil@example.com" }], "Subject": "evil" },
      "From": { "__proto__": { "Name": "evil" }, "Address": "from@example.org" },
      "To": [{ "__proto__": { "Name": "evil", "Address": "evil@example.com" }, "Address": "to@example.org" }],
      "CustomHeaderList": [{ "__proto__": { "Values": ["evil"] }, "Name": "X-A" }],
      "Attachments": [{ "__proto__": { "Filename": "evil.exe", "Id": "evil" }, "Stream": "AQID" }]
    }`)
    const options = JSON.parse('{"__proto__":{"draft":true,"bcc":"keep","smtpUtf8":true}}') as ComposeOptions
    const wire = composeWire({ ...entity }, options)
    expect(wire.text).not.toContain('evil')
    expect(composeMessage(entity, options).envelope.to).toEqual(['to@example.org'])
  })

  test('an entity that an accessor makes is read as it is', () => {
    class Mail {
      readonly From = { Address: 'from@example.org' }
      get To() {
        return [{ Address: 'to@example.org' }]
      }
      get Subject() {
        return 'from a getter'
      }
    }
    expect(parseMessage(composeMessage(new Mail()).toBytes()).entity.Subject).toBe('from a getter')
  })

  // A second reading must not get past the check of the first.
  for (const [path, text] of textsOf(FULL_ENTITY)) {
    test(`${path} that has CRLF when it is read again: refused, or harmless`, () => {
      let readings = 0
      const get = (): string => (readings++ === 0 ? text : `${text}\r\nX-Evil: 1`)
      // In a body it is harmless; what is looked for is a header.
      const found = attempt(withProperty(FULL_ENTITY, path, { get }))
      if (found instanceof MimeError) return
      expectNames(found, FULL_ENTITY)
      expect(strictParse(found).violations).toEqual([])
    })
  }

  const impostors: readonly (readonly [what: string, value: unknown])[] = [
    ['an object with toString', { toString: () => 'x\r\nX-Evil: 1' }],
    ['a String object', new String('x\r\nX-Evil: 1')],
    ['a list of one text', ['x\r\nX-Evil: 1']],
    ['a number', 5],
    ['a function', () => 'x'],
    ['a symbol', Symbol('x')],
    ['true', true],
  ]
  for (const [what, value] of impostors) {
    for (const path of [...HEADER_PATHS, 'PlainBody', 'HTMLBody', 'Priority', 'Flags']) {
      test(`${what} in place of ${path} is refused with TYPE_INVALID`, () => {
        expectRefused(withProperty(FULL_ENTITY, path, { get: () => value }), {}, 'TYPE_INVALID', path)
      })
    }
  }

  test('what is no list where there must be one is refused', () => {
    for (const path of ['To', 'Cc', 'Bcc', 'CustomHeaderList', 'Attachments', 'CustomHeaderList[0].Values']) {
      for (const value of ['x\r\n', { length: 1e9, 0: 'x' }, new Set(['x'])]) {
        expectRefused(withProperty(FULL_ENTITY, path, { value }), {}, 'TYPE_INVALID', path)
      }
    }
  })

  test('items that are no objects are refused, holes too', () => {
    for (const path of ['To', 'CustomHeaderList', 'Attachments']) {
      for (const value of [[null], ['a@b.org'], new Array(1)]) {
        expectRefused(withProperty(FULL_ENTITY, path, { value }), {}, 'TYPE_INVALID', `${path}[0]`)
      }
    }
  })

  test('Sent is a date or a text', () => {
    for (const value of [5, {}, [], true]) {
      expectRefused(withProperty(FULL_ENTITY, 'Sent', { value }), {}, 'TYPE_INVALID', 'Sent')
    }
    const evil = () => '2026-01-15T12:00:00Z\r\nX-Evil: 1'
    const fake = Object.assign(new Date(0), { toISOString: evil, toString: evil, getUTCDate: evil, getUTCHours: evil })
    const wire = composeWire(withProperty(FULL_ENTITY, 'Sent', { value: fake }))
    expect(wire.text).toContain('\r\nDate: Thu, 1 Jan 1970 00:00:00 +0000\r\n')
    expect(wire.text).not.toContain('X-Evil')
  })

  test('Sent that no text can be made of is refused: {"toString":1,"valueOf":1}', () => {
    const value = JSON.parse('{"toString":1,"valueOf":1}')
    expectRefused(withProperty(FULL_ENTITY, 'Sent', { value }), {}, 'TYPE_INVALID', 'Sent')
  })
})

/** Runs within seconds of the processor's time what takes minutes where time is not linear. */
function quickly(milliseconds: number, run: () => void): void {
  const start = process.cpuUsage()
  run()
  expect(process.cpuUsage(start).user / 1000).toBeLessThan(milliseconds)
}

describe('much of everything', () => {
  test('100,000 recipients are written and read', () => {
    quickly(10_000, () => {
      const To = Array.from({ length: 100_000 }, (_, index) => ({
        Name: `Nøkkel ${index}`,
        Address: `u${index}@example.org`,
      }))
      const message = composeMessage({ ...PLAIN_ENTITY, To })
      expect(message.envelope.to).toHaveLength(100_000)
      const octets = message.toBytes()
      expect(octets.length).toBe(message.size)
      const { entity } = parseMessage(octets, { limits: { headerOctets: octets.length } })
      const found = entity.To.map(({ Name, Address }) => ({ Name, Address }))
      expect(JSON.stringify(found) === JSON.stringify(To)).toBe(true)
      expect(Buffer.from(octets).toString('latin1')).not.toMatch(/[^\n]{79}\r/)
    })
  })

  test('100,000 recipients in lists in lists are refused without a stack that ends', () => {
    let nested: unknown = [{ Address: 'a@example.org' }]
    for (let depth = 0; depth < 100_000; depth++) nested = [nested]
    const entity = { ...PLAIN_ENTITY, To: nested } as EMailEntityInput
    expect(refusalOf(entity, {}).path).toMatch(/^To\[0\]/)
    expect(refusalOf({ ...PLAIN_ENTITY, From: nested } as EMailEntityInput, {}).code).toBe('TYPE_INVALID')
  })

  test('100,000 wrong addresses are 100,000 problems', () => {
    quickly(5000, () => {
      const To = Array.from({ length: 100_000 }, () => ({ Address: 'no address' }))
      expect(refusalOf({ ...PLAIN_ENTITY, To }, {}).problems).toHaveLength(100_000)
    })
  })

  const N = 50_000
  const hostile: readonly (readonly [what: string, entity: EMailEntityInput, options?: ComposeOptions])[] = [
    ['groups in groups in an address', { To: [{ Address: `${'g: '.repeat(N)}u@x.org;` }] }],
    ['groups in groups in Reply-To', custom('Reply-To', `${'g: '.repeat(N)}u@x.org;`)],
    ['comments in an address', { To: [{ Address: `${'a(c)'.repeat(N)}@x.org` }] }],
    ['open comments in Reply-To', custom('Reply-To', '('.repeat(N))],
    ['open quotes in Reply-To', custom('Reply-To', '"a" "'.repeat(N))],
    ['angle brackets in Reply-To', custom('Reply-To', `<a@b.org>${'<'.repeat(N)}`)],
    ['domain literals in Reply-To', custom('Reply-To', 'a@[ '.repeat(N))],
    ['a local part without "@"', { To: [{ Address: 'a'.repeat(3 * N) }] }],
    ['labels of a domain', { To: [{ Address: `a@${'xn--a.'.repeat(N)}org` }] }],
    ['non-ASCII labels of a domain', { To: [{ Address: `a@${'å.'.repeat(N)}org` }] }],
    ['"<" in references', {}, { references: ['<'.repeat(3 * N)] }],
    ['identifiers in references', {}, { references: ['<a@b>'.repeat(N)] }],
    ['an identifier in references', {}, { references: [`<${'a'.repeat(N)}@b>`] }],
    ['look-alikes in the Subject', { Subject: '=?utf-8?Q?'.repeat(N) }],
    ['one non-ASCII word', { Subject: 'é'.repeat(3 * N) }],
    ['blanks in the Subject', { Subject: `${' '.repeat(3 * N)}x` }],
    ['spaced words in an opaque field', custom('List-Id', 'a é '.repeat(N))],
    ['cid: in HTML', { HTMLBody: `${'cid:'.repeat(N)} ${' cid:x'.repeat(N)}`, ...attach({ Id: 'x' }) }],
    ['a data: URL in HTML', { HTMLBody: `<img src="data:${';'.repeat(10 * N)}`, ...attach({ Id: 'x' }) }],
    ['parameters', attach({ Type: `a/b${'; a=b'.repeat(N)}` })],
    ['semicolons and comments in a type', attach({ Type: `a/b${';('.repeat(N)}` })],
    ['a name of blanks and dots', attach({ Filename: `${'. '.repeat(N)}x` })],
    ['a name of letters with marks', attach({ Filename: 'e\u0301'.repeat(N) })],
    ['a path', attach({ Filename: '../'.repeat(N) })],
    ['blanks in a body', { PlainBody: `${' '.repeat(10 * N)}x`, HTMLBody: '\t\n'.repeat(N) }],
    ['custom headers', { CustomHeaderList: Array.from({ length: N }, () => ({ Name: 'X-A', Values: ['v'] })) }],
    ['values of Reply-To', { CustomHeaderList: [{ Name: 'Reply-To', Values: new Array<string>(N).fill('a@b.org') }] }],
  ]
  for (const [what, entity, options] of hostile) {
    test(`${what}: composed or refused in linear time`, () => {
      quickly(3000, () => void attempt({ ...PLAIN_ENTITY, ...entity }, options))
    })
  }

  test('Reply-To after many custom headers: composed or refused in linear time', () => {
    const CustomHeaderList = [
      { Name: 'X-A', Values: new Array<string>(16_000).fill('v') },
      { Name: 'Reply-To', Values: new Array<string>(16_000).fill('a@b.org') },
    ]
    quickly(1000, () => void attempt({ ...PLAIN_ENTITY, CustomHeaderList }))
  })
})
