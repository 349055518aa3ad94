/**
 * Which temporary tables Postgres takes for those of the current session. Its cache of open relations notes that
 * in each entry when it is built, for a backend with one session; here it follows the session. Knows no name.
 */

import type { PgliteModule } from '../pglite-module.ts'
import type { BackendMemory } from './backend-memory.ts'
import { hashTableEntries } from './hash-table.ts'

/** struct relidcacheent (utils/cache/relcache.c): oid, relation. */
const entryRelationOffset = 4
/** struct RelationData (utils/rel.h): rd_islocaltemp, one byte, and rd_rel. */
const isLocalTempOffset = 24
const formOffset = 48
/** struct FormData_pg_class (catalog/pg_class.h): relnamespace, after oid and relname. */
const namespaceOffset = 4 + 64

/** Notes for every cached relation of a schema whether it is a temporary table of the current session. */
export function markLocalTemp(
  { module, memory, relationTable }: { module: PgliteModule; memory: BackendMemory; relationTable: number },
  schemas: readonly number[],
  isLocal: boolean,
): void {
  for (const entry of hashTableEntries(module, memory.word(relationTable))) {
    const relation = memory.word(entry + entryRelationOffset)
    const form = memory.word(relation + formOffset)
    if (schemas.includes(memory.word(form + namespaceOffset))) {
      memory.setByte(relation + isLocalTempOffset, isLocal ? 1 : 0)
    }
  }
}
