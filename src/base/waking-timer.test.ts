/** Whether pauses of the process count. */

import { expect, it } from 'vitest'
import { TestClock, type Clock } from './clock.ts'
import { afterAwake } from './waking-timer.ts'

it('fires when the time has passed, once', () => {
  const clock = new TestClock()
  const fired: number[] = []
  afterAwake(clock, 1_000, () => fired.push(clock.monotonicMs()))
  clock.advance(999)
  expect(fired).toEqual([])
  clock.advance(100_000)
  expect(fired).toEqual([1_000])
})

it('does not fire when it was disposed in between', () => {
  const clock = new TestClock()
  const timer = afterAwake(clock, 1_000, () => expect.unreachable())
  clock.advance(550)
  timer.dispose()
  clock.advance(10_000)
})

it('counts an hour in which the process was stopped as one step', () => {
  let nowMs = 0
  let due: { atMs: number; action: () => void } | null = null
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after(delayMs, action) {
      due = { atMs: nowMs + delayMs, action }
      return { dispose: () => (due = null) }
    },
  }
  /** As a process that goes on: what is overdue fires once. */
  function wakeAfter(ms: number): void {
    nowMs += ms
    const timer = due
    if (!timer || timer.atMs > nowMs) return
    due = null
    timer.action()
  }
  const fired: number[] = []
  afterAwake(clock, 1_000, () => fired.push(nowMs))
  wakeAfter(3_600_000)
  expect(fired).toEqual([])
  for (let step = 0; step < 9; step += 1) wakeAfter(100)
  expect(fired).toEqual([3_600_900])
})
