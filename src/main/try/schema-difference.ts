/**
 * What differs between two descriptions of a schema, object by object. An object that was renamed is the same
 * one; one that was dropped and made again under its name is, too. Knows no SQL.
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { present } from '../../base/assert.ts'
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

/** At most `objectsMax` of them, in reading order, and how many there are. */
export async function schemaDifference(
  before: readonly SchemaObject[],
  after: readonly SchemaObject[],
  objectsMax: number,
): Promise<{ readonly objects: readonly TryObject[]; readonly leftOut: number }> {
  const changed = pairs(before, after)
    .filter((pair) => pair.before?.definition !== pair.after?.definition)
    .sort((a, b) => comparePairs(a, b))
  const objects: TryObject[] = []
  for (const pair of changed.slice(0, objectsMax)) {
    objects.push(difference(pair))
    // Comparing long definitions takes milliseconds each.
    await nextTurn()
  }
  return { objects, leftOut: changed.length - objects.length }
}

function comparePairs(a: Pair, b: Pair): number {
  const [one, other] = [objectOf(a), objectOf(b)]
  return (
    placeOf(one.kind) - placeOf(other.kind) ||
    one.kind.localeCompare(other.kind) ||
    one.name.localeCompare(other.name)
  )
}

function objectOf({ before, after }: Pair): SchemaObject {
  return present(after ?? before, 'An object')
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

function difference(pair: Pair): TryObject {
  const { before, after } = pair
  const [old = '', now = ''] = [before, after].map((each) => each?.definition.slice(0, definitionLengthMax))
  const change = before === null ? 'added' : after === null ? 'removed' : 'changed'
  const { kind, name } = objectOf(pair)
  const isRenamed = before !== null && after !== null && before.name !== after.name
  return {
    kind,
    name: isRenamed ? `${before.name} → ${name}` : name,
    change,
    difference: lineDifference(old, now),
  }
}
