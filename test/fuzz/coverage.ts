/**
 * How much code of the library ran, told by V8's block coverage (`Profiler` of the inspector of this very process).
 *
 * It must be started before the library is imported: functions are counted from their compilation on.
 */
import { type Profiler, Session } from 'node:inspector/promises'

/** Counts code from its start on. */
export class Coverage {
  readonly #session: Session
  readonly #isCounted: (url: string) => boolean

  private constructor(session: Session, isCounted: (url: string) => boolean) {
    this.#session = session
    this.#isCounted = isCounted
  }

  /** @param isCounted says whether a script belongs to what is fuzzed */
  static async start(isCounted: (url: string) => boolean): Promise<Coverage> {
    const session = new Session()
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
    return new Coverage(session, isCounted)
  }

  /** Characters of code that ran, of a hundred of all scripts that were loaded; counted once. */
  async percent(): Promise<string> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage')
    let [ran, all] = [0, 0]
    for (const { functions } of result.filter(({ url }) => this.#isCounted(url))) {
      const marks = marksOf(functions)
      ran += marks.reduce((sum, mark) => sum + mark, 0)
      all += marks.length
    }
    return ((100 * ran) / all).toFixed(1)
  }

  stop(): void {
    this.#session.disconnect()
  }
}

/** 1 for each character of a script that ran. */
function marksOf(functions: readonly Profiler.FunctionCoverage[]): Uint8Array {
  const ranges = functions.flatMap(({ ranges: blocks }) => blocks)
  const marks = new Uint8Array(Math.max(...ranges.map(({ endOffset }) => endOffset)))
  // Blocks are inside each other, and functions too: the inner one, which comes later, counts.
  for (const { startOffset, endOffset, count } of ranges) marks.fill(count > 0 ? 1 : 0, startOffset, endOffset)
  return marks
}
