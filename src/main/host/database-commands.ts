/**
 * What CREATE, DROP and ALTER DATABASE do when they come over the wire: databases are instances. Words its refusals
 * as a server does (commands/dbcommands.c of PostgreSQL 18). Knows no client and no protocol.
 */

import type { Clock } from '../../base/clock.ts'
import { noSqlErrorFields, WorkbenchError } from '../../contract/error.ts'
import type { Instance } from '../../contract/instance.ts'
import type { DatabaseAnswer, DatabaseCommand } from '../session/database-command.ts'
import { Session } from '../session/session.ts'
import { maintenanceName } from './instance-databases.ts'
import type { InstanceCopies } from './instance-copies.ts'
import type { InstanceRegistry } from './instance-registry.ts'
import { runStatement } from './run-statement.ts'

/** Who makes, changes or removes a database, and on which instance. */
export interface DatabaseAsker {
  /** Of the one that he is connected to. */
  readonly instanceId: string
  readonly role: string
  readonly isSuperuser: boolean
}

export interface DatabaseCommandsOptions {
  readonly instances: InstanceRegistry
  readonly copies: InstanceCopies
  readonly clock: Clock
  /** How many clients are connected to an instance. */
  clientCount(instanceId: string): number
}

/** Those who are about to leave are waited for, as long as a server does (CountOtherDBBackends, procarray.c). */
const leaveTries = 50
const leavePauseMs = 100

const templates = new Set(['template0', 'template1'])

export class DatabaseCommands {
  readonly #options: DatabaseCommandsOptions
  #commandCount = 0

  constructor(options: DatabaseCommandsOptions) {
    this.#options = options
  }

  /** Null for what the backend itself has to answer. */
  run(command: DatabaseCommand, asker: DatabaseAsker): Promise<DatabaseAnswer | null> {
    if (command.kind === 'create') return this.#create(command, asker)
    if (command.kind === 'drop') return this.#drop(command, asker)
    if (command.kind === 'rename') return this.#rename(command, asker)
    return command.kind === 'give' ? this.#giveTo(command, asker) : this.#change(command, asker)
  }

  async #create({ name, template, owner }: DatabaseCommand, asker: DatabaseAsker): Promise<DatabaseAnswer> {
    const { instances } = this.#options
    if (name === maintenanceName || templates.has(name) || this.#find(name, isAlike)) throw alreadyThere(name)
    const storage = this.#storageFor(asker)
    const ownedBy = { instanceId: asker.instanceId, role: owner ?? asker.role }
    // The maintenance database is kept empty, so that a copy of it is a new one.
    if (template === null || template === maintenanceName) {
      await instances.create({ name, storage, withSample: false, owner: ownedBy })
    } else {
      const { id } = await this.#copy(this.#templateFor(asker, template), { name, storage })
      await instances.get(id).giveTo(ownedBy)
      instances.tellDatabases()
    }
    return { tag: 'CREATE DATABASE', notice: null }
  }

  /** What is committed in it; a server waits until nobody is connected to it, which takes nothing from anybody here. */
  #copy({ id }: Instance, { name, storage }: Pick<Instance, 'name' | 'storage'>): Promise<Instance> {
    const { copies } = this.#options
    return storage === 'memory' ? copies.forkInMemory(id, name) : copies.fork(id, name)
  }

  #templateFor(asker: DatabaseAsker, name: string): Instance {
    const found = this.#find(name)
    if (!found) throw new WorkbenchError('not-found', `template database "${name}" does not exist`)
    if (this.#isOwner(found, asker)) return found
    throw new WorkbenchError('permission-denied', `permission denied to copy database "${name}"`)
  }

  /** As the one that it is asked for on; where that is none of the user's, as they all are. */
  #storageFor({ instanceId }: DatabaseAsker): 'memory' | 'directory' {
    const all = this.#options.instances.list()
    const own = all.find(({ id }) => id === instanceId)
    const alike = own ? [own] : all
    return alike.length > 0 && alike.every(({ storage }) => storage === 'memory') ? 'memory' : 'directory'
  }

  async #drop(command: DatabaseCommand, asker: DatabaseAsker): Promise<DatabaseAnswer> {
    const { name, mayBeMissing, isForced } = command
    refuseKept(name)
    const found = this.#find(name)
    if (!found) {
      if (!mayBeMissing) throw missing(name)
      return { tag: 'DROP DATABASE', notice: `database "${name}" does not exist, skipping` }
    }
    this.#checkOwner(found, asker)
    if (found.id === asker.instanceId) {
      throw new WorkbenchError('in-use', 'cannot drop the currently open database')
    }
    if (!isForced) await this.#waitUntilLeft(found)
    await this.#options.instances.delete(found.id)
    return { tag: 'DROP DATABASE', notice: null }
  }

  async #rename({ name, newName }: DatabaseCommand, asker: DatabaseAsker): Promise<DatabaseAnswer> {
    refuseKept(name)
    const found = this.#find(name)
    if (!found) throw missing(name)
    this.#checkOwner(found, asker)
    const wanted = newName ?? name
    const taken = this.#find(wanted, isAlike)
    if (wanted === maintenanceName || templates.has(wanted) || (taken && taken.id !== found.id))
      throw alreadyThere(wanted)
    if (found.id === asker.instanceId) {
      throw new WorkbenchError('unsupported', 'current database cannot be renamed')
    }
    await this.#waitUntilLeft(found)
    await this.#options.instances.rename(found.id, wanted)
    return { tag: 'ALTER DATABASE', notice: null }
  }

  /** Who it belongs to is told to all, and may drop it. */
  async #giveTo({ name, owner }: DatabaseCommand, asker: DatabaseAsker): Promise<DatabaseAnswer | null> {
    const found = this.#find(name)
    if (!found || found.id === asker.instanceId) return null
    this.#checkOwner(found, asker)
    const role = owner ?? asker.role
    await this.#options.instances.get(found.id).giveTo({ instanceId: asker.instanceId, role })
    this.#options.instances.tellDatabases()
    return { tag: 'ALTER DATABASE', notice: null }
  }

  /** In the database itself, as its owner would. */
  async #change({ name, sql }: DatabaseCommand, asker: DatabaseAsker): Promise<DatabaseAnswer | null> {
    const found = this.#find(name)
    if (!found || found.id === asker.instanceId || !asker.isSuperuser) return null
    const { clock, instances } = this.#options
    const engines = instances.get(found.id)
    const title = `a command for the database ${name}`
    const place = { instanceId: found.id, turns: engines.turns, engines, clock }
    const session = new Session({ ...place, id: `command-${this.#commandCount++}`, title })
    try {
      return { tag: await runStatement(session, sql), notice: null }
    } finally {
      await session.close()
    }
  }

  #checkOwner(instance: Instance, asker: DatabaseAsker): void {
    if (this.#isOwner(instance, asker)) return
    throw new WorkbenchError('permission-denied', `must be owner of database ${instance.name}`)
  }

  #isOwner({ id }: Instance, { instanceId, role, isSuperuser }: DatabaseAsker): boolean {
    const { owner } = this.#options.instances.get(id)
    return isSuperuser || (owner?.instanceId === instanceId && owner.role === role)
  }

  async #waitUntilLeft({ id, name }: Instance): Promise<void> {
    const { clientCount, clock } = this.#options
    for (let tries = 0; clientCount(id) > 0; tries++) {
      if (tries === leaveTries) throw stillUsed(name, clientCount(id))
      await new Promise<void>((resolve) => clock.after(leavePauseMs, resolve))
    }
  }

  #find(name: string, isNamed = isExactly): Instance | null {
    return this.#options.instances.list().find((instance) => isNamed(instance, name)) ?? null
  }
}

function isExactly(instance: Instance, name: string): boolean {
  return instance.name === name
}

/** Names of instances are told apart as the registry does. */
function isAlike(instance: Instance, name: string): boolean {
  return instance.name.toLowerCase() === name.toLowerCase()
}

function refuseKept(name: string): void {
  if (templates.has(name)) throw sqlError('42809', 'cannot drop a template database')
}

function alreadyThere(name: string): WorkbenchError {
  return new WorkbenchError('already-exists', `database "${name}" already exists`)
}

function missing(name: string): WorkbenchError {
  return new WorkbenchError('not-found', `database "${name}" does not exist`)
}

function stillUsed(name: string, count: number): WorkbenchError {
  const sessions = count === 1 ? 'is 1 other session' : `are ${count} other sessions`
  return sqlError('55006', `database "${name}" is being accessed by other users`, {
    detail: `There ${sessions} using the database.`,
  })
}

function sqlError(code: string, message: string, more: { readonly detail?: string } = {}): WorkbenchError {
  const fields = { ...noSqlErrorFields, severity: 'ERROR', code, message, ...more }
  return new WorkbenchError('sql-error', message, { sql: fields })
}
