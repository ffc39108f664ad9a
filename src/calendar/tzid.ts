/**
 * TZID: which zone a name means. RFC 5545 §3.2.19.
 *
 * The RFC has the VTIMEZONE decide. Here, as in sabre/dav and node-ical, a name that the platform knows comes first: its
 * rules are right for every year, while the VTIMEZONE of a mail has those of one year, or of 1601, or none at all.
 *
 * Of an abbreviation the VTIMEZONE does decide: EST is Panama's in the IANA database, and New York's to who writes it.
 */
import { quoteForError } from '../errors.ts'
import type { Component } from './component.ts'
import { parseUtcOffset } from './date-time.ts'
import type { CalendarLimits } from './limits.ts'
import { parseText } from './text.ts'
import { fixedZone, UTC, type Zone, Zones } from './time-zone.ts'
import { readVtimezone } from './vtimezone.ts'
import type { Warn } from './warning.ts'
import { ianaOfWindowsZone } from './windows-zone.ts'

/** Names of UTC that are in no table of zones. */
const UTC_NAMES: ReadonlySet<string> = new Set(['z', 'utc', 'gmt', 'etc/utc', 'etc/gmt', 'tzone://microsoft/utc'])

/** The zone of an IANA or Windows name in any case; undefined where the platform does not know it. */
export function findZone(name: string, zones: Zones = new Zones()): Zone | undefined {
  if (UTC_NAMES.has(name.toLowerCase())) return UTC
  const iana = ianaOfWindowsZone(name)
  return iana === 'UTC' ? UTC : zones.find(iana ?? name)
}

/** Resolves the TZIDs of one calendar. */
export class ZoneResolver {
  readonly #vtimezones: readonly Component[]
  readonly #zones: Zones
  readonly #limits: CalendarLimits
  readonly #known = new Map<string, Zone | undefined>()

  readonly #warn: Warn

  /** @param vtimezones the VTIMEZONE components beside the events */
  constructor(vtimezones: readonly Component[], zones: Zones, limits: CalendarLimits, warn: Warn) {
    this.#vtimezones = vtimezones
    this.#zones = zones
    this.#limits = limits
    this.#warn = warn
  }

  /** The zone of a TZID as written; undefined where neither the platform, nor the calendar, nor the name itself tells. */
  resolve(tzid: string): Zone | undefined {
    if (this.#known.has(tzid)) return this.#known.get(tzid)
    const zone = this.#resolve(normaliseTzid(tzid))
    if (zone === undefined) this.#warn('CALENDAR_ZONE_UNKNOWN', quoteForError(tzid))
    this.#known.set(tzid, zone)
    return zone
  }

  #resolve(name: string): Zone | undefined {
    const known = isAbbreviation(name) ? undefined : this.#ofPlatform(name)
    return known ?? this.#ofCalendar(name) ?? this.#ofPlatform(name) ?? statedOffset(name)
  }

  #ofCalendar(name: string): Zone | undefined {
    const vtimezone = this.#vtimezone(name)
    if (vtimezone === undefined) return undefined
    const location = vtimezone.value('X-LIC-LOCATION')
    const known = isAbbreviation(location) ? undefined : this.#ofPlatform(location)
    return known ?? readVtimezone(vtimezone, this.#limits, this.#warn) ?? this.#ofPlatform(location)
  }

  #ofPlatform(name: string): Zone | undefined {
    const zone = findZone(name, this.#zones)
    if (zone !== undefined) return zone
    // `/freeassociation.sourceforge.net/Tzfile/Europe/Oslo`; three segments for America/Argentina/Salta.
    const segments = name.split('/').slice(-3)
    for (const tail of [segments, segments.slice(-2)]) {
      if (tail.length < 2 || tail.length === name.split('/').length) continue
      const tailZone = this.#zones.find(tail.join('/'))
      if (tailZone !== undefined) return tailZone
    }
    return undefined
  }

  /** The VTIMEZONE of the name, else of the name in another case. TZID is text there, with escapes, and here is not. */
  #vtimezone(name: string): Component | undefined {
    const named = this.#vtimezones.map(component => ({ component, tzid: normaliseTzid(component.value('TZID')) }))
    const found =
      named.find(({ tzid }) => tzid === name) ?? named.find(({ tzid }) => tzid.toLowerCase() === name.toLowerCase())
    return found?.component
  }
}

/** `EST`, `CET`, `BST`: what several zones are called for short. UTC and GMT are one thing each. */
function isAbbreviation(name: string): boolean {
  return /^[A-Za-z]{3}$/.test(name) && !UTC_NAMES.has(name.toLowerCase())
}

function normaliseTzid(tzid: string): string {
  return parseText(tzid)
    .trim()
    .replace(/^"(.*)"$/, '$1')
}

/** `(UTC+01:00) Warszawa`, `GMT+0100`, `UTC-5`, `+01:00`: the offset that the name itself states. */
function statedOffset(name: string): Zone | undefined {
  const match = /^\(?(?:UTC|GMT)? ?([+-]\d\d?(?:[:.]?\d\d)?)?(?:\)|$)/i.exec(name)
  if (match === null || (match[1] === undefined && !/^\((?:UTC|GMT)\)/i.test(name))) return undefined
  const offset = match[1] === undefined ? 0 : parseUtcOffset(match[1].replace('.', ':'))
  return offset === undefined ? undefined : fixedZone(offset)
}
