/**
 * Published faults of readers of mail: what they hid, invented, ran or did not survive, and what is read here instead.
 * What must be read is that of the RFC named in the row; which part a server sees decides what a user may get.
 */
import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { type ParsedMessage, parseMessage, parseMessageStream } from '../../src/index.ts'

const lines = (...text: readonly string[]): Buffer => Buffer.from(text.join('\r\n'))
const codes = ({ defects }: ParsedMessage): string[] => defects.map(({ code }) => code)

/** A multipart with one attachment called evil.exe behind the boundary `b`, and its Content-Type as it stands. */
const behind = (contentType: string): Buffer =>
  lines(
    `Content-Type: ${contentType}`,
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'text',
    '--b',
    'Content-Disposition: attachment; filename=evil.exe',
    '',
    'MZ',
    '--b--',
    '',
  )

describe('an attachment that others do not see', () => {
  test.each([
    ['MIME::tools CVE-2026-116264: an invalid parameter before the boundary', 'multipart/mixed; =x; boundary=b'],
    ['postal-mime 7b0ca9d: a parameter without value before the boundary', 'multipart/mixed; flag; boundary=b'],
    ['MIME::tools CVE-2026-116265: a boundary in continuations of RFC 2231', 'multipart/mixed; boundary*0="b"'],
    ['ClamAV#1720: a boundary of RFC 2231 with charset', "multipart/mixed; boundary*=us-ascii''b"],
    ['MIME::tools CVE-2026-116272: nested comments around a name', 'multipart/mixed; (a (b) ;c) boundary (d(e))=b'],
    ['a comment after the boundary', 'multipart/mixed; boundary=b (comment)'],
    ['a comment before the boundary', 'multipart/mixed; boundary=(comment) b'],
    ['text after the closing quote', 'multipart/mixed; boundary="b"c'],
    ['the first of two boundaries counts', 'multipart/mixed; boundary=b; boundary=c'],
    ['ClamAV#1814: a quoted-pair in the boundary', 'multipart/mixed; boundary="\\b"'],
    ['ClamAV#1814: blanks around "="', 'multipart/mixed; boundary = b'],
    ['ClamAV#1814: a fold before the parameter', 'multipart/mixed;\r\n\tboundary=b'],
    ['blanks at the end of the boundary (RFC 2046 §5.1.1)', 'multipart/mixed; boundary="b "'],
  ])('%s', (_, contentType) => {
    const parsed = parseMessage(behind(contentType))
    expect(parsed.entity.PlainBody).toBe('text')
    expect(
      parsed.entity.Attachments.map(({ Filename, IsSafeFileExtension }) => [Filename, IsSafeFileExtension]),
    ).toEqual([['evil.exe', false]])
  })

  test.each([['U+FEFF before the first field', '\ufeff']])('%s', (_, mark) => {
    const parsed = parseMessage(
      Buffer.concat([Buffer.from(mark), Buffer.from('From: a@b.c\r\n'), behind('multipart/mixed; boundary=b')]),
    )
    expect(parsed.entity.From?.Address).toBe('a@b.c')
    expect(parsed.entity.Attachments).toHaveLength(1)
  })

  test.each(['\u00a0', '\u2028', '\u2003'])('a field whose name starts with %j is no From', blank => {
    const parsed = parseMessage(`${blank}From: evil@x.y\r\nFrom: good@x.y\r\n\r\ntext`)
    expect(parsed.entity.From?.Address).toBe('good@x.y')
    expect(codes(parsed)).toContain('FIELD_MALFORMED')
  })

  test('MIME::tools CVE-2026-116266: an encoded-word in a boundary is text (RFC 2047 §5)', () => {
    const parsed = parseMessage(behind('multipart/mixed; boundary="=?utf-8?Q?b?="'))
    expect(parsed.entity.Attachments).toEqual([])
    expect(parsed.entity.PlainBody).toContain('evil.exe')
    expect(codes(parsed)).toContain('BOUNDARY_NOT_FOUND')
  })

  test('any open boundary ends a part (RFC 2046 §5.1.2)', () => {
    const inner = 'multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\ntext of the inner part'
    const parsed = parseMessage(
      lines(
        'Content-Type: multipart/mixed; boundary=b',
        '',
        '--b',
        `Content-Type: ${inner}`,
        '--b',
        'Content-Disposition: attachment; filename=evil.exe',
        '',
        'MZ',
        '--b--',
      ),
    )
    expect(parsed.entity.PlainBody).toBe('text of the inner part')
    expect(parsed.entity.Attachments.map(({ Filename }) => Filename)).toEqual(['evil.exe'])
  })

  test.each(['\r\n', '\n', '\r'])('a delimiter after %j is one', lineBreak => {
    const parsed = parseMessage(behind('multipart/mixed; boundary=b').toString().replaceAll('\r\n', lineBreak))
    expect(parsed.entity.Attachments.map(({ Filename }) => Filename)).toEqual(['evil.exe'])
    expect(parsed.entity.PlainBody).toBe('text')
  })

  test('mikel/mail#379: a boundary that begins like another is another', () => {
    const parsed = parseMessage(
      lines(
        'Content-Type: multipart/mixed; boundary=b',
        '',
        '--b',
        'Content-Type: multipart/mixed; boundary=bb',
        '',
        '--bb',
        '',
        'one',
        '--bb--',
        '--b',
        'Content-Disposition: attachment; filename=evil.exe',
        '',
        'MZ',
        '--b--',
      ),
    )
    expect(parsed.entity.PlainBody).toBe('one')
    expect(parsed.entity.Attachments.map(({ Filename }) => Filename)).toEqual(['evil.exe'])
  })

  test('nodemailer 10.0.7: a boundary of nothing but line breaks divides nothing', () => {
    const parsed = parseMessage('Content-Type: multipart/mixed; boundary="\r\n "\r\n\r\n--\r\n\r\ntext\r\n--\r\n')
    expect(codes(parsed)).toContain('BOUNDARY_MISSING')
    expect(parsed.root.parts).toEqual([])
  })

  test('the first of duplicate fields counts', () => {
    const parsed = parseMessage(
      'From: good@x.y\r\nFrom: evil@x.y\r\nSubject: one\r\nSubject: two\r\nContent-Type: text/plain\r\nContent-Type: text/html\r\n\r\n<b>',
    )
    expect(parsed.entity).toMatchObject({
      From: { Address: 'good@x.y' },
      Subject: 'one',
      PlainBody: '<b>',
      HTMLBody: '',
    })
    expect(codes(parsed).filter(code => code === 'FIELD_DUPLICATE')).toHaveLength(3)
  })

  test('libbase64 1.3.1: what stands after padding is read, and told', () => {
    const parsed = parseMessage(
      'Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nQQ==\r\nQkM=\r\n',
    )
    expect(Buffer.from(parsed.entity.Attachments[0]!.Stream!).toString()).toBe('ABC')
    expect(codes(parsed)).toEqual(['BASE64_INVALID'])
  })
})

describe('names of files', () => {
  test.each([
    [
      'libmime: a value of RFC 2231 is not decoded twice',
      "filename*=utf-8''a%3D%3Futf-8%3FQ%3F%3D2Eexe%3F%3D",
      '=?utf-8?Q?=2Eexe?=',
    ],
    [
      'postal-mime 7b0ca9d: segments without a star are not percent-decoded',
      'filename*0="..%2F"; filename*1="a.txt"',
      '..%2Fa.txt',
    ],
    ['postal-mime 7b0ca9d: backslashes of a path are no escapes', 'filename="C:\\Users\\a.txt"', 'a.txt'],
    ['postal-mime 7b0ca9d: parentheses in a name are no comment', 'filename=Invoice(1).pdf', 'Invoice(1).pdf'],
    ['a path goes, however it is written', 'filename="../../etc/passwd"', 'passwd'],
    ['a path goes from an extended value too', "filename*=utf-8''..%2F..%2Fetc%2Fpasswd", 'passwd'],
    ['the first of two names counts', 'filename=a.txt; filename=b.exe', 'a.txt'],
  ])('%s', (_, parameter, name) => {
    const { entity } = parseMessage(
      `Content-Type: application/pdf\r\nContent-Disposition: attachment; ${parameter}\r\n\r\nx`,
    )
    expect(entity.Attachments[0]!.Filename.replace(/^a(?==\?)/, '')).toBe(name)
  })
})

describe('names of Object.prototype', () => {
  test('libmime 5.4.2, mailparser 3.9.40: as names of fields, parameters and charsets they are names', () => {
    const parsed = parseMessage(
      lines(
        '__proto__: polluted',
        'constructor: polluted',
        'List-__proto__: polluted',
        'toString: polluted',
        'Subject: =?__proto__?Q?=E5?= =?constructor?B?5Q==?=',
        'Content-Type: text/plain; charset=__proto__; __proto__=polluted; constructor=polluted',
        '',
        'text',
      ),
    )
    expect(parsed.entity.CustomHeaderList.map(({ Name, Values }) => [Name, Values])).toEqual(
      ['__proto__', 'constructor', 'List-__proto__', 'toString'].map(name => [name, ['polluted']]),
    )
    expect(parsed.entity.Subject).toBe('åå')
    expect(parsed.root.contentType.parameters.get('__proto__')).toBe('polluted')
    expect(codes(parsed)).toContain('CHARSET_UNKNOWN')
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})

describe('text that is code elsewhere', () => {
  test('mailparser GHSA-7gmj-h9xc-mcxc: no HTML is made of text', () => {
    const text = 'http://x/"onmouseover=alert(1) <script>'
    const { entity } = parseMessage(`Content-Type: text/plain\r\n\r\n${text}`)
    expect(entity).toMatchObject({ PlainBody: text, HTMLBody: '' })
  })

  test('libmime 5.4.9: UTF-7, base64 and hex are no charsets of a header', () => {
    for (const charset of ['utf-7', 'base64', 'hex']) {
      const parsed = parseMessage(`Subject: =?${charset}?Q?+ADw-script+AD4-?=\r\n\r\n`)
      expect(parsed.entity.Subject).toBe('+ADw-script+AD4-')
      expect(codes(parsed)).toEqual(['CHARSET_UNKNOWN'])
    }
  })

  test('mailparser 3.9.30: an image that is referred to 20,000 times is in the HTML 0 times', () => {
    const html = '<img src="cid:x">'.repeat(20_000)
    const { entity } = parseMessage(
      lines(
        'Content-Type: multipart/related; boundary=b',
        '',
        '--b',
        'Content-Type: text/html',
        '',
        html,
        '--b',
        'Content-Type: image/png',
        'Content-ID: <x>',
        '',
        'png',
        '--b--',
      ),
    )
    expect(entity.HTMLBody).toBe(html)
    expect(entity.Attachments).toMatchObject([{ Id: 'x', Disposition: 'inline' }])
  })
})

describe('what others do not survive', () => {
  test.each([
    ['libmime 5.5.0: encoded text that does not end', 'Subject: =?utf-8?Q?=80=80=80=?=\r\n\r\n'],
    ['libmime 5.5.0: only continuation octets', `Subject: =?utf-8?Q?${'=80'.repeat(1000)}?=\r\n\r\n`],
    [
      'MimeKit#1227: identifiers that break off',
      'Message-ID: <\r\nReferences: <a@\r\nIn-Reply-To: <"\r\nContent-ID: <[\r\n\r\n',
    ],
    ['MimeKit#1204: a date that breaks off', 'Date: Thu, 1\r\nReceived: ;\r\n\r\n'],
    [
      'MimeKit#1231: a TNEF attribute of 4 GiB',
      'Content-Type: application/ms-tnef\r\n\r\n\x78\x9f\x3e\x22\x01\x00\x01\x03\x90\x06\x00\xff\xff\xff\xff',
    ],
    ['mail-parser#120: a header alone that breaks off', 'Content-Type: multipart/mixed; boundary="'],
    ['mailparser#385: References without anything', 'References:\r\n\r\n'],
  ])('%s', (_, source) => {
    const { entity } = parseMessage(Buffer.from(source, 'latin1'))
    expect(entity.Size).toBe(source.length)
    expect(entity.Sent).toBeNull()
    expect(entity.MessageID).toMatch(/^(?:<[^<>\s]+>)?$/)
  })

  test('MimeKit#1189: a field longer than any buffer, in pieces of one octet and in large ones', async () => {
    const subject = 'word '.repeat(20_000).trim()
    const source = Buffer.from(`Subject: ${subject}\r\nTo: a@b.c\r\n\r\ntext`)
    for (const length of [1000, 70_000]) {
      const pieces = async function* () {
        for (let start = 0; start < source.length; start += length) yield source.subarray(start, start + length)
      }
      const { entity } = await parseMessageStream(pieces(), { onAttachment: () => {} })
      expect(entity).toMatchObject({ Subject: subject, To: [{ Address: 'a@b.c' }], PlainBody: 'text' })
    }
  })

  test('MIME::tools CVE-2026-116270: 8,000 starts of encoded-words in a boundary', () => {
    const parsed = parseMessage(behind(`multipart/mixed; boundary="${'=?'.repeat(8000)}"`))
    expect(parsed.entity.PlainBody).toContain('evil.exe')
  })
})

describe('limits', () => {
  const nested = (depth: number): string => {
    let text = ''
    for (let level = 0; level < depth; level++)
      text += `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`
    return `${text}\r\ninnermost`
  }

  test.each<[advisory: string, source: string, code: string]>([
    [
      'multipart bomb (mailparser < 2.3.0, mailsplit < 4.2.1): a million parts',
      `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n'.repeat(1_000_000)}`,
      'LIMIT_PARTS',
    ],
    ['postal-mime defbf11: 20,000 multiparts inside each other', nested(20_000), 'LIMIT_DEPTH'],
    ['MIME::tools CVE-2026-116267: errors of 5,000 levels are not added up', nested(5000), 'LIMIT_DEPTH'],
    [
      'postal-mime 94e2a3c: messages in messages',
      'Content-Type: message/rfc822\r\n\r\n'.repeat(5000),
      'LIMIT_RFC822_DEPTH',
    ],
    [
      'CVE-2023-24534, CVE-2023-45290 (Go): a header of 3 MB',
      `Subject: x\r\n${'X-A: 1234567890\r\n'.repeat(9000)}X-B: ${'x'.repeat(3_000_000)}\r\n\r\n`,
      'LIMIT_HEADER_OCTETS',
    ],
    ['CVE-2023-24534, CVE-2023-45290 (Go): a million fields', `${'a:\r\n'.repeat(1_000_000)}\r\n`, 'LIMIT_FIELDS'],
  ])('%s', (_, source, code) => {
    const parsed = parseMessage(source)
    expect(codes(parsed)).toContain(code)
    expect(codes(parsed).filter(found => found === code)).toHaveLength(1)
    expect(parsed.defects.length).toBeLessThan(250)
    // Nothing is lost: what was not taken apart is there, as text or as a file.
    const last = Buffer.from(parsed.root.octets).subarray(-20).toString()
    expect(Buffer.from(source).subarray(-20).toString()).toBe(last)
  })
})
