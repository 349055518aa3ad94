/**
 * The module of a reader of batches: what JavaScript needs to take a whole column of texts out of a batch in one go.
 * A heap and its offsets are put behind `reserve`'s address; both functions rewrite them where they lie. Knows no
 * batch and no column, and keeps nothing between two calls.
 */

import * as layout from '../js/layout'

/** Below lies what the compiler keeps for itself. */
const roomAt: u32 = 1024
/** A vector is loaded where its first byte is within the heap. */
const slackBytes: u32 = 32
const vectorBytes: u32 = 16

const backslash: u16 = 0x5c
const letterX: u16 = 0x78
/** The start of a bytea in hex form, `\x`, as it is read. */
const hexPrefix: u16 = (letterX << 8) | backslash
const hexPrefixBytes: u32 = 2

/** Makes `bytes` writable and answers their address, a multiple of 16; 0 if memory is exhausted. */
export function reserve(bytes: u32): u32 {
  const wanted = <u64>roomAt + bytes + slackBytes
  const pages = <u32>((wanted + 65535) >> 16)
  const missing = <i32>pages - memory.size()
  if (missing > 0 && memory.grow(missing) == -1) return 0
  return roomAt
}

/**
 * Rewrites `rows` + 1 offsets into a UTF-8 heap as offsets into the same text in UTF-16, if every text is valid
 * (The Unicode Standard, table 3-7). Answers one of the texts… numbers of layout.ts.
 */
export function toUtf16Offsets(heap: u32, heapBytes: u32, offsets: u32, rows: u32): i32 {
  if (!areInOrder(heapBytes, offsets, rows)) return layout.textsMisplaced
  const end = heap + load<u32>(offsets + rows * 4)
  if (asciiUntil(heap, end) == end) return layout.textsPlain
  let units: u32 = 0
  let from = heap
  for (let row: u32 = 0; row < rows; row++) {
    const at = offsets + row * 4
    const until = heap + load<u32>(at, 4)
    const count = countUnits(from, until)
    if (count < 0) return layout.textsUnreadable
    units += count
    store<u32>(at, units, 4)
    from = until
  }
  return layout.textsConverted
}

/** Rewrites texts such as `\x0aff` as the bytes they tell of, and their offsets with them. Empty ones stay empty. */
export function decodeHex(heap: u32, heapBytes: u32, offsets: u32, rows: u32): i32 {
  if (!areInOrder(heapBytes, offsets, rows)) return layout.textsMisplaced
  let from = heap
  let to = heap
  for (let row: u32 = 0; row < rows; row++) {
    const at = offsets + row * 4
    const until = heap + load<u32>(at, 4)
    if (until != from) {
      const digits = until - from - hexPrefixBytes
      if (until - from < hexPrefixBytes || digits & 1 || load<u16>(from) != hexPrefix)
        return layout.textsUnreadable
      const end = decodeDigits(from + hexPrefixBytes, until, to)
      if (end == 0) return layout.textsUnreadable
      to = end
    }
    from = until
    store<u32>(at, to - heap, 4)
  }
  return layout.textsConverted
}

/** Whether the offsets begin with 0, never fall, and stay within the heap. */
function areInOrder(heapBytes: u32, offsets: u32, rows: u32): bool {
  let last = load<u32>(offsets)
  if (last != 0) return false
  for (let row: u32 = 0; row < rows; row++) {
    const next = load<u32>(offsets + row * 4, 4)
    if (next < last) return false
    last = next
  }
  return last <= heapBytes
}

/** The address of the first byte from `at` on that is not ASCII, or of the vector it is in, or `end`. */
function asciiUntil(at: u32, end: u32): u32 {
  while (at + vectorBytes <= end) {
    if (v128.any_true(v128.and(v128.load(at), i8x16.splat(-128)))) return at
    at += vectorBytes
  }
  while (at < end && load<u8>(at) < 0x80) at++
  return at
}

/** How many UTF-16 units the text between two addresses has; -1 if it is not UTF-8. */
function countUnits(from: u32, until: u32): i32 {
  let units: i32 = 0
  let at = from
  while (at < until) {
    const lead = load<u8>(at)
    if (lead < 0x80) {
      const next = asciiUntil(at, until)
      const run = max<u32>(next - at, 1)
      units += run
      at += run
      continue
    }
    const size = sequenceBytes(lead, at, until)
    if (size == 0) return -1
    units += size == 4 ? 2 : 1
    at += size
  }
  return units
}

/** The length of the sequence that `lead` begins; 0 if it is not one. */
function sequenceBytes(lead: u32, at: u32, until: u32): u32 {
  if (lead < 0xc2 || lead > 0xf4) return 0
  const size: u32 = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  if (until - at < size) return 0
  const second = <u32>load<u8>(at, 1)
  const lowest: u32 = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80
  const highest: u32 = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf
  if (second < lowest || second > highest) return 0
  if (size > 2 && (load<u8>(at, 2) & 0xc0) != 0x80) return 0
  if (size > 3 && (load<u8>(at, 3) & 0xc0) != 0x80) return 0
  return size
}

/** Answers the address behind the last byte written; 0 where something is no digit. */
function decodeDigits(from: u32, until: u32, to: u32): u32 {
  let at = from
  while (at + vectorBytes <= until) {
    const chars = v128.load(at)
    const nibbles = nibblesOf(chars)
    if (v128.any_true(i8x16.gt_u(nibbles, i8x16.splat(15)))) return 0
    // Each pair of digits is a 16-bit lane with the higher one first: (low byte << 4) | high byte.
    const pairs = v128.or(i16x8.shl(nibbles, 4), i16x8.shr_u(nibbles, 8))
    const bytes = i8x16.narrow_i16x8_u(v128.and(pairs, i16x8.splat(0xff)), i16x8.splat(0))
    store<u64>(to, i64x2.extract_lane(bytes, 0))
    at += vectorBytes
    to += vectorBytes >> 1
  }
  while (at < until) {
    const high = nibbleOf(load<u8>(at))
    const low = nibbleOf(load<u8>(at, 1))
    if ((high | low) > 15) return 0
    store<u8>(to, (high << 4) | low)
    at += 2
    to += 1
  }
  return to
}

/** The values of sixteen hex digits; more than 15 where one is none. */
function nibblesOf(chars: v128): v128 {
  const digits = i8x16.sub(chars, i8x16.splat(0x30))
  const letters = i8x16.sub(v128.or(chars, i8x16.splat(0x20)), i8x16.splat(0x61))
  const isDigit = i8x16.lt_u(digits, i8x16.splat(10))
  const isLetter = i8x16.lt_u(letters, i8x16.splat(6))
  const values = v128.bitselect(digits, i8x16.add(letters, i8x16.splat(10)), isDigit)
  return v128.or(values, v128.not(v128.or(isDigit, isLetter)))
}

function nibbleOf(char: u32): u32 {
  const digit = char - 0x30
  if (digit < 10) return digit
  const letter = (char | 0x20) - 0x61
  return letter < 6 ? letter + 10 : 255
}
