/** When a wait is worth staying awake for. */

import { describe, expect, it } from 'vitest'
import { AdaptiveSpin } from './adaptive-spin.ts'

describe('an adaptive spin', () => {
  it('stays awake after a wait that it would have been awake for, and only then', () => {
    const spin = new AdaptiveSpin(0.5)
    expect(spin.spinMs).toBe(0)
    const spins = [0.1, 0.5, 0.6, 40, 0.2].map((waitedMs) => {
      spin.learn(waitedMs)
      return spin.spinMs
    })
    expect(spins).toEqual([0.5, 0.5, 0, 0, 0.5])
  })
})
