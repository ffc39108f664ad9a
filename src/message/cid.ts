/**
 * References of HTML to attachments: RFC 2392.
 */

/** Ids that are looked for: a message has 10,000 parts, and one that refers to more is made to fill memory. */
const MAX_REFERENCES = 20_000

/** No references. */
export const NO_IDS: ReadonlySet<string> = new Set()

/**
 * A reference: in quotes up to the one that opened it, as the value of an attribute without quotes up to a blank or ">",
 * anywhere else, as in the url() of a style, also up to ")". The quotes of url() are written as `&quot;`.
 */
const REFERENCE =
  /\bcid:((?<="cid:)[^\s"<>]+|(?<='cid:)[^\s'<>]+|(?<==cid:)[^\s"'<>]+|(?<=&(?:quot|apos|#3[49]|#x2[27]);cid:)(?:(?!&(?:quot|apos|#3[49]|#x2[27]);)[^\s"<>])+|[^\s"'<>)]+)/gi

/** The ids that HTML refers to as `cid:` (RFC 2392): character references and percent-encoding decoded, and as they stand. */
export function referencedIds(html: string): ReadonlySet<string> {
  if (!/cid:/i.test(html)) return NO_IDS
  const ids = new Set<string>()
  for (const [, reference] of html.matchAll(REFERENCE)) {
    if (ids.size >= MAX_REFERENCES) break
    const url = decodeCharacterReferences(reference!)
    try {
      ids.add(decodeURIComponent(url))
    } catch {
      // No percent-encoding after all.
    }
    ids.add(url)
    ids.add(reference!)
  }
  return ids
}

/** Character references that the printable ASCII of an id is written as: HTML §13.5. */
const NAMED_CHARACTERS: ReadonlyMap<string, string> = new Map([
  ['&amp;', '&'],
  ['&quot;', '"'],
  ['&apos;', "'"],
])

function decodeCharacterReferences(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|amp|quot|apos);/gi, (stated, decimal, hexadecimal) => {
    if (decimal === undefined && hexadecimal === undefined) return NAMED_CHARACTERS.get(stated.toLowerCase())!
    const code = decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal)
    return code <= 0x10ffff ? String.fromCodePoint(code) : stated
  })
}
