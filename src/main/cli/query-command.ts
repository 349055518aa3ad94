/**
 * `wardian query`: runs one statement or script and writes its rows as they arrive. Holds one batch at a time:
 * the next one is asked for when this one has been written.
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { ColumnBatch } from '../../contract/column-batch.ts'
import { WorkbenchError, type ErrorCode, type SqlErrorFields } from '../../contract/error.ts'
import type { StatementEvent, StatementOutcome } from '../../contract/statement.ts'
import { withHost, type CommandContext, type DataOption } from './command-context.ts'
import { InterruptedError } from './exit-code.ts'
import type { WorkbenchClient } from './host-connection.ts'
import { findInstance } from './instance-commands.ts'
import type { FormatName } from './format-name.ts'
import { resultFormat } from './result-format.ts'
import type { RowFormat } from './row-format.ts'
import { sqlErrorText } from './sql-error-text.ts'
import { readSql, uploadSql } from './sql-input.ts'
import { visibleText } from './terminal-text.ts'

/** Rows formatted at once: some 100 kB of text, so that a batch of wide rows is no giant string. */
const rowsPerWrite = 1_000

/** There is no grid whose memory could run out: rows leave as they come, those of every result of a script. */
const limits = { resultBytesMax: Number.MAX_SAFE_INTEGER, resultsMax: null } as const

/** What closing a session answers that is gone already. */
const endedCodes: ReadonlySet<ErrorCode> = new Set(['not-found', 'disconnected', 'closed'])

export interface QueryOptions extends DataOption {
  readonly format: FormatName
  readonly file?: string
  /** false: no statement is answered by a result that was kept. */
  readonly cache: boolean
}

export interface QueryArguments {
  readonly name: string
  readonly sql: string | undefined
}

export async function runQuery(
  context: CommandContext,
  { name, sql: argument }: QueryArguments,
  options: QueryOptions,
): Promise<void> {
  const sql = await readSql(context.terminal, { argument, file: options.file })
  await withHost(context, options, async ({ client }) => {
    const instance = await findInstance(client, name)
    await client.call('instance.start', { instanceId: instance.id })
    const session = await client.call('session.open', { instanceId: instance.id, title: 'wardian query' })
    const { format, cache } = options
    const run = new QueryRun(context, { client, sessionId: session.sessionId, sql, format, cache })
    try {
      await run.finish()
    } finally {
      await closeSession(client, session.sessionId)
    }
  })
}

export async function closeSession(client: WorkbenchClient, sessionId: string): Promise<void> {
  try {
    await client.call('session.close', { sessionId })
  } catch (error) {
    // It has ended with its instance or its host, and the statement has said so.
    if (!(error instanceof WorkbenchError) || !endedCodes.has(error.code)) throw error
  }
}

interface RunOptions {
  readonly client: WorkbenchClient
  readonly sessionId: string
  readonly sql: string
  readonly format: FormatName
  readonly cache: boolean
}

class QueryRun {
  readonly #context: CommandContext
  readonly #options: RunOptions
  readonly #format: RowFormat
  #statement: string | null = null
  #label = ''
  #hasRows = false

  constructor(context: CommandContext, options: RunOptions) {
    this.#context = context
    this.#options = options
    this.#format = resultFormat(options.format)
  }

  async finish(): Promise<void> {
    const { client, sessionId, sql, cache } = this.#options
    const { interrupt, terminal } = this.#context
    const source = await uploadSql(client, sql)
    const cancel = (): void => {
      terminal.note('Cancelling…')
      client.call('session.cancel', { sessionId }).catch((error: unknown) => {
        terminal.note(`warning: the statement could not be cancelled: ${String(error)}`)
      })
    }
    interrupt.addEventListener('abort', cancel, { once: true })
    try {
      const cacheUse = cache ? {} : { useCache: 'off' as const }
      const request = { sessionId, source, mode: 'script', ...limits, ...cacheUse } as const
      await this.#read(client.stream('statement.run', request))
    } finally {
      interrupt.removeEventListener('abort', cancel)
    }
    await terminal.write(this.#format.finish())
    const remark = this.#format.remark()
    if (remark !== null) terminal.note(remark)
  }

  async #read(
    chunks: AsyncIterable<{ readonly value: StatementEvent; readonly buffers: readonly ArrayBuffer[] }>,
  ): Promise<void> {
    for await (const { value, buffers } of chunks) {
      if (value.kind === 'batch') await this.#writeBatch(buffers[0])
      else await this.#handle(value)
      // Where neither reading nor writing ever waits, nothing else would have its turn: no signal would arrive.
      await nextTurn()
    }
  }

  async #handle(event: Exclude<StatementEvent, { kind: 'batch' }>): Promise<void> {
    const { terminal } = this.#context
    switch (event.kind) {
      case 'waiting':
        return terminal.note(waitingText(event))
      case 'started':
        this.#statement = this.#options.sql.slice(event.start, event.start + event.length)
        this.#label = event.count > 1 ? `statement ${event.index + 1} of ${event.count}: ` : ''
        this.#hasRows = false
        return terminal.write(this.#format.begin(event))
      case 'columns':
        this.#hasRows = true
        return terminal.write(this.#format.columns(event.columns))
      case 'notice':
        return terminal.note(sqlErrorText(event.notice, this.#statement))
      case 'completed':
        return this.#complete(event.outcome)
    }
  }

  async #writeBatch(buffer: ArrayBuffer | undefined): Promise<void> {
    if (!buffer) throw new WorkbenchError('invalid-message', 'A batch came without its bytes')
    const batch = new ColumnBatch(buffer)
    for (let first = 0; first < batch.rowCount; first += rowsPerWrite) {
      const end = Math.min(first + rowsPerWrite, batch.rowCount)
      await this.#context.terminal.write(this.#format.rows({ batch, first, end }))
    }
  }

  async #complete(outcome: StatementOutcome): Promise<void> {
    const { terminal, interrupt } = this.#context
    if (outcome.status === 'failed' || outcome.status === 'cancelled') {
      if (interrupt.aborted) throw new InterruptedError('The statement was cancelled')
      throw statementError(outcome, { label: this.#label, source: this.#statement })
    }
    await terminal.write(this.#format.end(outcome))
    if (outcome.status === 'cut') {
      throw new WorkbenchError(
        'limit-exceeded',
        `${this.#label}the host cut the result after ${outcome.rowCount} rows; read it in parts, with ` +
          'LIMIT and a condition on an ordered key',
      )
    }
    terminal.note(`${this.#label}${summary(outcome, this.#hasRows)}`)
  }
}

function waitingText(event: { readonly holder: string; readonly holderInTransaction: boolean }): string {
  const why = event.holderInTransaction ? ', which has an open transaction' : ''
  return `Waiting for ${visibleText(event.holder)}${why}`
}

function summary(outcome: StatementOutcome, hasRows: boolean): string {
  const { rowCount, commandTag, durationMs, cached } = outcome
  const rows = `${rowCount} ${rowCount === 1 ? 'row' : 'rows'}`
  const kept = cached ? `, cached, ${cached.savedMs.toFixed(1)} ms saved` : ''
  return `${hasRows ? rows : (commandTag ?? 'done')}, ${durationMs.toFixed(1)} ms${kept}`
}

export function statementError(
  { error }: StatementOutcome,
  place: { readonly label: string; readonly source: string | null },
): WorkbenchError {
  const code = error?.code ?? 'internal'
  const sql: SqlErrorFields | null = error?.sql ?? null
  const text = sql === null ? (error?.message ?? 'The statement failed') : sqlErrorText(sql, place.source)
  return new WorkbenchError(code, `${place.label}${text}`, { sql })
}
