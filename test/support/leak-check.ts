/**
 * The leak check that every suite which opens things puts in: after each test, nothing that counts itself
 * (calls, streams, sessions, subscriptions, …) may be open in this thread. Knows none of those things.
 */

import { afterEach, expect } from 'vitest'
import { openDisposables } from '../../src/base/disposable.ts'

/** Turns of the event loop that ends already under way may take, such as a socket's last close frame. */
const settlingTurnsMax = 10_000

/** Registers the check for the tests of this file or `describe`. Call it before registering other hooks. */
export function expectNoLeaks(): void {
  expectOnly(() => ({}))
}

/** Like `expectNoLeaks` for suites that keep something open over their tests: `kept` answers what, by kind. */
export function expectOnly(kept: () => Readonly<Record<string, number>>): void {
  afterEach(async () => {
    for (let turn = 0; turn < settlingTurnsMax && !isOnly(kept()); turn += 1) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(openDisposables()).toEqual(kept())
  })
}

function isOnly(kept: Readonly<Record<string, number>>): boolean {
  const open = Object.entries(openDisposables())
  return open.length === Object.keys(kept).length && open.every(([kind, count]) => kept[kind] === count)
}
