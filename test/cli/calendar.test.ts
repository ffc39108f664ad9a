/** `mimecal calendar`: the appointments of messages and of calendar files, for people and for programs. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type CalendarAppointment, readAppointment, summarizeCalendar } from '../../src/calendar/index.ts'
import { splitEvents } from '../../src/cli/calendar-events.ts'
import { parseMessage } from '../../src/index.ts'
import { growthRatio } from '../codec/slow/growth.ts'
import { describeCorpus, readCorpus, readTable } from '../corpus/corpus.ts'
import { mimecal } from './world.ts'

const FOLDER = new URL('../../corpus/calendar/', import.meta.url)

interface Report {
  readonly summary: { HasCalendarData: boolean; CalMethod: string; CalReplyStatus: string }
  readonly appointments: CalendarAppointment[]
  readonly left: number
  readonly others: Record<string, number>
}

async function calendar(stdin: string | Uint8Array, ...options: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await mimecal(['calendar', '-', ...options], { stdin })
  expect([exitCode, stderr]).toEqual([0, ''])
  return stdout
}

async function reported(stdin: string | Uint8Array, ...options: string[]): Promise<Report> {
  return JSON.parse(await calendar(stdin, '--json', ...options)) as Report
}

function lines(...text: string[]): string {
  return text.map(line => `${line}\r\n`).join('')
}

const OSLO = [
  'BEGIN:VTIMEZONE',
  'TZID:Own Zone',
  'BEGIN:STANDARD',
  'DTSTART:19700101T000000',
  'TZOFFSETFROM:+0300',
  'TZOFFSETTO:+0300',
  'END:STANDARD',
  'END:VTIMEZONE',
]

/** A file of three appointments: one with a changed instance, and one before the time zone that it needs. */
const TEAM = lines(
  'BEGIN:VCALENDAR',
  'METHOD:PUBLISH',
  'BEGIN:VEVENT',
  'UID:early',
  'DTSTART;TZID=Own Zone:20260812T100000',
  'DURATION:PT30M',
  'SUMMARY:Standup',
  'BEGIN:VALARM',
  'UID:alarm',
  'ACTION:DISPLAY',
  'TRIGGER:-PT15M',
  'END:VALARM',
  'END:VEVENT',
  ...OSLO,
  'BEGIN:VEVENT',
  'UID:ser',
  ' ies',
  'DTSTART:20260813T100000Z',
  'RRULE:FREQ=WEEKLY;COUNT=3',
  'EXDATE:20260827T100000Z',
  'SUMMARY:Review',
  'END:VEVENT',
  'BEGIN:VTODO',
  'UID:todo',
  'SUMMARY:Buy cake',
  'BEGIN:VALARM',
  'TRIGGER:-PT5M',
  'END:VALARM',
  'END:VTODO',
  'BEGIN:VEVENT',
  'UID:series',
  'RECURRENCE-ID:20260820T100000Z',
  'DTSTART:20260820T120000Z',
  'SUMMARY:Review later',
  'END:VEVENT',
  'BEGIN:VEVENT',
  'UID:days',
  'DTSTART;VALUE=DATE:20260814',
  'DTEND;VALUE=DATE:20260817',
  'SUMMARY:Seminar',
  'LOCATION:Ås',
  'END:VEVENT',
  'END:VCALENDAR',
)

describe('a message', () => {
  const names = readdirSync(FOLDER).filter(name => name.endsWith('.eml'))

  test('--json is what the library reads', async () => {
    expect(names.length).toBeGreaterThanOrEqual(60)
    for (const name of names) {
      const octets = readFileSync(new URL(name, FOLDER))
      const message = parseMessage(octets)
      const appointment = readAppointment(message)
      const { summary, appointments } = await reported(octets)
      if (appointment === null) continue
      expect(summary, name).toEqual(summarizeCalendar(message))
      expect(appointments, name).toEqual([JSON.parse(JSON.stringify(appointment))])
    }
  })

  test('for people', async () => {
    const { stdout } = await mimecal(['calendar', 'a.eml'], {
      files: { 'a.eml': readFileSync(new URL('google-invitation.eml', FOLDER)) },
    })
    expect(stdout).toBe(
      [
        'a.eml: Request, 1 appointment',
        '',
        'Title        Møte',
        'When         Wed 2025-02-26 07:00 – 07:30 (UTC)',
        'Join         https://meet.google.com/abc-defg-hij',
        'Organizer    Alice Doe <alice@example.org>',
        'Attendees    bob@example.net, needs action',
        'Agenda       Join: https://meet.google.com/abc-defg-hij',
        'UID          6lq3ke8a@google.com',
        'Revision     0 2025-02-20T12:00:00Z',
        '',
      ].join('\n'),
    )
  })

  test('an answer says which', async () => {
    const text = await calendar(readFileSync(new URL('google-reply.eml', FOLDER)))
    expect(text).toMatch(/^standard input: Reply \((?:Accepted|Declined|Tentative)\), 1 appointment\n/)
  })

  test.each([
    ['no calendar', 'Subject: x\r\n\r\ntext\r\n'],
    ['nothing', ''],
    ['a bounce of an invitation', readFileSync(new URL('bounced-invitation.eml', FOLDER))],
  ])('%s is no error', async (_, stdin) => {
    expect(await calendar(stdin)).toBe('standard input: no appointment\n')
    expect(await reported(stdin)).toEqual({
      summary: { HasCalendarData: false, CalMethod: 'Unknown', CalReplyStatus: 'Unknown' },
      appointments: [],
      left: 0,
      others: {},
    })
  })

  test('with several appointments has them all, and those that go along twice once', async () => {
    const part = (type: string): string => `--b\r\nContent-Type: ${type}\r\n\r\n${TEAM}`
    const message = `From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${part('text/calendar')}${part('application/ics; name=a.ics')}--b--\r\n`
    const { summary, appointments } = await reported(message)
    // The list of a mailbox shows one appointment or none.
    expect(summary).toMatchObject({ HasCalendarData: false, CalMethod: 'Publish' })
    expect(appointments.map(({ uid }) => uid)).toEqual(['early', 'series', 'days'])
  })

  test('from somebody who may not send this has a warning', async () => {
    const octets = readFileSync(new URL('google-invitation.eml', FOLDER)).toString('latin1')
    const forged = octets.replace(/^From: .*$/m, 'From: eve@example.com').replace(/^(?:Sender|Reply-To): .*\r?\n/gm, '')
    expect(await calendar(octets)).not.toContain('warning')
    expect(await calendar(forged)).toContain(
      '\nwarning: the message is not from alice@example.org, who alone may send this\n',
    )
  })
})

describe('a calendar file', () => {
  test('has all its appointments, with the time zones of the file', async () => {
    const { appointments, others } = await reported(TEAM)
    expect(
      appointments.map(({ uid, appointment }) => [uid, appointment.Appointment.Title, appointment.DtStart]),
    ).toEqual([
      ['early', 'Standup', '2026-08-12T10:00:00+03:00'],
      ['series', 'Review', '2026-08-13T10:00:00+00:00'],
      ['days', 'Seminar', '2026-08-14T00:00:00+00:00'],
    ])
    expect(appointments.flatMap(({ warnings }) => warnings)).toEqual([])
    expect(others).toEqual({ VTODO: 1 })
  })

  test('for people', async () => {
    expect(await calendar(TEAM)).toBe(
      [
        'standard input: Publish, 3 appointments',
        '',
        'Title        Standup',
        'When         Wed 2026-08-12 10:00 – 10:30 (Own Zone, +03:00)',
        'Alarm        00:15:00 before',
        'UID          early',
        'Revision     0',
        '',
        'Title        Review',
        'When         Thu 2026-08-13 10:00 (UTC)',
        'Repeats      weekly (FREQ=WEEKLY;COUNT=3), but not on Thu 2026-08-27',
        'UID          series',
        'Revision     0',
        '',
        'Title        Seminar',
        'When         Fri 2026-08-14 – Sun 2026-08-16, all day',
        'Where        Ås',
        'UID          days',
        'Revision     0',
        '',
        'not shown: 1 VTODO',
        '',
      ].join('\n'),
    )
  })

  test.each([
    ['LF alone', Buffer.from(TEAM.replaceAll('\r\n', '\n'))],
    ['a byte order mark', Buffer.from(`\ufeff${TEAM}`)],
    ['names in lower-case', Buffer.from(TEAM.replace(/^(?:BEGIN|END):.*$/gm, line => line.toLowerCase()))],
    ['blank lines before it', Buffer.from(`\r\n\r\n${TEAM}`)],
    [
      'two calendars in one file',
      Buffer.from(TEAM.replace('BEGIN:VTODO', 'END:VCALENDAR\r\nBEGIN:VCALENDAR\r\nBEGIN:VTODO')),
    ],
  ])('with %s', async (_, octets) => {
    const { appointments } = await reported(octets)
    expect(new Set(appointments.map(({ uid }) => uid))).toEqual(new Set(['early', 'series', 'days']))
  })

  test('of one appointment in UTF-16', async () => {
    const one = lines('BEGIN:VCALENDAR', 'BEGIN:VEVENT', 'UID:1', 'SUMMARY:Møte', 'END:VEVENT', 'END:VCALENDAR')
    const { appointments } = await reported(Buffer.from(`\ufeff${one}`, 'utf16le'))
    expect(appointments.map(({ appointment }) => appointment.Appointment.Title)).toEqual(['Møte'])
  })

  test('by its name, where it is damaged', async () => {
    const damaged = `exported by x\r\n${TEAM}`
    const { stdout } = await mimecal(['calendar', 'a.ICS'], { files: { 'a.ICS': damaged } })
    expect(stdout).toContain('a.ICS: Publish, 3 appointments\n')
  })

  test('events without UID are appointments of their own', async () => {
    const event = (title: string) => ['BEGIN:VEVENT', `SUMMARY:${title}`, 'DTSTART:20260812', 'END:VEVENT']
    const { appointments } = await reported(lines('BEGIN:VCALENDAR', ...event('a'), ...event('b'), 'END:VCALENDAR'))
    expect(appointments.map(({ appointment }) => appointment.Appointment.Title)).toEqual(['a', 'b'])
  })

  test.each([
    ['--zone', 'Europe/Oslo'],
    ['--zone', 'W. Europe Standard Time'],
  ])('%s %s is where whole days begin', async (...options) => {
    const { appointments } = await reported(TEAM, ...options)
    expect(appointments[2]!.appointment.DtStart).toBe('2026-08-14T00:00:00+02:00')
  })

  test('a zone that nobody knows is wrong usage', async () => {
    const { exitCode, stdout, stderr } = await mimecal(['calendar', '--zone=Nowhere'], { stdin: TEAM })
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toBe('mimecal: --zone: "Nowhere" is no time zone (see mimecal calendar --help)\n')
  })
})

describeCorpus('real calendar files', () => {
  test('all their appointments are shown, and nothing that drives a terminal', async () => {
    const files = readTable('MANIFEST.tsv').filter(({ kind }) => kind === 'ics')
    expect(files.length).toBeGreaterThan(300)
    let many = 0
    for (const { path = '' } of files) {
      const octets = readCorpus(path)
      const { appointments, left } = await reported(octets)
      // UIDs by the plainest of readers; of those that are folded, the first line.
      const text = octets.toString('latin1').replaceAll(/\r?\n[ \t]/g, '')
      const events = text.match(/^BEGIN:VEVENT[\s\S]*?^END:VEVENT/gm) ?? []
      const uids = new Set(events.map(event => /^UID[^:\r\n]*:(.*)$/m.exec(event)?.[1]?.trim()).filter(uid => uid))
      if (/^BEGIN:VCALENDAR/.test(text)) expect(appointments.length + left, path).toBeGreaterThanOrEqual(uids.size)
      if (uids.size > 1) many++
      expect(await calendar(octets), path).not.toMatch(/[^\n\P{Cc}]|[\p{Bidi_Control}\u2028\u2029]/u)
    }
    expect(many).toBeGreaterThan(50)
  })
})

describe('what a stranger wrote does not reach the terminal', () => {
  const evil = '\x1b]0;owned\x07\u009b31m\u202egpj.exe\u2028'
  const hostile = lines(
    'BEGIN:VCALENDAR',
    `METHOD:${evil}`,
    'BEGIN:VEVENT',
    `UID:${evil}`,
    `SUMMARY:${evil}`,
    `DESCRIPTION:${evil}\\n${evil}`,
    `LOCATION:${evil}`,
    `COMMENT:${evil}`,
    `RRULE:${evil}`,
    `DTSTART;TZID="${evil}":20260812T100000`,
    `ORGANIZER;CN="${evil}":mailto:a@b.example`,
    `ATTENDEE;CN="${evil}";CUTYPE="${evil}";PARTSTAT="${evil}";ROLE="${evil}":mailto:c@d.example`,
    'END:VEVENT',
    'END:VCALENDAR',
  )

  test.each([[[]], [['--json']], [['--color=always']]])('%j', async options => {
    const text = (await calendar(hostile, ...options)).replaceAll(/\x1b\[\d+m/g, '')
    expect(text).not.toMatch(/[^\n\P{Cc}]|[\p{Bidi_Control}\u2028\u2029]/u)
    expect(text).toContain('\\u001b')
    expect(text).toContain('\\u202e')
  })
})

describe('a calendar without end', () => {
  const event = (index: number) => lines('BEGIN:VEVENT', `UID:${index}`, 'DTSTART:20260812', 'END:VEVENT')
  const many = (count: number, zones = ''): string =>
    lines('BEGIN:VCALENDAR') +
    zones +
    Array.from({ length: count }, (_, index) => event(index)).join('') +
    lines('END:VCALENDAR')

  test('is shown up to ten thousand appointments, and the others are counted', async () => {
    const { appointments, left } = await reported(many(10_100))
    expect([appointments.length, left]).toEqual([10_000, 100])
  })

  test('time zones that every event would have with it are not copied without end', async () => {
    const zones = lines(...OSLO).repeat(3000)
    const { appointments, left } = await reported(many(3000, zones))
    expect(appointments.length + left).toBe(3000)
    expect(appointments.length).toBeLessThan(100)
  })

  test.each([
    ['many events', (n: number) => many(n)],
    ['many events of one UID', (n: number) => many(n).replaceAll(/^UID:.*$/gm, 'UID:1')],
    ['many time zones', (n: number) => many(50, lines(...OSLO).repeat(n / 8))],
    ['one line in many folds', (n: number) => many(1, `X:${'a\r\n '.repeat(n * 8)}`)],
    ['blanks', (n: number) => many(1, `BEGIN:${' '.repeat(n * 100)}x\r\n`)],
    ['BEGIN without END', (n: number) => 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n'.repeat(n)],
  ])('%s are taken apart in linear time', (_, make) => {
    const ratio = growthRatio(
      8000,
      n => Buffer.from(make(n)),
      octets => splitEvents(octets),
    )
    expect(ratio).toBeLessThan(2.8)
  })
})
