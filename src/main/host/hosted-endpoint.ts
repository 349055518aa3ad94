/**
 * The endpoint of this host through which other programs reach its instances: started, stopped and set by the
 * user, with its options and password kept. Knows no client of the workbench and no byte of the protocol.
 */

import { isAbsolute, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { Emitter } from '../../base/event.ts'
import {
  startAsKept,
  type Endpoint,
  type EndpointConnection,
  type EndpointOptions,
  type EndpointStart,
} from '../../contract/endpoint.ts'
import { toWireError, WorkbenchError } from '../../contract/error.ts'
import { withForms } from '../endpoints/postgres/connection-forms.ts'
import type { ClientRegistry } from '../endpoints/postgres/client-registry.ts'
import type { PostgresEndpoint } from '../endpoints/postgres/postgres-endpoint.ts'
import { TrafficMeter } from '../endpoints/postgres/traffic-meter.ts'
import { generatePassword, makeVerifier } from '../endpoints/postgres/scram-verifier.ts'
import { defaultEndpointOptions, type KeptEndpoint } from '../storage/endpoint-store.ts'
import type { HostLogger } from '../log/host-logger.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import { EndpointLife } from './endpoint-life.ts'
import type { WireServers } from './wire-servers.ts'

export const postgresEndpointId = 'postgres'

/** Who owns every instance: the bootstrap superuser of PGlite. */
const ownerRole = 'postgres'

/** Tried first where no port is kept yet: next to the one of a native Postgres. */
export const portPreferred = 5433

export interface HostedEndpointOptions {
  readonly dataDirectory: string
  readonly storage: StorageClient
  readonly wireServers: WireServers
  readonly clock: Clock
  readonly log: HostLogger
  readonly kept: KeptEndpoint | null
}

/** How one start differs from what is kept. */
export type StartWishes = Omit<EndpointStart, 'endpointId'>

interface Running {
  /** As it was started. */
  readonly options: EndpointOptions
  readonly endpoint: PostgresEndpoint
  readonly watch: Disposable
  /** For clients to trust; null where there is no TLS, or somebody else has signed it. */
  readonly certificatePath: string | null
}

export class HostedEndpoint {
  /** Of all the time that this host runs. */
  readonly traffic = new TrafficMeter()
  readonly #parts: HostedEndpointOptions
  readonly #life = new EndpointLife()
  readonly #didChange = new Emitter<Endpoint>()
  /** Its state, its options, or how many clients it has. */
  readonly onDidChange = this.#didChange.event
  readonly #didChangeClients = new Emitter<null>()
  /** A client came, went or changed, or nobody is listened for any more. */
  readonly onDidChangeClients = this.#didChangeClients.event
  #options: EndpointOptions
  #password: string | null
  #verifier = ''
  #clientCount = 0
  #running: Running | null = null

  constructor(parts: HostedEndpointOptions) {
    this.#parts = parts
    this.#options = parts.kept?.options ?? defaultEndpointOptions
    this.#password = parts.kept?.password ?? null
    parts.wireServers.idleTransactionMs = this.#options.idleTransactionMs
    this.#life.onDidChange(() => this.#didChange.fire(this.describe()))
  }

  /** Who is connected; null while it does not listen. */
  get clients(): ClientRegistry | null {
    return this.#running?.endpoint.clients ?? null
  }

  get isEnded(): boolean {
    return this.#life.isEnded
  }

  describe(): Endpoint {
    const { address = null, port = null, socketPath = null } = this.#running?.endpoint ?? {}
    const options = this.#options
    const clientCount = this.#clientCount
    const { mode } = this.#running?.options ?? options
    const place = { address, port, socketPath, clientCount, mode, options }
    return { id: postgresEndpointId, kind: 'postgres', ...this.#life.condition, ...place }
  }

  /** Starts it if it is to be there from the start; what hinders it is told by its state. */
  async startWithHost(): Promise<void> {
    if (!this.#options.startsWithHost) return
    try {
      const { address, port } = await this.start(startAsKept)
      this.#parts.log.info(`Other programs can connect to ${address}:${port}`)
    } catch (error) {
      if (!this.isEnded) this.#parts.log.error('The Postgres endpoint did not start', error)
    }
  }

  /** Throws `conflict` where it listens already, and elsewhere than wished; what PostgresEndpoint.listen throws. */
  start(wishes: StartWishes): Promise<Endpoint> {
    return this.#life.inTurn(async () => {
      if (this.#running) this.#checkSame(wishes)
      else await this.#life.start(() => this.#start(wishes))
      return this.describe()
    })
  }

  stop(): Promise<Endpoint> {
    return this.#life.inTurn(async () => {
      await this.#stop()
      this.#life.set('off')
      return this.describe()
    })
  }

  /** What then hinders it from listening is told by its state, not thrown. */
  configure(options: EndpointOptions): Promise<Endpoint> {
    return this.#life.inTurn(async () => {
      checkSocketDirectory(options.socketDirectory)
      const { checkTlsFiles } = await import('./endpoint-tls.ts')
      await checkTlsFiles(options, this.#parts.clock)
      const before = this.#options
      await this.#keep({ options, password: this.#password ?? generatePassword() })
      const isElsewhere = !isSameEndpoint(before, options)
      if (this.#running && isElsewhere) {
        await this.#stop()
        await this.#life.start(() => this.#start(startAsKept)).catch(() => undefined)
      } else if (isElsewhere && this.#life.condition.state === 'failed') {
        // What hindered it was said of where it was to listen before.
        this.#life.set('off')
      }
      return this.describe()
    })
  }

  /** For log-ins from now on; null: a new one is made up. */
  setPassword(password: string | null): Promise<null> {
    return this.#life.inTurn(async () => {
      await this.#keep({ options: this.#options, password: password ?? generatePassword() })
      return null
    })
  }

  /** How to connect to the instance `database`. Throws `conflict` while it does not listen. */
  connection(database: string): EndpointConnection {
    const password = this.#password
    if (!this.#running || password === null) {
      throw new WorkbenchError('conflict', 'The endpoint does not listen: start it first')
    }
    const { endpoint, certificatePath, options } = this.#running
    const tls = options.tls === 'required' ? { certificatePath } : null
    const { address, port, socketPath } = endpoint
    const login = { role: ownerRole, password, database }
    return withForms({ host: address ?? '', port, ...login, socketPath, tls })
  }

  /** Stops it for good. */
  async end(): Promise<void> {
    const ended = this.#life.end(() => this.#stop())
    this.#didChangeClients.fire(null)
    await ended
    this.#didChange.dispose()
    this.#didChangeClients.dispose()
  }

  async #start(wishes: StartWishes): Promise<void> {
    checkSocketDirectory(wishes.socketDirectory)
    const password = this.#password ?? generatePassword()
    if (this.#password === null) await this.#keep({ options: this.#options, password })
    this.#verifier = await makeVerifier(password)
    this.#running = await this.#listen(wishes)
  }

  async #listen(wishes: StartWishes): Promise<Running> {
    const port = wishes.port ?? this.#options.port
    if (port !== null) return this.#listenOn(port, wishes)
    const running = await this.#listenOn(portPreferred, wishes).catch((error: unknown) => {
      if (toWireError(error).code !== 'in-use') throw error
      return this.#listenOn(0, wishes)
    })
    await this.#keep({
      options: { ...this.#options, port: running.endpoint.port },
      password: this.#password ?? generatePassword(),
    })
    return running
  }

  async #listenOn(port: number, wishes: StartWishes): Promise<Running> {
    const { clock, dataDirectory, log, wireServers } = this.#parts
    const options = withWishes(this.#options, wishes)
    const { connectionsMax, socketDirectory, stalledClientMs } = options
    const [{ PostgresEndpoint }, { endpointTls }] = await Promise.all([
      import('../endpoints/postgres/postgres-endpoint.ts'),
      import('./endpoint-tls.ts'),
    ])
    const encryption = await endpointTls(options, { dataDirectory, clock, log })
    const verifier = (): string => this.#verifier
    const endpoint = await PostgresEndpoint.listen({
      tcp: { port },
      socketDirectory,
      owner: {
        role: ownerRole,
        get verifier() {
          return verifier()
        },
      },
      roleBackend: wishes.roleInstanceId === null ? null : wireServers.of(wishes.roleInstanceId),
      resolveDatabase: (name) => Promise.resolve(wireServers.backendOf(name, options.mode)),
      tls: encryption?.options ?? null,
      ...(encryption ? { renewTls: () => encryption.renew() } : {}),
      ...{ clock, connectionsMax, stalledClientMs, meter: this.traffic },
      tap: (client) => log.dump(client),
      onFailure: (error) => log.error('A client of the Postgres endpoint could not be served', error),
    })
    const watch = endpoint.clients.onDidChange(() => this.#onClients(endpoint.clients.size))
    return { options, endpoint, watch, certificatePath: encryption?.certificatePath ?? null }
  }

  async #stop(): Promise<void> {
    const running = this.#running
    if (!running) return
    this.#life.set('stopping')
    await running.endpoint.close()
    await this.#parts.wireServers.endForks()
    running.watch.dispose()
    this.#running = null
    this.#clientCount = 0
    this.#life.set('off')
    this.#didChangeClients.fire(null)
  }

  #onClients(count: number): void {
    this.#didChangeClients.fire(null)
    if (count === this.#clientCount) return
    this.#clientCount = count
    this.#didChange.fire(this.describe())
  }

  /** Whoever wishes for what there is has it. */
  #checkSame({ mode, port, socketDirectory, ...wishes }: StartWishes): void {
    const now = this.#running?.endpoint
    for (const name of ['tls', 'certificate', 'clientCertificates'] as const) {
      const isSame = wishes[name] === null || isDeepStrictEqual(wishes[name], this.#running?.options[name])
      if (isSame) continue
      throw new WorkbenchError('conflict', 'The endpoint listens already, with other TLS: stop it first')
    }
    if (mode !== null && mode !== this.#running?.options.mode) {
      const how = mode === 'fork' ? 'without a copy for each connection' : 'with a copy for each connection'
      throw new WorkbenchError('conflict', `The endpoint listens already, ${how}: stop it first`)
    }
    const isThere = port === null || port === 0 || port === now?.port
    const hasSocket = socketDirectory === null || now?.socketPath === socketPathIn(socketDirectory, now?.port)
    if (isThere && hasSocket) return
    const where = [`port ${now?.port}`, now?.socketPath].filter((part) => part !== null).join(' and ')
    throw new WorkbenchError('conflict', `The endpoint listens on ${where} already: stop it first`)
  }

  async #keep(kept: KeptEndpoint): Promise<void> {
    await this.#parts.storage.call('endpoint.set', { endpointId: postgresEndpointId, ...kept })
    const hasNewPassword = kept.password !== this.#password
    this.#password = kept.password
    this.#options = kept.options
    this.#parts.wireServers.idleTransactionMs = kept.options.idleTransactionMs
    if (hasNewPassword && this.#running) this.#verifier = await makeVerifier(kept.password)
    this.#didChange.fire(this.describe())
  }
}

function checkSocketDirectory(directory: string | null): void {
  if (directory === null || isAbsolute(directory)) return
  const message = `The directory ${directory} for the socket must be an absolute path`
  throw new WorkbenchError('invalid-argument', message)
}

function socketPathIn(directory: string, port: number | undefined): string {
  return join(directory, `.s.PGSQL.${port}`)
}

/** Whether what listens as `before` says is as `after` says, too. */
function isSameEndpoint(before: EndpointOptions, after: EndpointOptions): boolean {
  // These change while it listens.
  const whileListening = { startsWithHost: false, idleTransactionMs: 0 }
  return isDeepStrictEqual({ ...before, ...whileListening }, { ...after, ...whileListening })
}

/** How it is set for one start. */
function withWishes(options: EndpointOptions, wishes: StartWishes): EndpointOptions {
  const { certificate, clientCertificates, mode, socketDirectory, tls } = wishes
  return {
    ...options,
    mode: mode ?? options.mode,
    socketDirectory: socketDirectory ?? options.socketDirectory,
    // Whoever gives certificates wants them to be used.
    tls: tls ?? (options.tls === 'off' && (certificate || clientCertificates) ? 'offered' : options.tls),
    certificate: certificate ?? options.certificate,
    clientCertificates: clientCertificates ?? options.clientCertificates,
  }
}
