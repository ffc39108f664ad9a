/**
 * CAL-ADDRESS values: ORGANIZER and ATTENDEE with their parameters. RFC 5545 §3.3.3, §3.2.
 */
import type { CalReplyStatus } from '../entity/entity.ts'
import { replyStatusOf } from './method.ts'
import type { Property } from './property.ts'

/** Who organizes or attends. */
export interface CalendarUser {
  /** `local-part@domain` as written; `''` where the value is no mail address and no EMAIL parameter gives one. */
  readonly address: string
  /** CN; `''` for none. */
  readonly name: string
  /** Who acts for this user (SENT-BY); `''` for nobody. */
  readonly sentBy: string
}

/** An attendee. Parameters in upper-case, with the default of RFC 5545 where one is missing. */
export interface CalendarAttendee extends CalendarUser {
  /** CHAIR, REQ-PARTICIPANT, OPT-PARTICIPANT, NON-PARTICIPANT. */
  readonly role: string
  /** INDIVIDUAL, GROUP, RESOURCE, ROOM, UNKNOWN. */
  readonly userType: string
  /** PARTSTAT: NEEDS-ACTION, ACCEPTED, DECLINED, TENTATIVE, DELEGATED. */
  readonly partStat: string
  /** The answer that PARTSTAT gives. */
  readonly status: CalReplyStatus
  readonly rsvp: boolean
  /** Addresses. */
  readonly delegatedTo: readonly string[]
  /** Addresses. */
  readonly delegatedFrom: readonly string[]
}

/** What a mail address must have to be one here; addr-spec proper is the mail layer's business. */
const ADDRESS = /^[^\s@<>,;:"]{1,256}@[^\s@<>,;:"]{1,255}$/

/**
 * The mail address of a CAL-ADDRESS; `''` where it has none.
 *
 * QUIRK: `MAILTO:`, no scheme at all, a blank after it, `mailto:Ann <ann@example.org>` and percent-escapes occur.
 */
export function parseCalAddress(value: string): string {
  let text = value.trim().replace(/^mailto:\s{0,10}/i, '')
  const query = text.indexOf('?')
  if (query !== -1) text = text.slice(0, query)
  const bracket = text.lastIndexOf('<')
  if (bracket !== -1 && text.endsWith('>')) text = text.slice(bracket + 1, -1)
  if (text.includes('%')) text = percentDecoded(text)
  return ADDRESS.test(text) ? text : ''
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Reads an ORGANIZER, or any property with a CAL-ADDRESS. */
export function readCalendarUser({ parameters, value }: Property): CalendarUser {
  return {
    // iCloud has a path of its server for a value, others `urn:uuid:` or `invalid:nomail`.
    address: parseCalAddress(value) || parseCalAddress(parameters.get('email') ?? ''),
    name: (parameters.get('cn') ?? '').replace(/[\x00-\x1f\x7f]+/g, ' ').trim(),
    sentBy: parseCalAddress(parameters.get('sent-by') ?? ''),
  }
}

/** Reads an ATTENDEE. */
export function readAttendee(property: Property): CalendarAttendee {
  const { parameters } = property
  const partStat = (parameters.get('partstat') ?? 'NEEDS-ACTION').trim().toUpperCase()
  return {
    ...readCalendarUser(property),
    role: (parameters.get('role') ?? 'REQ-PARTICIPANT').trim().toUpperCase(),
    userType: (parameters.get('cutype') ?? 'INDIVIDUAL').trim().toUpperCase(),
    partStat,
    status: replyStatusOf(partStat),
    rsvp: (parameters.get('rsvp') ?? '').trim().toUpperCase() === 'TRUE',
    delegatedTo: addressesOf(property, 'delegated-to'),
    delegatedFrom: addressesOf(property, 'delegated-from'),
  }
}

function addressesOf({ parameters, parameterLists }: Property, name: string): string[] {
  const single = parameters.get(name)
  const values = parameterLists.get(name) ?? (single === undefined ? [] : [single])
  return values.map(parseCalAddress).filter(address => address !== '')
}

/** Whether two addresses are one, as far as mail cares: case does not count. */
export function isSameAddress(one: string, other: string): boolean {
  return one !== '' && one.toLowerCase() === other.toLowerCase()
}

/** Whether an address can be written as CAL-ADDRESS. */
export function isCalAddress(address: string): boolean {
  return ADDRESS.test(address)
}

/** Formats an address as URI: what a URI would read as something else is percent-encoded (RFC 6068 §2). */
export function formatCalAddress(address: string): string {
  return `mailto:${address.replace(/[%?#/[\]\\^`{|}]/g, encodeURIComponent)}`
}
