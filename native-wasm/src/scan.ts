/**
 * Walks complete messages from the cursor and keeps every DataRow that has the right number of columns. What is in
 * the columns is looked at when they are encoded; if it makes no sense, findFault says what is wrong.
 */

import * as layout from '../js/layout'
import {
  columnCount,
  columnKind,
  gapBytes,
  growRowStarts,
  isFull,
  keepRows,
  rowCount,
  rowStarts,
  unreadAt,
  unreadBytes,
} from './arena'

/** A DataRow's length without any column: all of its header but the type. */
const rowLengthMin: u32 = layout.rowHeaderBytes - 1

/** The head of a DataRow, of the eight bytes that it is read with. */
const headMask: u64 = 0x00ff_ffff_ffff_ffff

let failedAtRow: u32 = 0
let failedAtColumn: u32 = 0
let failedWith: i32 = 0

/** The row, of those that were kept, at which a scan or an encoding failed. */
export function failedRow(): u32 {
  return failedAtRow
}

/** The column at which it failed. */
export function failedColumn(): u32 {
  return failedAtColumn
}

/** The length or count that was wrong. */
export function failedValue(): i32 {
  return failedWith
}

/** Consumes complete DataRows; answers one of the scan… numbers of layout.ts. */
export function scan(): i32 {
  let status = scanUntilFull()
  while (isFull(rowCount())) {
    if (!growRowStarts()) return layout.scanOutOfMemory
    status = scanUntilFull()
  }
  return status
}

function scanUntilFull(): i32 {
  const start = unreadAt()
  const end = start + unreadBytes()
  const gap = gapBytes()
  const columns = columnCount()
  const starts = rowStarts()
  let row = rowCount()
  let at = start
  while (end - at >= <u32>layout.messageHeaderBytes && !isFull(row)) {
    const length = bswap(load<u32>(at, 1))
    // One comparison for a length that is too small (it wraps around) and one that is too large.
    const isUsual = length - rowLengthMin < <u32>layout.messageBytesMax - rowLengthMin && length < end - at
    if (!isUsual || load<u8>(at) != <u8>layout.dataRowType) break
    if (<u32>bswap(load<u16>(at, 5)) != columns) break
    const first = at
    const size = length + 1
    const head = load<u64>(at) & headMask
    // Rows are often as long as the one before them. Their heads then are alike, which says all that was checked, and
    // finding the next row need not wait for reading a length (measured: half the time).
    do {
      store<u32>(starts + row * 4, at - gap)
      row++
      at += size
    } while (end - at >= size && (load<u64>(at) & headMask) == head && !isFull(row))
    if (gap != 0) memory.copy(first - gap, first, at - first)
  }
  keepRows(row, at - start)
  return whyStopped(at, end)
}

/** Says what is at `at`, where a scan did not go on. */
function whyStopped(at: u32, end: u32): i32 {
  if (end - at < <u32>layout.messageHeaderBytes) return layout.scanNeedsMore
  const length = bswap(load<i32>(at, 1))
  failedWith = length
  if (length < layout.messageLengthMin || length > layout.messageLengthMax) return layout.scanBadLength
  if (length + 1 > layout.messageBytesMax) return layout.scanTooLarge
  if (<u32>length >= end - at) return layout.scanNeedsMore
  if (load<u8>(at) != <u8>layout.dataRowType) return layout.scanOtherMessage
  failedAtRow = rowCount()
  failedAtColumn = 0
  if (<u32>length < rowLengthMin) return layout.scanBeyondMessage
  failedWith = bswap(load<u16>(at, 5))
  return layout.scanColumnCount
}

/** Says what is wrong with the first of the kept rows that cannot be encoded. */
export function findFault(): i32 {
  for (let row: u32 = 0; row < rowCount(); row++) {
    const at = rowStarts() + row * 4
    failedAtRow = row
    const fault = findFaultInRow(load<u32>(at) + layout.rowHeaderBytes, load<u32>(at, 4))
    if (fault != layout.scanNeedsMore) return fault
  }
  return layout.scanNeedsMore
}

function findFaultInRow(start: u32, end: u32): i32 {
  let at = start
  for (let column: u32 = 0; column < columnCount(); column++) {
    failedAtColumn = column
    if (end - at < 4) return layout.scanBeyondMessage
    const length = bswap(load<i32>(at))
    at += 4
    failedWith = length
    if (length < -1) return layout.scanNegativeLength
    if (length == -1) continue
    if (<u32>length > end - at) return layout.scanBeyondMessage
    if (!fits(columnKind(column), length)) return layout.scanWrongWidth
    at += length
  }
  failedWith = end - at
  return at == end ? layout.scanNeedsMore : layout.scanTrailingBytes
}

function fits(kind: i32, length: i32): bool {
  switch (kind) {
    case layout.kindBool:
      return length == 1
    case layout.kindInt32:
      return length == 2 || length == 4
    case layout.kindUint32:
      return length == 4
    case layout.kindInt64:
    case layout.kindFloat64:
      return length == 8
    default:
      return true
  }
}
