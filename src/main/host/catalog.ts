/**
 * What lies in an instance, for the tree and the completion: asked through a session of its own, which waits its
 * turn like everybody and is seen to. Knows no SQL.
 */

import {
  catalogNodeSchema,
  type catalogPageSchema,
  type completionNamesSchema,
  type CatalogNode,
} from '../../contract/catalog.ts'
import { catalogPageMax } from '../../contract/limits.ts'
import { array, string, type Infer } from '../../contract/schema.ts'
import { SessionQueries, type TextRow } from '../session/session-query.ts'
import type { SessionHome, SessionRegistry } from '../session/session-registry.ts'
import type { AllInstances } from './all-instances.ts'
import {
  catalogQuery,
  functionNamesQuery,
  relationNamesQuery,
  searchPathQuery,
  type CatalogParent,
} from './catalog-queries.ts'

type CatalogPage = Infer<typeof catalogPageSchema>
type CompletionNames = Infer<typeof completionNamesSchema>

/** What others are told when they wait for it. */
const sessionTitle = 'Database tree'

/** As the contract has it: relations and functions that completion knows of. */
const namesMax = 5_000
const columnNamesSchema = array(string(1024), 2_000)

export class Catalog {
  readonly #instances: AllInstances
  readonly #sessions: SessionRegistry
  readonly #queries = new Map<string, SessionQueries>()

  constructor(instances: AllInstances, sessions: SessionRegistry) {
    this.#instances = instances
    this.#sessions = sessions
  }

  /** Children of one node, at most `catalogPageMax`. */
  async list(
    { instanceId, level, parentOid, filter }: CatalogParent,
    signal: AbortSignal,
  ): Promise<CatalogPage> {
    const parameters = [String(parentOid), filter, String(catalogPageMax)]
    const rows = await this.#ask(instanceId, { sql: catalogQuery(level), parameters, signal })
    return { nodes: rows.map(toNode), total: Number(rows[0]?.[9] ?? 0) }
  }

  /** Names for completion; `isComplete` tells whether all of them are there. */
  async names(instanceId: string, signal: AbortSignal): Promise<CompletionNames> {
    // One more than is answered tells whether there are more.
    const parameters = [String(namesMax + 1)]
    const relations = await this.#ask(instanceId, { sql: relationNamesQuery, parameters, signal })
    const functions = await this.#ask(instanceId, { sql: functionNamesQuery, parameters, signal })
    const [path] = await this.#ask(instanceId, { sql: searchPathQuery, parameters: [], signal })
    return {
      relations: relations.slice(0, namesMax).map(toRelation),
      functions: functions.slice(0, namesMax).map(toFunction),
      searchPath: columnNames(path?.[0] ?? null),
      isComplete: relations.length <= namesMax && functions.length <= namesMax,
    }
  }

  /** The instance is gone, and its session with it. */
  forget(instanceId: string): void {
    this.#queries.delete(instanceId)
  }

  async #ask(
    instanceId: string,
    question: { sql: string; parameters: readonly string[]; signal: AbortSignal },
  ): Promise<TextRow[]> {
    const home = this.#instances.home(instanceId)
    const queries = this.#queries.get(instanceId) ?? this.#open(home)
    return queries.rows(question.sql, question.parameters, question.signal)
  }

  #open(home: SessionHome): SessionQueries {
    const queries = new SessionQueries(this.#sessions.open(home, sessionTitle, this))
    this.#queries.set(home.id, queries)
    return queries
  }
}

function toNode(row: TextRow): CatalogNode {
  const [oid, kind, name, detail = null, estimate = null, isKey, isNullable, comment = null, qualifiedName] =
    row
  return catalogNodeSchema.parse(
    {
      ...{ oid: Number(oid), kind, name, detail, comment, qualifiedName },
      rowEstimate: estimate === null ? null : Number(estimate),
      isKey: isKey === 'true',
      isNullable: isNullable === 'true',
    },
    'catalog node',
  )
}

function toRelation([schema, name, kind, columns = null]: TextRow): CompletionNames['relations'][number] {
  return { schema: schema ?? '', name: name ?? '', kind: kind ?? '', columns: columnNames(columns) }
}

function toFunction([schema, name, parameters]: TextRow): CompletionNames['functions'][number] {
  return { schema: schema ?? '', name: name ?? '', arguments: parameters ?? '' }
}

function columnNames(json: string | null): readonly string[] {
  return json === null ? [] : columnNamesSchema.parse(JSON.parse(json), 'names')
}
