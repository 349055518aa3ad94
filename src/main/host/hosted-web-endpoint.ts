/**
 * The web endpoint of this host: started, stopped and set by the user, with its options and tokens kept. Knows no
 * protocol that it carries, and no byte.
 */

import { isAbsolute } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { Emitter } from '../../base/event.ts'
import { toWireError, WorkbenchError } from '../../contract/error.ts'
import { webEndpointId, type WebEndpoint, type WebEndpointOptions } from '../../contract/web-endpoint.ts'
import type { ClientRegistry } from '../endpoints/postgres/client-registry.ts'
import { TrafficMeter } from '../endpoints/postgres/traffic-meter.ts'
import type { WebAccess } from '../endpoints/web/web-access.ts'
import type { WebEndpoint as WebServer } from '../endpoints/web/web-endpoint.ts'
import type { HostLogger } from '../log/host-logger.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import { EndpointLife } from './endpoint-life.ts'
import type { EndpointTls, TlsSettings } from './endpoint-tls.ts'
import { watchIdle } from './idle-watch.ts'
import type { WebBackends } from './web-backends.ts'
import type { WebTokens } from './web-tokens.ts'

/** Tried first where no port is kept yet: near Postgres's own, where nothing else is. */
export const webPortPreferred = 5480

const minuteMs = 60_000

export interface HostedWebEndpointOptions {
  readonly dataDirectory: string
  readonly storage: StorageClient
  readonly clock: Clock
  readonly log: HostLogger
  readonly options: WebEndpointOptions
  readonly tokens: WebTokens
  readonly backends: WebBackends
  /** One start of the host. */
  readonly epoch: string
}

interface Running {
  readonly server: WebServer
  readonly wires: readonly Disposable[]
  readonly certificatePath: string | null
}

export class HostedWebEndpoint {
  readonly tokens: WebTokens
  /** What clients have sent and were sent, over all starts of the endpoint. */
  readonly traffic = new TrafficMeter()
  readonly #parts: HostedWebEndpointOptions
  readonly #life = new EndpointLife()
  readonly #didChange = new Emitter<WebEndpoint>()
  /** Its state, its options, or how many clients it has. */
  readonly onDidChange = this.#didChange.event
  readonly #didChangeClients = new Emitter<null>()
  /** A client came, went or changed, or nobody is listened for any more. */
  readonly onDidChangeClients = this.#didChangeClients.event
  #options: WebEndpointOptions
  #clientCount = 0
  #running: Running | null = null

  constructor(parts: HostedWebEndpointOptions) {
    this.#parts = parts
    this.tokens = parts.tokens
    this.#options = parts.options
    this.#life.onDidChange(() => this.#didChange.fire(this.describe()))
  }

  /** Who is connected; null while it does not listen. */
  get clients(): ClientRegistry | null {
    return this.#running?.server.clients ?? null
  }

  get isEnded(): boolean {
    return this.#life.isEnded
  }

  describe(): WebEndpoint {
    const { url = null, port = null } = this.#running?.server ?? {}
    const certificatePath = this.#running?.certificatePath ?? null
    const place = { url, port, certificatePath, clientCount: this.#clientCount, options: this.#options }
    return { id: webEndpointId, kind: 'web', ...this.#life.condition, ...place }
  }

  /** Starts it if it is to be there from the start; what hinders it is told by its state. */
  async startWithHost(): Promise<void> {
    if (!this.#options.startsWithHost) return
    try {
      await this.start(null)
    } catch (error) {
      if (!this.isEnded) this.#parts.log.error('The web endpoint did not start', error)
    }
  }

  /**
   * `port` null: the one that is kept; 0: any free one, which is not kept. Throws `conflict` where it listens on
   * another already; what WebEndpoint.listen throws.
   */
  start(port: number | null): Promise<WebEndpoint> {
    return this.#life.inTurn(async () => {
      const now = this.#running?.server.port
      if (now === undefined) await this.#life.start(() => this.#start(port))
      else if (port !== null && port !== 0 && port !== now) {
        throw new WorkbenchError('conflict', `The web endpoint listens on port ${now} already: stop it first`)
      }
      return this.describe()
    })
  }

  stop(): Promise<WebEndpoint> {
    return this.#life.inTurn(async () => {
      await this.#stop()
      this.#life.set('off')
      return this.describe()
    })
  }

  /** What then hinders it from listening is told by its state, not thrown. */
  configure(options: WebEndpointOptions): Promise<WebEndpoint> {
    return this.#life.inTurn(async () => {
      await this.#check(options)
      const isElsewhere = !isSameEndpoint(this.#options, options)
      await this.#keep(options)
      if (this.#running && isElsewhere) {
        await this.#stop()
        await this.#life.start(() => this.#start(null)).catch(() => undefined)
      } else if (isElsewhere && this.#life.condition.state === 'failed') {
        // What hindered it was said of where it was to listen before.
        this.#life.set('off')
      }
      return this.describe()
    })
  }

  /** Stops it for good. */
  async end(): Promise<void> {
    const ended = this.#life.end(() => this.#stop())
    this.#didChangeClients.fire(null)
    await ended
    this.#didChange.dispose()
    this.#didChangeClients.dispose()
    this.tokens.dispose()
  }

  async #start(wanted: number | null): Promise<void> {
    const port = wanted ?? this.#options.port
    if (port !== null) {
      this.#running = await this.#listenOn(port)
    } else {
      this.#running = await this.#listenOn(webPortPreferred).catch((error: unknown) => {
        if (toWireError(error).code !== 'in-use') throw error
        return this.#listenOn(0)
      })
      await this.#keep({ ...this.#options, port: this.#running.server.port })
    }
    this.#parts.log.info(`The web endpoint listens at ${this.#running.server.url}`)
  }

  async #listenOn(port: number): Promise<Running> {
    const { clock, dataDirectory, epoch, log } = this.#parts
    const { address, allowedOrigins, compresses, connectionsMax, hostNames } = this.#options
    const [{ WebEndpoint }, { endpointTls }, { webProtocols }] = await Promise.all([
      import('../endpoints/web/web-endpoint.ts'),
      import('./endpoint-tls.ts'),
      import('./web-protocols.ts'),
    ])
    const tls = await endpointTls(tlsSettings(this.#options), { dataDirectory, clock, log })
    const server = await WebEndpoint.listen({
      ...{ address, port, allowedOrigins, compresses, connectionsMax, hostNames, clock, log, epoch },
      ...{ tls, access: this.access, meter: this.traffic, protocols: await webProtocols() },
      onRefused: (what) => log.debug(`The web endpoint refused ${what}`),
    })
    const { clients } = server
    const wires = [clients.onDidChange(() => this.#onClients(clients.size)), this.#watchIdle(server)]
    return { server, wires, certificatePath: certificatePathOf(tls) }
  }

  /** What its protocols are given. */
  get access(): WebAccess {
    const { backends, tokens } = this.#parts
    return {
      authenticate: async (token, address) => tokens.authenticate(token, address),
      onDidRevoke: tokens.onDidRevoke,
      backend: (tenant, grant) => backends.backend(tenant, grant),
    }
  }

  async #stop(): Promise<void> {
    const running = this.#running
    if (!running) return
    this.#life.set('stopping')
    await running.server.close()
    for (const wire of running.wires) wire.dispose()
    this.#running = null
    this.#clientCount = 0
    this.#parts.log.info('The web endpoint was stopped')
    this.#life.set('off')
    this.#didChangeClients.fire(null)
  }

  /** Goes off by itself when nobody was there for as long as is set. */
  #watchIdle(server: WebServer): Disposable {
    const { clock, log } = this.#parts
    return watchIdle({
      clock,
      idleMsMax: () => this.#options.idleOffMinutes && this.#options.idleOffMinutes * minuteMs,
      unusedMs: () => server.unusedMs,
      onIdle: () => {
        log.info(`Nobody has used the web endpoint for ${this.#options.idleOffMinutes} min`)
        this.stop().catch((error: unknown) => log.error('The web endpoint did not stop', error))
      },
    })
  }

  #onClients(count: number): void {
    this.#didChangeClients.fire(null)
    if (count === this.#clientCount) return
    this.#clientCount = count
    this.#didChange.fire(this.describe())
  }

  async #check(options: WebEndpointOptions): Promise<void> {
    const { address, allowedOrigins, clientAuthorityPath, tls } = options
    for (const origin of allowedOrigins) checkOrigin(origin)
    if (clientAuthorityPath !== null && !isAbsolute(clientAuthorityPath)) {
      throw new WorkbenchError(
        'invalid-argument',
        'The file of those who sign certificates needs an absolute path',
      )
    }
    const { isLoopback } = await import('../endpoints/web/web-listeners.ts')
    if (address !== null && tls === 'off' && !isLoopback(address)) {
      const message = `Listening on ${address} lets other machines in: demand TLS, or leave the address out`
      throw new WorkbenchError('invalid-argument', message)
    }
    const { checkTlsFiles } = await import('./endpoint-tls.ts')
    await checkTlsFiles(tlsSettings(options), this.#parts.clock)
  }

  async #keep(options: WebEndpointOptions): Promise<void> {
    await this.#parts.storage.call('web.setOptions', options)
    this.#options = options
    this.#didChange.fire(this.describe())
  }
}

/** As the Postgres endpoint has them. */
function tlsSettings({ tls, certificate, clientAuthorityPath }: WebEndpointOptions): TlsSettings {
  const clientCertificates =
    clientAuthorityPath === null ? null : ({ authorityPath: clientAuthorityPath, use: 'required' } as const)
  return { tls, certificate, clientCertificates }
}

function certificatePathOf(tls: EndpointTls | null): string | null {
  return tls?.certificatePath ?? null
}

/** As browsers send them (RFC 6454, section 6.2): a scheme, a host, a port that is not the scheme's own. */
function checkOrigin(origin: string): void {
  const url = URL.canParse(origin) ? new URL(origin) : null
  if (url?.origin === origin && (url.protocol === 'http:' || url.protocol === 'https:')) return
  const example = url && url.origin !== 'null' ? url.origin : 'https://shop.example'
  throw new WorkbenchError('invalid-argument', `${origin} is no origin; one is written as ${example}`)
}

/** Whether what listens as `before` says is as `after` says, too. */
function isSameEndpoint(before: WebEndpointOptions, after: WebEndpointOptions): boolean {
  // These change while it listens.
  const whileListening = { startsWithHost: false, idleOffMinutes: null }
  return isDeepStrictEqual({ ...before, ...whileListening }, { ...after, ...whileListening })
}
