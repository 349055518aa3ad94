/**
 * The rows of pg_stat_activity: one entry in shared memory for each session that has one, begun as Postgres
 * itself begins them and kept up by Postgres from then on. Knows no session.
 */

import type { EngineClient } from '../../engine.ts'
import type { PgliteModule } from '../pglite-module.ts'
import type { BackendMemory } from './backend-memory.ts'
import { EncryptionStatus } from './encryption-status.ts'
import { socketAddress, socketAddressBytes } from './socket-address.ts'

/** PgBackendStatus (utils/backend_status.h of PostgreSQL 18): offsets in bytes, and its size. */
export const backendStatus = {
  changeCount: 0,
  processId: 4,
  backendType: 8,
  startedAt: 16,
  transactionStartedAt: 24,
  queryStartedAt: 32,
  stateChangedAt: 40,
  database: 48,
  user: 52,
  address: 56,
  isEncryptedByte: 192,
  encryption: 196,
  state: 208,
  name: 212,
  activity: 216,
  progress: 220,
  bytes: 408,
} as const

/** B_BACKEND (miscadmin.h): shown as `client backend`. */
const clientBackend = 1
/** STATE_IDLE and those that follow it (utils/backend_status.h). */
const stateIdle = 2
const stateRunning = 3
const stateIdleInTransaction = 4

/** What a session has run last. */
export interface ShownStatement {
  /** Ends with NUL, and is short. */
  readonly text: Uint8Array
  readonly isInTransaction: boolean
}

export interface StatusBeginning {
  readonly processId: number
  readonly database: number
  readonly role: number
  readonly client: EngineClient | null
  /** As GetCurrentTimestamp answers it. */
  readonly startedAt: bigint
}

export class BackendStatusEntries {
  readonly #module: PgliteModule
  readonly #memory: BackendMemory
  readonly #first: number
  readonly #encryption: EncryptionStatus

  /** `first` is where `Backend Status Array` begins. */
  constructor(module: PgliteModule, memory: BackendMemory, first: number) {
    this.#module = module
    this.#memory = memory
    this.#first = first
    this.#encryption = new EncryptionStatus(module)
  }

  entry(slot: number): number {
    return this.#first + slot * backendStatus.bytes
  }

  /** As pgstat_bestart does. */
  begin(slot: number, beginning: StatusBeginning): void {
    const memory = this.#memory
    const entry = this.entry(slot)
    this.#clear(entry)
    memory.setWord(entry + backendStatus.processId, beginning.processId)
    memory.setWord(entry + backendStatus.backendType, clientBackend)
    memory.setWord(entry + backendStatus.database, beginning.database)
    memory.setWord(entry + backendStatus.user, beginning.role)
    memory.setWord(entry + backendStatus.state, stateIdle)
    const view = new DataView(this.#module.HEAPU8.buffer)
    view.setBigInt64(entry + backendStatus.startedAt, beginning.startedAt, true)
    view.setBigInt64(entry + backendStatus.stateChangedAt, beginning.startedAt, true)
    if (beginning.client) {
      this.#module.HEAPU8.set(socketAddress(beginning.client), entry + backendStatus.address)
    }
    const encryption = beginning.client?.encryption ?? null
    memory.setByte(entry + backendStatus.isEncryptedByte, encryption ? 1 : 0)
    if (encryption) memory.setWord(entry + backendStatus.encryption, this.#encryption.write(slot, encryption))
    memory.setByte(memory.word(entry + backendStatus.name), 0)
    memory.setByte(memory.word(entry + backendStatus.activity), 0)
  }

  /** What has run so far was not the client's. */
  forgetActivity(slot: number): void {
    const entry = this.entry(slot)
    this.#memory.setWord(entry + backendStatus.queryStartedAt, 0)
    this.#memory.setWord(entry + backendStatus.queryStartedAt + 4, 0)
    this.#memory.setByte(this.#memory.word(entry + backendStatus.activity), 0)
  }

  /** Postgres itself says so of whoever is current. */
  setRunning(slot: number, isRunning: boolean): void {
    this.#memory.setWord(this.entry(slot) + backendStatus.state, isRunning ? stateRunning : stateIdle)
  }

  /** As if Postgres had just run it. */
  showStatement(slot: number, { text, isInTransaction }: ShownStatement): void {
    const entry = this.entry(slot)
    const view = new DataView(this.#module.HEAPU8.buffer)
    const now = this.#module._GetCurrentTimestamp()
    view.setBigInt64(entry + backendStatus.transactionStartedAt, isInTransaction ? now : 0n, true)
    view.setBigInt64(entry + backendStatus.queryStartedAt, now, true)
    view.setBigInt64(entry + backendStatus.stateChangedAt, now, true)
    this.#memory.setWord(entry + backendStatus.state, isInTransaction ? stateIdleInTransaction : stateIdle)
    this.#module.HEAPU8.set(text, this.#memory.word(entry + backendStatus.activity))
  }

  setUser(slot: number, role: number): void {
    this.#memory.setWord(this.entry(slot) + backendStatus.user, role)
  }

  /** Nobody sees it any more. */
  end(slot: number): void {
    this.#memory.setWord(this.entry(slot) + backendStatus.processId, 0)
  }

  /** Shown as of no database, like the processes of a server that serve nobody. */
  hideDatabase(slot: number): void {
    this.#memory.setWord(this.entry(slot) + backendStatus.database, 0)
  }

  /** Everything but the pointers to its texts, and the count that must stay even. */
  #clear(entry: number): void {
    const memory = this.#module.HEAPU8
    memory.fill(0, entry + backendStatus.processId, entry + backendStatus.address + socketAddressBytes)
    this.#memory.setWord(entry + backendStatus.state, 0)
    memory.fill(0, entry + backendStatus.progress, entry + backendStatus.bytes)
  }
}
