/**
 * The instances as servers of the wire protocol, each made when somebody asks for it by name, and what CREATE and
 * DROP DATABASE do. Knows no socket and no endpoint.
 */

import type { Clock } from '../../base/clock.ts'
import { DisposableStore, type Disposable } from '../../base/disposable.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { Instance } from '../../contract/instance.ts'
import type { DatabaseCommand } from '../session/database-command.ts'
import { WireServer } from '../session/wire-server.ts'
import type { InstanceRegistry } from './instance-registry.ts'

/** Until the endpoint says otherwise. */
const idleTransactionMsDefault = 60_000

export class WireServers implements Disposable {
  /** How long a transaction may idle while others wait; for connections from now on. */
  idleTransactionMs = idleTransactionMsDefault
  readonly #instances: InstanceRegistry
  readonly #clock: Clock
  readonly #servers = new Map<string, WireServer>()
  readonly #wires = new DisposableStore()
  #isDisposed = false

  constructor(instances: InstanceRegistry, clock: Clock) {
    this.#instances = instances
    this.#clock = clock
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

  dispose(): void {
    this.#isDisposed = true
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
      onDatabaseCommand: (command) => this.#onDatabaseCommand(command, storage),
    })
    this.#servers.set(id, server)
    return server
  }

  /** A database is an instance of the same kind as the one that it is asked for on. */
  async #onDatabaseCommand(command: DatabaseCommand, storage: Instance['storage']): Promise<string> {
    const instances = this.#instances
    if (command.kind === 'create') {
      await instances.create({ name: command.name, storage, withSample: false })
      return 'CREATE DATABASE'
    }
    const found = instances.list().find(({ name }) => name === command.name)
    if (found) {
      const server = this.#servers.get(found.id)
      if (server && server.connectionCount > 0 && !command.isForced) {
        throw new WorkbenchError('in-use', `database "${command.name}" is being accessed by other users`)
      }
      await instances.delete(found.id)
    } else if (!command.mayBeMissing) {
      throw new WorkbenchError('not-found', `database "${command.name}" does not exist`)
    }
    return 'DROP DATABASE'
  }

  #forget(instanceId: string): void {
    this.#servers.get(instanceId)?.dispose()
    this.#servers.delete(instanceId)
  }
}
