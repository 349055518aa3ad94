/**
 * Goal: a server elsewhere is used like any instance: created, connected, queried, cancelled, explored, lost and found
 * again, deleted and taken back. Method: a host of the test's own reaches our own endpoint, which is another program.
 */

import { statSync, readFileSync, readdirSync } from 'node:fs'
import { connect as connectSocket, createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { present } from '../src/base/assert.ts'
import { systemClock } from '../src/base/clock.ts'
import type { Instance, SessionState } from '../src/contract/instance.ts'
import type { RemoteConnection } from '../src/contract/remote-server.ts'
import { startHost, type WorkbenchHost } from '../src/main/host/workbench-host.ts'
import { connect, Console, type WorkbenchClient } from './support/client-fixture.ts'
import { openTimeoutMs } from './support/engine-fixture.ts'
import { LeanServer } from './support/lean-server.ts'
import { connectionTo } from './support/remote-engine.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { startWardian, type OwnServer } from './support/wire/own-server.ts'

const path = temporaryDirectory()
const made: { host?: WorkbenchHost; server?: OwnServer; client?: WorkbenchClient } = {}
const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const waiting = { timeout: 60_000, interval: 20 }

const client = (): WorkbenchClient => present(made.client, 'the client')
const server = (): OwnServer => present(made.server, 'the server')

beforeAll(async () => {
  made.server = await startWardian(path('server'))
  made.host = await startHost({ dataDirectory: path('data'), shell: 'command', clock: systemClock, log })
  made.client = connect(made.host)
}, openTimeoutMs)

afterAll(async () => {
  made.client?.dispose()
  await made.host?.stop()
  await made.server?.stop()
})

let nameCount = 0

async function create(
  fields: Partial<RemoteConnection> = {},
  password: string | null = server().address.password,
): Promise<Instance> {
  nameCount += 1
  const connection = connectionTo(server().address, fields)
  return client().call('remote.create', { name: `remote ${nameCount}`, connection, password })
}

/** What is between the host and the server, to be cut at will. */
class Cable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(listening: Server) {
    this.#server = listening
  }

  static async lay(): Promise<Cable> {
    const { host, port } = server().address
    const listening = createServer((near) => {
      const far = connectSocket(port, host)
      for (const socket of [near, far]) {
        cable.#sockets.add(socket)
        socket.on('error', () => undefined).on('close', () => cable.#sockets.delete(socket))
      }
      near.pipe(far).pipe(near)
    }).listen(0, '127.0.0.1')
    const cable: Cable = new Cable(listening)
    await once(listening, 'listening')
    return cable
  }

  get port(): number {
    const address = this.#server.address()
    return address !== null && typeof address === 'object' ? address.port : 0
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async remove(): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

describe('a server elsewhere', () => {
  test('is an instance like others, and its password is in no answer and no record', async () => {
    const told: string[] = []
    const listening = client().on('instance.didChange', (change) => void told.push(JSON.stringify(change)))
    const instance = await create({ label: 'production', colour: 'clay' })
    expect(instance).toMatchObject({
      engine: 'postgres',
      storage: 'remote',
      state: 'stopped',
      directory: null,
    })
    const started = await client().call('instance.start', { instanceId: instance.id })
    expect(started).toMatchObject({
      ...{ state: 'ready', engineVersion: 'PostgreSQL', serverVersion: expect.stringMatching(/^18\.\d+$/) },
      remote: { user: 'postgres', encryption: 'TLSv1.3', label: 'production', colour: 'clay' },
    })
    const listed = await client().call('instance.list', null)
    expect(listed.find(({ id }) => id === instance.id)).toEqual(started)
    const answers = [listed, await client().call('remote.get', { instanceId: instance.id }), ...told]
    const directory = join(path('data'), 'servers', instance.id)
    const record = readFileSync(join(directory, 'server.json'), 'utf8')
    listening.dispose()
    expect(JSON.stringify(answers) + record).not.toContain(server().address.password)
    const modes = readdirSync(directory).map((name) =>
      (statSync(join(directory, name)).mode & 0o777).toString(8),
    )
    expect([modes, (statSync(directory).mode & 0o777).toString(8)]).toEqual([['600', '600'], '700'])
  })

  test('is tried before it is kept: version, product, time and encryption', async () => {
    const connection = connectionTo(server().address)
    const { password } = server().address
    const trial = await client().call('remote.test', { connection, password, instanceId: null })
    expect(trial).toMatchObject({
      serverVersion: expect.stringMatching(/^18\.\d+$/),
      product: 'PostgreSQL',
      encryption: 'TLSv1.3',
    })
    expect(trial.isVerified).toBe(false)
    const plain = { connection: { ...connection, tlsMode: 'disable' as const }, password, instanceId: null }
    expect(await client().call('remote.test', plain)).toMatchObject({ encryption: null })
    const wrong = client().call('remote.test', { connection, password: 'wrong', instanceId: null })
    await expect(wrong).rejects.toMatchObject({ code: 'sql-error', sql: { code: '28P01' } })
    const none = client().call('remote.test', { connection, password: null, instanceId: null })
    await expect(none).rejects.toMatchObject({ code: 'unauthorized' })
    const { id: instanceId } = await create()
    const kept = await client().call('remote.test', { connection, password: null, instanceId })
    expect(kept.product).toBe('PostgreSQL')
  })

  test('runs the statements of its sessions side by side', async () => {
    const { id } = await create()
    const holding = await Console.open(client(), id, 'holding')
    const other = await Console.open(client(), id, 'other')
    await holding.script('select 1')
    // Our endpoint has one backend for all; that nobody waits here is what the host decides.
    const seen = await other.run('show application_name')
    expect([seen.waitedFor, seen.statements[0]?.rows]).toEqual([[], [['Wardian']]])
    const pids = [await holding.rows('select pg_backend_pid()'), await other.rows('select pg_backend_pid()')]
    expect(new Set(pids.flat(2)).size).toBe(2)
    await holding.script('rollback')
  })

  test('has its history, tree and completion', async () => {
    const { id: instanceId, name } = await create()
    const session = await Console.open(client(), instanceId, 'console')
    await session.script(
      'create schema remote_tree; create table remote_tree.leaves (a int primary key, b text)',
    )
    const root = await client().call('catalog.list', { instanceId, level: 'root', parentOid: 0, filter: '' })
    const schema = present(
      root.nodes.find((node) => node.name === 'remote_tree'),
      'the schema',
    )
    const tables = { instanceId, level: 'tables', parentOid: schema.oid, filter: '' } as const
    expect((await client().call('catalog.list', tables)).nodes.map((node) => node.name)).toEqual(['leaves'])
    const names = await client().call('catalog.names', { instanceId })
    expect(names.relations.find((relation) => relation.name === 'leaves')?.columns).toEqual(['a', 'b'])
    const filter = {
      search: 'remote_tree.leaves',
      instanceName: name,
      failedOnly: false,
      beforeId: null,
      limit: 10,
    }
    await vi.waitFor(async () => {
      const { entries } = await client().call('history.search', filter)
      expect(entries.length).toBeGreaterThan(0)
    }, waiting)
    await session.script('drop schema remote_tree cascade')
  })

  test('is read-only where its user wants that, also after RESET ALL', async () => {
    const { id } = await create({ isReadOnly: true })
    const session = await Console.open(client(), id, 'console')
    for (const sql of ['create table refused (a int)', 'reset all', 'create table refused (a int)']) {
      const { outcome = null } = (await session.run(sql)).statements[0] ?? {}
      const expected = sql === 'reset all' ? null : '25006'
      expect(outcome?.error?.sql?.code ?? null).toBe(expected)
    }
  })
})

/** The state of a session, as it is told. */
function watch(session: Console): () => SessionState | undefined {
  let last: SessionState | undefined
  client().on('session.didChange', (state) => {
    if (state.sessionId === session.sessionId) last = state
  })
  return () => last
}

describe('connecting', () => {
  test('ends at once when the statement that needs it is cancelled, and is no failure of the server', async () => {
    const silent = await LeanServer.listen({ isSilent: true })
    const { id: instanceId } = await create({ port: silent.address.port })
    const session = await Console.open(client(), instanceId, 'console')
    const running = session.run('select 1')
    await vi.waitFor(() => expect(silent.socketCount).toBe(1), waiting)
    await session.cancel()
    const { outcome } = present((await running).statements[0], 'the statement')
    expect(outcome).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } })
    // The bound of connecting, which would end it as well, is 15 s.
    expect(outcome?.error?.message).not.toContain('did not answer')
    const [instance] = (await client().call('instance.list', null)).filter(({ id }) => id === instanceId)
    expect(instance).toMatchObject({ state: 'stopped', failure: null })
    await session.close()
    await silent.close()
  })
})

describe('a connection that is lost', () => {
  async function through(cable: Cable): Promise<Console> {
    const { id } = await create({ port: cable.port })
    return Console.open(client(), id, 'console')
  }

  test('fails what runs, is told as a reset, and is made anew by the next statement', async () => {
    const cable = await Cable.lay()
    const session = await through(cable)
    const state = watch(session)
    await session.rows('select 1')
    const running = session.run('select pg_sleep(600)')
    await vi.waitFor(() => expect(state()?.activity).toBe('running'), waiting)
    cable.cut()
    const { outcome } = present((await running).statements[0], 'the statement')
    expect(outcome).toMatchObject({ status: 'failed', transaction: 'idle', error: { code: 'unreachable' } })
    expect(outcome?.error?.message).toContain('The next statement connects again')
    const resetReason = expect.stringContaining('was lost') as unknown
    expect(state()).toMatchObject({ wasReset: true, resetReason, activity: 'idle' })
    expect(await session.rows('select 2')).toEqual([['2']])
    expect(state()).toMatchObject({ wasReset: false })
    await session.close()
    await cable.remove()
  })

  test('rolls back what was open, and the next statement is not run outside of it', async () => {
    const cable = await Cable.lay()
    const session = await through(cable)
    const state = watch(session)
    await session.script('create table if not exists half (a int); begin; insert into half values (1)')
    cable.cut()
    await vi.waitFor(() => expect(state()).toMatchObject({ wasReset: true, transaction: 'idle' }), waiting)
    const refused = present((await session.run('insert into half values (2)')).statements[0], 'the statement')
    expect(refused.outcome).toMatchObject({ status: 'failed', error: { code: 'unreachable' } })
    expect(refused.outcome?.error?.message).toContain('rolled back')
    expect(await session.rows('select count(*) from half')).toEqual([['0']])
    await session.close()
    await cable.remove()
  })

  test('by pg_terminate_backend while nothing runs is a reset, and no error', async () => {
    const { id } = await create()
    const session = await Console.open(client(), id, 'victim')
    const other = await Console.open(client(), id, 'other')
    const state = watch(session)
    const [[pid] = []] = await session.rows('select pg_backend_pid()')
    await other.rows(`select pg_terminate_backend(${pid})`)
    await vi.waitFor(() => expect(state()?.wasReset).toBe(true), waiting)
    expect(await session.rows('select 3')).toEqual([['3']])
    expect(state()?.wasReset).toBe(false)
  })

  test('for good is an error that says what to do, and the instance says so, too', async () => {
    const cable = await Cable.lay()
    const { port } = cable
    const { id: instanceId } = await create({ port })
    const session = await Console.open(client(), instanceId, 'console')
    const state = watch(session)
    await session.rows('select 1')
    await cable.remove()
    await vi.waitFor(() => expect(state()?.wasReset).toBe(true), waiting)
    const { outcome } = present((await session.run('select 2')).statements[0], 'the statement')
    expect(outcome?.error).toMatchObject({ code: 'unreachable' })
    expect(outcome?.error?.message).toContain(`127.0.0.1:${port}`)
    const [instance] = (await client().call('instance.list', null)).filter(({ id }) => id === instanceId)
    expect(instance).toMatchObject({ state: 'failed', failure: outcome?.error?.message })
  })
})

describe('deleting a server', () => {
  test('forgets it here alone, and can be undone with its password', async () => {
    const { id: instanceId, name } = await create()
    await client().call('instance.start', { instanceId })
    const session = await Console.open(client(), instanceId, 'console')
    await session.rows('select 1')
    await client().call('instance.delete', { instanceId })
    await expect(session.run('select 1')).rejects.toMatchObject({ code: 'not-found' })
    expect((await client().call('instance.list', null)).some(({ id }) => id === instanceId)).toBe(false)
    await client().call('instance.restore', { instanceId })
    expect(await client().call('instance.start', { instanceId })).toMatchObject({ name, state: 'ready' })
  })

  test('puts it into the trash, from which it comes back under another name, or goes for good', async () => {
    const { id: instanceId, name } = await create()
    await client().call('instance.delete', { instanceId })
    const entries = (await client().call('trash.list', null)).filter((each) => each.instanceId === instanceId)
    expect(entries).toMatchObject([{ name, isServer: true }])
    const { deletedAtMs } = present(entries[0], 'the entry')
    const entry = { instanceId, deletedAtMs }
    const restored = await client().call('trash.restore', { entry, name: 'another name' })
    expect(restored).toMatchObject({ id: instanceId, name: 'another name' })
    expect(await client().call('instance.start', { instanceId })).toMatchObject({ state: 'ready' })
    await client().call('instance.delete', { instanceId })
    for (const each of await client().call('trash.list', null)) {
      if (each.instanceId === instanceId) await client().call('trash.remove', each)
    }
    const left = await client().call('trash.list', null)
    expect(left.some((each) => each.instanceId === instanceId)).toBe(false)
    expect(readdirSync(join(path('data'), 'servers-trash')).join()).not.toContain(instanceId)
    await expect(client().call('trash.remove', entry)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('is kept over a restart of the host, like its settings', async () => {
    const { id: instanceId } = await create({ label: 'staging' })
    const connection = connectionTo(server().address, { label: 'changed', connectionsMax: 1 })
    await client().call('remote.update', { instanceId, connection, password: null })
    await client().call('instance.rename', { instanceId, name: 'renamed' })
    client().dispose()
    await made.host?.stop()
    made.host = await startHost({ dataDirectory: path('data'), shell: 'command', clock: systemClock, log })
    made.client = connect(made.host)
    expect(await client().call('instance.start', { instanceId })).toMatchObject({
      ...{ name: 'renamed', state: 'ready', remote: { label: 'changed' } },
    })
    const first = await Console.open(client(), instanceId, 'first')
    const second = await Console.open(client(), instanceId, 'second')
    await first.rows('select 1')
    const { outcome } = present((await second.run('select 1')).statements[0], 'the statement')
    expect(outcome?.error).toMatchObject({ code: 'limit-exceeded' })
    expect(await first.rows('select 2')).toEqual([['2']])
  })

  test('shares the names with instances here, and is none of theirs to act on', async () => {
    const { id: instanceId, name } = await create()
    const wanted = { name: name.toUpperCase(), storage: 'memory' as const, withSample: false }
    await expect(client().call('instance.create', wanted)).rejects.toMatchObject({ code: 'already-exists' })
    const connection = connectionTo(server().address)
    const again = client().call('remote.create', { name, connection, password: null })
    await expect(again).rejects.toMatchObject({ code: 'already-exists' })
    const durability = { durability: 'relaxed' as const, extensions: [], settings: [] }
    const configuring = client().call('instance.configure', { instanceId, options: durability })
    await expect(configuring).rejects.toMatchObject({ code: 'unsupported' })
    expect(made.host?.wireServer(name)).toBe(null)
  })
})
