/**
 * Compares what two databases hold: for each table how many rows, and a sum over hashes of the rows as text, which
 * does not depend on their order; sequences; large objects. Both sides are asked within the transaction of the copy,
 * so that nothing else is compared than what was copied.
 */

import { WorkbenchError } from '../../contract/error.ts'
import type { CopyReport } from '../../contract/transfer.ts'
import type { LinkClient, TextRow } from './link-client.ts'
import { quotedLiteral } from './sql-quotes.ts'

export interface ComparisonOptions {
  readonly source: LinkClient
  readonly target: LinkClient
  /** The tables, qualified as in SQL; null for all, and then sequences and large objects, too. */
  readonly tables: readonly string[] | null
  /** Of the source, as they were before the copy began. */
  readonly sequencesBefore: readonly TextRow[]
  onTable(table: string): void
  notice(text: string): void
}

export type Compared = Pick<CopyReport, 'tables' | 'rows' | 'sequences' | 'largeObjects'>

/** The same text for the same value, whoever asks. Shortest floats are the same since 12; before, digits are cut. */
const settings = (floatDigits: number): string =>
  `set search_path = ''; set datestyle = iso, ymd; set intervalstyle = postgres; set timezone = 'UTC';
   set bytea_output = hex; set lc_monetary = 'C'; set extra_float_digits = ${floatDigits}`
const exactFloatsSince = 120_000

const allTables = `select pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where (c.relkind = 'r' or c.relkind = 'm' and c.relispopulated) and c.relpersistence <> 't'
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and not exists (select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e') order by 1`

export const sequencesQuery = `select pg_catalog.quote_ident(schemaname) || '.' || pg_catalog.quote_ident(sequencename),
  coalesce(last_value::text, 'not used') from pg_catalog.pg_sequences order by 1`

const largeObjectsQuery = `select 'large objects', count(*), coalesce(sum(pg_catalog.hashtextextended(
  oid || pg_catalog.md5(pg_catalog.lo_get(oid)), 0)::numeric), 0) from pg_catalog.pg_largeobject_metadata`

/** Throws `conflict` with what differs. */
export async function compareDatabases(options: ComparisonOptions): Promise<Compared> {
  const { source, target } = options
  await checkSnapshot(source)
  const versions = await Promise.all([source, target].map(versionNumber))
  const floatDigits = Math.min(...versions) < exactFloatsSince ? 0 : 3
  await Promise.all([source, target].map((client) => client.query(settings(floatDigits))))
  const tables = options.tables ?? (await source.query(allTables)).map(([name]) => name ?? '')
  let rows = 0
  for (const table of tables) rows += await compareTable(options, table)
  if (options.tables) return { tables: tables.length, rows, sequences: 0, largeObjects: 0 }
  const sequences = await compareSequences(options)
  const [found = []] = await same(options, largeObjectsQuery, 'The large objects')
  return { tables: tables.length, rows, sequences, largeObjects: Number(found[1]) }
}

/** pg_dump leaves its transaction open; else what has been written since would be compared. */
async function checkSnapshot(source: LinkClient): Promise<void> {
  const [[isolation] = []] = await source.query(`select pg_catalog.current_setting('transaction_isolation')`)
  if (isolation === 'repeatable read' || isolation === 'serializable') return
  throw new WorkbenchError(
    'internal',
    'The transaction of pg_dump is not open any more; nothing was compared',
  )
}

async function versionNumber(client: LinkClient): Promise<number> {
  const [[version] = []] = await client.query(`select pg_catalog.current_setting('server_version_num')`)
  return Number(version)
}

/** Columns by name: those of partitions may stand in another order on the other side. */
async function compareTable(options: ComparisonOptions, table: string): Promise<number> {
  options.onTable(table)
  const [[columns] = []] = await options.source.query(
    `select coalesce(string_agg(pg_catalog.quote_ident(attname), ', ' order by attnum), '') from pg_catalog.pg_attribute
     where attrelid = ${quotedLiteral(table)}::regclass and attnum > 0 and not attisdropped`,
  )
  // The columns' own names come first where they are the same, so it is one that nobody has.
  const [found = []] = await same(
    options,
    `select count(*), coalesce(sum(pg_catalog.hashtextextended(("\u0001row")::text collate "C", 0)::numeric), 0)
     from (select ${columns} from only ${table}) as "\u0001row"`,
    `The table ${table}`,
  )
  return Number(found[0])
}

async function compareSequences(options: ComparisonOptions): Promise<number> {
  const [before, now, copied] = [
    options.sequencesBefore,
    await options.source.query(sequencesQuery),
    await options.target.query(sequencesQuery),
  ].map((rows) => new Map(rows.map(([name, value]) => [name, value])))
  for (const [name, value] of now ?? []) {
    if (copied?.get(name) === value) continue
    // Sequences belong to no transaction: on a server that is in use they move on meanwhile.
    if (before?.get(name) !== value)
      options.notice(`The sequence ${name} was used meanwhile; it is as it was then`)
    else throw different(`The sequence ${name}`, value ?? null, copied?.get(name) ?? null)
  }
  return now?.size ?? 0
}

async function same({ source, target }: ComparisonOptions, sql: string, what: string): Promise<TextRow[]> {
  const [wanted, found] = await Promise.all([source.query(sql), target.query(sql)])
  if (JSON.stringify(wanted) === JSON.stringify(found)) return wanted
  throw different(what, shown(wanted), shown(found))
}

function shown([row = []]: readonly TextRow[]): string {
  return row.join(', ')
}

function different(what: string, wanted: string | null, found: string | null): WorkbenchError {
  return new WorkbenchError(
    'conflict',
    `${what} is not the same on both sides (${wanted}; ${found}), so nothing was copied. If something writes to the ` +
      'target at the same time, or its triggers change rows, stop that and copy again',
  )
}
