import { describe, expect, test } from 'vitest'
import { concatBytes, latin1Text } from '../../src/codec/bytes.ts'
import type { EMailEntityInput } from '../../src/entity/entity.ts'
import { MimeError } from '../../src/errors.ts'
import { type ComposeOptions, composeMessage } from '../../src/message/compose.ts'
import { parseMessage } from '../../src/message/extract.ts'
import { growthRatio } from '../codec/slow/growth.ts'

const BASE: EMailEntityInput = { From: { Address: 'from@x.test' }, To: [{ Address: 'to@x.test' }], PlainBody: 'text\n' }

/** A clock that stands still and a random source that counts. */
function fixed(): ComposeOptions {
  let next = 0
  return {
    now: () => new Date('2026-01-15T12:00:00Z'),
    random: octets => Uint8Array.from({ length: octets }, () => next++ & 0xff),
  }
}

function problems(entity: unknown, options?: ComposeOptions): string[][] {
  try {
    composeMessage(entity as EMailEntityInput, options)
  } catch (error) {
    if (error instanceof MimeError) return error.problems.map(({ code, path }) => [code, path])
    throw error
  }
  return []
}

describe('problems', () => {
  test('are all told at once, each with its path, the first as that of the error', () => {
    const entity = {
      From: { Address: 'no address' },
      To: [{ Address: 'a@x.test' }, { Address: 'a@b@c' }],
      Bcc: [{ Name: 'B' }],
      Subject: 'a\r\nb',
      Sent: 'yesterday',
      MessageID: 'no id',
      InReplyTo: { MessageId: '<a b@c>' },
      Priority: 'Urgent',
      Flags: 'Seen, Read',
      CustomHeaderList: [
        { Name: 'X Y', Values: [] },
        { Name: 'Subject', Values: ['x'] },
        { Name: 'X-Z', Values: ['ok', 'a\nb'] },
      ],
      Attachments: [{ Filename: 'a' }, { Stream: 'YQ==', Type: 'x' }],
    }
    const found = problems(entity)
    expect(found.sort()).toEqual(
      [
        ['ADDRESS_INVALID', 'From.Address'],
        ['ADDRESS_INVALID', 'To[1].Address'],
        ['ADDRESS_MISSING', 'Bcc[0].Address'],
        ['HEADER_INJECTION', 'Subject'],
        ['DATE_INVALID', 'Sent'],
        ['MESSAGE_ID_INVALID', 'MessageID'],
        ['MESSAGE_ID_INVALID', 'InReplyTo.MessageId'],
        ['VALUE_INVALID', 'Priority'],
        ['VALUE_INVALID', 'Flags'],
        ['HEADER_NAME_INVALID', 'CustomHeaderList[0].Name'],
        ['HEADER_RESERVED', 'CustomHeaderList[1].Name'],
        ['HEADER_INJECTION', 'CustomHeaderList[2].Values[1]'],
        ['CONTENT_MISSING', 'Attachments[0].Stream'],
        ['CONTENT_TYPE_INVALID', 'Attachments[1].Type'],
      ].sort(),
    )
    try {
      composeMessage(entity as EMailEntityInput)
    } catch (error) {
      const { code, path, problems: all, message } = error as MimeError
      expect([code, path]).toEqual([all[0]!.code, all[0]!.path])
      for (const problem of all) expect(message).toContain(problem.path)
      // No text of the input goes raw into an error: it may be logged.
      expect(message).toMatch(/^[\x20-\x7e…]*$/)
    }
  })

  test.each([
    ['From', { From: 'a@x.test' }],
    ['From', { From: [{ Address: 'a@x.test' }] }],
    ['Cc', { Cc: 'a@x.test' }],
    ['Bcc', { Bcc: { Address: 'a@x.test' } }],
    ['To[0]', { To: ['a@x.test'] }],
    ['Subject', { Subject: 1 }],
    ['PlainBody', { PlainBody: {} }],
    ['HTMLBody', { HTMLBody: ['x'] }],
    ['MessageID', { MessageID: 1 }],
    ['InReplyTo', { InReplyTo: '<a@b>' }],
    ['Priority', { Priority: 1 }],
    ['Flags', { Flags: ['Seen'] }],
    ['Sent', { Sent: 1 }],
    ['CustomHeaderList', { CustomHeaderList: { 'X-A': '1' } }],
    ['CustomHeaderList[0]', { CustomHeaderList: ['X-A: 1'] }],
    ['CustomHeaderList[0].Name', { CustomHeaderList: [{ Name: 1, Values: [] }] }],
    ['CustomHeaderList[0].Values', { CustomHeaderList: [{ Name: 'X-A', Values: '1' }] }],
    ['CustomHeaderList[0].Values[0]', { CustomHeaderList: [{ Name: 'X-A', Values: [1] }] }],
    ['Attachments', { Attachments: {} }],
    ['Attachments[0]', { Attachments: ['x'] }],
  ])('%s of a wrong type is TYPE_INVALID: %j', (path, over) => {
    expect(problems({ ...BASE, ...over })).toEqual([['TYPE_INVALID', path]])
  })

  test.each([null, undefined, 'x', 1])('no entity: %j', entity => {
    expect(problems(entity)).toEqual([['TYPE_INVALID', '']])
  })

  test('a message without From or recipients is refused, a draft is not', () => {
    expect(problems({})).toEqual([
      ['FROM_MISSING', 'From'],
      ['RECIPIENT_MISSING', 'To'],
    ])
    expect(problems({}, { draft: true })).toEqual([])
    expect(problems({ From: null, To: null, Cc: [], Bcc: undefined }, { draft: true })).toEqual([])
  })
})

describe('a draft', () => {
  test('has no Date, Message-ID, From or recipients but those it was given', () => {
    const message = composeMessage({ Subject: 'later' }, { draft: true, ...fixed() })
    expect(message.messageId).toBe('')
    expect(message.envelope).toMatchObject({ from: '', to: [] })
    expect(latin1Text(message.toBytes())).toBe(
      'Subject: later\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n',
    )
  })

  test('still refuses what would leave its field', () => {
    expect(problems({ Subject: 'a\nb', MessageID: '<a\r\nb>' }, { draft: true })).toEqual([
      ['HEADER_INJECTION', 'Subject'],
      ['HEADER_INJECTION', 'MessageID'],
    ])
  })
})

describe('Message-ID', () => {
  test.each([
    { what: 'that of the entity', entity: { MessageID: '<a@b>' }, id: '<a@b>' },
    { what: 'that of the entity, without the blanks around it', entity: { MessageID: ' <a@b>\t' }, id: '<a@b>' },
    { what: 'that of the entity, with brackets', entity: { MessageID: 'a@b' }, id: '<a@b>' },
    { what: 'random, at the domain of From', entity: {}, id: '<00010203-0405-0607-0809-0a0b0c0d0e0f@x.test>' },
    {
      what: 'random, where the domain cannot stand in it',
      entity: { From: { Address: 'a@[192.0.2.1]' } },
      id: '<00010203-0405-0607-0809-0a0b0c0d0e0f@localhost>',
    },
  ])('is $what', ({ entity, id }) => {
    const message = composeMessage({ ...BASE, ...entity }, fixed())
    expect(message.messageId).toBe(id)
    expect(latin1Text(message.toBytes())).toContain(`Message-ID: ${id}\r\n`)
  })

  test('of two messages is not the same', () => {
    const ids = Array.from({ length: 100 }, () => composeMessage(BASE).messageId)
    expect(new Set(ids).size).toBe(100)
  })
})

describe('the envelope', () => {
  test('has what an SMTP client needs to know', () => {
    const message = composeMessage({ ...BASE, PlainBody: 'på\n' }, { eightBit: true })
    expect(message.envelope).toEqual({
      from: 'from@x.test',
      to: ['to@x.test'],
      smtpUtf8: false,
      eightBitMime: true,
      size: message.toBytes().length,
    })
    expect(composeMessage(BASE).envelope.eightBitMime).toBe(false)
  })

  test('tells that SMTPUTF8 is needed, which takes the option', () => {
    const entity = { ...BASE, Cc: [{ Address: 'å@x.test' }] }
    expect(problems(entity)).toEqual([['SMTPUTF8_REQUIRED', 'Cc[0].Address']])
    const message = composeMessage(entity, { smtpUtf8: true })
    expect(message.envelope).toMatchObject({
      smtpUtf8: true,
      to: ['to@x.test', 'å@x.test'],
      size: message.toBytes().length,
    })
  })
})

describe('octets', () => {
  const entity: EMailEntityInput = { ...BASE, HTMLBody: '<p>å', Attachments: [{ Filename: 'a.txt', Stream: 'YWJj' }] }

  test('are the same for the same clock and random source, and each time', () => {
    const message = composeMessage(entity, fixed())
    const octets = message.toBytes()
    expect(latin1Text(message.toBytes())).toBe(latin1Text(octets))
    expect(message.toBytes()).not.toBe(octets)
    expect(latin1Text(composeMessage(entity, fixed()).toBytes())).toBe(latin1Text(octets))
  })

  test('are the same in every way of writing', async () => {
    const message = composeMessage(entity, fixed())
    const octets = message.toBytes()
    const target = new Uint8Array(octets.length + 2)
    expect(message.writeInto(target, 2)).toBe(octets.length + 2)
    const asynchronous: Uint8Array[] = []
    for await (const chunk of message) asynchronous.push(chunk)
    for (const found of [target.subarray(2), concatBytes([...message]), concatBytes(asynchronous)]) {
      expect(latin1Text(found)).toBe(latin1Text(octets))
    }
    expect(message.size).toBe(octets.length)
  })

  test('do not change with the entity once it is composed', () => {
    const changing = { ...BASE, To: [{ Address: 'to@x.test' }], Subject: 'before' }
    const message = composeMessage(changing, fixed())
    const before = latin1Text(message.toBytes())
    changing.Subject = 'after'
    changing.To.push({ Address: 'evil@x.y' })
    expect(latin1Text(message.toBytes())).toBe(before)
    expect(message.envelope.to).toEqual(['to@x.test'])
  })

  test('a frozen entity is composed: nothing is written to it', () => {
    const freeze = <T>(value: T): T => {
      if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value))
        Object.values(value).forEach(freeze)
      return ArrayBuffer.isView(value) ? value : Object.freeze(value)
    }
    expect(() => composeMessage(freeze(structuredClone(entity))).toBytes()).not.toThrow()
  })

  test('do not gain a line break at the end of a body', () => {
    for (const PlainBody of ['a', 'a\n', 'a\n\n', '\n', ' ', '']) {
      expect(parseMessage(composeMessage({ ...BASE, PlainBody }).toBytes()).entity.PlainBody).toBe(PlainBody)
    }
  })
})

test('unknown properties are ignored, those of a prototype too', () => {
  const hostile = JSON.parse('{"__proto__": {"Subject": "evil"}, "constructor": "x", "Unknown": "a\\r\\nb"}')
  const text = latin1Text(composeMessage({ ...hostile, ...BASE }, fixed()).toBytes())
  expect(text).toBe(latin1Text(composeMessage(BASE, fixed()).toBytes()))
})

describe('time is in proportion to', { retry: 2 }, () => {
  const list = (n: number, item: (index: number) => unknown) => Array.from({ length: n }, (_, index) => item(index))
  test.each([
    {
      what: 'recipients',
      over: (n: number) => ({ To: list(n, index => ({ Address: `a${index}@x.test`, Name: 'Jane Doe' })) }),
    },
    { what: 'wrong recipients', over: (n: number) => ({ Cc: list(n, () => ({ Address: 'a@b@c' })) }) },
    {
      what: 'custom headers',
      over: (n: number) => ({ CustomHeaderList: list(n, index => ({ Name: `X-${index}`, Values: ['x'] })) }),
    },
    {
      what: 'values of a custom header',
      over: (n: number) => ({ CustomHeaderList: [{ Name: 'X-A', Values: list(n, () => 'x') }] }),
    },
    {
      what: 'addresses of a custom header',
      over: (n: number) => ({ CustomHeaderList: [{ Name: 'Reply-To', Values: list(n, () => 'a@x.test') }] }),
    },
    {
      what: 'attachments',
      over: (n: number) => ({ Attachments: list(n, index => ({ Filename: `${index}.txt`, Stream: 'YQ==' })) }),
    },
    {
      what: 'references',
      over: (n: number) => ({ CustomHeaderList: [{ Name: 'References', Values: ['<a@b> '.repeat(n)] }] }),
    },
    { what: 'a subject', over: (n: number) => ({ Subject: 'å '.repeat(10 * n) }) },
  ])('$what', ({ over }) => {
    const run = (entity: unknown) => {
      try {
        composeMessage(entity as EMailEntityInput, fixed())
      } catch (error) {
        if (!(error instanceof MimeError)) throw error
      }
    }
    expect(growthRatio(1500, n => ({ ...BASE, ...over(n) }), run)).toBeLessThan(3)
  })
})
