/**
 * Parts of binary messages (docs/protocol.md, "Connecting") that wait to be sent, written one behind the other into
 * memory that is used again. Knows no envelope.
 */

const alignment = 8
const lengthsBytes = 8
const bytesAtFirst = 4 << 10

export class OutgoingParts {
  readonly #messageBytesTarget: number
  #memory = new Uint8Array(bytesAtFirst)
  #view = new DataView(this.#memory.buffer)
  #used = 0
  /** Where each message ends but the last. */
  #ends: number[] = []
  #messageAt = 0

  /** A message is closed when another part would make it larger than `messageBytesTarget`. */
  constructor(messageBytesTarget: number) {
    this.#messageBytesTarget = messageBytesTarget
  }

  get bytes(): number {
    return this.#used
  }

  /** Adds a part without payload. */
  add(header: Uint8Array): void {
    const bytes = (lengthsBytes + header.length + alignment - 1) & -alignment
    if (this.#used > this.#messageAt && this.#used - this.#messageAt + bytes > this.#messageBytesTarget) {
      this.#ends.push(this.#used)
      this.#messageAt = this.#used
    }
    this.#reserve(bytes)
    const [memory, start, end] = [this.#memory, this.#used, this.#used + bytes]
    this.#view.setUint32(start, header.length, true)
    this.#view.setUint32(start + 4, 0, true)
    memory.set(header, start + lengthsBytes)
    for (let at = start + lengthsBytes + header.length; at < end; at += 1) memory[at] = 0
    this.#used = end
  }

  /** All messages, in memory of their own. */
  take(): ArrayBuffer[] {
    if (this.#used === 0) return []
    const ends = [...this.#ends, this.#used]
    const messages = ends.map((end, index) => this.#memory.buffer.slice(ends[index - 1] ?? 0, end))
    if (this.#memory.length > this.#messageBytesTarget) this.#replace(new Uint8Array(bytesAtFirst))
    this.#used = 0
    this.#ends = []
    this.#messageAt = 0
    return messages
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#memory.length) return
    const larger = new Uint8Array(Math.max(this.#memory.length * 2, this.#used + bytes))
    larger.set(this.#memory.subarray(0, this.#used))
    this.#replace(larger)
  }

  #replace(memory: Uint8Array<ArrayBuffer>): void {
    this.#memory = memory
    this.#view = new DataView(memory.buffer)
  }
}
