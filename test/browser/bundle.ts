/** How the library gets into a browser: as examples/playground does it. */

interface PlaygroundBundle {
  bundleForBrowser(input: string, alias?: Readonly<Record<string, string>>): Promise<string>
}

const { bundleForBrowser: bundle } = (await import(
  new URL('../../examples/playground/bundle.js', import.meta.url).href
)) as PlaygroundBundle

/** Bundles a module and the installed package; see examples/playground/bundle.js. */
export function bundleForBrowser(input: string, alias: Readonly<Record<string, string>> = {}): Promise<string> {
  return bundle(input, alias)
}
