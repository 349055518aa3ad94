/**
 * Turns the rows of one result into batches and posts them: early for the first screenful, then by size, and
 * never more than the result's budget. Knows the decoder's counts and the output window, and no protocol.
 */

import { batchBytesTarget } from '../../../contract/limits.ts'
import { batchHeaderBytes } from '../../../contract/column-batch.ts'
import type { RowDecoder } from '../../../../native-wasm/js/row-decoder.ts'
import type { BatchSlots } from './batch-slots.ts'
import type { WorkerMessage } from './engine-message.ts'
import type { OutputWindow } from './output-window.ts'

/** Rows of a slow statement are shown at least this often; three frames at 60 Hz, so that few batches are tiny. */
const batchIntervalMs = 50

type PostedBatch = Extract<WorkerMessage, { kind: 'batch' | 'lent-batch' }>

/** What a result's batches need from the statement. */
export interface ResultContext {
  readonly activity: number
  readonly output: OutputWindow
  readonly slots: BatchSlots
  readonly resultBytesMax: number
  nowMs(): number
  isInterrupted(): boolean
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
    const { activity, output, slots } = this.#context
    const firstRow = this.rowCount
    const batch = this.#decoder.readBatch((bytes): PostedBatch => {
      const lent = slots.lend(bytes)
      if (lent) return { kind: 'lent-batch', activity, firstRow, rowCount, lent }
      return { kind: 'batch', activity, firstRow, rowCount, buffer: bytes.slice().buffer }
    })
    if (!batch) return
    const { byteLength } = batch.kind === 'batch' ? batch.buffer : batch.lent
    this.rowCount += rowCount
    this.bytes += byteLength
    output.postWithin(batch, {
      costBytes: Math.max(batchHeaderBytes, byteLength),
      transfer: batch.kind === 'batch' ? [batch.buffer] : [],
      isInterrupted: () => this.#context.isInterrupted(),
    })
    this.#postedAtMs = this.#context.nowMs()
  }
}
