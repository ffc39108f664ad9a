/**
 * uuencode the slow and obvious way: an encoder, to have something that src/codec/uuencode.ts can decode.
 */
import { Buffer } from 'node:buffer'

export interface UuencodeStyle {
  /** What stands for 0. */
  readonly zero: '`' | ' '
  readonly lineBreak: '\n' | '\r\n' | '\r'
  /** Whether spaces at line ends are cut off, as some transports do. */
  readonly spaces: 'kept' | 'cut'
  /** What each data line has at its end beyond the data. */
  readonly surplus: '' | '`' | '!'
}

/** Data lines, the empty one included. */
export function slowUuencodeLines(content: Uint8Array, style: UuencodeStyle): string[] {
  const character = (value: number) => (value === 0 ? style.zero : String.fromCharCode(value + 32))
  const lines: string[] = []
  for (let start = 0; start < content.length; start += 45) {
    const octets = content.subarray(start, start + 45)
    const bits = [...octets].map(octet => octet.toString(2).padStart(8, '0')).join('')
    const padded = bits.padEnd(Math.ceil(octets.length / 3) * 24, '0')
    const values = (padded.match(/.{6}/g) ?? []).map(value => Number.parseInt(value, 2))
    lines.push(character(octets.length) + values.map(character).join('') + style.surplus)
  }
  lines.push(character(0))
  return style.spaces === 'cut' ? lines.map(line => line.replace(/ +$/, '')) : lines
}

export function slowUuencode(filename: string, content: Uint8Array, style: UuencodeStyle): Uint8Array {
  const lines = [`begin 644 ${filename}`, ...slowUuencodeLines(content, style), 'end', '']
  return Buffer.from(lines.join(style.lineBreak), 'latin1')
}
