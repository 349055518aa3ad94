/** The smallest results that a test can stream: batches of one int4 column. */

import { batchMagic, columnKinds } from '../../src/contract/column-batch.ts'
import type { ColumnDescription, StatementOutcome } from '../../src/contract/statement.ts'

export const int4Column: ColumnDescription = {
  name: 'a',
  typeOid: 23,
  typeModifier: -1,
  typeName: 'integer',
  kind: columnKinds.int32,
  tableOid: 0,
  columnNumber: 0,
}

export const emptyOutcome: StatementOutcome = {
  status: 'ok',
  commandTag: 'SELECT 0',
  rowCount: 0,
  resultBytes: 0,
  durationMs: 1,
  error: null,
  transaction: 'idle',
}

/** A batch of `rows` rows, all 0. */
export function int4Batch(rows: number): ArrayBuffer {
  const headBytes = 16 + 24
  const bytes = headBytes + rows * 4 + ((rows * 4) % 8)
  const buffer = new ArrayBuffer(bytes)
  const words = [batchMagic, 1, rows, bytes, columnKinds.int32, 0, 0, headBytes, 0, 0]
  new Uint32Array(buffer, 0, words.length).set(words)
  return buffer
}
