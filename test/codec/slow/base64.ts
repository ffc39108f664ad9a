/**
 * base64 the slow and obvious way: the twin that src/codec/base64.ts is compared with.
 */
import { Buffer } from 'node:buffer'
import type { DefectCode } from '../../../src/defect.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Lines of 76 characters with CRLF between them. */
export function slowFold(base64: string): string {
  return (base64.match(/.{1,76}/g) ?? []).join('\r\n')
}

export function slowEncodeFolded(source: Uint8Array): string {
  return slowFold(Buffer.from(source).toString('base64'))
}

/** Decoded length, or -1. */
export function slowCheck(text: string): number {
  const characters = text.replace(/[ \t\r\n]/g, '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(characters) || characters.length % 4 !== 0) return -1
  const padding = characters.length - characters.replaceAll('=', '').length
  return (characters.length / 4) * 3 - padding
}

export interface SlowResult {
  readonly octets: number[]
  readonly defects: { code: DefectCode; offset: number }[]
}

/** Decodes one character at a time, keeping all six bits of each as text. */
export function slowDecode(source: Uint8Array): SlowResult {
  const octets: number[] = []
  const invalid: number[] = []
  let quantum = ''
  let missing = 0 // "=" that the last quantum still lacks
  let padded = false

  const close = () => {
    for (let bit = 0; bit + 8 <= quantum.length; bit += 8) octets.push(Number.parseInt(quantum.slice(bit, bit + 8), 2))
    quantum = ''
  }

  source.forEach((octet, offset) => {
    const character = String.fromCharCode(octet)
    if (' \t\r\n'.includes(character)) return
    if (character === '=') {
      if (quantum.length >= 12) {
        missing = quantum.length === 12 ? 1 : 0
        padded = true
      } else if (quantum === '' && missing > 0) {
        missing--
      } else {
        invalid.push(offset)
      }
      close()
    } else if (ALPHABET.includes(character)) {
      if (padded) invalid.push(offset)
      padded = false
      missing = 0
      quantum += ALPHABET.indexOf(character).toString(2).padStart(6, '0')
      if (quantum.length === 24) close()
    } else {
      invalid.push(offset)
    }
  })

  const defects: SlowResult['defects'] = []
  if (invalid.length > 0) defects.push({ code: 'BASE64_INVALID', offset: invalid[0]! })
  if (quantum !== '' || missing > 0) defects.push({ code: 'BASE64_TRUNCATED', offset: source.length })
  close()
  return { octets, defects }
}
