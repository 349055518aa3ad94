/**
 * What a client is still to get: bytes in order, an end or a failure. Whoever puts in waits while too much is
 * held; whoever takes out waits while there is nothing. Knows no message.
 */

/** A few of the largest pieces that the engine hands out at once (64 KiB). */
const heldBytesMax = 1 << 20

export class ClientOutbox {
  #pieces: Uint8Array[] = []
  #heldBytes = 0
  #end: { readonly error: Error | null } | null = null
  #changed = Promise.withResolvers<void>()

  put(bytes: Uint8Array): void {
    if (this.#end) return
    this.#pieces.push(bytes)
    this.#heldBytes += bytes.length
    this.#wake()
  }

  /** Resolves when more may be put in. */
  async room(): Promise<void> {
    while (this.#heldBytes > heldBytesMax && !this.#end) await this.#changed.promise
  }

  /** The reader gets what is held, then the end, or `error` thrown. */
  end(error: Error | null = null): void {
    this.#end ??= { error }
    this.#wake()
  }

  async *read(): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      const pieces = this.#pieces
      this.#pieces = []
      for (const piece of pieces) {
        this.#heldBytes -= piece.length
        yield piece
      }
      this.#wake()
      if (this.#pieces.length > 0) continue
      if (this.#end?.error) throw this.#end.error
      if (this.#end) return
      await this.#changed.promise
    }
  }

  #wake(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers<void>()
  }
}
