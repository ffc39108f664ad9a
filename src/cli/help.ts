/**
 * The help of mimecal and of its commands, laid out as manual pages are.
 */
import { painter } from './colour.ts'
import { EXIT_MEANINGS } from './exit.ts'
import type { Io } from './io.ts'
import type { Example, Option, Options, Usage } from './usage.ts'

/** Options that every command has, and mimecal itself. */
export const HELP_OPTION: Option = { type: 'boolean', short: 'h', help: 'show this' }
export const VERSION_OPTION: Option = { type: 'boolean', short: 'v', help: 'show the version' }

/** Environment variables, with what each of them does. */
const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['NO_COLOR', 'where it is not empty, output has no colour unless --color says so'],
  ['FORCE_COLOR', 'where it is not empty, output has colour; 0 and false mean none. It counts more than NO_COLOR'],
  ['TMPDIR', 'the folder for temporary files'],
]

/** Characters in a line: of help that is no terminal's, and at least and at most on a terminal. */
const DEFAULT_WIDTH = 80
const MIN_WIDTH = 60
const MAX_WIDTH = 100

/** Columns of text, and of text that belongs to the line above it. */
const INDENT = 7
const DEEP_INDENT = 14

/** The help of a command. */
export function commandHelp(usage: Usage, io: Io): string {
  const page = new Page(io)
  const { name, summary, options, description, examples } = usage
  page.heading('NAME')
  page.text(`mimecal-${name} - ${summary}`)
  page.heading('SYNOPSIS')
  const synopsis = Object.entries(options).map(([long, option]) => `[${longForm(long, option)}]`)
  page.hanging(`mimecal ${name} `, [...synopsis, '[--]', '[FILE]'])
  page.heading('DESCRIPTION')
  page.paragraphs([...description, `Without FILE, or where FILE is -, ${name} reads standard input.`])
  page.heading('OPTIONS')
  page.options({ ...options, help: HELP_OPTION })
  page.ending(examples)
  return page.toString()
}

/** The help of mimecal. */
export function generalHelp(usages: readonly Usage[], io: Io): string {
  const page = new Page(io)
  page.heading('NAME')
  page.text('mimecal - composes e-mail entities into RFC 5322/MIME messages and parses them back')
  page.heading('SYNOPSIS')
  page.hanging('mimecal ', ['COMMAND', '[OPTION...]', '[FILE]'])
  page.hanging('mimecal ', ['help', '[COMMAND]'])
  page.hanging('mimecal ', ['--version'])
  page.heading('DESCRIPTION')
  page.paragraphs([
    'Each command reads a file, or standard input where FILE is - or missing, and writes to standard output: what one writes another reads.',
    'What a stranger wrote into a message does not reach a terminal as it is: control characters are shown as \\uXXXX.',
  ])
  page.heading('COMMANDS')
  page.terms(usages.map(({ name, summary }) => [name, summary]))
  page.heading('OPTIONS')
  page.options({ help: HELP_OPTION, version: VERSION_OPTION })
  page.ending(usages.map(({ examples }) => examples[0]!))
  return page.toString()
}

/** `--bcc=omit|keep`, `--[no-]pretty`. */
function longForm(name: string, { value, choices, negatable }: Option): string {
  const shown = choices?.join('|') ?? value
  return `--${negatable === true ? '[no-]' : ''}${name}${shown === undefined ? '' : `=${shown}`}`
}

function capitalised(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1)
}

function sentence(text: string): string {
  return `${capitalised(text)}.`
}

/** A manual page that is being written. */
class Page {
  readonly #lines: string[] = []
  readonly #width: number
  readonly #bold: (text: string) => string

  constructor(io: Io) {
    const { columns = DEFAULT_WIDTH } = io.terminal ?? {}
    this.#width = Math.min(Math.max(columns, MIN_WIDTH), MAX_WIDTH)
    const paint = painter(io)
    this.#bold = text => paint('bold', text)
  }

  heading(title: string): void {
    if (this.#lines.length > 0) this.#lines.push('')
    this.#lines.push(this.#bold(title))
  }

  text(text: string, indent = INDENT): void {
    this.#wrapped(text.split(' '), ' '.repeat(indent), ' '.repeat(indent))
  }

  paragraphs(paragraphs: readonly string[]): void {
    for (const [index, paragraph] of paragraphs.entries()) {
      if (index > 0) this.#lines.push('')
      this.text(paragraph)
    }
  }

  /** Words after a start that stands out. */
  hanging(start: string, words: readonly string[]): void {
    const indent = ' '.repeat(INDENT)
    this.#wrapped(words, indent + start, indent + ' '.repeat(start.length))
  }

  /** Each term on a line of its own where it does not fit before its text. */
  terms(rows: readonly (readonly [string, string])[]): void {
    for (const [term, text] of rows) {
      const first = `${' '.repeat(INDENT)}${term}`
      if (first.length + 2 > DEEP_INDENT) {
        this.#lines.push(first)
        this.text(sentence(text), DEEP_INDENT)
      } else {
        this.#wrapped(sentence(text).split(' '), first.padEnd(DEEP_INDENT), ' '.repeat(DEEP_INDENT))
      }
    }
  }

  options(options: Options): void {
    for (const [index, [name, option]] of Object.entries(options).entries()) {
      if (index > 0) this.#lines.push('')
      const short = option.short === undefined ? '' : `-${option.short}, `
      this.#lines.push(`${' '.repeat(INDENT)}${short}${longForm(name, option)}`)
      this.text(sentence(option.help), DEEP_INDENT)
    }
  }

  /** What all pages end with. */
  ending(examples: readonly Example[]): void {
    this.heading('EXIT STATUS')
    this.terms([...EXIT_MEANINGS].map(([code, meaning]) => [String(code), meaning]))
    this.heading('ENVIRONMENT')
    this.terms(ENVIRONMENT.map(([name, meaning]) => [name, meaning]))
    this.heading('EXAMPLES')
    for (const [index, { run, does }] of examples.entries()) {
      if (index > 0) this.#lines.push('')
      this.text(`${capitalised(does)}:`)
      // A line to copy: it is not broken.
      this.#lines.push(`${' '.repeat(INDENT)}  ${run}`)
    }
  }

  toString(): string {
    return `${this.#lines.join('\n')}\n`
  }

  #wrapped(words: readonly string[], first: string, others: string): void {
    let line = first
    let isEmpty = true
    for (const word of words) {
      const next = isEmpty ? line + word : `${line} ${word}`
      if (isEmpty || next.length <= this.#width) {
        line = next
      } else {
        this.#lines.push(line)
        line = others + word
      }
      isEmpty = false
    }
    this.#lines.push(line)
  }
}
