/**
 * Goal: after log-in bytes pass as they are, both sides end together, and nobody who is slow, silent or gone holds
 * anything for ever. Method: scripted sessions, real sockets, a clock that the test moves.
 */

import { once } from 'node:events'
import { connect as connectTls } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { TestClock } from '../../../base/clock.ts'
import { WorkbenchError } from '../../../contract/error.ts'
import { errorFields, RawWireClient, short } from '../../../../test/support/raw-wire-client.ts'
import type { ScriptedWireSession } from '../../../../test/support/scripted-wire-backend.ts'
import { scriptedWireFixture } from '../../../../test/support/scripted-wire-fixture.ts'
import { TestAuthority } from '../../../../test/support/test-certificates.ts'
import {
  frame,
  int32,
  query,
  SSL_REQUEST,
  terminate,
  untyped,
} from '../../../../test/support/wire/frontend-messages.ts'
import { closeGraceMs } from './client-socket.ts'
import { endGraceMs, stalledClientMsDefault } from './client-traffic.ts'
import type { PostgresEndpoint } from './postgres-endpoint.ts'

const wire = scriptedWireFixture()
const ready = (state = 'I'): Buffer => frame('Z', Buffer.from(state))
const complete = frame('C', Buffer.from('SELECT 1\0'))
const megabyte = Buffer.alloc(1 << 20, 'x')

interface Pair {
  readonly endpoint: PostgresEndpoint
  readonly clock: TestClock
  readonly client: RawWireClient
  readonly session: ScriptedWireSession
}

async function loggedIn(options: { stalledClientMs?: number } = {}): Promise<Pair> {
  const clock = new TestClock()
  const endpoint = await wire.listen({ clock, ...options })
  const client = await wire.connect(endpoint)
  await client.logIn({ password: wire.password })
  return { endpoint, clock, client, session: wire.session() }
}

/** Until the kernel and both processes' buffers are full: pulling has stopped for many turns. */
async function pullingStopped(session: ScriptedWireSession): Promise<number> {
  let pulled = -1
  for (let quietTurns = 0; quietTurns < 2_000; quietTurns += 1) {
    if (pulled !== session.pulledCount) quietTurns = 0
    pulled = session.pulledCount
    await new Promise((resolve) => setImmediate(resolve))
  }
  return pulled
}

describe('a client’s bytes', () => {
  test('pass as they are, up to Terminate, which ends the session in order', async () => {
    const { client, session } = await loggedIn()
    const sent = [query('select 1'), frame('d', Buffer.from('X')), frame('?', Buffer.from('XX'))]
    session.endsWhenAsked = false
    client.send(...sent, terminate(), query('never'))
    await wire.until(() => session.endCount === 1)
    expect(session.input).toEqual(Buffer.concat(sent))
    session.push(complete, ready())
    session.finish()
    expect(await client.rest()).toBe('CZ(I)')
    await wire.until(() => session.isDisposed)
  })

  test('pass however they are cut, and Terminate is found wherever it is', async () => {
    const sent = Buffer.concat([query('select 1'), frame('H'), frame('d', Buffer.from('XX'))])
    const whole = Buffer.concat([sent, terminate()])
    const { endpoint } = await loggedIn()
    for (let at = 1; at < whole.length; at += 1) {
      const client = await wire.connect(endpoint)
      await client.logIn({ password: wire.password })
      const session = wire.session()
      for (const piece of [whole.subarray(0, at), whole.subarray(at)]) {
        client.send(piece)
        await new Promise((resolve) => setImmediate(resolve))
      }
      expect(await client.rest()).toBe('')
      expect(session.input, `cut at ${at}`).toEqual(sent)
    }
  })

  test('wait in the client while the session takes no more', async () => {
    const { client, session } = await loggedIn()
    const gate = Promise.withResolvers<void>()
    session.onWrite = () => gate.promise
    const sentBytes = 64 * megabyte.length
    for (let part = 0; part < 64; part += 1) client.socket.write(megabyte)
    await wire.until(() => session.written.length === 1)
    for (let turn = 0; turn < 2_000; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    expect(session.written.length).toBe(1)
    expect(client.socket.writableLength).toBeGreaterThan(sentBytes / 2)
    gate.resolve()
    await wire.until(() => session.written.reduce((sum, { length }) => sum + length, 0) === sentBytes)
  })
})

describe('a session’s bytes', () => {
  test('are pulled only as fast as the client reads, which is cut when it never does', async () => {
    const { client, clock, session } = await loggedIn()
    client.socket.pause()
    session.push(...Array.from({ length: 200 }, () => frame('D', megabyte)))
    expect(await pullingStopped(session)).toBeLessThan(100)
    clock.advance(stalledClientMsDefault - 1)
    client.socket.resume()
    for (let row = 0; row < 200; row += 1) expect((await client.next())?.type).toBe('D')
    client.socket.pause()
    session.push(...Array.from({ length: 200 }, () => frame('D', megabyte)))
    await pullingStopped(session)
    expect(session.isDisposed).toBe(false)
    clock.advance(stalledClientMsDefault)
    await wire.until(() => session.isDisposed)
  })

  test('reach a client that takes a little of them in time, however long the whole takes', async () => {
    const { client, clock, session } = await loggedIn()
    client.socket.pause()
    session.push(...Array.from({ length: 100 }, () => frame('D', megabyte)))
    session.finish()
    let receivedBytes = 0
    let wantedBytes = 0
    client.socket.on('data', ({ length }: Buffer) => {
      receivedBytes += length
      if (receivedBytes >= wantedBytes) client.socket.pause()
    })
    while (wantedBytes < 100 * megabyte.length) {
      await pullingStopped(session)
      clock.advance(stalledClientMsDefault - 1)
      wantedBytes += 10 * megabyte.length
      client.socket.resume()
      await wire.until(() => receivedBytes >= wantedBytes)
    }
    client.socket.resume()
    expect(await client.rest()).toBe('D'.repeat(100))
  })

  test('are the last of it as soon as they are taken, where they are encrypted, too', async () => {
    const { certificate, key } = await (await TestAuthority.create()).sign('CN=localhost')
    const tls = { certificate, key, isRequired: true, clientCertificates: null }
    const endpoint = await wire.listen({ clock: new TestClock(), tls })
    const first = await wire.connect(endpoint)
    first.expectBytes(1)
    first.send(untyped(int32(SSL_REQUEST)))
    expect(await first.bytes()).toBe('S')
    const socket = connectTls({ socket: first.socket, ca: [], rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    const client = new RawWireClient(socket)
    await client.logIn({ password: wire.password })
    const session = wire.session()
    session.onWrite = () => session.push(complete, ready())
    client.send(query('select 1'), terminate())
    expect(await client.rest()).toBe('CZ(I)')
    await client.close()
  })

  test('do not wait for a client that is behind with some megabytes, and reach it all the same', async () => {
    const { client, clock, session } = await loggedIn()
    client.socket.pause()
    session.push(...Array.from({ length: 30 }, () => frame('D', megabyte)))
    session.finish()
    await wire.until(() => session.pulledCount >= 30)
    for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    clock.advance(closeGraceMs)
    client.socket.resume()
    for (let row = 0; row < 30; row += 1) expect((await client.next())?.type).toBe('D')
    expect(await client.rest()).toBe('')
  })

  test('end the connection when they end, with whatever the session said last', async () => {
    const { client, session } = await loggedIn()
    session.push(frame('E', Buffer.from('SFATAL\0C57P01\0Mbye\0\0')))
    session.finish()
    expect(await client.rest()).toBe('E(57P01)')
  })

  test('end with an error that the endpoint tells when the session fails', async () => {
    for (const code of ['engine-crashed', 'closed'] as const) {
      const { client, session } = await loggedIn()
      session.push(complete)
      session.fail(new WorkbenchError(code, 'The engine has ended'))
      expect(await client.rest()).toBe('CE(57P01)')
      expect(session.isDisposed).toBe(true)
    }
    const { client, session } = await loggedIn()
    session.fail(new TypeError('a defect'))
    const [told] = await client.until('E')
    expect(told && errorFields(told)).toMatchObject({ S: 'FATAL', C: 'XX000' })
    expect(wire.failures.splice(0)).toEqual([new TypeError('a defect')])
  })

  test('are not followed by anything when they end inside a message', async () => {
    const { client, session } = await loggedIn()
    session.push(complete.subarray(0, 7))
    session.fail(new WorkbenchError('engine-crashed', 'The engine has ended'))
    expect(await client.rest()).toBe('')
    expect(session.isDisposed).toBe(true)
  })
})

describe('a client that breaks the protocol', () => {
  test('is told 08P01 after what it was answered', async () => {
    const { client, session } = await loggedIn()
    session.push(complete)
    session.onWrite = () => {
      session.fail(new WorkbenchError('invalid-message', 'A message of type 0x7a cannot be sent'))
    }
    client.send(frame('z'), query('select 1'))
    const told = await client.until('')
    expect(short(told)).toBe('CE(08P01)')
    expect(told[1] && errorFields(told[1])).toMatchObject({
      ...{ S: 'FATAL', M: 'A message of type 0x7a cannot be sent' },
      H: 'Check the client: it broke the protocol.',
    })
    expect(session.isDisposed).toBe(true)
  })

  test('is cut when a message is under way that will have no end', async () => {
    const { client, session } = await loggedIn()
    session.push(complete.subarray(0, 7))
    await wire.until(() => session.pulledCount === 1)
    session.onWrite = () => session.fail(new WorkbenchError('invalid-message', 'no'))
    client.send(frame('z'))
    expect(await client.rest()).toBe('')
    await wire.until(() => session.isDisposed)
  })
})

describe('a client that leaves', () => {
  test('without a word, in the middle of anything, takes its session with it', async () => {
    for (const leave of ['destroy', 'resetAndDestroy'] as const) {
      const { client, session, endpoint } = await loggedIn()
      client.send(query('select pg_sleep(1000)').subarray(0, 9))
      await wire.until(() => session.written.length === 1)
      client.socket[leave]()
      await wire.until(() => session.isDisposed && endpoint.clients.size === 0)
      expect(endpoint.clients.list(), leave).toEqual([])
    }
  })

  test('by closing its side alone is still answered, for a while', async () => {
    const { client, session, clock } = await loggedIn()
    session.endsWhenAsked = false
    client.send(query('select 1'))
    client.socket.end()
    await wire.until(() => session.endCount === 1)
    clock.advance(endGraceMs - 1)
    session.push(complete, ready())
    await client.until('Z')
    expect(session.isDisposed).toBe(false)
    clock.advance(1)
    await wire.until(() => session.isDisposed)
    expect(await client.rest()).toBe('')
  })

  test('does not wait for ever behind others who keep the backend', async () => {
    const { client, session, clock, endpoint } = await loggedIn()
    const gate = Promise.withResolvers<void>()
    session.onWrite = () => gate.promise
    client.send(query('select 1'))
    await wire.until(() => session.written.length === 1)
    await client.close()
    // The endpoint hears of it when its thread is free; time passes until it has.
    await wire.until(() => {
      clock.advance(endGraceMs / 10)
      return session.isDisposed
    })
    await wire.until(() => endpoint.clients.size === 0)
    expect(session.endCount).toBe(1)
    gate.resolve()
  })

  test('and never closes its own side is cut', async () => {
    const { client, session, clock, endpoint } = await loggedIn()
    client.send(terminate())
    expect(await client.rest()).toBe('')
    expect(session.isDisposed).toBe(true)
    clock.advance(closeGraceMs)
    await wire.until(() => endpoint.clients.size === 0)
  })
})
