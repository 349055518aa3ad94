/** Who is connected, and what can be done to them, over real sockets and scripted sessions. */

import { describe, expect, test } from 'vitest'
import { TestClock } from '../../../base/clock.ts'
import { short, type RawWireClient } from '../../../../test/support/raw-wire-client.ts'
import { scriptedWireFixture } from '../../../../test/support/scripted-wire-fixture.ts'
import {
  cancelRequest,
  frame,
  PROTOCOL_3_0,
  PROTOCOL_3_2,
  query,
} from '../../../../test/support/wire/frontend-messages.ts'
import type { PostgresEndpoint } from './postgres-endpoint.ts'

const wire = scriptedWireFixture()

async function logIn(endpoint: PostgresEndpoint, version = PROTOCOL_3_0): Promise<[RawWireClient, Buffer]> {
  const client = await wire.connect(endpoint)
  const parameters = { application_name: 'test' }
  const messages = await client.logIn({ password: wire.password, version, parameters })
  return [client, messages.find(({ type }) => type === 'K')?.body ?? Buffer.alloc(0)]
}

/** Resolves when the endpoint has closed the connection, without a word. */
async function sendCancel(endpoint: PostgresEndpoint, processId: number, key: Buffer): Promise<void> {
  const client = await wire.connect(endpoint)
  client.send(cancelRequest(processId, key))
  expect(await client.rest()).toBe('')
}

describe('the clients of an endpoint', () => {
  test('are listed with what they do, and changes are announced', async () => {
    const clock = new TestClock()
    const endpoint = await wire.listen({ clock })
    const seen: string[][] = []
    const subscription = endpoint.clients.onDidChange(() => {
      seen.push(endpoint.clients.list().map(({ state, applicationName }) => `${applicationName}: ${state}`))
    })
    const [client] = await logIn(endpoint)
    const session = wire.session()
    const [listed] = endpoint.clients.list()
    expect(listed).toEqual({
      ...{ id: listed?.id, processId: session.processId, user: 'postgres', database: 'postgres' },
      ...{
        applicationName: 'test',
        address: '127.0.0.1',
        port: client.socket.localPort,
        isEncrypted: false,
        isFork: false,
      },
      ...{ connectedAtMs: clock.nowMs(), state: 'idle', stateSinceMs: clock.nowMs() },
      ...{ statement: null, waitingFor: null },
    })
    clock.advance(100)
    client.send(query('begin'))
    await wire.until(() => session.written.length === 1)
    session.activity = { statement: 'begin', waitingFor: 'another' }
    expect(endpoint.clients.list()).toMatchObject([
      { state: 'active', stateSinceMs: clock.nowMs(), statement: 'begin', waitingFor: 'another' },
    ])
    clock.advance(100)
    for (const state of ['T', 'E', 'I']) {
      const before = session.written.length
      client.send(query('select 1'))
      await wire.until(() => session.written.length > before)
      session.push(frame('S', Buffer.from(`application_name\0in ${state}\0`)), frame('Z', Buffer.from(state)))
      await client.until('Z')
      clock.advance(100)
    }
    await client.close()
    await wire.until(() => endpoint.clients.size === 0)
    clock.advance(100)
    subscription.dispose()
    expect(seen).toEqual([
      ['test: idle'],
      ['test: active'],
      ['in T: idle in transaction'],
      ['in E: idle in transaction (aborted)'],
      ['in I: idle'],
      [],
    ])
  })

  test('are cancelled by their key alone, which is longer with protocol 3.2', async () => {
    const endpoint = await wire.listen()
    const cancelled: number[] = []
    for (const version of [PROTOCOL_3_0, PROTOCOL_3_2]) {
      const [, body] = await logIn(endpoint, version)
      const session = wire.session()
      const processId = body.readInt32BE(0)
      const key = body.subarray(4)
      const wrong = Buffer.from(key.map((byte, index) => (index === key.length - 1 ? byte ^ 1 : byte)))
      for (const other of [wrong, key.subarray(1), Buffer.concat([key, key]), Buffer.alloc(key.length)]) {
        await sendCancel(endpoint, processId, other)
      }
      await sendCancel(endpoint, processId + 1, key)
      cancelled.push(session.cancelCount)
      await sendCancel(endpoint, processId, key)
      cancelled.push(session.cancelCount)
    }
    expect(cancelled).toEqual([0, 1, 0, 1])
    const keys = new Set<string>()
    for (let count = 0; count < 5; count += 1) keys.add((await logIn(endpoint))[1].toString('hex', 4))
    expect(keys.size).toBe(5)
  })

  test('are cancelled and disconnected one by one', async () => {
    const endpoint = await wire.listen()
    const [first] = await logIn(endpoint)
    const firstSession = wire.session()
    const [second] = await logIn(endpoint)
    const [listed] = endpoint.clients.list()
    endpoint.clients.cancel(listed?.id ?? '')
    endpoint.clients.cancel('nobody')
    expect(wire.backend.sessions.map(({ cancelCount }) => cancelCount)).toEqual([1, 0])
    endpoint.clients.disconnect(listed?.id ?? '')
    endpoint.clients.disconnect('nobody')
    expect(await first.rest()).toBe('E(57P01)')
    expect(firstSession.isDisposed).toBe(true)
    wire.session().push(frame('Z', Buffer.from('I')))
    expect(short(await second.until('Z'))).toBe('Z(I)')
  })

  test('are all told when the endpoint closes, and nobody else gets in', async () => {
    const clock = new TestClock()
    const endpoint = await wire.listen({ clock })
    const [first] = await logIn(endpoint)
    const [silent] = await logIn(endpoint)
    const starting = await wire.connect(endpoint)
    starting.send(Buffer.from([0]))
    silent.socket.pause()
    const closed = endpoint.close()
    expect(await first.rest()).toBe('E(57P01)')
    expect(await starting.rest()).toBe('')
    clock.advance(60_000)
    await closed
    await expect(wire.connect(endpoint)).rejects.toThrow('ECONNREFUSED')
    expect(wire.backend.sessions.map(({ isDisposed }) => isDisposed)).toEqual([true, true])
  })
})
