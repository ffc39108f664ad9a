/**
 * What reading a message may cost. Time is linear in the input anyway; limits bound what a hostile message makes of its
 * octets. Beyond one, nothing is lost but structure: the rest is one opaque part, or text, and a defect says so.
 *
 * The defaults keep what parsing holds below four times the octets of the message and 16 MiB, whatever is in it: few
 * octets on the wire (a name and a colon, `a,`) are an object of some hundred octets, so objects are counted.
 */
import { withDefaults } from '../limit.ts'

/** Limits of a reader; each is a whole number of 0 or more, or Infinity. */
export interface Limits {
  /**
   * Octets of the whole source; beyond it reading throws `LIMIT_OCTETS`, of a stream as soon as they have come.
   *
   * Default: no limit, since whoever has the octets knows what a message may have.
   */
  readonly maxOctets: number
  /** Nested multiparts and messages. Default 100; real messages stay below 20. Beyond it: LIMIT_DEPTH. */
  readonly depth: number
  /** Messages inside messages. Default 10; what was forwarded more often is one file. Beyond it: LIMIT_RFC822_DEPTH. */
  readonly rfc822Depth: number
  /** Parts of the whole tree. Default 10,000; each takes about a kibibyte. Beyond it: LIMIT_PARTS. */
  readonly parts: number
  /** Octets of one header section. Default 1 MiB; servers stop at 64 KiB to 1 MiB. Beyond it: LIMIT_HEADER_OCTETS. */
  readonly headerOctets: number
  /** Fields of one header section. Default 10,000; the longest of real messages have some hundred. Beyond it: LIMIT_FIELDS. */
  readonly fields: number
  /**
   * Fields of all header sections together, parameters of Content-Type counted with them. Default 100,000: ten for each
   * of the parts. Beyond it: LIMIT_FIELDS.
   */
  readonly allFields: number
  /** Addresses of To, Cc and Bcc together. Default 100,000; servers take some thousand. Beyond it: LIMIT_MAILBOXES. */
  readonly mailboxes: number
  /** Defects that are told. Default 10,000: one for each part. Beyond it: LIMIT_DEFECTS. */
  readonly defects: number
}

/** What holds where the caller sets nothing. */
export const DEFAULT_LIMITS: Limits = {
  maxOctets: Number.POSITIVE_INFINITY,
  depth: 100,
  rfc822Depth: 10,
  parts: 10_000,
  headerOctets: 1024 * 1024,
  fields: 10_000,
  allFields: 100_000,
  mailboxes: 100_000,
  defects: 10_000,
}

/**
 * The defaults with what the caller sets.
 *
 * @throws {MimeError} OPTION_INVALID where a limit is no whole number of 0 or more (Infinity is allowed)
 */
export function resolveLimits(limits: Partial<Limits> | undefined): Limits {
  return withDefaults(DEFAULT_LIMITS, limits)
}
