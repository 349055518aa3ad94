/**
 * The snapshots of one instance: taken, read again, listed, named, removed when they are too many. Each is whole from
 * the moment its manifest is there, and what no manifest names is given back. Blocks the thread; does one thing at a
 * time, which is for its caller to see to. Knows no engine.
 */

import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { toWireError, WorkbenchError } from '../../contract/error.ts'
import type { Snapshot, SnapshotList, SnapshotReason } from '../../contract/snapshot.ts'
import { syncDirectory } from '../engine/pglite/file-tree.ts'
import { storageError } from '../storage/storage-error.ts'
import { BlockStore } from './block-store.ts'
import { listImageFiles } from './image-files.ts'
import { readManifest, writeManifest, zeroBlock, type Manifest } from './manifest.ts'
import { unfinishedSuffix, type PackWriter } from './pack-file.ts'
import { ImageReader } from './read-image.ts'

export interface TakeRequest {
  /** The data directory, which nobody writes to until it has been read. */
  readonly data: string
  /** As listImageFiles has it. */
  readonly position: string | null
  /** Before the files are listed: what was changed about then may change again without looking so. */
  readonly takenAtMs: number
  readonly label: string | null
  readonly reason: SnapshotReason
  readonly serverVersion: string | null
  readonly engineVersion: string | null
  /** Of a larger database none is taken; null for any. */
  readonly bytesMax: number | null
}

export interface TakeProgress {
  readonly doneBytes: number
  readonly totalBytes: number
  /** The data directory is not needed any more; what follows is making it durable. */
  readonly isRead: boolean
}

const manifestSuffix = '.snapshot'
const problemsMax = 100
const megabyte = 1 << 20

export class SnapshotStore {
  readonly directory: string
  readonly #blocks: BlockStore
  readonly #snapshots = new Map<string, Snapshot>()
  readonly #problems: string[] = []
  #last: Manifest | null = null

  /** The directory is made for the first snapshot. */
  constructor(directory: string) {
    this.directory = directory
    this.#blocks = new BlockStore(join(directory, 'blocks'))
    for (const name of existsSync(directory) ? readdirSync(directory) : []) {
      if (name.endsWith(manifestSuffix)) this.#load(name)
      else if (name.endsWith(unfinishedSuffix)) rmSync(join(directory, name), { force: true })
    }
  }

  list(): SnapshotList {
    const snapshots = [...this.#snapshots.values()].sort((a, b) => b.takenAtMs - a.takenAtMs)
    const problems = [...this.#blocks.problems, ...this.#problems].slice(0, problemsMax)
    return { snapshots, storedBytes: this.#blocks.byteCount, problems }
  }

  async *take(
    request: TakeRequest,
    signal: AbortSignal,
  ): AsyncGenerator<{ value: TakeProgress }, Snapshot, void> {
    const { data, position, bytesMax } = request
    mkdirSync(this.directory, { recursive: true, mode: 0o700 })
    const { directories, files, setAside, wal } = listImageFiles(data, position)
    const totalBytes = [...files, ...setAside].reduce((sum, { byteCount }) => sum + byteCount, 0)
    if (bytesMax !== null && totalBytes > bytesMax) throw tooLarge(totalBytes, bytesMax)
    const pack = this.#blocks.begin()
    let isTaken = false
    try {
      const reader = new ImageReader({ directory: data, blocks: this.#blocks, pack, last: this.#last })
      const read = reader.read([...files, ...setAside], { wal, signal })
      let step = await read.next()
      for (; step.done !== true; step = await read.next()) {
        yield { value: { doneBytes: Math.min(step.value, totalBytes), totalBytes, isRead: false } }
      }
      yield { value: { doneBytes: totalBytes, totalBytes, isRead: true } }
      this.#blocks.add(pack)
      const { data: _data, position: _position, bytesMax: _bytesMax, ...described } = request
      const id = `${request.takenAtMs}-${randomBytes(4).toString('hex')}`
      const snapshot = { ...described, id, byteCount: totalBytes, addedBytes: reader.addedBytes }
      const manifest = {
        ...{ snapshot, position, readAtMs: request.takenAtMs, directories },
        ...{ files: step.value.slice(0, files.length), setAside: step.value.slice(files.length) },
      }
      writeManifest(this.#pathOf(id), manifest)
      this.#snapshots.set(id, snapshot)
      this.#last = manifest
      isTaken = true
      return snapshot
    } catch (error) {
      throw storageError(error, this.directory)
    } finally {
      if (!isTaken) this.#abandon(pack)
    }
  }

  /** What `writeImage` and `checkImage` read. Throws `not-found`, `corrupt`. */
  source(id: string): { readonly manifest: Manifest; readonly blocks: BlockStore } {
    return { manifest: this.#read(id), blocks: this.#blocks }
  }

  /** Throws `not-found`, `corrupt`. */
  label(id: string, label: string | null): Snapshot {
    const manifest = this.#read(id)
    const snapshot = { ...manifest.snapshot, label }
    try {
      writeManifest(this.#pathOf(id), { ...manifest, snapshot })
    } catch (error) {
      throw storageError(error, this.directory)
    }
    this.#snapshots.set(id, snapshot)
    return snapshot
  }

  /** Removes snapshots for good, and gives back what only they needed. */
  remove(ids: readonly string[]): void {
    try {
      for (const id of ids) {
        rmSync(this.#pathOf(id), { force: true })
        this.#snapshots.delete(id)
        if (this.#last?.snapshot.id === id) this.#last = null
      }
      syncDirectory(this.directory)
      this.#blocks.collect(this.#neededBlocks())
    } catch (error) {
      throw storageError(error, this.directory)
    }
  }

  /**
   * Removes the oldest ones until the rest takes `budgetBytes` at most: those first that were taken by themselves,
   * those with a label last, the newest never. Answers which.
   */
  prune(budgetBytes: number): readonly string[] {
    if (this.#blocks.byteCount <= budgetBytes) return []
    const uses = this.#blockUses()
    let bytes = [...uses.keys()].reduce((sum, key) => sum + this.#blocks.storedBytes(key), 0)
    const removed: string[] = []
    for (const id of this.#removalOrder()) {
      if (bytes <= budgetBytes) break
      removed.push(id)
      for (const key of blocksOf(this.#read(id))) {
        const left = (uses.get(key) ?? 1) - 1
        uses.set(key, left)
        if (left === 0) bytes -= this.#blocks.storedBytes(key)
      }
    }
    this.remove(removed)
    return removed
  }

  /** Also when its blocks are in place, and only the manifest could not be written. */
  #abandon(pack: PackWriter): void {
    pack.abandon()
    if (existsSync(pack.path)) this.#blocks.collect(this.#neededBlocks())
  }

  #removalOrder(): string[] {
    const [newest, ...others] = this.list().snapshots
    const value = ({ label, reason }: Snapshot): number => {
      if (label !== null) return 2
      return reason.kind === 'request' || reason.kind === 'rewind' ? 1 : 0
    }
    return others
      .filter(({ id }) => id !== newest?.id)
      .sort((a, b) => value(a) - value(b) || a.takenAtMs - b.takenAtMs)
      .map(({ id }) => id)
  }

  #blockUses(): Map<string, number> {
    const uses = new Map<string, number>()
    for (const id of this.#snapshots.keys()) {
      for (const key of blocksOf(this.#read(id))) uses.set(key, (uses.get(key) ?? 0) + 1)
    }
    return uses
  }

  #neededBlocks(): Set<string> {
    return new Set(this.#blockUses().keys())
  }

  #load(name: string): void {
    try {
      const manifest = readManifest(join(this.directory, name))
      this.#snapshots.set(manifest.snapshot.id, manifest.snapshot)
      if (manifest.readAtMs > (this.#last?.readAtMs ?? -1)) this.#last = manifest
    } catch (error) {
      this.#problems.push(toWireError(error).message)
    }
  }

  #read(id: string): Manifest {
    const path = this.#pathOf(id)
    if (this.#snapshots.has(id) && existsSync(path)) return readManifest(path)
    throw new WorkbenchError(
      'not-found',
      'There is no such snapshot; it was deleted, or made room for newer ones',
    )
  }

  #pathOf(id: string): string {
    return join(this.directory, `${id}${manifestSuffix}`)
  }
}

function blocksOf({ files, setAside }: Manifest): Set<string> {
  const keys = new Set([...files, ...setAside].flatMap(({ blocks }) => blocks))
  keys.delete(zeroBlock)
  return keys
}

function tooLarge(byteCount: number, bytesMax: number): WorkbenchError {
  const [has, may] = [byteCount, bytesMax].map((bytes) => `${Math.ceil(bytes / megabyte)} MB`)
  return new WorkbenchError(
    'limit-exceeded',
    `The database has ${has}, and snapshots are taken by themselves of up to ${may}; take one yourself, or raise ` +
      'that limit',
  )
}
