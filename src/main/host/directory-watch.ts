/**
 * Notices that the directory of a running engine is not there any more, or that another has taken its place: a disk
 * that was pulled out, a directory that was deleted or moved. Looks now and then, because what an engine has open goes
 * on as if nothing had happened. Knows nothing of what is in it.
 */

import { statSync, type Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { systemCode } from '../storage/storage-error.ts'

/** A durable commit notices it by itself; this is for everything else. */
const lookIntervalMs = 5_000

/** What says that there is nothing; a disk that does not answer says nothing. */
const goneCodes: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ESTALE'])

export class DirectoryWatch implements Disposable {
  readonly #path: string
  readonly #clock: Clock
  readonly #onLost: () => void
  /** null if there was none when it began. */
  readonly #first: Stats | null
  #timer: Disposable | null = null
  #isDisposed = false

  constructor(path: string, options: { readonly clock: Clock; onLost(): void }) {
    this.#path = path
    this.#clock = options.clock
    this.#onLost = () => options.onLost()
    this.#first = statSync(path, { throwIfNoEntry: false }) ?? null
    if (this.#first) this.#lookLater()
  }

  /** What has become of it; null: it is there. */
  loss(): 'gone' | 'replaced' | null {
    try {
      return this.#isOther(statSync(this.#path)) ? 'replaced' : null
    } catch (error) {
      return this.#first !== null && goneCodes.has(systemCode(error)) ? 'gone' : null
    }
  }

  dispose(): void {
    this.#isDisposed = true
    this.#timer?.dispose()
  }

  #isOther({ ino, dev }: Stats): boolean {
    return this.#first !== null && (ino !== this.#first.ino || dev !== this.#first.dev)
  }

  #lookLater(): void {
    this.#timer = this.#clock.after(lookIntervalMs, () => void this.#look())
  }

  async #look(): Promise<void> {
    const isLost = await stat(this.#path).then(
      (now) => this.#isOther(now),
      (error: unknown) => goneCodes.has(systemCode(error)),
    )
    if (this.#isDisposed) return
    if (isLost) this.#onLost()
    else this.#lookLater()
  }
}

/** Of an instance that has run there before, or runs. */
export function lostDirectory(name: string, directory: string): WorkbenchError {
  return new WorkbenchError(
    'not-found',
    `The directory of ${name} is gone: ${directory}. If its disk is not mounted, mount it; if it was moved, put it ` +
      'back; then start the instance again',
  )
}

/** As above, where something is there. */
export function replacedDirectory(name: string, directory: string): WorkbenchError {
  return new WorkbenchError(
    'conflict',
    `The directory of ${name} was replaced while it was open: ${directory}. What was committed is in the one that ` +
      'was there before. Put that one back, or start the instance again to go on with what is there now',
  )
}
