/**
 * Every message of the corpus is read, whatever is wrong with it, in every mode and within every limit: no exception, a
 * tree that lies within the source, and defects that point into it.
 */
import { expect, test } from 'vitest'
import { type EMailAttachment, MimeError, type MimePart, parseMessage } from '../../src/index.ts'
import { walk } from '../../src/mime/part.ts'
import { corpusMessages, describeCorpus } from './corpus.ts'

const COUNT = 2277

describeCorpus('every message of the corpus', () => {
  test('has a tree that lies within the source, and defects that point into it', () => {
    const faults: string[] = []
    let messages = 0
    for (const { path, octets } of corpusMessages()) {
      messages++
      const { root, defects } = parseMessage(octets)
      for (const fault of treeFaults(root, octets)) faults.push(`${path}: ${fault}`)
      for (const { code, offset } of defects) {
        if (!(Number.isInteger(offset) && offset >= 0 && offset <= octets.length))
          faults.push(`${path}: ${code} at ${offset}`)
      }
    }
    expect(faults).toEqual([])
    expect(messages).toBe(COUNT)
  })

  test('has the same attachments decoded at once, when looked at, and left out', () => {
    const faults: string[] = []
    for (const { path, octets } of corpusMessages()) {
      const decoded = parseMessage(octets).entity.Attachments
      const lazy = parseMessage(octets, { attachments: 'lazy' }).entity.Attachments
      const omitted = parseMessage(octets, { attachments: 'omit' }).entity.Attachments
      if (!areSame(decoded, lazy)) faults.push(`${path}: lazy`)
      if (!areSame(decoded.map(withoutStream), omitted)) faults.push(`${path}: omit`)
      if (decoded.some(({ Size, Stream }) => Size !== (Stream as Uint8Array).length)) faults.push(`${path}: Size`)
    }
    expect(faults).toEqual([])
  })

  test.each([
    { limits: { parts: 2 }, exceeded: (root: MimePart) => count(root) > 2 + 1 },
    { limits: { depth: 1 }, exceeded: (root: MimePart) => depth(root) > 1 + 1 },
    {
      limits: { rfc822Depth: 0 },
      exceeded: (root: MimePart) => [...walk(root)].some(part => part.message !== undefined),
    },
    { limits: { headerOctets: 100 }, exceeded: (root: MimePart) => root.fields.some(field => field.end > 200_000) },
    { limits: { fields: 1 }, exceeded: (root: MimePart) => [...walk(root)].some(part => part.fields.length > 1) },
    { limits: { parts: 0, depth: 0, headerOctets: 0, fields: 0, rfc822Depth: 0 }, exceeded: () => false },
  ])('is read within $limits', ({ limits, exceeded }) => {
    const faults: string[] = []
    let reported = 0
    for (const { path, octets } of corpusMessages()) {
      const { root, defects } = parseMessage(octets, { limits })
      for (const fault of treeFaults(root, octets)) faults.push(`${path}: ${fault}`)
      if (exceeded(root)) faults.push(`${path}: beyond the limit`)
      if (defects.some(({ code }) => code.startsWith('LIMIT_'))) reported++
    }
    expect(faults).toEqual([])
    expect(reported).toBeGreaterThan(20)
  })

  test('is refused where it has more octets than allowed, and only there', () => {
    const faults: string[] = []
    for (const { path, octets } of corpusMessages()) {
      parseMessage(octets, { limits: { maxOctets: octets.length } })
      try {
        parseMessage(octets, { limits: { maxOctets: octets.length - 1 } })
        faults.push(path)
      } catch (error) {
        if (!(error instanceof MimeError && error.code === 'LIMIT_OCTETS')) faults.push(`${path}: ${error}`)
      }
    }
    expect(faults).toEqual([])
  })
})

/** Parts lie inside the part that holds them, in order and apart, and their header before their body. */
function treeFaults(root: MimePart, octets: Uint8Array): string[] {
  const faults: string[] = []
  const check = (isRight: boolean, part: MimePart, what: string): void => {
    if (!isRight) faults.push(`part at ${part.offset}: ${what}`)
  }
  check(root.end === octets.length, root, 'the root ends before the source')
  check(root.offset === 0 || root.offset === 3, root, 'the root starts after a byte order mark at most')
  for (const part of walk(root)) {
    check(part.offset <= part.bodyOffset, part, 'its body starts before it')
    check(part.bodyOffset <= part.end, part, `its body starts ${part.bodyOffset - part.end} after its end`)
    check(part.octets.length === part.end - part.offset, part, 'octets')
    check(part.body.length === part.end - part.bodyOffset, part, 'body')
    check(part.isDivided || part.parts.length === 0, part, 'not divided, and has parts')
    let position = part.bodyOffset
    for (const child of part.message === undefined ? part.parts : [part.message]) {
      check(child.offset >= position, child, 'it starts before the end of what is before it')
      check(child.end <= part.end, child, 'it ends after what holds it')
      position = child.end
    }
    let fieldsEnd = part.offset
    for (const { offset, end } of part.fields) {
      check(offset >= fieldsEnd && end > offset && end <= part.bodyOffset, part, 'a field out of place')
      fieldsEnd = end
    }
  }
  return faults
}

/** Parts; a message counts with the part that holds it. */
function count(root: MimePart): number {
  return [...walk(root)].filter(part => part.message === undefined).length
}

function depth(part: MimePart): number {
  const below = part.message === undefined ? part.parts : [part.message]
  return 1 + Math.max(0, ...below.map(depth))
}

function areSame(left: readonly EMailAttachment[], right: readonly EMailAttachment[]): boolean {
  const comparable = (list: readonly EMailAttachment[]): string =>
    JSON.stringify(list, (key, value) => (key === 'Stream' && value ? Buffer.from(value).toString('base64') : value))
  return comparable(left) === comparable(right)
}

function withoutStream(attachment: EMailAttachment): EMailAttachment {
  return { ...attachment, Stream: null }
}
