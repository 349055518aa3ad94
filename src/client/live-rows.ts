/**
 * The result of a watched query, kept true by its events. Rows are told apart by their texts, as many times as they
 * occur; the order is that of the first result with what came later behind it. Knows no subscription.
 */

import type { TextRow } from '../protocol/answer-frame.ts'

/** Rows of an event, as docs/protocol.md has them ("Subscriptions"). */
export interface LiveEventRows {
  readonly kind: string
  readonly rows?: readonly TextRow[]
  readonly inserted?: readonly TextRow[]
  readonly updated?: readonly { readonly before: TextRow; readonly after: TextRow }[]
  readonly deleted?: readonly TextRow[]
}

export class LiveRows {
  #rows: TextRow[] = []

  /** The rows as they are now. */
  get rows(): readonly TextRow[] {
    return this.#rows
  }

  /** Takes an event in; answers whether it fits what is known. */
  apply(event: LiveEventRows): boolean {
    if (event.kind === 'snapshot') {
      this.#rows = [...(event.rows ?? [])]
      return true
    }
    const { inserted = [], updated = [], deleted = [] } = event
    const leaving = countsOf([...deleted, ...updated.map(({ before }) => before)])
    const replacements = replacementsOf(updated)
    const rows: TextRow[] = []
    for (const row of this.#rows) {
      const key = keyOf(row)
      const count = leaving.get(key) ?? 0
      if (count === 0) rows.push(row)
      else {
        leaving.set(key, count - 1)
        const after = replacements.get(key)?.shift()
        if (after) rows.push(after)
      }
    }
    this.#rows = [...rows, ...inserted]
    return [...leaving.values()].every((count) => count === 0)
  }
}

function keyOf(row: TextRow): string {
  return JSON.stringify(row)
}

function countsOf(rows: readonly TextRow[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const row of rows) counts.set(keyOf(row), (counts.get(keyOf(row)) ?? 0) + 1)
  return counts
}

/** A changed row stays where it was. */
function replacementsOf(updated: LiveEventRows['updated']): Map<string, TextRow[]> {
  const replacements = new Map<string, TextRow[]>()
  for (const { before, after } of updated ?? []) {
    const key = keyOf(before)
    const known = replacements.get(key)
    if (known) known.push(after)
    else replacements.set(key, [after])
  }
  return replacements
}
