/**
 * The core of the suite, without a test framework: what is true of the library on every platform.
 *
 * It is bundled, and runs against the library as it is installed: under Node, Bun and Deno by ./runner.js, in a browser
 * by ../browser. A check fails where it breaks what corpus/ or a rule expects. Beside that every group has a digest
 * of all that it saw, octet for octet and property by property: two platforms that differ in any of it differ in that.
 */
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import type { EMailEntityInput } from '../../src/entity/entity.ts'
import { entityArbitrary, expectedAfterRoundTrip } from '../arbitrary/entity.ts'
import { strictParse } from '../conformance/strict-check.ts'

/** The library under test, as `import * as` gives it. */
export interface Library {
  readonly main: typeof import('../../src/index.ts')
  readonly calendar: typeof import('../../src/calendar/index.ts')
  readonly mime: typeof import('../../src/mime/index.ts')
  /** Absent in browsers, which send no mail. */
  readonly send?: typeof import('../../src/send/index.ts') | undefined
}

/** The files below corpus/, in base64 by their paths. */
export type CorpusFiles = Readonly<Record<string, string>>

export interface GroupReport {
  readonly group: string
  readonly checks: number
  readonly failures: readonly string[]
  /** SHA-256 of what the group saw, hexadecimal. */
  readonly digest: string
}

interface Context extends Library {
  readonly files: CorpusFiles
  /** Names of the files of a folder that end so, without that end. */
  names(folder: string, end: string): string[]
  octets(path: string): Uint8Array
  json<T>(path: string): T
  /** Compares, and remembers what it saw. */
  same(what: string, seen: unknown, expected: unknown): void
  /** As {@link same}, for an expectation that leaves properties out. */
  has(what: string, seen: unknown, expected: unknown): void
}

/** The checks; a new row is a new line of the matrix. */
const GROUPS: Readonly<Record<string, (context: Context) => void | Promise<void>>> = {
  'entities composed to the octets of the goldens': composeGoldens,
  'entities refused, every problem with its path': refuseGoldens,
  'messages parsed to the entities of the goldens': parseGoldens,
  'messages parsed as streams, in chunks of 1, 7 and 1000 octets': parseStreams,
  'calendars of messages read': readCalendars,
  'calendars composed, and read again': composeCalendars,
  'random entities come back equal (R1), without a fault (R4)': roundTrips,
  'random entities come back whole from the archive (R2)': archives,
  'contents of every length around the blocks of the codecs': contents,
  'text in every charset, also what is damaged': charsets,
  'JSON, $select, time zone, reply and forward': carriers,
  'sending, with a copy kept': sending,
}

/** Runs every group; a group that throws has failed, and the others go on. */
export async function runCore(library: Library, files: CorpusFiles): Promise<GroupReport[]> {
  const reports: GroupReport[] = []
  for (const [group, run] of Object.entries(GROUPS)) {
    if (run === sending && library.send === undefined) continue
    const seen: string[] = []
    const failures: string[] = []
    let checks = 0
    const check = (what: string, actual: string, isRight: boolean, expected: unknown): void => {
      checks++
      seen.push(actual)
      if (!isRight) failures.push(`${what}: ${excerpt(actual, plain(expected))}`)
    }
    const context: Context = {
      ...library,
      files,
      names: (folder, end) =>
        Object.keys(files)
          .filter(path => path.startsWith(folder) && !path.slice(folder.length).includes('/') && path.endsWith(end))
          .map(path => path.slice(folder.length, -end.length))
          .toSorted(),
      octets: path => Uint8Array.from(Buffer.from(files[path]!, 'base64')),
      json: path => JSON.parse(Buffer.from(files[path]!, 'base64').toString('utf8')),
      same: (what, actual, expected) => check(what, plain(actual), plain(actual) === plain(expected), expected),
      has: (what, actual, expected) =>
        check(what, plain(actual), includes(JSON.parse(plain(actual)), JSON.parse(plain(expected))), expected),
    }
    try {
      await run(context)
      if (checks === 0) failures.push('nothing was checked')
    } catch (error) {
      failures.push(`threw ${error instanceof Error ? error.stack : String(error)}`)
    }
    reports.push({ group, checks, failures, digest: await sha256(seen.join('\n')) })
  }
  return reports
}

/** A clock that stands still and a random source that counts, as the goldens were composed with. */
function reproducible() {
  let counter = 0
  return {
    now: () => new Date('2026-01-15T12:00:00Z'),
    random: (octets: number) => Uint8Array.from({ length: octets }, () => counter++ & 0xff),
  }
}

async function composeGoldens({ main, names, json, octets, same }: Context): Promise<void> {
  for (const name of names('entities/', '.expect.json')) {
    const { options } = json<{ options?: object }>(`entities/${name}.expect.json`)
    const message = main.composeMessage(json(`entities/${name}.json`), { ...reproducible(), ...options })
    const golden = octets(`entities/${name}.eml`)
    same(name, message.toBytes(), golden)
    same(`${name}, size`, message.size, golden.length)
    same(`${name}, in chunks`, Buffer.concat([...message]), golden)
    const chunks: Uint8Array[] = []
    for await (const chunk of message) chunks.push(chunk)
    same(`${name}, in chunks, asynchronous`, Buffer.concat(chunks), golden)
    const target = new Uint8Array(golden.length + 2)
    message.writeInto(target, 1)
    same(`${name}, into memory`, target.subarray(1, -1), golden)
  }
}

function refuseGoldens({ main, names, json, same }: Context): void {
  for (const name of names('entities/refused/', '.problems.json')) {
    let error: unknown
    try {
      main.composeMessage(json(`entities/refused/${name}.json`), reproducible())
    } catch (thrown) {
      error = thrown
    }
    const problems = error instanceof main.MimeError ? error.problems : []
    const lines = (list: readonly { code: string; path: string }[]) =>
      list.map(({ code, path }) => `${path} ${code}`).toSorted()
    same(name, lines(problems), lines(json(`entities/refused/${name}.problems.json`)))
  }
}

function parseGoldens({ main, names, octets, json, has, same }: Context): void {
  for (const name of names('messages/', '.eml')) {
    const { $defects = [], ...expected } = json<{ $defects?: string[] | null }>(`messages/${name}.json`)
    const source = octets(`messages/${name}.eml`)
    const { entity, defects } = main.parseMessage(source)
    has(name, entity, { Size: source.length, ...expected })
    const codes = [...new Set(defects.map(({ code }) => code))].toSorted()
    if ($defects !== null) has(`${name}, defects`, codes.length === 0 ? 0 : codes, $defects.length === 0 ? 0 : codes)
    same(`${name}, expected defects`, $defects?.filter(code => !codes.includes(code as never)) ?? [], [])
  }
}

async function parseStreams({ main, names, octets, same }: Context): Promise<void> {
  for (const name of names('messages/', '.eml')) {
    const source = octets(`messages/${name}.eml`)
    const { entity, defects } = main.parseMessage(source)
    for (const size of [1, 7, 1000]) {
      const streamed = await main.parseMessageStream(chunksOf(source, size))
      same(`${name} by ${size}`, streamed.entity, entity)
      same(`${name} by ${size}, defects`, codesOf(streamed.defects), codesOf(defects))
    }
  }
}

function readCalendars({ main, calendar, names, octets, json, has, same }: Context): void {
  for (const name of names('calendar/', '.eml')) {
    const { summary, options, warnings, ...expected } = json<{ summary: string; options?: object; warnings?: unknown }>(
      `calendar/${name}.json`,
    )
    const message = main.parseMessage(octets(`calendar/${name}.eml`))
    const { HasCalendarData, CalMethod, CalReplyStatus } = message.calendar
    same(`${name}, summary`, `${HasCalendarData} ${CalMethod} ${CalReplyStatus}`, summary)
    const read = calendar.readAppointment(message, options)
    if (summary.startsWith('true')) has(name, read, expected)
    else same(name, read, null)
  }
}

function composeCalendars({ main, calendar, has, same }: Context): void {
  for (const zone of ['Europe/Oslo', 'America/New_York', 'Asia/Tokyo', 'Australia/Sydney', 'UTC']) {
    const composed = calendar.composeCalendar({
      method: 'Request',
      uid: 'u@example.org',
      now: '2025-01-01T00:00:00Z',
      organizer: { address: 'kari@example.no', name: 'Kåri' },
      attendees: [{ address: 'ola@example.com' }],
      appointment: { StartDate: new Date('2025-02-26T07:00:00Z'), EndDate: new Date('2025-02-26T08:30:00Z') },
      recurrence: { rule: 'FREQ=WEEKLY;COUNT=30' },
      zone,
    })
    const entity: EMailEntityInput = {
      From: { Address: 'kari@example.no' },
      To: [{ Address: 'ola@example.com' }],
      Subject: zone,
      Attachments: [{ Type: 'text/calendar', Stream: new TextEncoder().encode(composed.ics) }],
    }
    const message = main.parseMessage(main.composeMessage(entity, reproducible()).toBytes())
    same(`${zone}, method`, message.entity.CalMethod, 'Request')
    const read = calendar.readAppointment(message)
    const instants = [read?.appointment.DtStart, read?.appointment.DtEnd].map(time => Date.parse(time ?? ''))
    same(zone, instants, [Date.UTC(2025, 1, 26, 7), Date.UTC(2025, 1, 26, 8, 30)])
    has(`${zone}, participants`, read?.appointment.Participants.length, 2)
  }
}

/** Entities of each kind; the seed stands still, since every platform has to see the same ones. */
const RANDOM_ENTITIES = 100
const SEED = 5322

function roundTrips(context: Context): void {
  for (const hard of [false, true]) {
    fc.sample(entityArbitrary({ hard }), { seed: SEED, numRuns: RANDOM_ENTITIES }).forEach((entity, index) => {
      comesBack(context, `${hard ? 'hard' : 'plain'} entity ${index} of seed ${SEED}`, entity, false)
    })
  }
}

function archives(context: Context): void {
  fc.sample(entityArbitrary({ archive: true }), { seed: SEED, numRuns: RANDOM_ENTITIES }).forEach((entity, index) => {
    comesBack(context, `entity ${index} of seed ${SEED}`, entity, true)
  })
}

function comesBack({ main, same }: Context, what: string, entity: EMailEntityInput, archive: boolean): void {
  const options = { ...reproducible(), smtpUtf8: true, archive }
  const now = options.now()
  const message = main.composeMessage(entity, options)
  const octets = message.toBytes()
  same(`${what}, size`, octets.length, message.size)
  const { smtpUtf8, eightBitMime: eightBit } = message.envelope
  same(`${what}, faults`, strictParse(octets, { smtpUtf8, eightBit }).violations, [])
  const parsed = main.parseMessage(octets, { archive })
  same(`${what}, defects`, parsed.defects, [])
  const encodings = parsed.entity.Attachments.map(({ Encoding }) => Encoding)
  const facts = { size: octets.length, messageId: message.messageId, now, archive, encodings }
  same(what, parsed.entity, expectedAfterRoundTrip(entity, facts))
  same(`${what}, octets`, octets, octets)
}

/** Lengths around a line, a block of the WebAssembly kernel (1024 lines of 57 octets), and a chunk of 64 KiB. */
const LENGTHS = [
  ...Array.from({ length: 200 }, (_, length) => length),
  ...[57 * 1024, 65_536, 2 * 57 * 1024, 1_000_000].flatMap(length => [-2, -1, 0, 1, 2].map(more => length + more)),
]

function contents({ main, same }: Context): void {
  for (const length of LENGTHS) {
    const content = Uint8Array.from({ length }, (_, index) => Math.imul(index + length, 2_654_435_761) >>> 23)
    const text = Array.from(content.subarray(0, 5000), octet => String.fromCodePoint(octet + 32)).join('')
    const base64 = base64Of(content)
    for (const Stream of [content, base64]) {
      const kind = Stream === content ? 'octets' : 'base64'
      const entity = { PlainBody: text, Attachments: [{ Filename: 'a.bin', Type: 'application/octet-stream', Stream }] }
      const octets = main.composeMessage(entity, { ...reproducible(), draft: true }).toBytes()
      // The fold once more, by the letter of RFC 2045 §6.8.
      const body = Buffer.from(octets).toString('latin1').split('\r\n\r\n').at(-1)!
      const folded = base64.replace(/.{76}(?=.)/g, '$&\r\n')
      if (length > 0) same(`${length} ${kind}, on the wire`, body.startsWith(`${folded}\r\n--`), true)
      const { Attachments, PlainBody } = main.parseMessage(octets).entity
      same(`${length} ${kind}`, base64Of(Attachments[0]?.Stream ?? new Uint8Array()), base64)
      same(`${length} ${kind}, text`, PlainBody, text)
    }
  }
}

/** Labels of every decoder: RFC 2978 names and those of mailers. */
const CHARSETS = (
  'utf-8 us-ascii iso-8859-1 iso-8859-2 iso-8859-6 iso-8859-8-i iso-8859-15 windows-1250 windows-1251 windows-1257 koi8-r ' +
  'koi8-u macintosh ibm850 tis-620 utf-7 utf-16 utf-16le utf-16be utf-32 shift_jis euc-jp iso-2022-jp iso-2022-kr euc-kr ' +
  'gb2312 gbk gb18030 hz-gb-2312 big5 big5-hkscs x-unknown'
).split(' ')

function charsets({ main, same }: Context): void {
  const octet = fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
    { weight: 3, arbitrary: fc.integer({ min: 0x80, max: 0xff }) },
    // Escapes and shifts, lead octets of UTF-8, surrogates.
    fc.constantFrom(0x00, 0x0e, 0x0f, 0x1b, 0x24, 0x28, 0x42, 0xc3, 0xe2, 0x82, 0xed, 0xa0, 0xf0, 0x9f, 0xff, 0xd8),
  )
  const samples = fc.sample(fc.array(octet, { maxLength: 60 }), { seed: SEED, numRuns: 40 })
  for (const charset of CHARSETS) {
    for (const [index, sample] of samples.entries()) {
      const body = Uint8Array.from(sample)
      const header = `Content-Type: text/plain; charset=${charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n`
      const { PlainBody } = main.parseMessage(new TextEncoder().encode(header + base64Of(body))).entity
      // Of UTF-8 the platform has a decoder of its own: one U+FFFD for each sequence that is cut off.
      const expected = charset === 'utf-8' ? new TextDecoder().decode(body) : PlainBody
      same(`${charset} ${index}`, PlainBody, expected)
      same(`${charset} ${index}, well-formed`, /\p{Surrogate}/u.test(PlainBody), false)
    }
  }
}

function carriers({ main, names, octets, same, has }: Context): void {
  for (const name of names('messages/', '.eml')) {
    const { entity } = main.parseMessage(octets(`messages/${name}.eml`))
    const json = main.entityToJson(entity)
    same(`${name}, JSON`, main.entityFromJson(json), JSON.parse(json))
    const { Sent } = main.withTimeZone(entity, 'W. Europe Standard Time')
    same(`${name}, instant`, Date.parse(Sent ?? ''), Date.parse(entity.Sent ?? ''))
    same(`${name}, zone`, Sent === null || /\+0[12]:00$/.test(Sent), true)
    has(`${name}, $select`, main.selectFields(entity, 'Subject'), { Subject: entity.Subject })
    const answers = [main.replyTo(entity, { all: true }), main.forwardOf(entity, { as: 'inline' })]
    for (const answer of answers) {
      const composed = main.composeMessage(answer, { ...reproducible(), draft: true }).toBytes()
      same(`${name}, answer`, main.parseMessage(composed).entity.Subject, answer.Subject)
    }
  }
}

async function sending({ main, send, same }: Context): Promise<void> {
  const from = { Address: 'kari@example.no' }
  const emails = ['a', 'b', 'c'].map(Subject => ({ From: from, To: [{ Address: `${Subject}@example.com` }], Subject }))
  const sent: string[] = []
  const kept: string[] = []
  const response = await send!.sendEMails(
    { Emails: emails, SentItemsConnectionInfo: { Folder: 'Sent' } },
    {
      compose: reproducible(),
      transport: {
        async send({ message, envelope }) {
          sent.push(`${envelope.to} ${main.parseMessage(message.toBytes()).entity.Subject}`)
          return undefined
        },
      },
      sentItems: {
        async append({ message, folder }) {
          kept.push(`${folder} ${main.parseMessage(message.toBytes()).entity.Subject}`)
        },
      },
    },
  )
  same('sent', sent, ['a@example.com a', 'b@example.com b', 'c@example.com c'])
  same('kept', kept, ['Sent a', 'Sent b', 'Sent c'])
  same(
    'told',
    response.map(({ IsSent }) => IsSent),
    [true, true, true],
  )
}

// ------------------------------------------------------------------------------------------------------------ comparing

function codesOf(defects: readonly { readonly code: string }[]): string[] {
  return defects.map(({ code }) => code).toSorted()
}

async function* chunksOf(octets: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < octets.length; start += size) yield octets.subarray(start, start + size)
}

function base64Of(octets: Uint8Array | string): string {
  return typeof octets === 'string' ? octets : Buffer.from(octets).toString('base64')
}

/** As JSON, properties in alphabetical order, octets in base64. */
function plain(value: unknown): string {
  return JSON.stringify(ordered(value)) ?? 'null'
}

function ordered(value: unknown): unknown {
  if (value instanceof Uint8Array) return base64Of(value)
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, property]) => [name, ordered(property)]),
  )
}

/** Whether every property that is expected is there; of lists, every element, and no other. */
function includes(seen: unknown, expected: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return seen === expected
  if (typeof seen !== 'object' || seen === null || Array.isArray(seen) !== Array.isArray(expected)) return false
  if (Array.isArray(expected) && (seen as unknown[]).length !== expected.length) return false
  return Object.entries(expected).every(([name, value]) => includes((seen as Record<string, unknown>)[name], value))
}

/** Where two texts begin to differ. */
function excerpt(seen: string, expected: string): string {
  let index = 0
  while (index < seen.length && seen[index] === expected[index]) index++
  const start = Math.max(0, index - 40)
  return `saw …${seen.slice(start, index + 80)}…, expected …${expected.slice(start, index + 80)}…`
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Buffer.from(digest).toString('hex')
}
