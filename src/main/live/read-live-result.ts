/**
 * Runs a query that is followed, once, in a turn that somebody has: in a transaction that cannot write and is rolled
 * back, so that whatever it sets is gone with it. Makes a text of each row. Knows no former result and no turn.
 */

import { ColumnBatch } from '../../contract/column-batch.ts'
import { formatCell } from '../../contract/cell-text.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { ColumnDescription, StatementOutcome } from '../../contract/statement.ts'
import { textQuery } from '../cache/text-query.ts'
import { ResultTooLargeError, type LiveColumn, type LiveQueryText } from '../endpoints/live-reader.ts'
import type { EngineEvent, StatementSession } from '../engine/engine.ts'
import { cancelledBeforeStart } from '../session/statement-execution.ts'
import type { RowTexts } from './result-difference.ts'

/** Results are kept, compared and sent whole: comparing so many takes some milliseconds. */
export const liveRowsMax = 10_000
/** Of the rows' JSON texts: a change of every row, before and after, is within the 4 MiB that may wait for a client. */
export const liveResultBytesMax = 2 << 20

export interface LiveResult extends RowTexts {
  readonly columns: readonly LiveColumn[]
  /** In bytes of UTF-16: what keeping it takes, roughly. */
  readonly size: number
  /** What Postgres has understood; null where it does not tell. */
  readonly tree: string | null
}

const encoder = new TextEncoder()

/** The role's own settings may bound how long a statement takes. */
const rollbackAttempts = 3

/**
 * Throws what Postgres says, also where `signal` has ended it, ResultTooLargeError, and `invalid-argument` for what
 * answers no rows, or has not the key.
 */
export async function readLiveResult(
  session: StatementSession,
  query: LiveQueryText,
  signal: AbortSignal,
): Promise<LiveResult> {
  await textQuery(session, 'begin read only')
  // An engine that cannot be cancelled is ended, and says so where it is used.
  const cancel = (): void => void session.cancel().catch(() => undefined)
  signal.addEventListener('abort', cancel)
  try {
    if (signal.aborted) throw cancelledBeforeStart()
    return await read(session, query)
  } finally {
    signal.removeEventListener('abort', cancel)
    await rollBack(session)
  }
}

/** Others get the backend afterwards, so that nothing may be left open. */
async function rollBack(session: StatementSession): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await textQuery(session, 'rollback')
      return
    } catch (error) {
      if (attempt === rollbackAttempts) throw error
    }
  }
}

async function read(session: StatementSession, query: LiveQueryText): Promise<LiveResult> {
  const { parameters, parameterTypes } = query
  let tree: string | null = null
  let rows: RowGatherer | null = null
  const statement = {
    ...{ sql: encoder.encode(query.sql), parameters, parameterTypes },
    // A number takes four bytes here and at least as many as text, with its quotes and comma.
    resultBytesMax: 2 * liveResultBytesMax,
    onTree: (told: string) => void (tree = told),
  }
  for await (const event of session.execute(statement)) {
    if (event.kind === 'columns') rows = new RowGatherer(event.columns, query.key)
    else if (event.kind === 'completed') check(event.outcome)
    else rows?.add(event)
  }
  if (!rows)
    throw new WorkbenchError('invalid-argument', 'Only a statement that answers rows can be followed')
  return { ...rows.result(), tree }
}

function check({ status, error }: StatementOutcome): void {
  if (status === 'cut') throw tooManyBytes()
  if (status === 'ok') return
  throw new WorkbenchError(error?.code ?? 'cancelled', error?.message ?? 'The query was cancelled', {
    sql: error?.sql ?? null,
  })
}

class RowGatherer {
  readonly #columns: readonly ColumnDescription[]
  readonly #keyAt: readonly number[]
  readonly #rows: string[] = []
  readonly #keys = new Set<string>()
  #length = 0

  constructor(columns: readonly ColumnDescription[], key: readonly string[]) {
    this.#columns = columns
    this.#keyAt = key.map((name) => placeOf(columns, name))
  }

  add(event: EngineEvent): void {
    if (event.kind !== 'batch') return
    const batch = new ColumnBatch(event.buffer)
    const views = Array.from({ length: batch.columnCount }, (_, index) => batch.column(index))
    if (this.#rows.length + batch.rowCount > liveRowsMax) throw new ResultTooLargeError(`${liveRowsMax} rows`)
    for (let row = 0; row < batch.rowCount; row += 1) this.#addRow(views.map((view) => formatCell(view, row)))
  }

  result(): Omit<LiveResult, 'tree'> {
    const columns = this.#columns.map(({ name, typeOid, tableOid, columnNumber }) => ({
      ...{ name, typeOid, tableOid, columnNumber },
    }))
    const keys = this.#keyAt.length > 0 ? [...this.#keys] : null
    return { columns, rows: this.#rows, keys, size: 2 * this.#length }
  }

  #addRow(cells: readonly (string | null)[]): void {
    const text = JSON.stringify(cells)
    this.#length += text.length
    if (this.#length > liveResultBytesMax) throw tooManyBytes()
    this.#rows.push(text)
    if (this.#keyAt.length === 0) return
    const key = JSON.stringify(this.#keyAt.map((index) => cells[index] ?? null))
    this.#keys.add(key)
    if (this.#keys.size < this.#rows.length) {
      const message = `Two rows have the key ${key.slice(0, 200)}; name columns that tell rows apart, or none`
      throw new WorkbenchError('invalid-argument', message)
    }
  }
}

function placeOf(columns: readonly ColumnDescription[], name: string): number {
  const at = columns.findIndex((column) => column.name === name)
  if (at >= 0 && columns.findLastIndex((column) => column.name === name) === at) return at
  const what = at < 0 ? 'has no column' : 'has more than one column'
  throw new WorkbenchError(
    'invalid-argument',
    `The result ${what} "${name.slice(0, 63)}", which the key names`,
  )
}

function tooManyBytes(): ResultTooLargeError {
  return new ResultTooLargeError(`${liveResultBytesMax >> 20} MiB`)
}
