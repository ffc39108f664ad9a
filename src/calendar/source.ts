/**
 * What the calendar reader takes: the few properties of a message that it looks at. A `ParsedMessage` is one.
 *
 * The calendar layer knows neither MIME nor messages; this is the seam.
 */

/** A body part. `MimePart` is one. */
export interface CalendarPart {
  readonly contentType: { readonly mediaType: string; readonly parameters: ReadonlyMap<string, string> }
  readonly disposition: { readonly type: string; readonly parameters: ReadonlyMap<string, string> } | undefined
  /** Octets from the start of the message to the part: where warnings point. */
  readonly offset: number
  /** The body, still encoded: only its length is looked at. */
  readonly body: Uint8Array
  /** True of a multipart that was taken apart, though nothing may be in it. */
  readonly isDivided?: boolean | undefined
  /** Children of a multipart. */
  readonly parts: readonly CalendarPart[]
  /** The decoded body. */
  content(): Uint8Array
}

/** A message. `ParsedMessage` is one. */
export interface CalendarSource {
  readonly entity: {
    readonly From: { readonly Address: string } | null
    readonly To: readonly { readonly Address: string }[]
    /** Where Sender and Reply-To are. */
    readonly CustomHeaderList: readonly { readonly Name: string; readonly Values: readonly string[] }[]
  }
  readonly root: CalendarPart
  /** Parts of `root` that are the message's own text; none where absent. */
  readonly textParts?: { has(part: CalendarPart): boolean } | undefined
  /** Files that were found inside parts of `root`, as if they were parts. */
  readonly enclosed?: readonly CalendarPart[] | undefined
  /** The decoded body of a part of `root`, for who has decoded some already; `content()` of the part where absent. */
  readonly contentOf?: ((part: CalendarPart) => Uint8Array) | undefined
}
