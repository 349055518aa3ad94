/** How long a client may idle, and what it has sent may wait. */

import { describe, expect, test } from 'vitest'
import { TestClock } from '../../base/clock.ts'
import { WireBounds } from './wire-bounds.ts'

function scene(): { clock: TestClock; bounds: WireBounds; told: string[] } {
  const clock = new TestClock()
  const told: string[] = []
  const bounds = new WireBounds({
    clock,
    onIdle: () => void told.push('idle'),
    onWaited: (sqlState, message) => void told.push(`${sqlState} ${message}`),
  })
  return { clock, bounds, told }
}

const none = { lockMs: 0, statementMs: 0, idleSessionMs: 0 }

describe('the bounds of a client', () => {
  test('are none unless they are set', () => {
    const { clock, bounds, told } = scene()
    bounds.wait(none)
    bounds.idle(none)
    clock.advance(1e9)
    expect(told).toEqual([])
  })

  test('tell of the shorter wait alone, and of the lock where both are as long', () => {
    const { clock, bounds, told } = scene()
    bounds.wait({ lockMs: 20, statementMs: 10 })
    clock.advance(100)
    expect(told.splice(0)).toEqual(['57014 canceling statement due to statement timeout'])
    bounds.wait({ lockMs: 10, statementMs: 10 })
    clock.advance(100)
    expect(told).toEqual(['55P03 canceling statement due to lock timeout'])
  })

  test('begin anew with what it waits for, and end with it', () => {
    const { clock, bounds, told } = scene()
    bounds.idle({ ...none, idleSessionMs: 10 })
    clock.advance(9)
    bounds.wait({ lockMs: 10, statementMs: 0 })
    clock.advance(9)
    bounds.idle({ ...none, idleSessionMs: 10 })
    clock.advance(9)
    bounds.dispose()
    clock.advance(9)
    expect(told).toEqual([])
    bounds.idle({ ...none, idleSessionMs: 10 })
    clock.advance(10)
    expect(told).toEqual(['idle'])
  })
})
