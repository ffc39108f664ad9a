/** Address lists that are nearly right: what stands in a list taken to pieces and put together in another way. */
import type { Random } from './random.ts'

/** What address lists are made of, and what readers of them stumble over. */
export const ADDRESS_ALPHABET: readonly string[] = [
  ...['<', '>', '@', ',', ';', ':', '"', '\\', '(', ')', '[', ']', '.', ' ', '  ', '\t', '\r\n ', '\\"', '\\\\'],
  ...['a', 'b', 'Jane', 'Doe', 'x.y', 'good.com', 'evil.com', '.example', 'example.org', 'b@c.example', '<evil@x.y>'],
  ...[
    'a@good.com',
    '"q r"@x.y',
    '<a@b.c>',
    '(c)',
    '(evil@x.y)',
    '"evil@x.y"',
    'G:',
    ';,',
    ', ',
    '@r.example:',
    '[1.2.3.4]',
  ],
  ...['[x@evil.com]', 'mailto:', '=?utf-8?q?evil=40x.y?=', '=?utf-8?q?a=2C_b?=', '=?utf-8?b?w6U=?=', '=?', '?='],
  ...[
    'å',
    '\u00c3\u00a5',
    '\u3002',
    '\ufeff',
    '\u2028',
    '\u00a0',
    '\0',
    '\x7f',
    '-',
    '_',
    '+',
    "'",
    '?',
    '=?t?Q?',
    '%40',
    '__proto__',
  ],
]

/** Tokens of a list: atoms, and one character of everything else. */
const TOKENS = /[A-Za-z0-9-]+|[\s\S]/g

/**
 * A list with one to four changes: a token added, dropped, doubled, replaced, moved, or part of another list put in.
 *
 * @param other a list to take parts of
 */
export function mutateAddresses(value: string, random: Random, other: string): string {
  const tokens = value.match(TOKENS) ?? []
  for (let changes = random.between(1, 4); changes > 0; changes--) {
    const at = random.below(tokens.length + 1)
    switch (random.below(6)) {
      case 0:
        tokens.splice(at, random.between(1, 3))
        break
      case 1:
        tokens.splice(at, 1, random.pick(ADDRESS_ALPHABET))
        break
      case 2:
        tokens.splice(at, 0, ...tokens.slice(at, at + random.between(1, 6)))
        break
      case 3:
        tokens.splice(random.below(tokens.length), 0, ...tokens.splice(at, random.between(1, 4)))
        break
      case 4: {
        const theirs = other.match(TOKENS) ?? []
        const from = random.below(theirs.length)
        tokens.splice(at, random.below(3), ...theirs.slice(from, from + random.between(1, 12)))
        break
      }
      default:
        tokens.splice(at, 0, random.pick(ADDRESS_ALPHABET))
    }
  }
  return tokens.join('')
}

/** A list of nothing but the alphabet; most are made of few pieces of it, again and again, as of them more can go wrong. */
export function randomAddresses(random: Random): string {
  const few = Array.from({ length: random.between(3, 8) }, () => random.pick(ADDRESS_ALPHABET))
  const pieces = random.once(3) ? ADDRESS_ALPHABET : [...few, '@', 'a', 'b']
  return Array.from({ length: random.between(1, 14) }, () => random.pick(pieces)).join('')
}
