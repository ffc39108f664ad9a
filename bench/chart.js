/**
 * The chart: for every promise against a peer a bar, as long as mimecal is times as fast. Logarithmic, since ratios go
 * from 3 to 300; a mark on the bar is the floor. Bars to the left of 1 are peers that are faster.
 */
import { threeDigits } from './report.js'

/** @typedef {import('./types.d.ts').Verdict} Verdict */

const WIDTH = 860
const LABEL_WIDTH = 250
const BAR_WIDTH = 520
const TITLE_HEIGHT = 64
const GROUP_GAP = 14
const BAR_HEIGHT = 14
const BAR_STEP = 18
const AXIS_HEIGHT = 40

/** Peers in the order of the legend, with the colours of their bars. @type {Readonly<Record<string, string>>} */
const COLOURS = { nodemailer: '#3b6fb6', mimetext: '#8a63b8', mailparser: '#2f8f6b', 'postal-mime': '#c77f2a' }

const GRID = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]

/**
 * @param {readonly Verdict[]} verdicts
 * @returns {string} an SVG document; without ratios against peers, one without bars
 */
export function ratioChart(verdicts) {
  const ratios = verdicts.filter(({ kind, other }) => kind === 'ratio' && peerOf(other) !== '')
  const values = ratios.flatMap(({ value, bound }) => [value, bound])
  const leftmost = GRID.findLast(line => line <= 1 && values.every(value => value >= line)) ?? 0.1
  const rightmost = GRID.find(line => line > 1 && values.every(value => value <= line)) ?? 1000
  /** @param {number} ratio */
  const x = ratio => {
    const shown = Math.min(Math.max(ratio, leftmost), rightmost)
    return LABEL_WIDTH + (BAR_WIDTH * Math.log10(shown / leftmost)) / Math.log10(rightmost / leftmost)
  }

  const bars = []
  let y = TITLE_HEIGHT
  let title = ''
  for (const verdict of ratios) {
    if (verdict.title !== title) {
      if (title !== '') y += GROUP_GAP
      title = verdict.title
      bars.push(text(LABEL_WIDTH - 10, y + BAR_HEIGHT - 3, title, 'text-anchor="end" class="label"'))
    }
    bars.push(bar(verdict, x, y))
    y += BAR_STEP
  }
  const bottom = y + 6
  const height = bottom + AXIS_HEIGHT
  const grid = GRID.filter(line => line >= leftmost && line <= rightmost).map(
    line =>
      `<line x1="${round(x(line))}" y1="${TITLE_HEIGHT - 6}" x2="${round(x(line))}" y2="${bottom}" class="grid"/>` +
      text(round(x(line)), bottom + 16, `${line}×`, 'text-anchor="middle" class="tick"'),
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="How many times as fast as its peers mimecal is">
<style>
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 15px; font-weight: 600 }
  .tick, .value { font-size: 11px; fill: #57606a }
  .grid { stroke: #d0d7de; stroke-width: 1 }
  .floor { stroke: #24292f; stroke-width: 2 }
</style>
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
${text(20, 26, 'How many times as fast as its peers mimecal is', 'class="title"')}
${legend()}
${grid.join('\n')}
${bars.join('\n')}
${text(LABEL_WIDTH, bottom + 33, 'logarithmic; the dark mark is the floor that is promised', 'class="tick"')}
</svg>
`
}

/**
 * @param {Verdict} verdict
 * @param {(ratio: number) => number} x
 * @param {number} y
 */
function bar({ own, other, value, bound }, x, y) {
  const colour = COLOURS[peerOf(other)]
  const note = `${own} against ${other}: ${threeDigits(value)}×, promised ${threeDigits(bound)}×`
  const start = Math.min(x(1), x(value))
  const end = Math.max(x(1), x(value))
  return [
    `<g><title>${escapeXml(note)}</title>`,
    `<rect x="${round(start)}" y="${y}" width="${round(end - start)}" height="${BAR_HEIGHT}" rx="2" fill="${colour}"/>`,
    `<line x1="${round(x(bound))}" y1="${y}" x2="${round(x(bound))}" y2="${y + BAR_HEIGHT}" class="floor"/>`,
    text(
      round(Math.max(end, x(bound))) + 6,
      y + BAR_HEIGHT - 3,
      `${threeDigits(value)}× ${own.replace('mimecal ', '')}`,
      'class="value"',
    ),
    '</g>',
  ].join('')
}

function legend() {
  return Object.entries(COLOURS)
    .map(
      ([peer, colour], index) =>
        `<rect x="${LABEL_WIDTH + index * 110}" y="38" width="10" height="10" rx="2" fill="${colour}"/>` +
        text(LABEL_WIDTH + index * 110 + 16, 47, peer, ''),
    )
    .join('\n')
}

/** @param {string} side */
function peerOf(side) {
  return Object.keys(COLOURS).find(peer => side.startsWith(peer)) ?? ''
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} content
 * @param {string} attributes
 */
function text(x, y, content, attributes) {
  return `<text x="${x}" y="${y}"${attributes === '' ? '' : ` ${attributes}`}>${escapeXml(content)}</text>`
}

/** @param {string} value */
function escapeXml(value) {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10
}
