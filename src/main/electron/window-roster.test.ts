/** Which windows come back after the app was ended, in whichever way. */

import { beforeEach, describe, expect, it } from 'vitest'
import { TestClock } from '../../base/clock.ts'
import type { WindowRecord } from './window-placement.ts'
import { WindowRoster } from './window-roster.ts'

const record = (workspaceId: string, x = 0): WindowRecord => ({
  ...{ bounds: { x, y: 0, width: 800, height: 600 }, isMaximized: false, isFullScreen: false, workspaceId },
})

describe('windows', () => {
  let clock: TestClock
  let written: string[][]
  let roster: WindowRoster
  beforeEach(() => {
    clock = new TestClock()
    written = []
    roster = new WindowRoster((records) => {
      written.push(records.map(({ workspaceId, bounds }) => `${workspaceId} ${bounds.x}`))
    }, clock)
    roster.note(1, record('first'))
    roster.note(2, record('second'))
  })
  const last = (): string[] | undefined => {
    roster.flush()
    return written.at(-1)
  }

  it('all come back after the app was quit', () => {
    roster.willQuit()
    for (const id of [1, 2]) roster.didClose(id)
    expect(last()).toEqual(['first 0', 'second 0'])
  })

  it('that were closed one by one do not come back, but the last one', () => {
    roster.didClose(1)
    roster.didClose(2)
    expect(last()).toEqual(['second 0'])
    roster.note(3, record('third'))
    expect(last()).toEqual(['third 0'])
  })

  it('that are gone are forgotten when another one wanted to stay', () => {
    roster.willQuit()
    roster.didClose(1)
    roster.didStay()
    roster.note(2, record('second', 9))
    expect(last()).toEqual(['second 9'])
  })

  it('are written once for many movements, and at once when asked', () => {
    for (let x = 1; x <= 60; x++) roster.note(1, record('first', x))
    expect(written).toEqual([])
    clock.advance(500)
    expect(written).toEqual([['first 60', 'second 0']])
    roster.flush()
    expect(written).toHaveLength(1)
  })
})
