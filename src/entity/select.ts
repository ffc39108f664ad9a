/**
 * `$select` of the API: which properties of an entity come, the others null.
 *
 * `select = path *("," path)`, `path = name *("/" name)`, as in OData. Names are compared without case.
 */
import { mimeError, type Problem, quoteForError, throwProblems } from '../errors.ts'
import type { EMailEntity } from './entity.ts'
import { type CarrierShape, ENTITY_SHAPE, type Selected } from './json.ts'

/** What is selected of a carrier by property name: `all` of it, or what it holds. */
type Selection = Map<string, Selection | 'all'>

/** Problems of one selection that are told at most. */
const MAX_PROBLEMS = 100

/**
 * Gives a copy of which what is not named is null.
 *
 * Contents of attachments that are read on demand are not read unless they are named.
 *
 * @param select names, nested ones with `/`: `Subject,From/Address,Attachments/Filename`. Empty selects everything.
 * @throws {MimeError} OPTION_INVALID with every name that there is not, and the names there are
 */
export function selectFields(entity: EMailEntity, select: string): Selected<EMailEntity> {
  return selector(select)(entity)
}

/**
 * What {@link selectFields} does, with `select` read and checked once.
 *
 * @throws {MimeError} OPTION_INVALID
 */
export function selector(select: string | undefined): (entity: EMailEntity) => Selected<EMailEntity> {
  const selection = parseSelect(select ?? '')
  return entity => (selection === 'all' ? entity : (apply(entity, selection, ENTITY_SHAPE) as Selected<EMailEntity>))
}

function parseSelect(select: string): Selection | 'all' {
  if (typeof select !== 'string') throw mimeError('OPTION_INVALID', 'select', `must be text, not ${typeof select}`)
  const problems: Problem[] = []
  const selection: Selection = new Map()
  for (const path of select.split(',')) {
    if (path.trim() === '') continue
    const names = resolvePath(path.split('/'))
    if (typeof names !== 'string') addNames(selection, names)
    else if (problems.length < MAX_PROBLEMS) problems.push({ code: 'OPTION_INVALID', path: 'select', message: names })
  }
  throwProblems(problems)
  return selection.size === 0 ? 'all' : selection
}

/** The names of a path as the carriers write them, or a text that says what is wrong with it. */
function resolvePath(steps: readonly string[]): string[] | string {
  const names: string[] = []
  let shape: CarrierShape | null = ENTITY_SHAPE
  for (const step of steps) {
    const place = names.at(-1) ?? 'EMailEntity'
    if (shape === null) return `${quoteForError(steps.join('/'))}: ${place} has no properties to select`
    const name = findName(shape, step.trim())
    if (name === undefined) {
      return `${quoteForError(step.trim())} is no property of ${place}, which has ${Object.keys(shape).join(', ')}`
    }
    names.push(name)
    shape = shape[name] ?? null
  }
  return names
}

function addNames(root: Selection, names: readonly string[]): void {
  let selection = root
  for (const name of names.slice(0, -1)) {
    const known = selection.get(name)
    if (known === 'all') return
    const next: Selection = known ?? new Map()
    selection.set(name, next)
    selection = next
  }
  selection.set(names.at(-1)!, 'all')
}

function findName(shape: CarrierShape, name: string): string | undefined {
  const lower = name.toLowerCase()
  return Object.keys(shape).find(known => known.toLowerCase() === lower)
}

function apply(source: object, selection: Selection, shape: CarrierShape): object {
  const copy: Record<string, unknown> = {}
  for (const name of Object.keys(shape)) {
    const selected = selection.get(name)
    if (selected === undefined) {
      copy[name] = null
      continue
    }
    // Not read unless there is something to pick from it: it may be a content that is read on demand.
    const descriptor = Object.getOwnPropertyDescriptor(source, name)
    if (descriptor?.get !== undefined) Object.defineProperty(copy, name, descriptor)
    else copy[name] = pick((source as Record<string, unknown>)[name], selected, shape[name]!)
  }
  return copy
}

function pick(value: unknown, selected: Selection | 'all', shape: CarrierShape): unknown {
  if (selected === 'all' || typeof value !== 'object' || value === null) return value ?? null
  return Array.isArray(value)
    ? value.map((item: unknown) => pick(item, selected, shape))
    : apply(value, selected, shape)
}
