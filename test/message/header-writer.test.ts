import { describe, expect, test } from 'vitest'
import type { Problem } from '../../src/errors.ts'
import { grammarOf } from '../../src/header/grammar.ts'
import { type HeaderOptions, HeaderWriter, isFieldName } from '../../src/message/header-writer.ts'

const STRICT: HeaderOptions = { draft: false, smtpUtf8: false }
const DRAFT: HeaderOptions = { draft: true, smtpUtf8: false }

function writer(options: HeaderOptions = STRICT) {
  const problems: Problem[] = []
  const out = new HeaderWriter(options, problems)
  return { out, problems: () => problems.map(({ code, path }) => [code, path]) }
}

/** What a custom field looks like, and what was wrong with it. */
function custom(name: string, value: string, options?: HeaderOptions) {
  const { out, problems } = writer(options)
  out.custom(name, grammarOf(name.toLowerCase()), value, 'path')
  return { header: out.header, problems: problems().map(([code]) => code) }
}

describe('recipients', () => {
  test('are each once in the envelope, whatever the case of the domain and the field', () => {
    const { out } = writer()
    out.recipients('To', [{ Address: 'a@x.test' }, { Address: 'A@x.test' }, { Address: 'a@X.TEST' }], true)
    out.recipients('Cc', [{ Address: 'a@x.Test', Name: 'A' }, { Address: 'b@x.test' }], true)
    out.recipients('Bcc', [{ Address: 'b@x.test' }, { Address: 'c@x.test' }], true)
    expect(out.forwardPaths.map(path => path.toLowerCase())).toEqual(['a@x.test', 'a@x.test', 'b@x.test', 'c@x.test'])
    expect(out.forwardPaths).toContain('A@x.test')
    expect(out.header).toContain('To: a@x.test, A@x.test, a@X.TEST\r\n')
  })

  test('that are not to be written are in the envelope only', () => {
    const { out } = writer()
    out.recipients('Bcc', [{ Address: 'b@x.test', Name: 'B' }], false)
    expect([out.header, out.forwardPaths]).toEqual(['', ['b@x.test']])
  })

  test('of a domain beyond ASCII are A-labels in header and envelope', () => {
    const { out } = writer()
    out.recipients('To', [{ Address: 'a@blåbær.example' }, { Address: 'a@xn--blbr-roah.example' }], true)
    expect(out.forwardPaths).toEqual(['a@xn--blbr-roah.example'])
    expect(out.header).toBe('To: a@xn--blbr-roah.example, a@xn--blbr-roah.example\r\n')
    expect(out.needsUtf8).toBe(false)
  })

  test('that are wrong are each a problem at their path, and the others are written', () => {
    const { out, problems } = writer()
    const list = [
      { Address: 'ok@x.test' },
      { Address: 'no' },
      { Address: '' },
      { Name: 'N' },
      { Address: 'a@x_y-.test' },
      { Address: 'a@x.test\r\nBcc: evil@x.y', Name: 'a\nb' },
      { Address: 1 as unknown as string },
      null as never,
      'a@x.test' as never,
      { Address: 'å@x.test' },
    ]
    out.recipients('To', list, true)
    expect(problems()).toEqual([
      ['ADDRESS_INVALID', 'To[1].Address'],
      ['ADDRESS_MISSING', 'To[2].Address'],
      ['ADDRESS_MISSING', 'To[3].Address'],
      ['ADDRESS_INVALID', 'To[4].Address'],
      ['HEADER_INJECTION', 'To[5].Name'],
      ['HEADER_INJECTION', 'To[5].Address'],
      ['TYPE_INVALID', 'To[6].Address'],
      ['TYPE_INVALID', 'To[7]'],
      ['TYPE_INVALID', 'To[8]'],
      ['SMTPUTF8_REQUIRED', 'To[9].Address'],
    ])
    expect(out.header).toBe('To: ok@x.test\r\n')
  })

  test('CVE-2025-14874 of its kind: lists in lists are no addresses', () => {
    const { out, problems } = writer()
    let nested: unknown = [{ Address: 'a@x.test' }]
    for (let depth = 0; depth < 10_000; depth++) nested = [nested]
    out.recipients('To', nested as never, true)
    expect(problems()).toEqual([['ADDRESS_MISSING', 'To[0].Address']])
  })

  test('blanks around an address are no part of it; a tab in a name is a space', () => {
    const { out } = writer()
    out.recipients('To', [{ Address: ' a@x.test\t', Name: 'A\tB' }], true)
    expect(out.header).toBe('To: A B <a@x.test>\r\n')
  })

  test('SMTPUTF8 is needed for a local part beyond ASCII, and must be allowed', () => {
    const { out, problems } = writer({ draft: false, smtpUtf8: true })
    out.recipients('To', [{ Address: 'å@blåbær.example' }], true)
    expect(problems()).toEqual([])
    expect([out.needsUtf8, out.forwardPaths]).toEqual([true, ['å@blåbær.example']])
  })
})

describe('the originator', () => {
  test('is the reverse-path', () => {
    const { out } = writer()
    out.originator('From', { Address: 'a@x.test', Name: 'Å' })
    expect(out.reversePath).toBe('a@x.test')
    expect(out.forwardPaths).toEqual([])
  })
})

describe('a draft', () => {
  test.each([
    { what: 'a name without address', mailbox: { Name: 'Jane' }, header: 'To: Jane\r\n', to: [] },
    { what: 'an address without domain', mailbox: { Address: 'jane' }, header: 'To: <jane>\r\n', to: ['jane'] },
    { what: 'a domain that is none', mailbox: { Address: 'a@x!y' }, header: 'To: a@x!y\r\n', to: ['a@x!y'] },
    {
      what: 'dots at odd places',
      mailbox: { Address: 'a..b@x.test' },
      header: 'To: a..b@x.test\r\n',
      to: ['a..b@x.test'],
    },
    {
      what: 'a local part beyond ASCII',
      mailbox: { Address: 'å@x.test' },
      header: 'To: å@x.test\r\n',
      to: ['å@x.test'],
    },
  ])('may have $what', ({ mailbox, header, to }) => {
    const { out, problems } = writer(DRAFT)
    out.recipients('To', [mailbox], true)
    expect([out.header, out.forwardPaths, problems()]).toEqual([header, to, []])
    const strict = writer()
    strict.out.recipients('To', [mailbox], true)
    expect(strict.problems()).toHaveLength(1)
  })

  test.each([
    { what: 'nothing at all', mailbox: {}, code: 'ADDRESS_MISSING' },
    { what: 'a control', mailbox: { Address: 'a@x.test', Name: 'a\rb' }, code: 'HEADER_INJECTION' },
    { what: 'two addresses in one', mailbox: { Address: 'a@x.test>, <b@x.test' }, code: 'ADDRESS_INVALID' },
  ])('must not have $what', ({ mailbox, code }) => {
    const { out, problems } = writer(DRAFT)
    out.recipients('To', [mailbox], true)
    expect(problems().map(([found]) => found)).toEqual([code])
  })
})

describe('custom fields are written by their grammar', () => {
  test.each([
    {
      name: 'Reply-To',
      value: 'Åse <a@x.test>, "Doe, J" <b@x.test>',
      header: 'Reply-To: =?utf-8?Q?=C3=85se?= <a@x.test>, "Doe, J" <b@x.test>\r\n',
    },
    {
      name: 'reply-to',
      value: '=?utf-8?Q?a?= <a@x.test>',
      header: 'reply-to: =?utf-8?B?PT91dGYtOD9RP2E/PQ==?= <a@x.test>\r\n',
    },
    {
      name: 'Disposition-Notification-To',
      value: 'a@blåbær.example',
      header: 'Disposition-Notification-To: a@xn--blbr-roah.example\r\n',
    },
    {
      name: 'List-Unsubscribe',
      value: '<mailto:u@x.test>,  <https://x.test/?a=b>',
      header: 'List-Unsubscribe: <mailto:u@x.test>,  <https://x.test/?a=b>\r\n',
    },
    { name: 'X-Note', value: 'two  blanks', header: 'X-Note: =?utf-8?Q?two__blanks?=\r\n' },
    { name: 'X-Note', value: '', header: 'X-Note: \r\n' },
  ])('$name: $value', ({ name, value, header }) => {
    expect(custom(name, value)).toEqual({ header, problems: [] })
  })

  test.each([
    { name: 'Reply-To', value: 'no address', code: 'ADDRESS_MISSING' },
    { name: 'Reply-To', value: '', code: 'ADDRESS_INVALID' },
    { name: 'Reply-To', value: 'a@b@c.test', code: 'ADDRESS_MISSING' },
    { name: 'Sender', value: 'å@x.test', code: 'SMTPUTF8_REQUIRED' },
    { name: 'X-Note', value: 'a\r\nBcc: x@y.z', code: 'HEADER_INJECTION' },
    { name: 'List-Id', value: 'a\nb', code: 'HEADER_INJECTION' },
    { name: 'X-Note', value: 'a\0', code: 'HEADER_INJECTION' },
    { name: 'X-Note', value: 'a\x7f', code: 'HEADER_INJECTION' },
  ])('refuses $name: $value', ({ name, value, code }) => {
    expect(custom(name, value)).toEqual({ header: '', problems: [code] })
  })

  test('of a draft may have what some message had', () => {
    expect(custom('Reply-To', 'undisclosed:;', DRAFT)).toEqual({ header: 'Reply-To: undisclosed:;\r\n', problems: [] })
    expect(custom('Reply-To', 'no address', DRAFT)).toEqual({ header: 'Reply-To: no address\r\n', problems: [] })
  })

  test('GHSA-268h-hp4c-crq3: a comment of List-* takes no line break', () => {
    expect(custom('List-Unsubscribe', '<https://x.test> (a\r\nX: y)').problems).toEqual(['HEADER_INJECTION'])
  })
})

describe('identifiers', () => {
  test('fold between, get their brackets, and tell whether they could be written', () => {
    const { out } = writer()
    expect(out.msgIds('References', ['a@b', ' <c@d> ', `<${'x'.repeat(80)}@y>`], 'References')).toBe(true)
    expect(out.header).toBe(`References: <a@b> <c@d>\r\n <${'x'.repeat(80)}@y>\r\n`)
  })

  test.each([
    { id: '<a@b>\r\nBcc: x', code: 'HEADER_INJECTION' },
    { id: 'abc', code: 'MESSAGE_ID_INVALID' },
    { id: '', code: 'MESSAGE_ID_INVALID' },
    { id: 1 as unknown as string, code: 'TYPE_INVALID' },
  ])('$id: $code', ({ id, code }) => {
    const { out, problems } = writer()
    expect(out.msgIds('Message-ID', [id], 'MessageID')).toBe(false)
    expect([out.header, problems()]).toEqual(['', [[code, 'MessageID']]])
  })
})

describe('dates', () => {
  test.each([
    { value: 'tomorrow', code: 'DATE_INVALID' },
    { value: '1899-01-01T00:00:00Z', code: 'DATE_INVALID' },
    { value: new Date(Number.NaN), code: 'DATE_INVALID' },
    { value: 1_700_000_000_000, code: 'TYPE_INVALID' },
    { value: {}, code: 'TYPE_INVALID' },
  ])('$value: $code', ({ value, code }) => {
    const { out, problems } = writer()
    out.date('Date', value as string, 'Sent')
    expect([out.header, problems()]).toEqual(['', [[code, 'Sent']]])
  })
})

test('RFC 5322 §3.6.8: names of fields', () => {
  for (const name of ['X-A', 'x', '!#$%&', 'a'.repeat(256)]) expect([name, isFieldName(name)]).toEqual([name, true])
  for (const name of ['', 'a b', 'a:', 'a\r\n', 'å', '\u00a0', 'From: ceo@x (', 'a'.repeat(257)]) {
    expect([name, isFieldName(name)]).toEqual([name, false])
  }
})
