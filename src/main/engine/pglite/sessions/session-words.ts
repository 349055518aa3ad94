/**
 * The static variables of the backend that make up a session, taken out and put back as words. Knows which of
 * them need what besides, such as the search path when the schema of temporary tables changes.
 */

import type { PgliteModule } from '../pglite-module.ts'
import type { BackendMemory } from './backend-memory.ts'
import type { SessionLayout } from './session-layout.ts'
import { TableSwap } from './table-swap.ts'
import { markLocalTemp } from './temp-relations.ts'

/** MAX_PORTALNAME_LEN, and struct portalhashent: the name and a pointer (utils/mmgr/portalmem.c). */
const portals = { name: 'Portal hash', keyBytes: 64, entryBytes: 64 + 4, isText: true }
/** LOCALLOCKTAG and LOCALLOCK (storage/lock.h). */
const localLocks = { name: 'LOCALLOCK hash', keyBytes: 20, entryBytes: 56, isText: false }

/** From CurrentUserId to SetRoleIsActive, around AuthenticatedUserId (utils/init/miscinit.c). */
const userWordsBefore = 5
const userWordsAfter = 2
/** From SessionUserId to AuthenticatedUserId. */
const sessionUserOffset = 12
/** Place of myTempNamespace in what is kept. */
const tempNamespaceIndex = 4

/** What a session keeps while another has the backend. */
export interface SessionWords {
  readonly state: readonly number[]
  readonly user: readonly number[]
  /** What random() goes on from, and whether it has been seeded. */
  readonly random: readonly number[]
  /** Of the session that has open cursors; 0 for others, who share an empty table. */
  readonly portalTable: number
  /** Of the session that holds locks beyond its transactions; 0 for others. */
  readonly lockTable: number
}

const nothing: readonly number[] = []

export class SessionWordSwap {
  readonly #module: PgliteModule
  readonly #memory: BackendMemory
  readonly #layout: SessionLayout
  readonly #stateAddresses: readonly number[]
  readonly #userAddresses: readonly number[]
  readonly #randomAddresses: readonly number[]
  readonly #portals: TableSwap
  readonly #locks: TableSwap

  constructor(module: PgliteModule, memory: BackendMemory, layout: SessionLayout) {
    this.#module = module
    this.#memory = memory
    this.#layout = layout
    this.#portals = new TableSwap({ module, memory, variable: layout.portalTable, shape: portals })
    this.#locks = new TableSwap({ module, memory, variable: layout.localLocks, shape: localLocks })
    this.#stateAddresses = [
      layout.preparedQueries,
      layout.unnamedStatement,
      layout.sequenceTable,
      layout.lastUsedSequence,
      layout.tempNamespace,
      layout.tempToastNamespace,
      layout.onCommit,
      layout.listenChannels,
    ]
    this.#randomAddresses = [0, 4, 8, 12].map((offset) => layout.randomState + offset)
    this.#userAddresses = Array.from(
      { length: userWordsBefore + 1 + userWordsAfter },
      (_, index) => layout.authenticatedUser + 4 * (index - userWordsBefore),
    )
  }

  /** A session that has done nothing yet, as the user of the session that has left these; null: of the current one. */
  fresh(left: SessionWords | null): SessionWords {
    const user = left?.user ?? this.#read(this.#userAddresses)
    return { state: nothing, user, random: nothing, portalTable: 0, lockTable: 0 }
  }

  take(): SessionWords {
    return {
      state: this.#read(this.#stateAddresses),
      user: this.#read(this.#userAddresses),
      random: [...this.#read(this.#randomAddresses), this.#memory.byte(this.#layout.randomSeededByte)],
      portalTable: this.#portals.take(),
      lockTable: this.#locks.take(),
    }
  }

  /** Answers whether the temporary tables are others now. */
  put(words: SessionWords): boolean {
    const { tempNamespace, tempToastNamespace } = this.#layout
    const before = [this.#memory.word(tempNamespace), this.#memory.word(tempToastNamespace)]
    this.#write(this.#stateAddresses, words.state)
    this.#write(this.#userAddresses, words.user)
    this.#write(this.#randomAddresses, words.random)
    this.#memory.setByte(this.#layout.randomSeededByte, words.random[this.#randomAddresses.length] ?? 0)
    this.#portals.put(words.portalTable)
    this.#locks.put(words.lockTable)
    const isOther = this.#tempSchemas(words).some((schema, index) => schema !== before[index])
    if (!isOther) return false
    this.#forgetSearchPath()
    this.#markTemp(before, false)
    this.#markTemp(this.#tempSchemas(words), true)
    return true
  }

  /** Gives back the memory of a session that has ended. */
  free(words: SessionWords): void {
    const [preparedQueries = 0, , sequenceTable = 0] = words.state
    for (const table of [preparedQueries, sequenceTable]) if (table !== 0) this.#module._hash_destroy(table)
    const list = this.listOf(words)
    if (list !== 0) this.#module._pfree(list)
  }

  /** Where the channels stand that a session listens to; 0 for nowhere. */
  listOf({ state }: SessionWords): number {
    return state.at(-1) ?? 0
  }

  hasTempNamespace({ state }: SessionWords): boolean {
    return (state[tempNamespaceIndex] ?? 0) !== 0
  }

  /** Whether a session that is not current has left something that only Postgres can end, for it. */
  hasLeftAnything({ state, portalTable, lockTable }: SessionWords): boolean {
    const [preparedQueries = 0, unnamedStatement = 0] = state
    return preparedQueries !== 0 || unnamedStatement !== 0 || portalTable !== 0 || lockTable !== 0
  }

  get hasOpenCursors(): boolean {
    return this.#portals.hasEntries
  }

  /** Whether the current session holds locks; outside of a transaction these are advisory ones. */
  get hasLocks(): boolean {
    return this.#locks.hasEntries
  }

  /** The current user becomes who has logged in; answers the role's oid. */
  authenticate(): number {
    const { authenticatedUser } = this.#layout
    const sessionUser = this.#memory.word(authenticatedUser - sessionUserOffset)
    this.#memory.setWord(authenticatedUser, sessionUser)
    return sessionUser
  }

  #tempSchemas({ state }: SessionWords): number[] {
    return [state[tempNamespaceIndex] ?? 0, state[tempNamespaceIndex + 1] ?? 0]
  }

  #markTemp(schemas: readonly number[], isLocal: boolean): void {
    if (schemas.every((schema) => schema === 0)) return
    const { relationTable } = this.#layout
    markLocalTemp({ module: this.#module, memory: this.#memory, relationTable }, schemas, isLocal)
  }

  #forgetSearchPath(): void {
    this.#memory.setByte(this.#layout.searchPathInvalidByte, 1)
    this.#memory.setByte(this.#layout.searchPathCacheByte, 0)
  }

  #read(addresses: readonly number[]): number[] {
    const { words } = this.#memory
    const values = new Array<number>(addresses.length)
    for (let index = 0; index < values.length; index++)
      values[index] = words[(addresses[index] ?? 0) >> 2] ?? 0
    return values
  }

  #write(addresses: readonly number[], values: readonly number[]): void {
    const { words } = this.#memory
    for (let index = 0; index < addresses.length; index++) {
      words[(addresses[index] ?? 0) >> 2] = values[index] ?? 0
    }
  }
}
