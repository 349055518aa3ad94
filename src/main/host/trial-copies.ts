/**
 * Copies of one moment of an instance, for a trial: in memory where they fit, else on disk. All that they took is given
 * back at the end, whatever became of them. Knows no script.
 */

import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { ColumnBatch } from '../../contract/column-batch.ts'
import { toWireError, WorkbenchError } from '../../contract/error.ts'
import type { Engine, EngineFactory, EngineOptions, EngineSnapshot } from '../engine/engine.ts'
import type { Session } from '../session/session.ts'
import { textRows } from '../session/session-query.ts'
import type { SnapshotClient } from '../snapshots/snapshot-client.ts'
import type { ForkMemory } from './fork-memory.ts'
import type { HostedInstance } from './hosted-instance.ts'
import type { InstanceCopies } from './instance-copies.ts'
import { inTurn } from './quiet-files.ts'

/** Larger instances are copied on disk: this much is copied into memory while everybody waits, in half a second. */
const memoryImageBytesMax = 512 << 20
/** A script is tried on one, and compared with the other. */
const copiesMax = 2
const title = 'a trial'
/** Below the data directory; what a host that was killed left there is removed at the next start. */
const trialsFolder = 'trials'

export interface TrialCopiesOptions {
  readonly factory: EngineFactory
  readonly copies: InstanceCopies
  readonly files: SnapshotClient
  readonly memory: ForkMemory
  readonly clock: Clock
  readonly dataDirectory: string
}

export interface CopyWish {
  readonly instance: HostedInstance
  /** Of whoever asks; its own transaction is not waited for. */
  readonly session: Session | null
  /** Opened with these besides the instance's own. */
  readonly extensions: readonly string[]
  readonly signal: AbortSignal
  onWait(holder: string): void
}

/** Where an instance stands: the same as long as no transaction has written to it and ended. */
export const positionQuery = `select pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text`

/** Copies that begin alike. */
export interface TrialCopies {
  /** Of the instance when they were made, or earlier; null beside a transaction of whoever asked. */
  readonly position: string | null
  /** Opens the next one; at most two. */
  open(): Promise<Engine>
  /** Once all of them have been discarded. */
  end(): Promise<void>
}

/** Removes what a host that was killed has left. */
export function removeLeftTrials(dataDirectory: string): Promise<void> {
  return rm(join(dataDirectory, trialsFolder), { recursive: true, force: true })
}

/** Throws `in-use` naming who has the instance, `disk-full`, `cancelled`, `unsupported`. */
export async function makeTrialCopies(options: TrialCopiesOptions, wish: CopyWish): Promise<TrialCopies> {
  const { snapshot, position } = await takeSnapshot(options, wish)
  const room = snapshot && takeRoom(options.memory, snapshot)
  if (snapshot && room) return new MemoryCopies(options, wish, { snapshot, room, position })
  return makeDiskCopies(options, wish, position)
}

interface Taken {
  /** Null of an instance that is too large. */
  readonly snapshot: EngineSnapshot | null
  readonly position: string | null
}

async function takeSnapshot({ clock }: TrialCopiesOptions, wish: CopyWish): Promise<Taken> {
  const { instance, session, signal, onWait } = wish
  const isOutside = session === null || session.state.transaction === 'idle'
  const take = async (): Promise<Taken> => {
    const engine = await instance.engine()
    const position = isOutside ? await readPosition(engine) : null
    try {
      return { snapshot: await engine.snapshot({ known: null, bytesMax: memoryImageBytesMax }), position }
    } catch (error) {
      if (toWireError(error).code === 'limit-exceeded') return { snapshot: null, position }
      throw error
    }
  }
  if (isOutside) return inTurn(instance, { title, clock, signal, onWait }, take)
  return withinTransaction(instance, session, take)
}

async function readPosition(engine: Engine): Promise<string | null> {
  const statement = { sql: new TextEncoder().encode(positionQuery), parameters: [], resultBytesMax: 1 << 20 }
  let position: string | null = null
  for await (const event of engine.execute(statement)) {
    if (event.kind === 'batch') position = textRows(new ColumnBatch(event.buffer))[0]?.[0] ?? null
  }
  return position
}

/** The session keeps its turn, and what it has not committed is in no copy. */
async function withinTransaction<T>(
  { turns }: HostedInstance,
  session: Session,
  take: () => Promise<T>,
): Promise<T> {
  if (session.state.transaction === 'failed') {
    throw new WorkbenchError(
      'conflict',
      'The transaction of this console has failed: end it with ROLLBACK, then try',
    )
  }
  const reservation = session.beginRun()
  turns.request(session)
  try {
    return await take()
  } finally {
    turns.release(session, { inTransaction: true })
    reservation.dispose()
  }
}

/** Null where there is not enough memory for all of them. */
function takeRoom(memory: ForkMemory, { image }: EngineSnapshot): Disposable[] | null {
  const room: Disposable[] = []
  try {
    while (room.length < copiesMax) room.push(memory.take(image.byteLength))
    return room
  } catch {
    // It says 53300, as to a client; here there is another way.
    for (const place of room) place.dispose()
    return null
  }
}

class MemoryCopies implements TrialCopies {
  readonly position: string | null
  readonly #options: TrialCopiesOptions
  readonly #wish: CopyWish
  readonly #room: readonly Disposable[]
  readonly #snapshot: EngineSnapshot

  constructor(
    options: TrialCopiesOptions,
    wish: CopyWish,
    taken: Taken & { readonly snapshot: EngineSnapshot; readonly room: readonly Disposable[] },
  ) {
    this.#options = options
    this.#wish = wish
    this.position = taken.position
    this.#snapshot = taken.snapshot
    this.#room = taken.room
  }

  open(): Promise<Engine> {
    return this.#options.factory.open({ ...engineOptions(this.#wish, null), snapshot: this.#snapshot })
  }

  end(): Promise<void> {
    for (const place of this.#room) place.dispose()
    return Promise.resolve()
  }
}

async function makeDiskCopies(
  options: TrialCopiesOptions,
  wish: CopyWish,
  position: string | null,
): Promise<TrialCopies> {
  const { copies, dataDirectory, files } = options
  const { instance, session, onWait, signal } = wish
  // It would wait for its own user, who waits for it.
  if (session && session.state.transaction !== 'idle') throw needsItsTurn(instance, session)
  const home = join(dataDirectory, trialsFolder, randomUUID())
  const directories = ['first', 'second'].map((name) => join(home, name))
  const [first = home, second = home] = directories
  const end = (): Promise<void> => rm(home, { recursive: true, force: true })
  try {
    await mkdir(home, { recursive: true, mode: 0o700 })
    await copies.copy(instance, first, { signal, onWait })
    await files.run('files.copy', { from: first, to: second, position: null }, { signal })
  } catch (error) {
    await end()
    throw error
  }
  return {
    position,
    open: () =>
      options.factory.open({ ...engineOptions(wish, directories.shift() ?? null), mustExist: true }),
    end,
  }
}

function needsItsTurn({ name }: HostedInstance, { title: holder }: Session): WorkbenchError {
  return new WorkbenchError(
    'in-use',
    `${name} is too large for copies in memory, and is copied on disk only while nobody has a transaction open: ` +
      `${holder} has one. End it with COMMIT or ROLLBACK, then try`,
  )
}

function engineOptions({ instance, extensions }: CopyWish, directory: string | null): EngineOptions {
  const { databases, options } = instance
  return {
    ...options,
    ...{ directory, durability: 'relaxed' },
    extensions: [...new Set([...(options.extensions ?? []), ...extensions])],
    ...(databases ? { databases } : {}),
  }
}
