/**
 * Defect and its codes: what a read found wrong, reported, and survived.
 *
 * What a write refuses is in ./errors.ts.
 */

/** Every code a {@link Defect} can carry, with its meaning. Codes are stable: they are part of the API. */
export const DEFECT_CODES = {
  ADDRESS_INVALID: 'an address list with text that is no mailbox (RFC 5322 §3.4)',
  ARCHIVE_INVALID: 'an archive field that cannot be read',
  BARE_CR: 'a CR that no LF follows ends a header line',
  BASE64_INVALID: 'characters outside the base64 alphabet, which were skipped',
  BASE64_TRUNCATED: 'a base64 body that ends inside a quantum',
  BOUNDARY_MISSING: 'a multipart without boundary parameter; read as text',
  BOUNDARY_NOT_FOUND: 'a multipart whose boundary never occurs; read as text',
  CHARSET_UNKNOWN: 'a charset label nobody knows; read as UTF-8 if valid, else windows-1252',
  CHARSET_UNDECODABLE: 'octets that the labelled charset does not have',
  CHARSET_MISSING: '8-bit text without a charset label',
  CLOSE_BOUNDARY_MISSING: 'a multipart that ends without its close-delimiter',
  DATE_INVALID: 'a date that cannot be read (RFC 5322 §3.3)',
  ENCODED_WORD_INVALID: 'an encoded-word that cannot be decoded (RFC 2047)',
  ENCODING_UNKNOWN: 'an unknown Content-Transfer-Encoding; the octets are kept as they stand',
  ENCODING_ON_COMPOSITE: 'a Content-Transfer-Encoding that RFC 2045 §6.4 forbids on a composite type',
  FIELD_DUPLICATE: 'a field that may occur once occurs again; the first one counts',
  FIELD_EIGHT_BIT: 'raw 8-bit octets in a header field that are not UTF-8; read as windows-1252',
  FIELD_MALFORMED: 'a line in the header section that is no field',
  LIMIT_DEFECTS: 'more defects than limits.defects; those after it are not told',
  LIMIT_DEPTH: 'nested deeper than limits.depth; the rest is one opaque part',
  LIMIT_FIELDS: 'more fields than limits.fields or limits.allFields; the rest of the header section is read as body',
  LIMIT_HEADER_OCTETS: 'a header section larger than limits.headerOctets; the rest of it is read as body',
  LIMIT_MAILBOXES: 'more recipients than limits.mailboxes; those after it are not read',
  LIMIT_PARAMETERS: 'more parameters in a field than anybody writes; those after it are not read',
  LIMIT_PARTS: 'more parts than limits.parts; the rest is one opaque part',
  LIMIT_RFC822_DEPTH: 'messages nested deeper than limits.rfc822Depth; the rest is one opaque part',
  MSG_ID_INVALID: 'an identification field without a msg-id (RFC 5322 §3.6.4)',
  PARAMETER_DUPLICATE: 'a parameter that occurs again; the first one counts',
  PARAMETER_INVALID: 'a parameter that cannot be read (RFC 2045 §5.1, RFC 2231)',
  QUOTED_PRINTABLE_INVALID: 'a "=" that no two hexadecimal digits or line break follow; kept as it stands',
  UUENCODE_INVALID: 'uuencoded text with impossible lines or without its end',
  TNEF_INVALID: 'a TNEF body (winmail.dat) that cannot be read to its end',
  CALENDAR_INVALID: 'a calendar line or value that cannot be read',
  CALENDAR_END_MISSING: 'a calendar component that is not closed, or closed by the END of another (RFC 5545 §3.6)',
  CALENDAR_LIMIT: 'a calendar beyond one of its limits; what is beyond it is not read',
  CALENDAR_PROPERTY_DUPLICATE:
    'a calendar property or parameter that may occur once occurs again; the first one counts',
  CALENDAR_RULE_INVALID: 'a recurrence rule that cannot be read (RFC 5545 §3.3.10); its text is kept',
  CALENDAR_ZONE_UNKNOWN: 'a TZID that nobody knows and no VTIMEZONE explains; its times are read as floating',
} as const

/** A stable defect code; see {@link DEFECT_CODES} for meanings. */
export type DefectCode = keyof typeof DEFECT_CODES

/** Something that was wrong with a message and was survived. */
export interface Defect {
  readonly code: DefectCode
  /** Octets from the start of the source to the part, field or octet that is meant. */
  readonly offset: number
  /** What was met, escaped and short, where the code alone does not say it. */
  readonly detail?: string | undefined
}

/** Takes one report. `offset` counts octets from the start of what the called function was given. */
export type OnDefect = (code: DefectCode, offset: number, detail?: string) => void

/** Takes reports into a list of at most `most`, and one more that says where the list ends: LIMIT_DEFECTS. */
export function collectDefects(defects: Defect[], most: number): OnDefect {
  return (code, offset, detail) => {
    if (defects.length < most) defects.push(detail === undefined ? { code, offset } : { code, offset, detail })
    else if (defects.length === most) defects.push({ code: 'LIMIT_DEFECTS', offset })
  }
}
