/**
 * Text for a terminal.
 *
 * What a stranger wrote into a mail may drive the terminal it is shown on: ESC sequences set its title, its clipboard or
 * what was printed before; U+009B is one character that starts such a sequence; bidi controls show `gpj.exe` as
 * `exe.jpg`. All of it is shown as `\uXXXX`.
 */

/** Controls C0 and C1, line separators, bidi controls and lone surrogates. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/gu

/** One line, with all that is no plain text escaped; line breaks, too. */
export function forTerminal(line: string): string {
  return line.replace(UNSAFE, escaped)
}

/** JSON text that means the same and is safe to show: its own line breaks stay. */
export function jsonForTerminal(json: string): string {
  return json.replace(UNSAFE, character => (character === '\n' ? character : escaped(character)))
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
