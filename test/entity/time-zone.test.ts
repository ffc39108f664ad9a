/** Zones by name are in the calendar layer; the date-times they move are the entity's. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withTimeZone } from '../../src/calendar/carrier-time-zone.ts'
import { type EMailEntity, emptyEntity, emptyEnvelope } from '../../src/entity/entity.ts'
import { MimeError } from '../../src/errors.ts'

function moved(Sent: string, zone: string): string | null {
  return withTimeZone({ ...emptyEntity(), Sent }, zone).Sent
}

describe('withTimeZone', () => {
  test.each([
    ['2023-06-02T14:13:40.2660122+02:00', 'Europe/Oslo', '2023-06-02T14:13:40.2660122+02:00'],
    ['2023-06-02T12:13:40.2660122Z', 'Europe/Oslo', '2023-06-02T14:13:40.2660122+02:00'],
    ['2023-12-02T12:13:40.5Z', 'Europe/Oslo', '2023-12-02T13:13:40.5+01:00'],
    ['2023-06-02T12:13:40', 'W. Europe Standard Time', '2023-06-02T14:13:40+02:00'],
    ['2023-06-02T12:13:40Z', 'w. europe standard time', '2023-06-02T14:13:40+02:00'],
    ['2023-06-02T12:13:40Z', 'europe/oslo', '2023-06-02T14:13:40+02:00'],
    ['2023-06-02T12:13:40Z', 'UTC', '2023-06-02T12:13:40+00:00'],
    // Not "GMT Standard Time", which is London's and has summers.
    ['2023-06-02T12:13:40Z', 'GMT', '2023-06-02T12:13:40+00:00'],
    ['2023-06-02T23:59:59.9999999-05:00', 'Asia/Kolkata', '2023-06-03T10:29:59.9999999+05:30'],
    ['2023-06-02T12:13:40Z', 'Newfoundland Standard Time', '2023-06-02T09:43:40-02:30'],
    ['2023-06-02T12:13Z', 'Pacific/Chatham', '2023-06-03T00:58:00+12:45'],
    // The hour that comes twice, and the one that never does.
    ['2023-10-29T00:30:00Z', 'Europe/Oslo', '2023-10-29T02:30:00+02:00'],
    ['2023-10-29T01:30:00Z', 'Europe/Oslo', '2023-10-29T02:30:00+01:00'],
    ['2023-03-26T00:59:59.9999999Z', 'Europe/Oslo', '2023-03-26T01:59:59.9999999+01:00'],
    ['2023-03-26T01:00:00Z', 'Europe/Oslo', '2023-03-26T03:00:00+02:00'],
    // Local mean time has seconds, offsets of ISO 8601 have none: the instant stays.
    ['1880-01-01T00:00:00Z', 'America/New_York', '1879-12-31T19:04:00-04:56'],
    // "Not set" in .NET, and what has no year of four digits there.
    ['0001-01-01T00:00:00', 'Asia/Tokyo', '0001-01-01T00:00:00'],
    ['9999-12-31T23:59:59.9999999', 'Asia/Tokyo', '9999-12-31T23:59:59.9999999'],
    ['9999-12-31T23:59:59.9999999', 'America/New_York', '9999-12-31T23:59:59.9999999'],
    ['no date', 'Asia/Tokyo', 'no date'],
  ])('%s in %s is %s', (sent, zone, expected) => {
    expect(moved(sent, zone)).toBe(expected)
  })

  test('moves every date-time of the entity, and nothing else', () => {
    const at = '2023-06-02T12:13:40.2660122Z'
    const info = {
      ...{ DocumentId: 1, AppointmentId: 2, ProjectId: 3, SaleId: 4, Archived: true, ArchivedAt: at, ArchivedBy: 5 },
      ...{ ArchivedDisplayName: at, TableRight: null, FieldProperties: null },
    }
    const entity: EMailEntity = {
      ...emptyEntity(),
      Subject: at,
      Sent: at,
      ReceivedAt: at,
      RepliedAt: at,
      EMailSOInfo: info,
      InReplyTo: { ...emptyEnvelope('<a@b.c>'), Sent: at, EMailSOInfo: info },
    }
    const before = structuredClone(entity)
    const there = '2023-06-02T21:13:40.2660122+09:00'
    const movedInfo = { ...info, ArchivedAt: there }
    expect(withTimeZone(entity, 'Tokyo Standard Time')).toEqual({
      ...entity,
      Sent: there,
      ReceivedAt: there,
      RepliedAt: there,
      EMailSOInfo: movedInfo,
      InReplyTo: { ...entity.InReplyTo, Sent: there, EMailSOInfo: movedInfo },
    })
    expect(entity).toEqual(before)
    expect(withTimeZone(emptyEntity(), 'Asia/Tokyo')).toEqual(emptyEntity())
  })

  test.each(['', 'Mars/Olympus', '+02:00', 'Europe/Oslo; DROP', 'BST', 'cst', 5])('refuses the zone %j', zone => {
    expect(() => withTimeZone(emptyEntity(), zone as string)).toThrow(MimeError)
    expect(() => withTimeZone(emptyEntity(), zone as string)).toThrow(/is no time zone/)
  })

  test('the instant never changes', () => {
    const zones = fc.constantFrom('Europe/Oslo', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Apia', 'UTC')
    const instants = fc.integer({ min: Date.UTC(1970, 0), max: Date.UTC(2100, 0) })
    fc.assert(
      fc.property(zones, instants, (zone, instant) => {
        expect(Date.parse(moved(new Date(instant).toISOString(), zone)!)).toBe(instant)
      }),
    )
  })
})
