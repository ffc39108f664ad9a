/**
 * METHOD and PARTSTAT: their names on the wire and in carriers. RFC 5546 §1.4, RFC 5545 §3.2.12.
 */
import type { CalMethod, CalReplyStatus } from '../entity/entity.ts'

/** A method that a message can have. */
export type KnownMethod = Exclude<CalMethod, 'Unknown'>

const METHODS: ReadonlyMap<string, KnownMethod> = new Map([
  ['PUBLISH', 'Publish'],
  ['REQUEST', 'Request'],
  ['REPLY', 'Reply'],
  ['ADD', 'Add'],
  ['CANCEL', 'Cancel'],
  ['REFRESH', 'Refresh'],
  ['COUNTER', 'Counter'],
  ['DECLINECOUNTER', 'DeclineCounter'],
])

/** The method of a name in any case. QUIRK: some write `DECLINE-COUNTER`. */
export function parseMethod(name: string): CalMethod {
  return METHODS.get(name) ?? METHODS.get(name.trim().replaceAll('-', '').toUpperCase()) ?? 'Unknown'
}

/** `Request` to `REQUEST`. */
export function formatMethod(method: KnownMethod): string {
  return method.toUpperCase()
}

/** Methods that an attendee sends; all others are the organizer's. RFC 5546 §1.4. */
export const ATTENDEE_METHODS: ReadonlySet<CalMethod> = new Set(['Reply', 'Refresh', 'Counter'])

const REPLY_STATUSES: ReadonlyMap<string, CalReplyStatus> = new Map([
  ['ACCEPTED', 'Accepted'],
  ['DECLINED', 'Declined'],
  ['TENTATIVE', 'Tentative'],
])

/** The answer that a PARTSTAT gives; NEEDS-ACTION, DELEGATED and anything else are none. */
export function replyStatusOf(partStat: string): CalReplyStatus {
  return REPLY_STATUSES.get(partStat.trim().toUpperCase()) ?? 'Unknown'
}
