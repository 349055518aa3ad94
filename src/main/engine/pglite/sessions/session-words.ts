/**
 * The static variables of the backend that make up a session, taken out and put back as words. Knows which of
 * them need what besides, such as the search path when the schema of temporary tables changes.
 */

import type { PgliteModule } from '../pglite-module.ts'
import type { BackendMemory } from './backend-memory.ts'
import type { SessionLayout } from './session-layout.ts'
import { markLocalTemp } from './temp-relations.ts'

/** MAX_PORTALNAME_LEN, and struct portalhashent: the name and a pointer (utils/mmgr/portalmem.c). */
const portalNameBytes = 64
const portalEntryBytes = portalNameBytes + 4
const portalsMin = 16
/** HASHCTL is shorter; keysize and entrysize follow num_partitions, ssize, dsize, max_dsize (utils/hsearch.h). */
const hashControlBytes = 64
const keySizeOffset = 16
const entrySizeOffset = 20
/** HASH_ELEM | HASH_STRINGS. */
const hashFlags = 0x0008 | 0x0010

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
  /** Of the session that has open cursors; 0 for others, who share an empty table. */
  readonly portalTable: number
}

const nothing: readonly number[] = []

export class SessionWordSwap {
  readonly #module: PgliteModule
  readonly #memory: BackendMemory
  readonly #layout: SessionLayout
  readonly #stateAddresses: readonly number[]
  readonly #userAddresses: readonly number[]
  /** Empty, for all sessions without open cursors. */
  readonly #spareTables: number[] = []
  /** Where else the process id stands; 0 until it is known. */
  notifiedProcess = 0

  constructor(module: PgliteModule, memory: BackendMemory, layout: SessionLayout) {
    this.#module = module
    this.#memory = memory
    this.#layout = layout
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
    this.#userAddresses = Array.from(
      { length: userWordsBefore + 1 + userWordsAfter },
      (_, index) => layout.authenticatedUser + 4 * (index - userWordsBefore),
    )
  }

  /** A session that has done nothing yet, as the user that is current. */
  fresh(): SessionWords {
    return { state: nothing, user: this.#read(this.#userAddresses), portalTable: 0 }
  }

  take(): SessionWords {
    const table = this.#memory.word(this.#layout.portalTable)
    const hasPortals = this.#module._hash_get_num_entries(table) > 0
    if (!hasPortals) this.#spareTables.push(table)
    return {
      state: this.#read(this.#stateAddresses),
      user: this.#read(this.#userAddresses),
      portalTable: hasPortals ? table : 0,
    }
  }

  put(words: SessionWords): void {
    const { tempNamespace, tempToastNamespace, portalTable } = this.#layout
    const before = [this.#memory.word(tempNamespace), this.#memory.word(tempToastNamespace)]
    this.#write(this.#stateAddresses, words.state)
    this.#write(this.#userAddresses, words.user)
    this.#memory.setWord(
      portalTable,
      words.portalTable || (this.#spareTables.pop() ?? this.#createPortalTable()),
    )
    const isOther = this.#tempSchemas(words).some((schema, index) => schema !== before[index])
    if (!isOther) return
    this.#forgetSearchPath()
    this.#markTemp(before, false)
    this.#markTemp(this.#tempSchemas(words), true)
  }

  /** Gives back the memory of a session that has ended. */
  free({ state }: SessionWords): void {
    const [preparedQueries = 0, , sequenceTable = 0] = state
    for (const table of [preparedQueries, sequenceTable]) if (table !== 0) this.#module._hash_destroy(table)
    const listenChannels = state.at(-1) ?? 0
    if (listenChannels !== 0) this.#module._pfree(listenChannels)
  }

  hasTempNamespace({ state }: SessionWords): boolean {
    return (state[tempNamespaceIndex] ?? 0) !== 0
  }

  get hasOpenCursors(): boolean {
    return this.#module._hash_get_num_entries(this.#memory.word(this.#layout.portalTable)) > 0
  }

  /** The current user becomes who has logged in. */
  authenticate(): void {
    const { authenticatedUser } = this.#layout
    const sessionUser = this.#memory.word(authenticatedUser - sessionUserOffset)
    this.#memory.setWord(authenticatedUser, sessionUser)
  }

  /** What `pg_backend_pid()` answers. It stands in three places, and waits fail where they differ. */
  setProcessId(processId: number): void {
    const { processIdOffset, latchOwnerOffset } = this.#layout
    const process = this.#memory.word(this.#module._MyProc)
    this.#memory.setWord(this.#module._MyProcPid, processId)
    this.#memory.setWord(process + processIdOffset, processId)
    this.#memory.setWord(process + latchOwnerOffset, processId)
    if (this.notifiedProcess !== 0) this.#memory.setWord(this.notifiedProcess, processId)
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

  #createPortalTable(): number {
    const module = this.#module
    const control = module._malloc(hashControlBytes)
    module.HEAPU8.fill(0, control, control + hashControlBytes)
    this.#memory.setWord(control + keySizeOffset, portalNameBytes)
    this.#memory.setWord(control + entrySizeOffset, portalEntryBytes)
    const stack = module.stackSave()
    const table = module._hash_create(
      module.stringToUTF8OnStack('Portal hash'),
      portalsMin,
      control,
      hashFlags,
    )
    module.stackRestore(stack)
    module._free(control)
    return table
  }

  #read(addresses: readonly number[]): number[] {
    const { words } = this.#memory
    return addresses.map((address) => words[address >> 2] ?? 0)
  }

  #write(addresses: readonly number[], values: readonly number[]): void {
    const { words } = this.#memory
    addresses.forEach((address, index) => (words[address >> 2] = values[index] ?? 0))
  }
}
