/**
 * Where everything of a batch lies: computed from the counts alone, before a byte is written, so that the batch
 * is allocated once and exactly. The layout itself is described in src/contract/column-batch.ts.
 */

import * as layout from './layout.ts'

/** What is counted of rows before they are laid out. */
export interface BatchCounts {
  readonly kinds: Uint8Array
  readonly rows: number
  /** Of each column; heap bytes are those of all values, whatever the kind. */
  readonly nullCounts: Uint32Array
  readonly heapBytes: Uint32Array
}

/** One column's regions, as byte offsets within the batch; 0 = the batch has no such region. */
export interface ColumnPlan {
  readonly kind: number
  readonly nullCount: number
  readonly validityAt: number
  readonly valuesAt: number
  readonly heapAt: number
  readonly heapBytes: number
}

interface BatchPlan {
  readonly columns: readonly ColumnPlan[]
  /** A buffer with head and directory filled in and everything else zero; null when there is no memory. */
  createBuffer(): ArrayBuffer | null
}

/** Lays out a batch: head, directory, then values, heap and validity of each column in turn. */
export function planBatch(counts: BatchCounts): BatchPlan {
  const columns: ColumnPlan[] = []
  let end = layout.batchHeaderBytes + counts.kinds.length * layout.batchDirectoryEntryBytes
  const place = (bytes: number): number => {
    const at = Math.ceil(end / layout.regionAlignment) * layout.regionAlignment
    end = at + bytes
    return at
  }
  counts.kinds.forEach((kind, column) => {
    const nullCount = counts.nullCounts[column] ?? 0
    const heapBytes = kind === layout.kindText ? (counts.heapBytes[column] ?? 0) : 0
    const valuesAt = place(valuesBytes(kind, counts.rows))
    const heapAt = heapBytes > 0 ? place(heapBytes) : 0
    const validityAt = nullCount > 0 ? place(Math.ceil(counts.rows / 8)) : 0
    columns.push({ kind, nullCount, validityAt, valuesAt, heapAt, heapBytes })
  })
  const byteLength = place(0)
  return { columns, createBuffer: () => createBuffer(columns, counts.rows, byteLength) }
}

function valuesBytes(kind: number, rows: number): number {
  switch (kind) {
    case layout.kindBool:
      return rows
    case layout.kindInt64:
    case layout.kindFloat64:
      return rows * 8
    case layout.kindText:
      return (rows + 1) * 4
    default:
      return rows * 4
  }
}

function createBuffer(columns: readonly ColumnPlan[], rows: number, byteLength: number): ArrayBuffer | null {
  const words = tryAllocateWords(byteLength)
  if (words === null) return null
  words.set([layout.batchMagic, columns.length, rows, byteLength])
  let at = layout.batchHeaderBytes / 4
  for (const column of columns) {
    const { kind, nullCount, validityAt, valuesAt, heapAt, heapBytes } = column
    words.set([kind, nullCount, validityAt, valuesAt, heapAt, heapBytes], at)
    at += layout.batchDirectoryEntryBytes / 4
  }
  return words.buffer
}

function tryAllocateWords(bytes: number): Uint32Array<ArrayBuffer> | null {
  try {
    return new Uint32Array(bytes / 4)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}
