/** The types of the benchmark suite: a workload is a list of groups, a group a list of sides that are compared. */

/** One thing to measure: a name, and what is done once. */
export interface Side {
  /** Starts with `mimecal`, the name of a peer, or `limit`. */
  readonly name: string
  /** Does it once; what comes back is kept so that it cannot be optimised away. */
  readonly run: () => unknown
  /** Does it once and throws where the result is not right. */
  readonly check?: () => unknown
}

/** What a side is measured with, in a process. */
export interface Setting {
  readonly library: typeof import('../src/index.ts')
}

/** Sides that are measured in turn, in one process. */
export interface Group {
  readonly name: string
  /** What one run does: `compose a message with …`. */
  readonly title: string
  /** Octets that one run reads or is given, where MB/s say more than messages/s. */
  readonly octets?: number
  /** Messages of one run; 1 where it does not say. */
  readonly messages?: number
  /** Runs that leave megabytes behind: one run is a sample, memory is collected before each. */
  readonly large?: boolean
  /** Each side in a process of its own, once: for memory. */
  readonly separate?: boolean
  /** Measured in a process that has no WebAssembly. */
  readonly withoutWebAssembly?: boolean
  /** Left out of --quick. */
  readonly slow?: boolean
  /** Rounds, where the usual number of them is too many. */
  readonly rounds?: number
  /**
   * @param only the side that this process is for, of a separate group
   * @returns what to measure, or a sentence that says why nothing can be
   */
  prepare(setting: Setting, only?: string): Promise<readonly Side[] | string>
  /** Of a separate group: the names of its sides. */
  readonly sides?: readonly string[]
}

export interface Workload {
  readonly name: string
  readonly groups: readonly Group[]
}

/** What was measured of a side. */
export interface SideFigures {
  /** Milliseconds for one run, one for each round. */
  readonly samples: number[]
  /** Octets of resident memory at most, above those of the process before its first run; separate groups only. */
  readonly memory: number[]
}

/** What was measured of a group. */
export interface GroupFigures {
  readonly workload: string
  readonly group: string
  readonly title: string
  readonly octets: number | undefined
  readonly messages: number
  /** Why nothing was measured. */
  readonly skipped: string | undefined
  readonly sides: Record<string, SideFigures>
}

/** A promise: `own` is at least `ratio` times as fast as `other`. */
export interface RatioFloor {
  readonly group: string
  readonly own: string
  readonly other: string
  readonly ratio: number
}

/** A promise: `side` takes at most `octets` of memory, or at most that much more than in the group `beyond`. */
export interface MemoryCeiling {
  readonly group: string
  readonly side: string
  readonly octets: number
  readonly beyond?: string
}

/** A promise: an octet costs `side` at most `factor` times as much time in `group` as in the group `from`. */
export interface GrowthCeiling {
  readonly group: string
  readonly side: string
  readonly from: string
  readonly factor: number
}

/** A promise and what came of it. */
export interface Verdict {
  readonly group: string
  readonly title: string
  /** `mimecal toBytes` */
  readonly own: string
  /** `nodemailer build`, or what else it is held against. */
  readonly other: string
  readonly kind: 'ratio' | 'memory' | 'growth'
  readonly value: number
  /** By the medians; of ratios only. */
  readonly typical?: number
  readonly bound: number
  readonly kept: boolean
}
