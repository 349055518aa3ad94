/**
 * The results that one instance keeps, and whether they are still true. Everything that asks the engine happens in the
 * turn of the session that wants an answer, so that nobody writes meanwhile. Knows no session's life and no client.
 */

import type { Clock } from '../../base/clock.ts'
import { Emitter } from '../../base/event.ts'
import type { CacheOptions, CacheState } from '../../contract/cache.ts'
import type { StatementSession } from '../engine/engine.ts'
import { CacheLedger, cachePointMs } from './cache-ledger.ts'
import { arePrintedByPostgres, readAllowedFunctions, readRelations } from './catalog-questions.ts'
import type { KeptResult, ResultToKeep } from './kept-result.ts'
import { KeptResults } from './kept-results.ts'
import { RelationVersions, type WatchedEngine } from './relation-versions.ts'
import type { TreeFacts } from './statement-tree.ts'

export interface InstanceCacheOptions {
  readonly clock: Clock
  readonly options: CacheOptions
  /** A result that took less to run is not worth what keeping it takes. */
  readonly durationMinMs: number
}

/** Children and partitions included; whoever reads more is not kept. */
const relationsPerResultMax = 1_000
/** Ordinary tables, materialized views, partitioned tables; and views, which are all there in the tree. */
const allowedKinds: ReadonlySet<string> = new Set(['r', 'm', 'p', 'v'])

export class InstanceCache {
  readonly durationMinMs: number
  readonly ledger: CacheLedger
  readonly #results: KeptResults
  readonly #didChange = new Emitter<null>()
  /** What `state` answers. */
  readonly onDidChange = this.#didChange.event
  #options: CacheOptions
  #engine: WatchedEngine | null = null
  #versions: RelationVersions | null = null
  /** As of this schema. */
  #functions: ReadonlySet<number> | null = null
  #schemaVersion = 0

  constructor({ clock, options, durationMinMs }: InstanceCacheOptions) {
    this.#options = options
    this.durationMinMs = durationMinMs
    this.ledger = new CacheLedger(clock)
    this.#results = new KeptResults({ clock, ledger: this.ledger, bytesMax: options.bytesMax })
  }

  get options(): CacheOptions {
    return this.#options
  }

  get bytes(): number {
    return this.#results.bytes
  }

  get entryCount(): number {
    return this.#results.count
  }

  get resultBytesMax(): number {
    return this.#results.resultBytesMax
  }

  /** Goes up whenever a catalog has changed: what is known of sessions is old then. */
  get schemaVersion(): number {
    return this.#schemaVersion
  }

  get state(): CacheState {
    const { counts, overTime, removals } = this.ledger
    const { bytes } = this.#results
    const entries = this.#results.describe()
    return { options: this.#options, counts, bytes, entries, removals, overTime, pointMs: cachePointMs }
  }

  configure(options: CacheOptions): void {
    this.#options = options
    this.#results.setBytesMax(options.bytesMax)
    if (!options.isOn) this.#results.clear('cleared')
    this.#didChange.fire(null)
  }

  clear(entryId: string | null): void {
    if (entryId === null) this.#results.clear('cleared')
    else this.#results.removeEntry(entryId, 'cleared')
    this.#didChange.fire(null)
  }

  /** The engine has ended, or another one runs. */
  useEngine(engine: WatchedEngine | null): void {
    if (engine === this.#engine) return
    this.#results.clear('engine')
    this.#engine = engine
    this.#versions = engine && new RelationVersions(engine)
    this.#functions = null
    this.#schemaVersion += 1
    this.#didChange.fire(null)
  }

  /** Whether a look at what has been written may find an answer to that text. */
  mayKnow(textKey: string): boolean {
    return this.#results.hasText(textKey)
  }

  /** Throws out what is not true any more, in a turn that somebody has. Throws what Postgres says. */
  async validate(): Promise<void> {
    if (this.#versions && !this.#versions.isCurrent) await this.#look(this.#results.relations)
  }

  /** Of what `validate` has left. */
  use(key: string): KeptResult | null {
    const found = this.#results.use(key, this.#options.ageMaxMs)
    this.#didChange.fire(null)
    return found
  }

  noteMiss(): void {
    this.ledger.noteMiss()
    this.#didChange.fire(null)
  }

  remove(key: string): void {
    this.#results.remove(key, 'refresh')
  }

  /** Whether a statement that calls these answers the same as long as nothing changes, and changes nothing itself. */
  async mayCall(functions: ReadonlySet<number>): Promise<boolean> {
    if (!this.#engine) return false
    this.#functions ??= await readAllowedFunctions(this.#engine)
    return functions.isSubsetOf(this.#functions)
  }

  /**
   * Keeps a result, in the turn in which it was run; nobody has written since before that. Does nothing where what it
   * was read from is not to be relied on. Throws what Postgres says.
   */
  async keep(
    result: Omit<ResultToKeep, 'relations'>,
    { tree, session }: { readonly tree: TreeFacts; readonly session: StatementSession },
  ): Promise<void> {
    const relations = await this.#relationsOf(tree)
    const types = new Set(result.columns.map(({ typeOid }) => typeOid))
    if (!relations || !(await arePrintedByPostgres(session, types))) {
      this.ledger.noteRefused()
      return
    }
    if (!this.#versions?.isCurrent || !this.#versions.knows(relations.keys())) {
      const { schemaVersion } = this
      await this.#look(this.#results.relations.union(new Set(relations.keys())))
      // What was found out about the statement is not of this schema; the next time it is.
      if (schemaVersion !== this.schemaVersion) return
    }
    this.#results.keep({ ...result, relations })
    this.#didChange.fire(null)
  }

  dispose(): void {
    this.#didChange.dispose()
  }

  async #relationsOf({ relations }: TreeFacts): Promise<ReadonlyMap<number, string> | null> {
    if (!this.#engine) return null
    if (relations.size === 0) return new Map()
    const facts = await readRelations(this.#engine, relations)
    const isFit = facts.every(({ kind }) => allowedKinds.has(kind))
    if (!isFit || facts.length > relationsPerResultMax) return null
    return new Map(facts.map(({ oid, name }) => [oid, name]))
  }

  async #look(relations: ReadonlySet<number>): Promise<void> {
    const changed = await this.#versions?.look(relations)
    if (!changed || changed.kind === 'nothing') return
    if (changed.kind === 'relations') this.#results.removeReaders(changed.relations)
    else {
      this.#results.clear(changed.kind)
      this.#functions = null
      this.#schemaVersion += 1
    }
    this.#didChange.fire(null)
  }
}
