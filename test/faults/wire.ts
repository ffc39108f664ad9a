/**
 * A composed message as the tests of this folder look at it: its octets, its fields as they stand on the wire, and the
 * strict reader's tree. Every message made here is checked strictly (R4), whatever the test is about.
 */
import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import {
  type ComposedMessage,
  type ComposeOptions,
  composeMessage,
  type EMailAttachmentInput,
  type EMailEntity,
  type EMailEntityInput,
  MimeError,
  type MimeErrorCode,
  parseMessage,
} from '../../src/index.ts'
import { compareReaders, type ReaderName, type Readers } from '../conformance/readers.ts'
import { type StrictPart, strictParse } from '../conformance/strict-check.ts'

/** What an entity has where a test does not say otherwise. */
export const PLAIN_ENTITY: EMailEntityInput = {
  From: { Address: 'from@example.org' },
  To: [{ Address: 'to@example.org' }],
  Sent: '2026-01-15T12:00:00+01:00',
  MessageID: '<id@example.org>',
  PlainBody: 'Hi',
}

/** An attachment where a test says only what it is about. */
export function attach(...attachments: readonly EMailAttachmentInput[]): Pick<EMailEntityInput, 'Attachments'> {
  return {
    Attachments: attachments.map(attachment => ({
      Filename: 'a.bin',
      Type: 'application/x-test',
      Stream: Uint8Array.of(1, 2, 3),
      ...attachment,
    })),
  }
}

/** Random octets that are the same in every run; another seed gives others. */
export function seeded(seed = 1): (octets: number) => Uint8Array {
  return octets => Uint8Array.from({ length: octets }, (_, index) => (seed * 37 + index * 11) % 256)
}

export interface Wire {
  readonly message: ComposedMessage
  readonly octets: Uint8Array
  /** One character for each octet. */
  readonly text: string
  readonly root: StrictPart
  /** What mimecal reads from it. */
  readonly entity: EMailEntity
  /** Values of the fields of that name as they stand, folds kept; of the top header unless a part is given. */
  fields(name: string, part?: StrictPart): string[]
  /** The value of the one field of that name. */
  field(name: string, part?: StrictPart): string
  /** All parts below the top, each before what it holds. */
  readonly parts: readonly StrictPart[]
  /** The only part of that media type. */
  part(mediaType: string): StrictPart
  /** The body of a part as it stands, still encoded. */
  body(part: StrictPart): string
}

/** Composes what differs from {@link PLAIN_ENTITY}, and has the strict reader find nothing wrong with it. */
export function composeWire(entity: EMailEntityInput, options: ComposeOptions = {}): Wire {
  const message = composeMessage({ ...PLAIN_ENTITY, ...entity }, { random: seeded(), ...options })
  return wireOf(message, options)
}

/** Looks at a composed message; see {@link composeWire}. */
export function wireOf(message: ComposedMessage, options: ComposeOptions = {}): Wire {
  const octets = message.toBytes()
  expect(octets.length).toBe(message.size)
  const { root, violations, preferences } = strictParse(octets, {
    draft: options.draft,
    eightBit: options.eightBit,
    keepBcc: options.bcc === 'keep' || options.draft,
    smtpUtf8: message.envelope.smtpUtf8,
  })
  expect(violations).toEqual([])
  expect(preferences).toEqual([])
  const text = Buffer.from(octets).toString('latin1')
  const parts = partsBelow(root)
  const fields = (name: string, part = root): string[] =>
    part.fields.filter(field => field.name.toLowerCase() === name.toLowerCase()).map(field => field.raw.slice(1))
  const only = <T>(found: readonly T[], what: string): T => {
    if (found.length !== 1) throw new Error(`${found.length} of ${what}, not 1`)
    return found[0]!
  }
  return {
    message,
    octets,
    text,
    root,
    entity: parseMessage(octets).entity,
    fields,
    field: (name, part) => only(fields(name, part), name),
    parts,
    part: mediaType =>
      only(
        [root, ...parts].filter(part => part.mediaType === mediaType),
        mediaType,
      ),
    body: part => text.slice(part.bodyOffset, part.bodyEnd),
  }
}

function partsBelow(part: StrictPart): StrictPart[] {
  return part.parts.flatMap(child => [child, ...partsBelow(child)])
}

/** The shape of a tree: `mixed(alternative(text/plain, text/html), image/png)`. */
export function shapeOf({ mediaType, parts }: StrictPart): string {
  const isMultipart = mediaType.startsWith('multipart/')
  return isMultipart ? `${mediaType.slice('multipart/'.length)}(${parts.map(shapeOf).join(', ')})` : mediaType
}

/** The lines of a field as it stands on the wire, its name in the first. */
export function linesOf(wire: Wire, name: string, part: StrictPart = wire.root): string[] {
  return wire.fields(name, part).flatMap(raw => `${name}: ${raw}`.split('\r\n'))
}

/** A fault that another composer has or had, and what mimecal makes of the same input. */
export interface Row {
  /** Whose fault, and what mimecal does instead. */
  readonly fault: string
  /** What differs from {@link PLAIN_ENTITY}. */
  readonly entity: EMailEntityInput
  readonly options?: ComposeOptions
  /** The input must be refused with this code at this path. */
  readonly refused?: readonly [code: MimeErrorCode, path: string]
  readonly check?: (wire: Wire) => void | Promise<void>
  /** Readers with a fault of their own here, which ../conformance/readers.ts does not know. */
  readonly misreadBy?: readonly ReaderName[]
}

/** Runs a table: each row is composed, checked strictly, looked at, and read by others as mimecal reads it. */
export function testRows(rows: readonly Row[], readers: () => Readers): void {
  for (const { fault, entity, options, refused, check, misreadBy = [] } of rows) {
    test(fault, async () => {
      if (refused !== undefined) {
        expectRefused({ ...PLAIN_ENTITY, ...entity }, options, ...refused)
        return
      }
      const wire = composeWire(entity, options)
      await check?.(wire)
      const readings = await readers().read(wire.octets)
      // Python's email takes no header in UTF-8 from octets (RFC 6532).
      const isAble = (reader: ReaderName): boolean => !wire.message.envelope.smtpUtf8 || !reader.startsWith('python')
      const able = readings.filter(({ reader }) => isAble(reader) && !misreadBy.includes(reader))
      expect(compareReaders(wire.entity, able)).toEqual([])
    })
  }
}

/** Composing throws a MimeError that has this code at this path; its text has no control and stays short. */
export function expectRefused(
  entity: EMailEntityInput,
  options: ComposeOptions | undefined,
  code: MimeErrorCode,
  path: string,
): void {
  const error = refusalOf(entity, options)
  expect(error.problems.map(problem => [problem.code, problem.path])).toContainEqual([code, path])
  for (const problem of error.problems) {
    expect(problem.message).not.toMatch(/[^\x20-\x7e…]/)
    expect(problem.message.length).toBeLessThan(400)
  }
}

/** The MimeError that composing throws; any other outcome is an error of the test. */
export function refusalOf(entity: EMailEntityInput, options: ComposeOptions | undefined): MimeError {
  try {
    composeMessage(entity, options)
  } catch (error) {
    if (error instanceof MimeError) return error
    throw error
  }
  throw new Error('composed, not refused')
}
