/** SECURITY.md tells the limits that the code has. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DEFAULT_CALENDAR_LIMITS } from '../../src/calendar/limits.ts'
import { DEFECT_CODES } from '../../src/defect.ts'
import { DEFAULT_JSON_LIMITS } from '../../src/entity/limits.ts'
import { MIME_ERROR_CODES } from '../../src/errors.ts'
import { DEFAULT_LIMITS } from '../../src/mime/limits.ts'

const PAGE = readFileSync(new URL('../../SECURITY.md', import.meta.url), 'utf8')

/** The tables of limits: names with their defaults. */
const tables = PAGE.split(/\n\n/)
  .filter(block => block.startsWith('| limit |'))
  .map(block =>
    Object.fromEntries(
      [...block.matchAll(/^\| `(\w+)` \| ([\d,]+|Infinity) \|/gm)].map(([, name, value]) => [
        name!,
        Number(value!.replaceAll(',', '')),
      ]),
    ),
  )

test('the limits and their defaults are those of the code', () => {
  expect(tables).toEqual([DEFAULT_LIMITS, DEFAULT_CALENDAR_LIMITS, DEFAULT_JSON_LIMITS])
})

test('the codes are codes', () => {
  const codes = [...PAGE.matchAll(/`([A-Z]+(?:_[A-Z\d]+)+)`/g)].map(match => match[1]!)
  expect(codes.length).toBeGreaterThan(10)
  for (const code of codes) expect(Object.keys({ ...DEFECT_CODES, ...MIME_ERROR_CODES })).toContain(code)
})
