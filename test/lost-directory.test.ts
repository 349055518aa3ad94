/**
 * Goal: when the directory of a database is removed, moved or replaced while its engine runs, no durable commit is
 * acknowledged any more, the words say what happened, nothing is made or changed in its place, and all goes on when it
 * is back. Method: a host with a real instance, a client of the wire, and the file system.
 */

import { mkdirSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { present } from '../src/base/assert.ts'
import { systemClock } from '../src/base/clock.ts'
import { startAsKept } from '../src/contract/endpoint.ts'
import type { Instance } from '../src/contract/instance.ts'
import type { CrashNote } from '../src/contract/supervision.ts'
import { PgliteEngineFactory } from '../src/main/engine/pglite/pglite-engine-factory.ts'
import { startHost, type WorkbenchHost } from '../src/main/host/workbench-host.ts'
import { connect, type WorkbenchClient } from './support/client-fixture.ts'
import { openTimeoutMs, testTemplatesDirectory } from './support/engine-fixture.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

describe('an instance whose directory', { timeout: openTimeoutMs }, () => {
  const path = temporaryDirectory()
  const notes: CrashNote[] = []
  const connections: pg.Client[] = []
  let host: WorkbenchHost
  let client: WorkbenchClient
  let count = 0
  let shop: Instance
  let directory: string
  let shopClient: pg.Client

  beforeAll(async () => {
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
    host = await startHost({
      ...{ dataDirectory: path('data'), shell: 'command', clock: systemClock, log },
      engineFactory: new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory }),
    })
    client = connect(host)
    client.on('instance.didCrash', (note) => notes.push(note))
    await client.call('endpoint.start', { endpointId: 'postgres', ...startAsKept, port: 0 })
  }, openTimeoutMs)
  beforeEach(async () => {
    count += 1
    const wish = { name: `shop ${count}`, storage: 'directory', withSample: false } as const
    shop = await client.call('instance.create', wish)
    directory = present(shop.directory, 'the directory')
    shopClient = await open()
    await shopClient.query('create table kept (id int)')
    // Whatever a commit needs is open afterwards.
    for (let row = 0; row < 5; row += 1) await shopClient.query('insert into kept values (1)')
  }, openTimeoutMs)
  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.end().catch(() => undefined)))
    notes.length = 0
  })
  afterAll(() => host.stop())

  async function open(): Promise<pg.Client> {
    const shown = await client.call('endpoint.connection', { endpointId: 'postgres', instanceId: shop.id })
    const url = present(shown.forms.find(({ kind }) => kind === 'url')?.text, 'the address')
    const connection = new pg.Client({ connectionString: url })
    connection.on('error', () => undefined)
    connections.push(connection)
    await connection.connect()
    return connection
  }

  async function described(): Promise<Instance> {
    const instances = await client.call('instance.list', null)
    return present(
      instances.find(({ id }) => id === shop.id),
      'the instance',
    )
  }

  /** Acknowledged it would be lost. */
  async function expectRefusedCommit(): Promise<void> {
    await expect(shopClient.query('insert into kept values (2)')).rejects.toMatchObject({
      ...{
        code: '57P01',
        message: expect.stringContaining('was removed, moved or replaced while it was open'),
      },
    })
    expect(notes).toMatchObject([{ next: 'stays-down' }])
  }

  it('is moved refuses commits, says so, and goes on where it was when it is back', async () => {
    renameSync(directory, path('away'))
    await expectRefusedCommit()
    expect(await described()).toMatchObject({
      ...{ state: 'failed', failure: expect.stringContaining(`is gone: ${directory}. If its disk`) },
    })
    await expect(open()).rejects.toMatchObject({ message: expect.stringContaining('is gone') })
    await expect(client.call('instance.start', { instanceId: shop.id })).rejects.toMatchObject({
      code: 'not-found',
    })
    expect(existsSync(directory)).toBe(false)
    renameSync(path('away'), directory)
    await client.call('instance.start', { instanceId: shop.id })
    const again = await open()
    // The second was not acknowledged, and may be there.
    expect((await again.query('select min(id) from kept')).rows).toEqual([{ min: 1 }])
  })

  it('is removed refuses commits, and makes nothing in its place', async () => {
    rmSync(directory, { recursive: true })
    await expectRefusedCommit()
    expect(await described()).toMatchObject({ state: 'failed', failure: expect.stringContaining('is gone') })
    expect(existsSync(directory)).toBe(false)
  })

  it('has lost the file of the log alone refuses commits', async () => {
    rmSync(join(directory, 'data', 'pg_wal'), { recursive: true })
    await expect(shopClient.query('insert into kept values (2)')).rejects.toMatchObject({ code: '57P01' })
  })

  it('is replaced refuses commits, leaves the other as it is, and asks what is meant', async () => {
    const data = join(directory, 'data')
    renameSync(data, path('aside'))
    mkdirSync(join(data, 'global'), { recursive: true })
    const controlFile = join(data, 'global', 'pg_control')
    writeFileSync(controlFile, 'of another')
    await expectRefusedCommit()
    expect(await described()).toMatchObject({
      ...{ state: 'failed', failure: expect.stringContaining('was replaced while it was open') },
    })
    expect(readFileSync(controlFile, 'utf8')).toBe('of another')
    rmSync(data, { recursive: true })
    renameSync(path('aside'), data)
    await client.call('instance.start', { instanceId: shop.id })
    expect((await (await open()).query('select min(id) from kept')).rows).toEqual([{ min: 1 }])
  })

  it('is replaced and then stopped leaves the other as it is', async () => {
    const data = join(directory, 'data')
    renameSync(data, path('behind'))
    mkdirSync(join(data, 'global'), { recursive: true })
    const controlFile = join(data, 'global', 'pg_control')
    writeFileSync(controlFile, 'of another')
    await client.call('instance.stop', { instanceId: shop.id })
    expect(readFileSync(controlFile, 'utf8')).toBe('of another')
  })
})
