/** The public names of mimecal. */
export { withTimeZone } from './calendar/carrier-time-zone.ts'
export type { CalendarSummary } from './calendar/index.ts'
export { DEFECT_CODES, type Defect, type DefectCode } from './defect.ts'
export type {
  AttachmentContent,
  CalMethod,
  CalReplyStatus,
  Carrier,
  DateTimeString,
  EMailAddress,
  EMailAddressInput,
  EMailAppointment,
  EMailAttachment,
  EMailAttachmentInput,
  EMailConnectionInfo,
  EMailCustomHeader,
  EMailCustomHeaderInput,
  EMailEntity,
  EMailEntityInput,
  EMailEnvelope,
  EMailEnvelopeInput,
  EMailFlags,
  EMailPriority,
  EMailSOInfo,
  EMailSOInfoInput,
  FieldProperty,
  Right,
} from './entity/entity.ts'
export {
  entitiesFromJson,
  entitiesToJson,
  entityFromJson,
  entityToJson,
  type JsonOptions,
  type Selected,
  type SendEMailsRequest,
  sendRequestFromJson,
} from './entity/json.ts'
export type { JsonLimits } from './entity/limits.ts'
export { selectFields } from './entity/select.ts'
export { MIME_ERROR_CODES, MimeError, type MimeErrorCode, type Problem } from './errors.ts'
export type { OutgoingCalendar } from './message/calendar-part.ts'
export { type ComposedMessage, type ComposeOptions, composeMessage, type Envelope } from './message/compose.ts'
export { type ParsedMessage, type ParseOptions, parseMessage } from './message/extract.ts'
export { type ParseStreamOptions, parseMessageStream } from './message/extract-stream.ts'
export { type ForwardOptions, forwardOf } from './message/forward.ts'
export { type InvitationReply, type InvitationReplyOptions, replyToInvitation } from './message/invitation-reply.ts'
export type { QuotedSource } from './message/quote.ts'
export { type ReplyOptions, replyTo } from './message/reply.ts'
export type { MailReport, ReportKind, ReportRecipient } from './message/report.ts'
export type { Limits } from './mime/limits.ts'
export type { MimePart } from './mime/part.ts'
