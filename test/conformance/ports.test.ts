/**
 * One suite for every port: whatever carries the messages, calls, streams, errors and ends behave the same.
 * Both rpc ends are real, and so are the worker, the socket and the clones; the probe contract counts on its
 * side what is asserted on this one.
 */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { present } from '../../src/base/assert.ts'
import { WorkbenchError } from '../../src/contract/error.ts'
import { openRequestsMax, streamCreditMax } from '../../src/contract/limits.ts'
import { connectContract, type ContractClient } from '../../src/rpc/rpc-client.ts'
import { expectNoLeaks } from '../support/leak-check.ts'
import { probeContract, type ProbeContract } from '../support/probe-contract.ts'
import { everySqlField } from '../support/probe-server.ts'
import { carriers, type OpenCarrier } from './carriers.ts'
import { eventualState } from './probe-state.ts'

const largeBufferBytes = (16 << 20) + 1

describe.each(carriers)('$name', (carrier) => {
  expectNoLeaks()

  let open: OpenCarrier
  let client: ContractClient<ProbeContract>

  beforeEach(async () => {
    open = await carrier.open()
    client = connectContract(probeContract, open.port)
  })
  afterEach(() => open.close())

  describe('calls', () => {
    it('answers with exactly the text that was asked', async () => {
      const text = 'Ω \u0000 \u2028 "\\ 𝄞 lone: \ud800 \udc00'
      expect(await client.call('probe.echo', { text })).toEqual({ text })
    })

    it('brings every field of an error across', async () => {
      const error: unknown = await client.call('probe.failSql', null).catch((failure: unknown) => failure)
      expect(error).toBeInstanceOf(WorkbenchError)
      expect(error).toMatchObject({ code: 'sql-error', message: everySqlField.message, sql: everySqlField })
    })

    it('reports a defect of a handler as internal, at both ends', async () => {
      await expect(client.call('probe.failDefect', null)).rejects.toMatchObject({
        code: 'internal',
        message: expect.stringContaining('this probe is broken') as string,
      })
      await expect(client.call('probe.breakContract', null)).rejects.toMatchObject({ code: 'internal' })
      expect(await client.call('probe.state', null)).toMatchObject({
        defects: [
          'probe.failDefect: TypeError: this probe is broken',
          expect.stringContaining('breaks the contract'),
        ],
      })
    })

    it('answers many at once, each with its own', async () => {
      const asked = Array.from({ length: openRequestsMax }, (_, index) => ({ text: `question ${index}` }))
      expect(await Promise.all(asked.map((params) => client.call('probe.echo', params)))).toEqual(asked)
    })

    it('rejects one that was cancelled before, without asking', async () => {
      const signal = AbortSignal.abort('changed my mind')
      const error: unknown = await client
        .call('probe.wait', null, { signal })
        .catch((failure: unknown) => failure)
      expect(error).toMatchObject({ code: 'cancelled', cause: 'changed my mind' })
      expect(await client.call('probe.state', null)).toMatchObject({ waitsStarted: 0 })
    })

    it('rejects one that is cancelled while it runs, and ends its handler', async () => {
      const controller = new AbortController()
      const waiting = client.call('probe.wait', null, { signal: controller.signal })
      await eventualState(client, (state) => state.waitsStarted === 1)
      controller.abort()
      await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })
      await eventualState(client, (state) => state.waitsAborted === 1 && state.openRequests === 1)
    })

    it('brings buffers there and back, whole and each on its own', async () => {
      const sizes = [0, 1, 4097, 0]
      const buffers = sizes.map((size) => Uint8Array.from({ length: size }, (_, index) => index * 7).buffer)
      const expected = buffers.map((buffer) => buffer.slice(0)).toReversed()
      const answer = await client.callWithBuffers('probe.echoBuffers', null, { buffers })
      expect(answer.value).toEqual({ lengths: sizes })
      expect(answer.buffers).toEqual(expected)
      expect(buffers.map((buffer) => buffer.detached)).toEqual(sizes.map(() => carrier.transfers))
    })

    it('refuses at once what is too large to send, and goes on', async () => {
      const buffers = [new ArrayBuffer(largeBufferBytes)]
      const asked = client.call('probe.echoBuffers', null, { buffers })
      const outcome: unknown = await asked.catch((error: unknown) => error)
      const refused = { code: 'limit-exceeded' }
      expect(outcome).toMatchObject(carrier.isBounded ? refused : { lengths: [largeBufferBytes] })
      expect(await client.call('probe.echo', { text: 'on' })).toEqual({ text: 'on' })
    })
  })

  describe('streams', () => {
    it('bring chunks with their buffers, then the result', async () => {
      const stream = client.stream('probe.count', { count: 50, bufferBytes: 1000 })
      const seen: number[] = []
      for await (const { value, buffers } of stream) {
        expect(new Uint8Array(present(buffers[0], 'the buffer'))).toEqual(
          new Uint8Array(1000).fill(value.index),
        )
        seen.push(value.index)
      }
      expect(seen).toEqual(Array.from({ length: 50 }, (_, index) => index))
      expect(await stream.result).toEqual({ produced: 50 })
    })

    it('bring a buffer of more than 16 MB', async () => {
      const stream = client.stream('probe.count', { count: 3, bufferBytes: largeBufferBytes })
      const seen: (number | undefined)[][] = []
      for await (const { buffers } of stream) {
        const bytes = new Uint8Array(present(buffers[0], 'the buffer'))
        seen.push([bytes.byteOffset, bytes.length, bytes[0], bytes.at(-1)])
      }
      expect(seen).toEqual([0, 1, 2].map((index) => [0, largeBufferBytes, index, index]))
    })

    it('never run further ahead of their reader than its credit', async () => {
      const credit = 3
      const stream = client.stream('probe.count', { count: 20, bufferBytes: 0 }, { credit })
      let read = 0
      for await (const { value } of stream) {
        expect(value.index).toBe(read)
        read += 1
        const { chunksProduced } = await client.call('probe.state', null)
        expect(chunksProduced - read).toBeLessThan(credit)
      }
      expect(read).toBe(20)
    })

    it('hold only their credit in memory for a reader that stands still', async () => {
      const stream = client.stream('probe.count', { count: 100_000, bufferBytes: 1 << 20 })
      await stream.next()
      const reached = await eventualState(client, (state) => state.chunksProduced === streamCreditMax)
      for (let turn = 0; turn < 50; turn += 1) await client.call('probe.echo', { text: 'still there' })
      expect((await client.call('probe.state', null)).chunksProduced).toBe(reached.chunksProduced)
      await stream.return?.()
      await eventualState(client, (state) => state.generatorsReturned === 1 && state.openRequests === 1)
    })

    it('throw after their last chunk when they fail', async () => {
      const stream = client.stream('probe.countThenFail', { count: 6 })
      const seen: number[] = []
      const reading = (async () => {
        for await (const { value } of stream) seen.push(value.index)
      })()
      await expect(reading).rejects.toMatchObject({ code: 'sql-error', sql: everySqlField })
      await expect(stream.result).rejects.toMatchObject({ code: 'sql-error' })
      expect(seen).toEqual([0, 1, 2, 3, 4, 5])
    })

    it('end at the other side when their reader leaves the loop', async () => {
      const stream = client.stream('probe.count', { count: 1_000, bufferBytes: 10 })
      for await (const { value } of stream) if (value.index === 5) break
      await expect(stream.result).rejects.toMatchObject({ code: 'cancelled' })
      const state = await eventualState(client, ({ generatorsReturned }) => generatorsReturned === 1)
      expect(state.chunksProduced).toBeLessThanOrEqual(6 + streamCreditMax)
    })

    it('end when their signal aborts, even if nothing comes', async () => {
      const controller = new AbortController()
      const stream = client.stream('probe.stall', null, { signal: controller.signal })
      await eventualState(client, (state) => state.waitsStarted === 1)
      const next = stream.next()
      controller.abort()
      await expect(next).rejects.toMatchObject({ code: 'cancelled' })
      await eventualState(client, (state) => state.waitsAborted === 1 && state.openRequests === 1)
    })

    it('run side by side without mixing', async () => {
      const read = async (index: number): Promise<number[]> => {
        const seen: number[] = []
        const stream = client.stream('probe.count', { count: 10 + index, bufferBytes: 1 + index * 100 })
        for await (const { value, buffers } of stream) {
          const bytes = new Uint8Array(present(buffers[0], 'the buffer'))
          if (bytes.length === 1 + index * 100 && bytes.at(-1) === value.index) seen.push(value.index)
        }
        return seen
      }
      const all = await Promise.all(Array.from({ length: 64 }, (_, index) => read(index)))
      expect(all.map((seen) => seen.length)).toEqual(Array.from({ length: 64 }, (_, index) => 10 + index))
      const state = await client.call('probe.state', null)
      expect(state).toMatchObject({ generatorsReturned: 64, openRequests: 1, defects: [] })
    })
  })

  it('announces events in order, to whoever still listens', async () => {
    const seen: number[] = []
    const subscription = client.on('probe.didTick', ({ index }) => seen.push(index))
    await client.call('probe.tick', { count: 5 })
    subscription.dispose()
    await client.call('probe.tick', { count: 5 })
    expect(seen).toEqual([0, 1, 2, 3, 4])
  })

  describe('the end', () => {
    it('rejects open calls, and later ones, when the other side hangs up', async () => {
      const waiting = client.call('probe.wait', null)
      const hangUp = client.call('probe.hangUp', null)
      await expect(waiting).rejects.toMatchObject({ code: 'disconnected' })
      await expect(hangUp).rejects.toMatchObject({ code: 'disconnected' })
      await expect(client.call('probe.echo', { text: '' })).rejects.toMatchObject({ code: 'disconnected' })
      expect(client.isClosed).toBe(true)
    })

    it('fails open streams when the other side hangs up, observed or not', async () => {
      const stream = client.stream('probe.count', { count: 1_000, bufferBytes: 10 })
      const unobserved = client.stream('probe.count', { count: 1_000, bufferBytes: 10 })
      await unobserved.next()
      await client.call('probe.hangUp', null).catch(() => undefined)
      const read = async (): Promise<void> => {
        for await (const chunk of stream) expect(chunk.buffers).toHaveLength(1)
      }
      await expect(read()).rejects.toMatchObject({ code: 'disconnected' })
    })

    it('tells why, once', async () => {
      const reasons: string[] = []
      client.onDidClose((reason) => reasons.push(reason))
      await client.call('probe.hangUp', null).catch(() => undefined)
      client.dispose()
      expect(reasons).toEqual(['The port was closed'])
    })

    it('rejects what is open when this side closes', async () => {
      const waiting = client.call('probe.wait', null)
      const stream = client.stream('probe.stall', null)
      client.dispose()
      await expect(waiting).rejects.toMatchObject({ code: 'closed' })
      await expect(stream.next()).rejects.toMatchObject({ code: 'closed' })
      await expect(client.call('probe.echo', { text: '' })).rejects.toMatchObject({ code: 'closed' })
    })
  })
})
