/**
 * Properties: RFC 5545 §3.1 contentline, with the parameter escapes of RFC 6868.
 *
 *     contentline = name *(";" param ) ":" value CRLF
 *     param       = param-name "=" param-value *("," param-value)
 *
 * Values stay as they are written: how to read one is decided where its type is known (./text.ts, ./date-time.ts,
 * ./cal-address.ts, ./recurrence.ts).
 */
import { Buffer } from 'node:buffer'
import { latin1Bytes } from '../codec/bytes.ts'
import { decodeCharset } from '../codec/charset.ts'
import { decodeQuotedPrintable } from '../codec/quoted-printable.ts'
import { quoteForError } from '../errors.ts'
import type { Warn } from './warning.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const SEMICOLON = 0x3b
const EQUALS = 0x3d

export interface Property {
  /** Upper-case. */
  readonly name: string
  /** By name in lower-case, and VALUE in lower-case. Of a list of values, the first one: see `parameterLists`. */
  readonly parameters: ReadonlyMap<string, string>
  /** Parameters that have several values: MEMBER, DELEGATED-TO and the like. */
  readonly parameterLists: ReadonlyMap<string, readonly string[]>
  /** As written, escapes and all. */
  readonly value: string
}

const NO_PARAMETERS: ReadonlyMap<string, never> = new Map<string, never>()

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
 * Takes a content line apart. Parameters that cannot be read, and those that occur again, are reported and left out.
 *
 * @param line unfolded; {@link withUpperCaseName}
 * @param maxHeadLength characters of name and parameters
 */
export function parseProperty(name: string, line: string, maxHeadLength: number, warn: Warn): Property | LineFault {
  const limit = Math.min(line.length, maxHeadLength + 1)
  let end = name.length
  if (end >= limit) return line.length > maxHeadLength ? 'limit' : 'syntax'
  if (line.charCodeAt(end) === COLON) {
    return { name, parameters: NO_PARAMETERS, parameterLists: NO_PARAMETERS, value: line.slice(end + 1) }
  }
  const ends: number[] = []
  while (line.charCodeAt(end) === SEMICOLON) {
    end = endOfParameter(line, end + 1, limit)
    ends.push(end)
  }
  if (line.charCodeAt(end) !== COLON) return line.length > maxHeadLength ? 'limit' : 'syntax'
  const parameters = new Map<string, string>()
  const parameterLists = new Map<string, readonly string[]>()
  let start = name.length + 1
  for (const next of ends) {
    if (next > start) readParameter(line.slice(start, next), { name, parameters, parameterLists }, warn)
    start = next + 1
  }
  const value = line.slice(end + 1)
  if (parameters.get('encoding')?.toUpperCase() !== 'QUOTED-PRINTABLE') {
    return { name, parameters, parameterLists, value }
  }
  return { name, parameters, parameterLists, value: decodeVcalendarText(value, parameters.get('charset')) }
}

/**
 * Where the ";" or ":" behind a parameter stands; -1 where there is none before the limit.
 *
 * QUIRK: a quote counts only where a value starts: `CN=O"Brien` is written by people.
 */
function endOfParameter(line: string, start: number, limit: number): number {
  let valueStart = -1
  for (let index = start; index < limit; index++) {
    const code = line.charCodeAt(index)
    if (code === SEMICOLON || code === COLON) return index
    if (code === QUOTE && index === valueStart) {
      index = line.indexOf('"', index + 1)
      if (index === -1) return -1
    } else if (valueStart === -1 ? code === EQUALS : code === COMMA) {
      valueStart = index + 1
    }
  }
  return -1
}

/** The parameters of a property while they are read. */
interface Head {
  readonly name: string
  readonly parameters: Map<string, string>
  readonly parameterLists: Map<string, readonly string[]>
}

/** Reads one parameter; the first one of a name counts, as everywhere in mail. */
function readParameter(text: string, { name, parameters, parameterLists }: Head, warn: Warn): void {
  const equals = text.indexOf('=')
  let key = text.slice(0, Math.max(equals, 0)).trim().toLowerCase()
  // QUIRK: vCalendar 1.0 leaves out the name of the parameter.
  if (equals === -1 && text.toUpperCase() === 'QUOTED-PRINTABLE') key = 'encoding'
  if (key === '') {
    if (text.trim() !== '') warn('CALENDAR_INVALID', quoteForError(`${name};${text}`))
    return
  }
  if (parameters.has(key)) {
    warn('CALENDAR_PROPERTY_DUPLICATE', quoteForError(`${name};${key.toUpperCase()}`))
    return
  }
  const values = parameterValues(text.slice(equals + 1))
  parameters.set(key, key === 'value' ? values[0]!.toLowerCase() : values[0]!)
  if (values.length > 1) parameterLists.set(key, values)
}

/**
 * The values of a parameter, one or more.
 *
 * QUIRK: commas part values where one of them is quoted. `TZID=(GMT+01:00) Amsterdam, Berlin` and `CN=Doe, John` are
 * written without the quotes that they need.
 */
function parameterValues(text: string): string[] {
  if (!text.includes('"') || !/(?:^|,)"/.test(text)) return [unescaped(text)]
  const values: string[] = []
  let comma = -1
  do {
    const start = comma + 1
    const isQuoted = text.charCodeAt(start) === QUOTE
    const close = isQuoted ? text.indexOf('"', start + 1) : start
    comma = text.indexOf(',', close)
    const end = isQuoted ? close : comma === -1 ? text.length : comma
    values.push(unescaped(text.slice(isQuoted ? start + 1 : start, end)))
  } while (comma !== -1)
  return values
}

/** RFC 6868 §3.2: any other caret stands for itself. */
function unescaped(value: string): string {
  if (!value.includes('^')) return value
  return value.replace(/\^[n^']/g, ([, letter]) => (letter === 'n' ? '\n' : letter === "'" ? '"' : '^'))
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
