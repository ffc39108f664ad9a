/** Chromium without a window, driven through Playwright. */
import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium } from 'playwright-core'

/** Where distributions have it; CHROMIUM names another one. */
const PATHS = [process.env.CHROMIUM ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Undefined where there is none. */
export const CHROMIUM: string | undefined = PATHS.find(path => path !== '' && existsSync(path))

if (CHROMIUM === undefined) console.warn('skipped: no Chromium at /usr/bin/chromium, and CHROMIUM names none')

/** It talks to nobody but the page: no updates, no first run, no QUIC. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export function openChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM ?? '', headless: true, args: FLAGS })
}

export interface Page {
  readonly type: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Site {
  readonly url: string
  close(): Promise<void>
}

/** Serves pages by their paths, to this machine alone. */
export async function serve(pages: Readonly<Record<string, Page>>): Promise<Site> {
  const server: Server = createServer((request, response) => {
    const page = pages[request.url ?? '']
    if (page === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'Content-Type': `${page.type}; charset=utf-8`, ...page.headers }).end(page.body)
  })
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
