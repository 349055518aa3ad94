/**
 * A cell of a batch as the text that Postgres prints for it, to the last character. Knows nothing of how a cell
 * is shown, coloured or quoted.
 */

import { columnKinds, isNull, textBytes } from './column-batch.ts'
import type { ColumnView } from './column-batch.ts'
import { formatFloat8 } from './float8-text.ts'

/** ignoreBOM: a text may begin with U+FEFF, which is part of it. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * The text of a cell, null for NULL: what a client would get that asked for text format, so bool is `t` or `f`.
 * Float8 is printed with extra_float_digits at its default of 1, that is shortest and exact.
 */
export function formatCell(column: ColumnView, row: number): string | null {
  if (isNull(column, row)) return null
  switch (column.kind) {
    case columnKinds.text:
      return decoder.decode(textBytes(column, row))
    case columnKinds.bool:
      return column.values[row] === 1 ? 't' : 'f'
    case columnKinds.float64:
      return formatFloat8(Number(column.values[row]))
    case columnKinds.int32:
    case columnKinds.uint32:
    case columnKinds.int64:
      return String(column.values[row])
  }
}

/** As formatCell, but bool in words, as it is written in SQL: for people rather than for programs. */
export function displayCell(column: ColumnView, row: number): string | null {
  if (column.kind !== columnKinds.bool || isNull(column, row)) return formatCell(column, row)
  return column.values[row] === 1 ? 'true' : 'false'
}
