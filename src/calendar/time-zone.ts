/**
 * Time zones: what instant a wall clock time is, by the platform's time zone database (Intl).
 *
 * Which zone a TZID means is in ./tzid.ts; zones that only a VTIMEZONE explains are in ./vtimezone.ts.
 */

/** Says what offset a wall clock time has. */
export interface Zone {
  /** IANA name; undefined for rules from a VTIMEZONE and for fixed offsets. */
  readonly iana: string | undefined
  /**
   * Seconds east of UTC at a wall clock time, as RFC 5545 §3.3.5 has it: a time that a DST change skips has the offset
   * from before the change; of a time that occurs twice the first one is meant.
   *
   * @param local wall clock milliseconds
   */
  offsetAt(local: number): number
  /** Seconds east of UTC at an instant in milliseconds. */
  offsetAtInstant(instant: number): number
}

/** A zone whose offset never changes. */
export function fixedZone(offset: number, iana?: string): Zone {
  return { iana, offsetAt: () => offset, offsetAtInstant: () => offset }
}

export const UTC: Zone = fixedZone(0, 'UTC')

/** Zones of the platform by name, each made once: making one costs 60 µs, asking it 2 µs. */
export class Zones {
  readonly #known = new Map<string, IntlZone | undefined>()

  /** The zone of an IANA name in any case; undefined where the platform does not know it. */
  find(name: string): IntlZone | undefined {
    if (!this.#known.has(name)) this.#known.set(name, openZone(name))
    return this.#known.get(name)
  }
}

/** IANA names: RFC 9557 §4.1 time-zone-name, and nothing that Intl would read as an offset. */
const IANA_NAME = /^[A-Za-z_][A-Za-z0-9_+-]{0,30}(?:\/[A-Za-z0-9_+-]{1,30}){0,3}$/

/**
 * The names of three letters that the IANA database has. ICU has two dozen more, from before there was one: its BST is
 * Bangladesh's, its AST Alaska's, and engines differ in which of them they take.
 */
const IANA_ABBREVIATIONS: ReadonlySet<string> = new Set(
  'CET EET EST GMT HST MET MST PRC ROC ROK UCT UTC WET'.split(' '),
)

function openZone(name: string): IntlZone | undefined {
  if (!IANA_NAME.test(name) || (name.length === 3 && !IANA_ABBREVIATIONS.has(name.toUpperCase()))) return undefined
  try {
    return new IntlZone(name)
  } catch {
    return undefined
  }
}

/** Probes this far on either side of a wall clock time stand before and after any change of offset near it. */
const PROBE = 24 * 3_600_000

/** A zone of the platform's database. */
export class IntlZone implements Zone {
  readonly iana: string
  readonly #format: Intl.DateTimeFormat

  /** @throws {RangeError} where the platform does not know the name */
  constructor(name: string) {
    // The day of the month and the clock are all it takes to tell an offset, and the least to format.
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    this.iana = name
  }

  offsetAtInstant(instant: number): number {
    // "26, 08:00:00"
    const text = this.#format.format(instant)
    const clock = text.length - 8
    const seconds =
      Number(text.slice(clock, clock + 2)) * 3600 +
      Number(text.slice(clock + 3, clock + 5)) * 60 +
      Number(text.slice(clock + 6))
    let days = Number.parseInt(text, 10) - new Date(instant).getUTCDate()
    if (days > 1) days = -1
    else if (days < -1) days = 1
    return days * 86_400 + seconds - (((Math.floor(instant / 1000) % 86_400) + 86_400) % 86_400)
  }

  offsetAt(local: number): number {
    const before = this.offsetAtInstant(local - PROBE)
    const after = this.offsetAtInstant(local + PROBE)
    if (before === after) return before
    // Before the change, or the first of two: the instant with the old offset still has the old offset.
    if (this.offsetAtInstant(local - before * 1000) === before) return before
    return this.offsetAtInstant(local - after * 1000) === after ? after : before
  }
}
