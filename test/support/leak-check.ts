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
  afterEach(async () => {
    for (let turn = 0; turn < settlingTurnsMax; turn += 1) {
      if (Object.keys(openDisposables()).length === 0) break
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(openDisposables()).toEqual({})
  })
}
