/** Names and texts as they stand in SQL, under standard_conforming_strings. Knows no statement. */

export function quotedLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

export function quotedIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
