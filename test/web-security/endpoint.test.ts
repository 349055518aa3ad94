/**
 * Goal: with everything put together, a token is the only way in, lets in where it says, and is over when it is
 * revoked; nothing tells it. Method: a real host and engine, the endpoint started and set as a window does it, bytes
 * as clients send them.
 */

import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { get as secureGet } from 'node:https'
import { createServer, type AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { present } from '../../src/base/assert.ts'
import { systemClock } from '../../src/base/clock.ts'
import type { TokenWish, WebEndpoint } from '../../src/contract/web-endpoint.ts'
import { startHost, type WorkbenchHost } from '../../src/main/host/workbench-host.ts'
import { connect, type WorkbenchClient } from '../support/client-fixture.ts'
import { openTimeoutMs } from '../support/engine-fixture.ts'
import { rawRequest } from '../support/raw-http.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { memoryWorkbench } from '../support/wire-workbench.ts'

interface Frame {
  readonly meta: { readonly type: string; readonly request_id?: string }
  readonly data?: Readonly<Record<string, unknown>>
  readonly error?: { readonly code: string; readonly message: string }
}

const query = { type: 'query' }
const never = 'wdn_0123456789abcdef0123456789abcdef0123456789a'
const jwt = 'eyJhbGciOiJub25lIn0.eyJyb2xlIjoicG9zdGdyZXMifQ.'

describe('the web endpoint of a host', { timeout: openTimeoutMs }, () => {
  const path = temporaryDirectory()
  const lines: string[] = []
  const sockets: WebSocket[] = []
  const made: { host?: WorkbenchHost; client?: WorkbenchClient; shopId?: string; endpoint?: WebEndpoint } = {}
  const client = (): WorkbenchClient => present(made.client, 'the client')
  const url = (): string => present(made.endpoint?.url, 'the address')
  const shopId = (): string => present(made.shopId, 'the instance')

  beforeAll(async () => {
    const write = (message: string, error?: unknown): void =>
      void lines.push(`${message} ${error instanceof Error ? error.message : ''}`)
    made.host = await startHost({
      ...{ dataDirectory: path('data'), shell: 'command', clock: systemClock },
      log: { info: write, warn: write, error: write },
    })
    made.shopId = await memoryWorkbench(made.host, 'shop')
    await memoryWorkbench(made.host, 'other')
    made.client = connect(made.host)
    await client().call('log.setSettings', { level: 'trace', terminalLevel: 'debug' })
    const before = await client().call('web.describe', null)
    expect(before).toMatchObject({ state: 'off', url: null, clientCount: 0 })
    made.endpoint = await client().call('web.start', { port: 0 })
  }, openTimeoutMs)
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.terminate()
  })
  afterAll(async () => {
    client().dispose()
    await made.host?.stop()
  })

  async function token(
    wish: Partial<TokenWish> = {},
  ): Promise<{ readonly id: string; readonly secret: string }> {
    const { token: created, secret } = await client().call('web.createToken', {
      ...{ label: 'a test', instanceIds: [shopId()], access: 'read-only', role: null, expiresAtMs: null },
      ...wish,
    })
    return { id: created.id, secret }
  }

  async function open(): Promise<WebSocket> {
    const socket = new WebSocket(`${url().replace('http', 'ws')}/v1`, 'wardian.v1.json')
    sockets.push(socket)
    await once(socket, 'open')
    return socket
  }

  let count = 0
  async function ask(socket: WebSocket, request: object, data: object): Promise<Frame> {
    count += 1
    const id = String(count)
    const answer = new Promise<Frame>((resolve) => {
      const listen = (text: Buffer): void => {
        for (const frame of [JSON.parse(text.toString()) as Frame | Frame[]].flat()) {
          if (frame.meta.request_id !== id) continue
          socket.off('message', listen)
          resolve(frame)
        }
      }
      socket.on('message', listen)
    })
    socket.send(JSON.stringify({ meta: { ...request, request_id: id }, data }))
    return answer
  }

  async function hello(secret: string, tenant = 'shop'): Promise<{ socket: WebSocket; frame: Frame }> {
    const socket = await open()
    return {
      socket,
      frame: await ask(socket, { type: 'hello', tenant }, { token: secret, client: 'a test/1' }),
    }
  }

  async function post(headers: Readonly<Record<string, string>>, query: string): Promise<Response> {
    const body = JSON.stringify({ query, params: [] })
    return fetch(`${url()}/sql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body,
    })
  }
  const asNeon = (secret: string, database = 'shop'): Readonly<Record<string, string>> => ({
    'Neon-Connection-String': `postgres://me:${secret}@db.localhost/${database}`,
  })

  it('lets in a token, as the role and with the rights that it was made for', async () => {
    const { secret } = await token()
    const { socket, frame } = await hello(secret)
    expect(frame).toMatchObject({
      meta: { type: 'hello_ok' },
      data: { access: 'read-only', tenants: ['shop'] },
    })
    const sql = `select current_user, current_setting('transaction_read_only')`
    expect(await ask(socket, query, { sql })).toMatchObject({ data: { rows: [['wardian_reader', 'on']] } })
    for (const write of ['create table t (id int)', 'set transaction_read_only = off', 'begin read write']) {
      const refused = await ask(socket, query, { sql: write })
      expect(refused.meta.type, write).toBe('error')
    }
    const answer = await post(asNeon(secret), 'select current_user as who')
    expect(await answer.json()).toMatchObject({ rows: [{ who: 'wardian_reader' }] })
    const refused = await post(asNeon(secret), 'create table t (id int)')
    expect(refused.status).toBe(400)
  })

  it('keeps out every other token, JWTs and passwords among them', async () => {
    for (const wrong of [never, jwt, 'postgres', '']) {
      const socket = await open()
      const closed = once(socket, 'close')
      socket.send(
        JSON.stringify({ meta: { type: 'hello', request_id: '0', tenant: 'shop' }, data: { token: wrong } }),
      )
      const [code] = (await closed) as [number]
      expect([4400, 4401], wrong).toContain(code)
      expect((await post(asNeon(wrong === '' ? 'x' : wrong), 'select 1')).ok, wrong).toBe(false)
      expect((await post({ Authorization: `Bearer ${wrong}` }, 'select 1')).ok, wrong).toBe(false)
    }
    expect((await post({}, 'select 1')).ok).toBe(false)
  })

  it('takes no token from an address', async () => {
    const { secret } = await token()
    const socket = new WebSocket(`${url().replace('http', 'ws')}/v1?token=${secret}`, 'wardian.v1.json')
    sockets.push(socket)
    await once(socket, 'open')
    const refused = await ask(socket, query, { sql: 'select 1' }).catch(() => null)
    expect(refused?.meta.type ?? 'error').toBe('error')
    const body = '{"query":"select 1","params":[]}'
    const lines = [
      `POST /sql?token=${secret} HTTP/1.1`,
      ...[`Host: ${new URL(url()).host}`, 'Content-Type: application/json'],
      ...[`Content-Length: ${body.length}`, 'Connection: close'],
    ]
    expect((await rawRequest(Number(new URL(url()).port), lines, body)).status).toBeGreaterThanOrEqual(400)
  })

  it('shows a token no instance but its own, whether it is there or not', async () => {
    const { secret } = await token()
    const { socket } = await hello(secret)
    const answers = await Promise.all(
      ['other', 'nowhere', 'postgres'].map((tenant) =>
        ask(socket, { ...query, tenant }, { sql: 'select 1' }),
      ),
    )
    expect(new Set(answers.map(({ error }) => error?.code))).toEqual(new Set(['unknown_tenant']))
    const refused = await Promise.all(
      ['other', 'nowhere'].map((name) => post(asNeon(secret, name), 'select 1')),
    )
    const texts = await Promise.all(refused.map((each) => each.text()))
    expect(texts[0]?.replace('other', 'nowhere')).toBe(texts[1])
  })

  it('dials nobody whom a client names', async () => {
    const { secret } = await token()
    const socket = new WebSocket(`${url().replace('http', 'ws')}/v2?address=127.0.0.1:1`)
    sockets.push(socket)
    await once(socket, 'open')
    socket.close()
    const answer = await post(asNeon(secret), 'select 1 as one')
    expect(await answer.json()).toMatchObject({ rows: [{ one: 1 }] })
  })

  it('ends what a token has let in, at once, when it is revoked', async () => {
    const { id, secret } = await token({ access: 'read-write' })
    const { socket } = await hello(secret)
    await ask(socket, { ...query, session: 'a' }, { sql: 'begin' })
    await ask(socket, { ...query, session: 'a' }, { sql: 'create table gone (id int)' })
    const closed = once(socket, 'close')
    await client().call('web.revokeToken', { tokenId: id })
    const [code] = (await closed) as [number]
    expect(code).toBe(4401)
    expect((await post(asNeon(secret), 'select 1')).ok).toBe(false)
    const other = await hello((await token({ access: 'read-write' })).secret)
    const { data } = await ask(other.socket, query, { sql: `select to_regclass('gone')::text` })
    expect(data?.['rows']).toEqual([[null]])
  })

  it('shows its clients, which can be disconnected', async () => {
    const { socket } = await hello((await token()).secret)
    await ask(socket, query, { sql: 'select 1' })
    const watching = client().stream('endpoint.watchClients', { endpointId: 'web' })
    let clientId = ''
    for await (const { value } of watching) {
      const found = value.clients.find(({ applicationName }) => applicationName === 'a test/1')
      if (!found) continue
      expect(found).toMatchObject({ role: 'wardian_reader', database: 'shop', isEncrypted: false })
      clientId = found.id
      break
    }
    watching.dispose()
    const closed = once(socket, 'close')
    await client().call('endpoint.disconnectClient', { endpointId: 'web', clientId })
    await closed
  })

  it('refuses settings that would let in whom nobody has named', async () => {
    const { options } = await client().call('web.describe', null)
    for (const change of [
      ...[
        { allowedOrigins: ['*'] },
        { allowedOrigins: ['null'] },
        { allowedOrigins: ['https://shop.example/'] },
      ],
      ...[
        { address: '0.0.0.0' },
        { clientAuthorityPath: 'ca.pem' },
        { clientAuthorityPath: '/nowhere/ca.pem' },
      ],
    ]) {
      const configuring = client().call('web.configure', { ...options, ...change })
      await expect(configuring, JSON.stringify(change)).rejects.toMatchObject({ code: 'invalid-argument' })
    }
    expect((await client().call('web.describe', null)).options).toEqual(options)
  })

  it('says what hinders it, and starts with TLS and a certificate that it makes for itself', async () => {
    const { options } = await client().call('web.describe', null)
    const taken = createServer()
    await once(taken.listen(0, '127.0.0.1'), 'listening')
    const { port } = taken.address() as AddressInfo
    const failed = await client().call('web.configure', { ...options, port })
    expect(failed).toMatchObject({ state: 'failed', failure: { code: 'in-use' }, url: null })
    taken.close()
    const off = await client().call('web.configure', { ...options, port: null, tls: 'required' })
    expect(off).toMatchObject({ state: 'off', failure: null })
    made.endpoint = await client().call('web.start', { port: 0 })
    expect(url()).toMatch(/^https:/)
    const ca = await readFile(present(made.endpoint.certificatePath, 'the certificate'))
    const asked = secureGet(`${url()}/healthz`, { ca, agent: false })
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    response.resume()
    expect(response.statusCode).toBe(200)
    await expect(fetch(`${url()}/healthz`)).rejects.toThrow('fetch failed')
    await client().call('web.stop', null)
    await client().call('web.configure', options)
    made.endpoint = await client().call('web.start', { port: 0 })
    expect(url()).toMatch(/^http:/)
  })

  it('says goodbye when it stops, and logs no secret of all this', async () => {
    const { secret } = await token()
    const { socket } = await hello(secret)
    const closed = once(socket, 'close')
    await client().call('web.stop', null)
    const [code] = (await closed) as [number]
    expect(code).toBe(1001)
    await expect(fetch(`${url()}/healthz`)).rejects.toThrow('fetch failed')
    const logged = [...lines, ...(await client().call('log.tail', { linesMax: 1_000 })).lines].join('\n')
    expect(logged).toContain('The web endpoint listens at')
    for (const text of [secret.slice(8), never.slice(8), jwt.slice(0, 20)]) expect(logged).not.toContain(text)
  })
})
