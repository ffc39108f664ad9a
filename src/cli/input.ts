/**
 * The file that a command is about, or standard input.
 */
import { EXIT, Failure, reasonOf } from './exit.ts'
import type { Io, Source } from './io.ts'
import { Progress } from './progress.ts'

/** An input that is open. */
export interface Input {
  /** As messages name it. */
  readonly name: string
  /** Octets, where they are known. */
  readonly size: number | undefined
  /** Can be read once; rejects with a Failure. */
  readonly chunks: AsyncGenerator<Uint8Array, void, undefined>
}

/**
 * Opens the file, or standard input where it is `-`. Of a large one it is shown how far its reading has come.
 *
 * @throws {Failure} NO_INPUT; so do the chunks
 */
export async function openInput(file: string, io: Io): Promise<Input> {
  const name = describeInput(file)
  try {
    const source = await (file === '-' ? io.openStdin() : io.openFile(file))
    return { name, size: source.size, chunks: readChunks(name, source, io) }
  } catch (error) {
    throw unreadable(name, error)
  }
}

async function* readChunks(name: string, { chunks, size }: Source, io: Io): AsyncGenerator<Uint8Array> {
  const progress = io.errorTerminal && new Progress(io, io.errorTerminal, name, size)
  const iterator = chunks[Symbol.asyncIterator]()
  let isComplete = false
  try {
    for (;;) {
      let next: IteratorResult<Uint8Array>
      try {
        next = await iterator.next()
      } catch (error) {
        throw unreadable(name, error)
      }
      if (next.done === true) break
      progress?.add(next.value.length)
      yield next.value
    }
    isComplete = true
  } finally {
    progress?.end(isComplete)
    if (!isComplete) await iterator.return?.()
  }
}

function unreadable(name: string, error: unknown): Failure {
  return new Failure(EXIT.NO_INPUT, `cannot read ${name}: ${reasonOf(error)}`, { cause: error })
}

/** The file as messages name it. */
function describeInput(file: string): string {
  return file === '-' ? 'standard input' : file
}

/** An input as far as it was read. */
export interface InputHead {
  /** What was read. */
  readonly head: Uint8Array[]
  /** What is still to come; undefined where the input has ended. */
  readonly rest: AsyncIterable<Uint8Array> | undefined
}

/** Reads the start of an input: all of it, unless it has more than so many octets. */
export async function readHead({ size, chunks }: Input, maxOctets: number): Promise<InputHead> {
  const head: Uint8Array[] = []
  let octets = 0
  for (;;) {
    const next = await chunks.next()
    if (next.done === true) return { head, rest: undefined }
    head.push(next.value)
    octets += next.value.length
    // Of an input that is known to be large nothing has to be gathered.
    if (octets > maxOctets || (size ?? 0) > maxOctets) return { head, rest: chunks }
  }
}

/** The octets of an input, at once. */
export async function readWhole(input: Input): Promise<Uint8Array> {
  const { head } = await readHead(input, Number.POSITIVE_INFINITY)
  return Buffer.concat(head)
}
