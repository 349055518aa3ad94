/**
 * Rows as CSV (RFC 4180): a header line, CRLF after each line, quotes where needed. NULL is an empty field and an
 * empty text is `""`, as in Postgres's own COPY, so that the two stay apart. Results of a script are separated by
 * one empty line.
 */

import { formatCell } from '../../contract/cell-text.ts'
import type { ColumnView } from '../../contract/column-batch.ts'
import type { ColumnDescription } from '../../contract/statement.ts'
import type { RowFormat, RowRange } from './row-format.ts'

const lineEnd = '\r\n'

export class CsvFormat implements RowFormat {
  #resultsWritten = 0

  begin(): string {
    return ''
  }

  columns(columns: readonly ColumnDescription[]): string {
    const separator = this.#resultsWritten++ > 0 ? lineEnd : ''
    return separator + columns.map(({ name }) => field(name)).join(',') + lineEnd
  }

  rows({ batch, first, end }: RowRange): string {
    const columns = Array.from({ length: batch.columnCount }, (_, index) => batch.column(index))
    let text = ''
    for (let row = first; row < end; row++) text += line(columns, row)
    return text
  }

  end(): string {
    return ''
  }

  finish(): string {
    return ''
  }

  remark(): string | null {
    return null
  }
}

function line(columns: readonly ColumnView[], row: number): string {
  return columns.map((column) => nullableField(formatCell(column, row))).join(',') + lineEnd
}

function nullableField(text: string | null): string {
  return text === null ? '' : field(text)
}

function field(text: string): string {
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
