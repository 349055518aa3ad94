/**
 * Goal: every line of the localhost checklist that applies to this endpoint, over real sockets. Method: one
 * endpoint for each test with a tiny page, requests as raw bytes, so that nothing corrects them on the way.
 */

import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock, TestClock } from '../../base/clock.ts'
import { clientMessageBytesMax } from '../../contract/limits.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { rawRequest, upgradeLines } from '../../../test/support/raw-http.ts'
import { contentSecurityPolicy } from '../page/content-security-policy.ts'
import { PageFiles } from '../page/page-files.ts'
import { loginCodeLifeMs, newAccessSecrets, proofOf, type AccessSecrets } from './access-control.ts'
import { loginFailuresMax, loginWindowMs } from './login-limiter.ts'
import { WorkbenchEndpoint } from './workbench-endpoint.ts'

let folder: string
let endpoint: WorkbenchEndpoint
let secrets: AccessSecrets
let clock: TestClock
let sockets: WebSocket[]
let failures: unknown[]
let unready: string | null

const metricsToken = 'm'.repeat(43)

expectNoLeaks()

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wardian-endpoint-'))
  await mkdir(join(folder, 'page', 'assets'), { recursive: true })
  await writeFile(join(folder, 'page', 'index.html'), '<!doctype html><title>Wardian</title>')
  await writeFile(join(folder, 'page', 'assets', 'index-abc.js'), 'export {}')
  await writeFile(join(folder, 'secret.txt'), 'not for you')
  clock = new TestClock()
  secrets = newAccessSecrets(null)
  sockets = []
  failures = []
  unready = null
  endpoint = await listen(0)
})

afterEach(async () => {
  const closed = endpoint.close()
  clock.advance(10_000)
  await closed
  await rm(folder, { recursive: true, force: true })
  expect(failures).toEqual([])
})

async function listen(port: number): Promise<WorkbenchEndpoint> {
  return WorkbenchEndpoint.listen({
    port,
    secrets,
    clock,
    pages: await PageFiles.read(join(folder, 'page')),
    onSocket: (socket) => sockets.push(socket),
    onFailure: (error) => failures.push(error),
    operations: {
      unreadiness: () => Promise.resolve(unready),
      metrics: (accept) => Promise.resolve({ contentType: `text/plain; of=${accept}`, text: 'a_metric 1\n' }),
      metricsToken: () => Promise.resolve(metricsToken),
    },
  })
}

const host = (): string => `Host: 127.0.0.1:${endpoint.port}`
const origin = (): string => `Origin: http://127.0.0.1:${endpoint.port}`
const close = 'Connection: close'

async function get(path: string, headers: readonly string[] = [host()]): ReturnType<typeof rawRequest> {
  return rawRequest(endpoint.port, [`GET ${path} HTTP/1.1`, ...headers, close])
}

async function upgrade(headers: readonly string[], path = '/port'): Promise<number> {
  return (await rawRequest(endpoint.port, upgradeLines(path, headers))).status
}

async function logIn(token: string, headers: readonly string[] = [origin()]): ReturnType<typeof rawRequest> {
  const body = JSON.stringify({ token })
  const head = ['POST /session HTTP/1.1', host(), close, 'Content-Type: application/json']
  return rawRequest(endpoint.port, [...head, `Content-Length: ${body.length}`, ...headers], body)
}

const bearer = (token: string): string => `Authorization: Bearer ${token}`

describe('where it listens', () => {
  it('is reachable on 127.0.0.1 and on no other address of the machine', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .map((address) => address.address)
      .filter((address) => address !== '127.0.0.1' && !address.startsWith('fe80'))
    for (const address of others) {
      const socket = connect({ host: address, port: endpoint.port })
      const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
      expect(error.code, address).toBe('ECONNREFUSED')
    }
    expect((await get('/')).status).toBe(200)
  })

  it('says which port is in use and what to do', async () => {
    await expect(listen(endpoint.port)).rejects.toMatchObject({
      code: 'in-use',
      message: expect.stringMatching(new RegExp(`Port ${endpoint.port} is in use.*--port`)),
    })
  })
})

describe('the Host header', () => {
  const foreign = [
    'evil.example',
    'evil.example:PORT',
    'localhost.evil.com:PORT',
    '127.0.0.1.nip.io:PORT',
    'localhost.:PORT',
    'LOCALHOST:PORT',
    'localhost',
    'localhost:1',
    '127.0.0.1:PORT:PORT',
    '0.0.0.0:PORT',
    '127.1:PORT',
    'user@localhost:PORT',
    '',
  ]

  it.each(foreign)('%s is refused, for pages, log-in, proof and upgrade alike', async (name) => {
    const line = `Host: ${name.replaceAll('PORT', String(endpoint.port))}`
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT']) {
      const reply = await rawRequest(endpoint.port, [`${method} /session HTTP/1.1`, line, close])
      expect([400, 421], method).toContain(reply.status)
    }
    expect([400, 421]).toContain((await get('/', [line])).status)
    expect([400, 421]).toContain(await upgrade([line, origin(), bearer(secrets.commandToken)]))
  })

  it('must be there once: none, two and an absolute target are refused', async () => {
    expect((await rawRequest(endpoint.port, ['GET / HTTP/1.1', close])).status).toBe(400)
    expect((await rawRequest(endpoint.port, ['GET / HTTP/1.0'])).status).toBe(421)
    expect((await get('/', [host(), host()])).status).toBe(421)
    expect((await get('/', [host(), 'Host: evil.example'])).status).toBe(421)
    expect((await get(`http://evil.example/`)).status).toBe(400)
    expect((await get('//evil.example/')).status).toBe(400)
  })

  it('may be 127.0.0.1 or localhost', async () => {
    expect((await get('/')).status).toBe(200)
    expect((await get('/', [`Host: localhost:${endpoint.port}`])).status).toBe(200)
  })
})

describe('the Origin header', () => {
  const foreign = [
    'null',
    'file://',
    'http://evil.example',
    'http://localhost:1',
    'http://localhost.evil:PORT',
    'https://127.0.0.1:PORT',
    'http://127.0.0.1:PORT/',
    'http://127.0.0.1',
    'HTTP://127.0.0.1:PORT',
    'http://localhost:PORT',
    'http://127.0.0.1:PORT, http://evil.example',
    '',
  ]

  it.each(foreign)('%s is refused before an upgrade, even with every secret', async (name) => {
    const line = `Origin: ${name.replaceAll('PORT', String(endpoint.port))}`
    const cookie = `Cookie: wardian-${endpoint.port}=${endpoint.access.cookieValue(endpoint.port)}`
    expect(await upgrade([host(), line, cookie])).toBe(403)
    expect(await upgrade([host(), line, bearer(secrets.commandToken)])).toBe(403)
    expect((await logIn(secrets.userToken, [line])).status).toBe(403)
    expect(sockets).toEqual([])
  })

  it('must be there for a browser to log in or to open a socket', async () => {
    const cookie = `Cookie: wardian-${endpoint.port}=${endpoint.access.cookieValue(endpoint.port)}`
    expect((await logIn(secrets.userToken, [])).status).toBe(403)
    expect(await upgrade([host(), cookie])).toBe(403)
    expect(await upgrade([host(), cookie, origin()])).toBe(101)
  })
})

describe('fetch metadata', () => {
  it.each(['cross-site', 'same-site', 'nonsense'])('%s is refused', async (site) => {
    const line = `Sec-Fetch-Site: ${site}`
    expect((await get('/', [host(), line])).status).toBe(403)
    expect((await logIn(secrets.userToken, [origin(), line])).status).toBe(403)
    expect(await upgrade([host(), bearer(secrets.commandToken), line])).toBe(403)
  })

  it.each(['same-origin', 'none'])('%s is served', async (site) => {
    expect((await get('/', [host(), `Sec-Fetch-Site: ${site}`])).status).toBe(200)
  })
})

describe('the token', () => {
  it('opens a socket as a bearer token, and nothing else does', async () => {
    expect(await upgrade([host(), bearer(secrets.commandToken)])).toBe(101)
    expect(await upgrade([host(), bearer(secrets.userToken)])).toBe(101)
    const wrong = [
      [],
      [bearer('')],
      [bearer(`${secrets.commandToken}x`)],
      [bearer(secrets.commandToken.slice(0, -1))],
      [`Authorization: Basic ${secrets.commandToken}`],
      [bearer('x'.repeat(4_000))],
      [`Cookie: wardian-${endpoint.port}=${secrets.userToken}`, origin()],
      [`Cookie: wardian-1=${endpoint.access.cookieValue(endpoint.port)}`, origin()],
    ]
    for (const headers of wrong) expect([401, 403]).toContain(await upgrade([host(), ...headers]))
  })

  it('is not taken from the address', async () => {
    const target = `/port?token=${secrets.userToken}`
    expect(await upgrade([host(), origin()], target)).toBe(401)
  })

  it('logs a browser in with a cookie that scripts and other sites do not get', async () => {
    const reply = await logIn(secrets.userToken)
    expect(reply.status).toBe(204)
    const setCookie = reply.headers.get('set-cookie') ?? ''
    expect(setCookie).toMatch(
      new RegExp(`^wardian-${endpoint.port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/$`),
    )
    expect(setCookie).not.toContain(secrets.userToken)
    const cookie = `Cookie: other=1; ${setCookie.split(';')[0] ?? ''}`
    expect((await get('/session', [host(), cookie])).status).toBe(204)
    expect(await upgrade([host(), origin(), cookie])).toBe(101)
    expect((await get('/session')).status).toBe(401)
  })

  it('is one of 256 bits, and another one at each start', () => {
    const all = [secrets, newAccessSecrets(null)].flatMap((each) => Object.values(each))
    expect(new Set(all).size).toBe(6)
    for (const secret of all) expect(Buffer.from(secret, 'base64url').length).toBe(32)
  })

  it('may be a code that works once and not for long', async () => {
    const code = endpoint.access.issueLoginCode()
    expect((await logIn(code)).status).toBe(204)
    expect((await logIn(code)).status).toBe(401)
    const late = endpoint.access.issueLoginCode()
    clock.advance(loginCodeLifeMs)
    expect((await logIn(late)).status).toBe(401)
    expect(await upgrade([host(), bearer(endpoint.access.issueLoginCode())])).toBe(401)
  })

  it('gives a program with its own token a code for a browser, and nobody else', async () => {
    const ask = (headers: readonly string[]): ReturnType<typeof rawRequest> =>
      rawRequest(endpoint.port, [
        'POST /login-codes HTTP/1.1',
        host(),
        close,
        'Content-Length: 0',
        ...headers,
      ])
    const given = await ask([bearer(secrets.commandToken)])
    expect(given.status).toBe(200)
    const { code } = JSON.parse(given.body) as { code: string }
    expect((await logIn(code)).status).toBe(204)
    const loggedIn = (await logIn(secrets.userToken)).headers.get('set-cookie') ?? ''
    const withCookie = `Cookie: ${loggedIn.split(';')[0] ?? ''}`
    const refused = [[], [bearer(metricsToken)], [bearer('x'.repeat(43))], [withCookie, origin()]]
    for (const headers of refused) expect((await ask(headers)).status).toBe(401)
    const twice = [bearer(secrets.commandToken), bearer(secrets.commandToken)]
    expect((await ask(twice)).status).toBe(401)
    const foreign = [bearer(secrets.commandToken), 'Origin: http://evil.example']
    expect((await ask(foreign)).status).toBe(403)
  })

  it('cannot be sent by a form of another page', async () => {
    const body = JSON.stringify({ token: secrets.userToken })
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', '']) {
      const lines = ['POST /session HTTP/1.1', host(), close, origin(), `Content-Type: ${type}`]
      const reply = await rawRequest(endpoint.port, [...lines, `Content-Length: ${body.length}`], body)
      expect(reply.status, type).toBe(415)
    }
  })

  it('is guessed slowly: after ten failures nobody is heard for half a minute', async () => {
    for (let guess = 0; guess < loginFailuresMax; guess++)
      expect((await logIn(`wrong ${guess}`)).status).toBe(401)
    const reply = await logIn(secrets.userToken)
    expect(reply.status).toBe(429)
    expect(reply.headers.get('retry-after')).toBe(String(loginWindowMs / 1_000))
    expect(await upgrade([host(), bearer('wrong')])).toBe(429)
    clock.advance(loginWindowMs)
    expect((await logIn(secrets.userToken)).status).toBe(204)
  })

  it('keeps a browser that is logged in while others guess', async () => {
    for (let guess = 0; guess < loginFailuresMax; guess++) await logIn(`wrong ${guess}`)
    const cookie = `Cookie: wardian-${endpoint.port}=${endpoint.access.cookieValue(endpoint.port)}`
    expect(await upgrade([host(), origin(), cookie])).toBe(101)
  })
})

describe('the proof', () => {
  it('shows the knowledge of the key, for the nonce that was sent', async () => {
    const nonce = 'a'.repeat(43)
    const reply = await get(`/proof?nonce=${nonce}`)
    expect(JSON.parse(reply.body)).toEqual({ proof: proofOf(secrets.proofKey, nonce) })
    expect(reply.body).not.toContain(secrets.proofKey)
  })

  it.each(['', 'short', 'x'.repeat(129), 'a%20b'.repeat(10)])('refuses the nonce "%s"', async (nonce) => {
    expect((await get(`/proof?nonce=${nonce}`)).status).toBe(400)
  })
})

describe('the page', () => {
  it('is served with the policy and the other headers', async () => {
    const reply = await get('/')
    expect(reply.status).toBe(200)
    expect(reply.body).toContain('<title>Wardian</title>')
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      'content-security-policy': contentSecurityPolicy,
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    })
    expect([...reply.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  it('is not sent again when the browser has it', async () => {
    const first = await get('/assets/index-abc.js')
    expect(first.headers.get('cache-control')).toBe('private, max-age=31536000, immutable')
    const again = await get('/assets/index-abc.js', [
      host(),
      `If-None-Match: ${first.headers.get('etag') ?? ''}`,
    ])
    expect([again.status, again.body]).toEqual([304, ''])
  })

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/../../secret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/assets/%2e%2e%2f%2e%2e%2fsecret.txt',
    '/assets/',
    '/index.html%00.js',
    '/INDEX.HTML',
    '/nothing',
    '/__proto__',
  ])('%s leads nowhere', async (path) => {
    const reply = await get(path)
    expect(reply.status).toBe(404)
    expect(reply.body).not.toContain('not for you')
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'])('cannot be asked for with %s', async (method) => {
    const reply = await rawRequest(endpoint.port, [`${method} / HTTP/1.1`, host(), origin(), close])
    expect(reply.status).toBe(405)
  })
})

describe('limits', () => {
  it('a head that never ends is cut off', async () => {
    await endpoint.close()
    endpoint = await WorkbenchEndpoint.listen({
      port: 0,
      secrets,
      clock: systemClock,
      pages: null,
      onSocket: () => undefined,
      onFailure: (error) => failures.push(error),
    })
    const socket = connect(endpoint.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write('GET / HTTP/1.1\r\nX-Slow: ')
    await once(socket.resume(), 'close')
    expect((await get('/')).status).toBe(404)
  })

  it('headers and bodies beyond what a browser sends are refused', async () => {
    expect((await get('/', [host(), `X-Long: ${'x'.repeat(20_000)}`])).status).not.toBe(200)
    const body = JSON.stringify({ token: 'x'.repeat(2_000) })
    const head = ['POST /session HTTP/1.1', host(), close, origin(), 'Content-Type: application/json']
    const reply = await rawRequest(endpoint.port, [...head, `Content-Length: ${body.length}`], body)
    expect(reply.status).toBe(413)
  })

  it.each(['', '{', '[]', '{"token":1}', 'null'])('the log-in body %s is refused', async (body) => {
    const head = ['POST /session HTTP/1.1', host(), close, origin(), 'Content-Type: application/json']
    const reply = await rawRequest(endpoint.port, [...head, `Content-Length: ${body.length}`], body)
    expect(reply.status).toBe(400)
  })

  it('a message larger than the contract allows ends its socket, and only that', async () => {
    const [client, other] = [await openSocket(), await openSocket()]
    for (const socket of sockets) socket.on('error', () => undefined)
    const closed = once(client, 'close')
    client.send(Buffer.alloc(2 * clientMessageBytesMax))
    const [code] = (await closed) as [number]
    expect(code).toBe(1009)
    expect(other.readyState).toBe(WebSocket.OPEN)
    other.terminate()
  })

  it('no compression is agreed on, so nothing can inflate', async () => {
    const client = await openSocket()
    expect(client.extensions).toBe('')
    client.terminate()
  })

  it('the 65th window is refused', async () => {
    const clients: WebSocket[] = []
    for (let index = 0; index < 64; index++) clients.push(await openSocket())
    expect(await upgrade([host(), bearer(secrets.commandToken)])).toBe(503)
    for (const client of clients) client.terminate()
  })
})

describe('closing', () => {
  it('says goodbye to clients and frees the port', async () => {
    const client = await openSocket()
    const goodbye = once(client, 'close')
    const port = endpoint.port
    await endpoint.close()
    expect((await goodbye)[0]).toBe(1001)
    endpoint = await listen(port)
    expect(endpoint.port).toBe(port)
  })
})

async function openSocket(): Promise<WebSocket> {
  const client = new WebSocket(`ws://127.0.0.1:${endpoint.port}/port`, {
    headers: { Authorization: `Bearer ${secrets.commandToken}` },
  })
  await once(client, 'open')
  return client
}

describe('what programs that look after the host ask', () => {
  it('is answered without a token about its health, but under no other name', async () => {
    expect(await get('/healthz')).toMatchObject({ status: 200, body: 'ok\n' })
    expect(await get('/readyz')).toMatchObject({ status: 200, body: 'ok\n' })
    unready = 'The store fails (disk-full)'
    expect(await get('/readyz')).toMatchObject({ status: 503, body: 'The store fails (disk-full)\n' })
    expect(await get('/healthz')).toMatchObject({ status: 200 })
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      expect((await get(path, [`Host: evil.example:${endpoint.port}`])).status).toBe(421)
      expect((await get(path, [host(), 'Origin: http://evil.example'])).status).toBe(403)
      expect((await rawRequest(endpoint.port, [`POST ${path} HTTP/1.1`, host(), close])).status).toBe(405)
    }
  })

  it('is answered about metrics with the token for them, which opens nothing else', async () => {
    const bearer = (token: string): string => `Authorization: Bearer ${token}`
    expect((await get('/metrics')).status).toBe(401)
    expect((await get('/metrics', [host(), bearer('wrong')])).status).toBe(401)
    const reply = await get('/metrics', [host(), bearer(metricsToken), 'Accept: text/plain'])
    expect(reply).toMatchObject({ status: 200, body: 'a_metric 1\n' })
    expect(reply.headers.get('content-type')).toBe('text/plain; of=text/plain')
    expect((await get('/metrics', [host(), bearer(secrets.userToken)])).status).toBe(200)
    expect(await upgrade([host(), bearer(metricsToken)])).toBe(401)
  })

  it('is refused after too many wrong tokens', async () => {
    const wrong = [host(), 'Authorization: Bearer wrong']
    for (let count = 0; count < loginFailuresMax; count++) await get('/metrics', wrong)
    expect((await get('/metrics', wrong)).status).toBe(429)
    clock.advance(loginWindowMs)
    expect((await get('/metrics', [host(), `Authorization: Bearer ${metricsToken}`])).status).toBe(200)
  })

  it('counts the bytes of sockets that are open and of those that are closed', async () => {
    await get('/healthz')
    const { receivedBytes, sentBytes } = endpoint.traffic.count
    expect(receivedBytes).toBeGreaterThan(30)
    expect(sentBytes).toBeGreaterThan(100)
  })
})
