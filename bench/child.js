/**
 * The process in which one group is measured: started by ./run.js with the names of workload, group and side.
 */
import { loadLibrary } from './library.js'
import { measureAlone, measureInTurn } from './measure.js'
import { findGroup } from './workloads.js'

const [request = '{}'] = process.argv.slice(2)
const { workload, group: groupName, side, rounds, warmUpMs } = JSON.parse(request)
const group = findGroup(workload, groupName)
if (group.withoutWebAssembly) Reflect.deleteProperty(globalThis, 'WebAssembly')

const sides = await group.prepare({ library: await loadLibrary() }, side)
if (typeof sides === 'string') {
  process.send?.({ skipped: sides, sides: {} })
} else if (side === undefined) {
  process.send?.({ sides: await measureInTurn(sides, { rounds, warmUpMs: group.large ? 0 : warmUpMs }) })
} else {
  const only = sides.find(({ name }) => name === side)
  if (only === undefined) throw new Error(`${workload}/${groupName} has no side ${side}`)
  process.send?.({ sides: { [side]: await measureAlone(only) } })
}
process.disconnect?.()
