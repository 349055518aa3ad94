/** Results in memory: rows are found in their batches, gaps are refused, old results make room for new ones. */

import { describe, expect, it } from 'vitest'
import { emptyOutcome, int4Batch, int4Column } from '../../../test/support/int4-batch.ts'
import { ResultBudget } from './result-budget.ts'
import { ResultState } from './result-state.ts'

function result(): ResultState {
  return new ResultState({ id: 'r', statementIndex: 0, statementText: 'select', columns: [int4Column] })
}

describe('a result', () => {
  it('finds each row in its batch, empty batches and both ends included', () => {
    const state = result()
    let first = 0
    for (const rows of [3, 0, 1, 5]) {
      state.append(first, int4Batch(rows))
      first += rows
    }
    expect(state.rowCount).toBe(9)
    const found = Array.from({ length: 9 }, (_, row) => {
      const place = state.locate(row)
      return place ? [state.batches.indexOf(place.batch), place.row] : null
    })
    expect(found).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [2, 0],
      [3, 0],
      [3, 1],
      [3, 2],
      [3, 3],
      [3, 4],
    ])
    expect(state.locate(9)).toBeNull()
    expect(state.locate(-1)).toBeNull()
  })

  it('refuses rows that leave a gap', () => {
    const state = result()
    state.append(0, int4Batch(2))
    expect(() => state.append(3, int4Batch(1))).toThrow('Rows of the result are missing')
  })
})

describe('the results of a window', () => {
  it('give up those not looked at for longest, and never one that is still arriving', () => {
    const bytes = int4Batch(100).byteLength
    const budget = new ResultBudget(3 * bytes)
    const [arriving, old, recent] = [result(), result(), result()]
    for (const each of [arriving, old, recent]) {
      budget.touch(each)
      each.append(0, int4Batch(100))
    }
    old.outcome.set(emptyOutcome)
    recent.outcome.set(emptyOutcome)
    budget.touch(recent)
    expect(budget.bytes).toBe(3 * bytes)
    budget.admit()
    expect([arriving, old, recent].map((each) => each.isDiscarded.value)).toEqual([false, true, true])
    expect(budget.bytes).toBe(bytes)
    expect(old.rowCount).toBe(0)
  })
})
