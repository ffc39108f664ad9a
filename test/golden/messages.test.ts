/**
 * Reads every message of corpus/messages and compares it with what its RFC says; corpus/README.md tells who vouches.
 *
 * `<case>.json` holds what differs from an empty entity. `$defects` are codes that must be reported: without it there
 * must be none, null leaves it open.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  type EMailAddress,
  type EMailAttachment,
  type EMailCustomHeader,
  type EMailEntity,
  emptyAddress,
  emptyEntity,
  emptyEnvelope,
} from '../../src/entity/entity.ts'
import { parseMessage } from '../../src/index.ts'

const FOLDER = new URL('../../corpus/messages/', import.meta.url)

/** Properties of `<case>.json` that are an EMailEntity's but shorter. */
interface ExpectedMessage {
  readonly $defects?: readonly string[] | null
  readonly From?: Partial<EMailAddress>
  readonly To?: readonly Partial<EMailAddress>[]
  readonly Cc?: readonly Partial<EMailAddress>[]
  readonly Bcc?: readonly Partial<EMailAddress>[]
  readonly InReplyTo?: { readonly MessageId: string }
  readonly Attachments?: readonly ExpectedAttachment[]
  readonly CustomHeaderList?: readonly Partial<EMailCustomHeader>[]
}
type ExpectedAttachment = Partial<Omit<EMailAttachment, 'Stream'>> & { readonly Stream: string }

const cases = readdirSync(FOLDER)
  .filter(file => file.endsWith('.eml'))
  .map(file => file.slice(0, -'.eml'.length))

test('finds the corpus', () => {
  expect(cases.length).toBeGreaterThanOrEqual(30)
})

test.each(cases)('%s', name => {
  const source = readFileSync(new URL(`${name}.eml`, FOLDER))
  const { $defects = [], ...expected } = readJson(`${name}.json`)
  const { entity, defects } = parseMessage(source)
  expect(comparable(entity)).toEqual(complete(expected, source.length))
  if ($defects === null) return
  const codes = [...new Set(defects.map(defect => defect.code))]
  if ($defects.length === 0) expect(codes).toEqual([])
  else expect(codes).toEqual(expect.arrayContaining([...$defects]))
})

test.each(cases)('%s: reading neither changes the source nor keeps state', name => {
  const source = readFileSync(new URL(`${name}.eml`, FOLDER))
  const before = source.toString('latin1')
  const first = comparable(parseMessage(source).entity)
  expect(comparable(parseMessage(source).entity)).toEqual(first)
  expect(source.toString('latin1')).toBe(before)
})

function readJson(file: string): ExpectedMessage {
  return JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'))
}

/** The entity with contents as base64, so that a difference can be read. */
function comparable(entity: EMailEntity): object {
  return {
    ...entity,
    Attachments: entity.Attachments.map(attachment => ({
      ...attachment,
      Stream: attachment.Stream && Buffer.from(attachment.Stream).toString('base64'),
    })),
  }
}

function complete(expected: ExpectedMessage, size: number): object {
  return {
    ...emptyEntity(),
    Size: size,
    ...expected,
    From: expected.From === undefined ? null : completeAddress(expected.From),
    To: (expected.To ?? []).map(completeAddress),
    Cc: (expected.Cc ?? []).map(completeAddress),
    Bcc: (expected.Bcc ?? []).map(completeAddress),
    InReplyTo: expected.InReplyTo === undefined ? null : emptyEnvelope(expected.InReplyTo.MessageId),
    Attachments: (expected.Attachments ?? []).map(completeAttachment),
    CustomHeaderList: (expected.CustomHeaderList ?? []).map(header => ({
      Name: '',
      Values: [],
      TableRight: null,
      FieldProperties: null,
      ...header,
    })),
  }
}

function completeAddress(expected: Partial<EMailAddress>): EMailAddress {
  return { ...emptyAddress('', ''), ...expected }
}

function completeAttachment(expected: ExpectedAttachment): object {
  return {
    Description: '',
    Filename: '',
    Size: Buffer.from(expected.Stream, 'base64').length,
    Type: '',
    Encoding: '',
    Id: '',
    Disposition: '',
    IsSafeFileExtension: true,
    TableRight: null,
    FieldProperties: null,
    ...expected,
  }
}
