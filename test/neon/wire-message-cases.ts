/**
 * Goal: however the Postgres protocol is laid on WebSocket messages, it is the same conversation, and what is no
 * conversation hurts nobody. Method: WebSockets played by hand over real sessions.
 */

import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { afterEach, expect, test, vi } from 'vitest'
import { createWebSocketStream, WebSocket } from 'ws'
import { present } from '../../src/base/assert.ts'
import { waitMs, type NeonFixture } from '../support/neon-fixture.ts'
import { errorFields, RawWireClient, short } from '../support/raw-wire-client.ts'
import {
  cancelRequest,
  copyData,
  copyDone,
  cstring,
  extended,
  frame,
  PROTOCOL_3_0,
  query,
  startup,
  sync,
  terminate,
} from '../support/wire/frontend-messages.ts'

const LOGGED_IN = /^R\(3\)R\(0\)S+KZ\(I\)$/

export function wireMessageCases(neon: NeonFixture): void {
  const sockets: WebSocket[] = []
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.terminate()
  })

  const token = (): string => decodeURIComponent(new URL(neon.url()).password)
  const start = (): Buffer => startup(PROTOCOL_3_0, { user: 'app', database: 'shop' })
  const password = (text = token()): Buffer => frame('p', cstring(text))

  async function open(): Promise<{ socket: WebSocket; client: RawWireClient<Duplex> }> {
    const socket = new WebSocket(`ws://127.0.0.1:${neon.port}/v2`)
    sockets.push(socket)
    const client = new RawWireClient(createWebSocketStream(socket))
    await once(socket, 'open')
    return { socket, client }
  }

  async function ready(): Promise<{ socket: WebSocket; client: RawWireClient<Duplex> }> {
    const opened = await open()
    opened.client.send(start(), password())
    expect(short(await opened.client.until('Z'))).toMatch(LOGGED_IN)
    return opened
  }

  /** The first value of the next answer. */
  async function value(client: RawWireClient<Duplex>): Promise<string | undefined> {
    const messages = await client.until('Z')
    return messages.find(({ type }) => type === 'D')?.body.toString('utf8', 6)
  }

  test('a log-in with its first query in one message is answered in order', async () => {
    const { client } = await open()
    client.send(start(), password(), query('select 41'), extended('select $1::int + 1', ['41']), sync())
    expect(short(await client.until('Z'))).toMatch(LOGGED_IN)
    expect([await value(client), await value(client)]).toEqual(['41', '42'])
  })

  test('a conversation may be cut at every byte, and be sent byte by byte', async () => {
    const whole = Buffer.concat([start(), password(), query('select 7')])
    const converse = async (cuts: readonly number[]): Promise<void> => {
      const { client } = await open()
      let from = 0
      for (const at of [...cuts, whole.length]) {
        client.send(whole.subarray(from, at))
        from = at
      }
      expect(short(await client.until('Z'))).toMatch(LOGGED_IN)
      expect(await value(client)).toBe('7')
      // Not before: of a client that has said so, nothing is answered that takes longer than 5 s.
      for (const byte of terminate()) client.send(Buffer.of(byte))
      expect(await client.rest()).toBe('')
    }
    const everywhere = Array.from({ length: whole.length - 1 }, (_, at) => at + 1)
    await Promise.all([everywhere, ...everywhere.map((at) => [at])].map(converse))
  })

  test('a message may come in fragments of WebSocket frames, with empty ones between', async () => {
    const { socket, client } = await ready()
    const bytes = query(`select length('${'x'.repeat(200_000)}')`)
    socket.send(Buffer.alloc(0))
    for (let at = 0; at < bytes.length; at += 30_000) {
      socket.send(bytes.subarray(at, at + 30_000), { fin: at + 30_000 >= bytes.length })
      socket.ping()
    }
    expect(await value(client)).toBe('200000')
  })

  test('text is no Postgres, and closes the socket', async () => {
    for (const { socket } of [await open(), await ready()]) {
      socket.send('select 1')
      expect((await once(socket, 'close'))[0]).toBe(1003)
    }
  })

  test('a message that is too large closes the socket', async () => {
    const { socket } = await ready()
    socket.send(Buffer.alloc((16 << 20) + 1))
    expect((await once(socket, 'close'))[0]).toBe(1009)
  })

  test('a password that is none is told apart from a wrong one', async () => {
    const attempt = async (...parts: readonly Buffer[]): Promise<string> => {
      const { client } = await open()
      client.send(start(), ...parts)
      return client.rest()
    }
    expect(await attempt(password('wrong'))).toBe('R(3)E(28P01)')
    expect(await attempt(password(''))).toBe('R(3)E(28P01)')
    expect(await attempt(query('select 1'))).toBe('R(3)E(08P01)')
    expect(await attempt(frame('p', Buffer.alloc(0)))).toBe('R(3)E(08P01)')
    expect(await attempt(frame('p', Buffer.from('no end')))).toBe('R(3)E(08P01)')
    expect(await attempt(frame('p', cstring('two\0words')))).toBe('R(3)E(08P01)')
    expect(await attempt(password('x'.repeat(1_024)))).toBe('R(3)E(08P01)')
    expect(await attempt(password('x'.repeat(1_023)))).toBe('R(3)E(28P01)')
  })

  test('COPY goes in and out', async () => {
    const { client } = await ready()
    client.send(query('create temp table c (n int); copy c from stdin'))
    await client.until('G')
    client.send(copyData('1\n2\n'), copyData('3\n'), copyDone())
    expect(short(await client.until('Z'))).toBe('CZ(I)')
    client.send(query('copy (select n * 2 from c) to stdout'))
    const messages = await client.until('Z')
    const rows = messages.filter(({ type }) => type === 'd').map(({ body }) => body.toString())
    expect(rows).toEqual(['2\n', '4\n', '6\n'])
  })

  test('a client that goes in the middle of a COPY holds nobody up', async () => {
    for (const unit of [
      query('copy pg_temp.c from stdin'),
      Buffer.concat([extended('copy c from stdin'), sync()]),
    ]) {
      const { socket, client } = await ready()
      client.send(query('create temp table c (n int)'))
      await client.until('Z')
      client.send(unit)
      await client.until('G')
      socket.terminate()
      const { client: other } = await ready()
      other.send(query('select 1'))
      expect(await value(other)).toBe('1')
    }
  })

  test('a statement is cancelled from another socket, by its key alone', async () => {
    const { client } = await open()
    client.send(start(), password())
    const messages = await client.until('Z')
    const { body } = present(
      messages.find(({ type }) => type === 'K'),
      'the key',
    )
    client.send(query('select pg_sleep(600)'))
    await vi.waitFor(() => expect(neon.clients.list()).toMatchObject([{ state: 'active' }]), waitMs)
    const wrong = Buffer.from(body.subarray(4))
    wrong[0] = (wrong[0] ?? 0) ^ 1
    for (const key of [wrong, body.subarray(4)]) {
      const other = await open()
      other.client.send(cancelRequest(body.readInt32BE(0), key))
      expect(await other.client.rest()).toBe('')
    }
    const error = present((await client.until('E')).at(-1), 'the error')
    expect(errorFields(error)['C']).toBe('57014')
  })

  test('a client that does not read holds nobody up, and gets everything when it does', async () => {
    const slow = await ready()
    slow.socket.pause()
    slow.client.send(query(`select repeat('x', 100000) from generate_series(1, 200)`))
    const other = await ready()
    for (let round = 0; round < 5; round += 1) {
      other.client.send(query('select 1'))
      expect(await value(other.client)).toBe('1')
    }
    slow.socket.resume()
    const rows = (await slow.client.until('Z')).filter(({ type }) => type === 'D')
    expect(rows.map(({ body }) => body.length)).toEqual(Array.from({ length: 200 }, () => 100_006))
  })

  test('what was sent before a client closes is done, and what it left open is not', async () => {
    const { client: witness } = await ready()
    witness.send(query('create table closing (n int)'))
    await witness.until('Z')
    const { socket, client } = await ready()
    client.send(query('insert into closing values (1)'), query('begin; insert into closing values (2)'))
    client.send(terminate())
    socket.close()
    await once(socket, 'close')
    await vi.waitFor(async () => {
      witness.send(query(`select string_agg(n::text, ',') from closing`))
      expect(await value(witness)).toBe('1')
    }, waitMs)
  })

  test('a connection that is lost in the middle of a result frees its session', async () => {
    const { socket, client } = await ready()
    client.send(query('begin'), query('select repeat($$x$$, 1000) from generate_series(1, 1000000)'))
    await client.until('T')
    socket.terminate()
    const { client: other } = await ready()
    other.send(query('select 1'))
    expect(await value(other)).toBe('1')
  })
}
