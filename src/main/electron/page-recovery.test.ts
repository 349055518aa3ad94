/** A page whose process dies comes back, one that keeps dying asks; a graphics processor that does is left out. */

import { beforeEach, describe, expect, it } from 'vitest'
import { TestClock } from '../../base/clock.ts'
import { GpuTrust, usesGpu } from './gpu-trust.ts'
import { PageRecovery } from './page-recovery.ts'
import { usualShellSettings } from './shell-record.ts'

describe('a page whose process has ended', () => {
  let clock: TestClock
  let done: string[]
  let answer: PromiseWithResolvers<boolean>
  let recovery: PageRecovery
  beforeEach(() => {
    clock = new TestClock()
    done = []
    answer = Promise.withResolvers<boolean>()
    recovery = new PageRecovery(
      {
        reload: () => done.push('reload'),
        close: () => done.push('close'),
        ask: ({ detail }) => {
          done.push(detail.includes('memory') ? 'ask about memory' : 'ask')
          return answer.promise
        },
      },
      clock,
    )
  })

  it('is loaded again, three times within a minute', async () => {
    for (const reason of ['crashed', 'oom', 'killed']) await recovery.didEnd(reason)
    expect(done).toEqual(['reload', 'reload', 'reload'])
    clock.advance(60_001)
    await recovery.didEnd('crashed')
    expect(done).toHaveLength(4)
  })

  it.each([
    [true, 'reload'],
    [false, 'close'],
  ])('is asked about at the fourth time, once; the answer %s means %s', async (mayReload, what) => {
    for (let time = 1; time <= 3; time++) await recovery.didEnd('crashed')
    const asking = recovery.didEnd('oom')
    await recovery.didEnd('crashed')
    answer.resolve(mayReload)
    await asking
    expect(done.slice(3)).toEqual(['ask about memory', what])
  })

  it('is left alone when that was wanted', async () => {
    await recovery.didEnd('clean-exit')
    expect(done).toEqual([])
  })
})

describe('the graphics processor', () => {
  it('is left out from the next start on when its process has ended three times by itself', () => {
    let lostCount = 0
    const trust = new GpuTrust(() => (lostCount += 1))
    trust.didEnd({ type: 'Utility', reason: 'crashed' })
    trust.didEnd({ type: 'GPU', reason: 'clean-exit' })
    for (const reason of ['crashed', 'launch-failed']) trust.didEnd({ type: 'GPU', reason })
    expect(lostCount).toBe(0)
    for (const reason of ['abnormal-exit', 'crashed']) trust.didEnd({ type: 'GPU', reason })
    expect(lostCount).toBe(1)
  })

  it.each([
    [true, false, true],
    [true, true, false],
    [false, false, false],
  ])('wished %s and failed %s: used %s', (isWished, hasGpuFailed, isUsed) => {
    expect(usesGpu({ settings: { ...usualShellSettings, usesGpu: isWished }, hasGpuFailed })).toBe(isUsed)
  })
})
