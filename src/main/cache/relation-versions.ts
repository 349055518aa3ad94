/**
 * Keeps track of what has been written since it was looked last: nothing while the number of the next transaction that
 * writes is the same, else what Postgres's counters say, relation by relation. Whatever they cannot say is a change of
 * everything. Knows no result.
 */

import type { Engine } from '../engine/engine.ts'
import { readChangeCounts, type ChangeCounts } from './catalog-questions.ts'

/** An engine that tells when somebody writes. */
export type WatchedEngine = Engine & Required<Pick<Engine, 'writes'>>

export type WhatChanged =
  | { readonly kind: 'nothing' }
  /** Rows of these. */
  | { readonly kind: 'relations'; readonly relations: ReadonlySet<number> }
  /** Something in a catalog, or there is no telling. */
  | { readonly kind: 'schema' | 'unsure' }

export class RelationVersions {
  readonly #engine: WatchedEngine
  #nextTransaction = -1
  #counts: ChangeCounts | null = null

  constructor(engine: WatchedEngine) {
    this.#engine = engine
  }

  /** Whether nobody can have written since the last look. */
  get isCurrent(): boolean {
    return this.#engine.writes.nextTransaction === this.#nextTransaction
  }

  /** Whether these are watched. */
  knows(relations: Iterable<number>): boolean {
    return [...relations].every((oid) => this.#counts?.relations.has(oid))
  }

  /** Looks, in a turn that somebody has, and watches these from now on. Throws what Postgres says. */
  async look(relations: ReadonlySet<number>): Promise<WhatChanged> {
    const { nextTransaction, areCounted } = this.#engine.writes
    const before = this.#counts
    const wasCurrent = this.isCurrent
    const now = await readChangeCounts(this.#engine, relations)
    this.#counts = now
    this.#nextTransaction = nextTransaction
    // Before the first look nothing was kept.
    if (wasCurrent || before === null) return { kind: 'nothing' }
    if (!areCounted || this.#engine.writes.nextTransaction !== nextTransaction) return { kind: 'unsure' }
    if (now.catalogs !== before.catalogs) return { kind: 'schema' }
    const changed = [...before.relations].filter(([oid, count]) => now.relations.get(oid) !== count)
    return { kind: 'relations', relations: new Set(changed.map(([oid]) => oid)) }
  }
}
