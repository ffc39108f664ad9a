/** How mimecal gets into a browser: npm packages in the place of the two modules of Node that it uses. */
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const path = specifier => fileURLToPath(import.meta.resolve(specifier))

/** What stands for a module of Node. Any bundler has an option for this. */
const IN_PLACE_OF_NODE = {
  'node:buffer': path('buffer/index.js'),
  buffer: path('buffer/index.js'),
  // iconv-lite asks for it, and decodes with it what mimecal decodes by itself.
  string_decoder: path('./string-decoder.js'),
}

/**
 * Bundles a module for browsers, minified; fails where it needs more of Node than that.
 *
 * @param {string} input path of the module
 * @param {Record<string, string>} [alias] paths by further names of modules
 * @returns {Promise<string>} a classic script, which browsers also run from a file
 */
export async function bundleForBrowser(input, alias = {}) {
  const build = await rolldown({
    input,
    platform: 'browser',
    resolve: { alias: { ...alias, ...IN_PLACE_OF_NODE } },
    onLog(_level, { code, message }) {
      if (code === 'UNRESOLVED_IMPORT') throw new Error(message)
    },
  })
  const { output } = await build.generate({ format: 'iife', minify: true, codeSplitting: false })
  await build.close()
  return output[0].code
}
