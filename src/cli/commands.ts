/**
 * THE table of commands: a new one is a row, and a file of its own.
 */
import { CALENDAR } from './calendar.ts'
import { COMPOSE } from './compose.ts'
import { INSPECT } from './inspect.ts'
import { PARSE } from './parse.ts'
import type { Command } from './usage.ts'

/** All of them, in the order in which help shows them. */
export const COMMANDS: readonly Command[] = [COMPOSE, PARSE, INSPECT, CALENDAR]
