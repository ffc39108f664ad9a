/**
 * The marks of README.md's comparison, tried: what each library in JavaScript does where it can be seen in its output.
 * MimeKit is .NET; its column, and rows of {@link UNTRIED}, are from reading.
 */
import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { simpleParser } from 'mailparser'
import { createMimeMessage } from 'mimetext'
import MailComposer from 'nodemailer/lib/mail-composer/index.js'
import PostalMime from 'postal-mime'
import { describe, expect, test } from 'vitest'
import { composeMessage, parseMessage } from '../../src/index.ts'
import { ROOT, readPages, tableUnder } from './pages.ts'

const ROWS = tableUnder(readPages().find(({ path }) => path === 'README.md')!, 'Beside its peers').filter(
  row => row.mimecal !== undefined,
)

const [MIMECAL, NODEMAILER, POSTAL_MIME, MIMETEXT] = ['mimecal', 'nodemailer, mailparser', 'postal-mime', 'mimetext']

type Mark = boolean | string
type Probe = () => Mark | Promise<Mark>

/** What each does, by row and column. */
const PROBES: Readonly<Record<string, Readonly<Record<string, Probe>>>> = {
  'boundary proven absent from the content': {
    [MIMECAL!]: () => {
      const random = (octets: number) => new Uint8Array(octets)
      const compose = (PlainBody: string) =>
        composeMessage({ ...email('Hi'), PlainBody, HTMLBody: '<p>Hi</p>' }, { random }).toBytes()
      const boundary = /boundary="([^"]*)"/.exec(textOf(compose('Hi')))![1]
      return parseMessage(compose(`--${boundary}\n\nforged`)).entity.PlainBody.includes('forged')
    },
    [NODEMAILER!]: async () => {
      const compose = (text: string) => nodemailer({ text, html: '<p>Hi</p>', baseBoundary: 'fixed' })
      const boundary = /boundary="([^"]*)"/.exec(textOf(await compose('Hi')))![1]
      return parseMessage(await compose(`--${boundary}\n\nforged`)).root.parts.length === 2
    },
  },
  'folds that every reader reads alike': {
    [MIMECAL!]: () => isWellFolded(composeMessage(email(HARD_TO_FOLD)).toBytes()),
    [NODEMAILER!]: async () => isWellFolded(await nodemailer({ subject: HARD_TO_FOLD })),
    [MIMETEXT!]: () => isWellFolded(mimetext(message => message.setSubject(HARD_TO_FOLD))),
  },
  'no value can add a header field': {
    [MIMECAL!]: () => refuses(() => composeMessage(email('Hi', { Name: 'X-A', Values: ['a\r\nX-Added: 1'] }))),
    [NODEMAILER!]: async () => !hasField(await nodemailer({ headers: { 'X-A': 'a\r\nX-Added: 1' } })),
    [MIMETEXT!]: () => !hasField(mimetext(message => message.setHeader('X-A', 'a\r\nX-Added: 1'))),
  },
  'file names for old and new readers at once': {
    [MIMECAL!]: () => {
      const Attachments = [{ Filename: 'årsmøte.pdf', Stream: Uint8Array.of(1) }]
      return hasBothNames(composeMessage({ ...email('Hi'), Attachments }).toBytes())
    },
    [NODEMAILER!]: async () =>
      hasBothNames(await nodemailer({ attachments: [{ filename: 'årsmøte.pdf', content: Buffer.of(1) }] })),
    [MIMETEXT!]: () =>
      hasBothNames(
        mimetext(message =>
          message.addAttachment({ filename: 'årsmøte.pdf', contentType: 'application/pdf', data: 'AQ==' }),
        ),
      ),
  },
  'invitation in its place, its METHOD checked': {
    [MIMECAL!]: () => {
      const calendar = { ics: CALENDAR, method: 'Cancel' } as const
      return refuses(() => composeMessage(email('Hi'), { calendar }))
    },
    [NODEMAILER!]: async () => {
      const octets = await nodemailer({ icalEvent: { method: 'CANCEL', content: CALENDAR } })
      return /text\/calendar;[^\r]*method=CANCEL/.test(textOf(octets)) ? 'not checked' : true
    },
    [MIMETEXT!]: () =>
      !refuses(() => mimetext(message => message.addMessage({ contentType: 'text/calendar', data: CALENDAR }))),
  },
  'time zone of dates kept': readers(
    'Date: Fri, 15 Jan 2027 09:00:00 +0900\r\n\r\ntext',
    octets => parseMessage(octets).entity.Sent!.endsWith('+09:00'),
    async octets => JSON.stringify((await simpleParser(octets)).date).includes('+09'),
    async octets => (await PostalMime.parse(octets)).date!.includes('+09'),
  ),
  'octets of unencoded attachments exact': readers(
    'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n' +
      '--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n' +
      'Content-Disposition: attachment; filename=a.bin\r\n\r\na\nb\r\nc\r\n--b--\r\n',
    octets => isExact(parseMessage(octets).entity.Attachments[0]!.Stream!),
    async octets => isExact((await simpleParser(octets)).attachments[0]!.content),
    async octets => isExact(new Uint8Array((await PostalMime.parse(octets)).attachments[0]!.content as ArrayBuffer)),
  ),
  'what was wrong is reported': readers(
    'Date: yesterday\r\nContent-Transfer-Encoding: base64\r\n\r\n????',
    octets => parseMessage(octets).defects.length >= 2,
    async octets => tellsOfFaults(await simpleParser(octets)),
    async octets => tellsOfFaults(await PostalMime.parse(octets)),
  ),
  'uuencoded files in the text found': readers(
    readCase('messages/uuencoded-text'),
    octets => parseMessage(octets).entity.Attachments.length > 0,
    async octets => (await simpleParser(octets)).attachments.length > 0,
    async octets => (await PostalMime.parse(octets)).attachments.length > 0,
  ),
  'bounces and receipts as data': readers(
    readCase('messages/delivery-status-report'),
    octets => parseMessage(octets).report?.recipients[0]?.action === 'failed',
    async octets => hasValue(await simpleParser(octets), 'failed'),
    async octets => hasValue(await PostalMime.parse(octets), 'failed'),
  ),
  'calendar method and answer read': readers(
    readCase('calendar/google-reply'),
    octets => parseMessage(octets).entity.CalReplyStatus === 'Accepted',
    async octets => calendarMark(await simpleParser(octets)),
    async octets => calendarMark(await PostalMime.parse(octets)),
  ),
}

/** Marks that no output shows: of what is not offered, or of memory and time, which other tests measure. */
const UNTRIED: ReadonlySet<string> = new Set([
  'exact size before writing',
  'winmail.dat opened',
  'messages larger than memory',
  'DKIM signing',
  'S/MIME',
])

test('every row is tried, or known not to be', () => {
  expect(ROWS.map(row => row['']!).toSorted()).toEqual([...Object.keys(PROBES), ...UNTRIED].toSorted())
})

const cells = Object.entries(PROBES).flatMap(([row, probes]) =>
  Object.entries(probes).map(([column, probe]) => [row, column, probe] as const),
)

describe('marks', () => {
  test.each(cells)('%s: %s', async (name, column, probe) => {
    const seen = await probe()
    const mark = seen === true ? 'yes' : seen === false ? 'no' : seen
    expect(ROWS.find(row => row[''] === name)![column]).toBe(mark)
  })
})

// -------------------------------------------------------------------------------------------------------------- writing

const FROM = 'kari@example.no'
const CALENDAR = 'BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n'

/** Blanks enough to make a line of them, and a blank at which no line may be broken. */
const HARD_TO_FOLD = `a${' '.repeat(90)}${'b'.repeat(80)}`

function email(Subject: string, header?: { Name: string; Values: string[] }) {
  const CustomHeaderList = header === undefined ? [] : [header]
  return { From: { Address: FROM }, To: [{ Address: 'ola@example.com' }], Subject, PlainBody: 'Hi\n', CustomHeaderList }
}

function nodemailer(options: object): Promise<Buffer> {
  return new MailComposer({ from: FROM, to: 'ola@example.com', subject: 'Hi', text: 'Hi', ...options })
    .compile()
    .build()
}

function mimetext(change: (message: ReturnType<typeof createMimeMessage>) => unknown): Buffer {
  const message = createMimeMessage()
  message.setSender(FROM)
  message.setRecipient('ola@example.com')
  message.setSubject('Hi')
  message.addMessage({ contentType: 'text/plain', data: 'Hi' })
  change(message)
  return Buffer.from(message.asRaw())
}

function textOf(octets: Uint8Array): string {
  return Buffer.from(octets).toString()
}

function headerOf(octets: Uint8Array): string {
  return textOf(octets).split(/\r?\n\r?\n/)[0]!
}

/** No line of blanks alone, none over 998 octets, and no encoded-word over 75 characters. */
function isWellFolded(octets: Uint8Array): boolean {
  const lines = headerOf(octets).split(/\r?\n/)
  const words = headerOf(octets).match(/=\?\S*?\?[BQ]\?\S*?\?=/gi) ?? []
  return lines.every(line => line.trim() !== '' && line.length <= 998) && words.every(word => word.length <= 75)
}

function hasField(octets: Uint8Array): boolean {
  return /^X-Added:/m.test(headerOf(octets))
}

function hasBothNames(octets: Uint8Array): boolean {
  const text = textOf(octets)
  return /filename\*(?:0\*)?=/.test(text) && /[^e]name="?=\?utf-8\?/i.test(text)
}

function refuses(run: () => unknown): boolean {
  try {
    run()
    return false
  } catch {
    return true
  }
}

// -------------------------------------------------------------------------------------------------------------- reading

function readers(
  source: string | Buffer,
  ours: (octets: Buffer) => Mark,
  mailparser: (octets: Buffer) => Promise<Mark>,
  postalMime: (octets: Buffer) => Promise<Mark>,
): Readonly<Record<string, Probe>> {
  const octets = Buffer.from(source as string)
  return {
    [MIMECAL!]: () => ours(octets),
    [NODEMAILER!]: () => mailparser(octets),
    [POSTAL_MIME!]: () => postalMime(octets),
  }
}

function readCase(name: string): Buffer {
  return readFileSync(new URL(`corpus/${name}.eml`, ROOT))
}

function isExact(octets: Uint8Array): boolean {
  return textOf(octets) === 'a\nb\r\nc'
}

/** Whether any property is about what was wrong. */
function tellsOfFaults(mail: object): boolean {
  return Object.keys(mail).some(name => /defect|error|warn|problem|fault|issue/i.test(name))
}

/** Whether some property, however deep, but for texts as a whole, is the value. */
function hasValue(mail: unknown, value: string): boolean {
  if (mail instanceof Uint8Array || mail instanceof ArrayBuffer) return false
  if (typeof mail !== 'object' || mail === null) return mail === value
  const inside = mail instanceof Map ? [...mail.values()] : Object.values(mail)
  return inside.some(item => hasValue(item, value))
}

function calendarMark(mail: unknown): Mark {
  if (hasValue(mail, 'ACCEPTED') || hasValue(mail, 'Accepted')) return true
  return hasValue(mail, 'REPLY') ? 'method' : false
}
