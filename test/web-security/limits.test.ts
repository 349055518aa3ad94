/**
 * Goal: a client that is slow, large or numerous costs the web endpoint little, and nobody else anything. Method: such
 * clients on real sockets; the bounds themselves end the waits, so no test sleeps.
 */

import { once } from 'node:events'
import { connect, Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { present } from '../../src/base/assert.ts'
import { listenForWeb } from '../../src/main/endpoints/web/web-listeners.ts'
import { expectNoLeaks } from '../support/leak-check.ts'
import { rawRequest } from '../support/raw-http.ts'
import { closeCode, handshakeStatus, probeMessageBytesMax, webProbes } from '../support/web-probe.ts'

/** Bounds of 3 s, on a machine that may be busy. */
const patienceMs = 60_000

describe('bounds of the web endpoint', { timeout: patienceMs }, () => {
  expectNoLeaks()
  const probes = webProbes()
  const sockets: Socket[] = []
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy()
  })

  function dial(port: number): Socket {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.resume()
    sockets.push(socket)
    return socket
  }

  it('cuts who says nothing, and who never comes to the end of a request', async () => {
    const { port } = await probes.open()
    const silent = dial(port)
    const slow = dial(port)
    slow.write(`GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-Slow: `)
    await Promise.all([once(silent, 'close'), once(slow, 'close')])
    const healthy = await rawRequest(port, [
      'GET /healthz HTTP/1.1',
      `Host: 127.0.0.1:${port}`,
      'Connection: close',
    ])
    expect(healthy.status).toBe(200)
  })

  it('refuses headers of more than 16 KiB and targets of more than 2 KiB', async () => {
    const { port } = await probes.open()
    const head = ['GET /healthz HTTP/1.1', `Host: 127.0.0.1:${port}`, 'Connection: close']
    const large = await rawRequest(port, [...head, `X-Large: ${'x'.repeat(16 << 10)}`])
    expect([0, 431]).toContain(large.status)
    const long = await rawRequest(port, [`GET /${'x'.repeat(2_048)} HTTP/1.1`, ...head.slice(1)])
    expect(long.status).toBe(400)
  })

  it('closes with 1009 who sends a larger message than its protocol takes, and no other', async () => {
    const probe = await probes.open()
    const [one, other] = [probes.socket(probe), probes.socket(probe)]
    await Promise.all([once(one, 'open'), once(other, 'open')])
    one.send('x'.repeat(probeMessageBytesMax + 1))
    expect(await closeCode(one)).toBe(1009)
    other.send('x'.repeat(probeMessageBytesMax))
    const [echoed] = (await once(other, 'message')) as [Buffer]
    expect(echoed).toHaveLength(probeMessageBytesMax)
  })

  it('counts a compressed message by what it becomes', async () => {
    const probe = await probes.open({ compresses: true })
    const socket = probes.socket(probe, '/echo', { perMessageDeflate: { threshold: 0 } })
    await once(socket, 'open')
    expect(socket.extensions).toBe('permessage-deflate')
    // Some kilobytes on the wire.
    socket.send(Buffer.alloc(8 << 20))
    expect(await closeCode(socket)).toBe(1009)
  })

  it('compresses nothing unless it is switched on', async () => {
    const probe = await probes.open()
    const socket = probes.socket(probe, '/echo', { perMessageDeflate: true })
    await once(socket, 'open')
    expect(socket.extensions).toBe('')
  })

  it('takes as many sockets as it is set to, and the next one when one has gone', async () => {
    const probe = await probes.open({ connectionsMax: 2 })
    const first = probes.socket(probe)
    const second = probes.socket(probe)
    expect(await Promise.all([handshakeStatus(first), handshakeStatus(second)])).toEqual([101, 101])
    expect(await handshakeStatus(probes.socket(probe))).toBe(503)
    first.close()
    await once(first, 'close')
    await expect
      .poll(() => handshakeStatus(probes.socket(probe)), { timeout: patienceMs, interval: 100 })
      .toBe(101)
  })

  it('takes 64 connections of another machine, the next one when one has gone, and any number of its own', async () => {
    const place = { address: null, port: 0, connectionsMax: 1_000, tls: null }
    const { servers } = await listenForWeb(place)
    const server = present(servers[0], 'the server')
    /** As the system would hand it over: a socket of a machine that this one cannot be. */
    const come = (remoteAddress: string): Socket => {
      const socket = new Socket()
      sockets.push(socket)
      Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress })
      server.emit('connection', socket)
      return socket
    }
    const stay = (all: readonly Socket[]): number => all.filter(({ destroyed }) => !destroyed).length
    const fromOne = Array.from({ length: 65 }, () => come('203.0.113.7'))
    expect([stay(fromOne), fromOne[64]?.destroyed]).toEqual([64, true])
    expect(stay([come('203.0.113.8'), come('2001:db8::7')])).toBe(2)
    const own = ['127.0.0.1', '::1'].flatMap((address) => Array.from({ length: 65 }, () => come(address)))
    expect(stay(own)).toBe(130)
    const [first] = fromOne
    first?.destroy()
    await once(present(first, 'a socket'), 'close')
    expect([come('203.0.113.7'), come('203.0.113.7')].map(({ destroyed }) => destroyed)).toEqual([
      false,
      true,
    ])
    for (const each of servers) each.close()
  })

  it('cuts whoever does not go when it stops', async () => {
    const probe = await probes.open()
    const socket = probes.socket(probe)
    await once(socket, 'open')
    const deaf = dial(probe.port)
    await once(deaf, 'connect')
    // It never answers the closing handshake, since it never reads.
    socket.pause()
    await probe.endpoint.close()
    await expect.poll(() => probe.endpoint.socketCount).toBe(0)
    expect((await rawRequest(probe.port, ['GET / HTTP/1.1']).catch(() => null))?.status ?? 0).toBe(0)
  })
})
