/**
 * What lies in Postgres's shared memory, by the names that Postgres gave it (ShmemInitStruct). Knows none of the
 * structures.
 */

import { present } from '../../../../base/assert.ts'
import type { PgliteModule } from '../pglite-module.ts'
import type { BackendMemory } from './backend-memory.ts'
import { hashTableEntries } from './hash-table.ts'

/** ShmemIndexEnt (storage/shmem.h): key, location, size, allocated_size; the key has SHMEM_INDEX_KEYSIZE bytes. */
const locationOffset = 48

/** Answers the address of a structure by its name; `sharedIndex` is where ShmemIndex stands. */
export function sharedStructures(
  module: PgliteModule,
  memory: BackendMemory,
  sharedIndex: number,
): (name: string) => number {
  const locations = new Map<string, number>()
  for (const entry of hashTableEntries(module, memory.word(sharedIndex))) {
    locations.set(memory.text(entry), memory.word(entry + locationOffset))
  }
  return (name) => present(locations.get(name), `Shared structure ${name}`)
}
