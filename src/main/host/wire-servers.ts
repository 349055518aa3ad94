/**
 * The instances as servers of the wire protocol, each made when somebody asks for it by name, and what CREATE and
 * DROP DATABASE do. Knows no socket and no endpoint.
 */

import type { Clock } from '../../base/clock.ts'
import { DisposableStore, type Disposable } from '../../base/disposable.ts'
import type { EndpointOptions } from '../../contract/endpoint.ts'
import type { EngineFactory } from '../engine/engine.ts'
import type { WireBackend } from '../endpoints/postgres/wire-backend.ts'
import { WireServer } from '../session/wire-server.ts'
import { DatabaseCommands } from './database-commands.ts'
import { FollowedInstances } from './followed-instances.ts'
import { ForkMemory } from './fork-memory.ts'
import type { HostedInstance } from './hosted-instance.ts'
import { maintenanceName } from './instance-databases.ts'
import { InstanceForks } from './instance-forks.ts'
import type { WireWatches } from './wire-guard.ts'
import type { InstanceCopies } from './instance-copies.ts'
import type { InstanceRegistry } from './instance-registry.ts'

/** Until the endpoint says otherwise. */
const idleTransactionMsDefault = 60_000

/** Of sessions of copies: beyond those of instances, which count from 100,001. */
const firstForkProcessId = 1_000_001

export interface WireServersOptions {
  readonly instances: InstanceRegistry
  readonly factory: EngineFactory
  readonly clock: Clock
  readonly copies: InstanceCopies
  /** Keeps what clients are about to remove. */
  readonly guard?: WireWatches
  onFailure(error: unknown): void
  /** For copies of instances, together. */
  readonly forkBytesMax: number
}

/** Where one connects to before a database is chosen, and what is there on every server besides. */
const maintenanceNames = new Set([maintenanceName, 'template1'])
/** What is in it would be gone with it. */
const maintenanceSettings = [['default_transaction_read_only', 'on']] as const
/** It takes memory, and is there again in half a second. */
const maintenanceIdleMs = 60_000

export class WireServers implements Disposable {
  /** How long a transaction may idle while others wait; for connections from now on. */
  idleTransactionMs = idleTransactionMsDefault
  readonly #instances: InstanceRegistry
  readonly #factory: EngineFactory
  readonly #clock: Clock
  /** What all copies of instances share. */
  readonly forkMemory: ForkMemory
  readonly #guard: WireWatches | null
  readonly #servers = new Map<string, WireServer>()
  readonly #forks = new Map<string, InstanceForks>()
  readonly #commands: DatabaseCommands
  readonly #followed: FollowedInstances
  #maintenance: MaintenanceServer | null = null
  readonly #endingForks = new Set<Promise<void>>()
  readonly #wires = new DisposableStore()
  #forkCount = 0
  #isDisposed = false

  readonly #onFailure: (error: unknown) => void

  constructor(options: WireServersOptions) {
    const { instances, copies, factory, clock, forkBytesMax, onFailure, guard = null } = options
    this.#guard = guard
    this.#onFailure = onFailure
    this.#instances = instances
    this.#factory = factory
    this.#clock = clock
    this.#followed = new FollowedInstances(instances, clock)
    this.forkMemory = new ForkMemory(forkBytesMax)
    this.#commands = new DatabaseCommands({
      ...{ instances, copies, clock },
      clientCount: (instanceId) => this.#servers.get(instanceId)?.connectionCount ?? 0,
    })
    this.#wires.add(instances.onWillDelete(({ id }) => this.#forget(id)))
  }

  /** What a client that asks for a database is given; null if there is none of that name. */
  backendOf(name: string, mode: EndpointOptions['mode']): WireBackend | null {
    const backend = mode === 'fork' ? this.#forksOf(name) : this.named(name)
    return backend ?? (maintenanceNames.has(name) ? this.#maintenanceBackend() : null)
  }

  /** The instance of that name; null if there is none. */
  named(instanceName: string): WireServer | null {
    const found = this.#instances.named(instanceName)
    return found ? this.#serverOf(found) : null
  }

  /** As `named`, for clients that subscribe, too. */
  followable(instanceName: string): WireBackend | null {
    const found = this.#instances.named(instanceName)
    const server = found ? this.#serverOf(found) : null
    if (!found || !server) return null
    return {
      findRole: (role) => server.findRole(role),
      openSession: (options) => server.openSession(options),
      openReader: (options) => this.#followed.openReader(found, options),
    }
  }

  /** The instance of that id; null if there is none. */
  of(instanceId: string): WireServer | null {
    return this.#instances.has(instanceId) ? this.#serverOf(this.#instances.get(instanceId)) : null
  }

  /** The instance of that name, a copy of which each session gets; null if there is none. */
  #forksOf(instanceName: string): InstanceForks | null {
    const server = this.named(instanceName)
    const found = this.#instances.named(instanceName)
    if (!server || !found) return null
    const known = this.#forks.get(found.id)
    if (known) return known
    const idleTransactionMs = (): number => this.idleTransactionMs
    const forks = new InstanceForks({
      ...{ instance: found, factory: this.#factory, clock: this.#clock },
      memory: this.forkMemory,
      get idleTransactionMs() {
        return idleTransactionMs()
      },
      nextProcessId: () => firstForkProcessId + this.#forkCount++,
      findRole: (role) => server.findRole(role),
    })
    this.#forks.set(found.id, forks)
    return forks
  }

  /** Ends all copies; resolves when their threads have gone. */
  async endForks(): Promise<void> {
    for (const id of [...this.#forks.keys()]) this.#endForksOf(id)
    await Promise.all([...this.#endingForks])
  }

  dispose(): void {
    this.#isDisposed = true
    this.#followed.dispose()
    for (const id of [...this.#forks.keys()]) this.#endForksOf(id)
    this.#wires.dispose()
    this.#maintenance?.idle.dispose()
    this.#maintenance?.server.dispose()
    for (const server of this.#servers.values()) server.dispose()
    this.#servers.clear()
  }

  #serverOf(instance: HostedInstance): WireServer | null {
    if (this.#isDisposed) return null
    const known = this.#servers.get(instance.id)
    if (known) return known
    const server = this.#makeServer(instance)
    this.#servers.set(instance.id, server)
    return server
  }

  #makeServer(instance: HostedInstance): WireServer {
    const { turns, onDidLoseEngine, id: instanceId } = instance
    const idleTransactionMs = (): number => this.idleTransactionMs
    return new WireServer({
      ...{ turns, engines: instance, onDidLoseEngine, clock: this.#clock },
      ...(this.#guard ? { watch: this.#guard.watch(instance) } : {}),
      get idleTransactionMs() {
        return idleTransactionMs()
      },
      onDatabaseCommand: (command, role, isSuperuser) =>
        this.#commands.run(command, { instanceId, role, isSuperuser }),
    })
  }

  /** Made when it is first asked for, and ended when nobody has been there for a while. */
  #maintenanceBackend(): WireBackend | null {
    if (this.#isDisposed) return null
    const server = this.#maintenance?.server ?? this.#makeServer(this.#instances.maintenance)
    this.#maintenance?.idle.dispose()
    this.#maintenance = { server, idle: this.#clock.after(maintenanceIdleMs, () => this.#endIdle(server)) }
    return {
      findRole: (name) => server.findRole(name),
      openSession: (options) =>
        server.openSession({ ...options, settings: new Map([...maintenanceSettings, ...options.settings]) }),
    }
  }

  #endIdle(server: WireServer): void {
    if (server.connectionCount > 0) {
      this.#maintenance = { server, idle: this.#clock.after(maintenanceIdleMs, () => this.#endIdle(server)) }
      return
    }
    this.#maintenance = null
    server.dispose()
    this.#instances.endMaintenance().catch((error: unknown) => this.#onFailure(error))
  }

  #endForksOf(instanceId: string): void {
    const ended = this.#forks.get(instanceId)?.end()
    this.#forks.delete(instanceId)
    if (!ended) return
    this.#endingForks.add(ended)
    void ended.finally(() => this.#endingForks.delete(ended))
  }

  #forget(instanceId: string): void {
    this.#endForksOf(instanceId)
    this.#servers.get(instanceId)?.dispose()
    this.#servers.delete(instanceId)
  }
}

/** The server of the maintenance database, and the next look whether it is used. */
interface MaintenanceServer {
  readonly server: WireServer
  readonly idle: Disposable
}
