/**
 * What a query that is followed depends on: tables whose changed rows Postgres counts, or whatever anybody writes.
 * Decides by the tree that Postgres has understood; knows no result.
 */

import { readAllowedFunctions, readRelations } from '../cache/catalog-questions.ts'
import { readStatementTree } from '../cache/statement-tree.ts'
import type { Engine } from '../engine/engine.ts'

/** Ordinary tables, materialized views, partitioned tables, and views, whose tables are there in the tree. */
const countedKinds: ReadonlySet<string> = new Set(['r', 'm', 'p', 'v'])
/** With all children and partitions; counters of more are not worth reading each time. */
const relationsMax = 1_000

/** Of one engine. */
export class LiveDependencies {
  readonly #engine: Engine
  /** Those that answer the same as long as no row is changed; as of this schema. */
  #functions: ReadonlySet<number> | null = null

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Something in a catalog has changed. */
  forget(): void {
    this.#functions = null
  }

  /** Relations by OID; null where any write may change the result. In a turn; throws what Postgres says. */
  async of(tree: string | null): Promise<ReadonlySet<number> | null> {
    const facts = tree === null ? null : readStatementTree(tree)
    if (!facts) return null
    this.#functions ??= await readAllowedFunctions(this.#engine)
    if (!facts.functions.isSubsetOf(this.#functions)) return null
    if (facts.relations.size === 0) return new Set()
    const relations = await readRelations(this.#engine, facts.relations)
    const areCounted = relations.every(
      ({ kind, persistence }) => countedKinds.has(kind) && persistence !== 't',
    )
    const areAll = relations.length >= facts.relations.size && relations.length <= relationsMax
    return areCounted && areAll ? new Set(relations.map(({ oid }) => oid)) : null
  }
}
