/**
 * Encodes the kept rows as one batch: lays it out from the counts, writes head and directory, then each column
 * in turn. The layout itself is described in src/contract/column-batch.ts.
 */

import * as layout from '../js/layout'
import { columnCount, columnEntry, forgetRows, rowCount, scratch } from './arena'
import { encodeBools, encodeInt16s, encodeWords32, encodeWords64 } from './encode-fixed'
import { encodeTexts } from './encode-text'

let encodedBytes: u32 = 0

/** The size of the batch that was encoded last. */
export function batchBytes(): u32 {
  return encodedBytes
}

/** Encodes and forgets the rows. Answers where the batch lies until the next reserve; 0 if memory is exhausted. */
export function encode(): u32 {
  encodedBytes = layOut()
  const batch = scratch(encodedBytes)
  if (batch == 0) return 0
  writeDirectory(batch)
  for (let column: u32 = 0; column < columnCount(); column++) encodeColumn(columnEntry(column), batch)
  forgetRows()
  return batch
}

/** Places the regions of each column, as offsets within the batch, and answers the batch's size. */
function layOut(): u32 {
  let end = <u32>layout.batchHeaderBytes + columnCount() * layout.batchDirectoryEntryBytes
  for (let column: u32 = 0; column < columnCount(); column++) {
    const entry = columnEntry(column)
    const kind = load<u32>(entry)
    const heapBytes = kind == layout.kindText ? load<u32>(entry, 8) : 0
    end = align(end)
    store<u32>(entry, 0, 12)
    if (load<u32>(entry, 4) > 0) {
      store<u32>(entry, end, 12)
      end = align(end + ((rowCount() + 7) >> 3))
    }
    store<u32>(entry, end, 16)
    end = align(end + valuesBytes(kind))
    store<u32>(entry, heapBytes > 0 ? end : 0, 20)
    end += heapBytes
    store<u32>(entry, end, 24)
  }
  return align(end)
}

function align(at: u32): u32 {
  return (at + layout.regionAlignment - 1) & -layout.regionAlignment
}

function valuesBytes(kind: u32): u32 {
  switch (kind) {
    case layout.kindBool:
      return rowCount()
    case layout.kindInt64:
    case layout.kindFloat64:
      return rowCount() << 3
    case layout.kindText:
      return (rowCount() + 1) << 2
    default:
      return rowCount() << 2
  }
}

function writeDirectory(batch: u32): void {
  store<u32>(batch, layout.batchMagic)
  store<u32>(batch, columnCount(), 4)
  store<u32>(batch, rowCount(), 8)
  store<u32>(batch, encodedBytes, 12)
  let at = batch + layout.batchHeaderBytes
  for (let column: u32 = 0; column < columnCount(); column++) {
    const entry = columnEntry(column)
    const kind = load<u32>(entry)
    store<u32>(at, kind)
    store<u32>(at, load<u32>(entry, 4), 4)
    memory.copy(at + 8, entry + 12, 12)
    store<u32>(at, kind == layout.kindText ? load<u32>(entry, 8) : 0, 20)
    at += layout.batchDirectoryEntryBytes
  }
}

/**
 * Writes one column and zeroes the padding behind its regions, where an earlier batch may have left something.
 * Columns are written in the order in which they lie, since copies of text spill up to 15 bytes into what follows.
 */
function encodeColumn(entry: u32, batch: u32): void {
  const kind = load<u32>(entry)
  const values = batch + load<u32>(entry, 16)
  let validity: u32 = 0
  if (load<u32>(entry, 4) > 0) {
    validity = batch + load<u32>(entry, 12)
    zeroPadding(validity + ((rowCount() + 7) >> 3))
  }
  zeroPadding(values + valuesBytes(kind))
  if (kind == layout.kindText) {
    const heapEnd = batch + load<u32>(entry, 24)
    encodeTexts(validity, values, heapEnd - load<u32>(entry, 8))
    zeroPadding(heapEnd)
  } else if (kind == layout.kindBool) encodeBools(validity, values)
  else if (kind == layout.kindInt64 || kind == layout.kindFloat64) encodeWords64(validity, values)
  else if (load<u32>(entry, 8) > 0) encodeInt16s(validity, values)
  else encodeWords32(validity, values)
}

/** Zeroes up to the start of the next region. */
function zeroPadding(at: u32): void {
  memory.fill(at, 0, align(at) - at)
}
