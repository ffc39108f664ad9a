/** The figures of README.md are those of bench/RESULTS.md, to two digits. */
import { expect, test } from 'vitest'
import { readFile, readPages, tableUnder } from './pages.ts'

const README = readPages().find(({ path }) => path === 'README.md')!
const RESULTS = { path: 'bench/RESULTS.md', text: readFile('bench/RESULTS.md').replace(/^\| {2}\|/gm, '| group |') }

/** Group and side of the benchmark that a row is of. */
const MEASURED: Readonly<Record<string, readonly [group: string, side: string]>> = {
  'compose a 25 MiB attachment, as a stream': ['compose 25 MiB, stream or reused memory', 'iterate'],
  'compose a 25 MiB attachment, in fresh memory': ['compose 25 MiB, fresh memory', 'toBytes'],
  'compose a message of 2 KB': ['compose 2 KB of ASCII', 'toBytes'],
  'parse a 25 MiB attachment, decoded': ['parse 25 MiB, decoded', 'decode'],
  'parse a message of 2 KB': ['parse 2 KB of ASCII', 'decode'],
  'parse 28 KB of Swedish text and HTML': ['parse 28 KB of Swedish text and HTML', 'decode'],
}

const PEERS = ['nodemailer', 'mailparser', 'postal-mime']

const rows = tableUnder(README, 'Beside its peers').filter(row => row['times as fast, on Node 20'] !== undefined)
const figures = rows.flatMap(row =>
  PEERS.filter(peer => row[peer] !== '–').map(peer => [row['times as fast, on Node 20']!, peer, row[peer]!] as const),
)

test('the table has figures of every row', () => {
  expect(rows.map(row => row['times as fast, on Node 20'])).toEqual(Object.keys(MEASURED))
  expect(figures.length).toBeGreaterThanOrEqual(rows.length)
})

test.each(figures)('%s, against %s: %s times', (name, peer, figure) => {
  const [group, side] = MEASURED[name]!
  const measured = tableUnder(RESULTS, 'Promises').find(
    row => row.group === group && row.mimecal === side && row.against!.startsWith(`${peer} `),
  )
  expect(measured, `${group}, ${side} against ${peer}`).toBeDefined()
  expect(Number(figure)).toBe(Number(Number.parseFloat(measured!.best!).toPrecision(2)))
})
