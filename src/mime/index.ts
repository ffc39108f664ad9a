/** The public names of 'mimecal/mime': the tree and its wire form, and the codecs of header values. */

export { describeAddressList, type Mailbox, parseAddressList } from '../header/address.ts'
export { type ContentDisposition, parseContentDisposition } from '../header/content-disposition.ts'
export { type ContentType, parseContentType } from '../header/content-type.ts'
export { formatDateTime, parseDateTime } from '../header/date-time.ts'
export { decodeEncodedWords, encodeWordsFolded } from '../header/encoded-word.ts'
export type { HeaderField } from '../header/field.ts'
export { parseMsgIds } from '../header/msg-id.ts'
export { formatUnstructured, parseUnstructured } from '../header/unstructured.ts'
export { DEFAULT_LIMITS, type Limits } from './limits.ts'
export { type ParsedMime, type ParseMimeOptions, parseMime } from './parse.ts'
export { type MimePart, walk } from './part.ts'
export { type OutgoingContent, type OutgoingPart, type OutgoingSource, type WriteOptions, writeMime } from './write.ts'
