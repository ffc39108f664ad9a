/**
 * Stalwart mail-parser's expectations, and this library's reading in the same terms.
 *
 * `eml/<kind>/<number>.json` is a whole message: a flat list of parts that refer to each other by index, header values
 * by their type, and RFC 8621's lists of parts. `<grammar>.json` is a table of header values. Not compared: offsets,
 * since files that have CRLF here had LF there; Received but for its date; the URLs of List-* fields, which this
 * library leaves as they stand.
 */
import { parseAddressList } from '../../src/header/address.ts'
import { parseContentType } from '../../src/header/content-type.ts'
import { parseDateTime } from '../../src/header/date-time.ts'
import type { HeaderField } from '../../src/header/field.ts'
import { parseMsgIds } from '../../src/header/msg-id.ts'
import { parseUnstructured } from '../../src/header/unstructured.ts'
import { parseMessage } from '../../src/index.ts'
import { findBodyParts } from '../../src/message/body.ts'
import { parseMime } from '../../src/mime/parse.ts'
import type { MimePart } from '../../src/mime/part.ts'
import { collapsed } from './corpus.ts'

/** A message of `eml/…/*.json`. */
export interface StalwartMessage {
  /** Indexes in `parts`: RFC 8621 §4.1.4. */
  readonly html_body: readonly number[]
  readonly text_body: readonly number[]
  readonly attachments: readonly number[]
  readonly parts: readonly StalwartPart[]
}

interface StalwartPart {
  readonly headers: readonly { readonly name: string | { readonly other: string }; readonly value: StalwartValue }[]
  readonly body: {
    readonly Text?: string
    readonly Html?: string
    readonly Binary?: readonly number[]
    readonly InlineBinary?: readonly number[]
    readonly Message?: StalwartMessage
    readonly Multipart?: readonly number[]
  }
}

interface StalwartAddress {
  readonly name: string | null
  readonly address: string | null
}

interface StalwartAddresses {
  readonly List?: readonly StalwartAddress[]
  readonly Group?: readonly { readonly addresses: readonly StalwartAddress[] }[]
}

interface StalwartDate {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly tz_before_gmt: boolean
  readonly tz_hour: number
  readonly tz_minute: number
}

interface StalwartType {
  readonly c_type: string
  readonly c_subtype: string | null
  /** Pairs in a table of values, objects in a message. */
  readonly attributes: readonly (readonly [string, string] | { readonly name: string; readonly value: string })[] | null
}

type StalwartValue =
  | 'Empty'
  | {
      readonly Text?: string
      readonly TextList?: readonly string[]
      readonly Address?: StalwartAddresses
      readonly DateTime?: StalwartDate
      readonly ContentType?: StalwartType
      readonly Received?: unknown
    }

/** Says each difference between what Stalwart and this library read, as `<what>: <ours>, not <theirs>`. */
export function compareWithStalwart(expected: StalwartMessage, octets: Uint8Array): string[] {
  return compareMessages(expected, parseMime(octets).root)
}

function compareMessages(expected: StalwartMessage, root: MimePart): string[] {
  const parts = [...partsOf(root)]
  const differences: string[] = []
  const compare = (what: string, ours: unknown, theirs: unknown) => {
    const [left, right] = [JSON.stringify(ours), JSON.stringify(theirs)]
    if (left !== right) differences.push(`${what}: ${shortened(left)}, not ${shortened(right)}`)
  }
  const structure = structureOf(root)
  const theirs = stalwartStructure(expected, 0)
  for (const [index, part] of expected.parts.entries()) {
    // Of a message that was taken apart otherwise only the top is comparable.
    if (index > 0 && structure !== theirs) break
    compareFields(parts[index]!, part.headers, compare)
  }
  compare('structure', structure, theirs)
  if (structure !== theirs) return differences
  for (const [index, { body }] of expected.parts.entries()) {
    const part = parts[index]!
    const text = body.Text ?? body.Html
    const octets = body.Binary ?? body.InlineBinary
    if (text !== undefined) compare(`text of part ${index}`, collapsed(part.text()), collapsed(text))
    if (octets !== undefined) compare(`content of part ${index}`, hex(part.content()), hex(octets))
    if (body.Message !== undefined) {
      const message = part.message ?? parseMime(part.content()).root
      differences.push(...compareMessages(body.Message, message).map(line => `part ${index}, ${line}`))
    }
  }
  const { plain, html, attachments } = findBodyParts(root)
  const indexes = (list: readonly MimePart[]) => list.map(part => parts.indexOf(part))
  const ofType = (list: readonly number[], type: string) =>
    list.filter(index => parts[index]!.contentType.mediaType === type)
  compare('plain text', indexes(plain), ofType(expected.text_body, 'text/plain'))
  compare('html', indexes(html), ofType(expected.html_body, 'text/html'))
  compare('attachments', indexes(attachments), expected.attachments)
  return differences
}

function* partsOf(part: MimePart): Generator<MimePart, void, undefined> {
  yield part
  for (const child of part.parts) yield* partsOf(child)
}

function structureOf(part: MimePart): string {
  const { mediaType } = part.contentType
  return part.isDivided ? `${mediaType}(${part.parts.map(structureOf).join(' ')})` : mediaType
}

function stalwartStructure(message: StalwartMessage, index: number): string {
  const { headers, body } = message.parts[index]!
  const value = headers.find(({ name }) => name === 'content_type')?.value
  const type = value === 'Empty' ? undefined : value?.ContentType
  const isMessage = body.Message !== undefined && type === undefined
  const name = type === undefined ? (isMessage ? 'message/rfc822' : 'text/plain') : mediaType(type)
  return body.Multipart === undefined
    ? name
    : `${name}(${body.Multipart.map(child => stalwartStructure(message, child)).join(' ')})`
}

type Compare = (what: string, ours: unknown, theirs: unknown) => void

function compareFields(part: MimePart, expected: StalwartPart['headers'], compare: Compare): void {
  const seen = new Map<string, number>()
  for (const { name, value } of expected) {
    const key = typeof name === 'string' ? name.replaceAll('_', '-') : name.other.toLowerCase()
    const earlier = seen.get(key) ?? 0
    seen.set(key, earlier + 1)
    const field = part.fields.filter(found => found.key === key)[earlier]
    if (field === undefined) compare(key, null, value)
    else if (value !== 'Empty') compareValue(part, field, value, compare)
  }
}

const IDENTIFIERS: ReadonlySet<string> = new Set(['message-id', 'content-id', 'in-reply-to', 'references'])

function compareValue(
  part: MimePart,
  field: HeaderField,
  value: Exclude<StalwartValue, 'Empty'>,
  compare: Compare,
): void {
  const { key } = field
  const text = value.Text ?? value.TextList?.join(' ')
  if (text !== undefined) {
    const ours = IDENTIFIERS.has(key) || key === 'return-path' ? bareIds(field.value) : parseUnstructured(field.value)
    compare(key, collapsed(ours.replaceAll(',', ' ')), collapsed(text.replaceAll(',', ' ')))
  } else if (value.Address !== undefined) {
    if (!key.startsWith('list-')) compare(key, readMailboxes(field.value), stalwartMailboxes(value.Address))
  } else if (value.DateTime !== undefined) {
    compare(key, parseDateTime(field.value) ?? null, stalwartDate(value.DateTime))
  } else if (value.ContentType !== undefined && key === 'content-type') {
    compare(key, part.contentType.mediaType, mediaType(value.ContentType))
    compare(`${key} parameters`, [...part.contentType.parameters].sort(), parameters(value.ContentType))
  } else if (value.ContentType !== undefined && key === 'content-disposition') {
    compare(key, part.disposition?.type ?? null, value.ContentType.c_type.toLowerCase())
    compare(`${key} parameters`, [...(part.disposition?.parameters ?? [])].sort(), parameters(value.ContentType))
  }
}

function bareIds(value: string): string {
  return parseMsgIds(value)
    .map(id => id.slice(1, -1))
    .join(' ')
}

function readMailboxes(value: string): [string, string][] {
  return parseAddressList(value).map(({ name, address }) => [name, address])
}

function stalwartMailboxes({ List, Group }: StalwartAddresses): [string, string][] {
  const mailboxes = List ?? Group?.flatMap(({ addresses }) => addresses) ?? []
  return mailboxes.map(({ name, address }) => [name ?? '', address ?? ''])
}

function stalwartDate(date: StalwartDate): string {
  const two = (number: number): string => String(number).padStart(2, '0')
  const day = `${String(date.year).padStart(4, '0')}-${two(date.month)}-${two(date.day)}`
  // "-0000", "GMT" and words nobody knows are "-00:00" to Stalwart, and "+00:00" here.
  const isWest = date.tz_before_gmt && (date.tz_hour > 0 || date.tz_minute > 0)
  const zone = `${isWest ? '-' : '+'}${two(date.tz_hour)}:${two(date.tz_minute)}`
  return `${day}T${two(date.hour)}:${two(date.minute)}:${two(date.second)}${zone}`
}

/** A type without subtype is none (RFC 2045 §5.1): here it becomes octets, Stalwart keeps the word. */
function mediaType({ c_type, c_subtype }: StalwartType): string {
  return c_subtype === null ? 'application/octet-stream' : `${c_type}/${c_subtype}`.toLowerCase()
}

/** Without the languages, which Stalwart lists as parameters of their own. */
function parameters({ attributes }: StalwartType): [string, string][] {
  return (attributes ?? [])
    .map((entry): [string, string] => ('name' in entry ? [entry.name, entry.value] : [entry[0], entry[1]]))
    .map(([name, value]): [string, string] => [name.toLowerCase(), value])
    .filter(([name]) => !name.endsWith('-language'))
    .sort()
}

function hex(octets: readonly number[] | Uint8Array): string {
  return Buffer.from(octets as Uint8Array).toString('hex')
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

/** A row of a table of header values. */
export interface StalwartRow {
  readonly header: string
  readonly expected: unknown
}

/** THE table of grammars: file of values -> this library's reading of a value, and Stalwart's in the same form. */
export const STALWART_GRAMMARS: readonly {
  readonly file: string
  readonly rows: number
  readonly read: (value: string) => unknown
  readonly expect: (expected: unknown) => unknown
  /** Rows that Stalwart reads nothing from are not compared. */
  readonly skipsNothing?: true
}[] = [
  {
    file: 'address.json',
    rows: 60,
    read: readMailboxes,
    expect: expected => stalwartMailboxes((expected ?? {}) as StalwartAddresses),
  },
  {
    file: 'content_type.json',
    rows: 103,
    read(value) {
      const type = parseContentType(value)
      return [type.mediaType, [...type.parameters].sort()]
    },
    expect: expected => expected && [mediaType(expected as StalwartType), parameters(expected as StalwartType)],
    skipsNothing: true,
  },
  {
    file: 'date.json',
    rows: 40,
    read: value => parseDateTime(value) ?? null,
    expect: expected => expected && stalwartDate(expected as StalwartDate),
  },
  {
    file: 'id.json',
    rows: 11,
    read: value => parseMsgIds(value).map(id => id.slice(1, -1)),
    expect: expected => expected ?? [],
  },
  {
    file: 'received.json',
    rows: 181,
    read: value => parseMessage(`Received: ${value}\r\n\r\n`).entity.ReceivedAt,
    expect(expected) {
      const { date } = expected as { date?: StalwartDate | null }
      return date ? stalwartDate(date) : null
    },
  },
  {
    file: 'unstructured.json',
    rows: 30,
    read: value => collapsed(parseUnstructured(value)),
    expect: expected => collapsed(String(expected ?? '')),
  },
]

/** Says each row that this library reads otherwise, as `<header>: <ours>`, both as JSON. */
export function compareRows(
  rows: readonly StalwartRow[],
  { read, expect, skipsNothing }: (typeof STALWART_GRAMMARS)[number],
): string[] {
  const differences: string[] = []
  for (const { header, expected } of rows) {
    if (expected === null && skipsNothing) continue
    // The value, unfolded: what comes before the first line that does not go on with a blank.
    const value = parseMime(Buffer.from(`X:${header}`)).root.fields[0]?.value ?? ''
    const [ours, theirs] = [JSON.stringify(read(value)), JSON.stringify(expect(expected))]
    if (ours !== theirs) differences.push(`${shortened(JSON.stringify(header))}: ${shortened(ours)}`)
  }
  return differences
}
