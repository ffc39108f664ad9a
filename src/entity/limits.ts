/**
 * What reading JSON may cost. Beyond a limit reading throws: a part of an entity is no entity.
 *
 * Nothing limits how deep JSON is nested: what is deeper than the carriers are is not looked at. Of the problems that
 * are met 1,000 are told.
 */
import { withDefaults } from '../limit.ts'

/** Limits of the JSON reader; each is a whole number of 0 or more, or Infinity. */
export interface JsonLimits {
  /**
   * Characters of the text, before anything is made of it; beyond it LIMIT_CHARACTERS.
   *
   * Default: no limit, since whoever has the text knows what a request may have. `JSON.parse` makes up to twenty octets
   * of a character, so whoever takes text from strangers sets it.
   */
  readonly characters: number
  /**
   * Items of all lists together (emails, addresses, attachments, headers and their values) and names in FieldProperties;
   * beyond it LIMIT_ITEMS.
   *
   * Default 200,000: `{}` becomes an entity of some hundred octets, and nobody sends to so many.
   */
  readonly items: number
}

/** What holds where the caller sets nothing. */
export const DEFAULT_JSON_LIMITS: JsonLimits = { characters: Number.POSITIVE_INFINITY, items: 200_000 }

/**
 * The defaults with what the caller sets.
 *
 * @throws {MimeError} OPTION_INVALID where a limit is no whole number of 0 or more (Infinity is allowed)
 */
export function resolveJsonLimits(limits: Partial<JsonLimits> | undefined): JsonLimits {
  return withDefaults(DEFAULT_JSON_LIMITS, limits)
}
