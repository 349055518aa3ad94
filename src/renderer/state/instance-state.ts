/**
 * The instances of the host and which of them this window works with. Creating, starting and deleting are asked
 * for here and shown when the host announces them.
 */

import type { Disposable } from '../../base/disposable.ts'
import { DisposableStore } from '../../base/disposable.ts'
import { Emitter } from '../../base/event.ts'
import type { InstanceOptions } from '../../contract/instance-options.ts'
import type { Instance, SessionState } from '../../contract/instance.ts'
import { instanceNameLengthMax } from '../../contract/limits.ts'
import type { Crash } from '../../contract/supervision.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import { Store } from './store.ts'

export interface NewInstance {
  readonly name: string
  readonly storage: 'memory' | 'directory'
  readonly withSample: boolean
  readonly options?: InstanceOptions
  readonly extensions?: readonly string[]
}

/** Sessions remembered, whoever they belong to: only those that hold or want a backend matter. */
const sessionsMax = 500

export class InstanceState implements Disposable {
  /** By name. */
  readonly instances = new Store<readonly Instance[]>([])
  readonly currentId = new Store<string | null>(null)
  /** Every session that the host has spoken of, by id. */
  readonly sessions = new Store<ReadonlyMap<string, SessionState>>(new Map())
  readonly #didDelete = new Emitter<Instance>()
  readonly onDidDelete = this.#didDelete.event
  readonly #client: WorkbenchClient
  readonly #subscriptions = new DisposableStore()

  constructor(client: WorkbenchClient) {
    this.#client = client
    this.#subscriptions.add(
      client.on('instance.didChange', ({ instance, isDeleted }) => {
        this.#take(instance, isDeleted)
      }),
    )
    this.#subscriptions.add(client.on('session.didChange', (session) => this.#takeSession(session)))
  }

  get current(): Instance | null {
    return this.find(this.currentId.value)
  }

  find(instanceId: string | null): Instance | null {
    return this.instances.value.find(({ id }) => id === instanceId) ?? null
  }

  /** `name`, or one like it that no instance has: `shop 2`. Names that differ in case alone are the same. */
  freeName(name: string): string {
    const taken = new Set(this.instances.value.map((each) => each.name.toLowerCase()))
    let candidate = name
    for (let number = 2; taken.has(candidate.toLowerCase()); number += 1) {
      const suffix = ` ${number}`
      candidate = `${name.slice(0, instanceNameLengthMax - suffix.length)}${suffix}`
    }
    return candidate
  }

  /** Asks for all instances again, after connecting. */
  async refresh(): Promise<void> {
    const instances = await this.#client.call('instance.list', null)
    this.sessions.set(new Map())
    this.instances.set(sorted(instances))
    if (!this.current) this.currentId.set(preferred(this.instances.value)?.id ?? null)
  }

  /** Works with this instance from now on; starts it when it is not running. */
  async select(instanceId: string): Promise<void> {
    this.currentId.set(instanceId)
    if (this.find(instanceId)?.state === 'stopped') await this.start(instanceId)
  }

  async start(instanceId: string): Promise<void> {
    this.#take(await this.#client.call('instance.start', { instanceId }), false)
  }

  /** How its engine has ended by itself, oldest first. */
  crashes(instanceId: string): Promise<readonly Crash[]> {
    return this.#client.call('instance.crashes', { instanceId })
  }

  async stop(instanceId: string): Promise<void> {
    this.#take(await this.#client.call('instance.stop', { instanceId }), false)
  }

  async create(request: NewInstance): Promise<Instance> {
    const instance = await this.#client.call('instance.create', request)
    this.#take(instance, false)
    return instance
  }

  async rename(instanceId: string, name: string): Promise<void> {
    this.#take(await this.#client.call('instance.rename', { instanceId, name }), false)
  }

  /** Counts from its next start on. */
  async configure(instanceId: string, options: InstanceOptions): Promise<void> {
    this.#take(await this.#client.call('instance.configure', { instanceId, options }), false)
  }

  async remove(instanceId: string): Promise<void> {
    await this.#client.call('instance.delete', { instanceId })
    const instance = this.find(instanceId)
    if (instance) this.#take(instance, true)
  }

  /** Takes a deleted instance out of the trash. */
  async restore(instanceId: string): Promise<void> {
    this.#take(await this.#client.call('instance.restore', { instanceId }), false)
  }

  /** The session that keeps others of its instance waiting; null when none does. */
  holderOf(instanceId: string): SessionState | null {
    const sessions = [...this.sessions.value.values()].filter((each) => each.instanceId === instanceId)
    const awaited = new Set(sessions.map(({ waitingFor }) => waitingFor))
    return sessions.find(({ title }) => awaited.has(title)) ?? null
  }

  dispose(): void {
    this.#subscriptions.dispose()
    this.#didDelete.dispose()
    for (const store of [this.instances, this.currentId, this.sessions]) store.dispose()
  }

  #take(instance: Instance, isDeleted: boolean): void {
    const others = this.instances.value.filter(({ id }) => id !== instance.id)
    const wasKnown = others.length < this.instances.value.length
    this.instances.set(isDeleted ? others : sorted([...others, instance]))
    if (!isDeleted) {
      if (this.currentId.value === null) this.currentId.set(instance.id)
      return
    }
    if (this.currentId.value === instance.id) this.currentId.set(preferred(others)?.id ?? null)
    if (wasKnown) this.#didDelete.fire(instance)
  }

  #takeSession(session: SessionState): void {
    const sessions = new Map(this.sessions.value)
    sessions.delete(session.sessionId)
    sessions.set(session.sessionId, session)
    for (const [id, { activity, transaction }] of sessions) {
      if (sessions.size <= sessionsMax) break
      if (activity === 'idle' && transaction === 'idle') sessions.delete(id)
    }
    this.sessions.set(sessions)
  }
}

function sorted(instances: readonly Instance[]): readonly Instance[] {
  return [...instances].sort((a, b) => a.name.localeCompare(b.name))
}

/** What a new window works with: one that runs, else the oldest. */
function preferred(instances: readonly Instance[]): Instance | null {
  const oldestFirst = [...instances].sort((a, b) => a.createdAtMs - b.createdAtMs)
  return oldestFirst.find(({ state }) => state === 'ready') ?? oldestFirst[0] ?? null
}
