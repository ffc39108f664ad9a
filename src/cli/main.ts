#!/usr/bin/env node
/**
 * The command line: `mimecal COMMAND`, with the commands of ./commands.ts.
 *
 * Sets the exit code and lets the process end by itself: leaving at once would cut output that is still on its way.
 */
import { processIo } from './io.ts'
import { run } from './run.ts'

process.exitCode = await run(process.argv.slice(2), processIo())
