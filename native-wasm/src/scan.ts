/**
 * Walks complete messages from the cursor, checks every DataRow against the columns and keeps it, and counts
 * nulls and text bytes on the way, so that a batch can be laid out without looking at the rows again.
 */

import * as layout from '../js/layout'
import { columnCount, columnEntry, keepRow, unreadAt, unreadBytes } from './arena'

/** Lengths as they lie in a message, big-endian, so that fixed widths are compared without a swap. */
const wireNull: u32 = 0xffffffff
const wire1: u32 = 0x01000000
const wire2: u32 = 0x02000000
const wire4: u32 = 0x04000000
const wire8: u32 = 0x08000000

/** Type, length and the number of columns. */
const rowHeaderBytes: u32 = 7

let failedAtColumn: u32 = 0
let failedWith: i32 = 0

/** The column at which a scan failed. */
export function failedColumn(): u32 {
  return failedAtColumn
}

/** The length or count that was wrong when a scan failed. */
export function failedValue(): i32 {
  return failedWith
}

/** Consumes complete DataRows; answers one of the scan… numbers of layout.ts. */
export function scan(): i32 {
  while (unreadBytes() >= <u32>layout.messageHeaderBytes) {
    const at = unreadAt()
    const length = bswap(load<i32>(at, 1))
    failedWith = length
    if (length < layout.messageLengthMin || length > layout.messageLengthMax) return layout.scanBadLength
    const bytes = <u32>length + 1
    if (bytes > <u32>layout.messageBytesMax) return layout.scanTooLarge
    if (bytes > unreadBytes()) return layout.scanNeedsMore
    if (load<u8>(at) != <u8>layout.dataRowType) return layout.scanOtherMessage
    if (!isRowValid(at, at + bytes)) return findFault(at, at + bytes)
    if (!keepRow(bytes, rowHeaderBytes)) return layout.scanOutOfMemory
  }
  return layout.scanNeedsMore
}

/**
 * Checks a row and counts. Reads ahead of the row's end by at most a fixed width a column, which the arena's
 * slack allows for, and compares with the end once; what exactly is wrong is for findFault to say.
 */
function isRowValid(start: u32, end: u32): bool {
  const columns = columnCount()
  if (end - start < rowHeaderBytes || <u32>bswap(load<u16>(start, 5)) != columns) return false
  let at = start + rowHeaderBytes
  for (let column: u32 = 0; column < columns; column++) {
    const entry = columnEntry(column)
    const wireLength = load<u32>(at)
    at += 4
    if (wireLength == wireNull) {
      store<u32>(entry, load<u32>(entry, 4) + 1, 4)
      continue
    }
    const kind = load<i32>(entry)
    if (kind == layout.kindText) {
      const length = bswap(wireLength)
      // Unsigned: a negative length is a huge one. `at` may have passed the end already.
      if (at > end || length > end - at) return false
      store<u32>(entry, load<u32>(entry, 8) + length, 8)
      at += length
    } else if (wireLength == wire8) {
      if (kind < layout.kindInt64) return false
      at += 8
    } else if (wireLength == wire4) {
      if (kind != layout.kindInt32 && kind != layout.kindUint32) return false
      at += 4
    } else if (wireLength == wire1) {
      if (kind != layout.kindBool) return false
      at += 1
    } else {
      if (wireLength != wire2 || kind != layout.kindInt32) return false
      store<u32>(entry, load<u32>(entry, 8) + 1, 8)
      at += 2
    }
  }
  return at == end
}

/** Says what is wrong with a row that isRowValid refused: the same checks, one by one. */
function findFault(start: u32, end: u32): i32 {
  let at = start + rowHeaderBytes
  failedAtColumn = 0
  if (at > end) return layout.scanBeyondMessage
  failedWith = bswap(load<u16>(start, 5))
  if (<u32>failedWith != columnCount()) return layout.scanColumnCount
  for (let column: u32 = 0; column < columnCount(); column++) {
    failedAtColumn = column
    if (end - at < 4) return layout.scanBeyondMessage
    const length = <i32>bswap(load<u32>(at))
    at += 4
    failedWith = length
    if (length < -1) return layout.scanNegativeLength
    if (length == -1) continue
    if (<u32>length > end - at) return layout.scanBeyondMessage
    if (!fits(load<u32>(columnEntry(column)), length)) return layout.scanWrongWidth
    at += length
  }
  failedWith = end - at
  return layout.scanTrailingBytes
}

function fits(kind: u32, length: i32): bool {
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
