/**
 * What could stand at the caret, judged from the words around it: whether a relation is wanted, which relations the
 * statement mentions and under which aliases, and what stands before the dot. Reads words, not grammar, because
 * the statement is unfinished. Pure.
 */

import { SqlLexer } from '../../parser/sql-lexer.ts'
import { sqlKeywords } from './sql-keywords.ts'

/** A relation as the statement mentions it; names as they are stored, without quotes. */
export interface MentionedRelation {
  readonly schema: string | null
  readonly name: string
  readonly alias: string | null
}

export interface CompletionContext {
  /** What stands before the dot before the caret; null when there is no dot. */
  readonly qualifier: string | null
  /** The caret is where a relation is named. */
  readonly wantsRelation: boolean
  /** A finished name or bracket stands before: what comes is an alias or a keyword. */
  readonly followsName: boolean
  readonly relations: readonly MentionedRelation[]
}

interface Word {
  /** As stored: unquoted words in lower case. */
  readonly name: string
  readonly isQuoted: boolean
  readonly start: number
  readonly end: number
}

/** Words after which a relation is named. */
const relationWords = new Set([
  'from',
  'join',
  'update',
  'into',
  'table',
  'truncate',
  'using',
  'only',
  'view',
])
/** Words that end a list of relations, or cannot be an alias. */
const clauseWords = new Set(
  (
    'where group having order limit offset fetch union intersect except on using set values returning window ' +
    'join left right inner full cross natural lateral select from as when then'
  ).split(' '),
)

const keywords = new Set(sqlKeywords)

/** The context of a caret at `offset` of one statement; null inside a string or a comment. */
export function completionContext(statement: string, offset: number): CompletionContext | null {
  const words: Word[] = []
  const lexer = new SqlLexer(statement)
  while (lexer.next()) {
    const { kind, start, position } = lexer
    const isInside = start < offset && offset < position
    const isOpenEnd = start < offset && offset === position && position === statement.length
    if (kind === 'comment' && (isInside || isOpenEnd)) return null
    const text = statement.slice(start, position)
    const isName = kind === 'word' || (kind === 'quoted' && text.startsWith('"'))
    if (kind === 'quoted' && !isName && (isInside || (isOpenEnd && !isClosed(text)))) return null
    if (isName) words.push({ ...nameOf(text), start, end: position })
    else if (kind === 'other') words.push({ name: text, isQuoted: false, start, end: position })
  }
  const before = words.filter((word) => word.end < offset || (word.end === offset && isMark(word)))
  return {
    qualifier: qualifierOf(before),
    wantsRelation: wantsRelation(before),
    followsName: followsName(before),
    relations: mentionedRelations(words.filter((word) => !(word.start < offset && offset <= word.end))),
  }
}

function isClosed(text: string): boolean {
  return text.length > 1 && text.endsWith(text.charAt(0))
}

function nameOf(text: string): { name: string; isQuoted: boolean } {
  if (!text.startsWith('"')) return { name: text.toLowerCase(), isQuoted: false }
  return { name: text.slice(1, text.endsWith('"') ? -1 : undefined).replaceAll('""', '"'), isQuoted: true }
}

function isMark({ name, isQuoted }: Word): boolean {
  return !isQuoted && name.length === 1 && !/[\p{L}\p{N}_]/u.test(name)
}

function qualifierOf(before: readonly Word[]): string | null {
  const dot = before.at(-1)
  const owner = before.at(-2)
  return dot?.name === '.' && owner && !isMark(owner) ? owner.name : null
}

function followsName(before: readonly Word[]): boolean {
  const last = before.at(-1)
  if (!last) return false
  if (isMark(last)) return last.name === ')' || last.name === ']'
  return last.isQuoted || !keywords.has(last.name)
}

function wantsRelation(before: readonly Word[]): boolean {
  // schema.| : what matters stands before the schema.
  const words = before.at(-1)?.name === '.' ? before.slice(0, -2) : before
  const last = words.at(-1)
  if (!last) return false
  if (relationWords.has(last.name) && !last.isQuoted) return true
  if (last.name !== ',') return false
  const clause = words.findLast(
    ({ name, isQuoted }) => !isQuoted && (name === 'from' || clauseWords.has(name)),
  )
  return clause?.name === 'from' || clause?.name === 'join'
}

function mentionedRelations(words: readonly Word[]): MentionedRelation[] {
  const found: MentionedRelation[] = []
  let isInList = false
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]
    if (!word) continue
    const opens = !word.isQuoted && relationWords.has(word.name)
    if (opens) isInList = word.name === 'from'
    else if (!word.isQuoted && clauseWords.has(word.name)) isInList = false
    if (!opens && !(isInList && word.name === ',')) continue
    const mention = relationAt(words, at + 1)
    if (mention) found.push(mention)
  }
  return found
}

/** `[schema.]name [[as] alias]` from word `at` on. */
function relationAt(words: readonly Word[], at: number): MentionedRelation | null {
  const first = words[at]
  if (!first || isMark(first) || (!first.isQuoted && clauseWords.has(first.name))) return null
  const hasSchema = words[at + 1]?.name === '.' && words[at + 2] !== undefined
  const name = hasSchema ? words[at + 2] : first
  if (!name || isMark(name)) return null
  const next = hasSchema ? at + 3 : at + 1
  const aliasAt = words[next]?.name === 'as' ? next + 1 : next
  const alias = words[aliasAt]
  const isAlias = alias !== undefined && !isMark(alias) && (alias.isQuoted || !clauseWords.has(alias.name))
  return { schema: hasSchema ? first.name : null, name: name.name, alias: isAlias ? alias.name : null }
}
