/** Rows as JSON objects, one a line; those of a script's results follow one another. */

import type { ColumnDescription } from '../../contract/statement.ts'
import { JsonRows } from './json-cell.ts'
import type { RowFormat, RowRange } from './row-format.ts'

export class NdjsonFormat implements RowFormat {
  #rows: JsonRows | null = null

  begin(): string {
    return ''
  }

  columns(columns: readonly ColumnDescription[]): string {
    this.#rows = new JsonRows(columns)
    return ''
  }

  rows({ batch, first, end }: RowRange): string {
    const views = Array.from({ length: batch.columnCount }, (_, index) => batch.column(index))
    let text = ''
    for (let row = first; row < end; row++) text += `${this.#rows?.row(views, row) ?? ''}\n`
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
