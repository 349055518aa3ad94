/** `data` of requests that run a statement (docs/protocol.md, "Requests"). Knows no connection. */

import { wireParameters } from './parameter-text.ts'
import type { QueryOptions } from './query-options.ts'

/** A statement with its values. */
export interface StatementText {
  readonly text: string
  readonly params: readonly unknown[]
}

/** As docs/protocol.md has it; `isBinary` where bytes may be sent as bytes. */
export function statementData(
  { text, params }: StatementText,
  options: Pick<QueryOptions, 'types' | 'rowLimit'>,
  isBinary: boolean,
): Record<string, unknown> {
  const data: Record<string, unknown> = { sql: text }
  if (params.length > 0) data['params'] = wireParameters(params, isBinary)
  if (options.types) data['types'] = options.types
  if (options.rowLimit !== undefined) data['row_limit'] = options.rowLimit
  return data
}
