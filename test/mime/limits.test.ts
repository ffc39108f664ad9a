import { expect, test } from 'vitest'
import { MimeError } from '../../src/errors.ts'
import { DEFAULT_LIMITS, type Limits, resolveLimits } from '../../src/mime/limits.ts'

const NAMES = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]

test('the defaults are those of the design', () => {
  expect(DEFAULT_LIMITS).toEqual({
    maxOctets: Infinity,
    depth: 100,
    rfc822Depth: 10,
    parts: 10_000,
    headerOctets: 1_048_576,
    fields: 10_000,
  })
  expect(resolveLimits(undefined)).toEqual(DEFAULT_LIMITS)
  expect(resolveLimits({})).toEqual(DEFAULT_LIMITS)
})

test('what the caller sets replaces a default; undefined does not', () => {
  expect(resolveLimits({ depth: 0, parts: Infinity, fields: undefined as unknown as number })).toEqual({
    ...DEFAULT_LIMITS,
    depth: 0,
    parts: Infinity,
  })
})

test.each(NAMES)('limits.%s is a whole number of 0 or more', name => {
  for (const value of [-1, 1.5, Number.NaN, -Infinity, '10', null, true, 10n, {}, []]) {
    try {
      resolveLimits({ [name]: value } as unknown as Partial<Limits>)
      expect.unreachable(`${String(value)} was taken`)
    } catch (error) {
      expect(error).toBeInstanceOf(MimeError)
      expect(error).toMatchObject({ code: 'OPTION_INVALID', path: `limits.${name}` })
    }
  }
  for (const value of [0, 1, Number.MAX_SAFE_INTEGER, Infinity])
    expect(resolveLimits({ [name]: value })[name]).toBe(value)
})

test('only own properties count: a polluted prototype sets nothing', () => {
  expect(resolveLimits(Object.create({ depth: 1 }) as Partial<Limits>).depth).toBe(100)
  expect(resolveLimits(JSON.parse('{"__proto__": {"depth": 1}, "unknown": -1}')).depth).toBe(100)
})
