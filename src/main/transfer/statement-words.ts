/**
 * What a statement of a script is, told from the words it begins with: which of them a restore leaves out, and which
 * it cannot run in the one transaction that makes it all or nothing. Knows no grammar beyond that.
 */

import { SqlLexer } from '../../parser/sql-lexer.ts'

/** As many as tell `ALTER LARGE OBJECT 1 OWNER TO x` from others by their beginning. */
const openingWordsMax = 6

/** What a restore does with a statement. */
export type StatementPlan =
  | { readonly kind: 'run' }
  | { readonly kind: 'skip' }
  /** Why it cannot be run. */
  | { readonly kind: 'refuse'; readonly reason: string }

export interface PlanOptions {
  readonly noOwner: boolean
  readonly noPrivileges: boolean
  /** Of the target: settings that it does not know are not set. */
  readonly serverMajorVersion: number
}

const run: StatementPlan = { kind: 'run' }
const skip: StatementPlan = { kind: 'skip' }

/** pg_dump sets it at the top of every dump since 17. */
const transactionTimeoutSince = 17

export function planStatement(statement: string, options: PlanOptions): StatementPlan {
  const words = openingWords(statement)
  const opening = words.join(' ')
  const [first = '', second = '', third = ''] = words
  // All of it is one transaction; these mark parts of it, as pg_dump does for large objects.
  if (first === 'begin' || opening.startsWith('start transaction')) return skip
  if (first === 'commit' && second !== 'prepared') return skip
  if (first === 'end') return skip
  const isRollback = first === 'rollback' && second !== 'to' && third !== 'to'
  if (isRollback || first === 'abort' || opening.startsWith('prepare transaction')) {
    return { kind: 'refuse', reason: `${first.toUpperCase()} would end the transaction of the restore` }
  }
  if (isAboutDatabase(words)) return skip
  if (opening.startsWith('set transaction_timeout') && options.serverMajorVersion < transactionTimeoutSince) {
    return skip
  }
  if (options.noOwner && isOwnership(words, statement)) return skip
  return options.noPrivileges && isPrivilege(words) ? skip : run
}

/** Its rows follow in the script. */
export function isCopyFromStdin(statement: string): boolean {
  const lexer = new SqlLexer(statement)
  let previous = ''
  let isCopy = false
  while (lexer.next()) {
    if (lexer.kind === 'space' || lexer.kind === 'comment') continue
    const word = lexer.kind === 'word' ? wordAt(lexer) : ''
    if (!isCopy && word !== 'copy') return false
    isCopy = true
    if (previous === 'from') return word === 'stdin'
    previous = word
  }
  return false
}

/** The database is the instance, which has a name and an owner of its own. */
function isAboutDatabase(words: readonly string[]): boolean {
  const [first = '', second] = words
  if (['create', 'drop', 'alter'].includes(first)) return second === 'database'
  const isRemark = first === 'comment' || first === 'security' || first === 'grant' || first === 'revoke'
  const on = words.indexOf('on')
  return isRemark && on > 0 && words[on + 1] === 'database'
}

function isOwnership(words: readonly string[], statement: string): boolean {
  const [first, second] = words
  if (first === 'alter') return /\bOWNER\s+TO\s+("(?:[^"]|"")*"|[\w$\u0080-\u00ff]+)\s*$/i.test(statement)
  return first === 'set' && second === 'session' && words[2] === 'authorization'
}

function isPrivilege([first, second, third]: readonly string[]): boolean {
  if (first === 'grant' || first === 'revoke') return true
  return first === 'alter' && second === 'default' && third === 'privileges'
}

function openingWords(statement: string): string[] {
  const lexer = new SqlLexer(statement)
  const words: string[] = []
  while (words.length < openingWordsMax && lexer.next()) {
    if (lexer.kind === 'space' || lexer.kind === 'comment') continue
    words.push(lexer.kind === 'word' ? wordAt(lexer) : lexer.kind)
  }
  return words
}

function wordAt(lexer: SqlLexer): string {
  return lexer.text.slice(lexer.start, lexer.position).toLowerCase()
}
