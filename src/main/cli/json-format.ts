/**
 * Rows as one JSON document. One statement: an array of row objects. A script: an array with an object
 * `{"command", "rows"}` for each statement, whose `rows` is null when it has none.
 */

import type { ColumnDescription, StatementOutcome } from '../../contract/statement.ts'
import { JsonRows } from './json-cell.ts'
import type { RowFormat, RowRange } from './row-format.ts'

export class JsonFormat implements RowFormat {
  #rows: JsonRows | null = null
  #rowsWritten = 0
  #isScript = false
  #isOpen = false

  begin({ index, count }: { readonly index: number; readonly count: number }): string {
    this.#rows = null
    this.#rowsWritten = 0
    this.#isScript = count > 1
    return this.#isScript ? `${this.#open()}${index > 0 ? ',' : ''}\n{"rows":` : ''
  }

  columns(columns: readonly ColumnDescription[]): string {
    this.#rows = new JsonRows(columns)
    return this.#isScript ? '[' : this.#open()
  }

  rows({ batch, first, end }: RowRange): string {
    const views = Array.from({ length: batch.columnCount }, (_, index) => batch.column(index))
    let text = ''
    for (let row = first; row < end; row++) {
      text += `${this.#rowsWritten++ > 0 ? ',' : ''}\n${this.#rows?.row(views, row) ?? ''}`
    }
    return text
  }

  end(outcome: StatementOutcome): string {
    if (!this.#isScript) return ''
    const rows = this.#rows ? '\n]' : 'null'
    return `${rows},"command":${JSON.stringify(outcome.commandTag)}}`
  }

  finish(): string {
    return this.#isOpen ? '\n]\n' : '[]\n'
  }

  remark(): string | null {
    return null
  }

  #open(): string {
    const text = this.#isOpen ? '' : '['
    this.#isOpen = true
    return text
  }
}
