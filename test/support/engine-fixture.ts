/**
 * Engines for tests: opens them through their factory, closes them after each test, and runs statements to
 * their end. The template is made once per machine, in the temporary directory, since it takes seconds.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach } from 'vitest'
import { ColumnBatch, columnKinds, isNull, textBytes } from '../../src/contract/column-batch.ts'
import type { SqlErrorFields } from '../../src/contract/error.ts'
import type { ColumnDescription, StatementOutcome } from '../../src/contract/statement.ts'
import type { Engine, EngineFactory, EngineOptions, EngineStatement } from '../../src/main/engine/engine.ts'

/** Where templates are kept from one test run to the next. */
export const testTemplatesDirectory = join(tmpdir(), 'wardian-test-templates')

/** Everything that came out of one statement. */
export interface StatementResult {
  readonly columns: readonly ColumnDescription[] | null
  readonly batches: readonly ColumnBatch[]
  readonly notices: readonly SqlErrorFields[]
  readonly outcome: StatementOutcome
  /** Cells as text: numbers printed by JavaScript, texts as they came. */
  readonly rows: readonly (readonly (string | null)[])[]
}

/** What a test may leave out. */
export type StatementOptions = Partial<Omit<EngineStatement, 'sql'>>

const utf8 = new TextDecoder()

/** Runs one statement and gathers everything. */
export async function run(
  engine: Engine,
  sql: string,
  options: StatementOptions = {},
): Promise<StatementResult> {
  let columns: readonly ColumnDescription[] | null = null
  let outcome: StatementOutcome | null = null
  const batches: ColumnBatch[] = []
  const notices: SqlErrorFields[] = []
  for await (const event of engine.execute(statement(sql, options))) {
    if (event.kind === 'columns') columns = event.columns
    else if (event.kind === 'batch') batches.push(new ColumnBatch(event.buffer))
    else if (event.kind === 'notice') notices.push(event.notice)
    else outcome = event.outcome
  }
  if (!outcome) throw new Error('The statement ended without an outcome')
  return { columns, batches, notices, outcome, rows: batches.flatMap(rowsOf) }
}

/** Like `run`, and throws when the statement did not succeed. */
export async function must(
  engine: Engine,
  sql: string,
  options: StatementOptions = {},
): Promise<StatementResult> {
  const result = await run(engine, sql, options)
  if (result.outcome.status !== 'ok') throw new Error(`${sql}: ${JSON.stringify(result.outcome)}`)
  return result
}

export function statement(sql: string, options: StatementOptions = {}): EngineStatement {
  return { sql: new TextEncoder().encode(sql), parameters: [], resultBytesMax: 512 << 20, ...options }
}

/** The cells of a batch, as text. */
export function rowsOf(batch: ColumnBatch): (string | null)[][] {
  return Array.from({ length: batch.rowCount }, (_, row) =>
    Array.from({ length: batch.columnCount }, (__, index) => cellOf(batch, index, row)),
  )
}

function cellOf(batch: ColumnBatch, index: number, row: number): string | null {
  const column = batch.column(index)
  if (isNull(column, row)) return null
  if (column.kind === columnKinds.text) return utf8.decode(textBytes(column, row))
  const value = column.values[row]
  if (column.kind === columnKinds.bool) return value === 1 ? 't' : 'f'
  return String(value)
}

/** What a suite opens engines with. */
export interface EngineFixture {
  /** An engine of its own for this test; in memory unless said otherwise. */
  open(options?: Partial<EngineOptions>): Promise<Engine>
  /** A new directory that is removed after the test. */
  directory(): string
}

/** Registers the clean-up for the tests of this file. */
export function engineFixture(factory: EngineFactory): EngineFixture {
  const engines: Engine[] = []
  const directories: string[] = []
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.close()))
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
  })
  afterAll(() => factory.dispose())
  return {
    async open(options = {}) {
      const engine = await factory.open({ directory: null, durability: 'relaxed', ...options })
      engines.push(engine)
      return engine
    },
    directory() {
      const directory = mkdtempSync(join(tmpdir(), 'wardian-engine-'))
      directories.push(directory)
      return directory
    },
  }
}
