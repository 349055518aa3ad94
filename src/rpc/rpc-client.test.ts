/**
 * What a client does with a host that is broken, mean, slow or gone. The host is played by hand at the other end of
 * a memory port; what both ends do together is tested in test/conformance.
 */

import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../test/support/leak-check.ts'
import { probeContract, type ProbeContract } from '../../test/support/probe-contract.ts'
import { RawPeer } from '../../test/support/raw-peer.ts'
import { openRequestsMax } from '../contract/limits.ts'
import { createMemoryPorts } from './memory-port.ts'
import { clientPortLimits } from './message-codec.ts'
import type { JsonValue, Port, PortListener } from './port.ts'
import { connectContract, type ContractClient } from './rpc-client.ts'

describe('a client', () => {
  expectNoLeaks()

  let client: ContractClient<ProbeContract>
  let host: RawPeer

  beforeEach(() => {
    const [clientPort, hostPort] = createMemoryPorts(clientPortLimits)
    host = new RawPeer(hostPort)
    client = connectContract(probeContract, clientPort)
  })
  afterEach(() => client.dispose())

  const echo = { kind: 'call', id: 1, name: 'probe.echo', params: { text: 'a' } }
  const unknownError = { code: 'invented-tomorrow', message: 'Do this.', sql: null }

  it('sends what the contract has, nothing more', async () => {
    const asked = client.call('probe.echo', { text: 'a', more: 1 } as { text: string })
    expect(await host.next()).toEqual(echo)
    host.post({ kind: 'result', id: 1, value: { text: 'b', more: 1 } })
    expect(await asked).toEqual({ text: 'b' })
  })

  it('refuses wrong parameters before they leave', async () => {
    const wrong = client.call('probe.echo', { text: 7 as unknown as string })
    await expect(wrong).rejects.toMatchObject({
      code: 'invalid-argument',
      message: 'params.text must be text',
    })
    const stream = client.stream('probe.count', { count: -1, bufferBytes: 0 })
    await expect(stream.next()).rejects.toMatchObject({ code: 'invalid-argument' })
    await expect(stream.next()).resolves.toEqual({ done: true, value: undefined })
  })

  it('refuses names that its contract has not', async () => {
    for (const name of ['probe.nothing', 'probe.didTick', 'probe.count', '__proto__', 'toString']) {
      await expect(client.call(name as 'probe.wait', null)).rejects.toMatchObject({
        code: 'invalid-argument',
      })
    }
  })

  it.each([0, -1, 1.5, 65, Number.NaN])('refuses a credit of %d', async (credit) => {
    const stream = client.stream('probe.stall', null, { credit })
    await expect(stream.result).rejects.toMatchObject({ code: 'invalid-argument' })
  })

  it('bounds its own open requests, and has room again', async () => {
    const controller = new AbortController()
    const { signal } = controller
    const open = Array.from({ length: openRequestsMax }, () => client.call('probe.wait', null, { signal }))
    await expect(client.call('probe.wait', null)).rejects.toMatchObject({ code: 'limit-exceeded' })
    controller.abort()
    const outcomes = await Promise.allSettled(open)
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
    void client.call('probe.wait', null).catch(() => undefined)
  })

  it('tells the host of a cancel once, and ignores answers that crossed it', async () => {
    const controller = new AbortController()
    const asked = client.call('probe.echo', { text: 'a' }, { signal: controller.signal })
    await host.next()
    controller.abort()
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' })
    expect(await host.next()).toEqual({ kind: 'cancel', id: 1 })
    host.post({ kind: 'result', id: 1, value: { text: 'too late' } })
    const next = client.call('probe.echo', { text: 'a' })
    expect(await host.next()).toEqual({ ...echo, id: 2 })
    host.post({ kind: 'result', id: 2, value: { text: 'b' } })
    expect(await next).toEqual({ text: 'b' })
  })

  it('says nothing of an abort that comes after the answer', async () => {
    const controller = new AbortController()
    const asked = client.call('probe.echo', { text: 'a' }, { signal: controller.signal })
    await host.next()
    host.post({ kind: 'result', id: 1, value: { text: 'b' } })
    expect(await asked).toEqual({ text: 'b' })
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    controller.abort()
    void client.call('probe.echo', { text: 'a' }).catch(() => undefined)
    expect(await host.next()).toEqual({ ...echo, id: 2 })
  })

  it('understands an error whose code it does not know', async () => {
    const asked = client.call('probe.echo', { text: 'a' })
    await host.next()
    host.post({ kind: 'error', id: 1, error: unknownError })
    await expect(asked).rejects.toMatchObject({ code: 'internal', message: 'Do this.' })
  })

  it.each([
    { kind: 'result', id: 1, value: null },
    { kind: 'result', id: 1, value: { text: 7 } },
    { kind: 'chunk', id: 1, value: { text: 'b' } },
    { kind: 'error', id: 1, error: null },
    { kind: 'error', id: 1, error: { code: 7 } },
  ])('rejects a call whose answer is $kind $value, and tells the host to stop', async (answer) => {
    const asked = client.call('probe.echo', { text: 'a' })
    await host.next()
    host.post(answer)
    await expect(asked).rejects.toMatchObject({ code: expect.stringMatching(/^invalid-/) as string })
    expect(await host.next()).toEqual({ kind: 'cancel', id: 1 })
    expect(client.isClosed).toBe(false)
  })

  it('rejects an answer with more buffers than its row allows', async () => {
    const asked = client.call('probe.echo', { text: 'a' })
    await host.next()
    host.post({ kind: 'result', id: 1, value: { text: 'b' } }, [new ArrayBuffer(1)])
    await expect(asked).rejects.toMatchObject({ code: 'invalid-message' })
  })

  it('fails a stream whose host goes over its credit', async () => {
    const stream = client.stream('probe.count', { count: 9, bufferBytes: 0 }, { credit: 2 })
    await host.next()
    for (let index = 0; index < 3; index += 1) host.post({ kind: 'chunk', id: 1, value: { index } })
    await expect(stream.result).rejects.toMatchObject({ code: 'invalid-message' })
    expect(await host.next()).toEqual({ kind: 'cancel', id: 1 })
  })

  it('gives credit back when the next chunk is asked for, not before', async () => {
    const stream = client.stream('probe.count', { count: 9, bufferBytes: 0 }, { credit: 1 })
    await host.next()
    host.post({ kind: 'chunk', id: 1, value: { index: 0 } })
    await stream.next()
    void client.call('probe.echo', { text: 'a' }).catch(() => undefined)
    expect(await host.next()).toEqual({ ...echo, id: 2 })
    const next = stream.next()
    expect(await host.next()).toEqual({ kind: 'credit', id: 1, count: 1 })
    host.post({ kind: 'chunk', id: 1, value: { index: 1 } })
    expect(await next).toMatchObject({ done: false, value: { value: { index: 1 } } })
    stream.dispose()
  })

  it('answers several readers of one stream in the order in which they asked', async () => {
    const stream = client.stream('probe.count', { count: 2, bufferBytes: 0 })
    const reads = Promise.all([stream.next(), stream.next(), stream.next(), stream.next()])
    host.post({ kind: 'chunk', id: 1, value: { index: 0 } })
    host.post({ kind: 'chunk', id: 1, value: { index: 1 } })
    host.post({ kind: 'result', id: 1, value: { produced: 2 } })
    expect((await reads).map(({ value }) => value?.value.index)).toEqual([0, 1, undefined, undefined])
  })

  it('keeps chunks that arrived before a failure', async () => {
    const stream = client.stream('probe.count', { count: 2, bufferBytes: 0 })
    await host.next()
    host.post({ kind: 'chunk', id: 1, value: { index: 0 } })
    host.post({ kind: 'error', id: 1, error: unknownError })
    await expect(stream.result).rejects.toMatchObject({ code: 'internal' })
    expect(await stream.next()).toMatchObject({ done: false })
    await expect(stream.next()).rejects.toMatchObject({ code: 'internal' })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it('ends a stream at once for whoever still waits when it is disposed', async () => {
    const stream = client.stream('probe.count', { count: 2, bufferBytes: 0 })
    const next = stream.next()
    stream.dispose()
    stream.dispose()
    await expect(next).rejects.toMatchObject({ code: 'cancelled' })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    await host.next()
    expect(await host.next()).toEqual({ kind: 'cancel', id: 1 })
  })

  it.each<JsonValue>([
    null,
    [],
    {},
    { kind: 'call', id: 1, name: 'x', params: null },
    { kind: 'result', id: 99 },
  ])('closes on %j, and fails what is open', async (head) => {
    const asked = client.call('probe.echo', { text: 'a' })
    host.post(head)
    await expect(asked).rejects.toMatchObject({ code: 'disconnected' })
    expect(await host.closed()).toMatch(/^The serving side broke the protocol: /)
  })

  it('ignores events that it has not heard of, and closes on those that break the contract', async () => {
    const heard: number[] = []
    client.on('probe.didTick', ({ index }) => heard.push(index))
    host.post({ kind: 'event', name: 'probe.didInventTomorrow', payload: 1 })
    host.post({ kind: 'event', name: 'toString', payload: 1 })
    host.post({ kind: 'event', name: 'probe.echo', payload: 1 })
    host.post({ kind: 'event', name: 'probe.didTick', payload: { index: 1 } })
    host.post({ kind: 'event', name: 'probe.didTick', payload: { index: 'x' } })
    expect(await host.closed()).toMatch(/probe\.didTick\.index must be a whole number/)
    expect(heard).toEqual([1])
  })

  it('goes on when a listener throws, and lets the error surface', async () => {
    const surfaced = surfacing()
    client.on('probe.didTick', () => {
      throw new Error('a listener of ours is broken')
    })
    host.post({ kind: 'event', name: 'probe.didTick', payload: { index: 1 } })
    expect(await surfaced).toMatchObject({ message: 'a listener of ours is broken' })
    const asked = client.call('probe.echo', { text: 'a' })
    await host.next()
    host.post({ kind: 'result', id: 1, value: { text: 'b' } })
    expect(await asked).toEqual({ text: 'b' })
  })

  it('fails a request whose sending closes the port', async () => {
    client.dispose()
    const other = connectContract(probeContract, new PortThatClosesOnPost())
    await expect(other.call('probe.wait', null)).rejects.toMatchObject({ code: 'disconnected' })
    await expect(other.stream('probe.stall', null).next()).rejects.toMatchObject({ code: 'disconnected' })
  })
})

/** The next uncaught exception of this process. */
function surfacing(): Promise<unknown> {
  const known = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  return new Promise((resolve) => {
    process.once('uncaughtException', (error) => {
      for (const listener of known) process.on('uncaughtException', listener)
      resolve(error)
    })
  })
}

class PortThatClosesOnPost implements Port {
  readonly bufferedBytes = 0
  #listener: PortListener | null = null

  listen(listener: PortListener): void {
    this.#listener = listener
  }

  post(): void {
    this.close('full')
  }

  close(reason: string): void {
    this.#listener?.onClose(reason)
    this.#listener = null
  }

  drained(): Promise<void> {
    return Promise.resolve()
  }

  dispose(): void {
    this.close('disposed')
  }
}
