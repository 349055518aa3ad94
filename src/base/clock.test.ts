/** The test clock moves only when told; the real one is touched just enough to know that it is one. */

import { describe, expect, it } from 'vitest'
import { systemClock, TestClock } from './clock.ts'

describe('TestClock', () => {
  it('fires what is due in order of due time, each at its own time', () => {
    const clock = new TestClock(1_000)
    const fired: string[] = []
    const note = (name: string) => () => void fired.push(`${name} at ${clock.nowMs()}/${clock.monotonicMs()}`)
    clock.after(30, note('third'))
    clock.after(10, note('first'))
    clock.after(20, note('second'))
    clock.advance(25)
    expect(fired).toEqual(['first at 1010/10', 'second at 1020/20'])
    clock.advance(5)
    expect(fired).toHaveLength(3)
    expect(clock.monotonicMs()).toBe(30)
  })

  it('fires exactly at the due time, not a millisecond before', () => {
    const clock = new TestClock()
    let fired = false
    clock.after(100, () => {
      fired = true
    })
    clock.advance(99)
    expect(fired).toBe(false)
    clock.advance(1)
    expect(fired).toBe(true)
  })

  it('fires what an action sets up, if that is due too', () => {
    const clock = new TestClock()
    const fired: number[] = []
    const again = (): void => {
      fired.push(clock.monotonicMs())
      if (fired.length < 10) clock.after(10, again)
    }
    clock.after(10, again)
    clock.advance(35)
    expect(fired).toEqual([10, 20, 30])
  })

  it('does not fire what was disposed', () => {
    const clock = new TestClock()
    const timer = clock.after(10, () => expect.unreachable())
    timer.dispose()
    clock.advance(100)
  })
})

describe('systemClock', () => {
  it('moves, and fires once', async () => {
    const before = systemClock.monotonicMs()
    await new Promise<void>((resolve) => systemClock.after(1, resolve))
    expect(systemClock.monotonicMs()).toBeGreaterThan(before)
    expect(Math.abs(systemClock.nowMs() - Date.now())).toBeLessThan(60_000)
  })

  it('does not fire what was disposed', async () => {
    const timer = systemClock.after(0, () => expect.unreachable())
    timer.dispose()
    timer.dispose()
    await new Promise<void>((resolve) => systemClock.after(5, resolve))
  })
})
