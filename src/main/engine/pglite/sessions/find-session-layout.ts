/**
 * Finds where a build of PGlite keeps the state of a session, by behaviour: zero a variable, see what Postgres
 * forgets, put it back. Runs on a throw-away instance, once per build, and refuses to answer when anything is
 * not exactly as expected. Knows nothing of how the answer is used.
 */

import type { PGlite } from '@electric-sql/pglite'
import { WorkbenchError } from '../../../../contract/error.ts'
import * as frontend from '../../protocol/frontend-message.ts'
import type { PgliteModule } from '../pglite-module.ts'
import { BackendMemory } from './backend-memory.ts'
import { isRelationMap } from '../databases/relation-map.ts'
import { isFirstBuiltin } from '../builtins/builtin-functions.ts'
import { backendStatus } from './backend-status.ts'
import { findHashTable, hashTableEntries } from './hash-table.ts'
import { sharedStructures } from './shared-structures.ts'
import { sessionLayoutSchema, type SessionLayout } from './session-layout.ts'

/** Static variables lie below this in the builds seen so far. */
const staticBytes = 6 << 20
/** Nothing but null lies below. */
const firstAddress = 1024
/** The bootstrap superuser (catalog/pg_authid.dat). */
const superuserOid = 10
/** pg_authid (catalog/pg_authid.h), which all databases share. */
const authidRelation = 1260
/** User ids lie this close to each other. */
const userWindowBytes = 64
/** PGPROC is shorter. */
const processBytes = 256

const bindNothing = frontend.bindMessage({ parameters: [], resultFormats: [] })

/** Index of a function that is taken back before anything could call it. */
const neverCalled = 1

interface WordSearch {
  readonly name: string
  before?(): Promise<unknown>
  /** Makes the word other than zero. */
  act(): Promise<unknown>
  /** What shows whether Postgres still knows. */
  probe(): Promise<string>
  /** What `probe` answers while the word is zero, and while it is not. */
  readonly without: RegExp
  readonly within: RegExp
}

export async function findSessionLayout(pglite: PGlite): Promise<SessionLayout> {
  const found = await new LayoutSearch(pglite).run()
  return sessionLayoutSchema.parse(found, 'The session layout')
}

class LayoutSearch {
  readonly #pglite: PGlite
  readonly #module: PgliteModule
  readonly #memory: BackendMemory

  constructor(pglite: PGlite) {
    this.#pglite = pglite
    this.#module = pglite.Module as unknown as PgliteModule
    this.#memory = new BackendMemory(this.#module)
  }

  async run(): Promise<SessionLayout> {
    const random = await this.#findRandomState()
    await this.#sql('create sequence calibrate; select count(*) from pg_prepared_statements')
    const statements = await this.#findStatements()
    const sequences = await this.#findSequences()
    const temp = await this.#findTempNamespaces()
    return {
      ...statements,
      ...random,
      ...sequences,
      ...temp,
      ...(await this.#findSearchPathBytes(temp.tempNamespace)),
      onCommit: await this.#findOnCommit(),
      listenChannels: await this.#findListenChannels(),
      authenticatedUser: await this.#findAuthenticatedUser(),
      portalTable: this.#hashTable('Portal hash'),
      relationTable: this.#hashTable('Relcache by OID'),
      settingTable: this.#hashTable('GUC hash table'),
      localLocks: this.#findLocalLocks(),
      ...(await this.#findStatusEntry()),
      sharedRelationMap: this.#findSharedRelationMap(),
      builtinFunctions: this.#findBuiltinFunctions(),
      exitCallbackCount: this.#findExitCallbackCount(),
      ...this.#findProcessIds(),
    }
  }

  async #findStatements() {
    const preparedQueries = await this.#findWord({
      name: 'prepared_queries',
      act: () => this.#sql('prepare calibrate as select 1'),
      probe: () => this.#sql('select count(*)::int c from pg_prepared_statements'),
      without: /"c":0/,
      within: /"c":1/,
    })
    await this.#sql('deallocate all')
    const unnamedStatement = await this.#findWord({
      name: 'unnamed_stmt_psrc',
      before: () => this.#sql('select 1'),
      act: () => this.#wire(frontend.parseMessage(Buffer.from(`select 'mine'`)), frontend.syncMessage()),
      probe: () => this.#wire(bindNothing, frontend.executeMessage(0), frontend.syncMessage()),
      without: /26000/,
      within: /mine/,
    })
    return { preparedQueries, unnamedStatement }
  }

  /** Both appear with the first nextval, and are told apart by what Postgres forgets. */
  async #findSequences() {
    const before = this.#statics()
    await this.#sql(`select nextval('calibrate')`)
    const hits = { sequenceTable: [] as number[], lastUsedSequence: [] as number[] }
    for (const address of this.#risen(before)) {
      const [current, last] = await this.#while0(address, async () => [
        await this.#sql(`select currval('calibrate')`),
        await this.#sql('select lastval()'),
      ])
      if (current?.startsWith('ERR')) hits.sequenceTable.push(address)
      else if (last?.startsWith('ERR')) hits.lastUsedSequence.push(address)
    }
    await this.#sql('drop sequence calibrate')
    return {
      sequenceTable: only('seqhashtab', hits.sequenceTable),
      lastUsedSequence: only('last_used_seq', hits.lastUsedSequence),
    }
  }

  /** Four words that a seed sets and a number changes; put back they give the number again. Before any other. */
  async #findRandomState() {
    const fresh = this.#module.HEAPU8.slice(0, staticBytes)
    const rounds: { readonly seeded: Int32Array; readonly used: Int32Array; readonly number: string }[] = []
    for (let round = 0; round < 2; round++) {
      await this.#sql('select setseed(0.5)')
      const seeded = this.#statics()
      const number = await this.#sql('select random()')
      rounds.push({ seeded, used: this.#statics(), number })
    }
    const [one, two] = rounds
    if (!one || !two) throw unexpected('a random number', rounds.length)
    const { seeded, used } = one
    const isState = (at: number): boolean =>
      seeded[at] === two.seeded[at] && used[at] === two.used[at] && seeded[at] !== used[at]
    const hits: number[] = []
    for (let at = firstAddress >> 2; at < seeded.length; at += 2) {
      if (![at, at + 1, at + 2, at + 3].every(isState)) continue
      this.#memory.words.set(seeded.subarray(at, at + 4), at)
      if ((await this.#sql('select random()')) === one.number) hits.push(at * 4)
    }
    const randomState = only('prng_state', hits)
    const flags: number[] = []
    for (let address = randomState - 8; address < randomState + 24; address++) {
      if (fresh[address] === 0 && this.#memory.byte(address) === 1) flags.push(address)
    }
    const isOutside = (address: number): boolean => address < randomState || address >= randomState + 16
    return { randomState, randomSeededByte: only('prng_seed_set', flags.filter(isOutside)) }
  }

  async #findTempNamespaces() {
    await this.#sql('select pg_my_temp_schema()')
    const before = this.#statics()
    await this.#sql('create temp table calibrate()')
    const holding = async (schema: string): Promise<number[]> => {
      const oid = await this.#number(`select oid::int n from pg_namespace where nspname = '${schema}'`)
      return this.#risen(before).filter((address) => this.#memory.word(address) === oid)
    }
    const hits: number[] = []
    for (const address of await holding('pg_temp_0')) {
      const answer = await this.#while0(address, () => this.#number('select pg_my_temp_schema()::int n'))
      if (answer === 0) hits.push(address)
    }
    const tempNamespace = only('myTempNamespace', hits)
    const toast = (await holding('pg_toast_temp_0')).filter(
      (address) => Math.abs(address - tempNamespace) < 32,
    )
    await this.#sql('drop table calibrate')
    return { tempNamespace, tempToastNamespace: only('myTempToastNamespace', toast) }
  }

  /** A byte that flips with SET until the next look-up of a name; the cache's flag lies beside it. */
  async #findSearchPathBytes(near: number) {
    let hits: number[] | undefined
    for (let round = 0; round < 6; round++) {
      await this.#sql(`set search_path = ${round % 2 ? 'public' : 'public, pg_catalog'}`)
      const before = this.#module.HEAPU8.slice(near - 64, near + 64)
      await this.#sql('select 1 from pg_class limit 0')
      const after = this.#module.HEAPU8.subarray(near - 64, near + 64)
      const flipped = [...before.keys()].filter((at) => before[at] === 1 && after[at] === 0)
      hits = hits ? hits.filter((at) => flipped.includes(at)) : flipped
    }
    await this.#sql('reset search_path')
    const searchPathInvalidByte = near - 64 + only('baseSearchPathValid', hits ?? [])
    return { searchPathInvalidByte, searchPathCacheByte: searchPathInvalidByte + 1 }
  }

  async #findOnCommit(): Promise<number> {
    const address = await this.#findWord({
      name: 'on_commits',
      act: () => this.#sql('create temp table calibrate(a int) on commit delete rows'),
      probe: async () => {
        await this.#sql('insert into calibrate values (1)')
        const count = await this.#sql('select count(*)::int c from calibrate')
        await this.#sql('begin; delete from calibrate; commit')
        return count
      },
      without: /"c":[1-9]/,
      within: /"c":0/,
    })
    await this.#sql('drop table calibrate')
    return address
  }

  async #findListenChannels(): Promise<number> {
    const address = await this.#findWord({
      name: 'listenChannels',
      act: () => this.#sql('listen calibrate'),
      probe: () => this.#sql('select count(*)::int c from pg_listening_channels()'),
      without: /"c":0/,
      within: /"c":1/,
    })
    await this.#sql('unlisten *')
    return address
  }

  /** Near the ids that SET SESSION AUTHORIZATION changes lies the one that keeps the way back open. */
  async #findAuthenticatedUser(): Promise<number> {
    await this.#sql('create role calibrate login')
    const role = await this.#number(`select oid::int n from pg_roles where rolname = 'calibrate'`)
    const before = this.#statics()
    await this.#sql('set session authorization calibrate')
    const changed = [...before.keys()]
      .filter((index) => before[index] === superuserOid && this.#memory.words[index] === role)
      .map((index) => index * 4)
    const hits: number[] = []
    const first = (changed[0] ?? 0) - userWindowBytes
    for (let address = first; address < first + 2 * userWindowBytes; address += 4) {
      if (this.#memory.word(address) !== superuserOid) continue
      this.#memory.setWord(address, role)
      if ((await this.#sql('set session authorization postgres')) === 'ERR 42501') hits.push(address)
      this.#memory.setWord(address, superuserOid)
      await this.#sql('set session authorization calibrate')
    }
    await this.#sql('set session authorization postgres; drop role calibrate')
    return only('AuthenticatedUserId', hits)
  }

  /** The id stands in PGPROC, and again in its latch, which refuses to wait where the two differ. */
  #findProcessIds() {
    const process = this.#memory.word(this.#module._MyProc)
    const id = this.#memory.word(this.#module._MyProcPid)
    const offsets: number[] = []
    for (let offset = 0; offset < processBytes; offset += 4) {
      if (this.#memory.word(process + offset) === id) offsets.push(offset)
    }
    // The latch comes first (storage/proc.h).
    const [latchOwnerOffset = 0, processIdOffset = 0] = offsets
    if (offsets.length !== 2) throw unexpected('the process id', offsets.length)
    return { processIdOffset, latchOwnerOffset }
  }

  /** Goes up with each callback, and down when the last one is taken back. */
  #findExitCallbackCount(): number {
    const before = this.#statics()
    this.#module._before_shmem_exit(neverCalled, 0)
    const during = this.#statics()
    this.#module._cancel_before_shmem_exit(neverCalled, 0)
    const after = this.#memory.words
    const hits = [...before.keys()].filter((index) => {
      const count = before[index] ?? 0
      return index >= firstAddress >> 2 && during[index] === count + 1 && after[index] === count
    })
    return only(
      'before_shmem_exit_index',
      hits.map((index) => index * 4),
    )
  }

  /** Where a walk through the table has begun stands a pointer to it, too, until another walk begins. */
  #findLocalLocks(): number {
    const name = 'LOCALLOCK hash'
    const hits = this.#hashTables(name)
    hashTableEntries(this.#module, this.#memory.word(this.#hashTable('GUC hash table')))
    const still = this.#hashTables(name)
    return only(
      name,
      hits.filter((address) => still.includes(address)),
    )
  }

  /** Points to the entry that the backend has among all, as does the start of them all; moved, it is written to. */
  async #findStatusEntry() {
    const sharedIndex = this.#hashTable('ShmemIndex')
    const shared = sharedStructures(this.#module, this.#memory, sharedIndex)
    const first = shared('Backend Status Array')
    const second = first + backendStatus.bytes
    const hits: number[] = []
    for (let address = firstAddress; address < staticBytes; address += 4) {
      if (this.#memory.word(address) !== first) continue
      this.#memory.setWord(address, second)
      await this.#sql(`set application_name = 'calibrate'`)
      if (this.#memory.isText(this.#memory.word(second + backendStatus.name), 'calibrate')) hits.push(address)
      await this.#sql(`reset application_name`)
      this.#memory.setWord(address, first)
    }
    return { sharedIndex, statusEntry: only('MyBEEntry', hits) }
  }

  /** Of the two maps the one with pg_authid in it. */
  #findSharedRelationMap(): number {
    const hits: number[] = []
    for (let address = firstAddress; address < staticBytes; address += 4) {
      if (isRelationMap(this.#memory, address, authidRelation)) hits.push(address)
    }
    return only('shared_map', hits)
  }

  #findBuiltinFunctions(): number {
    const hits: number[] = []
    for (let address = firstAddress; address < staticBytes; address += 4) {
      if (isFirstBuiltin(this.#memory, address)) hits.push(address)
    }
    return only('fmgr_builtins', hits)
  }

  #hashTable(name: string): number {
    return only(name, this.#hashTables(name))
  }

  #hashTables(name: string): number[] {
    return findHashTable(this.#memory, { name, from: firstAddress, to: staticBytes })
  }

  async #findWord(search: WordSearch): Promise<number> {
    await search.before?.()
    const before = this.#statics()
    await search.act()
    const hits: number[] = []
    for (const address of this.#risen(before)) {
      const zeroed = await this.#while0(address, () => search.probe())
      if (search.without.test(zeroed) && search.within.test(await search.probe())) hits.push(address)
    }
    return only(search.name, hits)
  }

  async #while0<T>(address: number, probe: () => Promise<T>): Promise<T> {
    const value = this.#memory.word(address)
    this.#memory.setWord(address, 0)
    const answer = await probe()
    this.#memory.setWord(address, value)
    return answer
  }

  #statics(): Int32Array {
    return this.#memory.words.slice(0, staticBytes >> 2)
  }

  /** Words that were zero and are not any more. */
  #risen(before: Int32Array): number[] {
    const now = this.#memory.words
    const risen: number[] = []
    for (let index = firstAddress >> 2; index < before.length; index++) {
      if (before[index] === 0 && now[index] !== 0) risen.push(index * 4)
    }
    return risen
  }

  async #number(sql: string): Promise<number> {
    const { rows } = await this.#pglite.query<{ n: number }>(sql)
    return rows[0]?.n ?? -1
  }

  /** The rows of the last statement as JSON, or `ERR` and the SQLSTATE. */
  async #sql(text: string): Promise<string> {
    try {
      return JSON.stringify((await this.#pglite.exec(text)).at(-1)?.rows ?? [])
    } catch (error) {
      return `ERR ${(error as { code?: string }).code ?? String(error)}`
    }
  }

  /** What the backend answers to raw messages, as text good enough to search in. */
  async #wire(...messages: frontend.Pieces[]): Promise<string> {
    const answer = await this.#pglite.execProtocolRaw(Buffer.concat(messages.flat()))
    return Buffer.from(answer).toString('latin1')
  }
}

function only(name: string, addresses: readonly number[]): number {
  const [address] = addresses
  if (address === undefined || addresses.length !== 1) throw unexpected(name, addresses.length)
  return address
}

function unexpected(name: string, count: number): WorkbenchError {
  return new WorkbenchError(
    'unsupported',
    `This build of PGlite keeps its sessions in another way: ${count} places look like ${name}. Use the version ` +
      'of PGlite that package.json names',
  )
}
