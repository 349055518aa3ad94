/**
 * One hash table of Postgres's that every session must have of its own, behind one static variable. Sessions
 * whose table is empty share the empty ones. Knows no table's purpose.
 */

import type { PgliteModule } from '../pglite-module.ts'
import type { BackendMemory } from './backend-memory.ts'

/** As many as Postgres itself gives the tables that are swapped. */
const entriesMin = 16
/** HASHCTL is shorter; keysize and entrysize follow num_partitions, ssize, dsize, max_dsize (utils/hsearch.h). */
const controlBytes = 64
const keySizeOffset = 16
const entrySizeOffset = 20
/** HASH_ELEM with HASH_STRINGS or HASH_BLOBS. */
const textFlags = 0x0008 | 0x0010
const blobFlags = 0x0008 | 0x0020

export interface TableShape {
  readonly name: string
  readonly keyBytes: number
  readonly entryBytes: number
  /** Keys are texts, and not any bytes. */
  readonly isText: boolean
}

export interface TableSwapOptions {
  readonly module: PgliteModule
  readonly memory: BackendMemory
  /** Address of the static variable. */
  readonly variable: number
  readonly shape: TableShape
}

export class TableSwap {
  readonly #options: TableSwapOptions
  readonly #spare: number[] = []

  constructor(options: TableSwapOptions) {
    this.#options = options
  }

  get hasEntries(): boolean {
    const { module, memory, variable } = this.#options
    return module._hash_get_num_entries(memory.word(variable)) > 0
  }

  /** The current table, for `put`; 0 if it is empty. */
  take(): number {
    const { memory, variable } = this.#options
    const table = memory.word(variable)
    if (this.hasEntries) return table
    this.#spare.push(table)
    return 0
  }

  /** Makes a table that was taken current; an empty one for 0. */
  put(table: number): void {
    const { memory, variable } = this.#options
    memory.setWord(variable, table || (this.#spare.pop() ?? this.#create()))
  }

  #create(): number {
    const { module, memory, shape } = this.#options
    const control = module._malloc(controlBytes)
    module.HEAPU8.fill(0, control, control + controlBytes)
    memory.setWord(control + keySizeOffset, shape.keyBytes)
    memory.setWord(control + entrySizeOffset, shape.entryBytes)
    const stack = module.stackSave()
    const name = module.stringToUTF8OnStack(shape.name)
    const table = module._hash_create(name, entriesMin, control, shape.isText ? textFlags : blobFlags)
    module.stackRestore(stack)
    module._free(control)
    return table
  }
}
