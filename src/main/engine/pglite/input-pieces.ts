/**
 * Bytes on their way to the backend: a queue of pieces, handed out in the amounts it asks for without being
 * joined. What is in it is bounded by whoever puts it in.
 */

export class InputPieces {
  readonly #pieces: Uint8Array[] = []
  #first = 0

  get isEmpty(): boolean {
    return this.#first >= this.#pieces.length
  }

  push(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) if (piece.length > 0) this.#pieces.push(piece)
  }

  /** Up to `bytesMax` of the first piece; empty only when nothing is left. */
  take(bytesMax: number): Uint8Array {
    const piece = this.#pieces[this.#first]
    if (!piece) return new Uint8Array(0)
    if (piece.length > bytesMax) {
      this.#pieces[this.#first] = piece.subarray(bytesMax)
      return piece.subarray(0, bytesMax)
    }
    this.#first += 1
    if (this.isEmpty) this.clear()
    return piece
  }

  clear(): void {
    this.#pieces.length = 0
    this.#first = 0
  }
}
