/** Whether the host knows that the worker is about to sleep, with both ends in one thread. */

import { expect, test } from 'vitest'
import { SharedSignals } from './shared-signals.ts'

/** What a host does that has put something where the worker looks; answers whether it has woken the worker. */
function tells(signals: SharedSignals): boolean {
  const before = new Int32Array(signals.buffer).slice()
  signals.wakeIfAsleep()
  return new Int32Array(signals.buffer).some((word, index) => word !== before[index])
}

test('the host wakes a worker that has found nothing twice, and no other', () => {
  const signals = new SharedSignals()
  const woken: boolean[] = []
  const found = signals.waitFor(() => {
    woken.push(tells(signals))
    return woken.length === 3 ? 'found' : undefined
  })
  expect([found, woken]).toEqual(['found', [false, true, false]])
  expect(tells(signals)).toBe(false)
})

test('the host wakes a worker that is about to sleep although it has waited for something else meanwhile', () => {
  const signals = new SharedSignals()
  const woken: boolean[] = []
  let looks = 0
  let innerLooks = 0
  const found = signals.waitFor(() => {
    looks += 1
    if (looks === 2) {
      signals.waitFor(() => ((innerLooks += 1) === 2 ? 'room' : undefined))
      // So that this test ends, should it fail.
      signals.wake()
    }
    if (looks === 3) woken.push(tells(signals))
    return looks === 3 ? 'found' : undefined
  })
  expect([found, looks, woken]).toEqual(['found', 3, [true]])
})
