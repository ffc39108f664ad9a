import { describe, expect, test } from 'vitest'
import { latin1Bytes, latin1Text, utf8Bytes } from '../../src/codec/bytes.ts'
import type { AttachmentContent, EMailAttachmentInput, EMailEntityInput } from '../../src/entity/entity.ts'
import { entityFromJson } from '../../src/entity/json.ts'
import { MimeError } from '../../src/errors.ts'
import { type ComposeOptions, composeMessage } from '../../src/message/compose.ts'
import { parseMessage } from '../../src/message/extract.ts'
import { parseMime } from '../../src/mime/parse.ts'
import type { MimePart } from '../../src/mime/part.ts'

function entityWith(attachment: EMailAttachmentInput, over: EMailEntityInput = {}): EMailEntityInput {
  return {
    From: { Address: 'a@x.test' },
    To: [{ Address: 'b@x.test' }],
    PlainBody: 'text',
    Attachments: [attachment],
    ...over,
  }
}

/** The part that the attachment became. */
function compose(attachment: EMailAttachmentInput, over?: EMailEntityInput, options?: ComposeOptions): MimePart {
  const { root, defects } = parseMime(composeMessage(entityWith(attachment, over), options).toBytes())
  expect(defects).toEqual([])
  return root.parts.at(-1)!
}

function field(part: MimePart, key: string): string | undefined {
  return part.fields.find(field => field.key === key)?.value
}

function problems(attachment: EMailAttachmentInput, options?: ComposeOptions): string[][] {
  try {
    composeMessage(entityWith(attachment), options)
  } catch (error) {
    if (error instanceof MimeError) return error.problems.map(({ code, path }) => [code, path])
    throw error
  }
  return []
}

async function text(message: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of message) chunks.push(chunk)
  return latin1Text(Buffer.concat(chunks))
}

const OCTETS = latin1Bytes('abc')

describe('content on input', () => {
  const expected = latin1Text(composeMessage(entityWith({ Stream: OCTETS }), fixed()).toBytes())

  function fixed(): ComposeOptions {
    return { now: () => new Date(0), random: octets => new Uint8Array(octets) }
  }

  async function* stream() {
    yield OCTETS.subarray(0, 1)
    yield OCTETS.subarray(1)
  }

  test.each<{ what: string; Stream: AttachmentContent }>([
    { what: 'octets', Stream: OCTETS },
    { what: 'a Buffer', Stream: Buffer.from('xabcx').subarray(1, 4) },
    { what: 'base64 text', Stream: 'YWJj' },
    { what: 'base64 text with line breaks', Stream: 'YW\r\nJj\n' },
    { what: 'a function of octets', Stream: () => OCTETS },
    { what: 'a function of base64 text', Stream: () => 'YWJj' },
  ])('$what', ({ Stream }) => {
    expect(latin1Text(composeMessage(entityWith({ Stream }), fixed()).toBytes())).toBe(expected)
  })

  test.each<{ what: string; Stream: () => AttachmentContent }>([
    { what: 'a stream', Stream: () => stream() },
    { what: 'a function of a stream', Stream: () => stream },
    { what: 'a web stream', Stream: () => new Blob([OCTETS]).stream() },
    { what: 'a function of a web stream', Stream: () => () => new Blob([OCTETS]).stream() },
  ])('$what', async ({ Stream }) => {
    for (const Size of [0, 3]) {
      const message = composeMessage(entityWith({ Stream: Stream(), Size }), fixed())
      expect(message.size).toBe(Size === 0 ? undefined : expected.length)
      expect(await text(message)).toBe(expected)
      const unread = composeMessage(entityWith({ Stream: Stream(), Size }), fixed())
      expect(() => unread.toBytes()).toThrow(expect.objectContaining({ code: 'STREAM_CONTENT' }))
    }
  })

  test('a function of known Size is called when its turn comes, once for each writing', async () => {
    let calls = 0
    const Stream = () => {
      calls++
      return OCTETS
    }
    const message = composeMessage(entityWith({ Stream, Size: 3 }), fixed())
    expect([calls, message.size]).toEqual([0, expected.length])
    message.toBytes()
    await text(message)
    expect(calls).toBe(2)
  })

  test('a function of unknown Size is called at once', () => {
    let calls = 0
    const Stream = () => {
      calls++
      return OCTETS
    }
    const message = composeMessage(entityWith({ Stream }), fixed())
    expect([calls, message.size]).toEqual([1, expected.length])
    message.toBytes()
    expect(calls).toBe(1)
  })

  test('a Size that is not the size is CONTENT_SIZE for what is opened late, and nothing for what is here', () => {
    const late = composeMessage(entityWith({ Stream: () => OCTETS, Size: 4 }))
    expect(() => late.toBytes()).toThrow(
      expect.objectContaining({ code: 'CONTENT_SIZE', path: 'Attachments[0].Stream' }),
    )
    expect(composeMessage(entityWith({ Stream: OCTETS, Size: 4 })).toBytes().length).toBeGreaterThan(0)
  })

  test('a function that throws is CONTENT_FAILED with its cause, when it is called', () => {
    const cause = new Error('boom')
    const Stream = () => {
      throw cause
    }
    const failed = expect.objectContaining({ code: 'CONTENT_FAILED', path: 'Attachments[0].Stream', cause })
    expect(() => composeMessage(entityWith({ Stream }))).toThrow(failed)
    const late = composeMessage(entityWith({ Stream, Size: 3 }))
    expect(() => late.toBytes()).toThrow(failed)
    expect(problems({ Stream, Filename: 'a\0' })).toEqual([
      ['HEADER_INJECTION', 'Attachments[0].Filename'],
      ['CONTENT_FAILED', 'Attachments[0].Stream'],
    ])
  })

  test('resolveContent is asked for what has no Stream, and only for that', () => {
    const asked: unknown[] = []
    const resolveContent = (attachment: EMailAttachmentInput) => {
      asked.push(attachment.Filename)
      return attachment.Filename === 'gone' ? null : OCTETS
    }
    const Attachments = [
      { Filename: 'a', Stream: null },
      { Filename: 'b', Stream: '' },
      { Filename: 'c' },
      { Filename: 'd', Stream: new Uint8Array(0) },
      ...entityFromJson('{"Attachments":[{"Filename":"e","Stream":""}]}').Attachments,
      { Filename: 'f', Stream: OCTETS },
    ]
    const entity = entityWith({}, { Attachments })
    const { root } = parseMime(composeMessage(entity, { resolveContent }).toBytes())
    expect(asked).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(root.parts.slice(1).map(part => latin1Text(part.content()))).toEqual(new Array(6).fill('abc'))
    expect(problems({ Filename: 'gone' }, { resolveContent })).toEqual([['CONTENT_MISSING', 'Attachments[0].Stream']])
  })

  test('an empty Stream that nothing resolves is an empty file', () => {
    for (const Stream of ['', new Uint8Array(0)]) {
      expect(compose({ Stream }).content()).toHaveLength(0)
      expect(compose({ Stream }, {}, { resolveContent: () => undefined }).content()).toHaveLength(0)
    }
  })

  test.each([
    { what: 'no content', attachment: {}, found: ['CONTENT_MISSING', 'Attachments[0].Stream'] },
    {
      what: 'text that is no base64',
      attachment: { Stream: 'no base64!' },
      found: ['CONTENT_BASE64', 'Attachments[0].Stream'],
    },
    {
      what: 'base64 that is cut off',
      attachment: { Stream: 'YWJ' },
      found: ['CONTENT_BASE64', 'Attachments[0].Stream'],
    },
    {
      what: 'content hidden after padding (libbase64 1.3.1)',
      attachment: { Stream: 'YQ==YQ==' },
      found: ['CONTENT_BASE64', 'Attachments[0].Stream'],
    },
    { what: 'a number', attachment: { Stream: 1 as never }, found: ['TYPE_INVALID', 'Attachments[0].Stream'] },
    {
      what: 'a path (GHSA-wqvq-jvpq-h66f)',
      attachment: { Stream: { path: '/etc/passwd' } as never },
      found: ['TYPE_INVALID', 'Attachments[0].Stream'],
    },
    {
      what: 'a multipart type',
      attachment: { Stream: OCTETS, Type: 'multipart/mixed' },
      found: ['CONTENT_TYPE_INVALID', 'Attachments[0].Type'],
    },
    {
      what: 'no type',
      attachment: { Stream: OCTETS, Type: 'pdf' },
      found: ['CONTENT_TYPE_INVALID', 'Attachments[0].Type'],
    },
    {
      what: 'CVE-2026-121946, a line break in the type',
      attachment: { Stream: OCTETS, Type: 'text/plain\r\nX: y' },
      found: ['HEADER_INJECTION', 'Attachments[0].Type'],
    },
    {
      what: 'CVE-2026-121946, a line break in the encoding',
      attachment: { Stream: OCTETS, Encoding: '7bit\r\nX: y' },
      found: ['HEADER_INJECTION', 'Attachments[0].Encoding'],
    },
    {
      what: 'a control in the name',
      attachment: { Stream: OCTETS, Filename: 'a\0b' },
      found: ['HEADER_INJECTION', 'Attachments[0].Filename'],
    },
    {
      what: 'a line break in the id',
      attachment: { Stream: OCTETS, Id: 'a\r\nb' },
      found: ['HEADER_INJECTION', 'Attachments[0].Id'],
    },
    {
      what: 'a blank in the id',
      attachment: { Stream: OCTETS, Id: 'a b' },
      found: ['MESSAGE_ID_INVALID', 'Attachments[0].Id'],
    },
  ])('refuses $what', ({ attachment, found }) => {
    expect(problems(attachment)).toEqual([found])
  })

  test('tells all that is wrong with one attachment', () => {
    const attachment = {
      Filename: 'a\r',
      Type: 'b\n',
      Id: 'c\0',
      Description: '\x07',
      Disposition: '\x1b',
      Encoding: '\x7f',
    }
    expect(problems(attachment)).toEqual([
      ...['Filename', 'Type', 'Id', 'Description', 'Disposition', 'Encoding'].map(name => [
        'HEADER_INJECTION',
        `Attachments[0].${name}`,
      ]),
      ['CONTENT_MISSING', 'Attachments[0].Stream'],
    ])
  })
})

describe('where it goes', () => {
  const HTMLBody = '<img src="cid:logo@x"><a style="background:url(cid:pic%201)"><img src="cid:logo(1).png">'
  const tree = (part: MimePart): string =>
    part.isDivided
      ? `${part.contentType.mediaType.slice(10)}(${part.parts.map(tree).join(' ')})`
      : part.contentType.mediaType

  test.each([
    {
      what: 'an Id that the HTML refers to',
      Id: 'logo@x',
      shape: 'alternative(text/plain related(text/html image/png))',
    },
    { what: 'the same in brackets', Id: '<logo@x>', shape: 'alternative(text/plain related(text/html image/png))' },
    {
      what: 'an Id with a parenthesis',
      Id: 'logo(1).png',
      shape: 'alternative(text/plain related(text/html image/png))',
    },
    { what: 'an Id that nobody refers to', Id: 'other', shape: 'mixed(alternative(text/plain text/html) image/png)' },
    { what: 'no Id', Id: '', shape: 'mixed(alternative(text/plain text/html) image/png)' },
  ])('$what', ({ Id, shape }) => {
    const entity = entityWith({ Stream: OCTETS, Type: 'image/png', Id }, { HTMLBody })
    expect(tree(parseMime(composeMessage(entity).toBytes()).root)).toBe(shape)
  })

  test.each([
    { Type: 'image/png', Disposition: '', disposition: 'attachment' },
    { Type: 'image/png', Disposition: 'inline', disposition: 'inline' },
    { Type: 'image/png', Disposition: 'Attachment', disposition: 'attachment' },
    { Type: 'image/png', Disposition: 'x-other', disposition: 'x-other' },
    { Type: 'image/png', Disposition: 'not a token', disposition: 'attachment' },
    { Type: 'text/plain', Disposition: 'inline', disposition: 'attachment' },
    { Type: 'text/html', Disposition: 'inline', disposition: 'attachment' },
    { Type: 'message/rfc822', Disposition: 'inline', disposition: 'attachment' },
    { Type: 'text/csv', Disposition: 'inline', disposition: 'inline' },
  ])('$Type that is said to be "$Disposition" is $disposition', ({ Type, Disposition, disposition }) => {
    const Stream = latin1Bytes('Subject: x\r\n\r\n')
    expect(compose({ Stream, Type, Disposition }).disposition?.type).toBe(disposition)
  })

  test('what the HTML refers to is inline, but where it is said to be an attachment', () => {
    const types = ['', 'inline', 'attachment', 'x'].map(Disposition => {
      const entity = entityWith(
        { Stream: OCTETS, Type: 'text/html', Id: 'logo@x', Disposition },
        { PlainBody: '', HTMLBody },
      )
      return parseMime(composeMessage(entity).toBytes()).root.parts[1]?.disposition?.type
    })
    expect(types).toEqual(['inline', 'inline', 'attachment', 'inline'])
  })

  test('a calendar with a method and no name is a form of the text, without disposition', () => {
    const part = compose({ Stream: OCTETS, Type: 'text/calendar; method=REQUEST' })
    expect(part.disposition).toBeUndefined()
    const named = compose({ Stream: OCTETS, Type: 'text/calendar; method=REQUEST', Filename: 'invite.ics' })
    expect(named.disposition?.type).toBe('attachment')
    expect(compose({ Stream: OCTETS, Type: 'text/calendar' }).disposition?.type).toBe('attachment')
  })
})

describe('names and types', () => {
  test.each([
    { what: 'Filename', attachment: { Filename: 'a.pdf' }, name: 'a.pdf', type: 'application/pdf' },
    {
      what: 'a path of Windows',
      attachment: { Filename: 'C:\\Users\\me\\a.pdf' },
      name: 'a.pdf',
      type: 'application/pdf',
    },
    {
      what: 'a path that goes up',
      attachment: { Filename: '../../etc/passwd' },
      name: 'passwd',
      type: 'application/octet-stream',
    },
    {
      what: 'a name that goes up',
      attachment: { Filename: 'a/..' },
      name: undefined,
      type: 'application/octet-stream',
    },
    {
      what: 'the disposition',
      attachment: { Disposition: 'attachment; filename="b.txt"' },
      name: 'b.txt',
      type: 'application/octet-stream',
    },
    { what: 'the type', attachment: { Type: 'text/csv; name="c.csv"' }, name: 'c.csv', type: 'text/csv' },
    {
      what: 'all three',
      attachment: { Filename: 'a', Disposition: 'x; filename=b', Type: 'x/y; name=c' },
      name: 'a',
      type: 'x/y',
    },
    { what: 'nothing', attachment: {}, name: undefined, type: 'application/octet-stream' },
  ])('are those of $what', ({ attachment, name, type }) => {
    const part = compose({ Stream: OCTETS, ...attachment })
    expect(part.disposition?.parameters.get('filename')).toBe(name)
    expect(part.contentType.parameters.get('name')).toBe(name)
    expect(part.contentType.mediaType).toBe(type)
  })

  const LINES = latin1Bytes('Subject: x\n\na\rb')
  const LONG = latin1Bytes(`Subject: x\r\n\r\n${'x'.repeat(999)}`)

  test.each([
    { Filename: 'a.gzip', Stream: OCTETS, type: 'application/x-gzip' },
    { Filename: 'a.zip', Stream: OCTETS, type: 'application/zip' },
    { Filename: 'a.ustar', Stream: OCTETS, type: 'application/x-ustar' },
    { Filename: 'a.mht', Stream: LINES, type: 'application/octet-stream' },
    { Filename: 'a.mhtml', Stream: LINES, type: 'application/octet-stream' },
    { Filename: 'a.nws', Stream: LINES, type: 'application/octet-stream' },
    { Filename: 'a.eml', Stream: LONG, type: 'application/octet-stream' },
    { Filename: 'a.eml', Stream: latin1Bytes('Subject: x\r\n\r\na\0b'), type: 'application/octet-stream' },
    { Filename: 'A.EML', Stream: latin1Bytes('Subject: x\r\n\r\nb'), type: 'message/rfc822' },
  ])('$Filename is guessed to be $type, and its octets arrive', ({ Filename, Stream, type }) => {
    const contents = [Stream, Buffer.from(Stream).toString('base64'), () => Stream]
    for (const content of contents) {
      const part = compose({ Stream: content, Filename })
      expect([part.contentType.mediaType, part.disposition?.parameters.get('filename')]).toEqual([type, Filename])
      expect(latin1Text(part.content())).toBe(latin1Text(Stream))
    }
  })

  test('parameters of the type stay, with any characters', () => {
    const part = compose({ Stream: OCTETS, Type: 'text/csv; charset=utf-8; header="a;b"; title="日本"' })
    expect([...part.contentType.parameters]).toEqual([
      ['charset', 'utf-8'],
      ['header', 'a;b'],
      ['title', '日本'],
    ])
  })

  test('a description is written as text', () => {
    const part = compose({ Stream: OCTETS, Description: 'Årsrapport for 2026' })
    expect(field(part, 'content-description')).toBe('=?utf-8?Q?=C3=85rsrapport_for_2026?=')
  })

  test('an id gets its brackets, and needs no "@"', () => {
    expect(field(compose({ Stream: OCTETS, Id: 'image001' }), 'content-id')).toBe('<image001>')
    expect(field(compose({ Stream: OCTETS, Id: '<a@b>' }), 'content-id')).toBe('<a@b>')
    expect(field(compose({ Stream: OCTETS }), 'content-id')).toBeUndefined()
  })
})

describe('encoding', () => {
  test.each([
    { Encoding: 'quoted-printable', Stream: 'YQphYQ==', encoding: 'quoted-printable' },
    { Encoding: 'Quoted-Printable', Stream: OCTETS, encoding: 'quoted-printable' },
    { Encoding: '7bit', Stream: OCTETS, encoding: '7bit' },
    { Encoding: '7bit', Stream: latin1Bytes('\0'), encoding: 'base64' },
    { Encoding: '8bit', Stream: latin1Bytes('\xe5'), encoding: 'base64' },
    { Encoding: 'x-uuencode', Stream: OCTETS, encoding: 'base64' },
    { Encoding: '', Stream: OCTETS, encoding: 'base64' },
  ])('"$Encoding" becomes $encoding, and the octets arrive', ({ Encoding, Stream, encoding }) => {
    const part = compose({ Stream, Encoding })
    expect(part.transferEncoding).toBe(encoding)
    const octets = typeof Stream === 'string' ? Buffer.from(Stream, 'base64') : Stream
    expect(latin1Text(part.content())).toBe(latin1Text(octets))
  })

  test.each([
    { what: '7bit', octets: 'Subject: x\r\n\r\ntext', encoding: '7bit', written: 'Subject: x\r\n\r\ntext' },
    { what: '8bit', octets: 'Subject: x\r\n\r\n\xe5', encoding: '8bit', written: 'Subject: x\r\n\r\n\xe5' },
    { what: 'LF', octets: 'Subject: x\n\ntext', encoding: '7bit', written: 'Subject: x\r\n\r\ntext' },
  ])('a message of $what is never base64 (RFC 2046 §5.2.1)', ({ octets, encoding, written }) => {
    for (const Stream of [
      latin1Bytes(octets),
      Buffer.from(octets, 'latin1').toString('base64'),
      () => latin1Bytes(octets),
    ]) {
      const part = compose({ Stream, Type: 'message/rfc822', Encoding: 'base64', Size: octets.length })
      expect(part.transferEncoding).toBe(encoding)
      expect(latin1Text(part.body)).toBe(written)
    }
  })

  test.each([
    { Filename: 'a.eml' },
    { Filename: 'a.eml', Type: 'message/rfc822' },
    { Type: 'message/rfc822; name="a.eml"' },
  ])('a stream, which nobody has looked at, is a file: no message is base64 (%o)', async attachment => {
    const octets = latin1Bytes('Subject: x\n\nb')
    async function* stream() {
      yield octets
    }
    for (const Stream of [stream(), stream, new Blob([octets]).stream(), () => new Blob([octets]).stream()]) {
      const written = await text(composeMessage(entityWith({ Stream, Size: octets.length, ...attachment })))
      const { root, defects } = parseMime(latin1Bytes(written))
      const part = root.parts.at(-1)!
      expect([defects, part.contentType.mediaType]).toEqual([[], 'application/octet-stream'])
      expect(part.disposition?.parameters.get('filename')).toBe('a.eml')
      expect(latin1Text(part.content())).toBe(latin1Text(octets))
    }
  })

  test('a message that no transport takes is refused, and kept to the octet in a draft', () => {
    for (const octets of ['Subject: x\r\n\r\na\0b', `Subject: x\r\n\r\n${'x'.repeat(999)}`]) {
      const attachment = { Stream: latin1Bytes(octets), Type: 'message/rfc822' }
      expect(problems(attachment)).toEqual([['CONTENT_TYPE_INVALID', 'Attachments[0].Stream']])
      const part = compose(attachment, {}, { draft: true })
      expect([part.transferEncoding, latin1Text(part.body)]).toEqual(['binary', octets])
    }
  })
})

test('a function that gives a stream again that was read is refused: it would be empty', async () => {
  const stream = new Blob(['hello']).stream() as ReadableStream<Uint8Array>
  const entity = entityWith({ Filename: 'a', Stream: () => stream })
  for await (const _ of composeMessage(entity));
  const again = async (): Promise<void> => {
    for await (const _ of composeMessage(entity));
  }
  await expect(again()).rejects.toMatchObject({ code: 'CONTENT_FAILED', path: 'Attachments[0].Stream' })
})

describe('reading', () => {
  function read(fields: string, body = 'YWJj', mode?: 'decode' | 'lazy' | 'omit') {
    const source = `Content-Type: multipart/mixed; boundary=b\n\n--b\n${fields}\n\n${body}\n--b--`
    return parseMessage(latin1Bytes(source), { attachments: mode })
  }
  const PDF = 'Content-Type: application/pdf\nContent-Transfer-Encoding: Base64'

  test('every property of the part', () => {
    const fields = `Content-Type: image/png; name="x.png"; charset=binary\nContent-Transfer-Encoding: Base64
Content-Disposition: INLINE; filename="dir/=?utf-8?Q?=C3=A5.png?="\nContent-ID: <a@b>\nContent-Description: =?utf-8?Q?=C3=85?=`
    expect(read(fields).entity.Attachments).toEqual([
      {
        Description: 'Å',
        Filename: 'å.png',
        Size: 3,
        Type: 'image/png; charset=binary',
        Encoding: 'base64',
        Id: 'a@b',
        Disposition: 'inline',
        IsSafeFileExtension: true,
        Stream: expect.any(Uint8Array),
        TableRight: null,
        FieldProperties: null,
      },
    ])
  })

  test.each([
    { file: 'backup.gzip', line: '#86)C', octets: 'abc', type: 'application/x-gzip' },
    { file: 'page.mht', line: '#86)C', octets: 'abc', type: 'application/octet-stream' },
    { file: 'mail.eml', line: '#6#IY', octets: 'X:y', type: 'message/rfc822' },
    { file: 'mail.eml', line: '#80!B', octets: 'a\0b', type: 'application/octet-stream' },
  ])('a uuencoded $file is of $type, and can be written again', ({ file, line, octets, type }) => {
    const { entity } = read('Content-Type: text/plain', `begin 644 ${file}\n${line}\n\`\nend`)
    expect(entity.Attachments).toMatchObject([{ Filename: file, Type: type }])
    const part = compose(entity.Attachments[0]!, {}, { draft: true })
    expect([part.contentType.mediaType, latin1Text(part.content())]).toEqual([type, octets])
  })

  test('decode, lazy and omit say the same, but for the Stream of omit', () => {
    const [decoded, lazy, omitted] = (['decode', 'lazy', 'omit'] as const).map(
      mode => read(PDF, 'YWJj', mode).entity.Attachments[0]!,
    )
    expect(latin1Text(decoded!.Stream!)).toBe('abc')
    expect({ ...lazy }).toEqual(decoded)
    expect(omitted).toEqual({ ...decoded, Stream: null })
  })

  test('what is wrong in the fields of a file is reported where the part begins', () => {
    const fields = [
      'Content-Type: application/pdf',
      'Content-Disposition: attachment; filename=a.txt; filename=b.exe',
      'Content-Description: =?x-klingon?Q?=C3=A5?=',
    ].join('\n')
    const { entity, defects } = read(fields)
    expect(entity.Attachments).toMatchObject([{ Filename: 'a.txt', Description: 'å' }])
    const offset = 'Content-Type: multipart/mixed; boundary=b\n\n--b\n'.length
    expect(defects).toEqual([
      { code: 'PARAMETER_DUPLICATE', offset, detail: 'filename' },
      { code: 'CHARSET_UNKNOWN', offset, detail: '"x-klingon"' },
    ])
    const foreign = "Content-Type: a/b\nContent-Disposition: attachment; filename*=x-foo''%e9.pdf"
    expect(read(foreign).defects.map(({ code }) => code)).toEqual(['CHARSET_UNKNOWN'])
  })

  test('lazy decodes at the first look, and once', () => {
    const { entity, defects } = read(PDF, 'Y!WJj', 'lazy')
    const attachment = entity.Attachments[0]!
    expect(defects).toEqual([])
    expect(attachment.Stream).toBe(attachment.Stream)
    expect(attachment.Size).toBe(3)
    expect(JSON.parse(JSON.stringify(attachment)).Size).toBe(3)
    expect(read(PDF, 'Y!WJj', 'decode').defects.map(({ code }) => code)).toEqual(['BASE64_INVALID'])
  })

  test.each([
    { fields: 'Content-Type: image/png', disposition: 'attachment' },
    { fields: 'Content-Type: image/png\nContent-ID: <unused@x>', disposition: 'attachment' },
    { fields: 'Content-Type: image/png\nContent-Disposition: inline', disposition: 'inline' },
    { fields: 'Content-Type: image/png\nContent-Disposition: x y', disposition: 'attachment' },
    { fields: 'Content-Type: message/rfc822\nContent-Disposition: inline', disposition: 'attachment' },
    { fields: 'Content-Type: text/calendar; method=REQUEST', disposition: 'inline' },
  ])('disposition of $fields', ({ fields, disposition }) => {
    expect(read(fields).entity.Attachments.map(({ Disposition }) => Disposition)).toEqual([disposition])
  })

  test('those that the HTML refers to stand first, as they would be written', () => {
    const part = (fields: string) => `--b\n${fields}\n\nx\n`
    const html = '<img src=cid:two><img src="cid:one">'
    const source = `Content-Type: multipart/mixed; boundary=b\n\n${part('Content-Type: a/a')}${part('Content-Type: a/b\nContent-ID: <one>')}--b\nContent-Type: text/html\n\n${html}\n${part('Content-Type: a/c\nContent-ID: <two>')}--b--`
    const { entity } = parseMessage(source)
    expect(entity.HTMLBody).toBe(html)
    expect(entity.Attachments.map(({ Type, Disposition }) => [Type, Disposition])).toEqual([
      ['a/b', 'inline'],
      ['a/c', 'inline'],
      ['a/a', 'attachment'],
    ])
  })

  test.each([
    { what: 'its subject', message: 'Subject: =?utf-8?Q?=C3=85?= one\n\nx', name: 'Å one.eml' },
    {
      what: 'its subject without what file systems refuse',
      message: 'Subject: a/b\\c: "d" <e>|?*\n\nx',
      name: 'a b c d e.eml',
    },
    {
      what: 'the start of a long subject',
      message: `Subject: ${'x'.repeat(200)}\n\nx`,
      name: `${'x'.repeat(100)}.eml`,
    },
    { what: 'nothing', message: 'From: a@b\n\nx', name: '' },
  ])('a message without name is named after $what', ({ message, name }) => {
    expect(read('Content-Type: message/rfc822', message).entity.Attachments[0]!.Filename).toBe(name)
    const encoded = Buffer.from(message).toString('base64')
    const { entity } = read('Content-Type: message/rfc822\nContent-Transfer-Encoding: base64', encoded)
    expect(entity.Attachments[0]!.Filename).toBe(name)
  })

  test('a name outranks the subject', () => {
    const { entity } = read('Content-Type: message/rfc822; name=a.eml', 'Subject: x\n\ny')
    expect(entity.Attachments[0]!.Filename).toBe('a.eml')
  })

  test('a multipart that is a file is octets: its type would take it apart at the next reader', () => {
    const { entity } = read('Content-Type: multipart/mixed\nContent-Disposition: attachment', 'x')
    expect(entity.Attachments).toMatchObject([{ Type: 'application/octet-stream', Size: 1 }])
  })
})

test('what is read is composed again as it was: a draft with attachments of every kind', () => {
  const part = (fields: string, body: string) => `--b\r\n${fields}\r\n\r\n${body}\r\n`
  const source = [
    'From: a@b.c\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n',
    part('Content-Type: text/plain', 'text'),
    part('Content-Type: message/rfc822', 'Subject: x\n\ny\0z'),
    part('Content-Type: application/pdf; name="a b.pdf"\r\nContent-Transfer-Encoding: base64', 'AAEC'),
    part('Content-Type: image/png\r\nContent-ID: <not an id>', 'x'),
    '--b--',
  ].join('')
  const first = parseMessage(utf8Bytes(source)).entity
  const again = parseMessage(composeMessage(first, { draft: true }).toBytes()).entity
  const comparable = (entity: typeof first) =>
    entity.Attachments.map(({ Encoding, Stream, ...rest }) => ({ ...rest, Stream: latin1Text(Stream!) }))
  expect(comparable(again)).toEqual(comparable(first))
})
