/**
 * Whatever ends the lines of a message, LF, CRLF or CR, it says the same.
 *
 * Left alone are messages with other line ends already (a CR by itself, CRCRLF) and those with NUL, whose octets are no
 * lines: there a change of line ends changes the content.
 */
import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { type DefectCode, type EMailAttachment, type EMailEntity, parseMessage } from '../../src/index.ts'
import { allExplained, type CorpusMessage, corpusMessages, describeCorpus, type Explained } from './corpus.ts'

/** Differences with CR, as `<path>: <property>`. With CRLF there are none. */
const EXPLAINED: readonly Explained[] = [
  {
    why: '"=0D" and a line break, in quoted-printable: with CR they are two line breaks of text',
    differences: ['eml/mozilla+releases-comm-central/mailnews/local/test/unit/data/mailformed_subject.eml: PlainBody'],
  },
]

describeCorpus('every message of the corpus', () => {
  test.each([
    { name: 'CRLF', lineEnd: '\r\n' },
    { name: 'CR', lineEnd: '\r' },
  ] as const)('says with $name what it says with LF', ({ name, lineEnd }) => {
    let messages = 0
    const different: string[] = []
    for (const message of corpusMessages()) {
      const text = message.octets.toString('latin1')
      if (!isLines(message, text)) continue
      messages++
      const lf = text.replaceAll('\r\n', '\n')
      const expected = reading(Buffer.from(lf, 'latin1'))
      const found = reading(Buffer.from(lf.replaceAll('\n', lineEnd), 'latin1'))
      for (const property of Object.keys(expected)) {
        if (!isDeepStrictEqual(found[property], expected[property])) different.push(`${message.path}: ${property}`)
      }
    }
    console.info(`${messages} messages with ${name}, ${different.length} differences`)
    expect(messages).toBeGreaterThan(2000)
    expect(different.sort()).toEqual(name === 'CR' ? allExplained(EXPLAINED) : [])
  })
})

function isLines({ classes }: CorpusMessage, text: string): boolean {
  return !classes.includes('CTE binary') && !/\r(?!\n)|\0/.test(text)
}

/** The entity and the codes of its defects, without what depends on line ends. */
function reading(octets: Buffer): Record<string, unknown> {
  const { entity, defects } = parseMessage(octets)
  const codes = defects.map(({ code }) => code).filter(code => !OF_LINE_ENDS.has(code))
  const Attachments = entity.Attachments.map(comparableAttachment)
  return { ...(entity satisfies EMailEntity), Size: 0, Attachments, defects: codes }
}

/** That lines end with CR is what these report. */
const OF_LINE_ENDS: ReadonlySet<DefectCode> = new Set<DefectCode>(['BARE_CR'])

/** Octets that are not encoded keep the line ends of the message. */
function comparableAttachment(attachment: EMailAttachment): object {
  const octets = Buffer.from(attachment.Stream ?? []).toString('latin1')
  if (attachment.Size !== octets.length) throw new Error(`Size is ${attachment.Size}, not ${octets.length}`)
  return { ...attachment, Size: 0, Stream: octets.replace(/\r\n?/g, '\n') }
}
