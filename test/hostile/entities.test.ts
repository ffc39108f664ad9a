/**
 * Objects that are not what they seem: names of Object.prototype, lone surrogates, cycles, proxies, accessors that
 * change their mind. What JSON can make of them is in ../entity/json.test.ts, values in place of others in
 * ../faults/hostile-entity.test.ts; here is the rest.
 */
import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import {
  type ComposeOptions,
  composeMessage,
  type EMailEntity,
  type EMailEntityInput,
  entityFromJson,
  entityToJson,
  forwardOf,
  MimeError,
  parseMessage,
  replyTo,
  selectFields,
  withTimeZone,
} from '../../src/index.ts'
import { strictParse } from '../conformance/strict-check.ts'
import { attempt, expectNames, FULL_ENTITY, HEADER_PATHS, textsOf, withProperty, withValue } from '../faults/attack.ts'
import { PLAIN_ENTITY } from '../faults/wire.ts'

/** Names that every object has, or that make one another's prototype. */
const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
  'then',
  'toJSON',
]

const clean = (): void => {
  expect(Object.keys(Object.prototype)).toEqual([])
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
}

describe('names of Object.prototype', () => {
  test.each(NAMES)('%s as the name of a field, a parameter, a charset and an attachment, there and back', name => {
    const entity: EMailEntityInput = {
      ...PLAIN_ENTITY,
      CustomHeaderList: [{ Name: name, Values: ['polluted'] }],
      Attachments: [{ Filename: name, Type: `a/b; ${name}=polluted; charset=${name}`, Id: name, Stream: 'AQID' }],
      HTMLBody: `<img src="cid:${name}">`,
    }
    const { entity: read } = parseMessage(composeMessage(entity).toBytes())
    expect(read.CustomHeaderList.map(({ Name, Values }) => [Name, Values])).toEqual([[name, ['polluted']]])
    expect(read.Attachments).toMatchObject([{ Filename: name, Id: name, Disposition: 'inline' }])
    expect(read.Attachments[0]!.Type.toLowerCase()).toContain(`${name.toLowerCase()}=polluted`)
    clean()
  })

  test.each(NAMES)('%s is nothing that $select knows', name => {
    for (const select of [name, `To/${name}`, `${name}/${name}`, `Attachments/${name}/Mask`]) {
      expect(() => selectFields(entityFromJson({ Subject: 'x' }), select)).toThrow(MimeError)
    }
    clean()
  })

  test.each(NAMES)('%s in JSON and in FieldProperties is a key like any other, or none', name => {
    const carrier = `{"${name}":{"polluted":1},"FieldProperties":{"${name}":{"FieldType":"x","${name}":{"polluted":1}}}}`
    const entity = entityFromJson(`{"From":${carrier},"To":[${carrier}],"${name}":{"polluted":1},"Subject":"x"}`)
    const keys = name === '__proto__' ? [] : [name]
    for (const { FieldProperties } of [entity.From!, entity.To[0]!]) {
      expect(Object.keys(FieldProperties!)).toEqual(keys)
      expect(Object.getPrototypeOf(FieldProperties)).toBe(Object.prototype)
    }
    expect(entityToJson(entity)).not.toContain('polluted')
    clean()
  })

  test.each(NAMES)('%s in the archive of a message', name => {
    const entity = entityFromJson(
      `{"Subject":"x","From":{"Address":"a@b.c"},"FieldProperties":{"${name}":{"FieldType":"x"}}}`,
    )
    const octets = composeMessage(entity, { archive: true, draft: true }).toBytes()
    expect(parseMessage(octets, { archive: true }).entity.FieldProperties).toEqual(entity.FieldProperties)
    clean()
  })

  test('options take own properties where they are limits, and no code from names', () => {
    const options = JSON.parse('{"__proto__":{"archive":true},"constructor":{"polluted":1}}')
    expect(
      parseMessage('Subject: x\r\n\r\n', { ...options, defaults: JSON.parse('{"__proto__":{"Subject":"evil"}}') })
        .entity.Subject,
    ).toBe('x')
    clean()
  })
})

describe('lone surrogates', () => {
  const LONE = 'a\ud800b\udc00c'

  test.each(HEADER_PATHS)('%s: refused, or U+FFFD', path => {
    const found = attempt(withValue(FULL_ENTITY, path, LONE))
    if (found instanceof MimeError) return
    expect(strictParse(found).violations).toEqual([])
    expectNames(found, FULL_ENTITY)
    for (const [, text] of textsOf(parseMessage(found).entity)) expect(text).not.toMatch(/\p{Surrogate}/u)
  })

  test.each(['PlainBody', 'HTMLBody'] as const)('%s: U+FFFD', path => {
    const { entity } = parseMessage(composeMessage({ ...PLAIN_ENTITY, [path]: LONE }).toBytes())
    expect(entity[path]).toBe('a\ufffdb\ufffdc')
  })
})

describe('an accessor that gives another value each time', () => {
  const EVIL = 'x\r\nBcc: evil@example.com\r\nX-Evil: 1\r\n\r\nevil'

  /** A value that is right for some readings, and evil after them. */
  const turning = (text: unknown, readings: number, evil: unknown) => {
    let count = 0
    return () => (count++ < readings ? text : evil)
  }

  const checkWire = (entity: EMailEntityInput, options: ComposeOptions = {}): void => {
    const found = attempt(entity, options)
    if (found instanceof MimeError) return
    const { violations, root } = strictParse(found, { smtpUtf8: true, draft: options.draft })
    expect(violations).toEqual([])
    const names = [root, ...root.parts].flatMap(part => part.fields.map(({ name }) => name.toLowerCase()))
    expect(names).not.toContain('x-evil')
    expect(names).not.toContain('bcc')
  }

  const OPTIONS: readonly ComposeOptions[] = [{}, { draft: true, bcc: 'omit' }, { archive: true }, { smtpUtf8: true }]
  for (const [path, text] of textsOf(FULL_ENTITY)) {
    test(`${path}`, () => {
      for (let readings = 0; readings < 6; readings++) {
        for (const options of OPTIONS) {
          checkWire(withProperty(FULL_ENTITY, path, { get: turning(text, readings, EVIL) }), options)
        }
      }
    })
  }

  test.each(['To', 'CustomHeaderList', 'Attachments', 'From', 'InReplyTo'] as const)(
    '%s: a whole carrier',
    property => {
      const evil = {
        To: [{ Address: 'a@b.org', Name: EVIL }],
        CustomHeaderList: [
          { Name: 'X-Evil', Values: [EVIL] },
          { Name: 'Bcc', Values: ['evil@example.com'] },
        ],
        Attachments: [{ Filename: EVIL, Type: EVIL, Stream: 'AQID' }],
        From: { Address: 'a@b.org', Name: EVIL },
        InReplyTo: { MessageId: EVIL },
      }[property]
      for (let readings = 0; readings < 6; readings++) {
        // What is there from the first reading on is what the entity says.
        if (readings === 0 && property === 'CustomHeaderList') continue
        checkWire(withProperty(FULL_ENTITY, property, { get: turning(FULL_ENTITY[property], readings, evil) }))
      }
    },
  )

  test('lists that change between readings', () => {
    for (let readings = 1; readings < 8; readings++) {
      const item = turning({ Address: 'to@example.org' }, readings, { Address: 'to@example.org', Name: EVIL })
      const To = new Proxy([{ Address: 'to@example.org' }], {
        get: (target, key) => (key === '0' ? item() : Reflect.get(target, key)),
      })
      checkWire({ ...PLAIN_ENTITY, To })
      const value = turning('good', readings, EVIL)
      const Values = new Proxy(['good'], { get: (target, key) => (key === '0' ? value() : Reflect.get(target, key)) })
      checkWire({ ...PLAIN_ENTITY, CustomHeaderList: [{ Name: 'X-A', Values }] })
    }
  })

  test('options that change between readings', () => {
    for (let readings = 1; readings < 6; readings++) {
      const options = Object.defineProperty({}, 'references', { get: turning(['<a@b.org>'], readings, [EVIL]) })
      checkWire(PLAIN_ENTITY, options)
    }
  })

  test('octets that change after the plan keep to their part', () => {
    const octets = new Uint8Array(300).fill(0x41)
    const message = composeMessage({ ...PLAIN_ENTITY, Attachments: [{ Filename: 'a.bin', Stream: octets }] })
    octets.set(Buffer.from('\r\n--\r\nX-Evil: 1\r\n\r\n'))
    const wire = message.toBytes()
    expect(wire.length).toBe(message.size)
    expect(strictParse(wire).violations).toEqual([])
    expect(Buffer.from(wire).includes('X-Evil')).toBe(false)
  })
})

describe('an accessor that throws', () => {
  const failure = new Error('mine')
  for (const [path] of textsOf(FULL_ENTITY)) {
    test(`${path}: the error of the accessor comes out as it is`, () => {
      const entity = withProperty(FULL_ENTITY, path, {
        get() {
          throw failure
        },
      })
      expect(() => composeMessage(entity)).toThrow(failure)
      // JSON has none: reading it runs no accessor of a carrier.
      if (!path.endsWith(']')) expect(() => entityFromJson(entity)).not.toThrow(failure)
    })
  }
})

describe('objects of other kinds', () => {
  /** What each function that takes an entity makes of it. */
  const results = (entity: EMailEntityInput): unknown[] => {
    const complete = entity as EMailEntity
    const whole = Buffer.from(composeMessage(entity, { random: length => new Uint8Array(length) }).toBytes()).toString(
      'latin1',
    )
    const now = () => '2026-01-15T12:00:00Z'
    return [
      whole,
      selectFields(complete, 'Subject,To/Address'),
      withTimeZone(complete, 'Europe/Oslo').Sent,
      replyTo(complete).To,
      forwardOf(complete, { as: 'inline' }).Subject,
      now(),
    ]
  }
  const PLAIN = entityFromJson({ ...PLAIN_ENTITY, Subject: 'Subject' })
  const expected = results(PLAIN)

  const deeply = (value: unknown, change: (object: object) => object): unknown => {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
    if (Array.isArray(value)) return change(value.map(item => deeply(item, change)))
    return change(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, deeply(item, change)])))
  }

  class Addresses<T> extends Array<T> {}

  test.each<[what: string, change: (object: object) => object]>([
    ['frozen', Object.freeze],
    ['without a prototype', object => (Array.isArray(object) ? object : Object.assign(Object.create(null), object))],
    ['behind proxies', object => new Proxy(object, {})],
    [
      'with lists of a class',
      object => (Array.isArray(object) ? Object.setPrototypeOf(object, Addresses.prototype) : object),
    ],
    ['of a class', object => (Array.isArray(object) ? object : Object.assign(new (class Carrier {})(), object))],
  ])('%s', (_, change) => {
    expect(results(deeply(PLAIN, change) as EMailEntityInput)).toEqual(expected)
  })

  test('frozen entities are not written to', () => {
    const entity = deeply(entityFromJson({ ...FULL_ENTITY, Sent: null }), Object.freeze) as EMailEntityInput
    expect(() => composeMessage(entity)).not.toThrow()
  })

  test('a proxy that refuses everything is an error of its own', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(() => composeMessage({ ...PLAIN_ENTITY, From: proxy as never })).toThrow(/revoked/)
  })
})

describe('cycles', () => {
  const cyclic: Record<string, unknown> = { ...PLAIN_ENTITY }
  cyclic.self = cyclic
  cyclic.InReplyTo = cyclic
  cyclic.EMailSOInfo = cyclic
  cyclic.TableRight = cyclic
  cyclic.FieldProperties = { cyclic }

  test('composing ends', () => {
    const { entity } = parseMessage(composeMessage(cyclic).toBytes())
    expect(entity.PlainBody).toBe('Hi')
  })

  test('composing with archive ends', () => {
    const found = attempt(cyclic, { archive: true })
    if (!(found instanceof MimeError)) expect(strictParse(found).violations).toEqual([])
  })

  test('JSON is read as deep as carriers go', () => {
    expect(entityFromJson(cyclic).InReplyTo!.EMailSOInfo).not.toHaveProperty('InReplyTo')
    expect(
      entityFromJson({ ...cyclic, EMailSOInfo: null, TableRight: null, InReplyTo: null }).FieldProperties,
    ).toHaveProperty('cyclic')
  })
})
