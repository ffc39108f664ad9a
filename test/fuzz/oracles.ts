/** THE table of what must hold for any input, however it was made. */
import { isDeepStrictEqual } from 'node:util'
import iconv from 'iconv-lite'
import { readAppointment, summarizeCalendar } from '../../src/calendar/index.ts'
import {
  type ComposedMessage,
  composeMessage,
  type EMailAddress,
  type EMailEntity,
  entityFromJson,
  entityToJson,
  forwardOf,
  MimeError,
  type MimePart,
  type ParsedMessage,
  parseMessage,
  parseMessageStream,
  replyTo,
} from '../../src/index.ts'
import { walk } from '../../src/mime/index.ts'
import { strictParse } from '../conformance/strict-check.ts'
import { deliveredTo, keyOfAddress } from '../hostile/delivery.ts'
import { readPeerAddresses } from '../hostile/peer-addresses.ts'
import { readStrictAddresses } from '../hostile/strict-address.ts'
import { hashOf, Random } from './random.ts'
import type { InputKind } from './seeds.ts'

/** Something that must hold. */
export interface Oracle {
  readonly name: string
  readonly kind: InputKind
  /** What is wrong, in a line; undefined where all is right. What it throws is wrong as well. */
  check(subject: Subject): string | undefined | Promise<string | undefined>
}

/** An input, and what is made of it, once for all oracles. */
export class Subject {
  readonly octets: Uint8Array
  #parsed: ParsedMessage | undefined
  #draft: ComposedMessage | undefined

  constructor(octets: Uint8Array) {
    this.octets = octets
  }

  get parsed(): ParsedMessage {
    this.#parsed ??= parseMessage(this.octets)
    return this.#parsed
  }

  /** A draft of what was read. */
  get draft(): ComposedMessage {
    this.#draft ??= composeMessage(this.parsed.entity, DRAFT)
    return this.#draft
  }
}

const ISO_2022_JP = new TextDecoder('iso-2022-jp')
const NOW = new Date('2026-01-15T12:00:00Z')
const DRAFT = { draft: true, smtpUtf8: true, bcc: 'keep', now: () => NOW } as const

/** What the strict reader finds wrong with drafts, and why that is right. */
const TOLERATED: readonly { readonly why: string; readonly violation: RegExp; of?(entity: EMailEntity): boolean }[] = [
  {
    why: 'what is no address in the message is none in the draft, for its author to mend',
    violation: /^RFC 5322 §3\.(?:4|2\.2): /,
  },
  {
    why: 'the name of a mailbox without address is followed by a comma at once',
    violation: /^RFC 2047 §5\([13]\): encoded-word not set off by blanks/,
    of: entity => entity.CustomHeaderList.length > 0 || mailboxesOf(entity).some(hasNoPlainAddress),
  },
  {
    why: 'a calendar that is no text in any charset goes on octet for octet',
    violation: /^RFC 2046 §4\.1\.2: text that is not /,
    of: ({ Attachments }) => Attachments.some(({ Type }) => Type.startsWith('text/calendar')),
  },
  {
    why: 'the comma after a name without address is one character too many',
    violation: /^RFC 2047 §2: encoded-word on a line of 77 characters/,
    of: entity => entity.CustomHeaderList.length > 0 || mailboxesOf(entity).some(hasNoPlainAddress),
  },
  {
    why: 'a date in Resent-Date that is none stays: nothing is dropped',
    violation: /^RFC 5322 §3\.3: /,
  },
  {
    why: 'an identifier that is none by RFC 5322 §3.6.4 stays: replies and HTML refer to it',
    violation: /: no msg-id at |^RFC 5322 §3\.6\.4: /,
  },
  {
    why: 'a Content-ID that is none stays too, in UTF-8 where it must',
    violation: /^RFC 2045 §6\.4: octet over 127 within a composite labelled 7bit/,
    of: ({ Attachments }) => Attachments.some(({ Id }) => /[^\0-\x7f]/.test(Id)),
  },
  {
    why: 'an address that looks like an encoded-word is one by RFC 5322; only a draft is written with it',
    violation: /^RFC 2047 §5: encoded-word within the addr-spec/,
  },
  {
    why: 'what is longer than 75 characters is no encoded-word: RFC 2047 §2',
    violation: /: encoded-word not set off by blanks: ".{60}…"$/,
  },
  {
    why: 'a draft keeps a message inside it octet for octet',
    violation: /^RFC 2046 §5\.2: message\/(?:partial|external-body) in (?:binary|8bit)$/,
  },
  {
    why: 'two fields of which the message should have had one are two in CustomHeaderList: nothing is dropped',
    violation: /^RFC 5322 §3\.6: second /,
  },
]

export const ORACLES: readonly Oracle[] = [
  {
    name: 'reading throws nothing but limits',
    kind: 'message',
    check({ octets, parsed }) {
      parseMessage(octets, { archive: true, flowed: 'keep' })
      parseMessage(octets, { attachments: 'omit', limits: { depth: 2, parts: 3, fields: 5, headerOctets: 200 } })
      if (octets.length > 0) {
        const code = codeOf(() => parseMessage(octets, { limits: { maxOctets: octets.length - 1 } }))
        if (code !== 'LIMIT_OCTETS') return `${code}, not LIMIT_OCTETS`
      }
      return faultOfTree(parsed.root, octets.length)
    },
  },
  {
    name: 'calendars are read',
    kind: 'message',
    check({ parsed }) {
      const { HasCalendarData } = summarizeCalendar(parsed)
      const found = readAppointment(parsed, { zone: 'Europe/Oslo' })
      return HasCalendarData === (found !== null)
        ? undefined
        : `HasCalendarData ${HasCalendarData}, appointment ${found}`
    },
  },
  {
    name: 'a draft of what was read is read the same',
    kind: 'message',
    check({ parsed, draft }) {
      const octets = draft.toBytes()
      if (octets.length !== draft.size) return `${octets.length} octets, not ${draft.size}`
      const chunks = Buffer.concat([...draft])
      if (!chunks.equals(octets)) return 'chunks other than toBytes()'
      const [before, after] = [comparable(parsed.entity), comparable(parseMessage(octets).entity)]
      // What was a report is a message with attachments, and a calendar in it is its author's now.
      const isReport = [...walk(parsed.root)].some(({ contentType }) => contentType.mediaType === 'multipart/report')
      // Of several calendars one is written as the invitation, the others as files.
      const isOneOfSeveral = parsed.entity.Attachments.filter(isCalendar).length > 1
      if (isReport || isOneOfSeveral) Object.assign(after, parsed.calendar)
      // The text of a winmail.dat is not searched for uuencoded files, plain text is.
      const isOfTnef = [...walk(parsed.root)].some(({ contentType }) => /ms-tnef$/.test(contentType.mediaType))
      if (isOfTnef && /^begin [0-7]{3,4} /m.test(parsed.entity.PlainBody)) return undefined
      return differenceOf(before, after)
    },
  },
  {
    name: 'a draft is right by the letter',
    kind: 'message',
    check({ parsed: { entity }, draft }) {
      const options = { draft: true, smtpUtf8: true, eightBit: true, binary: true, keepBcc: true }
      return strictParse(draft.toBytes(), options)
        .violations.map(violation => violation.replace(/^octet \d+: /, ''))
        .find(violation => !TOLERATED.some(row => row.violation.test(violation) && (row.of?.(entity) ?? true)))
    },
  },
  {
    name: 'a stream is read as the whole is',
    kind: 'message',
    async check({ octets, parsed }) {
      const random = new Random(hashOf(octets))
      const limits = random.once(4) ? { depth: 3, parts: 4, fields: 6, headerOctets: 300 } : {}
      const expected = seenOf('depth' in limits ? parseMessage(octets, { limits }) : parsed)
      const cuts = random.once(3)
        ? undefined
        : Array.from({ length: random.length(12) }, () => random.below(octets.length))
      const collected = seenOf(await parseMessageStream(pieces(octets, cuts), { limits }))
      const difference = differenceOf(expected, collected)
      if (difference !== undefined) return `collected: ${difference}`
      const contents = new Map<object, Uint8Array>()
      const handedOut = await parseMessageStream(pieces(octets, cuts), {
        limits,
        async onAttachment(attachment, content) {
          contents.set(attachment, await joined(content))
        },
      })
      const other = differenceOf(expected, seenOf(handedOut, contents))
      return other && `handed out: ${other}`
    },
  },
  {
    name: 'no recipient that nobody else reads',
    kind: 'message',
    async check({ octets, parsed }) {
      const own = deliverable(mailboxesOf(parsed.entity))
      const answered = deliverable(recipientsOf(replyTo(parsed, { all: true })))
      if (own.length + answered.length === 0) return undefined
      const fields = addressFields(octets)
      // Raw ISO-2022-JP: without decoding, "ESC ( B" opens a comment.
      const escaped = fields
        .filter(value => value.includes('\x1b$'))
        .map(value => ISO_2022_JP.decode(Buffer.from(value)))
      const values = [...fields, ...escaped]
      const known = new Set(deliveredTo(values.flatMap(value => readStrictAddresses(value).addresses)))
      const isKnown = (address: string): boolean => known.has(address)
      if (own.every(isKnown) && answered.every(isKnown)) return undefined
      for (const value of values) {
        const { mailparser, postalMime } = await readPeerAddresses(value)
        for (const address of deliveredTo([...mailparser, ...postalMime])) known.add(address)
      }
      const gained = [...own, ...answered].find(address => !known.has(address))
      return gained && `${JSON.stringify(gained)} of ${JSON.stringify(values)}`
    },
  },
  {
    name: 'replies and forwards can be written',
    kind: 'message',
    check({ parsed }) {
      for (const as of ['inline', 'attachment'] as const) composeMessage(forwardOf(parsed, { as }), DRAFT).toBytes()
      composeMessage(replyTo(parsed, { all: true }), DRAFT).toBytes()
      return undefined
    },
  },
  {
    name: 'an entity as JSON is the same',
    kind: 'message',
    check({ parsed: { entity } }) {
      return differenceOf(comparable(entity), comparable(entityFromJson(entityToJson(entity))))
    },
  },
  {
    name: 'JSON throws nothing but MimeError',
    kind: 'json',
    check({ octets }) {
      const text = Buffer.from(octets).toString('utf8')
      let entity: EMailEntity
      try {
        entity = entityFromJson(text)
      } catch (error) {
        if (error instanceof MimeError) return undefined
        throw error
      }
      const again = entityFromJson(entityToJson(entity))
      return differenceOf(comparable(entity), comparable(again))
    },
  },
  {
    name: 'what JSON gives is written right, or refused',
    kind: 'json',
    check({ octets }) {
      let message: Uint8Array
      let envelope: ReturnType<typeof composeMessage>['envelope']
      try {
        const composed = composeMessage(entityFromJson(Buffer.from(octets).toString('utf8')), {
          now: () => NOW,
          smtpUtf8: true,
        })
        envelope = composed.envelope
        message = composed.toBytes()
        if (message.length !== composed.size) return `${message.length} octets, not ${composed.size}`
      } catch (error) {
        if (error instanceof MimeError) return undefined
        throw error
      }
      const { smtpUtf8, eightBitMime } = envelope
      // Identifiers in use are wider than dot-atom-text; what is asked for is written.
      const violation = strictParse(message, { smtpUtf8, eightBit: eightBitMime }).violations.find(
        text => !/ RFC 5322 §3\.6\.4: .*no msg-id at /.test(text),
      )
      if (violation !== undefined) return violation
      const { entity } = parseMessage(message)
      const read = new Set(deliverable([...entity.To, ...entity.Cc]))
      const gained = [...read].find(address => !envelope.to.map(keyOfAddress).includes(address))
      return gained && `a recipient that the envelope has not: ${gained}`
    },
  },
]

function codeOf(run: () => unknown): unknown {
  try {
    run()
    return 'nothing'
  } catch (error) {
    return error instanceof MimeError ? error.code : error
  }
}

/** Where a part lies that is not inside the one around it, or not behind the one before it. */
function faultOfTree(part: MimePart, end: number): string | undefined {
  if (!(part.offset <= part.bodyOffset && part.bodyOffset <= part.end && part.end <= end)) {
    return `part at ${part.offset}, ${part.bodyOffset}, ${part.end} of ${end}`
  }
  for (const child of part.parts) {
    const fault = faultOfTree(child, part.end)
    if (fault !== undefined) return fault
  }
  return undefined
}

/** The entity without what composing decides anew: the size of the message, and how attachments are encoded. */
function comparable(entity: EMailEntity): object {
  const Attachments = entity.Attachments.map(attachment => ({
    ...attachment,
    Encoding: '',
    Stream: Buffer.from(attachment.Stream ?? []).toString('latin1'),
  }))
  // A calendar is written beside the texts, before the files.
  const rank = ({ Type, Stream }: { Type: string; Stream: string }): string =>
    isCalendar({ Type }) ? `1 ${Type} ${Stream}` : '2'
  Attachments.sort((a, b) => (rank(a) < rank(b) ? -1 : Number(rank(a) > rank(b))))
  return { ...entity, Size: 0, Attachments }
}

/** Everything that a caller sees of a message. */
function seenOf(
  { entity, root, textParts, enclosed, ...rest }: ParsedMessage,
  contents?: ReadonlyMap<object, Uint8Array>,
): object {
  const Attachments = entity.Attachments.map(attachment => {
    const octets = contents === undefined ? attachment.Stream : contents.get(attachment)
    return { ...attachment, Stream: octets && Buffer.from(octets).toString('latin1') }
  })
  const texts = [...textParts].map(part => part.offset)
  const files = enclosed.map(({ contentType, disposition, body }) => ({ contentType, disposition, body }))
  return { ...rest, entity: { ...entity, Attachments }, root: treeOf(root), texts, files }
}

function treeOf({ contentType, disposition, transferEncoding, fields, offset, end, parts, message }: MimePart): object {
  const children = [parts.map(treeOf), message && treeOf(message)]
  return { contentType, disposition, transferEncoding, fields, offset, end, children }
}

/** The first place where two values differ, as a path with both; undefined where none does. */
function differenceOf(expected: unknown, actual: unknown, path = ''): string | undefined {
  if (isDeepStrictEqual(expected, actual)) return undefined
  if (isObject(expected) && isObject(actual)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      const difference = differenceOf(expected[key], actual[key], `${path}.${key}`)
      if (difference !== undefined) return difference
    }
  }
  return `${path.slice(1)} is ${excerpt(actual)}, not ${excerpt(expected)}`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function excerpt(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 120)
}

/** The address is missing, or not ASCII. */
/** None, one beyond ASCII, or one in which the strict reader sees the start of an encoded-word. */
function hasNoPlainAddress({ Address }: EMailAddress): boolean {
  return Address === '' || /[^\0-\x7f]|=\?/.test(Address)
}

function mailboxesOf({ From, To, Cc, Bcc }: EMailEntity): EMailAddress[] {
  return [...(From ? [From] : []), ...To, ...Cc, ...Bcc]
}

function isCalendar({ Type }: { readonly Type: string }): boolean {
  return /^text\/calendar/i.test(Type)
}

function recipientsOf({ To, Cc, Bcc }: EMailEntity): EMailAddress[] {
  return [...To, ...Cc, ...Bcc]
}

function deliverable(addresses: readonly EMailAddress[]): string[] {
  return deliveredTo(
    addresses.filter(({ Address }) => Address.includes('@')).map(({ Address }) => keyOfAddress(Address)),
  )
}

/**
 * The values of all address fields, wherever a line may end in a header (CRLF, also with more CRs, LF, or CR as Python's
 * email reads it): written apart from src/, so that a field that only this library sees is one that nobody else reads.
 */
function addressFields(octets: Uint8Array): string[] {
  const lines = Buffer.from(octets)
    .toString('latin1')
    .split(/\r+\n|\r|\n/)
  const values: string[] = []
  let isInField = false
  for (const [index, line] of lines.entries()) {
    if (line === '') break
    if (isInField && /^[ \t]/.test(line)) values.push(values.pop() + line)
    else {
      // Blanks before the first field belong to it for all of them.
      const found = /^(?:\xef\xbb\xbf)?(?:From|To|Cc|Bcc|Reply-To|Sender)[ \t]*:(.*)$/is.exec(
        index === 0 ? line.trimStart() : line,
      )
      isInField = found !== null
      if (found !== null) values.push(found[1]!)
    }
  }
  return values.map(value => decoded(value).trim())
}

/** UTF-8, or windows-1252 where it is none. */
function decoded(latin1: string): string {
  const octets = Buffer.from(latin1, 'latin1')
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets)
  } catch {
    return iconv.decode(octets, 'windows-1252')
  }
}

/** @param cuts where pieces end; undefined for pieces of one octet */
async function* pieces(
  octets: Uint8Array,
  cuts: readonly number[] | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (cuts === undefined && octets.length <= 2000) {
    for (let start = 0; start < octets.length; start++) yield octets.subarray(start, start + 1)
    return
  }
  let start = 0
  for (const end of [...(cuts ?? [])].sort((a, b) => a - b)) {
    yield octets.subarray(start, end)
    start = end
  }
  yield octets.subarray(start)
}

async function joined(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  for await (const chunk of content) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
