/**
 * What three independent readers (mailparser 3.14, postal-mime 4.0, Python 3.11's email) say of 2,101 real messages:
 * wherever all three agree, this library says the same, or {@link EXPLAINED} says why not.
 *
 * Texts are compared by the hash that READERS.tsv has of them: the first ten hexadecimal digits of the SHA-256 of the
 * UTF-8, white space collapsed and cut off at both ends.
 */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { type EMailEntity, parseMessage } from '../../src/index.ts'
import { allExplained, collapsed, describeCorpus, type Explained, readCorpus, readTable } from './corpus.ts'

/** THE table of what is compared: property -> how the readers' value stands in READERS.tsv, and ours in the same form. */
const PROPERTIES = [
  { property: 'attachments', column: 'att', ours: (entity: EMailEntity) => String(entity.Attachments.length) },
  { property: 'subject', column: 'subject', ours: (entity: EMailEntity) => collapsed(entity.Subject) },
  { property: 'text', column: 'text', ours: (entity: EMailEntity) => hashOf(entity.PlainBody) },
  { property: 'html', column: 'html', ours: (entity: EMailEntity) => hashOf(entity.HTMLBody) },
] as const

const MALFORMED = 'eml/stalwartlabs+mail-parser/resources/eml/malformed'
const MIME4J = 'eml/apache+james-mime4j/core/src/test/resources/testmsgs'
const THUNDERBIRD = 'eml/mozilla+releases-comm-central/mail'
const RSPAMD = 'eml/rspamd+rspamd/test/functional/messages'
const SISIMAI = 'eml/sisimai+set-of-emails/maildir'

const EXPLAINED: readonly Explained[] = [
  {
    why:
      'a multipart whose boundary is not stated, or never occurs, is read as text: what it says is shown, where the ' +
      'readers lose all of it',
    differences: [
      `text: ${MALFORMED}/002.eml`,
      `text: ${MALFORMED}/004.eml`,
      `text: ${MIME4J}/missing-boundary.msg`,
      `text: ${MIME4J}/missing-inner-boundary.msg`,
      'text: eml/jhillyerd+enmime/testdata/mail/multipart-wo-boundary.raw',
      'text: eml/lettre+lettre/testdata/email_with_png.eml',
      `text: ${THUNDERBIRD}/extensions/openpgp/test/unit/rnp/data/plaintext-with-key-and-windows-1252-encoded-eml-attachment.eml`,
      `text: ${THUNDERBIRD}/extensions/openpgp/test/unit/rnp/data/plaintext-with-windows-1252-encoded-eml-attachment.eml`,
      `text: ${RSPAMD}/alternative-empty-related.eml`,
      `text: ${RSPAMD}/btc2.eml`,
      `text: ${RSPAMD}/btc3.eml`,
      `text: ${RSPAMD}/btc4.eml`,
      `text: ${RSPAMD}/external_relay.eml`,
      `text: ${RSPAMD}/freemailcc.eml`,
      `text: ${RSPAMD}/phish_sender.eml`,
      `text: ${RSPAMD}/phish_sender3.eml`,
      `text: ${RSPAMD}/phish_sender5.eml`,
      `text: ${RSPAMD}/phish_sender6.eml`,
      `text: ${SISIMAI}/bsd/lhost-messagingserver-03.eml`,
      `text: ${SISIMAI}/bsd/rfc3464-04.eml`,
      `text: ${SISIMAI}/bsd/rfc3464-06.eml`,
    ],
  },
  {
    why:
      'the line with the boundary parameter has lost the blank before it (field.ts, isParameterLine): the parts are ' +
      'found, where the readers lose all of them',
    differences: [
      `text: ${SISIMAI}/bsd/lhost-apachejames-01.eml`,
      `text: ${SISIMAI}/dos/lhost-apachejames-01.eml`,
      `text: ${SISIMAI}/mac/lhost-apachejames-01.eml`,
      `text: ${SISIMAI}/bsd/lhost-verizon-02.eml`,
      `html: ${SISIMAI}/bsd/lhost-office365-09.eml`,
      `html: ${SISIMAI}/bsd/lhost-office365-10.eml`,
      `html: ${SISIMAI}/bsd/lhost-office365-11.eml`,
      `html: ${SISIMAI}/bsd/lhost-office365-12.eml`,
    ],
  },
  {
    why: '8-bit text without a label is windows-1252 where it is not UTF-8: the readers show U+FFFD for every accent',
    differences: [
      'text: eml/apache+james-mime4j/dom/src/test/resources/mime4j-219-new-date-time-format.msg',
      'text: eml/mikel+tmail/test/fixtures/iso_8859_1_email_without_encoding_and_message_id.txt',
      `text: ${THUNDERBIRD}/test/browser/composition/data/defective-charset.eml`,
      // Really KOI8-U; nobody can know, and the octets can be got back from windows-1252, not from U+FFFD.
      `text: ${THUNDERBIRD}/test/browser/message-reader/data/noCharsetKOI8U.eml`,
      `text: ${THUNDERBIRD}/test/browser/message-reader/data/noCharsetWindows1252.eml`,
    ],
  },
  {
    why: 'raw 8-bit header text that is not UTF-8 is windows-1252, "…" (0x85) too: the readers show U+FFFD',
    differences: [
      'subject: eml/mikel+mail/spec/fixtures/emails/error_emails/invalid_subject_characters.eml',
      'subject: eml/mikel+tmail/test/fixtures/iso_8859_1_email_without_encoding_and_message_id.txt',
      'subject: eml/mailgun+flanker/tests/fixtures/messages/mailformed-headers.eml',
      'subject: eml/mailgun+flanker/tests/fixtures/messages/spam/broken-headers.eml',
    ],
  },
  {
    why: 'bare CR ends lines: the readers find no header in the parts of a message that has no LF at all',
    differences: [`text: ${SISIMAI}/mac/lhost-mcafee-01.eml`],
  },
  {
    why:
      'the ";" before the charset parameter is missing; "text/plain" is legible all the same. The readers take the ' +
      'first part for a file of an unknown type, and show the second only',
    differences: [`text: ${SISIMAI}/bsd/lhost-x1-02.eml`, `attachments: ${SISIMAI}/bsd/lhost-x1-02.eml`],
  },
  {
    why: 'a part of multipart/related after the first is no text of the message, though it be text/html: RFC 8621 §4.1.4',
    differences: [`attachments: ${THUNDERBIRD}/components/extensions/test/xpcshell/messages/invite.eml`],
  },
  {
    why: '105 multiparts inside each other, over the limit of 100: the rest is one attachment, and nothing is lost',
    differences: [
      'text: eml/staktrace+mailparse/tests/files/nested.eml',
      'attachments: eml/staktrace+mailparse/tests/files/nested.eml',
    ],
  },
]

describeCorpus('where all three readers agree', () => {
  test('this library reads the same, or says why not', () => {
    const found: string[] = []
    const withText = { rows: 0, equal: 0 }
    const table = PROPERTIES.map(({ property }) => ({ property, rows: 0, equal: 0, explained: 0, percent: '' }))
    for (const row of readTable('READERS.tsv')) {
      const { entity } = parseMessage(readCorpus(row.path!))
      for (const [index, { property, column, ours }] of PROPERTIES.entries()) {
        if (row[`agree_${column}`] !== '1') continue
        const line = table[index]!
        const theirs = row[`mp_${column}${property === 'text' || property === 'html' ? '_sha10' : ''}`]!
        line.rows++
        const isEqual = ours(entity) === (property === 'subject' ? collapsed(theirs) : theirs)
        if (property === 'text' && theirs !== NO_TEXT) {
          withText.rows++
          if (isEqual) withText.equal++
        }
        if (isEqual) line.equal++
        else found.push(`${property}: ${row.path}`)
      }
    }
    for (const line of table) {
      line.explained = allExplained(EXPLAINED).filter(row => row.startsWith(`${line.property}: `)).length
      line.percent = `${((100 * line.equal) / line.rows).toFixed(2)} %`
    }
    console.table(table)
    console.log(`text where the readers found any: ${withText.equal} of ${withText.rows} rows equal`)
    expect(withText).toEqual({ rows: 1115, equal: 1107 })
    expect(found.sort()).toEqual(allExplained(EXPLAINED))
    expect(table.map(({ rows }) => rows)).toEqual([1563, 2023, 1519, 1987])
  })
})

/** The readers' hash where they found no text. */
const NO_TEXT = hashOf('')

function hashOf(text: string): string {
  return createHash('sha256').update(collapsed(text)).digest('hex').slice(0, 10)
}
