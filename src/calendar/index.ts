/** The public names of mimecal/calendar. */
export type { CalendarActor } from './actor.ts'
export type { AppointmentEntity, AppointmentOptions } from './appointment.ts'
export type { CalendarAttendee, CalendarUser } from './cal-address.ts'
export type {
  AppointmentInput,
  CalendarAttendeeInput,
  CalendarInput,
  CalendarUserInput,
  RecurrenceInput,
  ReplyInput,
  TimeInput,
} from './calendar-input.ts'
export type { CalendarTime } from './calendar-time.ts'
export { type ComposedCalendar, composeCalendar } from './compose.ts'
export { type CalendarLimits, DEFAULT_CALENDAR_LIMITS } from './limits.ts'
export type { KnownMethod } from './method.ts'
export {
  type CalendarAppointment,
  type CalendarSummary,
  type ReadAppointmentOptions,
  readAppointment,
  summarizeCalendar,
} from './read.ts'
export type { Frequency, RecurrenceRule, Weekday, WeekdayNumber } from './recurrence.ts'
export { type CalendarRevision, isSuperseded } from './revision.ts'
export type { CalendarSeries } from './series.ts'
export type { CalendarPart, CalendarSource } from './source.ts'
