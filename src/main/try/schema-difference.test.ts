/** Which objects of two descriptions are one and the same, and the order in which they are told. */

import { describe, expect, it } from 'vitest'
import { schemaDifference, type SchemaObject } from './schema-difference.ts'

/** Kind, key, name and, where it is not the name, definition. */
function object(...[kind, key, name, definition]: readonly string[]): SchemaObject {
  return { kind: kind ?? '', key: key ?? '', name: name ?? '', definition: definition ?? name ?? '' }
}

describe('schemaDifference', () => {
  it('knows an object again that was renamed, or dropped and made again', async () => {
    const before = [
      object('table', 't1', 'a', 'create a\nold'),
      object('view', 'v1', 'v', 'select 1'),
      object('index', 'i1', 'same'),
      object('table', 't2', 'gone'),
    ]
    const after = [
      object('index', 'i1', 'same'),
      object('view', 'v2', 'v', 'select 2'),
      object('table', 't1', 'b', 'create b\nold'),
      object('comment', 'c', 'on b', 'hi'),
    ]
    const { objects, leftOut } = await schemaDifference(before, after, 10)
    expect(objects).toEqual([
      { kind: 'table', name: 'a → b', change: 'changed', difference: '-create a\n+create b\n old' },
      { kind: 'table', name: 'gone', change: 'removed', difference: '-gone' },
      { kind: 'view', name: 'v', change: 'changed', difference: '-select 1\n+select 2' },
      { kind: 'comment', name: 'on b', change: 'added', difference: '+hi' },
    ])
    expect(leftOut).toBe(0)
  })

  it('tells the first ones in reading order, and how many there are besides', async () => {
    const after = Array.from({ length: 30 }, (_, index) => object('index', `i${index}`, `i${index}`))
    const { objects, leftOut } = await schemaDifference([], [...after, object('table', 't', 't')], 3)
    expect([objects.map(({ name }) => name), leftOut]).toEqual([['t', 'i0', 'i1'], 28])
  })
})
