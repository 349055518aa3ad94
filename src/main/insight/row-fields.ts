/** Cells of answers, which are texts, as the values that they stand for. Knows no question. */

import type { TextRow } from '../session/session-query.ts'

/** A row whose columns have names. */
export type NamedRow = Readonly<Record<string, string | null>>

/** Each row as an object of JSON: the one column of `sql` that is asked by `asJson`. */
export function namedRows(rows: readonly TextRow[]): NamedRow[] {
  return rows.map(([json]) => JSON.parse(json ?? '{}') as NamedRow)
}

/** `sql`, with each of its rows as one JSON object of texts, so that columns have names and no types to get wrong. */
export function asJson(sql: string): string {
  return `SELECT (SELECT json_object_agg(key, value) FROM jsonb_each_text(to_jsonb(answer)))::text
    FROM (${sql}) AS answer`
}

export function text(row: NamedRow, column: string): string {
  return row[column] ?? ''
}

export function isTrue(row: NamedRow, column: string): boolean {
  return row[column] === 'true'
}

/** A count, no larger than what numbers hold exactly; 0 for none. */
export function count(row: NamedRow, column: string): number {
  return known(row, column) ?? 0
}

/** As `count`; null for NULL. */
export function known(row: NamedRow, column: string): number | null {
  const value = row[column] ?? null
  if (value === null) return null
  return Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.round(Number(value))))
}

/** Not rounded, and of any sign; null for NULL. */
export function amount(row: NamedRow, column: string): number | null {
  const value = row[column] ?? null
  return value === null ? null : Number(value)
}

/** At most `lengthMax` code units, an ellipsis included where something was left out. */
export function cut(value: string, lengthMax: number): string {
  return value.length <= lengthMax ? value : `${value.slice(0, lengthMax - 1)}…`
}
