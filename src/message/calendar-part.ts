/**
 * The calendar part of a message to write: RFC 6047 §2.4, and what Outlook, Gmail and Apple Mail need beyond it.
 *
 * The calendar is the last form of the text, says its method, and has neither a name nor a disposition; a copy as a file
 * is beside the text. What a calendar says is composed in ../calendar/compose.ts.
 */
import { Buffer } from 'node:buffer'
import { readComponents } from '../calendar/component.ts'
import { contentLines } from '../calendar/content-line.ts'
import { METHOD_RULES } from '../calendar/itip.ts'
import { DEFAULT_CALENDAR_LIMITS } from '../calendar/limits.ts'
import { type KnownMethod, parseMethod } from '../calendar/method.ts'
import { asBuffer, utf8Bytes } from '../codec/bytes.ts'
import { isAscii, isUtf8 } from '../codec/utf8.ts'
import type { CalMethod } from '../entity/entity.ts'
import { quoteForError } from '../errors.ts'
import { formatFilename } from '../header/content-disposition.ts'
import type { ContentType } from '../header/content-type.ts'
import { isAllIn, TOKEN } from '../header/token.ts'
import type { OutgoingContent } from '../mime/outgoing.ts'
import { type ComposedAttachment, formatDisposition, formatType } from './attachment.ts'
import type { HeaderWriter } from './header-writer.ts'

/** A calendar to send; what `composeCalendar` returns is one. */
export interface OutgoingCalendar {
  readonly ics: string
  /** The METHOD that `ics` has. */
  readonly method: KnownMethod
}

/** What placing calendars needs to know. */
export interface CalendarContext {
  readonly out: HeaderWriter
  readonly draft: boolean
  /** CalMethod of the entity; `Unknown` where it has none. */
  readonly method: CalMethod
  readonly calendar: OutgoingCalendar | undefined
  readonly calendarAttachment: boolean | undefined
}

/** Name of the copy where the calendar has none. */
const COPY_NAME = 'invite.ics'

/**
 * Puts calendars in their places; problems go to `context.out`.
 *
 * A calendar without a name is a form of the text already, and is labelled by what it holds. Where there is none, and
 * CalMethod says that the message is about a calendar, the file with that METHOD becomes one. A draft keeps everything
 * where it is. Contents that are streams or functions are not looked into.
 */
export function placeCalendars(placed: readonly ComposedAttachment[], context: CalendarContext): ComposedAttachment[] {
  const { out, draft, method, calendar } = context
  const given = calendar === undefined ? undefined : givenCalendar(calendar, out)
  if (draft) return given === undefined ? [...placed] : withCalendar(placed, given, context)
  const looked = placed.map(attachment => lookInto(attachment))
  const forms = looked.filter(look => look?.attachment.place === 'alternative').map(look => look!)
  if (calendar !== undefined) {
    for (const { attachment } of forms) {
      out.problem('CALENDAR_METHOD', `${attachment.path}.Type`, 'is a second calendar beside that of the options')
    }
    if (given === undefined) return [...placed]
    checkMethod([given], method, out)
    return withCalendar(placed, given, context)
  }
  const files = looked.filter(look => look?.attachment.place === 'mixed' && look.method !== '').map(look => look!)
  const candidates = forms.length > 0 ? forms : method === 'Unknown' ? [] : files
  checkMethod(candidates, method, out)
  const promoted = forms.length > 0 ? undefined : candidates.find(look => parseMethod(look.method) === method)
  return placed.flatMap((attachment, index) => {
    const look = looked[index]
    if (look === undefined) return [attachment]
    if (look === promoted) return asForm(look, wantsCopy(look.method, context))
    // A form of the text has no copy unless it is asked for: the sender of an entity that was read has it attached.
    return attachment.place === 'alternative' ? asForm(look, context.calendarAttachment === true) : [attachment]
  })
}

/** A calendar that was looked into. */
interface LookedInto {
  readonly attachment: ComposedAttachment
  /** METHOD in upper case; `''` where there is none. */
  readonly method: string
  readonly octets: Uint8Array
}

function lookInto(attachment: ComposedAttachment): LookedInto | undefined {
  if (attachment.type.mediaType !== 'text/calendar') return undefined
  const octets = octetsOf(attachment.part.content)
  if (octets === undefined) return undefined
  return { attachment, method: methodOf(octets, attachment.type.parameters.get('charset')), octets }
}

function octetsOf(content: OutgoingContent): Uint8Array | undefined {
  if (content.kind === 'octets') return content.octets
  return content.kind === 'base64' ? asBuffer(Buffer.from(content.text, 'base64')) : undefined
}

/** METHOD of the calendar that the reader goes by; `''` for none, and for one that no parameter can repeat. */
function methodOf(octets: Uint8Array, charset: string | undefined): string {
  const limits = DEFAULT_CALENDAR_LIMITS
  const lines = contentLines(octets.subarray(0, limits.partOctets), charset, limits.lines)
  const calendars = readComponents(lines, limits, () => {})
  const calendar = calendars.find(component => component.children('VEVENT').length > 0) ?? calendars[0]
  const method = calendar?.value('METHOD').toUpperCase() ?? ''
  return method.length <= MAX_METHOD_LENGTH && isAllIn(method, TOKEN) ? method : ''
}

/** Longest METHOD in characters; those that are registered have at most 14. */
const MAX_METHOD_LENGTH = 60

/** One of the calendars has to have the method that the entity states. */
function checkMethod(calendars: readonly LookedInto[], stated: CalMethod, out: HeaderWriter): void {
  const methods = calendars.map(({ method }) => method).filter(method => method !== '')
  if (stated === 'Unknown' || methods.length === 0 || methods.some(method => parseMethod(method) === stated)) return
  out.problem('CALENDAR_METHOD', 'CalMethod', `is ${stated}, and METHOD of the calendar ${quoteForError(methods[0])}`)
}

function wantsCopy(method: string, { calendarAttachment }: CalendarContext): boolean {
  const known = parseMethod(method)
  return calendarAttachment ?? (known !== 'Unknown' && METHOD_RULES[known].attachIcs)
}

/** The calendar as a form of the text, and its copy. Of a file, what else is told of it goes with the copy. */
function asForm({ attachment, method, octets }: LookedInto, hasCopy: boolean): ComposedAttachment[] {
  const { part, place, filename, type, input } = attachment
  const { content } = part
  const isInCopy = hasCopy && place !== 'alternative'
  const details = detailsOf(part.trailer)
  const form: ComposedAttachment = {
    ...attachment,
    input: isInCopy ? {} : input,
    part: {
      header: '',
      type: formatType(labelled(type, method, octets), undefined),
      trailer: isInCopy ? '' : details,
      content: content.kind === 'octets' ? { ...content, encoding: content.encoding || '7bit' } : content,
    },
    place: 'alternative',
  }
  if (!hasCopy) return [form]
  const names = formatFilename(filename || COPY_NAME)
  const copy: ComposedAttachment = {
    ...attachment,
    input: isInCopy ? input : {},
    part: {
      header: '',
      type: formatType({ mediaType: 'application/ics', parameters: new Map() }, names.type),
      trailer: `${formatDisposition('attachment', names.disposition)}${isInCopy ? details : ''}`,
      content: content.kind === 'octets' ? { ...content, encoding: 'base64' } : content,
    },
    place: 'mixed',
  }
  return [form, copy]
}

/** The fields of a trailer without Content-Disposition, which stands first. */
function detailsOf(trailer: string): string {
  return trailer.replace(/^Content-Disposition:[^\r]*\r\n(?:[ \t][^\r]*\r\n)*/, '')
}

/** The type with the method and the charset that its octets have: Outlook goes by the one, Thunderbird by the other. */
function labelled({ mediaType, parameters: stated }: ContentType, method: string, octets: Uint8Array): ContentType {
  const parameters = new Map<string, string>()
  let charset = stated.get('charset') ?? ''
  const isNone = charset === '' || (/^(?:us-)?ascii$/i.test(charset) && !isAscii(octets))
  if (isNone && isUtf8(octets) && !octets.includes(0)) charset = 'utf-8'
  if (charset !== '') parameters.set('charset', charset)
  if (method !== '') parameters.set('method', method)
  for (const [name, value] of stated) if (!parameters.has(name)) parameters.set(name, value)
  return { mediaType, parameters }
}

/** The calendar of the options; undefined where a problem makes it none. */
function givenCalendar(calendar: OutgoingCalendar, out: HeaderWriter): LookedInto | undefined {
  if (typeof calendar !== 'object' || calendar === null || typeof calendar.ics !== 'string') {
    out.problem('OPTION_INVALID', 'calendar', 'must be a calendar as composeCalendar makes it')
    return undefined
  }
  // RFC 5545 §3.1: lines end with CRLF.
  const octets = utf8Bytes(calendar.ics.replace(/\r\n|\r|\n/g, '\r\n'))
  const method = methodOf(octets, 'utf-8')
  if (parseMethod(method) === 'Unknown' || parseMethod(method) !== calendar.method) {
    const stated = quoteForError(calendar.method)
    out.problem(
      'CALENDAR_METHOD',
      'calendar.method',
      `is ${stated}, and METHOD of the calendar ${quoteForError(method)}`,
    )
    return undefined
  }
  const attachment: ComposedAttachment = {
    part: { header: '', type: '', trailer: '', content: { kind: 'octets', octets, encoding: '' } },
    place: 'alternative',
    type: { mediaType: 'text/calendar', parameters: new Map() },
    filename: '',
    path: 'calendar',
    input: {},
  }
  return { attachment, method, octets }
}

/** The attachments, with the calendar after other forms of the text, and its copy before other files. */
function withCalendar(
  placed: readonly ComposedAttachment[],
  given: LookedInto,
  context: CalendarContext,
): ComposedAttachment[] {
  const [form, ...copies] = asForm(given, wantsCopy(given.method, context))
  return [...copies, ...placed, form!]
}
