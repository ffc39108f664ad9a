import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldTokens, foldValue, MAX_LINE_LENGTH, PREFERRED_LINE_LENGTH, unfold } from '../../src/header/fold.ts'
import { growthRatio } from '../codec/slow/growth.ts'

/** Lines of a value that stands after `column` characters. */
function lineLengths(folded: string, column: number): number[] {
  return folded.split('\r\n').map((line, index) => line.length + (index === 0 ? column : 0))
}

const token = (length: number, letter = 'x'): string => letter.repeat(length)

describe('foldTokens', () => {
  test('joins what fits with single spaces', () => {
    expect(foldTokens(['a', 'b', 'c'], 70)).toBe('a b c')
    expect(foldTokens([], 10)).toBe('')
  })

  test.each([
    { column: 0, first: 37, second: 38, folds: false },
    { column: 0, first: 37, second: 39, folds: true },
    { column: 9, first: 28, second: 38, folds: false },
    { column: 10, first: 28, second: 38, folds: true },
  ])('breaks a line that would be over 76: $column + $first + 1 + $second', ({ column, first, second, folds }) => {
    const folded = foldTokens([token(first), token(second)], column)
    expect(folded).toBe(`${token(first)}${folds ? '\r\n ' : ' '}${token(second)}`)
  })

  test('never makes an empty first line (RFC 5322 §3.2.2)', () => {
    expect(foldTokens([token(500), 'b'], 40)).toBe(`${token(500)}\r\n b`)
  })

  test('keeps every line that can be kept within 76, and loses nothing', () => {
    const tokens = fc.array(
      fc.integer({ min: 1, max: 120 }).map(length => token(length)),
      { minLength: 1 },
    )
    fc.assert(
      fc.property(tokens, fc.integer({ min: 0, max: 60 }), (list, column) => {
        const folded = foldTokens(list, column)
        expect(unfold(folded)).toBe(list.join(' '))
        for (const [index, line] of folded.split('\r\n').entries()) {
          const isOneToken = !line.slice(1).includes(' ')
          const length = line.length + (index === 0 ? column : 0)
          expect(isOneToken || length <= PREFERRED_LINE_LENGTH).toBe(true)
        }
      }),
    )
  })
})

describe('foldValue', () => {
  test('leaves a value that fits its line', () => {
    expect(foldValue('a  b\tc', 60)).toBe('a  b\tc')
    expect(foldValue('', 10)).toBe('')
  })

  test('folds at single spaces only: never in a run, at a tab, at a no-break space, or at an end', () => {
    for (const blank of ['  ', '\t', ' \t', '\t ', '\u00a0', '\u2028', '\u2003']) {
      const value = `${token(50)}${blank}${token(50)}`
      expect(foldValue(value, 10)).toBe(value)
    }
    expect(foldValue(` ${token(80)} `, 10)).toBe(` ${token(80)} `)
    expect(foldValue(`${token(50)} ${token(50)}`, 10)).toBe(`${token(50)}\r\n ${token(50)}`)
  })

  test.each([
    { column: 10, length: MAX_LINE_LENGTH - 10, writable: true },
    { column: 10, length: MAX_LINE_LENGTH - 9, writable: false },
    { column: 200, length: MAX_LINE_LENGTH - 199, writable: false },
  ])('a first stretch of $length after $column: $writable (RFC 5322 §2.1.1)', ({ column, length, writable }) => {
    expect(foldValue(`${token(length)} b`, column) !== undefined).toBe(writable)
  })

  test.each([
    { length: MAX_LINE_LENGTH - 1, writable: true },
    { length: MAX_LINE_LENGTH, writable: false },
  ])('a later stretch of $length: $writable', ({ length, writable }) => {
    expect(foldValue(`a ${token(length)}`, 10) !== undefined).toBe(writable)
  })

  test('what it writes has no line over 998, none of blanks only, and unfolds to the value', () => {
    const value = fc
      .array(
        fc.oneof(
          fc.constantFrom(' ', '  ', '\t', ', '),
          fc.integer({ min: 1, max: 300 }).map(n => token(n)),
        ),
      )
      .map(pieces => pieces.join(''))
    fc.assert(
      fc.property(value, fc.integer({ min: 0, max: 80 }), (text, column) => {
        const folded = foldValue(text, column)
        fc.pre(folded !== undefined)
        expect(unfold(folded!)).toBe(text)
        expect(Math.max(...lineLengths(folded!, column))).toBeLessThanOrEqual(
          Math.max(MAX_LINE_LENGTH, column + PREFERRED_LINE_LENGTH),
        )
        const lines = folded!.split('\r\n')
        if (lines.length > 1) expect(lines.filter(line => line.trim() === '')).toEqual([])
      }),
    )
  })
})

describe('unfold', () => {
  test('takes line breaks out and leaves the blanks after them (RFC 5322 §2.2.3)', () => {
    expect(unfold('a\r\n b\n\tc\r  d\r\r\n e')).toBe('a b\tc  d e')
  })
})

test.each([
  { what: 'folding many words', run: (n: number) => foldValue('abc '.repeat(n), 10) },
  { what: 'folding a run of spaces', run: (n: number) => foldValue(`${' '.repeat(4 * n)}x`, 10) },
  { what: 'unfolding many lines', run: (n: number) => unfold('\r\n '.repeat(n)) },
])('$what takes time in proportion', { retry: 2 }, ({ run }) => {
  expect(growthRatio(20_000, n => n, run)).toBeLessThan(3)
})
