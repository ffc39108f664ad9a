/**
 * Arguments to a command, and what it ends with to an exit code.
 */
import { MimeError } from '../index.ts'
import { COMMANDS } from './commands.ts'
import { EXIT, type ExitCode, Failure, reasonOf } from './exit.ts'
import { commandHelp, generalHelp } from './help.ts'
import type { Io } from './io.ts'
import { forTerminal } from './terminal.ts'
import type { Command } from './usage.ts'

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
  if (name === '-h' || name === '--help') return help(undefined, io)
  if (name === '-v' || name === '--version') return io.write(`${await io.version()}\n`)
  if (name === 'help')
    return help(
      args.find(arg => !arg.startsWith('-')),
      io,
    )
  const command = findCommand(name)
  return asksForHelp(args) ? help(name, io) : command.run(args, io)
}

function help(name: string | undefined, io: Io): Promise<void> {
  if (name !== undefined) return io.write(commandHelp(findCommand(name).usage, io))
  return io.write(
    generalHelp(
      COMMANDS.map(({ usage }) => usage),
      io,
    ),
  )
}

/** @throws {Failure} USAGE */
function findCommand(name: string | undefined): Command {
  const command = COMMANDS.find(({ usage }) => usage.name === name)
  if (command !== undefined) return command
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
