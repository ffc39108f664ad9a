/**
 * Carriers and JSON, the wire form of the API (RFC 8259): THE table of what each carrier holds, checked by valibot.
 *
 * Reading is strict about what is there and easy about what is not: a property that is missing or null gets its empty
 * value, one that nobody knows is passed over, one of a wrong type is a problem with its path. What mail itself demands
 * of the values is told by composing, in ../message/compose.ts.
 */
import * as v from 'valibot'
import { checkBase64Text } from '../codec/base64.ts'
import { asBuffer, type Bytes } from '../codec/bytes.ts'
import { MimeError, type MimeErrorCode, mimeError, type Problem, quoteForError } from '../errors.ts'
import { checkOptions } from '../option.ts'
import type {
  CalMethod,
  CalReplyStatus,
  DateTimeString,
  EMailAddress,
  EMailAttachment,
  EMailConnectionInfo,
  EMailEntity,
  EMailEntityInput,
  EMailEnvelope,
  EMailPriority,
  EMailSOInfo,
  FieldProperty,
  Right,
} from './entity.ts'
import { type JsonLimits, resolveJsonLimits } from './limits.ts'
import { normaliseDateTime } from './time-zone.ts'

/** Body of the API's SendEMails: what `sendRequestFromJson` returns. */
export interface SendEMailsRequest {
  /** The server that sends; null for the one that the program has set up. */
  OutgoingConnectionInfo: EMailConnectionInfo | null
  Emails: EMailEntity[]
  /** The server that keeps the copies; null for the one that the program has set up. */
  SentItemsConnectionInfo: EMailConnectionInfo | null
}

/** How JSON is read. */
export interface JsonOptions {
  /** What reading may cost; see {@link JsonLimits} for the defaults. */
  readonly limits?: Partial<JsonLimits> | undefined
}

/** A carrier of which any value may be null, at any depth: what `$select` leaves of it. */
export type Selected<T> = T extends readonly (infer Item)[]
  ? Selected<Item>[]
  : T extends Uint8Array
    ? T
    : T extends object
      ? { [K in keyof T]: Selected<T[K]> | null }
      : T

/**
 * Problems that are told at most, of one list and in all. Without an end to them a body of 25 MiB that is a list of
 * zeros would make millions, and each of them is a few hundred octets.
 */
const MAX_PROBLEMS = 1000

// ---------------------------------------------------------------------------------------------------------- values

type Schema<T> = v.GenericSchema<unknown, T>

/** What a problem says, with its code in front: valibot's issues have a place for text alone. */
function says(code: MimeErrorCode, text: string): string {
  return `${code} ${text}`
}

function mustBe(what: string): (issue: { readonly input: unknown }) => string {
  return ({ input }) => says('TYPE_INVALID', `must be ${what}, not ${typeName(input)}`)
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : typeof value
}

const text: Schema<string> = v.nullish(v.string(mustBe('text')), '')
const flag: Schema<boolean> = v.nullish(v.boolean(mustBe('true or false')), false)
const int32: Schema<number> = v.nullish(
  v.pipe(
    v.number(mustBe('a number')),
    v.integer(says('TYPE_INVALID', 'must be a whole number')),
    v.minValue(-(2 ** 31), says('VALUE_INVALID', 'is less than 32 bits hold')),
    v.maxValue(2 ** 31 - 1, says('VALUE_INVALID', 'is more than 32 bits hold')),
  ),
  0,
)

/** One of a few words; what is missing or `''` is the first of them. */
function choice<T extends string>(words: readonly [T, ...T[]]): Schema<T> {
  const word = v.pipe(
    v.string(mustBe('text')),
    v.transform(stated => (stated === '' ? words[0] : stated)),
    v.picklist(words, ({ input }) => says('VALUE_INVALID', `${quoteForError(input)} is none of ${words.join(', ')}`)),
  )
  return v.nullish(word as Schema<T>, () => words[0]) as Schema<T>
}

const FLAGS: ReadonlySet<string> = new Set(['Seen', 'Deleted', 'Recent', 'Flagged', 'Draft', 'Answered'])
/** How .NET writes an enumeration without a flag. */
const NO_FLAGS: ReadonlySet<string> = new Set(['', 'None', '0'])

const flags: Schema<string> = v.nullish(
  v.pipe(
    v.string(mustBe('text')),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const names = dataset.value.split(',').map(name => name.trim())
      const stated = names.filter(name => !NO_FLAGS.has(name))
      if (stated.every(name => FLAGS.has(name))) return [...new Set(stated)].join(', ')
      const message = `${quoteForError(dataset.value)} is no list of ${[...FLAGS].join(', ')}`
      addIssue({ message: says('VALUE_INVALID', message) })
      return NEVER
    }),
  ),
  '',
)

const dateTime: Schema<DateTimeString | null> = v.nullish(
  v.pipe(
    v.unknown(),
    v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
      if (typeof value !== 'string' && !(value instanceof Date)) {
        addIssue({ message: says('TYPE_INVALID', `must be a date-time, not ${typeName(value)}`) })
        return NEVER
      }
      if (value === '') return null
      const normalised = normaliseDateTime(value)
      if (normalised !== undefined) return normalised
      addIssue({ message: says('DATE_INVALID', `${quoteForError(String(value))} is no date-time`) })
      return NEVER
    }),
  ),
  null,
)

/** Octets, on the wire as base64. */
const stream: Schema<Bytes | null> = v.nullish(
  v.pipe(
    v.unknown(),
    v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
      if (value instanceof Uint8Array) return value as Bytes
      if (typeof value !== 'string') {
        addIssue({ message: says('TYPE_INVALID', `must be base64 text, not ${typeName(value)}`) })
        return NEVER
      }
      const length = checkBase64Text(value)
      if (length === -1) {
        addIssue({ message: says('CONTENT_BASE64', `${quoteForError(value)} is no base64 text`) })
        return NEVER
      }
      // Memory of its own: small Buffers share theirs.
      const octets = new Uint8Array(length)
      asBuffer(octets).write(value, 'base64')
      return octets
    }),
  ),
  null,
)

// ----------------------------------------------------------------------------------------------- carriers and lists

type Entries = Readonly<Record<string, Schema<unknown>>>

/** The properties of a carrier by name; null for one that holds a value. */
export interface CarrierShape {
  readonly [property: string]: CarrierShape | null
}

type CarrierOf<E extends Entries> = { -readonly [K in keyof E]: v.InferOutput<E[K]> }

/** An object of which the named properties are read, each once, and nothing else. */
function carrier<const E extends Entries>(entries: E): Schema<CarrierOf<E>> {
  const names = Object.keys(entries)
  return v.pipe(
    v.custom<object>(isRecord, mustBe('an object')),
    v.transform(value => ownProperties(value, names)),
    v.object(entries),
    v.metadata({ entries }),
  ) as unknown as Schema<CarrierOf<E>>
}

function isRecord(value: unknown): value is object {
  return Object.prototype.toString.call(value) === '[object Object]'
}

/** Data of its own alone: what a prototype holds was not in the JSON, and an accessor is code. */
function ownProperties(value: object, names: readonly string[]): Record<string, unknown> {
  const own: Record<string, unknown> = {}
  for (const name of names) own[name] = Object.getOwnPropertyDescriptor(value, name)?.value
  return own
}

function listOf<T>(item: Schema<T>): Schema<T[]> {
  return v.pipe(v.nullish(requiredListOf(item), []), v.metadata(v.getMetadata(item)))
}

function requiredListOf<T>(item: Schema<T>): Schema<T[]> {
  return v.pipe(
    v.array(v.unknown(), mustBe('a list')),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const items: T[] = []
      let problems = 0
      for (const [index, input] of dataset.value.entries()) {
        const result = v.safeParse(item, input)
        if (result.success) items.push(result.output)
        else {
          const place = {
            type: 'array' as const,
            origin: 'value' as const,
            input: dataset.value,
            key: index,
            value: input,
          }
          for (const { message, path } of result.issues) addIssue({ message, path: [place, ...(path ?? [])] })
          problems += result.issues.length
          if (problems >= MAX_PROBLEMS) break
        }
      }
      return problems === 0 ? items : NEVER
    }),
  )
}

function orNull<T>(schema: Schema<T>): Schema<T | null> {
  return v.pipe(v.nullish(schema, null), v.metadata(v.getMetadata(schema)))
}

// --------------------------------------------------------------------------------------------------------- THE table

const right: Schema<Right | null> = orNull(carrier({ Mask: text, Reason: text }))
const fieldProperty: Schema<FieldProperty> = carrier({ FieldRight: right, FieldType: text, FieldLength: int32 })

/** Field names are data here: the one object whose keys are not known. */
const fieldProperties: Schema<Record<string, FieldProperty> | null> = v.nullish(
  v.pipe(
    v.custom<object>(isRecord, mustBe('an object')),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const fields: [string, FieldProperty][] = []
      let problems = 0
      for (const key of Object.keys(dataset.value)) {
        // As a key it would be the prototype of whoever copies the object.
        if (key === '__proto__') continue
        const input: unknown = Object.getOwnPropertyDescriptor(dataset.value, key)?.value
        const result = v.safeParse(fieldProperty, input)
        if (result.success) fields.push([key, result.output])
        else {
          const place = { type: 'object' as const, origin: 'value' as const, input: {}, key, value: input }
          for (const { message, path } of result.issues) addIssue({ message, path: [place, ...(path ?? [])] })
          problems += result.issues.length
          if (problems >= MAX_PROBLEMS) break
        }
      }
      return problems === 0 ? Object.fromEntries(fields) : NEVER
    }),
  ),
  null,
)

const CARRIER = { TableRight: right, FieldProperties: fieldProperties } as const

const PRIORITY: Schema<EMailPriority> = choice(['NoPriority', 'Highest', 'High', 'Normal', 'Low', 'Lowest'])
const CAL_METHOD: Schema<CalMethod> = choice([
  'Unknown',
  'Add',
  'Cancel',
  'Counter',
  'DeclineCounter',
  'Publish',
  'Refresh',
  'Reply',
  'Request',
])
const CAL_REPLY_STATUS: Schema<CalReplyStatus> = choice(['Unknown', 'Accepted', 'Declined', 'Tentative'])

const address: Schema<EMailAddress> = carrier({
  ContactId: int32,
  ContactName: text,
  PersonId: int32,
  PersonName: text,
  AssociateId: int32,
  Address: text,
  EmailId: int32,
  DuplicatePersonIds: listOf(int32),
  Name: text,
  ...CARRIER,
})

const soInfo: Schema<EMailSOInfo> = carrier({
  DocumentId: int32,
  AppointmentId: int32,
  ProjectId: int32,
  SaleId: int32,
  Archived: flag,
  ArchivedAt: dateTime,
  ArchivedBy: int32,
  ArchivedDisplayName: text,
  ...CARRIER,
})

const envelope: Schema<EMailEnvelope> = carrier({
  ServerId: int32,
  MessageId: text,
  Subject: text,
  From: orNull(address),
  To: listOf(address),
  Sent: dateTime,
  Priority: PRIORITY,
  Flags: flags,
  Size: int32,
  EMailSOInfo: orNull(soInfo),
  ...CARRIER,
})

const attachment: Schema<EMailAttachment> = carrier({
  Description: text,
  Filename: text,
  Size: int32,
  Type: text,
  Encoding: text,
  Id: text,
  Disposition: text,
  IsSafeFileExtension: flag,
  Stream: stream,
  ...CARRIER,
})

const customHeader = carrier({ Name: text, Values: listOf(text), ...CARRIER })

const connectionInfo: Schema<EMailConnectionInfo> = carrier({
  ServerName: text,
  UserName: text,
  Password: text,
  Folder: text,
  UseSSL: flag,
  ...CARRIER,
})

const entitySchema: Schema<EMailEntity> = carrier({
  To: listOf(address),
  Cc: listOf(address),
  Bcc: listOf(address),
  Subject: text,
  HTMLBody: text,
  From: orNull(address),
  Sent: dateTime,
  Size: int32,
  Priority: PRIORITY,
  Flags: flags,
  MessageID: text,
  PlainBody: text,
  IsSent: flag,
  EMailSOInfo: orNull(soInfo),
  ServerId: int32,
  Attachments: listOf(attachment),
  CustomHeaderList: listOf(customHeader),
  FolderName: text,
  EmailItemId: int32,
  AccountId: int32,
  ReceivedAt: dateTime,
  InReplyTo: orNull(envelope),
  RepliedAt: dateTime,
  HasCalendarData: flag,
  CalMethod: CAL_METHOD,
  CalReplyStatus: CAL_REPLY_STATUS,
  ...CARRIER,
})

const requestSchema: Schema<SendEMailsRequest> = carrier({
  OutgoingConnectionInfo: orNull(connectionInfo),
  // A request without its list is a mistake; one with an empty list has nothing to do.
  Emails: requiredListOf(entitySchema),
  SentItemsConnectionInfo: orNull(connectionInfo),
})

/** The properties of an EMailEntity and of what it holds. */
export const ENTITY_SHAPE: CarrierShape = shapeOf(entriesOf(entitySchema)!)
const REQUEST_SHAPE: CarrierShape = { ...shapeOf(entriesOf(requestSchema)!), Emails: ENTITY_SHAPE }

function entriesOf(schema: Schema<unknown>): Entries | undefined {
  return v.getMetadata(schema).entries as Entries | undefined
}

function shapeOf(entries: Entries): CarrierShape {
  return Object.fromEntries(
    Object.entries(entries).map(([name, schema]) => {
      const inner = entriesOf(schema)
      return [name, inner === undefined ? null : shapeOf(inner)]
    }),
  )
}

// ------------------------------------------------------------------------------------------------------------ reading

/**
 * Reads an EMailEntity from JSON: every property is there and of its type, Stream is octets, dates are as they were.
 *
 * @param json text, or what `JSON.parse` made of it
 * @throws {MimeError} JSON_INVALID, or every TYPE_INVALID, VALUE_INVALID, DATE_INVALID and CONTENT_BASE64 with its path,
 *   the first 1,000 of them; LIMIT_CHARACTERS, LIMIT_ITEMS; OPTION_INVALID where a limit is no number, or the
 *   options are no object
 */
export function entityFromJson(json: unknown, options: JsonOptions = {}): EMailEntity {
  return read(entitySchema, ENTITY_SHAPE, json, options)
}

/**
 * Reads a list of EMailEntity, such as the API answers SendEMails with. Paths start with the index: `[1].To[0].Address`.
 *
 * @param json text, or what `JSON.parse` made of it
 * @throws {MimeError} as {@link entityFromJson}
 */
export function entitiesFromJson(json: unknown, options: JsonOptions = {}): EMailEntity[] {
  return read(requiredListOf(entitySchema), ENTITY_SHAPE, json, options)
}

/**
 * Reads the body of the API's SendEMails. Paths start with the property: `Emails[1].To[0].Address`.
 *
 * @param json text, or what `JSON.parse` made of it
 * @throws {MimeError} as {@link entityFromJson}
 */
export function sendRequestFromJson(json: unknown, options: JsonOptions = {}): SendEMailsRequest {
  return read(requestSchema, REQUEST_SHAPE, json, options)
}

function read<T>(schema: Schema<T>, shape: CarrierShape, json: unknown, options: JsonOptions): T {
  checkOptions(options)
  const limits = resolveJsonLimits(options.limits)
  const value = typeof json === 'string' ? parseJson(json, limits) : json
  new ItemCounter(limits.items).count(value, shape)
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  const [first, ...rest] = result.issues.slice(0, MAX_PROBLEMS).map(toProblem)
  throw new MimeError([first!, ...rest])
}

/** Counts the items that reading would look at, before anything is made of them. */
class ItemCounter {
  readonly #limit: number
  readonly #path: PropertyKey[] = []
  #items = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /**
   * As deep as carriers are in carriers, and no deeper.
   *
   * @param shape of the carrier, or of those in the list; null for values
   * @throws {MimeError} LIMIT_ITEMS
   */
  count(value: unknown, shape: CarrierShape | null): void {
    if (Array.isArray(value)) {
      this.#add(value.length)
      if (shape === null) return
      for (const [index, item] of value.entries()) if (isRecord(item)) this.#countAt(index, item, shape)
    } else if (isRecord(value)) {
      if (shape === null) this.#add(Object.keys(value).length)
      else {
        for (const [name, inner] of Object.entries(shape)) {
          const own: unknown = Object.getOwnPropertyDescriptor(value, name)?.value
          if (typeof own === 'object' && own !== null) this.#countAt(name, own, inner)
        }
      }
    }
  }

  #countAt(key: PropertyKey, value: unknown, shape: CarrierShape | null): void {
    this.#path.push(key)
    this.count(value, shape)
    this.#path.pop()
  }

  #add(items: number): void {
    this.#items += items
    if (this.#items <= this.#limit) return
    const message = `the lists have more than ${this.#limit} items up to here`
    throw mimeError('LIMIT_ITEMS', pathOf(this.#path), message)
  }
}

function parseJson(json: string, { characters }: JsonLimits): unknown {
  if (json.length > characters) {
    throw mimeError('LIMIT_CHARACTERS', '', `the text has ${json.length} characters, ${characters} are allowed`)
  }
  try {
    // A byte order mark is not JSON (RFC 8259 §8.1), and editors on Windows write it.
    return JSON.parse(json.startsWith('\ufeff') ? json.slice(1) : json)
  } catch (error) {
    throw mimeError('JSON_INVALID', '', `the text is no JSON: ${quoteForError(json)}`, { cause: error })
  }
}

function toProblem({ message, path: steps }: v.BaseIssue<unknown>): Problem {
  const space = message.indexOf(' ')
  const code = message.slice(0, space) as MimeErrorCode
  return { code, path: pathOf((steps ?? []).map(({ key }) => key as PropertyKey)), message: message.slice(space + 1) }
}

function pathOf(keys: readonly PropertyKey[]): string {
  return keys.map(pathStep).join('').replace(/^\./, '')
}

/** Names of fields are data, and as long as somebody likes. */
function pathStep(key: PropertyKey): string {
  if (typeof key === 'number') return `[${key}]`
  const name = String(key)
  return /^\w{1,60}$/.test(name) ? `.${name}` : `[${quoteForError(name)}]`
}

// ------------------------------------------------------------------------------------------------------------ writing

/**
 * Writes the wire form of an EMailEntity: every property, Stream as base64, dates as they are. Contents that are read on
 * demand are read now; what `$select` has nulled stays null.
 */
export function entityToJson(entity: Selected<EMailEntity>): string {
  return JSON.stringify(wireForm(entity))
}

/** Writes the wire form of a list of EMailEntity: what the API answers SendEMails with. */
export function entitiesToJson(entities: readonly Selected<EMailEntity>[]): string {
  return JSON.stringify(entities.map(wireForm))
}

function wireForm(entity: Selected<EMailEntity>): object {
  const complete = copyOf(entity, entriesOf(entitySchema)!, 'keep-null') as Selected<EMailEntity>
  return {
    ...complete,
    Attachments:
      complete.Attachments?.map(file => {
        const { Stream: content } = file
        return { ...file, Stream: content instanceof Uint8Array ? asBuffer(content).toString('base64') : content }
      }) ?? null,
  }
}

/**
 * A copy with every property that the carriers have, and nothing else: missing and null ones get their empty value,
 * wrong types stay for who checks them, contents that are read on demand still are.
 *
 * Lists and carriers are new, octets are shared. A Stream of another kind than octets stays as it is.
 */
export function completeEntity(entity: EMailEntityInput): EMailEntity {
  return copyOf(entity, entriesOf(entitySchema)!, 'fill-null') as EMailEntity
}

/** What becomes of a null where the property has another empty value. */
type NullMode = 'fill-null' | 'keep-null'

function copyOf(source: object, entries: Entries, mode: NullMode): object {
  const copy = {}
  for (const [name, schema] of Object.entries(entries)) {
    const accessor = Object.getOwnPropertyDescriptor(source, name)?.get
    if (accessor === undefined) {
      const value: unknown = (source as Record<string, unknown>)[name]
      ;(copy as Record<string, unknown>)[name] = copyOfValue(value, schema, mode)
    } else {
      const get = (): unknown => copyOfValue(accessor.call(source), schema, mode)
      Object.defineProperty(copy, name, { get, enumerable: true, configurable: true })
    }
  }
  return copy
}

function copyOfValue(value: unknown, schema: Schema<unknown>, mode: NullMode): unknown {
  if (value === undefined || (value === null && mode === 'fill-null')) return emptyValue(schema)
  if (value instanceof Date) return normaliseDateTime(value) ?? value
  const entries = entriesOf(schema)
  if (Array.isArray(value)) {
    if (entries === undefined) return [...value]
    return Array.from(value, (item: unknown) => (isCarrier(item) ? copyOf(item, entries, mode) : item))
  }
  return entries !== undefined && isCarrier(value) ? copyOf(value, entries, mode) : value
}

/** Any object: an entity may be of a class. */
function isCarrier(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What reading gives a property that is not there. */
function emptyValue(schema: Schema<unknown>): unknown {
  const result = v.safeParse(schema, undefined)
  return result.success ? result.output : undefined
}
