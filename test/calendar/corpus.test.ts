/**
 * Real calendars and messages of 39 open-source projects, which stand beside the project and are never copied into it.
 *
 * Set MIMECAL_CORPUS where they are elsewhere; without them the tests are skipped and say so.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readAppointment, summarizeCalendar } from '../../src/calendar/index.ts'
import { type MimePart, parseMessage } from '../../src/index.ts'
import { calendarMessage } from './message.ts'
import { readWithOthers } from './readers.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const CORPUS = resolve(ROOT, process.env.MIMECAL_CORPUS ?? '../shared/corpus')
const isThere = existsSync(join(CORPUS, 'ics'))
if (!isThere) console.log(`skipped: no corpus at ${CORPUS}`)

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}

/** Why a calendar has no event; undefined where it should have one. */
function reasonForNoEvent(text: string): string | undefined {
  if (!/BEGIN:VCALENDAR/i.test(text)) return 'no VCALENDAR around it'
  if (!/BEGIN:VEVENT/i.test(text)) return 'no VEVENT in it'
  return undefined
}

describe.skipIf(!isThere)('calendars', () => {
  const files = isThere ? filesIn(join(CORPUS, 'ics')) : []

  test('all are read; every one has an event, or a reason not to', () => {
    const table = new Map<string, number>()
    const unexplained: string[] = []
    const count = (row: string): void => void table.set(row, (table.get(row) ?? 0) + 1)
    for (const file of files) {
      const octets = readFileSync(file)
      const message = parseMessage(calendarMessage(octets, { type: 'text/calendar; method=PUBLISH' }))
      const { HasCalendarData } = summarizeCalendar(message)
      const read = readAppointment(message)
      expect(read !== null).toBe(HasCalendarData)
      const text = octets.toString('latin1').replaceAll('\0', '')
      const uids = new Set([...text.matchAll(/^UID[^:\r\n]*:(.*)$/gm)].map(match => match[1]!.trim()))
      const events = text.match(/BEGIN:VEVENT/gi)?.length ?? 0
      if (read !== null) count(`one appointment${read.warnings.length > 0 ? ', with warnings' : ''}`)
      else if (reasonForNoEvent(text) !== undefined) count(reasonForNoEvent(text)!)
      else if (events > 1 && (uids.size !== 1 || events > uids.size)) count('several appointments')
      else unexplained.push(relative(CORPUS, file))
    }
    console.log(
      `${files.length} calendars\n${[...table].map(([row, number]) => `${String(number).padStart(5)} ${row}`).join('\n')}`,
    )
    expect(files.length).toBeGreaterThanOrEqual(600)
    expect(unexplained).toEqual([])
  })

  test('where other readers agree on start and title, this one does', () => {
    let compared = 0
    const differences: string[] = []
    for (const file of files) {
      const octets = readFileSync(file)
      if (octets.length > 100_000) continue
      const read = readAppointment(parseMessage(calendarMessage(octets)))
      const text = octets.toString('utf8')
      // Others expand, or take the first of several events; ical.js does not end on some of the rules.
      if (read === null || text.split(/BEGIN:VEVENT/i).length !== 2 || /VTIMEZONE/.test(text)) continue
      // node-ical has floating times in the zone of the machine, and nobody else knows what /org/Europe/Oslo means.
      if (read.start === undefined || read.start.kind === 'floating' || read.start.tzid?.startsWith('/')) continue
      const readings = readWithOthers(text).filter(({ start }) => Number.isFinite(start))
      const [first, ...others] = readings
      if (first === undefined || others.length === 0) continue
      if (others.some(({ start, title }) => start !== first.start || title !== first.title)) continue
      compared++
      const ours = `${Date.parse(read.start.dateTime)} ${read.appointment.Appointment.Title}`
      if (ours !== `${first.start} ${first.title.trim()}`)
        differences.push(`${relative(CORPUS, file)}: ${ours}, not ${first.start} ${first.title}`)
    }
    console.log(`${compared} calendars compared with two or more other readers`)
    expect(differences).toEqual([])
    expect(compared).toBeGreaterThan(100)
  })
})

describe.skipIf(!isThere)('messages', () => {
  /** METHOD of the first calendar part outside of reports and of messages inside the message, by text search. */
  function methodIn(part: MimePart): string | undefined {
    if (part.contentType.mediaType === 'multipart/report') return undefined
    if (part.contentType.mediaType === 'text/calendar') {
      const text = Buffer.from(part.content()).toString('latin1')
      const method = /^METHOD[^:\r\n]*:[ \t]*([\w-]+)/im.exec(text)?.[1] ?? part.contentType.parameters.get('method')
      if (/^BEGIN:VEVENT/im.test(text)) return method?.toUpperCase() ?? 'UNKNOWN'
    }
    for (const child of part.parts) {
      const method = methodIn(child)
      if (method !== undefined) return method
    }
    return undefined
  }

  test('CalMethod is the METHOD of the calendar part, in every message that has one', () => {
    const differences: string[] = []
    let found = 0
    for (const file of filesIn(join(CORPUS, 'eml'))) {
      const octets = readFileSync(file)
      if (!/calendar|\.ics|\.vcs/i.test(octets.toString('latin1'))) continue
      const parsed = parseMessage(octets)
      const summary = summarizeCalendar(parsed)
      const read = readAppointment(parsed)
      expect(read !== null).toBe(summary.HasCalendarData)
      const method = methodIn(parsed.root)
      if (method === undefined) continue
      found++
      if (summary.CalMethod.toUpperCase() !== method)
        differences.push(`${relative(CORPUS, file)}: ${summary.CalMethod}, not ${method}`)
    }
    console.log(`${found} messages with a calendar part that has an event`)
    expect(found).toBeGreaterThanOrEqual(30)
    expect(differences).toEqual([])
  })
})
