/** What can be tried at once; the first one is shown. */

const pdf = btoa('%PDF-1.4\n1 0 obj <</Type/Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n')
const logo =
  'data:image/svg+xml;base64,' +
  btoa(
    '<svg xmlns="http://www.w3.org/2000/svg" width="96" height="24"><rect width="96" height="24" rx="6" fill="#1f4fd8"/></svg>',
  )

const invoice = {
  From: { Name: 'Åse Nordmann', Address: 'ase@example.no' },
  To: [{ Name: 'Bjørn Ødegård', Address: 'bjorn@example.com' }],
  Subject: 'Faktura 2031 for juni – påminnelse',
  Sent: '2026-06-02T14:13:40+02:00',
  MessageID: '<2031@example.no>',
  Priority: 'High',
  PlainBody: 'Hei Bjørn,\n\nher er fakturaen.\n\nÅse\n',
  HTMLBody:
    '<p>Hei Bjørn,</p><p>her er <b>fakturaen</b>.</p><p>Åse</p><p><img src="cid:logo@example.no" alt="Logo"></p>',
  Attachments: [
    { Filename: 'faktura – juni.pdf', Type: 'application/pdf', Stream: pdf },
    { Filename: 'logo.svg', Type: 'image/svg+xml', Id: 'logo@example.no', Stream: logo.split(',')[1] },
  ],
}

const injection = {
  From: { Address: 'kari@example.no' },
  To: [{ Name: 'Ola' }],
  Subject: 'Hi\r\nBcc: eve@example.com',
}

const damaged = [
  'From: =?utf-8?Q?Kari_Nordmann?= <kari@example.no>',
  'To: undisclosed-recipients:;',
  'Subject: =?iso-8859-1?Q?Sm=F8rbr=F8d?=',
  'Subject: a second one',
  'Date: yesterday, some time',
  'Content-Type: multipart/mixed; boundary="outer"',
  '',
  '--outer',
  'Content-Type: text/plain; charset=x-nobody-knows',
  '',
  'The multipart is never closed, and the file has noise in its base64.',
  '--outer',
  'Content-Type: application/octet-stream; name="setup.exe"',
  'Content-Transfer-Encoding: base64',
  '',
  'TVqQAAM!!AAAA*EAAAA',
  '',
].join('\n')

const bounce = [
  'From: Mail Delivery System <mailer-daemon@mx.example.org>',
  'To: kari@example.no',
  'Subject: Undelivered Mail Returned to Sender',
  'Date: Mon, 12 Jan 2026 11:02:00 -0500',
  'MIME-Version: 1.0',
  'Content-Type: multipart/report; report-type=delivery-status; boundary="r"',
  '',
  '--r',
  'Content-Type: text/plain; charset=us-ascii',
  '',
  'Your message could not be delivered.',
  '--r',
  'Content-Type: message/delivery-status',
  '',
  'Reporting-MTA: dns; mx.example.org',
  '',
  'Final-Recipient: rfc822; ola@example.org',
  'Action: failed',
  'Status: 5.1.1',
  'Diagnostic-Code: smtp; 550 5.1.1 no such mailbox',
  '--r',
  'Content-Type: message/rfc822',
  '',
  'From: kari@example.no',
  'To: ola@example.org',
  'Subject: Lunch?',
  '',
  'At noon?',
  '--r--',
  '',
].join('\n')

export const SAMPLES = {
  'An invoice, as an entity': JSON.stringify(invoice, null, 2),
  'A message with defects': damaged,
  'A bounce': bounce,
  'An entity that is refused': JSON.stringify(injection, null, 2),
}
