/**
 * The way in for everything that speaks Postgres's protocol: listens on TCP, on a Unix-domain socket, or both, and
 * owns the connections that come in. Runs no SQL; what stands behind a database's name is given to it.
 */

import { createHmac } from 'node:crypto'
import { createServer, isIP, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Clock } from '../../../base/clock.ts'
import { onDispose } from '../../../base/disposable.ts'
import { WorkbenchError } from '../../../contract/error.ts'
import { AttemptLimiter } from './attempt-limiter.ts'
import { socketCarrier } from './client-carrier.ts'
import { ClientConnection, type ConnectionContext } from './client-connection.ts'
import { ClientRegistry } from './client-registry.ts'
import { stalledClientMsDefault } from './client-traffic.ts'
import { closeGraceMs } from './client-socket.ts'
import { EarlySessions } from './early-sessions.ts'
import { OutputAllowance } from './output-allowance.ts'
import type { TlsOptions } from './tls-acceptor.ts'
import { RenewableTls } from './renewable-tls.ts'
import { ScramLogIn, type EndpointOwner } from './scram-log-in.ts'
import { TrafficMeter } from './traffic-meter.ts'
import { prepareSocketPath, protectSocket } from './unix-socket.ts'
import type { WireBackend } from './wire-backend.ts'

/** Other machines have no business here unless somebody says so. */
const loopbackAddress = '127.0.0.1'
/** Postgres's own, for the name of a Unix-domain socket where there is no TCP port to go by. */
const portDefault = 5432
/** An idle client costs a socket and the state of a session; test suites open hundreds. */
export const connectionsMaxDefault = 500
/** Beside those that are logged in: as many that are about to, and cancel requests and refusals on top. */
const extraConnectionsMax = 64

export interface PostgresEndpointOptions {
  /** null: no TCP. Port 0 takes a free one; the address is 127.0.0.1 unless given. */
  readonly tcp: { readonly port: number; readonly address?: string } | null
  /** Where `.s.PGSQL.<port>` is made: a directory of its owner alone. null: no Unix-domain socket. */
  readonly socketDirectory: string | null
  readonly owner: EndpointOwner
  /** The instance that a database name stands for; null when none does. Must not wait for a transaction. */
  readonly resolveDatabase: (name: string) => Promise<WireBackend | null>
  /**
   * Whose roles log in where the database does not exist, to be told so as Postgres does. Where this is null only the
   * owner is told; to all others such a log-in is one with a wrong password.
   */
  readonly roleBackend: WireBackend | null
  readonly tls: TlsOptions | null
  /** Asked before each connection: TLS from now on; null where nothing has changed. Does not reject. */
  readonly renewTls?: () => Promise<TlsOptions | null>
  readonly clock: Clock
  readonly connectionsMax?: number
  readonly stalledClientMs?: number
  /** Counts what clients send and are sent. */
  readonly meter?: TrafficMeter
  /** Sees what one client sends and is sent after it has logged in; null where nobody wants to. */
  readonly tap?: ConnectionContext['tap']
  /** Reports defects; clients only hear XX000. */
  readonly onFailure: (error: unknown) => void
}

export class PostgresEndpoint {
  /** Of TCP, and in the name of the Unix-domain socket. */
  readonly port: number
  /** null without TCP. */
  readonly address: string | null
  /** null without a Unix-domain socket. */
  readonly socketPath: string | null
  readonly clients: ClientRegistry
  readonly #context: ConnectionContext
  readonly #servers: readonly Server[]
  readonly #connections = new Map<ClientConnection, Promise<void>>()
  readonly #open = onDispose('postgres-endpoint', () => undefined)

  private constructor(context: ConnectionContext, listening: Listening) {
    this.#context = context
    this.clients = context.registry
    this.port = listening.port
    this.address = listening.address
    this.socketPath = listening.socketPath
    this.#servers = [listening.tcp, listening.local].filter((server) => server !== null)
    // Such as too many open files: it is about one connection, and the next one may be fine.
    for (const server of this.#servers) server.on('error', (error) => context.onFailure(error))
    listening.tcp?.on('connection', (socket: Socket) => this.#accept(socket, false))
    listening.local?.on('connection', (socket: Socket) => this.#accept(socket, true))
  }

  /** Starts listening; throws `in-use`, `permission-denied`, `invalid-argument`. */
  static async listen(options: PostgresEndpointOptions): Promise<PostgresEndpoint> {
    checkAddress(options)
    const connectionsMax = options.connectionsMax ?? connectionsMaxDefault
    const { clock, owner, resolveDatabase, roleBackend, onFailure } = options
    const logIns = new ScramLogIn({
      ...{ clock, owner, resolveDatabase, roleBackend },
      // Constant as long as the owner's password is: made-up verifiers do not change with a restart either.
      mockSecret: createHmac('sha256', owner.verifier).update('mock verifiers').digest(),
      limiter: new AttemptLimiter(clock),
      early: new EarlySessions(clock),
    })
    const context: ConnectionContext = {
      ...{ clock, onFailure },
      tls: options.tls && (await RenewableTls.create(options.tls, options.renewTls ?? (async () => null))),
      logIn: (request) => logIns.logIn(request),
      registry: new ClientRegistry(clock, connectionsMax),
      meter: options.meter ?? new TrafficMeter(),
      tap: options.tap ?? (() => null),
      stalledClientMs: options.stalledClientMs ?? stalledClientMsDefault,
      allowance: new OutputAllowance(),
    }
    return new PostgresEndpoint(
      context,
      await startListening(options, 2 * connectionsMax + extraConnectionsMax),
    )
  }

  /** Refuses new clients, tells 57P01 to the present ones, and cuts those that do not go. */
  async close(): Promise<void> {
    const closed = this.#servers.map(
      (server) => new Promise<void>((resolve) => void server.close(() => resolve())),
    )
    this.clients.disconnectAll()
    const timer = this.#context.clock.after(closeGraceMs, () => {
      for (const connection of this.#connections.keys()) connection.cut()
    })
    for (const connection of this.#connections.keys()) if (!connection.hasLoggedIn) connection.cut()
    await Promise.all(this.#connections.values())
    timer.dispose()
    await Promise.all(closed)
    this.clients.dispose()
    this.#open.dispose()
  }

  #accept(socket: Socket, isLocal: boolean): void {
    const connection = new ClientConnection(this.#context, socketCarrier(socket, isLocal))
    const done = connection.run().finally(() => this.#connections.delete(connection))
    this.#connections.set(connection, done)
  }
}

/** What is listened on. */
interface Listening {
  readonly port: number
  readonly address: string | null
  readonly socketPath: string | null
  readonly tcp: Server | null
  readonly local: Server | null
}

function checkAddress({ tcp, tls, socketDirectory }: PostgresEndpointOptions): void {
  if (tcp === null && socketDirectory === null) {
    throw new WorkbenchError('invalid-argument', 'An endpoint needs a TCP port or a socket directory')
  }
  const address = tcp?.address ?? loopbackAddress
  const isLoopback = address === '::1' || (isIP(address) === 4 && address.startsWith('127.'))
  if (isLoopback || tls?.isRequired === true) return
  const message = `Listening on ${address} lets other machines in: demand TLS, or listen on ${loopbackAddress}`
  throw new WorkbenchError('invalid-argument', message)
}

async function startListening(options: PostgresEndpointOptions, socketsMax: number): Promise<Listening> {
  const address = options.tcp?.address ?? loopbackAddress
  const tcp = options.tcp === null ? null : newServer(socketsMax)
  if (tcp) await listenOn(tcp, { host: address, port: options.tcp?.port ?? 0, exclusive: true })
  const port = tcp ? (tcp.address() as AddressInfo).port : portDefault
  const found = { port, address: tcp ? address : null, tcp }
  if (options.socketDirectory === null) return { ...found, socketPath: null, local: null }
  try {
    const socketPath = await prepareSocketPath(options.socketDirectory, port)
    const local = newServer(socketsMax)
    await listenOn(local, { path: socketPath, exclusive: true })
    await protectSocket(socketPath)
    return { ...found, socketPath, local }
  } catch (error) {
    tcp?.close()
    throw error
  }
}

function newServer(socketsMax: number): Server {
  // Reading begins when somebody asks for bytes, and a client may close its side before it has its answers.
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true, keepAlive: true })
  server.maxConnections = socketsMax
  return server
}

async function listenOn(
  server: Server,
  where: { host?: string; port?: number; path?: string; exclusive: boolean },
): Promise<void> {
  const name = where.path ?? `port ${where.port}`
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error): void => reject(listenError(error, name))
    server.once('error', fail)
    // Nothing that a pool opens at once is refused: Postgres listens with twice its connections, too.
    server.listen({ ...where, backlog: 2 * connectionsMaxDefault }, () => {
      server.off('error', fail)
      resolve()
    })
  })
}

function listenError(error: NodeJS.ErrnoException, name: string): WorkbenchError {
  const options = { cause: error }
  if (error.code === 'EADDRINUSE') {
    return new WorkbenchError(
      'in-use',
      `Another program listens on ${name} already: choose another port`,
      options,
    )
  }
  if (error.code === 'EACCES') {
    const message = `The system does not let you listen on ${name}: choose a port above 1023`
    return new WorkbenchError('permission-denied', message, options)
  }
  return new WorkbenchError('internal', `Listening on ${name} failed: ${error.message}`, options)
}
