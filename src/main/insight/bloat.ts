/**
 * How large a heap or a B-tree would be if it had nothing but its rows, from the layout of a page (PostgreSQL 18
 * documentation, section 66.6) and the widths that ANALYZE has measured (pg_stats, section 53.27). An estimate: padding
 * between columns is not counted, and a deduplicated index is smaller than it says. Knows no query.
 */

/** What the answer says of it. */
export const bloatSource =
  'Estimated from the layout of pages (PostgreSQL documentation, “Database Page Layout”) and the average widths in ' +
  'pg_stats, as of the last ANALYZE. Padding between columns is left out, so some percent are none; the extension ' +
  'pgstattuple measures it exactly.'

/** PageHeaderData, ItemIdData, HeapTupleHeaderData before its null bitmap, IndexTupleData: the same section. */
const pageHeaderBytes = 24
const lineBytes = 4
const rowHeaderBytes = 23
const indexRowHeaderBytes = 8
/** BTPageOpaqueData at the end of a page of a B-tree (access/nbtree.h). */
const btreeTailBytes = 16
/** Of columns that may be NULL, in an index: for 32 columns (INDEX_MAX_KEYS). */
const indexNullBytes = 4
/** MAXIMUM_ALIGNOF of every platform that Postgres runs on today. */
const alignment = 8

export interface Rows {
  /** As the planner counted them when the pages were counted. */
  readonly rows: number
  readonly pages: number
  readonly pageBytes: number
  /** In per cent. */
  readonly fillFactor: number
  /** Of all columns, without those that are NULL. */
  readonly widthBytes: number
  readonly hasNulls: boolean
  readonly columnCount: number
}

/** Bytes of the pages that a heap would not need. */
export function heapBloatBytes(heap: Rows): number {
  const { widthBytes, hasNulls, columnCount, pageBytes, fillFactor } = heap
  const nullBytes = hasNulls ? Math.ceil(columnCount / 8) : 0
  const row = aligned(rowHeaderBytes + nullBytes) + aligned(widthBytes) + lineBytes
  const room = ((pageBytes - pageHeaderBytes) * fillFactor) / 100
  return spareBytes(heap, pagesFor(heap.rows, row, room))
}

/** Bytes of the pages that a B-tree would not need; 0 for one that deduplication has made smaller. */
export function btreeBloatBytes(index: Rows): number {
  const { widthBytes, hasNulls, pageBytes, fillFactor } = index
  const header = indexRowHeaderBytes + (hasNulls ? indexNullBytes : 0)
  const row = aligned(aligned(header) + widthBytes) + lineBytes
  const room = ((pageBytes - pageHeaderBytes - btreeTailBytes) * fillFactor) / 100
  const leaves = pagesFor(index.rows, row, room)
  // Inner pages point at leaves with rows of the same kind; one page more tells where the root is.
  const inner = leaves > 1 ? Math.ceil(pagesFor(leaves, row, room)) : 0
  return spareBytes(index, leaves + inner + 1)
}

/** A row does not lie on two pages. */
function pagesFor(rows: number, rowBytes: number, roomBytes: number): number {
  return Math.ceil(rows / Math.max(1, Math.floor(roomBytes / rowBytes)))
}

function spareBytes({ pages, pageBytes }: Rows, needed: number): number {
  return Math.max(0, pages - needed) * pageBytes
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment
}
