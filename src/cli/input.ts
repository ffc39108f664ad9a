/**
 * The file that a command is about.
 */
import { EXIT, Failure, reasonOf } from './exit.ts'
import type { Io } from './io.ts'

/**
 * Reads the file, or standard input where it is `-`.
 *
 * @throws {Failure} NO_INPUT
 */
export async function readInput(file: string, io: Io): Promise<Uint8Array> {
  try {
    return await (file === '-' ? io.readStdin() : io.readFile(file))
  } catch (error) {
    throw new Failure(EXIT.NO_INPUT, `cannot read ${describeInput(file)}: ${reasonOf(error)}`, { cause: error })
  }
}

/** The file as messages name it. */
export function describeInput(file: string): string {
  return file === '-' ? 'standard input' : file
}
