/** That what was asked for one turn is asked until that has ended, and of no other. The clock is the test's. */

import { expect, test } from 'vitest'
import { TestClock } from '../../../base/clock.ts'
import { attemptCancel } from './cancel-attempt.ts'
import { SharedSignals } from './shared-signals.ts'

const activity = -7
const turn = 3

interface Attempt {
  readonly attempted: Promise<void>
  isOver: boolean
  end(): Promise<void>
}

/** A cancel of that turn, as the engine attempts it. */
function attempt(signals: SharedSignals, clock: TestClock): Attempt {
  const ended = Promise.withResolvers<void>()
  const attempted = attemptCancel({
    ...{ clock, boundMs: 1_000, ended: ended.promise },
    isOver: () => result.isOver,
    ask: () => signals.cancel(activity, turn),
    takeBack: () => signals.takeBackCancel(activity, turn),
    onBoundPassed: () => Promise.reject(new Error('The worker was ended')),
  })
  const result: Attempt = {
    attempted,
    isOver: false,
    end: () => {
      ended.resolve()
      return attempted
    },
  }
  return result
}

test('a cancel is asked for until its turn has ended, and does not wait for the next of that number', async () => {
  const signals = new SharedSignals()
  const clock = new TestClock()
  const { end } = attempt(signals, clock)
  expect(signals.isCancelled(activity, turn)).toBe(true)
  const wakesBefore = signals.wakeCount
  clock.advance(20)
  expect(signals.wakeCount).toBe(wakesBefore + 1)
  await end()
  expect(signals.isCancelled(activity, turn)).toBe(false)
  clock.advance(2_000)
  expect([signals.isCancelled(activity, turn), signals.wakeCount]).toEqual([false, wakesBefore + 1])
})

test('a cancel that has ended takes no other back', async () => {
  const signals = new SharedSignals()
  const { end } = attempt(signals, new TestClock())
  signals.cancel(activity, turn + 1)
  await end()
  expect(signals.isCancelled(activity, turn + 1)).toBe(true)
})

test('the worker is ended when a turn does not end, and not when another runs that was not asked for', async () => {
  for (const isOver of [false, true]) {
    const signals = new SharedSignals()
    const clock = new TestClock()
    const cancel = attempt(signals, clock)
    const outcome = cancel.attempted.then(
      () => 'left alone',
      (error: unknown) => String(error),
    )
    cancel.isOver = isOver
    const wakesBefore = signals.wakeCount
    clock.advance(900)
    expect([isOver, signals.wakeCount > wakesBefore]).toEqual([isOver, !isOver])
    clock.advance(60_000)
    expect(await outcome).toBe(isOver ? 'left alone' : 'Error: The worker was ended')
  }
})
