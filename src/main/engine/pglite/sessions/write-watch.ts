/**
 * Tells the host's thread that somebody has written: whoever changes a row, of whatever table and by whatever way,
 * takes a number for his transaction first, and the next one stands in Postgres's shared memory. Also that changed
 * rows may have gone uncounted. Knows nobody who wants to know.
 */

import type { PgliteModule } from '../pglite-module.ts'
import type { SharedSignals } from '../shared-signals.ts'
import type { BackendMemory } from './backend-memory.ts'
import type { SettingRecord } from './setting-record.ts'
import { sharedStructures } from './shared-structures.ts'

/** TransamVariablesData.nextXid (access/transam.h): 64 bits, behind nextOid and oidCount. */
const nextTransactionOffset = 8

export interface WriteWatchOptions {
  readonly module: PgliteModule
  readonly memory: BackendMemory
  /** Where ShmemIndex stands. */
  readonly sharedIndex: number
  /** track_counts: whether changed rows are counted. */
  readonly countsRows: SettingRecord
  readonly signals: SharedSignals
}

export class WriteWatch {
  readonly #memory: BackendMemory
  readonly #signals: SharedSignals
  readonly #address: number
  #low = 0

  constructor({ module, memory, sharedIndex, countsRows, signals }: WriteWatchOptions) {
    this.#memory = memory
    this.#signals = signals
    this.#address = sharedStructures(module, memory, sharedIndex)('TransamVariables') + nextTransactionOffset
    this.tell()
    if (countsRows.valueWord === 0) signals.setUncounted()
    const note = (isCounting: number): number => {
      if (isCounting === 0) signals.setUncounted()
      return 0
    }
    // A setting without a hook is given one, by which Postgres tells of every way to change it.
    memory.setWord(countsRows.boolHookAddress, module.addFunction(note, 'vii'))
  }

  /** The number of the next transaction that writes, as it is now; stands still while nobody writes. */
  get next(): number {
    const { words } = this.#memory
    const high = words[(this.#address >> 2) + 1] ?? 0
    return high * 2 ** 32 + ((words[this.#address >> 2] ?? 0) >>> 0)
  }

  /** Asked whenever a message has been handled. */
  tell(): void {
    const { words } = this.#memory
    const low = words[this.#address >> 2] ?? 0
    if (low === this.#low) return
    this.#low = low
    this.#signals.setNextTransaction(low, words[(this.#address >> 2) + 1] ?? 0)
  }
}
