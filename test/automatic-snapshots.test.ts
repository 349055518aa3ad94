/**
 * What is kept before statements that remove or change much, from the console and from clients of the endpoint: a real
 * host, real engines, node-postgres over loopback.
 */

import pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../src/base/clock.ts'
import { startAsKept } from '../src/contract/endpoint.ts'
import { textPartBytesMax } from '../src/contract/limits.ts'
import type { SnapshotNote, SnapshotPolicy } from '../src/contract/snapshot.ts'
import { workbenchContract } from '../src/contract/workbench-contract.ts'
import { startHost, type WorkbenchHost } from '../src/main/host/workbench-host.ts'
import { createMemoryPorts } from '../src/rpc/memory-port.ts'
import { clientPortLimits } from '../src/rpc/message-codec.ts'
import { connectContract } from '../src/rpc/rpc-client.ts'
import { openTimeoutMs } from './support/engine-fixture.ts'
import { expectNoLeaks } from './support/leak-check.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const endpointId = 'postgres'

describe('snapshots that are taken by themselves', { timeout: openTimeoutMs * 3 }, () => {
  expectNoLeaks()
  const path = temporaryDirectory()
  const hosts: WorkbenchHost[] = []
  const connections: pg.Client[] = []
  let count = 0
  let textCount = 0

  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.end()))
    for (const host of hosts.splice(0)) await host.stop()
  })

  async function open() {
    const ignore = (): void => undefined
    const log = { info: ignore, warn: ignore, error: ignore }
    const dataDirectory = path(`data-${count++}`)
    const host = await startHost({ dataDirectory, shell: 'command', clock: systemClock, log })
    hosts.push(host)
    const [near, far] = createMemoryPorts(clientPortLimits)
    host.attach(far)
    const client = connectContract(workbenchContract, near)
    const notes: SnapshotNote[] = []
    client.on('snapshot.didTake', (note) => notes.push(note))
    const { id: instanceId } = await client.call('instance.create', {
      ...{ name: 'shop', storage: 'directory', withSample: false },
    })
    const { sessionId } = await client.call('session.open', { instanceId, title: 'Console 1' })
    const upload = async (text: string): Promise<{ kind: 'uploaded'; textId: string }> => {
      const bytes = Buffer.from(text)
      const textId = `text ${textCount++}`
      for (let at = 0, partIndex = 0; at < bytes.length; at += textPartBytesMax, partIndex += 1) {
        const part = Uint8Array.from(bytes.subarray(at, at + textPartBytesMax)).buffer
        const isLast = at + textPartBytesMax >= bytes.length
        await client.call('text.upload', { textId, partIndex, isLast }, { buffers: [part] })
      }
      return { kind: 'uploaded', textId }
    }
    const run = async (text: string, mode: 'statement' | 'script' = 'statement'): Promise<string[]> => {
      const source = text.length < textPartBytesMax ? { kind: 'inline' as const, text } : await upload(text)
      const stream = client.stream('statement.run', {
        ...{ sessionId, source, mode, resultBytesMax: 1e6, resultsMax: null },
      })
      const ends: string[] = []
      for await (const { value } of stream) {
        if (value.kind === 'completed') ends.push(value.outcome.error?.message ?? value.outcome.status)
      }
      return ends
    }
    const kept = async (): Promise<string[]> => {
      const { snapshots } = await client.call('snapshot.list', { instanceId })
      return snapshots
        .map(({ reason }) => (reason.kind === 'statement' ? reason.what : reason.kind))
        .toReversed()
    }
    const decide = async (change: Partial<SnapshotPolicy>): Promise<void> => {
      const policy = { ...(await client.call('snapshot.policy', { instanceId })), ...change }
      await client.call('snapshot.setPolicy', { instanceId, policy })
    }
    const connect = async (): Promise<pg.Client> => {
      await client.call('endpoint.start', { endpointId, ...startAsKept, port: 0 })
      const {
        host: address,
        port,
        role,
        password,
      } = await client.call('endpoint.connection', {
        ...{ endpointId, instanceId },
      })
      const connection = new pg.Client({
        host: address,
        port: port ?? 0,
        user: role,
        password,
        database: 'shop',
      })
      connection.on('error', ignore)
      connections.push(connection)
      await connection.connect()
      return connection
    }
    return { client, instanceId, notes, run, kept, decide, connect }
  }

  it('keeps what a statement of the console is about to remove, and nothing before others', async () => {
    const { client, instanceId, notes, run, kept } = await open()
    await run('drop table if exists nothing')
    await run('create table orders (id int)')
    await run('insert into orders select generate_series(1, 100)')
    await run('delete from orders where id > 90')
    await run('select * from orders')
    expect(await kept()).toEqual([])
    expect(await run('delete from orders')).toEqual(['ok'])
    await run('select count(*) from orders')
    expect(await run('drop table orders')).toEqual(['ok'])
    expect(await kept()).toEqual(['DELETE FROM orders without WHERE', 'DROP TABLE orders'])
    expect(notes).toMatchObject([
      { instanceId, isNews: true, problem: null, reason: { who: 'Console 1', text: 'delete from orders' } },
      { reason: { what: 'DROP TABLE orders' } },
    ])
    const snapshotId = notes[0]?.snapshotId ?? ''
    const rewinding = client.stream('snapshot.rewind', { instanceId, snapshotId })
    for await (const { value } of rewinding) expect(value.totalBytes).toBeGreaterThanOrEqual(0)
    expect((await rewinding.result).undo?.reason).toEqual({ kind: 'rewind', to: snapshotId })
    expect(await run('delete from orders where id <= 90')).toEqual(['ok'])
    expect(await kept()).toEqual(['DELETE FROM orders without WHERE', 'DROP TABLE orders', 'rewind'])
  })

  it('keeps one before a script that writes, and what was committed before an open transaction', async () => {
    const { run, kept } = await open()
    await run('create table orders (id int)')
    expect(await run('select 1; select 2', 'script')).toEqual(['ok', 'ok'])
    expect(await kept()).toEqual([])
    await run('insert into orders values (1); truncate orders; drop table orders', 'script')
    expect(await kept()).toEqual(['script'])
    await run('create table orders (id int)')
    await run('begin')
    await run('insert into orders values (1)')
    await run('truncate orders')
    await run('drop table orders')
    expect(await run('rollback')).toEqual(['ok'])
    expect(await run('select count(*) from orders')).toEqual(['ok'])
    expect(await kept()).toEqual(['script', 'TRUNCATE orders'])
  })

  it('keeps one before texts that are too long to be parsed for it, but not before data alone', async () => {
    const { run, kept } = await open()
    await run('create table orders (id int, note text)')
    const note = 'n'.repeat(1 << 20)
    expect(await run(`insert into orders values (1, '${note}')`)).toEqual(['ok'])
    expect(await kept()).toEqual([])
    expect(await run(`delete from orders where note <> '${note}' or true`)).toEqual(['ok'])
    expect(await kept()).toEqual(['a long statement'])
    await run('insert into orders values (1)')
    expect(await run(`select '${note}'; drop table orders`, 'script')).toEqual(['ok', 'ok'])
    expect(await kept()).toEqual(['a long statement', 'script'])
  })

  it('keeps what clients of the endpoint are about to remove, not more often than it may', async () => {
    const { run, kept, decide, connect } = await open()
    await run('create table orders (id int)')
    await run('create table others (id int)')
    await run('insert into orders values (1)')
    const client = await connect()
    await client.query('update orders set id = 2 where id = 1')
    await client.query('truncate orders')
    await client.query('insert into orders values (1)')
    await client.query('truncate orders')
    expect(await kept()).toEqual(['TRUNCATE orders'])
    await decide({ distanceMs: 0 })
    await client.query('insert into orders values (1)')
    await client.query('begin')
    await client.query('insert into orders values (2)')
    await client.query('drop table orders')
    await client.query('rollback')
    expect((await client.query('select id from orders')).rows).toEqual([{ id: 1 }])
    await client.query('insert into orders values ($1)', [3])
    await client.query({ name: 'gone', text: 'delete from orders' })
    expect(await kept()).toEqual(['TRUNCATE orders', 'DROP TABLE orders', 'DELETE FROM orders without WHERE'])
    await decide({ from: 'console' })
    await client.query('drop table orders')
    await decide({ from: 'everywhere', before: 'all' })
    await client.query('create table t (a int)')
    expect((await kept()).slice(3)).toEqual(['CREATE TABLE t'])
  })

  it('a client that leaves meanwhile rolls back, and the instance goes on', async () => {
    const { run, decide, connect, kept } = await open()
    await run('create table orders as select n, repeat(md5(n::text), 20) from generate_series(1, 20000) n')
    await decide({ distanceMs: 0 })
    const client = await connect()
    await client.query('begin')
    await client.query('insert into orders values (0, null)')
    client.query('drop table orders').catch(() => undefined)
    await client.end()
    expect(await run('select count(*) from orders')).toEqual(['ok'])
    expect(await run('insert into orders values (1, null)')).toEqual(['ok'])
    expect((await kept()).length).toBeLessThanOrEqual(1)
  })

  it('a statement runs although nothing could be kept, and its user is told why once', async () => {
    const { notes, run, kept, decide } = await open()
    await decide({ automaticBytesMax: 1000 })
    await run('create table orders (id int)')
    expect(await run('truncate orders')).toEqual(['ok'])
    expect(await run('drop table orders')).toEqual(['ok'])
    expect(await kept()).toEqual([])
    expect(notes.map(({ isNews }) => isNews)).toEqual([true, false])
    expect(notes[0]?.problem).toContain('take one yourself')
    await decide({ before: 'nothing' })
    await run('create table orders (id int)')
    await run('drop table orders')
    expect(notes).toHaveLength(2)
  })
})
