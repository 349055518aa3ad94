/**
 * Subscriptions against an endpoint that does what the test says: what is sent again, what cannot be taken up, what
 * nobody reads, and what ends by itself.
 */

import { afterEach, describe, expect, test } from 'vitest'
import { TestClock } from '../base/clock.ts'
import { ScriptedEndpoint, type ScriptedSocket } from '../../test/support/scripted-endpoint.ts'
import { scriptReaders } from './native-readers.ts'
import { sql } from './sql-text.ts'
import { WardianClient } from './wardian-client.ts'

const clients: WardianClient[] = []

afterEach(() => {
  for (const client of clients.splice(0)) client.close()
})

/** Answers every subscribe, with the columns of a query. */
async function open() {
  const endpoint = new ScriptedEndpoint()
  const subscribed: unknown[] = []
  endpoint.onRequest = (socket, request) => {
    if (request.meta['type'] !== 'subscribe') return false
    subscribed.push(request.data)
    socket.complete(request, { columns: [{ name: 'id', type: 23 }], event_id: 0 })
    return true
  }
  const clock = new TestClock()
  const client = await WardianClient.open(
    {
      ...{
        url: 'ws://127.0.0.1:5480',
        token: 't',
        tenant: 'shop',
        encoding: 'json',
        clock,
        random: () => 0.5,
      },
      webSocket: endpoint.webSocket,
    },
    scriptReaders(),
  )
  clients.push(client)
  return { endpoint, client, clock, subscribed }
}

/** Of the first subscription of a client. */
function say(socket: ScriptedSocket, eventId: number, data: unknown): void {
  socket.say({ meta: { type: 'event', subscription: 'w1', event_id: eventId }, data })
}

const word = (payload: string): unknown => ({ channel: 'c', payload, process_id: 1 })

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

describe('a subscription', () => {
  test('gives no event twice, whatever is sent again', async () => {
    const { client, endpoint, clock } = await open()
    const heard = (await client.subscribe('c'))[Symbol.asyncIterator]()
    say(endpoint.socket, 1, word('one'))
    say(endpoint.socket, 2, word('two'))
    endpoint.hello = { resumed: ['w1'] }
    const hellos: unknown[] = []
    endpoint.onHello = (_socket, hello) => (hellos.push(hello.data), true)
    endpoint.socket.drop(1006)
    await settle()
    clock.advance(1_000)
    await settle()
    expect(hellos).toMatchObject([
      { resume: [{ subscription: 'w1', last_event_id: 2, socket_id: 'socket-1' }] },
    ])
    say(endpoint.socket, 2, word('two'))
    say(endpoint.socket, 3, word('three'))
    const payloads = []
    for (let count = 0; count < 3; count += 1) payloads.push((await heard.next()).value)
    expect(payloads).toMatchObject([{ payload: 'one' }, { payload: 'two' }, { payload: 'three' }])
  })

  test('begins again where it cannot be taken up, and says that something may be missing', async () => {
    const { client, endpoint, clock, subscribed } = await open()
    const heard = (await client.subscribe('c'))[Symbol.asyncIterator]()
    endpoint.hello = { resumed: [], must_refetch: ['w1'] }
    const answer = endpoint.onRequest
    endpoint.onRequest = () => false
    endpoint.socket.drop(1006)
    await settle()
    clock.advance(1_000)
    await settle()
    // Said of it besides; it is begun again once.
    say(endpoint.socket, 1, { kind: 'must_refetch' })
    await settle()
    for (const request of endpoint.socket.requests) answer(endpoint.socket, request)
    say(endpoint.socket, 1, word('later'))
    expect((await heard.next()).value).toStrictEqual({ kind: 'gap' })
    const asked = { subscription: 'w1', channel: 'c' }
    expect(subscribed).toStrictEqual([asked, asked])
  })

  test('ends when nobody reads it, and is left on the endpoint', async () => {
    const { client, endpoint } = await open()
    const heard = (await client.subscribe('c'))[Symbol.asyncIterator]()
    for (let event = 1; event <= 10_001; event += 1) say(endpoint.socket, event, word('x'))
    await settle()
    expect(endpoint.socket.readyState).toBe(3)
    const leaving = endpoint.socket.requests.at(-1)
    expect(leaving).toMatchObject({ meta: { type: 'unsubscribe' }, data: { subscription: 'w1' } })
    const read = async (): Promise<number> => {
      let count = 0
      for (; (await heard.next()).done !== true; count += 1);
      return count
    }
    await expect(read()).rejects.toMatchObject({ code: 'slow_consumer' })
  })

  test('ends with the error that the endpoint says, and with one that was said at first', async () => {
    const { client, endpoint } = await open()
    const rows = (await client.live(sql`select id from t`))[Symbol.asyncIterator]()
    say(endpoint.socket, 1, { kind: 'snapshot', rows: [['1'], ['1']] })
    say(endpoint.socket, 2, { kind: 'diff', inserted: [['3']], updated: [], deleted: [['1']] })
    const error = { code: 'read_only', message: 'no longer', sqlstate: '42501', retryable: false }
    say(endpoint.socket, 3, { kind: 'error', error })
    expect((await rows.next()).value).toStrictEqual([{ id: 1 }, { id: 1 }])
    expect((await rows.next()).value).toStrictEqual([{ id: 1 }, { id: 3 }])
    await expect(rows.next()).rejects.toMatchObject({ code: 'read_only', message: 'no longer' })
    endpoint.onRequest = (socket, request) => (socket.fail(request, { code: 'sql_error' }), true)
    await expect(client.subscribe(sql`selec`)).rejects.toMatchObject({ code: 'sql_error' })
  })

  test('that does not fit what is known is no result', async () => {
    const { client, endpoint } = await open()
    const rows = (await client.live(sql`select id from t`))[Symbol.asyncIterator]()
    say(endpoint.socket, 1, { kind: 'snapshot', rows: [['1']] })
    say(endpoint.socket, 2, { kind: 'diff', inserted: [], updated: [], deleted: [['2']] })
    expect((await rows.next()).value).toStrictEqual([{ id: 1 }])
    await expect(rows.next()).rejects.toMatchObject({ code: 'broken_answer' })
  })
})
