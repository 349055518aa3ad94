/** A thread of the engine that is left to sleep for a moment, on a clock of the test. Runs no engine. */

import { expect, test } from 'vitest'
import { TestClock } from '../../../base/clock.ts'
import { LateWake, lateWakeMs } from './late-wake.ts'

function create(mayRunBeside = true): { clock: TestClock; lateWake: LateWake; wakeCount: () => number } {
  const clock = new TestClock()
  let count = 0
  const lateWake = new LateWake(clock, { wake: () => (count += 1) }, mayRunBeside)
  return { clock, lateWake, wakeCount: () => count }
}

test('a thread is woken once for all that was left to it meanwhile', () => {
  const { clock, lateWake, wakeCount } = create()
  lateWake.wakeLater()
  clock.advance(lateWakeMs - 1)
  lateWake.wakeLater()
  expect(wakeCount()).toBe(0)
  clock.advance(1)
  expect(wakeCount()).toBe(1)
  clock.advance(10 * lateWakeMs)
  expect(wakeCount()).toBe(1)
})

test('what is left to it after that wakes it again', () => {
  const { clock, lateWake, wakeCount } = create()
  lateWake.wakeLater()
  clock.advance(lateWakeMs)
  lateWake.wakeLater()
  clock.advance(lateWakeMs)
  expect(wakeCount()).toBe(2)
})

test('for what is waited for soon a thread is woken at once, unless others need the processor', () => {
  const beside = create()
  beside.lateWake.wakeMeanwhile(true)
  expect(beside.wakeCount()).toBe(1)
  for (const mayRunBeside of [true, false]) {
    const { clock, lateWake, wakeCount } = create(mayRunBeside)
    lateWake.wakeMeanwhile(!mayRunBeside)
    expect(wakeCount()).toBe(0)
    clock.advance(lateWakeMs)
    expect(wakeCount()).toBe(1)
  }
})

test('nobody is woken when it is disposed', () => {
  const { clock, lateWake, wakeCount } = create()
  lateWake.wakeLater()
  lateWake.dispose()
  lateWake.wakeLater()
  clock.advance(lateWakeMs)
  expect(wakeCount()).toBe(0)
})
