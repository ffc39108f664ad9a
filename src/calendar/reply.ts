/**
 * The answer in a REPLY: RFC 5546 §3.2.3, and what Exchange, Apple and Google make of it.
 */
import type { CalReplyStatus } from '../entity/entity.ts'
import { type CalendarAttendee, isSameAddress, readAttendee } from './cal-address.ts'
import type { Component } from './component.ts'
import type { CalendarLimits } from './limits.ts'
import type { CalendarSelection } from './selection.ts'

/** The attendees of an event, in order, as many as the limit allows. */
export function readAttendees({ component, warn }: EventOf, limits: CalendarLimits): CalendarAttendee[] {
  const properties = component.all('ATTENDEE')
  if (properties.length > limits.attendees) warn('CALENDAR_LIMIT', 'attendees')
  return properties.slice(0, limits.attendees).map(readAttendee)
}

interface EventOf {
  readonly component: Component
  readonly warn: CalendarSelection['warn']
}

/**
 * The answer of a REPLY.
 *
 * The series as a whole answers for its instances; instances alone have an answer where they agree.
 *
 * @param from address in From of the message
 */
export function replyStatus(selection: CalendarSelection, from: string, limits: CalendarLimits): CalReplyStatus {
  if (selection.method !== 'Reply') return 'Unknown'
  const { warn } = selection
  const series = selection.events.find(({ component }) => !component.has('RECURRENCE-ID'))
  const events = series === undefined ? selection.events : [series]
  const statuses = events.map(({ component }) => statusOf(readAttendees({ component, warn }, limits), from))
  return commonStatus(statuses)
}

/**
 * Who answers: the attendee that From names; else the only one; else, as From may be an alias that nobody listed, the
 * one answer that all who have decided share.
 */
function statusOf(attendees: readonly CalendarAttendee[], from: string): CalReplyStatus {
  const replier = replierOf(attendees, from)
  if (replier !== undefined) return replier.status
  return commonStatus(attendees.map(({ status }) => status).filter(status => status !== 'Unknown'))
}

/** The attendee that sent a message: by address, by who acts for them, or as the only one. */
export function replierOf(attendees: readonly CalendarAttendee[], from: string): CalendarAttendee | undefined {
  return (
    attendees.find(({ address }) => isSameAddress(address, from)) ??
    attendees.find(({ sentBy }) => isSameAddress(sentBy, from)) ??
    (attendees.length === 1 ? attendees[0] : undefined)
  )
}

function commonStatus(statuses: readonly CalReplyStatus[]): CalReplyStatus {
  const [first] = statuses
  return first !== undefined && statuses.every(status => status === first) ? first : 'Unknown'
}
