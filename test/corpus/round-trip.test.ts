/**
 * R3 over the corpus: what is parsed from any message is composed again as a draft, and parsed the same; and the draft
 * has no fault by the letter of the RFCs (R4), but for those of {@link TOLERATED}.
 */
import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { composeMessage, type EMailEntity, parseMessage } from '../../src/index.ts'
import { strictParse } from '../conformance/strict-check.ts'
import { corpusMessages, describeCorpus } from './corpus.ts'

const NOW = new Date('2026-01-15T12:00:00Z')

/** What the strict reader finds wrong with drafts, why that is right, and how often it does. */
const TOLERATED: readonly { readonly why: string; readonly violation: RegExp; readonly times: number }[] = [
  {
    why: 'an address without "@" in the message is one in the draft, for its author to mend',
    violation: /^RFC 5322 §3\.4: no address at /,
    times: 142,
  },
  {
    why: 'an identifier that is none by RFC 5322 §3.6.4 stays: the replies to the message refer to it',
    violation: /^RFC 5322 §3\.6\.4: (?:Message-ID|References): no msg-id at /,
    times: 18,
  },
  {
    why: 'a Content-ID without "@" stays: the HTML refers to it',
    violation: /^RFC 2045 §7: Content-ID: no msg-id at |^RFC 5322 §3\.6\.4: Content-ID: no msg-id at /,
    times: 84,
  },
  {
    why: 'a draft keeps a message inside it octet for octet, lines that end with LF too: that is binary',
    violation: /^RFC 2046 §5\.2: message\/(?:partial|external-body) in binary$/,
    times: 6,
  },
  {
    why: 'two fields of which the message should have had one are two in CustomHeaderList: nothing is dropped',
    violation: /^RFC 5322 §3\.6: second (?:Sender|Reply-To)$/,
    times: 2,
  },
]

describeCorpus('every message of the corpus', () => {
  test('comes back the same from a draft made of it (R3), which is right by the letter (R4)', () => {
    let messages = 0
    const different: string[] = []
    const violations: string[] = []
    for (const { path, octets } of corpusMessages()) {
      messages++
      const first = parseMessage(octets).entity
      const message = composeMessage(first, { draft: true, smtpUtf8: true, bcc: 'keep', now: () => NOW })
      const draft = message.toBytes()
      if (draft.length !== message.size) different.push(`${path}: ${draft.length} octets, not ${message.size}`)
      const [before, after] = [comparable(first), comparable(parseMessage(draft).entity)]
      for (const property of Object.keys(before) as (keyof EMailEntity)[]) {
        if (!isDeepStrictEqual(before[property], after[property])) different.push(`${path}: ${property}`)
      }
      violations.push(...violationsOf(draft).map(violation => `${path}: ${violation}`))
    }
    console.info(`${messages} messages, ${different.length} differences, ${violations.length} tolerated violations`)
    expect(messages).toBe(2277)
    expect(different).toEqual([])
    expect(violations.filter(line => !TOLERATED.some(row => isOf(line, row.violation)))).toEqual([])
    expect(TOLERATED.map(row => violations.filter(line => isOf(line, row.violation)).length)).toEqual(
      TOLERATED.map(({ times }) => times),
    )
  })
})

/** The entity without what composing decides anew: the size of the message, and how attachments are encoded. */
function comparable(entity: EMailEntity): Record<keyof EMailEntity, unknown> {
  const Attachments = entity.Attachments.map(attachment => ({
    ...attachment,
    Encoding: '',
    Stream: Buffer.from(attachment.Stream ?? []).toString('latin1'),
  }))
  return { ...entity, Size: 0, Attachments }
}

/** What the strict reader finds wrong, without the offset. */
function violationsOf(draft: Uint8Array): string[] {
  const options = { draft: true, smtpUtf8: true, eightBit: true, binary: true, keepBcc: true }
  return strictParse(draft, options).violations.map(violation => violation.replace(/^octet \d+: /, ''))
}

function isOf(line: string, violation: RegExp): boolean {
  return violation.test(line.slice(line.indexOf(': ') + 2))
}
