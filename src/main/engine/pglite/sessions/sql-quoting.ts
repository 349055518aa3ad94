/**
 * Quotes what the engine puts into its own SQL (PostgreSQL 18 documentation, sections 4.1.1 and 4.1.2).
 */

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
