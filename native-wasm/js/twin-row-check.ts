/**
 * Checks rows against the columns they must fit, and counts what a batch of them needs. A row that does not fit
 * is described by its number, its column and the length that is wrong.
 */

import * as layout from './layout.ts'
import type { BatchCounts } from './twin-batch-plan.ts'

/** Rows as they lie in a buffer: message after message, from `starts` of each to the next. */
interface RowsToCheck {
  readonly view: DataView
  readonly kinds: Uint8Array
  readonly starts: Uint32Array
  readonly end: number
}

/** Where a check stopped: one of the scan… numbers of layout.ts, and what it is about. */
export interface RowFault {
  readonly status: number
  readonly row: number
  readonly column: number
  readonly value: number
}

/** Answers the counts, or the first fault. */
export function checkRows(rows: RowsToCheck): BatchCounts | RowFault {
  const { starts, kinds } = rows
  const counts = {
    kinds,
    rows: starts.length,
    nullCounts: new Uint32Array(kinds.length),
    heapBytes: new Uint32Array(kinds.length),
  }
  for (let row = 0; row < starts.length; row++) {
    const fault = checkRow(rows, row, counts)
    if (fault) return { ...fault, row }
  }
  return counts
}

function checkRow(rows: RowsToCheck, row: number, counts: BatchCounts): Omit<RowFault, 'row'> | null {
  const { view, kinds, starts } = rows
  const end = starts[row + 1] ?? rows.end
  let at = (starts[row] ?? 0) + layout.rowHeaderBytes
  let value = 0
  for (let column = 0; column < kinds.length; column++) {
    if (at + 4 > end) return { status: layout.scanBeyondMessage, column, value }
    value = view.getInt32(at)
    at += 4
    if (value < -1) return { status: layout.scanNegativeLength, column, value }
    if (value === -1) {
      add(counts.nullCounts, column, 1)
      continue
    }
    if (value > end - at) return { status: layout.scanBeyondMessage, column, value }
    if (!fits(kinds[column], value)) return { status: layout.scanWrongWidth, column, value }
    add(counts.heapBytes, column, value)
    at += value
  }
  return at === end ? null : { status: layout.scanTrailingBytes, column: 0, value: end - at }
}

function fits(kind: number | undefined, length: number): boolean {
  switch (kind) {
    case layout.kindBool:
      return length === 1
    case layout.kindInt32:
      return length === 2 || length === 4
    case layout.kindUint32:
      return length === 4
    case layout.kindInt64:
    case layout.kindFloat64:
      return length === 8
    default:
      return true
  }
}

function add(counts: Uint32Array, index: number, amount: number): void {
  counts[index] = (counts[index] ?? 0) + amount
}
