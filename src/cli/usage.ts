/**
 * How commands are used: one table for each that reading arguments, help and tests follow.
 */
import { parseArgs } from 'node:util'
import { EXIT, Failure } from './exit.ts'
import type { Io } from './io.ts'

/** An option of a command. */
export interface Option {
  readonly type: 'boolean' | 'string'
  /** One letter. */
  readonly short?: string
  /** What help calls its value. */
  readonly value?: string
  /** The values it may have, where they are few. */
  readonly choices?: readonly string[]
  /** True where `--no-…` says something else than to leave it out. */
  readonly negatable?: boolean
  readonly help: string
}

/** The options of a command by their long names. */
export type Options = Readonly<Record<string, Option>>

/** Something to try. */
export interface Example {
  /** A line for the shell. */
  readonly run: string
  readonly does: string
}

/** How a command is used. */
export interface Usage {
  readonly name: string
  /** What messages call the file it reads. */
  readonly operand: string
  /** What it does, in a line: `prints …`. */
  readonly summary: string
  /** What else there is to know, in paragraphs. */
  readonly description: readonly string[]
  readonly options: Options
  readonly examples: readonly Example[]
}

/** A command. */
export interface Command {
  readonly usage: Usage
  /** @param args what stands after its name */
  readonly run: (args: readonly string[], io: Io) => Promise<void>
}

type ValueOf<O extends Option> = O extends { choices: readonly (infer Choice)[] }
  ? Choice
  : O['type'] extends 'boolean'
    ? boolean
    : string

/** The arguments of a command. */
export interface Arguments<O extends Options> {
  /** The file to read; `-` for standard input. */
  readonly file: string
  readonly values: { readonly [Name in keyof O]?: ValueOf<O[Name]> }
}

/**
 * Reads the arguments of a command. Without a file it reads standard input, unless that is a terminal.
 *
 * @throws {Failure} USAGE where an option is unknown or has a wrong value, or where it is not one file
 */
export function readArguments<const O extends Options>(
  usage: Usage & { readonly options: O },
  args: readonly string[],
  io: Io,
): Arguments<O> {
  const { values, positionals } = parse(usage, args)
  for (const [name, { choices }] of Object.entries<Option>(usage.options)) {
    const value = values[name]
    if (choices === undefined || value === undefined || choices.includes(String(value))) continue
    throw wrongUsage(usage, `--${name} is ${inWords(choices)}, not ${JSON.stringify(value)}`)
  }
  if (positionals.length > 1) throw wrongUsage(usage, `one ${usage.operand} at a time, not ${positionals.length}`)
  const [file = io.isInputTerminal ? undefined : '-'] = positionals
  if (file === undefined) throw wrongUsage(usage, `no ${usage.operand} is named; - is standard input`)
  return { file, values: values as Arguments<O>['values'] }
}

function parse(usage: Usage, args: readonly string[]) {
  try {
    return parseArgs({ args, options: usage.options, allowPositionals: true, allowNegative: true })
  } catch (error) {
    // "Unknown option '--x'. To specify a positional argument ...": the first sentence is enough.
    const [sentence] = (error as Error).message.split(/\.(?:\s|$)/)
    throw wrongUsage(usage, sentence!, { cause: error })
  }
}

/** `a, b or c`. */
function inWords(choices: readonly string[]): string {
  return [choices.slice(0, -1).join(', '), choices.at(-1)!].join(' or ')
}

/** The error for arguments that are none. */
export function wrongUsage(usage: Usage, message: string, options?: ErrorOptions): Failure {
  return new Failure(EXIT.USAGE, `${message} (see mimecal ${usage.name} --help)`, options)
}
