/**
 * How much of their answers all clients of an endpoint may be behind with, so that one who reads slowly does not hold
 * the backend for everybody else. Knows no client and no bytes.
 */

/** One client: a large result of its own, or a minute of a slow network. */
const clientBytesMax = 32 << 20
/** All clients: what a small machine can spare. Beyond that the backend waits for whoever is behind. */
const allBytesMax = 256 << 20

export class OutputAllowance {
  #usedBytes = 0

  /** Whether a client that was behind by `before` bytes may be behind by `now` instead. Counted if it may. */
  mayGrow(before: number, now: number): boolean {
    const used = this.#usedBytes - before + now
    if (now > clientBytesMax || used > allBytesMax) return false
    this.#usedBytes = used
    return true
  }

  /** A client is not behind with these any more. */
  giveBack(bytes: number): void {
    this.#usedBytes -= bytes
  }
}
