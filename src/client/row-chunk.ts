/**
 * Rows that came in one frame, in either of their forms, read column by column: values of JavaScript, or typed arrays
 * laid over what was received. Rows as objects are somebody else's.
 */

import { columnKinds, isNull } from '../contract/column-batch.ts'
import type { ColumnBatch, ColumnKind, ColumnView } from '../contract/column-batch.ts'
import type { TextRow } from '../protocol/answer-frame.ts'
import { readValues, readTextValues } from './column-values.ts'
import type { ReadingContext, ResultField } from './result-field.ts'
import { kindOfType } from './type-parsers.ts'
import { WardianError } from './wardian-error.ts'

/** The values of a column that a typed array holds; where a value is NULL there is 0. */
export type TypedValues = Uint8Array | Int32Array | Uint32Array | BigInt64Array | Float64Array

/** Rows, column by column. */
export interface RowChunk {
  readonly rowCount: number
  /** Memory that it holds, about. */
  readonly bytes: number
  /** What the values of a column are in JavaScript, NULL as null. */
  values(field: ResultField, index: number): unknown[]
  /** The typed array of a column; null where its type has none. */
  typed(field: ResultField, index: number): TypedValues | null
  /** Whether a value is NULL. */
  isNull(index: number, row: number): boolean
}

/** A column batch, in place in the message that it came with. */
export class ColumnChunk implements RowChunk {
  readonly rowCount: number
  readonly bytes: number
  readonly #batch: ColumnBatch
  readonly #context: ReadingContext

  constructor(batch: ColumnBatch, bytes: number, context: ReadingContext) {
    this.rowCount = batch.rowCount
    this.bytes = bytes
    this.#batch = batch
    this.#context = context
  }

  values(field: ResultField, index: number): unknown[] {
    return readValues({ column: this.#column(index), rowCount: this.rowCount }, field, this.#context)
  }

  typed(_field: ResultField, index: number): TypedValues | null {
    const column = this.#column(index)
    return column.kind === columnKinds.text ? null : column.values
  }

  isNull(index: number, row: number): boolean {
    return isNull(this.#column(index), row)
  }

  #column(index: number): ColumnView {
    try {
      return this.#batch.column(index)
    } catch (cause) {
      throw new WardianError('broken_answer', `Column ${index} does not lie in its batch`, { cause })
    }
  }
}

/** What a cell costs besides its text: a reference and a string's head. */
const cellBytes = 24

/** Rows of texts. */
export class TextChunk implements RowChunk {
  readonly rowCount: number
  readonly #rows: readonly TextRow[]
  readonly #context: ReadingContext

  constructor(rows: readonly TextRow[], context: ReadingContext) {
    this.rowCount = rows.length
    this.#rows = rows
    this.#context = context
  }

  get bytes(): number {
    let bytes = 0
    for (const row of this.#rows) for (const text of row) bytes += cellBytes + (text?.length ?? 0)
    return bytes
  }

  values(field: ResultField, index: number): unknown[] {
    const texts = this.#rows.map((row) => row[index] ?? null)
    return readTextValues(texts, this.#context.parsers.ofText(field.type))
  }

  typed(field: ResultField, index: number): TypedValues | null {
    const texts = this.#rows.map((row) => row[index] ?? null)
    return typedOfTexts(texts, kindOfType(field.type))
  }

  isNull(index: number, row: number): boolean {
    return (this.#rows[row]?.[index] ?? null) === null
  }
}

function typedOfTexts(texts: readonly (string | null)[], kind: ColumnKind): TypedValues | null {
  switch (kind) {
    case columnKinds.bool:
      return Uint8Array.from(texts, (text) => (text === 't' ? 1 : 0))
    case columnKinds.int32:
      return Int32Array.from(texts, (text) => Number(text ?? 0))
    case columnKinds.uint32:
      return Uint32Array.from(texts, (text) => Number(text ?? 0))
    case columnKinds.int64:
      return BigInt64Array.from(texts, (text) => BigInt(text ?? 0))
    case columnKinds.float64:
      return Float64Array.from(texts, (text) => Number(text ?? 0))
    case columnKinds.text:
      return null
  }
}
