/**
 * A process of its own for every session, as Postgres sees processes: an entry in its process array (PGPROC),
 * by which locks know their owners, and one in pg_stat_activity. There are fewer than there may be sessions:
 * who has idled longest and holds no lock gives way. Knows no client and no turn.
 */

import { assert, present } from '../../../../base/assert.ts'
import type { PgliteModule } from '../pglite-module.ts'
import type { BackendMemory } from './backend-memory.ts'
import { BackendStatusEntries, type ShownStatement, type StatusBeginning } from './backend-status.ts'
import type { SessionLayout } from './session-layout.ts'
import { sharedStructures } from './shared-structures.ts'

/** PROC_HDR (storage/proc.h): allProcs, xids, subxidStates, statusFlags, allProcCount. */
const allProcessesOffset = 0
const processCountOffset = 16
/** PGPROC (storage/proc.h of PostgreSQL 18): offsets in bytes beside those of the layout, and its size. */
const process = {
  freeList: 8,
  arrayIndex: 48,
  virtualNumber: 52,
  virtualTransaction: 56,
  database: 60,
  role: 64,
  tempSchema: 68,
  isRegular: 72,
  waitEvent: 548,
  bytes: 640,
} as const
/** ProcArrayStruct (storage/ipc/procarray.c): numProcs, then maxProcs … before pgprocnos. */
const processNumbersOffset = 36
/** Auxiliary processes follow those of backends (NUM_AUXILIARY_PROCS, storage/proc.h) and are in no array. */
const auxiliaryMax = 38
/** PG_WAIT_CLIENT with ClientRead, the first of its class (utils/wait_event_types.h). */
const waitsForClient = 0x0600_0000
/** PG_WAIT_LOCK with LOCKTAG_ADVISORY (storage/lock.h). */
const waitsForLock = 0x0300_000a

/** The slot of the engine's own session, which Postgres itself has made. */
export const ownSlot = 0

export interface ProcessSlotsOptions {
  readonly module: PgliteModule
  readonly memory: BackendMemory
  readonly layout: SessionLayout
}

export class ProcessSlots {
  readonly #options: ProcessSlotsOptions
  readonly #processes: number
  readonly #array: number
  readonly #status: BackendStatusEntries
  readonly #free: number[]
  readonly #latchOwner: number
  /** Addresses of processes whose sessions wait for a lock outside of the backend. */
  readonly #waiting = new Set<number>()
  /** Where else the process id stands; 0 until it is known. */
  notifiedProcess = 0

  constructor(options: ProcessSlotsOptions) {
    const { module, memory, layout } = options
    this.#options = options
    const shared = sharedStructures(module, memory, layout.sharedIndex)
    const header = shared('Proc Header')
    this.#processes = memory.word(header + allProcessesOffset)
    this.#array = shared('Proc Array')
    assert(memory.word(module._MyProc) === this.#processes, 'The backend is the first process')
    const freeList = memory.word(this.#process(0) + process.freeList)
    assert(memory.word(this.#process(1) + process.freeList) === freeList, 'A process has its known size')
    // The backend goes on waiting at the latch of its first process, whichever it is at the moment.
    this.#latchOwner = this.#processes + layout.latchOwnerOffset
    this.#status = new BackendStatusEntries(module, memory, shared('Backend Status Array'))
    this.#status.hideDatabase(ownSlot)
    const count = memory.word(header + processCountOffset) - auxiliaryMax
    this.#free = Array.from({ length: count - 1 }, (_, index) => count - 1 - index)
  }

  get hasFree(): boolean {
    return this.#free.length > 0
  }

  /** A slot for a session; there must be a free one. */
  take(beginning: StatusBeginning): number {
    const { memory, layout } = this.#options
    const slot = present(this.#free.pop(), 'A free process')
    const address = this.#process(slot)
    memory.setWord(address + layout.processIdOffset, beginning.processId)
    memory.setWord(address + process.virtualNumber, slot)
    memory.setWord(address + process.virtualTransaction, 0)
    memory.setWord(address + process.role, beginning.role)
    memory.setWord(address + process.tempSchema, 0)
    memory.setByte(address + process.isRegular, 1)
    memory.setWord(address + process.waitEvent, waitsForClient)
    this.#addToArray(slot)
    this.#status.begin(slot, beginning)
    return slot
  }

  /** Whether its session waits for a lock, outside of the backend, with the statement that it ran last. */
  setWaiting(slot: number, isWaiting: boolean): void {
    const { module, memory } = this.#options
    const address = this.#process(slot)
    if (isWaiting) this.#waiting.add(address)
    else this.#waiting.delete(address)
    this.#status.setRunning(slot, isWaiting)
    if (memory.word(module._MyProc) === address) return
    memory.setWord(address + process.waitEvent, isWaiting ? waitsForLock : waitsForClient)
  }

  /** Nobody sees it any more, although it has not ended yet. */
  hide(slot: number): void {
    this.#status.end(slot)
  }

  /** What has run so far was not the client's. */
  forgetActivity(slot: number): void {
    this.#status.forgetActivity(slot)
  }

  showStatement(slot: number, statement: ShownStatement): void {
    this.#status.showStatement(slot, statement)
  }

  /** Who has logged in. */
  setRole(slot: number, role: number): void {
    this.#options.memory.setWord(this.#process(slot) + process.role, role)
    this.#status.setUser(slot, role)
  }

  /** Gives a slot back; it is not current, and holds no lock. */
  release(slot: number): void {
    const { memory, layout } = this.#options
    this.#status.end(slot)
    this.#waiting.delete(this.#process(slot))
    this.#removeFromArray(slot)
    memory.setWord(this.#process(slot) + layout.processIdOffset, 0)
    this.#free.push(slot)
  }

  /** Makes the backend that process. */
  enter(slot: number, processId: number): void {
    const { module, memory, layout } = this.#options
    const left = memory.word(module._MyProc)
    memory.setWord(left + process.waitEvent, this.#waiting.has(left) ? waitsForLock : waitsForClient)
    // Whoever is idle hinders nobody who copies or removes a database, which would wait for it in vain.
    memory.setWord(left + process.database, 0)
    const address = this.#process(slot)
    memory.setWord(address + process.database, memory.word(module._MyDatabaseId))
    memory.setWord(module._MyProc, address)
    memory.setWord(address + process.waitEvent, 0)
    memory.setWord(layout.statusEntry, this.#status.entry(slot))
    this.setProcessId(processId)
  }

  /** What `pg_backend_pid()` answers. It stands in several places, and waits fail where they differ. */
  setProcessId(processId: number): void {
    const { module, memory, layout } = this.#options
    memory.setWord(module._MyProcPid, processId)
    memory.setWord(memory.word(module._MyProc) + layout.processIdOffset, processId)
    memory.setWord(this.#latchOwner, processId)
    if (this.notifiedProcess !== 0) memory.setWord(this.notifiedProcess, processId)
  }

  #process(slot: number): number {
    return this.#processes + slot * process.bytes
  }

  /** None of the idle has a transaction, so the arrays beside this one need no change. */
  #addToArray(slot: number): void {
    const { memory } = this.#options
    const count = memory.word(this.#array)
    memory.setWord(this.#numberAt(count), slot)
    memory.setWord(this.#process(slot) + process.arrayIndex, count)
    memory.setWord(this.#array, count + 1)
  }

  #removeFromArray(slot: number): void {
    const { memory } = this.#options
    const index = memory.word(this.#process(slot) + process.arrayIndex)
    const last = memory.word(this.#array) - 1
    const moved = memory.word(this.#numberAt(last))
    memory.setWord(this.#numberAt(index), moved)
    memory.setWord(this.#process(moved) + process.arrayIndex, index)
    memory.setWord(this.#array, last)
  }

  #numberAt(index: number): number {
    return this.#array + processNumbersOffset + 4 * index
  }
}
