/**
 * Reads every message of corpus/calendar and compares it with `<case>.json`; corpus/calendar/README.md tells what each
 * shows and who vouches for it.
 *
 * `summary` is HasCalendarData, CalMethod and CalReplyStatus. `warnings` are the codes that must be reported; without it
 * there must be none, null leaves it open. Other properties are those of a CalendarAppointment that matter.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type CalendarAppointment, type ReadAppointmentOptions, readAppointment } from '../../src/calendar/index.ts'
import { parseMessage } from '../../src/index.ts'
import { summary } from './message.ts'

const FOLDER = new URL('../../corpus/calendar/', import.meta.url)

interface Expected extends Partial<Omit<CalendarAppointment, 'warnings'>> {
  readonly summary: string
  readonly options?: ReadAppointmentOptions
  readonly warnings?: readonly string[] | null
}

const cases = readdirSync(FOLDER)
  .filter(file => file.endsWith('.eml'))
  .map(file => file.slice(0, -'.eml'.length))

test('finds the corpus, and a row of the README for each case', () => {
  expect(cases.length).toBeGreaterThanOrEqual(60)
  const readme = readFileSync(new URL('README.md', FOLDER), 'utf8')
  expect(cases.filter(name => !readme.includes(`| ${name} |`))).toEqual([])
})

test.each(cases)('%s', name => {
  const octets = readFileSync(new URL(`${name}.eml`, FOLDER))
  const expected = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as Expected
  const { summary: stated, options = {}, warnings = [], ...appointment } = expected
  expect(summary(octets)).toBe(stated)
  const read = readAppointment(parseMessage(octets), options)
  expect(read !== null).toBe(stated.startsWith('true'))
  if (read === null) return
  expect(read).toMatchObject(appointment)
  if (warnings !== null) expect(read.warnings.map(({ code }) => code)).toEqual(warnings)
})
