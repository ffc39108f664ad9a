import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DefectCode } from '../../src/defect.ts'
import { readTnef, type TnefContent } from '../../src/mime/tnef.ts'

/* ---- a builder of TNEF, from MS-OXTNEF 2.1 ---- */

const uint16 = (value: number): Buffer => Buffer.of(value & 0xff, value >> 8)
const uint32 = (value: number): Buffer => Buffer.concat([uint16(value & 0xffff), uint16(value >>> 16)])
const ansi = (text: string): Buffer => Buffer.from(`${text}\0`, 'latin1')
const unicode = (text: string): Buffer => Buffer.from(`${text}\0`, 'utf16le')
const padded = (octets: Buffer): Buffer => Buffer.concat([octets, Buffer.alloc((4 - (octets.length % 4)) % 4)])

function attribute(level: 1 | 2, id: number, data: Buffer, checksum?: number): Buffer {
  const sum = checksum ?? data.reduce((total, octet) => (total + octet) % 0x10000, 0)
  return Buffer.concat([Buffer.of(level), uint32(id), uint32(data.length), data, uint16(sum)])
}

const tnef = (...attributes: Buffer[]): Buffer => Buffer.concat([uint32(0x223e9f78), uint16(1), ...attributes])

const number = (id: number, value: number): Buffer => Buffer.concat([uint16(0x0003), uint16(id), uint32(value)])
function variable(type: number, id: number, ...values: Buffer[]): Buffer {
  const parts = values.map(value => Buffer.concat([uint32(value.length), padded(value)]))
  return Buffer.concat([uint16(type), uint16(id), uint32(values.length), ...parts])
}
const string8 = (id: number, text: string): Buffer => variable(0x001e, id, ansi(text))
const string = (id: number, text: string): Buffer => variable(0x001f, id, unicode(text))
const binary = (id: number, octets: Buffer): Buffer => variable(0x0102, id, octets)

const properties = (...list: Buffer[]): Buffer => Buffer.concat([uint32(list.length), ...list])
const messageProperties = (...list: Buffer[]): Buffer => attribute(1, 0x00069003, properties(...list))
const attachProperties = (...list: Buffer[]): Buffer => attribute(2, 0x00069005, properties(...list))
const codePage = (value: number): Buffer => attribute(1, 0x00069007, Buffer.concat([uint32(value), uint32(0)]))
const rendering = (): Buffer => attribute(2, 0x00069002, Buffer.alloc(14, 1))
const title = (name: string): Buffer => attribute(2, 0x00018010, ansi(name))
const data = (octets: Buffer): Buffer => attribute(2, 0x0006800f, octets)

const IID_MESSAGE = Buffer.from('0703020000000000c000000000000046', 'hex')
const IID_STORAGE = Buffer.from('0b00000000000000c000000000000046', 'hex')

/** PR_RTF_COMPRESSED without compression. */
function storedRtf(rtf: string): Buffer {
  const raw = Buffer.from(rtf, 'latin1')
  return binary(
    0x1009,
    Buffer.concat([uint32(raw.length + 12), uint32(raw.length), ansi('MELA').subarray(0, 4), uint32(0), raw]),
  )
}

/** CRC of MS-OXRTFCP, bit by bit. */
function crcOf(octets: Uint8Array): number {
  let crc = 0
  for (const octet of octets) {
    crc ^= octet
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return crc >>> 0
}

function compressedRtf(rawSize: number, contents: Buffer, crc = crcOf(contents)): Buffer {
  return binary(
    0x1009,
    Buffer.concat([uint32(contents.length + 12), uint32(rawSize), ansi('LZFu').subarray(0, 4), uint32(crc), contents]),
  )
}

interface Reading {
  content: TnefContent | undefined
  defects: [code: DefectCode, offset: number, detail: string | undefined][]
}

function read(octets: Uint8Array): Reading {
  const defects: Reading['defects'] = []
  const content = readTnef(octets, (code, offset, detail) => defects.push([code, offset, detail]))
  return { content, defects }
}

/** The content of a body without defects. */
function readSound(...attributes: Buffer[]): TnefContent {
  const { content, defects } = read(tnef(...attributes))
  expect(defects).toEqual([])
  return content!
}

const html = (body: string): string =>
  readSound(messageProperties(storedRtf(`{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 ${body}}`))).html
const text = (body: string): string => readSound(messageProperties(storedRtf(`{\\rtf1\\ansi\\fromtext ${body}}`))).text

describe('readTnef: strings of the message', () => {
  test('reads attributes in the code page of attOemCodepage', () => {
    const content = readSound(
      codePage(1251),
      attribute(1, 0x00018004, Buffer.from('cff0e8e2e5f200', 'hex')),
      attribute(1, 0x0002800c, Buffer.from('ecfbf0000a', 'hex')),
    )
    expect(content.subject).toBe('Привет')
    expect(content.text).toBe('мыр')
  })

  test('reads a code page of two octets', () => {
    expect(
      readSound(codePage(932), messageProperties(variable(0x001e, 0x0037, Buffer.from('93fa967b00', 'hex')))).subject,
    ).toBe('日本')
  })

  test('takes windows-1252 without code page, and PR_MESSAGE_CODEPAGE before that', () => {
    expect(readSound(attribute(1, 0x00018004, ansi('\x93é\x94'))).subject).toBe('“é”')
    expect(readSound(messageProperties(number(0x3ffd, 1253), string8(0x0037, '\xe1'))).subject).toBe('α')
  })

  test('prefers properties to attributes, in whatever order (MS-OXTNEF 2.1.3)', () => {
    const subject = attribute(1, 0x00018004, ansi('?????'))
    expect(readSound(subject, messageProperties(string(0x0037, '日本語'))).subject).toBe('日本語')
    expect(readSound(messageProperties(string(0x0037, '日本語')), subject).subject).toBe('日本語')
    expect(readSound(attribute(1, 0x0002800c, ansi('old')), messageProperties(string(0x1000, 'new'))).text).toBe('new')
  })

  test.each<[what: string, list: Buffer[], subject: string]>([
    ['without the prefix length of a message store', [string(0x0037, '\x01\x05RE: hello')], 'RE: hello'],
    ['from prefix and normalized subject', [string(0x003d, 'RE: '), string(0x0e1d, 'hello')], 'RE: hello'],
    ['from the conversation topic', [string(0x0070, 'hello')], 'hello'],
    ['up to NUL', [string(0x0037, 'hel\0lo')], 'hel'],
    ['as the first of two', [string(0x0037, 'one'), string(0x0037, 'two')], 'one'],
  ])('reads the subject %s', (_, list, subject) => {
    expect(readSound(messageProperties(...list)).subject).toBe(subject)
  })

  // MS-OXTNEF 2.3.3.4
  test.each([
    ['IPM.Microsoft Mail.Note', 'IPM.Note'],
    ['IPM.Microsoft Mail.Read Receipt', 'Report.IPM.Note.IPNRN'],
    ['IPM.Microsoft Mail.Non-Delivery', 'Report.IPM.Note.NDR'],
    ['IPM.Microsoft Schedule.MtgRespP', 'IPM.Schedule.Meeting.Resp.Pos'],
    ['IPM.Microsoft Schedule.MtgReq', 'IPM.Schedule.Meeting.Request'],
    ['IPM.Microsoft Schedule.MtgCncl', 'IPM.Schedule.Meeting.Canceled'],
    ['Microsoft Mail v3.0 IPM.Microsoft Mail.Note', 'IPM.Note'],
    ['IPM.Note.Custom', 'IPM.Note.Custom'],
    ['constructor', 'constructor'],
  ])('reads message class %s as %s', (stated, messageClass) => {
    expect(readSound(attribute(1, 0x00078008, ansi(stated))).messageClass).toBe(messageClass)
  })

  test('does not report a wrong checksum of the message class (MS-OXTNEF 2.3.3.4), but of anything else', () => {
    expect(readSound(attribute(1, 0x00078008, ansi('IPM.Note'), 1)).messageClass).toBe('IPM.Note')
    const { content, defects } = read(tnef(codePage(1252), attribute(1, 0x00018004, ansi('hi'), 1)))
    expect(content!.subject).toBe('hi')
    expect(defects).toEqual([['TNEF_INVALID', 25, 'wrong checksum']])
  })

  test('reports an unknown code page, and reads on', () => {
    const { content, defects } = read(tnef(codePage(37), attribute(1, 0x00018004, ansi('hé'))))
    expect(content!.subject).toBe('hé')
    expect(defects).toEqual([['CHARSET_UNKNOWN', 34, '"cp37"']])
  })

  test('never reads a string as UTF-7', () => {
    const { content } = read(tnef(codePage(65000), attribute(1, 0x00018004, ansi('+ADw-script+AD4-'))))
    expect(content!.subject).toBe('+ADw-script+AD4-')
  })

  test('gives empty values where there is nothing', () => {
    expect(readSound()).toEqual({ subject: '', text: '', html: '', rtf: undefined, messageClass: '', attachments: [] })
  })
})

describe('readTnef: properties (MS-OXTNEF 2.1.3.4)', () => {
  const guid = Buffer.alloc(16, 7)
  test.each<[what: string, property: Buffer]>([
    ['PtypInteger16', Buffer.concat([uint16(0x0002), uint16(0x1111), uint32(5)])],
    ['PtypBoolean', Buffer.concat([uint16(0x000b), uint16(0x1111), uint32(1)])],
    ['PtypFloating64', Buffer.concat([uint16(0x0005), uint16(0x1111), Buffer.alloc(8)])],
    ['PtypTime', Buffer.concat([uint16(0x0040), uint16(0x1111), Buffer.alloc(8)])],
    ['PtypGuid', Buffer.concat([uint16(0x0048), uint16(0x1111), guid])],
    ['PtypMultipleInteger32', Buffer.concat([uint16(0x1003), uint16(0x1111), uint32(3), Buffer.alloc(12)])],
    ['PtypMultipleInteger32, empty', Buffer.concat([uint16(0x1003), uint16(0x1111), uint32(0)])],
    ['PtypMultipleString', variable(0x101f, 0x1111, unicode('a'), unicode('abc'))],
    ['PtypBinary with padding', binary(0x1111, Buffer.alloc(5))],
    [
      'a property named by number',
      Buffer.concat([uint16(0x0003), uint16(0x8001), guid, uint32(0), uint32(9), uint32(1)]),
    ],
    [
      'a property named by string',
      Buffer.concat([uint16(0x0003), uint16(0x8001), guid, uint32(1), uint32(6), padded(unicode('ab')), uint32(1)]),
    ],
  ])('reads past %s', (_, property) => {
    expect(readSound(messageProperties(property, string(0x0037, 'after'))).subject).toBe('after')
  })

  test('takes the first of several values', () => {
    expect(readSound(messageProperties(variable(0x101f, 0x0037, unicode('one'), unicode('two')))).subject).toBe('one')
    expect(readSound(messageProperties(variable(0x001f, 0x0037, unicode('one'), unicode('two')))).subject).toBe('one')
  })

  test.each<[what: string, property: Buffer, detail: string]>([
    ['an unknown type', Buffer.concat([uint16(0x0666), uint16(1), uint32(0)]), 'unknown property type'],
    [
      'a length beyond the end',
      Buffer.concat([uint16(0x1e), uint16(1), uint32(1), uint32(0xffffffff)]),
      'truncated properties',
    ],
    ['2^32-1 values', Buffer.concat([uint16(0x1003), uint16(1), uint32(0xffffffff)]), 'truncated properties'],
    ['2^32-1 strings', Buffer.concat([uint16(0x1e), uint16(1), uint32(0xffffffff)]), 'truncated properties'],
    [
      'a name beyond the end',
      Buffer.concat([uint16(0x3), uint16(0x8000), guid, uint32(1), uint32(0xfffffffe)]),
      'truncated properties',
    ],
  ])('keeps what came before %s', (_, property, detail) => {
    const { content, defects } = read(tnef(messageProperties(string(0x0037, 'before'), property)))
    expect(content!.subject).toBe('before')
    expect(defects).toEqual([['TNEF_INVALID', 15, detail]])
  })

  test('reports a count of properties that are not there', () => {
    const { defects } = read(tnef(attribute(1, 0x00069003, uint32(0xffffffff))))
    expect(defects).toEqual([['TNEF_INVALID', 15, 'truncated properties']])
  })
})

describe('readTnef: attachments', () => {
  const content = Buffer.from('content')

  test('reads several, each begun by its rendering data', () => {
    const { attachments } = readSound(
      rendering(),
      title('a.txt'),
      data(Buffer.from('A')),
      rendering(),
      data(content),
      title('b.txt'),
    )
    expect(attachments).toEqual([
      { filename: 'a.txt', type: '', contentId: '', content: new Uint8Array(Buffer.from('A')), embedded: false },
      { filename: 'b.txt', type: '', contentId: '', content: new Uint8Array(content), embedded: false },
    ])
  })

  test('reads one without rendering data', () => {
    expect(readSound(title('a.txt'), data(content)).attachments).toHaveLength(1)
  })

  test.each<[what: string, list: Buffer[], filename: string]>([
    ['PR_ATTACH_LONG_FILENAME', [string(0x3704, 'LONGNA~1.TXT'), string(0x3707, 'long näme.txt')], 'long näme.txt'],
    ['PR_ATTACH_FILENAME', [string(0x3001, 'display'), string(0x3704, 'short.txt')], 'short.txt'],
    ['attAttachTitle', [string(0x3001, 'display')], 'TITLE.TXT'],
    ['PR_ATTACH_LONG_FILENAME in a code page', [string8(0x3707, 'n\xe4me.txt')], 'näme.txt'],
  ])('takes the name from %s', (_, list, filename) => {
    const { attachments } = readSound(rendering(), title('TITLE.TXT'), data(content), attachProperties(...list))
    expect(attachments[0]!.filename).toBe(filename)
  })

  test('takes the display name where there is no other', () => {
    expect(
      readSound(rendering(), data(content), attachProperties(string(0x3001, 'shown'))).attachments[0]!.filename,
    ).toBe('shown')
  })

  test('reads media type and Content-ID', () => {
    const list = [string(0x370e, 'image/png'), string(0x3712, '<logo@example.com>')]
    const { attachments } = readSound(rendering(), data(content), attachProperties(...list))
    expect(attachments[0]).toMatchObject({ type: 'image/png', contentId: 'logo@example.com' })
  })

  test('takes the content from PR_ATTACH_DATA_BIN where there is no attribute', () => {
    const { attachments } = readSound(rendering(), attachProperties(binary(0x3701, content)))
    expect(Buffer.from(attachments[0]!.content)).toEqual(content)
  })

  test('gives a view of the source, not a copy', () => {
    const source = tnef(rendering(), data(content))
    const view = readTnef(source)!.attachments[0]!.content
    expect(view.buffer).toBe(source.buffer)
    expect(Buffer.isBuffer(view)).toBe(false)
  })

  test('gives an attached message as TNEF, to any depth without recursion', () => {
    let message = tnef(messageProperties(string(0x0037, 'innermost')))
    for (let depth = 0; depth < 200; depth++) {
      const object = variable(0x000d, 0x3701, Buffer.concat([IID_MESSAGE, message]))
      message = tnef(
        rendering(),
        data(Buffer.from('icon')),
        attachProperties(number(0x3705, 5), string(0x3001, 'Fwd'), object),
      )
    }
    let content = readTnef(message)!
    for (let depth = 0; depth < 200; depth++) {
      expect(content.attachments[0]).toMatchObject({ filename: 'Fwd', type: 'application/ms-tnef', embedded: true })
      content = readTnef(content.attachments[0]!.content)!
    }
    expect(content.subject).toBe('innermost')
  })

  test('knows an attached message by its interface where the method is missing', () => {
    const object = variable(0x000d, 0x3701, Buffer.concat([IID_MESSAGE, tnef()]))
    expect(readSound(rendering(), attachProperties(object)).attachments[0]!.embedded).toBe(true)
  })

  test('gives an OLE object without its interface identifier', () => {
    const object = variable(0x000d, 0x3701, Buffer.concat([IID_STORAGE, content]))
    const { attachments } = readSound(rendering(), attachProperties(number(0x3705, 6), object))
    expect(attachments[0]!.embedded).toBe(false)
    expect(Buffer.from(attachments[0]!.content)).toEqual(content)
  })

  test('survives an object shorter than its interface identifier', () => {
    const object = variable(0x000d, 0x3701, Buffer.alloc(3))
    const { attachments } = readSound(rendering(), attachProperties(number(0x3705, 5), object))
    expect(attachments[0]!.content).toHaveLength(0)
  })

  test('stops after 1000', () => {
    const { content, defects } = read(tnef(...Array.from({ length: 1001 }, rendering)))
    expect(content!.attachments).toHaveLength(1000)
    expect(defects).toEqual([['TNEF_INVALID', 6 + 1000 * 25, 'too many attachments']])
  })

  test('keeps the part of a truncated attachment that is there', () => {
    const source = tnef(rendering(), title('a.txt'), data(content))
    const { content: read_, defects } = read(source.subarray(0, -5))
    expect(Buffer.from(read_!.attachments[0]!.content).toString()).toBe('cont')
    expect(defects).toEqual([['TNEF_INVALID', 48, 'truncated attribute']])
  })
})

describe('readTnef: HTML', () => {
  const octets = Buffer.from('<p>\xe4\x80</p>', 'latin1')
  test.each<[what: string, list: Buffer[], expected: string]>([
    ['in PR_INTERNET_CPID', [number(0x3fde, 1251), binary(0x1013, octets)], '<p>дЂ</p>'],
    ['in UTF-8', [number(0x3fde, 65001), binary(0x1013, Buffer.from('<p>ä</p>'))], '<p>ä</p>'],
    ['in the code page of the message', [binary(0x1013, octets)], '<p>ä€</p>'],
    [
      'in its own charset',
      [binary(0x1013, Buffer.from('<meta charset=koi8-r>\xc1', 'latin1'))],
      '<meta charset=koi8-r>а',
    ],
    [
      'in its own charset, though PR_INTERNET_CPID says us-ascii',
      [number(0x3fde, 20127), binary(0x1013, Buffer.from('<meta charset=koi8-r>\xc1', 'latin1'))],
      '<meta charset=koi8-r>а',
    ],
    ['in no known code page', [number(0x3fde, 99999), binary(0x1013, octets)], '<p>ä€</p>'],
    ['as PtypString8', [string8(0x1013, '<p>\xe4</p>')], '<p>ä</p>'],
    ['as PtypString', [string(0x1013, '<p>日</p>')], '<p>日</p>'],
  ])('reads PR_BODY_HTML %s', (_, list, expected) => {
    expect(readSound(codePage(1252), messageProperties(...list)).html).toBe(expected)
  })

  test('prefers PR_BODY_HTML to what the RTF encapsulates', () => {
    const rtf = storedRtf('{\\rtf1\\fromhtml1 {\\*\\htmltag <i>}}')
    expect(readSound(messageProperties(rtf, binary(0x1013, Buffer.from('<b>')))).html).toBe('<b>')
  })
})

describe('readTnef: compressed RTF (MS-OXRTFCP)', () => {
  // The two examples of the specification.
  test.each([
    [
      '2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0',
      '{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n',
      'hello world',
    ],
    [
      '1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0',
      '{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}',
      'WXYZWXYZWXYZWXYZWXYZ',
    ],
  ])('decompresses %s', (packed, rtf, text) => {
    const content = readSound(messageProperties(binary(0x1009, Buffer.from(packed, 'hex'))))
    expect(Buffer.from(content.rtf!).toString('latin1')).toBe(rtf)
    expect(content.text).toBe(text)
  })

  test('gives stored RTF as it is', () => {
    const content = readSound(messageProperties(storedRtf('{\\rtf1 hi}')))
    expect(Buffer.from(content.rtf!).toString()).toBe('{\\rtf1 hi}')
  })

  test('reads over the end of the dictionary', () => {
    // 207 octets are there at first, 3889 fill it, "abc" goes to its start; the reference is to its last octet.
    const run = Buffer.from('\0xxxxxxxx')
    const last = Buffer.concat([Buffer.of(0x10), Buffer.from('xabc'), Buffer.of(0xff, 0xf2)])
    const contents = Buffer.concat([...Array.from({ length: 486 }, () => run), last])
    const { rtf } = readSound(messageProperties(compressedRtf(3889 + 3 + 4, contents)))
    expect(Buffer.from(rtf!.subarray(-9)).toString()).toBe('xxabcxabc')
  })

  const contents = Buffer.concat([Buffer.of(0), Buffer.from('{\\rtf1 h')])
  test.each<[what: string, property: Buffer, rtf: string | undefined, detail: string]>([
    ['a wrong CRC', compressedRtf(8, contents, 1), '{\\rtf1 h', 'wrong RTF checksum'],
    ['a raw size of 4 GB', compressedRtf(0xffffffff, contents), '{\\rtf1 h', 'RTF shorter than stated'],
    ['half a reference', compressedRtf(10, Buffer.of(1, 0xd0)), '', 'RTF shorter than stated'],
    ['nothing but the header', compressedRtf(10, Buffer.alloc(0)), '', 'RTF shorter than stated'],
    ['no header', binary(0x1009, Buffer.alloc(15)), undefined, 'truncated RTF'],
    ['another compression', binary(0x1009, Buffer.alloc(20)), undefined, 'unknown RTF compression'],
    [
      'a compressed size beyond the end',
      binary(
        0x1009,
        Buffer.concat([uint32(0xffffffff), uint32(8), ansi('LZFu').subarray(0, 4), uint32(crcOf(contents)), contents]),
      ),
      '{\\rtf1 h',
      'truncated RTF',
    ],
    [
      'stored RTF that is cut off',
      binary(
        0x1009,
        Buffer.concat([uint32(99), uint32(99), ansi('MELA').subarray(0, 4), uint32(0), Buffer.from('{\\rtf1 h')]),
      ),
      '{\\rtf1 h',
      'truncated RTF',
    ],
  ])('survives %s', (_, property, rtf, detail) => {
    const { content, defects } = read(tnef(messageProperties(property)))
    expect(content!.rtf === undefined ? undefined : Buffer.from(content!.rtf).toString()).toBe(rtf)
    expect(defects.map(defect => defect[2])).toEqual([detail])
  })

  test('never gives more than the stated size', () => {
    expect(readSound(messageProperties(compressedRtf(4, contents))).rtf).toHaveLength(4)
  })

  test('expands at most eightfold, whatever the stated size', () => {
    const run = Buffer.from(`ff${'000f'.repeat(8)}`, 'hex')
    const bomb = Buffer.concat(Array.from({ length: 1000 }, () => run))
    const { content } = read(tnef(messageProperties(compressedRtf(0xffffffff, bomb))))
    expect(content!.rtf!.length).toBeLessThanOrEqual(8 * bomb.length)
  })
})

describe('readTnef: HTML inside RTF (MS-OXRTFEX 2.2.3.2)', () => {
  test('extracts the example of MS-OXRTFEX 3.1, shortened', () => {
    const rtf = [
      '{\\rtf1\\ANSI\\ansicpg1251\\fromhtml1 \\deff0',
      '{\\fonttbl {\\f0\\fmodern Courier New;}{\\f1\\fswiss Arial;}{\\f2\\fswiss\\fcharset0 Arial;}}',
      '{\\colortbl\\red0\\green0\\blue0;\\red0\\green0\\blue255;}',
      '{\\*\\htmltag64}',
      '\\uc1\\pard\\plain\\deftab360 \\f0\\fs24',
      '{\\*\\htmltag <HTML><head>\\par',
      '<style>\\par',
      '<!--\\par',
      ' p.MsoNormal, li.MsoNormal \\{font-family:Arial;\\}\\par',
      '-->\\par',
      '</style>\\par',
      '\\tab <!-- This is a HTML comment. -->\\par',
      '</head>\\par',
      '<body>\\par',
      '<p\\par',
      'class="MsoNormal">}',
      '{\\htmlrtf \\f1 \\htmlrtf0 Note the line break inside a P tag. {\\*\\htmltag <b>}{\\htmlrtf \\b \\htmlrtf0 ',
      'This is bold text{\\*\\htmltag </b>}} \\htmlrtf\\par\\htmlrtf0}',
      '\\htmlrtf \\par \\htmlrtf0',
      '{\\*\\htmltag </p>\\par',
      '<p class="MsoNormal">\\par}',
      "{\\htmlrtf \\f1 \\htmlrtf0 references: {\\*\\htmltag &nbsp;}\\htmlrtf \\'a0\\htmlrtf0  ",
      "{\\*\\htmltag &lt;}\\htmlrtf <\\htmlrtf0  {\\*\\htmltag &uml;}\\htmlrtf {\\f2\\'a8}\\htmlrtf0",
      '{\\*\\htmltag <br>\\par}\\htmlrtf\\line\\htmlrtf0',
      ' special: \\{\\}\\\\{\\*\\htmltag <br>\\par}\\htmlrtf\\line\\htmlrtf0\\htmlrtf\\par\\htmlrtf0}',
      '{\\*\\htmltag </p>\\par',
      '</body></HTML>}}',
    ].join('\r\n')
    const content = readSound(messageProperties(storedRtf(rtf)))
    expect(content.text).toBe('')
    expect(content.html).toBe(
      [
        '<HTML><head>',
        '<style>',
        '<!--',
        ' p.MsoNormal, li.MsoNormal {font-family:Arial;}',
        '-->',
        '</style>',
        '\t<!-- This is a HTML comment. -->',
        '</head>',
        '<body>',
        '<p',
        'class="MsoNormal">Note the line break inside a P tag. <b>This is bold text</b> </p>',
        '<p class="MsoNormal">',
        'references: &nbsp; &lt; &uml;<br>',
        ' special: {}\\<br>',
        '</p>',
        '</body></HTML>',
      ].join('\r\n'),
    )
  })

  test.each<[what: string, rtf: string, expected: string]>([
    ['markup', '{\\*\\htmltag84 <b>}x{\\*\\htmltag92 </b>}', '<b>x</b>'],
    ['nothing of \\htmlrtf', 'a\\htmlrtf \\b b\\htmlrtf0 c', 'ac'],
    ['nothing of markup within \\htmlrtf', 'a\\htmlrtf {\\*\\htmltag <b>}\\htmlrtf0 c', 'ac'],
    ['\\htmlrtf up to the end of its group', 'a{\\htmlrtf b}c', 'ac'],
    ['nothing of \\*\\mhtmltag', '{\\*\\mhtmltag <a href="x">}{\\*\\htmltag <a>}', '<a>'],
    ['nothing of unknown destinations', 'a{\\*\\unknown b{c}d}e', 'ae'],
    ['nothing of bullets', "{\\pntext\\f1\\'b7\\tab}item", 'item'],
    ['text with angle brackets escaped', 'a <script> & b', 'a &lt;script&gt; & b'],
    ['escaped angle brackets escaped', "\\'3cscript\\u62?", '&lt;script&gt;'],
    ['octets of markup in the default code page', "{\\*\\htmltag \\'e9}", 'é'],
    ['Unicode', '\\u1076?\\u-10179?\\u-8704?', 'д😀'],
    ['Unicode with its fallback skipped', "\\uc2\\u1076\\'83\\'65x{\\uc0\\u1076 y}\\u1076ab", 'дxдyд'],
    ['a fallback that ends with the group', '{\\u1076}x', 'дx'],
    ['control words that are characters', '\\lquote a\\rquote\\~\\emdash b\\_', '‘a’\u00a0—b\u00ad'],
    ['no part of binary data', 'a\\bin3 }}}b', 'ab'],
    ['nothing after the document', 'a}b', 'a'],
    ['a lone surrogate as U+FFFD', '\\u-10179?x', '\ufffdx'],
    ['a hyphen after a control word', '\\b-x', '-x'],
    ['line breaks of \\par only', 'a\r\nb\\par\r\nc', 'ab\r\nc'],
  ])('takes %s', (_, rtf, expected) => {
    expect(html(rtf)).toBe(expected)
  })

  test('reads text in the code page of its font', () => {
    const fonts =
      '\\deff0{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\fnil\\fcharset128 MS Gothic;}{\\f2\\fcharset204 A;}{\\f3\\cpg950 B;}}'
    expect(html(`${fonts}\\f1 \\'93\\'fa\\'83e {\\f2 \\'e4}\\f3\\'a4\\'a4\\plain\\'e4`)).toBe('日テ д中ä')
    expect(html(`${fonts}\\f1{\\*\\htmltag \\'e4}`)).toBe('ä')
  })

  test('believes \\fromhtml in the header only', () => {
    const rtf = '{\\rtf1\\ansi x\\fromhtml1 {\\*\\htmltag <script>}y}'
    const content = readSound(messageProperties(storedRtf(rtf)))
    expect([content.html, content.text]).toEqual(['', 'xy'])
  })
})

describe('readTnef: text inside RTF', () => {
  test.each<[what: string, rtf: string, expected: string]>([
    ['text', 'a <b> & c\\par d\\tab e', 'a <b> & c\r\nd\te'],
    ['no font or color table', '{\\fonttbl{\\f0 Arial;}}{\\colortbl;\\red0;}a', 'a'],
  ])('takes %s of \\fromtext', (_, rtf, expected) => {
    expect(text(rtf)).toBe(expected)
  })

  test('prefers the body to the RTF', () => {
    expect(readSound(messageProperties(storedRtf('{\\rtf1\\fromtext rtf}'), string(0x1000, 'body'))).text).toBe('body')
  })

  test('takes the text of native RTF only where there is nothing else', () => {
    const rtf = storedRtf(
      '{\\rtf1{\\stylesheet{\\s0 Normal;}}{\\info{\\author X}}{\\header h}native{\\pict 00ff}\\par}',
    )
    expect(readSound(messageProperties(rtf)).text).toBe('native\r\n')
    expect(readSound(messageProperties(rtf, string(0x1013, '<p>'))).text).toBe('')
  })

  test('takes nothing of what is no RTF', () => {
    expect(readSound(messageProperties(storedRtf('plain')))).toMatchObject({ text: '', html: '' })
  })
})

describe('readTnef: hostile bodies', () => {
  const sound = tnef(
    codePage(1252),
    attribute(1, 0x00078008, ansi('IPM.Microsoft Mail.Note')),
    messageProperties(
      number(0x3fde, 65001),
      string(0x0037, 'subject'),
      Buffer.concat([uint16(0x1003), uint16(0x1111), uint32(2), Buffer.alloc(8)]),
      storedRtf(
        "{\\rtf1\\ansi\\fromhtml1{\\fonttbl{\\f0\\fcharset128 A;}}\\f0\\'93\\'fa{\\*\\htmltag <b>}\\u1076?\\bin2 ab}",
      ),
      binary(0x1009, Buffer.from('1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0', 'hex')),
    ),
    rendering(),
    title('a.txt'),
    data(Buffer.from('content')),
    attachProperties(string(0x3707, 'long.txt'), variable(0x000d, 0x3701, Buffer.concat([IID_MESSAGE, tnef()]))),
  )

  test('the body that is damaged below is sound', () => {
    expect(read(sound)).toMatchObject({ content: { subject: 'subject', html: '日<b>д' }, defects: [] })
  })

  test('survives truncation at every offset, and reports it', () => {
    for (let length = 0; length < sound.length; length++) {
      const { content, defects } = read(sound.subarray(0, length))
      expect(content === undefined).toBe(length < 6)
      for (const [, offset] of defects) expect(offset).toBeLessThanOrEqual(length)
    }
    expect(read(sound.subarray(0, -1)).defects).toHaveLength(1)
  })

  test('survives each octet set to each of 0, 1, 127, 128, 255', () => {
    for (let index = 0; index < sound.length; index++) {
      for (const value of [0, 1, 127, 128, 255]) {
        const damaged = Buffer.from(sound)
        damaged[index] = value
        read(damaged)
      }
    }
  })

  test('survives random damage', () => {
    const damage = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(damage, fc.nat(sound.length), (changes, length) => {
        const damaged = Buffer.from(sound)
        for (const [index, value] of changes) damaged[index] = value
        const { content } = read(damaged.subarray(0, length))
        for (const attachment of content?.attachments ?? []) {
          expect(attachment.content.length).toBeLessThanOrEqual(length)
        }
      }),
      { numRuns: 3000 },
    )
  })

  test('survives random RTF', () => {
    const token = fc.constantFrom(
      ...[
        '{',
        '}',
        '\\',
        '\\*',
        '\\htmltag',
        '\\htmlrtf',
        '\\htmlrtf0',
        '\\fonttbl',
        '\\f1',
        '\\fcharset128',
        '\\u',
        '\\u-1',
      ],
      ...[
        '\\uc99',
        '\\uc-1',
        "\\'",
        "\\'9",
        "\\'93",
        '\\bin',
        '\\bin99',
        '\\bin-9',
        '\\cpg99999999999',
        '\\ansicpg0',
        '<',
        'x',
        '\n',
        '\xff',
      ],
    )
    fc.assert(
      fc.property(fc.array(token, { maxLength: 60 }), tokens => {
        const { content } = read(tnef(messageProperties(storedRtf(`{\\rtf1\\fromhtml1${tokens.join('')}`))))
        expect(content!.html).toBe(Buffer.from(content!.html).toString())
      }),
      { numRuns: 3000 },
    )
  })

  test('reports each defect once, with the offset of the first', () => {
    const wrong = attribute(1, 0x00010001, Buffer.of(1), 9)
    expect(read(tnef(...Array.from({ length: 1000 }, () => wrong))).defects).toEqual([
      ['TNEF_INVALID', 6, 'wrong checksum'],
    ])
  })

  test('takes blanks behind the last attribute for nothing, and anything else for a defect', () => {
    expect(read(Buffer.concat([sound, Buffer.from('\r\n\0 ')])).defects).toEqual([])
    expect(read(Buffer.concat([sound, Buffer.from('\r\nx')])).defects).toEqual([
      ['TNEF_INVALID', sound.length, 'unknown attribute level'],
    ])
  })

  test.each([[''], ['x'], ['x\x9f>!\0\0'], ['x\x9f>"\0'], ['\x89PNG\r\n\x1a\n']])('is undefined for %j', source => {
    expect(read(Buffer.from(source, 'latin1'))).toEqual({
      content: undefined,
      defects: [['TNEF_INVALID', 0, 'no TNEF signature']],
    })
  })

  test.each([
    ['groups', '{', ''],
    ['groups that close', '{', '}'],
    ['destinations', '{\\*\\x', '}'],
    ['Unicode', '\\u9?', ''],
    ['code pages', "\\f1\\'93\\f0 x", ''],
    ['fonts', '{\\fonttbl\\f1\\fcharset128\\f2\\fcharset0', '}'],
    ['angle brackets', '<', ''],
    ['binary', '\\bin0 ', ''],
    ['long control words', 'x\\'.padEnd(5000, 'a'), ''],
    ['long parameters', '\\u'.padEnd(5000, '1'), ''],
  ])('reads 1 MB of %s in linear time', (_, open, close) => {
    const times = Math.ceil(1_000_000 / (open.length + close.length))
    const body = tnef(
      messageProperties(
        storedRtf(`{\\rtf1\\fromhtml1{\\fonttbl{\\f1\\fcharset128 A;}}${open.repeat(times)}${close.repeat(times)}}`),
      ),
    )
    const started = performance.now()
    read(body)
    expect(performance.now() - started).toBeLessThan(5000)
  })
})

/* ---- the corpus ---- */

const corpus = fileURLToPath(
  new URL(process.env.MIMECAL_CORPUS ?? '../shared/corpus', new URL('../../', import.meta.url)),
)
const hasCorpus = existsSync(`${corpus}/eml`)
if (!hasCorpus) console.warn(`tnef.test.ts: no corpus at ${corpus}; set MIMECAL_CORPUS. Its tests are skipped.`)
const sha256 = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex')

// Witnesses: names, sizes and hashes of attachments are those that tnef 1.4.18 and ytnef 2.0.0 extract; media types
// those of tnef; classes, subjects and the size of the HTML those of ytnefprint; the RTF that of decompressrtf 0.1.4.
describe.skipIf(!hasCorpus)('readTnef: corpus', () => {
  const winmail = (name: string): Reading => read(readFileSync(`${corpus}/eml/apache+poi/test-data/hmef/${name}`))
  const filesOf = (content: TnefContent | undefined): [string, string, number, string][] =>
    content!.attachments.map(file => [file.filename, file.type, file.content.length, sha256(file.content)])

  test('a message without attachments', () => {
    const { content, defects } = winmail('bug52400-winmail-simple.dat')
    expect(defects).toEqual([])
    expect(content).toMatchObject({ subject: 'Testing TNEF Message', messageClass: 'IPM.Note', attachments: [] })
    expect(content!.html).toHaveLength(473)
    expect(content!.html).toContain('This is the message body.')
  })

  test('a message with two attachments', () => {
    const { content, defects } = winmail('bug52400-winmail-with-attachments.dat')
    expect(defects).toEqual([])
    expect(content).toMatchObject({ subject: 'TNEF test message with attachments', messageClass: 'IPM.Note' })
    expect(content!.html).toHaveLength(672)
    expect(filesOf(content)).toEqual([
      [
        'scion_tc_2007_maintenanceguide.pdf',
        'application/pdf',
        193258,
        'b617b1efa60d79c40fbb6f201446ebce8d2fe4f9728c60ea9e2e64012ad6b26e',
      ],
      ['Duke_Wave.png', 'image/png', 122016, '7c02c7331088a3169246fb8aec7f9c4f85f9192122a6b80d6e09d219cd68ec77'],
    ])
  })

  test('a message from Exchange Online', () => {
    const { content, defects } = winmail('bug63955-winmail.dat')
    expect(defects).toEqual([])
    expect(content).toMatchObject({ subject: 'Test', messageClass: 'IPM.Note' })
    expect(content!.html).toHaveLength(1697)
    expect(filesOf(content)).toEqual([
      ['SI-61597.pdf', '', 236426, 'b9261bf9cbbe2116e1a3c951cb7ae23c46d47922f6458e939cf7ec19673ac89d'],
      ['SI-61598.pdf', '', 236653, 'f8f7f17b72e86d8ea26dc495c34907434a922f6667043e91388ca0f73f1955c3'],
    ])
  })

  test('a message with short names and a body in native RTF', () => {
    const { content, defects } = winmail('quick-winmail.dat')
    expect(defects).toEqual([])
    expect(content).toMatchObject({ subject: 'This is a test message', messageClass: 'IPM.Note', html: '' })
    expect(content!.rtf).toHaveLength(25528)
    expect(sha256(content!.rtf!)).toBe('81f0340e47351ec2472303af15d31381169b0d9caad489d4b24383eb727671a0')
    // PR_RTF_SYNC_BODY_TAG of the same message has these letters.
    expect(content!.text.replace(/[^a-z()]/gi, '').toUpperCase()).toBe(
      'THESEAREFIVEFILESFIVEFILESFROMHELL(WELLOUTLOOKACTUALLY)',
    )
    expect(filesOf(content)).toEqual([
      ['quick.doc', '', 19968, '1240639edc264abf046523eed4bd0a154b0c4e487a9ec8b74be9d0c51b7de124'],
      ['quick.html', '', 428, '5e7daab0b3edcfeec62bbde2371c95fc4fe7099469448abcee94cd49ffba072e'],
      ['quick.pdf', '', 18638, '263bea348ce44185f191b32efee29be44ef7ef7cc45ed32b9ae6753b1103d7d0'],
      ['quick.txt', '', 235, 'becf39adaa5a3526600ed1d443b5fd382e9879c219a08d183c0660382c59fb56'],
      ['quick.xml', '', 143, 'cc1704ac3bf0c4b83388c4e1912bbca08cc4dadcfc551521112b55794770a20c'],
    ])
  })

  test('a count of values that made another reader allocate gigabytes', () => {
    const { content, defects } = winmail('oom.tnef')
    expect(content!.attachments).toEqual([])
    // tnef and ytnef report the checksum as well.
    expect(defects).toEqual([
      ['TNEF_INVALID', 6, 'wrong checksum'],
      ['TNEF_INVALID', 15, 'truncated properties'],
    ])
  })

  test.each(['bsd 01', 'bsd 02', 'bsd 03', 'bsd 04', 'bsd 05', 'bsd 07', 'bsd 08', 'dos 01', 'mac 01'])(
    'the properties of a non-delivery report of Amazon WorkMail: %s',
    name => {
      const [folder, index] = name.split(' ')
      const body = tnefOf(`sisimai+set-of-emails/maildir/${folder}/lhost-amazonworkmail-${index}.eml`)
      expect(read(body)).toEqual({
        content: {
          subject: 'Delivery Status Notification (Failure)',
          text: '',
          html: '',
          rtf: undefined,
          messageClass: 'REPORT.IPM.Note.NDR',
          attachments: [],
        },
        defects: [],
      })
    },
  )

  test('an image that is labelled application/ms-tnef', () => {
    const body = tnefOf('zbateson+mail-mime-parser/tests/_data/emails/m4006.txt')
    expect(body.subarray(1, 4).toString()).toBe('PNG')
    expect(readTnef(body)).toBeUndefined()
  })

  /** The application/ms-tnef part, found without any parser of this project. */
  function tnefOf(path: string): Buffer {
    const message = readFileSync(`${corpus}/eml/${path}`, 'latin1').replace(/\r\n?/g, '\n')
    const part = message.slice(message.search(/^Content-Type: application\/ms-tnef/m))
    const encoded = part.slice(part.indexOf('\n\n')).split(/\n--/, 1)[0]!
    return Buffer.from(encoded, 'base64')
  }
})
