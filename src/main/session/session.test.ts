/** Sessions over an engine whose behaviour the test decides. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { ScriptedEngine } from '../../../test/support/scripted-engine.ts'
import { systemClock } from '../../base/clock.ts'
import type { StatementEvent } from '../../contract/statement.ts'
import { runText, type RunRequest, type RunResult } from './script-run.ts'
import { Session } from './session.ts'
import { encodeSql } from './sql-text.ts'
import { TurnQueue } from './turn-queue.ts'

/** Splits at semicolons, which is all that these texts need. */
const splitter = {
  async split(text: Uint8Array<ArrayBuffer>) {
    let start = 0
    const statements = new TextDecoder()
      .decode(text)
      .split(';')
      .map((statement) => {
        const range = { start, length: statement.length, byteStart: start, byteLength: statement.length }
        start += statement.length + 1
        return range
      })
    return { statements, text }
  },
}

describe('Session', () => {
  expectNoLeaks()
  let engine: ScriptedEngine
  let turns: TurnQueue
  const sessions: Session[] = []

  beforeEach(() => {
    engine = new ScriptedEngine()
    turns = new TurnQueue()
  })
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.close()))
    await engine.close()
  })

  function open(title: string): Session {
    const engines = { engine: () => Promise.resolve(engine) }
    const session = new Session({ id: title, instanceId: 'i', title, turns, engines, clock: systemClock })
    sessions.push(session)
    return session
  }

  function start(
    session: Session,
    text: string,
    { signal, ...options }: Partial<RunRequest> & { signal?: AbortSignal } = {},
  ) {
    const environment = {
      ...{ session, splitter, clock: systemClock },
      signal: signal ?? new AbortController().signal,
    }
    const mode = text.includes(';') ? 'script' : 'statement'
    return runText(environment, {
      text: encodeSql(text),
      mode,
      resultBytesMax: 1e6,
      resultsMax: null,
      ...options,
    })
  }

  async function run(session: Session, text: string, options: Partial<RunRequest> = {}) {
    const chunks = start(session, text, options)
    const events: StatementEvent[] = []
    let result: RunResult | undefined
    for (;;) {
      const next = await chunks.next()
      if (next.done) result = next.value
      if (next.done) break
      events.push(next.value.value)
    }
    return { events, result, kinds: events.map((event) => event.kind).join(' ') }
  }

  /** Resolves when the engine has begun the statement. */
  async function begun(text: string): Promise<void> {
    while (!engine.log.includes(text)) await new Promise((resolve) => setImmediate(resolve))
  }

  const statuses = (events: readonly StatementEvent[]): string[] =>
    events.flatMap((event) => (event.kind === 'completed' ? [event.outcome.status] : []))

  it('tells the start, the batches and the outcome of a statement', async () => {
    const { kinds, events, result } = await run(open('a'), 'rows 2')
    expect(kinds).toBe('started columns batch batch completed')
    expect(events[0]).toEqual({ kind: 'started', index: 0, count: 1, start: 0, length: 6 })
    expect(result).toMatchObject({ statementsRun: 1, statementsTotal: 1 })
  })

  it('stops a script at the first error', async () => {
    const { events, result } = await run(open('a'), 'one;fail;three')
    expect(statuses(events)).toEqual(['ok', 'failed'])
    expect(result).toMatchObject({ statementsRun: 2, statementsTotal: 3 })
    expect(engine.log).toEqual(['one', 'fail'])
  })

  it('shares the budget of a script among its results, and cuts a result at its own', async () => {
    const budget = { resultBytesMax: 64 * 3 }
    const { kinds, events } = await run(open('a'), 'rows 5', budget)
    expect(kinds).toBe('started columns batch batch batch completed')
    expect(statuses(events)).toEqual(['cut'])
    const script = await run(open('b'), 'rows 3;rows 3', budget)
    expect(statuses(script.events)).toEqual(['ok', 'ok'])
  })

  it('leaves out the rows of results beyond the limit, which statements without columns do not count to', async () => {
    const text = [...Array.from({ length: 100 }, () => 'insert'), 'rows 1', 'rows 2', 'rows 3'].join(';')
    const { events, kinds } = await run(open('a'), text, { resultsMax: 2 })
    const batches = events.flatMap((event) => (event.kind === 'batch' ? [event.index] : []))
    expect(batches).toEqual([100, 101, 101])
    expect(kinds).toMatch(/started columns completed$/)
    expect(events.at(-1)).toMatchObject({ kind: 'completed', index: 102, outcome: { rowCount: 3 } })
  })

  it('tells every row of every result when there is no limit', async () => {
    const budget = { resultBytesMax: Number.MAX_SAFE_INTEGER, resultsMax: null }
    const text = Array.from({ length: 102 }, () => 'rows 1').join(';')
    const { events, kinds } = await run(open('a'), text, budget)
    expect(kinds.split(' ').filter((kind) => kind === 'batch')).toHaveLength(102)
    expect(new Set(statuses(events))).toEqual(new Set(['ok']))
    expect(engine.budgets[0]).toBe(Number.MAX_SAFE_INTEGER)
  })

  it('refuses a second statement while one runs, and any after the end', async () => {
    const session = open('a')
    const running = start(session, 'rows 9')
    await running.next()
    await expect(run(session, 'two')).rejects.toMatchObject({ code: 'in-use' })
    await running.return({ statementsRun: 0, statementsTotal: 0, durationMs: 0 })
    await session.close()
    await expect(run(session, 'three')).rejects.toMatchObject({ code: 'closed' })
  })

  it('refuses what Postgres cannot be sent, as an outcome, and runs nothing', async () => {
    const session = open('a')
    for (const text of ['select \0', 'select \ud800']) {
      const { events, kinds } = await run(session, text)
      expect(kinds).toBe('started completed')
      expect(events[1]).toMatchObject({ outcome: { status: 'failed', error: { code: 'invalid-argument' } } })
    }
    expect(engine.log).toEqual([])
  })

  it('waits for another session, tells for whom, and runs when its turn comes', async () => {
    const [a, b] = [open('a'), open('b')]
    await run(a, 'begin')
    const waiting = start(b, 'two')
    expect(await waiting.next()).toMatchObject({
      value: { value: { kind: 'waiting', holder: 'a', holderInTransaction: true } },
    })
    expect(b.state).toMatchObject({ activity: 'waiting', waitingFor: 'a' })
    const next = waiting.next()
    await run(a, 'three')
    expect(await next).toMatchObject({ value: { value: { kind: 'waiting', holderInTransaction: false } } })
    await run(a, 'commit')
    let event = await waiting.next()
    while (!event.done && event.value.value.kind === 'waiting') event = await waiting.next()
    expect(event).toMatchObject({ value: { value: { kind: 'started' } } })
    await waiting.next()
    expect(engine.log).toEqual(['begin', 'three', 'commit', 'two'])
    await waiting.next()
    expect(b.state).toMatchObject({ activity: 'idle', waitingFor: null })
  })

  it('lets the statements of two scripts take turns', async () => {
    await Promise.all([run(open('a'), 'a1;a2;a3'), run(open('b'), 'b1;b2;b3')])
    expect(engine.log).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3'])
  })

  it('cancels what runs and keeps the session', async () => {
    const session = open('a')
    const chunks = start(session, 'wait')
    await chunks.next()
    const completed = chunks.next()
    await begun('wait')
    session.cancel()
    expect(await completed).toMatchObject({ value: { value: { outcome: { status: 'cancelled' } } } })
    await chunks.next()
    expect((await run(session, 'two')).kinds).toBe('started completed')
  })

  it('cancels a statement at any moment between its request and its start, without running it', async () => {
    for (let microtasks = 0; microtasks < 12; microtasks++) {
      const session = open(`a${microtasks}`)
      const chunks = start(session, 'wait')
      await chunks.next()
      const completed = chunks.next()
      for (let count = 0; count < microtasks; count++) await Promise.resolve()
      session.cancel()
      expect(await completed).toMatchObject({ value: { value: { outcome: { status: 'cancelled' } } } })
      await chunks.next()
    }
  })

  it('cancels what waits, without running it, and ends the script that it is part of', async () => {
    const [a, b] = [open('a'), open('b')]
    await run(a, 'begin')
    const chunks = start(b, 'one;two')
    await chunks.next()
    const next = chunks.next()
    b.cancel()
    expect(await next).toMatchObject({ value: { value: { kind: 'started' } } })
    expect(await chunks.next()).toMatchObject({
      value: { value: { outcome: { status: 'cancelled', error: { code: 'cancelled' } } } },
    })
    expect(await chunks.next()).toMatchObject({ done: true, value: { statementsRun: 1, statementsTotal: 2 } })
    expect(engine.log).toEqual(['begin'])
    expect(turns.waitingCount).toBe(0)
  })

  it('ends the statement when its client turns away, and gives up the turn', async () => {
    const [a, b] = [open('a'), open('b')]
    const controller = new AbortController()
    const chunks = start(a, 'rows 1000;two', { signal: controller.signal })
    await chunks.next()
    await chunks.next()
    controller.abort()
    await chunks.return({ statementsRun: 0, statementsTotal: 0, durationMs: 0 })
    expect(a.state.activity).toBe('idle')
    expect((await run(b, 'three')).kinds).toBe('started completed')
    expect(engine.log).toEqual(['rows 1000', 'three'])
  })

  it('cancels and rolls back when it is closed, even if nobody reads its events any more', async () => {
    const [a, b] = [open('a'), open('b')]
    await run(a, 'begin')
    const chunks = start(a, 'rows 1000')
    await chunks.next()
    await chunks.next()
    const waiting = run(b, 'two')
    await a.close()
    expect((await waiting).kinds).toMatch(/started completed$/)
    expect(engine.log).toEqual(['begin', 'rows 1000', 'ROLLBACK', 'two'])
    await chunks.return({ statementsRun: 0, statementsTotal: 0, durationMs: 0 })
  })

  it('gives up a turn that came while its client was not looking', async () => {
    const [a, b, c] = [open('a'), open('b'), open('c')]
    await run(a, 'begin')
    const chunks = start(b, 'two')
    await chunks.next()
    await run(a, 'commit')
    expect(turns.holder).toBe(b)
    await b.close()
    await chunks.return({ statementsRun: 0, statementsTotal: 0, durationMs: 0 })
    expect((await run(c, 'three')).kinds).toBe('started completed')
    expect(engine.log).toEqual(['begin', 'commit', 'three'])
  })

  it('tells a crash as the outcome of what ran, and that the session was reset', async () => {
    const session = open('a')
    const chunks = start(session, 'wait')
    await chunks.next()
    const completed = chunks.next()
    await begun('wait')
    engine.crash()
    session.noteEngineReset()
    expect(await completed).toMatchObject({
      value: { value: { outcome: { status: 'failed', error: { code: 'engine-crashed' } } } },
    })
    await chunks.next()
    expect(session.state).toMatchObject({ wasReset: true, transaction: 'idle' })
    engine = new ScriptedEngine()
    await run(session, 'two')
    expect(session.state.wasReset).toBe(false)
  })

  it('does not run outside of a transaction what was meant for one that was lost', async () => {
    const [a, b] = [open('a'), open('b')]
    await run(a, 'begin')
    engine.crash()
    engine = new ScriptedEngine()
    for (const session of [a, b]) session.noteEngineReset()
    expect((await run(b, 'two')).kinds).toBe('started completed')
    const lost = await run(a, 'three')
    expect(lost.events.at(-1)).toMatchObject({ outcome: { error: { code: 'engine-crashed' } } })
    expect(engine.log).toEqual(['two'])
    await run(a, 'four')
    expect(engine.log).toEqual(['two', 'four'])
  })

  it('tells an engine that cannot be opened as the outcome, and tries again the next time', async () => {
    let fails = true
    const engines = {
      engine: () => (fails ? Promise.reject(new Error('no disk')) : Promise.resolve(engine)),
    }
    const session = new Session({
      ...{ id: 'x', instanceId: 'i', title: 'x', turns, engines, clock: systemClock },
    })
    sessions.push(session)
    const { events } = await run(session, 'one')
    expect(events.at(-1)).toMatchObject({ outcome: { status: 'failed', error: { code: 'internal' } } })
    fails = false
    expect(statuses((await run(session, 'two')).events)).toEqual(['ok'])
  })

  it('tells its state while it changes, once for each change', async () => {
    const session = open('a')
    const states: string[] = []
    session.onDidChange((state) => states.push(`${state.activity} ${state.transaction}`))
    await run(session, 'begin')
    await run(session, 'fail')
    expect(states).toEqual(['running idle', 'idle open', 'running open', 'idle failed'])
  })
})
