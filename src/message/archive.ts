/**
 * The archive: what no message field carries (keys and rights of the CRM, flags of the mail store, fractions of a
 * second), in one private field, for messages that go into a store and come back.
 *
 * It is written and read only where `archive` asks for it: it tells the keys of the CRM to everyone who sees the
 * message, and a stranger can write one too. Reading takes only values of the right type, and of addresses and
 * attachments only for those that the message really has.
 */
import { Buffer } from 'node:buffer'
import type { OnDefect } from '../defect.ts'
import { type EMailEntity, type EMailEntityInput, emptyAddress, emptyEnvelope } from '../entity/entity.ts'
import { normaliseDateTime } from '../entity/time-zone.ts'
import { formatDateTime } from '../header/date-time.ts'
import { foldTokens } from '../header/fold.ts'

/** Lower-case name of the field. */
export const ARCHIVE_FIELD = 'x-mimecal-archive'
const ARCHIVE_NAME = 'X-Mimecal-Archive'

/** Octets of JSON that are archived at most; in base64 they stay below a reader's limit of 1 MiB for a header. */
export const MAX_ARCHIVE_OCTETS: number = 512 * 1024

/** Characters of a line of the field. */
const LINE_LENGTH = 72

/** What a property may hold. A function checks what is inside. */
type Kind = 'text' | 'integer' | 'flag' | 'date' | 'integers' | ((value: unknown) => unknown)
type Shape = Readonly<Record<string, Kind>>

const CARRIER: Shape = { TableRight: right, FieldProperties: fieldProperties }

/** THE table of what is archived, by carrier. What a message carries itself is not in it. */
const ADDRESS: Shape = {
  ContactId: 'integer',
  ContactName: 'text',
  PersonId: 'integer',
  PersonName: 'text',
  AssociateId: 'integer',
  EmailId: 'integer',
  DuplicatePersonIds: 'integers',
  ...CARRIER,
}
const SO_INFO: Shape = {
  DocumentId: 'integer',
  AppointmentId: 'integer',
  ProjectId: 'integer',
  SaleId: 'integer',
  Archived: 'flag',
  ArchivedAt: 'date',
  ArchivedBy: 'integer',
  ArchivedDisplayName: 'text',
  ...CARRIER,
}
const WHOLE_ADDRESS: Shape = { Address: 'text', Name: 'text', ...ADDRESS }
const ENVELOPE: Shape = {
  ServerId: 'integer',
  MessageId: 'text',
  Subject: 'text',
  From: value => complete(value, WHOLE_ADDRESS, emptyAddress('', '')),
  To: value => listOf(value, WHOLE_ADDRESS, () => emptyAddress('', '')),
  Sent: 'date',
  Priority: 'text',
  Flags: 'text',
  Size: 'integer',
  EMailSOInfo: soInfo,
  ...CARRIER,
}
const ENTITY: Shape = {
  Flags: 'text',
  IsSent: 'flag',
  EMailSOInfo: soInfo,
  ServerId: 'integer',
  FolderName: 'text',
  EmailItemId: 'integer',
  AccountId: 'integer',
  ReceivedAt: 'date',
  RepliedAt: 'date',
  InReplyTo: value => complete(value, ENVELOPE, emptyEnvelope('')),
  HasCalendarData: 'flag',
  CalMethod: 'text',
  CalReplyStatus: 'text',
  ...CARRIER,
}

/**
 * The field, ended by CRLF; `''` where there is nothing to archive, undefined where there is too much.
 *
 * @param entity whose types were checked
 * @param order the attachments in the order in which they are written
 * @param keepBcc whether the message has its Bcc field
 */
export function writeArchive(entity: EMailEntityInput, order: readonly object[], keepBcc: boolean): string | undefined {
  const archive: Record<string, unknown> = pick(entity, ENTITY)
  const sent = entity.Sent ? normaliseDateTime(entity.Sent) : undefined
  // A Date always has a fraction; the header says one of 0 as well.
  if (sent?.includes('.') && !(entity.Sent instanceof Date && sent.endsWith('.000Z'))) archive.Sent = sent
  if (entity.From) add(archive, 'From', pick(entity.From, ADDRESS))
  addEach(archive, 'To', entity.To, ADDRESS)
  addEach(archive, 'Cc', entity.Cc, ADDRESS)
  if (keepBcc) addEach(archive, 'Bcc', entity.Bcc, ADDRESS)
  addEach(archive, 'Attachments', order, CARRIER)
  addEach(archive, 'CustomHeaderList', entity.CustomHeaderList, CARRIER)
  if (archive.CustomHeaderList !== undefined) {
    archive.CustomHeaderNames = entity.CustomHeaderList!.map(header => header.Name)
  }
  const octets = Buffer.from(JSON.stringify(archive), 'utf8')
  if (octets.length > MAX_ARCHIVE_OCTETS) return undefined
  if (Object.keys(archive).length === 0) return ''
  const lines = octets.toString('base64').match(new RegExp(`.{1,${LINE_LENGTH}}`, 'g')) ?? []
  return `${ARCHIVE_NAME}: ${foldTokens(lines, LINE_LENGTH)}\r\n`
}

/**
 * Restores what the field holds.
 *
 * @param value the unfolded field value
 * @param entity as read from the rest of the message; changed
 */
export function readArchive(value: string, entity: EMailEntity, onDefect: OnDefect): void {
  const archive = parseArchive(value)
  if (archive === undefined) {
    onDefect('ARCHIVE_INVALID', 0)
    return
  }
  restore(archive, ENTITY, entity)
  const { Sent: sent } = archive
  // The fraction belongs to the date of the message only where the rest of it is the same.
  if (typeof sent === 'string' && entity.Sent !== null && formatDateTime(sent) === formatDateTime(entity.Sent)) {
    entity.Sent = sent
  }
  if (entity.From !== null) restore(archive.From, ADDRESS, entity.From)
  restoreEach(archive.To, ADDRESS, entity.To)
  restoreEach(archive.Cc, ADDRESS, entity.Cc)
  restoreEach(archive.Bcc, ADDRESS, entity.Bcc)
  restoreEach(archive.Attachments, CARRIER, entity.Attachments)
  const names: readonly unknown[] = Array.isArray(archive.CustomHeaderNames) ? archive.CustomHeaderNames : []
  for (const [index, header] of asList(archive.CustomHeaderList).entries()) {
    const name = String(names[index]).toLowerCase()
    const target = entity.CustomHeaderList.find(({ Name }) => Name.toLowerCase() === name)
    if (target !== undefined) restore(header, CARRIER, target)
  }
}

function parseArchive(value: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(value, 'base64').toString('utf8'))
    return isRecord(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

/** The properties of a shape that say something. */
function pick(source: object, shape: Shape): Record<string, unknown> {
  const picked: Record<string, unknown> = {}
  for (const [name, kind] of Object.entries(shape)) {
    const value: unknown = (source as Record<string, unknown>)[name]
    const kept = value instanceof Date ? value.toISOString() : checked(value, kind)
    if (kept !== undefined && !isNothing(kept)) picked[name] = kept
  }
  return picked
}

function isNothing(value: unknown): boolean {
  return (
    value === null || value === 0 || value === '' || value === false || (Array.isArray(value) && value.length === 0)
  )
}

function add(archive: Record<string, unknown>, name: string, value: Record<string, unknown>): void {
  if (Object.keys(value).length > 0) archive[name] = value
}

function addEach(
  archive: Record<string, unknown>,
  name: string,
  list: readonly object[] | null | undefined,
  shape: Shape,
): void {
  const picked = (list ?? []).map(item => pick(item, shape))
  if (picked.some(item => Object.keys(item).length > 0)) archive[name] = picked
}

function restore(source: unknown, shape: Shape, target: object): void {
  if (!isRecord(source)) return
  for (const [name, kind] of Object.entries(shape)) {
    if (!Object.hasOwn(source, name)) continue
    const value = checked(source[name], kind)
    if (value !== undefined) (target as Record<string, unknown>)[name] = value
  }
}

function restoreEach(source: unknown, shape: Shape, targets: readonly object[]): void {
  const list = asList(source)
  // Another number of them is another list: none can be told from the other.
  if (list.length !== targets.length) return
  for (const [index, target] of targets.entries()) restore(list[index], shape, target)
}

/** The value where it is of its kind, else undefined. */
function checked(value: unknown, kind: Kind): unknown {
  if (typeof kind === 'function') return isRecord(value) || Array.isArray(value) ? kind(value) : undefined
  switch (kind) {
    case 'text':
    case 'date':
      return typeof value === 'string' ? value : undefined
    case 'integer':
      return Number.isSafeInteger(value) ? value : undefined
    case 'flag':
      return typeof value === 'boolean' ? value : undefined
    case 'integers':
      return Array.isArray(value) && value.every(Number.isSafeInteger) ? value : undefined
  }
}

/** A carrier with everything it should have, from what is there of it. */
function complete(value: unknown, shape: Shape, empty: object): object {
  restore(isRecord(value) ? withDatesAsText(value) : value, shape, empty)
  return empty
}

function withDatesAsText(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, item instanceof Date ? item.toISOString() : item]),
  )
}

function listOf(value: unknown, shape: Shape, empty: () => object): object[] {
  return asList(value).map(item => complete(item, shape, empty()))
}

function soInfo(value: unknown): object {
  return complete(value, SO_INFO, {
    DocumentId: 0,
    AppointmentId: 0,
    ProjectId: 0,
    SaleId: 0,
    Archived: false,
    ArchivedAt: null,
    ArchivedBy: 0,
    ArchivedDisplayName: '',
    TableRight: null,
    FieldProperties: null,
  })
}

function right(value: unknown): object | undefined {
  return isRecord(value) && typeof value.Mask === 'string' && typeof value.Reason === 'string'
    ? { Mask: value.Mask, Reason: value.Reason }
    : undefined
}

function fieldProperties(value: unknown): object | undefined {
  if (!isRecord(value)) return undefined
  const entries: [string, object][] = []
  for (const [name, property] of Object.entries(value)) {
    if (!isRecord(property)) return undefined
    const { FieldType, FieldLength } = property
    if (typeof FieldType !== 'string' || !Number.isSafeInteger(FieldLength)) return undefined
    entries.push([name, { FieldRight: right(property.FieldRight) ?? null, FieldType, FieldLength }])
  }
  return Object.fromEntries(entries)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
