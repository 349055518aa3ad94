/**
 * Files of the catalogs that all databases share, in the data directory of a running PGlite: copied and replaced so
 * that they survive a loss of power. Knows not what they hold.
 */

import { PGlite } from '@electric-sql/pglite'
import type { PgliteModule, WasmFileStream } from '../pglite-module.ts'

const folder = `${PGlite.paths.PGDATA}/global`
/** RELMAPPER_FILENAME (utils/cache/relmapper.c), and a name of which Postgres knows nothing. */
const mapFile = `${folder}/pg_filenode.map`
const newMapFile = `${folder}/pg_filenode.map.new`

export class GlobalFiles {
  readonly #module: PgliteModule

  constructor(module: PgliteModule) {
    this.#module = module
  }

  /** Whether there is a file of that number, and it holds something. */
  holds(number: number): boolean {
    const { FS: files } = this.#module
    return this.exists(number) && files.stat(pathOf(number)).size > 0
  }

  exists(number: number): boolean {
    return this.#module.FS.analyzePath(pathOf(number)).exists
  }

  remove(number: number): void {
    if (this.exists(number)) this.#module.FS.unlink(pathOf(number))
  }

  /** `sync` is to follow. */
  copy(from: number, to: number): void {
    this.#write(pathOf(to), this.#read(pathOf(from)))
  }

  /** Puts another map in the place of the one that is there. */
  replaceMap(bytes: Uint8Array): void {
    this.#write(newMapFile, bytes)
    this.#module.FS.rename(newMapFile, mapFile)
    this.sync()
  }

  /** Makes the names of files durable. */
  sync(): void {
    const { FS: files } = this.#module
    const stream = files.open(folder, 'r')
    try {
      syncStream(stream)
    } finally {
      files.close(stream)
    }
  }

  #read(path: string): Uint8Array {
    const { FS: files } = this.#module
    const bytes = new Uint8Array(files.stat(path).size)
    const stream = files.open(path, 'r')
    try {
      let at = 0
      for (let count = -1; at < bytes.length && count !== 0; at += count) {
        count = files.read(stream, bytes, at, bytes.length - at, at)
      }
      return bytes.subarray(0, at)
    } finally {
      files.close(stream)
    }
  }

  #write(path: string, bytes: Uint8Array): void {
    const { FS: files } = this.#module
    const stream = files.open(path, 'w')
    try {
      let at = 0
      while (at < bytes.length) at += files.write(stream, bytes, at, bytes.length - at, at)
      syncStream(stream)
    } finally {
      files.close(stream)
    }
  }
}

/** There is none in memory. */
function syncStream(stream: WasmFileStream): void {
  stream.stream_ops.fsync?.(stream)
}

function pathOf(number: number): string {
  return `${folder}/${number}`
}
