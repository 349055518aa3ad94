/**
 * The reader of texts in TypeScript: the oracle of the WebAssembly one, and what runs where that cannot, such as on a
 * page whose policy forbids WebAssembly.
 */

import { misplacedOffsets } from './text-reader.ts'
import type { ByteTexts, TextReader } from './text-reader.ts'

const backslash = 0x5c
const letterX = 0x78
const hexPrefixBytes = 2

/** Makes the twin; `fallbackReason` says why it is not the other one. */
export function createTwinTextReader(fallbackReason: string | null = null): TextReader {
  return { name: 'twin', fallbackReason, utf16Offsets, hexBytes }
}

function utf16Offsets(heap: Uint8Array, offsets: Uint32Array): Uint32Array | null {
  checkOffsets(heap, offsets)
  const end = offsets[offsets.length - 1] ?? 0
  if (isAscii(heap, end)) return offsets
  const converted = new Uint32Array(offsets.length)
  let units = 0
  for (let row = 0; row + 1 < offsets.length; row += 1) {
    const count = countUnits(heap, offsets[row] ?? 0, offsets[row + 1] ?? 0)
    if (count < 0) return null
    units += count
    converted[row + 1] = units
  }
  return converted
}

function hexBytes(heap: Uint8Array, offsets: Uint32Array): ByteTexts | null {
  checkOffsets(heap, offsets)
  const bytes = new Uint8Array(heap.length >> 1)
  const places = new Uint32Array(offsets.length)
  let to = 0
  for (let row = 0; row + 1 < offsets.length; row += 1) {
    const from = offsets[row] ?? 0
    const until = offsets[row + 1] ?? 0
    if (from !== until) to = decodeHex(heap.subarray(from, until), bytes, to)
    if (to < 0) return null
    places[row + 1] = to
  }
  return { bytes: bytes.subarray(0, to), offsets: places }
}

/** Writes the bytes of one text to `bytes`, from `start` on. Answers where they end; -1 if it is no hex. */
function decodeHex(text: Uint8Array, bytes: Uint8Array, start: number): number {
  const isHex = text[0] === backslash && text[1] === letterX && text.length % 2 === 0
  if (!isHex) return -1
  let to = start
  for (let at = hexPrefixBytes; at < text.length; at += 2) {
    const byte = (nibbleOf(text[at] ?? 0) << 4) | nibbleOf(text[at + 1] ?? 0)
    if (byte > 255) return -1
    bytes[to++] = byte
  }
  return to
}

function checkOffsets(heap: Uint8Array, offsets: Uint32Array): void {
  let last = 0
  if (offsets.length === 0 || offsets[0] !== 0) throw misplacedOffsets()
  for (const offset of offsets) {
    if (offset < last) throw misplacedOffsets()
    last = offset
  }
  if (last > heap.length) throw misplacedOffsets()
}

function isAscii(heap: Uint8Array, end: number): boolean {
  for (let at = 0; at < end; at += 1) if ((heap[at] ?? 0) >= 0x80) return false
  return true
}

/** How many UTF-16 units the text has; -1 if it is not UTF-8. */
function countUnits(heap: Uint8Array, from: number, until: number): number {
  let units = 0
  let at = from
  while (at < until) {
    const lead = heap[at] ?? 0
    const size = lead < 0x80 ? 1 : sequenceBytes(heap, at, until)
    if (size === 0) return -1
    units += size === 4 ? 2 : 1
    at += size
  }
  return units
}

/** The length of the sequence that begins at `at`; 0 if none does (The Unicode Standard, table 3-7). */
function sequenceBytes(heap: Uint8Array, at: number, until: number): number {
  const lead = heap[at] ?? 0
  if (lead < 0xc2 || lead > 0xf4) return 0
  const size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  if (until - at < size) return 0
  const second = heap[at + 1] ?? 0
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
  if (second < lowest || second > highest) return 0
  if (size > 2 && ((heap[at + 2] ?? 0) & 0xc0) !== 0x80) return 0
  if (size > 3 && ((heap[at + 3] ?? 0) & 0xc0) !== 0x80) return 0
  return size
}

/** The value of a hex digit; more than 15 bits' worth where it is none. */
function nibbleOf(char: number): number {
  const digit = char - 0x30
  if (digit >= 0 && digit < 10) return digit
  const letter = (char | 0x20) - 0x61
  return letter >= 0 && letter < 6 ? letter + 10 : 0x1000
}
