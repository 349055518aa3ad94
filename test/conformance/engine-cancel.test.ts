/**
 * Ending what runs, and engines that end by themselves: one suite, run for each factory. A cancel is sent once
 * the statement is known to run; how fast it is, bench/cancel.bench.ts measures.
 */

import { beforeAll, describe, expect, test } from 'vitest'
import type { WorkbenchError } from '../../src/contract/error.ts'
import type { StatementOutcome } from '../../src/contract/statement.ts'
import { PgliteEngineFactory } from '../../src/main/engine/pglite/pglite-engine-factory.ts'
import { conformanceEngines } from '../support/conformance-engines.ts'
import {
  engineFactories,
  engineFixture,
  must,
  openTimeoutMs,
  run,
  statement,
  testTemplatesDirectory,
  valueOf,
  type StatementEngine,
} from '../support/engine-fixture.ts'
import { longStatementSetup, longStatements, sleepingStatements } from '../support/long-statements.ts'
import { stubbornSql } from '../support/stubborn-sql.ts'

/** Crashes PGlite: recursion that Postgres's own check does not see ends V8's stack. */
const crashingSql = `select repeat('[', 10000000)::json`

describe.each(conformanceEngines)('cancelling on $name', ({ create }) => {
  const { common, open } = engineFixture(create())
  let engine: StatementEngine
  let ticker: StatementEngine

  beforeAll(async () => {
    engine = await common()
    ticker = await common('ticker')
    for (const sql of longStatementSetup) await must(engine, sql)
  }, openTimeoutMs)

  /** Waits for another instance to do something that takes longer than starting a statement. */
  async function tick(): Promise<void> {
    await must(ticker, 'select pg_sleep(0.05)')
  }

  /** Starts a statement, cancels it while it runs, and answers its outcome. */
  async function cancelled(sql: string): Promise<StatementOutcome> {
    const running = run(engine, sql)
    await tick()
    await engine.cancel()
    return (await running).outcome
  }

  test.each([...longStatements, ...sleepingStatements])('$name ends with 57014', async ({ sql }) => {
    const outcome = await cancelled(sql)
    expect(outcome).toMatchObject({
      status: 'cancelled',
      commandTag: null,
      error: { code: 'cancelled', sql: { code: '57014' } },
      transaction: 'idle',
    })
    expect(await valueOf(engine, 'select 40 + 2')).toBe('42')
  })

  test('the session keeps its settings, and its transaction fails as it would elsewhere', async () => {
    await must(engine, `set application_name to 'kept'`)
    await must(engine, 'begin')
    expect((await cancelled('select pg_sleep(3600)')).transaction).toBe('failed')
    await must(engine, 'rollback')
    expect(await valueOf(engine, 'show application_name')).toBe('kept')
  })

  test('a cancel that comes too late hits nothing', async () => {
    const count = Number(process.env['WARDIAN_TEST_LATE_CANCELS'] ?? 200)
    for (let i = 0; i < count; i += 1) {
      const first = run(engine, 'select 1')
      const late = i % 2 === 0 ? first.then(() => engine.cancel()) : engine.cancel()
      const { outcome } = await first
      expect(['ok', 'cancelled']).toContain(outcome.status)
      const next = valueOf(engine, `select ${i}`)
      expect(await next).toBe(String(i))
      await late
    }
    await engine.cancel()
    expect(await valueOf(engine, 'select 1')).toBe('1')
  })

  test('a backend that waits for its consumer is cancelled too', async () => {
    const events = engine.execute(statement(`select repeat('x', 1000) from words`))[Symbol.asyncIterator]()
    await events.next()
    await tick()
    await engine.cancel()
    let outcome: StatementOutcome | null = null
    for (let next = await events.next(); !next.done; next = await events.next()) {
      if (next.value.kind === 'completed') ({ outcome } = next.value)
    }
    expect(outcome).toMatchObject({ status: 'cancelled', error: { sql: { code: '57014' } } })
    expect(await valueOf(engine, 'select 1')).toBe('1')
  })

  test('leaving the loop early ends the statement first', async () => {
    for await (const event of engine.execute(statement('select i from words, generate_series(1, 1000)'))) {
      if (event.kind === 'batch') break
    }
    expect(await valueOf(engine, 'select 1')).toBe('1')
  })

  test('rows of a statement that was left do not reach the next one, wherever it was left', async () => {
    const sql = 'select i, md5(i::text) from generate_series(1, 1000000) as i'
    for (let batchesRead = 1; batchesRead <= 12; batchesRead += 1) {
      let batches = 0
      for await (const event of engine.execute(statement(sql))) {
        if (event.kind === 'batch') batches += 1
        if (batches < batchesRead) continue
        // Long enough for the engine to wait for its reader.
        await tick()
        break
      }
      expect(await valueOf(engine, 'select 1')).toBe('1')
    }
  })

  test(
    'instances are cancelled one by one, also when several were opened at once',
    async () => {
      const engines = await Promise.all([open(), open(), open()])
      const sleeping = engines.map((each) => run(each, 'select pg_sleep(3600)'))
      await tick()
      for (const [index, each] of engines.entries()) {
        await each.cancel()
        expect((await sleeping[index])?.outcome.status).toBe('cancelled')
      }
      expect(await Promise.all(engines.map((each) => valueOf(each, 'select 7')))).toEqual(['7', '7', '7'])
    },
    openTimeoutMs,
  )

  test('closing while something runs cancels it first', async () => {
    const other = await open()
    const running = run(other, 'select pg_sleep(3600)')
    await tick()
    await other.close()
    expect((await running).outcome.status).toBe('cancelled')
  })
})

describe.each(engineFactories)('the end of an engine here, $name', ({ create }) => {
  const { open, directory } = engineFixture(create())

  test(
    'a backend that ends by itself is told once, and what was committed is safe',
    async () => {
      const options = { directory: directory(), durability: 'relaxed' } as const
      const crashing = await open(options)
      const crashes: WorkbenchError[] = []
      crashing.onDidCrash((error) => void crashes.push(error))
      await must(crashing, 'create table kept as select 42 as answer')
      await expect(run(crashing, crashingSql)).rejects.toMatchObject({ code: 'engine-crashed' })
      await expect(run(crashing, 'select 1')).rejects.toMatchObject({ code: 'engine-crashed' })
      expect(() => crashing.openChannel()).toThrow(/ended unexpectedly/)
      await crashing.cancel()
      await crashing.close()
      expect(crashes.map((error) => error.code)).toEqual(['engine-crashed'])
      const again = await open(options)
      expect(await valueOf(again, 'select answer from kept')).toBe('42')
    },
    openTimeoutMs,
  )
})

describe('the watchdog behind a cancel', () => {
  const factory = new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory, cancelBoundMs: 300 })
  const { open, directory } = engineFixture(factory)

  test(
    'ends an engine that does not listen, and the directory opens again',
    async () => {
      const options = { directory: directory(), durability: 'relaxed' } as const
      const engine = await open(options)
      const crashes: WorkbenchError[] = []
      engine.onDidCrash((error) => void crashes.push(error))
      await must(engine, 'create table kept as select 42 as answer')
      const events = engine.execute(statement(stubbornSql))[Symbol.asyncIterator]()
      expect(await events.next()).toMatchObject({ value: { kind: 'notice' } })
      await Promise.all([
        engine.cancel(),
        expect(events.next()).rejects.toMatchObject({ code: 'engine-unresponsive' }),
      ])
      expect(crashes.map((error) => error.code)).toEqual(['engine-unresponsive'])
      const again = await open(options)
      expect(await valueOf(again, 'select answer from kept')).toBe('42')
    },
    openTimeoutMs,
  )
})
