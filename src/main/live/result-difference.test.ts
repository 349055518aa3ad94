/** Goal: whoever applies what is told has the new result. Method: results drawn at random, with few different rows. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rowDifference, type RowDifference, type RowTexts } from './result-difference.ts'

const runs = { numRuns: Number(process.env['WARDIAN_TEST_DIFFERENCES'] ?? 300) }
const cell = fc.option(fc.constantFrom('', '1', '2', 'a"b', '[]', 'null', '\u0000', 'ß'))
const row = fc.tuple(cell, cell).map((cells) => JSON.stringify(cells))
const bag = fc.array(row, { maxLength: 12 })

/** As a client folds it. */
function apply(rows: readonly string[], difference: RowDifference | null): string[] {
  const result = [...rows]
  const remove = (text: string): void => {
    const at = result.indexOf(text)
    if (at < 0) throw new Error(`${text} is not there`)
    result.splice(at, 1)
  }
  for (const { before, after } of difference?.updated ?? []) {
    remove(before)
    result.push(after)
  }
  for (const gone of difference?.deleted ?? []) remove(gone)
  result.push(...(difference?.inserted ?? []))
  return result.sort()
}

const keyed = (rows: readonly string[]): RowTexts => {
  const byKey = new Map(rows.map((text) => [text.slice(0, text.indexOf(',')), text]))
  return { rows: [...byKey.values()], keys: [...byKey.keys()] }
}

describe('rowDifference', () => {
  it('makes of the old result the new one, as bags', () => {
    fc.assert(
      fc.property(bag, bag, (before, after) => {
        const difference = rowDifference({ rows: before, keys: null }, { rows: after, keys: null })
        expect(apply(before, difference)).toEqual([...after].sort())
        expect(difference === null).toBe([...before].sort().join() === [...after].sort().join())
        // No row goes only to come again.
        expect(difference?.inserted.filter((text) => difference.deleted.includes(text)) ?? []).toEqual([])
      }),
      runs,
    )
  })

  it('makes of the old result the new one, by key, and never tells a key twice', () => {
    fc.assert(
      fc.property(bag.map(keyed), bag.map(keyed), (before, after) => {
        const difference = rowDifference(before, after)
        expect(apply(before.rows, difference)).toEqual([...after.rows].sort())
        const keys = [...(difference?.inserted ?? []), ...(difference?.deleted ?? [])].map(
          (text) => keyed([text]).keys?.[0],
        )
        expect(new Set(keys).size).toBe(keys.length)
      }),
      runs,
    )
  })

  it('tells a changed row as changed where a key tells rows apart, else as gone and come', () => {
    const before = { rows: ['["1","a"]', '["2","b"]'], keys: ['"1"', '"2"'] }
    const after = { rows: ['["2","c"]', '["3","d"]'], keys: ['"2"', '"3"'] }
    expect(rowDifference(before, after)).toEqual({
      inserted: ['["3","d"]'],
      updated: [{ before: '["2","b"]', after: '["2","c"]' }],
      deleted: ['["1","a"]'],
    })
    expect(rowDifference({ ...before, keys: null }, { ...after, keys: null })).toEqual({
      ...{ inserted: after.rows, updated: [], deleted: before.rows },
    })
  })

  it('tells nothing of another order', () => {
    const rows = ['["1"]', '["1"]', '["2"]']
    expect(rowDifference({ rows, keys: null }, { rows: [...rows].reverse(), keys: null })).toBeNull()
  })
})
