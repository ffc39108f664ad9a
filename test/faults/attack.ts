/**
 * What attacks on a composer are made with: an entity with a text in every place, the paths of its texts, and the check
 * that a message has the fields that its entity asks for, and no other.
 */
import { expect } from 'vitest'
import { type ComposeOptions, composeMessage, type EMailEntityInput, MimeError } from '../../src/index.ts'
import { type StrictPart, strictParse } from '../conformance/strict-check.ts'
import { PLAIN_ENTITY, seeded } from './wire.ts'

export const custom = (Name: string, ...Values: readonly string[]): EMailEntityInput => ({
  CustomHeaderList: [{ Name, Values }],
})

/** An entity that has a text in every place from which a header is made. */
export const FULL_ENTITY: EMailEntityInput = {
  ...PLAIN_ENTITY,
  From: { Name: 'From Name', Address: 'from@example.org' },
  To: [{ Name: 'To Name', Address: 'to@example.org' }],
  Cc: [{ Name: 'Cc Name', Address: 'cc@example.org' }],
  Bcc: [{ Name: 'Bcc Name', Address: 'bcc@example.org' }],
  Subject: 'The subject',
  HTMLBody: '<p>Hi',
  Priority: 'High',
  Flags: 'Draft',
  InReplyTo: { MessageId: '<parent@example.org>' },
  CustomHeaderList: [
    { Name: 'X-Text', Values: ['custom text'] },
    { Name: 'List-Unsubscribe', Values: ['<https://example.org/leave> (leave the list)'] },
    { Name: 'List-Id', Values: ['The list <list.example.org>'] },
    { Name: 'Reply-To', Values: ['Reply Name <reply@example.org>'] },
    { Name: 'Sender', Values: ['sender@example.org'] },
    { Name: 'References', Values: ['<root@example.org>'] },
    { Name: 'DKIM-Signature', Values: ['v=1; a=rsa-sha256; b=AAAA'] },
    { Name: 'Received', Values: ['from a by b; Thu, 15 Jan 2026 11:00:00 +0000'] },
  ],
  Attachments: [
    {
      Filename: 'report.pdf',
      Type: 'application/pdf; charset=utf-8; x="quoted value"',
      Encoding: 'base64',
      Id: 'id@example.org',
      Description: 'The report',
      Disposition: 'attachment; filename=other.pdf',
      Stream: 'AQID',
    },
  ],
}

/** Path and text of every string in the entity: `Attachments[0].Filename`. */
export function textsOf(value: unknown, path = ''): (readonly [path: string, text: string])[] {
  if (typeof value === 'string') return [[path, value]]
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return []
  if (Array.isArray(value)) return value.flatMap((item, index) => textsOf(item, `${path}[${index}]`))
  return Object.entries(value).flatMap(([key, item]) => textsOf(item, path === '' ? key : `${path}.${key}`))
}

/** A deep copy in which the property at the path is what `define` says. */
export function withProperty(entity: EMailEntityInput, path: string, descriptor: PropertyDescriptor): EMailEntityInput {
  const copy = structuredClone(entity)
  const keys = path.split(/[.[\]]+/).filter(key => key !== '')
  let holder = copy as Record<string, unknown>
  for (const key of keys.slice(0, -1)) holder = holder[key] as Record<string, unknown>
  Object.defineProperty(holder, keys.at(-1)!, { configurable: true, enumerable: true, ...descriptor })
  return copy
}

export const withValue = (entity: EMailEntityInput, path: string, value: unknown): EMailEntityInput =>
  withProperty(entity, path, { value, writable: true })

/** Paths of what becomes part of a header. */
export const HEADER_PATH: RegExp =
  /^(?:(?:From|(?:To|Cc|Bcc)\[\d+\])\.(?:Name|Address)|Subject|MessageID|InReplyTo\.MessageId|CustomHeaderList\[\d+\]\.(?:Name|Values\[\d+\])|Attachments\[\d+\]\.(?:Filename|Type|Id|Description|Disposition|Encoding))$/

export const HEADER_PATHS: readonly string[] = textsOf(FULL_ENTITY)
  .map(([path]) => path)
  .filter(path => HEADER_PATH.test(path))

/** Names of the fields that a message of the entity has, in any order, without those of its structure. */
function expectedNames(entity: EMailEntityInput, options: ComposeOptions = {}): string[] {
  const { To = [], Cc = [], Bcc = [], CustomHeaderList = [], Flags, Priority } = entity
  const names = ['mime-version']
  const add = (isThere: unknown, ...added: readonly string[]): void => {
    if (isThere) names.push(...added)
  }
  const fields = (CustomHeaderList ?? []).flatMap(({ Name, Values }) => (Values ?? []).map(() => Name!.toLowerCase()))
  const parent = entity.InReplyTo?.MessageId
  add(entity.Sent || options.draft !== true, 'date')
  add(entity.From, 'from')
  add((To ?? []).length > 0 || ((Cc ?? []).length === 0 && options.draft !== true), 'to')
  add((Cc ?? []).length > 0, 'cc')
  add((Bcc ?? []).length > 0 && (options.bcc ?? (options.draft ? 'keep' : 'omit')) === 'keep', 'bcc')
  add(entity.Subject, 'subject')
  add(entity.MessageID || options.draft !== true, 'message-id')
  add(parent, 'in-reply-to')
  add(parent || fields.includes('references') || options.references, 'references')
  add(Priority && Priority !== 'NoPriority', 'x-priority', 'importance', 'priority')
  add(
    Flags?.split(',').some(flag => flag.trim() === 'Draft'),
    'x-unsent',
  )
  return [...names, ...fields.filter(name => name !== 'references')].sort()
}

/** Where `archive` writes what no other field carries. */
const ARCHIVE_FIELD = 'x-mimecal-archive'

const STRUCTURE = [
  'content-type',
  'content-transfer-encoding',
  'content-disposition',
  'content-id',
  'content-description',
]

/** The message has the fields that the entity asks for, and parts have fields of the structure alone. */
export function expectNames(octets: Uint8Array, entity: EMailEntityInput, options: ComposeOptions = {}): void {
  const { root, violations } = strictParse(octets, { smtpUtf8: true, draft: options.draft })
  expect(violations.filter(violation => /§3\.6\.8|bare|NUL|control/.test(violation))).toEqual([])
  const namesOf = (part: StrictPart): string[] => part.fields.map(({ name }) => name.toLowerCase())
  const own = namesOf(root).filter(name => !STRUCTURE.includes(name) && !(options.archive && name === ARCHIVE_FIELD))
  expect(own.sort()).toEqual(expectedNames(entity, options))
  const waiting = [...root.parts]
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    expect(namesOf(part).filter(name => !STRUCTURE.includes(name))).toEqual([])
    expect(new Set(namesOf(part)).size).toBe(part.fields.length)
    waiting.push(...part.parts)
  }
}

/** Composes, or gives the MimeError; any other error is one of the test. */
export function attempt(entity: EMailEntityInput, options: ComposeOptions = {}): Uint8Array | MimeError {
  try {
    return composeMessage(entity, { random: seeded(), ...options }).toBytes()
  } catch (error) {
    if (error instanceof MimeError) return error
    throw error
  }
}
