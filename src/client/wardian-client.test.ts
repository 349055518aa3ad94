/**
 * What a client does with its connections, against an endpoint that does what the test says: pipelining, waiting,
 * giving up, coming back. Time is a TestClock; real servers are met in test/envelope-client.
 */

import { afterEach, describe, expect, test } from 'vitest'
import { TestClock } from '../base/clock.ts'
import { oneRow, ScriptedEndpoint } from '../../test/support/scripted-endpoint.ts'
import type { ConnectOptions } from './connect-options.ts'
import { scriptReaders } from './native-readers.ts'
import { sql } from './sql-text.ts'
import { WardianClient } from './wardian-client.ts'

const token = 'wdn_secret'
const clients: WardianClient[] = []

afterEach(() => {
  for (const client of clients.splice(0)) client.close()
})

async function open(endpoint: ScriptedEndpoint, options: Partial<ConnectOptions> = {}) {
  const clock = new TestClock()
  const client = await WardianClient.open(
    {
      ...{
        url: 'ws://127.0.0.1:5480',
        token,
        tenant: 'playground',
        encoding: 'json',
        webSocket: endpoint.webSocket,
      },
      ...{ clock, random: () => 0.5 },
      ...options,
    },
    scriptReaders(),
  )
  clients.push(client)
  return { client, clock }
}

/** Lets everything that is ready run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

/** What a promise rejects with, listened for from now on. */
function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (error: unknown) => error,
  )
}

/** How a promise ended, without waiting for it. */
async function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  const pending = Symbol('pending')
  await settle()
  return Promise.race([promise.catch((error: unknown) => error), Promise.resolve(pending)])
}

describe('a client', () => {
  test('says hello with its token, which is in no address', async () => {
    const endpoint = new ScriptedEndpoint()
    await open(endpoint)
    expect(endpoint.socket).toMatchObject({ url: 'ws://127.0.0.1:5480/v1', protocol: 'wardian.v1.json' })
    expect(JSON.parse(endpoint.socket.messages[0] ?? '')).toStrictEqual({
      meta: { type: 'hello', request_id: '1', tenant: 'playground' },
      data: { token, client: '@wardian/client' },
    })
  })

  test('sends what one turn asks for as one message, and gives each its answer', async () => {
    const endpoint = new ScriptedEndpoint()
    const { client } = await open(endpoint)
    const answers = [1, 2, 3].map((value) => client.query<{ value: string }>('select $1', [value]))
    await settle()
    expect(endpoint.socket.messages).toHaveLength(2)
    for (const request of endpoint.socket.requests.toReversed()) {
      endpoint.socket.complete(request, oneRow(String((request.data as { params: string[] }).params[0])))
    }
    const rows = (await Promise.all(answers)).map((result) => result.rows)
    expect(rows).toStrictEqual([[{ value: '1' }], [{ value: '2' }], [{ value: '3' }]])
  })

  test('keeps values apart from the text, whatever is in them', async () => {
    const endpoint = new ScriptedEndpoint()
    const requests: unknown[] = []
    endpoint.onRequest = (socket, request) => {
      requests.push(request.data)
      socket.complete(request)
      return true
    }
    const { client } = await open(endpoint)
    const condition = sql`name = ${"'; drop table t"} and age > ${3n}`
    await client.sql`select * from ${client.sql.identifier('a"b', 'c')} where ${condition}`
    expect(requests).toStrictEqual([
      { sql: 'select * from "a""b"."c" where name = $1 and age > $2', params: ["'; drop table t", '3'] },
    ])
  })

  test('gathers the rows of many frames, and grants credit for more', async () => {
    const endpoint = new ScriptedEndpoint()
    const { client } = await open(endpoint)
    const answer = client.query('select 1')
    await settle()
    const request = endpoint.socket.requests[0]
    const id = request?.meta['request_id']
    expect(request?.meta['credit']).toBe(64)
    const columns = [{ name: 'value', type: 23 }]
    for (let frame = 0; frame < 64; frame += 1) {
      const data = { ...(frame === 0 && { columns }), rows: [[String(frame)]], row_count: 1 }
      endpoint.socket.say({ meta: { type: 'rows', request_id: id }, data })
    }
    await settle()
    const grants = endpoint.socket.requests.slice(1)
    expect(grants).toStrictEqual([
      { meta: { type: 'credit' }, data: { request_id: id, frames: 32 } },
      { meta: { type: 'credit' }, data: { request_id: id, frames: 32 } },
    ])
    if (request) endpoint.socket.complete(request, { command: 'SELECT', row_count: 64 })
    const result = await answer
    expect(result.rows).toStrictEqual(Array.from({ length: 64 }, (_, value) => ({ value })))
    expect(result.columns()[0]?.values).toStrictEqual(Int32Array.from({ length: 64 }, (_, value) => value))
  })

  test('rejects with everything that Postgres said', async () => {
    const endpoint = new ScriptedEndpoint()
    const { client } = await open(endpoint)
    const answer = client.query('select 1/0')
    await settle()
    const [request] = endpoint.socket.requests
    const fields = { severity: 'ERROR', position: 8 }
    if (request) endpoint.socket.fail(request, { code: 'sql_error', sqlstate: '22012', sql: fields })
    const error = {
      name: 'WardianError',
      code: 'sql_error',
      sqlstate: '22012',
      isRetryable: false,
      sql: fields,
    }
    await expect(answer).rejects.toMatchObject(error)
  })

  test('runs again what had no effect, and waits longer each time', async () => {
    const endpoint = new ScriptedEndpoint()
    const { client, clock } = await open(endpoint)
    const answer = client.query('update t set a = 1')
    for (const delayMs of [50, 100, 200]) {
      await settle()
      const request = endpoint.socket.requests.pop()
      if (request) endpoint.socket.fail(request, { code: 'sql_error', sqlstate: '40001', retryable: true })
      await settle()
      clock.advance(delayMs - 1)
      await settle()
      expect(endpoint.socket.requests).toHaveLength(0)
      clock.advance(1)
    }
    await settle()
    const last = endpoint.socket.requests.pop()
    if (last) endpoint.socket.fail(last, { code: 'sql_error', sqlstate: '40001', retryable: true })
    await expect(answer).rejects.toMatchObject({ sqlstate: '40001', isRetryable: true })
  })

  test('sends no more than may be outstanding, keeps the others in order, and refuses beyond its bound', async () => {
    const endpoint = new ScriptedEndpoint()
    const { client } = await open(endpoint, { pool: { max: 1, outstandingMax: 2, queueMax: 3 } })
    const answers = [1, 2, 3, 4, 5].map((value) => client.query(`select ${value}`))
    await expect(client.query('select 6')).rejects.toMatchObject({ code: 'queue_full' })
    await settle()
    expect(endpoint.socket.requests).toHaveLength(2)
    const order: unknown[] = []
    for (let count = 0; count < 5; count += 1) {
      const request = endpoint.socket.requests.shift()
      order.push(request?.data)
      if (request) endpoint.socket.complete(request)
      await settle()
      expect(endpoint.socket.requests.length).toBeLessThanOrEqual(2)
    }
    await Promise.all(answers)
    expect(order).toStrictEqual([1, 2, 3, 4, 5].map((value) => ({ sql: `select ${value}` })))
  })

  test('opens another socket while all are busy, and closes it when nobody uses it', async () => {
    const endpoint = new ScriptedEndpoint()
    const { client, clock } = await open(endpoint, { pool: { max: 2, idleTimeoutMs: 1000 } })
    const answers = Array.from({ length: 80 }, () => client.query('select 1'))
    await settle()
    expect(client.pool).toStrictEqual({ connections: 2, waiting: 0 })
    for (const socket of endpoint.sockets)
      for (const request of socket.requests.splice(0)) socket.complete(request)
    await Promise.all(answers)
    clock.advance(3000)
    expect(client.pool).toStrictEqual({ connections: 1, waiting: 0 })
  })
})

describe('a client that loses its connection', () => {
  test('does not know what became of a write, and says so', async () => {
    const endpoint = new ScriptedEndpoint()
    const { client } = await open(endpoint)
    const answer = client.query('insert into t values (1)')
    await settle()
    endpoint.socket.drop(1006)
    await expect(answer).rejects.toMatchObject({ code: 'unknown_outcome', isRetryable: false })
    expect(endpoint.sockets).toHaveLength(1)
  })

  test.each([
    ['a write with a key', { idempotencyKey: 'k1' }, {}],
    ['what may run twice', { isRepeatable: true }, {}],
    ['anything, if the token may only read', {}, { access: 'read-only' }],
  ])('sends %s again', async (_what, options, hello) => {
    const endpoint = new ScriptedEndpoint()
    endpoint.hello = hello
    const { client, clock } = await open(endpoint)
    const answer = client.query('insert into t values (1)', [], options)
    await settle()
    const [first] = endpoint.socket.requests
    endpoint.socket.drop(1006)
    await settle()
    clock.advance(1000)
    await settle()
    expect(endpoint.sockets).toHaveLength(2)
    const [second] = endpoint.socket.requests
    expect(second?.data).toStrictEqual(first?.data)
    expect(second?.meta['idempotency_key']).toBe(first?.meta['idempotency_key'])
    if (second) endpoint.socket.complete(second, { command: 'INSERT', row_count: 1 })
    expect((await answer).rowCount).toBe(1)
  })

  test('does not trust a key after the host was started again', async () => {
    const endpoint = new ScriptedEndpoint()
    const { client, clock } = await open(endpoint)
    const answer = client.query('insert into t values (1)', [], { idempotencyKey: 'k1' })
    const failed = errorOf(answer)
    await settle()
    endpoint.hello = { epoch: 'e2' }
    endpoint.socket.drop(1001)
    await settle()
    clock.advance(1000)
    expect(await failed).toMatchObject({ code: 'unknown_outcome' })
    expect(endpoint.socket.requests).toStrictEqual([])
  })

  test('comes back with growing pauses, and gives up those who wait after some attempts', async () => {
    const endpoint = new ScriptedEndpoint()
    const { client, clock } = await open(endpoint, { reconnect: { attemptsMax: 4 }, retriesMax: 0 })
    endpoint.isRefusing = true
    endpoint.socket.drop(1006)
    await settle()
    const answer = client.query('select 1')
    const failed = errorOf(answer)
    const attempts: number[] = []
    for (let passedMs = 0; passedMs < 1000; passedMs += 10) {
      await settle()
      attempts.push(endpoint.sockets.length)
      clock.advance(10)
    }
    expect(await failed).toMatchObject({ code: 'connection_lost', isRetryable: true })
    expect(attempts.filter((count, index) => count !== attempts[index - 1])).toStrictEqual([2, 3, 4, 5])
    expect([2, 3, 4, 5].map((count) => attempts.indexOf(count) * 10)).toStrictEqual([0, 50, 150, 350])
    endpoint.isRefusing = false
    const later = client.query('select 2')
    await settle()
    clock.advance(10_000)
    await settle()
    const [request] = endpoint.socket.requests
    if (request) endpoint.socket.complete(request)
    await later
  })

  test('notices a connection that is dead although nobody closed it', async () => {
    const endpoint = new ScriptedEndpoint()
    const { client, clock } = await open(endpoint, { retriesMax: 0 })
    const answer = client.query('select 1')
    const failed = errorOf(answer)
    await settle()
    clock.advance(20_000)
    await settle()
    expect(endpoint.socket.requests.at(-1)?.meta['type']).toBe('ping')
    clock.advance(20_000)
    expect(await failed).toMatchObject({ code: 'unknown_outcome' })
  })
})

describe('a request that is given up', () => {
  test('rejects at once with the signal’s reason, and asks the endpoint to stop', async () => {
    const endpoint = new ScriptedEndpoint()
    const { client } = await open(endpoint)
    const controller = new AbortController()
    const answer = client.query('select pg_sleep(9)', [], { signal: controller.signal })
    await settle()
    controller.abort(new Error('enough'))
    await expect(answer).rejects.toThrow('enough')
    await settle()
    const [query, cancel] = endpoint.socket.requests
    expect(cancel).toMatchObject({
      meta: { type: 'cancel' },
      data: { request_id: query?.meta['request_id'] },
    })
    // Its answer, which comes all the same, is for nobody.
    if (query) endpoint.socket.fail(query, { code: 'cancelled' })
    const next = client.query('select 1')
    await settle()
    const last = endpoint.socket.requests.at(-1)
    if (last) endpoint.socket.complete(last)
    await next
  })

  test('tells the endpoint its deadline, and does not wait for one that never answers', async () => {
    const endpoint = new ScriptedEndpoint()
    const { client, clock } = await open(endpoint)
    const answer = client.query('select pg_sleep(9)', [], { timeoutMs: 500 })
    await settle()
    expect(endpoint.socket.requests[0]?.meta['deadline_ms']).toBe(500)
    clock.advance(2_499)
    expect(typeof (await outcomeOf(answer))).toBe('symbol')
    clock.advance(1)
    await expect(answer).rejects.toMatchObject({ code: 'deadline_exceeded' })
  })

  test('ends all that is under way when the client closes, and what comes after', async () => {
    const endpoint = new ScriptedEndpoint()
    const { client } = await open(endpoint)
    const answer = client.query('select 1')
    await settle()
    client.close()
    await expect(answer).rejects.toMatchObject({ code: 'closed' })
    await expect(client.query('select 1')).rejects.toMatchObject({ code: 'closed' })
    await expect(client.openSession()).rejects.toMatchObject({ code: 'closed' })
    expect(endpoint.socket.readyState).toBe(3)
  })
})

describe('a token', () => {
  test('is in no error, whatever goes wrong', async () => {
    const endpoint = new ScriptedEndpoint()
    endpoint.onHello = (socket, hello) => {
      socket.fail(hello, { code: 'unauthorized', message: 'wrong token', sqlstate: '28000' })
      socket.drop(4401)
      return false
    }
    const error: unknown = await open(endpoint).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'unauthorized' })
    const text = `${String(error)} ${JSON.stringify(error)} ${String((error as Error).stack)}`
    expect(text).not.toContain(token)
  })

  test('may not be part of the address', async () => {
    const endpoint = new ScriptedEndpoint()
    for (const url of [`ws://h/?token=${token}`, `ws://x:${token}@h`, `ws://h/#${token}`, `ftp://h`, token]) {
      const error: unknown = await open(endpoint, { url }).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'invalid_argument' })
      expect(String(error)).not.toContain(token)
    }
    expect(endpoint.sockets).toHaveLength(0)
  })

  test('is renewed by its provider when it is about to expire, and asked for anew for each connection', async () => {
    const endpoint = new ScriptedEndpoint()
    let count = 0
    const tokenProvider = (): string => `wdn_${(count += 1)}`
    const hellos: unknown[] = []
    endpoint.onHello = (_socket, hello) => {
      hellos.push((hello.data as { token: string }).token)
      return true
    }
    const { client } = await openWithProvider(endpoint, tokenProvider)
    endpoint.socket.say({ meta: { type: 'auth_expiring' }, data: { expires_at_ms: 1 } })
    await settle()
    expect(hellos).toStrictEqual(['wdn_1', 'wdn_2'])
    endpoint.socket.drop(4401)
    await settle()
    const answer = client.query('select 1')
    await settle()
    expect(hellos).toStrictEqual(['wdn_1', 'wdn_2', 'wdn_3'])
    const [request] = endpoint.socket.requests
    if (request) endpoint.socket.complete(request)
    await answer
  })

  test('is forgotten when it expires', async () => {
    const endpoint = new ScriptedEndpoint()
    const expiresAtMs = 1_700_000_000_000 + 5_000
    endpoint.hello = { token_expires_at_ms: expiresAtMs }
    const { client, clock } = await open(endpoint)
    clock.advance(5_000)
    endpoint.socket.drop(4401)
    await settle()
    await expect(client.query('select 1')).rejects.toMatchObject({ code: 'unauthorized' })
    expect(endpoint.sockets).toHaveLength(1)
  })
})

async function openWithProvider(endpoint: ScriptedEndpoint, tokenProvider: () => string) {
  const clock = new TestClock()
  const { webSocket } = endpoint
  const client = await WardianClient.open(
    { url: 'ws://127.0.0.1:5480', tokenProvider, tenant: 'playground', encoding: 'json', webSocket, clock },
    scriptReaders(),
  )
  clients.push(client)
  return { client, clock }
}
