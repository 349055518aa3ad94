/**
 * A host that runs: attaches clients, tells programs how it does, and ends its parts in order. What the parts do is
 * theirs; where it runs has been settled before.
 */

import type { Disposable } from '../../base/disposable.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { WorkbenchContract } from '../../contract/workbench-contract.ts'
import type { Port } from '../../rpc/port.ts'
import type { ContractServer } from '../../rpc/rpc-server.ts'
import type { WireBackend } from '../endpoints/postgres/wire-backend.ts'
import type { WireServer } from '../session/wire-server.ts'
import type { DirectoryLock } from '../storage/directory-lock.ts'
import { createParts, type HostGround } from './create-parts.ts'
import type { HostOperations } from './host-operations.ts'
import type { HostOptions } from './host-options.ts'
import type { HostParts } from './host-parts.ts'
import type { Traffic } from './host-readings.ts'
import { removeLeftTrials } from './trial-copies.ts'
import { serveClient, wireParts } from './wiring.ts'

export interface WorkbenchHost {
  readonly dataDirectory: string
  /**
   * Serves the workbench contract to one client over `port`, until the port closes or the result is disposed.
   * The client's sessions, streams, uploads and workspace claim end with it.
   */
  attach(port: Port): Disposable
  /**
   * Writes where clients can reach this host (such as a URL with its token) beside the directory's lock, so
   * that commands can talk to it instead of opening its instances; null takes it back. Readable by the owner
   * alone (0600).
   */
  publishEndpoint(endpoint: string | null): Promise<void>
  /** For the programs that look after the host. */
  readonly operations: Pick<HostOperations, 'metrics' | 'metricsToken' | 'unreadiness'>
  /** Clients reach this host over HTTP on `port`; `traffic` tells what they have moved, for the monitor. */
  didListen(port: number, traffic: () => Traffic): void
  /** The instance of that name as a server of the wire protocol; null if there is none. */
  wireServer(instanceName: string): WireServer | null
  /** The same for clients that subscribe, too. */
  followable(instanceName: string): WireBackend | null
  /**
   * Refuses new work, cancels what runs, rolls back open transactions, checkpoints and closes the engines and
   * the store, and lets go of the data directory. Idempotent.
   */
  stop(): Promise<void>
}

/** What the first start puts there. */
const firstInstance = { name: 'playground', storage: 'directory', withSample: true } as const

/** Answers under way when the host stops get this long; what runs has been cancelled by then. */
const stopGraceMs = 2_000

/** Makes the parts of a host and begins what it does by itself. The lock is its own from then on. */
export async function runHost(
  options: HostOptions,
  { lock, ...ground }: HostGround & { readonly lock: DirectoryLock },
): Promise<WorkbenchHost> {
  const { shell } = options
  const parts = await createParts(options, ground)
  const host = new RunningHost(parts, lock)
  await host.removeLeftTrials()
  if (shell === 'command') return host
  await host.removeOldTrash()
  await host.expectWindows()
  void parts.endpoint.startWithHost()
  void parts.web.startWithHost()
  parts.monitor.monitor.start()
  return host
}

class RunningHost implements WorkbenchHost {
  readonly #parts: HostParts
  readonly #lock: DirectoryLock
  readonly #wires: Disposable
  readonly #clients = new Set<ContractServer<WorkbenchContract>>()
  readonly #ends = new Set<Promise<void>>()
  #stopping: Promise<void> | null = null

  constructor(parts: HostParts, lock: DirectoryLock) {
    this.#parts = parts
    this.#lock = lock
    this.#wires = wireParts(parts)
    parts.schedule.start()
  }

  get dataDirectory(): string {
    return this.#lock.directory
  }

  get operations(): HostOperations {
    return this.#parts.operations
  }

  didListen(port: number, traffic: () => Traffic): void {
    this.#parts.operations.port = port
    this.#parts.monitor.readings.windowTraffic = traffic
  }

  /** There is always something to begin with. */
  async expectWindows(): Promise<void> {
    if (this.#parts.instances.list().length === 0) await this.#createFirstInstance()
  }

  /** Starts it without waiting; whether it could be started is told by its state. */
  async #createFirstInstance(): Promise<void> {
    const { instances, log } = this.#parts
    const instance = await instances.add(firstInstance)
    log.info('First start: filling the playground with a sample web shop, which takes some seconds')
    instance.start().then(
      () => log.info('The playground is ready'),
      (error: unknown) => {
        // A host that is being stopped has ended it.
        if (!this.#stopping) log.error('The first instance did not start', error)
      },
    )
  }

  /** Whatever hinders it: the instances that are in use do not depend on it. */
  async removeOldTrash(): Promise<void> {
    const { instances, log, remotes } = this.#parts
    try {
      const count = (await instances.removeOldTrash()) + (await remotes.removeOldTrash())
      if (count > 0) log.info(`Removed ${count} deleted instances that were in the trash for 30 days`)
    } catch (error) {
      log.error('Old instances in the trash could not be removed', error)
    }
  }

  /** Copies that a host which was killed has left. Whatever hinders it, nothing depends on it. */
  async removeLeftTrials(): Promise<void> {
    try {
      await removeLeftTrials(this.dataDirectory)
    } catch (error) {
      this.#parts.log.error('What a trial left could not be removed', error)
    }
  }

  attach(port: Port): Disposable {
    if (this.#stopping) {
      port.close('Wardian is shutting down; start it again')
      return port
    }
    const { server, ended } = serveClient(this.#parts, port)
    this.#clients.add(server)
    this.#ends.add(ended)
    this.#parts.sampler.start()
    this.#parts.monitor.readings.windowCount = this.#clients.size
    void ended.then(() => {
      this.#clients.delete(server)
      this.#ends.delete(ended)
      this.#parts.monitor.readings.windowCount = this.#clients.size
      if (this.#clients.size === 0) this.#parts.sampler.stop()
    })
    return server
  }

  publishEndpoint(endpoint: string | null): Promise<void> {
    return this.#lock.publishEndpoint(endpoint)
  }

  wireServer(instanceName: string): WireServer | null {
    return this.#stopping ? null : this.#parts.wireServers.named(instanceName)
  }

  followable(instanceName: string): WireBackend | null {
    return this.#stopping ? null : this.#parts.wireServers.followable(instanceName)
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    const { archives, endpoint, factory, files, history, instances, log, parser } = this.#parts
    const { remotes, sampler, sessions, snapshots, statistics, storage, wireServers } = this.#parts
    this.#parts.operations.end()
    // From here on they refuse new requests; the open ones end with their sessions.
    const clients = [...this.#clients].map((client) => client.shutdown(stopGraceMs))
    this.#parts.schedule.dispose()
    const steps: readonly [what: string, step: () => Promise<unknown>][] = [
      ['the monitor', () => this.#parts.monitor.end()],
      ['the endpoint', () => endpoint.end()],
      ['the web endpoint', () => this.#parts.web.end()],
      ['sessions', () => sessions.closeAll()],
      ['clients', () => Promise.all(clients)],
      ['what clients left', () => Promise.all(this.#ends)],
      ['conversations', () => Promise.resolve(wireServers.dispose())],
      ['servers', () => Promise.resolve(remotes.end())],
      ['instances', () => instances.end()],
      ['snapshots', () => snapshots.rest()],
      ['copies of files', () => files.close()],
      ['archives', () => archives.close()],
      ['engines', () => factory.dispose()],
      ['the history', () => history.flush()],
      ['the statistics', () => statistics.flush()],
      ['the store', () => storage.close()],
      ['the parser', () => parser.close()],
    ]
    let failure: unknown = null
    for (const [what, step] of steps) {
      try {
        await step()
      } catch (error) {
        log.error(`Wardian could not close ${what} cleanly`, error)
        failure ??= error
      }
    }
    sampler.dispose()
    this.#parts.caches.dispose()
    this.#parts.monitor.dispose()
    this.#wires.dispose()
    sessions.dispose()
    history.dispose()
    this.#parts.guard.dispose()
    statistics.dispose()
    snapshots.dispose()
    this.#parts.didChangeSettings.dispose()
    await log.flush()
    await this.#lock.release()
    if (failure !== null)
      throw new WorkbenchError('internal', 'Wardian did not stop cleanly', { cause: failure })
  }
}
