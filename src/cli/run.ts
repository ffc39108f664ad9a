/**
 * Arguments to a command, and what it ends with to an exit code.
 */
import { MimeError } from '../index.ts'
import { COMPOSE_USAGE, compose } from './compose.ts'
import { EXIT, type ExitCode, Failure, reasonOf } from './exit.ts'
import { INSPECT_USAGE, inspect } from './inspect.ts'
import type { Io } from './io.ts'
import { PARSE_USAGE, parse } from './parse.ts'
import { forTerminal } from './terminal.ts'
import { commandHelp, generalHelp, type Usage } from './usage.ts'

interface Command {
  readonly usage: Usage
  readonly run: (args: readonly string[], io: Io) => Promise<void>
}

const COMMANDS: readonly Command[] = [
  { usage: COMPOSE_USAGE, run: compose },
  { usage: PARSE_USAGE, run: parse },
  { usage: INSPECT_USAGE, run: inspect },
]

/**
 * Runs the command that the arguments name. Never throws.
 *
 * @param argv without the paths of Node and of the script
 */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  try {
    await dispatch(argv, io)
    return EXIT.FINE
  } catch (error) {
    return report(error, io)
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<void> {
  const [name, ...args] = argv
  if (name === '-h' || name === '--help') return io.write(generalHelp(COMMANDS.map(({ usage }) => usage)))
  if (name === '-v' || name === '--version') return io.write(`${await io.version()}\n`)
  const command = COMMANDS.find(({ usage }) => usage.name === name)
  if (command !== undefined) return asksForHelp(args) ? io.write(commandHelp(command.usage)) : command.run(args, io)
  const problem = name === undefined ? 'no command' : `no command ${JSON.stringify(name)}`
  const names = COMMANDS.map(({ usage }) => usage.name)
  throw new Failure(EXIT.USAGE, `${problem}; there are ${names.join(', ')} (see mimecal --help)`)
}

/** Whoever asks for help wants it whatever else is wrong with the arguments. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  const options = end === -1 ? args : args.slice(0, end)
  return options.includes('--help') || options.includes('-h')
}

function report(error: unknown, io: Io): ExitCode {
  const complain = (line: string): void => io.complain(`mimecal: ${forTerminal(line)}\n`)
  if (error instanceof MimeError) {
    for (const { code, path, message } of error.problems)
      complain(`${code} ${path === '' ? '' : `${path}: `}${message}`)
    return EXIT.REFUSED
  }
  if (error instanceof Failure) {
    complain(error.message)
    return error.exitCode
  }
  const { code, syscall } = error as NodeJS.ErrnoException
  // The reader went away, as head does when it has seen enough.
  if (code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED') return EXIT.FINE
  if (syscall === 'write') {
    complain(`cannot write standard output: ${reasonOf(error)}`)
    return EXIT.NO_OUTPUT
  }
  for (const line of String((error as Error).stack ?? error).split('\n')) complain(line)
  return EXIT.FAULT
}
