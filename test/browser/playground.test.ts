/**
 * examples/playground, as a person uses it: what is typed, opened or dropped is shown as the library reads it, at two
 * widths, light and dark; and no message reaches out of the page.
 *
 * Screenshots are kept in a folder of the system's own for temporary files where SCREENSHOTS=1 asks for them.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { composeMessage, entityToJson, type MimePart, parseMessage } from '../../src/index.ts'
import { type Packed, pack } from '../package/packed.ts'
import { CHROMIUM, openChromium, type Site, serve } from './chromium.ts'

interface PlaygroundServer {
  buildPlayground(folder: string, library: string): Promise<void>
}

const { buildPlayground } = (await import(
  new URL('../../examples/playground/serve.js', import.meta.url).href
)) as PlaygroundServer

const MESSAGES = fileURLToPath(new URL('../../corpus/messages/', import.meta.url))

const ENTITY = {
  From: { Name: 'Åse', Address: 'ase@example.no' },
  To: [{ Name: 'Bjørn Ødegård', Address: 'bjorn@example.com' }],
  Subject: 'Blåbærsyltetøy',
  Sent: '2026-06-02T14:13:40+02:00',
  MessageID: '<1@example.no>',
  PlainBody: 'Hei!\n',
}

interface VisitOptions {
  readonly width?: number
  readonly colorScheme?: 'light' | 'dark'
  readonly url?: string
  /** How the addresses of the page's own files begin. */
  readonly own?: string
}

describe.skipIf(CHROMIUM === undefined)('the playground', () => {
  let packed: Packed
  let folder: string
  let site: Site
  let browser: Browser

  beforeAll(async () => {
    packed = pack()
    folder = join(packed.folder, 'playground')
    mkdirSync(folder)
    await buildPlayground(folder, join(packed.installed, 'dist/index.js'))
    const read = (file: string) => readFileSync(join(folder, file), 'utf8')
    site = await serve({
      '/': { type: 'text/html', body: read('index.html') },
      '/playground.css': { type: 'text/css', body: read('playground.css') },
      '/playground.js': { type: 'text/javascript', body: read('playground.js') },
    })
    browser = await openChromium()
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await site?.close()
    packed?.remove()
  })

  /** Opens the page, hands it to `use`, and sees to it that it neither complained nor asked for anything from elsewhere. */
  async function visit(
    use: (page: Page) => Promise<void>,
    { width = 1280, colorScheme = 'light', url = site.url, own = site.url }: VisitOptions = {},
  ): Promise<void> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
    const complaints: string[] = []
    page.on('pageerror', error => complaints.push(String(error)))
    page.on('dialog', dialog => complaints.push(`dialog: ${dialog.message()}`))
    page.on('response', response => {
      if (!response.url().startsWith(own)) complaints.push(response.url())
    })
    await page.goto(url)
    await page.waitForFunction("document.querySelector('#status').textContent !== ''")
    await use(page)
    expect(complaints).toEqual([])
    await page.close()
  }

  async function type(page: Page, text: string): Promise<void> {
    await page.getByLabel('Entity as JSON').fill(text)
    // The page waits until typing pauses.
    await page.waitForTimeout(250)
  }

  async function drop(page: Page, name: string, octets: Uint8Array): Promise<void> {
    const transfer = await page.evaluateHandle(
      ({ file, base64 }) => {
        const { DataTransfer, File } = globalThis as unknown as Record<string, new (...args: unknown[]) => never>
        const content = Uint8Array.from(atob(base64), character => character.charCodeAt(0))
        const data = new DataTransfer!() as { items: { add(file: object): void } }
        data.items.add(new File!([content], file))
        return data
      },
      { file: name, base64: Buffer.from(octets).toString('base64') },
    )
    await page.dispatchEvent('body', 'dragover', { dataTransfer: transfer })
    expect(await page.getByText('Drop the file to read it').isVisible()).toBe(true)
    await page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
    await page.getByText(`${name}: read octet for octet`).waitFor()
    expect(await page.getByText('Drop the file to read it').isVisible()).toBe(false)
  }

  async function download(page: Page, button: string | RegExp): Promise<Buffer> {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: button }).click(),
    ])
    return readFileSync(await file.path())
  }

  /** The types of the tree as it is seen, nested as its lists are. */
  function shownTree(page: Page): Promise<unknown> {
    return page.evaluate(() => {
      interface Item {
        querySelector(selector: string): { textContent: string } | null
        querySelectorAll(selector: string): Iterable<Item>
      }
      const tree = (item: Item): unknown[] => [
        item.querySelector(':scope > button > .type')?.textContent,
        ...[...item.querySelectorAll(':scope > ul > li')].map(tree),
      ]
      const { document } = globalThis as unknown as { document: Item }
      return [...document.querySelectorAll('#parts > li')].map(tree)
    })
  }

  function treeOf(part: MimePart): unknown[] {
    const below = [...part.parts, ...(part.message === undefined ? [] : [part.message])]
    return [part.contentType.mediaType, ...below.map(treeOf)]
  }

  test('shows messages that are dropped as parseMessage reads them', async () => {
    await visit(async page => {
      for (const name of ['nested-multiparts', 'forwarded-message', 'close-delimiter-missing', 'line-ends-mixed']) {
        const octets = readFileSync(join(MESSAGES, `${name}.eml`))
        const { entity, defects, root } = parseMessage(octets)
        await drop(page, `${name}.eml`, octets)
        expect(await shownTree(page)).toEqual([treeOf(root)])
        expect(await page.locator('#problems code').allTextContents()).toEqual(defects.map(({ code }) => code))
        expect(await page.locator('#summary').textContent()).toContain(entity.Subject)
        expect(String(await download(page, 'entity.json'))).toBe(entityToJson(entity))
        expect((await download(page, 'message.eml')).equals(octets)).toBe(true)
      }
    })
  })

  test('marks the octets of the part that is chosen', async () => {
    const octets = readFileSync(join(MESSAGES, 'nested-multiparts.eml'))
    const html = parseMessage(octets).root.parts[0]!.parts[1]!.parts[0]!
    await visit(async page => {
      await drop(page, 'a.eml', octets)
      await page.getByRole('button', { name: /text\/html/ }).click()
      expect(await page.getByRole('tab', { name: 'Octets' }).getAttribute('aria-selected')).toBe('true')
      expect(await page.locator('mark').textContent()).toBe(Buffer.from(html.octets).toString())
    })
  })

  test('composes an entity that is pasted to the octets of composeMessage', async () => {
    await visit(async page => {
      await type(page, JSON.stringify(ENTITY))
      const octets = composeMessage(ENTITY).toBytes()
      expect((await download(page, 'message.eml')).toString()).toBe(Buffer.from(octets).toString())
      expect(await page.locator('#status').textContent()).toBe(`Composed ${octets.length} octets in 1 part.`)
      await page.getByRole('tab', { name: 'Entity' }).press('ArrowRight')
      expect(await page.locator('#view').textContent()).toBe(Buffer.from(octets).toString())
      await page.getByRole('tab', { name: 'Octets' }).press('ArrowRight')
      expect(await page.locator('#view').textContent()).toBe('Hei!\n')
    })
  })

  test('opens a file, and gives an attachment back octet for octet', async () => {
    const content = Uint8Array.from({ length: 3000 }, (_, index) => Math.imul(index, 2_654_435_761) >>> 13)
    const attachment = { Filename: 'søppel.bin', Type: 'application/octet-stream', Stream: content }
    const octets = composeMessage({ ...ENTITY, Attachments: [attachment] }).toBytes()
    await visit(async page => {
      const file = { name: 'b.eml', mimeType: 'message/rfc822', buffer: Buffer.from(octets) }
      await page.getByLabel('Open a file').setInputFiles(file)
      await page.getByText('b.eml: read octet for octet').waitFor()
      expect((await download(page, /^søppel/)).equals(content)).toBe(true)
    })
  })

  test('refuses with every problem and its path, and composes a draft where that is asked for', async () => {
    await visit(async page => {
      await type(page, '{"To":[{"Name":"Ola"}],"Subject":"Hi\\r\\nBcc: eve@example.com"}')
      expect(await page.locator('#status').textContent()).toMatch(/^Refused, with \d problems\.$/)
      expect(await page.locator('#problems').textContent()).toContain('HEADER_INJECTION Subject: ')
      expect(await page.locator('#result').isVisible()).toBe(false)
      await type(page, '{"Subject":"Draft"}')
      expect(await page.locator('#status').textContent()).toMatch(/^Refused/)
      await page.getByLabel('Draft').check()
      expect(await page.locator('#status').textContent()).toMatch(/^Composed/)
      await type(page, '{"Subject":')
      expect(await page.locator('#status').textContent()).toBe('Refused, with 1 problem.')
    })
  })

  test('a message can neither run, nor fetch, nor change the page', async () => {
    let fetched = 0
    const page = { type: 'text/plain', body: '' }
    const watched = new Proxy(
      {},
      {
        get() {
          fetched++
          return page
        },
      },
    )
    const elsewhere = await serve(watched)
    const attack = '<img src=x onerror="parent.broken=1"><script>parent.broken=1</script>'
    const hostile = [
      `From: "${attack.replaceAll('"', '\\"')}" <eve@example.com>`,
      `Subject: ${attack}`,
      `Content-Type: multipart/mixed; boundary=b; name="${attack.replaceAll('"', "'")}"`,
      '',
      '--b',
      'Content-Type: text/html',
      '',
      `${attack}<link rel=stylesheet href=${elsewhere.url}/a.css><img src=${elsewhere.url}/a.png>`,
      `<form action=${elsewhere.url}/ id=f><input name=a></form><meta http-equiv=refresh content="0;url=${elsewhere.url}/">`,
      `<body background=${elsewhere.url}/b.png style="background:url(${elsewhere.url}/c.png)"></iframe><p>seen</p>`,
      '--b',
      `Content-Type: ${attack}; name="x"`,
      '',
      attack,
      '--b--',
      '',
    ].join('\r\n')
    await visit(async page => {
      await type(page, hostile)
      await page.getByRole('tab', { name: 'HTML' }).click()
      const frame = page.locator('#view iframe')
      expect(await frame.getAttribute('sandbox')).toBe('')
      expect(await frame.contentFrame().locator('p').textContent()).toBe('seen')
      await page.waitForTimeout(300)
      for (const tab of ['Entity', 'Octets', 'Text']) await page.getByRole('tab', { name: tab }).click()
      expect(await page.evaluate('globalThis.broken')).toBeUndefined()
      expect(await page.locator('main img, main script, main form').count()).toBe(0)
    })
    expect(fetched).toBe(0)
    await fetch(elsewhere.url)
    expect(fetched).toBe(1)
    await elsewhere.close()
  })

  test('works from the disk, without a server', async () => {
    const url = pathToFileURL(join(folder, 'index.html')).href
    await visit(
      async page => {
        expect(await page.locator('#status').textContent()).toMatch(/^Composed [\d,]+ octets in 7 parts\.$/)
      },
      { url, own: url.slice(0, -'index.html'.length) },
    )
  })

  describe.each([1280, 390])('%s pixels wide', width => {
    test.each(['light', 'dark'] as const)('%s: fits, and can be read', async colorScheme => {
      const shots = mkdtempSync(join(tmpdir(), 'mimecal-playground-'))
      await visit(
        async page => {
          for (const sample of ['An invoice, as an entity', 'A message with defects', 'An entity that is refused']) {
            await page.getByLabel('Example').selectOption(sample)
            expect(await page.evaluate(overflow), sample).toEqual([])
            expect(await page.evaluate(lowContrasts), sample).toEqual([])
            const png = await page.screenshot({ fullPage: true })
            writeFileSync(join(shots, `${width}-${colorScheme}-${sample.replace(/\W+/g, '-')}.png`), png)
            const { colors, luminance } = await look(png)
            expect(colors).toBeGreaterThan(100)
            if (colorScheme === 'light') expect(luminance).toBeGreaterThan(200)
            else expect(luminance).toBeLessThan(60)
          }
        },
        { width, colorScheme },
      )
      if (process.env.SCREENSHOTS === '1') console.info(`screenshots: ${shots}`)
      else rmSync(shots, { recursive: true, force: true })
    })
  })

  /** How many colours a picture has, and how bright it is on the average, from 0 to 255. */
  async function look(png: Buffer): Promise<{ colors: number; luminance: number }> {
    const viewer = await browser.newPage()
    const seen = await viewer.evaluate(async base64 => {
      interface Canvas {
        getContext(kind: '2d'): {
          drawImage(image: unknown, x: number, y: number): void
          getImageData(x: number, y: number, width: number, height: number): { data: Uint8Array }
        }
      }
      const { createImageBitmap, OffscreenCanvas, Blob } = globalThis as unknown as {
        createImageBitmap(blob: unknown): Promise<{ width: number; height: number }>
        OffscreenCanvas: new (width: number, height: number) => Canvas
        Blob: new (parts: Uint8Array[]) => unknown
      }
      const content = Uint8Array.from(atob(base64), character => character.charCodeAt(0))
      const image = await createImageBitmap(new Blob([content]))
      const context = new OffscreenCanvas(image.width, image.height).getContext('2d')
      context.drawImage(image, 0, 0)
      const { data } = context.getImageData(0, 0, image.width, image.height)
      const colors = new Set<number>()
      let sum = 0
      for (let index = 0; index < data.length; index += 4) {
        const [red, green, blue] = [data[index]!, data[index + 1]!, data[index + 2]!]
        colors.add((red << 16) | (green << 8) | blue)
        sum += 0.2126 * red + 0.7152 * green + 0.0722 * blue
      }
      return { colors: colors.size, luminance: sum / (data.length / 4) }
    }, png.toString('base64'))
    await viewer.close()
    return seen
  }
})

// What follows runs in the page, so each is one expression without anything of this module.

/** Elements that stick out of the page at its right. */
const overflow = `
  [...document.querySelectorAll('body *')]
    .filter(element => element.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
    .filter(element => !element.closest('.hidden') && element.checkVisibility())
    .map(element => element.outerHTML.slice(0, 100))
`

/** Texts with less contrast to what is behind them than WCAG 2.2 §1.4.3 wants, 4.5 to 1. */
const lowContrasts = `
  (() => {
    const channels = color => color.match(/[\\d.]+/g).map(Number)
    const luminance = ([red, green, blue]) => {
      const [r, g, b] = [red, green, blue].map(value => value / 255).map(value =>
        value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const behind = element => {
      for (let node = element; node !== null; node = node.parentElement) {
        const color = channels(getComputedStyle(node).backgroundColor)
        if (color.length === 3 || color[3] === 1) return color
      }
      return [255, 255, 255]
    }
    return [...document.querySelectorAll('body *')]
      .filter(element => element.checkVisibility() && [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
      .map(element => {
        const [one, other] = [luminance(channels(getComputedStyle(element).color)), luminance(behind(element))]
        return { text: element.textContent.slice(0, 40), ratio: (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05) }
      })
      .filter(({ ratio }) => ratio < 4.5)
  })()
`
