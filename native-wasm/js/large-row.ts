/**
 * One row of many megabytes, for a thread that has others to serve: its message is collected as it arrives and encoded
 * in steps, with turns of the event loop between them. The batch is byte for byte the one that the decoder would make.
 * Knows no connection.
 */

import * as layout from './layout.ts'
import type { LargeRow } from './row-decoder.ts'
import { outOfMemory, rowFaultWords } from './row-fault-words.ts'
import { planBatch, type ColumnPlan } from './twin-batch-plan.ts'
import { encodeColumn, type RowSource } from './twin-column-encoder.ts'
import { checkRows } from './twin-row-check.ts'

/** Copied in one turn: some 4 ms where the memory is new to the process, as it mostly is. */
const stepBytes = 4 << 20

const newline = 0x0a

export interface LargeRowOptions {
  /** The whole message, its type byte included; the decoder has checked that it is not too large. */
  readonly messageBytes: number
  /** Whether it is a DataRow; else it is CopyData, whose line becomes a row of one text column. */
  readonly isRow: boolean
  /** Of the columns of a DataRow. */
  readonly kinds: Uint8Array
  /** Counted from 1, for the words of an error. */
  readonly rowNumber: number
}

export class CollectedRow implements LargeRow {
  readonly #options: LargeRowOptions
  readonly #bytes: Uint8Array<ArrayBuffer>
  #end: number

  /** Throws DecodeError when there is no memory. */
  constructor(options: LargeRowOptions) {
    this.#options = options
    this.#end = options.isRow ? 0 : lineHeadBytes
    this.#bytes = allocate(this.#end + options.messageBytes)
  }

  get isLine(): boolean {
    return !this.#options.isRow
  }

  get isComplete(): boolean {
    return this.#end === this.#bytes.length
  }

  push(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, this.#bytes.length - this.#end)
    this.#bytes.set(taken === bytes.length ? bytes : bytes.subarray(0, taken), this.#end)
    this.#end += taken
    return taken
  }

  async encode(turn: () => Promise<void>): Promise<ArrayBuffer> {
    const { isRow, rowNumber } = this.#options
    const view = new DataView(this.#bytes.buffer)
    const kinds = isRow ? this.#options.kinds : Uint8Array.of(layout.kindText)
    const end = isRow ? this.#bytes.length : this.#makeRow(view)
    const value = view.getUint16(layout.messageHeaderBytes)
    if (value !== kinds.length) {
      throw rowFaultWords({ status: layout.scanColumnCount, row: rowNumber, column: 0, value }, kinds)
    }
    const counts = checkRows({ view, kinds, starts: Uint32Array.of(0), end })
    if ('status' in counts) throw rowFaultWords({ ...counts, row: rowNumber }, kinds)
    const plan = planBatch(counts)
    const batch = plan.createBuffer()
    if (batch === null) throw outOfMemory()
    const source = { bytes: this.#bytes, view, cursors: Uint32Array.of(layout.rowHeaderBytes) }
    for (const column of plan.columns) {
      if (column.heapBytes <= stepBytes) encodeColumn(column, source, batch)
      else await copyInSteps({ column, source, batch }, turn)
    }
    return batch
  }

  /** Makes the line of CopyData a DataRow of one column, as far as it is read; answers where that ends. */
  #makeRow(view: DataView): number {
    const bytes = this.#bytes
    const end = bytes.at(-1) === newline ? bytes.length - 1 : bytes.length
    view.setUint16(layout.messageHeaderBytes, 1)
    view.setUint32(layout.rowHeaderBytes, end - layout.rowHeaderBytes - valueLengthBytes)
    return end
  }
}

/** A field's length comes before its value. */
const valueLengthBytes = 4

/** What a DataRow of one column has more than CopyData in front of its text. */
const lineHeadBytes = layout.rowHeaderBytes + valueLengthBytes - layout.messageHeaderBytes

interface LargeColumn {
  readonly column: ColumnPlan
  readonly source: RowSource
  readonly batch: ArrayBuffer
}

/** As `encodeColumn`, for a text that is there. */
async function copyInSteps({ column, source, batch }: LargeColumn, turn: () => Promise<void>): Promise<void> {
  const { bytes, cursors } = source
  const at = (cursors[0] ?? 0) + valueLengthBytes
  const heap = new Uint8Array(batch, column.heapAt, column.heapBytes)
  for (let done = 0; done < heap.length; done += stepBytes) {
    await turn()
    heap.set(bytes.subarray(at + done, at + Math.min(done + stepBytes, heap.length)), done)
  }
  new Uint32Array(batch, column.valuesAt, 2)[1] = heap.length
  cursors[0] = at + heap.length
}

/** Not zeroed, so that its pages are mapped as bytes arrive. */
function allocate(bytes: number): Uint8Array<ArrayBuffer> {
  try {
    return Buffer.allocUnsafeSlow(bytes)
  } catch (error) {
    if (error instanceof RangeError) throw outOfMemory()
    throw error
  }
}
