/**
 * One cell as JSON text, never through a JavaScript number: bool as true or false, integers and finite float8 as
 * number literals with exactly Postgres's digits, json and jsonb as themselves, everything else (numeric and
 * NaN among it) as text. A literal such as 9007199254740993 is exact JSON; readers that use doubles (JavaScript,
 * jq) round it, which is theirs to avoid.
 */

import { formatCell } from '../../contract/cell-text.ts'
import { columnKinds, isNull, type ColumnView } from '../../contract/column-batch.ts'
import type { ColumnDescription } from '../../contract/statement.ts'

/** pg_type.dat of PostgreSQL 18: json and jsonb. */
const jsonOids: ReadonlySet<number> = new Set([114, 3802])

/** Names for the members of a row's object: a name that comes again gets `_2`, `_3`… so that none is lost. */
export function memberNames(columns: readonly ColumnDescription[]): readonly string[] {
  const taken = new Set(columns.map(({ name }) => name))
  const seen = new Set<string>()
  return columns.map(({ name }) => {
    let unique = name
    for (let count = 2; seen.has(unique) || (unique !== name && taken.has(unique)); count++) {
      unique = `${name}_${count}`
    }
    seen.add(unique)
    return unique
  })
}

/** Writes the rows of one result as JSON objects. */
export class JsonRows {
  readonly #keys: readonly string[]
  readonly #columns: readonly ColumnDescription[]

  constructor(columns: readonly ColumnDescription[]) {
    this.#columns = columns
    this.#keys = memberNames(columns).map((name) => JSON.stringify(name))
  }

  /** One object on one line. `views` are the batch's columns, in order. */
  row(views: readonly ColumnView[], row: number): string {
    let text = '{'
    for (const [index, view] of views.entries()) {
      const column = this.#columns[index]
      const value = isNull(view, row) ? 'null' : jsonCell(view, row, column?.typeOid ?? 0)
      text += `${index > 0 ? ',' : ''}${this.#keys[index] ?? '""'}:${value}`
    }
    return `${text}}`
  }
}

function jsonCell(view: ColumnView, row: number, typeOid: number): string {
  const text = formatCell(view, row) ?? ''
  switch (view.kind) {
    case columnKinds.bool:
      return view.values[row] === 1 ? 'true' : 'false'
    case columnKinds.int32:
    case columnKinds.uint32:
    case columnKinds.int64:
      return text
    case columnKinds.float64:
      return /^-?\d/.test(text) ? text : JSON.stringify(text)
    case columnKinds.text:
      // Line ends between the tokens of a json are white space; within its strings they are escaped.
      return jsonOids.has(typeOid) ? text.replace(/[\r\n]+/g, ' ') : JSON.stringify(text)
  }
}
