import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boundaryOf, chooseStem, randomToken } from '../../src/mime/boundary.ts'

const counting = () => {
  let next = 0
  return (octets: number) => Uint8Array.from({ length: octets }, () => next++ & 0xff)
}

test('a token is 128 random bits in hexadecimal, of which a UUID (RFC 9562 §5.4) fixes six', () => {
  expect(randomToken(counting())).toBe('000102030405060708090a0b0c0d0e0f')
  const tokens = Array.from({ length: 100 }, () => randomToken(undefined))
  expect(new Set(tokens).size).toBe(100)
  for (const token of tokens)
    expect(token).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('a stem occurs in no content, though random() gives the same octets for ever', () => {
  const same = () => new Uint8Array(16)
  const token = '0'.repeat(32)
  const taken = new Set([token, `${token}1`, `${token}2`])
  expect(chooseStem(same, text => taken.has(text.slice(text.indexOf('_') + 1)))).toBe(`${token}3`)
  expect(chooseStem(same, () => false)).toBe(token)
})

test('RFC 2046 §5.1.1: at most 70 characters, of bchars, and safe in a quoted-string', () => {
  const boundary = boundaryOf(`${randomToken(undefined)}99999`, 9_999_999)
  expect(boundary.length).toBeLessThanOrEqual(70)
  expect(boundary).toMatch(/^[0-9A-Za-z'()+_,\-./:=?]+$/)
})

test('RFC 2045 §6.7: "=_" never stands in quoted-printable, nor in a line of base64', () => {
  expect(boundaryOf('ab', 1)).toMatch(/^=_/)
})

test('no boundary is the beginning of another, whatever the ordinals', () => {
  const ordinal = fc.integer({ min: 1, max: 100_000 })
  fc.assert(
    fc.property(ordinal, ordinal, fc.stringMatching(/^[0-9a-f]{32}\d{0,3}$/), (a, b, stem) => {
      fc.pre(a !== b)
      expect(boundaryOf(stem, a).startsWith(boundaryOf(stem, b))).toBe(false)
    }),
  )
})
