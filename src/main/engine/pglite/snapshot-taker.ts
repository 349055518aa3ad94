/**
 * Takes snapshots in the engine's thread: writes what Postgres holds in its buffers into its files, then copies those
 * that a start needs into shared memory. What starts from them recovers, as after a crash right behind a checkpoint.
 * Blocks; knows nobody who wants them.
 */

import { PGlite } from '@electric-sql/pglite'
import { present } from '../../../base/assert.ts'
import { WorkbenchError } from '../../../contract/error.ts'
import type { EngineSnapshot, SettledFiles, SnapshotFile } from '../engine.ts'
import type { BackendLoop } from './backend-loop.ts'
import type { PgliteModule } from './pglite-module.ts'
import { InternalQuery } from './sessions/internal-query.ts'
import { isInitFork, isNeeded, readWalNeed, type WalNeed } from './snapshot-files.ts'

const positionSql = 'select pg_current_wal_insert_lsn()::text'
const controlFile = 'global/pg_control'
/** What initdb makes has lower numbers (FirstNormalObjectId in access/transam.h). */
const contentsSql = 'select 1 from pg_class where oid >= 16384 limit 1'
/** sys/stat.h */
const formatBits = 0o170_000
const directoryFile = 0o040_000
const megabyte = 1 << 20

export interface SnapshotRequest {
  readonly known: EngineSnapshot | null
  readonly bytesMax: number
}

/** A file, and how long it is. */
interface FoundFile {
  readonly name: string
  readonly byteCount: number
}

export class SnapshotTaker {
  readonly #module: PgliteModule
  readonly #query: InternalQuery
  /** Where the log ended when the files were written last; null: they were not. */
  #writtenAt: string | null = null

  constructor(module: PgliteModule, loop: BackendLoop) {
    this.#module = module
    this.#query = new InternalQuery(loop)
  }

  /** In the superuser's session; of a transaction that is open nothing is in it. As Engine.snapshot. */
  take({ known, bytesMax }: SnapshotRequest): EngineSnapshot {
    // Whoever has written anything, to a table that is not logged even, has logged at least his commit.
    if (known !== null && known.position === this.#position()) return known
    const position = this.#writeFiles(this.#position())
    const need = readWalNeed(this.#read({ name: controlFile, byteCount: this.#sizeOf(controlFile) }))
    const { directories, files } = this.#list(need)
    return { ...this.#copy(files, bytesMax), directories, position }
  }

  /** In the superuser's session, outside of transactions. As Engine.settleFiles. */
  settle({ known, skipsEmpty }: { known: string | null; skipsEmpty: boolean }): SettledFiles {
    const before = this.#position()
    if (known === before) return { state: 'unchanged', position: before }
    if (skipsEmpty && this.#run(contentsSql).length === 0) return { state: 'empty', position: before }
    return { state: 'settled', position: this.#writeFiles(before) }
  }

  /**
   * What Postgres holds in its buffers; answers the position that is written by then. `now`: where the log ends. Where
   * it has ended since the last time, the files are as they were left: hints apart, which need not be there, whatever
   * changes a page is logged, but in tables that are not.
   */
  #writeFiles(now: string): string {
    const hasUnlogged = this.#hasUnloggedTables()
    if (now === this.#writtenAt && !hasUnlogged) return now
    if (hasUnlogged) this.#writeUnloggedTables()
    this.#run('checkpoint')
    this.#writtenAt = this.#position()
    return this.#writtenAt
  }

  /** By the names of their files alone: asking for each file's length takes longer than writing a checkpoint. */
  #hasUnloggedTables(): boolean {
    const { FS: paths } = this.#module
    const hasForks = (folder: string): boolean =>
      paths.readdir(pathOf(folder)).some((name) => isInitFork(`${folder}/${name}`))
    const databases = paths.readdir(pathOf('base')).filter((name) => !name.startsWith('.'))
    if (databases.some((name) => hasForks(`base/${name}`))) return true
    const hasTablespaces = paths.readdir(pathOf('pg_tblspc')).some((name) => !name.startsWith('.'))
    return hasTablespaces && this.#list(null).files.some(({ name }) => isInitFork(name))
  }

  /** A checkpoint leaves them out, as they are lost in a crash. */
  #writeUnloggedTables(): void {
    const module = this.#module
    const counts = module._malloc(3 * Int32Array.BYTES_PER_ELEMENT)
    // The transaction of somebody who does nothing at the moment serves as well, and is not ours to end.
    const isOpen = module._IsTransactionState() !== 0
    try {
      if (!isOpen) this.#run('begin')
      const [evicted, flushed, skipped] = [counts, counts + 4, counts + 8]
      const { error } = this.#query.call(() => module._EvictAllUnpinnedBuffers(evicted, flushed, skipped))
      if (error) throw new WorkbenchError('sql-error', error.message, { sql: error })
      if (!isOpen) this.#run('commit')
    } finally {
      module._free(counts)
    }
  }

  #position(): string {
    return present(this.#run(positionSql)[0]?.[0], 'The position in the log')
  }

  #run(sql: string): readonly (readonly (string | null)[])[] {
    const { rows, error } = this.#query.run(sql)
    if (error) throw new WorkbenchError('sql-error', error.message, { sql: error })
    return rows
  }

  /** What a start needs; everything where `need` is null. */
  #list(need: WalNeed | null): { readonly directories: string[]; readonly files: FoundFile[] } {
    const { FS: paths } = this.#module
    const directories: string[] = []
    const files: FoundFile[] = []
    const walk = (folder: string): void => {
      for (const entry of paths.readdir(pathOf(folder))) {
        if (entry === '.' || entry === '..') continue
        const name = folder === '' ? entry : `${folder}/${entry}`
        const { mode, size } = paths.stat(pathOf(name))
        if (need !== null && (!isNeeded(name, need) || isInitFork(name))) continue
        if ((mode & formatBits) !== directoryFile) files.push({ name, byteCount: size })
        else {
          directories.push(name)
          walk(name)
        }
      }
    }
    walk('')
    return { directories, files }
  }

  #sizeOf(name: string): number {
    return this.#module.FS.stat(pathOf(name)).size
  }

  #copy(files: readonly FoundFile[], bytesMax: number): Pick<EngineSnapshot, 'image' | 'files'> {
    const byteCount = files.reduce((sum, file) => sum + file.byteCount, 0)
    if (byteCount > bytesMax) {
      const [has, may] = [byteCount, bytesMax].map((bytes) => `${Math.ceil(bytes / megabyte)} MB`)
      throw new WorkbenchError('limit-exceeded', `The database has ${has}; copies are made of ${may} at most`)
    }
    const image = new SharedArrayBuffer(byteCount)
    let offset = 0
    const placed = files.map((file): SnapshotFile => {
      const place = { ...file, offset }
      this.#read(file, new Uint8Array(image, offset, file.byteCount))
      offset += file.byteCount
      return place
    })
    return { image, files: placed }
  }

  #read({ name, byteCount }: FoundFile, target: Uint8Array = new Uint8Array(byteCount)): Uint8Array {
    const { FS: paths } = this.#module
    const stream = paths.open(pathOf(name), 'r')
    try {
      let at = 0
      while (at < byteCount) {
        const count = paths.read(stream, target, at, byteCount - at, at)
        if (count <= 0)
          throw new WorkbenchError('storage-failed', `${name} became shorter while it was copied`)
        at += count
      }
    } finally {
      paths.close(stream)
    }
    return target
  }
}

function pathOf(name: string): string {
  return name === '' ? PGlite.paths.PGDATA : `${PGlite.paths.PGDATA}/${name}`
}
