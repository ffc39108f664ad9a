/**
 * The examples of RFC 3464 appendix E, RFC 8098 §9 and RFC 5965 appendix B, and what servers write that is not in them.
 *
 * Reports of real servers are in ../corpus/report.test.ts.
 */
import { describe, expect, test } from 'vitest'
import { type MailReport, parseMessage, type ReportRecipient } from '../../src/index.ts'

/** A report: its part for programs, the message it is about, and what is in between. */
function reportOf(type: string, fields: string, returned = ''): MailReport | undefined {
  const parts = [
    'Content-Type: text/plain\r\n\r\nFor people.',
    `Content-Type: message/${type}\r\n\r\n${fields.replaceAll('\n', '\r\n')}`,
    ...(returned === '' ? [] : [returned.replaceAll('\n', '\r\n')]),
  ]
  const head = `Content-Type: multipart/report; report-type=${type}; boundary="b"\r\n\r\n`
  return parseMessage(`${head}--b\r\n${parts.join('\r\n--b\r\n')}\r\n--b--\r\n`).report
}

function recipient(properties: Partial<ReportRecipient>): ReportRecipient {
  return {
    finalRecipient: '',
    originalRecipient: '',
    action: '',
    status: '',
    diagnostic: '',
    remoteMta: '',
    ...properties,
  }
}

const RETURNED = 'Content-Type: message/rfc822\n\nMessage-ID: <original@example.org>\nSubject: Hello\n\nHello'

describe('delivery status: RFC 3464', () => {
  test('E.1: a simple one', () => {
    const fields = `Reporting-MTA: dns; cs.utk.edu

Original-Recipient: rfc822;louisl@larry.slip.umd.edu
Final-Recipient: rfc822;louisl@larry.slip.umd.edu
Action: failed
Status: 4.0.0
Diagnostic-Code: smtp; 426 connection timed out
Last-Attempt-Date: Thu, 7 Jul 1994 17:15:49 -0400
`
    expect(reportOf('delivery-status', fields, RETURNED)).toEqual({
      kind: 'delivery-status',
      originalMessageId: '<original@example.org>',
      reporter: 'cs.utk.edu',
      arrivalDate: null,
      feedbackType: '',
      recipients: [
        recipient({
          finalRecipient: 'louisl@larry.slip.umd.edu',
          originalRecipient: 'louisl@larry.slip.umd.edu',
          action: 'failed',
          status: '4.0.0',
          diagnostic: '426 connection timed out',
        }),
      ],
    })
  })

  test('E.2: several recipients, with comments after the status and a folded diagnostic', () => {
    const fields = `Reporting-MTA: dns; cs.utk.edu

Original-Recipient: rfc822;arathib@vnet.ibm.com
Final-Recipient: rfc822;arathib@vnet.ibm.com
Action: failed
Status: 5.0.0 (permanent failure)
Diagnostic-Code: smtp;
 550 'arathib@vnet.IBM.COM' is not a registered gateway user
Remote-MTA: dns; vnet.ibm.com

Original-Recipient: rfc822;johnh@hpnjld.njd.hp.com
Final-Recipient: rfc822;johnh@hpnjld.njd.hp.com
Action: delayed
Status: 4.0.0 (hpnjld.njd.jp.com: host name lookup failure)

Original-Recipient: rfc822;wsnell@sdcc13.ucsd.edu
Final-Recipient: rfc822;wsnell@sdcc13.ucsd.edu
Action: failed
Status: 5.0.0
Diagnostic-Code: smtp; 550 user unknown
Remote-MTA: dns; sdcc13.ucsd.edu
`
    expect(reportOf('delivery-status', fields)?.recipients).toEqual([
      recipient({
        finalRecipient: 'arathib@vnet.ibm.com',
        originalRecipient: 'arathib@vnet.ibm.com',
        action: 'failed',
        status: '5.0.0',
        diagnostic: "550 'arathib@vnet.IBM.COM' is not a registered gateway user",
        remoteMta: 'vnet.ibm.com',
      }),
      recipient({
        finalRecipient: 'johnh@hpnjld.njd.hp.com',
        originalRecipient: 'johnh@hpnjld.njd.hp.com',
        action: 'delayed',
        status: '4.0.0',
      }),
      recipient({
        finalRecipient: 'wsnell@sdcc13.ucsd.edu',
        originalRecipient: 'wsnell@sdcc13.ucsd.edu',
        action: 'failed',
        status: '5.0.0',
        diagnostic: '550 user unknown',
        remoteMta: 'sdcc13.ucsd.edu',
      }),
    ])
  })

  test('E.3: a gateway to another mail system, whose recipients have no address', () => {
    const fields = `Reporting-MTA: mailbus; SYS30

Final-Recipient: unknown; nair_s
Status: 5.0.0 (unknown permanent failure)
Action: failed
`
    const report = reportOf('delivery-status', fields)
    expect(report?.reporter).toBe('SYS30')
    expect(report?.recipients).toEqual([recipient({ finalRecipient: 'nair_s', action: 'failed', status: '5.0.0' })])
  })

  test.each([
    { what: 'a recipient in angle brackets', field: 'Final-Recipient: rfc822; <a@example.org>' },
    { what: 'no type', field: 'Final-Recipient: a@example.org' },
    { what: 'a blank before the colon', field: 'Final-Recipient : rfc822;a@example.org' },
    { what: 'a slash in the type, by Mimecast', field: 'Final-Recipient: rfc/822;a@example.org' },
  ])('$what', ({ field }) => {
    const fields = `Reporting-MTA: dns; mx.example.org\n\n${field}\nAction: failed\nStatus: 5.1.1\n`
    expect(reportOf('delivery-status', fields)?.recipients).toEqual([
      recipient({ finalRecipient: 'a@example.org', action: 'failed', status: '5.1.1' }),
    ])
  })

  test('no empty line after the fields of the message', () => {
    const fields = 'Reporting-MTA: dns; mx.example.org\nFinal-Recipient: rfc822;a@example.org\nAction: failed\n'
    expect(reportOf('delivery-status', fields)?.recipients).toEqual([
      recipient({ finalRecipient: 'a@example.org', action: 'failed' }),
    ])
  })

  test('of a message returned as its header only', () => {
    const returned = 'Content-Type: text/rfc822-headers\n\nSubject: Hello\nMessage-ID: <headers@example.org>\n'
    const fields = 'Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822;a@example.org\nAction: failed\n'
    expect(reportOf('delivery-status', fields, returned)?.originalMessageId).toBe('<headers@example.org>')
  })

  test('in a forwarded message it is not one about the message itself', () => {
    const inner =
      'Content-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822;a@example.org\r\nAction: failed\r\n'
    const message = `Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/report; boundary=i\r\n\r\n--i\r\n${inner}\r\n--i--`
    expect(
      parseMessage(`Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n${message}\r\n--b--`).report,
    ).toBeUndefined()
  })
})

describe('disposition notification: RFC 8098', () => {
  const fields = (disposition: string, ua = 'joes-pc.cs.example.com; Foomail 97.1') => `Reporting-UA: ${ua}
Original-Recipient: rfc822;Joe_Recipient@example.com
Final-Recipient: rfc822;Joe_Recipient@example.com
Original-Message-ID: <199509192301.23456@example.org>
Disposition: ${disposition}
`

  test('§9: a message was displayed', () => {
    expect(reportOf('disposition-notification', fields('manual-action/MDN-sent-manually; displayed'))).toEqual({
      kind: 'disposition-notification',
      originalMessageId: '<199509192301.23456@example.org>',
      reporter: 'joes-pc.cs.example.com; Foomail 97.1',
      arrivalDate: null,
      feedbackType: '',
      recipients: [
        recipient({
          finalRecipient: 'Joe_Recipient@example.com',
          originalRecipient: 'Joe_Recipient@example.com',
          action: 'displayed',
        }),
      ],
    })
  })

  test('§3.2.6: modifiers and comments are no part of the type', () => {
    const report = reportOf(
      'disposition-notification',
      fields('automatic-action/MDN-sent-automatically; deleted/error'),
    )
    expect(report?.recipients[0]?.action).toBe('deleted')
  })

  test('§3.2.1: the name of the user agent has no type before it', () => {
    expect(reportOf('disposition-notification', fields('a/b; displayed', 'joes-pc; Foomail 97.1'))?.reporter).toBe(
      'joes-pc; Foomail 97.1',
    )
  })
})

describe('feedback: RFC 5965', () => {
  const returned = `Content-Type: message/rfc822
Content-Disposition: inline

From: <somespammer@example.net>
To: <Undisclosed Recipients>
Subject: Earn money
MIME-Version: 1.0
Content-type: text/plain
Message-ID: 8787KJKJ3K4J3K4J3K4J3.mail@example.net
Date: Thu, 02 Sep 2004 12:31:03 -0500

Spam Spam Spam`

  test('B.1: what has to be there', () => {
    const fields = 'Feedback-Type: abuse\nUser-Agent: SomeGenerator/1.0\nVersion: 1\n'
    expect(reportOf('feedback-report', fields, returned)).toEqual({
      kind: 'feedback-report',
      originalMessageId: '<8787KJKJ3K4J3K4J3K4J3.mail@example.net>',
      reporter: 'SomeGenerator/1.0',
      arrivalDate: null,
      feedbackType: 'abuse',
      recipients: [],
    })
  })

  test('B.2: all fields', () => {
    const fields = `Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <somespammer@example.net>
Original-Rcpt-To: <user@example.com>
Arrival-Date: Thu, 8 Mar 2005 14:00:00 EDT
Reporting-MTA: dns; mail.example.com
Source-IP: 192.0.2.1
Authentication-Results: mail.example.com;
               spf=fail smtp.mail=somespammer@example.com
Reported-Domain: example.net
Reported-Uri: http://example.net/earn_money.html
Reported-Uri: mailto:user@example.com
Removal-Recipient: user@example.com
`
    expect(reportOf('feedback-report', fields, returned)).toEqual({
      kind: 'feedback-report',
      originalMessageId: '<8787KJKJ3K4J3K4J3K4J3.mail@example.net>',
      reporter: 'mail.example.com',
      arrivalDate: '2005-03-08T14:00:00-04:00',
      feedbackType: 'abuse',
      recipients: [recipient({ finalRecipient: 'user@example.com' })],
    })
    // What was sent before RFC 5965 has another name for it.
    const old = fields.replace(/^Arrival-Date/m, 'Received-Date')
    expect(old).not.toBe(fields)
    expect(reportOf('feedback-report', old, returned)?.arrivalDate).toBe('2005-03-08T14:00:00-04:00')
  })
})

test('a message without a part for programs is no report', () => {
  expect(
    parseMessage('Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\nText\r\n--b--').report,
  ).toBeUndefined()
  expect(parseMessage('Subject: Undeliverable\r\n\r\nText').report).toBeUndefined()
})
