/**
 * The time zone that the API's caller asks for (`SO-TimeZone`): all date-times of an entity at its offset.
 *
 * Names of zones are known here, in the calendar layer; what date-times an entity has is in ../entity/time-zone.ts.
 */
import type { EMailEntity } from '../entity/entity.ts'
import { moveDateTimes, type OffsetAt } from '../entity/time-zone.ts'
import { mimeError, quoteForError } from '../errors.ts'
import { findZone } from './tzid.ts'

/**
 * Gives a copy with Sent, ReceivedAt, RepliedAt, and the dates of InReplyTo and EMailSOInfo, at the offset that the zone
 * has at each of these instants. The instants stay the same, and so does every digit of a fraction.
 *
 * @param timeZone IANA name (`Europe/Oslo`) or Windows name (`W. Europe Standard Time`), in any case
 * @throws {MimeError} OPTION_INVALID where the platform does not know the zone
 */
export function withTimeZone(entity: EMailEntity, timeZone: string): EMailEntity {
  return moveDateTimes(entity, offsetsOf(timeZone))
}

/**
 * The offsets of a zone.
 *
 * @throws {MimeError} OPTION_INVALID
 */
export function offsetsOf(timeZone: string): OffsetAt {
  const zone = typeof timeZone === 'string' ? findZone(timeZone.trim()) : undefined
  if (zone === undefined) {
    throw mimeError('OPTION_INVALID', 'timeZone', `${quoteForError(timeZone)} is no time zone that is known here`)
  }
  return instant => zone.offsetAtInstant(instant)
}
