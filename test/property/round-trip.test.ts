/**
 * R1, R4 and R5 over random entities: what is composed is read back the same, is right by the letter of the RFCs, and
 * is read by others as the entity says.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { composeMessage, type EMailEntityInput, parseMessage } from '../../src/index.ts'
import { addressArbitrary, entityArbitrary, expectedAfterRoundTrip } from '../arbitrary/entity.ts'
import { compareReaders, openReaders, type Readers } from '../conformance/readers.ts'
import { strictParse } from '../conformance/strict-check.ts'

const NOW = new Date('2026-01-15T12:00:00Z')
const compose = (entity: EMailEntityInput) => composeMessage(entity, { now: () => NOW, smtpUtf8: true })

/** How many entities; more for a longer look: `ENTITIES=5000 npx vitest run test/property`. */
const RUNS = Number(process.env.ENTITIES ?? 500)

describe.each([
  { kind: 'plain', hard: false, runs: RUNS / 2 },
  { kind: 'hard', hard: true, runs: RUNS / 2 },
])('$runs $kind random entities', ({ hard, runs }) => {
  test('come back equal (R1) from octets without a fault (R4), of the size that was promised', () => {
    fc.assert(
      fc.property(entityArbitrary({ hard }), entity => {
        const message = compose(entity)
        const octets = message.toBytes()
        expect(octets.length).toBe(message.size)
        const { violations, preferences } = strictParse(octets, {
          smtpUtf8: message.envelope.smtpUtf8,
          eightBit: message.envelope.eightBitMime,
        })
        expect(violations).toEqual([])
        expect(preferences).toEqual([])
        const { entity: found, defects } = parseMessage(octets)
        expect(defects).toEqual([])
        const encodings = found.Attachments.map(attachment => attachment.Encoding)
        const context = { size: octets.length, messageId: message.messageId, now: NOW, encodings }
        expect(found).toEqual(expectedAfterRoundTrip(entity, context))
      }),
      { numRuns: runs },
    )
  })
})

test('1,000 recipients come back in order (R1), from octets without a fault (R4)', () => {
  const recipients = fc.array(addressArbitrary(), { minLength: 1000, maxLength: 1000 })
  fc.assert(
    fc.property(entityArbitrary({ hard: true }), recipients, (entity, To) => {
      const message = compose({ ...entity, To })
      const octets = message.toBytes()
      expect(octets.length).toBe(message.size)
      expect(strictParse(octets, { smtpUtf8: message.envelope.smtpUtf8 }).violations).toEqual([])
      const { entity: found } = parseMessage(octets)
      const encodings = found.Attachments.map(attachment => attachment.Encoding)
      const context = { size: octets.length, messageId: message.messageId, now: NOW, encodings }
      expect(found.To).toEqual(expectedAfterRoundTrip({ ...entity, To }, context).To)
    }),
    { numRuns: 5 },
  )
})

test('with archive on both sides every property comes back (R2)', () => {
  fc.assert(
    fc.property(entityArbitrary({ archive: true }), entity => {
      const message = composeMessage(entity, { now: () => NOW, smtpUtf8: true, archive: true })
      const octets = message.toBytes()
      expect(strictParse(octets, { smtpUtf8: message.envelope.smtpUtf8 }).violations).toEqual([])
      const { entity: found, defects } = parseMessage(octets, { archive: true })
      expect(defects).toEqual([])
      const encodings = found.Attachments.map(attachment => attachment.Encoding)
      const context = { size: octets.length, messageId: message.messageId, now: NOW, encodings, archive: true }
      expect(found).toEqual(expectedAfterRoundTrip(entity, context))
      expect(parseMessage(octets).entity.ServerId).toBe(0)
    }),
    { numRuns: RUNS / 4 },
  )
})

test.each([
  [new Date('2023-06-02T14:13:40.266Z'), '2023-06-02T14:13:40.266Z'],
  [new Date('2023-06-02T14:13:40Z'), '2023-06-02T14:13:40+00:00'],
  ['2023-06-02T14:13:40,266+02:00', '2023-06-02T14:13:40.266+02:00'],
])('the archive has the fraction of Sent, however it is given: %j', (Sent, expected) => {
  const entity = { From: { Address: 'a@x.test' }, To: [{ Address: 'b@x.test' }], Sent }
  expect(parseMessage(composeMessage(entity, { archive: true }).toBytes(), { archive: true }).entity.Sent).toBe(
    expected,
  )
})

describe('other readers', () => {
  let readers: Readers
  beforeAll(() => {
    readers = openReaders()
    if (readers.skipped.length > 0) console.warn(`skipped: ${readers.skipped.join(', ')}`)
  })
  afterAll(() => readers.close())

  test.each([{ hard: false }, { hard: true }])(
    'read the same from half of them (R5), hard: $hard',
    async ({ hard }) => {
      await fc.assert(
        fc.asyncProperty(entityArbitrary({ hard }), async entity => {
          const message = compose(entity)
          const octets = message.toBytes()
          const { entity: found } = parseMessage(octets)
          const encodings = found.Attachments.map(attachment => attachment.Encoding)
          const context = { size: octets.length, messageId: message.messageId, now: NOW, encodings }
          const expected = expectedAfterRoundTrip(entity, context)
          expect(compareReaders(expected, await readers.read(octets))).toEqual([])
        }),
        { numRuns: RUNS / 4 },
      )
    },
  )
})
