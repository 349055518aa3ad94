/** What a command tag says (PostgreSQL 18 documentation, section 54.7, CommandComplete). Pure. */

/** The tag of a result that came in slices, of which CommandComplete counts the last one's rows alone. */
export function wholeTag(tag: string | null, hasRows: boolean, rowCount: number): string | null {
  return hasRows && tag?.startsWith('SELECT ') ? `SELECT ${rowCount}` : tag
}

/** The rows that a command tag such as `INSERT 0 5` speaks of. */
export function countInTag(tag: string | null): number {
  const [count] = tag?.match(/\d+$/) ?? []
  return Number(count ?? 0)
}
