import { describe, expect, test } from 'vitest'
import { latin1Bytes } from '../../src/codec/bytes.ts'
import type { PlacedAttachment } from '../../src/message/attachment.ts'
import { composeBody, findBodyParts } from '../../src/message/body.ts'
import { parseMessage } from '../../src/message/extract.ts'
import type { OutgoingPart } from '../../src/mime/outgoing.ts'
import { parseMime } from '../../src/mime/parse.ts'
import type { MimePart } from '../../src/mime/part.ts'
import { growthRatio } from '../codec/slow/growth.ts'

function placed(place: PlacedAttachment['place'], name: string): PlacedAttachment {
  const content = { kind: 'octets', octets: new Uint8Array(0), encoding: '' } as const
  return { place, part: { header: '', type: `x/${name}`, trailer: '', content } }
}

function shape({ type, content }: OutgoingPart): string {
  const name = type.replace(/;.*/s, '').replace(/^(?:text|multipart|x)\//, '')
  return content.kind === 'multipart' ? `${name}(${content.parts.map(shape).join(' ')})` : name
}

describe('composeBody nests as RFC 2046 §5.1.4 and RFC 2387 have it, without levels of one part', () => {
  const [r, s] = [placed('related', 'r'), placed('related', 's')]
  const [c, f, g] = [placed('alternative', 'c'), placed('mixed', 'f'), placed('mixed', 'g')]
  test.each([
    { plain: '', html: '', attachments: [], tree: 'plain' },
    { plain: 'p', html: '', attachments: [], tree: 'plain' },
    { plain: '', html: 'h', attachments: [], tree: 'html' },
    { plain: 'p', html: 'h', attachments: [], tree: 'alternative(plain html)' },
    { plain: '', html: 'h', attachments: [r], tree: 'related(html r)' },
    { plain: 'p', html: 'h', attachments: [r, s], tree: 'alternative(plain related(html r s))' },
    { plain: '', html: '', attachments: [f], tree: 'mixed(f)' },
    { plain: '', html: '', attachments: [f, g], tree: 'mixed(f g)' },
    { plain: 'p', html: '', attachments: [f], tree: 'mixed(plain f)' },
    { plain: 'p', html: 'h', attachments: [f], tree: 'mixed(alternative(plain html) f)' },
    { plain: 'p', html: 'h', attachments: [g, r, f], tree: 'mixed(alternative(plain related(html r)) g f)' },
    { plain: '', html: '', attachments: [c], tree: 'c' },
    { plain: 'p', html: '', attachments: [c], tree: 'alternative(plain c)' },
    { plain: 'p', html: 'h', attachments: [c, r, f], tree: 'mixed(alternative(plain related(html r) c) f)' },
  ])('$tree', ({ plain, html, attachments, tree }) => {
    expect(shape(composeBody(plain, html, attachments))).toBe(tree)
  })
})

/** A part in short, as {@link parseTree} reads it: `mixed(plain html;attachment image/png)`. */
interface Node {
  readonly name: string
  readonly children: readonly Node[]
}

function parseTree(text: string): Node {
  let position = 0
  const node = (): Node => {
    const name = /^[^() ]+/.exec(text.slice(position))![0]
    position += name.length
    const children: Node[] = []
    if (text[position] === '(') {
      while (text[position] !== ')') {
        position++
        children.push(node())
      }
      position++
    }
    return { name, children }
  }
  return node()
}

/** Writes the tree: a leaf `type;disposition;filename`, its body its place among the leaves: A, B, C … */
function write(tree: Node): string {
  let leaves = 0
  const writeNode = ({ name, children }: Node, depth: number): string => {
    const [type, disposition, filename] = name.split(';') as [string, string?, string?]
    const isMultipart = children.length > 0
    const media = type.includes('/') ? type : `${isMultipart ? 'multipart' : 'text'}/${type}`
    const fields = [`Content-Type: ${media}${isMultipart ? `; boundary="b${depth}b"` : ''}`]
    if (disposition) fields.push(`Content-Disposition: ${disposition}${filename ? `; filename=${filename}` : ''}`)
    const parts = children.map(child => `--b${depth}b\n${writeNode(child, depth + 1)}\n`)
    const body = isMultipart ? `${parts.join('')}--b${depth}b--` : String.fromCharCode(65 + leaves++)
    return `${fields.join('\n')}\n\n${body}`
  }
  return writeNode(tree, 0)
}

function sort(tree: string): { plain: string; html: string; files: string } {
  const { plain, html, attachments } = findBodyParts(parseMime(latin1Bytes(write(parseTree(tree)))).root)
  const names = (parts: readonly MimePart[]) => parts.map(part => part.text()).join('')
  return { plain: names(plain), html: names(html), files: names(attachments) }
}

describe('findBodyParts chooses by RFC 8621 §4.1.4', () => {
  test.each([
    { tree: 'plain', plain: 'A', html: '', files: '' },
    { tree: 'html', plain: '', html: 'A', files: '' },
    { tree: 'csv', plain: '', html: '', files: 'A' },
    { tree: 'image/png', plain: '', html: '', files: 'A' },
    { tree: 'plain;attachment', plain: '', html: '', files: 'A' },
    { tree: 'plain;inline;a.txt', plain: 'A', html: '', files: '' },
    { tree: 'alternative(plain html)', plain: 'A', html: 'B', files: '' },
    { tree: 'alternative(html plain)', plain: 'B', html: 'A', files: '' },
    { tree: 'alternative(plain)', plain: 'A', html: '', files: '' },
    { tree: 'alternative(html)', plain: '', html: 'A', files: '' },
    { tree: 'alternative(plain html calendar)', plain: 'A', html: 'B', files: 'C' },
    { tree: 'mixed(plain html)', plain: 'A', html: 'B', files: '' },
    { tree: 'mixed(plain plain)', plain: 'AB', html: '', files: '' },
    { tree: 'mixed(plain plain;inline;a.txt)', plain: 'A', html: '', files: 'B' },
    { tree: 'mixed(plain plain;attachment)', plain: 'A', html: '', files: 'B' },
    { tree: 'mixed(image/png plain)', plain: 'B', html: '', files: 'A' },
    { tree: 'related(html image/png)', plain: '', html: 'A', files: 'B' },
    { tree: 'related(html html)', plain: '', html: 'A', files: 'B' },
    { tree: 'related(image/png html)', plain: '', html: '', files: 'AB' },
    { tree: 'mixed(alternative(plain html) plain)', plain: 'AC', html: 'B', files: '' },
    { tree: 'alternative(plain related(html image/png))', plain: 'A', html: 'B', files: 'C' },
    { tree: 'alternative(mixed(plain image/png) html)', plain: 'A', html: 'C', files: 'B' },
    { tree: 'alternative(mixed(plain html) html)', plain: 'A', html: 'C', files: 'B' },
    { tree: 'alternative(plain mixed(html plain))', plain: 'A', html: 'B', files: 'C' },
    { tree: 'alternative(plain mixed(html application/pdf))', plain: 'A', html: 'B', files: 'C' },
    { tree: 'mixed(related(alternative(plain html) image/png) application/pdf)', plain: 'A', html: 'B', files: 'CD' },
    // The example of the RFC; its inline image is an attachment here, and HTML is only what is HTML.
    {
      tree: 'mixed(plain;inline mixed(alternative(mixed(plain;inline image/jpeg;inline plain;inline) related(html image/jpeg)) image/jpeg;attachment application/x-excel message/x) plain;inline)',
      plain: 'ABDJ',
      html: 'E',
      files: 'CFGHI',
    },
    { tree: 'signed(plain application/pgp-signature)', plain: 'A', html: '', files: 'B' },
    { tree: 'report(plain message/delivery-status)', plain: 'A', html: '', files: 'B' },
  ])('$tree', ({ tree, plain, html, files }) => {
    expect(sort(tree)).toEqual({ plain, html, files })
  })

  test('a multipart that could not be taken apart is text: better raw than lost', () => {
    const { entity } = parseMessage('Content-Type: multipart/mixed; boundary=b\n\nno delimiter here')
    expect([entity.PlainBody, entity.Attachments]).toEqual(['no delimiter here', []])
  })

  test('what a limit kept from being read is an attachment, whatever it looks like', () => {
    const source = 'Content-Type: multipart/mixed; boundary=b\n\n--b\n\nA\n--b\n\nB\n--b--'
    const { entity } = parseMessage(source, { limits: { parts: 2 } })
    expect(entity.PlainBody).toBe('A')
    expect(entity.Attachments).toMatchObject([{ Type: 'application/octet-stream' }])
  })
})

describe('text', () => {
  test('several parts start each on a line of its own; empty ones make none', () => {
    const part = (text: string) => `--b\n\n${text}\n`
    const { entity } = parseMessage(
      `Content-Type: multipart/mixed; boundary=b\n\n${part('A')}${part('')}${part('B\n')}${part('C')}--b--`,
    )
    expect(entity.PlainBody).toBe('A\nB\n\nC')
  })

  test('each part is decoded by its own charset, and a defect tells its part', () => {
    const part = (charset: string, text: string) => `--b\nContent-Type: text/plain; charset=${charset}\n\n${text}\n`
    const source = `Content-Type: multipart/mixed; boundary=b\n\n${part('iso-8859-1', '\xe5')}${part('x-klingon', '\xc3\xa5')}${part('koi8-r', '\xc1')}--b--`
    const { entity, defects } = parseMessage(latin1Bytes(source))
    expect(entity.PlainBody).toBe('å\nå\nа')
    const offset = source.indexOf('Content-Type: text/plain; charset=x-klingon')
    expect(defects).toEqual([{ code: 'CHARSET_UNKNOWN', offset, detail: '"x-klingon"' }])
  })
})

describe('format=flowed (RFC 3676)', () => {
  function read(text: string, parameters = '', flowed?: 'keep' | 'decode'): string {
    const source = `Content-Type: text/plain; format=flowed${parameters}\n\n${text}`
    return parseMessage(source, { flowed }).entity.PlainBody
  }

  test.each([
    { section: '§4.1', what: 'a soft break', text: 'one \ntwo', joined: 'one two' },
    { section: '§4.1', what: 'a hard break', text: 'one\ntwo', joined: 'one\ntwo' },
    { section: '§4.1', what: 'CRLF', text: 'one \r\ntwo\r\n', joined: 'one two\n' },
    { section: '§4.1', what: 'soft breaks at the end', text: 'one \n', joined: 'one ' },
    { section: '§4.1', what: 'the last line', text: 'one ', joined: 'one ' },
    { section: '§4.3', what: 'a signature', text: 'one \n-- \nme', joined: 'one \n-- \nme' },
    { section: '§4.3', what: 'a quoted signature', text: '> one \n> -- \n> me', joined: '> one \n> -- \n> me' },
    { section: '§4.4', what: 'stuffed spaces', text: ' From me\n  two', joined: 'From me\n two' },
    { section: '§4.5', what: 'quotes of one depth', text: '> one \n> two\nthree', joined: '> one two\nthree' },
    { section: '§4.5', what: 'quotes of two depths', text: '> one \n>> two \nthree', joined: '> one \n>> two \nthree' },
    { section: '§4.5', what: 'quotes without stuffing', text: '>one \n>two', joined: '> one two' },
    { section: '§4.5', what: 'an empty quote', text: '>\n> ', joined: '>\n>' },
    { section: '§4.2', what: 'a blank line', text: 'one\n \ntwo', joined: 'one\n\ntwo' },
  ])('$section: $what', ({ text, joined }) => {
    expect(read(text)).toBe(joined)
  })

  test('DelSp=yes takes the blank before a soft break away', () => {
    expect(read('日本 \n語', '; charset=utf-8; delsp=YES')).toBe('日本語')
    expect(read('日本 \n語', '; charset=utf-8; delsp=no')).toBe('日本 語')
  })

  test("'keep' leaves the lines as they are, stuffing too", () => {
    expect(read('> one \n> two\n From', '', 'keep')).toBe('> one \n> two\n From')
  })

  test('is no matter of HTML, or of text that does not say so', () => {
    const html = parseMessage('Content-Type: text/html; format=flowed\n\none \ntwo').entity
    expect(html.HTMLBody).toBe('one \ntwo')
    expect(parseMessage('Content-Type: text/plain; format=fixed\n\none \ntwo').entity.PlainBody).toBe('one \ntwo')
  })

  test.each([
    { what: 'mailparser#389, soft breaks', unit: 'one \n' },
    { what: 'quotes', unit: '> one \n' },
    { what: 'quote marks', unit: '>' },
    { what: 'blanks', unit: ' ' },
    { what: 'quotes that change their depth', unit: '> a \n>> b \n' },
  ])('time is in proportion to $what', { retry: 2 }, ({ unit }) => {
    expect(
      growthRatio(
        10_000,
        n => unit.repeat(n),
        text => read(text),
      ),
    ).toBeLessThan(3)
  })
})
