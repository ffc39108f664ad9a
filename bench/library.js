/**
 * The library as users get it: built. From ../dist, or from the folder that MIMECAL_DIST names.
 */
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const DIST = process.env.MIMECAL_DIST ?? fileURLToPath(new URL('../dist', import.meta.url))

/** @returns {Promise<typeof import('../src/index.ts')>} */
export async function loadLibrary() {
  return await import(pathToFileURL(resolve(DIST, 'index.js')).href)
}
