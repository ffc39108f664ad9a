/**
 * ContentChannel: hands the content of an attachment from the reader of a stream to the user, piece by piece.
 *
 * The reader waits until a piece is taken and the next one asked for: nothing is held but what is being looked at.
 */

/** One side writes and ends, the other iterates. */
export class ContentChannel implements AsyncIterable<Uint8Array> {
  /** A piece that waits to be taken. */
  #piece: Uint8Array | undefined
  /** Lets the user go on: a piece is there, or the end. */
  #wakeReader: (() => void) | undefined
  /** Lets the writer go on: the piece was taken and the next one is wanted, or nobody wants more. */
  #wakeWriter: (() => void) | undefined
  /** What the user asked for last: one question is answered after the other. */
  #answer: Promise<unknown> = Promise.resolve()
  #isTaken = false
  #isDiscarded = false
  #isEnded = false
  #failure: { readonly error: unknown } | undefined

  /** True once somebody has begun to iterate. */
  get isTaken(): boolean {
    return this.#isTaken
  }

  /** Resolved when the piece was taken and the next one is wanted, or nobody wants any. */
  async write(octets: Uint8Array): Promise<void> {
    if (this.#isDiscarded) return
    this.#piece = octets
    this.#wakeReader?.()
    await new Promise<void>(resolve => {
      this.#wakeWriter = resolve
    })
  }

  end(): void {
    this.#isEnded = true
    this.#wakeReader?.()
  }

  /** Ends the iteration with an error. */
  fail(error: unknown): void {
    this.#failure = { error }
    this.end()
  }

  /** Drops what is still to come. */
  discard(): void {
    this.#isDiscarded = true
    this.#piece = undefined
    this.#wakeWriter?.()
    this.#wakeReader?.()
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    this.#isTaken = true
    return {
      next: () => {
        const next = this.#answer.then(() => this.#next())
        this.#answer = next.catch(() => {})
        return next
      },
      return: (value?: unknown) => {
        this.discard()
        return Promise.resolve({ done: true, value })
      },
    }
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    // To ask for the next piece is to be done with the one before, if that was taken.
    if (this.#piece === undefined) this.#wakeWriter?.()
    while (this.#piece === undefined && !this.#isEnded && !this.#isDiscarded) {
      await new Promise<void>(resolve => {
        this.#wakeReader = resolve
      })
    }
    const piece = this.#piece
    this.#piece = undefined
    if (piece !== undefined) return { done: false, value: piece }
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined && !this.#isDiscarded) throw failure.error
    return { done: true, value: undefined }
  }
}
