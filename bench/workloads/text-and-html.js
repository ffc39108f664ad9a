/** A message of 28 KB: 15 KB of Swedish text and as much of HTML, quoted-printable. */
import { TEXT_AND_HTML } from '../mail.js'
import { composeAndParse } from '../sides.js'

/** @type {import('../types.d.ts').Workload} */
export default { name: 'text-and-html', groups: composeAndParse('28 KB of Swedish text and HTML', TEXT_AND_HTML) }
