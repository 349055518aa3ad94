/** Who is told of the end of a statement, and when the machine is kept awake. */

import { beforeEach, describe, expect, it } from 'vitest'
import { TestClock } from '../../base/clock.ts'
import { newsOf, type EndedRun } from './run-news.ts'
import { WakeKeeper } from './wake-keeper.ts'

const run: EndedRun = { title: 'console 1', durationMs: 8_200, outcome: 'ok', words: '2,000 rows' }
const elsewhere = { isLookedAt: false, notifies: true }

describe('the end of a statement', () => {
  it('is told to who looks elsewhere, without what was run', () => {
    expect(newsOf(run, elsewhere)).toEqual({
      title: 'console 1 has finished',
      body: '2,000 rows, after 8 s',
    })
    const failed = { ...run, outcome: 'failed', words: 'relation "salaries" does not exist' } as const
    expect(newsOf({ ...failed, durationMs: 600_000 }, elsewhere)).toEqual({
      title: 'console 1 has failed',
      body: 'After 10 min',
    })
  })

  it.each([
    ['the window is looked at', run, { ...elsewhere, isLookedAt: true }],
    ['nobody wants to be told', run, { ...elsewhere, notifies: false }],
    ['it was short', { ...run, durationMs: 4_999 }, elsewhere],
    ['it was cancelled by who waits for it', { ...run, outcome: 'cancelled' as const }, elsewhere],
  ])('is no news when %s', (_why, ended, around) => {
    expect(newsOf(ended, around)).toBeNull()
  })
})

describe('the machine', () => {
  let clock: TestClock
  let blocked: Set<number>
  let isWished: boolean
  let keeper: WakeKeeper
  beforeEach(() => {
    clock = new TestClock()
    blocked = new Set()
    isWished = true
    let nextId = 0
    const blocker = {
      start: () => {
        blocked.add(nextId)
        return nextId++
      },
      stop: (id: number) => blocked.delete(id),
    }
    keeper = new WakeKeeper(blocker, clock, () => isWished)
  })

  it('stays awake while something has run for half a minute, whichever window it is for', () => {
    keeper.setJobCount(1, 1)
    clock.advance(29_999)
    keeper.setJobCount(2, 3)
    expect(blocked.size).toBe(0)
    clock.advance(1)
    expect(blocked.size).toBe(1)
    keeper.setJobCount(1, 0)
    keeper.setJobCount(2, 1)
    expect(blocked.size).toBe(1)
    keeper.setJobCount(2, 0)
    expect(blocked.size).toBe(0)
  })

  it('may sleep when what ran was short, or when that is the wish', () => {
    keeper.setJobCount(1, 1)
    keeper.setJobCount(1, 0)
    clock.advance(60_000)
    isWished = false
    keeper.setJobCount(1, 1)
    clock.advance(60_000)
    expect(blocked.size).toBe(0)
    keeper.dispose()
    expect(keeper.isAwake).toBe(false)
  })
})
