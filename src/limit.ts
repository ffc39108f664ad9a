/**
 * Limits: what the caller of a reader may set, checked in one place. Which there are, and why so high, stands with each
 * reader: ./mime/limits.ts, ./calendar/limits.ts, ./entity/limits.ts.
 */
import { mimeError } from './errors.ts'

/**
 * The defaults with what the caller sets. Own properties alone count; names that are no limit are passed over.
 *
 * @param given undefined, or an object of which each limit is undefined or a number
 * @throws {MimeError} OPTION_INVALID with the limit as its path, where it is no whole number of 0 or more (Infinity is
 *   one)
 */
export function withDefaults<T extends { readonly [K in keyof T]: number }>(defaults: T, given: unknown): T {
  if (given === undefined) return defaults
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw mimeError('OPTION_INVALID', 'limits', 'must be an object')
  }
  const resolved: Record<string, unknown> = { ...defaults }
  for (const name of Object.keys(defaults)) {
    const value: unknown = Object.hasOwn(given, name) ? (given as Record<string, unknown>)[name] : undefined
    if (value === undefined) continue
    if (typeof value !== 'number' || !(value >= 0) || (Number.isFinite(value) && !Number.isInteger(value))) {
      throw mimeError('OPTION_INVALID', `limits.${name}`, 'must be a whole number of 0 or more')
    }
    resolved[name] = value
  }
  return resolved as T
}
