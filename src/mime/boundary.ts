/**
 * Boundaries: RFC 2046 §5.1.1.
 *
 * All boundaries of a message share one random stem that occurs nowhere in what is written without an encoding, so
 * that none of them can. The ordinal stands before the stem and is ended by "_": no boundary is a prefix of another.
 * "=_" at the start cannot occur in quoted-printable, and neither character of it in the lines of base64.
 */

import { mimeError } from '../errors.ts'

/** A source of random octets. */
export type Random = (octets: number) => Uint8Array

/** Octets that a stem is made of. */
const STEM_OCTETS = 16

/** Text that nobody can guess: hexadecimal digits, and hyphens between them where it is made here. */
export function randomToken(random: Random | undefined): string {
  if (random === undefined) return globalThis.crypto.randomUUID()
  const octets: unknown = random(STEM_OCTETS)
  if (!(octets instanceof Uint8Array) || octets.length < STEM_OCTETS) {
    throw mimeError('OPTION_INVALID', 'random', `must give ${STEM_OCTETS} octets`)
  }
  let token = ''
  for (const octet of octets.subarray(0, STEM_OCTETS)) token += octet.toString(16).padStart(2, '0')
  return token
}

/**
 * A stem that does not occur in any content.
 *
 * @param occurs whether some content that is written without an encoding holds the text
 */
export function chooseStem(random: Random | undefined, occurs: (stem: string) => boolean): string {
  const token = randomToken(random)
  let stem = token
  // Ends: contents are finite. A random source that repeats itself must not keep this from it.
  // With the "_" before it, which is rare: a search for a digit would stop all the time.
  for (let attempt = 1; occurs(`_${stem}`); attempt++) stem = `${token}${attempt}`
  return stem
}

/** The boundary of the multipart with this ordinal. */
export function boundaryOf(stem: string, ordinal: number): string {
  return `=_${ordinal}_${stem}`
}
