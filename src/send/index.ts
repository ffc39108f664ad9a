/** The public names of mimecal/send. */
export { type EMailConnectionInfoInput, type MailConnection, parseServerName, type ServerName } from './connection.ts'
export { type ImapflowClient, type ImapflowOptions, imapflowOptions, imapflowSentItems } from './imapflow.ts'
export {
  type NodemailerAddress,
  type NodemailerMail,
  type NodemailerOptions,
  type NodemailerTransporter,
  nodemailerOptions,
  nodemailerTransport,
} from './nodemailer.ts'
export { type SendEMailsInput, type SendOptions, type SentEMails, sendEMails } from './send-emails.ts'
export {
  SEND_WARNING_CODES,
  SendError,
  type SendFailure,
  type SendOutcome,
  type SendWarning,
  type SendWarningCode,
} from './send-error.ts'
export type {
  RejectedRecipient,
  SentItems,
  SentItemsJob,
  Transport,
  TransportJob,
  TransportReceipt,
} from './transport.ts'
