/**
 * Who may send a calendar message, and whether the message is from there: RFC 6047 §2.2, §3, RFC 5546 §6.
 *
 * Only the organizer may invite and cancel, only an attendee may answer. Mail can be forged, and lists rewrite From, so
 * this is told and never acted upon: a mismatch is for the caller to weigh.
 */
import type { CalMethod } from '../entity/entity.ts'
import { type CalendarAttendee, type CalendarUser, isSameAddress, parseCalAddress } from './cal-address.ts'
import { ATTENDEE_METHODS } from './method.ts'
import { replierOf } from './reply.ts'
import type { CalendarSource } from './source.ts'

/** Whether the sender of the message is who its method needs. */
export interface CalendarActor {
  /** Address of the organizer, or of the attendee who answers; `''` where the calendar does not say. */
  readonly expectedActor: string
  /**
   * Which field of the message has that address. `sent-by`: From is not it, but who acts for it (SENT-BY). `none` also
   * where nobody is expected.
   */
  readonly matchedBy: 'from' | 'sender' | 'reply-to' | 'sent-by' | 'none'
}

/** Compares the sender of a message with whom its method needs. */
export function matchActor(
  source: CalendarSource,
  method: CalMethod,
  organizer: CalendarUser | undefined,
  attendees: readonly CalendarAttendee[],
): CalendarActor {
  const from = source.entity.From?.Address ?? ''
  const actor = ATTENDEE_METHODS.has(method) ? replierOf(attendees, from) : organizer
  const expectedActor = actor?.address ?? ''
  const isExpected = (address: string): boolean => isSameAddress(expectedActor, address)
  if (isExpected(from)) return { expectedActor, matchedBy: 'from' }
  if (isSameAddress(actor?.sentBy ?? '', from)) return { expectedActor, matchedBy: 'sent-by' }
  if (headerAddresses(source, 'sender').some(isExpected)) return { expectedActor, matchedBy: 'sender' }
  if (headerAddresses(source, 'reply-to').some(isExpected)) return { expectedActor, matchedBy: 'reply-to' }
  return { expectedActor, matchedBy: 'none' }
}

/** Longest field value that is looked at, in characters. */
const MAX_VALUE_LENGTH = 10_000

/**
 * The addresses in an address field of the entity, which has them as text: `"Doe, Jane" <jane@example.org>, …`.
 *
 * Quoted strings go first: a display name must not pass for an address.
 */
function headerAddresses({ entity }: CalendarSource, name: string): string[] {
  const addresses: string[] = []
  for (const header of entity.CustomHeaderList) {
    if (header.Name.toLowerCase() !== name) continue
    for (const value of header.Values) {
      if (value.length > MAX_VALUE_LENGTH) continue
      for (const mailbox of value.replace(/"(?:[^"\\]|\\.)*"?/g, '').split(',')) {
        const bracket = /<([^<>]*)>\s{0,20}$/.exec(mailbox)
        const address = parseCalAddress(bracket === null ? mailbox : bracket[1]!)
        if (address !== '') addresses.push(address)
      }
    }
  }
  return addresses
}
