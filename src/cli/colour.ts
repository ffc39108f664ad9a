/**
 * Colours of text on a terminal, and whether there are any.
 *
 * What is coloured must be escaped before: ./terminal.ts knows no difference between our sequences and a stranger's.
 */
import type { Io } from './io.ts'

/** SGR of ECMA-48 §8.3.117: what switches each style on, and off again. */
const STYLES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const

export type Style = keyof typeof STYLES

/** Puts text into a style, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string

/** The option of commands that write for people. */
export const COLOR_OPTION = {
  type: 'string',
  choices: ['auto', 'always', 'never'],
  help: 'when to colour the output; auto, the default, is on a terminal only (see ENVIRONMENT)',
} as const

/** Text as it should be on standard output. */
export function painter(io: Io, when: 'auto' | 'always' | 'never' = 'auto'): Paint {
  const isColoured = when === 'auto' ? isColouredByDefault(io) : when === 'always'
  if (!isColoured) return (_, text) => text
  return (style, text) => (text === '' ? '' : `\x1b[${STYLES[style][0]}m${text}\x1b[${STYLES[style][1]}m`)
}

/** FORCE_COLOR before NO_COLOR, as Node itself takes them; each counts where it is not empty. */
function isColouredByDefault({ terminal, environment }: Io): boolean {
  const { FORCE_COLOR: force = '', NO_COLOR: no = '', TERM: term } = environment
  if (force !== '') return force !== '0' && force !== 'false'
  return no === '' && term !== 'dumb' && terminal !== undefined
}
