/** Help: laid out as manual pages are, and told from the table that reading arguments follows. */
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.ts'
import { EXIT, EXIT_MEANINGS } from '../../src/cli/exit.ts'
import { mimecal } from './world.ts'

const NAMES = COMMANDS.map(({ usage }) => usage.name)
const HEADINGS = ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'EXIT STATUS', 'ENVIRONMENT', 'EXAMPLES']

/** The text of a page as one line: where it is broken does not count. */
function flat(page: string): string {
  return page.replace(/\s+/g, ' ')
}

/** What stands below a heading. */
function section(page: string, heading: string): string {
  return page.split(/^(?=\S)/m).find(text => text.startsWith(`${heading}\n`)) ?? ''
}

function headings(page: string): string[] {
  return page.split('\n').filter(line => /^\S/.test(line))
}

describe('mimecal --help', () => {
  test.each([[['--help']], [['-h']], [['help']], [['help', '--help']]])(
    '%j names every command, exit code and example that works',
    async args => {
      const { exitCode, stdout, stderr } = await mimecal(args)
      expect([exitCode, stderr]).toEqual([0, ''])
      expect(headings(stdout)).toEqual(HEADINGS.toSpliced(3, 0, 'COMMANDS'))
      const commands = section(stdout, 'COMMANDS')
      for (const name of NAMES) expect(commands).toMatch(new RegExp(`^ {7}${name}\\b`, 'm'))
      for (const { usage } of COMMANDS) expect(stdout).toContain(usage.examples[0]!.run)
    },
  )

  test('every exit code has a meaning, and every page tells it', async () => {
    expect([...EXIT_MEANINGS.keys()]).toEqual(Object.values(EXIT))
    for (const args of [[], ...NAMES.map(name => [name])]) {
      const codes = section((await mimecal([...args, '--help'])).stdout, 'EXIT STATUS')
      expect([...codes.matchAll(/^ {7}(\d+) {2,}\S/gm)].map(([, code]) => Number(code))).toEqual(Object.values(EXIT))
    }
  })

  test.each([60, 72, 80, 100, 10, 500])('a terminal of %i columns', async columns => {
    const pages = await Promise.all(
      [[], ...NAMES.map(name => [name])].map(args => mimecal([...args, '-h'], { isTerminal: true, columns })),
    )
    const width = Math.min(Math.max(columns, 60), 100)
    for (const { stdout } of pages) {
      const lines = stdout
        .replaceAll(/\x1b\[\d+m/g, '')
        .split(/^EXAMPLES$/m)[0]!
        .split('\n')
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width)
      expect(Math.max(...lines.map(({ length }) => length))).toBeGreaterThan(width - 12)
    }
  })

  test('headings are bold on a terminal, and nowhere else', async () => {
    expect((await mimecal(['-h'], { isTerminal: true })).stdout).toMatch(/^\x1b\[1mNAME\x1b\[22m\n/)
    expect((await mimecal(['-h'])).stdout).not.toContain('\x1b')
  })
})

describe.each(COMMANDS.map(({ usage }) => [usage.name, usage] as const))('mimecal %s --help', (name, usage) => {
  test.each([[[name, '--help']], [[name, '-h', 'a', 'b']], [[name, '--bogus', '--help']], [['help', name]]])(
    '%j is the page, whatever else is wrong',
    async args => {
      const { exitCode, stdout, stderr } = await mimecal(args)
      expect([exitCode, stderr]).toEqual([0, ''])
      expect(headings(stdout)).toEqual(HEADINGS)
      expect(flat(section(stdout, 'NAME'))).toBe(`NAME mimecal-${name} - ${usage.summary} `)
    },
  )

  test('tells every option of the table, in SYNOPSIS and in OPTIONS with its meaning', async () => {
    const { stdout } = await mimecal([name, '--help'])
    for (const [long, { short, value, choices, negatable, help }] of Object.entries(usage.options)) {
      const argument = choices?.join('|') ?? value
      const form = `--${negatable ? '[no-]' : ''}${long}${argument === undefined ? '' : `=${argument}`}`
      expect(flat(section(stdout, 'SYNOPSIS'))).toContain(`[${form}]`)
      expect(section(stdout, 'OPTIONS')).toContain(`\n       ${short === undefined ? '' : `-${short}, `}${form}\n`)
      expect(flat(section(stdout, 'OPTIONS'))).toContain(help.slice(1))
    }
  })

  test('reading arguments takes every option of the table', async () => {
    for (const [long, { type, short, choices }] of Object.entries(usage.options)) {
      const values = type === 'boolean' ? [undefined] : (choices ?? ['1'])
      for (const value of values) {
        for (const option of short === undefined ? [`--${long}`] : [`--${long}`, `-${short}`]) {
          const args = value === undefined ? [option] : [option, value]
          // Taken as an option, and not as a file: then the file that is missing is the fault.
          const { stderr } = await mimecal([name, ...args, 'nowhere'])
          expect(stderr).toBe('mimecal: cannot read nowhere: no such file or directory\n')
        }
      }
    }
  })

  test('examples call commands and options that there are', async () => {
    for (const { run } of usage.examples) {
      for (const call of run.split('|').filter(part => /^\s*mimecal /.test(part))) {
        const [, command, rest = ''] = /^\s*mimecal (\w+)(.*)/.exec(call) ?? []
        const called = COMMANDS.find(other => other.usage.name === command)?.usage
        for (const [, long] of rest.matchAll(/ --([a-z-]+)/g)) expect(Object.keys(called!.options)).toContain(long)
      }
    }
  })
})

test('help about a command that is not there is wrong usage', async () => {
  const { exitCode, stdout, stderr } = await mimecal(['help', 'send'])
  expect([exitCode, stdout]).toEqual([2, ''])
  expect(stderr).toBe(`mimecal: no command "send"; there are ${NAMES.join(', ')} (see mimecal --help)\n`)
})
