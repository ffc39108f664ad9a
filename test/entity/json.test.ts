import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type EMailEntity, emptyAddress, emptyEntity } from '../../src/entity/entity.ts'
import {
  completeEntity,
  entitiesFromJson,
  entitiesToJson,
  entityFromJson,
  entityToJson,
  sendRequestFromJson,
} from '../../src/entity/json.ts'
import { selectFields } from '../../src/entity/select.ts'
import { MimeError, type Problem } from '../../src/errors.ts'
import { composeMessage } from '../../src/message/compose.ts'
import { parseMessage } from '../../src/message/extract.ts'
import { entityArbitrary } from '../arbitrary/entity.ts'

function fixture(name: string): string {
  return readFileSync(new URL(`../fixtures/api/${name}.json`, import.meta.url), 'utf8')
}

function problemsOf(action: () => unknown): readonly Problem[] {
  try {
    action()
  } catch (error) {
    if (error instanceof MimeError) return error.problems
    throw error
  }
  return []
}

/** `CODE path` of each problem. */
function refusal(json: unknown): string[] {
  return problemsOf(() => entityFromJson(json)).map(({ code, path }) => `${code} ${path}`)
}

describe("the API's published samples", () => {
  test('the request is read, every property of every carrier there', () => {
    const request = sendRequestFromJson(fixture('send-emails-request'))
    expect(request.OutgoingConnectionInfo).toBeNull()
    const [email] = request.Emails
    expect(Object.keys(email!)).toEqual(Object.keys(emptyEntity()))
    expect(email!.To).toEqual([emptyAddress('', ''), emptyAddress('', '')])
    expect(email).toMatchObject({
      Subject: 'voluptas',
      Sent: '2023-06-02T14:13:40.2660122+02:00',
      Size: 934,
      Priority: 'High',
      Flags: 'Answered',
      CalMethod: 'Add',
      CalReplyStatus: 'Accepted',
    })
    expect(email!.Attachments[1]).toMatchObject({ Filename: '', Stream: null })
    expect(email!.CustomHeaderList[1]).toEqual({ Name: '', Values: [], TableRight: null, FieldProperties: null })
  })

  test('composing the request names every empty address', () => {
    const [email] = sendRequestFromJson(fixture('send-emails-request')).Emails
    const problems = problemsOf(() => composeMessage(email!))
    const missing = problems.filter(({ code }) => code === 'ADDRESS_MISSING').map(({ path }) => path)
    expect(missing.toSorted()).toEqual(
      ['Bcc', 'Cc', 'To'].flatMap(list => [`${list}[0].Address`, `${list}[1].Address`]),
    )
    expect(problems.map(({ code }) => code)).toContain('FROM_MISSING')
  })

  test('the response is readable except for its Stream, which is named', () => {
    const response = fixture('send-emails-response')
    const problems = problemsOf(() => entitiesFromJson(response))
    expect(problems.map(({ code, path }) => `${code} ${path}`)).toEqual(['CONTENT_BASE64 [0].Attachments[0].Stream'])
    const repaired = JSON.parse(response)
    repaired[0].Attachments[0].Stream = 'R0lGODlh'
    const read = entitiesFromJson(repaired)
    expect(read[0]!.Attachments[0]!.Stream).toEqual(new TextEncoder().encode('GIF89a'))
    // Nothing is lost, nothing is added, nothing changes its place.
    expect(entitiesToJson(read)).toBe(JSON.stringify(repaired))
  })
})

describe('reading', () => {
  test('what is missing or null is empty', () => {
    expect(entityFromJson('{}')).toEqual(emptyEntity())
    const nulls = Object.fromEntries(Object.keys(emptyEntity()).map(name => [name, null]))
    expect(entityFromJson(nulls)).toEqual(emptyEntity())
    const { From, InReplyTo, EMailSOInfo } = entityFromJson('{"From":{},"InReplyTo":{"From":{}},"EMailSOInfo":{}}')
    expect(From).toEqual(emptyAddress('', ''))
    expect(InReplyTo).toMatchObject({ MessageId: '', From: emptyAddress('', ''), To: [], EMailSOInfo: null })
    expect(EMailSOInfo).toMatchObject({ DocumentId: 0, Archived: false, ArchivedAt: null })
  })

  test('what nobody knows is passed over', () => {
    expect(entityFromJson('{"Colour":"red","to":[5],"From":{"Age":7}}').From).toEqual(emptyAddress('', ''))
  })

  test.each<[property: string, value: unknown, problem: string]>([
    ['Subject', 5, 'TYPE_INVALID Subject'],
    ['Subject', ['x'], 'TYPE_INVALID Subject'],
    ['Subject', { toString: 'x' }, 'TYPE_INVALID Subject'],
    ['Size', '934', 'TYPE_INVALID Size'],
    ['Size', 1.5, 'TYPE_INVALID Size'],
    ['Size', 2 ** 31, 'VALUE_INVALID Size'],
    ['Size', -(2 ** 31) - 1, 'VALUE_INVALID Size'],
    ['IsSent', 'true', 'TYPE_INVALID IsSent'],
    ['Priority', 'Urgent', 'VALUE_INVALID Priority'],
    ['Priority', 2, 'TYPE_INVALID Priority'],
    ['Flags', 'Seen, Lost', 'VALUE_INVALID Flags'],
    ['Flags', 'toString', 'VALUE_INVALID Flags'],
    ['CalMethod', 'constructor', 'VALUE_INVALID CalMethod'],
    ['Sent', 5, 'TYPE_INVALID Sent'],
    ['Sent', 'yesterday', 'DATE_INVALID Sent'],
    ['Sent', '2023-02-29T10:00:00Z', 'DATE_INVALID Sent'],
    ['Sent', '2023-06-02T24:00:00Z', 'DATE_INVALID Sent'],
    ['Sent', '2023-06-02T10:00:00+24:00', 'DATE_INVALID Sent'],
    ['Sent', '2023-06-02T10:00:00Z\r\nX: y', 'DATE_INVALID Sent'],
    ['To', {}, 'TYPE_INVALID To'],
    ['To', [null], 'TYPE_INVALID To[0]'],
    ['To', [{}, [], {}], 'TYPE_INVALID To[1]'],
    ['To', [{ DuplicatePersonIds: [1, 'x'] }], 'TYPE_INVALID To[0].DuplicatePersonIds[1]'],
    ['From', 'a@b.c', 'TYPE_INVALID From'],
    ['From', [], 'TYPE_INVALID From'],
    ['InReplyTo', { EMailSOInfo: { ArchivedAt: 'x' } }, 'DATE_INVALID InReplyTo.EMailSOInfo.ArchivedAt'],
    ['CustomHeaderList', [{ Values: 'x' }], 'TYPE_INVALID CustomHeaderList[0].Values'],
    ['CustomHeaderList', [{ Values: ['x', 5] }], 'TYPE_INVALID CustomHeaderList[0].Values[1]'],
    ['Attachments', [{ Stream: 'A' }], 'CONTENT_BASE64 Attachments[0].Stream'],
    ['Attachments', [{ Stream: 'AAA-' }], 'CONTENT_BASE64 Attachments[0].Stream'],
    ['Attachments', [{ Stream: [1, 2] }], 'TYPE_INVALID Attachments[0].Stream'],
    ['TableRight', { Mask: 1 }, 'TYPE_INVALID TableRight.Mask'],
    ['FieldProperties', { Name: { FieldLength: 'x' } }, 'TYPE_INVALID FieldProperties.Name.FieldLength'],
    ['FieldProperties', { 'a b': null }, 'TYPE_INVALID FieldProperties["a b"]'],
  ])('%s: %j is refused', (property, value, problem) => {
    expect(refusal({ [property]: value })).toEqual([problem])
  })

  test.each(['5', 'null', '[]', '"x"', 'true'])('%s is no entity', json => {
    expect(refusal(json)).toEqual(['TYPE_INVALID '])
  })

  test('text that is no JSON', () => {
    expect(refusal('{"Subject":')).toEqual(['JSON_INVALID '])
    expect(refusal('')).toEqual(['JSON_INVALID '])
    expect(entityFromJson('\ufeff{"Subject":"x"}').Subject).toBe('x')
  })

  test('octets, dates and other objects are no entity', () => {
    for (const value of [new Uint8Array(2), new Date(), new Map(), () => {}, Symbol('x')]) {
      expect(refusal(value)).toEqual(['TYPE_INVALID '])
    }
  })

  test('every problem is told, from every depth', () => {
    const json = { To: [{ Address: 5, Name: 6 }, 7], Sent: 'x', Attachments: [{ Size: 'x', Stream: '!' }] }
    expect(refusal(json)).toEqual([
      'TYPE_INVALID To[0].Address',
      'TYPE_INVALID To[0].Name',
      'TYPE_INVALID To[1]',
      'DATE_INVALID Sent',
      'TYPE_INVALID Attachments[0].Size',
      'CONTENT_BASE64 Attachments[0].Stream',
    ])
    const request = { Emails: [{}, { To: [{ Address: 1 }] }], OutgoingConnectionInfo: { UseSSL: 'yes' } }
    expect(problemsOf(() => sendRequestFromJson(request)).map(({ path }) => path)).toEqual([
      'OutgoingConnectionInfo.UseSSL',
      'Emails[1].To[0].Address',
    ])
    expect(problemsOf(() => sendRequestFromJson('{}')).map(({ path }) => path)).toEqual(['Emails'])
  })

  test.each([
    ['2023-06-02T14:13:40.2660122+02:00', '2023-06-02T14:13:40.2660122+02:00'],
    ['2023-06-02T14:13:40.266012299+02:00', '2023-06-02T14:13:40.2660122+02:00'],
    ['2023-06-02T14:13:40', '2023-06-02T14:13:40'],
    ['2023-06-02T14:13', '2023-06-02T14:13'],
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:60Z'],
    ['0001-01-01T00:00:00', '0001-01-01T00:00:00'],
    ['', null],
  ])('the date %s is %s', (Sent, expected) => {
    expect(entityFromJson({ Sent }).Sent).toBe(expected)
  })

  test.each([
    ['Seen,Answered', 'Seen, Answered'],
    ['None', ''],
    ['0', ''],
    ['Draft, Draft', 'Draft'],
  ])('the flags %s are "%s"', (Flags, expected) => {
    expect(entityFromJson({ Flags }).Flags).toBe(expected)
  })

  test('Stream: no content, an empty one, one with line breaks', () => {
    const streams = [null, '', 'AQ\r\nID\n'].map(Stream => ({ Stream }))
    expect(entityFromJson({ Attachments: streams }).Attachments.map(file => file.Stream)).toEqual([
      null,
      new Uint8Array(0),
      Uint8Array.of(1, 2, 3),
    ])
  })

  test('memory of a small Stream is its own', () => {
    const [file] = entityFromJson({ Attachments: [{ Stream: 'AQID' }] }).Attachments
    expect(file!.Stream!.buffer.byteLength).toBe(3)
  })
})

describe('objects that are not what they seem', () => {
  test('own __proto__ keys give nothing', () => {
    const entity = entityFromJson(
      '{"__proto__":{"Subject":"evil"},"From":{"__proto__":{"Name":"evil"}},"FieldProperties":{"__proto__":{"FieldType":"evil"},"constructor":{"FieldType":"x"}}}',
    )
    expect(JSON.stringify(entity)).not.toContain('evil')
    expect(Object.keys(entity.FieldProperties!)).toEqual(['constructor'])
    expect(({} as Record<string, unknown>).FieldType).toBeUndefined()
  })

  test('what a prototype holds was not in the JSON', () => {
    const inherited: unknown = Object.create({ Subject: 'evil', Bcc: [{ Address: 'evil@example.com' }] })
    expect(entityFromJson(inherited)).toEqual(emptyEntity())
  })

  test('accessors are not run', () => {
    let runs = 0
    const trap = Object.defineProperty({}, 'Subject', { enumerable: true, get: () => runs++ })
    expect(entityFromJson(trap)).toEqual(emptyEntity())
    expect(runs).toBe(0)
  })

  test('cycles end with the schema', () => {
    const cyclic: Record<string, unknown> = { Subject: 'x' }
    cyclic.self = cyclic
    cyclic.From = cyclic
    cyclic.FieldProperties = { cyclic }
    expect(entityFromJson(cyclic)).toMatchObject({ From: { FieldProperties: { cyclic: { FieldType: '' } } } })
    cyclic.To = [cyclic]
    cyclic.InReplyTo = cyclic
    expect(refusal(cyclic)).toEqual([])
    const list: unknown[] = []
    list.push(list)
    expect(refusal({ To: list })).toEqual(['TYPE_INVALID To[0]'])
  })

  test('deep JSON is passed over', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    expect(entityFromJson(`{"x":${deep}}`)).toEqual(emptyEntity())
    expect(refusal(`{"To":${deep}}`)).toEqual(['TYPE_INVALID To[0]'])
  })

  test('200,000 mistakes are told up to a limit, in little time', () => {
    const start = performance.now()
    expect(refusal(`{"To":[${'0,'.repeat(199_999)}0]}`)).toHaveLength(1000)
    expect(
      refusal({ FieldProperties: Object.fromEntries(Array.from({ length: 1e5 }, (_, i) => [i, 0])) }),
    ).toHaveLength(1000)
    expect(performance.now() - start).toBeLessThan(2000)
  })

  test('a name of 10 MB in FieldProperties is in a path up to 40 characters', () => {
    const name = 'x'.repeat(1e7)
    const [problem] = problemsOf(() =>
      entityFromJson({ FieldProperties: { [name]: { FieldType: 5, FieldLength: 'x' } } }),
    )
    expect(problem!.path).toBe(`FieldProperties["${'x'.repeat(40)}…"].FieldType`)
  })

  test('a password is in no message of a problem', () => {
    const request = { Emails: [], OutgoingConnectionInfo: { Password: { secret: 'hunter2' }, UseSSL: 'hunter2' } }
    expect(JSON.stringify(problemsOf(() => sendRequestFromJson(request)))).not.toContain('hunter2')
  })
})

describe('limits', () => {
  const items = (count: number): object[] => Array.from({ length: count }, () => ({}))

  test('characters: of the text alone', () => {
    const text = '{"Subject":"x"}'
    expect(entityFromJson(text, { limits: { characters: text.length } }).Subject).toBe('x')
    const read = () => entityFromJson(text, { limits: { characters: text.length - 1 } })
    expect(problemsOf(read)).toMatchObject([{ code: 'LIMIT_CHARACTERS', path: '' }])
    expect(entityFromJson(JSON.parse(text), { limits: { characters: 0 } }).Subject).toBe('x')
  })

  test.each<[path: string, json: object]>([
    ['To', { To: items(6) }],
    ['Attachments', { To: items(3), Attachments: items(3) }],
    ['CustomHeaderList[1].Values', { CustomHeaderList: [{ Values: ['x'] }, { Values: ['x', 'y', 'z'] }] }],
    ['To[0].DuplicatePersonIds', { To: [{ DuplicatePersonIds: [1, 2, 3, 4, 5] }] }],
    ['InReplyTo.To', { InReplyTo: { To: items(6) } }],
    ['From.FieldProperties', { From: { FieldProperties: { a: {}, b: {}, c: {}, d: {}, e: {}, f: {} } } }],
    ['To', { To: 'aaaaaa'.split('') }],
  ])('items: %s of %o is beyond five', (path, json) => {
    const limits = { items: 5 }
    expect(problemsOf(() => entityFromJson(json, { limits }))).toMatchObject([{ code: 'LIMIT_ITEMS', path }])
  })

  test('items: a list with a length and nothing in it', () => {
    const To = new Array<never>(1e9)
    expect(problemsOf(() => entityFromJson({ To }))).toMatchObject([{ code: 'LIMIT_ITEMS', path: 'To' }])
  })

  test('items: of all emails together', () => {
    const Emails = [{ To: items(2) }, { To: items(2) }]
    expect(sendRequestFromJson({ Emails }, { limits: { items: 6 } }).Emails).toHaveLength(2)
    expect(problemsOf(() => sendRequestFromJson({ Emails }, { limits: { items: 5 } }))[0]!.path).toBe('Emails[1].To')
    expect(problemsOf(() => entitiesFromJson(Emails, { limits: { items: 5 } }))[0]!.path).toBe('[1].To')
  })

  test('items: 200,000 by default, so a body of 25 MiB cannot become one of 4 GB', () => {
    expect(entityFromJson(`{"To":[${'{},'.repeat(99_999)}{}]}`).To).toHaveLength(100_000)
    const body = `{"Emails":[${'{},'.repeat(200_000)}{}]}`
    expect(problemsOf(() => sendRequestFromJson(body))).toMatchObject([{ code: 'LIMIT_ITEMS', path: 'Emails' }])
  })

  test('items: an object that stands in many places counts in each', () => {
    const address = { DuplicatePersonIds: [1, 2, 3] }
    const email = { To: new Array(1000).fill(address) }
    const json = { Emails: new Array(1000).fill(email) }
    expect(problemsOf(() => sendRequestFromJson(json))[0]!.code).toBe('LIMIT_ITEMS')
  })

  test.each([-1, 1.5, Number.NaN, '10', null, {}])('%j is no limit', value => {
    for (const name of ['characters', 'items']) {
      const read = () => entityFromJson('{}', { limits: { [name]: value } as never })
      expect(problemsOf(read)).toMatchObject([{ code: 'OPTION_INVALID', path: `limits.${name}` }])
    }
  })
})

describe('writing', () => {
  test('Stream is base64, the rest as it is', () => {
    const octets = Uint8Array.of(0, 250, 3, 62)
    const entity: EMailEntity = { ...emptyEntity(), Sent: '2023-06-02T14:13:40.2660122+02:00', Subject: 'Å\u2028' }
    const message = composeMessage(
      { ...entity, Attachments: [{ Filename: 'a.bin', Stream: octets }] },
      { draft: true },
    ).toBytes()
    for (const attachments of ['decode', 'lazy', 'omit'] as const) {
      const [file] = JSON.parse(entityToJson(parseMessage(message, { attachments }).entity)).Attachments
      expect(file.Stream).toBe(attachments === 'omit' ? null : Buffer.from(octets).toString('base64'))
      expect(Object.keys(file)).toHaveLength(11)
    }
    expect(JSON.parse(entityToJson(entity))).toEqual(entity)
  })

  test('what $select has nulled stays null', () => {
    const entity = { ...emptyEntity(), From: emptyAddress('a@b.c', 'A'), Attachments: [] }
    const selected = selectFields(entity, 'From/Address,Subject')
    expect(JSON.parse(entityToJson(selected))).toEqual(selected)
    expect(JSON.parse(entitiesToJson([selected]))).toEqual([selected])
    const message = composeMessage({ Attachments: [{ Filename: 'a', Stream: 'AQID' }] }, { draft: true }).toBytes()
    const [file] = JSON.parse(
      entityToJson(selectFields(parseMessage(message).entity, 'Attachments/Stream')),
    ).Attachments
    expect(file).toMatchObject({ Stream: 'AQID', Filename: null, TableRight: null })
  })

  test('has every property of the carriers and no other', () => {
    const loose = { Subject: 'x', To: [{ Address: 'a@b.c', Note: 'mine' }], Colour: 'red' } as unknown as EMailEntity
    expect(JSON.parse(entityToJson(loose))).toEqual({
      ...emptyEntity(),
      Subject: 'x',
      To: [emptyAddress('a@b.c', '')],
    })
  })

  test('any entity is the same after a round trip', () => {
    fc.assert(
      fc.property(entityArbitrary({ archive: true }), input => {
        const entity = completeEntity(input)
        const read = entityFromJson(entityToJson(entity))
        expect(read).toEqual(entityFromJson(entityToJson(read)))
        expect(entityToJson(read)).toBe(entityToJson(entity))
      }),
      { numRuns: 200 },
    )
  })
})

describe('completing', () => {
  test('contents that are read on demand still are', () => {
    let runs = 0
    const file = Object.defineProperty({ Filename: 'x' }, 'Stream', {
      enumerable: true,
      get: () => {
        runs++
        return Uint8Array.of(1)
      },
    })
    const { Attachments } = completeEntity({ Attachments: [file] })
    expect(runs).toBe(0)
    expect(Attachments[0]!.Stream).toEqual(Uint8Array.of(1))
    expect(runs).toBe(1)
  })

  test('wrong types stay for who checks them', () => {
    const wrong = { To: 5, Cc: [null], Subject: 7, Sent: new Date(Number.NaN) }
    expect(completeEntity(wrong as never)).toMatchObject(wrong)
  })
})
