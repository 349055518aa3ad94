/**
 * What the serving end does around handlers: limits, ends, and answers that break the contract. What both ends do
 * together is tested in test/conformance.
 */

import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../test/support/leak-check.ts'
import { RawPeer } from '../../test/support/raw-peer.ts'
import { TestClock } from '../base/clock.ts'
import { call, event, stream } from '../contract/contract-table.ts'
import { WorkbenchError } from '../contract/error.ts'
import { integer, nothing, object, string } from '../contract/schema.ts'
import { Reply, type HandlerContext, type Handlers } from './handlers.ts'
import { createMemoryPorts } from './memory-port.ts'
import { connectContract, type ContractClient } from './rpc-client.ts'
import { serveContract, type ContractServer } from './rpc-server.ts'

const table = {
  run: call({ params: nothing, result: string(1_000_000), buffersMax: 1 }),
  pull: stream({ params: nothing, chunk: integer(0), result: nothing, buffersMax: 1 }),
  didRun: event(object({ count: integer(0) })),
} as const
type Table = typeof table

async function* emptyStream(): AsyncGenerator<{ value: number }, null, void> {
  yield* []
  return Promise.resolve(null)
}

interface Served {
  readonly client: ContractClient<Table>
  readonly server: ContractServer<Table>
  readonly clock: TestClock
  readonly defects: string[]
}

function serve(handlers: Partial<Handlers<Table>>): Served {
  const [clientPort, hostPort] = createMemoryPorts({ sendBytesMax: 1_000, receiveBytesMax: 10_000 })
  const clock = new TestClock()
  const defects: string[] = []
  const server = serveContract(table, hostPort, {
    handlers: { run: () => Promise.resolve(''), pull: emptyStream, ...handlers },
    onDefect: (error, name) => defects.push(`${name}: ${String(error)}`),
    clock,
  })
  return { client: connectContract(table, clientPort), server, clock, defects }
}

function untilAborted({ signal }: HandlerContext): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

describe('a handler', () => {
  expectNoLeaks()

  it('sees why its request was aborted', async () => {
    const reasons: unknown[] = []
    const { client } = serve({
      run: async (_, context) => {
        await untilAborted(context)
        reasons.push(context.signal.reason)
        return 'nobody hears this'
      },
    })
    const controller = new AbortController()
    const cancelled = client.call('run', null, { signal: controller.signal }).catch(() => undefined)
    await Promise.resolve()
    controller.abort()
    const lost = client.call('run', null).catch(() => undefined)
    await cancelled
    client.dispose()
    await lost
    await new Promise((resolve) => setImmediate(resolve))
    expect(reasons).toMatchObject([{ code: 'cancelled' }, { code: 'disconnected' }])
  })

  it('knows its client by one object, which tells of its end before the signal aborts', async () => {
    const seen: string[] = []
    const connections = new Set<unknown>()
    const { client, server } = serve({
      run: async (_, context) => {
        connections.add(context.connection)
        if (connections.size > 0 && seen.length === 0) {
          context.connection.onDidClose((reason) => seen.push(`closed: ${reason}`))
          context.signal.addEventListener('abort', () => seen.push('aborted'))
          seen.push('listening')
          await untilAborted(context)
        }
        return ''
      },
    })
    const waiting = client.call('run', null).catch(() => undefined)
    await client.call('run', null)
    expect([...connections]).toEqual([server.connection])
    expect(server.connection.isClosed).toBe(false)
    client.dispose()
    await waiting
    await server.shutdown(0)
    expect(seen).toEqual(['listening', 'closed: The port was closed', 'aborted'])
    expect(server.connection.isClosed).toBe(true)
  })

  it('that subscribes to the end of its client too late is told all the same', async () => {
    const released: string[] = []
    const started = Promise.withResolvers<void>()
    const { client, server } = serve({
      run: async (_, context) => {
        started.resolve()
        await untilAborted(context)
        await Promise.resolve()
        context.connection.onDidClose((reason) => released.push(reason))
        return ''
      },
    })
    const lost = client.call('run', null).catch(() => undefined)
    await started.promise
    client.dispose()
    await lost
    await server.shutdown(0)
    await Promise.resolve()
    expect(released).toEqual(['The port was closed'])
  })

  it('runs only after whoever serves has finished its turn', async () => {
    const [clientPort, hostPort] = createMemoryPorts()
    const client = connectContract(table, clientPort)
    const asked = client.call('run', null)
    await new Promise((resolve) => setImmediate(resolve))
    const server: ContractServer<Table> = serveContract(table, hostPort, {
      handlers: { run: () => Promise.resolve(`${server.openRequestCount} open`), pull: emptyStream },
    })
    expect(await asked).toBe('1 open')
    client.dispose()
  })

  it('that answers too many buffers, or too much, is told to the client and to the log', async () => {
    const answers = [
      new Reply('', [new ArrayBuffer(1), new ArrayBuffer(1)]),
      'x'.repeat(20_000),
      7 as never,
      'fine',
    ]
    const { client, defects } = serve({ run: () => Promise.resolve(answers.shift() ?? '') })
    await expect(client.call('run', null)).rejects.toMatchObject({ code: 'internal' })
    await expect(client.call('run', null)).rejects.toMatchObject({ code: 'limit-exceeded' })
    await expect(client.call('run', null)).rejects.toMatchObject({ code: 'internal' })
    expect(await client.call('run', null)).toBe('fine')
    expect(defects).toHaveLength(2)
    client.dispose()
  })

  it('whose error is too large to send still fails its call', async () => {
    const { client } = serve({
      run: () => Promise.reject(new WorkbenchError('sql-error', 'x'.repeat(20_000))),
    })
    await expect(client.call('run', null)).rejects.toMatchObject({ code: 'limit-exceeded' })
    client.dispose()
  })

  it('may take back a generator that fails while it is being returned', async () => {
    const { client, server, defects } = serve({
      async *pull() {
        try {
          yield await Promise.resolve({ value: 1 })
          yield { value: 2 }
          return null
        } finally {
          await Promise.reject(new Error('clean-up failed'))
        }
      },
    })
    for await (const { value } of client.stream('pull', null, { credit: 1 })) if (value === 1) break
    client.dispose()
    await server.shutdown(0)
    expect(defects).toEqual(['pull: Error: clean-up failed'])
  })

  it('of a stream fails it with a chunk that breaks the contract, and is returned', async () => {
    let returned = false
    const { client } = serve({
      async *pull() {
        try {
          yield await Promise.resolve({ value: 1 })
          yield { value: -1 }
          return null
        } finally {
          returned = true
        }
      },
    })
    const stream = client.stream('pull', null)
    expect(await stream.next()).toMatchObject({ value: { value: 1 } })
    await expect(stream.next()).rejects.toMatchObject({ code: 'internal' })
    expect(returned).toBe(true)
    client.dispose()
  })
})

describe('an event', () => {
  expectNoLeaks()

  it('that breaks the contract fails its emitter, not its listeners', async () => {
    const { client, server } = serve({})
    const heard: number[] = []
    client.on('didRun', ({ count }) => heard.push(count))
    expect(() => server.emit('didRun', { count: -1 })).toThrow(WorkbenchError)
    expect(() => server.emit('run' as 'didRun', { count: 1 })).toThrow('The contract has no event run')
    server.emit('didRun', { count: 2 })
    await client.call('run', null)
    expect(heard).toEqual([2])
    client.dispose()
    server.emit('didRun', { count: 3 })
  })
})

describe('shutdown', () => {
  expectNoLeaks()

  it('lets open requests end, refuses new ones, and closes', async () => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const { client, server } = serve({ run: () => promise })
    const open = client.call('run', null)
    while (server.openRequestCount === 0) await Promise.resolve()
    const shutdown = server.shutdown(1_000)
    await expect(client.call('run', null)).rejects.toMatchObject({ code: 'closed' })
    resolve('done')
    expect(await open).toBe('done')
    await shutdown
    await expect(client.call('run', null)).rejects.toMatchObject({ code: 'disconnected' })
  })

  it('aborts what does not end in time, and waits for it', async () => {
    let ended = false
    const started = Promise.withResolvers<void>()
    const { client, server, clock } = serve({
      run: async (_, context) => {
        started.resolve()
        await untilAborted(context)
        ended = true
        return ''
      },
    })
    const open = client.call('run', null)
    await started.promise
    const shutdown = server.shutdown(1_000)
    clock.advance(999)
    expect(ended).toBe(false)
    clock.advance(1)
    await shutdown
    expect(ended).toBe(true)
    await expect(open).rejects.toMatchObject({ code: 'disconnected' })
  })

  it('ends a stream whose reader has gone quiet', async () => {
    const { client, server, clock } = serve({
      async *pull() {
        for (let value = 0; ; value += 1) yield await Promise.resolve({ value })
      },
    })
    const stream = client.stream('pull', null)
    await stream.next()
    const shutdown = server.shutdown(10)
    clock.advance(10)
    await shutdown
    await expect(stream.result).rejects.toMatchObject({ code: 'disconnected' })
    expect(server.openRequestCount).toBe(0)
  })
})

describe('a port that fills', () => {
  expectNoLeaks()

  it('holds back chunks of all streams, and lets them go one by one', async () => {
    const [clientPort, hostPort] = createMemoryPorts()
    let room: PromiseWithResolvers<void> | null = Promise.withResolvers<void>()
    let posts = 0
    const slow = Object.assign(Object.create(hostPort) as typeof hostPort, {
      drained: () => room?.promise ?? Promise.resolve(),
      listen: hostPort.listen.bind(hostPort),
      dispose: hostPort.dispose.bind(hostPort),
      post: (message: Parameters<typeof hostPort.post>[0]) => {
        posts += 1
        room = Promise.withResolvers<void>()
        hostPort.post(message)
      },
    })
    const server = serveContract(table, slow, {
      handlers: {
        run: () => Promise.resolve(''),
        async *pull() {
          for (let value = 0; ; value += 1) yield await Promise.resolve({ value })
        },
      },
    })
    const peer = new RawPeer(clientPort)
    for (let id = 1; id <= 10; id += 1)
      peer.post({ kind: 'stream', id, name: 'pull', params: null, credit: 4 })
    await new Promise((resolve) => setImmediate(resolve))
    expect(posts).toBe(0)
    for (let expected = 1; expected <= 5; expected += 1) {
      room.resolve()
      await peer.next()
      await new Promise((resolve) => setImmediate(resolve))
      expect(posts).toBe(expected)
    }
    server.dispose()
    room.resolve()
    await server.shutdown(0)
  })
})
