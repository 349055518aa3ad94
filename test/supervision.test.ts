/**
 * Goal: whatever ends the engine of an instance, it is there again by itself with everything that was acknowledged and
 * nothing else; its clients are told 57P01, and nobody notices anything on another instance. Method: a host with two
 * instances on disk, real clients of the wire on both, and each of the ways in which an engine ends.
 */

import type { Worker } from 'node:worker_threads'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { present } from '../src/base/assert.ts'
import { systemClock } from '../src/base/clock.ts'
import type { Instance } from '../src/contract/instance.ts'
import { startAsKept } from '../src/contract/endpoint.ts'
import type { CrashNote } from '../src/contract/supervision.ts'
import { PgliteEngineFactory } from '../src/main/engine/pglite/pglite-engine-factory.ts'
import { WorkerInterrupter } from '../src/main/engine/pglite/worker-interrupter.ts'
import { startHost, type WorkbenchHost } from '../src/main/host/workbench-host.ts'
import { connect, type WorkbenchClient } from './support/client-fixture.ts'
import { openTimeoutMs, testTemplatesDirectory } from './support/engine-fixture.ts'
import { stubbornSql } from './support/stubborn-sql.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

/** Recursion that Postgres's own check does not see ends V8's stack, and so the WebAssembly. */
const abortingSql = `select repeat('[', 10000000)::json`
/** How long a backend may take to end what it is asked to. */
const cancelBoundMs = 300

interface Victim {
  readonly client: pg.Client
  readonly worker: Worker
  cancel(): Promise<unknown>
}

/** What a client is told, by its query if it has one. */
const toldOf = (query: Promise<unknown>): Promise<unknown> =>
  query.then(
    () => 'it was answered',
    (error: unknown) => error,
  )

/**
 * Each begins with a transaction open that has written a row, and ends with the engine. Answers what the victim's query
 * was told, or nothing if it had none.
 */
const ends: readonly { readonly name: string; end(victim: Victim): Promise<unknown> }[] = [
  { name: 'the WebAssembly stops', end: ({ client }) => toldOf(client.query(abortingSql)) },
  {
    name: 'a statement does not end when it is cancelled',
    async end({ client, cancel }) {
      const runs = new Promise((resolve) => client.once('notice', resolve))
      const running = toldOf(client.query(stubbornSql))
      await runs
      await cancel()
      return running
    },
  },
  {
    name: 'its thread is ended in the middle of a statement',
    async end({ client, worker }) {
      const running = toldOf(client.query('select pg_sleep(600)'))
      await worker.terminate()
      return running
    },
  },
  {
    name: 'its thread is ended in the middle of a COPY',
    async end({ client, worker }) {
      const copy = toldOf(client.query('copy kept from stdin'))
      const { connection } = client as unknown as { connection: NodeJS.EventEmitter }
      await new Promise((resolve) => connection.once('copyInResponse', resolve))
      await worker.terminate()
      return copy
    },
  },
  {
    name: 'its thread is ended while a transaction is open',
    async end({ client, worker }) {
      const told = new Promise<unknown>((resolve) => client.once('error', resolve))
      await worker.terminate()
      return told
    },
  },
]

describe('an instance whose engine ends because', { timeout: openTimeoutMs }, () => {
  const path = temporaryDirectory()
  const workers: Worker[] = []
  const interrupter = new WorkerInterrupter()
  const connections: pg.Client[] = []
  const notes: CrashNote[] = []
  let host: WorkbenchHost
  let client: WorkbenchClient
  let shop: Instance
  let other: Instance

  beforeAll(async () => {
    process.on('worker', remember)
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
    host = await startHost({
      ...{ dataDirectory: path('data'), shell: 'command', clock: systemClock, log },
      engineFactory: new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory, cancelBoundMs }),
    })
    client = connect(host)
    client.on('instance.didCrash', (note) => notes.push(note))
    const create = (name: string): Promise<Instance> =>
      client.call('instance.create', { name, storage: 'directory', withSample: false })
    other = await create('other')
    shop = await create('shop')
    await client.call('endpoint.start', { endpointId: 'postgres', ...startAsKept, port: 0 })
  }, openTimeoutMs)
  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.end().catch(() => undefined)))
    notes.length = 0
  })
  afterAll(async () => {
    process.off('worker', remember)
    await host.stop()
    interrupter.dispose()
  })

  function remember(worker: Worker): void {
    workers.push(worker)
  }

  /** The one whose thread is the youngest: the other is never started again. */
  function shopWorker(): Worker {
    return present(
      workers.findLast((each) => each.threadId > 0 && each.threadName?.startsWith('wardian-engine')),
      'the worker',
    )
  }

  async function open(instance: Instance): Promise<pg.Client> {
    const { forms } = await client.call('endpoint.connection', {
      ...{ endpointId: 'postgres', instanceId: instance.id },
    })
    const url = forms.find(({ kind }) => kind === 'url')?.text
    const connection = new pg.Client({ ...(url === undefined ? {} : { connectionString: url }) })
    // What the server says at the end is heard by whoever listens besides.
    connection.on('error', () => undefined)
    connections.push(connection)
    await connection.connect()
    return connection
  }

  async function valueOf(connection: pg.Client, sql: string): Promise<unknown> {
    const { rows } = await connection.query<{ value: unknown }>(`select (${sql}) as value`)
    return rows[0]?.value
  }

  /** As a window does that shows the clients. */
  async function cancelBusy(): Promise<void> {
    for await (const { value } of client.stream('endpoint.watchClients', { endpointId: 'postgres' })) {
      // Who waits for a turn is active, too.
      const busy = value.clients.find(
        ({ state, database, waitingFor }) => state === 'active' && database === 'shop' && waitingFor === null,
      )
      if (!busy) continue
      await client.call('endpoint.cancelClient', { endpointId: 'postgres', clientId: busy.id })
      return
    }
  }

  it.each(ends)('$name is there again with what was committed, and tells its clients', async ({ end }) => {
    const [victim, waiting, witness] = await Promise.all([open(shop), open(shop), open(other)])
    const listener = await open(shop)
    await listener.query('listen news')
    await victim.query('create table if not exists kept (id int); truncate kept; insert into kept values (1)')
    await witness.query('create temporary table mine as select 5 as n')
    await witness.query('begin; insert into mine values (6)')
    await victim.query('begin; insert into kept values (2)')
    const listenerTold = new Promise<unknown>((resolve) => listener.once('error', resolve))
    // They wait for the transaction's end, which never comes.
    const waitingTold = toldOf(waiting.query('select 1'))
    const victimTold = await end({ client: victim, worker: shopWorker(), cancel: cancelBusy })
    for (const told of [victimTold, await waitingTold, await listenerTold]) {
      expect(told).toMatchObject({ code: '57P01', severity: 'FATAL' })
    }
    const again = await open(shop)
    expect(await valueOf(again, `select string_agg(id::text, ',') from kept`)).toBe('1')
    expect(await client.call('instance.start', { instanceId: shop.id })).toMatchObject({ state: 'ready' })
    expect(notes).toMatchObject([{ instanceId: shop.id, name: 'shop', next: 'restarts' }])
    // In the middle of its transaction, and none the wiser.
    expect(await valueOf(witness, 'select sum(n)::int from mine')).toBe(11)
    await witness.query('commit')
    // As somebody does who has looked: the next end is not one too many.
    await client.call('instance.stop', { instanceId: shop.id })
    await client.call('instance.start', { instanceId: shop.id })
  })

  it('its thread is ended tells consoles so, in the middle of a statement and of a transaction', async () => {
    const { sessionId } = await client.call('session.open', { instanceId: shop.id, title: 'a console' })
    async function toldTo(text: string, onStarted = (): void => undefined): Promise<string | undefined> {
      let code: string | undefined
      const source = { kind: 'inline', text } as const
      const stream = client.stream('statement.run', {
        ...{ sessionId, source, mode: 'statement', resultBytesMax: 1e6, resultsMax: null },
      })
      for await (const { value } of stream) {
        if (value.kind === 'started') onStarted()
        if (value.kind === 'completed') code = value.outcome.error?.sql?.code
      }
      return code
    }
    expect(await toldTo('select pg_sleep(600)', () => void shopWorker().terminate())).toBe('57P01')
    expect(await toldTo('begin')).toBeUndefined()
    const count = notes.length
    await shopWorker().terminate()
    while (notes.length === count) await new Promise((resolve) => setImmediate(resolve))
    expect(await toldTo('select 1')).toBe('57P01')
    expect(await toldTo('select 1')).toBeUndefined()
    await client.call('session.close', { sessionId })
    await client.call('instance.stop', { instanceId: shop.id })
    await client.call('instance.start', { instanceId: shop.id })
  })

  it('its memory cannot grow does not end, and nobody but the statement notices', async () => {
    const [victim, waiting] = [await open(shop), await open(shop)]
    const refuse = 'WebAssembly.Memory.prototype.grow = () => { throw new RangeError("no") }'
    const sleeping = victim.query('select pg_sleep(0.2)')
    interrupter.evaluate(shopWorker().threadName ?? '', refuse)
    await sleeping
    const arrays = `select array_agg(repeat('x', 1000000) || g) a from generate_series(1, 500) g`
    const large = `select sum(length(a[1])) from (${arrays}) t`
    await expect(victim.query(large)).rejects.toMatchObject({ code: '53200' })
    expect(await valueOf(victim, '1')).toBe(1)
    expect(await valueOf(waiting, '2')).toBe(2)
    expect(notes).toEqual([])
  })

  it('it ended too often stays down until it is asked for, and tells why with what it logged last', async () => {
    for (let crash = 1; crash <= 4; crash += 1) {
      const victim = await open(shop)
      await victim.query(`select 1/0`).catch(() => undefined)
      await shopWorker().terminate()
      while (notes.length < crash) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(notes.map(({ next }) => next)).toEqual(['restarts', 'restarts', 'restarts', 'stays-down'])
    const { instances } = { instances: await client.call('instance.list', null) }
    expect(instances.find(({ id }) => id === shop.id)).toMatchObject({
      ...{ state: 'failed', failure: expect.stringContaining('ended 4 times within a minute') },
    })
    await expect(open(shop)).rejects.toMatchObject({ message: expect.stringContaining('ended 4 times') })
    const crashes = await client.call('instance.crashes', { instanceId: shop.id })
    expect(crashes.at(-1)?.log.join('\n')).toContain('division by zero')
    await client.call('instance.start', { instanceId: shop.id })
    expect(await valueOf(await open(shop), 'select count(*)::int from kept')).toBe(1)
  })
})
