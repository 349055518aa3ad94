/**
 * Encodes the values of one fixed-width column: from big-endian fields, each behind its length, to a dense
 * little-endian array. The rows have been checked. `validity` is 0 when no row is null.
 */

import { rowCount, rowStart } from './arena'

const wireNull: u32 = 0xffffffff
const wire2: u32 = 0x02000000
/** A field's length comes before its value. */
const lengthBytes: u32 = 4

/** Values of one byte, which become 0 or 1. */
export function encodeBools(validity: u32, values: u32): void {
  if (validity != 0) {
    encodeNullable<u8>(validity, values)
    return
  }
  for (let row: u32 = 0; row < rowCount(); row++) {
    const at = load<u32>(rowStart(row))
    store<u8>(values + row, <u8>(load<u8>(at, lengthBytes) != 0))
    store<u32>(rowStart(row), at + lengthBytes + 1)
  }
}

/** Values of four bytes. */
export function encodeWords32(validity: u32, values: u32): void {
  if (validity != 0) encodeNullable<u32>(validity, values)
  else encodeDense32(values)
}

/** Values of eight bytes. */
export function encodeWords64(validity: u32, values: u32): void {
  if (validity != 0) encodeNullable<u64>(validity, values)
  else encodeDense64(values)
}

/** Values of two or four bytes, sign-extended to four. */
export function encodeInt16s(validity: u32, values: u32): void {
  let bits: u32 = 0
  for (let row: u32 = 0; row < rowCount(); row++) {
    const at = load<u32>(rowStart(row))
    const wireLength = load<u32>(at)
    const isPresent = <u32>(wireLength != wireNull)
    const isShort = wireLength == wire2
    const wide = <i32>bswap(load<u32>(at, lengthBytes))
    // The upper half of four bytes read is the value of two: shifting right extends its sign.
    store<i32>(values + row * 4, (isShort ? wide >> 16 : wide) & -(<i32>isPresent))
    store<u32>(rowStart(row), at + lengthBytes + (isShort ? 2 : isPresent << 2))
    if (validity != 0) bits = addBit(bits, isPresent, validity, row)
  }
  if (validity != 0) flushBits(bits, validity)
}

/** Reads a value also where there is none, so that no branch depends on the data. */
function encodeNullable<T>(validity: u32, values: u32): void {
  let bits: u32 = 0
  for (let row: u32 = 0; row < rowCount(); row++) {
    const at = load<u32>(rowStart(row))
    const isPresent = <u32>(load<u32>(at) != wireNull)
    const raw = load<T>(at, lengthBytes)
    const value = sizeof<T>() == 1 ? <T>(raw != 0) : bswap<T>(raw)
    store<T>(values + row * sizeof<T>(), <T>(value & -(<T>isPresent)))
    store<u32>(rowStart(row), at + lengthBytes + isPresent * sizeof<T>())
    bits = addBit(bits, isPresent, validity, row)
  }
  flushBits(bits, validity)
}

/** Collects validity, a byte at a time. */
function addBit(bits: u32, isPresent: u32, validity: u32, row: u32): u32 {
  const more = bits | (isPresent << (row & 7))
  if ((row & 7) != 7) return more
  store<u8>(validity + (row >> 3), <u8>more)
  return 0
}

function flushBits(bits: u32, validity: u32): void {
  if ((rowCount() & 7) != 0) store<u8>(validity + (rowCount() >> 3), <u8>bits)
}

/** Four rows at a time: one shuffle swaps the bytes of four values. */
function encodeDense32(values: u32): void {
  const vectorRows = rowCount() & ~3
  const step = v128.splat<u32>(lengthBytes + 4)
  let row: u32 = 0
  for (; row < vectorRows; row += 4) {
    const starts = rowStart(row)
    let words = v128.load32_zero(load<u32>(starts), lengthBytes)
    words = v128.load_lane<u32>(load<u32>(starts, 4), words, 1, lengthBytes)
    words = v128.load_lane<u32>(load<u32>(starts, 8), words, 2, lengthBytes)
    words = v128.load_lane<u32>(load<u32>(starts, 12), words, 3, lengthBytes)
    words = v128.shuffle<u8>(words, words, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)
    v128.store(values + row * 4, words)
    v128.store(starts, v128.add<u32>(v128.load(starts), step))
  }
  for (; row < rowCount(); row++) {
    const at = load<u32>(rowStart(row))
    store<u32>(values + row * 4, bswap(load<u32>(at, lengthBytes)))
    store<u32>(rowStart(row), at + lengthBytes + 4)
  }
}

/** Two rows at a time: one shuffle swaps the bytes of two values. */
function encodeDense64(values: u32): void {
  const vectorRows = rowCount() & ~1
  let row: u32 = 0
  for (; row < vectorRows; row += 2) {
    const starts = rowStart(row)
    const first = load<u32>(starts)
    const second = load<u32>(starts, 4)
    let words = v128.load64_zero(first, lengthBytes)
    words = v128.load_lane<u64>(second, words, 1, lengthBytes)
    words = v128.shuffle<u8>(words, words, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8)
    v128.store(values + row * 8, words)
    store<u32>(starts, first + lengthBytes + 8)
    store<u32>(starts, second + lengthBytes + 8, 4)
  }
  if (row < rowCount()) {
    const at = load<u32>(rowStart(row))
    store<u64>(values + row * 8, bswap(load<u64>(at, lengthBytes)))
    store<u32>(rowStart(row), at + lengthBytes + 8)
  }
}
