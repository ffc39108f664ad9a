/**
 * quoted-printable the slow and obvious way: the twin that src/codec/quoted-printable.ts is compared with.
 */
import { Buffer } from 'node:buffer'
import type { LineBreaks } from '../../../src/codec/quoted-printable.ts'

/** Line by line, token by token: a token is an octet as it stands or its escape. */
export function slowEncode(source: Uint8Array, lineBreaks: LineBreaks): string {
  const text = Buffer.from(source).toString('latin1')
  const lines = text.split(lineBreaks === 'canonical' ? /\r\n|\r|\n/ : '\r\n')
  return lines.map(slowEncodeLine).join('\r\n')
}

function slowEncodeLine(line: string): string {
  const encodedLines: string[] = []
  let current = ''
  for (let index = 0; index < line.length; index++) {
    const isLast = index === line.length - 1
    let token = slowToken(line, index, isLast, current === '')
    if (current.length + token.length > (isLast ? 76 : 75)) {
      encodedLines.push(`${current}=`)
      current = ''
      token = slowToken(line, index, isLast, true)
    }
    current += token
  }
  return [...encodedLines, current].join('\r\n')
}

function slowToken(line: string, index: number, isLast: boolean, atLineStart: boolean): string {
  const character = line[index]!
  const rest = line.slice(index)
  const isPrintable = /[!-<>-~]/.test(character) || (/[ \t]/.test(character) && !isLast)
  if (isPrintable && !(atLineStart && /^(-|\.|From )/.test(rest))) return character
  return `=${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

/** Decodes with one RegExp for each thing that can come next. */
export function slowDecode(source: Uint8Array): { text: string; malformed: number[] } {
  const encoded = Buffer.from(source).toString('latin1')
  const malformed: number[] = []
  const text = encoded.replace(
    /=[ \t]{0,998}(?:\r\r?\n|\n|\r|$)|=([0-9A-Fa-f]{2})|([ \t]+)(?=[\r\n]|$)|[ \t]+|=/g,
    (match: string, hex: string | undefined, padding: string | undefined, offset: number) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
      if (padding !== undefined) return padding.slice(0, Math.max(0, padding.length - 998))
      if (match === '=' && offset + 1 < encoded.length && !/^=[ \t]{0,998}(?:[\r\n]|$)/.test(encoded.slice(offset))) {
        malformed.push(offset)
        return '='
      }
      return match[0] === '=' ? '' : match
    },
  )
  return { text, malformed: malformed.slice(0, 100) }
}
