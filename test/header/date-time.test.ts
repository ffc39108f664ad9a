import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatDateTime, parseDateTime } from '../../src/header/date-time.ts'
import { growthRatio } from '../codec/slow/growth.ts'

describe('parseDateTime', () => {
  test.each([
    { section: 'RFC 5322 A.1.1', value: 'Fri, 21 Nov 1997 09:55:06 -0600', iso: '1997-11-21T09:55:06-06:00' },
    { section: 'RFC 5322 A.1.2', value: 'Tue, 1 Jul 2003 10:52:37 +0200', iso: '2003-07-01T10:52:37+02:00' },
    { section: 'RFC 5322 A.1.3', value: 'Thu, 13 Feb 1969 23:32:54 -0330', iso: '1969-02-13T23:32:54-03:30' },
    {
      section: 'RFC 5322 A.5',
      value:
        'Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n               -0330 (Newfoundland Time)',
      iso: '1969-02-13T23:32:00-03:30',
    },
    { section: 'RFC 5322 A.6.2', value: '21 Nov 97 09:55:06 GMT', iso: '1997-11-21T09:55:06+00:00' },
    {
      section: 'RFC 5322 A.6.3',
      value: 'Fri, 21 Nov 1997 09(comment):   55  :  06 -0600',
      iso: '1997-11-21T09:55:06-06:00',
    },
    { section: 'RFC 5322 §3.3, no day, no seconds', value: '2 Jun 2023 14:13 +0200', iso: '2023-06-02T14:13:00+02:00' },
    { section: 'RFC 5322 §3.3, leap second', value: '31 Dec 2016 23:59:60 +0000', iso: '2016-12-31T23:59:59+00:00' },
    { section: 'RFC 5322 §3.3, -0000', value: '2 Jun 2023 14:13:40 -0000', iso: '2023-06-02T14:13:40+00:00' },
    { section: 'RFC 5322 §4.3, 00 to 49', value: '1 Jan 49 00:00 +0000', iso: '2049-01-01T00:00:00+00:00' },
    { section: 'RFC 5322 §4.3, 50 to 99', value: '1 Jan 50 00:00 +0000', iso: '1950-01-01T00:00:00+00:00' },
    { section: 'RFC 5322 §4.3, three digits', value: '1 Jan 123 00:00 +0000', iso: '2023-01-01T00:00:00+00:00' },
    { section: 'RFC 5322 §4.3, military', value: '2 Jun 2023 14:13:40 A', iso: '2023-06-02T14:13:40+00:00' },
    { section: 'RFC 5322 §4.3, unknown', value: '2 Jun 2023 14:13:40 XYZT', iso: '2023-06-02T14:13:40+00:00' },
    ...['UT 00:00', 'GMT 00:00', 'Z 00:00', 'utc 00:00'].map(zone),
    ...['EDT -04:00', 'EST -05:00', 'CDT -05:00', 'CST -06:00'].map(zone),
    ...['MDT -06:00', 'MST -07:00', 'PDT -07:00', 'PST -08:00'].map(zone),
  ])('$section: $value', ({ value, iso }) => {
    expect(parseDateTime(value)).toBe(iso)
  })

  function zone(row: string) {
    const [name, offset] = row.split(' ') as [string, string]
    const iso = `2023-06-02T14:13:40${offset.startsWith('-') ? '' : '+'}${offset}`
    return { section: 'RFC 5322 §4.3', value: `Fri, 2 Jun 2023 14:13:40 ${name}`, iso }
  }

  test.each([
    { mailer: 'asctime', value: 'Fri Jun  2 14:13:40 2023', iso: '2023-06-02T14:13:40+00:00' },
    { mailer: 'date(1)', value: 'Fri Jun  2 14:13:40 CEST 2023', iso: '2023-06-02T14:13:40+02:00' },
    { mailer: 'JavaScript', value: 'Fri Jun 02 2023 14:13:40 GMT+0200 (CEST)', iso: '2023-06-02T14:13:40+02:00' },
    { mailer: 'RFC 850', value: 'Friday, 02-Jun-23 14:13:40 GMT', iso: '2023-06-02T14:13:40+00:00' },
    { mailer: 'ISO 8601', value: '2023-06-02T14:13:40.266+02:00', iso: '2023-06-02T14:13:40+02:00' },
    { mailer: 'ISO 8601 in UTC', value: '2023-06-02T14:13:40Z', iso: '2023-06-02T14:13:40+00:00' },
    { mailer: 'git', value: '2023-06-02 14:13:40 +0200', iso: '2023-06-02T14:13:40+02:00' },
    { mailer: 'month spelled out', value: '2 June 2023 14:13:40 +0200', iso: '2023-06-02T14:13:40+02:00' },
    { mailer: 'year first', value: '2023 Jun 2 14:13:40 +0200', iso: '2023-06-02T14:13:40+02:00' },
    { mailer: 'no comma', value: 'Fri 2 Jun 2023 14:13:40 +0200', iso: '2023-06-02T14:13:40+02:00' },
    { mailer: 'lower case', value: 'fri, 2 jun 2023 14:13:40 gmt', iso: '2023-06-02T14:13:40+00:00' },
    { mailer: 'wrong day of the week', value: 'Mon, 2 Jun 2023 14:13:40 +0200', iso: '2023-06-02T14:13:40+02:00' },
    { mailer: 'dots in the time', value: '2 Jun 2023 14.13.40 +0200', iso: '2023-06-02T14:13:40+02:00' },
    { mailer: 'fraction', value: '2 Jun 2023 14:13:40.123 +0200', iso: '2023-06-02T14:13:40+02:00' },
    { mailer: 'one digit each', value: '2 Jun 2023 4:3:5 +0200', iso: '2023-06-02T04:03:05+02:00' },
    { mailer: 'colon in the offset', value: '2 Jun 2023 14:13:40 +02:00', iso: '2023-06-02T14:13:40+02:00' },
    { mailer: 'short offset', value: '2 Jun 2023 14:13:40 -8', iso: '2023-06-02T14:13:40-08:00' },
    { mailer: 'afternoon', value: '2 Jun 2023 2:13:40 PM +0200', iso: '2023-06-02T14:13:40+02:00' },
    { mailer: 'midnight', value: '2 Jun 2023 12:13:40 am +0200', iso: '2023-06-02T00:13:40+02:00' },
    { mailer: 'noon', value: '2 Jun 2023 12:13:40 pm +0200', iso: '2023-06-02T12:13:40+02:00' },
    { mailer: 'an offset and a name', value: '5 Mar 2024 10:00:00 +0800 CST', iso: '2024-03-05T10:00:00+08:00' },
    { mailer: 'a name and an offset', value: '5 Mar 2024 10:00:00 GMT +0100', iso: '2024-03-05T10:00:00+01:00' },
    { mailer: 'no zone', value: 'Fri, 2 Jun 2023 14:13:40', iso: '2023-06-02T14:13:40+00:00' },
    { mailer: 'offset that no zone has', value: '2 Jun 2023 14:13:40 +9900', iso: '2023-06-02T14:13:40+00:00' },
    {
      mailer: 'nested comments',
      value: 'Fri, (a(b)c) 2 Jun 2023 14:13:40 +0200 (x (y))',
      iso: '2023-06-02T14:13:40+02:00',
    },
    { mailer: '29 February', value: '29 Feb 2000 00:00:00 +0000', iso: '2000-02-29T00:00:00+00:00' },
  ])('reads what $mailer writes: $value', ({ value, iso }) => {
    expect(parseDateTime(value)).toBe(iso)
  })

  test.each([
    '',
    'now',
    'Fri, 2 Jun 2023',
    '14:13:40 +0200',
    '2 Jun 14:13:40',
    '31 Jun 2023 14:13:40 +0200',
    '29 Feb 1900 00:00:00 +0000',
    '29 Feb 2023 00:00:00 +0000',
    '0 Jun 2023 14:13:40 +0200',
    '2 Xyz 2023 14:13:40 +0200',
    '2 Jun 2023 24:00:00 +0200',
    '2 Jun 2023 14:60:00 +0200',
    '2 Jun 2023 14:13:61 +0200',
    '06/02/2023 14:13:40',
    'Mon, 01 Jan 0001 00:00:00 +0000',
    '31 Dec 1899 23:59:59 +0000',
    '0001-01-01T00:00:00Z',
  ])('finds no date in %j, and never the current time', value => {
    const defects: unknown[] = []
    expect(parseDateTime(value, (code, offset) => defects.push([code, offset]))).toBeUndefined()
    expect(defects).toEqual([['DATE_INVALID', 0]])
  })

  test('its fast way and its lenient way agree', () => {
    const part = (max: number) => fc.integer({ min: 0, max })
    fc.assert(
      fc.property(
        part(32),
        part(11),
        fc.integer({ min: 1890, max: 2100 }),
        part(25),
        part(61),
        part(61),
        part(2400),
        (...p) => {
          const [day, month, year, hour, minute, second, zoneNumber] = p
          const pad = (number: number, width = 2) => String(number).padStart(width, '0')
          const name = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][month]
          const value = `${day} ${name} ${year} ${pad(hour)}:${pad(minute)}:${pad(second)} -${pad(zoneNumber, 4)}`
          expect(parseDateTime(value)).toBe(parseDateTime(`(lenient) ${value}`))
        },
      ),
    )
  })
})

/** An instant from 1900 on, at a whole second. */
const instant = () =>
  fc
    .integer({ min: Date.UTC(1900, 0, 1) / 1000, max: Date.UTC(9999, 11, 31) / 1000 })
    .map(seconds => new Date(seconds * 1000))

describe('formatDateTime', () => {
  test('agrees with Date about every instant, and comes back', () => {
    fc.assert(
      fc.property(instant(), date => {
        const formatted = formatDateTime(date)!
        // ECMA-262 has the same form but for the zone and the zero in front of the day.
        expect(formatted.replace('+0000', 'GMT').replace(/, (\d) /, ', 0$1 ')).toBe(date.toUTCString())
        expect(new Date(parseDateTime(formatted)!).getTime()).toBe(date.getTime())
      }),
      { numRuns: 500 },
    )
  })

  test('round trip: an offset is kept', () => {
    const offset = fc.integer({ min: -1439, max: 1439 })
    fc.assert(
      fc.property(instant(), offset, (date, minutes) => {
        const local = new Date(date.getTime() + minutes * 60_000)
        fc.pre(local.getUTCFullYear() >= 1900 && local.getUTCFullYear() <= 9999)
        const hours = `${String(Math.floor(Math.abs(minutes) / 60)).padStart(2, '0')}:${String(Math.abs(minutes) % 60).padStart(2, '0')}`
        const iso = `${local.toISOString().slice(0, 19)}${minutes < 0 ? '-' : '+'}${hours}`
        expect(parseDateTime(formatDateTime(iso)!)).toBe(iso)
        expect(new Date(iso).getTime()).toBe(date.getTime())
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    { input: '2023-06-02T14:13:40.2660122+02:00', value: 'Fri, 2 Jun 2023 14:13:40 +0200' },
    { input: '2023-06-02T14:13:40', value: 'Fri, 2 Jun 2023 14:13:40 +0000' },
    { input: '2023-06-02T14:13Z', value: 'Fri, 2 Jun 2023 14:13:00 +0000' },
    { input: '1900-01-01T00:00:00-11:30', value: 'Mon, 1 Jan 1900 00:00:00 -1130' },
    { input: '2016-12-31T23:59:60Z', value: 'Sat, 31 Dec 2016 23:59:59 +0000' },
    { input: new Date('2023-06-02T14:13:40.999Z'), value: 'Fri, 2 Jun 2023 14:13:40 +0000' },
  ])('$input is $value', ({ input, value }) => {
    expect(formatDateTime(input)).toBe(value)
  })

  test.each([
    '',
    '2023-06-02',
    '2023-06-31T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2023-06-02T24:00:00Z',
    '2023-06-02T14:13:40+24:00',
    '2023-06-02T14:13:40Z\r\nBcc: x',
    '2023-06-02T14:13:40Z\n',
    '+012023-06-02T14:13:40Z',
    '1899-12-31T23:59:59Z',
    'Fri, 2 Jun 2023 14:13:40 +0200',
    new Date(Number.NaN),
    new Date('-000001-01-01T00:00:00Z'),
    new Date('+012023-01-01T00:00:00Z'),
    new Date('1899-12-31T23:59:59Z'),
  ])('writes no date for %j', input => {
    expect(formatDateTime(input)).toBeUndefined()
  })
})

test.each([
  { what: 'blanks', unit: ' ' },
  { what: 'colons', unit: ' : ' },
  { what: 'parentheses', unit: '(' },
  { what: 'digits', unit: '1' },
  { what: 'words', unit: 'Jan ' },
  { what: 'hyphens', unit: '1-a' },
])('time does not grow with $what', { retry: 2 }, ({ unit }) => {
  const values = (n: number) => [unit.repeat(n), `2 Jun 2023 14:13:40 +0200${unit.repeat(n)}`]
  const run = (inputs: readonly string[]) => {
    for (let round = 0; round < 100; round++) for (const value of inputs) parseDateTime(value) ?? formatDateTime(value)
  }
  expect(growthRatio(5_000, values, run)).toBeLessThan(3)
})
