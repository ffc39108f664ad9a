import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Mailbox, parseAddressList } from '../../src/header/address.ts'
import { describeAddressList, formatAddressList, toWritableAddress } from '../../src/header/address-format.ts'
import { unfold } from '../../src/header/fold.ts'

describe('toWritableAddress, strict', () => {
  test.each([
    { address: 'a.b+c@x.test', written: 'a.b+c@x.test' },
    { address: "!#$%&'*/=?^_`{|}~-@x.test", written: "!#$%&'*/=?^_`{|}~-@x.test" },
    { address: '"a b"@x.test', written: '"a b"@x.test' },
    { address: '"a@b"@x.test', written: '"a@b"@x.test' },
    { address: 'a@blåbær.example', written: 'a@xn--blbr-roah.example' },
    { address: 'a@BLÅBÆR.example', written: 'a@xn--blbr-roah.example' },
    { address: 'a@例え。テスト', written: 'a@xn--r8jz45g.xn--zckzah' },
    { address: 'a@１x.test', written: 'a@1x.test' },
    { address: 'a@[192.0.2.1]', written: 'a@[192.0.2.1]' },
    { address: 'a@[IPv6:2001:db8::1]', written: 'a@[IPv6:2001:db8::1]' },
    { address: 'a@localhost', written: 'a@localhost' },
    { address: 'a@_dmarc.x.test', written: 'a@_dmarc.x.test' },
  ])('writes $address', ({ address, written }) => {
    expect(toWritableAddress(address, false)).toEqual({ address: written, smtpUtf8: false })
  })

  test('RFC 6531: a non-ASCII local part needs SMTPUTF8 and keeps its domain', () => {
    expect(toWritableAddress('jõser@blåbær.example', false)).toEqual({
      address: 'jõser@blåbær.example',
      smtpUtf8: true,
    })
    for (const address of ['"å,b"@x.test', 'å.b.c@x.test']) {
      expect(toWritableAddress(address, false)).toEqual({ address, smtpUtf8: true })
    }
  })

  test('RFC 5321 §4.5.3.1.2: a domain has 255 octets at most', () => {
    const domain = Array(4).fill('x'.repeat(63)).join('.')
    expect(toWritableAddress(`a@${domain}`, false)).toEqual({ address: `a@${domain}`, smtpUtf8: false })
    expect(toWritableAddress(`a@y${domain.slice(0, -2)}.z`, false)).toBe('domain')
    expect(toWritableAddress(`a@${domain.slice(0, -2)}.zz`, false)).toBe('domain')
  })

  test('a lone surrogate has no octets', () => {
    for (const address of ['a\ud83d@x.test', 'a@x\ude00.test']) {
      expect([toWritableAddress(address, false), toWritableAddress(address, true)]).toEqual(['syntax', 'syntax'])
    }
  })

  test.each([
    'a',
    'a@',
    '@x.test',
    'a@b@c.test',
    'a b@x.test',
    'a@x.test>',
    'a@x.test,b@y.test',
    'a@x.test>,<b@y.test',
    'a@x.test (c)',
    'a@x .test',
    '<a@x.test>',
    'N <a@x.test>',
    '@r.test:a@x.test',
    'g:a@x.test;',
    '"a@x.test',
    '"a\\@x.test',
    'a..b@x.test',
    '.a@x.test',
    'a.@x.test',
    'a,b@x.test',
    '"a"@x.test',
    'a@x.test.',
    '',
  ])('refuses the syntax of %j', address => {
    expect(['syntax', 'domain']).toContain(toWritableAddress(address, false))
  })

  test.each([
    'a@x_.-test',
    'a@-x.test',
    `a@${'x'.repeat(64)}.test`,
    `a@${'x.'.repeat(130)}test`,
    'a@x!y.test',
    'a@x/y.test',
    'a@x%40y.test',
    'a@１２７.0.0.1',
    'a@０x7f.1',
    'a@blå bær.test',
    'a@blå/bær.test',
    'a@blå＠bær.test',
    'a@blå／bær.test',
    'a@blå？.test',
    'a@[x@evil.test]',
    'a@[]',
    'a@[é]',
    'a@[a b]',
  ])('refuses the domain of %j', address => {
    expect(['syntax', 'domain']).toContain(toWritableAddress(address, false))
  })
})

const anyCharacter = () => fc.integer({ min: 0, max: 0x10ffff }).map(code => String.fromCodePoint(code))

const name = () =>
  fc
    .string({
      unit: fc.oneof(anyCharacter(), fc.constantFrom(...'"\\,;:<>@()[]. =?å日😀')),
      maxLength: 80,
    })
    .map(text => text.replace(/[\0-\x1f\x7f]|\p{Surrogate}/gu, ''))

const mailbox = (): fc.Arbitrary<Mailbox> =>
  fc.record({
    name: name(),
    address: fc.constantFrom('a@x.test', '"a, <b>"@x.test', 'b@[192.0.2.1]', 'a.b+c@x.example', 'å@x.test'),
  })

describe('writing', () => {
  test('round trip: a list comes back from its folded field', () => {
    fc.assert(
      fc.property(
        fc.array(mailbox(), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 4, max: 30 }),
        (list, column) => {
          const folded = formatAddressList(list, column)
          for (const [index, line] of folded.split('\r\n').entries()) {
            expect(line.length + (index === 0 ? column : 0)).toBeLessThanOrEqual(78)
          }
          expect(parseAddressList(unfold(folded))).toEqual(list)
        },
      ),
      { numRuns: 300 },
    )
  })

  test("round trip: a list comes back from its description in 'keep' mode", () => {
    fc.assert(
      fc.property(fc.array(mailbox(), { maxLength: 4 }), list => {
        expect(parseAddressList(describeAddressList(list), undefined, 'keep')).toEqual(list)
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    { name: 'Jane Doe', address: 'j@x.y', written: 'Jane Doe <j@x.y>' },
    { name: '', address: 'j@x.y', written: 'j@x.y' },
    { name: 'Doe, Jane', address: 'j@x.y', written: '"Doe, Jane" <j@x.y>' },
    { name: 'J. Doe', address: 'j@x.y', written: '"J. Doe" <j@x.y>' },
    { name: 'Doe ;,', address: 'j@x.y', written: '"Doe ;," <j@x.y>' },
    { name: 'a "b" \\', address: 'j@x.y', written: '"a \\"b\\" \\\\" <j@x.y>' },
    { name: 'j@x.y', address: 'j@x.y', written: '"j@x.y" <j@x.y>' },
    { name: 'Åse Østby', address: 'j@x.y', written: '=?utf-8?B?w4VzZSDDmHN0Ynk=?= <j@x.y>' },
    { name: '=?utf-8?Q?a?=', address: 'j@x.y', written: '=?utf-8?B?PT91dGYtOD9RP2E/PQ==?= <j@x.y>' },
    { name: ' a', address: 'j@x.y', written: '=?utf-8?Q?_a?= <j@x.y>' },
    { name: "O'Neill & Co", address: 'j@x.y', written: "O'Neill & Co <j@x.y>" },
    { name: 'Jane', address: '', written: 'Jane' },
    { name: '', address: 'postmaster', written: '<postmaster>' },
  ])('$written', ({ name, address, written }) => {
    expect(formatAddressList([{ name, address }], 4)).toBe(written)
  })

  test('writes each mailbox of a list as it would alone', () => {
    const list = [
      { name: '', address: 'a@x.test' },
      { name: 'Doe, J', address: 'j@x.test' },
      { name: '', address: '"b c"@x.test' },
      { name: 'Jane', address: '' },
    ]
    expect(formatAddressList(list, 4)).toBe('a@x.test, "Doe, J" <j@x.test>, "b c"@x.test, Jane')
  })

  test('only the first name has less room for the field name', () => {
    const long = { name: 'å'.repeat(60), address: 'a@x.test' }
    const folded = formatAddressList([long, long], 50)
    expect(folded.indexOf('\r\n')).toBeLessThanOrEqual(76 - 50)
    expect(folded.split(',\r\n ')[1]).toBe(formatAddressList([long], 1))
  })

  test.each([
    { name: '', address: 'j@x.y', written: 'j@x.y' },
    { name: '', address: 'postmaster', written: '<postmaster>' },
    { name: 'Jane Åse', address: 'j@x.y', written: 'Jane Åse <j@x.y>' },
    { name: 'Jane  Doe', address: 'j@x.y', written: '"Jane  Doe" <j@x.y>' },
    { name: ' Jane', address: 'j@x.y', written: '" Jane" <j@x.y>' },
    { name: 'Doe, "J"', address: 'j@x.y', written: '"Doe, \\"J\\"" <j@x.y>' },
    { name: 'Jane', address: '', written: 'Jane' },
  ])('describes as $written', ({ name, address, written }) => {
    expect(describeAddressList([{ name, address }])).toBe(written)
    expect(
      describeAddressList([
        { name, address },
        { name: '', address: 'a@b.c' },
      ]),
    ).toBe(`${written}, a@b.c`)
  })

  test('a mailbox that is longer than a line folds between its words', () => {
    const word = 'x'.repeat(30)
    const folded = `${word} ${word}\r\n ${word} <a@b.c>`
    expect(formatAddressList([{ name: `${word} ${word} ${word}`, address: 'a@b.c' }], 4)).toBe(folded)
  })

  test('a name of up to 60 characters is quoted, and a longer one encoded', () => {
    const quoted = `${'x'.repeat(58)}, y`.slice(-60)
    expect(formatAddressList([{ name: quoted, address: 'a@b.c' }], 1)).toBe(`"${quoted}" <a@b.c>`)
    expect(formatAddressList([{ name: `x${quoted}`, address: 'a@b.c' }], 1)).toMatch(/^=\?utf-8\?/)
    const atom = `+${'x'.repeat(59)}`
    expect(formatAddressList([{ name: atom, address: 'a@b.c' }], 1)).toBe(`${atom} <a@b.c>`)
    expect(formatAddressList([{ name: `${atom}x`, address: 'a@b.c' }], 1)).toMatch(/^=\?utf-8\?/)
  })

  test('a name that fits no line becomes encoded-words, so that it folds', () => {
    const folded = formatAddressList([{ name: 'x'.repeat(2000), address: 'a@b.c' }], 4)
    expect(Math.max(...folded.split('\r\n').map(line => line.length))).toBeLessThanOrEqual(76)
    expect(parseAddressList(unfold(folded))[0]!.name).toBe('x'.repeat(2000))
  })

  test('plain names and addresses are one line where that has room, and fold between words where not', () => {
    const list = Array.from({ length: 6 }, (_, index) => ({
      name: `Jane Doe ${index}`,
      address: `jane${index}@x.test`,
    }))
    expect(formatAddressList(list.slice(0, 2), 4)).toBe('Jane Doe 0 <jane0@x.test>, Jane Doe 1 <jane1@x.test>')
    expect(formatAddressList(list.slice(0, 3), 4)).toBe(
      'Jane Doe 0 <jane0@x.test>, Jane Doe 1 <jane1@x.test>, Jane Doe 2\r\n <jane2@x.test>',
    )
    expect(parseAddressList(unfold(formatAddressList(list, 4)))).toEqual(list)
  })
})
