/**
 * Encodes the values of one fixed-width column: from big-endian fields, each behind its length, to a dense
 * little-endian array. Eight rows at a time, with vectors while nothing is null; a block with nulls goes row by row,
 * without branches that depend on the data. Every encode function writes one bit a row to `validity`, moves the
 * cursors on, and answers the number of nulls, or -1 when a length is neither null nor the width.
 */

import { rowCount } from './arena'

/** Lengths as they lie in a message, big-endian, so that they are compared without a swap. */
const wireNull: u32 = 0xffffffff
const wire1: u32 = 0x01000000
const wire2: u32 = 0x02000000
const wire4: u32 = 0x04000000
const wire8: u32 = 0x08000000

/** A field's length comes before its value. */
const lengthBytes: u32 = 4
const blockRows: u32 = 8
const allPresent: u32 = 0xff
/** Where one row is null the next ones often are: this many rows go by before vectors are tried again. */
const rowsWithoutVectors: u32 = 64

/** Values of one byte, which become 0 or 1. */
export function encodeBools(cursors: u32, values: u32, validity: u32): i32 {
  let present: u32 = 0
  for (let row: u32 = 0; row < rowCount(); row += blockRows) {
    const bits = encodeBlock<u8>(cursors + row * 4, values + row, rowsOfBlock(row))
    if (bits < 0) return -1
    store<u8>(validity + (row >> 3), <u8>bits)
    present += popcnt(bits)
  }
  return rowCount() - present
}

/** Values of four bytes. */
export function encodeUint32s(cursors: u32, values: u32, validity: u32): i32 {
  let present: u32 = 0
  let vectorsFrom: u32 = 0
  for (let row: u32 = 0; row < rowCount(); row += blockRows) {
    let bits = <i32>allPresent
    if (row < vectorsFrom || !encodeVectors32(cursors, values, row)) {
      bits = encodeBlock<u32>(cursors + row * 4, values + row * 4, rowsOfBlock(row))
      if (bits < 0) return -1
      if (row >= vectorsFrom) vectorsFrom = row + rowsWithoutVectors
    }
    store<u8>(validity + (row >> 3), <u8>bits)
    present += popcnt(bits)
  }
  return rowCount() - present
}

/** Values of two or four bytes, sign-extended to four. */
export function encodeInt32s(cursors: u32, values: u32, validity: u32): i32 {
  let present: u32 = 0
  let vectorsFrom: u32 = 0
  for (let row: u32 = 0; row < rowCount(); row += blockRows) {
    let bits = <i32>allPresent
    if (row < vectorsFrom || !encodeVectors32(cursors, values, row)) {
      bits = encodeShortBlock(cursors + row * 4, values + row * 4, rowsOfBlock(row))
      if (bits < 0) return -1
      if (row >= vectorsFrom) vectorsFrom = row + rowsWithoutVectors
    }
    store<u8>(validity + (row >> 3), <u8>bits)
    present += popcnt(bits)
  }
  return rowCount() - present
}

/** Values of eight bytes. */
export function encodeWords64(cursors: u32, values: u32, validity: u32): i32 {
  let present: u32 = 0
  let vectorsFrom: u32 = 0
  for (let row: u32 = 0; row < rowCount(); row += blockRows) {
    let bits = <i32>allPresent
    if (row < vectorsFrom || !encodeVectors64(cursors, values, row)) {
      bits = encodeBlock<u64>(cursors + row * 4, values + row * 8, rowsOfBlock(row))
      if (bits < 0) return -1
      if (row >= vectorsFrom) vectorsFrom = row + rowsWithoutVectors
    }
    store<u8>(validity + (row >> 3), <u8>bits)
    present += popcnt(bits)
  }
  return rowCount() - present
}

function rowsOfBlock(row: u32): u32 {
  return min(blockRows, rowCount() - row)
}

/** Up to eight rows one by one; answers their bits of validity. Reads a value also where there is none. */
function encodeBlock<T>(cursors: u32, values: u32, rows: u32): i32 {
  const wireWidth = sizeof<T>() == 1 ? wire1 : sizeof<T>() == 4 ? wire4 : wire8
  let bits: u32 = 0
  let isFault = false
  for (let row: u32 = 0; row < rows; row++) {
    const at = load<u32>(cursors + row * 4)
    const wireLength = load<u32>(at)
    const isPresent = <u32>(wireLength != wireNull)
    isFault = isFault | ((isPresent & (<u32>(wireLength != wireWidth))) != 0)
    store<T>(values + row * sizeof<T>(), readValue<T>(at + lengthBytes) & -(<T>isPresent))
    store<u32>(cursors + row * 4, at + lengthBytes + isPresent * sizeof<T>())
    bits |= isPresent << row
  }
  return isFault ? -1 : bits
}

/** Eight bytes are swapped by one shuffle, which takes a third of what bswap does with shifts and masks. */
function readValue<T>(at: u32): T {
  if (sizeof<T>() == 1) return <T>(load<T>(at) != 0)
  if (sizeof<T>() == 4) return bswap<T>(load<T>(at))
  const word = v128.load64_zero(at)
  return <T>(
    v128.extract_lane<u64>(v128.shuffle<u8>(word, word, 7, 6, 5, 4, 3, 2, 1, 0, 7, 6, 5, 4, 3, 2, 1, 0), 0)
  )
}

/** As encodeBlock, for values of two or four bytes. */
function encodeShortBlock(cursors: u32, values: u32, rows: u32): i32 {
  let bits: u32 = 0
  let isFault = false
  for (let row: u32 = 0; row < rows; row++) {
    const at = load<u32>(cursors + row * 4)
    const wireLength = load<u32>(at)
    const isPresent = <u32>(wireLength != wireNull)
    const isShort = <u32>(wireLength == wire2)
    isFault = isFault | ((isPresent & ~isShort & (<u32>(wireLength != wire4))) != 0)
    const value = bswap(load<i32>(at, lengthBytes))
    // The upper half of four bytes read is the value of two: shifting right extends its sign.
    store<i32>(values + row * 4, (value >> (isShort << 4)) & -(<i32>isPresent))
    store<u32>(cursors + row * 4, at + lengthBytes + (isPresent << (2 - isShort)))
    bits |= isPresent << row
  }
  return isFault ? -1 : bits
}

/** Eight values of four bytes, if none of them is null. Two rows, with their lengths, fit in a vector. */
function encodeVectors32(cursors: u32, values: u32, row: u32): bool {
  if (rowsOfBlock(row) < blockRows) return false
  const starts = cursors + row * 4
  const to = values + row * 4
  const fields01 = loadFields(starts, 0)
  const fields23 = loadFields(starts, 8)
  const fields45 = loadFields(starts, 16)
  const fields67 = loadFields(starts, 24)
  const width = v128.splat<u32>(wire4)
  const lengths = v128.and(
    v128.eq<u32>(v128.shuffle<u32>(fields01, fields23, 0, 2, 4, 6), width),
    v128.eq<u32>(v128.shuffle<u32>(fields45, fields67, 0, 2, 4, 6), width),
  )
  if (!v128.all_true<u32>(lengths)) return false
  v128.store(to, swapped32(fields01, fields23))
  v128.store(to, swapped32(fields45, fields67), 16)
  const step = v128.splat<u32>(lengthBytes + 4)
  v128.store(starts, v128.add<u32>(v128.load(starts), step))
  v128.store(starts, v128.add<u32>(v128.load(starts, 16), step), 16)
  return true
}

/** Length and value of the two rows whose cursors lie at `starts` + `offset`. */
function loadFields(starts: u32, offset: u32): v128 {
  const first = v128.load64_zero(load<u32>(starts + offset))
  return v128.load_lane<u64>(load<u32>(starts + offset, 4), first, 1)
}

function swapped32(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 7, 6, 5, 4, 15, 14, 13, 12, 23, 22, 21, 20, 31, 30, 29, 28)
}

/** Eight values of eight bytes, if none of them is null. */
function encodeVectors64(cursors: u32, values: u32, row: u32): bool {
  if (rowsOfBlock(row) < blockRows) return false
  const starts = cursors + row * 4
  let differences: u32 = 0
  for (let pair: u32 = 0; pair < 4; pair++) {
    const first = load<u32>(starts + pair * 8)
    const second = load<u32>(starts + pair * 8, 4)
    differences |= (load<u32>(first) ^ wire8) | (load<u32>(second) ^ wire8)
    let words = v128.load64_zero(first, lengthBytes)
    words = v128.load_lane<u64>(second, words, 1, lengthBytes)
    words = v128.shuffle<u8>(words, words, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8)
    v128.store(values + row * 8 + pair * 16, words)
  }
  if (differences != 0) return false
  const step = v128.splat<u32>(lengthBytes + 8)
  v128.store(starts, v128.add<u32>(v128.load(starts), step))
  v128.store(starts, v128.add<u32>(v128.load(starts, 16), step), 16)
  return true
}
