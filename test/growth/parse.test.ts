/**
 * Reading takes time in proportion to the octets, whatever shape they have: twice the input, about twice the time.
 */
import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { readAppointment } from '../../src/calendar/index.ts'
import { parseMessage } from '../../src/index.ts'
import { growthRatio } from '../codec/slow/growth.ts'
import { SHAPES } from './shapes.ts'

/** Linear work has a ratio of 2, quadratic work one of 4. */
const LIMIT = 3

test.each(SHAPES)('$shape', ({ n, make, limits }) => {
  const options = { limits: limits ?? {} }
  const ratio = growthRatio(
    n,
    size => Buffer.from(make(size)),
    octets => readAppointment(parseMessage(octets, options)),
  )
  expect(ratio).toBeLessThan(LIMIT)
})
