/**
 * The snapshots of all instances: takes them while nothing runs, makes instances of them, goes back to them. Knows
 * not when they are due, and nothing of how they are stored.
 */

import { basename, join } from 'node:path'
import { present } from '../../base/assert.ts'
import type { Clock } from '../../base/clock.ts'
import { Emitter } from '../../base/event.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { Instance } from '../../contract/instance.ts'
import type { Snapshot, SnapshotList, SnapshotPolicy, SnapshotReason } from '../../contract/snapshot.ts'
import type { SnapshotClient } from '../snapshots/snapshot-client.ts'
import type { TakeProgress } from '../snapshots/snapshot-store.ts'
import { removeSwapped, stageData, swapData, unfinishedFolder } from './data-swap.ts'
import type { HostLog } from './host-options.ts'
import type { HostedInstance } from './hosted-instance.ts'
import type { CopyWatcher, InstanceCopies } from './instance-copies.ts'
import type { FilledFiles, FilledInstance, InstanceRegistry } from './instance-registry.ts'
import { withQuietFiles, type QuietFiles } from './quiet-files.ts'
import { SnapshotPolicies } from './snapshot-policy.ts'

export interface InstanceSnapshotsOptions {
  readonly instances: InstanceRegistry
  readonly copies: InstanceCopies
  readonly files: SnapshotClient
  readonly clock: Clock
  readonly log: HostLog
}

/** What somebody wants to be kept, and why. */
export interface SnapshotWish {
  readonly label?: string | null
  readonly reason: SnapshotReason
  /** Of a larger database none is taken. */
  readonly bytesMax?: number | null
}

export interface Rewound {
  /** By which it can be undone; null where the files were too damaged for a snapshot. */
  readonly undo: Snapshot | null
  /** Then they are here. */
  readonly keptDirectory: string | null
}

/** A snapshot on its way. */
export interface Taking {
  /** Resolves when the instance's files may change again. */
  readonly read: Promise<unknown>
  readonly taken: Promise<Snapshot>
}

const storeFolder = 'snapshots'

export class InstanceSnapshots {
  readonly #options: InstanceSnapshotsOptions
  readonly #policies = new SnapshotPolicies()
  readonly #didChange = new Emitter<string>()
  /** The list or the policy of the instance of that id. */
  readonly onDidChange = this.#didChange.event
  /** Instances that go back at the moment. */
  readonly #rewinding = new Set<string>()
  #pruning = Promise.resolve()

  constructor(options: InstanceSnapshotsOptions) {
    this.#options = options
  }

  list(instanceId: string): Promise<SnapshotList> {
    const instance = this.#options.instances.get(instanceId)
    if (instance.directory === null) return Promise.resolve({ snapshots: [], storedBytes: 0, problems: [] })
    return this.#options.files.call('store.list', { store: storeOf(instance) })
  }

  /**
   * Takes one of what is committed now. Throws `in-use` naming who has the instance, `disk-full`, `cancelled`,
   * `unsupported` for an instance without a directory; then nothing has changed.
   */
  async take(instanceId: string, wish: SnapshotWish, watcher: CopyWatcher = {}): Promise<Snapshot> {
    const { clock, instances } = this.#options
    const instance = instances.get(instanceId)
    storeOf(instance)
    const taking = await withQuietFiles(
      instance,
      { title: 'a snapshot', clock, ...watcher },
      async (quiet) => {
        const begun = this.begin(instance, { ...wish, quiet }, watcher)
        await begun.read
        return begun
      },
    )
    return present(taking, 'The snapshot').taken
  }

  /** Takes one of files that stand still until they are read. */
  begin(
    instance: HostedInstance,
    { quiet, ...wish }: SnapshotWish & { readonly quiet: QuietFiles },
    watcher: CopyWatcher = {},
  ): Taking {
    const read = Promise.withResolvers<unknown>()
    const taken = this.#take(
      instance,
      { wish, quiet },
      {
        ...(watcher.signal ? { signal: watcher.signal } : {}),
        onProgress: (progress) => {
          if (progress.isRead) read.resolve(null)
          watcher.onProgress?.(progress)
        },
      },
    )
    taken.then(read.resolve, read.reject)
    read.promise.catch(() => undefined)
    return { read: read.promise, taken }
  }

  async label(instanceId: string, snapshotId: string, label: string | null): Promise<Snapshot> {
    const store = storeOf(this.#options.instances.get(instanceId))
    const snapshot = await this.#options.files.call('store.label', { store, id: snapshotId, label })
    this.#didChange.fire(instanceId)
    return snapshot
  }

  async remove(instanceId: string, snapshotId: string): Promise<void> {
    const store = storeOf(this.#options.instances.get(instanceId))
    await this.#options.files.call('store.remove', { store, ids: [snapshotId] })
    this.#didChange.fire(instanceId)
  }

  /** The names of files that are damaged in a snapshot. */
  async verify(
    instanceId: string,
    snapshotId: string,
    watcher: CopyWatcher = {},
  ): Promise<readonly string[]> {
    const store = storeOf(this.#options.instances.get(instanceId))
    return (await this.#options.files.run('store.verify', { store, id: snapshotId }, watcher)).damaged
  }

  /** A new instance with what a snapshot has; null: with what the instance has now. It is not started. */
  async fork(
    instanceId: string,
    { snapshotId, name }: { readonly snapshotId: string | null; readonly name: string },
    watcher: CopyWatcher = {},
  ): Promise<Instance> {
    const { copies, instances } = this.#options
    if (snapshotId === null) return copies.fork(instanceId, name, watcher)
    const fields = await this.#fieldsOf(instanceId, snapshotId)
    const fork = await instances.addFilled({ name, ...fields }, async (to) => {
      await (
        await this.#restore(instanceId, { snapshotId, to }, watcher)
      ).durable
    })
    return fork.describe()
  }

  /** As `fork`, and starts it: while its files are put on disk. */
  async forkStarted(
    instanceId: string,
    { snapshotId, name }: { readonly snapshotId: string | null; readonly name: string },
    watcher: CopyWatcher = {},
  ): Promise<Instance> {
    const { copies, instances } = this.#options
    if (snapshotId === null) return copies.forkStarted(instanceId, name, watcher)
    const fields = await this.#fieldsOf(instanceId, snapshotId)
    const fork = await instances.addStarted({ name, ...fields }, (to) =>
      this.#restore(instanceId, { snapshotId, to }, watcher),
    )
    return fork.describe()
  }

  /**
   * Takes a snapshot, then puts the instance back to where `snapshotId` has it, and starts it. Its sessions end as by a
   * restart. Throws `corrupt` for a damaged snapshot, `disk-full`, `cancelled`, `in-use`; then nothing has changed.
   */
  async rewind(instanceId: string, snapshotId: string, watcher: CopyWatcher = {}): Promise<Rewound> {
    const instance = this.#options.instances.get(instanceId)
    const store = storeOf(instance)
    if (instance.isLinked) throw liesElsewhere(instance.name)
    const { serverVersion } = await this.#find(instanceId, snapshotId)
    refuseOtherVersion(serverVersion, instance.describe().serverVersion)
    if (this.#rewinding.has(instanceId)) {
      throw new WorkbenchError(
        'in-use',
        `${instance.name} is going back to a snapshot already; wait for that`,
      )
    }
    this.#rewinding.add(instanceId)
    const directory = join(store, '..')
    const to = join(directory, unfinishedFolder)
    try {
      await removeSwapped(directory)
      await (
        await this.#restore(instanceId, { snapshotId, to }, watcher)
      ).durable
      await stageData(directory)
      const going = instance.whileStopped((data) => this.#goBack(instance, { data, snapshotId }))
      const [rewound] = await Promise.allSettled([going])
      // Whatever has become of it, there is a database.
      await instance.start()
      if (rewound.status === 'rejected') throw rewound.reason
      this.#didChange.fire(instanceId)
      await removeSwapped(directory)
      return rewound.value
    } finally {
      this.#rewinding.delete(instanceId)
    }
  }

  policyOf(instanceId: string): Promise<SnapshotPolicy> {
    return this.#policies.of(storeOf(this.#options.instances.get(instanceId)))
  }

  /** At once; the default one until it was asked for. Of an instance on disk. */
  knownPolicy(instance: HostedInstance): SnapshotPolicy {
    return this.#policies.known(storeOf(instance))
  }

  async setPolicy(instanceId: string, policy: SnapshotPolicy): Promise<void> {
    const store = storeOf(this.#options.instances.get(instanceId))
    await this.#policies.set(store, policy)
    await this.#prune(instanceId, store)
    this.#didChange.fire(instanceId)
  }

  /** Resolves when what snapshots have left to be done is done. */
  rest(): Promise<void> {
    return this.#pruning
  }

  dispose(): void {
    this.#didChange.dispose()
  }

  async #take(
    instance: HostedInstance,
    { wish, quiet }: { readonly wish: SnapshotWish; readonly quiet: QuietFiles },
    watcher: { readonly signal?: AbortSignal; onProgress(progress: TakeProgress): void },
  ): Promise<Snapshot> {
    const { clock, files } = this.#options
    const { serverVersion, engineVersion } = instance.describe()
    const { directory: data, position } = quiet
    const snapshot = await files.run(
      'store.take',
      {
        ...{ store: storeOf(instance), data, position, serverVersion, engineVersion },
        ...{ takenAtMs: clock.nowMs(), label: wish.label ?? null, reason: wish.reason },
        bytesMax: wish.bytesMax ?? null,
      },
      watcher,
    )
    this.#didChange.fire(instance.id)
    this.#pruning = this.#pruning.then(() => this.#pruneLater(instance))
    return snapshot
  }

  /** Under the instance's lock, while its engine does not run. */
  async #goBack(
    instance: HostedInstance,
    { data, snapshotId }: { readonly data: string; readonly snapshotId: string },
  ): Promise<Rewound> {
    const directory = join(data, '..')
    const quiet: QuietFiles = { directory: data, position: null }
    try {
      const undo = await this.begin(instance, { reason: { kind: 'rewind', to: snapshotId }, quiet }).taken
      await swapData(directory)
      return { undo, keptDirectory: null }
    } catch (error) {
      if (!(error instanceof WorkbenchError) || error.code !== 'corrupt') throw error
      const kept = `${basename(data)}.damaged-${this.#options.clock.nowMs()}`
      await swapData(directory, kept)
      return { undo: null, keptDirectory: join(directory, kept) }
    }
  }

  /** What an instance has that is made from a snapshot. */
  async #fieldsOf(instanceId: string, snapshotId: string): Promise<Omit<FilledInstance, 'name'>> {
    const { serverVersion, engineVersion } = await this.#find(instanceId, snapshotId)
    const { options } = this.#options.instances.get(instanceId)
    return { serverVersion, engineVersion, options }
  }

  /** Makes `to` a data directory that can be opened. */
  async #restore(
    instanceId: string,
    { snapshotId, to }: { readonly snapshotId: string; readonly to: string },
    watcher: CopyWatcher,
  ): Promise<FilledFiles> {
    const { copies, files, instances } = this.#options
    const source = instances.get(instanceId)
    const request = { store: storeOf(source), id: snapshotId, to }
    const { byteCount, hasSetAside } = await files.run('store.restore', request, watcher)
    if (hasSetAside) await copies.settleUnlogged(to, source.options)
    return copies.filled(to, byteCount)
  }

  async #find(instanceId: string, snapshotId: string): Promise<Snapshot> {
    const { snapshots } = await this.list(instanceId)
    const found = snapshots.find(({ id }) => id === snapshotId)
    if (found) return found
    throw new WorkbenchError(
      'not-found',
      'There is no such snapshot; it was deleted, or made room for newer ones',
    )
  }

  /** Whoever has taken one does not wait for it. */
  async #pruneLater(instance: HostedInstance): Promise<void> {
    try {
      await this.#prune(instance.id, storeOf(instance))
    } catch (error) {
      this.#options.log.error(`Old snapshots of ${instance.name} could not be removed`, error)
    }
  }

  async #prune(instanceId: string, store: string): Promise<void> {
    const { budgetBytes } = await this.#policies.of(store)
    const { removed } = await this.#options.files.call('store.prune', { store, budgetBytes })
    if (removed.length > 0) this.#didChange.fire(instanceId)
  }
}

/** Throws `unsupported` for an instance that has no directory. */
function storeOf({ directory, name }: HostedInstance): string {
  if (directory !== null) return join(directory, storeFolder)
  throw new WorkbenchError(
    'unsupported',
    `${name} has no files of its own, of which snapshots could be taken; copy it to an instance on disk first`,
  )
}

function refuseOtherVersion(version: string | null, current: string | null): void {
  const major = (text: string | null): string | null => text?.split('.')[0] ?? null
  if (version === null || current === null || major(version) === major(current)) return
  throw new WorkbenchError(
    'unsupported',
    `That snapshot was written by Postgres ${version}, and this instance is Postgres ${current}; fork the snapshot, ` +
      'and move the fork to this version',
  )
}

function liesElsewhere(name: string): WorkbenchError {
  return new WorkbenchError(
    'unsupported',
    `${name} was opened in a directory of your own, which is not put aside; fork the snapshot into a new instance`,
  )
}
