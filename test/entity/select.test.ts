import { describe, expect, test } from 'vitest'
import { type EMailEntity, emptyAddress, emptyEntity } from '../../src/entity/entity.ts'
import { selectFields } from '../../src/entity/select.ts'
import { MimeError } from '../../src/errors.ts'
import { composeMessage } from '../../src/message/compose.ts'
import { parseMessage } from '../../src/message/extract.ts'

const ENTITY: EMailEntity = {
  ...emptyEntity(),
  Subject: 'Hello',
  From: { ...emptyAddress('kari@example.no', 'Kari'), PersonId: 7 },
  To: [emptyAddress('a@example.org', 'A'), emptyAddress('b@example.org', 'B')],
  Sent: '2023-06-02T14:13:40.2660122+02:00',
}

const NOTHING = Object.fromEntries(Object.keys(ENTITY).map(name => [name, null]))
const NO_ADDRESS = Object.fromEntries(Object.keys(emptyAddress('', '')).map(name => [name, null]))

describe('selectFields', () => {
  test.each<[select: string, expected: object]>([
    ['Subject', { Subject: 'Hello' }],
    ['subject,SENT', { Subject: 'Hello', Sent: ENTITY.Sent }],
    [' Subject , Size ', { Subject: 'Hello', Size: 0 }],
    ['Subject,', { Subject: 'Hello' }],
    ['From/Address', { From: { ...NO_ADDRESS, Address: 'kari@example.no' } }],
    ['From/Address,from/personid', { From: { ...NO_ADDRESS, Address: 'kari@example.no', PersonId: 7 } }],
    ['From,From/Address', { From: ENTITY.From }],
    ['From/Address,From', { From: ENTITY.From }],
    ['To/Name', { To: ['A', 'B'].map(Name => ({ ...NO_ADDRESS, Name })) }],
    ['Cc/Name,InReplyTo/From/Address', { Cc: [] }],
  ])('%s', (select, expected) => {
    expect(selectFields(ENTITY, select)).toEqual({ ...NOTHING, ...expected })
  })

  test('empty selects everything', () => {
    expect(selectFields(ENTITY, '')).toEqual(ENTITY)
    expect(selectFields(ENTITY, ' , ')).toEqual(ENTITY)
  })

  test('the entity itself stays as it is', () => {
    const before = structuredClone(ENTITY)
    selectFields(ENTITY, 'To/Name')
    expect(ENTITY).toEqual(before)
  })

  test('contents that are not named are not decoded', () => {
    const message = composeMessage({ Attachments: [{ Filename: 'a.txt', Stream: 'AQID' }] }, { draft: true }).toBytes()
    const { entity } = parseMessage(message, { attachments: 'lazy' })
    Object.defineProperty(entity.Attachments[0], 'Stream', {
      enumerable: true,
      configurable: true,
      get: () => expect.fail('was decoded'),
    })
    const selected = selectFields(entity, 'Attachments/Filename,Attachments/Size')
    expect(selected.Attachments?.[0]).toMatchObject({ Filename: 'a.txt', Stream: null, Size: 3 })
  })

  test('every unknown name is an error that lists the valid ones', () => {
    try {
      selectFields(ENTITY, 'Subject,Foo,From/Bar,From,From/Baz,Subject/Length,__proto__,constructor')
    } catch (error) {
      if (!(error instanceof MimeError)) throw error
      expect(error.problems.map(({ code, path }) => `${code} ${path}`)).toEqual(Array(6).fill('OPTION_INVALID select'))
      const messages = error.problems.map(({ message }) => message)
      expect(messages[0]).toMatch(
        /^"Foo" is no property of EMailEntity, which has To, Cc, Bcc, Subject, .*FieldProperties$/,
      )
      expect(messages[1]).toMatch(/^"Bar" is no property of From, which has ContactId, .*Address/)
      expect(messages[3]).toBe('"Subject/Length": Subject has no properties to select')
      return
    }
    expect.fail('nothing was thrown')
  })

  test('the same names are there as the entity has', () => {
    expect(Object.keys(selectFields(emptyEntity(), 'Subject'))).toEqual(Object.keys(emptyEntity()))
  })
})
