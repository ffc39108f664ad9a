/** Node's string_decoder for browsers, as far as iconv-lite uses it. */
import { Buffer } from 'buffer'

/** Decodes text that comes in pieces. */
export class StringDecoder {
  #decoder
  #encoding

  constructor(encoding = 'utf8') {
    this.#encoding = encoding
    const label = { utf8: 'utf-8', 'utf-8': 'utf-8', ucs2: 'utf-16le', utf16le: 'utf-16le' }[encoding]
    this.#decoder = label === undefined ? undefined : new TextDecoder(label, { ignoreBOM: true })
  }

  write(octets) {
    return this.#decoder?.decode(octets, { stream: true }) ?? Buffer.from(octets).toString(this.#encoding)
  }

  end(octets) {
    const text = octets === undefined ? '' : this.write(octets)
    return text + (this.#decoder?.decode() ?? '')
  }
}
