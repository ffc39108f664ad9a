/**
 * Properties: RFC 5545 §3.1 contentline, with the parameter escapes of RFC 6868.
 *
 * A typed facade over the tokenizer of ical.js, which takes the parameters apart. Values stay as they are written: how
 * to read one is decided where its type is known (./text.ts, ./date-time.ts, ./cal-address.ts, ./recurrence.ts), since
 * ical.js reads a broken date as another date and throws on a broken rule.
 */
import { Buffer } from 'node:buffer'
import ICAL from 'ical.js'
import { latin1Bytes } from '../codec/bytes.ts'
import { decodeCharset } from '../codec/charset.ts'
import { decodeQuotedPrintable } from '../codec/quoted-printable.ts'

export interface Property {
  /** Upper-case. */
  readonly name: string
  /** By name in lower-case. Of a list of values, the first one; see `parameterLists` for all. */
  readonly parameters: ReadonlyMap<string, string>
  /** Parameters that have several values: MEMBER, DELEGATED-TO and the like. */
  readonly parameterLists: ReadonlyMap<string, readonly string[]>
  /** As written, escapes and all. */
  readonly value: string
}

const NO_PARAMETERS: ReadonlyMap<string, never> = new Map<string, never>()

/**
 * Tells ical.js to leave the value as it is: without property and value types every value is text.
 *
 * No prototype: a property called CONSTRUCTOR must not be found in it.
 */
const PARAMETERS_ONLY = {
  param: ICAL.design.icalendar.param,
  property: Object.create(null),
  value: Object.create(null),
  propertyGroups: false,
}

/** The parse function of ical.js, typed as it is used here: jCal of one property (RFC 7265 §3.4). */
const parseContentLine = ICAL.parse.property as unknown as (
  line: string,
  design: typeof PARAMETERS_ONLY,
) => readonly [string, Readonly<Record<string, string | string[]>>, string, unknown]

/** No property has a name this long, in characters, and lines may be a megabyte. */
export const MAX_NAME_LENGTH = 100

/**
 * The line with the name at its start in upper case and without blanks; undefined where there is none: iana-token and
 * x-name, RFC 5545 §3.1.
 */
export function withUpperCaseName(line: string): string | undefined {
  const end = line.slice(0, MAX_NAME_LENGTH + 1).search(/[:;]/)
  const name = line.slice(0, Math.max(end, 0)).trim()
  return /^[A-Za-z0-9-]+$/.test(name) ? name.toUpperCase() + line.slice(end) : undefined
}

/** What is wrong with a line. */
export type LineFault = 'syntax' | 'limit'

/**
 * Takes a content line apart.
 *
 * @param line unfolded; {@link withUpperCaseName}
 * @param maxHeadLength characters of name and parameters
 */
export function parseProperty(name: string, line: string, maxHeadLength: number): Property | LineFault {
  const colon = endOfHead(line, maxHeadLength)
  if (colon === -1) return line.length > maxHeadLength ? 'limit' : 'syntax'
  const value = line.slice(colon + 1)
  let head = line.slice(0, colon)
  if (!head.includes(';')) return { name, parameters: NO_PARAMETERS, parameterLists: NO_PARAMETERS, value }
  // QUIRK: vCalendar 1.0 leaves out the name of the parameter.
  if (/;QUOTED-PRINTABLE/i.test(head)) head = head.replace(/;(?=QUOTED-PRINTABLE(?:;|$))/i, ';ENCODING=')
  const parameters = new Map<string, string>()
  const parameterLists = new Map<string, readonly string[]>()
  try {
    // VALUE is taken out of the parameters by ical.js; it is the type of the result.
    const [, jcalParameters, type] = parseContentLine(`${head}:`, PARAMETERS_ONLY)
    if (typeof type === 'string' && type !== 'unknown') parameters.set('value', type)
    for (const [key, given] of Object.entries(jcalParameters)) {
      if (typeof given === 'string') parameters.set(key, given)
      else if (Array.isArray(given) && typeof given[0] === 'string') {
        parameters.set(key, given[0])
        parameterLists.set(key, given)
      }
    }
  } catch {
    return 'syntax'
  }
  if (parameters.get('encoding')?.toUpperCase() !== 'QUOTED-PRINTABLE') {
    return { name, parameters, parameterLists, value }
  }
  return { name, parameters, parameterLists, value: decodeVcalendarText(value, parameters.get('charset')) }
}

/**
 * Where the colon before the value stands; -1 where there is none within the limit.
 *
 * A quote counts only where a parameter value starts, as in ical.js: `CN=O"Brien` is written by people.
 */
function endOfHead(line: string, maxHeadLength: number): number {
  const limit = Math.min(line.length, maxHeadLength + 1)
  let previous = 0
  for (let index = 0; index < limit; index++) {
    const code = line.charCodeAt(index)
    if (code === 0x3a) return index
    if (code === 0x22 && (previous === 0x3d || previous === 0x2c)) {
      index = line.indexOf('"', index + 1)
      if (index === -1) return -1
    }
    previous = code
  }
  return -1
}

/** Whether the line is one of vCalendar 1.0 that goes on in the next line: a soft break of RFC 2045 §6.7(5). */
export function endsInSoftBreak(line: string): boolean {
  return line.endsWith('=') && /^[^:]{0,200};(?:ENCODING=)?QUOTED-PRINTABLE[;:]/i.test(line)
}

/** The text of a quoted-printable value, escaped anew as iCalendar text. */
function decodeVcalendarText(value: string, charset: string | undefined): string {
  // Text that was decoded as UTF-8 already has characters beyond octets; they stay as they are.
  const octets = /^[\x00-\xff]*$/.test(value) ? latin1Bytes(value) : Buffer.from(value, 'utf8')
  const text = decodeCharset(decodeQuotedPrintable(octets), charset, 'body')
  return text.replace(/\r\n?|\n/g, '\\n')
}
