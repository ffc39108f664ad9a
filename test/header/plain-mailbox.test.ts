import { describe, expect, test } from 'vitest'
import { isCommonAddress, PLAIN_NAME, plainMailboxAt } from '../../src/header/plain-mailbox.ts'

describe('isCommonAddress', () => {
  const label = 'a'.repeat(63)

  test.each([
    'a@b',
    'jane.doe@example.com',
    "!#$%&'*+/=^_`{|}~-.!#$%&'*+/=^_`{|}~-@x.y",
    'a.b.c@d.e.f',
    'ab@cd-ef.gh--ij.k1',
    `a@${label}.${label}`,
    `a@${'b.'.repeat(125)}cd`,
  ])('%s', address => {
    expect(isCommonAddress(address)).toBe(true)
  })

  test.each([
    ['', 'nothing'],
    ['a', 'no "@"'],
    ['@b', 'no local part'],
    ['a@', 'no domain'],
    ['a@b@c', 'two "@"'],
    ['.a@b', 'a dot first'],
    ['a.@b', 'a dot last'],
    ['a..b@c', 'two dots'],
    ['a@.b', 'a dot first in the domain'],
    ['a@b.', 'a dot last in the domain'],
    ['a@b..c', 'two dots in the domain'],
    ['a@-b', 'a hyphen first in a label'],
    ['a@b-', 'a hyphen last in a label'],
    ['a@b.-c', 'a hyphen first in the second label'],
    ['a@b.c-', 'a hyphen last in the second label'],
    ['a@b_c', 'no letter, digit or hyphen'],
    ['a@b.c_d', 'no letter, digit or hyphen in the second label'],
    [`a@${label}a`, 'a label of 64 characters'],
    [`a@b.${label}a`, 'a second label of 64 characters'],
    [`a@${'b.'.repeat(125)}cde`, '255 characters'],
    ['=?a@b', 'what starts like an encoded-word'],
    ['"a"@b', 'a quoted-string'],
    ['a @b', 'a blank'],
    ['a@[1.2.3.4]', 'a literal'],
    ['å@b', 'not ASCII'],
    [' a@b', 'a blank before it'],
    ['a@b ', 'a blank after it'],
  ])('not %j: %s', address => {
    expect(isCommonAddress(address)).toBe(false)
  })
})

test.each([
  ['A', true],
  ['Jane Doe', true],
  ['Jane 2 Doe 3 van 4', true],
  [`${'a'.repeat(40)} ${'b'.repeat(40)}`, true],
  ['', false],
  ['a b c d e f g', false],
  ['a'.repeat(41), false],
  [`a ${'b'.repeat(41)}`, false],
  ['a  b', false],
  [' a', false],
  ['a ', false],
  ['J. Doe', false],
  ['Åse', false],
])('%j is a plain name: %j', (name, expected) => {
  expect(PLAIN_NAME.test(name)).toBe(expected)
})

describe('plainMailboxAt', () => {
  const long = `a@${'b.'.repeat(125)}cd`

  test.each([
    { value: 'a@b.c', start: 0, name: '', address: 'a@b.c', end: 5 },
    { value: ' a@b.c,d', start: 0, name: '', address: 'a@b.c', end: 6 },
    { value: 'x,a@b.c,', start: 2, name: '', address: 'a@b.c', end: 7 },
    { value: 'x, a@b.c', start: 2, name: '', address: 'a@b.c', end: 8 },
    { value: '<a@b.c>', start: 0, name: '', address: 'a@b.c', end: 7 },
    { value: 'x, <a@b.c>, d@e.f', start: 2, name: '', address: 'a@b.c', end: 10 },
    { value: 'Jane Doe <a@b.c>', start: 0, name: 'Jane Doe', address: 'a@b.c', end: 16 },
    { value: 'x, Jane <a@b.c>, d@e.f', start: 2, name: 'Jane', address: 'a@b.c', end: 15 },
    { value: '"Doe, Jane" <a@b.c>, "Doe, J" <d@e.f>', start: 0, name: 'Doe, Jane', address: 'a@b.c', end: 19 },
    { value: 'x, "Doe, <J>" <a@b.c>,', start: 2, name: 'Doe, <J>', address: 'a@b.c', end: 21 },
    { value: `"${'n'.repeat(100)}" <${long}>`, start: 0, name: 'n'.repeat(100), address: long, end: 359 },
    { value: `${long},${' '.repeat(400)}`, start: 0, name: '', address: long, end: 254 },
  ])('$value from $start', ({ value, start, ...expected }) => {
    expect(plainMailboxAt(value, start)).toEqual(expected)
  })

  test.each([
    ['', 'nothing'],
    [',a@b.c', 'nothing before the comma'],
    ['  a@b.c', 'two blanks before it'],
    ['a@b.c ', 'a blank after it'],
    ['a@b.c ,d', 'a blank before the comma'],
    ['a@b.c; d@e.f', 'a semicolon'],
    ['a@b.c>', 'a bracket that closes nothing'],
    ['<a@b.c', 'a bracket that nothing closes'],
    ['<a@b.c> ', 'a blank after the bracket'],
    ['Jane<a@b.c>', 'no blank before the bracket'],
    ['Jane  <a@b.c>', 'two blanks before the bracket'],
    ['J. Doe <a@b.c>', 'a dot in the name'],
    ['J <<a@b.c>', 'two brackets'],
    ['J <a@b.c>>', 'two brackets at the end'],
    ['J <a.@b.c>', 'an address that is not common'],
    ['"J" <a.@b.c>', 'an address that is not common after a quoted name'],
    ['"J"<a@b.c>', 'no blank after a quoted name'],
    ['"J\\"" <a@b.c>', 'an escape'],
    ['"=?" <a@b.c>', 'what starts like an encoded-word'],
    ['"" <a@b.c>', 'a name of no characters'],
    ['"Å" <a@b.c>', 'a name that is not ASCII'],
    [`"${'n'.repeat(101)}" <a@b.c>`, 'a name of 101 characters'],
    ['a "J" <a@b.c>', 'a word before the quoted name'],
    [`a@b.c${' '.repeat(400)}`, 'more than what one can be long'],
  ])('none in %j: %s', value => {
    expect(plainMailboxAt(value, 0)).toBeUndefined()
  })

  test('what is cut off at 400 characters is not taken for the whole', () => {
    const name = `${`${'n'.repeat(40)} `.repeat(3)}${'n'.repeat(20)}`
    expect(`${name} <${long}>`).toHaveLength(400)
    expect(plainMailboxAt(`${name} <${long}>`, 0)).toBeUndefined()
    expect(plainMailboxAt(`${name} <${long}>x`, 0)).toBeUndefined()
    expect(plainMailboxAt(`${name.slice(1)} <${long}>`, 0)).toEqual({ name: name.slice(1), address: long, end: 399 })
  })
})
