/**
 * Encodes the values of one text column: offsets and a dense heap of bytes. Writes one bit a row to `validity`,
 * moves the cursors on, and answers the number of nulls, or -1 when a text reaches beyond its row.
 */

import { rowCount, rowStarts } from './arena'

const wireNull: u32 = 0xffffffff
/** A field's length comes before its value. */
const lengthBytes: u32 = 4
const blockRows: u32 = 8
/** From here on a call of memory.copy costs less than a loop of vectors. */
const copyByVectorMax: u32 = 512

/** Writes one offset more than there are rows, and every text, null as empty. */
export function encodeTexts(cursors: u32, offsets: u32, validity: u32, heap: u32): i32 {
  const rows = rowCount()
  const starts = rowStarts()
  let offset: u32 = 0
  let present: u32 = 0
  store<u32>(offsets, 0)
  for (let block: u32 = 0; block < rows; block += blockRows) {
    const blockEnd = min(block + blockRows, rows)
    let bits: u32 = 0
    for (let row = block; row < blockEnd; row++) {
      const at = load<u32>(cursors + row * 4)
      const wireLength = load<u32>(at)
      const isPresent = <u32>(wireLength != wireNull)
      const length = bswap(wireLength) & -isPresent
      const end = <u64>at + lengthBytes + length
      if (end > <u64>load<u32>(starts + row * 4, 4)) return -1
      copyText(heap + offset, at + lengthBytes, length)
      offset += length
      store<u32>(offsets + row * 4, offset, 4)
      store<u32>(cursors + row * 4, <u32>end)
      bits |= isPresent << (row & 7)
    }
    store<u8>(validity + (block >> 3), <u8>bits)
    present += popcnt(bits)
  }
  return rows - present
}

/**
 * Copies in pairs of vectors, up to 31 bytes too many, which the next text or region overwrites: one step for most
 * texts, so that their lengths cost no mispredicted branches.
 */
function copyText(to: u32, from: u32, length: u32): void {
  if (length > copyByVectorMax) {
    memory.copy(to, from, length)
    return
  }
  let done: u32 = 0
  do {
    v128.store(to + done, v128.load(from + done))
    v128.store(to + done, v128.load(from + done, 16), 16)
    done += 32
  } while (done < length)
}
