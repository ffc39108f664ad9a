/**
 * OutgoingPart: the node of a message to write. RFC 2045, RFC 2046.
 *
 * What a reader makes is `MimePart` in ./part.ts; writing is in ./write.ts.
 */
import type { Random } from './boundary.ts'

/** A part to write. */
export interface OutgoingPart {
  /**
   * Complete fields, folded, each ended by CRLF, without Content-Type and Content-Transfer-Encoding. What is not ASCII is
   * written as UTF-8 (RFC 6532).
   */
  readonly header: string
  /** Value of Content-Type, folded; of a multipart without its boundary. */
  readonly type: string
  /** Fields that stand after Content-Type and Content-Transfer-Encoding; like `header`. */
  readonly trailer: string
  readonly content: OutgoingContent
}

/** What a part holds. */
export type OutgoingContent =
  | { readonly kind: 'multipart'; readonly parts: readonly OutgoingPart[] }
  /** Text: its line breaks become CRLF, its charset is UTF-8, its encoding is chosen. */
  | { readonly kind: 'text'; readonly text: string }
  /** Octets that arrive as they are. `encoding` is a wish, honoured where it is legal. */
  | { readonly kind: 'octets'; readonly octets: Uint8Array; readonly encoding: string }
  /** Octets with the encoding already decided. */
  | { readonly kind: 'encoded'; readonly octets: Uint8Array; readonly encoding: '7bit' | '8bit' | 'binary' }
  /** Valid base64 text without white space, which is folded and not decoded; `octets` is what it stands for. */
  | { readonly kind: 'base64'; readonly text: string; readonly octets: number }
  /** Octets that come when they are asked for; written in base64. */
  | OutgoingSource

/** A content that is opened when its turn comes. */
export interface OutgoingSource {
  readonly kind: 'source'
  /** Opens it anew for each writing of the message. */
  readonly open: () => Uint8Array | string | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>
  /** Octets it will give; undefined where nobody knows. */
  readonly octets: number | undefined
  /** True where it is known to give a stream: writing at once fails before it is opened. */
  readonly isStream?: boolean | undefined
  /** Where it came from, for errors: `Attachments[2].Stream`. */
  readonly path: string
}

/** How to write. */
export interface WriteOptions {
  /** Allow 8bit text; the transport must offer 8BITMIME (RFC 6152). */
  readonly eightBit?: boolean | undefined
  /** Source of random octets for boundaries; the platform's by default. */
  readonly random?: Random | undefined
}
