/**
 * Frames from one thread to another through shared memory, in order: one side pushes, the other drains. A frame
 * lies in one piece, so that its bytes can be looked at where they are. Knows no meaning of a frame's numbers, and
 * wakes nobody.
 */

import { assert } from '../../../base/assert.ts'

/** What stands before the bytes of each frame, as 32-bit words. */
export interface FrameHead {
  readonly kind: number
  readonly place: number
  readonly turn: number
  /** Modulo 2^32. */
  readonly takenBytes: number
  readonly flags: number
}

/** A frame in the ring; valid only while it is handled. */
export interface RingFrame extends FrameHead {
  readonly bytes: Uint8Array
}

/** Positions of both sides, modulo 2^32, each on a cache line of its own: both are written all the time. */
const cacheLineBytes = 64
const pushedWord = 0
const drainedWord = cacheLineBytes / Int32Array.BYTES_PER_ELEMENT
const dataStart = 2 * cacheLineBytes
/** Length of the bytes, then FrameHead. */
const headWords = 6
const headBytes = headWords * Int32Array.BYTES_PER_ELEMENT
/** In place of a length: what follows up to the end of the ring is no frame. */
const gap = -1

/** The longest that one frame's bytes may be. */
export const frameBytesMax = 64 << 10

/** The view of either side. */
export class FrameRing {
  readonly #words: Int32Array
  readonly #bytes: Uint8Array
  readonly #capacity: number

  /** How much memory a ring of `capacity` (a power of two) needs. */
  static bytesFor(capacity: number): number {
    return dataStart + capacity
  }

  constructor(buffer: SharedArrayBuffer, start: number, capacity: number) {
    assert(capacity >= 4 * (frameBytesMax + headBytes), 'A ring takes some of the longest frames')
    this.#words = new Int32Array(buffer, start, FrameRing.bytesFor(capacity) / Int32Array.BYTES_PER_ELEMENT)
    this.#bytes = new Uint8Array(buffer, start + dataStart, capacity)
    this.#capacity = capacity
  }

  get isEmpty(): boolean {
    return Atomics.load(this.#words, pushedWord) === Atomics.load(this.#words, drainedWord)
  }

  /** False when there is no room for it. */
  push(head: FrameHead, bytes: Uint8Array): boolean {
    assert(bytes.length <= frameBytesMax, 'A frame is cut before it is pushed')
    const pushed = Atomics.load(this.#words, pushedWord)
    const used = (pushed - Atomics.load(this.#words, drainedWord)) | 0
    const length = headBytes + roundUp(bytes.length)
    let at = pushed & (this.#capacity - 1)
    const skipped = at + length > this.#capacity ? this.#capacity - at : 0
    if (used + skipped + length > this.#capacity) return false
    if (skipped > 0) {
      this.#words[wordOf(at)] = gap
      at = 0
    }
    const first = wordOf(at)
    this.#words[first] = bytes.length
    this.#words[first + 1] = head.kind
    this.#words[first + 2] = head.place
    this.#words[first + 3] = head.turn
    this.#words[first + 4] = head.takenBytes
    this.#words[first + 5] = head.flags
    this.#bytes.set(bytes, at + headBytes)
    Atomics.store(this.#words, pushedWord, (pushed + skipped + length) | 0)
    return true
  }

  /** Hands over every frame that there is; answers how many there were. */
  drain(onFrame: (frame: RingFrame) => void): number {
    let count = 0
    let drained = Atomics.load(this.#words, drainedWord)
    while (drained !== Atomics.load(this.#words, pushedWord)) {
      const at = drained & (this.#capacity - 1)
      const length = this.#words[wordOf(at)] ?? gap
      if (length === gap) {
        drained = (drained + this.#capacity - at) | 0
      } else {
        onFrame(this.#frameAt(at, length))
        drained = (drained + headBytes + roundUp(length)) | 0
        count += 1
      }
      Atomics.store(this.#words, drainedWord, drained)
    }
    return count
  }

  #frameAt(at: number, length: number): RingFrame {
    const first = wordOf(at)
    return {
      kind: this.#words[first + 1] ?? 0,
      place: this.#words[first + 2] ?? 0,
      turn: this.#words[first + 3] ?? 0,
      takenBytes: this.#words[first + 4] ?? 0,
      flags: this.#words[first + 5] ?? 0,
      bytes: this.#bytes.subarray(at + headBytes, at + headBytes + length),
    }
  }
}

function wordOf(at: number): number {
  return (dataStart + at) / Int32Array.BYTES_PER_ELEMENT
}

/** Heads are aligned. A head fits wherever a frame ends, or the gap's mark does. */
function roundUp(length: number): number {
  return (length + 7) & ~7
}
