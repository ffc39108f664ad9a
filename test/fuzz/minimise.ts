/** Delta debugging (Zeller's ddmin, by lines, then by octets): the least of an input that still fails. */

/**
 * @param fails says whether an input shows the fault
 * @param maxTries how often it is asked at most
 */
export async function minimise(
  octets: Uint8Array,
  fails: (octets: Uint8Array) => Promise<boolean>,
  maxTries = 4000,
): Promise<Uint8Array> {
  let tries = 0
  const test = async (text: string): Promise<boolean> => tries++ < maxTries && fails(Buffer.from(text, 'latin1'))
  const text = Buffer.from(octets).toString('latin1')
  const lines = await without(text.match(/[^\n]*\n|[^\n]+$/g) ?? [], test)
  return Buffer.from((await without([...lines.join('')], test)).join(''), 'latin1')
}

/** The pieces without those that are not needed: halves first, then quarters, and so on. */
async function without(
  pieces: readonly string[],
  test: (text: string) => Promise<boolean>,
): Promise<readonly string[]> {
  let left = pieces
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < left.length; ) {
      const fewer = [...left.slice(0, start), ...left.slice(start + size)]
      if (await test(fewer.join(''))) left = fewer
      else start += size
    }
  }
  return left
}
