/** Examples of the contract's rows about results that are kept, with every optional part filled. */

import type { CacheOptions, CacheState } from '../../src/contract/cache.ts'

const options: CacheOptions = { isOn: true, bytesMax: 64 << 20, ageMaxMs: 60_000 }

const state: CacheState = {
  options,
  counts: { hits: 7, misses: 3, stored: 2, refused: 1, evicted: 1, invalidated: 1, savedMs: 812.5 },
  bytes: 530_000,
  entries: [
    {
      ...{ entryId: 'e1', statement: 'select * from orders', rowCount: 10_000, bytes: 530_000 },
      ...{ durationMs: 116.1, hits: 7, storedAtMs: 1_790_000_000_000, lastHitAtMs: 1_790_000_001_000 },
      relations: ['orders'],
    },
  ],
  removals: [
    {
      ...{ statement: 'select count(*) from orders', atMs: 1_790_000_000_500, reason: 'write' },
      ...{ relations: ['orders'], hits: 3 },
    },
  ],
  overTime: [{ atMs: 1_790_000_000_000, hits: 7, misses: 3 }],
  pointMs: 10_000,
}

const ofInstance = { instanceId: 'i1' }

export const cacheExamples = {
  'cache.state': { params: ofInstance, result: state },
  'cache.clear': { params: { ...ofInstance, entryId: 'e1' }, result: null },
  'cache.setOptions': { params: { ...ofInstance, options }, result: options },
  'cache.setSession': { params: { sessionId: 's1', isOn: false }, result: null },
  'cache.didChange': { payload: ofInstance },
} as const
