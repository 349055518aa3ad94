/** Which form a name stands for. */

import { CsvFormat } from './csv-format.ts'
import type { FormatName } from './format-name.ts'
import { JsonFormat } from './json-format.ts'
import { NdjsonFormat } from './ndjson-format.ts'
import type { RowFormat } from './row-format.ts'
import { TableFormat } from './table-format.ts'

export function resultFormat(name: FormatName): RowFormat {
  switch (name) {
    case 'table':
      return new TableFormat()
    case 'csv':
      return new CsvFormat()
    case 'json':
      return new JsonFormat()
    case 'ndjson':
      return new NdjsonFormat()
  }
}
