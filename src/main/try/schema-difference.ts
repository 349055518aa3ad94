/**
 * What differs between two descriptions of a schema, object by object. An object that was renamed is the same
 * one; one that was dropped and made again under its name is, too. Knows no SQL.
 */

import { lineDifference } from '../../base/line-difference.ts'
import type { TryObject } from '../../contract/try-report.ts'

/** One object, as schema-queries.ts describes it. */
export interface SchemaObject {
  readonly kind: string
  /** The same before and after, whatever it is called. */
  readonly key: string
  readonly name: string
  readonly definition: string
}

/** Definitions longer than this are shown from their beginning: a difference is read by people. */
const definitionLengthMax = 200_000

/** The reading order of changes: what holds others comes first. */
const kindOrder: readonly string[] = [
  ...[
    'extension',
    'schema',
    'role',
    'type',
    'enum',
    'domain',
    'sequence',
    'table',
    'foreign table',
    'index',
    'view',
  ],
  ...['materialized view', 'function', 'procedure', 'aggregate', 'trigger', 'rule', 'policy', 'statistics'],
]

interface Pair {
  readonly before: SchemaObject | null
  readonly after: SchemaObject | null
}

export function schemaDifference(
  before: readonly SchemaObject[],
  after: readonly SchemaObject[],
): readonly TryObject[] {
  return pairs(before, after)
    .map(difference)
    .filter((change) => change !== null)
    .sort(
      (a, b) =>
        placeOf(a.kind) - placeOf(b.kind) || a.kind.localeCompare(b.kind) || a.name.localeCompare(b.name),
    )
}

function placeOf(kind: string): number {
  const place = kindOrder.indexOf(kind)
  return place < 0 ? kindOrder.length : place
}

function pairs(before: readonly SchemaObject[], after: readonly SchemaObject[]): Pair[] {
  const known = new Map(before.map((object) => [object.key, object]))
  const same: Pair[] = []
  const added: SchemaObject[] = []
  for (const object of after) {
    const old = known.get(object.key)
    if (old) same.push({ before: old, after: object })
    else added.push(object)
    known.delete(object.key)
  }
  const gone = new Map([...known.values()].map((object) => [nameKey(object), object]))
  for (const object of added) {
    const old = gone.get(nameKey(object)) ?? null
    gone.delete(nameKey(object))
    same.push({ before: old, after: object })
  }
  return [...same, ...[...gone.values()].map((object) => ({ before: object, after: null }))]
}

function nameKey({ kind, name }: SchemaObject): string {
  return `${kind} ${name}`
}

function difference({ before, after }: Pair): TryObject | null {
  const object = after ?? before
  if (!object) return null
  const [old, now] = [before, after].map((each) => each?.definition.slice(0, definitionLengthMax) ?? '')
  const isSame = before !== null && after !== null && before.definition === after.definition
  // Where only the name in the heading changed: a comment's object was renamed, which is told there.
  if (isSame) return null
  const change = before === null ? 'added' : after === null ? 'removed' : 'changed'
  const name =
    before !== null && after !== null && before.name !== after.name
      ? `${before.name} → ${after.name}`
      : object.name
  return { kind: object.kind, name, change, difference: lineDifference(old ?? '', now ?? '') }
}
