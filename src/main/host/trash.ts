/**
 * Directories of deleted instances, kept for a while: put in, taken out again, and removed when nobody wanted them
 * back. What there is lies on disk alone. Knows no running instance.
 */

import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { storageError } from '../storage/storage-error.ts'

/** Long enough for a holiday, or a month's report that misses its data; then disks must not fill up unseen. */
export const trashKeptMs = 30 * 24 * 60 * 60 * 1_000

export interface TrashEntry {
  readonly instanceId: string
  readonly directory: string
  readonly deletedAtMs: number
}

/** An entry is called after its instance and the moment of its deletion; other names are not the trash's own. */
const entryName = /^(.+)-(\d{10,16})$/

export class Trash {
  readonly #directory: string
  readonly #clock: Clock

  /** `directory` is made when it is needed. */
  constructor(directory: string, clock: Clock) {
    this.#directory = directory
    this.#clock = clock
  }

  /** Moves the directory of a deleted instance here, whose last part is the instance's id. */
  async put(directory: string): Promise<void> {
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 })
      await rename(directory, join(this.#directory, `${basename(directory)}-${this.#clock.nowMs()}`))
    } catch (error) {
      throw storageError(error, directory)
    }
  }

  /** Everything that is here, what was deleted last first. */
  async list(): Promise<TrashEntry[]> {
    return (await this.#entries()).sort((a, b) => b.deletedAtMs - a.deletedAtMs)
  }

  /** What was deleted last of that instance, or at that moment; null when nothing is here. */
  async find(instanceId: string, deletedAtMs: number | null = null): Promise<TrashEntry | null> {
    const isMeant = (entry: TrashEntry): boolean =>
      entry.instanceId === instanceId && (deletedAtMs === null || entry.deletedAtMs === deletedAtMs)
    return (await this.list()).find(isMeant) ?? null
  }

  /** Removes an entry for good. */
  async remove({ directory }: TrashEntry): Promise<void> {
    try {
      await rm(directory, { recursive: true })
    } catch (error) {
      throw storageError(error, directory)
    }
  }

  /** Moves an entry to `directory`, which must not exist. */
  async takeOut(entry: TrashEntry, directory: string): Promise<void> {
    try {
      await rename(entry.directory, directory)
    } catch (error) {
      throw storageError(error, entry.directory)
    }
  }

  /** Removes for good what was deleted longer ago than `trashKeptMs`; answers how many entries that were. */
  async removeOld(): Promise<number> {
    const deadlineMs = this.#clock.nowMs() - trashKeptMs
    const old = (await this.#entries()).filter(({ deletedAtMs }) => deletedAtMs < deadlineMs)
    for (const entry of old) await this.remove(entry)
    return old.length
  }

  async #entries(): Promise<TrashEntry[]> {
    if (!existsSync(this.#directory)) return []
    const names = await readdir(this.#directory)
    return names.flatMap((name) => {
      const [, instanceId, deletedAt] = entryName.exec(name) ?? []
      if (instanceId === undefined) return []
      return [{ instanceId, directory: join(this.#directory, name), deletedAtMs: Number(deletedAt) }]
    })
  }
}
