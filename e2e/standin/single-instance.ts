/**
 * The lock of the single instance: a file with the number of the process that has it. A second instance leaves a note
 * beside it with what it was started with, and ends. Knows no app.
 */

import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
  type FSWatcher,
} from 'node:fs'
import { join } from 'node:path'

/** What an instance was started with. */
export interface InstanceDetails {
  readonly argv: readonly string[]
  readonly workingDirectory: string
  readonly additionalData: unknown
}

export class SingleInstance {
  readonly #lock: string
  readonly #watcher: FSWatcher

  private constructor(lock: string, watcher: FSWatcher) {
    this.#lock = lock
    this.#watcher = watcher
  }

  /**
   * The lock in `folder`, or null when another process has it, which then hears of `details` by its `onSecond`.
   */
  static request(
    folder: string,
    details: InstanceDetails,
    onSecond: (details: InstanceDetails) => void,
  ): SingleInstance | null {
    const notes = join(folder, 'standin-instance')
    mkdirSync(notes, { recursive: true })
    const lock = join(folder, 'standin-instance.lock')
    if (!takeLock(lock)) {
      const note = join(notes, `${process.pid}.json`)
      // Complete when it can be seen under its name.
      writeFileSync(`${note}.part`, JSON.stringify(details))
      renameSync(`${note}.part`, note)
      return null
    }
    const watcher = watch(notes, () => {
      for (const second of readNotes(notes)) onSecond(second)
    })
    return new SingleInstance(lock, watcher)
  }

  release(): void {
    this.#watcher.close()
    rmSync(this.#lock, { force: true })
  }
}

function takeLock(lock: string): boolean {
  const owner = `${process.pid}`
  try {
    writeFileSync(lock, owner, { flag: 'wx' })
    return true
  } catch {
    if (isAlive(Number(readFileSync(lock, 'utf8')))) return false
    writeFileSync(lock, owner)
    return true
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch {
    return false
  }
}

/** Each is read once. */
function readNotes(folder: string): readonly InstanceDetails[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return files.map((name) => {
    const text = readFileSync(join(folder, name), 'utf8')
    rmSync(join(folder, name))
    return JSON.parse(text) as InstanceDetails
  })
}
