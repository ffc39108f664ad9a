/**
 * Arbitrary entities that can be composed without `draft`, and what of each a round trip must give back.
 *
 * {@link expectedAfterRoundTrip} says the rules of composing and parsing once more, apart from the code. Where the RFCs are silent
 * it takes a side; these are the places, each to be changed here if the composer decides otherwise:
 *
 * 1. `Sent` absent: `now()` in UTC, offset `+00:00`. `Z` on input comes back as `+00:00`.
 * 2. Blanks at the ends and in the middle of Name, Subject, Description and custom values come back exactly; in
 *    Filename they are tried in hard mode only. Values of nothing but spaces are not made.
 * 3. `References` comes back in CustomHeaderList with each identifier once, and without that of InReplyTo: InReplyTo
 *    carries it, and the composer puts it at the end.
 * 4. CustomHeaderList comes back in the order of the wire: Sender, Reply-To, References, then the others as given.
 *    Entries of one name, whatever its case, are one entry under the first spelling.
 * 5. An attachment with Disposition '' comes back as 'inline' where HTMLBody refers to it, else as 'attachment'; so do
 *    text/plain, text/html and message/rfc822 to which it does not refer. Referenced attachments come first.
 * 6. Type '' comes back as the type of the file extension (only .pdf is tried), or application/octet-stream.
 * 7. `now`, sizes and encodings are facts of the composed message: the caller passes them in the context.
 *
 * With `archive`, properties whose way is open are not made: fractions of a second, IDN domains, Bcc,
 * path parts of file names, several custom headers of one name, and References next to InReplyTo.
 *
 * Not made at all: calendar parts, streams, contents from functions, message/rfc822 that is not 7bit with CRLF or has no
 * Filename, U+FEFF, C0 and C1 controls in header values (TAB too), `Received`, upper-case domains and media types.
 */
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import {
  type EMailAddress,
  type EMailAddressInput,
  type EMailAttachment,
  type EMailAttachmentInput,
  type EMailCustomHeader,
  type EMailCustomHeaderInput,
  type EMailEntity,
  type EMailEntityInput,
  type EMailEnvelope,
  type EMailEnvelopeInput,
  type EMailSOInfo,
  type EMailSOInfoInput,
  emptyAddress,
  emptyEntity,
  emptyEnvelope,
  type FieldProperty,
  type Right,
} from '../../src/entity/entity.ts'

export interface EntityArbitraryOptions {
  /** Adds what few mailers survive: NUL in bodies, lone surrogates, words of 10,000 characters. */
  readonly hard?: boolean | undefined
  /** For the `archive` option: fills what belongs to the CRM, and makes nothing that archive leaves open. */
  readonly archive?: boolean | undefined
}

// ----------------------------------------------------------------------------------------------------------------- text

/** Words by class, none with a control character. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  ascii: ['John', 'Smith', 'a', 'x-1', 'Quarterly', 'report', '2023', 'Re:', 'Fwd:', '[list]', 'foo@bar.org'],
  specials: [
    '"',
    '\\',
    ',',
    '<',
    '>',
    '(',
    ')',
    ';',
    ':',
    '.',
    '@',
    '"a, b"',
    '\\"',
    '(c)',
    '<x@y.z>',
    '[1]',
    "'",
    '%',
  ],
  nordic: ['Åse', 'Bjørn', 'blåbærsyltetøy', 'Æ', 'Þórður', 'ö', 'smörgåsbord'],
  japanese: ['山田', '太郎', 'こんにちは', '見積書', 'ｶﾀｶﾅ', '、', '会議の議事録について'],
  arabic: ['مرحبا', 'محمد', 'שלום', '\u200f', 'ـ'],
  emoji: ['🙂', '👩‍👩‍👧‍👦', '🇳🇴', '❤️', '👍🏽', '𝒳'],
  combining: ['e\u0301', 'a\u030a', 'n\u0303o', 'Z\u0351\u036b\u0343', '\u0301'],
  blanks: ['\u00a0', '\u2003', '\u2028', '\u3000', '\u00ad', '\u200b'],
  encodedWords: ['=?utf-8?Q?=41?=', '=?utf-8?B?YQ==?=', '=?', '?=', '=?x', '=41', '_', '=?iso-8859-1?q?a_b?=', '?'],
  extended: ["utf-8''a%20b", '100%41', '*0*=', ';x=y', 'a=b'],
}

const anyWord = fc.constantFrom(...Object.values(WORDS).flat())
const wordsOfOneClass = fc
  .constantFrom(...Object.values(WORDS))
  .chain(words => fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 6 }))
const separator = fc.oneof({ weight: 8, arbitrary: fc.constant(' ') }, fc.constantFrom('', '  ', '   '))

/** Printable characters, one code point each, without controls. */
const printable = fc
  .string({ unit: 'grapheme', maxLength: 40 })
  .map(text => text.replace(/[\x00-\x1f\x7f-\x9f\ufeff]/g, 'x'))

function joinWith(words: readonly string[], separators: readonly string[]): string {
  return words
    .map((word, index) => (index === 0 ? word : (separators[index % separators.length] ?? ' ') + word))
    .join('')
}

const ordinaryText = fc
  .tuple(
    fc.oneof(wordsOfOneClass, fc.array(anyWord, { minLength: 1, maxLength: 8 })),
    fc.array(separator, { minLength: 1, maxLength: 4 }),
  )
  .map(([words, separators]) => joinWith(words, separators))

/** Lengths around which folding and encoded-words break. */
const lengthyText = fc
  .tuple(
    fc.constantFrom('a', 'ab ', 'å', '山', '🙂', 'e\u0301', 'x, ', '"', ' =?'),
    fc.oneof(fc.integer({ min: 20, max: 90 }), fc.constantFrom(250, 300)),
  )
  .map(([unit, count]) => unit.repeat(Math.ceil(count / unit.length)))

const paddedText = fc
  .tuple(fc.constantFrom('', ' ', '  '), ordinaryText, fc.constantFrom('', ' ', '  '))
  .map(([before, text, after]) => before + text + after)

const hardText = fc.oneof(
  fc.constantFrom('\ud800', 'a\udc00b', '\ud83d \ude42', '🙂\ud83d'),
  fc.constantFrom('a', 'å', '🙂', '山').map(unit => unit.repeat(10_000)),
  fc.constantFrom('word '.repeat(2000).trim(), `${'x'.repeat(997)} ${'y'.repeat(998)}`, `${' '.repeat(200)}x`),
)

/** Text of a header value: no controls; '' rather than spaces alone. */
export function textArbitrary(options: EntityArbitraryOptions = {}): fc.Arbitrary<string> {
  const text = fc.oneof(
    { weight: 8, arbitrary: ordinaryText },
    { weight: 2, arbitrary: lengthyText },
    { weight: 2, arbitrary: paddedText },
    { weight: 2, arbitrary: printable },
    { weight: 1, arbitrary: fc.constant('') },
    { weight: options.hard === true ? 2 : 0, arbitrary: hardText },
  )
  return text.map(value => (/^ *$/.test(value) ? '' : value))
}

// ------------------------------------------------------------------------------------------------------------ addresses

/** Domains as a person writes them, with their A-labels: RFC 5891; as Python's `idna` codec gives them. */
const IDN_DOMAINS: Readonly<Record<string, string>> = {
  'bücher.example': 'xn--bcher-kva.example',
  'blåbær.example': 'xn--blbr-roah.example',
  'post.例え.テスト': 'post.xn--r8jz45g.xn--zckzah',
}

const localPart = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'john.smith', 'x+tag', "o'brien", '#!$%&*+-/=?^_`{|}~', '1', 'A.B-c') },
  { weight: 2, arbitrary: fc.constantFrom('"a b"', '"a@b"', '"a,b"', '".a"', '"q\\"q"', '"b\\\\s"', '"<x>"', '"(c)"') },
  { weight: 1, arbitrary: fc.constantFrom('l'.repeat(64), `${'m'.repeat(31)}.${'n'.repeat(32)}`) },
)

function domainArbitrary(options: EntityArbitraryOptions): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('example.org', 'x.org', 'mail.example.com', 'localhost', '1.example') },
    { weight: options.archive === true ? 0 : 2, arbitrary: fc.constantFrom(...Object.keys(IDN_DOMAINS)) },
    { weight: 1, arbitrary: fc.constantFrom('[192.0.2.1]', '[IPv6:2001:db8::1]') },
    { weight: 1, arbitrary: fc.constant(`${'d'.repeat(63)}.${'e'.repeat(63)}.example.org`) },
  )
}

const propertyNames = ['Subject', 'To', 'Name', 'x', 'æøå', 'Stream']
const int = fc.integer({ min: 0, max: 2_147_483_647 })
const right: fc.Arbitrary<Right | null> = fc.option(
  fc.record({ Mask: fc.constantFrom('Full', 'Select', 'Update, Insert', ''), Reason: ordinaryText }),
)
const fieldProperty: fc.Arbitrary<FieldProperty> = fc.record({
  FieldRight: right,
  FieldType: fc.constantFrom('String', 'Int32', ''),
  FieldLength: int,
})
const fieldProperties: fc.Arbitrary<Record<string, FieldProperty> | null> = fc.option(
  fc
    .uniqueArray(fc.tuple(fc.constantFrom(...propertyNames), fieldProperty), {
      selector: ([name]) => name,
      maxLength: 2,
    })
    .map(entries => Object.fromEntries(entries)),
)

/** TableRight and FieldProperties: always with `archive`, else now and then, to be lost. */
function carrier(options: EntityArbitraryOptions): fc.Arbitrary<{
  TableRight?: Right | null
  FieldProperties?: Record<string, FieldProperty> | null
}> {
  const filled = fc.record({ TableRight: right, FieldProperties: fieldProperties })
  return options.archive === true ? filled : fc.oneof({ weight: 9, arbitrary: fc.constant({}) }, filled)
}

export function addressArbitrary(options: EntityArbitraryOptions = {}): fc.Arbitrary<EMailAddressInput> {
  const mail = fc.record({
    Address: fc.tuple(localPart, domainArbitrary(options)).map(([local, domain]) => `${local}@${domain}`),
    Name: fc.option(textArbitrary(options), { nil: undefined, freq: 6 }),
  })
  const crm = fc.record({
    ContactId: int,
    ContactName: ordinaryText,
    PersonId: int,
    PersonName: ordinaryText,
    AssociateId: int,
    EmailId: int,
    DuplicatePersonIds: fc.array(int, { maxLength: 3 }),
  })
  const record = options.archive === true ? crm : fc.option(crm, { nil: undefined, freq: 1 })
  return fc.tuple(mail, record, carrier(options)).map(([own, ids, rights]) => ({ ...own, ...ids, ...rights }))
}

// ---------------------------------------------------------------------------------------------------------------- dates

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}

const START_OF_1970 = Date.UTC(1970, 0, 2)
const END_OF_2100 = Date.UTC(2100, 11, 30)

/** Local time from 1970 to 2100 with its offset, at most `fractionDigits` digits of a second. */
export function dateTimeArbitrary(fractionDigits: number = 7): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.integer({ min: START_OF_1970 / 1000, max: END_OF_2100 / 1000 }),
      fc.oneof(fc.constantFrom(0, 60, 120, -720, 840, 330, -210, 345), fc.integer({ min: -720, max: 840 })),
      fc.integer({ min: 0, max: fractionDigits }),
      fc.integer({ min: 0, max: 9_999_999 }),
      fc.boolean(),
    )
    .map(([seconds, offset, digits, fraction, isZulu]) => {
      const local = new Date(seconds * 1000).toISOString().slice(0, 19)
      const part = digits === 0 ? '' : `.${String(fraction).padStart(7, '0').slice(0, digits)}`
      if (offset === 0) return local + part + (isZulu ? 'Z' : '+00:00')
      const minutes = Math.abs(offset)
      const zone = `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`
      return local + part + (offset < 0 ? '-' : '+') + zone
    })
}

// --------------------------------------------------------------------------------------------------------------- header

const messageId = fc
  .tuple(
    fc.oneof(fc.stringMatching(/^[a-z0-9]{1,20}(?:\.[a-z0-9]{1,20})?$/), fc.constantFrom('a!b=c', 'x'.repeat(200))),
    fc.constantFrom('example.org', 'mail.gmail.com', 'localhost', '[192.0.2.1]'),
  )
  .map(([left, rightPart]) => `<${left}@${rightPart}>`)

/** A value of an address field in the one form that reading gives it back: quotes only where they are needed. */
const addressValue = fc
  .array(
    fc.constantFrom(
      'a@b.org',
      'Kari <kari@example.org>',
      'Kari Nordmann <kari@example.org>',
      'Åse Bø <ase@example.org>',
      '"Smith, John" <john@example.org>',
      '山田太郎 <yamada@example.org>',
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map(addresses => addresses.join(', '))

function customHeadersArbitrary(options: EntityArbitraryOptions): fc.Arbitrary<EMailCustomHeaderInput[]> {
  const header = (Name: string, value: fc.Arbitrary<string>, maxLength = 1): fc.Arbitrary<EMailCustomHeaderInput> =>
    fc
      .tuple(fc.array(value, { minLength: options.archive === true ? 1 : 0, maxLength }), carrier(options))
      .map(([Values, rights]) => ({ Name, Values, ...rights }))
  const text = textArbitrary(options)
  const free = fc
    .constantFrom(
      'X-Test',
      'X-Mailer',
      'x-lower',
      'X-SPAM-STATUS',
      `X-${'Long'.repeat(15)}`,
      'Organization',
      'Comments',
    )
    .chain(name => header(name, text, 3))
  const fixed = fc.oneof(
    header(
      'List-Unsubscribe',
      fc.constant('<mailto:leave@example.org?subject=leave>, <https://example.org/?a=b&c=%20>'),
    ),
    header('List-Id', fc.constantFrom('<list.example.org>', 'Blåbær <list.example.org>')),
    header('Auto-Submitted', fc.constant('auto-generated')),
    header('Reply-To', addressValue),
    header('Disposition-Notification-To', fc.constantFrom('a@b.org', 'Åse Bø <ase@example.org>')),
    header('Sender', fc.constantFrom('a@b.org', 'Åse Bø <ase@example.org>')),
    header(
      'References',
      fc.array(messageId, { minLength: 1, maxLength: 8 }).map(ids => ids.join(' ')),
    ),
  )
  return fc
    .tuple(
      fc.array(free, { maxLength: 3 }),
      fc.uniqueArray(fixed, { selector: ({ Name }) => Name, maxLength: 3 }),
      fc.boolean(),
    )
    .map(([others, own, isOwnFirst]) => {
      const all = isOwnFirst ? [...own, ...others] : [...others, ...own]
      if (options.archive !== true) return all
      const isFirst = (name: unknown, index: number): boolean =>
        all.findIndex(({ Name }) => Name === name) === index && !/^(?:sender|reply-to|references)$/i.test(String(name))
      return all.filter(({ Name }, index) => isFirst(Name, index))
    })
}

// --------------------------------------------------------------------------------------------------------------- bodies

const lineBreak = fc.constantFrom('\n', '\r\n', '\r', '\n\n', '\n\r', '\r\r\n')

function bodyLine(options: EntityArbitraryOptions): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 6, arbitrary: ordinaryText },
    { weight: 4, arbitrary: fc.constantFrom('', '-', '--', '-- ', '--x', '--=_boundary', '--b--', '.', '..', '.x') },
    { weight: 3, arbitrary: fc.constantFrom('From ', 'From here', '>From x', ' From', '> quoted', ' space', '\ttab') },
    {
      weight: 3,
      arbitrary: fc.constantFrom('trailing ', 'tab\t', '   ', '=', '=41', 'a=', '\x01\x1b[0m', '\x7f', '\f\v'),
    },
    { weight: 2, arbitrary: fc.constantFrom('a'.repeat(76), 'a'.repeat(77), 'a'.repeat(998), 'a'.repeat(999)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('å'.repeat(700), 'word '.repeat(400), `${' '.repeat(100)}x`, '🙂'.repeat(50)),
    },
    { weight: 1, arbitrary: fc.constantFrom('x'.repeat(2000), '\u0085', '\u2028', 'a\u2029b', '\u00a0') },
    { weight: options.hard === true ? 3 : 0, arbitrary: fc.constantFrom('\0', 'a\0b', '\ud800', 'x\udc00', '\u0080') },
  )
}

/** Lines of every kind, with line breaks of every kind. */
export function bodyArbitrary(options: EntityArbitraryOptions = {}): fc.Arbitrary<string> {
  const lines = fc.array(fc.tuple(bodyLine(options), lineBreak), { maxLength: 12 }).chain(pairs =>
    fc.constantFrom('end', 'open', 'LF').map(kind => {
      const text = pairs.map(([line, end]) => line + (kind === 'LF' ? '\n' : end)).join('')
      return kind === 'open' ? text.replace(/[\r\n]+$/, '') : text
    }),
  )
  return fc.oneof(
    { weight: 8, arbitrary: lines },
    { weight: 1, arbitrary: fc.array(lineBreak, { maxLength: 4 }).map(breaks => breaks.join('')) },
    { weight: 1, arbitrary: fc.constant('') },
  )
}

// ---------------------------------------------------------------------------------------------------------- attachments

const content = fc
  .oneof(
    fc
      .constantFrom(0, 1, 2, 3, 56, 57, 58, 114)
      .chain(length => fc.uint8Array({ minLength: length, maxLength: length })),
    fc.uint8Array({ maxLength: 3072, size: 'max' }),
    fc.constantFrom(
      Buffer.from('a\nb\rc\r\nd\r\n'),
      Buffer.from('\r\n--x\r\n--\r\nFrom me\r\n.\r\n'),
      Buffer.from([0, 1, 13, 10, 10, 13, 255]),
      Buffer.from('plain ASCII, one line'),
      Buffer.from('trailing blanks  \t\r\n\r\n'),
      Buffer.from('blåbær\n'.repeat(40)),
      Buffer.from('x'.repeat(1200)),
    ),
  )
  .map(octets => new Uint8Array(octets))

const NESTED_MESSAGES = [
  ['Subject: nested', '', 'Hi', ''],
  ['From: a@b.org', 'Subject: no body'],
  ['Subject: =?utf-8?Q?bl=C3=A5b=C3=A6r?=', 'Content-Type: text/plain', '', '--', 'From me', '.'],
  [
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=inner',
    '',
    '--inner',
    '',
    'a',
    '--inner',
    'Content-Type: application/pdf; name=x.pdf',
    'Content-Transfer-Encoding: base64',
    '',
    'YWJj',
    '--inner--',
    '',
  ],
].map(lines => lines.join('\r\n'))

/** Extensions that mail clients refuse to open, of those that are made here. */
const UNSAFE_EXTENSION = /\.(?:exe|bat|js|vbs|scr|cmd)$/i

function filenameArbitrary(options: EntityArbitraryOptions): fc.Arbitrary<string> {
  const cutPath = (text: string): string => text.replace(/[/\\]/g, '_')
  const stem = textArbitrary(options).map(text => cutPath(options.hard === true ? text : text.trim()))
  const extension = fc.constantFrom('.txt', '.pdf', '.PNG', '.csv', '.xyz', '.exe', '.js', '.vbs')
  const named = fc.tuple(stem, extension).map(([name, end]) => (name === '' ? `file${end}` : name + end))
  return fc.oneof(
    { weight: 8, arbitrary: named },
    {
      weight: 1,
      arbitrary: fc.constantFrom('a"b".txt', '100%41.txt', 'a;b=c.txt', "it's.txt", '%', 'a%20b', 'README'),
    },
    { weight: 1, arbitrary: fc.constantFrom('n'.repeat(300), `${'å'.repeat(300)}.txt`, `${'a b'.repeat(100)}.txt`) },
    {
      weight: options.archive === true ? 0 : 1,
      arbitrary: fc.constantFrom('C:\\dir\\report.pdf', '../../etc/passwd', '/a/b/å.txt', 'a\\b/c.txt'),
    },
  )
}

interface AttachmentParts {
  readonly Filename: string
  readonly Type: string
  readonly Encoding: string
  readonly Disposition: string
  readonly Description: string
  readonly octets: Uint8Array
  readonly isBase64: boolean
  readonly hasSize: boolean
  readonly hasId: boolean
}

function attachmentArbitrary(options: EntityArbitraryOptions): fc.Arbitrary<AttachmentParts> {
  const common = {
    Encoding: fc.constantFrom('', '', 'base64', 'quoted-printable', '7bit', '8bit'),
    Disposition: fc.constantFrom('attachment', 'attachment', 'inline', ''),
    Description: fc.oneof(fc.constant(''), textArbitrary(options)),
    isBase64: fc.boolean(),
    hasSize: fc.boolean(),
    hasId: fc.boolean(),
  }
  const file = fc.record({
    ...common,
    Filename: fc.oneof({ weight: 6, arbitrary: filenameArbitrary(options) }, fc.constant('')),
    Type: fc.constantFrom(
      'application/pdf',
      'application/octet-stream',
      'application/x-y; a=b; title="a b"',
      'image/png',
      'text/plain',
      'text/plain; charset=iso-8859-1',
      'text/html',
      'text/csv; charset=utf-8; header=present',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    ),
    octets: content,
  })
  const untyped = fc.record({
    ...common,
    Filename: fc.constantFrom('', 'a.pdf', 'blå.pdf'),
    Type: fc.constant(''),
    octets: content,
  })
  const nested = fc.record({
    ...common,
    Filename: fc.constantFrom('nested.eml', 'blåbær.eml'),
    Type: fc.constant('message/rfc822'),
    octets: fc.constantFrom(...NESTED_MESSAGES).map(text => new Uint8Array(Buffer.from(text, 'latin1'))),
  })
  return fc.oneof({ weight: 8, arbitrary: file }, { weight: 1, arbitrary: untyped }, { weight: 2, arbitrary: nested })
}

interface AttachmentPlace {
  readonly index: number
  readonly isReferenced: boolean
  /** A body stands before it. */
  readonly hasBody: boolean
}

function attachmentOf(parts: AttachmentParts, place: AttachmentPlace): EMailAttachmentInput {
  const { index, isReferenced, hasBody } = place
  // An inline text without a name, or at the place of the body, is a body by RFC 8621 §4.1.4.
  const isBody = /^text\/(?:plain|html)/.test(parts.Type) && (parts.Filename === '' || !hasBody)
  const disposition = isBody && parts.Disposition === 'inline' ? 'attachment' : parts.Disposition
  return {
    Description: parts.Description,
    Filename: parts.Filename,
    Type: isReferenced ? 'image/png' : parts.Type,
    Encoding: parts.Encoding,
    Disposition: isReferenced && disposition === 'attachment' ? 'inline' : disposition,
    Stream: parts.isBase64 ? Buffer.from(parts.octets).toString('base64') : parts.octets,
    ...(parts.hasSize ? { Size: parts.octets.length } : {}),
    ...(isReferenced || parts.hasId ? { Id: contentId(index) } : {}),
  }
}

function contentId(index: number): string {
  return `part${index}.img+x@example.org`
}

interface Content {
  readonly PlainBody?: string | undefined
  readonly HTMLBody?: string | undefined
  readonly Attachments?: EMailAttachmentInput[] | undefined
}

/** Bodies and attachments together, since HTMLBody refers to some of them. */
function contentArbitrary(options: EntityArbitraryOptions): fc.Arbitrary<Content> {
  const attachment = fc.tuple(attachmentArbitrary(options), carrier(options), fc.boolean())
  return fc
    .record({
      plain: fc.option(bodyArbitrary(options), { nil: undefined }),
      html: fc.option(bodyArbitrary(options), { nil: undefined }),
      attachments: fc.oneof(
        { weight: 2, arbitrary: fc.array(attachment, { maxLength: 0 }) },
        { weight: 3, arbitrary: fc.array(attachment, { maxLength: 4 }) },
      ),
    })
    .map(({ plain, html, attachments }) => {
      const hasHtml = html !== undefined && html !== ''
      const Attachments = attachments.map(([parts, rights, isWanted], index) => ({
        ...attachmentOf(parts, {
          index,
          isReferenced: hasHtml && isWanted && parts.Type !== 'message/rfc822',
          hasBody: hasHtml || (plain !== undefined && plain !== ''),
        }),
        ...rights,
      }))
      const images = Attachments.filter(
        (_, index) => attachments[index]![2] && Attachments[index]!.Type === 'image/png',
      )
      const references = images.map(({ Id }) => (Id === undefined ? '' : `<img src="cid:${Id}">`)).join('\n')
      return { PlainBody: plain, HTMLBody: hasHtml ? `<p>${html}${references}` : html, Attachments }
    })
}

// --------------------------------------------------------------------------------------------------------------- entity

const soInfo: fc.Arbitrary<EMailSOInfoInput> = fc.record({
  DocumentId: int,
  AppointmentId: int,
  ProjectId: int,
  SaleId: int,
  Archived: fc.boolean(),
  ArchivedAt: fc.option(dateTimeArbitrary()),
  ArchivedBy: int,
  ArchivedDisplayName: ordinaryText,
  TableRight: right,
  FieldProperties: fieldProperties,
})

const anyFlags = fc
  .subarray(['Seen', 'Deleted', 'Recent', 'Flagged', 'Draft', 'Answered'])
  .map(flags => flags.join(', '))
const anyPriority = fc.constantFrom('NoPriority', 'Highest', 'High', 'Normal', 'Low', 'Lowest')

function inReplyToArbitrary(options: EntityArbitraryOptions): fc.Arbitrary<EMailEnvelopeInput> {
  const bare = fc.record({ MessageId: messageId })
  if (options.archive !== true) return bare
  const crm = fc.record({
    ServerId: int,
    Subject: ordinaryText,
    From: fc.option(addressArbitrary(options)),
    To: fc.array(addressArbitrary(options), { maxLength: 2 }),
    Sent: fc.option(dateTimeArbitrary()),
    Priority: anyPriority,
    Flags: anyFlags,
    Size: int,
    EMailSOInfo: fc.option(soInfo),
    TableRight: right,
    FieldProperties: fieldProperties,
  })
  return fc.tuple(bare, crm).map(([id, rest]) => ({ ...id, ...rest }))
}

/** What a message does not carry: kept by `archive` alone. */
function crmArbitrary(): fc.Arbitrary<EMailEntityInput> {
  return fc.record({
    IsSent: fc.boolean(),
    EMailSOInfo: fc.option(soInfo),
    ServerId: int,
    FolderName: ordinaryText,
    EmailItemId: int,
    AccountId: int,
    ReceivedAt: fc.option(dateTimeArbitrary()),
    RepliedAt: fc.option(dateTimeArbitrary()),
    TableRight: right,
    FieldProperties: fieldProperties,
  })
}

/** Entities that `composeMessage` accepts without options; see the head of this file for what is not made. */
export function entityArbitrary(options: EntityArbitraryOptions = {}): fc.Arbitrary<EMailEntityInput> {
  const isArchive = options.archive === true
  const address = addressArbitrary(options)
  const list = fc.option(fc.array(address, { maxLength: 4 }), { nil: undefined })
  const sent: fc.Arbitrary<string | Date | undefined> = fc.oneof(
    { weight: 6, arbitrary: dateTimeArbitrary(isArchive ? 0 : 7) },
    {
      weight: isArchive ? 0 : 1,
      arbitrary: fc.integer({ min: START_OF_1970, max: END_OF_2100 }).map(ms => new Date(ms)),
    },
    { weight: isArchive ? 0 : 1, arbitrary: fc.constant(undefined) },
  )
  const header = fc.record({
    From: address,
    To: list,
    Cc: list,
    Bcc: isArchive ? fc.constant(undefined) : list,
    spare: address,
    Subject: fc.option(textArbitrary(options), { nil: undefined, freq: 6 }),
    Sent: sent,
    MessageID: isArchive ? messageId : fc.option(messageId, { nil: undefined, freq: 2 }),
    InReplyTo: fc.option(inReplyToArbitrary(options), { freq: 1 }),
    Priority: fc.option(anyPriority, { nil: undefined }),
    Flags: isArchive ? anyFlags : fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, fc.constant(''), anyFlags),
    CustomHeaderList: customHeadersArbitrary(options),
  })
  const crm = isArchive ? crmArbitrary() : fc.option(crmArbitrary(), { nil: undefined, freq: 1 })
  return fc.tuple(header, contentArbitrary(options), crm).map(([{ spare, ...fields }, body, ids]) => {
    const recipients = [fields.To, fields.Cc, fields.Bcc].some(addresses => (addresses ?? []).length > 0)
    return { ...ids, ...fields, ...body, ...(recipients ? {} : { To: [spare] }) }
  })
}

// -------------------------------------------------------------------------------------------------------- after reading

/** What the round trip itself decided. */
export interface RoundTripContext {
  /** Octets of the composed message. */
  readonly size: number
  /** `messageId` of the composed message. */
  readonly messageId: string
  /** What the `now` option gave. */
  readonly now: Date
  /** True where `archive` was set on both sides. */
  readonly archive?: boolean | undefined
  readonly bcc?: 'omit' | 'keep' | undefined
  /** `Encoding` of each attachment as it was found, in the order of reading; absent ones are expected as given. */
  readonly encodings?: readonly string[] | undefined
}

/** Says what `parseMessage(composeMessage(entity).toBytes()).entity` is: R1, and with `archive` R2. */
export function expectedAfterRoundTrip(entity: EMailEntityInput, context: RoundTripContext): EMailEntity {
  const isArchive = context.archive === true
  const address = (input: EMailAddressInput): EMailAddress => expectedAddress(input, isArchive)
  const messageIdOfParent = entity.InReplyTo?.MessageId ?? ''
  const result: EMailEntity = {
    ...emptyEntity(),
    To: (entity.To ?? []).map(address),
    Cc: (entity.Cc ?? []).map(address),
    Bcc: context.bcc === 'keep' ? (entity.Bcc ?? []).map(address) : [],
    Subject: wellFormed(entity.Subject ?? ''),
    HTMLBody: expectedBody(entity.HTMLBody ?? ''),
    From: entity.From == null ? null : address(entity.From),
    Sent: expectedDate(entity.Sent ?? context.now),
    Size: context.size,
    Priority: entity.Priority ?? 'NoPriority',
    Flags: /\bDraft\b/.test(entity.Flags ?? '') ? 'Draft' : '',
    MessageID: context.messageId,
    PlainBody: expectedBody(entity.PlainBody ?? ''),
    Attachments: expectedAttachments(entity, context),
    CustomHeaderList: expectedCustomHeaders(entity.CustomHeaderList ?? [], messageIdOfParent, isArchive),
    InReplyTo: messageIdOfParent === '' ? null : emptyEnvelope(messageIdOfParent),
  }
  if (!isArchive) return result
  return {
    ...result,
    Flags: entity.Flags ?? '',
    InReplyTo: entity.InReplyTo == null ? null : expectedEnvelope(entity.InReplyTo),
    IsSent: entity.IsSent ?? false,
    EMailSOInfo: entity.EMailSOInfo == null ? null : expectedSOInfo(entity.EMailSOInfo),
    ServerId: entity.ServerId ?? 0,
    FolderName: entity.FolderName ?? '',
    EmailItemId: entity.EmailItemId ?? 0,
    AccountId: entity.AccountId ?? 0,
    ReceivedAt: isoText(entity.ReceivedAt),
    RepliedAt: isoText(entity.RepliedAt),
    TableRight: entity.TableRight ?? null,
    FieldProperties: entity.FieldProperties ?? null,
  }
}

/** Lone surrogates become U+FFFD: they have no UTF-8. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd')
}

function expectedBody(text: string): string {
  return wellFormed(text).replace(/\r\n|\r/g, '\n')
}

/** The fraction cut, the offset kept: RFC 5322 §3.3 has no more. */
function expectedDate(value: string | Date): string {
  const text = value instanceof Date ? value.toISOString() : value
  return (
    text.slice(0, 19) +
    text
      .slice(19)
      .replace(/^\.\d+/, '')
      .replace(/^Z$/, '+00:00')
  )
}

function isoText(value: string | Date | null | undefined): string | null {
  return value instanceof Date ? value.toISOString() : (value ?? null)
}

function expectedAddress(input: EMailAddressInput, isArchive: boolean): EMailAddress {
  const spec = input.Address ?? ''
  const at = spec.lastIndexOf('@')
  const domain = spec.slice(at + 1)
  const written = spec.slice(0, at + 1) + (IDN_DOMAINS[domain] ?? domain)
  const mail = emptyAddress(written, wellFormed(input.Name ?? ''))
  if (!isArchive) return mail
  return {
    ...mail,
    ContactId: input.ContactId ?? 0,
    ContactName: input.ContactName ?? '',
    PersonId: input.PersonId ?? 0,
    PersonName: input.PersonName ?? '',
    AssociateId: input.AssociateId ?? 0,
    EmailId: input.EmailId ?? 0,
    DuplicatePersonIds: [...(input.DuplicatePersonIds ?? [])],
    TableRight: input.TableRight ?? null,
    FieldProperties: input.FieldProperties ?? null,
  }
}

/** Only `archive` brings back more of it than MessageId. */
function expectedEnvelope(input: EMailEnvelopeInput): EMailEnvelope {
  return {
    ServerId: input.ServerId ?? 0,
    MessageId: input.MessageId ?? '',
    Subject: input.Subject ?? '',
    From: input.From == null ? null : expectedAddress(input.From, true),
    To: (input.To ?? []).map(address => expectedAddress(address, true)),
    Sent: isoText(input.Sent),
    Priority: input.Priority ?? 'NoPriority',
    Flags: input.Flags ?? '',
    Size: input.Size ?? 0,
    EMailSOInfo: input.EMailSOInfo == null ? null : expectedSOInfo(input.EMailSOInfo),
    TableRight: input.TableRight ?? null,
    FieldProperties: input.FieldProperties ?? null,
  }
}

function expectedSOInfo(input: EMailSOInfoInput): EMailSOInfo {
  return {
    DocumentId: input.DocumentId ?? 0,
    AppointmentId: input.AppointmentId ?? 0,
    ProjectId: input.ProjectId ?? 0,
    SaleId: input.SaleId ?? 0,
    Archived: input.Archived ?? false,
    ArchivedAt: isoText(input.ArchivedAt),
    ArchivedBy: input.ArchivedBy ?? 0,
    ArchivedDisplayName: input.ArchivedDisplayName ?? '',
    TableRight: input.TableRight ?? null,
    FieldProperties: input.FieldProperties ?? null,
  }
}

/** Where a field stands in the header; those not named stand after these, as they were given. */
const FIELD_ORDER = ['sender', 'reply-to', 'references']

function expectedCustomHeaders(
  inputs: readonly EMailCustomHeaderInput[],
  parent: string,
  isArchive: boolean,
): EMailCustomHeader[] {
  const entries = inputs.map(input => ({
    Name: input.Name ?? '',
    Values: (input.Values ?? []).map(wellFormed),
    TableRight: isArchive ? (input.TableRight ?? null) : null,
    FieldProperties: isArchive ? (input.FieldProperties ?? null) : null,
  }))
  const references = entries.find(({ Name }) => Name.toLowerCase() === 'references')
  if (references !== undefined) {
    const ids = (references.Values[0] ?? '').split(/\s+/).filter(id => id !== '')
    // The parent is in InReplyTo.
    const ancestors = [...new Set(ids)].filter(id => id !== parent)
    references.Values = ancestors.length === 0 ? [] : [ancestors.join(' ')]
  }
  const rank = ({ Name }: EMailCustomHeader): number => {
    const index = FIELD_ORDER.indexOf(Name.toLowerCase())
    return index < 0 ? FIELD_ORDER.length : index
  }
  const grouped = new Map<string, EMailCustomHeader>()
  for (const entry of entries.toSorted((a, b) => rank(a) - rank(b))) {
    if (entry.Values.length === 0) continue
    const known = grouped.get(entry.Name.toLowerCase())
    if (known === undefined) grouped.set(entry.Name.toLowerCase(), { ...entry, Values: [...entry.Values] })
    else known.Values.push(...entry.Values)
  }
  return [...grouped.values()]
}

/** The octets of a content that is at hand. */
function octetsOf(stream: EMailAttachmentInput['Stream']): Uint8Array<ArrayBuffer> {
  if (typeof stream === 'string') return new Uint8Array(Buffer.from(stream, 'base64'))
  if (stream instanceof Uint8Array) return new Uint8Array(stream)
  throw new TypeError('the arbitrary makes no streams')
}

function unreferencedDisposition({ Disposition, Type }: EMailAttachmentInput): string {
  const isReadAsText = /^(?:text\/(?:plain|html)|message\/rfc822)(?:;|$)/.test(Type ?? '')
  return isReadAsText ? 'attachment' : Disposition || 'attachment'
}

function expectedAttachments(entity: EMailEntityInput, context: RoundTripContext): EMailAttachment[] {
  const html = entity.HTMLBody ?? ''
  const isReferenced = ({ Id }: EMailAttachmentInput): boolean =>
    Id != null && Id !== '' && html.includes(`"cid:${Id}"`)
  const inputs = entity.Attachments ?? []
  const ordered = [...inputs.filter(isReferenced), ...inputs.filter(input => !isReferenced(input))]
  return ordered.map((input, index) => {
    const octets = octetsOf(input.Stream)
    const filename = wellFormed(input.Filename ?? '').replace(/^.*[/\\]/s, '')
    return {
      Description: wellFormed(input.Description ?? ''),
      Filename: filename,
      Size: octets.length,
      Type: input.Type || (/\.pdf$/i.test(filename) ? 'application/pdf' : 'application/octet-stream'),
      Encoding: context.encodings?.[index] ?? input.Encoding ?? '',
      Id: input.Id ?? '',
      Disposition: isReferenced(input) ? input.Disposition || 'inline' : unreferencedDisposition(input),
      IsSafeFileExtension: !UNSAFE_EXTENSION.test(filename),
      Stream: octets,
      TableRight: context.archive === true ? (input.TableRight ?? null) : null,
      FieldProperties: context.archive === true ? (input.FieldProperties ?? null) : null,
    }
  })
}
