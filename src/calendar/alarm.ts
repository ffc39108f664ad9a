/**
 * VALARM: RFC 5545 §3.6.6. Of all alarms of an event the first one that can go off.
 */
import { instantOf, readTime, type TimeContext, type ZonedTime } from './calendar-time.ts'
import type { Component } from './component.ts'
import { parseDateTime, parseDuration } from './date-time.ts'

/**
 * How long before the start the alarm goes off, in seconds; 0 for one that goes off later. Undefined where no alarm
 * can be used.
 */
export function readAlarmLead(
  event: Component,
  start: ZonedTime,
  end: ZonedTime,
  context: TimeContext,
): number | undefined {
  for (const alarm of event.children('VALARM')) {
    // QUIRK: Apple writes ACTION:NONE, with a trigger in 1976, to say that there is no alarm.
    if (alarm.value('ACTION').toUpperCase() === 'NONE') continue
    const trigger = alarm.only('TRIGGER')
    if (trigger === undefined) continue
    const duration = parseDuration(trigger.value)
    if (duration !== undefined) {
      const isFromEnd = trigger.parameters.get('related')?.toUpperCase() === 'END'
      const length = isFromEnd ? (instantOf(end) - instantOf(start)) / 1000 : 0
      return Math.max(0, -(duration.days * 86_400 + duration.seconds) - length)
    }
    // QUIRK: an absolute trigger has to say VALUE=DATE-TIME, and does not always.
    if (parseDateTime(trigger.value) !== undefined) {
      const time = readTime(trigger, context)
      if (time !== undefined) return Math.max(0, (instantOf(start) - instantOf(time)) / 1000)
    }
    context.warn('CALENDAR_INVALID', 'TRIGGER')
  }
  return undefined
}

/** Seconds as the API writes a time span: `00:15:00`, `1.00:00:00` with days. */
export function formatTimeSpan(seconds: number): string {
  const days = Math.floor(seconds / 86_400)
  const clock = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60]
  return `${days > 0 ? `${days}.` : ''}${clock.map(part => String(part).padStart(2, '0')).join(':')}`
}

/** Reads a time span of the API to seconds; undefined where it is none. */
export function parseTimeSpan(text: string): number | undefined {
  const match = /^(?:(\d{1,6})\.)?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,7})?)?$/.exec(text)
  if (match === null) return undefined
  const [days, hours, minutes, seconds] = match.slice(1).map(part => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
  ]
  return hours > 23 || minutes > 59 || seconds > 59 ? undefined : ((days * 24 + hours) * 60 + minutes) * 60 + seconds
}
