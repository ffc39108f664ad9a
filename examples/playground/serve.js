/**
 * `npm run playground`: builds the page, and serves it to this machine alone, at PORT where that is set.
 *
 * The three files that it builds are the whole page: they also work without this server, opened from the disk.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { bundleForBrowser } from './bundle.js'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const TYPES = { 'index.html': 'text/html', 'playground.css': 'text/css', 'playground.js': 'text/javascript' }

/**
 * @param {string} folder where the page is written
 * @param {string} library path of the module that is `mimecal`
 */
export async function buildPlayground(folder, library = fileURLToPath(import.meta.resolve('mimecal'))) {
  mkdirSync(folder, { recursive: true })
  for (const file of ['index.html', 'playground.css']) copyFileSync(join(FOLDER, file), join(folder, file))
  writeFileSync(
    join(folder, 'playground.js'),
    await bundleForBrowser(join(FOLDER, 'playground.js'), { mimecal: library }),
  )
}

/** @returns {Promise<import('node:http').Server>} listening on the loopback address */
export function servePlayground(folder, port) {
  const server = createServer(({ url, method }, response) => {
    const file = url === '/' ? 'index.html' : String(url).slice(1)
    if (method !== 'GET' || !Object.hasOwn(TYPES, file)) {
      response.writeHead(404).end()
      return
    }
    const headers = { 'Content-Type': `${TYPES[file]}; charset=utf-8`, 'Cache-Control': 'no-store' }
    response.writeHead(200, headers).end(readFileSync(join(folder, file)))
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server))
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = join(FOLDER, '../../node_modules/.cache/mimecal-playground')
  const port = Number(process.env.PORT ?? 8025)
  await buildPlayground(folder)
  await servePlayground(folder, port)
  console.log(`http://127.0.0.1:${port}/, from ${folder}`)
}
