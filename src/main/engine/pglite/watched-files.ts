/**
 * Stands around what Postgres asks of the disk: tells whoever watches the thread that it waits there, and ends the
 * engine when its directory is not there any more. Without that, a removed or moved directory would go on taking
 * commits that nobody will ever find. Knows one file by its place: the write-ahead log.
 */

import { fstatSync, statSync, type Stats } from 'node:fs'
import { WorkbenchError } from '../../../contract/error.ts'
import type { NodeFileSystemType, WasmFileStream } from './pglite-module.ts'
import type { SharedSignals } from './shared-signals.ts'

const logFolder = '/pg_wal/'

/** What changes the disk by names, and would change another directory that took the place of the first. */
const byName: ReadonlySet<string> = new Set(['mknod', 'open', 'rename', 'rmdir', 'symlink', 'unlink'])

export interface WatchedFilesOptions {
  /** As it is on the disk; it is there. */
  readonly directory: string
  readonly signals: SharedSignals
}

/** Replaces the operations of `nodeFiles`, all of whose files are in the directory. */
export function watchFiles(nodeFiles: NodeFileSystemType, options: WatchedFilesOptions): void {
  const { directory, signals } = options
  const place = new DirectoryPlace(directory)
  const { fsync } = nodeFiles.stream_ops
  nodeFiles.stream_ops.fsync = (stream: WasmFileStream) => {
    fsync?.(stream)
    if (stream.nfd === undefined || !nodeFiles.realPath(stream.node).includes(logFolder)) return
    // What is durable in a file that nobody finds again must not be acknowledged.
    if (fstatSync(stream.nfd).nlink === 0) throw lost(directory)
    place.demand()
  }
  for (const operations of [nodeFiles.node_ops, nodeFiles.stream_ops] as readonly Readonly<
    Record<string, unknown>
  >[])
    watchOperations(operations, { place, signals })
}

function watchOperations(
  operations: Readonly<Record<string, unknown>>,
  { place, signals }: { readonly place: DirectoryPlace; readonly signals: SharedSignals },
): void {
  for (const [name, operation] of Object.entries(operations)) {
    if (typeof operation !== 'function') continue
    const isByName = byName.has(name)
    const watched = (...parameters: readonly unknown[]): unknown => {
      signals.beginFiles()
      try {
        if (isByName) place.demand()
        return Reflect.apply(operation, operations, parameters)
      } catch (error) {
        // That a file is not there is everyday; that none is, is not.
        place.demand()
        throw error
      } finally {
        signals.endFiles()
      }
    }
    Object.assign(operations, { [name]: watched })
  }
}

/** A directory, by what it is rather than by its name. */
class DirectoryPlace {
  readonly #directory: string
  readonly #first: Stats

  constructor(directory: string) {
    this.#directory = directory
    this.#first = statSync(directory)
  }

  /** Throws, through Postgres's frames, which ends it: an error would let it go on without its files. */
  demand(): void {
    const now = statSync(this.#directory, { throwIfNoEntry: false })
    if (now?.ino !== this.#first.ino || now.dev !== this.#first.dev) throw lost(this.#directory)
  }
}

function lost(directory: string): WorkbenchError {
  return new WorkbenchError(
    'engine-crashed',
    `The directory of the database was removed, moved or replaced while it was open: ${directory}`,
  )
}
