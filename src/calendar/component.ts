/**
 * Components: RFC 5545 §3.6. Lines to a tree of components, whatever is wrong with BEGIN and END.
 *
 * Calendars come damaged from everywhere: a list footer after the end, an END that is missing, misspelt or one too
 * many. A tree is built all the same, and every line stands in one component. Lines outside a VCALENDAR are not
 * looked at.
 */
import { quoteForError } from '../errors.ts'
import type { ContentLines } from './content-line.ts'
import type { CalendarLimits } from './limits.ts'
import { endsInSoftBreak, MAX_NAME_LENGTH, type Property, parseProperty, withUpperCaseName } from './property.ts'
import type { Warn } from './warning.ts'

/** Components that stand in a VCALENDAR only: where one begins, whatever is open inside the calendar has ended. */
const OUTERMOST: ReadonlySet<string> = new Set(['VEVENT', 'VTODO', 'VJOURNAL', 'VFREEBUSY', 'VTIMEZONE'])

/** Names that stand as they are written. */
const COMMON_COMPONENTS: ReadonlySet<string> = new Set([...OUTERMOST, 'VCALENDAR', 'VALARM', 'STANDARD', 'DAYLIGHT'])

/** A component; its properties are taken apart when they are asked for. */
export class Component {
  /** Upper-case. */
  readonly name: string
  readonly components: Component[] = []
  /** Of all calendars of the part. */
  readonly #source: ContentLines
  /** Its own: ordinals in the source, or text that starts with its name, of a line that was not plain. */
  readonly #lines: (number | string)[] = []
  /** What was asked for, by name. */
  #properties: Map<string, readonly Property[]> | undefined
  readonly #limits: CalendarLimits
  readonly #warn: Warn

  constructor(name: string, source: ContentLines, limits: CalendarLimits, warn: Warn) {
    this.name = name
    this.#source = source
    this.#limits = limits
    this.#warn = warn
  }

  /** @param line its ordinal, or text that starts with its name in upper case */
  addLine(line: number | string): void {
    this.#lines.push(line)
  }

  /** All properties of the name, in order; those that cannot be read are reported once and left out. */
  all(name: string): readonly Property[] {
    const known = this.#properties?.get(name)
    if (known !== undefined) return known
    const properties: Property[] = []
    for (const added of this.#lines) {
      if (!this.#isNamed(added, name)) continue
      const line = typeof added === 'number' ? this.#source.textOf(added) : added
      const property = parseProperty(name, line, this.#limits.headLength, this.#warn)
      if (property === 'limit') this.#warn('CALENDAR_LIMIT', name)
      else if (property === 'syntax') this.#warn('CALENDAR_INVALID', quoteForError(line))
      else properties.push(property)
    }
    this.#properties ??= new Map()
    this.#properties.set(name, properties)
    return properties
  }

  /** The property of a name that may occur once: the first one, as everywhere in mail; others are reported. */
  only(name: string): Property | undefined {
    const isNew = this.#properties?.has(name) !== true
    const properties = this.all(name)
    if (isNew && properties.length > 1) this.#warn('CALENDAR_PROPERTY_DUPLICATE', name)
    return properties[0]
  }

  /** The value of {@link only}, trimmed; `''` where there is none. */
  value(name: string): string {
    return this.only(name)?.value.trim() ?? ''
  }

  has(name: string): boolean {
    return this.#lines.some(line => this.#isNamed(line, name))
  }

  #isNamed(line: number | string, name: string): boolean {
    if (typeof line === 'number') return this.#source.isNamed(line, name)
    return line.startsWith(name) && /^[:;]/.test(line.slice(name.length))
  }

  /** Components of the name, directly inside. */
  children(name: string): Component[] {
    return this.components.filter(component => component.name === name)
  }
}

/** The calendars in the lines. */
export function readComponents(lines: ContentLines, limits: CalendarLimits, warn: Warn): Component[] {
  return new ComponentReader(lines, limits, warn).read()
}

function isBoundary(lines: ContentLines, index: number): boolean {
  return lines.isNamed(index, 'BEGIN') || lines.isNamed(index, 'END')
}

class ComponentReader {
  readonly #lines: ContentLines
  readonly #limits: CalendarLimits
  readonly #warn: Warn
  readonly #calendars: Component[] = []
  /** What is open, outermost first; the first one is a VCALENDAR. */
  #open: Component[] = []
  /** Components that are open beyond the limit of depth. */
  #tooDeep = 0
  #events = 0

  constructor(lines: ContentLines, limits: CalendarLimits, warn: Warn) {
    this.#lines = lines
    this.#limits = limits
    this.#warn = warn
  }

  read(): Component[] {
    const lines = this.#lines
    for (let index = 0; index < lines.length; index++) {
      const isOpen = this.#open.length > 0 && this.#tooDeep === 0
      if (lines.isPlain(index) && !isBoundary(lines, index) && !lines.endsWithEquals(index)) {
        if (isOpen) this.#open.at(-1)!.addLine(index)
        continue
      }
      const written = lines.textOf(index)
      const named = lines.isPlain(index) ? written : withUpperCaseName(written)
      if (named !== undefined && this.#readBoundary(named)) {
        if (this.#events > this.#limits.events) break
        continue
      }
      if (!isOpen) continue
      let line = named ?? written
      if (endsInSoftBreak(line)) {
        const pieces = [line]
        while (pieces.at(-1)!.endsWith('=') && index + 1 < lines.length) pieces.push(lines.textOf(++index))
        // The decoder takes a soft break with its line break.
        line = pieces.join('\n')
      }
      if (named === undefined) this.#warn('CALENDAR_INVALID', quoteForError(line))
      else this.#open.at(-1)!.addLine(line)
    }
    if (this.#open.length > 0) this.#warn('CALENDAR_END_MISSING', this.#open.at(-1)!.name)
    return this.#calendars
  }

  /** True where the line begins or ends a component. */
  #readBoundary(line: string): boolean {
    const isBegin = line.startsWith('BEGIN:')
    if (!isBegin && !line.startsWith('END:')) return false
    let name = line.slice(isBegin ? 6 : 4)
    if (!COMMON_COMPONENTS.has(name)) {
      if (name.length > MAX_NAME_LENGTH || /[:;]/.test(name)) return false
      name = name.trim().toUpperCase()
    }
    if (isBegin) this.#begin(name)
    else this.#end(name)
    return true
  }

  #begin(name: string): void {
    if (name === 'VCALENDAR') {
      this.#close(0)
      const calendar = new Component(name, this.#lines, this.#limits, this.#warn)
      this.#calendars.push(calendar)
      this.#open.push(calendar)
      return
    }
    if (this.#open.length === 0) return
    if (OUTERMOST.has(name)) this.#close(1)
    if (this.#open.length >= this.#limits.depth || this.#tooDeep > 0) {
      if (this.#tooDeep++ === 0) this.#warn('CALENDAR_LIMIT', 'depth')
      return
    }
    if (name === 'VEVENT' && ++this.#events > this.#limits.events) {
      this.#warn('CALENDAR_LIMIT', 'events')
      return
    }
    const component = new Component(name, this.#lines, this.#limits, this.#warn)
    this.#open.at(-1)!.components.push(component)
    this.#open.push(component)
  }

  #end(name: string): void {
    if (this.#tooDeep > 0 && name !== 'VCALENDAR' && !OUTERMOST.has(name)) {
      this.#tooDeep--
      return
    }
    const index = this.#open.findLastIndex(component => component.name === name)
    if (index === -1) {
      if (this.#open.length > 0) this.#warn('CALENDAR_INVALID', quoteForError(`END:${name}`))
      return
    }
    this.#close(index + 1)
    this.#open.pop()
  }

  /** Closes what is open beyond the first `depth` components. */
  #close(depth: number): void {
    this.#tooDeep = 0
    if (this.#open.length <= depth) return
    this.#warn('CALENDAR_END_MISSING', this.#open.at(-1)!.name)
    this.#open = this.#open.slice(0, depth)
  }
}
