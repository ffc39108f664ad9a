/**
 * Warnings: what the calendar reader found wrong and survived, as defects that point at the part.
 */
import type { Defect, DefectCode } from '../defect.ts'

/** Takes one report. */
export type Warn = (code: CalendarDefectCode, detail: string) => void

/** The codes of {@link DEFECT_CODES} that are about calendars. */
export type CalendarDefectCode = Extract<DefectCode, `CALENDAR_${string}`>

/** How many warnings are kept: a hostile calendar could give one for every line. */
const MAX_WARNINGS = 100

/** Collects warnings about one part. */
export function collectWarnings(warnings: Defect[], offset: () => number): Warn {
  return (code, detail) => {
    if (warnings.length < MAX_WARNINGS) warnings.push({ code, offset: offset(), detail })
  }
}
