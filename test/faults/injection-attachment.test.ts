/**
 * Attachments: names of files, types, dispositions, encodings and identifiers that mean to be more than that.
 */
import { Buffer } from 'node:buffer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EMailAttachmentInput } from '../../src/index.ts'
import { openReaders, type Readers } from '../conformance/readers.ts'
import { attach, composeWire, PLAIN_ENTITY, type Row, refusalOf, testRows } from './wire.ts'

let readers: Readers
beforeAll(() => {
  readers = openReaders()
})
afterAll(() => readers.close())

describe('attachments', () => {
  const namesOfFiles: readonly (readonly [given: string, read: string])[] = [
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['C:\\Users\\a.txt', 'a.txt'],
    ['/etc/cron.d/x', 'x'],
    ['a/..', ''],
    ['..', ''],
    ['.', ''],
    ['a"; filename="evil.exe', 'a"; filename="evil.exe'],
    ["utf-8''evil%2Eexe", "utf-8''evil%2Eexe"],
    ['a%0d%0aX-Evil: 1', 'a%0d%0aX-Evil: 1'],
    ['a%3D%3Futf-8%3FQ%3F%3D2Eexe%3F%3D', 'a%3D%3Futf-8%3FQ%3F%3D2Eexe%3F%3D'],
    ['=?utf-8?Q?evil=2Eexe?=', '=?utf-8?Q?evil=2Eexe?='],
    ['a; b=c', 'a; b=c'],
    ['(comment).txt', '(comment).txt'],
    ['*0*', '*0*'],
    ['a\u2028b.txt', 'a\u2028b.txt'],
    ['__proto__', '__proto__'],
  ]
  testRows(
    namesOfFiles.map(
      ([Filename, read]): Row => ({
        fault: `the name ${JSON.stringify(Filename)} is read as ${JSON.stringify(read)}`,
        entity: attach({ Filename }),
        check(wire) {
          const found = wire.part('application/x-test')
          expect(Buffer.from(found.dispositionParameters.get('filename') ?? '', 'utf8').toString()).toBe(read)
          expect(wire.entity.Attachments.map(attachment => attachment.Filename)).toEqual([read])
        },
      }),
    ),
    () => readers,
  )

  const invalid: readonly (readonly [EMailAttachmentInput, code: string, path: string])[] = [
    [{ Type: 'multipart/mixed; boundary=x' }, 'CONTENT_TYPE_INVALID', 'Type'],
    [{ Type: 'Multipart/Mixed' }, 'CONTENT_TYPE_INVALID', 'Type'],
    [{ Type: 'multipart (c)/mixed' }, 'CONTENT_TYPE_INVALID', 'Type'],
    [{ Type: 'text' }, 'CONTENT_TYPE_INVALID', 'Type'],
    [{ Type: 'text/' }, 'CONTENT_TYPE_INVALID', 'Type'],
    [{ Type: 'text/plain charset=utf-8' }, 'CONTENT_TYPE_INVALID', 'Type'],
    [{ Type: 'text/pl@in' }, 'CONTENT_TYPE_INVALID', 'Type'],
    [{ Type: '; charset=utf-8' }, 'CONTENT_TYPE_INVALID', 'Type'],
    [{ Id: 'a b' }, 'MESSAGE_ID_INVALID', 'Id'],
    [{ Id: 'a>b' }, 'MESSAGE_ID_INVALID', 'Id'],
    [{ Id: 'a> <b' }, 'MESSAGE_ID_INVALID', 'Id'],
    [{ Id: 'å@b' }, 'MESSAGE_ID_INVALID', 'Id'],
    [{ Id: 'a'.repeat(2000) }, 'MESSAGE_ID_INVALID', 'Id'],
    [{ Stream: 'AQID\r\n--=_1_x' }, 'CONTENT_BASE64', 'Stream'],
    [{ Stream: 'A' }, 'CONTENT_BASE64', 'Stream'],
    [{ Stream: null }, 'CONTENT_MISSING', 'Stream'],
    [{ Stream: 5 as unknown as string }, 'TYPE_INVALID', 'Stream'],
  ]
  test.each(invalid)('%j: %s', (attachment, code, path) => {
    const { problems } = refusalOf({ ...PLAIN_ENTITY, ...attach(attachment) }, {})
    expect(problems.map(problem => [problem.code, problem.path])).toEqual([[code, `Attachments[0].${path}`]])
  })

  const neutral: readonly (readonly [given: EMailAttachmentInput, type: string, disposition: string])[] = [
    [{ Type: 'a/b; name=evil.exe' }, 'a/b; name=a.bin', 'attachment; filename=a.bin'],
    [{ Type: "a/b; name*=utf-8''evil.exe; NAME=x.exe" }, 'a/b; name=a.bin', 'attachment; filename=a.bin'],
    [{ Type: 'a/b; filename*0=x; x*=y' }, 'a/b; x=y; name=a.bin', 'attachment; filename=a.bin'],
    [
      { Type: 'a/b; __proto__=x; constructor=y' },
      'a/b; __proto__=x; constructor=y; name=a.bin',
      'attachment; filename=a.bin',
    ],
    [{ Type: 'a/b; x="\\"; name=evil.exe"' }, 'a/b; x="\\"; name=evil.exe"; name=a.bin', 'attachment; filename=a.bin'],
    [{ Type: 'a/b; charset=b; charset=c' }, 'a/b; charset=b; name=a.bin', 'attachment; filename=a.bin'],
    [{ Type: 'a/b; na(me=x)me=y; x=z' }, 'a/b; x=z; name=a.bin', 'attachment; filename=a.bin'],
    [{ Type: 'a/b', Disposition: 'attachment; filename=evil.exe' }, 'a/b; name=a.bin', 'attachment; filename=a.bin'],
    [{ Type: 'a/b', Disposition: 'in line' }, 'a/b; name=a.bin', 'attachment; filename=a.bin'],
    [{ Type: 'a/b', Disposition: 'inline; x=y' }, 'a/b; name=a.bin', 'inline; filename=a.bin'],
    [{ Type: 'a/b', Encoding: 'x-evil' }, 'a/b; name=a.bin', 'attachment; filename=a.bin'],
    [{ Type: 'a/b', Encoding: 'binary' }, 'a/b; name=a.bin', 'attachment; filename=a.bin'],
    [{ Type: 'a/b', Encoding: 'base64; X-Evil: 1' }, 'a/b; name=a.bin', 'attachment; filename=a.bin'],
  ]
  test.each(neutral)('%j is written as %s', (given, type, disposition) => {
    const wire = composeWire(attach(given))
    const part = wire.root.parts[1]!
    expect(wire.field('Content-Type', part)).toBe(type)
    expect(wire.field('Content-Disposition', part)).toBe(disposition)
    expect(part.encoding).toBe('base64')
  })

  test('a boundary parameter that is ours divides nothing', () => {
    const first = composeWire(attach({}))
    const boundary = first.root.parameters.get('boundary')!
    const wire = composeWire(
      attach({ Type: `a/b; boundary="${boundary}"`, Filename: `--${boundary}--`, Description: `--${boundary}` }),
    )
    expect(wire.root.parts).toHaveLength(2)
    expect(wire.entity.Attachments[0]!.Filename).toBe(`--${boundary}--`)
  })
})
