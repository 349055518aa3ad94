/** What a statement that copies is answered where there is nobody to copy to or from. Data only. */

import type { WireError } from '../../../contract/error.ts'
import type { ColumnDescription } from '../../../contract/statement.ts'

/** Where the rows of a COPY TO STDOUT are shown. */
export const copyColumn: ColumnDescription = {
  name: 'copy',
  typeOid: 25,
  typeModifier: -1,
  typeName: 'text',
  kind: 6,
  tableOid: 0,
  columnNumber: 0,
}

export const copyInRefusal = 'the console has no data to send; use the import, or COPY through an endpoint'

export const binaryCopyRefusal: WireError = {
  code: 'unsupported',
  message: 'Binary COPY data cannot be shown; use COPY in text or CSV format, or the export',
  sql: null,
}
