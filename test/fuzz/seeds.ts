/**
 * What fuzzing starts from: the project's corpus, and the small files of the corpus of other projects where there is one
 * (MIMECAL_CORPUS names its folder).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** What an input is read as. */
export type InputKind = 'message' | 'json'

/** One thing that is given to the library. */
export interface Input {
  readonly kind: InputKind
  readonly octets: Uint8Array
}

/** Octets of the largest file that is mutated: many small inputs find more than few large ones. */
const MAX_SEED_OCTETS = 16 * 1024

/** Where findings are put, from the folder of the project; their files are seeds like all others. */
export const FINDINGS_FOLDER = 'corpus/findings'

/** How a file is read, by the end of its name. */
export function kindOf(file: string): InputKind | undefined {
  if (/\.(?:eml|msg|txt)$/.test(file)) return 'message'
  return file.endsWith('.json') ? 'json' : undefined
}

/**
 * All seeds, in the order of their names: the same files are the same seeds on every machine.
 *
 * @param project the folder of the project
 * @param options whether to start from the corpus of others, too
 */
export function readSeeds(project: string, options: { readonly foreign: boolean } = { foreign: true }): Input[] {
  const folders = ['corpus/messages', 'corpus/calendar', 'corpus/entities', FINDINGS_FOLDER]
  const seeds = folders.flatMap(folder => readFolder(join(project, folder)))
  if (!options.foreign) return seeds
  const foreign = resolve(project, process.env.MIMECAL_CORPUS ?? '../shared/corpus', 'eml')
  return [...seeds, ...readFolder(foreign).filter(({ kind }) => kind === 'message')]
}

function readFolder(folder: string): Input[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .flatMap(file => {
      // The expectations of messages are JSON too, but no entities.
      const kind =
        /\.expect\.json$/.test(file) || /(?:messages|calendar)$/.test(folder) ? messageKind(file) : kindOf(file)
      if (kind === undefined) return []
      const octets = readFileSync(join(folder, file))
      return octets.length <= MAX_SEED_OCTETS ? [{ kind, octets }] : []
    })
}

function messageKind(file: string): InputKind | undefined {
  return kindOf(file) === 'message' ? 'message' : undefined
}
