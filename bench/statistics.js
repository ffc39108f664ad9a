/**
 * Statistics of samples: what is said of several rounds of one measurement.
 *
 * The best round is what the code can do; the median is what it did. Ratios compare the best of either side, since on
 * a shared machine noise only ever adds time.
 */

/**
 * The smallest sample.
 *
 * @param {readonly number[]} samples at least one
 * @returns {number}
 */
export function best(samples) {
  return Math.min(...samples)
}

/**
 * The sample in the middle; of an even number the mean of the two.
 *
 * @param {readonly number[]} samples at least one
 * @returns {number}
 */
export function median(samples) {
  const sorted = samples.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? at(sorted, middle) : (at(sorted, middle - 1) + at(sorted, middle)) / 2
}

/**
 * How many times as fast the one is as the other: of times, so 4 where `other` takes four times as long as `own`.
 *
 * @param {readonly number[]} own
 * @param {readonly number[]} other
 * @param {(samples: readonly number[]) => number} of {@link best} or {@link median}
 * @returns {number}
 */
export function speedRatio(own, other, of = best) {
  return of(other) / of(own)
}

/**
 * @param {readonly number[]} numbers
 * @param {number} index
 * @returns {number}
 */
function at(numbers, index) {
  return /** @type {number} */ (numbers[index])
}
