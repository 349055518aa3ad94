/**
 * Rows as programs read them: as objects, as arrays, or column by column without any object for a row. Made of the
 * chunks of a result, and decoded when first asked for. Knows no connection.
 */

import type { ResultField } from './result-field.ts'
import type { RowChunk, TypedValues } from './row-chunk.ts'

/** One column of some rows. */
export interface ResultColumnValues {
  readonly field: ResultField
  /**
   * A typed array for bool (0 and 1), int2, int4, oid, int8 and float8, with 0 where a value is NULL; of other types
   * an array of what `rows` has.
   */
  readonly values: TypedValues | readonly unknown[]
  isNull(row: number): boolean
}

/** Rows of a result: all of them, or those that came together. */
export class RowBatch<Row = Record<string, unknown>> implements Iterable<Row> {
  /** The columns of the result. */
  readonly fields: readonly ResultField[]
  readonly #chunks: readonly RowChunk[]
  #rows: Row[] | null = null

  constructor(fields: readonly ResultField[], chunks: readonly RowChunk[]) {
    this.fields = fields
    this.#chunks = chunks
  }

  /** How many rows there are here. */
  get length(): number {
    return this.#chunks.reduce((count, chunk) => count + chunk.rowCount, 0)
  }

  /** Each row as an object; of columns of the same name the last one wins. Decoded once. */
  get rows(): Row[] {
    this.#rows ??= this.#chunks.flatMap((chunk) => objectsOf<Row>(chunk, this.fields))
    return this.#rows
  }

  /** Each row as an array, in the order of the columns. */
  arrays(): unknown[][] {
    return this.#chunks.flatMap((chunk) => {
      const columns = this.fields.map((field, index) => chunk.values(field, index))
      return Array.from({ length: chunk.rowCount }, (_, row) => columns.map((values) => values[row]))
    })
  }

  /** Each column at once. The typed arrays of a single chunk are views over what was received: not to be changed. */
  columns(): ResultColumnValues[] {
    return this.fields.map((field, index) => {
      const typed = this.#chunks.map((chunk) => chunk.typed(field, index))
      const values = joinTyped(typed) ?? this.#chunks.flatMap((chunk) => chunk.values(field, index))
      return { field, values, isNull: (row) => this.#isNull(index, row) }
    })
  }

  [Symbol.iterator](): Iterator<Row> {
    return this.rows[Symbol.iterator]()
  }

  #isNull(index: number, row: number): boolean {
    let first = 0
    for (const chunk of this.#chunks) {
      if (row < first + chunk.rowCount) return chunk.isNull(index, row - first)
      first += chunk.rowCount
    }
    return false
  }
}

/** Column after column, so that each row gets its properties in the same order and shares one shape. */
function objectsOf<Row>(chunk: RowChunk, fields: readonly ResultField[]): Row[] {
  const objects: Record<string, unknown>[] = Array.from({ length: chunk.rowCount }, () => ({}))
  for (const [index, { name }] of fields.entries()) {
    const values = chunk.values(fields[index] ?? { name, type: 0, table: null, column: null }, index)
    if (name === '__proto__') defineProto(objects, values)
    else for (let row = 0; row < objects.length; row += 1) (objects[row] ?? {})[name] = values[row]
  }
  // What a row is, is the caller's word: SQL is not checked against it.
  return objects as Row[]
}

/** A column may have this name, and must not become the row's prototype. */
function defineProto(objects: readonly Record<string, unknown>[], values: readonly unknown[]): void {
  for (const [row, object] of objects.entries()) {
    Object.defineProperty(object, '__proto__', { value: values[row], enumerable: true, writable: true })
  }
}

function joinTyped(parts: readonly (TypedValues | null)[]): TypedValues | null {
  const [first = null] = parts
  if (parts.length <= 1 || first === null) return first
  const length = parts.reduce((sum, part) => sum + (part?.length ?? 0), 0)
  if (first instanceof BigInt64Array) return filled(new BigInt64Array(length), parts)
  if (first instanceof Float64Array) return filled(new Float64Array(length), parts)
  if (first instanceof Int32Array) return filled(new Int32Array(length), parts)
  if (first instanceof Uint32Array) return filled(new Uint32Array(length), parts)
  return filled(new Uint8Array(length), parts)
}

function filled<T extends TypedValues>(whole: T, parts: readonly (TypedValues | null)[]): T {
  let at = 0
  for (const part of parts) {
    // All parts of a column are of one type, which the endpoint cannot change between two chunks.
    if (part) whole.set(part as unknown as ArrayLike<never>, at)
    at += part?.length ?? 0
  }
  return whole
}
