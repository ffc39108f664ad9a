/**
 * Content-Disposition: RFC 2183, with the filename forms that mail clients read.
 */
import type { OnDefect } from '../defect.ts'
import { encodeWords } from './encoded-word.ts'
import { MAX_LINE_LENGTH } from './fold.ts'
import { formatExtendedParameter, formatParameter, type Parameters, parseParameters, splitHead } from './parameter.ts'
import { isPlainAscii, trimWsp } from './token.ts'

/** A Content-Disposition that was read: RFC 2183. */
export interface ContentDisposition {
  /** `attachment`, `inline` or another token, lower-case. */
  readonly type: string
  readonly parameters: Parameters
}

/**
 * Parses a Content-Disposition value.
 *
 * @param value the unfolded field value
 * @param onDefect called with offsets in characters of `value`
 */
export function parseContentDisposition(value: string, onDefect?: OnDefect): ContentDisposition {
  const { text, end } = splitHead(value)
  const type = text.toLowerCase()
  // QUIRK: `Content-Disposition: filename="a.txt"` has no type; its name is meant all the same.
  if (type.includes('=')) return { type: 'attachment', parameters: parseParameters(`;${value}`, 0, onDefect) }
  return { type, parameters: parseParameters(value, end, onDefect) }
}

/** How a filename is written: what goes into Content-Disposition, and what into Content-Type. */
export interface FilenameParameters {
  /** `filename=`, and where it cannot say the name, `filename*=` before it. */
  readonly disposition: readonly string[]
  /** `name=` for readers that know no RFC 2231, Outlook among them; in RFC 2047 form where the name needs it. */
  readonly type: string
}

/** A quoted ASCII name longer than this in characters is given in RFC 2231 segments too: a line has 998 octets. */
const MAX_PLAIN_LENGTH = MAX_LINE_LENGTH - 100

/**
 * The parameters for the name of a file.
 *
 * A plain ASCII name goes into a quoted-string. Any other goes into `filename*=` (RFC 2231), with an ASCII likeness in
 * `filename=` for readers without RFC 2231, and the whole name in `name=` as encoded-words, since Outlook shows
 * "Untitled attachment" where only RFC 2231 gives the name.
 *
 * @param filename without directories and controls, not empty
 */
export function formatFilename(filename: string): FilenameParameters {
  if (isPlainAscii(filename) && !/["\\\t]|=\?|^ | $| {2}/.test(filename) && filename.length <= MAX_PLAIN_LENGTH) {
    return { disposition: [formatParameter('filename', filename)], type: formatParameter('name', filename) }
  }
  const words = encodeWords(filename, ' name="'.length)
  return {
    // Python takes the form that stands first.
    disposition: [
      ...formatExtendedParameter('filename', filename),
      formatParameter('filename', asciiLikeness(filename)),
    ],
    type: `name="${words.join('\r\n ')}"`,
  }
}

/** Longest ASCII likeness in characters: it shares a line with `filename=` and its quotes. */
const MAX_LIKENESS_LENGTH = 60

/** An ASCII name that keeps the extension and what else it can: `Årsmøte "24".pdf` is `Arsm_te _24_.pdf`. */
function asciiLikeness(filename: string): string {
  const ascii = trimWsp(
    filename
      .normalize('NFD')
      .replace(/\p{Mark}/gu, '')
      .replace(/[^\x20-\x7e]|["\\%]|=\?/gu, '_')
      .replace(/ {2,}/g, ' '),
  )
  if (ascii.length <= MAX_LIKENESS_LENGTH) return ascii === '' ? '_' : ascii
  const dot = ascii.lastIndexOf('.')
  const extension = dot > 0 && ascii.length - dot <= 10 ? ascii.slice(dot) : ''
  return ascii.slice(0, MAX_LIKENESS_LENGTH - extension.length).trimEnd() + extension
}
