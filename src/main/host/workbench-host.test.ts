/** The host over memory ports, with engines whose behaviour the test decides. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { ScriptedEngineFactory } from '../../../test/support/scripted-engine.ts'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { TestClock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { Instance, SessionState } from '../../contract/instance.ts'
import { workbenchContract, type WorkbenchContract } from '../../contract/workbench-contract.ts'
import { createMemoryPorts } from '../../rpc/memory-port.ts'
import { connectContract, type ContractClient } from '../../rpc/rpc-client.ts'
import { readHolder } from '../storage/directory-lock.ts'
import type { ShellKind } from './host-options.ts'
import { startHost, type WorkbenchHost } from './workbench-host.ts'

type Client = ContractClient<WorkbenchContract>

describe('startHost', () => {
  expectNoLeaks()
  const path = temporaryDirectory()
  const hosts: WorkbenchHost[] = []
  let count = 0
  let clock = new TestClock()
  let engines = new ScriptedEngineFactory()
  let logged: string[] = []

  async function start(dataDirectory = path(`data-${count++}`), shell: ShellKind = 'serve') {
    const write = (message: string): void => void logged.push(message)
    const log = { info: write, warn: write, error: write }
    const host = await startHost({ dataDirectory, shell, clock, log, engineFactory: engines })
    hosts.push(host)
    return host
  }

  function connect(host: WorkbenchHost): Client {
    const [near, far] = createMemoryPorts()
    host.attach(far)
    return connectContract(workbenchContract, near)
  }

  async function create(client: Client, storage: 'memory' | 'directory' = 'directory'): Promise<Instance> {
    return client.call('instance.create', { name: `i${count++}`, storage, withSample: false })
  }

  async function openSession(client: Client, { id }: Instance): Promise<string> {
    return (await client.call('session.open', { instanceId: id, title: 'console' })).sessionId
  }

  async function run(client: Client, sessionId: string, text: string): Promise<string[]> {
    const source = { kind: 'inline', text } as const
    const stream = client.stream('statement.run', {
      sessionId,
      source,
      mode: 'statement',
      resultBytesMax: 1e6,
      resultsMax: null,
    })
    const seen: string[] = []
    for await (const { value } of stream)
      seen.push(value.kind === 'completed' ? (value.outcome.error?.code ?? value.outcome.status) : value.kind)
    return seen
  }

  /** Resolves when `condition` holds; what it waits for happens in the host. */
  async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await condition())) await new Promise((resolve) => setImmediate(resolve))
  }

  afterEach(async () => {
    for (const host of hosts.splice(0)) await host.stop()
    clock = new TestClock()
    engines = new ScriptedEngineFactory()
    logged = []
  })

  it('puts an instance named playground into a new data directory, and only there', async () => {
    const directory = path('first')
    const host = await start(directory)
    const client = connect(host)
    const [instance, ...others] = await client.call('instance.list', null)
    expect([instance?.name, instance?.storage, others]).toEqual(['playground', 'directory', []])
    await client.call('instance.start', { instanceId: instance?.id ?? '' })
    expect(engines.last.log.at(-1)).toBe('COMMIT')
    await host.stop()
    expect(engines.isDisposed).toBe(true)
    const again = connect(await start(directory))
    expect(await again.call('instance.list', null)).toMatchObject([{ id: instance?.id, state: 'stopped' }])
    expect(engines.opened).toHaveLength(1)
  })

  it('leaves a data directory empty for a command', async () => {
    const client = connect(await start(path('command'), 'command'))
    expect(await client.call('instance.list', null)).toEqual([])
  })

  it('has what opens the first instance loaded while windows come, and nothing for a command', async () => {
    const directory = path('begun-before')
    for (const [shell, count] of [
      ['serve', 1],
      ['command', 0],
    ] as const) {
      await (await start(directory)).stop()
      engines = new ScriptedEngineFactory()
      const host = await start(directory, shell)
      expect(engines.prepareCount).toBe(count)
      await host.stop()
    }
  })

  it('refuses a data directory that another host has, and names that one', async () => {
    const directory = path('held')
    const host = await start(directory)
    await host.publishEndpoint('http://127.0.0.1:1/#secret')
    expect(await readHolder(directory)).toMatchObject({ endpoint: 'http://127.0.0.1:1/#secret' })
    await expect(start(directory)).rejects.toMatchObject({
      code: 'in-use',
      message: expect.stringContaining(`wardian serve (process ${process.pid}`),
    })
    await host.stop()
    await start(directory)
  })

  it('says what to do when the data directory cannot be used, and leaves nothing open', async () => {
    writeFileSync(path('a-file'), '')
    await expect(start(path('a-file'))).rejects.toMatchObject({ message: expect.stringContaining('--data') })
    mkdirSync(join(path('no-store'), 'wardian.db'), { recursive: true })
    await expect(start(path('no-store'))).rejects.toMatchObject({ code: 'storage-failed' })
    rmSync(join(path('no-store'), 'wardian.db'), { recursive: true })
    await start(path('no-store'))
  })

  it('begins a new store when the file is damaged, says so, and keeps the instances', async () => {
    const directory = path('damaged')
    const first = await start(directory)
    await create(connect(first))
    await first.stop()
    writeFileSync(join(directory, 'wardian.db'), 'x'.repeat(5_000))
    const client = connect(await start(directory))
    const { notices } = await client.call('host.describe', null)
    expect(notices).toEqual([expect.stringMatching(/set aside as .*wardian\.db\.damaged-/)])
    expect(logged).toContain(notices[0])
    expect(await client.call('instance.list', null)).toHaveLength(2)
  })

  it('tells of an instance whose record cannot be read', async () => {
    const directory = path('bad-record')
    mkdirSync(join(directory, 'instances', 'lost'), { recursive: true })
    writeFileSync(join(directory, 'instances', 'lost', 'instance.json'), '{"id": 1}')
    const client = connect(await start(directory))
    const { notices } = await client.call('host.describe', null)
    expect(notices).toEqual([expect.stringMatching(/lost.*instance\.json cannot be read/)])
  })

  it('lets an engine create a database once, and not in the place of one that was there', async () => {
    const client = connect(await start(undefined, 'command'))
    const { id: instanceId } = await create(client)
    await client.call('instance.stop', { instanceId })
    await client.call('instance.start', { instanceId })
    expect(engines.opened.map(({ options }) => options.mustExist)).toEqual([false, true])
  })

  it('creates, stops, starts and deletes instances, and announces each change', async () => {
    const host = await start(undefined, 'command')
    const client = connect(host)
    const changes: string[] = []
    client.on('instance.didChange', ({ instance, isDeleted }) =>
      changes.push(isDeleted ? 'deleted' : instance.state),
    )
    const instance = await create(client)
    expect(instance).toMatchObject({ state: 'ready', serverVersion: '18.0', engine: 'pglite' })
    await expect(
      client.call('instance.create', {
        ...{ name: instance.name.toUpperCase(), storage: 'directory', withSample: false },
      }),
    ).rejects.toMatchObject({ code: 'already-exists' })
    const { id: instanceId } = instance
    expect(await client.call('instance.stop', { instanceId })).toMatchObject({ state: 'stopped' })
    expect(await client.call('instance.start', { instanceId })).toMatchObject({ state: 'ready' })
    await client.call('instance.delete', { instanceId })
    expect(await client.call('instance.list', null)).toEqual([])
    expect(readdirSync(join(host.dataDirectory, 'instances'))).toEqual([])
    expect(readdirSync(join(host.dataDirectory, 'trash'))).toHaveLength(1)
    const stages = changes.filter((state, index) => state !== changes[index - 1])
    expect(stages).toEqual([
      'stopped',
      'starting',
      'ready',
      'stopped',
      'starting',
      'ready',
      'stopped',
      'deleted',
    ])
    await expect(client.call('instance.start', { instanceId })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('takes a deleted instance out of the trash again, as it was', async () => {
    const host = await start(undefined, 'command')
    const client = connect(host)
    const instance = await create(client)
    const { id: instanceId } = instance
    const mark = join(host.dataDirectory, 'instances', instanceId, 'mark')
    writeFileSync(mark, 'still here')
    await client.call('instance.delete', { instanceId })
    expect(await client.call('instance.restore', { instanceId })).toMatchObject({
      ...{ id: instanceId, name: instance.name, state: 'stopped', storage: 'directory' },
    })
    expect(readFileSync(mark, 'utf8')).toBe('still here')
    expect(readdirSync(join(host.dataDirectory, 'trash'))).toEqual([])
    expect(await client.call('instance.start', { instanceId })).toMatchObject({ state: 'ready' })
    expect(engines.opened.at(-1)?.options.mustExist).toBe(true)
    await expect(client.call('instance.restore', { instanceId })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('restores nothing that lived in memory, and nothing whose name is taken by now', async () => {
    const client = connect(await start(undefined, 'command'))
    const memory = await create(client, 'memory')
    await client.call('instance.delete', { instanceId: memory.id })
    await expect(client.call('instance.restore', { instanceId: memory.id })).rejects.toMatchObject({
      code: 'not-found',
    })
    const { id: instanceId, name } = await create(client)
    await client.call('instance.delete', { instanceId })
    await client.call('instance.create', { name, storage: 'memory', withSample: false })
    await expect(client.call('instance.restore', { instanceId })).rejects.toMatchObject({
      code: 'already-exists',
    })
    await expect(client.call('instance.restore', { instanceId: '../instances' })).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  it('removes at its start what has been in the trash for more than 30 days, and nothing else', async () => {
    const directory = path('old-trash')
    const trash = join(directory, 'trash')
    const day = 86_400_000
    const deleteOne = async (): Promise<void> => {
      const host = await start(directory, 'command')
      const client = connect(host)
      const { id: instanceId } = await create(client)
      await client.call('instance.delete', { instanceId })
      await host.stop()
    }
    await deleteOne()
    const [first] = readdirSync(trash)
    mkdirSync(join(trash, 'put here by somebody'))
    clock.advance(30 * day)
    await deleteOne()
    await (await start(directory)).stop()
    expect(readdirSync(trash)).toContain(first)
    expect(readdirSync(trash)).toHaveLength(3)
    clock.advance(1)
    await (await start(directory, 'command')).stop()
    expect(readdirSync(trash)).toContain(first)
    await (await start(directory)).stop()
    expect(readdirSync(trash)).not.toContain(first)
    expect(readdirSync(trash)).toHaveLength(2)
    expect(readdirSync(trash)).toContain('put here by somebody')
  })

  it('leaves no instance behind that could not be started', async () => {
    const client = connect(await start(undefined, 'command'))
    engines.failures = [new WorkbenchError('disk-full', 'There is no space left')]
    await expect(create(client)).rejects.toMatchObject({ code: 'disk-full' })
    expect(await client.call('instance.list', null)).toEqual([])
    expect((await create(client)).state).toBe('ready')
  })

  it('refuses an instance that another program has open, and opens it when that one has let go', async () => {
    const directory = path('shared')
    const host = await start(directory, 'command')
    const { id } = await create(connect(host))
    await host.stop()
    const { DirectoryLock } = await import('../storage/directory-lock.ts')
    const lock = await DirectoryLock.acquire(join(directory, 'instances', id), {
      ...{ processId: 4711, program: 'another program', startedAtMs: 0, endpoint: null },
    })
    const client = connect(await start(directory, 'command'))
    const opening = client.call('instance.start', { instanceId: id })
    await expect(opening).rejects.toMatchObject({ code: 'in-use', message: expect.stringContaining('4711') })
    expect(await client.call('instance.list', null)).toMatchObject([{ state: 'failed' }])
    await lock.release()
    expect(await client.call('instance.start', { instanceId: id })).toMatchObject({ state: 'ready' })
  })

  it('restarts an engine that has crashed, tells its sessions, and gives up after four times', async () => {
    const client = connect(await start(undefined, 'command'))
    const states = new Map<string, SessionState>()
    client.on('session.didChange', (state) => states.set(state.sessionId, state))
    const instance = await create(client)
    const sessionId = await openSession(client, instance)
    const state = async (): Promise<string> => (await client.call('instance.list', null))[0]?.state ?? ''
    for (const delayMs of [0, 500, 2_000]) {
      expect(await run(client, sessionId, 'one')).toEqual(['started', 'ok'])
      engines.last.crash()
      await until(() => states.get(sessionId)?.wasReset === true)
      expect(await state()).toBe('restarting')
      // Let the restart come to its pause, and pass the pause.
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
      clock.advance(delayMs)
      await until(async () => (await state()) === 'ready')
    }
    engines.last.crash()
    await until(async () => (await state()) === 'failed')
    expect(await run(client, sessionId, 'two')).toEqual(['started', 'engine-crashed'])
    expect(engines.opened).toHaveLength(4)
    await client.call('instance.start', { instanceId: instance.id })
    expect(await run(client, sessionId, 'three')).toEqual(['started', 'ok'])
  })

  it('says that what was in memory is gone when the engine of such an instance has crashed', async () => {
    const client = connect(await start(undefined, 'command'))
    const { id } = await create(client, 'memory')
    engines.last.crash()
    const [instance] = await client.call('instance.list', null)
    expect(instance).toMatchObject({ id, state: 'failed', failure: expect.stringContaining('is gone') })
  })

  it('ends the sessions of a client that is gone, and rolls back what they had open', async () => {
    const host = await start(undefined, 'command')
    const [client, other] = [connect(host), connect(host)]
    const instance = await create(client)
    const sessionId = await openSession(client, instance)
    const otherId = await openSession(other, instance)
    await run(client, sessionId, 'begin')
    const waiting = run(other, otherId, 'two')
    client.dispose()
    expect((await waiting).slice(-2)).toEqual(['started', 'ok'])
    expect(engines.last.log).toEqual(['begin', 'ROLLBACK', 'two'])
  })

  it('keeps the sessions and tabs of one client from the other', async () => {
    const host = await start(undefined, 'command')
    const [client, other] = [connect(host), connect(host)]
    const instance = await create(client)
    const sessionId = await openSession(client, instance)
    await expect(other.call('session.cancel', { sessionId })).rejects.toMatchObject({ code: 'not-found' })
    await expect(other.call('tab.reopen', null)).rejects.toMatchObject({ code: 'conflict' })
    const mine = await client.call('workspace.claim', { preferredId: null })
    const theirs = other.call('workspace.claim', { preferredId: mine.id })
    await until(() => {
      clock.advance(100)
      return clock.monotonicMs() >= 1_000
    })
    expect((await theirs).id).not.toBe(mine.id)
    const tab = await client.call('tab.create', { title: 't', instanceId: instance.id, index: 0 })
    await expect(other.call('tab.close', { tabId: tab.id })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('gives a reloaded page its workspace, though its old connection closes only after it has asked', async () => {
    const host = await start(undefined, 'command')
    const before = connect(host)
    const { id } = await before.call('workspace.claim', { preferredId: null })
    const after = connect(host)
    const claim = after.call('workspace.claim', { preferredId: id })
    await after.call('settings.get', null)
    before.dispose()
    expect((await claim).id).toBe(id)
  })

  it('records statements in the history', async () => {
    const directory = path('history')
    const client = connect(await start(directory, 'command'))
    const instance = await create(client)
    const sessionId = await openSession(client, instance)
    const changed: number[] = []
    client.on('history.didChange', ({ entryId }) => changed.push(entryId))
    await run(client, sessionId, 'rows 3')
    await run(client, sessionId, 'fail now')
    const all = { search: '', instanceName: instance.name, failedOnly: false, beforeId: null, limit: 9 }
    const search = () => client.call('history.search', all)
    await until(async () => (await search()).entries.filter((e) => e.durationMs !== null).length === 2)
    expect((await search()).entries).toMatchObject([
      { text: 'fail now', status: 'failed', errorCode: 'sql-error' },
      { text: 'rows 3', status: 'ok', rowCount: 3, commandTag: 'ROWS' },
    ])
    expect(changed.length).toBeGreaterThan(0)
  })

  it('takes long texts in parts, for statements and for tabs', async () => {
    const client = connect(await start(undefined, 'command'))
    const instance = await create(client)
    const sessionId = await openSession(client, instance)
    const upload = async (textId: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> => {
      const size = 400_000
      for (let at = 0, partIndex = 0; at < bytes.length; at += size, partIndex++) {
        const isLast = at + size >= bytes.length
        const buffers = [bytes.slice(at, at + size).buffer]
        await client.call('text.upload', { textId, partIndex, isLast }, { buffers })
      }
    }
    const text = `rows 1 ${'é'.repeat(1_000_000)}`
    await upload('sql', new TextEncoder().encode(text))
    const stream = client.stream('statement.run', {
      ...{ sessionId, mode: 'statement', resultBytesMax: 1e6, resultsMax: null },
      source: { kind: 'uploaded', textId: 'sql' },
    })
    const first = await stream.next()
    expect(first.value).toMatchObject({ value: { kind: 'started', length: text.length } })
    for await (const chunk of stream) void chunk
    expect(engines.last.log).toEqual([text])
    await client.call('workspace.claim', { preferredId: null })
    const tab = await client.call('tab.create', { title: 't', instanceId: null, index: 0 })
    await upload('tab', new Uint8Array(Buffer.from(`${text}\ud800`, 'utf16le')))
    const { version } = await client.call('tab.replaceText', { tabId: tab.id, textId: 'tab' })
    expect(version).toBe(1)
    const { value, buffers } = await client.callWithBuffers('tab.read', { tabId: tab.id })
    expect(value.textLength).toBe(text.length + 1)
    expect(Buffer.from(buffers[0] ?? new ArrayBuffer(0)).toString('utf16le')).toBe(`${text}\ud800`)
  })

  it('announces settings to every client', async () => {
    const host = await start(undefined, 'command')
    const [client, other] = [connect(host), connect(host)]
    const announced = new Promise((resolve) => other.on('settings.didChange', resolve))
    const settings = await client.call('settings.get', null)
    await client.call('settings.set', { ...settings, theme: 'light' })
    expect(await announced).toEqual({ ...settings, theme: 'light' })
  })

  it('samples itself while a client is attached', async () => {
    const host = await start(undefined, 'command')
    const client = connect(host)
    const sampled = new Promise<{ rssBytes: number }>((resolve) => client.on('host.didSample', resolve))
    clock.advance(2_000)
    expect((await sampled).rssBytes).toBeGreaterThan(1_000_000)
  })

  it('ends what runs when it stops, and refuses who comes then', async () => {
    const host = await start(undefined, 'command')
    const client = connect(host)
    const sessionId = await openSession(client, await create(client))
    const running = run(client, sessionId, 'wait')
    await until(() => engines.last.log.includes('wait'))
    const stopping = host.stop()
    expect(await running).toEqual(['started', 'sql-error'])
    expect(engines.last.log.at(-1)).toBe('wait')
    const [near, far] = createMemoryPorts()
    host.attach(far)
    const late = connectContract(workbenchContract, near)
    await expect(late.call('instance.list', null)).rejects.toMatchObject({ code: 'disconnected' })
    await stopping
    expect(client.isClosed).toBe(true)
  })
})
