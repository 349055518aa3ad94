/**
 * Goal: the instances of a host are the databases of one server, for who lists them, makes them, names them and
 * removes them by SQL. Method: a real host and engines, node-postgres over loopback.
 */

import pg from 'pg'
import { serialize } from 'pg-protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../src/base/clock.ts'
import { startAsKept } from '../src/contract/endpoint.ts'
import { workbenchContract, type WorkbenchContract } from '../src/contract/workbench-contract.ts'
import { startHost, type WorkbenchHost } from '../src/main/host/workbench-host.ts'
import { createMemoryPorts } from '../src/rpc/memory-port.ts'
import { clientPortLimits } from '../src/rpc/message-codec.ts'
import { connectContract, type ContractClient } from '../src/rpc/rpc-client.ts'
import { Console } from './support/client-fixture.ts'
import { openTimeoutMs } from './support/engine-fixture.ts'
import { expectNoLeaks } from './support/leak-check.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const endpointId = 'postgres'
const listSql = `select array_agg(datname::text order by datname) v from pg_database where not datistemplate`

describe('databases by SQL', { timeout: openTimeoutMs }, () => {
  expectNoLeaks()
  const path = temporaryDirectory()
  const hosts: WorkbenchHost[] = []
  const connections: pg.Client[] = []

  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.end()))
    for (const host of hosts.splice(0)) await host.stop()
  })

  /** A host with an instance `shop`, and how to connect to any database of its endpoint. */
  async function open(storage: 'memory' | 'directory' = 'memory'): Promise<{
    readonly client: ContractClient<WorkbenchContract>
    readonly host: WorkbenchHost
    connect(database: string, login?: { user: string; password: string }): Promise<pg.Client>
  }> {
    const ignore = (): void => undefined
    const log = { info: ignore, warn: ignore, error: ignore }
    const host = await startHost({ dataDirectory: path('data'), shell: 'command', clock: systemClock, log })
    hosts.push(host)
    const [near, far] = createMemoryPorts(clientPortLimits)
    host.attach(far)
    const client = connectContract(workbenchContract, near)
    const known = (await client.call('instance.list', null)).find(({ name }) => name === 'shop')
    const { id } =
      known ?? (await client.call('instance.create', { name: 'shop', storage, withSample: false }))
    await client.call('endpoint.start', { endpointId, ...startAsKept, port: 0 })
    const place = await client.call('endpoint.connection', { endpointId, instanceId: id })
    const { host: address, port, role, password } = place
    const owner = { user: role, password }
    const connect = async (database: string, login = owner): Promise<pg.Client> => {
      const connection = new pg.Client({ host: address, port: port ?? 0, ...login, database })
      // A database that is removed ends its connections.
      connection.on('error', ignore)
      connections.push(connection)
      await connection.connect()
      return connection
    }
    return { client, host, connect }
  }

  async function valueOf(connection: pg.Client, sql: string): Promise<unknown> {
    const { rows } = await connection.query<{ v: unknown }>(sql)
    return rows[0]?.v
  }

  it('has each instance under its name, and lists all of them in each', async () => {
    const { client, connect } = await open()
    const shop = await connect('shop')
    expect(await valueOf(shop, 'select current_database() v')).toBe('shop')
    expect(await valueOf(shop, listSql)).toEqual(['postgres', 'shop'])
    const wanted = { name: 'Büro "2"', storage: 'memory', withSample: false } as const
    const { id } = await client.call('instance.create', wanted)
    expect(await valueOf(shop, listSql)).toEqual(['Büro "2"', 'postgres', 'shop'])
    const second = await connect('Büro "2"')
    expect(await valueOf(second, 'select current_database() v')).toBe('Büro "2"')
    expect(await valueOf(second, listSql)).toEqual(['Büro "2"', 'postgres', 'shop'])
    await client.call('instance.delete', { instanceId: id })
    expect(await valueOf(shop, listSql)).toEqual(['postgres', 'shop'])
  })

  it('leaves a database to those who own it, and lets in those who may connect', async () => {
    const { connect } = await open()
    const shop = await connect('shop')
    await shop.query(`create role clerk login createdb password 'secret'`)
    await shop.query('create database theirs')
    const login = { user: 'clerk', password: 'secret' }
    const clerk = await connect('shop', login)
    await clerk.query('create database mine')
    for (const what of ['drop database theirs', 'alter database theirs rename to mine2']) {
      await expect(clerk.query(what)).rejects.toMatchObject({ code: '42501' })
    }
    await expect(clerk.query('alter database theirs owner to clerk')).rejects.toMatchObject({ code: '42501' })
    await clerk.query('alter database mine rename to own')
    await clerk.query('drop database own')
    expect(await valueOf(shop, listSql)).toEqual(['postgres', 'shop', 'theirs'])
    await shop.query('revoke connect on database shop from public')
    const refused = connect('shop', login)
    await expect(refused).rejects.toMatchObject({ code: '42501' })
    connections.pop()
  })

  it.each(['memory', 'directory'] as const)(
    'copies a database in %s that is named as the template',
    async (storage) => {
      const { client, connect } = await open(storage)
      const shop = await connect('shop')
      await shop.query(`create role clerk login createdb password 'secret'`)
      await shop.query('create table kept as select n from generate_series(1, 1000) n')
      // Also while somebody is connected, and thinks.
      const other = await connect('shop')
      await other.query('begin')
      const copying = shop.query('create database copy template shop')
      await other.query('insert into kept values (0)')
      await other.query('rollback')
      await copying
      const copy = await connect('copy')
      expect(await valueOf(copy, 'select sum(n)::int v from kept')).toBe(500_500)
      expect(await valueOf(copy, 'select current_database() v')).toBe('copy')
      await copy.query('drop table kept')
      expect(await valueOf(shop, 'select count(*)::int v from kept')).toBe(1_000)
      const clerk = await connect('shop', { user: 'clerk', password: 'secret' })
      const refused = clerk.query('create database mine template shop')
      await expect(refused).rejects.toMatchObject({ code: '42501' })
      await expect(shop.query('create database x template nosuch')).rejects.toMatchObject({ code: '3D000' })
      await shop.query('alter database copy owner to clerk')
      await clerk.query('create database mine template copy')
      await clerk.query('drop database mine')
      // The directory is that of the other tests, too.
      const all = await client.call('instance.list', null)
      for (const { id: instanceId } of all) await client.call('instance.delete', { instanceId })
    },
  )

  it('makes databases by statements that were prepared before they are executed', async () => {
    const { client, connect } = await open()
    const shop = await connect('shop')
    await shop.query({ name: 'make', text: 'create database made' })
    const names = async (): Promise<string[]> =>
      (await client.call('instance.list', null)).map(({ name }) => name)
    expect(await names()).toEqual(['shop', 'made'])
    await expect(shop.query({ name: 'make', text: 'create database made' })).rejects.toMatchObject({
      code: '42P04',
    })
    // As drivers do that prepare everything: Parse, Describe and Sync, and the rest with the next Sync.
    const driver = await connect('shop')
    const { stream } = driver.connection
    const answer = async (type: string, ...messages: Buffer[]): Promise<void> => {
      const came = new Promise<void>((resolve) => driver.connection.once(type, () => resolve()))
      stream.write(Buffer.concat([...messages, serialize.sync()]))
      await came
    }
    const parse = serialize.parse({ name: 'one', text: 'drop database made' })
    await answer('readyForQuery', parse, serialize.describe({ type: 'S', name: 'one' }))
    await answer('readyForQuery', serialize.bind({ statement: 'one' }), serialize.execute())
    expect(await names()).toEqual(['shop'])
  })

  it('makes, names and removes databases from `postgres`, which keeps nothing', async () => {
    const { client, connect } = await open()
    const first = await connect('postgres')
    expect(await valueOf(first, 'select current_database() v')).toBe('postgres')
    expect(await valueOf(first, listSql)).toEqual(['postgres', 'shop'])
    await expect(first.query('create table lost (n int)')).rejects.toMatchObject({ code: '25006' })
    await first.query('create database one')
    await first.query('alter database one rename to "Two"')
    await first.query('alter database "Two" owner to postgres')
    expect(await valueOf(first, listSql)).toEqual(['Two', 'postgres', 'shop'])
    const two = await connect('Two')
    expect(await valueOf(two, 'select current_database() v')).toBe('Two')
    await expect(two.query('alter database "Two" rename to "Three"')).rejects.toMatchObject({ code: '0A000' })
    await two.query('alter database "Two" set work_mem = 65')
    await two.query('create role app')
    await first.query('grant create on database "Two" to app; ')
    await first.query(`comment on database "Two" is 'it''s; two'`)
    await first.query(`alter database "Two" set my.value = 'from outside'`)
    expect(await valueOf(two, `select has_database_privilege('app', 'Two', 'create') v`)).toBe(true)
    const comment = `select shobj_description(oid, 'pg_database') v from pg_database where datname = 'Two'`
    expect(await valueOf(two, comment)).toBe(`it's; two`)
    expect(await valueOf(await connect('Two'), `select current_setting('my.value') v`)).toBe('from outside')
    const stranger = first.query('grant create on database "Two" to nobody_of_that_name')
    await expect(stranger).rejects.toMatchObject({ code: '42704' })
    await first.query('drop database "Two" with (force)')
    await expect(first.query('drop database "Two"')).rejects.toMatchObject({ code: '3D000' })
    await expect(first.query('create database shop')).rejects.toMatchObject({ code: '42P04' })
    await expect(first.query('create database postgres')).rejects.toMatchObject({ code: '42P04' })
    await expect(first.query('drop database template1')).rejects.toMatchObject({ code: '42809' })
    expect((await client.call('instance.list', null)).map(({ name }) => name)).toEqual(['shop'])
    const template = await connect('template1')
    expect(await valueOf(template, listSql)).toEqual(['postgres', 'shop'])
  })

  it('ends the transaction of a console whose session is told to end, also while a statement runs', async () => {
    const { client, connect } = await open()
    const [shop] = await client.call('instance.list', null)
    const session = await Console.open(client, shop?.id ?? '', 'holder')
    const caller = await connect('shop')
    for (const running of ['', 'select pg_sleep(600)']) {
      const [[processId = ''] = []] = await session.rows('select pg_backend_pid()')
      await session.run('begin')
      await session.run(`create table never_there (n int)`)
      const started = Promise.withResolvers<void>()
      const run = running === '' ? null : session.run(running, { onEvent: () => started.resolve() })
      if (run) await started.promise
      expect(await valueOf(caller, `select pg_terminate_backend(${processId}) as v`)).toBe(true)
      const outcome = (await run)?.statements[0]?.outcome
      expect(outcome?.status ?? 'cancelled').toBe('cancelled')
      // Waits for nobody any more.
      expect(await valueOf(caller, `select to_regclass('never_there') v`)).toBeNull()
      const refused = await session.run('insert into never_there values (1)')
      expect(refused.statements[0]?.outcome?.error?.sql).toMatchObject({ code: '57P01', severity: 'FATAL' })
      expect(await session.rows('select 1')).toEqual([['1']])
    }
  })

  it('connects to an instance called `postgres`, where there is one', async () => {
    const { client, connect } = await open()
    await connect('postgres')
    await client.call('instance.create', { name: 'postgres', storage: 'memory', withSample: false })
    const own = await connect('postgres')
    await own.query('create table kept (n int)')
    expect(await valueOf(own, listSql)).toEqual(['postgres', 'shop'])
    await client.call('endpoint.stop', { endpointId })
  })

  it('keeps a new name, what is granted and whose it is from one start to the next', async () => {
    const first = await open('directory')
    const outside = await first.connect('postgres')
    await outside.query('alter database shop rename to store')
    const store = await first.connect('store')
    await store.query(
      `create role app login createdb password 'secret'; grant create on database store to app`,
    )
    const login = { user: 'app', password: 'secret' }
    await (await first.connect('store', login)).query('create database mine')
    await store.query('create database given')
    await store.query('alter database given owner to app')
    await Promise.all(connections.splice(0).map((connection) => connection.end()))
    await hosts.pop()?.stop()
    const { connect } = await open('memory')
    const again = await connect('store')
    expect(await valueOf(again, 'select current_database() v')).toBe('store')
    expect(await valueOf(again, `select has_database_privilege('app', 'store', 'create') v`)).toBe(true)
    const owners = `select array_agg(datname || ' ' || datdba::regrole order by datname) v from pg_database`
    expect(await valueOf(again, `${owners} where datname in ('mine', 'given')`)).toEqual([
      'given app',
      'mine app',
    ])
    const app = await connect('store', login)
    await app.query('drop database mine')
    await app.query('drop database given')
    await expect(app.query('drop database store')).rejects.toMatchObject({ code: '42501' })
  })
})
