/**
 * What can be told of a statement by its words alone: whether it decides about transactions, and whether it reaches
 * beyond the database. Errs on the side of telling. Reads the beginning of long statements.
 */

import { SqlLexer } from '../../parser/sql-lexer.ts'

export interface StatementTraits {
  /** It begins or ends transactions, or Postgres refuses it inside of one. */
  readonly needsOwnTransaction: boolean
  /** What it does that no copy holds back; null for nothing. */
  readonly outside: string | null
  /** It may switch off what counts written rows. */
  readonly disturbsCounts: boolean
}

/** Words looked at: data that is inserted says nothing. */
const textLengthMax = 100_000

/** By the first word, and where it takes more, the second. */
const ownTransaction = new RegExp(
  `^(${[
    'begin|start transaction|commit|end|rollback|abort|prepare transaction|vacuum|alter system|discard all',
    '(create|drop) (database|tablespace|subscription)',
    '(create|drop)( unique)? index concurrently',
    'reindex( \\w+)? concurrently|reindex (database|system|schema)',
    'cluster$',
  ].join('|')})\\b`,
)
/** ROLLBACK TO a savepoint stays within its transaction, and so does what is named so in a block. */
const staysInside = /^(rollback|abort)( work| transaction)? to\b/

const outsideEffects: readonly (readonly [RegExp, string])[] = [
  [/\bpg_sleep(_for|_until)?\b/, 'waits (pg_sleep)'],
  [/\bdblink\w*\b|\bpostgres_fdw_\w+/, 'asks another server (dblink), which the copy does not hold back'],
  [/^notify\b|\bpg_notify\b/, 'notifies listeners: on the copy there are none'],
  // From the first COPY on: to look from each would take a second where there are thousands and no program.
  [/^(?:(?!\bcopy\b).)*\bcopy\b.*\bprogram\b/, 'runs a program, which is refused'],
  [
    /\b(lo_import|lo_export|pg_read_file|pg_read_binary_file|pg_ls_dir|pg_file_write)\b/,
    'reads or writes files of the server',
  ],
  [/\bpg_(terminate|cancel)_backend\b/, 'ends sessions: on the copy there are none'],
  [/^alter system\b/, 'changes the server’s settings'],
  [/^(create|drop) database\b/, 'makes or removes a database'],
]

export function statementTraits(sql: string): StatementTraits {
  const words = wordsOf(sql.slice(0, textLengthMax))
  const outside = outsideEffects.find(([pattern]) => pattern.test(words))?.[1] ?? null
  return {
    needsOwnTransaction: ownTransaction.test(words) && !staysInside.test(words),
    outside:
      outside ?? (/^copy\b/.test(words) && hasFile(sql) ? 'reads or writes a file of the server' : null),
    disturbsCounts: /\btrack_counts\b|\bpg_stat_reset|\bset_config\b/.test(words),
  }
}

/** COPY … FROM or TO a name in quotes. */
function hasFile(sql: string): boolean {
  return /\b(from|to)\s+E?'/i.test(sql.slice(0, textLengthMax))
}

/** Words outside of comments and plain quotations in lower case, with one space between them. */
function wordsOf(sql: string): string {
  const words: string[] = []
  for (const lexer = new SqlLexer(sql); lexer.next();) {
    const text = sql.slice(lexer.start, lexer.position)
    // What is in dollar quotes is a body that may run.
    if (lexer.kind === 'quoted' && text.startsWith('$')) words.push(wordsInBody(text))
    else if (lexer.kind === 'word') words.push(text.toLowerCase())
  }
  return words.join(' ')
}

function wordsInBody(text: string): string {
  return text.toLowerCase().replaceAll(/[^\w$]+/g, ' ')
}
