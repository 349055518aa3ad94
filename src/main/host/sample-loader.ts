/**
 * Puts the sample database into an engine that nobody else uses yet: all of it, or nothing if anything fails, so
 * that it can be tried again. Knows no instance.
 */

import { WorkbenchError } from '../../contract/error.ts'
import type { Engine } from '../engine/engine.ts'
import { sampleStatements } from './sample-database.ts'

const encoder = new TextEncoder()

/** Throws what Postgres says; no-op if the database is there. */
export async function loadSampleDatabase(engine: Engine): Promise<void> {
  const rows = await run(engine, `SELECT 1 WHERE to_regclass('public.orders') IS NOT NULL`)
  if (rows > 0) return
  await run(engine, 'BEGIN')
  try {
    for (const statement of sampleStatements) await run(engine, statement)
    await run(engine, 'COMMIT')
  } catch (error) {
    // An engine that has ended has rolled back.
    if (error instanceof WorkbenchError && error.code === 'sql-error') await run(engine, 'ROLLBACK')
    throw error
  }
}

/** Answers how many rows the statement returned or changed. */
async function run(engine: Engine, sql: string): Promise<number> {
  const statement = { sql: encoder.encode(sql), parameters: [], resultBytesMax: Number.MAX_SAFE_INTEGER }
  let rowCount = 0
  for await (const event of engine.execute(statement)) {
    if (event.kind !== 'completed') continue
    const { error } = event.outcome
    if (error)
      throw new WorkbenchError(error.code, `The sample database: ${error.message}`, { sql: error.sql })
    rowCount = event.outcome.rowCount
  }
  return rowCount
}
