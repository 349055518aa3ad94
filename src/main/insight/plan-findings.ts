/**
 * Which index might help a statement, from its plan: a large table that is read whole although the condition leaves few
 * rows, and no index begins with a column of that condition. Nothing is built to find out, and each finding says so.
 */

import type { Finding } from '../../contract/insight.ts'
import { numberText } from './finding-words.ts'
import { createIndex, freeName, takenNames, type IndexPlace } from './foreign-key-findings.ts'
import type { Ask } from './insight-session.ts'
import { asJson, count, namedRows, text } from './row-fields.ts'

/** Reading fewer rows one by one is as fast. */
const tableRowsMin = 2_000
/** An index is not used for more of a table (its pages are read out of order). */
const shareMax = 0.1
/** Each one more helps less and costs the same. */
const columnsMax = 3

/** One node of EXPLAIN (VERBOSE, FORMAT JSON). */
type PlanNode = Readonly<Record<string, unknown>>

interface ScannedTable {
  readonly schema: string
  readonly name: string
  readonly rowsLeft: number
  readonly filter: string
  readonly columns: readonly string[]
}

/** Columns: the table quoted, its rows, and for each index the name of the first column. */
const tableQuery = asJson(`
  SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS qualified,
    greatest(c.reltuples, pg_catalog.pg_stat_get_live_tuples(c.oid)) AS rows,
    (SELECT coalesce(pg_catalog.json_agg(a.attname), '[]') FROM pg_catalog.pg_index AS i
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = (i.indkey::pg_catalog.int2[])[0]
      WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL) AS leading,
    (SELECT coalesce(pg_catalog.json_agg(attname), '[]') FROM pg_catalog.pg_attribute
      WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname = $2`).replace(
  'jsonb_each_text(to_jsonb',
  'pg_catalog.jsonb_each_text(pg_catalog.to_jsonb',
)

export async function planFindings(ask: Ask, planJson: string): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const scan of wholeReads(JSON.parse(planJson))) {
    const [row] = namedRows(await ask(tableQuery, [scan.schema, scan.name]))
    if (!row) continue
    const known = new Set(JSON.parse(text(row, 'columns')) as string[])
    const leading = new Set(JSON.parse(text(row, 'leading')) as string[])
    const columns = scan.columns.filter((column) => known.has(column)).slice(0, columnsMax)
    const rows = count(row, 'rows')
    const isSelective = rows >= tableRowsMin && scan.rowsLeft <= rows * shareMax
    if (!isSelective || columns.length === 0 || columns.some((column) => leading.has(column))) continue
    const place = { schema: scan.schema, tableName: scan.name, columns }
    const indexName = freeName(place, await takenNames(ask, [place]))
    findings.push(missing(scan, { ...place, table: text(row, 'qualified'), rows, indexName }))
  }
  return findings
}

interface Wanted extends IndexPlace {
  readonly table: string
  readonly rows: number
  readonly indexName: string | null
}

function missing({ rowsLeft, filter }: ScannedTable, wanted: Wanted): Finding {
  const { table, columns, rows, indexName } = wanted
  const quoted = columns.map((column) => quotedName(column))
  return {
    ...{ kind: 'statement-index', certainty: 'hint', table, object: null },
    title: `An index on ${table} (${quoted.join(', ')}) might help`,
    why:
      `All ${numberText(rows)} rows are read for the condition ${filter}, which leaves ${numberText(rowsLeft)} as ` +
      'far as Postgres estimates, and no index begins with a column of it. This follows from the plan alone: ' +
      'no index was built. Try it on a copy first, and compare the plan.',
    bytes: null,
    repair: indexName === null ? null : createIndex(wanted, indexName, quoted),
  }
}

/** As quote_ident(), but for key words, which are quoted always. */
function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Each table once, as it is read first. */
function wholeReads(plans: unknown): ScannedTable[] {
  const found = new Map<string, ScannedTable>()
  const visit = (node: PlanNode): void => {
    const scan = wholeRead(node)
    if (scan && !found.has(`${scan.schema}.${scan.name}`)) found.set(`${scan.schema}.${scan.name}`, scan)
    for (const child of nodes(node['Plans'])) visit(child)
  }
  for (const { Plan: plan } of nodes(plans)) visit(plan as PlanNode)
  return [...found.values()]
}

function nodes(value: unknown): PlanNode[] {
  return Array.isArray(value) ? (value as PlanNode[]) : []
}

function wholeRead(node: PlanNode): ScannedTable | null {
  const { 'Node Type': type, Schema: schema, 'Relation Name': name, Filter: filter, 'Plan Rows': rows } = node
  if (type !== 'Seq Scan' || typeof filter !== 'string') return null
  if (typeof schema !== 'string' || typeof name !== 'string' || typeof rows !== 'number') return null
  return { schema, name, rowsLeft: rows, filter, columns: filteredColumns(filter) }
}

/**
 * Columns that `filter`, as Postgres prints it, compares with something that is no column, those compared for equality
 * first. Parts that are not understood are left out: conditions with OR, functions, other operators.
 */
export function filteredColumns(filter: string): string[] {
  const equal: string[] = []
  const ranged: string[] = []
  for (const part of conjuncts(filter)) {
    const match = comparison.exec(part)
    const [, column, operator, value] = match ?? []
    if (column === undefined || value === undefined || !isConstant(value)) continue
    const list = operator === '=' ? equal : ranged
    list.push(unquoted(column))
  }
  // Behind a range, further columns are not searched for.
  return [...new Set([...equal, ...ranged.slice(0, 1)])]
}

const name = String.raw`(?:[a-z_][\w$]*|"(?:[^"]|"")+")`
/** `(alias.column = …)`, and with the cast that Postgres adds to varchar. */
const comparison = new RegExp(
  String.raw`^\(*(?:${name}\.)?(${name})\)?(?:::text|::bpchar)? (=|<|>|<=|>=) (.+?)\)?$`,
  's',
)

/** A literal, a parameter or a list of them: nothing that stands for a column. */
function isConstant(value: string): boolean {
  const rest = value
    .replaceAll(/'(?:[^']|'')*'/g, '')
    .replaceAll(/::[\w\s"[\]().,]*/g, '')
    .replaceAll(/\$\d+|-?\d+(?:\.\d+)?|\bANY\b|\bARRAY\b|\bNULL\b|\btrue\b|\bfalse\b|[()[\],\s{}-]/g, '')
  return rest === ''
}

/** The parts of `(a AND b)`; the whole where it is nothing of the kind. */
function conjuncts(filter: string): string[] {
  const inner = filter.startsWith('((') && filter.endsWith('))') ? filter.slice(1, -1) : filter
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (const { 0: token, index } of inner.matchAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|[()]| (?:AND|OR) /g)) {
    if (token === '(') depth++
    else if (token === ')') depth--
    else if (depth === 0 && token === ' OR ') return []
    else if (depth === 0 && token === ' AND ') {
      parts.push(inner.slice(start, index))
      start = index + token.length
    }
  }
  return [...parts, inner.slice(start)]
}

function unquoted(column: string): string {
  return column.startsWith('"') ? column.slice(1, -1).replaceAll('""', '"') : column
}
