/**
 * Rows as a table for people. Widths come from the first rows alone, so that nothing waits for the last one;
 * long values are shortened, control characters shown as escapes. The exact forms are csv and json.
 */

import { formatCell } from '../../contract/cell-text.ts'
import { columnKinds, type ColumnView } from '../../contract/column-batch.ts'
import type { ColumnDescription, StatementOutcome } from '../../contract/statement.ts'
import type { RowFormat, RowRange } from './row-format.ts'
import { shortened, textWidth, visibleText } from './terminal-text.ts'

/** Rows that are looked at for widths: more than a screen has. */
const sampleRowsMax = 200

/** A wider value is shortened: two of them and their frame fit on a screen of 132 columns. */
const cellWidthMax = 60

/** Code units of a value that are looked at; one of 64 MB must not be decoded to show 60 columns. */
const cellLengthMax = 1_000

/** pg_type.dat of PostgreSQL 18: float4, money, numeric; the other numbers are not of kind text. */
const numericTextOids: ReadonlySet<number> = new Set([700, 790, 1700])

interface TableColumn {
  readonly name: string
  readonly isRight: boolean
  width: number
}

export class TableFormat implements RowFormat {
  #columns: TableColumn[] | null = null
  #sample: string[][] | null = null
  #resultsWritten = 0
  #valuesShortened = 0

  begin(): string {
    this.#columns = null
    return ''
  }

  columns(columns: readonly ColumnDescription[]): string {
    this.#columns = columns.map((column) => {
      const name = shortened(visibleText(column.name), cellWidthMax)
      return { name, isRight: isNumber(column), width: textWidth(name) }
    })
    this.#sample = []
    return this.#resultsWritten++ > 0 ? '\n' : ''
  }

  rows({ batch, first, end }: RowRange): string {
    const views = Array.from({ length: batch.columnCount }, (_, index) => batch.column(index))
    let text = ''
    for (let row = first; row < end; row++) {
      text += this.#add(views.map((view) => this.#cell(view, row)))
    }
    return text
  }

  end(outcome: StatementOutcome): string {
    if (this.#columns) return this.#writeSample()
    return outcome.commandTag === null ? '' : `${outcome.commandTag}\n`
  }

  finish(): string {
    return ''
  }

  remark(): string | null {
    const count = this.#valuesShortened
    if (count === 0) return null
    return `${count} long ${count === 1 ? 'value was' : 'values were'} shortened: --format csv or json has all of it`
  }

  #add(cells: string[]): string {
    if (!this.#sample) return this.#line(cells)
    this.#sample.push(cells)
    return this.#sample.length < sampleRowsMax ? '' : this.#writeSample()
  }

  /** Fixes the widths, and writes the head and the rows they came from. */
  #writeSample(): string {
    const sample = this.#sample
    if (!sample || !this.#columns) return ''
    this.#sample = null
    for (const cells of sample) {
      for (const [index, column] of this.#columns.entries()) {
        column.width = Math.max(column.width, textWidth(cells[index] ?? ''))
      }
    }
    const rule = this.#columns.map(({ width }) => '─'.repeat(width + 2)).join('┼')
    const head = this.#line(this.#columns.map(({ name }) => name))
    return `${head}${rule}\n${sample.map((cells) => this.#line(cells)).join('')}`
  }

  #line(cells: readonly string[]): string {
    const padded = (this.#columns ?? []).map(({ width, isRight }, index) => {
      const cell = cells[index] ?? ''
      const space = ' '.repeat(Math.max(0, width - textWidth(cell)))
      return isRight ? ` ${space}${cell} ` : ` ${cell}${space} `
    })
    return `${padded.join('│').trimEnd()}\n`
  }

  #cell(view: ColumnView, row: number): string {
    const text = formatCell(view, row)
    if (text === null) return 'NULL'
    const visible = visibleText(text.slice(0, cellLengthMax))
    const cell = shortened(visible, cellWidthMax)
    if (cell !== visible || text.length > cellLengthMax) this.#valuesShortened += 1
    return cell
  }
}

function isNumber({ kind, typeOid }: ColumnDescription): boolean {
  if (kind === columnKinds.text) return numericTextOids.has(typeOid)
  return kind !== columnKinds.bool
}
