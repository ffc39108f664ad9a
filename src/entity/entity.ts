/**
 * The carriers: what users hold. Property names are exactly those of the API's JSON.
 *
 * Each type has two faces: `EMailEntity` is what reading returns, with every property present; `EMailEntityInput` is
 * what composing takes, with any property omitted. JSON is in ./json.ts. Where each property goes in a message is
 * told here in words; the table that the code follows is ../message/fields.ts.
 */
import type { Bytes } from '../codec/bytes.ts'

/**
 * An instant with its offset, as ISO 8601 text with up to 7 fraction digits: `2023-06-02T14:13:40.2660122+02:00`.
 *
 * A message's `Date` keeps its own offset through a round trip; RFC 5322 has no fraction of a second, so that is cut.
 */
export type DateTimeString = string

/** `X-Priority`, `Importance` and `Priority` of a message; `NoPriority` writes none of them. */
export type EMailPriority = 'NoPriority' | 'Highest' | 'High' | 'Normal' | 'Low' | 'Lowest'

/**
 * Flags of the mail store, any of Seen, Deleted, Recent, Flagged, Draft and Answered, comma separated:
 * `'Seen, Answered'`; `''` for none. Only Draft reaches a message, as `X-Unsent: 1`.
 */
export type EMailFlags = string

/** METHOD of the calendar part (RFC 5546 §1.4); `Unknown` where there is none. */
export type CalMethod =
  | 'Unknown'
  | 'Add'
  | 'Cancel'
  | 'Counter'
  | 'DeclineCounter'
  | 'Publish'
  | 'Refresh'
  | 'Reply'
  | 'Request'

/** The answer of a calendar REPLY (PARTSTAT of RFC 5545 §3.2.12); `Unknown` where there is none. */
export type CalReplyStatus = 'Unknown' | 'Accepted' | 'Declined' | 'Tentative'

/** A right of the CRM: opaque to mail, carried only by the `archive` option. */
export interface Right {
  readonly Mask: string
  readonly Reason: string
}

/** Rights and type of one field of a carrier: opaque to mail, carried only by the `archive` option. */
export interface FieldProperty {
  readonly FieldRight: Right | null
  readonly FieldType: string
  /** Characters that the field takes at most. */
  readonly FieldLength: number
}

/** What every carrier of the API has. Opaque to mail, carried only by the `archive` option. */
export interface Carrier {
  TableRight: Right | null
  FieldProperties: Record<string, FieldProperty> | null
}

/** A mailbox with the CRM records it belongs to. On the wire: `Name <Address>`; nothing else of it. */
export interface EMailAddress extends Carrier {
  /** Key of the contact (company); 0 for none. */
  ContactId: number
  ContactName: string
  /** Key of the person; 0 for none. */
  PersonId: number
  PersonName: string
  /** Key of the associate (CRM user); 0 for none. */
  AssociateId: number
  /** `local-part@domain`, an addr-spec of RFC 5322 §3.4.1. A non-ASCII domain is written as A-labels (RFC 5891). */
  Address: string
  /** Key of the CRM's e-mail row; 0 for none. */
  EmailId: number
  /** Keys of persons with the same address. */
  DuplicatePersonIds: number[]
  /** The display name, decoded; `''` for none. */
  Name: string
}

/** A message that is not at hand, by its envelope: what `InReplyTo` names. */
export interface EMailEnvelope extends Carrier {
  ServerId: number
  /** `<id@domain>`; as `In-Reply-To`, and at the end of `References`. */
  MessageId: string
  Subject: string
  From: EMailAddress | null
  To: EMailAddress[]
  Sent: DateTimeString | null
  Priority: EMailPriority
  Flags: EMailFlags
  /** Octets. */
  Size: number
  EMailSOInfo: EMailSOInfo | null
}

/** Links to CRM records. Never in a message, but for the `archive` option. */
export interface EMailSOInfo extends Carrier {
  DocumentId: number
  AppointmentId: number
  ProjectId: number
  SaleId: number
  Archived: boolean
  ArchivedAt: DateTimeString | null
  /** Key of the associate. */
  ArchivedBy: number
  ArchivedDisplayName: string
}

/** A header field that no other property of the entity carries. */
export interface EMailCustomHeader extends Carrier {
  /** Field name (RFC 5322 §3.6.8), as written. */
  Name: string
  /** Decoded values: one field for each, in order. */
  Values: string[]
}

/** A body part that is not the text of the message. */
export interface EMailAttachment extends Carrier {
  /** `Content-Description`. */
  Description: string
  /** Name of the file, without directories: `filename` of Content-Disposition, `name` of Content-Type. */
  Filename: string
  /** Octets of the decoded content. */
  Size: number
  /** Media type with its parameters, but for `name`: `application/pdf`, `text/csv; charset=utf-8`. */
  Type: string
  /** `Content-Transfer-Encoding`. Composing honours it where it is legal for the content. */
  Encoding: string
  /** `Content-ID` without its angle brackets; where HTMLBody refers to it as `cid:`, the attachment is inline. */
  Id: string
  /** `attachment` or `inline`; `''` where the message does not say. */
  Disposition: string
  /** False for extensions that mail clients refuse to open. */
  IsSafeFileExtension: boolean
  /** The decoded content; null where the reader was told to omit it. */
  Stream: Bytes | null
}

/** How to reach a mail server. Never in a message. */
export interface EMailConnectionInfo extends Carrier {
  /** `host` or `host:port`. */
  ServerName: string
  UserName: string
  Password: string
  /** Folder of the mailbox, for the copy of sent messages. */
  Folder: string
  UseSSL: boolean
}

/** An appointment as the CRM sees it, read from the calendar part of a message. */
export interface EMailAppointment extends Carrier {
  Appointment: Record<string, unknown> | null
  CalMethod: CalMethod
  /** Addresses, organizer first. */
  Participants: string[]
  Comment: string
  /** SEQUENCE, the number of the revision. */
  Sequence: number
  DtStart: DateTimeString | null
  DtEnd: DateTimeString | null
  /** True where a newer revision of the same appointment is known. */
  Superseded: boolean
}

/** An e-mail as the CRM sees it: what `parseMessage` returns. Every property is present. */
export interface EMailEntity extends Carrier {
  To: EMailAddress[]
  Cc: EMailAddress[]
  /** Recipients that others do not see: in the SMTP envelope, and in the header only where `bcc: 'keep'` asks. */
  Bcc: EMailAddress[]
  Subject: string
  /** `text/html`, decoded, lines ended by LF; `''` for none. */
  HTMLBody: string
  From: EMailAddress | null
  /** `Date`, with its own offset; null where the message has none that can be read. */
  Sent: DateTimeString | null
  /** Octets of the whole message. */
  Size: number
  Priority: EMailPriority
  Flags: EMailFlags
  /** `Message-ID` with its angle brackets. */
  MessageID: string
  /** `text/plain`, decoded, lines ended by LF; `''` for none. */
  PlainBody: string
  /** False for a message that is new: a fact of the mail store, never in a message. */
  IsSent: boolean
  EMailSOInfo: EMailSOInfo | null
  ServerId: number
  Attachments: EMailAttachment[]
  /** Every field of the header that no other property carries. */
  CustomHeaderList: EMailCustomHeader[]
  /** Folder on the mail server: never in a message. */
  FolderName: string
  EmailItemId: number
  AccountId: number
  /** Date of the topmost `Received`; never written. */
  ReceivedAt: DateTimeString | null
  InReplyTo: EMailEnvelope | null
  RepliedAt: DateTimeString | null
  /** True where the message has exactly one appointment. */
  HasCalendarData: boolean
  CalMethod: CalMethod
  CalReplyStatus: CalReplyStatus
}

/**
 * Content of an attachment to compose: octets, base64 text (the wire form of the API; written without being decoded),
 * a stream of octets, or a function that gives one of these and can be called again.
 */
export type AttachmentContent =
  | Uint8Array
  | string
  | AsyncIterable<Uint8Array>
  | ReadableStream<Uint8Array>
  | (() => Uint8Array | string | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>)

/** A carrier of which any property may be missing, null or undefined. */
type Partially<T, Overrides extends keyof T = never> = {
  readonly [K in Exclude<keyof T, Overrides>]?: T[K] | null | undefined
}

/** An address to write: only Address is needed. */
export type EMailAddressInput = Partially<EMailAddress>
/** Links to CRM records, for the `archive` option; a Date may stand for ArchivedAt. */
export type EMailSOInfoInput = Partially<EMailSOInfo, 'ArchivedAt'> & {
  readonly ArchivedAt?: DateTimeString | Date | null | undefined
}
/** A header field to write: one for each of Values. */
export type EMailCustomHeaderInput = Partially<EMailCustomHeader, 'Values'> & {
  readonly Values?: readonly string[] | null | undefined
}
/** A file to attach: only Stream is needed, or `resolveContent`. */
export type EMailAttachmentInput = Partially<EMailAttachment, 'Stream'> & {
  readonly Stream?: AttachmentContent | null | undefined
}
/** The message that is answered: only MessageId is needed. */
export type EMailEnvelopeInput = Partially<EMailEnvelope, 'From' | 'To' | 'Sent' | 'EMailSOInfo'> & {
  readonly From?: EMailAddressInput | null | undefined
  readonly To?: readonly EMailAddressInput[] | null | undefined
  readonly Sent?: DateTimeString | Date | null | undefined
  readonly EMailSOInfo?: EMailSOInfoInput | null | undefined
}

/** An e-mail to compose: any property may be missing; unknown ones are ignored. An `EMailEntity` is one. */
export interface EMailEntityInput
  extends Partially<
    EMailEntity,
    | 'To'
    | 'Cc'
    | 'Bcc'
    | 'From'
    | 'Sent'
    | 'ReceivedAt'
    | 'RepliedAt'
    | 'InReplyTo'
    | 'EMailSOInfo'
    | 'Attachments'
    | 'CustomHeaderList'
  > {
  readonly To?: readonly EMailAddressInput[] | null | undefined
  readonly Cc?: readonly EMailAddressInput[] | null | undefined
  readonly Bcc?: readonly EMailAddressInput[] | null | undefined
  readonly From?: EMailAddressInput | null | undefined
  readonly Sent?: DateTimeString | Date | null | undefined
  readonly ReceivedAt?: DateTimeString | Date | null | undefined
  readonly RepliedAt?: DateTimeString | Date | null | undefined
  readonly InReplyTo?: EMailEnvelopeInput | null | undefined
  readonly EMailSOInfo?: EMailSOInfoInput | null | undefined
  readonly Attachments?: readonly EMailAttachmentInput[] | null | undefined
  readonly CustomHeaderList?: readonly EMailCustomHeaderInput[] | null | undefined
}

/** An address of which only the mail part is known. */
export function emptyAddress(address: string, name: string): EMailAddress {
  return {
    ContactId: 0,
    ContactName: '',
    PersonId: 0,
    PersonName: '',
    AssociateId: 0,
    Address: address,
    EmailId: 0,
    DuplicatePersonIds: [],
    Name: name,
    TableRight: null,
    FieldProperties: null,
  }
}

/** An envelope of which only the Message-ID is known. */
export function emptyEnvelope(messageId: string): EMailEnvelope {
  return {
    ServerId: 0,
    MessageId: messageId,
    Subject: '',
    From: null,
    To: [],
    Sent: null,
    Priority: 'NoPriority',
    Flags: '',
    Size: 0,
    EMailSOInfo: null,
    TableRight: null,
    FieldProperties: null,
  }
}

/** An e-mail with nothing in it: every property null, 0, '', [] or false. */
export function emptyEntity(): EMailEntity {
  return {
    To: [],
    Cc: [],
    Bcc: [],
    Subject: '',
    HTMLBody: '',
    From: null,
    Sent: null,
    Size: 0,
    Priority: 'NoPriority',
    Flags: '',
    MessageID: '',
    PlainBody: '',
    IsSent: false,
    EMailSOInfo: null,
    ServerId: 0,
    Attachments: [],
    CustomHeaderList: [],
    FolderName: '',
    EmailItemId: 0,
    AccountId: 0,
    ReceivedAt: null,
    InReplyTo: null,
    RepliedAt: null,
    HasCalendarData: false,
    CalMethod: 'Unknown',
    CalReplyStatus: 'Unknown',
    TableRight: null,
    FieldProperties: null,
  }
}
