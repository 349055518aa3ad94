/**
 * Ends of a carrier that no goodbye announces: a thread that dies, a port closed underneath. And what a transfer
 * leaves behind. Everything that ports have in common is tested in test/conformance.
 */

import { MessageChannel, Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../test/support/leak-check.ts'
import { probeContract } from '../../test/support/probe-contract.ts'
import { RawPeer } from '../../test/support/raw-peer.ts'
import { createMessagePort, type EventTargetPort } from './message-port.ts'
import { createMemoryPorts } from './memory-port.ts'
import { connectContract } from './rpc-client.ts'

/** Node's types leave it out. Its buffer belongs to the engine and can be handed to nobody. */
const WasmMemory = Reflect.get(WebAssembly, 'Memory') as new (size: { initial: number }) => {
  readonly buffer: ArrayBuffer
}

describe('a message port', () => {
  expectNoLeaks()

  it('closes when the port at the other end is closed underneath', async () => {
    const { port1, port2 } = new MessageChannel()
    const peer = new RawPeer(createMessagePort(port1))
    port2.close()
    expect(await peer.closed()).toBe('The other side closed the port')
  })

  it('delivers what was posted before the other side closed', async () => {
    const { port1, port2 } = new MessageChannel()
    const sender = createMessagePort(port2)
    for (let index = 0; index < 100; index += 1) sender.post({ head: index, buffers: [] })
    sender.close('that was all')
    const peer = new RawPeer(createMessagePort(port1))
    const heads: unknown[] = []
    for (let index = 0; index < 100; index += 1) heads.push(await peer.next())
    expect(heads).toEqual(Array.from({ length: 100 }, (_, index) => index))
    expect(await peer.closed()).toBe('that was all')
  })

  it('delivers nothing after it was closed on this side', async () => {
    const { port1, port2 } = new MessageChannel()
    const sender = createMessagePort(port2)
    const port = createMessagePort(port1)
    const heads: unknown[] = []
    const { promise, resolve } = Promise.withResolvers<string>()
    port.listen({
      onMessage: ({ head }) => {
        heads.push(head)
        port.close('enough')
      },
      onClose: resolve,
    })
    const closed = new Promise<string>((told) => sender.listen({ onMessage: () => undefined, onClose: told }))
    sender.post({ head: 1, buffers: [] })
    sender.post({ head: 2, buffers: [] })
    expect([await promise, await closed]).toEqual(['enough', 'enough'])
    sender.post({ head: 3, buffers: [] })
    expect(heads).toEqual([1])
  })

  it('fails what is open when its worker is killed', async () => {
    const worker = new Worker(new URL('../../test/support/probe-worker.ts', import.meta.url))
    const client = connectContract(probeContract, createMessagePort(worker))
    await client.call('probe.echo', { text: 'there' })
    const waiting = client.call('probe.wait', null)
    const killed = worker.terminate()
    await expect(waiting).rejects.toMatchObject({
      code: 'disconnected',
      message: 'The connection was lost: The worker ended with code 1',
    })
    await killed
  })

  it('closes when a web worker cannot be loaded', async () => {
    const listeners = new Map<string, (event: object) => void>()
    const worker: EventTargetPort = {
      postMessage: () => undefined,
      addEventListener: (type, listener) => void listeners.set(type, listener),
    }
    const peer = new RawPeer(createMessagePort(worker))
    listeners.get('error')?.({ message: 'not found' })
    expect(await peer.closed()).toBe('The worker failed: not found')
  })

  it.each([
    ['message', () => createMessagePort(new MessageChannel().port1)],
    ['memory', () => createMemoryPorts()[0]],
  ])('refuses a buffer that cannot be handed over, and stays open (%s)', (_, create) => {
    const port = create()
    const { buffer } = new WasmMemory({ initial: 1 })
    expect(() => port.post({ head: null, buffers: [buffer] })).toThrow(
      'A buffer of the message cannot be posted',
    )
    port.post({ head: null, buffers: [] })
    port.dispose()
  })
})
