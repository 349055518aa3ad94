/**
 * What completion offers in a context: columns, relations, functions, keywords, in that order and capped, so that a
 * schema of tens of thousands of names costs no more than one of ten. Pure; knows no editor.
 */

import type { Names } from '../state/completion-names.ts'
import type { CompletionContext, MentionedRelation } from './completion-context.ts'
import { sqlKeywords, sqlTypes } from './sql-keywords.ts'

export interface CompletionEntry {
  readonly label: string
  readonly insertText: string
  readonly kind: 'column' | 'relation' | 'schema' | 'function' | 'alias' | 'keyword' | 'type'
  readonly detail: string
}

export interface CompletionEntries {
  readonly entries: readonly CompletionEntry[]
  /** There may be more: ask again when more is typed. */
  readonly isCut: boolean
}

/** What is offered at once. A list that is longer is not read but typed into. */
export const entriesMax = 300

type Relation = Names['relations'][number]

const reservedWords = new Set(sqlKeywords)
const plainName = /^[a-z_][a-z0-9_$]*$/

/** The entries for what was typed so far (`prefix`); `names` is null while they are not known. */
export function completionEntries(
  context: CompletionContext,
  names: Names | null,
  prefix: string,
): CompletionEntries {
  const wanted = prefix.toLowerCase()
  const entries: CompletionEntry[] = []
  let isCut = names?.isComplete === false
  for (const entry of candidates(context, names, prefix)) {
    if (!matches(entry, wanted)) continue
    if (entries.length >= entriesMax) {
      isCut = true
      break
    }
    entries.push(entry)
  }
  return { entries, isCut }
}

/** Words of the language from their beginning; names anywhere, or with letters left out after the first. */
function matches({ label, kind }: CompletionEntry, wanted: string): boolean {
  const lower = label.toLowerCase()
  if (kind === 'keyword' || kind === 'type') return lower.startsWith(wanted)
  if (lower.includes(wanted)) return true
  let at = 0
  for (let index = 0; index < lower.length && at < wanted.length; index += 1) {
    if (lower.charAt(index) === wanted.charAt(at)) at += 1
  }
  return at === wanted.length && lower.startsWith(wanted.charAt(0))
}

function* candidates(
  context: CompletionContext,
  names: Names | null,
  prefix: string,
): Generator<CompletionEntry> {
  if (context.qualifier !== null) {
    if (names) yield* qualified(context, names, context.qualifier)
    return
  }
  if (context.wantsRelation) {
    if (names) yield* relations(names)
    return
  }
  if (names) yield* mentionedColumns(context, names)
  for (const { alias, name } of context.relations) {
    if (alias !== null) yield { label: alias, insertText: quoteName(alias), kind: 'alias', detail: name }
  }
  const isUpper = prefix !== '' && prefix === prefix.toUpperCase() && prefix !== prefix.toLowerCase()
  const cased = (word: string): string => (isUpper ? word.toUpperCase() : word)
  for (const word of sqlKeywords) {
    yield { label: cased(word), insertText: cased(word), kind: 'keyword', detail: '' }
  }
  if (names) {
    yield* functions(names)
    yield* relations(names)
  }
  for (const word of sqlTypes) yield { label: word, insertText: word, kind: 'type', detail: '' }
}

function* qualified(context: CompletionContext, names: Names, qualifier: string): Generator<CompletionEntry> {
  const mention = context.relations.find(({ alias, name }) => (alias ?? name) === qualifier)
  const owner = mention ? findRelation(names, mention) : null
  if (owner) {
    yield* columns(owner)
    return
  }
  for (const relation of names.relations) {
    if (relation.schema === qualifier) yield relationEntry(relation, quoteName(relation.name))
  }
  for (const each of names.functions) {
    if (each.schema === qualifier) yield functionEntry(each)
  }
}

function* mentionedColumns(context: CompletionContext, names: Names): Generator<CompletionEntry> {
  const seen = new Set<string>()
  for (const mention of context.relations) {
    const relation = findRelation(names, mention)
    for (const entry of relation ? columns(relation) : []) {
      if (!seen.has(entry.label)) yield entry
      seen.add(entry.label)
    }
  }
}

function findRelation(names: Names, { schema, name }: MentionedRelation): Relation | null {
  const candidatesOfName = names.relations.filter((relation) => relation.name === name)
  if (schema !== null) return candidatesOfName.find((relation) => relation.schema === schema) ?? null
  for (const searched of names.searchPath) {
    const found = candidatesOfName.find((relation) => relation.schema === searched)
    if (found) return found
  }
  return candidatesOfName[0] ?? null
}

function* columns(relation: Relation): Generator<CompletionEntry> {
  for (const name of relation.columns) {
    yield { label: name, insertText: quoteName(name), kind: 'column', detail: relation.name }
  }
}

/** Relations on the search path by their name, others with their schema; then the schemas. */
function* relations(names: Names): Generator<CompletionEntry> {
  const path = new Set(names.searchPath)
  for (const relation of names.relations) {
    if (path.has(relation.schema)) yield relationEntry(relation, quoteName(relation.name))
  }
  const schemas = new Set(names.relations.map(({ schema }) => schema))
  for (const schema of schemas)
    yield { label: schema, insertText: quoteName(schema), kind: 'schema', detail: 'schema' }
  for (const relation of names.relations) {
    if (path.has(relation.schema)) continue
    yield relationEntry(relation, `${quoteName(relation.schema)}.${quoteName(relation.name)}`)
  }
}

function relationEntry(relation: Relation, insertText: string): CompletionEntry {
  return {
    label: relation.name,
    insertText,
    kind: 'relation',
    detail: `${relation.kind} in ${relation.schema}`,
  }
}

function* functions(names: Names): Generator<CompletionEntry> {
  for (const each of names.functions) yield functionEntry(each)
}

function functionEntry(each: Names['functions'][number]): CompletionEntry {
  return {
    label: each.name,
    insertText: quoteName(each.name),
    kind: 'function',
    detail: `(${each.arguments})`,
  }
}

/** Quoted only when needed. */
function quoteName(name: string): string {
  return plainName.test(name) && !reservedWords.has(name) ? name : `"${name.replaceAll('"', '""')}"`
}
