/**
 * Postgres's dynamic hash tables (utils/hash/dynahash.c): finds one by the name it was made with, and reads its
 * entries. Knows no table's purpose.
 */

import type { PgliteModule } from '../pglite-module.ts'
import type { BackendMemory } from './backend-memory.ts'

/** struct HTAB: hctl, dir, hash, match, keycopy, alloc, hcxt, tabname (all words). */
const nameOffset = 7 * 4
/** HASH_SEQ_STATUS is shorter. */
const scanBytes = 32

export interface HashTableSearch {
  readonly name: string
  /** Byte addresses. */
  readonly from: number
  readonly to: number
}

/** Addresses of the static variables that point to a table of that name. */
export function findHashTable(memory: BackendMemory, { name, from, to }: HashTableSearch): number[] {
  const { words } = memory
  const sizeBytes = words.length * 4
  const found: number[] = []
  for (let address = from; address < to; address += 4) {
    const table = words[address >> 2] ?? 0
    if (table < from || table % 4 !== 0 || table + nameOffset >= sizeBytes) continue
    if (memory.isText(words[(table + nameOffset) >> 2] ?? 0, name)) found.push(address)
  }
  return found
}

/** The addresses of all entries of a table. */
export function hashTableEntries(module: PgliteModule, table: number): number[] {
  const scan = module._malloc(scanBytes)
  const entries: number[] = []
  module._hash_seq_init(scan, table)
  for (let entry = module._hash_seq_search(scan); entry !== 0; entry = module._hash_seq_search(scan)) {
    entries.push(entry)
  }
  module._free(scan)
  return entries
}
