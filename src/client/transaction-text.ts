/** The statements that begin and end a transaction (PostgreSQL 18 documentation, BEGIN and SAVEPOINT). Text alone. */

export interface TransactionOptions {
  /** Postgres's default unless given. */
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable'
  readonly isReadOnly?: boolean
  readonly isDeferrable?: boolean
  /** How often all of it is run again when Postgres says that it may be, as after 40001. 0 unless given. */
  readonly retriesMax?: number
  /** Until it has begun; each request in it takes one of its own. */
  readonly signal?: AbortSignal
}

/** What begins, keeps and undoes it. */
export interface TransactionText {
  readonly begin: string
  readonly commit: string
  readonly rollback: readonly string[]
}

export function outerTransaction(options: TransactionOptions): TransactionText {
  const modes = [
    options.isolation && `isolation level ${options.isolation}`,
    options.isReadOnly && 'read only',
    options.isDeferrable && 'deferrable',
  ].filter((mode) => typeof mode === 'string')
  return { begin: ['begin', modes.join(', ')].join(' ').trim(), commit: 'commit', rollback: ['rollback'] }
}

/** `name` is one that the program does not use itself. */
export function innerTransaction(name: string): TransactionText {
  return {
    begin: `savepoint ${name}`,
    commit: `release savepoint ${name}`,
    rollback: [`rollback to savepoint ${name}`, `release savepoint ${name}`],
  }
}
