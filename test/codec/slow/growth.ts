/**
 * How run time grows with input: for tests that hostile input is not read in quadratic time.
 */

/** Rounds after which a ratio that is still too high is believed: enough for others to leave the machine alone once. */
const MAX_ROUNDS = 60

/**
 * Time for twice the input as a multiple of the time for the input, both the best of several runs.
 *
 * 2 for linear work, 4 for quadratic; a factor and not seconds, which say nothing on a shared machine.
 *
 * @param prepare makes an input of size `n`
 */
export function growthRatio<T>(n: number, prepare: (n: number) => T, run: (input: T) => unknown): number {
  const once = prepare(n)
  const twice = prepare(2 * n)
  run(once)
  let [bestOnce, bestTwice] = [Infinity, Infinity]
  for (let round = 0; round < 4 || (round < MAX_ROUNDS && bestTwice / bestOnce > 2.8); round++) {
    bestOnce = Math.min(
      bestOnce,
      milliseconds(() => run(once)),
    )
    bestTwice = Math.min(
      bestTwice,
      milliseconds(() => run(twice)),
    )
  }
  return bestTwice / bestOnce
}

/** Time of the processor, not of the clock: other processes do not count. */
function milliseconds(run: () => unknown): number {
  const start = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}
