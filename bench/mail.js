/**
 * The messages that are measured: entities made up here, the same in every run.
 */
import { Buffer } from 'node:buffer'

/** @typedef {import('../src/index.ts').EMailEntityInput} Entity */

export const MIB = 1024 * 1024

/**
 * Octets of no pattern that a compressor or a branch predictor could use: xorshift32.
 *
 * @param {number} length
 * @returns {Buffer}
 */
export function noise(length) {
  const words = new Uint32Array(Math.ceil(length / 4))
  let state = 0x9e3779b9
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[index] = state
  }
  return Buffer.from(words.buffer, 0, length)
}

const FROM = { Name: 'Karin Lindholm', Address: 'karin.lindholm@example.com' }

/**
 * A message of little text with attachments.
 *
 * @param {readonly import('../src/index.ts').EMailAttachmentInput[]} attachments
 * @returns {Entity}
 */
export function messageWithFiles(attachments) {
  return {
    From: FROM,
    To: [{ Name: 'Erik Berg', Address: 'erik.berg@example.org' }],
    Subject: 'Drawings for the tender',
    PlainBody: 'Hello Erik,\n\nhere are the drawings we talked about.\n\nRegards\nKarin\n',
    Attachments: attachments,
  }
}

/**
 * @param {import('../src/index.ts').AttachmentContent} content
 * @param {number} [number] of the file
 * @returns {import('../src/index.ts').EMailAttachmentInput}
 */
export function drawing(content, number = 1) {
  return { Filename: `drawing-${number}.pdf`, Type: 'application/pdf', Stream: content }
}

const SMALL_HEADER = {
  From: FROM,
  To: [
    { Name: 'Erik Berg', Address: 'erik.berg@example.org' },
    { Name: '', Address: 'sales@example.org' },
  ],
  Cc: [{ Name: 'Project Office', Address: 'project.office@example.com' }],
  InReplyTo: { MessageId: '<20240506.084512.1f3a9c@mail.example.org>' },
  CustomHeaderList: [
    { Name: 'Reply-To', Values: ['orders@example.com'] },
    { Name: 'X-Mailer', Values: ['Example CRM 10.3'] },
    { Name: 'List-Unsubscribe', Values: ['<https://example.com/unsubscribe?id=4711>'] },
  ],
}

const SMALL_TEXT = `Hello Erik,

thank you for your order no. 10-4711. We have received it and expect to ship
it on Friday. You will get a message with the tracking number as soon as the
parcel has left our warehouse.

  2 x Office chair, black          598.00
  1 x Desk lamp                     49.90
  1 x Delivery                      12.00

Let us know if anything is missing, or if the address has changed.

Best regards
Karin Lindholm
`

const SMALL_HTML = `<html><head><meta charset="utf-8"></head><body>
<p>Hello Erik,</p>
<p>thank you for your order no. <b>10-4711</b>. We have received it and expect to ship it on Friday.</p>
<table border="0" cellpadding="4">
<tr><td>2</td><td>Office chair, black</td><td align="right">598.00</td></tr>
<tr><td>1</td><td>Desk lamp</td><td align="right">49.90</td></tr>
<tr><td>1</td><td>Delivery</td><td align="right">12.00</td></tr>
</table>
<p>Let us know if anything is missing, or if the <a href="https://example.com/address">address</a> has changed.</p>
<p>Best regards<br>Karin Lindholm</p>
</body></html>
`

/** @type {Entity} */
export const SMALL_ASCII = {
  ...SMALL_HEADER,
  Subject: 'Your order 10-4711 has been received',
  PlainBody: SMALL_TEXT,
  HTMLBody: SMALL_HTML,
}

/** @type {Entity} */
export const SMALL_SWEDISH = {
  ...SMALL_HEADER,
  From: { Name: 'Åsa Öberg', Address: 'asa.oberg@example.com' },
  Subject: 'Din beställning 10-4711 är mottagen',
  PlainBody: swedish(SMALL_TEXT),
  HTMLBody: swedish(SMALL_HTML),
}

/** @param {string} text */
function swedish(text) {
  return text
    .replaceAll('Hello Erik', 'Hej Erik')
    .replaceAll('thank you for your order', 'tack för din beställning')
    .replaceAll('We have received it', 'Vi har tagit emot den')
    .replaceAll('and expect to ship', 'och räknar med att skicka')
    .replaceAll('Office chair, black', 'Skrivbordsstol, grå')
    .replaceAll('Delivery', 'Frakt till Umeå')
    .replaceAll('Best regards', 'Med vänliga hälsningar')
    .replaceAll('Karin Lindholm', 'Åsa Öberg')
}

const SENTENCES = [
  'Vi träffades på mässan i Göteborg förra veckan och talade om er nya anläggning.',
  'Som jag lovade skickar jag här en sammanfattning av det vi kom fram till.',
  'Leveransen av de första enheterna kan ske i början av september, förutsatt att ritningarna är godkända.',
  'Priset gäller till och med den 30 juni och omfattar montering, utbildning och ett års service.',
  'Behöver ni fler uppgifter om tåligheten mot kyla, så har vi mätningar från Kiruna.',
  'Observera att våra öppettider ändras över midsommar!',
  'Kollegan Björn Åkesson tar över ärendet medan jag är på semester.',
  'Återkom gärna med era frågor, så bokar vi ett möte (på plats eller på distans).',
  'Den gamla överenskommelsen från 2019 gäller så länge inget annat är skrivet.',
  'Jag har bett ekonomiavdelningen att kontrollera fakturan; beloppet 14 250 kr ser för högt ut.',
]

/**
 * @param {number} characters at least so many
 * @param {(sentence: string, index: number) => string} paragraph
 */
function running(characters, paragraph) {
  let text = ''
  for (let index = 0; text.length < characters; index++) {
    const sentence = SENTENCES[(index * 7) % SENTENCES.length] ?? ''
    text += paragraph(`${sentence} ${SENTENCES[(index * 3 + 1) % SENTENCES.length]}`, index)
  }
  return text
}

/** 15 KB of Swedish text and 15 KB of Swedish HTML. @type {Entity} */
export const TEXT_AND_HTML = {
  From: { Name: 'Åsa Öberg', Address: 'asa.oberg@example.com' },
  To: [{ Name: 'Sören Ängström', Address: 'soren@example.org' }],
  Subject: 'Sammanfattning av vårt möte på mässan i Göteborg',
  PlainBody: `Hej Sören!\n\n${running(14_000, sentence => `${sentence}\n\n`)}Med vänlig hälsning\nÅsa\n`,
  HTMLBody: `<!DOCTYPE html>\n<html lang="sv">\n<head><meta charset="utf-8"><title>Sammanfattning</title></head>\n<body style="font-family: Calibri, sans-serif">\n${running(
    14_000,
    (sentence, index) =>
      index % 4 === 3
        ? `<table class="grid" width="100%"><tr><td style="padding: 4px">${index}</td><td>${sentence}</td></tr></table>\n`
        : `<p style="margin: 0 0 12px 0; line-height: 1.4">${sentence}</p>\n`,
  )}</body>\n</html>\n`,
}

/** @type {Entity} */
export const MANY_RECIPIENTS = {
  From: FROM,
  To: Array.from({ length: 1000 }, (_, index) => ({
    Name: index % 5 === 0 ? `Åsa Öberg ${index}` : index % 3 === 0 ? '' : `Reader, Number ${index}`,
    Address: `reader${index}@department${index % 40}.example.org`,
  })),
  Subject: 'To all readers',
  PlainBody: 'Hello,\n\nthis goes to all of you.\n',
}

const CALENDAR = `BEGIN:VCALENDAR
PRODID:-//Example//CRM 10.3//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Europe/Stockholm
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;TZID=Europe/Stockholm:20240514T100000
DTEND;TZID=Europe/Stockholm:20240514T110000
DTSTAMP:20240506T084512Z
ORGANIZER;CN=Karin Lindholm:mailto:karin.lindholm@example.com
UID:6f2d0c52-8f5e-4d0b-9a54-2f3a1c7be311
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=
 TRUE;CN=Erik Berg:mailto:erik.berg@example.org
SUMMARY:Review of the drawings
LOCATION:Room 4.12
DESCRIPTION:We go through the drawings for the tender.\\nBring your notes.
SEQUENCE:0
STATUS:CONFIRMED
TRANSP:OPAQUE
END:VEVENT
END:VCALENDAR
`.replaceAll('\n', '\r\n')

/** An invitation as Google sends it: text, HTML and calendar as alternatives, and the calendar as a file. */
export const INVITE_CALENDAR = Buffer.from(CALENDAR)

/** @type {Entity} */
export const INVITE = {
  From: FROM,
  To: [{ Name: 'Erik Berg', Address: 'erik.berg@example.org' }],
  Subject: 'Invitation: Review of the drawings',
  PlainBody: 'Review of the drawings\n\nTuesday 14 May 2024, 10:00 to 11:00\nRoom 4.12\n',
  HTMLBody: '<p><b>Review of the drawings</b></p>\n<p>Tuesday 14 May 2024, 10:00 to 11:00<br>Room 4.12</p>\n',
  Attachments: [
    { Type: 'text/calendar; charset=utf-8; method=REQUEST', Encoding: '7bit', Stream: INVITE_CALENDAR },
    { Filename: 'invite.ics', Type: 'application/ics', Stream: INVITE_CALENDAR },
  ],
}
