/** When a client counts as having paused, by a clock that the test moves. */

import { expect, test } from 'vitest'
import { TestClock } from '../../base/clock.ts'
import { PauseWatch, pauseMs } from './pause-watch.ts'

function watched(isOver: () => boolean = () => true): {
  clock: TestClock
  watch: PauseWatch
  told: () => number
} {
  const clock = new TestClock()
  let count = 0
  const onPause = (): boolean => {
    count += 1
    return isOver()
  }
  return { clock, watch: new PauseWatch({ clock, onPause }), told: () => count }
}

test('a pause is told once, after nothing has come for its whole length', () => {
  const { clock, watch, told } = watched()
  watch.came()
  clock.advance(pauseMs - 1)
  expect(told()).toBe(0)
  watch.came()
  clock.advance(1)
  expect(told()).toBe(0)
  clock.advance(pauseMs)
  expect(told()).toBe(1)
  clock.advance(10 * pauseMs)
  expect(told()).toBe(1)
})

test('a pause that could not be used is told again, until it is', () => {
  const answers = [false, false, true]
  const { clock, watch, told } = watched(() => answers.shift() ?? true)
  watch.came()
  for (let round = 0; round < 5; round += 1) clock.advance(pauseMs)
  expect(told()).toBe(3)
  watch.came()
  clock.advance(pauseMs)
  expect(told()).toBe(4)
})

test('nothing is told after the end', () => {
  const { clock, watch, told } = watched()
  watch.came()
  watch.dispose()
  clock.advance(10 * pauseMs)
  expect(told()).toBe(0)
})
