/**
 * Faults of other composers in parameters of Content-Type and Content-Disposition, names of files first among them:
 * one row each, named after whose it was. RFC 2231, RFC 2047 where mailers before RFC 2231 read it, RFC 2183.
 */
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { openReaders, type Readers } from '../conformance/readers.ts'
import { attach, linesOf, type Row, testRows, type Wire } from './wire.ts'

let readers: Readers
beforeAll(() => {
  readers = openReaders()
})
afterAll(() => readers.close())

const TYPE = 'application/x-test'
const typeOf = (wire: Wire): string => wire.field('Content-Type', wire.part(TYPE))
const dispositionOf = (wire: Wire): string => wire.field('Content-Disposition', wire.part(TYPE))

const LONG = `${'blåbærsyltetøy '.repeat(20)}.pdf`

describe('names of files', () => {
  const rows: readonly Row[] = [
    {
      fault: 'nodemailer#579: segments of filename*N*= are not quoted, since Gmail cuts the name at a quote',
      entity: attach({ Filename: LONG }),
      check(wire) {
        const segments = dispositionOf(wire).match(/filename\*\d+\*=[^;]*/g)!
        expect(segments.length).toBeGreaterThan(5)
        for (const segment of segments) expect(segment).toMatch(/^filename\*\d+\*=(?:utf-8'')?[A-Za-z0-9%._-]+$/)
        expect(wire.entity.Attachments[0]!.Filename).toBe(LONG)
      },
    },
    {
      fault: 'nodemailer 36bcf1a: every segment that holds "%" is starred, so that no name ends in %C3%BC',
      entity: attach({ Filename: `${'x'.repeat(200)}ü` }),
      check(wire) {
        for (const [, star, value] of dispositionOf(wire).matchAll(/filename\*\d+(\*?)=([^;\r\n]*)/g)) {
          if (value!.includes('%')) expect(star).toBe('*')
        }
        expect(wire.part(TYPE).dispositionParameters.get('filename')).toBe(`${'x'.repeat(200)}ü`)
      },
    },
    {
      fault: 'MimeKit#585, #186, #231, #281, MailKit#1041: Outlook gets a name= of encoded-words beside filename*=',
      entity: attach({ Filename: 'Übersicht 2024.pdf' }),
      check(wire) {
        expect(typeOf(wire)).toBe(`${TYPE};\r\n name="=?utf-8?Q?=C3=9Cbersicht_2024=2Epdf?="`)
        expect(dispositionOf(wire)).toBe(
          'attachment; filename*=utf-8\'\'%C3%9Cbersicht%202024.pdf;\r\n filename="Ubersicht 2024.pdf"',
        )
      },
    },
    {
      fault: 'Python: a name is not given in RFC 2231 form alone',
      entity: attach({ Filename: '山田.pdf' }),
      check(wire) {
        expect(typeOf(wire)).toMatch(/name="=\?utf-8\?B\?5bGx55SwLnBkZg==\?="/)
        expect(dispositionOf(wire)).toMatch(/filename="?__\.pdf"?$/)
      },
    },
    {
      fault: 'MimeKit: filename*= and an ASCII filename= stand side by side, the first one first',
      entity: attach({ Filename: 'é "x".txt' }),
      check: wire => expect(dispositionOf(wire)).toMatch(/^attachment; filename\*=[^;]+;\s+filename="e _x_\.txt"$/),
    },
    {
      fault: 'mimetext: no raw octets of UTF-8 in quotes',
      entity: attach({ Filename: 'é.txt', Description: 'é', Type: `${TYPE}; t="é"` }),
      check: wire => expect(wire.text).not.toMatch(/[^\0-\x7f]/),
    },
    {
      fault: 'mail-builder, go-message, enmime: no encoded-word in Content-Disposition, nor in another parameter',
      entity: attach({ Filename: 'é.txt', Type: `${TYPE}; title="é"` }),
      check(wire) {
        expect(dispositionOf(wire)).not.toContain('=?')
        expect(typeOf(wire)).toMatch(/title\*=utf-8''%C3%A9/)
        expect(typeOf(wire).match(/=\?/g)).toHaveLength(1)
      },
    },
    {
      fault: 'mail-builder#51: a long name is on many lines of at most 78 characters',
      entity: attach({ Filename: LONG }, { Filename: `${'n'.repeat(2000)}.txt`, Type: 'application/x-long' }),
      check(wire) {
        for (const part of wire.parts) {
          for (const name of ['Content-Type', 'Content-Disposition']) {
            for (const line of linesOf(wire, name, part)) expect(line.length).toBeLessThanOrEqual(78)
          }
        }
        expect(wire.entity.Attachments[1]!.Filename).toBe(`${'n'.repeat(2000)}.txt`)
      },
    },
    {
      fault: 'libmime 5.6: an ASCII name of 75 characters and more keeps its plain filename= and name=',
      entity: attach({ Filename: `${'n'.repeat(100)}.txt` }),
      check(wire) {
        expect(typeOf(wire)).toBe(`${TYPE};\r\n name=${'n'.repeat(100)}.txt`)
        expect(dispositionOf(wire)).toBe(`attachment;\r\n filename=${'n'.repeat(100)}.txt`)
      },
    },
    {
      fault: 'libmime 5.5: a name that looks like an encoded-word in percent-encoding is decoded once',
      entity: attach({ Filename: 'a%3D%3Futf-8%3FQ%3F%3D2Eexe%3F%3D' }),
      check: wire => expect(wire.entity.Attachments[0]!.Filename).toBe('a%3D%3Futf-8%3FQ%3F%3D2Eexe%3F%3D'),
    },
    {
      fault: 'libmime 5.6 (not a defect): quotes, backslash-free specials and surrogates in a name come back',
      entity: attach({ Filename: `a"b";c=d, (e) 'f' *0*= 100%41 🙂.txt` }, { Filename: 'x\ud800.txt', Type: 'a/b' }),
      check: wire =>
        expect(wire.entity.Attachments.map(({ Filename }) => Filename)).toEqual([
          `a"b";c=d, (e) 'f' *0*= 100%41 🙂.txt`,
          'x\ufffd.txt',
        ]),
    },
    {
      fault: 'postal-mime 7b0ca9d: what other readers misread is written so that none can: Invoice(1).pdf',
      entity: attach({ Filename: 'Invoice(1).pdf' }),
      check: wire => expect(dispositionOf(wire)).toBe('attachment; filename="Invoice(1).pdf"'),
    },
  ]
  testRows(rows, () => readers)
})

describe('parameters of Content-Type', () => {
  const rows: readonly Row[] = [
    {
      fault: 'libmime 5.6: parameters whose name is no token are left out, not written',
      entity: attach({ Type: `${TYPE}; a; charset=x; naïve=y; sp ace=z` }),
      check: wire => expect(typeOf(wire)).toBe(`${TYPE}; charset=x; name=a.bin`),
    },
    {
      fault: 'libmime 5.6: an empty value is a quoted-string, not an empty token',
      entity: attach({ Type: `${TYPE}; x=` }),
      check: wire => expect(typeOf(wire)).toBe(`${TYPE}; x=""; name=a.bin`),
    },
    {
      fault: 'libmime 5.6: a media type that is not ASCII is refused, not written as it stands',
      entity: attach({ Type: 'text/plaïn; x=y' }),
      refused: ['CONTENT_TYPE_INVALID', 'Attachments[0].Type'],
    },
    {
      fault: 'libmime 5.6 (not a defect): values with quotes, backslashes and semicolons come back',
      entity: attach({ Type: `${TYPE}; x="a\\"b\\\\c; d=e"` }),
      check: wire => expect(wire.part(TYPE).parameters.get('x')).toBe('a"b\\c; d=e'),
    },
    {
      fault: 'enmime, go-message: no line over 998 octets: a long parameter is split or refused',
      entity: attach({ Type: `${TYPE}; x=${'a'.repeat(2000)}` }),
      check: wire => expect(wire.part(TYPE).parameters.get('x')).toBe('a'.repeat(2000)),
    },
    {
      fault: 'mail-builder, go-message: a parameter that looks like an encoded-word is in RFC 2231 form',
      entity: attach({ Type: `${TYPE}; x="=?utf-8?Q?=41?="` }),
      check: wire => expect(wire.part(TYPE).parameters.get('x')).toBe('=?utf-8?Q?=41?='),
    },
    ...[
      { what: 'media type', Type: `application/${'a'.repeat(2000)}`, path: 'Type' },
      { what: 'name of a parameter', Type: `${TYPE}; ${'a'.repeat(2000)}=1`, path: 'Type' },
    ].map(
      ({ what, Type, path }): Row => ({
        fault: `nodemailer 10.6, mimetext: no line over 998 octets: a ${what} of 2000 characters is refused`,
        entity: attach({ Type }),
        refused: ['CONTENT_TYPE_INVALID', `Attachments[0].${path}`],
      }),
    ),
    {
      fault: 'nodemailer 10.6, mimetext: no line over 998 octets: a Disposition of 2000 characters is attachment',
      entity: attach({ Disposition: 'a'.repeat(2000) }),
      check: wire => expect(dispositionOf(wire)).toBe('attachment; filename=a.bin'),
    },
  ]
  testRows(rows, () => readers)
})
