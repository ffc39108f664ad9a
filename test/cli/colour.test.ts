/** When output is coloured, and that colours are all that they add. */
import { describe, expect, test } from 'vitest'
import { mimecal, type World } from './world.ts'

const MESSAGE = [
  'From: a@b.example',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/plain; charset=nobody-knows',
  'Content-Disposition: attachment; filename="a.txt"',
  '',
  'text å',
  '',
].join('\r\n')

const CALENDAR = 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20260812\nEND:VEVENT\nEND:VCALENDAR\n'

const SGR = /\x1b\[\d+m/g

describe.each([
  ['inspect', MESSAGE],
  ['calendar', CALENDAR],
])('%s', (command, stdin) => {
  test.each<[string, boolean, Omit<World, 'stdin'>, string[]]>([
    ['a terminal', true, { isTerminal: true }, []],
    ['a pipe', false, {}, []],
    ['a terminal with NO_COLOR', false, { isTerminal: true, environment: { NO_COLOR: '1' } }, []],
    ['NO_COLOR that is empty', true, { isTerminal: true, environment: { NO_COLOR: '' } }, []],
    ['a terminal that is dumb', false, { isTerminal: true, environment: { TERM: 'dumb' } }, []],
    ['a pipe with FORCE_COLOR', true, { environment: { FORCE_COLOR: '1' } }, []],
    ['FORCE_COLOR that is empty', false, { environment: { FORCE_COLOR: '' } }, []],
    ['FORCE_COLOR=0', false, { isTerminal: true, environment: { FORCE_COLOR: '0' } }, []],
    ['FORCE_COLOR=false', false, { isTerminal: true, environment: { FORCE_COLOR: 'false' } }, []],
    ['FORCE_COLOR and NO_COLOR', true, { environment: { FORCE_COLOR: '1', NO_COLOR: '1' } }, []],
    ['--color=auto on a terminal', true, { isTerminal: true }, ['--color=auto']],
    ['--color=auto in a pipe', false, {}, ['--color=auto']],
    ['--color=always in a pipe', true, {}, ['--color=always']],
    ['--color=always with NO_COLOR', true, { environment: { NO_COLOR: '1' } }, ['--color', 'always']],
    ['--color=never with FORCE_COLOR', false, { environment: { FORCE_COLOR: '1' } }, ['--color=never']],
    ['JSON, which has none', false, { isTerminal: true, environment: { FORCE_COLOR: '1' } }, ['--json']],
  ])('%s: %s', async (_, isColoured, world, options) => {
    const { exitCode, stdout } = await mimecal([command, ...options], { ...world, stdin })
    expect(exitCode).toBe(0)
    expect(stdout.includes('\x1b[')).toBe(isColoured)
  })

  test('without its colours it is what is written without', async () => {
    const coloured = await mimecal([command, '--color=always'], { stdin })
    const plain = await mimecal([command], { stdin })
    expect(coloured.stdout.replaceAll(SGR, '')).toBe(plain.stdout)
    // Every line leaves the terminal as it was.
    for (const line of coloured.stdout.split('\n')) {
      const codes = [...line.matchAll(/\x1b\[(\d+)m/g)].map(([, code]) => Number(code))
      const off = codes.filter(code => code > 21 && code < 30).length + codes.filter(code => code === 39).length
      expect(codes.length).toBe(2 * off)
    }
  })
})
