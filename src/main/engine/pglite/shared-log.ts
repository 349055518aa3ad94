/**
 * The last lines that Postgres has logged, in memory that the host's thread and the engine's share: what the
 * engine was told last can be read however its thread has ended. Knows nothing of what the lines mean.
 */

/** Holds some hundred lines; what a statement of megabytes adds to one is cut. */
const textBytesMax = 16_384
/** One line keeps at most this, so that a statement that is logged whole does not push all others out. */
const lineLengthMax = 1_000
const headBytes = 4

const utf8 = new TextEncoder()

/** The view of either side. */
export class SharedLog {
  readonly buffer: SharedArrayBuffer
  /** How many bytes have ever been written, modulo 2^32: where the next one goes. */
  readonly #written: Uint32Array
  readonly #text: Uint8Array

  constructor(buffer = new SharedArrayBuffer(headBytes + textBytesMax)) {
    this.buffer = buffer
    this.#written = new Uint32Array(buffer, 0, 1)
    this.#text = new Uint8Array(buffer, headBytes)
  }

  /** Engine's thread. */
  add(line: string): void {
    const bytes = utf8.encode(`${line.slice(0, lineLengthMax)}\n`)
    let at = Atomics.load(this.#written, 0)
    for (const byte of bytes) {
      this.#text[at % textBytesMax] = byte
      at = (at + 1) >>> 0
    }
    Atomics.store(this.#written, 0, at)
  }

  /** The last whole lines, oldest first. */
  get lines(): readonly string[] {
    const written = Atomics.load(this.#written, 0)
    const at = written % textBytesMax
    // Copied: a decoder reads no shared memory. What was never written is zero.
    const bytes = Uint8Array.from({ length: textBytesMax }, (_, index) => {
      return this.#text[(at + index) % textBytesMax] ?? 0
    }).filter((byte) => byte !== 0)
    const lines = Buffer.from(bytes).toString('utf8').split('\n')
    const isWhole = bytes.length < textBytesMax
    return lines.slice(isWhole ? 0 : 1).filter((line) => line !== '')
  }
}
