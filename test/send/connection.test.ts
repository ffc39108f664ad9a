import { describe, expect, test } from 'vitest'
import type { Problem } from '../../src/errors.ts'
import { parseServerName, readConnection } from '../../src/send/connection.ts'
import { imapflowOptions } from '../../src/send/imapflow.ts'
import { nodemailerOptions } from '../../src/send/nodemailer.ts'

describe('parseServerName', () => {
  test.each([
    ['mail.example.no', 'mail.example.no', undefined],
    ['mail.example.no:587', 'mail.example.no', 587],
    [' localhost:25 ', 'localhost', 25],
    ['127.0.0.1:2525', '127.0.0.1', 2525],
    ['[::1]:25', '::1', 25],
    ['[2001:db8::1]', '2001:db8::1', undefined],
    ['[fe80::1%eth0]:465', 'fe80::1%eth0', 465],
    ['[::ffff:192.0.2.1]:25', '::ffff:192.0.2.1', 25],
    ['2001:db8::1', '2001:db8::1', undefined],
    ['::1', '::1', undefined],
    ['e-post.blåbær.no:25', 'e-post.blåbær.no', 25],
    ['', '', undefined],
  ])('%j', (text, host, port) => {
    expect(parseServerName(text)).toEqual({ host, port })
  })

  test.each([
    'host:0',
    'host:65536',
    'host:123456',
    'host:',
    'host:smtp',
    ':25',
    'smtp://host',
    'host/path',
    'user@host',
    'a b',
    'host\r\nQUIT',
    'host\0',
    '[::1',
    '::1]:25',
    '[host]:25',
    '[127.0.0.1]',
    '[]:25',
    'x'.repeat(300),
  ])('%j is none', text => {
    expect(parseServerName(text)).toBeUndefined()
  })
})

describe('readConnection', () => {
  test('reads what there is', () => {
    const problems: Problem[] = []
    const info = { ServerName: 'mail.example.no:587', UserName: 'u', Password: 'p', Folder: 'F', UseSSL: true }
    const expected = { host: 'mail.example.no', port: 587, userName: 'u', password: 'p', folder: 'F', useSSL: true }
    expect(readConnection(info, 'x', problems)).toEqual(expected)
    expect(readConnection({}, 'x', problems)).toMatchObject({ host: '', userName: '', useSSL: false })
    expect(readConnection(null, 'x', problems)).toBeNull()
    expect(problems).toEqual([])
  })

  test('names what is wrong by its path, but never the password', () => {
    const problems: Problem[] = []
    readConnection({ ServerName: 'a b', Password: ['secret'], UseSSL: 'yes' } as never, 'Out', problems)
    readConnection('mail.example.no' as never, 'Copies', problems)
    expect(problems.map(({ code, path }) => `${code} ${path}`).toSorted()).toEqual([
      'TYPE_INVALID Copies',
      'TYPE_INVALID Out.Password',
      'TYPE_INVALID Out.UseSSL',
      'VALUE_INVALID Out.ServerName',
    ])
    expect(JSON.stringify(problems)).not.toContain('secret')
  })
})

describe('UseSSL: nothing goes in the clear', () => {
  const base = { host: 'h', userName: 'u', password: 'p', folder: '' }
  test.each([
    [true, undefined, { port: 465, secure: true, requireTLS: false }],
    [true, 465, { port: 465, secure: true, requireTLS: false }],
    [true, 587, { port: 587, secure: false, requireTLS: true }],
    [false, 25, { port: 25, secure: false, requireTLS: false }],
  ])('SMTP, UseSSL %s, port %s', (useSSL, port, expected) => {
    expect(nodemailerOptions({ ...base, useSSL, port })).toEqual({
      host: 'h',
      auth: { user: 'u', pass: 'p' },
      ...expected,
    })
  })

  test('SMTP without a user', () => {
    const options = nodemailerOptions({ ...base, userName: '', useSSL: false, port: undefined })
    expect(options).toEqual({ host: 'h', secure: false, requireTLS: false })
  })

  test.each([
    [true, undefined, { port: 993, secure: true }],
    [true, 143, { port: 143, secure: false, doSTARTTLS: true }],
    [true, 1993, { port: 1993, secure: true }],
    [false, undefined, { port: 143, secure: false }],
  ])('IMAP, UseSSL %s, port %s', (useSSL, port, expected) => {
    expect(imapflowOptions({ ...base, useSSL, port })).toEqual({
      host: 'h',
      auth: { user: 'u', pass: 'p' },
      ...expected,
    })
  })
})
