/**
 * Turns the rows of one result into batches and hands them over: early for the first screenful, then by size, and
 * never more than the result's budget. Knows the decoder's counts, and neither a protocol nor who takes the batches.
 */

import { batchBytesTarget } from '../../../contract/limits.ts'
import type { RowDecoder } from '../../../../native-wasm/js/row-decoder.ts'

/** Rows of a slow statement are shown at least this often; three frames at 60 Hz, so that few batches are tiny. */
const batchIntervalMs = 50

/** Some rows of a result; `bytes` is a view that is valid only during the call. */
export interface EncodedBatch {
  readonly firstRow: number
  readonly rowCount: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** What a result's batches need from the statement. */
export interface ResultContext {
  readonly resultBytesMax: number
  nowMs(): number
  /** Takes a batch out, and answers what hands it on; called at once, when the decoder may be used again. */
  take(batch: EncodedBatch): () => void
}

export class ResultBatches {
  readonly #context: ResultContext
  readonly #bytesTarget: number
  #decoder: RowDecoder
  #postedAtMs: number
  /** Rows posted so far. */
  rowCount = 0
  /** Bytes of all batches posted so far. */
  bytes = 0
  /** Whether rows were left out because the budget was spent. */
  isCut = false

  constructor(context: ResultContext, decoder: RowDecoder) {
    this.#context = context
    this.#decoder = decoder
    this.#bytesTarget = Math.min(batchBytesTarget, context.resultBytesMax)
    this.#postedAtMs = context.nowMs()
  }

  get isFull(): boolean {
    return this.bytes >= this.#context.resultBytesMax
  }

  /** Rows come from another decoder from now on. */
  switchTo(decoder: RowDecoder): void {
    this.#decoder = decoder
  }

  /** More rows are pending: posts them when they are many, or when the last were posted a while ago. */
  onRows(): void {
    const isDue =
      this.#decoder.pendingBytes >= this.#bytesTarget ||
      this.#context.nowMs() - this.#postedAtMs >= batchIntervalMs
    if (isDue) this.flush()
  }

  /** Posts what is pending; beyond the budget it is dropped, and the result marked as cut. */
  flush(): void {
    const rowCount = this.#decoder.pendingRows
    if (this.isFull) {
      this.isCut ||= this.#decoder.takeBatch() !== null
      return
    }
    const tell = this.#decoder.readBatch((bytes) => this.#take({ rowCount, bytes }))
    if (!tell) return
    tell()
    this.#postedAtMs = this.#context.nowMs()
  }

  /** Posts rows that somebody else has encoded, likewise; those that are pending have been posted. */
  post(batch: Omit<EncodedBatch, 'firstRow'>): void {
    if (this.isFull) this.isCut = true
    else this.#take(batch)()
  }

  #take({ rowCount, bytes }: Omit<EncodedBatch, 'firstRow'>): () => void {
    const tell = this.#context.take({ firstRow: this.rowCount, rowCount, bytes })
    this.rowCount += rowCount
    this.bytes += bytes.byteLength
    return tell
  }
}
