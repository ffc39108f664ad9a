/**
 * A strict reader of address lists, written from the text of RFC 5322 §3.4 and §4.4, with the octets of RFC 6532 and
 * the groups of RFC 6854: what a mail server may rely on, against which what others make of a header is held.
 *
 * It imports nothing from src/, so that a misreading there is not repeated here: recursive descent, one function for
 * each production, where src/header/address.ts is one loop.
 */

/** What a list says by the letter. */
export interface StrictAddresses {
  /** `local-part@domain` of each mailbox that is one by the grammar; see {@link addressKey} for the form. */
  readonly addresses: readonly string[]
  /** True where the whole list is one by the grammar. */
  readonly isStrict: boolean
}

/**
 * Reads `address-list`, obsolete forms included.
 *
 * An element that is no address gives none; reading goes on after the comma or semicolon that ends it, as long as there
 * is no doubt which one that is: not behind a quote, a parenthesis or a bracket that is left open.
 *
 * @param value the field value; folds may be in it
 */
export function readStrictAddresses(value: string): StrictAddresses {
  const text = value.replace(/\r?\n(?=[ \t])/g, '')
  const addresses: string[] = []
  let isStrict = true
  let isInGroup = false
  let at = 0
  for (;;) {
    const start = isInGroup ? undefined : groupStart(text, at)
    if (start !== undefined) {
      isInGroup = true
      at = start
    }
    const found = mailbox(text, at)
    const end = found?.end ?? cfws(text, at)
    // "," and [CFWS] alone are elements of the obsolete lists.
    if (isElementEnd(text, end)) {
      if (found !== undefined) addresses.push(found.address)
      at = end
    } else {
      isStrict = false
      const next = elementEnd(text, at)
      if (next === undefined) return { addresses, isStrict }
      at = next
    }
    if (text[at] === ';') {
      isStrict &&= isInGroup
      isInGroup = false
      at = cfws(text, at + 1)
      if (at < text.length && text[at] !== ',') {
        // What follows a group without a comma is not of the grammar; as after any ";", an element starts here.
        isStrict = false
        continue
      }
    }
    if (at >= text.length) return { addresses, isStrict: isStrict && !isInGroup }
    at++
  }
}

/**
 * An address in a form in which two readers' spellings of it are equal: the local part unquoted and without controls,
 * the domain in lower case.
 */
export function addressKey(local: string, domain: string): string {
  return `${local.replace(/[\0-\x1f\x7f]/g, '')}@${domain.replace(/[\0-\x1f\x7f]/g, '').toLowerCase()}`
}

/** A semicolon that ends no group makes the list faulty, but not the mailbox before it. */
function isElementEnd(text: string, at: number): boolean {
  return at >= text.length || text[at] === ',' || text[at] === ';'
}

/** Where the list of a group starts: `group = display-name ":" [group-list] ";" [CFWS]`. */
function groupStart(text: string, at: number): number | undefined {
  const name = phrase(text, at)
  return name !== undefined && text[name] === ':' ? name + 1 : undefined
}

interface Found {
  readonly address: string
  readonly end: number
}

/** `mailbox = name-addr / addr-spec` */
function mailbox(text: string, at: number): Found | undefined {
  return nameAddr(text, at) ?? addrSpec(text, at)
}

/** `name-addr = [display-name] angle-addr`, `angle-addr = [CFWS] "<" [obs-route] addr-spec ">" [CFWS]` */
function nameAddr(text: string, start: number): Found | undefined {
  let at = phrase(text, start) ?? cfws(text, start)
  if (text[at] !== '<') return undefined
  at = obsRoute(text, at + 1) ?? at + 1
  const found = addrSpec(text, at)
  return found !== undefined && text[found.end] === '>'
    ? { address: found.address, end: cfws(text, found.end + 1) }
    : undefined
}

/** `obs-route = *(CFWS / ",") "@" domain *("," [CFWS] ["@" domain]) ":"` */
function obsRoute(text: string, start: number): number | undefined {
  let at = cfws(text, start)
  while (text[at] === ',') at = cfws(text, at + 1)
  if (text[at] !== '@') return undefined
  for (;;) {
    if (text[at] === '@') {
      const host = domain(text, at + 1)
      if (host === undefined) return undefined
      at = host.end
    }
    if (text[at] === ':') return at + 1
    if (text[at] !== ',') return undefined
    at = cfws(text, at + 1)
  }
}

/** `addr-spec = local-part "@" domain` */
function addrSpec(text: string, start: number): Found | undefined {
  const local = dotted(text, start, word)
  if (local === undefined || text[local.end] !== '@') return undefined
  const host = domain(text, local.end + 1)
  return host && { address: addressKey(local.value, host.value), end: host.end }
}

/** `domain = dot-atom / domain-literal / obs-domain` */
function domain(text: string, start: number): Token | undefined {
  return dotted(text, start, atom) ?? literal(text, start)
}

/** What stands between two blanks or comments. */
interface Token {
  readonly value: string
  /** After the blanks and comments that follow. */
  readonly end: number
}

/** `x *("." x)`: of `obs-local-part` and `obs-domain`, of which `dot-atom` and `quoted-string` are special cases. */
function dotted(text: string, start: number, part: (text: string, at: number) => Token | undefined): Token | undefined {
  let token = part(text, start)
  if (token === undefined) return undefined
  let { value } = token
  while (text[token.end] === '.') {
    const next = part(text, token.end + 1)
    if (next === undefined) return undefined
    value += `.${next.value}`
    token = next
  }
  return { value, end: token.end }
}

/** `phrase = 1*word / obs-phrase`, `obs-phrase = word *(word / "." / CFWS)`: where it ends. */
function phrase(text: string, start: number): number | undefined {
  let at = word(text, start)?.end
  for (let next = at; next !== undefined; next = text[at!] === '.' ? cfws(text, at! + 1) : word(text, at!)?.end) {
    at = next
  }
  return at
}

/** `word = atom / quoted-string` */
function word(text: string, start: number): Token | undefined {
  return atom(text, start) ?? quotedString(text, start)
}

/** `atext` of RFC 5322 §3.2.3, and of RFC 6532 §3.2. */
const ATEXT = /[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\uffff]+/y

/** `atom = [CFWS] 1*atext [CFWS]` */
function atom(text: string, start: number): Token | undefined {
  ATEXT.lastIndex = cfws(text, start)
  const value = ATEXT.exec(text)?.[0]
  return value === undefined ? undefined : { value, end: cfws(text, ATEXT.lastIndex) }
}

/** `quoted-string = [CFWS] DQUOTE *([FWS] qcontent) [FWS] DQUOTE [CFWS]`, controls included: obs-qtext, obs-qp. */
function quotedString(text: string, start: number): Token | undefined {
  const open = cfws(text, start)
  const end = text[open] === '"' ? quotedEnd(text, open) : undefined
  return end === undefined ? undefined : { value: unescaped(text.slice(open + 1, end - 1)), end: cfws(text, end) }
}

/** `domain-literal = [CFWS] "[" *([FWS] dtext) [FWS] "]" [CFWS]`, with the quoted-pairs of obs-dtext. */
function literal(text: string, start: number): Token | undefined {
  const open = cfws(text, start)
  const end = text[open] === '[' ? literalEnd(text, open) : undefined
  return end === undefined ? undefined : { value: unescaped(text.slice(open, end)), end: cfws(text, end) }
}

/** After `[CFWS]`, which is empty where a comment is left open. */
function cfws(text: string, start: number): number {
  for (let at = start; ; ) {
    if (text[at] === ' ' || text[at] === '\t') at++
    else {
      const end = text[at] === '(' ? commentEnd(text, at) : undefined
      if (end === undefined) return at
      at = end
    }
  }
}

/** `comment = "(" *([FWS] ccontent) [FWS] ")"`, comments in it included; undefined where it is left open. */
function commentEnd(text: string, start: number): number | undefined {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '(') depth++
    else if (text[at] === ')' && --depth === 0) return at + 1
  }
  return undefined
}

function quotedEnd(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at + 1
  }
  return undefined
}

function literalEnd(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length && text[at] !== '['; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === ']') return at + 1
  }
  return undefined
}

/** Of angle brackets inside each other it is in doubt which closes which. */
function angleEnd(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length && text[at] !== '<'; ) {
    if (text[at] === '>') return at + 1
    const next = bracketEnd(text, at)
    if (next === undefined) return undefined
    at = next
  }
  return undefined
}

/** After what opens at `at`, or after the character; undefined where what opens is left open. */
function bracketEnd(text: string, at: number): number | undefined {
  switch (text[at]) {
    case '"':
      return quotedEnd(text, at)
    case '(':
      return commentEnd(text, at)
    case '[':
      return literalEnd(text, at)
    case '<':
      return angleEnd(text, at)
    case '\\':
      return at + 2
    default:
      return at + 1
  }
}

/** Index of the comma or semicolon that ends the element, or the end of the text; undefined where that is in doubt. */
function elementEnd(text: string, start: number): number | undefined {
  let at = start
  while (at < text.length && text[at] !== ',' && text[at] !== ';') {
    const next = bracketEnd(text, at)
    if (next === undefined) return undefined
    at = next
  }
  return Math.min(at, text.length)
}

function unescaped(text: string): string {
  return text.replace(/\\([\s\S])/g, '$1')
}
