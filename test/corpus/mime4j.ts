/**
 * james-mime4j's expectations, and this library's reading in the same terms.
 *
 * `<case>_decoded.xml` is the tree: `message` and `body-part` hold a `header` of `field`s, and a `multipart` of
 * `preamble`, `body-part`s and `epilogue`, another `message`, or the name of the file that has the decoded body.
 */
import { parseMime } from '../../src/mime/parse.ts'
import type { MimePart } from '../../src/mime/part.ts'

/** An element of the file, with its text where it has no children. */
export interface Mime4jElement {
  readonly kind: string
  /** File with the decoded body; `''` for other elements. */
  readonly file: string
  readonly children: Mime4jElement[]
  text: string
}

/** Reads a file of mime4j: elements, one attribute, and five entities is all the XML there is. */
export function readMime4j(xml: string): Mime4jElement {
  const root: Mime4jElement = { kind: '', file: '', children: [], text: '' }
  const open: { readonly element: Mime4jElement; readonly start: number }[] = [{ element: root, start: 0 }]
  for (const match of xml.matchAll(/<(\/?)([a-z-]+)(?: name="([^"]*)")?(\/?)>/g)) {
    const [tag, isEnd, kind = '', file = '', isEmpty] = match
    if (isEnd !== '') {
      const { element, start } = open.pop()!
      element.text = withoutEntities(xml.slice(start, match.index))
      continue
    }
    const element: Mime4jElement = { kind, file, children: [], text: '' }
    open.at(-1)!.element.children.push(element)
    if (isEmpty === '') open.push({ element, start: match.index + tag.length })
  }
  return root.children[0]!
}

function withoutEntities(text: string): string {
  const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }
  return text.replace(/&([a-z]+);/g, (whole, name: string) => entities[name] ?? whole)
}

/**
 * Says each difference between what mime4j and this library read.
 *
 * @param readFile the decoded body that an element names
 */
export function compareWithMime4j(
  expected: Mime4jElement,
  octets: Uint8Array,
  readFile: (name: string) => Buffer,
): string[] {
  const differences: string[] = []
  const compare = (element: Mime4jElement, part: MimePart, path: string): void => {
    const [header, body] = element.children
    const names = header!.children.map(({ text }) => text.trimStart().split(':', 1)[0]!.trim()).join(' ')
    const found = part.fields.map(({ name }) => name).join(' ')
    if (found !== names) differences.push(`${path}fields: ${found}, not ${names}`)
    if (body!.kind === 'multipart') {
      const parts = body!.children.filter(({ kind }) => kind === 'body-part')
      const count = part.isDivided ? part.parts.length : 'no'
      if (count !== parts.length) differences.push(`${path}${count} parts, not ${parts.length}`)
      for (const [index, child] of parts.entries()) {
        if (index < part.parts.length) compare(child, part.parts[index]!, `${path}${index + 1}.`)
      }
    } else if (body!.kind === 'message') {
      compare(body!, part.message ?? parseMime(part.content()).root, `${path}message.`)
    } else if (!isSameBody(part, readFile(body!.file), body!.kind)) {
      differences.push(`${path}body: ${JSON.stringify(part.text()).slice(0, 60)}, not ${body!.file}`)
    }
  }
  compare(expected, parseMime(octets).root, '')
  return differences
}

/** Texts were written by mime4j in their own charset or in UTF-8, with the line ends of its machine. */
function isSameBody(part: MimePart, expected: Buffer, kind: string): boolean {
  if (kind === 'binary-body') return expected.equals(part.content())
  const octets = Buffer.from(part.content())
  return (
    sameLines(octets.toString('latin1')) === sameLines(expected.toString('latin1')) ||
    sameLines(part.text()) === sameLines(expected.toString('utf8'))
  )
}

function sameLines(text: string): string {
  return text.replace(/\r\n?/g, '\n').trimEnd()
}
