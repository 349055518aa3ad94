/**
 * The module's memory: the columns, the start of each row, and the arena, which holds the messages of the rows
 * densely and the unread bytes behind them. Everything behind the arena's end is free for the encoder. Knows
 * where things lie and not what they mean.
 */

/** The table of kinds is at a fixed address, the row starts follow it, the arena follows them. */
const kindsAt: u32 = 1024
const rowStartsAt: u32 = 65536

/** Room for rows at first, in 256 KiB: more than a usual batch has. When it is full, the arena moves up. */
const rowCapacityMin: u32 = 65536

/**
 * Readable and writable bytes behind whatever is in use: vector loads and stores reach up to 31 bytes over, and
 * a row is read ahead of its checks by at most 12 bytes for each of 1,664 columns.
 */
const slackBytes: u32 = 32768

/** Memory grows by at least 1 MiB or an eighth, since each growth costs the caller a new view. */
const growthPagesMin: u32 = 16

let rowCapacity: u32 = rowCapacityMin
let arenaAt: u32 = rowStartsAt + rowCapacityMin * 4

let columns: u32 = 0
let rows: u32 = 0
/** Rows end here and unread bytes start at `cursor`; between them lies what has been consumed. */
let rowsEnd: u32 = arenaAt
let cursor: u32 = arenaAt
let end: u32 = arenaAt

export function setColumnCount(count: u32): void {
  columns = count
}

/** A column's kind is set before any row is encoded. */
export function setColumnKind(column: u32, kind: u32): void {
  store<u8>(kindsAt + column, <u8>kind)
}

export function columnCount(): u32 {
  return columns
}

export function columnKind(column: u32): i32 {
  return load<u8>(kindsAt + column)
}

export function rowCount(): u32 {
  return rows
}

export function rowBytes(): u32 {
  return rowsEnd - arenaAt
}

/** Where the address of each row's message is kept, u32 by u32, and behind the last one where that ends. */
export function rowStarts(): u32 {
  return rowStartsAt
}

/** Notes where the last row ends, as if another one started there. */
export function endRows(): void {
  store<u32>(rowStartsAt + rows * 4, rowsEnd)
}

/** Whether another row would leave no room for its end. */
export function isFull(row: u32): bool {
  return row + 2 > rowCapacity
}

export function unreadAt(): u32 {
  return cursor
}

export function unreadBytes(): u32 {
  return end - cursor
}

/** Bytes consumed between rows and unread bytes: how far down the next row has to move. */
export function gapBytes(): u32 {
  return cursor - rowsEnd
}

/** Makes `count` bytes behind the unread ones unread too, and answers their address; 0 if memory is exhausted. */
export function reserve(count: u32): u32 {
  closeGap()
  if (!ensureMemory(<u64>end + count)) return 0
  const at = end
  end += count
  return at
}

/** Consumes `count` unread bytes. */
export function drop(count: u32): void {
  cursor += count
}

/** Rows up to `count` have been moved down and noted in rowStarts; `bytes` unread bytes became rows. */
export function keepRows(count: u32, bytes: u32): void {
  rows = count
  rowsEnd += bytes
  cursor += bytes
}

/** Forgets the rows; unread bytes stay. */
export function forgetRows(): void {
  rows = 0
  rowsEnd = arenaAt
}

/** Forgets rows and unread bytes. */
export function clear(): void {
  cursor = end
  forgetRows()
  closeGap()
}

/** Where `bytes` may be written until the next reserve; 0 if memory is exhausted. */
export function scratch(bytes: u64): u32 {
  const at = (end + slackBytes + 15) & ~15
  return ensureMemory(at + bytes) ? at : 0
}

/** Doubles the room for row starts by moving the arena up, and every row start with it. */
export function growRowStarts(): bool {
  const added = rowCapacity * 4
  if (!ensureMemory(<u64>end + added)) return false
  memory.copy(arenaAt + added, arenaAt, end - arenaAt)
  for (let row: u32 = 0; row < rows; row++) {
    const at = rowStartsAt + row * 4
    store<u32>(at, load<u32>(at) + added)
  }
  rowCapacity *= 2
  arenaAt += added
  rowsEnd += added
  cursor += added
  end += added
  return true
}

/** Moves the unread bytes down to the rows, over what has been consumed. */
function closeGap(): void {
  if (cursor == rowsEnd) return
  const count = end - cursor
  memory.copy(rowsEnd, cursor, count)
  cursor = rowsEnd
  end = cursor + count
}

function ensureMemory(endAt: u64): bool {
  const wanted = endAt + slackBytes
  const pages = <u32>memory.size()
  if (wanted <= (<u64>pages) << 16) return true
  const missing = ((wanted + 65535) >> 16) - pages
  // memory.grow takes an u32, and anything near that is far beyond the module's maximum.
  if (missing > 65535) return false
  const generous = max(<u32>missing, max(growthPagesMin, pages >> 3))
  return memory.grow(generous) != -1 || memory.grow(<u32>missing) != -1
}
