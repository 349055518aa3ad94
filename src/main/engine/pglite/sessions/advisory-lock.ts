/**
 * One advisory lock as Postgres's lock manager names it (LOCKTAG, storage/lock.h), and who of several sessions
 * stands in its way. Knows no session and no function.
 */

import type { PgliteModule } from '../pglite-module.ts'
import type { BackendMemory } from './backend-memory.ts'
import { hashTableEntries } from './hash-table.ts'

/** LOCKMODE (storage/lockdefs.h): advisory locks are of two modes. */
export const lockModes = { share: 5, exclusive: 7 } as const
/** LOCALLOCKTAG: the tag, then the mode. */
const modeOffset = 16
/** LOCALLOCK (storage/lock.h): how often its owner holds it, an int64. */
const countOffset = 32
/** LOCKTAG_ADVISORY in its byte, and USER_LOCKMETHOD behind it. */
const advisoryType = 10
const userMethod = 2

/** locktag_field1 to 4: database, both halves of the key, and which kind of key. */
export interface AdvisoryLock {
  readonly database: number
  readonly first: number
  readonly second: number
  /** 1: one bigint. 2: two ints. */
  readonly kind: number
  readonly mode: number
}

/** A lock that a session holds, and how often. */
export interface HeldLock extends AdvisoryLock {
  readonly count: number
}

/** The lock as a LOCKTAG. */
export function lockTagWords({ database, first, second, kind }: AdvisoryLock): number[] {
  return [database, first, second, kind | (advisoryType << 16) | (userMethod << 24)]
}

/** The advisory locks in a session's table of locks (LockMethodLocalHash). */
export function heldLocks(module: PgliteModule, memory: BackendMemory, table: number): HeldLock[] {
  if (table === 0 || module._hash_get_num_entries(table) === 0) return []
  return hashTableEntries(module, table)
    .filter((entry) => memory.byte(entry + 14) === advisoryType && memory.byte(entry + 15) === userMethod)
    .map((entry) => ({
      ...{ database: memory.word(entry), first: memory.word(entry + 4), second: memory.word(entry + 8) },
      ...{ kind: memory.word(entry + 12) & 0xffff, mode: memory.word(entry + modeOffset) },
      count: memory.word(entry + countOffset),
    }))
}

/** Whether both cannot be held by two sessions at once. */
export function areInConflict(one: AdvisoryLock, other: AdvisoryLock): boolean {
  const isExclusive = one.mode === lockModes.exclusive || other.mode === lockModes.exclusive
  return isExclusive && lockTagWords(one).join() === lockTagWords(other).join()
}

/** Whether it is the same lock in the same mode. */
export function isSameLock(one: AdvisoryLock, other: AdvisoryLock): boolean {
  return one.mode === other.mode && lockTagWords(one).join() === lockTagWords(other).join()
}

/** As DescribeLockTag does (storage/lmgr/lmgr.c). */
export function describeLock({ database, first, second, kind }: AdvisoryLock): string {
  return `advisory lock [${database >>> 0},${first >>> 0},${second >>> 0},${kind}]`
}

/** As GetLockmodeName. */
export function modeName({ mode }: AdvisoryLock): string {
  return mode === lockModes.share ? 'ShareLock' : 'ExclusiveLock'
}
