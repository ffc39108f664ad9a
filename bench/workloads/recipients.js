/** A message to 1,000 recipients: address lists, folding, encoded-words. */
import { MANY_RECIPIENTS } from '../mail.js'
import { composeAndParse } from '../sides.js'

/** @type {import('../types.d.ts').Workload} */
export default {
  name: 'recipients',
  groups: composeAndParse('1,000 recipients', MANY_RECIPIENTS).map(group => ({ ...group, slow: true })),
}
