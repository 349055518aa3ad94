/**
 * A statement that no cancel ends. Each block catches what its inner ones let through between two of their statements,
 * where nothing is caught: with one block alone, about one of twenty tests met that moment.
 */

const blockCount = 4

/** What it tells once, when it is where it catches everything. */
export const stubbornNotice = 'it runs'

export const stubbornSql = `do $$ declare is_told bool := false; begin ${nested(blockCount)} end $$`

function nested(depth: number): string {
  const tell = `if not is_told then is_told := true; raise notice '${stubbornNotice}'; end if;`
  const inner = depth === 1 ? `${tell} loop end loop;` : nested(depth - 1)
  return `loop begin ${inner} exception when query_canceled then null; end; end loop;`
}
