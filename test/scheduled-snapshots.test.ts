/**
 * Goal: snapshots come at their intervals, of what was written to, and are made up for. Method: a host whose clock the
 * test moves, with real engines.
 */

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { present } from '../src/base/assert.ts'
import { systemClock, TestClock, type Clock } from '../src/base/clock.ts'
import { startHost, type WorkbenchHost } from '../src/main/host/workbench-host.ts'
import { connect, Console, type WorkbenchClient } from './support/client-fixture.ts'
import { openTimeoutMs } from './support/engine-fixture.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const waiting = { timeout: openTimeoutMs, interval: 20 }
const hourMs = 60 * 60_000
/** How often it looks whether something is due. */
const lookEveryMs = 60_000

/** The day is the test's, and with it whatever waits for minutes; what waits for less is real. */
class MovedClock implements Clock {
  readonly moved = new TestClock()
  nowMs(): number {
    return this.moved.nowMs()
  }
  monotonicMs(): number {
    return systemClock.monotonicMs()
  }
  after(delayMs: number, action: () => void): ReturnType<Clock['after']> {
    return (delayMs === lookEveryMs ? this.moved : systemClock).after(delayMs, action)
  }
}

describe('snapshots at intervals', { timeout: openTimeoutMs * 3 }, () => {
  const path = temporaryDirectory()
  const clock = new MovedClock()
  const made: { host?: WorkbenchHost; client?: WorkbenchClient } = {}
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

  const client = (): WorkbenchClient => present(made.client, 'the client')
  const start = async (): Promise<void> => {
    made.host = await startHost({ dataDirectory: path('data'), shell: 'command', clock, log })
    made.client = connect(made.host)
  }
  const stop = async (): Promise<void> => {
    made.client?.dispose()
    await made.host?.stop()
  }

  beforeAll(start, openTimeoutMs)
  afterAll(stop)

  async function create(
    name: string,
    everyMs: number,
  ): Promise<{ instanceId: string; run: (sql: string) => Promise<void> }> {
    const { id: instanceId } = await client().call('instance.create', {
      ...{ name, storage: 'directory', withSample: false },
    })
    const policy = { ...(await client().call('snapshot.policy', { instanceId })), everyMs }
    await client().call('snapshot.setPolicy', { instanceId, policy })
    const run = async (sql: string): Promise<void> => {
      const console = await Console.open(client(), instanceId, 'console')
      await console.rows(sql)
      await console.close()
    }
    return { instanceId, run }
  }

  const reasons = async (instanceId: string): Promise<string[]> =>
    (await client().call('snapshot.list', { instanceId })).snapshots.map(({ reason }) => reason.kind)

  it('are taken when they are due, of what was written to, and not sooner', async () => {
    const [watched, marker] = [await create('a watched', hourMs), await create('b marker', lookEveryMs)]
    // The second instance, which is looked at behind the first, tells that a look has come to its end.
    let lookCount = 0
    const look = async (afterMs: number): Promise<string[]> => {
      await marker.run(`create table t${++lookCount} (a int)`)
      clock.moved.advance(afterMs)
      await vi.waitFor(async () => expect(await reasons(marker.instanceId)).toHaveLength(lookCount), waiting)
      return reasons(watched.instanceId)
    }
    await watched.run('create table t (a int)')
    expect(await look(lookEveryMs)).toEqual(['schedule'])
    await watched.run('insert into t values (1)')
    expect(await look(lookEveryMs)).toEqual(['schedule'])
    expect(await look(hourMs)).toEqual(['schedule', 'schedule'])
    // Due, and nothing was written.
    expect(await look(hourMs)).toEqual(['schedule', 'schedule'])
  })

  it('that were missed while the host did not run are made up for', async () => {
    const { instanceId, run } = await create('c missed', hourMs)
    await run('create table t (a int)')
    clock.moved.advance(lookEveryMs)
    await vi.waitFor(async () => expect(await reasons(instanceId)).toEqual(['schedule']), waiting)
    await stop()
    clock.moved.advance(30 * hourMs)
    await start()
    await client().call('instance.start', { instanceId })
    const console = await Console.open(client(), instanceId, 'console')
    await console.rows('insert into t values (1)')
    await console.close()
    clock.moved.advance(lookEveryMs)
    await vi.waitFor(async () => expect(await reasons(instanceId)).toEqual(['schedule', 'schedule']), waiting)
  })
})
