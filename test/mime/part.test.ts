import { describe, expect, test } from 'vitest'
import { latin1Bytes, latin1Text } from '../../src/codec/bytes.ts'
import { parseMime } from '../../src/mime/parse.ts'
import { walk } from '../../src/mime/part.ts'

const parse = (text: string) => parseMime(latin1Bytes(text)).root

describe('walk', () => {
  test('gives each part before what it holds, in the order of the source', () => {
    const message =
      'Content-Type: message/rfc822\n\nX: m\nContent-Type: multipart/mixed; boundary=c\n\n--c\nX: m1\n\n--c--'
    const root = parse(
      `X: root\nContent-Type: multipart/mixed; boundary=b\n\n--b\nX: 1\n\n--b\nX: 2\n${message}\n--b\nX: 3\n\n--b--`,
    )
    expect([...walk(root)].map(part => part.fields.find(({ key }) => key === 'x')?.value)).toEqual([
      'root',
      '1',
      '2',
      'm',
      'm1',
      '3',
    ])
    expect([...walk(root.parts[2]!)]).toEqual([root.parts[2]])
  })
})

describe('transferEncoding', () => {
  test.each([
    { value: undefined, label: '' },
    { value: 'Base64', label: 'base64' },
    { value: ' quoted-printable ', label: 'quoted-printable' },
    { value: '(comment) 8bit (comment)', label: '8bit' },
    { value: '"base64"', label: 'base64' },
    { value: "'base64'", label: 'base64' },
    { value: 'base64; charset=x', label: 'base64' },
    { value: 'quoted-printable base64', label: 'quoted-printable' },
    { value: 'x-unknown', label: 'x-unknown' },
    { value: '', label: '' },
  ])('$value is $label', ({ value, label }) => {
    const field = value === undefined ? '' : `Content-Transfer-Encoding: ${value}\n`
    expect(parse(`${field}X: y\n\nz`).transferEncoding).toBe(label)
  })
})

describe('disposition', () => {
  test('is undefined where the part does not say', () => {
    expect(parse('X: y\n\n').disposition).toBeUndefined()
    expect(parse('Content-Disposition: Inline; filename=a\n\n').disposition).toEqual({
      type: 'inline',
      parameters: new Map([['filename', 'a']]),
    })
  })
})

describe('content', () => {
  test.each(['', '7bit', '8bit', 'binary', 'x-unknown'])('of encoding %j is a view, to the octet', encoding => {
    const body = '\0\r\n\r\r\xff\r\n'
    const source = latin1Bytes(`Content-Transfer-Encoding: ${encoding}\r\n\r\n${body}`)
    const content = parseMime(source).root.content()
    expect(latin1Text(content)).toBe(body)
    expect(content.buffer).toBe(source.buffer)
  })

  test('of an encoded part is a new allocation each time', () => {
    const part = parse('Content-Transfer-Encoding: base64\n\nYWJj')
    expect(latin1Text(part.content())).toBe('abc')
    expect(part.content()).not.toBe(part.content())
    expect(latin1Text(part.body)).toBe('YWJj')
  })

  test('reports where in the source something is wrong', () => {
    const source =
      'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: quoted-printable\n\nab=XY\n--b--'
    const defects: unknown[] = []
    parse(source).parts[0]!.content((code, offset) => defects.push([code, offset]))
    expect(defects).toEqual([['QUOTED_PRINTABLE_INVALID', source.indexOf('=XY')]])
  })
})

describe('text', () => {
  test.each([
    { what: 'the charset', header: 'Content-Type: text/plain; charset=iso-8859-1', body: '\xe5', text: 'å' },
    {
      what: 'the charset after the encoding',
      header: 'Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64',
      body: 'w6U=',
      text: 'å',
    },
    { what: 'no charset, UTF-8', header: 'X: y', body: '\xc3\xa5', text: 'å' },
    { what: 'no charset, not UTF-8', header: 'X: y', body: '\xe5\x80', text: 'å€' },
    {
      what: 'the charset of HTML itself',
      header: 'Content-Type: text/html',
      body: '<meta charset="iso-8859-2">\xb1',
      text: '<meta charset="iso-8859-2">ą',
    },
    {
      what: 'the charset of HTML itself, where the label says nothing',
      header: 'Content-Type: text/html; charset=unknown-8bit',
      body: '<meta charset="iso-8859-2">\xb1',
      text: '<meta charset="iso-8859-2">ą',
    },
    {
      what: 'the charset of HTML itself, where the label is empty',
      header: 'Content-Type: text/html; charset=""',
      body: '<meta charset="iso-8859-2">\xb1',
      text: '<meta charset="iso-8859-2">ą',
    },
    {
      what: 'the label that HTML contradicts',
      header: 'Content-Type: text/html; charset=iso-8859-1',
      body: '<meta charset="iso-8859-2">\xb1',
      text: '<meta charset="iso-8859-2">±',
    },
    {
      what: 'no meta in plain text',
      header: 'Content-Type: text/plain',
      body: '<meta charset="iso-8859-2">\xb1',
      text: '<meta charset="iso-8859-2">±',
    },
    { what: 'line breaks', header: 'X: y', body: 'a\r\nb\rc\nd\r\r\n', text: 'a\nb\nc\nd\n' },
    { what: 'U+2028, which is no line break', header: 'X: y', body: 'a\xe2\x80\xa8b', text: 'a\u2028b' },
  ])('is decoded by $what', ({ header, body, text }) => {
    expect(parse(`${header}\n\n${body}`).text()).toBe(text)
  })

  test('reports from the start of the source', () => {
    const source = 'Content-Type: text/plain; charset=x-klingon\n\n\xe5'
    const defects: unknown[] = []
    parse(source).text((code, offset, detail) => defects.push([code, offset, detail]))
    expect(defects).toEqual([['CHARSET_UNKNOWN', source.length - 1, '"x-klingon"']])
  })
})
