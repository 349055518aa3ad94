/**
 * The loopback endpoint of a host: one HTTP server on 127.0.0.1 that hands out WebSockets to clients that may
 * have them. Owns its sockets and their limits; what travels on a socket is not its business.
 */

import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Clock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { clientMessageBytesMax } from '../../contract/limits.ts'
import type { PageFiles } from '../page/page-files.ts'
import { AccessControl, type AccessSecrets } from './access-control.ts'
import { refuseUpgrade, sendRefusal } from './http-reply.ts'
import { answer, refusePort, type RouteContext } from './http-routes.ts'
import type { Operations } from './operation-routes.ts'
import { SocketTraffic } from './socket-traffic.ts'
import { LoginLimiter } from './login-limiter.ts'
import { refuseForeign } from './request-guard.ts'

/** Never another: other machines have no business here. */
const loopbackAddress = '127.0.0.1'

/** The head of the largest message: names, ids and lengths. */
const messageHeadBytesMax = 64 << 10

/** Windows and command lines at once; each may have up to 4 batches on its way. */
const socketsMax = 64
/** Open connections: the sockets, and six for each of a few loading browsers. */
const connectionsMax = 256
/** Request line and headers; cookies of other local programs come along. */
const headerBytesMax = 16 << 10
/** From connecting to the end of the headers; a local client needs milliseconds. */
const headersTimeoutMs = 3_000
/** A whole request: the only body is a token. */
const requestTimeoutMs = 5_000
const idleConnectionTimeoutMs = 5_000
/** How long a closing handshake may take before the socket is cut. */
const closeGraceMs = 1_000

export interface EndpointOptions {
  /** 0 takes a free one. */
  readonly port: number
  readonly secrets: AccessSecrets
  readonly clock: Clock
  /** The page to serve, or null for programs alone. */
  readonly pages: PageFiles | null
  /** Who tells how the host is; left out: nobody. */
  readonly operations?: Operations
  /** Takes over an accepted socket and must listen on it at once. */
  readonly onSocket: (socket: WebSocket) => void
  /** Reports a failure while answering, which is a defect: callers only hear status 500. */
  readonly onFailure: (error: unknown) => void
}

export class WorkbenchEndpoint {
  readonly port: number
  readonly access: AccessControl
  /** Of all its sockets, open or closed. */
  readonly traffic = new SocketTraffic()
  readonly #options: EndpointOptions
  readonly #server: Server
  readonly #sockets: WebSocketServer
  readonly #routes: RouteContext

  private constructor(options: EndpointOptions, server: Server) {
    this.#options = options
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    this.access = new AccessControl(options.secrets, options.clock)
    this.#routes = {
      access: this.access,
      limiter: new LoginLimiter(options.clock),
      pages: options.pages,
      port: this.port,
      operations: options.operations ?? null,
    }
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: clientMessageBytesMax + messageHeadBytesMax,
      perMessageDeflate: false,
    })
    server.on('request', (request, response) => {
      const refusal = refuseForeign(request, this.port)
      if (refusal !== null) {
        sendRefusal(response, refusal)
        return
      }
      answer(this.#routes, request, response).catch((error: unknown) => {
        response.destroy()
        // A client that went away while its request was read is no failure of ours.
        if (!request.errored) options.onFailure(error)
      })
    })
    server.on('connection', (socket) => this.traffic.add(socket))
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  /** Starts listening; throws `in-use` when the port is taken. */
  static async listen(options: EndpointOptions): Promise<WorkbenchEndpoint> {
    const server = createServer({
      maxHeaderSize: headerBytesMax,
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: idleConnectionTimeoutMs,
      connectionsCheckingInterval: 1_000,
    })
    server.maxConnections = connectionsMax
    server.on('clientError', (_error, socket) => socket.destroy())
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(listenError(error, options.port)))
      server.listen({ host: loopbackAddress, port: options.port, exclusive: true }, resolve)
    })
    return new WorkbenchEndpoint(options, server)
  }

  /** Without a token; what a person opens adds one in the fragment. */
  get address(): string {
    return `http://${loopbackAddress}:${this.port}`
  }

  /** Accepted sockets that are still open. */
  get socketCount(): number {
    return this.#sockets.clients.size
  }

  /** Refuses new clients, says goodbye to the present ones and cuts those that do not answer. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets.clients) socket.close(1001, 'Wardian was stopped')
    this.#server.closeIdleConnections()
    const timer = this.#options.clock.after(closeGraceMs, () => {
      for (const socket of this.#sockets.clients) socket.terminate()
      this.#server.closeAllConnections()
    })
    await closed
    timer.dispose()
    this.#sockets.close()
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const refusal = refuseForeign(request, this.port) ?? refusePort(this.#routes, request)
    if (refusal !== null) {
      refuseUpgrade(socket, refusal)
      return
    }
    if (this.#sockets.clients.size >= socketsMax) {
      refuseUpgrade(socket, { status: 503, message: `Wardian serves at most ${socketsMax} windows at once` })
      return
    }
    this.#sockets.handleUpgrade(request, socket, head, (accepted) => this.#options.onSocket(accepted))
  }
}

function listenError(error: NodeJS.ErrnoException, port: number): WorkbenchError {
  if (error.code === 'EADDRINUSE') {
    const message =
      `Port ${port} is in use by another program: choose another one with --port, or leave --port out ` +
      'to get a free one'
    return new WorkbenchError('in-use', message, { cause: error })
  }
  if (error.code === 'EACCES') {
    const message = `The system does not let you use port ${port}: choose one above 1023 with --port`
    return new WorkbenchError('permission-denied', message, { cause: error })
  }
  return new WorkbenchError('internal', `Listening on port ${port} failed: ${error.message}`, {
    cause: error,
  })
}
