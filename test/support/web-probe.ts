/**
 * A web endpoint without a host, for what it must refuse: its one protocol echoes, and counts what gets as far as it.
 */

import { once } from 'node:events'
import { afterEach } from 'vitest'
import { WebSocket, type ClientOptions } from 'ws'
import { Emitter } from '../../src/base/event.ts'
import { systemClock } from '../../src/base/clock.ts'
import { TrafficMeter } from '../../src/main/endpoints/postgres/traffic-meter.ts'
import type { AcceptedSocket, CreateWebRoutes } from '../../src/main/endpoints/web/web-access.ts'
import { WebEndpoint, type WebEndpointOptions } from '../../src/main/endpoints/web/web-endpoint.ts'

export const probeMessageBytesMax = 64 << 10
export const probeBodyBytesMax = 1 << 10

export interface WebProbe {
  readonly endpoint: WebEndpoint
  readonly port: number
  /** What has got as far as the protocol. */
  readonly accepted: AcceptedSocket[]
  readonly answered: string[]
  /** What the log was told. */
  readonly logged: string[]
}

/** Registers a hook that closes what was opened. */
export function webProbes(): {
  open(options?: Partial<WebEndpointOptions>): Promise<WebProbe>
  socket(probe: WebProbe, path?: string, options?: ClientOptions & { protocols?: string[] }): WebSocket
} {
  const opened: WebEndpoint[] = []
  const sockets: WebSocket[] = []
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.terminate()
    await Promise.all(opened.splice(0).map((endpoint) => endpoint.close()))
  })
  return {
    async open(options = {}) {
      const seen = { accepted: [] as AcceptedSocket[], answered: [] as string[], logged: [] as string[] }
      const write = (message: string): void => void seen.logged.push(message)
      const endpoint = await WebEndpoint.listen({
        ...{ address: null, port: 0, connectionsMax: 10, tls: null, hostNames: [] },
        ...{ allowedOrigins: ['https://shop.example'], compresses: false, clock: systemClock },
        access: {
          authenticate: async () => null,
          onDidRevoke: new Emitter<{ readonly tokenId: string }>().event,
          backend: async () => null,
        },
        ...{ meter: new TrafficMeter(), epoch: 'e', protocols: [echo(seen)], onRefused: write },
        log: { info: write, error: (message, error) => write(`${message}: ${String(error)}`) },
        ...options,
      })
      opened.push(endpoint)
      return { endpoint, port: endpoint.port, ...seen }
    },
    socket({ endpoint }, path = '/echo', { protocols = ['echo.v1'], ...options } = {}) {
      const url = `${endpoint.url.replace('http', 'ws')}${path}`
      const socket = new WebSocket(url, protocols, options)
      socket.on('error', () => undefined)
      sockets.push(socket)
      return socket
    },
  }
}

/** The status with which a handshake was refused, or 101. */
export async function handshakeStatus(socket: WebSocket): Promise<number> {
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(101))
    socket.once('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0)
      response.destroy()
    })
    socket.once('error', reject)
  })
}

export async function closeCode(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, 'close')) as [number]
  return code
}

function echo(seen: { accepted: AcceptedSocket[]; answered: string[] }): CreateWebRoutes {
  return () => ({
    sockets: {
      '/echo': {
        subprotocols: ['echo.v1', 'echo.v2'],
        messageBytesMax: probeMessageBytesMax,
        accept(accepted) {
          seen.accepted.push(accepted)
          accepted.socket.on('message', (data, isBinary) => accepted.socket.send(data, { binary: isBinary }))
        },
      },
    },
    requests: {
      '/ask': {
        headers: ['x-echo'],
        provingHeaders: ['x-echo'],
        bodyBytesMax: probeBodyBytesMax,
        async answer({ request }, response) {
          const parts: Buffer[] = []
          for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
          const text = Buffer.concat(parts).toString()
          seen.answered.push(text)
          if (text === '"fail"') throw new Error('no')
          response.writeHead(200, { 'Content-Type': 'application/json' }).end(text)
        },
      },
    },
    close: async () => undefined,
  })
}
