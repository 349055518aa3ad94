/**
 * Whole databases on the move: which session each work talks to, and what becomes of an instance that is made for it.
 * The work itself is elsewhere.
 */

import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { toWireError, WorkbenchError, type SqlErrorFields } from '../../contract/error.ts'
import { defaultInstanceOptions } from '../../contract/instance-options.ts'
import type { ParamsOf } from '../../contract/contract-table.ts'
import type {
  CopyReport,
  DatabasePlace,
  DumpEvent,
  DumpReport,
  Migration,
  RestoreReport,
  RestoreTarget,
} from '../../contract/transfer.ts'
import type { WorkbenchContract } from '../../contract/workbench-contract.ts'
import type { StreamChunk } from '../../rpc/handlers.ts'
import type { EngineFactory } from '../engine/engine.ts'
import { LinkClient } from '../transfer/link-client.ts'
import type { ProgressTeller } from '../transfer/progress-stream.ts'
import type { ProtocolLink } from '../transfer/protocol-link.ts'
import { runDump } from '../transfer/run-dump.ts'
import { runRestore } from '../transfer/run-restore.ts'
import { installedExtensions } from '../transfer/copy-preflight.ts'
import { runCopy } from '../transfer/run-copy.ts'
import { parseServerAddress } from '../transfer/server-address.ts'
import { openSocketLink } from '../transfer/socket-link.ts'
import { openWireLink } from '../transfer/wire-link.ts'
import { directorySize } from './directory-size.ts'
import { engineFolder } from './instance-record.ts'
import type { InstanceRegistry } from './instance-registry.ts'
import type { InstanceSnapshots } from './instance-snapshots.ts'
import { migrate, migrationOf } from './migration.ts'
import type { RemoteRegistry } from './remote-registry.ts'

export interface TransfersOptions {
  readonly instances: InstanceRegistry
  readonly remotes: RemoteRegistry
  readonly snapshots: InstanceSnapshots
  readonly factory: EngineFactory
  readonly clock: Clock
}

type Params<N extends keyof WorkbenchContract> = ParamsOf<WorkbenchContract[N]>

export interface RestoreWork extends Omit<Params<'transfer.restore'>, 'uploadId'> {
  readonly source: AsyncIterable<Uint8Array>
  readonly signal: AbortSignal
  readonly tell: ProgressTeller
}

export interface CopyWork extends Params<'transfer.copy'> {
  readonly signal: AbortSignal
  readonly tell: ProgressTeller
}

interface LinkOptions {
  /** What those who wait for it are told. */
  readonly title: string
  readonly signal: AbortSignal
}

interface IntoOptions extends LinkOptions {
  readonly tell: ProgressTeller
  /** Of an instance that is made for it. */
  readonly extensions?: readonly string[]
}

export class Transfers {
  readonly #options: TransfersOptions

  constructor(options: TransfersOptions) {
    this.#options = options
  }

  async *dump(
    { source, options }: Params<'transfer.dump'>,
    signal: AbortSignal,
  ): AsyncGenerator<StreamChunk<DumpEvent>, DumpReport, void> {
    const link = await this.#open(source, { title: 'a dump', signal })
    try {
      return yield* runDump({ link, options, signal, clock: this.#options.clock })
    } finally {
      link.dispose()
    }
  }

  async restore(work: RestoreWork): Promise<RestoreReport> {
    const { clock } = this.#options
    const startedAtMs = clock.monotonicMs()
    const { tell, signal } = work
    return this.#into(work.target, { title: 'a restore', tell, signal }, async (link) => {
      const onNotice = ({ severity, message }: SqlErrorFields): void =>
        tell.notice(`${severity}:  ${message}`)
      const counts = await runRestore({
        ...work,
        analyzes: work.target.kind === 'newInstance',
        client: new LinkClient({ link, onNotice }),
      })
      const durationMs = Math.round(clock.monotonicMs() - startedAtMs)
      return { ...counts, targetName: link.title, durationMs }
    })
  }

  async copy(work: CopyWork): Promise<CopyReport> {
    const { clock } = this.#options
    const { source, target, scope, signal, tell } = work
    if (source.kind === 'instance' && target.kind === 'instance' && source.instanceId === target.instanceId) {
      throw new WorkbenchError(
        'invalid-argument',
        'A database cannot be copied into itself; duplicate the instance',
      )
    }
    const startedAtMs = clock.monotonicMs()
    const isNew = target.kind === 'newInstance'
    const report = await this.#with(source, { title: 'a copy', signal }, async (from) => {
      const extensions = isNew ? await installedExtensions(from) : []
      return this.#into(target, { title: 'a copy', tell, signal, extensions }, (to) =>
        runCopy({ source: from, target: to, scope, makesRoles: isNew, analyzes: isNew, signal, tell }),
      )
    })
    return { ...report, durationMs: Math.round(clock.monotonicMs() - startedAtMs) }
  }

  async migration(instanceId: string): Promise<Migration | null> {
    const { instances, remotes } = this.#options
    if (remotes.find(instanceId)) return null
    const { directory } = instances.get(instanceId)
    return directory === null ? null : migrationOf(join(directory, engineFolder))
  }

  async migrate(
    instanceId: string,
    watching: { readonly signal: AbortSignal; readonly tell: ProgressTeller },
  ): Promise<CopyReport> {
    const { clock, factory, instances } = this.#options
    const startedAtMs = clock.monotonicMs()
    const instance = instances.get(instanceId)
    const report = await migrate({ instance, factory, clock, ...watching })
    return { ...report, durationMs: Math.round(clock.monotonicMs() - startedAtMs) }
  }

  /** An instance that is made for it is gone again when `work` fails. */
  async #into<T>(
    target: RestoreTarget,
    { title, tell, signal, extensions = [] }: IntoOptions,
    work: (link: ProtocolLink) => Promise<T>,
  ): Promise<T> {
    const { instances } = this.#options
    this.#refuseReadOnly(target)
    if (target.kind === 'instance') await this.#keep(target.instanceId, title, tell)
    if (target.kind !== 'newInstance') return this.#with(target, { title, signal }, work)
    const { id } = await instances.create({
      ...{ name: target.name, storage: 'directory', withSample: false },
      ...{ options: { ...defaultInstanceOptions, extensions }, isIncoming: true },
    })
    try {
      const done = await this.#with({ kind: 'instance', instanceId: id }, { title, signal }, work)
      const instance = instances.get(id)
      await instance.arrive(await directorySize(join(instance.directory ?? '', engineFolder)))
      return done
    } catch (error) {
      await instances.forget(id)
      throw error
    }
  }

  /** A pooler might let it pass. */
  #refuseReadOnly(target: RestoreTarget): void {
    if (target.kind !== 'instance') return
    const remote = this.#options.remotes.find(target.instanceId)
    if (!remote?.connection.isReadOnly) return
    const message = `${remote.name} is only to be read, as its connection's settings say; change them first`
    throw new WorkbenchError('permission-denied', message)
  }

  /** What is there can be gone back to, as its owner has decided; without a snapshot it is done all the same. */
  async #keep(instanceId: string, title: string, tell: ProgressTeller): Promise<void> {
    const { instances, remotes, snapshots } = this.#options
    if (remotes.find(instanceId) || instances.get(instanceId).directory === null) return
    try {
      const { before, automaticBytesMax } = await snapshots.policyOf(instanceId)
      if (before === 'nothing') return
      const reason = { kind: 'work', what: title } as const
      await snapshots.take(instanceId, { reason, bytesMax: automaticBytesMax })
    } catch (error) {
      tell.notice(`There is no snapshot of what was there before: ${toWireError(error).message}`)
    }
  }

  async #with<T>(
    place: DatabasePlace,
    options: LinkOptions,
    work: (link: ProtocolLink) => Promise<T>,
  ): Promise<T> {
    const link = await this.#open(place, options)
    try {
      return await work(link)
    } finally {
      link.dispose()
    }
  }

  async #open(place: DatabasePlace, { title, signal }: LinkOptions): Promise<ProtocolLink> {
    const { instances, clock } = this.#options
    if (place.kind === 'url') return openSocketLink(parseServerAddress(place.url), { clock, signal })
    const remote = this.#options.remotes.find(place.instanceId)
    if (remote) return openSocketLink(await remote.login(), { clock, signal })
    const instance = instances.get(place.instanceId)
    // Somebody has asked for it: one that stays down, whose dump is among the ways out, is tried once more.
    await instance.start()
    const { turns, onDidLoseEngine, name } = instance
    return openWireLink({ engines: instance, turns, onDidLoseEngine, clock, name, title })
  }
}
