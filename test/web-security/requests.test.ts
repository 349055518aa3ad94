/**
 * Goal: nothing reaches a protocol of the web endpoint but what a program or an allowed page has sent. Method: bytes on
 * sockets, since no HTTP library lets one send them, to an endpoint whose protocol counts what gets there.
 */

import { networkInterfaces } from 'node:os'
import { connect } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { present } from '../../src/base/assert.ts'
import { expectNoLeaks } from '../support/leak-check.ts'
import { rawRequest, upgradeLines } from '../support/raw-http.ts'
import { probeBodyBytesMax, webProbes, type WebProbe } from '../support/web-probe.ts'

const json = 'Content-Type: application/json'
const protocol = 'Sec-WebSocket-Protocol: echo.v1'

describe('the web endpoint', () => {
  expectNoLeaks()
  const probes = webProbes()
  let opened: WebProbe | null = null
  const probe = (): WebProbe => present(opened, 'the endpoint')
  beforeEach(async () => {
    opened = await probes.open()
  })
  afterEach(() => {
    opened = null
  })

  const host = (): string => `Host: 127.0.0.1:${probe().port}`
  async function post(headers: readonly string[], body = '1', target = '/ask'): Promise<number> {
    const lines = [
      `POST ${target} HTTP/1.1`,
      ...headers,
      `Content-Length: ${body.length}`,
      'Connection: close',
    ]
    return (await rawRequest(probe().port, lines, body)).status
  }
  async function upgrade(headers: readonly string[], path = '/echo'): Promise<number> {
    return (await rawRequest(probe().port, upgradeLines(path, headers))).status
  }

  it('listens on loopback addresses alone', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4')
    for (const { address } of others) {
      const socket = connect(probe().port, address)
      const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
      expect(error.code).toBe('ECONNREFUSED')
    }
    expect(await post([host(), json])).toBe(200)
  })

  it('refuses another address without TLS', async () => {
    for (const address of ['0.0.0.0', '::', '192.0.2.1']) {
      await expect(probes.open({ address })).rejects.toMatchObject({ code: 'invalid-argument' })
    }
  })

  it('answers to its own names', async () => {
    const { port } = probe()
    for (const name of ['127.0.0.1', 'localhost', '[::1]']) {
      expect(await post([`Host: ${name}:${port}`, json])).toBe(200)
      expect(await upgrade([`Host: ${name}:${port}`, protocol])).toBe(101)
    }
  })

  it('refuses every other Host, whatever is asked for, and how', async () => {
    const { port } = probe()
    const strangers = [
      ...['evil.example', `evil.example:${port}`, `localhost.evil.com:${port}`, `127.0.0.1.nip.io:${port}`],
      ...[
        `localhost.:${port}`,
        `127.0.0.1.:${port}`,
        'localhost',
        '127.0.0.1',
        `127.1:${port}`,
        `0.0.0.0:${port}`,
      ],
      ...[
        `2130706433:${port}`,
        `localhost:${port + 1}`,
        `LOCALHOST:${port}`,
        `user@localhost:${port}`,
        '',
        ':',
      ],
    ]
    for (const stranger of strangers) {
      const line = `Host: ${stranger}`
      expect([400, 421], stranger).toContain(await post([line, json]))
      expect([400, 421], stranger).toContain(await upgrade([line, protocol]))
      for (const method of ['GET', 'OPTIONS', 'DELETE', 'PUT', 'HEAD']) {
        const { status } = await rawRequest(port, [`${method} /healthz HTTP/1.1`, line, 'Connection: close'])
        expect([400, 421], `${method} ${stranger}`).toContain(status)
      }
    }
    expect(probe()).toMatchObject({ accepted: [], answered: [] })
  })

  it('refuses no Host, two of them, and targets that are no path', async () => {
    const { port } = probe()
    expect(await post([json])).toBe(400)
    expect(await upgrade([protocol])).toBe(400)
    for (const second of [host(), 'Host: evil.example']) {
      expect(await post([host(), second, json])).toBe(400)
      expect(await upgrade([host(), second, protocol])).toBe(400)
    }
    for (const target of [
      `http://127.0.0.1:${port}/ask`,
      'http://evil.example/ask',
      '//evil.example/ask',
      '*',
    ]) {
      expect(await post([host(), json], '1', target)).toBe(400)
    }
    expect(await upgrade([host(), protocol], `http://127.0.0.1:${port}/echo`)).toBe(400)
    const { status } = await rawRequest(port, ['POST /ask HTTP/1.0', json, 'Content-Length: 1'], '1')
    expect(status).toBe(400)
    expect(probe()).toMatchObject({ accepted: [], answered: [] })
  })

  it('lets in programs, its own pages and those of the list', async () => {
    const { port } = probe()
    for (const origin of [`http://127.0.0.1:${port}`, 'https://shop.example']) {
      expect(await post([host(), json, `Origin: ${origin}`])).toBe(200)
      expect(await upgrade([host(), protocol, `Origin: ${origin}`])).toBe(101)
    }
    expect(await upgrade([host(), protocol])).toBe(101)
  })

  it('refuses pages of every other origin before the upgrade', async () => {
    const { port } = probe()
    const strangers = [
      ...[
        'null',
        'https://evil.example',
        'http://shop.example',
        'https://shop.example:444',
        'HTTPS://SHOP.EXAMPLE',
      ],
      ...['https://shop.example.evil.com', 'https://evilshop.example', 'https://shop.example/', 'file://'],
      ...[`http://localhost:${port + 1}`, `http://localhost.evil:${port}`, `https://127.0.0.1:${port}`, ''],
      ...['http://localhost', 'chrome-extension://abcdef', 'https://shop.example, https://shop.example'],
    ]
    for (const origin of strangers) {
      expect(await upgrade([host(), protocol, `Origin: ${origin}`]), origin).toBe(403)
      expect(await post([host(), json, `Origin: ${origin}`]), origin).toBe(403)
    }
    const twice = ['Origin: https://shop.example', 'Origin: https://shop.example']
    expect(await upgrade([host(), protocol, ...twice])).toBe(403)
    expect(probe()).toMatchObject({ accepted: [], answered: [] })
  })

  it('refuses what pages of other sites send without an Origin', async () => {
    for (const site of ['cross-site', 'same-site']) {
      expect(await post([host(), json, `Sec-Fetch-Site: ${site}`])).toBe(403)
      expect(await upgrade([host(), protocol, `Sec-Fetch-Site: ${site}`])).toBe(403)
    }
    const listed = 'Origin: https://shop.example'
    expect(await upgrade([host(), protocol, listed, 'Sec-Fetch-Site: cross-site'])).toBe(101)
    expect(await post([host(), json, 'Sec-Fetch-Site: same-origin'])).toBe(200)
    expect(probe().answered).toHaveLength(1)
  })

  it('takes no form, and nothing else that a page can send without being asked', async () => {
    const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']
    for (const type of [...types, 'text/plain; application/json', 'application/jsonp']) {
      expect(await post([host(), `Content-Type: ${type}`]), type).toBe(415)
    }
    expect(await post([host()])).toBe(415)
    expect(await post([host(), json, 'Content-Type: text/plain'])).toBe(415)
    expect(await post([host(), 'Content-Type: text/plain', 'X-Echo: 1'])).toBe(200)
    expect(await post([host(), 'Content-Type: application/json; charset=utf-8'])).toBe(200)
  })

  it('writes nothing by GET, or by any other method', async () => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'TRACE']) {
      const lines = [`${method} /ask HTTP/1.1`, host(), json, 'X-Echo: 1', 'Connection: close']
      expect((await rawRequest(probe().port, lines)).status).toBe(405)
    }
    expect(probe().answered).toEqual([])
  })

  it('tells pages of the list, and no other, what they may do', async () => {
    const { port } = probe()
    const preflight = [
      'OPTIONS /ask HTTP/1.1',
      host(),
      'Access-Control-Request-Method: POST',
      'Connection: close',
    ]
    const { status, headers } = await rawRequest(port, [...preflight, 'Origin: https://shop.example'])
    expect(status).toBe(204)
    expect(Object.fromEntries(headers)).toMatchObject({
      'access-control-allow-origin': 'https://shop.example',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type, authorization, x-echo',
      vary: 'Origin',
    })
    for (const origin of ['https://evil.example', 'null']) {
      const refused = await rawRequest(port, [...preflight, `Origin: ${origin}`])
      expect(refused.status).toBe(403)
      expect([...refused.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    }
    const lines = ['POST /ask HTTP/1.1', host(), json, 'Origin: https://shop.example', 'Content-Length: 1']
    const answer = await rawRequest(port, [...lines, 'Connection: close'], '1')
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    for (const { headers: told } of [answer, { headers }]) {
      expect(told.has('access-control-allow-credentials')).toBe(false)
      expect(told.has('access-control-allow-private-network')).toBe(false)
      expect([...told.values()]).not.toContain('*')
    }
  })

  it('says that it is up, and nothing else, to whoever asks it by its name', async () => {
    const { port } = probe()
    const reply = await rawRequest(port, ['GET /healthz HTTP/1.1', host(), 'Connection: close'])
    expect(reply).toMatchObject({ status: 200, body: '{"status":"ok"}\n' })
    expect(reply.headers.has('access-control-allow-origin')).toBe(false)
    expect((await rawRequest(port, ['POST /healthz HTTP/1.1', host(), 'Connection: close'])).status).toBe(405)
    expect((await rawRequest(port, ['GET / HTTP/1.1', host(), 'Connection: close'])).status).toBe(404)
    expect((await rawRequest(port, ['GET /echo HTTP/1.1', host(), 'Connection: close'])).status).toBe(426)
  })

  it('asks for a subprotocol that it knows, and echoes one', async () => {
    expect(await upgrade([host()])).toBe(400)
    expect(await upgrade([host(), 'Sec-WebSocket-Protocol: other'])).toBe(400)
    const lines = upgradeLines('/echo', [host(), 'Sec-WebSocket-Protocol: other, echo.v2'])
    const { headers } = await rawRequest(probe().port, lines)
    expect(headers.get('sec-websocket-protocol')).toBe('echo.v2')
    expect(await upgrade([host(), protocol], '/nowhere')).toBe(404)
  })

  it('refuses bodies that announce too much, and tells of its own failures no more than that', async () => {
    expect(await post([host(), json], '"'.repeat(probeBodyBytesMax + 1))).toBe(413)
    expect(await post([host(), json], '"fail"')).toBe(500)
    expect(probe().logged.join('\n')).toContain('A request to /ask could not be answered: Error: no')
  })

  it('logs what it refuses, and nothing that may be a secret', async () => {
    const secret = 'wdn_0123456789abcdef0123456789abcdef0123456789a'
    await upgrade(
      ['Host: evil.example', protocol, `Authorization: Bearer ${secret}`],
      `/echo?token=${secret}`,
    )
    await post([host(), `Neon-Connection-String: postgres://a:${secret}@h/d`], secret)
    expect(probe().logged).toHaveLength(2)
    expect(probe().logged.join('\n')).toContain('GET "/echo" from 127.0.0.1: 421')
    expect(probe().logged.join('\n')).not.toContain('0123456789')
  })
})
