import { describe, expect, test } from 'vitest'
import { beforeLineBreak, delimiterOf, MAX_DELIMITER_LINE, OpenContainers } from '../../src/mime/delimiter.ts'

/** Containers with these boundaries open, outermost first; `null` is a message. */
function opened(...boundaries: readonly (string | null)[]): OpenContainers<string> {
  const containers = new OpenContainers<string>()
  for (const boundary of boundaries) {
    if (boundary === null) containers.openMessage('message')
    else containers.openMultipart(boundary, delimiterOf(boundary)!)
  }
  return containers
}

/** What is found from the start: level, offset, the rest after the line, and whether it closes. */
function find(source: string, ...boundaries: readonly (string | null)[]): unknown[] | undefined {
  const octets = Buffer.from(source, 'latin1')
  const found = opened(...boundaries).find(octets, 0)
  return found && [found.level, found.start, octets.toString('latin1', found.next), found.closes]
}

describe('delimiterOf', () => {
  test.each([
    ['b', '--b'],
    ['b  ', '--b'],
    ['with blanks inside', '--with blanks inside'],
    ['bär', '--bär'],
    ['x'.repeat(900), `--${'x'.repeat(900)}`],
  ])('%j', (boundary, delimiter) => {
    expect(Buffer.from(delimiterOf(boundary)!).toString()).toBe(delimiter)
  })

  test.each([undefined, '', '  ', 'x'.repeat(901)])('%j has none', boundary => {
    expect(delimiterOf(boundary)).toBeUndefined()
  })
})

describe('find', () => {
  test.each<[section: string, what: string, source: string, found: unknown[] | undefined]>([
    ['§5.1.1', 'at the start', '--b\r\nrest', [0, 0, 'rest', false]],
    ['§5.1.1', 'after CRLF', 'x\r\n--b\r\nrest', [0, 3, 'rest', false]],
    ['§5.1.1', 'the close-delimiter', 'x\r\n--b--\r\nrest', [0, 3, 'rest', true]],
    ['§5.1.1', 'transport padding', 'x\r\n--b \t \r\nrest', [0, 3, 'rest', false]],
    ['§5.1.1', 'transport padding of the close-delimiter', 'x\r\n--b--\t\r\nrest', [0, 3, 'rest', true]],
    ['§5.1.1', 'a line that goes on', 'x\r\n--bc\r\n--b\r\nrest', [0, 9, 'rest', false]],
    ['§5.1.1', 'a line that goes on after blanks', 'x\r\n--b c\r\n', undefined],
    ['§5.1.1', 'one dash more is no close-delimiter', 'x\r\n--b-\r\n', undefined],
    ['§5.1.1', 'not in the middle of a line', 'x --b\r\n', undefined],
    ['', 'after LF', 'x\n--b\nrest', [0, 2, 'rest', false]],
    ['', 'after CR', 'x\r--b\rrest', [0, 2, 'rest', false]],
    ['', 'CRCRLF is one line break', 'x\r\r\n--b\r\r\nrest', [0, 4, 'rest', false]],
    ['', 'the message ends with it', 'x\r\n--b', [0, 3, '', false]],
    ['', 'the message ends with the close-delimiter', 'x\r\n--b--', [0, 3, '', true]],
    ['', 'the message ends before it does', 'x\r\n--', undefined],
    ['', 'too many blanks are none', `--b${' '.repeat(1001)}\r\n`, undefined],
  ])('%s %s', (_, _what, source, found) => {
    expect(find(source, 'b')).toEqual(found)
    // With a second multipart open the search is another one, and so where both boundaries start alike.
    expect(find(source, 'b', 'other')).toEqual(found)
    const [level, start, rest, closes] = found ?? []
    const alike = (text: string): string => text.replaceAll('--b', '--boundary_b')
    const moved = alike(source.slice(0, Number(start))).length
    expect(find(alike(source), 'boundary_b', 'boundary_o')).toEqual(found && [level, moved, rest, closes])
  })

  test.each<[string, string, (string | null)[], unknown[] | undefined]>([
    ['that of the inner one', '--i\r\n', ['o', 'i'], [1, 0, '', false]],
    ['that of the outer one, though the inner one is open', '--o\r\n', ['o', 'i'], [0, 0, '', false]],
    ['through a message', '--o\r\n', ['o', null, 'i', null], [0, 0, '', false]],
    ['of two with the same boundary the inner one', '--b--\r\n', ['b', 'b'], [1, 0, '', true]],
    ['where one boundary starts the other, the one that fits', '--ab\r\n', ['a', 'ab', 'a'], [1, 0, '', false]],
    ['none where nothing is open', '--b\r\n', [], undefined],
    ['none where only a message is open', '--b\r\n', [null], undefined],
  ])('%s', (_, source, boundaries, found) => {
    expect(find(source, ...boundaries)).toEqual(found)
  })

  test('starts where it is told, and sees whether a line starts there', () => {
    const source = Buffer.from('--b\r\nx--b\r\n--b--\r\n')
    const containers = opened('b')
    expect(containers.find(source, 1)?.start).toBe(11)
    expect(containers.find(source, 6)?.start).toBe(11)
    expect(containers.find(source, 11)?.start).toBe(11)
    expect(containers.find(source, 12)).toBeUndefined()
  })

  test('of another source starts anew', () => {
    const containers = opened('b', 'c')
    expect(containers.find(Buffer.from('x\n--c\n'), 0)?.start).toBe(2)
    expect(containers.find(Buffer.from('\r--b\r'), 0)?.start).toBe(1)
  })

  test('a longer one cannot be: its end is within MAX_DELIMITER_LINE octets', () => {
    const line = `--${'x'.repeat(900)}--${' '.repeat(999)}\r\r\n`
    expect(line.length).toBeLessThanOrEqual(MAX_DELIMITER_LINE)
    expect(find(line, 'x'.repeat(900))).toEqual([0, 0, '', true])
  })
})

test('containers close from the innermost', () => {
  const containers = opened('o', null, 'i')
  expect(containers.length).toBe(3)
  expect(containers.at(1)?.part).toBe('message')
  expect([containers.close()?.part, containers.close()?.part]).toEqual(['i', 'message'])
  expect(containers.find(Buffer.from('--i\r\n--o\r\n'), 0)?.start).toBe(5)
  expect([containers.close()?.part, containers.close()]).toEqual(['o', undefined])
})

describe('beforeLineBreak', () => {
  test.each([
    ['x\r\n--b', 3, 1],
    ['x\n--b', 2, 1],
    ['x\r--b', 2, 1],
    ['x\n\r\n--b', 4, 2],
    ['--b', 0, 0],
    ['x--b', 1, 1],
    ['\n--b', 1, 0],
  ])('%j', (source, lineStart, expected) => {
    expect(beforeLineBreak(Buffer.from(source), lineStart)).toBe(expected)
  })
})
