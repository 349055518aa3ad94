/**
 * The carriers over which the suite of ports runs: each opens a port whose other end serves the probe contract,
 * through the very code that the product uses.
 */

import { EventEmitter, once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads'
import { WebSocket, WebSocketServer } from 'ws'
import {
  createElectronClientPort,
  createElectronHostPort,
  type ElectronMainPort,
} from '../../src/rpc/electron-port.ts'
import { framePrefixBytesMax } from '../../src/rpc/frame-codec.ts'
import { createMemoryPorts } from '../../src/rpc/memory-port.ts'
import { clientPortLimits, hostPortLimits } from '../../src/rpc/message-codec.ts'
import { createMessagePort, type EventTargetPort } from '../../src/rpc/message-port.ts'
import type { Port } from '../../src/rpc/port.ts'
import { createWebSocketPort, openWebSocketPort } from '../../src/rpc/websocket-port.ts'
import { serveProbe } from '../support/probe-server.ts'

/** A client's port, and the end of everything behind it. */
export interface OpenCarrier {
  readonly port: Port
  /** Sends what no Port would, past the port's own checks; null where the carrier can carry nothing else. */
  readonly postRaw: ((data: unknown) => void) | null
  /** Each list is what a broken peer might put on this carrier; it must end the port. */
  readonly garbage: readonly (readonly unknown[])[]
  close(): Promise<void>
}

export interface Carrier {
  readonly name: string
  /** Whether a buffer that is posted is detached at the sender. */
  readonly transfers: boolean
  /** Whether a client's message is bounded by `clientMessageBytesMax`. */
  readonly isBounded: boolean
  /** Each opening costs a thread: suites with many openings take samples. */
  readonly opensSlowly: boolean
  open(): Promise<OpenCarrier>
}

const cloneGarbage = [
  [null],
  [undefined],
  [7n],
  ['a text'],
  [new Map()],
  [new ArrayBuffer(8)],
  [[]],
  [[7]],
  [['']],
  [['{']],
  [['{}', 'not a buffer']],
  [['{}', new Uint8Array(8)]],
  [['{}', new SharedArrayBuffer(8)]],
  [['{}', ...Array.from({ length: 17 }, () => new ArrayBuffer(1))]],
  [{ 0: '{}', length: 1 }],
]

const frameGarbage = [
  [''],
  ['{}'],
  [`${' '.repeat(1000)}\n{}`],
  ['\n'],
  ['\n{'],
  ['x\n{}'],
  ['-1\n{}'],
  ['1e9\n{}'],
  ['4294967296\n{}'],
  ['99999999999\n{}'],
  [`${Array.from({ length: 17 }, () => '1').join(' ')}\n{}`],
  ['8\n{}', '\n{}'],
  ['8\n{}', new ArrayBuffer(7)],
  [new ArrayBuffer(8)],
  [new ArrayBuffer(0)],
  [`\n"${'x'.repeat(2 << 20)}"`],
]

const memory: Carrier = {
  name: 'memory',
  transfers: true,
  isBounded: true,
  opensSlowly: false,
  open() {
    const [port, host] = createMemoryPorts(clientPortLimits)
    const server = serveProbe(host)
    const close = (): Promise<void> => {
      port.dispose()
      return server.shutdown(0)
    }
    return Promise.resolve({ port, postRaw: null, garbage: [], close })
  },
}

const worker: Carrier = {
  name: 'worker',
  transfers: true,
  isBounded: false,
  opensSlowly: true,
  open() {
    const thread = new Worker(new URL('../support/probe-worker.ts', import.meta.url))
    const exited = once(thread, 'exit')
    const port = createMessagePort(thread)
    const close = async (): Promise<void> => {
      port.dispose()
      await exited
    }
    return Promise.resolve({
      port,
      postRaw: (data) => thread.postMessage(data),
      garbage: cloneGarbage,
      close,
    })
  },
}

const webSocket: Carrier = {
  name: 'WebSocket',
  transfers: false,
  isBounded: true,
  opensSlowly: false,
  async open() {
    const maxPayload = hostPortLimits.receiveBytesMax + framePrefixBytesMax
    const listener = new WebSocketServer({ host: '127.0.0.1', port: 0, maxPayload, perMessageDeflate: false })
    await once(listener, 'listening')
    listener.on('connection', (socket) => {
      serveProbe(createWebSocketPort(socket, { limits: hostPortLimits, confirmsSending: true }))
    })
    const { port: tcpPort } = listener.address() as AddressInfo
    const socket = new WebSocket(`ws://127.0.0.1:${tcpPort}`, { perMessageDeflate: false })
    const port = await openWebSocketPort(socket, { limits: clientPortLimits, confirmsSending: true })
    const close = async (): Promise<void> => {
      port.dispose()
      if (socket.readyState !== WebSocket.CLOSED) await once(socket, 'close')
      listener.close()
      await once(listener, 'close')
    }
    return { port, postRaw: (data) => socket.send(data as string), garbage: frameGarbage, close }
  },
}

/** MessagePortMain as Electron describes it: an emitter of `{ data }`, which takes ports alone to transfer. */
class MainPortStandIn extends EventEmitter implements ElectronMainPort {
  readonly #port: MessagePort

  constructor(port: MessagePort) {
    super()
    this.#port = port
    port.on('close', () => this.emit('close'))
  }

  postMessage(message: unknown, transfer: readonly unknown[] = []): void {
    if (transfer.length > 0) throw new TypeError('Port at index 0 is not a valid port')
    this.#port.postMessage(message)
  }

  start(): void {
    this.#port.on('message', (data: unknown) => this.emit('message', { data, ports: [] }))
  }

  close(): void {
    this.#port.close()
  }
}

/** A page's port towards another process of Electron, where a message with a transfer list is lost. */
class PagePortStandIn implements EventTargetPort {
  readonly #port: MessagePort

  constructor(port: MessagePort) {
    this.#port = port
  }

  postMessage(message: unknown, transfer: ArrayBuffer[] = []): void {
    if (transfer.length === 0) this.#port.postMessage(message)
  }

  addEventListener(type: string, listener: (event: object) => void): void {
    this.#port.addEventListener(type, listener)
  }

  start(): void {
    this.#port.start()
  }

  close(): void {
    this.#port.close()
  }
}

const electron: Carrier = {
  name: 'Electron-shaped port',
  transfers: false,
  isBounded: true,
  opensSlowly: false,
  open() {
    const { port1, port2 } = new MessageChannel()
    const server = serveProbe(createElectronHostPort(new MainPortStandIn(port2)))
    const port = createElectronClientPort(new PagePortStandIn(port1))
    const close = (): Promise<void> => {
      port.dispose()
      return server.shutdown(0)
    }
    return Promise.resolve({ port, postRaw: (data) => port1.postMessage(data), garbage: cloneGarbage, close })
  },
}

export const carriers: readonly Carrier[] = [memory, worker, webSocket, electron]
