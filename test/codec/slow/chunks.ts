/**
 * Inputs in chunks, for tests that a streaming decoder gives what one call gives.
 */
import fc from 'fast-check'

/** Octets of the source cut at the given places, which are taken modulo its length. */
export function cutAt(source: Uint8Array, places: readonly number[]): Uint8Array[] {
  const cuts = places.map(place => place % (source.length + 1)).sort((a, b) => a - b)
  return [0, ...cuts].map((cut, index) => source.subarray(cut, cuts[index] ?? source.length))
}

export const cuts = (): fc.Arbitrary<number[]> => fc.array(fc.nat(), { maxLength: 8 })
