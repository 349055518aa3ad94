/**
 * The blocks of all snapshots of an instance, each there once, in packs. What no snapshot needs any more is given back
 * by dropping packs, or by writing anew those of which little is needed. Blocks the thread. Knows no snapshot.
 */

import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { toWireError } from '../../contract/error.ts'
import { syncDirectory } from '../engine/pglite/file-tree.ts'
import {
  PackWriter,
  readBlock,
  readIndex,
  readStored,
  unfinishedSuffix,
  type BlockPlace,
} from './pack-file.ts'

/** Pages of tables change one by one; smaller blocks would save some of a pack and cost more in its index. */
export const blockBytes = 128 << 10

/** Of a pack of which less is needed the rest is given back: it is read and written once for that. */
const neededShareMin = 0.5

interface Pack {
  readonly path: string
  readonly byteCount: number
  readonly places: ReadonlyMap<string, BlockPlace>
}

export class BlockStore {
  readonly #directory: string
  readonly #packs = new Map<string, Pack>()
  readonly #packOf = new Map<string, Pack>()
  /** Packs that could not be read, in words. */
  readonly problems: string[] = []

  /** Removes what a host that died was writing. The directory is made for the first pack. */
  constructor(directory: string) {
    this.#directory = directory
    for (const name of existsSync(directory) ? readdirSync(directory) : []) {
      const path = join(directory, name)
      if (name.endsWith(unfinishedSuffix)) rmSync(path, { force: true })
      else if (name.endsWith('.pack')) this.#open(path)
    }
  }

  /** Of all packs. */
  get byteCount(): number {
    return [...this.#packs.values()].reduce((sum, { byteCount }) => sum + byteCount, 0)
  }

  has(key: string): boolean {
    return this.#packOf.has(key)
  }

  /** What a block takes on disk; 0 for one that is missing. */
  storedBytes(key: string): number {
    return this.#packOf.get(key)?.places.get(key)?.storedBytes ?? 0
  }

  /** null where it is missing or damaged; then the next snapshot that has it brings it again. */
  read(key: string): Buffer | null {
    const pack = this.#packOf.get(key)
    const place = pack?.places.get(key)
    const bytes = pack && place ? readBlock(pack.path, place, key) : null
    if (!bytes) this.#packOf.delete(key)
    return bytes
  }

  /** A pack for new blocks; they are there once it is added. */
  begin(): PackWriter {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
    return new PackWriter(join(this.#directory, `${randomBytes(8).toString('hex')}.pack`))
  }

  /** Finishes `writer`, and takes its blocks over. */
  add(writer: PackWriter): void {
    writer.finish()
    if (writer.places.size > 0) this.#take(writer.path, writer.places)
  }

  /** Gives back what is in none of `needed`. A loss of power at any moment loses nothing that is. */
  collect(needed: ReadonlySet<string>): void {
    const sparse: Pack[] = []
    for (const pack of this.#packs.values()) {
      const kept = [...pack.places].filter(([key]) => needed.has(key) && this.#packOf.get(key) === pack)
      const keptBytes = kept.reduce((sum, [, { storedBytes }]) => sum + storedBytes, 0)
      if (keptBytes < pack.byteCount * neededShareMin) sparse.push(pack)
    }
    if (sparse.length === 0) return
    const writer = this.begin()
    try {
      for (const pack of sparse) this.#copyNeeded(pack, { needed, writer })
    } catch (error) {
      writer.abandon()
      throw error
    }
    this.add(writer)
    for (const pack of sparse) this.#drop(pack)
    syncDirectory(this.#directory)
  }

  #copyNeeded(
    pack: Pack,
    { needed, writer }: { readonly needed: ReadonlySet<string>; readonly writer: PackWriter },
  ): void {
    for (const [key, place] of pack.places) {
      if (!needed.has(key) || this.#packOf.get(key) !== pack) continue
      writer.addStored(key, { stored: readStored(pack.path, place), isCompressed: place.isCompressed })
    }
  }

  #open(path: string): void {
    try {
      this.#take(path, readIndex(path))
    } catch (error) {
      this.problems.push(toWireError(error).message)
    }
  }

  #take(path: string, places: ReadonlyMap<string, BlockPlace>): void {
    const pack = { path, places, byteCount: statSync(path).size }
    this.#packs.set(path, pack)
    for (const key of places.keys()) this.#packOf.set(key, pack)
  }

  #drop(pack: Pack): void {
    rmSync(pack.path, { force: true })
    this.#packs.delete(pack.path)
    for (const key of pack.places.keys()) if (this.#packOf.get(key) === pack) this.#packOf.delete(key)
  }
}
