/** When a thread counts as one that hangs, and when it does not. */

import { expect, it } from 'vitest'
import { TestClock } from '../../../base/clock.ts'
import { LivenessWatch, type WatchedThread } from './liveness-watch.ts'

const bounds = { intervalMs: 5_000, cpuMsMax: 10_000 }
const hourMs = 3_600_000

/** A thread whose looks from outside the test decides. */
class ScriptedThread implements WatchedThread {
  beats = 0
  mayTakeLong = false
  /** Of each interval. */
  cpuMsEach = 0
  isAsleep = false
  #cpuMs = 0

  wake(): void {
    if (this.isAsleep) this.beats += 1
  }

  cpuMs(): Promise<number> {
    return Promise.resolve(this.#cpuMs)
  }

  burn(): void {
    this.#cpuMs += this.cpuMsEach
  }
}

function watched(): { thread: ScriptedThread; pass(intervals: number): Promise<number> } {
  const clock = new TestClock()
  const thread = new ScriptedThread()
  let hungCount = 0
  new LivenessWatch(thread, { clock, bounds, onHung: () => (hungCount += 1) })
  return {
    thread,
    async pass(intervals) {
      for (let interval = 0; interval < intervals; interval += 1) {
        thread.burn()
        clock.advance(bounds.intervalMs)
        // What the thread answers arrives.
        await new Promise((resolve) => setImmediate(resolve))
      }
      return hungCount
    },
  }
}

it('tells once of a thread that burns the processor and gives no sign of life', async () => {
  const { thread, pass } = watched()
  thread.cpuMsEach = 5_000
  expect(await pass(6)).toBe(0)
  expect(await pass(1)).toBe(1)
  expect(await pass(100)).toBe(1)
})

it('takes a thread that waits for messages for alive, for as long as it likes', async () => {
  const { thread, pass } = watched()
  thread.isAsleep = true
  thread.cpuMsEach = 5_000
  expect(await pass(hourMs / bounds.intervalMs)).toBe(0)
})

it('lets a statement, or a disk that is slow, take hours', async () => {
  const { thread, pass } = watched()
  thread.mayTakeLong = true
  thread.cpuMsEach = 5_000
  expect(await pass((5 * hourMs) / bounds.intervalMs)).toBe(0)
  thread.mayTakeLong = false
  expect(await pass(5)).toBe(0)
  expect(await pass(1)).toBe(1)
})

it('is patient with a thread that gets next to no processor time, until that is too much', async () => {
  const { thread, pass } = watched()
  thread.cpuMsEach = 10
  expect(await pass(1_000)).toBe(0)
  thread.cpuMsEach = 2_000
  expect(await pass(4)).toBe(1)
})

it('begins anew with each sign of life', async () => {
  const { thread, pass } = watched()
  thread.cpuMsEach = 5_000
  for (let round = 0; round < 10; round += 1) {
    expect(await pass(5)).toBe(0)
    thread.beats += 1
  }
})

it('draws no conclusion from a thread that cannot be asked', async () => {
  const { thread, pass } = watched()
  thread.cpuMs = () => new Promise(() => undefined)
  expect(await pass(100)).toBe(0)
  thread.cpuMs = () => Promise.reject(new Error('it has ended'))
  expect(await pass(100)).toBe(0)
})
