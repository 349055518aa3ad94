/**
 * A file of lines that is bounded: when it is full it is put aside, and the oldest of those that were is removed.
 * Lines wait in memory while the disk is slow, and are left out, and counted, when there are too many. Knows no line.
 */

import { chmod, mkdir, open, rename, stat, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Then it is put aside. */
export const logFileBytesMax = 8 << 20
/** Those that were put aside, as `.1` to `.3`; the last is the oldest. */
const keptMax = 3
/** Lines that wait to be written. */
const waitingBytesMax = 4 << 20
/** Of the end of the file, for who wants the last lines. */
const tailBytesMax = 2 << 20
const directoryMode = 0o700
const fileMode = 0o600

export interface LogFileOptions {
  readonly path: string
  readonly bytesMax?: number
  /** Told once, until it works again; nobody who logs waits for the disk. */
  onFailure(error: unknown): void
}

export class LogFile {
  readonly path: string
  readonly #bytesMax: number
  readonly #onFailure: (error: unknown) => void
  #waiting: string[] = []
  #waitingBytes = 0
  #leftOutCount = 0
  #writing: Promise<void> | null = null
  #hasFailed = false

  constructor({ path, bytesMax = logFileBytesMax, onFailure }: LogFileOptions) {
    this.path = path
    this.#bytesMax = bytesMax
    this.#onFailure = onFailure
  }

  /** `line` ends with a line feed. */
  write(line: string): void {
    if (this.#waitingBytes + line.length > waitingBytesMax) {
      this.#leftOutCount += 1
      return
    }
    this.#waiting.push(line)
    this.#waitingBytes += line.length
    this.#writing ??= this.#writeAll()
  }

  /** Resolves when everything that was written is in the file, or cannot be. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing
  }

  /** The last lines, oldest first. */
  async tail(linesMax: number): Promise<string[]> {
    await this.flush()
    let file: FileHandle
    try {
      file = await open(this.path, 'r')
    } catch {
      // Nothing was written yet, or nothing can be.
      return []
    }
    try {
      const { size } = await file.stat()
      const start = Math.max(0, size - tailBytesMax)
      const bytes = Buffer.alloc(size - start)
      await file.read(bytes, 0, bytes.length, start)
      const lines = bytes
        .toString('utf8')
        .split('\n')
        .slice(start > 0 ? 1 : 0)
      return lines.filter((line) => line !== '').slice(-linesMax)
    } finally {
      await file.close()
    }
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const text = this.#take()
        await this.#append(text)
      }
      this.#hasFailed = false
    } catch (error) {
      if (!this.#hasFailed) this.#onFailure(error)
      this.#hasFailed = true
    } finally {
      this.#writing = null
    }
  }

  #take(): string {
    const msg = `${this.#leftOutCount} lines were left out here: the disk is too slow`
    const note = this.#leftOutCount > 0 ? `${JSON.stringify({ level: 'warn', msg })}\n` : ''
    const text = this.#waiting.join('') + note
    this.#waiting = []
    this.#waitingBytes = 0
    this.#leftOutCount = 0
    return text
  }

  async #append(text: string): Promise<void> {
    await makeFolder(dirname(this.path))
    const size = await sizeOf(this.path)
    if (size > 0 && size + text.length > this.#bytesMax) await this.#putAside()
    const file = await open(this.path, 'a', fileMode)
    try {
      await file.appendFile(text)
    } finally {
      await file.close()
    }
    if (size === 0) await chmod(this.path, fileMode)
  }

  async #putAside(): Promise<void> {
    for (let number = keptMax - 1; number >= 1; number--) {
      await renameIfThere(`${this.path}.${number}`, `${this.path}.${number + 1}`)
    }
    await renameIfThere(this.path, `${this.path}.1`)
  }
}

/** Not with `recursive`, which never ends where the system answers ENOENT for what may not be made. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: directoryMode })
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 0
    throw error
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
