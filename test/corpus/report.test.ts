/**
 * Reports of the corpus, delivery status, disposition notifications and feedback, against an independent reading of
 * them by Python's email package, in ./read_reports.py.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type MailReport, parseMessage } from '../../src/index.ts'
import { allExplained, collapsed, corpusFile, describeCorpus, type Explained, readCorpus, readTable } from './corpus.ts'

/** What Python reads, in the terms of {@link MailReport}. */
interface PythonReport {
  readonly kind: string
  /** Without its angle brackets. */
  readonly originalMessageId: string
  readonly recipients: readonly Readonly<Record<(typeof PROPERTIES)[number], string>>[]
}

/** Properties of a recipient that are compared. */
const PROPERTIES = ['finalRecipient', 'action', 'status', 'diagnostic'] as const

const EXPLAINED: readonly Explained[] = [
  {
    why: 'the fields of the returned message are folded without a blank: Python ends its header there',
    differences: [
      'eml/sisimai+set-of-emails/maildir/bsd/lhost-office365-08.eml: message "SLXP216MB038146098DE3C3F3086AE5C9A97C0@SLXP216MB0381.KORP216…", not ""',
      'eml/sisimai+set-of-emails/maildir/bsd/lhost-office365-09.eml: message "SLXP216MB0381A2BCD997D05F53CDB50BA9220@SLXP216MB0381.KORP216…", not ""',
      'eml/sisimai+set-of-emails/maildir/bsd/lhost-office365-10.eml: message "SLXP216MB038178608410E5830A839FA7A9210@SLXP216MB0381.KORP216…", not ""',
      'eml/sisimai+set-of-emails/maildir/bsd/lhost-office365-11.eml: message "SLXP216MB0381A4F513CF42F0FCDA0E2FA9250@SLXP216MB0381.KORP216…", not ""',
      'eml/sisimai+set-of-emails/maildir/bsd/lhost-office365-12.eml: message "SLXP216MB03814587D983866DA15F34A9A9250@SLXP216MB0381.KORP216…", not ""',
      'eml/sisimai+set-of-emails/maildir/bsd/lhost-postfix-57.eml: message "44kWHZ2S3Qz1yxHC@rokujo.cr.nyaan.jp", not ""',
    ],
  },
  {
    why:
      'a line that is no field is skipped, and a blank before a colon is none of the name (RFC 5322 §4.5): ' +
      'Python ends the header there',
    differences: [
      'eml/sisimai+set-of-emails/maildir/bsd/lhost-mimecast-02.eml: 1 recipients, not 0',
      'eml/sisimai+set-of-emails/maildir/dos/lhost-messagelabs-01.eml: 1 recipients, not 0',
      'eml/sisimai+set-of-emails/maildir/mac/lhost-messagelabs-01.eml: 1 recipients, not 0',
    ],
  },
  {
    why: 'the address is read out of what stands for it',
    differences: [
      'eml/sisimai+set-of-emails/maildir/bsd/lhost-exim-44.eml: finalRecipient 0 "kijitora@example.com", not "|/usr/local/nyaan/bin/neko kijitora@example.com /home/nyaan/…"',
      'eml/sisimai+set-of-emails/maildir/err/make-test-31.eml: finalRecipient 0 "this-recipient-address-is-not-mopera-user@mopera.ne.jp", not "this-recipient-address-is-not-mopera-user@mopera.ne.jp>"',
    ],
  },
  {
    why: 'the text is decoded as any header text is: RFC 2047',
    differences: [
      'eml/sisimai+set-of-emails/maildir/bsd/lhost-sendmail-25.eml: diagnostic 0 "550 5.1.1 <🐈🐈@example.org>... User unknown", not "550 5.1.1 <=?utf-8?B?8J+QiPCfkIg=?=@example.org>... User unk…"',
      'eml/sisimai+set-of-emails/to-be-debugged-because/something-is-wrong/issue-106-03.eml: diagnostic 0 "550 5.1.1 <🐈@example.org>... User unknown", not "550 5.1.1 <=?utf-8?B?8J+QiA==?=@example.org>... User unknown"',
    ],
  },
  {
    why: 'raw ISO-2022-JP, which Python leaves as it stands',
    differences: [
      'eml/sisimai+set-of-emails/maildir/bsd/lhost-domino-02.eml: diagnostic 0 "ユーザーNeko (kijitora@example.co.jp) は Domino ディレクトリには見つかりません。", not "\\u001b$B%f!<%6!<\\u001b(BNeko (kijitora@example.co.jp) \\u001b$B$O\\u001b(B Domino …"',
    ],
  },
  {
    why: 'a message identifier has an "@", or angle brackets',
    differences: ['eml/sisimai+set-of-emails/maildir/bsd/lhost-postfix-09.eml: message "", not "20140913142357"'],
  },
]

const hasPython = spawnSync('python3', ['--version']).status === 0
if (!hasPython) console.warn('skipped: no python3 on the PATH to read the reports of the corpus with')

describeCorpus('the reports of the corpus', () => {
  const paths = readTable('MANIFEST.tsv')
    .filter(({ kind, classes = '' }) => kind === 'eml' && /(?:^|,)(?:DSN|ARF|MDN)(?:,|$)/.test(classes))
    .map(({ path = '' }) => path)

  test.skipIf(!hasPython)('say of each recipient what Python reads of them', () => {
    const readings = readWithPython(paths)
    const found: string[] = []
    const kinds: Record<string, number> = {}
    let recipients = 0
    for (const [index, path] of paths.entries()) {
      const { report } = parseMessage(readCorpus(path))
      const kind = report?.kind ?? 'no report'
      kinds[kind] = (kinds[kind] ?? 0) + 1
      recipients += report?.recipients.length ?? 0
      found.push(...compare(report, readings[index] ?? null).map(difference => `${path}: ${difference}`))
    }
    console.table({ ...kinds, messages: paths.length, recipients, differences: found.length })
    expect(paths.length).toBeGreaterThan(400)
    expect(found.sort()).toEqual(allExplained(EXPLAINED))
  })
})

function readWithPython(paths: readonly string[]): (PythonReport | null)[] {
  const script = fileURLToPath(new URL('read_reports.py', import.meta.url))
  const { status, stdout, stderr } = spawnSync('python3', [script], {
    input: JSON.stringify(paths.map(corpusFile)),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

function compare(report: MailReport | undefined, python: PythonReport | null): string[] {
  if (report?.kind !== python?.kind) return [`${report?.kind ?? 'no report'}, not ${python?.kind ?? 'no report'}`]
  if (report === undefined || python === null) return []
  const differences: string[] = []
  const compareTexts = (what: string, ours: string, theirs: string): void => {
    if (collapsed(ours) !== collapsed(theirs)) differences.push(`${what} ${excerpt(ours)}, not ${excerpt(theirs)}`)
  }
  compareTexts('message', report.originalMessageId.replace(/^<|>$/g, ''), python.originalMessageId)
  if (report.recipients.length !== python.recipients.length) {
    differences.push(`${report.recipients.length} recipients, not ${python.recipients.length}`)
    return differences
  }
  for (const [index, recipient] of report.recipients.entries()) {
    for (const property of PROPERTIES) {
      compareTexts(`${property} ${index}`, recipient[property], python.recipients[index]![property])
    }
  }
  return differences
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}
