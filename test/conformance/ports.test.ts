/**
 * One suite for every port: whatever carries the messages, calls, streams, errors and ends behave the same.
 * Both rpc ends are real, and so are the worker, the socket and the clones; the probe contract counts on its
 * side what is asserted on this one.
 */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WorkbenchError } from '../../src/contract/error.ts'
import { connectContract, type ContractClient } from '../../src/rpc/rpc-client.ts'
import { expectNoLeaks } from '../support/leak-check.ts'
import { probeContract, type ProbeContract } from '../support/probe-contract.ts'
import { everySqlField } from '../support/probe-server.ts'
import { carriers, type OpenCarrier } from './carriers.ts'

describe.each(carriers)('$name', (carrier) => {
  expectNoLeaks()

  let open: OpenCarrier
  let client: ContractClient<ProbeContract>

  beforeEach(async () => {
    open = await carrier.open()
    client = connectContract(probeContract, open.port)
  })
  afterEach(() => open.close())

  it('answers a call', async () => {
    expect(await client.call('probe.echo', { text: 'Ω \u0000 \ud800 "' })).toEqual({
      text: 'Ω \u0000 \ud800 "',
    })
  })

  it('brings every field of an error across', async () => {
    await expect(client.call('probe.failSql', null)).rejects.toEqual(
      new WorkbenchError('sql-error', everySqlField.message, { sql: everySqlField }),
    )
    const error: unknown = await client.call('probe.failSql', null).catch((failure: unknown) => failure)
    expect(error).toMatchObject({ code: 'sql-error', sql: everySqlField })
  })

  it('streams chunks with their buffers and then the result', async () => {
    const stream = client.stream('probe.count', { count: 20, bufferBytes: 1000 })
    const seen: number[] = []
    for await (const { value, buffers } of stream) {
      expect(new Uint8Array(buffers[0] ?? new ArrayBuffer(0))).toEqual(new Uint8Array(1000).fill(value.index))
      seen.push(value.index)
    }
    expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => index))
    expect(await stream.result).toEqual({ produced: 20 })
  })

  it('announces events in order', async () => {
    const seen: number[] = []
    const subscription = client.on('probe.didTick', ({ index }) => seen.push(index))
    await client.call('probe.tick', { count: 5 })
    subscription.dispose()
    expect(seen).toEqual([0, 1, 2, 3, 4])
  })

  it('rejects an open call when the other side hangs up', async () => {
    const waiting = client.call('probe.wait', null)
    const hangUp = client.call('probe.hangUp', null)
    await expect(waiting).rejects.toMatchObject({ code: 'disconnected' })
    await expect(hangUp).rejects.toMatchObject({ code: 'disconnected' })
    await expect(client.call('probe.echo', { text: '' })).rejects.toMatchObject({ code: 'disconnected' })
  })
})
