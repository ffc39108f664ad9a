/**
 * Calendars with which readers were stopped or misled, and what others could be made to write into one. The times are
 * those of RFC 5545 §3.3.5; a rule is kept as it stands, and never expanded.
 */
import { describe, expect, test } from 'vitest'
import { composeCalendar } from '../../src/calendar/index.ts'
import { MimeError } from '../../src/index.ts'
import { appointmentOf, calendar, calendarMessage, event, summary } from '../calendar/message.ts'

/** Processor time of one reading; a process that hangs never comes here. */
function milliseconds(run: () => void): number {
  run()
  const start = process.cpuUsage()
  run()
  return process.cpuUsage(start).user / 1000
}

const observance = (lines: string): string =>
  `BEGIN:VTIMEZONE\r\nTZID:Customized\r\nBEGIN:STANDARD\r\n${lines}\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE`

describe('ical.js: a time zone that takes for ever', () => {
  test.each([
    ['from 1601, as Exchange writes it: 6.7 ms', 'DTSTART:16010101T000000\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU'],
    ['from the year 1: 31 ms', 'DTSTART:00010101T000000\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU'],
    ['every day: 2.1 s', 'DTSTART:16010101T000000\r\nRRULE:FREQ=DAILY'],
    ['every hour: hangs', 'DTSTART:16010101T000000\r\nRRULE:FREQ=HOURLY'],
    ['every minute: hangs', 'DTSTART:16010101T000000\r\nRRULE:FREQ=MINUTELY'],
    ['every second: hangs', 'DTSTART:16010101T000000\r\nRRULE:FREQ=SECONDLY'],
    ['on 30 February: hangs', 'DTSTART:16010101T000000\r\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'],
  ])('%s', (_, rule) => {
    for (const year of [2026, 9999]) {
      const times = `DTSTART;TZID=Customized:${year}0115T100000\r\nDTEND;TZID=Customized:${year}0115T110000`
      const message = calendarMessage(calendar('REQUEST', observance(rule), event(times)))
      const { appointment } = appointmentOf(message)
      expect(Number.isNaN(Date.parse(appointment.DtStart!))).toBe(false)
      expect(Date.parse(appointment.DtEnd!) - Date.parse(appointment.DtStart!)).toBe(3_600_000)
      expect(milliseconds(() => appointmentOf(message))).toBeLessThan(50)
    }
  })
})

describe('ical.js: a rule that takes for ever', () => {
  test.each([
    ['kewisch/ical.js#1038', 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30'],
    ['every second of December', 'FREQ=SECONDLY;BYMONTH=12'],
    ['kewisch/ical.js#509: a weekday that no month has', 'FREQ=MONTHLY;BYDAY=6MO'],
    ['kewisch/ical.js#292: an interval of text', 'FREQ=DAILY;INTERVAL=x'],
    ['collective/icalendar: a count without end', 'FREQ=SECONDLY;COUNT=9999999999'],
  ])('%s: is kept, and never expanded', (_, rule) => {
    const message = calendarMessage(calendar('REQUEST', event(`RRULE:${rule}`)))
    expect(appointmentOf(message).recurrence?.ruleText).toBe(rule)
    expect(milliseconds(() => appointmentOf(message))).toBeLessThan(50)
  })
})

describe('other readers of calendars', () => {
  test('CVE-2026-77399 (collective/icalendar): an alarm that repeats 9,999,999,999 times is one', () => {
    const alarm = 'BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nREPEAT:9999999999\r\nDURATION:PT1S\r\nEND:VALARM'
    const message = calendarMessage(calendar('REQUEST', event(alarm)))
    expect(summary(message)).toBe('true Request Unknown')
    expect(milliseconds(() => appointmentOf(message))).toBeLessThan(50)
  })

  test.each([
    ['icalendar 7.1.3: components that are equal and nested', 'BEGIN:X\r\n'.repeat(5000) + 'END:X\r\n'.repeat(5000)],
    ['ical.js: 20,000 components inside each other', 'BEGIN:VALARM\r\n'.repeat(19_000)],
    ['caldav GHSA-5h4q-xm57-3mh5: blanks', `DESCRIPTION:${' '.repeat(500_000)}x`],
    ['caldav GHSA-5h4q-xm57-3mh5: backslashes', `DESCRIPTION:${'\\'.repeat(500_000)}x`],
    ['Elixir: 10,000 unknown names', Array.from({ length: 10_000 }, (_, index) => `X-${index}:1`).join('\r\n')],
    [
      'ical.js: names of Object.prototype',
      'CONSTRUCTOR:1\r\n__PROTO__:2\r\nTOSTRING;CONSTRUCTOR=1:3\r\nBEGIN:CONSTRUCTOR\r\nEND:CONSTRUCTOR',
    ],
    [
      'ical.js: one line without ":", an open quote and a missing END',
      'no line\r\nATTENDEE;CN="open:mailto:a@x.no\r\nBEGIN:VALARM',
    ],
  ])('%s', (_, lines) => {
    const message = calendarMessage(calendar('REQUEST', event(lines)))
    expect(summary(message)).toBe('true Request Unknown')
    expect(milliseconds(() => appointmentOf(message))).toBeLessThan(300)
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  test('two appointments are none: nobody answers for the wrong one (MS-OXCICAL §2.1.3.1.1.1)', () => {
    const two = calendar('REQUEST', event('UID:a'), event('UID:b'))
    expect(summary(calendarMessage(two.replaceAll(/UID:(?![ab]\r)[^\r]*\r\n/g, '')))).toMatch(/^false/)
  })
})

describe('writing', () => {
  const input = {
    method: 'Request',
    uid: 'u@example.org',
    organizer: { address: 'alice@example.org' },
    attendees: [{ address: 'bob@example.org' }],
    appointment: { StartDate: '2026-01-15T10:00:00Z', EndDate: '2026-01-15T11:00:00Z', Title: 'x' },
  } as const

  test.each([
    ['ical.js: CRLF in a CAL-ADDRESS', { attendees: [{ address: 'a@b\r\nX-INJECT:1' }] }, 'attendees[0].address'],
    [
      'ical.js: CRLF in a URI',
      { appointment: { ...input.appointment, JoinVideomeetUrl: 'https://x.no/\r\nX-INJECT:1' } },
      'appointment.JoinVideomeetUrl',
    ],
    [
      'ical-generator 1332482: a quote in SENT-BY',
      { organizer: { address: 'a@b.no', sentBy: 'x";X-INJECT=1:mailto:a@b.no' } },
      'organizer.sentBy',
    ],
  ])('%s is refused', (_, changes, path) => {
    try {
      composeCalendar({ ...input, ...changes } as never)
      expect.unreachable('composed')
    } catch (error) {
      expect(error).toBeInstanceOf(MimeError)
      expect((error as MimeError).problems.map(problem => problem.path)).toEqual([path])
    }
  })

  test('ical.js: a bare CR in text is a line break of the text', () => {
    const { ics } = composeCalendar({
      ...input,
      appointment: { ...input.appointment, Title: 'a\rX-INJECT:1' },
    } as never)
    expect(ics).toContain('SUMMARY:a\\nX-INJECT:1\r\n')
    expect(ics).not.toMatch(/^X-INJECT/m)
    expect(ics.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
  })
})
