/**
 * How batches leave the worker: in memory that both threads share where that is worth it, else in a buffer that is
 * transferred, and only when the output window has room. Knows no result.
 */

import { batchHeaderBytes } from '../../../contract/column-batch.ts'
import type { EncodedBatch } from '../result/result-batches.ts'
import type { BatchSlots } from './batch-slots.ts'
import type { WorkerMessage } from './engine-message.ts'
import type { OutputWindow } from './output-window.ts'

type PostedBatch = Extract<WorkerMessage, { kind: 'batch' | 'lent-batch' }>

export interface BatchPostingOptions {
  readonly activity: number
  readonly output: OutputWindow
  readonly slots: BatchSlots
  isInterrupted(): boolean
}

/** As ResultContext.take. Posting waits for room. */
export function takeForPosting(options: BatchPostingOptions, batch: EncodedBatch): () => void {
  const { activity, output, slots } = options
  const { firstRow, rowCount, bytes } = batch
  const { byteLength } = bytes
  const lent = slots.lend(bytes)
  const message: PostedBatch = lent
    ? { kind: 'lent-batch', activity, firstRow, rowCount, lent }
    : { kind: 'batch', activity, firstRow, rowCount, buffer: bytes.slice().buffer }
  return () =>
    output.postWithin(message, {
      costBytes: Math.max(batchHeaderBytes, byteLength),
      transfer: message.kind === 'batch' ? [message.buffer] : [],
      isInterrupted: () => options.isInterrupted(),
    })
}
