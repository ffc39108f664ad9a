/**
 * Content-Type: RFC 2045 §5.1, RFC 2046.
 */
import type { OnDefect } from '../defect.ts'
import { formatParameter, type Parameters, parseParameters, splitHead } from './parameter.ts'
import { isAllIn, isIn, TOKEN, trimWsp } from './token.ts'

/** A media type and its parameters. */
export interface ContentType {
  /** `type/subtype`, lower-case. */
  readonly mediaType: string
  readonly parameters: Parameters
}

const NO_PARAMETERS: Parameters = new Map()

/** What a part without Content-Type is: RFC 2045 §5.2. */
export const DEFAULT_CONTENT_TYPE: ContentType = { mediaType: 'text/plain', parameters: NO_PARAMETERS }

/** What a part of a multipart/digest without Content-Type is: RFC 2046 §5.1.5. */
export const DIGEST_CONTENT_TYPE: ContentType = { mediaType: 'message/rfc822', parameters: NO_PARAMETERS }

/** Media types that mailers write without a subtype, with what they mean. */
const BARE_TYPES: ReadonlyMap<string, string> = new Map([
  ['text', 'text/plain'],
  ['html', 'text/html'],
  ['multipart', 'multipart/mixed'],
  ['message', 'message/rfc822'],
])

/**
 * Parses a Content-Type value.
 *
 * A value without a legal media type is `application/octet-stream`, which RFC 2045 §5.2 leaves to the reader: shown
 * as text it could be anything. An empty one counts as absent.
 *
 * @param value the unfolded field value
 * @param onDefect called with offsets in characters of `value`
 */
export function parseContentType(value: string, onDefect?: OnDefect): ContentType {
  const plain = PLAIN_MEDIA_TYPE.exec(value)?.[0]
  if (plain !== undefined) return { mediaType: plain, parameters: parametersFrom(value, plain.length, onDefect) }
  const { text, end } = splitHead(value)
  const parameters = parametersFrom(value, end, onDefect)
  const stated = text.toLowerCase()
  if (isMediaType(stated)) return { mediaType: stated, parameters }
  const head = withoutBlanks(text)
  const mediaType = head.toLowerCase()
  if (isMediaType(mediaType)) return { mediaType, parameters }
  if (mediaType === '') return { mediaType: 'text/plain', parameters }
  onDefect?.('PARAMETER_INVALID', 0, head)
  // QUIRK: `text/html charset=utf-8` and `text/plain, text/plain` start with a media type that is meant.
  const first = /^[^\s,]+/.exec(mediaType)?.[0] ?? ''
  if (!isMediaType(first)) return { mediaType: BARE_TYPES.get(mediaType) ?? 'application/octet-stream', parameters }
  const rest = value.slice(value.toLowerCase().indexOf(first) + first.length)
  const isParameter = /^[ \t]+[A-Za-z0-9-]{1,60}\*?[ \t]*=/.test(rest)
  return { mediaType: first, parameters: isParameter ? parseParameters(`;${rest}`, 0, onDefect) : parameters }
}

/** A media type as nearly all mailers write it. */
const PLAIN_MEDIA_TYPE = /^[a-z]{1,60}\/[a-z\d.+-]{1,100}(?=;|$)/

function parametersFrom(value: string, start: number, onDefect: OnDefect | undefined): Parameters {
  return start === value.length ? NO_PARAMETERS : parseParameters(value, start, onDefect)
}

/** The media type without blanks around its "/". */
function withoutBlanks(text: string): string {
  const slash = text.indexOf('/')
  return slash === -1 ? text : `${trimWsp(text.slice(0, slash))}/${trimWsp(text.slice(slash + 1))}`
}

/** Longest media type in characters: RFC 6838 §4.2 has 127 for each of its names. */
const MAX_MEDIA_TYPE_LENGTH = 255

/** Longest parameter name in characters: what is longer is no parameter that anybody registered. */
export const MAX_PARAMETER_NAME_LENGTH = 60

/** True where a parameter of this name can be written. */
export function isParameterName(name: string): boolean {
  return name.length <= MAX_PARAMETER_NAME_LENGTH && isAllIn(name, TOKEN) && !name.includes('*')
}

/** True for `type/subtype` of two tokens. */
export function isMediaType(text: string): boolean {
  if (text.length > MAX_MEDIA_TYPE_LENGTH) return false
  let slash = -1
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 0x2f && slash === -1) slash = index
    else if (!isIn(code, TOKEN)) return false
  }
  return slash > 0 && slash < text.length - 1
}

/** The type as text, as an entity holds it: without what `omitted` names. */
export function describeContentType(type: ContentType, omitted: ReadonlySet<string>): string {
  let text = type.mediaType
  for (const [name, value] of type.parameters) {
    if (!omitted.has(name) && isParameterName(name)) text += `; ${formatParameter(name, value)}`
  }
  return text
}
