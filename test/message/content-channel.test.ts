import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { ContentChannel } from '../../src/message/content-channel.ts'

const ONE = Uint8Array.of(1)
const TWO = Uint8Array.of(2)
const DONE = { done: true, value: undefined }

/** Whether a promise is settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  await setImmediate()
  const pending = Symbol('pending')
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending
}

function read(channel: ContentChannel): AsyncIterator<Uint8Array> {
  return channel[Symbol.asyncIterator]()
}

test('the writer waits until the piece is taken and the next one is asked for', async () => {
  const channel = new ContentChannel()
  const writing = channel.write(ONE)
  expect(await isSettled(writing)).toBe(false)
  const reader = read(channel)
  expect(await reader.next()).toEqual({ done: false, value: ONE })
  expect(await isSettled(writing)).toBe(false)
  const next = reader.next()
  expect(await isSettled(writing)).toBe(true)
  expect(await isSettled(next)).toBe(false)
  void channel.write(TWO)
  expect(await next).toEqual({ done: false, value: TWO })
})

test('the same octets arrive, not a copy', async () => {
  const channel = new ContentChannel()
  const next = read(channel).next()
  void channel.write(ONE)
  expect((await next).value).toBe(ONE)
})

test('is taken once somebody has asked for an iterator', () => {
  const channel = new ContentChannel()
  expect(channel.isTaken).toBe(false)
  read(channel)
  expect(channel.isTaken).toBe(true)
})

describe('the end', () => {
  test('ends what waits, and stays', async () => {
    const channel = new ContentChannel()
    const reader = read(channel)
    const waiting = [reader.next(), reader.next()]
    await setImmediate()
    channel.end()
    expect(await Promise.all(waiting)).toEqual([DONE, DONE])
    expect(await reader.next()).toEqual(DONE)
  })

  test('comes after the piece that waits', async () => {
    const channel = new ContentChannel()
    void channel.write(ONE)
    channel.end()
    const reader = read(channel)
    expect((await reader.next()).value).toBe(ONE)
    expect(await reader.next()).toEqual(DONE)
  })

  test('of an empty content comes at once', async () => {
    const channel = new ContentChannel()
    channel.end()
    expect(await read(channel).next()).toEqual(DONE)
  })
})

describe('questions before the answer', () => {
  test('are answered in order', async () => {
    const channel = new ContentChannel()
    const reader = read(channel)
    const answers = Promise.all([reader.next(), reader.next(), reader.next()])
    await channel.write(ONE)
    await channel.write(TWO)
    channel.end()
    expect(await answers).toEqual([{ done: false, value: ONE }, { done: false, value: TWO }, DONE])
  })

  test('of two readers are shared out', async () => {
    const channel = new ContentChannel()
    const answers = Promise.all([read(channel).next(), read(channel).next()])
    await channel.write(ONE)
    void channel.write(TWO)
    expect((await answers).map(({ value }) => value)).toEqual([ONE, TWO])
  })
})

describe('a failure', () => {
  test.each([new Error('cut'), 'text', undefined])('%s is thrown once, and then it is the end', async error => {
    const channel = new ContentChannel()
    const reader = read(channel)
    const waiting = reader.next().catch((thrown: unknown) => ({ thrown }))
    await setImmediate()
    channel.fail(error)
    expect(await waiting).toEqual({ thrown: error })
    expect(await reader.next()).toEqual(DONE)
  })

  test('that nobody reads is no unhandled rejection', async () => {
    const channel = new ContentChannel()
    channel.fail(new Error('cut'))
    await setImmediate()
  })

  test('is not thrown at a reader that has gone', async () => {
    const channel = new ContentChannel()
    const reader = read(channel)
    await reader.return?.()
    channel.fail(new Error('cut'))
    expect(await reader.next()).toEqual(DONE)
  })
})

describe('what nobody wants', () => {
  test.each<[string, (channel: ContentChannel, reader: AsyncIterator<Uint8Array>) => unknown]>([
    ['discard()', channel => channel.discard()],
    ['return()', (_, reader) => reader.return?.()],
  ])('%s lets the writer go on, now and later, and ends the iteration', async (_, stop) => {
    const channel = new ContentChannel()
    const reader = read(channel)
    const writing = channel.write(ONE)
    await stop(channel, reader)
    await writing
    await channel.write(TWO)
    expect(await reader.next()).toEqual(DONE)
  })

  test('break is return()', async () => {
    const channel = new ContentChannel()
    const writing = channel.write(ONE)
    for await (const piece of channel) {
      expect(piece).toBe(ONE)
      break
    }
    await writing
    await channel.write(TWO)
  })

  test('ends a question that waits', async () => {
    const channel = new ContentChannel()
    const waiting = read(channel).next()
    await setImmediate()
    channel.discard()
    expect(await waiting).toEqual(DONE)
  })
})
