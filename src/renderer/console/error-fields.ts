/** An error's fields in words: what is shown folded, and what is copied. Pure. */

import type { SqlErrorFields, WireError } from '../../contract/error.ts'

/** Whether an error is the answer to a cancel (PostgreSQL 18 documentation, appendix A: query_canceled). */
export function isCancel({ code, sql }: WireError): boolean {
  return code === 'cancelled' || sql?.code === '57014'
}

/** Label and value of everything Postgres said beyond message, hint and code; empty when it said no more. */
export function foldedFields(
  sql: SqlErrorFields | null,
): readonly (readonly [label: string, value: string])[] {
  if (!sql) return []
  const source = [sql.file, sql.line].filter((part) => part !== null).join(':')
  const fields: readonly (readonly [string, string | null])[] = [
    ['Detail', sql.detail],
    ['Context', sql.where],
    ['Internal query', sql.internalQuery],
    ['Internal position', sql.internalPosition === null ? null : String(sql.internalPosition)],
    ['Schema', sql.schema],
    ['Table', sql.table],
    ['Column', sql.column],
    ['Data type', sql.dataType],
    ['Constraint', sql.constraint],
    ['Routine', sql.routine],
    ['Source', source === '' ? null : source],
  ]
  return fields.filter((field): field is readonly [string, string] => field[1] !== null && field[1] !== '')
}

/** All of an error as text, as psql would print it with VERBOSITY verbose. */
export function errorText(error: WireError, statement: string): string {
  const { sql } = error
  const head = sql ? `${sql.severity}:  ${sql.code}: ${sql.message}` : `${error.code}: ${error.message}`
  const lines = [head]
  if (sql !== null && sql.hint !== null) lines.push(`HINT:  ${sql.hint}`)
  for (const [label, value] of foldedFields(sql)) lines.push(`${label.toUpperCase()}:  ${value}`)
  if (sql !== null && sql.position !== null) lines.push(`POSITION:  ${sql.position}`)
  if (statement !== '') lines.push(`STATEMENT:  ${statement}`)
  return `${lines.join('\n')}\n`
}
