/**
 * As much of a Postgres server as a log-in needs, for tests of connecting: it encrypts with what it is given, lets
 * everybody in or behaves as it is told, and answers no statement. Knows no SQL.
 */

import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { ServerAddress } from './wire/server-address.ts'

export interface LeanServerOptions {
  /** PEM; null: it offers no TLS. */
  readonly tls?: {
    readonly certificate: string
    readonly key: string
    readonly clientAuthority?: string
  } | null
  /** What it does with a start-up packet; lets everybody in unless given. */
  onStartup?(socket: Socket, parameters: ReadonlyMap<string, string>): void
  /** What it does with whatever comes afterwards. */
  onMessage?(socket: Socket, bytes: Buffer): void
  /** Takes connections and says nothing. */
  readonly isSilent?: boolean
}

/** SSLRequest (PostgreSQL 18 documentation, section 54.7). */
const sslRequest = 80_877_103

export class LeanServer {
  readonly startups: ReadonlyMap<string, string>[] = []
  /** Common names of the certificates that clients have shown. */
  readonly shown: string[] = []
  readonly #options: LeanServerOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  static async listen(options: LeanServerOptions = {}): Promise<LeanServer> {
    const server = new LeanServer(options)
    server.#server.listen(0, '127.0.0.1')
    await once(server.#server, 'listening')
    return server
  }

  private constructor(options: LeanServerOptions) {
    this.#options = options
    this.#server = createServer((socket) => this.#accept(socket))
  }

  /** Connections at the moment. */
  get socketCount(): number {
    return this.#sockets.size
  }

  get address(): ServerAddress {
    const address = this.#server.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    return { host: '127.0.0.1', port, user: 'ada', password: 'secret', database: 'shop' }
  }

  /** Says this to all who are connected, and nothing more. */
  endAll(bytes: Buffer): void {
    for (const socket of this.#sockets) socket.end(bytes)
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket))
    if (this.#options.isSilent) return void socket.resume()
    socket.once('data', (bytes: Buffer) => {
      if (bytes.readInt32BE(4) === sslRequest) this.#encrypt(socket)
      else this.#start(socket, bytes)
    })
  }

  #encrypt(socket: Socket): void {
    const tls = this.#options.tls ?? null
    socket.write(tls ? 'S' : 'N')
    if (!tls) return void socket.once('data', (bytes: Buffer) => this.#start(socket, bytes))
    const { certificate: cert, key, clientAuthority } = tls
    const asking = clientAuthority === undefined ? {} : { requestCert: true, ca: clientAuthority }
    const secured = new TLSSocket(socket, { isServer: true, cert, key, ...asking })
    secured.on('error', () => undefined)
    secured.once('data', (bytes: Buffer) => {
      const name = secured.getPeerCertificate().subject?.CN
      if (typeof name === 'string') this.shown.push(name)
      this.#start(secured, bytes)
    })
  }

  #start(socket: Socket, bytes: Buffer): void {
    const words = bytes.subarray(8, -2).toString().split('\0')
    const parameters = new Map<string, string>()
    for (let at = 0; at + 1 < words.length; at += 2) parameters.set(words[at] ?? '', words[at + 1] ?? '')
    this.startups.push(parameters)
    socket.on('data', (more: Buffer) => this.#options.onMessage?.(socket, more))
    if (this.#options.onStartup) this.#options.onStartup(socket, parameters)
    else letIn(socket)
  }
}

/** One message of the backend. */
export function backendMessage(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(type, 0, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

/** AuthenticationOk, what is reported, BackendKeyData, ReadyForQuery. */
export function letIn(socket: Socket): void {
  socket.write(
    Buffer.concat([
      backendMessage('R', Buffer.from([0, 0, 0, 0])),
      backendMessage('S', Buffer.from('server_version\x0017.2 (Lean)\0')),
      backendMessage('K', Buffer.from([0, 0, 0, 7, 0, 0, 0, 9])),
      backendMessage('Z', Buffer.from('I')),
    ]),
  )
}

/** ErrorResponse. */
export function errorMessage(fields: Readonly<Record<string, string>>): Buffer {
  const text = Object.entries(fields).map(([type, value]) => `${type}${value}\0`)
  return backendMessage('E', Buffer.from(`${text.join('')}\0`))
}
