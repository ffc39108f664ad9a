/**
 * Other people's readers: mailparser, postal-mime and Python's email, by its two policies, each brought to one shape,
 * and the comparison of what they read with what the entity says.
 *
 * A difference is tolerated only where {@link FAULTS} names the reader and the property, gives the reason, and computes
 * what that reader makes of the expected value: anything else it reads is still a difference.
 */
import { Buffer } from 'node:buffer'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { domainToUnicode, fileURLToPath } from 'node:url'
import { type AddressObject, simpleParser } from 'mailparser'
import PostalMime, { type Address, decodeWords } from 'postal-mime'
import type { EMailAddress, EMailAttachment, EMailEntity } from '../../src/entity/entity.ts'

export type ReaderName = 'mailparser' | 'postal-mime' | 'python default' | 'python compat32'

export interface ReaderMailbox {
  readonly name: string
  readonly address: string
}

export interface ReaderAttachment {
  readonly filename: string
  /** Media type without parameters, lower case. */
  readonly type: string
  /** Base64 of the decoded content; null where the reader does not keep the octets. */
  readonly content: string | null
  /** Content-ID without its angle brackets. */
  readonly cid: string
}

/** What one reader makes of a message. */
export interface Reading {
  readonly reader: ReaderName
  readonly subject: string
  readonly from: readonly ReaderMailbox[]
  readonly to: readonly ReaderMailbox[]
  readonly cc: readonly ReaderMailbox[]
  /** Line breaks are LF. */
  readonly text: string
  /** Line breaks are LF. */
  readonly html: string
  readonly attachments: readonly ReaderAttachment[]
  /** An instant that `Date.parse` reads; null where there is none. */
  readonly date: string | null
  /** What the reader found wrong, or the error with which it gave up. */
  readonly defects: readonly string[]
}

export interface Readers {
  /** One line for each reader that is not there, with the reason. */
  readonly skipped: readonly string[]
  /** Reads the message with every reader. */
  read(message: Uint8Array): Promise<Reading[]>
  /** Ends the Python process. */
  close(): Promise<void>
}

/** Starts the readers; Python is one process for all messages, and is skipped where there is no `python3`. */
export function openReaders(): Readers {
  const hasPython = spawnSync('python3', ['--version']).status === 0
  const python = hasPython ? openPython() : undefined
  return {
    skipped: hasPython ? [] : ['python default, python compat32: no python3 on the PATH'],
    async read(message) {
      const readings = await Promise.all([
        attempt('mailparser', () => readWithMailparser(message)),
        attempt('postal-mime', () => readWithPostalMime(message)),
        python?.read(message) ?? [],
      ])
      return readings.flat()
    },
    async close() {
      await python?.close()
    },
  }
}

const NOTHING = { subject: '', from: [], to: [], cc: [], text: '', html: '', attachments: [], date: null } as const

async function attempt(reader: ReaderName, read: () => Promise<Reading>): Promise<Reading> {
  try {
    return await read()
  } catch (error) {
    return { reader, ...NOTHING, defects: [`gave up: ${String(error)}`] }
  }
}

function lfText(text: string | false | null | undefined): string {
  return (text || '').replace(/\r\n/g, '\n')
}

function withoutBrackets(contentId: string | undefined): string {
  return (contentId ?? '').replace(/^<|>$/g, '')
}

async function readWithMailparser(message: Uint8Array): Promise<Reading> {
  const mail = await simpleParser(Buffer.from(message), {
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipImageLinks: true,
    skipTextLinks: true,
  })
  const mailboxes = (found: AddressObject | AddressObject[] | undefined): ReaderMailbox[] =>
    [found ?? []]
      .flat()
      .flatMap(({ value }) => value)
      .flatMap(entry => entry.group ?? [entry])
      .map(({ name, address }) => ({ name, address: address ?? '' }))
  return {
    reader: 'mailparser',
    subject: mail.subject ?? '',
    from: mailboxes(mail.from),
    to: mailboxes(mail.to),
    cc: mailboxes(mail.cc),
    text: lfText(mail.text),
    html: lfText(mail.html),
    attachments: mail.attachments.map(({ filename, contentType, content, contentId }) => ({
      filename: filename ?? '',
      type: contentType.toLowerCase(),
      content: content.toString('base64'),
      cid: withoutBrackets(contentId),
    })),
    date: mail.date?.toISOString() ?? null,
    defects: [],
  }
}

async function readWithPostalMime(message: Uint8Array): Promise<Reading> {
  const mail = await PostalMime.parse(message, { forceRfc822Attachments: true, attachmentEncoding: 'arraybuffer' })
  const mailboxes = (found: readonly Address[] | undefined): ReaderMailbox[] =>
    (found ?? [])
      .flatMap(entry => entry.group ?? [entry])
      .map(({ name, address }) => ({ name: name ?? '', address: address ?? '' }))
  return {
    reader: 'postal-mime',
    subject: mail.subject ?? '',
    from: mail.from === undefined ? [] : mailboxes([mail.from]),
    to: mailboxes(mail.to),
    cc: mailboxes(mail.cc),
    text: lfText(mail.text),
    html: lfText(mail.html),
    attachments: mail.attachments.map(({ filename, mimeType, content, contentId }) => ({
      filename: filename ?? '',
      type: mimeType.toLowerCase(),
      content: Buffer.from(content as ArrayBuffer).toString('base64'),
      cid: withoutBrackets(contentId),
    })),
    date: mail.date ?? null,
    defects: [],
  }
}

interface PythonReader {
  read(message: Uint8Array): Promise<Reading[]>
  close(): Promise<void>
}

type PythonReading = Omit<Reading, 'reader'> | { readonly error: string }

function openPython(): PythonReader {
  const script = fileURLToPath(new URL('read_message.py', import.meta.url))
  const child = spawn('python3', ['-X', 'utf8', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting: { resolve(line: string): void; reject(error: Error): void }[] = []
  createInterface({ input: child.stdout }).on('line', line => waiting.shift()?.resolve(line))
  const ended = new Promise<void>(resolve => child.on('close', () => resolve()))
  child.on('close', () => {
    for (const { reject } of waiting.splice(0)) reject(new Error('read_message.py ended before it answered'))
  })
  return {
    async read(message) {
      const line = await new Promise<string>((resolve, reject) => {
        waiting.push({ resolve, reject })
        child.stdin.write(`${JSON.stringify({ message: Buffer.from(message).toString('base64') })}\n`)
      })
      const answer = JSON.parse(line) as Record<'default' | 'compat32', PythonReading>
      return (['default', 'compat32'] as const).map(policy => fromPython(`python ${policy}`, answer[policy]))
    },
    close: () => endProcess(child, ended),
  }
}

async function endProcess(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.stdin?.end()
  await ended
}

function fromPython(reader: ReaderName, found: PythonReading): Reading {
  if ('error' in found) return { reader, ...NOTHING, defects: [`gave up: ${found.error}`] }
  const attachments = found.attachments.map(attachment => ({ ...attachment, cid: withoutBrackets(attachment.cid) }))
  return { reader, ...found, text: lfText(found.text), html: lfText(found.html), attachments }
}

// ----------------------------------------------------------------------------------------------------------- comparison

/** Which value of a reading a fault is in. */
type Property = 'subject' | 'name' | 'address' | 'text' | 'html' | 'filename' | 'type' | 'content' | 'cid'

interface Fault {
  readonly readers: readonly ReaderName[]
  readonly properties: readonly Property[]
  /** What the reader does. */
  readonly why: string
  /** What the reader makes of the expected value: only this is tolerated in its place. */
  makes(expected: string, attachment: EMailAttachment | undefined): string
}

/** Text with every character gone that the reader cannot be trusted with; the rest is compared. */
interface Blindness {
  readonly readers: readonly ReaderName[]
  readonly properties: readonly Property[]
  readonly why: string
  readonly unseen: RegExp
}

const { detectMimeType } = createRequire(import.meta.url)('libmime') as { detectMimeType(filename: string): string }

/** Tolerated readings that can be computed, in the order in which one is added to another. */
const FAULTS: readonly Fault[] = [
  {
    readers: ['mailparser'],
    properties: ['address'],
    why: 'shows domains as U-labels, where the message has A-labels',
    makes: address => address.replace(/[^@]*$/, domain => domainToUnicode(domain) || domain),
  },
  {
    readers: ['mailparser'],
    properties: ['type'],
    why: 'replaces application/octet-stream by a type for the file name',
    makes: (type, attachment) =>
      type === 'application/octet-stream' ? detectMimeType(attachment?.Filename ?? '') || type : type,
  },
  {
    readers: ['postal-mime'],
    properties: ['address'],
    why: 'takes the quotes off a local part that needs them',
    makes: address => address.replace(/^"((?:[^"\\]|\\.)*)"(?=@)/, (_, local: string) => local.replace(/\\(.)/g, '$1')),
  },
  {
    readers: ['postal-mime'],
    properties: ['filename'],
    why: 'decodes what looks like an encoded-word in a value that RFC 2231 has decoded already',
    makes: filename => decodeWords(filename),
  },
  {
    readers: ['postal-mime'],
    properties: ['content'],
    why: 'CRLF becomes LF, and a line break is added, in parts that are not base64',
    makes: (content, attachment) =>
      /^(?:7bit|8bit|binary|quoted-printable)$/.test(attachment?.Encoding ?? '')
        ? Buffer.from(
            `${Buffer.from(content, 'base64').toString('latin1').replace(/\r\n/g, '\n')}\n`,
            'latin1',
          ).toString('base64')
        : content,
  },
  {
    readers: ['postal-mime'],
    properties: ['text', 'html'],
    why: 'adds a line break to text that is not base64',
    makes: text => `${text}\n`,
  },
  {
    readers: ['python default', 'mailparser'],
    properties: ['address'],
    why: 'leaves out the quotes of a local part that needs them for its dots alone',
    makes: address => address.replace(/^"([A-Za-z0-9.]+)"(?=@)/, '$1'),
  },
  {
    readers: ['python default', 'python compat32'],
    properties: ['filename'],
    why: 'get_filename cuts the blanks at both ends',
    makes: filename => filename.trim(),
  },
]

/** Tolerated readings that cannot be computed from the entity. */
const BLINDNESSES: readonly Blindness[] = [
  {
    readers: ['python default'],
    properties: ['name'],
    why: 'puts a blank between encoded-words of a phrase, and makes one of several (compat32 does not)',
    unseen: /\s+/g,
  },
]

/** Defects that Python reports of what RFC 2183 §2.3, RFC 2231 and RFC 6266 §4.3 allow, or Outlook needs. */
const TOLERATED_DEFECTS: readonly RegExp[] = [
  // `name` of encoded-words in quotes, for Outlook.
  /^python default: content-type: encoded word inside quoted string$/,
  /^python default: content-type: missing trailing whitespace after encoded-word$/,
  // `filename` beside `filename*`.
  /^python default: content-disposition: duplicate parameter name; duplicate(?:\(s\))? ignored$/,
]

/** Addresses at which postal-mime loses its way, also in the rest of the list. */
const LOST_BY_POSTAL_MIME = /^"[^"]*[<>][^"]*"@|@\[[^\]]*:/

/**
 * True where the reader makes an attachment part of the body: mailparser and postal-mime do with inline text, whether
 * it has a name or not, and mailparser does with a message/rfc822 whose disposition is not attachment.
 */
function isMadeBody(reader: ReaderName, { Type, Disposition }: EMailAttachment): boolean {
  if (reader === 'mailparser' && Type === 'message/rfc822') return Disposition !== 'attachment'
  const isText = /^text\/(?:plain|html)(?:;|$)/.test(Type)
  return (reader === 'mailparser' || reader === 'postal-mime') && isText && Disposition === 'inline'
}

/**
 * Compares what readers made of a message with what the entity says.
 *
 * @param entity as it is after a round trip: names well-formed, lines ended by LF, inline attachments first
 * @returns one line for each difference that no known fault of that reader explains
 */
export function compareReaders(entity: EMailEntity, readings: readonly Reading[]): string[] {
  return readings.flatMap(reading => compareReading(entity, reading))
}

function compareReading(entity: EMailEntity, reading: Reading): string[] {
  const { reader } = reading
  const differences = reading.defects
    .map(defect => `${reader}: ${defect}`)
    .filter(defect => !TOLERATED_DEFECTS.some(tolerated => tolerated.test(defect)))
  const compare = (path: string, property: Property, expected: string, found: string, of?: EMailAttachment): void => {
    if (!isExplained(reader, property, expected, found, of)) {
      differences.push(`${reader}: ${path} is ${excerpt(found, expected)}, not ${excerpt(expected, found)}`)
    }
  }
  const compareCount = (path: string, expected: number, found: number): boolean => {
    if (expected !== found) differences.push(`${reader}: ${found} ${path}, not ${expected}`)
    return expected === found
  }
  const compareMailboxes = (path: string, expected: readonly EMailAddress[], found: readonly ReaderMailbox[]): void => {
    const lost = reader === 'postal-mime' ? expected.findIndex(({ Address }) => LOST_BY_POSTAL_MIME.test(Address)) : -1
    const compared = lost < 0 ? expected : expected.slice(0, lost)
    if (!compareCount(path, compared.length, lost < 0 ? found.length : Math.min(found.length, lost))) return
    for (const [index, mailbox] of compared.entries()) {
      compare(`${path}[${index}].address`, 'address', mailbox.Address, found[index]!.address)
      compare(`${path}[${index}].name`, 'name', mailbox.Name, found[index]!.name)
    }
  }
  const compareAttachment = (path: string, expected: EMailAttachment, found: ReaderAttachment): void => {
    compare(`${path}.filename`, 'filename', expected.Filename, found.filename, expected)
    compare(`${path}.type`, 'type', expected.Type.replace(/;.*/s, '').trim().toLowerCase(), found.type, expected)
    compare(`${path}.cid`, 'cid', expected.Id, found.cid, expected)
    if (found.content !== null) compare(`${path}.content`, 'content', contentOf(expected), found.content, expected)
    else if (!found.type.startsWith('message/')) differences.push(`${reader}: ${path} has no content`)
  }

  const attachments = entity.Attachments.filter(attachment => !isMadeBody(reader, attachment))
  const hasMore = attachments.length < entity.Attachments.length
  const contents = new Set(attachments.map(contentOf))
  // Of a nested message that mailparser made part of the body, its own attachments are left over.
  const found =
    hasMore && reader === 'mailparser'
      ? reading.attachments.filter(({ content }) => content !== null && contents.has(content))
      : reading.attachments

  compare('subject', 'subject', entity.Subject, reading.subject)
  compareMailboxes('from', entity.From === null ? [] : [entity.From], reading.from)
  compareMailboxes('to', entity.To, reading.to)
  compareMailboxes('cc', entity.Cc, reading.cc)
  // Where more was made part of it, the body need only be in there.
  const bodyIn = (text: string, expected: string): string => (hasMore && text.includes(expected) ? expected : text)
  compare('text', 'text', entity.PlainBody, bodyIn(reading.text, entity.PlainBody))
  compare('html', 'html', entity.HTMLBody, bodyIn(reading.html, entity.HTMLBody))
  if (compareCount('attachments', attachments.length, found.length)) {
    for (const [index, attachment] of attachments.entries()) {
      compareAttachment(`attachments[${index}]`, attachment, found[index]!)
    }
  }
  const instant = (date: string | null): number => (date === null ? Number.NaN : Date.parse(date))
  if (!Object.is(instant(entity.Sent), instant(reading.date))) {
    differences.push(`${reader}: date is ${reading.date}, not ${entity.Sent}`)
  }
  return differences
}

function contentOf(attachment: EMailAttachment): string {
  return Buffer.from(attachment.Stream ?? []).toString('base64')
}

/** True where the reader read the expected value, or exactly what its known faults make of it. */
function isExplained(
  reader: ReaderName,
  property: Property,
  expected: string,
  found: string,
  attachment: EMailAttachment | undefined,
): boolean {
  const isOf = (fault: Fault | Blindness): boolean =>
    fault.readers.includes(reader) && fault.properties.includes(property)
  const explained = new Set([expected])
  for (const fault of FAULTS.filter(isOf)) {
    for (const value of [...explained]) explained.add(fault.makes(value, attachment))
  }
  if (explained.has(found)) return true
  return BLINDNESSES.filter(isOf).some(({ unseen }) => found.replace(unseen, '') === expected.replace(unseen, ''))
}

/** The value as JSON: the part around the first place where it differs from the other. */
function excerpt(value: string, other: string): string {
  let start = 0
  while (start < value.length && value[start] === other[start]) start++
  const from = Math.max(0, start - 20)
  const part = value.slice(from, from + 60)
  return `${from > 0 ? '…' : ''}${JSON.stringify(part)}${from + 60 < value.length ? '…' : ''}`
}
