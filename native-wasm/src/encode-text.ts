/**
 * Encodes the values of one text column: offsets and a dense heap of bytes. The rows have been checked.
 * `validity` is 0 when no row is null.
 */

import { rowCount, rowStart } from './arena'

const wireNull: u32 = 0xffffffff
/** A field's length comes before its value. */
const lengthBytes: u32 = 4
/** From here on a call of memory.copy costs less than a loop of vectors. */
const copyByVectorMax: u32 = 128

/** Writes one offset more than there are rows, and every text, null as empty. */
export function encodeTexts(validity: u32, offsets: u32, heap: u32): void {
  let bits: u32 = 0
  let offset: u32 = 0
  store<u32>(offsets, 0)
  for (let row: u32 = 0; row < rowCount(); row++) {
    const at = load<u32>(rowStart(row))
    const wireLength = load<u32>(at)
    const isPresent = <u32>(wireLength != wireNull)
    const length = bswap(wireLength) & -isPresent
    copyText(heap + offset, at + lengthBytes, length)
    offset += length
    store<u32>(offsets + row * 4, offset, 4)
    store<u32>(rowStart(row), at + lengthBytes + length)
    if (validity != 0) {
      bits |= isPresent << (row & 7)
      if ((row & 7) == 7) {
        store<u8>(validity + (row >> 3), <u8>bits)
        bits = 0
      }
    }
  }
  if (validity != 0 && (rowCount() & 7) != 0) store<u8>(validity + (rowCount() >> 3), <u8>bits)
}

/** Copies in whole vectors, up to 15 bytes too many, which the next text or region overwrites. */
function copyText(to: u32, from: u32, length: u32): void {
  if (length > copyByVectorMax) {
    memory.copy(to, from, length)
    return
  }
  let done: u32 = 0
  do {
    v128.store(to + done, v128.load(from + done))
    done += 16
  } while (done < length)
}
