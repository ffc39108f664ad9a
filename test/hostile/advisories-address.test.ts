/**
 * Published faults of mail libraries in who gets a message. Each vector is read from the field of a whole message, and
 * given to composing as an address: mail goes to whom RFC 5322 §3.4 means, or to nobody.
 */
import { expect, test } from 'vitest'
import { composeMessage, MimeError, parseMessage } from '../../src/index.ts'

interface Row {
  readonly advisory: string
  /** Value of To. */
  readonly value: string
  /** Addresses in order; `''` where text is no address. */
  readonly to: readonly string[]
  /** Where it may be composed as one address: as that. Default: it is refused. */
  readonly composed?: string
}

const rows: readonly Row[] = [
  {
    advisory: 'CVE-2025-13033, GHSA-mm7p-fcc7-pg87 (nodemailer < 7.0.7)',
    value: '"xclow3n@gmail.com x"@internal.domain',
    to: ['"xclow3n@gmail.com x"@internal.domain'],
    composed: '"xclow3n@gmail.com x"@internal.domain',
  },
  { advisory: 'nodemailer a9343b4: a quote inside a quoted-string', value: '"a"@evil.com"@good.com', to: [''] },
  { advisory: 'nodemailer a9343b4: specials in a domain', value: 'a@good.com:b@evil.com', to: [''] },
  { advisory: 'nodemailer a9343b4: specials in a domain', value: 'a@good.com[x]b@evil.com', to: [''] },
  {
    advisory: 'CVE-2020-7769 (nodemailer < 6.4.16): no address is an argument of a program',
    value: '-bi@x.org',
    to: ['-bi@x.org'],
    composed: '-bi@x.org',
  },
  {
    advisory: 'CVE-2020-7769 (nodemailer < 6.4.16): no address is an argument of a program',
    value: '"-OQueueDirectory=/tmp x"@x.org',
    to: ['"-OQueueDirectory=/tmp x"@x.org'],
    composed: '"-OQueueDirectory=/tmp x"@x.org',
  },
  {
    advisory: 'CVE-2025-14874, GHSA-46j5-6fg5-4gv3 (nodemailer < 7.0.11): groups 10,000 deep',
    value: `${Array.from({ length: 10_000 }, (_, index) => `g${index}: `).join('')}u@x.org;`,
    to: ['u@x.org'],
  },
  {
    advisory: 'postal-mime f509eaf: groups 60 deep',
    value: `${'g: '.repeat(60)}u@x.org${';'.repeat(60)}`,
    to: ['u@x.org'],
  },
  { advisory: 'CVE-2026-92597 (nodemailer < 9.1.0)', value: 'user@good.com(a)evil@x.y', to: [''] },
  { advisory: 'CVE-2026-110870 (nodemailer < 10.0.13)', value: 'N <user@good.com(c)>', to: ['user@good.com'] },
  {
    advisory: 'CVE-2026-121424, GHSA-8c8m-p3m8-cjg8 (nodemailer < 10.1.4)',
    value: '(a (b) evil@x.y) u@good.com',
    to: ['u@good.com'],
  },
  {
    advisory: 'CVE-2026-121424, not fixed in postal-mime 4.0.0',
    value: 'user@good.com (c1 (nested) evil@x.y)',
    to: ['user@good.com'],
  },
  {
    advisory: 'CVE-2026-121425, GHSA-m943-m63m-w62w (nodemailer < 10.1.4): ";" in a name',
    value: 'G: "a;b" <x@good.com>, c@d.e;',
    to: ['x@good.com', 'c@d.e'],
  },
  {
    advisory: 'CVE-2026-121425, GHSA-85x2-q946-cp5h (nodemailer < 10.1.4): ";" in a comment',
    value: 'G: x@good.com (a;evil@b.c), c@d.e;, f@g.h',
    to: ['x@good.com', 'c@d.e', 'f@g.h'],
  },
  {
    advisory: 'CVE-2026-125755, GHSA-3q53-mvfw-q9v8 (nodemailer < 10.4.1)',
    value: 'a@good.com .evil.com',
    to: ['a@good.com.evil.com'],
  },
  {
    advisory: 'CVE-2026-125755, GHSA-3q53-mvfw-q9v8 (nodemailer < 10.4.1)',
    value: 'a@good.com(c).evil.com',
    to: ['a@good.com.evil.com'],
  },
  {
    advisory: 'mailparser 3.9.4: an encoded-word that decodes to an address is a name',
    value: '=?utf-8?B?dGVzdEBldmlsLmNv?= <real@good.com>',
    to: ['real@good.com'],
  },
  {
    advisory: 'postal-mime 844f920: an encoded-word with "<", ">" and "," in it is a name',
    value: '=?utf-8?Q?=3Cevil=40x.y=3E=2C?= <real@good.com>',
    to: ['real@good.com'],
  },
  { advisory: 'CVE-2019-16056 (Python)', value: 'a@evil.com@good.com', to: [''] },
  { advisory: 'CVE-2023-27043 (Python)', value: 'alice@good.com)bob@evil.com', to: [''] },
  { advisory: 'CVE-2023-27043 (Python)', value: 'alice@good.com]bob@evil.com', to: [''] },
  { advisory: 'CVE-2023-27043 (Python)', value: 'alice@good.com"<bob@evil.com>', to: [''] },
  { advisory: 'MimeKit 4.12: a control in a domain', value: 'a@b\x01.c', to: [''] },
  { advisory: 'CVE-2025-61725 (Go)', value: `a@[${'['.repeat(1000)}`, to: [''] },
]

test.each(rows)('$advisory: $value', ({ value, to, composed }) => {
  const { entity } = parseMessage(`From: a@b.c\r\nTo: ${value}\r\nSubject: x\r\n\r\ntext`)
  expect(entity.To.map(({ Address }) => Address)).toEqual(to)
  const compose = () => composeMessage({ From: { Address: 'from@good.com' }, To: [{ Address: value }] })
  if (composed === undefined)
    expect(problemOf(compose)).toMatch(/^(?:ADDRESS_INVALID|HEADER_INJECTION) To\[0\]\.Address$/)
  else expect(compose().envelope.to).toEqual([composed])
})

function problemOf(compose: () => unknown): string {
  try {
    compose()
  } catch (error) {
    if (error instanceof MimeError) return `${error.code} ${error.path}`
    throw error
  }
  return 'composed'
}

test('GHSA-g57g-f23g-4646 (nodemailer < 10.0.9): text after a comment is no part of an address', () => {
  const { entity, defects } = parseMessage('To: "q"@x.org (c)text\r\n\r\n')
  expect(['', 'q@x.org']).toContain(entity.To[0]!.Address)
  expect(entity.To).toHaveLength(1)
  expect(defects.map(({ code }) => code)).toContain('ADDRESS_INVALID')
})

test('nodemailer 10.1.4: "@" in a domain literal sends to nobody else', () => {
  const { entity } = parseMessage('To: a@[x@evil.com]\r\n\r\n')
  expect(['', 'a@[x@evil.com]']).toContain(entity.To[0]!.Address)
  const compose = () => composeMessage({ From: { Address: 'a@b.c' }, To: [{ Address: 'a@[x@evil.com]' }] })
  expect(problemOf(compose)).toBe('ADDRESS_INVALID To[0].Address')
})

test.each([
  ['CVE-2021-23400, GHSA-hwqf-gcqm-7353 (nodemailer < 6.6.1)', 'a@b.org\r\nBcc: x@evil.com'],
  ['CVE-2026-30227, GHSA-g7hc-96xr-gvvx (MimeKit < 4.15.1)', '"a\r\nRCPT TO:<x@evil.com>"@y.org'],
])('%s: CRLF in an address is refused', (_, Address) => {
  for (const list of ['To', 'Cc', 'Bcc']) {
    const entity = { From: { Address: 'a@b.org' }, [list]: [{ Address }] }
    expect(problemOf(() => composeMessage(entity))).toBe(`HEADER_INJECTION ${list}[0].Address`)
  }
  expect(problemOf(() => composeMessage({ From: { Address }, To: [{ Address: 'a@b.org' }] }))).toBe(
    'HEADER_INJECTION From.Address',
  )
})

test('GHSA-8vvx-rff5-p5rq (nodemailer < 10.0.2): recipients in lists in lists are refused without recursion', () => {
  let nested: unknown = { Address: 'a@b.org' }
  for (let depth = 0; depth < 100_000; depth++) nested = [nested]
  expect(problemOf(() => composeMessage({ From: { Address: 'a@b.org' }, To: nested as never }))).toBe(
    'ADDRESS_MISSING To[0].Address',
  )
})

test('nodemailer 83b8c48: 100,000 recipients are composed', () => {
  const To = Array.from({ length: 100_000 }, (_, index) => ({ Address: `u${index}@example.org` }))
  expect(composeMessage({ From: { Address: 'a@b.org' }, To }).envelope.to).toHaveLength(100_000)
})
