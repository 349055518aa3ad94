/** One result that is kept: its batches as they came, and what it was read from. Data, and what it weighs. */

import type { CacheEntry } from '../../contract/cache.ts'
import { cacheRelationsMax, cacheTextLengthMax } from '../../contract/cache.ts'
import type { ColumnDescription, StatementOutcome } from '../../contract/statement.ts'
import type { KeptAnswer } from '../session/statement-cache.ts'

export interface KeptBatch {
  readonly firstRow: number
  readonly rowCount: number
  readonly buffer: ArrayBuffer
}

/** What a result is kept with. */
export interface ResultToKeep {
  readonly key: string
  /** The statement and its parameters, whoever runs it. */
  readonly textKey: string
  readonly text: string
  readonly columns: readonly ColumnDescription[]
  readonly batches: readonly KeptBatch[]
  readonly outcome: StatementOutcome
  readonly relations: ReadonlyMap<number, string>
}

/** Objects, maps and what a buffer takes besides its bytes, roughly. */
const entryOverheadBytes = 2_048
const partOverheadBytes = 256
/** As the contract has it. */
const relationNameLengthMax = 256

export class KeptResult {
  readonly entryId: string
  readonly key: string
  readonly textKey: string
  /** Oids and names. */
  readonly relations: ReadonlyMap<number, string>
  readonly bytes: number
  readonly storedAtMs: number
  readonly durationMs: number
  readonly #kept: ResultToKeep
  #hits = 0
  #lastHitAtMs: number | null = null

  constructor(entryId: string, kept: ResultToKeep, nowMs: number) {
    this.entryId = entryId
    this.key = kept.key
    this.textKey = kept.textKey
    this.relations = kept.relations
    this.storedAtMs = nowMs
    this.durationMs = kept.outcome.durationMs
    this.bytes = bytesOf(kept)
    this.#kept = kept
  }

  get hits(): number {
    return this.#hits
  }

  get resultBytes(): number {
    return this.#kept.outcome.resultBytes
  }

  /** As it is shown. */
  get statement(): string {
    return this.#kept.text.slice(0, cacheTextLengthMax)
  }

  get relationNames(): string[] {
    return shownNames([...this.relations.values()])
  }

  /** A copy, which its reader may give away. `durationMs`: how long the look-up took. */
  answer(nowMs: number, durationMs: number): KeptAnswer {
    const { columns, batches, outcome } = this.#kept
    this.#hits += 1
    this.#lastHitAtMs = nowMs
    const copies = batches.map((batch) => ({
      ...{ kind: 'batch' as const, firstRow: batch.firstRow, rowCount: batch.rowCount },
      buffer: batch.buffer.slice(0),
    }))
    return {
      events: [{ kind: 'columns', columns }, ...copies],
      outcome: {
        ...outcome,
        durationMs,
        cached: { savedMs: Math.max(0, outcome.durationMs - durationMs), storedAtMs: this.storedAtMs },
      },
    }
  }

  describe(): CacheEntry {
    const { entryId, statement, bytes, durationMs, hits, storedAtMs } = this
    return {
      ...{ entryId, statement, bytes, durationMs, hits, storedAtMs, lastHitAtMs: this.#lastHitAtMs },
      ...{ rowCount: this.#kept.outcome.rowCount, relations: this.relationNames },
    }
  }
}

/** As many, and as much of them, as is told. */
export function shownNames(names: readonly string[]): string[] {
  return names.slice(0, cacheRelationsMax).map((name) => name.slice(0, relationNameLengthMax))
}

function bytesOf({ key, textKey, text, columns, batches, relations }: ResultToKeep): number {
  const texts = 2 * (key.length + textKey.length + text.length)
  const parts = partOverheadBytes * (columns.length + batches.length + relations.size)
  return batches.reduce((sum, { buffer }) => sum + buffer.byteLength, entryOverheadBytes + texts + parts)
}
