/** The pages of the project for people, their code blocks, tables, links and paths. */
import { readdirSync, readFileSync } from 'node:fs'

/** The folder of the project. */
export const ROOT: URL = new URL('../../', import.meta.url)

/** A file of the project as text, by its path from the root. */
export function readFile(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8')
}

/** A Markdown file. */
export interface Page {
  /** From the root of the project. */
  readonly path: string
  readonly text: string
}

/** README.md and its like, and all of docs/. What CHANGELOG.md says was true once. */
export function readPages(): Page[] {
  const markdownIn = (folder: string): string[] =>
    readdirSync(new URL(folder, ROOT))
      .filter(name => name.endsWith('.md'))
      .map(name => `${folder}${name}`)
  const paths = [...markdownIn('./').map(path => path.slice(2)), ...markdownIn('docs/')]
  return paths.filter(path => path !== 'CHANGELOG.md').map(path => ({ path, text: readFile(path) }))
}

/** A fenced code block. */
export interface Block {
  /** `README.md:31`, its first line of code. */
  readonly place: string
  /** Path of its page. */
  readonly page: string
  /** `''` where the fence names none. */
  readonly language: string
  readonly code: string
}

/** The code blocks of a page. */
export function blocksOf({ path, text }: Page): Block[] {
  return [...text.matchAll(/^```([a-z]*)\n([\s\S]*?)^```$/gm)].map(({ 1: language, 2: code, index }) => ({
    place: `${path}:${text.slice(0, index).split('\n').length + 1}`,
    page: path,
    language: language!,
    code: code!,
  }))
}

/** The page without its code blocks. */
export function proseOf({ text }: Page): string {
  return text.replace(/^```[a-z]*\n[\s\S]*?^```$/gm, '')
}

/** A row of a table by the heads of its columns. */
export type Row = Readonly<Record<string, string>>

/** The rows of the tables that stand under a heading, up to the next heading. */
export function tableUnder({ path, text }: Page, heading: string): Row[] {
  const lines = text.split('\n')
  const start = lines.findIndex(line => line.replace(/^#+ /, '') === heading && line.startsWith('#'))
  if (start === -1) throw new Error(`${path} has no heading ${heading}`)
  const length = lines.slice(start + 1).findIndex(line => line.startsWith('#'))
  const section = lines.slice(start + 1, length === -1 ? undefined : start + 1 + length)
  const rows: Row[] = []
  let heads: string[] = []
  for (const [index, line] of section.entries()) {
    if (!line.startsWith('|')) heads = []
    else if (/^\|[-:| ]+\|$/.test(line)) heads = cellsOf(section[index - 1]!)
    else if (heads.length > 0) {
      const cells = cellsOf(line)
      if (cells.length !== heads.length) throw new Error(`${path}: a row with ${cells.length} cells: ${line}`)
      rows.push(Object.fromEntries(heads.map((head, column) => [head, cells[column]!])))
    }
  }
  if (rows.length === 0) throw new Error(`${path} has no table under ${heading}`)
  return rows
}

function cellsOf(line: string): string[] {
  const inside = line.trimEnd().replace(/^\||\|$/g, '')
  return inside.split(/(?<!\\)\|/).map(cell => cell.trim().replaceAll('\\|', '|'))
}

/** What stands in backticks. */
export function codeSpans(markdown: string): string[] {
  return [...markdown.matchAll(/`([^`\n]+)`/g)].map(match => match[1]!)
}
