/** Type names as headers show them: the short ones that Postgres knows as well. Pure. */

/** What `format_type` prints, and the alias that means the same (PostgreSQL 18 documentation, table 8.1). */
const aliases: readonly (readonly [long: RegExp, short: string])[] = [
  [/^timestamp(\(\d\))? with time zone/, 'timestamptz$1'],
  [/^timestamp(\(\d\))? without time zone/, 'timestamp$1'],
  [/^time(\(\d\))? with time zone/, 'timetz$1'],
  [/^time(\(\d\))? without time zone/, 'time$1'],
  [/^character varying/, 'varchar'],
  [/^character/, 'char'],
  [/^bit varying/, 'varbit'],
  [/^double precision/, 'float8'],
]

/** `timestamp(3) with time zone[]` becomes `timestamptz(3)[]`. */
export function shortTypeName(typeName: string): string {
  for (const [long, short] of aliases) {
    if (long.test(typeName)) return typeName.replace(long, short)
  }
  return typeName
}
