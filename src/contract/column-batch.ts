/**
 * The layout of a column batch: the columns of some rows in one ArrayBuffer, little-endian, Arrow-shaped, so
 * that it can be handed from thread to thread and drawn from without a copy. Knows no SQL and no decoder.
 *
 * Header, 16 bytes: magic u32 · column count u32 · row count u32 · byte length u32.
 * Directory, 24 bytes a column: kind u32 · null count u32 · validity offset u32 (0 = no nulls) · values offset
 * u32 · heap offset u32 (0 = none) · heap length u32.
 * Regions start at multiples of 8. Validity: one bit a row, least significant first, 1 = present. Values: the
 * typed array of the kind; null slots are zero. Text: u32 offsets (row count + 1) into the heap, then the heap.
 */

import { WorkbenchError } from './error.ts'

/** How the values of a column lie in a batch. The numbers are part of the layout. */
export const columnKinds = {
  /** One byte a row, 0 or 1. */
  bool: 1,
  /** int2 and int4 as i32. */
  int32: 2,
  /** oid, xid and the like as u32. */
  uint32: 3,
  /** int8 as i64. */
  int64: 4,
  /** float8 as IEEE 754 binary64; every bit pattern is kept. */
  float64: 5,
  /** Everything else: the text that Postgres printed, as UTF-8. */
  text: 6,
} as const

export type ColumnKind = (typeof columnKinds)[keyof typeof columnKinds]

/** 'WCB1' read as a little-endian u32. */
export const batchMagic = 0x31424357
export const batchHeaderBytes = 16
export const batchDirectoryEntryBytes = 24

/** One column of a batch, as views over the batch's buffer. */
export interface ColumnView {
  readonly kind: ColumnKind
  readonly nullCount: number
  /** Null when no row is null. */
  readonly validity: Uint8Array | null
  readonly values: Uint8Array | Int32Array | Uint32Array | BigInt64Array | Float64Array
  /** The bytes of all texts; empty for fixed-width kinds. */
  readonly heap: Uint8Array
}

const bytesPerValue: Record<ColumnKind, number> = { 1: 1, 2: 4, 3: 4, 4: 8, 5: 8, 6: 4 }

function isColumnKind(value: number): value is ColumnKind {
  return value >= 1 && value <= 6
}

/** Reads a batch in place. Column views are made when first asked for, since a wide result shows few columns. */
export class ColumnBatch {
  readonly buffer: ArrayBuffer
  readonly rowCount: number
  readonly columnCount: number
  readonly #at: number
  readonly #byteLength: number
  readonly #directory: Uint32Array
  readonly #columns: (ColumnView | undefined)[]

  /**
   * Throws `invalid-message` when the buffer is not a batch or a region lies outside it. The batch may be a part of
   * the buffer, from `at` on, which is a multiple of 8.
   */
  constructor(buffer: ArrayBuffer, at = 0, bytes = buffer.byteLength - at) {
    if (bytes < batchHeaderBytes || bytes % 4 !== 0) throw broken('is too short')
    const [magic = 0, columnCount = 0, rowCount = 0, byteLength = 0] = new Uint32Array(buffer, at, 4)
    if (magic !== batchMagic) throw broken('has the wrong magic number')
    if (byteLength !== bytes) throw broken('has the wrong length')
    if (batchHeaderBytes + columnCount * batchDirectoryEntryBytes > byteLength) throw broken('is cut short')
    this.buffer = buffer
    this.rowCount = rowCount
    this.columnCount = columnCount
    this.#at = at
    this.#byteLength = byteLength
    this.#directory = new Uint32Array(buffer, at + batchHeaderBytes, columnCount * 6)
    this.#columns = new Array<ColumnView | undefined>(columnCount)
  }

  /** The views of column `index`, counted from 0. */
  column(index: number): ColumnView {
    const known = this.#columns[index]
    if (known) return known
    if (!(index >= 0 && index < this.columnCount)) throw broken(`has no column ${index}`)
    const [kind = 0, nullCount = 0, validityAt = 0, valuesAt = 0, heapAt = 0, heapBytes = 0] =
      this.#directory.subarray(index * 6, index * 6 + 6)
    if (!isColumnKind(kind)) throw broken(`has a column of unknown kind ${kind}`)
    const slots = kind === columnKinds.text ? this.rowCount + 1 : this.rowCount
    this.#check(valuesAt, slots * bytesPerValue[kind])
    this.#check(heapAt, heapBytes)
    if (validityAt > 0) this.#check(validityAt, (this.rowCount + 7) >> 3)
    const view: ColumnView = {
      kind,
      nullCount,
      validity: validityAt > 0 ? this.#bytes(validityAt, (this.rowCount + 7) >> 3) : null,
      values: valuesView(this.buffer, kind, { at: this.#at + valuesAt, slots }),
      heap: this.#bytes(heapAt, heapBytes),
    }
    this.#columns[index] = view
    return view
  }

  #bytes(at: number, count: number): Uint8Array {
    return new Uint8Array(this.buffer, this.#at + at, count)
  }

  #check(at: number, bytes: number): void {
    if (at + bytes > this.#byteLength) throw broken('has a region outside its buffer')
  }
}

/** Whether row `row` of `column` is NULL. */
export function isNull(column: ColumnView, row: number): boolean {
  return column.validity !== null && (((column.validity[row >> 3] ?? 0) >> (row & 7)) & 1) === 0
}

/** The bytes of a text cell, as a view; empty for NULL. */
export function textBytes(column: ColumnView, row: number): Uint8Array {
  return column.heap.subarray(Number(column.values[row] ?? 0), Number(column.values[row + 1] ?? 0))
}

function valuesView(
  buffer: ArrayBuffer,
  kind: ColumnKind,
  region: { at: number; slots: number },
): ColumnView['values'] {
  const { at, slots } = region
  switch (kind) {
    case columnKinds.bool:
      return new Uint8Array(buffer, at, slots)
    case columnKinds.int32:
      return new Int32Array(buffer, at, slots)
    case columnKinds.int64:
      return new BigInt64Array(buffer, at, slots)
    case columnKinds.float64:
      return new Float64Array(buffer, at, slots)
    case columnKinds.uint32:
    case columnKinds.text:
      return new Uint32Array(buffer, at, slots)
  }
}

function broken(what: string): WorkbenchError {
  return new WorkbenchError('invalid-message', `The result batch ${what}; run the statement again`)
}
