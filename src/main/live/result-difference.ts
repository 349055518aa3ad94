/**
 * What makes of one result another: rows that came, rows that went, and, where columns tell rows apart, rows that
 * changed. A result is a bag of rows: their order says nothing. Knows no query and no value: rows and keys are texts.
 */

/** Some rows, each the JSON text of its cells. */
export interface RowTexts {
  readonly rows: readonly string[]
  /** What tells each row apart, in the order of the rows and each once; null where nothing does. */
  readonly keys: readonly string[] | null
}

export interface RowDifference {
  /** In the order of the new result. */
  readonly inserted: readonly string[]
  readonly updated: readonly { readonly before: string; readonly after: string }[]
  /** In the order of the old one. */
  readonly deleted: readonly string[]
}

/** null where they are the same. Both are to have keys, or neither. */
export function rowDifference(before: RowTexts, after: RowTexts): RowDifference | null {
  const { keys: keysBefore } = before
  const { keys: keysAfter } = after
  const difference =
    keysBefore && keysAfter
      ? differenceByKey({ rows: before.rows, keys: keysBefore }, { rows: after.rows, keys: keysAfter })
      : differenceOfBags(before.rows, after.rows)
  const { inserted, updated, deleted } = difference
  return inserted.length + updated.length + deleted.length === 0 ? null : difference
}

interface KeyedRows {
  readonly rows: readonly string[]
  readonly keys: readonly string[]
}

function differenceByKey(before: KeyedRows, after: KeyedRows): RowDifference {
  const left = new Map(before.keys.map((key, index) => [key, before.rows[index] ?? '']))
  const inserted: string[] = []
  const updated: { before: string; after: string }[] = []
  for (const [index, key] of after.keys.entries()) {
    const row = after.rows[index] ?? ''
    const old = left.get(key)
    left.delete(key)
    if (old === undefined) inserted.push(row)
    else if (old !== row) updated.push({ before: old, after: row })
  }
  return { inserted, updated, deleted: [...left.values()] }
}

function differenceOfBags(before: readonly string[], after: readonly string[]): RowDifference {
  const counts = new Map<string, number>()
  for (const row of after) counts.set(row, (counts.get(row) ?? 0) + 1)
  const deleted = before.filter((row) => !takeOne(counts, row))
  const left = new Map<string, number>()
  for (const row of before) left.set(row, (left.get(row) ?? 0) + 1)
  return { inserted: after.filter((row) => !takeOne(left, row)), updated: [], deleted }
}

function takeOne(counts: Map<string, number>, row: string): boolean {
  const count = counts.get(row) ?? 0
  if (count > 0) counts.set(row, count - 1)
  return count > 0
}
