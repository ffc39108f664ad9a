/**
 * Compares docs/mapping.md with what the code does: each property of each carrier is set, written and read back, with
 * and without `archive`, and the fields that change are those that its row names.
 */
import { describe, expect, test } from 'vitest'
import { composeCalendar } from '../../src/calendar/index.ts'
import {
  type EMailAttachmentInput,
  type EMailEntity,
  type EMailEntityInput,
  emptyAddress,
  emptyEnvelope,
} from '../../src/entity/entity.ts'
import { ENTITY_SHAPE } from '../../src/entity/json.ts'
import { grammarOf, isTraceField } from '../../src/header/grammar.ts'
import { composeMessage, MimeError, parseMessage } from '../../src/index.ts'
import { OWNED_FIELDS } from '../../src/message/fields.ts'
import { parseMime, walk } from '../../src/mime/index.ts'
import { propertiesOf } from './carriers.ts'
import { codeSpans, type Row, readFile, readPages, tableUnder } from './pages.ts'

const PAGE = readPages().find(({ path }) => path === 'docs/mapping.md')!

const CARRIERS = [
  'EMailEntity',
  'EMailAddress',
  'EMailAttachment',
  'EMailCustomHeader',
  'EMailEnvelope',
  'EMailSOInfo',
  'EMailConnectionInfo',
  'EMailAppointment',
]

const CARRIER_PROPERTIES = propertiesOf('Carrier')

describe('a row for each property', () => {
  test.each(CARRIERS)('of %s', carrier => {
    expect(namesIn(tableUnder(PAGE, carrier))).toEqual([...propertiesOf(carrier)].toSorted())
  })

  test('of every carrier', () => {
    expect(namesIn(tableUnder(PAGE, 'Every carrier'))).toEqual(CARRIER_PROPERTIES.toSorted())
  })

  test('of an appointment', () => {
    const properties = propertiesOf('AppointmentEntity', 'src/calendar/appointment.ts')
    expect(namesIn(tableUnder(PAGE, 'Appointment'))).toEqual(properties.toSorted())
  })

  test('as the table of JSON has them', () => {
    const shapes = {
      EMailEntity: ENTITY_SHAPE,
      EMailAddress: ENTITY_SHAPE.To,
      EMailAttachment: ENTITY_SHAPE.Attachments,
      EMailCustomHeader: ENTITY_SHAPE.CustomHeaderList,
      EMailEnvelope: ENTITY_SHAPE.InReplyTo,
      EMailSOInfo: ENTITY_SHAPE.EMailSOInfo,
    }
    for (const [carrier, shape] of Object.entries(shapes)) {
      const properties = [...propertiesOf(carrier), ...CARRIER_PROPERTIES]
      expect(properties.toSorted(), carrier).toEqual(Object.keys(shape!).toSorted())
    }
  })
})

/** Of a row that stands for several properties each. */
function namesIn(rows: readonly Row[]): string[] {
  return rows.flatMap(row => codeSpans(row.Property!)).toSorted()
}

/** The rows of a carrier by property. */
function rowsOf(heading: string): [string, Row][] {
  return tableUnder(PAGE, heading).flatMap(row => codeSpans(row.Property!).map((name): [string, Row] => [name, row]))
}

// ------------------------------------------------------------------------------------------------------ what is written

const RIGHT = { Mask: 'Full', Reason: 'Owner' }

const BASE: EMailEntityInput = {
  From: { Address: 'kari@example.no' },
  To: [{ Address: 'ola@example.com' }],
  Sent: '2027-01-15T09:00:00+01:00',
  MessageID: '<base@example.no>',
  PlainBody: 'text\n',
}

const FILE: EMailAttachmentInput = { Filename: 'a.pdf', Type: 'application/pdf', Stream: 'YQ==' }

/** A value of each property that is neither its empty one nor that of the base. */
const ENTITY_SAMPLES: { readonly [P in keyof EMailEntity]: EMailEntityInput[P] } = {
  To: [{ Address: 'liv@example.com' }],
  Cc: [{ Address: 'liv@example.com' }],
  Bcc: [{ Address: 'liv@example.com' }],
  Subject: 'Subject',
  HTMLBody: '<p>text</p>\n',
  From: { Address: 'liv@example.no' },
  Sent: '2027-01-16T10:00:00+02:00',
  Size: 7,
  Priority: 'High',
  Flags: 'Draft, Flagged',
  MessageID: '<other@example.no>',
  PlainBody: 'other text\n',
  IsSent: true,
  EMailSOInfo: { DocumentId: 7 },
  ServerId: 7,
  Attachments: [FILE],
  CustomHeaderList: [{ Name: 'X-Sample', Values: ['value'] }],
  FolderName: 'INBOX',
  EmailItemId: 7,
  AccountId: 7,
  ReceivedAt: '2027-01-15T09:00:01+01:00',
  InReplyTo: { MessageId: '<parent@example.no>' },
  RepliedAt: '2027-01-15T09:00:02+01:00',
  HasCalendarData: true,
  CalMethod: 'Request',
  CalReplyStatus: 'Accepted',
  TableRight: RIGHT,
  FieldProperties: { Subject: { FieldRight: RIGHT, FieldType: 'text', FieldLength: 7 } },
}

/** Fields of all parts as text, without boundaries, which are new in each message. */
function fieldsOf(entity: EMailEntityInput): string[] {
  const octets = composeMessage(entity).toBytes()
  return [...walk(parseMime(octets).root)].flatMap(part =>
    part.fields.map(({ name, value }) => `${name}: ${value.replace(/;\s*boundary=.*/, '')}`),
  )
}

/** Names of the fields that are in one of two messages alone. */
function changedFields(before: EMailEntityInput, after: EMailEntityInput): string[] {
  const [left, right] = [fieldsOf(before), fieldsOf(after)]
  const changed = [
    ...left.filter(field => !right.includes(field)),
    ...right.filter((field, index) => !left.includes(field) || right.indexOf(field) !== index),
  ]
  return [...new Set(changed.map(field => field.split(':')[0]!))].filter(name => name !== 'X-Sample').toSorted()
}

/** Names of fields in a cell. */
function fieldsIn(cell: string): string[] {
  return codeSpans(cell)
    .filter(span => /^[A-Z][A-Za-z]*(?:-[A-Za-z]+)*$/.test(span))
    .toSorted()
}

describe('fields written for an EMailEntity', () => {
  test.each(rowsOf('EMailEntity'))('%s', (name, row) => {
    const sample = ENTITY_SAMPLES[name as keyof EMailEntity]
    expect(changedFields(BASE, { ...BASE, [name]: sample })).toEqual(fieldsIn(row['Written as']!))
  })
})

const FILE_SAMPLES: Readonly<Record<string, unknown>> = {
  Description: 'Offer',
  Filename: 'b.pdf',
  Size: 1,
  Type: 'text/csv; charset=utf-8',
  Encoding: 'quoted-printable',
  Id: 'logo@example.no',
  Disposition: 'inline',
  IsSafeFileExtension: true,
  Stream: 'YWI=',
}

describe('fields written for an EMailAttachment', () => {
  test.each(rowsOf('EMailAttachment'))('%s', (name, row) => {
    const before = { ...BASE, Attachments: [FILE] }
    const after = { ...BASE, Attachments: [{ ...FILE, [name]: FILE_SAMPLES[name] }] }
    expect(FILE_SAMPLES[name]).toBeDefined()
    expect(changedFields(before, after)).toEqual(fieldsIn(row['Written as']!))
  })
})

// --------------------------------------------------------------------------------------------------------- what is read

/** A value that each field may have. */
const FIELD_SAMPLES: Readonly<Record<string, string>> = {
  To: 'liv@example.com',
  Cc: 'liv@example.com',
  Bcc: 'liv@example.com',
  From: 'liv@example.com',
  Subject: 'Subject',
  Date: 'Sat, 16 Jan 2027 10:00:00 +0200',
  'Message-ID': '<other@example.no>',
  'In-Reply-To': '<parent@example.no>',
  'X-Priority': '1',
  Importance: 'high',
  Priority: 'urgent',
  'X-MSMail-Priority': 'High',
  'X-Unsent': '1',
  Received: 'from a by b; Fri, 15 Jan 2027 09:00:01 +0100',
}

describe('fields read for an EMailEntity', () => {
  const pairs = rowsOf('EMailEntity').flatMap(([name, row]) => fieldsIn(row['Read from']!).map(field => [name, field]))

  test.each(pairs)('%s from %s', (name, field) => {
    const property = name as keyof EMailEntity
    const sample = FIELD_SAMPLES[field!]
    expect(sample).toBeDefined()
    const without = parseMessage('X-Sample: value\r\n\r\ntext').entity
    const entity = parseMessage(`${field}: ${sample}\r\nX-Sample: value\r\n\r\ntext`).entity
    expect(entity[property]).not.toEqual(without[property])
  })

  test('every field that a property owns is read or written by some row', () => {
    const rows = rowsOf('EMailEntity').map(([, row]) => row)
    const named = rows.flatMap(row => [...fieldsIn(row['Written as']!), ...fieldsIn(row['Read from']!)])
    const reserved = tableUnder(PAGE, 'Fields that no custom header may have').flatMap(row => codeSpans(row.Field!))
    expect(reserved.map(field => field.toLowerCase()).toSorted()).toEqual([...OWNED_FIELDS].toSorted())
    const structural = reserved.filter(field => /^(?:MIME|Content|X-Mimecal)-/.test(field))
    expect(new Set([...named.filter(field => field !== 'Received' && field !== 'References'), ...structural])).toEqual(
      new Set([...reserved, 'Content-Type', 'Content-Transfer-Encoding', 'Content-Disposition']),
    )
  })
})

// ---------------------------------------------------------------------------------------------------- what comes back

/** Whether the property comes back as it was, without and with `archive`. */
function comesBack(entity: EMailEntityInput, pick: (entity: EMailEntity) => unknown): string {
  const sent = pick(entity as EMailEntity)
  const isBack = [false, true].map(archive => {
    const octets = composeMessage(entity, { archive, bcc: 'keep' }).toBytes()
    return sameValue(sent, pick(parseMessage(octets, { archive }).entity))
  })
  return isBack[0] ? 'not needed' : isBack[1] ? 'yes' : 'no'
}

/** A carrier of the input has come back where each of its properties has. */
function sameValue(sent: unknown, read: unknown): boolean {
  if (typeof sent === 'string' && read instanceof Uint8Array) return Buffer.from(read).toString('base64') === sent
  if (typeof sent !== 'object' || sent === null) return sent === read
  if (typeof read !== 'object' || read === null) return false
  return Object.entries(sent).every(([name, value]) => sameValue(value, (read as Record<string, unknown>)[name]))
}

describe('what archive restores', () => {
  test.each(rowsOf('EMailEntity'))('EMailEntity.%s', (name, row) => {
    const property = name as keyof EMailEntity
    const entity = { ...BASE, [name]: ENTITY_SAMPLES[property] }
    expect(comesBack(entity, read => read[property])).toBe(row.Archive)
  })

  test.each(rowsOf('EMailAddress'))('EMailAddress.%s', (name, row) => {
    const property = name as keyof EMailEntity['To'][number]
    const sample = { ...emptyAddress('liv@example.com', 'Liv'), [name]: sampleLike(emptyAddress('', '')[property]) }
    if (name === 'Address') sample.Address = 'other@example.com'
    expect(comesBack({ ...BASE, To: [sample] }, read => read.To[0]![property])).toBe(row.Archive)
  })

  test.each(rowsOf('EMailAttachment'))('EMailAttachment.%s', (name, row) => {
    const property = name as keyof EMailEntity['Attachments'][number]
    const file = { ...FILE, [name]: FILE_SAMPLES[name] }
    expect(comesBack({ ...BASE, Attachments: [file] }, read => read.Attachments[0]![property])).toBe(row.Archive)
  })

  test.each(rowsOf('EMailCustomHeader'))('EMailCustomHeader.%s', (name, row) => {
    const property = name as keyof EMailEntity['CustomHeaderList'][number]
    const header = { Name: 'X-Sample', Values: ['value', 'other value'] }
    expect(comesBack({ ...BASE, CustomHeaderList: [header] }, read => read.CustomHeaderList[0]![property])).toBe(
      row.Archive,
    )
  })

  test.each(rowsOf('EMailEnvelope'))('EMailEnvelope.%s', (name, row) => {
    const property = name as keyof NonNullable<EMailEntity['InReplyTo']>
    const empty = emptyEnvelope('<parent@example.no>')
    const samples: Readonly<Record<string, unknown>> = {
      MessageId: '<parent@example.no>',
      From: emptyAddress('liv@example.com', 'Liv'),
      To: [emptyAddress('liv@example.com', 'Liv')],
      Sent: '2027-01-14T09:00:00+01:00',
      Priority: 'High',
      EMailSOInfo: { DocumentId: 7 },
    }
    const parent = { ...empty, [name]: samples[name] ?? sampleLike(empty[property]) }
    expect(comesBack({ ...BASE, InReplyTo: parent }, read => read.InReplyTo?.[property])).toBe(row.Archive)
  })

  test.each(rowsOf('EMailSOInfo'))('EMailSOInfo.%s', (name, row) => {
    const samples: Readonly<Record<string, unknown>> = {
      Archived: true,
      ArchivedAt: '2027-01-15T09:00:00+01:00',
      ArchivedDisplayName: 'Kari',
    }
    const info = { [name]: samples[name] ?? 7 }
    const property = name as keyof NonNullable<EMailEntity['EMailSOInfo']>
    expect(comesBack({ ...BASE, EMailSOInfo: info }, read => read.EMailSOInfo?.[property])).toBe(row.Archive)
  })

  test.each(rowsOf('Every carrier'))('%s of every carrier', (name, row) => {
    const property = name as 'TableRight' | 'FieldProperties'
    const held = { [name]: ENTITY_SAMPLES[property] }
    const entity: EMailEntityInput = {
      ...BASE,
      ...held,
      From: { ...BASE.From, ...held },
      Attachments: [{ ...FILE, ...held }],
      CustomHeaderList: [{ Name: 'X-Sample', Values: ['value'], ...held }],
      InReplyTo: { MessageId: '<parent@example.no>', ...held },
      EMailSOInfo: { DocumentId: 7, ...held },
    }
    const picks: ((read: EMailEntity) => unknown)[] = [
      read => read[property],
      read => read.From?.[property],
      read => read.Attachments[0]?.[property],
      read => read.CustomHeaderList[0]?.[property],
      read => read.InReplyTo?.[property],
      read => read.EMailSOInfo?.[property],
    ]
    for (const pick of picks) expect(comesBack(entity, pick)).toBe(row.Archive)
  })
})

function sampleLike(empty: unknown): unknown {
  if (Array.isArray(empty)) return [7]
  return typeof empty === 'number' ? 7 : 'Sample'
}

// ----------------------------------------------------------------------------------------------------- custom headers

describe('custom headers', () => {
  test('those that are refused are refused', () => {
    const fields = tableUnder(PAGE, 'Fields that no custom header may have').flatMap(row => codeSpans(row.Field!))
    for (const Name of fields) {
      const entity = { ...BASE, CustomHeaderList: [{ Name, Values: ['value'] }] }
      expect(() => composeMessage(entity), Name).toThrow(MimeError)
    }
  })

  test('each field of the table of grammars is in its row', () => {
    const rows = tableUnder(PAGE, 'Grammars of fields')
    const named = rows.flatMap(row => codeSpans(row.Fields!).map(field => [field.toLowerCase(), row.Grammar!]))
    for (const [field, grammar] of named) expect([field, grammarOf(field!)]).toEqual([field, grammar])
    const table = [...readFile('src/header/grammar.ts').matchAll(/^ {2}\['([a-z-]+)', '/gm)].map(match => match[1]!)
    expect(table.length).toBeGreaterThan(40)
    expect(named.map(([field]) => field).toSorted()).toEqual(table.toSorted())
  })

  test('each trace field is named', () => {
    const section = PAGE.text.slice(PAGE.text.indexOf('### Order'))
    const named = codeSpans(section.slice(0, section.indexOf('\n#', 5))).map(field => field.toLowerCase())
    const set = /TRACE_FIELDS[^[]*\[([^\]]*)\]/.exec(readFile('src/header/grammar.ts'))![1]!
    const trace = [...set.matchAll(/'([a-z-]+)'/g)].map(match => match[1]!)
    expect(trace.length).toBeGreaterThan(10)
    expect(named.filter(isTraceField).toSorted()).toEqual(trace.toSorted())
  })
})

// --------------------------------------------------------------------------------------------------------- appointments

const APPOINTMENT_SAMPLES: Readonly<Record<string, object>> = {
  StartDate: { StartDate: '2027-03-02T10:30+01:00' },
  EndDate: { EndDate: '2027-03-02T11:30+01:00' },
  Description: { Description: 'Budget\n\nNumbers' },
  Title: { Title: 'Budget' },
  Agenda: { Agenda: 'Numbers' },
  Location: { Location: 'Room 4' },
  IsAlldayEvent: { IsAlldayEvent: true },
  IsRecurrence: { IsRecurrence: true },
  Private: { Private: 'PrivateUser' },
  IsFree: { IsFree: true },
  HasAlarm: { HasAlarm: true },
  AlarmLeadTime: { HasAlarm: true, AlarmLeadTime: '00:20:00' },
  JoinVideomeetUrl: { JoinVideomeetUrl: 'https://meet.example.com/1' },
  Task: { Task: 'Visit' },
}

describe('properties of a VEVENT written for an appointment', () => {
  test.each(rowsOf('Appointment'))('%s', (name, row) => {
    const sample = APPOINTMENT_SAMPLES[name]
    expect(sample).toBeDefined()
    const before = name === 'AlarmLeadTime' ? { HasAlarm: true } : {}
    expect(changedProperties(before, sample!)).toEqual(codeSpans(row['Written as']!).toSorted())
  })
})

/** Names of the content lines that are in one of two calendars alone. */
function changedProperties(before: object, after: object): string[] {
  const linesOf = (appointment: object): string[] => {
    const { ics } = composeCalendar({
      method: 'Request',
      uid: 'uid',
      now: new Date(0),
      organizer: { address: 'kari@example.no' },
      attendees: [{ address: 'ola@example.com' }],
      appointment: { StartDate: '2027-03-02T10:00+01:00', EndDate: '2027-03-02T11:00+01:00', ...appointment },
    })
    return ics.replace(/\r\n[ \t]/g, '').split('\r\n')
  }
  const [left, right] = [linesOf(before), linesOf(after)]
  const changed = [...left.filter(line => !right.includes(line)), ...right.filter(line => !left.includes(line))]
  const names = changed.map(line => (/^BEGIN|^END/.test(line) ? line.split(':')[1]! : line.split(/[:;]/)[0]!))
  return [...new Set(names)].filter(name => name !== '').toSorted()
}
