/**
 * How Postgres would run a statement (EXPLAIN, PostgreSQL 18 documentation, section 14.1), without parameters, with
 * those of an example, or for any; and how it did run, where that is proven to be harmless.
 */

import { WorkbenchError } from '../../contract/error.ts'
import type { PlanInsight } from '../../contract/insight.ts'
import type { Ask } from './insight-session.ts'

export interface PlanWish {
  readonly text: string
  /** null where they are not known. */
  readonly parameters: readonly (string | null)[] | null
  readonly analyze: boolean
}

export type StatementPlan = Pick<PlanInsight, 'mode' | 'plan' | 'planJson' | 'parameters'>

/** In the session of insights nobody else prepares anything. */
const preparedName = 'wardian_insight'

const leftQuery = `SELECT name FROM pg_catalog.pg_prepared_statements WHERE name = '${preparedName}'`
const countQuery = `SELECT pg_catalog.cardinality(parameter_types)::pg_catalog.text
  FROM pg_catalog.pg_prepared_statements WHERE name = '${preparedName}'`

/** In a transaction that cannot write, with the path that consoles have. Throws what Postgres says of `text`. */
export async function readPlan(ask: Ask, { text, parameters, analyze }: PlanWish): Promise<StatementPlan> {
  const explained = await explainable(ask, text, parameters)
  const explain = async (options: string): Promise<string> => {
    const rows = await ask(`EXPLAIN (${options})\n${explained.sql}`, explained.parameters)
    return rows.map(([line]) => line ?? '').join('\n')
  }
  const planJson = await explain('VERBOSE, FORMAT JSON')
  if (analyze) {
    if (explained.isGeneric) throw new WorkbenchError('unsupported', unknownParameters)
    await refuseVolatile(ask, `${planJson}\n${text}`)
  }
  const plan = await explain(analyze ? 'ANALYZE, BUFFERS' : 'COSTS')
  const mode = analyze ? 'analyzed' : explained.isGeneric ? 'generic' : 'estimated'
  if (explained.isPrepared) await ask(`DEALLOCATE ${preparedName}`)
  return { mode, plan, planJson, parameters: explained.parameters.length > 0 ? explained.parameters : null }
}

const unknownParameters =
  'The statement cannot be run: its parameters are not known. Give values for them, or look at the plan for any'

interface Explained {
  readonly sql: string
  readonly parameters: readonly (string | null)[]
  readonly isGeneric: boolean
  readonly isPrepared: boolean
}

async function explainable(
  ask: Ask,
  text: string,
  parameters: readonly (string | null)[] | null,
): Promise<Explained> {
  if (parameters) return { sql: text, parameters, isGeneric: false, isPrepared: false }
  // One that was left when something failed.
  if ((await ask(leftQuery)).length > 0) await ask(`DEALLOCATE ${preparedName}`)
  await ask(`PREPARE ${preparedName} AS\n${text}`)
  const [row] = await ask(countQuery)
  const parameterCount = Number(row?.[0] ?? 0)
  if (parameterCount === 0) return { sql: text, parameters: [], isGeneric: false, isPrepared: true }
  await ask('SET LOCAL plan_cache_mode = force_generic_plan')
  const unknown = Array.from({ length: parameterCount }, () => 'NULL').join(', ')
  return { sql: `EXECUTE ${preparedName} (${unknown})`, parameters: [], isGeneric: true, isPrepared: true }
}

/** What they change is nobody's data. */
const harmlessVolatile = [
  'random',
  'random_normal',
  'clock_timestamp',
  'timeofday',
  'gen_random_uuid',
  'uuidv4',
  'uuidv7',
  'pg_size_pretty',
]

/**
 * A transaction that cannot write hinders what Postgres does; a volatile function may do something elsewhere, such as
 * wait, end a session, or ask another server. A view's are seen in the plan. Others cannot change anything
 * (PostgreSQL 18 documentation, section 36.7).
 */
const volatileQuery = `SELECT DISTINCT proname::pg_catalog.text FROM pg_catalog.pg_proc
  WHERE provolatile = 'v' AND prokind IN ('f', 'p')
    AND proname IN (SELECT pg_catalog.json_array_elements_text($1::pg_catalog.json)) ORDER BY 1`

async function refuseVolatile(ask: Ask, texts: string): Promise<void> {
  const names = [...functionNames(texts)].filter((name) => !harmlessVolatile.includes(name))
  if (names.length === 0) return
  const [found] = await ask(volatileQuery, [JSON.stringify(names)])
  if (!found) return
  throw new WorkbenchError(
    'unsupported',
    `The statement is not run for its plan: it calls ${found[0] ?? ''}, which may do more than read`,
  )
}

/** Whatever stands before a parenthesis, as it is and in lower case: more than there are functions, and never fewer. */
export function functionNames(texts: string): Set<string> {
  const names = new Set<string>()
  // In JSON a quotation mark has a backslash before it.
  for (const [, quoted, plain] of texts.matchAll(
    /(?:\\?"((?:[^"\\]|"")+)\\?"|([\p{L}_][\p{L}\p{N}_$]*))\s*\(/gu,
  )) {
    if (quoted !== undefined) names.add(quoted.replaceAll('""', '"'))
    if (plain !== undefined) names.add(plain.toLowerCase())
  }
  return names
}
