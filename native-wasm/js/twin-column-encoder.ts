/**
 * Writes one column of a batch from rows that have been checked already. Each row has a cursor that stands at
 * the column's length field; encoding a column moves every cursor on to the next column.
 */

import * as layout from './layout.ts'
import type { ColumnPlan } from './twin-batch-plan.ts'

/** Checked rows: their bytes (twice, as bytes and as a big-endian view) and the cursor of each. */
export interface RowSource {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly cursors: Uint32Array
}

type WriteValue = (row: number, at: number, length: number) => void

/** A call to `set` and a view cost more than this many single bytes. */
const copyByByteMax = 24

/** Writes validity, values and heap of `column` into `batch`, which is zero there. */
export function encodeColumn(column: ColumnPlan, source: RowSource, batch: ArrayBuffer): void {
  const { view, cursors } = source
  const rows = cursors.length
  const validity = new Uint8Array(batch, column.validityAt, column.nullCount > 0 ? (rows + 7) >> 3 : 0)
  const hasNulls = column.nullCount > 0
  const isText = column.kind === layout.kindText
  const offsets = isText ? new Uint32Array(batch, column.valuesAt, rows + 1) : null
  const write = isText ? null : fixedWriter(column, view, new DataView(batch))
  const heap = new Uint8Array(batch, column.heapAt, column.heapBytes)
  let heapEnd = 0
  for (let row = 0; row < rows; row++) {
    let at = cursors[row] ?? 0
    const length = view.getInt32(at)
    at += 4
    if (length >= 0) {
      if (hasNulls) validity[row >> 3] = (validity[row >> 3] ?? 0) | (1 << (row & 7))
      if (write === null) copyText({ bytes: source.bytes, at, length }, heap, heapEnd)
      else write(row, at, length)
      heapEnd += length
      at += length
    }
    if (offsets !== null) offsets[row + 1] = heapEnd
    cursors[row] = at
  }
}

function fixedWriter(column: ColumnPlan, source: DataView, target: DataView): WriteValue {
  const { kind, valuesAt } = column
  switch (kind) {
    case layout.kindBool:
      return (row, at) => target.setUint8(valuesAt + row, source.getUint8(at) === 0 ? 0 : 1)
    case layout.kindInt32:
      return (row, at, length) => {
        const value = length === 2 ? source.getInt16(at) : source.getInt32(at)
        target.setInt32(valuesAt + row * 4, value, true)
      }
    case layout.kindUint32:
      return (row, at) => target.setUint32(valuesAt + row * 4, source.getUint32(at), true)
    default:
      // Two halves rather than a BigInt or a double: neither may touch the bits, and both cost more.
      return (row, at) => {
        target.setUint32(valuesAt + row * 8, source.getUint32(at + 4), true)
        target.setUint32(valuesAt + row * 8 + 4, source.getUint32(at), true)
      }
  }
}

function copyText(
  text: { bytes: Uint8Array; at: number; length: number },
  heap: Uint8Array,
  heapEnd: number,
): void {
  const { bytes, at, length } = text
  if (length > copyByByteMax) {
    heap.set(bytes.subarray(at, at + length), heapEnd)
    return
  }
  for (let index = 0; index < length; index++) heap[heapEnd + index] = bytes[at + index] ?? 0
}
