/**
 * The module's memory: the columns, the start of each row, and the arena, which holds the messages of the rows
 * densely and the unread bytes behind them. Everything behind the arena's end is free for the encoder. Knows
 * where things lie and not what they mean.
 */

/** The column table is at a fixed address, the row starts follow it, the arena follows them. */
const columnTableAt: u32 = 1024
const columnEntryBytes: u32 = 32
const rowStartsAt: u32 = 65536

/** Room for rows at first, in 256 KiB: more than a usual batch has. When it is full, the arena moves up. */
const rowCapacityMin: u32 = 65536

/**
 * Readable and writable bytes behind whatever is in use: vector loads and stores reach up to 15 bytes over, and
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
  clearCounts()
}

/** A column's kind is set before any row is scanned. */
export function setColumnKind(column: u32, kind: u32): void {
  store<u32>(columnEntry(column), kind)
}

export function columnCount(): u32 {
  return columns
}

/**
 * A column's entry, eight u32: kind · nulls · bytes of texts (or number of int2 values) · then, while encoding,
 * the regions of the batch: validity · values · heap · heap's end.
 */
export function columnEntry(column: u32): u32 {
  return columnTableAt + column * columnEntryBytes
}

/** Where the address of a row's next field is kept. */
export function rowStart(row: u32): u32 {
  return rowStartsAt + row * 4
}

export function rowCount(): u32 {
  return rows
}

export function rowBytes(): u32 {
  return rowsEnd - arenaAt
}

export function unreadAt(): u32 {
  return cursor
}

export function unreadBytes(): u32 {
  return end - cursor
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

/** Keeps the `bytes` at the cursor as a row and consumes them. False if memory is exhausted. */
export function keepRow(bytes: u32, firstFieldAt: u32): bool {
  if (rows == rowCapacity && !growRowStarts()) return false
  if (rowsEnd != cursor) memory.copy(rowsEnd, cursor, bytes)
  store<u32>(rowStart(rows), rowsEnd + firstFieldAt)
  rows += 1
  rowsEnd += bytes
  cursor += bytes
  return true
}

/** Forgets the rows; unread bytes stay. */
export function forgetRows(): void {
  rows = 0
  rowsEnd = arenaAt
  clearCounts()
}

/** Forgets rows and unread bytes. */
export function clear(): void {
  cursor = end
  forgetRows()
  closeGap()
}

/** Where `bytes` may be written until the next reserve; 0 if memory is exhausted. */
export function scratch(bytes: u32): u32 {
  const at = (end + slackBytes + 15) & ~15
  return ensureMemory(<u64>at + bytes) ? at : 0
}

function clearCounts(): void {
  for (let column: u32 = 0; column < columns; column++) store<u64>(columnEntry(column), 0, 4)
}

/** Moves the unread bytes down to the rows, over what has been consumed. */
function closeGap(): void {
  if (cursor == rowsEnd) return
  const count = end - cursor
  memory.copy(rowsEnd, cursor, count)
  cursor = rowsEnd
  end = cursor + count
}

/** Doubles the room for row starts by moving the arena up, and every row start with it. */
function growRowStarts(): bool {
  const added = rowCapacity * 4
  if (!ensureMemory(<u64>end + added)) return false
  memory.copy(arenaAt + added, arenaAt, end - arenaAt)
  for (let row: u32 = 0; row < rows; row++) store<u32>(rowStart(row), load<u32>(rowStart(row)) + added)
  rowCapacity *= 2
  arenaAt += added
  rowsEnd += added
  cursor += added
  end += added
  return true
}

function ensureMemory(endAt: u64): bool {
  const wanted = endAt + slackBytes
  const pages = <u32>memory.size()
  if (wanted <= (<u64>pages) << 16) return true
  const missing = <u32>((wanted + 65535) >> 16) - pages
  const generous = max(missing, max(growthPagesMin, pages >> 3))
  return memory.grow(generous) != -1 || memory.grow(missing) != -1
}
