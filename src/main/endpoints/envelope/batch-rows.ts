/**
 * DataRow messages as column batches (docs/protocol.md, "Column batches"): gathers them where they lie, and has them
 * encoded at once by a decoder that all sockets share. Knows no frame.
 */

import type { RowDecoder } from '../../../../native-wasm/js/row-decoder.ts'
import { chunkBytesTarget } from '../../../protocol/protocol-limits.ts'
import type { RowEncoder } from './row-encoder.ts'
import type { StatementDescription } from './session-statement.ts'
import type { RowPlace } from './statement-run.ts'

const nothing = Buffer.alloc(0)

export class BatchRows implements RowEncoder {
  readonly takesRuns = true
  rows = 0
  byteLength = 0
  readonly #decoder: RowDecoder
  readonly #runs: Uint8Array[] = []
  #kinds: Uint8Array = new Uint8Array(0)
  /** The last run, which may go on. */
  #bytes: Buffer = nothing
  #start = 0
  #end = 0

  constructor(decoder: RowDecoder) {
    this.#decoder = decoder
  }

  get isFull(): boolean {
    return this.byteLength >= chunkBytesTarget
  }

  begin({ kinds }: StatementDescription): void {
    this.clear()
    this.#kinds = kinds
  }

  add(bytes: Buffer, { start, end, count }: RowPlace): void {
    if (bytes !== this.#bytes || start !== this.#end) {
      this.#closeRun()
      this.#bytes = bytes
      this.#start = start
    }
    this.#end = end
    this.rows += count
    this.byteLength += end - start
  }

  /** In the decoder's memory, until it is used for anything else. */
  take(): Uint8Array {
    this.#closeRun()
    const decoder = this.#decoder
    try {
      decoder.reset(this.#kinds)
      for (const run of this.#runs) decoder.push(run)
      decoder.next()
      return decoder.readBatch((batch) => batch) ?? nothing
    } catch (error) {
      // What is in it belongs to nobody else.
      decoder.clear()
      throw error
    } finally {
      this.clear()
    }
  }

  clear(): void {
    this.rows = 0
    this.byteLength = 0
    this.#runs.length = 0
    this.#bytes = nothing
    this.#start = 0
    this.#end = 0
  }

  #closeRun(): void {
    if (this.#end > this.#start) this.#runs.push(this.#bytes.subarray(this.#start, this.#end))
    this.#bytes = nothing
    this.#start = 0
    this.#end = 0
  }
}
