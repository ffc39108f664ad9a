/** Links, anchors and paths of the pages lead somewhere, and the workflow runs what .ci/run runs. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { codeSpans, type Page, proseOf, ROOT, readFile, readPages } from './pages.ts'

const pages = readPages()

test('README, contributing guide and documents are there', () => {
  const paths = pages.map(({ path }) => path)
  expect(paths).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/README.md']))
  expect(paths.length).toBeGreaterThanOrEqual(10)
})

test('docs/README.md and README.md lead to every document', () => {
  const documents = pages.map(({ path }) => path).filter(path => /^docs\/(?!README)/.test(path))
  for (const from of ['docs/README.md', 'README.md']) {
    const targets = linksOf(pages.find(({ path }) => path === from)!).map(({ target }) => target)
    expect(documents.filter(document => !targets.includes(document))).toEqual([])
  }
})

describe.each(pages.map(page => [page.path, page] as const))('%s', (_, page) => {
  test('its links lead somewhere', () => {
    for (const { target, anchor } of linksOf(page)) {
      expect(existsSync(new URL(target, ROOT)), target).toBe(true)
      if (anchor !== '') expect(anchorsOf(readFile(target)), `${target}#${anchor}`).toContain(anchor)
    }
  })

  test('the files and folders that it names exist', () => {
    for (const path of pathsIn(page)) expect(existsSync(new URL(path, ROOT)), path).toBe(true)
  })
})

interface Link {
  /** From the root of the project. */
  readonly target: string
  /** `''` for none. */
  readonly anchor: string
}

/** Links within the project. */
function linksOf(page: Page): Link[] {
  const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(match => match[1]!)
  return links
    .filter(link => !/^[a-z]+:/.test(link))
    .map(link => {
      const [path = '', anchor = ''] = link.split('#')
      return { target: path === '' ? page.path : posix.join(posix.dirname(page.path), path), anchor }
    })
}

/** Anchors as GitHub makes them of headings. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(match =>
    match[1]!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  )
}

const FOLDERS = readdirSync(ROOT).filter(name => statSync(new URL(name, ROOT)).isDirectory())

/** What stands in backticks and is a path: below a folder of the project, without a place for a name in it. */
function pathsIn(page: Page): string[] {
  return codeSpans(proseOf(page)).filter(span => {
    const [folder, ...rest] = span.split('/')
    return rest.length > 0 && FOLDERS.includes(folder!) && /^[\w./-]+$/.test(span) && folder !== 'node_modules'
  })
}

test('paths are told from other words with a stroke', () => {
  const text = 'Of `src/index.ts`, `corpus/<case>.eml`, `text/plain`, `mimecal/mime` and `test/nowhere.ts`.'
  expect(pathsIn({ path: 'x.md', text })).toEqual(['src/index.ts', 'test/nowhere.ts'])
})

test('docs/architecture.md names every layer', () => {
  const { text } = pages.find(({ path }) => path === 'docs/architecture.md')!
  const spans = codeSpans(text)
  for (const name of readdirSync(new URL('src/', ROOT))) {
    const path = `src/${name}`
    const isFolder = statSync(new URL(path, ROOT)).isDirectory()
    if (name !== 'index.ts') expect(spans).toContain(isFolder ? `${path}/` : path)
  }
})

describe('.github/workflows/ci.yml', () => {
  const workflow = readFile('.github/workflows/ci.yml')

  test('runs .ci/run, on the oldest Node that package.json allows', () => {
    const { engines } = JSON.parse(readFile('package.json')) as { engines: { node: string } }
    const [job = ''] = workflow.split(/^ {2}platforms:/m)
    expect(job).toMatch(/^ {6}- run: \.ci\/run$/m)
    expect(job).toContain(`node-version: ${/\d+/.exec(engines.node)![0]}`)
    expect(readFile('.ci/run')).toMatch(/^npm ci.*\nnpm test$/m)
  })

  test('every action is pinned to a commit', () => {
    const uses = [...workflow.matchAll(/uses: (\S+)/g)].map(match => match[1]!)
    expect(uses.length).toBeGreaterThan(0)
    for (const use of uses) expect(use).toMatch(/@[0-9a-f]{40}$/)
  })

  test('every file that it runs exists', () => {
    const files = [...workflow.matchAll(/run: (?:node )?([\w.-]+\/[\w./-]+)/g)].map(match => match[1]!)
    expect(files.length).toBeGreaterThan(1)
    for (const file of files) expect(existsSync(new URL(file, ROOT)), file).toBe(true)
  })

  test('the platforms of its matrix are those of test/platforms', () => {
    const names = /platform: \[(.*)\]/.exec(workflow)![1]!.split(', ')
    const runtimes = readFile('test/platforms/runtimes.js')
    for (const name of names) {
      const [word = '', major] = name.split(' ')
      expect(runtimes).toMatch(new RegExp(major === undefined ? `name: '${word}'` : `'${major}'`))
    }
  })
})
