/** The columns of a result, as the endpoint describes them, and what becomes of their values. Knows no rows. */

import type { ResultColumn } from '../protocol/answer-frame.ts'
import type { TextReader } from '../../native-wasm/js/text-reader.ts'
import type { TypeParsers } from './type-parsers.ts'

/** A column of a result. */
export interface ResultField {
  readonly name: string
  /** The type's OID. */
  readonly type: number
  /** OID of the table that it is a column of, and its attribute number; null where it is computed. */
  readonly table: number | null
  readonly column: number | null
}

/** What every result of a client is read with. */
export interface ReadingContext {
  readonly parsers: TypeParsers
  readonly texts: TextReader
}

export function fieldsOf(columns: readonly ResultColumn[] | null | undefined): ResultField[] {
  return (columns ?? []).map(({ name, type, table = null, column = null }) => ({ name, type, table, column }))
}
