/**
 * Encodes the kept rows as one batch, a column after the other. Where a column lies is known only when those before
 * it are written, so each is placed behind the last one, its validity last of all, if it has nulls. The layout
 * itself is described in src/contract/column-batch.ts.
 */

import * as layout from '../js/layout'
import { columnCount, columnKind, endRows, forgetRows, rowBytes, rowCount, rowStarts, scratch } from './arena'
import { encodeBools, encodeInt32s, encodeUint32s, encodeWords64 } from './encode-fixed'
import { encodeTexts } from './encode-text'
import { findFault } from './scan'

/** Values and validity of one column can be padded, by less than this each. */
const columnPaddingBytes: u32 = 3 * layout.regionAlignment

let batchAt: u32 = 0
let batchEnd: u32 = 0
let fault: i32 = 0

/** Why the last encode answered 0: one of the scan… numbers of layout.ts. */
export function encodeFault(): i32 {
  return fault
}

/** The size of the batch that was encoded last. */
export function batchBytes(): u32 {
  return batchEnd - batchAt
}

/** Encodes and forgets the rows. Answers where the batch lies until the next reserve; 0 if it failed. */
export function encode(): u32 {
  const rows = rowCount()
  const cursors = scratch(<u64>align(rows * 4) + align(validityBytes()) + 16 + batchBytesMost())
  fault = layout.scanOutOfMemory
  if (cursors == 0) return 0
  const validity = cursors + align(rows * 4)
  batchAt = align(validity + validityBytes())
  batchEnd = batchAt + layout.batchHeaderBytes + columnCount() * layout.batchDirectoryEntryBytes
  endRows()
  initCursors(cursors)
  for (let column: u32 = 0; column < columnCount(); column++) {
    if (!encodeColumn(column, cursors, validity)) return fail()
  }
  if (!areAtEnd(cursors)) return fail()
  store<u32>(batchAt, layout.batchMagic)
  store<u32>(batchAt, columnCount(), 4)
  store<u32>(batchAt, rows, 8)
  store<u32>(batchAt, batchBytes(), 12)
  forgetRows()
  return batchAt
}

function fail(): u32 {
  fault = findFault()
  return 0
}

/** An upper bound of the batch's size: all bytes of the rows might be text. */
function batchBytesMost(): u64 {
  let bytes = <u64>layout.batchHeaderBytes + rowBytes()
  for (let column: u32 = 0; column < columnCount(); column++) {
    bytes += <u64>valuesBytes(columnKind(column)) + validityBytes()
    bytes += layout.batchDirectoryEntryBytes + columnPaddingBytes
  }
  return bytes
}

function validityBytes(): u32 {
  return (rowCount() + 7) >> 3
}

function valuesBytes(kind: i32): u32 {
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

function align(at: u32): u32 {
  return (at + layout.regionAlignment - 1) & -layout.regionAlignment
}

/** Writes one column behind the last one, and its directory entry. False if a row makes no sense. */
function encodeColumn(column: u32, cursors: u32, validity: u32): bool {
  const kind = columnKind(column)
  const values = batchEnd
  const heap = pad(values + valuesBytes(kind))
  let nulls: i32
  let heapEnd = heap
  if (kind == layout.kindText) {
    nulls = encodeTexts(cursors, values, validity, heap)
    heapEnd = heap + load<u32>(values + (rowCount() << 2))
  } else if (kind == layout.kindBool) nulls = encodeBools(cursors, values, validity)
  else if (kind == layout.kindInt32) nulls = encodeInt32s(cursors, values, validity)
  else if (kind == layout.kindUint32) nulls = encodeUint32s(cursors, values, validity)
  else nulls = encodeWords64(cursors, values, validity)
  if (nulls < 0) return false
  pad(values + valuesBytes(kind))
  batchEnd = pad(heapEnd)
  const entry = batchAt + layout.batchHeaderBytes + column * layout.batchDirectoryEntryBytes
  store<u32>(entry, kind)
  store<u32>(entry, nulls, 4)
  store<u32>(entry, nulls > 0 ? batchEnd - batchAt : 0, 8)
  store<u32>(entry, values - batchAt, 12)
  store<u32>(entry, heapEnd > heap ? heap - batchAt : 0, 16)
  store<u32>(entry, heapEnd - heap, 20)
  if (nulls > 0) {
    memory.copy(batchEnd, validity, validityBytes())
    batchEnd = pad(batchEnd + validityBytes())
  }
  return true
}

/** Zeroes up to the start of the next region, which is answered: the memory holds what an earlier batch left. */
function pad(at: u32): u32 {
  const end = align(at)
  memory.fill(at, 0, end - at)
  return end
}

/** Each row's cursor stands at the length of its first column. */
function initCursors(cursors: u32): void {
  const starts = rowStarts()
  const bytes = rowCount() * 4
  for (let at: u32 = 0; at < bytes; at += 16) {
    v128.store(cursors + at, v128.add<u32>(v128.load(starts + at), v128.splat<u32>(layout.rowHeaderBytes)))
  }
}

/** Whether every row's cursor has come to where the next row starts, or the last one ends. */
function areAtEnd(cursors: u32): bool {
  const ends = rowStarts() + 4
  const bytes = rowCount() * 4
  const vectorBytes = bytes & ~15
  let differences = v128.splat<u32>(0)
  for (let at: u32 = 0; at < vectorBytes; at += 16) {
    differences = v128.or(differences, v128.xor(v128.load(cursors + at), v128.load(ends + at)))
  }
  let isAtEnd = !v128.any_true(differences)
  for (let at = vectorBytes; at < bytes; at += 4) {
    isAtEnd = isAtEnd && load<u32>(cursors + at) == load<u32>(ends + at)
  }
  return isAtEnd
}
