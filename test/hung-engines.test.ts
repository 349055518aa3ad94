/**
 * Goal: an engine whose thread hangs without anybody having asked it for anything is ended and started again, and
 * what merely takes long is left alone. Method: a real host and clients of the wire; the inspector, which reaches a
 * thread in the middle of anything, makes it hang.
 */

import type { Worker } from 'node:worker_threads'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { present } from '../src/base/assert.ts'
import { systemClock } from '../src/base/clock.ts'
import { startAsKept } from '../src/contract/endpoint.ts'
import type { Instance } from '../src/contract/instance.ts'
import type { CrashNote } from '../src/contract/supervision.ts'
import { PgliteEngineFactory } from '../src/main/engine/pglite/pglite-engine-factory.ts'
import { WorkerInterrupter } from '../src/main/engine/pglite/worker-interrupter.ts'
import { startHost, type WorkbenchHost } from '../src/main/host/workbench-host.ts'
import { connect, type WorkbenchClient } from './support/client-fixture.ts'
import { openTimeoutMs, testTemplatesDirectory } from './support/engine-fixture.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

/** Shorter than the product's; a start takes a fraction of this processor time. */
const liveness = { intervalMs: 250, cpuMsMax: 1_500 }

/** What the thread does when it has nothing to do, from now on. */
const hangWhenIdle = 'Atomics.wait = () => { for (;;); }'
const pollMs = 50
/** Longer than a thread without a sign of life is left alone. */
const busySeconds = 3

describe('an engine', { timeout: openTimeoutMs }, () => {
  const path = temporaryDirectory()
  const workers: Worker[] = []
  const connections: pg.Client[] = []
  const notes: CrashNote[] = []
  const interrupter = new WorkerInterrupter()
  let host: WorkbenchHost
  let client: WorkbenchClient
  let shop: Instance
  let url: string

  beforeAll(async () => {
    process.on('worker', remember)
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
    host = await startHost({
      ...{ dataDirectory: path('data'), shell: 'command', clock: systemClock, log },
      engineFactory: new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory, liveness }),
    })
    client = connect(host)
    client.on('instance.didCrash', (note) => notes.push(note))
    shop = await client.call('instance.create', { name: 'shop', storage: 'directory', withSample: false })
    await client.call('endpoint.start', { endpointId: 'postgres', ...startAsKept, port: 0 })
    const shown = await client.call('endpoint.connection', { endpointId: 'postgres', instanceId: shop.id })
    url = present(shown.forms.find(({ kind }) => kind === 'url')?.text, 'the address')
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
    if (worker.threadName?.startsWith('wardian-engine') === true) workers.push(worker)
  }

  function hang(expression: string): void {
    interrupter.evaluate(present(workers.at(-1)?.threadName, 'the name'), expression)
  }

  async function open(): Promise<pg.Client> {
    const connection = new pg.Client({ connectionString: url })
    connection.on('error', () => undefined)
    connections.push(connection)
    await connection.connect()
    return connection
  }

  it('that is busy with a statement is left alone, however long it gives no sign', async () => {
    const busy = await open()
    const loop = `do $$ declare start timestamptz := clock_timestamp(); begin
      while clock_timestamp() < start + interval '${busySeconds} s' loop end loop; end $$`
    await busy.query(loop)
    expect(notes).toEqual([])
  })

  it('that hangs between two statements is ended, and there again for everybody with what was committed', async () => {
    const [victim, listener] = [await open(), await open()]
    const told = new Promise<unknown>((resolve) => listener.once('error', resolve))
    await listener.query('listen news')
    await victim.query('create table kept as select 1 as id')
    const sleeping = victim.query('select pg_sleep(0.5)')
    hang(hangWhenIdle)
    await sleeping
    expect(await told).toMatchObject({ code: '57P01', severity: 'FATAL' })
    const again = await open()
    expect((await again.query('select id from kept')).rows).toEqual([{ id: 1 }])
    expect(notes).toMatchObject([{ next: 'restarts', crash: { message: expect.stringContaining('hung') } }])
  })

  it('that hangs while it is started again is ended, too, and started once more', async () => {
    const count = workers.length
    const hangNext = (worker: Worker): void => {
      if (worker.threadName?.startsWith('wardian-engine') !== true) return
      process.off('worker', hangNext)
      interrupter.evaluate(worker.threadName, 'for (;;);')
    }
    process.on('worker', hangNext)
    await present(workers.at(-1), 'the worker').terminate()
    while (notes.length < 2) await new Promise<void>((resolve) => void systemClock.after(pollMs, resolve))
    expect(notes.map(({ next }) => next)).toEqual(['restarts', 'restarts'])
    expect(notes[1]).toMatchObject({ crash: { message: expect.stringContaining('hung') } })
    const again = await open()
    expect((await again.query('select id from kept')).rows).toEqual([{ id: 1 }])
    expect(workers.length - count).toBe(2)
  })
})
