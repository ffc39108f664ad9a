/**
 * Options: what a caller may set beside the subject, checked before anything is made of it. What is undefined is not
 * set, null is of no type. Limits are in ./limit.ts.
 */
import { type MimeError, mimeError, quoteForError } from './errors.ts'

/** The types of options, and how they are called. */
const TYPES = {
  boolean: 'true or false',
  string: 'text',
  function: 'a function',
  object: 'an object',
} as const

/** @throws {MimeError} OPTION_INVALID where the options are no object */
export function checkOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null) throw invalid('', 'the options must be an object')
}

/**
 * @param path of the option, its name
 * @throws {MimeError} OPTION_INVALID where the option is set and of another type
 */
export function checkOption(path: string, value: unknown, type: keyof typeof TYPES): void {
  if (value === undefined || (typeof value === type && value !== null)) return
  throw invalid(path, `must be ${TYPES[type]}`)
}

/** @throws {MimeError} OPTION_INVALID where the option is set and none of the words */
export function checkChoice(path: string, value: unknown, words: readonly string[]): void {
  if (value === undefined || (typeof value === 'string' && words.includes(value))) return
  throw invalid(path, `${quoteForError(value)} is none of ${words.join(', ')}`)
}

/** @throws {MimeError} OPTION_INVALID where the option is set and no list of texts; of an item with its index */
export function checkTexts(path: string, value: unknown): void {
  if (value === undefined) return
  if (!Array.isArray(value)) throw invalid(path, 'must be a list')
  for (const [index, text] of value.entries()) {
    if (typeof text !== 'string') throw invalid(`${path}[${index}]`, 'must be text')
  }
}

function invalid(path: string, message: string): MimeError {
  return mimeError('OPTION_INVALID', path, message)
}
