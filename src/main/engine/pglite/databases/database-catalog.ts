/**
 * The pg_database that sessions see: a copy of the one that every program finds in the directory, with the instance's
 * name and those of the others, in files of its own beside it. The original stays as it is, so that programs which
 * look for a database `postgres` open the directory, also after a crash. Owns which of both Postgres reads; knows no
 * session.
 */

import { WorkbenchError } from '../../../../contract/error.ts'
import type { EngineDatabases } from '../../engine.ts'
import type { PgliteModule } from '../pglite-module.ts'
import type { BackendMemory } from '../sessions/backend-memory.ts'
import type { InternalQuery } from '../sessions/internal-query.ts'
import type { SessionLayout } from '../sessions/session-layout.ts'
import { databaseRowsSql, plainName, plainRowsSql } from './database-rows.ts'
import { GlobalFiles } from './global-files.ts'
import { RelationMap } from './relation-map.ts'

/** pg_database, and its indexes by name and by oid (catalog/pg_database.h). */
const relations = [1262, 2671, 2672] as const
type Relation = (typeof relations)[number]

/** Numbers of the copies' files: near the end of those that Postgres gives, which skips what is there. */
const firstCopy = 4_294_000_000

/** RelationData (utils/rel.h): whether what it says holds; Postgres fills a relation anew where it does not. */
const isValidOffset = 26
/** RelIdCacheEnt (utils/cache/relcache.c): the oid, then the relation. */
const relationOffset = 4
/** HASH_FIND (utils/hsearch.h). */
const hashFind = 0

export interface DatabaseCatalogOptions {
  readonly module: PgliteModule
  readonly memory: BackendMemory
  readonly layout: SessionLayout
  readonly query: InternalQuery
  /** Under which name the backend has found its own in the directory. */
  readonly database: string
}

export class DatabaseCatalog {
  readonly #options: DatabaseCatalogOptions
  readonly #map: RelationMap
  readonly #files: GlobalFiles
  readonly #original: ReadonlyMap<Relation, number>
  /** What sessions shall read. */
  readonly #current = new Map<Relation, number>()
  /** VACUUM FULL or REINDEX has written the copy to other files, and into the map of the original. */
  #hasMoved = false
  #wanted: EngineDatabases | null = null

  /** Lets Postgres read the copy from now on. The backend is idle, as in everything here, and the superuser's. */
  constructor(options: DatabaseCatalogOptions, databases: EngineDatabases) {
    const { module, memory, layout, database } = options
    this.#options = options
    this.#map = new RelationMap(memory, layout.sharedRelationMap)
    this.#files = new GlobalFiles(module)
    this.#original = new Map(relations.map((relation) => [relation, this.#map.numberOf(relation)]))
    const hasPlainName = database === plainName
    if (!hasPlainName) this.#nameOriginal()
    const isComplete = relations.every((relation) => this.#files.holds(copyOf(relation)))
    if (!hasPlainName || !isComplete) this.#copyOriginal()
    for (const relation of relations) this.#current.set(relation, copyOf(relation))
    this.#put()
    // Each change of any relation that Postgres hears of; what it reads of the map anew is one.
    const index = module.addFunction(() => this.#onChange(), 'vii')
    module._CacheRegisterRelcacheCallback(index, 0)
    // Before anything else that is asked of the backend, and not before it is told to be there.
    this.#wanted = databases
  }

  /** Other databases from now on, once it has settled. */
  set(databases: EngineDatabases): void {
    this.#wanted = databases
  }

  get isDue(): boolean {
    return this.#wanted !== null || this.#hasMoved
  }

  /** Does what is due. Rows that cannot be written (the disk may be full) stay as they are until the next change. */
  settle(): void {
    const { query, memory, module } = this.#options
    if (this.#hasMoved) this.#takeBack()
    const wanted = this.#wanted
    this.#wanted = null
    if (!wanted) return
    const { error } = query.run(databaseRowsSql(wanted, memory.word(module._MyDatabaseId)))
    if (error) query.run('rollback')
  }

  /** What is to be the original has been written over by the copy. */
  #nameOriginal(): void {
    const { query, memory, module } = this.#options
    const { error } = query.run(plainRowsSql(memory.word(module._MyDatabaseId)))
    if (error) throw new WorkbenchError('sql-error', error.message, { sql: error })
    this.#checkpoint()
  }

  #copyOriginal(): void {
    for (const relation of relations) this.#files.remove(copyOf(relation))
    // It has just started, or made a checkpoint: all that Postgres knows of it is in the files.
    for (const relation of relations) this.#files.copy(this.#map.numberOf(relation), copyOf(relation))
    this.#files.sync()
  }

  #onChange(): number {
    if (relations.every((relation) => this.#map.numberOf(relation) === this.#current.get(relation))) return 0
    for (const relation of relations) {
      const number = this.#map.numberOf(relation)
      if (number === this.#current.get(relation) || number === this.#original.get(relation)) continue
      this.#current.set(relation, number)
      this.#hasMoved = true
    }
    this.#put()
    return 0
  }

  #put(): void {
    for (const [relation, number] of this.#current) {
      this.#map.set(relation, number)
      this.#forget(relation)
    }
  }

  /** Postgres looks again where the relation lies before it uses it next. */
  #forget(relation: Relation): void {
    const { module, memory, layout } = this.#options
    const key = module._malloc(Int32Array.BYTES_PER_ELEMENT)
    memory.setWord(key, relation)
    const entry = module._hash_search(memory.word(layout.relationTable), key, hashFind, 0)
    module._free(key)
    if (entry !== 0) memory.setByte(memory.word(entry + relationOffset) + isValidOffset, 0)
  }

  /** Puts what has moved where the copy is looked for at the next start, and the original back into its map. */
  #takeBack(): void {
    const moved = [...this.#current].filter(([relation, number]) => number !== copyOf(relation))
    // What was written before it is not written again when Postgres recovers, the map among it.
    this.#checkpoint()
    // The files that were left are removed with one checkpoint or with the next.
    if (moved.some(([relation]) => this.#files.exists(copyOf(relation)))) this.#checkpoint()
    for (const [relation, number] of moved) this.#files.copy(number, copyOf(relation))
    this.#files.sync()
    for (const relation of relations) {
      this.#map.set(relation, this.#original.get(relation) ?? relation)
      this.#current.set(relation, copyOf(relation))
    }
    this.#files.replaceMap(this.#map.bytes)
    this.#put()
    for (const [, number] of moved) this.#files.remove(number)
    this.#hasMoved = false
  }

  #checkpoint(): void {
    const { error } = this.#options.query.run('checkpoint')
    if (error) throw new WorkbenchError('sql-error', error.message, { sql: error })
  }
}

function copyOf(relation: Relation): number {
  return firstCopy + relation
}
