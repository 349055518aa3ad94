/**
 * Brings an instance whose directory an earlier Postgres has written to the one of today: dumped by the engine that
 * wrote it, from a copy, into a new directory that takes the place when it is whole and has been compared. The original
 * stays beside it. Whoever dies in the middle leaves the one or the other.
 */

import { constants } from 'node:fs'
import { cp, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { wholeDatabase, type CopyReport, type Migration } from '../../contract/transfer.ts'
import type { Engine, EngineFactory } from '../engine/engine.ts'
import { TurnQueue } from '../session/turn-queue.ts'
import { storageError } from '../storage/storage-error.ts'
import { installedExtensions } from '../transfer/copy-preflight.ts'
import { copyRoles } from '../transfer/copy-roles.ts'
import { openEarlierEngine } from '../transfer/earlier-engine-link.ts'
import { LinkClient } from '../transfer/link-client.ts'
import type { ProgressTeller } from '../transfer/progress-stream.ts'
import type { ProtocolLink } from '../transfer/protocol-link.ts'
import { runCopy } from '../transfer/run-copy.ts'
import { openWireLink } from '../transfer/wire-link.ts'
import { removeSwapped, stageData, swapData, unfinishedFolder } from './data-swap.ts'
import type { HostedInstance } from './hosted-instance.ts'

/** What PG_VERSION says in directories that an engine of this program can still read. */
const readableVersions = ['17'] as const
const currentVersion = '18'

export interface MigrationOptions {
  readonly factory: EngineFactory
  readonly clock: Clock
}

export interface MigrationWork extends MigrationOptions {
  readonly instance: HostedInstance
  readonly signal: AbortSignal
  readonly tell: ProgressTeller
}

type Migrated = Omit<CopyReport, 'durationMs'>

/** Null where there is nothing to migrate, or nothing that could. */
export async function migrationOf(dataDirectory: string): Promise<Migration | null> {
  const version = await readFile(join(dataDirectory, 'PG_VERSION'), 'utf8').catch(() => '')
  const fromVersion = readableVersions.find((readable) => readable === version.trim())
  return fromVersion === undefined ? null : { fromVersion, toVersion: currentVersion }
}

/** Throws `conflict` where there is nothing to migrate; else what a copy throws. Then nothing has changed. */
export async function migrate(work: MigrationWork): Promise<Migrated> {
  const { instance } = work
  const migrated = await instance.whileStopped((data) => migrateData(work, data))
  await instance.configure({ ...instance.options, extensions: migrated.extensions })
  await instance.start()
  return migrated.report
}

async function migrateData(
  work: MigrationWork,
  data: string,
): Promise<{ readonly report: Migrated; readonly extensions: readonly string[] }> {
  const { instance, clock, signal, tell } = work
  const migration = await migrationOf(data)
  if (!migration) {
    throw new WorkbenchError(
      'conflict',
      `${instance.name} was not written by an earlier Postgres that can be read`,
    )
  }
  const directory = dirname(data)
  // Removed with everything else that is unfinished, whatever happens.
  const copied = join(directory, `${unfinishedFolder}.from`)
  try {
    await removeSwapped(directory)
    tell.progress({ phase: 'copying-files', table: null, bytes: 0, bytesTotal: null })
    await cp(data, copied, { recursive: true, mode: constants.COPYFILE_FICLONE })
    const source = await openEarlierEngine({ directory: copied, title: `${instance.name}, as it was` })
    try {
      const extensions = [
        ...new Set([...instance.options.extensions, ...(await installedExtensions(source))]),
      ]
      const report = await fill(work, { source, directory: join(directory, unfinishedFolder), extensions })
      if (signal.aborted) throw new WorkbenchError('cancelled', 'The migration was cancelled')
      await stageData(directory)
      const kept = `data.postgres-${migration.fromVersion}-${clock.nowMs()}`
      await swapData(directory, kept)
      tell.notice(
        `The directory as it was is kept as ${join(directory, kept)}; remove it when you do not need it`,
      )
      return { report, extensions }
    } finally {
      source.dispose()
    }
  } catch (error) {
    throw storageError(error, directory)
  } finally {
    // Its engine may be about to end.
    await rm(copied, { recursive: true, force: true, maxRetries: 5 })
    await rm(join(directory, unfinishedFolder), { recursive: true, force: true })
  }
}

interface Filling {
  readonly source: ProtocolLink
  readonly directory: string
  readonly extensions: readonly string[]
}

/** A new directory with everything that `source` has, closed and on disk when it resolves. */
async function fill(work: MigrationWork, { source, directory, extensions }: Filling): Promise<Migrated> {
  const { factory, instance, signal, tell } = work
  const engine = await factory.open({ ...instance.options, directory, durability: 'durable', extensions })
  try {
    const target = await linkTo(engine, work)
    try {
      await copyRoles(new LinkClient({ link: source }), new LinkClient({ link: target }))
      return await runCopy({
        source,
        target,
        scope: wholeDatabase,
        makesRoles: false,
        analyzes: true,
        signal,
        tell,
      })
    } finally {
      target.dispose()
    }
  } finally {
    await engine.close()
  }
}

/** Nobody else has it. */
function linkTo(engine: Engine, { clock, instance }: MigrationWork): Promise<ProtocolLink> {
  return openWireLink({
    ...{ engines: { engine: () => Promise.resolve(engine) }, turns: new TurnQueue(), clock },
    onDidLoseEngine: (listener) => engine.onDidCrash(() => listener(null)),
    ...{ name: instance.name, title: 'a migration' },
  })
}
