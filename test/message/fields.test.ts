import { describe, expect, test } from 'vitest'
import { latin1Text } from '../../src/codec/bytes.ts'
import type { EMailEntityInput, EMailPriority } from '../../src/entity/entity.ts'
import { type ComposeOptions, composeMessage } from '../../src/message/compose.ts'
import { parseMessage } from '../../src/message/extract.ts'
import { customHeaderRank, OWNED_FIELDS } from '../../src/message/fields.ts'

const BASE: EMailEntityInput = { From: { Address: 'from@x.test' }, To: [{ Address: 'to@x.test' }] }
const NOW = new Date('2026-01-15T12:00:00Z')

/** Header text of what is composed. */
function header(entity: EMailEntityInput, options: ComposeOptions = {}): string {
  const octets = composeMessage({ ...BASE, ...entity }, { now: () => NOW, ...options }).toBytes()
  return latin1Text(octets).split('\r\n\r\n', 1)[0]!
}

/** Values of a field of what is composed, unfolded. */
function field(name: string, entity: EMailEntityInput, options?: ComposeOptions): string[] {
  const lines = header(entity, options)
    .replace(/\r\n(?=[ \t])/g, '')
    .split('\r\n')
  return lines
    .filter(line => line.toLowerCase().startsWith(`${name.toLowerCase()}: `))
    .map(line => line.slice(name.length + 2))
}

function read(fields: string) {
  return parseMessage(`${fields}\r\n\r\n`)
}

describe('Sent', () => {
  test.each([
    { what: 'missing', Sent: undefined },
    { what: 'null', Sent: null },
    { what: 'empty', Sent: '' },
    { what: "the zero of .NET's DateTime", Sent: '0001-01-01T00:00:00' },
    { what: "the zero of .NET's DateTime with an offset", Sent: '0001-01-01T00:00:00+01:00' },
    { what: 'the zero with its fraction', Sent: '0001-01-01T00:00:00.0000000Z' },
  ])('$what is the clock, and nothing in a draft', ({ Sent }) => {
    expect(field('Date', { Sent })).toEqual(['Thu, 15 Jan 2026 12:00:00 +0000'])
    expect(field('Date', { Sent }, { draft: true })).toEqual([])
  })

  test('keeps its own offset', () => {
    expect(field('Date', { Sent: '2023-06-02T14:13:40.2660122+02:00' })).toEqual(['Fri, 2 Jun 2023 14:13:40 +0200'])
    expect(field('Date', { Sent: new Date('2023-06-02T14:13:40Z') })).toEqual(['Fri, 2 Jun 2023 14:13:40 +0000'])
    expect(field('Date', {}, { now: () => '2023-06-02T14:13:40-03:30' })).toEqual(['Fri, 2 Jun 2023 14:13:40 -0330'])
  })

  test('unreadable is null and a defect at its field, never the current time', () => {
    const { entity, defects } = read('Subject: x\r\nDate: yesterday')
    expect(entity.Sent).toBeNull()
    expect(defects).toEqual([{ code: 'DATE_INVALID', offset: 12 }])
    expect(read('Subject: x').entity.Sent).toBeNull()
  })
})

describe('recipients', () => {
  const a = [{ Address: 'a@x.test' }]
  test.each([
    { what: 'Bcc only', entity: { To: [], Bcc: a }, to: ['undisclosed-recipients:;'], cc: [] },
    { what: 'Cc only', entity: { To: [], Cc: a }, to: [], cc: ['a@x.test'] },
    { what: 'To and Bcc', entity: { Bcc: a }, to: ['to@x.test'], cc: [] },
  ])('$what', ({ entity, to, cc }) => {
    expect([field('To', entity), field('Cc', entity), field('Bcc', entity)]).toEqual([to, cc, []])
  })

  test('Bcc is written only where it is asked for, and in a draft', () => {
    expect(field('Bcc', { Bcc: a }, { bcc: 'keep' })).toEqual(['a@x.test'])
    expect(field('Bcc', { Bcc: a }, { draft: true })).toEqual(['a@x.test'])
    expect(field('Bcc', { Bcc: a }, { draft: true, bcc: 'omit' })).toEqual([])
    expect(field('To', { To: [], Bcc: a }, { bcc: 'keep' })).toEqual(['undisclosed-recipients:;'])
    expect(field('To', { To: [] }, { draft: true })).toEqual([])
  })

  test('Bcc is in the envelope always, each recipient once', () => {
    const entity = { ...BASE, Cc: [{ Address: 'TO@x.test' }], Bcc: [{ Address: 'to@X.test' }, { Address: 'b@x.test' }] }
    expect(composeMessage(entity).envelope).toMatchObject({
      from: 'from@x.test',
      to: ['to@X.test', 'TO@x.test', 'b@x.test'],
    })
  })
})

describe('priority', () => {
  test.each<{ priority: EMailPriority; fields: (string | undefined)[] }>([
    { priority: 'Highest', fields: ['1 (Highest)', 'High', 'urgent'] },
    { priority: 'High', fields: ['2 (High)', 'High', 'urgent'] },
    { priority: 'Normal', fields: ['3 (Normal)', 'Normal', 'normal'] },
    { priority: 'Low', fields: ['4 (Low)', 'Low', 'non-urgent'] },
    { priority: 'Lowest', fields: ['5 (Lowest)', 'Low', 'non-urgent'] },
    { priority: 'NoPriority', fields: [undefined, undefined, undefined] },
  ])('$priority is written as $fields, and read back', ({ priority, fields }) => {
    const names = ['X-Priority', 'Importance', 'Priority']
    expect(names.map(name => field(name, { Priority: priority })[0])).toEqual(fields)
    expect(read(header({ Priority: priority })).entity.Priority).toBe(priority)
  })

  test.each([
    { fields: 'X-Priority: 1', priority: 'Highest' },
    { fields: 'X-Priority: 5 (anything)', priority: 'Lowest' },
    { fields: 'X-Priority: High', priority: 'High' },
    { fields: 'X-Priority: lowest', priority: 'Lowest' },
    { fields: 'Importance: HIGH', priority: 'High' },
    { fields: 'Importance: medium', priority: 'Normal' },
    { fields: 'Priority: urgent', priority: 'High' },
    { fields: 'Priority: non-urgent', priority: 'Low' },
    { fields: 'X-MSMail-Priority: Low', priority: 'Low' },
    { fields: 'X-Priority: 0', priority: 'NoPriority' },
    { fields: 'X-Priority: 9\r\nImportance: high', priority: 'High' },
    { fields: 'X-Priority: \r\nPriority: urgent', priority: 'High' },
    { fields: 'Importance: __proto__\r\nPriority: constructor', priority: 'NoPriority' },
    { fields: 'X-MSMail-Priority: High\r\nPriority: normal\r\nImportance: low\r\nX-Priority: 1', priority: 'Highest' },
    { fields: 'X-MSMail-Priority: High\r\nPriority: normal\r\nImportance: low', priority: 'Low' },
    { fields: 'X-MSMail-Priority: High\r\nPriority: normal', priority: 'Normal' },
  ])('reads $priority from $fields', ({ fields, priority }) => {
    expect(read(fields).entity.Priority).toBe(priority)
  })
})

describe('the thread', () => {
  const InReplyTo = { MessageId: '<p@x>' }
  const custom = (...Values: string[]) => ({ CustomHeaderList: [{ Name: 'References', Values }] })
  test.each([
    { what: 'a parent', entity: { InReplyTo }, references: undefined, chain: '<p@x>' },
    {
      what: 'a parent without brackets',
      entity: { InReplyTo: { MessageId: 'p@x' } },
      references: undefined,
      chain: '<p@x>',
    },
    { what: 'the chain of options', entity: { InReplyTo }, references: ['<a@x>', 'b@x'], chain: '<a@x> <b@x> <p@x>' },
    {
      what: 'the chain of options as one text',
      entity: { InReplyTo },
      references: ['<a@x> <b@x>'],
      chain: '<a@x> <b@x> <p@x>',
    },
    {
      what: 'the chain of a custom header',
      entity: { InReplyTo, ...custom('<a@x>\t<b@x>', '<c@x>') },
      references: undefined,
      chain: '<a@x> <b@x> <c@x> <p@x>',
    },
    {
      what: 'both, options first',
      entity: { InReplyTo, ...custom('<c@x>') },
      references: ['<a@x>'],
      chain: '<a@x> <c@x> <p@x>',
    },
    {
      what: 'a chain that has the parent',
      entity: { InReplyTo },
      references: ['<a@x>', '<p@x>'],
      chain: '<a@x> <p@x>',
    },
    {
      what: 'the same chain twice, and the parent with blanks',
      entity: { InReplyTo: { MessageId: ' <p@x>' }, ...custom('<a@x> <b@x>') },
      references: ['<a@x>', '<b@x>'],
      chain: '<a@x> <b@x> <p@x>',
    },
    {
      what: 'a chain that has one identifier twice',
      entity: { InReplyTo, ...custom('<a@x> <b@x> <a@x>') },
      references: undefined,
      chain: '<a@x> <b@x> <p@x>',
    },
    {
      what: 'a chain with the parent in the middle',
      entity: { InReplyTo },
      references: ['<a@x>', '<p@x>', '<c@x>'],
      chain: '<a@x> <c@x> <p@x>',
    },
    { what: 'a chain without parent', entity: custom('<a@x>'), references: undefined, chain: '<a@x>' },
  ])('$what', ({ entity, references, chain }) => {
    expect(field('References', entity, { references })).toEqual([chain])
    expect(field('In-Reply-To', entity, { references })).toEqual('InReplyTo' in entity ? ['<p@x>'] : [])
  })

  test('a draft keeps the chain as a message had it', () => {
    const entity = { InReplyTo, ...custom('<a@x> <p@x> <a@x>') }
    expect(field('References', entity, { draft: true })).toEqual(['<a@x> <p@x> <a@x>'])
    expect(field('References', entity, { draft: true, references: ['<a@x>'] })).toEqual(['<a@x> <p@x>'])
  })

  test('no thread: no field', () => {
    expect(header({ InReplyTo: { MessageId: '' } })).not.toMatch(/References|In-Reply-To/)
    expect(header({ InReplyTo: null })).not.toMatch(/References|In-Reply-To/)
  })

  test('a chain of many folds and comes back', () => {
    const ids = Array.from({ length: 500 }, (_, index) => `<${index}@host.example>`)
    const text = header({ InReplyTo }, { references: ids })
    expect(Math.max(...text.split('\r\n').map(line => line.length))).toBeLessThanOrEqual(78)
    const { entity } = read(text)
    expect(entity.InReplyTo?.MessageId).toBe('<p@x>')
    expect(entity.CustomHeaderList).toMatchObject([{ Name: 'References', Values: [ids.join(' ')] }])
  })

  test.each([
    {
      what: 'the parent last: it is in InReplyTo',
      fields: 'In-Reply-To: <p@x>\r\nReferences: <a@x> <p@x>',
      chain: '<a@x>',
    },
    { what: 'the parent last twice', fields: 'In-Reply-To: <p@x>\r\nReferences: <a@x> <p@x> <p@x>', chain: '<a@x>' },
    { what: 'only the parent', fields: 'In-Reply-To: <p@x>\r\nReferences: <p@x>', chain: undefined },
    { what: 'the parent in the middle', fields: 'In-Reply-To: <p@x>\r\nReferences: <p@x> <a@x>', chain: '<p@x> <a@x>' },
    { what: 'no In-Reply-To', fields: 'References: <a@x>\r\n <b@x>', chain: '<a@x> <b@x>' },
    { what: 'nothing (mailparser#385)', fields: 'References: ', chain: undefined },
  ])('reads $what', ({ fields, chain }) => {
    expect(read(fields).entity.CustomHeaderList.map(({ Values }) => Values)).toEqual(
      chain === undefined ? [] : [[chain]],
    )
  })

  test('of several In-Reply-To the first counts', () => {
    expect(read('In-Reply-To: Your mail of Monday <a@x> <b@x>').entity.InReplyTo?.MessageId).toBe('<a@x>')
    expect(read('In-Reply-To: hello').entity.InReplyTo).toBeNull()
  })
})

describe('flags, received, duplicates', () => {
  test.each([
    { Flags: 'Draft', unsent: ['1'] },
    { Flags: 'Seen, Draft', unsent: ['1'] },
    { Flags: 'Seen', unsent: [] },
    { Flags: 'None', unsent: [] },
    { Flags: '', unsent: [] },
  ])('$Flags: X-Unsent $unsent', ({ Flags, unsent }) => {
    expect(field('X-Unsent', { Flags })).toEqual(unsent)
  })

  test('only X-Unsent: 1 makes a draft', () => {
    expect(['1', '0', 'true', ''].map(value => read(`X-Unsent: ${value}`).entity.Flags)).toEqual(['Draft', '', '', ''])
  })

  test('ReceivedAt is the date of the topmost Received, after its last semicolon', () => {
    const received =
      'Received: from a (b; c) by d; Fri, 2 Jun 2023 14:13:40 +0200\r\nReceived: by e; 1 Jan 2000 00:00:00 +0000'
    expect(read(received).entity.ReceivedAt).toBe('2023-06-02T14:13:40+02:00')
    const commented = 'Received: from a (b; c) by d; 2 Jun 2023 14:13:40 +0200 (envelope-from <x>; (e; f); g)'
    expect(read(commented).entity.ReceivedAt).toBe('2023-06-02T14:13:40+02:00')
    expect(read('Received: from a (b; c').entity.ReceivedAt).toBeNull()
    expect(read('Received: from a by b').entity.ReceivedAt).toBeNull()
    expect(read('Received: from a by b; never').entity.ReceivedAt).toBeNull()
  })

  test('the first of several counts, and the others are reported', () => {
    const { entity, defects } = read('Subject: a\r\nsubject: b\r\nFrom: a@x.y\r\nFrom: evil@x.y\r\nX-A: 1\r\nX-A: 2')
    expect([entity.Subject, entity.From?.Address]).toEqual(['a', 'a@x.y'])
    expect(defects).toEqual([
      { code: 'FIELD_DUPLICATE', offset: 12, detail: 'subject' },
      { code: 'FIELD_DUPLICATE', offset: 37, detail: 'from' },
    ])
    expect(entity.CustomHeaderList).toMatchObject([{ Name: 'X-A', Values: ['1', '2'] }])
  })
})

describe('custom headers', () => {
  test('stand where they belong: trace on top, Sender and Reply-To after From, the others after all properties', () => {
    const names = ['X-Mine', 'Reply-To', 'Received', 'Sender', 'List-Id', 'Return-Path']
    const CustomHeaderList = names.map(Name => ({ Name, Values: ['<a@x.test>'] }))
    const written = header({ CustomHeaderList, Subject: 's', Priority: 'High' })
    const order = [...written.matchAll(/^([^\s:]+):/gm)].map(match => match[1])
    expect(order).toEqual([
      ...['Received', 'Return-Path', 'Date', 'From', 'Sender', 'Reply-To', 'To', 'Subject', 'Message-ID'],
      ...['X-Priority', 'Importance', 'Priority', 'X-Mine', 'List-Id', 'MIME-Version', 'Content-Type'],
      'Content-Transfer-Encoding',
    ])
  })

  test('are read in the order in which they would be written, whoever wrote the message', () => {
    const fields = 'X-Mine: 1\r\nReply-To: r@x.y\r\nReceived: a\r\nReferences: <a@x>\r\nSender: s@x.y\r\nList-Id: l'
    expect(read(fields).entity.CustomHeaderList.map(({ Name }) => Name)).toEqual([
      ...['Received', 'Sender', 'Reply-To', 'References', 'X-Mine', 'List-Id'],
    ])
  })

  test('are grouped by name without case, and names like __proto__ are names (libmime 5.4.2)', () => {
    const fields = 'X-A: 1\r\n__proto__: p\r\nx-a: 2\r\nconstructor: c'
    expect(read(fields).entity.CustomHeaderList.map(({ Name, Values }) => [Name, Values])).toEqual([
      ['X-A', ['1', '2']],
      ['__proto__', ['p']],
      ['constructor', ['c']],
    ])
    expect(({} as Record<string, unknown>).p).toBeUndefined()
  })

  test('of addresses are one list, whatever number of values: RFC 5322 §3.6', () => {
    const CustomHeaderList = [{ Name: 'Reply-To', Values: ['a@x.test', 'B <b@x.test>'] }]
    expect(field('Reply-To', { CustomHeaderList })).toEqual(['a@x.test, B <b@x.test>'])
  })

  test.each([...OWNED_FIELDS])('%s is refused: a property or the structure writes it', name => {
    for (const Name of [name, name.toUpperCase()]) {
      expect(() => header({ CustomHeaderList: [{ Name, Values: ['x'] }] })).toThrow(
        expect.objectContaining({ code: 'HEADER_RESERVED', path: 'CustomHeaderList[0].Name' }),
      )
    }
  })

  test('ranks', () => {
    expect(['received', 'sender', 'reply-to', 'references', 'x', '__proto__'].map(customHeaderRank)).toEqual([
      0, 1, 2, 3, 4, 4,
    ])
  })
})
