/**
 * Composes every entity of corpus/entities, compares the octets with the reviewed `<case>.eml`, and has three readers
 * say what they see: mailparser, Python's email (where python3 is installed) and parseMessage.
 *
 * `<case>.expect.json` was derived from the entity by hand, not from our output: any correct reader must see it.
 * UPDATE=1 rewrites the goldens; a missing one fails otherwise.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { domainToASCII, fileURLToPath } from 'node:url'
import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser'
import { describe, expect, test } from 'vitest'
import type { EMailAddress, EMailEntity, EMailEntityInput } from '../../src/entity/entity.ts'
import { MimeError } from '../../src/errors.ts'
import { type ComposedMessage, composeMessage, parseMessage } from '../../src/index.ts'
import type { MimePart } from '../../src/mime/part.ts'

const FOLDER = new URL('../../corpus/entities/', import.meta.url)
const REFUSED = new URL('refused/', FOLDER)
const UPDATE = process.env.UPDATE === '1' && process.env.CI !== 'true'

interface Mailbox {
  readonly name: string
  readonly address: string
}

/** Properties that an expectation leaves out are not compared. */
interface SeenAttachment {
  readonly filename: string
  readonly type: string
  readonly disposition: string
  readonly cid: string
  readonly size: number
  readonly sha256: string
  readonly description?: string | undefined
  readonly charset?: string | undefined
  readonly encoding?: string | undefined
}

/** What a reader sees; undefined where it cannot tell. */
interface Seen {
  readonly subject: string
  readonly from: readonly Mailbox[]
  readonly to: readonly Mailbox[]
  readonly cc: readonly Mailbox[]
  readonly bcc: readonly Mailbox[]
  /** ISO 8601 with the offset of the message. */
  readonly date: string | null
  readonly messageId: string
  readonly inReplyTo: string
  readonly references: readonly string[]
  readonly text: string
  readonly html: string
  readonly attachments: readonly SeenAttachment[]
  readonly structure?: string
  /** Decoded values by lower-case name. */
  readonly headers?: Readonly<Record<string, readonly string[]>>
  /** Content-Transfer-Encoding of the first part of a type. */
  readonly encodings?: Readonly<Record<string, string>>
}

interface Expectation extends Partial<Omit<Seen, 'attachments' | 'structure' | 'headers'>> {
  readonly options?: { readonly draft?: boolean }
  readonly attachments: readonly SeenAttachment[]
  /** Several where more than one is right. */
  readonly structure?: string | readonly string[]
  /** By field name; null where the field must be absent. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>>
  readonly envelope?: { readonly from: string; readonly to: readonly string[] }
}

const cases = readdirSync(FOLDER)
  .filter(file => file.endsWith('.expect.json'))
  .map(file => file.slice(0, -'.expect.json'.length))
const refused = readdirSync(REFUSED)
  .filter(file => file.endsWith('.problems.json'))
  .map(file => file.slice(0, -'.problems.json'.length))

test('finds the corpus, each entity with its expectation', () => {
  expect(cases.length).toBeGreaterThanOrEqual(26)
  expect(refused.length).toBeGreaterThanOrEqual(12)
  const entities = readdirSync(FOLDER).filter(file => /^[^.]+\.json$/.test(file))
  expect(entities).toEqual(cases.map(name => `${name}.json`))
})

const composed = new Map(cases.map(name => [name, attempt(() => compose(name))]))
const python = readWithPython()

describe.each(cases)('%s', name => {
  const expected: Expectation = readJson(`${name}.expect.json`)
  const octets = () => result(composed.get(name)!).toBytes()

  test('octets are those of the golden', () => {
    const golden = new URL(`${name}.eml`, FOLDER)
    if (UPDATE) writeFileSync(golden, octets())
    if (!existsSync(golden)) throw new Error(`${name}.eml is missing: review what UPDATE=1 writes`)
    expect(Buffer.from(octets()).toString('latin1')).toBe(readFileSync(golden, 'latin1'))
  })

  test('octets are the same a second time, and as many as promised', () => {
    const message = result(composed.get(name)!)
    expect(message.size).toBe(octets().length)
    expect(Buffer.from(compose(name).toBytes()).equals(octets())).toBe(true)
  })

  test('envelope', () => {
    const { envelope } = result(composed.get(name)!)
    if (expected.envelope !== undefined) expect({ from: envelope.from, to: envelope.to }).toEqual(expected.envelope)
  })

  test('mailparser sees what the entity says', async () => {
    const mail = await simpleParser(Buffer.from(octets()), { keepCidLinks: true, skipTextToHtml: true })
    agree(seenByMailparser(mail), forMailparser(expected))
  })

  test.skipIf(python === undefined)("Python's email sees what the entity says", () => {
    const seen = result(python!)[cases.indexOf(name)]!
    if ('error' in seen) throw new Error(seen.error)
    agree(seen, expected)
  })

  test('parseMessage sees what the entity says', () => {
    const { entity, defects, root } = parseMessage(octets())
    expect(defects).toEqual([])
    agree(
      {
        subject: entity.Subject,
        from: entity.From === null ? [] : [entity.From].map(mailbox),
        to: entity.To.map(mailbox),
        cc: entity.Cc.map(mailbox),
        bcc: entity.Bcc.map(mailbox),
        date: entity.Sent,
        messageId: entity.MessageID,
        inReplyTo: entity.InReplyTo?.MessageId ?? '',
        // The last one is in InReplyTo.
        references: [...valuesOf(entity, 'references'), entity.InReplyTo?.MessageId ?? ''].flatMap(value =>
          value.split(/\s+/),
        ),
        text: entity.PlainBody,
        html: entity.HTMLBody,
        attachments: entity.Attachments.map(attachment => ({
          filename: attachment.Filename,
          type: attachment.Type.replace(/;.*/s, ''),
          disposition: attachment.Disposition,
          cid: attachment.Id,
          description: attachment.Description,
          charset: /charset="?([^";]+)/i.exec(attachment.Type)?.[1]?.toLowerCase(),
          encoding: attachment.Encoding,
          size: attachment.Size,
          sha256: sha256(attachment.Stream ?? new Uint8Array()),
        })),
        structure: structureOf(root),
      },
      expected,
    )
  })
})

describe('refuses', () => {
  test.each(refused)('%s', name => {
    const entity = JSON.parse(readFileSync(new URL(`${name}.json`, REFUSED), 'utf8'))
    const expected = JSON.parse(readFileSync(new URL(`${name}.problems.json`, REFUSED), 'utf8'))
    const error = attempt(() => composeMessage(entity, options())).error
    expect(error).toBeInstanceOf(MimeError)
    const problems = (error as MimeError).problems.map(({ code, path }) => ({ code, path }))
    expect(problems.sort(byPath)).toEqual(expected.sort(byPath))
  })
})

interface Outcome<T> {
  readonly value?: T
  readonly error?: unknown
}

/** Keeps an error for the test that it belongs to. */
function attempt<T>(action: () => T): Outcome<T> {
  try {
    return { value: action() }
  } catch (error) {
    return { error }
  }
}

function result<T>(outcome: Outcome<T>): T {
  if ('error' in outcome) throw outcome.error
  return outcome.value!
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'))
}

function compose(name: string): ComposedMessage {
  const { options: given }: Expectation = readJson(`${name}.expect.json`)
  return composeMessage(readJson<EMailEntityInput>(`${name}.json`), { ...options(), ...given })
}

/** A clock that stands still and a random source that counts. */
function options() {
  let counter = 0
  return {
    now: () => new Date('2026-01-15T12:00:00Z'),
    random: (octets: number) => Uint8Array.from({ length: octets }, () => counter++ & 0xff),
  }
}

/** What Python's email reads from all messages, in one process; undefined where there is no Python. */
function readWithPython(): Outcome<(Seen | { error: string })[]> | undefined {
  const sources = cases.map(name => {
    const { value } = attempt(() => result(composed.get(name)!).toBytes())
    return Buffer.from(value ?? []).toString('base64')
  })
  const script = fileURLToPath(new URL('read_message.py', import.meta.url))
  const child = spawnSync('python3', [script], { input: JSON.stringify(sources), maxBuffer: 2 ** 28 })
  if (child.error !== undefined) return undefined
  return attempt(() => {
    if (child.status !== 0) throw new Error(String(child.stderr))
    return JSON.parse(String(child.stdout))
  })
}

function seenByMailparser(mail: ParsedMail): Seen {
  return {
    subject: mail.subject ?? '',
    from: flatten(mail.from),
    to: flatten(mail.to),
    cc: flatten(mail.cc),
    bcc: flatten(mail.bcc),
    date: mail.date?.toISOString() ?? null,
    messageId: mail.messageId ?? '',
    inReplyTo: mail.inReplyTo ?? '',
    references: [mail.references ?? []].flat(),
    text: mail.text ?? '',
    html: mail.html || '',
    attachments: mail.attachments.map(attachment => ({
      filename: attachment.filename ?? '',
      type: attachment.contentType,
      disposition: attachment.contentDisposition ?? '',
      cid: attachment.cid ?? '',
      size: attachment.size,
      sha256: sha256(attachment.content),
    })),
  }
}

/** mailparser gives an instant without offset, and makes text of HTML where there is no text. */
function forMailparser(expected: Expectation): Expectation {
  const { text = '', date, ...same } = expected
  return {
    ...same,
    attachments: expected.attachments.map(({ description, charset, encoding, ...attachment }) => attachment),
    ...(date ? { date: new Date(date).toISOString() } : {}),
    ...(text === '' ? {} : { text }),
  }
}

function flatten(field: AddressObject | AddressObject[] | undefined): Mailbox[] {
  return [field ?? []]
    .flat()
    .flatMap(object =>
      object.value.flatMap(entry => (entry.group ?? [entry]).map(({ name, address = '' }) => ({ name, address }))),
    )
}

/** Fields whose values are keywords in any case: RFC 2156 §5.3. */
const CASELESS_FIELDS: ReadonlySet<string> = new Set(['importance', 'priority'])

/** Compares what the expectation names. */
function agree(seen: Seen, expected: Expectation): void {
  const { options: _, envelope: __, structure, headers, encodings, attachments, ...fields } = expected
  for (const [name, value] of Object.entries(fields)) {
    expect.soft(normalized(seen[name as keyof Seen]), name).toEqual(normalized(value))
  }
  expect
    .soft(seen.attachments.map((attachment, index) => restrict(attachment, attachments[index] ?? {})))
    .toEqual(attachments)
  if (structure !== undefined && seen.structure !== undefined) {
    expect.soft([structure].flat(), 'structure').toContain(seen.structure)
  }
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (seen.headers === undefined) break
    const key = name.toLowerCase()
    const fold = (text: string) => (CASELESS_FIELDS.has(key) ? text.toLowerCase() : text)
    expect.soft(seen.headers[key]?.map(fold) ?? null, name).toEqual(value === null ? null : [value].flat().map(fold))
  }
  for (const [type, value] of Object.entries(encodings ?? {})) {
    if (seen.encodings !== undefined) expect.soft(seen.encodings[type], `encoding of ${type}`).toBe(value)
  }
}

/** Mailboxes with their domains as A-labels: readers differ in showing one or the other. */
function normalized(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  return value.map(entry => (typeof entry === 'object' ? { ...entry, address: toAscii(entry.address) } : entry))
}

function toAscii(address: string): string {
  const at = address.lastIndexOf('@') + 1
  return address.slice(0, at) + (domainToASCII(address.slice(at)) || address.slice(at)).toLowerCase()
}

function restrict(attachment: SeenAttachment, to: object): object {
  return Object.fromEntries(Object.entries(attachment).filter(([name]) => name in to))
}

function mailbox(address: EMailAddress): Mailbox {
  return { name: address.Name, address: address.Address }
}

function valuesOf(entity: EMailEntity, name: string): string[] {
  return entity.CustomHeaderList.filter(header => header.Name.toLowerCase() === name).flatMap(header => header.Values)
}

function structureOf(part: MimePart): string {
  const { mediaType } = part.contentType
  return mediaType.startsWith('multipart/') ? `${mediaType}(${part.parts.map(structureOf).join(',')})` : mediaType
}

function sha256(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex')
}

function byPath(a: { path: string; code: string }, b: { path: string; code: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : a.code < b.code ? -1 : a.code > b.code ? 1 : 0
}
