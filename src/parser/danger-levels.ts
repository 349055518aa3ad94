/** What a text may do to a database, as it is told of. Data only. */

/** From harmless to harmful. */
export const dangerLevels = ['read', 'write', 'definition', 'destructive'] as const
export type DangerLevel = (typeof dangerLevels)[number]

export interface TextDanger {
  /** Of its most harmful statement, the first of them. */
  readonly level: DangerLevel
  /** That statement in words, such as `DROP TABLE orders`. */
  readonly what: string
  readonly statementCount: number
}
