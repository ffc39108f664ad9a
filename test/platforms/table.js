/** Tables of pass marks, as Markdown that is aligned for the terminal. */

/** @typedef {import('./checks.js').Cell} Cell */
/** @typedef {{ name: string, version: string, cells: Cell[] }} Column */

/**
 * One line for each check, one column for each of what it was tried on; `–` where it was not.
 *
 * @param {readonly Column[]} columns
 */
export function formatMatrix(columns) {
  const rows = [...new Set(columns.flatMap(({ cells }) => cells.map(({ row }) => row)))]
  return formatTable([
    ['', ...columns.map(({ name }) => name)],
    ['', ...columns.map(({ version }) => version)],
    ...rows.map(row => [row, ...columns.map(({ cells }) => mark(cells.find(cell => cell.row === row)))]),
  ])
}

/** @param {Cell | undefined} cell */
function mark(cell) {
  if (cell === undefined) return '–'
  return cell.failures.length === 0 ? `✓ ${cell.checks}` : `✗ ${cell.failures.length} of ${cell.checks}`
}

/** @param {readonly (readonly string[])[]} rows the first is the head */
function formatTable([head = [], ...rows]) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map(row => row[column]?.length ?? 0)))
  /** @param {readonly string[]} cells */
  const line = cells => {
    const padded = cells.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    )
    return `| ${padded.join(' | ')} |`
  }
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}
