/**
 * Messages around calendars, as octets, for the tests of this folder: every case goes through `parseMessage`.
 */
import {
  type CalendarAppointment,
  type ReadAppointmentOptions,
  readAppointment,
  summarizeCalendar,
} from '../../src/calendar/index.ts'
import { parseMessage } from '../../src/index.ts'

export interface MessageParts {
  readonly from?: string
  readonly to?: string
  readonly headers?: readonly string[]
  /** Content-Type of the calendar part. */
  readonly type?: string
  readonly disposition?: string
  /** Wraps the part: `alternative` as most clients do, `none` for a message that is the calendar. */
  readonly structure?: 'alternative' | 'none'
  /** Further parts as they stand, header and body, beside the alternative. */
  readonly beside?: readonly string[]
}

/** A message with a calendar part in base64, so that any octets are legal. */
export function calendarMessage(ics: string | Uint8Array, parts: MessageParts = {}): Uint8Array {
  const part = calendarPart(ics, parts.type ?? 'text/calendar; charset=utf-8', parts.disposition)
  const body =
    parts.structure === 'none' ? part : multipart('alternative', ['Content-Type: text/plain\r\n\r\nHello', part])
  const all = parts.beside === undefined ? body : multipart('mixed', [body, ...parts.beside])
  const header = [
    `From: ${parts.from ?? 'bob@example.org'}`,
    `To: ${parts.to ?? 'org@x.no'}`,
    ...(parts.headers ?? []),
    'Date: Wed, 26 Feb 2025 08:00:00 +0100',
    'Subject: Calendar',
    'MIME-Version: 1.0',
  ]
  return Buffer.from(`${header.join('\r\n')}\r\n${all}\r\n`, 'latin1')
}

/** A body part with a calendar or any file, in base64. */
export function calendarPart(content: string | Uint8Array, type: string, disposition?: string): string {
  const base64 = Buffer.from(content as string)
    .toString('base64')
    .replace(/.{76}/g, '$&\r\n')
  return [
    `Content-Type: ${type}`,
    ...(disposition === undefined ? [] : [`Content-Disposition: ${disposition}`]),
    'Content-Transfer-Encoding: base64',
    '',
    base64,
  ].join('\r\n')
}

/** A multipart with its own Content-Type field. */
export function multipart(subtype: string, parts: readonly string[]): string {
  const boundary = `=_${subtype.replace(/\W.*$/, '')}`
  const body = parts.map(part => `--${boundary}\r\n${part}\r\n`).join('')
  return `Content-Type: multipart/${subtype}; boundary="${boundary}"\r\n\r\n${body}--${boundary}--`
}

/** A calendar of these lines, with CRLF, between BEGIN and END. */
export function calendar(method: string, ...lines: readonly string[]): string {
  const head = ['BEGIN:VCALENDAR', 'PRODID:-//Test//EN', 'VERSION:2.0', ...(method === '' ? [] : [`METHOD:${method}`])]
  return `${[...head, ...lines, 'END:VCALENDAR'].join('\r\n')}\r\n`
}

/** An event of these lines beside UID, DTSTAMP and, unless one is given, DTSTART. */
export function event(...lines: readonly string[]): string {
  const has = (name: string): boolean => lines.some(line => line.startsWith(`${name}:`) || line.startsWith(`${name};`))
  return [
    'BEGIN:VEVENT',
    ...(has('UID') ? [] : ['UID:u1']),
    'DTSTAMP:20250220T120000Z',
    ...(has('DTSTART') ? [] : ['DTSTART:20250226T070000Z']),
    ...lines,
    'END:VEVENT',
  ].join('\r\n')
}

/** HasCalendarData, CalMethod and CalReplyStatus of a message, as one line. */
export function summary(message: Uint8Array): string {
  const { HasCalendarData, CalMethod, CalReplyStatus } = summarizeCalendar(parseMessage(message))
  return `${HasCalendarData} ${CalMethod} ${CalReplyStatus}`
}

/** The appointment of a message that must have one. */
export function appointmentOf(message: Uint8Array, options?: ReadAppointmentOptions): CalendarAppointment {
  const read = readAppointment(parseMessage(message), options)
  if (read === null) throw new Error('no appointment')
  return read
}

/** An ISO 8601 time as its instant in UTC, `2025-02-26T07:00:00Z`. */
export function utc(dateTime: string | null | undefined): string {
  return `${new Date(dateTime ?? Number.NaN).toISOString().slice(0, 19)}Z`
}
