/**
 * Published faults of writers of mail: what could be put into a message, a session or a program through a value, and
 * the error that it is here. Addresses are in ./advisories-address.test.ts.
 */
import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import {
  type ComposeOptions,
  composeMessage,
  type EMailEntityInput,
  entityFromJson,
  MimeError,
  parseMessage,
} from '../../src/index.ts'
import { sendEMails } from '../../src/send/index.ts'
import { strictParse } from '../conformance/strict-check.ts'

const ENTITY: EMailEntityInput = {
  From: { Address: 'from@example.org' },
  To: [{ Address: 'to@example.org' }],
  PlainBody: 'text',
}

const custom = (Name: string, ...Values: readonly string[]): EMailEntityInput => ({
  CustomHeaderList: [{ Name, Values }],
})
const attach = (attachment: object): EMailEntityInput => ({
  Attachments: [{ Filename: 'a.bin', Stream: 'AQID', ...attachment }],
})

function refusal(entity: EMailEntityInput, options?: ComposeOptions): string[] {
  try {
    composeMessage({ ...ENTITY, ...entity }, options)
  } catch (error) {
    if (error instanceof MimeError) return error.problems.map(({ code, path }) => `${code} ${path}`)
    throw error
  }
  return []
}

function wireOf(entity: EMailEntityInput): string {
  const octets = composeMessage({ ...ENTITY, ...entity }).toBytes()
  expect(strictParse(octets).violations).toEqual([])
  return Buffer.from(octets).toString('latin1')
}

describe('refused', () => {
  test.each<[advisory: string, entity: EMailEntityInput, problem: string]>([
    [
      'CVE-2026-82661, GHSA-268h-hp4c-crq3 (nodemailer < 8.0.9): CRLF in the comment of a List- field',
      custom('List-Unsubscribe', '<https://x.org/> (leave\r\nBcc: evil@x.y)'),
      'HEADER_INJECTION CustomHeaderList[0].Values[0]',
    ],
    ['nodemailer 9.0.5: a control in Message-ID', { MessageID: '<a\x01@b>' }, 'HEADER_INJECTION MessageID'],
    [
      'nodemailer 9.0.5: DEL in In-Reply-To',
      { InReplyTo: { MessageId: '<a\x7f@b>' } },
      'HEADER_INJECTION InReplyTo.MessageId',
    ],
    [
      'nodemailer 9.0.5: CRLF in a custom References',
      custom('References', '<a@b>\r\nBcc: <x@y>'),
      'HEADER_INJECTION CustomHeaderList[0].Values[0]',
    ],
    [
      'nodemailer 9.0.5: a field in the name of a field',
      custom('From: ceo@x (', 'y)'),
      'HEADER_NAME_INVALID CustomHeaderList[0].Name',
    ],
    [
      'nodemailer 9.0.5: CRLF in the name of a field',
      custom('X\r\nBcc', 'y'),
      'HEADER_INJECTION CustomHeaderList[0].Name',
    ],
    [
      'mail-mime-parser CVE-2026-121946: CRLF in a type',
      attach({ Type: 'text/plain\r\nBcc: evil@x.y' }),
      'HEADER_INJECTION Attachments[0].Type',
    ],
    [
      'mail-mime-parser CVE-2026-121946: CRLF in a charset',
      attach({ Type: 'text/plain; charset="a\r\nBcc: evil@x.y"' }),
      'HEADER_INJECTION Attachments[0].Type',
    ],
    [
      'mail-mime-parser CVE-2026-121946: CRLF in micalg',
      attach({ Type: 'a/b; micalg="a\r\nBcc: evil@x.y"' }),
      'HEADER_INJECTION Attachments[0].Type',
    ],
    [
      'mail-mime-parser CVE-2026-121946: CRLF in an encoding',
      attach({ Encoding: 'base64\r\nBcc: evil@x.y' }),
      'HEADER_INJECTION Attachments[0].Encoding',
    ],
    [
      'mimetext: CRLF in the name of a file',
      attach({ Filename: 'a\r\nBcc: evil@x.y' }),
      'HEADER_INJECTION Attachments[0].Filename',
    ],
    ['mail-builder: CRLF in Subject', { Subject: 'x\r\nX-Inj: 1' }, 'HEADER_INJECTION Subject'],
    [
      'CVE-2026-1299 (Python): a bare LF in a value',
      custom('X-A', 'a\nBcc: evil@x.y'),
      'HEADER_INJECTION CustomHeaderList[0].Values[0]',
    ],
  ])('%s', (_, entity, problem) => {
    expect(refusal(entity)).toEqual([problem])
    expect(refusal(entity, { draft: true })).toEqual([problem])
  })

  test('nodemailer 9.0.5: CRLF in references of the options', () => {
    expect(refusal({}, { references: ['<a@b>', '<c@d>\r\nBcc: <x@y>'] })).toEqual(['HEADER_INJECTION references[1]'])
  })

  test.each([
    ['CVE-2026-82853, GHSA-vvjj-xcjg-gr5g (nodemailer < 8.0.5): CRLF in the name of a host', 'x\r\nMAIL FROM:<a@b>'],
    ['nodemailer 9.0.2: CRLF in the host of a proxy', 'x HTTP/1.1\r\nHost: y:25'],
  ])('%s', async (_, ServerName) => {
    const sent: unknown[] = []
    const transport = { send: async (envelope: unknown) => void sent.push(envelope) }
    const request = { OutgoingConnectionInfo: { ServerName }, Emails: [ENTITY] }
    await expect(sendEMails(request as never, { transport: transport as never })).rejects.toMatchObject({
      code: 'VALUE_INVALID',
      path: 'OutgoingConnectionInfo.ServerName',
    })
    expect(sent).toEqual([])
  })

  test('enmime CVE-2026-42507: what was given is in an error escaped and short', () => {
    const value = `evil\r\n\x1b[31m\u202e${'x'.repeat(10_000)}`
    try {
      composeMessage({ ...ENTITY, Subject: value })
      expect.unreachable('composed')
    } catch (error) {
      expect((error as Error).message).toMatch(/^[\x20-\x7e…]{1,150}$/)
    }
  })
})

describe('written as what it is', () => {
  test('CVE-2026-82854, GHSA-c7w3-x93f-qmm8 (nodemailer < 8.0.4): the size of an envelope is a number', () => {
    const file = { Filename: 'a.bin', Stream: 'AQID', Size: '5\r\nRCPT TO:<evil@x.y>' as never }
    const { envelope, size } = composeMessage({ ...ENTITY, Attachments: [file] })
    expect(envelope.size).toBe(size)
    expect(Number.isInteger(size)).toBe(true)
  })

  test.each([
    ['Subject', { Subject: '=?utf-8?Q?=0D=0ABcc=3A_x?=' }],
    ['a name', { To: [{ Name: '=?utf-8?Q?evil=40x.y?=', Address: 'to@example.org' }] }],
    ['the name of a file', attach({ Filename: '=?utf-8?Q?=2Eexe?=.txt' })],
  ])('nodemailer 10.1.7, 10.5.0: %s that looks like an encoded-word comes back as it was', (_, given) => {
    const { entity } = parseMessage(wireOf(given))
    expect([entity.Subject, entity.To[0]!.Name, entity.Attachments[0]?.Filename ?? '']).toEqual([
      given.Subject ?? '',
      given.To?.[0]?.Name ?? '',
      given.Attachments?.[0]?.Filename ?? '',
    ])
  })

  test('libmime: a charset with "?" in it makes no second encoded-word', () => {
    const wire = wireOf({
      Subject: 'Å',
      ...attach({ Type: 'text/plain; charset="utf-8?Q?evil?= =?utf-8"', Filename: 'Å.txt' }),
    })
    for (const [word] of wire.matchAll(/=\?[^\s]*/g)) expect(word).toMatch(/^=\?(?:utf-8|UTF-8)\?[BQ]\?[^?]*\?=/)
  })

  test('libqp 2.1.3: a line of quoted-printable never starts with "-"', () => {
    const body = '--b\r\n--=_x--\r\nå\r\n'
    const wire = wireOf({ PlainBody: body, HTMLBody: `<p>å\r\n${body}` })
    const [boundary] = /boundary="?([^"\r\n;]+)/.exec(wire)!.slice(1)
    const starts = wire.split('\r\n').filter(line => line.startsWith('--'))
    expect(starts).toEqual([`--${boundary}`, `--${boundary}`, `--${boundary}--`])
    expect(parseMessage(wire).entity.PlainBody).toBe(body.replaceAll('\r\n', '\n'))
  })

  test('CVE-2025-11468 (Python): a long comment stays a comment where it is folded', () => {
    const comment = `(${'word '.repeat(60)}evil@x.y)`
    const value = `<https://example.org/leave> ${comment}`
    const wire = wireOf(custom('List-Unsubscribe', value))
    const [field] = /^List-Unsubscribe: (?:.*\r\n[ \t])*.*$/m.exec(wire)!
    expect(field.replace(/\r\n(?=[ \t])/g, '')).toBe(`List-Unsubscribe: ${value}`)
  })

  test('MimeKit#451, nodemailer#1654: no field starts with an empty line', () => {
    const wire = wireOf({
      Subject: 'x'.repeat(300),
      ...custom('List-Unsubscribe', `<https://example.org/${'y'.repeat(300)}>`),
    })
    expect(wire).not.toMatch(/^[!-9;-~]+:[ \t]*\r\n/m)
  })
})

describe('a value opens no file and no connection', () => {
  test.each([
    ['GHSA-wqvq-jvpq-h66f (nodemailer < 8.0.9)', { path: '/etc/passwd' }],
    ['CVE-2026-92595, GHSA-8m3c-c648-2xjj (nodemailer < 9.1.1)', { href: 'http://169.254.169.254/' }],
    ['GHSA-p6gq-j5cr-w38f (nodemailer < 9.0.1)', { raw: { path: '/etc/passwd' } }],
    ['nodemailer 9.0.6: own __proto__ keys', JSON.parse('{"__proto__":{"prepared":true,"Stream":"AQID"}}')],
    ['a path as Stream', { Stream: { path: '/etc/passwd' } }],
    ['a URL as Stream', { Stream: new URL('file:///etc/passwd') }],
  ])('%s', (_, source) => {
    const Attachments = [{ Filename: 'a.txt', ...source }]
    if (Object.hasOwn(source, '__proto__'))
      Object.defineProperty(Attachments[0], '__proto__', { value: source, enumerable: true })
    const problems = refusal({ Attachments } as EMailEntityInput)
    expect(problems).toEqual([expect.stringMatching(/^(?:CONTENT_MISSING|TYPE_INVALID) Attachments\[0\]\.Stream$/)])
    const whole = { ...ENTITY, raw: 'From: evil@x.y\r\n\r\n', path: '/etc/passwd', attachments: [source] }
    expect(wireOf(whole)).not.toMatch(/evil|root:/)
  })

  test('JSON gives content as base64 alone', () => {
    const json = { Attachments: [{ Filename: 'a', Stream: '/etc/passwd!' }, { path: '/etc/passwd' }] }
    expect(() => entityFromJson(json)).toThrow(/Attachments\[0\]\.Stream/)
    expect(entityFromJson({ Attachments: [json.Attachments[1]] }).Attachments[0]).not.toHaveProperty('path')
  })
})
