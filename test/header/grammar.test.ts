import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { grammarOf, isTraceField } from '../../src/header/grammar.ts'

test.each([
  { section: 'RFC 5322 §3.6.2, §3.6.3', grammar: 'address-list', names: 'from sender reply-to to cc bcc' },
  {
    section: 'RFC 5322 §3.6.6',
    grammar: 'address-list',
    names: 'resent-from resent-sender resent-to resent-cc resent-bcc',
  },
  { section: 'RFC 8098 §2.1', grammar: 'address-list', names: 'disposition-notification-to' },
  { section: 'RFC 5322 §3.6.4', grammar: 'msg-id-list', names: 'message-id in-reply-to references resent-message-id' },
  { section: 'RFC 5322 §3.6.1, §3.6.7', grammar: 'opaque', names: 'date resent-date return-path received' },
  {
    section: 'RFC 6376, RFC 8601, RFC 8617',
    grammar: 'opaque',
    names: 'dkim-signature authentication-results arc-seal',
  },
  {
    section: 'RFC 2369, RFC 8058',
    grammar: 'opaque',
    names: 'list-unsubscribe list-unsubscribe-post list-help list-post',
  },
  { section: 'RFC 5322 §3.6.5', grammar: 'unstructured', names: 'subject comments keywords' },
  { section: 'RFC 5322 §3.6.8', grammar: 'unstructured', names: 'x-anything __proto__ constructor tostring' },
])('$section: $names are of the grammar $grammar', ({ grammar, names }) => {
  for (const name of names.split(' ')) expect([name, grammarOf(name)]).toEqual([name, grammar])
})

test('RFC 5322 §3.6.7: fields of the way a message took, and no others', () => {
  const trace = 'return-path received delivered-to resent-date resent-from resent-to resent-message-id dkim-signature'
  for (const name of trace.split(' ')) expect([name, isTraceField(name)]).toEqual([name, true])
  for (const name of ['from', 'reply-to', 'list-id', '__proto__', 'constructor']) expect(isTraceField(name)).toBe(false)
})

test('the table has lower-case names only, each once: others would never be found', () => {
  const source = readFileSync(new URL('../../src/header/grammar.ts', import.meta.url), 'utf8')
  const names = [...source.matchAll(/^ {2}\['([^']+)', '/gm)].map(match => match[1]!)
  expect(names.length).toBeGreaterThan(50)
  expect(names).toEqual([...new Set(names.map(name => name.toLowerCase()))])
})
