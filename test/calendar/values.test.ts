import { describe, expect, test } from 'vitest'
import { formatTimeSpan, parseTimeSpan } from '../../src/calendar/alarm.ts'
import { formatCalAddress, parseCalAddress } from '../../src/calendar/cal-address.ts'
import {
  dateOf,
  formatDuration,
  formatUtcOffset,
  isoDateTime,
  localText,
  parseDateTime,
  parseDuration,
  parseUtcOffset,
} from '../../src/calendar/date-time.ts'
import { parseMethod, replyStatusOf } from '../../src/calendar/method.ts'
import { formatRecurrenceRule, parseRecurrenceRule, parseStrictRule, weekdayOf } from '../../src/calendar/recurrence.ts'
import { formatText, parseText, parseTextList } from '../../src/calendar/text.ts'

describe('DATE and DATE-TIME (RFC 5545 §3.3.4, §3.3.5)', () => {
  test.each([
    ['19980118', '1998-01-18T00:00:00', true, undefined],
    ['19980118T230000', '1998-01-18T23:00:00', false, undefined],
    ['19980119T070000Z', '1998-01-19T07:00:00', false, 0],
    ['19980119t070000z', '1998-01-19T07:00:00', false, 0],
    ['19980119T070000-0800', '1998-01-19T07:00:00', false, -28800],
    ['1998-01-19T07:00:00+01:00', '1998-01-19T07:00:00', false, 3600],
    ['1998-01-19T07:00:00.123Z', '1998-01-19T07:00:00', false, 0],
    ['19980119T0700', '1998-01-19T07:00:00', false, undefined],
    [' 19980119 ', '1998-01-19T00:00:00', true, undefined],
    ['19970630T235960Z', '1997-06-30T23:59:59', false, 0],
    ['19970630T240000', '1997-07-01T00:00:00', false, undefined],
    ['00010101', '0001-01-01T00:00:00', true, undefined],
    ['00991231', '0099-12-31T00:00:00', true, undefined],
    ['20240229', '2024-02-29T00:00:00', true, undefined],
    ['99991231T235959', '9999-12-31T23:59:59', false, undefined],
  ])('%s', (value, local, isDate, offset) => {
    const written = parseDateTime(value)!
    expect(localText(written.local)).toBe(local)
    expect(written).toMatchObject({ isDate, offset })
  })

  test.each([
    '',
    '20251301',
    '20250230',
    '20250229',
    '00000101',
    '20250101T250000',
    '20250101T246000',
    '20250101T240001',
    '2025',
    '20250101T',
    '20250101X',
    'TODAY',
    '99991231T240000',
    '20250101T000000+9900',
  ])('%j is none', value => {
    expect(parseDateTime(value)).toBeUndefined()
  })

  test('the first days of our era', () => {
    expect(localText(dateOf(1, 1, 1))).toBe('0001-01-01T00:00:00')
    expect(localText(dateOf(4, 2, 29))).toBe('0004-02-29T00:00:00')
    expect(weekdayOf(dateOf(1, 1, 1))).toBe('MO')
    expect(weekdayOf(dateOf(1970, 1, 1))).toBe('TH')
    expect(weekdayOf(dateOf(2025, 2, 26))).toBe('WE')
  })

  test('ISO 8601 has offsets of minutes: with seconds, the clock gives way and the instant stays', () => {
    const local = dateOf(1880, 1, 1)
    expect(isoDateTime(local, 3600)).toBe('1880-01-01T00:00:00+01:00')
    expect(isoDateTime(local, -12600)).toBe('1880-01-01T00:00:00-03:30')
    expect(Date.parse(isoDateTime(local, 3208))).toBe(local - 3208_000)
  })
})

test.each([
  ['P15DT5H0M20S', { days: 15, seconds: 18_020 }],
  ['P7W', { days: 49, seconds: 0 }],
  ['-PT15M', { days: 0, seconds: -900 }],
  ['+PT1H30M', { days: 0, seconds: 5400 }],
  ['pt0s', { days: 0, seconds: 0 }],
  ['P1W2D', { days: 9, seconds: 0 }],
  ['-PT15', undefined],
  ['P', undefined],
  ['PT', undefined],
  ['', undefined],
  ['P1H', undefined],
])('duration %s (RFC 5545 §3.3.6)', (value, duration) => {
  expect(parseDuration(value)).toEqual(duration)
})

test.each([
  [0, 'PT0M'],
  [900, 'PT15M'],
  [5400, 'PT1H30M'],
  [30, 'PT30S'],
  [90, 'PT1M30S'],
  [3630, 'PT1H0M30S'],
  [86_400, 'PT24H'],
  [90_061, 'PT25H1M1S'],
])('%d seconds are %s (RFC 5545 §3.3.6)', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text)
  const { days, seconds: rest } = parseDuration(text)!
  expect(days * 86_400 + rest).toBe(seconds)
})

test.each([
  ['+0100', 3600],
  ['-0330', -12_600],
  ['+005328', 3208],
  ['+01:00', 3600],
  ['-0000', 0],
  ['+1', 3600],
  ['0100', undefined],
  ['+9999', undefined],
  ['', undefined],
])('offset %s (RFC 5545 §3.3.14)', (value, seconds) => {
  expect(parseUtcOffset(value)).toBe(seconds)
  if (seconds !== undefined && /^.\d{4}(\d\d)?$/.test(value))
    expect(formatUtcOffset(seconds)).toBe(value.replace('-0000', '+0000'))
})

test.each([
  ['00:15:00', 900],
  ['1.00:00:00', 86_400],
  ['3.04:05:06', 273_906],
  ['00:15', 900],
  ['00:00:00.5000000', 0],
  ['24:00:00', undefined],
  ['15', undefined],
  ['', undefined],
])('time span %s', (text, seconds) => {
  expect(parseTimeSpan(text)).toBe(seconds)
  if (seconds !== undefined) expect(parseTimeSpan(formatTimeSpan(seconds))).toBe(seconds)
})

describe('TEXT (RFC 5545 §3.3.11)', () => {
  test.each([
    ['a\\, b\\; c\\\\n\\nd\\Ne', 'a, b; c\\n\nd\ne'],
    ['a, b; c', 'a, b; c'],
    ['\\: \\x \\" \\', ': \\x \\" \\'],
    ['tab\tkept, \0\x07gone', 'tab\tkept, gone'],
  ])('%j', (value, text) => {
    expect(parseText(value)).toBe(text)
  })

  test('is read as it was written', () => {
    for (const text of ['a\nb', '\\n', '\\\\,;:', ',', 'x\\']) expect(parseText(formatText(text))).toBe(text)
  })

  test('lists split where a comma is not escaped', () => {
    expect(parseTextList('Meeting,Phone call,a\\,b,, c ')).toEqual(['Meeting', 'Phone call', 'a,b', 'c'])
  })
})

describe('RECUR (RFC 5545 §3.3.10)', () => {
  /** Rules of the RFC and of clients, as they are written again. */
  const RULES = [
    ['FREQ=DAILY;COUNT=10', undefined],
    ['FREQ=DAILY;UNTIL=19971224T000000Z', undefined],
    [
      'FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA',
      'FREQ=YEARLY;UNTIL=20000131T140000Z;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYMONTH=1',
    ],
    ['FREQ=WEEKLY;INTERVAL=2;WKST=SU', undefined],
    ['FREQ=MONTHLY;COUNT=10;BYDAY=1FR', undefined],
    ['FREQ=MONTHLY;BYMONTHDAY=-3', undefined],
    ['FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO', 'FREQ=YEARLY;BYDAY=MO;BYWEEKNO=20'],
    ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', undefined],
    ['FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30', 'FREQ=DAILY;BYMONTHDAY=30;BYMONTH=2'],
    ['FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;WKST=MO', 'FREQ=WEEKLY;BYDAY=MO'],
    ['RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=FORWARD', 'FREQ=YEARLY'],
    ['freq=weekly; byday=mo, tu;', 'FREQ=WEEKLY;BYDAY=MO,TU'],
  ] as const

  test.each(RULES)('%s', (rule, written) => {
    const parsed = parseRecurrenceRule(rule)!
    const text = formatRecurrenceRule(parsed)
    if (written !== undefined) expect(text).toBe(written)
    expect(parseRecurrenceRule(text)).toEqual(parsed)
    if (written === undefined) expect(text.split(';').sort()).toEqual(rule.split(';').sort())
  })

  test.each([
    'FREQ=DAILY;COUNT=2;UNTIL=20250101',
    'FREQ=WEEKLY;BYDAY=1MO',
    'FREQ=DAILY;BYDAY=-1MO',
    'FREQ=YEARLY;BYWEEKNO=20;BYDAY=1MO',
    'FREQ=YEARLY;BYDAY=54MO',
    'FREQ=MONTHLY;BYDAY=MO,-99TU',
    'FREQ=MONTHLY;BYDAY=MO,0TU',
    'FREQ=MONTHLY;BYDAY=+00TU',
    'FREQ=WEEKLY;BYMONTHDAY=1',
    'FREQ=DAILY;BYYEARDAY=1',
    'FREQ=WEEKLY;BYYEARDAY=1',
    'FREQ=MONTHLY;BYYEARDAY=1',
    'FREQ=MONTHLY;BYWEEKNO=1',
    'FREQ=SECONDLY;BYWEEKNO=1',
    'FREQ=MONTHLY;BYSETPOS=1',
    'RSCALE=GREGORIAN;FREQ=YEARLY',
    'FREQ=YEARLY;SKIP=FORWARD',
    'FREQ=YEARLY;X-PART=1',
  ])('%s is read, and not written', rule => {
    expect(parseRecurrenceRule(rule)).toBeDefined()
    expect(parseStrictRule(rule)).toBeUndefined()
  })

  // RFC 5545 §3.3.10, §3.8.5.3.
  test.each([
    'FREQ=YEARLY;BYDAY=20MO',
    'FREQ=YEARLY;BYDAY=-53MO',
    'FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO',
    'FREQ=MONTHLY;BYDAY=1SU,-1SU',
    'FREQ=HOURLY;BYYEARDAY=1,100,200',
    'FREQ=DAILY;BYMONTHDAY=10',
    'FREQ=DAILY;BYMONTH=1;BYSETPOS=1;',
    'FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,16;WKST=SU',
  ])('%s is written', rule => {
    expect(parseStrictRule(rule)).toEqual(parseRecurrenceRule(rule))
  })

  test.each([
    '',
    'FREQ=SOMETIMES',
    'BYDAY=MO',
    'FREQ=DAILY;COUNT=abc',
    'FREQ=DAILY;COUNT=0',
    'FREQ=DAILY;INTERVAL=0',
    'FREQ=WEEKLY;BYDAY=XX',
    'FREQ=MONTHLY;BYMONTHDAY=32',
    'FREQ=MONTHLY;BYMONTHDAY=0',
    'FREQ=DAILY;UNTIL=20123456T123456',
    'FREQ=DAILY;FREQ=WEEKLY',
    'FREQ=DAILY;nonsense',
    'D1 #4',
    `FREQ=YEARLY;BYYEARDAY=${'1,'.repeat(10_000)}1`,
  ])('%.40s is none', rule => {
    expect(parseRecurrenceRule(rule)).toBeUndefined()
  })
})

describe('CAL-ADDRESS (RFC 5545 §3.3.3)', () => {
  test.each([
    ['mailto:a@x.no', 'a@x.no'],
    ['MAILTO:A@X.no', 'A@X.no'],
    ['mailto: a@x.no ', 'a@x.no'],
    ['a@x.no', 'a@x.no'],
    ['mailto:Ann <a@x.no>', 'a@x.no'],
    ['mailto:a%2Bb@x.no', 'a+b@x.no'],
    ['mailto:a%zz@x.no', 'a%zz@x.no'],
    ['mailto:a@x.no?subject=Hi', 'a@x.no'],
    ['mailto:ø@blåbær.no', 'ø@blåbær.no'],
    ['invalid:nomail', ''],
    ['urn:uuid:550e8400', ''],
    ['/principals/1/', ''],
    ['mailto:', ''],
    ['mailto:a@x.no,b@x.no', ''],
    ['mailto:a@x.no%0D%0ABcc:b@x.no', ''],
    ['http://x.no/?a=b@c.d', ''],
  ])('%j is %j', (value, address) => {
    expect(parseCalAddress(value)).toBe(address)
    if (address !== '') expect(parseCalAddress(formatCalAddress(address))).toBe(address)
  })
})

test('methods and answers by any case', () => {
  expect(parseMethod(' request ')).toBe('Request')
  expect(parseMethod('Decline-Counter')).toBe('DeclineCounter')
  expect(parseMethod('')).toBe('Unknown')
  expect(parseMethod('CONSTRUCTOR')).toBe('Unknown')
  expect(replyStatusOf('accepted')).toBe('Accepted')
  expect(replyStatusOf('DELEGATED')).toBe('Unknown')
})
