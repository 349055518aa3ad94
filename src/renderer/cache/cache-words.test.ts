/** What is said of results that are kept. */

import { expect, it } from 'vitest'
import { defaultCacheOptions } from '../../contract/cache.ts'
import { rateBars, rateWords, removalWords, roomWords } from './cache-words.ts'

const counts = { hits: 0, misses: 0, stored: 0, refused: 0, evicted: 0, invalidated: 0, savedMs: 0 }

it('says what the results were good for, and what they take', () => {
  expect(rateWords(counts)).toBe('nothing asked yet')
  expect(rateWords({ ...counts, hits: 900, misses: 300, savedMs: 4_200 })).toBe(
    '75 % of 1,200 answered from them, 4.20 s saved',
  )
  const state = { options: defaultCacheOptions, counts, pointMs: 10_000, removals: [], overTime: [] }
  expect(roomWords({ ...state, bytes: 0, entries: [] })).toBe('no results, room for 64 MB')
  const entry = { entryId: 'e', statement: 'select 1', bytes: 3 << 20, rowCount: 1, durationMs: 9, hits: 0 }
  const entries = [{ ...entry, storedAtMs: 0, lastHitAtMs: null, relations: [] }]
  expect(roomWords({ ...state, bytes: 3 << 20, entries })).toBe('1 result, 3 MB of 64 MB')
})

it('says why a result is not there any more', () => {
  expect(removalWords({ reason: 'write', relations: ['orders', 'items'] })).toBe('orders, items was written')
  expect(removalWords({ reason: 'schema', relations: [] })).toBe('the schema, a role or a policy has changed')
})

it('has a bar for each stretch of time, also where nothing was asked', () => {
  const overTime = [{ atMs: 80_000, hits: 3, misses: 1 }]
  const bars = rateBars({ overTime, pointMs: 10_000 }, { nowMs: 95_000, count: 3 })
  expect(bars.map(({ atMs, share }) => [atMs, share])).toEqual([
    [70_000, null],
    [80_000, 0.75],
    [90_000, null],
  ])
})
