/**
 * Which kind of column (contract/column-batch.ts) holds the values of a type, and so in which format it is
 * asked for: binary where every bit pattern fits a fixed width, else the text that Postgres prints, which is
 * exact by construction. Knows built-in type numbers only; they never change (PostgreSQL, pg_type.dat).
 */

import { columnKinds, type ColumnKind } from '../../../contract/column-batch.ts'
import type { FormatCode } from '../protocol/frontend-message.ts'

const kindOfType = new Map<number, ColumnKind>([
  [16, columnKinds.bool],
  [21, columnKinds.int32], // int2
  [23, columnKinds.int32],
  [20, columnKinds.int64],
  [701, columnKinds.float64],
  [26, columnKinds.uint32], // oid
  [28, columnKinds.uint32], // xid
  [29, columnKinds.uint32], // cid
])

/** The kind for a type number; text for every type that is not listed. */
export function columnKindOf(typeOid: number): ColumnKind {
  return kindOfType.get(typeOid) ?? columnKinds.text
}

export function formatOf(kind: ColumnKind): FormatCode {
  return kind === columnKinds.text ? 0 : 1
}
