/**
 * Writes column batches for tests and benchmarks: plain values in, one buffer in the layout of column-batch.ts
 * out. Slow and simple on purpose; the product's own writers are checked against readers of the same layout.
 */

import {
  batchDirectoryEntryBytes,
  batchHeaderBytes,
  batchMagic,
  columnKinds,
  type ColumnKind,
} from '../../src/contract/column-batch.ts'

type CellValue = boolean | number | bigint | string | null

/** One column: its kind and a value for each row; text columns take strings, int64 ones bigints. */
export interface EncodableColumn {
  readonly kind: ColumnKind
  readonly values: readonly CellValue[]
}

interface Regions {
  readonly validity: Uint8Array | null
  readonly values: Uint8Array
  readonly heap: Uint8Array
  readonly nullCount: number
}

/** Encodes `columns`, which all have `rowCount` values. */
export function encodeBatch(columns: readonly EncodableColumn[], rowCount: number): ArrayBuffer {
  const regions = columns.map((column) => encodeColumn(column, rowCount))
  let at = align(batchHeaderBytes + columns.length * batchDirectoryEntryBytes)
  const place = (bytes: Uint8Array): number => {
    const start = at
    at = align(at + bytes.byteLength)
    return start
  }
  const placed = regions.map((region) => ({
    validityAt: region.validity ? place(region.validity) : 0,
    valuesAt: place(region.values),
    heapAt: region.heap.byteLength > 0 ? place(region.heap) : 0,
  }))
  const buffer = new ArrayBuffer(at)
  new Uint32Array(buffer, 0, 4).set([batchMagic, columns.length, rowCount, at])
  const directory = new Uint32Array(buffer, batchHeaderBytes, columns.length * 6)
  for (const [index, region] of regions.entries()) {
    const { validityAt = 0, valuesAt = 0, heapAt = 0 } = placed[index] ?? {}
    const entry = [columns[index]?.kind ?? 0, region.nullCount, validityAt, valuesAt, heapAt]
    directory.set([...entry, region.heap.byteLength], index * 6)
    if (region.validity) new Uint8Array(buffer, validityAt).set(region.validity)
    new Uint8Array(buffer, valuesAt).set(region.values)
    if (region.heap.byteLength > 0) new Uint8Array(buffer, heapAt).set(region.heap)
  }
  return buffer
}

function align(bytes: number): number {
  return (bytes + 7) & ~7
}

function encodeColumn(column: EncodableColumn, rowCount: number): Regions {
  const validity = new Uint8Array((rowCount + 7) >> 3)
  let nullCount = 0
  for (let row = 0; row < rowCount; row += 1) {
    if ((column.values[row] ?? null) === null) nullCount += 1
    else validity[row >> 3] = (validity[row >> 3] ?? 0) | (1 << (row & 7))
  }
  const { values, heap } =
    column.kind === columnKinds.text ? encodeTexts(column.values, rowCount) : encodeFixed(column, rowCount)
  return { validity: nullCount > 0 ? validity : null, values, heap, nullCount }
}

function encodeTexts(
  values: readonly CellValue[],
  rowCount: number,
): { values: Uint8Array; heap: Uint8Array } {
  const encoder = new TextEncoder()
  const offsets = new Uint32Array(rowCount + 1)
  const parts: Uint8Array[] = []
  let at = 0
  for (let row = 0; row < rowCount; row += 1) {
    const value = values[row] ?? null
    const bytes = value === null ? new Uint8Array() : encoder.encode(String(value))
    parts.push(bytes)
    at += bytes.byteLength
    offsets[row + 1] = at
  }
  const heap = new Uint8Array(at)
  for (const [row, bytes] of parts.entries()) heap.set(bytes, offsets[row])
  return { values: new Uint8Array(offsets.buffer), heap }
}

function encodeFixed(column: EncodableColumn, rowCount: number): { values: Uint8Array; heap: Uint8Array } {
  const bytesPerRow = column.kind === columnKinds.bool ? 1 : column.kind >= columnKinds.int64 ? 8 : 4
  const values = new Uint8Array(rowCount * bytesPerRow)
  const view = new DataView(values.buffer)
  for (let row = 0; row < rowCount; row += 1) {
    const value = column.values[row] ?? null
    if (value === null) continue
    const at = row * bytesPerRow
    if (column.kind === columnKinds.bool) view.setUint8(at, value === true ? 1 : 0)
    else if (column.kind === columnKinds.int32) view.setInt32(at, Number(value), true)
    else if (column.kind === columnKinds.uint32) view.setUint32(at, Number(value), true)
    else if (column.kind === columnKinds.int64) view.setBigInt64(at, BigInt(value), true)
    else view.setFloat64(at, Number(value), true)
  }
  return { values, heap: new Uint8Array() }
}
