/** Compares the tables of docs/codes.md, docs/limits.md and docs/calendar.md with those of the code: both ways. */
import { describe, expect, test } from 'vitest'
import { DEFAULT_CALENDAR_LIMITS } from '../../src/calendar/index.ts'
import { METHOD_RULES } from '../../src/calendar/itip.ts'
import { EXIT_MEANINGS } from '../../src/cli/exit.ts'
import { DEFAULT_JSON_LIMITS } from '../../src/entity/limits.ts'
import { DEFECT_CODES, MIME_ERROR_CODES } from '../../src/index.ts'
import { DEFAULT_LIMITS } from '../../src/mime/index.ts'
import { SEND_WARNING_CODES } from '../../src/send/index.ts'
import { codeSpans, type Page, readFile, readPages, tableUnder } from './pages.ts'

const pages = readPages()
const CODES = pageAt('docs/codes.md')
const LIMITS = pageAt('docs/limits.md')

function pageAt(path: string): Page {
  return pages.find(page => page.path === path)!
}

describe('docs/codes.md', () => {
  test.each([
    ['Errors', MIME_ERROR_CODES],
    ['Defects', DEFECT_CODES],
    ['Warnings of sending', SEND_WARNING_CODES],
  ])('%s', (heading, codes) => {
    const rows = tableUnder(CODES, heading)
    expect(rows.map(row => [codeSpans(row.Code!)[0], row.Meaning])).toEqual(Object.entries(codes))
    for (const row of rows) expect(row['What to do'], row.Code).toMatch(/\w{2,} \w{2,}|Nothing/)
  })

  test('Exit codes of the command line', () => {
    const rows = tableUnder(CODES, 'Exit codes of the command line')
    const codes = [...EXIT_MEANINGS].map(([code, meaning]) => [String(code), meaning])
    expect(rows.map(row => [codeSpans(row.Code!)[0], row.Meaning])).toEqual(codes)
  })
})

describe('docs/limits.md', () => {
  test.each([
    ['Messages', DEFAULT_LIMITS],
    ['Calendars', DEFAULT_CALENDAR_LIMITS],
    ['JSON', DEFAULT_JSON_LIMITS],
  ])('%s', (heading, limits) => {
    const rows = tableUnder(LIMITS, heading)
    const stated = rows.map(row => [codeSpans(row.Limit!)[0]!, numberOf(row.Default!)])
    expect(Object.fromEntries(stated)).toEqual(limits)
    for (const row of rows) expect(row['Beyond it'], row.Limit).toMatch(/`[A-Z0-9_]+`/)
  })

  test('codes that it names exist', () => {
    const named = codeSpans(LIMITS.text).filter(span => /^[A-Z0-9]+_[A-Z0-9_]+$/.test(span))
    const constants = tableUnder(LIMITS, 'What cannot be set').map(row => codeSpans(row.Constant!)[0]!)
    const codes = [...Object.keys(MIME_ERROR_CODES), ...Object.keys(DEFECT_CODES), ...constants]
    for (const code of named) expect(codes).toContain(code)
  })

  test.each(tableUnder(LIMITS, 'What cannot be set').map(row => [row.Constant!, row] as const))('%s', (_, row) => {
    const [name, file] = [codeSpans(row.Constant!)[0]!, codeSpans(row.File!)[0]!]
    const value = new RegExp(`const ${name}(?:: number)? = ([\\d_ *]+)\\n`).exec(readFile(file))?.[1]
    expect(value, `${name} in ${file}`).toBeDefined()
    const product = value!.split('*').reduce((left, right) => left * Number(right.replaceAll('_', '')), 1)
    expect(numberOf(row.Value!)).toBe(product)
  })
})

test('docs/calendar.md: methods', () => {
  const rows = tableUnder(pageAt('docs/calendar.md'), 'Methods')
  const stated = rows.map(row => [
    codeSpans(row.Method!)[0]!,
    [row.Attendees, row.Sequence, row.Times, row.Recurrence, row['Copy as a file'] === 'yes'],
  ])
  const rules = Object.entries(METHOD_RULES).map(([method, { attendees, sequence, times, recurrence, attachIcs }]) => [
    method,
    [attendees, sequence, times, recurrence, attachIcs],
  ])
  expect(stated).toEqual(rules)
})

/** `10,000`, `1 MiB`, `512 KiB` or `none`, with or without a noun after it. */
function numberOf(text: string): number {
  if (text === 'none') return Number.POSITIVE_INFINITY
  const [number = '', unit] = text.split(' ')
  const factor = unit === 'MiB' ? 1024 * 1024 : unit === 'KiB' ? 1024 : 1
  return Number(number.replaceAll(',', '')) * factor
}
