/**
 * The report: figures and verdicts as text for the terminal and as Markdown for RESULTS.md.
 */
import { best, median } from './statistics.js'

/** @typedef {import('./types.d.ts').GroupFigures} GroupFigures */
/** @typedef {import('./types.d.ts').Verdict} Verdict */
/** @typedef {readonly (readonly string[])[]} Rows the first is the head */

const FIGURES_HEAD = ['', 'best', 'median', 'rate', 'memory']
const VERDICTS_HEAD = ['', 'mimecal', 'against', 'best', 'median', 'promised', '']

/**
 * @param {number} value
 * @returns {string} three digits, or all of those before the point
 */
export function threeDigits(value) {
  if (value >= 1000) return String(Math.round(value))
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)
}

/** @param {number} milliseconds */
export function formatTime(milliseconds) {
  if (milliseconds >= 1000) return `${threeDigits(milliseconds / 1000)} s`
  return milliseconds >= 1 ? `${threeDigits(milliseconds)} ms` : `${threeDigits(milliseconds * 1000)} µs`
}

/** @param {number} octets */
export function formatMemory(octets) {
  return `${threeDigits(octets / (1024 * 1024))} MiB`
}

/**
 * What is done in a second, at best.
 *
 * @param {GroupFigures} group
 * @param {number} milliseconds for one run
 */
function formatRate({ octets, messages }, milliseconds) {
  const perSecond = 1000 / milliseconds
  if (octets === undefined) return `${threeDigits(messages * perSecond)}/s`
  const rate = octets * perSecond
  return rate >= 1e9 ? `${threeDigits(rate / 1e9)} GB/s` : `${threeDigits(rate / 1e6)} MB/s`
}

/**
 * @param {GroupFigures} group
 * @returns {Rows}
 */
function figureRows(group) {
  return [
    FIGURES_HEAD,
    ...Object.entries(group.sides).map(([name, { samples, memory }]) => [
      name,
      formatTime(best(samples)),
      formatTime(median(samples)),
      formatRate(group, best(samples)),
      memory.length === 0 ? '' : `+${formatMemory(best(memory))}`,
    ]),
  ]
}

/**
 * @param {readonly Verdict[]} verdicts
 * @returns {Rows}
 */
function verdictRows(verdicts) {
  return [
    VERDICTS_HEAD,
    ...verdicts.map(verdict => [
      verdict.title,
      verdict.own.replace('mimecal ', ''),
      verdict.other,
      formatValue(verdict, verdict.value),
      verdict.typical === undefined ? '' : formatValue(verdict, verdict.typical),
      `${verdict.kind === 'ratio' ? '≥' : '≤'} ${formatValue(verdict, verdict.bound)}`,
      verdict.kept ? 'kept' : 'BROKEN',
    ]),
  ]
}

/**
 * @param {Verdict} verdict
 * @param {number} value
 */
function formatValue({ kind }, value) {
  return kind === 'memory' ? `+${formatMemory(value)}` : `${threeDigits(value)}×`
}

/**
 * @param {Rows} rows
 * @returns {string} columns in line, the first and those of words to the left
 */
function textTable(rows) {
  const widths = columnWidths(rows)
  return rows
    .map(cells =>
      cells
        .map((cell, column) => pad(cell, widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/**
 * @param {Rows} rows
 * @returns {string}
 */
function markdownTable(rows) {
  const [head = [], ...body] = rows
  const lines = [head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...body]
  return lines.map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

/** @param {Rows} rows */
function columnWidths(rows) {
  return (rows[0] ?? []).map((_, column) => Math.max(...rows.map(cells => cells[column]?.length ?? 0)))
}

/**
 * @param {string} cell
 * @param {number} width
 */
function pad(cell, width) {
  return /^[≥≤+\d]/.test(cell) ? cell.padStart(width) : cell.padEnd(width)
}

/**
 * Text of one group: its title and a line for each side.
 *
 * @param {GroupFigures} group
 */
export function groupText(group) {
  if (group.skipped !== undefined) return `${group.title}: skipped, ${group.skipped}\n`
  const [head = [], ...rows] = figureRows(group)
  return `${textTable([[group.title, ...head.slice(1)], ...rows.map(([name, ...cells]) => [`  ${name}`, ...cells])])}\n`
}

/** @param {readonly Verdict[]} verdicts */
export function verdictsText(verdicts) {
  return textTable(verdictRows(verdicts))
}

/**
 * What a run was made with.
 *
 * @typedef {object} Circumstances
 * @property {string} machine
 * @property {string} node
 * @property {string} commit
 * @property {string} date
 * @property {Readonly<Record<string, string>>} peers versions by name
 */

/**
 * RESULTS.md.
 *
 * @param {readonly GroupFigures[]} figures
 * @param {readonly Verdict[]} verdicts
 * @param {Circumstances} circumstances
 */
export function resultsMarkdown(figures, verdicts, { machine, node, commit, date, peers }) {
  const versions = Object.entries(peers).map(([name, version]) => `${name} ${version}`)
  const groups = figures.map(group =>
    group.skipped === undefined
      ? `### ${group.title}\n\n${markdownTable(figureRows(group))}`
      : `### ${group.title}\n\nSkipped: ${group.skipped}.`,
  )
  return `# Benchmark results

Written by \`npm run bench\`; do not edit.

- ${date}, commit ${commit}
- ${machine}, Node ${node}
- against ${versions.join(', ')}

Every group runs in three processes of its own, in which its sides take turns, so ratios come from the same minutes.
"best" is the fastest round, "median" the middle one; a ratio is how many times as fast mimecal is, by the best of
either side. "limit" is a loop that does only what no implementation on Node can do without. Memory is the peak above
the process before its first message, of processes that do nothing else. Peers run with their own defaults, as their
documentation has them used. mimetext neither folds base64 nor encodes bodies, so it does less than the others. GMime
runs in a process of its own, where it is installed.

![How many times as fast as its peers mimecal is](results.svg)

## Promises

${markdownTable(verdictRows(verdicts))}

## Figures

${groups.join('\n\n')}
`
}
