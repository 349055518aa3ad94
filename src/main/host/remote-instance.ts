/**
 * A server elsewhere as an instance: connected when a session first needs it, and again when it was lost. Its
 * sessions wait for nobody. Knows no session and no client, and nothing of where its record lies.
 */

import type { Clock } from '../../base/clock.ts'
import { Emitter } from '../../base/event.ts'
import { toWireError, WorkbenchError } from '../../contract/error.ts'
import type { Instance } from '../../contract/instance.ts'
import type { RemoteConnection } from '../../contract/remote-server.ts'
import type { EngineSessionOptions, SessionOpener, StatementSession } from '../engine/engine.ts'
import type { ServerLogin } from '../engine/postgres/open-socket.ts'
import { PostgresServer, type ServerFacts } from '../engine/postgres/postgres-server.ts'
import type { SessionHome } from '../session/session-registry.ts'
import { productOf } from './remote-trial.ts'
import type { RemoteRecord } from './remote-record.ts'

export interface RemoteInstanceOptions {
  readonly record: RemoteRecord
  readonly clock: Clock
  password(): Promise<string | null>
  store(record: RemoteRecord): Promise<void>
}

type State = Pick<Instance, 'state' | 'failure'>

export class RemoteInstance implements SessionHome {
  readonly turns = null
  readonly #options: RemoteInstanceOptions
  readonly #didChange = new Emitter<Instance>()
  readonly onDidChange = this.#didChange.event
  #record: RemoteRecord
  #state: State = { state: 'stopped', failure: null }
  #encryption: string | null = null
  #server: PostgresServer | null = null
  #isEnded = false

  constructor(options: RemoteInstanceOptions) {
    this.#options = options
    this.#record = options.record
  }

  get id(): string {
    return this.#record.id
  }

  get name(): string {
    return this.#record.name
  }

  get connection(): RemoteConnection {
    return this.#record.connection
  }

  describe(): Instance {
    const { id, name, createdAtMs, serverVersion, product, connection } = this.#record
    const { host, port, database, user, tlsMode, isReadOnly, label, colour } = connection
    return {
      ...{ id, name, engine: 'postgres', storage: 'remote', ...this.#state, serverVersion },
      ...{ engineVersion: product, sizeBytes: null, createdAtMs },
      ...{ directory: null, options: null, needsRestart: false },
      remote: {
        ...{ host, port, database, user, tlsMode, isReadOnly, label, colour },
        encryption: this.#encryption,
      },
    }
  }

  /** How a connection of its own is made. */
  async login(): Promise<ServerLogin> {
    return { connection: this.#record.connection, password: await this.#options.password() }
  }

  /** What sessions begin on; the same object as long as the connection's settings are. */
  engine(): Promise<SessionOpener> {
    if (this.#isEnded) return Promise.reject(new WorkbenchError('closed', `${this.name} was closed`))
    return Promise.resolve(this.#opener)
  }

  /** Connects once, to see that it can be reached. Throws what connecting throws. */
  async start(): Promise<void> {
    const session = await this.#open({ settings: [] })
    try {
      const product = await productOf(session)
      if (product !== this.#record.product) await this.#store({ ...this.#record, product })
    } finally {
      // Its connection is kept for who comes next.
      session.dispose()
    }
    this.#set({})
  }

  /** Ends the connections; the next use connects again. */
  stop(): void {
    this.#disconnect()
    if (this.#state.state !== 'stopped') this.#set({ state: 'stopped', failure: null })
  }

  async rename(name: string): Promise<void> {
    await this.#store({ ...this.#record, name })
    this.#set({})
  }

  /** From now on: what is connected is ended. */
  async update(connection: RemoteConnection): Promise<void> {
    await this.#store({ ...this.#record, connection })
    this.#disconnect()
    this.#set({ state: 'stopped', failure: null })
  }

  /** Stops for good. */
  end(): void {
    this.#isEnded = true
    this.#disconnect()
    this.#didChange.dispose()
  }

  readonly #opener: SessionOpener = { openSession: (options, signal) => this.#open(options, signal) }

  async #open(
    options: Pick<EngineSessionOptions, 'settings'>,
    signal?: AbortSignal,
  ): Promise<StatementSession> {
    if (this.#isEnded) throw new WorkbenchError('closed', `${this.name} was closed`)
    if (this.#state.state !== 'ready') this.#set({ state: 'starting', failure: null })
    try {
      const server = this.#server ?? (await this.#connectTo())
      return await server.openSession(options, signal)
    } catch (error) {
      const failure = toWireError(error)
      if (failure.code === 'cancelled') {
        // Whoever else connects at the moment says so again when it is done.
        if (this.#state.state === 'starting' && !this.#isEnded) this.#set({ state: 'stopped', failure: null })
        throw error
      }
      // Too many consoles say nothing of the server.
      const isReachable = this.#state.state === 'ready' && failure.code === 'limit-exceeded'
      if (!isReachable && !this.#isEnded) this.#set({ state: 'failed', failure: failure.message })
      throw error
    }
  }

  async #connectTo(): Promise<PostgresServer> {
    const login = await this.login()
    const { clock } = this.#options
    this.#server ??= new PostgresServer({
      ...{ login, clock },
      onConnected: (facts) => this.#onConnected(facts),
    })
    return this.#server
  }

  #onConnected({ version, encryption }: ServerFacts): void {
    if (this.#isEnded) return
    this.#encryption = encryption
    if (version !== this.#record.serverVersion) {
      // What was seen last is told before the first connection; without it nothing is lost.
      this.#store({ ...this.#record, serverVersion: version }).catch(() => undefined)
    }
    if (this.#state.state !== 'ready') this.#set({ state: 'ready', failure: null })
  }

  #disconnect(): void {
    const server = this.#server
    this.#server = null
    this.#encryption = null
    server?.close()
  }

  async #store(record: RemoteRecord): Promise<void> {
    this.#record = record
    await this.#options.store(record)
  }

  #set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change }
    this.#didChange.fire(this.describe())
  }
}
