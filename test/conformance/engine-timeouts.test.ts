/**
 * What Postgres's own timer ends, in the middle of whatever runs: one suite, run for each factory. Nothing of it may
 * end the backend, which belongs to everybody.
 */

import { beforeAll, describe, expect, test } from 'vitest'
import type { Engine, EngineConversation } from '../../src/main/engine/engine.ts'
import {
  engineFactories,
  engineFixture,
  must,
  openTimeoutMs,
  run,
  valueOf,
} from '../support/engine-fixture.ts'
import { longStatementSetup, longStatements, sleepingStatements } from '../support/long-statements.ts'
import { serialize } from '../support/protocol-client.ts'

const timedOut = 'canceling statement due to statement timeout'

describe.each(engineFactories)('timeouts on $name', ({ create }) => {
  const { common } = engineFixture(create())
  let engine: Engine

  beforeAll(async () => {
    engine = await common()
    for (const sql of longStatementSetup) await must(engine, sql)
  }, openTimeoutMs)

  /** Runs a statement in a transaction of its own, with a timeout; undoes it. */
  async function limited(timeout: string, sql: string): Promise<string> {
    await must(engine, 'begin')
    await must(engine, `set local ${timeout}`)
    const { outcome } = await run(engine, sql)
    await must(engine, 'rollback')
    return outcome.error?.message ?? outcome.status
  }

  test.each([...longStatements, ...sleepingStatements])(
    '$name ends by statement_timeout',
    async ({ sql }) => {
      expect(await limited(`statement_timeout = '150ms'`, sql)).toBe(timedOut)
      expect(await valueOf(engine, 'select 40 + 2')).toBe('42')
    },
  )

  test('statements end whenever they are interrupted, and the next one is whole', async () => {
    const count = Number(process.env['WARDIAN_TEST_ALARMS'] ?? 60)
    for (let i = 0; i < count; i += 1) {
      const sql = `select sum(length(text)) from (select text from words where i > ${i} order by text desc) as x`
      const error = await limited(`statement_timeout = ${1 + (i % 40)}`, sql)
      expect([timedOut, 'ok']).toContain(error)
      expect(await valueOf(engine, `select ${i}::text || count(*)::text from words where i <= 1000`)).toBe(
        `${i}1000`,
      )
    }
  })

  test('transaction_timeout ends what runs, and an idle transaction only for whoever can be sent away', async () => {
    await must(engine, `set transaction_timeout = '150ms'`)
    const { outcome } = await run(engine, 'select pg_sleep(3600)')
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { sql: { code: '57014' } },
      transaction: 'idle',
    })
    await run(engine, 'set transaction_timeout = 0')
    await must(engine, 'begin')
    await must(engine, `set local transaction_timeout = '1ms'`)
    await run(engine, 'select pg_sleep(0.05)')
    await must(engine, 'rollback')
    expect(await valueOf(engine, 'show transaction_timeout')).toBe('0')
  })

  test('a conversation that has used its transaction for too long is rolled back, and told', async () => {
    await must(engine, 'create table if not exists kept (i int)')
    for (const [setting, reason] of [
      ['transaction_timeout', 'transaction'],
      ['idle_in_transaction_session_timeout', 'idle-in-transaction'],
    ] as const) {
      const session = await engine.openSession({ role: 'postgres', settings: [[setting, '150ms']] })
      const conversation: { current?: EngineConversation } = {}
      const expired = new Promise<string>((resolve) => {
        conversation.current = session.converse({
          onOutput: () => undefined,
          onRest: () => undefined,
          onWait: () => undefined,
          onFree: () => undefined,
          onExpired: ({ reason: told, isRunning }) => resolve(`${told} ${isRunning}`),
          onFailed: (error) => resolve(error.message),
        })
      })
      conversation.current?.send([serialize.query('begin; insert into kept values (1)')])
      expect(await expired).toBe(`${reason} false`)
      conversation.current?.dispose()
      session.dispose()
      expect(await valueOf(engine, 'select count(*) from kept')).toBe('0')
    }
  })

  test('a COPY whose client sends nothing ends, and so does a result that its client does not take', async () => {
    await must(engine, 'create table if not exists kept (i int)')
    const session = await engine.openSession({ role: 'postgres', settings: [['statement_timeout', '300ms']] })
    const bytes: Buffer[] = []
    let wake: () => void = () => undefined
    const conversation = session.converse({
      onOutput: (part) => void bytes.push(Buffer.from(part)),
      onRest: () => wake(),
      onWait: () => undefined,
      onFree: () => undefined,
      onExpired: () => undefined,
      onFailed: (error) => {
        throw error
      },
    })
    const ready = async (sql: string): Promise<string> => {
      conversation.send([serialize.query(sql)])
      while (conversation.state.isRunning) await new Promise<void>((resolve) => (wake = resolve))
      return /C57014\0M[^\0]+/.exec(Buffer.concat(bytes.splice(0)).toString('latin1'))?.[0] ?? ''
    }
    expect(await ready('copy kept from stdin')).toMatch(/statement timeout/)
    conversation.hold(true)
    expect(await ready(`select text from words`)).toMatch(/statement timeout/)
    conversation.hold(false)
    expect(await ready('select 1')).toBe('')
    conversation.dispose()
    session.dispose()
  })

  test('sessions begin with their timeouts known, and every change is told at the end of a transaction', async () => {
    const session = await engine.openSession({
      role: 'postgres',
      settings: [
        ['statement_timeout', '1h'],
        ['lock_timeout', '5s'],
      ],
    })
    let wake: () => void = () => undefined
    const conversation = session.converse({
      onOutput: () => undefined,
      onRest: () => wake(),
      onWait: () => undefined,
      onFree: () => undefined,
      onExpired: () => undefined,
      onFailed: (error) => {
        throw error
      },
    })
    const after = async (sql: string): Promise<(number | boolean)[]> => {
      const rested = new Promise<void>((resolve) => (wake = resolve))
      conversation.send([serialize.query(sql)])
      await rested
      return Object.values(conversation.state.timeouts)
    }
    expect(conversation.state.timeouts).toEqual({
      ...{ lockMs: 5000, statementMs: 3_600_000, idleSessionMs: 0, isTransactionBounded: false },
    })
    expect(await after('begin; set local lock_timeout = 7')).toEqual([5000, 3_600_000, 0, false])
    expect(await after(`set idle_session_timeout = '2s'; commit`)).toEqual([5000, 3_600_000, 2000, false])
    expect(await after(`set transaction_timeout = '3s'`)).toEqual([5000, 3_600_000, 2000, true])
    expect(await after(`reset transaction_timeout; set idle_in_transaction_session_timeout = 9`)).toEqual([
      ...[5000, 3_600_000, 2000, true],
    ])
    expect(await after('reset all; set statement_timeout = 0; set idle_session_timeout = 0')).toEqual([
      ...[5000, 0, 0, false],
    ])
    conversation.dispose()
    session.dispose()
  })
})
