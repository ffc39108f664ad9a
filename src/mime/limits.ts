/**
 * What reading a message may cost. Time and memory are linear in the input anyway; limits bound what a hostile message
 * makes of it. Beyond one, the rest is kept as one opaque part, and a defect says so.
 */
import { mimeError } from '../errors.ts'

/** Limits of a reader; each is a whole number of 0 or more. */
export interface Limits {
  /** Octets of the whole source; beyond it reading throws `LIMIT_OCTETS`. Default: no limit. */
  readonly maxOctets: number
  /** Nested multiparts and messages. Default 100; real messages stay below 20. */
  readonly depth: number
  /** Messages inside messages. Default 10. */
  readonly rfc822Depth: number
  /** Parts of the whole tree. Default 10,000. */
  readonly parts: number
  /** Octets of one header section. Default 1 MiB. */
  readonly headerOctets: number
  /** Fields of one header section. Default 10,000. */
  readonly fields: number
}

/** What holds where the caller sets nothing. */
export const DEFAULT_LIMITS: Limits = {
  maxOctets: Number.POSITIVE_INFINITY,
  depth: 100,
  rfc822Depth: 10,
  parts: 10_000,
  headerOctets: 1024 * 1024,
  fields: 10_000,
}

/**
 * The defaults with what the caller sets.
 *
 * @throws {MimeError} OPTION_INVALID where a limit is no whole number of 0 or more (Infinity is allowed)
 */
export function resolveLimits(limits: Partial<Limits> | undefined): Limits {
  if (limits === undefined) return DEFAULT_LIMITS
  const resolved: Record<keyof Limits, number> = { ...DEFAULT_LIMITS }
  for (const name of Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]) {
    const value: unknown = Object.hasOwn(limits, name) ? limits[name] : undefined
    if (value === undefined) continue
    if (typeof value !== 'number' || !(value >= 0) || (Number.isFinite(value) && !Number.isInteger(value))) {
      throw mimeError('OPTION_INVALID', `limits.${name}`, 'must be a whole number of 0 or more')
    }
    resolved[name] = value
  }
  return resolved
}
