/**
 * The corpus of real messages, which is not part of the project: its folder, its tables, and the messages in it.
 *
 * `MIMECAL_CORPUS` names the folder; without it the tests look beside the project, and skip where there is none.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe } from 'vitest'

const PROJECT = fileURLToPath(new URL('../../', import.meta.url))
const FOLDER = resolve(PROJECT, process.env.MIMECAL_CORPUS ?? '../shared/corpus')
const isThere = existsSync(join(FOLDER, 'READERS.tsv'))
if (!isThere) console.warn(`skipped: no corpus at ${FOLDER}; MIMECAL_CORPUS names the folder that has it`)

/** `describe`, skipped where there is no corpus. */
export const describeCorpus: typeof describe.skip = isThere ? describe : describe.skip

/** Where a file of the corpus is, by its path in there. */
export function corpusFile(path: string): string {
  return join(FOLDER, path)
}

/** A file of the corpus, by its path in there. */
export function readCorpus(path: string): Buffer {
  return readFileSync(corpusFile(path))
}

/** The rows of one of the corpus' tables by column; none where there is no corpus. */
export function readTable(name: string): Record<string, string>[] {
  if (!isThere) return []
  const [head = '', ...lines] = readCorpus(name).toString('utf8').trimEnd().split('\n')
  const columns = head.split('\t')
  return lines.map(line => {
    const cells = line.split('\t')
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']))
  })
}

/** A file that is one message. */
export interface CorpusMessage {
  /** In the corpus; of a message out of an mbox with `#` and its number. */
  readonly path: string
  readonly octets: Buffer
  /** What the file shows: `DSN`, `CR-only`, … */
  readonly classes: readonly string[]
}

/** Every message, those of the mbox files one by one; read once, 17 MB. */
export function corpusMessages(): readonly CorpusMessage[] {
  messages ??= [...readMessages()]
  return messages
}

let messages: readonly CorpusMessage[] | undefined

function* readMessages(): Generator<CorpusMessage, void, undefined> {
  for (const { path = '', kind, classes = '' } of readTable('MANIFEST.tsv')) {
    if (kind !== 'eml' && kind !== 'mbox') continue
    const octets = readCorpus(path)
    const shown = classes.split(',')
    if (kind === 'eml') {
      yield { path, octets, classes: shown }
      continue
    }
    for (const [index, message] of splitMbox(octets).entries()) {
      yield { path: `${path}#${index + 1}`, octets: message, classes: shown }
    }
  }
}

/** The messages of an mbox file, each with its `From ` line, which a reader must bear. */
function splitMbox(octets: Buffer): Buffer[] {
  const starts = [...octets.toString('latin1').matchAll(/(?<=^|\r?\n\r?\n)From /g)].map(match => match.index)
  return starts.map((start, index) => octets.subarray(start, starts[index + 1] ?? octets.length))
}

/** White space does not count. */
export function collapsed(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** Differences that were looked at, one group for each reason. */
export interface Explained {
  /** Why this side is right, with the section or the witness. */
  readonly why: string
  readonly differences: readonly string[]
}

/** All differences of a table of explanations, each once, sorted: what a test compares with what it found. */
export function allExplained(groups: readonly Explained[]): string[] {
  return groups.flatMap(({ differences }) => differences).sort()
}
