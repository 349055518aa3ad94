/** When something counts as unused. Method: a clock that moves when it is told. */

import { expect, it } from 'vitest'
import { TestClock } from '../../base/clock.ts'
import { watchIdle } from './idle-watch.ts'

const minuteMs = 60_000

it('tells once, when nobody was there for so long, and never where there is no bound', () => {
  const clock = new TestClock()
  let idleMsMax: number | null = null
  let usedAtMs = 0
  let told = 0
  const watch = watchIdle({
    clock,
    idleMsMax: () => idleMsMax,
    unusedMs: () => clock.monotonicMs() - usedAtMs,
    onIdle: () => (told += 1),
  })
  clock.advance(60 * minuteMs)
  expect(told).toBe(0)
  usedAtMs = clock.monotonicMs()
  idleMsMax = 5 * minuteMs
  clock.advance(4 * minuteMs)
  usedAtMs = clock.monotonicMs()
  clock.advance(4.9 * minuteMs)
  expect(told).toBe(0)
  clock.advance(0.4 * minuteMs)
  expect(told).toBe(1)
  clock.advance(60 * minuteMs)
  expect(told).toBe(1)
  watch.dispose()
})

it('tells nothing once it is disposed', () => {
  const clock = new TestClock()
  let told = 0
  const options = { clock, idleMsMax: () => 0, unusedMs: () => 1, onIdle: () => (told += 1) }
  watchIdle(options).dispose()
  clock.advance(minuteMs)
  expect(told).toBe(0)
})
