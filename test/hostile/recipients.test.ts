/**
 * Who gets a message: the recipients of 10,000 mutated address lists as this library, mailparser, postal-mime and a
 * strict reading of RFC 5322 §3.4 and §4.4 give them.
 *
 * Every difference belongs to a class of {@link CLASSES}, and in none does this library deliver to an address that
 * neither the strict reading nor one of the peers gives. Another seed, or more lists: `SEED=7 LISTS=100000`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseMessage } from '../../src/index.ts'
import { mutateAddresses, randomAddresses } from '../fuzz/mutate-addresses.ts'
import { Random } from '../fuzz/random.ts'
import { ADDRESS_VECTORS } from './address-vectors.ts'
import { deliveredTo, keyOfAddress } from './delivery.ts'
import { readPeerAddresses } from './peer-addresses.ts'
import { readStrictAddresses } from './strict-address.ts'

const SEED = Number(process.env.SEED ?? 20_260_115)
const LISTS = Number(process.env.LISTS ?? 10_000)

/** Whom each reader delivers to; sorted, each once. */
interface Readings {
  readonly value: string
  /** True where the whole list is by the grammar. */
  readonly isStrict: boolean
  readonly ours: readonly string[]
  readonly strict: readonly string[]
  readonly mailparser: readonly string[]
  readonly postalMime: readonly string[]
}

interface DifferenceClass {
  readonly name: string
  /** Why this side is right. */
  readonly why: string
  is(readings: Readings): boolean
}

/** True for a list by the grammar, read by its letter here and otherwise by a peer, with this in it. */
const misread =
  (feature: RegExp) =>
  ({ value, isStrict, ours, strict }: Readings): boolean =>
    isStrict && isSame(ours, strict) && feature.test(value)

/** THE table of differences; the first class that a difference is of counts. */
const CLASSES: readonly DifferenceClass[] = [
  {
    name: 'legal, comment',
    why: 'a comment is nothing, wherever it stands (RFC 5322 §3.2.2); a peer ends the address at it, or reads into it',
    is: misread(/\(/),
  },
  {
    name: 'legal, quoted-string',
    why: 'specials and blanks in quotes are text (RFC 5322 §3.2.4); a peer reads an address in them or loses a part',
    is: misread(/"/),
  },
  {
    name: 'legal, domain-literal',
    why: 'what stands in brackets is the domain (RFC 5322 §3.4.1); a peer ends it at a separator',
    is: misread(/\[/),
  },
  {
    name: 'legal, encoded-word',
    why: 'an encoded-word never makes or changes an address (RFC 2047 §5(3)); a peer decodes it before it splits',
    is: misread(/=\?/),
  },
  {
    name: 'legal, route',
    why: 'the hosts of an obsolete route are skipped (RFC 5322 §4.4); a peer takes them for the local part',
    is: misread(/@[^>]*:/),
  },
  {
    name: 'legal, blanks in an address',
    why: 'obsolete blanks around "." and "@" part nothing (RFC 5322 §4.4); a peer delivers to what stands before them',
    is: misread(/\s[.@]|[.@]\s/),
  },
  {
    name: 'legal, beyond ASCII',
    why: 'all of it is atext (RFC 6532 §3.2); a peer trims blanks of Unicode, or finds an address with ASCII patterns',
    is: misread(/[^\0-\x7f]/),
  },
  {
    name: 'legal, no address here',
    why:
      'what looks like an encoded-word in an address, a literal with quotes, a route that starts with ",": readers ' +
      'differ, nobody gets it',
    is: ({ isStrict, ours, strict, value }) => isStrict && isWithin(ours, strict) && /=\?|\[|<\s*,/.test(value),
  },
  {
    name: 'faulty, nobody',
    why: 'no element is an address by the letter: nobody gets it; a peer guesses one, or writes one that is none',
    is: ({ isStrict, ours, strict }) => !isStrict && ours.length === 0 && strict.length === 0,
  },
  {
    name: 'faulty, as by the letter',
    why: 'the faulty elements are nobody, the others as by the letter; a peer guesses an address more, or loses one',
    is: ({ isStrict, ours, strict }) => !isStrict && isSame(ours, strict),
  },
  {
    name: 'faulty, one slip',
    why: 'an element with one slip that leaves no doubt which address was meant, and a peer reads the same in it',
    is: ({ isStrict, ours, strict }) => !isStrict && !isWithin(ours, strict),
  },
  {
    name: 'faulty, fewer',
    why: 'behind a quote, bracket, escape or group that nothing closes it is in doubt who was meant: nobody gets it',
    is: ({ isStrict, ours, strict }) => !isStrict && isWithin(ours, strict),
  },
]

test(`${LISTS} mutated address lists, seed ${SEED}`, async () => {
  const random = new Random(SEED)
  const seeds = [...ADDRESS_VECTORS, ...corpusLists()]
  const counts = new Map(CLASSES.map(({ name }) => [name, 0]))
  const gained: object[] = []
  const unclassified: object[] = []
  let alike = 0
  for (let list = 0; list < LISTS; list++) {
    const readings = await readingsOf(mutatedList(random, seeds))
    const { ours, strict, mailparser, postalMime } = readings
    if (!isWithin(ours, [...strict, ...mailparser, ...postalMime])) gained.push(readings)
    if ([strict, mailparser, postalMime].every(theirs => isSame(ours, theirs))) {
      alike++
      continue
    }
    const found = CLASSES.find(row => row.is(readings))
    if (found === undefined) unclassified.push(readings)
    else counts.set(found.name, counts.get(found.name)! + 1)
  }
  console.info(`${LISTS} address lists from seed ${SEED}: ${alike} read alike by all four`)
  console.table(Object.fromEntries(counts))
  expect(gained).toEqual([])
  expect(unclassified).toEqual([])
  // A fuzzer whose lists are all alike, or a class that nothing is of, would show nothing.
  expect(alike).toBeGreaterThan(LISTS / 20)
  expect(CLASSES.filter(({ name }) => counts.get(name) === 0)).toEqual([])
})

/** One field value: a fold may be in it, a line break that ends the field may not. */
function mutatedList(random: Random, seeds: readonly string[]): string {
  const list = random.once(5)
    ? randomAddresses(random)
    : mutateAddresses(random.pick(seeds), random, random.pick(seeds))
  return list.replace(/\r\n(?![ \t])|\r(?!\n)|(?<!\r)\n/g, ' ').replace(/^\s+/, '')
}

/** The values of the address fields of corpus/messages. */
function corpusLists(): string[] {
  const folder = new URL('../../corpus/messages/', import.meta.url)
  return readdirSync(folder)
    .filter(file => file.startsWith('address-') && file.endsWith('.eml'))
    .sort()
    .flatMap(file => {
      const text = readFileSync(new URL(file, folder), 'utf8')
      return [...text.matchAll(/^(?:From|To|Cc|Reply-To):[ \t]*((?:.|\r?\n[ \t])*)/gim)].map(match => match[1]!.trim())
    })
}

async function readingsOf(value: string): Promise<Readings> {
  const peers = await readPeerAddresses(value)
  const { addresses, isStrict } = readStrictAddresses(value)
  const { entity } = parseMessage(Buffer.from(`To: ${value}\r\n\r\n`))
  return {
    value,
    isStrict,
    ours: deliveredTo(entity.To.map(({ Address }) => keyOfAddress(Address))),
    strict: deliveredTo(addresses),
    mailparser: deliveredTo(peers.mailparser),
    postalMime: deliveredTo(peers.postalMime),
  }
}

function isWithin(addresses: readonly string[], others: readonly string[]): boolean {
  return addresses.every(address => others.includes(address))
}

function isSame(addresses: readonly string[], others: readonly string[]): boolean {
  return addresses.length === others.length && isWithin(addresses, others)
}
