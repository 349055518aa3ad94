/**
 * What is particular to WebSockets: waiting for a slow reader, giving up on one that stands still, and telling why
 * in a close frame. Real sockets of `ws` where a real buffer matters, a stand-in where a browser's does.
 */

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { expectNoLeaks } from '../../test/support/leak-check.ts'
import { probeContract } from '../../test/support/probe-contract.ts'
import { serveProbe } from '../../test/support/probe-server.ts'
import { RawPeer } from '../../test/support/raw-peer.ts'
import { TestClock } from '../base/clock.ts'
import { hostMessageBytesMax } from '../contract/limits.ts'
import { clientPortLimits, hostPortLimits, workerPortLimits } from './message-codec.ts'
import type { Port } from './port.ts'
import { connectContract } from './rpc-client.ts'
import {
  createWebSocketPort,
  openWebSocketPort,
  sendBufferBytesLow,
  webSocketCloseCodes,
  type WebSocketLike,
} from './websocket-port.ts'

const confirmsSending = true

describe('a socket of ws', () => {
  expectNoLeaks()

  let listener: WebSocketServer
  let url: string

  beforeEach(async () => {
    listener = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    await once(listener, 'listening')
    url = `ws://127.0.0.1:${(listener.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    for (const socket of listener.clients) socket.terminate()
    listener.close()
    await once(listener, 'close')
  })

  async function accept(): Promise<{ host: Port; socket: WebSocket }> {
    const socket = new WebSocket(url)
    const accepted = once(listener, 'connection') as Promise<[WebSocket]>
    const opened = once(socket, 'open')
    const [hostSocket] = await accepted
    await opened
    return { host: createWebSocketPort(hostSocket, { limits: hostPortLimits, confirmsSending }), socket }
  }

  it('holds a mark and one chunk for a reader that stands still, however many streams there are', async () => {
    const { host, socket } = await accept()
    const bufferBytes = 200_000
    serveProbe(host)
    const port = createWebSocketPort(socket, { limits: clientPortLimits, confirmsSending })
    const client = connectContract(probeContract, port)
    await client.call('probe.echo', { text: 'there' })
    socket.pause()
    const streams = Array.from({ length: 64 }, () =>
      client.stream('probe.count', { count: 1_000, bufferBytes }, { credit: 64 }),
    )
    let heldBytesMax = 0
    for (let turn = 0; turn < 3_000; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve))
      heldBytesMax = Math.max(heldBytesMax, host.bufferedBytes)
    }
    expect(heldBytesMax).toBeGreaterThan(sendBufferBytesLow)
    expect(heldBytesMax).toBeLessThan(sendBufferBytesLow + bufferBytes + 10_000)
    socket.resume()
    for (const stream of streams) expect((await stream.next()).done).toBe(false)
    client.dispose()
    await once(socket, 'close')
  })

  it('resolves drained when the connection ends meanwhile', async () => {
    const { host, socket } = await accept()
    host.listen({ onMessage: () => undefined, onClose: () => undefined })
    socket.pause()
    for (let sent = 0; sent < 40; sent += 1) host.post({ head: sent, buffers: [new ArrayBuffer(1 << 20)] })
    expect(host.bufferedBytes).toBeGreaterThan(sendBufferBytesLow)
    const drained = host.drained()
    socket.terminate()
    await drained
    expect(host.bufferedBytes).toBe(0)
  })

  it('tells the other side why it closes what is malformed', async () => {
    const { host, socket } = await accept()
    const peer = new RawPeer(host)
    socket.send('no lengths')
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
    expect([code, reason.toString()]).toEqual([4007, 'The message has no line of lengths'])
    expect(await peer.closed()).toBe('The message has no line of lengths')
  })

  it('closes with a long reason cut to what fits, at a character', async () => {
    const { host, socket } = await accept()
    host.close('€'.repeat(100))
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
    expect([code, reason.toString()]).toEqual([4000, '€'.repeat(41)])
  })

  it('says what went wrong when nobody answers', async () => {
    const nowhere = new WebSocket('ws://127.0.0.1:1')
    const open = openWebSocketPort(nowhere, { limits: clientPortLimits, confirmsSending })
    await expect(open).rejects.toMatchObject({
      code: 'disconnected',
      message: expect.stringContaining('ECONNREFUSED') as string,
    })
  })

  it('gives its port a reason when the connection breaks without a close frame', async () => {
    const { host, socket } = await accept()
    const peer = new RawPeer(host)
    socket.terminate()
    expect(await peer.closed()).toBe('The connection was closed with code 1006')
  })
})

/** A browser's WebSocket: it confirms nothing, and its buffer can only be looked at. */
class BrowserSocket implements WebSocketLike {
  binaryType = 'blob'
  bufferedAmount = 0
  readyState = 1
  readonly sent: (string | ArrayBuffer)[] = []
  readonly closes: (readonly [number | undefined, string | undefined])[] = []
  readonly #listeners = new Map<string, (event: never) => void>()

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.set(type, listener)
  }

  fire(type: string, event: unknown): void {
    this.#listeners.get(type)?.(event as never)
  }

  send(data: string | ArrayBuffer): void {
    this.sent.push(data)
    this.bufferedAmount += typeof data === 'string' ? data.length : data.byteLength
  }

  close(code?: number, reason?: string): void {
    this.closes.push([code, reason])
  }
}

describe('a socket of a browser', () => {
  expectNoLeaks()

  it('is looked at by a timer while somebody waits, and only then', async () => {
    const socket = new BrowserSocket()
    const clock = new TestClock()
    const port = createWebSocketPort(socket, { limits: workerPortLimits, confirmsSending: false, clock })
    expect(socket.binaryType).toBe('arraybuffer')
    await port.drained()
    port.post({ head: null, buffers: [new ArrayBuffer(2 << 20)] })
    let drained = 0
    const waits = [port.drained(), port.drained()].map((wait) => wait.then(() => (drained += 1)))
    clock.advance(100)
    await Promise.resolve()
    expect(drained).toBe(0)
    socket.bufferedAmount = sendBufferBytesLow
    clock.advance(4)
    await Promise.all(waits)
    expect(drained).toBe(2)
    socket.bufferedAmount = 0
    await port.drained()
    port.dispose()
    expect(socket.closes).toEqual([[webSocketCloseCodes.normal, 'The port was closed']])
  })

  it('is given up when it holds more than any reader may leave unread', () => {
    const socket = new BrowserSocket()
    const port = createWebSocketPort(socket, { limits: workerPortLimits, confirmsSending: false })
    const reasons: string[] = []
    port.listen({ onMessage: () => undefined, onClose: (reason) => reasons.push(reason) })
    socket.bufferedAmount = 2 * hostMessageBytesMax - 6
    port.post({ head: null, buffers: [] })
    expect(reasons).toEqual([])
    port.post({ head: null, buffers: [] })
    expect(reasons).toEqual(['The other side reads too slowly'])
    expect(socket.closes).toEqual([[webSocketCloseCodes.tooSlow, 'The other side reads too slowly']])
    port.post({ head: null, buffers: [] })
    expect(socket.sent).toHaveLength(2)
  })

  it('delivers messages that came between opening and listening', async () => {
    const socket = new BrowserSocket()
    socket.readyState = 0
    const opening = openWebSocketPort(socket, { limits: clientPortLimits, confirmsSending: false })
    socket.fire('open', {})
    socket.fire('message', { data: '\n"early"' })
    const peer = new RawPeer(await opening)
    expect(await peer.next()).toBe('early')
  })

  it('cannot be opened once it is closed', async () => {
    const socket = new BrowserSocket()
    socket.readyState = 3
    const opening = openWebSocketPort(socket, { limits: clientPortLimits, confirmsSending: false })
    await expect(opening).rejects.toMatchObject({ code: 'disconnected' })
  })
})
