/**
 * Keeps the transactions of some sessions read-only, whatever they say: Postgres asks before it sets what would change
 * that, as it asks for any setting that has a check, and is told no with 22023. Nothing else can let a transaction
 * write that has begun read-only (access/transam/xact.c, StartTransaction). Knows no session.
 */

import type { PgliteModule } from '../pglite-module.ts'
import type { BackendMemory } from './backend-memory.ts'
import type { SessionSettings } from './session-settings.ts'

/** What such a session begins with, after everything else. */
export const readOnlySetting = ['default_transaction_read_only', 'on'] as const

/** Of the transaction, and of those to come; BEGIN READ WRITE and SET SESSION CHARACTERISTICS set them, too. */
const lockedSettings = ['transaction_read_only', 'default_transaction_read_only']

export interface ReadOnlyLockOptions {
  readonly module: PgliteModule
  readonly memory: BackendMemory
  readonly settings: SessionSettings
  /** Calls a function of the module by its index. */
  call(index: number, ...parameters: readonly number[]): unknown
}

export class ReadOnlyLock {
  /** Whether the session that is current is one of those. */
  isOn = false

  constructor({ module, memory, settings, call }: ReadOnlyLockOptions) {
    for (const record of settings.watch(lockedSettings)) {
      const original = memory.word(record.boolCheckAddress)
      // bool check(bool *newval, void **extra, GucSource source)
      const check = (newValue: number, extra: number, source: number): number => {
        if (this.isOn && memory.byte(newValue) === 0) return 0
        return original === 0 ? 1 : Number(call(original, newValue, extra, source))
      }
      memory.setWord(record.boolCheckAddress, module.addFunction(check, 'iiii'))
    }
  }
}
