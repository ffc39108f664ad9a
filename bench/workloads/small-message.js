/** Messages of 2 KB: ten fields, text and HTML. */
import { SMALL_ASCII, SMALL_SWEDISH } from '../mail.js'
import { composeAndParse } from '../sides.js'

/** @type {import('../types.d.ts').Workload} */
export default {
  name: 'small-message',
  groups: [
    ...composeAndParse('2 KB of ASCII', SMALL_ASCII, '-ascii'),
    ...composeAndParse('2 KB of Swedish', SMALL_SWEDISH, '-swedish'),
  ],
}
