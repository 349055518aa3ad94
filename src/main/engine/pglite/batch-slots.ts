/**
 * Places in memory that both threads share, where the worker leaves a batch until the host's thread has taken it
 * out. The memory of a batch that stays has to be mapped by the system page by page, which takes longer than
 * decoding it (measured: 33 MB in 20 to 30 ms, against 2 ms into memory that was used before); this way it is done
 * by the thread that keeps the batch, while the engine goes on. Knows no statement.
 */

import { batchBytesTarget } from '../../../contract/limits.ts'
import type { SharedSignals } from './shared-signals.ts'

/** The host takes a batch out in a millisecond, the engine makes one in four. */
const slotCount = 4
/** A batch is handed over at its target; the last rows, its directory and its validity come on top. */
const slotBytes = batchBytesTarget + (128 << 10)
/** What is smaller costs less to map than to hand over in another way. */
const lentBytesMin = 64 << 10

/** A batch that lies in a slot. */
export interface LentBatch {
  readonly memory: SharedArrayBuffer
  readonly at: number
  readonly byteLength: number
}

/** The worker's side. */
export class BatchSlots {
  readonly #signals: SharedSignals
  /** Made with the first batch that is large enough: most sessions never have one. */
  #memory: SharedArrayBuffer | null = null
  /** Modulo 2^32, like the count of what was given back. */
  #lentCount = 0

  constructor(signals: SharedSignals) {
    this.#signals = signals
  }

  /** Copies `batch` into a slot; null when it is not worth it, does not fit or no slot is free. Never waits. */
  lend(batch: Uint8Array<ArrayBuffer>): LentBatch | null {
    const { byteLength } = batch
    const lent = (this.#lentCount - this.#signals.returnedBatches) | 0
    if (byteLength < lentBytesMin || byteLength > slotBytes || lent >= slotCount) return null
    this.#memory ??= new SharedArrayBuffer(slotCount * slotBytes)
    const at = (this.#lentCount & (slotCount - 1)) * slotBytes
    // A Buffer copies as memory is copied; a typed array's `set` goes word by word where memory is shared.
    Buffer.from(batch.buffer, batch.byteOffset, byteLength).copy(Buffer.from(this.#memory, at, byteLength))
    this.#lentCount = (this.#lentCount + 1) | 0
    return { memory: this.#memory, at, byteLength }
  }
}

/** The host's side: a buffer of its own with the batch, whose slot is free again. */
export function takeLentBatch({ memory, at, byteLength }: LentBatch, signals: SharedSignals): ArrayBuffer {
  // Not filled with zeros first, which would touch every page twice.
  const taken = Buffer.allocUnsafeSlow(byteLength)
  Buffer.from(memory, at, byteLength).copy(taken)
  signals.returnBatch()
  return taken.buffer
}
