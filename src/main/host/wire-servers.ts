/**
 * The instances as servers of the wire protocol, each made when somebody asks for it by name, and what CREATE and
 * DROP DATABASE do. Knows no socket and no endpoint.
 */

import type { Clock } from '../../base/clock.ts'
import { DisposableStore, type Disposable } from '../../base/disposable.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { Instance } from '../../contract/instance.ts'
import type { EngineFactory } from '../engine/engine.ts'
import type { DatabaseAnswer, DatabaseCommand } from '../session/database-command.ts'
import { WireServer } from '../session/wire-server.ts'
import { ForkMemory } from './fork-memory.ts'
import { InstanceForks } from './instance-forks.ts'
import type { InstanceRegistry } from './instance-registry.ts'

/** Until the endpoint says otherwise. */
const idleTransactionMsDefault = 60_000

/** Of sessions of copies: beyond those of instances, which count from 100,001. */
const firstForkProcessId = 1_000_001

export interface WireServersOptions {
  readonly instances: InstanceRegistry
  readonly factory: EngineFactory
  readonly clock: Clock
  /** For copies of instances, together. */
  readonly forkBytesMax: number
}

/** Who makes or removes a database, and on which instance. */
interface DatabaseAsker {
  readonly instanceId: string
  readonly storage: Instance['storage']
  /** Roles belong to the instance. */
  readonly owner: string
  readonly isSuperuser: boolean
}

export class WireServers implements Disposable {
  /** How long a transaction may idle while others wait; for connections from now on. */
  idleTransactionMs = idleTransactionMsDefault
  readonly #instances: InstanceRegistry
  readonly #factory: EngineFactory
  readonly #clock: Clock
  readonly #forkMemory: ForkMemory
  readonly #servers = new Map<string, WireServer>()
  readonly #forks = new Map<string, InstanceForks>()
  /** Who has made an instance as a database, since the start. */
  readonly #owners = new Map<string, string>()
  readonly #endingForks = new Set<Promise<void>>()
  readonly #wires = new DisposableStore()
  #forkCount = 0
  #isDisposed = false

  constructor({ instances, factory, clock, forkBytesMax }: WireServersOptions) {
    this.#instances = instances
    this.#factory = factory
    this.#clock = clock
    this.#forkMemory = new ForkMemory(forkBytesMax)
    this.#wires.add(instances.onWillDelete(({ id }) => this.#forget(id)))
  }

  /** The instance of that name; null if there is none. */
  named(instanceName: string): WireServer | null {
    const found = this.#instances.list().find(({ name }) => name === instanceName)
    return found ? this.#serverOf(found) : null
  }

  /** The instance of that id; null if there is none. */
  of(instanceId: string): WireServer | null {
    const found = this.#instances.list().find(({ id }) => id === instanceId)
    return found ? this.#serverOf(found) : null
  }

  /** The instance of that name, a copy of which each session gets; null if there is none. */
  forksOf(instanceName: string): InstanceForks | null {
    const server = this.named(instanceName)
    const found = this.#instances.list().find(({ name }) => name === instanceName)
    if (!server || !found) return null
    const known = this.#forks.get(found.id)
    if (known) return known
    const idleTransactionMs = (): number => this.idleTransactionMs
    const forks = new InstanceForks({
      ...{ instance: this.#instances.get(found.id), factory: this.#factory, clock: this.#clock },
      memory: this.#forkMemory,
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
    for (const id of [...this.#forks.keys()]) this.#endForksOf(id)
    this.#wires.dispose()
    for (const server of this.#servers.values()) server.dispose()
    this.#servers.clear()
  }

  #serverOf({ id, storage }: Instance): WireServer | null {
    if (this.#isDisposed) return null
    const known = this.#servers.get(id)
    if (known) return known
    const instance = this.#instances.get(id)
    const { turns, onDidLoseEngine } = instance
    const idleTransactionMs = (): number => this.idleTransactionMs
    const server = new WireServer({
      ...{ turns, engines: instance, onDidLoseEngine, clock: this.#clock },
      get idleTransactionMs() {
        return idleTransactionMs()
      },
      onDatabaseCommand: (command, role, isSuperuser) => {
        const asker = { instanceId: id, storage, owner: `${id} ${role}`, isSuperuser }
        return command.kind === 'create'
          ? this.#createDatabase(command, asker)
          : this.#dropDatabase(command, asker)
      },
    })
    this.#servers.set(id, server)
    return server
  }

  /** A database is an instance of the same kind as the one that it is asked for on. */
  async #createDatabase({ name, template }: DatabaseCommand, on: DatabaseAsker): Promise<DatabaseAnswer> {
    const instances = this.#instances
    const isThere = (wanted: string): boolean =>
      instances.list().some((instance) => isNamed(instance, wanted))
    if (isThere(name)) throw new WorkbenchError('already-exists', `database "${name}" already exists`)
    if (template !== null && !isThere(template)) {
      throw new WorkbenchError('not-found', `template database "${template}" does not exist`)
    }
    if (template !== null) {
      throw new WorkbenchError(
        'unsupported',
        `databases cannot be copied from "${template}", only made empty`,
      )
    }
    const { id } = await instances.create({ name, storage: on.storage, withSample: false })
    this.#owners.set(id, on.owner)
    return { tag: 'CREATE DATABASE', notice: null }
  }

  async #dropDatabase(command: DatabaseCommand, on: DatabaseAsker): Promise<DatabaseAnswer> {
    const { name, mayBeMissing, isForced } = command
    const found = this.#instances.list().find((instance) => instance.name === name)
    if (!found) {
      if (!mayBeMissing) throw new WorkbenchError('not-found', `database "${name}" does not exist`)
      return { tag: 'DROP DATABASE', notice: `database "${name}" does not exist, skipping` }
    }
    if (!on.isSuperuser && this.#owners.get(found.id) !== on.owner) {
      throw new WorkbenchError('permission-denied', `must be owner of database ${name}`)
    }
    if (found.id === on.instanceId) {
      throw new WorkbenchError('in-use', 'cannot drop the currently open database')
    }
    const clientCount = this.#servers.get(found.id)?.connectionCount ?? 0
    if (clientCount > 0 && !isForced) {
      throw new WorkbenchError('in-use', `database "${name}" is being accessed by other users`)
    }
    await this.#instances.delete(found.id)
    return { tag: 'DROP DATABASE', notice: null }
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
    this.#owners.delete(instanceId)
    this.#servers.get(instanceId)?.dispose()
    this.#servers.delete(instanceId)
  }
}

/** Names of instances are told apart as the registry does. */
function isNamed(instance: Instance, name: string): boolean {
  return instance.name.toLowerCase() === name.toLowerCase()
}
