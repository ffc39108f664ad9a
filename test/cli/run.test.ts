/** What mimecal says and how it ends, whichever the command: version, input, wrong usage, the exit codes. */
import { describe, expect, test } from 'vitest'
import { mimecal, systemError } from './world.ts'

const COMMANDS = ['compose', 'parse', 'inspect', 'calendar']

describe('version', () => {
  test.each(['--version', '-v'])('%s', async option => {
    expect(await mimecal([option])).toMatchObject({ exitCode: 0, stdout: '1.2.3\n', stderr: '' })
  })
})

describe('which input it is', () => {
  const text = 'Subject: x\r\n\r\ntext\r\n'

  test.each([
    ['a file', ['a.eml'], { files: { 'a.eml': text } }, 'a.eml'],
    ['-', ['-'], { stdin: text }, 'standard input'],
    ['nothing, of a pipe', [], { stdin: text }, 'standard input'],
    ['nothing but options', ['--color', 'never'], { stdin: text }, 'standard input'],
    ['a name that looks like an option', ['--', '--help'], { files: { '--help': text } }, '--help'],
  ])('%s', async (_, args, world, name) => {
    const { exitCode, stdout, stderr } = await mimecal(['inspect', ...args], world)
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout.startsWith(`${name}: 20 octets`)).toBe(true)
  })
})

describe('wrong usage is one line and ends with 2', () => {
  test.each([
    [[], 'no command; there are compose, parse, inspect, calendar (see mimecal --help)'],
    [['send'], 'no command "send"; there are compose, parse, inspect, calendar (see mimecal --help)'],
    [['--bogus'], 'no command "--bogus"; there are compose, parse, inspect, calendar (see mimecal --help)'],
    [['parse'], 'no message.eml is named; - is standard input (see mimecal parse --help)'],
    [['inspect', 'a', 'b'], 'one message.eml at a time, not 2 (see mimecal inspect --help)'],
    [['compose', '--bogus', 'a'], "Unknown option '--bogus' (see mimecal compose --help)"],
    [['compose', 'a', '-o'], "Option '-o, --output <value>' argument missing (see mimecal compose --help)"],
    [['compose', '--draft=yes', 'a'], "Option '--draft' does not take an argument (see mimecal compose --help)"],
    [['compose', '--bcc', 'maybe', 'a'], '--bcc is omit or keep, not "maybe" (see mimecal compose --help)'],
    [['parse', '--attachments', 'x', 'a'], '--attachments is decode or omit, not "x" (see mimecal parse --help)'],
    [['inspect', '--color', 'a'], '--color is auto, always or never, not "a" (see mimecal inspect --help)'],
    [['inspect', '--color'], "Option '--color <value>' argument missing (see mimecal inspect --help)"],
    [['compose', '--index', '1.5', 'a'], '--index is a number, not "1.5" (see mimecal compose --help)'],
  ])('%j', async (args, line) => {
    expect(await mimecal(args)).toMatchObject({ exitCode: 2, stdout: '', stderr: `mimecal: ${line}\n` })
  })
})

describe('input and output that fail', () => {
  test.each(COMMANDS)('%s: a missing file ends with 66', async command => {
    const { exitCode, stdout, stderr } = await mimecal([command, 'nowhere'])
    expect([exitCode, stdout]).toEqual([66, ''])
    expect(stderr).toBe('mimecal: cannot read nowhere: no such file or directory\n')
  })

  test('standard input that cannot be read ends with 66', async () => {
    const { exitCode, stderr } = await mimecal(['parse', '-'])
    expect([exitCode, stderr]).toEqual([66, 'mimecal: cannot read standard input: illegal operation on a directory\n'])
  })

  test('what is escaped on a terminal is escaped in an error, too', async () => {
    const { stderr } = await mimecal(['parse', '\x1b]0;owned\x07\u009b\u202e\n'])
    expect(stderr).toContain('cannot read \\u001b]0;owned\\u0007\\u009b\\u202e\\u000a: ')
  })

  test.each(['EPIPE', 'ERR_STREAM_DESTROYED'])('a reader that went away (%s) is no error', async code => {
    const outputError = systemError(code, 'broken pipe, write', 'write')
    expect(await mimecal(['--help'], { outputError })).toMatchObject({ exitCode: 0, stderr: '' })
  })

  test('standard output that cannot be written ends with 73', async () => {
    const outputError = systemError('ENOSPC', 'no space left on device, write', 'write')
    const { exitCode, stderr } = await mimecal(['parse', '-'], { stdin: '', outputError })
    expect([exitCode, stderr]).toEqual([73, 'mimecal: cannot write standard output: no space left on device\n'])
  })

  test('a fault of our own ends with 70 and says where', async () => {
    const { exitCode, stderr } = await mimecal(['--version'], { outputError: new TypeError('x is not a function') })
    expect(exitCode).toBe(70)
    expect(stderr).toMatch(/^mimecal: TypeError: x is not a function\nmimecal: {5}at .*\n/)
  })
})
