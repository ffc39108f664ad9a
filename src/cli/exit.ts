/**
 * How a command ends: exit codes, and the error that carries one.
 */

/** Exit codes; those from 64 to 78 are of sysexits.h. */
export const EXIT = {
  FINE: 0,
  REFUSED: 1,
  USAGE: 2,
  NO_INPUT: 66,
  FAULT: 70,
  NO_OUTPUT: 73,
  INTERRUPTED: 130,
} as const

/** An exit code; see {@link EXIT_MEANINGS}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** What each exit code says to who called, as help shows it. */
export const EXIT_MEANINGS: ReadonlyMap<ExitCode, string> = new Map<ExitCode, string>([
  [EXIT.FINE, 'done, even where a message has defects or nobody reads the output to its end'],
  [EXIT.REFUSED, 'the input is refused: no JSON, an entity with problems, a text too large for JSON'],
  [EXIT.USAGE, 'wrong usage'],
  [EXIT.NO_INPUT, 'the input cannot be read'],
  [EXIT.FAULT, 'a fault of mimecal itself'],
  [EXIT.NO_OUTPUT, 'the output cannot be written'],
  // The process ends by the signal itself, so that a loop in a shell ends too; the shell makes 128 + 2 of it.
  [EXIT.INTERRUPTED, 'interrupted, by Ctrl-C for one (SIGINT)'],
])

/** Ends a command with one line for the user. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly exitCode: ExitCode

  /**
   * @param message one line; what is in it is escaped when it is shown
   * @param options `cause`, where another error led to this one
   */
  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}

/** What went wrong, without the code, the call and the path that Node puts around it: `no such file or directory`. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return /^[A-Z0-9_]+: ([^,]+)/.exec(message)?.[1] ?? message
}
