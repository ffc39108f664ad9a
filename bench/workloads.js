/** Every workload, in the order of the report. */
import batchCompose from './workloads/batch-compose.js'
import batchParse from './workloads/batch-parse.js'
import compose25Mib from './workloads/compose-25-mib.js'
import compose25MibBase64 from './workloads/compose-25-mib-base64.js'
import corpus from './workloads/corpus.js'
import growth from './workloads/growth.js'
import invite from './workloads/invite.js'
import nestedMessages from './workloads/nested-messages.js'
import parse25Mib from './workloads/parse-25-mib.js'
import recipients from './workloads/recipients.js'
import smallMessage from './workloads/small-message.js'
import textAndHtml from './workloads/text-and-html.js'

/** @type {readonly import('./types.d.ts').Workload[]} */
export const WORKLOADS = [
  smallMessage,
  textAndHtml,
  invite,
  recipients,
  nestedMessages,
  compose25Mib,
  compose25MibBase64,
  parse25Mib,
  batchCompose,
  batchParse,
  corpus,
  growth,
]

/**
 * @param {string} workloadName
 * @param {string} groupName
 * @returns {import('./types.d.ts').Group}
 */
export function findGroup(workloadName, groupName) {
  const workload = WORKLOADS.find(({ name }) => name === workloadName)
  const group = workload?.groups.find(({ name }) => name === groupName)
  if (group === undefined) throw new Error(`there is no ${workloadName}/${groupName}`)
  return group
}
