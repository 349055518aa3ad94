/** Gathers the rows of one result from its frames, within a bound. Knows no request. */

import { ColumnBatch } from '../contract/column-batch.ts'
import type { CompleteData, ResultColumn, RowsData } from '../protocol/answer-frame.ts'
import type { ReceivedFrame } from './envelope-codec.ts'
import { QueryResult, type CompletedStatement } from './query-result.ts'
import { fieldsOf, type ReadingContext, type ResultField } from './result-field.ts'
import { ColumnChunk, TextChunk, type RowChunk } from './row-chunk.ts'
import { WardianError } from './wardian-error.ts'

export class ResultCollector {
  readonly #context: ReadingContext
  #chunks: RowChunk[] = []
  #columns: readonly ResultColumn[] = []
  #fields: readonly ResultField[] | null = null
  /** Memory that the rows hold, about. */
  bytes = 0

  constructor(context: ReadingContext) {
    this.#context = context
  }

  /** The columns, as far as they are known: they come with the first rows. */
  get fields(): readonly ResultField[] {
    this.#fields ??= fieldsOf(this.#columns)
    return this.#fields
  }

  /** Columns that were known before, as of a cursor. */
  expect(columns: readonly ResultColumn[]): void {
    this.#columns = columns
    this.#fields = null
  }

  /** Reads the rows of a frame and keeps the columns, but not the rows; null if it has none. */
  take(frame: ReceivedFrame): RowChunk | null {
    const data = rowsData(frame)
    if (data.columns) this.expect(data.columns)
    return chunkOf(frame, data, this.#context)
  }

  /** Keeps the rows of a frame, if it has any. */
  add(frame: ReceivedFrame): void {
    const chunk = this.take(frame)
    if (chunk === null) return
    this.#chunks.push(chunk)
    this.bytes += chunk.bytes
  }

  /** Forgets all rows, for another attempt. */
  clear(): void {
    this.#chunks = []
    this.#columns = []
    this.#fields = null
    this.bytes = 0
  }

  /** The result; `frame` is the terminal one. */
  finish<Row>(frame: ReceivedFrame): QueryResult<Row> {
    this.add(frame)
    return new QueryResult<Row>(this.fields, this.#chunks, this.endOf(frame))
  }

  /** What the terminal frame says besides the rows. */
  endOf(frame: ReceivedFrame): CompletedStatement {
    return { data: rowsData(frame), isReplayed: frame.envelope.meta.replayed === true }
  }
}

/** The rows of a frame in their form; null if there are none. */
function chunkOf(frame: ReceivedFrame, data: Partial<RowsData>, context: ReadingContext): RowChunk | null {
  const { payload } = frame
  if (payload.length > 0) return new ColumnChunk(batchOf(payload), payload.length, context)
  if (data.rows && data.rows.length > 0) return new TextChunk(data.rows, context)
  return null
}

function batchOf(payload: Uint8Array): ColumnBatch {
  try {
    if (!(payload.buffer instanceof ArrayBuffer)) throw new TypeError('Not an ArrayBuffer')
    return new ColumnBatch(payload.buffer, payload.byteOffset, payload.length)
  } catch (cause) {
    throw new WardianError('broken_answer', 'The endpoint sent rows that are no column batch', { cause })
  }
}

function rowsData({ envelope: { data } }: ReceivedFrame): Partial<CompleteData> & Partial<RowsData> {
  return typeof data === 'object' && data !== null ? data : {}
}
