/**
 * Lets Postgres have its shared memory, 145 MB at its default settings, without writing all of it at every start.
 * `mmap` in WebAssembly zeroes what it gives, which took a quarter of the time to open an instance and made all of
 * it resident; `shmget` takes it from the heap as it is. Memory that the heap has just gained is zero, as Postgres
 * may expect, so only what has been used before is zeroed here. Knows nothing of what Postgres keeps there.
 */

import { assert } from '../../../base/assert.ts'
import type { PgliteModule } from './pglite-module.ts'

/** Makes Postgres ask by `shmget` (PostgreSQL 18 documentation, section 19.4.1). */
export const sharedMemoryParameters: readonly string[] = ['-c', 'shared_memory_type=sysv']

/** No free piece within the heap is as large, so that memory of this size is taken from its end. */
const pieceBytes = 64 << 20

/** As much as dlmalloc writes at most where a piece ends. Behind it lies little, and a word of dlmalloc's. */
const bookkeepingBytes = 16

/** Postgres has one segment, the first; PGlite numbers them (pglitec.c, pgl_shmget). */
const firstSegment = 1
const noSegment = -1

/** What is read and written of the WebAssembly; `breakAddress` holds the address of the heap's end. */
export interface HeapParts {
  readonly module: Pick<PgliteModule, 'HEAPU8' | '_malloc' | '_free'>
  readonly breakAddress: number
}

/** Zeroes what is not in use at the end of the heap. Answers where the next large piece will begin. */
export function zeroSpareMemory({ module, breakAddress }: HeapParts): number {
  const end = (): number => new DataView(module.HEAPU8.buffer).getUint32(breakAddress, true)
  const usedBefore = end()
  const piece = module._malloc(pieceBytes)
  // Without memory Postgres fails in a moment, and says so.
  if (piece === 0) return 0
  if (piece < usedBefore) module.HEAPU8.fill(0, piece, Math.min(usedBefore, piece + pieceBytes))
  module._free(piece)
  module.HEAPU8.fill(0, piece + pieceBytes - bookkeepingBytes, end())
  return piece
}

/** What the watch needs to know of an instance. */
export interface WatchedInstance {
  readonly dataDirectory: string
  module(): PgliteModule
  exports(): WebAssembly.Instance['exports']
}

/** Zeroes spare memory just before Postgres takes its shared memory. */
export class SpareMemoryWatch {
  readonly #instance: WatchedInstance
  #zeroedFrom = 0

  /** `imports` are those of the module, before it is instantiated. */
  constructor(imports: Record<string, unknown>, instance: WatchedInstance) {
    this.#instance = instance
    const stat = imports['__syscall_stat64'] as (path: number, buffer: number) => number
    // PGSharedMemoryCreate (sysv_shmem.c) looks at the data directory, and its next call is shmget.
    imports['__syscall_stat64'] = (path: number, buffer: number): number => {
      const module = instance.module()
      if (module.UTF8ToString(path) === instance.dataDirectory && this.#isLocked(module))
        this.#prepare(module)
      return stat(path, buffer)
    }
  }

  /** Throws if Postgres has taken other memory than what was prepared. */
  check(): void {
    const taken = this.#instance.module()._pgl_shmat(firstSegment, 0, 0)
    assert(taken === this.#zeroedFrom, 'Shared memory begins where memory was zeroed')
  }

  /** Postgres locks the directory before; without a lock of a crash it looks there once more, which is this time. */
  #isLocked({ FS: files }: PgliteModule): boolean {
    return files.analyzePath(`${this.#instance.dataDirectory}/postmaster.pid`).exists
  }

  #prepare(module: PgliteModule): void {
    if (module._pgl_shmat(firstSegment, 0, 0) !== noSegment) return
    const breakOf = this.#instance.exports()['emscripten_get_sbrk_ptr'] as () => number
    this.#zeroedFrom = zeroSpareMemory({ module, breakAddress: breakOf() })
  }
}
