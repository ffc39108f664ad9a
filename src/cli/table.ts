/**
 * Tables of text for a terminal. What is in a cell is escaped here, and coloured after that.
 */
import type { Paint, Style } from './colour.ts'
import { forTerminal } from './terminal.ts'

/** A column. */
export interface Column {
  readonly title: string
  readonly align: 'left' | 'right'
  readonly style?: Style
}

/** Widest column in characters: what is wider breaks the alignment of its own line alone. */
const MAX_COLUMN_WIDTH = 60

/** The lines of a table, its titles first. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], paint: Paint): string[] {
  const escaped = rows.map(row => row.map(forTerminal))
  const widths = columns.map(({ title }) => title.length)
  for (const row of escaped) {
    for (const [index, cell] of row.entries()) {
      if (cell.length <= MAX_COLUMN_WIDTH) widths[index] = Math.max(widths[index]!, cell.length)
    }
  }
  const lineOf = (row: readonly string[], styleOf: (column: Column) => Style | undefined): string => {
    const last = row.findLastIndex(cell => cell !== '')
    const cells = columns.slice(0, last + 1).map((column, index) => {
      const cell = row[index]!
      const style = styleOf(column)
      const painted = style === undefined ? cell : paint(style, cell)
      const blanks = ' '.repeat(Math.max(widths[index]! - cell.length, 0))
      if (column.align === 'right') return blanks + painted
      return index === last ? painted : painted + blanks
    })
    return cells.join('  ')
  }
  const titles = columns.map(({ title }) => title)
  return [lineOf(titles, () => 'bold'), ...escaped.map(row => lineOf(row, ({ style }) => style))]
}

/** `1 part`, `2 parts`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
