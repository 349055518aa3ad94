/**
 * Engines for tests: opens them through their factory, closes them after each test, and runs statements to
 * their end. The template is made once, since it takes seconds.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect } from 'vitest'
import { openDisposables } from '../../src/base/disposable.ts'
import { ColumnBatch, columnKinds, isNull, textBytes } from '../../src/contract/column-batch.ts'
import type { SqlErrorFields } from '../../src/contract/error.ts'
import type { ColumnDescription, StatementOutcome } from '../../src/contract/statement.ts'
import type { Engine, EngineFactory, EngineOptions, EngineStatement } from '../../src/main/engine/engine.ts'
import type { StatementRunner } from '../../src/main/session/statement-execution.ts'
import { PgliteEngineFactory } from '../../src/main/engine/pglite/pglite-engine-factory.ts'

/** Where templates are kept from one test run to the next; build/wasm-global-setup.ts puts one there. */
export const testTemplatesDirectory = join(import.meta.dirname, '../../out/test/templates')

/** Opening waits for the template where no run has made it before, on a machine that may be busy. */
export const openTimeoutMs = 120_000

/** How the suites that every engine must pass open theirs. */
export const engineFactories: readonly { name: string; create: () => EngineFactory }[] = [
  {
    name: 'pglite',
    create: () => new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory }),
  },
]

/** Everything that came out of one statement. */
export interface StatementResult {
  readonly columns: readonly ColumnDescription[] | null
  readonly batches: readonly ColumnBatch[]
  readonly firstRows: readonly number[]
  readonly notices: readonly SqlErrorFields[]
  readonly outcome: StatementOutcome
  /** Cells as text: numbers printed by JavaScript, booleans as t and f, texts as they came. */
  readonly rows: readonly (readonly (string | null)[])[]
}

/** What a test may leave out. */
export type StatementOptions = Partial<Omit<EngineStatement, 'sql'>>

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Runs one statement and gathers everything. */
export async function run(
  engine: StatementRunner,
  sql: string | Uint8Array,
  options: StatementOptions = {},
): Promise<StatementResult> {
  let columns: readonly ColumnDescription[] | null = null
  let outcome: StatementOutcome | null = null
  const batches: ColumnBatch[] = []
  const firstRows: number[] = []
  const notices: SqlErrorFields[] = []
  for await (const event of engine.execute(statement(sql, options))) {
    if (event.kind === 'columns') columns = event.columns
    else if (event.kind === 'notice') notices.push(event.notice)
    else if (event.kind === 'completed') outcome = event.outcome
    else {
      batches.push(new ColumnBatch(event.buffer))
      firstRows.push(event.firstRow)
    }
  }
  if (!outcome) throw new Error('The statement ended without an outcome')
  const rows = batches.flatMap(rowsOf)
  return { columns, batches, firstRows, notices, outcome, rows }
}

/** Like `run`, and throws when the statement did not succeed. */
export async function must(
  engine: StatementRunner,
  sql: string,
  options: StatementOptions = {},
): Promise<StatementResult> {
  const result = await run(engine, sql, options)
  if (result.outcome.status !== 'ok') throw new Error(`${sql}: ${JSON.stringify(result.outcome)}`)
  return result
}

/** The one value that a query answers. */
export async function valueOf(engine: StatementRunner, sql: string): Promise<string | null> {
  const { rows } = await must(engine, sql)
  return rows[0]?.[0] ?? null
}

export function statement(sql: string | Uint8Array, options: StatementOptions = {}): EngineStatement {
  const bytes = typeof sql === 'string' ? new TextEncoder().encode(sql) : sql
  return { sql: bytes, parameters: [], resultBytesMax: 512 << 20, ...options }
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
  return Object.is(value, -0) ? '-0' : String(value)
}

/** What any engine can do with statements, whatever it is. */
export type StatementEngine = Pick<Engine, 'execute' | 'cancel' | 'close' | 'onDidNotify'>

/** Opens engines for a suite. */
export interface StatementEngineFactory<E extends StatementEngine = StatementEngine> {
  open(options: EngineOptions): Promise<E>
  dispose(): Promise<void>
}

/** What a suite opens engines with. */
export interface EngineFixture<E extends StatementEngine = Engine> {
  /** An engine of its own for this test; in memory unless said otherwise. */
  open(options?: Partial<EngineOptions>): Promise<E>
  /** An engine that the tests of this suite have in common, one for each name; each test leaves it idle. */
  common(name?: string): Promise<E>
  /** A new directory that is removed after the test. */
  directory(): string
}

/** What engines elsewhere have open, besides their sessions. */
const remoteKinds: ReadonlySet<string> = new Set(['postgres-session', 'postgres-connection'])

/** Registers the clean-up, and the check that no thread is left, for the tests of a suite. */
export function engineFixture<E extends StatementEngine>(
  factory: StatementEngineFactory<E>,
): EngineFixture<E> {
  const memory: EngineOptions = { directory: null, durability: 'relaxed' }
  const engines: E[] = []
  const directories: string[] = []
  const shared = new Map<string, Promise<E>>()
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.close()))
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
    // What the suite has in common stays until its end.
    const left = openDisposables()
    const kinds = Object.keys(left).filter((kind) => kind !== 'inspector-session' && !remoteKinds.has(kind))
    expect(kinds.map((kind) => [kind, left[kind]])).toEqual(
      shared.size > 0 && !left['postgres-session'] ? [['engine-thread', shared.size]] : [],
    )
    expect(left['postgres-session'] ?? 0).toBeLessThanOrEqual(shared.size)
  })
  afterAll(async () => {
    try {
      for (const engine of shared.values()) await (await engine).close()
    } finally {
      await factory.dispose()
    }
    expect(openDisposables()).toEqual({})
  })
  return {
    async open(options = {}) {
      const engine = await factory.open({ ...memory, ...options })
      engines.push(engine)
      return engine
    },
    common(name = '') {
      const engine = shared.get(name) ?? factory.open(memory)
      shared.set(name, engine)
      return engine
    },
    directory() {
      const directory = mkdtempSync(join(tmpdir(), 'wardian-engine-'))
      directories.push(directory)
      return directory
    },
  }
}
