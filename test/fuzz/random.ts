/**
 * Numbers that look random and come again with their seed: xoshiro128** of Blackman and Vigna, seeded by splitmix32.
 *
 * `Math.random` cannot be seeded, and fast-check makes values, not choices.
 */

/** Source of choices; the same seed gives the same ones, on every machine. */
export class Random {
  #a: number
  #b: number
  #c: number
  #d: number

  /** @param seed 32 bits of it count */
  constructor(seed: number) {
    let state = seed | 0
    const next = (): number => {
      state = (state + 0x9e3779b9) | 0
      let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
      return mixed ^ (mixed >>> 15)
    }
    this.#a = next()
    this.#b = next()
    this.#c = next()
    this.#d = next()
  }

  /** A whole number of 32 bits, 0 or more. */
  uint32(): number {
    const product = Math.imul(this.#b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9)
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = (this.#d << 11) | (this.#d >>> 21)
    return result >>> 0
  }

  /** A whole number from 0 up to, not including, `end`; 0 where `end` is 0. */
  below(end: number): number {
    return Math.floor((this.uint32() / 2 ** 32) * end)
  }

  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1)
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }

  /** A length: small ones more often than large ones, at most `max`. */
  length(max: number): number {
    return this.below(Math.min(2 ** this.between(0, 31 - Math.clz32(max || 1)), max) + 1)
  }
}

/** 32 bits of a text or of octets by FNV-1a: for choices that belong to an input, wherever it comes from. */
export function hashOf(octets: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const octet of octets) hash = Math.imul(hash ^ octet, 0x01000193)
  return hash >>> 0
}
