/**
 * Goal: what was started in the background ends when nobody uses it, and not before. Method: a host with scripted
 * answers, a clock that is moved by hand.
 */

import { beforeEach, describe, expect, it } from 'vitest'
import { TestClock, type Clock } from '../../base/clock.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { workbenchExamples } from '../../../test/support/contract-examples.ts'
import { ScriptedHost } from '../../../test/support/scripted-host.ts'
import { unusedMs, watchUse } from './watch-use.ts'

expectNoLeaks()

const endpoints = workbenchExamples['endpoint.list'].result

let clock: TestClock
let clientCount: number
let isListening: boolean
let unusedCount: number
let looks: number
let plans: number

beforeEach(() => {
  clock = new TestClock()
  clientCount = 0
  isListening = false
  unusedCount = 0
  looks = 0
  plans = 0
})

function watch(): { dispose(): void } {
  const options = {
    dataDirectory: '',
    shell: 'serve',
    clock,
    log: { info() {}, warn() {}, error() {} },
  } as const
  const host = new ScriptedHost(options, {
    'endpoint.list': () => {
      looks += 1
      return Promise.resolve(
        endpoints.map((endpoint) => ({ ...endpoint, state: isListening ? 'listening' : 'off' })),
      )
    },
  })
  const serving = {
    attach: (port: Parameters<ScriptedHost['attach']>[0]) => host.attach(port),
    get clientCount() {
      return clientCount
    },
  }
  const counting: Clock = {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    after: (delayMs, action) => {
      plans += 1
      return clock.after(delayMs, action)
    },
  }
  return watchUse(serving, { clock: counting, onUnused: () => void (unusedCount += 1) })
}

/** Moves the clock by `ms`, one look after the other, each until the next one is planned or none is. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 10_000) {
    const before = plans
    clock.advance(10_000)
    await expect.poll(() => plans > before || unusedCount > 0, { timeout: 30_000, interval: 1 }).toBe(true)
  }
}

describe('watchUse', () => {
  it('tells once when nobody has used it for that long', async () => {
    const watching = watch()
    await pass(unusedMs - 10_000)
    expect(unusedCount).toBe(0)
    await pass(20_000)
    expect(unusedCount).toBe(1)
    watching.dispose()
  })

  it('counts from when the last window was closed', async () => {
    const watching = watch()
    clientCount = 1
    await pass(2 * unusedMs)
    expect(unusedCount).toBe(0)
    clientCount = 0
    await pass(unusedMs - 10_000)
    expect(unusedCount).toBe(0)
    await pass(20_000)
    expect(unusedCount).toBe(1)
    watching.dispose()
  })

  it('leaves it running while an endpoint listens for other programs', async () => {
    const watching = watch()
    isListening = true
    await pass(2 * unusedMs)
    expect(unusedCount).toBe(0)
    watching.dispose()
  })

  it('tells nothing once it is disposed', async () => {
    watch().dispose()
    clock.advance(3 * unusedMs)
    expect([unusedCount, looks]).toEqual([0, 0])
  })
})
