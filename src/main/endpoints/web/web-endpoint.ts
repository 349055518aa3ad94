/**
 * The way in for pages, and for programs without TCP sockets: an HTTP server that hands WebSockets and requests to the
 * protocols that have registered, after it has checked who sends them. Runs no SQL and knows no protocol.
 */

import { type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { WebSocketServer, type PerMessageDeflateOptions } from 'ws'
import { onDispose } from '../../../base/disposable.ts'
import { refuseUpgrade, sendRefusal, sendReply } from '../http-reply.ts'
import { ClientRegistry } from '../postgres/client-registry.ts'
import { connectionEncryption } from '../postgres/connection-encryption.ts'
import { headerValues, type Refusal } from '../request-guard.ts'
import type {
  AcceptedRequest,
  ClientCertificate,
  CreateWebRoutes,
  RequestRoute,
  SocketRoute,
  WebContext,
  WebRoutes,
} from './web-access.ts'
import { allowOrigin, answerPreflight } from './web-cors.ts'
import { guardPolicy, refuseStranger, type GuardPolicy } from './web-guard.ts'
import { listenForWeb, type WebPlace } from './web-listeners.ts'

/** How long a closing handshake may take before the socket is cut. */
const closeGraceMs = 1_000
/** What a line of the log shows of a path. */
const pathLengthMax = 100

/** Bounded: small messages as they are, no memory between messages, few at a time (docs/protocol.md, close codes). */
const deflate: PerMessageDeflateOptions = {
  threshold: 8 << 10,
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  concurrencyLimit: 4,
}

export interface WebEndpointOptions extends WebPlace, Omit<WebContext, 'clients'> {
  readonly hostNames: readonly string[]
  readonly allowedOrigins: readonly string[]
  readonly compresses: boolean
  readonly protocols: readonly CreateWebRoutes[]
  /** For the log: what was refused, and why. */
  readonly onRefused?: (what: string) => void
}

export class WebEndpoint {
  readonly port: number
  /** Without a path. */
  readonly url: string
  readonly clients: ClientRegistry
  readonly #options: WebEndpointOptions
  readonly #servers: readonly Server[]
  readonly #policy: GuardPolicy
  readonly #protocols: readonly WebRoutes[]
  readonly #sockets = new Map<string, { route: SocketRoute; server: WebSocketServer }>()
  readonly #requests: ReadonlyMap<string, RequestRoute>
  readonly #upgraded = new Set<Duplex>()
  readonly #open = onDispose('web-endpoint', () => undefined)
  #lastUsedMs: number

  private constructor(options: WebEndpointOptions, servers: readonly Server[], port: number) {
    const { address, connectionsMax, clock, hostNames, allowedOrigins } = options
    this.#options = options
    this.#servers = servers
    this.port = port
    const scheme = options.tls === null ? 'http' : 'https'
    const name = address?.includes(':') ? `[${address}]` : (address ?? '127.0.0.1')
    this.url = `${scheme}://${name}:${port}`
    this.#policy = guardPolicy({ scheme, address, port, hostNames, allowedOrigins })
    this.clients = new ClientRegistry(clock, connectionsMax)
    this.#lastUsedMs = clock.monotonicMs()
    this.#protocols = options.protocols.map((create) => create({ ...options, clients: this.clients }))
    for (const { sockets } of this.#protocols) {
      for (const [path, route] of Object.entries(sockets)) this.#addSocketRoute(path, route)
    }
    this.#requests = new Map(this.#protocols.flatMap(({ requests }) => Object.entries(requests)))
    for (const server of servers) {
      server.on('error', (error) => options.log.error('The web endpoint failed', error))
      server.on('request', (request, response) => this.#answer(request, response))
      server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    }
  }

  /** Starts listening; throws `in-use`, `permission-denied`, `invalid-argument`. */
  static async listen(options: WebEndpointOptions): Promise<WebEndpoint> {
    const { servers, port } = await listenForWeb(options)
    return new WebEndpoint(options, servers, port)
  }

  /** WebSockets that are open. */
  get socketCount(): number {
    return this.#upgraded.size
  }

  /** How long nobody has been there who was let in. */
  get unusedMs(): number {
    if (this.clients.size > 0 || this.#upgraded.size > 0) return 0
    return this.#options.clock.monotonicMs() - this.#lastUsedMs
  }

  /** Refuses new clients, says goodbye to the present ones, and cuts those that do not go. */
  async close(): Promise<void> {
    const closed = this.#servers.map(
      (server) => new Promise<void>((resolve) => void server.close(() => resolve())),
    )
    const timer = this.#options.clock.after(closeGraceMs, () => {
      for (const socket of this.#upgraded) socket.destroy()
      for (const server of this.#servers) server.closeAllConnections()
    })
    for (const server of this.#servers) server.closeIdleConnections()
    await Promise.all(this.#protocols.map((protocol) => protocol.close()))
    for (const { server } of this.#sockets.values()) {
      for (const socket of server.clients) socket.close(1001, 'Wardian was stopped')
    }
    await Promise.all(closed)
    timer.dispose()
    for (const { server } of this.#sockets.values()) server.close()
    this.clients.dispose()
    this.#open.dispose()
  }

  #addSocketRoute(path: string, route: SocketRoute): void {
    const server = new WebSocketServer({
      noServer: true,
      maxPayload: route.messageBytesMax,
      perMessageDeflate: this.#options.compresses ? deflate : false,
      handleProtocols: (offered) => route.subprotocols?.find((known) => offered.has(known)) ?? false,
    })
    this.#sockets.set(path, { route, server })
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = pathOf(request)
    const refusal = refuseStranger(request, this.#policy)
    if (refusal !== null) {
      this.#refuse(request, response, refusal)
      return
    }
    if (path === '/healthz') {
      answerHealth(request, response)
      return
    }
    const route = this.#requests.get(path)
    if (!route) {
      const isSocket = this.#sockets.has(path)
      const upgrade = { status: 426, message: 'This path is for WebSockets' } as const
      this.#refuse(request, response, isSocket ? upgrade : notFound)
      return
    }
    allowOrigin(request, response)
    if (request.method === 'OPTIONS') {
      answerPreflight(request, response, route)
      return
    }
    const wrong = refuseForm(request, route)
    if (wrong !== null) {
      this.#refuse(request, response, wrong)
      return
    }
    this.#lastUsedMs = this.#options.clock.monotonicMs()
    route.answer(acceptedRequest(request), response).catch((error: unknown) => {
      // A client that went away while its request was read is no failure of ours.
      if (!request.errored) this.#options.log.error(`A request to ${path} could not be answered`, error)
      if (response.headersSent) response.destroy()
      else sendRefusal(response, { status: 500, message: 'Wardian failed; its log says why' })
    })
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const found = this.#sockets.get(pathOf(request))
    const refusal =
      refuseStranger(request, this.#policy) ??
      (found ? refuseProtocol(request, found.route) : notFound) ??
      this.#refuseTooMany()
    if (refusal !== null || !found) {
      this.#tell(request, refusal ?? notFound)
      refuseUpgrade(socket, refusal ?? notFound)
      return
    }
    found.server.handleUpgrade(request, socket, head, (accepted) => {
      this.#upgraded.add(socket)
      socket.once('close', () => {
        this.#upgraded.delete(socket)
        this.#lastUsedMs = this.#options.clock.monotonicMs()
      })
      // ws closes a socket by itself after an error; whoever wants to know of it listens, too.
      accepted.on('error', () => undefined)
      found.route.accept({ socket: accepted, ...acceptedRequest(request) })
    })
  }

  #refuseTooMany(): Refusal | null {
    const { connectionsMax } = this.#options
    if (this.#upgraded.size < connectionsMax) return null
    return { status: 503, message: `This endpoint takes ${connectionsMax} clients at once` }
  }

  #refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
    this.#tell(request, refusal)
    sendRefusal(response, refusal)
  }

  /** Nothing of a request but its method, path and address: what follows `?` may be a secret. */
  #tell(request: IncomingMessage, { status, message }: Refusal): void {
    const path = JSON.stringify(pathOf(request).slice(0, pathLengthMax))
    const { remoteAddress = 'somewhere' } = request.socket
    this.#options.onRefused?.(`${request.method} ${path} from ${remoteAddress}: ${status}, ${message}`)
  }
}

const notFound: Refusal = { status: 404, message: 'There is nothing under this path' }

function pathOf({ url = '' }: IncomingMessage): string {
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}

/** It is up, and nothing else: anybody on this machine may ask. */
function answerHealth(request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    sendRefusal(response, { status: 405, message: 'Send GET' })
    return
  }
  sendReply(response, {
    status: 200,
    headers: { 'Content-Type': 'application/json' },
    body: request.method === 'HEAD' ? '' : '{"status":"ok"}\n',
  })
}

/** Refuses what is no POST of JSON, nor one that no page can send without a preflight. */
function refuseForm(request: IncomingMessage, route: RequestRoute): Refusal | null {
  if (request.method !== 'POST') return { status: 405, message: 'Send POST' }
  const types = headerValues(request, 'content-type')
  const isJson = types.length === 1 && /^application\/json\s*(;|$)/i.test(types[0] ?? '')
  const isProven = route.provingHeaders.some((name) => headerValues(request, name).length > 0)
  if (!isJson && !isProven) return { status: 415, message: 'Send the Content-Type application/json' }
  if (Number(request.headers['content-length'] ?? 0) > route.bodyBytesMax) {
    return { status: 413, message: `A body may have ${route.bodyBytesMax} bytes` }
  }
  return null
}

function refuseProtocol(request: IncomingMessage, { subprotocols }: SocketRoute): Refusal | null {
  if (subprotocols === null) return null
  const offered = headerValues(request, 'sec-websocket-protocol').flatMap((value) => value.split(','))
  if (offered.some((name) => subprotocols.includes(name.trim()))) return null
  return { status: 400, message: `Offer one of these in Sec-WebSocket-Protocol: ${subprotocols.join(', ')}` }
}

function acceptedRequest(request: IncomingMessage): AcceptedRequest {
  const socket: Socket = request.socket
  const encrypted = socket instanceof TLSSocket ? socket : null
  return {
    request,
    address: socket.remoteAddress ?? null,
    port: socket.remotePort ?? null,
    isEncrypted: encrypted !== null,
    encryption: encrypted && connectionEncryption(encrypted),
    clientCertificate: encrypted && clientCertificate(encrypted),
  }
}

function clientCertificate(socket: TLSSocket): ClientCertificate | null {
  const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined
  if (!certificate) return null
  const subject = /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? ''
  return { subject, fingerprint: certificate.fingerprint256 }
}
