import { expect, test } from 'vitest'
import { best, median, speedRatio } from '../../bench/statistics.js'

test('takes the smallest sample and the one in the middle', () => {
  expect(best([3, 1, 2])).toBe(1)
  expect(median([30, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 30])).toBe(3)
  expect(median([7])).toBe(7)
})

test('leaves the samples in their order', () => {
  const samples = [3, 1, 2]
  median(samples)
  expect(samples).toEqual([3, 1, 2])
})

test('says how many times as fast the first is', () => {
  expect(speedRatio([2, 9], [8, 30])).toBe(4)
  expect(speedRatio([2, 8], [8, 32], median)).toBe(4)
})
