/** When the monitor asks Postgres for its counters, and when it does not: a queue of turns and a scripted engine. */

import { describe, expect, it, vi } from 'vitest'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { ScriptedEngine } from '../../../test/support/scripted-engine.ts'
import { TestClock } from '../../base/clock.ts'
import type { EngineEvent, EngineStatement } from '../engine/engine.ts'
import { TurnQueue } from '../session/turn-queue.ts'
import { DatabaseProbe } from './database-probe.ts'

const somebody = { title: 'somebody' }
const idle = { inTransaction: false }

/** What it is asked takes until it is cancelled. */
class SlowEngine extends ScriptedEngine {
  override execute(statement: EngineStatement): AsyncIterable<EngineEvent> {
    return super.execute({ ...statement, sql: new TextEncoder().encode('wait') })
  }
}

function open() {
  const clock = new TestClock()
  const turns = new TurnQueue(clock)
  const probe = new DatabaseProbe(turns, clock)
  const failures: unknown[] = []
  const options = { intervalMs: 1_000, onFailure: (error: unknown) => void failures.push(error) }
  return { clock, turns, probe, failures, options }
}

describe('DatabaseProbe', () => {
  expectNoLeaks()

  it('asks nothing while somebody has the backend or waits for it', async () => {
    const { turns, probe, options } = open()
    const engine = new ScriptedEngine()
    turns.request(somebody)
    expect(await probe.read(engine, options)).toBeNull()
    expect(engine.log).toEqual([])
    turns.release(somebody, idle)
    await probe.read(engine, options)
    expect(engine.log).toHaveLength(1)
    await engine.close()
  })

  it('gives up what it asks as soon as somebody wants the backend, and tells of no failure', async () => {
    const { turns, probe, failures, options } = open()
    const engine = new SlowEngine()
    const reading = probe.read(engine, options)
    await vi.waitFor(() => expect(engine.log).toEqual(['wait']))
    const ticket = turns.request(somebody)
    expect(ticket.isGranted).toBe(false)
    expect(await reading).toBeNull()
    expect(ticket.isGranted).toBe(true)
    expect(failures).toEqual([])
    turns.release(somebody, idle)
    await engine.close()
  })

  it('gives up by itself what takes longer than a second', async () => {
    const { clock, turns, probe, options } = open()
    const engine = new SlowEngine()
    const reading = probe.read(engine, options)
    await vi.waitFor(() => expect(engine.log).toEqual(['wait']))
    clock.advance(1_000)
    expect(await reading).toBeNull()
    expect(turns.holder).toBeNull()
    await engine.close()
  })

  it('asks again only when its interval is over and something has run since', async () => {
    const { clock, turns, probe, options } = open()
    const engine = new ScriptedEngine()
    // What it is told has no rows here, so that it knows nothing and would ask each time.
    await probe.read(engine, options)
    await probe.read(engine, options)
    expect(engine.log).toHaveLength(1)
    clock.advance(1_000)
    await probe.read(engine, options)
    expect(engine.log).toHaveLength(2)
    expect(turns.holder).toBeNull()
    await engine.close()
  })
})
