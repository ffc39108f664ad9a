/**
 * The same entity, `now` and `random` give the same octets, by every way of writing; another `random` changes the
 * boundaries alone. Clock and chance are not read where the caller gives his own.
 */
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type ComposedMessage, type ComposeOptions, composeMessage, type EMailEntityInput } from '../../src/index.ts'
import { entityArbitrary } from '../arbitrary/entity.ts'
import { strictParse } from '../conformance/strict-check.ts'
import { attach, PLAIN_ENTITY, seeded } from './wire.ts'

const NOW = new Date('2026-01-15T12:00:00Z')
const options = (seed: number): ComposeOptions => ({ now: () => NOW, random: seeded(seed), smtpUtf8: true })

async function collect(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<Buffer> {
  const collected: Uint8Array[] = []
  for await (const chunk of chunks) collected.push(chunk)
  return Buffer.concat(collected)
}

/** The octets by every way of writing, the first two by `toBytes`. */
async function everyWriting(message: ComposedMessage): Promise<Buffer[]> {
  const target = Buffer.alloc(message.size! + 7, 0xaa)
  expect(message.writeInto(target, 3)).toBe(message.size! + 3)
  expect([...target.subarray(0, 3), ...target.subarray(-4)]).toEqual(new Array(7).fill(0xaa))
  return [
    Buffer.from(message.toBytes()),
    Buffer.from(message.toBytes()),
    target.subarray(3, -4),
    await collect(message as Iterable<Uint8Array>),
    await collect(message as AsyncIterable<Uint8Array>),
    Buffer.concat([...message]),
  ]
}

/** One character for each octet. */
const textOf = (message: ComposedMessage): string => Buffer.from(message.toBytes()).toString('latin1')

/** The text with the random part of every boundary as `#`. */
function withoutBoundaries(text: string): string {
  const { root } = strictParse(Buffer.from(text, 'latin1'), { smtpUtf8: true, eightBit: true })
  let result = text
  const waiting = [root]
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    const boundary = part.parameters.get('boundary')
    if (boundary !== undefined && part.parts.length > 0) result = result.replaceAll(boundary, `#${part.offset}#`)
    waiting.push(...part.parts)
  }
  return result
}

const MIXED: EMailEntityInput = {
  ...PLAIN_ENTITY,
  HTMLBody: '<img src="cid:a">',
  ...attach({ Id: 'a' }, { Stream: Uint8Array.from({ length: 300_000 }, (_, index) => index % 256) }),
}

describe('the same entity, now and random', () => {
  test('give the same octets by toBytes, writeInto, iteration and asynchronous iteration, every time', async () => {
    await fc.assert(
      fc.asyncProperty(entityArbitrary({ hard: true }), fc.nat(255), async (entity, seed) => {
        const [first, ...others] = await everyWriting(composeMessage(entity, options(seed)))
        for (const other of others) expect(other.equals(first!)).toBe(true)
        const again = composeMessage(structuredClone(entity), options(seed))
        expect(Buffer.from(again.toBytes()).equals(first!)).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  test('give the same octets where the message is many chunks, none over 64 KiB', async () => {
    const message = composeMessage(MIXED, options(1))
    const [first, ...others] = await everyWriting(message)
    for (const other of others) expect(other.equals(first!)).toBe(true)
    const lengths = [...message].map(chunk => chunk.length)
    expect(lengths.length).toBeGreaterThan(5)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(65_536)
  })

  test('give the same octets for sources, whatever the pieces they come in', async () => {
    const octets = Uint8Array.from({ length: 10_000 }, (_, index) => (index * 7) % 256)
    const whole = Buffer.from(composeMessage({ ...PLAIN_ENTITY, ...attach({ Stream: octets }) }, options(1)).toBytes())
    for (const length of [1, 2, 3, 56, 57, 58, 1000, 9999]) {
      const Stream = async function* () {
        for (let start = 0; start < octets.length; start += length) yield octets.subarray(start, start + length)
      }
      const message = composeMessage({ ...PLAIN_ENTITY, ...attach({ Stream }) }, options(1))
      expect((await collect(message as AsyncIterable<Uint8Array>)).equals(whole), `pieces of ${length}`).toBe(true)
    }
    const base64 = composeMessage(
      { ...PLAIN_ENTITY, ...attach({ Stream: Buffer.from(octets).toString('base64') }) },
      options(1),
    )
    expect(Buffer.from(base64.toBytes()).equals(whole)).toBe(true)
  })

  test('do not change the entity', () => {
    fc.assert(
      fc.property(entityArbitrary({ hard: true }), entity => {
        const before = structuredClone(entity)
        composeMessage(entity, options(1)).toBytes()
        expect(entity).toEqual(before)
      }),
      { numRuns: 50 },
    )
  })

  test('an entity that is changed after composing changes nothing but what its attachments hold', () => {
    const entity = structuredClone(MIXED) as { Subject: string; PlainBody: string; To: { Address: string }[] }
    const message = composeMessage(entity, options(1))
    const before = textOf(message)
    entity.Subject = 'changed'
    entity.PlainBody = 'changed'
    entity.To[0]!.Address = 'changed@example.org'
    expect(textOf(message)).toBe(before)
  })
})

describe('another random', () => {
  test('changes the boundaries and nothing else', () => {
    fc.assert(
      fc.property(entityArbitrary(), fc.uniqueArray(fc.nat(255), { minLength: 2, maxLength: 2 }), (entity, seeds) => {
        const named = { ...entity, MessageID: '<id@example.org>' }
        const [one, other] = seeds.map(seed => textOf(composeMessage(named, options(seed))))
        expect(withoutBoundaries(one!)).toBe(withoutBoundaries(other!))
        expect(one === other).toBe(!/\r\n boundary="/.test(one!))
      }),
      { numRuns: 100 },
    )
  })

  test('changes a generated Message-ID as well, and nothing else', () => {
    const entity = { ...MIXED, MessageID: '' }
    const [one, other] = [1, 2].map(seed => textOf(composeMessage(entity, options(seed))))
    const masked = (text: string): string => withoutBoundaries(text).replace(/\r\nMessage-ID: .*/, '\r\nMessage-ID: #')
    expect(one).not.toBe(other)
    expect(masked(one!)).toBe(masked(other!))
  })

  test('the platform gives other boundaries and Message-IDs for each message', () => {
    const messages = Array.from({ length: 100 }, () => composeMessage({ ...MIXED, MessageID: '' }))
    expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(100)
    expect(new Set(messages.map(message => /boundary="([^"]+)"/.exec(textOf(message))![1])).size).toBe(100)
  })
})

describe('the clock', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  test('is not read where now is given, nor where the entity has Sent', () => {
    vi.useFakeTimers()
    const entities = [PLAIN_ENTITY, { ...PLAIN_ENTITY, Sent: null }, MIXED]
    const written = ['2001-02-03', '2040-05-06'].map(day => {
      vi.setSystemTime(new Date(`${day}T04:05:06Z`))
      return entities.map(entity => textOf(composeMessage(entity, options(1))))
    })
    expect(written[0]).toEqual(written[1])
    expect(written[0]![1]).toContain('Date: Thu, 15 Jan 2026 12:00:00 +0000\r\n')
    expect(written[0]![0]).toContain('Date: Thu, 15 Jan 2026 12:00:00 +0100\r\n')
  })

  test('says the Date where neither is given', () => {
    vi.useFakeTimers()
    vi.setSystemTime(new Date('2001-02-03T04:05:06Z'))
    expect(textOf(composeMessage({ ...PLAIN_ENTITY, Sent: null }))).toContain(
      'Date: Sat, 3 Feb 2001 04:05:06 +0000\r\n',
    )
  })

  test('its time zone and the language of the process change nothing', () => {
    const zone = process.env.TZ
    try {
      const written = ['UTC', 'Asia/Kathmandu', 'America/St_Johns'].map(TZ => {
        process.env.TZ = TZ
        return textOf(composeMessage({ ...PLAIN_ENTITY, Sent: NOW }, options(1)))
      })
      expect(new Set(written).size).toBe(1)
    } finally {
      if (zone === undefined) delete process.env.TZ
      else process.env.TZ = zone
    }
  })
})
