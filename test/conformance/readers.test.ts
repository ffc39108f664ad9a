/**
 * The other readers agree with a message written as plainly as can be, and the comparison tells where they do not.
 */
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import type { EMailAddress, EMailAttachment, EMailEntity, EMailEntityInput } from '../../src/entity/entity.ts'
import { entityArbitrary, expectedAfterRoundTrip } from '../arbitrary/entity.ts'
import { compareReaders, openReaders, type Reading } from './readers.ts'
import { strictCheck } from './strict-check.ts'

const readers = openReaders()
for (const line of readers.skipped) console.warn(`skipped ${line}`)
afterAll(() => readers.close())

/**
 * Writes an entity as plainly as can be: every body in base64, every text in encoded-words. Slow, and apart from src/.
 *
 * @param entity as it is after a round trip
 */
function plainMessage(entity: EMailEntity): Uint8Array {
  const inline = entity.Attachments.filter(({ Id }) => Id !== '' && entity.HTMLBody.includes(`"cid:${Id}"`))
  const others = entity.Attachments.filter(attachment => !inline.includes(attachment))
  const html = text('html', entity.HTMLBody)
  const related = inline.length === 0 ? html : multipart('related; type="text/html"', [html, ...inline.map(file)])
  const bodies = [
    ...(entity.PlainBody !== '' || entity.HTMLBody === '' ? [text('plain', entity.PlainBody)] : []),
    ...(entity.HTMLBody !== '' ? [related] : []),
  ]
  const body = bodies.length === 1 ? bodies[0]! : multipart('alternative', bodies)
  const lines = [
    `Date: ${dateText(entity.Sent!)}`,
    `From: ${mailbox(entity.From!)}`,
    `To: ${entity.To.length === 0 ? 'undisclosed-recipients:;' : entity.To.map(mailbox).join(',\r\n ')}`,
    ...(entity.Cc.length === 0 ? [] : [`Cc: ${entity.Cc.map(mailbox).join(',\r\n ')}`]),
    `Subject: ${words(entity.Subject)}`,
    `Message-ID: ${entity.MessageID}`,
    'MIME-Version: 1.0',
    others.length === 0 ? body : multipart('mixed', [body, ...others.map(file)]),
  ]
  return Buffer.from(lines.join('\r\n'), 'latin1')
}

let boundaries = 0

function multipart(type: string, parts: readonly string[]): string {
  const boundary = `=_${String(boundaries++).padStart(6, '0')}`
  const delimited = parts.map(part => `--${boundary}\r\n${part}\r\n`).join('')
  return `Content-Type: multipart/${type}; boundary="${boundary}"\r\n\r\n${delimited}--${boundary}--\r\n`
}

function text(subtype: string, value: string): string {
  const fields = `Content-Type: text/${subtype}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n`
  return fields + base64(Buffer.from(value.replaceAll('\n', '\r\n')))
}

function file(attachment: EMailAttachment): string {
  const octets = Buffer.from(attachment.Stream!)
  const isMessage = attachment.Type.startsWith('message/')
  const names = filenames(attachment.Filename)
  const lines = [
    `Content-Type: ${attachment.Type}${names.legacy}`,
    `Content-Disposition: ${attachment.Disposition}${names.extended}`,
    `Content-Transfer-Encoding: ${isMessage ? '7bit' : 'base64'}`,
    ...(attachment.Id === '' ? [] : [`Content-ID: <${attachment.Id}>`]),
    ...(attachment.Description === '' ? [] : [`Content-Description: ${words(attachment.Description)}`]),
    '',
    isMessage ? octets.toString('latin1') : base64(octets),
  ]
  return lines.join('\r\n')
}

/** `filename*0*=` with an ASCII `filename=` before it, and `name=` of encoded-words. */
function filenames(filename: string): { readonly extended: string; readonly legacy: string } {
  if (filename === '') return { extended: '', legacy: '' }
  if (/^[A-Za-z0-9._-]{1,60}$/.test(filename)) {
    return { extended: `; filename="${filename}"`, legacy: `;\r\n name="${filename}"` }
  }
  const encoded = [...filename].map(character =>
    /[A-Za-z0-9._-]/.test(character)
      ? character
      : Buffer.from(character).toString('hex').toUpperCase().replace(/../g, '%$&'),
  )
  const segments = chunksOf(encoded, 50).map(
    (segment, index) => `filename*${index}*=${index === 0 ? "utf-8''" : ''}${segment}`,
  )
  const fallback = filename.replace(/[^A-Za-z0-9._-]/gu, '_').slice(0, 60)
  return {
    extended: `;\r\n filename="${fallback}";\r\n ${segments.join(';\r\n ')}`,
    legacy: `;\r\n name="${words(filename)}"`,
  }
}

/** Joins items into chunks of at most `length` characters. */
function chunksOf(items: readonly string[], length: number): string[] {
  const chunks: string[] = []
  for (const item of items) {
    const last = chunks.at(-1)
    if (last !== undefined && last.length + item.length <= length) chunks[chunks.length - 1] = last + item
    else chunks.push(item)
  }
  return chunks
}

function words(value: string): string {
  const chunks: string[] = []
  for (const character of value) {
    const last = chunks.at(-1)
    if (last !== undefined && Buffer.byteLength(last + character) <= 30) chunks[chunks.length - 1] = last + character
    else chunks.push(character)
  }
  return chunks.map(chunk => `=?utf-8?B?${Buffer.from(chunk).toString('base64')}?=`).join('\r\n ')
}

function mailbox({ Name, Address }: EMailAddress): string {
  if (Name === '') return Address
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(Name) && Name.length < 50 && !Name.includes('=?')
  const phrase = isPlain ? `"${Name.replace(/["\\]/g, '\\$&')}"` : words(Name)
  return `${phrase}\r\n <${Address}>`
}

function base64(octets: Buffer): string {
  return octets.toString('base64').replace(/.{76}(?=.)/g, '$&\r\n')
}

function dateText(value: string): string {
  const local = new Date(`${value.slice(0, 19)}Z`).toUTCString().replace(' GMT', '')
  return `${local} ${value.slice(19).replace(':', '')}`
}

const CONTEXT = { size: 0, messageId: '<1@example.org>', now: new Date(0) }

/** What {@link plainMessage} must be read as. */
function expectedOf(input: EMailEntityInput): EMailEntity {
  const entity = expectedAfterRoundTrip(input, CONTEXT)
  for (const attachment of entity.Attachments) {
    attachment.Encoding = attachment.Type.startsWith('message/') ? '7bit' : 'base64'
  }
  return entity
}

const SAMPLE: EMailEntityInput = {
  From: { Name: 'Åse "Å" Bø', Address: 'ase@blåbær.example' },
  To: [{ Name: 'Smith, John', Address: 'john@example.org' }, { Address: '"a b"@example.org' }],
  Cc: [{ Name: '山田太郎', Address: 'yamada@example.org' }],
  Subject: 'Møte på tirsdag =?utf-8?Q?=41?=',
  Sent: '2023-06-02T14:13:40.26+02:00',
  PlainBody: 'Hei\n-- \nÅse',
  HTMLBody: '<p>Hei <img src="cid:logo@example.org">',
  Attachments: [
    { Filename: 'logo.png', Type: 'image/png', Id: 'logo@example.org', Stream: Uint8Array.of(1, 2, 3) },
    { Filename: 'tilbud på 100%41.pdf', Type: 'application/pdf', Stream: Uint8Array.of(13, 10, 0, 255) },
    {
      Filename: 'nested.eml',
      Type: 'message/rfc822',
      Disposition: 'attachment',
      Stream: Buffer.from('Subject: a\r\n\r\nb'),
    },
  ],
}

describe('readers', () => {
  test('agree with a message written as plainly as can be', async () => {
    await fc.assert(
      fc.asyncProperty(entityArbitrary(), async input => {
        const entity = expectedOf(input)
        const message = plainMessage(entity)
        expect(strictCheck(message)).toEqual([])
        expect(compareReaders(entity, await readers.read(message))).toEqual([])
      }),
      { numRuns: 100 },
    )
  })

  test('agree with one of the hard ones', async () => {
    await fc.assert(
      fc.asyncProperty(entityArbitrary({ hard: true }), async input => {
        const entity = expectedOf(input)
        const message = plainMessage(entity)
        expect(strictCheck(message)).toEqual([])
        expect(compareReaders(entity, await readers.read(message))).toEqual([])
      }),
      { numRuns: 50 },
    )
  })

  test('all answer, but for Python where there is none', async () => {
    const readings = await readers.read(plainMessage(expectedOf(SAMPLE)))
    const names = [
      'mailparser',
      'postal-mime',
      ...(readers.skipped.length > 0 ? [] : ['python default', 'python compat32']),
    ]
    expect(readings.map(({ reader }) => reader)).toEqual(names)
  })
})

describe('compareReaders', () => {
  const sample = expectedOf(SAMPLE)
  const base64Of = (...octets: number[]): string => Buffer.from(octets).toString('base64')

  test('finds nothing where nothing is wrong', async () => {
    expect(compareReaders(sample, await readers.read(plainMessage(sample)))).toEqual([])
  })

  // Each row spoils what a reader read; every reader must then be reported, whatever its known faults.
  const spoiled: readonly (readonly [string, (reading: Reading) => Partial<Reading>, RegExp])[] = [
    ['another subject', ({ subject }) => ({ subject: subject.replace('M', 'm') }), /subject is/],
    ['a decoded look-alike in the subject', () => ({ subject: 'Møte på tirsdag A' }), /subject is/],
    ['no subject', () => ({ subject: '' }), /subject is/],
    ['another sender', ({ from }) => ({ from: [{ ...from[0]!, address: 'evil@example.org' }] }), /from\[0\]\.address/],
    [
      'another domain',
      ({ from }) => ({ from: [{ ...from[0]!, address: 'ase@blabar.example' }] }),
      /from\[0\]\.address/,
    ],
    ['another name', ({ from }) => ({ from: [{ ...from[0]!, name: 'Åse "Å" Bo' }] }), /from\[0\]\.name/],
    ['a name without quotes', ({ from }) => ({ from: [{ ...from[0]!, name: 'Åse Å Bø' }] }), /from\[0\]\.name/],
    ['one recipient less', ({ to }) => ({ to: to.slice(1) }), /1 to, not 2/],
    ['recipients in another order', ({ to }) => ({ to: to.toReversed() }), /to\[0\]\.address/],
    ['a name cut in two', ({ to }) => ({ to: [{ name: '', address: 'Smith' }, ...to] }), /3 to, not 2/],
    [
      'a local part without its blank',
      ({ to }) => ({ to: [to[0]!, { name: '', address: 'b@example.org' }] }),
      /to\[1\]/,
    ],
    ['no Cc', () => ({ cc: [] }), /0 cc, not 1/],
    ['two lines more', ({ text: found }) => ({ text: `${found}\n\n` }), /text is/],
    ['a blank less', ({ text: found }) => ({ text: found.replace('-- ', '--') }), /text is/],
    ['mojibake', ({ text: found }) => ({ text: found.replace('Å', 'Ã…') }), /text is/],
    ['other HTML', ({ html }) => ({ html: html.replace('cid:', '') }), /html is/],
    ['an attachment less', ({ attachments }) => ({ attachments: attachments.slice(0, -1) }), /2 attachments, not 3/],
    ['a part more', ({ attachments }) => ({ attachments: [...attachments, attachments[0]!] }), /4 attachments, not 3/],
    ['another day', () => ({ date: '2023-06-03T12:13:40Z' }), /date is/],
    ['another zone', () => ({ date: '2023-06-02T14:13:40Z' }), /date is/],
    ['no date', () => ({ date: null }), /date is null/],
    ['a defect', () => ({ defects: ['MissingHeaderBodySeparatorDefect'] }), /MissingHeaderBodySeparatorDefect/],
    ['a reader that gave up', () => ({ defects: ['gave up: RangeError'] }), /gave up/],
  ]
  for (const [name, spoil, expected] of spoiled) {
    test(`reports ${name}`, async () => {
      for (const reading of await readers.read(plainMessage(sample))) {
        expect(compareReaders(sample, [{ ...reading, ...spoil(reading) }])).toContainEqual(
          expect.stringMatching(expected),
        )
      }
    })
  }

  const spoiledFile: readonly (readonly [string, number, Partial<Reading['attachments'][number]>, RegExp])[] = [
    ['a percent-decoded file name', 1, { filename: 'tilbud på 100A.pdf' }, /attachments\[1\]\.filename/],
    ['the fallback of a file name', 1, { filename: 'tilbud_p__100_41.pdf' }, /attachments\[1\]\.filename/],
    ['another type', 0, { type: 'image/jpeg' }, /attachments\[0\]\.type/],
    ['a Content-ID less', 0, { cid: '' }, /attachments\[0\]\.cid/],
    ['an octet less', 0, { content: base64Of(1, 2) }, /attachments\[0\]\.content/],
    ['LF for CRLF in base64', 1, { content: base64Of(10, 0, 255) }, /attachments\[1\]\.content/],
    ['no content', 1, { content: null }, /attachments\[1\] has no content/],
    ['another nested message', 2, { content: base64Of(65) }, /attachments\[2\]\.content/],
  ]
  for (const [name, index, change, expected] of spoiledFile) {
    test(`reports ${name}`, async () => {
      for (const reading of await readers.read(plainMessage(sample))) {
        const attachments = reading.attachments.map((file, at) => (at === index ? { ...file, ...change } : file))
        expect(compareReaders(sample, [{ ...reading, attachments }])).toContainEqual(expect.stringMatching(expected))
      }
    })
  }

  test('reports octets that changed on the way', async () => {
    const octets = Buffer.from(plainMessage(sample))
    const changes: readonly (readonly [string, string, RegExp])[] = [
      ['yamada@', 'jamada@', /cc\[0\]\.address/],
      ['+0200', '+0100', /date is/],
      ['Subject:', 'Subjekt:', /subject is/],
      ['AQID', 'AQIE', /attachments\[0\]\.content/],
      ['<logo@', '<loga@', /attachments\[0\]\.cid/],
      ['%25', '%26', /attachments\[1\]\.filename/],
    ]
    for (const [from, to, expected] of changes) {
      const changed = Buffer.from(octets.toString('latin1').replace(from, to), 'latin1')
      expect(changed.equals(octets), from).toBe(false)
      const readings = await readers.read(changed)
      const differences = compareReaders(sample, readings)
      for (const { reader } of readings) {
        expect(
          differences.filter(line => line.startsWith(reader)),
          from,
        ).toContainEqual(expect.stringMatching(expected))
      }
    }
  })

  test('tolerates a fault in the reader that has it, and in no other', () => {
    const entity = expectedOf({ ...SAMPLE, Attachments: [] })
    const right: Omit<Reading, 'reader'> = {
      subject: entity.Subject,
      from: entity.From === null ? [] : [{ name: entity.From.Name, address: entity.From.Address }],
      to: entity.To.map(({ Name, Address }) => ({ name: Name, address: Address })),
      cc: entity.Cc.map(({ Name, Address }) => ({ name: Name, address: Address })),
      text: entity.PlainBody,
      html: entity.HTMLBody,
      attachments: [],
      date: entity.Sent,
      defects: [],
    }
    const uLabel = { from: [{ name: right.from[0]!.name, address: 'ase@blåbær.example' }] }
    const unquoted = { to: [right.to[0]!, { name: '', address: 'a b@example.org' }] }
    const blanks = { from: [{ name: 'Åse "Å"  Bø', address: right.from[0]!.address }] }
    const rows: readonly (readonly [Partial<Reading>, Reading['reader']])[] = [
      [uLabel, 'mailparser'],
      [unquoted, 'postal-mime'],
      [blanks, 'python default'],
    ]
    for (const [change, faulty] of rows) {
      for (const reader of ['mailparser', 'postal-mime', 'python default', 'python compat32'] as const) {
        const differences = compareReaders(entity, [{ ...right, ...change, reader }])
        expect(differences, reader).toHaveLength(reader === faulty ? 0 : 1)
      }
    }
  })
})
