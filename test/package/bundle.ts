/** What a bundler makes of the package. */
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'

export interface BundleOptions {
  /** Where the code would stand: packages are looked up from here. */
  readonly folder: string
  /** Whether the dependencies go into the bundle, or stay imports. */
  readonly dependencies?: 'bundled' | 'external' | undefined
}

export interface Bundle {
  readonly code: string
  /** Octets, minified and compressed as a server sends it. */
  readonly gzipped: number
}

/** Bundles a module of this text, for Node, minified. */
export async function bundle(source: string, { folder, dependencies = 'bundled' }: BundleOptions): Promise<Bundle> {
  const entry = `${folder}/entry.js`
  const build = await rolldown({
    input: entry,
    platform: 'node',
    logLevel: 'silent',
    external: id => id.startsWith('node:') || (dependencies === 'external' && /^(?!mimecal\b)[\w@]/.test(id)),
    plugins: [
      {
        name: 'entry',
        resolveId: id => (id === entry ? id : null),
        load: id => (id === entry ? source : null),
      },
    ],
  })
  const { output } = await build.generate({ format: 'esm', minify: true, codeSplitting: false })
  await build.close()
  const code = output[0].code
  return { code, gzipped: gzipSync(code).length }
}
