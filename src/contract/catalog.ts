/** Shapes of the database tree: what lies in an instance, asked for one level at a time. No SQL. */

import { catalogPageMax } from './limits.ts'
import { array, boolean, integer, nullable, object, oneOf, string, type Infer } from './schema.ts'

const oid = integer(0, 0xffff_ffff)

/** The parent whose children are asked for. Folders are `tables` … under a schema, `columns` … under a table. */
export const catalogParentSchema = object({
  instanceId: string(64, 1),
  level: oneOf(
    'root',
    'tables',
    'views',
    'functions',
    'types',
    'sequences',
    'columns',
    'indexes',
    'triggers',
    'constraints',
  ),
  /** Oid of the schema (second level) or relation (third level); 0 at the root. */
  parentOid: oid,
  /** Case-insensitive part of the name; empty for all. */
  filter: string(256),
})
export type CatalogParent = Infer<typeof catalogParentSchema>

export const catalogNodeSchema = object({
  oid,
  kind: oneOf(
    'schema',
    'table',
    'partitioned-table',
    'foreign-table',
    'view',
    'materialized-view',
    'function',
    'procedure',
    'aggregate',
    'type',
    'sequence',
    'column',
    'index',
    'trigger',
    'constraint',
  ),
  name: string(1024),
  /** Type of a column, arguments of a function, definition of an index… */
  detail: nullable(string(65_536)),
  /** Planner's estimate for tables; null when never analysed. */
  rowEstimate: nullable(integer(0)),
  /** Part of the primary key, for columns. */
  isKey: boolean,
  isNullable: boolean,
  comment: nullable(string(65_536)),
  /** Quoted where needed, with its schema; what to insert in the editor. */
  qualifiedName: string(4096),
})
export type CatalogNode = Infer<typeof catalogNodeSchema>

export const catalogPageSchema = object({
  nodes: array(catalogNodeSchema, catalogPageMax),
  /** How many there are in all; more than `nodes` has when the page was cut. */
  total: integer(0),
})

/** Names for completion: relations with their columns, capped. */
export const completionNamesSchema = object({
  relations: array(
    object({
      schema: string(1024),
      name: string(1024),
      kind: string(32),
      columns: array(string(1024), 2000),
    }),
    5_000,
  ),
  functions: array(object({ schema: string(1024), name: string(1024), arguments: string(65_536) }), 5_000),
  searchPath: array(string(1024), 100),
  isComplete: boolean,
})
