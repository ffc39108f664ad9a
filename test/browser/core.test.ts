/**
 * The core of the suite in a browser: the package as it is published, bundled with the npm package `buffer` in the place of
 * node:buffer, composes and parses in Chromium what it composes and parses in Node, octet for octet.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Packed, pack } from '../package/packed.ts'
import { type CorpusFiles, type GroupReport, type Library, runCore } from '../platforms/core.ts'
import { bundleForBrowser } from './bundle.ts'
import { CHROMIUM, openChromium, type Site, serve } from './chromium.ts'

const CORPUS = fileURLToPath(new URL('../../corpus/', import.meta.url))
const CORE = fileURLToPath(new URL('../platforms/core.ts', import.meta.url))

function readCorpus(): CorpusFiles {
  const paths = readdirSync(CORPUS, { recursive: true, encoding: 'utf8' }).filter(path => /\.(eml|json)$/.test(path))
  return Object.fromEntries(
    paths.map(path => [path.replaceAll('\\', '/'), readFileSync(join(CORPUS, path)).toString('base64')]),
  )
}

describe.skipIf(CHROMIUM === undefined)('the package in Chromium', () => {
  let packed: Packed
  let site: Site
  let browser: Browser
  let inNode: GroupReport[]
  const files = readCorpus()

  beforeAll(async () => {
    packed = pack()
    const entry = join(packed.folder, 'project/entry.js')
    writeFileSync(
      entry,
      `
      import * as main from 'mimecal'
      import * as calendar from 'mimecal/calendar'
      import * as mime from 'mimecal/mime'
      import { runCore } from ${JSON.stringify(CORE)}
      globalThis.runCoreOn = files => runCore({ main, calendar, mime }, files)
      `,
    )
    const script = { type: 'text/javascript', body: await bundleForBrowser(entry) }
    const page = (policy: string) => ({
      type: 'text/html',
      body: '<!doctype html><title>core</title><script src="/core.js"></script>',
      headers: { 'Content-Security-Policy': policy },
    })
    site = await serve({
      '/core.js': script,
      '/webassembly': page("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"),
      '/strict': page("default-src 'none'; script-src 'self'"),
    })
    const load = (path: string) => import(pathToFileURL(join(packed.installed, 'dist', path)).href)
    const library = {
      main: await load('index.js'),
      calendar: await load('calendar/index.js'),
      mime: await load('mime/index.js'),
    } as Library
    inNode = await runCore(library, files)
    browser = await openChromium()
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await site?.close()
    packed?.remove()
  })

  test.each(['/webassembly', '/strict'])('sees what Node sees, under the policy of %s', async path => {
    const page = await browser.newPage()
    const complaints: string[] = []
    page.on('pageerror', error => complaints.push(String(error)))
    await page.goto(site.url + path)
    const inBrowser = await page.evaluate(
      given => (globalThis as unknown as { runCoreOn: RunCore }).runCoreOn(given),
      files,
    )
    expect(complaints).toEqual([])
    expect(inBrowser.length).toBeGreaterThanOrEqual(10)
    for (const { group, failures, checks } of inBrowser) {
      expect.soft(failures, group).toEqual([])
      expect(checks, group).toBeGreaterThan(10)
    }
    expect(inBrowser).toEqual(inNode)
    await page.close()
  })

  test('has no WebAssembly under the strict policy, so that both ways were taken', async () => {
    const compiles = async (path: string) => {
      const page = await browser.newPage()
      await page.goto(site.url + path)
      const answer = await page.evaluate(() => {
        const { WebAssembly } = globalThis as unknown as { WebAssembly: { Module: new (octets: Uint8Array) => object } }
        try {
          return new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)) !== undefined
        } catch {
          return false
        }
      })
      await page.close()
      return answer
    }
    expect([await compiles('/webassembly'), await compiles('/strict')]).toEqual([true, false])
  })
})

type RunCore = (files: CorpusFiles) => Promise<GroupReport[]>
