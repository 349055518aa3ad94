/** Following an instance: a real engine, whose turns the test takes itself to write. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { engineFactories, engineFixture, must, openTimeoutMs } from '../../../test/support/engine-fixture.ts'
import { present } from '../../base/assert.ts'
import { systemClock, type Clock } from '../../base/clock.ts'
import { Emitter } from '../../base/event.ts'
import type { WorkbenchError } from '../../contract/error.ts'
import type { LiveDifference, LiveQueryText } from '../endpoints/live-reader.ts'
import type { Engine, EngineSession } from '../engine/engine.ts'
import { TurnQueue } from '../session/turn-queue.ts'
import type { InstanceFollower } from './instance-follower.ts'
import { LiveInstance } from './live-instance.ts'

/** What one follower was told, and the rows that follow from it. */
class Folded {
  readonly events: string[] = []
  readonly differences: LiveDifference[] = []
  rows: string[] | null = null
  error: WorkbenchError | null = null
  #changed = Promise.withResolvers<void>()

  readonly onResult = (_: unknown, rows: readonly string[]): void => {
    this.rows = [...rows]
    this.#tell('result')
  }
  readonly onDifference = (difference: LiveDifference): void => {
    const gone = [...difference.deleted, ...difference.updated.map(({ before }) => before)]
    for (const row of gone) this.rows?.splice(this.rows.indexOf(row), 1)
    this.rows?.push(...difference.inserted, ...difference.updated.map(({ after }) => after))
    this.differences.push(difference)
    this.#tell('difference')
  }
  readonly onEnd = (error: WorkbenchError): void => {
    this.error = error
    this.#tell('end')
  }

  /** Waits until what was told fits. */
  async until(isFit: (folded: this) => boolean): Promise<this> {
    while (!isFit(this)) await this.#changed.promise
    return this
  }

  #tell(what: string): void {
    this.events.push(what)
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}

/** The engine, which tells what is executed in sessions that are opened by it. */
function listening(engine: Engine, onStatement: (sql: string) => void): Engine {
  const openSession: Engine['openSession'] = async (options) => {
    const session = await engine.openSession(options)
    const execute: EngineSession['execute'] = (statement) => {
      onStatement(new TextDecoder().decode(statement.sql))
      return session.execute(statement)
    }
    return bound(session, { execute })
  }
  return bound(engine, { openSession })
}

/** As `target`, with some methods of its own. */
function bound<T extends object>(target: T, own: Partial<T>): T {
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(Object.hasOwn(own, name) ? own : target, name, target)
      return typeof value === 'function' && !Object.hasOwn(own, name) ? value.bind(target) : value
    },
  })
}

const plain: Omit<LiveQueryText, 'sql'> = { parameters: [], parameterTypes: [], key: [] }
const writer = { title: 'the writer' }

describe('a followed instance', { timeout: openTimeoutMs }, () => {
  const { common } = engineFixture(present(engineFactories[0], 'an engine').create())
  const statements: string[] = []
  const made: { engine?: Engine; live?: LiveInstance; follower?: InstanceFollower } = {}
  let turns = new TurnQueue()
  let isRunning = true
  let isCurrent = true
  /** What may take ten seconds is over at once. */
  let isImpatient = false
  const clock: Clock = {
    ...systemClock,
    after: (delayMs, action) => systemClock.after(isImpatient && delayMs === 10_000 ? 1 : delayMs, action),
  }
  const lost = new Emitter<null>()
  const changed = new Emitter<null>()
  const follower = (): InstanceFollower => present(made.follower, 'the follower')

  beforeEach(async () => {
    made.engine = await common()
    statements.length = 0
    const engine = listening(made.engine, (sql) => statements.push(sql))
    turns = new TurnQueue()
    isRunning = true
    isCurrent = true
    isImpatient = false
    made.live = new LiveInstance({
      ...{ turns, engines: { engine: () => Promise.resolve(engine) }, clock },
      ...{ onDidLoseEngine: lost.event, onDidChange: changed.event, isRunning: () => isRunning },
      isCurrent: () => isCurrent,
    })
    made.follower = made.live.open({ role: 'postgres', settings: [] })
    await write(
      'drop table if exists t, u; create table t (id int primary key, name text); create table u (id int)',
    )
  }, openTimeoutMs)
  afterEach(async () => {
    made.live?.dispose()
    // What still runs has its turn.
    await inTurn(() => Promise.resolve())
    turns.dispose()
  })

  async function inTurn<T>(work: (engine: Engine) => Promise<T>, keeps = false): Promise<T> {
    const ticket = turns.request(writer)
    while (!ticket.isGranted) await ticket.changed()
    try {
      return await work(present(made.engine, 'the engine'))
    } finally {
      turns.release(writer, { inTransaction: keeps })
    }
  }

  /** Statements, each in its own transaction unless they begin one. */
  async function write(sql: string, keeps = false): Promise<void> {
    await inTurn(async (engine) => {
      for (const statement of sql.split(';')) await must(engine, statement)
    }, keeps)
  }

  function follow(sql: string, options: Partial<LiveQueryText> = {}): Folded {
    const folded = new Folded()
    follower().follow({ ...plain, sql, ...options }, folded)
    return folded
  }

  it('tells the result, then what each write has changed', async () => {
    const folded = await follow('select id, name from t').until(({ rows }) => rows !== null)
    expect(folded.rows).toEqual([])
    await write(`insert into t values (1, 'a'), (2, null)`)
    await folded.until(({ differences }) => differences.length === 1)
    await write(`update t set name = 'b' where id = 1`)
    await folded.until(({ differences }) => differences.length === 2)
    await write('delete from t')
    await folded.until(({ rows }) => rows?.length === 0)
    expect(folded.differences).toEqual([
      { inserted: ['["1","a"]', '["2",null]'], updated: [], deleted: [] },
      { inserted: ['["1","b"]'], updated: [], deleted: ['["1","a"]'] },
      { inserted: [], updated: [], deleted: ['["2",null]', '["1","b"]'] },
    ])
  })

  it('tells a changed row as changed where the key says which it is', async () => {
    const folded = follow('select name, id from t', { key: ['id'] })
    await write(`insert into t values (1, 'a')`)
    await folded.until(({ rows }) => rows?.length === 1)
    await write(`update t set name = 'b'`)
    await folded.until(({ rows }) => rows?.includes('["b","1"]') === true)
    expect(folded.differences.at(-1)).toEqual({
      ...{ inserted: [], updated: [{ before: '["a","1"]', after: '["b","1"]' }], deleted: [] },
    })
  })

  it('takes parameters, with types or without', async () => {
    const folded = follow('select $1::text, pg_typeof($2)::text', {
      parameters: ['ß', '7'],
      parameterTypes: [0, 20],
    })
    await folded.until(({ rows }) => rows !== null)
    expect(folded.rows).toEqual(['["ß","bigint"]'])
  })

  it('is not run again for what it does not read, nor for what was rolled back to the same', async () => {
    const folded = await follow('select * from t').until(({ rows }) => rows !== null)
    const other = await follow('select count(*) from u').until(({ rows }) => rows !== null)
    statements.length = 0
    await write('insert into u values (1)')
    await other.until(({ differences }) => differences.length === 1)
    await write('begin; insert into u values (1); rollback; insert into u values (2)')
    await other.until(({ differences }) => differences.length === 2)
    expect([folded.events, other.events]).toEqual([['result'], ['result', 'difference', 'difference']])
    expect(new Set(statements)).toEqual(new Set(['begin read only', 'select count(*) from u', 'rollback']))
  })

  it('waits for the end of a transaction, and does not stand in its way', async () => {
    const folded = await follow('select id from t').until(({ rows }) => rows !== null)
    await write(`begin; insert into t values (1, 'a')`, true)
    const late = follow('select count(*) from t')
    // Nobody waits for the turn: the transaction may stay open for as long as it likes.
    await new Promise((resolve) => setImmediate(resolve))
    const leaving = new AbortController()
    const left = follower().listen(
      'c',
      { onNotification: () => undefined, onEnd: late.onEnd },
      leaving.signal,
    )
    leaving.abort()
    await expect(left).rejects.toMatchObject({ code: 'cancelled' })
    expect([turns.waitingCount, turns.isHeldIdle, folded.events, late.events]).toEqual([
      0,
      true,
      ['result'],
      [],
    ])
    await write('commit')
    await folded.until(({ differences }) => differences.length === 1)
    await late.until(({ rows }) => rows !== null)
    expect([folded.rows, late.rows]).toEqual([['["1"]'], ['["1"]']])
  })

  it('tells the changes of a time in which it was held as one', async () => {
    const folded = new Folded()
    const handle = follower().follow({ ...plain, sql: 'select id from t' }, folded)
    await folded.until(({ rows }) => rows !== null)
    handle.hold(true)
    const other = follow('select count(*) from t')
    for (const id of [1, 2, 3]) {
      await write(`insert into t values (${id}, null)`)
      await other.until(({ rows }) => rows?.[0] === `["${id}"]`)
    }
    expect(folded.events).toEqual(['result'])
    handle.hold(false)
    await folded.until(({ differences }) => differences.length > 0)
    expect(folded.differences).toEqual([{ inserted: ['["1"]', '["2"]', '["3"]'], updated: [], deleted: [] }])
  })

  it('cannot write, whatever the query calls, and leaves nothing set behind', async () => {
    await write(
      `create or replace function sneak() returns int language sql as 'insert into t values (9, null) returning id'`,
    )
    const sneaky = await follow('select sneak()').until(({ error }) => error !== null)
    expect(sneaky.error?.sql?.code).toBe('25006')
    const setting = await follow(`select set_config('work_mem', '7MB', false)`).until(
      ({ rows }) => rows !== null,
    )
    expect(setting.rows).toEqual(['["7MB"]'])
    const seen = await follow(`select current_setting('work_mem')`).until(({ rows }) => rows !== null)
    expect(seen.rows).not.toEqual(['["7MB"]'])
    const open = follow(`select set_config('transaction_read_only', 'off', true)`)
    expect((await open.until(({ error }) => error !== null)).error?.sql?.code).toBe('25001')
    const writing = follow('insert into t values (1, null) returning id')
    expect((await writing.until(({ error }) => error !== null)).error?.sql?.code).toBe('25006')
    expect((await inTurn((engine) => must(engine, 'select count(*) from t'))).rows).toEqual(
      [[0]].map((r) => r.map(String)),
    )
  })

  it('ends what answers no rows, has not the key, or is more than is followed', async () => {
    const failures = [
      follow('begin'),
      follow('select 1 as a', { key: ['b'] }),
      follow('select 1 as a, 2 as a', { key: ['a'] }),
      follow('select 1 as a union all select 1', { key: ['a'] }),
      follow('select generate_series(1, 10001)'),
      follow(`select repeat('x', 3000000)`),
      follow('select 1 / 0'),
    ]
    for (const one of failures) await one.until(({ error }) => error !== null)
    expect(failures.map(({ error }) => error?.sql?.code ?? error?.message)).toEqual([
      'Only a statement that answers rows can be followed',
      'The result has no column "b", which the key names',
      'The result has more than one column "a", which the key names',
      'Two rows have the key ["1"]; name columns that tell rows apart, or none',
      'The result has more than 10000 rows, which is too much to be followed; select less',
      'The result has more than 2 MiB, which is too much to be followed; select less',
      '22012',
    ])
    const most = await follow('select generate_series(1, 10000)').until(({ rows }) => rows !== null)
    expect(most.rows?.length).toBe(10_000)
  })

  it('follows truncation, cascades, triggers, views, and what a name means', async () => {
    await write(
      'create table child (id int references t on delete cascade); create view seen as select id from child; ' +
        `insert into t values (1, 'a'), (2, 'b'); insert into child values (1), (2)`,
    )
    const folded = await follow('select * from seen').until(({ rows }) => rows?.length === 2)
    await write('delete from t where id = 1')
    await folded.until(({ rows }) => rows?.length === 1)
    await write('truncate t cascade')
    await folded.until(({ rows }) => rows?.length === 0)
    await write('create or replace view seen as select 7 as id')
    await folded.until(({ rows }) => rows?.[0] === '["7"]')
    await write('drop view seen; drop table child')
    await folded.until(({ error }) => error !== null)
    expect(folded.error?.sql?.code).toBe('42P01')
  })

  it('shows what the role may see, and ends when it may not any more', async () => {
    await write(
      'drop role if exists reader; create role reader; grant select on t to reader; ' +
        'alter table t enable row level security; create policy own on t using (name = current_user); ' +
        `insert into t values (1, 'reader'), (2, 'other')`,
    )
    const reader = present(made.live, 'the instance').open({ role: 'reader', settings: [] })
    const folded = new Folded()
    reader.follow({ ...plain, sql: 'select id from t' }, folded)
    await folded.until(({ rows }) => rows !== null)
    expect(folded.rows).toEqual(['["1"]'])
    await write(`update t set name = 'reader' where id = 2`)
    await folded.until(({ rows }) => rows?.length === 2)
    await write('drop policy own on t')
    await folded.until(({ rows }) => rows?.length === 0)
    await write('revoke select on t from reader')
    await folded.until(({ error }) => error !== null)
    expect(folded.error?.sql?.code).toBe('42501')
    reader.dispose()
    await write('drop table t; drop role reader')
  })

  it('hears what is notified when it is committed, exactly, and by any name', async () => {
    const heard: string[] = []
    const channel = `Ünusual "name'; --`
    const told = new Folded()
    const count = follow('select count(*) from u')
    const signal = new AbortController().signal
    const listening = await follower().listen(
      channel,
      { onNotification: ({ payload }) => heard.push(payload), onEnd: told.onEnd },
      signal,
    )
    const notify = (payload: string): string =>
      `select pg_notify('${channel.replaceAll("'", "''")}', '${payload}')`
    const payload = `x${'ß'.repeat(3_000)}`
    await inTurn(async (engine) => {
      for (const sql of ['begin', notify('gone'), 'rollback', 'begin', notify(payload), notify('')])
        await must(engine, sql)
      expect(heard).toEqual([])
      await must(engine, 'commit')
    })
    await write('insert into u values (1)')
    await count.until(({ rows }) => rows?.[0] === '["1"]')
    expect(heard).toEqual([payload, ''])
    listening.dispose()
    await write('insert into u values (1)')
    await count.until(({ rows }) => rows?.[0] === '["2"]')
    await inTurn(async (engine) => void (await must(engine, notify('late'))))
    expect(heard).toEqual([payload, ''])
    const refused = follower().listen(
      'x'.repeat(64),
      { onNotification: () => undefined, onEnd: told.onEnd },
      signal,
    )
    await expect(refused).resolves.toBeDefined()
  })

  it('goes on with the engine that runs next, and does not start it', async () => {
    const folded = await follow('select id from t').until(({ rows }) => rows !== null)
    const channel = new Folded()
    await follower().listen(
      'c',
      { onNotification: () => undefined, onEnd: channel.onEnd },
      new AbortController().signal,
    )
    isRunning = false
    lost.fire(null)
    expect(channel.error?.code).toBe('engine-crashed')
    await write('insert into t values (1, null)')
    expect(folded.events).toEqual(['result'])
    isRunning = true
    changed.fire(null)
    await folded.until(({ rows }) => rows?.length === 1)
  })

  it('is not ended by an engine that is stopped while the query runs', async () => {
    const sql =
      'select id from t where case when exists (select from u) then pg_cancel_backend(pg_backend_pid()) else true end'
    const folded = await follow(sql).until(({ rows }) => rows !== null)
    // What a stopping engine says of what it runs cannot be told from a cancel.
    isCurrent = false
    statements.length = 0
    await write('begin; insert into t values (1, null); insert into u values (1); commit')
    while (!statements.includes(sql)) await new Promise((resolve) => setImmediate(resolve))
    await write('delete from u')
    isCurrent = true
    await folded.until(({ events }) => events.length > 1)
    expect([folded.error, folded.rows]).toEqual([null, ['["1"]']])
    await write('insert into u values (1)')
    expect((await folded.until(({ error }) => error !== null)).error?.sql?.code).toBe('57014')
  })

  it('ends a query that takes too long for the others', async () => {
    isImpatient = true
    const folded = await follow('select pg_sleep(600)').until(({ error }) => error !== null)
    expect(folded.error?.message).toBe('The query took longer than 10 s')
    await write('insert into t values (1, null)')
  })

  it('notices what is written by whoever keeps the turn as long as nobody waits for it', async () => {
    const folded = await follow('select id from t').until(({ rows }) => rows !== null)
    await inTurn(async (engine) => {
      // What was to be looked at anyhow has been by then.
      await must(engine, 'select pg_sleep(0.2)')
      await must(engine, 'insert into t values (1, null)')
      while (turns.waitingCount === 0) await new Promise((resolve) => setImmediate(resolve))
    })
    await folded.until(({ rows }) => rows?.length === 1)
    expect(folded.differences).toHaveLength(1)
  })

  it('runs many queries for one write, and few rounds for many writes', async () => {
    const all = Array.from({ length: 64 }, (_, n) => follow(`select id + ${n} from t`))
    for (const one of all) await one.until(({ rows }) => rows !== null)
    for (let id = 0; id < 50; id += 1) await write(`insert into t values (${id}, null)`)
    for (const one of all) await one.until(({ rows }) => rows?.length === 50)
    for (const { differences } of all) expect(differences.length).toBeLessThan(50)
  })
})
