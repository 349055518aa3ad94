/**
 * What a text would do to a database, as far as Postgres's own parser can tell: read, write, define, or change and
 * remove what is there. What functions do that it calls, nobody sees. Knows no database.
 */

import { parseSync } from 'libpg-query'
import { dangerLevels, type DangerLevel, type TextDanger } from './danger-levels.ts'

type Node = Readonly<Record<string, unknown>>

/** What a longer text has is found out by its first word alone: the parser takes 100 ms for this much. */
export const parsedLengthMax = 256 << 10

const nameLengthMax = 100
const harmless: TextDanger = { level: 'read', what: '', statementCount: 0 }

/** A text that the parser refuses does nothing. */
export function dangerOf(text: string): TextDanger {
  if (text.length > parsedLengthMax) return dangerOfLong(text)
  if (text.trim() === '' || text.includes('\0')) return harmless
  let statements: readonly Node[]
  try {
    statements = (parseSync(text).stmts ?? []).map(({ stmt }) => stmt as unknown as Node)
  } catch {
    return harmless
  }
  let worst: Pick<TextDanger, 'level' | 'what'> = harmless
  for (const statement of statements) {
    const found = dangerOfStatement(statement)
    if (dangerLevels.indexOf(found.level) > dangerLevels.indexOf(worst.level)) worst = found
  }
  return { ...worst, statementCount: statements.length }
}

/** Data that somebody brings, or something that only a person could tell. */
function dangerOfLong(text: string): TextDanger {
  const word = /^\s*(?:--[^\n]*\n\s*)*([a-z]*)/i.exec(text)?.[1]?.toLowerCase() ?? ''
  if (['select', 'values', 'insert', 'copy', 'table'].includes(word))
    return { ...harmless, statementCount: 1 }
  return { level: 'destructive', what: 'a long text', statementCount: 1 }
}

function dangerOfStatement(statement: Node): Pick<TextDanger, 'level' | 'what'> {
  const [[kind, value] = ['', {}]] = Object.entries(statement) as [string, Node][]
  if (kind === 'ExplainStmt') return isAnalyze(value) ? dangerOfStatement(value['query'] as Node) : harmless
  const without = unboundedChange(statement)
  if (without !== null) return { level: 'destructive', what: without }
  return { level: levelOf(kind, value), what: wordsOf(kind, value) }
}

function levelOf(kind: string, value: Node): DangerLevel {
  if (kind === 'TruncateStmt' || kind === 'DoStmt' || kind === 'RenameStmt') return 'destructive'
  if (/^(Drop|Dropdb)/.test(kind)) return 'destructive'
  if (/^Alter(Role|RoleSet|System|DefaultPrivileges|Database|DatabaseSet)Stmt$/.test(kind))
    return 'definition'
  if (kind.startsWith('Alter')) return 'destructive'
  if (value['replace'] === true) return 'destructive'
  if (/^(Insert|Update|Delete|Merge|Call|Execute|RefreshMatView)Stmt$/.test(kind)) return 'write'
  if (kind === 'CopyStmt') return value['is_from'] === true ? 'write' : 'read'
  if (kind === 'SelectStmt')
    return value['intoClause'] ? 'definition' : writesWithin(value) ? 'write' : 'read'
  if (
    /^(Create|Index|View|Rule|Define|CompositeType|Grant|Comment|SecLabel|ImportForeignSchema)/.test(kind)
  ) {
    return 'definition'
  }
  return 'read'
}

/** DELETE and UPDATE of all rows, wherever they stand; null where there is none. */
function unboundedChange(node: unknown): string | null {
  for (const [kind, value] of entriesOf(node)) {
    const isChange = kind === 'DeleteStmt' || kind === 'UpdateStmt'
    if (isChange && isUnbounded(value as Node)) {
      const table = nameOf((value as Node)['relation'])
      return kind === 'DeleteStmt' ? `DELETE FROM ${table} without WHERE` : `UPDATE ${table} without WHERE`
    }
    const found = unboundedChange(value)
    if (found !== null) return found
  }
  return null
}

/** Also with a condition that is no condition. */
function isUnbounded({ whereClause, fromClause, usingClause }: Node): boolean {
  if (whereClause === undefined) return fromClause === undefined && usingClause === undefined
  return JSON.stringify(whereClause).startsWith('{"A_Const":{"boolval":{"boolval":true}')
}

function writesWithin(node: unknown): boolean {
  return entriesOf(node).some(
    ([kind, value]) => /^(Insert|Update|Delete|Merge)Stmt$/.test(kind) || writesWithin(value),
  )
}

function isAnalyze({ options }: Node): boolean {
  return JSON.stringify(options ?? '').includes('"defname":"analyze"')
}

function entriesOf(node: unknown): [string, unknown][] {
  return typeof node === 'object' && node !== null ? Object.entries(node) : []
}

function wordsOf(kind: string, value: Node): string {
  switch (kind) {
    case 'DropStmt':
      return `DROP ${objectWords(value['removeType'])} ${listWords(value['objects'])}`
    case 'TruncateStmt':
      return `TRUNCATE ${listWords(value['relations'])}`
    case 'DoStmt':
      return 'DO'
    case 'RenameStmt':
      return `ALTER ${objectWords(value['renameType'])} ${nameOf(value['relation'] ?? value['object'])} RENAME`
    default:
      return `${kindWords(kind, value)} ${nameOf(value['relation'] ?? value['view'] ?? value['funcname'])}`.trim()
  }
}

/** `CreateFunctionStmt` becomes CREATE OR REPLACE FUNCTION. */
function kindWords(kind: string, value: Node): string {
  const words = kind
    .replace(/Stmt$/, '')
    .replace(/^(View|Rule|Index)$/, 'Create$1')
    .replace(/^Create$/, 'CreateTable')
    .replace('Trig', 'Trigger')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toUpperCase()
  return value['replace'] === true ? words.replace(/^CREATE/, 'CREATE OR REPLACE') : words
}

function objectWords(type: unknown): string {
  return (typeof type === 'string' ? type : '')
    .replace(/^OBJECT_/, '')
    .replace('MATVIEW', 'MATERIALIZED VIEW')
    .replaceAll('_', ' ')
}

/** The first name, and whether there are others. */
function listWords(list: unknown): string {
  const [first, ...others] = Array.isArray(list) ? (list as unknown[]) : []
  return nameOf(first) + (others.length > 0 ? ` and ${others.length} more` : '')
}

/** Names of any form of node: the texts in it that are names. */
function nameOf(node: unknown): string {
  const names: string[] = []
  const gather = (value: unknown): void => {
    for (const [key, inner] of entriesOf(value)) {
      if (['sval', 'relname', 'schemaname'].includes(key) && typeof inner === 'string') names.push(inner)
      else if (!['objargs', 'objfuncargs', 'typmods'].includes(key)) gather(inner)
    }
  }
  gather(node)
  return names.join('.').slice(0, nameLengthMax)
}
