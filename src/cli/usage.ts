/**
 * The options of a command: one table that reading arguments and writing help both follow.
 */
import { parseArgs } from 'node:util'
import { EXIT, EXIT_MEANINGS, Failure } from './exit.ts'

/** An option of a command. */
export interface Option {
  readonly type: 'boolean' | 'string'
  /** One letter. */
  readonly short?: string
  /** What help calls its value. */
  readonly value?: string
  /** The values it may have, where they are few. */
  readonly choices?: readonly string[]
  readonly help: string
}

/** The options of a command by their long names. */
export type Options = Readonly<Record<string, Option>>

/** How a command is used. */
export interface Usage {
  readonly name: string
  /** What help calls the file it reads. */
  readonly operand: string
  /** What it does, in a line. */
  readonly summary: string
  /** What else there is to know, line by line. */
  readonly notes: readonly string[]
  readonly options: Options
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
 * Reads the arguments of a command.
 *
 * @throws {Failure} USAGE where an option is unknown or has a wrong value, or where there is not exactly one file
 */
export function readArguments<const O extends Options>(
  usage: Usage & { readonly options: O },
  args: readonly string[],
): Arguments<O> {
  const { values, positionals } = parse(usage, args)
  for (const [name, { choices }] of Object.entries<Option>(usage.options)) {
    const value = values[name]
    if (choices === undefined || value === undefined || choices.includes(String(value))) continue
    throw wrongUsage(usage, `--${name} is ${choices.join(' or ')}, not ${JSON.stringify(value)}`)
  }
  const [file] = positionals
  if (file === undefined) throw wrongUsage(usage, `no ${usage.operand} is named; - is standard input`)
  if (positionals.length > 1) throw wrongUsage(usage, `one ${usage.operand} at a time, not ${positionals.length}`)
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

/** The error for arguments that are none. */
export function wrongUsage(usage: Usage, message: string, options?: ErrorOptions): Failure {
  return new Failure(EXIT.USAGE, `${message} (see mimecal ${usage.name} --help)`, options)
}

/** Options that every command has, and mimecal itself. */
const HELP: Option = { type: 'boolean', short: 'h', help: 'show this' }
const VERSION: Option = { type: 'boolean', short: 'v', help: 'show the version' }

/** The help of a command. */
export function commandHelp(usage: Usage): string {
  return [
    `Usage: mimecal ${usage.name} [options] <${usage.operand}|->`,
    '',
    `${usage.summary}.`,
    ...usage.notes,
    '',
    'Options:',
    ...columns(optionRows({ ...usage.options, help: HELP })),
    '',
    ...exitCodes(),
    '',
  ].join('\n')
}

/** The help of mimecal. */
export function generalHelp(usages: readonly Usage[]): string {
  return [
    'Usage: mimecal <command> [options] <file|->',
    '',
    'Composes e-mail entities into RFC 5322/MIME messages and parses them back.',
    '',
    'Commands:',
    ...columns(usages.map(({ name, summary }) => [name, summary])),
    '',
    'Options:',
    ...columns(optionRows({ help: HELP, version: VERSION })),
    '',
    'mimecal <command> --help shows the options of a command.',
    '',
    ...exitCodes(),
    '',
  ].join('\n')
}

function exitCodes(): string[] {
  return ['Exit codes:', ...columns([...EXIT_MEANINGS].map(([code, meaning]) => [String(code), meaning]))]
}

function optionRows(options: Options): [string, string][] {
  return Object.entries(options).map(([name, { short, value, choices, help }]) => {
    const names = short === undefined ? `    --${name}` : `-${short}, --${name}`
    const shown = choices?.join('|') ?? value
    return [shown === undefined ? names : `${names} <${shown}>`, help]
  })
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
