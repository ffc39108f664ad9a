import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatMsgId, isCommonMsgId, parseMsgIds } from '../../src/header/msg-id.ts'
import { growthRatio } from '../codec/slow/growth.ts'

function parse(value: string): { ids: string[]; defects: unknown[] } {
  const defects: unknown[] = []
  return { ids: parseMsgIds(value, (code, offset) => defects.push([code, offset])), defects }
}

describe('parseMsgIds', () => {
  test.each([
    {
      what: 'RFC 5322 A.2',
      value: '<1234@local.machine.example>\r\n <3456@example.net>',
      ids: ['<1234@local.machine.example>', '<3456@example.net>'],
    },
    { what: 'a comment, which is skipped', value: '<a@b> (added by postmaster@x.y)', ids: ['<a@b>'] },
    { what: 'an obsolete phrase', value: 'Your message of 2 Jun <a@b>, <c@d>', ids: ['<a@b>', '<c@d>'] },
    { what: 'no blanks between', value: '<a@b><c@d>', ids: ['<a@b>', '<c@d>'] },
    { what: 'blanks and folds inside', value: '<a b\r\n @ c>', ids: ['<ab@c>'] },
    { what: 'a domain literal', value: '<a@[192.0.2.1]>', ids: ['<a@[192.0.2.1]>'] },
    { what: 'no "@"', value: '<20230602.abc>', ids: ['<20230602.abc>'] },
    { what: 'a doubled bracket', value: '<<a@b>>', ids: ['<a@b>'] },
    { what: 'a bracket that was never closed before it', value: '<junk <a@b>', ids: ['<a@b>'] },
    { what: 'no closing bracket', value: '<a@b', ids: ['<a@b>'] },
    { what: 'no brackets', value: 'a@b, c@d e@f>', ids: ['<a@b>', '<c@d>', '<e@f>'] },
    { what: 'words without brackets that are none', value: 'Message a@b of Friday', ids: ['<a@b>'] },
    { what: 'controls, which go', value: '<a\0\x7f@b>', ids: ['<a@b>'] },
    { what: 'nothing (mailparser#385)', value: '', ids: [] },
    { what: 'blanks', value: ' \t ', ids: [] },
    { what: '__proto__', value: '<__proto__> <constructor>', ids: ['<__proto__>', '<constructor>'] },
  ])('reads $what', ({ value, ids }) => {
    expect(parse(value)).toEqual({ ids, defects: [] })
  })

  test.each([
    { what: 'no identifier', value: 'hello', ids: [], at: 0 },
    { what: 'empty brackets', value: '<a@b> <>', ids: ['<a@b>'], at: 6 },
    { what: 'an identifier that fits no line', value: `<a@b> <${'x'.repeat(901)}>`, ids: ['<a@b>'], at: 6 },
    { what: 'one that fits none in UTF-8', value: `<${'å'.repeat(451)}>`, ids: [], at: 0 },
    { what: 'one without brackets that fits none', value: `${'x'.repeat(900)}@y`, ids: [], at: 0 },
  ])('reports $what', ({ value, ids, at }) => {
    expect(parse(value)).toEqual({ ids, defects: [['MSG_ID_INVALID', at]] })
  })

  test('whatever is read can be written again as it is', () => {
    const value = fc.string({ unit: fc.constantFrom(...'<<>>@ab.,() \t\r\n\0\x7f"\\åx') })
    fc.assert(
      fc.property(value, text => {
        for (const id of parseMsgIds(text)) {
          expect(formatMsgId(id, true)).toBe(id)
          expect(parseMsgIds(id)).toEqual([id])
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('formatMsgId', () => {
  test.each([
    { text: 'a@b', id: '<a@b>' },
    { text: '<a@b>', id: '<a@b>' },
    { text: '<CAF+x_y=z$1@mail.example.com>', id: '<CAF+x_y=z$1@mail.example.com>' },
    { text: '<a@[192.0.2.1]>', id: '<a@[192.0.2.1]>' },
    { text: '<answered@all.the.same@host>', id: '<answered@all.the.same@host>' },
    { text: `<${'x'.repeat(898)}@y>`, id: `<${'x'.repeat(898)}@y>` },
  ])('writes $text', ({ text, id }) => {
    expect(formatMsgId(text, false)).toBe(id)
  })

  test.each([
    { what: 'nothing', text: '', lenient: false },
    { what: 'empty brackets', text: '<>', lenient: false },
    { what: 'no "@"', text: '<abc>', lenient: true },
    { what: 'a blank', text: '<a b@c>', lenient: false },
    { what: 'a line break', text: '<a@b>\r\nBcc: x', lenient: false },
    { what: 'a control (nodemailer 9.0.5)', text: '<a\x7f@b>', lenient: false },
    { what: 'a bracket', text: '<a@b> <c@d>', lenient: false },
    { what: 'one bracket', text: '<a@b', lenient: false },
    { what: 'characters beyond ASCII', text: '<å@b>', lenient: true },
    { what: 'more than fits a line', text: `<${'x'.repeat(899)}@y>`, lenient: false },
    { what: 'more than fits a line in UTF-8', text: `<${'å'.repeat(450)}@y>`, lenient: false },
  ])('refuses $what, but for what some message may have had', ({ text, lenient }) => {
    expect(formatMsgId(text, false)).toBeUndefined()
    expect(formatMsgId(text, true)).toBe(lenient ? text : undefined)
  })
})

test('an identifier that is taken for a common one is writable as it stands', () => {
  const text = fc.stringMatching(/^<?[a-zå@.<> ]{0,12}@?[a-z\0.-]{0,8}>?$/)
  fc.assert(
    fc.property(text, id => {
      if (isCommonMsgId(id)) expect(formatMsgId(id, false)).toBe(id)
    }),
    { numRuns: 500 },
  )
  expect(isCommonMsgId('<20260112.091530@crm.example.no>')).toBe(true)
  expect(isCommonMsgId(`<${'x'.repeat(300)}@y>`)).toBe(false)
})

describe('time is in proportion to', { retry: 2 }, () => {
  test.each([
    { what: 'nodemailer 10.1.3, open brackets', unit: '<' },
    { what: 'closing brackets', unit: '>' },
    { what: 'brackets', unit: '<<>' },
    { what: 'identifiers', unit: '<a@b> ' },
    { what: 'identifiers without brackets', unit: 'a@b ' },
    { what: 'blanks', unit: ' ' },
    { what: 'blanks in an identifier', unit: ' ', head: '<' },
  ])('$what', ({ unit, head = '' }) => {
    expect(
      growthRatio(
        5_000,
        n => head + unit.repeat(n),
        value => parseMsgIds(value),
      ),
    ).toBeLessThan(3)
  })
})
